//! Searching everything on all sheets: what PROCEDURE 7 holds alike, one character, rounds, corrections, void sheets.

use std::ops::Range;

use crate::common::{fill, now, procedure, slips};
use proptest::prelude::*;
use taizhang::procedure::{FieldId, Form, FormId};
use taizhang::record::{CellId, CopyStep, Correction, Deed, Fact, Record, RecordId, Values, Void};
use taizhang::search::{Found, Hit, Index, Place, Query, Sheet};
use taizhang::store::Store;

fn form(id: &str) -> Form {
    procedure().form(&FormId::from(id)).unwrap().clone()
}

/// A slip with one entry.
fn slip(id: i64, field: &str, value: &str) -> Record {
    let mut record = Record::empty(&form("05"), now());
    record.id = RecordId(id);
    record.number = format!("2026-{id:03}");
    record.set(&FieldId::from(field), value);
    record
}

fn index(records: &[Record]) -> Index {
    let mut index = Index::default();
    for record in records {
        index.put(&form(record.form.as_str()), record);
    }
    index
}

fn find(index: &Index, typed: &str) -> Vec<i64> {
    index.find(&Query::new(typed), usize::MAX).sheets.iter().map(|it| it.0).collect()
}

fn hits(record: &Record, typed: &str) -> Vec<Hit> {
    Sheet::of(&form(record.form.as_str()), record, &Query::new(typed)).hits
}

/// The snippet with what is marked in it between ⟦ and ⟧.
fn marked(hit: &Hit) -> String {
    let mut text = String::new();
    let mut end = 0;
    for Range { start, end: after } in hit.marks.iter().cloned() {
        text.push_str(&format!("{}⟦{}⟧", &hit.snippet[end..start], &hit.snippet[start..after]));
        end = after;
    }
    text + &hit.snippet[end..]
}

#[track_caller]
fn alike(written: &str, sought: &str) {
    let record = slip(1, "complaint", &format!("前文{written}后文"));
    assert_eq!(find(&index(std::slice::from_ref(&record)), sought), [1], "{sought} finds {written}");
    let hit = hits(&record, sought).remove(0);
    assert_eq!(&record.value("complaint")[hit.at.clone()], written, "and shows it as typed");
    assert_eq!(marked(&hit), format!("前文⟦{written}⟧后文"));
}

#[test]
fn procedure_7_treats_the_two_words_for_ledger_alike() {
    alike("对帐单", "对账单");
    alike("对账单", "对帐单");
}

#[test]
fn procedure_7_treats_full_and_half_width_alike() {
    alike("管口（N3）：漏；", "管口(N3):漏;");
    alike("管口(N3):漏;", "管口（Ｎ３）：漏；");
    alike("０．６ＭＰａ", "0.6MPa");
    alike("“急件”", "\"急件\"");
    alike("〔2009〕12号", "[2009]12号");
    alike("﹙一﹚", "(一)");
}

#[test]
fn procedure_7_treats_dashes_alike() {
    for written in ["-", "–", "—", "－", "―", "−", "‐", "‑"] {
        for sought in ["-", "–", "—", "－", "―"] {
            alike(&format!("QG/R0309{written}05"), &format!("QG/R0309{sought}05"));
        }
    }
}

#[test]
fn procedure_7_treats_letter_case_alike() {
    alike("SLJX-HT", "sljx-ht");
    alike("sljx", "ＳＬＪＸ");
    // Folded, İ is three bytes of two, and two characters.
    alike("DİN", "dİn");
    // Half of it shows the whole.
    assert_eq!(marked(&hits(&slip(1, "complaint", "甲İ乙"), "i")[0]), "甲⟦İ⟧乙");
}

/// PROCEDURE 7: the text calls forms 02, 04 and 05 otherwise than the sheets do.
#[test]
fn procedure_7_finds_a_form_by_its_old_titles() {
    let mut minutes = Record::empty(&form("02"), now());
    minutes.id = RecordId(2);
    let index = index(&[slip(1, "customer", "甲厂"), minutes.clone()]);
    for title in ["用户投诉(意见)处置记录表", "用户投诉（意见）处置记录单", "处置记录表", "QG/R0309-05"]
    {
        assert_eq!(find(&index, title), [1], "{title}");
    }
    for title in ["用户座谈会记录", "用户服务（座谈会）记录", "座谈会"] {
        assert_eq!(find(&index, title), [2], "{title}");
    }
    let hit = hits(&minutes, "用户座谈会").remove(0);
    assert_eq!((hit.place.clone(), marked(&hit).as_str()), (Place::Title, "⟦用户座谈会⟧记录"));
    for title in ["用户质量投诉处理台帐", "用户质量投诉处理台账", "质量投诉处理台帐"] {
        assert!(Query::new(title).names(&form("04")), "{title}");
        assert!(!Query::new(title).names(&form("05")), "{title}");
    }
    assert!(!Query::new(" ").names(&form("04")));
}

/// A word that stands on every sheet's head does not bury the sheets somebody wrote it on.
#[test]
fn sheets_that_hold_a_word_come_before_those_called_by_it() {
    let mut newest = slip(3, "complaint", "无");
    newest.entered += chrono::TimeDelta::days(1);
    let index = index(&[slip(1, "complaint", "处置记录不全"), slip(2, "complaint", "漏"), newest]);
    assert_eq!(find(&index, "处置记录"), [1, 3, 2]);
    assert_eq!(find(&index, "处置记录 漏"), [2], "a title is on each sheet of its form");
}

#[test]
fn one_character_is_enough() {
    let book = index(&[slip(1, "complaint", "焊缝渗漏"), slip(2, "customer", "澄澜"), slip(3, "note", "7")]);
    assert_eq!(find(&book, "焊"), [1]);
    assert_eq!(find(&book, "澜"), [2]);
    assert_eq!(find(&book, "7"), [3]);
    assert!(find(&book, "龘").is_empty());
    assert!(find(&book, "").is_empty());
    assert!(find(&book, " 　\t").is_empty());
}

#[test]
fn several_words_must_all_stand_on_one_sheet() {
    let mut both = slip(1, "complaint", "法兰渗漏");
    both.set(&FieldId::from("customer"), "甲厂");
    let book = index(&[both.clone(), slip(2, "complaint", "法兰锈蚀"), slip(3, "customer", "甲厂")]);
    assert_eq!(find(&book, "法兰 甲厂"), [1]);
    assert_eq!(find(&book, "甲厂　渗"), [1]);
    assert!(find(&book, "锈蚀 甲厂").is_empty());
    // Words do not run over from one entry to the next.
    assert!(find(&book, "甲厂法兰").is_empty());
    let places: Vec<String> =
        hits(&both, "兰 甲 渗漏").iter().map(|it| format!("{} {}", it.name, marked(it))).collect();
    assert_eq!(places, ["投诉内容 法⟦兰渗漏⟧", "用户名称 ⟦甲⟧厂"], "the entry with most of the words comes first");
}

#[test]
fn every_round_is_found_with_its_round() {
    let mut record = slip(1, "measures", "补焊");
    record.rounds.push(Values::from([(FieldId::from("measures"), "更换垫片".to_owned())]));
    assert_eq!(find(&index(std::slice::from_ref(&record)), "垫片"), [1]);
    let hit = hits(&record, "垫片").remove(0);
    assert_eq!(hit.place, Place::Value(CellId::new("measures", 1)));
    assert_eq!(hit.name, "原因与措施（第 2 轮）");
}

/// PROCEDURE 5: corrected text stays legible; it stays findable too. So does a void sheet with its reason.
#[test]
fn corrections_and_void_reasons_are_found() {
    let mut record = slip(1, "phone", "021-5555 0001");
    record.corrections.push(Correction {
        cell: CellId::new("phone", 0),
        old: "021-5555 0009".to_owned(),
        new: "021-5555 0001".to_owned(),
        by: "顾敏".to_owned(),
        on: "2026-11-21".to_owned(),
        reason: "笔误".to_owned(),
    });
    let reason = "重复登记".to_owned();
    record.void = Some(Void { by: "林岚".to_owned(), on: "2026-11-22".to_owned(), reason });
    let book = index(std::slice::from_ref(&record));
    for typed in ["0009", "顾敏", "笔误", "2026-11-21", "重复登记", "林岚", "2026-11-22"] {
        assert_eq!(find(&book, typed), [1], "{typed}");
    }
    let named = |typed| (hits(&record, typed)[0].name.clone(), marked(&hits(&record, typed)[0]));
    assert_eq!(named("0009"), ("联系电话（划改）".to_owned(), "…-5555 ⟦0009⟧".to_owned()));
    assert_eq!(named("重复"), ("作废".to_owned(), "⟦重复⟧登记".to_owned()));
}

/// PROCEDURE 4, clauses 4.2 and 4.4: what is kept beside the sheet is found as well.
#[test]
fn what_was_done_with_a_sheet_is_found() {
    let mut record = slip(1, "customer", "甲厂");
    let deed =
        Deed::Copy { copy: 1, step: CopyStep::Handed, holder: "设备修造部 丁工".to_owned(), on: String::new() };
    record.facts.push(Fact { at: now(), by: "顾敏".to_owned(), deed });
    let deed =
        Deed::FollowUp { text: "换垫片".to_owned(), owner: "何工".to_owned(), due: "2026-12-01".to_owned() };
    record.facts.push(Fact { at: now(), by: String::new(), deed });
    let book = index(std::slice::from_ref(&record));
    for typed in ["丁工", "交出", "顾敏", "换垫片", "何工", "2026-12-01"] {
        assert_eq!(find(&book, typed), [1], "{typed}");
    }
    let found = hits(&record, "垫片");
    assert_eq!((found[0].name.as_str(), marked(&found[0]).as_str()), ("跟踪事项", "换⟦垫片⟧"));
}

/// PROCEDURE 3: dates stand on the sheet written out; they are kept in figures.
#[test]
fn a_date_is_found_as_printed_and_as_kept() {
    let record = slip(1, "date", "2026-11-08");
    let book = index(std::slice::from_ref(&record));
    for typed in ["2026-11-08", "2026年11月8日", "11月8日", "11-08", "8日"] {
        assert_eq!(find(&book, typed), [1], "{typed}");
    }
    let found = hits(&record, "11月");
    assert_eq!((found.len(), found[0].at.clone(), marked(&found[0]).as_str()), (1, 0..10, "2026年⟦11月⟧8日"));
}

#[test]
fn a_number_is_found_and_marked() {
    let hit = hits(&slip(7, "customer", "甲厂"), "2026－007").remove(0);
    assert_eq!((hit.name.as_str(), marked(&hit).as_str()), ("编号", "⟦2026-007⟧"));
}

#[test]
fn a_long_entry_is_shown_around_what_was_found() {
    let text = format!("{}泄漏\n二次{}", "一二三四五六七八九十".repeat(30), "甲乙丙丁".repeat(50));
    let record = slip(1, "complaint", &text);
    let hit = hits(&record, "泄漏 二次").remove(0);
    assert_eq!(&text[hit.at.clone()], "泄漏");
    assert!(marked(&hit).starts_with("…五六七八九十⟦泄漏⟧ ⟦二次⟧甲乙丙丁"), "{}", marked(&hit));
    assert!(hit.snippet.ends_with('…') && hit.snippet.chars().count() < 100);
}

#[test]
fn the_newest_sheets_come_first() {
    let mut records: Vec<Record> = (1..=50).map(|id| slip(id, "complaint", "渗漏")).collect();
    // The day of the event counts, whatever the place in the book; where it is not written, the day of entry.
    records[4].set(&FieldId::from("date"), "2026-11-21");
    records[49].set(&FieldId::from("date"), "2026-11-19");
    let mut book = index(&records);
    // Written on again, a sheet is no newer.
    book.put(&form("05"), &slip(9, "complaint", "渗漏两处"));
    let Found { total, sheets } = book.find(&Query::new("渗漏"), 4);
    assert_eq!(total, 50);
    assert_eq!(sheets, [5, 49, 48, 47].map(RecordId));
    assert_eq!(book.find(&Query::new("渗漏"), 0), Found { total: 50, sheets: Vec::new() });
}

#[test]
fn what_was_written_over_or_taken_out_is_no_longer_found() {
    let mut book = index(&[slip(1, "complaint", "渗漏"), slip(2, "complaint", "锈蚀")]);
    book.put(&form("05"), &slip(1, "complaint", "气孔"));
    assert!(find(&book, "渗漏").is_empty());
    assert_eq!(find(&book, "气孔"), [1]);
    assert_eq!(find(&book, "锈蚀"), [2]);
    book.remove(RecordId(2));
    book.remove(RecordId(99));
    assert!(find(&book, "锈蚀").is_empty());
    assert_eq!(book.len(), 1);
    assert!(hits(&slip(1, "complaint", "气孔"), "渗漏").is_empty());
}

/// Autosave hands a sheet in again and again: the room of what it was before is given back.
#[test]
fn a_sheet_written_again_and_again_takes_its_room_once() {
    let mut book = Index::default();
    let long = "一二三四五六七八九十".repeat(2000);
    for id in 1..=30 {
        book.put(&form("05"), &slip(id, "complaint", &format!("{long}{id}号")));
    }
    let before = book.bytes();
    for round in 0..300 {
        book.put(&form("05"), &slip(round % 30 + 1, "complaint", &format!("{long}{round}次")));
    }
    assert_eq!(book.len(), 30);
    assert!(book.bytes() < before * 3, "{} of {before}", book.bytes());
    assert_eq!(find(&book, "299次"), [30]);
    assert_eq!(find(&book, "一").len(), 30);
    assert!(find(&book, "号").is_empty());
}

#[test]
fn a_book_is_read_whole() {
    let store = Store::in_memory().unwrap();
    fill(&store);
    let procedure = procedure();
    let index = Index::fill(&procedure, |form, take| store.each(form, None, take)).unwrap();
    let all: usize = procedure.in_use().iter().map(|it| store.count(&it.form).unwrap()).sum();
    assert_eq!(index.len(), all);
    for record in slips() {
        let sheet = &index.find(&Query::new(&record.number), usize::MAX).sheets;
        assert!(sheet.contains(&record.id), "{}", record.number);
    }
}

fn values() -> impl Strategy<Value = String> {
    // What is written here, what folding changes, what changes its length, and anything at all.
    let piece = prop_oneof!["[一-龥]{1,6}", "[帐账（）：；－—–―０-９Ａ-ｚ \n]{1,4}", "[İẞΣſKÅﬁ]{1,2}", ".{1,4}"];
    proptest::collection::vec(piece, 1..8).prop_map(|it| it.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_part_of_any_value_is_found_where_it_stands(value in values(), from in 0_usize..60, length in 1_usize..12) {
        let chars: Vec<char> = value.chars().collect();
        let from = from % chars.len();
        let part: String = chars[from..(from + length).min(chars.len())].iter().collect();
        prop_assume!(!Query::new(&part).is_empty());
        let record = slip(1, "complaint", &value);
        let book = index(&[slip(2, "customer", "别的"), record.clone()]);
        prop_assert!(find(&book, &part).contains(&1), "{part:?}");
        let found = hits(&record, &part);
        let Some(hit) = found.iter().find(|it| it.name == "投诉内容") else { return Err(TestCaseError::fail(part)) };
        prop_assert!(value.get(hit.at.clone()).is_some_and(|it| !it.is_empty()));
        for mark in &hit.marks {
            prop_assert!(hit.snippet.get(mark.clone()).is_some_and(|it| !it.is_empty()));
        }
        // A word by itself is shown as it was typed.
        if !part.contains(char::is_whitespace) {
            prop_assert_eq!(taizhang::record::fold(&value[hit.at.clone()]).contains(&taizhang::record::fold(&part)), true);
        }
    }
}
