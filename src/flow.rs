//! Where a sheet stands, and what is owed on it. Pure: derived from what is written.

use chrono::NaiveDate;

use crate::procedure::Form;
use crate::record::{Record, read_date};

/// Where a sheet stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// This stage of the form is next, counted from nought.
    At(usize),
    /// Every stage is done.
    Done,
    /// Voided (作废).
    Void,
}

/// Where the sheet stands: its first stage whose field is empty.
pub fn standing(form: &Form, record: &Record) -> Standing {
    if record.void.is_some() {
        return Standing::Void;
    }
    let open = form.stages.iter().position(|it| record.latest(form, it.by.as_str()).trim().is_empty());
    open.map_or(Standing::Done, Standing::At)
}

/// What the screen calls the standing.
pub fn standing_name(form: &Form, standing: Standing) -> &str {
    match standing {
        Standing::At(stage) => form.stages.get(stage).map_or("", |it| &it.name),
        Standing::Done => "归档",
        Standing::Void => "作废",
    }
}

/// By how many days the sheet is past its date (完成期限) on `today`; nought or less means days left. `None` where
/// nothing is owed: no readable date, the work is verified, or the sheet is void.
pub fn days_over(form: &Form, record: &Record, today: NaiveDate) -> Option<i64> {
    let identity = form.identity.as_ref()?;
    let (due, done) = (identity.due.as_ref()?, identity.done.as_ref()?);
    if record.void.is_some() || !record.latest(form, done.as_str()).trim().is_empty() {
        return None;
    }
    let due = read_date(record.latest(form, due.as_str()), None)?;
    Some((today - due).num_days())
}
