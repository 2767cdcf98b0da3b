//! The book (台帐): one SQLite file that holds every sheet and everything that was ever done to it.
//!
//! Values are text as typed. Each write and its line of history are one transaction, and each line is chained to the
//! one before by SHA-256. Nothing that can be computed is stored.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::NaiveDateTime;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::procedure::{Edition, FieldId, FormId, OFFICE, ProcedureFile};
use crate::record::{Correction, Fact, Values, Void};

mod authority;
mod blanks;
mod changes;
mod check;
mod counting;
mod customers;
mod destroy;
mod error;
mod file;
mod history;
mod life;
mod links;
mod lives;
mod numbers;
mod own_files;
mod prints;
mod procedure_files;
mod read;
mod seal;
mod sealed_tables;
mod signatures;
mod what;
mod witness;
mod write;

#[cfg(test)]
mod tests;

pub use authority::Sat;
pub use blanks::BlankSheets;
pub use changes::Stamp;
pub use check::Checkup;
pub use error::{StoreError, io_reason};
pub use file::{
    BackedUp, Backup, Comparison, Condition, Key, Look, Opener, Places, Reason, Salvage, Seat, Stop, backup_name,
    backups, format_version, read_backup_name, superfluous,
};
pub use history::{Head, HistoryRow};
pub use life::{Act, Make};
pub use lives::{Life, Step};
pub use own_files::{form_files, own_forms, put_beside};
pub use prints::Prints;
pub use read::Run;
pub use signatures::{Signing, Worth};
pub use what::What;
pub use witness::{Doubt, Witness};
pub use write::{Along, SetOutcome};

use error::Fault;
use file::presence::Presence;
use file::stop::Meter;
use file::{copies, location};
use tempfile::TempDir;

/// What store functions return.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// An open book.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    /// The file is not to be looked at beside SQLite.
    _held: crate::files::Held,
    path: PathBuf,
    key: Option<Key>,
    presence: Option<Presence>,
    /// What breaks off what its connection does.
    stop: Option<Stop>,
    /// How long one thing may take, in steps of SQLite's.
    meter: Arc<Meter>,
    /// Where a copy lies that is read in its place.
    _folder: Option<TempDir>,
    fields: RefCell<Fields>,
    /// Who sits at the desk.
    operator: RefCell<String>,
    authority: authority::Authority,
    /// Files of the procedure that no sheet was made by yet.
    unused: RefCell<Vec<ProcedureFile>>,
    seen: Cell<i64>,
    /// How often it was written since the log was last taken in.
    writes: Cell<u32>,
    /// What is to be said of a log that was not the book's when it was opened.
    aside: Option<String>,
    /// No line is written: whoever sits there has not said yet that the machine's date is right.
    paused: Arc<AtomicBool>,
}

/// A sheet about to be imported: everything but its place in the book.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRecord {
    /// On which form.
    pub form: FormId,
    /// In which edition.
    pub edition: Edition,
    /// In which year it is numbered.
    pub year: i32,
    /// The number it brings along, as sequence and print; the next one is drawn where there is none.
    pub number: Option<(i64, String)>,
    /// When it was entered.
    pub entered: NaiveDateTime,
    /// What was written in each round; there is always one.
    pub rounds: Vec<Values>,
    /// Changes after signing.
    pub corrections: Vec<Correction>,
    /// Why and by whom it was voided.
    pub void: Option<Void>,
    /// What was done with it besides.
    pub facts: Vec<Fact>,
}

/// The numbers that fields have in this book.
#[derive(Debug, Default)]
struct Fields {
    numbers: HashMap<FieldId, i64>,
    ids: HashMap<i64, FieldId>,
}

impl Store {
    /// Where the book lies; `:memory:` for one that lies nowhere.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether another window has the book open too. Both may work: numbers never collide.
    pub fn also_open(&self) -> bool {
        self.presence.as_ref().is_some_and(Presence::others)
    }

    /// That a log lay beside the book that was not its own, and what became of it when the book was opened.
    pub fn put_aside(&self) -> Option<String> {
        self.aside.clone()
    }

    /// Holds back every line of history, on this connection and on those made from it, or lets them be written again.
    pub fn pause(&self, pause: bool) {
        self.paused.store(pause, Ordering::Relaxed);
    }

    /// Whether lines of history are held back.
    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }

    /// When its file was last written, in UTC; the log beside it is not asked, for opening the book makes one.
    pub fn file_written(&self) -> Option<NaiveDateTime> {
        copies::written_on(&self.path)
    }

    /// Whether it was opened to be read only.
    pub fn is_for_reading(&self) -> bool {
        let asked = self.connection.prepare_cached("PRAGMA query_only");
        asked.and_then(|mut it| it.query_row([], |row| row.get(0))).unwrap_or(false)
    }

    /// Whose the other windows are that have the book open, oldest first.
    pub fn seats(&self) -> Vec<Seat> {
        self.presence.as_ref().map(|it| it.seats(&self.path)).unwrap_or_default()
    }

    /// The program that copies the book's folder to other machines behind this one's back (OneDrive, 坚果云), going by
    /// the folders' names.
    pub fn synchronised_by(&self) -> Option<&'static str> {
        location::synchronised_by(&self.path)
    }

    /// Whether another window or program wrote to the book since this was last asked.
    pub fn changed_elsewhere(&self) -> bool {
        let version = self.data_version();
        self.seen.replace(version) != version
    }

    fn data_version(&self) -> i64 {
        let asked = self.connection.prepare_cached("PRAGMA data_version");
        asked.and_then(|mut it| it.query_row([], |row| row.get(0))).unwrap_or_else(|_| self.seen.get())
    }

    /// A setting of this book, if it was ever made.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn setting(&self, key: &str) -> Result<Option<String>> {
        self.reading(|| {
            let mut found = self.connection.prepare_cached("SELECT value FROM setting WHERE key = ?1")?;
            Ok(found.query_row([key], |row| row.get(0)).optional()?)
        })
    }

    /// Makes a setting of the window's: how it is to look, who last sat before it.
    ///
    /// # Errors
    /// When the book cannot be written, or the setting is the procedure's own ([`Store::set_office`]).
    pub fn set_setting(&self, key: &str, value: &str) -> Result<()> {
        self.writing(|| {
            if key == OFFICE {
                return Err(Fault::said("程序的设置要记入修改记录"));
            }
            if key == authority::TRIES {
                return Err(Fault::said("输错密码的次数由程序自己记"));
            }
            self.put_setting(key, value)
        })
    }

    fn put_setting(&self, key: &str, value: &str) -> Result<(), Fault> {
        let sql = "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.connection.prepare_cached(sql)?.execute(params![key, value])?;
        Ok(())
    }

    /// Does `work` on the book as it is at one moment, whatever another window writes meanwhile.
    fn reading<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T> {
        self.meter.begin();
        let done = (|| {
            let moment =
                if self.connection.is_autocommit() { Some(self.connection.unchecked_transaction()?) } else { None };
            let read = work()?;
            moment.map_or(Ok(()), Transaction::commit)?;
            Ok(read)
        })();
        done.map_err(|fault: Fault| self.meter.blamed(fault).at("读取台帐", &self.path))
    }

    /// Does `work` in one transaction that no other window can come between.
    fn writing<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T> {
        self.meter.begin();
        let done = (|| {
            if self.is_for_reading() {
                return Err(Fault::said("它是只读打开的，不能写"));
            }
            let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
            let made = work()?;
            transaction.commit()?;
            self.writes.set(self.writes.get().saturating_add(1));
            Ok(made)
        })();
        done.map_err(|fault: Fault| {
            // Numbers given to fields in a transaction that never was are forgotten with it.
            *self.fields.borrow_mut() = Fields::default();
            self.meter.blamed(fault).at("写入台帐", &self.path)
        })
    }

    /// The id of the field with this number.
    fn field_id(&self, number: i64) -> Result<FieldId, Fault> {
        if let Some(id) = self.fields.borrow().ids.get(&number) {
            return Ok(id.clone());
        }
        let mut fields = self.fields.borrow_mut();
        let mut all = self.connection.prepare_cached("SELECT id, name FROM field")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let (number, id): (i64, FieldId) = (row.get(0)?, FieldId(row.get(1)?));
            fields.numbers.insert(id.clone(), number);
            fields.ids.insert(number, id);
        }
        fields.ids.get(&number).cloned().ok_or_else(|| Fault::said(format!("有一格所属的项目（{number}）已丢失")))
    }

    /// The number of a field in this book, if anything was ever written in it.
    fn known_field(&self, id: &FieldId) -> Result<Option<i64>, Fault> {
        if let Some(number) = self.fields.borrow().numbers.get(id) {
            return Ok(Some(*number));
        }
        let mut found = self.connection.prepare_cached("SELECT id FROM field WHERE name = ?1")?;
        let number: Option<i64> = found.query_row([id.as_str()], |row| row.get(0)).optional()?;
        if let Some(number) = number {
            self.keep_field(id, number);
        }
        Ok(number)
    }

    /// The number of a field in this book, given now if it has none. Only inside [`Store::writing`].
    fn field_number(&self, id: &FieldId) -> Result<i64, Fault> {
        if let Some(number) = self.known_field(id)? {
            return Ok(number);
        }
        self.connection.prepare_cached("INSERT INTO field (name) VALUES (?1)")?.execute([id.as_str()])?;
        let number = self.connection.last_insert_rowid();
        self.keep_field(id, number);
        Ok(number)
    }

    fn keep_field(&self, id: &FieldId, number: i64) {
        let mut fields = self.fields.borrow_mut();
        fields.numbers.insert(id.clone(), number);
        fields.ids.insert(number, id.clone());
    }
}

const MOMENT: &str = "%Y-%m-%dT%H:%M:%S%.f";

/// A moment as the book keeps it.
fn keep_moment(moment: NaiveDateTime) -> String {
    moment.format(MOMENT).to_string()
}

/// A moment as the book keeps it, read back.
fn read_moment(text: &str) -> Result<NaiveDateTime, Fault> {
    text.parse().map_err(|_| Fault::said(format!("“{text}”不是时间")))
}
