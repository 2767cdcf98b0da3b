//! Stages that are signed line by line of a table: which lines are signed, which are open still, and what each closes.

use chrono::NaiveDate;

use super::Life;
use crate::procedure::{Field, FieldId, Form, Stage, Table};
use crate::record::{CellId, Record, read_date};

/// So many open lines are told by their names.
const NAMED: usize = 3;

/// What is begun of a table: its lines that are neither empty nor struck. None where no line is begun at all.
pub(super) type Begun = Option<Vec<usize>>;

/// The first column of a table that is typed and not signed: a line struck there is struck.
pub(super) fn first_typed<'a>(form: &Form, table: &'a Table) -> Option<&'a FieldId> {
    table.fields().find(|it| form.field(it).is_some_and(|it| it.is_written() && !it.signature))
}

/// The lines of a table that are begun in a round and not struck in this column.
pub(super) fn begun(form: &Form, record: &Record, table: &Table, first: Option<&FieldId>, round: usize) -> Begun {
    let paired = table.paired.iter().filter_map(|it| form.tables.get(it)).flat_map(Table::fields);
    let homes: Vec<(&FieldId, usize)> =
        table.fields().chain(paired).map(|it| (it, record.home(form, it.as_str(), round))).collect();
    let at = |(id, home): &(&FieldId, usize), line: usize| {
        record.rounds.get(*home).map_or("", |it| it.at(id.as_str(), line)).trim()
    };
    let is_begun = |line: &usize| table.is_fixed() || homes.iter().any(|it| !at(it, *line).is_empty());
    let lines: Vec<usize> = (0..record.lines(form, table, round)).filter(is_begun).collect();
    let first = homes.iter().find(|it| Some(it.0) == first);
    let is_open = |line: &usize| first.is_none_or(|it| at(it, *line) != "/");
    (!lines.is_empty()).then(|| lines.into_iter().filter(is_open).collect())
}

/// The lines that a stage signs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Those that are signed.
    pub signed: Vec<usize>,
    /// Those that are begun and not signed.
    pub open: Vec<usize>,
    /// Whether any line is begun at all.
    pub begun: bool,
}

impl Lines {
    /// Whether every line that is begun is signed.
    pub fn are_done(&self) -> bool {
        self.begun && self.open.is_empty()
    }

    /// The line that is signed next: of a table in which nothing is begun, the first.
    pub fn next(&self) -> Option<usize> {
        self.open.first().copied().or_else(|| (!self.begun).then_some(0))
    }
}

/// The lines of a stage in a round; none where it is not signed line by line.
pub fn lines(form: &Form, record: &Record, stage: &Stage, round: usize) -> Option<Lines> {
    let table = form.tables.get(stage.table.as_ref()?)?;
    let begun = begun(form, record, table, first_typed(form, table), round);
    let is_begun = begun.is_some();
    // What is struck in the table that this one goes along with needs nobody's signature.
    let paired = table.paired.as_ref().and_then(|it| form.tables.get(it));
    let of_paired = paired.and_then(|it| first_typed(form, it));
    let struck =
        |line: &usize| of_paired.is_some_and(|it| record.at(&record.cell(form, it, round, *line)).trim() == "/");
    let is_signed = |line: &usize| !record.at(&record.cell(form, &stage.by, round, *line)).trim().is_empty();
    let (signed, open): (Vec<usize>, Vec<usize>) = begun.unwrap_or_default().into_iter().partition(is_signed);
    let open = open.into_iter().filter(|it| !struck(it)).collect();
    Some(Lines { signed, open, begun: is_begun })
}

/// Whether a stage is signed in a round: in every line that is begun, where it is signed line by line.
pub(super) fn is_done(form: &Form, record: &Record, stage: &Stage, round: usize) -> bool {
    match &stage.table {
        None => !record.value_in(form, stage.by.as_str(), round).trim().is_empty(),
        Some(_) => lines(form, record, stage, round).is_some_and(|it| it.are_done()),
    }
}

/// Where the signature of a stage stands that closes a cell, or would: in the same line, where it is signed line by line.
pub(super) fn signature_of(form: &Form, record: &Record, stage: &Stage, field: &Field, line: usize) -> CellId {
    let line = if form.is_in_lines_of(stage, field) { line } else { 0 };
    record.cell(form, &stage.by, record.last_round(), line)
}

/// Whether a stage, by its place, has closed a cell in a line.
pub(super) fn has_closed(form: &Form, record: &Record, stage: usize, field: &Field, line: usize) -> bool {
    let Some(stage) = form.stages.get(stage) else { return false };
    if form.is_in_lines_of(stage, field) {
        return !record.at(&signature_of(form, record, stage, field, line)).trim().is_empty();
    }
    is_done(form, record, stage, record.last_round())
}

/// The stage behind one that is signed line by line that ends it: no line is begun any more behind that.
pub(super) fn ended_by<'a>(form: &'a Form, record: &Record, stage: usize) -> Option<&'a Stage> {
    let own = form.stages.get(stage).filter(|it| it.table.is_some())?;
    let life = Life::new(form, record);
    let mut later = form.stages.iter().enumerate().skip(stage + 1).filter(|it| !(own.any_order && it.1.any_order));
    later.find(|it| it.1.table.is_none() && life.is_signed(it.0)).map(|it| it.1)
}

/// The day a stage was signed in a round; the last one where it is signed line by line.
pub fn day_signed(form: &Form, record: &Record, stage: &Stage, round: usize) -> Option<NaiveDate> {
    let date = stage.date.as_ref()?;
    let home = record.home(form, date.as_str(), round);
    let count = if stage.table.is_some() { record.rounds.get(home)?.lines(date.as_str()) } else { 1 };
    let days = (0..count).filter_map(|it| read_date(record.at(&CellId::in_line(date.clone(), home, it)), None));
    days.max()
}

/// Which lines wait for a stage, in words: 第 2、3 行, or what they are called. Empty where it is not signed line by line.
pub fn open_rows(form: &Form, record: &Record, stage: usize) -> String {
    let Some(stage) = form.stages.get(stage) else { return String::new() };
    let table = stage.table.as_ref().and_then(|it| form.tables.get(it));
    let Some((table, lines)) = table.zip(lines(form, record, stage, record.last_round())) else { return String::new() };
    if !lines.begun {
        return format!("“{}”还没有写", table.name);
    }
    let named: Vec<String> = lines.open.iter().take(NAMED).map(|it| row_name(table, *it)).collect();
    let more = if lines.open.len() > NAMED { format!("等 {} 行", lines.open.len()) } else { String::new() };
    match (named.is_empty(), table.is_fixed()) {
        (true, _) => String::new(),
        (false, true) => format!("{}{more}", named.join("、")),
        (false, false) if more.is_empty() => format!("第 {} 行", named.join("、")),
        (false, false) => format!("第 {} {more}", named.join("、")),
    }
}

fn row_name(table: &Table, line: usize) -> String {
    table.rows.get(line).cloned().unwrap_or_else(|| (line + 1).to_string())
}

/// What a section is called where one of its lines is meant: 问题第 3 行.
pub(super) fn line_title(form: &Form, field: &Field, line: usize) -> Option<String> {
    let table = form.table_of(&field.id)?;
    Some(match table.rows.get(line) {
        Some(row) => format!("{} {row}", table.name),
        None => format!("{} 第 {} 行", table.name, line + 1),
    })
}
