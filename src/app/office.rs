//! 设置: settings and people, kept in the book; and who sits at the desk (操作人).

use chrono::Datelike;
use eframe::egui::{self, Ui};

use super::App;
use crate::command::{Command, OfficeCommand};
use crate::procedure::{Change, IDLE, OFFICE};
use crate::store::{Sat, Store, put_beside};
use crate::ui::office::{BookFile, Office, OfficeView};
use crate::ui::operator::{self, Asking};

/// Where settings that could not be read are put aside, before others are written in their place.
const UNREADABLE: &str = "office-unreadable";
/// In which setting of the book the last to sit at the desk is kept.
const OPERATOR: &str = "operator";

/// The page's own small state.
#[derive(Debug, Default)]
pub(super) struct Page {
    view: OfficeView,
    /// What the book keeps of the settings, as last read or written.
    kept: Option<String>,
    /// It could not be read: the procedure's files say how things are.
    unreadable: bool,
    /// Whose password is asked for.
    asking: Option<Asking>,
    /// What the page says of the book's file, looked up when it is shown.
    file: Option<BookFile>,
}

impl App {
    pub(super) fn draw_office(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        if self.pages.settings.file.is_none() {
            self.pages.settings.file = self.book.store.as_ref().map(|it| self.book_file(it));
        }
        let (year, backup) = (self.today().year(), self.jobs.backup.said(self.outside.now()));
        let page = &mut self.pages.settings;
        let Some(file) = &page.file else { return };
        let office = Office { procedure: &self.procedure, year, operator: &self.operator, file, backup: &backup };
        page.view.show(ui, &office, commands);
    }

    fn book_file(&self, store: &Store) -> BookFile {
        let forms = self.procedure.in_use();
        let sheets = forms.iter().filter_map(|form| {
            let count = store.count(&form.form).unwrap_or_default();
            (count > 0).then(|| (form.short.clone(), count))
        });
        // What stands in the log beside the book is the book's too.
        let mut log = store.path().as_os_str().to_owned();
        log.push("-wal");
        let size = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |it| it.len());
        BookFile {
            path: store.path().to_owned(),
            bytes: size(store.path()) + size(std::path::Path::new(&log)),
            sheets: sheets.collect(),
        }
    }

    pub(super) fn run_office(&mut self, _ctx: &egui::Context, command: OfficeCommand) {
        match command {
            OfficeCommand::Change(change) => self.change_office(&change),
            OfficeCommand::TakeIn(package) => {
                let files = self.procedure.catalog.own_files(&package);
                self.change_office(&Change::Taken(package, Some(files)));
            }
            OfficeCommand::TakeOut(package) => self.take_out(package),
            OfficeCommand::SetPassword { name, password, given } => self.set_password(&name, Some(&password), &given),
            OfficeCommand::ClearPassword(name) => self.set_password(&name, None, &[]),
            OfficeCommand::Copied => self.say("写法已抄到剪贴板，可粘贴到文本文件里"),
        }
    }

    /// Puts the files of a package beside the book and takes them out of it; nothing that lies there is written over.
    fn take_out(&mut self, package: String) {
        let Some(book) = self.book().map(std::path::Path::to_owned) else { return };
        let files = self.procedure.catalog.own_files(&package);
        let bare = self.procedure.catalog.is_bare(&package);
        let put = put_beside(&book, if bare { None } else { Some(&package) }, &files);
        match put.and_then(|folder| Ok((folder, Self::beside(&book)?))) {
            Ok((folder, beside)) => {
                self.procedure.catalog.look_beside(beside);
                self.change_office(&Change::Taken(package, None));
                self.say(format!("程序包的文件放在 {}：在那里改", folder.display()));
            }
            Err(why) => self.refuse_office(why),
        }
    }

    /// Gives a person a password, or takes it away; `given`: the passwords of others who vouch for it.
    fn set_password(&mut self, name: &str, new: Option<&str>, given: &[(String, String)]) {
        let now = self.outside.now();
        let Some(store) = &self.book.store else { return };
        let done = store.vouched(given, now, || store.set_password(name, new, now));
        match done.map_err(|error| error.to_string()).and_then(|it| it) {
            Ok(Ok(Ok(()))) => {
                self.pages.settings.view.kept();
                self.refresh_office();
                self.notice = None;
                self.writing.saved = format!("已保存 {}", now.format("%H:%M:%S"));
            }
            Ok(Ok(Err(sentence))) | Err(sentence) => self.refuse_office(sentence),
            Ok(Err(error)) => self.refuse_office(error.to_string()),
        }
    }

    /// Changes a setting, in the book and then on the desk.
    fn change_office(&mut self, change: &Change) {
        // Another window may have saved since.
        self.refresh_office();
        let allowed = self.book.store.as_ref().map_or(Ok(()), |store| match change {
            Change::RenamePerson(name, _) => store.may_govern().and_then(|()| store.may_replace_password(name)),
            _ => store.may_govern(),
        });
        if let Err(sentence) = allowed {
            return self.refuse_office(sentence);
        }
        let page = &self.pages.settings;
        let Some(store) = &self.book.store else { return };
        let document = match self.procedure.document.changed(change) {
            Ok(document) => document,
            Err(sentence) => return self.refuse_office(sentence),
        };
        let now = &self.procedure.document;
        if (document.chosen != now.chosen || document.taken != now.taken)
            && let Err(sentence) = self.procedure.clone().go_by(document.clone())
        {
            return self.refuse_office(sentence);
        }
        let written = document.to_keep(page.kept.as_deref()).and_then(|text| {
            if let (true, Some(old)) = (page.unreadable, &page.kept) {
                store.set_setting(UNREADABLE, old).map_err(|error| error.to_string())?;
            }
            store.set_office(&text, &self.operator, self.outside.now()).map_err(|error| error.to_string())?;
            Ok(text)
        });
        match written {
            Ok(text) => {
                let page = &mut self.pages.settings;
                (page.kept, page.unreadable) = (Some(text.clone()), false);
                page.view.kept();
                // A package that is ticked again has what was set before: the book kept it.
                let document = if document.chosen == self.procedure.document.chosen {
                    document
                } else {
                    let mut again = self.procedure.clone();
                    again.take_office(&text).map_or(document, |_| again.document)
                };
                self.adopt(document);
                if let Change::RenamePerson(old, new) = change
                    && self.operator == *old
                {
                    self.operate(new.trim(), "");
                }
                self.notice = None;
                self.writing.saved = format!("已保存 {}", self.outside.now().format("%H:%M:%S"));
            }
            Err(sentence) => self.refuse_office(sentence),
        }
    }

    fn refuse_office(&mut self, sentence: String) {
        self.pages.settings.view.refused(&sentence);
        self.fail(sentence);
    }

    /// Writes settings that are typed and not left yet.
    pub(super) fn settle_office(&mut self) {
        for change in self.pages.settings.view.settle(&self.procedure.document) {
            self.change_office(&change);
        }
    }

    /// Takes the office's own settings out of the book that was just opened, where it has any. Whoever sat at the desk
    /// last does so again, unless a password has to be asked for.
    pub(super) fn take_office(&mut self) {
        self.read_office();
        let person = self.procedure.document.person(&self.operator);
        if person.is_some_and(|it| it.left || it.password.is_some()) {
            self.operator.clear();
            self.name_operator();
        }
        if let Some(store) = &self.book.store {
            store.operate_as(&self.operator);
        }
    }

    /// Takes the settings as another window may have written them.
    pub(super) fn refresh_office(&mut self) {
        let document = self.procedure.document.clone();
        if self.read_office() && self.procedure.document != document {
            let new = std::mem::replace(&mut self.procedure.document, document);
            self.adopt(new);
        }
    }

    /// Reads the settings; tells whether there were new ones.
    fn read_office(&mut self) -> bool {
        let Some(store) = &self.book.store else { return false };
        let kept = match store.setting(OFFICE) {
            Ok(kept) => kept,
            Err(error) => {
                self.fail(error.to_string());
                return false;
            }
        };
        if kept == self.pages.settings.kept {
            return false;
        }
        self.pages.settings.file = None;
        let taken = kept.as_deref().map_or(Ok(Vec::new()), |it| self.procedure.take_office(it));
        self.pages.settings.kept = kept;
        self.pages.settings.unreadable = taken.is_err();
        match &taken {
            Err(why) => self.fail(format!("读取这本台帐的设置：{why}；先用程序自带的设置，台帐里的原样未动")),
            Ok(left_out) if !left_out.is_empty() => {
                self.fail(format!("{}；它的单都还在台帐里，改好再打开就有", left_out.join("；")));
            }
            Ok(_) => {}
        }
        taken.is_ok()
    }

    /// Goes on with other settings: what is derived from them is derived again.
    fn adopt(&mut self, document: crate::procedure::Document) {
        let old = self.procedure.document.clone();
        if let Err(why) = self.procedure.go_by(document) {
            return self.fail(why);
        }
        let new = &self.procedure.document;
        let chosen = old.chosen != new.chosen || old.taken != new.taken;
        let derived = chosen || old.roles != new.roles || old.settings != new.settings;
        self.desk.sheet.forget();
        self.desk.offers.clear();
        if derived {
            self.read_lists();
            self.pages.registers.forget();
        }
        if chosen {
            // Other forms are compared and sought now.
            self.pages.similar = super::similar::Page::default();
            let ctx = self.ctx.clone();
            self.index_again(&ctx);
        }
    }

    /// Says who sits at the desk; nobody where the name is empty. Whoever has a password is asked for it.
    pub(super) fn operate(&mut self, name: &str, password: &str) {
        let now = self.outside.now();
        if !self.writing.unwritten.is_empty() {
            // It would be written in another's name.
            return self.fail("还有字没能写进台帐：写进去之后再换操作人");
        }
        let Some(store) = &self.book.store else { return };
        if name.is_empty() {
            store.operate_as("");
            return self.sit("");
        }
        match store.sit(name, password, now) {
            Ok(Sat::Sits) => {
                let name = store.operator();
                self.sit(&name);
            }
            Ok(Sat::Asks) => self.pages.settings.asking = Some(Asking::of(name)),
            Ok(Sat::Refused(why)) => match self.pages.settings.asking.as_mut().filter(|it| it.name == name) {
                Some(asking) => asking.refuse(why),
                None => self.fail(why),
            },
            Err(error) => self.fail(error.to_string()),
        }
    }

    fn sit(&mut self, name: &str) {
        name.clone_into(&mut self.operator);
        self.name_operator();
        self.pages.settings.asking = None;
        self.stirred = None;
        self.remember(OPERATOR, name);
    }

    /// Whoever has a password leaves the desk when no key was pressed and nothing clicked for a time; what was in hand is
    /// written first, and the book stays open to be read.
    pub(super) fn leave_idle_desk(&mut self, ctx: &egui::Context) {
        if !self.writing.unwritten.is_empty() {
            return;
        }
        let minutes = self.procedure.document.figure(IDLE);
        let sits = self.procedure.document.person(&self.operator).filter(|_| !self.operator.is_empty() && minutes > 0);
        if sits.is_none_or(|it| it.password.is_none()) {
            self.stirred = None;
            return;
        }
        let (time, stirs) = ctx.input(|it| (it.time, !it.events.is_empty()));
        let here = (time, self.outside.now());
        let (since, moment) = *self.stirred.get_or_insert(here);
        // A machine that slept was idle too; a clock that was put back does not make it longer.
        let idle = (time - since).max((here.1 - moment).as_seconds_f64());
        let most = f64::from(minutes) * 60.0;
        // What wakes it after the time is up is not whoever sat there.
        if idle < most {
            if stirs {
                self.stirred = Some(here);
            }
            let left = if stirs { most } else { most - idle };
            return ctx.request_repaint_after_secs(left as f32 + 0.1);
        }
        self.lay_pen_down();
        let name = std::mem::take(&mut self.operator);
        if let Some(store) = &self.book.store {
            store.operate_as("");
        }
        self.stirred = None;
        self.say(format!("{name} 已自动离开操作位（{minutes} 分钟没有动）：写下的字已经保存；回来请在右上角再坐上"));
    }

    /// The place where a password is asked for, at the top right under the operator's name.
    pub(super) fn ask_password(&mut self, ctx: &egui::Context, commands: &mut Vec<Command>) {
        let page = &mut self.pages.settings;
        if let Some(asking) = &mut page.asking
            && !operator::ask(ctx, asking, commands)
        {
            page.asking = None;
        }
    }

    /// Whether this name may be signed with by whoever sits at the desk.
    ///
    /// # Errors
    /// A sentence: why not, and what to do.
    pub fn may_sign(&self, name: &str) -> Result<(), String> {
        self.book.store.as_ref().map_or(Ok(()), |it| it.may_sign(name))
    }
}
