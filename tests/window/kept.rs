//! What is typed beside the sheet is not lost, and no rule of PROCEDURE 5 is got round beside it.

use crate::common::{Window, book, click, fill_in, kept, notice, now, procedure, slip_at, window};
use egui_kittest::kittest::Queryable as _;
use taizhang::app::App;
use taizhang::command::{Command, View};
use taizhang::flow::{Standing, standing};
use taizhang::procedure::{Change, FieldId};
use taizhang::record::{CellId, Correction, Deed, RecordId, Values, Void};
use taizhang::store::{Act, Store};

fn run(window: &mut Window, command: Command) {
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, command);
    window.run();
}

fn open(window: &mut Window, id: RecordId) {
    run(window, Command::Open(id));
    window.get_by_label("适合页面").click();
    window.run();
}

fn typed(window: &Window, label: &str) -> String {
    window.query_by_label(label).and_then(|it| it.value()).unwrap_or_default()
}

/// Opens the place where the complaint is corrected.
fn correct(window: &mut Window) {
    click(window, "投诉内容");
    click(window, "划改…");
}

/// PROCEDURE 5 (划改): the corrected text typed so far outlives a click elsewhere, another cell and another sheet.
#[test]
fn a_correction_half_typed_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 2, &[]);
    let other = slip_at(&book(folder.path()), 2, &[]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    correct(&mut window);
    fill_in(&mut window, "改成", "密集气孔两处，深三毫米。");
    // On the desk beside the sheet, in another cell, on another sheet.
    window.get_by_label("100% = 纸的实际大小").click();
    window.run();
    assert_eq!(typed(&window, "改成"), "密集气孔两处，深三毫米。", "a click elsewhere closes only what is empty");
    click(&mut window, "原因与措施");
    correct(&mut window);
    assert_eq!(typed(&window, "改成"), "密集气孔两处，深三毫米。", "after another cell");
    run(&mut window, Command::Open(other));
    assert!(window.query_by_label("改成").is_none(), "it belongs to one sheet");
    run(&mut window, Command::Open(id));
    correct(&mut window);
    assert_eq!(typed(&window, "改成"), "密集气孔两处，深三毫米。", "after another sheet");
    // Sent away it is gone.
    click(&mut window, "取消");
    correct(&mut window);
    assert_eq!(typed(&window, "改成"), "密集气孔一处。");
}

/// A book that cannot be written right now takes no typed word with it: the place stays open and says why.
#[test]
fn what_could_not_be_written_stays_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 2, &[]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    correct(&mut window);
    fill_in(&mut window, "改成", "密集气孔两处。");
    fill_in(&mut window, "划改人", "沈䶮");
    fill_in(&mut window, "理由", "复查");
    let other = rusqlite::Connection::open(folder.path().join("a.book")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    click(&mut window, "划改");
    assert!(kept_is(&other, "密集气孔一处。"));
    assert_eq!((typed(&window, "改成"), typed(&window, "理由")), ("密集气孔两处。".into(), "复查".into()));
    other.execute_batch("ROLLBACK").unwrap();
    click(&mut window, "划改");
    assert_eq!(kept(folder.path(), id).value("complaint"), "密集气孔两处。");
    correct(&mut window);
    assert_eq!(typed(&window, "理由"), "", "what was done is not asked again");
}

fn kept_is(book: &rusqlite::Connection, text: &str) -> bool {
    book.query_row("SELECT count(*) FROM entry WHERE text = ?1", [text], |row| row.get::<_, i64>(0)).unwrap() == 1
}

/// 4.2, 4.4: what is typed in the panel waits for its sheet, and for a book that can be written.
#[test]
fn what_is_typed_in_the_panel_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    crate::common::fill(&book(folder.path()));
    let (mut window, _) = window(folder.path(), "a.book");
    run(&mut window, Command::Show(View::Sheets("03".into())));
    let id = window.state().record().id;
    fill_in(&mut window, "部门", "设备修造部");
    fill_in(&mut window, "接收人", "徐国梁");
    run(&mut window, Command::Show(View::Sheets("05".into())));
    run(&mut window, Command::Open(id));
    assert_eq!((typed(&window, "部门"), typed(&window, "接收人")), ("设备修造部".into(), "徐国梁".into()));
    let other = rusqlite::Connection::open(folder.path().join("a.book")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    click(&mut window, "记下传递");
    assert_eq!((typed(&window, "部门"), typed(&window, "接收人")), ("设备修造部".into(), "徐国梁".into()));
    other.execute_batch("ROLLBACK").unwrap();
    click(&mut window, "记下传递");
    assert_eq!(kept(folder.path(), id).passed_on(), 1);
    assert_eq!(typed(&window, "接收人"), "");
}

/// A person with a password is not named as having corrected, voided, put off or signed by whoever else sits there.
#[test]
fn a_name_with_a_password_is_its_owners() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    let id = slip_at(&store, 2, &[]);
    let mut document = procedure().document;
    for change in [
        Change::AddPerson("Qian Li".to_owned(), "技术质安部".to_owned()),
        Change::Password("Qian Li".to_owned(), Some(taizhang::password::hash("一二三").unwrap())),
    ] {
        document = document.changed(&change).unwrap();
    }
    store.set_office(&document.to_keep(None).unwrap(), "", now()).unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    let before = kept(folder.path(), id);
    let app = |window: &Window, name: &str| App::may_sign(window.state(), name).is_err();
    assert!(
        app(&window, "Qian Li") && app(&window, "Ｑｉａｎ　Ｌｉ") && app(&window, "qianli"),
        "however it is written"
    );
    let correction = |field: &str, new: &str, by: &str| Correction {
        cell: CellId::new(field, 0),
        old: String::new(),
        new: new.to_owned(),
        by: by.to_owned(),
        on: "2026-11-20".to_owned(),
        reason: "等备件".to_owned(),
    };
    for (field, new, by) in [
        ("complaint", "改", "Qian Li"),
        ("deadline", "2026-12-30", "Qian Li"),
        // Nor does a correction put the name into a signature.
        ("registrar", "Qian Li", "沈䶮"),
    ] {
        run(&mut window, Command::Correct { record: id, correction: correction(field, new, by) });
        assert!(notice(&window).contains("设了密码"), "{field}: {}", notice(&window));
    }
    run(&mut window, Command::Void { record: id, reason: "错".into(), by: "Qian Li".into() });
    assert!(notice(&window).contains("设了密码"), "{}", notice(&window));
    assert_eq!(kept(folder.path(), id), before);
}

/// PROCEDURE 5: a void sheet is not written on, not even where the pen lay when another window voided it; nor is a date
/// written over that another window set.
#[test]
fn the_pen_in_the_date_closes_nothing_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    let slip = || slip_at(&store, 2, &[("deadline", "")]);
    let (void, set) = (slip(), slip());
    let (mut window, _) = window(folder.path(), "a.book");
    let write = |window: &mut Window, id: RecordId| {
        let (value, expected) = ("2026-12-30".to_owned(), String::new());
        run(window, Command::Set { record: id, cell: CellId::new("deadline", 0), value, expected });
    };
    open(&mut window, void);
    click(&mut window, "完成期限");
    let by = Void { by: "钱立群".into(), on: "2026-11-20".into(), reason: "重复".into() };
    store.void(void, &by, now()).unwrap();
    write(&mut window, void);
    assert_eq!(kept(folder.path(), void).value("deadline"), "", "{}", notice(&window));
    open(&mut window, set);
    click(&mut window, "完成期限");
    store.set(set, &CellId::new("deadline", 0), "2026-11-27", "", now()).unwrap();
    write(&mut window, set);
    assert_eq!(kept(folder.path(), set).value("deadline"), "2026-11-27", "{}", notice(&window));
}

/// PROCEDURE 5: a user who turns out to be dissatisfied after all (划改) sends the slip back as well.
#[test]
fn an_answer_corrected_to_d_sends_the_slip_back() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 6, &[("opinion", "A 满意")]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    let answer = |new: &str| Command::Correct {
        record: id,
        correction: Correction {
            cell: CellId::new("opinion", 0),
            old: String::new(),
            new: new.to_owned(),
            by: "沈䶮".to_owned(),
            on: "2026-11-20".to_owned(),
            reason: "看错".to_owned(),
        },
    };
    run(&mut window, answer("C 一般"));
    assert_eq!(kept(folder.path(), id).rounds.len(), 1);
    run(&mut window, answer("E 不满意"));
    let back = kept(folder.path(), id);
    assert_eq!(standing(procedure().form(&"05".into()).unwrap(), &back), Standing::At(2), "{}", notice(&window));
    assert_eq!((back.rounds.len(), back.written(0, "opinion")), (2, "E 不满意"));
    // Whatever else is corrected in the old round, there is no third.
    run(&mut window, answer("D 较不满意"));
    assert_eq!(kept(folder.path(), id).rounds.len(), 2);
    assert!(book(folder.path()).check().is_empty());
}

/// PROCEDURE 5: a void sheet is not rewritten, and no number is drawn for it.
#[test]
fn a_void_sheet_is_not_rewritten() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    let id = slip_at(&store, 2, &[]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    let by = Void { by: "钱立群".into(), on: "2026-11-20".into(), reason: "重复".into() };
    store.void(id, &by, now()).unwrap();
    run(&mut window, Command::Rewrite(id));
    assert!(notice(&window).contains("作废"), "{}", notice(&window));
    assert_eq!(store.count(&"05".into()).unwrap(), 1);
}

/// 4.2, 4.4: the rewritten sheet takes along what was started from it, to whom it went, and why it must be kept.
#[test]
fn a_rewritten_sheet_takes_its_past_along() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    let procedure = procedure();
    let form = procedure.form(&"02".into()).unwrap();
    let values = Values::from([(FieldId::from("meeting"), "年会".to_owned()), ("recorder".into(), "沈䶮".to_owned())]);
    let id = store.create(form, &procedure.document.number, 2026, now(), &values).unwrap().id;
    let follow = |text: &str| Deed::FollowUp { text: text.into(), owner: "商务部".into(), due: String::new() };
    let deeds = vec![
        follow("资料附光盘"),
        follow("备件报价"),
        Deed::FollowedUp { item: 0, on: "2026-11-19".into(), note: "已附".into() },
        Deed::Held { reason: "诉讼".into() },
    ];
    store.act(id, &Act { by: "沈䶮".into(), deeds, ..Act::default() }, now()).unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    run(&mut window, Command::Rewrite(id));
    let made = kept(folder.path(), window.state().record().id);
    assert_ne!(made.id, id);
    let left: Vec<bool> = made.follow_ups().iter().map(|it| it.done.is_some()).collect();
    assert_eq!((left, made.held(), made.origin()), (vec![true, false], Some("诉讼"), Some(id)));
    assert!(book(folder.path()).check().is_empty());
}

/// 4.2: what follows from minutes is owed until it is done, also when the minutes are in their binder.
#[test]
fn filed_minutes_still_owe_what_follows_from_them() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    let procedure = procedure();
    let form = procedure.form(&"02".into()).unwrap();
    let values = Values::from([(FieldId::from("meeting"), "年会".to_owned()), ("recorder".into(), "沈䶮".to_owned())]);
    let id = store.create(form, &procedure.document.number, 2026, now(), &values).unwrap().id;
    let deeds = vec![
        Deed::FollowUp { text: "资料附光盘".into(), owner: "商务部".into(), due: "2026-11-18".into() },
        Deed::Filed { case: "1".into(), binder: "1".into(), on: "2026-11-20".into() },
    ];
    store.act(id, &Act { deeds, ..Act::default() }, now()).unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    run(&mut window, Command::Show(View::Today));
    assert!(window.query_all_by_label_contains("资料附光盘").next().is_some());
}

/// PROCEDURE 5: rewriting copies the whole sheet: every cell, every round gone by with its signatures, what is kept
/// beside it. Only what is signed in the present round is signed again.
#[test]
fn a_rewritten_sheet_holds_all_that_stood_on_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    let id = slip_at(&store, 4, &[("class", "质量异常"), ("extra:备用", "甲")]);
    let act = Act {
        cells: vec![
            (CellId::new("verifier", 0), "何锃".into()),
            (CellId::new("verifier_date", 0), "2026-11-17".into()),
        ],
        deeds: vec![Deed::Signed(taizhang::record::Signed {
            field: "verifier".into(),
            name: "何锃".into(),
            on: "2026-11-17".into(),
            passed: Some(false),
            ..Default::default()
        })],
        round: true,
        ..Act::default()
    };
    store.act(id, &act, now()).unwrap();
    store.set(id, &CellId::new("measures", 1), "换管。", "", now()).unwrap();
    store.set(id, &CellId::new("handler", 1), "徐国梁", "", now()).unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    run(&mut window, Command::Rewrite(id));
    let made = kept(folder.path(), window.state().record().id);
    assert_eq!(made.rounds.len(), 2, "{}", notice(&window));
    for (round, field, value) in [
        (0, "complaint", "密集气孔一处。"),
        (0, "class", "质量异常"),
        (0, "extra:备用", "甲"),
        (0, "measures", "返修。"),
        (0, "verifier", "何锃"),
        (1, "measures", "换管。"),
        (0, "registrar", ""),
        (0, "registrar_date", ""),
        (1, "handler", ""),
    ] {
        assert_eq!(made.written(round, field), value, "{round} {field}");
    }
    assert_eq!(made.signed("verifier", 0).unwrap().passed, Some(false));
    let form = procedure().form(&"05".into()).unwrap().clone();
    assert_eq!(standing(&form, &made), Standing::At(0));
    assert!(book(folder.path()).check().is_empty());
}

/// PROCEDURE 5: a sheet that is taken in without a number gets one in the shape its own form has.
#[test]
fn a_sheet_taken_in_is_numbered_like_its_form() {
    let mut procedure = procedure();
    let own = taizhang::procedure::NumberPattern { pattern: "XX{year}-{sequence}".into(), ..Default::default() };
    procedure.document.numbers.insert("03".into(), own);
    let store = Store::in_memory().unwrap();
    let text = r#"{"form03":[{"信息来源":"甲"}],"form01":[{"用户名称":"甲"}]}"#;
    let sheets = taizhang::exchange::read(text, &procedure, now()).unwrap();
    store.import(&procedure.document, sheets, now()).unwrap();
    assert!(store.records(&"03".into()).unwrap()[0].number.starts_with("XX2026-"));
    assert!(!store.records(&"01".into()).unwrap()[0].number.starts_with("XX"));
}

/// Closing the window, or opening another book, does not throw away what was typed beside the sheet without a word.
#[test]
fn half_typed_reasons_hold_the_window_once() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 2, &[]);
    drop(Store::open(&folder.path().join("b.book")).unwrap());
    let (mut window, hands) = window(folder.path(), "a.book");
    open(&mut window, id);
    click(&mut window, "更多");
    click(&mut window, "作废…");
    fill_in(&mut window, "理由", "与 2026-014 重复");
    hands.answers.borrow_mut().push(taizhang::app::Answer::Path(folder.path().join("b.book")));
    run(&mut window, Command::ChooseBook);
    window.run();
    assert!(notice(&window).contains("作废、划改"), "{}", notice(&window));
    assert!(window.state().book().unwrap().ends_with("a.book"));
    assert_eq!(typed(&window, "理由"), "与 2026-014 重复");
    // Told once, it may go.
    hands.answers.borrow_mut().push(taizhang::app::Answer::Path(folder.path().join("b.book")));
    run(&mut window, Command::ChooseBook);
    window.run();
    assert!(window.state().book().unwrap().ends_with("b.book"), "{}", notice(&window));
}

/// PROCEDURE 5: what another window wrote since is looked at before it is signed.
#[test]
fn nobody_signs_what_was_not_on_the_screen() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    let id = slip_at(&store, 2, &[("measures", "返修。")]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    click(&mut window, "处理人");
    fill_in(&mut window, "签署人", "徐国梁");
    store.set(id, &CellId::new("measures", 0), "报废。", "返修。", now()).unwrap();
    click(&mut window, "签署");
    assert_eq!(kept(folder.path(), id).value("handler"), "", "{}", notice(&window));
    assert!(notice(&window).contains("请看过再签"), "{}", notice(&window));
    click(&mut window, "处理人");
    click(&mut window, "签署");
    assert_eq!(kept(folder.path(), id).value("handler"), "徐国梁", "{}", notice(&window));
}
