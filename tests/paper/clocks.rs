//! The clocks of sheets: QG/R0309's two against how they were reckoned before, and those of other forms.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, NaiveDateTime};
use proptest::prelude::*;
use taizhang::flow;
use taizhang::procedure::{FieldId, Form, FormId, Procedure};
use taizhang::record::{Record, Values, read_date};

use crate::common::{now, procedure};

/// How the date a slip is due by was reckoned before there were clocks: the day, and whether it was proposed.
fn before(procedure: &Procedure, form: &Form, record: &Record) -> Option<(NaiveDate, bool)> {
    let written = record.latest(form, "deadline").trim();
    if let Some(day) = read_date(written, None) {
        return Some((day, false));
    }
    if written == "/" {
        return None;
    }
    let sent_back = record.last_round().checked_sub(1).and_then(|round| {
        let mut signed = form.stages.iter().rev().filter(|it| form.repeats(it.by.as_str()));
        signed.find_map(|it| read_date(record.written(round, it.date.as_ref()?.as_str()), None))
    });
    let from = sent_back.or_else(|| read_date(record.latest(form, "date"), None))?;
    let document = &procedure.document;
    let days = if record.latest(form, "urgency").trim() == "急件" {
        document.figure("urgent")
    } else {
        document.figure("ordinary")
    };
    let day = if document.is_on("working") {
        procedure.calendar.add_working_days(from, days)
    } else {
        from.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)
    };
    Some((day, true))
}

/// What stands in a cell: a date, nearly a date, a word, nothing.
fn written() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0_u64..1500).prop_map(|it| (NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new(it)).to_string()),
        1 => Just("2026年10月1日".to_owned()),
        1 => Just("2026-10-01 8:30".to_owned()),
        1 => Just(" / ".to_owned()),
        1 => Just("/".to_owned()),
        1 => Just("下周".to_owned()),
        2 => Just(String::new()),
    ]
}

fn urgency() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["急件", "普通件", "", " 急件　", "急", "'", "\\", "急件 普通件"]).prop_map(str::to_owned)
}

fn round() -> impl Strategy<Value = Values> {
    let dates = [
        "date",
        "deadline",
        "registrar_date",
        "handler_date",
        "measures_reviewer_date",
        "verifier_date",
        "confirmer_date",
    ];
    let words = ["verifier", "handler", "registrar"];
    let dates = dates.map(|field| written().prop_map(move |it| (field, it)));
    let words =
        words.map(|field| prop::sample::select(vec!["", "何锃", " "]).prop_map(move |it| (field, it.to_owned())));
    (Vec::from(dates), Vec::from(words), urgency()).prop_map(|(dates, words, urgency)| {
        let all = dates.into_iter().chain(words).chain([("urgency", urgency)]);
        all.filter(|it| !it.1.is_empty()).map(|(field, it)| (FieldId::from(field), it)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_slip_is_due_when_it_was(
        rounds in prop::collection::vec(round(), 1..4),
        (urgent, ordinary, working) in (0_i64..365, 0_i64..365, any::<bool>()),
        void in prop::bool::weighted(0.1),
    ) {
        let mut procedure = slips();
        let settings = &mut procedure.document.settings;
        settings.insert("urgent".into(), taizhang::procedure::Value::Number(urgent));
        settings.insert("ordinary".into(), taizhang::procedure::Value::Number(ordinary));
        settings.insert("working".into(), working.into());
        let form = procedure.form(&FormId::from("05")).unwrap();
        let mut record = Record::empty(form, now());
        record.rounds = rounds;
        if void {
            record.void = Some(taizhang::record::Void { by: "钱立群".into(), on: "2026-11-20".into(), reason: "重复".into() });
        }
        let old = before(&procedure, form, &record);
        let new = flow::due(&procedure, form, &record).map(|it| (it.day(), it.proposed));
        prop_assert_eq!(new, old);
        let over = record.void.is_some() || !record.latest(form, "verifier").trim().is_empty();
        let owed = flow::owed(&procedure, form, &record).map(|it| (it.day(), it.proposed));
        prop_assert_eq!(owed, if over { None } else { old });
    }
}

fn slips() -> Procedure {
    thread_local! {
        static READ: Procedure = procedure();
    }
    READ.with(Clone::clone)
}

/// A small form with clocks of hours.
const DISPATCH: &str = r#"
form = "90"
edition = "A/0"
short = "派工单"
code = "90"
title = "派工单"
paper = { width = 210, height = 297, left = 25, right = 15, top = 18, bottom = 18 }
head = 24
identity = { subject = "customer", date = "called" }

[[clock]]
name = "派工"
from = "called"
until = "dispatcher"
within = "1 service hour"

[[clock]]
name = "到位"
from = "called"
until = "arrived"
written = "promised"
when = "!is_empty(far)"
within = [{ when = "far == '近'", term = "24 hours" }, { term = "2 working days" }]

[[section]]
rows = [{ height = 10, cells = [
  { label = "用户", width = 50, fields = ["customer"] },
  { label = "报修", width = 40, fields = ["called"] },
  { label = "派工", width = 40, fields = ["dispatcher"] },
  { label = "到位", width = 40, fields = ["arrived"] },
] }]

[[field]]
id = "customer"
name = "用户"
kind = "customer"
[[field]]
id = "called"
name = "报修时间"
kind = "moment"
[[field]]
id = "dispatcher"
name = "派工时间"
kind = "moment"
[[field]]
id = "arrived"
name = "到位时间"
kind = "moment"
[[beside]]
id = "promised"
name = "约定时间"
kind = "moment"
[[beside]]
id = "far"
name = "远近"
kind = "line"
"#;

fn load(text: &str) -> Result<Procedure, String> {
    Procedure::load(&[("90.toml".to_owned(), text.to_owned())]).map_err(|it| it.to_string())
}

fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

#[test]
fn several_clocks_run_on_one_sheet_in_hours_and_days() {
    let procedure = load(DISPATCH).unwrap();
    let form = procedure.form(&"90".into()).unwrap();
    let said = |cells: &[(&str, &str)], now: &str| {
        let mut record = Record::empty(form, crate::common::now());
        for (field, value) in cells {
            record.set(&FieldId::from(*field), value);
        }
        let owed = flow::owed(&procedure, form, &record);
        let owed = owed.map(|it| {
            format!("{} {} {}", form.clocks[it.clock].name, it.at.format("%m-%d %H:%M"), it.words(&procedure, at(now)))
        });
        let all: BTreeMap<&str, Option<bool>> = flow::clocks(&procedure, form, &record)
            .iter()
            .map(|(place, it)| (form.clocks[*place].name.as_str(), it.is_kept()))
            .collect();
        let kept: Vec<String> = all
            .iter()
            .map(|(name, it)| format!("{name} {}", it.map_or("?", |it| if it { "kept" } else { "late" })))
            .collect();
        format!("{}; {}", owed.unwrap_or_default(), kept.join(", "))
    };
    let called = ("called", "2026-11-20 16:40");
    assert_eq!(said(&[called], "2026-11-20 16:50"), "派工 11-21 09:40 还有 50 分钟; 派工 ?");
    assert_eq!(said(&[called, ("far", "近")], "2026-11-21 10:40"), "派工 11-21 09:40 超 1 小时; 到位 ?, 派工 ?");
    let sent = ("dispatcher", "2026-11-21 09:30");
    assert_eq!(
        said(&[called, sent, ("far", "近")], "2026-11-21 10:00"),
        "到位 11-21 16:40 还有 6 小时; 到位 ?, 派工 kept"
    );
    assert_eq!(
        said(&[called, sent, ("far", "远")], "2026-11-21 10:00"),
        "到位 11-24 23:59 还有 2 个工作日; 到位 ?, 派工 kept"
    );
    let promised = ("promised", "2026-11-22 12:00");
    assert_eq!(
        said(&[called, sent, ("far", "近"), promised], "2026-11-22 10:00"),
        "到位 11-22 12:00 还有 2 小时; 到位 ?, 派工 kept"
    );
    let arrived = ("arrived", "2026-11-22 12:01");
    assert_eq!(said(&[called, sent, ("far", "近"), promised, arrived], "2026-11-22 10:00"), "; 到位 late, 派工 kept");
    // Without its hour a term of hours is not kept; a term of days is.
    assert_eq!(said(&[called, ("dispatcher", "2026-11-20")], "2026-11-22 10:00"), "; 派工 late");
    assert_eq!(
        said(&[called, sent, ("far", "远"), ("arrived", "2026-11-24")], "2026-11-22 10:00"),
        "; 到位 kept, 派工 kept"
    );
    assert_eq!(said(&[("far", "近")], "2026-11-22 10:00"), "; 到位 ?, 派工 ?", "nothing to begin with");
    assert_eq!(
        said(&[called, sent, ("far", "近"), ("promised", "/")], "2026-11-22 10:00"),
        "; 到位 ?, 派工 kept",
        "struck"
    );
}

/// Expressions about a sheet see its clocks, and what they say of those that do not run is empty.
#[test]
fn expressions_see_the_clocks_of_a_sheet() {
    let procedure = load(DISPATCH).unwrap();
    let form = procedure.form(&"90".into()).unwrap();
    let mut record = Record::empty(form, now());
    record.set(&"called".into(), "2026-11-20 16:40");
    record.set(&"dispatcher".into(), "2026-11-21 09:40");
    let scope = flow::scope(&procedure, form, &record);
    for (text, said) in [
        ("clock('派工').kept", "是"),
        ("clock('派工').due", "2026-11-21 09:40"),
        ("is_empty(clock('到位').kept) && is_empty(clock('到位').due)", "是"),
        ("rounds == 1 && !voided && is_empty(number) && setting.soon == 2", "是"),
    ] {
        let it = taizhang::expression::Expression::parse(text).unwrap();
        assert_eq!(it.evaluate(&scope).unwrap().to_string(), said, "{text}");
    }
}

#[test]
fn a_clock_that_names_what_is_not_there_is_refused() {
    for (old, new, said) in [
        ("until = \"arrived\"", "until = \"arived\"", "期限“到位”的“arived”没有对应的 [[field]]"),
        ("from = \"called\"\nuntil = \"dispatcher\"", "from = []\nuntil = \"dispatcher\"", "期限“派工”要有起点"),
        ("far == '近'", "fa == '近'", "期限“到位”的条件里“fa”没有对应的 [[field]]"),
        ("far == '近'", "far = '近'", "表达式第 1 行第 5 列：相等要写两个等号 =="),
        ("\"2 working days\"", "\"2 weeks\"", "期限应写成"),
        ("1 service hour", "one hour", "期限应写成"),
        ("name = \"派工\"", "nam = \"派工\"", "不认识的项 `nam`"),
    ] {
        assert!(DISPATCH.contains(old), "{old}");
        let why = load(&DISPATCH.replace(old, new)).unwrap_err();
        assert!(why.contains(said), "{why}");
    }
}

/// A form of an office's own, written before there were clocks, has the same two.
#[test]
fn a_form_of_old_keeps_its_terms() {
    let old = include_str!("../data/forms-old/05-slip.toml");
    let (head, rest) = old.split_once("[[clock]]").unwrap();
    let (_, rest) = rest.split_once("[[section]]").unwrap();
    let head =
        head.replace("identity = {", "identity = { due = \"deadline\", done = \"verifier\", urgency = \"urgency\",");
    let procedure = load(&format!("{head}[[section]]{rest}")).unwrap();
    let form = procedure.form(&FormId::from("05")).unwrap();
    assert_eq!(form.clocks.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["急件", "普通件"]);
    for (urgency, due) in [("急件", "2026-11-24"), ("普通件", "2026-12-01"), ("", "2026-12-01")] {
        let mut record = Record::empty(form, now());
        record.set(&"date".into(), "2026-11-20");
        record.set(&"urgency".into(), urgency);
        assert_eq!(flow::due(&procedure, form, &record).unwrap().day().to_string(), due);
    }
}
