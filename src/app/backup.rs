//! 备份与恢复: copies of the book each day and before much is changed, putting one back, and a book that is damaged. All of
//! it is done by threads with connections of their own; the window waits only where what comes next must wait.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{Duration, NaiveDate, NaiveDateTime};
use eframe::egui::{self, Ui};

use super::task::Task;
use super::waiting::Worked;
use super::wanted::Wanted;
use super::{App, Dialog};
use crate::command::{BackupCommand, BackupPlace, Command};
use crate::store::{
    self, BackedUp, Backup, Comparison, Key, Look, Opener, Places, Reason, Salvage, Stop, Store, StoreError,
};
use crate::ui::backup::{BackupView, Line, Shown};

mod words;

use words::{comparison_words, line, paths};

/// After so many days without a copy it is said at every start.
const LATE: i64 = 7;

/// What is going on with backups.
#[derive(Default)]
pub(super) struct Backups {
    view: BackupView,
    /// The book it is about: the one on the desk, or the one that could not be opened.
    book: Option<Opener>,
    /// That could not be opened because it is damaged.
    pub(super) damaged: bool,
    /// On which day it was last seen to that there is a copy of the day.
    tended: Option<NaiveDate>,
    copies: Vec<Backup>,
    places: Places,
    looks: BTreeMap<PathBuf, Look>,
    /// The copies that are still to be looked into, the next one last.
    unseen: Vec<Opener>,
    looking: Option<Task<(PathBuf, Look)>>,
    listed: bool,
    comparing: Option<Task<(PathBuf, Comparison)>>,
    running: Option<Running>,
    /// A command whose copy has been made.
    may: Option<Command>,
    /// What came of reading a damaged book, where that is what lies on the desk.
    read: Option<Salvage>,
}

/// A copy being made.
struct Running {
    task: Option<Task<Ended>>,
    /// What waits for it.
    then: Option<Command>,
    asked: bool,
}

struct Ended {
    done: Option<Result<BackedUp, StoreError>>,
    copies: Vec<Backup>,
}

impl Backups {
    /// Another book lies on the desk, or could not be laid there.
    pub(super) fn opened(&mut self, book: Opener) {
        *self = Self { book: Some(book), ..Self::default() };
    }

    /// What was listed is listed again.
    pub(super) fn forget(&mut self) {
        self.listed = false;
        self.looks.clear();
    }

    /// Whether a copy is being made.
    pub(super) fn is_busy(&self) -> bool {
        self.running.is_some()
    }

    /// What stops the copy that was asked for and is being made.
    pub(super) fn copying(&self) -> Option<&Stop> {
        self.running.as_ref().filter(|it| it.asked)?.task.as_ref().map(Task::stop)
    }

    /// A damaged book was saved in this one, with this list of what was lost.
    pub(super) fn salvaged(&mut self, out: PathBuf, list: String) {
        self.view.salvaged(out, list);
    }

    /// Whether a thread does anything with copies.
    pub(super) fn is_at_work(&self) -> bool {
        self.running.is_some() || self.looking.is_some() || self.comparing.is_some()
    }

    /// How backups stand, in a line.
    pub(super) fn said(&self, now: NaiveDateTime) -> String {
        if self.running.is_some() {
            return "正在备份…".to_owned();
        }
        let made: Vec<&Backup> = self.copies.iter().filter(|it| it.reason != Reason::Upgrade).collect();
        match made.first() {
            None => "还没有备份".to_owned(),
            Some(last) => {
                let places = made.iter().filter(|it| it.at == last.at && it.reason == last.reason).count();
                let when = match (now.date() - last.at.date()).num_days() {
                    0 => format!("今天 {}", last.at.format("%H:%M")),
                    1 => format!("昨天 {}", last.at.format("%H:%M")),
                    _ => last.at.format("%Y-%m-%d %H:%M").to_string(),
                };
                format!("{when} 已备份（{places} 处）")
            }
        }
    }
}

impl App {
    /// How the book is opened once more, or once again where it could not be opened.
    fn present(&self) -> Opener {
        self.jobs.backup.book.clone().unwrap_or_else(|| Opener::new(&self.book.own, None))
    }

    /// The book that lies on the desk, or could not be laid there.
    pub(super) fn wanted_book(&self) -> &Path {
        self.jobs.backup.book.as_ref().map_or(&self.book.own, Opener::path)
    }

    /// Sees to it that there is a copy of each day on which the program runs.
    pub(super) fn tend_backups(&mut self, ctx: &egui::Context) {
        self.hear_backups(ctx);
        let today = self.today();
        let Some(store) = &self.book.store else { return };
        let sample = store.path() == self.outside.sample_book();
        if sample
            || store.is_for_reading()
            || self.jobs.backup.is_busy()
            || self.jobs.backup.tended == Some(today)
            || store.is_paused()
        {
            return;
        }
        self.jobs.backup.tended = Some(today);
        self.start_backup(ctx, Reason::Daily, None);
    }

    fn start_backup(&mut self, ctx: &egui::Context, reason: Reason, then: Option<Command>) {
        let (opener, places, now) = (self.present(), self.places(), self.outside.now());
        let task = Task::start(ctx, "备份", "程序出错", move |stop| {
            back_up(&opener.stopped_by(stop), &places, reason, now)
        });
        self.jobs.backup.running = Some(Running { task: Some(task), then, asked: reason == Reason::Manual });
    }

    /// Whether a command that changes much may be run: its copy is made. If not, that is begun, and the command is run
    /// after it.
    pub(super) fn backed_up_for(&mut self, ctx: &egui::Context, reason: Reason, command: &Command) -> bool {
        if self.jobs.backup.may.take().as_ref() == Some(command) {
            return true;
        }
        match &mut self.jobs.backup.running {
            // What is written now is in it already: nothing else is written until it is done.
            Some(running) => running.then = Some(command.clone()),
            None => self.start_backup(ctx, reason, Some(command.clone())),
        }
        false
    }

    fn hear_backups(&mut self, ctx: &egui::Context) {
        if let Some(looked) = Task::poll(&mut self.jobs.backup.looking) {
            self.jobs.backup.looks.extend(looked);
            self.look_into_next(ctx);
        }
        if let Some(Ok((path, comparison))) = Task::poll(&mut self.jobs.backup.comparing) {
            self.jobs.backup.view.compared(path, comparison_words(&comparison));
        }
        let Some(running) = &mut self.jobs.backup.running else { return };
        let Some(ended) = Task::poll(&mut running.task) else { return };
        let Some(Running { then, asked, .. }) = self.jobs.backup.running.take() else { return };
        let failed = self.backed_up(ended, asked);
        match (then, failed) {
            (Some(command), None) => {
                self.jobs.backup.may = Some(command.clone());
                self.run(ctx, command);
            }
            (Some(command), Some(sentence)) => {
                self.fail(format!("没有{}：事先的备份没有做成。{sentence}", command.label()));
            }
            (None, Some(sentence)) => self.fail(sentence),
            (None, None) => {}
        }
    }

    /// Takes in what came of a copy; why there is none.
    fn backed_up(&mut self, ended: Result<Ended, String>, asked: bool) -> Option<String> {
        let now = self.outside.now();
        let done = match ended {
            Err(lost) => Some(Err((lost, false))),
            Ok(ended) => {
                self.jobs.backup.copies = ended.copies;
                self.jobs.backup.forget();
                self.note_head();
                ended.done.map(|it| it.map_err(|error| (error.to_string(), error.is_stop())))
            }
        };
        match done {
            Some(Ok(done)) => {
                if let Some(missing) = done.missing.first() {
                    self.say(format!("已备份；{missing}"));
                } else if asked {
                    self.say(format!("已备份：{}", paths(&done.made)));
                }
                None
            }
            Some(Err((sentence, stopped))) => {
                if asked && stopped {
                    self.say(sentence);
                    return None;
                }
                let last = self.jobs.backup.copies.iter().find(|it| it.reason != Reason::Upgrade).map(|it| it.at);
                let late = last.is_none_or(|it| now - it > Duration::days(LATE));
                let late = if late { format!("，已经 {LATE} 天以上没有备份") } else { String::new() };
                Some(format!("备份没有做成{late}：{sentence}"))
            }
            None => None,
        }
    }

    /// What stops the copy that a command waits for, if one does.
    pub(super) fn awaited_copy(&mut self, ctx: &egui::Context) -> Option<Stop> {
        let awaited = |it: &Backups| {
            let task = it.running.as_ref().filter(|it| it.then.is_some())?.task.as_ref();
            task.map(|it| it.stop().clone())
        };
        awaited(&self.jobs.backup)?;
        self.hear_backups(ctx);
        awaited(&self.jobs.backup)
    }

    pub(super) fn run_backup(&mut self, ctx: &egui::Context, command: BackupCommand) {
        match command {
            BackupCommand::Make if self.book.store.as_ref().is_none_or(Store::is_for_reading) => {
                self.fail("没有打开台帐，没有可备份的");
            }
            BackupCommand::Make if self.jobs.backup.is_busy() => self.say("正在备份，请等它完成"),
            BackupCommand::Make => self.start_backup(ctx, Reason::Manual, None),
            BackupCommand::Choose(place) => {
                let dialog = if place == BackupPlace::File { Dialog::Book } else { Dialog::Folder };
                self.ask(ctx, Wanted::Backup(place), dialog);
            }
            BackupCommand::Agree => {
                let places = self.book.store.as_ref().map(Store::backup_places).unwrap_or_default();
                self.choose_places(&places);
            }
            BackupCommand::Reset(place) => self.set_place(place, Path::new("")),
            BackupCommand::Compare(path, password) => self.compare(ctx, &path, &password),
            BackupCommand::Restore { path, password } => self.restore(ctx, &path, &password),
            BackupCommand::Leave => self.jobs.backup.view.leave(),
            BackupCommand::Read => {
                let (book, procedure, now) = (self.present(), self.salvaging(), self.outside.now());
                self.work(ctx, "正在读取损坏的台帐，请稍候…", move |stop| {
                    let read = book.stopped_by(stop).salvage_to_read(&procedure, now);
                    read.map_or_else(|error| Worked::Failed("", error), |it| Worked::Read(Box::new(it)))
                });
            }
            BackupCommand::Salvage => {
                let (book, procedure, now) = (self.present(), self.salvaging(), self.outside.now());
                let stem = book.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let out = book.path().with_file_name(format!("{stem}-抢救-{}.book", now.format("%Y%m%d-%H%M%S")));
                self.work(ctx, "正在抢救台帐，请稍候…", move |stop| {
                    let saved = book.stopped_by(stop).salvage_to(&out, &procedure, now);
                    match saved {
                        Ok((list, salvage)) => Worked::Salvaged(out, list, Box::new(salvage)),
                        Err(error) => Worked::Failed("", error),
                    }
                });
            }
        }
    }

    /// The procedure by which sheets and cells are called in the list of what was lost.
    fn salvaging(&self) -> crate::procedure::Procedure {
        Self::read_forms(self.present().path(), None).unwrap_or_else(|_| self.procedure.clone())
    }

    /// Lays what could be read of a damaged book on the desk.
    pub(super) fn lay_damaged(&mut self, (store, salvage): (Store, Salvage)) {
        let (damaged, procedure) = (self.present(), self.salvaging());
        self.take_book(procedure, store);
        self.jobs.backup.book = Some(damaged);
        // What is wrong with it is told already.
        self.jobs.check = super::check::Check::default();
        self.jobs.backup.read = Some(salvage);
    }

    pub(super) fn chose_backup(&mut self, ctx: &egui::Context, place: BackupPlace, path: &Path) {
        match place {
            BackupPlace::File => self.compare(ctx, path, ""),
            BackupPlace::Folder | BackupPlace::Second => self.set_place(place, path),
        }
    }

    fn set_place(&mut self, place: BackupPlace, path: &Path) {
        let Some(store) = &self.book.store else { return };
        let mut places = self.places();
        match place {
            BackupPlace::Second => path.clone_into(&mut places.second),
            BackupPlace::Folder | BackupPlace::File => path.clone_into(&mut places.folder),
        }
        if places.second().is_some_and(|it| it == places.folder(store.path())) {
            return self.fail("第二处要与备份文件夹不同，最好在另一个磁盘上");
        }
        self.choose_places(&places);
    }

    /// Backs up to these places from now on: the book says so, and this computer knows that it was chosen here.
    fn choose_places(&mut self, places: &Places) {
        let Some(store) = &self.book.store else { return };
        let path = store.path().to_owned();
        match store.set_backup_places(places) {
            Ok(()) => {
                let places = places.clone();
                self.habitual.change(move |it| {
                    if let Some(book) = it.book_mut(&path) {
                        book.backup = Some(places.clone());
                    }
                });
                self.jobs.backup.forget();
                self.jobs.backup.tended = None;
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// Where copies of the book on the desk go: to the places that it names only if these were chosen on this computer.
    fn places(&self) -> Places {
        let Some(store) = &self.book.store else { return Places::default() };
        let named = store.backup_places();
        if self.chose_here(store.path(), &named) { named } else { Places::default() }
    }

    /// Whether the places that a book names were chosen for it on this computer. The sample is nobody's.
    fn chose_here(&self, book: &Path, named: &Places) -> bool {
        let chosen = self.habits().book(book).and_then(|it| it.backup.as_ref());
        chosen == Some(named) || *named == Places::default() || self.is_sample()
    }

    /// What is said of places that the book names and that were not chosen on this computer; empty where there are none.
    pub(super) fn foreign_places(&self) -> String {
        let Some(store) = &self.book.store else { return String::new() };
        let named = store.backup_places();
        if store.is_for_reading() || self.chose_here(store.path(), &named) {
            return String::new();
        }
        let folders = [&named.folder, &named.second].map(|it| it.display().to_string());
        let folders: Vec<&str> = folders.iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
        format!("台帐里写着备份到 {}，不是在这台电脑上选的，没有照办；现在备份在台帐旁", folders.join(" 和 "))
    }

    fn compare(&mut self, ctx: &egui::Context, path: &Path, password: &str) {
        let present = self.present();
        let backup = match Key::new(password) {
            Some(key) => Opener::new(path, Some(key)),
            None => present.beside(path),
        };
        self.jobs.backup.view.compare(path, password);
        let path = path.to_owned();
        let task = Task::start(ctx, "备份", "", move |_| (path, backup.compare(&present)));
        self.jobs.backup.comparing = Some(task);
    }

    fn restore(&mut self, ctx: &egui::Context, path: &Path, password: &str) {
        if self.jobs.backup.is_busy() {
            return self.fail("没有恢复：正在备份，请等它完成");
        }
        let (present, now) = (self.present(), self.outside.now());
        let backup = match Key::new(password) {
            Some(key) => Opener::new(path, Some(key)),
            None => present.beside(path),
        };
        self.stop_check();
        self.book.store = None;
        self.work(ctx, "正在恢复台帐，请稍候…", move |stop| {
            let ended = backup.clone().stopped_by(stop).restore(&present.clone().stopped_by(stop), now);
            let key = if backup.look().encrypted { backup.password() } else { None };
            Worked::Restored { path: present.path().to_owned(), key, back: present, ended }
        });
    }

    /// Lists the copies, and has a thread look into each.
    fn list_backups(&mut self, ctx: &egui::Context) {
        if std::mem::replace(&mut self.jobs.backup.listed, true) {
            return;
        }
        let present = self.present();
        // Of a book that cannot be opened the settings may be readable still.
        self.jobs.backup.places = match &self.book.store {
            Some(_) => self.places(),
            None => {
                let named = present.open_to_read().map(|it| it.backup_places()).unwrap_or_default();
                if self.chose_here(present.path(), &named) { named } else { Places::default() }
            }
        };
        self.jobs.backup.copies = store::backups(present.path(), &self.jobs.backup.places);
        self.jobs.backup.unseen = self.jobs.backup.copies.iter().rev().map(|it| present.beside(&it.path)).collect();
        self.look_into_next(ctx);
    }

    fn look_into_next(&mut self, ctx: &egui::Context) {
        self.jobs.backup.looking = self
            .jobs
            .backup
            .unseen
            .pop()
            .map(|opener| Task::start(ctx, "备份", "", move |_| (opener.path().to_owned(), opener.look())));
    }

    pub(super) fn draw_backup(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        self.list_backups(ui.ctx());
        let (now, present) = (self.outside.now(), self.present());
        let foreign = self.foreign_places();
        let backup = &mut self.jobs.backup;
        let lines: Vec<Line> = backup.copies.iter().map(|it| line(it, backup.looks.get(&it.path))).collect();
        let folder = backup.places.folder(present.path());
        let said = backup.said(now);
        let shown = Shown {
            said: &said,
            lines: &lines,
            folder: &folder,
            foreign: &foreign,
            own_folder: backup.places.folder.as_os_str().is_empty(),
            second: backup.places.second(),
            second_there: backup.places.second().is_none_or(Path::is_dir),
            open: self.book.store.as_ref().is_some_and(|it| !it.is_for_reading()),
            damaged: backup.damaged || backup.read.is_some(),
            busy: backup.running.is_some(),
        };
        backup.view.show(ui, &shown, commands);
    }

    /// What the bar over a damaged book that is only read says.
    pub(super) fn only_read(&self) -> Option<String> {
        let read = self.jobs.backup.read.as_ref()?;
        Some(format!("只读：这本台帐已损坏，这里是还能读出的部分。{}", read.summary()))
    }
}

/// Makes the copy that is wanted; of each day only the first, and none of a book in which nothing was ever written.
fn back_up(opener: &Opener, places: &Places, reason: Reason, now: NaiveDateTime) -> Ended {
    match opener.open() {
        Err(error) => Ended { done: Some(Err(error)), copies: Vec::new() },
        Ok(store) => {
            let copies = store::backups(opener.path(), places);
            let today = |it: &Backup| it.at.date() == now.date() && it.reason != Reason::Upgrade;
            if store.is_blank() || reason == Reason::Daily && copies.iter().any(today) {
                return Ended { done: None, copies };
            }
            let done = store.back_up_to(places, reason, now);
            Ended { done: Some(done), copies: store::backups(opener.path(), places) }
        }
    }
}
