//! What lies on the desk: draws it, runs commands, keeps notices. The only place where the window meets the book.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveDate};
use eframe::egui::{self, Key, Modifiers, Ui};

use crate::command::{Command, View};
use crate::export::{self, Clock};
use crate::ledger::{self, Period, Row};
use crate::list::{List, Summary};
use crate::procedure::{Edition, FieldId, Form, FormId, Kind, LEDGER, Procedure, SLIP};
use crate::record::{Issue, Record, RecordId};
use crate::store::Store;
use crate::ui::bars::Notice;
use crate::ui::ledger::LedgerView;
use crate::ui::list::ListView;
use crate::ui::sheet::{Desk, SheetView};
use crate::ui::theme;
use crate::ui::zoom::Zoom;

mod outside;
mod panels;
mod work;
mod writing;

pub use outside::{Answer, Outside, Reply};
pub use writing::Unwritten;

/// How long the window waits for another program that holds the book: it tries again by itself.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(200);
/// A book of more sheets than these is read after the window is there.
const MANY: usize = 20_000;
/// How many words typed before are fetched for a field.
const OFFERED: usize = 400;
/// Below this width the panel beside the sheet folds away.
const NARROW: f32 = 1280.0;
/// Below this width the procedure's order at the left does too.
const TIGHT: f32 = 1040.0;

/// The program with its window's contents.
pub struct App {
    outside: Box<dyn Outside>,
    procedure: Procedure,
    own: PathBuf,
    store: Option<Store>,
    /// Why there is no book on the desk.
    trouble: Option<String>,
    list: List,
    record: Record,
    issues: Vec<Issue>,
    offers: BTreeMap<FieldId, Vec<String>>,
    view: View,
    sheet: SheetView,
    /// An empty slip was asked for, so it lies there although nothing is written on it.
    begun: bool,
    list_view: ListView,
    ledger_view: LedgerView,
    rows: Vec<Row>,
    generation: usize,
    period: Period,
    notice: Option<Notice>,
    saved: String,
    unwritten: Vec<Unwritten>,
    tried: f64,
    undo: Vec<Unwritten>,
    /// The pen is still in the cell of the last step.
    same_visit: bool,
    /// Which place in the book the newest new sheet got.
    made: Option<RecordId>,
    asked: Option<work::Asked>,
    job: Option<work::Job>,
    /// The window is to close when the PDF is done.
    closing: bool,
    /// So many sheets are to be read once the window has said so.
    reading: Option<usize>,
    beside: bool,
    /// In a narrow window the panel beside the sheet is shown when asked for.
    beside_asked: bool,
    signatures: bool,
}

impl App {
    /// The program with the book at `own` on its desk.
    pub fn new(ctx: &egui::Context, outside: Box<dyn Outside>, own: &Path) -> Self {
        theme::install(ctx);
        ctx.add_plugin(crate::ui::ime::ImeGuard::default());
        let today = outside.now().date();
        let (procedure, trouble) = match Procedure::load(&[]) {
            Ok(procedure) => (procedure, None),
            // The built-in files are tested; should they fail all the same, say why and draw nothing.
            Err(error) => (Procedure::empty(), Some(error.to_string())),
        };
        let form = procedure.form(&FormId::from(SLIP)).cloned();
        let record = form.map_or_else(
            || Record::new(FormId::from(SLIP), Edition::from(""), outside.now()),
            |it| Record::empty(&it, outside.now()),
        );
        let mut app = Self {
            outside,
            procedure,
            own: own.to_owned(),
            store: None,
            trouble,
            list: List::default(),
            record,
            issues: Vec::new(),
            offers: BTreeMap::new(),
            view: View::Slips,
            sheet: SheetView::default(),
            begun: false,
            list_view: ListView::default(),
            ledger_view: LedgerView::default(),
            rows: Vec::new(),
            generation: 0,
            period: Period::Year(today.year()),
            notice: None,
            saved: String::new(),
            unwritten: Vec::new(),
            tried: 0.0,
            undo: Vec::new(),
            same_visit: false,
            made: None,
            asked: None,
            job: None,
            closing: false,
            reading: None,
            beside: true,
            beside_asked: false,
            signatures: false,
        };
        if app.trouble.is_none() {
            app.open_book(own);
        }
        app
    }

    /// The sheet on the desk.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// What the foot of the window says.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_ref().map(|it| it.text.as_str())
    }

    /// The sheet's zoom in percent.
    pub fn zoom(&self) -> u16 {
        self.sheet.percent
    }

    /// Where the book on the desk lies.
    pub fn book(&self) -> Option<&Path> {
        self.store.as_ref().map(Store::path)
    }

    fn today(&self) -> NaiveDate {
        self.outside.now().date()
    }

    fn clock(&self) -> Clock {
        Clock { now: self.outside.now(), utc_offset_minutes: self.outside.utc_offset_minutes() }
    }

    fn form(&self) -> Option<&Form> {
        self.procedure.edition(&self.record.form, &self.record.edition)
    }

    fn is_sample(&self) -> bool {
        self.store.as_ref().is_some_and(|it| it.path() != self.own)
    }

    fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), failed: false, file: None });
    }

    fn fail(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), failed: true, file: None });
    }

    /// Lays a book on the desk; the one that lay there stays if this one cannot be opened.
    fn open_book(&mut self, path: &Path) {
        self.lay_pen_down();
        if self.owes(&Command::ChooseBook) {
            return self.tell_owed(&Command::ChooseBook);
        }
        if self.book().is_some_and(|it| it.canonicalize().ok() == path.canonicalize().ok()) {
            return self.say("这本台帐已经开着");
        }
        let opened = Self::read_forms(path)
            .and_then(|procedure| Store::open(path).map(|store| (procedure, store)).map_err(|error| error.to_string()));
        match opened {
            Ok((procedure, store)) => {
                self.trouble = None;
                self.procedure = procedure;
                (self.notice, self.saved) = (None, String::new());
                self.list_view = ListView::default();
                self.sheet = SheetView::default();
                store.wait_at_most(PATIENCE);
                if store.also_open() {
                    self.say("这本台帐在另一个窗口也开着：两边都可以填，编号不会重复");
                }
                let setting = |key: &str| store.setting(key).ok().flatten();
                self.sheet.zoom = setting("zoom").map_or(Zoom::Width, |it| Zoom::read(&it));
                self.beside = setting("beside").is_none_or(|it| it != "false");
                self.signatures = setting("signatures").is_some_and(|it| it == "true");
                self.store = Some(store);
                self.offers.clear();
                self.undo.clear();
                let count = self.store.as_ref().map(|it| it.count(&SLIP.into()).unwrap_or_default());
                self.reading = count.filter(|it| *it > MANY);
                if self.reading.is_none() {
                    self.read_book();
                }
            }
            Err(sentence) if self.store.is_none() => self.trouble = Some(sentence),
            Err(sentence) => self.fail(sentence),
        }
    }

    fn read_forms(book: &Path) -> Result<Procedure, String> {
        let own =
            crate::store::own_forms(book).map_err(|error| format!("读取 {} 旁的表单文件：{error}", book.display()))?;
        Procedure::load(&own).map_err(|error| error.to_string())
    }

    fn read_book(&mut self) {
        self.read_list();
        self.lay_newest();
        self.read_rows();
    }

    fn read_list(&mut self) {
        let Some(store) = &self.store else { return };
        let Some(form) = self.procedure.form(&FormId::from(SLIP)) else { return };
        let mut summaries = Vec::new();
        let read = store.each(&form.form, Some(&Summary::fields(form)), &mut |record| {
            let form = self.procedure.edition(&record.form, &record.edition).unwrap_or(form);
            summaries.extend(Summary::of(form, &record));
        });
        match read {
            Ok(()) => self.list = List::new(summaries),
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// The newest slip, or nothing where the book is empty.
    fn lay_newest(&mut self) {
        match self.list.at(0).map(|it| it.id) {
            Some(id) => self.lay(id),
            None => {
                self.lay_empty();
                self.begun = false;
            }
        }
    }

    fn lay_empty(&mut self) {
        if let Some(form) = self.procedure.form(&FormId::from(SLIP)) {
            self.record = Record::empty(form, self.outside.now());
            self.sheet.pen = None;
            self.made = None;
            self.issues.clear();
        }
    }

    /// Lays a sheet of the book on the desk, as it stands on the disk.
    fn lay(&mut self, id: RecordId) {
        let Some(store) = &self.store else { return };
        match store.record(id) {
            Ok(Some(mut record)) => {
                for one in self.unwritten.iter().filter(|it| it.record == id) {
                    record.set(&one.field, &one.value);
                }
                if self.record.id != record.id {
                    self.sheet.to_top();
                }
                self.record = record;
                self.look_over();
            }
            Ok(None) => self.fail("这份单据已不在台帐里"),
            Err(error) => self.fail(error.to_string()),
        }
    }

    fn look_over(&mut self) {
        self.issues = self.form().map(|form| self.record.check(form)).unwrap_or_default();
        let summary = self.form().and_then(|form| Summary::of(form, &self.record));
        self.list.extend(summary.filter(|_| self.record.id != RecordId(0)));
    }

    fn read_rows(&mut self) {
        let Some(store) = &self.store else { return };
        let form = FormId::from(SLIP);
        match store.records_in(&form, &ledger::DATE.into(), self.period, None) {
            Ok(slips) => {
                self.rows = ledger::rows(&self.procedure, slips, self.period);
                self.generation += 1;
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// Whether something must be written first, before another book or another new sheet comes on the desk.
    fn owes(&self, command: &Command) -> bool {
        match command {
            Command::OpenSample | Command::OpenOwn | Command::ChooseBook => !self.unwritten.is_empty(),
            Command::NewSlip => self.unwritten.iter().any(|it| it.record == RecordId(0)),
            _ => false,
        }
    }

    fn tell_owed(&mut self, command: &Command) {
        let count = self.unwritten.len();
        self.fail(format!("{}：还有 {count} 格没能写进台帐，写进去之后才行", command.label()));
    }

    /// Runs what the views asked for.
    pub fn run(&mut self, ctx: &egui::Context, command: Command) {
        if self.owes(&command) {
            return self.tell_owed(&command);
        }
        match command {
            Command::NewSlip => {
                self.view = View::Slips;
                self.lay_empty();
                self.begun = true;
                self.start_writing();
            }
            Command::Open(id) => {
                self.view = View::Slips;
                self.lay(id);
                self.list_view.reveal = true;
            }
            Command::Set { record, field, value, expected } => {
                self.set(Unwritten { record, field, value, expected }, writing::Step::Own);
            }
            Command::Undo => self.take_back(),
            Command::Offer(field) => self.fetch_offers(&field),
            Command::Show(view) => self.show(view),
            Command::ShowPeriod(period) => {
                self.period = period;
                self.notice = None;
                self.read_rows();
            }
            Command::ExportSlip(_) | Command::ExportLedger(_) | Command::ExportBlank(_) => {
                self.ask_where(ctx, &command);
            }
            Command::OpenFile(path) => self.open_outside(&path),
            Command::OpenFolder(path) => {
                let folder = path.parent().unwrap_or(&path).to_owned();
                self.open_outside(&folder);
            }
            Command::OpenSample => self.open_sample(),
            Command::OpenOwn => {
                let own = self.own.clone();
                self.open_book(&own);
            }
            Command::ChooseBook => self.ask_book(ctx),
            Command::Remember(key, value) => self.remember(key, &value),
            Command::Tell(text) => self.fail(text),
            Command::Dismiss => self.notice = None,
            Command::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
        }
    }

    fn show(&mut self, view: View) {
        self.view = view;
        if view == View::Ledger {
            self.read_rows();
        }
    }

    fn start_writing(&mut self) {
        let Some(form) = self.form().cloned() else { return };
        let Some(first) = form.fields.first() else { return };
        let mut commands = Vec::new();
        let desk = Desk {
            procedure: &self.procedure,
            form: &form,
            record: &self.record,
            issues: &[],
            today: self.outside.now().date(),
            offers: &self.offers,
        };
        self.sheet.pen = None;
        self.sheet.go(&desk, first, crate::layout::Part::Entry, &mut commands);
        for command in commands {
            if let Command::Offer(field) = command {
                self.fetch_offers(&field);
            }
        }
    }

    fn fetch_offers(&mut self, field: &FieldId) {
        let Some(form) = self.form() else { return };
        let Some(kind) = form.field(field).map(|it| it.kind) else { return };
        // People and departments are the same people and departments in every cell.
        let fields: Vec<FieldId> = match kind {
            Kind::Person | Kind::Department => {
                form.every_field().filter(|it| it.kind == kind).map(|it| it.id.clone()).collect()
            }
            _ => vec![field.clone()],
        };
        let Some(store) = &self.store else { return };
        // Without offers one types all the same: an unreadable book shows itself where it matters.
        let mut words = store.offers(&fields, OFFERED).unwrap_or_default();
        if kind == Kind::Department {
            let more = self.procedure.document.departments.iter().filter(|it| !words.contains(it)).cloned();
            let more: Vec<String> = more.collect();
            words.extend(more);
        }
        self.offers.insert(field.clone(), words);
    }

    fn remember(&mut self, key: &'static str, value: &str) {
        match key {
            "beside" => self.beside = value == "true",
            "signatures" => self.signatures = value == "true",
            _ => {}
        }
        if let Some(store) = &self.store
            && let Err(error) = store.set_setting(key, value)
        {
            self.fail(error.to_string());
        }
    }

    fn keys(&mut self, ui: &Ui, commands: &mut Vec<Command>) {
        let pressed = |key: Key| ui.input_mut(|it| it.consume_key(Modifiers::COMMAND, key));
        if pressed(Key::N) {
            commands.push(Command::NewSlip);
        }
        if pressed(Key::O) {
            commands.push(Command::ChooseBook);
        }
        if pressed(Key::P) {
            match self.view {
                View::Slips if self.record.id != RecordId(0) => commands.push(Command::ExportSlip(self.record.id)),
                View::Slips => commands.push(Command::Tell("这张单子还是空的，没有可导出的内容".to_owned())),
                View::Ledger => commands.push(Command::ExportLedger(self.period)),
            }
        }
        // In a cell Ctrl+Z is the cell's own.
        if self.sheet.pen.is_none() && !ui.ctx().egui_wants_keyboard_input() && pressed(Key::Z) {
            commands.push(Command::Undo);
        }
    }

    /// Draws the window and runs what was asked for.
    pub fn draw(&mut self, ui: &mut Ui) {
        if let Some(count) = self.reading {
            self.draw_reading(ui, count);
            return;
        }
        let time = ui.input(|it| it.time);
        let mut commands = Vec::new();
        self.hear(ui.ctx());
        self.where_to(ui.ctx());
        self.try_again(time, ui.ctx());
        if self.store.as_ref().is_some_and(Store::changed_elsewhere) {
            self.read_list();
            self.read_rows();
            if self.record.id != RecordId(0) {
                self.lay(self.record.id);
                let form = self.procedure.edition(&self.record.form, &self.record.edition);
                if let (Some(pen), Some(form)) = (&mut self.sheet.pen, form)
                    && pen.refresh(&self.record, form)
                {
                    self.say("另一个窗口刚改了这一格，这里换成了那边写的；这里原来的留在修改记录里");
                }
            }
        }
        self.keys(ui, &mut commands);
        let percent = self.sheet.percent;
        let zoom = self.sheet.zoom;
        let visit = |it: &SheetView| it.pen.as_ref().filter(|it| !it.fresh).map(|it| it.field.clone());
        let visited = visit(&self.sheet);
        self.panels(ui, percent, &mut commands);
        if self.sheet.zoom != zoom {
            commands.push(Command::Remember("zoom", self.sheet.zoom.keep()));
        }
        // Another sheet, another book, the end: first what is in hand is written.
        let leaves = |it: &Command| match it {
            Command::Set { .. } | Command::Offer(_) | Command::Remember(..) | Command::Tell(_) | Command::Dismiss => {
                false
            }
            Command::OpenFile(_) | Command::OpenFolder(_) => false,
            Command::NewSlip
            | Command::Open(_)
            | Command::Undo
            | Command::Show(_)
            | Command::ShowPeriod(_)
            | Command::ExportSlip(_)
            | Command::ExportLedger(_)
            | Command::ExportBlank(_)
            | Command::OpenSample
            | Command::OpenOwn
            | Command::ChooseBook
            | Command::Quit => true,
        };
        if !commands.is_empty() {
            // What they change is seen in the next frame: a notice, the time of saving, another try.
            ui.ctx().request_repaint();
        }
        let mut leaving = false;
        for command in commands {
            if leaves(&command) && !leaving {
                leaving = true;
                self.lay_pen_down();
            }
            self.run(ui.ctx(), command);
        }
        if visit(&self.sheet).is_none() || visit(&self.sheet) != visited {
            self.same_visit = false;
        }
        self.closing(ui.ctx());
    }

    /// A window that is closed writes what is in hand; one that could not write stays open and says so.
    fn closing(&mut self, ctx: &egui::Context) {
        if !ctx.input(|it| it.viewport().close_requested()) {
            return;
        }
        self.lay_pen_down();
        if self.job.is_some() {
            // Half a PDF is none: the window goes when it is done.
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.closing = true;
        }
        if !self.unwritten.is_empty() {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            let count = self.unwritten.len();
            self.fail(format!("还有 {count} 格没能写进台帐，先不关窗口；腾出磁盘空间或接回磁盘后会自动写进去"));
        }
    }
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.draw(ui);
    }
}

/// The file name a dialog suggests.
fn suggested(procedure: &Procedure, command: &Command, record: &Record) -> String {
    match command {
        Command::ExportLedger(period) => {
            let title = procedure.form(&FormId::from(LEDGER)).map_or("", |it| &it.title);
            export::file_name(&[title, &period.name()])
        }
        Command::ExportBlank(form) => {
            let title = procedure.form(form).map_or("", |it| &it.title);
            export::file_name(&[title, "空白"])
        }
        _ => export::file_name(&["投诉处置单", &record.number, record.value("customer")]),
    }
}
