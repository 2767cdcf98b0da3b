//! How sheets hang together: which were started from which, and which name the number of another.

use std::collections::{BTreeSet, HashMap};

use super::{Fault, Result, Store, read_moment};
use crate::flow::numbers;
use crate::procedure::{FieldId, FormId};
use crate::record::{Deed, Record, RecordId, Started};

/// The sheets that were started from others and are not void.
const STARTED: &str = "SELECT fact.data, record.form, record.id, record.entered FROM fact
     JOIN record ON record.id = fact.record
     WHERE fact.kind = 'from' AND instr(fact.data, ?1) AND record.id NOT IN (SELECT record FROM void) ORDER BY record.id";

/// How the book writes that something was started from a sheet; so do numbers that begin with the same figures.
pub(super) fn named(id: RecordId) -> String {
    format!("\"record\":{}", id.0)
}

impl Store {
    /// Puts down on a sheet which sheets were started from it.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn know_started(&self, record: &mut Record) -> Result<()> {
        record.started = self.reading(|| self.read_started(Some(record.id)))?.remove(&record.id).unwrap_or_default();
        Ok(())
    }

    /// The sheets that were started from others, by those; void ones left out.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn all_started(&self) -> Result<HashMap<RecordId, Vec<Started>>> {
        self.reading(|| self.read_started(None))
    }

    /// What was started: from all sheets, or from one.
    fn read_started(&self, from: Option<RecordId>) -> Result<HashMap<RecordId, Vec<Started>>, Fault> {
        let mut all = self.connection.prepare_cached(STARTED)?;
        // Only what may be of the sheet is read as what it says.
        let mut rows = all.query([from.map_or_else(String::new, named)])?;
        let mut started: HashMap<RecordId, Vec<Started>> = HashMap::new();
        while let Some(row) = rows.next()? {
            let Ok(Deed::From { record, text }) =
                serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)
            else {
                continue;
            };
            let at = read_moment(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?)?;
            let (form, id) = (FormId(row.get(1)?), RecordId(row.get(2)?));
            started.entry(RecordId(record)).or_default().push(Started { form, record: id, at, text });
        }
        Ok(started)
    }

    /// The numbers of a form's sheets that are not void, newest first.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn newest_numbers(&self, form: &FormId, limit: usize) -> Result<Vec<String>> {
        self.reading(|| {
            let sql = "SELECT number FROM record WHERE form = ?1 AND id NOT IN (SELECT record FROM void)
                 ORDER BY year DESC, sequence DESC LIMIT ?2";
            let mut numbers = self.connection.prepare_cached(sql)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            Ok(numbers.query_map((form.as_str(), limit), |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
    }

    /// The sheets of a form in which this is written in a cell, in whatever round or line.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn holding(&self, form: &FormId, field: &FieldId, text: &str) -> Result<BTreeSet<RecordId>> {
        self.reading(|| {
            let Some(field) = self.known_field(field)? else { return Ok(BTreeSet::new()) };
            let sql = "SELECT value.record FROM value JOIN record ON record.id = value.record
                 WHERE value.field = ?1 AND value.text = ?2 AND record.form = ?3";
            let mut holding = self.connection.prepare_cached(sql)?;
            let rows = holding.query_map((field, text, form.as_str()), |row| Ok(RecordId(row.get(0)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The sheets that name this number in one of these cells of these forms, in the order in which they were begun.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn naming(&self, number: &str, cells: &[(FormId, FieldId)]) -> Result<Vec<RecordId>> {
        self.reading(|| {
            let mut found = Vec::new();
            let sql = "SELECT value.record, value.text FROM value JOIN record ON record.id = value.record
                 WHERE value.field = ?1 AND value.text IS NOT NULL AND instr(value.text, ?2) AND record.form = ?3";
            let mut named = self.connection.prepare_cached(sql)?;
            for (form, field) in cells {
                let Some(field) = self.known_field(field)? else { continue };
                let mut rows = named.query((field, number, form.as_str()))?;
                while let Some(row) = rows.next()? {
                    let text: String = row.get(1)?;
                    if numbers(&text).any(|it| it == number) {
                        found.push(RecordId(row.get(0)?));
                    }
                }
            }
            found.sort_unstable();
            found.dedup();
            Ok::<_, Fault>(found)
        })
    }
}
