//! A book of thousands of slips: what is read beside the window's own thread comes all the same, and is kept up.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Duration;

use crate::common::{Window, book, now, procedure};
use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use taizhang::app::App;
use taizhang::procedure::{FieldId, FormId};
use taizhang::record::{CellId, Deed, Values};
use taizhang::store::{Act, NewRecord, Store};

/// More than are read at once.
const SLIPS: usize = 5_200;

/// Slips of so many users, with nothing on them but the user and the day.
fn fill(store: &Store, slips: usize) {
    let procedure = procedure();
    let form = procedure.form(&FormId::from("05")).unwrap();
    let slip = |at: usize| NewRecord {
        form: form.form.clone(),
        edition: form.edition.clone(),
        year: 2026,
        number: None,
        entered: now(),
        rounds: vec![Values::from(
            [("customer", format!("第{}氯碱厂", at % 7)), ("date", "2026-11-18".to_owned())]
                .map(|(field, value)| (FieldId::from(field), value)),
        )],
        corrections: Vec::new(),
        void: None,
        facts: Vec::new(),
    };
    store.import(&procedure.document, (0..slips).map(slip), now()).unwrap();
}

fn open(folder: &Path) -> Window {
    let hands = crate::common::Hands { folder: folder.to_owned(), ..crate::common::Hands::default() };
    let own = folder.join("a.book");
    let builder = egui_kittest::Harness::builder().with_size([1440.0, 900.0]).with_step_dt(1.0 / 60.0);
    builder.build_eframe(move |cc| App::new(&cc.egui_ctx, Box::new(hands), &own))
}

/// Draws until it is so; what is waited for comes from another thread.
fn until(window: &mut Window, what: &str, is: impl Fn(&Window) -> bool) {
    for _ in 0..60_000 {
        if is(window) {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
        window.step();
    }
    panic!("it never came that {what}");
}

fn says(window: &Window, text: &str) -> bool {
    window.query_all_by_label_contains(text).next().is_some()
}

#[test]
fn a_large_book_says_that_it_is_being_read_and_then_shows_every_slip() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()), SLIPS);
    let mut window = open(folder.path());
    assert!(says(&window, "正在读取 5200 份单据…"));
    until(&mut window, "every slip is there", |it| !it.state().is_reading());
    window.run_steps(3);
    assert_eq!(window.state().record().number, "2026-5200");
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run_steps(3);
    assert!(says(&window, "2026-5200 第"));
    assert!(says(&window, "共 5200 份"));
    window.get_by_label("筛选").click();
    window.run_steps(2);
    // Of the user, of the number, of where it stands: words of different cells of one line.
    window.event(Event::Text("第３氯碱厂 2026-42 待登记".into()));
    window.run_steps(3);
    assert!(says(&window, "5200 份中的 15 份"));
}

#[test]
fn what_is_in_work_is_there_first_and_what_is_written_meanwhile_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store, SLIPS);
    let slips = store.records(&FormId::from("05")).unwrap();
    let filed = || Deed::Filed { case: "1".into(), binder: "1".into(), on: "2026-11-19".into() };
    for slip in &slips[..3] {
        store.act(slip.id, &Act { deeds: vec![filed()], ..Act::default() }, now()).unwrap();
    }
    let mut window = open(folder.path());
    assert!(window.state().shows_nothing());
    until(&mut window, "the first page is there", |it| !it.state().shows_nothing());
    assert!(window.state().is_reading());
    window.key_press_modifiers(Modifiers::COMMAND, Key::N);
    window.run_steps(2);
    window.event(Event::Text("第9氯碱厂".into()));
    window.key_press(Key::Tab);
    until(&mut window, "all is there", |it| !it.state().is_reading());
    window.run_steps(3);
    assert!(says(&window, "共 5201 份"));
    assert!(says(&window, "2026-5201 第9氯碱厂"));
    window.get_by_label("筛选").click();
    window.run_steps(2);
    window.event(Event::Text("2026-002 ".into()));
    window.run_steps(3);
    assert!(says(&window, "5201 份中的 1 份"));
}

#[test]
fn a_large_book_whose_slips_cannot_be_read_offers_what_a_damaged_one_does() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()), SLIPS);
    let path = folder.path().join("a.book");
    let root: i64 = {
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        let sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'value'";
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start((root as u64 - 1) * 4096)).unwrap();
    file.write_all(&[0xA5; 4096]).unwrap();
    let mut window = open(folder.path());
    until(&mut window, "the damage is told", |it| !it.state().shows_nothing());
    window.run_steps(2);
    assert!(says(&window, "台帐没有打开"));
    assert!(window.query_by_label("抢救到新台帐").is_some());
}

#[test]
fn words_typed_before_in_a_large_book_come_a_moment_later() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()), SLIPS);
    let mut window = open(folder.path());
    until(&mut window, "every slip is there", |it| !it.state().is_reading());
    window.key_press_modifiers(Modifiers::COMMAND, Key::N);
    window.run_steps(2);
    window.event(Event::Text("第5".into()));
    until(&mut window, "the user is offered", |it| it.query_by_label("选 第5氯碱厂").is_some());
}

#[test]
fn what_another_window_writes_in_a_large_book_is_seen_however_much_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let other = book(folder.path());
    fill(&other, SLIPS);
    let mut window = open(folder.path());
    until(&mut window, "every slip is there", |it| !it.state().is_reading());
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run_steps(3);
    let newest = window.state().record().id;
    other.set(newest, &CellId::new("customer", 0), "另一处写的厂", "", now()).unwrap();
    window.run_steps(3);
    assert!(says(&window, "2026-5200 另一处写的厂"));
    fill(&other, 500);
    window.run_steps(3);
    assert!(says(&window, "2026-5700 第"));
}
