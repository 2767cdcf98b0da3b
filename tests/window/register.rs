//! The register of contract service requirements (4.1), typed in place and driven by its labels.

use std::path::Path;

use crate::common::{Window, now, procedure, read, window};
use eframe::egui::{Event, ImeEvent, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use taizhang::app::Answer;
use taizhang::command::{Command, View};
use taizhang::exchange;
use taizhang::procedure::{FormId, Procedure};
use taizhang::record::{Record, Values};
use taizhang::store::Store;

fn lines(folder: &Path) -> Vec<Record> {
    Store::open_existing(&folder.join("a.book")).unwrap().records(&FormId::from("4.1")).unwrap()
}

fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    window.run();
}

fn key(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run();
}

/// Clicks a cell and writes over what stands there.
fn overwrite(window: &mut Window, cell: &str, words: &str) {
    click(window, cell);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    text(window, words);
}

/// Types where the pen is.
fn text(window: &mut Window, words: &str) {
    window.event(Event::Text(words.to_owned()));
    window.run();
}

fn open_register(window: &mut Window) {
    click(window, "合同服务要求 4.1");
}

/// A book with a line for each contract.
fn book(folder: &Path, contracts: &[&str]) {
    let procedure = procedure();
    let form = procedure.form(&"4.1".into()).unwrap();
    let store = Store::open(&folder.join("a.book")).unwrap();
    for contract in contracts {
        let values = [("contract", *contract), ("customer", "江苏澄澜氟材料有限公司"), ("requirement", "现场指导安装")];
        let values: Values = values.map(|(field, text)| (field.into(), text.to_owned())).into();
        store.create(form, &procedure.document.number, 2026, now(), &values).unwrap();
    }
}

/// 4.1: the requirement, whom it was passed to, when, what came of it; a line from the keyboard alone.
#[test]
fn a_line_is_typed_from_cell_to_cell() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    open_register(&mut window);
    assert!(window.query_by_label_contains("共 0 行").is_some());
    click(&mut window, "合同号 新");
    assert!(lines(folder.path()).is_empty(), "no line is begun by going to it");
    text(&mut window, "HT-2026-018");
    key(&mut window, Key::Tab);
    assert_eq!(lines(folder.path())[0].number, "2026-001");
    text(&mut window, "江苏澄澜氟材料有限公司");
    key(&mut window, Key::Enter);
    text(&mut window, "投运后三个月内每月回访一次");
    key(&mut window, Key::Tab);
    text(&mut window, "设备修造部");
    key(&mut window, Key::Tab);
    text(&mut window, "11.20");
    key(&mut window, Key::Enter);
    text(&mut window, "已回访");
    key(&mut window, Key::Tab);
    text(&mut window, "下周三");
    key(&mut window, Key::Tab);
    let kept = &lines(folder.path())[0];
    let wanted = [
        ("contract", "HT-2026-018"),
        ("customer", "江苏澄澜氟材料有限公司"),
        ("requirement", "投运后三个月内每月回访一次"),
        ("passed_to", "设备修造部"),
        ("passed_on", "2026-11-20"),
        ("outcome", "已回访"),
        ("done_on", "下周三"),
    ];
    for (field, value) in wanted {
        assert_eq!(kept.value(field), value);
    }
    assert!(window.query_by_label("传递日期 2026-001 2026-11-20").is_some());
    assert!(window.query_by_label_contains("“下周三”不是日期").is_some());
    // Tab went on to the next line.
    text(&mut window, "HT-2026-019");
    key(&mut window, Key::Escape);
    key(&mut window, Key::Escape);
    let kept = lines(folder.path());
    assert_eq!(kept.len(), 2);
    assert_eq!((kept[1].number.as_str(), kept[1].value("contract")), ("2026-002", "HT-2026-019"));
    assert!(window.query_by_label("合同号 新").is_some());
}

#[test]
fn any_cell_is_clicked_and_changed_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    book(folder.path(), &["HT-1", "HT-2", "HT-3"]);
    let (mut window, _) = window(folder.path(), "a.book");
    open_register(&mut window);
    click(&mut window, "合同号 2026-002 HT-2");
    text(&mut window, "A");
    // Straight to another line: what was in hand is written first.
    overwrite(&mut window, "合同号 2026-003 HT-3", "HT-3A");
    overwrite(&mut window, "服务要求 2026-001 现场指导安装", "现场指导安装和试压");
    click(&mut window, "完成日期 2026-001");
    text(&mut window, "今天");
    key(&mut window, Key::Tab);
    window.key_press_modifiers(Modifiers::SHIFT, Key::Tab);
    window.run();
    let contracts: Vec<_> = lines(folder.path()).iter().map(|it| it.value("contract").to_owned()).collect();
    assert_eq!(contracts, ["HT-1", "HT-2A", "HT-3A"]);
    let first = &lines(folder.path())[0];
    assert_eq!((first.value("requirement"), first.value("done_on")), ("现场指导安装和试压", "2026-11-20"));
    key(&mut window, Key::Escape);
    key(&mut window, Key::Escape);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.run();
    assert_eq!(lines(folder.path())[0].value("done_on"), "");
    assert!(window.query_by_label("合同号 2026-001 HT-1").is_some(), "the register is still there");
}

/// A word being composed is not disturbed: nothing is written of it before it is there.
#[test]
fn pinyin_is_composed_in_a_cell() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    open_register(&mut window);
    click(&mut window, "服务要求 新");
    let preedit = |it: &str| Event::Ime(ImeEvent::Preedit { text: it.to_owned(), active_range_chars: None });
    window.event(preedit("hui fang"));
    window.run_steps(80);
    assert!(lines(folder.path()).is_empty(), "raw letters are no entry");
    window.event(preedit(""));
    window.event(Event::Ime(ImeEvent::Commit("回访".to_owned())));
    window.run();
    key(&mut window, Key::Tab);
    assert_eq!(lines(folder.path())[0].value("requirement"), "回访");
}

#[test]
fn a_line_is_voided_with_a_reason_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    book(folder.path(), &["HT-1", "HT-2"]);
    let (mut window, _) = window(folder.path(), "a.book");
    open_register(&mut window);
    click(&mut window, "序号 2026-001");
    click(&mut window, "理由");
    text(&mut window, "合同已取消");
    overwrite(&mut window, "作废人", "何敏");
    click(&mut window, "作废");
    assert!(window.query_by_label("2026-001 作废 合同已取消").is_some());
    click(&mut window, "合同号 2026-001 HT-1");
    assert_eq!(window.state().notice(), Some("2026-001 已作废（合同已取消），不能再填"));
    let kept = lines(folder.path());
    assert_eq!((kept.len(), kept[0].void.as_ref().map(|it| it.by.as_str())), (2, Some("何敏")));
    assert!(window.query_by_label("未完成 1").is_some());
    click(&mut window, "未完成 1");
    assert!(window.query_by_label("合同号 2026-001 HT-1").is_none() || window.state().record().number == "2026-001");
}

#[test]
fn lines_are_filtered_and_printed() {
    let folder = tempfile::tempdir().unwrap();
    let many: Vec<String> = (1..=30).map(|it| format!("HT-{it:02}")).collect();
    book(folder.path(), &many.iter().map(String::as_str).collect::<Vec<_>>());
    let (mut window, hands) = window(folder.path(), "a.book");
    open_register(&mut window);
    click(&mut window, "筛选登记簿");
    window.get_by_label("筛选登记簿").type_text("ＨＴ-17");
    window.run();
    assert!(window.query_by_label("合同号 2026-017 HT-17").is_some());
    assert!(window.query_by_label("合同号 2026-016 HT-16").is_none());
    let pdf = folder.path().join("登记簿.pdf");
    hands.answers.borrow_mut().push(Answer::Path(pdf.clone()));
    click(&mut window, "导出登记簿");
    for _ in 0..400 {
        if pdf.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
        window.step();
    }
    assert_eq!(*hands.suggested.borrow(), ["合同服务要求登记簿_2026.pdf"]);
    if let Some(text) = read("pdftotext", &["-layout", &pdf.display().to_string(), "-"]) {
        for words in ["合同服务要求登记簿", "QG/R0309 4.1", "服务要求", "HT-01", "HT-30", "2026-030", "第 3 页 共 3 页"]
        {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
}

/// The search, or another page, opens a line where it stands, whatever its year.
#[test]
fn a_line_of_an_earlier_year_is_opened_in_its_year() {
    let folder = tempfile::tempdir().unwrap();
    book(folder.path(), &["HT-1"]);
    let procedure = procedure();
    let form = procedure.form(&"4.1".into()).unwrap();
    let store = Store::open(&folder.path().join("a.book")).unwrap();
    let values: Values = [("contract".into(), "HT-OLD".to_owned())].into();
    let old = store.create(form, &procedure.document.number, 2024, now(), &values).unwrap();
    drop(store);
    let (mut window, _) = window(folder.path(), "a.book");
    window.state_mut().run(&eframe::egui::Context::default(), Command::Open(old.id));
    window.run();
    assert!(window.query_by_label("合同号 2024-001 HT-OLD").is_some());
    assert!(window.query_by_label("合同号 新").is_none(), "new lines are this year's");
    click(&mut window, "›");
    click(&mut window, "›");
    assert!(window.query_by_label("合同号 2026-001 HT-1").is_some());
}

/// Lines go to another book and come back like sheets.
#[test]
fn lines_are_exchanged() {
    let folder = tempfile::tempdir().unwrap();
    book(folder.path(), &["HT-1"]);
    let procedure = procedure();
    let record = lines(folder.path()).remove(0);
    let text = format!("[{}]", exchange::to_json(&procedure, &record, now().date()));
    let read = exchange::read(&text, &procedure, now()).unwrap();
    assert_eq!((read[0].form.as_str(), &read[0].rounds), ("4.1", &record.rounds));
    assert_eq!(read[0].number, Some((1, "2026-001".to_owned())));
}

/// A register is declared like the ledger; what its file gets wrong is told.
#[test]
fn a_mistake_in_a_register_file_is_told() {
    let good = include_str!("../data/forms-old/06-requirements.toml");
    let mistake = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        let own = [("我的登记簿.toml".to_owned(), good.replacen(from, to, 1))];
        Procedure::load(&own).unwrap_err().to_string()
    };
    let told = mistake("field = \"contract\"", "field = \"contrakt\"");
    assert!(told.contains("列里的“contrakt”没有对应的"), "{told}");
    let told = mistake("field = \"contract\"", "sequence = true, field = \"contract\"");
    assert!(told.contains("第 18 行") && told.contains("应为 `sequence`、`field`、`first`、`is` 其中之一"), "{told}");
    let told = mistake("field = \"contract\"", "is = \"contract + customr\"");
    assert!(told.contains("算式里的“customr”不是表里的项目"), "{told}");
    let told = mistake("field = \"contract\"", "is = \"contract +\"");
    assert!(told.contains("表达式第 1 行"), "{told}");
    let told = mistake("identity = ", "# identity = ");
    assert!(told.contains("要有 identity"), "{told}");
}

/// An office's own register whose lines are signed.
const SIGNED: &str = r#"
form = "9.1"
edition = "A/0"
short = "文件分发"
code = "9.1"
title = "文件分发登记表"
paper = { width = 297, height = 210, left = 20, right = 20, top = 25, bottom = 15 }
head = 21
identity = { subject = "file", date = "signed_on" }
[register]
slots = 12
slot_height = 11
head_height = 12
columns = [
  { head = ["序号"], width = 20, sequence = true },
  { head = ["文件名称"], width = 60, field = "file" },
  { head = ["份数"], width = 20, field = "copies", sum = true },
  { head = ["签收人"], width = 24, field = "signer" },
  { head = ["签收日期"], width = 30, field = "signed_on" },
  { head = ["回收份数"], width = 24, field = "back", sum = true },
]
[[stage]]
name = "签收"
by = "signer"
date = "signed_on"
[[beside]]
id = "file"
name = "文件名称"
kind = "line"
[[beside]]
id = "copies"
name = "份数"
kind = "line"
[[beside]]
id = "signer"
name = "签收人"
kind = "person"
signature = true
[[beside]]
id = "signed_on"
name = "签收日期"
kind = "date"
signature = true
[[beside]]
id = "back"
name = "回收份数"
kind = "line"
"#;

/// A signature closes what stands left of it in its line; what stands right of it waits for it.
#[test]
fn a_line_is_signed_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("forms")).unwrap();
    crate::common::put_file(folder.path().join("forms/9.1.toml"), SIGNED);
    let (mut window, _) = window(folder.path(), "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Show(View::Register("9.1".into())));
    window.run();
    let lines = || Store::open_existing(&folder.path().join("a.book")).unwrap().records(&FormId::from("9.1")).unwrap();
    click(&mut window, "文件名称 新");
    text(&mut window, "用户服务管理程序");
    key(&mut window, Key::Tab);
    text(&mut window, "12");
    key(&mut window, Key::Escape);
    key(&mut window, Key::Escape);
    click(&mut window, "回收份数 2026-001");
    assert!(window.query_by_label_contains("还没轮到").is_some());
    click(&mut window, "关闭");
    click(&mut window, "签收人 2026-001");
    overwrite(&mut window, "签署人", "何铮");
    click(&mut window, "签署");
    let signed = lines().remove(0);
    assert_eq!((signed.value("signer"), signed.value("signed_on")), ("何铮", "2026-11-20"));
    assert!(window.query_by_label("签收人 2026-001 何铮").is_some());
    click(&mut window, "份数 2026-001 12");
    assert!(window.query_by_label("划改…").is_some(), "what is signed is corrected, not written over");
    click(&mut window, "关闭");
    click(&mut window, "回收份数 2026-001");
    text(&mut window, "11");
    key(&mut window, Key::Tab);
    assert_eq!(lines()[0].value("back"), "11");
}
