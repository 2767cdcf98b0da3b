//! Cells that are computed: what they come to on a sheet. Never kept; what is on paper follows from what is written.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::{CellId, Record, keep_value, value_of};
use crate::calendar::Calendar;
use crate::expression::{Scope, Value};
use crate::procedure::{Field, FieldId, Form, LABEL, Table};

/// How deep computed cells may be made of computed cells.
const DEPTH: usize = 6;

/// What has been reckoned: a cell, and whether it was asked for by the lines of a table.
type Known = RefCell<BTreeMap<(FieldId, usize, bool), Value>>;

/// A sheet as one of its computed cells sees it. Each cell is reckoned once; among the lines of a table, a cell that itself
/// asks for a table's lines is empty, so that what they cost grows with the lines alone.
#[derive(Clone, Copy)]
struct Sheet<'a> {
    known: &'a Known,
    form: &'a Form,
    record: &'a Record,
    calendar: &'a Calendar,
    round: usize,
}

impl Record {
    /// What a cell says on the sheet of a round: what is written, or what it comes to where it is computed. Nothing where
    /// it cannot be computed.
    pub fn says(&self, form: &Form, calendar: &Calendar, field: &Field, cell: &CellId, round: usize) -> String {
        if field.is.is_none() {
            return self.at(cell).to_owned();
        }
        let known = Known::default();
        let sheet = Sheet { known: &known, form, record: self, calendar, round };
        keep_value(field, &sheet.value(field, cell.line, DEPTH, false))
    }

    /// What an expression about the sheet sees under a name: a datum of it, computed where it is, or the lines of a table.
    /// None where the form has nothing of that name.
    pub fn seen(&self, form: &Form, calendar: &Calendar, name: &str) -> Option<Value> {
        self.seen_in(form, calendar, name, self.last_round())
    }

    /// The same on the sheet of a round, from nought.
    pub fn seen_in(&self, form: &Form, calendar: &Calendar, name: &str, round: usize) -> Option<Value> {
        let known = Known::default();
        let sheet = Sheet { known: &known, form, record: self, calendar, round };
        match form.field(&name.into()) {
            Some(field) => Some(sheet.value(field, 0, DEPTH, false)),
            None => Some(sheet.rows(form.tables.get(name)?, DEPTH)),
        }
    }

    /// The sum of a column, over all its lines; nothing where no number stands there.
    pub fn sum(&self, form: &Form, calendar: &Calendar, field: &Field, round: usize) -> String {
        let known = Known::default();
        let sheet = Sheet { known: &known, form, record: self, calendar, round };
        let Some(table) = form.table_of(&field.id) else { return String::new() };
        let numbers =
            (0..self.lines(form, table, round)).filter_map(|line| match sheet.value(field, line, DEPTH, false) {
                Value::Number(number) => Some(number),
                _ => None,
            });
        let sum = numbers.fold(None, |sum: Option<f64>, it| Some(sum.unwrap_or(0.0) + it));
        sum.map_or_else(String::new, |it| keep_value(field, &Value::number(it)))
    }

    /// The mean of a column, over the lines in which a number stands, with two digits unless the datum says how many.
    pub fn mean(&self, form: &Form, calendar: &Calendar, field: &Field, round: usize) -> String {
        let known = Known::default();
        let sheet = Sheet { known: &known, form, record: self, calendar, round };
        let Some(table) = form.table_of(&field.id) else { return String::new() };
        let value = |line| sheet.value(field, line, DEPTH, false);
        let numbers = (0..self.lines(form, table, round)).filter_map(|line| match value(line) {
            Value::Number(number) => Some(number),
            _ => None,
        });
        let (sum, count) = numbers.fold((0.0, 0_usize), |(sum, count), it| (sum + it, count + 1));
        let digits = field.digits.unwrap_or(2).min(12);
        if count == 0 { String::new() } else { format!("{:.digits$}", sum / count as f64) }
    }

    /// What a computed cell may name besides cells and tables: the sheet itself, and what the
    /// office set. None where there is no such name.
    pub fn set_besides(&self, form: &Form, name: &str, round: usize) -> Option<Value> {
        match name.split_once('.') {
            None if name == "number" => Some(self.number.as_str().into()),
            None if name == "rounds" => Some(Value::Number((round + 1) as f64)),
            None if name == "voided" => Some(self.void.is_some().into()),
            Some(("role", part)) => Some(form.office.document.department_for(&form.form, part).into()),
            Some(("setting", id)) => Some(form.office.document.setting_of(&form.form, id)?.into()),
            _ => None,
        }
    }

    /// How many lines of a table are written in a round: up to the last that is, or all that are given.
    pub fn lines(&self, form: &Form, table: &Table, round: usize) -> usize {
        if table.is_fixed() {
            return table.rows.len();
        }
        let lines =
            |id: &FieldId| self.rounds.get(self.home(form, id.as_str(), round)).map_or(0, |it| it.lines(id.as_str()));
        // A paired table has the lines of the other, whatever is written in it.
        let paired = table.paired.iter().filter_map(|it| form.tables.get(it)).flat_map(Table::fields);
        table.fields().chain(paired).map(lines).max().unwrap_or(0)
    }
}

impl Sheet<'_> {
    fn value(self, field: &Field, line: usize, depth: usize, in_rows: bool) -> Value {
        let Some(is) = &field.is else {
            return value_of(field, self.record.at(&self.record.cell(self.form, &field.id, self.round, line)));
        };
        let key = (field.id.clone(), line, in_rows);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let Some(depth) = depth.checked_sub(1) else { return Value::Missing };
        let scope = Scope::new(self.calendar).asking(move |name| self.named(field, line, name, (depth, in_rows)));
        let value = is.evaluate(&scope).unwrap_or_default();
        self.known.borrow_mut().insert(key, value.clone());
        value
    }

    /// What a name stands for: a datum of the same line, of the sheet, all lines of a table, or what does not depend on
    /// where the sheet stands.
    fn named(self, asking: &Field, line: usize, name: &str, (depth, in_rows): (usize, bool)) -> Option<Value> {
        if let Some(field) = self.form.field(&name.into()) {
            let line = if self.form.stands_beside(field, asking.table.as_ref()) { line } else { 0 };
            return Some(self.value(field, line, depth, in_rows));
        }
        if let Some(table) = self.form.tables.get(name) {
            return Some(if in_rows { Value::Missing } else { self.rows(table, depth) });
        }
        match name {
            LABEL => Some(self.form.table_of(&asking.id)?.rows.get(line)?.as_str().into()),
            _ => self.record.set_besides(self.form, name, self.round),
        }
    }

    /// All lines of a table; those that are given say what they are called too.
    fn rows(self, table: &Table, depth: usize) -> Value {
        let row = |line: usize| -> BTreeMap<String, Value> {
            let field = |id: &FieldId| Some((id.to_string(), self.value(self.form.field(id)?, line, depth, true)));
            let label = table.rows.get(line).map(|it| (LABEL.to_owned(), it.as_str().into()));
            label.into_iter().chain(table.fields().filter_map(field)).collect()
        };
        Value::rows((0..self.record.lines(self.form, table, self.round)).map(row))
    }
}
