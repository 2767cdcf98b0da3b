//! The clocks (期限) of a sheet: by when something is due, whether it was kept, and in which words that is said.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::{Life, by_line, day_signed, scope, sent_back_on};
use crate::calendar::{Term, Unit, end_of};
use crate::expression::{Scope, Value as Seen};
use crate::procedure::{
    Clock, Count, ENTERED, Field, FieldId, Form, Given, Kind, Procedure, RoleId, SENT_BACK, SOON, Until, Value,
};
use crate::record::{Record, Wait, read_date, read_moment};

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The moment; what is due on a day is due at its end.
    pub at: NaiveDateTime,
    /// Whether nobody wrote it: it follows from the term.
    pub proposed: bool,
    /// Which of the form's clocks it is, by its place.
    pub clock: usize,
    /// The term it follows from, or would follow from: what it is counted in.
    pub term: Term,
    /// The package whose hours count, by its place among those worked by.
    pub package: usize,
}

impl Due {
    /// What is due by the end of a day, and no clock of a sheet.
    pub fn of_day(procedure: &Procedure, day: NaiveDate) -> Self {
        let unit = if procedure.document.in_working_days() { Unit::WorkingDays } else { Unit::Days };
        Self { at: end_of(day), proposed: false, clock: 0, term: Term { count: 0, unit }, package: 0 }
    }

    /// The day.
    pub fn day(&self) -> NaiveDate {
        self.at.date()
    }

    /// Whether its moment has gone by.
    pub fn is_past(&self, now: NaiveDateTime) -> bool {
        self.at < now
    }

    /// Whether it is near: in days as the office set, in hours when a sixth of the term is left.
    pub fn is_soon(&self, procedure: &Procedure, now: NaiveDateTime) -> bool {
        if self.is_past(now) {
            return false;
        }
        let Term { count, unit } = self.term;
        if unit.is_of_hours() {
            let calendar = procedure.calendar_at(self.package);
            let sixth = |minutes: i64| minutes * 6 <= i64::from(count) * if unit == Unit::Minutes { 1 } else { 60 };
            return sixth(unit.left(calendar, now, self.at).num_minutes());
        }
        unit.days_left(procedure.calendar_at(self.package), now, self.at) <= i64::from(procedure.document.figure(SOON))
    }

    /// How long it is past or ahead, in what counts: 超 3 个工作日, 今天到期, 还有 2 个工作日, 还有 3 小时.
    pub fn words(&self, procedure: &Procedure, now: NaiveDateTime) -> String {
        self.term.unit.left_words(procedure.calendar_at(self.package), now, self.at)
    }
}

/// A clock of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// When it runs out; none where nothing is written that it could begin with, or where it was struck.
    pub due: Option<Due>,
    /// When the work was done: the day, and the hour where one is written. None while it runs.
    pub done: Option<Done>,
    /// Whether it stands still, because somebody is waited for.
    pub stands: bool,
}

/// Who is told of a clock, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told<'a> {
    /// From which moment on.
    pub at: NaiveDateTime,
    /// Of which of the form's clocks, by its place.
    pub clock: usize,
    /// Which part.
    pub part: &'a RoleId,
}

/// When the work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// The day; none where it is done and nobody wrote when.
    pub day: Option<NaiveDate>,
    /// The hour, where it is written.
    pub hour: Option<NaiveTime>,
}

impl Running {
    /// Whether the work was done in time; none while it runs, and where that cannot be said. A day without its hour does
    /// not keep a term of hours.
    pub fn is_kept(&self) -> Option<bool> {
        let (due, day) = (self.due?, self.done?.day?);
        Some(match self.done?.hour {
            Some(hour) if due.term.unit.is_of_hours() => day.and_time(hour) <= due.at,
            None if due.term.unit.is_of_hours() => false,
            _ => day <= due.day(),
        })
    }
}

/// The clocks that run or ran on a sheet, by their places among the form's.
pub fn clocks(procedure: &Procedure, form: &Form, record: &Record) -> BTreeMap<usize, Running> {
    let scope = scope(procedure, form, record);
    let life = Life::new(form, record);
    let runs = form.clocks.iter().enumerate().filter(|(_, it)| runs(&life, it, &scope));
    let clock = |it: (usize, &Clock)| (it.0, running(procedure, form, record, it, &scope));
    runs.map(clock).collect()
}

/// When a sheet is due first, by those of its clocks that have not stopped, or by all of them: what is written in the cell
/// for it rules, with what it was put off to; else, also where what is written is no date, what the term proposes.
pub(super) fn first_due(procedure: &Procedure, form: &Form, record: &Record, open: bool) -> Option<Due> {
    let mut clocks = form.clocks.iter().enumerate().filter(|(_, it)| !open || !is_done(form, record, it)).peekable();
    clocks.peek()?;
    let scope = scope(procedure, form, record);
    let life = Life::new(form, record);
    let applying = clocks.filter(|(_, it)| runs(&life, it, &scope));
    applying.filter_map(|it| running(procedure, form, record, it, &scope).due).min_by_key(|it| it.at)
}

/// Who is told of the clocks of a sheet that run, and from when on: by their levels, and when they run out.
pub fn told<'a>(procedure: &Procedure, form: &'a Form, record: &Record) -> Vec<Told<'a>> {
    let tells = |it: &Clock| !it.levels.is_empty() || it.expired.as_ref().is_some_and(|it| it.tells.is_some());
    let over = record.void.is_some() || record.destroyed();
    let open = |it: &Clock| !over && tells(it) && !is_done(form, record, it);
    let mut clocks = form.clocks.iter().enumerate().filter(|it| open(it.1)).peekable();
    if clocks.peek().is_none() {
        return Vec::new();
    }
    let scope = scope(procedure, form, record);
    let life = Life::new(form, record);
    let mut told = Vec::new();
    for (place, clock) in clocks.filter(|it| runs(&life, it.1, &scope)) {
        let line = line_of(procedure, (form, record), (place, clock), &scope);
        let begin = begin(form, record, clock, line);
        for level in &clock.levels {
            let term = term(procedure, form, &level.after).zip(begin);
            let at = term.and_then(|(term, begin)| counted(procedure, (form, record, clock, None), term, begin));
            told.extend(at.map(|at| Told { at, clock: place, part: &level.tells }));
        }
        if let Some(part) = clock.expired.as_ref().and_then(|it| it.tells.as_ref()) {
            let due = running(procedure, form, record, (place, clock), &scope).due;
            told.extend(due.map(|it| Told { at: it.at, clock: place, part }));
        }
    }
    told
}

/// Whether a clock runs on a sheet: what it waits for applies there, and its own condition holds.
fn runs(life: &Life<'_>, clock: &Clock, scope: &Scope<'_>) -> bool {
    let wanted = clock.until.field().is_none_or(|it| life.wants(it));
    wanted && applies(clock.when.as_ref(), scope)
}

/// Whether a condition holds, or there is none. One that cannot be reckoned does: a term is rather shown than hidden.
fn applies(when: Option<&crate::expression::Expression>, scope: &Scope<'_>) -> bool {
    when.is_none_or(|it| it.holds(scope).unwrap_or(true))
}

fn running(
    procedure: &Procedure,
    form: &Form,
    record: &Record,
    (place, clock): (usize, &Clock),
    scope: &Scope<'_>,
) -> Running {
    let line = line_of(procedure, (form, record), (place, clock), scope);
    running_in(procedure, (form, record), (place, clock), scope, line)
}

/// The lines a clock runs by: it ends with a signature in each line of a table, and begins, or is written, there too.
fn lines_of(form: &Form, record: &Record, clock: &Clock) -> Option<by_line::Lines> {
    let stage = form.stages.get(form.stage_of(clock.until.field()?.as_str())?)?;
    let paired = form.tables.get(stage.table.as_ref()?)?.paired.as_ref();
    let along = |it: &Field| form.is_in_lines_of(stage, it) || paired.is_some() && it.table.as_ref() == paired;
    let there = |it: &FieldId| form.field(it).is_some_and(along);
    let by_line = clock.from.iter().chain(&clock.written).any(there);
    by_line::lines(form, record, stage, record.last_round()).filter(|_| by_line)
}

/// The line whose clock is the sheet's: of those that are open the one that is due first; once none is, one that was not
/// kept, or else the last. None where it does not run by line.
fn line_of(
    procedure: &Procedure,
    (form, record): (&Form, &Record),
    (place, clock): (usize, &Clock),
    scope: &Scope<'_>,
) -> Option<usize> {
    let lines = lines_of(form, record, clock)?;
    let run = |line: &usize| running_in(procedure, (form, record), (place, clock), scope, Some(*line));
    let due = |it: &usize| run(it).due.map(|due| (due.at, *it));
    let first = lines.open.iter().filter_map(due).min().map(|it| it.1);
    let open = first.or_else(|| lines.open.first().copied());
    let late = || lines.signed.iter().find(|it| run(it).is_kept() == Some(false)).copied();
    open.or_else(late).or_else(|| lines.signed.last().copied())
}

fn running_in(
    procedure: &Procedure,
    (form, record): (&Form, &Record),
    (place, clock): (usize, &Clock),
    scope: &Scope<'_>,
    line: Option<usize>,
) -> Running {
    let done = done(form, record, clock, line);
    let none = Running { due: None, done, stands: false };
    let written = clock.written.as_ref().map_or("", |it| written_in(form, record, it, line).trim());
    if written == "/" {
        return none;
    }
    let package = procedure.place(form).0;
    let within = clock.within.iter().find(|it| applies(it.when.as_ref(), scope));
    let term = within.and_then(|it| term(procedure, form, it));
    // What somebody wrote was agreed on with what was waited for in mind.
    if let Some((day, hour)) = clock.written.as_ref().and_then(|it| moment_of(form, record, it, line)) {
        let at = hour.map_or_else(|| end_of(day), |it| day.and_time(it));
        let unit = match (hour, term) {
            (None, Some(term)) if !term.unit.is_of_hours() => term.unit,
            (None, _) => Unit::Days,
            (Some(_), term) => term.map_or(Unit::Hours, |it| it.unit),
        };
        let term = Term { count: term.map_or(0, |it| it.count), unit };
        return Running { due: Some(Due { at, proposed: false, clock: place, term, package }), ..none };
    }
    let Some((term, begin)) = term.zip(begin(form, record, clock, line)) else { return none };
    match counted(procedure, (form, record, clock, done), term, begin) {
        Some(at) => Running { due: Some(Due { at, proposed: true, clock: place, term, package }), ..none },
        None => Running { stands: true, ..none },
    }
}

/// When a clock begins; without its hour a day counts from its beginning: rather too early than too late.
fn begin(form: &Form, record: &Record, clock: &Clock, line: Option<usize>) -> Option<NaiveDateTime> {
    let (day, hour) = clock.from.iter().find_map(|it| begins(form, record, it, line))?;
    Some(day.and_time(hour.unwrap_or(NaiveTime::MIN)))
}

/// When a term of a clock runs out, the times not counted in which somebody was waited for; none while somebody is. What
/// ran out before has run out.
fn counted(
    procedure: &Procedure,
    (form, record, clock, done): (&Form, &Record, &Clock, Option<Done>),
    term: Term,
    begin: NaiveDateTime,
) -> Option<NaiveDateTime> {
    let calendar = procedure.calendar_of(&form.form);
    let mut at = term.from(calendar, begin);
    if clock.waits.is_empty() {
        return Some(at);
    }
    let mut waits: Vec<Wait<'_>> = record.waits();
    waits.retain(|it| clock.waits.iter().any(|whom| whom == it.whom));
    waits.sort_by_key(|it| it.since);
    let mut counted = begin;
    let (first, mut stood) = (at, TimeDelta::zero());
    for wait in waits {
        let from = wait.since.max(counted);
        if at <= from {
            break;
        }
        // Put down only after it ran out, and it is not said why: it has run out.
        if wait.noted > at && wait.why.is_empty() {
            continue;
        }
        let ended = wait.until.map(|it| it.0).or_else(|| {
            let done = done?;
            Some(done.day.map_or(from, |day| done.hour.map_or_else(|| end_of(day), |it| day.and_time(it))))
        })?;
        if ended > from {
            if term.unit.is_of_hours() {
                at = term.unit.put_off(calendar, at, from, ended);
            } else {
                stood += term.unit.stood(calendar, from, ended);
                at = term.unit.later(calendar, first, stood);
            }
            counted = ended;
        }
    }
    Some(at)
}

pub(super) fn term(procedure: &Procedure, form: &Form, within: &Given) -> Option<Term> {
    let count = match &within.count {
        Count::Number(it) => *it,
        Count::Setting(id) => match procedure.document.setting_of(&form.form, id.as_str())? {
            Value::Number(it) => u32::try_from(*it).ok()?,
            Value::Switch(_) | Value::Words(_) => return None,
        },
    };
    Some(Term { count, unit: within.unit })
}

/// A day and its hour, where one is written.
type When = (NaiveDate, Option<NaiveTime>);

/// When a clock begins.
fn begins(form: &Form, record: &Record, from: &FieldId, line: Option<usize>) -> Option<When> {
    match from.as_str() {
        SENT_BACK => sent_back_on(form, record).map(|it| (it, None)),
        ENTERED => Some((record.entered.date(), Some(record.entered.time()))),
        _ => moment_of(form, record, from, line),
    }
}

/// What is written in a cell: in a line, where it is a column and one is asked for.
fn written_in<'a>(form: &Form, record: &'a Record, field: &FieldId, line: Option<usize>) -> &'a str {
    let line = line.filter(|_| form.table_of(field).is_some()).unwrap_or_default();
    record.at(&record.cell(form, field, record.last_round(), line))
}

/// Whether the work of a clock is done.
pub(super) fn is_done(form: &Form, record: &Record, clock: &Clock) -> bool {
    match &clock.until {
        Until::Field(field) => match form.stage_of(field.as_str()).and_then(|it| form.stages.get(it)) {
            Some(stage) if stage.table.is_some() => by_line::is_done(form, record, stage, record.last_round()),
            Some(_) | None => !record.latest(form, field.as_str()).trim().is_empty(),
        },
        Until::Started(other) => record.started.iter().any(|it| it.form == *other),
    }
}

/// When the work was done, as it is written; none while it is not.
fn done(form: &Form, record: &Record, clock: &Clock, line: Option<usize>) -> Option<Done> {
    let in_line = |line| clock.until.field().map(|it| written_in(form, record, it, Some(line)).trim());
    let is_done = match line.and_then(in_line) {
        Some(signed) => !signed.is_empty(),
        None => is_done(form, record, clock),
    };
    if !is_done {
        return None;
    }
    let when = match &clock.until {
        Until::Field(field) => {
            let stage = form.stage_of(field.as_str()).and_then(|it| form.stages.get(it));
            let by_line = stage.filter(|it| line.is_none() && it.table.is_some());
            match by_line {
                Some(stage) => day_signed(form, record, stage, record.last_round()).map(|it| (it, None)),
                None => moment_of(form, record, field, line),
            }
        }
        Until::Started(other) => {
            let first = record.started.iter().filter(|it| it.form == *other).map(|it| it.at).min();
            first.map(|it| (it.date(), Some(it.time())))
        }
    };
    Some(Done { day: when.map(|it| it.0), hour: when.and_then(|it| it.1) })
}

/// The moment written in a cell; of a signature, its date's. A date, with the hour behind it where there is one and the cell
/// is no date's: 2026-11-20 8:30.
fn moment_of(form: &Form, record: &Record, field: &FieldId, line: Option<usize>) -> Option<When> {
    let signed = form.stage_of(field.as_str()).and_then(|it| form.stages[it].date.as_ref());
    let field = signed.unwrap_or(field);
    let written = written_in(form, record, field, line).trim();
    if let Some(day) = read_date(written, None) {
        return Some((day, None));
    }
    if form.field(field).is_none_or(|it| it.kind == Kind::Date) {
        return None;
    }
    read_moment(written, None).map(|it| (it.date(), Some(it.time())))
}

/// The clocks by name, as expressions see them: when due, whether kept. Those that do not run on the sheet are empty.
pub(super) fn seen(procedure: &Procedure, form: &Form, record: &Record) -> Seen {
    let running = clocks(procedure, form, record);
    let seen = form.clocks.iter().enumerate().map(|(place, clock)| {
        let it = running.get(&place);
        let due = it.and_then(|it| it.due).map(|it| match it.term.unit.is_of_hours() {
            true => Seen::Moment(it.at),
            false => Seen::Date(it.day()),
        });
        let values = [("due", due.unwrap_or_default()), ("kept", it.and_then(Running::is_kept).into())];
        let values = values.map(|(name, value)| (name.to_owned(), value));
        (clock.name.clone(), Seen::Map(BTreeMap::from(values).into()))
    });
    Seen::Map(seen.collect::<BTreeMap<String, Seen>>().into())
}
