//! A ruled table over as many pages as it takes: number book, binder index, destruction list, plain registers.

use std::borrow::Cow;
use std::ops::Range;

use crate::face::{Face, Line, break_lines, width};
use crate::units::{Mm, Point, Rect};

use super::super::text::{FIVE, SMALL_FIVE, capacity, middle, pitch, rise};
use super::super::{FOOT, PAD, Page, page_of};
use super::{LANDSCAPE, PORTRAIT, balanced, centred, date_by_hand, empty, head, lines_of, number, outline};

/// The least height of a row.
const ROW: Mm = Mm::mm(8.0);
/// The least height of the head row.
const HEAD: Mm = Mm::mm(10.0);
/// Above and below a row's text.
const SLACK: Mm = Mm::mm(1.2);
/// The least width of a column.
const NARROW: Mm = Mm::mm(6.0);
/// The height of a signature's cell.
const SIGN: Mm = Mm::mm(18.0);
/// How much wider than its label a signature's cell is at least.
const INK: Mm = Mm::mm(26.0);
/// Fewer lines of a row that a page cannot hold are not begun at a page's foot.
const BEGIN: usize = 3;

/// A list to be printed. What it says of itself stands on every page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The company line above the title.
    pub company: String,
    /// The title: 编号簿, 卷内目录, 销毁清单.
    pub title: String,
    /// The line between title and table: the year, the date it was printed; what stands behind a tab goes to the right.
    pub note: String,
    /// Across (bound at the top) instead of upright (bound at the left).
    pub landscape: bool,
    /// The columns; without any the entries stand one under the other.
    pub columns: Vec<TableColumn>,
    /// The entries, row by row. Entries beyond the last column stand in it, under its own.
    pub rows: Vec<Vec<String>>,
    /// Who signs under the table (批准人/日期): one cell each, with room for ink. They never stand on a page without a row.
    pub signatures: Vec<String>,
    /// Words at the foot of every page, left of its number.
    pub foot: String,
}

/// A column of a [`Table`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableColumn {
    /// Its heading.
    pub head: String,
    /// Its share of the width: all shares together are scaled to the frame.
    pub width: Mm,
    /// Whether its entries stand in the middle: numbers, dates, single words.
    pub centred: bool,
}

/// A column as it stands on the paper.
struct Column<'a> {
    head: Vec<&'a str>,
    left: Mm,
    width: Mm,
    centred: bool,
}

/// A cell's text, set.
struct Cell<'a> {
    text: Cow<'a, str>,
    lines: Vec<Line>,
}

/// A row, or the part of a very long one, on a page.
struct Piece {
    row: usize,
    /// Which lines of each cell.
    lines: Range<usize>,
    top: Mm,
    height: Mm,
}

/// A row of signature cells: the lines of each one's label.
struct Signers<'a> {
    labels: Vec<Vec<&'a str>>,
    height: Mm,
}

/// What stands on one page.
#[derive(Default)]
struct Sheet {
    pieces: Vec<Piece>,
    /// Which row of signature cells, and where it begins.
    signers: Vec<(usize, Mm)>,
    /// How much of the body is taken.
    used: Mm,
}

/// Lays out a table. Every entry is 五号, or every entry is 小五 where 五号 would break one, so that the table is of one
/// piece; a row is as high as it needs, and goes on over pages where it is higher than one.
pub fn table(table: &Table) -> Vec<Page> {
    let paper = if table.landscape { LANDSCAPE } else { PORTRAIT };
    let inside = paper.inside();
    let mut front = empty(&paper);
    let top = head(&mut front, inside, &table.company, &table.title, &table.note);
    let columns = columns(table, inside);
    let head_lines = columns.iter().map(|it| it.head.len()).max().unwrap_or(0);
    let head_height = match head_lines {
        0 => Mm::ZERO,
        lines => HEAD.max(pitch(FIVE) * lines as f64 + SLACK * 2.0),
    };
    let room = inside.size.width - width(Face::Song, SMALL_FIVE, &page_of(9999, 9999)) - PAD;
    let words = lines_of(Face::Song, &table.foot, room / SMALL_FIVE);
    let bottom = inside.bottom() - FOOT - pitch(SMALL_FIVE) * words.len().saturating_sub(1) as f64;
    let body = top + head_height;
    let (size, rows) = set(table, &columns);
    let setter = Setter {
        head: Rect::new(inside.left(), top, inside.size.width, head_height),
        body: Rect::new(inside.left(), body, inside.size.width, bottom - body),
        signers: signers(table, inside.size.width),
        columns,
        size,
        rows,
    };
    setter.heads(&mut front);
    let sheets = setter.share();
    let count = sheets.len();
    let draw = |(index, sheet): (usize, &Sheet)| {
        let mut page = front.clone();
        setter.draw(&mut page, sheet);
        number(&mut page, inside, &words, index, count);
        page
    };
    sheets.iter().enumerate().map(draw).collect()
}

/// The columns with their widths: by their shares, but none narrower than a character needs.
fn columns(table: &Table, inside: Rect) -> Vec<Column<'_>> {
    let shares: Vec<Mm> = table.columns.iter().map(|it| it.width.max(Mm::ZERO)).collect();
    // Without columns, and without shares, all are alike.
    let given = shares.iter().any(|it| *it > Mm::ZERO);
    let shares = if given { shares } else { vec![Mm::mm(1.0); shares.len().max(1)] };
    let whole = inside.size.width;
    let least = NARROW.min(whole / shares.len() as f64);
    let sum: Mm = shares.iter().copied().sum();
    let beyond: Vec<Mm> = shares.iter().map(|it| (whole * (*it / sum) - least).max(Mm::ZERO)).collect();
    // What the narrow ones take beyond their share, the wide ones give.
    let spare = whole - least * shares.len() as f64;
    let sum: Mm = beyond.iter().copied().sum::<Mm>().max(Mm::mm(1e-9));
    let mut left = inside.left();
    let mut columns = Vec::with_capacity(shares.len());
    for (index, beyond) in beyond.into_iter().enumerate() {
        let width = least + spare * (beyond / sum);
        let of = table.columns.get(index);
        let head = of.map_or_else(Vec::new, |it| balanced(Face::Song, &it.head, (width - PAD * 2.0) / FIVE));
        columns.push(Column { head, left, width, centred: of.is_some_and(|it| it.centred) });
        left += width;
    }
    columns
}

/// Sets all entries in one size.
fn set<'a>(table: &'a Table, columns: &[Column<'_>]) -> (Mm, Vec<Vec<Cell<'a>>>) {
    let texts: Vec<Vec<Cow<'a, str>>> = table.rows.iter().map(|row| entries(row, columns.len())).collect();
    let room = |column: &Column<'_>, size: Mm| (column.width - PAD * 2.0) / size;
    // Line breaks of the writer's own are no reason for smaller type.
    let whole = |text: &str, column: &Column<'_>| {
        break_lines(Face::Song, text, room(column, FIVE)).iter().rev().skip(1).all(|it| it.hard)
    };
    let fits = texts.iter().all(|row| row.iter().zip(columns).all(|(text, column)| whole(text, column)));
    let size = if fits { FIVE } else { SMALL_FIVE };
    let cell = |(text, column): (Cow<'a, str>, &Column<'_>)| {
        let lines = break_lines(Face::Song, &text, room(column, size));
        Cell { text, lines }
    };
    let rows = texts.into_iter().map(|row| row.into_iter().zip(columns).map(cell).collect());
    (size, rows.collect())
}

/// A row's entries, one a column; those that have no column stand under the last one's.
fn entries(row: &[String], columns: usize) -> Vec<Cow<'_, str>> {
    let (own, more) = row.split_at(row.len().min(columns));
    let mut own: Vec<Cow<'_, str>> = own.iter().map(|it| Cow::Borrowed(it.trim_end())).collect();
    if let Some(last) = own.last_mut() {
        for entry in more.iter().filter(|it| !it.trim().is_empty()) {
            let last = last.to_mut();
            last.push('\n');
            last.push_str(entry.trim_end());
        }
    }
    own
}

/// The signature cells, as many beside each other as have room for ink.
fn signers(table: &Table, whole: Mm) -> Vec<Signers<'_>> {
    let wanted = table.signatures.iter().map(|it| width(Face::Song, FIVE, it) + INK).fold(INK, Mm::max);
    let beside = (1..=table.signatures.len()).rev().find(|it| wanted * *it as f64 <= whole).unwrap_or(1);
    let room = whole / beside as f64 - PAD * 2.0;
    let rows = table.signatures.chunks(beside).map(|labels| {
        let labels: Vec<Vec<&str>> = labels.iter().map(|it| lines_of(Face::Song, it, room / FIVE)).collect();
        let lines = labels.iter().map(Vec::len).max().unwrap_or(0);
        Signers { labels, height: SIGN + pitch(FIVE) * lines.saturating_sub(1) as f64 }
    });
    rows.collect()
}

struct Setter<'a> {
    head: Rect,
    body: Rect,
    columns: Vec<Column<'a>>,
    size: Mm,
    rows: Vec<Vec<Cell<'a>>>,
    signers: Vec<Signers<'a>>,
}

impl Setter<'_> {
    fn height(&self, lines: usize) -> Mm {
        ROW.max(pitch(self.size) * lines as f64 + SLACK * 2.0)
    }

    /// Shares the rows out over pages, and the signature cells after them.
    fn share(&self) -> Vec<Sheet> {
        let body = self.body.size.height;
        let all: Mm = self.signers.iter().map(|it| it.height).sum();
        let first = self.signers.first().map_or(Mm::ZERO, |it| it.height);
        // The last row has room for the signatures under it; for the first of them, should they be very many.
        let signed = if all <= body / 2.0 { all } else { first };
        let mut sheets = vec![Sheet::default()];
        for (row, cells) in self.rows.iter().enumerate() {
            let lines = cells.iter().map(|it| it.lines.len()).max().unwrap_or(0);
            let under = if row + 1 == self.rows.len() { signed } else { Mm::ZERO };
            let mut from = 0;
            while let Some(sheet) = sheets.last_mut() {
                let left = lines - from;
                let (height, free) = (self.height(left), body - sheet.used);
                if height + under <= free {
                    sheet.pieces.push(Piece { row, lines: from..lines, top: sheet.used, height });
                    sheet.used += height;
                    break;
                }
                // A row that a page can hold is not torn; a longer one begins where it stands and runs on.
                let begun = capacity(self.size, free - SLACK * 2.0).min(left.saturating_sub(1));
                let torn = height + under > body && (begun >= BEGIN || sheet.used == Mm::ZERO);
                if torn {
                    let to = (from + begun.max(1)).min(lines);
                    let height = self.height(to - from);
                    sheet.pieces.push(Piece { row, lines: from..to, top: sheet.used, height });
                    sheet.used += height;
                    from = to;
                    if from == lines {
                        break;
                    }
                }
                sheets.push(Sheet::default());
            }
        }
        if self.rows.is_empty() {
            sheets[0].used = ROW;
        }
        for (index, row) in self.signers.iter().enumerate() {
            if sheets.last().is_some_and(|it| it.used > Mm::ZERO && it.used + row.height > body) {
                sheets.push(Sheet::default());
            }
            if let Some(sheet) = sheets.last_mut() {
                sheet.signers.push((index, sheet.used));
                sheet.used += row.height;
            }
        }
        sheets
    }

    fn heads(&self, page: &mut Page) {
        for column in &self.columns {
            let room = Rect::new(column.left, self.head.top(), column.width, self.head.size.height);
            centred(page, room, &column.head, Face::Song, FIVE);
        }
    }

    fn draw(&self, page: &mut Page, sheet: &Sheet) {
        let (left, right) = (self.body.left(), self.body.right());
        let mut across: Vec<Mm> = Vec::new();
        let mut entries_end = self.body.top();
        for piece in &sheet.pieces {
            self.piece(page, piece);
            across.push(self.body.top() + piece.top);
            entries_end = self.body.top() + piece.top + piece.height;
        }
        if self.rows.is_empty() {
            across.push(self.body.top());
            let room = Rect::new(left, self.body.top(), self.body.size.width, ROW);
            centred(page, room, &["以下空白"], Face::Song, FIVE);
        }
        for (index, top) in &sheet.signers {
            across.push(self.body.top() + *top);
            self.signature_cells(page, &self.signers[*index], self.body.top() + *top);
        }
        for y in across.into_iter().filter(|it| *it > self.head.top()) {
            page.line(Point::new(left, y), Point::new(right, y));
        }
        if entries_end > self.head.top() {
            for column in self.columns.iter().skip(1) {
                page.line(Point::new(column.left, self.head.top()), Point::new(column.left, entries_end));
            }
        }
        let height = self.head.size.height + sheet.used;
        outline(page, Rect::new(left, self.head.top(), self.body.size.width, height));
    }

    fn piece(&self, page: &mut Page, piece: &Piece) {
        for (index, (column, cell)) in self.columns.iter().zip(&self.rows[piece.row]).enumerate() {
            let top = self.body.top() + piece.top;
            let room = Rect::new(column.left, top, column.width, piece.height);
            let (from, to) = (piece.lines.start.min(cell.lines.len()), piece.lines.end.min(cell.lines.len()));
            if index == 0 && piece.lines.start > 0 && from == to {
                // The part of a row on a later page says whose it is.
                let words = format!("{}(续)", cell.text);
                let fits = width(Face::Song, self.size, &words) <= column.width && !cell.text.contains('\n');
                centred(page, room, &[if fits { &words } else { "(续)" }], Face::Song, self.size);
                continue;
            }
            let lines = &cell.lines[from..to];
            let mut baseline = middle(room, lines.len(), self.size) + rise(self.size);
            for line in lines {
                let words = cell.text[line.range.clone()].trim_end();
                if words.is_empty() {
                    // A blank line of the writer's.
                } else if column.centred {
                    page.words_centred(column.left + column.width / 2.0, baseline, words, Face::Song, self.size);
                } else {
                    page.words(Point::new(column.left + PAD, baseline), words, Face::Song, self.size);
                }
                baseline += pitch(self.size);
            }
        }
    }

    /// Labels at the top, room for ink; 年 月 日 at the bottom where a date is asked for.
    fn signature_cells(&self, page: &mut Page, row: &Signers<'_>, top: Mm) {
        // A last row of fewer cells fills the frame all the same.
        let wide = self.body.size.width / row.labels.len().max(1) as f64;
        for (index, label) in row.labels.iter().enumerate() {
            let left = self.body.left() + wide * index as f64;
            let bottom = top + row.height;
            if index > 0 {
                page.line(Point::new(left, top), Point::new(left, bottom));
            }
            let mut baseline = top + PAD + rise(FIVE);
            for line in label {
                page.words(Point::new(left + PAD, baseline), line, Face::Song, FIVE);
                baseline += pitch(FIVE);
            }
            if label.iter().any(|it| it.contains("日期")) {
                date_by_hand(page, left + wide - PAD, bottom - PAD - pitch(FIVE) + rise(FIVE));
            }
        }
    }
}
