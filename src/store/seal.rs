//! What a line of history seals: the hash of all that a sheet holds, in one of two schemes; and a sheet taken back line by
//! line, so that each line's seal can be proved by what the lines say.

use sha2::{Digest, Sha256};

use super::{What, keep_moment};
use crate::record::{CellId, Correction, Deed, Fact, Record};

/// A SHA-256.
pub(super) type Seal = [u8; 32];

/// How the hash of a sheet is made. A line says which it bears; books of before the second keep their lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// Everything in a row.
    Whole,
    /// Corrections and facts as chains of their own: the hash after one more needs only the last link.
    Linked,
}

impl Scheme {
    /// That of new lines.
    pub(super) const NEW: Self = Self::Linked;

    /// As the book keeps it.
    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Whole => 1,
            Self::Linked => 2,
        }
    }

    /// What a number in the book stands for.
    pub(super) fn of(number: i64) -> Option<Self> {
        [Self::Whole, Self::Linked].into_iter().find(|it| it.number() == number)
    }
}

/// The hash of all that a sheet holds, as new lines bear it.
pub(super) fn content(record: &Record) -> Seal {
    Content::of(record).seal(record, Scheme::NEW)
}

/// The links of a sheet's corrections and facts, so that its hash is known for each number of them.
pub(super) struct Content {
    corrections: Vec<Seal>,
    facts: Vec<Seal>,
}

impl Content {
    pub(super) fn of(record: &Record) -> Self {
        Self { corrections: links(&record.corrections, feed_correction), facts: links(&record.facts, feed_fact) }
    }

    /// The hash of a sheet that holds the first of these corrections and facts.
    pub(super) fn seal(&self, record: &Record, scheme: Scheme) -> Seal {
        let mut hasher = Sha256::new();
        for text in [record.form.as_str(), record.edition.as_str(), &record.number, &keep_moment(record.entered)] {
            feed(&mut hasher, Some(text));
        }
        feed_length(&mut hasher, record.rounds.len());
        for values in &record.rounds {
            feed_length(&mut hasher, values.len());
            for (field, line, value) in values.iter() {
                feed(&mut hasher, Some(field.as_str()));
                // The first line is not told: seals made before there were lines stay true.
                if line > 0 {
                    feed_place(&mut hasher, line);
                }
                feed(&mut hasher, Some(value));
            }
        }
        let link = |hasher: &mut Sha256, links: &[Seal], count: usize| {
            feed_length(hasher, count);
            hasher.update(links.get(count).unwrap_or(&NONE));
        };
        match scheme {
            Scheme::Whole => {
                feed_length(&mut hasher, record.corrections.len());
                record.corrections.iter().for_each(|it| feed_correction(&mut hasher, it));
            }
            Scheme::Linked => link(&mut hasher, &self.corrections, record.corrections.len()),
        }
        feed_length(&mut hasher, usize::from(record.void.is_some()));
        if let Some(it) = &record.void {
            for text in [&it.by, &it.on, &it.reason] {
                feed(&mut hasher, Some(text));
            }
        }
        match scheme {
            // Nothing is fed where there is none: seals of older books stay true.
            Scheme::Whole => record.facts.iter().for_each(|it| feed_fact(&mut hasher, it)),
            Scheme::Linked => link(&mut hasher, &self.facts, record.facts.len()),
        }
        hasher.finalize().into()
    }
}

const NONE: Seal = [0; 32];

/// The link after none, after one, and so on.
fn links<T>(all: &[T], feed: fn(&mut Sha256, &T)) -> Vec<Seal> {
    let mut links = vec![NONE];
    let mut last = NONE;
    for one in all {
        let mut hasher = Sha256::new();
        hasher.update(last);
        feed(&mut hasher, one);
        last = hasher.finalize().into();
        links.push(last);
    }
    links
}

fn feed_correction(hasher: &mut Sha256, it: &Correction) {
    let CellId { round, field, line } = &it.cell;
    for text in [field.as_str(), &it.old, &it.new, &it.by, &it.on, &it.reason] {
        feed(hasher, Some(text));
    }
    // Neither the first round nor the first line is told: seals made before there were any stay true.
    if *round > 0 || *line > 0 {
        feed_place(hasher, *round);
    }
    if *line > 0 {
        feed_place(hasher, *line);
    }
}

fn feed_fact(hasher: &mut Sha256, it: &Fact) {
    feed(hasher, Some(&keep_moment(it.at)));
    feed(hasher, Some(&it.by));
    feed(hasher, Some(&keep_deed(&it.deed)));
}

/// A line of history, as far as it tells what it did to its sheet.
pub(super) struct Change<'a> {
    pub(super) what: What,
    pub(super) cell: &'a CellId,
    pub(super) old: &'a str,
    pub(super) new: &'a str,
}

/// Takes back what a line did to a sheet; tells whether the sheet was as the line left it. What a line does not quote
/// (a sheet's beginning) is not taken back.
pub(super) fn take_back(record: &mut Record, change: &Change<'_>) -> bool {
    let Change { what, cell, old, new } = change;
    match what {
        What::Set => {
            let same = record.at(cell) == *new;
            record.put(cell, old);
            same
        }
        What::Corrected => {
            let last = record.corrections.pop();
            // Corrections of before there were rounds all stand in the first: of the round the line alone tells.
            let told = |it: &Correction| (&it.cell.field, it.cell.line) == (&cell.field, cell.line);
            let same = last.is_some_and(|it| told(&it) && (it.old.as_str(), it.new.as_str()) == (*old, *new))
                && record.at(cell) == *new;
            record.put(cell, old);
            same
        }
        What::Fact => record.facts.pop().is_some_and(|it| keep_deed(&it.deed) == *new),
        What::Voided => record.void.take().is_some_and(|it| it.reason == *new),
        What::Round => {
            let last = record.rounds.len();
            record.rounds.pop().is_some_and(|it| it.is_empty() && last.to_string() == *new)
        }
        What::Created
        | What::Imported
        | What::Rescued
        | What::Customer
        | What::Number
        | What::Setting
        | What::Key
        | What::Procedure
        | What::Adopted => true,
    }
}

/// A deed as the book keeps it.
pub(super) fn keep_deed(deed: &Deed) -> String {
    // A deed is plain texts and numbers, which JSON always takes.
    serde_json::to_string(deed).unwrap_or_default()
}

/// A text with its length before it, so that no two sequences of texts are fed alike.
pub(super) fn feed(hasher: &mut Sha256, text: Option<&str>) {
    match text {
        Some(text) => {
            feed_length(hasher, text.len());
            hasher.update(text.as_bytes());
        }
        None => feed_number(hasher, -1),
    }
}

fn feed_length(hasher: &mut Sha256, length: usize) {
    hasher.update((length as u64).to_le_bytes());
}

/// A round or a line, zero-based: below nought, as no length is.
pub(super) fn feed_place(hasher: &mut Sha256, place: usize) {
    feed_number(hasher, -1 - i64::try_from(place).unwrap_or(i64::MAX - 1));
}

pub(super) fn feed_number(hasher: &mut Sha256, number: i64) {
    hasher.update(number.to_le_bytes());
}
