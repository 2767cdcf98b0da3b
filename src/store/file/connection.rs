//! Connections to a file that may be anybody's: looked at before it is touched, hardened, unlocked; and what lies beside it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::super::Fault;
use super::super::error::{EMPTY, NOT_A_BOOK};
use super::key::Key;
use crate::files::{self, Kind};

pub(super) const TOO_MANY: &str = "里面的表太多，不是本程序的台帐";
/// The longest text or row, in bytes, of any book: the longest that is written is a fifth of it.
const LONGEST: i32 = 20_000_000;
/// The longest statement that makes a part of a book.
const LONGEST_SQL: i32 = 1_000_000;

/// Readies a connection for a file that anybody may have made: nothing in its schema is trusted, and nothing of any size
/// believed.
pub(super) fn harden(connection: &Connection) -> Result<(), Fault> {
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        // The one view there is is for whoever reads a book with another tool.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
    ] {
        connection.set_db_config(config, on)?;
    }
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
    connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, LONGEST_SQL)?;
    Ok(())
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
