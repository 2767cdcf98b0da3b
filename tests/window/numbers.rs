//! 编号簿, driven by its labels: numbers run on inside a year and form; each is used, void, or reserved for a blank sheet
//! handed out; every gap is explained (PROCEDURE 5).

use std::path::Path;

use crate::common::{Window, now, procedure, read, window};
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use taizhang::app::Answer;
use taizhang::export::{self, Clock};
use taizhang::procedure::FormId;
use taizhang::record::{NumberLine, NumberState, Record};
use taizhang::store::{NewRecord, Store};

fn store(folder: &Path) -> Store {
    Store::open_existing(&folder.join("a.book")).unwrap()
}

fn numbers(folder: &Path, form: &str) -> Vec<NumberLine> {
    store(folder).numbers(&FormId::from(form), 2026).unwrap()
}

fn states(folder: &Path) -> Vec<(String, &'static str)> {
    numbers(folder, "05").into_iter().map(|it| (it.number, it.state.name())).collect()
}

fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    window.run();
}

fn write(window: &mut Window, label: &str, text: &str) {
    click(window, label);
    window.get_by_label(label).type_text(text);
    window.run();
}

fn key(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run();
}

/// Ctrl+9.
fn open_book(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num9);
    window.run();
}

/// Waits for the PDF that is being made beside the window.
fn wait_for(window: &mut Window, path: &Path) {
    for _ in 0..400 {
        if path.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
        window.step();
    }
    window.run();
}

#[test]
fn a_number_is_drawn_when_the_sheet_is_first_written_never_by_opening_one() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    for _ in 0..3 {
        window.key_press_modifiers(Modifiers::COMMAND, Key::N);
        window.run();
        key(&mut window, Key::Tab);
        key(&mut window, Key::Escape);
    }
    open_book(&mut window);
    assert!(window.query_by_label("这一年还没有取过编号").is_some());
    assert!(window.query_by_label_contains("下一号 2026-001").is_some());
    window.key_press_modifiers(Modifiers::COMMAND, Key::N);
    window.run();
    window.get_by_label("用户名称").type_text("甲厂");
    window.run();
    key(&mut window, Key::Tab);
    open_book(&mut window);
    assert!(window.query_by_label("2026-001 已用 甲厂").is_some());
    assert_eq!(states(folder.path()), [("2026-001".to_owned(), "已用")]);
    click(&mut window, "2026-001 已用 甲厂");
    assert_eq!(window.state().record().number, "2026-001");
    assert!(window.query_by_label("投诉内容").is_some(), "the sheet lies on the desk");
}

#[test]
fn blank_sheets_are_reserved_printed_and_typed_when_they_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, hands) = window(folder.path(), "a.book");
    let pdf = folder.path().join("空白.pdf");
    hands.answers.borrow_mut().push(Answer::Path(pdf.clone()));
    open_book(&mut window);
    click(&mut window, "预留空白单…");
    click(&mut window, "预留，存成 PDF…");
    assert_eq!(window.state().notice(), Some("没有预留：请写明领用人，编号簿里要有"));
    write(&mut window, "领用人", "何敏");
    write(&mut window, "用途", "走访时填写");
    click(&mut window, "张数");
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.get_by_label("张数").type_text("２");
    window.run();
    click(&mut window, "预留，存成 PDF…");
    wait_for(&mut window, &pdf);
    assert_eq!(*hands.suggested.borrow(), ["空白_处置单_2026-001至2026-002.pdf"]);
    assert!(pdf.exists());
    if let Some(text) = read("pdftotext", &["-layout", &pdf.display().to_string(), "-"]) {
        // In two copies each.
        assert_eq!((text.matches("N0: 2026-001").count(), text.matches("N0: 2026-002").count()), (2, 2), "{text}");
    }
    assert!(window.query_by_label("2026-001 预留 何敏，走访时填写").is_some());

    // A new slip skips what is reserved.
    window.key_press_modifiers(Modifiers::COMMAND, Key::N);
    window.run();
    window.get_by_label("用户名称").type_text("甲厂");
    window.run();
    key(&mut window, Key::Tab);
    assert_eq!(window.state().record().number, "2026-003");
    open_book(&mut window);
    click(&mut window, "登记这张 2026-002");
    assert_eq!(window.state().record().number, "2026-002");
    window.get_by_label("用户名称").type_text("乙厂");
    window.run();
    key(&mut window, Key::Tab);
    open_book(&mut window);
    assert!(window.query_by_label("2026-002 已用 乙厂").is_some());
    assert!(window.query_by_label("登记这张 2026-002").is_none(), "once only");

    click(&mut window, "作废 2026-001");
    click(&mut window, "作废");
    assert_eq!(window.state().notice(), Some("没有写入：请写明理由"));
    write(&mut window, "作废理由", "空白单遗失");
    key(&mut window, Key::Enter);
    assert!(window.query_by_label("2026-001 作废 空白单遗失").is_some());
    let wanted = [("2026-001", "作废"), ("2026-002", "已用"), ("2026-003", "已用")];
    assert_eq!(states(folder.path()), wanted.map(|(number, state)| (number.to_owned(), state)));
    assert_eq!(store(folder.path()).check(), [""; 0]);
}

/// Slips that bring their numbers along leave gaps; the page wants each explained, and prints it.
#[test]
fn a_gap_is_explained_and_the_book_printed() {
    let folder = tempfile::tempdir().unwrap();
    let procedure = procedure();
    let form = procedure.form(&"05".into()).unwrap();
    let slip = |sequence| NewRecord {
        form: form.form.clone(),
        edition: form.edition.clone(),
        year: 2026,
        number: Some((sequence, procedure.document.number.format(2026, sequence))),
        entered: now(),
        rounds: Vec::new(),
        corrections: Vec::new(),
        void: None,
        facts: Vec::new(),
    };
    let book = Store::open(&folder.path().join("a.book")).unwrap();
    book.import(&procedure.document, [slip(1), slip(5), slip(7)], now()).unwrap();
    drop(book);
    let (mut window, hands) = window(folder.path(), "a.book");
    open_book(&mut window);
    assert!(window.query_by_label("有 2 处空号没有说明，从 2026-002 至 2026-004 起").is_some());
    click(&mut window, "说明 2026-002 至 2026-004");
    write(&mut window, "说明", "旧本纸单，存 3 号柜");
    click(&mut window, "写入说明");
    assert!(window.query_by_label("2026-002 至 2026-004 空号 旧本纸单，存 3 号柜").is_some());
    assert!(window.query_by_label("有 1 处空号没有说明，从 2026-006 起").is_some());
    write(&mut window, "筛选编号", "要说明");
    assert!(window.query_by_label("2026-006 空号 要说明").is_some());
    assert!(window.query_by_label_contains("2026-001 已用").is_none());
    let pdf = folder.path().join("编号簿.pdf");
    hands.answers.borrow_mut().push(Answer::Path(pdf.clone()));
    click(&mut window, "打印编号簿");
    while window.query_by_label_contains("第 1 页，共").is_none() {
        std::thread::yield_now();
        window.step();
    }
    click(&mut window, "照这样存成 PDF…");
    wait_for(&mut window, &pdf);
    assert_eq!(*hands.suggested.borrow(), ["编号簿_投诉处置单_2026年.pdf"]);
    if let Some(text) = read("pdftotext", &["-layout", &pdf.display().to_string(), "-"]) {
        for words in ["编号簿", "2026年 QG/R0309—05", "2026-001", "旧本纸单，存 3 号柜", "未说明", "2026-007"]
        {
            assert!(text.contains(words), "{words} is printed whatever the filter: {text}");
        }
    }
}

/// What another window reserves is seen here.
#[test]
fn another_windows_numbers_are_seen() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    open_book(&mut window);
    let (procedure, other) = (procedure(), store(folder.path()));
    let form = procedure.form(&"05".into()).unwrap();
    other.reserve(form, &procedure.document.number, 2026, 1, ("", "何敏"), now()).unwrap();
    window.run();
    assert!(window.query_by_label("2026-001 预留 何敏").is_some());
    let line = numbers(folder.path(), "05").remove(0);
    assert_eq!(line.state, NumberState::Reserved);
    other.take_reserved(form, &procedure.document.number, &line, now()).unwrap();
    window.run();
    assert!(window.query_by_label("2026-001 已用 （未填）").is_some());
    assert!(window.query_by_label("登记这张 2026-001").is_none());
}

#[test]
fn each_form_and_year_has_its_own_book() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    let (procedure, other) = (procedure(), store(folder.path()));
    let form = procedure.form(&"01".into()).unwrap();
    for year in [2025, 2026] {
        other.reserve(form, &procedure.document.number, year, 1, ("", "何敏"), now()).unwrap();
    }
    open_book(&mut window);
    assert!(window.query_by_label("2026-001 预留 何敏").is_none());
    let short = procedure.form(&"01".into()).unwrap().short.clone();
    let chips: Vec<_> = window.get_all_by_label(&short).collect();
    chips.last().unwrap().click();
    window.run();
    assert!(window.query_by_label("2026-001 预留 何敏").is_some());
    click(&mut window, "‹");
    assert!(window.query_by_label("2025-001 预留 何敏").is_some());
    assert!(window.get_by_label("预留空白单…").accesskit_node().is_disabled(), "the past is over");
}

/// Where the form has no place for a number, it stands outside the frame; the sheet itself is unchanged.
#[test]
fn a_blank_sheet_bears_its_number() {
    let procedure = procedure();
    let clock = Clock { now: now(), utc_offset_minutes: 480 };
    for (id, words) in
        [("01", "编号 2026-007"), ("02", "编号 2026-007"), ("03", "N0: 2026-007"), ("05", "N0: 2026-007")]
    {
        let form = procedure.form(&id.into()).unwrap();
        let numbers = ["2026-007".to_owned(), "2026-008".to_owned()];
        let bytes = export::blanks(&procedure, form, &numbers, &clock).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pdf");
        taizhang::pdf::save(&path, &bytes).unwrap();
        let Some(text) = read("pdftotext", &["-layout", &path.display().to_string(), "-"]) else { return };
        assert_eq!(text.matches(words).count(), form.copies.len().max(1), "form {id}: {text}");
        let blank = Record::empty(form, now());
        assert!(blank.number.is_empty());
    }
}

/// A year of ten thousand numbers: the page draws the rows that are seen, and no others.
#[test]
fn ten_thousand_numbers_are_drawn_in_an_instant() {
    let folder = tempfile::tempdir().unwrap();
    let procedure = procedure();
    let book = Store::open(&folder.path().join("a.book")).unwrap();
    let form = procedure.form(&"05".into()).unwrap();
    book.reserve(form, &procedure.document.number, 2026, 10_000, ("", "何敏"), now()).unwrap();
    drop(book);
    let (mut window, _) = window(folder.path(), "a.book");
    open_book(&mut window);
    let before = std::time::Instant::now();
    window.run_steps(20);
    let each = before.elapsed() / 20;
    assert!(each < std::time::Duration::from_millis(60), "{each:?} a frame, unoptimised");
    assert!(window.query_by_label("2026-10000 预留 何敏").is_some(), "newest first");
    assert!(window.query_by_label("2026-9000 预留 何敏").is_none(), "rows out of sight are not drawn");
    write(&mut window, "筛选编号", "2026-9000");
    assert!(window.query_by_label("2026-9000 预留 何敏").is_some());
}
