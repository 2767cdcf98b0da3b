//! The guide to a package (使用说明). Its text comes with the package, and so do the sheets in its pictures.
//!
//! A line that begins with `# ` is a heading, one that begins with `!` a picture: `!FORM NTH WHAT… | CAPTION` shows the nth
//! sheet of the guide on its form. `①field` sets a number on a cell of it, `field` alone shows that cell and no other; of
//! a register its head is shown, with the line that the sheet makes. Any other line is a paragraph.

use chrono::NaiveDate;

use crate::exchange;
use crate::layout::papers::{Block, Picture, guide};
use crate::layout::{self, Look, Page, Part, sheet};
use crate::pdf::{PdfError, Sheet};
use crate::procedure::{FormId, Procedure};
use crate::record::Record;
use crate::register::entries;
use crate::store::NewRecord;
use crate::units::{Mm, Point, Rect};

use super::{Clock, write};

/// What it is called.
const TITLE: &str = "用户服务台帐使用说明";

/// The pages of the guide.
pub fn guide_pages(procedure: &Procedure, today: NaiveDate) -> Vec<Page> {
    let now = today.and_time(chrono::NaiveTime::MIN);
    let sheets = exchange::read(procedure.guide().sheets, procedure, now).unwrap_or_default();
    let sheets: Vec<Record> = sheets.into_iter().map(record).collect();
    let mut blocks = Vec::new();
    for line in procedure.guide().text.lines().filter(|it| !it.trim().is_empty()) {
        if let Some(words) = line.strip_prefix("# ") {
            blocks.push(Block::Heading(words.to_owned()));
        } else if let Some(wanted) = line.strip_prefix('!') {
            blocks.extend(picture(procedure, &sheets, wanted).map(Block::Picture));
        } else {
            blocks.push(Block::Text(line.to_owned()));
        }
    }
    guide(&procedure.document.company, TITLE, &blocks)
}

/// The guide as PDF.
///
/// # Errors
/// When the PDF cannot be made.
pub fn guide_pdf(procedure: &Procedure, clock: &Clock) -> Result<Vec<u8>, PdfError> {
    let pages = guide_pages(procedure, clock.now.date());
    write(procedure, clock, (TITLE, &procedure.document.company), pages.into_iter().map(Sheet::from), &|_| ())
}

/// A sheet that lies in no book.
fn record(new: NewRecord) -> Record {
    let number = new.number.map(|it| it.1).unwrap_or_default();
    let NewRecord { form, edition, entered, rounds, corrections, void, facts, .. } = new;
    Record { number, rounds, corrections, void, facts, ..Record::new(form, edition, entered) }
}

fn picture(procedure: &Procedure, sheets: &[Record], wanted: &str) -> Option<Picture> {
    let (wanted, caption) = wanted.split_once(" | ")?;
    let mut words = wanted.split_whitespace();
    let form = procedure.form(&FormId::from(words.next()?))?;
    let record = sheets.get(words.next()?.parse::<usize>().ok()?.checked_sub(1)?)?.clone();
    let picture = |page, piece, numbers| Some(Picture { page, piece, numbers, caption: caption.to_owned() });
    let inside = form.paper.inside();
    if !form.is_written() {
        let page = layout::register(procedure, form, &entries(procedure, form, [record]))?.iter().next()?;
        let piece = Rect::new(inside.left(), inside.top() + form.head, Mm::mm(130.0), Mm::mm(34.0));
        return picture(page, piece.shrink(Mm::mm(-0.3)), Vec::new());
    }
    let look = Look { copy: None, signatures: true, raw: None, round: 0 };
    let page = sheet(procedure, form, &record, &look).into_iter().next()?;
    let cell = |field: &str| {
        let slot = page.slots.iter().find(|it| it.cell.field.as_str() == field && it.part == Part::Entry)?;
        Some(slot.rect)
    };
    let mut numbers = Vec::new();
    for word in words {
        let field = word.trim_start_matches(|it: char| !it.is_ascii());
        let rect = cell(field)?;
        let number = word.trim_end_matches(field);
        if number.is_empty() {
            let piece = Rect::new(
                rect.left(),
                rect.top(),
                rect.size.width.min(Mm::mm(118.0)),
                rect.size.height.min(Mm::mm(18.0)),
            );
            return picture(page, piece.shrink(Mm::mm(-0.3)), Vec::new());
        }
        numbers.push((Point::new(rect.right() - Mm::mm(10.0), rect.top() + Mm::mm(9.0)), number.to_owned()));
    }
    picture(page, inside, numbers)
}
