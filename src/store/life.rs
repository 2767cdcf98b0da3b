//! What is done with a sheet besides writing on it: signing, passing on, filing. Each is one transaction with its lines
//! of history.

use chrono::NaiveDateTime;
use rusqlite::params;

use super::history::keep_deed;
use super::{Fault, Result, Store, What, keep_moment};
use crate::procedure::FieldId;
use crate::record::{Deed, Fact, RecordId};

/// What is done with a sheet at once, or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Act {
    /// Who sits at the desk.
    pub by: String,
    /// Cells that are written: which, in which round, and what.
    pub cells: Vec<(FieldId, usize, String)>,
    /// Cells that have to be empty still: what another window wrote there meanwhile is not overwritten.
    pub vacant: Vec<(FieldId, usize)>,
    /// What is put down.
    pub deeds: Vec<Deed>,
    /// Whether another round is opened behind it.
    pub round: bool,
}

impl Store {
    /// Does something with a sheet: all of it, or nothing.
    ///
    /// # Errors
    /// When the book cannot be written, a cell that has to be empty is not, or the sheet is void or destroyed.
    pub fn act(&self, id: RecordId, act: &Act, now: NaiveDateTime) -> Result<()> {
        self.writing(|| self.act_on(id, act, now))
    }

    /// Does the same with several sheets: with all of them, or with none.
    ///
    /// # Errors
    /// As [`Store::act`]; the sentence names the sheet.
    pub fn act_on_all(&self, ids: &[RecordId], act: &Act, now: NaiveDateTime) -> Result<()> {
        self.writing(|| ids.iter().try_for_each(|id| self.act_on(*id, act, now)))
    }

    fn act_on(&self, id: RecordId, act: &Act, now: NaiveDateTime) -> Result<(), Fault> {
        let record = self.living(id)?;
        for (field, round) in &act.vacant {
            let there = record.rounds.get(*round).and_then(|it| it.get(field));
            if let Some(there) = there.filter(|it| !it.is_empty()) {
                return Err(Fault::said(format!("另一个窗口刚在这一格写了“{there}”，没有覆盖它")));
            }
        }
        for (field, round, value) in &act.cells {
            let old = self.put(id, *round, field, value)?;
            if old != *value {
                self.note(id, What::Set, Some((field, *round)), Some(&old), Some(value), now)?;
            }
        }
        for deed in &act.deeds {
            self.add_fact(id, Fact { at: now, by: act.by.clone(), deed: deed.clone() })?;
        }
        if act.round {
            let sql = "UPDATE record SET rounds = rounds + 1 WHERE id = ?1";
            self.connection.prepare_cached(sql)?.execute([id.0])?;
            let round = record.rounds.len() + 1;
            self.note(id, What::Round, None, None, Some(&round.to_string()), now)?;
        }
        Ok(())
    }

    fn add_fact(&self, id: RecordId, fact: Fact) -> Result<(), Fault> {
        self.insert_fact(id, self.next_place(id)?, &fact)?;
        self.note(id, What::Fact, None, None, Some(&keep_deed(&fact.deed)), fact.at)
    }

    /// The place of a sheet's next fact.
    pub(super) fn next_place(&self, id: RecordId) -> Result<i64, Fault> {
        let sql = "SELECT coalesce(max(place), -1) + 1 FROM fact WHERE record = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([id.0], |row| row.get(0))?)
    }

    pub(super) fn insert_fact(&self, id: RecordId, place: i64, it: &Fact) -> Result<(), Fault> {
        let sql = "INSERT INTO fact (record, place, at, made_by, kind, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let row = params![id.0, place, keep_moment(it.at), it.by, it.deed.kind(), keep_deed(&it.deed)];
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }
}
