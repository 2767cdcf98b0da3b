//! Further connections to an open book, in other threads too, and what is done to a book that no window has open.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rusqlite::Connection;

use super::super::{Fault, Result, Store};
use super::connection::{connect, refuse_leftovers};
use super::copies::copy_keyed;
use super::key::{Key, connect_by_address};
use super::open::OPENING;
use super::presence::Presence;
use super::stop::{Meter, Stop};
use crate::files::sync_folder;

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

impl Opener {
    /// What is done through it can be broken off.
    #[must_use]
    pub fn stopped_by(mut self, stop: &Stop) -> Self {
        self.stop = Some(stop.clone());
        self
    }

    /// A connection for one thing: its steps are counted, and it is broken off where what is done through this is.
    pub(super) fn watch(&self, connection: &mut Connection) -> Result<(), Fault> {
        self.heed()?;
        let meter = Arc::new(Meter::of(self.path()));
        self.stop.iter().for_each(|it| meter.heeds(it));
        meter.watch(connection)
    }

    /// The connection is broken off where what is done through this is.
    pub(super) fn holds(&self, connection: &mut Connection) -> Result<(), Fault> {
        self.stop.as_ref().map_or(Ok(()), |it| it.holds(connection))
    }

    /// Fails where it is to be broken off.
    pub(super) fn heed(&self) -> Result<(), Fault> {
        self.stop.as_ref().map_or(Ok(()), Stop::heed)
    }
}
