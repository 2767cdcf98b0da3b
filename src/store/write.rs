//! Writing sheets: each change and its line of history in one transaction.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use rusqlite::{OptionalExtension, params};

use super::history::{Line, Tail, columns};
use super::seal::content;
use super::sealed_tables::numbered;
use super::{Fault, NewRecord, Result, Store, What, keep_moment};
use crate::flow::{Back, RefusalKind};
use crate::procedure::{Document, Form, FormId, NumberPattern};
use crate::record::{CellId, Correction, Deed, Fact, MOST_LINES, MOST_ROUNDS, Record, RecordId, Signed, Values, Void};

/// Texts longer than this many bytes stand in a table of their own.
pub(super) const SHORT: usize = 240;

/// No running number is larger: one that is was misread.
pub(super) const LAST: i64 = 9_999_999;

/// A number that a sheet brings along is no further ahead of the last one of its form and year, and of how many come with
/// it: one that is was misread, and behind it no number would be left.
const AHEAD: i64 = 10_000;

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetOutcome {
    /// Written, over what the writer had before them.
    Written,
    /// It stood there already.
    Unchanged,
    /// Written, over this text, which another window had written meanwhile; the history keeps it.
    Overwrote(String),
}

/// What a correction (划改) brings along.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Along {
    /// Another round is opened behind it.
    pub round: Option<Back>,
    /// What is corrected is a signature, and this is the one that stands there now.
    pub signed: Option<Signed>,
}

/// A sheet about to be begun.
pub(super) fn first_values(form: &Form, year: i32, entered: NaiveDateTime, values: &Values) -> NewRecord {
    NewRecord {
        form: form.form.clone(),
        edition: form.edition.clone(),
        year,
        number: None,
        entered,
        rounds: vec![values.clone()],
        corrections: Vec::new(),
        void: None,
        facts: Vec::new(),
    }
}

impl Store {
    /// Begins a sheet: draws the next number of the form and year, and writes what is already known.
    ///
    /// # Errors
    /// When the book cannot be written; then no number is used.
    pub fn create(
        &self,
        form: &Form,
        pattern: &NumberPattern,
        year: i32,
        entered: NaiveDateTime,
        values: &Values,
    ) -> Result<Record> {
        let new = first_values(form, year, entered, values);
        self.writing(|| {
            let mut tail = self.tail()?;
            self.insert(pattern, new, What::Created, entered, &mut tail)
        })
    }

    /// Takes in sheets from elsewhere: all of them or, after an error, none. Their places in the book, in order.
    ///
    /// # Errors
    /// When the book cannot be written, or a number that a sheet brings along is taken.
    pub fn import(
        &self,
        document: &Document,
        records: impl IntoIterator<Item = NewRecord>,
        now: NaiveDateTime,
    ) -> Result<Vec<RecordId>> {
        self.writing(|| {
            let records: Vec<NewRecord> = records.into_iter().collect();
            self.refuse_far_numbers(&records)?;
            let mut tail = self.tail()?;
            let insert = |new: NewRecord| {
                let pattern = document.pattern(&new.form);
                Ok(self.insert(pattern, new, What::Imported, now, &mut tail)?.id)
            };
            records.into_iter().map(insert).collect()
        })
    }

    fn refuse_far_numbers(&self, records: &[NewRecord]) -> Result<(), Fault> {
        let mut most: HashMap<(&FormId, i32), i64> = HashMap::new();
        for it in records {
            *most.entry((&it.form, it.year)).or_default() += 1;
        }
        for ((form, year), most) in &mut most {
            *most += self.last_number(form.as_str(), *year)? + AHEAD;
        }
        for it in records {
            if let Some((sequence, number)) = &it.number
                && let Some(most) = most.get(&(&it.form, it.year)).filter(|it| sequence > it)
            {
                return Err(Fault::said(format!(
                    "编号 {number} 比这一年最后的编号大得太多（序号最多到 {most}），多半是写错了；这样的编号会把这一年余下的号占去"
                )));
            }
        }
        Ok(())
    }

    /// Writes a cell; an empty text takes the entry away. `expected` is what the writer saw there: if another window
    /// wrote something else meanwhile, that is overwritten all the same, and told.
    ///
    /// # Errors
    /// When the book cannot be written, or the sheet is destroyed; then what stood there still does.
    pub fn set(
        &self,
        id: RecordId,
        cell: &CellId,
        value: &str,
        expected: &str,
        now: NaiveDateTime,
    ) -> Result<SetOutcome> {
        self.set_unless(id, cell, value, expected, now, &|_| None).map(|it| it.unwrap_or(SetOutcome::Unchanged))
    }

    /// Writes a cell unless a rule forbids it on the sheet as it is in this very moment: no other window signs or voids it
    /// between the asking and the writing. What the rule says, where it forbids it; then nothing is written.
    ///
    /// # Errors
    /// As [`Store::set`].
    pub fn set_unless(
        &self,
        id: RecordId,
        cell: &CellId,
        value: &str,
        expected: &str,
        now: NaiveDateTime,
        forbidden: &dyn Fn(&Record) -> Option<String>,
    ) -> Result<Result<SetOutcome, String>> {
        self.writing(|| {
            if let Some(why) = forbidden(&self.existing(id)?) {
                return Ok(Err(why));
            }
            self.living(id)?;
            let old = self.put(id, cell, value)?;
            if old == value {
                return Ok(Ok(SetOutcome::Unchanged));
            }
            self.note(id, What::Set, Some(cell), Some(&old), Some(value), "", now)?;
            Ok(Ok(if old == expected { SetOutcome::Written } else { SetOutcome::Overwrote(old) }))
        })
    }

    /// Changes a cell after signing (划改): writes the new text into the correction's round and keeps the correction,
    /// as one.
    ///
    /// # Errors
    /// When the book cannot be written, the sheet is void, or it has no such round.
    pub fn correct(&self, id: RecordId, correction: &Correction, now: NaiveDateTime) -> Result<()> {
        self.writing(|| self.correct_in(id, correction, now))
    }

    /// Changes a cell after signing where a rule allows it on the sheet as it is in this very moment, and does what the rule
    /// says comes along, as one. Whether another round was opened; or why the rule forbids it, and nothing is written.
    ///
    /// # Errors
    /// As [`Store::correct`].
    pub fn correct_unless(
        &self,
        id: RecordId,
        correction: &Correction,
        now: NaiveDateTime,
        rule: &dyn Fn(&Record) -> Result<Along, String>,
    ) -> Result<Result<bool, String>> {
        self.writing(|| {
            let Along { round, signed } = match rule(&self.existing(id)?) {
                Ok(along) => along,
                Err(why) => return Ok(Err(why)),
            };
            self.correct_in(id, correction, now)?;
            // Whoever has a key is not written into a signature but signs.
            if let Some(signed) = signed.map(|it| self.proved(id, &it)).transpose()?.filter(|it| it.proof.is_some()) {
                self.add_fact(id, Fact { at: now, by: self.operator(), deed: Deed::Signed(signed) })?;
            }
            let opens = round.is_some();
            if let Some(Back { deeds, carried }) = round {
                for deed in deeds {
                    self.add_fact(id, Fact { at: now, by: self.operator(), deed })?;
                }
                self.open_round(id, "", now)?;
                self.carry(id, &carried, &self.operator(), now)?;
            }
            Ok(Ok(opens))
        })
    }

    fn correct_in(&self, id: RecordId, correction: &Correction, now: NaiveDateTime) -> Result<(), Fault> {
        if self.living(id)?.void.is_some() {
            return Err(Fault::said("这张单已经作废"));
        }
        self.as_oneself(&correction.by)?;
        let old = self.put(id, &correction.cell, &correction.new)?;
        let sql = "SELECT coalesce(max(place), -1) + 1 FROM correction WHERE record = ?1";
        let place: i64 = self.connection.prepare_cached(sql)?.query_row([id.0], |row| row.get(0))?;
        // What is struck through is what stood there, whatever another window wrote a moment ago.
        let correction = Correction { old, ..correction.clone() };
        self.insert_correction(id, place, &correction)?;
        let Correction { cell, old, new, .. } = &correction;
        self.note(id, What::Corrected, Some(cell), Some(old), Some(new), "", now)
    }

    /// Voids a sheet (作废); it keeps its number.
    ///
    /// # Errors
    /// When the book cannot be written, or the sheet is void already.
    pub fn void(&self, id: RecordId, void: &Void, now: NaiveDateTime) -> Result<()> {
        self.writing(|| self.void_in(id, void, now))
    }

    /// Voids a sheet unless a rule forbids it on the sheet as it is in this very moment. What the rule says, where it does.
    ///
    /// # Errors
    /// As [`Store::void`].
    pub fn void_unless(
        &self,
        id: RecordId,
        void: &Void,
        now: NaiveDateTime,
        forbidden: &dyn Fn(&Record) -> Option<String>,
    ) -> Result<Result<(), String>> {
        self.writing(|| match forbidden(&self.existing(id)?) {
            Some(why) => Ok(Err(why)),
            None => self.void_in(id, void, now).map(Ok),
        })
    }

    pub(super) fn void_in(&self, id: RecordId, void: &Void, now: NaiveDateTime) -> Result<(), Fault> {
        if self.living(id)?.void.is_some() {
            return Err(Fault::said("这张单已经作废"));
        }
        self.as_oneself(&void.by)?;
        self.insert_void(id, void)?;
        self.note(id, What::Voided, None, None, Some(&void.reason), &void.by, now)
    }

    /// Opens another round (轮次) of a sheet, and tells which, from nought.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub fn add_round(&self, id: RecordId, now: NaiveDateTime) -> Result<usize> {
        self.writing(|| self.open_round(id, "", now))
    }

    pub(super) fn open_round(&self, id: RecordId, by: &str, now: NaiveDateTime) -> Result<usize, Fault> {
        let round = self.living(id)?.rounds.len();
        if round >= MOST_ROUNDS {
            return Err(Fault::said(format!("一张单最多 {MOST_ROUNDS} 轮；请作废，另登记一张")));
        }
        self.connection.prepare_cached("UPDATE record SET rounds = rounds + 1 WHERE id = ?1")?.execute([id.0])?;
        self.note(id, What::Round, None, None, Some(&(round + 1).to_string()), by, now)?;
        Ok(round)
    }

    pub(super) fn existing(&self, id: RecordId) -> Result<Record, Fault> {
        self.load(id)?.ok_or_else(|| Fault::said(format!("没有这张单（内部号 {}）", id.0)))
    }

    /// A sheet that may still be written on: another window may have destroyed it meanwhile.
    pub(super) fn living(&self, id: RecordId) -> Result<Record, Fault> {
        let record = self.existing(id)?;
        if record.destroyed() {
            return Err(self.no_destruction(RefusalKind::Gone(record.number)));
        }
        Ok(record)
    }

    /// Adds a line of history about the sheet as it is now. `by`: who did it, as far as the sheet says so itself.
    #[expect(clippy::too_many_arguments, reason = "a line of history, column by column")]
    pub(super) fn note(
        &self,
        id: RecordId,
        what: What,
        cell: Option<&CellId>,
        old: Option<&str>,
        new: Option<&str>,
        by: &str,
        at: NaiveDateTime,
    ) -> Result<(), Fault> {
        let content = content(&self.existing(id)?);
        let (field, round, line) = columns(cell);
        let line = Line { record: Some(id), at, what, field, round, line, old, new, content, made_by: Some(by) };
        self.append(&mut self.tail()?, &line)
    }

    pub(super) fn insert(
        &self,
        pattern: &NumberPattern,
        new: NewRecord,
        what: What,
        at: NaiveDateTime,
        tail: &mut Tail,
    ) -> Result<Record, Fault> {
        let (sequence, number) = match new.number {
            Some((sequence, number)) => {
                if sequence > LAST {
                    return Err(Fault::said(format!("编号 {number} 太大，序号最多到 {LAST}")));
                }
                if self.kind_of(&new.form, new.year, sequence)?.is_some_and(|(kind, _)| kind == "void") {
                    return Err(Fault::said(format!("编号 {number} 已在编号簿里作废，不能再用")));
                }
                (sequence, number)
            }
            None => self.draw(pattern, new.form.as_str(), new.year)?,
        };
        let taken = "SELECT 1 FROM record WHERE form = ?1 AND (number = ?2 OR (year = ?3 AND sequence = ?4))";
        let mut taken = self.connection.prepare_cached(taken)?;
        if taken.exists(params![new.form.as_str(), number, new.year, sequence])? {
            return Err(Fault::said(format!("编号 {number} 已经用过（编号格式里应有 {{year}} 和 {{sequence}}）")));
        }
        if new.rounds.len() > MOST_ROUNDS {
            return Err(Fault::said(format!("编号 {number} 有 {} 轮，一张单最多 {MOST_ROUNDS} 轮", new.rounds.len())));
        }
        self.use_files(tail, (&new.form, &new.edition), at)?;
        let rounds = if new.rounds.is_empty() { vec![Values::new()] } else { new.rounds };
        let sql = "INSERT INTO record (form, edition, year, sequence, number, entered, rounds)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.connection.prepare_cached(sql)?.execute(params![
            new.form.as_str(),
            new.edition.as_str(),
            new.year,
            sequence,
            number,
            keep_moment(new.entered),
            i64::try_from(rounds.len()).unwrap_or(i64::MAX)
        ])?;
        let id = RecordId(self.connection.last_insert_rowid());
        let mut record = Record {
            id,
            form: new.form,
            edition: new.edition,
            number,
            entered: new.entered,
            rounds,
            corrections: new.corrections,
            void: new.void,
            facts: new.facts,
            as_of: None,
            started: Vec::new(),
        };
        for (round, values) in record.rounds.iter_mut().enumerate() {
            values.retain(|_, value| !value.is_empty());
            for (field, line, value) in values.iter() {
                self.insert_value(id, &CellId { round, field: field.clone(), line }, value)?;
            }
        }
        for (place, correction) in (0..).zip(&record.corrections) {
            self.insert_correction(id, place, correction)?;
        }
        if let Some(void) = &record.void {
            self.insert_void(id, void)?;
        }
        for (place, fact) in (0..).zip(&record.facts) {
            self.insert_fact(id, place, fact)?;
        }
        let numbered = numbered(new.year, sequence);
        let (new, content) = (Some(record.number.as_str()), content(&record));
        let (record_id, old) = (Some(id), Some(numbered.as_str()));
        let (field, round, line, made_by) = (None, None, 0, None);
        self.append(tail, &Line { record: record_id, at, what, field, round, line, old, new, content, made_by })?;
        Ok(record)
    }

    /// The next number of a form and year.
    pub(super) fn draw(&self, pattern: &NumberPattern, form: &str, year: i32) -> Result<(i64, String), Fault> {
        let sequence = self.last_number(form, year)?.saturating_add(1);
        if sequence > LAST {
            return Err(Fault::said(format!("{year} 年的编号已到 {LAST}，不能再取；请核对编号簿里最后的编号")));
        }
        let number = pattern.format(year, sequence);
        let sql = "SELECT 1 FROM number_note WHERE form = ?1 AND number = ?2 UNION ALL
                   SELECT 1 FROM record WHERE form = ?1 AND number = ?2";
        if self.connection.prepare_cached(sql)?.exists(params![form, number])? {
            return Err(Fault::said(format!(
                "编号 {number} 已经用过或预留（编号格式里应有 {{year}} 和 {{sequence}}）"
            )));
        }
        Ok((sequence, number))
    }

    /// The last running number drawn or reserved of a form and year; nought where there is none.
    pub(super) fn last_number(&self, form: &str, year: i32) -> Result<i64, Fault> {
        let sql = "SELECT max(
                (SELECT coalesce(max(sequence), 0) FROM record WHERE form = ?1 AND year = ?2),
                (SELECT coalesce(max(sequence), 0) FROM number_note WHERE form = ?1 AND year = ?2))";
        Ok(self.connection.prepare_cached(sql)?.query_row(params![form, year], |row| row.get(0))?)
    }

    /// Writes a cell and returns what stood there.
    pub(super) fn put(&self, id: RecordId, cell: &CellId, value: &str) -> Result<String, Fault> {
        let rounds = self.existing(id)?.rounds.len();
        if cell.round >= rounds {
            return Err(Fault::said(format!("这张单只有 {rounds} 轮，没有第 {} 轮", cell.round + 1)));
        }
        if cell.line >= MOST_LINES {
            return Err(Fault::said(format!("一个表最多 {MOST_LINES} 行，请另建一张单")));
        }
        let [round, field, line] = self.key(cell)?;
        let key = params![id.0, round, field, line];
        let sql = "SELECT text, long FROM value WHERE record = ?1 AND round = ?2 AND field = ?3 AND line = ?4";
        let found: Option<(Option<String>, Option<i64>)> =
            self.connection.prepare_cached(sql)?.query_row(key, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let old = match &found {
            None => String::new(),
            Some((Some(text), _)) => text.clone(),
            Some((None, long)) => {
                let sql = "SELECT text FROM long_text WHERE id = ?1";
                self.connection.prepare_cached(sql)?.query_row([long], |row| row.get(0))?
            }
        };
        if old == value {
            return Ok(old);
        }
        if let Some((_, long)) = found {
            self.connection.prepare_cached("DELETE FROM long_text WHERE id = ?1")?.execute([long])?;
            let sql = "DELETE FROM value WHERE record = ?1 AND round = ?2 AND field = ?3 AND line = ?4";
            self.connection.prepare_cached(sql)?.execute(key)?;
        }
        if !value.is_empty() {
            self.insert_value(id, cell, value)?;
        }
        Ok(old)
    }

    /// Where a cell lies in the table of values: round, datum, line.
    fn key(&self, cell: &CellId) -> Result<[i64; 3], Fault> {
        let place = |it: usize| i64::try_from(it).unwrap_or(i64::MAX);
        Ok([place(cell.round), self.field_number(&cell.field)?, place(cell.line)])
    }

    pub(super) fn insert_value(&self, id: RecordId, cell: &CellId, value: &str) -> Result<(), Fault> {
        let [round, field, line] = self.key(cell)?;
        let short = (value.len() <= SHORT).then_some(value);
        let long = if short.is_none() {
            self.connection.prepare_cached("INSERT INTO long_text (text) VALUES (?1)")?.execute([value])?;
            Some(self.connection.last_insert_rowid())
        } else {
            None
        };
        let sql = "INSERT INTO value (record, round, field, line, text, long) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.connection.prepare_cached(sql)?.execute(params![id.0, round, field, line, short, long])?;
        Ok(())
    }

    pub(super) fn insert_correction(&self, id: RecordId, place: i64, it: &Correction) -> Result<(), Fault> {
        let sql = "INSERT INTO correction (record, place, field, old, new, made_by, made_on, reason, round, line)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let [round, line] = [it.cell.round, it.cell.line].map(|it| i64::try_from(it).unwrap_or(i64::MAX));
        let row = params![id.0, place, it.cell.field.as_str(), it.old, it.new, it.by, it.on, it.reason, round, line];
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    pub(super) fn insert_void(&self, id: RecordId, it: &Void) -> Result<(), Fault> {
        let sql = "INSERT INTO void (record, made_by, made_on, reason) VALUES (?1, ?2, ?3, ?4)";
        self.connection.prepare_cached(sql)?.execute(params![id.0, it.by, it.on, it.reason])?;
        Ok(())
    }
}
