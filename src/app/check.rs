//! 检查台帐: the whole book is looked over beside the window's own thread, when it is opened and when it is asked for.
//! Where all is well, nothing is said unasked.

use std::time::Duration;

use eframe::egui;

use super::App;
use super::task::Task;
use crate::command::Command;
use crate::store::{Checkup, Store};
use crate::ui::check::{Shown, show};

/// Between two parts of the check the disk, and the log beside the book, are the window's.
const PAUSE: Duration = Duration::from_millis(2);

/// The check's own small state.
#[derive(Default)]
pub(super) struct Check {
    /// What it found lies open.
    open: bool,
    /// It is to begin once the window is there.
    due: bool,
    /// Dropped, it is broken off, and its connection to the book closed.
    running: Option<Task<Checkup>>,
    last: Option<Checkup>,
}

impl Check {
    /// Of a book just opened: the check is to begin.
    pub(super) fn due() -> Self {
        Self { due: true, ..Self::default() }
    }

    /// What is to be known before much is taken in: that the book is not in order, or that this is not known yet.
    pub(super) fn warning(&self) -> Option<String> {
        match &self.last {
            Some(last) => last.found.first().map(|first| {
                let count = last.found.len();
                format!("这本台帐检查时发现 {count} 处问题（{first}）：请先弄清楚再导入；导入进去，以后就难分清了")
            }),
            None => Some("这本台帐还没有检查完，还不知道它是否完好：最好等检查做完再导入".to_owned()),
        }
    }

    /// How much was found, if anything.
    pub(super) fn found(&self) -> usize {
        self.last.as_ref().map_or(0, |it| it.found.len())
    }
}

impl App {
    /// Looks the book over, and shows what comes of it: what was found already is shown first.
    pub(super) fn check_book(&mut self, ctx: &egui::Context) {
        if self.jobs.check.open || self.jobs.check.found() == 0 {
            self.start_check(ctx);
        }
        self.jobs.check.open = true;
    }

    /// Breaks off a check that is under way, so that no other connection has the book open; it begins again with the next
    /// frame.
    pub(super) fn stop_check(&mut self) {
        self.jobs.check.due |= self.jobs.check.running.take().is_some();
    }

    /// Breaks off a check that is under way; it is made again when it is asked for.
    pub(super) fn break_check_off(&mut self) {
        self.jobs.check.running = None;
    }

    fn start_check(&mut self, ctx: &egui::Context) {
        let Some(opener) = self.book.store.as_ref().map(Store::opener) else { return };
        if self.jobs.check.running.is_some() {
            return;
        }
        let procedure = self.procedure.clone();
        let task = Task::held(ctx, "检查", "检查没有做完，请再检查一次", move |stop| {
            match opener.stopped_by(stop).open() {
                Ok(store) => store.check_up(Some(&procedure), &|| {
                    std::thread::sleep(PAUSE);
                    !stop.is_asked()
                }),
                Err(error) => Checkup { found: vec![error.to_string()], ..Checkup::default() },
            }
        });
        self.jobs.check.running = Some(task);
    }

    /// Begins the check that is due, and hears how one has ended.
    pub(super) fn hear_check(&mut self, ctx: &egui::Context) {
        if std::mem::take(&mut self.jobs.check.due) {
            self.start_check(ctx);
        }
        let checkup = match Task::poll(&mut self.jobs.check.running) {
            None => return,
            Some(Ok(mut checkup)) => {
                let (doubts, known) = self.panels.doubt.told();
                checkup.found.splice(0..0, doubts);
                checkup.marks.extend(known);
                checkup
            }
            Some(Err(lost)) => Checkup { found: vec![lost], ..Checkup::default() },
        };
        if !checkup.found.is_empty() {
            let count = checkup.found.len();
            self.fail(format!("检查台帐发现 {count} 处问题：先不要继续办理，点上方的“台帐有 {count} 处问题”看是哪些"));
        }
        self.jobs.check.last = Some(checkup);
    }

    /// What the last check found, where it lies open.
    pub(super) fn draw_check(&mut self, ctx: &egui::Context, commands: &mut Vec<Command>) {
        if !self.jobs.check.open {
            return;
        }
        let last = self.jobs.check.last.as_ref();
        let found = last.map(Checkup::all).unwrap_or_default();
        let said = last.map(ToString::to_string);
        let head = last.and_then(|it| it.head).map(|it| it.to_string());
        let shown = Shown {
            running: self.jobs.check.running.is_some(),
            said: said.as_deref(),
            meddled: self.jobs.check.found() > 0,
            found: &found,
            marks: last.map_or(&[], |it| it.marks.as_slice()),
            doubtful: last.is_some_and(|it| it.doubtful),
            head: head.as_deref(),
        };
        self.jobs.check.open = show(ctx, &shown, commands);
    }
}
