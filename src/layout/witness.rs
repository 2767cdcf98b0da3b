//! What a paper bears witness to: the head of the book's history, in words at the foot, and beside them as a Data Matrix
//! that a copier does not blur, so that a scan can be held against the book without typing.

use datamatrix::{DataMatrix, SymbolList};

use crate::units::{Mm, Point, Rect};

use super::{Mark, Page};

/// A field of the matrix: with 22 of them across a copy of a copy is read still.
const MODULE: Mm = Mm::mm(0.6);
/// The white that a reader needs round a matrix, in fields.
const QUIET: f64 = 2.0;
/// So near its edge a printer does not print.
const EDGE: Mm = Mm::mm(5.0);

/// What a paper bears witness to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Borne {
    /// In words, as they stand at the foot.
    pub words: String,
    /// In letters and figures, as the matrix has them.
    pub code: String,
}

/// Draws `code` as a Data Matrix outside the frame, under its right end; nothing where the paper has no room for it there.
pub(super) fn draw(page: &mut Page, frame: Rect, code: &str) {
    let Ok(matrix) = DataMatrix::encode(code.as_bytes(), SymbolList::default().enforce_square()) else { return };
    let bitmap = matrix.bitmap();
    let side = MODULE * bitmap.width() as f64;
    let corner = Point::new(frame.right() - side, frame.bottom() + MODULE * QUIET);
    if corner.y + side > page.paper.height - EDGE {
        return;
    }
    // Fields side by side are one bar, so that no painter leaves a gap between them.
    let mut bars: Vec<(usize, usize, usize)> = Vec::new();
    for (x, y) in bitmap.pixels() {
        match bars.last_mut() {
            Some((row, _, end)) if *row == y && *end == x => *end += 1,
            _ => bars.push((y, x, x + 1)),
        }
    }
    for (row, from, to) in bars {
        let middle = corner.y + MODULE * (row as f64 + 0.5);
        let end = |it: usize| Point::new(corner.x + MODULE * it as f64, middle);
        page.marks.push(Mark::Line { from: end(from), to: end(to), width: MODULE });
    }
}
