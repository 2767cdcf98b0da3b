//! Books of every version that was ever in use still open, and lose nothing.
//!
//! `data/books/version-N.book` was written by the program as it was when N was its newest version (1: 62d909a, 2: ea93a2c,
//! 3: a1f94ff, 4: 45d6e36, 5: 75f0bfe; 6 is that of 5, 7 that of 2, 8 that of 7, gone on with), through its own library: sample sheets of
//! every form, long texts, rounds, corrections, a void sheet, settings; from 2 on signatures and every other fact, numbers
//! without a sheet and users; from 3 on people with passwords; from 4 on a destroyed sheet; from 7 on a person's key and the
//! procedure's files; from 8 on entries and corrections in further lines of a table. `version-N.txt` is what that same program read back from it. Both are never made anew: a further version
//! adds its own two.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use taizhang::export::{self, Clock, Which};
use taizhang::record::{CellId, Record};
use taizhang::store::Store;
use tempfile::TempDir;

use crate::common::{now, procedure};

const FORMS: [&str; 4] = ["01", "02", "03", "05"];

/// A book of an older version in a folder of its own.
struct Older {
    folder: TempDir,
    version: i64,
}

impl Older {
    fn of(version: i64) -> Self {
        let older = Self { folder: tempfile::tempdir().unwrap(), version };
        std::fs::copy(data(version, "book"), older.path()).unwrap();
        older
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("质量.book")
    }

    /// Where the book is kept as it was.
    fn kept(&self) -> PathBuf {
        let copies = std::fs::read_dir(self.folder.path().join("备份")).unwrap().map(|it| it.unwrap().path());
        let copies: Vec<_> = copies.filter(|it| it.to_string_lossy().contains("-升级前-")).collect();
        assert_eq!(copies.len(), 1, "{copies:?}");
        copies[0].clone()
    }
}

fn data(version: i64, ending: &str) -> PathBuf {
    Path::new("tests/data/books").join(format!("version-{version}.{ending}"))
}

/// The version of a book's shape.
fn version(book: &Path) -> i64 {
    rusqlite::Connection::open(book).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

/// The version that this program makes.
fn newest() -> i64 {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    drop(Store::open(&path).unwrap());
    version(&path)
}

/// The older versions.
fn older() -> impl Iterator<Item = Older> {
    (1..newest()).map(Older::of)
}

/// Every version, the newest too.
fn books() -> impl Iterator<Item = Older> {
    (1..=newest()).map(Older::of)
}

#[test]
fn every_version_has_its_book() {
    let newest = newest();
    assert!(newest >= 5);
    for number in 1..=newest {
        assert!(data(number, "book").is_file(), "version {number} was in use: keep a book of it in tests/data/books");
        assert!(data(number, "txt").is_file());
        assert_eq!(version(&Older::of(number).path()), number);
    }
}

#[test]
fn every_sheet_of_an_older_book_reads_as_it_did() {
    for older in books() {
        let store = Store::open_existing(&older.path()).unwrap();
        let before = std::fs::read_to_string(data(older.version, "txt")).unwrap();
        // Version 1 had neither users nor numbers without a sheet.
        similar(&told(&store, older.version > 1), &before);
        assert_eq!(store.check(), [""; 0], "version {}", older.version);
        drop(store);
        assert_eq!(version(&older.path()), newest());
    }
}

#[test]
fn the_history_of_an_older_book_is_kept_byte_for_byte() {
    let lines = "SELECT id, record, at, what, field, round, old, new, content, hash FROM history ORDER BY id";
    for older in books() {
        let before = rows(&older.path(), lines);
        assert!(before.len() > 20);
        drop(Store::open_existing(&older.path()).unwrap());
        assert!(rows(&older.path(), lines)[..before.len()] == before, "version {}", older.version);
    }
}

#[test]
fn an_older_book_is_kept_beside_as_it_was() {
    for older in older() {
        let before = contents(&older.path());
        drop(Store::open_existing(&older.path()).unwrap());
        assert!(contents(&older.kept()) == before, "version {}", older.version);
        assert_eq!(version(&older.kept()), older.version);
        // A book of the newest version is none: nothing more is kept when it is opened again.
        drop(Store::open_existing(&older.path()).unwrap());
        assert_eq!(contents(&older.kept()), before);
    }
}

#[test]
fn work_goes_on_in_an_older_book() {
    let procedure = procedure();
    let form = procedure.form(&"05".into()).unwrap();
    for older in books() {
        let store = Store::open_existing(&older.path()).unwrap();
        let numbers = store.numbers(&form.form, 2026).unwrap();
        let next = numbers.last().unwrap().until + 1;
        let pattern = procedure.document.pattern(&form.form);
        let values = [("customer".into(), "新厂".to_owned())].into();
        let made = store.create(form, pattern, 2026, now(), &values).unwrap();
        assert_eq!(made.number, pattern.format(2026, next));
        for record in store.records(&form.form).unwrap().iter().filter(|it| !it.destroyed()) {
            let there = record.rounds[0].get("product").cloned().unwrap_or_default();
            store.set(record.id, &CellId::new("product", 0), "换热器", &there, now()).unwrap();
            let round = store.add_round(record.id, now()).unwrap();
            store.set(record.id, &CellId::new("measures", round), &"再返修。".repeat(99), "", now()).unwrap();
        }
        assert_eq!(store.check(), [""; 0], "version {}", older.version);
        drop(store);
        assert_eq!(Store::open_existing(&older.path()).unwrap().check(), [""; 0]);
    }
}

#[test]
fn every_sheet_of_an_older_book_is_laid_out_and_printed() {
    let procedure = procedure();
    let clock = Clock { now: now(), utc_offset_minutes: 480 };
    for older in books() {
        let store = Store::open_existing(&older.path()).unwrap();
        for form in FORMS {
            for record in store.records(&form.into()).unwrap() {
                let bytes = export::slip(&procedure, &record, Which::Last, true, &clock).unwrap();
                let pages = lopdf::Document::load_mem(&bytes).unwrap().get_pages().len();
                assert!(pages > 0, "version {}: {}", older.version, record.number);
            }
        }
    }
}

/// A step fails where somebody meddled with the book: whatever the steps before it did is undone.
#[test]
fn a_book_that_cannot_be_brought_to_the_newest_version_stays_as_it_was() {
    let older = Older::of(1);
    // The third step adds this very column.
    let meddled = rusqlite::Connection::open(older.path()).unwrap();
    meddled.execute_batch("ALTER TABLE correction ADD COLUMN round INTEGER").unwrap();
    meddled.close().unwrap();
    let before = contents(&older.path());
    let said = Store::open_existing(&older.path()).unwrap_err().to_string();
    assert!(said.starts_with(&format!("打开台帐 {}：", older.path().display())), "{said}");
    assert_eq!(version(&older.path()), 1);
    assert!(contents(&older.path()) == before);
}

/// Everything in every table of a book, and how the tables were made.
fn contents(book: &Path) -> Vec<Vec<Value>> {
    let mut all = rows(book, "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name");
    for table in all.clone() {
        let Value::Text(name) = &table[0] else { continue };
        all.extend(rows(book, &format!("SELECT * FROM {name} ORDER BY 1, 2")));
    }
    all
}

fn rows(book: &Path, sql: &str) -> Vec<Vec<Value>> {
    let book = rusqlite::Connection::open(book).unwrap();
    let mut asked = book.prepare(sql).unwrap();
    let width = asked.column_count();
    let row = asked.query_map([], |row| (0..width).map(|it| row.get(it)).collect()).unwrap();
    row.collect::<Result<_, _>>().unwrap()
}

/// Says which line is another one, rather than both texts whole.
fn similar(now: &str, before: &str) {
    for (number, (now, before)) in (1..).zip(now.lines().zip(before.lines())) {
        assert_eq!(now, before, "line {number}");
    }
    assert_eq!(now.lines().count(), before.lines().count());
}

/// What is in a book, as `version-N.txt` has it.
fn told(store: &Store, all: bool) -> String {
    let mut said = String::new();
    for form in FORMS {
        for record in store.records(&form.into()).unwrap() {
            tell(&mut said, store, &record, all);
        }
    }
    for key in ["zoom", "beside", "signatures", "operator", "office"] {
        if let Some(value) = store.setting(key).unwrap() {
            writeln!(said, "设置 {key}：{value}").unwrap();
        }
    }
    if !all {
        return said;
    }
    for it in store.customers().unwrap() {
        writeln!(said, "用户 {}：{}", it.name, serde_json::to_string(&it).unwrap()).unwrap();
    }
    for form in FORMS {
        for year in 2010..2030 {
            for it in store.numbers(&form.into(), year).unwrap() {
                for sequence in it.sequence..=it.until {
                    writeln!(said, "编号 {form} {year} {sequence} {:?} {}", it.state, it.note).unwrap();
                }
            }
        }
    }
    said
}

fn tell(said: &mut String, store: &Store, record: &Record, all: bool) {
    writeln!(said, "\n单 {} {} {} {}", record.form, record.number, record.edition, record.entered).unwrap();
    for (round, values) in record.rounds.iter().enumerate() {
        for (field, line, value) in values.iter() {
            let field = CellId::in_line(field.clone(), round, line);
            writeln!(said, "{round} {field}：{value:?}").unwrap();
        }
    }
    for it in &record.corrections {
        let place = format!("{} {}", it.cell.round, it.cell);
        writeln!(said, "划改 {place}：{:?} {:?} {} {} {}", it.old, it.new, it.by, it.on, it.reason).unwrap();
    }
    if let Some(it) = &record.void {
        writeln!(said, "作废 {} {} {}", it.by, it.on, it.reason).unwrap();
    }
    assert!(all || record.facts.is_empty());
    for it in &record.facts {
        writeln!(said, "经过 {} {} {}", it.at, it.by, serde_json::to_string(&it.deed).unwrap()).unwrap();
    }
    for it in store.history(record.id).unwrap() {
        let line = it.line_name();
        let field = it.field.map_or(String::new(), |it| it.0);
        writeln!(said, "记录 {} {:?} {field}{line} {:?} {:?} {:?}", it.at, it.what, it.round, it.old, it.new).unwrap();
    }
}
