//! The pages of a register: a few slots each, the head repeated, empty slots printed.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::face::{Face, Line, break_lines, width};
use crate::procedure::{Column, Form, Holds, Procedure, Register};
use crate::register::{Cell, Entry, sums};
use crate::units::{Mm, Point, Rect};

use super::text::{FIVE, SIX, SMALL_FIVE, capacity, middle, pitch, rise};
use super::{Borne, Mark, OUTER, Page, head, page_of, witness};

/// Between a column's line and its text.
const PAD: Mm = Mm::mm(0.7);
/// Above and below a row's text.
const SLACK: Mm = Mm::mm(0.5);
/// How far under the frame a register is signed, and over how much of its width.
const UNDER: Mm = Mm::mm(10.5);
const SIGNED: f64 = 0.9;

/// A register ready to be drawn a page at a time.
pub struct RegisterPages<'a> {
    procedure: &'a Procedure,
    form: &'a Form,
    register: &'a Register,
    days: Vec<NaiveDate>,
    fits: Vec<Vec<CellFit>>,
    pages: Vec<Vec<Piece>>,
    /// What stands at the foot to bear witness.
    witness: Option<Borne>,
}

/// A cell's text, set.
struct CellFit {
    text: String,
    lines: Vec<Line>,
}

/// A row, or the part of a very long one, on a page.
struct Piece {
    row: usize,
    slot: usize,
    slots: usize,
    /// Slots of each earlier part of the same row.
    before: Vec<usize>,
}

/// Sets the lines and what they add up to, and shares them out over pages. `None` for a form that is no register.
pub fn register<'a>(procedure: &'a Procedure, form: &'a Form, entries: &[Entry]) -> Option<RegisterPages<'a>> {
    let register = form.register.as_ref()?;
    let days = entries.iter().map(|it| it.day).collect();
    let sums = sums(register, entries);
    let set = |cells: &[Cell]| register.columns.iter().zip(cells).map(|(column, it)| fit(column, it)).collect();
    let fits: Vec<Vec<CellFit>> =
        entries.iter().map(|it| it.cells.as_slice()).chain(sums.as_deref()).map(set).collect();
    let mut pages = vec![Vec::new()];
    let mut used = 0;
    for (row, cells) in fits.iter().enumerate() {
        let mut before: Vec<usize> = Vec::new();
        loop {
            let needed = slots_needed(register, cells, &before);
            let free = register.slots - used;
            // A row that a page can hold is not torn; a longer one begins where it stands and runs on.
            if free == 0 || (needed > free && needed <= register.slots) {
                pages.push(Vec::new());
                used = 0;
                continue;
            }
            let slots = needed.min(free);
            if let Some(page) = pages.last_mut() {
                page.push(Piece { row, slot: used, slots, before: before.clone() });
            }
            used += slots;
            if slots == needed {
                break;
            }
            before.push(slots);
        }
    }
    Some(RegisterPages { procedure, form, register, days, fits, pages, witness: None })
}

fn room(register: &Register, slots: usize) -> Mm {
    register.slot_height * slots as f64 - SLACK * 2.0
}

/// Every entry is 小五, so that a row, and a page, is of one piece: a date in full needs it in its column, and stands in
/// figures where that is narrower still.
fn fit(column: &Column, cell: &Cell) -> CellFit {
    let wide = column.width - PAD * 2.0;
    let crowded = cell.day.is_some() && width(Face::Song, SMALL_FIVE, &cell.text) > wide;
    let text = if crowded { cell.short() } else { Cow::Borrowed(cell.text.as_str()) };
    CellFit { lines: break_lines(Face::Song, &text, wide / SMALL_FIVE), text: text.into_owned() }
}

/// How many lines of each cell stand in the earlier parts of its row.
fn lines_before(register: &Register, before: &[usize]) -> usize {
    before.iter().map(|slots| capacity(SMALL_FIVE, room(register, *slots))).sum()
}

/// How many slots what is left of a row takes.
fn slots_needed(register: &Register, cells: &[CellFit], before: &[usize]) -> usize {
    let lines = cells.iter().map(|it| it.lines.len()).max().unwrap_or(0);
    let left = lines.saturating_sub(lines_before(register, before));
    let height = pitch(SMALL_FIVE) * left as f64 + SLACK * 2.0;
    (height / register.slot_height - 1e-6).ceil().max(1.0) as usize
}

impl RegisterPages<'_> {
    /// The same pages, with a line at the left of each foot and a Data Matrix at its right: the head of the book's history,
    /// to which the paper bears witness. It is no part of the form, so that it moves nothing.
    #[must_use]
    pub fn bearing(mut self, witness: Option<Borne>) -> Self {
        self.witness = witness;
        self
    }

    /// How many pages there are; an empty register has one, of empty slots.
    pub fn count(&self) -> usize {
        self.pages.len()
    }

    /// The months (2026年3月) of the rows that begin on a page, in their order.
    pub fn months(&self, page: usize) -> Vec<String> {
        let begin = self.pages.get(page).into_iter().flatten().filter(|it| it.before.is_empty());
        let mut months: Vec<String> =
            begin.filter_map(|it| self.days.get(it.row)).map(|it| it.format("%Y年%-m月").to_string()).collect();
        months.dedup();
        months
    }

    /// The pages, each made as it is asked for.
    pub fn iter(&self) -> impl Iterator<Item = Page> + '_ {
        (0..self.count()).map(|it| self.page(it))
    }

    fn page(&self, index: usize) -> Page {
        let mut page = Page::new(self.form);
        head(&mut page, &self.procedure.document.company, self.form, "", false);
        let inside = self.form.paper.inside();
        let top = inside.top() + self.form.head;
        let body = top + self.register.head_height;
        let height = self.register.head_height + self.register.slot_height * self.register.slots as f64;
        let width: Mm = self.register.columns.iter().map(|it| it.width).sum();
        let frame = Rect::new(inside.left(), top, width, height);
        self.grid(&mut page, frame, index);
        self.heads(&mut page, frame);
        let pieces = self.pages.get(index).map_or(&[][..], Vec::as_slice);
        for piece in pieces {
            let y = body + self.register.slot_height * piece.slot as f64;
            let mut x = frame.left();
            for (column, cell) in self.register.columns.iter().zip(&self.fits[piece.row]) {
                let area = Rect::new(x, y, column.width, self.register.slot_height * piece.slots as f64);
                self.cell(&mut page, column, cell, piece, area);
                x += column.width;
            }
        }
        if index + 1 == self.count() {
            self.signed(&mut page, frame);
        }
        if let Some(borne) = &self.witness {
            let baseline = frame.bottom() + Mm::mm(1.2) + SIX;
            page.words(Point::new(frame.left(), baseline), &borne.words, Face::Song, SIX);
            witness::draw(&mut page, frame, &borne.code);
        }
        let baseline = frame.bottom() + Mm::mm(1.2) + SMALL_FIVE;
        let words = page_of(index + 1, self.count());
        page.words_centred(frame.left() + width / 2.0, baseline, &words, Face::Song, SMALL_FIVE);
        page.marks.retain(|mark| !matches!(mark, Mark::Text(text) if text.text.is_empty()));
        page
    }

    /// Room to sign under the last line, left of where the book bears witness.
    fn signed(&self, page: &mut Page, frame: Rect) {
        let share = frame.size.width * SIGNED / self.register.signed.len().max(1) as f64;
        for (place, words) in self.register.signed.iter().enumerate() {
            let at = Point::new(frame.left() + share * place as f64, frame.bottom() + UNDER);
            page.words(at, words, Face::Song, FIVE);
        }
    }

    fn grid(&self, page: &mut Page, frame: Rect, index: usize) {
        let body = frame.top() + self.register.head_height;
        let pieces = self.pages.get(index).map_or(&[][..], Vec::as_slice);
        for slot in 0..self.register.slots {
            // No line runs through a row of several slots.
            if !pieces.iter().any(|it| it.slot < slot && slot < it.slot + it.slots) {
                let y = body + self.register.slot_height * slot as f64;
                page.line(Point::new(frame.left(), y), Point::new(frame.right(), y));
            }
        }
        let mut x = frame.left();
        for column in self.register.columns.iter().take(self.register.columns.len().saturating_sub(1)) {
            x += column.width;
            page.line(Point::new(x, frame.top()), Point::new(x, frame.bottom()));
        }
        page.marks.push(Mark::Frame { rect: frame, width: OUTER });
    }

    fn heads(&self, page: &mut Page, frame: Rect) {
        let mut x = frame.left();
        for column in &self.register.columns {
            let area = Rect::new(x, frame.top(), column.width, self.register.head_height);
            let mut baseline = middle(area, column.head.len(), FIVE) + rise(FIVE);
            for words in &column.head {
                page.words_centred(x + column.width / 2.0, baseline, words, Face::Song, FIVE);
                baseline += pitch(FIVE);
            }
            x += column.width;
        }
    }

    fn cell(&self, page: &mut Page, column: &Column, cell: &CellFit, piece: &Piece, area: Rect) {
        let continued = matches!(column.holds, Holds::Sequence) && !piece.before.is_empty();
        if continued {
            // The part of a row on a later page says whose it is.
            let words = format!("{}(续)", cell.text);
            let baseline = middle(area, 1, SMALL_FIVE) + rise(SMALL_FIVE);
            page.words_centred(area.left() + area.size.width / 2.0, baseline, &words, Face::Song, SMALL_FIVE);
            return;
        }
        let from = lines_before(self.register, &piece.before).min(cell.lines.len());
        let to = (from + capacity(SMALL_FIVE, room(self.register, piece.slots))).min(cell.lines.len());
        let lines = &cell.lines[from..to];
        let mut baseline = middle(area, lines.len(), SMALL_FIVE) + rise(SMALL_FIVE);
        for line in lines {
            let words = cell.text[line.range.clone()].trim_end_matches([' ', '\t', '\r']);
            if !words.is_empty() {
                if column.centred {
                    let centre = area.left() + area.size.width / 2.0;
                    page.words_centred(centre, baseline, words, Face::Song, SMALL_FIVE);
                } else {
                    page.words(Point::new(area.left() + PAD, baseline), words, Face::Song, SMALL_FIVE);
                }
            }
            baseline += pitch(SMALL_FIVE);
        }
    }
}
