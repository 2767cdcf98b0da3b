//! The ledger's pages: twelve slots each, the head repeated, empty slots printed.

use crate::face::{Face, Line, break_lines};
use crate::ledger::Row;
use crate::procedure::{Column, Form, Procedure, Register};
use crate::units::{Mm, Point, Rect};

use super::text::{FIVE, SMALL_FIVE, capacity, middle, pitch, rise};
use super::{Mark, OUTER, Page, foot, head, page_of};

/// Between a column's line and its text.
const PAD: Mm = Mm::mm(0.8);
/// Above and below a row's text.
const SLACK: Mm = Mm::mm(0.5);

/// A ledger ready to be drawn a page at a time.
pub struct LedgerPages<'a> {
    procedure: &'a Procedure,
    form: &'a Form,
    register: &'a Register,
    rows: &'a [Row],
    fits: Vec<Vec<CellFit>>,
    pages: Vec<Vec<Piece>>,
}

/// A cell's text, set.
struct CellFit {
    text: String,
    size: Mm,
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

/// Sets the rows and shares them out over pages. `None` for a form that is no register.
pub fn ledger<'a>(procedure: &'a Procedure, form: &'a Form, rows: &'a [Row]) -> Option<LedgerPages<'a>> {
    let register = form.register.as_ref()?;
    let fits: Vec<Vec<CellFit>> =
        rows.iter().map(|row| register.columns.iter().map(|it| fit(register, it, row)).collect()).collect();
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
    Some(LedgerPages { procedure, form, register, rows, fits, pages })
}

fn room(register: &Register, slots: usize) -> Mm {
    register.slot_height * slots as f64 - SLACK * 2.0
}

/// 五号 in one slot, else 小五 in as many as it takes; a word that 小五 saves from breaking is set smaller too.
fn fit(register: &Register, column: &Column, row: &Row) -> CellFit {
    let text = row.text(column.datum);
    let width = column.width - PAD * 2.0;
    let lines = break_lines(Face::Song, &text, width / FIVE);
    let one_slot = capacity(FIVE, room(register, 1));
    if lines.len() == 1 {
        return CellFit { text, size: FIVE, lines };
    }
    let small = break_lines(Face::Song, &text, width / SMALL_FIVE);
    if small.len() == 1 || lines.len() > one_slot {
        return CellFit { text, size: SMALL_FIVE, lines: small };
    }
    CellFit { text, size: FIVE, lines }
}

/// How many lines of a cell stand in the earlier parts of its row.
fn lines_before(register: &Register, cell: &CellFit, before: &[usize]) -> usize {
    before.iter().map(|slots| capacity(cell.size, room(register, *slots))).sum()
}

/// How many slots what is left of a row takes.
fn slots_needed(register: &Register, cells: &[CellFit], before: &[usize]) -> usize {
    let needed = cells.iter().map(|cell| {
        let left = cell.lines.len().saturating_sub(lines_before(register, cell, before));
        let height = pitch(cell.size) * left as f64 + SLACK * 2.0;
        (height / register.slot_height - 1e-6).ceil().max(1.0) as usize
    });
    needed.max().unwrap_or(1)
}

impl LedgerPages<'_> {
    /// How many pages there are; an empty ledger has one, of empty slots.
    pub fn count(&self) -> usize {
        self.pages.len()
    }

    /// The month (2026年3月) of the first row that begins on a page.
    pub fn month(&self, page: usize) -> Option<String> {
        let row = self.pages.get(page)?.iter().find(|it| it.before.is_empty())?.row;
        self.rows.get(row).map(|it| it.day.format("%Y年%-m月").to_string())
    }

    /// The pages, each made as it is asked for.
    pub fn iter(&self) -> impl Iterator<Item = Page> + '_ {
        (0..self.count()).map(|it| self.page(it))
    }

    fn page(&self, index: usize) -> Page {
        let mut page = Page::new(self.form);
        head(&mut page, self.procedure, self.form, "", false);
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
        foot(&mut page, frame, "", "");
        let baseline = frame.bottom() + Mm::mm(1.2) + SMALL_FIVE;
        let words = page_of(index + 1, self.count());
        page.words_centred(frame.left() + width / 2.0, baseline, &words, Face::Song, SMALL_FIVE);
        page.marks.retain(|mark| !matches!(mark, Mark::Text(text) if text.text.is_empty()));
        page
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
        let from = lines_before(self.register, cell, &piece.before).min(cell.lines.len());
        let most = capacity(cell.size, room(self.register, piece.slots));
        let to = (from + most).min(cell.lines.len());
        let lines = &cell.lines[from..to];
        let mut baseline = middle(area, lines.len(), cell.size) + rise(cell.size);
        for line in lines {
            let words = cell.text[line.range.clone()].trim_end_matches([' ', '\t', '\r']);
            if !words.is_empty() {
                if column.centred {
                    let centre = area.left() + area.size.width / 2.0;
                    page.words_centred(centre, baseline, words, Face::Song, cell.size);
                } else {
                    page.words(Point::new(area.left() + PAD, baseline), words, Face::Song, cell.size);
                }
            }
            baseline += pitch(cell.size);
        }
    }
}
