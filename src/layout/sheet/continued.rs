//! The continuation sheets (续页).

use std::ops::Range;

use super::super::text::{FIVE, SMALL_FIVE, capacity, front, pitch, place, rise};
use super::super::{FOOT, Mark, OUTER, PAD, Page, Part, Slot};
use super::Rest;
use crate::face::{Face, Line, break_lines};
use crate::procedure::{Form, Kind};
use crate::units::{Mm, Point, Rect};

/// The frame of a continuation sheet.
pub(super) fn continued_frame(form: &Form) -> Rect {
    let inside = form.paper.inside();
    let top = inside.top() + form.head;
    Rect::new(inside.left(), top, inside.size.width, inside.bottom() - FOOT - top)
}

/// The continuation sheets (续页): what did not fit, field after field, and 以下空白 under the last line.
pub(super) fn continuation(form: &Form, rests: &[Rest<'_>]) -> Vec<Page> {
    let frame = continued_frame(form);
    let inner = frame.shrink(PAD);
    let mut pages: Vec<Page> = Vec::new();
    let mut y = inner.bottom();
    for (index, rest) in rests.iter().enumerate() {
        let mut from = rest.from;
        let mut first = true;
        let last_field = index + 1 == rests.len();
        while first || from < rest.words.text.len() {
            let label = pitch(FIVE);
            let gap = if y > inner.top() { pitch(SMALL_FIVE) / 2.0 } else { Mm::ZERO };
            // A label never stands alone at the foot of a page.
            if pages.is_empty() || capacity(rest.size, inner.bottom() - y - gap - label) < 3 {
                let mut page = Page::new(form);
                page.marks.push(Mark::Frame { rect: frame, width: OUTER });
                pages.push(page);
                y = inner.top();
            } else {
                y += gap;
            }
            let Some(page) = pages.last_mut() else { return pages };
            page.words(
                Point::new(inner.left(), y + rise(FIVE)),
                &format!("{}(续):", rest.field.name),
                Face::Song,
                FIVE,
            );
            let top = y + label;
            let room = capacity(rest.size, inner.bottom() - top);
            let lines = shifted(first_lines(&rest.words.text[from..], inner.size.width / rest.size, room + 1), from);
            // The last line of all takes 以下空白 with it: it never stands on a sheet of its own.
            let whole = lines.len() + usize::from(last_field) <= room;
            let keep = if whole { lines.len() } else { room.min(lines.len() - usize::from(lines.len() <= room)) };
            let (lines, next) =
                if whole { (lines, rest.words.text.len()) } else { front(&rest.words.text, lines, keep) };
            let placed = place(&lines, rest.size, inner.left(), top);
            page.marks.extend(rest.words.marks(&placed, rest.size, &rest.cell));
            y = top + pitch(rest.size) * placed.len() as f64;
            let rect = Rect::new(frame.left(), top, frame.size.width, y - top);
            let area = Rect::new(inner.left(), top, inner.size.width, y - top);
            let part = if rest.field.kind == Kind::Choice { Part::Other } else { Part::Entry };
            page.slots.push(Slot {
                cell: rest.cell.clone(),
                part,
                rect,
                inner: area,
                size: rest.size,
                pitch: pitch(rest.size),
                lines: placed,
            });
            if whole && last_field {
                let middle = frame.left() + frame.size.width / 2.0;
                page.words_centred(middle, y + rise(rest.size), "以下空白", Face::Song, rest.size);
            }
            first = false;
            from = next;
            if whole {
                break;
            }
            y = inner.bottom();
        }
    }
    pages
}

/// At least the first `count` lines of a text, without breaking all of a long one for each page it runs over.
fn first_lines(text: &str, width: f64, count: usize) -> Vec<Line> {
    /// More bytes than a line commonly has.
    const LINE: usize = 256;
    /// What stands at the end of a piece may break otherwise when the text goes on.
    const UNSURE: usize = 2;
    let mut piece = (count + UNSURE) * LINE;
    loop {
        let end = (piece..text.len()).find(|it| text.is_char_boundary(*it)).unwrap_or(text.len());
        let mut lines = break_lines(Face::Song, &text[..end], width);
        if end == text.len() {
            return lines;
        }
        if lines.len() > count + UNSURE {
            lines.truncate(count + 1);
            return lines;
        }
        piece *= 2;
    }
}

fn shifted(mut lines: Vec<Line>, by: usize) -> Vec<Line> {
    for line in &mut lines {
        line.range = Range { start: line.range.start + by, end: line.range.end + by };
    }
    lines
}
