//! How the sheet on the desk hangs together with others: which it names, which name it, what it waits for; and the lines of
//! registers that are written when it is signed.

use std::collections::BTreeSet;

use super::App;
use crate::flow::{self, Others, Unmet};
use crate::procedure::{Before, FieldId, Form, FormId, Need, Procedure};
use crate::record::{Record, RecordId};
use crate::store::{Make, Store};
use crate::ui::desk::Repeated;

/// How many like sheets are shown.
const MOST: usize = 20;
/// So many sheets that say the same are read, the newest, to find those that count.
const READ: usize = 500;

/// What other sheets have to do with the one on the desk.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Those it names, and those that name it: which, what it is called, where the number stands.
    pub(super) linked: Vec<(RecordId, String, String)>,
    /// What it waits for.
    pub(super) unmet: Vec<Unmet>,
    /// The forms of which a sheet is proposed because there are so many like it, with those.
    pub(super) repeated: Vec<Repeated>,
}

/// The book, where other sheets are looked up.
struct Book<'a>(&'a Store);

impl Others for Book<'_> {
    fn numbered(&self, form: &FormId, number: &str) -> Option<Record> {
        self.0.find(form, number).ok().flatten()
    }

    fn beside(&self, form: &FormId, record: &Record) -> Vec<Record> {
        let started = self.0.started_from(record.id).unwrap_or_default();
        let ids = record.origin().into_iter().chain(started.into_iter().map(|it| it.0));
        ids.filter_map(|it| self.0.record(it).ok()?).filter(|it| it.form == *form).collect()
    }
}

/// A sheet by its kind and number.
pub(super) fn called(procedure: &Procedure, record: &Record) -> String {
    let short = procedure.form(&record.form).map_or("", |it| &it.short);
    format!("{short} {}", record.number)
}

/// What a sheet waits for.
fn unmet(procedure: &Procedure, store: &Store, form: &Form, record: &Record) -> Vec<Unmet> {
    if form.needs.is_empty() { Vec::new() } else { flow::unmet(procedure, form, record, &Book(store)) }
}

/// Of which forms a sheet is proposed because there are so many like this one; none where one was started from it.
fn repeated(procedure: &Procedure, store: &Store, form: &Form, record: &Record) -> Vec<Repeated> {
    let mut all = Vec::new();
    if record.void.is_some() || record.id == RecordId(0) {
        return all;
    }
    for repeats in &form.repeats {
        let started = record.started.iter().any(|it| it.form == repeats.form);
        let Some((since, same)) = flow::alike(procedure, form, record, repeats).filter(|_| !started) else { continue };
        let mut like: Option<BTreeSet<RecordId>> = None;
        for (field, texts) in &same {
            let holding = |text: &String| store.holding(&record.form, field, text).unwrap_or_default();
            let here: BTreeSet<RecordId> = texts.iter().flat_map(holding).collect();
            like = Some(like.map_or_else(|| here.clone(), |it| &it & &here));
        }
        let until = flow::day_of(form, record);
        let counts = |it: &Record| {
            let form = procedure.edition(&it.form, &it.edition).unwrap_or(form);
            let timely = flow::day_of(form, it).is_some_and(|it| it >= since && Some(it) <= until);
            it.void.is_none() && timely && flow::repeats_on(procedure, form, it, repeats)
        };
        let like = like.unwrap_or_default().into_iter().rev().filter(|it| *it != record.id).take(READ);
        let like = like.filter_map(|it| store.record(it).ok()?).filter(counts);
        // The newest are enough to be shown.
        let like: Vec<Record> = like.take(MOST.max(repeats.times)).collect();
        if like.len() + 1 >= repeats.times {
            let sheets = like.iter().map(|it| (it.id, called(procedure, it))).collect();
            all.push(Repeated { form: repeats.form.clone(), sheets });
        }
    }
    all
}

impl App {
    /// Finds which sheets the one on the desk names, which name it, and what it waits for.
    pub(super) fn find_linked(&mut self) {
        self.desk.links = Links::default();
        let (Some(store), Some(form)) = (&self.book.store, self.desk.form(&self.procedure)) else { return };
        let (procedure, record) = (&self.procedure, &self.desk.record);
        let unmet = unmet(procedure, store, form, record);
        let mut links = Links { linked: Vec::new(), unmet, repeated: repeated(procedure, store, form, record) };
        for (target, cell, number) in flow::linked(form, record) {
            let Ok(Some(found)) = store.find(&target, &number) else { continue };
            let at = form.field(&cell.field).map_or("", |it| &it.name);
            links.linked.push((found.id, called(procedure, &found), format!("写在“{at}”里")));
        }
        let naming = |it: &Form| -> Vec<(FormId, FieldId)> {
            it.links_to(&record.form).map(|field| (it.form.clone(), field.id.clone())).collect()
        };
        let cells: Vec<(FormId, FieldId)> = procedure.in_use().into_iter().flat_map(naming).collect();
        if !cells.is_empty() && !record.number.is_empty() {
            for id in store.naming(&record.number, &cells).unwrap_or_default() {
                let Some(found) = store.record(id).ok().flatten().filter(|it| it.id != record.id) else { continue };
                links.linked.push((id, called(procedure, &found), "上面写着这张的编号".to_owned()));
            }
        }
        self.desk.links = links;
    }

    /// Why nothing is done yet with a sheet that waits for another, where it does.
    pub(super) fn waits_for_other(&self, form: &Form, record: &Record, before: Before, stage: usize) -> Option<String> {
        // Other sheets are looked up only where one is waited for here.
        let here = |it: &Unmet| it.before == before && (before == Before::File || it.stage == stage);
        let of = |it: &Need| {
            let named = it.stage.as_ref().and_then(|name| form.stages.iter().position(|it| it.name == *name));
            here(&Unmet { before: it.before, stage: named.unwrap_or_default(), says: String::new() })
        };
        let store = self.book.store.as_ref().filter(|_| form.needs.iter().any(of))?;
        let unmet = unmet(&self.procedure, store, form, record);
        unmet.into_iter().find(here).map(|it| it.says)
    }

    /// The lines of registers that signing a stage of a sheet writes.
    pub(super) fn makes(&self, store: &Store, form: &Form, record: &Record, field: &FieldId) -> Vec<Make> {
        if form.writes.is_empty() {
            return Vec::new();
        }
        let mut known = record.clone();
        // Where it cannot be read nothing is written twice: the signature fails on the same book.
        let _ = store.know_started(&mut known);
        let written = flow::writes(&self.procedure, form, &known, field).into_iter();
        let make = |it: flow::Written| {
            let into = self.procedure.form(&it.register)?;
            let pattern = self.procedure.document.pattern(&it.register).clone();
            Some(Make { form: it.register, edition: into.edition.clone(), pattern, values: it.values, text: it.text })
        };
        written.filter_map(make).collect()
    }
}
