//! Which days and hours are worked in China (法定节假日放假、调休上班), and counting with them; terms. Pure.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

mod cycle;
mod hours;
mod term;
pub use cycle::{Cycle, Span};
pub use hours::{Hours, OfficeHours, end_of};
pub use term::{Term, TermError, Unit};

/// The calendar of the program's own.
pub const BUILT_IN: &str = include_str!("../assets/calendars/china.toml");
const BUILT_IN_NAME: &str = "china.toml";

/// The name of an office's own calendar, beside the book.
pub const OWN_FILE: &str = "calendar.toml";

/// What [`Calendar::name`] calls a weekend day on which one works.
const MAKE_UP: &str = "调休上班";
/// The longest holiday, in days: a longer one is a month mistyped. A longer shutdown is written in two pieces.
const LONGEST: i64 = 31;
/// The longest name or notice, in characters: it stands in a small place.
const LONGEST_LINE: usize = 40;
/// How a date is written, where it was not.
const DATE_FORM: &str = "日期应写成 2026-02-05：月、日各两位，不加引号，要有这一天";

/// A mistake in a calendar's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarError {
    /// The file.
    pub file: String,
    /// Line and column, from 1, where they are known.
    pub place: Option<(usize, usize)>,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "读取日历文件 {}", self.file)?;
        if let Some((line, column)) = self.place {
            write!(f, " 第 {line} 行第 {column} 列")?;
        }
        write!(f, "：{}", self.message)
    }
}

impl std::error::Error for CalendarError {}

/// Which days are working days. The default knows no year: Monday to Friday are worked, in every year.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// The years it knows, with the notice each rests on.
    notices: BTreeMap<i32, String>,
    days: BTreeMap<NaiveDate, Special>,
    /// For each day in `days`, by number: how many more days (or fewer, below nought) are worked, from the first of them
    /// up to and including this one, than the weeks alone would say.
    balance: Vec<(i32, i64)>,
    /// The hours of a day.
    pub hours: OfficeHours,
}

/// A day that is not what its place in the week says, or has a name.
#[derive(Clone, Debug)]
enum Special {
    /// A day off (放假), by its name.
    Off(String),
    /// Worked in exchange (调休上班).
    On,
}

impl Calendar {
    /// The calendar as built in; the years that the office's `own` file (the text of [`OWN_FILE`]) names replace the
    /// built-in ones whole. A year may write days of the December before it; where two years do not agree on such a
    /// day the later year's notice holds.
    ///
    /// # Errors
    /// The first mistake found, with file, line, column and what is allowed.
    pub fn load(own: Option<&str>) -> Result<Self, CalendarError> {
        let mut years = read(BUILT_IN_NAME, BUILT_IN)?;
        if let Some(text) = own {
            years.extend(read(OWN_FILE, text)?);
        }
        let mut calendar = Self::default();
        for (year, (notice, days)) in years {
            calendar.notices.insert(year, notice);
            calendar.days.extend(days);
        }
        let mut sum = 0;
        for &day in calendar.days.keys() {
            sum += i64::from(calendar.is_working(day)) - i64::from(is_weekday(day));
            calendar.balance.push((day.num_days_from_ce(), sum));
        }
        Ok(calendar)
    }

    /// The same days with other hours.
    pub fn with_hours(&self, hours: OfficeHours) -> Self {
        Self { hours, ..self.clone() }
    }

    /// Whether holidays of this year are known. In others only weekends are off, and whoever counts should say so.
    pub fn knows(&self, year: i32) -> bool {
        self.notices.contains_key(&year)
    }

    /// What the year's days rest on: the number of the State Council's notice (文号).
    pub fn notice(&self, year: i32) -> Option<&str> {
        self.notices.get(&year).map(String::as_str)
    }

    /// Whether the day is worked.
    pub fn is_working(&self, day: NaiveDate) -> bool {
        match self.days.get(&day) {
            Some(Special::Off(_)) => false,
            Some(Special::On) => true,
            None => is_weekday(day),
        }
    }

    /// The holiday's name (节名), or 调休上班; nothing on an ordinary day or weekend.
    pub fn name(&self, day: NaiveDate) -> Option<&str> {
        match self.days.get(&day)? {
            Special::Off(name) => Some(name),
            Special::On => Some(MAKE_UP),
        }
    }

    /// The `n`-th working day after `from`; `from` itself, worked or not, where `n` is nought. The last day there is
    /// where no such day can be named.
    pub fn add_working_days(&self, from: NaiveDate, n: u32) -> NaiveDate {
        let start = from.num_days_from_ce();
        let wanted = self.worked_until(start) + i64::from(n);
        // The first day, from `start` on, by whose end so many are worked.
        let (mut low, mut high) = (start, NaiveDate::MAX.num_days_from_ce());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.worked_until(middle) < wanted {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        NaiveDate::from_num_days_from_ce_opt(low).unwrap_or(NaiveDate::MAX)
    }

    /// The `n`-th working day before `from`; `from` itself, worked or not, where `n` is nought. None where there is none.
    pub fn take_working_days(&self, from: NaiveDate, n: u32) -> Option<NaiveDate> {
        if n == 0 {
            return Some(from);
        }
        let start = from.num_days_from_ce();
        // By its end so many are worked, less those before `from`.
        let wanted = self.worked_until(start - 1) - i64::from(n) + 1;
        let (mut low, mut high) = (NaiveDate::MIN.num_days_from_ce(), start - 1);
        while low < high {
            let middle = low + (high - low).div_euclid(2);
            if self.worked_until(middle) < wanted {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        NaiveDate::from_num_days_from_ce_opt(low).filter(|_| self.worked_until(low) == wanted)
    }

    /// How many working days there are after `from`, up to and including `to`; below nought where `to` is the earlier:
    /// then those after `to`, up to and including `from`.
    pub fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        self.worked_until(to.num_days_from_ce()) - self.worked_until(from.num_days_from_ce())
    }

    /// Working days up to and including the day of this number, from a beginning that is the same for all.
    fn worked_until(&self, day: i32) -> i64 {
        // Day 1 is a Monday.
        let weeks = i64::from(day.div_euclid(7)) * 5 + i64::from(day.rem_euclid(7).min(5));
        let past = self.balance.partition_point(|(it, _)| *it <= day);
        weeks + self.balance[..past].last().map_or(0, |(_, sum)| *sum)
    }
}

fn is_weekday(day: NaiveDate) -> bool {
    day.weekday().num_days_from_monday() < 5
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    year: Vec<Year>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    year: Spanned<i64>,
    notice: Spanned<String>,
    holidays: Vec<Holiday>,
    workdays: Vec<Spanned<Datetime>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: Spanned<String>,
    from: Spanned<Datetime>,
    to: Spanned<Datetime>,
}

/// Where in the text, in bytes, and what.
type Wrong = (usize, String);
type SpecialDays = BTreeMap<NaiveDate, Special>;

/// The years of a file, each with its notice and its days.
fn read(file: &str, text: &str) -> Result<BTreeMap<i32, (String, SpecialDays)>, CalendarError> {
    // Some editors put a mark before the first letter.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let located = |at: Option<usize>, message| {
        let place = at.map(|at| {
            let before = &text[..text.floor_char_boundary(at)];
            let line_start = before.rfind('\n').map_or(0, |it| it + 1);
            (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
        });
        CalendarError { file: file.to_owned(), place, message }
    };
    let written: File =
        toml::from_str(text).map_err(|error| located(error.span().map(|it| it.start), in_chinese(error.message())))?;
    let mut years = BTreeMap::new();
    for year in written.year {
        let (number, days) = check(&year).map_err(|(at, message)| located(Some(at), message))?;
        if years.insert(number, (year.notice.into_inner(), days)).is_some() {
            return Err(located(Some(year.year.span().start), format!("{number} 年写了两次")));
        }
    }
    Ok(years)
}

/// What the shape of the file cannot say: days that lie in their year, in order, each of one kind only.
fn check(written: &Year) -> Result<(i32, SpecialDays), Wrong> {
    let year = i32::try_from(*written.year.get_ref()).ok().filter(|it| (2000..2200).contains(it));
    let year = year.ok_or_else(|| (written.year.span().start, "年份应在 2000 到 2199 之间".to_owned()))?;
    one_line(&written.notice)?;
    let inside = |written: &Spanned<Datetime>| {
        let at = written.span().start;
        let Datetime { date: Some(date), time: None, offset: None } = *written.get_ref() else {
            return Err((at, DATE_FORM.to_owned()));
        };
        let day = NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into());
        let day = day.ok_or_else(|| (at, DATE_FORM.to_owned()))?;
        if day.year() == year || (day.year() == year - 1 && day.month() == 12) {
            return Ok(day);
        }
        Err((at, format!("{day} 不在 {year} 年（上年 12 月的也可以写）")))
    };
    let mut days = SpecialDays::new();
    for holiday in &written.holidays {
        let name = one_line(&holiday.name)?;
        let (from, to) = (inside(&holiday.from)?, inside(&holiday.to)?);
        let at = holiday.to.span().start;
        if to < from {
            return Err((at, format!("“{name}”的最后一天 {to} 早于第一天 {from}")));
        }
        if to.signed_duration_since(from).num_days() >= LONGEST {
            return Err((at, format!("“{name}”从 {from} 到 {to} 超过 {LONGEST} 天；确实这样长的分两段写")));
        }
        for day in from.iter_days().take_while(|it| *it <= to) {
            if let Some(Special::Off(other)) = days.insert(day, Special::Off(name.to_owned())) {
                return Err((holiday.from.span().start, format!("“{name}”的 {day} 已写在“{other}”里")));
            }
        }
    }
    for date in &written.workdays {
        let day = inside(date)?;
        let message = match days.insert(day, Special::On) {
            Some(Special::Off(name)) => format!("{day} 是“{name}”放假，不能又是调休上班"),
            Some(Special::On) => format!("{day} 写了两次"),
            None if is_weekday(day) => format!("{day} 不是周末，本来就上班，不用写"),
            None => continue,
        };
        return Err((date.span().start, message));
    }
    Ok((year, days))
}

/// A name or notice that can be shown.
fn one_line(text: &Spanned<String>) -> Result<&str, Wrong> {
    let line = text.get_ref();
    if line.trim().is_empty() || line.chars().count() > LONGEST_LINE || line.chars().any(char::is_control) {
        return Err((text.span().start, format!("应是一行字，1 到 {LONGEST_LINE} 个字")));
    }
    Ok(line)
}

/// serde's and toml's sentences, in the clerk's language; what is quoted in them stays.
fn in_chinese(message: &str) -> String {
    let has = |words: &str| message.contains(words);
    if has("$__toml_private_datetime") {
        return "放假应写成 { name = \"元旦\", from = 2026-01-01, to = 2026-01-03 }".to_owned();
    }
    if has("invalid date") || has("expected a TOML datetime") {
        return DATE_FORM.to_owned();
    }
    if ["missing comma", "must be quoted", "invalid basic string"].into_iter().any(has) {
        return "少了逗号或引号，或写成了中文的；都要用英文的 , 和 \"".to_owned();
    }
    if has("invalid type") {
        let wanted = [
            ("expected i64", "不加引号的整数，如 2026"),
            ("expected a sequence", "方括号 [ ] 括起的一列"),
            ("expected a string", "引号 \" 括起的文字"),
        ];
        let wanted = wanted.into_iter().find(|(it, _)| has(it)).map_or("另一种写法，参照自带的日历", |(_, it)| it);
        return format!("类型不对，应为{wanted}");
    }
    if ["unknown field", "missing field", "duplicate key"].into_iter().any(has) {
        return message
            .replace("unknown field ", "不认识的项 ")
            .replace("missing field ", "缺少项 ")
            .replace("duplicate key", "这一项写了两次")
            .replace(", expected one of ", "，可用：")
            .replace(", expected ", "，可用：");
    }
    format!("写法不对（{message}）")
}
