//! What lies on the desk: draws it, runs commands, keeps notices. The only place where the window meets the book.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveDate};
use eframe::egui::{self, Key, Modifiers, Ui};

use crate::command::{Command, CustomerCommand, Question, RegisterCommand, View};
use crate::export::{self, Clock};
use crate::ledger::{Period, Row};
use crate::list::List;
use crate::procedure::{Edition, FieldId, Form, FormId, LEDGER, Procedure, SLIP};
use crate::record::{Deed, Issue, Record, RecordId, Values};
use crate::store::Store;
use crate::ui::bars;
use crate::ui::bars::Notice;
use crate::ui::ledger::LedgerView;
use crate::ui::life::LifeView;
use crate::ui::list::ListView;
use crate::ui::palette::Palette;
use crate::ui::sheet::{Desk, SheetView};
use crate::ui::theme;

mod archive;
mod book;
mod customers;
mod life;
mod numbers;
mod office;
mod outside;
mod panels;
mod papers;
mod register;
mod search;
mod similar;
mod today;
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
    lists: BTreeMap<FormId, List>,
    record: Record,
    /// Which round of it is shown, from nought.
    round: usize,
    /// What a new sheet was started from, put down with its first entry.
    origin: Option<Deed>,
    /// On which form the newest new sheet is.
    new_form: FormId,
    /// What a rule kept from being written: it goes to the clipboard.
    refused: Vec<String>,
    /// The sheet of each form that was looked at last.
    looked_at: BTreeMap<FormId, RecordId>,
    /// Who sits at the desk (操作人).
    operator: String,
    /// What was done with the sheet on the desk, newest first.
    history: Vec<(String, String)>,
    /// The sheet it was started from or rewrites.
    comes_from: Option<(RecordId, String)>,
    pages: Pages,
    search: search::Search,
    palette: Palette,
    issues: Vec<Issue>,
    offers: BTreeMap<FieldId, Vec<String>>,
    view: View,
    sheet: SheetView,
    life: LifeView,
    /// An empty slip was asked for, so it lies there although nothing is written on it.
    begun: bool,
    list_views: BTreeMap<FormId, ListView>,
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

/// The pages beside the sheets, each with its own small state.
#[derive(Default)]
struct Pages {
    today: today::Page,
    customers: customers::Page,
    similar: similar::Page,
    papers: papers::Page,
    archive: archive::Page,
    numbers: numbers::Page,
    settings: office::Page,
    register: register::Page,
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
            lists: BTreeMap::new(),
            record,
            round: 0,
            origin: None,
            new_form: FormId::from(SLIP),
            refused: Vec::new(),
            looked_at: BTreeMap::new(),
            operator: String::new(),
            history: Vec::new(),
            comes_from: None,
            pages: Pages::default(),
            search: search::Search::default(),
            palette: Palette::default(),
            issues: Vec::new(),
            offers: BTreeMap::new(),
            view: View::Today,
            sheet: SheetView::default(),
            life: LifeView::default(),
            begun: false,
            list_views: BTreeMap::new(),
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

    /// Whether something must be written first, before another book or another new sheet comes on the desk.
    fn owes(&self, command: &Command) -> bool {
        match command {
            Command::OpenSample | Command::OpenOwn | Command::ChooseBook => !self.unwritten.is_empty(),
            Command::New(_) | Command::NewFrom { .. } => self.unwritten.iter().any(|it| it.record == RecordId(0)),
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
            Command::New(form) => self.begin(&form, None, &Values::new()),
            Command::NewFrom { form, origin, values } => self.begin(&form, origin, &values),
            Command::Open(id) => {
                self.lay(id);
                let form = self.record.form.clone();
                self.list_views.entry(form.clone()).or_default().reveal = true;
                self.pages.register.reveal(id);
                self.view = self.view_of(&form);
                self.show_found();
            }
            Command::Ask(id, question) => self.ask_beside(id, question),
            Command::Sign { record, field, signature } => self.sign(record, &field, &signature),
            Command::Correct { record, correction } => self.correct(record, &correction),
            Command::Void { record, reason, by } => self.void(record, &reason, &by),
            Command::Note { record, deeds } => self.note(record, deeds),
            Command::ShowRound(round) => self.show_round(round),
            Command::Rewrite(record) => self.rewrite(record),
            Command::Operate(name, password) => self.operate(ctx, &name, &password),
            Command::ExportReminder(_) | Command::ExportPaper(..) => self.ask_where(ctx, &command),
            Command::Customer(command) => self.run_customer(ctx, command),
            Command::Archive(command) => self.run_archive(ctx, command),
            Command::Number(command) => self.run_number(ctx, command),
            Command::Office(command) => self.run_office(ctx, command),
            Command::Register(command) => self.run_register(ctx, command),
            Command::Search => self.open_search(ctx),
            Command::Palette => self.palette.open(),
            Command::Set { record, field, round, value, expected } => {
                self.set(Unwritten { record, field, round, value, expected }, writing::Step::Own);
            }
            Command::Undo => self.take_back(),
            Command::Offer(field) => self.fetch_offers(&field),
            Command::Show(view) => self.show(view),
            Command::ShowMatching(form, words) => {
                self.list_views.entry(form.clone()).or_default().filter_by(&words);
                self.show(View::Sheets(form));
            }
            Command::ShowPeriod(period) => {
                self.period = period;
                self.notice = None;
                self.read_rows();
            }
            Command::ExportSlip(_)
            | Command::ExportRounds(_)
            | Command::ExportLedger(_)
            | Command::ExportBlank(_)
            | Command::ExportNumbered { .. } => self.ask_where(ctx, &command),
            Command::OpenFile(path) => self.open_outside(&path),
            Command::OpenFolder(path) => {
                let folder = path.parent().unwrap_or(&path).to_owned();
                self.open_outside(&folder);
            }
            Command::OpenSample => self.open_sample(ctx),
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
        match &view {
            View::Ledger => self.read_rows(),
            View::Numbers => self.pages.numbers.forget(),
            View::Register(form) => {
                self.lay_empty(form);
                self.pages.register.forget();
            }
            View::Sheets(form) if self.record.form != *form => {
                let form = form.clone();
                match self.looked_at.get(&form) {
                    Some(id) => self.lay(*id),
                    None => self.lay_newest(&form),
                }
            }
            _ => {}
        }
        self.view = view;
    }

    /// The page on which a sheet of a form is written.
    fn view_of(&self, form: &FormId) -> View {
        if self.procedure.form(form).is_some_and(|it| it.register.is_some()) {
            View::Register(form.clone())
        } else {
            View::Sheets(form.clone())
        }
    }

    /// Lays an empty sheet of a form on the desk, with what is known of it already.
    fn begin(&mut self, form: &FormId, origin: Option<Deed>, values: &Values) {
        self.lay_empty(form);
        self.sheet.to_top();
        self.view = View::Sheets(form.clone());
        self.origin = origin;
        self.begun = true;
        for (field, value) in values {
            self.set(
                Unwritten {
                    record: self.made.unwrap_or(RecordId(0)),
                    field: field.clone(),
                    round: 0,
                    value: value.clone(),
                    expected: String::new(),
                },
                writing::Step::Own,
            );
        }
        self.start_writing();
    }

    fn start_writing(&mut self) {
        let Some(form) = self.form().cloned() else { return };
        let Some(first) = form.fields.first() else { return };
        let mut commands = Vec::new();
        let desk = Desk {
            procedure: &self.procedure,
            form: &form,
            record: &self.record,
            round: self.record.last_round(),
            issues: &[],
            today: self.outside.now().date(),
            offers: &self.offers,
            operator: &self.operator,
            history: &[],
            similar: None,
            origin: None,
        };
        self.sheet.pen = None;
        self.sheet.go(&desk, first, crate::layout::Part::Entry, &mut commands);
        for command in commands {
            if let Command::Offer(field) = command {
                self.fetch_offers(&field);
            }
        }
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
            let form = match &self.view {
                View::Sheets(form) => form.clone(),
                _ => FormId::from(SLIP),
            };
            commands.push(Command::New(form));
        }
        if pressed(Key::O) {
            commands.push(Command::ChooseBook);
        }
        let id = self.record.id;
        let on_sheet = matches!(self.view, View::Sheets(_)) && id != RecordId(0);
        let saved = Command::Tell("不用按保存：写下的字都已自动存进台帐".to_owned());
        for (key, command, goes) in [
            (Key::F, Command::Search, true),
            (Key::K, Command::Palette, true),
            (Key::S, saved, true),
            (Key::E, Command::Ask(id, Question::Sign), on_sheet),
            (Key::D, Command::Ask(id, Question::PutOff), on_sheet),
            (Key::R, Command::ExportReminder(id), on_sheet),
        ] {
            if goes && pressed(key) {
                commands.push(command);
            }
        }
        let figures =
            [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];
        for (key, figure) in figures.into_iter().zip('1'..='9') {
            if let Some(view) = bars::views(&self.procedure).into_iter().find(|it| it.key() == Some(figure))
                && pressed(key)
            {
                commands.push(Command::Show(view));
            }
        }
        if pressed(Key::P) {
            match &self.view {
                View::Sheets(_) if self.record.id != RecordId(0) => commands.push(Command::ExportSlip(self.record.id)),
                View::Sheets(_) => commands.push(Command::Tell("这张单子还是空的，没有可导出的内容".to_owned())),
                View::Ledger => commands.push(Command::ExportLedger(self.period)),
                _ => commands.push(Command::Tell("这一页的打印在页上的按钮里".to_owned())),
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
        self.ask_password(ui.ctx(), &mut commands);
        self.try_again(time, ui.ctx());
        if self.store.as_ref().is_some_and(Store::changed_elsewhere) {
            self.refresh_office();
            self.read_lists();
            self.read_rows();
            self.pages.numbers.forget();
            self.pages.register.forget();
            self.index_again(ui.ctx());
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
            Command::OpenFile(_) | Command::OpenFolder(_) | Command::Search | Command::Palette => false,
            Command::Customer(CustomerCommand::Put(_)) => false,
            Command::New(_)
            | Command::NewFrom { .. }
            | Command::Ask(..)
            | Command::Sign { .. }
            | Command::Correct { .. }
            | Command::Void { .. }
            | Command::Note { .. }
            | Command::ShowRound(_)
            | Command::Rewrite(_)
            | Command::Operate(..)
            | Command::ExportReminder(_)
            | Command::ExportPaper(..)
            | Command::Customer(_)
            | Command::Archive(_)
            | Command::Number(_)
            | Command::Office(_)
            | Command::Register(_)
            | Command::Open(_)
            | Command::Undo
            | Command::Show(_)
            | Command::ShowMatching(..)
            | Command::ShowPeriod(_)
            | Command::ExportSlip(_)
            | Command::ExportRounds(_)
            | Command::ExportLedger(_)
            | Command::ExportBlank(_)
            | Command::ExportNumbered { .. }
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
        if !self.refused.is_empty() {
            ui.ctx().copy_text(std::mem::take(&mut self.refused).join("\n"));
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
        Command::Register(RegisterCommand::Export { form, year }) => {
            let title = procedure.form(form).map_or("", |it| &it.title);
            export::file_name(&[title, &format!("{year}年")])
        }
        Command::ExportNumbered { form, numbers } => {
            let short = procedure.form(form).map_or("", |it| &it.short);
            let (first, last) = (numbers.first().map_or("", |it| it), numbers.last().map_or("", |it| it));
            let range = if first == last { first.to_owned() } else { format!("{first} 至 {last}") };
            export::file_name(&[short, "空白", &range])
        }
        Command::ExportPaper(_, words) => export::file_name(&words.iter().map(String::as_str).collect::<Vec<_>>()),
        Command::ExportReminder(_) => export::file_name(&["催办单", &record.number, subject(procedure, record)]),
        _ => {
            let short = procedure.form(&record.form).map_or("", |it| &it.short);
            export::file_name(&[short, &record.number, subject(procedure, record)])
        }
    }
}

/// Whom or what a sheet is about.
fn subject<'a>(procedure: &Procedure, record: &'a Record) -> &'a str {
    let form = procedure.edition(&record.form, &record.edition);
    let subject = form.and_then(|it| it.identity.as_ref().map(|identity| (it, &identity.subject)));
    subject.map_or("", |(form, field)| record.latest(form, field.as_str()))
}
