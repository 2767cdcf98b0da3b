//! Putting a backup in a book's place (恢复): first it is shown what the backup holds and what would be missing, then the
//! present book is kept beside, and only then the backup's copy takes its name. Restoring what was kept undoes it.

use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use tempfile::TempDir;

use super::super::seal::Seal;
use super::super::{Fault, Result, Store, read_moment};
use super::connection::{connect, connect_at, connect_with, logs_of, look_at, refuse_leftovers};
use super::copies::{copy_beside, first_line};
use super::key::as_it_lies;
use super::migrate::{APPLICATION, STEPS, migrate, version};
use super::open::ready_to_read;
use super::opener::Opener;
use super::presence::Presence;
use super::shape::look_at_parts;
use super::stale::{UNUSED, is_there, put_aside_alone};
use crate::files::{self, folder_of, sync_folder, temporary_in};
use crate::procedure::FormId;

/// How many sheets that would be missing are named.
const NAMED: usize = 200;

/// How a book's file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It can be read, and no page of it is broken.
    Whole,
    /// It has a password, which is not known.
    Locked,
    /// It cannot be read, and why.
    Damaged(String),
}

/// What a book holds, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// How the file is.
    pub condition: Condition,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// How many complaint slips and other sheets are in it.
    pub sheets: usize,
    /// The number of the newest slip; empty where there is none.
    pub newest: String,
    /// When it was last written on.
    pub last: Option<NaiveDateTime>,
    /// How many lines its history has.
    pub lines: i64,
}

/// A backup beside the present book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What the backup holds.
    pub backup: Look,
    /// What the present book holds.
    pub present: Look,
    /// Whether the present book goes on from where the backup ends.
    pub earlier: bool,
    /// Whether they began as the same book.
    pub same: bool,
    /// Sheets of the present book that are not in the backup, by form and number; no more than 200 are named.
    pub missing: Vec<(FormId, String)>,
    /// How many such sheets there are.
    pub missing_count: usize,
}

impl Opener {
    /// Opens a whole book to be read only, as a backup is. Neither the file nor its folder is written to; a book of an older
    /// version is read through a copy that is brought up to date.
    ///
    /// # Errors
    /// When it cannot be read, is no book, or its password is another.
    pub fn open_to_read(&self) -> Result<Store> {
        self.opened_to_read().map_err(|fault| fault.at("读取台帐", self.path()))
    }

    fn opened_to_read(&self) -> Result<Store, Fault> {
        let (connection, folder, strange) = connect_to_read(self)?;
        let aside = strange.then(|| UNUSED.to_owned());
        if version(&connection)? >= STEPS.len() {
            let store = ready_to_read(connection, self.path(), self.key())?;
            return Ok(Store { _folder: folder, aside, ..store.stopped_by(self.stop.clone()) });
        }
        let folder = files::own_folder()?;
        let copy = folder.path().join("book");
        let name = copy.to_str().ok_or_else(|| Fault::said("文件名里有不能用的字符"))?;
        connection.execute("VACUUM INTO ?1", [name])?;
        let key = self.key().filter(|_| look_at(&copy).unwrap_or(false));
        let connection = connect(&copy, key)?;
        migrate(&connection, STEPS)?;
        let store = ready_to_read(connection, self.path(), self.key())?;
        Ok(Store { _folder: Some(folder), aside, ..store.stopped_by(self.stop.clone()) })
    }

    /// What the book holds.
    pub fn look(&self) -> Look {
        let encrypted = look_at(self.path()).unwrap_or(false);
        let empty = |condition| Look { condition, encrypted, sheets: 0, newest: String::new(), last: None, lines: 0 };
        match connect_to_read(self).and_then(|it| look(&it.0, encrypted)) {
            Ok(look) => look,
            Err(Fault::Locked | Fault::WrongKey) => empty(Condition::Locked),
            Err(fault) => empty(Condition::Damaged(fault.to_string())),
        }
    }

    /// What this backup holds beside what the present book holds.
    pub fn compare(&self, present: &Self) -> Comparison {
        let (backup, now) = (self.look(), present.look());
        let mut comparison =
            Comparison { backup, present: now, earlier: false, same: false, missing: Vec::new(), missing_count: 0 };
        // What cannot be read has been told.
        let _ = (|| {
            let ((old, _old, _), (new, _new, _)) = (connect_to_read(self)?, connect_to_read(present)?);
            comparison.same = first_line(&old)? == first_line(&new)?;
            let last = "SELECT id, hash FROM history ORDER BY id DESC LIMIT 1";
            let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Seal>(1)?));
            let last = old.query_row(last, [], read).optional()?;
            comparison.earlier = match last {
                None => true,
                Some((line, hash)) => {
                    let sql = "SELECT hash FROM history WHERE id = ?1";
                    new.query_row(sql, [line], |row| row.get::<_, Seal>(0)).optional()? == Some(hash)
                }
            };
            let mut there = old.prepare("SELECT 1 FROM record WHERE form = ?1 AND number = ?2")?;
            let mut all = new.prepare("SELECT form, number FROM record ORDER BY form, year, sequence")?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let (form, number): (String, String) = (row.get(0)?, row.get(1)?);
                if !there.exists([&form, &number])? {
                    comparison.missing_count += 1;
                    if comparison.missing.len() < NAMED {
                        comparison.missing.push((FormId(form), number));
                    }
                }
            }
            Ok::<(), Fault>(())
        })();
        comparison
    }

    /// Puts a copy of this backup in the place of the present book, which no window may have open; where that was kept. A
    /// present book that is damaged is kept as its files are.
    ///
    /// # Errors
    /// When a window has the book open, the backup is damaged or locked, or something cannot be written; then the present
    /// book is as it was.
    pub fn restore(&self, present: &Self, now: NaiveDateTime) -> Result<Option<PathBuf>> {
        let book = present.path();
        let restored = (|| {
            let _alone = Presence::alone(book)?;
            let (backup, folder, _) = connect_to_read(self)?;
            let copy = copy_beside(&backup, book)?;
            drop((backup, folder));
            let kept = if book.exists() { Some(keep_present(present, now)?) } else { None };
            // A log of the old book's would be taken for the new one's.
            for log in logs_of(book).into_iter().filter(|it| kept.is_some() && it.exists()) {
                std::fs::remove_file(log)?;
            }
            refuse_leftovers(book)?;
            copy.persist(book).map_err(|failed| failed.error)?;
            sync_folder(book)?;
            Ok(kept)
        })();
        restored.map_err(|fault: Fault| fault.at("恢复台帐", book))
    }
}

/// Keeps the present book beside itself as `质量-恢复前-20261121-093000.book`.
fn keep_present(present: &Opener, now: NaiveDateTime) -> Result<PathBuf, Fault> {
    let book = present.path();
    let stem = book.file_stem().unwrap_or_default().to_string_lossy();
    let name = |more: &str| book.with_file_name(format!("{stem}-恢复前-{}{more}.book", now.format("%Y%m%d-%H%M%S")));
    let names = std::iter::once(String::new()).chain((2..).map(|it| format!("-{it}")));
    let Some(kept) = names.map(|it| name(&it)).find(|it| !it.exists()) else {
        return Err(Fault::said("没有可用的名字"));
    };
    let copied = (|| {
        let key = if look_at(book)? { Some(present.key().ok_or(Fault::Locked)?) } else { None };
        put_aside_alone(book, key)?;
        let mut connection = connect(book, key)?;
        present.holds(&mut connection)?;
        let copy = copy_beside(&connection, &kept)?;
        // The last connection takes the log into the file and away.
        connection.close().map_err(|(_, error)| error)?;
        copy.persist_noclobber(&kept).map_err(|failed| failed.error)?;
        Ok::<(), Fault>(())
    })();
    match copied {
        Ok(()) => {}
        Err(fault) if fault.is_damage() || matches!(fault, Fault::Locked | Fault::WrongKey) => {
            copy_file(book, &kept)?;
            for (from, to) in logs_of(book).into_iter().zip(logs_of(&kept)).filter(|it| it.0.exists()) {
                copy_file(&from, &to)?;
            }
        }
        Err(fault) => return Err(fault),
    }
    sync_folder(&kept)?;
    Ok(kept)
}

fn copy_file(from: &Path, to: &Path) -> Result<(), Fault> {
    let mut copy = temporary_in(folder_of(to))?;
    std::io::copy(&mut files::open(from)?, copy.as_file_mut())?;
    copy.as_file().sync_all()?;
    copy.persist_noclobber(to).map_err(|failed| failed.error)?;
    Ok(())
}

/// A connection that writes nothing; where the book had to be copied to be read, where the copy lies; and whether a log beside
/// it is not its own, so that it is read without.
fn connect_to_read(opener: &Opener) -> Result<(Connection, Option<TempDir>, bool), Fault> {
    let path = opener.path();
    let key = if look_at(path)? { Some(opener.key().ok_or(Fault::Locked)?) } else { None };
    let [log, journal] = logs_of(path);
    // What stands in a log can be read only where SQLite may write beside it.
    let folder = match log.exists() || journal.exists() {
        true if tempfile::tempfile_in(folder_of(path)).is_err() => Some(files::own_folder()?),
        _ => None,
    };
    let copy = folder.as_ref().map(|it| it.path().join("book"));
    if let Some(copy) = &copy {
        copy_file(path, copy)?;
        for (from, to) in logs_of(path).into_iter().zip(logs_of(copy)).filter(|it| it.0.exists()) {
            copy_file(&from, &to)?;
        }
    }
    let at = copy.as_deref().unwrap_or(path);
    let strange = is_there(at, key)?;
    // Where nobody has it open it is read as it lies there, and nothing is put beside it.
    let mut connection = if strange || !log.exists() && !journal.exists() {
        connect_at(&as_it_lies(at)?, key)?
    } else if copy.is_some() {
        connect(at, key)?
    } else {
        connect_with(at, key, OpenFlags::SQLITE_OPEN_READ_ONLY)?
    };
    opener.watch(&mut connection)?;
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION {
        return Err(Fault::said("这是别的程序的数据库，不是台帐"));
    }
    look_at_parts(&connection)?;
    Ok((connection, folder, strange))
}

fn look(connection: &Connection, encrypted: bool) -> Result<Look, Fault> {
    let said: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    let condition =
        if said == "ok" { Condition::Whole } else { Condition::Damaged(format!("文件已损坏：{said}")) };
    let sheets: i64 = connection.query_row("SELECT count(*) FROM record", [], |row| row.get(0))?;
    let newest = "SELECT number FROM record ORDER BY form = '05' DESC, year DESC, sequence DESC LIMIT 1";
    let newest: Option<String> = connection.query_row(newest, [], |row| row.get(0)).optional()?;
    let last = "SELECT id, at FROM history ORDER BY id DESC LIMIT 1";
    let last: Option<(i64, String)> =
        connection.query_row(last, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (lines, at) = last.unwrap_or_default();
    Ok(Look {
        condition,
        encrypted,
        sheets: usize::try_from(sheets).unwrap_or(0),
        newest: newest.unwrap_or_default(),
        last: read_moment(&at).ok(),
        lines,
    })
}
