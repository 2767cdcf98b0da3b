//! 归档: filing and destroying.

use std::collections::BTreeMap;

use eframe::egui::{self, Ui};

use super::App;
use crate::command::{ArchiveCommand, Command, View};
use crate::export::archive as papers;
use crate::flow::{self, Offer, Refusal, RefusalKind};
use crate::layout::papers::Paper;
use crate::list::Summary;
use crate::procedure::{Before, Form, FormId, Rule, Start};
use crate::record::{Deed, Record, RecordId, read_date};
use crate::retention::{self, Binder, Shelf};
use crate::store::{Act, Reason, StoreError};
use crate::ui::archive::{ArchiveView, Shown};

/// The page's own small state.
#[derive(Debug, Default)]
pub(super) struct Page {
    view: ArchiveView,
    /// Why sheets that were chosen cannot be filed yet.
    reasons: BTreeMap<RecordId, String>,
}

impl App {
    pub(super) fn draw_archive(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let Page { view, reasons } = &mut self.pages.archive;
        let today = self.outside.now().date();
        let (procedure, lists, operator) = (&self.procedure, &self.book.lists, self.operator.as_str());
        let shown = Shown { procedure, lists, reasons, today, operator };
        view.show(ui, &shown, commands);
    }

    pub(super) fn run_archive(&mut self, ctx: &egui::Context, command: ArchiveCommand) {
        match command {
            ArchiveCommand::Show(part) => {
                self.pages.archive.view.show_part(part);
                self.show(View::Archive);
            }
            ArchiveCommand::Choose(records) => {
                let ready = self.ready(&records);
                self.pages.archive.view.choose(ready);
            }
            ArchiveCommand::File { records, deed } => self.file(&records, deed),
            ArchiveCommand::Hold { records, reason } => {
                let count = records.len();
                if self.put_down(&records, Deed::Held { reason }) {
                    self.say(format!("已冻结 {count} 份，到期也不销毁"));
                }
            }
            ArchiveCommand::Release { records, reason } => {
                let count = records.len();
                if self.put_down(&records, Deed::Released { reason }) {
                    self.say(format!("已解冻 {count} 份"));
                }
            }
            ArchiveCommand::ExportIndex(shelf) => self.export_index(ctx, &shelf),
            ArchiveCommand::ExportSpine(shelf) => self.export_spine(ctx, &shelf),
            ArchiveCommand::ExportDestruction(records) => self.export_destruction(ctx, &records),
            ArchiveCommand::Destroy { ref records, ref deed, ref given } => {
                let Some(store) = &self.book.store else { return };
                // Before anything is done for it.
                let allowed = store.vouched(given, self.outside.now(), || store.may_be_destroyed(deed));
                if let Err(sentence) = flat(allowed) {
                    self.pages.archive.view.confirm_again(deed.clone(), records.clone());
                    return self.fail(format!("没有销毁：{sentence}"));
                }
                let again = Command::Archive(command.clone());
                if self.backed_up_for(ctx, Reason::Destroy, &again) {
                    self.destroy(records, deed, given);
                }
            }
        }
    }

    /// Those of the sheets that may be filed; of the others it is kept why not.
    fn ready(&mut self, records: &[RecordId]) -> Vec<RecordId> {
        let mut ready = Vec::new();
        for id in records {
            match self.why_unready(*id) {
                Ok(why) if why.is_empty() => {
                    self.pages.archive.reasons.remove(id);
                    ready.push(*id);
                }
                Ok(why) => drop(self.pages.archive.reasons.insert(*id, why.join("；"))),
                Err(sentence) => {
                    // The book cannot be read: it is told once.
                    self.fail(sentence);
                    break;
                }
            }
        }
        ready
    }

    fn why_unready(&self, id: RecordId) -> Result<Vec<String>, String> {
        if self.writing.unwritten.iter().any(|it| it.record == id) {
            return Ok(vec!["还有字没能写进台帐".to_owned()]);
        }
        let Some(record) = self.read_sheet(id)? else { return Ok(vec!["这份单据已不在台帐里".to_owned()]) };
        if record.filed().is_some() {
            // It is put into another binder.
            return Ok(Vec::new());
        }
        match self.procedure.edition(&record.form, &record.edition) {
            Some(form) => {
                let mut why = retention::unready(form, &record);
                why.extend(self.owed_first(form, &record));
                Ok(why)
            }
            None => Ok(vec![format!("没有它的表单（{} {}）", record.form, record.edition)]),
        }
    }

    /// The sheets that are filed before this one: those it starts and needs, a sentence each.
    fn owed_first(&self, form: &Form, record: &Record) -> Vec<String> {
        let waits = self.waits_for_other(form, record, Before::File, 0);
        waits.into_iter().chain(self.started_first(form, record)).collect()
    }

    fn started_first(&self, form: &Form, record: &Record) -> Vec<String> {
        let wanted = |it: &&Start| it.needed && record.void.is_none() && self.is_started(form, record, it);
        let mut needed = form.starts.iter().filter(wanted).peekable();
        let Some(store) = self.book.store.as_ref().filter(|_| needed.peek().is_some()) else { return Vec::new() };
        let started = store.started_from(record.id).unwrap_or_default();
        let started: Vec<Record> = started.into_iter().filter_map(|it| store.record(it.0).ok().flatten()).collect();
        let lacks = |start: &Start| {
            // What lives on, and a line of a register, is never filed: that it is there is enough.
            let target = self.procedure.form(&start.form)?;
            let stays = target.is_living() || target.register.is_some();
            let done = |it: &Record| it.void.is_none() && (stays || it.filed().is_some() || it.destroyed());
            let there = started.iter().any(|it| it.form == start.form && done(it));
            let filed = if stays { "" } else { "并归档" };
            (!there).then(|| format!("要先有{}{filed}", target.short))
        };
        needed.filter_map(lacks).collect()
    }

    /// Whether a sheet starts another: its form is put to use, the sheet says so, and no answer that was not given.
    fn is_started(&self, form: &Form, record: &Record, start: &Start) -> bool {
        let procedure = &self.procedure;
        let starts = |line| flow::starts(procedure, form, record, start, line);
        procedure.form(&start.form).is_some_and(|it| procedure.document.uses(it))
            && !matches!(flow::offer(form, record, start), Offer::Waits(_))
            && match &start.rows {
                Some(table) => flow::rows(procedure, form, record, table).iter().any(|it| starts(Some(it.line))),
                None => starts(None),
            }
    }

    fn read_sheet(&self, id: RecordId) -> Result<Option<Record>, String> {
        let store = self.book.store.as_ref().ok_or_else(|| "没有打开台帐".to_owned())?;
        store.record(id).map_err(|error| error.to_string())
    }

    fn file(&mut self, records: &[RecordId], deed: Deed) {
        let ready = self.ready(records);
        let late = records.len() - ready.len();
        if ready.is_empty() {
            return self.fail(format!(
                "没有归档：{}",
                Refusal::in_office(&self.procedure.document, Rule::Filing, RefusalKind::NoneReady)
            ));
        }
        let Deed::Filed { case, binder, .. } = &deed else { return };
        let place = retention::shelf_name(case, binder);
        if self.put_down(&ready, deed) {
            let more = if late > 0 {
                format!("；{late} 份没有归档，原因写在各行的右边")
            } else {
                String::new()
            };
            self.say(format!("{} 份归入{place}{more}", ready.len()));
        }
    }

    /// Puts the same down for several sheets: for all, or for none.
    fn put_down(&mut self, records: &[RecordId], deed: Deed) -> bool {
        let Some(store) = &self.book.store else { return false };
        let filing = matches!(deed, Deed::Filed { .. });
        let act = Act { by: self.operator.clone(), deeds: vec![deed], ..Act::default() };
        let rule = |record: &Record| {
            let form = self.procedure.edition(&record.form, &record.edition).filter(|_| filing);
            let why = form.filter(|_| record.filed().is_none()).map(|form| {
                let mut why = retention::unready(form, record);
                why.extend(self.owed_first(form, record));
                why.join("；")
            });
            why.filter(|it| !it.is_empty()).map(|why| format!("{} {why}", record.number))
        };
        let done = store.act_on_all_unless(records, &act, self.outside.now(), &rule);
        if let Err(sentence) = done.map_err(|error| error.to_string()).and_then(|it| it) {
            self.fail(sentence);
            return false;
        }
        self.pages.archive.view.done();
        self.writing.saved = format!("已保存 {}", self.outside.now().format("%H:%M:%S"));
        self.refresh_lines(records);
        true
    }

    /// Reads the lines of sheets in their lists again, and the sheet on the desk if it is one of them.
    pub(super) fn refresh_lines(&mut self, records: &[RecordId]) {
        let mut lines: BTreeMap<FormId, Vec<Summary>> = BTreeMap::new();
        for id in records {
            match self.read_sheet(*id) {
                Ok(Some(record)) => {
                    self.index_sheet(&record);
                    let form = self.procedure.edition(&record.form, &record.edition);
                    let line = form.and_then(|it| Summary::of(&self.procedure, it, &record));
                    lines.entry(record.form.clone()).or_default().extend(line);
                }
                Ok(None) => {}
                Err(sentence) => return self.fail(sentence),
            }
        }
        for (form, lines) in lines {
            self.book.lists.entry(form).or_default().extend(lines);
        }
        if records.contains(&self.desk.record.id) {
            self.lay(self.desk.record.id);
        }
    }

    /// The binder as it is now.
    fn binder(&self, shelf: &Shelf) -> Option<Binder<'_>> {
        retention::binders(self.book.lists.values()).into_iter().find(|it| it.shelf == *shelf)
    }

    fn export_index(&mut self, ctx: &egui::Context, shelf: &Shelf) {
        let Some(binder) = self.binder(shelf) else { return };
        let mut pages = Vec::new();
        for sheet in &binder.sheets {
            match self.read_sheet(sheet.id) {
                Ok(record) => pages.push(record.map_or(0, |it| papers::pages(&self.procedure, &it))),
                Err(sentence) => return self.fail(sentence),
            }
        }
        let index = papers::index(&self.procedure, &binder, &pages, self.today());
        let words = vec![index.title.clone(), shelf.name(), self.short(&shelf.form), format!("{}年", shelf.year)];
        self.ask_where(ctx, &Command::ExportPaper(Box::new(Paper::Table(index)), words));
    }

    fn export_spine(&mut self, ctx: &egui::Context, shelf: &Shelf) {
        let Some(binder) = self.binder(shelf) else { return };
        let spine = papers::spine(&self.procedure, &binder);
        let words = vec!["卷脊标签".to_owned(), shelf.name(), self.short(&shelf.form), format!("{}年", shelf.year)];
        self.ask_where(ctx, &Command::ExportPaper(Box::new(Paper::Spine(spine)), words));
    }

    fn export_destruction(&mut self, ctx: &egui::Context, records: &[RecordId]) {
        let lists = self.book.lists.values();
        let sheets: Vec<&Summary> = records.iter().filter_map(|id| lists.clone().find_map(|it| it.get(*id))).collect();
        let list = papers::destruction(&self.procedure, &sheets, self.today());
        let words = vec![list.title.clone(), self.today().to_string()];
        self.ask_where(ctx, &Command::ExportPaper(Box::new(Paper::Table(list)), words));
    }

    fn short(&self, form: &FormId) -> String {
        self.procedure.form(form).map_or_else(|| form.to_string(), |it| it.short.clone())
    }

    /// Destroys sheets one after another; one that cannot be destroyed stops it, and it is said how many were.
    fn destroy(&mut self, records: &[RecordId], deed: &Deed, given: &[(String, String)]) {
        let now = self.outside.now();
        let Some(store) = &self.book.store else { return };
        let mut done = Vec::new();
        let all = store.vouched(given, now, || {
            records.iter().try_for_each(|id| self.destroy_one(*id, deed).map(|()| done.push(*id)))
        });
        let stopped = flat(all).err();
        // What could be taken back, or was about to be written, would bring contents back.
        self.writing.forget_steps(|it| done.contains(&it));
        self.desk.offers.clear();
        self.pages.archive.view.done();
        self.refresh_lines(&done);
        self.pages.registers.forget();
        // A check would keep the log beside the book from being emptied.
        self.stop_check();
        let scrubbed = match &self.book.store {
            Some(store) if !done.is_empty() => store.scrub(),
            _ => Ok(()),
        };
        let (many, left) = (done.len(), records.len() - done.len());
        match (stopped, scrubbed) {
            (Some(sentence), _) => self.fail(format!("已销毁 {many} 份，其余 {left} 份未动：{sentence}")),
            (None, Err(error)) => self.fail(format!("已销毁 {many} 份的内容，文件里的残迹还没有清除：{error}")),
            (None, Ok(())) => {
                self.writing.saved = format!("已保存 {}", now.format("%H:%M:%S"));
                self.say(format!(
                    "已销毁 {many} 份的内容；编号和台帐留下。销毁清单签字后请归档；以前的备份里还有，按期限陆续删去"
                ));
            }
        }
    }

    fn destroy_one(&self, id: RecordId, deed: &Deed) -> Result<(), String> {
        if self.writing.unwritten.iter().any(|it| it.record == id) {
            return Err("有一份还有字没能写进台帐".to_owned());
        }
        let (Some(record), Some(store)) = (self.read_sheet(id)?, &self.book.store) else {
            return Err("有一份已不在台帐里".to_owned());
        };
        let form = self.procedure.edition(&record.form, &record.edition);
        let form =
            form.ok_or_else(|| format!("没有 {} 的表单（{} {}）", record.number, record.form, record.edition))?;
        let Deed::Destroyed { on, .. } = deed else {
            return Err(Refusal::by(form, Rule::Destruction, RefusalKind::NotThree).into());
        };
        let day = read_date(on, None).unwrap_or_else(|| self.today());
        let years = self.procedure.document.years_kept(&record.form);
        // Another window may have changed it since the list was drawn up; the rule is asked of the book, on the day
        // that is put down.
        let rule = |record: &Record| {
            let line = Summary::of(&self.procedure, form, record);
            let expired = line.is_some_and(|it| retention::is_expired(&it, years, day));
            let kind = || RefusalKind::NotExpired(record.number.clone(), day);
            (!expired).then(|| Refusal::by(form, Rule::Destruction, kind()).into())
        };
        let keep = retention::kept_fields(form);
        let now = self.outside.now();
        let done = store.destroy_unless(id, deed, &keep, &self.operator, now, &rule);
        done.map_err(|error| error.to_string()).and_then(|it| it)
    }
}

/// What came of it, however it failed.
fn flat<T>(done: Result<Result<Result<T, String>, String>, StoreError>) -> Result<T, String> {
    done.map_err(|error| error.to_string()).and_then(|it| it).and_then(|it| it)
}
