//! What is asked before a book is written on: whether it is the one that was seen here last, and whether the machine's date
//! is right.

use std::fs;
use std::path::Path;

use crate::common::{Hands, Window, book, click, fill, notice, now, procedure, put_file, settle, slip_at, window_of};
use chrono::{Duration, NaiveDateTime};
use eframe::egui::{Key, Modifiers, ViewportEvent, ViewportId};
use egui_kittest::kittest::Queryable as _;
use taizhang::command::{BackupCommand, Command};
use taizhang::habits::{FILE, Habits};
use taizhang::record::Values;
use taizhang::store::{Reason, Store, Witness};

/// A window of a computer that remembers.
fn window(folder: &Path) -> Window {
    let hands = Hands { folder: folder.to_owned(), habits: Some(folder.join(FILE)), ..Hands::default() };
    let (mut window, _) = window_of(hands, "a.book");
    settle(&mut window);
    window
}

/// The check runs in a thread of its own: goes on until the window says something.
fn until(window: &mut Window, said: &str) {
    for _ in 0..2000 {
        window.run();
        if window.query_all_by_label_contains(said).next().is_some() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("the window never said {said}");
}

fn copy(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("a.book")).unwrap()
}

fn asked(window: &Window) -> bool {
    window.query_by_label("知道了，照常办理").is_some()
}

/// A book of an earlier day in the place of the present one, in which nothing is wrong by itself.
fn rolled_back(folder: &Path) {
    fill(&book(folder));
    let earlier = copy(folder);
    drop(window(folder));
    slip_at(&book(folder), 0, &[]);
    drop(window(folder));
    fs::remove_dir_all(folder.join("备份")).unwrap();
    put_file(folder.join("a.book"), earlier);
    assert_eq!(book(folder).check(), [""; 0], "the file alone does not show it");
}

#[test]
fn an_older_copy_in_the_place_of_the_book_is_named_until_the_clerk_knows() {
    let folder = tempfile::tempdir().unwrap();
    rolled_back(folder.path());
    for _ in 0..2 {
        let mut window = window(folder.path());
        assert!(window.query_by_label_contains("台帐比这台电脑上次看到的短").is_some());
        until(&mut window, "台帐有 1 处问题");
    }
    let mut window = window(folder.path());
    click(&mut window, "知道了，照常办理");
    assert!(!asked(&window));
    drop(window);
    let mut window = self::window(folder.path());
    assert!(!asked(&window));
    click(&mut window, "文件");
    click(&mut window, "检查台帐");
    until(&mut window, "检查通过");
}

#[test]
fn another_book_in_its_place_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()));
    drop(window(folder.path()));
    fs::remove_file(folder.path().join("a.book")).unwrap();
    fs::remove_dir_all(folder.path().join("备份")).unwrap();
    slip_at(&book(folder.path()), 0, &[]);
    assert!(window(folder.path()).query_by_label_contains("不是同一本").is_some());
}

#[test]
fn a_book_that_goes_on_or_was_moved_with_all_it_holds_is_not_named() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()));
    drop(window(folder.path()));
    slip_at(&book(folder.path()), 0, &[]);
    assert!(!asked(&window(folder.path())));
    // An older copy at another place is looked at, as a backup is.
    let second = folder.path().join("旧的");
    fs::create_dir(&second).unwrap();
    put_file(second.join("a.book"), copy(folder.path()));
    slip_at(&book(folder.path()), 0, &[]);
    drop(window(folder.path()));
    let hands =
        |folder: &Path, at: &Path| Hands { folder: at.to_owned(), habits: Some(folder.join(FILE)), ..Hands::default() };
    let (window, _) = window_of(hands(folder.path(), &second), "a.book");
    assert!(!asked(&window));
    drop(window);
    // Where the newer one is gone, it stands in its place.
    fs::remove_file(folder.path().join("a.book")).unwrap();
    let (window, _) = window_of(hands(folder.path(), &second), "a.book");
    assert!(asked(&window));
}

#[test]
fn copies_bear_witness_where_this_computer_remembers_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    let earlier = store.back_up(Reason::Manual, now()).unwrap().made.remove(0);
    slip_at(&store, 0, &[]);
    store.back_up(Reason::Manual, now() + Duration::hours(1)).unwrap();
    assert_eq!(store.doubts(&[]).unwrap(), []);
    drop(store);
    put_file(folder.path().join("a.book"), fs::read(earlier).unwrap());
    let store = book(folder.path());
    let doubts = store.doubts(&[]).unwrap();
    let [doubt] = doubts.as_slice() else { panic!("{doubts:?}") };
    assert!(doubt.sentence.starts_with("台帐比备份 a-备份-20261120-100000-手动-"), "{}", doubt.sentence);
    // It is another history from here on.
    slip_at(&store, 0, &[("customer", "乙厂")]);
    slip_at(&store, 0, &[("customer", "丙厂")]);
    let doubts = store.doubts(&[]).unwrap();
    let [doubt] = doubts.as_slice() else { panic!("{doubts:?}") };
    assert!(doubt.sentence.contains("被换过"), "{}", doubt.sentence);
}

#[test]
fn a_backup_that_was_put_back_knowingly_is_not_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    let earlier = store.back_up(Reason::Manual, now()).unwrap().made.remove(0);
    slip_at(&store, 0, &[]);
    store.back_up(Reason::Manual, now()).unwrap();
    drop(store);
    let mut window = window(folder.path());
    let ctx = window.ctx.clone();
    let restore = BackupCommand::Restore { path: earlier, password: String::new() };
    window.state_mut().run(&ctx, Command::Backup(restore));
    settle(&mut window);
    assert!(notice(&window).starts_with("已恢复"), "{}", notice(&window));
    assert!(!asked(&window));
    drop(window);
    assert!(!asked(&self::window(folder.path())));
}

#[test]
fn what_is_remembered_is_the_head_of_the_history() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()));
    let mut window = window(folder.path());
    window.key_press_modifiers(Modifiers::COMMAND, Key::N);
    window.run();
    window.get_by_label("用户名称").type_text("丁厂");
    window.run();
    window.key_press(Key::Tab);
    window.run();
    window.input_mut().viewports.entry(ViewportId::ROOT).or_default().events.push(ViewportEvent::Close);
    window.run();
    drop(window);
    let habits = Habits::read(&folder.path().join(FILE)).unwrap();
    let [seen] = habits.heads.as_slice() else { panic!("{habits:?}") };
    assert_eq!(Witness::read(&seen.head), book(folder.path()).witness().unwrap());
}

// The machine's date.

fn slip_on(store: &Store, at: NaiveDateTime) {
    let procedure = procedure();
    let form = procedure.form(&"05".into()).unwrap();
    store.work_by(&procedure, at).unwrap();
    let values = Values::from([("customer".into(), "甲厂".to_owned())]);
    store.create(form, &procedure.document.number, 2026, at, &values).unwrap();
}

/// A window on a book whose last line and whose file are so many days old.
fn opened_after(folder: &Path, line: i64, file: i64) -> Window {
    slip_on(&book(folder), now() - Duration::days(line));
    let path = folder.join("a.book");
    let at = (now() - Duration::days(file)).and_utc().timestamp();
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(at.try_into().unwrap())).unwrap();
    let (mut window, _) = crate::common::window(folder, "a.book");
    settle(&mut window);
    window
}

#[test]
fn an_odd_date_is_asked_about_and_an_office_back_from_its_holidays_is_not() {
    for (line, file, odd) in [
        (0, 0, false),
        (21, 21, false),
        (39, 39, false),
        (60, 60, true),
        (400, 5, false),
        (-2, 0, true),
        (-400, 0, true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let window = opened_after(folder.path(), line, file);
        assert_eq!(window.query_by_label_contains("日期对吗").is_some(), odd, "{line} {file}");
    }
}

#[test]
fn nothing_is_written_before_the_date_is_said_to_be_right() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened_after(folder.path(), -10, 0);
    assert!(window.query_by_label_contains("电脑的日期是 2026-11-20，台帐最后一次写是 2026-11-30").is_some());
    let before = book(folder.path()).head().unwrap();
    assert!(!folder.path().join("备份").exists(), "no copy under a date that may be wrong");
    window.key_press_modifiers(Modifiers::COMMAND, Key::N);
    window.run();
    window.get_by_label("用户名称").type_text("丁厂");
    window.run();
    window.key_press(Key::Tab);
    window.run();
    assert!(notice(&window).contains("请在窗口上方选“日期对”"), "{}", notice(&window));
    assert_eq!(book(folder.path()).head().unwrap(), before);
    click(&mut window, "先不写");
    assert!(window.query_by_label_contains("请先调好电脑的日期").is_some());
    click(&mut window, "日期对");
    assert!(window.query_by_label("先不写").is_none());
    // What was typed meanwhile goes in by itself.
    for _ in 0..240 {
        window.step();
    }
    settle(&mut window);
    let slips = book(folder.path()).records(&"05".into()).unwrap();
    assert!(slips.iter().any(|it| it.value("customer") == "丁厂"), "{}", notice(&window));
    assert!(folder.path().join("备份").exists());
    // The line that goes back says so beside the sheet.
    assert!(window.query_by_label_contains("（时钟倒退）").is_some());
    drop(window);
    let (window, _) = crate::common::window(folder.path(), "a.book");
    assert!(window.query_by_label_contains("日期对吗").is_none(), "it is asked once");
}
