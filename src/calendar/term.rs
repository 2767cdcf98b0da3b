//! How long something may take: so many minutes, hours, working hours, days, working days, months.

use std::fmt;

use chrono::{Days, Months, NaiveDateTime, NaiveTime, TimeDelta};

use super::{Calendar, end_of};

/// The longest term, in any unit.
const LONGEST: u32 = 100_000;
/// What a term may be, as a mistake says it.
const FORM: &str =
    "期限应写成 \"2 working days\"；可用 minutes、hours、working hours、service hours、days、working days、months";

/// What a term is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Minutes by the clock.
    Minutes,
    /// Hours by the clock, nights and holidays too.
    Hours,
    /// Hours in which the works are at work.
    WorkingHours,
    /// Hours in which users are served.
    ServiceHours,
    /// Days of the calendar.
    Days,
    /// Working days.
    WorkingDays,
    /// Months of the calendar.
    Months,
}

/// A term: how long something may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

/// A term that cannot be read; its words say what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermError;

impl fmt::Display for TermError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(FORM)
    }
}

impl std::error::Error for TermError {}

impl Unit {
    const NAMES: [(&'static str, Self); 7] = [
        ("minute", Self::Minutes),
        ("hour", Self::Hours),
        ("working hour", Self::WorkingHours),
        ("service hour", Self::ServiceHours),
        ("day", Self::Days),
        ("working day", Self::WorkingDays),
        ("month", Self::Months),
    ];

    /// The unit called so, with or without an s: `working days`.
    pub fn parse(written: &str) -> Option<Self> {
        let words: Vec<&str> = written.split_whitespace().collect();
        let name = words.join(" ");
        let name = name.strip_suffix('s').unwrap_or(&name);
        Self::NAMES.into_iter().find(|it| it.0 == name).map(|it| it.1)
    }

    /// Whether it is finer than a day, so that hours are shown.
    pub const fn is_of_hours(self) -> bool {
        match self {
            Self::Minutes | Self::Hours | Self::WorkingHours | Self::ServiceHours => true,
            Self::Days | Self::WorkingDays | Self::Months => false,
        }
    }

    /// How many are left on `now` until `due`, in days; below nought when overdue. In working days it stays nought over the
    /// days off that follow `due`: no working day has been lost yet.
    pub fn days_left(self, calendar: &Calendar, now: NaiveDateTime, due: NaiveDateTime) -> i64 {
        match self {
            Self::WorkingDays | Self::WorkingHours => calendar.working_days_between(now.date(), due.date()),
            Self::Minutes | Self::Hours | Self::ServiceHours | Self::Days | Self::Months => {
                due.date().signed_duration_since(now.date()).num_days()
            }
        }
    }

    /// How long there is from `now` until `due` by the hours that count; below nought when overdue.
    pub fn left(self, calendar: &Calendar, now: NaiveDateTime, due: NaiveDateTime) -> TimeDelta {
        match self {
            Self::WorkingHours => calendar.hours.works.between(calendar, now, due),
            Self::ServiceHours => calendar.hours.service.between(calendar, now, due),
            Self::Minutes | Self::Hours | Self::Days | Self::WorkingDays | Self::Months => {
                due.signed_duration_since(now)
            }
        }
    }

    /// The due moment of a term that is counted in hours and stood still from one moment until another: what was left of it
    /// is left again. One that is counted in days is put off by whole days, by [`Unit::later`].
    pub fn put_off(
        self,
        calendar: &Calendar,
        due: NaiveDateTime,
        from: NaiveDateTime,
        until: NaiveDateTime,
    ) -> NaiveDateTime {
        let left = self.left(calendar, from, due);
        match self {
            Self::Minutes | Self::Hours => until.checked_add_signed(left).unwrap_or(NaiveDateTime::MAX),
            Self::WorkingHours => calendar.hours.works.after(calendar, until, left),
            Self::ServiceHours => calendar.hours.service.after(calendar, until, left),
            Self::Days | Self::Months | Self::WorkingDays => due,
        }
    }

    /// How long something stood still of what counts in days, from one moment until another.
    pub fn stood(self, calendar: &Calendar, from: NaiveDateTime, until: NaiveDateTime) -> TimeDelta {
        match self {
            Self::WorkingDays => {
                let gone = |it: NaiveDateTime| it.signed_duration_since(it.date().and_time(NaiveTime::MIN));
                let of_work =
                    |it: NaiveDateTime| if calendar.is_working(it.date()) { gone(it) } else { TimeDelta::zero() };
                // Working days begin behind the first day: of that one the rest counts, of the last what is gone of it.
                let days = TimeDelta::days(calendar.working_days_between(from.date(), until.date()));
                let last = if calendar.is_working(until.date()) { TimeDelta::days(1) } else { TimeDelta::zero() };
                let first = if calendar.is_working(from.date()) { TimeDelta::days(1) } else { TimeDelta::zero() };
                days - last + of_work(until) + first - of_work(from)
            }
            Self::Minutes | Self::Hours | Self::WorkingHours | Self::ServiceHours | Self::Days | Self::Months => {
                until.signed_duration_since(from)
            }
        }
    }

    /// The due moment of a term that is counted in days, later by the whole days of what it stood still in all.
    pub fn later(self, calendar: &Calendar, due: NaiveDateTime, stood: TimeDelta) -> NaiveDateTime {
        let days = stood.num_days();
        match self {
            Self::Days | Self::Months if days > 0 => {
                due.date().checked_add_signed(TimeDelta::days(days)).map_or(NaiveDateTime::MAX, end_of)
            }
            Self::WorkingDays if days > 0 => {
                end_of(calendar.add_working_days(due.date(), u32::try_from(days).unwrap_or(u32::MAX)))
            }
            Self::Minutes
            | Self::Hours
            | Self::WorkingHours
            | Self::ServiceHours
            | Self::Days
            | Self::Months
            | Self::WorkingDays => due,
        }
    }

    /// How long a due moment is past or ahead, in what counts: 超 3 个工作日, 今天到期, 还有 3 小时.
    pub fn left_words(self, calendar: &Calendar, now: NaiveDateTime, due: NaiveDateTime) -> String {
        let past = due < now;
        let said = if self.is_of_hours() {
            let minutes = self.left(calendar, now, due).num_minutes().unsigned_abs();
            let of_work = if self == Self::WorkingHours { "个工作" } else { "" };
            match minutes {
                0 if !past => return "现在到期".to_owned(),
                0 => String::new(),
                1..60 => format!("{minutes} 分钟"),
                _ => format!("{} {of_work}小时", minutes / 60),
            }
        } else {
            if due.date() == now.date() && !past {
                return "今天到期".to_owned();
            }
            match self.days_left(calendar, now, due).unsigned_abs() {
                // Over days off no working day is lost, and the date is past all the same.
                0 if past => String::new(),
                days if self == Self::WorkingDays => format!("{days} 个工作日"),
                days => format!("{days} 天"),
            }
        };
        match (past, said.is_empty()) {
            (true, true) => "已过期".to_owned(),
            (true, false) => format!("超 {said}"),
            (false, _) => format!("还有 {said}"),
        }
    }
}

impl Term {
    /// Reads a term: `2 working days`.
    ///
    /// # Errors
    /// What is allowed.
    pub fn parse(written: &str) -> Result<Self, TermError> {
        let (count, unit) = written.trim().split_once(char::is_whitespace).ok_or(TermError)?;
        let count = count.parse().ok().filter(|it| *it <= LONGEST).ok_or(TermError)?;
        Ok(Self { count, unit: Unit::parse(unit).ok_or(TermError)? })
    }

    /// The moment by which the term is over that begins at `start`: of days and months the end of the last day.
    pub fn from(self, calendar: &Calendar, start: NaiveDateTime) -> NaiveDateTime {
        let (day, count) = (start.date(), self.count);
        let of_day = |day: Option<_>| day.map_or(NaiveDateTime::MAX, end_of);
        match self.unit {
            Unit::Minutes => start.checked_add_signed(TimeDelta::minutes(count.into())).unwrap_or(NaiveDateTime::MAX),
            Unit::Hours => start.checked_add_signed(TimeDelta::hours(count.into())).unwrap_or(NaiveDateTime::MAX),
            Unit::WorkingHours => calendar.hours.works.after(calendar, start, TimeDelta::hours(count.into())),
            Unit::ServiceHours => calendar.hours.service.after(calendar, start, TimeDelta::hours(count.into())),
            Unit::Days => of_day(day.checked_add_days(Days::new(count.into()))),
            Unit::WorkingDays => end_of(calendar.add_working_days(day, count)),
            Unit::Months => of_day(day.checked_add_months(Months::new(count))),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Minutes => "分钟",
            Unit::Hours => "小时",
            Unit::WorkingHours => "个工作小时",
            Unit::ServiceHours => "个服务小时",
            Unit::Days => "天",
            Unit::WorkingDays => "个工作日",
            Unit::Months => "个月",
        };
        write!(f, "{} {unit}", self.count)
    }
}
