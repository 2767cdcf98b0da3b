//! Settings and people (设置, 操作人): kept in the book, saved as one leaves a field, refused with a sentence.

use std::path::Path;

use crate::common::{Window, now, page_text, procedure, window};
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use taizhang::command::Command;
use taizhang::export::{self, Clock};
use taizhang::layout::{Look, Mark, sheet};
use taizhang::password::{self, PasswordError};
use taizhang::procedure::{Axis, Change, FormId, OFFICE, Offset, Procedure};
use taizhang::record::{Deed, Record, RecordId, Signed, Values, Void};
use taizhang::register::Period;
use taizhang::store::{Act, Sat, Store};
use taizhang::units::Mm;

fn settings(folder: &Path, book: &str) -> Window {
    let (mut window, _) = window(folder, book);
    click(&mut window, "设置");
    window
}

fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).scroll_to_me();
    window.run();
    window.get_by_label(label).click();
    window.run();
}

/// Writes over what stands in a field, and leaves it.
fn write(window: &mut Window, field: &str, text: &str) {
    click(window, field);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run();
    window.get_by_label(field).type_text(text);
    window.run();
    window.key_press(Key::Enter);
    window.run();
}

fn value(window: &Window, field: &str) -> String {
    window.get_by_label(field).value().unwrap_or_default()
}

/// The procedure as the book's office has it.
fn office(folder: &Path, book: &str) -> Procedure {
    let mut procedure = procedure();
    let store = Store::open_existing(&folder.join(book)).unwrap();
    if let Some(kept) = store.setting(OFFICE).unwrap() {
        procedure.take_office(&kept).unwrap();
    }
    procedure
}

/// Gives the book these settings before any window opens it.
fn give(folder: &Path, book: &str, changes: &[Change]) {
    let mut document = procedure().document;
    for change in changes {
        document = document.changed(change).unwrap();
    }
    let store = Store::open(&folder.join(book)).unwrap();
    store.set_office(&document.to_keep(None).unwrap(), "", now()).unwrap();
}

fn person(name: &str) -> Change {
    Change::AddPerson(name.to_owned(), "技术质安部".to_owned())
}

fn with_password(name: &str, password: &str) -> Change {
    Change::Password(name.to_owned(), Some(password::hash(password).unwrap()))
}

/// A slip signed by whoever registered it, under the company of that day.
fn signed_slip(store: &Store) -> Record {
    let procedure = procedure();
    let form = procedure.form(&"05".into()).unwrap();
    let values =
        Values::from([("customer".into(), "甲厂".to_owned()), ("accepted_by".into(), "技术质安部".to_owned())]);
    let made = store.create(form, procedure.document.pattern(&form.form), 2026, now(), &values).unwrap();
    let signed = Signed {
        field: "registrar".into(),
        name: "陆喆".to_owned(),
        on: "2026-11-20".to_owned(),
        company: procedure.document.company,
        ..Signed::default()
    };
    let act = Act { deeds: vec![Deed::Signed(signed)], ..Act::default() };
    store.act(made.id, &act, now()).unwrap();
    store.record(made.id).unwrap().unwrap()
}

fn company_on(procedure: &Procedure, record: &Record, company: &str) -> bool {
    let form = procedure.form(&record.form).unwrap();
    let look = Look { copy: None, signatures: true, raw: None, round: 0 };
    page_text(&sheet(procedure, form, record, &look)).contains(company)
}

/// Another company uses the program by changing data; a signed sheet keeps the name of its day (PROCEDURE 1, 6).
#[test]
fn the_companys_name_stands_on_unsigned_sheets_and_signed_ones_keep_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let signed = signed_slip(&Store::open(&folder.path().join("a.book")).unwrap());
    let mut window = settings(folder.path(), "a.book");
    write(&mut window, "单位名称", "上海澄澜机械有限公司");
    assert!(window.query_by_label_contains("已保存").is_some());
    let office = office(folder.path(), "a.book");
    assert_eq!(office.document.company, "上海澄澜机械有限公司");
    let unsigned = Record::empty(office.form(&"05".into()).unwrap(), now());
    assert!(company_on(&office, &unsigned, "上海澄澜机械有限公司"));
    assert!(company_on(&office, &signed, "上海氯碱机械有限公司"));
    assert!(!company_on(&office, &signed, "上海澄澜机械有限公司"));
}

/// A change of a department's name does not change sheets already signed.
#[test]
fn a_renamed_department_changes_parts_and_people_but_no_sheet() {
    let folder = tempfile::tempdir().unwrap();
    give(folder.path(), "a.book", &[person("陆喆")]);
    let before = signed_slip(&Store::open(&folder.path().join("a.book")).unwrap());
    let mut window = settings(folder.path(), "a.book");
    write(&mut window, "部门 技术质安部", "质量管理部");
    let office = office(folder.path(), "a.book");
    assert_eq!(office.document.departments[0], "质量管理部");
    assert_eq!(office.document.department("acceptance"), "质量管理部");
    assert_eq!(office.document.people[0].department, "质量管理部");
    let store = Store::open_existing(&folder.path().join("a.book")).unwrap();
    let after = store.record(before.id).unwrap().unwrap();
    assert_eq!(after, before);
    assert_eq!(after.value("accepted_by"), "技术质安部");
    let ledger = crate::common::ledger(&office, [after], Period::Year(2026));
    assert_eq!(crate::common::under(&office, &ledger[0], "受理部门"), "技术质安部");
}

/// A department that plays a part (clause 3) is not taken away from under it.
#[test]
fn a_department_in_use_stays() {
    let folder = tempfile::tempdir().unwrap();
    give(folder.path(), "a.book", &[]);
    let mut window = settings(folder.path(), "a.book");
    click(&mut window, "删去 技术质安部");
    assert!(window.state().notice().unwrap().contains("负责受理投诉（3.2）"));
    click(&mut window, "删去 生产运行部");
    click(&mut window, "上移 商务部");
    assert_eq!(office(folder.path(), "a.book").document.departments, ["商务部", "技术质安部", "设备修造部"]);
}

/// Numbers run on without a gap inside a year: a pattern that cannot say so is refused, and the next number uses a new
/// one (PROCEDURE 5).
#[test]
fn a_number_pattern_is_refused_or_used() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = settings(folder.path(), "a.book");
    for (pattern, why) in
        [("{year}-", "没有 {sequence}"), ("{sequence}", "没有 {year}"), ("{年}{year}{sequence}", "花括号")]
    {
        write(&mut window, "编号格式", pattern);
        assert!(window.query_by_label_contains(why).is_some(), "{pattern}");
        assert_eq!(value(&window, "编号格式"), pattern, "what was typed stays to be corrected");
        assert_eq!(office(folder.path(), "a.book").document.number.pattern, "{year}-{sequence}");
    }
    write(&mut window, "编号格式", "投{year}.{sequence}");
    assert!(window.query_by_label_contains("没有 {year}").is_none());
    write(&mut window, "编号位数", "４");
    assert!(window.query_by_label("投2026.0001").is_some(), "the example");
    window.key_press_modifiers(Modifiers::COMMAND, Key::N);
    window.run();
    window.get_by_label("用户名称").type_text("乙厂");
    window.run();
    window.key_press(Key::Tab);
    window.run();
    assert_eq!(window.state().record().number, "投2026.0001");
}

/// What is no figure stays in its field with a sentence; Escape gives it up.
#[test]
fn a_wrong_figure_stays_visible_and_the_old_one_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = settings(folder.path(), "a.book");
    write(&mut window, "普通件", "七天");
    assert!(window.query_by_label_contains("普通件应是 0 到 365 的整数").is_some());
    assert_eq!(value(&window, "普通件"), "七天");
    assert_eq!(office(folder.path(), "a.book").document.figure("ordinary"), 7);
    click(&mut window, "普通件");
    window.key_press(Key::Escape);
    window.run();
    assert_eq!(value(&window, "普通件"), "7");
    write(&mut window, "普通件", "10");
    assert_eq!(office(folder.path(), "a.book").document.figure("ordinary"), 10);
}

/// Nothing typed is lost: the page is left by a key while the pen is still in the field.
#[test]
fn a_field_is_saved_when_the_page_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = settings(folder.path(), "a.book");
    click(&mut window, "急件");
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run();
    window.get_by_label("急件").type_text("3");
    window.run();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    window.run();
    assert_eq!(office(folder.path(), "a.book").document.figure("urgent"), 3);
}

/// The settings live in the book, so that the book moves as one file.
#[test]
fn settings_move_with_the_book() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = settings(folder.path(), "a.book");
    write(&mut window, "单位名称", "别处的单位");
    click(&mut window, "添一联 05");
    write(&mut window, "05 第 3 联", "第三联 用户");
    write(&mut window, "新人员的姓名", "陆喆");
    click(&mut window, "作废的单也列入台帐");
    write(&mut window, "右移", "-1.5");
    drop(window);
    let other = folder.path().join("另一处");
    std::fs::create_dir(&other).unwrap();
    std::fs::rename(folder.path().join("a.book"), other.join("搬走的.book")).unwrap();
    let mut window = settings(&other, "搬走的.book");
    window.run();
    for (field, text) in
        [("单位名称", "别处的单位"), ("05 第 3 联", "第三联 用户"), ("姓名 陆喆", "陆喆"), ("右移", "-1.5")]
    {
        assert_eq!(value(&window, field), text);
    }
    assert!(!office(&other, "搬走的.book").document.is_on("void_in_ledger"));
}

/// Two windows on one book: what one saves, the other has.
#[test]
fn another_windows_settings_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = settings(folder.path(), "a.book");
    let mut other = settings(folder.path(), "a.book");
    write(&mut one, "单位名称", "甲公司");
    other.run();
    assert_eq!(value(&other, "单位名称"), "甲公司");
    write(&mut other, "走访间隔", "60");
    one.run();
    let document = office(folder.path(), "a.book").document;
    assert_eq!((document.company.as_str(), document.visit_days()), ("甲公司", 60));
}

/// Every text read is untrusted: what cannot be read is told, and left alone until the clerk saves.
#[test]
fn hostile_settings_do_no_harm() {
    let deep = "[".repeat(100_000);
    let hostile = [
        "",
        "null",
        "[1,2",
        &deep,
        r#"{"company":7}"#,
        r#"{"number":{"pattern":"{year}-{sequence}","digits":999999999}}"#,
        r#"{"number":{"pattern":"1","digits":3}}"#,
        r#"{"terms":{"visit":4294967295}}"#,
        r#"{"offset":{"x":1e300}}"#,
        r#"{"people":[{"name":"甲"},{"name":"甲 "}]}"#,
        r#"{"departments":["一\n二"]}"#,
    ];
    for kept in hostile {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("a.book")).unwrap();
        store.set_office(kept, "", now()).unwrap();
        let mut window = settings(folder.path(), "a.book");
        let said = window.state().notice().unwrap_or_default().to_owned();
        assert!(said.contains("读取这本台帐的设置"), "{kept:.60}: {said}");
        assert_eq!(value(&window, "单位名称"), "上海氯碱机械有限公司");
        assert_eq!(store.setting(OFFICE).unwrap().as_deref(), Some(kept));
        write(&mut window, "单位名称", "新单位");
        assert_eq!(office(folder.path(), "a.book").document.company, "新单位");
        assert_eq!(store.setting("office-unreadable").unwrap().as_deref(), Some(kept), "put aside, not lost");
    }
}

/// A book goes from program to program: one that knows more loses nothing here, one that knew less is filled up.
#[test]
fn what_a_newer_program_keeps_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("a.book")).unwrap();
    let kept = r#"{"company":"甲公司","later":{"x":1},"terms":{"urgent":1,"hours":4},
        "people":[{"name":"陆喆","phone":"123"}]}"#;
    store.set_office(kept, "", now()).unwrap();
    let mut window = settings(folder.path(), "a.book");
    assert_eq!((value(&window, "急件"), value(&window, "普通件")), ("1".to_owned(), "7".to_owned()));
    write(&mut window, "普通件", "9");
    let kept = store.setting(OFFICE).unwrap().unwrap();
    for it in [r#""later":{"x":1}"#, r#""hours":4"#, r#""phone":"123""#, r#""ordinary":9"#] {
        assert!(kept.contains(it), "{it} in {kept}");
    }
}

fn sit(window: &mut Window, who: &str) {
    window.get_by_label_contains("操作人 ").click();
    window.run();
    click(window, who);
}

fn password(window: &mut Window, text: &str) {
    window.get_by_label("操作人的密码").type_text(text);
    window.run();
    window.key_press(Key::Enter);
    window.run();
}

/// Where a desk is shared a person may have a password: without it nobody sits there under that name, or signs with it.
#[test]
fn a_password_is_asked_of_whoever_wants_to_sit_at_the_desk() {
    let folder = tempfile::tempdir().unwrap();
    give(folder.path(), "a.book", &[person("陆喆"), person("沈䶮"), with_password("沈䶮", "一二三abc")]);
    let (mut window, _) = window(folder.path(), "a.book");
    sit(&mut window, "陆喆　技术质安部");
    assert!(window.query_by_label("操作人 陆喆").is_some());
    assert!(window.state().may_sign("陆喆").is_ok());
    assert!(window.state().may_sign("外来的人").is_ok());
    let refusal = window.state().may_sign("沈 䶮").unwrap_err();
    assert_eq!(refusal, "沈䶮 设了密码，请先在右上角换成本人");
    sit(&mut window, "沈䶮　技术质安部");
    password(&mut window, "不对");
    assert!(window.query_by_label_contains("密码不对").is_some());
    assert!(window.query_by_label("操作人 陆喆").is_some());
    window.key_press(Key::Escape);
    window.run();
    assert!(window.query_by_label("操作人的密码").is_none());
    sit(&mut window, "沈䶮　技术质安部");
    password(&mut window, "一二三abc");
    assert!(window.query_by_label("操作人 沈䶮").is_some());
    assert!(window.query_by_label("操作人的密码").is_none());
    assert!(window.state().may_sign("沈䶮").is_ok());
    drop(window);
    // Nobody is put at the desk under a name with a password.
    let (window, _) = crate::common::window(folder.path(), "a.book");
    assert!(window.query_by_label("操作人 未选").is_some());
}

/// What was typed and could not be written yet is written in the name of whoever typed it: until then nobody else sits
/// down, and nobody gets up.
#[test]
fn nobody_else_sits_down_while_something_is_unwritten() {
    let folder = tempfile::tempdir().unwrap();
    give(folder.path(), "a.book", &[person("陆喆"), person("沈䶮")]);
    let (mut window, _) = window(folder.path(), "a.book");
    sit(&mut window, "陆喆　技术质安部");
    window.key_press_modifiers(Modifiers::COMMAND, Key::N);
    window.run();
    // Another program holds the book.
    let other = rusqlite::Connection::open(folder.path().join("a.book")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    window.get_by_label("用户名称").type_text("戊厂");
    window.step();
    window.key_press(Key::Tab);
    window.run_steps(2);
    assert!(window.state().notice().unwrap().contains("没写进去的字还在窗口里"));
    for name in ["沈䶮", ""] {
        let ctx = window.ctx.clone();
        window.state_mut().run(&ctx, Command::Operate(name.to_owned(), String::new()));
        assert_eq!(window.state().notice(), Some("还有字没能写进台帐：写进去之后再换操作人"), "{name}");
    }
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    window.run_steps(300);
    assert!(window.query_by_label("操作人 陆喆").is_some());
    sit(&mut window, "沈䶮　技术质安部");
    assert!(window.query_by_label("操作人 沈䶮").is_some());
    let store = Store::open_existing(&folder.path().join("a.book")).unwrap();
    let slip = store.records(&"05".into()).unwrap().remove(0);
    assert_eq!(slip.value("customer"), "戊厂");
    let by: Vec<String> = store.history(slip.id).unwrap().into_iter().map(|it| it.by).collect();
    assert!(by.iter().all(|it| it == "陆喆"), "{by:?}");
}

#[test]
fn who_sat_at_the_desk_last_does_so_again_where_there_is_no_password() {
    let folder = tempfile::tempdir().unwrap();
    give(folder.path(), "a.book", &[person("陆喆")]);
    let (mut window, _) = window(folder.path(), "a.book");
    sit(&mut window, "陆喆　技术质安部");
    drop(window);
    let (mut window, _) = crate::common::window(folder.path(), "a.book");
    assert!(window.query_by_label("操作人 陆喆").is_some());
    sit(&mut window, "离开操作位");
    assert!(window.query_by_label("操作人 未选").is_some());
}

/// Guessing is slow: after ten wrong passwords in a row one waits.
#[test]
fn after_ten_wrong_passwords_one_waits() {
    let folder = tempfile::tempdir().unwrap();
    give(folder.path(), "a.book", &[person("沈䶮"), with_password("沈䶮", "right")]);
    let (mut window, hands) = window(folder.path(), "a.book");
    sit(&mut window, "沈䶮　技术质安部");
    for _ in 0..10 {
        password(&mut window, "wrong");
    }
    assert!(window.query_by_label_contains("请等 5 秒再试").is_some());
    password(&mut window, "right");
    assert!(window.query_by_label_contains("再等").is_some());
    assert!(window.query_by_label("操作人 未选").is_some());
    hands.gone_by.set(6);
    password(&mut window, "right");
    assert!(window.query_by_label("操作人 沈䶮").is_some());
}

/// A password is set in the list of people, and changed or cleared only by whoever may.
#[test]
fn a_password_is_set_and_cleared_in_the_list_of_people() {
    let folder = tempfile::tempdir().unwrap();
    give(folder.path(), "a.book", &[person("陆喆"), person("沈䶮")]);
    let mut window = settings(folder.path(), "a.book");
    let set = |window: &mut Window, first: &str, second: &str| {
        click(window, "设密码… 沈䶮");
        click(window, "新密码");
        window.get_by_label("新密码").type_text(first);
        window.run();
        click(window, "再写一遍");
        window.get_by_label("再写一遍").type_text(second);
        window.run();
        click(window, "设上密码");
    };
    set(&mut window, "secret", "other");
    assert!(window.query_by_label_contains("两遍写得不一样").is_some());
    assert_eq!(office(folder.path(), "a.book").document.people[1].password, None);
    set(&mut window, "secret", "secret");
    let hash = office(folder.path(), "a.book").document.people[1].password.clone().unwrap();
    assert_eq!(password::verify("secret", &hash), Ok(true));
    assert!(!hash.contains("secret"));
    sit(&mut window, "陆喆　技术质安部");
    click(&mut window, "清除密码 沈䶮");
    assert!(window.state().notice().unwrap().contains("请本人在右上角坐上操作位再改"));
    assert!(office(folder.path(), "a.book").document.people[1].password.is_some());
    sit(&mut window, "沈䶮　技术质安部");
    password(&mut window, "secret");
    click(&mut window, "清除密码 沈䶮");
    assert_eq!(office(folder.path(), "a.book").document.people[1].password, None);
}

/// A forgotten password is replaced on the page by two others who write theirs.
#[test]
fn two_others_replace_a_forgotten_password() {
    let folder = tempfile::tempdir().unwrap();
    let three = [("沈䶮", "甲"), ("陆喆", "乙"), ("周岚", "丙")];
    let changes: Vec<Change> = three.iter().map(|it| person(it.0)).collect();
    give(folder.path(), "a.book", &changes);
    let store = Store::open_existing(&folder.path().join("a.book")).unwrap();
    store.set_password("沈䶮", Some("甲"), now()).unwrap().unwrap();
    assert_eq!(store.sit("沈䶮", "甲", now()).unwrap(), Sat::Sits);
    for (name, password) in &three[1..] {
        store.set_password(name, Some(password), now()).unwrap().unwrap();
    }
    let mut window = settings(folder.path(), "a.book");
    let replace = |window: &mut Window, second: &str| {
        click(window, "换密码… 沈䶮");
        let typed = [
            ("作保人 1", "陆喆"),
            ("作保人 1 的密码", "乙"),
            ("作保人 2", "周岚"),
            ("作保人 2 的密码", second),
            ("新密码", "新"),
            ("再写一遍", "新"),
        ];
        for (field, text) in typed {
            click(window, field);
            window.key_press_modifiers(Modifiers::COMMAND, Key::A);
            window.get_by_label(field).type_text(text);
            window.run();
        }
        click(window, "设上密码");
    };
    replace(&mut window, "乙");
    assert_eq!(window.state().notice(), Some("周岚：密码不对"));
    replace(&mut window, "丙");
    assert!(window.query_by_label("再写一遍").is_none());
    sit(&mut window, "沈䶮　技术质安部");
    password(&mut window, "新");
    assert!(window.query_by_label("操作人 沈䶮").is_some());
}

/// Settings and people are changed by whoever governs; all others are told who that is.
#[test]
fn settings_are_changed_by_whoever_governs() {
    let folder = tempfile::tempdir().unwrap();
    give(folder.path(), "a.book", &[person("沈䶮"), person("陆喆")]);
    let store = Store::open_existing(&folder.path().join("a.book")).unwrap();
    store.set_password("沈䶮", Some("甲"), now()).unwrap().unwrap();
    let mut window = settings(folder.path(), "a.book");
    sit(&mut window, "陆喆　技术质安部");
    write(&mut window, "单位名称", "甲公司");
    assert!(window.query_all_by_label_contains("设置和人员由管理的人改：请 沈䶮 在右上角坐上").next().is_some());
    assert_eq!(office(folder.path(), "a.book").document.company, "上海氯碱机械有限公司");
    sit(&mut window, "沈䶮　技术质安部");
    password(&mut window, "甲");
    write(&mut window, "单位名称", "甲公司");
    assert_eq!(office(folder.path(), "a.book").document.company, "甲公司");
}

/// Whoever has a password leaves the desk after a time without a key or a click: what was in hand is written, and the book
/// is read on.
#[test]
fn an_idle_desk_is_left() {
    let folder = tempfile::tempdir().unwrap();
    give(folder.path(), "a.book", &[person("陆喆"), person("沈䶮"), with_password("沈䶮", "甲")]);
    let (mut window, hands) = window(folder.path(), "a.book");
    let still = |window: &mut Window, minutes: i64| {
        hands.gone_by.set(hands.gone_by.get() + 60 * minutes);
        window.run();
    };
    sit(&mut window, "陆喆　技术质安部");
    still(&mut window, 600);
    assert!(window.query_by_label("操作人 陆喆").is_some(), "no password, no lock");
    sit(&mut window, "沈䶮　技术质安部");
    password(&mut window, "甲");
    still(&mut window, 14);
    window.key_press_modifiers(Modifiers::COMMAND, Key::N);
    window.run();
    window.get_by_label("用户名称").type_text("乙厂");
    window.run();
    still(&mut window, 14);
    assert!(window.query_by_label("操作人 沈䶮").is_some());
    still(&mut window, 1);
    assert!(window.query_by_label("操作人 未选").is_some());
    let said = window.state().notice().unwrap_or_default().to_owned();
    assert!(said.starts_with("沈䶮 已自动离开操作位（15 分钟没有动）：写下的字已经保存"), "{said}");
    let store = Store::open_existing(&folder.path().join("a.book")).unwrap();
    assert_eq!(store.records(&"05".into()).unwrap()[0].value("customer"), "乙厂");
    assert!(window.state().may_sign("沈䶮").is_err());
    sit(&mut window, "沈䶮　技术质安部");
    assert!(window.query_by_label("操作人的密码").is_some());
    password(&mut window, "甲");
    // Nought is never.
    store.operate_as("");
    window.get_by_label("设置").click();
    window.run();
    write(&mut window, "自动离位", "0");
    still(&mut window, 6000);
    assert!(window.query_by_label("操作人 沈䶮").is_some());
}

/// A person is never deleted: who left signs nothing more and still stands on old sheets.
#[test]
fn whoever_left_is_not_offered_at_the_desk() {
    let folder = tempfile::tempdir().unwrap();
    give(folder.path(), "a.book", &[person("陆喆"), person("沈䶮")]);
    let mut window = settings(folder.path(), "a.book");
    click(&mut window, "陆喆 在职");
    assert!(office(folder.path(), "a.book").document.person("陆喆").unwrap().left);
    window.get_by_label_contains("操作人 ").click();
    window.run();
    assert!(window.query_by_label("陆喆　技术质安部").is_none());
    assert!(window.query_by_label("沈䶮　技术质安部").is_some());
}

#[test]
fn hashes_are_salted_and_damaged_ones_are_told() {
    let (one, other) = (password::hash("密码").unwrap(), password::hash("密码").unwrap());
    assert_ne!(one, other);
    assert_eq!(password::verify("密码", &one), Ok(true));
    assert_eq!(password::verify("密码 ", &one), Ok(false));
    assert_eq!(password::hash(""), Err(PasswordError::Length));
    // A hash that would cost a gigabyte or an hour is not tried.
    let dear = one.replace("m=19456", "m=4194304");
    let long = one.replace("t=2", "t=4294967295");
    for damaged in ["", "x", "$argon2id$", &one[..one.len() - 40], &one.replace("argon2id", "argon2i"), &dear, &long] {
        assert_eq!(password::verify("密码", damaged), Err(PasswordError::Damaged), "{damaged}");
    }
}

/// Void slips stand in the ledger, or the office leaves them out (4.6).
#[test]
fn void_slips_are_left_out_of_the_ledger_where_the_office_says_so() {
    let mut procedure = procedure();
    let form = procedure.form(&"05".into()).unwrap();
    let slip = |id, void| Record { id: RecordId(id), void, ..Record::empty(form, now()) };
    let void = Void { by: "陆喆".to_owned(), on: "2026-11-20".to_owned(), reason: "重复".to_owned() };
    let slips = [slip(1, None), slip(2, Some(void)), slip(3, None)];
    let rows = |procedure: &Procedure| {
        let rows = crate::common::ledger(procedure, slips.clone(), Period::Year(2026));
        let numbered = |it| crate::common::under(procedure, it, "序号").parse::<usize>().unwrap();
        rows.iter().map(|it| (numbered(it), it.record.0)).collect::<Vec<_>>()
    };
    assert_eq!(rows(&procedure), [(1, 1), (2, 2), (3, 3)]);
    procedure.document.settings.insert("void_in_ledger".into(), false.into());
    assert_eq!(rows(&procedure), [(1, 1), (2, 3)]);
}

/// 4.5.1 has two copies; an office that keeps a third prints a third, with its own mark.
#[test]
fn the_offices_own_copies_are_printed() {
    let mut procedure = procedure();
    let clock = Clock { now: now(), utc_offset_minutes: 480 };
    let count = |procedure: &Procedure| {
        let bytes = export::blank(procedure, procedure.form(&"05".into()).unwrap(), &clock).unwrap();
        let path = tempfile::NamedTempFile::new().unwrap();
        taizhang::pdf::save(path.path(), &bytes).unwrap();
        crate::common::read("pdfinfo", &[&path.path().display().to_string()])
            .and_then(|it| it.lines().find_map(|it| it.strip_prefix("Pages:"))?.trim().parse::<usize>().ok())
    };
    let before = count(&procedure);
    let marks = ["第一联 报技术质安部", "第二联 实施部门留底", "第三联 用户"].map(str::to_owned).to_vec();
    procedure.document = procedure.document.changed(&Change::Copies("05".into(), Some(marks))).unwrap();
    if let (Some(before), Some(after)) = (before, count(&procedure)) {
        assert_eq!((before, after), (2, 3));
    }
    assert!(procedure.document.changed(&Change::Copies("05".into(), Some(vec![" ".to_owned()]))).is_err());
}

/// A printer that does not meet the paper's edge is made up for: everything moves, and alike.
#[test]
fn everything_printed_moves_by_the_offset() {
    let procedure = procedure();
    let form = procedure.form(&FormId::from("05")).unwrap();
    let look = Look { copy: Some("第一联"), signatures: true, raw: None, round: 0 };
    let void = Void { by: "陆喆".to_owned(), on: "2026-11-20".to_owned(), reason: "重复".to_owned() };
    let record = Record { void: Some(void), ..Record::empty(form, now()) };
    let page = sheet(&procedure, form, &record, &look).remove(0);
    let moved = page.clone().shifted(Mm::mm(2.0), Mm::mm(-1.0));
    assert_eq!(page.marks.len(), moved.marks.len());
    let corners = |mark: &Mark| match mark {
        Mark::Line { from, to, .. } => vec![*from, *to],
        Mark::Frame { rect, .. } | Mark::Picture { rect, .. } => vec![rect.min],
        Mark::Text(text) => vec![text.at],
        Mark::Stamp { rect, text, .. } => vec![rect.min, text.at],
    };
    for (old, new) in page.marks.iter().flat_map(corners).zip(moved.marks.iter().flat_map(corners)) {
        assert!((new.x.to_mm() - old.x.to_mm() - 2.0).abs() < 1e-9);
        assert!((new.y.to_mm() - old.y.to_mm() + 1.0).abs() < 1e-9);
    }
    // And the PDF is drawn so: another offset, another file; none, the same.
    let clock = Clock { now: now(), utc_offset_minutes: 480 };
    let mut shifted = procedure.clone();
    shifted.document.offset = Offset { x: Mm::mm(2.0), y: Mm::mm(-1.0) };
    assert_ne!(export::blank(&procedure, form, &clock).unwrap(), export::blank(&shifted, form, &clock).unwrap());
    let document = &procedure.document;
    assert!(document.changed(&Change::Offset(Axis::X, "50".to_owned())).is_err());
    assert_eq!(document.changed(&Change::Offset(Axis::Y, "－１．５".to_owned())).unwrap().offset.y, Mm::mm(-1.5));
}

/// Without a window the book's own settings hold too.
#[test]
fn the_command_line_prints_with_the_books_settings() {
    let folder = tempfile::tempdir().unwrap();
    give(folder.path(), "a.book", &[Change::Company("上海澄澜机械有限公司".to_owned())]);
    let (book, pdf) = (folder.path().join("a.book"), folder.path().join("x.pdf"));
    let run = |book: &Path| {
        std::process::Command::new(env!("CARGO_BIN_EXE_taizhang"))
            .args(["export", "blank", "05", "--out"])
            .arg(&pdf)
            .arg("--book")
            .arg(book)
            .output()
            .unwrap()
    };
    let said = run(&book);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    if let Some(text) = crate::common::read("pdftotext", &["-raw", &pdf.display().to_string(), "-"]) {
        assert!(text.contains("上海澄澜机械有限公司"));
    }
    Store::open_existing(&book).unwrap().set_office("{", "", now()).unwrap();
    let said = run(&book);
    assert!(!said.status.success());
    assert!(String::from_utf8_lossy(&said.stderr).contains("里的设置"));
}

/// A package that lies beside the book is ticked, and its forms are there; one with a mistake is refused with the place.
#[test]
fn a_package_beside_the_book_is_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("procedures/demo");
    std::fs::create_dir_all(&demo).unwrap();
    let put = |name: &str, text: &str| {
        use std::io::Write as _;
        std::fs::File::create(demo.join(name)).unwrap().write_all(text.as_bytes()).unwrap();
    };
    let document = "code = \"试\"\ntitle = \"服务提供控制程序\"\ncompany = \"甲厂\"\ndepartments = [\"客服部\"]\n\
                    [roles]\nservice = { name = \"派工\", department = \"客服部\" }\n\
                    [number]\npattern = \"{year}-{sequence}\"\ndigits = 4\n";
    let form = "form = \"02\"\nedition = \"A/0\"\nshort = \"派工单\"\ncode = \"试—02\"\ntitle = \"派工单\"\nowner = \"service\"\n\
                identity = { subject = \"customer\", date = \"called\" }\n[[section]]\n\
                rows = [\"h10 用户名称=customer:customer 25|60 · 报修日期=called:date 25|60\"]\n";
    put("procedure.toml", document);
    put("02.toml", &form.replace("25|60\"]", "25|65\"]"));
    let mut window = settings(folder.path(), "a.book");
    click(&mut window, "程序包 demo");
    let said = window.state().notice().unwrap_or_default().to_owned();
    assert!(said.contains("demo/02.toml 第 9 行") && said.contains("宽度共 175 毫米"), "{said}");
    assert!(office(folder.path(), "a.book").form(&"demo/02".into()).is_none());
    drop(window);
    put("02.toml", form);
    let mut window = settings(folder.path(), "a.book");
    click(&mut window, "程序包 demo");
    let procedure = office(folder.path(), "a.book");
    assert_eq!(procedure.document.chosen, ["qg-r0309", "demo"]);
    assert!(window.query_by_label_contains("派工单").is_some(), "its sheets are in the menus");
    click(&mut window, "程序包 demo");
    assert_eq!(office(folder.path(), "a.book").document.chosen, ["qg-r0309"]);
}

/// The package of 三包 beside QG/R0309: ticked, its sheets are made, numbered for themselves and found in the same lists, and
/// those of QG/R0309 go on as they were.
#[test]
fn two_procedures_are_worked_by_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = settings(folder.path(), "a.book");
    click(&mut window, "程序包 sanbao");
    let ctx = window.ctx.clone();
    for (form, customer) in [("sanbao/02", "甲矿"), ("05", "乙厂"), ("sanbao/02", "丙料场")] {
        window.state_mut().run(&ctx, Command::New(form.into()));
        window.run();
        click(&mut window, "用户名称");
        window.get_by_label("用户名称").type_text(customer);
        window.key_press(Key::Tab);
        window.run();
    }
    let store = Store::open_existing(&folder.path().join("a.book")).unwrap();
    let numbers = |form: &str| -> Vec<(String, String)> {
        let sheets = store.records(&form.into()).unwrap();
        sheets.into_iter().map(|it| (it.number.clone(), it.value("customer").to_owned())).collect()
    };
    assert_eq!(numbers("sanbao/02"), [("2026-0001".into(), "甲矿".into()), ("2026-0002".into(), "丙料场".into())]);
    assert_eq!(numbers("05"), [("2026-001".into(), "乙厂".into())]);
    assert_eq!(store.check(), [""; 0]);
    assert_eq!(office(folder.path(), "a.book").main_id(), "05".into(), "the office's first package stays the first");
    for label in ["派工单", "呈报表", "三包台帐", "投诉处置单", "投诉台帐"] {
        assert!(window.query_all_by_label_contains(label).next().is_some(), "{label}");
    }
    drop((window, store));
    // Left unticked again, its sheets stay, and the book is in order.
    let mut window = settings(folder.path(), "a.book");
    click(&mut window, "程序包 sanbao");
    let store = Store::open_existing(&folder.path().join("a.book")).unwrap();
    assert_eq!(store.records(&"sanbao/02".into()).unwrap().len(), 2);
    assert_eq!(store.check(), [""; 0]);
}

/// A chosen package that is gone, or has come to have a mistake, is told; the office's own settings stay what they are, and
/// so does its choice.
#[test]
fn a_package_that_went_away_takes_no_settings_along() {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("procedures/demo");
    std::fs::create_dir_all(&demo).unwrap();
    let document = "code = \"试\"\ntitle = \"服务提供控制程序\"\ncompany = \"甲厂\"\ndepartments = [\"客服部\"]\n\
                    [roles]\nservice = { name = \"派工\", department = \"客服部\" }\n\
                    [number]\npattern = \"{year}-{sequence}\"\ndigits = 4\n";
    crate::common::put_file(demo.join("procedure.toml"), document);
    let mut window = settings(folder.path(), "a.book");
    click(&mut window, "程序包 demo");
    write(&mut window, "急件", "5");
    drop(window);
    std::fs::remove_dir_all(&demo).unwrap();
    let mut window = settings(folder.path(), "a.book");
    let said = window.state().notice().unwrap_or_default().to_owned();
    assert!(said.contains("程序包“demo”没有用上"), "{said}");
    write(&mut window, "单位名称", "乙公司");
    let kept = Store::open_existing(&folder.path().join("a.book")).unwrap().setting(OFFICE).unwrap().unwrap();
    let mut procedure = procedure();
    procedure.take_office(&kept).unwrap();
    let document = &procedure.document;
    assert_eq!((document.company.as_str(), document.figure("urgent")), ("乙公司", 5));
    assert_eq!(document.chosen, ["qg-r0309", "demo"], "the choice stays");
}
