//! The guide to the program (使用说明): its text from `assets/help/guide.txt`, its pictures from sheets laid out like any
//! other.

use chrono::{Datelike, Days, NaiveDate};

use crate::layout::papers::{Block, Picture, guide, steps};
use crate::layout::{Look, Page, Part, ledger, sheet};
use crate::ledger::{Period, rows};
use crate::pdf::{PdfError, Sheet};
use crate::procedure::{FieldId, Form, FormId, LEDGER, Procedure, SLIP};
use crate::record::{Correction, Record};
use crate::units::{Mm, Point, Rect};

use super::{Clock, write};

const TEXT: &str = include_str!("../../assets/help/guide.txt");
/// What it is called.
const TITLE: &str = "用户服务台帐使用说明";

/// What stands on the slip in the pictures.
const SLIP_SAYS: [(&str, &str); 14] = [
    ("customer", "澄澜氟材料公司"),
    ("contact", "陈堃"),
    ("phone", "0519-5555 0622"),
    ("complaint", "反应釜夹套焊缝渗漏一处，用户要求派人现场处理。"),
    ("registrar", "沈䶮"),
    ("registration_reviewer", "钱立群"),
    ("responsible", "设备修造部"),
    ("measures", "派焊工两名，打磨后补焊，渗透检测合格后交用户。"),
    ("handler", "徐国梁"),
    ("measures_reviewer", "马腾飞"),
    ("verification", "补焊处渗透检测合格，水压试验无渗漏。"),
    ("verifier", "何锃"),
    ("opinion", "A"),
    ("confirmer", "陈堃"),
];

/// The pages of the guide.
pub fn guide_pages(procedure: &Procedure, today: NaiveDate) -> Vec<Page> {
    let mut blocks = Vec::new();
    for line in TEXT.lines().filter(|it| !it.trim().is_empty()) {
        if let Some(words) = line.strip_prefix("# ") {
            blocks.push(Block::Heading(words.to_owned()));
        } else if let Some((name, caption)) = line.strip_prefix('!').and_then(|it| it.split_once(' ')) {
            blocks.extend(picture(procedure, today, name, caption).map(Block::Picture));
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

fn picture(procedure: &Procedure, today: NaiveDate, name: &str, caption: &str) -> Option<Picture> {
    let form = procedure.form(&FormId::from(SLIP))?;
    let caption = caption.to_owned();
    if name == "steps" {
        let names: Vec<&str> = form.stages.iter().map(|it| it.name.as_str()).chain(["归档"]).collect();
        let (page, piece) = steps(&names, 2.min(names.len() - 1));
        return Some(Picture { page, piece, numbers: Vec::new(), caption });
    }
    let mut record = filled(form, today);
    if name == "ledger" {
        let register = procedure.form(&FormId::from(LEDGER))?;
        let period = Period::Year(today.year());
        let rows = rows(procedure, [record], period);
        let pages = ledger(procedure, register, &rows)?;
        let page = pages.iter().next()?;
        let inside = register.paper.inside();
        let piece = Rect::new(inside.left(), inside.top() + register.head, Mm::mm(130.0), Mm::mm(34.0));
        return Some(Picture { page, piece: piece.shrink(Mm::mm(-0.3)), numbers: Vec::new(), caption });
    }
    let corrected: FieldId = "measures".into();
    if name == "corrected" {
        let new = "派焊工两名，打磨后补焊。".to_owned();
        record.set_in(0, &corrected, &new);
        record.corrections.push(Correction {
            field: corrected.clone(),
            round: 0,
            old: "派焊工一名，打磨后补焊。".to_owned(),
            new,
            by: "徐国梁".to_owned(),
            on: today.to_string(),
            reason: "人数写错".to_owned(),
        });
    }
    let look = Look { copy: None, signatures: true, raw: None, round: 0 };
    let page = sheet(procedure, form, &record, &look).into_iter().next()?;
    if name == "corrected" {
        let slot = page.slots.iter().find(|it| it.field == corrected)?;
        let rect = slot.rect;
        let extent = rect.size.width.min(Mm::mm(118.0));
        let piece = Rect::new(rect.left(), rect.top(), extent, rect.size.height.min(Mm::mm(18.0)));
        return Some(Picture { page, piece: piece.shrink(Mm::mm(-0.3)), numbers: Vec::new(), caption });
    }
    let place = |field: &str| {
        let slot = page.slots.iter().find(|it| it.field.as_str() == field && it.part == Part::Entry);
        slot.map(|it| Point::new(it.rect.right() - Mm::mm(10.0), it.rect.top() + Mm::mm(9.0)))
    };
    let numbered = [
        ("customer", "①"),
        ("complaint", "②"),
        ("registration_reviewer", "③"),
        ("measures", "④"),
        ("verification", "⑤"),
        ("opinion", "⑥"),
    ];
    let numbers = numbered.iter().filter_map(|(field, digit)| Some((place(field)?, (*digit).to_owned()))).collect();
    Some(Picture { piece: form.paper.inside(), page, numbers, caption })
}

/// A slip filled in to its end.
fn filled(form: &Form, today: NaiveDate) -> Record {
    let mut record = Record::empty(form, today.and_time(chrono::NaiveTime::MIN));
    record.number = format!("{}-001", today.format("%Y"));
    let mut set = |field: &FieldId, value: &str| record.set_in(0, field, value);
    for (field, value) in SLIP_SAYS {
        set(&field.into(), value);
    }
    let begun = today.checked_sub_days(Days::new(9)).unwrap_or(today);
    set(&"date".into(), &begun.to_string());
    set(&"deadline".into(), &today.to_string());
    for (index, stage) in form.stages.iter().enumerate() {
        let day = begun.checked_add_days(Days::new(index as u64)).unwrap_or(today);
        if let Some(date) = &stage.date {
            set(date, &day.to_string());
        }
    }
    record
}
