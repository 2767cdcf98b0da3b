//! A table in a section: its head, the lines that are written, the empty ones it prints, its sum; what does not fit goes on
//! on continuation sheets, line by line, with the head repeated.

use std::borrow::Cow;

use super::super::corrected::{Change, Words};
use super::super::text::{FIVE, SMALL_FIVE, capacity, fit, middle, pitch, place, rise};
use super::super::{INNER, Mark, Page, Part, Slot, Text};
use super::continued::Rest;
use super::{Entry, SHORT_DATE_ROOM, Setter};
use crate::face::{Face, Line, break_lines, width};
use crate::procedure::{Field, FieldId, Kind, Table, TableColumn, Within};
use crate::record::{CellId, MOST_LINES, Picked, read_date, read_moment};
use crate::units::{Mm, Point, Rect, Size};

/// Between a column's line and what stands in it.
const PAD: Mm = Mm::mm(0.8);
/// Between a line's edge and its words.
const SLACK: Mm = Mm::mm(0.3);
/// A chosen column is ticked so.
const TICK: &str = "√";

/// Where a table stands, across.
#[derive(Clone, Copy)]
pub(super) struct Grid<'a> {
    table: &'a Table,
    left: Mm,
}

/// What stands in a column of a line.
struct Cell<'a> {
    /// What is written, with what it was changed from; the number or name of a line.
    words: Words<'a>,
    size: Mm,
    lines: Vec<Line>,
    /// The datum and its address; none for a line's number or name.
    of: Option<(&'a Field, CellId)>,
    /// The column that is ticked, of a scale.
    ticked: Option<usize>,
    centred: bool,
}

/// The lines of a table that did not fit the front.
pub(super) struct TableRest<'a> {
    pub(super) table: &'a Table,
    /// The words over the columns of scales, column by column.
    pub(super) head: Vec<Vec<&'a str>>,
    pub(super) lines: Vec<TableLine<'a>>,
}

/// A written line of a table, broken to the widths of its columns.
pub(super) struct TableLine<'a> {
    cells: Vec<Cell<'a>>,
    /// How many printed lines it takes.
    slots: usize,
}

impl<'a> Grid<'a> {
    pub(super) fn new(table: &'a Table, left: Mm) -> Self {
        Self { table, left }
    }

    pub(super) fn width(&self) -> Mm {
        self.table.columns.iter().map(|it| it.width).sum()
    }

    fn right(&self) -> Mm {
        self.left + self.width()
    }

    /// The columns with their areas in a line that begins at `y`.
    fn columns(self, y: Mm, height: Mm) -> impl Iterator<Item = (&'a TableColumn, Rect)> {
        self.table.columns.iter().scan(self.left, move |x, column| {
            let area = Rect::new(*x, y, column.width, height);
            *x += column.width;
            Some((column, area))
        })
    }

    /// What is written in each, with its room: a signature stands beside its date, or over it where that is narrow.
    fn rooms(self, y: Mm, height: Mm) -> impl Iterator<Item = (&'a TableColumn, Rect)> {
        self.columns(y, height).flat_map(|(column, area)| {
            let (signed, date) = column.signed_rooms(area);
            std::iter::once((column, signed)).chain(date.map(|it| (column, it)))
        })
    }

    pub(super) fn across(&self, page: &mut Page, y: Mm) {
        page.line(Point::new(self.left, y), Point::new(self.right(), y));
    }

    /// The lines between columns, from `top` to `bottom`, those left of `from` left out.
    fn upright(self, page: &mut Page, top: Mm, bottom: Mm, from: Mm) {
        for (_, area) in self.columns(top, bottom - top).skip(1).filter(|it| it.1.left() >= from) {
            page.line(Point::new(area.left(), top), Point::new(area.left(), bottom));
        }
    }

    /// The head; its words stand in the middle, in as many lines as they need.
    pub(super) fn head(self, page: &mut Page, y: Mm, scales: &[Vec<&str>]) {
        if self.table.head <= Mm::ZERO {
            return;
        }
        for ((column, area), words) in self.columns(y, self.table.head).zip(scales) {
            for (part, room) in parts(column, area, words.len()).enumerate() {
                let said = words.get(part).copied().unwrap_or(column.head.as_str());
                centred(page, room, said, None);
                if part > 0 {
                    page.line(Point::new(room.left(), y), Point::new(room.left(), y + self.table.head));
                }
            }
        }
        self.across(page, y + self.table.head);
    }

    /// How many printed lines fit into a height.
    pub(super) fn slots_in(&self, height: Mm) -> usize {
        let slots = (height / self.table.height + 1e-6).floor();
        if slots < 1.0 { 0 } else { slots as usize }
    }

    /// Room for words in so many printed lines.
    fn lines_in(&self, slots: usize, size: Mm) -> usize {
        capacity(size, self.table.height * slots as f64 - SLACK * 2.0).max(1)
    }

    /// How many printed lines what is left of a line takes.
    pub(super) fn slots_for(&self, line: &TableLine<'_>, done: &[usize]) -> usize {
        let left = |(cell, done): (&Cell<'_>, &usize)| {
            let left = cell.lines.len().saturating_sub(*done);
            (1..).find(|slots| self.lines_in(*slots, cell.size) >= left).unwrap_or(1)
        };
        line.cells.iter().zip(done).map(left).max().unwrap_or(1)
    }

    /// Sets so many printed lines' worth of a line, and of each of its cells what was not set before: `done` says how many
    /// of its own lines that are.
    pub(super) fn line(self, page: &mut Page, y: Mm, line: &TableLine<'_>, done: &mut [usize], slots: usize) {
        let height = self.table.height * slots as f64;
        for (((column, area), cell), done) in self.rooms(y, height).zip(&line.cells).zip(done) {
            let from = *done;
            let inner = padded(area);
            let room = self.lines_in(slots, cell.size);
            let here = &cell.lines[from..cell.lines.len().min(from + room)];
            *done += here.len();
            let whole = from == 0 && here.len() == cell.lines.len();
            let top = if whole { middle(inner, here.len(), cell.size) } else { inner.top() };
            let mut placed = place(here, cell.size, inner.left(), top);
            for (line, at) in here.iter().zip(&mut placed) {
                let spare = inner.size.width - cell.size * line.width;
                if cell.of.as_ref().is_some_and(|it| it.0.is_number()) {
                    at.at.x += spare;
                } else if cell.centred {
                    at.at.x += spare / 2.0;
                }
            }
            let Some((field, id)) = &cell.of else {
                for line in &placed {
                    let said = cell.words.text.get(line.range.clone()).unwrap_or_default();
                    page.words(line.at, said, Face::Song, cell.size);
                }
                continue;
            };
            let slot = |part, rect, inner, lines| Slot {
                cell: id.clone(),
                part,
                rect,
                inner,
                size: cell.size,
                pitch: pitch(cell.size),
                lines,
            };
            if field.kind == Kind::Scale && cell.words.text.is_empty() {
                page.slots.push(slot(Part::Entry, area, area, Vec::new()));
                let rooms = parts(column, area, field.options.len());
                for (place, (option, part)) in field.options.iter().zip(rooms).enumerate() {
                    if cell.ticked == Some(place) {
                        centred(page, part, TICK, Some(id));
                    }
                    if place > 0 {
                        page.line(Point::new(part.left(), y), Point::new(part.left(), y + height));
                    }
                    page.slots.push(slot(Part::Option(option.letter), part, part, Vec::new()));
                }
                continue;
            }
            page.marks.extend(cell.words.marks(&placed, cell.size, id));
            if field.is_written() && (from == 0 || !here.is_empty()) {
                page.slots.push(slot(Part::Entry, area, inner, placed));
            }
        }
    }

    /// How high a line is.
    pub(super) fn height(&self) -> Mm {
        self.table.height
    }

    pub(super) fn head_height(&self) -> Mm {
        self.table.head
    }

    /// The lines round what was set between `top` and `y`.
    pub(super) fn close(self, page: &mut Page, top: Mm, y: Mm) {
        self.upright(page, top, y, self.left);
        self.across(page, top);
        self.across(page, y);
        for x in [self.left, self.right()] {
            page.marks.push(Mark::Line { from: Point::new(x, top), to: Point::new(x, y), width: INNER });
        }
    }
}

impl TableLine<'_> {
    /// How many printed lines it takes.
    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    /// Nothing of it is set yet.
    pub(super) fn begin(&self) -> Vec<usize> {
        vec![0; self.cells.len()]
    }

    /// Whether all of it is set.
    pub(super) fn is_done(&self, done: &[usize]) -> bool {
        self.cells.iter().zip(done).all(|(cell, done)| *done >= cell.lines.len())
    }
}

impl<'a> Setter<'a> {
    /// A table on the front, from `y` on.
    pub(super) fn table(&mut self, table: &'a Table, left: Mm, y: Mm) {
        let grid = Grid::new(table, left);
        let form = self.form;
        let head: Vec<Vec<&str>> = table.columns.iter().map(|it| scale_words(form, it)).collect();
        grid.head(&mut self.page, y, &head);
        let top = y + table.head;
        let bottom = top + table.height * table.lines as f64;
        let round = self.look.round;
        let mut count = self.record.lines(form, table, round);
        if let Some(raw) = self.look.raw.filter(|raw| table.fields().any(|it| *it == raw.field)) {
            count = count.max(raw.line + 1);
        }
        let written: Vec<TableLine<'a>> =
            if table.is_fixed() { Vec::new() } else { (0..count).map(|line| self.table_line(&grid, line)).collect() };
        let wanted: usize = written.iter().map(TableLine::slots).sum();
        // The last printed line says that there is more.
        let room = if wanted > table.lines { table.lines - 1 } else { table.lines };
        let (mut at, mut slot) = (0, 0);
        while let Some(line) = written.get(at).filter(|it| slot + it.slots <= room) {
            grid.line(&mut self.page, top + table.height * slot as f64, line, &mut line.begin(), line.slots);
            slot += line.slots;
            self.under_line(&grid, top, slot);
            at += 1;
        }
        if at < written.len() {
            let line = Rect::new(grid.left, top + table.height * room as f64, grid.width(), table.height);
            let baseline = middle(line, 1, SMALL_FIVE) + rise(SMALL_FIVE);
            self.page.words_right(line.right() - PAD, baseline, "见续页", Face::Song, SMALL_FIVE);
            let rest = written.into_iter().skip(at).collect();
            self.rests.push(Rest::Table(TableRest {
                table,
                head: table.columns.iter().map(|it| scale_words(form, it)).collect(),
                lines: rest,
            }));
        } else {
            // Empty lines are there to be written in.
            for (line, slot) in (count..).zip(slot..table.lines).take(if table.is_fixed() { 0 } else { table.lines }) {
                let empty = self.table_line(&grid, line);
                let y = top + table.height * slot as f64;
                for ((column, area), cell) in grid.rooms(y, table.height).zip(empty.cells) {
                    let Some((field, id)) = cell.of.filter(|it| it.0.is_written()) else { continue };
                    self.empty_cell(field, &id, (column, area));
                }
            }
        }
        if table.is_fixed() {
            for line in 0..table.rows.len() {
                self.fixed_line(&grid, top + table.height * line as f64, line);
            }
        }
        for slot in slot + 1..table.lines {
            self.under_line(&grid, top, slot);
        }
        grid.upright(&mut self.page, y, bottom, grid.left);
        if table.sum > Mm::ZERO {
            self.sum_line(&grid, bottom);
        }
    }

    /// The line below the `slot`th printed line, where it is not the last.
    fn under_line(&mut self, grid: &Grid<'_>, top: Mm, slot: usize) {
        if slot < grid.table.lines {
            grid.across(&mut self.page, top + grid.table.height * slot as f64);
        }
    }

    /// An empty cell of a printed line.
    fn empty_cell(&mut self, field: &'a Field, id: &CellId, (column, area): (&TableColumn, Rect)) {
        if field.kind == Kind::Scale {
            self.slot(id, Part::Entry, area, area, FIVE, Vec::new());
            let rooms = parts(column, area, field.options.len());
            for (place, (option, part)) in field.options.iter().zip(rooms).enumerate() {
                if place > 0 {
                    self.page.line(Point::new(part.left(), part.top()), Point::new(part.left(), part.bottom()));
                }
                self.slot(id, Part::Option(option.letter), part, part, FIVE, Vec::new());
            }
            return;
        }
        self.slot(id, Part::Entry, area, padded(area), FIVE, Vec::new());
    }

    /// A line whose place is given: what does not fit its cells goes on as any other entry does.
    fn fixed_line(&mut self, grid: &Grid<'a>, y: Mm, line: usize) {
        let set = self.table_line(grid, line);
        if set.slots == 1 {
            grid.line(&mut self.page, y, &set, &mut set.begin(), 1);
            return;
        }
        for ((column, area), cell) in grid.rooms(y, grid.table.height).zip(set.cells) {
            let inner = padded(area);
            if let Some((field, id)) =
                cell.of.clone().filter(|it| it.0.kind == Kind::Scale && cell.words.text.is_empty())
            {
                self.empty_cell(field, &id, (column, area));
                if let Some(part) = cell.ticked.and_then(|place| parts(column, area, field.options.len()).nth(place)) {
                    centred(&mut self.page, part, TICK, Some(&id));
                }
                continue;
            }
            match (&column.holds, cell.of) {
                (_, Some((field, id))) => {
                    let fitted = fit(&cell.words, inner.size.width, inner.size.height, true);
                    self.set_entry(field, &id, cell.words, fitted, Entry { rect: area, inner, alone: false });
                }
                (_, None) => centred(&mut self.page, area, &cell.words.text, None),
            }
        }
    }

    /// A line, broken to the widths of its columns.
    fn table_line(&self, grid: &Grid<'a>, line: usize) -> TableLine<'a> {
        let table = grid.table;
        let cell = |column: &'a TableColumn| {
            let (signed, date) = column.signed_rooms(Rect::new(Mm::ZERO, Mm::ZERO, column.width, table.height));
            let own = self.table_cell(table, column, (None, signed), line);
            let dated =
                column.date.as_ref().zip(date).map(|(id, room)| self.table_cell(table, column, (Some(id), room), line));
            std::iter::once(own).chain(dated)
        };
        let cells: Vec<Cell<'a>> = table.columns.iter().flat_map(cell).collect();
        let line = TableLine { cells, slots: 1 };
        TableLine { slots: grid.slots_for(&line, &line.begin()), ..line }
    }

    /// What stands in a room of a line: a column's datum, or the date beside it.
    fn table_cell(
        &self,
        table: &'a Table,
        column: &'a TableColumn,
        (date, room): (Option<&'a FieldId>, Rect),
        line: usize,
    ) -> Cell<'a> {
        let wide = room.size.width - PAD * 2.0;
        let printed = |text: Cow<'a, str>, centred: bool| {
            let words: Words<'a> = text.into();
            let (size, lines) = broken(&words, wide, room.size.height);
            Cell { words, size, lines, of: None, ticked: None, centred }
        };
        let id = match (date, &column.holds) {
            (Some(id), _) => id,
            (None, Within::Number) if self.is_of_nothing(table, line) => return printed(Cow::Borrowed(""), true),
            (None, Within::Number) => return printed(Cow::Owned((line + 1).to_string()), true),
            (None, Within::Label) => {
                let label = table.rows.get(line).map_or("", String::as_str);
                return printed(Cow::Borrowed(label), false);
            }
            (None, Within::Field(id)) => id,
        };
        let Some(field) = self.form.fields.iter().find(|it| it.id == *id) else {
            return printed(Cow::Borrowed(""), false);
        };
        let cell = self.record.cell(self.form, id, self.look.round, line);
        let changes = self.corrections(field, &cell);
        let mut words = if changes.is_empty() && !self.is_raw(&cell) {
            Words::from(self.table_value(field, &cell))
        } else {
            let changes = changes.into_iter().map(|it| Change::of(field, it)).collect();
            Words::corrected(self.value(field, &cell), changes, ' ')
        };
        if !self.is_raw(&cell) {
            words = words.trimmed();
        }
        let mut ticked = None;
        if field.kind == Kind::Scale {
            let picked = Picked::read(field, &words.text);
            if let ([one], "") = (picked.which.as_slice(), picked.lost.as_str()) {
                (ticked, words) = (Some(*one), Words::default());
            }
        }
        let (size, lines) = broken(&words, wide, room.size.height);
        Cell { words, size, lines, of: Some((field, cell)), ticked, centred: false }
    }

    /// Whether a line only says that nothing was counted.
    fn is_of_nothing(&self, table: &Table, line: usize) -> bool {
        let says = |it: &FieldId| self.record.at(&self.record.cell(self.form, it, self.look.round, line));
        let empty = table.empty.as_deref().filter(|_| table.is_counted() && line == 0);
        empty.is_some_and(|empty| {
            let mut said = table.fields().map(says).filter(|it| !it.is_empty());
            said.next() == Some(empty) && said.next().is_none()
        })
    }

    /// What a cell of a table says: days and moments in figures, which need less room.
    fn table_value(&self, field: &'a Field, cell: &CellId) -> Cow<'a, str> {
        let hidden = field.signature && !self.look.signatures;
        let figures = match field.kind {
            Kind::Date => read_date(self.record.at(cell), None).map(crate::record::keep_date),
            Kind::Moment => read_moment(self.record.at(cell), None).map(crate::record::keep_moment),
            _ => None,
        };
        match figures.filter(|_| !hidden && field.is.is_none()) {
            Some(figures) => Cow::Owned(figures),
            None => self.value(field, cell),
        }
    }

    /// The sums of the columns of numbers, and 合计 before them.
    fn sum_line(&mut self, grid: &Grid<'a>, y: Mm) {
        let table = grid.table;
        let mut first = grid.right();
        for (column, area) in grid.columns(y, table.sum) {
            let Within::Field(id) = &column.holds else { continue };
            let Some(field) = self.form.fields.iter().find(|it| it.id == *id) else { continue };
            let means = table.means_of(field);
            if !means && !table.sums_up(field) {
                continue;
            }
            first = first.min(area.left());
            let round = self.look.round;
            let sum = if means {
                self.record.mean(self.form, self.calendar, field, round)
            } else {
                crate::record::shown_in(field, &self.record.sum(self.form, self.calendar, field, round)).into_owned()
            };
            if field.kind == Kind::Scale {
                let of = CellId::in_line(id.clone(), round, MOST_LINES);
                centred(&mut self.page, area, &sum, Some(&of));
                continue;
            }
            let sum: Words<'_> = Cow::<str>::Owned(sum).into();
            let inner = padded(area);
            let set = fit(&sum, inner.size.width, inner.size.height, true);
            let baseline = middle(inner, 1, set.size) + rise(set.size);
            let right = inner.right();
            let left = right - width(Face::Song, set.size, &sum.text);
            let (text, size) = (sum.text.into_owned(), set.size);
            // It is nobody's entry: no line is so far down.
            let of = Some(CellId::in_line(id.clone(), self.look.round, MOST_LINES));
            let at = Point::new(left, baseline);
            self.page.marks.push(Mark::Text(Text { at, text, face: Face::Song, size, vertical: false, of }));
        }
        grid.across(&mut self.page, y);
        grid.upright(&mut self.page, y, y + table.sum, first);
        let before = Rect::new(grid.left, y, first - grid.left, table.sum);
        let only_means = !table.means.is_empty() && table.sums.is_empty();
        centred(&mut self.page, before, if only_means { "平均" } else { "合计" }, None);
    }
}

/// The rooms of a scale's options in its column, each of its own width where the form says so; of any other column one.
fn parts(column: &TableColumn, area: Rect, count: usize) -> impl Iterator<Item = Rect> {
    let count = count.max(1);
    let alike = area.size.width / count as f64;
    (0..count).scan(area.left(), move |x, place| {
        let wide = if count > 1 { column.parts.get(place).copied().unwrap_or(alike) } else { area.size.width };
        let room = Rect::new(*x, area.top(), wide, area.size.height);
        *x += wide;
        Some(room)
    })
}

/// The words of the columns of a scale.
pub(super) fn scale_words<'a>(form: &'a crate::procedure::Form, column: &TableColumn) -> Vec<&'a str> {
    let Within::Field(id) = &column.holds else { return Vec::new() };
    let field = form.fields.iter().find(|it| it.id == *id && it.kind == Kind::Scale);
    field.map_or_else(Vec::new, |it| it.options.iter().map(|it| it.word.as_str()).collect())
}

impl TableColumn {
    /// The room of what stands in a column, and that of the date beside or under it where it is signed.
    fn signed_rooms(&self, area: Rect) -> (Rect, Option<Rect>) {
        let Size { width, height } = area.size;
        if self.date.is_none() {
            return (area, None);
        }
        if self.dates_beside() {
            let split = area.right() - SMALL_FIVE * SHORT_DATE_ROOM;
            let signed = Rect::new(area.left(), area.top(), split - area.left(), height);
            return (signed, Some(Rect::new(split, area.top(), area.right() - split, height)));
        }
        let half = height / 2.0;
        let under = Rect::new(area.left(), area.top() + half, width, half);
        (Rect::new(area.left(), area.top(), width, half), Some(under))
    }
}

fn padded(area: Rect) -> Rect {
    Rect::new(area.left() + PAD, area.top() + SLACK, area.size.width - PAD * 2.0, area.size.height - SLACK * 2.0)
}

/// Broken at 五号 where that is one line of a line of this height, else at 小五.
fn broken(words: &Words<'_>, wide: Mm, height: Mm) -> (Mm, Vec<Line>) {
    let lines = words.lines(wide / FIVE);
    if lines.len() <= 1 && capacity(FIVE, height - SLACK * 2.0) > 0 {
        return (FIVE, lines);
    }
    (SMALL_FIVE, words.lines(wide / SMALL_FIVE))
}

/// Words in the middle of an area, in as many lines as they need.
fn centred(page: &mut Page, area: Rect, words: &str, of: Option<&CellId>) {
    let inner = padded(area);
    let set = |size: Mm| break_lines(Face::Song, words, inner.size.width / size);
    let one = set(FIVE);
    let (size, lines) = if one.len() <= 1 { (FIVE, one) } else { (SMALL_FIVE, set(SMALL_FIVE)) };
    let placed = place(&lines, size, inner.left(), middle(inner, lines.len(), size));
    for (line, at) in lines.iter().zip(placed) {
        let said = words[line.range.clone()].trim_end();
        let left = inner.left() + (inner.size.width - width(Face::Song, size, said)) / 2.0;
        let (at, text, of) = (Point::new(left, at.at.y), said.to_owned(), of.cloned());
        page.marks.push(Mark::Text(Text { at, text, face: Face::Song, size, vertical: false, of }));
    }
}
