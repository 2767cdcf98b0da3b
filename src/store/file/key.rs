//! A book with a password (口令): the whole file is encrypted, in the way of SQLCipher 4, so that what an office wrote can
//! be read without this program too, by whoever knows the password. Whoever has forgotten it has lost the book.

use std::fmt;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::super::Fault;

/// The password of a book. Never shown, by `Debug` neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// What was typed is the password, as it is; nothing typed is none.
    pub fn new(typed: &str) -> Option<Self> {
        // SQLite ends a text where a NUL stands.
        (!typed.is_empty() && !typed.contains('\0')).then(|| Self(typed.to_owned()))
    }

    /// Gives it to a connection that has read nothing yet.
    pub(super) fn unlock(&self, connection: &Connection) -> Result<(), Fault> {
        Ok(connection.pragma_update_and_check(None, "key", &self.0, |_| Ok(()))?)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// A connection that takes addresses with passwords in them for new files.
pub(super) fn connect_by_address(path: &Path, key: Option<&Key>) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(address(path, None)?, flags)?;
    if let Some(key) = key {
        key.unlock(&connection)?;
    }
    Ok(connection)
}

/// The address of a file that nobody writes to: SQLite neither looks for a log beside it nor makes one.
pub(super) fn as_it_lies(path: &Path) -> Result<String, Fault> {
    Ok(format!("{}&immutable=1&mode=ro", address(path, None)?))
}

/// A file's address for SQLite, with the password it is to have; an empty password is none.
pub(super) fn address(path: &Path, key: Option<&Key>) -> Result<String, Fault> {
    let path = std::path::absolute(path)?;
    let path = path.to_str().ok_or_else(|| Fault::said("文件名里有不能用的字符"))?;
    // `C:\台帐` is `file:///C:/台帐`.
    let path = if cfg!(windows) { format!("/{}", path.replace('\\', "/")) } else { path.to_owned() };
    let escaped = |text: &str, plain: &str| -> String {
        text.bytes()
            .map(|it| match it {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(it).to_string(),
                _ if plain.contains(char::from(it)) => char::from(it).to_string(),
                _ => format!("%{it:02X}"),
            })
            .collect()
    };
    let key = key.map_or("", |it| &it.0);
    Ok(format!("file://{}?key={}", escaped(&path, "/:._-"), escaped(key, "")))
}
