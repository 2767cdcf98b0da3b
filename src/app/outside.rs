//! What lies outside the window: the clock, the system's dialogs, other programs. Faked in tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use chrono::NaiveDateTime;
use eframe::egui;

use crate::print::Printing;

/// What the clerk is asked for in a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog<'a> {
    /// Where to save what is to be called so.
    Save(&'a str),
    /// Where to make a new book that is to be called so.
    NewBook(&'a str),
    /// Which book.
    Book,
    /// Which exchange file.
    Exchange,
    /// Which picture.
    Picture,
    /// Which folder.
    Folder,
}

/// What became of a question to the clerk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This file.
    Path(PathBuf),
    /// Never mind.
    Cancelled,
    /// This system has no such dialog: the window has to ask itself.
    NoDialog,
}

/// Where an answer goes; the window is woken to hear it.
#[derive(Clone, Debug)]
pub struct Reply {
    sender: Sender<Answer>,
    ctx: egui::Context,
}

impl Reply {
    /// An address for one answer.
    pub fn new(sender: Sender<Answer>, ctx: egui::Context) -> Self {
        Self { sender, ctx }
    }

    /// Gives the answer. A window that is gone hears nothing.
    pub fn give(&self, answer: Answer) {
        if self.sender.send(answer).is_ok() {
            self.ctx.request_repaint();
        }
    }
}

/// What lies outside the window.
pub trait Outside {
    /// Local time.
    fn now(&self) -> NaiveDateTime;
    /// How far local time is ahead of UTC.
    fn utc_offset_minutes(&self) -> i32;
    /// Asks the clerk for a file or folder.
    fn ask(&self, dialog: Dialog<'_>, reply: Reply);
    /// Opens a file or folder with whatever shows it.
    ///
    /// # Errors
    /// A sentence, when nothing does.
    fn open(&self, path: &Path) -> Result<(), String>;
    /// The printers of this machine, for threads to print on.
    fn printing(&self) -> Arc<dyn Printing>;
    /// Where the sample book goes.
    fn sample_book(&self) -> PathBuf;
    /// Where this computer's habits are kept, where there is a place for them.
    fn habits(&self) -> Option<PathBuf>;
    /// Where files are saved when the clerk types only a name.
    fn documents(&self) -> PathBuf;
}
