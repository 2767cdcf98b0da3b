//! What the lines of a typed register owe, and how a line gives way to a later one.

use chrono::{Datelike as _, NaiveDate};
use serde::Deserialize;

use super::{FieldId, Form, Register};

/// A check of each line that is owed once a calendar year (年度核对).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Yearly {
    /// The cell with the day on which the line was checked last: it is written again each year, whoever signed the line.
    pub field: FieldId,
    /// From which day of the year on it is owed: `10-01`.
    #[serde(default)]
    pub from: MonthDay,
}

/// A day of any year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct MonthDay(u32, u32);

impl MonthDay {
    /// The day in the year of another day.
    pub fn in_year_of(self, day: NaiveDate) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(day.year(), self.0, self.1)
    }
}

impl Default for MonthDay {
    fn default() -> Self {
        Self(1, 1)
    }
}

impl TryFrom<String> for MonthDay {
    type Error = &'static str;

    fn try_from(written: String) -> Result<Self, Self::Error> {
        let day = written.split_once('-').and_then(|(month, day)| Some((month.parse().ok()?, day.parse().ok()?)));
        // A year that is no leap year: the day is in every year.
        let day = day.filter(|(month, day)| NaiveDate::from_ymd_opt(2001, *month, *day).is_some());
        day.map(|(month, day)| Self(month, day)).ok_or("expected 月-日，如 10-01")
    }
}

/// How a line gives way to a later one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replaced {
    /// The cell in which the later line names the earlier one, by its number.
    pub names: FieldId,
    /// The cell of the earlier line with the day on which it ended.
    pub ends: FieldId,
}

impl Register {
    /// The cells that these name, with the path of each.
    pub(super) fn of_lines(&self) -> impl Iterator<Item = (&'static str, &FieldId)> {
        let yearly = self.yearly.iter().map(|it| ("register.yearly.field", &it.field));
        let replaced = self.replaced.iter();
        yearly.chain(
            replaced.flat_map(|it| [("register.replaced.names", &it.names), ("register.replaced.ends", &it.ends)]),
        )
    }
}

impl Form {
    /// Whether a cell is written again each year, whatever was signed before.
    pub fn is_rechecked(&self, field: &FieldId) -> bool {
        self.register.iter().filter_map(|it| it.yearly.as_ref()).any(|it| it.field == *field)
    }
}
