//! A book of very many sheets: what would take longer than a frame is read beside the window's own thread, on
//! connections of its own.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use eframe::egui::{self, CentralPanel, Ui};

use super::task::Task;
use super::{App, OFFERED};
use crate::list::{List, Summary};
use crate::procedure::{FieldId, Form, FormId, Kind, Procedure};
use crate::store::{Result, Run, Store};
use crate::ui::desk;
use crate::ui::progress::{self, Going};

/// A book of more sheets than these is read beside the window.
const MANY: usize = 5_000;
/// When another window wrote on more sheets than these at once, the lists are read anew.
const CHANGED: usize = 400;
/// So often the window looks what has been read: each look is a picture, drawn while others read.
const LOOK: Duration = Duration::from_secs(1);

/// What the pages say while only the sheets in work are there.
pub(super) const READING: &str = "正在读取已归档的单据…";

/// Lines of lists by form, in the order of their numbers.
type Lines = Vec<(FormId, Vec<Summary>)>;

/// Lines, while they are being read.
type Lot = Task<Result<Lines>>;

/// The lists, while they are being read.
pub(super) enum Reading {
    /// So many slips; first those in work: they are what the first page tells.
    InWork(usize, Lot),
    /// All of them, side by side: one after the other, they are the lists.
    All(Vec<Lot>),
}

/// The words offered in a cell, while they are being fetched.
pub(super) struct Fetching {
    form: FormId,
    field: FieldId,
    kind: Kind,
    words: Option<Task<Vec<String>>>,
}

impl App {
    /// Begins to read the lists of a large book; a small one is left to [`App::read_book`].
    pub(super) fn begin_reading(&mut self) {
        self.book.reading = None;
        let Some(store) = &self.book.store else { return };
        let count: usize = self.listed_forms().filter_map(|it| store.count(&it.form).ok()).sum();
        if count <= MANY {
            return;
        }
        let Ok(stamp) = store.stamp() else { return };
        // What follows from filed minutes is owed all the same (4.2), and what is filed of each month is not missing.
        let run =
            |it: &Form| if it.follows || it.every.is_some() { Run::whole(&it.form) } else { Run::in_work(&it.form) };
        let runs = self.listed_forms().map(run).collect();
        self.book.listed = stamp;
        self.book.reading = Some(Reading::InWork(count, self.read_beside(store, runs)));
    }

    fn read_beside(&self, store: &Store, runs: Vec<Run>) -> Lot {
        let (opener, procedure) = (store.opener(), self.procedure.clone());
        Task::start(&self.ctx, "读取单据", "读取单据时程序出错", move |_| {
            opener.open().and_then(|store| {
                let lines = |run: &Run| lines(&procedure, &store, run).map(|lines| (run.form().clone(), lines));
                runs.iter().map(lines).collect()
            })
        })
    }

    /// Takes what has been read, and shows that there is nothing yet. Whether there is nothing.
    pub(super) fn draw_reading(&mut self, ui: &mut Ui) -> bool {
        let Some(mut reading) = self.book.reading.take() else { return false };
        let ended = match &mut reading {
            Reading::InWork(_, lot) => lot.is_ended(),
            Reading::All(lots) => lots.iter_mut().all(Task::is_ended),
        };
        match reading {
            Reading::InWork(count, lot) if !ended => {
                let said = format!("正在读取 {count} 份单据…");
                CentralPanel::default()
                    .frame(desk::frame())
                    .show(ui, |ui| progress::page(ui, &Going::only(&said), &mut Vec::new()));
                self.book.reading = Some(Reading::InWork(count, lot));
                ui.ctx().request_repaint_after(LOOK);
                return true;
            }
            Reading::InWork(_, lot) => {
                if self.take_lines([lot]) {
                    self.lay_newest(&self.procedure.main_id());
                    self.go_back();
                    self.read_all();
                }
            }
            Reading::All(lots) if !ended => {
                self.book.reading = Some(Reading::All(lots));
                ui.ctx().request_repaint_after(LOOK);
            }
            Reading::All(lots) => {
                self.take_lines(lots);
                self.pages.today.forget();
            }
        }
        false
    }

    /// Begins to read all sheets: of the slips, which are the most, one half beside the other.
    fn read_all(&mut self) {
        let Some(store) = &self.book.store else { return };
        let count = |it: &&Form| store.count(&it.form).unwrap_or_default();
        let Some(slip) = self.listed_forms().max_by_key(count).map(|it| it.form.clone()) else { return };
        let [first, second] = match store.halves(&slip) {
            Ok(halves) => halves,
            Err(error) => return self.lists_failed(&error),
        };
        let others = self.listed_forms().map(|it| &it.form).filter(|it| **it != slip).map(Run::whole);
        let parts = [vec![first], others.chain([second]).collect()];
        self.book.reading = Some(Reading::All(parts.map(|runs| self.read_beside(store, runs)).into()));
    }

    /// Takes the lines that were read into the lists. Whether they could be read.
    fn take_lines(&mut self, lots: impl IntoIterator<Item = Lot>) -> bool {
        let mut lists: BTreeMap<FormId, Vec<Summary>> = BTreeMap::new();
        let mut failed = None;
        for lot in lots {
            match Task::poll(&mut Some(lot)) {
                Some(Ok(Ok(lines))) => {
                    lines.into_iter().for_each(|(form, it)| lists.entry(form).or_default().extend(it));
                }
                Some(Ok(Err(error))) => failed = Some(Ok(error)),
                Some(Err(sentence)) => failed = Some(Err(sentence)),
                None => {}
            }
        }
        if let Some(failed) = failed {
            // Half the lists would look like all of them.
            self.lay_pen_down();
            self.book.lists.clear();
            match failed {
                Ok(error) => self.lists_failed(&error),
                Err(sentence) => self.fail(sentence),
            }
            return false;
        }
        for (form, lines) in lists {
            // What was written meanwhile is newer than what was read.
            let list = self.book.lists.entry(form).or_default();
            let newer = std::mem::replace(list, List::new(lines));
            list.sort(newer.order());
            list.extend(newer.all().iter().cloned());
        }
        true
    }

    /// The forms whose sheets are listed.
    pub(super) fn listed_forms(&self) -> impl Iterator<Item = &Form> {
        self.procedure.in_use().into_iter().filter(|it| it.is_sheet())
    }

    /// Another window wrote: of a few sheets only the lines are read again, of many everything.
    pub(super) fn refresh_lists(&mut self, ctx: &egui::Context) {
        let Some(store) = &self.book.store else { return };
        let changed = store.stamp().and_then(|now| Ok((now, store.changed_since(self.book.listed, CHANGED)?)));
        match changed {
            Ok((now, Some(changed))) => {
                self.book.listed = now;
                self.refresh_lines(&changed);
            }
            Ok((_, None)) => {
                self.read_lists();
                self.index_again(ctx);
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// Fetches words typed before. A large book is looked through beside the window: the words come a moment later.
    pub(super) fn fetch_words(&mut self, field: &FieldId, kind: Kind, fields: Vec<FieldId>) {
        let Some(store) = &self.book.store else { return };
        if self.book.lists.values().map(List::len).sum::<usize>() <= MANY {
            // Without offers one types all the same: an unreadable book shows itself where it matters.
            let words = store.offers(&fields, OFFERED).unwrap_or_default();
            return self.offer(field, kind, words);
        }
        let opener = store.opener();
        let words = Some(Task::start(&self.ctx, "取词", "", move |_| {
            opener.open().and_then(|store| store.offers(&fields, OFFERED)).unwrap_or_default()
        }));
        let (form, field) = (self.desk.record.form.clone(), field.clone());
        self.desk.fetching.push(Fetching { form, field, kind, words });
    }

    /// Takes the words that have come meanwhile.
    pub(super) fn take_words(&mut self, ctx: &egui::Context) {
        let mut come = Vec::new();
        self.desk.fetching.retain_mut(|it| {
            if let Some(words) = Task::poll(&mut it.words) {
                // Those of a form that is no longer on the desk are nobody's.
                come.extend(
                    words
                        .ok()
                        .filter(|_| it.form == self.desk.record.form)
                        .map(|words| (it.field.clone(), it.kind, words)),
                );
            }
            it.words.is_some()
        });
        for (field, kind, words) in come {
            self.offer(&field, kind, words);
            ctx.request_repaint();
        }
        if !self.desk.fetching.is_empty() {
            ctx.request_repaint_after(LOOK);
        }
    }

    /// Takes the book's log into its file beside the window, once it is long: whoever types does not wait for it.
    pub(super) fn take_log_in(&self) {
        let Some(store) = self.book.store.as_ref().filter(|it| it.log_is_long()) else { return };
        let opener = store.opener();
        // Where that fails the log stays, as safe as the file, until the next time or the end.
        drop(Task::start(&self.ctx, "日志", "", move |_| opener.open().and_then(|it| it.take_log_in())));
    }
}

/// The lines of a run of sheets.
pub(super) fn lines(procedure: &Procedure, store: &Store, run: &Run) -> Result<Vec<Summary>> {
    let mut lines = Vec::new();
    let Some(newest) = procedure.form(run.form()) else { return Ok(lines) };
    let mut started = if newest.asks_for_started() { store.all_started()? } else { HashMap::new() };
    store.each_of(run, Some(&Summary::fields(newest)), &mut |mut record| {
        record.started = started.remove(&record.id).unwrap_or_default();
        let form = procedure.edition(&record.form, &record.edition).unwrap_or(newest);
        lines.extend(Summary::of(procedure, form, &record));
    })?;
    Ok(lines)
}
