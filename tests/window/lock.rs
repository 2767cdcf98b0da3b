//! 台帐口令 in the window: given, asked for at the start, changed, taken away; wrong ones lose nothing.
use std::fs;
use std::path::Path;

use crate::common::{Window, click, fill, notice as said, window};
use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use taizhang::command::{BackupCommand, Command, LockCommand};
use taizhang::procedure::FormId;
use taizhang::store::{self, Opener, Store};

const SECRET: &str = "质量科 2026";

/// A book with the sample sheets.
fn book(folder: &Path, name: &str) {
    fill(&Store::open(&folder.join(name)).unwrap());
}

fn write(window: &mut Window, field: &str, text: &str) {
    let field = |it: &Window| it.get_by_role_and_label(Role::PasswordInput, field).focus();
    field(window);
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.event(Event::Text(text.to_owned()));
    window.run();
}

/// Waits for the thread that writes the book anew.
fn wait(window: &mut Window) {
    let waiting = ["正在更换台帐口令", "完了就换口令"];
    // Between the one and the other there is a frame that says neither.
    let mut quiet = 0;
    while quiet < 3 {
        std::thread::yield_now();
        window.step();
        let waits = waiting.iter().any(|said| window.query_all_by_label_contains(said).next().is_some());
        quiet = if waits { 0 } else { quiet + 1 };
    }
    window.run();
}

/// Does what a button on the password's page does, and waits for its end.
fn change(window: &mut Window, button: &str) {
    window.get_by_label(button).click();
    window.run_steps(4);
    wait(window);
}

fn asked(window: &mut Window) {
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Lock(LockCommand::Ask));
    window.run();
}

/// A window on a book that has been given the password there.
fn locked(folder: &Path) -> Window {
    book(folder, "a.book");
    let (mut window, _) = window(folder, "a.book");
    asked(&mut window);
    write(&mut window, "新口令", SECRET);
    write(&mut window, "再写一遍新口令", SECRET);
    change(&mut window, "加上口令");
    window
}

fn is_plain(path: &Path) -> bool {
    fs::read(path).unwrap().starts_with(b"SQLite format 3")
}

#[test]
fn a_book_is_given_a_password_and_asks_for_it_ever_after() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    let given = locked(folder.path());
    assert!(said(&given).contains("台帐已加口令"), "{}", said(&given));
    assert!(!is_plain(&path));
    drop(given);

    let (mut window, _) = window(folder.path(), "a.book");
    assert!(window.query_by_label("这本台帐加了口令").is_some());
    assert!(window.state().book().is_none());
    write(&mut window, "口令", "不是这个");
    click(&mut window, "打开");
    assert!(window.query_by_label("口令不对，请再输一遍").is_some());
    write(&mut window, "口令", SECRET);
    click(&mut window, "打开");
    assert_eq!(window.state().book(), Some(path.as_path()));
    assert!(window.query_by_label("这本台帐加了口令").is_none());
}

#[test]
fn a_password_is_written_twice_alike_and_is_not_short() {
    let folder = tempfile::tempdir().unwrap();
    book(folder.path(), "a.book");
    let (mut window, _) = window(folder.path(), "a.book");
    asked(&mut window);
    write(&mut window, "新口令", "短");
    write(&mut window, "再写一遍新口令", "短");
    click(&mut window, "加上口令");
    assert!(window.query_by_label_contains("至少要").is_some());
    write(&mut window, "新口令", SECRET);
    write(&mut window, "再写一遍新口令", "质量科 2025");
    click(&mut window, "加上口令");
    assert!(window.query_by_label_contains("两遍写的不一样").is_some());
    assert!(is_plain(&folder.path().join("a.book")));
}

#[test]
fn whoever_does_not_know_the_password_does_not_change_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = locked(folder.path());
    asked(&mut window);
    click(&mut window, "取消口令");
    assert!(window.query_by_label("请先输入现在的口令").is_some());
    write(&mut window, "现在的口令", "不是这个");
    change(&mut window, "取消口令");
    assert!(window.query_by_label("现在的口令不对").is_some());
    assert!(!is_plain(&folder.path().join("a.book")));

    write(&mut window, "现在的口令", SECRET);
    change(&mut window, "取消口令");
    assert!(said(&window).contains("口令已取消"), "{}", said(&window));
    assert!(is_plain(&folder.path().join("a.book")));
}

#[test]
fn a_password_waits_until_the_book_has_been_copied() {
    let folder = tempfile::tempdir().unwrap();
    book(folder.path(), "a.book");
    let (mut window, _) = window(folder.path(), "a.book");
    asked(&mut window);
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Backup(BackupCommand::Make));
    let change = LockCommand::Change { old: String::new(), new: SECRET.to_owned() };
    window.state_mut().run(&ctx, Command::Lock(change));
    assert!(is_plain(&folder.path().join("a.book")));
    while !said(&window).contains("台帐已加口令") {
        std::thread::yield_now();
        window.step();
    }
    assert!(!is_plain(&folder.path().join("a.book")));
}

/// Two windows on one book: the other one would write into a file that is no longer the book.
#[test]
fn another_window_on_the_book_keeps_its_password_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    book(folder.path(), "a.book");
    let (mut window, _) = window(folder.path(), "a.book");
    let other = Store::open(&folder.path().join("a.book")).unwrap();
    asked(&mut window);
    write(&mut window, "新口令", SECRET);
    write(&mut window, "再写一遍新口令", SECRET);
    change(&mut window, "加上口令");
    assert!(said(&window).contains("另一个窗口也开着"), "{}", said(&window));
    assert!(window.state().book().is_some(), "the book lies on the desk as before");
    assert!(other.count(&FormId::from("05")).unwrap() > 0);
    assert!(is_plain(&folder.path().join("a.book")));
}

#[test]
fn going_back_from_the_page_leaves_the_book_on_the_desk() {
    let folder = tempfile::tempdir().unwrap();
    book(folder.path(), "a.book");
    book(folder.path(), "b.book");
    let locked = folder.path().join("b.book");
    Opener::new(&locked, None).change_key(store::Key::new(SECRET).as_ref()).unwrap();
    let (mut window, hands) = window(folder.path(), "a.book");
    hands.answers.borrow_mut().push(taizhang::app::Answer::Path(locked));
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::ChooseBook);
    window.run();
    assert!(window.query_by_label("这本台帐加了口令").is_some());
    click(&mut window, "返回");
    assert_eq!(window.state().book(), Some(folder.path().join("a.book").as_path()));
    assert!(window.query_by_label("这本台帐加了口令").is_none());
}
