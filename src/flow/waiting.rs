//! Waiting for somebody (等待): what may be put down about it, so that no clock that ran out is taken back unseen.

use chrono::{NaiveDate, NaiveDateTime};

use super::{Refusal, RefusalKind, clocks, shut};
use crate::procedure::{Form, Procedure};
use crate::record::{Deed, Record, Wait, read_date, read_moment};

/// Why it may not be put down now that somebody is waited for, or no more, where it may not.
pub fn waiting_refusal(
    procedure: &Procedure,
    form: &Form,
    record: &Record,
    deed: &Deed,
    now: NaiveDateTime,
) -> Option<Refusal> {
    let refused = |kind| Some(Refusal::plain(kind));
    let (Deed::Waits { whom, since: written, .. } | Deed::Resumes { whom, on: written }) = deed else { return None };
    if let Some(why) = shut(form, record) {
        return Some(why);
    }
    if record.filed().is_some() {
        return refused(RefusalKind::WaitFiled);
    }
    let Some(moment) = read_moment(written, None).filter(|it| *it <= now) else {
        return refused(RefusalKind::WaitUnread);
    };
    let waits = record.waits();
    let lasting: Vec<&Wait<'_>> = waits.iter().filter(|it| it.until.is_none() && it.whom == whom).collect();
    let Deed::Waits { why, .. } = deed else {
        let Some(since) = lasting.iter().map(|it| it.since).max() else {
            return refused(RefusalKind::NotWaiting(whom.clone()));
        };
        return if moment < since { refused(RefusalKind::WaitBackwards(since)) } else { None };
    };
    if !lasting.is_empty() {
        return refused(RefusalKind::Waiting(whom.clone()));
    }
    if let Some((stage, day)) = last_signed(form, record).filter(|it| moment.date() < it.1) {
        return refused(RefusalKind::WaitSigned(stage.to_owned(), day));
    }
    let ran_out = clocks(procedure, form, record).into_iter().find_map(|(place, running)| {
        let clock = form.clocks.get(place).filter(|it| it.waits.contains(whom))?;
        let due = running.due.filter(|it| it.proposed && running.done.is_none())?;
        (moment < due.at && due.at < now).then(|| clock.name.clone())
    });
    ran_out.filter(|_| why.trim().is_empty()).and_then(|it| refused(RefusalKind::WaitLate(it)))
}

/// The last day on which a stage was signed, and its name.
fn last_signed<'a>(form: &'a Form, record: &Record) -> Option<(&'a str, NaiveDate)> {
    let day = |date: &str| read_date(record.latest(form, date), None);
    let signed = form.stages.iter().filter_map(|it| Some((it.name.as_str(), day(it.date.as_ref()?.as_str())?)));
    signed.max_by_key(|it| it.1)
}
