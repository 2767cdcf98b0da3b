//! A corrected entry (划改): what stood there stays legible, struck through, before what stands there now.

use std::borrow::Cow;
use std::ops::Range;

use crate::face::{Face, width};
use crate::procedure::{FieldId, Kind};
use crate::record::{Correction, shown};
use crate::units::{Mm, Point};

use super::{INNER, Mark, PlacedLine, Text};

/// How high above the baseline a line strikes a text through, in em: below the middle, where 一 has its own stroke.
const STRIKE: f64 = 0.3;

/// One change of an entry.
pub(super) struct Change<'a> {
    /// What stood there, as it is shown.
    pub(super) old: Cow<'a, str>,
    /// What was put in its place.
    pub(super) new: Cow<'a, str>,
    /// What is said behind it: who and when.
    pub(super) note: String,
}

impl<'a> Change<'a> {
    pub(super) fn of(kind: Kind, correction: &'a Correction) -> Self {
        let text = |it: &'a str| shown(kind, it);
        Self { old: text(&correction.old), new: text(&correction.new), note: signed(correction) }
    }
}

/// (钱立群 2026年11月21日)
pub(super) fn signed(correction: &Correction) -> String {
    let on = shown(Kind::Date, correction.on.trim());
    let words: Vec<&str> = [correction.by.trim(), &on].into_iter().filter(|it| !it.is_empty()).collect();
    if words.is_empty() { String::new() } else { format!("({})", words.join(" ")) }
}

/// What is set in a cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Words<'a> {
    pub(super) text: Cow<'a, str>,
    /// The bytes of it that are struck through, in order.
    pub(super) struck: Vec<Range<usize>>,
}

impl<'a> From<Cow<'a, str>> for Words<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self { text, struck: Vec::new() }
    }
}

impl<'a> Words<'a> {
    /// An entry with what it was changed from, oldest first; `between` stands between one text and the next.
    pub(super) fn corrected(value: Cow<'a, str>, changes: Vec<Change<'_>>, between: char) -> Self {
        if changes.is_empty() {
            return value.into();
        }
        let mut words = Self::default();
        let mut standing: Option<(Cow<'_, str>, String)> = None;
        for Change { old, new, note } in changes {
            let told = standing.take().is_some_and(|(text, note)| {
                words.add(&text, &note, between, true);
                same(&text, &old) || same(&old, &text)
            });
            if !told {
                words.add(&old, "", between, true);
            }
            standing = Some((new, note));
        }
        match standing {
            Some((text, note)) if same(&text, &value) => words.add(&value, &note, between, false),
            Some((text, note)) => {
                // Written over since, in the open: what the correction put there is kept as well.
                words.add(&text, &note, between, true);
                words.add(&value, "", between, false);
            }
            None => {}
        }
        words
    }

    fn add(&mut self, text: &str, note: &str, between: char, struck: bool) {
        let words = self.text.to_mut();
        if !text.trim().is_empty() {
            if !words.is_empty() {
                words.push(between);
            }
            let start = words.len();
            words.push_str(text.trim_end());
            if struck {
                self.struck.push(start..words.len());
            }
        }
        if !note.is_empty() {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(note);
        }
    }

    /// Without the blanks and blank lines at its end.
    pub(super) fn trimmed(mut self) -> Self {
        let end = self.text.trim_end().len();
        match &mut self.text {
            Cow::Borrowed(text) => self.text = Cow::Borrowed(&text[..end]),
            Cow::Owned(text) => text.truncate(end),
        }
        self
    }

    /// The marks of placed lines; blanks at a line's end are not drawn.
    pub(super) fn marks(&self, lines: &[PlacedLine], size: Mm, of: &FieldId) -> Vec<Mark> {
        let mut marks = Vec::with_capacity(lines.len());
        for line in lines {
            let Some(words) = self.text.get(line.range.clone()) else { continue };
            let words = words.trim_end_matches([' ', '\t', '\r']);
            if words.is_empty() {
                continue;
            }
            let (text, of) = (words.to_owned(), Some(of.clone()));
            marks.push(Mark::Text(Text { at: line.at, text, face: Face::Song, size, vertical: false, of }));
            marks.extend(self.struck.iter().filter_map(|it| strike(&self.text, line, it, size)));
        }
        marks
    }
}

/// Whether a correction's text is what stands there: word for word, or an excerpt of it between ……
fn same(text: &str, whole: &str) -> bool {
    let (text, whole) = (text.trim(), whole.trim());
    let inside = text.trim_matches('…').trim();
    text == whole || inside.len() < text.len() && !inside.is_empty() && whole.contains(inside)
}

/// The line through what is struck of a placed line, as long as its glyphs.
fn strike(text: &str, line: &PlacedLine, struck: &Range<usize>, size: Mm) -> Option<Mark> {
    let (start, end) = (line.range.start.max(struck.start), line.range.end.min(struck.end));
    let words = text.get(start..end)?;
    let start = start + words.len() - words.trim_start().len();
    let left = line.at.x + width(Face::Song, size, text.get(line.range.start..start)?);
    Some(through(Point::new(left, line.at.y), words.trim(), size)).filter(|_| !words.trim().is_empty())
}

/// The line through words that stand at a place of the baseline.
pub(super) fn through(at: Point, words: &str, size: Mm) -> Mark {
    let y = at.y - size * STRIKE;
    let right = at.x + width(Face::Song, size, words);
    Mark::Line { from: Point::new(at.x, y), to: Point::new(right, y), width: INNER }
}
