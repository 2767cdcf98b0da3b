//! PDF: every character on every page comes back as it was typed.

use std::collections::HashMap;

use chrono::Datelike as _;
use proptest::collection::vec;
use proptest::prelude::*;
use taizhang::export::{self, Clock, Which};
use taizhang::face::is_invisible;
use taizhang::layout::papers::{Entry, Paper, Reminder, Spine, Table, TableColumn};
use taizhang::layout::{self, Look, Mark, Page, papers};
use taizhang::procedure::FormId;
use taizhang::record::{CellId, Correction, Record, RecordId, Values, Void, keep_date};
use taizhang::register::{self, Period};
use taizhang::units::Mm;

use crate::common::{now, procedure, read};
use crate::mutate::{Words, words};
use crate::{hammer, seconds};

/// What a reader makes of the pages' text: each code through its font's table.
fn read_back(pdf: &[u8]) -> Vec<String> {
    let pdf = lopdf::Document::load_mem(pdf).unwrap();
    let mut pages = Vec::new();
    let mut tables: HashMap<lopdf::ObjectId, HashMap<[u8; 2], String>> = HashMap::new();
    for page in pdf.page_iter() {
        let mut read = String::new();
        let fonts = pdf.get_page_fonts(page).unwrap();
        let mut table = None;
        for operation in pdf.get_and_decode_page_content(page).unwrap().operations {
            match operation.operator.as_str() {
                "Tf" => {
                    let font = fonts[operation.operands[0].as_name().unwrap()];
                    let of = font.get(b"ToUnicode").unwrap().as_reference().unwrap();
                    tables.entry(of).or_insert_with(|| unicode(&pdf, of));
                    table = tables.get(&of);
                }
                "Tj" => {
                    for code in operation.operands[0].as_str().unwrap().chunks(2) {
                        read += &table.unwrap()[&[code[0], code[1]]];
                    }
                }
                _ => {}
            }
        }
        pages.push(read);
    }
    pages
}

/// A font's table from codes to characters.
fn unicode(pdf: &lopdf::Document, of: lopdf::ObjectId) -> HashMap<[u8; 2], String> {
    let stream = pdf.get_object(of).unwrap().as_stream().unwrap();
    let text = String::from_utf8(stream.decompressed_content().unwrap()).unwrap();
    let code = |hex: &str| -> Vec<u16> {
        hex.as_bytes().chunks(4).map(|it| u16::from_str_radix(std::str::from_utf8(it).unwrap(), 16).unwrap()).collect()
    };
    let mut table = HashMap::new();
    for line in text.lines() {
        let Some((from, to)) = line.strip_prefix('<').and_then(|it| it.strip_suffix('>')?.split_once("> <")) else {
            continue;
        };
        if from.len() == 4 && !to.contains('<') {
            let said = String::from_utf16(&code(to)).unwrap();
            let old = table.insert(code(from)[0].to_be_bytes(), said);
            assert_eq!(old, None, "a code told twice");
        }
    }
    table
}

/// What stands on a page, in painting order: what lies under it first.
fn marked(page: &Page) -> String {
    let stamps = page.marks.iter().filter_map(|it| if let Mark::Stamp { text, .. } = it { Some(text) } else { None });
    let texts = page.marks.iter().filter_map(|it| if let Mark::Text(text) = it { Some(text) } else { None });
    // Line ends are no characters on paper.
    stamps.chain(texts).flat_map(|it| it.text.chars()).filter(|it| !matches!(it, '\r' | '\n')).collect()
}

fn same(pdf: &[u8], pages: impl Iterator<Item = Page>) {
    let back = read_back(pdf);
    let wanted: Vec<String> = pages.map(|it| marked(&it)).collect();
    assert_eq!(back.len(), wanted.len());
    for (number, (back, wanted)) in back.iter().zip(&wanted).enumerate() {
        assert_eq!(back, wanted, "page {}", number + 1);
    }
}

/// Other readers, on a sample of the long run. They leave out what stands beyond the paper, as the label of a binder may
/// that somebody gave a long name.
fn by_others(pdf: &[u8], pages: impl Iterator<Item = Page>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.pdf");
    taizhang::pdf::save(&path, pdf).unwrap();
    let path = path.display().to_string();
    let said = read("qpdf", &["--check", &path]).unwrap();
    assert!(said.contains("No syntax or stream encoding errors found"), "{said}");
    let sorted = |text: &str| {
        let mut all: Vec<char> = text
            .chars()
            .filter(|it| !it.is_whitespace() && !it.is_control() && !is_invisible(*it) && !unread(*it))
            .collect();
        all.sort_unstable();
        all.into_iter().collect::<String>()
    };
    let wanted = sorted(&pages.map(|it| marked(&it)).collect::<String>());
    for (reader, args) in [("pdftotext", vec!["-raw", &path, "-"]), ("mutool", vec!["draw", "-q", "-F", "txt", &path])]
    {
        let said = read(reader, &args).unwrap();
        assert_eq!(sorted(&said), wanted, "{reader}");
    }
}

/// Characters that readers leave out or put otherwise by rules of their own: no characters at all to Unicode, and blanks.
fn unread(c: char) -> bool {
    let code = u32::from(c);
    code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code) || code == 0xfffd || code == 0x2800
}

#[derive(Clone, Debug)]
enum Input {
    Slip(Vec<Words>, bool),
    Ledger(Vec<Words>),
    Table(Vec<Vec<Words>>, bool),
    Reminder(Vec<Words>),
    Spine(Vec<Words>),
}

#[test]
fn what_is_printed_reads_back_as_it_was_typed() {
    let procedure = procedure();
    let clock = Clock { now: now(), utc_offset_minutes: 480 };
    let few = || vec(words(6, 120), 1..8);
    let inputs = prop_oneof![
        4 => (vec(words(14, 900), 1..6), any::<bool>()).prop_map(|(it, more)| Input::Slip(it, more)),
        2 => few().prop_map(Input::Ledger),
        2 => (vec(vec(words(4, 60), 0..6), 0..12), any::<bool>()).prop_map(|(it, across)| Input::Table(it, across)),
        1 => few().prop_map(Input::Reminder),
        1 => few().prop_map(Input::Spine),
    ];
    let count = std::cell::Cell::new(0_usize);
    hammer("paper", 40, &["slip", "ledger", "table", "reminder", "spine"], &inputs, |input| {
        let (pdf, pages, kind) = match input {
            Input::Slip(texts, more) => {
                let form = procedure.form(&"05".into()).unwrap();
                let mut record = Record::empty(form, now());
                record.number = texts[0].text().chars().take(12).collect();
                for (field, text) in form.every_field().zip(texts.iter().cycle()) {
                    record.set(&field.id, &text.text());
                }
                if *more {
                    record.rounds.push(Values::from([("measures".into(), texts[0].text())]));
                    let (old, new) = (texts[0].text(), texts[texts.len() - 1].text());
                    let (by, on, reason) = (old.chars().take(9).collect(), "2026-11-21".to_owned(), "来函".to_owned());
                    let (field, round) = ("complaint", 0);
                    record.corrections.push(Correction { cell: CellId::new(field, round), old, new, by, on, reason });
                    let said = |at: usize| texts[at % texts.len()].text().chars().take(60).collect::<String>();
                    record.void = Some(Void { by: said(0), on: said(1), reason: said(2) });
                }
                let pdf = export::slip(&procedure, &record, Which::All, true, &clock).unwrap();
                let mut pages = Vec::new();
                for copy in procedure.copies(form) {
                    for round in 0..record.rounds.len() {
                        let look = Look { copy: Some(copy), signatures: true, raw: None, round };
                        pages.extend(layout::sheet(&procedure, form, &record, &look));
                    }
                }
                (pdf, pages, "slip")
            }
            Input::Ledger(texts) => {
                let slip = procedure.form(&"05".into()).unwrap();
                let records = texts.iter().enumerate().map(|(at, text)| {
                    let mut record = Record::empty(slip, now());
                    (record.id, record.number) = (RecordId(at as i64), format!("2026-{at:03}"));
                    for field in ["customer", "product", "complaint", "accepted_by", "result", "confirmer_date"] {
                        record.set(&field.into(), &text.text());
                    }
                    record.set(&"date".into(), &keep_date(now().date()));
                    record
                });
                let period = Period::Year(now().year());
                let form = procedure.form(&FormId::from("04")).unwrap();
                let rows = register::entries(&procedure, form, records);
                let pdf = export::register(&procedure, form, &rows, period, None, &clock, &|_| ()).unwrap();
                (pdf, layout::register(&procedure, form, &rows).unwrap().iter().collect(), "ledger")
            }
            Input::Table(rows, across) => {
                let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(Words::text).collect()).collect();
                let text = |at: usize| rows.iter().flatten().nth(at).cloned().unwrap_or_default();
                // What the program says of a list is short: rows are anybody's, heads are not.
                let short = |at: usize, most: usize| {
                    text(at).chars().filter(|it| !it.is_control()).take(most).collect::<String>()
                };
                let column = |at: usize| TableColumn {
                    head: short(at, 6),
                    width: Mm::mm(at as f64 * 7.0),
                    centred: at % 2 == 1,
                };
                let table = Table {
                    company: short(0, 60),
                    title: short(1, 20),
                    note: short(2, 60),
                    landscape: *across,
                    columns: (0..rows.len() % 5).map(column).collect(),
                    signatures: (0..rows.len() % 4).map(|at| short(at, 12)).collect(),
                    foot: short(3, 80),
                    rows,
                };
                let paper = Paper::Table(table.clone());
                (export::paper(&procedure, &paper, &clock).unwrap(), papers::table(&table), "table")
            }
            Input::Reminder(texts) => {
                let text = |at: usize| texts[at % texts.len()].text();
                // What the office and the program say of themselves is short; what stood on the slip is anybody's.
                let short = |at: usize, most: usize| {
                    text(at).chars().filter(|it| !it.is_control()).take(most).collect::<String>()
                };
                let reminder = Reminder {
                    company: short(0, 60),
                    department: text(1),
                    from: text(2),
                    number: text(3),
                    form_title: short(4, 20),
                    subject: Entry::new(&short(6, 30), &text(5)),
                    product: Entry::new(&short(1, 30), &text(6)),
                    about: Entry::new("投诉内容", &text(0).repeat(8)),
                    received: Entry::new(&short(2, 200), &text(1)),
                    due: Entry::new("完成期限", &text(2)),
                    overdue: text(3),
                    stage: text(4),
                    clause: short(5, 20),
                    asked: text(6),
                    by: text(0),
                    on: text(1),
                };
                let paper = Paper::Reminder(Box::new(reminder.clone()));
                (export::paper(&procedure, &paper, &clock).unwrap(), papers::reminder(&reminder), "reminder")
            }
            Input::Spine(texts) => {
                let text = |at: usize| texts[at % texts.len()].text();
                let spine = Spine {
                    company: text(0),
                    title: text(1),
                    code: text(2),
                    year: text(3),
                    from_number: text(4),
                    to_number: text(5),
                    box_number: text(6),
                    binder_number: text(7),
                    retention: text(8),
                };
                let paper = Paper::Spine(spine.clone());
                (export::paper(&procedure, &paper, &clock).unwrap(), papers::spine(&spine), "spine")
            }
        };
        same(&pdf, pages.iter().cloned());
        count.set(count.get() + 1);
        if seconds().is_some() && count.get() % 10 == 1 && kind != "spine" {
            by_others(&pdf, pages.into_iter());
        }
        kind
    });
}

// What was found.

/// The table was laid out for ever, or fell over.
#[test]
fn an_empty_row_under_a_head_that_takes_the_whole_page_is_laid_out() {
    let head = "很长的栏目名称".repeat(200);
    let columns = vec![TableColumn { head: head.clone(), width: Mm::mm(7.0), centred: false }; 6];
    let rows = vec![Vec::new(), vec!["甲".to_owned()]];
    let table = Table { title: "编号簿".to_owned(), columns, rows, ..Table::default() };
    let said: String = papers::table(&table).iter().map(marked).collect();
    assert!(said.contains('甲') && said.contains(&head[..3]), "{said}");
}
