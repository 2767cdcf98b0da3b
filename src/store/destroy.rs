//! Destroying a sheet's contents after their keeping time (4.7), so that they are gone from the file and not only from
//! the screen, while the history still proves itself.

use chrono::NaiveDateTime;
use rusqlite::{OptionalExtension, params};

use super::history::{Line, Remains, Sealed};
use super::seal::{Seal, content, keep_deed};
use super::{Fault, Result, Store, What};
use crate::procedure::FieldId;
use crate::record::{CellId, Deed, Fact, Record, RecordId};

/// The kinds of facts that stay, in the history too: where the paper was, that and why it was kept or destroyed. All
/// others tell of the contents. The book itself keeps these five (migration 4).
const STAY: &str = "('filed', 'held', 'released', 'destroyed', 'rewrites', 'began')";
/// The setting that says the file has still to be rewritten.
const OWED: &str = "scrub";

impl Store {
    /// Destroys a sheet's contents after its keeping time (4.7): only the entries `keep` names stay, with number, line in
    /// the ledger, why it was void, and who destroyed it and when. What the history quoted of the rest goes too; its lines
    /// and their hashes stay. [`Store::scrub`] is owed afterwards.
    ///
    /// # Errors
    /// When the book cannot be written, the sheet is held or destroyed already, or one of the three people is none of the
    /// book's, or was not there; then nothing is destroyed.
    pub fn destroy(&self, id: RecordId, deed: &Deed, keep: &[FieldId], by: &str, now: NaiveDateTime) -> Result<()> {
        let done = self.destroy_unless(id, deed, keep, by, now, &|_| None)?;
        done.map_err(|why| Fault::said(why).at("写入台帐", self.path()))
    }

    /// Destroys a sheet's contents unless a rule forbids it on the sheet as it is in this very moment. What the rule says,
    /// where it does.
    ///
    /// # Errors
    /// As [`Store::destroy`].
    pub fn destroy_unless(
        &self,
        id: RecordId,
        deed: &Deed,
        keep: &[FieldId],
        by: &str,
        now: NaiveDateTime,
        forbidden: &dyn Fn(&Record) -> Option<String>,
    ) -> Result<Result<(), String>> {
        self.writing(|| {
            if let Some(why) = forbidden(&self.existing(id)?) {
                return Ok(Err(why));
            }
            let record = self.living(id)?;
            self.as_oneself(by)?;
            self.may_destroy(deed)?;
            if let Some(reason) = record.held() {
                return Err(Fault::said(format!("{} 已冻结（{reason}），不能销毁", record.number)));
            }
            // The book lets things go only from a sheet that says it is destroyed.
            let fact = Fact { at: now, by: by.to_owned(), deed: deed.clone() };
            self.insert_fact(id, self.next_place(id)?, &fact)?;
            for (round, values) in record.rounds.iter().enumerate() {
                for (field, line, _) in values.iter().filter(|it| !keep.contains(it.0)) {
                    self.put(id, &CellId { round, field: field.clone(), line }, "")?;
                }
            }
            self.connection.prepare_cached("DELETE FROM correction WHERE record = ?1")?.execute([id.0])?;
            let facts = format!("DELETE FROM fact WHERE record = ?1 AND kind NOT IN {STAY}");
            self.connection.prepare_cached(&facts)?.execute([id.0])?;
            let history = format!(
                "UPDATE history SET old = NULL, new = NULL, purged = 1 WHERE record = ?1 AND (
                     what NOT IN ('created', 'imported', 'round', 'voided', 'fact')
                     OR what = 'fact' AND NOT (json_valid(new) AND json_extract(new, '$.deed') IN {STAY}))"
            );
            self.connection.prepare_cached(&history)?.execute([id.0])?;
            let seal = self.seal_remains(id)?;
            let (old, new, content) = (seal.as_deref(), keep_deed(deed), content(&self.existing(id)?));
            let new = Some(new.as_str());
            let (record, at, what, made_by) = (Some(id), now, What::Fact, Some(by));
            let line = Line { record, at, what, field: None, round: None, line: 0, old, new, content, made_by };
            self.append(&mut self.tail()?, &line)?;
            let owed = "INSERT INTO setting VALUES (?1, 'owed') ON CONFLICT (key) DO NOTHING";
            self.connection.prepare_cached(owed)?.execute([OWED])?;
            Ok(Ok(()))
        })
    }

    /// What is left of a sheet's lines, sealed; nothing where all of them are whole.
    pub(super) fn seal_remains(&self, id: RecordId) -> Result<Option<String>, Fault> {
        let sql = "SELECT id, at, what, field, round, content, hash, old, new, made_by, scheme, line FROM history
             WHERE record = ?1 AND purged ORDER BY id";
        let mut lines = self.connection.prepare_cached(sql)?;
        let mut rows = lines.query([id.0])?;
        let mut remains: Option<Remains> = None;
        while let Some(row) = rows.next()? {
            let (at, what): (String, String) = (row.get(1)?, row.get(2)?);
            let field: Option<String> = row.get(3)?;
            let (content, hash): (Vec<u8>, Seal) = (row.get(5)?, row.get(6)?);
            let text = |at: usize| Ok::<_, Fault>(row.get_ref(at)?.as_str_or_null().map_err(rusqlite::Error::from)?);
            let line = Sealed {
                id: row.get(0)?,
                record: Some(id.0),
                at: &at,
                what: &what,
                field: field.as_deref(),
                round: row.get(4)?,
                // Nothing, unless somebody put it back.
                old: text(7)?,
                new: text(8)?,
                content: &content,
                made_by: text(9)?,
                scheme: row.get(10)?,
                line: row.get(11)?,
            };
            remains.get_or_insert_default().add(&line, &hash);
        }
        Ok(remains.map(Remains::seal))
    }

    /// Writes the file anew, so that nothing that was ever taken out of the book is left between its pages or in its
    /// log: what was overwritten years ago went to places that nothing else overwrites. Owed after
    /// [`Store::destroy`], once for many sheets; opening a book makes up for it where the program was cut short.
    ///
    /// # Errors
    /// When the file cannot be written, or another window is reading it; it stays owed then.
    pub fn scrub(&self) -> Result<()> {
        let done = (|| {
            self.meter.begin();
            self.connection.execute_batch("VACUUM")?;
            // The log still holds what it was told before; it is emptied into the file and cut off.
            let busy: bool = self
                .connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| Ok(row.get::<_, i64>(0)? != 0))?;
            if busy {
                return Err(Fault::said("另一个窗口正在读台帐，下次打开台帐时再清理"));
            }
            self.connection.execute("DELETE FROM setting WHERE key = ?1", params![OWED])?;
            Ok(())
        })();
        done.map_err(|fault: Fault| fault.at("清理台帐文件", &self.path))
    }

    /// Whether contents were destroyed and the file was not rewritten since.
    pub(super) fn owes_scrubbing(&self) -> Result<bool, Fault> {
        let mut found = self.connection.prepare_cached("SELECT 1 FROM setting WHERE key = ?1")?;
        Ok(found.query_row([OWED], |_| Ok(())).optional()?.is_some())
    }
}
