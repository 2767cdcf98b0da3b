//! A sheet of a form, with its continuation sheets.

use std::borrow::Cow;
use std::ops::Range;

use crate::face::{Face, Line, break_lines, width};
use crate::procedure::{Cell, Field, FieldId, Form, Kind, Procedure, Section};
use crate::record::{Opinion, Record, shown};
use crate::units::{Mm, Point, Rect};

use super::text::{FIVE, Fit, SMALL_FIVE, capacity, fit, front, marks, middle, pitch, place, rise};
use super::{FOOT, Mark, OUTER, PAD, Page, Part, PlacedLine, Slot, Text, foot, head, page_of};

/// Chosen letters are ticked so.
const TICK: &str = "√";
/// Room for a date in full behind a person's name, in em.
const DATE_ROOM: f64 = 7.4;
/// Room before 年, 月 and 日 where a date is written by hand.
const DATE_GAPS: [(Mm, &str); 3] = [(Mm::mm(12.0), "年"), (Mm::mm(8.0), "月"), (Mm::mm(8.0), "日")];

/// For whom a sheet is laid out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look<'a> {
    /// The copy's mark (第一联 …), outside the frame.
    pub copy: Option<&'a str>,
    /// Whether typed names and dates stand in the signature cells; a printed copy leaves them empty for ink.
    pub signatures: bool,
    /// The field being written in, which is set as typed: no date is written out under the pen.
    pub raw: Option<&'a FieldId>,
    /// Which round of the record, from nought; one that there is not is shown as the last.
    pub round: usize,
}

/// What did not fit its cell.
struct Rest<'a> {
    field: &'a Field,
    text: String,
    from: usize,
    size: Mm,
}

/// Lays out a record on its form.
pub fn sheet(procedure: &Procedure, form: &Form, record: &Record, look: &Look<'_>) -> Vec<Page> {
    let mut setter = Setter { form, record, look, page: Page::new(form), rests: Vec::new() };
    let frame = setter.front();
    let Setter { page, rests, .. } = setter;
    let mut pages = vec![page];
    pages.extend(continuation(form, &rests));
    let count = pages.len();
    for (index, page) in pages.iter_mut().enumerate() {
        head(page, procedure, form, &record.number, index > 0);
        let frame = if index == 0 { frame } else { continued_frame(form) };
        let number = if count > 1 { page_of(index + 1, count) } else { String::new() };
        foot(page, frame, form.foot.as_deref().unwrap_or_default(), &number);
        if let Some(copy) = look.copy {
            page.words_right(frame.right(), form.paper.top - Mm::mm(4.0), copy, Face::Song, FIVE);
        }
        page.marks.retain(|mark| !matches!(mark, Mark::Text(text) if text.text.is_empty()));
    }
    pages
}

/// Lays out the first page.
struct Setter<'a> {
    form: &'a Form,
    record: &'a Record,
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
            for (row_index, row) in section.rows.iter().enumerate() {
                let left = inside.left() + self.form.spine;
                if row_index > 0 {
                    self.page.line(Point::new(left, y), Point::new(inside.right(), y));
                }
                let mut x = left;
                for (cell_index, cell) in row.cells.iter().enumerate() {
                    if cell_index > 0 {
                        self.page.line(Point::new(x, y), Point::new(x, y + row.height));
                    }
                    self.cell(cell, Rect::new(x, y, cell.width, row.height));
                    x += cell.width;
                }
                y += row.height;
            }
            if index > 0 {
                self.page.line(Point::new(inside.left(), section_top), Point::new(inside.right(), section_top));
            }
            self.spine(section, Rect::new(inside.left(), section_top, self.form.spine, y - section_top));
        }
        if self.form.spine > Mm::ZERO {
            let x = inside.left() + self.form.spine;
            self.page.line(Point::new(x, top), Point::new(x, y));
        }
        let frame = Rect::new(inside.left(), top, inside.size.width, y - top);
        self.page.marks.push(Mark::Frame { rect: frame, width: OUTER });
        frame
    }

    /// A section's title, upright in a column, and its department in a second one to the left, as vertical Chinese runs.
    fn spine(&mut self, section: &Section, area: Rect) {
        let columns: Vec<&str> =
            [section.title.as_deref(), section.department.as_deref()].into_iter().flatten().collect();
        let step = FIVE * 1.7;
        let middle_x = area.left() + area.size.width / 2.0;
        for (index, words) in columns.iter().enumerate() {
            let spread = if index == 0 { 1.5 } else { 1.15 };
            let from_middle = (columns.len() as f64 - 1.0) / 2.0 - index as f64;
            let x = middle_x + step * from_middle - FIVE / 2.0;
            let count = words.chars().count() as f64;
            let height = FIVE * (count + (count - 1.0) * (spread - 1.0));
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

    fn cell(&mut self, cell: &'a Cell, area: Rect) {
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
                self.entry(field, room, room_inside(room, Mm::ZERO), true);
            }
            return;
        }
        let [field, others @ ..] = fields.as_slice() else { return };
        let left = area.left() + PAD;
        if field.kind == Kind::Choice {
            let top = area.top() + Mm::mm(1.6);
            self.page.words(Point::new(left, top + rise(FIVE)), &cell.label, Face::Song, FIVE);
            self.choice(field, area, left + label_width + Mm::mm(1.5), top);
        } else if field.kind == Kind::Text {
            let top = area.top() + Mm::mm(0.8);
            self.page.words(Point::new(left, top + rise(FIVE)), &cell.label, Face::Song, FIVE);
            let under = top + pitch(FIVE);
            let inner = Rect::new(left, under, area.size.width - PAD * 2.0, area.bottom() - Mm::mm(0.5) - under);
            self.entry(field, area, inner, false);
        } else {
            let baseline = middle(area, 1, FIVE) + rise(FIVE);
            self.page.words(Point::new(left, baseline), &cell.label, Face::Song, FIVE);
            let start = left + label_width + Mm::mm(0.6);
            match others {
                [date, ..] => {
                    let split = area.right() - FIVE * DATE_ROOM;
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

    /// What is set for a field: nothing in signature cells of a copy that is signed in ink.
    fn value(&self, field: &Field) -> Cow<'a, str> {
        if field.signature && !self.look.signatures {
            return Cow::Borrowed("");
        }
        let value = self.record.value_in(self.form, field.id.as_str(), self.look.round);
        if self.look.raw == Some(&field.id) { Cow::Borrowed(value) } else { shown(field.kind, value) }
    }

    /// An entry in its room; `alone` where nothing else stands in the cell, so that an empty date shows 年 月 日.
    fn entry(&mut self, field: &'a Field, rect: Rect, inner: Rect, alone: bool) {
        let text = self.value(field);
        if text.is_empty() && field.kind == Kind::Date && alone {
            self.date_by_hand(inner);
        }
        // Blank lines at the end are seen only under the pen: they open no continuation sheet.
        let under_pen = self.look.raw == Some(&field.id);
        let seen = if under_pen { &*text } else { text.trim_end() };
        let set = fit(seen, inner.size.width, inner.size.height, field.kind != Kind::Text);
        let rows = set.lines.len() + usize::from(set.rest.is_some());
        let top = if field.kind == Kind::Text && inner.top() > rect.top() {
            inner.top()
        } else {
            middle(inner, rows, set.size)
        };
        let lines = place(&set.lines, set.size, inner.left(), top);
        self.page.marks.extend(marks(&text, &lines, set.size, &field.id));
        self.slot(field, Part::Entry, rect, inner, set.size, lines);
        self.keep_rest(field, seen, &set, inner, top);
    }

    fn slot(&mut self, field: &Field, part: Part, rect: Rect, inner: Rect, size: Mm, lines: Vec<PlacedLine>) {
        let field = field.id.clone();
        self.page.slots.push(Slot { field, part, rect, inner, size, pitch: pitch(size), lines });
    }

    /// 见续页 on the line left free at the end of the cell, and the rest for the continuation sheet.
    fn keep_rest(&mut self, field: &'a Field, text: &str, set: &Fit, inner: Rect, top: Mm) {
        if let Some(from) = set.rest {
            let baseline = top + pitch(set.size) * set.lines.len() as f64 + rise(set.size);
            self.page.words_right(inner.right(), baseline, "见续页", Face::Song, set.size);
            self.rests.push(Rest { field, text: text.to_owned(), from, size: set.size });
        }
    }

    /// 年 月 日 with room to write.
    fn date_by_hand(&mut self, inner: Rect) {
        let wanted: Mm = DATE_GAPS.iter().map(|(gap, _)| *gap + FIVE).sum();
        let gaps_less = (inner.size.width / wanted).min(1.0);
        let baseline = middle(inner, 1, FIVE) + rise(FIVE);
        let mut x = inner.left();
        for (gap, word) in DATE_GAPS {
            x += gap * gaps_less;
            self.page.words(Point::new(x, baseline), word, Face::Song, FIVE);
            x += FIVE;
        }
    }

    /// The letters to choose from: those without a bracket on one line, then each with a bracket on its own.
    fn choice(&mut self, field: &'a Field, area: Rect, left: Mm, top: Mm) {
        let value = self.value(field);
        let opinion = Opinion::read(field, &value);
        self.slot(field, Part::Entry, area, area, FIVE, Vec::new());
        let line = pitch(FIVE) * 1.15;
        let (mut x, mut y) = (left, top);
        let count = field.options.iter().filter(|it| !it.bracket).count();
        for (index, option) in field.options.iter().enumerate() {
            if option.bracket {
                (x, y) = (left, y + line);
            }
            let baseline = y + rise(FIVE);
            let start = x;
            if opinion.letter == Some(option.letter) {
                let text = TICK.to_owned();
                let of = Some(field.id.clone());
                let at = Point::new(x, baseline);
                self.page.marks.push(Mark::Text(Text { at, text, face: Face::Song, size: FIVE, vertical: false, of }));
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
            self.slot(field, Part::Option(option.letter), taken, taken, FIVE, Vec::new());
            if option.bracket {
                self.bracket(field, &opinion, Rect::new(x, y, area.right() - PAD - FIVE - x, area.bottom() - y));
            }
        }
        if opinion.letter.is_none() && !value.trim().is_empty() {
            // What was typed and is none of the letters still stands on the paper, under them.
            let under = Rect::new(left, y + line, area.right() - PAD - left, area.bottom() - Mm::mm(0.5) - y - line);
            let set = fit(&value, under.size.width, under.size.height, false);
            let lines = place(&set.lines, set.size, under.left(), under.top());
            self.page.marks.extend(marks(&value, &lines, set.size, &field.id));
            self.keep_rest(field, &value, &set, under, under.top());
        }
    }

    /// The bracket behind 其他: as wide as four blanks while empty, else round its words.
    fn bracket(&mut self, field: &'a Field, opinion: &Opinion, room: Rect) {
        let other = opinion.other.as_str();
        let set = fit(other, room.size.width, room.size.height - Mm::mm(0.5), false);
        let lines = place(&set.lines, set.size, room.left(), room.top());
        self.page.marks.extend(marks(other, &lines, set.size, &field.id));
        let close = match (set.lines.last(), lines.last()) {
            (Some(line), Some(placed)) if !other.is_empty() => {
                Point::new(room.left() + set.size * line.width, placed.at.y)
            }
            _ => Point::new(room.left() + width(Face::Song, FIVE, "    "), room.top() + rise(FIVE)),
        };
        self.page.words(close, ")", Face::Song, FIVE);
        let rect = Rect::new(room.left(), room.top(), room.size.width, pitch(set.size) * set.lines.len().max(1) as f64);
        self.slot(field, Part::Other, rect, room, set.size, lines);
        self.keep_rest(field, other, &set, room, room.top());
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

fn continued_frame(form: &Form) -> Rect {
    let inside = form.paper.inside();
    let top = inside.top() + form.head;
    Rect::new(inside.left(), top, inside.size.width, inside.bottom() - FOOT - top)
}

/// The continuation sheets (续页): what did not fit, field after field, and 以下空白 under the last line.
fn continuation(form: &Form, rests: &[Rest<'_>]) -> Vec<Page> {
    let frame = continued_frame(form);
    let inner = frame.shrink(PAD);
    let mut pages: Vec<Page> = Vec::new();
    let mut y = inner.bottom();
    for (index, rest) in rests.iter().enumerate() {
        let mut from = rest.from;
        let mut first = true;
        let last_field = index + 1 == rests.len();
        while first || from < rest.text.len() {
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
            let lines = shifted(first_lines(&rest.text[from..], inner.size.width / rest.size, room + 1), from);
            // The last line of all takes 以下空白 with it: it never stands on a sheet of its own.
            let whole = lines.len() + usize::from(last_field) <= room;
            let keep = if whole { lines.len() } else { room.min(lines.len() - usize::from(lines.len() <= room)) };
            let (lines, next) = if whole { (lines, rest.text.len()) } else { front(&rest.text, lines, keep) };
            let placed = place(&lines, rest.size, inner.left(), top);
            page.marks.extend(marks(&rest.text, &placed, rest.size, &rest.field.id));
            y = top + pitch(rest.size) * placed.len() as f64;
            let rect = Rect::new(frame.left(), top, frame.size.width, y - top);
            let area = Rect::new(inner.left(), top, inner.size.width, y - top);
            let part = if rest.field.kind == Kind::Choice { Part::Other } else { Part::Entry };
            page.slots.push(Slot {
                field: rest.field.id.clone(),
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
