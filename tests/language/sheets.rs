//! Sheets as such: made each month or year, living on, counting others, put to use by a switch, worded by a setting.

use chrono::NaiveDate;
use taizhang::calendar::Cycle;
use taizhang::flow;
use taizhang::layout::{Look, sheet};
use taizhang::procedure::{Catalog, Change, Form, Procedure, Value};
use taizhang::record::{CellId, Correction, Record, Values};
use taizhang::store::{Act, Store};

use crate::common::{now, page_text};

fn sanbao() -> Procedure {
    Catalog::of(&[]).procedure(&["sanbao".to_owned()]).unwrap_or_else(|it| panic!("{it}"))
}

fn form<'a>(procedure: &'a Procedure, id: &str) -> &'a Form {
    procedure.form(&format!("sanbao/{id}").as_str().into()).unwrap_or_else(|| panic!("{id}"))
}

/// A sheet in the book; `field#2` is the field's third line.
fn put(store: &Store, procedure: &Procedure, id: &str, cells: &[(&str, &str)]) -> Record {
    let mut values = Values::new();
    for (field, text) in cells {
        let (field, line) = field.split_once('#').map_or((*field, 0), |it| (it.0, it.1.parse().unwrap()));
        values.put(&field.into(), line, text);
    }
    let form = form(procedure, id);
    store.create_with(form, procedure.document.pattern(&form.form), &values, &Act::default(), now()).unwrap()
}

/// The sheet with what follows from others, and what is said of that.
fn complete(store: &Store, procedure: &Procedure, record: &Record) -> (Record, Vec<String>) {
    let mut record = store.record(record.id).unwrap().unwrap();
    let issues = store.complete(procedure, &mut record).unwrap();
    (record, issues.into_iter().map(|it| it.message).collect())
}

fn column(record: &Record, field: &str) -> Vec<String> {
    (0..record.rounds[0].lines(field)).map(|it| record.rounds[0].at(field, it).to_owned()).collect()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Two calls of March and one of April; three faults of one part, two of them on one machine.
fn march(store: &Store, procedure: &Procedure) {
    for (called, dispatched, arrived) in [
        ("2025-03-04 16:40", "2025-03-05 09:32", "2025-03-05 21:15"),
        ("2025-03-15 10:05", "2025-03-15 11:20", "2025-03-15 15:40"),
        ("2025-04-01 09:05", "2025-04-01 09:20", "2025-04-01 15:40"),
    ] {
        let cells = [("called", called), ("dispatched", dispatched), ("arrived", arrived), ("method", "维修站上门")];
        put(store, procedure, "02", &cells);
    }
    for (serial, hours, signed) in
        [("A-1", "100", "2025-03-06"), ("A-1", "200", "2025-03-20"), ("A-2", "400", "2025-03-31")]
    {
        let cells = [
            ("model", "CG956G"),
            ("serial", serial),
            ("work_hours", hours),
            ("cause", "配套件"),
            ("part_name#0", "变速箱总成"),
            ("origin#0", "配套件"),
            ("reporter_date", signed),
        ];
        put(store, procedure, "03", &cells);
    }
    let other = [("model", "CG932K"), ("serial", "B-1"), ("part_name#0", "铰座"), ("reporter_date", "2025-03-09")];
    put(store, procedure, "03", &other);
}

#[test]
fn a_month_is_counted_until_it_is_signed_and_stays_then() {
    let procedure = sanbao();
    let store = Store::in_memory().unwrap();
    march(&store, &procedure);
    let report = put(&store, &procedure, "10", &[("month_of", "2025年3月"), ("compiled", "2025-04-03")]);
    let (seen, _) = complete(&store, &procedure, &report);
    assert_eq!(column(&seen, "part_name"), ["变速箱总成", "铰座"], "the most first");
    assert_eq!(column(&seen, "fault_count"), ["3", "1"]);
    assert_eq!(column(&seen, "repeat_count"), ["1", "0"]);
    assert_eq!(column(&seen, "mean_hours"), ["233"]);
    assert_eq!(["calls", "dispatch_rate", "arrival_rate"].map(|it| seen.value(it)), ["2", "50", "50"]);
    assert_eq!(column(&store.record(report.id).unwrap().unwrap(), "part_name"), [""; 0], "nothing of it is kept");
    let look = Look { signatures: true, ..Look::default() };
    let text = page_text(&sheet(&procedure, form(&procedure, "10"), &seen, &look));
    assert!(text.contains("变速箱总成") && text.contains("50%") && text.contains("233"), "{text}");

    // Signed, it is written down as it stands.
    let form = form(&procedure, "10");
    let sources = store.sources(&procedure, form, &report).unwrap();
    let mut cells = taizhang::register::reckoned(&procedure, form, &report, &sources);
    cells.push((CellId::new("compiler", 0), "亓官敏".to_owned()));
    cells.push((CellId::new("compiler_date", 0), "2025-04-03".to_owned()));
    let act = Act { cells, ..Act::default() };
    store.act(report.id, &act, now()).unwrap();
    let (kept, said) = complete(&store, &procedure, &report);
    assert_eq!((column(&kept, "fault_count"), said), (vec!["3".to_owned(), "1".to_owned()], Vec::new()));
    // What changes afterwards is told beside it, and taken in nowhere.
    let late = [
        ("model", "CG956G"),
        ("serial", "A-9"),
        ("part_name#0", "变速箱总成"),
        ("origin#0", "配套件"),
        ("reporter_date", "2025-03-30"),
    ];
    put(&store, &procedure, "03", &late);
    let (kept, said) = complete(&store, &procedure, &report);
    assert_eq!(column(&kept, "fault_count"), ["3", "1"]);
    assert_eq!(said, ["故障数：编制（2025-04-03）以后有单改了，现在算出来是 4；表上仍是签署那天的"]);
}

#[test]
fn a_month_without_faults_says_so_and_one_that_names_no_month_says_nothing() {
    let procedure = sanbao();
    let store = Store::in_memory().unwrap();
    march(&store, &procedure);
    let empty = put(&store, &procedure, "10", &[("month_of", "2025-05")]);
    let (seen, _) = complete(&store, &procedure, &empty);
    assert_eq!((column(&seen, "model"), seen.value("calls")), (vec!["本月无故障".to_owned()], "0"));
    let nameless = put(&store, &procedure, "10", &[("month_of", "上月")]);
    let (seen, _) = complete(&store, &procedure, &nameless);
    assert_eq!((column(&seen, "model"), seen.value("calls")), (Vec::new(), ""));
}

/// Each with each of two thousand is too much: it is broken off, and said, and the rest is reckoned all the same.
#[test]
fn what_takes_too_long_is_broken_off_and_said() {
    let form = "form = \"07\"\nedition = \"A/0\"\nshort = \"试\"\ncode = \"试—07\"\ntitle = \"试表\"\n\
        [counts.slips]\nof = \"05\"\ntakes = { who = \"customer\" }\n\
        [[section]]\nrows = [\"h10 件数=many:number 85 · 重复=again:number 85\"]\n\
        [field]\nmany = { is = \"count(slips)\" }\n\
        again = { is = \"count(slips.filter(r, count(slips.filter(s, s.who == r.who)) > 1))\" }\n";
    let procedure = Procedure::load(&[("07.toml".to_owned(), form.to_owned())]).unwrap_or_else(|it| panic!("{it}"));
    let (counting, slip) = (procedure.form(&"07".into()).unwrap(), procedure.form(&"05".into()).unwrap());
    let one = |place: i64| {
        let mut record = Record::empty(slip, now());
        record.id = taizhang::record::RecordId(place + 1);
        record.set(&"customer".into(), &format!("用户{place}"));
        record
    };
    let sources = [("slips".to_owned(), (0..2000).map(one).collect())].into();
    let cells = taizhang::register::reckoned(&procedure, counting, &Record::empty(counting, now()), &sources);
    let said: Vec<&str> = cells.iter().map(|it| it.1.as_str()).collect();
    assert_eq!(said, ["2000", "算不出：表达式算得太久，已停下；请写简单些"]);
    // Nobody signs what could not be reckoned.
    let frozen = taizhang::register::to_freeze(&procedure, counting, &Record::empty(counting, now()), &sources);
    assert_eq!(frozen.unwrap_err(), "“重复”算不出：表达式算得太久，已停下；请写简单些");
}

#[test]
fn a_survey_has_its_mean_and_a_quarter_counts_the_surveys() {
    let procedure = sanbao();
    let store = Store::in_memory().unwrap();
    let words = ["3-一般", "2-满意", "", "2-满意", "1-优秀", "2-满意", "5-不满意", "1-优秀"];
    let mut cells =
        vec![("customer".to_owned(), "雅安垚鑫"), ("sent".to_owned(), "2025-06-03"), ("back".to_owned(), "2025-06-23")];
    cells.extend(words.iter().enumerate().map(|(line, it)| (format!("mark#{line}"), *it)));
    let cells: Vec<(&str, &str)> = cells.iter().map(|it| (it.0.as_str(), it.1)).collect();
    let survey = put(&store, &procedure, "18", &cells);
    put(&store, &procedure, "18", &[("customer", "勐腊垚磊"), ("sent", "2025-06-03")]);
    let asked = form(&procedure, "18");
    let look = Look { signatures: true, ..Look::default() };
    let text = page_text(&sheet(&procedure, asked, &survey, &look));
    assert!(text.contains("平均") && text.contains("2.29"), "{text}");
    let field = asked.field(&"average".into()).unwrap();
    assert_eq!(survey.says(asked, &procedure.calendar, field, &CellId::new("average", 0), 0), "2.29");
    let counted = put(&store, &procedure, "19", &[("period_of", "2025年第2季度")]);
    let (seen, _) = complete(&store, &procedure, &counted);
    assert_eq!(["sent", "back"].map(|it| seen.value(it)), ["2", "1"]);
    assert_eq!(column(&seen, "valid"), ["1", "1", "0", "1", "1", "1", "1", "1"]);
    assert_eq!(column(&seen, "fives")[6], "1");
    let text = page_text(&sheet(&procedure, form(&procedure, "19"), &seen, &look));
    assert!(text.contains("2.29") && text.contains("50%"), "{text}");
}

/// A card lives on: it lists its repairs and its changes, and can be seen as it was.
#[test]
fn a_card_lists_its_repairs_and_what_was_changed_on_it() {
    let procedure = sanbao();
    let store = Store::in_memory().unwrap();
    let card = put(
        &store,
        &procedure,
        "01",
        &[("customer", "甲砂石厂"), ("serial", "CG956G-2407-0318"), ("bought", "2024-08-06")],
    );
    assert_eq!(card.number, "BX0000001");
    for (serial, fault, repaired) in [
        ("CG956G-2407-0318", "变速箱无前进挡", "2025-03-11 18:30"),
        ("CG956G-2407-0318", "转向油管渗油", "2024-11-21 10:00"),
        ("CG956G-2407-0319", "别的机器", "2025-03-11 18:30"),
        ("CG956G-2407-0318", "还没修好", ""),
    ] {
        put(
            &store,
            &procedure,
            "03",
            &[("serial", serial), ("fault", fault), ("repaired", repaired), ("work_hours", "486")],
        );
    }
    let form = form(&procedure, "01");
    let signed: Vec<(CellId, String)> =
        form.stages.iter().map(|it| (CellId::new(it.by.clone(), 0), "亓官敏".to_owned())).collect();
    store.act(card.id, &Act { cells: signed, ..Act::default() }, now()).unwrap();
    let record = store.record(card.id).unwrap().unwrap();
    assert_eq!(flow::standing_name(form, flow::standing(form, &record)), "在用");
    let change = Correction {
        cell: CellId::new("customer", 0),
        old: "甲砂石厂".to_owned(),
        new: "乙砂石厂".to_owned(),
        by: "郤成章".to_owned(),
        on: "2026-11-20".to_owned(),
        reason: "转让".to_owned(),
    };
    store.correct(card.id, &change, now()).unwrap();
    let (seen, _) = complete(&store, &procedure, &card);
    assert_eq!(column(&seen, "service_done"), ["转向油管渗油", "变速箱无前进挡"]);
    assert_eq!(column(&seen, "service_day"), ["2024-11-21", "2025-03-11"]);
    assert_eq!(
        (column(&seen, "change_old"), column(&seen, "change_new")),
        (vec!["甲砂石厂".to_owned()], vec!["乙砂石厂".to_owned()])
    );
    assert_eq!(flow::corrections(form, &seen), 0, "nothing is crossed out");
    let look = Look { signatures: true, ..Look::default() };
    let mut then = store.record(card.id).unwrap().unwrap().as_of(day("2026-11-19"));
    store.complete(&procedure, &mut then).unwrap();
    let text = page_text(&sheet(&procedure, form, &then, &look));
    assert!(text.contains("截至 2026年11月19日") && text.contains("甲砂石厂") && !text.contains("乙砂石厂"), "{text}");
    assert_eq!(store.check(), [""; 0]);
}

/// What a switch puts to use is in no menu while it is off, and sheets made stay.
#[test]
fn forms_under_a_switch_are_offered_when_it_is_on() {
    let mut procedure = sanbao();
    let ids = |it: &Procedure| -> Vec<String> { it.offered().iter().map(|it| it.form.bare().to_owned()).collect() };
    assert!(!ids(&procedure).contains(&"34".to_owned()) && procedure.form(&"sanbao/34".into()).is_some());
    assert!(procedure.not_offered(&"sanbao/34".into()).unwrap().contains("顾客访问"));
    let on = procedure.document.changed(&Change::Switch("sanbao/B".into(), true)).unwrap();
    procedure.go_by(on).unwrap();
    assert!(ids(&procedure).contains(&"34".to_owned()) && !ids(&procedure).contains(&"36".to_owned()));
    assert_eq!(procedure.not_offered(&"sanbao/34".into()), None);
}

#[test]
fn what_the_office_set_stands_in_titles() {
    let mut procedure = sanbao();
    assert_eq!(form(&procedure, "03").title, "成工牌产品售后服务三包维修呈报表");
    let other = procedure.document.changed(&Change::Setting("sanbao/brand".into(), "鑫工".to_owned())).unwrap();
    assert_eq!(other.setting("sanbao/brand"), Some(&Value::Words("鑫工".to_owned())));
    procedure.go_by(other).unwrap();
    assert_eq!(form(&procedure, "03").title, "鑫工牌产品售后服务三包维修呈报表");
    assert_eq!(form(&procedure, "04").title, "鑫工牌产品质量连带经济责任索赔单");
}

#[test]
fn stretches_are_read_as_people_write_them() {
    for (cycle, text, first, name) in [
        (Cycle::Month, "2026年11月", "2026-11-01", "2026年11月"),
        (Cycle::Month, "2026-11", "2026-11-01", "2026年11月"),
        (Cycle::Month, " 2026．3 ", "2026-03-01", "2026年3月"),
        (Cycle::Month, "2026-11-20", "2026-11-01", "2026年11月"),
        (Cycle::Quarter, "2026年第4季度", "2026-10-01", "2026年第4季度"),
        (Cycle::Quarter, "2026年一季度", "2026-01-01", "2026年第1季度"),
        (Cycle::Quarter, "2026Q2", "2026-04-01", "2026年第2季度"),
        (Cycle::Year, "2026年度", "2026-01-01", "2026年"),
        (Cycle::Year, "2026", "2026-01-01", "2026年"),
    ] {
        let span = cycle.read(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((span.first(), cycle.name(span).as_str()), (day(first), name), "{text}");
        assert_eq!(cycle.read(&cycle.name(span)), Some(span), "a name is read back");
    }
    for (cycle, text) in [
        (Cycle::Month, "11月"),
        (Cycle::Month, "2026年13月"),
        (Cycle::Quarter, "2026年5季度"),
        (Cycle::Quarter, "2026-4"),
        (Cycle::Year, "26年"),
        (Cycle::Year, "99999999999999999999"),
        (Cycle::Year, ""),
    ] {
        assert_eq!(cycle.read(text), None, "{text}");
    }
}

#[test]
fn months_are_missing_from_the_first_that_was_made_on() {
    let procedure = sanbao();
    let report = form(&procedure, "10");
    let month = |text: &str| (Cycle::Month.read(text).unwrap(), String::new());
    let named = |made: &[&str], today: &str| -> Vec<String> {
        let all = flow::missing(report, made.iter().map(|it| month(it)), day(today));
        all.iter().map(|it| Cycle::Month.name(it.0)).collect()
    };
    assert_eq!(named(&["2026-07", "2026-09"], "2026-11-20"), ["2026年8月", "2026年10月"]);
    assert_eq!(named(&["2026-10"], "2026-11-20"), [""; 0]);
    assert_eq!(named(&[], "2026-11-20"), [""; 0], "nobody knows since when");
    // One for each user: each is missing from their own first on.
    let for_two = [("2026-09", "甲厂"), ("2026-10", "乙厂")].map(|it| (month(it.0).0, it.1.to_owned()));
    let all = flow::missing(report, for_two, day("2026-11-20"));
    assert_eq!(all.iter().map(|it| it.1.as_str()).collect::<Vec<_>>(), ["甲厂"], "October");
    // Whoever had none of late is no customer any longer; September is missing of one who had one in October.
    let for_two = [("2026-03", "丁厂"), ("2026-08", "丙厂"), ("2026-10", "丙厂")];
    let all = flow::missing(report, for_two.map(|it| (month(it.0).0, it.1.to_owned())), day("2026-11-20"));
    assert_eq!(all.iter().map(|it| it.1.as_str()).collect::<Vec<_>>(), ["丙厂"], "September");
    assert_eq!(named(&["1990-01"], "2026-11-20").len(), 24, "no further back than two years");
}
