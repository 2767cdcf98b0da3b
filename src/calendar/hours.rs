//! Hours that are worked, and counting with them.

use std::fmt;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use serde::Deserialize;

use super::{Calendar, Special};

const DAY: i64 = 86_400;
/// The most pieces of a day.
const MANY: usize = 8;
/// How hours are written, where they are not.
const FORM: &str = "上班时间应写成 [\"8:00-12:00\", \"13:00-17:00\"]，从早到晚，不重叠";

/// The hours of an office, by what they are for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OfficeHours {
    /// When the works are at work.
    pub works: Hours,
    /// When users are served.
    pub service: Hours,
}

impl Default for OfficeHours {
    fn default() -> Self {
        Self { works: Hours::default(), service: Hours { days: Worked::Every, pieces: vec![(9 * 3600, 17 * 3600)] } }
    }
}

/// Hours of the day, and the days on which they are worked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Hours {
    days: Worked,
    /// From and to, in seconds of the day, in order.
    pieces: Vec<(i64, i64)>,
}

/// On which days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Worked {
    /// On working days.
    #[default]
    Working,
    /// On working days, and on Saturdays that are no holidays.
    Saturday,
    /// Every day, holidays too.
    Every,
}

/// Hours as a file has them: the pieces alone, or with the days.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Pieces(Vec<String>),
    Days { days: Worked, hours: Vec<String> },
}

impl TryFrom<Written> for Hours {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let (days, pieces) = match written {
            Written::Pieces(pieces) => (Worked::Working, pieces),
            Written::Days { days, hours } => (days, hours),
        };
        let pieces = pieces.iter().map(|it| piece(it)).collect::<Option<Vec<(i64, i64)>>>();
        let pieces = pieces.filter(|it| (1..=MANY).contains(&it.len()) && it.windows(2).all(|it| it[0].1 <= it[1].0));
        Ok(Self { days, pieces: pieces.ok_or(FORM)? })
    }
}

/// `8:00-12:00`, in seconds of the day; the day may end at 24:00.
fn piece(written: &str) -> Option<(i64, i64)> {
    let time = |written: &str| {
        let (hour, minute) = written.trim().split_once(':')?;
        let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
        let second = hour * 3600 + minute * 60;
        ((0..24).contains(&hour) && (0..60).contains(&minute) || second == DAY).then_some(second)
    };
    let (from, to) = written.split_once(['-', '–', '—', '～', '~'])?;
    let piece = (time(from)?, time(to)?);
    (piece.0 < piece.1).then_some(piece)
}

/// The works' hours where nothing else is said: 8:00 to 12:00 and 13:00 to 17:00 on working days.
impl Default for Hours {
    fn default() -> Self {
        Self { days: Worked::Working, pieces: vec![(8 * 3600, 12 * 3600), (13 * 3600, 17 * 3600)] }
    }
}

/// As a file has them, without the days: 8:00-12:00、13:00-17:00.
impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (from, to)) in self.pieces.iter().enumerate() {
            let time = |it: &i64| format!("{}:{:02}", it / 3600, it / 60 % 60);
            write!(f, "{}{}-{}", if place == 0 { "" } else { "、" }, time(from), time(to))?;
        }
        Ok(())
    }
}

impl Hours {
    /// How long one works between two moments; below nought where `to` is the earlier.
    pub fn between(&self, calendar: &Calendar, from: NaiveDateTime, to: NaiveDateTime) -> TimeDelta {
        TimeDelta::seconds(self.worked_until(calendar, to) - self.worked_until(calendar, from))
    }

    /// The moment by which one has worked so long after `from`: the earliest, so that a day's hours end on that day.
    pub fn after(&self, calendar: &Calendar, from: NaiveDateTime, long: TimeDelta) -> NaiveDateTime {
        if long <= TimeDelta::zero() {
            return from;
        }
        let wanted = self.worked_until(calendar, from).saturating_add(long.num_seconds());
        let (mut low, mut high) = (from.date().num_days_from_ce(), NaiveDate::MAX.num_days_from_ce());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.days_until(calendar, middle) * self.a_day() < wanted {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let Some(day) = NaiveDate::from_num_days_from_ce_opt(low) else { return NaiveDateTime::MAX };
        let mut left = wanted - self.days_until(calendar, low - 1) * self.a_day();
        for (start, end) in &self.pieces {
            if left <= end - start {
                let second = TimeDelta::seconds(start + left.max(0));
                return day.and_time(NaiveTime::MIN).checked_add_signed(second).unwrap_or(NaiveDateTime::MAX);
            }
            left -= end - start;
        }
        NaiveDateTime::MAX
    }

    /// Seconds of a day's hours.
    fn a_day(&self) -> i64 {
        self.pieces.iter().map(|(from, to)| to - from).sum()
    }

    /// Seconds worked up to a moment, from a beginning that is the same for all.
    fn worked_until(&self, calendar: &Calendar, at: NaiveDateTime) -> i64 {
        let day = at.date().num_days_from_ce();
        let before = self.days_until(calendar, day - 1);
        let today = self.days_until(calendar, day) - before;
        let second = i64::from(at.time().num_seconds_from_midnight());
        let passed: i64 = self.pieces.iter().map(|(from, to)| (second.min(*to) - from).max(0)).sum();
        before * self.a_day() + today * passed
    }

    /// Days with these hours up to and including the day of this number.
    fn days_until(&self, calendar: &Calendar, day: i32) -> i64 {
        match self.days {
            Worked::Every => i64::from(day),
            Worked::Working => calendar.worked_until(day),
            Worked::Saturday => {
                // Day 1 is a Monday. A Saturday that has a name of its own is off, or worked and counted already.
                let named = |it: &(NaiveDate, &Special)| {
                    it.0.num_days_from_ce() <= day && it.0.weekday().number_from_monday() == 6
                };
                let named = calendar.days.iter().map(|it| (*it.0, it.1)).filter(named).count();
                calendar.worked_until(day) + i64::from((day + 1).div_euclid(7)) - i64::try_from(named).unwrap_or(0)
            }
        }
    }
}

/// The end of a day: terms in days run until then.
pub fn end_of(day: NaiveDate) -> NaiveDateTime {
    day.and_hms_opt(23, 59, 59)
        .unwrap_or_else(|| day.checked_add_days(Days::new(1)).unwrap_or(day).and_time(NaiveTime::MIN))
}
