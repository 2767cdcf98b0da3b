//! Copies of a book in case it is lost (备份): whole, looked over after writing, in a folder and in a second place such as a
//! USB disk, and thinned with time. The book is copied by `VACUUM INTO` on a connection of its own: it blocks no writer
//! and need not begin again when something is written meanwhile, as SQLite's other way must; and what was purged of
//! destroyed sheets, which may lie in pages given up, does not come along.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::history::{Tail, tail};
use super::open::{make_folder, sync_folder, temporary_in};
use super::seal::Seal;
use super::{Fault, Head, Result, Store, StoreError, read_moment};
use crate::files;

const DOING: &str = "备份台帐到";
/// The setting that says where copies go, as JSON.
const SETTING: &str = "backup";
/// The folder beside the book, where no other is set.
const FOLDER: &str = "备份";
const MARK: &str = "-备份-";
const WHEN: &str = "%Y%m%d-%H%M%S";
/// How many days, weeks and months are gone back: the newest copy of each stays.
const DAYS: usize = 7;
const WEEKS: usize = 4;
const MONTHS: usize = 12;
/// A file's own time is in UTC, and a stick keeps it by the hour of the day: so far it may be from the hour in the name.
const AGREE: i64 = 2;
/// So many copies of one reason have names in one second.
const MOST: u32 = 10_000;

/// Why a copy was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Each day that the program runs.
    Daily,
    /// Before a newer program brought the book to its shape.
    Upgrade,
    /// Before sheets were taken in from a file.
    Import,
    /// Before contents were destroyed.
    Destroy,
    /// Before users were merged.
    Merge,
    /// It was asked for.
    Manual,
}

impl Reason {
    /// Every reason there is.
    pub const ALL: [Self; 6] = [Self::Daily, Self::Upgrade, Self::Import, Self::Destroy, Self::Merge, Self::Manual];

    /// What the screen and the files call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Daily => "每日",
            Self::Upgrade => "升级前",
            Self::Import => "导入前",
            Self::Destroy => "销毁前",
            Self::Merge => "合并前",
            Self::Manual => "手动",
        }
    }
}

/// Where copies go; an empty path is the folder beside the book, or no second place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Places {
    /// The folder.
    pub folder: PathBuf,
    /// The second place.
    pub second: PathBuf,
}

impl Places {
    /// The folder for copies of this book.
    pub fn folder(&self, book: &Path) -> PathBuf {
        if self.folder.as_os_str().is_empty() { book.with_file_name(FOLDER) } else { self.folder.clone() }
    }

    /// The second place, if there is to be one.
    pub fn second(&self) -> Option<&Path> {
        Some(self.second.as_path()).filter(|it| !it.as_os_str().is_empty())
    }
}

/// A copy that lies in one of the places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Where it lies.
    pub path: PathBuf,
    /// When it was made; for [`Reason::Upgrade`], when the book was last written to.
    pub at: NaiveDateTime,
    /// Why.
    pub reason: Reason,
    /// The head the book's history had then; copies of earlier programs do not tell it.
    pub head: Option<Head>,
    /// How large it is.
    pub bytes: u64,
    /// Whether it lies in the second place.
    pub second: bool,
}

/// What became of a backup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackedUp {
    /// The copies that were made.
    pub made: Vec<PathBuf>,
    /// Why there is none in one of the places, a sentence each.
    pub missing: Vec<String>,
}

/// What a copy of this book, made at this moment, is called: the head of its history is remembered in the name.
pub fn backup_name(book: &Path, at: NaiveDateTime, reason: Reason, head: Option<Head>) -> String {
    name_of(book, at, reason, head, 1)
}

/// As [`backup_name`], of the nth copy that would be called so.
fn name_of(book: &Path, at: NaiveDateTime, reason: Reason, head: Option<Head>, nth: u32) -> String {
    let stem = book.file_stem().unwrap_or_default().to_string_lossy();
    let head = head.map(|it| format!("-{}-{}", it.line, it.digits())).unwrap_or_default();
    let nth = if nth > 1 { format!("-{nth}") } else { String::new() };
    format!("{stem}{MARK}{}-{}{head}{nth}.book", at.format(WHEN), reason.name())
}

/// When and why a copy of this book was made, and with what head, by its name; none where it is not called as copies of
/// this book are.
pub fn read_backup_name(book: &Path, name: &str) -> Option<(NaiveDateTime, Reason, Option<Head>)> {
    let stem = book.file_stem()?.to_string_lossy();
    let rest = name.strip_prefix(&*stem)?.strip_prefix(MARK)?;
    let (at, rest) = NaiveDateTime::parse_and_remainder(rest, WHEN).ok()?;
    let parts: Vec<&str> = rest.strip_prefix('-')?.strip_suffix(".book")?.split('-').collect();
    let (reason, head, nth) = match parts[..] {
        [reason] => (reason, None, "1"),
        [reason, nth] => (reason, None, nth),
        [reason, line, hash] => (reason, Some((line, hash)), "1"),
        [reason, line, hash, nth] => (reason, Some((line, hash)), nth),
        _ => return None,
    };
    let reason = Reason::ALL.into_iter().find(|it| it.name() == reason)?;
    let head = match head {
        Some((line, hash)) => Some(Head::read(&format!("{line}:{hash}"))?),
        None => None,
    };
    (name_of(book, at, reason, head, nth.parse().ok()?) == name).then_some((at, reason, head))
}

/// The copies of a book that lie in its places, newest first. A place that is not there has none.
pub fn backups(book: &Path, places: &Places) -> Vec<Backup> {
    let mut found = in_folder(book, &places.folder(book), false);
    found.extend(places.second().into_iter().flat_map(|it| in_folder(book, it, true)));
    found.sort_by(|a, b| (b.at, a.second).cmp(&(a.at, b.second)));
    found
}

fn in_folder(book: &Path, folder: &Path, second: bool) -> Vec<Backup> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let backup = |path: PathBuf| {
        let (at, reason, head) = read_backup_name(book, path.file_name()?.to_str()?)?;
        let bytes = path.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
        Some(Backup { path, at, reason, head, bytes, second })
    };
    entries.filter_map(|it| backup(it.path())).collect()
}

/// Which copies are let go, as places in the list: of those made on one of the last seven days that have copies the newest
/// of each day stays, likewise of four weeks and of twelve months. What was made for a reason stays seven days besides, and
/// the copy of an older shape of the book for good. So the newest one always stays. A copy dated later than `now` was made
/// under a clock that was wrong then or is wrong now: it stays, and sends no other away.
pub fn superfluous(made: &[(NaiveDateTime, Reason)], now: NaiveDateTime) -> Vec<usize> {
    let mut order: Vec<usize> = (0..made.len()).filter(|it| made[*it].0 <= now).collect();
    order.sort_by_key(|it| std::cmp::Reverse(made[*it].0));
    let Some(newest) = order.first().map(|it| made[*it].0) else { return Vec::new() };
    let month = |it: NaiveDate| (it.year(), it.month());
    let week = |it: NaiveDate| (it.iso_week().year(), it.iso_week().week());
    let (mut days, mut weeks, mut months) = (HashSet::new(), HashSet::new(), HashSet::new());
    let mut gone = Vec::new();
    for place in order {
        let (at, reason) = made[place];
        let day = at.date();
        // All three are counted for every copy: one that stands for its day stands for its week too.
        let first = [
            days.len() < DAYS && days.insert(day),
            weeks.len() < WEEKS && weeks.insert(week(day)),
            months.len() < MONTHS && months.insert(month(day)),
        ];
        let fresh = reason != Reason::Daily && newest - at <= Duration::days(DAYS as i64);
        if first == [false; 3] && !fresh && reason != Reason::Upgrade {
            gone.push(place);
        }
    }
    gone
}

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

/// When a file was last written, in UTC; none for an hour no calendar has.
pub(super) fn written_on(path: &Path) -> Option<NaiveDateTime> {
    let since = path.metadata().ok()?.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(DateTime::from_timestamp(i64::try_from(since.as_secs()).ok()?, 0)?.naive_utc())
}

fn places_of(connection: &Connection) -> Places {
    let sql = "SELECT value FROM setting WHERE key = ?1";
    let kept: Option<String> = connection.query_row(sql, [SETTING], |row| row.get(0)).optional().unwrap_or_default();
    kept.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default()
}

/// How a book began, which no other book shares.
pub(super) fn first_line(connection: &Connection) -> Result<Option<Seal>, Fault> {
    let sql = "SELECT hash FROM history ORDER BY id LIMIT 1";
    Ok(connection.query_row(sql, [], |row| row.get(0)).optional()?)
}

/// Copies an older book before it is brought to the newest shape, beside it: whether the folders that it names are this
/// computer's is not known here, nor is the hour, which is that of its last change.
pub(super) fn before_upgrade(connection: &Connection, path: &Path) -> Result<(), Fault> {
    let sql = "SELECT at FROM history ORDER BY id DESC LIMIT 1";
    let last: Option<String> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    let at = last.as_deref().and_then(|it| read_moment(it).ok()).unwrap_or_default();
    let copied = |folder: &Path| {
        make_folder(folder)?;
        let copy = copy_beside(connection, &folder.join("copy"))?;
        let Tail { id: line, hash } = tail(connection)?;
        let head = (line > 0).then(|| Head::of(line, &hash));
        keep(copy, path, folder, (at, Reason::Upgrade, head))
    };
    copied(&Places::default().folder(path))
        .map_err(|fault| Fault::said(format!("升级前的备份没有做成，所以没有升级，台帐没有动：{fault}")))?;
    Ok(())
}

/// A whole copy of what the connection sees, beside `target` and with no name yet, which holds the same last line of
/// history and has no broken page.
pub(super) fn copy_beside(connection: &Connection, target: &Path) -> Result<NamedTempFile, Fault> {
    let copy = temporary_in(target)?;
    let name = copy.path().to_str().ok_or_else(|| Fault::said("文件名里有不能用的字符"))?;
    let last = "SELECT id, hash FROM history ORDER BY id DESC LIMIT 1";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Seal>(1)?));
    let before = connection.query_row(last, [], read).optional()?;
    connection.execute("VACUUM INTO ?1", [name])?;
    copy.as_file().sync_all()?;
    // Attached, it is read with the book's own password.
    connection.execute("ATTACH ?1 AS copy", [name])?;
    let looked = (|| {
        let damage: String = connection.query_row("PRAGMA copy.integrity_check(1)", [], |row| row.get(0))?;
        let copied = connection.query_row(&last.replace("history", "copy.history"), [], read).optional()?;
        let same = match copied {
            None => before.is_none(),
            // Another window may have gone on writing since.
            Some((line, hash)) => {
                let sql = "SELECT hash FROM main.history WHERE id = ?1";
                let kept: Option<Seal> = connection.query_row(sql, [line], |row| row.get(0)).optional()?;
                kept == Some(hash) && before.is_none_or(|(it, _)| it <= line)
            }
        };
        Ok((damage == "ok" && same).then_some(()))
    })();
    connection.execute_batch("DETACH copy")?;
    match looked {
        Ok(Some(())) => Ok(copy),
        Ok(None) => Err(Fault::said("写好的备份读回来与台帐不符，没有留下")),
        Err(fault) => Err(fault),
    }
}

/// Gives a copy its name. One that is there already stays: the new one's name counts on.
fn keep(
    mut copy: NamedTempFile,
    book: &Path,
    folder: &Path,
    (at, reason, head): (NaiveDateTime, Reason, Option<Head>),
) -> Result<PathBuf, Fault> {
    for nth in 1..=MOST {
        let path = folder.join(name_of(book, at, reason, head, nth));
        match copy.persist_noclobber(&path) {
            Ok(_) => {
                sync_folder(&path)?;
                return Ok(path);
            }
            Err(failed) if failed.error.kind() == std::io::ErrorKind::AlreadyExists => copy = failed.file,
            Err(failed) => return Err(failed.error.into()),
        }
    }
    Err(Fault::said(format!("{} 里已有同名的备份", folder.display())))
}
