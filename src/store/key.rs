//! A book with a password (口令): the whole file is encrypted, in the way of SQLCipher 4, so that what an office wrote can
//! be read without this program too, by whoever knows the password. Whoever has forgotten it has lost the book.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rusqlite::{Connection, OpenFlags};
use tempfile::NamedTempFile;

use super::open::{OPENING, connect, refuse_leftovers, sync_folder, temporary_in};
use super::presence::Presence;
use super::{Fault, Result, Stop, Store};

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

/// How further connections to an open book are made, in other threads too.
#[derive(Clone, Debug)]
pub struct Opener {
    path: PathBuf,
    key: Option<Key>,
    /// Whether a window has it open and has said so.
    announced: bool,
    /// What breaks off what is done through it.
    pub(super) stop: Option<Stop>,
    /// Whether lines of history are held back.
    paused: Arc<AtomicBool>,
}

impl Opener {
    /// A book there may be, and its password.
    pub fn new(path: &Path, key: Option<Key>) -> Self {
        Self { path: path.to_owned(), key, announced: false, stop: None, paused: Arc::default() }
    }

    /// Another file that may have the same password.
    pub fn beside(&self, path: &Path) -> Self {
        Self { stop: self.stop.clone(), ..Self::new(path, self.key().cloned()) }
    }

    /// Where the book lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its password, for whoever opens the book anew.
    pub fn password(&self) -> Option<Key> {
        self.key.clone()
    }

    pub(super) fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// Opens the book once more.
    ///
    /// # Errors
    /// As [`Store::open_existing`].
    pub fn open(&self) -> Result<Store> {
        let store = if self.announced {
            Store::open_again(&self.path, self.key.as_ref())?
        } else {
            Store::open_existing_with(&self.path, self.key.as_ref())?
        };
        self.heed().map_err(|fault| fault.at(OPENING, &self.path))?;
        Ok(Store { paused: Arc::clone(&self.paused), ..store.stopped_by(self.stop.clone()) })
    }

    /// Gives a book that no window has open another password than its own, a first one, or none. The file is written anew
    /// beside the old one, looked over, and put in its place: cut off at any moment, the book has the old password or the
    /// new one.
    ///
    /// # Errors
    /// When the old password is wrong, a window has the book open, or the file cannot be written; then the book is as it
    /// was.
    pub fn change_key(&self, new: Option<&Key>) -> Result<()> {
        let path = self.path.as_path();
        let changed = (|| {
            let _alone = Presence::alone(path)?;
            // An older shape of the book is brought up to date, and a log that was left behind taken in, first.
            let store = Store::open_alone(path, self.key())?;
            let mut there = connect_by_address(path, store.key.as_ref())?;
            self.holds(&mut there)?;
            let made = copy_keyed(&there, path, new)?;
            // What cannot be read again is not put in the place of what can.
            let mut again = connect(made.path(), new)?;
            self.holds(&mut again)?;
            let damage: String = again.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
            let same = "SELECT (SELECT count(*) FROM record), (SELECT hash FROM history ORDER BY id DESC LIMIT 1)";
            let held = |it: &Connection| it.query_row(same, [], |row| Ok((row.get(0)?, row.get(1)?)));
            let (kept, copied): ((i64, Option<Vec<u8>>), _) = (held(&there)?, held(&again)?);
            if damage != "ok" || kept != copied {
                return Err(Fault::said("新写的文件读回来与台帐不符"));
            }
            again.close().map_err(|(_, error)| error)?;
            there.close().map_err(|(_, error)| error)?;
            store.close()?;
            // The last connection takes the log into the file and away: one that still lies there belongs to somebody,
            // and would be taken for the new file's.
            refuse_leftovers(path)?;
            made.persist(path).map_err(|failed| failed.error)?;
            Ok(sync_folder(path)?)
        })();
        changed.map_err(|fault: Fault| fault.at("更换台帐口令", path))
    }
}

impl Store {
    /// How further connections to this book are made.
    pub fn opener(&self) -> Opener {
        Opener {
            path: self.path.clone(),
            key: self.key.clone(),
            announced: self.presence.is_some(),
            stop: self.stop.clone(),
            paused: Arc::clone(&self.paused),
        }
    }

    /// Whether this is the book's password; none where it has none.
    pub fn opens_with(&self, key: Option<&Key>) -> bool {
        self.key.as_ref() == key
    }

    /// Whether the book's file is encrypted (已加口令).
    pub fn is_encrypted(&self) -> bool {
        self.key.is_some()
    }
}

/// Writes what a connection that takes addresses sees, with this password, to a new file beside `path`.
pub(super) fn copy_keyed(connection: &Connection, path: &Path, key: Option<&Key>) -> Result<NamedTempFile, Fault> {
    let made = temporary_in(path)?;
    connection.execute("VACUUM INTO ?1", [address(made.path(), key)?])?;
    made.as_file().sync_all()?;
    Ok(made)
}

/// A connection that takes addresses with passwords in them for new files.
fn connect_by_address(path: &Path, key: Option<&Key>) -> Result<Connection, Fault> {
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
fn address(path: &Path, key: Option<&Key>) -> Result<String, Fault> {
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
