//! What the book's own rules (triggers) forbid whoever writes in it with another program.

use std::collections::BTreeMap;

use rusqlite::Connection;
use taizhang::record::{CellId, Customer, Deed, RecordId};
use taizhang::store::Act;

use super::*;

/// A book in which every table that has a rule has a row.
fn full(office: &Office) -> Connection {
    let path = office.path("a.book");
    let store = Store::open(&path).unwrap();
    let id = office.begin(&store, "甲厂").id;
    store.set(id, &CellId::new("complaint", 0), "密集气孔。", "", now()).unwrap();
    let correction = Correction {
        cell: CellId::new("complaint", 0),
        old: String::new(),
        new: "密集气孔一处。".into(),
        by: "沈䶮".into(),
        on: "2026-11-20".into(),
        reason: "复查".into(),
    };
    store.correct(id, &correction, now()).unwrap();
    let filed = Deed::Filed { case: "1".into(), binder: "2".into(), on: "2026-11-20".into() };
    let act = Act { by: "沈䶮".into(), deeds: vec![filed], ..Act::default() };
    store.act(RecordId(1), &act, now()).unwrap();
    store.reserve(office.slip(), &office.procedure.document.number, 2026, 1, ("沈䶮", "发车间"), now()).unwrap();
    store.put_customer(&Customer { name: "甲厂".into(), ..Customer::default() }, "沈䶮", now()).unwrap();
    drop(store);
    let book = Connection::open(path).unwrap();
    // So that nothing but the rules stands in the way.
    book.pragma_update(None, "foreign_keys", false).unwrap();
    book.execute("INSERT INTO person_key VALUES (1, '沈䶮', '公', '私', '2026-11-20T09:00:00')", []).unwrap();
    book
}

/// What each rule forbids is done, once with it and once without: it is this rule that forbids it, in its own words.
#[test]
fn each_rule_of_the_book_holds_by_itself() {
    let office = Office::new();
    let book = full(&office);
    let mut rules = book.prepare("SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger'").unwrap();
    let rules: Vec<(String, String, String)> =
        rules.query_map([], |it| Ok((it.get(0)?, it.get(1)?, it.get(2)?))).unwrap().map(Result::unwrap).collect();
    let mut forbidden: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, table, sql) in &rules {
        let words = sql.split('\'').rev().nth(1).unwrap();
        let before = sql.split_whitespace().skip_while(|it| *it != "BEFORE").nth(1).unwrap();
        let attempts = match before {
            "DELETE" => vec![format!("DELETE FROM {table} WHERE {}", first(&book, table))],
            "UPDATE" => columns(&book, table, sql)
                .map(|it| format!("UPDATE {table} SET {it} = {it} WHERE {}", first(&book, table)))
                .collect(),
            "INSERT" => vec![format!(
                "INSERT INTO {table} (id, at, what, content, hash)
                 VALUES (1000000, '2026-11-20T09:00:00', 'customer', zeroblob(32), zeroblob(32))"
            )],
            other => panic!("{name}: {other}?"),
        };
        for attempt in attempts {
            let tried = book.execute(&attempt, []);
            let Err(said) = tried.map_err(|it| it.to_string()) else { panic!("{name} lets this pass: {attempt}") };
            assert_eq!(said, words, "{attempt}");
            book.execute_batch(&format!("BEGIN; DROP TRIGGER {name}")).unwrap();
            assert_eq!(book.execute(&attempt, []).unwrap(), 1, "without {name}: {attempt}");
            book.execute_batch("ROLLBACK").unwrap();
            *forbidden.entry(name).or_default() += 1;
        }
    }
    // What is only ever added to is neither changed nor taken away.
    for table in ["history", "correction", "fact", "number_note", "person_key"] {
        for what in ["update", "delete"] {
            assert!(forbidden.contains_key(format!("{table}_{what}").as_str()), "{table} has no rule for {what}");
        }
    }
    assert!(["history_insert", "record_number", "record_delete"].iter().all(|it| forbidden.contains_key(it)));
}

/// The first row of a table, as a condition.
fn first(book: &Connection, table: &str) -> String {
    let mut key = book.prepare("SELECT group_concat(name, ', ') FROM pragma_table_info(?1) WHERE pk > 0").unwrap();
    let key: String = key.query_row([table], |it| it.get(0)).unwrap();
    assert!(book.prepare(&format!("SELECT 1 FROM {table}")).unwrap().exists([]).unwrap(), "{table} is empty");
    format!("({key}) = (SELECT {key} FROM {table} ORDER BY {key} LIMIT 1)")
}

/// The columns that a rule for changes is about: those it names, else all.
fn columns(book: &Connection, table: &str, sql: &str) -> impl Iterator<Item = String> {
    let named = sql.split_once(" UPDATE OF ").map(|it| it.1.split_once(" ON ").unwrap().0.to_owned());
    let named = named.unwrap_or_else(|| {
        let all = book.prepare(&format!("SELECT * FROM {table}")).unwrap();
        all.column_names().collect::<Vec<_>>().join(", ")
    });
    named.split(", ").map(str::to_owned).collect::<Vec<_>>().into_iter()
}
