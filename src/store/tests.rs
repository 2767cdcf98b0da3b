//! What a book does when the disk is full or someone meddles: these need SQLite itself, which only this room knows.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use chrono::NaiveDateTime;

use super::seal::Scheme;
use super::{Act, NewRecord, SetOutcome, Store};
use crate::procedure::{Change, FieldId, Form, Procedure};
use crate::record::{CellId, Correction, Deed, Record, Values};

fn procedure() -> Procedure {
    Procedure::load(&[]).unwrap()
}

fn slip_form(procedure: &Procedure) -> &Form {
    procedure.form(&"05".into()).unwrap()
}

fn now() -> NaiveDateTime {
    "2026-11-20T09:00:00".parse().unwrap()
}

/// Adds people to a book.
pub(super) fn people(store: &Store, names: &[&str]) {
    let mut document = procedure().document;
    for name in names {
        document = document.changed(&Change::AddPerson((*name).to_owned(), String::new())).unwrap();
    }
    store.set_office(&document.to_keep(None).unwrap(), "", now()).unwrap();
}

fn create(store: &Store, procedure: &Procedure, complaint: &str) -> Record {
    let values = Values::from([(FieldId::from("complaint"), complaint.to_owned())]);
    store.create(slip_form(procedure), &procedure.document.number, 2026, now(), &values).unwrap()
}

/// Lets the book grow by no more than `pages`, as on a full disk.
fn fill_disk(store: &Store, pages: i64) {
    let used: i64 = store.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    store.connection.pragma_update_and_check(None, "max_page_count", used + pages, |_| Ok(())).unwrap();
}

#[test]
fn a_full_disk_loses_nothing_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("满.book");
    let store = Store::open(&path).unwrap();
    let procedure = procedure();
    let before = create(&store, &procedure, "法兰渗漏");
    fill_disk(&store, 2);

    let long = "漏".repeat(100_000);
    let error = store.set(before.id, &CellId::new("measures", 0), &long, "", now()).unwrap_err().to_string();
    assert!(error.starts_with(&format!("写入台帐 {}：磁盘已满", path.display())), "{error}");
    let form = slip_form(&procedure);
    let slips = (0..500).map(|at| NewRecord {
        form: form.form.clone(),
        edition: form.edition.clone(),
        year: 2026,
        number: None,
        entered: now(),
        rounds: vec![Values::from([(FieldId::from("complaint"), format!("法兰渗漏 {at}"))])],
        corrections: Vec::new(),
        void: None,
        facts: Vec::new(),
    });
    store.import(&procedure.document, slips, now()).unwrap_err();
    assert_eq!(store.records(&"05".into()).unwrap(), std::slice::from_ref(&before));
    assert_eq!(store.history(before.id).unwrap().len(), 1);

    fill_disk(&store, 10_000);
    assert_eq!(store.set(before.id, &CellId::new("measures", 0), &long, "", now()).unwrap(), SetOutcome::Written);
    assert_eq!(create(&store, &procedure, "").number, "2026-002");
    assert_eq!(store.check(), [""; 0]);
}

#[test]
fn a_field_first_written_in_a_failed_write_is_not_mistaken_later() {
    let store = Store::in_memory().unwrap();
    let procedure = procedure();
    let record = create(&store, &procedure, "一");
    fill_disk(&store, 1);
    store.set(record.id, &CellId::new("measures", 0), &"漏".repeat(100_000), "", now()).unwrap_err();
    fill_disk(&store, 10_000);
    store.set(record.id, &CellId::new("contact", 0), "陈堃", "", now()).unwrap();
    store.set(record.id, &CellId::new("measures", 0), "更换垫片", "", now()).unwrap();
    let read = store.record(record.id).unwrap().unwrap();
    assert_eq!((read.value("contact"), read.value("measures")), ("陈堃", "更换垫片"));
}

#[test]
fn history_refuses_to_be_changed() {
    let store = Store::in_memory().unwrap();
    create(&store, &procedure(), "法兰渗漏");
    for meddling in [
        "UPDATE history SET new = 'x'",
        "DELETE FROM history",
        "INSERT OR REPLACE INTO history SELECT * FROM history WHERE id = 1",
        "INSERT INTO history SELECT 7, record, at, what, field, round, old, new, content, hash FROM history",
        "UPDATE record SET number = '2026-009'",
        "DELETE FROM record",
    ] {
        assert!(store.connection.execute(meddling, []).is_err(), "{meddling}");
    }
    assert_eq!(store.check(), [""; 0]);
}

/// REPLACE takes a row away before it puts another in its place: the rules against taking away hold then too, for which
/// SQLite has to be asked.
#[test]
fn nothing_that_is_kept_is_replaced() {
    let (store, procedure) = (Store::in_memory().unwrap(), procedure());
    let slip = create(&store, &procedure, "法兰渗漏");
    let correction = Correction {
        cell: CellId::new("complaint", 0),
        old: "法兰渗漏".to_owned(),
        new: "蝶阀渗漏".to_owned(),
        by: "沈䶮".to_owned(),
        on: "2026-11-20".to_owned(),
        reason: "抄错".to_owned(),
    };
    store.correct(slip.id, &correction, now()).unwrap();
    let deeds = vec![Deed::Held { reason: "诉讼".to_owned() }];
    store.act(slip.id, &Act { deeds, ..Act::default() }, now()).unwrap();
    let by = ("沈䶮", "发车间");
    store.reserve(slip_form(&procedure), &procedure.document.number, 2026, 1, by, now()).unwrap();
    let book = &store.connection;
    book.execute("INSERT INTO person_key VALUES (1, '沈䶮', '公', '私', '2026-11-20T09:00:00')", []).unwrap();
    // So that nothing but the rules stands in the way.
    book.pragma_update(None, "foreign_keys", false).unwrap();
    for table in ["record", "correction", "fact", "number_note", "person_key"] {
        let replacing = format!("REPLACE INTO {table} SELECT * FROM {table}");
        assert!(book.execute(&replacing, []).is_err(), "{table}");
        book.execute_batch(&format!("BEGIN; DROP TRIGGER {table}_delete")).unwrap();
        assert_eq!(book.execute(&replacing, []).unwrap(), 1, "{table}, without the rule");
        book.execute_batch("ROLLBACK").unwrap();
    }
}

/// What is found besides that triggers are missing.
fn without_shape(store: &Store) -> Vec<String> {
    store.check().into_iter().filter(|it| !it.contains("少了防改动的触发器")).collect()
}

#[test]
fn meddling_past_the_program_is_found() {
    let procedure = procedure();
    let meddled = |sql: &str| {
        let store = Store::in_memory().unwrap();
        let record = create(&store, &procedure, "法兰渗漏");
        create(&store, &procedure, "");
        store.set(record.id, &CellId::new("contact", 0), "陈堃", "", now()).unwrap();
        store.connection.execute_batch(sql).unwrap();
        without_shape(&store)
    };
    assert_eq!(
        meddled("UPDATE value SET text = '无渗漏' WHERE text = '法兰渗漏'"),
        ["表 05 的 2026-001 与修改记录不符，不知是谁绕过程序改动过（“complaint”一格，或单头、轮次、经手人或日期）"]
    );
    assert_eq!(
        meddled("DROP TRIGGER history_update; UPDATE history SET new = '陈坤' WHERE new = '陈堃'"),
        ["修改记录第 3 行（2026-11-20 09:00:00，表 05 的 2026-001）与校验码不符，不知是谁改动过"]
    );
    assert_eq!(
        meddled("DROP TRIGGER history_delete; DELETE FROM history WHERE id = 2"),
        ["修改记录缺第 2 行，不知是谁删去的", "表 05 的 2026-002 没有修改记录，不知是谁添上的"]
    );
    // Whoever takes the last line away leaves the sheet without its seal.
    assert_eq!(
        meddled("DROP TRIGGER history_delete; DELETE FROM history WHERE id = 3"),
        ["表 05 的 2026-001，“contact”一格现在是“陈堃”，修改记录里没有，不知是谁绕过程序添上的"]
    );
    let gone = "DROP TRIGGER record_delete; DROP TRIGGER history_delete;
                PRAGMA foreign_keys = off; DELETE FROM value WHERE record = 1; DELETE FROM record WHERE id = 1";
    let found = meddled(gone);
    assert!(found.contains(&"表 05 的 2026 年缺第 1 号".to_owned()), "{found:?}");
    assert!(found.iter().any(|it| it.contains("所属的 record 不在了")), "{found:?}");
}

#[test]
fn a_number_brought_along_is_kept_and_a_taken_one_refused() {
    let store = Store::in_memory().unwrap();
    let procedure = procedure();
    let form = slip_form(&procedure);
    let slip = |sequence| NewRecord {
        form: form.form.clone(),
        edition: form.edition.clone(),
        year: 2026,
        number: Some((sequence, procedure.document.number.format(2026, sequence))),
        entered: now(),
        rounds: Vec::new(),
        corrections: Vec::new(),
        void: None,
        facts: Vec::new(),
    };
    store.import(&procedure.document, [slip(4)], now()).unwrap();
    let error = store.import(&procedure.document, [slip(5), slip(4)], now()).unwrap_err().to_string();
    assert!(error.contains("编号 2026-004 已经用过"), "{error}");
    assert_eq!(create(&store, &procedure, "").number, "2026-005");
    assert_eq!(store.check(), ["表 05 的 2026 年缺第 1 至 3 号"]);
}

#[test]
fn lists_are_read_in_the_order_of_an_index() {
    let store = Store::in_memory().unwrap();
    let plan = |sql: &str| -> Vec<String> {
        let mut plan = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let rows = plan.query_map([], |row| row.get(3)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let heads = plan("SELECT id, number FROM record WHERE form = '05' ORDER BY year, sequence");
    let dates = plan("SELECT text, record FROM value WHERE field = 1 AND text IS NOT NULL AND round = 0 ORDER BY text");
    let offers =
        plan("SELECT text, count(*), max(record) FROM value WHERE field = 1 AND text IS NOT NULL GROUP BY text");
    for steps in [heads, dates, offers] {
        assert!(steps.iter().all(|it| !it.contains("SCAN") && !it.contains("TEMP")), "{steps:?}");
    }
}

/// 4.7: what is left of a destroyed sheet's history cannot prove itself line by line; it is sealed as a whole.
#[test]
fn meddling_with_what_destruction_left_is_found() {
    let procedure = procedure();
    let meddled = |sql: &str| {
        let store = Store::in_memory().unwrap();
        let record = create(&store, &procedure, "法兰渗漏");
        let other = create(&store, &procedure, "另一件");
        store.set(record.id, &CellId::new("contact", 0), "陈堃", "", now()).unwrap();
        store.set(record.id, &CellId::new("phone", 0), "8841", "", now()).unwrap();
        store.set(other.id, &CellId::new("contact", 0), "何铮", "", now()).unwrap();
        let deed = Deed::Destroyed {
            approved: "甲".to_owned(),
            executed: "乙".to_owned(),
            watched: "丙".to_owned(),
            on: "2026-11-20".to_owned(),
        };
        people(&store, &["甲", "乙", "丙"]);
        store.destroy(record.id, &deed, &["complaint".into()], "", now()).unwrap();
        assert_eq!(store.check(), [""; 0]);
        store
            .connection
            .execute_batch(&format!("DROP TRIGGER history_update; DROP TRIGGER fact_update; {sql}"))
            .unwrap();
        without_shape(&store)
    };
    let left = ["修改记录第 7 行（2026-11-20 09:00:00，表 05 的 2026-001）销毁的单据，留下的修改记录不知是谁改动过"];
    for sql in [
        "UPDATE history SET at = '2026-11-19T09:00:00' WHERE id = 3",
        "UPDATE history SET field = 'note' WHERE id = 3",
        "UPDATE history SET new = '王五' WHERE id = 3",
        "UPDATE history SET content = zeroblob(32) WHERE id = 4",
        "UPDATE history SET record = 2 WHERE id = 3",
        "UPDATE history SET hash = zeroblob(32) WHERE id = 3",
    ] {
        let found = meddled(sql);
        assert_eq!(found.first().map(String::as_str), Some(left[0]), "{sql}: {found:?}");
    }
    // Texts of a sheet that was not destroyed are not wiped out unseen.
    let found = meddled("UPDATE history SET old = NULL, new = NULL, purged = 1 WHERE id = 5");
    assert_eq!(found, ["表 05 的 2026-002 没有销毁，修改记录里的原文却不知是谁抹去的"]);
    // Nor is more wiped out of one that was.
    let found = meddled("UPDATE history SET old = NULL, new = NULL, purged = 1 WHERE id = 1");
    assert_eq!(found, left);
    // Who destroyed it, and when, is in the chain.
    let found = meddled("UPDATE fact SET data = replace(data, '甲', '丁')");
    assert!(found.len() == 1 && found[0].starts_with("表 05 的 2026-001 与修改记录不符"), "{found:?}");
    let found = meddled("UPDATE history SET new = replace(new, '甲', '丁') WHERE id = 7");
    assert_eq!(found, ["修改记录第 7 行（2026-11-20 09:00:00，表 05 的 2026-001）与校验码不符，不知是谁改动过"]);
    let found = meddled("UPDATE history SET old = NULL WHERE id = 7");
    assert_eq!(found.len(), 2, "{found:?}");
    // What was let go does not come back.
    let found = meddled("INSERT INTO value SELECT 1, 0, id, 0, '8841', NULL FROM field WHERE name = 'phone'");
    assert_eq!(found, ["表 05 的 2026-001，“phone”一格现在是“8841”，修改记录里没有，不知是谁绕过程序添上的"]);
}

/// The book itself lets nothing go from a sheet that is not destroyed, and what tells of a destruction never.
#[test]
fn facts_go_only_with_destroyed_contents() {
    let store = Store::in_memory().unwrap();
    let record = create(&store, &procedure(), "法兰渗漏");
    let deeds = vec![
        Deed::PassedOn { department: "甲".to_owned(), person: "乙".to_owned(), on: String::new() },
        Deed::Filed { case: "1".to_owned(), binder: "1".to_owned(), on: String::new() },
    ];
    store.act(record.id, &Act { deeds, ..Act::default() }, now()).unwrap();
    assert!(store.connection.execute("DELETE FROM fact", []).is_err());
    let deed = Deed::Destroyed {
        approved: "甲".to_owned(),
        executed: "乙".to_owned(),
        watched: "丙".to_owned(),
        on: "2026-11-20".to_owned(),
    };
    people(&store, &["甲", "乙", "丙"]);
    store.destroy(record.id, &deed, &[], "", now()).unwrap();
    for kind in ["filed", "destroyed"] {
        assert!(store.connection.execute("DELETE FROM fact WHERE kind = ?1", [kind]).is_err());
    }
    assert_eq!(store.check(), [""; 0]);
}

/// What older programs sealed is sealed so still: a correction of the first round tells no round, a later one does.
#[test]
fn seals_of_older_books_stay_true() {
    let procedure = procedure();
    let mut record = Record::empty(slip_form(&procedure), now());
    record.number = "2026-001".into();
    record.set(&"phone".into(), "2");
    let texts = ["1", "2", "陆喆", "2026-11-20", "笔误"].map(str::to_owned);
    let [old, new, by, on, reason] = texts;
    record.corrections = vec![Correction { cell: CellId::new("phone", 0), old, new, by, on, reason }];
    let seal = |record: &Record, scheme| {
        let seal = super::seal::Content::of(record).seal(record, scheme);
        seal.iter().map(|it| format!("{it:02x}")).collect::<String>()
    };
    let seals = |record: &Record| [Scheme::Whole, Scheme::Linked].map(|it| seal(record, it));
    let first = seals(&record);
    assert_eq!(first[0], "6f90c72826a31633b9e92e779079efdeddff5da4644beae4bc934ad800a8622d");
    assert_eq!(first[1], "cb3ec344f82abf780bd83ba661e9487c463d21d09dbf29901194763f5233128f");
    record.corrections[0].cell.round = 1;
    let second = seals(&record);
    assert!(first[0] != second[0] && first[1] != second[1]);
}
