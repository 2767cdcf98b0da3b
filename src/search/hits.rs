//! Where on a sheet the words stand, in the text as it was typed.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use super::Query;
use crate::procedure::{FieldId, Form, Kind};
use crate::record::{CellId, CopyStep, Deed, Record, RecordId, fold, fold_char, is_picture, shown};

/// How many characters of an entry are shown before the first mark.
const BEFORE: usize = 6;
/// How many characters of an entry are shown at all.
const LONGEST: usize = 80;

/// Where on a sheet an entry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Its number (编号).
    Number,
    /// A datum, on the sheet or beside it.
    Value(CellId),
    /// What a correction (划改) says: the old text, the new, by whom, when, why.
    Correction(CellId),
    /// Why, by whom and when the sheet was voided (作废).
    Void,
    /// What was done with the sheet, by the name of its kind ([`Deed::name`]).
    Deed(&'static str),
    /// What the form is called.
    Title,
}

impl Place {
    /// What the screen calls it.
    pub fn name(&self, form: &Form) -> String {
        let named = |it: &CellId| {
            let name = form.field(&it.field).map_or(it.field.as_str(), |it| it.name.as_str());
            format!("{name}{}", it.line_name())
        };
        match self {
            Self::Number => "编号".to_owned(),
            Self::Value(cell) if cell.round == 0 => named(cell),
            Self::Value(cell) => format!("{}（第 {} 轮）", named(cell), cell.round + 1),
            Self::Correction(cell) => format!("{}（划改）", named(cell)),
            Self::Void => "作废".to_owned(),
            Self::Deed(name) => (*name).to_owned(),
            Self::Title => "表名".to_owned(),
        }
    }
}

/// An entry in which something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Where on the sheet.
    pub place: Place,
    /// What the screen calls that place.
    pub name: String,
    /// Which part of the entry as typed is the first found, in bytes; of a date written out in full (2026年11月20日), all of
    /// the date as kept.
    pub at: Range<usize>,
    /// The entry around it on one line, with … where something is left out.
    pub snippet: String,
    /// What is found in the snippet, in bytes, from the left; none overlaps another.
    pub marks: Vec<Range<usize>>,
}

/// A sheet on which something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The sheet.
    pub id: RecordId,
    /// What the screen calls its form.
    pub form: String,
    /// Its number.
    pub number: String,
    /// Whom or what it is about.
    pub subject: String,
    /// Where it was found: entries with the most words first, else as they stand on the sheet. The form's name is among
    /// them only for words found nowhere else.
    pub hits: Vec<Hit>,
}

impl Sheet {
    /// Where on a sheet the words of `query` stand. No hits, where the sheet does not hold them (any more).
    pub fn of(form: &Form, record: &Record, query: &Query) -> Self {
        let subject = form.identity.as_ref().map_or("", |it| record.latest(form, it.subject.as_str()).trim());
        let (number, subject) = (record.number.clone(), subject.to_owned());
        Self { id: record.id, form: form.short.clone(), number, subject, hits: hits(form, record, query) }
    }
}

/// Every entry that can be found on a sheet. A date is there twice: as kept and as the sheet shows it.
pub(super) fn entries<'a>(form: &'a Form, record: &'a Record) -> impl Iterator<Item = (Place, Cow<'a, str>)> {
    let known: BTreeSet<&FieldId> = form.every_field().map(|it| &it.id).collect();
    let values = record.rounds.iter().enumerate().flat_map(move |(round, values)| {
        // What the form does not know is found too.
        let unknown: Vec<&FieldId> = values.keys().filter(|it| !known.contains(it)).collect();
        let fields = form.every_field().map(|it| (&it.id, it.kind));
        fields.chain(unknown.into_iter().map(|it| (it, Kind::Text))).flat_map(move |(field, kind)| {
            (0..values.lines(field.as_str())).flat_map(move |line| {
                // No word stands in a picture.
                let value = Some(values.at(field.as_str(), line)).filter(|it| !is_picture(it)).unwrap_or_default();
                let place = move || Place::Value(CellId { round, field: field.clone(), line });
                let full = (kind == Kind::Date).then(|| shown(kind, value)).filter(|it| it.as_ref() != value);
                std::iter::once((place(), Cow::Borrowed(value))).chain(full.map(|it| (place(), it)))
            })
        })
    });
    let corrections = record.corrections.iter().flat_map(|it| {
        let place = Place::Correction(it.cell.clone());
        let words = [&it.old, &it.new, &it.by, &it.on, &it.reason].map(String::as_str);
        words.map(|it| (place.clone(), if is_picture(it) { "" } else { it }))
    });
    let void = record.void.iter().flat_map(|it| [&it.reason, &it.by, &it.on].map(|text| (Place::Void, text.as_str())));
    let facts = record.facts.iter().flat_map(|it| {
        let words = words(&it.deed).into_iter().chain([it.by.as_str()]);
        words.map(|text| (Place::Deed(it.deed.name()), text))
    });
    let beside = corrections.chain(void).chain(facts).map(|(place, text)| (place, Cow::Borrowed(text)));
    let number = std::iter::once((Place::Number, Cow::Borrowed(record.number.as_str())));
    number.chain(values).chain(beside).filter(|(_, text)| !text.is_empty())
}

/// What somebody wrote of a deed. The company's name, which is on every sheet, tells none from another.
fn words(deed: &Deed) -> Vec<&str> {
    match deed {
        Deed::Signed(it) => {
            let excused = it.excused.iter().map(|(_, reason)| reason.as_str());
            [it.name.as_str(), &it.on, &it.overruled, &it.verdict, &it.why].into_iter().chain(excused).collect()
        }
        Deed::Copy { copy: _, step, holder, on } => vec![step.name(), holder, on],
        Deed::Printed(it) => vec![CopyStep::Printed.name(), &it.printer, &it.on],
        Deed::PassedOn { department, person, on } => vec![department, person, on],
        Deed::FollowUp { text, owner, due } => vec![text, owner, due],
        Deed::FollowedUp { item: _, on, note } => vec![note, on],
        Deed::Waits { whom, why, since } => vec![whom, why, since],
        Deed::Resumes { whom, on } => vec![whom, on],
        Deed::From { record: _, text } => vec![text],
        Deed::Rewrites { record: _ } | Deed::Began { round: _, at: _ } => Vec::new(),
        Deed::Reopened { round: _, reason } => vec![reason],
        Deed::Filed { case, binder, on } => vec![case, binder, on],
        Deed::Held { reason } | Deed::Released { reason } => vec![reason],
        Deed::Destroyed { approved, executed, watched, on } => vec![approved, executed, watched, on],
    }
}

fn hits(form: &Form, record: &Record, query: &Query) -> Vec<Hit> {
    let mut found: Vec<(usize, Hit)> = Vec::new();
    let mut left = vec![true; query.words.len()];
    for (place, text) in entries(form, record) {
        let Some((count, mut hit)) = hit(form, place, &text, query, &mut left) else { continue };
        if let Place::Value(cell) = &hit.place {
            // A date is one hit, however it was sought.
            if found.last().is_some_and(|(_, last)| last.place == hit.place) {
                continue;
            }
            let value = record.at(cell);
            if value != text {
                hit.at = 0..value.len();
            }
        }
        found.push((count, hit));
    }
    let words = query.words.iter().zip(&left).filter(|(_, left)| **left).map(|(word, _)| word.clone());
    let called = Query { words: words.collect() };
    let titles =
        form.names().filter_map(|it| hit(form, Place::Title, it, &called, &mut vec![true; called.words.len()]));
    found.extend(titles.max_by_key(|(count, _)| *count));
    found.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    found.into_iter().map(|(_, hit)| hit).collect()
}

/// What of the words stands in an entry, and how many of them; those are no longer `left`.
fn hit(form: &Form, place: Place, text: &str, query: &Query, left: &mut [bool]) -> Option<(usize, Hit)> {
    let folded = fold(text);
    let mut count = 0;
    let mut marks: Vec<Range<usize>> = Vec::new();
    for (word, left) in query.words.iter().zip(left) {
        let before = marks.len();
        marks.extend(word.find_iter(folded.as_bytes()).map(|at| at..at + word.needle().len()));
        if marks.len() > before {
            (count, *left) = (count + 1, false);
        }
    }
    let marks = unfold(text, &merge(marks));
    let at = marks.first()?.clone();
    let (snippet, marks) = snippet(text, &marks);
    Some((count, Hit { name: place.name(form), place, at, snippet, marks }))
}

/// Ranges from the left, those that touch made one.
fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|it| (it.start, it.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Ranges of the folded text as ranges of the text itself, whole characters: folding can make a character shorter or
/// longer. The ranges lie from the left, apart.
fn unfold(text: &str, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut left = ranges.iter().peekable();
    let (mut end, mut begun) = (0, None);
    for (place, c) in text.char_indices() {
        end += fold_char(c).map(char::len_utf8).sum::<usize>();
        let after = place + c.len_utf8();
        while let Some(range) = left.peek().filter(|it| it.start < end) {
            let from = *begun.get_or_insert(place);
            if range.end > end {
                break;
            }
            found.push(from..after);
            (_, begun) = (left.next(), None);
        }
    }
    merge(found)
}

/// The entry around its first mark on one line, and the marks that are seen in it.
fn snippet(text: &str, marks: &[Range<usize>]) -> (String, Vec<Range<usize>>) {
    let first = marks.first().map_or(0, |it| it.start);
    let (head, tail) = text.split_at_checked(first).unwrap_or(("", text));
    let from = head.char_indices().rev().take(BEFORE).last().map_or(first, |(place, _)| place);
    let to = tail.char_indices().nth(LONGEST).map_or(text.len(), |(place, _)| first + place);
    let mut line = String::new();
    if from > 0 {
        line.push('…');
    }
    let moved = line.len();
    // One byte for one: the marks stay where they are.
    line.extend(text.get(from..to).unwrap_or_default().chars().map(|c| if c.is_ascii_control() { ' ' } else { c }));
    if to < text.len() {
        line.push('…');
    }
    let seen = marks.iter().filter(|it| it.start < to);
    (line, seen.map(|it| it.start - from + moved..it.end.min(to) - from + moved).collect())
}
