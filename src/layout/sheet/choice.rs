//! A choice (用户意见): its letters, the tick before the chosen one, the bracket behind 其他.

use std::borrow::Cow;

use super::super::corrected::{Change, Words, signed, through};
use super::super::text::{FIVE, SMALL_FIVE, fit, pitch, place, rise};
use super::super::{Mark, PAD, Part, Text};
use super::Setter;
use crate::face::{Face, width};
use crate::procedure::Field;
use crate::record::{CellId, Correction, Opinion};
use crate::units::{Mm, Point, Rect};

/// Chosen letters are ticked so.
const TICK: &str = "√";

impl<'a> Setter<'a> {
    /// The letters to choose from: those without a bracket on one line, then each with a bracket on its own. A letter
    /// that was chosen before a correction keeps its tick, struck through.
    pub(super) fn choice(&mut self, field: &'a Field, area: Rect, left: Mm, top: Mm) {
        let cell = self.cell_of(field);
        let value = self.value(field, &cell);
        let opinion = Opinion::read(field, &value);
        let corrections = self.corrections(field, &cell);
        let given_up = given_up(field, &corrections, opinion.letter);
        let under = under_letters(field, &value, &corrections);
        self.slot(&cell, Part::Entry, area, area, FIVE, Vec::new());
        let line = pitch(FIVE) * 1.15;
        let (mut x, mut y) = (left, top);
        let count = field.options.iter().filter(|it| !it.bracket).count();
        let bottom = area.bottom() - Mm::mm(0.5);
        let mut end_of_bracket = None;
        for (index, option) in field.options.iter().enumerate() {
            if option.bracket {
                (x, y) = (left, y + line);
            }
            let baseline = y + rise(FIVE);
            let start = x;
            let ticks = [(given_up.contains(&option.letter), true), (opinion.letter == Some(option.letter), false)];
            for (_, struck) in ticks.into_iter().filter(|it| it.0) {
                let at = Point::new(x, baseline);
                self.tick(&cell, at, struck);
                x += width(Face::Song, FIVE, TICK);
            }
            let end = match (option.bracket, index + 1 < count) {
                (true, _) => "(",
                (false, true) => ";",
                (false, false) => "",
            };
            let words = format!("{}:{}{end}", option.letter, option.word);
            self.page.words(Point::new(x, baseline), &words, Face::Song, FIVE);
            x += width(Face::Song, FIVE, &words);
            let taken = Rect::new(start, y - (line - pitch(FIVE)) / 2.0, x - start, line);
            self.slot(&cell, Part::Option(option.letter), taken, taken, FIVE, Vec::new());
            if option.bracket {
                let other = in_bracket(field, option.letter, &opinion, &corrections);
                let mut room = Rect::new(x, y, area.right() - PAD - FIVE - x, area.bottom() - y);
                if !under.text.is_empty() && !other.text.is_empty() {
                    // Both have something to say: the end of the cell is kept for what stands under the letters.
                    let lines = under.lines((area.right() - PAD - left) / SMALL_FIVE).len().min(2);
                    room.size.height = (room.size.height - pitch(SMALL_FIVE) * lines as f64).max(line);
                }
                end_of_bracket = Some(self.bracket(field, &cell, other, room));
            }
        }
        if !under.text.is_empty() {
            let top = end_of_bracket.unwrap_or(y + line).max(y + line);
            let room = Rect::new(left, top, area.right() - PAD - left, bottom - top);
            let set = fit(&under, room.size.width, room.size.height, false);
            let lines = place(&set.lines, set.size, room.left(), room.top());
            self.page.marks.extend(under.marks(&lines, set.size, &cell));
            self.keep_rest(field, &cell, under, &set, room, room.top());
        }
    }

    fn tick(&mut self, cell: &CellId, at: Point, struck: bool) {
        let (text, of) = (TICK.to_owned(), Some(cell.clone()));
        self.page.marks.push(Mark::Text(Text { at, text, face: Face::Song, size: FIVE, vertical: false, of }));
        if struck {
            self.page.marks.push(through(at, TICK, FIVE));
        }
    }

    /// The bracket behind 其他: as wide as four blanks while empty, else round its words. Returns where it ends below.
    fn bracket(&mut self, field: &'a Field, cell: &CellId, other: Words<'static>, room: Rect) -> Mm {
        let set = fit(&other, room.size.width, room.size.height - Mm::mm(0.5), false);
        let lines = place(&set.lines, set.size, room.left(), room.top());
        self.page.marks.extend(other.marks(&lines, set.size, cell));
        let close = match (set.lines.last(), lines.last()) {
            (Some(line), Some(placed)) if !other.text.is_empty() => {
                Point::new(room.left() + set.size * line.width, placed.at.y)
            }
            _ => Point::new(room.left() + width(Face::Song, FIVE, "    "), room.top() + rise(FIVE)),
        };
        self.page.words(close, ")", Face::Song, FIVE);
        let rect = Rect::new(room.left(), room.top(), room.size.width, pitch(set.size) * set.lines.len().max(1) as f64);
        self.slot(cell, Part::Other, rect, room, set.size, lines);
        self.keep_rest(field, cell, other, &set, room, room.top());
        rect.bottom() + if set.rest.is_some() { pitch(set.size) } else { Mm::ZERO }
    }
}

/// The letters that were chosen once, and were given up by a correction.
fn given_up(field: &Field, corrections: &[&Correction], now: Option<char>) -> Vec<char> {
    let letter = |text: &str| Opinion::read(field, text).letter;
    let mut found: Vec<char> = Vec::new();
    for (index, it) in corrections.iter().enumerate() {
        let next = corrections.get(index + 1).map_or(now, |it| letter(&it.old));
        let (old, new) = (letter(&it.old), letter(&it.new));
        found.extend(old.filter(|_| old != new));
        found.extend(new.filter(|_| new != next));
    }
    found
}

/// What stands behind one letter: the bracket's words, and those they replaced.
fn in_bracket(field: &Field, letter: char, now: &Opinion, corrections: &[&Correction]) -> Words<'static> {
    let other = |it: Opinion| if it.letter == Some(letter) { it.other } else { String::new() };
    let read = |text: &str| Cow::Owned(other(Opinion::read(field, text)));
    let change = |it: &&Correction| Change { old: read(&it.old), new: read(&it.new), note: String::new() };
    Words::corrected(Cow::Owned(other(now.clone())), corrections.iter().map(change).collect(), ' ')
}

/// What stands under the letters: words that are none of them, so that they stand on the paper all the same, and which
/// letter was changed for which, by whom and when.
fn under_letters(field: &Field, value: &str, corrections: &[&Correction]) -> Words<'static> {
    let letter = |text: &str| Opinion::read(field, text).letter;
    let unread = |text: &str| Cow::Owned(if letter(text).is_some() { String::new() } else { text.trim().to_owned() });
    let change = |it: &&Correction| {
        let what = match (letter(&it.old), letter(&it.new)) {
            (Some(old), Some(new)) if old == new => String::new(),
            (Some(old), Some(new)) => format!("{old}改为{new}"),
            (Some(old), None) => format!("划去{old}"),
            (None, Some(new)) => format!("选{new}"),
            (None, None) => String::new(),
        };
        Change { old: unread(&it.old), new: unread(&it.new), note: what + &signed(it) }
    };
    Words::corrected(unread(value), corrections.iter().map(change).collect(), ' ')
}
