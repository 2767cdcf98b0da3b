//! The book as the office uses it: what is written is there, whoever else writes, whatever happens to the machine.
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveDateTime};
use taizhang::procedure::{FieldId, Form, FormId, Procedure};
use taizhang::record::{CellId, Correction, Values, Void};
use taizhang::register::Period;
use taizhang::store::{NewRecord, Result, SetOutcome, Store, What, own_forms};

mod destroy;
mod exchange;
mod key;
mod large;
mod lines;
mod numbers;
mod refused;
mod stop;
mod triggers;

/// An office: the procedure, a folder, a clock that stands still.
struct Office {
    procedure: Procedure,
    folder: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        Self { procedure: Procedure::load(&[]).unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn slip(&self) -> &Form {
        self.procedure.form(&"05".into()).unwrap()
    }

    /// Begins a slip about a customer.
    fn begin(&self, store: &Store, customer: &str) -> taizhang::record::Record {
        let values = Values::from([(FieldId::from("customer"), customer.to_owned())]);
        store.create(self.slip(), &self.procedure.document.number, 2026, now(), &values).unwrap()
    }

    fn import(&self, store: &Store, sheets: impl IntoIterator<Item = NewRecord>) {
        store.import(&self.procedure.document, sheets, now()).unwrap();
    }
}

fn now() -> NaiveDateTime {
    "2026-11-20T09:00:00".parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn slips() -> FormId {
    FormId::from("05")
}

fn sentence<T>(result: Result<T>) -> String {
    result.err().unwrap().to_string()
}

#[test]
fn what_is_typed_is_there_after_the_program_ends() {
    let office = Office::new();
    let path = office.path("新文件夹/质量 台帐?%41.book");
    let store = Store::open(&path).unwrap();
    let slip = office.begin(&store, "江苏澄澜氟材料有限公司");
    assert_eq!((slip.number.as_str(), slip.edition.as_str(), slip.entered), ("2026-001", "D/0", now()));
    let strange = "\r\n　首尾空格 \t\u{0}\u{7}\u{1F926}\u{1F3FB}\u{200D}♂️ e\u{301} 𠮷 䶮 '\"\\;--\r\n";
    let long = strange.repeat(400);
    store.set(slip.id, &CellId::new("complaint", 0), strange, "", now()).unwrap();
    store.set(slip.id, &CellId::new("measures", 0), &long, "", now()).unwrap();
    assert_eq!(store.path(), path);
    drop(store);

    let names: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names, [path.file_name().unwrap()], "one book is one file");
    let read = Store::open_existing(&path).unwrap().record(slip.id).unwrap().unwrap();
    assert_eq!((read.value("complaint"), read.value("measures")), (strange, long.as_str()));
}

#[test]
fn what_is_typed_is_there_after_the_machine_stops() {
    let office = Office::new();
    let path = office.path("a.book");
    let store = Store::open(&path).unwrap();
    let slip = office.begin(&store, "甲");
    store.set(slip.id, &CellId::new("phone", 0), "021-5555 0622", "", now()).unwrap();
    // Nothing is closed, nothing tidied up: what is on the disk has to do.
    let copy = office.path("after.book");
    std::fs::copy(&path, &copy).unwrap();
    std::fs::copy(office.path("a.book-wal"), office.path("after.book-wal")).unwrap();
    std::mem::forget(store);
    for path in [path, copy] {
        let store = Store::open_existing(&path).unwrap();
        assert_eq!(store.record(slip.id).unwrap().unwrap().value("phone"), "021-5555 0622");
        assert_eq!(store.check(), [""; 0]);
    }
}

#[test]
fn short_becomes_long_and_long_short_and_empty_goes() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    let slip = office.begin(&store, "甲");
    let long = "很长".repeat(300);
    let mut before = String::new();
    for text in ["短", &long, "又短", &long, "", "短"] {
        assert_eq!(store.set(slip.id, &CellId::new("note", 0), text, &before, now()).unwrap(), SetOutcome::Written);
        let read = store.record(slip.id).unwrap().unwrap();
        assert_eq!(read.rounds[0].get("note").map_or("", String::as_str), text);
        assert_eq!(read.rounds[0].contains_key("note"), !text.is_empty());
        before = text.to_owned();
    }
    assert_eq!(store.set(slip.id, &CellId::new("note", 0), "短", "短", now()).unwrap(), SetOutcome::Unchanged);
    assert_eq!(store.check(), [""; 0]);
}

#[test]
fn the_history_tells_all_that_was_done() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    let slip = office.begin(&store, "甲");
    let later = now() + chrono::TimeDelta::minutes(5);
    store.set(slip.id, &CellId::new("phone", 0), "1", "", later).unwrap();
    store.set(slip.id, &CellId::new("phone", 0), "2", "1", later).unwrap();
    assert_eq!(store.add_round(slip.id, later).unwrap(), 1);
    store.set(slip.id, &CellId::new("measures", 1), "重做", "", later).unwrap();
    let correction = Correction {
        cell: CellId::new("phone", 0),
        old: "2".into(),
        new: "3".into(),
        by: "陆喆".into(),
        on: "2026-11-20".into(),
        reason: "笔误".into(),
    };
    store.correct(slip.id, &correction, later).unwrap();
    let again =
        Correction {
            cell: CellId::new("measures", 1), old: "重做".into(), new: "返修".into(), ..correction.clone()
        };
    store.correct(slip.id, &again, later).unwrap();
    let void = Void { by: "钱立群".into(), on: "2026-11-20".into(), reason: "重复登记".into() };
    store.void(slip.id, &void, later).unwrap();

    let history = store.history(slip.id).unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|it| (it.what, it.field.as_ref().map_or("", FieldId::as_str), it.round, it.old.as_str(), it.new.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (What::Created, "", None, "", "2026-001"),
            (What::Set, "phone", Some(0), "", "1"),
            (What::Set, "phone", Some(0), "1", "2"),
            (What::Round, "", None, "", "2"),
            (What::Set, "measures", Some(1), "", "重做"),
            (What::Corrected, "phone", Some(0), "2", "3"),
            (What::Corrected, "measures", Some(1), "重做", "返修"),
            (What::Voided, "", None, "", "重复登记"),
        ]
    );
    assert_eq!((history[0].at, history[1].at), (now(), later));
    let read = store.record(slip.id).unwrap().unwrap();
    assert_eq!((read.value("phone"), read.rounds.len(), read.rounds[1]["measures"].as_str()), ("3", 2, "返修"));
    assert_eq!((read.corrections, read.void), (vec![correction, again], Some(void.clone())));
    assert_eq!(store.check(), [""; 0]);

    assert!(sentence(store.void(slip.id, &void, later)).ends_with("这张单已经作废"));
    assert!(
        sentence(store.set(slip.id, &CellId::new("note", 2), "x", "", later)).ends_with("这张单只有 2 轮，没有第 3 轮")
    );
    let lost = taizhang::record::RecordId(77);
    assert!(sentence(store.set(lost, &CellId::new("note", 0), "x", "", later)).contains("没有这张单"));
    assert_eq!(store.record(lost).unwrap(), None);
}

#[test]
fn numbers_run_on_within_form_and_year() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    let pattern = &office.procedure.document.number;
    let draw = |form: &str, year| {
        let form = office.procedure.form(&form.into()).unwrap();
        store.create(form, pattern, year, now(), &Values::new()).unwrap().number
    };
    let drawn = [draw("05", 2026), draw("05", 2025), draw("01", 2026), draw("05", 2026), draw("05", 2025)];
    assert_eq!(drawn, ["2026-001", "2025-001", "2026-001", "2026-002", "2025-002"]);
    let numbers: Vec<_> = store.records(&slips()).unwrap().into_iter().map(|it| it.number).collect();
    assert_eq!(numbers, ["2025-001", "2025-002", "2026-001", "2026-002"]);
    assert_eq!(store.years(&slips()).unwrap(), [2025, 2026]);
    assert_eq!(store.count(&slips()).unwrap(), 4);
    assert_eq!(store.find(&slips(), " ２０２６-００２ ").unwrap().unwrap().number, "2026-002");
    assert_eq!(store.find(&slips(), "2026-003").unwrap(), None);
}

#[test]
fn two_windows_never_draw_the_same_number() {
    let office = Office::new();
    let path = office.path("共用.book");
    let (one, other) = (Store::open(&path).unwrap(), Store::open(&path).unwrap());
    for turn in 0..20 {
        office.begin(if turn % 2 == 0 { &one } else { &other }, "甲");
    }
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let store = Store::open(&path).unwrap();
                for _ in 0..25 {
                    office.begin(&store, "乙");
                }
            });
        }
    });
    let numbers: Vec<_> = one.records(&slips()).unwrap().into_iter().map(|it| it.number).collect();
    let wanted: Vec<_> = (1..=120).map(|it| format!("2026-{it:03}")).collect();
    assert_eq!(numbers, wanted);
    assert_eq!(other.check(), [""; 0]);
}

#[test]
fn two_windows_may_open_a_new_book_at_once() {
    let office = Office::new();
    let path = office.path("新.book");
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| office.begin(&Store::open(&path).unwrap(), "甲"));
        }
    });
    assert_eq!(Store::open_existing(&path).unwrap().count(&slips()).unwrap(), 6);
}

/// Between the look and the last name somebody else, a copying program or a window on another computer, may put a book
/// there: it stays, and is the one that is opened.
#[test]
fn a_book_that_appears_while_one_is_made_is_not_written_over() {
    let office = Office::new();
    let ready = office.path("别处.book");
    let number = office.begin(&Store::open(&ready).unwrap(), "甲").number;
    let mut appeared = 0;
    for round in 0..200 {
        let (path, there) = (office.path(&format!("{round}/新.book")), office.path(&format!("{round}")));
        std::fs::create_dir(&there).unwrap();
        let won = std::thread::scope(|scope| {
            let other = scope.spawn(|| crate::common::appears(&there, 1, || std::fs::hard_link(&ready, &path)));
            let store = Store::open(&path).unwrap();
            let won = other.join().unwrap();
            assert!(!won || store.find(&slips(), &number).unwrap().is_some(), "round {round}: the other book is gone");
            won
        });
        appeared += usize::from(won);
        std::fs::remove_file(&path).unwrap();
        if appeared == 3 {
            return;
        }
    }
    panic!("it appeared {appeared} times in the midst of it");
}

#[test]
fn a_window_is_told_of_the_other_one() {
    let office = Office::new();
    let path = office.path("a.book");
    let one = Store::open(&path).unwrap();
    assert!(!one.also_open());
    let slip = office.begin(&one, "甲");
    let other = Store::open(&path).unwrap();
    assert!(one.also_open() && other.also_open());
    assert!(!one.changed_elsewhere());

    assert_eq!(other.set(slip.id, &CellId::new("phone", 0), "1", "", now()).unwrap(), SetOutcome::Written);
    assert!(one.changed_elsewhere());
    assert!(!one.changed_elsewhere() && !other.changed_elsewhere());
    let outcome = one.set(slip.id, &CellId::new("phone", 0), "2", "", now()).unwrap();
    assert_eq!(outcome, SetOutcome::Overwrote("1".to_owned()));
    assert_eq!(other.record(slip.id).unwrap().unwrap().value("phone"), "2");
    assert!(one.history(slip.id).unwrap().iter().any(|it| it.old == "1" && it.new == "2"));

    drop(other);
    assert!(!one.also_open());
}

#[test]
fn a_list_reads_a_few_fields_of_many_slips() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    office.import(&store, crate::common::plausible::slips(office.slip(), 300, 5, now().date()));
    let fields = [FieldId::from("customer"), FieldId::from("complaint")];
    let (all, mut some) = (store.records(&slips()).unwrap(), Vec::new());
    store.each(&slips(), Some(&fields), &mut |it| some.push(it)).unwrap();
    assert_eq!(all.len(), 300);
    for (all, some) in all.iter().zip(&some) {
        assert_eq!((&all.number, &all.corrections, &all.void), (&some.number, &some.corrections, &some.void));
        assert_eq!(all.value("complaint"), some.value("complaint"));
        assert!(some.rounds.iter().flat_map(|it| it.keys()).all(|it| fields.contains(it)));
    }
    assert!(all.iter().any(|it| it.rounds.len() > 1) && all.iter().any(|it| it.void.is_some()));
    assert!(all.iter().any(|it| it.value("measures").len() > 300));
    assert_eq!(store.check(), [""; 0]);
}

#[test]
fn the_ledger_asks_for_a_year_by_the_days_of_the_complaints() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    let date = FieldId::from("date");
    for (customer, received) in [
        ("甲", "2025-12-31"),
        ("乙", "2026年1月1日"),
        ("丙", " 20260630 "),
        ("丁", "不记得了"),
        ("戊", ""),
        ("己", "2027.1.1"),
    ] {
        let slip = office.begin(&store, customer);
        store.set(slip.id, &CellId::new(date.clone(), 0), received, "", now()).unwrap();
    }
    let among = |period| -> String {
        let found = store.records_in(&slips(), &date, period, None).unwrap();
        found.iter().map(|it| it.value("customer")).collect()
    };
    assert_eq!(among(Period::Year(2026)), "乙丙丁戊");
    assert_eq!(among(Period::Year(2025)), "甲");
    assert_eq!(among(Period::Days(day("2025-12-31"), day("2026-01-01"))), "甲乙");
    assert_eq!(among(Period::Year(2020)), "");
    let days = store.days(&slips(), &date).unwrap();
    assert_eq!(days, ["2025-12-31", "2026-01-01", "2026-06-30", "2026-11-20", "2027-01-01"].map(day));
}

#[test]
fn what_was_typed_most_is_offered_first() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    for customer in ["丙", "乙", "甲", "乙", "甲", "乙", "  "] {
        office.begin(&store, customer);
    }
    let fields = [FieldId::from("customer"), FieldId::from("never_written")];
    assert_eq!(store.offers(&fields, 10).unwrap(), ["乙", "甲", "丙"]);
    assert_eq!(store.offers(&fields, 1).unwrap(), ["乙"]);
}

#[test]
fn settings_stay() {
    let office = Office::new();
    let path = office.path("a.book");
    let store = Store::open(&path).unwrap();
    assert_eq!(store.setting("urgent_days").unwrap(), None);
    store.set_setting("urgent_days", "2").unwrap();
    store.set_setting("urgent_days", "3").unwrap();
    drop(store);
    assert_eq!(Store::open(&path).unwrap().setting("urgent_days").unwrap().as_deref(), Some("3"));
}

#[test]
fn a_backup_is_a_whole_book() {
    let office = Office::new();
    let store = Store::open(&office.path("a.book")).unwrap();
    let slip = office.begin(&store, "甲");
    let backup = office.path("备份.book");
    store.copy_to(&backup).unwrap();
    assert!(sentence(store.copy_to(&backup)).contains("已有同名的文件"), "a copy is never written over");
    let copy = Store::open_existing(&backup).unwrap();
    assert_eq!(copy.records(&slips()).unwrap(), store.records(&slips()).unwrap());
    assert_eq!(copy.history(slip.id).unwrap(), store.history(slip.id).unwrap());
    assert_eq!(copy.check(), [""; 0]);
    assert!(sentence(store.copy_to(&office.path("a.book"))).contains("正在用的台帐"));
    let nowhere = office.path("没有/b.book");
    assert!(sentence(store.copy_to(&nowhere)).contains(&format!("备份台帐到 {}：", nowhere.display())));
}

#[test]
fn own_forms_are_read_from_beside_the_book() {
    let office = Office::new();
    let book = office.path("a.book");
    assert_eq!(own_forms(&book).unwrap(), []);
    std::fs::create_dir(office.path("forms")).unwrap();
    for name in ["06-b.toml", "05-a.TOML", "readme.txt"] {
        write(&office.path("forms").join(name), name.as_bytes());
    }
    let own = |name: &str| (name.to_owned(), name.to_owned());
    assert_eq!(own_forms(&book).unwrap(), [own("05-a.TOML"), own("06-b.toml")]);
}

/// What is printed is made by the office's own form files where it has such: one that is another than the book says is a
/// finding, for somebody may have swapped it. The program's own become others with the program: that is no alarm, and is
/// told for ever once they are in use.
#[test]
fn a_changed_form_file_of_the_offices_is_found_and_one_of_the_programs_is_marked() {
    let form = |title: &str| {
        format!(
            r#"form = "07"
            edition = "A/0"
            short = "记录"
            code = "X"
            title = "{title}"
            paper = {{ width = 210, height = 297, left = 25, right = 15, top = 18, bottom = 18 }}
            head = 24
            identity = {{ subject = "what", date = "day" }}
            [[section]]
            rows = [{{ height = 10, cells = [{{ label = "内容:", width = 170, fields = ["what", "day"] }}] }}]
            [[section]]
            rows = [{{ height = 10, cells = [{{ label = "签:", width = 170, fields = ["signer"] }}] }}]
            [[stage]]
            name = "记录"
            by = "signer"
            [[field]]
            id = "what"
            name = "内容"
            kind = "text"
            [[field]]
            id = "day"
            name = "日期"
            kind = "date"
            [[field]]
            id = "signer"
            name = "签名"
            kind = "person"
            signature = true"#
        )
    };
    let own = |title: &str| Procedure::load(&[("07.toml".to_owned(), form(title))]).unwrap();
    let (before, name) = (own("记录"), "表单 07（A/0）");
    assert!(before.files.iter().all(|it| it.own == (it.name == name)), "{:?}", before.files);
    let store = Store::in_memory().unwrap();
    store.work_by(&before, now()).unwrap();
    for form in ["05", "07"] {
        let form = before.form(&form.into()).unwrap();
        store.create(form, &before.document.number, 2026, now(), &Values::new()).unwrap();
    }
    let look = |procedure: &Procedure| {
        let checkup = store.check_up(Some(procedure), &|| true);
        (checkup.found, checkup.marks)
    };
    assert_eq!(look(&before), (vec![], vec![]));

    // The program's own slip, as a later program has it.
    let mut newer = before.clone();
    newer.files.iter_mut().filter(|it| it.name == "表单 05（D/0）").for_each(|it| it.seal = "0".repeat(64));
    assert_eq!(look(&newer), (vec![], vec![]));
    assert_eq!(store.work_by(&newer, now()).unwrap(), ["表单 05（D/0）"]);
    let (found, marks) = look(&newer);
    assert_eq!(found, [""; 0]);
    assert!(marks.len() == 1 && marks[0].starts_with("表单 05（D/0）的文件在修改记录第"), "{marks:?}");
    // The office's own: found, until the window says by which the book is filled in; then told as well.
    let mut swapped = own("别的记录");
    swapped.files.iter_mut().filter(|it| it.name == "表单 05（D/0）").for_each(|it| it.seal = "0".repeat(64));
    let (found, marks) = look(&swapped);
    assert!(found.len() == 1 && found[0].starts_with(&format!("{name}的文件与修改记录第")), "{found:?}");
    assert!(found[0].contains("请核对是谁换的") && marks.len() == 1, "{found:?} {marks:?}");
    assert_eq!(store.work_by(&swapped, now()).unwrap(), [name]);
    let (found, marks) = look(&swapped);
    assert_eq!(found, [""; 0]);
    assert!(
        marks.len() == 2 && marks.iter().any(|it| it.starts_with(&format!("{name}的文件在修改记录第"))),
        "{marks:?}"
    );
    // A copy in another folder has none of the office's beside it.
    assert_eq!(look(&Procedure::load(&[]).unwrap()).0, [""; 0]);
}

#[test]
fn sample_slips_are_the_same_every_time_and_stand_at_every_stage() {
    let office = Office::new();
    let make = |seed| crate::common::plausible::slips(office.slip(), 2000, seed, now().date()).collect::<Vec<_>>();
    assert_eq!(make(3), make(3));
    assert_ne!(make(3), make(4));
    let store = Store::in_memory().unwrap();
    office.import(&store, make(3));
    let slips = store.records(&slips()).unwrap();
    let form = office.slip();
    for stage in 1..form.stages.len() {
        let standing = taizhang::flow::Standing::At(stage);
        assert!(slips.iter().any(|it| taizhang::flow::standing(form, it) == standing), "{stage}");
    }
    assert!(
        slips
            .iter()
            .any(|it| taizhang::flow::days_over(&office.procedure, form, it, now().date()).is_some_and(|days| days > 0))
    );
    assert_eq!(store.years(&form.form).unwrap(), (2017..=2026).collect::<Vec<_>>());
    // Several rounds and voids are told of; nothing else is odd about them.
    let plain = slips.iter().filter(|it| it.rounds.len() == 1 && it.void.is_none());
    let issues: Vec<_> = plain.flat_map(|it| it.check(form)).collect();
    assert_eq!(issues, []);
}

fn write(path: &Path, bytes: &[u8]) {
    use std::io::Write as _;
    std::fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

/// A book of the program's first version opens, keeps every word, number, correction and void, and proves itself.
#[test]
fn a_book_of_version_1_is_brought_up_to_date() {
    let office = Office::new();
    let old = office.path("old.book");
    write(&old, &std::fs::read("tests/data/books/version-1.book").unwrap());
    let store = Store::open(&old).unwrap();
    assert_eq!(store.check(), [""; 0]);
    // What nothing had sealed before is named for ever.
    let marks = store.check_up(None, &|| true).marks;
    assert!(marks.iter().any(|it| it.starts_with("升级以前没有封存、不能证明的：")), "{marks:?}");
    let copy = |it: std::fs::DirEntry| it.file_name().to_string_lossy().contains("-升级前-");
    assert!(std::fs::read_dir(office.path("备份")).unwrap().flatten().any(copy), "the older book is kept");
    let book = rusqlite::Connection::open(&old).unwrap();
    for meddling in
        ["UPDATE history SET new = '改'", "DELETE FROM history", "DELETE FROM correction", "DELETE FROM record"]
    {
        assert!(book.execute_batch(meddling).is_err(), "{meddling}");
    }
}
