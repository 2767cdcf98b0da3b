//! The book as the office uses it: what is written is there, whoever else writes, whatever happens to the machine.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Map, Value, json};
use taizhang::ledger::Period;
use taizhang::procedure::{FieldId, Form, FormId, Procedure};
use taizhang::record::{Correction, Values, Void};
use taizhang::sample;
use taizhang::store::exchange::{read, to_json};
use taizhang::store::{NewRecord, Result, SetOutcome, Store, What, own_forms};

const CASES: &str = include_str!("data/cases-a.json");

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
        store.import(&self.procedure.document.number, sheets, now()).unwrap();
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
    store.set(slip.id, 0, &"complaint".into(), strange, "", now()).unwrap();
    store.set(slip.id, 0, &"measures".into(), &long, "", now()).unwrap();
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
    store.set(slip.id, 0, &"phone".into(), "021-5555 0622", "", now()).unwrap();
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
        assert_eq!(store.set(slip.id, 0, &"note".into(), text, &before, now()).unwrap(), SetOutcome::Written);
        let read = store.record(slip.id).unwrap().unwrap();
        assert_eq!(read.rounds[0].get("note").map_or("", String::as_str), text);
        assert_eq!(read.rounds[0].contains_key("note"), !text.is_empty());
        before = text.to_owned();
    }
    assert_eq!(store.set(slip.id, 0, &"note".into(), "短", "短", now()).unwrap(), SetOutcome::Unchanged);
    assert_eq!(store.check(), [""; 0]);
}

#[test]
fn the_history_tells_all_that_was_done() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    let slip = office.begin(&store, "甲");
    let later = now() + chrono::TimeDelta::minutes(5);
    store.set(slip.id, 0, &"phone".into(), "1", "", later).unwrap();
    store.set(slip.id, 0, &"phone".into(), "2", "1", later).unwrap();
    assert_eq!(store.add_round(slip.id, later).unwrap(), 1);
    store.set(slip.id, 1, &"measures".into(), "重做", "", later).unwrap();
    let correction = Correction {
        field: "phone".into(),
        old: "2".into(),
        new: "3".into(),
        by: "陆喆".into(),
        on: "2026-11-20".into(),
        reason: "笔误".into(),
    };
    store.correct(slip.id, 0, &correction, later).unwrap();
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
            (What::Voided, "", None, "", "重复登记"),
        ]
    );
    assert_eq!((history[0].at, history[1].at), (now(), later));
    let read = store.record(slip.id).unwrap().unwrap();
    assert_eq!((read.value("phone"), read.rounds.len(), read.latest("measures")), ("3", 2, "重做"));
    assert_eq!((read.corrections, read.void), (vec![correction], Some(void.clone())));
    assert_eq!(store.check(), [""; 0]);

    assert!(sentence(store.void(slip.id, &void, later)).ends_with("这张单已经作废"));
    assert!(sentence(store.set(slip.id, 2, &"note".into(), "x", "", later)).ends_with("这张单只有 2 轮，没有第 3 轮"));
    let lost = taizhang::record::RecordId(77);
    assert!(sentence(store.set(lost, 0, &"note".into(), "x", "", later)).contains("没有这张单"));
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

    assert_eq!(other.set(slip.id, 0, &"phone".into(), "1", "", now()).unwrap(), SetOutcome::Written);
    assert!(one.changed_elsewhere());
    assert!(!one.changed_elsewhere() && !other.changed_elsewhere());
    let outcome = one.set(slip.id, 0, &"phone".into(), "2", "", now()).unwrap();
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
    office.import(&store, sample::slips(office.slip(), 300, 5, now().date()));
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
        store.set(slip.id, 0, &date, received, "", now()).unwrap();
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
    office.begin(&store, "乙");
    store.copy_to(&backup).unwrap();
    let copy = Store::open_existing(&backup).unwrap();
    assert_eq!(copy.records(&slips()).unwrap(), store.records(&slips()).unwrap());
    assert_eq!(copy.history(slip.id).unwrap(), store.history(slip.id).unwrap());
    assert_eq!(copy.check(), [""; 0]);
    assert!(sentence(store.copy_to(&office.path("a.book"))).contains("正在用的台帐"));
    let nowhere = office.path("没有/b.book");
    assert!(sentence(store.copy_to(&nowhere)).contains(&format!("备份台帐到 {}：", nowhere.display())));
}

#[test]
fn a_newer_book_is_refused_untouched() {
    let office = Office::new();
    let path = office.path("新版.book");
    drop(Store::open(&path).unwrap());
    // The version stands in bytes 60 to 63 of an SQLite file.
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[60..64].copy_from_slice(&7_u32.to_be_bytes());
    write(&path, &bytes);
    let said = sentence(Store::open(&path));
    assert_eq!(
        said,
        format!(
            "打开台帐 {}：这个文件是更新版本的程序建的（版本 7，本程序认识到 1），请用新版程序打开",
            path.display()
        )
    );
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn what_is_no_book_is_refused_untouched() {
    let office = Office::new();
    let book = office.path("a.book");
    drop(Store::open(&book).unwrap());
    let mut foreign = std::fs::read(&book).unwrap();
    // Who made it stands in bytes 68 to 71.
    foreign[68..72].copy_from_slice(&[0; 4]);
    for (name, bytes, said) in [
        ("文字.book", "这不是数据库".as_bytes(), "这个文件不是台帐（不是数据库文件）"),
        ("空.book", b"", "这个文件是空的（0 字节），不是台帐；也许是没有复制完，请用备份"),
        ("别家.book", &foreign, "这是别的程序的数据库，不是台帐"),
    ] {
        let path = office.path(name);
        write(&path, bytes);
        assert_eq!(sentence(Store::open(&path)), format!("打开台帐 {}：{said}", path.display()));
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
    let folder = office.path("文件夹.book");
    std::fs::create_dir(&folder).unwrap();
    assert!(sentence(Store::open(&folder)).ends_with("这是文件夹，不是台帐文件"));
    let absent = office.path("没有.book");
    assert!(sentence(Store::open_existing(&absent)).ends_with("找不到这个文件或文件夹"));
    assert!(!absent.exists());
    assert!(Store::open(&book.join("在文件里.book")).is_err());
}

#[test]
fn a_cut_off_or_scribbled_book_never_panics() {
    let office = Office::new();
    let path = office.path("a.book");
    let store = Store::open(&path).unwrap();
    office.import(&store, sample::slips(office.slip(), 60, 1, now().date()));
    drop(store);
    let whole = std::fs::read(&path).unwrap();
    let hurt = office.path("坏.book");
    for length in (0..whole.len()).step_by(whole.len() / 12) {
        let mut scribbled = whole.clone();
        scribbled[length..(length + 3000).min(whole.len())].fill(0xA5);
        for bytes in [&whole[..length], &scribbled] {
            write(&hurt, bytes);
            match Store::open(&hurt) {
                Ok(store) => {
                    let read = store.records(&slips());
                    assert!(!store.check().is_empty() || read.is_ok());
                }
                Err(error) => assert!(error.to_string().starts_with("打开台帐 "), "{error}"),
            }
        }
    }
}

#[test]
fn a_book_that_may_not_be_written_says_so() {
    let office = Office::new();
    let path = office.path("只读.book");
    drop(Store::open(&path).unwrap());
    set_read_only(&path, true);
    // Whoever may do everything (root) may write this too; then there is nothing to refuse.
    if std::fs::OpenOptions::new().append(true).open(&path).is_err() {
        assert!(sentence(Store::open(&path)).contains("文件是只读的，写不进去"));
    }
    set_read_only(&path, false);
    let folder = office.path("只读文件夹");
    std::fs::create_dir(&folder).unwrap();
    set_read_only(&folder, true);
    let inside = folder.join("a.book");
    if std::fs::File::create(folder.join("try")).is_err() {
        let said = sentence(Store::open(&inside));
        assert!(said.starts_with(&format!("新建台帐 {}：没有权限", inside.display())), "{said}");
    }
    set_read_only(&folder, false);
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

/// What comes back of a sheet, without what the book adds and without the empty cells.
fn bare(mut sheet: Value) -> Value {
    if let Value::Object(object) = &mut sheet {
        for about in ["number", "form", "edition", "stage", "entered", "overdue_days"] {
            object.shift_remove(about);
        }
    }
    strip(&mut sheet);
    sheet
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(strip);
            object.retain(|_, it| it.as_str() != Some("") && it.as_object().is_none_or(|it| !it.is_empty()));
        }
        Value::Array(list) => list.iter_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn lists(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap()
}

#[test]
fn every_datum_of_the_cases_comes_back() {
    let office = Office::new();
    let path = office.path("a.book");
    let store = Store::open(&path).unwrap();
    office.import(&store, read(CASES, &office.procedure, now()).unwrap());
    drop(store);
    let store = Store::open_existing(&path).unwrap();
    for (key, list) in lists(CASES) {
        let records = store.records(&key.trim_start_matches("form").into()).unwrap();
        let mut back: Vec<Value> =
            records.iter().map(|it| bare(to_json(&office.procedure, it, now().date()))).collect();
        let wanted = list.as_array().unwrap();
        assert_eq!(back.len(), wanted.len());
        for sheet in wanted {
            let sheet = bare(sheet.clone());
            let place = back.iter().position(|it| *it == sheet).unwrap_or_else(|| panic!("lost: {sheet}"));
            back.swap_remove(place);
        }
    }
    assert_eq!(store.check(), [""; 0]);
}

#[test]
fn what_is_listed_can_be_imported_into_another_book_with_its_numbers() {
    let office = Office::new();
    let (one, other) = (Store::in_memory().unwrap(), Store::in_memory().unwrap());
    office.import(&one, read(CASES, &office.procedure, now()).unwrap());
    office.import(&one, sample::slips(office.slip(), 200, 9, now().date()));
    let list = |store: &Store| -> Vec<Value> {
        let slips = store.records(&slips()).unwrap();
        slips.iter().map(|it| to_json(&office.procedure, it, now().date())).collect()
    };
    let listed = list(&one);
    office.import(&other, read(&Value::from(listed.clone()).to_string(), &office.procedure, now()).unwrap());
    assert_eq!(list(&other), listed);
}

#[test]
fn what_no_form_has_a_place_for_comes_back_too() {
    let office = Office::new();
    let sheet = json!({
        "用户名称": "甲", "登记人": {"姓名": "沈䶮", "日期": "", "工号": 7, "部.门": "技"}, "审核人": "赵敏华",
        "联系电话": 139, "完成期限": null, "备注": "x", "空": "", "照片": ["a.jpg", {"b": [1.5, true]}],
        "a.b\\c": "点", "extra:": "e", "json:x": {"y": {}}, "第二轮": {"用户意见": "A 满意", "新": "键"}, "第三轮": {},
        "更正": [{"字段": "登记人.姓名", "原值": "a", "新值": "b", "更正人": "c", "日期": "d", "理由": "e"},
                 {"字段": "没有的", "原值": "", "新值": "", "更正人": "", "日期": "", "理由": ""}],
        "作废": {"作废人": "钱", "日期": "2026-01-01", "理由": "r"},
    });
    let store = Store::in_memory().unwrap();
    let text = json!({ "form05": [sheet] }).to_string();
    office.import(&store, read(&text, &office.procedure, now()).unwrap());
    let record = store.records(&slips()).unwrap().remove(0);
    assert_eq!(record.corrections[0].field.as_str(), "registrar");
    assert_eq!((record.rounds.len(), record.latest("opinion")), (3, "A 满意"));
    let back = to_json(&office.procedure, &record, now().date());
    assert!(holds(&back, &sheet), "{back}\n{sheet}");
    assert_eq!(store.check(), [""; 0]);
}

/// Whether `back` has everything that `wanted` has.
fn holds(back: &Value, wanted: &Value) -> bool {
    match (back, wanted) {
        (Value::Object(back), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| back.get(key).is_some_and(|back| holds(back, wanted)))
        }
        _ => back == wanted,
    }
}

#[test]
fn numbers_follow_the_year_of_the_event() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    let text = json!({ "form05": [
        {"投诉日期": "2024年2月3日"}, {"投诉日期": "忘了", "entered": "2025-03-01"}, {"投诉日期": ""}, {"投诉日期": "2024-01-01"}
    ] });
    office.import(&store, read(&text.to_string(), &office.procedure, now()).unwrap());
    let numbers: Vec<_> = store.records(&slips()).unwrap().into_iter().map(|it| it.number).collect();
    assert_eq!(numbers, ["2024-001", "2024-002", "2025-001", "2026-001"]);
}

#[test]
fn days_over_are_told_only_of_what_is_late() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    let text = json!({ "form05": [
        {"完成期限": "2026-11-18"}, {"完成期限": "2026-11-20"}, {"完成期限": "2026-11-18", "验证人": {"姓名": "倪佳"}}, {}
    ] });
    office.import(&store, read(&text.to_string(), &office.procedure, now()).unwrap());
    let over = store.records(&slips()).unwrap();
    let over: Vec<_> =
        over.iter().map(|it| to_json(&office.procedure, it, now().date())["overdue_days"].clone()).collect();
    assert_eq!(over, [json!(2), Value::Null, Value::Null, Value::Null]);
}

#[test]
fn what_is_wrong_with_an_exchange_file_is_said_with_its_place() {
    let office = Office::new();
    for (text, said) in [
        ("", "不是完整的 JSON：到第 1 行第 0 列就断了"),
        ("{\"form05\": [\n{", "不是完整的 JSON：到第 2 行第 1 列就断了"),
        ("{\"form05\": ]}", "不是 JSON：第 1 行第 12 列的写法不对"),
        ("用户名称", "不是 JSON：第 1 行第 1 列的写法不对"),
        ("{\"form05\": [{\"a\": 1, \"a\": 2}]}", "第 1 行第 24 列：“a”写了两次"),
        ("7", "内容应为按表单分列的对象，如 {\"form05\": [ … ]}"),
        ("{\"form09\": []}", "没有“form09”这种表单，可用：form01、form02、form03、form05"),
        ("{\"form04\": []}", "“form04”是 质量投诉处理台帐，由处置单得出，不能导入"),
        ("{\"form05\": {}}", "“form05”应为数组（一项一张单）"),
        ("{\"form05\": [{}, 3]}", "“form05”第 2 张：应为对象（一张单）"),
        ("[{}]", "第 1 张：没有写明是哪种表单（如 \"form\": \"05\"）"),
        ("{\"form05\": [{\"第二轮\": \"x\"}]}", "“form05”第 1 张：“第二轮”应为对象"),
        ("{\"form05\": [{\"第三轮\": {}}]}", "“form05”第 1 张：有“第三轮”而没有“第二轮”"),
        ("{\"form05\": [{\"更正\": {}}]}", "“form05”第 1 张：“更正”应为数组"),
        ("{\"form05\": [{\"作废\": {\"理由\": 1}}]}", "“form05”第 1 张：“作废”里的“理由”应为文字"),
        (
            "{\"form05\": [{\"作废\": {\"原因\": \"\"}}]}",
            "“form05”第 1 张：“作废”里有不认识的“原因”，可用：作废人、日期、理由",
        ),
        ("{\"form05\": [{\"edition\": \"Z/9\"}]}", "“form05”第 1 张：没有 QG/R0309—05 的“Z/9”版"),
        ("{\"form05\": [{\"number\": \"五号\"}]}", "“form05”第 1 张：编号“五号”不合编号格式 {year}-{sequence}"),
        (
            "{\"form05\": [{\"entered\": \"昨天\"}]}",
            "“form05”第 1 张：“entered”（昨天）不是时间，应如 2026-11-20T09:00:00",
        ),
    ] {
        let error = read(text, &office.procedure, now()).unwrap_err();
        assert_eq!(error.to_string(), said, "{text}");
    }
}

#[test]
fn sample_slips_are_the_same_every_time_and_stand_at_every_stage() {
    let office = Office::new();
    let make = |seed| sample::slips(office.slip(), 2000, seed, now().date()).collect::<Vec<_>>();
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
    assert!(slips.iter().any(|it| taizhang::flow::days_over(form, it, now().date()).is_some_and(|days| days > 0)));
    assert_eq!(store.years(&form.form).unwrap(), (2017..=2026).collect::<Vec<_>>());
    let issues: Vec<_> = slips.iter().flat_map(|it| it.check(form)).collect();
    assert_eq!(issues, []);
}

fn write(path: &Path, bytes: &[u8]) {
    use std::io::Write as _;
    std::fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

fn set_read_only(path: &Path, read_only: bool) {
    let mut permissions = std::fs::metadata(path).unwrap().permissions();
    permissions.set_readonly(read_only);
    std::fs::set_permissions(path, permissions).unwrap();
}
