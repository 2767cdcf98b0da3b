//! What the window waits for: the book is put back, salvaged, written anew or taken something in by a thread with
//! connections of its own. It says what is done, and stops where the clerk wants it to.

use std::path::PathBuf;

use eframe::egui::{self, CentralPanel, Ui};

use super::App;
use super::task::Task;
use crate::command::View;
use crate::store::{Key, Opener, Salvage, Stop, Store, StoreError};
use crate::ui::desk;
use crate::ui::progress::{self, Going};

/// Work the window waits for.
#[derive(Default)]
pub(super) struct Waiting {
    said: &'static str,
    task: Option<Task<Worked>>,
}

impl Waiting {
    /// Whether the window waits.
    pub(super) fn is_on(&self) -> bool {
        self.task.is_some()
    }
}

/// What came of it.
pub(super) enum Worked {
    /// Done: this is said.
    Said(String),
    /// The book has its new password, or its old one still.
    Keyed { path: PathBuf, old: Option<Key>, new: Option<Key>, ended: Result<(), StoreError> },
    /// A backup lies in the book's place, and where the book was kept; or the book is as it was.
    Restored { path: PathBuf, key: Option<Key>, back: Opener, ended: Result<Option<PathBuf>, StoreError> },
    /// A damaged book was read.
    Read(Box<(Store, Salvage)>),
    /// A damaged book was saved in a new one, with the list of what was lost.
    Salvaged(PathBuf, PathBuf, Box<Salvage>),
    /// Not done; what was not, before the reason.
    Failed(&'static str, StoreError),
}

impl App {
    /// Has a thread do something while the window waits.
    pub(super) fn work(
        &mut self,
        ctx: &egui::Context,
        said: &'static str,
        work: impl FnOnce(&Stop) -> Worked + Send + 'static,
    ) {
        let task = Some(Task::start(ctx, said, "没有完成，台帐没有动", work));
        self.jobs.waiting = Waiting { said, task };
    }

    /// While something is worked on, or waits for a copy, the window says so. Whether it does.
    pub(super) fn draw_waiting(&mut self, ui: &mut Ui) -> bool {
        if let Some(ended) = Task::poll(&mut self.jobs.waiting.task) {
            match ended {
                Ok(worked) => self.worked(worked),
                Err(sentence) => self.fail(sentence),
            }
            return false;
        }
        let (said, stop) = match &self.jobs.waiting.task {
            Some(task) => (self.jobs.waiting.said, task.stop().clone()),
            None => match self.awaited_copy(ui.ctx()) {
                Some(stop) => ("正在备份，请稍候…", stop),
                None => return false,
            },
        };
        if ui.input(|it| it.viewport().close_requested()) {
            ui.ctx().send_viewport_cmd(egui::ViewportCommand::CancelClose);
        }
        let mut commands = Vec::new();
        CentralPanel::default().frame(desk::frame()).show(ui, |ui| {
            progress::page(ui, &Going::stoppable(said, stop.is_asked()), &mut commands);
        });
        // There is no other button.
        if !commands.is_empty() {
            stop.ask();
        }
        true
    }

    fn worked(&mut self, worked: Worked) {
        match worked {
            Worked::Said(sentence) => self.say(sentence),
            Worked::Keyed { path, old, new, ended } => self.changed_key(&path, old, new, ended),
            Worked::Restored { path, key, back, ended } => {
                let (key, restored) = if ended.is_ok() { (key, true) } else { (back.password(), false) };
                self.open_book_with(&path, key);
                if restored {
                    // What would be missing was shown before.
                    self.doubts_known();
                }
                match ended {
                    Ok(Some(kept)) => self.say(format!("已恢复；原来的台帐留在 {}", kept.display())),
                    Ok(None) => self.say("已恢复"),
                    Err(error) => self.failed("", &error),
                }
            }
            Worked::Read(read) => self.lay_damaged(*read),
            Worked::Salvaged(out, list, salvage) => {
                self.panels.view = View::Backup;
                self.jobs.backup.salvaged(out.clone(), salvage.to_string());
                let text = format!("{}。新台帐 {}，清单 {}", salvage.summary(), out.display(), list.display());
                self.say(text);
            }
            Worked::Failed(what, error) => self.failed(what, &error),
        }
    }

    /// Says what was not done. What the clerk stopped is no failure.
    pub(super) fn failed(&mut self, what: &str, error: &StoreError) {
        let sentence = format!("{what}{error}");
        if error.is_stop() { self.say(sentence) } else { self.fail(sentence) }
    }

    /// Says once that what was typed beside a sheet, and not sent, would be lost. Whether it did.
    pub(super) fn warns(&mut self) -> bool {
        let unsent = self.desk.has_unsent();
        let warns = unsent && !self.writing.warned;
        self.writing.warned = unsent;
        if warns {
            self.fail("单旁还有写了没办的字（作废、划改、传递、跟踪）：请办完或取消；不要了就再来一次");
        }
        warns
    }

    /// A window that is closed writes what is in hand; one that could not write stays open and says so, and one that does
    /// something goes when that is done.
    pub(super) fn closing(&mut self, ctx: &egui::Context) {
        let doing = self.jobs.unfinished();
        // What did not go well is read first.
        if doing.is_none()
            && std::mem::take(&mut self.jobs.closing)
            && !self.notice.as_ref().is_some_and(|it| it.failed)
        {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
        if !ctx.input(|it| it.viewport().close_requested()) {
            return;
        }
        self.lay_pen_down();
        self.note_end();
        let owed = !self.writing.unwritten.is_empty();
        if owed {
            let count = self.writing.unwritten.len();
            self.fail(format!("还有 {count} 格没能写进台帐，先不关窗口；腾出磁盘空间或接回磁盘后会自动写进去"));
        }
        let stays = owed || self.warns();
        if stays || doing.is_some() {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
        }
        self.jobs.closing = !stays && doing.is_some();
        if let (true, Some(doing)) = (self.jobs.closing, doing) {
            self.say(doing);
        }
    }
}
