//! 抢救: a damaged book gives up what can still be read of it, tells what it lost, and is never written to.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use common::{book, fill, now, procedure, put_file, slip_at};
use taizhang::record::{Correction, Record, RecordId, Void};
use taizhang::sample;
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
    let typed = |field: &str, text: &str| drop(store.set(id, 0, &field.into(), text, "", now()).unwrap());
    typed("product", "液氯贮槽");
    typed("measures", &"打磨后返修，".repeat(100));
    let correction = Correction {
        field: "contact".into(),
        round: 0,
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
    store.import(&procedure.document, sample::slips(form, 300, 7, now().date()), now()).unwrap();
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
                assert!(length < PAGE, "{length}: {error}");
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
    assert!(text.contains("修改记录没有全部救出") && text.contains("请与纸质单据核对"), "{text}");
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
    let refused = store.set(id, 0, &"product".into(), "别的", "", now()).unwrap_err();
    assert!(refused.to_string().contains("只读打开"), "{refused}");
}
