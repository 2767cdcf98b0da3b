//! Opening, making and copying books; whatever is not a book of this program, or is a newer one, is refused untouched.

use std::cell::{Cell, RefCell};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};
use tempfile::NamedTempFile;

use super::authority::Authority;
use super::error::{EMPTY, NOT_A_BOOK};
use super::migrate::{APPLICATION, STEPS, migrate};
use super::presence::Presence;
use super::shape::{harden, look_at_parts};
use super::stale::{put_aside, put_aside_alone, sentence};
use super::stop::Meter;
use super::{Fault, Fields, Key, Result, Store, place};
use crate::files::{self, Held, Kind, folder_of};

pub(super) const TOO_MANY: &str = "里面的表太多，不是本程序的台帐";
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
    /// As [`Store::open`], and when it is not the password: see [`StoreError::wants_key`](super::StoreError::wants_key).
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
            place::look_at(path)?;
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
            migrate(&connection, None, STEPS)?;
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
    place::look_at(path)?;
    files::may_be_called(path)?;
    make_folder(folder_of(path))?;
    refuse_leftovers(path)?;
    let temporary = temporary_in(path)?;
    let connection = Connection::open(temporary.path())?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    migrate(&connection, None, STEPS)?;
    connection.close().map_err(|(_, error)| error)?;
    match temporary.persist_noclobber(path) {
        Ok(_) => Ok(()),
        // Another window made it in this very moment: then that one is opened.
        Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(failed) => Err(failed.error.into()),
    }
}

/// Writes everything the connection sees to `path`: first to a file beside it, then under its name.
pub(super) fn copy_whole(connection: &Connection, path: &Path) -> Result<(), Fault> {
    files::may_be_called(path)?;
    refuse_leftovers(path)?;
    if path.symlink_metadata().is_ok() {
        return Err(io::Error::from(io::ErrorKind::AlreadyExists).into());
    }
    let temporary = temporary_in(path)?;
    let name = temporary.path().to_str().ok_or_else(|| Fault::said("文件名里有不能用的字符"))?;
    connection.execute("VACUUM INTO ?1", [name])?;
    OpenOptions::new().write(true).open(temporary.path())?.sync_all()?;
    temporary.persist_noclobber(path).map_err(|failed| failed.error)?;
    // A copy that was said to be made is there after a power cut, too.
    Ok(sync_folder(path)?)
}

/// SQLite would take the log that another book left here for the new one's, and mix the two.
pub(super) fn refuse_leftovers(path: &Path) -> Result<(), Fault> {
    for log in logs_of(path) {
        if log.exists() {
            let name = log.file_name().unwrap_or_default().to_string_lossy();
            return Err(Fault::said(format!(
                "旁边有 {name}，属于同名的另一本台帐（正开着，或没有关好）；请关闭那本台帐，或换一个名字"
            )));
        }
    }
    Ok(())
}

/// Where SQLite keeps its log of a book, in the one way and in the other.
pub(super) fn logs_of(path: &Path) -> [PathBuf; 2] {
    ["-wal", "-journal"].map(|ending| named(path, ending))
}

/// The file beside a book whose name ends so.
fn named(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Makes a folder for books, which only its owner may look into.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let missing: Vec<&Path> = folder.ancestors().take_while(|it| !it.as_os_str().is_empty() && !it.exists()).collect();
    builder.recursive(true).create(folder)?;
    // What is written in it is no better kept after a power cut than the folder itself.
    for made in missing {
        sync_folder(made)?;
    }
    Ok(())
}

/// A new file beside `path`, which only its owner may read: a book is full of names and telephone numbers.
pub(super) fn temporary_in(path: &Path) -> io::Result<NamedTempFile> {
    files::temporary_in(folder_of(path))
}

/// Has the folder of `path` remember its files' names, where a system knows of such a thing.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder_of(path))?.sync_all() } else { Ok(()) }
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
    migrate(&connection, Some(path), STEPS)?;
    ready(connection, path, key, presence)
}

/// A connection to a file that is there, unlocked.
pub(super) fn connect(path: &Path, key: Option<&Key>) -> Result<Connection, Fault> {
    connect_with(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// As [`connect`], to read and write or to read only.
pub(super) fn connect_with(path: &Path, key: Option<&Key>, access: OpenFlags) -> Result<Connection, Fault> {
    // No URI: a question mark in a file's name is just that.
    let mut connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    unlock(&mut connection, key)?;
    Ok(connection)
}

/// A connection to an address, to read only.
pub(super) fn connect_at(address: &str, key: Option<&Key>) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let mut connection = Connection::open_with_flags(address, flags)?;
    unlock(&mut connection, key)?;
    Ok(connection)
}

/// Readies a connection that has read nothing yet.
pub(super) fn unlock(connection: &mut Connection, key: Option<&Key>) -> Result<(), Fault> {
    harden(connection)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    if let Some(key) = key {
        key.unlock(connection)?;
    }
    read_contents(connection).map_err(|error| match error.sqlite_error_code() {
        // A wrong password shows when something is read.
        Some(ErrorCode::NotADatabase) if key.is_some() => Fault::WrongKey,
        Some(ErrorCode::OperationInterrupted) => Fault::said(TOO_MANY),
        _ => error.into(),
    })
}

/// Reads a file's table of contents: one with very many parts takes very long, and a book has some forty.
pub(super) fn read_contents(connection: &mut Connection) -> rusqlite::Result<()> {
    let mut left = 20;
    let over = move || {
        left -= 1;
        left < 0
    };
    connection.progress_handler(1_000, Some(over))?;
    let read = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    connection.progress_handler(0, None::<fn() -> bool>)?;
    read
}

/// Looks at the file without touching it, for sentences SQLite has no words for. Whether it has a password.
pub(super) fn look_at(path: &Path) -> Result<bool, Fault> {
    if path.is_dir() {
        return Err(Fault::said("这是文件夹，不是台帐文件"));
    }
    // SQLite would wait for whoever writes into a pipe that is called like the book's log.
    let mut beside = logs_of(path).into_iter().chain([named(path, "-shm")]);
    if let Some(log) = beside.find(|it| it.symlink_metadata().is_ok_and(|it| !it.is_file())) {
        let name = log.file_name().unwrap_or_default().to_string_lossy();
        return Err(Fault::said(format!("旁边的 {name} 不是文件，没有打开；请把它移走")));
    }
    match files::kind(path)? {
        Kind::Empty => Err(Fault::said(EMPTY)),
        Kind::Database => Ok(false),
        Kind::Encrypted => Ok(true),
        Kind::Pdf | Kind::Text | Kind::Other => Err(Fault::said(NOT_A_BOOK)),
    }
}

pub(super) fn ready(
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
