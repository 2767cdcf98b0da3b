//! The end of a rescue: what of the damaged book held is judged before a line of the new one is written; then the book says
//! for ever that it was rescued, where the old chain ended, and what of it did not hold.

use chrono::NaiveDateTime;
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use super::Salvage;
use super::mend::rows;
use crate::record::RecordId;
use crate::store::check::{Checkup, Rescue};
use crate::store::history::Line;
use crate::store::seal::{Content, Scheme, Seal};
use crate::store::sealed_tables::{TABLES, adopt, key_of, seal_of};
use crate::store::{Fault, Store, What};

/// How many findings the line of the rescue keeps.
const KEPT: usize = 20;

/// Ends a rescue of which this was found. Where the whole chain is there it stays and goes on from its last line; else it
/// begins anew.
pub(super) fn settle(
    store: &Store,
    judged: Checkup,
    last: (i64, String),
    told: &mut Salvage,
    now: NaiveDateTime,
) -> Result<(), Fault> {
    let book = &store.connection;
    let changed = unproved(store, told)?;
    told.unproved = changed.iter().copied().collect();
    told.sheets = count(book, "record")?;
    told.lines = count(book, "history")?;
    let holds = judged.chain_holds && (told.lines > 0 || told.sheets == 0);
    // Numbers that are missing say nothing about the history.
    told.whole = holds && judged.found.is_empty();
    told.kept = holds;
    let mut rescue = Rescue { line: last.0, hash: last.1, kept: holds, ..Rescue::default() };
    rescue.more = judged.found.len().saturating_sub(KEPT) + told.losses();
    rescue.found = judged.found.into_iter().take(KEPT).collect();
    if !holds {
        told.read_history(book)?;
        book.execute("DELETE FROM history", [])?;
    } else {
        rescue.gone = gone(store)?;
    }
    let new = serde_json::to_string(&rescue).map_err(|error| Fault::said(error.to_string()))?;
    let content = Sha256::digest(&new).into();
    let (record, at, what, new) = (None, now, What::Rescued, Some(new.as_str()));
    let line = Line { record, at, what, field: None, round: None, line: 0, old: None, new, content, made_by: None };
    store.append(&mut store.tail()?, &line)?;
    if holds {
        for id in changed {
            take_as_found(store, id, now)?;
        }
        return seal_again(store, now);
    }
    for id in rows(book, "SELECT id FROM record ORDER BY id", |row| row.get::<_, i64>(0))? {
        take_as_found(store, id, now)?;
    }
    adopt(book, &TABLES)
}

/// The sheets that are not what their last line says; what of a sheet cannot be read is left behind, and named.
fn unproved(store: &Store, told: &mut Salvage) -> Result<Vec<i64>, Fault> {
    let book = &store.connection;
    let mut changed = Vec::new();
    for id in rows(book, "SELECT id FROM record ORDER BY id", |row| row.get::<_, i64>(0))? {
        let mut read = store.load(RecordId(id));
        for table in ["fact", "correction", "void", "value"] {
            let Err(fault) = &read else { break };
            told.lost(id, format!("有的内容读不出来，没有带过来：{fault}"));
            book.execute(&format!("DELETE FROM {table} WHERE record = ?1"), [id])?;
            read = store.load(RecordId(id));
        }
        let Ok(Some(record)) = read else {
            told.lost(id, "整张单读不出来，没有带过来".to_owned());
            book.execute("DELETE FROM record WHERE id = ?1", [id])?;
            continue;
        };
        let sql = "SELECT content, scheme FROM history WHERE record = ?1 ORDER BY id DESC LIMIT 1";
        let sealed = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?));
        let sealed = book.prepare_cached(sql)?.query_row([id], sealed).ok();
        let same = sealed.is_some_and(|(seal, scheme)| {
            Content::of(&record).seal(&record, Scheme::of(scheme).unwrap_or(Scheme::Whole)).as_slice() == seal
        });
        if !same {
            changed.push(id);
        }
    }
    Ok(changed)
}

/// Seals a sheet as it was found.
fn take_as_found(store: &Store, id: i64, now: NaiveDateTime) -> Result<(), Fault> {
    let sql = "SELECT number FROM record WHERE id = ?1";
    let number: String = store.connection.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
    store.note(RecordId(id), What::Rescued, None, None, Some(&number), "", now)
}

/// Seals rows beside the sheets, which are not what their last line says, as they were found.
fn seal_again(store: &Store, now: NaiveDateTime) -> Result<(), Fault> {
    for table in &TABLES {
        let sealed = store.sealed_rows(table)?;
        let mut all = store.connection.prepare(table.rows)?;
        let mut rows = all.query([])?;
        let mut found: Vec<String> = Vec::new();
        while let Some(row) = rows.next()? {
            let key = key_of(row)?;
            if sealed.iter().find(|it| it.0 == key).map(|it| it.1) != Some(seal_of(table, row)?) {
                found.push(key);
            }
        }
        drop(rows);
        for key in found {
            store.seal_beside(table.what, &key, (None, "（抢救时照原样）"), "", now)?;
        }
    }
    Ok(())
}

/// Rows beside the sheets that the history tells of and that are gone.
fn gone(store: &Store) -> Result<Vec<(String, String)>, Fault> {
    let mut gone = Vec::new();
    for table in &TABLES {
        let mut all = store.connection.prepare(table.rows)?;
        let mut rows = all.query([])?;
        let mut there = std::collections::HashSet::new();
        while let Some(row) = rows.next()? {
            there.insert(key_of(row)?);
        }
        let sealed = store.sealed_rows(table)?;
        gone.extend(
            sealed.into_iter().filter(|it| !there.contains(&it.0)).map(|it| (table.what.word().to_owned(), it.0)),
        );
    }
    Ok(gone)
}

impl Store {
    /// What the last line of each row of a table seals.
    fn sealed_rows(&self, table: &crate::store::sealed_tables::Table) -> Result<Vec<(String, Seal)>, Fault> {
        let sql = "SELECT field, content, max(id) FROM history WHERE record IS NULL AND what = ?1 AND field IS NOT NULL
                   GROUP BY field";
        rows_with(&self.connection, sql, table.what.word())
    }
}

fn rows_with(book: &Connection, sql: &str, key: &str) -> Result<Vec<(String, Seal)>, Fault> {
    let mut found = book.prepare_cached(sql)?;
    Ok(found.query_map([key], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
}

fn count(book: &Connection, table: &str) -> Result<usize, Fault> {
    let count: i64 = book.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}
