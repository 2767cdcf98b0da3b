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
use super::open::{logs_of, ready, sync_folder, temporary_in};
use super::{Fault, Key, Opener, Result, Store, What, read_moment};
use crate::procedure::Procedure;
use crate::record::{Deed, RecordId, brief};

mod pages;
mod report;
mod shape;

pub use report::Salvage;

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
        let saved = salvage(self.path(), self.key(), procedure, now);
        saved.map_err(|fault| fault.at("抢救台帐", self.path()))
    }

    /// Opens what can be read of a damaged book, to be read only; it lies in a folder of its own, which is gone with the
    /// list.
    ///
    /// # Errors
    /// As [`Opener::salvage`], and when there is no room for it.
    pub fn salvage_to_read(&self, procedure: &Procedure, now: NaiveDateTime) -> Result<(Store, Salvage)> {
        let folder = tempfile::tempdir().map_err(|error| Fault::from(error).at("只读打开", self.path()))?;
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
            if out.exists() {
                return Err(Fault::said("已有同名的文件，没有替换它"));
            }
            store.connection.pragma_update(None, "query_only", false)?;
            let made = copy_keyed(&store.connection, out, self.key())?;
            made.persist_noclobber(out).map_err(|failed| failed.error)?;
            let stem = out.file_stem().unwrap_or_default().to_string_lossy();
            let list = out.with_file_name(format!("{stem}-抢救清单.txt"));
            let mut text = temporary_in(&list)?;
            // Windows' own editor needs the mark to see that it is UTF-8.
            text.write_all(format!("\u{feff}{salvage}").as_bytes())?;
            text.as_file().sync_all()?;
            text.persist(&list).map_err(|failed| failed.error)?;
            sync_folder(out)?;
            Ok(list)
        })();
        Ok((written.map_err(|fault: Fault| fault.at("写抢救出来的台帐", out))?, salvage))
    }
}

fn salvage(
    path: &Path,
    key: Option<&Key>,
    procedure: &Procedure,
    now: NaiveDateTime,
) -> Result<(Store, Salvage), Fault> {
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("book");
    let mut told = Salvage::new(path, procedure, now);
    told.unread = copy_what_can_be_read(path, &copy)?;
    for (from, to) in logs_of(path).into_iter().zip(logs_of(&copy)).filter(|it| it.0.exists()) {
        told.unread += copy_what_can_be_read(&from, &to)?;
    }
    if key.is_none() {
        mend_head(&copy)?;
    }
    let damaged =
        Connection::open_with_flags(&copy, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    if let Some(key) = key {
        key.unlock(&damaged)?;
    }
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
    let book = Connection::open_in_memory_with_flags(flags)?;
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
    take_rows(&pages, &book, &mut told)?;
    mend(&book, &mut told, now)?;
    book.execute_batch("COMMIT; DROP TABLE head; DROP TABLE cell;")?;
    book.execute_batch(&triggers)?;
    migrate(&book, None, STEPS)?;
    let store = ready(book, path, key, None)?;
    settle(&store, &mut told, now)?;
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
fn copy_what_can_be_read(from: &Path, to: &Path) -> Result<u32, Fault> {
    let (mut from, mut to) = (File::open(from)?, File::create(to)?);
    let length = from.metadata()?.len();
    let mut unread = 0;
    let mut at = 0;
    while at < length {
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
fn take_rows(pages: &Pages<'_>, book: &Connection, told: &mut Salvage) -> Result<(), Fault> {
    let tables = Tables::of(book)?;
    let free: HashSet<u32> = pages.free().into_iter().collect();
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut roots: Vec<(u32, String)> = Vec::new();
    let mut there = BTreeSet::new();
    for number in 1..=pages.count {
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

/// Fills the gaps from the indexes and the history.
fn mend(book: &Connection, told: &mut Salvage, now: NaiveDateTime) -> Result<(), Fault> {
    mend_heads(book, told, now)?;
    mend_names(book, told)?;
    told.read_names(book)?;
    mend_cells(book, told)?;
    mend_beside(book, told)?;
    // What belongs to no sheet any more is told, and does not come along.
    let orphans =
        "SELECT value.record, value.round, coalesce(field.name, value.field), coalesce(value.text, long_text.text)
                   FROM value LEFT JOIN field ON field.id = value.field LEFT JOIN long_text ON long_text.id = value.long
                   WHERE record NOT IN (SELECT id FROM record)";
    for (record, round, field, text) in rows(book, orphans, |row| {
        Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get::<_, Option<String>>(3)?))
    })? {
        told.orphan(record, round, &field, text.as_deref().unwrap_or(LOST));
    }
    let long = "SELECT text FROM long_text WHERE id NOT IN (SELECT long FROM value WHERE long IS NOT NULL)";
    told.loose.extend(rows(book, long, |row| row.get::<_, String>(0))?);
    let lost: Vec<String> = rows(
        book,
        "SELECT new FROM history WHERE what IN ('created', 'imported') AND record NOT IN (SELECT id FROM record)",
        |row| row.get::<_, Option<String>>(0),
    )?
    .into_iter()
    .flatten()
    .collect();
    told.lost.extend(lost.iter().map(|it| format!("编号 {it} 的单：单头没有了")));
    for table in ["value", "correction", "void", "fact"] {
        book.execute(&format!("DELETE FROM {table} WHERE record NOT IN (SELECT id FROM record)"), [])?;
    }
    let long = "DELETE FROM long_text WHERE id NOT IN (SELECT long FROM value WHERE long IS NOT NULL)";
    book.execute(long, [])?;
    Ok(())
}

fn rows<T>(
    book: &Connection,
    sql: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Fault> {
    Ok(book.prepare(sql)?.query_map([], read)?.collect::<Result<_, _>>()?)
}

/// Heads of sheets that the indexes still tell of.
fn mend_heads(book: &Connection, told: &mut Salvage, now: NaiveDateTime) -> Result<(), Fault> {
    let sql = "SELECT DISTINCT a.id, a.form, b.year, b.sequence, a.number FROM head AS a JOIN head AS b
               ON b.id = a.id AND b.form = a.form AND b.sequence IS NOT NULL
               WHERE a.number IS NOT NULL AND a.id NOT IN (SELECT id FROM record) AND instr(a.number, b.sequence)";
    type Head = (i64, String, i64, i64, String);
    let found: Vec<Head> =
        rows(book, sql, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?;
    for (id, form, year, sequence, number) in found {
        let near = "SELECT edition FROM record WHERE form = ?1 ORDER BY abs(id - ?2) LIMIT 1";
        let edition: Option<String> = book.query_row(near, params![form, id], |row| row.get(0)).optional()?;
        let edition = edition.or_else(|| told.newest_edition(&form)).unwrap_or_default();
        let first = "SELECT at FROM history WHERE record = ?1 ORDER BY id LIMIT 1";
        let entered: Option<String> = book.query_row(first, [id], |row| row.get(0)).optional()?;
        let entered = entered.unwrap_or_else(|| super::keep_moment(now));
        let made = book.execute(HEAD_OF_A_SHEET, params![id, form, edition, year, sequence, number, entered])?;
        if made > 0 {
            told.back(id, format!("表 {form} {number} 的单头：据索引补回（版次 {edition}、登记时间请核对）"));
        }
    }
    mend_heads_by_history(book, told)?;
    for (id, entered) in
        rows(book, "SELECT id, entered FROM record", |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?
    {
        if read_moment(&entered).is_err() {
            book.execute("UPDATE record SET entered = ?2 WHERE id = ?1", params![id, super::keep_moment(now)])?;
            told.lost(id, "登记时间".to_owned());
        }
    }
    Ok(())
}

/// Heads of sheets whose number only the history tells: the form is the one that has their cells.
fn mend_heads_by_history(book: &Connection, told: &mut Salvage) -> Result<(), Fault> {
    let sql = "SELECT record, at, new FROM history WHERE what IN ('created', 'imported') AND new IS NOT NULL
               AND record NOT IN (SELECT id FROM record) ORDER BY id";
    let gone: Vec<(i64, String, String)> = rows(book, sql, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for (id, entered, number) in gone {
        let sql = "SELECT name FROM value JOIN field ON field.id = value.field WHERE record = ?1
                   UNION SELECT field FROM history WHERE record = ?1 AND field IS NOT NULL";
        let mut names = book.prepare_cached(sql)?;
        let names: Vec<String> = names.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let Some((form, edition, (year, sequence))) = told.form_of(&names, &number) else { continue };
        let made = book.execute(HEAD_OF_A_SHEET, params![id, form, edition, year, sequence, number, entered])?;
        if made > 0 {
            told.back(id, format!("表 {form} {number} 的单头：据修改记录和各格补回（表单、版次、登记时间请核对）"));
        }
    }
    Ok(())
}

/// Names of data that no row of `field` tells any more: a cell that the history knows too has the name it has there.
fn mend_names(book: &Connection, told: &mut Salvage) -> Result<(), Fault> {
    let unnamed = "SELECT DISTINCT field FROM value WHERE field NOT IN (SELECT id FROM field)";
    for field in rows(book, unnamed, |row| row.get::<_, i64>(0))? {
        let sql = "SELECT history.field FROM value JOIN history ON history.record = value.record
                   AND history.round = value.round AND history.new = value.text
                   WHERE value.field = ?1 AND history.field NOT IN (SELECT name FROM field)
                   GROUP BY history.field ORDER BY count(*) DESC LIMIT 1";
        let known: Option<String> = book.query_row(sql, [field], |row| row.get(0)).optional()?;
        let name = known.unwrap_or_else(|| format!("extra:名称丢失的项目 {field}"));
        book.execute("INSERT OR IGNORE INTO field VALUES (?1, ?2)", params![field, name])?;
        told.general.push(format!("第 {field} 个项目的名称丢失，现称“{name}”"));
    }
    Ok(())
}

fn mend_cells(book: &Connection, told: &mut Salvage) -> Result<(), Fault> {
    let sql = "SELECT DISTINCT record, round, field, text FROM cell WHERE text IS NOT NULL
               AND field IN (SELECT id FROM field) AND record IN (SELECT id FROM record)";
    let found: Vec<(i64, i64, i64, String)> =
        rows(book, sql, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    for (record, round, field, text) in found {
        let made = book
            .prepare_cached("INSERT OR IGNORE INTO value (record, round, field, text) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![record, round, field, text])?;
        if made > 0 {
            let name: String = book.query_row("SELECT name FROM field WHERE id = ?1", [field], |row| row.get(0))?;
            told.back(record, format!("{}：据索引补回", told.cell(record, round, &name)));
        }
    }
    // The last word of the history on each cell, where no text stands.
    let sql = "SELECT h.record, h.round, h.field, h.new FROM
                 (SELECT record, round, field, new, max(id) FROM history
                  WHERE what IN ('set', 'corrected') AND purged = 0 AND record IN (SELECT id FROM record)
                  GROUP BY record, round, field) AS h
               LEFT JOIN field ON field.name = h.field
               LEFT JOIN value ON value.record = h.record AND value.round = h.round AND value.field = field.id
               LEFT JOIN long_text ON long_text.id = value.long
               WHERE coalesce(h.new, '') <> '' AND coalesce(value.text, long_text.text) IS NULL";
    let found: Vec<(i64, i64, String, String)> =
        rows(book, sql, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    for (record, round, name, text) in found {
        book.execute("INSERT OR IGNORE INTO field (name) VALUES (?1)", [&name])?;
        let field: i64 = book.query_row("SELECT id FROM field WHERE name = ?1", [&name], |row| row.get(0))?;
        let there = "SELECT long FROM value WHERE record = ?1 AND round = ?2 AND field = ?3";
        let long: Option<i64> = book.query_row(there, params![record, round, field], |row| row.get(0)).optional()?;
        if let Some(long) = long {
            book.execute("INSERT OR IGNORE INTO long_text VALUES (?1, ?2)", params![long, text])?;
        } else {
            let short = text.len() <= super::write::SHORT;
            if !short {
                // A long text whose cell is gone lies there still, as a rule.
                let loose = "SELECT id FROM long_text WHERE text = ?1 AND id NOT IN
                               (SELECT long FROM value WHERE long IS NOT NULL)";
                let loose: Option<i64> = book.query_row(loose, [&text], |row| row.get(0)).optional()?;
                let id = match loose {
                    Some(id) => id,
                    None => {
                        book.execute("INSERT INTO long_text (text) VALUES (?1)", [&text])?;
                        book.last_insert_rowid()
                    }
                };
                let sql = "INSERT INTO value (record, round, field, long) VALUES (?1, ?2, ?3, ?4)";
                book.execute(sql, params![record, round, field, id])?;
            } else {
                let sql = "INSERT INTO value (record, round, field, text) VALUES (?1, ?2, ?3, ?4)";
                book.execute(sql, params![record, round, field, text])?;
            }
        }
        told.back(record, format!("{}：据修改记录补回“{}”", told.cell(record, round, &name), brief(&text)));
    }
    let lost = "SELECT record, round, name FROM value JOIN field ON field.id = value.field
                WHERE text IS NULL AND long NOT IN (SELECT id FROM long_text)";
    for (record, round, name) in rows(book, lost, |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))? {
        told.lost(record, format!("{}：长文字丢失", told.cell(record, round, &name)));
    }
    book.execute("DELETE FROM value WHERE text IS NULL AND long NOT IN (SELECT id FROM long_text)", [])?;
    let rounds = "UPDATE record SET rounds = max(rounds, coalesce((SELECT max(round) + 1 FROM value
                    WHERE record = record.id), 1), 1 + (SELECT count(*) FROM history
                    WHERE history.record = record.id AND what = 'round'))";
    book.execute(rounds, [])?;
    Ok(())
}

/// Corrections, voids and facts that only the history still tells of.
fn mend_beside(book: &Connection, told: &mut Salvage) -> Result<(), Fault> {
    for (record, place, data) in rows(book, "SELECT record, place, data FROM fact", |row| {
        Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?))
    })? {
        if serde_json::from_str::<Deed>(&data).is_err() {
            book.execute("DELETE FROM fact WHERE record = ?1 AND place = ?2", params![record, place])?;
            told.lost(record, format!("一项办理记录读不懂：{}", brief(&data)));
        }
    }
    let gone = "purged = 0 AND record IN (SELECT id FROM record)
                AND record NOT IN (SELECT record FROM fact WHERE kind = 'destroyed') ORDER BY id";
    let sql = format!("SELECT record, at, new FROM history WHERE what = 'fact' AND {gone}");
    let told_of: Vec<(i64, String, Option<String>)> =
        rows(book, &sql, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for (record, at, data) in told_of {
        let Some(deed) = data.as_deref().and_then(|it| serde_json::from_str::<Deed>(it).ok()) else { continue };
        let there = "SELECT 1 FROM fact WHERE record = ?1 AND data = ?2";
        if book.prepare_cached(there)?.exists(params![record, data])? {
            continue;
        }
        // Into the first place that is free: facts stand in the order in which they happened.
        let place = "SELECT min(it) FROM (SELECT 0 AS it UNION SELECT place + 1 FROM fact WHERE record = ?1)
                     WHERE it NOT IN (SELECT place FROM fact WHERE record = ?1)";
        let place: i64 = book.query_row(place, [record], |row| row.get(0))?;
        let sql = "INSERT INTO fact (record, place, at, made_by, kind, data) VALUES (?1, ?2, ?3, '', ?4, ?5)";
        book.execute(sql, params![record, place, at, deed.kind(), data])?;
        told.back(record, format!("办理“{}”：据修改记录补回，经手的操作人不详", deed.name()));
    }
    let sql = format!("SELECT record, round, field, old, new, at FROM history WHERE what = 'corrected' AND {gone}");
    type Corrected = (i64, i64, String, Option<String>, Option<String>, String);
    let told_of: Vec<Corrected> =
        rows(book, &sql, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)))?;
    for (record, round, field, old, new, at) in told_of {
        let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
        let there =
            "SELECT 1 FROM correction WHERE record = ?1 AND round = ?2 AND field = ?3 AND old = ?4 AND new = ?5";
        if book.prepare_cached(there)?.exists(params![record, round, field, old, new])? {
            continue;
        }
        let place = "SELECT min(it) FROM (SELECT 0 AS it UNION SELECT place + 1 FROM correction WHERE record = ?1)
                     WHERE it NOT IN (SELECT place FROM correction WHERE record = ?1)";
        let place: i64 = book.query_row(place, [record], |row| row.get(0))?;
        let sql = "INSERT INTO correction (record, place, field, old, new, made_by, made_on, reason, round)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6, ?8)";
        book.execute(sql, params![record, place, field, old, new, LOST, day_of(&at), round])?;
        let cell = told.cell(record, round, &field);
        told.back(record, format!("{cell}的一处划改：据修改记录补回，更正人和理由丢失"));
    }
    let sql = format!(
        "SELECT record, new, at FROM history WHERE what = 'voided' AND record NOT IN (SELECT record FROM void) AND {gone}"
    );
    for (record, reason, at) in
        rows(book, &sql, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, String>(2)?)))?
    {
        let reason = reason.unwrap_or_else(|| LOST.to_owned());
        let sql = "INSERT OR IGNORE INTO void VALUES (?1, ?2, ?3, ?4)";
        book.execute(sql, params![record, LOST, day_of(&at), reason])?;
        told.back(record, "作废：据修改记录补回，作废人丢失".to_owned());
    }
    close_ranks(book)
}

/// Where one of several is gone, those behind it move up. Of a destroyed sheet some are gone by right.
fn close_ranks(book: &Connection) -> Result<(), Fault> {
    for table in ["fact", "correction"] {
        let sql = format!(
            "SELECT record, place, row_number() OVER (PARTITION BY record ORDER BY place) - 1 FROM {table}
             WHERE record NOT IN (SELECT record FROM fact WHERE kind = 'destroyed') ORDER BY record, place"
        );
        let places: Vec<(i64, i64, i64)> = rows(book, &sql, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let sql = format!("UPDATE {table} SET place = ?3 WHERE record = ?1 AND place = ?2");
        for (record, place, rank) in places.into_iter().filter(|it| it.1 != it.2) {
            book.prepare_cached(&sql)?.execute(params![record, place, rank])?;
        }
    }
    Ok(())
}

fn day_of(moment: &str) -> String {
    moment.chars().take_while(|it| *it != 'T').collect()
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
