//! The book on the desk: opening one, reading it, laying one of its sheets on the desk.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};

use super::large::lines;
use super::links::called as called_by_number;
use super::{App, OFFERED, PATIENCE};
use crate::command::{Command, View};
use crate::export::Clock;
use crate::flow;
use crate::layout::Borne;
use crate::list::{List, Summary};
use crate::procedure::{FieldId, Form, FormId, Kind, OFFICE, Procedure, Rule};
use crate::record::{Deed, Record, RecordId, Started, brief};
use crate::store::{HistoryRow, Key, Opener, Run, Seat, Store, StoreError, What, Worth, io_reason, own_forms};
use crate::ui::life::LifeView;
use crate::ui::lock::LockView;
use crate::ui::sheet::SheetView;

impl App {
    /// Lays a book on the desk; the one that lay there stays if this one cannot be opened.
    pub(super) fn open_book(&mut self, path: &Path) {
        self.open_book_with(path, None);
    }

    /// Lays a book that has a password on the desk; where it is not the one, it is asked for.
    pub(super) fn open_book_with(&mut self, path: &Path, key: Option<Key>) {
        self.lay_pen_down();
        self.panels.first = None;
        if self.owes(&Command::ChooseBook) {
            return self.tell_owed(&Command::ChooseBook);
        }
        if self.is_open(path) {
            return self.say("这本台帐已经开着");
        }
        if self.book.store.is_some() && self.jobs.print.is_going() {
            // A file dropped on the window and a dialog's answer come here by no command.
            return self.fail("打开台帐：正在打印，印完或停下之后才行");
        }
        if self.book.store.is_some() && self.warns() {
            return;
        }
        if let Some(sentence) = Self::foreign(path) {
            return self.fail(sentence);
        }
        let opened = Store::open_with(path, key.as_ref());
        if let Err(error) = &opened
            && error.wants_key()
        {
            let refusal = if key.is_some() { "口令不对，请再输一遍" } else { "" };
            self.panels.lock.view = Some(LockView::unlock(path, refusal));
            return;
        }
        self.panels.lock.view = None;
        let damaged = opened.as_ref().err().is_some_and(StoreError::is_damage);
        let opened = opened.map_err(|error| error.to_string());
        let read = |store: Store| {
            let kept = store.setting(OFFICE).ok().flatten();
            Self::read_forms(path, kept.as_deref()).map(|procedure| (procedure, store))
        };
        match opened.and_then(read) {
            Ok((procedure, store)) => self.take_book(procedure, store),
            Err(sentence) if self.book.store.is_none() => {
                self.jobs.backup.opened(Opener::new(path, key));
                self.jobs.backup.damaged = damaged;
                self.book.trouble = Some(sentence);
            }
            Err(sentence) => self.fail(sentence),
        }
    }

    /// Lays an open book on the desk.
    pub(super) fn take_book(&mut self, procedure: Procedure, store: Store) {
        self.book.trouble = None;
        // What was read to be printed, or to be taken in, was read for the book that lay there.
        self.jobs.print.put_away();
        self.jobs.import.leave();
        self.jobs.backup.opened(store.opener());
        self.procedure = procedure;
        (self.notice, self.writing.saved) = (None, String::new());
        self.panels.list_views.clear();
        self.desk.looked_at.clear();
        self.forget_index();
        self.jobs.check = super::check::Check::due();
        self.pages = super::Pages::default();
        self.panels.view = View::Today;
        self.desk.sheet = SheetView::default();
        self.desk.life = LifeView::default();
        store.wait_at_most(PATIENCE);
        store.leave_log();
        store.destroy_by(self.procedure.document.clause_of(Rule::Destruction));
        self.note_head();
        self.look_at_clock(&store);
        let told = [store.put_aside(), also_open(&store, &self.clock()), copied_away(&store)];
        let told: Vec<String> = told.into_iter().flatten().collect();
        if !told.is_empty() {
            self.say(told.join("；"));
        }
        let setting = |key: &str| store.setting(key).ok().flatten();
        self.desk.sheet.zoom = self.usual_zoom(setting("zoom"));
        self.panels.beside = setting("beside").is_none_or(|it| it != "false");
        self.signatures = setting("signatures").is_some_and(|it| it == "true");
        self.operator = setting("operator").unwrap_or_default();
        let path = store.path().to_owned();
        self.book.store = Some(store);
        self.note_book(&path);
        self.find_doubts();
        let foreign = self.foreign_places();
        if !foreign.is_empty() {
            let more = self.notice.take().map(|it| format!("；{}", it.text)).unwrap_or_default();
            self.say(format!("{foreign}，请到“备份与恢复”里决定{more}"));
        }
        self.book.lists.clear();
        self.take_office();
        self.work_by_files();
        self.desk.offers.clear();
        self.writing.undo.clear();
        self.begin_reading();
        if self.book.reading.is_none() {
            self.read_book();
        }
    }

    /// Every line of history names who sits at the desk.
    pub(super) fn name_operator(&self) {
        if let Some(store) = &self.book.store {
            store.operate_as(&self.operator);
        }
    }

    /// Has the book put down by which files of the procedure it is filled in, and says which were changed.
    pub(super) fn work_by_files(&mut self) {
        self.name_operator();
        let Some(store) = self.book.store.as_ref().filter(|it| !it.is_paused()) else { return };
        match store.work_by(&self.procedure, self.outside.now()) {
            Ok(changed) if changed.is_empty() => {}
            Ok(changed) => self.say(format!(
                "{}的文件与上次不一样，已记入修改记录；是谁换的、为什么，请核对（文件 → 检查台帐）",
                changed.join("、")
            )),
            Err(error) => self.fail(error.to_string()),
        }
        let gone =
            self.book.store.as_ref().map_or_else(Vec::new, |it| it.files_gone(&self.procedure).unwrap_or_default());
        if !gone.is_empty() {
            let more = self.notice.take().map(|it| format!("；{}", it.text)).unwrap_or_default();
            self.say(format!("{}不在了，用它填的单显示不出来：请把文件放回台帐旁边原处{more}", gone.join("、")));
        }
    }

    /// The procedure that a book is worked by; `kept`: what the book keeps of the office's settings.
    pub(super) fn read_forms(book: &Path, kept: Option<&str>) -> Result<Procedure, String> {
        Procedure::load_for(Self::beside(book)?, kept).map_err(|error| error.to_string())
    }

    /// The office's own files beside a book.
    pub(super) fn beside(book: &Path) -> Result<Vec<(String, String)>, String> {
        own_forms(book).map_err(|it| format!("读取 {} 旁的表单文件：{}", book.display(), io_reason(&it)))
    }

    pub(super) fn read_book(&mut self) {
        self.read_lists();
        if self.book.trouble.is_some() {
            return;
        }
        self.lay_newest(&self.procedure.main_id());
        self.go_back();
    }

    /// The lists could not be read.
    pub(super) fn lists_failed(&mut self, error: &StoreError) {
        // Nothing is in hand that could not be written: what to do about it comes first.
        if self.book.lists.is_empty() && self.writing.unwritten.is_empty() {
            self.book.trouble = Some(error.to_string());
            self.jobs.backup.damaged = error.is_damage();
            self.book.store = None;
        } else {
            self.fail(error.to_string());
        }
    }

    /// Reads the lines of every form's list.
    pub(super) fn read_lists(&mut self) {
        let Some(store) = &self.book.store else { return };
        let mut failed = None;
        let stamp = store.stamp().unwrap_or_default();
        let mut lists = BTreeMap::new();
        for form in self.listed_forms().map(|it| &it.form) {
            match lines(&self.procedure, store, &Run::whole(form)) {
                Ok(lines) => {
                    let mut list = List::new(lines);
                    list.sort(self.book.lists.get(form).map(List::order).unwrap_or_default());
                    lists.insert(form.clone(), list);
                }
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            None => (self.book.lists, self.book.listed) = (lists, stamp),
            Some(error) => self.lists_failed(&error),
        }
    }

    /// The newest sheet of a form, or nothing where there is none.
    pub(super) fn lay_newest(&mut self, form: &FormId) {
        match self.book.lists.get(form).and_then(|it| it.all().last()).map(|it| it.id) {
            Some(id) => self.lay(id),
            None => {
                self.lay_empty(form);
                self.desk.begun = false;
            }
        }
    }

    pub(super) fn lay_empty(&mut self, form: &FormId) {
        if let Some(form) = self.procedure.form(form) {
            self.desk.record = Record::empty(form, self.outside.now());
            self.desk.round = 0;
            self.desk.new_form = form.form.clone();
            self.desk.sheet.pen = None;
            self.desk.made = None;
            self.desk.origin = None;
            self.desk.proposed.clear();
            self.desk.issues.clear();
            self.desk.history.clear();
            self.desk.signings.clear();
            self.desk.started.clear();
            self.desk.links = super::links::Links::default();
            self.desk.comes_from = None;
            self.desk.offers.clear();
        }
    }

    /// Lays a sheet of the book on the desk, as it stands on the disk.
    pub(super) fn lay(&mut self, id: RecordId) {
        let Some(store) = &self.book.store else { return };
        match store.record(id) {
            Ok(Some(mut record)) => {
                for one in self.writing.unwritten.iter().filter(|it| it.record == id) {
                    record.put(&one.cell, &one.value);
                }
                if self.desk.record.id != record.id {
                    self.desk.sheet.to_top();
                    self.desk.offers.clear();
                    self.desk.round = record.last_round();
                } else if record.rounds.len() > self.desk.record.rounds.len() {
                    self.desk.round = record.last_round();
                }
                self.desk.looked_at.insert(record.form.clone(), id);
                self.desk.record = record;
                self.read_past();
                self.look_over();
            }
            Ok(None) => self.fail("这份单据已不在台帐里"),
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// What was done with the sheet on the desk, in the clerk's words.
    fn read_past(&mut self) {
        let Some(store) = &self.book.store else { return };
        let form = self.desk.form(&self.procedure);
        let due = form.and_then(Form::written_term);
        let called = |it: &FieldId| {
            let field = form.and_then(|form| form.field(it));
            field.map_or_else(|| it.to_string(), |it| it.name.clone())
        };
        // Without its past the sheet is shown all the same: an unreadable book shows itself where it matters.
        let mut lines = store.history(self.desk.record.id).unwrap_or_default();
        lines.reverse();
        // What was typed into one cell in several breaths is one line.
        lines.dedup_by(|a, b| {
            let same = (&a.field, a.line) == (&b.field, b.line) && a.at.date() == b.at.date() && !a.set_back;
            a.what == What::Set && b.what == What::Set && same
        });
        let said = |line: &HistoryRow| match (line.what, &line.field) {
            (What::Set, Some(field)) => format!("填写 {}{}", called(field), line.line_name()),
            (What::Corrected, Some(field)) if Some(field) == due => format!("延期 {}", called(field)),
            (What::Corrected, Some(field)) => format!("划改 {}{}", called(field), line.line_name()),
            (What::Fact, _) => match serde_json::from_str(&line.new) {
                Ok(Deed::Signed(it)) if !it.verdict.is_empty() => {
                    format!("{} 签署 {}：{} {}", it.name, called(&it.field), it.verdict, it.why).trim_end().to_owned()
                }
                Ok(Deed::Signed(it)) => {
                    let row = crate::record::CellId::in_line(it.field.clone(), it.round, it.line).line_name();
                    format!("{} 签署 {}{row}", it.name, called(&it.field))
                }
                Ok(Deed::Reopened { reason, .. }) => format!("另起一次：{reason}"),
                Ok(Deed::Printed(it)) => format!("打印 {}", self.printed_words(&it)),
                Ok(Deed::Waits { whom, why, .. }) => format!("等待 {whom} {why}").trim().to_owned(),
                Ok(Deed::Resumes { whom, .. }) => format!("继续：不再等{whom}"),
                Ok(deed) => deed.name().to_owned(),
                Err(_) => line.what.name().to_owned(),
            },
            (What::Created | What::Imported | What::Rescued | What::Voided, _) => {
                format!("{} {}", line.what.name(), brief(&line.new))
            }
            (What::Round, _) => format!("另起第 {} 次处置", line.new),
            (What::Set | What::Corrected, None)
            | (What::Customer | What::Number | What::Setting | What::Adopted | What::Procedure | What::Key, _) => {
                line.what.name().to_owned()
            }
        };
        let set_back = |it: &HistoryRow| if it.set_back { "（时钟倒退）" } else { "" };
        self.desk.history = lines
            .iter()
            .map(|it| (it.at.format("%m-%d %H:%M").to_string(), format!("{}{}", said(it), set_back(it))))
            .collect();
        let signings = form.map(|it| store.signings(it, &self.desk.record).unwrap_or_default()).unwrap_or_default();
        self.desk.signings.clear();
        for worth in Worth::ALL {
            let these = signings.iter().filter(|it| it.worth == worth);
            let these: Vec<String> = these.map(|it| format!("{} {}", called(&it.field), it.name)).collect();
            if !these.is_empty() {
                let said = format!("{}：{}", these.join("、"), worth.name());
                self.desk.signings.push((said, worth == Worth::Forged));
            }
        }
        let named = |it: &Record| called_by_number(&self.procedure, it);
        self.desk.started.clear();
        if form.is_some_and(|it| it.follows || !it.starts.is_empty() || !it.writes.is_empty()) {
            for (id, text) in store.started_from(self.desk.record.id).unwrap_or_default() {
                let Some(there) = store.record(id).ok().flatten() else { continue };
                if there.void.is_none() {
                    let (form, at, text) = (there.form.clone(), there.entered, text.clone());
                    self.desk.record.started.push(Started { form, record: id, at, text });
                }
                self.desk.started.push((id, named(&there), text));
            }
        }
        let origin = self.desk.record.origin().and_then(|it| store.record(it).ok().flatten());
        self.desk.comes_from = origin.map(|it| (it.id, named(&it)));
        self.find_linked();
    }

    pub(super) fn look_over(&mut self) {
        let beside = self.look_beside();
        let issues = |form| flow::issues(&self.procedure, form, &self.desk.record);
        self.desk.issues = self.form().map(issues).unwrap_or_default();
        self.desk.issues.extend(beside);
        if self.desk.record.id == RecordId(0) {
            return;
        }
        let record = self.desk.record.clone();
        self.index_sheet(&record);
        let summary = self.form().and_then(|form| Summary::of(&self.procedure, form, &self.desk.record));
        self.book.lists.entry(self.desk.record.form.clone()).or_default().extend(summary);
    }

    /// What a derived register bears on paper: the head of the book's history.
    pub(super) fn borne(&self) -> Option<Borne> {
        self.book.store.as_ref()?.witness().ok()?.map(|it| it.borne())
    }

    pub(super) fn fetch_offers(&mut self, field: &FieldId) {
        let Some(form) = self.form() else { return };
        let Some((kind, target)) = form.field(field).map(|it| (it.kind, it.form.clone())) else { return };
        if let Some(target) = target {
            // Without offers one types all the same.
            let numbers = self.book.store.as_ref().and_then(|it| it.newest_numbers(&target, OFFERED).ok());
            return self.offer(field, kind, numbers.unwrap_or_default());
        }
        // People and departments are the same people and departments in every cell.
        let fields: Vec<FieldId> = match kind {
            Kind::Person | Kind::Department => {
                form.every_field().filter(|it| it.kind == kind).map(|it| it.id.clone()).collect()
            }
            _ => vec![field.clone()],
        };
        self.fetch_words(field, kind, fields);
    }

    /// Offers words typed before in a cell, and with them the people and departments there are.
    pub(super) fn offer(&mut self, field: &FieldId, kind: Kind, mut words: Vec<String>) {
        if kind == Kind::Person {
            let people = self.procedure.document.people.iter().filter(|it| !it.left).map(|it| it.name.clone());
            let known: Vec<String> = people.collect();
            words.retain(|it| !known.contains(it));
            words.splice(0..0, known);
        }
        if kind == Kind::Department {
            let more = self.procedure.document.departments.iter().filter(|it| !words.contains(it)).cloned();
            let more: Vec<String> = more.collect();
            words.extend(more);
        }
        self.desk.offers.insert(field.clone(), words);
    }
}

/// Who else has the book open, told when it is laid on the desk.
fn also_open(store: &Store, clock: &Clock) -> Option<String> {
    let who = |it: &Seat| {
        let since = DateTime::<Utc>::from(it.since).naive_utc() + TimeDelta::minutes(clock.utc_offset_minutes.into());
        let since = since.format(if since.date() == clock.now.date() { "%H:%M" } else { "%m-%d %H:%M" });
        let user = if it.user.is_empty() { "有人" } else { &it.user };
        let computer = match it.computer.as_str() {
            _ if it.is_here() => "这台电脑的另一个窗口".to_owned(),
            "" => "另一台电脑".to_owned(),
            name => format!("电脑 {name}"),
        };
        format!("{user}（{computer}）自 {since} 起")
    };
    let who: Vec<String> = store.seats().iter().map(who).collect();
    match who.is_empty() {
        false => Some(format!("{}也开着这本台帐：两边都可以填，编号不会重复", who.join("，"))),
        true => store.also_open().then(|| "这本台帐在另一个窗口也开着：两边都可以填，编号不会重复".to_owned()),
    }
}

fn copied_away(store: &Store) -> Option<String> {
    let by = store.synchronised_by()?;
    Some(format!("台帐在 {by} 的同步文件夹里：开着时被同步可能损坏，请把台帐放到别的文件夹，让 {by} 同步备份"))
}
