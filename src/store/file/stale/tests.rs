#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::fs;
use std::path::{Path, PathBuf};

use crate::procedure::{FieldId, Procedure};
use crate::record::{CellId, Values};
use crate::store::{Key, Opener, Store};

/// A book, and what lay beside it at some moment.
struct Desk {
    folder: tempfile::TempDir,
    key: Option<Key>,
    procedure: Procedure,
}

impl Desk {
    fn new(key: Option<Key>) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap(), key, procedure: Procedure::load(&[]).unwrap() };
        drop(Store::open(&desk.book()).unwrap());
        Opener::new(&desk.book(), None).change_key(desk.key.as_ref()).unwrap();
        desk
    }

    fn book(&self) -> PathBuf {
        self.folder.path().join("a.book")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("a.book-wal")
    }

    fn open(&self) -> Store {
        let store = Store::open_existing_with(&self.book(), self.key.as_ref()).unwrap();
        store.leave_log();
        store
    }

    /// Begins a slip; with so many further lines of history.
    fn slip(&self, store: &Store, lines: usize) {
        let form = self.procedure.form(&"05".into()).unwrap();
        let values = Values::from([(FieldId::from("complaint"), "法兰渗漏".repeat(lines))]);
        let now = "2026-11-20T09:00:00".parse().unwrap();
        let mut slip = store.create(form, &self.procedure.document.number, 2026, now, &values).unwrap();
        for line in 0..lines {
            let (field, value) = (FieldId::from("measures"), line.to_string());
            store.set(slip.id, &CellId::new(field.clone(), 0), &value, slip.value("measures"), now).unwrap();
            slip.put(&CellId::new(field.clone(), 0), &value);
        }
    }

    /// What a machine that loses its power now leaves behind.
    fn cut(&self, store: &Store) -> Cut {
        assert!(store.head().is_ok());
        Cut { book: fs::read(self.book()).unwrap(), log: fs::read(self.log()).unwrap_or_default() }
    }

    /// Puts files there, as somebody does who puts copies back; what lay there is gone.
    fn put(&self, book: &[u8], log: &[u8]) {
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::remove_file(path).unwrap();
            }
        }
        put(&self.book(), book);
        if !log.is_empty() {
            put(&self.log(), log);
        }
    }

    fn aside(&self) -> Vec<PathBuf> {
        let names = fs::read_dir(self.folder.path()).unwrap().map(|it| it.unwrap().path());
        names.filter(|it| it.to_string_lossy().contains("旧")).collect()
    }
}

struct Cut {
    book: Vec<u8>,
    log: Vec<u8>,
}

fn put(path: &Path, bytes: &[u8]) {
    use std::io::Write as _;
    fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

fn count(store: &Store) -> usize {
    store.count(&"05".into()).unwrap()
}

/// Of an earlier moment the log, beside the book as it is later: nothing may be rolled back, wherever in the file's pages
/// the two moments lie.
fn nothing_is_rolled_back(key: Option<Key>, rounds: usize) {
    let desk = Desk::new(key);
    for round in 0..rounds {
        let store = desk.open();
        desk.slip(&store, round % 5);
        let earlier = desk.cut(&store);
        assert!(!earlier.log.is_empty());
        for _ in 0..=round % 3 {
            desk.slip(&store, round % 7);
        }
        let (sheets, head) = (count(&store), store.head().unwrap());
        drop(store);
        let later = fs::read(desk.book()).unwrap();
        desk.put(&later, &earlier.log);
        // Who only reads leaves it where it is.
        let read = Opener::new(&desk.book(), desk.key.clone()).open_to_read().unwrap();
        assert_eq!((count(&read), read.head().unwrap()), (sheets, head), "round {round}, to read");
        assert!(read.put_aside().unwrap().contains("没有用它"));
        drop(read);
        assert!(desk.log().exists() && desk.aside().is_empty());

        let store = desk.open();
        assert_eq!((count(&store), store.head().unwrap()), (sheets, head), "round {round}");
        assert_eq!(store.check(), [""; 0], "round {round}");
        let said = store.put_aside().unwrap();
        assert!(said.contains("a.book-wal-旧"), "{said}");
        let aside = desk.aside();
        assert_eq!(aside.len(), 1, "{aside:?}");
        assert_eq!(fs::read(&aside[0]).unwrap(), earlier.log, "it is kept as it was");
        drop(store);
        let store = desk.open();
        assert_eq!(store.put_aside(), None);
    }
}

#[test]
fn an_earlier_log_rolls_no_book_back() {
    nothing_is_rolled_back(None, 40);
}

#[test]
fn an_earlier_log_rolls_no_encrypted_book_back() {
    nothing_is_rolled_back(Key::new("质量科 2026"), 4);
}

/// The log a crash leaves is the book's own, whatever was written last, and however much of it was taken in.
#[test]
fn the_log_of_a_crash_is_taken_in() {
    for (key, rounds) in [(None, 24), (Key::new("质量科 2026"), 4)] {
        let desk = Desk::new(key);
        for round in 0..rounds {
            let store = desk.open();
            match round % 4 {
                0 => desk.slip(&store, round),
                1 => store.set_setting("operator", &round.to_string()).unwrap(),
                2 => {
                    desk.slip(&store, 2);
                    store.take_log_in().unwrap();
                    store.set_setting("operator", &round.to_string()).unwrap();
                }
                _ => {
                    desk.slip(&store, 40);
                    store.take_log_in().unwrap();
                    desk.slip(&store, 1);
                }
            }
            let (sheets, head, setting) = (count(&store), store.head().unwrap(), store.setting("operator").unwrap());
            let left = desk.cut(&store);
            drop(store);
            desk.put(&left.book, &left.log);
            let store = desk.open();
            assert_eq!((count(&store), store.head().unwrap()), (sheets, head), "round {round}");
            assert_eq!(store.setting("operator").unwrap(), setting, "round {round}");
            assert_eq!(store.put_aside(), None, "round {round}");
            assert_eq!(store.check(), [""; 0], "round {round}");
        }
    }
}

/// A file that was left in the middle of taking its log in makes no sense without it.
#[test]
fn a_log_that_was_half_taken_in_is_still_taken_in() {
    let desk = Desk::new(None);
    let store = desk.open();
    for _ in 0..10 {
        desk.slip(&store, 8);
    }
    let before = desk.cut(&store);
    let (sheets, head) = (count(&store), store.head().unwrap());
    drop(store);
    let after = fs::read(desk.book()).unwrap();
    // Page by page, as far as it came.
    for pages in 0..=after.len() / 4096 {
        let mut half = after[..pages * 4096].to_vec();
        half.extend(before.book.iter().skip(pages * 4096));
        desk.put(&half, &before.log);
        let store = desk.open();
        assert_eq!((count(&store), store.head().unwrap(), store.put_aside()), (sheets, head, None), "{pages} pages");
    }
}

/// The book is an older copy, the log is of later: what the log lacks lies nowhere, so that the copy counts as it is.
#[test]
fn a_later_log_is_not_mixed_with_an_older_copy() {
    let desk = Desk::new(None);
    let store = desk.open();
    desk.slip(&store, 5);
    drop(store);
    let older = fs::read(desk.book()).unwrap();
    let store = desk.open();
    let (sheets, head) = (count(&store), store.head().unwrap());
    for _ in 0..30 {
        desk.slip(&store, 5);
    }
    drop(store);
    let store = desk.open();
    desk.slip(&store, 3);
    let later = desk.cut(&store);
    drop(store);
    desk.put(&older, &later.log);
    let store = desk.open();
    assert_eq!((count(&store), store.head().unwrap()), (sheets, head));
    assert!(store.put_aside().is_some());
    assert_eq!(store.check(), [""; 0]);
}

/// A journal of the older kind undoes what was written last: a book that keeps a log has none.
#[test]
fn an_earlier_journal_undoes_nothing() {
    let desk = Desk::new(None);
    let store = desk.open();
    desk.slip(&store, 5);
    drop(store);
    // Another program takes the book back to the older kind, and loses its power.
    let other = rusqlite::Connection::open(desk.book()).unwrap();
    other.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())).unwrap();
    other.execute_batch("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE; UPDATE setting SET value = 'x'; INSERT INTO setting VALUES ('n', 'y')").unwrap();
    other.execute_batch("CREATE TABLE more (a TEXT); INSERT INTO more VALUES (zeroblob(500000))").unwrap();
    let journal = fs::read(desk.folder.path().join("a.book-journal")).unwrap();
    assert!(journal.iter().any(|it| *it != 0));
    drop(other);
    let store = desk.open();
    for _ in 0..10 {
        desk.slip(&store, 5);
    }
    let (sheets, head) = (count(&store), store.head().unwrap());
    drop(store);
    put(&desk.folder.path().join("a.book-journal"), &journal);
    let store = desk.open();
    assert_eq!((count(&store), store.head().unwrap()), (sheets, head));
    assert_eq!(store.check(), [""; 0]);
    assert!(store.put_aside().is_some());
}

/// A link to the book is the book: whoever comes to it by that name sees the windows on it, and puts neither its log aside
/// nor another file in its place.
#[cfg(unix)]
#[test]
fn a_window_is_seen_from_every_name_of_its_book() {
    let (desk, elsewhere) = (Desk::new(None), tempfile::tempdir().unwrap());
    let link = elsewhere.path().join("别名.book");
    std::os::unix::fs::symlink(desk.book(), &link).unwrap();
    let by_link = Opener::new(&link, None);
    let store = desk.open();
    desk.slip(&store, 5);
    let backup = elsewhere.path().join("备份.book");
    store.copy_to(&backup).unwrap();
    // No log of the book's, so that it would go if nobody had it open.
    let journal = desk.folder.path().join("a.book-journal");
    put(&journal, b"of another book");
    assert_eq!(super::put_aside(&link, None).unwrap(), None);
    assert!(!super::is_there(&link, None).unwrap(), "what a window uses is not strange");
    assert!(journal.exists());
    fs::remove_file(&journal).unwrap();
    let now = "2026-11-20T09:00:00".parse().unwrap();
    for refused in
        [by_link.change_key(Key::new("质量科").as_ref()), Opener::new(&backup, None).restore(&by_link, now).map(drop)]
    {
        assert!(refused.unwrap_err().to_string().contains("另一个窗口也开着这本台帐"));
    }
    assert!(!store.also_open());
    let other = by_link.open().unwrap();
    assert!(store.also_open() && other.also_open());
    assert!(!elsewhere.path().join("别名.book-lock").exists());
    drop((store, other));
    put(&journal, b"of another book");
    assert!(super::is_there(&link, None).unwrap());
    assert!(super::put_aside(&link, None).unwrap().is_some(), "now nobody has it open");
    assert!(!journal.exists() && desk.aside().len() == 1);
}

/// Where no lock shows that somebody writes, as on some network folders, a log that grows while it is looked at is the
/// book's all the same: how many lines there are and which is the last is read of one moment.
#[test]
fn a_log_that_grows_while_it_is_looked_at_is_the_books() {
    use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
    use rusqlite::{Connection, OpenFlags};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    let desk = Desk::new(None);
    let store = desk.open();
    desk.slip(&store, 5);
    let meter = Arc::new(super::Meter::of(&desk.book()));
    let mut reading = super::connect_with(&desk.book(), None, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    // Each time the history is about to be read, another line was just written.
    let (book, written) = (desk.book(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&written);
    let write = move |it: AuthContext<'_>| {
        if matches!(it.action, AuthAction::Read { table_name: "history", .. }) {
            let sql = "INSERT INTO history (id, at, what, content, hash)
                       SELECT max(id) + 1, '2026-11-20T09:00:00', 'customer', zeroblob(32), zeroblob(32) FROM history";
            Connection::open(&book).unwrap().execute(sql, []).unwrap();
            count.fetch_add(1, Ordering::Relaxed);
        }
        Authorization::Allow
    };
    reading.authorizer(Some(write)).unwrap();
    let (seen, _) = super::History::read(reading, &meter).unwrap();
    assert!(written.load(Ordering::Relaxed) > 1, "it was written to meanwhile");
    assert!(seen.whole, "{} lines in all, it was said, and the last is another", seen.last.id);
}
