//! Addresses of entries, and what is written at them.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Index;

use serde::{Deserialize, Serialize};

use crate::procedure::FieldId;

/// The most lines of a table, on a sheet and all its continuation sheets.
pub const MOST_LINES: usize = 2_000;

/// The address of an entry: the only one there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
pub struct CellId {
    /// In which round (轮次) it is kept, zero-based.
    pub round: usize,
    /// Which datum.
    pub field: FieldId,
    /// In which line of its table, zero-based; 0 outside tables.
    pub line: usize,
}

impl CellId {
    /// An address outside tables, or in the first line of one.
    pub fn new(field: impl Into<FieldId>, round: usize) -> Self {
        Self::in_line(field, round, 0)
    }

    /// An address in a line of a table.
    pub fn in_line(field: impl Into<FieldId>, round: usize, line: usize) -> Self {
        Self { round, field: field.into(), line }
    }

    /// Whether this is the same place of a sheet, in whatever round.
    pub fn is_at(&self, other: &Self) -> bool {
        (&self.field, self.line) == (&other.field, other.line)
    }

    /// What stands behind the name of the datum, so that one line is told from another: `第2行`. Empty in the first line,
    /// which may be no table's.
    pub fn line_name(&self) -> String {
        if self.line == 0 { String::new() } else { format!("第{}行", self.line + 1) }
    }
}

impl fmt::Display for CellId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.field),
            line => write!(f, "{}:{}", self.field, line + 1),
        }
    }
}

/// Values of one round as typed, by datum and line; an empty value is not kept.
///
/// First lines stand apart: nearly all data have no others, and they are looked up very often.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    first: BTreeMap<FieldId, String>,
    more: BTreeMap<FieldId, BTreeMap<usize, String>>,
}

impl Values {
    /// Nothing written yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is written outside tables, or in the first line of one.
    pub fn get(&self, field: &str) -> Option<&String> {
        self.first.get(field)
    }

    /// What is written in a line; empty where nothing is.
    pub fn at(&self, field: &str, line: usize) -> &str {
        let found = if line == 0 { self.first.get(field) } else { self.more.get(field).and_then(|it| it.get(&line)) };
        found.map_or("", String::as_str)
    }

    /// Writes a line, and hands back what stood there; an empty value takes the entry away.
    pub fn put(&mut self, field: &FieldId, line: usize, value: &str) -> Option<String> {
        let value = (!value.is_empty()).then(|| value.to_owned());
        match (value, line) {
            (Some(value), 0) => self.first.insert(field.clone(), value),
            (None, 0) => self.first.remove(field),
            (Some(value), line) => self.more.entry(field.clone()).or_default().insert(line, value),
            (None, line) => {
                let lines = self.more.get_mut(field)?;
                let old = lines.remove(&line);
                if lines.is_empty() {
                    self.more.remove(field);
                }
                old
            }
        }
    }

    /// Writes outside tables, or the first line of one, and hands back what stood there.
    pub fn insert(&mut self, field: FieldId, value: String) -> Option<String> {
        self.first.insert(field, value)
    }

    /// Takes away all that is written in a datum, in whatever line; hands back what stood in the first.
    pub fn remove(&mut self, field: &str) -> Option<String> {
        self.more.remove(field);
        self.first.remove(field)
    }

    /// Whether the first line of a datum is written.
    pub fn contains_key(&self, field: &str) -> bool {
        self.first.contains_key(field)
    }

    /// Whether anything but an empty text stands in a datum, in whatever line.
    pub fn holds(&self, field: &str) -> bool {
        self.first.get(field).is_some_and(|it| !it.is_empty())
            || self.more.get(field).is_some_and(|it| it.values().any(|it| !it.is_empty()))
    }

    /// How many lines of a datum there are up to the last that is written.
    pub fn lines(&self, field: &str) -> usize {
        let last = self.more.get(field).and_then(|it| it.keys().next_back());
        last.map_or(usize::from(self.first.contains_key(field)), |it| it + 1)
    }

    /// How many entries there are, each line counted.
    pub fn len(&self) -> usize {
        self.first.len() + self.more.values().map(BTreeMap::len).sum::<usize>()
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty() && self.more.is_empty()
    }

    /// Every entry: first lines by datum, then all other lines by datum. Seals follow this order.
    pub fn iter(&self) -> impl Iterator<Item = (&FieldId, usize, &String)> {
        let first = self.first.iter().map(|(field, value)| (field, 0, value));
        let more = self.more.iter().flat_map(|(field, lines)| lines.iter().map(move |(line, it)| (field, *line, it)));
        first.chain(more)
    }

    /// Every datum in which something is written, once.
    pub fn keys(&self) -> impl Iterator<Item = &FieldId> {
        self.first.keys().chain(self.more.keys().filter(|it| !self.first.contains_key(*it)))
    }

    /// Every value.
    pub fn values(&self) -> impl Iterator<Item = &String> {
        self.iter().map(|(_, _, value)| value)
    }

    /// Takes everything away.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Keeps the entries that `keep` wants.
    pub fn retain(&mut self, mut keep: impl FnMut(&FieldId, &mut String) -> bool) {
        self.first.retain(&mut keep);
        self.more.retain(|field, lines| {
            lines.retain(|_, value| keep(field, value));
            !lines.is_empty()
        });
    }
}

impl Index<&str> for Values {
    type Output = String;

    fn index(&self, field: &str) -> &String {
        &self.first[field]
    }
}

impl<const N: usize> From<[(FieldId, String); N]> for Values {
    fn from(all: [(FieldId, String); N]) -> Self {
        all.into_iter().collect()
    }
}

impl FromIterator<(FieldId, String)> for Values {
    fn from_iter<I: IntoIterator<Item = (FieldId, String)>>(all: I) -> Self {
        Self { first: all.into_iter().collect(), more: BTreeMap::new() }
    }
}

impl Extend<(FieldId, String)> for Values {
    fn extend<I: IntoIterator<Item = (FieldId, String)>>(&mut self, all: I) {
        self.first.extend(all);
    }
}
