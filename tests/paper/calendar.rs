//! China's working days: the notices' dates, an office's own calendar, and counting.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use proptest::prelude::*;
use taizhang::calendar::{Calendar, Term, Unit, end_of};

fn day(written: &str) -> NaiveDate {
    written.parse().unwrap()
}

fn moment(written: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(written, "%Y-%m-%d %H:%M").unwrap()
}

/// The day a term ends on that begins on `from`.
fn ends(calendar: &Calendar, unit: Unit, from: NaiveDate, count: u32) -> NaiveDate {
    Term { count, unit }.from(calendar, from.and_time(NaiveTime::MIN)).date()
}

/// Days left on the morning of a day.
fn left(calendar: &Calendar, unit: Unit, today: NaiveDate, due: NaiveDate) -> i64 {
    unit.days_left(calendar, today.and_time(NaiveTime::MIN), end_of(due))
}

fn built_in() -> Calendar {
    Calendar::load(None).unwrap()
}

/// A year as an office writes it.
fn year(number: i32, holidays: &str, workdays: &str) -> String {
    format!("[[year]]\nyear = {number}\nnotice = \"厂办\"\nholidays = [{holidays}]\nworkdays = [{workdays}]\n")
}

fn refusal(own: &str) -> String {
    Calendar::load(Some(own)).unwrap_err().to_string()
}

/// Every day of `from..=to` has this name and is off; the days before and after do not have it.
fn is_off(name: &str, from: &str, to: &str) {
    let calendar = built_in();
    let (from, to) = (day(from), day(to));
    for it in from.iter_days().take_while(|it| *it <= to) {
        assert_eq!((calendar.name(it), calendar.is_working(it)), (Some(name), false), "{it}");
    }
    assert_ne!(calendar.name(from.pred_opt().unwrap()), Some(name));
    assert_ne!(calendar.name(to.succ_opt().unwrap()), Some(name));
}

fn is_made_up(days: &[&str]) {
    let calendar = built_in();
    for it in days {
        assert_eq!((calendar.name(day(it)), calendar.is_working(day(it))), (Some("调休上班"), true), "{it}");
        assert!(day(it).weekday().num_days_from_monday() >= 5, "{it} is no weekend day");
    }
}

#[test]
fn notice_of_2024_no_7_of_2023() {
    assert_eq!(built_in().notice(2024), Some("国办发明电〔2023〕7号"));
    is_off("元旦", "2024-01-01", "2024-01-01");
    is_off("春节", "2024-02-10", "2024-02-17");
    is_off("清明节", "2024-04-04", "2024-04-06");
    is_off("劳动节", "2024-05-01", "2024-05-05");
    is_off("端午节", "2024-06-10", "2024-06-10");
    is_off("中秋节", "2024-09-15", "2024-09-17");
    is_off("国庆节", "2024-10-01", "2024-10-07");
    is_made_up(&["2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11"]);
    is_made_up(&["2024-09-14", "2024-09-29", "2024-10-12"]);
    assert!(built_in().is_working(day("2024-02-09")), "除夕 2024 is only encouraged to be off");
}

#[test]
fn notice_of_2025_no_12_of_2024() {
    assert_eq!(built_in().notice(2025), Some("国办发明电〔2024〕12号"));
    is_off("元旦", "2025-01-01", "2025-01-01");
    is_off("春节", "2025-01-28", "2025-02-04");
    is_off("清明节", "2025-04-04", "2025-04-06");
    is_off("劳动节", "2025-05-01", "2025-05-05");
    is_off("端午节", "2025-05-31", "2025-06-02");
    is_off("国庆节、中秋节", "2025-10-01", "2025-10-08");
    is_made_up(&["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"]);
}

#[test]
fn notice_of_2026_no_7_of_2025() {
    assert_eq!(built_in().notice(2026), Some("国办发明电〔2025〕7号"));
    is_off("元旦", "2026-01-01", "2026-01-03");
    is_off("春节", "2026-02-15", "2026-02-23");
    is_off("清明节", "2026-04-04", "2026-04-06");
    is_off("劳动节", "2026-05-01", "2026-05-05");
    is_off("端午节", "2026-06-19", "2026-06-21");
    is_off("中秋节", "2026-09-25", "2026-09-27");
    is_off("国庆节", "2026-10-01", "2026-10-07");
    is_made_up(&["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]);
}

/// 全国年节及纪念日放假办法: 11 days off a year, 13 from 2025; moving days about does not change how many are worked.
#[test]
fn a_year_has_as_many_working_days_as_the_law_leaves() {
    for (year, weekdays, days_off) in [(2024, 262, 11), (2025, 261, 13), (2026, 261, 13)] {
        let eve = NaiveDate::from_ymd_opt(year - 1, 12, 31).unwrap();
        let end = NaiveDate::from_ymd_opt(year, 12, 31).unwrap();
        assert_eq!(Calendar::default().working_days_between(eve, end), weekdays);
        assert_eq!(built_in().working_days_between(eve, end), weekdays - days_off, "{year}");
    }
}

#[test]
fn a_year_without_a_notice_knows_only_weekends() {
    let calendar = built_in();
    assert!([2024, 2025, 2026].into_iter().all(|it| calendar.knows(it)));
    assert!(!calendar.knows(2023) && !calendar.knows(2027));
    assert_eq!(calendar.name(day("2027-10-01")), None);
    assert!(calendar.is_working(day("2027-10-01")), "a Friday");
    assert!(!calendar.is_working(day("2027-10-02")), "a Saturday");
    assert!(Calendar::default().is_working(day("2026-10-01")));
}

/// A reply within 3 working days, asked for on the eve of the holiday.
#[test]
fn three_working_days_over_national_day_2025() {
    let calendar = built_in();
    let due = ends(&calendar, Unit::WorkingDays, day("2025-09-30"), 3);
    assert_eq!(due, day("2025-10-11"), "the 9th, the 10th, and the Saturday made up");
    assert_eq!(ends(&calendar, Unit::Days, day("2025-09-30"), 3), day("2025-10-03"));
    assert_eq!(left(&calendar, Unit::WorkingDays, day("2025-09-30"), due), 3);
    assert_eq!(left(&calendar, Unit::Days, day("2025-09-30"), due), 11);
    assert_eq!(left(&calendar, Unit::WorkingDays, due, due), 0);
    // The Sunday after: past, but no working day lost. The Monday: one.
    assert_eq!(left(&calendar, Unit::WorkingDays, day("2025-10-12"), due), 0);
    assert_eq!(left(&calendar, Unit::WorkingDays, day("2025-10-13"), due), -1);
    assert_eq!(left(&calendar, Unit::Days, day("2025-10-13"), due), -2);
}

#[test]
fn nought_days_stay_where_they_are() {
    let sunday = day("2026-03-01");
    assert_eq!(built_in().add_working_days(sunday, 0), sunday);
    assert_eq!(ends(&built_in(), Unit::WorkingDays, sunday, 0), sunday);
    assert_eq!(built_in().add_working_days(sunday, 1), day("2026-03-02"));
}

/// Terms as a procedure has them: from when, how long, until when.
#[test]
fn terms_end_where_a_clerk_expects() {
    let calendar = built_in();
    // 20 November 2026 is a Friday.
    for (from, term, until) in [
        ("2026-11-20 16:00", "8 working hours", "2026-11-23 16:00:00"),
        ("2026-11-20 08:00", "8 working hours", "2026-11-20 17:00:00"),
        ("2026-11-20 11:30", "1 working hour", "2026-11-20 13:30:00"),
        ("2026-11-21 10:00", "1 working hour", "2026-11-23 09:00:00"),
        ("2026-11-20 20:00", "20 working hours", "2026-11-25 12:00:00"),
        ("2026-09-30 16:00", "2 working hours", "2026-10-08 09:00:00"),
        ("2026-11-20 16:40", "1 service hour", "2026-11-21 09:40:00"),
        ("2026-11-20 16:40", "24 hours", "2026-11-21 16:40:00"),
        ("2026-11-20 23:50", "45 minutes", "2026-11-21 00:35:00"),
        ("2026-11-20 16:00", "30 days", "2026-12-20 23:59:59"),
        ("2026-11-20 16:00", "2 working days", "2026-11-24 23:59:59"),
        ("2026-01-31 16:00", "1 month", "2026-02-28 23:59:59"),
        ("2026-11-20 16:00", "12 months", "2027-11-20 23:59:59"),
        ("2026-11-20 16:00", "0 days", "2026-11-20 23:59:59"),
        ("2026-11-20 16:00", "0 working hours", "2026-11-20 16:00:00"),
    ] {
        let found = Term::parse(term).unwrap().from(&calendar, moment(from));
        assert_eq!(found.to_string(), until, "{from} + {term}");
    }
    for wrong in ["", "2", "days", "-1 days", "2 weeks", "两 days", "1.5 hours", "4000000000 days"] {
        assert!(Term::parse(wrong).unwrap_err().to_string().contains("working hours"), "{wrong}");
    }
}

#[test]
fn what_is_left_is_said_in_what_counts() {
    let calendar = built_in();
    for (now, due, unit, words) in [
        ("2026-11-20 09:00", "2026-11-24 23:59", Unit::WorkingDays, "还有 2 个工作日"),
        ("2026-11-20 09:00", "2026-11-24 23:59", Unit::Days, "还有 4 天"),
        ("2026-11-20 09:00", "2026-11-20 23:59", Unit::Days, "今天到期"),
        ("2026-11-22 09:00", "2026-11-20 23:59", Unit::WorkingDays, "已过期"),
        ("2026-11-24 09:00", "2026-11-20 23:59", Unit::WorkingDays, "超 2 个工作日"),
        ("2026-11-24 09:00", "2026-11-20 23:59", Unit::Months, "超 4 天"),
        ("2026-11-20 09:00", "2026-11-20 12:59", Unit::Hours, "还有 3 小时"),
        ("2026-11-20 12:20", "2026-11-20 12:59", Unit::Hours, "还有 39 分钟"),
        ("2026-11-20 12:59", "2026-11-20 12:59", Unit::Hours, "现在到期"),
        ("2026-11-20 15:00", "2026-11-20 12:59", Unit::Hours, "超 2 小时"),
        ("2026-11-20 16:00", "2026-11-23 09:00", Unit::WorkingHours, "还有 2 个工作小时"),
        ("2026-11-21 16:00", "2026-11-20 17:00", Unit::WorkingHours, "已过期"),
        ("2026-11-21 10:00", "2026-11-20 16:00", Unit::ServiceHours, "超 2 小时"),
    ] {
        assert_eq!(unit.left_words(&calendar, moment(now), moment(due)), words, "{now} {due}");
    }
}

#[test]
fn an_office_replaces_a_year_whole_and_adds_one() {
    let rest = r#"{ name = "高温假", from = 2026-07-27, to = 2026-07-31 }"#;
    let eve = r#"{ name = "元旦", from = 2026-12-31, to = 2027-01-02 }"#;
    let own = format!("\u{feff}# 本单位\r\n{}{}", year(2026, rest, "2026-08-01"), year(2027, eve, ""));
    let calendar = Calendar::load(Some(&own)).unwrap();
    assert_eq!(calendar.name(day("2026-07-29")), Some("高温假"));
    assert!(calendar.is_working(day("2026-08-01")));
    assert_eq!(calendar.name(day("2026-10-01")), None, "the built-in 2026 is gone");
    assert_eq!(calendar.name(day("2025-10-01")), Some("国庆节、中秋节"), "2025 stays");
    assert_eq!(calendar.name(day("2026-12-31")), Some("元旦"), "a December day of the year before");
    assert_eq!((calendar.notice(2026), calendar.knows(2027)), (Some("厂办"), true));
    assert!(Calendar::load(Some("# 还没有写\n")).is_ok());
}

#[test]
fn a_mistake_is_shown_where_it_is() {
    let holiday = |from: &str, to: &str| format!(r#"{{ name = "厂庆", from = {from}, to = {to} }}"#);
    let week = holiday("2027-03-01", "2027-03-07");
    let place = "读取日历文件 calendar.toml 第 4 行第 ";
    let cases = [
        (year(2027, &holiday("2027-03-02", "2027-03-01"), ""), "“厂庆”的最后一天 2027-03-01 早于第一天 2027-03-02"),
        (year(2027, &holiday("2027-03-01", "2027-04-01"), ""), "“厂庆”从 2027-03-01 到 2027-04-01 超过 31 天"),
        (year(2027, &holiday("2027-02-29", "2027-03-01"), ""), "日期应写成 2026-02-05"),
        (year(2027, &holiday("\"2027-03-01\"", "2027-03-01"), ""), "日期应写成 2026-02-05"),
        (year(2027, &holiday("2027-03-01T08:00:00", "2027-03-01"), ""), "日期应写成 2026-02-05"),
        (year(2027, &holiday("2026-11-30", "2027-03-01"), ""), "2026-11-30 不在 2027 年"),
        (year(2027, &holiday("2027-12-31", "2028-01-01"), ""), "2028-01-01 不在 2027 年"),
        (year(2027, &format!("{week}, {week}"), ""), "“厂庆”的 2027-03-01 已写在“厂庆”里"),
        (year(2027, "2027-03-01", ""), "放假应写成 {"),
        (year(2027, &week.replace("to =", "till ="), ""), "不认识的项 `till`"),
        (year(2027, &week.replace("厂庆", " "), ""), "应是一行字"),
        (year(2027, &week.replace(", from", "，from"), ""), "少了逗号或引号，或写成了中文的"),
    ];
    for (own, expected) in cases {
        let said = refusal(&own);
        assert!(said.starts_with(place) && said.contains(expected), "{said}\n{own}");
    }
    let said = refusal(&year(2027, &week, "2027-03-06"));
    let expected = "读取日历文件 calendar.toml 第 5 行第 13 列：2027-03-06 是“厂庆”放假，不能又是调休上班";
    assert_eq!(said, expected);
    assert!(refusal(&year(2027, "", "2027-03-08")).contains("2027-03-08 不是周末，本来就上班"));
    assert!(refusal(&year(2027, "", "2027-03-06, 2027-03-06")).contains("第 5 行第 25 列：2027-03-06 写了两次"));
    assert!(refusal(&year(1999, "", "")).contains("第 2 行第 8 列：年份应在 2000 到 2199 之间"));
    assert!(refusal(&year(2027, "", "").repeat(2)).contains("第 7 行第 8 列：2027 年写了两次"));
    assert!(refusal("[[year]]\nyear = 2027\n").contains("缺少项 `notice`"));
    assert!(refusal("[[year]]\nyear = \"2027\"\n").contains("第 2 行第 8 列：类型不对，应为不加引号的整数"));
    assert!(refusal("[[yaer]]\n").contains("不认识的项 `yaer`"));
    assert!(refusal("乱").contains("写法不对"));
}

#[test]
fn the_ends_of_time_are_borne() {
    let calendar = built_in();
    let (first, last) = (NaiveDate::MIN, NaiveDate::MAX);
    assert_eq!(calendar.add_working_days(last, u32::MAX), last);
    assert_eq!(calendar.add_working_days(first, u32::MAX), last);
    assert_eq!(calendar.add_working_days(last, 0), last);
    assert_eq!(ends(&calendar, Unit::Days, first, u32::MAX), last);
    assert_eq!(calendar.working_days_between(first, last), -calendar.working_days_between(last, first));
    let long = calendar.working_days_between(first, last);
    let end = calendar.add_working_days(first, u32::try_from(long).unwrap());
    assert_eq!(calendar.working_days_between(end, last), 0);
    assert!(left(&calendar, Unit::Days, last, first) < 0);
    let _ = (calendar.is_working(first), calendar.is_working(last), calendar.name(first));
}

/// A day about the years that are known.
fn around() -> impl Strategy<Value = NaiveDate> {
    (0_u64..2600).prop_map(|it| day("2021-01-01") + Days::new(it))
}

/// Any day at all.
fn any_day() -> impl Strategy<Value = NaiveDate> {
    let ends = NaiveDate::MIN.num_days_from_ce()..=NaiveDate::MAX.num_days_from_ce();
    ends.prop_map(|it| NaiveDate::from_num_days_from_ce_opt(it).unwrap())
}

proptest! {
    /// The n-th working day after a day is worked, and n working days after it.
    #[test]
    fn adding_and_counting_are_inverse(from in around(), n in 1_u32..1500) {
        let calendar = built_in();
        let due = calendar.add_working_days(from, n);
        prop_assert!(calendar.is_working(due));
        prop_assert_eq!(calendar.working_days_between(from, due), i64::from(n));
        prop_assert_eq!(calendar.working_days_between(due, from), -i64::from(n));
        prop_assert_eq!(calendar.working_days_between(from, due.pred_opt().unwrap()), i64::from(n) - 1);
        prop_assert_eq!(left(&calendar, Unit::WorkingDays, from, due), i64::from(n));
    }

    /// Counting agrees with a finger on the wall calendar.
    #[test]
    fn counting_agrees_with_one_day_at_a_time(from in around(), length in 0_usize..800) {
        let calendar = built_in();
        let to = from + Days::new(length as u64);
        let slowly = from.iter_days().skip(1).take(length).filter(|it| calendar.is_working(*it)).count();
        prop_assert_eq!(calendar.working_days_between(from, to), i64::try_from(slowly).unwrap());
    }

    /// Hours are counted as one counts them minute by minute, and what is added comes out again.
    #[test]
    fn working_hours_agree_with_one_minute_at_a_time(from in around(), minute in 0_i64..1440, length in 0_i64..6000) {
        let calendar = built_in();
        let from = from.and_time(NaiveTime::MIN) + TimeDelta::minutes(minute);
        let works = &calendar.hours.works;
        let at_work = |it: NaiveDateTime| {
            let hour = it.format("%H%M").to_string().parse::<u32>().unwrap();
            calendar.is_working(it.date()) && ((800..1200).contains(&hour) || (1300..1700).contains(&hour))
        };
        let slowly = (0..length).filter(|it| at_work(from + TimeDelta::minutes(*it))).count();
        let to = from + TimeDelta::minutes(length);
        prop_assert_eq!(works.between(&calendar, from, to).num_minutes(), i64::try_from(slowly).unwrap());
        prop_assert_eq!(works.between(&calendar, to, from), -works.between(&calendar, from, to));
        let long = TimeDelta::minutes(length / 4 + 1);
        let end = works.after(&calendar, from, long);
        prop_assert_eq!(works.between(&calendar, from, end), long);
        prop_assert!(works.between(&calendar, from, end - TimeDelta::minutes(1)) < long, "the earliest such moment");
    }

    #[test]
    fn no_day_is_too_far(from in any_day(), to in any_day(), n in any::<u32>()) {
        let calendar = built_in();
        prop_assert!(calendar.add_working_days(from, n) >= from);
        prop_assert!(ends(&calendar, Unit::Days, from, n) >= from);
        let between = calendar.working_days_between(from, to);
        prop_assert_eq!(between, -calendar.working_days_between(to, from));
        prop_assert!(between == 0 || (between > 0) == (to > from));
    }

    /// An office's file is anybody's text.
    #[test]
    fn no_text_makes_it_fall(own in "\\PC{0,200}", cut in 0_usize..4000) {
        let _ = Calendar::load(Some(&own));
        let text = include_str!("../../assets/calendars/china.toml");
        let _ = Calendar::load(Some(&text[..text.floor_char_boundary(cut)]));
    }
}
