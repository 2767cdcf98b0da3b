//! Tables on the sheet: typed line by line, grown as one types, their lines put in and taken out; boxes and scales ticked.

use std::path::Path;

use crate::common::{Window, click, notice, put_file, window};
use eframe::egui::{Event, Key};
use egui_kittest::kittest::Queryable as _;
use taizhang::command::Command;
use taizhang::record::{CellId, Record};
use taizhang::store::Store;

/// A window with an empty sheet of a form that has tables.
fn sheet(folder: &Path) -> Window {
    std::fs::create_dir(folder.join("forms")).unwrap();
    put_file(folder.join("forms/repair.toml"), include_str!("../language/repair.toml"));
    let (mut window, _) = window(folder, "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::New("repair".into()));
    window.run();
    window
}

fn kept(folder: &Path) -> Record {
    Store::open_existing(&folder.join("a.book")).unwrap().records(&"repair".into()).unwrap().remove(0)
}

fn column(record: &Record, field: &str) -> Vec<String> {
    let values = &record.rounds[0];
    (0..values.lines(field)).map(|it| values.at(field, it).to_owned()).collect()
}

/// Types where the pen is, and goes on.
fn enter(window: &mut Window, words: &str) {
    if !words.is_empty() {
        window.event(Event::Text(words.to_owned()));
        window.run();
    }
    window.key_press(Key::Enter);
    window.run();
}

#[test]
fn a_table_is_typed_line_by_line_and_grows() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = sheet(folder.path());
    click(&mut window, "换件 第1行 零部件名称/图号");
    for line in 1..=6 {
        // 金额 is computed: it is passed over.
        for words in
            [format!("零件{line}"), "自制件".to_owned(), line.to_string(), "12.5".to_owned(), "11.20".to_owned()]
        {
            enter(&mut window, &words);
        }
    }
    assert!(window.query_by_label("换件 第6行 数量").is_some(), "it stands on a continuation sheet");
    // An empty line that was only come to is left behind.
    enter(&mut window, "");
    enter(&mut window, "3");
    let record = kept(folder.path());
    assert_eq!(column(&record, "part"), (1..=6).map(|it| format!("零件{it}")).collect::<Vec<_>>());
    assert_eq!(column(&record, "quantity"), ["1", "2", "3", "4", "5", "6"]);
    assert_eq!(column(&record, "arrived"), ["2026-11-20"; 6]);
    assert_eq!(record.value("total"), "3", "{:?}", record.rounds);
    assert!(record.rounds[0].lines("amount") == 0, "what is computed is not kept");
}

#[test]
fn lines_are_put_in_and_taken_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = sheet(folder.path());
    click(&mut window, "换件 第1行 零部件名称/图号");
    for part in ["密封垫", "螺栓", "阀芯"] {
        for words in [part, "自制件", "1", "2", "11.20"] {
            enter(&mut window, words);
        }
    }
    let id = kept(folder.path()).id;
    window.get_by_label("换件 第2行 零部件名称/图号").click_secondary();
    window.run();
    click(&mut window, "删去这一行");
    assert_eq!(column(&kept(folder.path()), "part"), ["密封垫", "阀芯"], "{}", notice(&window));
    window.get_by_label("换件 第1行 零部件名称/图号").click_secondary();
    window.run();
    click(&mut window, "在上面插入一行");
    assert_eq!(column(&kept(folder.path()), "part"), ["", "密封垫", "阀芯"], "{}", notice(&window));
    // Each is one step that can be taken back, and behind them what was typed before.
    for wanted in [vec!["密封垫", "阀芯"], vec!["密封垫", "螺栓", "阀芯"]] {
        let ctx = window.ctx.clone();
        window.state_mut().run(&ctx, Command::Undo);
        window.run();
        assert_eq!(column(&kept(folder.path()), "part"), wanted, "{}", notice(&window));
    }
    let store = Store::open_existing(&folder.path().join("a.book")).unwrap();
    assert_eq!(store.check(), [""; 0]);
    assert!(store.history(id).unwrap().iter().any(|it| it.old == "螺栓"), "what stood there is in the history");
}

#[test]
fn boxes_and_columns_are_ticked() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = sheet(folder.path());
    click(&mut window, "报修方式 热线");
    click(&mut window, "报修方式 传真");
    click(&mut window, "需修改文件 PFMEA");
    click(&mut window, "需修改文件 DFMEA");
    click(&mut window, "需修改文件 控制计划");
    click(&mut window, "需修改文件 PFMEA");
    click(&mut window, "评价 产品质量 评价 较满意");
    let record = kept(folder.path());
    assert_eq!(record.value("channel"), "传真");
    assert_eq!(record.value("papers"), "DFMEA、控制计划");
    assert_eq!(record.at(&CellId::in_line("rate", 0, 0)), "较满意");
    click(&mut window, "报修方式 其他");
    window.event(Event::Text("代理商".to_owned()));
    window.run();
    window.key_press(Key::Enter);
    window.run();
    assert_eq!(kept(folder.path()).value("channel"), "其他（代理商）");
}

/// A picture is chosen as a file, seen on the sheet, and taken off again.
#[test]
fn a_picture_is_chosen_and_taken_off() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("forms")).unwrap();
    let form = "form = \"repair\"\nedition = \"A/0\"\nshort = \"试\"\ncode = \"试—07\"\ntitle = \"试表\"\n\
        identity = { subject = \"a\", date = \"b\" }\n[[section]]\n\
        rows = [\"h40 照片=photo:picture 25|55↓2 · 甲=a 90\", \"h20 日期=b:date 90\"]\n";
    put_file(folder.path().join("forms/repair.toml"), form);
    let picture = folder.path().join("现场.png");
    image::RgbImage::from_pixel(40, 20, image::Rgb([200, 10, 10])).save(&picture).unwrap();
    let (mut window, hands) = window(folder.path(), "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::New("repair".into()));
    window.run();
    hands.answers.borrow_mut().push(taizhang::app::Answer::Path(picture));
    click(&mut window, "照片");
    window.run();
    let record = kept(folder.path());
    assert!(taizhang::record::is_picture(record.value("photo")), "{}", notice(&window));
    click(&mut window, "更多");
    click(&mut window, "去掉“照片”的图");
    assert_eq!(kept(folder.path()).value("photo"), "");
    assert_eq!(Store::open_existing(&folder.path().join("a.book")).unwrap().check(), [""; 0]);
    // What is no picture is refused with a sentence.
    let text = folder.path().join("说明.jpg");
    put_file(&text, "不是图");
    hands.answers.borrow_mut().push(taizhang::app::Answer::Path(text));
    click(&mut window, "照片");
    window.run();
    assert!(notice(&window).contains("没有放图：读不出这张图"), "{}", notice(&window));
}
