//! What this computer remembers, and what is brought to the window: books that were open, files dropped on it, the window's
//! own file dialog, the right mouse button.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::common::{Hands, Window, click, fill, notice, put_file, settle, slip_at};
use eframe::egui::{DroppedFile, Key, Modifiers, OutputCommand};
use egui_kittest::kittest::Queryable as _;
use taizhang::app::{Answer, App};
use taizhang::command::{Command, View};
use taizhang::habits::{FILE, Habits};
use taizhang::procedure::FormId;
use taizhang::store::{Key as Password, Opener, Store};
use taizhang::ui::theme;

/// The program as it starts without a word said, in a home of its own.
fn start(folder: &Path) -> (Window, Hands) {
    start_with(folder, None)
}

/// The program as it starts when a file was double-clicked.
fn start_with(folder: &Path, wanted: Option<&Path>) -> (Window, Hands) {
    let hands = Hands { folder: folder.to_owned(), habits: Some(folder.join(FILE)), ..Hands::default() };
    let (outside, own, wanted) = (hands.clone(), folder.join("我的台帐.book"), wanted.map(Path::to_owned));
    let builder =
        egui_kittest::Harness::builder().with_size([1440.0, 900.0]).with_max_steps(64).with_step_dt(1.0 / 60.0);
    let mut window =
        builder.build_eframe(move |cc| App::at_home(&cc.egui_ctx, Box::new(outside), &own, wanted.as_deref()));
    window.run();
    (window, hands)
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }
    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|it| it.to_string())
    }
}

fn drop_on(window: &mut Window, files: &[&Path]) {
    let files = files.iter().map(|it| Arc::new(Dropped((*it).to_owned())) as Arc<dyn DroppedFile + Send + Sync>);
    window.input_mut().dropped_files = files.collect();
    window.step();
    window.input_mut().dropped_files.clear();
    window.run();
}

fn remembered(folder: &Path) -> Habits {
    Habits::read(&folder.join(FILE)).unwrap()
}

fn book_with_a_slip(path: &Path, customer: &str) {
    slip_at(&Store::open(path).unwrap(), 0, &[("customer", customer)]);
}

#[test]
fn the_first_start_asks_what_to_begin_with_and_makes_nothing_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = start(folder.path());
    assert!(window.query_by_label("打开已有的台帐…").is_some());
    assert!(window.query_by_label("先看看示例").is_some());
    assert!(!folder.path().join("我的台帐.book").exists());
    click(&mut window, "新建本单位的台帐");
    click(&mut window, "程序包 qg-r0309");
    click(&mut window, "就用这些，新建台帐");
    assert!(folder.path().join("我的台帐.book").exists());
    assert!(window.query_by_label("这本台帐还是空的").is_some());
    drop(window);
    let (window, _) = start(folder.path());
    assert!(window.query_by_label("这本台帐还是空的").is_some(), "the next start begins with it");
}

#[test]
fn the_next_start_goes_back_to_the_book_the_page_and_the_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("厂里的.book");
    let store = Store::open(&own).unwrap();
    let first = slip_at(&store, 0, &[("customer", "甲厂")]);
    slip_at(&store, 0, &[("customer", "乙厂")]);
    let number = store.record(first).unwrap().unwrap().number;
    drop(store);
    let (mut window, hands) = start(folder.path());
    hands.answers.borrow_mut().push(Answer::Path(own.clone()));
    click(&mut window, "打开已有的台帐…");
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run();
    window.get_by_label_contains(&format!("{number} 甲厂")).click();
    window.run();
    assert_eq!(window.state().record().number, number);
    drop(window);
    let (window, _) = start(folder.path());
    assert_eq!(window.state().book(), Some(own.as_path()));
    assert_eq!(window.state().record().number, number, "the same sheet, though a newer one is there");
    assert!(window.query_by_label("投诉内容").is_some(), "and its page");
}

/// 今日 is where a day begins; the sheet of yesterday still lies on its own page.
#[test]
fn another_day_begins_with_today() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("我的台帐.book");
    let store = Store::open(&own).unwrap();
    let first = slip_at(&store, 0, &[("customer", "甲厂")]);
    slip_at(&store, 0, &[("customer", "乙厂")]);
    let number = store.record(first).unwrap().unwrap().number;
    drop(store);
    let kept = serde_json::json!({"books": [{"path": own, "page": "sheets 05", "day": "2026-11-19", "form": "05",
        "number": number}]});
    put_file(folder.path().join(FILE), kept.to_string());
    let (mut window, _) = start(folder.path());
    assert!(window.query_by_label("投诉内容").is_none());
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run();
    assert_eq!(window.state().record().number, number);
}

#[test]
fn a_book_that_is_not_there_is_told_marked_and_can_be_taken_from_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("U盘/走了.book");
    put_file(folder.path().join(FILE), serde_json::json!({"books": [{"path": gone}]}).to_string());
    let (mut window, _) = start(folder.path());
    assert!(notice(&window).contains("找不到"), "{}", notice(&window));
    assert!(!gone.exists());
    assert!(window.query_by_label("现在不在").is_some());
    click(&mut window, "从列表去掉 走了");
    assert!(window.query_by_label("现在不在").is_none());
    drop(window);
    assert!(remembered(folder.path()).books.is_empty());
}

#[test]
fn how_large_the_sheet_is_shown_stays_with_the_computer() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("一.book"), folder.path().join("二.book"));
    book_with_a_slip(&one, "甲厂");
    book_with_a_slip(&other, "乙厂");
    let (mut window, _) = start(folder.path());
    drop_on(&mut window, &[&one]);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run();
    click(&mut window, "适合页面");
    let small = window.state().zoom();
    drop_on(&mut window, &[&other]);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run();
    assert_eq!(window.state().zoom(), small);
    let names: Vec<_> = window.state().habits().books.iter().map(|it| it.path.clone()).collect();
    assert_eq!(names, [other, one]);
}

#[test]
fn text_size_and_dark_desk_stay_with_the_computer() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = start(folder.path());
    let ctx = window.ctx.clone();
    for (key, value) in [("text", "大"), ("dark-desk", "true")] {
        window.state_mut().run(&ctx, Command::Remember(key, value.to_owned()));
    }
    drop(window);
    let (window, _) = start(folder.path());
    assert_eq!(window.ctx.zoom_factor(), 1.2);
    assert!(theme::has_dark_desk(&window.ctx));
}

#[test]
fn broken_habits_and_a_home_that_cannot_be_written_stop_nobody() {
    let folder = tempfile::tempdir().unwrap();
    put_file(folder.path().join(FILE), "{\"books\": 7");
    let (mut window, _) = start(folder.path());
    assert!(notice(&window).contains("从头记起"), "{}", notice(&window));
    click(&mut window, "新建本单位的台帐");
    click(&mut window, "程序包 qg-r0309");
    click(&mut window, "就用这些，新建台帐");
    assert!(window.query_by_label("这本台帐还是空的").is_some());
    drop(window);
    assert!(!remembered(folder.path()).books.is_empty());

    let folder = tempfile::tempdir().unwrap();
    put_file(folder.path().join("文件"), "");
    let hands = Hands {
        folder: folder.path().to_owned(),
        habits: Some(folder.path().join("文件").join(FILE)),
        ..Hands::default()
    };
    let own = folder.path().join("我的台帐.book");
    let builder = egui_kittest::Harness::builder().with_size([1440.0, 900.0]).with_max_steps(64);
    let mut window = builder.build_eframe(move |cc| App::new(&cc.egui_ctx, Box::new(hands), &own));
    while notice(&window).is_empty() {
        window.step();
        std::thread::yield_now();
    }
    assert!(notice(&window).contains("不影响填写"), "{}", notice(&window));
    assert!(window.query_by_label("这本台帐还是空的").is_some());
}

#[test]
fn a_book_dropped_on_the_window_is_opened_and_one_with_a_password_asks_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, locked) = (folder.path().join("甲.book"), folder.path().join("密.book"));
    book_with_a_slip(&plain, "甲厂");
    book_with_a_slip(&locked, "乙厂");
    Opener::new(&locked, None).change_key(Password::new("secret").as_ref()).unwrap();
    let (mut window, _) = start(folder.path());
    drop_on(&mut window, &[&plain]);
    assert_eq!(window.state().book(), Some(plain.as_path()));
    drop_on(&mut window, &[&locked]);
    assert!(window.query_by_label("这本台帐加了口令").is_some());
    click(&mut window, "返回");
    assert_eq!(window.state().book(), Some(plain.as_path()));
    drop_on(&mut window, &[&plain, &locked]);
    assert!(notice(&window).contains("一次拖一个"), "{}", notice(&window));
    drop_on(&mut window, &[&plain]);
    assert!(notice(&window).contains("已经开着"), "{}", notice(&window));
}

#[test]
fn a_file_double_clicked_is_opened_and_one_that_is_no_book_leaves_the_choice() {
    let folder = tempfile::tempdir().unwrap();
    let (last, wanted) = (folder.path().join("上次.book"), folder.path().join("双击.book"));
    book_with_a_slip(&last, "甲厂");
    book_with_a_slip(&wanted, "乙厂");
    put_file(folder.path().join(FILE), serde_json::json!({"books": [{"path": last}]}).to_string());
    let (window, _) = start_with(folder.path(), Some(&wanted));
    assert_eq!(window.state().book(), Some(wanted.as_path()));
    drop(window);
    let foreign = folder.path().join("旧.mdb");
    put_file(&foreign, b"\x00\x01\x00\x00Standard Jet DB\x00");
    let (mut window, _) = start_with(folder.path(), Some(&foreign));
    assert!(notice(&window).contains("Access"), "{}", notice(&window));
    click(&mut window, "上次");
    assert_eq!(window.state().book(), Some(last.as_path()));
}

/// A book that could not be opened is tried again itself; no other book comes in its place, and none is made.
#[test]
fn what_could_not_be_opened_is_tried_again_and_nothing_is_made_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let last = folder.path().join("U盘/上次.book");
    std::fs::create_dir(folder.path().join("U盘")).unwrap();
    book_with_a_slip(&last, "甲厂");
    // Its forms cannot be read for a moment.
    let forms = last.with_file_name("forms");
    std::fs::create_dir(&forms).unwrap();
    put_file(forms.join("05.toml"), "坏了");
    put_file(folder.path().join(FILE), serde_json::json!({"books": [{"path": last}]}).to_string());
    let (mut window, _) = start(folder.path());
    assert_eq!(window.state().book(), None);
    click(&mut window, "再试一次");
    assert_eq!(window.state().book(), None);
    std::fs::remove_dir_all(&forms).unwrap();
    click(&mut window, "再试一次");
    assert_eq!(window.state().book(), Some(last.as_path()));
    assert!(!folder.path().join("我的台帐.book").exists());
    // Nor does the way back from the sample make a book anew that is gone.
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, taizhang::command::Command::OpenSample);
    settle(&mut window);
    std::fs::remove_dir_all(last.parent().unwrap()).unwrap();
    window.state_mut().run(&ctx, taizhang::command::Command::OpenOwn);
    settle(&mut window);
    assert!(notice(&window).contains("找不到"), "{}", notice(&window));
    assert!(!last.exists());
}

#[test]
fn another_programs_file_is_called_by_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let files: [(&str, &[u8], &str); 7] = [
        ("旧台帐.accdb", b"\x00\x01\x00\x00Standard ACE DB\x00\x01", "Access"),
        ("旧台帐.mdb", b"\x00\x01\x00\x00Standard Jet DB\x00\x01", "Access"),
        ("台帐.xlsx", b"PK\x03\x04\x14\x00", "Excel"),
        ("处置单.doc", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "旧版 Word"),
        ("处置单.pdf", b"%PDF-1.7\n", "PDF"),
        ("图.png", b"\x89PNG\r\n\x1a\n", "图片"),
        ("名单.csv", "编号,用户\n".as_bytes(), "文字文件"),
    ];
    let (mut window, _) = start(folder.path());
    click(&mut window, "新建本单位的台帐");
    click(&mut window, "程序包 qg-r0309");
    click(&mut window, "就用这些，新建台帐");
    let own = window.state().book().unwrap().to_owned();
    for (name, bytes, said) in files {
        let path = folder.path().join(name);
        put_file(&path, bytes);
        drop_on(&mut window, &[&path]);
        let told = notice(&window);
        assert!(told.contains(said) && told.contains(".book") && told.ends_with(name), "{name}: {told}");
        assert_eq!(window.state().book(), Some(own.as_path()));
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "the file stays as it was");
    }
    // Another program's SQLite file is told by opening it.
    let other = folder.path().join("别的.db");
    put_file(&other, [b"SQLite format 3\0".as_slice(), &[0; 84]].concat());
    drop_on(&mut window, &[&other]);
    assert!(notice(&window).contains("打开台帐"), "{}", notice(&window));
    assert_eq!(window.state().book(), Some(own.as_path()));
}

#[test]
fn an_exchange_file_dropped_on_the_window_is_taken_in_after_asking_and_after_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("旧单.json");
    put_file(&file, crate::common::CASES);
    let (mut window, _) = start(folder.path());
    drop_on(&mut window, &[&file]);
    assert!(notice(&window).contains("先打开或新建一本台帐"), "{}", notice(&window));
    let own = folder.path().join("我的台帐.book");
    book_with_a_slip(&own, "甲厂");
    drop_on(&mut window, &[&own]);
    settle(&mut window);
    drop_on(&mut window, &[&file]);
    while window.query_by_label("不导入").is_none() {
        window.step();
        std::thread::yield_now();
    }
    let count = || Store::open_existing(&own).unwrap().records(&FormId::from("05")).unwrap().len();
    click(&mut window, "不导入");
    assert_eq!(count(), 1);
    drop_on(&mut window, &[&file]);
    while window.query_by_label("导入").is_none() {
        window.step();
        std::thread::yield_now();
    }
    click(&mut window, "导入");
    settle(&mut window);
    assert!(notice(&window).starts_with("已导入 "), "{}", notice(&window));
    assert_eq!(count(), 31);
    let backups = std::fs::read_dir(folder.path().join("备份")).unwrap();
    let names: Vec<String> = backups.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.iter().any(|it| it.contains("导入")), "{names:?}");
}

/// Ctrl+P where neither portal nor zenity is: the window's own dialog, walked through by keys.
#[test]
fn the_windows_own_dialog_saves_asks_before_replacing_and_makes_folders() {
    let folder = tempfile::tempdir().unwrap();
    fill(&Store::open(&folder.path().join("我的台帐.book")).unwrap());
    put_file(folder.path().join("处置单_2026-005_云南滇池畔香料香精有限公司.pdf"), "%PDF-old");
    put_file(folder.path().join("名单.pdf"), "no PDF");
    let (mut window, hands) = start(folder.path());
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run();
    hands.answers.borrow_mut().push(Answer::NoDialog);
    click(&mut window, "导出 PDF");
    click(&mut window, "保存");
    assert!(window.query_by_label_contains("替换它吗").is_some());
    click(&mut window, "换个名字");
    // What is no PDF is not offered to be replaced.
    window.get_by_label("文件路径").click();
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run();
    window.get_by_label("文件路径").type_text("名单");
    window.run();
    click(&mut window, "保存");
    assert!(window.query_by_label_contains("它是文字文件，没有替换它").is_some());
    assert!(window.query_by_label_contains("替换它吗").is_none());
    click(&mut window, "新建文件夹…");
    window.get_by_label("新文件夹的名字").click();
    window.run();
    window.get_by_label("新文件夹的名字").type_text("六月");
    window.run();
    click(&mut window, "建立");
    assert!(folder.path().join("六月").is_dir());
    window.get_by_label("文件路径").click();
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run();
    window.get_by_label("文件路径").type_text("一张");
    window.run();
    window.key_press(Key::Enter);
    window.run();
    while !notice(&window).starts_with("已导出") {
        window.step();
        std::thread::yield_now();
    }
    assert!(folder.path().join("六月/一张.pdf").is_file());
}

#[test]
fn the_windows_own_dialog_opens_a_book_by_folders_and_arrows() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("旧电脑")).unwrap();
    let book = folder.path().join("旧电脑/拷来的.book");
    book_with_a_slip(&book, "甲厂");
    put_file(folder.path().join("旧电脑/别的.txt"), "");
    let (mut window, hands) = start(folder.path());
    hands.answers.borrow_mut().push(Answer::NoDialog);
    click(&mut window, "打开已有的台帐…");
    click(&mut window, "旧电脑/");
    assert!(window.query_by_label("别的.txt").is_none(), "only books are listed");
    assert!(window.query_by_label("拷来的.book").is_some());
    window.key_press(Key::ArrowDown);
    window.run();
    // The name is in the field, so that Enter opens it.
    window.key_press(Key::Enter);
    window.run();
    assert_eq!(window.state().book(), Some(book.as_path()));
}

#[test]
fn the_windows_own_dialog_says_what_is_not_there_and_goes_away_by_esc() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, hands) = start(folder.path());
    hands.answers.borrow_mut().push(Answer::NoDialog);
    click(&mut window, "打开已有的台帐…");
    window.get_by_label("文件路径").type_text("没有的.book");
    window.run();
    click(&mut window, "打开");
    assert!(window.query_by_label_contains("没有这个文件").is_some());
    window.key_press(Key::Escape);
    window.run();
    assert!(window.query_by_label("文件路径").is_none());
    assert_eq!(window.state().book(), None);
}

/// What the window put on the clipboard in its last frame.
fn copied(window: &Window) -> Vec<String> {
    let commands = &window.output().platform_output.commands;
    let text =
        commands.iter().filter_map(|it| if let OutputCommand::CopyText(text) = it { Some(text.clone()) } else { None });
    text.collect()
}

#[test]
fn a_right_click_in_the_list_copies_the_number_and_opens_the_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("我的台帐.book");
    book_with_a_slip(&own, "甲厂");
    book_with_a_slip(&own, "乙厂");
    let (mut window, _) = start(folder.path());
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run();
    window.get_by_label_contains("2026-001 甲厂").click_secondary();
    window.run();
    window.get_by_label("复制编号").click();
    let mut all = Vec::new();
    for _ in 0..4 {
        window.step();
        all.extend(copied(&window));
    }
    assert_eq!(all, ["2026-001"]);
    window.run();
    window.get_by_label_contains("2026-001 甲厂").click_secondary();
    window.run();
    click(&mut window, "打开这张单");
    assert_eq!(window.state().record().number, "2026-001");
}

#[test]
fn a_right_click_is_answered_wherever_a_line_stands_for_a_sheet() {
    let folder = tempfile::tempdir().unwrap();
    book_with_a_slip(&folder.path().join("我的台帐.book"), "甲厂");
    let (mut window, _) = start(folder.path());
    let ctx = window.ctx.clone();
    for (view, row) in [
        (View::Numbers, "2026-001 已用"),
        (View::Customers, "2026-001 投诉处置单"),
        (View::Register("04".into()), "2026-001 甲厂"),
    ] {
        window.state_mut().run(&ctx, Command::Show(view.clone()));
        window.run();
        window.get_all_by_label_contains(row).next().unwrap().click_secondary();
        window.run();
        click(&mut window, "打开这张单");
        assert_eq!(window.state().record().number, "2026-001", "{view:?}");
    }
}

#[test]
fn a_right_click_in_a_cell_puts_the_pen_there_and_writes_todays_date() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("我的台帐.book");
    book_with_a_slip(&own, "甲厂");
    let (mut window, _) = start(folder.path());
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run();
    window.get_by_label("投诉内容").click_secondary();
    window.run();
    click(&mut window, "全选");
    window.get_by_label("投诉内容").click_secondary();
    window.run();
    click(&mut window, "插入今天的日期");
    window.key_press(Key::Escape);
    window.run();
    let kept = Store::open_existing(&own).unwrap().records(&FormId::from("05")).unwrap();
    assert_eq!(kept[0].value("complaint"), "2026年11月20日", "in place of what was marked");
}

#[test]
fn an_export_that_is_stopped_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("我的台帐.book")).unwrap();
    let procedure = crate::common::procedure();
    let form = procedure.form(&"05".into()).unwrap();
    // A ledger that takes far longer than a hand.
    let lives = crate::common::plausible::lives(form, "某公司", 600, 5, crate::common::now().date());
    store.relive(&procedure.document, lives).unwrap();
    drop(store);
    let (mut window, hands) = start(folder.path());
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    window.run();
    let to = folder.path().join("台帐.pdf");
    hands.answers.borrow_mut().push(Answer::Path(to.clone()));
    window.get_by_label("导出台帐").click();
    window.run_steps(2);
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, taizhang::command::Command::File(taizhang::command::FileCommand::Stop));
    while notice(&window).is_empty() {
        window.step();
        std::thread::yield_now();
    }
    assert!(notice(&window).starts_with("已停止，没有留下文件"), "{}", notice(&window));
    assert!(!to.exists());
}
