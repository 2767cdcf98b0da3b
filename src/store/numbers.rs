//! The number book (编号簿): which numbers are used, void or reserved, and why any is missing (PROCEDURE 5).

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use rusqlite::params;

use super::write::first_values;
use super::{Fault, NewRecord, Result, Store, What, keep_moment, read_moment};
use crate::procedure::{Form, FormId, NumberPattern};
use crate::record::{Record, RecordId};

/// A line of the number book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberLine {
    /// In which year.
    pub year: i32,
    /// The running number.
    pub sequence: i64,
    /// As it is printed; empty for a gap, which never was printed.
    pub number: String,
    /// The sheet, where there is one.
    pub record: Option<RecordId>,
    /// What became of the number.
    pub state: NumberState,
    /// For whom it was reserved, why it is void, how the gap is explained.
    pub note: String,
    /// When that was put down.
    pub at: Option<NaiveDateTime>,
}

/// What became of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberState {
    /// A sheet has it (已用).
    Used,
    /// It, or its sheet, is void (作废).
    Void,
    /// A blank sheet with it was handed out (预留).
    Reserved,
    /// There is no such number (空号), which wants an explanation.
    Gap,
}

impl NumberState {
    /// What the screen calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Used => "已用",
            Self::Void => "作废",
            Self::Reserved => "预留",
            Self::Gap => "空号",
        }
    }
}

impl Store {
    /// Reserves the next `count` numbers of a form and year for blank sheets that are handed out, and tells them.
    ///
    /// # Errors
    /// When the book cannot be written; then none is reserved.
    pub fn reserve(
        &self,
        form: &Form,
        pattern: &NumberPattern,
        year: i32,
        count: usize,
        by: &str,
        note: &str,
        now: NaiveDateTime,
    ) -> Result<Vec<String>> {
        self.writing(|| {
            let mut numbers = Vec::new();
            for _ in 0..count {
                let (sequence, number) = self.draw(pattern, form.form.as_str(), year)?;
                self.note_number(&form.form, (year, sequence, &number), "reserved", by, note, now)?;
                numbers.push(number);
            }
            Ok(numbers)
        })
    }

    /// Says why a reserved number will never be used (`void`), or why a number is missing (a gap).
    ///
    /// # Errors
    /// When the book cannot be written, or a sheet has the number.
    pub fn explain_number(
        &self,
        form: &FormId,
        line: &NumberLine,
        by: &str,
        note: &str,
        now: NaiveDateTime,
    ) -> Result<()> {
        self.writing(|| {
            let sql = "SELECT 1 FROM record WHERE form = ?1 AND year = ?2 AND sequence = ?3";
            if self.connection.prepare_cached(sql)?.exists(params![form.as_str(), line.year, line.sequence])? {
                return Err(Fault::said(format!("编号 {} 已有单据，作废请在单据上办理", line.number)));
            }
            let kind = match line.state {
                NumberState::Gap => "gap",
                NumberState::Used | NumberState::Void | NumberState::Reserved => "void",
            };
            self.note_number(form, (line.year, line.sequence, &line.number), kind, by, note, now)
        })
    }

    /// Begins the sheet that was handed out blank under a reserved number.
    ///
    /// # Errors
    /// When the book cannot be written, or the number is not reserved or already used.
    pub fn take_reserved(
        &self,
        form: &Form,
        pattern: &NumberPattern,
        line: &NumberLine,
        now: NaiveDateTime,
    ) -> Result<Record> {
        self.writing(|| {
            let sql =
                "SELECT kind FROM number_note WHERE form = ?1 AND year = ?2 AND sequence = ?3 ORDER BY id DESC LIMIT 1";
            let mut last = self.connection.prepare_cached(sql)?;
            let mut rows = last.query(params![form.form.as_str(), line.year, line.sequence])?;
            let kind: Option<String> = rows.next()?.map(|row| row.get(0)).transpose()?;
            if kind.as_deref() != Some("reserved") {
                return Err(Fault::said(format!("编号 {} 没有预留", line.number)));
            }
            drop(rows);
            let new = NewRecord {
                year: line.year,
                number: Some((line.sequence, line.number.clone())),
                ..first_values(form, line.year, now, &crate::record::Values::new())
            };
            let mut tail = self.tail()?;
            self.insert(pattern, new, What::Created, now, &mut tail)
        })
    }

    /// Every number of a form and year up to the last, gaps included.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn numbers(&self, form: &FormId, year: i32) -> Result<Vec<NumberLine>> {
        self.reading(|| {
            let mut lines: BTreeMap<i64, NumberLine> = BTreeMap::new();
            let sql = "SELECT sequence, number, kind, note, at FROM number_note WHERE form = ?1 AND year = ?2 ORDER BY id";
            let mut notes = self.connection.prepare_cached(sql)?;
            let mut rows = notes.query(params![form.as_str(), year])?;
            while let Some(row) = rows.next()? {
                let kind: String = row.get(2)?;
                let state = match kind.as_str() {
                    "reserved" => NumberState::Reserved,
                    "void" => NumberState::Void,
                    _ => NumberState::Gap,
                };
                let sequence = row.get(0)?;
                let at = Some(read_moment(&row.get::<_, String>(4)?)?);
                let (number, note) = (row.get(1)?, row.get(3)?);
                lines.insert(sequence, NumberLine { year, sequence, number, record: None, state, note, at });
            }
            let sql = "SELECT sequence, number, record.id, void.reason, entered FROM record LEFT JOIN void ON void.record = record.id
                       WHERE form = ?1 AND year = ?2";
            let mut used = self.connection.prepare_cached(sql)?;
            let mut rows = used.query(params![form.as_str(), year])?;
            while let Some(row) = rows.next()? {
                let (sequence, reason): (i64, Option<String>) = (row.get(0)?, row.get(3)?);
                let state = if reason.is_some() { NumberState::Void } else { NumberState::Used };
                let record = Some(RecordId(row.get(2)?));
                let at = Some(read_moment(&row.get::<_, String>(4)?)?);
                let (number, note) = (row.get(1)?, reason.unwrap_or_default());
                lines.insert(sequence, NumberLine { year, sequence, number, record, state, note, at });
            }
            let last = lines.last_key_value().map_or(0, |(sequence, _)| *sequence);
            for sequence in 1..=last.min(100_000) {
                lines.entry(sequence).or_insert_with(|| NumberLine {
                    year,
                    sequence,
                    number: String::new(),
                    record: None,
                    state: NumberState::Gap,
                    note: String::new(),
                    at: None,
                });
            }
            Ok(lines.into_values().collect())
        })
    }

    fn note_number(
        &self,
        form: &FormId,
        (year, sequence, number): (i32, i64, &str),
        kind: &str,
        by: &str,
        note: &str,
        now: NaiveDateTime,
    ) -> Result<(), Fault> {
        let sql = "INSERT INTO number_note (form, year, sequence, number, kind, at, made_by, note)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let row = params![form.as_str(), year, sequence, number, kind, keep_moment(now), by, note];
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }
}
