//! What the clerk chooses before printing, and which pages that makes.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::Sides;
use crate::export::pieces::Piece;
use crate::layout::Page;
use crate::procedure::FormId;
use crate::record::{Printed, RecordId, fold, keep_date};

/// As many copies at once as anybody could mean.
pub const MOST: usize = 99;

/// Which of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pages {
    /// All (全部).
    #[default]
    All,
    /// The one that is looked at (这一页).
    This,
    /// Those written (范围).
    Range,
}

/// What the clerk chose.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// On which printer: [`super::Printer::name`].
    pub printer: String,
    /// How many of each page (份数), as typed.
    pub count: String,
    /// On both sides (双面).
    pub both_sides: bool,
    /// The copies (联) that are left out, from nought.
    pub without: BTreeSet<usize>,
    /// Only what was filled in (套打).
    pub filled: bool,
    /// Which pages.
    pub pages: Pages,
    /// The page that is looked at, from nought.
    pub this: usize,
    /// The pages of a range, as typed: 1-3,5.
    pub range: String,
    /// How far this printer needs everything moved to the right and down, in millimetres, as typed.
    pub offset: [String; 2],
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            printer: String::new(),
            count: "1".to_owned(),
            both_sides: false,
            without: BTreeSet::new(),
            filled: false,
            pages: Pages::All,
            this: 0,
            range: String::new(),
            offset: [const { String::new() }; 2],
        }
    }
}

/// A piece as it will be printed.
#[derive(Clone, Debug, PartialEq)]
pub struct Print {
    /// Its place among the pieces.
    pub piece: usize,
    /// Which of its pages these are, from nought.
    pub places: Vec<usize>,
    /// Its pages.
    pub pages: Vec<Page>,
}

impl Choice {
    /// The pieces that are looked at before printing: every page of the copies that were chosen.
    pub fn all(&self, pieces: &[Piece], today: NaiveDate) -> Vec<Print> {
        let chosen = |it: &(usize, &Piece)| it.1.copy.is_none_or(|copy| !self.without.contains(&copy));
        let print = |(piece, it): (usize, &Piece)| {
            let again = it.sheet.as_ref().and_then(|it| again(it.prints, today));
            let pages = it.printed(self.filled, again.as_deref());
            Print { piece, places: (0..pages.len()).collect(), pages }
        };
        pieces.iter().enumerate().filter(chosen).map(print).collect()
    }

    /// Which of so many pages are printed, from nought.
    ///
    /// # Errors
    /// What is wrong with the pages as typed, as a sentence.
    pub fn places(&self, count: usize) -> Result<BTreeSet<usize>, String> {
        match self.pages {
            Pages::All => Ok((0..count).collect()),
            Pages::This => Ok((0..count).filter(|it| *it == self.this.min(count - 1)).collect()),
            Pages::Range => range(&self.range, count),
        }
    }

    /// How many of each page.
    ///
    /// # Errors
    /// What is wrong with what was typed, as a sentence.
    pub fn count(&self) -> Result<usize, String> {
        match fold(self.count.trim()).parse() {
            Ok(count) if (1..=MOST).contains(&count) => Ok(count),
            _ => Err(format!("份数写 1 到 {MOST}")),
        }
    }

    /// How far everything is moved, right and down, in millimetres.
    ///
    /// # Errors
    /// What is wrong with what was typed, as a sentence.
    pub fn offset(&self) -> Result<(f64, f64), String> {
        let [right, down] = &self.offset;
        match (millimetres(right), millimetres(down)) {
            (Some(right), Some(down)) => Ok((right, down)),
            _ => Err("右移、下移写毫米数，−20 到 20，例如 1.5".to_owned()),
        }
    }
}

/// What is printed of all that is looked at: the pages at these places.
pub fn picked(all: &[Print], places: &BTreeSet<usize>) -> Vec<Print> {
    let mut at = 0;
    let mut left = Vec::new();
    for print in all {
        let kept: Vec<usize> = (0..print.pages.len()).filter(|it| places.contains(&(at + it))).collect();
        at += print.pages.len();
        if !kept.is_empty() {
            let pages = kept.iter().map(|it| print.pages[*it].clone()).collect();
            left.push(Print { piece: print.piece, places: kept, pages });
        }
    }
    left
}

/// The sides for pages like these: those that lie are turned over the edge at which they are bound.
pub fn sides(both: bool, pages: &[Print]) -> Sides {
    let mut all = pages.iter().flat_map(|it| &it.pages);
    match both {
        false => Sides::One,
        true if all.all(|it| it.paper.width > it.paper.height) => Sides::ShortEdge,
        true => Sides::LongEdge,
    }
}

/// 重印 第2次 2026-11-21, in the margin of a sheet that was printed before.
pub fn again(prints: usize, today: NaiveDate) -> Option<String> {
    (prints > 0).then(|| format!("重印 第{}次 {}", prints + 1, keep_date(today)))
}

/// What is put down of sheets that were printed: of which sheet, and what.
pub fn noted(
    pieces: &[Piece],
    prints: &[Print],
    choice: &Choice,
    waits: bool,
    today: NaiveDate,
) -> Vec<(RecordId, Printed)> {
    let note = |print: &Print| {
        let piece = pieces.get(print.piece)?;
        let sheet = piece.sheet.as_ref()?;
        let all = print.places.len() == piece.pages.len();
        let printed = Printed {
            copy: piece.copy.unwrap_or(0),
            round: sheet.round,
            count: choice.count().unwrap_or(1),
            printer: choice.printer.clone(),
            on: keep_date(today),
            pages: if all { String::new() } else { written(&print.places) },
            filled: choice.filled,
            waits,
        };
        Some((sheet.record, printed))
    };
    prints.iter().filter_map(note).collect()
}

/// The reserved numbers on blank sheets that were printed, each once, and of which form.
pub fn numbers(pieces: &[Piece], prints: &[Print]) -> Vec<(FormId, String)> {
    let mut numbers: Vec<_> = prints.iter().filter_map(|it| pieces.get(it.piece)?.number.clone()).collect();
    // The copies of a sheet follow on each other.
    numbers.dedup();
    numbers
}

/// Places as pages are written: 1,3.
fn written(places: &[usize]) -> String {
    places.iter().map(|it| (it + 1).to_string()).collect::<Vec<_>>().join(",")
}

/// Between how many millimetres a printer can be off: −20 to 20; nothing is nought.
fn millimetres(typed: &str) -> Option<f64> {
    let typed = fold(typed.trim());
    if typed.is_empty() {
        return Some(0.0);
    }
    typed.parse().ok().filter(|it: &f64| it.abs() <= 20.0)
}

/// Pages as typed: 1-3,5. Dashes, commas and 至 as people write them.
fn range(typed: &str, count: usize) -> Result<BTreeSet<usize>, String> {
    let wrong = || format!("页码写成 1-3,5 这样，共 {count} 页");
    let typed = fold(typed).replace(['~', '至', '到'], "-");
    let mut pages = BTreeSet::new();
    for part in typed.split([',', '、', ';', '.', ' ']).filter(|it| !it.is_empty()) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let page = |it: &str| it.trim().parse().ok().filter(|it| (1..=count).contains(it));
        let (from, to) = (page(from).ok_or_else(wrong)?, page(to).ok_or_else(wrong)?);
        if from > to {
            return Err(wrong());
        }
        pages.extend(from - 1..to);
    }
    if pages.is_empty() { Err(wrong()) } else { Ok(pages) }
}

#[cfg(test)]
mod tests {
    use super::{millimetres, range};

    #[test]
    fn pages_are_read_as_people_write_them() {
        let read = |typed| range(typed, 9).map(|it| it.into_iter().collect::<Vec<_>>());
        assert_eq!(read("1-3,5"), Ok(vec![0, 1, 2, 4]));
        assert_eq!(read("２－３、９"), Ok(vec![1, 2, 8]));
        assert_eq!(read("2至3 5"), Ok(vec![1, 2, 4]));
        for wrong in ["", "0", "10", "3-2", "1-", "一", "1-10"] {
            assert_eq!(read(wrong), Err("页码写成 1-3,5 这样，共 9 页".to_owned()), "{wrong}");
        }
    }

    #[test]
    fn a_printer_is_off_by_some_millimetres_and_not_by_half_a_page() {
        assert_eq!(millimetres("－1.5"), Some(-1.5));
        assert_eq!(millimetres(""), Some(0.0));
        assert_eq!((millimetres("21"), millimetres("nan"), millimetres("两毫米")), (None, None, None));
    }
}
