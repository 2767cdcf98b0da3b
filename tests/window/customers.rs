//! Users (用户): one list out of every sheet, two spellings as one, visits due (4.3), and complaints like this one
//! (普遍性、集中性).

use std::collections::BTreeSet;

use crate::common::{Window, fill, now, procedure, slips, window};
use chrono::NaiveDate;
use eframe::egui::Key;
use egui_kittest::kittest::Queryable as _;
use proptest::prelude::*;
use taizhang::command::{Command, CustomerCommand, View};
use taizhang::customers::{Customers, Mention, Naming, Order, Touch, User, aliases, due_visits, key};
use taizhang::procedure::{FieldId, FormId};
use taizhang::record::{Customer, RecordId, Values};
use taizhang::similar::{Hits, Index, This};
use taizhang::store::Store;

const OWN: &str = "上海氯碱机械有限公司";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn mention<'a>(record: i64, on: &str, name: &'a str, touch: Touch) -> Mention<'a> {
    Mention { name, naming: Naming::Cell, record: RecordId(record), day: day(on), touch }
}

fn complaint<'a>(record: i64, on: &str, name: &'a str) -> Mention<'a> {
    mention(record, on, name, Touch::Complaint { open: true })
}

fn talk<'a>(record: i64, on: &str, name: &'a str) -> Mention<'a> {
    mention(record, on, name, Touch::Talk)
}

fn merged(from: &str, into: &str) -> Customer {
    Customer { name: from.to_owned(), merged_into: into.to_owned(), ..Customer::default() }
}

fn users(mentions: &[Mention<'_>], kept: &[Customer]) -> Customers {
    Customers::new(mentions, kept, OWN, 90)
}

fn names(customers: &Customers) -> Vec<&str> {
    customers.all().iter().map(|it| it.name.as_str()).collect()
}

fn records(user: &User) -> Vec<i64> {
    user.sheets.iter().map(|it| it.record.0).collect()
}

/// Blanks, full-width signs and large letters are no other user; 有限公司 or not is proposed, never decided.
#[test]
fn one_name_in_several_spellings() {
    let sheets = [
        complaint(1, "2026-01-05", "江苏澄澜氟材料有限公司"),
        complaint(2, "2026-02-05", "  江苏 澄澜氟材料有限公司　"),
        complaint(3, "2026-03-05", "ＡＢＣ化工（上海）有限公司"),
        complaint(4, "2026-04-05", "abc化工(上海)有限公司"),
        complaint(5, "2026-05-05", "江苏澄澜氟材料有限责任公司"),
        complaint(6, "2026-05-06", "江苏澄澜化学有限公司"),
        complaint(7, "2026-05-06", " / "),
    ];
    let customers = users(&sheets, &[]);
    assert_eq!(
        names(&customers),
        ["abc化工(上海)有限公司", "江苏 澄澜氟材料有限公司", "江苏澄澜化学有限公司", "江苏澄澜氟材料有限责任公司"]
    );
    let user = customers.find("江苏澄澜氟材料有限公司").unwrap();
    assert_eq!(records(user), [1, 2]);
    let proposed: Vec<&str> = customers.proposals(user).iter().map(|it| it.name.as_str()).collect();
    assert_eq!(proposed, ["江苏澄澜氟材料有限责任公司"]);
}

#[test]
fn a_void_slip_stays_in_the_list_of_sheets_and_counts_for_nothing() {
    let sheets = [
        mention(1, "2026-01-05", "甲厂", Touch::Gone),
        complaint(2, "2026-02-05", "甲厂"),
        mention(3, "2026-03-05", "甲厂", Touch::Complaint { open: false }),
    ];
    let customers = users(&sheets, &[]);
    let user = customers.find("甲厂").unwrap();
    assert_eq!((records(user), user.complaints, user.open), (vec![1, 2, 3], 2, 1));
    assert_eq!(user.due, Some(day("2026-05-06")), "ninety days after the first sheet that counts");
}

/// 4.3: the interval counts from the last talk, or from the first sheet; it is the user's own or the procedure's.
#[test]
fn visits_fall_due() {
    let sheets = [
        complaint(1, "2026-01-05", "从未走访"),
        complaint(2, "2026-09-01", "从未走访"),
        talk(3, "2026-08-21", "刚好今天"),
        talk(4, "2026-08-01", "早就该去"),
        talk(5, "2026-08-22", "明天才到"),
        talk(6, "2020-01-01", "不走访的"),
        talk(7, "2026-11-01", "十天一次"),
    ];
    let keep = |name: &str, visit| Customer { name: name.to_owned(), visit: Some(visit), ..Customer::default() };
    let customers = Customers::new(&sheets, &[keep("不走访的", 0), keep("十天一次", 10)], OWN, 91);
    let due: Vec<(String, NaiveDate)> =
        due_visits(&customers, day("2026-11-20")).into_iter().map(|it| (it.name, it.due)).collect();
    assert_eq!(
        due,
        [
            ("从未走访".to_owned(), day("2026-04-06")),
            ("早就该去".to_owned(), day("2026-10-31")),
            ("十天一次".to_owned(), day("2026-11-11")),
            ("刚好今天".to_owned(), day("2026-11-20")),
        ]
    );
    assert_eq!(customers.find("不走访的").unwrap().due, None);
    assert_eq!(customers.find("明天才到").unwrap().due, Some(day("2026-11-21")));
    let most = Customers::new(&sheets, &[keep("十天一次", u32::MAX)], OWN, 91);
    assert_eq!(most.find("十天一次").unwrap().due, None, "no interval is too long to count with");
}

#[test]
fn users_are_sorted_and_filtered() {
    let sheets = [
        complaint(1, "2026-01-05", "丙厂"),
        complaint(2, "2026-02-05", "甲厂"),
        complaint(3, "2026-03-05", "甲厂"),
        talk(4, "2026-04-05", "乙厂"),
    ];
    let kept = [merged("丙公司", "丙厂")];
    let customers = users(&sheets, &kept);
    let shown = |filter: &str, order| -> Vec<&str> {
        customers.shown(filter, order).into_iter().map(|it| customers.all()[it].name.as_str()).collect()
    };
    assert_eq!(shown("", Order::Latest), ["乙厂", "甲厂", "丙厂"]);
    assert_eq!(shown("", Order::Complaints), ["甲厂", "丙厂", "乙厂"]);
    assert_eq!(shown("", Order::Due), ["丙厂", "甲厂", "乙厂"]);
    assert_eq!(shown("丙公司", Order::Name), ["丙厂"], "a merged spelling is found too");
}

/// Merging is a line beside the sheets: it can be undone, chains hold, and no circle can be made.
#[test]
fn spellings_are_merged_and_taken_apart() {
    let sheets = [complaint(1, "2026-01-05", "甲"), complaint(2, "2026-01-03", "乙"), talk(3, "2026-01-04", "丙")];
    let mut kept = vec![Customer { phone: "139".to_owned(), ..merged("乙", "") }];
    let first = users(&sheets, &kept).merge("乙", "甲").unwrap();
    assert_eq!(first.phone, "139", "what is known of a spelling stays with it");
    kept = vec![first];
    let two = users(&sheets, &kept);
    assert_eq!(records(two.find("甲").unwrap()), [2, 1]);
    assert_eq!(two.find("甲").unwrap().known.phone, "139", "and helps the whole where that has nothing");
    assert!(two.merge("甲", "乙").unwrap_err().contains("已经都是"));
    assert!(two.merge("甲", "丁").unwrap_err().contains("没有叫“丁”的用户"));
    kept.push(two.merge("甲", "丙").unwrap());
    let one = users(&sheets, &kept);
    assert_eq!(names(&one), ["丙"]);
    assert_eq!(records(one.find("乙").unwrap()), [2, 3, 1]);
    assert!(one.merge("丙", "乙").is_err(), "no circle");
    assert_eq!(aliases(&kept, "乙"), ["甲", "乙", "丙"].map(str::to_owned).into());
    let apart = one.split("甲").unwrap();
    kept.retain(|it| it.name != "甲");
    kept.push(apart);
    let again = users(&sheets, &kept);
    assert_eq!(names(&again), ["丙", "甲"]);
    assert_eq!(records(again.find("甲").unwrap()), [2, 1], "乙 goes where it was filed");
    assert!(again.split("丙").is_none());
}

/// Two windows might each merge one into the other.
#[test]
fn a_circle_in_the_book_loses_nothing() {
    let sheets = [complaint(1, "2026-01-05", "甲"), complaint(2, "2026-01-06", "乙"), complaint(3, "2026-01-07", "丙")];
    let kept = [merged("甲", "乙"), merged("乙", "甲"), merged("丙", "乙")];
    let customers = users(&sheets, &kept);
    assert_eq!(customers.all().len(), 1);
    assert_eq!(records(customers.find("丙").unwrap()), [1, 2, 3]);
    assert_eq!(aliases(&kept, "丙").len(), 3);
}

/// Of the minutes (02) only users are taken, known ones by any name, others by a name long enough; never ourselves.
#[test]
fn who_took_part_is_read_from_the_minutes() {
    let listed = |record, name| Mention { naming: Naming::Listed, ..talk(record, "2026-07-16", name) };
    let sheets = [
        complaint(1, "2026-01-05", "云厂"),
        listed(2, "云厂 韩冬"),
        listed(2, "江苏盐渎制碱 韩冬"),
        listed(2, "王晓犇"),
        listed(2, "监理公司 总监代表"),
        listed(2, "上海氯碱机械 施晓岚"),
        listed(2, "阿不都热合曼·买买提明"),
    ];
    let customers = users(&sheets, &[]);
    assert_eq!(names(&customers), ["云厂", "江苏盐渎制碱"]);
    assert_eq!(customers.find("云厂").unwrap().talked, Some(day("2026-07-16")));
}

/// Where information comes from (03) is a user only if it is known as one.
#[test]
fn a_source_is_a_user_only_where_it_is_known() {
    let source = |name| Mention { naming: Naming::Source, ..mention(2, "2026-02-01", name, Touch::Other) };
    let sheets = [complaint(1, "2026-01-05", "江苏澄澜氟材料"), source("江苏澄澜氟材料"), source("出厂检验")];
    assert_eq!(names(&users(&sheets, &[])), ["江苏澄澜氟材料"]);
    assert_eq!(records(users(&sheets, &[]).find("江苏澄澜氟材料").unwrap()), [1, 2]);
}

proptest! {
    /// Whatever is merged or taken apart in whatever order, each sheet is on the list of exactly one user, in time order.
    #[test]
    fn no_merging_loses_a_sheet(
        sheets in prop::collection::vec((0_i64..40, 0_u32..9, 0_u64..400), 1..60),
        steps in prop::collection::vec((0_u32..9, 0_u32..9, any::<bool>()), 0..30),
        wild in prop::collection::vec((0_u32..9, 0_u32..12), 0..4),
    ) {
        let name = |it: u32| format!("用户{it}");
        let named: Vec<(i64, String, NaiveDate)> = sheets
            .into_iter()
            .enumerate()
            .map(|(place, (_, it, later))| {
                (place as i64, name(it), day("2026-01-01") + chrono::Days::new(later))
            })
            .collect();
        let mentions: Vec<Mention<'_>> = named
            .iter()
            .map(|(record, name, day)| Mention {
                name, naming: Naming::Cell, record: RecordId(*record), day: *day, touch: Touch::Talk,
            })
            .collect();
        // What other windows may have written, circles included.
        let mut kept: Vec<Customer> = wild.iter().map(|(a, b)| merged(&name(*a), &name(*b))).collect();
        for (from, into, apart) in steps {
            let customers = users(&mentions, &kept);
            let row = if apart { customers.split(&name(from)) } else { customers.merge(&name(from), &name(into)).ok() };
            if let Some(row) = row {
                kept.retain(|it| key(&it.name) != key(&row.name));
                kept.push(row);
            }
        }
        let customers = users(&mentions, &kept);
        let mut seen: Vec<i64> = customers.all().iter().flat_map(records).collect();
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..named.len() as i64).collect::<Vec<_>>());
        for user in customers.all() {
            prop_assert!(user.sheets.is_sorted_by_key(|it| (it.day, it.record)));
            for spelling in &user.spellings {
                prop_assert_eq!(&customers.find(&spelling.name).unwrap().name, &user.name);
            }
        }
    }
}

fn index() -> Index {
    let mut index = Index::new(procedure().document.trade());
    for it in slips() {
        index.put(it.id, it.value("customer"), it.value("product"), it.value("complaint"));
    }
    index
}

fn find(complaint: &str, product: &str) -> Hits {
    index().find(&This { record: RecordId(0), product, complaint }, &BTreeSet::new())
}

fn numbers(found: &[(RecordId, Vec<String>)]) -> Vec<String> {
    let all = slips();
    found.iter().map(|(id, _)| all.iter().find(|it| it.id == *id).unwrap().number.clone()).collect()
}

/// 普遍性: what an office would call the same fault is found among the sample slips, and nothing else.
#[test]
fn complaints_in_like_words_are_found() {
    for (complaint, expected) in [
        ("安全阀一周内起跳两次，回座不严，一直漏。", vec!["2024-011"]),
        ("罐内有焊渣和手套，请解释。", vec!["2025-010"]),
        ("油漆脱落，掉漆严重。", vec!["2024-005"]),
        ("地脚螺栓孔与基础对不上，差20mm。", vec!["2026-001"]),
        ("交货期已经拖了二十天，要一个准日子。", vec!["2024-012"]),
        ("换热管泄漏，漏了10根，要求更换。", vec![]),
        ("请贵公司立即派人到现场处理，设备不能运行。", vec![]),
        ("2026-11-20 DN50 PN1.6", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(numbers(&find(complaint, "").wording), expected, "{complaint}");
    }
    let found = find("随机资料缺页，无法办理使用登记。", "");
    assert_eq!(numbers(&found.wording), ["2024-007"]);
    assert_eq!(found.wording[0].1, ["法办理使用登记", "随机资料"]);
    assert_eq!(numbers(&find("法兰密封面划伤，手指能摸出来。", "").wording)[0], "2025-008");
}

/// Of thirty sample slips only the call and the letter about the same leak are alike.
#[test]
fn unlike_complaints_are_not_called_alike() {
    let (index, all) = (index(), slips());
    let mut pairs = Vec::new();
    for it in &all {
        let this = This { record: it.id, product: "", complaint: it.value("complaint") };
        for other in numbers(&index.find(&this, &BTreeSet::new()).wording) {
            pairs.push(format!("{} {other}", it.number));
        }
    }
    assert_eq!(pairs, ["2024-002 2024-014", "2024-014 2024-002"]);
}

/// 集中性: the same user in any spelling, the same product whatever its tag; not the slip itself, and not void ones.
#[test]
fn complaints_of_the_same_user_and_product_are_found() {
    let mut index = Index::default();
    index.put(RecordId(1), "甲厂", "液氯中间贮槽 V-203", "掉漆");
    index.put(RecordId(2), "甲 厂", "氯气缓冲罐 V-5", "");
    index.put(RecordId(3), "甲氏化工厂", "液氯中间贮槽（V-208）", "");
    index.put(RecordId(4), "乙厂", "E-101", "");
    let this = This { record: RecordId(1), product: "液氯中间贮槽 V-203", complaint: "掉漆" };
    let aliases = |kept: &[Customer]| aliases(kept, "甲厂");
    let alone = index.find(&this, &aliases(&[]));
    assert_eq!((alone.customer, alone.product), (vec![RecordId(2)], vec![RecordId(3)]));
    let both = index.find(&this, &aliases(&[merged("甲氏化工厂", "甲厂")]));
    assert_eq!(both.customer, [RecordId(3), RecordId(2)], "newest first");
    index.remove(RecordId(3));
    index.put(RecordId(2), "丙厂", "液氯中间贮槽 V-1", "掉漆了");
    let rewritten = index.find(&this, &aliases(&[]));
    assert_eq!((rewritten.customer, rewritten.product), (vec![], vec![RecordId(2)]));
    assert_eq!(rewritten.wording.len(), 1, "what is written anew is found as it now stands");
    let tag = index.find(&This { product: "e-101", ..this }, &BTreeSet::new());
    assert_eq!(tag.product, [RecordId(4)]);
}

fn samples(folder: &std::path::Path) -> (Window, Store) {
    let store = Store::open(&folder.join("a.book")).unwrap();
    fill(&store);
    let (mut window, _) = window(folder, "a.book");
    show(&mut window, View::Customers);
    (window, Store::open_existing(&folder.join("a.book")).unwrap())
}

fn show(window: &mut Window, view: View) {
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Show(view));
    window.run();
}

fn press(window: &mut Window, label: &str) {
    window.get_by_label_contains(label).click();
    window.run();
}

fn choose(window: &mut Window, name: &str) {
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Customer(CustomerCommand::Show(name.to_owned())));
    window.run();
}

fn write(window: &mut Window, field: &str, text: &str) {
    window.get_by_label(field).click();
    window.run();
    window.get_by_label(field).type_text(text);
    window.run();
    window.key_press(Key::Tab);
    window.run();
}

/// Everything that ever concerned a user stands in time order, newest first, and opens.
#[test]
fn the_page_shows_everything_that_concerned_a_user() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = samples(folder.path());
    choose(&mut window, "浙江瓯泷化学股份有限公司");
    let rows = ["2024-03-05 20", "2024-02-22 20", "2024-02-21 20"].map(|it| {
        let row = window.get_by_label_contains(it).rect().top();
        (it, row)
    });
    assert!(rows.is_sorted_by(|a, b| a.1 < b.1), "{rows:?}");
    assert!(window.query_by_label_contains("氯化氢合成气冷却器 E-101A/B").is_some());
    assert!(window.query_by_label_contains("可能是同一用户").is_none());
    press(&mut window, "2024-02-21 20");
    assert_eq!(window.state().record().number, "2024-014");
}

/// A user named otherwise in the minutes is proposed, merged by a click, and taken apart again; sheets keep their words.
#[test]
fn two_spellings_are_merged_by_a_click_and_taken_apart() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, store) = samples(folder.path());
    choose(&mut window, "浙江瓯泷化学股份有限公司");
    press(&mut window, "合并 浙江瓯泷化学");
    crate::common::settle(&mut window);
    assert!(window.state().notice().unwrap().contains("可以再拆开"));
    assert!(window.query_by_label_contains("2024-09-20 20").is_some(), "the forum is theirs now");
    assert_eq!(store.customers().unwrap()[0].merged_into, "浙江瓯泷化学股份有限公司");
    press(&mut window, "拆开 浙江瓯泷化学");
    assert!(window.query_by_label_contains("2024-09-20 20").is_none());
    // And by typing the other name.
    write(&mut window, "合并写法", "浙江瓯泷化学");
    window.get_by_label("合并所填写法").click();
    crate::common::settle(&mut window);
    assert!(window.query_by_label_contains("2024-09-20 20").is_some());
    let forum = store.records(&FormId::from("02")).unwrap();
    assert!(forum[0].value("customers").contains("浙江瓯泷化学、"), "the sheet keeps its own wording");
}

/// Contact and telephone come from the latest sheet until the clerk says otherwise; what is typed is kept when the field
/// is left, and a new record of a talk has it.
#[test]
fn what_is_known_of_a_user_is_typed_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, store) = samples(folder.path());
    choose(&mut window, "苏州鹭溪包装材料有限公司");
    write(&mut window, "联系电话", "159-新号");
    write(&mut window, "走访间隔", "30");
    let kept = store.customers().unwrap();
    assert_eq!((kept[0].phone.as_str(), kept[0].visit), ("159-新号", Some(30)));
    assert!(window.query_by_label_contains("下次走访 2024-07-18").is_some(), "thirty days after the last talk");
    press(&mut window, "新建沟通记录");
    let record = window.state().record();
    assert_eq!(record.form, FormId::from("01"));
    assert_eq!(record.value("customer"), "苏州鹭溪包装材料有限公司");
    assert_eq!(record.value("present"), "王根发");
    assert_eq!(record.value("phone"), "159-新号");
    assert_eq!(record.origin(), None);
}

#[test]
fn what_is_no_number_of_days_is_said_and_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, store) = samples(folder.path());
    choose(&mut window, "苏州鹭溪包装材料有限公司");
    write(&mut window, "走访间隔", "每季度");
    assert!(window.state().notice().unwrap().contains("“每季度”不是天数"));
    assert!(store.customers().unwrap().iter().all(|it| it.visit.is_none()));
}

/// Going to another page with the pen still in a field loses nothing.
#[test]
fn leaving_the_page_keeps_what_was_typed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, store) = samples(folder.path());
    choose(&mut window, "苏州鹭溪包装材料有限公司");
    window.get_by_label("备注").click();
    window.run();
    window.get_by_label("备注").type_text("只在上午接电话");
    window.step();
    window.key_press_modifiers(eframe::egui::Modifiers::COMMAND, Key::Num1);
    window.run();
    assert_eq!(store.customers().unwrap()[0].note, "只在上午接电话");
}

#[test]
fn an_empty_book_says_where_users_come_from() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    show(&mut window, View::Customers);
    assert!(window.query_by_label_contains("还没有用户").is_some());
}

/// 普遍性、集中性: at registration the slip shows earlier complaints of the same user, product or wording, as it is typed.
#[test]
fn the_slip_shows_like_complaints_while_it_is_registered() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = samples(folder.path());
    let ctx = window.ctx.clone();
    let values: Values = [
        ("customer", "浙江瓯泷化学股份有限公司"),
        ("product", "空气缓冲罐 V-9"),
        ("complaint", "安全阀一周内起跳两次，回座不严，一直漏。"),
    ]
    .map(|(field, text)| (FieldId::from(field), text.to_owned()))
    .into();
    window.state_mut().run(&ctx, Command::NewFrom { form: FormId::from("05"), origin: None, values });
    window.run();
    assert!(window.query_by_label_contains("同一用户 2024-002").is_some(), "2024-014 is void");
    assert!(window.query_by_label_contains("同一产品 2024-005 掉漆").is_some());
    press(&mut window, "同类措辞：1 份");
    press(&mut window, "同类措辞 2024-011");
    assert_eq!(window.state().record().number, "2024-011");
    assert!(window.query_by_label_contains("同类措辞：1 份").is_some(), "the new one is like this one in turn");
}

/// What another sheet or window writes is seen without asking.
#[test]
fn the_list_of_users_follows_the_book() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, store) = samples(folder.path());
    let (procedure, form) = (procedure(), procedure().form(&FormId::from("05")).unwrap().clone());
    let values: Values = [(FieldId::from("customer"), "全新用户有限公司".to_owned())].into();
    store.create(&form, &procedure.document.number, 2026, now(), &values).unwrap();
    window.run();
    window.step();
    assert!(window.query_by_label_contains("全新用户有限公司 11月20日").is_some());
}
