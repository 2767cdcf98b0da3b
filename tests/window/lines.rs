//! Lines of a typed register: checked each year, replaced by a later one, signed on both sides, with cells that are computed.

use std::path::Path;

use crate::common::{Window, click, fill_in, notice, now, put_file, slip_at, window};
use chrono::NaiveDate;
use egui_kittest::kittest::Queryable as _;
use taizhang::command::{Command, RegisterCommand, View};
use taizhang::procedure::{FormId, Procedure};
use taizhang::record::{Record, Values};
use taizhang::register::{Period, entries};
use taizhang::store::Store;

/// Property that users left with the works (顾客财产).
const PROPERTY: &str = r#"
form = "91"
edition = "A/0"
short = "顾客财产"
code = "试—91"
title = "顾客财产登记簿"
paper = "landscape"
identity = { subject = "customer", date = "taken", about = "what" }
stage = [
  { name = "接受", by = "taker" },
  { name = "顾客签字", by = "giver", whose = "user" },
]

[register]
yearly = { field = "checked", from = "10-01" }
replaced = { names = "replaces", ends = "returned" }
columns = [
  "序|号=# 19 centred",
  "顾客名称=customer:customer 35",
  "图纸名称=what 35",
  "张数=sheets:number 15",
  "份数=copies:number 15",
  "共=whole:number 15",
  "接受日期=taken:date 24 centred",
  "接受人=taker:person! 20",
  "顾客签字=giver:person! 20",
  "代替=replaces 20",
  "归还日期=returned:date 24 centred",
  "核对日期=checked:date 15 centred",
]

[field]
whole = { is = "sheets * copies" }
"#;

fn procedure() -> Procedure {
    Procedure::load(&[("91.toml".to_owned(), PROPERTY.to_owned())]).unwrap_or_else(|it| panic!("{it}"))
}

/// A window with a line of last year and one of this year.
fn book(folder: &Path) -> Window {
    std::fs::create_dir(folder.join("forms")).unwrap();
    put_file(folder.join("forms/91.toml"), PROPERTY);
    let procedure = procedure();
    let form = procedure.form(&"91".into()).unwrap();
    let store = Store::open(&folder.join("a.book")).unwrap();
    for (day, year) in [("2025-03-05", 2025), ("2026-03-05", 2026)] {
        let values = [("customer", "甲厂"), ("what", "阀体图"), ("sheets", "3"), ("copies", "4"), ("taken", day)];
        let values: Values = values.map(|(field, text)| (field.into(), text.to_owned())).into();
        store.create(form, &procedure.document.number, year, now(), &values).unwrap();
    }
    slip_at(&store, 0, &[]);
    drop(store);
    let (mut window, _) = window(folder, "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Show(View::Register("91".into())));
    let all = Period::Days(NaiveDate::from_ymd_opt(2025, 1, 1).unwrap(), now().date());
    window.state_mut().run(&ctx, Command::Register(RegisterCommand::Show { form: "91".into(), period: all }));
    window.run();
    window
}

fn lines(folder: &Path) -> Vec<Record> {
    Store::open_existing(&folder.join("a.book")).unwrap().records(&FormId::from("91")).unwrap()
}

#[test]
fn a_line_is_checked_each_year_and_gives_way_to_a_later_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = book(folder.path());
    assert!(window.query_by_label("今年未核对 1").is_some(), "{}", notice(&window));
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Show(View::Today));
    window.run();
    window.get_by_label_contains("今年还有 1 行没有核对").click();
    window.run();
    assert!(window.query_by_label("核对日期 2025-001").is_some(), "{}", notice(&window));
    click(&mut window, "核对日期 2025-001");
    window.event(eframe::egui::Event::Text("今天".to_owned()));
    window.run();
    window.key_press(eframe::egui::Key::Enter);
    window.run();
    assert_eq!(lines(folder.path())[0].value("checked"), "2026-11-20");
    assert!(window.query_by_label("今年未核对 1").is_none());
    // Nobody signed it: what ends a line waits for the signatures before it.
    let old = lines(folder.path())[0].id;
    let ctx = window.ctx.clone();
    let replace = Command::Register(RegisterCommand::Replace { form: "91".into(), record: old });
    window.state_mut().run(&ctx, replace.clone());
    window.run();
    assert!(notice(&window).contains("没有代替"), "{}", notice(&window));
    // Both sides sign in the line itself, one after the other.
    for (cell, name) in [("接受人 2025-001", "沈䶮"), ("顾客签字 2025-001", "甲厂 王工")] {
        click(&mut window, cell);
        fill_in(&mut window, "签署人", name);
        click(&mut window, "签署");
    }
    let signed = &lines(folder.path())[0];
    assert_eq!((signed.value("taker"), signed.value("giver")), ("沈䶮", "甲厂 王工"), "{}", notice(&window));
    window.state_mut().run(&ctx, replace);
    window.run();
    let all = lines(folder.path());
    let new = all.iter().find(|it| it.value("replaces") == "2025-001").unwrap_or_else(|| panic!("{}", notice(&window)));
    assert_eq!((new.value("what"), new.value("taker"), new.value("checked")), ("阀体图", "", ""));
    assert_eq!(all[0].value("returned"), "2026-11-20");
    assert!(notice(&window).contains("2025-001 由"), "{}", notice(&window));
}

/// A column of a computed cell says what it comes to, on the screen and on paper.
#[test]
fn a_column_may_be_computed() {
    let procedure = procedure();
    let form = procedure.form(&"91".into()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let window = book(folder.path());
    drop(window);
    let lines = entries(&procedure, form, lines(folder.path()));
    assert_eq!(lines[0].cells[5].text, "12");
}
