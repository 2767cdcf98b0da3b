//! Copies of a book in case it is lost (备份): whole, looked over after writing, in a folder and in a second place such as a
//! USB disk, and thinned with time. The book is copied by `VACUUM INTO` on a connection of its own: it blocks no writer
//! and need not begin again when something is written meanwhile, as SQLite's other way must; and what was purged of
//! destroyed sheets, which may lie in pages given up, does not come along.

use std::path::{Path, PathBuf};

use chrono::{Duration, NaiveDateTime};
use rusqlite::{Connection, OptionalExtension};

use super::super::{Fault, Result, Store, StoreError};
use super::copies::{
    BackedUp, Backup, Places, Reason, copy_beside, first_line, in_folder, keep, superfluous, written_on,
};
use crate::files::{self, make_folder};

const DOING: &str = "备份台帐到";
/// The setting that says where copies go, as JSON.
const SETTING: &str = "backup";
/// A file's own time is in UTC, and a stick keeps it by the hour of the day: so far it may be from the hour in the name.
const AGREE: i64 = 2;

impl Store {
    /// Where copies of the book are to go, as the book says itself: whoever made it may have meant another computer's
    /// folders. What cannot be read is as if nothing was set.
    pub fn backup_places(&self) -> Places {
        places_of(&self.connection)
    }

    /// Whether nothing was ever written in it, so that there is nothing to copy.
    pub fn is_blank(&self) -> bool {
        first_line(&self.connection).is_ok_and(|it| it.is_none())
    }

    /// Sets where copies of the book go.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub fn set_backup_places(&self, places: &Places) -> Result<()> {
        // Two paths, which JSON takes where they are texts; others the dialogs do not give.
        let text = serde_json::to_string(places).unwrap_or_default();
        self.set_setting(SETTING, &text)
    }

    /// Copies the book to the places that it names itself; see [`Store::back_up_to`].
    ///
    /// # Errors
    /// When not one copy could be made; copies made before are as they were.
    pub fn back_up(&self, reason: Reason, now: NaiveDateTime) -> Result<BackedUp> {
        self.back_up_to(&self.backup_places(), reason, now)
    }

    /// Copies the book to these places, looks the copies over, and lets superfluous ones go. A second place that is not
    /// there is no reason to fail.
    ///
    /// # Errors
    /// When not one copy could be made; copies made before are as they were.
    pub fn back_up_to(&self, places: &Places, reason: Reason, now: NaiveDateTime) -> Result<BackedUp> {
        let mut done = BackedUp::default();
        let mut failed = None;
        let first = places.folder(&self.path);
        match make_folder(&first).map_err(Fault::from).and_then(|()| self.copy_checked(&first, reason, now)) {
            Ok(path) => done.made.push(path),
            Err(fault) => failed = Some(fault.at(DOING, &first)),
        }
        self.heed().map_err(|fault| fault.at(DOING, &first))?;
        if let Some(second) = places.second() {
            if !second.is_dir() {
                done.missing.push(format!("备份的第二处 {} 不在（U 盘没有插上？），那里没有备份", second.display()));
            } else {
                match self.copy_checked(second, reason, now) {
                    Ok(path) => done.made.push(path),
                    Err(fault) => done.missing.push(fault.at(DOING, second).to_string()),
                }
            }
        }
        match failed {
            Some(error) if done.made.is_empty() => return Err(error),
            Some(error) => done.missing.insert(0, error.to_string()),
            None => {}
        }
        for folder in [Some(first.as_path()), places.second()].into_iter().flatten() {
            self.thin(folder, now);
        }
        Ok(done)
    }

    /// A copy in a folder; it has its name only when it is as good as the book.
    fn copy_checked(&self, folder: &Path, reason: Reason, now: NaiveDateTime) -> Result<PathBuf, Fault> {
        if reason == Reason::Import
            && let Some(there) = self.copied_just_now(folder, now)
        {
            return Ok(there);
        }
        let target = folder.join("copy");
        self.meter.begin();
        let copy = copy_beside(&self.connection, &target)?;
        let read = self.opener().beside(copy.path()).open_to_read().map_err(StoreError::into_fault)?;
        let found = read.check_up(None, &|| true).found;
        self.heed()?;
        // What is wrong with the book itself is no fault of the copy.
        if !found.is_empty() {
            let known = self.check_up(None, &|| true).found;
            if let Some(new) = found.iter().find(|it| !known.contains(it)) {
                return Err(Fault::said(format!("写好的备份读回来与台帐不符（{new}），没有留下")));
            }
        }
        let head = read.head().map_err(StoreError::into_fault)?;
        drop(read);
        // What was found in the book itself may be no more than that it was broken off.
        self.heed()?;
        keep(copy, &self.path, folder, (now, reason, head))
    }

    /// The copy that was made before an import within the last minute, where the book goes on from it: many files taken in
    /// one after the other need no copy each.
    fn copied_just_now(&self, folder: &Path, now: NaiveDateTime) -> Option<PathBuf> {
        let fresh = |it: &Backup| it.reason == Reason::Import && it.at <= now && now - it.at < Duration::minutes(1);
        let goes_on = |it: &Backup| {
            let head = it.head.filter(|head| matches!(self.head_at(head.line), Ok(Some(there)) if there == *head));
            let copy = self.opener().beside(&it.path).open_to_read();
            head.is_some() && copy.and_then(|it| it.head()).is_ok_and(|it| it == head)
        };
        in_folder(&self.path, folder, false).into_iter().find(|it| fresh(it) && goes_on(it)).map(|it| it.path)
    }

    /// Lets superfluous copies of this very book go, and what a copy that was cut short left behind. What cannot be taken
    /// away stays until the next time. The clock is not believed alone: a copy whose file was written on another day than
    /// its name says counts for nothing, so that it stays and sends no other away.
    fn thin(&self, folder: &Path, now: NaiveDateTime) {
        let there = in_folder(&self.path, folder, false);
        // The second place may be a folder that other machines write to.
        files::sweep(folder, false);
        let agrees = |it: &Backup| {
            let near = |file: NaiveDateTime| (file - it.at).abs() <= Duration::days(AGREE);
            it.reason == Reason::Upgrade || written_on(&it.path).is_some_and(near)
        };
        let there: Vec<Backup> = there.into_iter().filter(agrees).collect();
        let made: Vec<(NaiveDateTime, Reason)> = there.iter().map(|it| (it.at, it.reason)).collect();
        let own = first_line(&self.connection).ok();
        for place in superfluous(&made, now) {
            let path = &there[place].path;
            let other = self.opener().beside(path).open_to_read();
            if other.ok().and_then(|it| first_line(&it.connection).ok()) == own && own.is_some() {
                drop(std::fs::remove_file(path));
            }
        }
    }
}

fn places_of(connection: &Connection) -> Places {
    let sql = "SELECT value FROM setting WHERE key = ?1";
    let kept: Option<String> = connection.query_row(sql, [SETTING], |row| row.get(0)).optional().unwrap_or_default();
    kept.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default()
}
