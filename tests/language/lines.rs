//! Signatures line by line of a table, and cells that belong to a later signature of their section.

use chrono::NaiveDate;
use taizhang::flow::{self, Signature, Standing};
use taizhang::layout::{self, Look, Mark};
use taizhang::procedure::Procedure;
use taizhang::record::{CellId, Correction, Record};
use taizhang::retention;

use super::life::Sheet;
use crate::common::{now, page_text};

/// A visit: what was asked is followed up question by question; what was received belongs to whoever received it.
pub(super) const VISIT: &str = include_str!("visit.toml");

fn visit() -> Sheet {
    let procedure = Procedure::load(&[("visit.toml".to_owned(), VISIT.to_owned())]);
    Sheet::of(procedure.unwrap_or_else(|error| panic!("{error}")), "visit")
}

fn day(text: &str) -> Option<NaiveDate> {
    Some(text.parse().unwrap())
}

fn put(record: &mut Record, field: &str, line: usize, text: &str) {
    record.put(&CellId::in_line(field, 0, line), text);
}

/// Three questions, the second struck, the third due first; signed up to the follow-up.
fn asked() -> Sheet {
    let mut sheet =
        visit().write(&[("guest", "甘孜砂石"), ("wanted", "12"), ("got", "10"), ("recorded", "2026-11-16")]);
    for (line, question, by) in [(0, "挡位松", "2026-11-27"), (1, "/", ""), (2, "漏油", "2026-11-19")] {
        put(&mut sheet.record, "question", line, question);
        put(&mut sheet.record, "finish_by", line, by);
    }
    sheet.sign("giver", "亓官敏").sign("receiver", "徐国梁")
}

fn track(sheet: &mut Sheet, line: Option<usize>, on: &str) -> Result<flow::Writes, String> {
    let signature = Signature { name: "漆雕海".to_owned(), on: day(on), line, ..Signature::default() };
    let writes = flow::sign(sheet.form(), &sheet.record, &"tracker".into(), &signature, "", now().date())?;
    writes.cells.iter().for_each(|(cell, text)| sheet.record.put(cell, text));
    Ok(writes)
}

fn closed(sheet: &Sheet, field: &str, line: usize) -> String {
    let cell = CellId::in_line(field, 0, line);
    let field = sheet.form().field(&field.into()).unwrap();
    flow::closed_at(sheet.form(), &sheet.record, field, &cell).map(String::from).unwrap_or_default()
}

fn rows(sheet: &Sheet) -> String {
    match flow::standing(sheet.form(), &sheet.record) {
        Standing::At(stage) => {
            let rows = flow::open_rows(sheet.form(), &sheet.record, stage);
            format!("{rows}待{}", sheet.form().stages[stage].name)
        }
        _ => String::new(),
    }
}

#[test]
fn each_line_is_signed_and_closed_on_its_own() {
    let mut sheet = asked();
    assert_eq!(rows(&sheet), "第 1、3 行待追踪");
    // A line that is not written fully is not signed; one that is struck, or not begun, needs no signature.
    assert!(track(&mut sheet, Some(2), "2026-11-20").unwrap_err().contains("“执行状况”还空着"));
    assert!(track(&mut sheet, Some(1), "2026-11-20").unwrap_err().contains("不用签“追踪”"));
    assert!(track(&mut sheet, Some(3), "2026-11-20").unwrap_err().contains("不用签“追踪”"));
    put(&mut sheet.record, "progress", 2, "换了油封");
    let writes = track(&mut sheet, Some(2), "2026-11-20").unwrap();
    assert_eq!((writes.signed.field.as_str(), writes.signed.line), ("tracker", 2));
    assert_eq!(sheet.record.at(&CellId::in_line("tracker_date", 0, 2)), "2026-11-20");
    assert_eq!(rows(&sheet), "第 1 行待追踪");
    assert!(closed(&sheet, "progress", 2).contains("“问题 第 3 行”栏已由 漆雕海 签署"));
    assert!(closed(&sheet, "tracker", 2).contains("已签署"));
    assert_eq!(closed(&sheet, "progress", 0), "", "the other lines stay open");
    assert_eq!(closed(&sheet, "question", 3), "", "and another question may be asked");
    assert!(retention::unready(sheet.form(), &sheet.record)[0].starts_with("第 1 行“追踪”还没有签署"));
    put(&mut sheet.record, "progress", 0, "调了拨叉");
    track(&mut sheet, None, "2026-11-20").unwrap();
    assert!(track(&mut sheet, Some(0), "2026-11-20").unwrap_err().contains("已签署"));
    assert_eq!(flow::standing(sheet.form(), &sheet.record), Standing::Done);
    assert_eq!(retention::unready(sheet.form(), &sheet.record), [""; 0]);
    // A question more, and somebody is waited for again.
    put(&mut sheet.record, "question", 3, "漆面");
    assert_eq!(rows(&sheet), "第 4 行待追踪");
}

#[test]
fn what_is_signed_in_a_line_is_corrected_and_the_signature_stays() {
    let mut sheet = asked();
    put(&mut sheet.record, "progress", 2, "换了油封");
    track(&mut sheet, Some(2), "2026-11-20").unwrap();
    let correct = |field: &str, line: usize, old: &str, new: &str| {
        let [old, new, by, on, reason] = [old, new, "漆雕海", "2026-11-20", "写错"].map(str::to_owned);
        let correction = Correction { cell: CellId::in_line(field, 0, line), old, new, by, on, reason };
        flow::correction(sheet.form(), &sheet.record, &correction).map_err(String::from)
    };
    assert_eq!(correct("progress", 2, "换了油封", "换了两个油封"), Ok(()));
    assert!(correct("progress", 0, "", "调了").unwrap_err().contains("还没有签署"));
    assert!(correct("tracker", 2, "漆雕海", "").unwrap_err().contains("只能由“签署”写上"));
    assert!(correct("tracker", 0, "", "漆雕海").is_err());
}

#[test]
fn an_empty_table_is_signed_once_with_a_reason_and_fixed_rows_all() {
    let mut sheet =
        visit().write(&[("guest", "甘孜砂石"), ("wanted", "12"), ("got", "10"), ("recorded", "2026-11-16")]);
    sheet = sheet.sign("giver", "亓官敏").sign("receiver", "徐国梁");
    assert_eq!(rows(&sheet), "“问题”还没有写待追踪");
    put(&mut sheet.record, "question", 0, "/");
    assert_eq!(flow::standing(sheet.form(), &sheet.record), Standing::Done);
    let fixed = VISIT.replace("lines = 4", "lines = 4\nrows = [\"质量\", \"交付\"]").replace("序号=# 10", "项目=@ 10");
    let mut sheet = Sheet::of(Procedure::load(&[("visit.toml".to_owned(), fixed)]).unwrap(), "visit");
    sheet = sheet.write(&[("guest", "甘孜砂石"), ("wanted", "12"), ("got", "10"), ("recorded", "2026-11-16")]);
    sheet = sheet.sign("giver", "亓官敏").sign("receiver", "徐国梁");
    assert_eq!(rows(&sheet), "质量、交付待追踪");
}

#[test]
fn a_clock_runs_by_line_and_the_first_open_one_is_the_sheets() {
    let mut sheet = asked();
    let due = |sheet: &Sheet| {
        flow::owed(&sheet.procedure, sheet.form(), &sheet.record).map(|it| it.day().to_string()).unwrap_or_default()
    };
    assert_eq!(due(&sheet), "2026-11-19");
    put(&mut sheet.record, "progress", 2, "换了油封");
    track(&mut sheet, Some(2), "2026-11-20").unwrap();
    assert_eq!(due(&sheet), "2026-11-27");
    put(&mut sheet.record, "progress", 0, "调了拨叉");
    track(&mut sheet, Some(0), "2026-11-20").unwrap();
    assert_eq!(due(&sheet), "");
    let clocks = flow::clocks(&sheet.procedure, sheet.form(), &sheet.record);
    assert_eq!(clocks[&0].is_kept(), Some(false), "one question was late");
}

#[test]
fn a_cell_belongs_to_the_later_signature() {
    let mut sheet = visit().write(&[("guest", "甘孜砂石"), ("wanted", "12"), ("recorded", "2026-11-16")]);
    assert_eq!(closed(&sheet, "got", 0), "", "it opens with its section");
    sheet = sheet.sign("giver", "亓官敏");
    assert!(closed(&sheet, "wanted", 0).contains("亓官敏 签署"));
    assert_eq!(closed(&sheet, "got", 0), "", "and stays open behind the first signature");
    let receive = |sheet: &Sheet| {
        let signature = Signature { name: "徐国梁".to_owned(), on: day("2026-11-20"), ..Signature::default() };
        flow::sign(sheet.form(), &sheet.record, &"receiver".into(), &signature, "", now().date()).map(|_| ())
    };
    assert!(receive(&sheet).unwrap_err().to_string().contains("“实收数”还空着"));
    sheet = sheet.write(&[("got", "10")]);
    assert_eq!(receive(&sheet), Ok(()));
    sheet = sheet.sign("receiver", "徐国梁");
    assert!(closed(&sheet, "got", 0).contains("徐国梁 签署"));
}

#[test]
fn what_is_written_wrong_is_said() {
    let said = |from: &str, to: &str| {
        let text = VISIT.replace(from, to);
        assert_ne!(text, VISIT);
        Procedure::load(&[("visit.toml".to_owned(), text)]).unwrap_err().to_string()
    };
    let tracker = "by = \"tracker\"";
    assert!(said(tracker, "by = \"tracker\", verdict = [\"好\", \"坏\"]").contains("逐行签，不写 verdict"));
    assert!(said("追踪人/日期=tracker! 35", "追踪人=tracker! 35").contains("日期也要是这张表的一列"));
    assert!(said("with = \"receiver\"", "with = \"got\"").contains("with 应是一个环节的签名格"));
    assert!(
        said("progress 41\", \"追踪人/日期=tracker! 35", "progress 61\", \"追踪人/日期=tracker! 15").contains("至少宽")
    );
    assert!(said(tracker, "by = \"progress\"").contains("是表里的一列"));
}

#[test]
fn the_date_may_have_a_column_of_its_own() {
    let text = VISIT.replace("追踪人/日期=tracker! 35\"", "追踪人=tracker! 16\", \"日期 19\"");
    let procedure = Procedure::load(&[("visit.toml".to_owned(), text)]).unwrap_or_else(|error| panic!("{error}"));
    let form = procedure.form(&"visit".into()).unwrap();
    let tracked = form.field(&"tracker_date".into()).unwrap();
    assert_eq!((tracked.key(), tracked.signature), ("追踪人.日期", true));
    assert_eq!(form.stages[2].date.as_ref().map(|it| it.as_str()), Some("tracker_date"));
}

#[test]
fn the_name_and_its_date_stand_in_one_column() {
    let mut sheet = asked();
    put(&mut sheet.record, "progress", 2, "换了油封");
    track(&mut sheet, Some(2), "2026-11-20").unwrap();
    let look = Look { signatures: true, ..Look::default() };
    let pages = layout::sheet(&sheet.procedure, sheet.form(), &sheet.record, &look);
    let found = |text: &str| {
        let mut marks = pages[0].marks.iter().filter_map(|it| match it {
            Mark::Text(it) if it.text == text && it.of.as_ref().is_some_and(|it| it.line == 2) => Some(it.at),
            _ => None,
        });
        marks.next().unwrap_or_else(|| panic!("{text}"))
    };
    let (name, date) = (found("漆雕海"), found("2026-11-20"));
    assert!(name.x < date.x && (name.y - date.y).to_mm().abs() < 0.5, "{name:?} {date:?}");
    // Under each other where it is narrow; nothing of a copy that is signed in ink.
    let narrow = VISIT.replace("progress 41\", \"追踪人/日期=tracker! 35", "progress 54\", \"追踪人/日期=tracker! 22");
    let procedure = Procedure::load(&[("visit.toml".to_owned(), narrow)]).unwrap();
    let form = procedure.form(&"visit".into()).unwrap();
    let text = page_text(&layout::sheet(&procedure, form, &sheet.record, &look));
    assert!(text.contains("漆雕海") && text.contains("2026-11-20"), "{text}");
    let bare = page_text(&layout::sheet(&procedure, form, &sheet.record, &Look::default()));
    assert!(!bare.contains("漆雕海"), "{bare}");
}

#[test]
fn signatures_by_line_go_into_exchange_files_and_come_back() {
    let mut sheet = asked();
    put(&mut sheet.record, "progress", 2, "换了油封");
    track(&mut sheet, Some(2), "2026-11-20").unwrap();
    let json = taizhang::exchange::to_json(&sheet.procedure, &sheet.record, now().date());
    assert_eq!(json["问题"][2]["追踪人"], serde_json::json!({ "姓名": "漆雕海", "日期": "2026-11-20" }));
    let text = serde_json::json!({ "formvisit": [json] }).to_string();
    let back = taizhang::exchange::read(&text, &sheet.procedure, now()).unwrap().remove(0);
    assert_eq!((&back.rounds, &back.facts), (&sheet.record.rounds, &sheet.record.facts));
}
