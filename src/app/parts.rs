//! What the window consists of, each part with its own state.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::work::Job;
use super::{Unwritten, backup, check, counting, doubt, files, help, large, links, lock, print, search, waiting, work};
use crate::command::{Command, PrintCommand, View};
use crate::list::List;
use crate::procedure::{FieldId, Form, FormId, Procedure};
use crate::record::{Deed, Issue, Record, RecordId, Values};
use crate::store::{Stamp, Store};
use crate::ui::first::FirstView;
use crate::ui::life::LifeView;
use crate::ui::list::ListView;
use crate::ui::palette::Palette;
use crate::ui::progress::Going;
use crate::ui::sheet::SheetView;

/// The sheet on the desk, and what is known of it.
pub(super) struct OpenSheet {
    pub(super) record: Record,
    /// Which round of it is shown, from nought.
    pub(super) round: usize,
    /// What a new sheet was started from, put down with its first entry.
    pub(super) origin: Option<Deed>,
    /// On which form the newest new sheet is.
    pub(super) new_form: FormId,
    /// The sheet of each form that was looked at last.
    pub(super) looked_at: BTreeMap<FormId, RecordId>,
    /// What was done with the sheet on the desk, newest first.
    pub(super) history: Vec<(String, String)>,
    /// What its signatures are worth, a sentence for each kind, and whether it is an alarm.
    pub(super) signings: Vec<(String, bool)>,
    /// The sheet it was started from or rewrites.
    pub(super) comes_from: Option<(RecordId, String)>,
    /// The sheets that were started from it: which, what they are called, what of it they are about.
    pub(super) started: Vec<(RecordId, String, String)>,
    /// What other sheets have to do with it.
    pub(super) links: links::Links,
    pub(super) issues: Vec<Issue>,
    pub(super) offers: BTreeMap<FieldId, Vec<String>>,
    pub(super) sheet: SheetView,
    pub(super) life: LifeView,
    /// What a new sheet says before anything is written on it: written with its first entry.
    pub(super) proposed: Values,
    /// The sheets that it counts.
    pub(super) counted: counting::Counted,
    /// An empty slip was asked for, so it lies there although nothing is written on it.
    pub(super) begun: bool,
    /// Which place in the book the newest new sheet got.
    pub(super) made: Option<RecordId>,
    pub(super) fetching: Vec<large::Fetching>,
}

/// What is being written: what could not be yet, and what can be taken back.
#[derive(Default)]
pub(super) struct Writing {
    /// What a rule kept from being written: it goes to the clipboard.
    pub(super) refused: Vec<String>,
    pub(super) saved: String,
    pub(super) unwritten: Vec<Unwritten>,
    pub(super) tried: f64,
    /// Steps that can be taken back, the last one last: a cell, or all cells that were written at once.
    pub(super) undo: Vec<Vec<Unwritten>>,
    /// The pen is still in the cell of the last step.
    pub(super) same_visit: bool,
    /// It was told that what is typed beside the sheet would be lost.
    pub(super) warned: bool,
}

impl Writing {
    /// Forgets what could be taken back on a sheet.
    pub(super) fn forget_steps(&mut self, of: impl Fn(RecordId) -> bool) {
        self.undo.retain(|it| !it.iter().any(|it| of(it.record)));
    }
}

/// The book on the desk, and what was read of it.
#[derive(Default)]
pub(super) struct Book {
    /// The book to begin with, and to come back to from the sample: the one that was open last.
    pub(super) own: PathBuf,
    /// The office's own book, which is made where there is none; what a crash leaves behind lies beside it.
    pub(super) home: PathBuf,
    pub(super) store: Option<Store>,
    /// Why there is no book on the desk.
    pub(super) trouble: Option<String>,
    pub(super) lists: BTreeMap<FormId, List>,
    pub(super) reading: Option<large::Reading>,
    /// The state of the book the lists have.
    pub(super) listed: Stamp,
}

/// What goes on beside the window, and what is asked for it.
#[derive(Default)]
pub(super) struct Jobs {
    pub(super) import: files::Import,
    pub(super) check: check::Check,
    pub(super) backup: backup::Backups,
    /// What the window waits for.
    pub(super) waiting: waiting::Waiting,
    pub(super) asked: Option<work::Asked>,
    pub(super) job: Option<work::Job>,
    pub(super) print: print::Printing,
    /// The window is to close when what it does is done.
    pub(super) closing: bool,
}

/// Which page is looked at, and what lies beside it or over it.
#[derive(Default)]
pub(super) struct Panels {
    pub(super) help: help::Help,
    pub(super) about: help::About,
    pub(super) search: search::Search,
    pub(super) doubt: doubt::Doubtful,
    pub(super) lock: lock::Lock,
    /// By which packages a new book is worked, while that is asked.
    pub(super) first: Option<FirstView>,
    pub(super) palette: Palette,
    pub(super) view: View,
    pub(super) list_views: BTreeMap<FormId, ListView>,
    pub(super) beside: bool,
    /// In a narrow window the panel beside the sheet is shown when asked for.
    pub(super) beside_asked: bool,
}

impl OpenSheet {
    /// This sheet, of which nothing is known yet; a new one begins on the form `new_form`.
    pub(super) fn new(record: Record, new_form: FormId) -> Self {
        Self {
            record,
            round: 0,
            origin: None,
            new_form,
            looked_at: BTreeMap::new(),
            history: Vec::new(),
            signings: Vec::new(),
            comes_from: None,
            started: Vec::new(),
            links: links::Links::default(),
            issues: Vec::new(),
            offers: BTreeMap::new(),
            sheet: SheetView::default(),
            life: LifeView::default(),
            proposed: Values::new(),
            counted: counting::Counted::default(),
            begun: false,
            made: None,
            fetching: Vec::new(),
        }
    }

    /// Its form in the edition that it was made by.
    pub(super) fn form<'a>(&self, procedure: &'a Procedure) -> Option<&'a Form> {
        procedure.edition(&self.record.form, &self.record.edition)
    }

    /// Whether something was typed beside it that was not sent.
    pub(super) fn has_unsent(&self) -> bool {
        self.sheet.has_unsent() || self.life.has_unsent()
    }
}

impl Jobs {
    /// Whether an export is under way, so that no other can begin.
    pub(super) fn is_exporting(&self) -> bool {
        self.asked.is_some() || self.job.is_some()
    }

    /// What is under way beside the window, in a line.
    pub(super) fn going(&self) -> Option<Going> {
        let copying = self.backup.copying().map(|stop| Going::stoppable("正在备份…", stop.is_asked()));
        let reading = self.import.is_reading().then(|| Going::stoppable("正在读交换文件…", false));
        let stop = Some(Command::Printing(PrintCommand::Stop));
        let printing = self.print.said().filter(|_| !self.print.is_open());
        let printing = printing.map(|text| Going { text, part: self.print.part(), stop });
        self.job.as_ref().map(Job::said).or(printing).or(copying).or(reading)
    }

    /// Breaks off what [`Jobs::going`] tells of; nothing half-made is left of it.
    pub(super) fn stop(&mut self) {
        if let Some(job) = &self.job {
            job.stop();
        } else if let Some(stop) = self.backup.copying() {
            stop.ask();
        } else {
            self.import.leave();
        }
    }

    /// What has to end before the window goes, in words: half a PDF is none, nor is half a copy.
    pub(super) fn unfinished(&self) -> Option<&'static str> {
        let doing = [
            (self.backup.is_busy(), "正在备份，备份完就关窗口"),
            (self.print.is_going(), "正在打印，印完记进台帐、或者停下，就关窗口"),
            (self.job.is_some(), "正在导出，写完就关窗口"),
        ];
        doing.into_iter().find(|it| it.0).map(|it| it.1)
    }
}
