//! Two people, two windows, one book: each is told of the other, sees what the other writes, and no number or word is lost.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, SystemTime};

use crate::common::{Window, book, fill_in, notice, slip_at, window};
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use taizhang::command::{Command, View};
use taizhang::store::Store;

/// What stands in the file of a window on another computer, until it is dropped.
fn seat(book: &Path, said: &str, since: &str) -> tempfile::NamedTempFile {
    let prefix = format!("{}-在用-", book.file_name().unwrap().to_str().unwrap());
    let mut seat = tempfile::Builder::new().prefix(&prefix).tempfile_in(book.parent().unwrap()).unwrap();
    seat.write_all(said.as_bytes()).unwrap();
    let since = chrono::DateTime::parse_from_rfc3339(since).unwrap().timestamp();
    let since = SystemTime::UNIX_EPOCH + Duration::from_secs(since.try_into().unwrap());
    seat.as_file().set_modified(since).unwrap();
    seat.as_file().lock_shared().unwrap();
    seat
}

fn names(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn show(window: &mut Window, view: View) {
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Show(view));
    window.run();
}

fn sees(window: &Window, text: &str) -> bool {
    window.query_all_by_label_contains(text).next().is_some()
}

#[test]
fn a_window_says_who_else_has_the_book_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    slip_at(&Store::open(&path).unwrap(), 0, &[]);
    let today = seat(&path, "QC-02\n张三\n77\n", "2026-11-20T09:31:00+08:00");
    let (two, _) = window(folder.path(), "a.book");
    assert_eq!(notice(&two), "张三（电脑 QC-02）自 09:31 起也开着这本台帐：两边都可以填，编号不会重复");
    // Since yesterday; and a window that does not know its own name.
    drop((two, today));
    let _yesterday = seat(&path, "QC-02\n李四\n78\n", "2026-11-19T16:05:00+08:00");
    let _nameless = seat(&path, "", "2026-11-20T08:00:00+08:00");
    let (two, _) = window(folder.path(), "a.book");
    let said = notice(&two);
    assert!(said.starts_with("李四（电脑 QC-02）自 11-19 16:05 起，有人（另一台电脑）自 08:00 起也开着"), "{said}");
}

/// The same person starts the program twice: the second window works, and says that there is another one.
#[test]
fn a_second_start_on_the_same_computer_is_told_and_works() {
    let folder = tempfile::tempdir().unwrap();
    let (one, _) = window(folder.path(), "a.book");
    assert_eq!(one.state().notice(), None);
    let (two, _) = window(folder.path(), "a.book");
    assert!(notice(&two).contains("（这台电脑的另一个窗口）自 "), "{}", notice(&two));
    assert!(notice(&two).ends_with("起也开着这本台帐：两边都可以填，编号不会重复"));
    drop((one, two));
    let (three, _) = window(folder.path(), "a.book");
    assert_eq!(three.state().notice(), None);
    drop(three);
    assert_eq!(names(folder.path()), ["a.book"]);
}

#[test]
fn what_a_crashed_window_left_behind_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    drop(Store::open(&path).unwrap());
    // It is not locked, so nobody sits there any more; another book's is none of this one's business.
    let crashed = folder.path().join("a.book-在用-Xy12");
    File::create(&crashed).unwrap().write_all("QC-02\n张三\n".as_bytes()).unwrap();
    let others = folder.path().join("b.book-在用-Xy12");
    File::create(&others).unwrap();
    let (one, _) = window(folder.path(), "a.book");
    assert_eq!(one.state().notice(), None);
    assert!(!crashed.exists() && others.exists());
}

/// A folder that OneDrive copies to other computers is no place for an open book; it is opened, and said.
#[test]
fn a_book_in_a_folder_that_is_copied_elsewhere_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (window, _) = window(folder.path(), "OneDrive - 某公司/a.book");
    assert!(notice(&window).starts_with("台帐在 OneDrive 的同步文件夹里"), "{}", notice(&window));
    assert!(window.state().book().is_some());
}

/// Anybody may have written what another window says of itself.
#[test]
fn what_another_window_says_of_itself_is_not_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    let store = Store::open(&path).unwrap();
    let long = "长".repeat(100_000);
    let _odd = seat(&path, &format!("\u{7}QC\u{1B}[31m\u{0}\n{long}\n"), "1970-01-01T00:00:00+00:00");
    let seats = store.seats();
    assert_eq!(seats.len(), 1);
    assert_eq!(seats[0].computer, "QC[31m");
    assert_eq!(seats[0].user.chars().count(), 40);
    assert!(!seats[0].is_here());
}

#[test]
fn only_its_owner_reads_who_sits_at_a_window() {
    let folder = tempfile::tempdir().unwrap();
    let _store = Store::open(&folder.path().join("a.book")).unwrap();
    let names = names(folder.path());
    let beside: Vec<&String> = names.iter().filter(|it| it.contains("-在用-") || it.ends_with("-lock")).collect();
    assert_eq!(beside.len(), 2);
    #[cfg(unix)]
    for name in beside {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600, "{name}");
    }
}

#[test]
fn what_one_window_writes_appears_on_every_page_of_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 0, &[]);
    // On the other desk lies another slip.
    slip_at(&book(folder.path()), 0, &[("customer", "乙厂")]);
    let (mut one, _) = window(folder.path(), "a.book");
    let (mut two, _) = window(folder.path(), "a.book");
    let ctx = two.ctx.clone();
    two.state_mut().run(&ctx, Command::Open(id));
    two.run();
    let mut before = "癸厂";
    let pages = [View::Today, View::Sheets("05".into()), View::Register("04".into()), View::Customers];
    for (view, now) in pages.into_iter().zip(["子厂", "丑厂", "寅厂", "卯厂"]) {
        show(&mut one, view.clone());
        assert!(sees(&one, before), "{view:?}");
        fill_in(&mut two, "用户名称", now);
        two.key_press(Key::Tab);
        two.run();
        // The page lay open all the while.
        one.run();
        assert!(sees(&one, now) && !sees(&one, before), "{view:?}");
        before = now;
    }
}

/// Both write one cell: the last word stands, the other is told of and kept in the history.
#[test]
fn a_text_that_one_window_writes_over_the_others_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 0, &[]);
    let (mut one, _) = window(folder.path(), "a.book");
    show(&mut one, View::Sheets("05".into()));
    one.get_by_label("联系电话").click();
    one.run();
    one.get_by_label("联系电话").type_text("转 1");
    // A letter is in hand as soon as it is drawn, and on the disk at the next pause.
    one.step();
    let there = book(folder.path()).record(id).unwrap().unwrap().value("phone").to_owned();
    // The other window writes before this one draws again.
    book(folder.path())
        .set(id, &taizhang::record::CellId::new("phone", 0), "转 2", &there, crate::common::now())
        .unwrap();
    one.run();
    one.key_press(Key::Escape);
    one.run();
    let kept = book(folder.path()).record(id).unwrap().unwrap().value("phone").to_owned();
    let history = book(folder.path()).history(id).unwrap();
    assert_eq!(notice(&one), "另一个窗口刚把这一格写成“转 2”，已被这里的覆盖；原文留在修改记录里");
    assert_eq!(kept, format!("{there}转 1"));
    assert!(history.iter().any(|it| it.old == "转 2" && it.new == kept));
}

/// Three programs and a window begin slips at once: every number is given once, and none is left out.
#[test]
fn programs_that_write_at_once_never_give_a_number_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    let (mut desk, _) = window(folder.path(), "a.book");
    let sheets: Vec<String> = (0..30).map(|it| format!(r#"{{"用户": "第{it}厂", "日期": "2026-11-16"}}"#)).collect();
    let file = folder.path().join("单.json");
    File::create(&file).unwrap().write_all(format!(r#"{{"form05": [{}]}}"#, sheets.join(",")).as_bytes()).unwrap();
    let start = |_| {
        let mut program = Process::new(env!("CARGO_BIN_EXE_taizhang"));
        let program = program.arg("import").arg(&file).arg("--book").arg(&path);
        program.env("TAIZHANG_NOW", "2026-11-20T09:00:00").stdout(Stdio::null()).spawn().unwrap()
    };
    let programs: Vec<_> = (0..3).map(start).collect();
    for number in 0..10 {
        desk.key_press_modifiers(Modifiers::COMMAND, Key::N);
        desk.run();
        desk.get_by_label("用户名称").type_text(&format!("窗口{number}"));
        desk.run();
        desk.key_press(Key::Tab);
        desk.run();
    }
    for mut program in programs {
        assert!(program.wait().unwrap().success());
    }
    let store = Store::open_existing(&path).unwrap();
    let numbers: Vec<String> = store.records(&"05".into()).unwrap().into_iter().map(|it| it.number).collect();
    let expected: Vec<String> = (1..=100).map(|it| format!("2026-{it:03}")).collect();
    assert_eq!(numbers, expected);
    assert_eq!(store.check(), [""; 0]);
}
