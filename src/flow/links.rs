//! How a sheet hangs together with others: what is carried over to those it starts, which lines of registers it writes, what
//! it waits for; and what is wrong between its cells. Pure: other sheets are handed in.

use chrono::{NaiveDate, NaiveTime};

use super::clock::term;
use super::{is_signed, scope};
use crate::expression::{Expression, Fault, Scope, Value};
use crate::procedure::{
    Before, Carried, Field, FieldId, Form, FormId, Need, Procedure, Repeats, Start, TableId, Writes,
};
use crate::record::{CellId, Issue, Record, Values, keep_value, read_day, value_of};

/// A line of a table, as a sheet that is started from it is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place, zero-based.
    pub line: usize,
    /// What it is called: 换件 第2行：主轴.
    pub text: String,
}

impl Row {
    /// Whether a sheet that is about `text` was started from it, whatever was written in it since.
    pub fn is_told_by(&self, text: &str) -> bool {
        let place = |it: &str| it.split('：').next().unwrap_or_default().to_owned();
        place(&self.text) == place(text)
    }
}

/// A line of a register that is to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// In which register.
    pub register: FormId,
    /// What stands in it.
    pub values: Values,
    /// What of the sheet it is about.
    pub text: String,
}

/// A sheet that has to be there first, and is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// What is not done before.
    pub before: Before,
    /// Of opening and signing: which stage, by its place.
    pub stage: usize,
    /// What is missing, a sentence.
    pub says: String,
}

/// A sheet as its conditions see it: what they ask of the whole sheet is reckoned once, whichever line asks.
struct Seen<'a> {
    procedure: &'a Procedure,
    form: &'a Form,
    record: &'a Record,
    whole: Scope<'a>,
}

impl<'a> Seen<'a> {
    fn new(procedure: &'a Procedure, form: &'a Form, record: &'a Record) -> Self {
        Self { procedure, form, record, whole: scope(procedure, form, record) }
    }

    /// The sheet as one line of a table sees it: the columns of that line before all else.
    fn line<'b>(&'b self, table: &'b TableId, line: usize) -> Scope<'b> {
        Scope::new(self.procedure.calendar_of(&self.form.form)).asking(move |name| {
            let column = self.form.field(&name.into()).filter(|it| self.form.stands_beside(it, Some(table)));
            match column {
                Some(field) => Some(value_of(field, &said(self.procedure, self.form, self.record, field, line))),
                None => self.whole.get(name),
            }
        })
    }

    fn value(&self, expression: &Expression, row: Option<(&TableId, usize)>) -> Result<Value, Fault> {
        match row {
            Some((table, line)) => expression.evaluate(&self.line(table, line)),
            None => expression.evaluate(&self.whole),
        }
    }

    /// Whether a condition holds; what cannot be reckoned does not.
    fn holds(&self, when: &Expression, row: Option<(&TableId, usize)>) -> bool {
        self.value(when, row).is_ok_and(|it| it == Value::Truth(true))
    }

    /// Whether a condition holds, or there is none.
    fn applies(&self, when: Option<&Expression>, row: Option<(&TableId, usize)>) -> bool {
        when.is_none_or(|it| self.holds(it, row))
    }
}

/// What a cell of the present round says, computed where it is.
fn said(procedure: &Procedure, form: &Form, record: &Record, field: &Field, line: usize) -> String {
    let round = record.last_round();
    let cell = record.cell(form, &field.id, round, line);
    record.says(form, procedure.calendar_of(&form.form), field, &cell, round).trim().to_owned()
}

/// The lines of a table that are written.
pub fn rows(procedure: &Procedure, form: &Form, record: &Record, table: &TableId) -> Vec<Row> {
    let Some(of) = form.tables.get(table) else { return Vec::new() };
    let columns: Vec<&Field> = of.fields().filter_map(|it| form.field(it)).filter(|it| it.is_written()).collect();
    let lines = 0..record.lines(form, of, record.last_round());
    // What another round says in the same line is another matter.
    let home = columns.first().map_or(0, |it| record.home(form, it.id.as_str(), record.last_round()));
    let round = if home > 0 { format!("第{}次 ", home + 1) } else { String::new() };
    let row = |line: usize| {
        let mut texts = columns.iter().map(|it| said(procedure, form, record, it, line));
        let first = texts.find(|it| !it.is_empty() && it != "/")?;
        let called = of.rows.get(line).cloned().unwrap_or_else(|| format!("第{}行", line + 1));
        Some(Row { line, text: format!("{} {round}{called}：{first}", of.name) })
    };
    lines.filter_map(row).collect()
}

/// What is carried over from a sheet, or from a line of a table of it, to one of another form.
pub fn carried<'a>(
    procedure: &Procedure,
    (form, record): (&Form, &Record),
    into: &Form,
    carries: impl IntoIterator<Item = (&'a FieldId, &'a Carried)>,
    row: Option<(&TableId, usize)>,
) -> Values {
    let seen = Seen::new(procedure, form, record);
    let value = |(id, carried): (&FieldId, &Carried)| {
        let there = into.field(id)?;
        let text = match carried {
            Carried::Cell(from) => {
                let field = form.field(from)?;
                let line = row.filter(|it| form.stands_beside(field, Some(it.0))).map_or(0, |it| it.1);
                said(procedure, form, record, field, line)
            }
            Carried::Is(expression) => keep_value(there, &seen.value(expression, row).unwrap_or_default()),
        };
        Some((id.clone(), text)).filter(|it| !it.1.is_empty())
    };
    carries.into_iter().filter_map(value).collect()
}

/// Whether a sheet starts another by its own condition, of a line of a table by that line's.
pub fn starts(procedure: &Procedure, form: &Form, record: &Record, start: &Start, line: Option<usize>) -> bool {
    Seen::new(procedure, form, record).applies(start.when.as_ref(), start.rows.as_ref().zip(line))
}

/// The lines of registers that are written when the stage of `field` is signed; those that were written before are not
/// written again.
pub fn writes(procedure: &Procedure, form: &Form, record: &Record, field: &FieldId) -> Vec<Written> {
    let mut all = Vec::new();
    let seen = Seen::new(procedure, form, record);
    for writes in form.writes.iter().filter(|it| it.after == *field) {
        let Some(into) = procedure.form(&writes.register) else { continue };
        let lines: Vec<Option<Row>> = match &writes.rows {
            Some(table) => rows(procedure, form, record, table).into_iter().map(Some).collect(),
            None => vec![None],
        };
        for row in lines {
            all.extend(line(&seen, writes, into, row));
        }
    }
    all
}

fn line(seen: &Seen<'_>, writes: &Writes, into: &Form, row: Option<Row>) -> Option<Written> {
    let Seen { procedure, form, record, .. } = seen;
    let mut before = record.started.iter().filter(|it| it.form == writes.register);
    let there = match &row {
        Some(row) => before.any(|it| row.is_told_by(&it.text)),
        None => before.next().is_some(),
    };
    let at = writes.rows.as_ref().zip(row.as_ref().map(|it| it.line));
    if there || !seen.applies(writes.when.as_ref(), at) {
        return None;
    }
    let values = carried(procedure, (form, record), into, &writes.carries, at);
    Some(Written { register: into.form.clone(), values, text: row.map(|it| it.text).unwrap_or_default() })
}

/// What is wrong between the cells of a sheet, as its form's checks say.
pub fn checks(procedure: &Procedure, form: &Form, record: &Record) -> Vec<Issue> {
    let mut issues = Vec::new();
    if record.void.is_some() || record.destroyed() {
        return issues;
    }
    let seen = Seen::new(procedure, form, record);
    for check in &form.checks {
        let Some(field) = form.field(&check.at) else { continue };
        let lines = match &field.table {
            Some(table) => rows(procedure, form, record, table).into_iter().map(|it| Some((table, it.line))).collect(),
            None => vec![None],
        };
        for row in lines {
            if seen.holds(&check.when, row) {
                let line = row.map_or(0, |it| it.1);
                let cell = record.cell(form, &field.id, record.last_round(), line);
                issues.push(Issue { cell, message: format!("{}：{}", field.name, check.says) });
            }
        }
    }
    issues
}

/// What is wrong between the cells that signing the stage of `field` closes: what speaks against it, a sentence each. Of the
/// table in whose lines it is signed, only what stands in that line.
pub fn against(
    procedure: &Procedure,
    form: &Form,
    record: &Record,
    (field, line): (&FieldId, Option<usize>),
) -> Vec<String> {
    let Some((place, stage)) = form.stage_of(field.as_str()).and_then(|it| Some((it, form.stages.get(it)?))) else {
        return Vec::new();
    };
    let here = |it: &Issue| {
        let Some(field) = form.field(&it.cell.field) else { return false };
        let in_line = line.is_none_or(|line| line == it.cell.line || !form.is_in_lines_of(stage, field));
        in_line && (field.id == stage.by || form.closers(field).contains(&place))
    };
    checks(procedure, form, record).into_iter().filter(here).map(|it| it.message).collect()
}

/// All that the writer should look at on a sheet: what is wrong in its cells, and between them.
pub fn issues(procedure: &Procedure, form: &Form, record: &Record) -> Vec<Issue> {
    let mut issues = record.check(form);
    issues.extend(checks(procedure, form, record));
    issues
}

/// The numbers in a cell that names other sheets: one, or several.
pub fn numbers(written: &str) -> impl Iterator<Item = &str> {
    let parts = written.split(['、', '，', ',', '；', ';', '\n', ' ', '　']);
    parts.map(str::trim).filter(|it| !it.is_empty() && *it != "/")
}

/// The numbers of other sheets that stand on a sheet: of which form, at which cell, which number.
pub fn linked(form: &Form, record: &Record) -> Vec<(FormId, CellId, String)> {
    let mut all = Vec::new();
    for (field, target) in form.every_field().filter_map(|it| Some((it, it.form.as_ref()?))) {
        let round = record.last_round();
        let home = record.home(form, field.id.as_str(), round);
        for line in 0..record.rounds.get(home).map_or(0, |it| it.lines(field.id.as_str())) {
            let cell = record.cell(form, &field.id, round, line);
            let found: Vec<String> = numbers(record.at(&cell)).map(str::to_owned).collect();
            all.extend(found.into_iter().map(|it| (target.clone(), cell.clone(), it)));
        }
    }
    all
}

/// Where other sheets are looked up.
pub trait Others {
    /// The sheet of a form with this number.
    fn numbered(&self, form: &FormId, number: &str) -> Option<Record>;
    /// The sheets of a form that this one was started from, or that were started from it.
    fn beside(&self, form: &FormId, record: &Record) -> Vec<Record>;
}

/// The sheets that have to be there first, and are not.
pub fn unmet(procedure: &Procedure, form: &Form, record: &Record, others: &dyn Others) -> Vec<Unmet> {
    let seen = Seen::new(procedure, form, record);
    let applying = |it: &&Need| seen.applies(it.when.as_ref(), None);
    let missing = |need: &Need| {
        let stage = need.stage.as_ref().and_then(|name| form.stages.iter().position(|it| it.name == *name));
        let why = lacks(procedure, (form, record), need, others)?;
        let says = need.says.clone().unwrap_or(why);
        Some(Unmet { before: need.before, stage: stage.unwrap_or_default(), says })
    };
    form.needs.iter().filter(applying).filter_map(missing).collect()
}

/// What is missing of a sheet that has to be there first.
fn lacks(procedure: &Procedure, (form, record): (&Form, &Record), need: &Need, others: &dyn Others) -> Option<String> {
    let short = procedure.form(&need.form).map_or("", |it| it.short.as_str());
    let there = |it: &Record| it.void.is_none();
    let reached = |it: &Record| {
        let Some(at) = &need.at else { return true };
        let of = procedure.edition(&it.form, &it.edition);
        of.is_some_and(|of| of.stages.iter().any(|stage| stage.name == *at && is_signed(of, it, stage)))
    };
    let waits = |number: &str| {
        let at = need.at.as_deref().unwrap_or_default();
        format!("{short} {number} 还没有签“{at}”")
    };
    let Some(by) = need.by.as_ref().and_then(|it| form.field(it)) else {
        let mut found = others.beside(&need.form, record);
        found.retain(there);
        return match found.first() {
            None => Some(format!("先要有{short}，与这张单连着")),
            Some(first) if !found.iter().any(reached) => Some(waits(&first.number)),
            Some(_) => None,
        };
    };
    let home = record.home(form, by.id.as_str(), record.last_round());
    let lines = record.rounds.get(home).map_or(0, |it| it.lines(by.id.as_str()));
    let cells = (0..lines).map(|line| CellId::in_line(by.id.clone(), home, line));
    let written: Vec<String> =
        cells.flat_map(|it| numbers(record.at(&it)).map(str::to_owned).collect::<Vec<_>>()).collect();
    if written.is_empty() {
        return Some(format!("先要有{short}，编号写在“{}”里", by.name));
    }
    written.iter().find_map(|number| match others.numbered(&need.form, number).filter(there) {
        None => Some(format!("“{}”写的 {number} 不是{short}的编号，或已作废", by.name)),
        Some(found) if !reached(&found) => Some(waits(number)),
        Some(_) => None,
    })
}

/// What like sheets say the same: each field with the texts that stand in it.
type Same = Vec<(FieldId, Vec<String>)>;
/// So many texts of a column are looked for.
const MOST_TEXTS: usize = 60;

/// From which day on like sheets count, and what they have to say the same. None
/// where the sheet has no day, or nothing stands in one of the fields.
pub fn alike(procedure: &Procedure, form: &Form, record: &Record, repeats: &Repeats) -> Option<(NaiveDate, Same)> {
    let day = day_of(form, record)?;
    let term = term(procedure, form, &repeats.within)?;
    // The time is counted backwards; a day more or less of a month does not matter.
    let long = term.from(procedure.calendar_of(&form.form), day.and_time(NaiveTime::MIN)).date() - day;
    let since = day.checked_sub_signed(long)?;
    if !Seen::new(procedure, form, record).applies(repeats.when.as_ref(), None) {
        return None;
    }
    let mut same = Vec::new();
    for id in &repeats.same {
        let home = record.home(form, id.as_str(), record.last_round());
        let lines = record.rounds.get(home).map_or(0, |it| it.lines(id.as_str()));
        let texts = (0..lines).map(|line| record.at(&CellId::in_line(id.clone(), home, line)).to_owned());
        let written = texts.filter(|it| !it.trim().is_empty() && it.trim() != "/");
        let texts: Vec<String> = written.take(MOST_TEXTS).collect();
        if texts.is_empty() {
            return None;
        }
        same.push((id.clone(), texts));
    }
    Some((since, same))
}

/// The day of a sheet's event.
pub fn day_of(form: &Form, record: &Record) -> Option<NaiveDate> {
    read_day(record.latest(form, form.identity.as_ref()?.date.as_str()))
}

/// Whom or what the clocks of a form may wait for.
pub fn waits(form: &Form) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for whom in form.clocks.iter().flat_map(|it| &it.waits) {
        if !all.contains(&whom.as_str()) {
            all.push(whom);
        }
    }
    all
}
