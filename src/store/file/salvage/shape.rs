//! Which table a row belongs to: by the page it lies on, and where that is not known, by what it looks like. The tables
//! are those of the newest book, asked of one, so that a new one needs nothing here.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::pages::{Kind, Row};
use crate::store::Fault;
use crate::store::write::SHORT;

struct Column {
    kind: String,
    required: bool,
    default: Option<Value>,
    /// It is the row's number, which is not kept in the row.
    number: bool,
}

struct Table {
    name: String,
    kind: Kind,
    columns: Vec<Column>,
    insert: String,
}

/// What became of a row.
pub(super) enum Taken<'a> {
    /// It lies in its table.
    Whole,
    /// It belongs to this table, and does not fit in.
    Not(&'a str),
    /// It belongs to no table.
    Elsewhere,
}

/// Every table of a book.
pub(super) struct Tables(Vec<Table>);

impl Tables {
    pub(super) fn of(book: &Connection) -> Result<Self, Fault> {
        let sql = "SELECT name, wr FROM pragma_table_list
                   WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'";
        let names: Vec<(String, bool)> =
            book.prepare(sql)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let tables = names.into_iter().map(|(name, packed)| {
            // A table without row numbers keeps its key first.
            let sql = "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_xinfo(?1)
                       ORDER BY CASE WHEN ?2 AND pk > 0 THEN pk ELSE 1000 END, cid";
            let mut found = book.prepare(sql)?;
            let mut rows = found.query((&name, packed))?;
            let (mut columns, mut called) = (Vec::new(), Vec::new());
            while let Some(row) = rows.next()? {
                called.push(row.get::<_, String>(0)?);
                let (kind, default): (String, Option<String>) = (row.get(1)?, row.get(3)?);
                let key = row.get::<_, i64>(4)? > 0;
                columns.push(Column {
                    number: key && !packed && kind == "INTEGER",
                    kind,
                    required: row.get(2)?,
                    default: default.and_then(|it| it.parse().ok()).map(Value::Integer),
                });
            }
            let places = vec!["?"; called.len()].join(", ");
            let insert = format!("INSERT OR IGNORE INTO {name} ({}) VALUES ({places})", called.join(", "));
            Ok(Table { name, kind: if packed { Kind::Index } else { Kind::Table }, columns, insert })
        });
        Ok(Self(tables.collect::<Result<_, Fault>>()?))
    }

    /// Whether a table is called so.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.0.iter().any(|it| it.name == name)
    }

    /// Puts a row into the table it belongs to. `owner`: whose page it lies on, where that is known.
    pub(super) fn take(
        &self,
        book: &Connection,
        owner: Option<&str>,
        kind: Kind,
        row: &Row,
    ) -> Result<Taken<'_>, Fault> {
        let fitting = self.0.iter().find(|table| {
            table.kind == kind && owner.is_none_or(|it| it == table.name) && table.fits(row)
                // By their looks alone these are taken for one another.
                && (owner.is_some() || likely(&table.name, row))
        });
        let Some(table) = fitting else {
            let owns = |it: &&Table| it.kind == kind && owner == Some(it.name.as_str());
            return Ok(self.0.iter().find(owns).map_or(Taken::Elsewhere, |it| Taken::Not(&it.name)));
        };
        let cells = table.columns.iter().enumerate().map(|(place, column)| {
            let number = row.rowid.filter(|_| column.number).map(Value::Integer);
            number.or_else(|| row.cells.get(place).cloned()).or_else(|| column.default.clone()).unwrap_or(Value::Null)
        });
        let taken = book.prepare_cached(&table.insert)?.execute(params_from_iter(cells));
        // A page that has no place may hold what was given up long ago, or a row once more.
        Ok(if owner.is_some() && !matches!(taken, Ok(1)) { Taken::Not(&table.name) } else { Taken::Whole })
    }
}

impl Table {
    fn fits(&self, row: &Row) -> bool {
        // Columns that were added later are not in older rows.
        row.cells.len() <= self.columns.len()
            && self.columns.iter().enumerate().all(|(place, column)| match row.cells.get(place) {
                None => !column.required || column.default.is_some(),
                Some(Value::Null) => !column.required || column.number,
                Some(Value::Integer(_)) => column.kind == "INTEGER" && !column.number,
                Some(Value::Text(_)) => column.kind == "TEXT",
                Some(Value::Blob(_)) => column.kind == "BLOB",
                Some(Value::Real(_)) => false,
            })
            && row.cells.len() * 2 > self.columns.len()
    }
}

/// Whether a row that fits a table may well be one of it.
fn likely(table: &str, row: &Row) -> bool {
    let text = |place: usize| match row.cells.get(place) {
        Some(Value::Text(text)) => text.as_str(),
        _ => "",
    };
    let is_key = text(0).bytes().all(|it| it.is_ascii_lowercase() || it == b'-' || it == b'_');
    match table {
        "field" => text(1).len() <= SHORT,
        "long_text" => text(1).len() > SHORT,
        "setting" => is_key,
        "customer" => !is_key,
        _ => true,
    }
}
