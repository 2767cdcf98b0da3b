//! Copies of a book's file: how they are made and looked over, what they are called, and which are let go with time.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::super::history::{Tail, tail};
use super::super::seal::Seal;
use super::super::{Fault, Head, read_moment};
use super::connection::refuse_leftovers;
use super::key::{Key, address};
use super::migrate::{Step, migrate, version};
use crate::files::{self, folder_of, make_folder, sync_folder, temporary_in};

/// The folder beside the book, where no other is set.
const FOLDER: &str = "备份";
const MARK: &str = "-备份-";
const WHEN: &str = "%Y%m%d-%H%M%S";
/// How many days, weeks and months are gone back: the newest copy of each stays.
const DAYS: usize = 7;
const WEEKS: usize = 4;
const MONTHS: usize = 12;
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

pub(super) fn in_folder(book: &Path, folder: &Path, second: bool) -> Vec<Backup> {
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

/// When a file was last written, in UTC; none for an hour no calendar has.
pub(in super::super) fn written_on(path: &Path) -> Option<NaiveDateTime> {
    let since = path.metadata().ok()?.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(DateTime::from_timestamp(i64::try_from(since.as_secs()).ok()?, 0)?.naive_utc())
}

/// How a book began, which no other book shares.
pub(in super::super) fn first_line(connection: &Connection) -> Result<Option<Seal>, Fault> {
    let sql = "SELECT hash FROM history ORDER BY id LIMIT 1";
    Ok(connection.query_row(sql, [], |row| row.get(0)).optional()?)
}

/// Brings a book to the newest shape, or leaves it as it is. An older one is copied first, whole, to where its backups go.
pub(super) fn upgrade(connection: &Connection, path: &Path, steps: &[Step]) -> Result<(), Fault> {
    if (1..steps.len()).contains(&version(connection)?) {
        before_upgrade(connection, path)?;
    }
    migrate(connection, steps)
}

/// Copies an older book before it is brought to the newest shape, beside it: whether the folders that it names are this
/// computer's is not known here, nor is the hour, which is that of its last change.
fn before_upgrade(connection: &Connection, path: &Path) -> Result<(), Fault> {
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
    let copy = temporary_in(folder_of(target))?;
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
pub(super) fn keep(
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
/// Writes everything the connection sees to `path`: first to a file beside it, then under its name.
pub(super) fn copy_whole(connection: &Connection, path: &Path) -> Result<(), Fault> {
    files::may_be_called(path)?;
    refuse_leftovers(path)?;
    if path.symlink_metadata().is_ok() {
        return Err(io::Error::from(io::ErrorKind::AlreadyExists).into());
    }
    let temporary = temporary_in(folder_of(path))?;
    let name = temporary.path().to_str().ok_or_else(|| Fault::said("文件名里有不能用的字符"))?;
    connection.execute("VACUUM INTO ?1", [name])?;
    OpenOptions::new().write(true).open(temporary.path())?.sync_all()?;
    temporary.persist_noclobber(path).map_err(|failed| failed.error)?;
    // A copy that was said to be made is there after a power cut, too.
    Ok(sync_folder(path)?)
}

/// Writes what a connection that takes addresses sees, with this password, to a new file beside `path`.
pub(super) fn copy_keyed(connection: &Connection, path: &Path, key: Option<&Key>) -> Result<NamedTempFile, Fault> {
    let made = temporary_in(folder_of(path))?;
    connection.execute("VACUUM INTO ?1", [address(made.path(), key)?])?;
    made.as_file().sync_all()?;
    Ok(made)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::super::migrate::STEPS;
    use super::*;

    const NEXT: Step = Step::sql("ALTER TABLE setting ADD COLUMN note TEXT;");

    fn versions(path: &Path) -> usize {
        version(&Connection::open(path).unwrap()).unwrap()
    }

    #[test]
    fn an_older_book_is_copied_before_the_first_step() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("质量.book");
        let connection = Connection::open(&path).unwrap();
        migrate(&connection, STEPS).unwrap();
        connection.execute_batch("INSERT INTO setting VALUES ('a', '甲')").unwrap();
        let now = STEPS.len();
        upgrade(&connection, &path, &[STEPS, &[NEXT]].concat()).unwrap();
        assert_eq!(versions(&path), now + 1);
        let kept = folder.path().join("备份").join("质量-备份-19700101-000000-升级前.book");
        assert_eq!(versions(&kept), now);
        let text: String =
            Connection::open(&kept).unwrap().query_row("SELECT value FROM setting", [], |row| row.get(0)).unwrap();
        assert_eq!(text, "甲");
    }
}
