//! Opening, making and copying books; whatever is not a book of this program, or is a newer one, is refused untouched.

use std::cell::{Cell, RefCell};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB};

use super::super::authority::Authority;
use super::super::{Fault, Fields, Result, Store};
use super::connection::{connect, harden, look_at, refuse_leftovers};
use super::copies::{copy_whole, upgrade};
use super::key::Key;
use super::location;
use super::migrate::{APPLICATION, STEPS, migrate};
use super::presence::Presence;
use super::shape::look_at_parts;
use super::stale::{put_aside, put_aside_alone, sentence};
use super::stop::Meter;
use crate::files::{self, Held, folder_of, make_folder, temporary_in};

pub(super) const OPENING: &str = "打开台帐";

impl Store {
    /// Opens a book; where there is none, makes one, and its folder too.
    ///
    /// # Errors
    /// When the file cannot be made, read or written, is no book, or is a newer program's.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with(path, None)
    }

    /// Opens a book that has a password; where there is no book, makes one without.
    ///
    /// # Errors
    /// As [`Store::open`], and when it is not the password: see [`StoreError::wants_key`](crate::store::StoreError::wants_key).
    pub fn open_with(path: &Path, key: Option<&Key>) -> Result<Self> {
        if matches!(path.try_exists(), Ok(false)) {
            make(path).map_err(|fault| fault.at("新建台帐", path))?;
        }
        Self::open_existing_with(path, key)
    }

    /// Opens a book that is there.
    ///
    /// # Errors
    /// As [`Store::open`], and when there is no such file.
    pub fn open_existing(path: &Path) -> Result<Self> {
        Self::open_existing_with(path, None)
    }

    /// Opens a book that is there and has a password.
    ///
    /// # Errors
    /// As [`Store::open_with`], and when there is no such file.
    pub fn open_existing_with(path: &Path, key: Option<&Key>) -> Result<Self> {
        let opened = (|| {
            location::look_at(path)?;
            let aside = put_aside(path, needed(path, key)?)?.map(|it| sentence(&it));
            let presence = Presence::announce(path)?;
            files::sweep(folder_of(path), true);
            Ok(Self { aside, ..open_file(path, needed(path, key)?, presence)? })
        })();
        opened.map_err(|fault: Fault| fault.at(OPENING, path))
    }

    /// A further connection to a book that this window has open. The file is not looked at: closing it again would take
    /// away, on Unix, every lock this process has on it, those of the window's own connection too.
    pub(super) fn open_again(path: &Path, key: Option<&Key>) -> Result<Self> {
        open_file(path, key, None).map_err(|fault| fault.at(OPENING, path))
    }

    /// A connection to a book that is held alone.
    pub(super) fn open_alone(path: &Path, key: Option<&Key>) -> Result<Self, Fault> {
        let key = needed(path, key)?;
        let aside = put_aside_alone(path, key)?.map(|it| sentence(&it));
        Ok(Self { aside, ..open_file(path, key, None)? })
    }

    /// Closes the book; its log is taken into the file where no other window has it open.
    pub(super) fn close(self) -> Result<(), Fault> {
        Ok(self.connection.close().map_err(|(_, error)| error)?)
    }

    /// How long a write waits while another program holds the book; five seconds unless told.
    pub fn wait_at_most(&self, time: Duration) {
        // Refused only while a statement runs; then the old patience stays, which is as right.
        let _ = self.connection.busy_timeout(time);
    }

    /// A book that lies nowhere and is gone with the program.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn in_memory() -> Result<Self> {
        let path = Path::new(":memory:");
        let made = (|| {
            let connection = Connection::open_in_memory()?;
            migrate(&connection, STEPS)?;
            ready(connection, path, None, None)
        })();
        made.map_err(|fault: Fault| fault.at("新建台帐", path))
    }

    /// Copies the book as it is now, whole, to a new file.
    ///
    /// # Errors
    /// When there is a file of this name, or the copy cannot be written; nothing half-written stays behind.
    pub fn copy_to(&self, path: &Path) -> Result<()> {
        let same = path.canonicalize().ok().is_some_and(|it| self.path.canonicalize().ok() == Some(it));
        let copied = if same {
            Err(Fault::said("这就是正在用的台帐，请换一个名字"))
        } else {
            self.meter.begin();
            copy_whole(&self.connection, path)
        };
        copied.map_err(|fault| fault.at("备份台帐到", path))
    }
}

/// Makes an empty book. It appears under its name only when it is whole.
fn make(path: &Path) -> Result<(), Fault> {
    location::look_at(path)?;
    files::may_be_called(path)?;
    make_folder(folder_of(path))?;
    refuse_leftovers(path)?;
    let temporary = temporary_in(folder_of(path))?;
    let connection = Connection::open(temporary.path())?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    migrate(&connection, STEPS)?;
    connection.close().map_err(|(_, error)| error)?;
    match temporary.persist_noclobber(path) {
        Ok(_) => Ok(()),
        // Another window made it in this very moment: then that one is opened.
        Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(failed) => Err(failed.error.into()),
    }
}

/// The password that opens the file: none where it has none, whatever is given.
fn needed<'a>(path: &Path, key: Option<&'a Key>) -> Result<Option<&'a Key>, Fault> {
    Ok(if look_at(path)? { Some(key.ok_or(Fault::Locked)?) } else { None })
}

fn open_file(path: &Path, key: Option<&Key>, presence: Option<Presence>) -> Result<Store, Fault> {
    let connection = connect(path, key)?;
    if connection.is_readonly(MAIN_DB)? {
        return Err(Fault::said("文件是只读的，写不进去；请去掉只读，或复制到可写的文件夹再打开"));
    }
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION {
        return Err(Fault::said("这是别的程序的数据库，不是台帐"));
    }
    look_at_parts(&connection)?;
    upgrade(&connection, path, STEPS)?;
    ready(connection, path, key, presence)
}

pub(in super::super) fn ready(
    connection: Connection,
    path: &Path,
    key: Option<&Key>,
    presence: Option<Presence>,
) -> Result<Store, Fault> {
    harden(&connection)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    // That a journal is gone is on the disk too, before anything else is written: one that came back after a power cut
    // would undo what was committed since, or take a new book's log away from it.
    connection.pragma_update(None, "synchronous", "EXTRA")?;
    // The answer is the mode in force: a file system without shared memory keeps the older one, which is as safe.
    let _mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "recursive_triggers", true)?;
    // What is taken out of the book is overwritten in its file, not only forgotten.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    let store = store_of(connection, path, key, presence)?;
    // A destruction that was cut short is finished now, or the next time.
    if store.owes_scrubbing().unwrap_or(false) {
        drop(store.scrub());
    }
    store.seen.set(store.data_version());
    Ok(store)
}

/// A book that nobody writes to through this connection.
pub(super) fn ready_to_read(connection: Connection, path: &Path, key: Option<&Key>) -> Result<Store, Fault> {
    connection.pragma_update(None, "query_only", true)?;
    store_of(connection, path, key, None)
}

fn store_of(
    mut connection: Connection,
    path: &Path,
    key: Option<&Key>,
    presence: Option<Presence>,
) -> Result<Store, Fault> {
    // Who comes beside a window reads everything once: what was read need not stay in memory.
    connection.pragma_update(None, "cache_size", if presence.is_some() { -16_384 } else { -4_096 })?;
    connection.set_prepared_statement_cache_capacity(64);
    // A statement is planned once, not anew with each value it is asked for.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let (path, key) = (PathBuf::from(path), key.cloned());
    // What was salvaged lies in memory, whatever book it is of.
    let held = Held::new(connection.path().map_or(Path::new(""), Path::new), key.is_some());
    let (fields, seen, writes) = (RefCell::new(Fields::default()), Cell::new(0), Cell::new(0));
    let (operator, unused) = (RefCell::default(), RefCell::default());
    let authority = Authority::default();
    let meter = Arc::new(Meter::of(&path));
    meter.watch(&mut connection)?;
    Ok(Store {
        connection,
        _held: held,
        path,
        key,
        presence,
        stop: None,
        meter,
        _folder: None,
        fields,
        operator,
        authority,
        unused,
        seen,
        writes,
        aside: None,
        paused: Arc::default(),
    })
}
