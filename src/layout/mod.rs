//! Form × Record → pages of marks and slots, continuation sheets included. Pure: it never sees a pixel, a file or a
//! clock. The screen, the PDF and the printer draw what it says and measure nothing. Papers that are no
//! controlled form are in [`papers`].

mod corrected;
mod page;
pub mod papers;
mod printed;
mod register;
mod sheet;
mod text;
mod void;
mod witness;

pub use page::{Mark, Page, Part, PlacedLine, Slot, Text};
pub use register::{RegisterPages, register};
pub use sheet::{Look, round_name, sheet};
pub use witness::Borne;

use crate::face::Face;
use crate::procedure::Form;
use crate::units::{Mm, Point, Rect};
use text::{FIVE, SMALL_FIVE, SMALL_TWO, THREE};

/// The outer frame's thickness (PROCEDURE 3: 0.35–0.5 mm).
const OUTER: Mm = Mm::mm(0.4);
/// The inner lines' thickness.
const INNER: Mm = Mm::mm(0.18);
/// Between a cell's line and what stands in it.
const PAD: Mm = Mm::mm(1.2);
/// Room under the frame for the foot line.
const FOOT: Mm = Mm::mm(6.0);

impl Page {
    fn new(form: &Form) -> Self {
        Self { paper: form.paper.size(), marks: Vec::new(), slots: Vec::new() }
    }

    fn line(&mut self, from: Point, to: Point) {
        self.marks.push(Mark::Line { from, to, width: INNER });
    }

    /// Words of the form itself, from a place on the baseline.
    fn words(&mut self, at: Point, text: &str, face: Face, size: Mm) {
        let text = text.to_owned();
        self.marks.push(Mark::Text(Text { at, text, face, size, vertical: false, of: None }));
    }

    fn words_centred(&mut self, middle: Mm, baseline: Mm, text: &str, face: Face, size: Mm) {
        let left = middle - crate::face::width(face, size, text) / 2.0;
        self.words(Point::new(left, baseline), text, face, size);
    }

    fn words_right(&mut self, right: Mm, baseline: Mm, text: &str, face: Face, size: Mm) {
        let left = right - crate::face::width(face, size, text);
        self.words(Point::new(left, baseline), text, face, size);
    }
}

/// The head above the frame: company, title, code and number.
fn head(page: &mut Page, company: &str, form: &Form, number: &str, continued: bool) {
    let inside = form.paper.inside();
    let middle = inside.left() + inside.size.width / 2.0;
    let baseline = inside.top() + form.head - Mm::mm(2.2);
    let title = if continued { format!("{}(续页)", form.title) } else { form.title.clone() };
    page.words_centred(middle, baseline - Mm::mm(15.2), company, Face::Song, THREE);
    page.words_centred(middle, baseline - Mm::mm(7.5), &title, Face::HeiBold, SMALL_TWO);
    match &form.number_label {
        Some(label) => {
            page.words(Point::new(inside.left(), baseline), &form.code, Face::Song, FIVE);
            // A blank sheet's number is written by hand: the label stands where a printed number would begin.
            let room = crate::face::width(Face::Song, FIVE, "2026-000");
            let text = if number.is_empty() { label.clone() } else { format!("{label} {number}") };
            let right = if number.is_empty() { inside.right() - room } else { inside.right() };
            page.words_right(right, baseline, &text, Face::Song, FIVE);
        }
        None => page.words_right(inside.right(), baseline, &form.code, Face::Song, FIVE),
    }
}

/// 第 1 页 共 2 页
fn page_of(page: usize, pages: usize) -> String {
    format!("第 {page} 页 共 {pages} 页")
}

/// The foot line under a frame: the form's own words left, the page's number right. Returns its baseline.
fn foot(page: &mut Page, frame: Rect, words: &str, number: &str) -> Mm {
    let baseline = frame.bottom() + Mm::mm(0.8) + SMALL_FIVE;
    page.words(Point::new(frame.left(), baseline), words, Face::Song, SMALL_FIVE);
    page.words_right(frame.right(), baseline, number, Face::Song, SMALL_FIVE);
    baseline
}
