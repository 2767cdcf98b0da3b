//! 台帐口令: opening a book that has a password, and giving the one on the desk another.

use std::path::Path;

use eframe::egui;

use super::App;
use super::waiting::Worked;
use crate::command::LockCommand;
use crate::store::{Key, Opener, StoreError};
use crate::ui::lock::LockView;

/// What is going on with passwords.
#[derive(Default)]
pub(super) struct Lock {
    /// The page, where it is shown.
    pub(super) view: Option<LockView>,
    /// The old password and the new, until nobody else is reading the book.
    waiting: Option<(Option<Key>, Option<Key>)>,
}

impl App {
    pub(super) fn run_lock(&mut self, ctx: &egui::Context, command: LockCommand) {
        match command {
            LockCommand::Ask => {
                if let Some(store) = &self.book.store {
                    self.panels.lock.view = Some(LockView::change(store.is_encrypted()));
                }
            }
            LockCommand::Unlock(path, typed) => self.open_book_with(&path, Key::new(&typed)),
            LockCommand::Leave => (self.panels.lock.view, self.panels.lock.waiting) = (None, None),
            LockCommand::Change { old, new } => self.change_key(ctx, Key::new(&old), Key::new(&new)),
        }
    }

    fn change_key(&mut self, ctx: &egui::Context, old: Option<Key>, new: Option<Key>) {
        let Some(store) = &self.book.store else { return };
        let refusal = if !self.writing.unwritten.is_empty() {
            Some("还有没写进台帐的字，写进去之后才能换口令")
        } else if store.is_encrypted() && old.is_none() {
            Some("请先输入现在的口令")
        } else if !store.opens_with(old.as_ref()) {
            Some("现在的口令不对")
        } else {
            None
        };
        if let (Some(refusal), Some(view)) = (refusal, &mut self.panels.lock.view) {
            return view.refuse(refusal.to_owned());
        }
        if let Some(view) =
            self.panels.lock.view.as_mut().filter(|_| self.jobs.backup.is_busy() || self.book.reading.is_some())
        {
            // The file is written anew: nobody may be reading it.
            view.refuse("正在备份或读取台帐，完了就换口令…".to_owned());
            self.panels.lock.waiting = Some((old, new));
            return;
        }
        let path = store.path().to_owned();
        self.stop_check();
        self.book.store = None;
        self.panels.lock.view = None;
        self.work(ctx, "正在更换台帐口令，请稍候…", move |stop| {
            // No window has the book open meanwhile: it is written anew.
            let ended = Opener::new(&path, old.clone()).stopped_by(stop).change_key(new.as_ref());
            Worked::Keyed { path, old, new, ended }
        });
    }

    /// Changes the password that had to wait, once it can be.
    pub(super) fn change_waiting_key(&mut self, ctx: &egui::Context) {
        if let Some((old, new)) = self.panels.lock.waiting.take() {
            self.change_key(ctx, old, new);
        }
    }

    pub(super) fn changed_key(
        &mut self,
        path: &Path,
        old: Option<Key>,
        new: Option<Key>,
        ended: Result<(), StoreError>,
    ) {
        let (key, said) = match (&ended, new.is_some()) {
            (Ok(()), true) => (new, "台帐已加口令：下次打开要输入。以前的备份没有口令，要紧的请删去或另行保管"),
            (Ok(()), false) => (new, "台帐的口令已取消，文件不再加密"),
            (Err(_), _) => (old, ""),
        };
        self.open_book_with(path, key);
        match ended {
            Ok(()) if self.book.store.is_some() => self.say(said),
            Ok(()) => {}
            Err(error) => self.failed("", &error),
        }
    }
}
