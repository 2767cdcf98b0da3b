//! What leaves the program as PDF: slips, the ledger, blank forms, the other papers. Laid out by `layout`, drawn by
//! `pdf`; the window and the command line both come here.

use std::ops::RangeInclusive;

use chrono::NaiveDateTime;

use crate::face::is_invisible;
use crate::layout::papers::Paper;
use crate::layout::{self, Borne, Look, Page, papers};
use crate::ledger::{Period, Row, typed_entries};
use crate::pdf::{self, Document, PdfError, Sheet};
use crate::procedure::{Form, FormId, LEDGER, Procedure};
use crate::record::{Record, fold};

pub mod archive;
mod guide;
pub mod pieces;
pub use guide::{guide_pages, guide_pdf};

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

/// The marks of a form's copies; one unmarked copy where it has none.
fn copies<'a>(procedure: &'a Procedure, form: &'a Form) -> Vec<Option<&'a str>> {
    match procedure.copies(form) {
        [] => vec![None],
        copies => copies.iter().map(|it| Some(it.as_str())).collect(),
    }
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
    let sheets = records.iter().flat_map(|record| {
        let form = procedure.edition(&record.form, &record.edition);
        form.into_iter().flat_map(move |form| sheets_of(procedure, form, record, which, signatures))
    });
    let title = procedure.edition(&first.form, &first.edition).map_or("", |it| &it.title);
    let title = format!("{title} {}", first.number);
    let author = first.company().unwrap_or(&procedure.document.company);
    write(procedure, clock, (title.trim(), author), sheets, &|_| ())
}

fn sheets_of<'a>(
    procedure: &'a Procedure,
    form: &'a Form,
    record: &'a Record,
    which: Which,
    signatures: bool,
) -> impl Iterator<Item = Sheet> + 'a {
    let every = move |copy| which.rounds(record).map(move |round| (copy, round));
    copies(procedure, form).into_iter().flat_map(every).flat_map(move |(copy, round)| {
        let look = Look { copy, signatures, raw: None, round };
        let name = layout::round_name(record, round).unwrap_or_default();
        let outline: Vec<String> = [record.number.as_str(), copy.unwrap_or_default(), name.as_str()]
            .into_iter()
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
            .collect();
        let pages = layout::sheet(procedure, form, record, &look);
        pages.into_iter().map(move |page| Sheet { page, outline: vec![outline.clone()] })
    })
}

/// The ledger of a period, with a bookmark a month. `witness`: the head of the book's history, borne at each foot.
/// `progress` hears how many pages are done.
///
/// # Errors
/// When the PDF cannot be made.
pub fn ledger(
    procedure: &Procedure,
    rows: &[Row],
    period: Period,
    witness: Option<Borne>,
    clock: &Clock,
    progress: &dyn Fn(usize),
) -> Result<Vec<u8>, PdfError> {
    let form = procedure.form(&FormId::from(LEDGER));
    let Some((form, pages)) = form.and_then(|form| Some((form, layout::ledger(procedure, form, rows)?))) else {
        return Err(PdfError::NoPages);
    };
    let pages = pages.bearing(witness);
    let sheets = pages
        .iter()
        .enumerate()
        .map(|(index, page)| Sheet { page, outline: pages.months(index).into_iter().map(|it| vec![it]).collect() });
    let title = format!("{} {}", form.title, period.name());
    write(procedure, clock, (&title, &procedure.document.company), sheets, progress)
}

/// A typed register (登记簿): these records, a line each, with a bookmark a month.
///
/// # Errors
/// When the PDF cannot be made.
pub fn register(
    procedure: &Procedure,
    form: &Form,
    records: &[Record],
    name: &str,
    clock: &Clock,
) -> Result<Vec<u8>, PdfError> {
    let Some(pages) = layout::register(procedure, form, typed_entries(form, records)) else {
        return Err(PdfError::NoPages);
    };
    let sheets = pages
        .iter()
        .enumerate()
        .map(|(index, page)| Sheet { page, outline: pages.months(index).into_iter().map(|it| vec![it]).collect() });
    let title = format!("{} {name}", form.title);
    write(procedure, clock, (title.trim(), &procedure.document.company), sheets, &|_| ())
}

/// How many pages the ledger of these rows takes.
pub fn ledger_pages(procedure: &Procedure, rows: &[Row]) -> usize {
    let form = procedure.form(&FormId::from(LEDGER));
    form.and_then(|form| layout::ledger(procedure, form, rows)).map_or(0, |it| it.count())
}

/// A form with nothing in it.
///
/// # Errors
/// When the PDF cannot be made.
pub fn blank(procedure: &Procedure, form: &Form, clock: &Clock) -> Result<Vec<u8>, PdfError> {
    if form.register.is_some() {
        let pages = layout::ledger(procedure, form, &[]);
        let sheets = pages.iter().flat_map(layout::LedgerPages::iter).map(Sheet::from);
        return write(procedure, clock, (&form.title, &procedure.document.company), sheets, &|_| ());
    }
    let mut empty = Record::empty(form, clock.now);
    empty.edition = form.edition.clone();
    let pages = copies(procedure, form).into_iter().flat_map(|copy| {
        let look = Look { copy, signatures: false, raw: None, round: 0 };
        layout::sheet(procedure, form, &empty, &look)
    });
    write(procedure, clock, (&form.title, &procedure.document.company), pages.map(Sheet::from), &|_| ())
}

/// A form with nothing in it but its number, once for each of `numbers`: blank sheets that are handed out under reserved
/// numbers (PROCEDURE 5). Where the form has no place for a number, it stands outside the frame.
///
/// # Errors
/// When the PDF cannot be made.
pub fn blanks(procedure: &Procedure, form: &Form, numbers: &[String], clock: &Clock) -> Result<Vec<u8>, PdfError> {
    let sheets = numbers.iter().flat_map(|number| {
        numbered(procedure, form, number, clock.now).flat_map(move |(copy, pages)| {
            let outline: Vec<String> = [Some(number.as_str()), copy].into_iter().flatten().map(str::to_owned).collect();
            pages.into_iter().map(move |page| Sheet { page, outline: vec![outline.clone()] })
        })
    });
    let title = format!("{} 空白", form.title);
    write(procedure, clock, (&title, &procedure.document.company), sheets, &|_| ())
}

/// A blank sheet under its reserved number, copy by copy.
fn numbered<'a>(
    procedure: &'a Procedure,
    form: &'a Form,
    number: &str,
    now: NaiveDateTime,
) -> impl Iterator<Item = (Option<&'a str>, Vec<Page>)> {
    let mut empty = Record::empty(form, now);
    number.clone_into(&mut empty.number);
    copies(procedure, form).into_iter().map(move |copy| {
        let number = &empty.number;
        let outside = match (copy, &form.number_label) {
            (copy, Some(_)) => copy.map(str::to_owned),
            (Some(copy), None) => Some(format!("编号 {number}  {copy}")),
            (None, None) => Some(format!("编号 {number}")),
        };
        let look = Look { copy: outside.as_deref(), signatures: false, raw: None, round: 0 };
        (copy, layout::sheet(procedure, form, &empty, &look))
    })
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
    let (author, title, pages) = match paper {
        Paper::Table(it) => (&it.company, vec![it.title.as_str()], papers::table(it)),
        Paper::Reminder(it) => (&it.company, vec!["催办单", &it.number], papers::reminder(it)),
        Paper::Spine(it) => (&it.company, vec!["卷脊标签", &it.title, &it.year], papers::spine(it)),
    };
    let title = title.iter().map(|it| it.trim()).filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
    write(procedure, clock, (&title, author), pages.into_iter().map(Sheet::from), &|_| ())
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
