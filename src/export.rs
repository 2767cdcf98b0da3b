//! What leaves the program as PDF: sheets, registers, blank forms, the other papers. Laid out by `layout`, drawn by
//! `pdf`; the window and the command line both come here.

use std::ops::RangeInclusive;

use chrono::NaiveDateTime;

use crate::face::is_invisible;
use crate::layout::papers::Paper;
use crate::layout::{self, Borne, Page};
use crate::pdf::{self, Document, PdfError, Sheet};
use crate::procedure::{Form, Procedure};
use crate::record::{Record, fold};
use crate::register::{Entry, Period};

pub mod archive;
mod guide;
pub mod pieces;
pub mod reminder;
pub use guide::{guide_pages, guide_pdf};
use pieces::Piece;

/// The hour, as whoever reads the clock hands it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Local time.
    pub now: NaiveDateTime,
    /// How far local time is ahead of UTC, in minutes.
    pub utc_offset_minutes: i32,
}

/// Which rounds (轮次) of a sheet are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The last one.
    Last,
    /// This one, from nought; the last where there is none such.
    Round(usize),
    /// Every one, each on a sheet of its own, the first before the others.
    All,
}

impl Which {
    fn rounds(self, record: &Record) -> RangeInclusive<usize> {
        let last = record.last_round();
        match self {
            Self::Last => last..=last,
            Self::Round(round) => round.min(last)..=round.min(last),
            Self::All => 0..=last,
        }
    }
}

fn write(
    procedure: &Procedure,
    clock: &Clock,
    (title, author): (&str, &str),
    sheets: impl Iterator<Item = Sheet>,
    progress: &dyn Fn(usize),
) -> Result<Vec<u8>, PdfError> {
    let document = Document { title, author, now: clock.now, utc_offset_minutes: clock.utc_offset_minutes };
    // A printer that does not meet the paper's edge is made up for here: the screen shows the form as it is.
    let offset = procedure.document.offset;
    let shifted = sheets.map(|it| Sheet { page: it.page.shifted(offset.x, offset.y), ..it });
    pdf::write(&document, shifted, progress)
}

/// The pages of what is printed, as PDF, each piece under its bookmark.
fn bound(
    procedure: &Procedure,
    clock: &Clock,
    named: (&str, &str),
    pieces: impl IntoIterator<Item = Piece>,
) -> Result<Vec<u8>, PdfError> {
    let sheets = pieces.into_iter().flat_map(|it| {
        let outline = if it.outline.is_empty() { Vec::new() } else { vec![it.outline] };
        it.pages.into_iter().map(move |page| Sheet { page, outline: outline.clone() })
    });
    write(procedure, clock, named, sheets, &|_| ())
}

/// A sheet in all its copies, each with the rounds asked for and their continuation sheets. `signatures`: typed names
/// and dates stand in the signature cells instead of room for ink.
///
/// # Errors
/// When the PDF cannot be made.
pub fn slip(
    procedure: &Procedure,
    record: &Record,
    which: Which,
    signatures: bool,
    clock: &Clock,
) -> Result<Vec<u8>, PdfError> {
    slips(procedure, std::slice::from_ref(record), which, signatures, clock)
}

/// Sheets one after the other, as [`slip`] makes one of them: a rewritten one with its original attached (重抄，原单附后).
///
/// # Errors
/// When the PDF cannot be made.
pub fn slips(
    procedure: &Procedure,
    records: &[Record],
    which: Which,
    signatures: bool,
    clock: &Clock,
) -> Result<Vec<u8>, PdfError> {
    let known = |it: &Record| procedure.edition(&it.form, &it.edition).is_some();
    let Some(first) = records.first().filter(|_| records.iter().all(known)) else { return Err(PdfError::NoPages) };
    let title = procedure.edition(&first.form, &first.edition).map_or("", |it| &it.title);
    let title = format!("{title} {}", first.number);
    let author = first.company().unwrap_or(&procedure.document.company);
    let pieces = records.iter().flat_map(|it| pieces::sheet(procedure, it, which, signatures).unwrap_or_default());
    bound(procedure, clock, (title.trim(), author), pieces)
}

/// The lines of a register in a period, with a bookmark a month. `witness`: the head of the book's history, borne at
/// each foot. `progress` hears how many pages are done.
///
/// # Errors
/// When the PDF cannot be made.
pub fn register(
    procedure: &Procedure,
    form: &Form,
    entries: &[Entry],
    period: Period,
    witness: Option<Borne>,
    clock: &Clock,
    progress: &dyn Fn(usize),
) -> Result<Vec<u8>, PdfError> {
    let Some(pages) = layout::register(procedure, form, entries) else { return Err(PdfError::NoPages) };
    let pages = pages.bearing(witness);
    let sheets = pages
        .iter()
        .enumerate()
        .map(|(index, page)| Sheet { page, outline: pages.months(index).into_iter().map(|it| vec![it]).collect() });
    let title = format!("{} {}", form.title, period.name());
    write(procedure, clock, (&title, &procedure.document.company), sheets, progress)
}

/// A form with nothing in it.
///
/// # Errors
/// When the PDF cannot be made.
pub fn blank(procedure: &Procedure, form: &Form, clock: &Clock) -> Result<Vec<u8>, PdfError> {
    let pieces = pieces::blank(procedure, form, clock.now);
    bound(procedure, clock, (&form.title, &procedure.document.company), pieces)
}

/// A form with nothing in it but its number, once for each of `numbers`: blank sheets that are handed out under reserved
/// numbers (PROCEDURE 5). Where the form has no place for a number, it stands outside the frame.
///
/// # Errors
/// When the PDF cannot be made.
pub fn blanks(procedure: &Procedure, form: &Form, numbers: &[String], clock: &Clock) -> Result<Vec<u8>, PdfError> {
    let title = format!("{} 空白", form.title);
    let pieces = pieces::blanks(procedure, form, numbers, clock.now);
    bound(procedure, clock, (&title, &procedure.document.company), pieces)
}

/// Pages as they were composed to be printed, as PDF.
///
/// # Errors
/// When the PDF cannot be made.
pub fn pages(procedure: &Procedure, title: &str, pages: Vec<Page>, clock: &Clock) -> Result<Vec<u8>, PdfError> {
    write(procedure, clock, (title, &procedure.document.company), pages.into_iter().map(Sheet::from), &|_| ())
}

/// One of the office's other papers: a list, a reminder to the department that is to act (4.5.1), the label for a binder's
/// spine at its true size.
///
/// # Errors
/// When the PDF cannot be made.
pub fn paper(procedure: &Procedure, paper: &Paper, clock: &Clock) -> Result<Vec<u8>, PdfError> {
    let (author, title) = match paper {
        Paper::Table(it) => (&it.company, vec![it.title.as_str()]),
        Paper::Reminder(it) => (&it.company, vec!["催办单", &it.number]),
        Paper::Spine(it) => (&it.company, vec!["卷脊标签", &it.title, &it.year]),
        Paper::Front(it) => (&it.company, vec!["程序文件首页", &it.title]),
    };
    let title = title.iter().map(|it| it.trim()).filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
    bound(procedure, clock, (&title, author), pieces::paper(paper))
}

/// Names that Windows keeps for devices, whatever stands behind a dot.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// A file name has at most so many characters.
const LONGEST: usize = 80;

/// A file name for what is exported, its parts joined by _: no character that a file system refuses, or that makes it look like another.
pub fn file_name(parts: &[&str]) -> String {
    let joined = parts.iter().map(|it| it.trim()).filter(|it| !it.is_empty()).collect::<Vec<_>>().join("_");
    let allowed = |c: char| !c.is_control() && !"\\/:*?\"<>|\u{2028}\u{2029}".contains(c);
    let seen = joined.chars().filter(|c| !is_invisible(*c));
    // File systems allow 255 bytes, and Windows a path of 260 characters, folders and all.
    let mut name: String = seen.map(|c| if allowed(c) { c } else { '_' }).take(LONGEST).collect();
    name.truncate(name.floor_char_boundary(200));
    let name = name.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let stem = name.split('.').next().unwrap_or_default().trim().to_uppercase();
    let numbered = |it: &str| stem.strip_prefix(it).is_some_and(|it| it.chars().count() == 1);
    if DEVICES.contains(&stem.as_str()) || numbered("COM") || numbered("LPT") {
        return format!("_{name}.pdf");
    }
    format!("{}.pdf", if fold(name).trim().is_empty() { "导出" } else { name })
}
