//! Sheets that hang together, in the window: lines a signature writes, sheets that name each other, somebody waited for.

use std::path::Path;

use crate::common::{Window, click, notice, now, window};
use egui_kittest::kittest::Queryable as _;
use taizhang::command::{Command, View};
use taizhang::flow::Signature;
use taizhang::procedure::{OFFICE, Procedure};
use taizhang::record::{CellId, Deed, Record, RecordId, Values};
use taizhang::store::Store;

fn sanbao() -> Procedure {
    let mut procedure = Procedure::load(&[]).unwrap();
    procedure.take_office(r#"{"chosen":["sanbao"]}"#).unwrap();
    procedure
}

/// A book of the package of 三包 with these sheets: form, and what is written where (`field#2` is the third line).
fn book(folder: &Path, sheets: &[(&str, &[(&str, &str)])]) -> Vec<RecordId> {
    let procedure = sanbao();
    let store = Store::open(&folder.join("a.book")).unwrap();
    store.set_office(&procedure.document.to_keep(None).unwrap(), "", now()).unwrap();
    let begin = |(form, cells): &(&str, &[(&str, &str)])| {
        let mut values = Values::new();
        for (field, text) in *cells {
            let (field, line) = field.split_once('#').map_or((*field, 0), |it| (it.0, it.1.parse().unwrap()));
            values.put(&field.into(), line, text);
        }
        let form = procedure.form(&(*form).into()).unwrap();
        store.create(form, procedure.document.pattern(&form.form), 2026, now(), &values).unwrap().id
    };
    assert!(store.setting(OFFICE).unwrap().is_some());
    sheets.iter().map(begin).collect()
}

fn open(window: &mut Window, command: Command) {
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, command);
    window.run();
}

fn all(folder: &Path, form: &str) -> Vec<Record> {
    Store::open_existing(&folder.join("a.book")).unwrap().records(&form.into()).unwrap()
}

const REPORT: &[(&str, &str)] = &[
    ("customer", "甘孜砂石"),
    ("dispatch", "2026-0001"),
    ("finding", "三包"),
    ("cause", "配套件"),
    ("issue", "寄件"),
    ("waybill", "SF1"),
    ("part_name", "变速箱总成"),
    ("quantity", "1"),
    ("origin", "配套件"),
    ("part_name#1", "滤芯"),
    ("quantity#1", "2"),
    ("origin#1", "自制件"),
    ("reporter", "漆雕海"),
    ("reporter_date", "2026-11-18"),
    ("dealer", "令狐冲"),
    ("dealer_date", "2026-11-18"),
    ("reviewer", "亓官敏"),
    ("reviewer_date", "2026-11-19"),
];

/// 批准 writes a line of the issue register for each part; each line names the report, and the two lead to each other.
#[test]
fn a_signature_writes_lines_of_a_register() {
    let folder = tempfile::tempdir().unwrap();
    let ids = book(folder.path(), &[("sanbao/02", &[("customer", "甘孜砂石")]), ("sanbao/03", REPORT)]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, Command::Open(ids[1]));
    let signature = Signature {
        name: "郤成章".to_owned(),
        on: Some(now().date()),
        overruled: "补录".to_owned(),
        ..Signature::default()
    };
    let field = "approver".into();
    open(&mut window, Command::Sign { record: ids[1], field, signature });
    assert!(notice(&window).contains("登记簿里写了 2 行"), "{}", notice(&window));
    let lines = all(folder.path(), "sanbao/06");
    let said: Vec<[&str; 3]> =
        lines.iter().map(|it| ["report", "part_name", "quantity"].map(|field| it.value(field))).collect();
    assert_eq!(said, [["2026-0001", "变速箱总成", "1"], ["2026-0001", "滤芯", "2"]]);
    assert_eq!(lines[0].origin(), Some(ids[1]));
    // The report shows the dispatch it names, and the lines that name it.
    let text = |window: &Window, label: &str| window.query_all_by_label_contains(label).count();
    open(&mut window, Command::Open(ids[1]));
    assert!(text(&window, "派工单 2026-0001") > 0 && text(&window, "配件发放 2026-0001") > 0);
    // Beside a line of the register stand its cells that no column has, and where it comes from.
    open(&mut window, Command::Open(lines[1].id));
    assert!(text(&window, "旧件返回日期") > 0 && text(&window, "呈报表 2026-0001") > 0);
    assert_eq!(Store::open_existing(&folder.path().join("a.book")).unwrap().check(), [""; 0]);
}

/// A line of the telephone register starts a dispatch, with what was said carried over.
#[test]
fn a_line_of_a_register_starts_a_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let called = [("caller", "甘孜砂石"), ("called", "2026-11-20 08:10"), ("said", "一挡不走")];
    let ids = book(folder.path(), &[("sanbao/11", &called)]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, Command::Open(ids[0]));
    click(&mut window, "另起派工单");
    let made = all(folder.path(), "sanbao/02").remove(0);
    assert_eq!([made.value("customer"), made.value("fault")], ["甘孜砂石", "一挡不走"]);
    assert_eq!(made.origin(), Some(ids[0]));
    open(&mut window, Command::Open(ids[0]));
    assert!(window.query_by_label("派工单 2026-0001").is_some(), "it is seen from the line");
}

/// While the parts are waited for the clocks stand; it is seen beside the sheet and on the first page.
#[test]
fn waiting_stops_the_clock_and_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let sheet = [
        ("customer", "甘孜砂石"),
        ("called", "2026-11-19 09:00"),
        ("fault_class", "一般故障"),
        ("dispatched", "2026-11-19 09:10"),
        ("arrived", "2026-11-19 10:00"),
    ];
    let ids = book(folder.path(), &[("sanbao/02", &sheet)]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, Command::Open(ids[0]));
    click(&mut window, "等谁");
    window.get_by_label("等谁").type_text("配件");
    window.run();
    click(&mut window, "从何时");
    window.get_by_label("从何时").type_text("11.19 11:00");
    window.run();
    click(&mut window, "记下等待");
    let kept = all(folder.path(), "sanbao/02").remove(0);
    let waits = |record: &Record| -> Vec<String> {
        let waits = record.waits().into_iter();
        waits.map(|it| format!("{} {} {}", it.whom, it.since.format("%m-%d %H:%M"), it.until.is_some())).collect()
    };
    assert_eq!(waits(&kept), ["配件 11-19 11:00 false"], "{}", notice(&window));
    assert!(window.query_by_label_contains("“修复”停着").is_some());
    open(&mut window, Command::Show(View::Today));
    assert!(window.query_by_label_contains("等配件").is_some());
    open(&mut window, Command::Open(ids[0]));
    click(&mut window, "继续：配件已到");
    let kept = all(folder.path(), "sanbao/02").remove(0);
    assert_eq!(waits(&kept), ["配件 11-19 11:00 true"]);
    assert!(kept.facts.iter().any(|it| matches!(it.deed, Deed::Resumes { .. })));
    assert_eq!(Store::open_existing(&folder.path().join("a.book")).unwrap().check(), [""; 0]);
}

/// A claim names an approved report, or is not signed; a charge within the term is seen.
#[test]
fn a_claim_waits_for_its_report() {
    let folder = tempfile::tempdir().unwrap();
    let ids = book(
        folder.path(),
        &[
            ("sanbao/03", &[REPORT, &[("charged", "50")]].concat()),
            ("sanbao/04", &[("maker", "丙厂"), ("report", "2026-0001")]),
        ],
    );
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, Command::Open(ids[1]));
    assert!(window.query_by_label("呈报表 2026-0001 还没有签“批准”").is_some());
    let signature = Signature {
        name: "郤成章".to_owned(),
        on: Some(now().date()),
        overruled: "急".to_owned(),
        ..Signature::default()
    };
    open(&mut window, Command::Sign { record: ids[1], field: "compiler".into(), signature });
    assert!(notice(&window).contains("没有签署：呈报表 2026-0001 还没有签“批准”"), "{}", notice(&window));
    open(&mut window, Command::Open(ids[0]));
    assert!(window.query_all_by_label_contains("三包期内不向用户收费").next().is_some());
}

/// The third report of the same machine and part within ninety days proposes a complaint.
#[test]
fn like_reports_propose_a_complaint() {
    let folder = tempfile::tempdir().unwrap();
    let like = |failed: &'static str| {
        [("customer", "甘孜砂石"), ("failed", failed), ("model", "CG956G"), ("part_name#1", "变速箱总成")]
    };
    let (old, one, two, three) =
        (like("2026-03-01 8:00"), like("2026-10-01 8:00"), like("2026-11-01 8:00"), like("2026-11-19 8:00"));
    let sheets: Vec<(&str, &[(&str, &str)])> =
        [&old, &one, &two, &three].map(|it| ("sanbao/03", it.as_slice())).to_vec();
    let ids = book(folder.path(), &sheets);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, Command::Open(ids[2]));
    assert!(window.query_by_label("建议另起抱怨处理单").is_none(), "the second");
    open(&mut window, Command::Open(ids[3]));
    assert!(window.query_by_label_contains("连这张共 3 张").is_some());
    click(&mut window, "建议另起抱怨处理单");
    assert_eq!(all(folder.path(), "sanbao/08")[0].value("model"), "CG956G");
    open(&mut window, Command::Open(ids[3]));
    assert!(window.query_by_label("建议另起抱怨处理单").is_none(), "it was started");
}

/// Newer sheets that do not count do not stand before those that do.
#[test]
fn like_sheets_are_found_behind_many_that_do_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let like = |failed: &'static str| {
        [("customer", "甘孜砂石"), ("failed", failed), ("model", "CG956G"), ("part_name#1", "变速箱总成")]
    };
    let (one, two, old, now) =
        (like("2026-10-01 8:00"), like("2026-11-01 8:00"), like("2024-03-01 8:00"), like("2026-11-19 8:00"));
    let mut sheets: Vec<(&str, &[(&str, &str)])> = vec![("sanbao/03", &one), ("sanbao/03", &two)];
    sheets.extend([("sanbao/03", old.as_slice()); 25]);
    sheets.push(("sanbao/03", &now));
    let ids = book(folder.path(), &sheets);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, Command::Open(ids[27]));
    assert!(window.query_by_label_contains("连这张共 3 张").is_some());
}

/// A call nobody dispatched: what the clock says, and who was told of it by now.
#[test]
fn an_expired_clock_is_escalated_on_the_first_page() {
    let folder = tempfile::tempdir().unwrap();
    book(folder.path(), &[("sanbao/02", &[("customer", "甘孜砂石"), ("called", "2026-11-19 15:00")])]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, Command::Show(View::Today));
    let said = "还没有派出，已到客户服务部、营销部";
    assert!(window.query_all_by_label_contains(said).next().is_some(), "{said}");
}

/// A line of a typed register owes too: a part that was issued and is not back stands on the first page.
#[test]
fn a_line_of_a_register_is_owed_on_the_first_page() {
    let folder = tempfile::tempdir().unwrap();
    let line =
        [("receiver", "康定维修站"), ("part_name", "变速箱总成"), ("issued", "2026-10-01"), ("issuer", "亓官敏")];
    let signed = [line.as_slice(), &[("issuer_date", "2026-10-01"), ("taker", "漆雕海")]].concat();
    let ids = book(folder.path(), &[("sanbao/02", &[("customer", "甲矿")]), ("sanbao/06", &signed)]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, Command::Show(View::Today));
    assert!(window.query_all_by_label_contains("配件发放").next().is_some());
    let cell = CellId::new("returned", 0);
    let (value, expected) = ("2026-11-02".to_owned(), String::new());
    open(&mut window, Command::Set { record: ids[1], cell, value, expected });
    open(&mut window, Command::Show(View::Customers));
    open(&mut window, Command::Show(View::Today));
    assert!(window.query_all_by_label_contains("配件发放　康定维修站").next().is_none(), "it is back");
}

/// A clock that runs until another sheet is started ends with that sheet, and runs again when it is void.
#[test]
fn a_started_sheet_ends_the_clock_that_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let approved = [REPORT, &[("approver", "郤成章"), ("approver_date", "2026-11-01")]].concat();
    let ids = book(folder.path(), &[("sanbao/03", &approved)]);
    let (mut window, _) = window(folder.path(), "a.book");
    let late = |window: &mut Window| {
        open(window, Command::Show(View::Today));
        window.query_all_by_label_contains("超 9 天").count()
    };
    assert!(late(&mut window) > 0);
    open(&mut window, Command::Open(ids[0]));
    click(&mut window, "另起索赔单");
    let claim = all(folder.path(), "sanbao/04").remove(0);
    assert_eq!(claim.value("report"), "2026-0001");
    assert_eq!(late(&mut window), 0);
    let (reason, by) = ("开错".to_owned(), "郤成章".to_owned());
    open(&mut window, Command::Void { record: claim.id, reason, by });
    assert!(late(&mut window) > 0);
}
