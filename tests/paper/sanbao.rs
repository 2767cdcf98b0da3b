//! The package of 三包 service, which is files alone: what its sheets say, by when they are due, what its registers take.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use taizhang::export::reminder;
use taizhang::flow;
use taizhang::layout::{Look, sheet};
use taizhang::procedure::{Catalog, Form, Procedure};
use taizhang::record::{CellId, Record};
use taizhang::register;

use crate::common::{now, page_text};

fn sanbao() -> Procedure {
    Catalog::of(&[]).procedure(&["sanbao".to_owned()]).unwrap_or_else(|it| panic!("{it}"))
}

fn form<'a>(procedure: &'a Procedure, id: &str) -> &'a Form {
    procedure.form(&id.into()).unwrap_or_else(|| panic!("{id}"))
}

/// A sheet in which this is written; `field#2` is the field's third line.
fn record(form: &Form, cells: &[(&str, &str)]) -> Record {
    let mut record = Record::empty(form, now());
    record.number = "2025-0147".to_owned();
    for (field, text) in cells {
        let (field, line) = field.split_once('#').map_or((*field, 0), |it| (it.0, it.1.parse().unwrap()));
        record.put(&CellId::in_line(field, 0, line), text);
    }
    record
}

/// Each clock: by when it is due, and whether it was kept.
fn clocks(procedure: &Procedure, form: &Form, record: &Record) -> BTreeMap<String, (String, Option<bool>)> {
    let at = |it: &flow::Running| it.due.map_or_else(String::new, |it| it.at.format("%m-%d %H:%M").to_string());
    let all = flow::clocks(procedure, form, record);
    all.iter().map(|(place, it)| (form.clocks[*place].name.clone(), (at(it), it.is_kept()))).collect()
}

fn due(clocks: &BTreeMap<String, (String, Option<bool>)>, name: &str) -> (String, Option<bool>) {
    clocks.get(name).cloned().unwrap_or_default()
}

/// The package is there, whole, and not what an office works by that did not choose it.
#[test]
fn the_package_is_offered_and_not_chosen_by_default() {
    let offered = Catalog::of(&[]).offered();
    let ours = offered.iter().find(|it| it.name == "sanbao").unwrap();
    assert_eq!(ours.mistakes, []);
    assert!(ours.forms.len() >= 25, "{}", ours.forms.len());
    let default = Procedure::load(&[]).unwrap();
    assert!(default.forms.iter().all(|it| !it.form.as_str().contains('/')));
}

/// The hours of service run every day from nine to five; a day on the road runs by the clock.
#[test]
fn a_call_late_in_the_day_is_dispatched_next_morning_and_reached_in_a_day() {
    let procedure = sanbao();
    let form = form(&procedure, "sanbao/02");
    let called = [
        ("called", "2025-03-04 16:40"),
        ("fault_class", "重大故障(换总成)"),
        ("dispatched", "2025-03-05 09:32"),
        ("method", "维修站上门"),
        ("arrived", "2025-03-05 21:15"),
        ("repaired", "2025-03-11 18:30"),
    ];
    let said = clocks(&procedure, form, &record(form, &called));
    assert_eq!(due(&said, "派工"), ("03-05 09:40".to_owned(), Some(true)));
    assert_eq!(due(&said, "到位"), ("03-05 16:40".to_owned(), Some(false)));
    assert!(!said.contains_key("修复"), "an assembly is changed: there is no limit");
    // Saturday is served; 75 minutes are too many; an ordinary fault has a day from the arrival.
    let ordinary = [
        ("called", "2025-03-15 10:05"),
        ("fault_class", "一般故障"),
        ("dispatched", "2025-03-15 11:20"),
        ("method", "维修站上门"),
        ("arrived", "2025-03-15 15:40"),
        ("repaired", "2025-03-16 17:10"),
    ];
    let said = clocks(&procedure, form, &record(form, &ordinary));
    assert_eq!(due(&said, "派工"), ("03-15 11:05".to_owned(), Some(false)));
    assert_eq!(due(&said, "到位"), ("03-16 10:05".to_owned(), Some(true)));
    assert_eq!(due(&said, "修复目标"), ("03-16 15:40".to_owned(), Some(false)));
    assert_eq!(due(&said, "修复"), ("03-16 15:40".to_owned(), Some(false)));
    // On the telephone nobody arrives.
    let told = [("called", "2025-03-03 08:15"), ("method", "电话指导")];
    assert!(!clocks(&procedure, form, &record(form, &told)).contains_key("到位"));
}

#[test]
fn a_repair_report_adds_up_its_costs_and_a_claim_its_lines() {
    let procedure = sanbao();
    let report = form(&procedure, "sanbao/03");
    let costs = [
        ("labour", "1560"),
        ("travel", "2486.5"),
        ("freight", "1850"),
        ("materials", "756"),
        ("part_name", "变速箱总成 BS428-3"),
    ];
    let look = Look { signatures: true, ..Look::default() };
    let text = page_text(&sheet(&procedure, report, &record(report, &costs), &look));
    assert!(text.contains("6652.50") && text.contains("变速箱总成 BS428-3"), "{text}");
    let claim = form(&procedure, "sanbao/04");
    let lines = [
        ("item#0", "零部件"),
        ("quantity#0", "1"),
        ("price#0", "38500"),
        ("item#1", "工时费"),
        ("quantity#1", "26"),
        ("price#1", "60"),
        ("item#2", "差旅费"),
        ("quantity#2", "1"),
        ("price#2", "2486.5"),
    ];
    let text = page_text(&sheet(&procedure, claim, &record(claim, &lines), &look));
    for said in ["38500.00", "1560.00", "42546.50", "肆万贰仟伍佰肆拾陆元伍角整"] {
        assert!(text.contains(said), "{said} in {text}");
    }
}

#[test]
fn the_service_ledger_takes_dispatches() {
    let procedure = sanbao();
    let (ledger, dispatch) = (form(&procedure, "sanbao/23"), form(&procedure, "sanbao/02"));
    let written = [
        ("called", "2025-03-04 16:40"),
        ("customer", "甘孜炉霍䶮泉砂石有限责任公司"),
        ("model", "CG956G"),
        ("serial", "CG956G-2407-0318"),
        ("fault", "一挡、二挡都不走"),
        ("report", "2025-0121"),
        ("finding", "三包"),
    ];
    let lines = register::entries(&procedure, ledger, [&record(dispatch, &written)]);
    let cells: Vec<&str> = lines[0].cells.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(
        [cells[0], cells[1], cells[3], cells[4], cells[8], cells[9]],
        ["1", "2025-0147", "甘孜炉霍䶮泉砂石有限责任公司", "CG956G CG956G-2407-0318", "2025-0121", "三包"]
    );
}

/// A reminder says what the sheet's own form calls things, and the hour where hours count.
#[test]
fn a_reminder_speaks_the_words_of_its_form() {
    let procedure = sanbao();
    let form = form(&procedure, "sanbao/02");
    let record = record(
        form,
        &[("customer", "宁夏贺岚"), ("model", "CG955"), ("fault", "变速箱异响"), ("called", "2025-03-04 16:40")],
    );
    let now = NaiveDate::from_ymd_opt(2025, 3, 6).unwrap().and_hms_opt(8, 0, 0).unwrap();
    let said = reminder::of(&procedure, form, &record, "沈䶮", now).unwrap();
    let called = |id: &str| form.field(&id.into()).unwrap().name.clone();
    assert_eq!((said.subject.label, said.subject.text), (called("customer"), "宁夏贺岚".to_owned()));
    assert_eq!((said.about.label, said.about.text), (called("fault"), "变速箱异响".to_owned()));
    assert_eq!((said.received.label, said.received.text), (called("called"), "2025年3月4日16时40分".to_owned()));
    assert_eq!((said.due.label.as_str(), said.due.text.as_str()), ("派工期限", "2025年3月5日9时40分"));
    assert!(said.overdue.starts_with("超 ") && said.overdue.ends_with("小时"), "{}", said.overdue);
    assert!(said.clause.starts_with("《服务提供控制程序》"), "{}", said.clause);
    assert!(!said.asked.is_empty());
}
