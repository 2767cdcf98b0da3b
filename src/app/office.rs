//! 设置: settings and people, kept in the book; and who sits at the desk (操作人).

use chrono::Datelike;
use eframe::egui::{self, Ui};

use super::App;
use crate::command::{Command, OfficeCommand};
use crate::flow;
use crate::password;
use crate::procedure::{Change, OFFICE};
use crate::store::Store;
use crate::ui::office::{BookFile, Office, OfficeView};
use crate::ui::operator::{self, Asking};

/// Where settings that could not be read are put aside, before others are written in their place.
const UNREADABLE: &str = "office-unreadable";
/// In which setting of the book the last to sit at the desk is kept.
const OPERATOR: &str = "operator";
/// After so many wrong passwords in a row one has to wait.
const TRIES: u32 = 10;

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
    /// How many wrong passwords there were in a row, and until when none is heard, in the window's seconds.
    wrong: u32,
    wait: f64,
    /// What the page says of the book's file, looked up when it is shown.
    file: Option<BookFile>,
}

impl App {
    pub(super) fn draw_office(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        if self.pages.settings.file.is_none() {
            self.pages.settings.file = self.store.as_ref().map(|it| self.book_file(it));
        }
        let (year, backup) = (self.today().year(), self.backup.said(self.outside.now()));
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
            OfficeCommand::SetPassword(name, password) => {
                let made = self.may_govern(&name).and_then(|()| password::hash(&password).map_err(|it| it.to_string()));
                match made {
                    Ok(hash) => self.change_office(&Change::Password(name, Some(hash))),
                    Err(sentence) => self.refuse_office(sentence),
                }
            }
            OfficeCommand::ClearPassword(name) => match self.may_govern(&name) {
                Ok(()) => self.change_office(&Change::Password(name, None)),
                Err(sentence) => self.fail(sentence),
            },
            OfficeCommand::Copied => self.say("写法已抄到剪贴板，可粘贴到文本文件里"),
        }
    }

    /// Changes a setting, in the book and then on the desk.
    fn change_office(&mut self, change: &Change) {
        if let Change::RenamePerson(name, _) = change
            && let Err(sentence) = self.may_govern(name)
        {
            return self.refuse_office(sentence);
        }
        // Another window may have saved since.
        self.refresh_office();
        let page = &self.pages.settings;
        let Some(store) = &self.store else { return };
        let document = match self.procedure.document.changed(change) {
            Ok(document) => document,
            Err(sentence) => return self.refuse_office(sentence),
        };
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
                (page.kept, page.unreadable) = (Some(text), false);
                page.view.kept();
                if let Change::RenamePerson(old, new) = change
                    && self.operator == *old
                {
                    self.sit(new.trim());
                }
                self.adopt(document);
                self.notice = None;
                self.saved = format!("已保存 {}", self.outside.now().format("%H:%M:%S"));
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
        let Some(store) = &self.store else { return false };
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
        let taken = kept.as_deref().map_or(Ok(()), |it| self.procedure.take_office(it));
        self.pages.settings.kept = kept;
        self.pages.settings.unreadable = taken.is_err();
        if let Err(why) = &taken {
            self.fail(format!("读取这本台帐的设置：{why}；先用程序自带的设置，台帐里的原样未动"));
        }
        taken.is_ok()
    }

    /// Goes on with other settings: what is derived from them is derived again.
    fn adopt(&mut self, document: crate::procedure::Document) {
        let old = std::mem::replace(&mut self.procedure.document, document);
        let new = &self.procedure.document;
        let (roles, terms, limits) = (old.roles != new.roles, old.terms != new.terms, old.limits != new.limits);
        self.sheet.forget();
        self.offers.clear();
        if roles || terms {
            self.read_lists();
        }
        if roles || limits {
            self.rows_again();
        }
    }

    /// Says who sits at the desk; nobody where the name is empty. Whoever has a password is asked for it.
    pub(super) fn operate(&mut self, ctx: &egui::Context, name: &str, password: &str) {
        if name.is_empty() {
            return self.sit("");
        }
        let Some(person) = self.procedure.document.person(name) else {
            return self.fail(format!("人员表里没有“{name}”，先到设置里添上"));
        };
        if person.left {
            return self.fail(format!("{name} 已离岗；回来了请先在设置的人员表里勾上“在职”"));
        }
        let Some(hash) = &person.password else { return self.sit(name) };
        if self.operator == name {
            return;
        }
        if password.is_empty() {
            self.pages.settings.asking = Some(Asking::of(name));
            return;
        }
        let time = ctx.input(|it| it.time);
        let page = &mut self.pages.settings;
        let refusal = if time < page.wait {
            format!("连续输错 {} 次，再等 {:.0} 秒", page.wrong, (page.wait - time).ceil())
        } else {
            match password::verify(password, hash) {
                Ok(true) => {
                    page.wrong = 0;
                    return self.sit(name);
                }
                Ok(false) => {
                    page.wrong += 1;
                    let more = page.wrong.saturating_sub(TRIES).min(4);
                    if page.wrong < TRIES {
                        "密码不对，操作人没有换".to_owned()
                    } else {
                        let seconds = 5 << more;
                        page.wait = time + f64::from(seconds);
                        format!("密码不对；连续输错 {} 次，请等 {seconds} 秒再试", page.wrong)
                    }
                }
                Err(error) => error.to_string(),
            }
        };
        match page.asking.as_mut().filter(|it| it.name == name) {
            Some(asking) => asking.refuse(refusal),
            None => self.fail(refusal),
        }
    }

    fn sit(&mut self, name: &str) {
        name.clone_into(&mut self.operator);
        self.name_operator();
        self.pages.settings.asking = None;
        self.remember(OPERATOR, name);
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

    /// Whether this name may be signed with by whoever sits at the desk: a person with a password signs for
    /// themselves only.
    ///
    /// # Errors
    /// A sentence: why not, and what to do.
    pub fn may_sign(&self, name: &str) -> Result<(), String> {
        // However it is written: whole widths and capitals make no other name.
        let people = &self.procedure.document.people;
        match people.iter().find(|it| flow::same_name(&it.name, name)) {
            Some(person) if person.password.is_some() && person.name != self.operator => {
                Err(format!("{} 设了密码，请先在右上角换成本人", person.name))
            }
            _ => Ok(()),
        }
    }

    /// Whether whoever sits at the desk may change a person's password or name, where there is a password: that person,
    /// or, where it is forgotten, another who has given a password of their own.
    fn may_govern(&self, name: &str) -> Result<(), String> {
        let document = &self.procedure.document;
        let Some(hash) = document.person(name).and_then(|it| it.password.as_ref()) else { return Ok(()) };
        let sits = document.person(&self.operator).filter(|it| !self.operator.is_empty() && it.password.is_some());
        if sits.is_some() || password::is_damaged(hash) {
            return Ok(());
        }
        Err(format!("{name} 设了密码：请本人在右上角坐上操作位再改；忘了密码，由另一位设了密码的人来改"))
    }
}
