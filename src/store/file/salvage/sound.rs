//! Values that the program never writes: where something else tells what stood there, that is put back; else the row is
//! named in the list and left behind. After it every sheet can be read.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};

use super::mend::{rows, with_lines};
use super::{LOST, Salvage};
use crate::record::{Customer, Deed, MOST_LINES, MOST_ROUNDS, brief};
use crate::store::write::LAST;
use crate::store::{Fault, keep_moment, read_moment};

/// Places in a table go on from one: one beyond this was made up, and would leave no room behind it.
const MOST_ROWS: i64 = 1_000_000_000_000;
/// The longest word that names something: a form, an edition, a number.
const LONGEST_NAME: i64 = 400;

/// Rows whose numbers no program wrote: table, what it is called, which rows.
fn impossible() -> [(&'static str, &'static str, String); 8] {
    let id = format!("NOT id BETWEEN 1 AND {MOST_ROWS}");
    let round = format!("NOT round BETWEEN 0 AND {}", MOST_ROUNDS - 1);
    let line = format!("NOT {{line}} BETWEEN 0 AND {}", MOST_LINES - 1);
    let place = format!("NOT place BETWEEN 0 AND {MOST_ROWS}");
    [
        ("history", "修改记录", format!("{id} OR length(content) <> 32 OR length(hash) <> 32 OR NOT purged IN (0, 1)")),
        ("value", "格", format!("{round} OR {line} OR (text IS NULL) = (long IS NULL)")),
        ("correction", "划改", format!("{round} OR {line} OR {place}")),
        ("fact", "办理", place),
        (
            "number_note",
            "编号簿",
            format!(
                "{id} OR NOT year BETWEEN 1900 AND 2999 OR NOT sequence BETWEEN 1 AND {LAST}
                 OR NOT kind IN ('reserved', 'void', 'gap') OR max(length(form), length(number)) > {LONGEST_NAME}"
            ),
        ),
        ("long_text", "长文字", format!("NOT id BETWEEN 1 AND {MOST_ROWS}")),
        ("customer", "用户资料", format!("length(name) > {LONGEST_NAME}")),
        // A name that no cell has says nothing, and takes the place of one that a cell has.
        ("field", "项目", "id NOT IN (SELECT field FROM value)".to_owned()),
    ]
}

/// Puts right what can be, and names what cannot.
pub(super) fn sound(book: &Connection, told: &mut Salvage) -> Result<(), Fault> {
    for (table, called, which) in impossible() {
        let which = with_lines(book, &which)?;
        let mut found = book.prepare(&format!("SELECT * FROM {table} WHERE {which}"))?;
        let mut all = found.query([])?;
        while let Some(row) = all.next()? {
            let texts: Vec<String> =
                (0..row.as_ref().column_count()).filter_map(|it| row.get_ref(it).ok().map(said)).collect();
            if table != "field" {
                told.untaken(called, &texts);
            }
        }
        drop(all);
        book.execute(&format!("DELETE FROM {table} WHERE {which}"), [])?;
    }
    // Indexes repeat what is wrong in their tables.
    book.execute_batch(&format!(
        "DELETE FROM head WHERE NOT id BETWEEN 1 AND {MOST_ROWS} OR year NOT BETWEEN 1900 AND 2999
             OR sequence NOT BETWEEN 1 AND {LAST} OR length(form) > {LONGEST_NAME} OR length(number) > {LONGEST_NAME};
         DELETE FROM cell WHERE NOT round BETWEEN 0 AND {} OR NOT line BETWEEN 0 AND {}",
        MOST_ROUNDS - 1,
        MOST_LINES - 1
    ))?;
    for (name, data) in
        rows(book, "SELECT name, data FROM customer", |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?
    {
        if serde_json::from_str::<Customer>(&data).is_err() {
            told.untaken("用户资料", &[name.clone(), brief(&data)]);
            book.execute("DELETE FROM customer WHERE name = ?1", [name])?;
        }
    }
    let notes = rows(book, "SELECT id, number, at FROM number_note", |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    for (id, number, at) in notes {
        if read_moment(&at).is_err() {
            told.untaken("编号簿", &[number, brief(&at)]);
            book.execute("DELETE FROM number_note WHERE id = ?1", [id])?;
        }
    }
    sound_heads(book, told)?;
    sound_facts(book, told)
}

/// What a value says, shortly.
fn said(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "—".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => brief(&String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => format!("{} 字节", bytes.len()),
    }
}

/// Heads of sheets. One whose place is impossible is left behind, and made anew from what else tells of the sheet.
fn sound_heads(book: &Connection, told: &mut Salvage) -> Result<(), Fault> {
    type Head = (i64, String, i64, i64, String, String, i64);
    let sql = "SELECT id, form, year, sequence, number, entered, rounds FROM record";
    let heads: Vec<Head> = rows(book, sql, |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
    })?;
    for (id, form, year, sequence, number, entered, rounds) in heads {
        let long = |it: &str| it.chars().count() > LONGEST_NAME as usize;
        if !(1..=MOST_ROWS).contains(&id) || long(&number) || long(&form) {
            told.untaken("单头", &[brief(&form), brief(&number), id.to_string()]);
            book.execute("DELETE FROM record WHERE id = ?1", [id])?;
            continue;
        }
        if !(1900..=2999).contains(&year) || !(1..=LAST).contains(&sequence) {
            let entered = read_moment(&entered).ok().map(|it| chrono::Datelike::year(&it.date()));
            let likely = [entered.unwrap_or(1990); 2];
            let read = told.pattern(&form).read(&number, likely);
            let (year, sequence) = match read {
                Some((year, sequence)) => (i64::from(year), sequence),
                None => (i64::from(likely[0]), sequence.clamp(1, LAST)),
            };
            let taken = "SELECT 1 FROM record WHERE form = ?1 AND year = ?2 AND sequence = ?3 AND id <> ?4";
            let next = "SELECT max(sequence) + 1 FROM record WHERE form = ?1 AND year = ?2";
            let sequence = if book.prepare_cached(taken)?.exists(params![form, year, sequence, id])? {
                book.query_row(next, params![form, year], |row| row.get(0))?
            } else {
                sequence
            };
            let sql = "UPDATE record SET year = ?2, sequence = ?3 WHERE id = ?1";
            book.execute(sql, params![id, year, sequence])?;
            told.back(id, format!("年份和序号：据编号补回为 {year} 年第 {sequence} 号"));
        }
        let most = i64::try_from(MOST_ROUNDS).unwrap_or(i64::MAX);
        if !(1..=most).contains(&rounds) {
            let sql = "SELECT max(1 + coalesce((SELECT max(round) FROM value WHERE record = ?1), 0),
                              1 + (SELECT count(*) FROM history WHERE record = ?1 AND what = 'round'))";
            let rounds: i64 = book.query_row(sql, [id], |row| row.get(0))?;
            book.execute("UPDATE record SET rounds = ?2 WHERE id = ?1", params![id, rounds.clamp(1, most)])?;
            told.back(id, format!("轮次：据各格和修改记录补回为 {} 次", rounds.clamp(1, most)));
        }
    }
    Ok(())
}

/// Facts: their hour, and the word of their kind.
fn sound_facts(book: &Connection, told: &mut Salvage) -> Result<(), Fault> {
    type Row = (i64, i64, String, String, String);
    let sql = "SELECT record, place, at, kind, data FROM fact";
    let facts: Vec<Row> = rows(book, sql, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?;
    for (record, place, at, kind, data) in facts {
        let Ok(deed) = serde_json::from_str::<Deed>(&data) else { continue };
        if kind != deed.kind() {
            let sql = "UPDATE fact SET kind = ?3 WHERE record = ?1 AND place = ?2";
            book.execute(sql, params![record, place, deed.kind()])?;
        }
        if read_moment(&at).is_err() {
            let sql = "SELECT at FROM history WHERE record = ?1 AND what = 'fact' AND new = ?2
                       UNION ALL SELECT entered FROM record WHERE id = ?1 LIMIT 1";
            let known: Option<String> = book.query_row(sql, params![record, data], |row| row.get(0)).optional()?;
            let known = known.filter(|it| read_moment(it).is_ok());
            let at = known.unwrap_or_else(|| keep_moment(told.now));
            book.execute("UPDATE fact SET at = ?3 WHERE record = ?1 AND place = ?2", params![record, place, at])?;
            told.back(record, format!("办理“{}”的时间：据修改记录或登记时间补回，请核对{LOST}", deed.name()));
        }
    }
    Ok(())
}
