//! What the lines of a typed register owe, and which are over.

use chrono::{Datelike as _, NaiveDate};

use super::day_of;
use crate::procedure::{Form, Register};
use crate::record::{Record, read_day};

/// Whether a line is over: a later one took its place, or what it tells of was given back.
pub fn is_ended(register: &Register, form: &Form, record: &Record) -> bool {
    register.replaced.as_ref().is_some_and(|it| !record.latest(form, it.ends.as_str()).trim().is_empty())
}

/// Whether the yearly check of a line is owed on `today`. Writing a line checks it for that year.
pub fn is_unchecked(register: &Register, form: &Form, record: &Record, today: NaiveDate) -> bool {
    let Some(yearly) = &register.yearly else { return false };
    let owed = yearly.from.in_year_of(today).is_some_and(|it| it <= today);
    let written = day_of(register, form, record).year();
    let checked = read_day(record.latest(form, yearly.field.as_str())).map_or(written, |it| it.year().max(written));
    owed && checked < today.year() && record.void.is_none() && !is_ended(register, form, record)
}
