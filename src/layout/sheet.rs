//! A sheet of a form, with its continuation sheets.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::calendar::Calendar;
use crate::face::{Face, width};
use crate::flow::Life;
use crate::procedure::{Cell, Field, Form, Kind, Procedure, Section};
use crate::record::{CellId, Correction, Record, full_date, keep_date, picture_size, read_date, shown_in};
use crate::units::{Mm, Point, Rect};

use super::corrected::{Change, Words};
use super::text::{FIVE, Fit, SMALL_FIVE, fit, middle, pitch, place, rise};
use super::void::void;
use super::{Mark, OUTER, PAD, Page, Part, PlacedLine, Slot, Text, foot, head, page_of};

mod boxes;
mod choice;
mod continued;
mod table;

use continued::{Rest, continuation, continued_frame};

/// Room for a date in full behind a person's name, in em.
const DATE_ROOM: f64 = 7.4;
/// Room for a date in figures (2026-11-20) behind a name, in em of the smallest size.
const SHORT_DATE_ROOM: f64 = 6.0;
/// Room before 年, 月 and 日 where a date is written by hand.
const DATE_GAPS: [(Mm, &str); 3] = [(Mm::mm(12.0), "年"), (Mm::mm(8.0), "月"), (Mm::mm(8.0), "日")];

/// For whom a sheet is laid out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look<'a> {
    /// The copy's mark (第一联 …), outside the frame.
    pub copy: Option<&'a str>,
    /// Whether typed names and dates stand in the signature cells; a printed copy leaves them empty for ink.
    pub signatures: bool,
    /// The entry being written, which is set as typed: no date is written out under the pen.
    pub raw: Option<&'a CellId>,
    /// Which round of the record, from nought; one that there is not is shown as the last.
    pub round: usize,
}

/// Where an entry stands: what takes the click, what the text is set in, and whether nothing else stands in the cell, so
/// that an empty date shows 年 月 日.
#[derive(Clone, Copy)]
struct Entry {
    rect: Rect,
    inner: Rect,
    alone: bool,
}

/// Which round a sheet shows (PROCEDURE 5: every round is kept and counted); `None` where there is only one.
pub fn round_name(record: &Record, round: usize) -> Option<String> {
    let count = record.rounds.len();
    (count > 1).then(|| format!("第 {} 次处置（共 {count} 次）", round.min(count - 1) + 1))
}

/// Lays out a record on its form.
pub fn sheet(procedure: &Procedure, form: &Form, record: &Record, look: &Look<'_>) -> Vec<Page> {
    let look = &Look { round: look.round.min(record.last_round()), ..*look };
    let round = record.as_of.map(|it| format!("截至 {}", full_date(it))).or_else(|| round_name(record, look.round));
    let calendar = procedure.calendar_of(&form.form);
    let mut changes: BTreeMap<&CellId, Vec<&Correction>> = BTreeMap::new();
    record.corrections.iter().for_each(|it| changes.entry(&it.cell).or_default().push(it));
    let mut setter = Setter { form, record, changes, calendar, look, page: Page::new(form), rests: Vec::new() };
    let frame = setter.front();
    let Setter { page, rests, .. } = setter;
    let mut pages = vec![page];
    pages.extend(continuation(form, rests));
    let count = pages.len();
    // A signed sheet keeps the name it was signed under (PROCEDURE 6).
    let company = record.company().unwrap_or(&procedure.document.company);
    for (index, page) in pages.iter_mut().enumerate() {
        head(page, company, form, &record.number, index > 0);
        let frame = if index == 0 { frame } else { continued_frame(form) };
        let number = if count > 1 { page_of(index + 1, count) } else { String::new() };
        let low = foot(page, frame, form.foot.as_deref().unwrap_or_default(), &number);
        if let Some(it) = &record.void {
            void(page, form, it, low);
        }
        let above = form.paper.top - Mm::mm(4.0);
        if let Some(copy) = look.copy {
            page.words_right(frame.right(), above, copy, Face::Song, FIVE);
        }
        if let Some(round) = &round {
            page.words(Point::new(frame.left(), above), round, Face::Song, FIVE);
        }
        page.marks.retain(|mark| !matches!(mark, Mark::Text(text) if text.text.is_empty()));
    }
    pages
}

/// Lays out the first page.
struct Setter<'a> {
    form: &'a Form,
    record: &'a Record,
    /// The changes after signing, by cell.
    changes: BTreeMap<&'a CellId, Vec<&'a Correction>>,
    calendar: &'a Calendar,
    look: &'a Look<'a>,
    page: Page,
    rests: Vec<Rest<'a>>,
}

impl<'a> Setter<'a> {
    /// Everything inside the frame; returns the frame.
    fn front(&mut self) -> Rect {
        let inside = self.form.paper.inside();
        let top = inside.top() + self.form.head;
        let mut y = top;
        for (index, section) in self.form.sections.iter().enumerate() {
            let section_top = y;
            for ((row_index, row), across) in section.rows.iter().enumerate().zip(section.across()) {
                let left = inside.left() + self.form.spine;
                if row_index > 0 {
                    // What reaches down from above is not crossed.
                    let mut x = left;
                    for (from, to) in &across.taken {
                        if left + *from > x {
                            self.page.line(Point::new(x, y), Point::new(left + *from, y));
                        }
                        x = left + *to;
                    }
                    if x < inside.right() {
                        self.page.line(Point::new(x, y), Point::new(inside.right(), y));
                    }
                }
                for x in across.taken.iter().flat_map(|it| [it.0, it.1]).map(|it| left + it) {
                    if x > left && x < inside.right() {
                        self.page.line(Point::new(x, y), Point::new(x, y + row.height));
                    }
                }
                if let Some(table) = row.table.as_ref().and_then(|it| self.form.tables.get(it)) {
                    self.table(table, left, y);
                }
                for (cell, x) in row.cells.iter().zip(&across.cells) {
                    let after_taken = across.taken.iter().any(|it| it.1 == *x);
                    let x = left + *x;
                    if x > left && !after_taken {
                        self.page.line(Point::new(x, y), Point::new(x, y + row.height));
                    }
                    let height = section.height_from(row_index, cell.rows);
                    self.cell(cell, Rect::new(x, y, cell.width, height));
                }
                y += row.height;
            }
            if index > 0 {
                self.page.line(Point::new(inside.left(), section_top), Point::new(inside.right(), section_top));
            }
            self.spine(section, Rect::new(inside.left(), section_top, self.form.spine, y - section_top));
            if self.life().is_struck(index) {
                let left = inside.left() + self.form.spine;
                self.stroke(Rect::new(left, section_top, inside.right() - left, y - section_top));
            }
        }
        if self.form.spine > Mm::ZERO {
            let x = inside.left() + self.form.spine;
            self.page.line(Point::new(x, top), Point::new(x, y));
        }
        let frame = Rect::new(inside.left(), top, inside.size.width, y - top);
        self.page.marks.push(Mark::Frame { rect: frame, width: OUTER });
        frame
    }

    /// The sheet as its conditions see it, in the round that is laid out.
    fn life(&self) -> Life<'a> {
        Life::in_round(self.form, self.record, self.look.round)
    }

    /// One stroke from corner to corner, as by hand, across what does not apply; what stands there stays legible.
    fn stroke(&mut self, area: Rect) {
        self.page.line(Point::new(area.left(), area.bottom()), Point::new(area.right(), area.top()));
    }

    /// A section's title, upright in a column, and its department in a second one to the left, as vertical Chinese runs.
    fn spine(&mut self, section: &Section, area: Rect) {
        let columns: Vec<&str> =
            [section.title.as_deref(), section.department.as_deref()].into_iter().flatten().collect();
        let step = FIVE * 1.7;
        let middle_x = area.left() + area.size.width / 2.0;
        let spread = |index: usize| if index == 0 { 1.5 } else { 1.15 };
        let height_of = |index: usize, words: &str| {
            let count = words.chars().count() as f64;
            FIVE * (count + (count - 1.0) * (spread(index) - 1.0))
        };
        if columns.iter().enumerate().any(|(index, it)| height_of(index, it) > area.size.height - PAD) {
            return self.spine_across(&columns, area);
        }
        for (index, words) in columns.iter().enumerate() {
            let (spread, height) = (spread(index), height_of(index, words));
            let from_middle = (columns.len() as f64 - 1.0) / 2.0 - index as f64;
            let x = middle_x + step * from_middle - FIVE / 2.0;
            let mut top = area.top() + (area.size.height - height) / 2.0;
            for c in words.chars() {
                let at = Point::new(x, top + FIVE * 0.88);
                let text = c.to_string();
                self.page.marks.push(Mark::Text(Text {
                    at,
                    text,
                    face: Face::Song,
                    size: FIVE,
                    vertical: true,
                    of: None,
                }));
                top += FIVE * spread;
            }
        }
    }

    /// A section too low for upright columns: its title and its department across, one under the other.
    fn spine_across(&mut self, lines: &[&str], area: Rect) {
        let fits = |it: &&str| width(Face::Song, FIVE, it) <= area.size.width - Mm::mm(1.0);
        let size = if lines.iter().all(fits) { FIVE } else { SMALL_FIVE };
        let top = middle(area, lines.len(), size);
        for (index, words) in lines.iter().enumerate() {
            let baseline = top + pitch(size) * index as f64 + rise(size);
            self.page.words_centred(area.left() + area.size.width / 2.0, baseline, words, Face::Song, size);
        }
    }

    fn cell(&mut self, cell: &'a Cell, area: Rect) {
        let mut fields = cell.fields.iter().filter_map(|it| self.form.field(it));
        if fields.any(|it| self.life().is_slashed(it) && self.bears_stroke(it)) {
            let label = cell.label_width.unwrap_or_default();
            self.stroke(Rect::new(area.left() + label, area.top(), area.size.width - label, area.size.height));
        }
        let label_width = width(Face::Song, FIVE, &cell.label);
        let fields: Vec<&'a Field> =
            cell.fields.iter().filter_map(|id| self.form.fields.iter().find(|it| it.id == *id)).collect();
        if let Some(wide) = cell.label_width {
            let label = Rect::new(area.left(), area.top(), wide, area.size.height);
            let baseline = middle(label, 1, FIVE) + rise(FIVE);
            self.page.words_centred(label.left() + wide / 2.0, baseline, &cell.label, Face::Song, FIVE);
            self.page.line(Point::new(label.right(), area.top()), Point::new(label.right(), area.bottom()));
            let room = Rect::new(label.right(), area.top(), area.size.width - wide, area.size.height);
            for field in fields {
                if field.kind == Kind::Picture {
                    self.picture(field, room, room);
                } else if field.boxes {
                    self.boxes(field, room, room_inside(room, Mm::ZERO));
                } else {
                    self.entry(field, room, room_inside(room, Mm::ZERO), true);
                }
            }
            return;
        }
        let [field, others @ ..] = fields.as_slice() else { return };
        let left = area.left() + PAD;
        if field.kind == Kind::Picture {
            let top = area.top() + Mm::mm(0.8);
            let used = if label_width > Mm::ZERO { pitch(FIVE) + Mm::mm(0.8) } else { Mm::ZERO };
            self.page.words(Point::new(left, top + rise(FIVE)), &cell.label, Face::Song, FIVE);
            let room = Rect::new(area.left(), area.top() + used, area.size.width, area.size.height - used);
            self.picture(field, area, room);
        } else if field.kind == Kind::Note {
            self.note(&cell.label, room_inside(area, Mm::ZERO));
        } else if field.boxes {
            let used = if label_width > Mm::ZERO { label_width + Mm::mm(1.0) } else { Mm::ZERO };
            let baseline = middle(area, 1, FIVE) + rise(FIVE);
            self.page.words(Point::new(left, baseline), &cell.label, Face::Song, FIVE);
            self.boxes(field, area, room_inside(area, used));
        } else if field.kind == Kind::Choice {
            let top = area.top() + Mm::mm(1.6);
            self.page.words(Point::new(left, top + rise(FIVE)), &cell.label, Face::Song, FIVE);
            self.choice(field, area, left + label_width + Mm::mm(1.5), top);
        } else if field.kind == Kind::Text {
            let top = area.top() + Mm::mm(0.8);
            let under = top + pitch(FIVE);
            let inner = Rect::new(left, under, area.size.width - PAD * 2.0, area.bottom() - Mm::mm(0.5) - under);
            if inner.size.height < pitch(SMALL_FIVE) {
                // Too low for a line under the label: it begins behind it.
                let baseline = middle(area, 1, FIVE) + rise(FIVE);
                self.page.words(Point::new(left, baseline), &cell.label, Face::Song, FIVE);
                let start = left + label_width + Mm::mm(0.6);
                let inner = Rect::new(start, area.top(), area.right() - PAD - start, area.size.height);
                self.entry(field, area, inner, false);
            } else {
                self.page.words(Point::new(left, top + rise(FIVE)), &cell.label, Face::Song, FIVE);
                self.entry(field, area, inner, false);
            }
        } else {
            let baseline = middle(area, 1, FIVE) + rise(FIVE);
            self.page.words(Point::new(left, baseline), &cell.label, Face::Song, FIVE);
            let start = left + label_width + Mm::mm(0.6);
            match others {
                [date, ..] => {
                    let room = if cell.is_narrow() { SMALL_FIVE * SHORT_DATE_ROOM } else { FIVE * DATE_ROOM };
                    let split = area.right() - room;
                    let name = Rect::new(area.left(), area.top(), split - area.left(), area.size.height);
                    self.entry(field, name, room_inside(name, start - area.left() - PAD), false);
                    let rest = Rect::new(split, area.top(), area.right() - split, area.size.height);
                    let inner =
                        Rect::new(split + Mm::mm(0.8), rest.top(), rest.size.width - Mm::mm(1.2), rest.size.height);
                    self.entry(date, rest, inner, false);
                }
                [] => self.entry(field, area, room_inside(area, start - area.left() - PAD), true),
            }
        }
    }

    /// Where what is set for a field outside tables is kept.
    fn cell_of(&self, field: &Field) -> CellId {
        self.record.cell(self.form, &field.id, self.look.round, 0)
    }

    /// Whether the pen is on an entry.
    fn is_raw(&self, cell: &CellId) -> bool {
        self.look.raw.is_some_and(|it| it.is_at(cell))
    }

    /// What is set for an entry: nothing in signature cells of a copy that is signed in ink.
    fn value(&self, field: &Field, cell: &CellId) -> Cow<'a, str> {
        if field.signature && !self.look.signatures {
            return Cow::Borrowed("");
        }
        if field.is.is_some() {
            let value = self.record.says(self.form, self.calendar, field, cell, self.look.round);
            return Cow::Owned(shown_in(field, &value).into_owned());
        }
        let value = self.record.at(cell);
        // What whoever signed said of the work stands before the name.
        let signed = if field.signature { self.record.verdict(cell.field.as_str(), cell.round) } else { None };
        if let Some(signed) = signed.filter(|_| !value.is_empty()) {
            return Cow::Owned(format!("{} {value}", signed.verdict));
        }
        if value.is_empty() && self.life().is_slashed(field) && !self.bears_stroke(field) {
            return Cow::Borrowed("/");
        }
        if self.is_raw(cell) || self.is_short_date(field) { Cow::Borrowed(value) } else { shown_in(field, value) }
    }

    /// What is set for an entry of this width: a date that has no room to be written out stands in figures.
    fn value_in(&self, field: &Field, cell: &CellId, wide: Mm) -> Cow<'a, str> {
        let said = self.value(field, cell);
        let crowded = field.kind == Kind::Date && !self.is_raw(cell) && width(Face::Song, SMALL_FIVE, &said) > wide;
        match read_date(&said, None).filter(|_| crowded) {
            Some(day) => Cow::Owned(keep_date(day)),
            None => said,
        }
    }

    /// Whether a field that does not apply is struck with a line: where its room is not empty, or holds boxes.
    fn bears_stroke(&self, field: &Field) -> bool {
        field.kind.is_chosen() || !self.record.at(&self.cell_of(field)).trim().is_empty()
    }

    /// Whether it is the date in a cell too narrow for a person's name and a date in full: there it stands in figures.
    fn is_short_date(&self, field: &Field) -> bool {
        let mut cells = self.form.sections.iter().flat_map(|it| &it.rows).flat_map(|it| &it.cells);
        field.kind == Kind::Date && cells.any(|it| it.is_narrow() && it.fields.get(1) == Some(&field.id))
    }

    /// A picture as large as its room allows, in the middle of it.
    fn picture(&mut self, field: &'a Field, rect: Rect, room: Rect) {
        let cell = self.cell_of(field);
        let inner = room.shrink(PAD);
        self.slot(&cell, Part::Entry, rect, inner, FIVE, Vec::new());
        let kept = self.record.at(&cell);
        let Some((width, height)) = picture_size(kept) else {
            if !kept.is_empty() {
                let middle_x = inner.left() + inner.size.width / 2.0;
                let said = shown_in(field, kept);
                self.page.words_centred(middle_x, middle(inner, 1, FIVE) + rise(FIVE), &said, Face::Song, FIVE);
            }
            return;
        };
        let (wide, high) = (f64::from(width), f64::from(height));
        let dot = (inner.size.width / wide).min(inner.size.height / high);
        let (wide, high) = (dot * wide, dot * high);
        let left = inner.left() + (inner.size.width - wide) / 2.0;
        let rect = Rect::new(left, inner.top() + (inner.size.height - high) / 2.0, wide, high);
        self.page.marks.push(Mark::Picture { rect, kept: kept.into() });
    }

    /// What the form says in a cell in so many words, in as many lines as they need.
    fn note(&mut self, words: &'a str, inner: Rect) {
        let set = fit(&words.into(), inner.size.width, inner.size.height, false);
        for line in place(&set.lines, set.size, inner.left(), middle(inner, set.lines.len(), set.size)) {
            let said = words.get(line.range).unwrap_or_default().trim_end();
            self.page.words(line.at, said, Face::Song, set.size);
        }
    }

    /// The changes of what is set for an entry, oldest first. An entry under the pen is set without them.
    fn corrections(&self, field: &Field, cell: &CellId) -> Vec<&'a Correction> {
        // What changes on a sheet that lives on stands in a table of its own.
        let told = self.form.is_living();
        if told || self.is_raw(cell) || field.signature && !self.look.signatures {
            return Vec::new();
        }
        self.changes.get(cell).cloned().unwrap_or_default()
    }

    /// An entry in its room; `alone` as in [`Entry`].
    fn entry(&mut self, field: &'a Field, rect: Rect, inner: Rect, alone: bool) {
        let cell = self.cell_of(field);
        let changes = self.corrections(field, &cell).into_iter().map(|it| Change::of(field, it)).collect();
        let between = if field.kind == Kind::Text { '\n' } else { ' ' };
        let words = Words::corrected(self.value_in(field, &cell, inner.size.width), changes, between);
        // Blank lines at the end are seen only under the pen: they open no continuation sheet.
        let words = if self.is_raw(&cell) { words } else { words.trimmed() };
        let set = fit(&words, inner.size.width, inner.size.height, field.kind != Kind::Text);
        self.set_entry(field, &cell, words, set, Entry { rect, inner, alone });
    }

    /// An entry that was fitted to its room.
    fn set_entry(&mut self, field: &'a Field, cell: &CellId, words: Words<'a>, set: Fit, place_of: Entry) {
        let Entry { rect, inner, alone } = place_of;
        if words.text.is_empty() && field.kind == Kind::Date && alone {
            self.date_by_hand(inner);
        }
        let rows = set.lines.len() + usize::from(set.rest.is_some());
        let top = if field.kind == Kind::Text && inner.top() > rect.top() {
            inner.top()
        } else {
            middle(inner, rows, set.size)
        };
        let mut lines = place(&set.lines, set.size, inner.left(), top);
        if field.is_number() {
            for (line, at) in set.lines.iter().zip(&mut lines) {
                at.at.x += inner.size.width - set.size * line.width;
            }
        }
        self.page.marks.extend(words.marks(&lines, set.size, cell));
        if field.is_written() {
            self.slot(cell, Part::Entry, rect, inner, set.size, lines);
        }
        self.keep_rest(field, cell, words, &set, inner, top);
    }

    fn slot(&mut self, cell: &CellId, part: Part, rect: Rect, inner: Rect, size: Mm, lines: Vec<PlacedLine>) {
        let cell = cell.clone();
        self.page.slots.push(Slot { cell, part, rect, inner, size, pitch: pitch(size), lines });
    }

    /// 见续页 on the line left free at the end of the cell, and the rest for the continuation sheet.
    fn keep_rest(&mut self, field: &'a Field, cell: &CellId, words: Words<'a>, set: &Fit, inner: Rect, top: Mm) {
        if let Some(from) = set.rest {
            let baseline = top + pitch(set.size) * set.lines.len() as f64 + rise(set.size);
            self.page.words_right(inner.right(), baseline, "见续页", Face::Song, set.size);
            self.rests.push(Rest::Entry { field, cell: cell.clone(), words, from, size: set.size });
        }
    }

    /// 年 月 日 with room to write.
    fn date_by_hand(&mut self, inner: Rect) {
        let wanted: Mm = DATE_GAPS.iter().map(|(gap, _)| *gap + FIVE).sum();
        let gaps_less = (inner.size.width / wanted).min(1.0);
        let gaps: Mm = DATE_GAPS.iter().map(|it| it.0).sum();
        if gaps * gaps_less + FIVE * DATE_GAPS.len() as f64 > inner.size.width + PAD {
            // There is room for figures only.
            return;
        }
        let baseline = middle(inner, 1, FIVE) + rise(FIVE);
        let mut x = inner.left();
        for (gap, word) in DATE_GAPS {
            x += gap * gaps_less;
            self.page.words(Point::new(x, baseline), word, Face::Song, FIVE);
            x += FIVE;
        }
    }
}

/// The room for text in a cell, behind `used` of its width.
fn room_inside(rect: Rect, used: Mm) -> Rect {
    let slack = Mm::mm(0.3);
    Rect::new(
        rect.left() + PAD + used,
        rect.top() + slack,
        rect.size.width - PAD * 2.0 - used,
        rect.size.height - slack * 2.0,
    )
}
