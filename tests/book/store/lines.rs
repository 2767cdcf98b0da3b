//! Entries in further lines of a table: each has its own address in the book, its history, its corrections and its seals.

use taizhang::record::{CellId, Correction, MOST_LINES, Record, RecordId};
use taizhang::store::{Store, What};

use super::{Office, now};

/// A cell of the third line.
fn third(field: &str) -> CellId {
    CellId::in_line(field, 0, 2)
}

fn correction(cell: CellId, old: &str, new: &str) -> Correction {
    let [by, on, reason] = ["何铮", "2026-11-20", "点错"].map(str::to_owned);
    Correction { cell, old: old.to_owned(), new: new.to_owned(), by, on, reason }
}

/// A sheet with three lines of two columns, one cell of them corrected.
fn with_lines(office: &Office) -> (Store, RecordId) {
    let store = Store::open(&office.path("a.book")).unwrap();
    let id = office.begin(&store, "甲厂").id;
    for (line, part, count) in [(0, "密封垫", "2"), (1, "螺栓", "8"), (2, "阀芯", "1")] {
        for (field, text) in [("part", part), ("quantity", count)] {
            store.set(id, &CellId::in_line(field, 0, line), text, "", now()).unwrap();
        }
    }
    store.correct(id, &correction(third("quantity"), "1", "3"), now()).unwrap();
    (store, id)
}

fn kept(store: &Store, id: RecordId) -> Record {
    store.record(id).unwrap().unwrap()
}

#[test]
fn each_line_is_kept_for_itself() {
    let office = Office::new();
    let (store, id) = with_lines(&office);
    let record = kept(&store, id);
    let lines = |field: &str| (0..4).map(|it| record.rounds[0].at(field, it).to_owned()).collect::<Vec<_>>();
    assert_eq!(lines("part"), ["密封垫", "螺栓", "阀芯", ""]);
    assert_eq!(lines("quantity"), ["2", "8", "3", ""]);
    assert_eq!(record.value("part"), "密封垫");
    assert_eq!(record.corrections[0].cell, third("quantity"));
    let history = store.history(id).unwrap();
    let told: Vec<_> = history.iter().filter(|it| it.what == What::Set).map(|it| (it.line, it.new.as_str())).collect();
    assert_eq!(told, [(0, "密封垫"), (0, "2"), (1, "螺栓"), (1, "8"), (2, "阀芯"), (2, "1")]);
    assert_eq!(history.last().unwrap().line_name(), "第3行");
    store.set(id, &CellId::in_line("part", 0, 1), "", "螺栓", now()).unwrap();
    assert_eq!(kept(&store, id).rounds[0].lines("part"), 3, "the line behind it stays where it is");
    assert_eq!(store.check(), [""; 0]);
    let beyond = CellId::in_line("part", 0, MOST_LINES);
    assert!(store.set(id, &beyond, "x", "", now()).unwrap_err().to_string().contains("最多 2000 行"));
}

#[test]
fn a_line_moved_past_the_program_is_found() {
    let office = Office::new();
    drop(with_lines(&office));
    for (sql, told) in [
        ("UPDATE value SET line = 5 WHERE line = 2", "第3行一格现在是空的"),
        ("UPDATE value SET text = '9' WHERE line = 1 AND text = '8'", "第2行一格现在是“9”"),
        ("UPDATE value SET line = 9000 WHERE line = 2", "行次不对"),
        ("DROP TRIGGER correction_update; UPDATE correction SET line = 1", "划改（correction）与修改记录不符"),
        ("DROP TRIGGER history_update; UPDATE history SET line = 1 WHERE line = 2", "与校验码不符"),
    ] {
        let other = office.path("b.book");
        std::fs::copy(office.path("a.book"), &other).unwrap();
        let book = rusqlite::Connection::open(&other).unwrap();
        book.execute_batch(sql).unwrap();
        book.close().unwrap();
        let found = Store::open_existing(&other).unwrap().check();
        assert!(found.iter().any(|it| it.contains(told)), "{sql}: {found:?}");
    }
}

#[test]
fn lines_go_with_a_destroyed_sheet() {
    let office = Office::new();
    let (store, id) = with_lines(&office);
    super::destroy::three(&office, &store).unwrap();
    store.destroy(id, &super::destroy::destroyed(), &["customer".into()], "沈葵", now()).unwrap();
    let left = kept(&store, id);
    assert_eq!(left.rounds[0].iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), ["customer"]);
    assert!(left.corrections.is_empty());
    assert_eq!(store.check(), [""; 0]);
}
