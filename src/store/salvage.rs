//! Saving what can be read of a damaged book (抢救): every page is read by itself, whatever became of the pages that lead
//! to it, and its rows go into a new book. What a lost page held is sought in the indexes, which hold the short texts once
//! more, and in the history. What is still missing is told. The damaged file is never written to.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDateTime;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::beside::adopt;
use super::history::content;
use super::key::copy_keyed;
use super::migrate::{STEPS, migrate};
use super::open::{logs_of, ready, refuse_leftovers, sync_folder};
use super::{Fault, Opener, Result, Store, What};
use crate::files;
use crate::procedure::Procedure;
use crate::record::RecordId;

mod mend;
mod pages;
mod report;
mod shape;

pub use report::Salvage;

use mend::{mend, rows};
use pages::{Kind, PAGE, Pages, Row, big};
use shape::Tables;

/// The first bytes of a book, should its own be gone: pages of 4096 bytes, texts in UTF-8.
const HEAD: [u8; 28] = *b"SQLite format 3\0\x10\x00\x02\x02\x00\x40\x20\x20\0\0\0\0";
/// So many shapes a book never had: a number that is larger is damage.
const NO_VERSION: usize = 1000;
/// Makes a sheet's head, where it has none.
const HEAD_OF_A_SHEET: &str = "INSERT OR IGNORE INTO record (id, form, edition, year, sequence, number, entered)
                               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
/// What stands where it is known that something was written and not what.
const LOST: &str = "（已丢失）";

impl Opener {
    /// Reads what can be read of a damaged book into one that lies nowhere and cannot be written to; and tells what was
    /// lost. Names of forms and cells are those of `procedure`.
    ///
    /// # Errors
    /// When the file cannot be read at all, or was encrypted and its password is wrong or its first page damaged.
    pub fn salvage(&self, procedure: &Procedure, now: NaiveDateTime) -> Result<(Store, Salvage)> {
        let saved = salvage(self, procedure, now);
        saved.map_err(|fault| fault.at("抢救台帐", self.path()))
    }

    /// Opens what can be read of a damaged book, to be read only; it lies in a folder of its own, which is gone with the
    /// list.
    ///
    /// # Errors
    /// As [`Opener::salvage`], and when there is no room for it.
    pub fn salvage_to_read(&self, procedure: &Procedure, now: NaiveDateTime) -> Result<(Store, Salvage)> {
        let folder = files::own_folder().map_err(|error| Fault::from(error).at("只读打开", self.path()))?;
        let place = folder.path().join(self.path().file_name().unwrap_or_default());
        let (_, mut told) = self.salvage_to(&place, procedure, now)?;
        told.folder = Some(Arc::new(folder));
        Ok((self.beside(&place).open_to_read()?, told))
    }

    /// Puts what can be read of a damaged book into a new one, which has the same password, and the list of what was lost
    /// into a text file beside it, whose name is told with the list.
    ///
    /// # Errors
    /// As [`Opener::salvage`], and when there is a file of this name, or it cannot be written.
    pub fn salvage_to(&self, out: &Path, procedure: &Procedure, now: NaiveDateTime) -> Result<(PathBuf, Salvage)> {
        let (store, salvage) = self.salvage(procedure, now)?;
        let written = (|| {
            files::may_be_called(out)?;
            if out.symlink_metadata().is_ok() {
                return Err(Fault::said("已有同名的文件，没有替换它"));
            }
            refuse_leftovers(out)?;
            store.connection.pragma_update(None, "query_only", false)?;
            let made = copy_keyed(&store.connection, out, self.key())?;
            made.persist_noclobber(out).map_err(|failed| failed.error)?;
            let stem = out.file_stem().unwrap_or_default().to_string_lossy();
            let what = if stem.contains("抢救") { "清单" } else { "抢救清单" };
            let list = out.with_file_name(format!("{stem}-{what}.txt"));
            // Windows' own editor needs the mark to see that it is UTF-8.
            files::save(&list, files::Kind::Text, format!("\u{feff}{salvage}").as_bytes())?;
            sync_folder(out)?;
            Ok(list)
        })();
        Ok((written.map_err(|fault: Fault| fault.at("写抢救出来的台帐", out))?, salvage))
    }
}

fn salvage(opener: &Opener, procedure: &Procedure, now: NaiveDateTime) -> Result<(Store, Salvage), Fault> {
    let (path, key) = (opener.path(), opener.key());
    let folder = files::own_folder()?;
    let copy = folder.path().join("book");
    let mut told = Salvage::new(path, procedure, now);
    told.unread = copy_what_can_be_read(opener, path, &copy)?;
    for (from, to) in logs_of(path).into_iter().zip(logs_of(&copy)).filter(|it| it.0.exists()) {
        told.unread += copy_what_can_be_read(opener, &from, &to)?;
    }
    if key.is_none() {
        mend_head(&copy)?;
    }
    let mut damaged =
        Connection::open_with_flags(&copy, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    if let Some(key) = key {
        key.unlock(&damaged)?;
    }
    opener.holds(&mut damaged)?;
    // So that a broken table of contents is no reason to read nothing.
    damaged.pragma_update(None, "writable_schema", true)?;
    let pages = Pages::of(&damaged).map_err(|fault| match fault {
        Fault::Sql(error) if key.is_some() && error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
            Fault::said("口令不对，或者文件的第一页坏了：加了口令的台帐，第一页坏了就再也解不开")
        }
        fault => fault,
    })?;
    told.pages = pages.count;

    let flags = OpenFlags::default() | OpenFlags::SQLITE_OPEN_URI;
    let mut book = Connection::open_in_memory_with_flags(flags)?;
    opener.holds(&mut book)?;
    // In the shape it had, so that what comes after is done to it as to any older book. Older shapes than the fourth only
    // lack columns that are empty.
    let version = pages.bytes(1).and_then(|it| big(&it, 60)).map_or(0, |it| it as usize);
    let known = match version {
        1..=4 => 4,
        _ if version <= STEPS.len() => version,
        NO_VERSION.. => 0,
        _ => return Err(Fault::said(format!("它是更新版本的程序建的（版本 {version}），请用新版程序抢救"))),
    };
    migrate(&book, None, if known == 0 { STEPS } else { &STEPS[..known] })?;
    book.pragma_update(None, "foreign_keys", false)?;
    let triggers = drop_triggers(&book)?;
    book.execute_batch(
        "CREATE TEMP TABLE head (id INTEGER, form TEXT, year INTEGER, sequence INTEGER, number TEXT);
         CREATE TEMP TABLE cell (field INTEGER, text TEXT, record INTEGER, round INTEGER);
         BEGIN",
    )?;
    take_rows(opener, &pages, &book, &mut told)?;
    mend(&book, &mut told, now)?;
    book.execute_batch("COMMIT; DROP TABLE head; DROP TABLE cell;")?;
    book.execute_batch(&triggers)?;
    migrate(&book, None, STEPS)?;
    let store = ready(book, path, key, None)?;
    settle(&store, &mut told, now)?;
    // What could not be read may be no more than that it was broken off.
    opener.heed()?;
    store.connection.pragma_update(None, "query_only", true)?;
    Ok((store, told))
}

/// Takes the rules away that keep a book's rows as they are; the SQL that makes them again.
fn drop_triggers(book: &Connection) -> Result<String, Fault> {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'";
    let mut made = String::new();
    for (name, sql) in rows(book, sql, |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))? {
        book.execute_batch(&format!("DROP TRIGGER \"{name}\""))?;
        made.push_str(&sql);
        made.push_str(";\n");
    }
    Ok(made)
}

/// Copies a file block by block; what the disk cannot read any more is left empty. How many blocks that were.
fn copy_what_can_be_read(opener: &Opener, from: &Path, to: &Path) -> Result<u32, Fault> {
    let (mut from, mut to) = (files::open(from)?, File::create(to)?);
    let length = from.metadata()?.len();
    let mut unread = 0;
    let mut at = 0;
    while at < length {
        opener.heed()?;
        let mut block = [0; PAGE];
        let some = usize::try_from(length - at).unwrap_or(PAGE).min(PAGE);
        let read = from.seek(SeekFrom::Start(at)).and_then(|_| from.read_exact(&mut block[..some]));
        unread += u32::from(read.is_err());
        // A file that was cut off ends with a whole page all the same.
        to.write_all(&block)?;
        at += PAGE as u64;
    }
    Ok(unread)
}

/// Gives a copy whose first bytes are gone others that say how to read it.
fn mend_head(copy: &Path) -> Result<(), Fault> {
    let mut file = File::options().read(true).write(true).open(copy)?;
    let mut head = [0; 100];
    file.read_exact(&mut head).map_err(|_| Fault::said("这个文件是空的，没有可以抢救的"))?;
    // How SQLite writes to it (1 or 2) is as it may be.
    let known = |it: &[u8]| it[..18] == HEAD[..18] && (1..=2).contains(&it[18]) && it[20..24] == HEAD[20..24];
    if !known(&head) {
        head[..28].copy_from_slice(&HEAD);
        head[28..].fill(0);
        head[44..48].copy_from_slice(&4_u32.to_be_bytes());
        head[56..60].copy_from_slice(&1_u32.to_be_bytes());
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&head)?;
    }
    Ok(())
}

/// Puts every row that can be read into the new book, those of pages that have their place first: a page that has none may
/// be one that was given up long ago.
fn take_rows(opener: &Opener, pages: &Pages<'_>, book: &Connection, told: &mut Salvage) -> Result<(), Fault> {
    let tables = Tables::of(book)?;
    let free: HashSet<u32> = pages.free().into_iter().collect();
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut roots: Vec<(u32, String)> = Vec::new();
    let mut there = BTreeSet::new();
    for number in 1..=pages.count {
        opener.heed()?;
        let Some(page) = pages.page(number).filter(|_| !free.contains(&number)) else { continue };
        there.insert(number);
        if !page.children.is_empty() {
            children.insert(number, page.children);
        }
        for row in page.rows {
            // The table of contents: kind, name, table, first page, how it was made.
            if let [Value::Text(_), Value::Text(name), Value::Text(_), Value::Integer(root), _] = row.cells.as_slice()
                && page.kind == Kind::Table
            {
                roots.push((u32::try_from(*root).unwrap_or(0), name.clone()));
            }
        }
    }
    let mut owners: HashMap<u32, String> = HashMap::new();
    for (root, name) in roots {
        let mut below = vec![root];
        while let Some(number) = below.pop() {
            if number == 0 || number > pages.count || owners.contains_key(&number) {
                continue;
            }
            if !there.contains(&number) {
                told.bad.insert(number);
            }
            below.extend(children.get(&number).into_iter().flatten());
            owners.insert(number, name.clone());
        }
    }
    for placed in [true, false] {
        for number in there.iter().filter(|it| owners.contains_key(it) == placed) {
            opener.heed()?;
            let Some(page) = pages.page(*number) else { continue };
            if page.broken > 0 {
                told.bad.insert(*number);
            }
            for row in page.rows {
                take_row(&tables, book, owners.get(number).map(String::as_str), page.kind, row)?;
            }
        }
    }
    if !there.contains(&1) {
        told.bad.insert(1);
    }
    Ok(())
}

fn take_row(tables: &Tables, book: &Connection, owner: Option<&str>, kind: Kind, row: Row) -> Result<(), Fault> {
    if tables.take(book, owner, kind, &row)? || kind == Kind::Table {
        return Ok(());
    }
    // An index holds short texts once more.
    let is = |names: &[&str]| owner.is_none_or(|it| names.contains(&it));
    match row.cells.as_slice() {
        [Value::Text(form), Value::Integer(year), Value::Integer(sequence), Value::Integer(id)]
            if is(&["sqlite_autoindex_record_1"]) =>
        {
            let sql = "INSERT INTO head (id, form, year, sequence) VALUES (?1, ?2, ?3, ?4)";
            book.prepare_cached(sql)?.execute(params![id, form, year, sequence])?;
        }
        [Value::Text(form), Value::Text(number), Value::Integer(id)] if is(&["sqlite_autoindex_record_2"]) => {
            let sql = "INSERT INTO head (id, form, number) VALUES (?1, ?2, ?3)";
            book.prepare_cached(sql)?.execute(params![id, form, number])?;
        }
        [Value::Text(name), Value::Integer(id)] if is(&["sqlite_autoindex_field_1"]) && !tables.knows(name) => {
            book.prepare_cached("INSERT OR IGNORE INTO field VALUES (?1, ?2)")?.execute(params![id, name])?;
        }
        [Value::Integer(field), Value::Text(text), Value::Integer(record), Value::Integer(round)]
            if is(&["value_by_text"]) =>
        {
            let sql = "INSERT INTO cell VALUES (?1, ?2, ?3, ?4)";
            book.prepare_cached(sql)?.execute(params![field, text, record, round])?;
        }
        _ => {}
    }
    Ok(())
}

/// Looks at what was saved. Where the whole history is there it stays, and says which sheets are no longer what they were;
/// else it begins anew, every sheet as one that was taken in.
fn settle(store: &Store, told: &mut Salvage, now: NaiveDateTime) -> Result<(), Fault> {
    let book = &store.connection;
    let mut changed = Vec::new();
    for id in rows(book, "SELECT id FROM record ORDER BY id", |row| row.get::<_, i64>(0))? {
        let last = "SELECT content FROM history WHERE record = ?1 ORDER BY id DESC LIMIT 1";
        let sealed: Option<Vec<u8>> = book.prepare_cached(last)?.query_row([id], |row| row.get(0)).optional()?;
        match store.load(RecordId(id)) {
            Ok(Some(record)) if sealed.as_deref() == Some(content(&record).as_slice()) => {}
            Ok(_) => changed.push(id),
            Err(fault) => {
                told.lost(id, format!("读不出来，没有带过来：{fault}"));
                for table in ["value", "correction", "void", "fact"] {
                    book.execute(&format!("DELETE FROM {table} WHERE record = ?1"), [id])?;
                }
                changed.push(id);
            }
        }
    }
    told.unproved = changed.iter().copied().collect();
    let sheets: i64 = book.query_row("SELECT count(*) FROM record", [], |row| row.get(0))?;
    told.sheets = usize::try_from(sheets).unwrap_or(0);
    let mark = |id: i64| {
        let number: String = book.query_row("SELECT number FROM record WHERE id = ?1", [id], |row| row.get(0))?;
        store.note(RecordId(id), What::Imported, None, None, Some(&number), now)
    };
    book.execute_batch("SAVEPOINT kept")?;
    changed.iter().try_for_each(|id| mark(*id))?;
    // Numbers that are missing say nothing about the history.
    told.whole = store.check_up(None, &|| true).found.is_empty();
    if !told.whole {
        book.execute_batch("ROLLBACK TO kept")?;
        let triggers = drop_triggers(book)?;
        told.read_history(book)?;
        book.execute("DELETE FROM history", [])?;
        for id in rows(book, "SELECT id FROM record ORDER BY id", |row| row.get::<_, i64>(0))? {
            mark(id)?;
        }
        adopt(book)?;
        book.execute_batch(&triggers)?;
    }
    book.execute_batch("RELEASE kept")?;
    told.gaps = store.check();
    Ok(())
}
