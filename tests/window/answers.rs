//! Answers that lead elsewhere, stages that do not apply, rounds begun by hand, posts: through the real window.

use std::path::Path;

use crate::common::{Window, book, click, fill_in, kept, notice, now, put_file, window};
use egui_kittest::kittest::Queryable as _;
use taizhang::command::{Command, View};
use taizhang::procedure::{OFFICE, Procedure};
use taizhang::record::{Deed, RecordId, Values};

const LIFE: &str = include_str!("../language/life.toml");
const SIGNED: [(&str, &str); 4] = [("taken", "沈䶮"), ("quality", "何锃"), ("leader", "钱立群"), ("replier", "甲代理")];

/// A window on a sheet of which so many stages are signed, and which is not urgent.
fn sheet(folder: &Path, stages: usize, more: &[(&str, &str)]) -> (Window, RecordId) {
    std::fs::create_dir(folder.join("forms")).unwrap();
    put_file(folder.join("forms/08.toml"), LIFE);
    let procedure = Procedure::load(&[("08.toml".to_owned(), LIFE.to_owned())]).unwrap();
    let form = procedure.form(&"life".into()).unwrap();
    let mut values: Values = [
        ("customer", "癸厂"),
        ("urgency", "普通件"),
        ("joined", "生产部"),
        ("cause", "铸砂"),
        ("part", "阀芯"),
        ("quantity", "1"),
        ("price", "20000"),
    ]
    .into_iter()
    .chain(more.iter().copied())
    .map(|(field, text)| (field.into(), text.to_owned()))
    .collect();
    for (field, name) in SIGNED.into_iter().take(stages) {
        values.insert(field.into(), name.to_owned());
        values.insert(format!("{field}_date").as_str().into(), "2026-11-16".to_owned());
    }
    let id = book(folder).create(form, &procedure.document.number, 2026, now(), &values).unwrap().id;
    let (mut window, _) = window(folder, "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Open(id));
    window.run();
    click(&mut window, "适合页面");
    (window, id)
}

#[test]
fn a_verdict_s_word_sends_back_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, id) = sheet(folder.path(), 2, &[]);
    click(&mut window, "领导");
    fill_in(&mut window, "签署人", "钱立群");
    click(&mut window, "签署");
    assert!(window.query_by_label_contains("请选“批准”的意见：同意、不同意、换机").is_some());
    click(&mut window, "不同意，退回调查");
    click(&mut window, "签署");
    assert!(window.query_by_label_contains("请写明为什么“不同意”").is_some());
    fill_in(&mut window, "为什么", "价高");
    click(&mut window, "签署");
    assert!(notice(&window).contains("第 2 次处置"), "{}", notice(&window));
    let kept = kept(folder.path(), id);
    assert_eq!((kept.written(1, "cause"), kept.written(1, "price")), ("铸砂", ""), "what is kept is there again");
    assert_eq!(kept.signed("leader", 0).unwrap().why, "价高");
    assert!(window.query_by_label_contains("“批准”不同意：价高").is_some(), "it is told beside the sheet");
    assert_eq!(book(folder.path()).check(), [""; 0]);
}

#[test]
fn what_does_not_apply_says_so_and_is_no_step() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = sheet(folder.path(), 1, &[]);
    assert!(window.query_by_label("登记 ✓").is_some() && window.query_by_label("紧急对策").is_none());
    click(&mut window, "对策");
    assert!(window.query_by_label("“紧急对策”栏这张单不用填：看“急/普”").is_some());
}

#[test]
fn another_sheet_is_proposed_by_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = sheet(folder.path(), 2, &[]);
    assert!(window.query_by_label_contains("“用户意见”是“不满意”时另起").is_some());
    click(&mut window, "领导");
    fill_in(&mut window, "签署人", "钱立群");
    click(&mut window, "换机，转关闭");
    click(&mut window, "签署");
    assert!(window.query_by_label_contains("“批准”是“换机”：请另起").is_some(), "{}", notice(&window));
    click(&mut window, "另起投诉处置单");
    assert_eq!(window.state().record().value("customer"), "癸厂");
}

#[test]
fn a_round_is_begun_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, id) = sheet(folder.path(), 3, &[("left", "/"), ("opinion", "满意")]);
    click(&mut window, "更多");
    click(&mut window, "再次申请…");
    fill_in(&mut window, "经办人", "沈䶮");
    click(&mut window, "再次申请");
    assert!(window.query_by_label_contains("请写上理由和经办人").is_some());
    fill_in(&mut window, "理由", "又坏了");
    click(&mut window, "再次申请");
    let kept = kept(folder.path(), id);
    let began = Deed::Reopened { round: 1, reason: "又坏了".to_owned() };
    assert_eq!(kept.facts.last().map(|it| &it.deed), Some(&began), "{}", notice(&window));
    assert_eq!((kept.rounds.len(), kept.written(1, "part")), (2, "阀芯"));
    assert!(window.query_by_label_contains("第 2 次：又坏了（沈䶮）").is_some());
    assert_eq!(book(folder.path()).check(), [""; 0]);
}

#[test]
fn people_have_posts_where_stages_are_signed_by_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("forms")).unwrap();
    let document = include_str!("../../assets/procedures/qg-r0309/procedure.toml");
    let document = document.replacen("[roles]", "posts = [\"总经理\"]\n\n[roles]", 1);
    put_file(folder.path().join("forms/procedure.toml"), &document);
    crate::common::people(&book(folder.path()), &["何锃"]);
    let (mut window, _) = window(folder.path(), "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Show(View::Settings));
    window.run();
    click(&mut window, "何锃 的职务");
    click(&mut window, "总经理");
    let office = book(folder.path()).setting(OFFICE).unwrap().unwrap();
    assert!(office.contains("\"post\":\"总经理\""), "{office}");
}
