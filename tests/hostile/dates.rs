//! Dates, times, numbers and telephones as they are typed, and the ends of time.

use chrono::{Datelike as _, Days, NaiveDate};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use taizhang::calendar::{Term, Unit};
use taizhang::customers::{Customers, Mention, Naming, Touch, due_visits};
use taizhang::exchange;
use taizhang::flow;
use taizhang::list::{Summary, week_end};
use taizhang::procedure::{Axis, Change, FormId, Kind};
use taizhang::record::{Record, RecordId, brief, full_date, keep_date, kept, read_date, read_time, shown};
use taizhang::retention;
use taizhang::store::Store;
use taizhang::today::{day_words, days_words};

use crate::common::procedure;
use crate::mutate::words;
use crate::{hammer, sentence};

/// What looks like a date, or nearly so.
fn dated() -> impl Strategy<Value = String> {
    let figures = || {
        prop_oneof![
            4 => (0..3000_u32).prop_map(|it| it.to_string()),
            2 => (0..40_u32).prop_map(|it| format!("{it:02}")),
            1 => "[0-9０-９]{0,12}",
            1 => Just("4294967296".to_owned()),
        ]
    };
    let between = || {
        select(vec!["-", "/", ".", "年", "月", "日", "号", " ", "", "—", "．", "。", "：", ":", "T", "+", "\t", "-0"])
    };
    let rubbish =
        vec((figures(), between()), 0..5).prop_map(|parts| parts.into_iter().map(|(it, sign)| it + sign).collect());
    let true_day =
        (0..10_000_u32, 1..14_u32, 1..33_u32, between(), any::<bool>()).prop_map(|(y, m, d, sign, short)| {
            if short { format!("{y:04}{sign}{m}{sign}{d}") } else { format!("{y:04}{sign}{m:02}{sign}{d:02}") }
        });
    prop_oneof![rubbish, true_day]
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    let ends = NaiveDate::MIN.num_days_from_ce()..=NaiveDate::MAX.num_days_from_ce();
    let near = |it: i32| NaiveDate::from_num_days_from_ce_opt(it).unwrap();
    prop_oneof![
        2 => ends.prop_map(near),
        2 => (738_000..740_000).prop_map(near),
        1 => select(vec![NaiveDate::MIN, NaiveDate::MAX, near(0), near(1), near(3_652_059), near(3_652_060)]),
        1 => (0..400_u64).prop_map(|it| NaiveDate::MAX - Days::new(it)),
        1 => (0..400_u64).prop_map(|it| NaiveDate::MIN + Days::new(it)),
    ]
}

#[test]
fn whatever_is_typed_for_a_date_or_a_time_is_read_or_stays_as_typed() {
    let typed = prop_oneof![3 => dated(), 1 => words(4, 3000).prop_map(|it| it.text())];
    let document = procedure().document;
    hammer("dates", 1500, &["read", "as typed"], &(typed, any_day()), |(typed, today)| {
        let read = read_date(typed, Some(*today));
        if let Some(day) = read {
            let year = day.year();
            let near = (year - today.year()).abs() < 200;
            assert!((0..=9999).contains(&year) || near, "{typed:?} is {day}");
        }
        if let Some(day) = read_date(typed, None) {
            assert_eq!(read_date(&keep_date(day), None), Some(day), "{typed:?}");
            assert_eq!(read_date(&full_date(day), None), Some(day), "{typed:?}");
            assert_eq!(kept(Kind::Date, typed, *today), keep_date(day));
        }
        let _ = (read_time(typed), shown(Kind::Date, typed), brief(typed));
        if read.is_none() {
            assert_eq!(kept(Kind::Date, typed, *today), *typed);
        }
        assert_eq!(kept(Kind::Text, typed, *today), *typed);
        let settings = document.may_set().map(|it| Change::Setting(it.id.clone(), typed.clone()));
        let changes = settings.chain([
            Change::Digits(None, typed.clone()),
            Change::Pattern(None, typed.clone()),
            Change::Offset(Axis::X, typed.clone()),
            Change::Company(typed.clone()),
            Change::AddDepartment(typed.clone()),
            Change::AddPerson(typed.clone(), String::new()),
            Change::Copies(FormId::from("05"), Some(vec![typed.clone()])),
        ]);
        for change in changes {
            match document.changed(&change) {
                Ok(new) => new.check().unwrap(),
                Err(said) => sentence(&said),
            }
        }
        if read.is_some() { "read" } else { "as typed" }
    });
}

#[test]
fn days_are_counted_to_the_ends_of_time() {
    let procedure = procedure();
    let form = procedure.form(&FormId::from("05")).unwrap();
    let days = (any_day(), any_day(), any::<u32>(), prop_oneof![0..200_u32, any::<u32>()]);
    hammer("counting", 400, &["counted"], &days, |(from, today, many, years)| {
        let units = ["minutes", "hours", "working hours", "service hours", "days", "working days", "months"];
        for unit in units.into_iter().filter_map(Unit::parse) {
            let start = from.and_hms_opt(23, 59, 59).unwrap();
            let due = Term { count: *many, unit }.from(&procedure.calendar, start);
            assert!(due >= start);
            let now = today.and_hms_opt(0, 0, 0).unwrap();
            let left = unit.days_left(&procedure.calendar, now, due);
            assert!(left == 0 || (left > 0) == (due.date() > *today));
            let _ = unit.left_words(&procedure.calendar, now, due);
        }
        assert!(retention::kept_until(*from, *years) >= *from);
        let _ = retention::kept_words(*years, *from);
        let (_, _, _) = (week_end(*today), day_words(*from, *today), days_words(*from, *today));
        let (due, now) = (flow::Due::of_day(&procedure, *from), today.and_hms_opt(0, 0, 0).unwrap());
        let _ = (due.words(&procedure, now), due.is_soon(&procedure, now));
        let entered = from.and_hms_opt(23, 59, 59).unwrap();
        let mut record = Record::empty(form, entered);
        record.id = RecordId(1);
        record.set(&"date".into(), &keep_date(*from));
        record.set(&"urgency".into(), "急件");
        let summary = Summary::of(&procedure, form, &record).unwrap();
        let _ = retention::is_expired(&summary, *years, *today);
        let _ = (flow::days_over(&procedure, form, &record, *today), flow::waiting_since(form, &record));
        let mention =
            Mention { name: "癸厂", naming: Naming::Cell, record: record.id, day: *from, touch: Touch::Talk };
        let customers = Customers::new(&[mention], &[], "甲", *many);
        let _ = due_visits(&customers, *today);
        // What is entered at the ends of time is kept and comes back.
        let store = Store::in_memory().unwrap();
        let made = store.create(form, &procedure.document.number, from.year(), entered, &record.rounds[0]).unwrap();
        assert_eq!(store.record(made.id).unwrap().unwrap(), made);
        let json = serde_json::Value::Array(vec![exchange::to_json(&procedure, &made, *today)]);
        if (1990..2100).contains(&from.year()) {
            assert_eq!(exchange::read(&json.to_string(), &procedure, entered).unwrap()[0].entered, entered);
        }
        "counted"
    });
}

// What was found.

/// 99年1月2日 was read as 2099年1月2日 when the pen left the cell.
#[test]
fn a_year_is_written_in_four_figures() {
    let day = NaiveDate::from_ymd_opt(99, 1, 2).unwrap();
    assert_eq!(full_date(day), "0099年1月2日");
    let today = NaiveDate::from_ymd_opt(2026, 11, 20);
    assert_eq!(read_date(&full_date(day), today), Some(day));
}
