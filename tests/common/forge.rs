//! A book whose rows are what its own rules forbid, as a broken disk or an attacker may leave them; its tables, indexes and
//! triggers are the program's own to the letter, or it would not be read at all.

use std::path::Path;

use rusqlite::Connection;

/// The words that made a book's tables and triggers.
pub(crate) struct Rules(Vec<(String, String, String)>);

/// Takes a book's rules away: no triggers, no types, no constraints but its keys.
pub(crate) fn loosen(path: &Path) -> Rules {
    let book = Connection::open(path).unwrap();
    let sql = "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('table', 'trigger') AND sql IS NOT NULL";
    let rules: Vec<(String, String, String)> = book
        .prepare(sql)
        .unwrap()
        .query_map([], |it| Ok((it.get(0)?, it.get(1)?, it.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for (_, name, _) in rules.iter().filter(|it| it.0 == "trigger") {
        book.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    book.execute_batch(
        "PRAGMA writable_schema = on; UPDATE sqlite_schema
         SET sql = replace(replace(replace(sql, 'STRICT, WITHOUT', 'WITHOUT'), ') STRICT', ')'), 'NOT NULL', '')
         WHERE type = 'table'",
    )
    .unwrap();
    book.close().unwrap();
    Rules(rules)
}

/// A connection to a loosened book that heeds no rule.
pub(crate) fn lawless(path: &Path) -> Connection {
    let book = Connection::open(path).unwrap();
    book.execute_batch("PRAGMA ignore_check_constraints = on; PRAGMA foreign_keys = off").unwrap();
    book
}

/// Gives the book its rules back, to the letter.
pub(crate) fn tighten(path: &Path, rules: &Rules) {
    let book = Connection::open(path).unwrap();
    for (_, _, sql) in rules.0.iter().filter(|it| it.0 == "trigger") {
        book.execute_batch(sql).unwrap();
    }
    book.execute_batch("PRAGMA writable_schema = on").unwrap();
    for (_, name, sql) in rules.0.iter().filter(|it| it.0 == "table") {
        book.execute("UPDATE sqlite_schema SET sql = ?2 WHERE type = 'table' AND name = ?1", [name, sql]).unwrap();
    }
    book.close().unwrap();
}

/// Does one thing to a book that its rules forbid; whether anything was changed.
pub(crate) fn forge(path: &Path, sql: &str) -> bool {
    let rules = loosen(path);
    let done = lawless(path).execute(sql, []).is_ok_and(|it| it > 0);
    tighten(path, &rules);
    done
}
