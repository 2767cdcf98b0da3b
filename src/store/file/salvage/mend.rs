//! What damage took away, filled in from what else tells of it: indexes and the history.

use chrono::NaiveDateTime;
use rusqlite::{Connection, OptionalExtension, params};

use super::{HEAD_OF_A_SHEET, LOST, Salvage};
use crate::record::{Deed, brief};
use crate::store::write::SHORT;
use crate::store::{Fault, keep_moment, read_moment};

/// How data are called whose name is lost, before their number.
const LOST_NAME: &str = "extra:名称丢失的项目 ";
/// The most data whose lost names are sought.
const FIELDS: usize = 1_000;

/// Fills the gaps from the indexes and the history.
pub(super) fn mend(book: &Connection, told: &mut Salvage, now: NaiveDateTime) -> Result<(), Fault> {
    mend_heads(book, told, now)?;
    mend_names(book, told)?;
    told.read_names(book)?;
    mend_cells(book, told)?;
    mend_beside(book, told)?;
    // What belongs to no sheet any more is told, and does not come along.
    let orphans = with_lines(
        book,
        "SELECT value.record, value.round, coalesce(field.name, value.field), line, coalesce(value.text, long_text.text)
         FROM {value} LEFT JOIN field ON field.id = value.field LEFT JOIN long_text ON long_text.id = value.long
         WHERE record NOT IN (SELECT id FROM record)",
    )?;
    for (cell, text) in rows(book, &orphans, |row| Ok((Broken::read(row)?, row.get::<_, Option<String>>(4)?)))? {
        told.orphan(&cell, text.as_deref().unwrap_or(LOST));
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
    // The next sheet's place is behind the last one's, whatever was left behind.
    let next = "UPDATE sqlite_sequence SET seq = (SELECT coalesce(max(id), 0) FROM record) WHERE name = 'record'";
    book.execute(next, [])?;
    Ok(())
}

/// A cell as a damaged book names it.
pub(super) struct Broken {
    pub(super) record: i64,
    pub(super) round: i64,
    pub(super) field: String,
    pub(super) line: i64,
}

impl Broken {
    /// Reads the first four columns: sheet, round, name of the datum, line.
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { record: row.get(0)?, round: row.get(1)?, field: row.get(2)?, line: row.get(3)? })
    }
}

/// A question to a book that may be of before there were lines: `{value}` is its table of values with a column `line`,
/// `{line}` that column of its other tables.
pub(super) fn with_lines(book: &Connection, sql: &str) -> Result<String, Fault> {
    let known = book.prepare_cached("SELECT 1 FROM pragma_table_info('value') WHERE name = 'line'")?.exists([])?;
    let line = if known { "line" } else { "0" };
    let value = format!("(SELECT record, round, field, {line} AS line, text, long FROM value) AS value");
    Ok(sql.replace("{value}", &value).replace("{line}", line))
}

/// Puts a row into a table that may have no column `line`: only what is in a further line names it.
fn put(
    book: &Connection,
    table: &str,
    columns: &str,
    line: i64,
    values: &[&dyn rusqlite::ToSql],
) -> Result<usize, Fault> {
    let (columns, all) = match line {
        0 => (columns.to_owned(), values.to_vec()),
        _ => (format!("{columns}, line"), [values, &[&line]].concat()),
    };
    let marks = vec!["?"; all.len()].join(", ");
    let sql = format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})");
    Ok(book.prepare_cached(&sql)?.execute(all.as_slice())?)
}

pub(super) fn rows<T>(
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
        let entered = entered.unwrap_or_else(|| keep_moment(now));
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
            book.execute("UPDATE record SET entered = ?2 WHERE id = ?1", params![id, keep_moment(now)])?;
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
    let unnamed = rows(book, unnamed, |row| row.get::<_, i64>(0))?;
    // No form has so many: what is beyond was made up, and is not looked for.
    let (sought, made_up) = unnamed.split_at(unnamed.len().min(FIELDS));
    for field in made_up {
        let sql = "INSERT OR IGNORE INTO field VALUES (?1, '{LOST_NAME}' || ?1)".replace("{LOST_NAME}", LOST_NAME);
        book.prepare_cached(&sql)?.execute([field])?;
    }
    if !made_up.is_empty() {
        told.general.push(format!("另有 {} 个项目的名称丢失，称作“{LOST_NAME}……”", made_up.len()));
    }
    for field in sought.iter().copied() {
        let sql = "SELECT history.field FROM value JOIN history ON history.record = value.record
                   AND history.round = value.round AND history.new = value.text
                   WHERE value.field = ?1 AND history.field NOT IN (SELECT name FROM field)
                   GROUP BY history.field ORDER BY count(*) DESC LIMIT 1";
        let known: Option<String> = book.query_row(sql, [field], |row| row.get(0)).optional()?;
        let name = known.unwrap_or_else(|| format!("{LOST_NAME}{field}"));
        book.execute("INSERT OR IGNORE INTO field VALUES (?1, ?2)", params![field, name])?;
        told.general.push(format!("第 {field} 个项目的名称丢失，现称“{name}”"));
    }
    Ok(())
}

fn mend_cells(book: &Connection, told: &mut Salvage) -> Result<(), Fault> {
    let sql =
        "SELECT DISTINCT record, round, name, line, cell.field, text FROM cell JOIN field ON field.id = cell.field
               WHERE text IS NOT NULL AND record IN (SELECT id FROM record)";
    let found: Vec<(Broken, i64, String)> = rows(book, sql, |row| Ok((Broken::read(row)?, row.get(4)?, row.get(5)?)))?;
    for (cell, field, text) in found {
        let Broken { record, round, line, .. } = cell;
        if put(book, "value", "record, round, field, text", line, &[&record, &round, &field, &text])? > 0 {
            told.back(record, format!("{}：据索引补回", told.cell(&cell)));
        }
    }
    // The last word of the history on each cell, where no text stands.
    let sql = with_lines(
        book,
        "SELECT h.record, h.round, h.field, h.line, h.new FROM
           (SELECT record, round, field, {line} AS line, new, max(id) FROM history
            WHERE what IN ('set', 'corrected') AND purged = 0 AND record IN (SELECT id FROM record)
            AND round BETWEEN 0 AND 98
            GROUP BY 1, 2, 3, 4) AS h
         LEFT JOIN field ON field.name = h.field
         LEFT JOIN {value} ON value.record = h.record AND value.round = h.round AND value.field = field.id
             AND value.line = h.line
         LEFT JOIN long_text ON long_text.id = value.long
         WHERE coalesce(h.new, '') <> '' AND coalesce(value.text, long_text.text) IS NULL",
    )?;
    let there =
        with_lines(book, "SELECT long FROM {value} WHERE record = ?1 AND round = ?2 AND field = ?3 AND line = ?4")?;
    let found: Vec<(Broken, String)> = rows(book, &sql, |row| Ok((Broken::read(row)?, row.get(4)?)))?;
    for (cell, text) in found {
        let Broken { record, round, field: name, line } = &cell;
        book.execute("INSERT OR IGNORE INTO field (name) VALUES (?1)", [name])?;
        let field: i64 = book.query_row("SELECT id FROM field WHERE name = ?1", [name], |row| row.get(0))?;
        let long: Option<i64> =
            book.query_row(&there, params![record, round, field, line], |row| row.get(0)).optional()?;
        if let Some(long) = long {
            book.execute("INSERT OR IGNORE INTO long_text VALUES (?1, ?2)", params![long, text])?;
        } else {
            let short = text.len() <= SHORT;
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
                put(book, "value", "record, round, field, long", *line, &[record, round, &field, &id])?;
            } else {
                put(book, "value", "record, round, field, text", *line, &[record, round, &field, &text])?;
            }
        }
        told.back(*record, format!("{}：据修改记录补回“{}”", told.cell(&cell), brief(&text)));
    }
    let lost = with_lines(
        book,
        "SELECT record, round, name, line FROM {value} JOIN field ON field.id = value.field
         WHERE text IS NULL AND long NOT IN (SELECT id FROM long_text)",
    )?;
    for cell in rows(book, &lost, Broken::read)? {
        told.lost(cell.record, format!("{}：长文字丢失", told.cell(&cell)));
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
    let sql = with_lines(
        book,
        "SELECT record, round, field, {line}, old, new, at FROM history
         WHERE what = 'corrected' AND round BETWEEN 0 AND 98 AND ",
    )? + gone;
    type Corrected = (Broken, Option<String>, Option<String>, String);
    let told_of: Vec<Corrected> =
        rows(book, &sql, |row| Ok((Broken::read(row)?, row.get(4)?, row.get(5)?, row.get(6)?)))?;
    let there = with_lines(
        book,
        "SELECT 1 FROM correction
         WHERE record = ?1 AND round = ?2 AND field = ?3 AND old = ?4 AND new = ?5 AND {line} = ?6",
    )?;
    for (cell, old, new, at) in told_of {
        let Broken { record, round, field, line } = &cell;
        let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
        if book.prepare_cached(&there)?.exists(params![record, round, field, old, new, line])? {
            continue;
        }
        let place = "SELECT min(it) FROM (SELECT 0 AS it UNION SELECT place + 1 FROM correction WHERE record = ?1)
                     WHERE it NOT IN (SELECT place FROM correction WHERE record = ?1)";
        let place: i64 = book.query_row(place, [record], |row| row.get(0))?;
        let columns = "record, place, field, old, new, made_by, made_on, reason, round";
        let values: [&dyn rusqlite::ToSql; 9] = [record, &place, field, &old, &new, &LOST, &day_of(&at), &LOST, round];
        put(book, "correction", columns, *line, &values)?;
        told.back(*record, format!("{}的一处划改：据修改记录补回，更正人和理由丢失", told.cell(&cell)));
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
