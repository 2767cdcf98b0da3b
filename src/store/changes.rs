//! What has changed in the book: what is derived from it is made anew only then, and where that is costly, only in part.

use super::{Result, Store};
use crate::record::RecordId;

/// A state of the book's sheets: another one means that something was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// The last line of history.
    history: i64,
    /// Moves when another window or program writes anything.
    elsewhere: i64,
}

impl Store {
    /// The state the book is in.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn stamp(&self) -> Result<Stamp> {
        let elsewhere = self.data_version();
        self.reading(|| {
            let mut last = self.connection.prepare_cached("SELECT coalesce(max(id), 0) FROM history")?;
            Ok(Stamp { history: last.query_row([], |row| row.get(0))?, elsewhere })
        })
    }

    /// The sheets written on since `stamp`, each once; none at all where there are more than `limit`.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn changed_since(&self, stamp: Stamp, limit: usize) -> Result<Option<Vec<RecordId>>> {
        self.reading(|| {
            // From the line on, of millions: through the index of sheets all of them would be gone through.
            let sql = "SELECT DISTINCT record FROM history NOT INDEXED WHERE id > ?1 AND record IS NOT NULL LIMIT ?2";
            let most = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
            let mut changed = self.connection.prepare_cached(sql)?;
            let found = changed.query_map([stamp.history, most], |row| Ok(RecordId(row.get(0)?)))?;
            let records = found.collect::<Result<Vec<_>, _>>()?;
            Ok((records.len() <= limit).then_some(records))
        })
    }
}
