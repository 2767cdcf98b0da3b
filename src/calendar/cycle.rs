//! Years, quarters and months: the stretches for which something is made once.

use std::fmt;

use chrono::{Datelike as _, Months, NaiveDate};
use serde::Deserialize;

/// How often something is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cycle {
    /// Once a calendar year.
    Year,
    /// Once a quarter.
    Quarter,
    /// Once a month.
    Month,
}

/// A year, a quarter or a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    first: NaiveDate,
    last: NaiveDate,
}

impl Cycle {
    const fn months(self) -> u32 {
        match self {
            Self::Year => 12,
            Self::Quarter => 3,
            Self::Month => 1,
        }
    }

    /// The stretch a day lies in; none at the calendar's very end.
    pub fn of(self, day: NaiveDate) -> Option<Span> {
        let month = day.month0() / self.months() * self.months();
        let first = NaiveDate::from_ymd_opt(day.year(), month + 1, 1)?;
        Some(Span { first, last: first.checked_add_months(Months::new(self.months()))?.pred_opt()? })
    }

    /// Reads a stretch as people write it: 2026年, 2026年度; 2026年第4季度, 2026年四季度, 2026-Q4; 2026年11月, 2026-11. A day
    /// stands for the stretch it lies in.
    pub fn read(self, text: &str) -> Option<Span> {
        let figures = "一二三四".chars().zip("1234".chars());
        let plain = |it: char| match it {
            '０'..='９' => char::from_u32(u32::from(it) - u32::from('０') + u32::from('0')).unwrap_or(it),
            _ => figures.clone().find(|(word, _)| *word == it).map_or(it, |(_, figure)| figure),
        };
        let text: String = text.trim().chars().map(plain).collect();
        let words = |it: char| !it.is_ascii_digit();
        // Figures that are too long are no year.
        let numbers = text.split(words).filter(|it| !it.is_empty()).map(str::parse::<u32>);
        let numbers: Vec<u32> = numbers.collect::<Result<_, _>>().ok()?;
        let said = |word: &str| text.contains(word);
        let (year, month) = match (self, numbers.as_slice()) {
            (Self::Year, [year]) => (*year, 1),
            (Self::Quarter, [year, quarter]) if said("季") || said("Q") || said("q") => {
                (*year, quarter.checked_sub(1)?.checked_mul(3)?.checked_add(1)?)
            }
            (Self::Month, [year, month]) => (*year, *month),
            (_, [year, month, _]) => (*year, *month),
            _ => return None,
        };
        let year = i32::try_from(year).ok().filter(|it| (1900..=2200).contains(it))?;
        self.of(NaiveDate::from_ymd_opt(year, month, 1)?)
    }

    /// What a stretch is called: 2026年, 2026年第4季度, 2026年11月.
    pub fn name(self, span: Span) -> String {
        let (year, month) = (span.first.year(), span.first.month());
        match self {
            Self::Year => format!("{year}年"),
            Self::Quarter => format!("{year}年第{}季度", month.div_ceil(3)),
            Self::Month => format!("{year}年{month}月"),
        }
    }

    /// The stretch before another.
    pub fn before(self, span: Span) -> Option<Span> {
        self.of(span.first.pred_opt()?)
    }

    /// The stretch after another.
    pub fn after(self, span: Span) -> Option<Span> {
        self.of(span.last.succ_opt()?)
    }
}

impl Span {
    /// Its first day.
    pub const fn first(self) -> NaiveDate {
        self.first
    }

    /// Its last day.
    pub const fn last(self) -> NaiveDate {
        self.last
    }

    /// Whether a day lies in it.
    pub fn holds(self, day: NaiveDate) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}至{}", self.first, self.last)
    }
}
