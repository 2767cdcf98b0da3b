//! 归档 (4.7, PROCEDURE 6): filing, binders and their papers, holding, destroying; the rules, and the page driven by its
//! labels.

use std::path::Path;

use crate::common::{Window, now, page_text, procedure, read, window};
use chrono::{Datelike as _, NaiveDate};
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use expect_test::expect_file;
use taizhang::app::Answer;
use taizhang::export::archive;
use taizhang::layout::papers::{spine, table};
use taizhang::list::{List, Summary};
use taizhang::procedure::{FieldId, Form, FormId};
use taizhang::record::{CellId, CopyStep, Deed, Fact, Record, Signed, Values, Void};
use taizhang::register::Period;
use taizhang::retention::{self, Shelf};
use taizhang::store::{NewRecord, Store};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn fact(deed: Deed) -> Fact {
    Fact { at: now(), by: "沈葵".to_owned(), deed }
}

fn filed(case: &str, binder: &str) -> Fact {
    fact(Deed::Filed { case: case.to_owned(), binder: binder.to_owned(), on: "2026-11-01".to_owned() })
}

fn form(id: &str) -> Form {
    procedure().form(&id.into()).unwrap().clone()
}

/// A sheet with every cell filled, about `subject`, its dates all `closed`.
fn sheet(form: &Form, subject: &str, closed: &str) -> NewRecord {
    let mut values = Values::new();
    for field in &form.fields {
        let date = field.kind == taizhang::procedure::Kind::Date;
        values.insert(field.id.clone(), if date { closed.to_owned() } else { "已填".to_owned() });
    }
    let identity = form.identity.as_ref().unwrap();
    values.insert(identity.subject.clone(), subject.to_owned());
    values.insert("product".into(), "液氯贮槽".to_owned());
    values.insert("result".into(), "已返修".to_owned());
    NewRecord {
        form: form.form.clone(),
        edition: form.edition.clone(),
        year: day(closed).year(),
        number: None,
        entered: day(closed).and_hms_opt(9, 0, 0).unwrap(),
        rounds: vec![values],
        corrections: Vec::new(),
        void: None,
        facts: Vec::new(),
    }
}

fn slip(subject: &str, closed: &str) -> NewRecord {
    sheet(&form("05"), subject, closed)
}

fn without(mut sheet: NewRecord, fields: &[&str]) -> NewRecord {
    for field in fields {
        sheet.rounds[0].remove(field);
    }
    sheet
}

fn with(mut sheet: NewRecord, facts: &[Fact]) -> NewRecord {
    sheet.facts.extend_from_slice(facts);
    sheet
}

fn fill(store: &Store, sheets: impl IntoIterator<Item = NewRecord>) {
    store.import(&procedure().document, sheets, now()).unwrap();
}

/// What the book's lists are, form by form.
fn lists(store: &Store) -> Vec<List> {
    let procedure = procedure();
    let list = |form: &Form| {
        let records = store.records(&form.form).unwrap();
        List::new(records.iter().filter_map(|it| Summary::of(&procedure, form, it)).collect())
    };
    ["01", "02", "03", "05"].map(|it| list(&form(it))).into()
}

fn book(sheets: impl IntoIterator<Item = NewRecord>) -> (Store, Vec<List>) {
    let store = Store::in_memory().unwrap();
    fill(&store, sheets);
    let lists = lists(&store);
    (store, lists)
}

fn slips(store: &Store) -> Vec<Record> {
    store.records(&"05".into()).unwrap()
}

fn numbers(batches: &[retention::Batch<'_>]) -> Vec<String> {
    let said = |it: &retention::Batch<'_>| {
        let numbers: Vec<&str> = it.sheets.iter().map(|it| it.number.as_str()).collect();
        format!("{} {} {}", it.year, it.form, numbers.join(" "))
    };
    batches.iter().map(said).collect()
}

/// 4.7: three years from the end of the year of closing, to the day.
#[test]
fn papers_are_kept_three_years_from_the_end_of_the_year_of_closing() {
    for (closed, until) in [
        ("2023-05-02", "2026-12-31"),
        ("2023-01-01", "2026-12-31"),
        ("2023-12-31", "2026-12-31"),
        ("2024-01-01", "2027-12-31"),
    ] {
        assert_eq!(retention::kept_until(day(closed), 3), day(until));
    }
    let (_, lists) = book([slip("甲", "2023-05-02"), slip("乙", "2023-12-31"), slip("丙", "2024-01-01")]);
    let on = |today| numbers(&retention::expired(&lists, 3, day(today)));
    assert_eq!(on("2026-12-31"), [""; 0]);
    assert_eq!(on("2027-01-01"), ["2023 05 2023-001 2023-002"]);
    assert_eq!(on("2028-01-01"), ["2023 05 2023-001 2023-002", "2024 05 2024-001"]);
    // Another office keeps them longer.
    assert_eq!(numbers(&retention::expired(&lists, 10, day("2027-01-01"))), [""; 0]);
    assert_eq!(retention::kept_words(3, day("2029-12-31")), "保存期三年，至 2029-12-31");
    assert_eq!(retention::kept_words(10, day("2036-12-31")), "保存期十年，至 2036-12-31");
    assert_eq!(retention::kept_words(25, day("2051-12-31")), "保存期二十五年，至 2051-12-31");
    assert_eq!(retention::kept_until(NaiveDate::MAX, u32::MAX), NaiveDate::MAX);
}

/// An open sheet waits for no binder; a void one does, closed on the day it was voided.
#[test]
fn closed_and_void_sheets_wait_to_be_filed() {
    let void = |on: &str| Void { by: "沈葵".to_owned(), on: on.to_owned(), reason: "重复登记".to_owned() };
    let mut voided = without(slip("丁", "2022-12-30"), &["confirmer", "confirmer_date"]);
    voided.void = Some(void("2023-01-04"));
    let (_, lists) = book([
        slip("甲", "2022-03-01"),
        without(slip("乙", "2022-03-02"), &["confirmer"]),
        with(slip("丙", "2022-03-03"), &[filed("1", "1")]),
        voided,
        sheet(&form("03"), "用户来函", "2022-04-01"),
    ]);
    let unfiled = retention::unfiled(&lists);
    assert_eq!(numbers(&unfiled), ["2022 03 2022-001", "2022 05 2022-001", "2023 05 2022-004"]);
}

/// PROCEDURE 6: no empty cell at filing, each is filled, struck or has a reason; 4.5.1: both copies are back.
#[test]
fn a_sheet_with_an_empty_cell_or_a_copy_out_is_not_ready() {
    let form = form("05");
    let ready = |sheet: NewRecord| {
        let store = Store::in_memory().unwrap();
        fill(&store, [sheet]);
        retention::unready(&form, &slips(&store)[0])
    };
    let copy = |copy, step, holder: &str| {
        fact(Deed::Copy { copy, step, holder: holder.to_owned(), on: "2022-03-02".to_owned() })
    };
    assert_eq!(ready(slip("甲", "2022-03-01")), [""; 0]);
    // PROCEDURE 4: the ledger's line is kept for good, so what it takes from beside the sheet is written too.
    let bare = without(slip("甲", "2022-03-01"), &["product", "result"]);
    assert_eq!(ready(bare), ["台帐里的产品名称、处理结果空着：写在单据右边，没有就写“/”"]);
    let empty = || without(slip("甲", "2022-03-01"), &["phone", "deadline"]);
    assert_eq!(ready(empty()), ["联系电话、完成期限空着：用“划改”补上或划“/”"]);
    let mut struck = empty();
    struck.rounds[0].extend([(FieldId::from("phone"), "/".to_owned()), ("deadline".into(), "/".to_owned())]);
    assert_eq!(ready(struck), [""; 0]);
    let excused = |field: &str, cell: &str| {
        fact(Deed::Signed(Signed {
            field: field.into(),
            excused: vec![(cell.into(), "用户没有留".to_owned())],
            ..Signed::default()
        }))
    };
    assert_eq!(ready(with(empty(), &[excused("registrar", "phone")])), ["完成期限空着：用“划改”补上或划“/”"]);
    assert_eq!(ready(with(empty(), &[excused("registrar", "phone"), excused("handler", "deadline")])), [""; 0]);
    // What was excused in a round that was gone through again is no excuse.
    let mut again = with(empty(), &[excused("registrar", "phone"), excused("handler", "deadline")]);
    let second = without(slip("甲", "2022-03-05"), &["phone", "deadline", "customer"]).rounds.remove(0);
    again.rounds.push(second);
    assert_eq!(ready(again), ["完成期限空着：用“划改”补上或划“/”"]);

    let out = copy(1, CopyStep::Handed, "设备修造部");
    assert_eq!(
        ready(with(slip("甲", "2022-03-01"), std::slice::from_ref(&out))),
        ["第二联还在设备修造部（2022-03-02 交出）：先收回"]
    );
    let back = [out.clone(), copy(1, CopyStep::Back, "")];
    assert_eq!(ready(with(slip("甲", "2022-03-01"), &back)), [""; 0]);
    assert_eq!(ready(without(slip("甲", "2022-03-01"), &["confirmer"])), ["“顾客确认”还没有签署"]);
    // A void sheet's cells may be empty; its paper has to be there all the same.
    let mut void = with(empty(), &[out]);
    void.void = Some(Void { by: "甲".to_owned(), on: "2022-03-01".to_owned(), reason: "乙".to_owned() });
    assert_eq!(ready(void), ["第二联还在设备修造部（2022-03-02 交出）：先收回"]);
}

/// PROCEDURE 6: records are bound by kind and year.
#[test]
fn binders_are_by_box_binder_kind_and_year() {
    let (_, lists) = book([
        with(slip("甲", "2022-03-01"), &[filed("10", "1")]),
        with(slip("乙", "2022-03-02"), &[filed("2", "1")]),
        with(slip("丙", "2022-03-03"), &[filed("10", "1"), filed("2", "1")]),
        with(slip("丁", "2023-03-03"), &[filed("2", "1")]),
        with(sheet(&form("03"), "来函", "2022-04-01"), &[filed("2", "1")]),
    ]);
    let binders = retention::binders(&lists);
    let said: Vec<String> = binders
        .iter()
        .map(|it| format!("{} {} {} {:?}", it.shelf.name(), it.shelf.form, it.shelf.year, it.numbers()))
        .collect();
    assert_eq!(
        said,
        [
            r#"第 2 盒 第 1 卷 03 2022 ("2022-001", "2022-001")"#,
            r#"第 2 盒 第 1 卷 05 2022 ("2022-002", "2022-003")"#,
            r#"第 2 盒 第 1 卷 05 2023 ("2023-001", "2023-001")"#,
            r#"第 10 盒 第 1 卷 05 2022 ("2022-001", "2022-001")"#,
        ]
    );
    assert_eq!(binders[0].shelf.kept_until(3), day("2025-12-31"));
}

#[test]
fn a_held_sheet_is_never_on_the_list_to_destroy() {
    let held = fact(Deed::Held { reason: "质保诉讼".to_owned() });
    let released = fact(Deed::Released { reason: "已结案".to_owned() });
    let (_, lists) = book([
        with(slip("甲", "2020-03-01"), std::slice::from_ref(&held)),
        with(slip("乙", "2020-03-02"), &[held, released]),
    ]);
    assert_eq!(numbers(&retention::expired(&lists, 3, day("2090-01-01"))), ["2020 05 2020-002"]);
    let held = retention::all_held(&lists);
    assert_eq!(held.iter().filter_map(|it| retention::held(it)).collect::<Vec<_>>(), ["质保诉讼"]);
}

/// What 今日 says of it.
#[test]
fn what_is_expired_is_counted_by_year_and_form() {
    let (_, lists) = book([
        slip("甲", "2021-03-01"),
        slip("乙", "2022-03-01"),
        slip("丙", "2022-03-02"),
        sheet(&form("03"), "来函", "2022-04-01"),
        slip("丁", "2023-03-02"),
    ]);
    let of = |form: &str, count| (FormId::from(form), count);
    assert_eq!(
        retention::expired_by_year(&lists, 3, day("2026-11-20")),
        [(2021, vec![of("05", 1)]), (2022, vec![of("03", 1), of("05", 2)])]
    );
}

/// What stays when the contents go is all that the ledger's row is made of.
#[test]
fn the_fields_that_stay_make_the_same_ledger_line() {
    let (procedure, form) = (procedure(), form("05"));
    let kept = retention::kept_fields(&form);
    for mut record in crate::common::slips() {
        let before = crate::common::ledger(&procedure, [record.clone()], Period::Year(2026));
        for values in &mut record.rounds {
            values.retain(|field, _| kept.contains(field));
        }
        assert_eq!(crate::common::ledger(&procedure, [record], Period::Year(2026)), before);
    }
    let named = |form: &Form| -> Vec<String> { retention::kept_fields(form).iter().map(ToString::to_string).collect() };
    assert_eq!(named(&self::form("03")), ["source", "writer_date"]);
    assert_eq!(named(&self::form("01")), ["customer", "date"]);
}

/// PROCEDURE 6: who approves, carries out and watches are three people.
#[test]
fn three_different_people_destroy() {
    let today = day("2026-11-20");
    let document = &procedure().document;
    let refused = |a, b, c, on| retention::destruction(document, [a, b, c], on, today).unwrap_err().to_string();
    assert!(refused("何铮", "沈葵", "", Some(today)).contains("请写明批准人、执行人、监销人（4.7）"));
    for (a, b, c) in [("何铮", "何铮", "周岚"), ("何铮", "沈葵", " 沈葵 "), ("何 铮", "沈葵", "何铮")]
    {
        assert!(refused(a, b, c, Some(today)).contains("三个不同的人（4.7）"), "{a} {b} {c}");
    }
    assert!(refused("何铮", "沈葵", "周岚", None).contains("日期不是日期"));
    assert!(refused("何铮", "沈葵", "周岚", today.succ_opt()).contains("晚于今天"));
    assert!(retention::destruction(document, ["何铮", "沈葵", "周岚"], Some(today), today).is_ok());
    let filed = |binder, on| retention::filing(document, ("3", binder), on, today).unwrap_err().to_string();
    assert!(filed(" ", Some(today)).contains("盒号和卷号（4.7）"));
    assert!(filed("1", today.succ_opt()).contains("晚于今天"));
}

/// The binder's index, its label and the list for destruction, as they stand on paper.
#[test]
fn the_papers_of_the_archive_as_they_stand() {
    let procedure = procedure();
    let long = "二〇二二年三月的座谈会上提出的事项，逐条列于后页。".repeat(60);
    let mut more = with(slip("江苏澄澜氟材料有限公司", "2022-03-01"), &[filed("3", "1")]);
    more.rounds[0].insert("complaint".into(), long);
    let mut again = with(slip("浙江瓯泷化学有限公司", "2022-05-06"), &[filed("3", "1")]);
    again.rounds.push(again.rounds[0].clone());
    let mut void = with(slip("山东华埠新能源有限公司", "2022-06-01"), &[filed("3", "1")]);
    void.void = Some(Void { by: "沈葵".to_owned(), on: "2022-06-02".to_owned(), reason: "重复登记".to_owned() });
    let info = sheet(&form("03"), "用户来函", "2022-07-01");
    let (store, lists) = book([more, again, void, info]);
    let binders = retention::binders(&lists);
    let pages: Vec<usize> = slips(&store).iter().map(|it| archive::pages(&procedure, it)).collect();
    assert_eq!(pages, [2, 2, 1], "a continuation sheet, two rounds, one page");
    let index = archive::index(&procedure, &binders[0], &pages, day("2026-11-20"));
    expect_file!["../data/pages/archive-index.txt"].assert_eq(&page_text(&table(&index)));
    expect_file!["../data/pages/archive-spine.txt"]
        .assert_eq(&page_text(&spine(&archive::spine(&procedure, &binders[0]))));
    let expired = retention::expired(&lists, 3, day("2026-11-20"));
    let sheets: Vec<&Summary> = expired.iter().flat_map(|it| it.sheets.iter().copied()).collect();
    let list = archive::destruction(&procedure, &sheets, day("2026-11-20"));
    expect_file!["../data/pages/archive-destruction.txt"].assert_eq(&page_text(&table(&list)));
}

// The page, by its labels.

fn click(window: &mut Window, label: &str) {
    let node = window.get_all_by_label(label).last().unwrap_or_else(|| panic!("nothing is called {label}"));
    node.click();
    window.run();
}

fn click_like(window: &mut Window, label: &str) {
    let node = window.query_all_by_label_contains(label).next().unwrap_or_else(|| panic!("nothing is like {label}"));
    node.click();
    window.run();
}

fn write(window: &mut Window, field: &str, text: &str) {
    window.get_by_label(field).click();
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.get_by_label(field).type_text(text);
    window.run();
}

fn said(window: &Window) -> String {
    window.state().notice().unwrap_or_default().to_owned()
}

fn archive_page(folder: &Path) -> (Window, crate::common::Hands) {
    let (mut window, hands) = window(folder, "a.book");
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num8);
    window.run();
    (window, hands)
}

fn export(window: &mut Window, hands: &crate::common::Hands, button: &str) -> Option<String> {
    let to = hands.folder.join(format!("{}.pdf", hands.suggested.borrow().len()));
    hands.answers.borrow_mut().push(Answer::Path(to.clone()));
    click_steps(window, button);
    for _ in 0..2000 {
        window.run_steps(1);
        if window.state().notice().is_some_and(|it| it.contains("已导出")) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(said(window).starts_with("已导出"), "{}", said(window));
    read("pdftotext", &["-layout", to.to_str().unwrap(), "-"])
}

fn click_steps(window: &mut Window, label: &str) {
    window.get_all_by_label(label).last().unwrap().click();
    window.run_steps(3);
}

fn stored(folder: &Path) -> Store {
    Store::open_existing(&folder.join("a.book")).unwrap()
}

/// A sheet that starts a line of a register or a slip, by what it says.
const STARTING: &str = r#"
form = "92"
edition = "A/0"
short = "试单"
code = "试—92"
title = "试单"
identity = { subject = "customer", date = "doer_date", about = "what" }
stage = [{ name = "办理", by = "doer" }]

[[starts]]
form = "4.1"
when = "what == '登记'"
needed = true

[[starts]]
form = "05"
when = "what == '处置'"
needed = true

[[section]]
rows = ["h10 顾客=customer:customer 25|60 · 事项=what 25|60", "h10 办理/日期:=doer 170"]
"#;

/// What a sheet does not start is not asked for; a line of a register is there when it is there, a slip when it is filed.
#[test]
fn a_sheet_is_filed_behind_what_it_starts() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("forms")).unwrap();
    crate::common::put_file(folder.path().join("forms/92.toml"), STARTING);
    let procedure = taizhang::procedure::Procedure::load(&[("92.toml".to_owned(), STARTING.to_owned())])
        .unwrap_or_else(|it| panic!("{it}"));
    let store = Store::open(&folder.path().join("a.book")).unwrap();
    let begin = |id: &str, cells: &[(&str, &str)], facts: &[Deed]| {
        let form = procedure.form(&id.into()).unwrap();
        let values: Values = cells.iter().map(|it| (it.0.into(), it.1.to_owned())).collect();
        let act = taizhang::store::Act { deeds: facts.to_vec(), ..Default::default() };
        store.create_with(form, procedure.document.pattern(&form.form), &values, &act, now()).unwrap().id
    };
    let sheet = |what: &str| {
        let cells = [("customer", "甲厂"), ("what", what), ("doer", "沈葵"), ("doer_date", "2026-11-01")];
        begin("92", &cells, &[])
    };
    let ids = ["无", "登记", "处置"].map(sheet);
    let (mut window, _) = archive_page(folder.path());
    let ctx = window.ctx.clone();
    let deed = Deed::Filed { case: "1".to_owned(), binder: "1".to_owned(), on: "2026-11-20".to_owned() };
    let file = |window: &mut Window| {
        let command = taizhang::command::ArchiveCommand::File { records: ids.to_vec(), deed: deed.clone() };
        window.state_mut().run(&ctx, taizhang::command::Command::Archive(command));
        window.run();
        ids.map(|it| store.record(it).unwrap().unwrap().filed().is_some())
    };
    assert_eq!(file(&mut window), [true, false, false], "{}", said(&window));
    let line = begin("4.1", &[("customer", "甲厂")], &[Deed::From { record: ids[1].0, text: String::new() }]);
    assert_eq!(file(&mut window), [true, true, false], "{}", said(&window));
    assert!(store.record(line).unwrap().unwrap().filed().is_none());
    let slip = begin("05", &[("customer", "甲厂")], &[Deed::From { record: ids[2].0, text: String::new() }]);
    assert_eq!(file(&mut window), [true, true, false], "{}", said(&window));
    store.act(slip, &taizhang::store::Act { deeds: vec![deed.clone()], ..Default::default() }, now()).unwrap();
    assert_eq!(file(&mut window), [true, true, true], "{}", said(&window));
}

/// 4.7: closed sheets go into a binder; those that are not ready say why and stay.
#[test]
fn closed_sheets_are_filed_in_one_go() {
    let folder = tempfile::tempdir().unwrap();
    let out = fact(Deed::Copy {
        copy: 1,
        step: CopyStep::Handed,
        holder: "设备修造部".to_owned(),
        on: "2026-03-02".to_owned(),
    });
    fill(
        &Store::open(&folder.path().join("a.book")).unwrap(),
        [
            slip("甲厂", "2026-03-01"),
            with(slip("乙厂", "2026-03-02"), &[out]),
            without(slip("丙厂", "2026-03-03"), &["phone"]),
            slip("丁厂", "2026-03-04"),
            without(slip("戊厂", "2026-03-05"), &["confirmer"]),
            sheet(&form("03"), "来函", "2026-04-01"),
        ],
    );
    let (mut window, hands) = archive_page(folder.path());
    assert!(window.query_by_label("待归档 5").is_some());
    assert!(window.query_by_label_contains("戊厂").is_none(), "it is still open");
    // A copy that is out is seen at once, an empty cell when the sheet is chosen.
    assert!(window.query_by_label_contains("2026-002 乙厂 第二联还在设备修造部（2026-03-02 交出）：先收回").is_some());
    click(&mut window, "归档");
    assert_eq!(said(&window), "没有归档：请先在单据前打勾");
    click(&mut window, "全选 投诉处置单 2026年办结");
    assert!(window.query_by_label("已选 2 份").is_some());
    assert!(window.query_by_label_contains("2026-003 丙厂 联系电话空着").is_some());
    click(&mut window, "选 投诉处置单 2026-003");
    assert!(window.query_by_label("已选 2 份").is_some(), "what is not ready cannot be chosen");
    click(&mut window, "归档");
    assert_eq!(said(&window), "没有归档：请写明盒号和卷号（4.7）");
    write(&mut window, "盒号", "3");
    write(&mut window, "卷号", "1");
    write(&mut window, "日期", "11.19");
    click(&mut window, "归档");
    assert_eq!(said(&window), "2 份归入第 3 盒 第 1 卷");
    assert!(window.query_by_label("待归档 3").is_some());
    let place = |at: usize| slips(&stored(folder.path()))[at].filed().map(|it| [it.0, it.1, it.2].map(str::to_owned));
    assert_eq!(place(0), Some(["3", "1", "2026-11-19"].map(str::to_owned)));
    assert_eq!((place(1), place(2)), (None, None));

    // The binder, its sheets and its papers.
    click(&mut window, "已归档 1");
    click(&mut window, "第 3 盒 第 1 卷 投诉处置单 2026年办结 2 份 2026-001 至 2026-004 至 2029-12-31");
    if let Some(text) = export(&mut window, &hands, "卷内目录") {
        for words in
            ["卷内目录", "用户名称", "2026-001", "甲厂", "2026-004", "2026年3月4日", "保存期三年，至 2029-12-31"]
        {
            assert!(text.contains(words), "{words} in {text}");
        }
    }
    if let Some(text) = export(&mut window, &hands, "卷脊标签") {
        for words in ["第 3 盒", "第 1 卷", "2026-001", "2026-004", "2026年", "2029-12-31"] {
            assert!(text.contains(words), "{words} in {text}");
        }
    }
    assert_eq!(
        *hands.suggested.borrow(),
        ["卷内目录_第 3 盒 第 1 卷_投诉处置单_2026年.pdf", "卷脊标签_第 3 盒 第 1 卷_投诉处置单_2026年.pdf"]
    );
    // Filing again puts it elsewhere.
    click(&mut window, "选 投诉处置单 2026-004");
    write(&mut window, "卷号", "2");
    click(&mut window, "改放");
    assert_eq!(place(3).map(|it| it[1].clone()).as_deref(), Some("2"));
    assert!(window.query_by_label_contains("2026-004 丁厂").is_none(), "it lies in this binder no longer");
    click_like(&mut window, "2026-001 甲厂");
    assert_eq!(window.state().record().number, "2026-001");
    assert_eq!(stored(folder.path()).check(), [""; 0]);
}

/// 4.7: held, released, listed, confirmed in two steps, gone.
#[test]
fn expired_sheets_are_held_listed_and_destroyed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    let mut secret = with(slip("甲厂", "2022-03-01"), &[filed("3", "1")]);
    secret.rounds[0].insert("measures".into(), "不许留下的原因".to_owned());
    fill(
        &Store::open(&path).unwrap(),
        [
            secret,
            slip("乙厂", "2022-03-02"),
            slip("丙厂", "2022-03-03"),
            slip("丁厂", "2023-05-02"),
            sheet(&form("03"), "来函", "2022-04-01"),
        ],
    );
    crate::common::people(&stored(folder.path()), &["何铮", "沈葵", "周岚"]);
    let (mut window, hands) = archive_page(folder.path());
    click(&mut window, "保存期满 4");
    assert!(window.query_by_label_contains("丁厂").is_none(), "closed in 2023, kept to the end of 2026");

    click(&mut window, "选 投诉处置单 2022-003");
    click(&mut window, "冻结");
    assert_eq!(said(&window), "没有冻结：请写明理由（4.7）");
    write(&mut window, "理由", "质保诉讼");
    click(&mut window, "冻结");
    assert_eq!(said(&window), "已冻结 1 份，到期也不销毁");
    assert!(window.query_by_label("保存期满 3").is_some());

    if let Some(text) = export(&mut window, &hands, "销毁清单") {
        let words = ["到期单据销毁清单", "甲厂", "乙厂", "来函", "第 3 盒 第 1 卷", "未归档", "2025年12月31日"];
        for words in words.into_iter().chain(["批准人/日期:", "执行人/日期:", "监销人/日期:", "共 3 份"])
        {
            assert!(text.contains(words), "{words} in {text}");
        }
        assert!(!text.contains("丙厂"), "held");
    }
    click(&mut window, "全选 投诉处置单 2022年办结");
    for (field, name) in [("批准人", "何铮"), ("执行人", "沈葵"), ("监销人", "何铮")] {
        write(&mut window, field, name);
    }
    click(&mut window, "销毁…");
    assert!(said(&window).contains("三个不同的人（4.7）"));
    write(&mut window, "监销人", "周岚");
    click(&mut window, "销毁…");
    assert!(window.query_by_label("将销毁 2 份单据的内容，不能恢复").is_some());
    click(&mut window, "不销毁");
    assert!(!slips(&stored(folder.path()))[0].destroyed());
    click(&mut window, "销毁…");
    click(&mut window, "确认销毁");
    crate::common::settle(&mut window);
    assert!(said(&window).starts_with("已销毁 2 份的内容；编号和台帐留下"), "{}", said(&window));
    assert!(window.query_by_label("保存期满 1").is_some());

    // In the file, nothing; on the desk, the number, the ledger's fields, who and when.
    for file in ["a.book", "a.book-wal"] {
        let bytes = std::fs::read(folder.path().join(file)).unwrap_or_default();
        assert!(!bytes.windows(21).any(|it| it == "不许留下的原因".as_bytes()), "{file}");
    }
    let left = slips(&stored(folder.path()));
    assert_eq!(left[0].value("customer"), "甲厂");
    assert_eq!(left[0].value("measures"), "");
    assert!(!left[2].destroyed() && !left[3].destroyed());
    let why = taizhang::flow::shut(&form("05"), &left[0]).unwrap().to_string();
    assert!(why.contains("已于 2026-11-20 按销毁清单销毁（批准人 何铮，执行人 沈葵，监销人 周岚）"), "{why}");
    assert_eq!(stored(folder.path()).check(), [""; 0]);

    click(&mut window, "已冻结 1");
    click(&mut window, "选 投诉处置单 2022-003");
    write(&mut window, "理由", "已结案");
    click(&mut window, "解冻");
    assert!(window.query_by_label("保存期满 2").is_some());
}

/// 4.7: whoever is named on the destruction is one of the book's people, and gives their password where they have one.
#[test]
fn whoever_destroys_gives_their_password() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    fill(&Store::open(&path).unwrap(), [slip("甲厂", "2022-03-01")]);
    let (mut window, _) = archive_page(folder.path());
    let destroy = |window: &mut Window| {
        for (field, name) in [("批准人", "何铮"), ("执行人", "沈葵"), ("监销人", "周岚")] {
            write(window, field, name);
        }
        click(window, "销毁…");
        click(window, "确认销毁");
        crate::common::settle(window);
    };
    click(&mut window, "保存期满 1");
    click(&mut window, "选 投诉处置单 2022-001");
    destroy(&mut window);
    assert_eq!(said(&window), "没有销毁：人员表还是空的：请先到设置里添上批准人、执行人、监销人（4.7）");
    click(&mut window, "不销毁");
    let store = stored(folder.path());
    crate::common::people(&store, &["何铮", "沈葵", "周岚"]);
    store.set_password("沈葵", Some("乙"), now()).unwrap().unwrap();
    window.run();
    destroy(&mut window);
    assert_eq!(said(&window), "没有销毁：沈葵：密码不对");
    write(&mut window, "执行人 沈葵 的密码", "乙");
    click(&mut window, "确认销毁");
    crate::common::settle(&mut window);
    assert!(said(&window).starts_with("已销毁 1 份的内容"), "{}", said(&window));
    assert!(slips(&stored(folder.path()))[0].destroyed());
}

/// Another window held a sheet while this one was about to destroy it: it stops there and says how far it came.
#[test]
fn a_failure_in_the_middle_says_how_many_were_destroyed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    fill(&Store::open(&path).unwrap(), ["甲", "乙", "丙"].map(|it| slip(it, "2022-03-01")));
    crate::common::people(&stored(folder.path()), &["何铮", "沈葵", "周岚"]);
    let (mut window, _) = archive_page(folder.path());
    let ids: Vec<_> = slips(&stored(folder.path())).iter().map(|it| it.id).collect();
    let act = taizhang::store::Act {
        deeds: vec![Deed::Held { reason: "质保诉讼".to_owned() }],
        ..taizhang::store::Act::default()
    };
    stored(folder.path()).act(ids[1], &act, now()).unwrap();
    let today = now().date();
    let three = ["何铮", "沈葵", "周岚"];
    let deed = retention::destruction(&procedure().document, three, Some(today), today).unwrap();
    let ctx = window.ctx.clone();
    let command = taizhang::command::ArchiveCommand::Destroy { records: ids, deed, given: Vec::new() };
    window.state_mut().run(&ctx, taizhang::command::Command::Archive(command));
    crate::common::settle(&mut window);
    assert!(
        said(&window).starts_with("已销毁 1 份，其余 2 份未动：2022-002 在 2026-11-20 没有期满，或已冻结"),
        "{}",
        said(&window)
    );
    let left: Vec<bool> = slips(&stored(folder.path())).iter().map(Record::destroyed).collect();
    assert_eq!(left, [true, false, false]);
}

#[test]
fn an_empty_archive_says_what_comes_there() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = archive_page(folder.path());
    assert!(window.query_by_label_contains("没有等待归档的单据").is_some());
    click(&mut window, "已归档");
    assert!(window.query_by_label_contains("还没有案卷").is_some());
    click(&mut window, "保存期满");
    assert!(window.query_by_label_contains("2023 年办结的单据 2027-01-01 起可以销毁（4.7）").is_some());
    click(&mut window, "已冻结");
    assert!(window.query_by_label_contains("没有冻结的单据").is_some());
}

/// A binder that no sheet is in any more is not printed, and not an error.
#[test]
fn a_binder_that_is_gone_prints_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, hands) = archive_page(folder.path());
    let shelf = Shelf { case: "1".to_owned(), binder: "1".to_owned(), form: "05".into(), year: 2022 };
    let ctx = window.ctx.clone();
    let command = taizhang::command::ArchiveCommand::ExportIndex(shelf);
    window.state_mut().run(&ctx, taizhang::command::Command::Archive(command));
    assert!(hands.suggested.borrow().is_empty());
}

/// PROCEDURE 6: a day that a signature lacks, as sheets from elsewhere do, can be supplied, so that the sheet can be filed.
#[test]
fn the_day_a_signature_lacks_is_supplied_by_a_correction() {
    let form = form("05");
    let (store, _) = book([without(slip("甲", "2022-03-01"), &["handler_date"])]);
    let record = slips(&store).remove(0);
    assert_eq!(retention::unready(&form, &record), ["处理日期空着：用“划改”补上或划“/”"]);
    let correction = |field: &str, new: &str| taizhang::record::Correction {
        cell: CellId::new(field, 0),
        old: record.value(field).to_owned(),
        new: new.to_owned(),
        by: "沈葵".to_owned(),
        on: "2022-03-09".to_owned(),
        reason: "原件漏填".to_owned(),
    };
    let supplied = correction("handler_date", "2022-03-02");
    assert_eq!(taizhang::flow::correction(&form, &record, &supplied), Ok(()));
    assert!(taizhang::flow::correction(&form, &record, &correction("handler", "")).is_err(), "a signature stays");
    store.correct(record.id, &supplied, now()).unwrap();
    assert_eq!(retention::unready(&form, &slips(&store)[0]), [""; 0]);
}
