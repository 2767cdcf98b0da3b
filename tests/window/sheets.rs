//! Sheets of a package in the window: a month that is proposed and missed, figures counted and written down, a card that
//! fills in others and lives on, forms put to use by a switch.

use std::path::Path;

use crate::common::{Window, click, fill_in, notice, now, settle, window};
use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use taizhang::command::{Command, Question};
use taizhang::flow::Signature;
use taizhang::procedure::{Catalog, Change, Document, Procedure};
use taizhang::record::{CellId, Record, Values};
use taizhang::store::{Act, Store};

fn sanbao() -> Procedure {
    Catalog::of(&[]).procedure(&["sanbao".to_owned()]).unwrap()
}

/// A book that works by the package alone.
fn book(folder: &Path) -> Store {
    let store = Store::open(&folder.join("a.book")).unwrap();
    store.set_office(&sanbao().document.to_keep(None).unwrap(), "", now()).unwrap();
    store
}

fn put(store: &Store, id: &str, cells: &[(&str, &str)]) -> Record {
    let procedure = sanbao();
    let form = procedure.form(&id.into()).unwrap();
    let values: Values = cells.iter().map(|it| (it.0.into(), it.1.to_owned())).collect();
    store.create_with(form, procedure.document.pattern(&form.form), &values, &Act::default(), now()).unwrap()
}

fn run(window: &mut Window, command: Command) {
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, command);
    window.run();
}

fn kept(folder: &Path, form: &str) -> Record {
    let store = Store::open_existing(&folder.join("a.book")).unwrap();
    store.records(&form.into()).unwrap().pop().unwrap()
}

fn typed(window: &mut Window, label: &str, words: &str) {
    click(window, label);
    window.event(Event::Text(words.to_owned()));
    window.run();
    window.key_press(Key::Enter);
    window.run();
}

/// Today is 20 November 2026: of September and October one is missing.
#[test]
fn the_month_that_is_missing_is_told_and_proposed() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    put(&store, "sanbao/10", &[("month_of", "2026年8月"), ("compiled", "2026-09-03")]);
    put(&store, "sanbao/10", &[("month_of", "2026年10月"), ("compiled", "2026-11-03")]);
    drop(store);
    let (mut window, _) = window(folder.path(), "a.book");
    assert!(window.query_by_label_contains("还缺 2026年9月").is_some());
    run(&mut window, Command::New("sanbao/10".into()));
    assert_eq!(window.state().record().value("month_of"), "2026年9月");
    assert_eq!(Store::open_existing(&folder.path().join("a.book")).unwrap().count(&"sanbao/10".into()).unwrap(), 2);
    click(&mut window, "质量信息分析");
    window.event(Event::Text("变速箱".to_owned()));
    window.run();
    click(&mut window, "改进建议");
    let record = kept(folder.path(), "sanbao/10");
    assert_eq!((record.value("month_of"), record.value("analysis")), ("2026年9月", "变速箱"));
}

#[test]
fn what_is_counted_stands_on_the_sheet_and_is_written_down_when_it_is_signed() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    put(&store, "sanbao/02", &[("called", "2026-10-04 09:40"), ("dispatched", "2026-10-04 10:00")]);
    let report = put(&store, "sanbao/10", &[("month_of", "2026年10月"), ("compiled", "2026-11-03")]);
    drop(store);
    let (mut window, _) = window(folder.path(), "a.book");
    run(&mut window, Command::Open(report.id));
    assert_eq!((window.state().record().value("calls"), kept(folder.path(), "sanbao/10").value("calls")), ("1", ""));
    assert_eq!(window.state().record().value("model"), "本月无故障");
    let excused = ["analysis", "advice"].map(|it| (it.into(), "没有".to_owned())).to_vec();
    let on = Some(now().date());
    let signature = Signature { name: "亓官敏".to_owned(), on, excused, ..Signature::default() };
    run(&mut window, Command::Sign { record: report.id, field: "compiler".into(), signature });
    let record = kept(folder.path(), "sanbao/10");
    assert_eq!((record.value("calls"), record.value("model")), ("1", "本月无故障"), "{}", notice(&window));
    assert_eq!(Store::open_existing(&folder.path().join("a.book")).unwrap().check(), [""; 0]);
}

/// Whoever writes a machine's number need not write what its card says; what is written already stays.
#[test]
fn the_number_of_a_machine_fills_in_what_its_card_says() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    let card = [("customer", "甲砂石厂"), ("serial", "CG-0318"), ("model", "CG956G"), ("bought", "2024-08-06")];
    put(&store, "sanbao/01", &card);
    drop(store);
    let (mut window, _) = window(folder.path(), "a.book");
    run(&mut window, Command::New("sanbao/02".into()));
    typed(&mut window, "用户名称", "乙砂石厂");
    typed(&mut window, "出厂编号", "CG-0318");
    settle(&mut window);
    let record = kept(folder.path(), "sanbao/02");
    assert_eq!(["customer", "model", "bought"].map(|it| record.value(it)), ["乙砂石厂", "CG956G", "2024-08-06"]);
    assert!(notice(&window).contains("照登记卡 BX0000001填上了：产品型号、购机日期"), "{}", notice(&window));
}

#[test]
fn a_card_is_changed_in_its_table_and_taken_out_of_use() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    let procedure = sanbao();
    let card = put(&store, "sanbao/01", &[("customer", "甲砂石厂"), ("serial", "CG-0318"), ("bought", "2024-08-06")]);
    let stages = &procedure.form(&"sanbao/01".into()).unwrap().stages;
    let cells = stages.iter().map(|it| (CellId::new(it.by.clone(), 0), "亓官敏".to_owned())).collect();
    store.act(card.id, &Act { cells, ..Act::default() }, now()).unwrap();
    put(&store, "sanbao/01", &[("customer", "甲砂石厂"), ("serial", "CG-0318")]);
    drop(store);
    let (mut window, _) = window(folder.path(), "a.book");
    run(&mut window, Command::Open(card.id));
    assert!(window.query_by_label_contains("登记卡 BX0000002 已经是“CG-0318”").is_some(), "a second card warns");
    click(&mut window, "用户名称");
    click(&mut window, "更改…");
    fill_in(&mut window, "改成", "乙砂石厂");
    fill_in(&mut window, "校对人", "郤成章");
    fill_in(&mut window, "理由", "转让");
    click(&mut window, "更改");
    let record = window.state().record();
    assert_eq!(
        ["change_what", "change_old", "change_new", "change_by"].map(|it| record.value(it)),
        ["用户名称", "甲砂石厂", "乙砂石厂", "郤成章"]
    );
    run(&mut window, Command::Ask(card.id, Question::Void));
    fill_in(&mut window, "理由", "机器报废");
    fill_in(&mut window, "停用人", "郤成章");
    click(&mut window, "停用");
    assert!(notice(&window).contains("BX0000001 已停用，编号保留"), "{}", notice(&window));
}

#[test]
fn a_switch_puts_forms_to_use() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    drop(store);
    let (mut window, _) = window(folder.path(), "a.book");
    run(&mut window, Command::New("sanbao/34".into()));
    assert!(notice(&window).contains("“访问单”没有启用：先在设置里打开“顾客访问”"), "{}", notice(&window));
    assert!(window.query_by_label("访问单").is_none());
    let on = taizhang::command::OfficeCommand::Change(Change::Switch("sanbao/B".into(), true));
    run(&mut window, Command::Office(on));
    run(&mut window, Command::New("sanbao/34".into()));
    typed(&mut window, "访问目的", "回访换总成的机器");
    assert_eq!(kept(folder.path(), "sanbao/34").value("purpose"), "回访换总成的机器");
    let off = taizhang::command::OfficeCommand::Change(Change::Switch("sanbao/B".into(), false));
    run(&mut window, Command::Office(off));
    let id = kept(folder.path(), "sanbao/34").id;
    run(&mut window, Command::Open(id));
    assert_eq!(window.state().record().value("purpose"), "回访换总成的机器", "what was made stays");
}

/// A document that was kept stays what it is.
#[test]
fn what_a_book_keeps_of_the_package_is_read_back() {
    let document: Document = sanbao().document;
    let mut procedure = sanbao();
    procedure.take_office(&document.to_keep(None).unwrap()).unwrap();
    assert_eq!(procedure.document, document);
}

/// What is computed beside a sheet is told there, and there is nothing to be typed.
#[test]
fn what_is_computed_beside_a_sheet_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    let survey = put(&store, "sanbao/18", &[("customer", "雅安垚鑫"), ("mark", "2-满意")]);
    drop(store);
    let (mut window, _) = window(folder.path(), "a.book");
    run(&mut window, Command::Open(survey.id));
    assert!(window.query_by_role_and_label(Role::TextInput, "方式").is_some());
    assert!(window.query_by_role_and_label(Role::TextInput, "平均").is_none());
    let told = window.query_all_by_role(Role::Label);
    let told: Vec<String> = told.filter_map(|it| it.accesskit_node().value()).collect();
    assert!(told.iter().any(|it| it.starts_with("平均 2")), "{told:?}");
}
