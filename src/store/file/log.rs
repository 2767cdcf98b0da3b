//! The log beside the book (WAL): what is written stands there first, and is taken into the file later.

use super::super::{Fault, Result, Store};

/// After so many writes the log is long: some four megabytes.
const LONG: u32 = 100;

impl Store {
    /// From now on writes on this connection do not take the log into the file, which may take long; whoever asks for this
    /// has [`Store::take_log_in`] done on another connection whenever [`Store::log_is_long`].
    pub fn leave_log(&self) {
        // Refused, the log is taken in by a write now and then, as ever.
        let _ = self.connection.pragma_update(None, "wal_autocheckpoint", 0);
    }

    /// Whether so much was written that the log should be taken in; true once.
    pub fn log_is_long(&self) -> bool {
        let long = self.writes.get() >= LONG;
        if long {
            self.writes.set(0);
        }
        long
    }

    /// Takes what is in the log into the file, as far as nobody still reads what stood there before; nobody has to wait.
    ///
    /// # Errors
    /// When the file cannot be written; then the log stays.
    pub fn take_log_in(&self) -> Result<()> {
        let done = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        done.map_err(|error| Fault::from(error).at("写入台帐", &self.path))
    }
}
