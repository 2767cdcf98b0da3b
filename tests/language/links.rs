//! Clocks that stand still, who is told of them, and how sheets hang together.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use taizhang::flow::{self, Others};
use taizhang::list::{List, Summary};
use taizhang::procedure::{Before, Catalog, Form, FormId, Mistake, Person, Procedure};
use taizhang::record::{CellId, Deed, Fact, Record, RecordId, Started};
use taizhang::today::{self, Asking, Part};

use crate::common::now;

const DOCUMENT: &str = r#"
code = "试"
title = "试"
company = "甲厂"
departments = ["客户服务部", "营销部"]

[roles]
service = { name = "服务", department = "客户服务部" }
marketing = { name = "营销", department = "营销部" }

[number]
pattern = "{year}-{sequence}"
digits = 3
"#;

const REPAIR: &str = r#"
form = "01"
edition = "A/0"
short = "呈报表"
code = "试—01"
title = "维修呈报表"
identity = { subject = "customer", date = "called" }
stage = [{ name = "呈报", by = "reporter" }, { name = "批准", by = "approver" }]

[[clock]]
name = "修复"
from = "called"
until = "repaired"
within = "24 hours"
waits = ["用户", "配件"]
levels = [{ after = "20 hours", tells = "service" }]
expired = { shows = "还没有修复", tells = "marketing", proposes = "02" }

[[clock]]
name = "索赔"
from = "called"
until = { started = "02" }
within = "10 days"

[[starts]]
form = "02"
after = "approver"
when = "origin == '配套件'"
rows = "parts"
carries = { report = "number", maker = "maker", part = "text(quantity) + '×' + part", customer = "customer" }

[[writes]]
register = "03"
after = "approver"
rows = "parts"
when = "quantity > 0"
carries = { report = "number", part = "part", quantity = "quantity" }

[[check]]
when = "charged > 0"
says = "三包期内不收费"
at = "charged"

[[check]]
when = "quantity > 10"
says = "多了"
at = "quantity"

[[section]]
title = "呈报"
rows = [
  "h10 用户名称=customer:customer 25|60 · 报修时间=called:moment 25|60",
  "h10 修复时间=repaired:moment 25|60 · 收费=charged:money 25|60",
  "table parts",
  "h10 呈报人/日期:=reporter 170",
]
[[section]]
title = "批准"
rows = ["h10 批准人/日期:=approver 170"]

[table.parts]
name = "换件"
head = 7
lines = 3
height = 7
columns = ["名称=part 80", "数量=quantity:number 30", "件别=origin 30", "厂家=maker 30"]
"#;

const CLAIM: &str = r#"
form = "02"
edition = "A/0"
short = "索赔单"
code = "试—02"
title = "索赔单"
identity = { subject = "customer", date = "written" }
stage = [{ name = "编制", by = "writer" }]

[[needs]]
form = "01"
by = "report"
at = "批准"
before = "sign"
stage = "编制"
when = "maker != '本厂'"

[[section]]
rows = [
  "h10 用户=customer 25|60 · 日期=written:date 25|60",
  "h10 呈报表=report:link 25|60 · 厂家=maker 25|60",
  "h10 零件=part 25|145",
  "h10 编制人/日期:=writer 170",
]
[field]
report = { form = "01" }
"#;

const ISSUE: &str = r#"
form = "03"
edition = "A/0"
short = "发放"
code = "试—03"
title = "发放登记"
paper = "landscape"
identity = { subject = "part", date = "issued" }
[register]
columns = ["序|号=# 12 centred", "日期=issued:date 40", "呈报表=report 60", "零件=part 80", "数量=quantity:number 40"]
"#;

fn files(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let all = [("procedure.toml", DOCUMENT), ("01.toml", REPAIR), ("02.toml", CLAIM), ("03.toml", ISSUE)];
    let changed = |text: &str| changes.iter().fold(text.to_owned(), |text, (old, new)| text.replacen(old, new, 1));
    all.map(|(name, text)| (name.to_owned(), changed(text))).to_vec()
}

fn mistakes(changes: &[(&str, &str)]) -> Vec<String> {
    for (old, _) in changes {
        assert!(files(&[]).iter().any(|it| it.1.contains(old)), "{old}");
    }
    Catalog::check("demo", files(changes)).1.iter().map(Mistake::to_string).collect()
}

fn procedure() -> Procedure {
    let own: Vec<(String, String)> =
        files(&[]).into_iter().map(|(name, text)| (format!("demo/{name}"), text)).collect();
    let mut procedure = Procedure::load(&own).unwrap();
    assert_eq!(procedure.take_office(r#"{"chosen":["demo"]}"#).unwrap(), Vec::<String>::new());
    procedure
}

fn form<'a>(procedure: &'a Procedure, id: &str) -> &'a Form {
    procedure.form(&id.into()).unwrap()
}

/// A sheet in which this is written; `field#2` is the field's third line.
fn record(form: &Form, cells: &[(&str, &str)]) -> Record {
    let mut record = Record::empty(form, now());
    record.number = "2026-007".to_owned();
    for (field, text) in cells {
        let (field, line) = field.split_once('#').map_or((*field, 0), |it| (it.0, it.1.parse().unwrap()));
        record.put(&CellId::in_line(field, 0, line), text);
    }
    record
}

fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

fn deed(record: &mut Record, deed: Deed) {
    record.facts.push(Fact { at: now(), by: "沈䶮".to_owned(), deed });
}

fn waits(whom: &str, since: &str) -> Deed {
    Deed::Waits { whom: whom.to_owned(), why: "钥匙不在".to_owned(), since: since.to_owned() }
}

fn resumes(whom: &str, on: &str) -> Deed {
    Deed::Resumes { whom: whom.to_owned(), on: on.to_owned() }
}

/// What the first clock says: when it is due, or that it stands.
fn repair(procedure: &Procedure, record: &Record) -> String {
    let clock = flow::clocks(procedure, form(procedure, "demo/01"), record)[&0];
    match clock.due {
        _ if clock.stands => "stands".to_owned(),
        Some(due) => format!("{} {:?}", due.at.format("%m-%d %H:%M"), clock.is_kept()),
        None => "none".to_owned(),
    }
}

#[test]
fn what_is_waited_for_does_not_count() {
    let procedure = procedure();
    let mut sheet = record(form(&procedure, "demo/01"), &[("called", "2026-11-18 08:00")]);
    assert_eq!(repair(&procedure, &sheet), "11-19 08:00 None");
    deed(&mut sheet, waits("用户", "2026-11-18 10:00"));
    assert_eq!(repair(&procedure, &sheet), "stands");
    // Two at once are counted once.
    deed(&mut sheet, waits("配件", "2026-11-18 11:00"));
    deed(&mut sheet, resumes("用户", "2026-11-18 13:00"));
    assert_eq!(repair(&procedure, &sheet), "stands", "parts are waited for still");
    deed(&mut sheet, resumes("配件", "2026-11-18 16:00"));
    assert_eq!(repair(&procedure, &sheet), "11-19 14:00 None", "six hours later");
    deed(&mut sheet, waits("领导", "2026-11-18 17:00"));
    assert_eq!(repair(&procedure, &sheet), "11-19 14:00 None", "nobody this clock waits for");
    deed(&mut sheet, waits("用户", "2026-11-19 15:00"));
    assert_eq!(repair(&procedure, &sheet), "11-19 14:00 None", "what ran out before has run out");
    sheet.set(&"repaired".into(), "2026-11-19 13:00");
    assert_eq!(repair(&procedure, &sheet), "11-19 14:00 Some(true)");
}

#[test]
fn a_repair_made_while_somebody_is_waited_for_is_in_time() {
    let procedure = procedure();
    let mut sheet = record(form(&procedure, "demo/01"), &[("called", "2026-11-18 08:00")]);
    deed(&mut sheet, waits("用户", "2026-11-18 10:00"));
    sheet.set(&"repaired".into(), "2026-11-20 09:00");
    assert_eq!(repair(&procedure, &sheet), "11-21 07:00 Some(true)");
    sheet.set(&"repaired".into(), "2026-11-20");
    let issues: Vec<String> =
        flow::issues(&procedure, form(&procedure, "demo/01"), &sheet).into_iter().map(|it| it.message).collect();
    assert_eq!(issues, ["修复时间：缺时刻，“2026-11-20”只写了日期，要写几点几分，如 14:30"]);
}

#[test]
fn who_is_told_of_a_clock_and_when() {
    let procedure = procedure();
    let form = form(&procedure, "demo/01");
    let mut sheet = record(form, &[("called", "2026-11-18 08:00")]);
    let told = |sheet: &Record| -> Vec<String> {
        let told = flow::told(&procedure, form, sheet).into_iter();
        told.map(|it| format!("{} {}", it.at.format("%m-%d %H:%M"), procedure.document.department(it.part))).collect()
    };
    assert_eq!(told(&sheet), ["11-19 04:00 客户服务部", "11-19 08:00 营销部"]);
    deed(&mut sheet, waits("用户", "2026-11-18 10:00"));
    assert!(told(&sheet).is_empty());
    deed(&mut sheet, resumes("用户", "2026-11-18 11:00"));
    assert_eq!(told(&sheet), ["11-19 05:00 客户服务部", "11-19 09:00 营销部"]);
    sheet.set(&"repaired".into(), "2026-11-18 12:00");
    assert!(told(&sheet).is_empty());
}

#[test]
fn a_clock_runs_until_a_sheet_was_started() {
    let procedure = procedure();
    let form = form(&procedure, "demo/01");
    let mut sheet = record(form, &[("called", "2026-11-18 08:00"), ("repaired", "2026-11-18 09:00")]);
    assert_eq!(flow::owed(&procedure, form, &sheet).unwrap().day().to_string(), "2026-11-28");
    let started = |form: &str| Started {
        form: form.into(),
        record: RecordId(9),
        at: at("2026-11-20 10:00"),
        text: String::new(),
    };
    sheet.started.push(started("demo/03"));
    assert!(flow::owed(&procedure, form, &sheet).is_some());
    sheet.started.push(started("demo/02"));
    assert_eq!(flow::owed(&procedure, form, &sheet), None);
    assert_eq!(flow::clocks(&procedure, form, &sheet)[&1].is_kept(), Some(true));
}

const PARTS: [(&str, &str); 8] = [
    ("customer", "乙矿"),
    ("part", "主轴"),
    ("quantity", "2"),
    ("origin", "配套件"),
    ("maker", "丙厂"),
    ("part#1", "油封"),
    ("quantity#1", "12"),
    ("origin#1", "自制件"),
];

#[test]
fn a_line_of_a_table_starts_a_sheet_and_writes_a_line_of_a_register() {
    let procedure = procedure();
    let form = form(&procedure, "demo/01");
    let mut sheet = record(form, &PARTS);
    let start = &form.starts[0];
    let rows = flow::rows(&procedure, form, &sheet, start.rows.as_ref().unwrap());
    assert_eq!(rows.iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["换件 第1行：主轴", "换件 第2行：油封"]);
    let starts = |line| flow::starts(&procedure, form, &sheet, start, Some(line));
    assert!(starts(0) && !starts(1), "only what was bought");
    let into = procedure.form(&start.form).unwrap();
    let row = start.rows.as_ref().zip(Some(0));
    let carried = flow::carried(&procedure, (form, &sheet), into, &start.carries, row);
    let said = |field: &str| carried.at(field, 0).to_owned();
    assert_eq!([said("report"), said("maker"), said("part"), said("customer")], ["2026-007", "丙厂", "2×主轴", "乙矿"]);
    let written = |sheet: &Record| -> Vec<String> {
        let written = flow::writes(&procedure, form, sheet, &"approver".into()).into_iter();
        written
            .map(|it| format!("{} {} {}", it.register, it.values.at("part", 0), it.values.at("quantity", 0)))
            .collect()
    };
    assert_eq!(written(&sheet), ["demo/03 主轴 2", "demo/03 油封 12"]);
    let (form, text) = ("demo/03".into(), "换件 第1行：主轴总成".to_owned());
    sheet.started.push(Started { form, record: RecordId(9), at: now(), text });
    assert_eq!(written(&sheet), ["demo/03 油封 12"], "nothing is written twice");
}

#[test]
fn what_is_wrong_between_cells_is_seen_and_asked_about_when_signing() {
    let procedure = procedure();
    let form = form(&procedure, "demo/01");
    let mut sheet = record(form, &PARTS);
    sheet.set(&"charged".into(), "5");
    let said: Vec<String> =
        flow::checks(&procedure, form, &sheet).into_iter().map(|it| format!("{} {}", it.cell, it.message)).collect();
    assert_eq!(said, ["charged 收费：三包期内不收费", "quantity:2 数量：多了"]);
    let against = flow::against(&procedure, form, &sheet, (&"reporter".into(), None));
    assert_eq!(against.len(), 2);
    assert!(flow::against(&procedure, form, &sheet, (&"approver".into(), None)).is_empty());
    let fields = ["repaired", "maker"].map(|it| (it.into(), "没有".to_owned()));
    let mut signature = flow::Signature {
        name: "沈䶮".to_owned(),
        on: Some(now().date()),
        excused: fields.into_iter().chain([("called".into(), "没有".to_owned())]).collect(),
        against,
        ..flow::Signature::default()
    };
    let sign = |it: &flow::Signature| flow::sign(form, &sheet, &"reporter".into(), it, "", now().date());
    assert!(sign(&signature).unwrap_err().to_string().contains("三包期内不收费"));
    signature.overruled = "用户自愿".to_owned();
    assert_eq!(sign(&signature).unwrap().signed.overruled, "用户自愿");
}

/// A book of one report.
struct One(Record);

impl Others for One {
    fn numbered(&self, form: &FormId, number: &str) -> Option<Record> {
        Some(self.0.clone()).filter(|it| it.form == *form && it.number == number)
    }

    fn beside(&self, _: &FormId, _: &Record) -> Vec<Record> {
        Vec::new()
    }
}

#[test]
fn a_sheet_waits_for_the_one_it_names() {
    let procedure = procedure();
    let claim = form(&procedure, "demo/02");
    let mut report = record(form(&procedure, "demo/01"), &[]);
    let unmet = |written: &str, maker: &str, report: &Record| -> Vec<String> {
        let sheet = record(claim, &[("report", written), ("maker", maker)]);
        let unmet = flow::unmet(&procedure, claim, &sheet, &One(report.clone())).into_iter();
        unmet.map(|it| (assert_eq!((it.before, it.stage), (Before::Sign, 0)), it.says).1).collect()
    };
    assert_eq!(unmet("", "丙厂", &report), ["先要有呈报表，编号写在“呈报表”里"]);
    assert_eq!(unmet("2026-008", "丙厂", &report), ["“呈报表”写的 2026-008 不是呈报表的编号，或已作废"]);
    assert_eq!(unmet("2026-007", "丙厂", &report), ["呈报表 2026-007 还没有签“批准”"]);
    assert!(unmet("", "本厂", &report).is_empty());
    report.set(&"approver".into(), "钱立群");
    assert!(unmet("2026-007", "丙厂", &report).is_empty());
    assert_eq!(unmet("2026-007、2026-008", "丙厂", &report).len(), 1, "each of several");
}

#[test]
fn what_clocks_and_links_name_is_checked_when_it_is_read() {
    for (old, new, said) in [
        ("tells = \"service\"", "tells = \"servce\"", "没有“servce”这个职责，可用：marketing、service"),
        ("proposes = \"02\"", "proposes = \"03\"", "期限“修复”说的“03”不是 [[starts]] 里另起的表单"),
        ("{ started = \"02\" }", "{ started = \"9\" }", "期限“索赔”说的“9”不是 [[starts]] 里另起的表单"),
        ("{ started = \"02\" }", "{ begun = \"02\" }", "不认识的项 `begun`"),
        ("after = \"20 hours\"", "after = \"20 weeks\"", "期限应写成"),
        ("maker = \"maker\"", "makr = \"maker\"", "表单 02 里没有“makr”这一项"),
        ("maker = \"maker\"", "maker = \"makr\"", "“makr”没有对应的 [[field]] 或表"),
        ("text(quantity)", "text(quantiy)", "“quantiy”没有对应的 [[field]] 或表"),
        ("after = \"approver\"", "after = \"charged\"", "“charged”不是哪一个环节的签名格"),
        ("rows = \"parts\"", "rows = \"part\"", "没有“part”这个表"),
        ("register = \"03\"", "register = \"30\"", "没有“30”这种表单"),
        ("by = \"report\"\nat = \"批准\"", "by = \"report\"\nat = \"核准\"", "表单 01 里没有“核准”这个环节"),
        ("before = \"sign\"\nstage = \"编制\"", "before = \"sign\"\nstage = \"编\"", "没有“编”这个环节"),
        ("report = { form = \"01\" }", "report = {}", "kind 为 link 的要有 form"),
        ("report = { form = \"01\" }", "report = { form = \"7\" }", "没有“7”这种表单"),
        ("says = \"三包期内不收费\"\nat = \"charged\"", "says = \"不\"\nat = \"chargd\"", "“chargd”没有对应的"),
        (
            "[number]",
            "[[duty]]\nid = \"d\"\nname = \"报\"\nof = [\"5\"]\nevery = \"year\"\n[number]",
            "没有“5”这种表单",
        ),
        (
            "[number]",
            "[[duty]]\nid = \"d\"\nname = \"报\"\nowner = \"x\"\nof = [\"01\"]\nevery = \"month\"\nby = \"03-31\"\n[number]",
            "没有“x”这个职责",
        ),
        (
            "[number]",
            "[[duty]]\nid = \"d\"\nname = \"报\"\nof = [\"01\"]\nevery = \"month\"\nby = \"03-31\"\n[number]",
            "every 要是 year",
        ),
        (
            "[number]",
            "[[duty]]\nid = \"d\"\nname = \"报\"\nof = [\"01\"]\nevery = \"year\"\nby = \"02-30\"\n[number]",
            "几月几日（03-31），或者上一期过后多久",
        ),
    ] {
        let found = mistakes(&[(old, new)]);
        assert!(found.iter().any(|it| it.contains(said)), "{new}\n  is said to be\n{}", found.join("\n"));
    }
    assert_eq!(mistakes(&[]), Vec::<String>::new());
}

/// A duty by a day of the year, and one by so many working days after the period before.
#[test]
fn duties_are_owed_by_their_days() {
    let procedure = Catalog::of(&[]).procedure(&["sanbao".to_owned()]).unwrap();
    let duty = |id: &str| procedure.document.duties().find(|it| it.id == id).unwrap();
    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    let by = |id: &str, today: &str| duty(id).deadline(&procedure.calendar, day(today)).unwrap().to_string();
    assert_eq!(by("sanbao/plan", "2026-02-01"), "2026-03-31");
    assert!(!duty("sanbao/plan").is_shown(day("2026-02-28")) && duty("sanbao/plan").is_shown(day("2026-03-01")));
    assert_eq!(by("sanbao/month", "2026-11-20"), "2026-11-06", "the first working day is the second");
    assert_eq!(by("sanbao/satisfaction", "2026-11-20"), "2026-10-13", "after the days off of October");
}

/// What a computed cell is made of is known wherever the cell is: to registers, and to clocks.
#[test]
fn a_computed_cell_brings_its_cells_along() {
    let form = Procedure::load(&[(
        "90.toml".to_owned(),
        r#"
form = "90"
edition = "A/0"
short = "试"
code = "90"
title = "试"
identity = { subject = "a", date = "called" }
[[clock]]
name = "办"
from = "called"
until = "done"
within = [{ when = "hard == '难'", term = "3 days" }, "1 day"]
[[section]]
rows = ["h10 甲=a 85 · 日期=called:date 85", "h10 办结=done:date 85 · 难易=hard 85", "h10 分=points:number 170"]
[field]
hard = { is = "twice > 4 ? '难' : '易'" }
[[beside]]
id = "twice"
name = "两倍"
kind = "number"
is = "points * 2"
"#
        .to_owned(),
    )])
    .unwrap();
    let fields: Vec<String> =
        form.form(&"90".into()).unwrap().clock_fields().into_iter().map(|it| it.to_string()).collect();
    assert_eq!(fields, ["called", "done", "hard", "points", "twice"]);
}

/// Two packages that both visit users: each by its own sheets.
#[test]
fn two_packages_visit_their_own_users() {
    use std::collections::BTreeMap;
    use taizhang::customers::{Beside, Customers, due_by_duty};
    use taizhang::list::{List, Summary};

    let duty =
        "[[duty]]\nid = \"call\"\nname = \"回访\"\nof = [\"01\"]\nevery = \"30 days\"\neach = \"customer\"\n\n[number]";
    let own: Vec<(String, String)> =
        files(&[("[number]", duty)]).into_iter().map(|(name, text)| (format!("demo/{name}"), text)).collect();
    let mut procedure = Procedure::load(&own).unwrap();
    procedure.take_office(r#"{"chosen":["qg-r0309","demo"]}"#).unwrap();
    let mut lists = BTreeMap::new();
    for (id, customer, date) in [("01", "甲厂", "2026-01-05"), ("demo/01", "乙矿", "2026-10-01 8:00")] {
        let form = form(&procedure, id);
        let mut sheet = Record::empty(form, now());
        sheet.id = RecordId(lists.len() as i64 + 1);
        let identity = form.identity.as_ref().unwrap();
        sheet.set(&identity.subject, customer);
        sheet.set(&identity.date, date);
        lists.insert(form.form.clone(), List::new(vec![Summary::of(&procedure, form, &sheet).unwrap()]));
    }
    let customers = Customers::of(&procedure, &lists, &Beside::new(), &[]);
    let due = due_by_duty(&procedure, &lists, &customers, now().date());
    let said: Vec<String> = due.iter().map(|it| format!("{} {} {}", it.duty, it.name, it.due)).collect();
    assert_eq!(said, ["visit 甲厂 2026-04-05", "demo/call 乙矿 2026-10-31"]);
}

/// A form with all of it stands beside the procedure's own.
#[test]
fn an_office_s_own_form_may_say_all_of_it() {
    let own = ("linked.toml".to_owned(), include_str!("linked.toml").to_owned());
    let procedure = Procedure::load(&[own]).unwrap_or_else(|it| panic!("{it}"));
    let form = procedure.form(&"91".into()).unwrap();
    assert_eq!((form.clocks.len(), form.starts.len(), form.writes.len(), form.needs.len()), (2, 2, 1, 1));
    assert_eq!(flow::waits(form), ["用户", "配件"]);
    let mut sheet = record(form, &[("called", "2026-11-18 8:00"), ("part", "主轴"), ("quantity", "3")]);
    sheet.set(&"again".into(), "2026-11-19 8:00");
    let due = flow::owed(&procedure, form, &sheet).unwrap();
    assert_eq!(due.at, at("2026-11-20 08:00"), "the first that is written counts");
    // Nothing that cannot be reckoned writes a line or is wrong.
    sheet.set(&"quantity".into(), "三");
    assert!(flow::writes(&procedure, form, &sheet, &"approver".into()).is_empty());
    assert_eq!(flow::checks(&procedure, form, &sheet), []);
}

/// An office's own form in place of one of the program's may lack what another carries into it: nothing is carried there.
#[test]
fn an_own_form_may_lack_what_is_carried_into_it() {
    let old = include_str!("../data/forms-old/03-information.toml");
    let changed = old.replace("\"content\"", "\"contents\"");
    assert_ne!(changed, old);
    let procedure = Procedure::load(&[("03-information.toml".to_owned(), changed)]).unwrap_or_else(|it| panic!("{it}"));
    let forum = procedure.form(&"02".into()).unwrap();
    let start = forum.starts.iter().find(|it| it.form == "03".into()).unwrap();
    let mut sheet = record(forum, &[]);
    start.carries.values().for_each(|_| sheet.set(&forum.identity.as_ref().unwrap().subject, "座谈会"));
    let into = procedure.form(&"03".into()).unwrap();
    let carried = flow::carried(&procedure, (forum, &sheet), into, &start.carries, None);
    assert!(carried.iter().all(|it| into.field(it.0).is_some()));
}

fn procedure_with(changes: &[(&str, &str)]) -> Procedure {
    let own: Vec<(String, String)> =
        files(changes).into_iter().map(|(name, text)| (format!("demo/{name}"), text)).collect();
    let mut procedure = Procedure::load(&own).unwrap();
    procedure.take_office(r#"{"chosen":["demo"]}"#).unwrap();
    procedure
}

#[test]
fn waiting_puts_days_off_by_whole_days_of_all_that_was_waited() {
    let due = |term: &str, times: &[(&str, &str)]| {
        let procedure = procedure_with(&[("24 hours", term)]);
        let mut sheet = record(form(&procedure, "demo/01"), &[("called", "2026-11-18 08:00")]);
        for (since, on) in times {
            deed(&mut sheet, waits("用户", &format!("2026-11-{since}")));
            deed(&mut sheet, resumes("用户", &format!("2026-11-{on}")));
        }
        repair(&procedure, &sheet)
    };
    assert_eq!(due("3 days", &[]), "11-21 23:59 None");
    let midnights = [("18 23:50", "19 00:10"), ("19 23:50", "20 00:10")];
    assert_eq!(due("3 days", &midnights), "11-21 23:59 None", "forty minutes are no days");
    assert_eq!(due("3 days", &[("18 10:00", "19 11:00")]), "11-22 23:59 None");
    assert_eq!(due("3 days", &[("18 09:00", "18 22:00"), ("19 09:00", "19 22:00")]), "11-22 23:59 None");
    assert_eq!(due("3 working days", &[]), "11-23 23:59 None");
    assert_eq!(due("3 working days", &[("20 17:00", "23 08:00")]), "11-23 23:59 None", "a Sunday is no working day");
    assert_eq!(due("3 working days", &[("19 08:00", "23 08:00")]), "11-25 23:59 None");
}

#[test]
fn waiting_is_not_dated_back_behind_what_was_done_or_ran_out() {
    let procedure = procedure();
    let form = form(&procedure, "demo/01");
    let refused = |sheet: &Record, deed: &Deed| {
        flow::waiting_refusal(&procedure, form, sheet, deed, now()).map(String::from).unwrap_or_default()
    };
    let silent = |since: &str| Deed::Waits { whom: "用户".to_owned(), why: String::new(), since: since.to_owned() };
    let mut sheet = record(form, &[("called", "2026-11-18 08:00")]);
    assert_eq!(refused(&sheet, &silent("2026-11-18 10:00")), "“修复”已经到期，过后补记等待要写明为什么等");
    assert_eq!(refused(&sheet, &waits("用户", "2026-11-18 10:00")), "");
    assert_eq!(refused(&sheet, &silent("2026-11-19 10:00")), "", "it takes nothing back");
    assert_eq!(refused(&sheet, &silent("2026-11-20 10:00")), "等待的时刻认不出，或还没有到；可写 11.20 14:30");
    assert_eq!(refused(&sheet, &resumes("用户", "2026-11-19 10:00")), "没有在等用户");
    sheet.set(&"reporter".into(), "沈䶮");
    sheet.set(&"reporter_date".into(), "2026-11-19");
    assert_eq!(refused(&sheet, &waits("用户", "2026-11-18 10:00")), "等待不能从“呈报”签署的 2026-11-19 以前算起");
    // Nor does one that another program wrote into the book take back what ran out.
    deed(&mut sheet, silent("2026-11-18 10:00"));
    assert_eq!(repair(&procedure, &sheet), "11-19 08:00 None");
    assert_eq!(refused(&sheet, &waits("用户", "2026-11-19 10:00")), "已经在等用户了；到了就点“继续”");
    let back = refused(&sheet, &resumes("用户", "2026-11-18 09:00"));
    assert_eq!(back, "继续的时刻不能早于开始等的 2026-11-18 10:00");
    let [case, binder, on] = ["1", "1", "2026-11-20"].map(str::to_owned);
    deed(&mut sheet, Deed::Filed { case, binder, on });
    assert_eq!(refused(&sheet, &resumes("用户", "2026-11-19 10:00")), "这张单已经归档，不再记等待");
}

#[test]
fn a_part_played_by_two_departments_is_told_to_both() {
    let both = ("departments = [\"客户服务部\", \"营销部\"]", "departments = [\"客户服务部\", \"营销部、商务部\"]");
    let part = ("department = \"营销部\" }", "department = \"营销部、商务部\" }");
    let procedure = procedure_with(&[both, part]);
    let form = form(&procedure, "demo/01");
    let sheet = record(form, &[("customer", "癸厂"), ("called", "2026-11-18 08:00")]);
    let list = List::new(Summary::of(&procedure, form, &sheet).into_iter().collect());
    let lists = BTreeMap::from([(form.form.clone(), list)]);
    let papers = today::places(&procedure, &lists, &[], now().date());
    let overdue = |department: &str| {
        let own = Person { name: "何锃".to_owned(), department: department.to_owned(), ..Person::default() };
        let lines = &BTreeMap::new();
        let asking = Asking {
            procedure: &procedure,
            lists: &lists,
            lines,
            visits: &[],
            papers: &papers,
            own: Some(&own),
            now: now(),
        };
        let sections = today::owed(&asking).sections.into_iter().filter(|it| it.part == Part::Overdue);
        sections.map(|it| it.count).sum::<usize>()
    };
    assert_eq!(["营销部", "商务部", "务部"].map(overdue), [1, 1, 0]);
}
