//! Pages against kept expectations: what stands where, in words and millimetres.

use std::fmt::Write as _;

use crate::common::{ledger, page_text as text, procedure, slips};
use expect_test::expect_file;
use taizhang::face::{Face, resolve};
use taizhang::layout::{Look, Mark, Page, register, sheet};
use taizhang::procedure::{Field, FormId};
use taizhang::record::Record;
use taizhang::register::Period;

fn slip(number: &str) -> Record {
    slips().into_iter().find(|it| it.number == number).unwrap()
}

/// A sheet with each of its rounds, from nought.
fn each_round(record: Record) -> impl Iterator<Item = (Record, usize)> {
    (0..record.rounds.len()).map(move |round| (record.clone(), round))
}

fn check_slip(number: &str, expected: expect_test::ExpectFile) {
    let (procedure, record) = (procedure(), slip(number));
    let form = procedure.edition(&record.form, &record.edition).unwrap();
    let look = Look { copy: Some("第一联 报技术质安部"), signatures: true, raw: None, round: 0 };
    expected.assert_eq(&text(&sheet(&procedure, form, &record, &look)));
}

#[test]
fn a_slip_on_one_page() {
    check_slip("2024-005", expect_file!["../data/pages/slip-2024-005.txt"]);
}

#[test]
fn a_slip_whose_three_large_cells_run_over() {
    check_slip("2024-004", expect_file!["../data/pages/slip-2024-004.txt"]);
}

#[test]
fn a_slip_with_an_answer_of_its_own_in_the_bracket() {
    check_slip("2025-011", expect_file!["../data/pages/slip-2025-011.txt"]);
}

#[test]
fn the_blank_forms() {
    let procedure = procedure();
    let mut said = String::new();
    for form in procedure.in_use() {
        let pages = if form.register.is_some() {
            register(&procedure, form, &[]).unwrap().iter().collect()
        } else {
            sheet(&procedure, form, &Record::empty(form, crate::common::now()), &Look::default())
        };
        writeln!(said, "==== {}", form.full_name()).unwrap();
        said.push_str(&text(&pages));
    }
    expect_file!["../data/pages/blank.txt"].assert_eq(&said);
}

#[test]
fn the_ledger_of_2026() {
    let procedure = procedure();
    let rows = ledger(&procedure, slips(), Period::Year(2026));
    let form = procedure.form(&FormId::from("04")).unwrap();
    let pages: Vec<Page> = register(&procedure, form, &rows).unwrap().iter().collect();
    expect_file!["../data/pages/ledger-2026.txt"].assert_eq(&text(&pages));
}

/// Nothing a person typed on the sheet is ever left off the paper: every character of every field of every sheet is on some page.
#[test]
fn every_character_of_every_sheet_is_on_the_paper() {
    let procedure = procedure();
    for (record, round) in slips().into_iter().flat_map(each_round) {
        let form = procedure.edition(&record.form, &record.edition).unwrap();
        let look = Look { copy: None, signatures: true, raw: None, round };
        let pages = sheet(&procedure, form, &record, &look);
        // What was corrected has tests of its own.
        let plain = |it: &&Field| record.corrections.iter().all(|correction| correction.cell.field != it.id);
        for field in form.fields.iter().filter(|it| it.id.as_str() != "opinion").filter(plain) {
            let shown = taizhang::record::shown(field.kind, record.value_in(form, field.id.as_str(), round));
            let typed: String = shown.chars().filter(|c| !c.is_whitespace()).collect();
            let marks = pages.iter().flat_map(|it| &it.marks);
            let printed: String = marks
                .filter_map(|it| match it {
                    Mark::Text(text) if text.of.as_ref().is_some_and(|it| it.field == field.id) => {
                        Some(text.text.as_str())
                    }
                    _ => None,
                })
                .flat_map(str::chars)
                .filter(|c| !c.is_whitespace())
                .collect();
            assert_eq!(printed, typed, "{} {}", record.number, field.name);
        }
    }
}

/// No line is longer than its cell, none smaller than 小五, and no cell's lines leave it.
#[test]
fn every_line_stands_inside_its_cell() {
    let procedure = procedure();
    for (record, round) in slips().into_iter().flat_map(each_round) {
        let form = procedure.edition(&record.form, &record.edition).unwrap();
        let look = Look { copy: None, signatures: true, raw: None, round };
        for page in sheet(&procedure, form, &record, &look) {
            for slot in &page.slots {
                assert!(slot.size.to_points() > 8.99, "{}", slot.cell);
                for line in &slot.lines {
                    let top = line.at.y - slot.size;
                    let bottom = line.at.y + slot.size * 0.24;
                    let within =
                        top >= slot.rect.top() - slot.size * 0.05 && bottom <= slot.rect.bottom() + slot.size * 0.05;
                    assert!(within, "{} {}", record.number, slot.cell);
                    if slot.cell.field.as_str() == "opinion" {
                        continue;
                    }
                    let words = page.marks.iter().find_map(|it| match it {
                        Mark::Text(it) if it.at == line.at && it.of.as_ref() == Some(&slot.cell) => Some(&it.text),
                        _ => None,
                    });
                    let words = words.map_or("", String::as_str);
                    let wide = slot.size * words.chars().map(|c| resolve(Face::Song, c).advance).sum::<f64>();
                    assert!((wide - slot.inner.size.width).to_mm() < 0.01, "{} {}: {words}", record.number, slot.cell);
                }
            }
        }
    }
}

/// How many level lines run across the whole table: one above each row that begins.
fn rows_begun(page: &Page) -> usize {
    let across =
        |it: &&Mark| matches!(it, Mark::Line { from, to, .. } if from.y == to.y && (to.x - from.x).to_mm() > 250.0);
    page.marks.iter().filter(across).count()
}

/// A short row takes one slot, a long one two, a longer one as many as it needs.
#[test]
fn a_long_row_of_the_ledger_takes_two_slots() {
    let procedure = procedure();
    let form = procedure.form(&FormId::from("04")).unwrap();
    let slips: Vec<Record> = slips().into_iter().filter(|it| it.number == "2024-005").collect();
    let mut rows = ledger(&procedure, slips, Period::Year(2024));
    for (words, slots) in [(10, 1), (40, 1), (41, 2), (100, 2), (101, 3)] {
        rows[0].cells[3].text = "漏".repeat(words);
        let page = register(&procedure, form, &rows).unwrap().iter().next().unwrap();
        assert_eq!(rows_begun(&page), 13 - slots, "{words} words");
    }
}

/// Twelve slots a page whatever they hold, the head on each page.
#[test]
fn the_ledger_fills_its_pages_with_empty_slots() {
    let procedure = procedure();
    let rows = ledger(&procedure, slips(), Period::Year(2024));
    let form = procedure.form(&FormId::from("04")).unwrap();
    let ledger = register(&procedure, form, &rows).unwrap();
    let register = form.register.as_ref().unwrap();
    let count = ledger.count();
    for (index, page) in ledger.iter().enumerate() {
        let words: Vec<&str> = page
            .marks
            .iter()
            .filter_map(|it| match it {
                Mark::Text(it) => Some(it.text.as_str()),
                Mark::Line { .. } | Mark::Frame { .. } | Mark::Stamp { .. } | Mark::Picture { .. } => None,
            })
            .collect();
        for head in ["用户名称", "产品名称", "投诉内容", "投诉时间", "受理部门", "处理结果", "处理时间"]
        {
            assert!(words.contains(&head), "page {} lacks {head}", index + 1);
        }
        assert!(words.contains(&format!("第 {} 页 共 {count} 页", index + 1).as_str()));
        let frame = page.marks.iter().find_map(|it| match it {
            Mark::Frame { rect, .. } => Some(*rect),
            Mark::Line { .. } | Mark::Text(_) | Mark::Stamp { .. } | Mark::Picture { .. } => None,
        });
        let height = register.head_height + register.slot_height * register.slots as f64;
        assert!((frame.unwrap().size.height - height).to_mm().abs() < 0.001, "the page is full");
    }
}
