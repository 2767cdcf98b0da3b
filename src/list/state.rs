//! States of a sheet that pages count by and lists are filtered by.

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use super::Summary;
use crate::flow::Standing;

/// A state of a sheet; its word, typed as a filter, shows the sheets that are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It, or something that follows from it, is past its date.
    Overdue,
    /// It, or something that follows from it, is due by Sunday.
    ThisWeek,
    /// Somebody is to sign it.
    Waiting,
    /// Somebody is waited for, and its clocks stand still.
    Paused,
    /// A copy of it is out of the house (4.5.1).
    Out,
    /// It is signed, and was passed on to nobody (4.4).
    NotPassedOn,
    /// Something that follows from it is not done (4.2).
    FollowUp,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Overdue, Self::ThisWeek, Self::Waiting, Self::Paused, Self::Out, Self::NotPassedOn, Self::FollowUp];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Overdue => "超期",
            Self::ThisWeek => "本周到期",
            Self::Waiting => "等待签署",
            Self::Paused => "停着等待",
            Self::Out => "纸在外面",
            Self::NotPassedOn => "待传递",
            Self::FollowUp => "跟踪事项",
        }
    }

    /// Whether a sheet is in it now. What is void, filed or destroyed owes nothing; but what follows from filed
    /// minutes is owed until it is done (4.2).
    pub fn holds(self, of: &Summary, now: NaiveDateTime) -> bool {
        let today = now.date();
        let follows = match self {
            Self::Overdue | Self::ThisWeek | Self::FollowUp => of.standing == Standing::Filed,
            Self::Waiting | Self::Paused | Self::Out | Self::NotPassedOn => false,
        };
        if of.is_over() && !follows {
            return false;
        }
        let due = of.due.filter(|_| !of.is_over());
        let follows = |within: &dyn Fn(NaiveDate) -> bool| {
            of.deeds.as_ref().is_some_and(|it| it.open.iter().any(|it| it.3.is_some_and(within)))
        };
        let week = today..=week_end(today);
        match self {
            Self::Overdue => due.is_some_and(|it| it.is_past(now)) || follows(&|it| it < today),
            Self::ThisWeek => {
                let near = due.is_some_and(|it| !it.is_past(now) && week.contains(&it.day()));
                near || follows(&|it| week.contains(&it))
            }
            Self::Waiting => matches!(of.standing, Standing::At(_)),
            Self::Paused => of.deeds.as_ref().is_some_and(|it| !it.waits.is_empty()),
            Self::Out => of.deeds.as_ref().is_some_and(|it| it.copies.iter().any(|it| it.1.out())),
            Self::NotPassedOn => {
                let passed_on = of.deeds.as_ref().map_or(0, |it| it.passed_on);
                of.passes_on && of.standing == Standing::Done && passed_on == 0
            }
            Self::FollowUp => of.deeds.as_ref().is_some_and(|it| !it.open.is_empty()),
        }
    }
}

/// The Sunday that ends the week.
pub fn week_end(today: NaiveDate) -> NaiveDate {
    let days = 6 - u64::from(today.weekday().num_days_from_monday());
    today.checked_add_days(chrono::Days::new(days)).unwrap_or(today)
}
