//! What lies on the desk: draws it, runs commands, keeps notices. The only place where the window meets the book.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use eframe::egui::{self, Ui};

use crate::command::{Command, View};
use crate::export::Clock;
use crate::list::List;
use crate::procedure::{Edition, FieldId, Form, FormId, Procedure};
use crate::record::{Deed, Issue, Record, RecordId};
use crate::store::{Opener, Stamp, Store};
use crate::ui::bars::Notice;
use crate::ui::life::LifeView;
use crate::ui::list::ListView;
use crate::ui::palette::Palette;
use crate::ui::sheet::SheetView;
use crate::ui::theme;

mod archive;
mod backup;
mod book;
mod check;
mod customers;
mod disk;
mod doubt;
mod files;
mod habits;
mod help;
mod large;
mod life;
mod lock;
mod numbers;
mod office;
mod outside;
mod panels;
mod papers;
mod print;
mod register;
mod run;
mod search;
mod similar;
mod task;
mod today;
mod waiting;
mod wanted;
mod work;
mod writing;

pub use outside::{Answer, Dialog, Outside, Reply};
pub use writing::Unwritten;

/// How long the window waits for another program that holds the book: it tries again by itself.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(200);
/// How many words typed before are fetched for a field.
const OFFERED: usize = 400;
/// Below this width the panel beside the sheet folds away.
const NARROW: f32 = 1280.0;
/// Below this width the procedure's order at the left does too.
const TIGHT: f32 = 1040.0;

/// The program with its window's contents.
pub struct App {
    outside: Box<dyn Outside>,
    /// For threads that have something to show.
    ctx: egui::Context,
    procedure: Procedure,
    /// The book to begin with, and to come back to from the sample: the one that was open last.
    own: PathBuf,
    /// The office's own book, which is made where there is none; what a crash leaves behind lies beside it.
    home: PathBuf,
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
    /// When a key was last pressed or something clicked, in the window's seconds and by the clock.
    stirred: Option<(f64, chrono::NaiveDateTime)>,
    /// What was done with the sheet on the desk, newest first.
    history: Vec<(String, String)>,
    /// What its signatures are worth, a sentence for each kind, and whether it is an alarm.
    signings: Vec<(String, bool)>,
    /// The sheet it was started from or rewrites.
    comes_from: Option<(RecordId, String)>,
    /// The sheets that were started from it: which, what they are called, what of it they are about.
    started: Vec<(RecordId, String, String)>,
    pages: Pages,
    habitual: habits::Habitual,
    import: files::Import,
    help: help::Help,
    about: help::About,
    search: search::Search,
    check: check::Check,
    doubt: doubt::Doubtful,
    lock: lock::Lock,
    backup: backup::Backups,
    /// What the window waits for.
    waiting: waiting::Waiting,
    palette: Palette,
    issues: Vec<Issue>,
    offers: BTreeMap<FieldId, Vec<String>>,
    view: View,
    sheet: SheetView,
    life: LifeView,
    /// An empty slip was asked for, so it lies there although nothing is written on it.
    begun: bool,
    list_views: BTreeMap<FormId, ListView>,
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
    print: print::Printing,
    /// The window is to close when what it does is done.
    closing: bool,
    /// It was told that what is typed beside the sheet would be lost.
    warned: bool,
    reading: Option<large::Reading>,
    fetching: Vec<large::Fetching>,
    /// The state of the book the lists have.
    listed: Stamp,
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
    registers: register::Registers,
}

impl App {
    /// The program with the book at `own` on its desk; it is made where there is none.
    pub fn new(ctx: &egui::Context, outside: Box<dyn Outside>, own: &Path) -> Self {
        let mut app = Self::bare(ctx, outside, own);
        if app.trouble.is_none() {
            app.open_book(own);
        }
        app
    }

    /// The program with the book on its desk that is `wanted`; else the one that was open last on this computer, else the
    /// office's own at `own`. Where there is none, it asks what to begin with.
    pub fn at_home(ctx: &egui::Context, outside: Box<dyn Outside>, own: &Path, wanted: Option<&Path>) -> Self {
        let mut app = Self::bare(ctx, outside, own);
        match wanted.map(Path::to_owned).or_else(|| app.last_book(own)) {
            Some(last) if app.trouble.is_none() => app.open_file(ctx, &last),
            _ => {}
        }
        app
    }

    fn bare(ctx: &egui::Context, outside: Box<dyn Outside>, own: &Path) -> Self {
        theme::install(ctx);
        ctx.add_plugin(crate::ui::ime::ImeGuard::default());
        ctx.add_plugin(crate::ui::focus::Focus::default());
        let habitual = habits::Habitual::open(outside.habits().as_deref());
        theme::set_text_size(ctx, habitual.habits().text);
        theme::set_dark_desk(ctx, habitual.habits().dark_desk);
        let (procedure, trouble) = match Procedure::load(&[]) {
            Ok(procedure) => (procedure, None),
            // The built-in files are tested; should they fail all the same, say why and draw nothing.
            Err(error) => (Procedure::empty(), Some(error.to_string())),
        };
        let record = procedure.main().map_or_else(
            || Record::new(FormId::default(), Edition::default(), outside.now()),
            |it| Record::empty(it, outside.now()),
        );
        Self {
            outside,
            ctx: ctx.clone(),
            new_form: procedure.main_id(),
            procedure,
            own: own.to_owned(),
            home: own.to_owned(),
            store: None,
            trouble,
            lists: BTreeMap::new(),
            record,
            round: 0,
            origin: None,
            refused: Vec::new(),
            looked_at: BTreeMap::new(),
            operator: String::new(),
            stirred: None,
            history: Vec::new(),
            signings: Vec::new(),
            comes_from: None,
            started: Vec::new(),
            pages: Pages::default(),
            habitual,
            import: files::Import::default(),
            help: help::Help::default(),
            about: help::About::default(),
            search: search::Search::default(),
            check: check::Check::default(),
            doubt: doubt::Doubtful::default(),
            lock: lock::Lock::default(),
            backup: backup::Backups::default(),
            waiting: waiting::Waiting::default(),
            palette: Palette::default(),
            issues: Vec::new(),
            offers: BTreeMap::new(),
            view: View::Today,
            sheet: SheetView::default(),
            life: LifeView::default(),
            begun: false,
            list_views: BTreeMap::new(),
            notice: None,
            saved: String::new(),
            unwritten: Vec::new(),
            tried: 0.0,
            undo: Vec::new(),
            same_visit: false,
            made: None,
            asked: None,
            job: None,
            print: print::Printing::default(),
            closing: false,
            warned: false,
            reading: None,
            fetching: Vec::new(),
            listed: Stamp::default(),
            beside: true,
            beside_asked: false,
            signatures: false,
        }
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

    /// How the book on the desk is opened once more.
    pub fn opener(&self) -> Option<Opener> {
        self.store.as_ref().map(Store::opener)
    }

    /// Whether the lists of a large book are still being read.
    pub fn is_reading(&self) -> bool {
        self.reading.is_some()
    }

    /// Whether of a large book nothing has been read yet.
    pub fn shows_nothing(&self) -> bool {
        matches!(self.reading, Some(large::Reading::InWork(..)))
    }

    /// Whether the book is being copied, put back or salvaged at this moment.
    pub fn is_backing_up(&self) -> bool {
        self.waiting.is_on() || self.backup.is_at_work()
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
        self.store.as_ref().is_some_and(|it| it.path() == self.outside.sample_book())
    }

    fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), failed: false, file: None });
    }

    /// What could not be done a moment ago is done now: the sentence that it was not goes.
    fn done_now(&mut self) {
        self.notice = self.notice.take().filter(|it| !it.failed);
    }

    fn fail(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), failed: true, file: None });
    }

    /// Draws the window and runs what was asked for.
    pub fn draw(&mut self, ui: &mut Ui) {
        if self.draw_reading(ui) {
            return;
        }
        if self.draw_waiting(ui) {
            return;
        }
        let time = ui.input(|it| it.time);
        let mut commands = Vec::new();
        // Whoever went on writing is told again.
        self.warned &= self.sheet.has_unsent() || self.life.has_unsent();
        self.hear(ui.ctx());
        self.take_dropped(ui.ctx());
        self.tend_import(ui.ctx(), &mut commands);
        self.draw_about(ui.ctx(), &mut commands);
        self.hear_print(ui.ctx());
        // Both read the whole book: first come the lists.
        if self.reading.is_none() {
            self.tend_backups(ui.ctx());
            self.hear_check(ui.ctx());
        }
        self.change_waiting_key(ui.ctx());
        self.take_words(ui.ctx());
        self.where_to(ui.ctx());
        self.ask_password(ui.ctx(), &mut commands);
        self.draw_check(ui.ctx(), &mut commands);
        self.try_again(time, ui.ctx());
        self.leave_idle_desk(ui.ctx());
        if self.store.as_ref().is_some_and(Store::changed_elsewhere) {
            let before = self.record.clone();
            self.refresh_office();
            self.refresh_lists(ui.ctx());
            self.pages.numbers.forget();
            self.pages.registers.forget();
            if self.record.id != RecordId(0) {
                self.lay(self.record.id);
                // Nobody signs what was not on the screen.
                if before != self.record && self.sheet.unsettle() {
                    self.say("另一个窗口刚改了这张单：请看过再签，填好的签署还在");
                }
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
        let visit = |it: &SheetView| it.pen.as_ref().filter(|it| !it.fresh).map(|it| it.cell.clone());
        let visited = visit(&self.sheet);
        self.panels(ui, percent, &mut commands);
        if self.sheet.zoom != zoom {
            commands.push(Command::Remember("zoom", self.sheet.zoom.keep()));
        }
        if !commands.is_empty() {
            // What they change is seen in the next frame: a notice, the time of saving, another try.
            ui.ctx().request_repaint();
        }
        let mut leaving = false;
        for command in commands {
            // Another sheet, another book, the end: first what is in hand is written.
            if command.leaves() && !leaving {
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
        self.take_log_in();
        self.tend_habits(ui.ctx());
        self.closing(ui.ctx());
    }
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.draw(ui);
    }
}
