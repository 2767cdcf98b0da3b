//! What is counted of other sheets on one: the cells and the lines of tables that come of it, and whether what was written
//! down when it was signed is still so.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::expression::{Expression, Fault, Scope, Value};
use crate::flow::{scope, span};
use crate::procedure::{Counted, Field, FieldId, Form, LABEL, OWN_SHEET, Procedure, ROWS, Table};
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
    reckon(procedure, form, record, sources).0
}

/// What is written down of what is reckoned from others when the stage is signed at which it is: all that differs from what
/// stands in the book, and nothing more where something is reckoned no longer.
///
/// # Errors
/// Why nothing can be written down: nobody can tell for when the sheet is, or something cannot be reckoned.
pub fn to_freeze(
    procedure: &Procedure,
    form: &Form,
    record: &Record,
    sources: &Sources,
) -> Result<Vec<(CellId, String)>, String> {
    if form.every.is_some() && span(form, record).is_none() {
        let name = form.period.as_ref().and_then(|it| form.field(it)).map_or("", |it| it.name.as_str());
        return Err(format!(
            "“{name}”看不出是哪一段时间，没有可算的；请写清楚再签，如 2026年10月、2026年第4季度、2026年"
        ));
    }
    let (now, fault) = reckon(procedure, form, record, sources);
    if let Some(fault) = fault {
        return Err(fault);
    }
    let old = written(form, record).into_iter().map(|it| (it, String::new()));
    let all: BTreeMap<CellId, String> = old.chain(now).collect();
    Ok(all.into_iter().filter(|(cell, value)| record.at(cell) != value).collect())
}

/// What is reckoned, and what could not be first, a sentence.
fn reckon(
    procedure: &Procedure,
    form: &Form,
    record: &Record,
    sources: &Sources,
) -> (Vec<(CellId, String)>, Option<String>) {
    if form.every.is_some() && span(form, record).is_none() {
        return (Vec::new(), None);
    }
    // What was reckoned before has no part in what is reckoned now.
    let mut bare = record.clone();
    written(form, record).iter().for_each(|it| bare.put(it, ""));
    let none = Vec::new();
    let (budget, faults) = (Cell::new(STEPS), RefCell::default());
    let counting = Counting { procedure, form, record: &bare, budget: &budget, faults: &faults };
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
    let mut known = bare.clone();
    cells.iter().for_each(|(cell, value)| known.put(cell, value));
    let values: BTreeMap<&str, Value> =
        lists.iter().map(|(name, rows)| (*name, Value::rows(rows.iter().cloned()))).collect();
    let alone = form.every_field().filter(|it| it.counted.is_some());
    let mut left: Vec<&Field> = alone.filter(|it| form.table_of(&it.id).is_none_or(|it| !it.is_counted())).collect();
    while !left.is_empty() {
        // What another one is reckoned with comes first.
        let waits = |it: &&Field| {
            let mut names = it.counted.iter().flat_map(Expression::names);
            names.any(|name| left.iter().any(|other| other.id != it.id && other.id.as_str() == name))
        };
        let field = left.remove(left.iter().position(|it| !waits(it)).unwrap_or_default());
        let said: Vec<String> = {
            let seen = |name: &str| {
                let list = values.get(name).cloned();
                let seen = || known.seen(form, procedure.calendar_of(&form.form), name);
                list.or_else(seen).or_else(|| known.set_besides(form, name, known.last_round()))
            };
            let scope = Scope::new(procedure.calendar_of(&form.form)).asking(seen);
            field.counted.iter().map(|it| counting.said(&field.id, it, &scope)).collect()
        };
        for said in said {
            let cell = known.cell(form, &field.id, known.last_round(), 0);
            known.put(&cell, &said);
            cells.push((cell, said));
        }
    }
    (cells, faults.into_inner())
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
    /// What could not be reckoned first.
    faults: &'a RefCell<Option<String>>,
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
                rows.extend(self.taken(counted, &record.number, &scope()));
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
                rows.extend(self.taken(counted, &record.number, &scope));
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
                .map(|it| {
                    let done = it.evaluate_within(&scope, self.budget);
                    self.complain(&table.name, done).unwrap_or_default().to_string()
                })
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
    fn taken(self, counted: &Counted, number: &str, scope: &Scope<'_>) -> Option<Row> {
        let reckon = |it: &Expression| {
            let done = it.evaluate_within(scope, self.budget);
            self.complain(number, done)
        };
        let out = |it: &Expression| reckon(it).is_ok_and(|it| it.is_missing() || it == Value::Truth(false));
        if counted.filter.as_ref().is_some_and(out) {
            return None;
        }
        let take = |(name, it): (&String, &Expression)| (name.clone(), reckon(it).unwrap_or_default());
        Some(counted.takes.iter().map(take).collect())
    }

    /// Keeps in mind what could not be reckoned, and of what.
    fn complain(self, of: &str, done: Result<Value, Fault>) -> Result<Value, Fault> {
        if let Err(fault) = &done {
            self.faults.borrow_mut().get_or_insert_with(|| format!("“{of}”算不出：{fault}"));
        }
        done
    }

    /// What an expression comes to, as its cell keeps it.
    fn said(self, field: &FieldId, is: &Expression, scope: &Scope<'_>) -> String {
        let Some(field) = self.form.field(field) else { return String::new() };
        match self.complain(&field.name, is.evaluate_within(scope, self.budget)) {
            Ok(value) => keep_value(field, &value),
            Err(fault) => format!("算不出：{fault}"),
        }
    }
}

fn of(row: &Row, name: &str) -> Value {
    row.get(name).cloned().unwrap_or_default()
}
