//! What lies on the desk: draws it, runs commands, keeps notices. The only place where the window meets the book.

use std::path::Path;

use chrono::NaiveDate;
use eframe::egui::{self, Ui};

use crate::command::Command;
use crate::export::Clock;
use crate::procedure::{Edition, Form, FormId, Procedure};
use crate::record::{Record, RecordId};
use crate::store::{Opener, Store};
use crate::ui::bars::Notice;
use crate::ui::sheet::SheetView;
use crate::ui::theme;

mod archive;
mod backup;
mod book;
mod check;
mod counting;
mod customers;
mod disk;
mod doubt;
mod files;
mod filling;
mod habits;
mod help;
mod large;
mod life;
mod links;
mod lock;
mod numbers;
mod office;
mod outside;
mod panels;
mod papers;
mod parts;
mod pictures;
mod print;
mod register;
mod run;
mod search;
mod side;
mod similar;
mod spans;
mod task;
mod today;
mod waiting;
mod wanted;
mod work;
mod writing;

use parts::{Book, Jobs, OpenSheet, Panels, Writing};

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
    /// Who sits at the desk (操作人).
    operator: String,
    /// When a key was last pressed or something clicked, in the window's seconds and by the clock.
    stirred: Option<(f64, chrono::NaiveDateTime)>,
    pages: Pages,
    habitual: habits::Habitual,
    notice: Option<Notice>,
    signatures: bool,
    desk: OpenSheet,
    writing: Writing,
    book: Book,
    jobs: Jobs,
    panels: Panels,
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
        if app.book.trouble.is_none() {
            app.open_book(own);
        }
        app
    }

    /// The program with the book on its desk that is `wanted`; else the one that was open last on this computer, else the
    /// office's own at `own`. Where there is none, it asks what to begin with.
    pub fn at_home(ctx: &egui::Context, outside: Box<dyn Outside>, own: &Path, wanted: Option<&Path>) -> Self {
        let mut app = Self::bare(ctx, outside, own);
        match wanted.map(Path::to_owned).or_else(|| app.last_book(own)) {
            Some(last) if app.book.trouble.is_none() => app.open_file(ctx, &last),
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
        let desk = OpenSheet::new(record, procedure.main_id());
        Self {
            outside,
            ctx: ctx.clone(),
            procedure,
            operator: String::new(),
            stirred: None,
            pages: Pages::default(),
            habitual,
            notice: None,
            signatures: false,
            desk,
            writing: Writing::default(),
            book: Book { own: own.to_owned(), home: own.to_owned(), trouble, ..Book::default() },
            jobs: Jobs::default(),
            panels: Panels { beside: true, ..Panels::default() },
        }
    }

    /// The sheet on the desk.
    pub fn record(&self) -> &Record {
        &self.desk.record
    }

    /// What the foot of the window says.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_ref().map(|it| it.text.as_str())
    }

    /// The sheet's zoom in percent.
    pub fn zoom(&self) -> u16 {
        self.desk.sheet.percent
    }

    /// Where the book on the desk lies.
    pub fn book(&self) -> Option<&Path> {
        self.book.store.as_ref().map(Store::path)
    }

    /// How the book on the desk is opened once more.
    pub fn opener(&self) -> Option<Opener> {
        self.book.store.as_ref().map(Store::opener)
    }

    /// Whether the lists of a large book are still being read.
    pub fn is_reading(&self) -> bool {
        self.book.reading.is_some()
    }

    /// Whether of a large book nothing has been read yet.
    pub fn shows_nothing(&self) -> bool {
        matches!(self.book.reading, Some(large::Reading::InWork(..)))
    }

    /// Whether the book is being copied, put back or salvaged at this moment.
    pub fn is_backing_up(&self) -> bool {
        self.jobs.waiting.is_on() || self.jobs.backup.is_at_work()
    }

    fn today(&self) -> NaiveDate {
        self.outside.now().date()
    }

    fn clock(&self) -> Clock {
        Clock { now: self.outside.now(), utc_offset_minutes: self.outside.utc_offset_minutes() }
    }

    fn form(&self) -> Option<&Form> {
        self.desk.form(&self.procedure)
    }

    fn is_sample(&self) -> bool {
        self.book.store.as_ref().is_some_and(|it| it.path() == self.outside.sample_book())
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
        self.writing.warned &= self.desk.has_unsent();
        self.hear(ui.ctx());
        self.take_dropped(ui.ctx());
        self.tend_import(ui.ctx(), &mut commands);
        self.draw_about(ui.ctx(), &mut commands);
        self.hear_print(ui.ctx());
        // Both read the whole book: first come the lists.
        if self.book.reading.is_none() {
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
        if self.book.store.as_ref().is_some_and(Store::changed_elsewhere) {
            let before = self.desk.record.clone();
            self.refresh_office();
            self.refresh_lists(ui.ctx());
            self.pages.numbers.forget();
            self.pages.registers.forget();
            if self.desk.record.id != RecordId(0) {
                self.lay(self.desk.record.id);
                // Nobody signs what was not on the screen.
                if before != self.desk.record && self.desk.sheet.unsettle() {
                    self.say("另一个窗口刚改了这张单：请看过再签，填好的签署还在");
                }
                let form = self.desk.form(&self.procedure);
                if let (Some(pen), Some(form)) = (&mut self.desk.sheet.pen, form)
                    && pen.refresh(&self.desk.record, form)
                {
                    self.say("另一个窗口刚改了这一格，这里换成了那边写的；这里原来的留在修改记录里");
                }
            }
        }
        self.keys(ui, &mut commands);
        let percent = self.desk.sheet.percent;
        let zoom = self.desk.sheet.zoom;
        let visit = |it: &SheetView| it.pen.as_ref().filter(|it| !it.fresh).map(|it| it.cell.clone());
        let visited = visit(&self.desk.sheet);
        self.panels(ui, percent, &mut commands);
        if self.desk.sheet.zoom != zoom {
            commands.push(Command::Remember("zoom", self.desk.sheet.zoom.keep()));
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
        if visit(&self.desk.sheet).is_none() || visit(&self.desk.sheet) != visited {
            self.writing.same_visit = false;
        }
        if !self.writing.refused.is_empty() {
            ui.ctx().copy_text(std::mem::take(&mut self.writing.refused).join("\n"));
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
