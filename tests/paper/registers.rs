//! Registers as their files declare them: of any forms, by a condition, in an order, with columns of every kind and sums.

use crate::common::{ledger, now, page_text, procedure, slips, under};
use taizhang::layout::register;
use taizhang::procedure::{FormId, Procedure};
use taizhang::record::{Record, RecordId, Void};
use taizhang::register::{Entry, Period, day_of, entries, sums};

/// A register of visits and complaints, made by the office.
const BOTH: &str = r#"
form = "90"
edition = "A/0"
short = "往来"
code = "往来"
title = "用户往来台帐"
paper = { width = 297, height = 210, left = 20, right = 20, top = 25, bottom = 15 }
head = 21

[register]
of = ["05", "01"]
where = "customer != '乙厂'"
order = "day"
slots = 12
slot_height = 11
head_height = 12
signed = ["核准:", "审查:", "制定:"]
columns = [
  { head = ["序号"], width = 12, sequence = true },
  { head = ["日期"], width = 30, is = "day" },
  { head = ["用户"], width = 40, field = "customer" },
  { head = ["编号"], width = 30, is = "number + '，' + stage" },
  { head = ["费用"], width = 30, field = "product_number", sum = true },
]
"#;

fn office(file: &str) -> Procedure {
    Procedure::load(&[("90.toml".to_owned(), file.to_owned())]).unwrap()
}

fn record(procedure: &Procedure, form: &str, id: i64, fields: &[(&str, &str)]) -> Record {
    let mut record = Record::empty(procedure.form(&form.into()).unwrap(), now());
    (record.id, record.number) = (RecordId(id), format!("2026-00{id}"));
    fields.iter().for_each(|(field, text)| record.set(&(*field).into(), text));
    record
}

fn texts(entries: &[Entry]) -> Vec<Vec<&str>> {
    entries.iter().map(|it| it.cells.iter().map(|it| it.text.as_str()).collect()).collect()
}

#[test]
fn sheets_of_several_forms_stand_in_one_register() {
    let procedure = office(BOTH);
    let form = procedure.form(&"90".into()).unwrap();
    let register = form.register.as_ref().unwrap();
    let records = [
        record(&procedure, "05", 1, &[("customer", "甲厂"), ("date", "2026-03-05"), ("product_number", "1,200.50")]),
        record(&procedure, "05", 2, &[("customer", "乙厂"), ("date", "2026-03-01"), ("product_number", "7")]),
        record(&procedure, "05", 3, &[("customer", "丙厂"), ("date", "2026-03-04"), ("product_number", "待定")]),
        record(&procedure, "01", 4, &[("customer", "丁厂"), ("date", "2026-03-02")]),
        record(&procedure, "05", 5, &[("customer", "甲厂"), ("date", "2026-03-06"), ("product_number", "-０.5")]),
    ];
    let lines = entries(&procedure, form, records);
    assert_eq!(
        texts(&lines),
        [
            ["1", "2026年3月2日", "丁厂", "2026-004，记录", ""],
            ["2", "2026年3月4日", "丙厂", "2026-003，登记", "待定"],
            ["3", "2026年3月5日", "甲厂", "2026-001，登记", "1,200.50"],
            ["4", "2026年3月6日", "甲厂", "2026-005，登记", "-０.5"],
        ]
    );
    let sums = sums(register, &lines).unwrap();
    assert_eq!(sums.iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["合计", "", "", "", "1200.00"]);
    let pages: Vec<_> = taizhang::layout::register(&procedure, form, &lines).unwrap().iter().collect();
    let text = page_text(&pages);
    for words in ["合计", "1200.00", "核准:", "审查:", "制定:"] {
        assert_eq!(text.matches(words).count(), 1, "{words}");
    }
}

/// What registers take of a form stays when its other contents are destroyed; of a form that is in none, who and when.
#[test]
fn what_a_register_takes_follows_from_its_columns() {
    let taken = |procedure: &Procedure, form: &str| -> Vec<String> {
        procedure.form(&form.into()).unwrap().taken.iter().map(ToString::to_string).collect()
    };
    let ledger =
        ["accepted_by", "complaint", "confirmer_date", "customer", "date", "product", "result", "verifier_date"];
    assert_eq!(taken(&procedure(), "05"), ledger);
    assert_eq!(taken(&procedure(), "01"), [""; 0]);
    assert_eq!(taken(&office(BOTH), "01"), ["customer"]);
    assert!(taken(&office(BOTH), "05").contains(&"product_number".to_owned()));
}

/// An office's ledger file of old names its columns otherwise; it makes the same lines.
#[test]
fn a_ledger_file_of_old_is_read() {
    let old = include_str!("../data/04-ledger-of-old.toml");
    let (new, old) = (procedure(), Procedure::load(&[("04.toml".to_owned(), old.to_owned())]).unwrap());
    for year in [2024, 2025, 2026] {
        let of = |it: &Procedure| ledger(it, slips(), Period::Year(year));
        assert!(!of(&new).is_empty());
        assert_eq!(of(&new), of(&old));
    }
    let pages = |it: &Procedure| {
        let (form, lines) = (it.form(&FormId::from("04")).unwrap(), ledger(it, slips(), Period::Year(2026)));
        page_text(&register(it, form, &lines).unwrap().iter().collect::<Vec<_>>())
    };
    assert_eq!(pages(&new), pages(&old));
}

/// 4.6: 处理时间 is the day the user confirmed; else that of the verification, and says so.
#[test]
fn the_ledger_says_when_work_was_done_and_how_it_is_known() {
    let procedure = procedure();
    let closed = |fields: &[(&str, &str)], void: bool| {
        let mut record = record(&procedure, "05", 1, fields);
        let said = || Void { by: "沈䶮".to_owned(), on: "2026-11-20".to_owned(), reason: "重复".to_owned() };
        record.void = void.then(said);
        let entry = ledger(&procedure, [record], Period::Year(2026)).remove(0);
        (under(&procedure, &entry, "处理时间").to_owned(), entry.cells[7].short().into_owned())
    };
    let both = [("verifier_date", "2026-11-17"), ("confirmer_date", "2026-11-19")];
    assert_eq!(closed(&both, false), ("2026年11月19日".to_owned(), "2026-11-19".to_owned()));
    assert_eq!(closed(&both[..1], false), ("2026年11月17日(验证)".to_owned(), "2026-11-17(验证)".to_owned()));
    assert_eq!(closed(&both[..1], true), (String::new(), String::new()), "void slips are not done");
    assert_eq!(closed(&[("confirmer_date", "下周")], false).0, "下周");
    assert_eq!(closed(&[], false).0, "");
}

#[test]
fn what_a_register_gets_wrong_is_told() {
    let told = |from: &str, to: &str| {
        assert!(BOTH.contains(from), "{from}");
        Procedure::load(&[("90.toml".to_owned(), BOTH.replacen(from, to, 1))]).unwrap_err().to_string()
    };
    for (from, to, said) in [
        ("[\"05\", \"01\"]", "[\"05\", \"77\"]", "of 里的“77”不是任何表单的号"),
        ("field = \"customer\"", "field = \"costumer\"", "列里的“costumer”没有对应的"),
        ("\"customer != '乙厂'\"", "\"costumer != '乙厂'\"", "算式里的“costumer”不是表里的项目"),
        ("head_height = 12", "head_height = 15", "表下要签名（signed），至少要留 18 毫米"),
        ("is = \"day\"", "datum = \"day\"", "datum “day”没有"),
        ("is = \"day\"", "is = \"day(\"", "表达式第 1 行"),
        ("is = \"day\"", "is = \"day\", sequence = true", "应为 `sequence`、`field`、`first`、`is` 其中之一"),
    ] {
        assert!(told(from, to).contains(said), "{to}: {}", told(from, to));
    }
}

/// A sheet belongs to the day of its event, or of its entry where that cannot be read.
#[test]
fn a_sheet_without_a_day_belongs_to_the_day_of_its_entry() {
    let procedure = procedure();
    let register = procedure.form(&"04".into()).unwrap().register.as_ref().unwrap();
    let form = procedure.form(&"05".into()).unwrap();
    let day = |written| day_of(register, form, &record(&procedure, "05", 1, &[("date", written)])).to_string();
    assert_eq!([day("2025-02-03"), day("那天"), day("")], ["2025-02-03", "2026-11-20", "2026-11-20"]);
}
