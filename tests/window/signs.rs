//! Signing line by line of a table, and cells that belong to a later signature, in the window.

use std::path::Path;

use crate::common::{Window, click, fill_in, notice, now, put_file, window};
use eframe::egui::Event;
use egui_kittest::kittest::Queryable as _;
use taizhang::command::{Command, View};
use taizhang::procedure::Procedure;
use taizhang::record::{CellId, Record, RecordId, Values};
use taizhang::store::Store;

const VISIT: &str = include_str!("../language/visit.toml");

/// A window with a visit on the desk in which two questions were asked.
fn visit(folder: &Path, more: &[(&str, &str)]) -> (Window, RecordId) {
    std::fs::create_dir(folder.join("forms")).unwrap();
    put_file(folder.join("forms/visit.toml"), VISIT);
    let procedure = Procedure::load(&[("visit.toml".to_owned(), VISIT.to_owned())]).unwrap();
    let mut values = Values::new();
    let asked = [("guest", "甘孜砂石"), ("recorded", "2026-11-16"), ("wanted", "12")];
    for (field, text) in asked.iter().chain(more) {
        values.put(&(*field).into(), 0, text);
    }
    for (line, question, by) in [(0, "挡位松", "2026-11-27"), (1, "漏油", "2026-11-19")] {
        values.put(&"question".into(), line, question);
        values.put(&"finish_by".into(), line, by);
    }
    let form = procedure.form(&"visit".into()).unwrap();
    let store = Store::open(&folder.join("a.book")).unwrap();
    let id = store.create(form, procedure.document.pattern(&form.form), 2026, now(), &values).unwrap().id;
    drop(store);
    let (mut window, _) = window(folder, "a.book");
    run(&mut window, Command::Open(id));
    (window, id)
}

fn run(window: &mut Window, command: Command) {
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, command);
    window.run();
}

fn kept(folder: &Path, id: RecordId) -> Record {
    Store::open_existing(&folder.join("a.book")).unwrap().record(id).unwrap().unwrap()
}

fn at(record: &Record, field: &str, line: usize) -> String {
    record.at(&CellId::in_line(field, 0, line)).to_owned()
}

const RECEIVED: &[(&str, &str)] = &[
    ("got", "10"),
    ("giver", "亓官敏"),
    ("giver_date", "2026-11-17"),
    ("receiver", "徐国梁"),
    ("receiver_date", "2026-11-17"),
];

#[test]
fn a_line_is_signed_in_its_own_cell() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, id) = visit(folder.path(), RECEIVED);
    run(&mut window, Command::Show(View::Today));
    assert!(window.query_all_by_label_contains("第 1、2 行待追踪人").next().is_some(), "told on the first page");
    run(&mut window, Command::Open(id));
    click(&mut window, "问题 第2行 追踪人");
    assert!(window.query_by_label("签署“追踪”第 2 行").is_some());
    fill_in(&mut window, "签署人", "漆雕海");
    click(&mut window, "签署");
    assert!(window.query_by_label_contains("“执行状况”还空着").is_some(), "what is empty in the line is asked for");
    fill_in(&mut window, "执行状况 空着的理由", "电话里说的");
    click(&mut window, "签署");
    assert!(notice(&window).contains("已签署"), "{}", notice(&window));
    let record = kept(folder.path(), id);
    assert_eq!([at(&record, "tracker", 1), at(&record, "tracker_date", 1)], ["漆雕海", "2026-11-20"]);
    assert_eq!(at(&record, "tracker", 0), "");
    assert_eq!(record.signed_at("tracker", 0, 1).unwrap().excused[0].1, "电话里说的");
    // The line is closed, the other one is not.
    click(&mut window, "问题 第2行 执行状况");
    assert!(window.query_by_label_contains("“问题 第 2 行”栏已由 漆雕海 签署").is_some());
    click(&mut window, "关闭");
    click(&mut window, "问题 第1行 执行状况");
    window.event(Event::Text("调了拨叉".to_owned()));
    window.run();
    click(&mut window, "问题 第1行 追踪人");
    fill_in(&mut window, "签署人", "漆雕海");
    click(&mut window, "签署");
    let record = kept(folder.path(), id);
    assert_eq!([at(&record, "progress", 0), at(&record, "tracker", 0)], ["调了拨叉", "漆雕海"]);
    let store = Store::open_existing(&folder.path().join("a.book")).unwrap();
    assert_eq!(store.check(), [""; 0]);
}

#[test]
fn a_cell_is_written_between_the_signatures_of_its_section() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, id) = visit(folder.path(), &RECEIVED[1..3]);
    click(&mut window, "应收数");
    assert!(window.query_by_label_contains("已由 亓官敏 签署").is_some());
    click(&mut window, "关闭");
    click(&mut window, "接收人");
    fill_in(&mut window, "签署人", "徐国梁");
    click(&mut window, "签署");
    assert!(window.query_by_label_contains("“实收数”还空着").is_some());
    click(&mut window, "取消");
    click(&mut window, "实收数");
    window.event(Event::Text("10".to_owned()));
    window.run();
    click(&mut window, "接收人");
    fill_in(&mut window, "签署人", "徐国梁");
    click(&mut window, "签署");
    let record = kept(folder.path(), id);
    assert_eq!([record.value("got"), record.value("receiver")], ["10", "徐国梁"], "{}", notice(&window));
}
