//! What stands beside the sheets and is sealed in the same chain: users, the number book, the procedure's settings. Each
//! change of such a row is a line of history that belongs to no sheet; its content is the hash of the whole row.

use chrono::NaiveDateTime;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::history::{Line, append, tail};
use super::seal::{Seal, feed, feed_number};
use super::{Fault, Result, Store, What, read_moment};
use crate::procedure::OFFICE;

/// A table beside the sheets.
pub(super) struct Table {
    /// What its lines are called.
    pub(super) what: What,
    /// Its rows, whole; the first column is the key.
    pub(super) rows: &'static str,
    /// The name of that column.
    key: &'static str,
}

/// Every table beside the sheets that is sealed. What is not here: how the window is to look, and marks of the program's
/// own work.
pub(super) const TABLES: [Table; 4] = [
    Table { what: What::Customer, rows: "SELECT name, data FROM customer", key: "name" },
    Table {
        what: What::Number,
        rows: "SELECT id, form, year, sequence, number, kind, at, made_by, note FROM number_note",
        key: "id",
    },
    // The key is `procedure::OFFICE`.
    Table { what: What::Setting, rows: "SELECT key, value FROM setting WHERE key = 'office'", key: "key" },
    // Not there before version 7.
    Table { what: What::Key, rows: "SELECT id, person, public, sealed, at FROM person_key", key: "id" },
];

/// The key of a row, as its lines bear it.
pub(super) fn key_of(row: &Row<'_>) -> Result<String, Fault> {
    Ok(match row.get_ref(0)? {
        ValueRef::Integer(number) => number.to_string(),
        other => other.as_str().map_err(rusqlite::Error::from)?.to_owned(),
    })
}

/// The hash of a whole row.
pub(super) fn seal_of(table: &Table, row: &Row<'_>) -> Result<Seal, Fault> {
    let mut hasher = Sha256::new();
    feed(&mut hasher, Some(table.what.word()));
    for column in 0..row.as_ref().column_count() {
        match row.get_ref(column)? {
            ValueRef::Integer(number) => feed_number(&mut hasher, number),
            other => feed(&mut hasher, Some(other.as_str().map_err(rusqlite::Error::from)?)),
        }
    }
    Ok(hasher.finalize().into())
}

/// What the line of a number says.
pub(super) fn number_words(form: &str, (year, sequence, number): (i32, i64, &str), kind: &str, note: &str) -> String {
    json!({ "form": form, "year": year, "sequence": sequence, "number": number, "kind": kind, "note": note })
        .to_string()
}

/// Under which year and running number a sheet stands, as its first line says it.
pub(super) fn numbered(year: i32, sequence: i64) -> String {
    format!("{year}/{sequence}")
}

impl Store {
    /// Keeps what the office has set for itself (see [`crate::procedure::Document::to_keep`]). The history says what was
    /// changed and by whom (`by`: who sits at the desk), never a password's hash.
    ///
    /// # Errors
    /// When the book cannot be written, or whoever sits at the desk may not change it.
    pub fn set_office(&self, value: &str, by: &str, now: NaiveDateTime) -> Result<()> {
        self.writing(|| {
            let mut found = self.connection.prepare_cached("SELECT value FROM setting WHERE key = ?1")?;
            let old: Option<String> = found.query_row([OFFICE], |row| row.get(0)).optional()?;
            if old.as_deref() == Some(value) {
                return Ok(());
            }
            self.may_set_office(value)?;
            let before = self.people()?;
            self.put_setting(OFFICE, value)?;
            let after = self.people()?;
            for it in before.iter().filter(|it| it.password.is_some()) {
                if !after.iter().any(|now| now.password == it.password) {
                    self.end_key(&it.name, None, now)?;
                }
            }
            let (old, new) = changed(old.as_deref(), value);
            self.seal_beside(What::Setting, OFFICE, (old.as_deref(), &new), by, now)
        })
    }

    /// Adds the line that seals a row beside the sheets, as it stands now. Only inside [`Store::writing`].
    pub(super) fn seal_beside(
        &self,
        what: What,
        key: &str,
        (old, new): (Option<&str>, &str),
        by: &str,
        at: NaiveDateTime,
    ) -> Result<(), Fault> {
        self.as_oneself(by)?;
        let Some(table) = TABLES.iter().find(|it| it.what == what) else {
            return Err(Fault::said(format!("{} 不记在单据之外", what.name())));
        };
        let sql = format!("SELECT * FROM ({}) WHERE {} = ?1", table.rows, table.key);
        let mut found = self.connection.prepare_cached(&sql)?;
        let mut rows = found.query([key])?;
        let Some(row) = rows.next()? else { return Err(Fault::said(format!("{} 里没有“{key}”", what.name()))) };
        let content = seal_of(table, row)?;
        drop(rows);
        let (field, round, made_by) = (Some(key), None, Some(by).filter(|it| !it.is_empty()));
        let line = Line { record: None, at, what, field, round, line: 0, old, new: Some(new), content, made_by };
        self.append(&mut self.tail()?, &line)
    }
}

/// Takes into the chain what stood in these tables beside the sheets before the chain sealed it, and under which years and numbers the
/// sheets stand. The hour of that is not known here: such lines bear the hour of the line before them.
pub(super) fn adopt(connection: &Connection, tables: &[Table]) -> Result<(), Fault> {
    let last: Option<String> =
        connection.query_row("SELECT at FROM history ORDER BY id DESC LIMIT 1", [], |row| row.get(0)).optional()?;
    let at = last.as_deref().map_or_else(|| Ok(NaiveDateTime::default()), read_moment)?;
    let mut tail = tail(connection)?;
    let mut add = |what, field: &str, new: &str, content| {
        let (field, new) = (Some(field), Some(new));
        append(
            connection,
            &mut tail,
            &Line { record: None, at, what, field, round: None, line: 0, old: None, new, content, made_by: None },
        )
    };
    let mut years = connection.prepare("SELECT DISTINCT form, year FROM record ORDER BY form, year")?;
    let years: Vec<(String, i32)> =
        years.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (form, year) in years {
        let mut sheets = connection.prepare_cached("SELECT id, sequence FROM record WHERE form = ?1 AND year = ?2")?;
        let pair = |row: &Row<'_>| Ok(format!("{}={}", row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let pairs: Vec<String> = sheets.query_map(params![form, year], pair)?.collect::<Result<_, _>>()?;
        let all = pairs.join(" ");
        add(What::Adopted, &format!("{form}/{year}"), &all, Sha256::digest(&all).into())?;
    }
    for table in tables {
        let mut found = connection.prepare(table.rows)?;
        let mut rows = found.query([])?;
        while let Some(row) = rows.next()? {
            let new = match table.what {
                What::Number => {
                    let (form, year, sequence): (String, i32, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
                    let (number, kind, note): (String, String, String) = (row.get(4)?, row.get(5)?, row.get(8)?);
                    number_words(&form, (year, sequence, &number), &kind, &note)
                }
                What::Setting => changed(None, &row.get::<_, String>(1)?).1,
                _ => row.get(1)?,
            };
            add(table.what, &key_of(row)?, &new, seal_of(table, row)?)?;
        }
    }
    Ok(())
}

/// What of the settings was changed, before and after, as JSON without any password's hash. What is no JSON is not told.
pub(super) fn changed(old: Option<&str>, new: &str) -> (Option<String>, String) {
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let (mut old, mut new) = match old {
        None => (None, read(new)),
        Some(old) => {
            let (old, new) = parted(read(old), read(new));
            (Some(old), new)
        }
    };
    old.iter_mut().for_each(hide);
    hide(&mut new);
    (old.map(|it| it.to_string()), new.to_string())
}

/// What two values do not share.
fn parted(old: Value, new: Value) -> (Value, Value) {
    match (old, new) {
        (Value::Object(mut old), Value::Object(new)) => {
            let (mut before, mut after) = (Map::new(), Map::new());
            for (key, new) in new {
                match old.remove(&key) {
                    None => drop(after.insert(key, new)),
                    Some(old) if old == new => {}
                    Some(old) => {
                        let (old, new) = parted(old, new);
                        before.insert(key.clone(), old);
                        after.insert(key, new);
                    }
                }
            }
            before.extend(old);
            (Value::Object(before), Value::Object(after))
        }
        (Value::Array(old), Value::Array(new)) => {
            let without = |some: &[Value], others: &[Value]| -> Vec<Value> {
                some.iter().filter(|it| !others.contains(it)).cloned().collect()
            };
            let (before, after) = (without(&old, &new), without(&new, &old));
            // Only the order is another.
            let (before, after) = if before.is_empty() && after.is_empty() { (old, new) } else { (before, after) };
            (Value::Array(before), Value::Array(after))
        }
        both => both,
    }
}

/// Puts a mark in the place of every password's hash.
fn hide(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                if key == "password" && !value.is_null() {
                    *value = Value::from("（不记）");
                } else {
                    hide(value);
                }
            }
        }
        Value::Array(array) => array.iter_mut().for_each(hide),
        _ => {}
    }
}
