//! What is counted of other sheets on one: the cells and the lines of tables that come of it, and whether what was written
//! down when it was signed is still so.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::expression::{Expression, Scope, Value};
use crate::flow::{scope, span};
use crate::procedure::{Counted, FieldId, Form, LABEL, OWN_SHEET, Procedure, ROWS, Table};
use crate::record::{CellId, Issue, MOST_LINES, Record, keep_value, read_day};

/// The sheets that are counted, by list.
pub type Sources = BTreeMap<String, Vec<Record>>;

/// How many steps all that is reckoned on one sheet may take: of ten thousand counted sheets a tenth.
const STEPS: usize = 20_000_000;

/// What is taken of a counted sheet or line, by name.
type Row = BTreeMap<String, Value>;

/// Everything on a sheet that is reckoned from others, as it comes out of these now. Nothing where one is made for each
/// stretch of time and this one does not say for which.
pub fn reckoned(procedure: &Procedure, form: &Form, record: &Record, sources: &Sources) -> Vec<(CellId, String)> {
    if form.every.is_some() && span(form, record).is_none() {
        return Vec::new();
    }
    let none = Vec::new();
    let budget = Cell::new(STEPS);
    let counting = Counting { procedure, form, record, budget: &budget };
    let lists: BTreeMap<&str, Vec<Row>> = form
        .counts
        .iter()
        .map(|(name, it)| (name.as_str(), counting.rows(it, sources.get(name).unwrap_or(&none))))
        .collect();
    let mut cells = Vec::new();
    for table in form.tables.values() {
        let list = table.counts.as_ref().and_then(|it| lists.get(it.as_str()));
        list.into_iter().for_each(|it| counting.table(table, it, &mut cells));
    }
    let values: BTreeMap<&str, Value> =
        lists.iter().map(|(name, rows)| (*name, Value::rows(rows.iter().cloned()))).collect();
    let alone = form.every_field().filter(|it| it.counted.is_some());
    for field in alone.filter(|it| form.table_of(&it.id).is_none_or(|it| !it.is_counted())) {
        let seen = |name: &str| {
            let list = values.get(name).cloned();
            let seen = || record.seen(form, procedure.calendar_of(&form.form), name);
            list.or_else(seen).or_else(|| record.set_besides(form, name, record.last_round()))
        };
        let scope = Scope::new(procedure.calendar_of(&form.form)).asking(seen);
        let said = field.counted.iter().map(|it| counting.said(&field.id, it, &scope));
        cells.extend(said.map(|it| (record.cell(form, &field.id, record.last_round(), 0), it)));
    }
    cells
}

/// Puts what is reckoned from other sheets on one, in memory; where it was written down at a signature, what was written
/// stays, and where it would come out otherwise now is told.
pub fn put(procedure: &Procedure, form: &Form, record: &mut Record, sources: &Sources) -> Vec<Issue> {
    let now = reckoned(procedure, form, record, sources);
    let written = written(form, record);
    if !is_frozen(form, record) {
        // What came with a file from elsewhere is no count of this book.
        written.iter().for_each(|it| record.put(it, ""));
        now.into_iter().for_each(|(cell, value)| record.put(&cell, &value));
        return Vec::new();
    }
    if written.is_empty() {
        return Vec::new();
    }
    let mut now: BTreeMap<CellId, String> = now.into_iter().collect();
    for cell in written {
        now.entry(cell).or_default();
    }
    let stage = form.frozen_at().and_then(|it| form.stages.get(it));
    let name = stage.map_or("", |it| it.name.as_str());
    let day = stage.and_then(|it| it.date.as_ref()).map_or("", |it| record.latest(form, it.as_str()));
    let differs = now.into_iter().filter(|(cell, value)| record.at(cell).trim() != value.trim());
    let issue = |(cell, value): (CellId, String)| {
        let called = form.field(&cell.field).map_or("", |it| it.name.as_str());
        let line = cell.line_name();
        let now = if value.trim().is_empty() { "空的" } else { value.as_str() };
        Issue {
            message: format!("{called}{line}：{name}（{day}）以后有单改了，现在算出来是 {now}；表上仍是签署那天的"),
            cell,
        }
    };
    differs.map(issue).collect()
}

/// The cells in which something that is counted is written.
pub fn written(form: &Form, record: &Record) -> Vec<CellId> {
    let counted = form.every_field().filter(|it| it.counted.is_some());
    let cells = counted.flat_map(|field| {
        let home = record.home(form, field.id.as_str(), record.last_round());
        let lines = record.rounds.get(home).map_or(0, |it| it.lines(field.id.as_str()));
        (0..lines).map(move |line| CellId { round: home, field: field.id.clone(), line })
    });
    cells.filter(|it| !record.at(it).is_empty()).collect()
}

/// Whether what was counted is written down: the stage is signed at which it is.
pub fn is_frozen(form: &Form, record: &Record) -> bool {
    let stage = form.frozen_at().and_then(|it| form.stages.get(it));
    stage.is_some_and(|it| !record.latest(form, it.by.as_str()).trim().is_empty())
}

/// A sheet that counts others.
#[derive(Clone, Copy)]
struct Counting<'a> {
    procedure: &'a Procedure,
    form: &'a Form,
    record: &'a Record,
    budget: &'a Cell<usize>,
}

impl Counting<'_> {
    /// What is taken of each sheet of a list that counts.
    fn rows(self, counted: &Counted, records: &[Record]) -> Vec<Row> {
        let span = span(self.form, self.record);
        let own = |name: &str| {
            self.record.seen(self.form, self.procedure.calendar_of(&self.form.form), name).unwrap_or_default()
        };
        let expressions = counted.filter.iter().chain(counted.takes.values());
        let names = expressions.flat_map(Expression::names).filter_map(|it| Some((it, it.strip_prefix(OWN_SHEET)?)));
        let owned: Vec<(&String, Value)> =
            names.filter_map(|(full, it)| Some((full, own(it.strip_prefix('.')?)))).collect();
        let mut rows = Vec::new();
        for record in records.iter().filter(|it| it.void.is_none() && it.id != self.record.id) {
            let Some(form) = self.procedure.edition(&record.form, &record.edition) else { continue };
            let day = counted.day.as_ref().or_else(|| form.identity.as_ref().map(|it| &it.date));
            let day = day.and_then(|it| read_day(record.latest(form, it.as_str())));
            let day = day.unwrap_or_else(|| record.entered.date());
            let is_same = |(theirs, ours): (&FieldId, &FieldId)| {
                let ours = self.record.latest(self.form, ours.as_str()).trim();
                !ours.is_empty() && record.latest(form, theirs.as_str()).trim() == ours
            };
            if span.is_some_and(|it| !it.holds(day)) || !counted.same.iter().all(is_same) {
                continue;
            }
            let scope = || {
                let scope = scope(self.procedure, form, record).with("day", day);
                owned.iter().for_each(|(name, value)| scope.set(name, value.clone()));
                scope
            };
            let Some(table) = &counted.lines else {
                rows.extend(self.taken(counted, &scope()));
                continue;
            };
            let Some(Value::List(lines)) = record.seen(form, self.procedure.calendar_of(&form.form), table.as_str())
            else {
                continue;
            };
            let labels = form.tables.get(table).map_or(&[][..], |it| &it.rows);
            for (place, line) in lines.iter().enumerate() {
                let Value::Map(values) = line else { continue };
                // What a line is called is written in none.
                if values.iter().all(|(name, it)| name == LABEL || it.is_missing()) {
                    continue;
                }
                let scope = scope();
                values.iter().for_each(|(name, value)| scope.set(name, value.clone()));
                scope.set(LABEL, labels.get(place).map(String::as_str));
                rows.extend(self.taken(counted, &scope));
            }
        }
        rows
    }

    /// The lines of a table that come of a list.
    fn table(self, table: &Table, list: &[Row], cells: &mut Vec<(CellId, String)>) {
        let mut groups: Vec<(String, Vec<&Row>)> = table.rows.iter().map(|it| (it.clone(), Vec::new())).collect();
        let mut places: BTreeMap<String, usize> =
            groups.iter().enumerate().map(|(place, it)| (it.0.clone(), place)).collect();
        for row in list {
            let scope = Scope::new(self.procedure.calendar_of(&self.form.form)).asking(|name| Some(of(row, name)));
            let key: Vec<String> = table
                .group
                .iter()
                .map(|it| it.evaluate_within(&scope, self.budget).unwrap_or_default().to_string())
                .collect();
            let key = key.join("\n");
            match places.get(&key).filter(|_| !table.group.is_empty()) {
                Some(place) => groups[*place].1.push(row),
                // What is in none of the lines that are given counts in none.
                None if table.is_fixed() => {}
                None => {
                    places.insert(key.clone(), groups.len());
                    groups.push((key, vec![row]));
                }
            }
        }
        let (form, round) = (self.form, self.record.last_round());
        let scope_of = |called: &str, rows: &[&Row]| {
            let mut first = rows.first().map(|it| (*it).clone()).unwrap_or_default();
            if table.is_fixed() {
                first.insert(LABEL.to_owned(), called.into());
            }
            let all = Value::rows(rows.iter().map(|it| (*it).clone()));
            let besides = move |name: &str| self.record.set_besides(form, name, round).unwrap_or_default();
            Scope::new(self.procedure.calendar_of(&form.form))
                .with(ROWS, all)
                .asking(move |name| Some(first.get(name).cloned().unwrap_or_else(|| besides(name))))
        };
        let mut lines: Vec<(Value, Scope<'_>)> = groups
            .iter()
            .map(|(called, rows)| {
                let scope = scope_of(called, rows);
                let order = table
                    .order
                    .as_ref()
                    .map_or(Value::Missing, |it| it.evaluate_within(&scope, self.budget).unwrap_or_default());
                (order, scope)
            })
            .collect();
        if table.order.is_some() && !table.is_fixed() {
            lines.sort_by(|a, b| a.0.compare(&b.0).unwrap_or(std::cmp::Ordering::Equal));
        }
        for (line, (_, scope)) in lines.iter().enumerate().take(MOST_LINES) {
            for field in table.fields().filter_map(|it| form.field(it)) {
                let said = field.counted.iter().map(|it| self.said(&field.id, it, scope));
                cells.extend(said.map(|it| (self.record.cell(form, &field.id, round, line), it)));
            }
        }
        // A table of which nothing came says so in its first column of words.
        let mut words = table.fields().filter(|it| form.field(it).is_some_and(|it| !it.is_number()));
        if let (true, Some(empty), Some(field)) = (lines.is_empty(), &table.empty, words.next()) {
            cells.push((self.record.cell(form, field, round, 0), empty.clone()));
        }
    }

    /// What is taken of a sheet or line, where it counts. What cannot be told does: nothing is left out unsaid.
    fn taken(self, counted: &Counted, scope: &Scope<'_>) -> Option<Row> {
        let reckon = |it: &Expression| it.evaluate_within(scope, self.budget);
        let out = |it: &Expression| reckon(it).is_ok_and(|it| it.is_missing() || it == Value::Truth(false));
        if counted.filter.as_ref().is_some_and(out) {
            return None;
        }
        let take = |(name, it): (&String, &Expression)| (name.clone(), reckon(it).unwrap_or_default());
        Some(counted.takes.iter().map(take).collect())
    }

    /// What an expression comes to, as its cell keeps it.
    fn said(self, field: &FieldId, is: &Expression, scope: &Scope<'_>) -> String {
        let Some(field) = self.form.field(field) else { return String::new() };
        match is.evaluate_within(scope, self.budget) {
            Ok(value) => keep_value(field, &value),
            Err(fault) => format!("算不出：{fault}"),
        }
    }
}

fn of(row: &Row, name: &str) -> Value {
    row.get(name).cloned().unwrap_or_default()
}
