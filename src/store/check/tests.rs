//! What is changed past the program is found, wherever it is: every table and every column of a book with everything in
//! it, as the book itself lists them.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use chrono::NaiveDateTime;
use rusqlite::Connection;

use super::super::{Act, NewRecord, Store};
use crate::procedure::{FieldId, Form, FormId, NumberPattern, OFFICE, Person, Procedure};
use crate::record::{CellId, Correction, Customer, Deed, NumberState, RecordId, Values, Void};

/// What may be changed unseen, and why. Whatever is not here is found; a new table has to be thought of.
const SAYS_NOTHING: [(&str, &str); 2] = [
    // How the window is to look, who last sat before it, what the program owes itself.
    ("setting", "key <> 'office'"),
    // The name of a datum that no cell has: nothing refers to it.
    ("field", "id NOT IN (SELECT field FROM value)"),
];

fn now() -> NaiveDateTime {
    "2026-11-20T09:00:00".parse().unwrap()
}

fn procedure() -> Procedure {
    Procedure::load(&[]).unwrap()
}

fn slip(procedure: &Procedure) -> (&Form, &NumberPattern) {
    (procedure.form(&"05".into()).unwrap(), &procedure.document.number)
}

fn correction(old: &str, new: &str) -> Correction {
    Correction {
        cell: CellId::new("phone", 0),
        old: old.to_owned(),
        new: new.to_owned(),
        by: "钱立群".to_owned(),
        on: "2026-11-20".to_owned(),
        reason: "抄错".to_owned(),
    }
}

fn passed_on() -> Deed {
    Deed::PassedOn {
        department: "设备修造部".to_owned(), person: "徐国梁".to_owned(), on: "2026-11-20".to_owned()
    }
}

/// A book in which there is some of everything.
fn rich() -> Store {
    let procedure = procedure();
    let (form, pattern) = slip(&procedure);
    let store = Store::in_memory().unwrap();
    let begin = |customer: &str| {
        let values = Values::from([(FieldId::from("customer"), customer.to_owned())]);
        store.create(form, pattern, 2026, now(), &values).unwrap().id
    };
    let set = |id: RecordId, round: usize, field: &str, text: &str| {
        store.set(id, &CellId::new(field, round), text, "", now()).unwrap();
    };
    let full = begin("甲厂");
    set(full, 0, "phone", "1");
    set(full, 0, "complaint", &"漏".repeat(200));
    store.correct(full, &correction("1", "2"), now()).unwrap();
    store.add_round(full, now()).unwrap();
    set(full, 1, "measures", "返修");
    let act = |deed| Act { by: "沈䶮".to_owned(), deeds: vec![deed], ..Act::default() };
    store.act(full, &act(passed_on()), now()).unwrap();
    let gone = begin("乙厂");
    set(gone, 0, "phone", "3");
    store.act(gone, &act(passed_on()), now()).unwrap();
    let filed = Deed::Filed { case: "1".to_owned(), binder: "1".to_owned(), on: "2026-11-20".to_owned() };
    store.act(gone, &act(filed), now()).unwrap();
    let destroyed = Deed::Destroyed {
        approved: "甲".to_owned(),
        executed: "乙".to_owned(),
        watched: "丙".to_owned(),
        on: "2026-11-20".to_owned(),
    };
    // The destroyed sheet's lines come before all that stands beside the sheets.
    let three = r#"{"people":[{"name":"甲"},{"name":"乙"},{"name":"丙"}]}"#;
    store.connection.execute("INSERT INTO setting VALUES ('office', ?1)", [three]).unwrap();
    store.destroy(gone, &destroyed, &["customer".into()], "沈䶮", now()).unwrap();
    store.connection.execute("DELETE FROM setting WHERE key = 'office'", []).unwrap();
    let void = |reason: &str| Void { by: "沈䶮".to_owned(), on: "2026-11-20".to_owned(), reason: reason.to_owned() };
    store.void(begin("丙厂"), &void("重复"), now()).unwrap();
    let brought = NewRecord {
        form: form.form.clone(),
        edition: form.edition.clone(),
        year: 2026,
        number: Some((6, "2026-006".to_owned())),
        entered: now(),
        rounds: vec![Values::from([("customer".into(), "丁厂".to_owned()), ("phone".into(), "5".to_owned())])],
        corrections: vec![correction("4", "5"), correction("5", "5")],
        void: Some(void("登错")),
        facts: vec![crate::record::Fact { at: now(), by: "沈䶮".to_owned(), deed: passed_on() }],
    };
    store.import(&procedure.document, [brought], now()).unwrap();
    store.reserve(form, pattern, 2026, 2, ("沈䶮", "一车间"), now()).unwrap();
    for line in store.numbers(&form.form, 2026).unwrap() {
        let told = match line.state {
            NumberState::Gap => "没有用过",
            NumberState::Reserved if line.sequence == 8 => "写坏",
            _ => continue,
        };
        store.explain_number(&form.form, &line, "沈䶮", told, now()).unwrap();
    }
    let customer =
        |name: &str, phone: &str| Customer { name: name.to_owned(), phone: phone.to_owned(), ..Customer::default() };
    for it in [customer("甲厂", "1"), customer("甲厂", "2"), customer("乙厂", "3")] {
        store.put_customer(&it, "沈䶮", now()).unwrap();
    }
    let mut document = procedure.document.clone();
    for password in [None, Some("$argon2id$甲乙丙"), Some("$argon2id$丁戊己")] {
        let person =
            Person { name: "钱立群".to_owned(), password: password.map(str::to_owned), ..Person::default() };
        document.people = vec![person];
        store.set_office(&document.to_keep(None).unwrap(), "沈䶮", now()).unwrap();
    }
    for sealed in ["甲", "乙"] {
        let row = ("沈䶮", "0a1b", sealed, "2026-11-20T09:00:00");
        let sql = "INSERT INTO person_key (person, public, sealed, at) VALUES (?1, ?2, ?3, ?4)";
        store.connection.execute(sql, row).unwrap();
        let key = store.connection.last_insert_rowid().to_string();
        store.seal_beside(super::What::Key, &key, (None, "沈䶮"), "沈䶮", now()).unwrap();
    }
    store.set_setting("zoom", "page").unwrap();
    assert_eq!(store.check(), [""; 0]);
    store
}

/// What is found after this was done by hand; none where the book's own rules forbid it even then. Nothing stays of it.
fn meddled(store: &Store, sql: &str) -> Option<Vec<String>> {
    let book = &store.connection;
    let triggers: Vec<(String, String)> =
        texts(book, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'", |it| Ok((it.get(0)?, it.get(1)?)));
    book.execute_batch("PRAGMA foreign_keys = off; BEGIN").unwrap();
    for (name, _) in &triggers {
        book.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    let found = book.execute(sql, []).is_ok_and(|it| it > 0).then(|| {
        for (_, sql) in &triggers {
            book.execute_batch(sql).unwrap();
        }
        store.check()
    });
    book.execute_batch("ROLLBACK; PRAGMA foreign_keys = on").unwrap();
    found
}

fn texts<T>(book: &Connection, sql: &str, each: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    book.prepare(sql).unwrap().query_map([], each).unwrap().map(Result::unwrap).collect()
}

/// The tables of a book, and their columns.
fn tables(book: &Connection) -> Vec<(String, Vec<String>)> {
    let tables = texts(book, "SELECT name FROM sqlite_schema WHERE type = 'table'", |it| it.get::<_, String>(0));
    let columns = |it: &String| texts(book, &format!("SELECT name FROM pragma_table_xinfo('{it}')"), |it| it.get(0));
    tables.into_iter().map(|it| (it.clone(), columns(&it))).collect()
}

/// Picks each row of a table, as a condition, except what may be changed unseen.
fn rows(book: &Connection, table: &str) -> Vec<String> {
    let keys = texts(book, &format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0"), |it| {
        it.get::<_, String>(0)
    });
    let keys = if keys.is_empty() { vec!["name".to_owned()] } else { keys };
    let quoted: Vec<String> = keys.iter().map(|it| format!("'{it} = ' || quote({it})")).collect();
    let except = SAYS_NOTHING.iter().find(|it| it.0 == table).map_or("0", |it| it.1);
    texts(book, &format!("SELECT {} FROM {table} WHERE NOT ({except})", quoted.join("|| ' AND ' ||")), |it| it.get(0))
}

/// What the first finding has to name.
fn name(book: &Connection, table: &str, row: &str) -> Vec<String> {
    let one = |sql: &str| book.query_row(sql, [], |it| it.get::<_, String>(0)).unwrap();
    let sheet = |key: &str| format!("SELECT number FROM record WHERE id = (SELECT {key} FROM {table} WHERE {row})");
    match table {
        "record" => vec![one(&sheet("id")), "sqlite_sequence".to_owned()],
        "value" | "correction" | "void" | "fact" => vec![one(&sheet("record"))],
        "long_text" => vec![
            one(&format!(
                "SELECT number FROM record, value WHERE record.id = record AND long = (SELECT id FROM long_text WHERE {row})"
            )),
            "long_text".to_owned(),
        ],
        "field" => vec!["2026-00".to_owned()],
        "history" => {
            let line = one(&format!("SELECT '第 ' || id || ' 行' FROM history WHERE {row}"));
            // Whose line it is.
            let whose = one(&format!(
                "SELECT coalesce((SELECT number FROM record WHERE id = history.record), field) FROM history WHERE {row}"
            ));
            let first = line.replace(" 行", " 至");
            vec![line, first, whose]
        }
        "customer" => vec![one(&format!("SELECT name FROM customer WHERE {row}"))],
        "number_note" | "person_key" => vec![one(&format!("SELECT '第 ' || id || ' 行' FROM {table} WHERE {row}"))],
        "setting" => vec![OFFICE.to_owned()],
        "sqlite_sequence" => vec!["sqlite_sequence".to_owned()],
        _ => panic!("{table}: what is its row to be called?"),
    }
}

#[test]
fn every_column_of_every_table_changed_by_hand_is_found_and_named() {
    let store = rich();
    let book = &store.connection;
    let mut unseen = Vec::new();
    for (table, columns) in tables(book) {
        let rows = rows(book, &table);
        assert!(!rows.is_empty(), "{table}: the book of this test has no row of it");
        for column in columns {
            let mut tried = 0;
            for row in &rows {
                // Where the last kept facts of a destroyed sheet stood among the others is told by nothing.
                let kept = "SELECT 1 FROM fact WHERE kind = 'destroyed' AND record = (SELECT record FROM fact WHERE ";
                if (table.as_str(), column.as_str()) == ("fact", "place")
                    && book.prepare(&format!("{kept}{row})")).unwrap().exists([]).unwrap()
                {
                    continue;
                }
                let mut names = name(book, &table, row);
                // A line is named by its number, if it has it still; of texts that were wiped out it is told whose they were.
                if table == "history" && !["id", "purged"].contains(&column.as_str()) && !names[2].contains("2026-002")
                {
                    names.truncate(2);
                }
                let mut changes = 0;
                for other in [
                    "{} || 'x'",
                    "replace({}, '2026', '2025')",
                    "{} + 1000",
                    "{} - 1",
                    "1 - {}",
                    "''",
                    "'x'",
                    "'gap'",
                    "7",
                    "NULL",
                    "zeroblob(32)",
                ] {
                    let new = other.replace("{}", &column);
                    let sql =
                        format!("UPDATE OR ABORT {table} SET {column} = {new} WHERE {row} AND {column} IS NOT {new}");
                    let Some(found) = meddled(&store, &sql) else { continue };
                    (tried, changes) = (tried + 1, changes + 1);
                    if !found.iter().any(|it| names.iter().any(|name| it.contains(name))) {
                        unseen.push(format!("{sql}: {found:?}"));
                    }
                    if changes == 3 {
                        break;
                    }
                }
            }
            assert!(tried > 0, "{table}.{column}: nothing could be written there");
        }
    }
    assert!(unseen.is_empty(), "{}", unseen.join("\n"));
    assert_eq!(store.check(), [""; 0]);
}

#[test]
fn every_row_taken_away_by_hand_is_found_and_named() {
    let store = rich();
    let book = &store.connection;
    let mut unseen = Vec::new();
    for (table, _) in tables(book) {
        for row in rows(book, &table) {
            let names = name(book, &table, &row);
            let sql = format!("DELETE FROM {table} WHERE {row}");
            let found = meddled(&store, &sql).unwrap();
            // A sheet that is gone has no number any more; what belonged to it is left over.
            let gone = ["record 不在了", "所属的 field"];
            if !found
                .iter()
                .any(|it| names.iter().any(|name| it.contains(name)) || gone.iter().any(|name| it.contains(name)))
            {
                unseen.push(format!("{sql}: {found:?}"));
            }
        }
    }
    assert!(unseen.is_empty(), "{}", unseen.join("\n"));
}

#[test]
fn every_row_added_by_hand_is_found_and_named() {
    let store = rich();
    let book = &store.connection;
    let mut unseen = Vec::new();
    for (table, columns) in tables(book) {
        // The copy differs where two rows may not be the same.
        let another: &[(&str, &str)] = match table.as_str() {
            "record" => &[("id", "NULL"), ("sequence", "sequence + 1000"), ("number", "number || 'x'")],
            "long_text" | "number_note" | "person_key" => &[("id", "NULL")],
            "history" => &[("id", "(SELECT max(id) + 1 FROM history)")],
            "value" => &[(
                "field",
                "(SELECT min(id) FROM field WHERE id NOT IN (SELECT field FROM value AS v WHERE v.record = value.record AND v.round = value.round))",
            )],
            "correction" | "fact" => &[("place", "place + 1000")],
            "void" => &[("record", "1")],
            "customer" => &[("name", "name || 'x'")],
            "sqlite_sequence" => &[],
            // A datum that no cell has, and a setting that nothing reads: see above.
            "field" | "setting" => continue,
            _ => panic!("{table}: how is its row copied?"),
        };
        let values: Vec<&str> = columns
            .iter()
            .map(|it| another.iter().find(|other| other.0 == it).map_or(it.as_str(), |other| other.1))
            .collect();
        for row in rows(book, &table) {
            let sql = format!(
                "INSERT INTO {table} ({}) SELECT {} FROM {table} WHERE {row}",
                columns.join(", "),
                values.join(", ")
            );
            let found = meddled(&store, &sql).unwrap_or_else(|| panic!("{sql}: not written"));
            let mut names = name(book, &table, &row);
            names.extend([
                "修改记录第".to_owned(),
                "2026-001".to_owned(),
                "number_note".to_owned(),
                "person_key".to_owned(),
            ]);
            if !found.iter().any(|it| names.iter().any(|name| it.contains(name))) {
                unseen.push(format!("{sql}: {found:?}"));
            }
        }
    }
    assert!(unseen.is_empty(), "{}", unseen.join("\n"));
}

/// The program never drops a trigger or an index: one that is missing is a sign of meddling.
#[test]
fn a_book_of_another_shape_is_found() {
    let store = rich();
    let parts = texts(
        &store.connection,
        "SELECT type, name FROM sqlite_schema WHERE sql IS NOT NULL AND type <> 'table'",
        |it| Ok((it.get::<_, String>(0)?, it.get::<_, String>(1)?)),
    );
    assert!(parts.len() > 10);
    for (kind, name) in parts {
        store.connection.execute_batch(&format!("BEGIN; DROP {kind} {name}")).unwrap();
        let found = store.check();
        store.connection.execute_batch("ROLLBACK").unwrap();
        assert!(found.len() == 1 && found[0].contains("少了") && found[0].contains(&name), "{found:?}");
    }
    for (sql, told) in [
        ("CREATE TABLE more (a TEXT)", "台帐里多了表 more，不是程序所建"),
        (
            "CREATE TRIGGER more AFTER INSERT ON record BEGIN DELETE FROM setting; END",
            "台帐里多了防改动的触发器 more，不是程序所建",
        ),
        ("ALTER TABLE customer ADD COLUMN more TEXT", "台帐里的表 customer 不是程序所建的样子，不知是谁改动过"),
        ("PRAGMA application_id = 7", "文件头里的程序标记（application_id）被改动过"),
        ("PRAGMA user_version = 9", "文件头里的版本号（user_version）被改动过"),
    ] {
        store.connection.execute_batch("BEGIN").unwrap();
        store.connection.execute_batch(sql).unwrap();
        let found = store.check();
        store.connection.execute_batch("ROLLBACK").unwrap();
        assert_eq!(found, [told]);
    }
}

/// A finding says what stands in the cell and what its history says, in the form's own words.
#[test]
fn a_changed_cell_is_named_with_what_stood_there() {
    let store = rich();
    let procedure = procedure();
    let told = |sql: &str| {
        store.connection.execute_batch("BEGIN").unwrap();
        store.connection.execute_batch(sql).unwrap();
        let found = store.check_up(Some(&procedure), &|| true).found;
        store.connection.execute_batch("ROLLBACK").unwrap();
        found
    };
    let field = |name: &str| format!("field = (SELECT id FROM field WHERE name = '{name}')");
    assert_eq!(
        told(&format!("UPDATE value SET text = '9' WHERE record = 1 AND {}", field("phone"))),
        [
            "表 05 的 2026-001，第 1 次处置的“联系电话”一格（phone）现在是“9”，修改记录第 4 行写的是“2”，不知是谁绕过程序改动过"
        ]
    );
    assert_eq!(
        told(&format!("DELETE FROM value WHERE record = 1 AND {}", field("measures"))),
        [
            "表 05 的 2026-001，第 2 次处置的“原因与措施”一格（measures）现在是空的，修改记录第 6 行写的是“返修”，不知是谁绕过程序改动过"
        ]
    );
    assert_eq!(
        told("INSERT INTO value SELECT 1, 1, id, 0, '补', NULL FROM field WHERE name = 'phone'"),
        ["表 05 的 2026-001，第 2 次处置的“联系电话”一格（phone）现在是“补”，修改记录里没有，不知是谁绕过程序添上的"]
    );
    let found = told("UPDATE long_text SET text = '无渗漏'");
    assert!(found.len() == 1 && found[0].contains("“投诉内容”一格（complaint）现在是“无渗漏”"), "{found:?}");
    // What stood there from the beginning no line quotes; then the cells it may be are named.
    let found = told(&format!("UPDATE value SET text = '戊厂' WHERE record = 1 AND {}", field("customer")));
    assert!(found.len() == 1 && found[0].contains("“用户名称”一格（customer）"), "{found:?}");
}

/// Who changed what of users, numbers and settings can be read later; a password never.
#[test]
fn what_stands_beside_the_sheets_is_told_by_who_changed_what() {
    let store = rich();
    let sql = "SELECT what, field, coalesce(old, ''), new, made_by FROM history WHERE record IS NULL ORDER BY id";
    let lines = texts(&store.connection, sql, |it| {
        let text = |at: usize| it.get::<_, String>(at);
        Ok([text(0)?, text(1)?, text(2)?, text(3)?, text(4)?])
    });
    assert!(lines.iter().all(|it| it[4] == "沈䶮"));
    let of = |what: &str| lines.iter().filter(|it| it[0] == what).collect::<Vec<_>>();
    let customers = of("customer");
    assert_eq!(customers.len(), 3);
    assert!(
        customers[1][1] == "甲厂"
            && customers[1][2].contains(r#""phone":"1""#)
            && customers[1][3].contains(r#""phone":"2""#)
    );
    assert_eq!(of("number").len(), 5, "two gaps, two reserved, one of them void");
    assert!(of("number")[4][3].contains("写坏"));
    let settings = of("setting");
    assert_eq!(settings.len(), 3);
    assert!(settings[0][3].contains("company"), "the first time all of it");
    assert_eq!(settings[2][3], r#"{"people":[{"name":"钱立群","department":"","left":false,"password":"（不记）"}]}"#);
    assert!(lines.iter().flatten().all(|it| !it.contains("argon2")));
}

/// A book of version 4 comes into the chain with all it has beside its sheets, and its old lines stay as they are.
#[test]
fn a_book_from_before_the_chain_is_adopted_whole() {
    use super::super::file::migrate::{STEPS, migrate};
    let (new, old) = (rich(), Connection::open_in_memory().unwrap());
    migrate(&old, &STEPS[..4]).unwrap();
    let triggers: Vec<(String, String)> =
        texts(&old, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'", |it| Ok((it.get(0)?, it.get(1)?)));
    triggers.iter().for_each(|it| old.execute_batch(&format!("DROP TRIGGER {}", it.0)).unwrap());
    // The same rows, with a chain of sheets only, as version 4 made it.
    for (table, columns) in tables(&old) {
        let table = table.as_str();
        if table == "sqlite_sequence" {
            continue;
        }
        let which = if table == "history" { "WHERE record IS NOT NULL" } else { "" };
        let sql = format!("SELECT {} FROM {table} {which}", columns.join(", "));
        let marks: Vec<&str> = columns.iter().map(|_| "?").collect();
        let put = format!("INSERT INTO {table} VALUES ({})", marks.join(", "));
        let values = texts(&new.connection, &sql, |it| {
            (0..columns.len()).map(|at| it.get::<_, rusqlite::types::Value>(at)).collect::<rusqlite::Result<Vec<_>>>()
        });
        for row in values {
            old.execute(&put, rusqlite::params_from_iter(row)).unwrap();
        }
    }
    old.execute_batch("UPDATE history SET old = NULL WHERE what IN ('created', 'imported')").unwrap();
    for (line, seal) in sealed_whole(&new) {
        old.execute("UPDATE history SET content = ?2 WHERE id = ?1", rusqlite::params![line, seal]).unwrap();
    }
    let remains = remains_before(&old);
    old.execute("UPDATE history SET old = ?1 WHERE what = 'fact' AND old IS NOT NULL", [remains]).unwrap();
    rechain(&old);
    triggers.iter().for_each(|it| old.execute_batch(&it.1).unwrap());
    let kept = |book: &Connection| {
        texts(book, "SELECT id, hash FROM history WHERE record IS NOT NULL ORDER BY id", |it| {
            Ok((it.get::<_, i64>(0)?, it.get::<_, Vec<u8>>(1)?))
        })
    };
    let before = kept(&old);
    migrate(&old, STEPS).unwrap();
    assert_eq!(kept(&old), before);
    let store = super::super::file::open::ready(old, std::path::Path::new(":memory:"), None, None).unwrap();
    assert_eq!(store.check(), [""; 0]);
    let found = meddled(&store, "UPDATE record SET year = 2025 WHERE number = '2026-006'").unwrap();
    assert!(
        found[0].contains("2026-006 的年份或序号（year、sequence）与修改记录不符，那里是表 05 2026 年第 6 号"),
        "{found:?}"
    );
    for sql in [
        "UPDATE customer SET data = '{}' WHERE name = '甲厂'",
        "UPDATE number_note SET note = '' WHERE id = 1",
        "DELETE FROM setting WHERE key = 'office'",
    ] {
        assert_eq!(meddled(&store, sql).unwrap().len(), 1, "{sql}");
    }
    let next = store.create(slip(&procedure()).0, slip(&procedure()).1, 2026, now(), &Values::new()).unwrap();
    assert_eq!(next.number, "2026-009");
    assert_eq!(store.check(), [""; 0]);
}

/// The seals of every sheet's lines, as they were made before there was another way.
fn sealed_whole(book: &Store) -> Vec<(i64, [u8; 32])> {
    use super::super::seal::{Change, Content, Scheme, take_back};
    let looking = super::Looking {
        store: book,
        procedure: None,
        goes_on: &|| true,
        rescued: None,
        signatures: super::signed::Signatures::default(),
        checkup: super::Checkup::default(),
    };
    let mut seals = Vec::new();
    for id in texts(&book.connection, "SELECT id FROM record", |it| Ok(RecordId(it.get(0)?))) {
        let mut record = book.load(id).unwrap().unwrap();
        for entry in looking.entries(id).unwrap().iter().rev() {
            if entry.purged {
                continue;
            }
            seals.push((entry.id, Content::of(&record).seal(&record, Scheme::Whole)));
            if entry.old.is_some() && entry.what == Some(super::What::Fact) {
                break;
            }
            let (what, old) = (entry.what.unwrap(), entry.old.as_deref().unwrap_or_default());
            let (cell, new) = (&entry.cell, entry.new.as_str());
            assert!(take_back(&mut record, &Change { what, cell, old, new }), "line {}", entry.id);
        }
    }
    seals
}

/// What was left of the destroyed sheet's lines, as it was sealed when lines named nobody.
fn remains_before(book: &Connection) -> String {
    use super::super::history::{Remains, Sealed};
    let mut remains = Remains::default();
    let sql = "SELECT id, record, at, what, field, round, content, hash FROM history WHERE purged ORDER BY id";
    let mut lines = book.prepare(sql).unwrap();
    let mut rows = lines.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let text = |at: usize| row.get_ref(at).unwrap().as_str_or_null().unwrap();
        let (content, hash): (Vec<u8>, [u8; 32]) = (row.get(6).unwrap(), row.get(7).unwrap());
        let line = Sealed {
            id: row.get(0).unwrap(),
            record: row.get(1).unwrap(),
            at: text(2).unwrap(),
            what: text(3).unwrap(),
            field: text(4),
            round: row.get(5).unwrap(),
            old: None,
            new: None,
            content: &content,
            made_by: None,
            scheme: 1,
            line: 0,
        };
        remains.add(&line, &hash);
    }
    remains.seal()
}

/// Seals a chain anew, as it was written.
fn rechain(book: &Connection) {
    use super::super::history::{Sealed, Tail};
    let (mut tail, mut seal) = (Tail::NONE, Vec::new());
    let mut lines = book
        .prepare("SELECT record, at, what, field, round, old, new, content, purged, hash, id FROM history ORDER BY id")
        .unwrap();
    let mut rows = lines.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let text = |at: usize| row.get_ref(at).unwrap().as_str_or_null().unwrap();
        let content: Vec<u8> = row.get(7).unwrap();
        let id = tail.id + 1;
        let mut remains = None;
        // What is left of the destroyed sheet's lines was sealed under their old numbers.
        if text(2) == Some("fact") && text(5).is_some() {
            remains = Some(row.get::<_, i64>(0).unwrap());
        }
        let sealed = Sealed {
            id,
            record: row.get(0).unwrap(),
            at: text(1).unwrap(),
            what: text(2).unwrap(),
            field: text(3),
            round: row.get(4).unwrap(),
            old: text(5),
            new: text(6),
            content: &content,
            made_by: None,
            scheme: 1,
            line: 0,
        };
        assert!(
            remains.is_none() || row.get::<_, i64>(10).unwrap() == id,
            "it lies before all lines beside the sheets"
        );
        let hash = if row.get::<_, bool>(8).unwrap() { row.get(9).unwrap() } else { sealed.hash(&tail.hash) };
        seal.push((id, hash, row.get::<_, i64>(10).unwrap()));
        tail = Tail { id, hash };
    }
    drop(rows);
    for (id, hash, was) in seal {
        book.execute("UPDATE history SET id = ?1, hash = ?2 WHERE id = ?3", rusqlite::params![id, hash, was]).unwrap();
    }
}

/// A head that was printed proves the book, as long as the line is there; one of another book does not.
#[test]
fn a_printed_head_is_found_again() {
    let store = rich();
    let head = store.head().unwrap().unwrap();
    let printed = head.to_string();
    assert!(printed.starts_with(&format!("修改记录至第 {} 行　校验码 ", head.line)), "{printed}");
    for text in [
        printed.clone(),
        format!("{}:{}", head.line, head.figures()),
        format!(" {}：{}", head.line, head.figures().replace(' ', "").to_uppercase()),
    ] {
        assert_eq!(super::super::Head::read(&text), Some(head), "{text}");
    }
    for text in
        ["", "12", "12:3f9a", "x:3f9a01bc77d2e8f4", "12:3f9a01bc77d2e8f41", "99999999999999999999:3f9a01bc77d2e8f4"]
    {
        assert_eq!(super::super::Head::read(text), None, "{text}");
    }
    let form = FormId::from("05");
    store.create(procedure().form(&form).unwrap(), &procedure().document.number, 2026, now(), &Values::new()).unwrap();
    assert_ne!(store.head().unwrap(), Some(head));
    assert_eq!(store.head_at(head.line).unwrap(), Some(head));
    assert_eq!(store.head_at(head.line + 7).unwrap(), None);
    assert_eq!(Store::in_memory().unwrap().head().unwrap(), None);
}

/// Whoever changes a cell and adds a line of a kind that this program does not know, sealed as the chain wants it, or has a
/// destroyed sheet destroyed once more, is found all the same.
#[test]
fn a_line_that_says_nothing_hides_nothing() {
    use super::super::history::Sealed;
    use super::super::seal::{content, keep_deed};
    let store = rich();
    let book = &store.connection;
    let destroyed = keep_deed(&Deed::Destroyed {
        approved: "甲".to_owned(),
        executed: "乙".to_owned(),
        watched: "丙".to_owned(),
        on: "2026-11-20".to_owned(),
    });
    let again = format!("INSERT INTO fact VALUES (2, 9, '2026-11-20T09:00:00', '沈䶮', 'destroyed', '{destroyed}')");
    for (id, sql, what, new) in [
        (1, "UPDATE value SET text = '9' WHERE record = 1 AND text = '2'", "x", None),
        (1, "UPDATE value SET text = '9' WHERE record = 1 AND text = '2'", "rescued", Some("2026-001")),
        (2, again.as_str(), "fact", Some(destroyed.as_str())),
    ] {
        book.execute_batch("BEGIN; DROP TRIGGER fact_update").unwrap();
        assert_eq!(book.execute(sql, []).unwrap(), 1, "{sql}");
        let tail = store.tail().unwrap();
        let sealed = content(&store.load(RecordId(id)).unwrap().unwrap());
        let line = Sealed {
            id: tail.id + 1,
            record: Some(id),
            at: "2026-11-20T09:00:00",
            what,
            field: None,
            round: None,
            old: None,
            new,
            content: &sealed,
            made_by: None,
            scheme: 2,
            line: 0,
        };
        let put = "INSERT INTO history (id, record, at, what, new, content, hash, scheme) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 2)";
        let hash = line.hash(&tail.hash);
        book.execute(put, rusqlite::params![line.id, id, line.at, what, new, sealed, hash]).unwrap();
        let found = store.check_up(None, &|| true).found;
        book.execute_batch("ROLLBACK").unwrap();
        let name = format!("2026-00{id}");
        assert!(found.iter().any(|it| it.contains(&name)), "{what}: {found:?}");
    }
}

/// A line that tells of a rescue and cannot be read, as one that somebody made up, says the worst: that the old chain ended
/// there and nothing held.
#[test]
fn a_rescue_of_which_nothing_is_known_held_nothing() {
    use super::super::history::{Line, append};
    use super::rescue::Rescue;
    let told = |said: &str| {
        let store = rich();
        let line = Line {
            record: None,
            at: now(),
            what: super::What::Rescued,
            field: None,
            round: None,
            line: 0,
            old: None,
            new: Some(said),
            content: [0; 32],
            made_by: None,
        };
        append(&store.connection, &mut store.tail().unwrap(), &line).unwrap();
        let checkup = store.check_up(None, &|| true);
        let mark = checkup.marks.iter().find(|it| it.contains("抢救")).unwrap().clone();
        (checkup.doubtful, mark)
    };
    let held = Rescue { line: 7, hash: "0a1b".repeat(16), kept: true, ..Rescue::default() };
    let said = |it: &Rescue| serde_json::to_string(it).unwrap();
    let (doubtful, mark) = told(&said(&held));
    assert!(!doubtful && mark.contains("至第 7 行，校验码 0a1b0a1b0a1b0a1b，抢救时全部相符"), "{mark}");
    for it in [
        said(&Rescue { kept: false, ..held.clone() }),
        said(&Rescue { more: 1, ..held.clone() }),
        said(&Rescue { found: vec!["少了一页".to_owned()], ..held.clone() }),
        "说不清".to_owned(),
        String::new(),
    ] {
        let (doubtful, mark) = told(&it);
        assert!(doubtful && mark.contains("不能证明没有被改动过") && !mark.contains("全部相符"), "{it}: {mark}");
    }
}
