//! Whole lives of sheets, written as if every step had been taken in the window: for trial books.

use chrono::NaiveDateTime;
use rusqlite::params;

use super::history::{Line, Tail, columns};
use super::seal::{content, keep_deed};
use super::{Fault, NewRecord, Result, Store, What};
use crate::procedure::{Document, FieldId};
use crate::record::{CellId, Correction, Fact, Record, Values, Void};

/// A sheet's life: how it was begun, and what was done with it since, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Life {
    /// The sheet as it was begun.
    pub new: NewRecord,
    /// When something was done, and what.
    pub steps: Vec<(NaiveDateTime, Step)>,
}

/// Something done with a sheet: each is a line of its history.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// An empty cell of the last round was written.
    Set(FieldId, String),
    /// A fact was put down.
    Fact(Fact),
    /// A cell was changed after signing (划改).
    Correct(Correction),
    /// Another round was opened (轮次).
    Round,
    /// The sheet was voided (作废).
    Void(Void),
}

impl Life {
    /// The sheet as it is in the end, without how it came to be so.
    pub fn sheet(self) -> NewRecord {
        let mut sheet = self.new;
        for (_, step) in self.steps {
            match step {
                Step::Set(field, value) => drop(sheet.rounds.last_mut().map(|it| it.insert(field, value))),
                Step::Fact(fact) => sheet.facts.push(fact),
                Step::Correct(it) => {
                    let values = sheet.rounds.get_mut(it.cell.round);
                    let old = values.and_then(|values| values.put(&it.cell.field, it.cell.line, &it.new));
                    let old = old.unwrap_or_default();
                    sheet.corrections.push(Correction { old, ..it });
                }
                Step::Round => sheet.rounds.push(Values::new()),
                Step::Void(void) => sheet.void = Some(void),
            }
        }
        sheet
    }
}

impl Store {
    /// Writes sheets with all that was ever done with them; all of them or, after an error, none. Tells how many.
    ///
    /// # Errors
    /// When the book cannot be written, or a step is none the program could have taken.
    pub fn relive(&self, document: &Document, lives: impl IntoIterator<Item = Life>) -> Result<usize> {
        self.writing(|| {
            let mut tail = self.tail()?;
            let mut count = 0;
            for Life { new, steps } in lives {
                let (pattern, begun) = (document.pattern(&new.form), new.entered);
                let mut record = self.insert(pattern, new, What::Created, begun, &mut tail)?;
                for (at, step) in steps {
                    self.take_step(&mut record, at, step, &mut tail)?;
                }
                count += 1;
            }
            Ok(count)
        })
    }

    /// Takes one step, on the disk and on `record`, which need not be read back.
    fn take_step(&self, record: &mut Record, at: NaiveDateTime, step: Step, tail: &mut Tail) -> Result<(), Fault> {
        let (id, last) = (record.id, record.rounds.len() - 1);
        let (mut old, mut cell) = (None, None);
        let mut by = String::new();
        let (what, new) = match step {
            Step::Set(field, value) => {
                let at = CellId::new(field, last);
                self.insert_value(id, &at, &value)?;
                record.put(&at, &value);
                (old, cell) = (Some(String::new()), Some(at));
                (What::Set, value)
            }
            Step::Fact(fact) => {
                let place = i64::try_from(record.facts.len()).unwrap_or(i64::MAX);
                self.insert_fact(id, place, &fact)?;
                let deed = keep_deed(&fact.deed);
                by.clone_from(&fact.by);
                record.facts.push(fact);
                (What::Fact, deed)
            }
            Step::Correct(it) => {
                let place = i64::try_from(record.corrections.len()).unwrap_or(i64::MAX);
                let it = Correction { old: self.put(id, &it.cell, &it.new)?, ..it };
                self.insert_correction(id, place, &it)?;
                record.put(&it.cell, &it.new);
                (old, cell) = (Some(it.old.clone()), Some(it.cell.clone()));
                record.corrections.push(it.clone());
                (What::Corrected, it.new)
            }
            Step::Round => {
                let sql = "UPDATE record SET rounds = rounds + 1 WHERE id = ?1";
                self.connection.prepare_cached(sql)?.execute(params![id.0])?;
                record.rounds.push(Values::new());
                (What::Round, record.rounds.len().to_string())
            }
            Step::Void(void) => {
                self.insert_void(id, &void)?;
                let reason = void.reason.clone();
                by.clone_from(&void.by);
                record.void = Some(void);
                (What::Voided, reason)
            }
        };
        let (content, old, new) = (content(record), old.as_deref(), Some(new.as_str()));
        let (field, round, line) = columns(cell.as_ref());
        let line = Line { record: Some(id), at, what, field, round, line, old, new, content, made_by: Some(&by) };
        self.append(tail, &line)
    }
}
