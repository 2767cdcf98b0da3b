//! 抢救: a damaged book gives up what can still be read of it, tells what it lost, and is never written to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::forge::forge;
use crate::common::{book, fill, now, procedure, put_file, slip_at};
use taizhang::record::{CellId, Correction, Record, RecordId, Void};
use taizhang::store::{Key, Opener, Salvage, Store};

const PAGE: usize = 4096;

/// Every sheet of a book, by its place.
fn sheets(store: &Store) -> BTreeMap<i64, Record> {
    let forms = ["01", "02", "03", "05"];
    forms.iter().flat_map(|it| store.records(&(*it).into()).unwrap()).map(|it| (it.id.0, it)).collect()
}

/// A book with the sample sheets, and one that was signed, changed, typed on at length and voided.
fn office(folder: &Path) -> (PathBuf, BTreeMap<i64, Record>) {
    let store = book(folder);
    fill(&store);
    let id = slip_at(&store, 2, &[("complaint", &"焊缝".repeat(400))]);
    let typed = |field: &str, text: &str| drop(store.set(id, &CellId::new(field, 0), text, "", now()).unwrap());
    typed("product", "液氯贮槽");
    typed("measures", &"打磨后返修，".repeat(100));
    let correction = Correction {
        cell: CellId::new("contact", 0),
        old: "陈堃".to_owned(),
        new: "陈方".to_owned(),
        by: "沈葵".to_owned(),
        on: "2026-11-17".to_owned(),
        reason: "写错".to_owned(),
    };
    store.correct(id, &correction, now()).unwrap();
    let void = Void { by: "沈葵".to_owned(), on: "2026-11-18".to_owned(), reason: "重复登记".to_owned() };
    store.void(id, &void, now()).unwrap();
    let before = sheets(&store);
    drop(store);
    (folder.join("a.book"), before)
}

fn save(path: &Path) -> (Store, Salvage) {
    Opener::new(path, None).salvage(&procedure(), now()).unwrap()
}

fn overwrite(path: &Path, pages: &[usize], byte: impl Fn(usize) -> u8) {
    let mut bytes = fs::read(path).unwrap();
    for page in pages {
        for (place, it) in bytes[page * PAGE..(page + 1) * PAGE].iter_mut().enumerate() {
            *it = byte(place);
        }
    }
    put_file(path, bytes);
}

/// What is not as it was, is told: a sheet that is missing or different stands in the list, by its number.
fn nothing_is_lost_untold(before: &BTreeMap<i64, Record>, store: &Store, told: &Salvage) {
    let (after, list) = (sheets(store), told.to_string());
    for (id, record) in before {
        if after.get(id) != Some(record) {
            assert!(
                list.contains(&record.number) || list.contains(&format!("内部号 {id}")),
                "{}\n{list}",
                record.number
            );
        }
    }
    assert!(store.check().iter().all(|it| it.contains("年缺第")), "{:#?}", store.check());
}

#[test]
fn a_whole_book_is_saved_whole_with_its_history() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = office(folder.path());
    let (store, told) = save(&path);
    assert!(told.is_whole(), "{told}");
    assert_eq!(sheets(&store), before);
    let history = |it: &Store| before.keys().map(|id| it.history(RecordId(*id)).unwrap()).collect::<Vec<_>>();
    assert_eq!(history(&store), history(&book(folder.path())));
}

#[test]
fn any_one_page_may_be_lost_and_every_sheet_comes_through() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = office(folder.path());
    let good = fs::read(&path).unwrap();
    let mut kept = 0;
    for page in 0..good.len() / PAGE {
        for noise in [false, true] {
            put_file(&path, &good);
            overwrite(&path, &[page], |it| if noise { (it * 151 + page) as u8 } else { 0 });
            let damaged = fs::read(&path).unwrap();
            let (store, told) = save(&path);
            assert_eq!(sheets(&store).len(), before.len(), "page {}\n{told}", page + 1);
            nothing_is_lost_untold(&before, &store, &told);
            kept += usize::from(sheets(&store) == before);
            assert_eq!(fs::read(&path).unwrap(), damaged, "the damaged file is never touched");
        }
    }
    // Most pages are indexes, or are told of by an index or the history once more.
    let pages = good.len() / PAGE;
    assert!(kept > pages, "{kept} of {} times everything came through", pages * 2);
}

#[test]
fn what_a_cell_said_comes_back_from_the_index_or_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = office(folder.path());
    let good = fs::read(&path).unwrap();
    let text = "打磨后返修，打磨后返修，".as_bytes();
    let id = *before.keys().last().unwrap();
    // The pages on which the long text stands: in the cells, and in the history.
    let pages: Vec<usize> = (0..good.len() / PAGE)
        .filter(|it| good[it * PAGE..(it + 1) * PAGE].windows(text.len()).any(|it| it == text))
        .collect();
    assert_eq!(pages.len(), 2);
    let mut back = 0;
    for page in &pages {
        put_file(&path, &good);
        overwrite(&path, &[*page], |_| 0);
        let (store, told) = save(&path);
        assert_eq!(sheets(&store)[&id].value("measures"), before[&id].value("measures"), "{told}");
        back += usize::from(told.to_string().contains("据修改记录补回“打磨后返修"));
    }
    assert_eq!(back, 1);
}

#[test]
fn any_pages_of_a_larger_book_may_be_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (procedure, path) = (procedure(), folder.path().join("b.book"));
    let store = Store::open(&path).unwrap();
    let form = procedure.form(&"05".into()).unwrap();
    store.import(&procedure.document, crate::common::plausible::slips(form, 300, 7, now().date()), now()).unwrap();
    let before = sheets(&store);
    drop(store);
    let good = fs::read(&path).unwrap();
    let count = good.len() / PAGE;
    for round in 1..=6 {
        // Any eight pages, each time others.
        let pages: Vec<usize> = (0..8).map(|it| (round * 7919 + it * 104_729) % count).collect();
        put_file(&path, &good);
        overwrite(&path, &pages, |it| (it * 31 + round) as u8);
        let (store, told) = save(&path);
        nothing_is_lost_untold(&before, &store, &told);
        let after = sheets(&store);
        assert!(after.len() > before.len() * 9 / 10, "{} sheets\n{told}", after.len());
        let same = before.iter().filter(|(id, record)| after.get(id) == Some(record)).count();
        assert!(same > before.len() / 2, "{same} of {} as they were\n{told}", before.len());
    }
}

#[test]
fn a_file_that_was_cut_off_gives_up_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = office(folder.path());
    let good = fs::read(&path).unwrap();
    for length in [1, 99, 100, 512, PAGE, PAGE + 1, good.len() / 3, good.len() / 2 + 777, good.len() - 1] {
        put_file(&path, &good[..length]);
        let saved = Opener::new(&path, None).salvage(&procedure(), now());
        let (store, told) = match saved {
            Ok(saved) => saved,
            Err(error) => {
                assert!(length < 3 * PAGE, "{length}: {error}");
                continue;
            }
        };
        // Of sheets that are gone with all that told of them, nothing is known.
        assert!(sheets(&store).len() <= before.len());
        assert!(store.check().iter().all(|it| it.contains("年缺第")), "{:#?}\n{told}", store.check());
        if length > good.len() / 2 {
            nothing_is_lost_untold(&before, &store, &told);
        }
    }
}

#[test]
fn a_book_whose_first_page_is_gone_is_not_opened_and_can_be_saved() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = office(folder.path());
    overwrite(&path, &[0], |_| 0);
    let refused = Store::open(&path).err().unwrap();
    assert!(refused.is_damage(), "{refused}");
    let (store, told) = save(&path);
    assert_eq!(sheets(&store), before, "{told}");
}

#[test]
fn a_book_without_its_log_holds_what_was_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = office(folder.path());
    // As after a power cut: what was written last stands in the log only.
    let store = Store::open(&path).unwrap();
    let id = slip_at(&store, 0, &[]);
    let away = tempfile::tempdir().unwrap();
    let (copy, log) = (away.path().join("a.book"), away.path().join("a.book-wal"));
    fs::copy(&path, &copy).unwrap();
    fs::copy(folder.path().join("a.book-wal"), &log).unwrap();
    let (with_log, _) = save(&copy);
    assert!(with_log.record(id).unwrap().is_some());
    fs::remove_file(&log).unwrap();
    let (without, told) = save(&copy);
    assert_eq!(sheets(&without), before, "{told}");
    assert!(told.is_whole());
}

#[test]
fn what_was_saved_is_a_book_to_go_on_with_and_a_list_to_go_through() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = office(folder.path());
    let count = fs::read(&path).unwrap().len() / PAGE;
    // Every third page of the book.
    let pages: Vec<usize> = (0..count).filter(|it| it % 3 == 2).collect();
    overwrite(&path, &pages, |_| 0xA5);
    let out = folder.path().join("新.book");
    let (list, told) = Opener::new(&path, None).salvage_to(&out, &procedure(), now()).unwrap();
    let text = fs::read_to_string(&list).unwrap();
    assert!(list.ends_with("新-抢救清单.txt"));
    assert!(text.contains("记明是抢救所得") && text.contains("请与纸质单据核对"), "{text}");
    assert!(!told.whole && !told.is_whole());
    let store = Store::open(&out).unwrap();
    nothing_is_lost_untold(&before, &store, &told);
    assert_eq!(sheets(&store).len(), told.sheets);
    // It goes on, with a history of its own, and numbers go on from the last.
    let id = slip_at(&store, 1, &[]);
    assert!(before.values().all(|it| it.number != store.record(id).unwrap().unwrap().number));
    assert!(store.check().iter().all(|it| it.contains("年缺第")), "{:#?}", store.check());
    let again = Opener::new(&path, None).salvage_to(&out, &procedure(), now()).unwrap_err();
    assert!(again.to_string().contains("已有同名的文件"), "{again}");
}

#[test]
fn an_encrypted_book_is_saved_with_its_password_only_and_stays_encrypted() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = office(folder.path());
    let key = Key::new("质量科 2026");
    Opener::new(&path, None).change_key(key.as_ref()).unwrap();
    let good = fs::read(&path).unwrap();
    overwrite(&path, &[good.len() / PAGE - 1], |_| 0);
    let wrong = Opener::new(&path, Key::new("别的")).salvage(&procedure(), now()).err().unwrap();
    assert!(wrong.to_string().contains("口令不对"), "{wrong}");
    let out = folder.path().join("新.book");
    let (_, told) = Opener::new(&path, key.clone()).salvage_to(&out, &procedure(), now()).unwrap();
    assert!(Store::open(&out).err().unwrap().wants_key());
    let store = Store::open_with(&out, key.as_ref()).unwrap();
    assert_eq!(sheets(&store).len(), before.len(), "{told}");
    nothing_is_lost_untold(&before, &store, &told);
}

#[test]
fn what_is_only_read_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = office(folder.path());
    let (store, _) = save(&path);
    let id = RecordId(*before.keys().next().unwrap());
    let refused = store.set(id, &CellId::new("product", 0), "别的", "", now()).unwrap_err();
    assert!(refused.to_string().contains("只读打开"), "{refused}");
}

/// A book in which there is some of everything, of which each value is damaged in turn.
fn rich(folder: &Path) -> (PathBuf, BTreeMap<i64, Record>) {
    let procedure = procedure();
    let store = book(folder);
    store.operate_as("沈葵");
    store.work_by(&procedure, now()).unwrap();
    let (form, pattern) = (procedure.form(&"05".into()).unwrap(), &procedure.document.number);
    for (place, more) in [&[("complaint", "焊缝渗漏")][..], &[], &[("phone", "1")], &[]].into_iter().enumerate() {
        slip_at(&store, place, more);
    }
    let ids: Vec<RecordId> = sheets(&store).keys().map(|it| RecordId(*it)).collect();
    let set = |id: RecordId, round: usize, field: &str, text: &str| {
        store.set(id, &CellId::new(field, round), text, "", now()).unwrap();
    };
    set(ids[0], 0, "product", &"换热器，".repeat(90));
    let correction = Correction {
        cell: CellId::new("contact", 0),
        old: String::new(),
        new: "陈方".to_owned(),
        by: "沈葵".to_owned(),
        on: "2026-11-17".to_owned(),
        reason: "写错".to_owned(),
    };
    store.correct(ids[0], &correction, now()).unwrap();
    store.add_round(ids[0], now()).unwrap();
    set(ids[0], 1, "measures", "返修");
    let held = taizhang::record::Deed::Held { reason: "留着".to_owned() };
    let act = taizhang::store::Act { by: "沈葵".to_owned(), deeds: vec![held], ..Default::default() };
    store.act(ids[1], &act, now()).unwrap();
    let void = Void { by: "沈葵".to_owned(), on: "2026-11-18".to_owned(), reason: "重复登记".to_owned() };
    store.void(ids[2], &void, now()).unwrap();
    store.reserve(form, pattern, 2026, 1, ("沈葵", "一车间"), now()).unwrap();
    let customer =
        taizhang::record::Customer { name: "甲厂".to_owned(), phone: "1".to_owned(), ..Default::default() };
    store.put_customer(&customer, "沈葵", now()).unwrap();
    store.set_office(&procedure.document.to_keep(None).unwrap(), "沈葵", now()).unwrap();
    assert_eq!(store.check(), [""; 0]);
    let before = sheets(&store);
    drop(store);
    (folder.join("a.book"), before)
}

/// The columns of every table of a book, with the number of its rows.
fn columns(path: &Path) -> Vec<(String, String)> {
    let book = rusqlite::Connection::open(path).unwrap();
    let sql =
        "SELECT m.name, c.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table'";
    let mut found = book.prepare(sql).unwrap();
    found.query_map([], |it| Ok((it.get(0)?, it.get(1)?))).unwrap().map(Result::unwrap).collect()
}

#[test]
fn any_one_bad_value_leaves_every_other_sheet_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = rich(folder.path());
    let good = fs::read(&path).unwrap();
    let (mut tried, mut wrong) = (0, Vec::new());
    for (table, column) in columns(&path) {
        let bads = ["9223372036854775807", "-99999999999", "'x'", "NULL", "CAST(x'C3A9FFFE41' AS TEXT)"];
        let long = "printf('%.*c', 1000000, '长')";
        for bad in bads.into_iter().chain([long]) {
            put_file(&path, &good);
            let which = match table.as_str() {
                "sqlite_sequence" => "name = 'record'",
                // The slip that has a little of everything.
                _ => "rowid = (SELECT max(rowid) FROM it)",
            };
            let packed = ["value", "correction", "fact", "setting", "customer"].contains(&table.as_str());
            let which = if packed { "1" } else { which };
            let which = which.replace("it", &table).replace("wrtable", "it");
            // Of a table without row numbers, its first row only.
            let which = match table.as_str() {
                "value" => "record = 1 AND round = 0 AND field = (SELECT min(field) FROM value)".to_owned(),
                "correction" | "fact" => "place = 0".to_owned(),
                _ => which,
            };
            if !forge(&path, &format!("UPDATE {table} SET {column} = {bad} WHERE {which}")) {
                continue;
            }
            tried += 1;
            let what = format!("{table}.{column} = {bad}");
            let (store, told) = match Opener::new(&path, None).salvage(&procedure(), now()) {
                Ok(saved) => saved,
                Err(error) => {
                    wrong.push(format!("{what}: {error}"));
                    continue;
                }
            };
            let after = sheets(&store);
            // A datum's name is every sheet's: there the sheets are there, and the cell under another name.
            let there = before.iter().filter(|(id, record)| match table.as_str() {
                "field" => after.contains_key(id),
                _ => after.get(id) == Some(record),
            });
            if there.count() + 1 < before.len() {
                wrong.push(format!("{what}: sheets are missing\n{told}"));
            }
            let left: Vec<String> = store.check().into_iter().filter(|it| !it.contains("年缺第")).collect();
            if !left.is_empty() {
                wrong.push(format!("{what}: {left:?}"));
            }
            if told.is_whole() && after != before {
                wrong.push(format!("{what}: nothing is told\n{told}"));
            }
        }
    }
    assert!(tried > 150, "{tried}");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_values_that_stopped_a_rescue_once_stop_none() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = rich(folder.path());
    let good = fs::read(&path).unwrap();
    for sql in [
        "UPDATE record SET rounds = 100 WHERE id = 1",
        "UPDATE fact SET at = 'x'",
        "UPDATE value SET round = 200 WHERE record = 1 AND round = 1",
        "UPDATE history SET round = -99999999999 WHERE round IS NOT NULL",
        "UPDATE record SET year = 99999999999 WHERE id = 2",
        "UPDATE number_note SET year = 99999999999",
        "UPDATE history SET id = 9223372036854775807 WHERE id = (SELECT max(id) FROM history)",
    ] {
        put_file(&path, &good);
        assert!(forge(&path, sql), "{sql}");
        let (store, told) = save(&path);
        assert_eq!(sheets(&store).len(), before.len(), "{sql}\n{told}");
        assert!(!told.is_whole(), "{sql}\n{told}");
        assert_eq!(store.check(), [""; 0], "{sql}");
    }
}

#[test]
fn what_is_no_book_is_a_failure_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    let noise: Vec<u8> = (0..40_960_u32).map(|it| (it.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let utf16 = {
        let other = folder.path().join("utf16");
        let book = rusqlite::Connection::open(&other).unwrap();
        book.execute_batch("PRAGMA encoding = 'UTF-16le'; CREATE TABLE record (id INTEGER PRIMARY KEY, form TEXT)")
            .unwrap();
        book.close().unwrap();
        fs::read(other).unwrap()
    };
    let foreign = {
        let other = folder.path().join("other");
        let book = rusqlite::Connection::open(&other).unwrap();
        book.execute_batch(
            "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO person VALUES (1, '甲')",
        )
        .unwrap();
        book.close().unwrap();
        fs::read(other).unwrap()
    };
    for (what, bytes) in [
        ("zeros", vec![0; 8192]),
        ("noise", noise),
        ("a PDF", b"%PDF-1.7 ".repeat(999)),
        ("a text", "用户服务台帐\n".repeat(999).into_bytes()),
        ("a UTF-16 database", utf16),
        ("another program's database", foreign),
        ("nothing", Vec::new()),
    ] {
        put_file(&path, bytes);
        let error = Opener::new(&path, None).salvage(&procedure(), now()).err();
        let said = error.unwrap_or_else(|| panic!("{what} passed for a book")).to_string();
        assert!(said.contains("没有") && said.contains("抢救"), "{what}: {said}");
    }
    let said = Opener::new(folder.path(), None).salvage(&procedure(), now()).err().unwrap().to_string();
    assert!(said.contains("这是文件夹"), "{said}");
}

#[test]
fn a_book_whose_history_is_gone_says_so_first() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = rich(folder.path());
    assert!(forge(&path, "DELETE FROM history"));
    let (store, told) = save(&path);
    assert_eq!(sheets(&store), before);
    assert!(told.summary().contains("修改记录全部丢失"), "{}", told.summary());
    let checkup = store.check_up(None, &|| true);
    assert!(checkup.found.is_empty() && checkup.doubtful, "{checkup:?}");
    assert!(checkup.marks[0].contains("一行也没有救出来"), "{checkup:?}");
}

/// Whoever changes a cell past the program and has the book rescued does not get a clean one.
#[test]
fn a_rescue_washes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = rich(folder.path());
    let printed = book(folder.path()).head().unwrap().unwrap();
    for (nth, sql) in [
        "UPDATE value SET text = '无渗漏' WHERE text = '焊缝渗漏'",
        "UPDATE customer SET data = replace(data, '1', '2')",
        "DELETE FROM customer",
        "UPDATE setting SET value = replace(value, '公司', '厂') WHERE key = 'office'",
        "DELETE FROM history WHERE id = 3",
        "UPDATE history SET new = 'x' WHERE id = 5",
    ]
    .into_iter()
    .enumerate()
    {
        let (forged, out) = (folder.path().join("forged.book"), folder.path().join(format!("{nth}.book")));
        put_file(&forged, fs::read(&path).unwrap());
        assert!(forge(&forged, sql), "{sql}");
        let before = Store::open(&forged).unwrap().check();
        assert!(!before.is_empty(), "{sql}");
        Opener::new(&forged, None).salvage_to(&out, &procedure(), now()).unwrap();
        for _ in 0..2 {
            let store = Store::open(&out).unwrap();
            let checkup = store.check_up(None, &|| true);
            assert!(checkup.found.is_empty(), "{sql}: {checkup:?}");
            assert!(checkup.doubtful && checkup.to_string().contains("抢救"), "{sql}: {checkup:?}");
            assert!(checkup.marks.iter().any(|it| it.contains(&before[0])), "{sql}: {checkup:?}");
            // It stays so whatever is written afterwards.
            slip_at(&store, 1, &[]);
        }
        // Where the chain itself was meddled with, what was printed of it is not there any more.
        let there = Store::open(&out).unwrap().head_at(printed.line).unwrap();
        assert_eq!(there == Some(printed), !sql.contains("history"), "{sql}");
    }
}

/// What was left behind is told for ever, also where all that came along agrees with itself.
#[test]
fn a_rescue_that_left_something_behind_does_not_say_that_the_book_held() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = rich(folder.path());
    let saved = |from: &Path, name: &str| {
        let out = folder.path().join(name);
        let (_, told) = Opener::new(from, None).salvage_to(&out, &procedure(), now()).unwrap();
        (Store::open(&out).unwrap().check_up(None, &|| true), told)
    };
    let (checkup, told) = saved(&path, "一.book");
    assert!(told.is_whole() && !checkup.doubtful, "{told}");
    assert!(checkup.marks[0].ends_with("抢救时全部相符"), "{:?}", checkup.marks);
    // A cell in a round that no sheet has: nothing else is wrong.
    let more = "INSERT INTO value (record, round, field, text) SELECT record, 200, field, '无渗漏' FROM value LIMIT 1";
    assert!(forge(&path, more));
    let (checkup, told) = saved(&path, "二.book");
    assert!(told.kept && told.to_string().contains("无渗漏"), "{told}");
    assert_eq!(sheets(&Store::open(&folder.path().join("二.book")).unwrap()), before);
    assert_eq!(checkup.found, [""; 0]);
    assert!(checkup.doubtful && checkup.to_string().contains("从对不上的台帐抢救来的"), "{checkup}");
    assert!(checkup.marks[0].contains("抢救以前就有 1 处对不上"), "{:?}", checkup.marks);
    assert!(checkup.marks.iter().all(|it| !it.contains("全部相符")), "{:?}", checkup.marks);
}

/// A book with a text so long that it lies on a hundred pages beyond its row's own; the sheets, and where that page begins.
fn long(folder: &Path) -> (PathBuf, BTreeMap<i64, Record>, usize) {
    let (path, store) = (folder.join("a.book"), book(folder));
    // Of this length the first page holds little of it, and has room for very many rows.
    let text = "x".repeat(489 + 100 * 4092 + 20);
    for more in [&[][..], &[("complaint", text.as_str())], &[]] {
        slip_at(&store, 2, more);
    }
    let before = sheets(&store);
    drop(store);
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'long_text'";
    let root: u32 = rusqlite::Connection::open(&path).unwrap().query_row(root, [], |row| row.get(0)).unwrap();
    (path, before, (root as usize - 1) * PAGE)
}

/// A page whose rows are all the same bytes, thousands of times, was made up: it costs no more than the file is long, and
/// takes no other page's rows with it.
#[test]
fn rows_of_a_page_that_share_their_bytes_are_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before, at) = long(folder.path());
    let mut bytes = fs::read(&path).unwrap();
    let page = &mut bytes[at..at + PAGE];
    assert_eq!((page[0], &page[3..5]), (13, &[0, 1][..]), "a leaf of one row");
    let first = [page[8], page[9]];
    let many = (usize::from(u16::from_be_bytes([page[5], page[6]])) - 8) / 2;
    assert!(many > 1000, "{many}");
    page[3..5].copy_from_slice(&u16::try_from(many).unwrap().to_be_bytes());
    for pointer in page[8..8 + 2 * many].chunks_mut(2) {
        pointer.copy_from_slice(&first);
    }
    put_file(&path, &bytes);
    let (store, told) = save(&path);
    let rows = told.to_string().lines().filter(|it| it.contains("long_text")).count();
    assert!(rows < 20, "{rows} of {many} rows were read");
    assert!(told.to_string().contains(&format!("读不出的 1 页：第 {} 页", at / PAGE + 1)), "{told}");
    assert_eq!(sheets(&store), before, "{told}");
}

/// Nor do rows on many pages share what lies on further ones: it is that row's whose page has its place in the book.
#[test]
fn rows_of_many_pages_that_share_their_bytes_are_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before, at) = long(folder.path());
    let mut bytes = fs::read(&path).unwrap();
    let (count, more) = (bytes.len() / PAGE, 50);
    for _ in 0..more {
        bytes.extend_from_within(at..at + PAGE);
    }
    // How many pages there are stands in the first.
    bytes[28..32].copy_from_slice(&u32::try_from(count + more).unwrap().to_be_bytes());
    put_file(&path, &bytes);
    let (store, told) = save(&path);
    let said = format!("文件共 {} 页，读不出的 {more} 页：第 {}、", count + more, count + 1);
    assert!(told.to_string().contains(&said), "{told}");
    assert_eq!(sheets(&store), before, "{told}");
}

/// The list of an earlier rescue, or whatever else is called so, stays as it is: the new list's name counts on.
#[test]
fn a_list_that_lies_there_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = office(folder.path());
    let at = |name: &str| folder.path().join(name);
    put_file(at("新-抢救清单.txt"), "上次丢失的");
    fs::create_dir(at("新-抢救清单-2.txt")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(at("不在"), at("新-抢救清单-3.txt")).unwrap();
    #[cfg(not(unix))]
    put_file(at("新-抢救清单-3.txt"), "");
    let (list, told) = Opener::new(&path, None).salvage_to(&at("新.book"), &procedure(), now()).unwrap();
    assert_eq!(list, at("新-抢救清单-4.txt"));
    assert_eq!(fs::read_to_string(&list).unwrap(), format!("\u{feff}{told}"));
    assert_eq!(fs::read_to_string(at("新-抢救清单.txt")).unwrap(), "上次丢失的");
    assert!(!at("不在").exists() && at("新-抢救清单-2.txt").is_dir());
}
