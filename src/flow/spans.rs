//! The stretch of time a sheet is about, where one is made for each: which there are, and which are missing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::calendar::Span;
use crate::procedure::Form;
use crate::record::Record;

/// So many stretches back what is missing is told.
const BACK: usize = 24;
/// For whom none was made in so many stretches, none is missing: one is made for them no longer.
const GONE: usize = 3;

/// The stretch a sheet is about; none where it says none that can be read.
pub fn span(form: &Form, record: &Record) -> Option<Span> {
    form.every?.read(record.latest(form, form.period.as_ref()?.as_str()))
}

/// The stretches over before `today` for which a sheet is missing, oldest first, since the first that has one: each with
/// whom or what it is missing for, unless none was made for them of late; empty words where one is made for all. `made`: the stretch and the words of each sheet.
pub fn missing(form: &Form, made: impl IntoIterator<Item = (Span, String)>, today: NaiveDate) -> Vec<(Span, String)> {
    let Some(cycle) = form.every else { return Vec::new() };
    let mut there: BTreeMap<String, BTreeSet<Span>> = BTreeMap::new();
    for (span, whom) in made {
        there.entry(whom).or_default().insert(span);
    }
    let mut missing = Vec::new();
    for (whom, spans) in there {
        let mut back: Vec<Span> = Vec::new();
        let mut span = cycle.of(today).and_then(|it| cycle.before(it));
        while let Some(it) = span.filter(|it| spans.first().is_some_and(|first| first <= it) && back.len() < BACK) {
            back.push(it);
            span = cycle.before(it);
        }
        if !whom.is_empty() && back.len() >= GONE && back.iter().take(GONE).all(|it| !spans.contains(it)) {
            continue;
        }
        missing.extend(back.into_iter().rev().filter(|it| !spans.contains(it)).map(|it| (it, whom.clone())));
    }
    missing.sort();
    missing
}
