//! Exchange files: whatever stands in one comes back, and what is wrong with one is said.

use crate::common::CASES;
use serde_json::{Map, Value, json};
use taizhang::exchange::{read, to_json};
use taizhang::procedure::Procedure;
use taizhang::record::{CellId, CopyStep, Correction, Deed, Fact, Record, Signed};
use taizhang::store::{Act, Store};

use super::{Office, now, slips};

/// What comes back of a sheet, without what the book adds and without the empty cells.
fn bare(mut sheet: Value) -> Value {
    if let Value::Object(object) = &mut sheet {
        for about in ["number", "form", "edition", "stage", "entered", "overdue_days"] {
            object.shift_remove(about);
        }
    }
    strip(&mut sheet);
    sheet
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(strip);
            object.retain(|_, it| it.as_str() != Some("") && it.as_object().is_none_or(|it| !it.is_empty()));
        }
        Value::Array(list) => list.iter_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn lists(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap()
}

#[test]
fn every_datum_of_the_cases_comes_back() {
    let office = Office::new();
    let path = office.path("a.book");
    let store = Store::open(&path).unwrap();
    office.import(&store, read(CASES, &office.procedure, now()).unwrap());
    drop(store);
    let store = Store::open_existing(&path).unwrap();
    for (key, list) in lists(CASES) {
        let records = store.records(&key.trim_start_matches("form").into()).unwrap();
        let mut back: Vec<Value> =
            records.iter().map(|it| bare(to_json(&office.procedure, it, now().date()))).collect();
        let wanted = list.as_array().unwrap();
        assert_eq!(back.len(), wanted.len());
        for sheet in wanted {
            let sheet = bare(sheet.clone());
            let place = back.iter().position(|it| *it == sheet).unwrap_or_else(|| panic!("lost: {sheet}"));
            back.swap_remove(place);
        }
    }
    assert_eq!(store.check(), [""; 0]);
}

#[test]
fn what_is_listed_can_be_imported_into_another_book_with_its_numbers() {
    let office = Office::new();
    let (one, other) = (Store::in_memory().unwrap(), Store::in_memory().unwrap());
    office.import(&one, read(CASES, &office.procedure, now()).unwrap());
    office.import(&one, crate::common::plausible::slips(office.slip(), 200, 9, now().date()));
    let list = |store: &Store| -> Vec<Value> {
        let slips = store.records(&slips()).unwrap();
        slips.iter().map(|it| to_json(&office.procedure, it, now().date())).collect()
    };
    let listed = list(&one);
    office.import(&other, read(&Value::from(listed.clone()).to_string(), &office.procedure, now()).unwrap());
    assert_eq!(list(&other), listed);
}

#[test]
fn what_no_form_has_a_place_for_comes_back_too() {
    let office = Office::new();
    let sheet = json!({
        "用户名称": "甲", "登记人": {"姓名": "沈䶮", "日期": "", "工号": 7, "部.门": "技"}, "审核人": "赵敏华",
        "联系电话": 139, "完成期限": null, "备注": "x", "空": "", "照片": ["a.jpg", {"b": [1.5, true]}],
        "a.b\\c": "点", "extra:": "e", "json:x": {"y": {}}, "第二轮": {"用户意见": "A 满意", "新": "键"}, "第三轮": {},
        "更正": [{"字段": "登记人.姓名", "原值": "a", "新值": "b", "更正人": "c", "日期": "d", "理由": "e"},
                 {"字段": "没有的", "原值": "", "新值": "", "更正人": "", "日期": "", "理由": ""},
                 {"字段": "用户意见", "原值": "D 较不满意", "新值": "A 满意", "更正人": "钱", "日期": "", "理由": "", "轮次": "第二轮"}],
        "作废": {"作废人": "钱", "日期": "2026-01-01", "理由": "r"},
    });
    let store = Store::in_memory().unwrap();
    let text = json!({ "form05": [sheet] }).to_string();
    office.import(&store, read(&text, &office.procedure, now()).unwrap());
    let record = store.records(&slips()).unwrap().remove(0);
    assert_eq!(record.corrections[0].cell.field.as_str(), "registrar");
    assert_eq!(record.corrections.iter().map(|it| it.cell.round).collect::<Vec<_>>(), [0, 0, 1]);
    assert_eq!((record.rounds.len(), record.rounds[1]["opinion"].as_str()), (3, "A 满意"));
    let back = to_json(&office.procedure, &record, now().date());
    assert!(holds(&back, &sheet), "{back}\n{sheet}");
    assert_eq!(store.check(), [""; 0]);
}

/// Whether `back` has everything that `wanted` has.
fn holds(back: &Value, wanted: &Value) -> bool {
    match (back, wanted) {
        (Value::Object(back), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| back.get(key).is_some_and(|back| holds(back, wanted)))
        }
        _ => back == wanted,
    }
}

#[test]
fn numbers_follow_the_year_of_the_event() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    let text = json!({ "form05": [
        {"投诉日期": "2024年2月3日"}, {"投诉日期": "忘了", "entered": "2025-03-01"}, {"投诉日期": ""}, {"投诉日期": "2024-01-01"}
    ] });
    office.import(&store, read(&text.to_string(), &office.procedure, now()).unwrap());
    let numbers: Vec<_> = store.records(&slips()).unwrap().into_iter().map(|it| it.number).collect();
    assert_eq!(numbers, ["2024-001", "2024-002", "2025-001", "2026-001"]);
}

#[test]
fn days_over_are_told_only_of_what_is_late() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    let text = json!({ "form05": [
        {"完成期限": "2026-11-18"}, {"完成期限": "2026-11-20"}, {"完成期限": "2026-11-18", "验证人": {"姓名": "倪佳"}}, {}
    ] });
    office.import(&store, read(&text.to_string(), &office.procedure, now()).unwrap());
    let over = store.records(&slips()).unwrap();
    let over: Vec<_> =
        over.iter().map(|it| to_json(&office.procedure, it, now().date())["overdue_days"].clone()).collect();
    assert_eq!(over, [json!(2), Value::Null, Value::Null, Value::Null]);
}

#[test]
fn what_is_wrong_with_an_exchange_file_is_said_with_its_place() {
    let office = Office::new();
    for (text, said) in [
        ("", "不是完整的 JSON：到第 1 行第 0 列就断了"),
        ("{\"form05\": [\n{", "不是完整的 JSON：到第 2 行第 1 列就断了"),
        ("{\"form05\": ]}", "不是 JSON：第 1 行第 12 列的写法不对"),
        ("用户名称", "不是 JSON：第 1 行第 1 列的写法不对"),
        ("{\"form05\": [{\"a\": 1, \"a\": 2}]}", "第 1 行第 25 列：“a”写了两次"),
        ("7", "内容应为按表单分列的对象，如 {\"form05\": [ … ]}"),
        ("{\"form09\": []}", "没有“form09”这种表单，可用：form01、form02、form03、form05、form4.1"),
        ("{\"form04\": []}", "“form04”是 质量投诉处理台帐，由处置单得出，不能导入"),
        ("{\"form05\": {}}", "“form05”应为数组（一项一张单）"),
        ("{\"form05\": [{}, 3]}", "“form05”第 2 张：应为对象（一张单）"),
        ("[{}]", "第 1 张：没有写明是哪种表单（如 \"form\": \"05\"）"),
        ("{\"form05\": [{\"第二轮\": \"x\"}]}", "“form05”第 1 张：“第二轮”应为对象"),
        ("{\"form05\": [{\"第三轮\": {}}]}", "“form05”第 1 张：有“第三轮”而没有“第二轮”"),
        ("{\"form05\": [{\"更正\": {}}]}", "“form05”第 1 张：“更正”应为数组"),
        ("{\"form05\": [{\"更正\": [{\"轮次\": \"2\"}]}]}", "“form05”第 1 张：“更正”的一项里的“轮次”（2）应如“第二轮”"),
        (
            "{\"form05\": [{\"更正\": [{\"轮次\": \"第三轮\"}], \"第二轮\": {}}]}",
            "“form05”第 1 张：“更正”的一项属于“第三轮”，而单上没有“第三轮”",
        ),
        ("{\"form05\": [{\"作废\": {\"理由\": 1}}]}", "“form05”第 1 张：“作废”里的“理由”应为文字"),
        (
            "{\"form05\": [{\"作废\": {\"原因\": \"\"}}]}",
            "“form05”第 1 张：“作废”里有不认识的“原因”，可用：作废人、日期、理由",
        ),
        ("{\"form05\": [{\"edition\": \"Z/9\"}]}", "“form05”第 1 张：没有 QG/R0309—05 的“Z/9”版"),
        ("{\"form05\": [{\"number\": \"五号\"}]}", "“form05”第 1 张：编号“五号”不合编号格式 {year}-{sequence}"),
        (
            "{\"form05\": [{\"entered\": \"昨天\"}]}",
            "“form05”第 1 张：“entered”（昨天）不是时间，应如 2026-11-20T09:00:00",
        ),
    ] {
        let error = read(text, &office.procedure, now()).unwrap_err();
        assert_eq!(error.to_string(), said, "{text}");
    }
}

/// Rounds, corrections and what was done with a sheet go from book to book; a link into the old book leads to no sheet of
/// the new one.
#[test]
fn a_whole_life_goes_into_another_book() {
    let office = Office::new();
    let (one, other) = (Store::in_memory().unwrap(), Store::in_memory().unwrap());
    let first = office.begin(&one, "甲厂");
    let slip = office.begin(&one, "乙厂");
    let deeds = vec![
        Deed::From { record: first.id.0, text: "渗漏".into() },
        Deed::Signed(Signed { field: "verifier".into(), passed: Some(false), ..Signed::default() }),
        Deed::Copy { copy: 1, step: CopyStep::Handed, holder: "设备修造部".into(), on: "2026-11-20".into() },
        Deed::Held { reason: "诉讼".into() },
    ];
    one.act(slip.id, &Act { by: "沈䶮".into(), deeds, round: true, ..Act::default() }, now()).unwrap();
    let correction = Correction {
        cell: CellId::new("customer", 0),
        old: "乙厂".into(),
        new: "丙厂".into(),
        by: "沈䶮".into(),
        on: "2026-11-20".into(),
        reason: "抄错".into(),
    };
    one.correct(slip.id, &correction, now()).unwrap();
    one.set(slip.id, &CellId::new("measures", 1), "换管。", "", now()).unwrap();
    let kept = one.record(slip.id).unwrap().unwrap();
    let text = Value::Array(vec![to_json(&office.procedure, &kept, now().date())]).to_string();
    office.begin(&other, "丁厂");
    office.import(&other, read(&text, &office.procedure, now()).unwrap());
    let there = other.records(&slips()).unwrap().into_iter().find(|it| it.number == kept.number).unwrap();
    assert_eq!((&there.rounds, &there.corrections), (&kept.rounds, &kept.corrections));
    assert_eq!(there.facts[1..], kept.facts[1..]);
    let origin = there.origin().unwrap();
    assert!(other.record(origin).unwrap().is_none(), "{origin:?} is another sheet in this book");
    assert!(matches!(&there.facts[0].deed, Deed::From { text, .. } if text == "渗漏"));
    assert!(other.check().is_empty());
}

/// A form on which much has one name: two columns, two tables, a cell and a table, a cell and what is told of a sheet.
const NAMESAKES: &str = r#"
form = "07"
edition = "A/0"
short = "试"
code = "试—07"
title = "试表"
[[section]]
rows = ["h10 名称=a 85 · 名称=b 85", "h10 经过=c 85 · 共=d:number 85", "h10 第二轮=e 85 · 换件=f 85", "table one", "table two"]
[field]
d = { is = "sum(one, 'x')" }
[table.one]
name = "换件"
lines = 2
height = 8
columns = ["数量=x:number 85", "数量=y:number 85"]
[table.two]
name = "换件"
lines = 2
height = 8
columns = ["数量=z:number 170"]
"#;

#[test]
fn what_has_one_name_is_told_apart() {
    let procedure = Procedure::load(&[("07.toml".to_owned(), NAMESAKES.to_owned())]).unwrap();
    let form = procedure.form(&"07".into()).unwrap();
    let mut record = Record::empty(form, now());
    let empty = to_json(&procedure, &record, now().date());
    assert!(empty.as_object().unwrap().values().all(|it| !it.is_array()), "no table is written that is empty: {empty}");
    for (field, line) in
        ["a", "b", "c", "e", "f", "x", "y", "z", "x", "y", "z"].into_iter().zip([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1])
    {
        record.put(&CellId::in_line(field, 0, line), &format!("{field}{line}"));
    }
    record.facts = vec![Fact {
        at: now(),
        by: "沈䶮".to_owned(),
        deed: Deed::Copy { copy: 0, step: CopyStep::Printed, holder: String::new(), on: String::new() },
    }];
    for field in ["x", "y", "z"] {
        let (cell, new) = (CellId::in_line(field, 0, 1), format!("{field}1"));
        let say = |it: &str| it.to_owned();
        record.corrections.push(Correction {
            cell,
            old: say("0"),
            new,
            by: say("钱"),
            on: say("2026-11-20"),
            reason: say("笔误"),
        });
    }
    let text = Value::from(vec![to_json(&procedure, &record, now().date())]).to_string();
    let back = read(&text, &procedure, now()).unwrap().remove(0);
    assert_eq!(back.rounds, record.rounds, "{text}");
    assert_eq!(back.corrections, record.corrections, "{text}");
    assert_eq!(back.facts.len(), 1);
}

/// What is computed cannot be written: what a file says there is kept, seen, and handed on.
#[test]
fn a_value_for_a_computed_cell_is_kept_where_it_is_seen() {
    let procedure = Procedure::load(&[("07.toml".to_owned(), NAMESAKES.to_owned())]).unwrap();
    let form = procedure.form(&"07".into()).unwrap();
    let text = r#"[{"form": "07", "共": "99", "换件": "没有换"}]"#;
    let back = read(text, &procedure, now()).unwrap().remove(0);
    let record = Record { rounds: back.rounds, ..Record::empty(form, now()) };
    assert_eq!(record.value("d"), "");
    assert_eq!(record.value("f"), "没有换");
    assert_eq!(record.brought(form), [("共".to_owned(), "99")]);
    let out = to_json(&procedure, &record, now().date());
    assert_eq!((&out["共"], &out["换件"]), (&"99".into(), &"没有换".into()));
}
