//! Who is to be visited, where more than one package has a duty to each user: each by its own sheets and interval.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::{Customers, Touch, User, Visit, due_visits};
use crate::list::List;
use crate::procedure::{Duty, Each, FormId, Procedure};

/// Who is due to be visited on `today` by any duty, longest due first.
pub fn due_by_duty(
    procedure: &Procedure,
    lists: &BTreeMap<FormId, List>,
    customers: &Customers,
    today: NaiveDate,
) -> Vec<Visit> {
    let duties: Vec<&Duty> = procedure.document.duties().filter(|it| it.each == Some(Each::Customer)).collect();
    let owed = |it: &&&Duty| procedure.owes(it);
    let [first, _, ..] = duties.as_slice() else {
        return if duties.iter().all(|it| owed(&it)) { due_visits(customers, today) } else { Vec::new() };
    };
    let package = |id: &str| id.split_once('/').map_or(String::new(), |it| it.0.to_owned());
    let mut visits = Vec::new();
    for duty in duties.iter().filter(owed) {
        let package = package(&duty.id);
        let ours: Vec<(&FormId, &List)> = lists.iter().filter(|it| it.0.package() == package).collect();
        let interval = procedure.document.days(&duty.every).unwrap_or_default();
        for user in customers.all() {
            // What was set for a user is the interval of the first duty; that a user is not visited holds for all.
            let interval = match user.known.visit {
                Some(own) if own == 0 || duty.id == first.id => own,
                _ => interval,
            };
            let (last, begun) = touched(user, duty, &ours);
            let due = last.or(begun).filter(|_| interval > 0);
            let due = due.and_then(|it| it.checked_add_days(Days::new(interval.into()))).filter(|it| *it <= today);
            visits.extend(due.map(|due| Visit { duty: duty.id.clone(), name: user.name.clone(), last, due }));
        }
    }
    visits.sort_by(|a, b| (a.due, &a.name).cmp(&(b.due, &b.name)));
    visits
}

/// When a user was last visited by a duty, and when its package's first sheet of the user was.
fn touched(user: &User, duty: &Duty, ours: &[(&FormId, &List)]) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let (mut last, mut begun) = (None, None);
    for sheet in user.sheets.iter().filter(|it| it.touch != Touch::Gone) {
        let Some((form, _)) = ours.iter().find(|it| it.1.get(sheet.record).is_some()) else { continue };
        begun = begun.or(Some(sheet.day));
        if duty.of.contains(form) {
            last = Some(sheet.day);
        }
    }
    (last, begun)
}
