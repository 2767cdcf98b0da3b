//! What follows on the sheet on the desk from other sheets: read when it is laid there, and again when one of those changes.

use super::App;
use crate::calendar::Span;
use crate::flow::span;
use crate::procedure::{Form, FormId};
use crate::record::{Issue, Record, RecordId};
use crate::register::{self, Sources};
use crate::store::Stamp;

/// Counted sheets, as last read, and for what.
#[derive(Debug, Default)]
pub(super) struct Counted {
    key: Option<Key>,
    sources: Sources,
}

/// What it depends on which sheets are counted, and what stands on them.
#[derive(Debug, PartialEq)]
struct Key {
    record: RecordId,
    span: Option<Span>,
    same: Vec<String>,
    generations: Vec<usize>,
    /// Of the book, where something is counted of which there is no list (lines of registers).
    stamp: Option<Stamp>,
}

impl App {
    /// Puts on a sheet, in memory, what follows from other sheets and its own changes; tells what would come out otherwise
    /// now than was written down.
    pub(super) fn complete(&mut self, record: &mut Record) -> Vec<Issue> {
        let Some(form) = self.procedure.edition(&record.form, &record.edition) else { return Vec::new() };
        if record.destroyed() {
            return Vec::new();
        }
        record.tell_changes(form);
        let Some(store) = self.book.store.as_ref().filter(|_| form.counts_others()) else { return Vec::new() };
        let key = self.counted_key(form, record);
        if self.desk.counted.key.as_ref() != Some(&key) {
            match store.sources(&self.procedure, form, record) {
                Ok(sources) => self.desk.counted = Counted { key: Some(key), sources },
                Err(error) => {
                    let said = format!("没有算出来：{error}");
                    self.fail(said);
                    return Vec::new();
                }
            }
        }
        register::put(&self.procedure, form, record, &self.desk.counted.sources)
    }

    fn counted_key(&self, form: &Form, record: &Record) -> Key {
        let same = form.counts.values().flat_map(|it| it.same.values());
        let of = || form.counts.values().flat_map(|it| &it.of);
        let is_register = |it: &FormId| self.procedure.form(it).is_some_and(|it| it.register.is_some());
        let store = self.book.store.as_ref().filter(|_| of().any(is_register));
        Key {
            record: record.id,
            span: span(form, record),
            same: same.map(|it| record.latest(form, it.as_str()).to_owned()).collect(),
            generations: of().map(|it| self.book.lists.get(it).map_or(0, |it| it.generation())).collect(),
            stamp: store.and_then(|it| it.stamp().ok()),
        }
    }

    /// What the sheet on the desk wants looked at because of other sheets: what was counted and changed since, and another
    /// sheet that lives on with the same key.
    pub(super) fn look_beside(&mut self) -> Vec<Issue> {
        let follows = |it: &Form| it.counts_others() || it.is_living();
        if !self.form().is_some_and(follows) {
            return Vec::new();
        }
        let mut record = self.desk.record.clone();
        let mut issues = self.complete(&mut record);
        self.desk.record = record;
        issues.extend(self.twins());
        issues
    }

    /// Another living sheet of the same key (a second card of one machine).
    fn twins(&self) -> Vec<Issue> {
        let (Some(store), Some(form)) = (&self.book.store, self.form()) else { return Vec::new() };
        let record = &self.desk.record;
        let mut keys = form.lives.iter().peekable();
        let Some(first) = keys.peek().map(|it| (*it).clone()) else { return Vec::new() };
        let said = |of: &Record| -> Vec<String> {
            form.lives.iter().map(|it| of.latest(form, it.as_str()).trim().to_owned()).collect()
        };
        let mine = said(record);
        if mine.iter().any(String::is_empty) || record.void.is_some() {
            return Vec::new();
        }
        let found = store.saying(&form.form, first.as_str(), record.latest(form, first.as_str())).unwrap_or_default();
        let others = found.into_iter().filter(|it| *it != record.id);
        let others = others.filter_map(|it| store.record(it).ok().flatten());
        let mut twins = others.filter(|it| it.void.is_none() && said(it) == mine);
        let Some(twin) = twins.next() else { return Vec::new() };
        let message = format!("{} {} 已经是“{}”：同一个不登记两张", form.short, twin.number, mine.join(" "));
        vec![Issue { cell: record.cell(form, &first, record.last_round(), 0), message }]
    }
}
