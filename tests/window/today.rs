//! 今日 and 纸质单据, clause by clause: what is owed on a day, and where the papers are.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::common::{Hands, Window, now, procedure, window};
use chrono::{Days, NaiveDate, NaiveDateTime};
use eframe::egui::Key;
use egui_kittest::kittest::Queryable as _;
use taizhang::app::{App, Dialog, Outside, Reply};
use taizhang::command::{Command, OfficeCommand, View};
use taizhang::customers::Visit;
use taizhang::list::{List, Summary};
use taizhang::procedure::{Change, FieldId, FormId, Person, Procedure};
use taizhang::record::{CopyStep, Deed, Record, RecordId, Void};
use taizhang::store::{Act, Store};
use taizhang::today::{self, Asking, Goes, Part, Section, Today, Tone};

/// The day of these tests: a Friday.
fn today() -> NaiveDate {
    now().date()
}

fn before(days: u64) -> NaiveDateTime {
    now() - Days::new(days)
}

/// A book in memory.
struct Book {
    procedure: Procedure,
    store: Store,
}

impl Book {
    fn new() -> Self {
        Self { procedure: procedure(), store: Store::in_memory().unwrap() }
    }

    fn sheet(&self, form: &str, at: NaiveDateTime, values: &[(&str, &str)]) -> Record {
        sheet(&self.procedure, &self.store, form, at, values)
    }

    fn deed(&self, record: &Record, deed: Deed) {
        self.store.act(record.id, &Act { deeds: vec![deed], ..Act::default() }, now()).unwrap();
    }

    fn lists(&self) -> BTreeMap<FormId, List> {
        let mut lists = BTreeMap::new();
        for form in self.procedure.in_use().into_iter().filter(|it| it.identity.is_some()) {
            let mut summaries = Vec::new();
            let mut take = |record: Record| summaries.extend(Summary::of(&self.procedure, form, &record));
            self.store.each(&form.form, Some(&Summary::fields(form)), &mut take).unwrap();
            lists.insert(form.form.clone(), List::new(summaries));
        }
        lists
    }

    fn owed_on(&self, day: NaiveDate, own: Option<&Person>, visits: &[Visit]) -> Today {
        let (procedure, lists) = (&self.procedure, self.lists());
        let papers = today::places(procedure, &lists, &[], day);
        today::owed(&Asking {
            procedure,
            lists: &lists,
            lines: &BTreeMap::new(),
            visits,
            papers: &papers,
            own,
            now: day.and_hms_opt(9, 0, 0).unwrap(),
        })
    }

    fn owed(&self) -> Today {
        self.owed_on(today(), None, &[])
    }
}

fn sheet(procedure: &Procedure, store: &Store, form: &str, at: NaiveDateTime, values: &[(&str, &str)]) -> Record {
    let form = procedure.form(&FormId::from(form)).unwrap();
    let values = values.iter().map(|(field, value)| (FieldId::from(*field), (*value).to_owned())).collect();
    store.create(form, &procedure.document.number, 2026, at, &values).unwrap()
}

/// A complaint that went to the department, to be done by `deadline`.
const AT_WORK: [(&str, &str); 7] = [
    ("customer", "江苏澄澜氟材料有限公司"),
    ("product", "中间贮槽"),
    ("registrar", "沈䶮"),
    ("registrar_date", "2026-11-17"),
    ("registration_reviewer", "钱立群"),
    ("registration_reviewer_date", "2026-11-17"),
    ("responsible", "设备修造部"),
];

fn at_work(deadline: &str) -> Vec<(&str, &str)> {
    AT_WORK.into_iter().chain([("deadline", deadline)]).collect()
}

/// A complaint that is through.
fn closed(day: &str) -> Vec<(&str, &str)> {
    let mut values = at_work("2026-11-20");
    for field in ["handler", "measures_reviewer", "verifier", "confirmer"] {
        values.push((field, "徐国梁"));
    }
    values.push(("confirmer_date", day));
    values
}

/// The forum of the year was held.
fn forum_held(book: &Book) -> Record {
    book.sheet("02", before(30), &[("meeting", "用户座谈会"), ("date", "2026-10-21"), ("recorder", "吴𠮷")])
}

fn part(today: &Today, part: Part) -> Option<&Section> {
    today.sections.iter().find(|it| it.part == part)
}

/// The lines of a part as they are read.
fn lines(of: &Today, wanted: Part) -> Vec<String> {
    let lines = part(of, wanted).map(|it| it.lines.clone()).unwrap_or_default();
    lines.into_iter().map(|it| format!("{}｜{}｜{}", it.head, it.words, it.right)).collect()
}

/// 4.5.1: what is past its date, most overdue first, in working days.
#[test]
fn clause_4_5_1_what_is_overdue_stands_first() {
    let book = Book::new();
    book.sheet("05", before(9), &at_work("2026-11-19"));
    book.sheet("05", before(9), &at_work("2026-11-13"));
    let owed = book.owed();
    assert_eq!(owed.sections[0].part, Part::Overdue);
    assert_eq!(
        lines(&owed, Part::Overdue),
        [
            "2026-002｜江苏澄澜氟材料有限公司　中间贮槽｜超 5 个工作日",
            "2026-001｜江苏澄澜氟材料有限公司　中间贮槽｜超 1 个工作日",
        ]
    );
    assert!(owed.is_overdue());
    assert_eq!(owed.sections[0].lines[0].tone, Tone::Late);
}

/// 4.5.1: what is due until Sunday; from Monday on it is another week's.
#[test]
fn clause_4_5_1_what_is_due_this_week() {
    let book = Book::new();
    for deadline in ["2026-11-20", "2026-11-22", "2026-11-23"] {
        book.sheet("05", before(3), &at_work(deadline));
    }
    let owed = book.owed();
    let found: Vec<String> = part(&owed, Part::ThisWeek).unwrap().lines.iter().map(|it| it.right.clone()).collect();
    assert_eq!(found, ["今天", "11月22日"]);
    assert!(!owed.is_overdue());
}

/// PROCEDURE 5: a stage that waits, whose it is and for how long.
#[test]
fn what_waits_for_a_signature_says_whose() {
    let book = Book::new();
    book.sheet("05", before(3), &at_work("2026-12-20"));
    book.sheet("03", before(0), &[("source", "用户来函"), ("writer", "吴𠮷"), ("writer_date", "2026-11-20")]);
    assert_eq!(
        lines(&book.owed(), Part::Waiting),
        [
            "2026-001｜处理人・设备修造部　江苏澄澜氟材料有限公司｜3 天",
            "2026-001｜质量信息　审核人・商务部　用户来函｜今天"
        ]
    );
}

/// 4.2: one forum a year; a voided sheet of minutes is none.
#[test]
fn clause_4_2_the_yearly_forum_not_yet_held() {
    let book = Book::new();
    let due = "4.2 座谈会｜本年度尚未召开｜还有 41 天";
    assert_eq!(book.owed().sections, [], "a book nobody wrote in owes nothing");
    book.sheet("05", before(9), &closed("2026-11-19"));
    assert_eq!(lines(&book.owed(), Part::Duties), [due]);
    let void = Void { by: "吴𠮷".to_owned(), on: "2026-11-20".to_owned(), reason: "写错".to_owned() };
    let minutes = forum_held(&book);
    assert!(part(&book.owed(), Part::Duties).is_none());
    book.store.void(minutes.id, &void, now()).unwrap();
    assert_eq!(lines(&book.owed(), Part::Duties), [due]);
    forum_held(&book);
    let next_year = NaiveDate::from_ymd_opt(2027, 1, 4).unwrap();
    assert_eq!(lines(&book.owed_on(next_year, None, &[]), Part::Duties), ["4.2 座谈会｜本年度尚未召开｜还有 361 天"]);
}

/// 4.2: an opinion in the minutes that became something to be done is owed until it is done.
#[test]
fn clause_4_2_what_follows_from_the_minutes() {
    let book = Book::new();
    let minutes = forum_held(&book);
    let follow_up = |text: &str, due: &str| Deed::FollowUp {
        text: text.to_owned(),
        owner: "设备修造部".to_owned(),
        due: due.to_owned(),
    };
    book.deed(&minutes, follow_up("改包装", "2026-11-18"));
    book.deed(&minutes, follow_up("配备件", "2026-12-01"));
    book.deed(&minutes, follow_up("回访", ""));
    let owed = book.owed();
    assert_eq!(lines(&owed, Part::Overdue), ["2026-001｜座谈会　改包装　设备修造部｜超 2 个工作日"]);
    assert_eq!(
        lines(&owed, Part::FollowUps),
        ["2026-001｜配备件　设备修造部｜12月1日", "2026-001｜回访　设备修造部｜未定日期"]
    );
    book.deed(&minutes, Deed::FollowedUp { item: 0, on: "2026-11-20".to_owned(), note: "已改".to_owned() });
    assert!(!book.owed().is_overdue());
}

/// 4.3: the users that are to be visited; those whose day has not come are not named.
#[test]
fn clause_4_3_users_due_for_a_visit() {
    let book = Book::new();
    forum_held(&book);
    let visit = |name: &str, last: Option<NaiveDate>, due: NaiveDate| Visit {
        duty: String::new(),
        name: name.to_owned(),
        last,
        due,
    };
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    let one = [visit("甲厂", Some(day(8, 1)), day(10, 30)), visit("乙厂", Some(day(11, 1)), day(12, 30))];
    let found = book.owed_on(today(), None, &one);
    assert_eq!(lines(&found, Part::Duties), ["4.3 走访｜甲厂　上次 8月1日｜查看"]);
    let two = [visit("甲厂", None, day(11, 20)), visit("丙厂", Some(day(1, 1)), day(4, 1))];
    let found = book.owed_on(today(), None, &two);
    assert_eq!(lines(&found, Part::Duties), ["4.3 走访｜2 家用户该走访了：丙厂、甲厂｜查看"]);
    assert_eq!(found.sections[0].lines[0].goes, Goes::Customers);
}

/// 4.4: quality information that is signed is passed on, and owed until it is.
#[test]
fn clause_4_4_quality_information_not_passed_on() {
    let book = Book::new();
    forum_held(&book);
    let written = [("source", "走访"), ("writer", "吴𠮷"), ("writer_date", "2026-11-16")];
    let information = book.sheet("03", before(4), &written);
    assert!(part(&book.owed(), Part::NotPassedOn).is_none(), "first it is reviewed");
    let reviewed: Vec<_> =
        written.into_iter().chain([("reviewer", "赵敏华"), ("reviewer_date", "2026-11-17")]).collect();
    let reviewed = book.sheet("03", before(4), &reviewed);
    assert_eq!(lines(&book.owed(), Part::NotPassedOn), ["2026-002｜质量信息　走访｜3 天"]);
    let (department, person, on) = ("设备修造部".to_owned(), "徐国梁".to_owned(), "2026-11-20".to_owned());
    book.deed(&reviewed, Deed::PassedOn { department, person, on });
    assert!(part(&book.owed(), Part::NotPassedOn).is_none());
    assert_ne!(information.id, reviewed.id);
}

/// 4.5.1: where each copy is, and for how long it has been away.
#[test]
fn clause_4_5_1_paper_that_is_out() {
    let book = Book::new();
    let slip = book.sheet("05", before(20), &at_work("2026-12-20"));
    copy(&book, &slip, 0, CopyStep::Printed, "", "2026-11-10");
    copy(&book, &slip, 1, CopyStep::Handed, "设备修造部 徐国梁", "2026-11-11");
    assert_eq!(lines(&book.owed(), Part::Out), ["2026-001｜第二联　设备修造部 徐国梁｜9 天"]);
    copy(&book, &slip, 1, CopyStep::Back, "沈䶮", "2026-11-20");
    assert!(part(&book.owed(), Part::Out).is_none());
}

fn copy(book: &Book, record: &Record, copy: usize, step: CopyStep, holder: &str, on: &str) {
    book.deed(record, Deed::Copy { copy, step, holder: holder.to_owned(), on: on.to_owned() });
}

/// 4.7: three years from the end of the year of closing; what must not be destroyed is not on the list.
#[test]
fn clause_4_7_slips_past_their_keeping_time() {
    let book = Book::new();
    forum_held(&book);
    book.sheet("05", before(9), &closed("2022-12-31"));
    book.sheet("05", before(9), &closed("2023-01-01"));
    let held = book.sheet("05", before(9), &closed("2022-06-01"));
    assert_eq!(lines(&book.owed(), Part::Expired), ["2022 年度｜投诉处置单 2 份可列入销毁清单｜查看"]);
    book.deed(&held, Deed::Held { reason: "诉讼".to_owned() });
    assert_eq!(lines(&book.owed(), Part::Expired), ["2022 年度｜投诉处置单 1 份可列入销毁清单｜查看"]);
    let last_day = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
    let expired = |day| lines(&book.owed_on(day, None, &[]), Part::Expired).len();
    assert_eq!(expired(last_day), 0, "kept to the last day of the third year");
    assert_eq!(expired(last_day + Days::new(1)), 1);
}

/// What is void, filed or destroyed owes nothing.
#[test]
fn what_is_void_or_filed_owes_nothing() {
    let book = Book::new();
    forum_held(&book);
    let void = Void { by: "沈䶮".to_owned(), on: "2026-11-20".to_owned(), reason: "重复".to_owned() };
    let first = book.sheet("05", before(9), &at_work("2026-11-13"));
    let second = book.sheet("05", before(9), &at_work("2026-11-13"));
    for one in [&first, &second] {
        copy(&book, one, 1, CopyStep::Handed, "设备修造部", "2026-11-11");
    }
    assert_eq!(book.owed().count(), 6);
    book.store.void(first.id, &void, now()).unwrap();
    let (case, binder, on) = ("1".to_owned(), "2026".to_owned(), "2026-11-20".to_owned());
    book.deed(&second, Deed::Filed { case, binder, on });
    assert_eq!(book.owed().sections, []);
    // Their paper is away all the same, and can be asked for.
    let papers = today::places(&book.procedure, &book.lists(), &[], today());
    assert!(papers.out.iter().all(|it| it.over) && papers.out.len() == 2);
}

/// A department sees what it has to sign; those who accept complaints also see what nobody was named for.
#[test]
fn a_department_sees_its_own() {
    let book = Book::new();
    book.sheet("05", before(9), &at_work("2026-11-13"));
    book.sheet("05", before(1), &[("customer", "甲厂")]);
    let person =
        |department: &str| Person { name: "某".to_owned(), department: department.to_owned(), ..Person::default() };
    let owed = book.owed_on(today(), Some(&person("设备修造部")), &[]);
    assert_eq!(
        owed.sections.iter().map(|it| (it.part, it.count)).collect::<Vec<_>>(),
        [(Part::Overdue, 1), (Part::Waiting, 1)]
    );
    let owed = book.owed_on(today(), Some(&person("技术质安部")), &[]);
    assert_eq!(lines(&owed, Part::Waiting), ["2026-002｜登记人・技术质安部　甲厂｜1 天"]);
    let owed = book.owed_on(today(), Some(&person("商务部")), &[]);
    assert_eq!(lines(&owed, Part::Duties).len(), 1, "they talk with users (3.1)");
}

/// A long section shows its beginning and leads to the rest, form by form.
#[test]
fn a_long_section_leads_to_the_rest() {
    let book = Book::new();
    for _ in 0..20 {
        book.sheet("05", before(9), &[("customer", "甲厂")]);
        book.sheet("01", before(8), &[("customer", "乙厂")]);
    }
    let owed = book.owed();
    let waiting = part(&owed, Part::Waiting).unwrap();
    assert_eq!((waiting.count, waiting.lines.len()), (40, today::SHOWN));
    let more: Vec<&str> = waiting.more.iter().map(|it| it.head.as_str()).collect();
    assert_eq!(more, ["投诉处置单还有 8 件…", "沟通记录还有 20 件…"]);
    let Goes::Sheets(form, words) = &waiting.more[1].goes else { panic!("it leads to a list") };
    let mut lists = book.lists();
    let list = lists.get_mut(form).unwrap();
    list.filter(words, now());
    assert_eq!(list.shown(), 20, "and the list shows them");
}

/// The words of the states filter a list.
#[test]
fn a_list_is_filtered_by_what_is_owed() {
    let book = Book::new();
    book.sheet("05", before(9), &at_work("2026-11-13"));
    book.sheet("05", before(9), &at_work("2026-11-21"));
    let slip = book.sheet("05", before(9), &closed("2026-11-19"));
    copy(&book, &slip, 0, CopyStep::Handed, "用户", "2026-11-19");
    let mut lists = book.lists();
    let list = lists.get_mut(&FormId::from("05")).unwrap();
    for (words, count) in
        [("超期", 1), ("本周到期", 1), ("等待签署", 2), ("纸在外面", 1), ("待传递", 0), ("等待签署 设备", 2)]
    {
        list.filter(words, now());
        assert_eq!(list.shown(), count, "{words}");
    }
}

// The window.

fn file_book(folder: &std::path::Path, values: &[&[(&str, &str)]]) -> Vec<RecordId> {
    let (procedure, store) = (procedure(), Store::open(&folder.join("a.book")).unwrap());
    sheet(&procedure, &store, "02", before(30), &[("date", "2026-10-21"), ("recorder", "吴𠮷")]);
    values.iter().map(|it| sheet(&procedure, &store, "05", before(9), it).id).collect()
}

#[test]
fn a_line_goes_to_its_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let late = at_work("2026-11-13");
    let ids = file_book(folder.path(), &[&late, &closed("2026-11-19")]);
    let (mut window, _) = window(folder.path(), "a.book");
    assert!(window.query_by_label("11月20日 星期五").is_some());
    assert!(window.query_by_label("今日 2").is_some(), "what is owed stands in the order at the left");
    window.get_by_label("2026-001 江苏澄澜氟材料有限公司　中间贮槽 超 5 个工作日").click();
    window.run();
    assert_eq!(window.state().record().id, ids[0]);
    assert!(window.query_by_label("筛选").is_some(), "its list is beside it");
}

#[test]
fn the_arrows_go_from_line_to_line_and_enter_opens() {
    let folder = tempfile::tempdir().unwrap();
    let ids = file_book(folder.path(), &[&at_work("2026-11-13"), &at_work("2026-11-16"), &at_work("2026-11-17")]);
    let (mut window, _) = window(folder.path(), "a.book");
    for key in [Key::ArrowDown, Key::ArrowDown, Key::ArrowDown, Key::ArrowUp] {
        window.key_press(key);
        window.step();
    }
    window.run();
    assert!(window.get_by_label_contains("2026-002 江苏澄澜氟材料有限公司　中间贮槽").is_focused());
    window.key_press(Key::Enter);
    window.run();
    assert_eq!(window.state().record().id, ids[1]);
}

#[test]
fn nothing_owed_is_a_calm_page() {
    let folder = tempfile::tempdir().unwrap();
    file_book(folder.path(), &[&closed("2026-11-19")]);
    let (window, _) = window(folder.path(), "a.book");
    assert!(window.query_by_label("今天没有要办的事").is_some());
    assert!(window.query_by_label("11月20日 星期五").is_some());
    assert!(window.query_by_label("今日").is_some(), "and nothing to count");
}

#[test]
fn the_rest_of_a_long_section_is_shown_in_its_list() {
    let folder = tempfile::tempdir().unwrap();
    let late = at_work("2026-11-13");
    let (late, done) = (late.as_slice(), closed("2026-11-19"));
    let mut sheets = vec![late; 15];
    sheets.push(&done);
    file_book(folder.path(), &sheets);
    let (mut window, _) = window(folder.path(), "a.book");
    window.get_all_by_label("还有 3 件…").next().unwrap().click();
    window.run();
    assert!(window.query_by_label("16 份中的 15 份").is_some());
}

#[test]
fn whoever_sits_at_the_desk_can_look_at_their_own() {
    let folder = tempfile::tempdir().unwrap();
    file_book(folder.path(), &[&at_work("2026-11-13"), &[("customer", "甲厂")]]);
    let (mut window, _) = window(folder.path(), "a.book");
    assert!(window.query_by_label("只看我的").is_none(), "nobody is at the desk");
    let joined = Change::AddPerson("徐国梁".to_owned(), "设备修造部".to_owned());
    run(&mut window, Command::Office(OfficeCommand::Change(joined)));
    run(&mut window, Command::Operate("徐国梁".to_owned(), String::new()));
    run(&mut window, Command::Show(View::Today));
    assert!(window.query_by_label_contains("登记人・技术质安部").is_some());
    press(&mut window, "只看我的");
    assert!(window.query_by_label_contains("处理人・设备修造部").is_some());
    assert!(window.query_by_label_contains("登记人・技术质安部").is_none());
    press(&mut window, "全部");
    assert!(window.query_by_label_contains("登记人・技术质安部").is_some());
}

/// The clock of a window that stays open over night.
#[derive(Clone)]
struct Night {
    hands: Hands,
    now: Rc<RefCell<NaiveDateTime>>,
}

impl Outside for Night {
    fn now(&self) -> NaiveDateTime {
        *self.now.borrow()
    }
    fn utc_offset_minutes(&self) -> i32 {
        480
    }
    fn ask(&self, dialog: Dialog<'_>, reply: Reply) {
        self.hands.ask(dialog, reply);
    }
    fn habits(&self) -> Option<std::path::PathBuf> {
        self.hands.habits()
    }
    fn open(&self, path: &std::path::Path) -> Result<(), String> {
        self.hands.open(path)
    }
    fn printing(&self) -> std::sync::Arc<dyn taizhang::print::Printing> {
        self.hands.printing()
    }
    fn sample_book(&self) -> std::path::PathBuf {
        self.hands.sample_book()
    }
    fn documents(&self) -> std::path::PathBuf {
        self.hands.documents()
    }
}

#[test]
fn the_day_turns_while_the_window_is_open() {
    let folder = tempfile::tempdir().unwrap();
    file_book(folder.path(), &[&at_work("2026-11-20")]);
    let clock = Rc::new(RefCell::new(now()));
    let hands = Hands { folder: folder.path().to_owned(), ..Hands::default() };
    let (outside, own) = (Night { hands, now: clock.clone() }, folder.path().join("a.book"));
    let builder = egui_kittest::Harness::builder().with_size([1440.0, 900.0]).with_max_steps(64);
    let mut window: Window = builder.build_eframe(move |cc| App::new(&cc.egui_ctx, Box::new(outside), &own));
    window.run();
    assert!(window.query_by_label("本周到期").is_some() && window.query_by_label("已超期").is_none());
    *clock.borrow_mut() = now() + Days::new(1);
    window.run();
    assert!(window.query_by_label("11月21日 星期六").is_some());
    assert!(window.query_by_label("本周到期").is_none() && window.query_by_label("已超期").is_some());
    *clock.borrow_mut() = NaiveDate::from_ymd_opt(2026, 10, 10).unwrap().and_hms_opt(9, 0, 0).unwrap();
    window.run();
    assert!(window.query_by_label("10月10日 星期六・调休上班").is_some());
    *clock.borrow_mut() = NaiveDate::from_ymd_opt(2099, 10, 10).unwrap().and_hms_opt(9, 0, 0).unwrap();
    window.run();
    assert!(window.query_by_label("还没有 2099 年的放假安排，工作日只除去周末").is_some());
}

/// 4.5.1: a copy is handed over, signed, comes back and is put into its binder, each with its day.
#[test]
fn clause_4_5_1_a_copy_is_followed_on_its_way() {
    let folder = tempfile::tempdir().unwrap();
    let id = file_book(folder.path(), &[&closed("2026-11-19")])[0];
    let store = Store::open(&folder.path().join("a.book")).unwrap();
    let printed = Deed::Copy { copy: 1, step: CopyStep::Printed, holder: String::new(), on: "2026-11-10".to_owned() };
    store.act(id, &Act { deeds: vec![printed], ..Act::default() }, now()).unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    run(&mut window, Command::Show(View::Papers));
    assert!(window.query_by_label("已打印，还没交出").is_some());
    press(&mut window, "2026-001 第二联 交出");
    assert!(window.get_by_label("2026-001 第二联 交给").is_focused());
    press(&mut window, "2026-001 第二联 记下");
    assert_eq!(step(&store, id), Some(CopyStep::Printed), "first it is written to whom");
    window.get_by_label("2026-001 第二联 交给").focus();
    window.run();
    window.get_by_label("2026-001 第二联 交给").type_text("设备修造部 徐国梁");
    window.run();
    press(&mut window, "2026-001 第二联 记下");
    let read = store.record(id).unwrap().unwrap();
    assert_eq!(read.copy(1), Some((CopyStep::Handed, "设备修造部 徐国梁", "2026-11-20")));
    assert!(window.query_by_label("在外面").is_some() && window.query_by_label("纸质单据 1").is_some());
    for (button, after) in [("已签", CopyStep::Signed), ("收回", CopyStep::Back)] {
        press(&mut window, &format!("2026-001 第二联 {button}"));
        press(&mut window, "2026-001 第二联 记下");
        assert_eq!(step(&store, id), Some(after));
    }
    assert!(window.query_by_label("纸都在卷里，没有在外面的").is_some());
}

/// 4.5.1: a day that has not come, or before the step before, is not put down.
#[test]
fn clause_4_5_1_a_copy_goes_no_way_back_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let id = file_book(folder.path(), &[&closed("2026-11-19")])[0];
    let store = Store::open(&folder.path().join("a.book")).unwrap();
    let holder = "用户".to_owned();
    let handed = Deed::Copy { copy: 0, step: CopyStep::Handed, holder, on: "2026-11-10".to_owned() };
    store.act(id, &Act { deeds: vec![handed], ..Act::default() }, now()).unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    run(&mut window, Command::Show(View::Papers));
    press(&mut window, "2026-001 第一联 收回");
    for (typed, said) in [("9", "早于上一步（11月10日）"), ("2026-12-01", "这一天还没有到"), ("哪天", "日期读不懂")]
    {
        window.get_by_label("2026-001 第一联 日期").focus();
        window.run();
        window.key_press_modifiers(eframe::egui::Modifiers::COMMAND, Key::A);
        window.get_by_label("2026-001 第一联 日期").type_text(typed);
        window.run();
        assert!(window.query_by_label_contains(said).is_some(), "{typed}");
        press(&mut window, "2026-001 第一联 记下");
        assert_eq!(step(&store, id), Some(CopyStep::Handed));
    }
}

fn step(store: &Store, id: RecordId) -> Option<CopyStep> {
    let record = store.record(id).unwrap().unwrap();
    record.copy(1).or(record.copy(0)).map(|it| it.0)
}

fn run(window: &mut Window, command: Command) {
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, command);
    window.run();
}

fn press(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    window.run();
}

/// Numbers handed out on blank paper are paper that is out; one that came back filled in is not.
#[test]
fn blank_sheets_that_were_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    file_book(folder.path(), &[]);
    let (procedure, store) = (procedure(), Store::open(&folder.path().join("a.book")).unwrap());
    let (form, pattern) = (procedure.form(&FormId::from("05")).unwrap(), &procedure.document.number);
    store.reserve(form, pattern, 2026, 3, ("沈䶮", "现场备用 陆喆"), before(20)).unwrap();
    let first = store.numbers(&form.form, 2026).unwrap().remove(0);
    store.take_reserved(form, pattern, &first, now()).unwrap();
    let (window, _) = window(folder.path(), "a.book");
    assert!(window.query_by_label("空白 002–003 现场备用 陆喆　在外 2 张　已用 1 张 20 天").is_some());
}
