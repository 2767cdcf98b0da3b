//! The continuation sheets (续页).

use std::ops::Range;

use super::super::corrected::Words;
use super::super::text::{FIVE, SMALL_FIVE, capacity, front, pitch, place, rise};
use super::super::{FOOT, Mark, OUTER, PAD, Page, Part, Slot};
use super::table::{Grid, TableRest};
use crate::face::{Face, Line, break_lines};
use crate::procedure::{Field, Form, Kind};
use crate::record::CellId;
use crate::units::{Mm, Point, Rect};

/// The frame of a continuation sheet.
pub(super) fn continued_frame(form: &Form) -> Rect {
    let inside = form.paper.inside();
    let top = inside.top() + form.head;
    Rect::new(inside.left(), top, inside.size.width, inside.bottom() - FOOT - top)
}

/// What did not fit the front.
pub(super) enum Rest<'a> {
    /// The end of an entry.
    Entry { field: &'a Field, cell: CellId, words: Words<'a>, from: usize, size: Mm },
    /// Lines of a table.
    Table(TableRest<'a>),
}

/// Continuation sheets while they are made.
struct Sheets<'a> {
    form: &'a Form,
    frame: Rect,
    inner: Rect,
    pages: Vec<Page>,
    y: Mm,
}

impl Sheets<'_> {
    /// The sheet that has `room` left below a gap and a label, or a new one.
    fn with_room(&mut self, room: Mm) {
        let gap = if self.y > self.inner.top() { pitch(SMALL_FIVE) / 2.0 } else { Mm::ZERO };
        let left = self.inner.bottom() - self.y - gap - pitch(FIVE);
        if self.pages.is_empty() || (left / room) + 1e-6 < 1.0 {
            let mut page = Page::new(self.form);
            page.marks.push(Mark::Frame { rect: self.frame, width: OUTER });
            self.pages.push(page);
            self.y = self.inner.top();
        } else {
            self.y += gap;
        }
    }

    /// 以下空白 under the last line of all.
    fn end(&mut self, size: Mm) {
        let (middle, baseline) = (self.frame.left() + self.frame.size.width / 2.0, self.y + rise(size));
        if let Some(page) = self.pages.last_mut() {
            page.words_centred(middle, baseline, "以下空白", Face::Song, size);
        }
    }
}

/// The continuation sheets (续页): what did not fit, one after the other, and 以下空白 under the last line.
pub(super) fn continuation(form: &Form, rests: Vec<Rest<'_>>) -> Vec<Page> {
    let frame = continued_frame(form);
    let inner = frame.shrink(PAD);
    let mut sheets = Sheets { form, frame, inner, pages: Vec::new(), y: inner.bottom() };
    let count = rests.len();
    for (index, rest) in rests.into_iter().enumerate() {
        let last = index + 1 == count;
        match rest {
            Rest::Entry { field, cell, words, from, size } => {
                entry(&mut sheets, field, &cell, &words, (from, size), last)
            }
            Rest::Table(rest) => table(&mut sheets, &rest, last),
        }
    }
    sheets.pages
}

/// The end of an entry, over as many sheets as it takes.
fn entry(
    sheets: &mut Sheets<'_>,
    field: &Field,
    cell: &CellId,
    words: &Words<'_>,
    (mut from, size): (usize, Mm),
    last_field: bool,
) {
    let Sheets { inner, frame, .. } = *sheets;
    let mut first = true;
    while first || from < words.text.len() {
        // A label never stands alone at the foot of a page.
        sheets.with_room(pitch(size) * 3.0);
        let name = format!("{}{}(续):", field.name, cell.line_name());
        let (y, at) = (sheets.y, sheets.pages.len() - 1);
        let page = &mut sheets.pages[at];
        page.words(Point::new(inner.left(), y + rise(FIVE)), &name, Face::Song, FIVE);
        let top = y + pitch(FIVE);
        let room = capacity(size, inner.bottom() - top);
        let lines = shifted(first_lines(&words.text[from..], inner.size.width / size, room + 1), from);
        // The last line of all takes 以下空白 with it: it never stands on a sheet of its own.
        let whole = lines.len() + usize::from(last_field) <= room;
        let keep = if whole { lines.len() } else { room.min(lines.len() - usize::from(lines.len() <= room)) };
        let (lines, next) = if whole { (lines, words.text.len()) } else { front(&words.text, lines, keep) };
        let placed = place(&lines, size, inner.left(), top);
        page.marks.extend(words.marks(&placed, size, cell));
        let y = top + pitch(size) * placed.len() as f64;
        let rect = Rect::new(frame.left(), top, frame.size.width, y - top);
        let area = Rect::new(inner.left(), top, inner.size.width, y - top);
        let part = if field.kind == Kind::Choice { Part::Other } else { Part::Entry };
        let cell = cell.clone();
        page.slots.push(Slot { cell, part, rect, inner: area, size, pitch: pitch(size), lines: placed });
        sheets.y = y;
        first = false;
        from = next;
        if whole {
            if last_field {
                sheets.end(size);
            }
            return;
        }
        sheets.y = inner.bottom();
    }
}

/// The lines of a table, over as many sheets as they take, each with the head; a line longer than a sheet is parted.
fn table(sheets: &mut Sheets<'_>, rest: &TableRest<'_>, last_field: bool) {
    let Sheets { inner, frame, .. } = *sheets;
    let mut grid = Grid::new(rest.table, Mm::ZERO);
    grid = Grid::new(rest.table, frame.right() - grid.width());
    let whole_sheet = grid.slots_in(inner.size.height - pitch(FIVE) - grid.head_height() - pitch(SMALL_FIVE)).max(1);
    let mut lines = rest.lines.iter().map(|it| (it, it.begin())).peekable();
    while lines.peek().is_some() {
        let least = grid.head_height() + grid.height() + pitch(SMALL_FIVE);
        sheets.with_room(least);
        let (y, at) = (sheets.y, sheets.pages.len() - 1);
        let page = &mut sheets.pages[at];
        let name = format!("{}(续):", rest.table.name);
        page.words(Point::new(inner.left(), y + rise(FIVE)), &name, Face::Song, FIVE);
        let top = y + pitch(FIVE);
        grid.head(page, top, &rest.head);
        let mut y = top + grid.head_height();
        while let Some((line, done)) = lines.peek_mut() {
            let free = grid.slots_in(inner.bottom() - y - pitch(SMALL_FIVE));
            let begun = done.iter().any(|it| *it > 0);
            let slots = if line.slots() <= free && !begun {
                line.slots()
            } else if begun || line.slots() > whole_sheet {
                grid.slots_for(line, done).min(free)
            } else {
                0
            };
            if slots == 0 {
                break;
            }
            grid.line(page, y, line, done, slots);
            y += grid.height() * slots as f64;
            if !line.is_done(done) {
                break;
            }
            lines.next();
            if lines.peek().is_some() {
                grid.across(page, y);
            }
        }
        grid.close(page, top, y);
        sheets.y = if lines.peek().is_some() { inner.bottom() } else { y };
    }
    if last_field {
        sheets.end(SMALL_FIVE);
    }
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
