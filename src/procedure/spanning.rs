//! Cells that reach down over several rows of a section (照片栏): where the cells beside and below them stand.

use super::tree::Tree;
use super::{Form, Section};
use crate::units::Mm;

/// How near two lengths are that are the same.
const NEAR: Mm = Mm::mm(0.01);

/// A row of a section, across: lengths are from the left of its cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Across {
    /// Where each of its cells begins.
    pub cells: Vec<Mm>,
    /// What cells of rows above take of it: from where to where.
    pub taken: Vec<(Mm, Mm)>,
    /// How wide it is, with what is taken.
    pub width: Mm,
    /// Whether one of its cells would stand on one that reaches down from above.
    pub overlaps: bool,
}

impl Section {
    /// Where the cells of each row stand: those that reach down from above are gone round.
    pub fn across(&self) -> Vec<Across> {
        let mut reaching: Vec<(Mm, Mm, usize)> = Vec::new();
        let mut rows = Vec::with_capacity(self.rows.len());
        for (place, row) in self.rows.iter().enumerate() {
            reaching.retain(|it| it.2 > place);
            let mut taken: Vec<(Mm, Mm)> = reaching.iter().map(|it| (it.0, it.1)).collect();
            taken.sort_by(|a, b| a.0.to_mm().total_cmp(&b.0.to_mm()));
            let mut across = Across { overlaps: row.table.is_some() && !taken.is_empty(), ..Across::default() };
            let mut x = Mm::ZERO;
            let mut round = taken.iter().peekable();
            for cell in &row.cells {
                while let Some((_, right)) = round.next_if(|it| it.0 <= x + NEAR) {
                    x = x.max(*right);
                }
                across.cells.push(x);
                if cell.rows > 1 {
                    reaching.push((x, x + cell.width, place.saturating_add(cell.rows)));
                }
                x += cell.width;
                across.overlaps |= round.peek().is_some_and(|it| it.0 + NEAR < x);
            }
            while let Some((_, right)) = round.next_if(|it| it.0 <= x + NEAR) {
                x = x.max(*right);
            }
            across.overlaps |= round.peek().is_some();
            (across.width, across.taken) = (x, taken);
            rows.push(across);
        }
        rows
    }

    /// How high a cell is that begins in a row.
    pub fn height_from(&self, row: usize, rows: usize) -> Mm {
        self.rows.iter().skip(row).take(rows.max(1)).map(|it| it.height).sum()
    }
}

impl Form {
    /// Says which cells reach too far, or stand on each other.
    pub(super) fn check_spans(&self, tree: &mut Tree<'_>) {
        for (section, it) in self.sections.iter().enumerate() {
            for (row, across) in it.across().iter().enumerate() {
                let path = format!("section.{section}.rows.{row}");
                if across.overlaps {
                    tree.say_at(&path, "这一行的格子和上面跨行的格子叠在一起，或者够不着它".to_owned());
                }
                let left = it.rows.len() - row;
                if it.rows[row].cells.iter().any(|it| it.rows > left || it.rows == 0) {
                    tree.say_at(&path, format!("跨行的格子到栏底只有 {left} 行"));
                }
            }
        }
    }
}
