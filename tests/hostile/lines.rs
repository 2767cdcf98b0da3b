//! Texts set into cells: every character typed stands on the paper, once and in order, however many sheets it takes.

use proptest::collection::vec;
use proptest::prelude::*;
use taizhang::face::{Face, break_lines, resolve};
use taizhang::layout::{self, Look, Mark, Page};
use taizhang::procedure::{Form, Kind, Procedure};
use taizhang::record::{Opinion, Record, shown};
use taizhang::register::entries;
use taizhang::units::Mm;

use crate::common::{now, procedure};
use crate::hammer;
use crate::mutate::{Words, words};

/// Between a register's column and its lines.
const BEFORE: Mm = Mm::mm(0.7);

/// What of a text is set: blanks at a line's end are not drawn, line breaks are where the lines end.
fn set(text: &str) -> String {
    text.chars().filter(|it| !it.is_whitespace()).collect()
}

/// What a field's marks say, over all pages.
fn said(pages: &[Page], field: &str) -> String {
    let mut said = String::new();
    for mark in pages.iter().flat_map(|it| &it.marks) {
        if let Mark::Text(text) = mark
            && text.of.as_ref().is_some_and(|it| it.field.as_str() == field)
        {
            said.push_str(&set(&text.text));
        }
    }
    said
}

/// Lays a sheet out with a text in every field, and looks for each.
fn lay(procedure: &Procedure, form: &Form, texts: &[String]) -> &'static str {
    let mut record = Record::empty(form, now());
    for (field, text) in form.every_field().zip(texts.iter().cycle()) {
        record.set(&field.id, text);
    }
    let pages = layout::sheet(procedure, form, &record, &Look { signatures: true, ..Look::default() });
    for field in &form.fields {
        let value = record.value(field.id.as_str());
        let (wanted, found) = (set(&shown(field.kind, value)), said(&pages, field.id.as_str()));
        if field.kind == Kind::Choice {
            let opinion = Opinion::read(field, value);
            let ticked = if opinion.letter.is_some() { format!("√{}", set(&opinion.other)) } else { wanted };
            assert_eq!(found, ticked, "{} of {}", field.name, form.short);
        } else {
            assert_eq!(found, wanted, "{} of {}", field.name, form.short);
        }
    }
    // What is typed is written where it stands: no slot tells a byte twice, or none.
    for field in form.fields.iter().filter(|it| it.kind == Kind::Text) {
        let slots = pages.iter().flat_map(|it| &it.slots).filter(|it| it.cell.field == field.id);
        let mut at = 0;
        for line in slots.flat_map(|it| &it.lines) {
            assert_eq!(line.range.start, at, "{} of {}", field.name, form.short);
            at = line.range.end + usize::from(line.hard);
        }
        let whole = record.value(field.id.as_str()).trim_end().len();
        assert!(at >= whole, "{} of {}: {at} of {whole} bytes", field.name, form.short);
    }
    for mark in pages.iter().flat_map(|it| &it.marks) {
        let Mark::Text(text) = mark else { continue };
        for c in text.text.chars() {
            let glyph = resolve(text.face, c);
            assert!(!glyph.missing || glyph.shown == taizhang::face::MISSING, "{c:?}");
        }
    }
    if pages.len() > 1 { "runs on" } else { "fits" }
}

fn texts() -> impl Strategy<Value = Vec<Words>> {
    prop_oneof![vec(words(24, 1500), 1..6), vec(words(3, 10), 1..12)]
}

#[test]
fn every_character_typed_stands_on_the_paper_once() {
    let procedure = procedure();
    let forms = procedure.in_use().len();
    hammer("lines", 60, &["fits", "runs on", "register"], &(0..forms, texts()), |(form, texts)| {
        let form = procedure.in_use()[*form];
        let texts: Vec<String> = texts.iter().map(Words::text).collect();
        let Some(register) = &form.register else { return lay(&procedure, form, &texts) };
        if !form.is_written() {
            return "derived";
        }
        let mut record = Record::empty(form, now());
        for (field, text) in form.every_field().zip(texts.iter().cycle()) {
            record.set(&field.id, text);
        }
        let entries = entries(&procedure, form, [record]);
        let wanted: Vec<String> = entries[0].cells.iter().map(|it| set(&it.text)).collect();
        let pages = layout::register(&procedure, form, &entries).unwrap();
        let mut columns = vec![String::new(); register.columns.len()];
        for mark in pages.iter().flat_map(|it| it.marks) {
            let Mark::Text(text) = mark else { continue };
            let (mut left, inside) = (form.paper.left, form.paper.inside().top() + form.head + register.head_height);
            for (column, said) in register.columns.iter().zip(&mut columns) {
                let right = left + column.width;
                // A cell's lines begin at their column's left, below the head and above the foot.
                let foot = inside + register.slot_height * register.slots as f64;
                let begins = (text.at.x - left - BEFORE).to_mm().abs() < 1e-6;
                if begins && inside < text.at.y && text.at.y < foot {
                    said.push_str(&set(&text.text));
                }
                left = right;
            }
        }
        for ((column, wanted), found) in register.columns.iter().zip(wanted).zip(columns) {
            // A centred line begins anywhere.
            if !column.centred {
                assert_eq!(found, wanted, "{:?}", column.head);
            }
        }
        "register"
    });
}

#[test]
fn lines_tile_any_text_at_any_width() {
    let widths = prop_oneof![
        6 => 0.0..60.0_f64,
        1 => proptest::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 1e-300, 1e300]),
    ];
    hammer("breaking", 300, &["broken"], &(words(30, 4000), widths), |(words, width)| {
        let text = words.text();
        for face in [Face::Song, Face::HeiBold] {
            let lines = break_lines(face, &text, *width);
            let mut at = 0;
            for (number, line) in lines.iter().enumerate() {
                assert_eq!(line.range.start, at);
                assert!(number == 0 || lines[number - 1].hard || !line.range.is_empty(), "an empty line of no one's");
                assert_eq!(line.hard, text[line.range.end..].starts_with('\n'));
                at = line.range.end + usize::from(line.hard);
            }
            assert_eq!(at, text.len());
        }
        "broken"
    });
}
