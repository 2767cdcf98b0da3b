//! A corrected entry (划改): what stood there stays legible, struck through, before what stands there now.

use std::borrow::Cow;
use std::ops::Range;

use crate::face::{Face, Line, break_lines, width};
use crate::procedure::{Field, Kind};
use crate::record::{CellId, Correction, shown, shown_in};
use crate::units::{Mm, Point};

use super::{INNER, Mark, PlacedLine, Text};

/// How high above the baseline a line strikes a text through, in em: below the middle, where 一 has its own stroke.
const STRIKE: f64 = 0.3;
/// So many bytes are broken into lines at a time, where who and when may have to stay together.
const WINDOW: usize = 512;
/// For lengths in em.
const EM: Mm = Mm::mm(1.0);

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
    pub(super) fn of(field: &Field, correction: &'a Correction) -> Self {
        let text = |it: &'a str| shown_in(field, it);
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
    /// The bytes that say who changed what, in order.
    notes: Vec<Range<usize>>,
    /// The bytes of what is valid now.
    pub(super) current: Range<usize>,
}

impl<'a> From<Cow<'a, str>> for Words<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self { current: 0..text.len(), text, struck: Vec::new(), notes: Vec::new() }
    }
}

impl<'a> From<&'a str> for Words<'a> {
    fn from(text: &'a str) -> Self {
        Cow::Borrowed(text).into()
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
                words.strike(&text, &note, between);
                same(&text, &old) || same(&old, &text)
            });
            if !told {
                words.strike(&old, "", between);
            }
            standing = Some((new, note));
        }
        match standing {
            Some((text, note)) if same(&text, &value) => {
                words.current = words.add(&value, between);
                words.add_note(&note);
            }
            Some((text, note)) => {
                // Written over since, in the open: what the correction put there is kept as well.
                words.strike(&text, &note, between);
                words.current = words.add(&value, between);
            }
            None => {}
        }
        words
    }

    fn strike(&mut self, text: &str, note: &str, between: char) {
        let struck = self.add(text, between);
        self.struck.extend(Some(struck).filter(|it| !it.is_empty()));
        self.add_note(note);
    }

    fn add(&mut self, text: &str, between: char) -> Range<usize> {
        let words = self.text.to_mut();
        if !text.trim().is_empty() && !words.is_empty() {
            words.push(between);
        }
        let start = words.len();
        words.push_str(text.trim_end());
        start..words.len()
    }

    fn add_note(&mut self, note: &str) {
        let words = self.text.to_mut();
        if !note.is_empty() {
            if !words.is_empty() {
                words.push(' ');
            }
            self.notes.push(words.len()..words.len() + note.len());
            words.push_str(note);
        }
    }

    /// Broken into lines no longer than `wide` em. Who and when stays on one line where there is room for it. Of a text with
    /// very many of them a part is broken at a time: what follows a line that was ended early is broken anew.
    pub(super) fn lines(&self, wide: f64) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        let (mut from, mut window) = (0, WINDOW);
        let broken = |from: usize, text: &str| {
            let shifted = move |it: Line| Line { range: it.range.start + from..it.range.end + from, ..it };
            break_lines(Face::Song, text, wide).into_iter().map(shifted)
        };
        loop {
            let to = self.text.floor_char_boundary(from + window);
            let mut part: Vec<Line> = broken(from, &self.text[from..to]).collect();
            // What follows may yet have a say in the last lines.
            let sure = if to == self.text.len() { part.len() } else { part.len().saturating_sub(3) };
            let fits = |it: &Range<usize>| width(Face::Song, EM, &self.text[it.clone()]) / EM <= wide;
            let parted = |it: &Line| self.note_at(it.range.end).filter(|it| it.start > from && fits(it));
            if let Some(note) = part[..sure].iter().find_map(parted) {
                // The blank before it ends the line.
                lines.extend(broken(from, &format!("{}\n", &self.text[from..note.start - 1])));
                lines.pop();
                (from, window) = (note.start, WINDOW);
            } else if to == self.text.len() {
                lines.append(&mut part);
                return lines;
            } else {
                window *= 2;
            }
        }
    }

    /// The note that a cut at a byte would part.
    pub(super) fn note_at(&self, cut: usize) -> Option<Range<usize>> {
        let behind = self.notes.partition_point(|it| it.start < cut);
        self.notes[..behind].last().filter(|it| cut < it.end).cloned()
    }

    /// Without the blanks and blank lines at its end.
    pub(super) fn trimmed(mut self) -> Self {
        let end = self.text.trim_end().len();
        match &mut self.text {
            Cow::Borrowed(text) => self.text = Cow::Borrowed(&text[..end]),
            Cow::Owned(text) => text.truncate(end),
        }
        self.current = self.current.start.min(end)..self.current.end.min(end);
        self
    }

    /// The marks of placed lines; blanks at a line's end are not drawn.
    pub(super) fn marks(&self, lines: &[PlacedLine], size: Mm, of: &CellId) -> Vec<Mark> {
        let mut marks = Vec::with_capacity(lines.len());
        for line in lines {
            let Some(words) = self.text.get(line.range.clone()) else { continue };
            let words = words.trim_end_matches([' ', '\t', '\r']);
            if words.is_empty() {
                continue;
            }
            let (text, of) = (words.to_owned(), Some(of.clone()));
            marks.push(Mark::Text(Text { at: line.at, text, face: Face::Song, size, vertical: false, of }));
            let first = self.struck.partition_point(|it| it.end <= line.range.start);
            let here = self.struck[first..].iter().take_while(|it| it.start < line.range.end);
            marks.extend(here.filter_map(|it| strike(&self.text, line, it, size)));
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

#[cfg(test)]
mod tests {
    use super::*;

    /// As the lines are told: the whole text is broken anew for each note that would be parted.
    fn slowly(words: &Words<'_>, wide: f64) -> Vec<Line> {
        let mut lines = break_lines(Face::Song, &words.text, wide);
        let mut text = Cow::Borrowed(&*words.text);
        for note in &words.notes {
            let parted = lines.iter().any(|it| note.start < it.range.end && it.range.end < note.end);
            let fits = width(Face::Song, EM, &words.text[note.clone()]) / EM <= wide;
            if parted && fits && note.start > 0 {
                text.to_mut().replace_range(note.start - 1..note.start, "\n");
                lines = break_lines(Face::Song, &text, wide);
            }
        }
        lines
    }

    #[test]
    fn breaking_part_by_part_ends_every_line_where_breaking_the_whole_does() {
        let texts =
            ["尺寸超差 0.3 mm，返修。", "DN1200×16-R3", "甲", "2026.11.20—2026.12.01", "焊缝渗漏，打磨后重焊\n再检"];
        for between in ['\n', ' '] {
            for wide in [6.0, 11.5, 17.0, 40.0] {
                for count in [0, 1, 2, 7, 60] {
                    let text = |it: usize| Cow::Owned(texts[it * 7 % 5].repeat(1 + it * 3 % 4));
                    let note = |it: usize| format!("(沈{} 2026年11月{}日)", "葵".repeat(1 + it % 5), 1 + it % 30);
                    let changes = (0..count).map(|it| Change { old: text(it), new: text(it + 1), note: note(it) });
                    let words = Words::corrected(text(count), changes.collect(), between);
                    assert_eq!(words.lines(wide), slowly(&words, wide), "{between:?} {wide} {count}");
                }
            }
        }
    }
}
