//! The number book (编号簿): which numbers are used, void or reserved, and why any is missing (PROCEDURE 5).

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use rusqlite::{OptionalExtension, params};

use super::sealed_tables::number_words;
use super::write::first_values;
use super::{Fault, NewRecord, Result, Store, What, keep_moment, read_moment};
use crate::procedure::{Form, FormId, NumberPattern};
use crate::record::{NumberLine, NumberState, Record, RecordId, Values, read_date};

/// More missing numbers than this are not explained at once: then the number that was brought along is wrong.
const MANY: i64 = 10_000;

impl Store {
    /// Reserves the next `count` numbers of a form and year for blank sheets that are handed out, and tells them: who
    /// handed them out, and to whom, are put down.
    ///
    /// # Errors
    /// When the book cannot be written; then none is reserved.
    pub fn reserve(
        &self,
        form: &Form,
        pattern: &NumberPattern,
        year: i32,
        count: usize,
        (by, note): (&str, &str),
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

    /// Says why a reserved number will never be used, which voids it (作废), or why numbers are missing (a gap). What was
    /// said of a gap may be said anew.
    ///
    /// # Errors
    /// When the book cannot be written, nothing is said, or the number is neither reserved nor missing any more.
    pub fn explain_number(
        &self,
        form: &FormId,
        line: &NumberLine,
        by: &str,
        note: &str,
        now: NaiveDateTime,
    ) -> Result<()> {
        let said = |sentence: String| Err(Fault::said(sentence));
        self.writing(|| {
            let note = note.trim();
            if note.is_empty() {
                return said("请写明理由".to_owned());
            }
            match line.state {
                NumberState::Used => said(format!("编号 {} 已有单据，作废请在单据上办理", line.number)),
                NumberState::Void => said(format!("编号 {} 已经作废", line.number)),
                NumberState::Reserved => {
                    let number = self.reserved(form, line)?;
                    self.note_number(form, (line.year, line.sequence, &number), "void", by, note, now)
                }
                NumberState::Gap => {
                    if line.until.saturating_sub(line.sequence) >= MANY {
                        return said(format!("一次最多说明 {MANY} 个空号；请先核对导入的编号"));
                    }
                    let last = self.last_number(form.as_str(), line.year)?;
                    for sequence in line.sequence..=line.until {
                        let known = self.kind_of(form, line.year, sequence)?.map(|it| it.0);
                        let there = self.has_record(form, line.year, sequence)?;
                        if there || sequence >= last || known.is_some_and(|it| it != "gap") {
                            return said(format!("{} 年第 {sequence} 号不是空号", line.year));
                        }
                        self.note_number(form, (line.year, sequence, ""), "gap", by, note, now)?;
                    }
                    Ok(())
                }
            }
        })
    }

    /// Notes behind what is said of a reserved number that its blank sheet was printed, by whom and on which day. Who
    /// has it stays said; it counts as handed out from that day on. A number that is no longer reserved is passed over.
    pub(super) fn number_printed(
        &self,
        form: &FormId,
        number: &str,
        by: &str,
        now: NaiveDateTime,
    ) -> Result<(), Fault> {
        let sql = "SELECT year, sequence, kind, note FROM number_note WHERE form = ?1 AND number = ?2
                   ORDER BY id DESC LIMIT 1";
        let last = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![form.as_str(), number], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
            })
            .optional()?;
        let Some((year, sequence, kind, note)) = last else { return Ok(()) };
        if kind != "reserved" || self.has_record(form, year, sequence)? {
            return Ok(());
        }
        let day = now.date();
        let printed = if by.is_empty() { format!("{day} 打印") } else { format!("{day} {by} 打印") };
        let note = if note.is_empty() { printed } else { format!("{note}；{printed}") };
        self.note_number(form, (year, sequence, number), "reserved", by, &note, now)
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
            let number = self.reserved(&form.form, line)?;
            let new = NewRecord {
                number: Some((line.sequence, number)),
                ..first_values(form, line.year, now, &Values::new())
            };
            let mut tail = self.tail()?;
            self.insert(pattern, new, What::Created, now, &mut tail)
        })
    }

    /// Every number of a form and year up to the last. Missing numbers that follow on each other, and of which the same
    /// is said, are one line.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn numbers(&self, form: &FormId, year: i32) -> Result<Vec<NumberLine>> {
        self.reading(|| {
            let mut known: BTreeMap<i64, NumberLine> = BTreeMap::new();
            let sql = "SELECT sequence, number, kind, note, made_by, at FROM number_note
                       WHERE form = ?1 AND year = ?2 ORDER BY id";
            let mut notes = self.connection.prepare_cached(sql)?;
            let mut rows = notes.query(params![form.as_str(), year])?;
            while let Some(row) = rows.next()? {
                let kind: String = row.get(2)?;
                let state = match kind.as_str() {
                    "reserved" => NumberState::Reserved,
                    "void" => NumberState::Void,
                    _ => NumberState::Gap,
                };
                let (sequence, number, note, by) = (row.get(0)?, row.get(1)?, row.get(3)?, row.get(4)?);
                let day = Some(read_moment(&row.get::<_, String>(5)?)?.date());
                let line = NumberLine { year, sequence, until: sequence, number, record: None, state, note, by, day };
                known.insert(sequence, line);
            }
            let sql = "SELECT sequence, number, record.id, entered, reason, made_by, made_on
                       FROM record LEFT JOIN void ON void.record = record.id WHERE form = ?1 AND year = ?2";
            let mut used = self.connection.prepare_cached(sql)?;
            let mut rows = used.query(params![form.as_str(), year])?;
            while let Some(row) = rows.next()? {
                let (sequence, number, reason): (i64, String, Option<String>) = (row.get(0)?, row.get(1)?, row.get(4)?);
                let state = if reason.is_some() { NumberState::Void } else { NumberState::Used };
                let (record, note) = (Some(RecordId(row.get(2)?)), reason.unwrap_or_default());
                let by = row.get::<_, Option<String>>(5)?.unwrap_or_default();
                let voided = row.get::<_, Option<String>>(6)?.and_then(|it| read_date(&it, None));
                let day = voided.map_or_else(|| read_moment(&row.get::<_, String>(3)?).map(|it| it.date()), Ok)?;
                let line =
                    NumberLine { year, sequence, until: sequence, number, record, state, note, by, day: Some(day) };
                known.insert(sequence, line);
            }
            Ok(with_gaps(known.into_values(), year))
        })
    }

    /// The years in which numbers of a form were drawn or reserved, oldest first.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn number_years(&self, form: &FormId) -> Result<Vec<i32>> {
        self.reading(|| {
            let sql =
                "SELECT year FROM record WHERE form = ?1 UNION SELECT year FROM number_note WHERE form = ?1 ORDER BY 1";
            let mut years = self.connection.prepare_cached(sql)?;
            Ok(years.query_map([form.as_str()], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
    }

    /// The printed number of a line that is reserved still.
    fn reserved(&self, form: &FormId, line: &NumberLine) -> Result<String, Fault> {
        if self.has_record(form, line.year, line.sequence)? {
            return Err(Fault::said(format!("编号 {} 的单据已经登记", line.number)));
        }
        match self.kind_of(form, line.year, line.sequence)? {
            Some((kind, number)) if kind == "reserved" => Ok(number),
            Some((kind, number)) if kind == "void" => Err(Fault::said(format!("编号 {number} 已经作废"))),
            _ => Err(Fault::said(format!("编号 {} 没有预留", line.number))),
        }
    }

    /// What the number book last said of a number, and how that is printed.
    pub(super) fn kind_of(&self, form: &FormId, year: i32, sequence: i64) -> Result<Option<(String, String)>, Fault> {
        let sql = "SELECT kind, number FROM number_note WHERE form = ?1 AND year = ?2 AND sequence = ?3
                   ORDER BY id DESC LIMIT 1";
        let mut last = self.connection.prepare_cached(sql)?;
        let key = params![form.as_str(), year, sequence];
        Ok(last.query_row(key, |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    fn has_record(&self, form: &FormId, year: i32, sequence: i64) -> Result<bool, Fault> {
        let sql = "SELECT 1 FROM record WHERE form = ?1 AND year = ?2 AND sequence = ?3";
        Ok(self.connection.prepare_cached(sql)?.exists(params![form.as_str(), year, sequence])?)
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
        let key = self.connection.last_insert_rowid().to_string();
        let said = number_words(form.as_str(), (year, sequence, number), kind, note);
        self.seal_beside(What::Number, &key, (None, &said), by, now)
    }
}

/// The lines with what is missing between them; gaps that say the same become one.
fn with_gaps(known: impl Iterator<Item = NumberLine>, year: i32) -> Vec<NumberLine> {
    let mut lines: Vec<NumberLine> = Vec::new();
    for line in known {
        let next = lines.last().map_or(1, |it| it.until.saturating_add(1));
        if line.sequence > next {
            lines.push(NumberLine {
                year,
                sequence: next,
                until: line.sequence - 1,
                number: String::new(),
                record: None,
                state: NumberState::Gap,
                note: String::new(),
                by: String::new(),
                day: None,
            });
        }
        match lines.last_mut() {
            Some(last)
                if (last.state, line.state) == (NumberState::Gap, NumberState::Gap)
                    && (&last.note, &last.by, last.day) == (&line.note, &line.by, line.day) =>
            {
                last.until = line.until;
            }
            _ => lines.push(line),
        }
    }
    lines
}
