//! What expressions reckon with, and how its kinds meet.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

/// How near two numbers are that count as one, in parts of the larger: sums of decimals are not exact in binary.
const NEAR: f64 = 1e-12;
/// How many digits of a number mean something; the rest comes of counting in binary.
const DIGITS: usize = 15;

/// A value. Cheap to clone: what is long is shared.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing is written, or it cannot be read. What is reckoned from it is missing too, and in a condition it is false.
    #[default]
    Missing,
    /// Words.
    Text(Arc<str>),
    /// A number, whole or not: there is only one kind.
    Number(f64),
    /// Yes or no.
    Truth(bool),
    /// A day.
    Date(NaiveDate),
    /// A day and an hour.
    Moment(NaiveDateTime),
    /// How long something takes.
    Duration(TimeDelta),
    /// Several values: the lines of a table, the marks of a choice.
    List(Arc<[Value]>),
    /// Values by name: a line of a table.
    Map(Arc<BTreeMap<String, Value>>),
}

impl Value {
    /// Words as they are written: missing where there are none.
    pub fn text(written: &str) -> Self {
        let written = written.trim();
        if written.is_empty() { Self::Missing } else { Self::Text(written.into()) }
    }

    /// A number: missing where it is none, as after dividing by nought.
    pub fn number(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::Missing }
    }

    /// The number that is written (`1,234.50`, full-width figures too): missing where it cannot be read.
    pub fn read_number(written: &str) -> Self {
        let plain = |it: char| match it {
            '０'..='９' => char::from_u32(u32::from(it) - u32::from('０') + u32::from('0')).unwrap_or(it),
            '．' => '.',
            '－' | '−' => '-',
            '，' => ',',
            _ => it,
        };
        let plain: String = written.trim().chars().map(plain).filter(|it| *it != ',').collect();
        // Words such as inf and 1e9 are no numbers that anybody writes on a sheet.
        if plain.is_empty() || !plain.chars().all(|it| it.is_ascii_digit() || matches!(it, '.' | '-' | '+')) {
            return Self::Missing;
        }
        plain.parse().map_or(Self::Missing, Self::number)
    }

    /// The lines of a table.
    pub fn rows(rows: impl IntoIterator<Item = BTreeMap<String, Self>>) -> Self {
        Self::List(rows.into_iter().map(|it| Self::Map(Arc::new(it))).collect())
    }

    /// Whether nothing is written: also of empty words and lists.
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Missing => true,
            Self::Text(it) => it.trim().is_empty(),
            Self::List(it) => it.is_empty(),
            Self::Number(_) | Self::Truth(_) | Self::Date(_) | Self::Moment(_) | Self::Duration(_) | Self::Map(_) => {
                false
            }
        }
    }

    /// What a mistake calls its kind.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Missing => "空",
            Self::Text(_) => "文字",
            Self::Number(_) => "数",
            Self::Truth(_) => "是或否",
            Self::Date(_) => "日期",
            Self::Moment(_) => "时刻",
            Self::Duration(_) => "时长",
            Self::List(_) => "一列",
            Self::Map(_) => "一行",
        }
    }

    /// How much there is to copy of it, or to compare.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Text(it) => it.len(),
            Self::List(it) => it.len() * 16,
            Self::Missing | Self::Number(_) | Self::Truth(_) | Self::Date(_) | Self::Moment(_) => 0,
            Self::Duration(_) | Self::Map(_) => 0,
        }
    }

    /// How two values of one kind stand to each other; none where they are of kinds that do not compare. A day and an
    /// hour of it count as the same: what is due on a day is in time at any hour.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(match (self, other) {
            (Self::Number(a), Self::Number(b)) => {
                if is_near(*a, *b) {
                    Ordering::Equal
                } else {
                    a.total_cmp(b)
                }
            }
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Truth(a), Self::Truth(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Moment(a), Self::Moment(b)) => a.cmp(b),
            (Self::Moment(a), Self::Date(b)) => a.date().cmp(b),
            (Self::Date(a), Self::Moment(b)) => a.cmp(&b.date()),
            (Self::Duration(a), Self::Duration(b)) => a.cmp(b),
            (Self::List(a), Self::List(b)) => {
                let apart = a.iter().zip(b.iter()).find_map(|(a, b)| match a.compare(b) {
                    Some(Ordering::Equal) => None,
                    other => Some(other),
                });
                apart.unwrap_or(Some(a.len().cmp(&b.len())))?
            }
            _ => return None,
        })
    }

    /// The day of a date or moment.
    pub(super) const fn day(&self) -> Option<NaiveDate> {
        match self {
            Self::Date(day) => Some(*day),
            Self::Moment(at) => Some(at.date()),
            _ => None,
        }
    }
}

impl From<bool> for Value {
    fn from(it: bool) -> Self {
        Self::Truth(it)
    }
}

impl From<&str> for Value {
    fn from(it: &str) -> Self {
        Self::text(it)
    }
}

impl From<f64> for Value {
    fn from(it: f64) -> Self {
        Self::number(it)
    }
}

impl From<NaiveDate> for Value {
    fn from(it: NaiveDate) -> Self {
        Self::Date(it)
    }
}

impl From<NaiveDateTime> for Value {
    fn from(it: NaiveDateTime) -> Self {
        Self::Moment(it)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(it: Option<T>) -> Self {
        it.map_or(Self::Missing, Into::into)
    }
}

/// In words, as they are printed: a missing value as nothing.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => Ok(()),
            Self::Text(it) => f.write_str(it),
            Self::Number(it) => f.write_str(&Decimal::of(*it).words()),
            Self::Truth(true) => f.write_str("是"),
            Self::Truth(false) => f.write_str("否"),
            Self::Date(it) => write!(f, "{it}"),
            Self::Moment(it) => write!(f, "{}", it.format("%Y-%m-%d %H:%M")),
            Self::Duration(it) => f.write_str(&duration_words(*it)),
            Self::List(all) => joined(f, all.iter()),
            Self::Map(all) => joined(f, all.values()),
        }
    }
}

fn joined<'a>(f: &mut fmt::Formatter<'_>, all: impl Iterator<Item = &'a Value>) -> fmt::Result {
    for (place, it) in all.filter(|it| !it.is_missing()).enumerate() {
        write!(f, "{}{it}", if place == 0 { "" } else { "、" })?;
    }
    Ok(())
}

/// 2 天 3 小时 5 分钟.
fn duration_words(duration: TimeDelta) -> String {
    let minutes = duration.num_minutes().unsigned_abs();
    let parts = [(minutes / 1440, "天"), (minutes / 60 % 24, "小时"), (minutes % 60, "分钟")];
    let parts: Vec<String> = parts.iter().filter(|it| it.0 > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    let sign = if duration < TimeDelta::zero() { "-" } else { "" };
    if parts.is_empty() { "0 分钟".to_owned() } else { format!("{sign}{}", parts.join(" ")) }
}

/// Whether two numbers differ only by what counting in binary leaves.
pub(super) fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= NEAR * a.abs().max(b.abs())
}

/// A sum, or nought where it is only what counting in binary leaves.
pub(super) fn added(a: f64, b: f64) -> f64 {
    if is_near(a, -b) { 0.0 } else { a + b }
}

/// A number as it is written: its figures and how many of them stand before the point.
pub(super) struct Decimal {
    negative: bool,
    /// Figures from 0 to 9, the first no nought unless the number is nought.
    figures: Vec<u8>,
    /// How many figures stand before the point; below nought: noughts follow the point.
    point: i32,
}

impl Decimal {
    /// The number by the digits that mean something.
    pub(super) fn of(number: f64) -> Self {
        let written = format!("{:.*e}", DIGITS - 1, number.abs());
        let (figures, power) = written.split_once('e').unwrap_or((&written, "0"));
        let mut figures: Vec<u8> = figures.bytes().filter(u8::is_ascii_digit).map(|it| it - b'0').collect();
        while figures.len() > 1 && figures.last() == Some(&0) {
            figures.pop();
        }
        Self { negative: number < 0.0, figures, point: power.parse::<i32>().unwrap_or(0) + 1 }
    }

    /// Rounded half up (四舍五入) to so many digits after the point.
    pub(super) fn rounded(mut self, digits: i32) -> Self {
        let kept = self.point + digits;
        if kept < 0 {
            return Self { negative: false, figures: vec![0], point: 1 };
        }
        let kept = usize::try_from(kept).unwrap_or(usize::MAX);
        if kept >= self.figures.len() {
            return self;
        }
        let up = self.figures[kept] >= 5;
        self.figures.truncate(kept);
        if up {
            let nines = self.figures.iter().rev().take_while(|it| **it == 9).count();
            self.figures.truncate(kept - nines);
            match self.figures.last_mut() {
                Some(last) => *last += 1,
                None => {
                    self.figures.push(1);
                    self.point += 1;
                }
            }
        }
        if self.figures.iter().all(|it| *it == 0) {
            return Self { negative: false, figures: vec![0], point: 1 };
        }
        self
    }

    /// The figures before the point, and so many after it.
    pub(super) fn parts(&self, digits: usize) -> (String, String) {
        let at = |place: i32| {
            let figure = usize::try_from(place).ok().and_then(|it| self.figures.get(it)).copied().unwrap_or(0);
            char::from(b'0' + figure)
        };
        let whole: String = if self.point > 0 { (0..self.point).map(at).collect() } else { "0".to_owned() };
        let after = (0..i32::try_from(digits).unwrap_or(0)).map(|it| at(self.point + it)).collect();
        (whole, after)
    }

    /// As it is written: no more digits than it has.
    pub(super) fn words(&self) -> String {
        let digits = i32::try_from(self.figures.len()).unwrap_or(0) - self.point;
        let (whole, after) = self.parts(usize::try_from(digits).unwrap_or(0));
        let after = after.trim_end_matches('0');
        let sign = if self.negative { "-" } else { "" };
        if after.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{after}") }
    }

    /// The number again.
    pub(super) fn number(&self) -> f64 {
        self.words().parse().unwrap_or(0.0)
    }
}
