//! A log that is not the book's (旧日志). What was written last may stand in a log beside the book, and SQLite takes in
//! whatever log lies there, if only its own sums agree: an earlier one beside a newer copy of the same book would roll it
//! back, or mix the two, and nothing in the book would show it.
//!
//! So before a book is opened, its history is read twice, without the log and with it. History only ever grows: a log
//! under which the last line goes, or lines before it, or under which the newest line stands on a page that the log does
//! not have while it has older pages of the same lines, was written before the file was. It is put aside, never deleted,
//! and the book is opened without it.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::super::Fault;
use super::super::history::{Tail, tail};
use super::super::seal::Seal;
use super::connection::{connect_at, connect_with, logs_of};
use super::key::{Key, as_it_lies};
use super::presence::{Presence, Taken};
use super::shape::look_at_parts;
use super::stop::Meter;
use crate::files::sync_folder;

/// Between the book's name and the log's ending, and what is put aside.
const ASIDE: &str = "-旧";

/// Puts a log aside that is not the book's; under which name. A book that a window has open has a log that is in use.
pub(super) fn put_aside(path: &Path, key: Option<&Key>) -> Result<Option<PathBuf>, Fault> {
    if !has_log(&real(path)) {
        return Ok(None);
    }
    match Presence::try_alone(path) {
        Taken::Busy => Ok(None),
        Taken::Held(_alone) => put_aside_alone(path, key),
        Taken::Impossible => match strange(path, key)? {
            None => Ok(None),
            Some(log) => Err(Fault::said(format!(
                "旁边的 {} 是旧的日志，照它打开台帐会退回到以前；旁边的 -lock 文件写不了，没有动它，也没有打开",
                name_of(&log)
            ))),
        },
    }
}

/// Whether a log lies beside the book that is not the book's: who only reads leaves it there, and reads without it.
pub(super) fn is_there(path: &Path, key: Option<&Key>) -> Result<bool, Fault> {
    if !has_log(&real(path)) {
        return Ok(false);
    }
    match Presence::try_alone(path) {
        Taken::Busy => Ok(false),
        Taken::Held(_) | Taken::Impossible => Ok(strange(path, key)?.is_some()),
    }
}

/// As [`put_aside`], of a book that is held alone.
pub(super) fn put_aside_alone(path: &Path, key: Option<&Key>) -> Result<Option<PathBuf>, Fault> {
    let Some(log) = strange(path, key)? else { return Ok(None) };
    let name = |more: &str| log.with_file_name(format!("{}{ASIDE}{more}", name_of(&log)));
    let names = std::iter::once(String::new()).chain((2..).map(|it| format!("-{it}")));
    let Some(aside) = names.map(|it| name(&it)).find(|it| !it.exists()) else { return Ok(None) };
    std::fs::rename(&log, &aside)?;
    sync_folder(&aside)?;
    Ok(Some(aside))
}

/// What is said of a log that was put aside.
pub(super) fn sentence(aside: &Path) -> String {
    format!(
        "台帐旁边有一份旧的日志，照它打开会退回到以前：没有用它，改名为 {} 留着；请与最近的备份核对",
        name_of(aside)
    )
}

/// What is said of a log that was left where it lies.
pub(super) const UNUSED: &str = "台帐旁边有一份旧的日志，照它读会退回到以前：没有用它";

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn has_log(path: &Path) -> bool {
    logs_of(path).iter().any(|it| it.metadata().is_ok_and(|it| it.len() > 0))
}

/// A link's log lies where the book does.
fn real(path: &Path) -> PathBuf {
    let real = if cfg!(unix) { path.canonicalize().ok() } else { None };
    real.unwrap_or_else(|| path.to_owned())
}

/// The log beside a book that is not the book's.
fn strange(path: &Path, key: Option<&Key>) -> Result<Option<PathBuf>, Fault> {
    let path = &real(path);
    if !has_log(path) {
        return Ok(None);
    }
    // A file that makes no sense without its log was left in the middle of taking it in: then it is its log.
    let meter = Arc::new(Meter::of(path));
    let plain = as_it_lies(path).and_then(|it| connect_at(&it, key)).and_then(|it| History::read(it, &meter));
    let Ok((file, plain)) = plain else { return Ok(None) };
    let [log, journal] = logs_of(path);
    // A book that keeps a log of the newer kind has none of the older, which undoes what was written last.
    let kind = "SELECT hex(substr(data, 19, 1)) FROM sqlite_dbpage WHERE pgno = 1";
    let kind: Option<String> = plain.query_row(kind, [], |row| row.get(0)).optional()?;
    if kind.as_deref() == Some("02") && journal.metadata().is_ok_and(|it| it.len() > 0) {
        return Ok(Some(journal));
    }
    let there = log.metadata().is_ok_and(|it| it.len() > 0);
    if there && !belongs((&file, &plain), path, key, &log, &meter).map_err(|fault| meter.blamed(fault))? {
        return Ok(Some(log));
    }
    Ok(None)
}

/// Whether a log goes on from the file.
fn belongs(
    (file, plain): (&History, &Connection),
    path: &Path,
    key: Option<&Key>,
    log: &Path,
    meter: &Arc<Meter>,
) -> Result<bool, Fault> {
    let seen = (|| {
        let with = connect_with(path, key, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        // Looking takes nothing into the file.
        with.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let (both, with) = History::read(with, meter)?;
        let sql = "SELECT hash FROM history WHERE id = ?1";
        let kept: Option<Seal> = with.query_row(sql, [file.last.id], |row| row.get(0)).optional()?;
        let goes_on = file.last.id == 0 || kept == Some(file.last.hash);
        let whole = both.whole || !file.whole;
        let pages = pages_in(log)?;
        let newest = pages.contains(&both.newest) || pages.is_disjoint(&file.pages);
        Ok::<_, Fault>(goes_on && whole && newest && (is_sound(&with)? || !is_sound(plain)?))
    })();
    match seen {
        // The file alone could be read.
        Err(fault) if fault.is_damage() || matches!(fault, Fault::WrongKey) => Ok(false),
        seen => seen,
    }
}

fn is_sound(connection: &Connection) -> Result<bool, Fault> {
    let said: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok(said == "ok")
}

/// The history as it is seen with the log or without it.
struct History {
    last: Tail,
    /// Whether no line is missing.
    whole: bool,
    /// The pages its lines stand on.
    pages: HashSet<u32>,
    /// The page the newest line stands on.
    newest: u32,
}

impl History {
    /// Reads it from a connection that has read nothing yet, which is given back: of a book as the program makes it, and
    /// within bounds.
    fn read(mut connection: Connection, meter: &Arc<Meter>) -> Result<(Self, Connection), Fault> {
        meter.watch(&mut connection)?;
        look_at_parts(&connection)?;
        let root = "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = 'history'";
        let root: u32 = connection.query_row(root, [], |row| row.get(0))?;
        // Both of one moment, whoever writes meanwhile.
        connection.execute_batch("BEGIN")?;
        let last = tail(&connection)?;
        let lines: i64 = connection.query_row("SELECT count(*) FROM history", [], |row| row.get(0))?;
        let (pages, newest) = tree(&connection, root)?;
        connection.execute_batch("COMMIT")?;
        Ok((Self { whole: lines == last.id, last, pages, newest }, connection))
    }
}

/// The pages of a table, and the last of them.
fn tree(connection: &Connection, root: u32) -> Result<(HashSet<u32>, u32), Fault> {
    let mut read = connection.prepare("SELECT data FROM sqlite_dbpage WHERE pgno = ?1")?;
    let mut children = |page: u32| -> Result<Vec<u32>, Fault> {
        let data: Option<Vec<u8>> = read.query_row([page], |row| row.get(0)).optional()?;
        Ok(data.map(|it| children_of(&it)).unwrap_or_default())
    };
    let (mut pages, mut newest) = (HashSet::from([root]), root);
    let mut level = vec![root];
    // All leaves are equally far from the root. What goes round in a circle ends where it began.
    while let Some(first) = level.first() {
        if children(*first)?.is_empty() {
            break;
        }
        let mut below = Vec::new();
        for page in &level {
            below.extend(children(*page)?.into_iter().filter(|it| pages.insert(*it)));
        }
        newest = below.last().copied().unwrap_or(newest);
        level = below;
    }
    Ok((pages, newest))
}

/// The pages below a page of a table, in order; none below a leaf.
fn children_of(page: &[u8]) -> Vec<u32> {
    /// What a page that has others below it begins with.
    const INTERIOR: u8 = 5;
    let short = |at: usize| page.get(at..at + 2).map(|it| usize::from(it[0]) << 8 | usize::from(it[1]));
    let long = |at: usize| page.get(at..at + 4).map(|it| it.iter().fold(0, |sum, it| sum << 8 | u32::from(*it)));
    if page.first() != Some(&INTERIOR) {
        return Vec::new();
    }
    let cells = (0..short(3).unwrap_or(0)).filter_map(|it| long(short(12 + 2 * it)?));
    cells.chain(long(8)).collect()
}

/// The pages whose newest content stands in a log, as far as it was committed.
fn pages_in(log: &Path) -> io::Result<HashSet<u32>> {
    let number = |bytes: &[u8]| bytes.iter().fold(0, |sum, it| sum << 8 | u32::from(*it));
    let mut file = BufReader::new(File::open(log)?);
    let (mut pages, mut pending) = (HashSet::new(), Vec::new());
    let (mut head, mut frame) = ([0; 32], [0; 24]);
    if file.read_exact(&mut head).is_err() {
        return Ok(pages);
    }
    let size = match number(&head[8..12]) {
        1 => 65536,
        size => i64::from(size),
    };
    // What stands behind the last frame is left over from before the log was begun anew, under another salt.
    while file.read_exact(&mut frame).is_ok() && frame[8..16] == head[16..24] {
        pending.push(number(&frame[..4]));
        if number(&frame[4..8]) > 0 {
            pages.extend(pending.drain(..));
        }
        file.seek_relative(size)?;
    }
    Ok(pages)
}

#[cfg(test)]
mod tests;
