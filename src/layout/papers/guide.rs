//! The guide to the program: text in two columns, with pieces of real sheets as its pictures. Screen and PDF show the same
//! marks.

use crate::face::{Face, width};
use crate::units::{Mm, Point, Rect};

use super::super::text::{FIVE as BODY, SMALL_FIVE as CAPTION, pitch, rise};
use super::super::{Mark, Page};
use super::{PORTRAIT, empty, head, lines_of, number};

/// 小四: headings.
const HEADING: Mm = Mm::points(12.0);
/// Between the columns.
const GAP: Mm = Mm::mm(6.0);
/// Above a heading that does not begin a column.
const ABOVE: Mm = Mm::mm(1.8);
/// Round a picture.
const AROUND: Mm = Mm::mm(1.2);

/// A piece of the guide.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A picture.
    Picture(Picture),
}

/// A piece of a sheet, made smaller or larger to fill a column.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The sheet.
    pub page: Page,
    /// Which part of it.
    pub piece: Rect,
    /// Numbers set on it, and where on the sheet.
    pub numbers: Vec<(Point, String)>,
    /// What stands under it.
    pub caption: String,
}

/// The guide, as many pages as it takes.
pub fn guide(company: &str, title: &str, blocks: &[Block]) -> Vec<Page> {
    let inside = PORTRAIT.inside();
    let column = (inside.size.width - GAP) / 2.0;
    let bottom = inside.bottom() - Mm::mm(7.0);
    let mut flow = Flow { company, title, pages: Vec::new(), right: true, top: Mm::ZERO, left: Mm::ZERO, y: bottom };
    for (place, block) in blocks.iter().enumerate() {
        let lines = match block {
            Block::Text(text) => lines_of(Face::Song, text, column / BODY),
            Block::Heading(_) | Block::Picture(_) => Vec::new(),
        };
        let height = match block {
            // A heading does not stand alone at a column's foot.
            Block::Heading(_) => ABOVE + pitch(HEADING) + pitch(BODY) * 3.0 + picture_next(blocks, place, column),
            Block::Picture(it) => it.height(column),
            Block::Text(_) => pitch(BODY) * lines.len().min(2) as f64,
        };
        if flow.y + height > bottom {
            flow.turn();
        }
        match block {
            Block::Heading(words) => {
                flow.y += if flow.y == flow.top { Mm::ZERO } else { ABOVE };
                flow.words(words, Face::HeiBold, HEADING);
            }
            Block::Picture(it) => {
                let at = Point::new(flow.left, flow.y);
                flow.pages.iter_mut().last().into_iter().for_each(|page| it.draw(page, at, column));
                flow.y += it.height(column);
            }
            Block::Text(_) => {
                for line in lines {
                    if flow.y + pitch(BODY) > bottom {
                        flow.turn();
                    }
                    flow.words(line, Face::Song, BODY);
                }
            }
        }
    }
    let count = flow.pages.len();
    for (index, page) in flow.pages.iter_mut().enumerate() {
        number(page, inside, &[], index, count);
    }
    flow.pages
}

/// Where the next line stands.
struct Flow<'a> {
    company: &'a str,
    title: &'a str,
    pages: Vec<Page>,
    /// The right column of the last page is the one being filled.
    right: bool,
    /// Where columns begin.
    top: Mm,
    left: Mm,
    y: Mm,
}

impl Flow<'_> {
    /// On to the next column.
    fn turn(&mut self) {
        let inside = PORTRAIT.inside();
        if self.right {
            let mut page = empty(&PORTRAIT);
            self.top = head(&mut page, inside, self.company, self.title, "");
            self.pages.push(page);
            self.left = inside.left();
        } else {
            self.left = inside.left() + (inside.size.width + GAP) / 2.0;
        }
        self.right = !self.right;
        self.y = self.top;
    }

    fn words(&mut self, words: &str, face: Face, size: Mm) {
        if let Some(page) = self.pages.last_mut() {
            page.words(Point::new(self.left, self.y + rise(size)), words, face, size);
        }
        self.y += pitch(size);
    }
}

fn picture_next(blocks: &[Block], place: usize, column: Mm) -> Mm {
    match blocks.get(place + 1) {
        Some(Block::Picture(it)) => it.height(column),
        _ => Mm::ZERO,
    }
}

impl Picture {
    fn scale(&self, column: Mm) -> f64 {
        (column / self.piece.size.width).min(1.0)
    }

    fn height(&self, column: Mm) -> Mm {
        AROUND * 2.0 + self.piece.size.height * self.scale(column) + pitch(CAPTION)
    }

    fn draw(&self, page: &mut Page, at: Point, column: Mm) {
        let (scale, piece) = (self.scale(column), self.piece);
        let room = piece.size.width * scale;
        let from = Point::new(at.x + (column - room) / 2.0, at.y + AROUND);
        let place =
            |it: Point| Point::new(from.x + (it.x - piece.left()) * scale, from.y + (it.y - piece.top()) * scale);
        let mut line = |a: Point, b: Point, width: Mm| {
            let clip = |it: Point| {
                let x = it.x.max(piece.left()).min(piece.right());
                Point::new(x, it.y.max(piece.top()).min(piece.bottom()))
            };
            let outside = a.x.max(b.x) < piece.left()
                || a.x.min(b.x) > piece.right()
                || a.y.max(b.y) < piece.top()
                || a.y.min(b.y) > piece.bottom();
            if !outside {
                page.marks.push(Mark::Line { from: place(clip(a)), to: place(clip(b)), width: width * scale });
            }
        };
        let mut words = Vec::new();
        for mark in &self.page.marks {
            match mark {
                Mark::Line { from, to, width } => line(*from, *to, *width),
                Mark::Frame { rect, width } => {
                    let (a, c) = (rect.min, Point::new(rect.right(), rect.bottom()));
                    let (b, d) = (Point::new(c.x, a.y), Point::new(a.x, c.y));
                    for (one, other) in [(a, b), (b, c), (d, c), (a, d)] {
                        line(one, other, *width);
                    }
                }
                Mark::Text(text) => {
                    let extent = width(text.face, text.size, &text.text);
                    let around = Rect::new(text.at.x, text.at.y - text.size, extent, text.size);
                    if piece.holds(around) {
                        let mut text = text.clone();
                        (text.at, text.size, text.of) = (place(text.at), text.size * scale, None);
                        words.push(Mark::Text(text));
                    }
                }
                Mark::Stamp { .. } | Mark::Picture { .. } => {}
            }
        }
        page.marks.extend(words);
        for (at, digit) in &self.numbers {
            page.words(place(*at), digit, Face::HeiBold, HEADING);
        }
        let baseline = from.y + piece.size.height * scale + rise(CAPTION) + AROUND / 2.0;
        page.words_centred(at.x + column / 2.0, baseline, &self.caption, Face::Hei, CAPTION);
    }
}
