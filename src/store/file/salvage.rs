//! Saving what can be read of a damaged book (抢救): every page is read by itself, whatever became of the pages that lead
//! to it, and its rows go into a new book. What a lost page held is sought in the indexes, which hold the short texts once
//! more, and in the history. What is still missing is told. The damaged file is never written to.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDateTime;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OpenFlags, params};

use super::super::{Fault, Result, Store};
use super::connection::{TOO_MANY, logs_of, read_contents, refuse_leftovers};
use super::copies::copy_keyed;
use super::migrate::{STEPS, migrate};
use super::open::ready;
use super::opener::Opener;
use crate::files;
use crate::procedure::Procedure;

mod mend;
mod pages;
mod report;
mod settle;
mod shape;
mod sound;

pub use report::Salvage;

use mend::{mend, rows};
use pages::{Kind, PAGE, Pages, Row, big};
use settle::settle;
use shape::{Tables, Taken};
use sound::sound;

/// The first bytes of a book, should its own be gone: pages of 4096 bytes, texts in UTF-8.
const HEAD: [u8; 28] = *b"SQLite format 3\0\x10\x00\x02\x02\x00\x40\x20\x20\0\0\0\0";
/// How every SQLite file begins.
const MAGIC: &[u8] = b"SQLite format 3\0";
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
            let names = std::iter::once(String::new()).chain((2..).map(|it| format!("-{it}")));
            let mut names = names.map(|it| out.with_file_name(format!("{stem}-{what}{it}.txt")));
            // What an earlier rescue lost is told there still.
            let list = names.find(|it| it.symlink_metadata().is_err()).unwrap_or_else(|| out.with_extension("txt"));
            // Windows' own editor needs the mark to see that it is UTF-8. The book's name is on the disk with the list's: they
            // lie in one folder.
            files::save(&list, files::Kind::Text, format!("\u{feff}{salvage}").as_bytes())?;
            Ok(list)
        })();
        Ok((written.map_err(|fault: Fault| fault.at("写抢救出来的台帐", out))?, salvage))
    }
}

fn salvage(opener: &Opener, procedure: &Procedure, now: NaiveDateTime) -> Result<(Store, Salvage), Fault> {
    let (path, key) = (opener.path(), opener.key());
    plain_file(path)?;
    let folder = files::own_folder()?;
    let copy = folder.path().join("book");
    let mut told = Salvage::new(path, procedure, now);
    told.unread = copy_what_can_be_read(opener, path, &copy)?;
    for (from, to) in logs_of(path).into_iter().zip(logs_of(&copy)).filter(|it| it.0.is_file()) {
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
    if matches!(read_contents(&mut damaged), Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted))
    {
        return Err(Fault::said(TOO_MANY));
    }
    opener.holds(&mut damaged)?;
    // So that a broken table of contents is no reason to read nothing.
    damaged.pragma_update(None, "writable_schema", true)?;
    let pages = Pages::of(&damaged).map_err(|fault| match fault {
        Fault::Sql(error) if key.is_some() && error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
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
    migrate(&book, if known == 0 { STEPS } else { &STEPS[..known] })?;
    book.pragma_update(None, "foreign_keys", false)?;
    // What breaks a rule is put right, or named, later.
    book.pragma_update(None, "ignore_check_constraints", true)?;
    let triggers = drop_triggers(&book)?;
    book.execute_batch(
        "CREATE TEMP TABLE head (id INTEGER, form TEXT, year INTEGER, sequence INTEGER, number TEXT);
         CREATE TEMP TABLE cell (field INTEGER, text TEXT, record INTEGER, round INTEGER, line INTEGER);
         BEGIN",
    )?;
    let recognised = take_rows(opener, &pages, &book, &mut told)?;
    if !recognised {
        return Err(Fault::said(unrecognised(&pages)));
    }
    sound(&book, &mut told)?;
    mend(&book, &mut told, now)?;
    book.execute_batch("COMMIT; DROP TABLE head; DROP TABLE cell; PRAGMA ignore_check_constraints = off;")?;
    let last = last_line(&book)?;
    book.execute_batch(&triggers)?;
    migrate(&book, STEPS)?;
    let store = ready(book, path, key, None)?;
    let judged = store.check_up(None, &|| true);
    // The rules come back when everything lies in its place.
    let triggers = drop_triggers(&store.connection)?;
    store.connection.execute_batch("BEGIN")?;
    settle(&store, judged, last, &mut told, now)?;
    store.connection.execute_batch("COMMIT")?;
    store.connection.execute_batch(&triggers)?;
    told.gaps = store.check();
    // What could not be read may be no more than that it was broken off.
    opener.heed()?;
    store.connection.pragma_update(None, "query_only", true)?;
    Ok((store, told))
}

/// Whether there is a file to be read, and something in it.
fn plain_file(path: &Path) -> Result<(), Fault> {
    match std::fs::metadata(path)? {
        it if it.is_dir() => Err(Fault::said("这是文件夹，不是台帐文件")),
        it if it.is_file() && it.len() == 0 => Err(Fault::said("这个文件是空的，没有可以抢救的")),
        _ => Ok(()),
    }
}

/// Why nothing in the file is known.
fn unrecognised(pages: &Pages<'_>) -> String {
    let encoding = pages.bytes(1).filter(|it| it.starts_with(MAGIC)).and_then(|it| big(&it, 56));
    match encoding {
        Some(2 | 3) => "里面的文字是 UTF-16 编码，不是本程序的台帐，没有可以抢救的".to_owned(),
        Some(_) => "这个文件里没有认出台帐的内容，没有可以抢救的（是别的程序的数据库？）".to_owned(),
        None => "这个文件里没有认出台帐的内容，没有可以抢救的（不是台帐，或者已经全部损坏，请用备份）".to_owned(),
    }
}

/// Where the damaged book's history ends: number and hash, in figures and letters.
fn last_line(book: &Connection) -> Result<(i64, String), Fault> {
    let sql = "SELECT id, lower(hex(hash)) FROM history ORDER BY id DESC LIMIT 1";
    Ok(rows(book, sql, |row| Ok((row.get(0)?, row.get(1)?)))?.pop().unwrap_or_default())
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
/// be one that was given up long ago. Whether anything of a book was there.
fn take_rows(opener: &Opener, pages: &Pages<'_>, book: &Connection, told: &mut Salvage) -> Result<bool, Fault> {
    let tables = Tables::of(book)?;
    let free = pages.free();
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut roots: Vec<(u32, String)> = Vec::new();
    let mut there = BTreeSet::new();
    for number in 1..=pages.count {
        opener.heed()?;
        if free.contains(&number) {
            continue;
        }
        let Some(page) = pages.page(number) else { continue };
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
    let mut recognised = roots.iter().filter(|it| tables.knows(&it.1)).count() > 3;
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
    pages.anew();
    for placed in [true, false] {
        for number in there.iter().filter(|it| owners.contains_key(it) == placed) {
            opener.heed()?;
            let Some(page) = pages.page(*number) else { continue };
            if page.broken > 0 {
                told.bad.insert(*number);
            }
            for row in page.rows {
                take_row(&tables, book, owners.get(number).map(String::as_str), page.kind, row, told)?;
            }
        }
    }
    if !there.contains(&1) {
        told.bad.insert(1);
    }
    // A table of contents that is gone leaves rows that look like a sheet's.
    recognised |= book
        .prepare("SELECT 1 FROM record UNION ALL SELECT 1 FROM history UNION ALL SELECT 1 FROM value")?
        .exists([])?;
    Ok(recognised)
}

fn take_row(
    tables: &Tables,
    book: &Connection,
    owner: Option<&str>,
    kind: Kind,
    row: Row,
    told: &mut Salvage,
) -> Result<(), Fault> {
    match tables.take(book, owner, kind, &row)? {
        Taken::Whole => return Ok(()),
        Taken::Not(table) => {
            told.untaken(table, &row.said());
            return Ok(());
        }
        Taken::Elsewhere if kind == Kind::Table => return Ok(()),
        Taken::Elsewhere => {}
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
        [Value::Integer(field), Value::Text(text), Value::Integer(record), Value::Integer(round), line @ ..]
            if is(&["value_by_text"]) && matches!(line, [] | [Value::Integer(_)]) =>
        {
            // Before there were lines, all that was written stood in the first.
            let line = line.first().unwrap_or(&Value::Integer(0));
            let sql = "INSERT INTO cell VALUES (?1, ?2, ?3, ?4, ?5)";
            book.prepare_cached(sql)?.execute(params![field, text, record, round, line])?;
        }
        _ => {}
    }
    Ok(())
}
