//! A new sheet of a form of which one is made each year, quarter or month says for which it is.

use super::App;
use crate::calendar::{Cycle, Span};
use crate::flow::{Standing, missing};

impl App {
    /// Puts on the new sheet on the desk the first stretch for which one is missing.
    pub(super) fn propose_span(&mut self) {
        let today = self.today();
        let Some(form) = self.form() else { return };
        let (Some(cycle), Some(field)) = (form.every, form.period.clone()) else { return };
        let sheets = self.book.lists.get(&form.form).into_iter().flat_map(|it| it.all());
        let made = sheets.filter(|it| it.standing != Standing::Void).filter_map(|it| it.made_for.as_deref());
        let made: Vec<(Span, String)> = made.map(|it| (it.0, it.1.to_string())).collect();
        let there = |it: &Span| form.each.is_none() && made.iter().any(|made| made.0 == *it);
        let now = cycle.of(today);
        // A year is planned, a quarter or month is reported on when it is over.
        let first = if cycle == Cycle::Year { now } else { now.and_then(|it| cycle.before(it)) };
        let owed = missing(form, made.iter().cloned(), today).into_iter().next().map(|it| it.0);
        let mut span = owed.or(first);
        while let Some(it) = span.filter(there) {
            span = cycle.after(it);
        }
        let Some(name) = span.map(|it| cycle.name(it)) else { return };
        self.desk.record.set(&field, &name);
        self.desk.proposed.insert(field, name);
    }
}
