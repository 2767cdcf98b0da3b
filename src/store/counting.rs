//! What a sheet counts of others, read from the book.

use rusqlite::params;

use super::{Result, Store};
use crate::flow::span;
use crate::procedure::{Counted, Form, FormId, Procedure};
use crate::record::{Issue, Record, RecordId};
use crate::register::{self, Period, Sources};

impl Store {
    /// Puts on a sheet, in memory, what follows from other sheets and from its own changes; tells where what was written
    /// down at a signature would come out otherwise now.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn complete(&self, procedure: &Procedure, record: &mut Record) -> Result<Vec<Issue>> {
        let Some(form) = procedure.edition(&record.form, &record.edition) else { return Ok(Vec::new()) };
        if record.destroyed() {
            return Ok(Vec::new());
        }
        record.tell_changes(form);
        if !form.counts_others() {
            return Ok(Vec::new());
        }
        let sources = self.sources(procedure, form, record)?;
        Ok(register::put(procedure, form, record, &sources))
    }

    /// The sheets that another one counts, by list.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn sources(&self, procedure: &Procedure, form: &Form, record: &Record) -> Result<Sources> {
        let mut sources = Sources::new();
        let span = span(form, record);
        if form.every.is_some() && span.is_none() {
            return Ok(sources);
        }
        for (name, counted) in &form.counts {
            let mut found = Vec::new();
            for of in &counted.of {
                let day =
                    counted.day.clone().or_else(|| procedure.form(of)?.identity.as_ref().map(|it| it.date.clone()));
                found.extend(match (counted.same.is_empty(), span, day) {
                    (false, ..) => self.sheets_saying(of, counted, form, record)?,
                    (true, Some(span), Some(day)) => {
                        self.records_in(of, &day, Period::Days(span.first(), span.last()), None)?
                    }
                    (true, ..) => {
                        let mut all = Vec::new();
                        self.each(of, None, &mut |it| all.push(it))?;
                        all
                    }
                });
            }
            sources.insert(name.clone(), found);
        }
        Ok(sources)
    }

    /// The sheets of a form of which the first field that has to say the same as one of the counting sheet does.
    fn sheets_saying(&self, of: &FormId, counted: &Counted, form: &Form, record: &Record) -> Result<Vec<Record>> {
        let Some((theirs, ours)) = counted.same.iter().next() else { return Ok(Vec::new()) };
        let text = record.latest(form, ours.as_str()).trim();
        let ids = if text.is_empty() { Vec::new() } else { self.saying(of, theirs.as_str(), text)? };
        ids.into_iter().filter_map(|id| self.record(id).transpose()).collect()
    }

    /// The sheets of a form in a field of which this text stands, in whatever round, oldest first.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn saying(&self, form: &FormId, field: &str, text: &str) -> Result<Vec<RecordId>> {
        self.reading(|| {
            let sql = "SELECT DISTINCT record.id FROM value JOIN record ON record.id = value.record
                       WHERE record.form = ?1 AND value.field = ?2 AND value.line = 0 AND value.text = ?3
                       ORDER BY record.year, record.sequence";
            let Some(field) = self.known_field(&field.into())? else { return Ok(Vec::new()) };
            let mut found = self.connection.prepare_cached(sql)?;
            let ids = found.query_map(params![form.as_str(), field, text], |row| Ok(RecordId(row.get(0)?)))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }
}
