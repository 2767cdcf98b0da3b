//! The slip's whole life (PROCEDURE 4 and 5), driven through the real window by its labels.

use std::path::Path;

use crate::common::{Window, book, click, fill, fill_in, kept, notice, now, slip_at, window};
use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use taizhang::app::Answer;
use taizhang::command::{Command, View};
use taizhang::flow::{Standing, standing};
use taizhang::procedure::FormId;
use taizhang::record::{CellId, Deed, Record, RecordId};
use taizhang::register::Period;

fn open(window: &mut Window, id: RecordId) {
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Open(id));
    window.run();
    window.get_by_label("适合页面").click();
    window.run();
}

fn key(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run();
}

/// Types into a cell of the sheet and leaves it.
fn write(window: &mut Window, cell: &str, text: &str) {
    click(window, cell);
    window.get_by_label(cell).type_text(text);
    window.run();
    key(window, Key::Escape);
    key(window, Key::Escape);
}

fn sign(window: &mut Window, cell: &str, name: &str) {
    click(window, cell);
    fill_in(window, "签署人", name);
    click(window, "签署");
}

/// The words of a PDF, page by page, without blanks, as a reader has them.
fn pages(path: &Path) -> Option<Vec<String>> {
    let text = crate::common::read("pdftotext", &[path.to_str().unwrap(), "-"])?;
    let bare = |it: &str| it.chars().filter(|it| !it.is_whitespace()).collect::<String>();
    Some(text.split('\u{c}').map(bare).filter(|it| !it.is_empty()).collect())
}

/// Until the PDF is written.
fn wait_for(window: &mut Window, to: &Path) {
    for _ in 0..400 {
        window.run_steps(2);
        if to.exists() && window.state().notice().is_some_and(|it| it.starts_with("已导出")) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("no PDF: {:?}", window.state().notice());
}

/// 4.5.1, PROCEDURE 5: from registration through a failed round, a dissatisfied user and a third round to the end.
#[test]
fn a_slip_goes_through_its_life_with_its_rounds() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 0, &[("urgency", "急件")]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    sign(&mut window, "登记人", "沈䶮");
    let signed = kept(folder.path(), id);
    assert_eq!((signed.value("registrar"), signed.value("registrar_date")), ("沈䶮", "2026-11-20"));
    // What the books hold where nothing was entered is what stood in them that day.
    assert_eq!(signed.value("accepted_by"), "技术质安部");
    // 4.5.1: whoever accepts the complaint names department and date before it goes to them.
    write(&mut window, "责任部门", "设备修造部");
    write(&mut window, "完成期限", "11.27");
    sign(&mut window, "登记审核人", "钱立群");
    write(&mut window, "原因与措施", "补焊。");
    sign(&mut window, "处理人", "徐国梁");
    sign(&mut window, "措施审核人", "马腾飞");
    write(&mut window, "验证记录", "仍漏。");
    click(&mut window, "验证人");
    fill_in(&mut window, "签署人", "何锃");
    click(&mut window, "签署");
    assert!(window.query_by_label_contains("通过还是未通过（4.5.1）").is_some(), "verifying says whether it passed");
    click(&mut window, "未通过，退回改进措施");
    click(&mut window, "签署");
    assert!(notice(&window).contains("第 2 次处置"), "{}", notice(&window));
    let second = kept(folder.path(), id);
    assert_eq!(second.rounds.len(), 2);
    assert_eq!(second.written(0, "measures"), "补焊。", "every round is kept");
    let form = crate::common::procedure().form(&FormId::from("05")).unwrap().clone();
    assert_eq!(standing(&form, &second), Standing::At(2), "back to 改进措施");
    // The second round is written and signed in cells of its own.
    write(&mut window, "责任部门", "设备修造部");
    write(&mut window, "完成期限", "12.4");
    write(&mut window, "原因与措施", "换管。");
    sign(&mut window, "处理人", "徐国梁");
    sign(&mut window, "措施审核人", "马腾飞");
    write(&mut window, "验证记录", "不漏。");
    click(&mut window, "验证人");
    fill_in(&mut window, "签署人", "何锃");
    click(&mut window, "通过");
    click(&mut window, "签署");
    // D: the user is not satisfied.
    click(&mut window, "用户意见 D 较不满意");
    sign(&mut window, "确认人", "陈堃");
    let third = kept(folder.path(), id);
    assert_eq!((third.rounds.len(), third.written(1, "opinion")), (3, "D 较不满意"));
    assert_eq!(standing(&form, &third), Standing::At(2));
    // The rounds are tabs; an earlier one is looked at, not written in.
    click(&mut window, "第1次");
    assert!(window.query_by_label("原因与措施").unwrap().value().unwrap().contains("补焊"));
    click(&mut window, "原因与措施");
    assert!(window.query_by_label_contains("第 1 次处置已经过去").is_some());
    click(&mut window, "关闭");
    click(&mut window, "第3次");
    // The ledger shows the last, and says which it is.
    let procedure = crate::common::procedure();
    let ledger = crate::common::ledger(&procedure, [third], Period::Year(2026));
    assert_eq!(crate::common::under(&procedure, &ledger[0], "处理结果"), "第3次处置中");
    write(&mut window, "责任部门", "设备修造部");
    write(&mut window, "完成期限", "12.11");
    write(&mut window, "原因与措施", "换新。");
    sign(&mut window, "处理人", "徐国梁");
    sign(&mut window, "措施审核人", "马腾飞");
    write(&mut window, "验证记录", "合格。");
    click(&mut window, "验证人");
    fill_in(&mut window, "签署人", "何锃");
    click(&mut window, "通过");
    click(&mut window, "签署");
    click(&mut window, "用户意见 A 满意");
    sign(&mut window, "确认人", "陈堃");
    let last = kept(folder.path(), id);
    assert_eq!(standing(&form, &last), Standing::Done);
    let ledger = crate::common::ledger(&procedure, [last], Period::Year(2026));
    let result = crate::common::under(&procedure, &ledger[0], "处理结果");
    assert_eq!(result, "第3次", "nobody works on it any more, and nobody has said the result yet");
    assert!(book(folder.path()).check().is_empty());
}

/// PROCEDURE 5: a section is locked once signed; the next one opens, and not before.
#[test]
fn a_signed_section_cannot_be_typed_in() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 1, &[]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    let before = kept(folder.path(), id);
    click(&mut window, "投诉内容");
    assert!(window.query_by_label_contains("已由 沈䶮 签署").is_some());
    window.event(Event::Text("改".into()));
    window.run();
    click(&mut window, "关闭");
    click(&mut window, "验证记录");
    assert!(window.query_by_label_contains("还没轮到：先要“登记审核”签署（4.5.1）").is_some());
    click(&mut window, "关闭");
    // Nor by any other way: what was typed elsewhere is refused and told, and nothing is lost.
    let ctx = window.ctx.clone();
    let (value, expected) = ("别的".to_owned(), before.value("complaint").to_owned());
    let set = Command::Set { record: id, cell: CellId::new("complaint", 0), value, expected };
    window.state_mut().run(&ctx, set);
    assert!(notice(&window).contains("没有写入") && notice(&window).contains("别的"), "{}", notice(&window));
    assert_eq!(kept(folder.path(), id), before);
}

/// PROCEDURE 5: 审核人 differs from 登记人; overruled only with a reason, which is kept.
#[test]
fn the_reviewer_differs_or_a_reason_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 1, &[("responsible", "设备修造部"), ("deadline", "2026-11-27")]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    sign(&mut window, "登记审核人", " 沈䶮 ");
    assert!(window.query_by_label_contains("是同一个人：请换人或改正，或写明理由（4.5.1）").is_some());
    assert_eq!(kept(folder.path(), id).value("registration_reviewer"), "");
    fill_in(&mut window, "仍签的理由", "钱立群出差");
    click(&mut window, "签署");
    let signed = kept(folder.path(), id);
    assert_eq!(signed.value("registration_reviewer"), "沈䶮");
    assert_eq!(signed.signed("registration_reviewer", 0).unwrap().overruled, "钱立群出差");
}

/// PROCEDURE 5 and 6: before a section is signed each empty cell is filled, struck with "/", or excused.
#[test]
fn an_empty_cell_is_struck_or_excused_before_signing() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 0, &[("contact", ""), ("phone", "")]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    sign(&mut window, "登记人", "沈䶮");
    assert!(window.query_by_label_contains("“投诉联系人”“联系电话”还空着").is_some());
    click(&mut window, "投诉联系人 划 /");
    fill_in(&mut window, "联系电话 空着的理由", "来函未写电话");
    click(&mut window, "签署");
    let signed = kept(folder.path(), id);
    assert_eq!((signed.value("contact"), signed.value("registrar")), ("/", "沈䶮"));
    assert_eq!(signed.signed("registrar", 0).unwrap().excused, [("phone".into(), "来函未写电话".to_owned())]);
}

/// PROCEDURE 5: signing in order, on a day that is a day and is not to come.
#[test]
fn signing_follows_the_order_and_the_calendar() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 0, &[]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    click(&mut window, "处理人");
    assert!(window.query_by_label_contains("先要“登记”签署（4.5.1）").is_some());
    click(&mut window, "关闭");
    click(&mut window, "登记人");
    fill_in(&mut window, "签署人", "沈䶮");
    for (typed, said) in [("下周", "不是日期"), ("2026-11-21", "晚于今天")] {
        fill_in(&mut window, "签署日期", typed);
        click(&mut window, "签署");
        assert!(window.query_by_label_contains(said).is_some(), "{typed}");
    }
    // What stands on the signed paper is put down later (补录): both days are kept.
    fill_in(&mut window, "签署日期", "11.18");
    key(&mut window, Key::Enter);
    let signed = kept(folder.path(), id);
    assert_eq!(signed.value("registrar_date"), "2026-11-18");
    let fact = signed.facts.iter().find(|it| matches!(it.deed, Deed::Signed(_))).unwrap();
    assert_eq!(fact.at.date(), now().date());
}

/// PROCEDURE 5 (划改): the old text stays, with the new one, name, date and reason; past the limit a rewritten sheet is proposed.
#[test]
fn a_change_after_signing_is_a_correction() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 2, &[]);
    let (mut window, hands) = window(folder.path(), "a.book");
    open(&mut window, id);
    for (round, phone) in ["1111", "2222", "3333", "4444"].into_iter().enumerate() {
        click(&mut window, "联系电话");
        click(&mut window, "划改…");
        fill_in(&mut window, "改成", phone);
        fill_in(&mut window, "划改人", "沈䶮");
        if round == 0 {
            click(&mut window, "划改");
            assert!(window.query_by_label_contains("请写上理由").is_some());
        }
        fill_in(&mut window, "理由", "抄错");
        click(&mut window, "划改");
    }
    let corrected = kept(folder.path(), id);
    assert_eq!(corrected.value("phone"), "4444");
    assert_eq!(corrected.corrections[0].old, "0519-55550622");
    assert_eq!((corrected.corrections[0].by.as_str(), corrected.corrections[0].on.as_str()), ("沈䶮", "2026-11-20"));
    assert!(window.query_by_label("划改 4 处").is_some(), "the count is shown");
    assert!(notice(&window).contains("建议重抄"), "{}", notice(&window));
    // The rewritten sheet has the contents and a number of its own; the original is attached, void.
    click(&mut window, "重抄一张");
    let rewritten = window.state().record().clone();
    assert_eq!((rewritten.number.as_str(), rewritten.value("phone")), ("2026-002", "4444"));
    assert!(rewritten.corrections.is_empty() && rewritten.value("registrar").is_empty());
    assert_eq!(rewritten.origin(), Some(id));
    assert!(kept(folder.path(), id).void.unwrap().reason.contains("2026-002"));
    // On paper the original is attached, in as many copies.
    let to = folder.path().join("重抄.pdf");
    hands.answers.borrow_mut().push(Answer::Path(to.clone()));
    click(&mut window, "导出 PDF");
    wait_for(&mut window, &to);
    let Some(pages) = pages(&to) else { return };
    assert!(pages.len() >= 4, "two copies of either");
    assert!(pages[0].contains("2026-002") && pages[2].contains("2026-001"));
}

/// 4.6: what the ledger took from beside the sheet is shown closed, and corrected there with name and reason; a second
/// window that has the cell open still does not get past it.
#[test]
fn what_the_ledger_took_is_corrected_beside_the_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 6, &[("product", "蝶阀")]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    click(&mut window, "产品名称");
    assert!(window.query_by_label_contains("已列入台帐，不能再改").is_some());
    let (ctx, value) = (window.ctx.clone(), "球阀".to_owned());
    let (field, expected) = ("product", "蝶阀".to_owned());
    window.state_mut().run(&ctx, Command::Set { record: id, cell: CellId::new(field, 0), value, expected });
    window.run();
    assert!(notice(&window).starts_with("没有写入：“产品名称”已列入台帐"), "{}", notice(&window));
    assert_eq!(kept(folder.path(), id).value("product"), "蝶阀");
    click(&mut window, "产品名称");
    click(&mut window, "划改…");
    fill_in(&mut window, "改成", "球阀");
    fill_in(&mut window, "划改人", "沈䶮");
    fill_in(&mut window, "理由", "登错");
    click(&mut window, "划改");
    let corrected = kept(folder.path(), id);
    assert_eq!((corrected.value("product"), corrected.corrections[0].old.as_str()), ("球阀", "蝶阀"));
    // What is empty is written, in as many breaths as it takes.
    click(&mut window, "处理结果");
    for text in ["返修", "合格"] {
        window.get_by_label("处理结果").type_text(text);
        window.run_steps(90);
    }
    key(&mut window, Key::Escape);
    assert_eq!(kept(folder.path(), id).value("result"), "返修合格");
    click(&mut window, "处理结果");
    assert!(window.query_by_label_contains("已列入台帐，不能再改").is_some());
}

/// 4.5.1: putting off 完成期限 needs a reason and a signer.
#[test]
fn an_extension_needs_a_reason_and_a_signer() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 3, &[("deadline", "2026-11-18")]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    assert!(window.query_all_by_label_contains("超 2 个工作日").next().is_some(), "overdue is shown with the slip");
    click(&mut window, "完成期限");
    click(&mut window, "办延期…");
    fill_in(&mut window, "新的期限", "12.1");
    fill_in(&mut window, "批准人", "钱立群");
    click(&mut window, "延期");
    assert!(window.query_by_label_contains("请写上理由（4.5.1）").is_some());
    fill_in(&mut window, "理由", "等备件");
    click(&mut window, "延期");
    let put_off = kept(folder.path(), id);
    assert_eq!(put_off.value("deadline"), "2026-12-01");
    assert_eq!((put_off.corrections[0].old.as_str(), put_off.corrections[0].reason.as_str()), ("2026-11-18", "等备件"));
    assert_eq!(standing_of(&put_off), Standing::At(3));
    assert!(window.query_all_by_label_contains("超 ").next().is_none(), "it is overdue no more");
    assert!(window.query_by_label_contains("划改 1 处").is_none(), "an extension is no correction of writing");
}

fn standing_of(record: &Record) -> Standing {
    standing(crate::common::procedure().form(&record.form).unwrap(), record)
}

/// PROCEDURE 5: a slip entered in error is voided with a reason, keeps its number, and stands in the ledger as 作废.
#[test]
fn a_void_slip_keeps_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 1, &[]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    click(&mut window, "更多");
    click(&mut window, "作废…");
    fill_in(&mut window, "作废人", "钱立群");
    click(&mut window, "作废");
    assert!(window.query_by_label_contains("请写上理由和作废人").is_some());
    fill_in(&mut window, "理由", "重复登记");
    click(&mut window, "作废");
    let void = kept(folder.path(), id);
    assert_eq!((void.number.as_str(), void.void.as_ref().unwrap().reason.as_str()), ("2026-001", "重复登记"));
    let procedure = crate::common::procedure();
    let ledger = crate::common::ledger(&procedure, [void], Period::Year(2026));
    assert_eq!(crate::common::under(&procedure, &ledger[0], "处理结果"), "作废");
    click(&mut window, "投诉内容");
    assert!(window.query_by_label_contains("本单已作废（重复登记）").is_some());
    let next = slip_at(&book(folder.path()), 0, &[]);
    assert_eq!(kept(folder.path(), next).number, "2026-002");
}

/// PROCEDURE 4: 急件 and 普通件 propose the date in working days; what is written rules.
#[test]
fn the_date_is_proposed_until_one_is_written() {
    let folder = tempfile::tempdir().unwrap();
    // Friday; two working days on is Tuesday.
    let id = slip_at(
        &book(folder.path()),
        1,
        &[("date", "2026-11-20"), ("urgency", "急件"), ("deadline", ""), ("responsible", "")],
    );
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    assert!(window.query_by_label_contains("11月24日・还有 2 个工作日").is_some());
    click(&mut window, "写进完成期限");
    assert_eq!(kept(folder.path(), id).value("deadline"), "2026-11-24");
}

/// 4.5.1: a one-page reminder to the responsible department.
#[test]
fn the_department_is_reminded_on_paper() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 2, &[("deadline", "2026-11-18")]);
    let (mut window, hands) = window(folder.path(), "a.book");
    open(&mut window, id);
    let to = folder.path().join("催.pdf");
    hands.answers.borrow_mut().push(Answer::Path(to.clone()));
    click(&mut window, "催办单");
    wait_for(&mut window, &to);
    assert!(hands.suggested.borrow()[0].starts_with("催办单_2026-001"));
    let Some(pages) = pages(&to) else { return };
    for word in ["催办单", "设备修造部", "超 2 个工作日", "4.5.1"] {
        let bare: String = word.chars().filter(|it| !it.is_whitespace()).collect();
        assert!(pages.iter().any(|it| it.contains(&bare)), "{word} is not in {pages:?}");
    }
}

/// 4.4: quality information is passed on, to whom and when is kept.
#[test]
fn quality_information_is_passed_on() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()));
    let (mut window, _) = window(folder.path(), "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Show(View::Sheets("03".into())));
    window.run();
    let id = window.state().record().id;
    assert_eq!(window.state().record().form.as_str(), "03");
    fill_in(&mut window, "部门", "设备修造部");
    click(&mut window, "记下传递");
    assert!(notice(&window).contains("（4.4）"));
    fill_in(&mut window, "接收人", "徐国梁");
    click(&mut window, "记下传递");
    let passed = kept(folder.path(), id);
    let deed = Deed::PassedOn {
        department: "设备修造部".to_owned(),
        person: "徐国梁".to_owned(),
        on: "2026-11-20".to_owned(),
    };
    assert_eq!(passed.facts.last().unwrap().deed, deed);
    assert!(window.query_by_label_contains("11-20 设备修造部 徐国梁").is_some());
}

/// 4.2: an opinion in the minutes becomes something to be done, or starts a slip that links back.
#[test]
fn an_opinion_in_the_minutes_is_followed_up() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()));
    let (mut window, _) = window(folder.path(), "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Show(View::Sheets("02".into())));
    window.run();
    let forum = window.state().record().id;
    fill_in(&mut window, "意见", "希望随机资料附电子版");
    fill_in(&mut window, "负责人", "商务部 李工");
    fill_in(&mut window, "期限", "12.10");
    click(&mut window, "记为跟踪事项");
    let with = kept(folder.path(), forum);
    assert_eq!(with.follow_ups()[0].owner, "商务部 李工");
    click(&mut window, "办结…");
    fill_in(&mut window, "办理情况", "已附光盘");
    click(&mut window, "记下办结");
    assert_eq!(kept(folder.path(), forum).follow_ups()[0].done, Some(("2026-11-20", "已附光盘")));
    fill_in(&mut window, "意见", "法兰面渗漏");
    click(&mut window, "另起投诉处置单");
    let slip = window.state().record().clone();
    assert_eq!((slip.form.as_str(), slip.value("complaint")), ("05", "法兰面渗漏"));
    assert_eq!(kept(folder.path(), slip.id).origin(), Some(forum));
    // And back.
    let number = kept(folder.path(), forum).number;
    click(&mut window, &format!("座谈会 {number}"));
    assert_eq!(window.state().record().id, forum);
    // The minutes say which opinion went where.
    click(&mut window, &format!("投诉处置单 {}", slip.number));
    assert_eq!(window.state().record().id, slip.id);
}

/// A form says which sheets it starts, after which signature and with what; and that it is not filed before they are.
#[test]
fn a_signed_stage_starts_the_sheet_that_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let own = format!(
        "{}\n[[starts]]\nform = \"03\"\nafter = \"visitor\"\nneeded = true\ncarries = {{ source = \"customer\" }}\n",
        include_str!("../../assets/procedures/qg-r0309/01-communication.toml")
    );
    std::fs::create_dir(folder.path().join("forms")).unwrap();
    crate::common::put_file(folder.path().join("forms/01.toml"), own);
    let (mut window, _) = window(folder.path(), "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::New("01".into()));
    window.run();
    window.get_by_label("适合页面").click();
    window.run();
    write(&mut window, "用户名称", "甲厂");
    let talk = window.state().record().id;
    assert!(window.query_by_label("“记录”签署以后另起质量信息").is_some());
    assert!(window.query_by_label("另起质量信息").is_none());
    click(&mut window, "服务(走访)人");
    fill_in(&mut window, "签署人", "倪佳");
    for cell in ["沟通(服务)日期", "沟通(服务)内容", "沟通(服务)形式", "出席人员", "联系电话", "沟通(服务)记录"]
    {
        fill_in(&mut window, &format!("{cell} 空着的理由"), "没有记");
    }
    click(&mut window, "签署");
    assert_eq!(kept(folder.path(), talk).value("visitor"), "倪佳", "{:?}", window.state().notice());
    let file = Command::Archive(taizhang::command::ArchiveCommand::Choose(vec![talk]));
    window.state_mut().run(&ctx, file.clone());
    window.state_mut().run(&ctx, Command::Archive(taizhang::command::ArchiveCommand::Show(Default::default())));
    window.run();
    assert!(window.query_by_label_contains("要先有质量信息并归档").is_some());
    open(&mut window, talk);
    click(&mut window, "另起质量信息");
    let started = window.state().record().clone();
    assert_eq!((started.form.as_str(), started.value("source")), ("03", "甲厂"));
    assert_eq!(kept(folder.path(), started.id).origin(), Some(talk));
}

/// Forms 01, 02 and 03 are filled, signed, listed and printed like the slip.
#[test]
fn every_sheet_is_filled_and_signed() {
    for (form, cells, signer) in [
        ("01", &["用户名称", "沟通(服务)记录"][..], "服务(走访)人"),
        ("02", &["会议名称", "座谈记录"], "记录人"),
        ("03", &["信息来源", "信息内容"], "填写人"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (mut window, hands) = window(folder.path(), "a.book");
        let ctx = window.ctx.clone();
        window.state_mut().run(&ctx, Command::New(form.into()));
        window.run();
        window.get_by_label("适合页面").click();
        window.run();
        for cell in cells {
            write(&mut window, cell, "甲乙丙");
        }
        let record = window.state().record().clone();
        assert_eq!((record.form.as_str(), record.number.as_str()), (form, "2026-001"));
        click(&mut window, signer);
        fill_in(&mut window, "签署人", "沈䶮");
        let empty: Vec<String> = crate::common::procedure()
            .form(&form.into())
            .unwrap()
            .fields
            .iter()
            .filter(|it| !it.signature && record.value(it.id.as_str()).is_empty())
            .map(|it| it.name.clone())
            .collect();
        for name in empty {
            click(&mut window, &format!("{name} 划 /"));
        }
        click(&mut window, "签署");
        assert!(window.query_all_by_label_contains("2026-001 ").next().is_some(), "{form} is listed");
        let to = folder.path().join("x.pdf");
        hands.answers.borrow_mut().push(Answer::Path(to.clone()));
        click(&mut window, "导出 PDF");
        wait_for(&mut window, &to);
        // 01 and 02 in one copy, 03 in one with its number.
        let Some(pages) = pages(&to) else { return };
        assert_eq!(pages.len(), 1);
        assert!(pages[0].contains("甲乙丙"));
        assert_eq!(pages[0].contains("2026-001"), form == "03", "{form}");
        let kept = book(folder.path()).record(record.id).unwrap().unwrap();
        assert!(kept.facts.iter().any(|it| matches!(&it.deed, Deed::Signed(it) if it.name == "沈䶮")));
    }
}

/// Ctrl+F finds a word on any sheet and shows it there; Ctrl+K finds a command by its name.
#[test]
fn anything_is_found_and_any_command() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()));
    let (mut window, _) = window(folder.path(), "a.book");
    window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    window.run();
    // The page behind may have the word too.
    let before = window.query_all_by_label_contains("瓯泷").count();
    window.get_by_label("查找").type_text("瓯泷");
    for _ in 0..200 {
        window.run_steps(2);
        if window.query_all_by_label_contains("瓯泷").count() > before {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    window.run();
    key(&mut window, Key::Enter);
    assert!(window.state().record().rounds[0].values().any(|it| it.contains("瓯泷")));
    assert!(window.query_all_by_label_contains("瓯泷").count() >= 2, "{}", notice(&window));
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    window.run();
    window.get_by_label("找命令").type_text("编号簿");
    window.run();
    key(&mut window, Key::Enter);
    assert!(window.query_by_label("找命令").is_none());
    assert!(window.query_all_by_label_contains("编号簿").count() >= 2, "its page is shown");
}

/// Signing needs no mouse: Enter signs, Tab goes from field to field, the blank chooses the verdict.
#[test]
fn a_stage_is_signed_from_the_keyboard() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 4, &[]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    click(&mut window, "验证记录");
    window.event(Event::Text("合格。".into()));
    window.run();
    key(&mut window, Key::Tab);
    window.event(Event::Text("何锃".into()));
    window.run();
    key(&mut window, Key::Tab);
    key(&mut window, Key::Tab);
    key(&mut window, Key::Space);
    key(&mut window, Key::Tab);
    key(&mut window, Key::Tab);
    key(&mut window, Key::Enter);
    let signed = kept(folder.path(), id);
    assert_eq!((signed.value("verification"), signed.value("verifier")), ("合格。", "何锃"), "{}", notice(&window));
    assert_eq!(signed.signed("verifier", 0).unwrap().passed, Some(true));
}

/// Every command has its key: Ctrl+E signs what is next, Ctrl+D puts off, Ctrl+S says that nothing needs saving.
#[test]
fn what_is_done_with_a_sheet_has_keys() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 2, &[]);
    let (mut window, _) = window(folder.path(), "a.book");
    open(&mut window, id);
    let press = |window: &mut Window, key: Key| {
        window.key_press_modifiers(Modifiers::COMMAND, key);
        window.run();
    };
    press(&mut window, Key::S);
    assert!(notice(&window).contains("自动存进台帐"));
    press(&mut window, Key::E);
    assert!(window.query_by_label("签署“改进措施”").is_some());
    key(&mut window, Key::Escape);
    press(&mut window, Key::D);
    assert!(window.query_by_label("延期“完成期限”").is_some());
    key(&mut window, Key::Escape);
    assert!(window.query_by_label("延期“完成期限”").is_none());
}

/// 4.5.1: what is past its date is shown wherever the slip is: in its list, above it, beside it, in the ledger, today.
#[test]
fn overdue_is_shown_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 3, &[("deadline", "2026-11-18")]);
    let (mut window, _) = window(folder.path(), "a.book");
    let shown = |window: &Window| window.query_all_by_label_contains("超 2 个工作日").count();
    assert!(shown(&window) >= 1, "today");
    open(&mut window, id);
    assert!(shown(&window) >= 3, "list, stages and panel");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Show(View::Register("04".into())));
    window.run();
    assert!(shown(&window) >= 1, "ledger");
}
