//! The lines of a register (台帐, 登记簿): derived from the sheets of other forms, or one for each record that is typed in
//! it. Derived lines are never stored.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;

use chrono::{Datelike, NaiveDate};

use crate::calendar::Calendar;
use crate::expression::{Expression, Scope, Value};
use crate::flow::scope;
use crate::procedure::{Column, Field, FieldId, Form, Holds, Kind, Procedure, Register};
use crate::record::{Record, RecordId, fold, full_date, keep_date, read_date, read_day, shown, shown_in};

mod lines;
pub use lines::{is_ended, is_unchecked};

mod counting;
pub use counting::{Sources, is_frozen, put, reckoned, to_freeze, written};

/// Which lines of a register are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// One year's.
    Year(i32),
    /// Those from the one day to the other, both included.
    Days(NaiveDate, NaiveDate),
}

impl Period {
    /// Whether a day lies in it.
    pub fn holds(self, day: NaiveDate) -> bool {
        match self {
            Self::Year(year) => day.year() == year,
            Self::Days(from, to) => from <= day && day <= to,
        }
    }

    /// How titles call it: 2026年, or 2026-01-01至2026-03-31.
    pub fn name(self) -> String {
        match self {
            Self::Year(year) => format!("{year}年"),
            Self::Days(from, to) => format!("{from}至{to}"),
        }
    }

    /// How file names call it: 2026, or 2026-01-01至2026-03-31.
    pub fn in_a_file_name(self) -> String {
        match self {
            Self::Year(year) => year.to_string(),
            Self::Days(..) => self.name(),
        }
    }

    /// The year it begins in.
    pub fn year(self) -> i32 {
        match self {
            Self::Year(year) => year,
            Self::Days(from, _) => from.year(),
        }
    }
}

/// A line of a register.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The sheet it is derived from, or the record that is typed in it.
    pub record: RecordId,
    /// That sheet's number.
    pub number: String,
    /// The day of what it tells of, or of its entry.
    pub day: NaiveDate,
    /// What stands in each column.
    pub cells: Vec<Cell>,
}

/// What stands in a column of a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// As it stands on paper.
    pub text: String,
    /// The day it tells, where it tells one.
    pub day: Option<NaiveDate>,
}

impl Cell {
    fn words(text: impl Into<String>) -> Self {
        Self { text: text.into(), day: None }
    }

    /// On the screen: days in figures, which need less room than on paper.
    pub fn short(&self) -> Cow<'_, str> {
        let mark = |day: NaiveDate| self.text.strip_prefix(&full_date(day)).map(|it| (day, it));
        match self.day.and_then(mark) {
            Some((day, mark)) => Cow::Owned(format!("{}{mark}", keep_date(day))),
            None => Cow::Borrowed(&self.text),
        }
    }

    /// What it is sorted by within its column: by day or number where it tells one, else by its words.
    pub fn key(&self) -> (Option<NaiveDate>, Option<i128>, &str) {
        (self.day, read_number(&self.text).map(|it| it.0), &self.text)
    }
}

/// The day a record belongs to: what its form's day field says in the first round, or the day of entry where that
/// cannot be read.
pub fn day_of(register: &Register, form: &Form, record: &Record) -> NaiveDate {
    let written = register.day_of(form).and_then(|it| read_day(record.value(it.as_str())));
    written.unwrap_or_else(|| record.entered.date())
}

/// The lines of a register that these records make, in the order they come in unless the register has one of its own: of
/// a derived one the sheets its condition lets in, of a typed one every record.
pub fn entries<R: Borrow<Record>>(
    procedure: &Procedure,
    form: &Form,
    records: impl IntoIterator<Item = R>,
) -> Vec<Entry> {
    let Some(register) = &form.register else { return Vec::new() };
    let mut lines: Vec<(Value, Entry)> = Vec::new();
    for record in records {
        let record = record.borrow();
        let Some(own) = procedure.edition(&record.form, &record.edition) else { continue };
        let calendar = procedure.calendar_of(&own.form);
        let sheet = Sheet { register, form: own, record, calendar };
        let day = day_of(register, own, record);
        let scope = scope(procedure, own, record).with("day", day);
        // What cannot be told stands in it: nothing is left out unsaid.
        if register.filter.as_ref().is_some_and(|it| it.holds(&scope) == Ok(false)) {
            continue;
        }
        let order = register.order.as_ref().map_or(Value::Missing, |it| it.evaluate(&scope).unwrap_or_default());
        lines.push((order, sheet.entry(day, &scope)));
    }
    if register.order.is_some() {
        lines.sort_by(|(a, _), (b, _)| a.compare(b).unwrap_or(Ordering::Equal));
    }
    let mut lines: Vec<Entry> = lines.into_iter().map(|(_, it)| it).collect();
    let numbered = register.columns.iter().position(|it| matches!(it.holds, Holds::Sequence));
    if let Some(column) = numbered.filter(|_| !register.is_typed()) {
        for (place, line) in lines.iter_mut().enumerate() {
            line.cells[column] = Cell::words((place + 1).to_string());
        }
    }
    lines
}

/// The last line of a register that adds up its numbers, where it adds up any.
pub fn sums<'a>(register: &Register, entries: impl IntoIterator<Item = &'a Entry>) -> Option<Vec<Cell>> {
    let mut entries = entries.into_iter().peekable();
    // A blank is written by hand, its sums with it.
    if !register.columns.iter().any(|it| it.sum) || entries.peek().is_none() {
        return None;
    }
    let mut sums = vec![(0_i128, 0_usize); register.columns.len()];
    for entry in entries {
        for (sum, cell) in sums.iter_mut().zip(&entry.cells) {
            if let Some((number, decimals)) = read_number(&cell.text) {
                *sum = (sum.0.saturating_add(number), decimals.max(sum.1));
            }
        }
    }
    let cell = |(place, (column, sum)): (usize, (&Column, &(i128, usize)))| match (column.sum, place) {
        (true, _) => Cell::words(in_figures(sum.0, sum.1)),
        (false, 0) => Cell::words("合计"),
        (false, _) => Cell::default(),
    };
    Some(register.columns.iter().zip(&sums).enumerate().map(cell).collect())
}

/// The decimals that numbers are reckoned with, so that sums are exact; and the most digits a number may have: more are no
/// amount that anybody writes.
const DECIMALS: usize = 18;

/// A number as it is written, in units of the last decimal, and how many decimals it is written with.
fn read_number(text: &str) -> Option<(i128, usize)> {
    if text.len() > 2 * DECIMALS || !text.contains(|it: char| it.is_numeric()) {
        return None;
    }
    let plain: String = fold(text.trim()).chars().filter(|it| *it != ',').collect();
    let (sign, plain) = plain.strip_prefix('-').map_or((1, plain.as_str()), |it| (-1, it));
    let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
    if whole.is_empty() || whole.len() + part.len() > DECIMALS {
        return None;
    }
    let digits = format!("{whole}{part:0<width$}", width = DECIMALS);
    let all = digits.bytes().all(|it| it.is_ascii_digit());
    Some((sign * digits.parse::<i128>().ok().filter(|_| all)?, part.len()))
}

fn in_figures(number: i128, decimals: usize) -> String {
    let digits = format!("{:0width$}", number.unsigned_abs(), width = DECIMALS + 1);
    let (whole, part) = digits.split_at(digits.len() - DECIMALS);
    let sign = if number < 0 { "-" } else { "" };
    let point = if decimals > 0 { "." } else { "" };
    format!("{sign}{whole}{point}{}", part.get(..decimals).unwrap_or_default())
}

/// A record that becomes a line.
struct Sheet<'a> {
    register: &'a Register,
    form: &'a Form,
    record: &'a Record,
    calendar: &'a Calendar,
}

impl Sheet<'_> {
    fn entry(&self, day: NaiveDate, scope: &Scope<'_>) -> Entry {
        Entry {
            record: self.record.id,
            number: self.record.number.clone(),
            day,
            cells: self.register.columns.iter().map(|it| self.cell(it, scope)).collect(),
        }
    }

    fn cell(&self, column: &Column, scope: &Scope<'_>) -> Cell {
        match &column.holds {
            // A void line says so under its number, and why.
            Holds::Sequence => Cell::words(match &self.record.void {
                Some(void) => format!("{}\n作废：{}", self.record.number, void.reason),
                None => self.record.number.clone(),
            }),
            Holds::Field(id) => self.written(id, ""),
            Holds::First(sources) => {
                let counts = |it: &Expression| it.holds(scope) != Ok(false);
                let filled = sources.iter().filter(|it| it.when.as_ref().is_none_or(counts));
                let mut filled = filled.map(|it| self.written(&it.field, &it.mark));
                filled.find(|it| !it.text.is_empty()).unwrap_or_default()
            }
            Holds::Is(expression) => match expression.evaluate(scope) {
                Ok(Value::Date(day)) => Cell { text: full_date(day), day: Some(day) },
                Ok(value) => Cell::words(value.to_string()),
                Err(fault) => Cell::words(format!("算不出：{fault}")),
            },
            Holds::Called(_) => Cell::default(),
        }
    }

    /// What is written in a field, as on paper, and behind it a mark.
    fn written(&self, id: &FieldId, mark: &str) -> Cell {
        let Some(field) = self.form.field(id) else { return Cell::default() };
        if field.is.is_some() {
            let round = self.record.last_round();
            let cell = self.record.cell(self.form, id, round, 0);
            let value = self.record.says(self.form, self.calendar, field, &cell, round);
            return Self::shown(field, value.trim(), &shown_in(field, value.trim()), mark);
        }
        let written = self.record.latest(self.form, id.as_str()).trim();
        Self::shown(field, written, &shown(field.kind, written), mark)
    }

    fn shown(field: &Field, written: &str, shown: &str, mark: &str) -> Cell {
        if written.is_empty() {
            return Cell::default();
        }
        let day = Some(field.kind).filter(|it| *it == Kind::Date).and_then(|_| read_date(written, None));
        Cell { text: format!("{shown}{mark}"), day }
    }
}
