//! A choice with boxes (□), in one line of a narrow cell: the chosen ones bear a √, the last may have a bracket.

use super::super::corrected::{Change, Words};
use super::super::text::{FIVE, SMALL_FIVE, fit, middle, pitch, place, rise};
use super::super::{Mark, Part, Text};
use super::Setter;
use crate::face::{Face, width};
use crate::procedure::Field;
use crate::record::Picked;
use crate::units::{Mm, Point, Rect};

/// A box, and what it bears when it is chosen.
const BOX: &str = "□";
const TICK: &str = "√";
/// Between two boxes.
const GAP: Mm = Mm::mm(2.0);

impl<'a> Setter<'a> {
    /// The boxes of a choice, on as few lines as they need; behind them what was changed, and what is none of them.
    pub(super) fn boxes(&mut self, field: &'a Field, rect: Rect, inner: Rect) {
        let cell = self.cell_of(field);
        let value = self.value(field, &cell);
        let picked = Picked::read(field, &value);
        self.slot(&cell, Part::Entry, rect, inner, FIVE, Vec::new());
        let wide = |size: Mm, word: &str, bracket: bool| {
            let bracket = if bracket { width(Face::Song, size, "(    )") } else { Mm::ZERO };
            width(Face::Song, size, BOX) + width(Face::Song, size, word) + bracket
        };
        let all = |size: Mm| field.options.iter().map(|it| wide(size, &it.word, it.bracket) + GAP).sum::<Mm>() - GAP;
        let size = if all(FIVE) <= inner.size.width { FIVE } else { SMALL_FIVE };
        // Where each begins: the next line is begun where one does not fit.
        let mut places = Vec::with_capacity(field.options.len());
        let (mut x, mut row) = (Mm::ZERO, 0);
        for option in &field.options {
            let wide = wide(size, &option.word, option.bracket);
            if x > Mm::ZERO && x + wide > inner.size.width {
                (x, row) = (Mm::ZERO, row + 1);
            }
            places.push((x, row));
            x += wide + GAP;
        }
        let top = middle(inner, row + 1, size);
        let line = pitch(size);
        for (at, (option, (left, row))) in field.options.iter().zip(&places).enumerate() {
            let (x, y) = (inner.left() + *left, top + line * *row as f64);
            let from = Point::new(x, y + rise(size));
            self.page.words(from, BOX, Face::Song, size);
            if picked.which.contains(&at) {
                let (text, of) = (TICK.to_owned(), Some(cell.clone()));
                self.page.marks.push(Mark::Text(Text { at: from, text, face: Face::Song, size, vertical: false, of }));
            }
            let word = Point::new(x + width(Face::Song, size, BOX), from.y);
            self.page.words(word, &option.word, Face::Song, size);
            let end = word.x + width(Face::Song, size, &option.word);
            let taken = Rect::new(x, y, end - x, line);
            self.slot(&cell, Part::Option(option.letter), taken, taken, size, Vec::new());
            if option.bracket {
                self.page.words(Point::new(end, from.y), "(", Face::Song, size);
                let begin = end + width(Face::Song, size, "(");
                // The last has the rest of the line to itself.
                let least = width(Face::Song, size, "    ");
                let room = if at + 1 == field.options.len() {
                    (inner.right() - begin - width(Face::Song, size, ")")).max(least)
                } else {
                    least
                };
                let room = Rect::new(begin, y, room, line);
                let words: Words<'a> = std::borrow::Cow::<str>::Owned(picked.other.clone()).into();
                let set = fit(&words, room.size.width, room.size.height, true);
                let lines = place(&set.lines, set.size, room.left(), middle(room, set.lines.len().max(1), set.size));
                self.page.marks.extend(words.marks(&lines, set.size, &cell));
                let written = set.lines.first().map_or(Mm::ZERO, |it| set.size * it.width).max(least);
                self.page.words(Point::new(begin + written.min(room.size.width), from.y), ")", Face::Song, size);
                self.slot(&cell, Part::Other, room, room, set.size, lines);
                self.keep_rest(field, &cell, words, &set, room, room.top());
            }
        }
        let corrections = self.corrections(field, &cell);
        let changes: Vec<Change<'_>> = corrections.into_iter().map(|it| Change::of(field, it)).collect();
        let text = if changes.is_empty() { picked.lost } else { value.into_owned() };
        let words: Words<'a> = Words::corrected(std::borrow::Cow::Owned(text), changes, ' ').trimmed();
        if words.text.is_empty() {
            return;
        }
        let left = inner.left() + x;
        let room = Rect::new(left, top + line * row as f64, (inner.right() - left).max(size * 4.0), line);
        let set = fit(&words, room.size.width, room.size.height, true);
        let lines = place(&set.lines, set.size, room.left(), middle(room, set.lines.len().max(1), set.size));
        self.page.marks.extend(words.marks(&lines, set.size, &cell));
        self.keep_rest(field, &cell, words, &set, room, room.top());
    }
}
