//! What is printed: the pages of the PDF, in the pieces that belong together on paper.

use super::Which;
use crate::layout::papers::{self, Paper};
use crate::layout::{self, Borne, Look, Page};
use crate::procedure::{Form, FormId, Procedure};
use crate::record::{Record, RecordId};
use crate::register::Entry;
use crate::units::Mm;

/// What belongs together on paper: a copy of a sheet with its continuation sheets, a register, a list. It begins on a
/// sheet of paper of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Piece {
    /// The pages, as the PDF has them.
    pub pages: Vec<Page>,
    /// The bookmark it stands under there, outermost first.
    pub outline: Vec<String>,
    /// The form's own first page with nothing on it, where there is a form: what pre-printed paper bears.
    pub blank: Option<Page>,
    /// The upper edge of the form: above it the margin.
    pub top: Mm,
    /// Which copy (联), from nought, where the form has several.
    pub copy: Option<usize>,
    /// The sheet of the book it is.
    pub sheet: Option<Sheet>,
    /// The reserved number it bears, with nothing else on it, and of which form.
    pub number: Option<(FormId, String)>,
}

/// A sheet of the book, as a piece shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Which.
    pub record: RecordId,
    /// Its number.
    pub number: String,
    /// Which round, from nought.
    pub round: usize,
    /// How often this copy was printed in this round before.
    pub prints: usize,
}

impl Piece {
    fn plain(pages: Vec<Page>) -> Self {
        Self { pages, ..Self::default() }
    }

    /// The pages as they are printed. `filled`: of the first only what was filled in; continuation sheets are not printed
    /// beforehand. `again`: what a sheet printed before says in its margin.
    pub fn printed(&self, filled: bool, again: Option<&str>) -> Vec<Page> {
        let page = |(index, page): (usize, &Page)| {
            let page = match &self.blank {
                Some(blank) if filled && (index == 0 || self.sheet.is_none()) => page.clone().filled_in(blank),
                _ => page.clone(),
            };
            again.map_or_else(|| page.clone(), |words| page.clone().with_margin(words, self.top))
        };
        self.pages.iter().enumerate().map(page).collect()
    }
}

/// The marks of a form's copies; one unmarked copy where it has none.
fn copies<'a>(procedure: &'a Procedure, form: &'a Form) -> Vec<Option<&'a str>> {
    match procedure.copies(form) {
        [] => vec![None],
        copies => copies.iter().map(|it| Some(it.as_str())).collect(),
    }
}

/// Sheets, each in all its copies, each copy in the rounds asked for: see [`super::slips`].
///
/// # Errors
/// A sentence that names the sheet whose form is not known: none is left out unsaid.
pub fn sheets(procedure: &Procedure, records: &[Record], which: Which, signatures: bool) -> Result<Vec<Piece>, String> {
    let each = records.iter().map(|it| sheet(procedure, it, which, signatures));
    Ok(each.collect::<Result<Vec<_>, _>>()?.concat())
}

/// One sheet: see [`sheets`].
pub(super) fn sheet(
    procedure: &Procedure,
    record: &Record,
    which: Which,
    signatures: bool,
) -> Result<Vec<Piece>, String> {
    let Some(form) = procedure.edition(&record.form, &record.edition) else {
        let (number, form, edition) = (&record.number, &record.form, &record.edition);
        return Err(format!("没有排版：{number} 用的表单文件不在（{form}，{edition} 版），什么也没有印"));
    };
    let empty = Record::empty(form, record.entered);
    let mut pieces = Vec::new();
    for (place, copy) in copies(procedure, form).into_iter().enumerate() {
        let look = Look { copy, signatures, raw: None, round: 0 };
        let blank = layout::sheet(procedure, form, &empty, &look).into_iter().next();
        for round in which.rounds(record) {
            let name = layout::round_name(record, round).unwrap_or_default();
            pieces.push(Piece {
                pages: layout::sheet(procedure, form, record, &Look { round, ..look }),
                outline: outline([record.number.as_str(), copy.unwrap_or_default(), name.as_str()]),
                blank: blank.clone(),
                top: form.paper.top,
                copy: copy.map(|_| place),
                sheet: Some(Sheet {
                    record: record.id,
                    number: record.number.clone(),
                    round,
                    prints: record.prints(place, round),
                }),
                number: None,
            });
        }
    }
    Ok(pieces)
}

/// A bookmark of these words, outermost first.
fn outline<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    words.into_iter().filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

/// The lines of a register: see [`super::register`].
pub fn register(procedure: &Procedure, form: &Form, entries: &[Entry], witness: Option<Borne>) -> Vec<Piece> {
    let blank = layout::register(procedure, form, &[]).and_then(|it| it.iter().next());
    let pages = layout::register(procedure, form, entries).map(|it| it.bearing(witness).iter().collect());
    let piece = |pages| Piece { pages, blank, top: form.paper.top, ..Piece::default() };
    pages.map(piece).into_iter().collect()
}

/// A form with nothing in it: see [`super::blank`].
pub fn blank(procedure: &Procedure, form: &Form, now: chrono::NaiveDateTime) -> Vec<Piece> {
    if let Some(pages) = layout::register(procedure, form, &[]) {
        return vec![Piece::plain(pages.iter().collect())];
    }
    let empty = Record::empty(form, now);
    let piece = |(place, copy): (usize, Option<&str>)| {
        let look = Look { copy, signatures: false, raw: None, round: 0 };
        Piece { copy: copy.map(|_| place), ..Piece::plain(layout::sheet(procedure, form, &empty, &look)) }
    };
    copies(procedure, form).into_iter().enumerate().map(piece).collect()
}

/// A form with nothing in it but its number, once for each of `numbers`: see [`super::blanks`].
pub fn blanks(procedure: &Procedure, form: &Form, numbers: &[String], now: chrono::NaiveDateTime) -> Vec<Piece> {
    let one = |number: &String| {
        let mut empty = Record::empty(form, now);
        number.clone_into(&mut empty.number);
        let piece = |(place, copy): (usize, Option<&str>)| {
            let outside = match (copy, &form.number_label) {
                (copy, Some(_)) => copy.map(str::to_owned),
                (Some(copy), None) => Some(format!("编号 {number}  {copy}")),
                (None, None) => Some(format!("编号 {number}")),
            };
            let look = Look { copy: outside.as_deref(), signatures: false, raw: None, round: 0 };
            Piece {
                copy: copy.map(|_| place),
                number: Some((form.form.clone(), number.clone())),
                outline: outline([number.as_str(), copy.unwrap_or_default()]),
                ..Piece::plain(layout::sheet(procedure, form, &empty, &look))
            }
        };
        copies(procedure, form).into_iter().enumerate().map(piece).collect::<Vec<_>>()
    };
    numbers.iter().flat_map(one).collect()
}

/// One of the office's other papers: see [`super::paper`].
pub fn paper(paper: &Paper) -> Vec<Piece> {
    let pages = match paper {
        Paper::Table(it) => papers::table(it),
        Paper::Reminder(it) => papers::reminder(it),
        Paper::Spine(it) => papers::spine(it),
        Paper::Front(it) => papers::front(it),
    };
    vec![Piece::plain(pages)]
}
