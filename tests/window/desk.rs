//! The window, driven by its labels as a clerk (or a screen reader) drives it; no screen, no GPU, a real book.

use crate::common::{Hands, Window, fill, now, slip_at};
use eframe::egui::{Event, ImeEvent, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use taizhang::app::Answer;
use taizhang::command::{Command, RegisterCommand, View};
use taizhang::procedure::FormId;
use taizhang::record::{CellId, Record, RecordId, Values};
use taizhang::register::Period;
use taizhang::store::Store;

fn slips(folder: &std::path::Path, book: &str) -> Vec<Record> {
    Store::open_existing(&folder.join(book)).unwrap().records(&FormId::from("05")).unwrap()
}

/// A window on the book, the slips on its desk.
fn window(folder: &std::path::Path, book: &str) -> (Window, Hands) {
    let (mut window, hands) = crate::common::window(folder, book);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run();
    (window, hands)
}

/// Types into the cell of that name, as a hand would: click, then write.
fn write(window: &mut Window, cell: &str, text: &str) {
    window.get_by_label(cell).click();
    window.run();
    window.get_by_label(cell).type_text(text);
    window.run();
}

fn key(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run();
}

/// Ctrl+N: an empty slip, the pen in its first cell.
fn new_slip(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::N);
    window.run();
}

#[test]
fn an_empty_book_offers_a_new_slip_and_the_samples() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "空.book");
    assert!(window.query_by_label("这本台帐还是空的").is_some());
    window.get_by_label("打开示例").click();
    window.run();
    assert!(window.query_by_label("共 30 份").is_some());
    assert_eq!(slips(folder.path(), "示例.book").len(), 30);
    // The samples lie in a book of their own.
    assert!(slips(folder.path(), "空.book").is_empty());
    window.get_by_label("回到我的台帐").click();
    window.run();
    assert!(window.query_by_label("这本台帐还是空的").is_some());
}

/// 4.5.1: a complaint is registered on the slip; its number is drawn when first something is written.
#[test]
fn a_complaint_is_typed_on_the_sheet_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    new_slip(&mut window);
    assert!(slips(folder.path(), "a.book").is_empty(), "merely opening a sheet draws no number");
    window.get_by_label("用户名称").type_text("江苏澄澜氟材料有限公司");
    window.run();
    key(&mut window, Key::Tab);
    assert_eq!(window.state().record().number, "2026-001");
    window.get_by_label("投诉联系人").type_text("陈堃");
    window.run();
    key(&mut window, Key::Enter);
    window.get_by_label("联系电话").type_text("0519-5555 0622 转 306");
    window.run();
    key(&mut window, Key::Tab);
    window.get_by_label("投诉日期").type_text("11.20");
    window.run();
    key(&mut window, Key::Enter);
    window.get_by_label("投诉内容").type_text("密集气孔一处。");
    window.run();
    key(&mut window, Key::Enter);
    window.get_by_label("投诉内容").type_text("请派人。");
    window.run();
    key(&mut window, Key::Escape);
    let kept = slips(folder.path(), "a.book");
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].value("customer"), "江苏澄澜氟材料有限公司");
    assert_eq!(kept[0].value("contact"), "陈堃");
    assert_eq!(kept[0].value("phone"), "0519-5555 0622 转 306");
    assert_eq!(kept[0].value("date"), "2026-11-20");
    assert_eq!(kept[0].value("complaint"), "密集气孔一处。\n请派人。");
    assert!(window.query_by_label_contains("2026-001 江苏澄澜氟材料有限公司").is_some(), "the list has it");
}

#[test]
fn shift_tab_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    new_slip(&mut window);
    key(&mut window, Key::Tab);
    window.key_press_modifiers(Modifiers::SHIFT, Key::Tab);
    window.run();
    window.get_by_label("用户名称").type_text("甲厂");
    window.run();
    key(&mut window, Key::Tab);
    assert_eq!(slips(folder.path(), "a.book")[0].value("customer"), "甲厂");
}

#[test]
fn an_entry_is_kept_at_a_pause_without_leaving_the_cell() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    new_slip(&mut window);
    window.get_by_label("用户名称").type_text("乙厂");
    // The program may be killed after this second: no key, no click, only time.
    for _ in 0..8 {
        window.step();
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    window.run_steps(80);
    assert_eq!(slips(folder.path(), "a.book")[0].value("customer"), "乙厂");
    // And the pen is still in the cell.
    window.get_by_label("用户名称").type_text("有限公司");
    window.run_steps(80);
    assert_eq!(slips(folder.path(), "a.book")[0].value("customer"), "乙厂有限公司");
}

#[test]
fn what_is_no_date_is_marked_and_kept_as_typed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    new_slip(&mut window);
    key(&mut window, Key::Tab);
    write(&mut window, "投诉日期", "下周三吧");
    key(&mut window, Key::Enter);
    assert_eq!(slips(folder.path(), "a.book")[0].value("date"), "下周三吧");
    assert!(window.query_by_label_contains("“下周三吧”不是日期").is_some());
}

#[test]
fn a_day_is_picked_from_the_calendar() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    new_slip(&mut window);
    window.get_by_label("投诉日期").click();
    window.run();
    window.get_by_label("2026年11月17日").click();
    window.run();
    key(&mut window, Key::Escape);
    assert_eq!(slips(folder.path(), "a.book")[0].value("date"), "2026-11-17");
}

/// 用户意见 is chosen by clicking a letter or typing it; F has its own bracket.
#[test]
fn the_users_answer_is_a_letter() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&Store::open(&folder.path().join("a.book")).unwrap(), 5, &[]);
    let (mut window, _) = window(folder.path(), "a.book");
    window.get_by_label("适合页面").click();
    window.run();
    window.get_by_label("用户意见 B 较满意").click();
    window.run();
    assert_eq!(slips(folder.path(), "a.book")[0].value("opinion"), "B 较满意");
    window.get_by_label("用户意见 B 较满意").click();
    window.run();
    assert_eq!(slips(folder.path(), "a.book")[0].value("opinion"), "", "a second click takes it back");
    // The pen stays on the choice: a letter chooses.
    window.event(Event::Text("d".into()));
    window.run();
    assert_eq!(slips(folder.path(), "a.book")[0].value("opinion"), "D 较不满意");
    window.event(Event::Text("f".into()));
    window.run();
    window.get_by_label("用户意见 其他").type_text("再观察半年");
    window.run();
    key(&mut window, Key::Escape);
    assert_eq!(slips(folder.path(), "a.book")[0].value("opinion"), "F 其他（再观察半年）");
}

#[test]
fn ctrl_z_takes_back_in_the_cell_and_outside_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    new_slip(&mut window);
    window.get_by_label("用户名称").type_text("丙厂");
    window.run();
    key(&mut window, Key::Escape);
    key(&mut window, Key::Escape);
    assert_eq!(window.state().record().value("customer"), "丙厂");
    // In the cell: what was pasted last goes, what stood there stays.
    window.get_by_label("用户名称").click();
    window.run();
    window.event(Event::Paste("（上海浦东新区分厂）".to_owned()));
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run();
    key(&mut window, Key::Escape);
    assert_eq!(window.state().record().value("customer"), "丙厂");
    // Outside it, and in a cell where nothing was typed yet: what was written last goes.
    window.get_by_label("联系电话").click();
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run();
    assert_eq!(window.state().record().value("customer"), "");
}

/// Letters being composed are not text: they are not kept, and clicking elsewhere leaves none of them behind.
#[test]
fn pinyin_left_by_a_click_leaves_no_letters() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    new_slip(&mut window);
    let composing = |text: &str| Event::Ime(ImeEvent::Preedit { text: text.into(), active_range_chars: None });
    window.event(composing("wei xiu"));
    window.run_steps(80);
    assert!(slips(folder.path(), "a.book").is_empty(), "a composition is not saved");
    window.get_by_label("投诉联系人").click();
    window.run();
    window.event(composing("chen"));
    window.run();
    window.event(composing(""));
    window.event(Event::Ime(ImeEvent::Commit("陈堃".into())));
    window.run();
    key(&mut window, Key::Tab);
    let kept = slips(folder.path(), "a.book");
    assert_eq!(kept[0].value("customer"), "");
    assert_eq!(kept[0].value("contact"), "陈堃");
}

/// What was typed before is offered: ↓ and Enter take it.
#[test]
fn people_and_departments_offer_what_was_typed_before() {
    let folder = tempfile::tempdir().unwrap();
    fill(&Store::open(&folder.path().join("a.book")).unwrap());
    let (mut window, _) = window(folder.path(), "a.book");
    slip_at(&Store::open(&folder.path().join("a.book")).unwrap(), 0, &[]);
    window.run();
    window.get_by_label_contains("2026-006 癸厂").click();
    window.run();
    window.get_by_label("登记人").click();
    window.run();
    window.get_by_label("签署人").type_text("钱");
    window.run();
    window.get_by_label("钱立群").click();
    window.run();
    window.get_by_label("签署").click();
    window.run();
    assert_eq!(window.state().record().value("registrar"), "钱立群");
    window.get_by_label("责任部门").click();
    window.run();
    assert!(window.query_by_label("选 设备修造部").is_some(), "departments are offered before a letter is typed");
}

/// The list filters as one types, on number, user, date and product.
#[test]
fn the_list_filters_as_one_types() {
    let folder = tempfile::tempdir().unwrap();
    fill(&Store::open(&folder.path().join("a.book")).unwrap());
    let (mut window, _) = window(folder.path(), "a.book");
    window.get_by_label("筛选").click();
    window.run();
    window.get_by_label("筛选").type_text("瓯泷");
    window.run();
    assert!(window.query_by_label("30 份中的 2 份").is_some());
    window.get_by_label_contains("2024-002 浙江瓯泷").click();
    window.run();
    assert_eq!(window.state().record().number, "2024-002");
}

/// A long text goes on a continuation sheet seen below the first, and is written on there too.
#[test]
fn a_long_text_runs_on_to_the_continuation_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("a.book")).unwrap();
    let long = crate::common::slips().into_iter().find(|it| it.number == "2024-002").unwrap();
    let id = slip_at(&store, 0, &[("complaint", long.value("complaint"))]);
    let (mut window, _) = window(folder.path(), "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Open(id));
    window.run();
    write(&mut window, "投诉内容", "");
    window.key_press_modifiers(Modifiers::CTRL, Key::End);
    window.run();
    window.get_by_label("投诉内容").type_text("（附件共13页）");
    window.run();
    key(&mut window, Key::Escape);
    let kept = slips(folder.path(), "a.book").remove(0);
    assert!(kept.value("complaint").ends_with("2024年2月22日（附件共13页）"), "{}", kept.value("complaint"));
    assert!(kept.value("complaint").starts_with("贵公司：\r\n"), "what stood there still does, line ends included");
}

/// The ledger's own data is asked beside the sheet; the ledger shows it, and a click goes to the slip.
#[test]
fn the_ledger_is_seen_sorted_filtered_and_leads_to_the_slip() {
    let folder = tempfile::tempdir().unwrap();
    fill(&Store::open(&folder.path().join("a.book")).unwrap());
    let (mut window, _) = window(folder.path(), "a.book");
    write(&mut window, "产品编号", "-甲");
    key(&mut window, Key::Enter);
    assert!(window.state().record().value("product_number").contains("-甲"));
    let ctx = window.ctx.clone();
    window
        .state_mut()
        .run(&ctx, Command::Register(RegisterCommand::Show { form: "04".into(), period: Period::Year(2025) }));
    window.state_mut().run(&ctx, Command::Show(View::Register("04".into())));
    window.run();
    assert!(window.query_by_label("2025年 共 11 行").is_some());
    window.get_by_label("筛选台帐").click();
    window.run();
    window.get_by_label("筛选台帐").type_text("脱硫塔");
    window.run();
    assert!(window.query_by_label_contains("2025年 11 行中的 1 行").is_some());
    window.get_by_label("2025-005 天津滨渟石化工程有限公司").click();
    window.run();
    assert_eq!(window.state().record().number, "2025-005");
}

fn wait_for_notice(window: &mut Window) -> String {
    for _ in 0..200 {
        window.run_steps(1);
        if let Some(said) = window.state().notice().filter(|it| !it.is_empty()) {
            return said.to_owned();
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    String::new()
}

#[test]
fn a_slip_is_exported_in_two_copies_through_the_save_dialog() {
    let folder = tempfile::tempdir().unwrap();
    fill(&Store::open(&folder.path().join("a.book")).unwrap());
    let (mut window, hands) = window(folder.path(), "a.book");
    let to = folder.path().join("处置单");
    hands.answers.borrow_mut().push(Answer::Path(to.clone()));
    window.get_by_label("导出 PDF").click();
    window.run_steps(2);
    let said = wait_for_notice(&mut window);
    let file = folder.path().join("处置单.pdf");
    assert_eq!(said, format!("已导出（签名栏留空待签）：{}", file.display()));
    assert_eq!(hands.suggested.borrow()[0], "处置单_2026-005_云南滇池畔香料香精有限公司.pdf");
    assert!(std::fs::read(&file).unwrap().starts_with(b"%PDF-1."));
    window.get_by_label("打开").click();
    window.run();
    window.get_by_label("打开所在文件夹").click();
    window.run();
    assert_eq!(*hands.opened.borrow(), [file, folder.path().to_owned()]);
}

#[test]
fn a_file_that_cannot_be_written_is_told_and_leaves_nothing_half_done() {
    let folder = tempfile::tempdir().unwrap();
    fill(&Store::open(&folder.path().join("a.book")).unwrap());
    let (mut window, hands) = window(folder.path(), "a.book");
    hands.answers.borrow_mut().push(Answer::Path(folder.path().join("没有这个文件夹/处置单.pdf")));
    window.get_by_label("导出 PDF").click();
    window.run_steps(2);
    let said = wait_for_notice(&mut window);
    assert!(said.starts_with("写 PDF 文件 ") && said.contains("找不到"), "{said}");
}

/// A system's dialog asks about the name only, and whoever answers "replace" may have chosen anything.
#[cfg(unix)]
#[test]
fn the_window_saves_over_nothing_but_a_file_of_the_same_kind() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fill(&Store::open(&path("a.book")).unwrap());
    let (mut window, hands) = window(folder.path(), "a.book");
    std::os::unix::fs::symlink(path("a.book"), path("台帐.pdf")).unwrap();
    crate::common::put_file(path("名单.pdf"), "甲、乙");
    assert!(std::process::Command::new("mkfifo").arg(path("管道.pdf")).status().unwrap().success());
    std::fs::create_dir(path("文件夹.pdf")).unwrap();
    for (name, why) in
        [("台帐.pdf", "它是台帐"), ("名单.pdf", "它是文字文件"), ("管道.pdf", "是管道"), ("文件夹.pdf", "这是文件夹")]
    {
        hands.answers.borrow_mut().push(Answer::Path(path(name)));
        window.get_by_label("导出 PDF").click();
        window.run_steps(2);
        let said = wait_for_notice(&mut window);
        assert!(said.starts_with("写 PDF 文件 ") && said.contains(why), "{name}: {said}");
        let ctx = window.ctx.clone();
        window.state_mut().run(&ctx, Command::Tell(String::new()));
        window.run();
    }
    assert_eq!(std::fs::read(path("名单.pdf")).unwrap(), "甲、乙".as_bytes());
    // Nor does it wait for a pipe, whatever it is opened as.
    let ctx = window.ctx.clone();
    for name in ["管道.pdf", "管道.json", "管道.book"] {
        if !path(name).exists() {
            std::os::unix::fs::symlink(path("管道.pdf"), path(name)).unwrap();
        }
        window.state_mut().open_file(&ctx, &path(name));
        let said = wait_for_notice(&mut window);
        assert!(said.contains("是管道"), "{name}: {said}");
        window.state_mut().run(&ctx, Command::Tell(String::new()));
        window.run();
    }
    assert_eq!(window.state().book(), Some(path("a.book").as_path()));
    let said = taizhang::files::read(&path("a.book"), 9).unwrap_err().to_string();
    assert!(said.contains("正开着的台帐"), "its locks are the window's: {said}");
}

/// A system without a file dialog: the window asks itself.
#[test]
fn without_a_dialog_the_window_asks_for_the_path() {
    let folder = tempfile::tempdir().unwrap();
    fill(&Store::open(&folder.path().join("a.book")).unwrap());
    let (mut window, hands) = window(folder.path(), "a.book");
    hands.answers.borrow_mut().push(Answer::NoDialog);
    window.get_by_label("导出 PDF").click();
    window.run();
    assert!(window.query_by_label("文件路径").is_some());
    window.get_by_label("保存").click();
    window.run_steps(2);
    let said = wait_for_notice(&mut window);
    assert!(said.starts_with("已导出（"), "{said}");
    assert!(folder.path().join("处置单_2026-005_云南滇池畔香料香精有限公司.pdf").exists());
}

#[test]
fn a_megabyte_pasted_is_refused_with_a_sentence_and_the_cell_stays() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&Store::open(&folder.path().join("a.book")).unwrap(), 0, &[]);
    let (mut window, _) = window(folder.path(), "a.book");
    let before = window.state().record().value("complaint").to_owned();
    window.get_by_label("投诉内容").click();
    window.run();
    window.event(Event::Paste("龙".repeat(350_000)));
    window.run();
    assert!(window.state().notice().unwrap().contains("没有粘贴"));
    // Control characters, emoji and right-to-left text are kept as typed, and told.
    window.event(Event::Paste("甲\u{7}乙😀\u{202E}אבג".to_owned()));
    window.run();
    key(&mut window, Key::Escape);
    let after = window.state().record().value("complaint").to_owned();
    assert_eq!(after.chars().count(), before.chars().count() + 8);
    assert!(after.contains("甲\u{7}乙😀\u{202E}אבג"));
    assert!(window.query_by_label_contains("控制字符 U+0007").is_some());
    assert!(window.query_by_label_contains("字库里没有").is_some());
}

#[test]
fn a_file_that_is_no_book_is_told_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("坏.book");
    std::fs::File::create(&path)
        .and_then(|mut it| std::io::Write::write_all(&mut it, b"this is no book, not at all"))
        .unwrap();
    let (window, _) = window(folder.path(), "坏.book");
    assert!(window.query_by_label("台帐没有打开").is_some());
    assert!(window.query_all_by_label_contains("坏.book").next().is_some());
    assert_eq!(std::fs::read(&path).unwrap(), b"this is no book, not at all");
}

/// Two windows on one book: both may write, neither number nor word is lost.
#[test]
fn two_windows_on_one_book_see_each_other() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&Store::open(&folder.path().join("a.book")).unwrap(), 0, &[]);
    let (mut one, _) = window(folder.path(), "a.book");
    let (mut two, _) = window(folder.path(), "a.book");
    assert!(two.state().notice().unwrap().contains("另一个窗口"));
    write(&mut one, "联系电话", "（白天）");
    key(&mut one, Key::Escape);
    two.run();
    assert!(two.state().record().value("phone").contains("（白天）"));
    for window in [&mut one, &mut two] {
        new_slip(window);
        window.get_by_label("用户名称").type_text("丁厂");
        window.run();
        key(window, Key::Tab);
    }
    assert_eq!(one.state().record().number, "2026-002");
    assert_eq!(two.state().record().number, "2026-003");
}

/// No frame is painted while nothing changes.
#[test]
fn a_window_left_alone_rests() {
    let folder = tempfile::tempdir().unwrap();
    fill(&Store::open(&folder.path().join("a.book")).unwrap());
    let (mut window, _) = window(folder.path(), "a.book");
    window.run();
    assert!(window.run_ok().is_some(), "the window asks for no more frames");
    let delay = window.output().viewport_output.values().map(|it| it.repaint_delay).min().unwrap();
    assert!(delay > std::time::Duration::from_secs(60), "{delay:?}");
}

/// While the book cannot be written, what was typed stays in the window, is shown, and is written as soon as it can be.
#[test]
fn what_cannot_be_written_stays_and_is_written_later() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    // Another program holds the file: the same as a full disk, but for the sentence.
    let other = rusqlite::Connection::open(folder.path().join("a.book")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    window.key_press_modifiers(Modifiers::COMMAND, Key::N);
    window.step();
    window.step();
    window.get_by_label("用户名称").type_text("戊厂");
    window.step();
    window.key_press(Key::Tab);
    window.step();
    window.step();
    let said = window.state().notice().unwrap().to_owned();
    assert!(said.contains("没写进去的字还在窗口里"), "{said}");
    window.step();
    assert!(
        window.query_by_label_contains("没写进去的字还在窗口里").is_some(),
        "the clerk sees it without touching anything"
    );
    let wakes = window.output().viewport_output.values().map(|it| it.repaint_delay).min().unwrap();
    assert!(wakes < std::time::Duration::from_secs(3), "nobody has to wake the window for another try: {wakes:?}");
    assert_eq!(window.state().record().value("customer"), "戊厂");
    // The clerk goes back and writes on; then the book can be written again.
    window.get_by_label("用户名称").click();
    window.step();
    window.step();
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    window.key_press(Key::End);
    window.get_by_label("用户名称").type_text("（新）");
    window.run_steps(2);
    window.key_press(Key::Escape);
    window.run_steps(300);
    assert_eq!(
        slips(folder.path(), "a.book")[0].value("customer"),
        "戊厂（新）",
        "an old try never overwrites newer words"
    );
    assert_eq!(slips(folder.path(), "a.book").len(), 1);
    assert_eq!(window.state().record().number, "2026-001");
}

/// Keys and words come by different ways: a Tab that overtakes the word waits for it.
#[test]
fn a_tab_that_overtakes_the_word_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    new_slip(&mut window);
    window.event(Event::Ime(ImeEvent::Preedit { text: "shang hai".into(), active_range_chars: None }));
    window.step();
    window.key_press(Key::Tab);
    window.event(Event::Text("陈".into()));
    window.event(Event::Ime(ImeEvent::Preedit { text: String::new(), active_range_chars: None }));
    window.event(Event::Ime(ImeEvent::Commit("上海".into())));
    window.run();
    key(&mut window, Key::Escape);
    key(&mut window, Key::Escape);
    let kept = slips(folder.path(), "a.book");
    assert_eq!((kept[0].value("customer"), kept[0].value("contact")), ("上海", "陈"));
}

/// Typed more than a second ago means on the disk, also while the hand types on without a pause.
#[test]
fn steady_typing_is_kept_while_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    new_slip(&mut window);
    for _ in 0..90 {
        window.event(Event::Text("焊".into()));
        window.step();
    }
    let kept = slips(folder.path(), "a.book")[0].value("customer").chars().count();
    assert!(kept >= 30, "{kept} of 90 characters typed in a second and a half");
}

/// A new slip on which two things are written at once is one slip with one number.
#[test]
fn a_new_slip_written_twice_in_a_moment_is_one_slip() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    new_slip(&mut window);
    let ctx = window.ctx.clone();
    for (field, value) in [("customer", "己厂"), ("contact", "普云飞")] {
        let (field, value, expected) = (field, value.to_owned(), String::new());
        window
            .state_mut()
            .run(&ctx, Command::Set { record: RecordId(0), cell: CellId::new(field, 0), value, expected });
    }
    window.run();
    let kept = slips(folder.path(), "a.book");
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].value("customer"), kept[0].value("contact")), ("己厂", "普云飞"));
}

/// What stands in the bracket survives a click on its own letter, and another letter chosen by mistake.
#[test]
fn words_in_the_bracket_survive_the_letters() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&Store::open(&folder.path().join("a.book")).unwrap(), 5, &[]);
    let (mut window, _) = window(folder.path(), "a.book");
    window.get_by_label("适合页面").click();
    window.run();
    for letter in ["F 其他", "F 其他", "B 较满意", "F 其他"] {
        window.get_by_label(&format!("用户意见 {letter}")).click();
        window.run_steps(3);
        if slips(folder.path(), "a.book").first().is_none_or(|it| it.value("opinion") == "F 其他") {
            window.event(Event::Text("下次看清楚".into()));
            window.run_steps(2);
        }
    }
    key(&mut window, Key::Escape);
    assert_eq!(slips(folder.path(), "a.book")[0].value("opinion"), "F 其他（下次看清楚）");
}

/// Looking at a cell writes nothing, whatever stands there.
#[test]
fn passing_a_date_cell_does_not_rewrite_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("a.book")).unwrap();
    let procedure = crate::common::procedure();
    let form = procedure.form(&FormId::from("05")).unwrap();
    let values = [("date".into(), "今天".to_owned()), ("contact".into(), " 普云飞".to_owned())].into();
    store.create(form, &procedure.document.number, 2026, now(), &values).unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    window.get_by_label("投诉联系人").click();
    window.run();
    for _ in 0..3 {
        key(&mut window, Key::Tab);
    }
    let kept = slips(folder.path(), "a.book");
    assert_eq!((kept[0].value("date"), kept[0].value("contact")), ("今天", " 普云飞"));
}

/// What is exported is what lay there when it was asked for, whatever lies there when the dialog is answered.
#[test]
fn the_slip_that_was_asked_for_is_exported() {
    let folder = tempfile::tempdir().unwrap();
    fill(&Store::open(&folder.path().join("a.book")).unwrap());
    let (mut window, hands) = window(folder.path(), "a.book");
    let to = folder.path().join("x.pdf");
    hands.answers.borrow_mut().push(Answer::Path(to.clone()));
    let first = window.state().record().clone();
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::ExportSlip(first.id));
    let other = slips(folder.path(), "a.book").remove(0);
    window.state_mut().run(&ctx, Command::Open(other.id));
    wait_for_notice(&mut window);
    let clock = taizhang::export::Clock { now: now(), utc_offset_minutes: 480 };
    let expected =
        taizhang::export::slip(&crate::common::procedure(), &first, taizhang::export::Which::Last, false, &clock)
            .unwrap();
    assert!(std::fs::read(&to).unwrap() == expected, "another slip than the one asked for");
}

/// That something was saved, or could not be, is seen at once and not at the next touch of the mouse.
#[test]
fn what_became_of_an_entry_is_shown_without_a_touch() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    new_slip(&mut window);
    window.event(Event::Text("庚厂".into()));
    window.step();
    // As many frames as the window itself asks for, and no more.
    for _ in 0..200 {
        let wakes = window.output().viewport_output.values().map(|it| it.repaint_delay).min().unwrap();
        if wakes > std::time::Duration::from_secs(5) {
            break;
        }
        window.step();
    }
    assert!(window.query_by_label_contains("已保存 09:00:00").is_some());
}

/// Ctrl+N while the pen is beside the sheet: the new slip is written in its first cell.
#[test]
fn a_new_slip_takes_the_pen_from_beside_the_sheet() {
    let folder = tempfile::tempdir().unwrap();
    fill(&Store::open(&folder.path().join("a.book")).unwrap());
    let (mut window, _) = window(folder.path(), "a.book");
    window.get_by_label("产品编号").click();
    window.run();
    new_slip(&mut window);
    window.event(Event::Text("辛厂".into()));
    window.run_steps(60);
    let kept = slips(folder.path(), "a.book").pop().unwrap();
    assert_eq!((kept.value("customer"), kept.value("product_number")), ("辛厂", ""));
}

/// What was written at two visits to a cell is taken back in two steps, and each letter chosen in one.
#[test]
fn each_visit_to_a_cell_is_a_step_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    new_slip(&mut window);
    let undo = |window: &mut Window| {
        window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
        window.run();
    };
    window.event(Event::Text("壬厂".into()));
    window.run_steps(60);
    key(&mut window, Key::Tab);
    window.key_press_modifiers(Modifiers::SHIFT, Key::Tab);
    window.run();
    key(&mut window, Key::End);
    window.event(Event::Text("（二期）".into()));
    window.run_steps(60);
    key(&mut window, Key::Tab);
    assert_eq!(window.state().record().value("customer"), "壬厂（二期）");
    undo(&mut window);
    assert_eq!(window.state().record().value("customer"), "壬厂");
    let answered = slip_at(&Store::open(&folder.path().join("a.book")).unwrap(), 5, &[]);
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Open(answered));
    window.run();
    window.get_by_label("适合页面").click();
    window.run();
    for letter in ["A 满意", "C 一般"] {
        window.get_by_label(&format!("用户意见 {letter}")).click();
        window.run();
    }
    undo(&mut window);
    assert_eq!(window.state().record().value("opinion"), "A 满意");
}

/// PROCEDURE 5: another round is written in cells of its own; what the round before it says stays.
#[test]
fn another_round_is_written_in_cells_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    let store = Store::open(&path).unwrap();
    let procedure = crate::common::procedure();
    let form = procedure.form(&FormId::from("05")).unwrap();
    let signed = |it: &&str| ((*it).into(), "沈䶮".to_owned());
    let first = [("customer", "癸厂"), ("responsible", "设备修造部"), ("opinion", "E 不满意")];
    let mut values: Values = first.into_iter().map(|(field, value)| (field.into(), value.to_owned())).collect();
    let signers = ["registrar", "registration_reviewer", "handler", "measures_reviewer", "verifier", "confirmer"];
    values.extend(signers.iter().map(signed));
    let id = store.create(form, &procedure.document.number, 2026, now(), &values).unwrap().id;
    store.add_round(id, now()).unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    write(&mut window, "责任部门", "技术质安部");
    key(&mut window, Key::Enter);
    write(&mut window, "产品名称", "乙炔缓冲罐");
    key(&mut window, Key::Enter);
    for field in &signers[2..5] {
        store.set(id, &CellId::new(*field, 1), "赵敏华", "", now()).unwrap();
    }
    window.run();
    window.get_by_label("适合页面").click();
    window.run();
    window.get_by_label("用户意见 A 满意").click();
    window.run();
    let kept = slips(folder.path(), "a.book").remove(0);
    let at = |round: usize| ["product", "responsible", "opinion"].map(|it| kept.written(round, it).to_owned());
    assert_eq!(at(0), ["乙炔缓冲罐", "设备修造部", "E 不满意"]);
    assert_eq!(at(1), ["", "技术质安部", "A 满意"]);
    // Taken back where it was written.
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Undo);
    window.run();
    let kept = slips(folder.path(), "a.book").remove(0);
    assert_eq!((kept.written(0, "opinion"), kept.written(1, "opinion")), ("E 不满意", ""));
}

/// A slow frame brings Ctrl+N together with the first letters: they are the new slip's.
#[test]
fn what_is_typed_right_behind_ctrl_n_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    let (key, modifiers) = (Key::N, Modifiers::COMMAND);
    let new = Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers };
    window.input_mut().events.extend([new, Event::Text("癸".into()), Event::Text("厂".into())]);
    window.run();
    self::key(&mut window, Key::Escape);
    assert_eq!(slips(folder.path(), "a.book")[0].value("customer"), "癸厂");
}
