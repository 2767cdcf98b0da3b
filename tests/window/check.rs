//! 检查台帐 in the window: beside the clerk's work, silent where all is well.

use std::path::Path;
use std::time::Duration;

use crate::common::{Window, book, click, notice, slip_at, window};
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

/// A book of two slips, and what was done to it by hand.
fn book_with(folder: &Path, sql: &str) {
    let store = book(folder);
    slip_at(&store, 1, &[]);
    slip_at(&store, 0, &[("customer", "乙厂")]);
    drop(store);
    rusqlite::Connection::open(folder.join("a.book")).unwrap().execute_batch(sql).unwrap();
}

/// The check runs in a thread of its own: goes on until the window says something.
fn until(window: &mut Window, said: &str) {
    for _ in 0..2000 {
        window.run();
        if window.query_all_by_label_contains(said).next().is_some() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("the window never said {said}");
}

#[test]
fn where_all_is_well_nothing_is_said_unasked() {
    let folder = tempfile::tempdir().unwrap();
    book_with(folder.path(), "");
    let (mut window, _) = window(folder.path(), "a.book");
    // Asked for, it says what it looked at.
    click(&mut window, "文件");
    click(&mut window, "检查台帐");
    until(&mut window, "检查通过：2 张单、");
    assert!(window.query_by_label_contains("，第一行至最后一行相符").is_some());
    assert_eq!(notice(&window), "");
    assert!(window.query_by_label_contains("处问题").is_none());
    click(&mut window, "再检查一次");
    until(&mut window, "检查通过：2 张单、");
    click(&mut window, "关闭");
    assert!(window.query_by_label_contains("检查通过").is_none());
}

#[test]
fn what_was_changed_by_hand_is_told_after_opening_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    book_with(folder.path(), "UPDATE value SET text = '丙厂' WHERE text = '乙厂'");
    let (mut window, _) = window(folder.path(), "a.book");
    until(&mut window, "台帐有 1 处问题");
    assert_eq!(notice(&window), "检查台帐发现 1 处问题：先不要继续办理，点上方的“台帐有 1 处问题”看是哪些");
    window.get_by_label("台帐有 1 处问题").click();
    window.run();
    assert!(window.query_by_label_contains("表 05 的 2026-002 与修改记录不符").is_some());
    assert!(window.query_by_label_contains("“用户名称”一格（customer）").is_some());
    assert!(window.query_by_label_contains("与最近的备份和打印的台帐核对").is_some());
    click(&mut window, "复制结果");
    assert_eq!(notice(&window), "检查结果已抄到剪贴板");
    window.key_press(Key::Escape);
    window.run();
    assert!(window.query_by_label("复制结果").is_none());
    // It stays told until a check finds nothing any more.
    rusqlite::Connection::open(folder.path().join("a.book"))
        .unwrap()
        .execute_batch("UPDATE value SET text = '乙厂' WHERE text = '丙厂'")
        .unwrap();
    click(&mut window, "台帐有 1 处问题");
    click(&mut window, "再检查一次");
    until(&mut window, "检查通过：2 张单、");
    assert!(window.query_by_label("台帐有 1 处问题").is_none());
}

/// What is taken into a book that is not in order cannot be told from it afterwards: the question says so.
#[test]
fn an_import_into_a_book_that_is_not_in_order_says_so() {
    let folder = tempfile::tempdir().unwrap();
    book_with(folder.path(), "UPDATE value SET text = '丙厂' WHERE text = '乙厂'");
    let (mut window, _) = window(folder.path(), "a.book");
    until(&mut window, "台帐有 1 处问题");
    let exchange = folder.path().join("单.json");
    crate::common::put_file(&exchange, crate::common::CASES);
    let ctx = window.ctx.clone();
    window.state_mut().open_file(&ctx, &exchange);
    until(&mut window, "导入交换文件");
    assert!(window.query_by_label_contains("这本台帐检查时发现 1 处问题").is_some());
}

#[test]
fn the_check_is_found_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run();
    window.get_by_label("找命令").type_text("检查");
    window.run();
    window.key_press(Key::Enter);
    until(&mut window, "检查通过：0 张单、0 行修改记录");
}

/// Numbers that are missing are the number book's matter: nobody is alarmed by them.
#[test]
fn a_missing_number_is_listed_and_alarms_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let procedure = crate::common::procedure();
    let sheets = r#"{"form05": [{"投诉日期": "2026-11-20", "number": "2026-003"}]}"#;
    let sheets = taizhang::exchange::read(sheets, &procedure, crate::common::now()).unwrap();
    book(folder.path()).import(&procedure.document, sheets, crate::common::now()).unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    click(&mut window, "文件");
    click(&mut window, "检查台帐");
    until(&mut window, "编号有 1 处空缺，请在编号簿里说明");
    assert!(window.query_by_label("1. 表 05 的 2026 年缺第 1 至 2 号").is_some());
    assert_eq!(notice(&window), "");
    assert!(window.query_by_label_contains("处问题").is_none());
}

/// The ledger's page bears the very line that its paper does.
#[test]
fn the_ledger_shows_the_head_of_the_history() {
    let folder = tempfile::tempdir().unwrap();
    book_with(folder.path(), "");
    let head = book(folder.path()).head().unwrap().unwrap().to_string();
    let (mut window, _) = window(folder.path(), "a.book");
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    window.run();
    assert!(window.query_by_label(&head).is_some());
}

/// Closing the window, or another book on the desk, ends the check: no connection keeps the book's log open.
#[test]
fn a_window_that_is_closed_leaves_no_log_behind() {
    let folder = tempfile::tempdir().unwrap();
    book_with(folder.path(), "");
    let (mut window, _) = window(folder.path(), "a.book");
    // The day's copy is made on a connection of its own.
    while window.state().is_backing_up() {
        std::thread::yield_now();
        window.step();
    }
    drop(window);
    let left = std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name());
    let left: Vec<_> = left.filter(|it| it != "备份").collect();
    assert_eq!(left, ["a.book"]);
}
