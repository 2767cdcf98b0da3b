//! Several packages beside each other: which are offered, what a book chooses, how their ids keep apart.

use chrono::NaiveDate;
use taizhang::calendar::Term;
use taizhang::flow;
use taizhang::procedure::{Catalog, Change, Document, FormId, Mistake, Procedure, Value};
use taizhang::record::Record;

const DOCUMENT: &str = r#"
code = "试—2008"
title = "服务提供控制程序"
edition = "2008"
issued = 2008-05-01
company = "甲厂"
departments = ["客户服务部", "质保部"]
posts = ["总经理"]
distribution = [{ department = "质保部" }, { department = "客户服务部", copies = 2 }]
changes = [{ edition = "2008", date = 2008-05-01, what = "新订" }]
signed = [{ label = "核准" }, { label = "审查" }, { label = "制定", by = "沈䶮", date = 2008-04-20 }]

[roles]
service = { name = "派工", department = "客户服务部", clause = "4.2.3" }
quality = { name = "监督", department = "质保部" }

[number]
pattern = "{year}-{sequence}"
digits = 4

[[setting]]
id = "urgent"
name = "急件"
unit = "天"
default = 5
most = 30
"#;

/// What a book brings along as files is written beside it by name: a name that is no form's is none.
#[test]
fn only_form_files_are_taken_into_a_book() {
    let taken = |name: &str| {
        let office = serde_json::json!({ "taken": { "demo": { name: "" } } }).to_string();
        Catalog::of(&[]).procedure(&["sanbao".to_owned()]).unwrap().take_office(&office)
    };
    for name in ["a.exe", "toml", "con.toml", "LPT1.x.toml", "com².toml", "a.toml.", "a.toml ", ".toml", "../a.toml"] {
        assert!(taken(name).is_err(), "{name}");
    }
    for name in ["02-派工.toml", "console.toml", "com.toml", "COM10.toml", "A.TOML"] {
        let said = taken(name).err().unwrap_or_default();
        assert!(!said.contains("文件名") && !said.contains("不是表单文件"), "{name}: {said}");
    }
}

const DISPATCH: &str = r#"
form = "02"
edition = "A/0"
short = "派工单"
code = "试—02"
title = "三包服务派工单"
owner = "service"
identity = { subject = "customer", date = "called" }
stage = [{ name = "派工", by = "dispatcher", whose = { role = "service" } }]

[[section]]
rows = ["h10 用户名称=customer:customer 25|60 · 报修日期=called:date 25|60", "h40 故障现象:=fault:text 170", "h10 派工人/日期:=dispatcher 170"]
"#;

fn files(document: &str, dispatch: &str) -> Vec<(String, String)> {
    [("demo/procedure.toml", document), ("demo/02-dispatch.toml", dispatch)]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .to_vec()
}

fn own() -> Vec<(String, String)> {
    files(DOCUMENT, DISPATCH)
}

const BOTH: &str = r#"{"chosen":["demo","qg-r0309"]}"#;

#[test]
fn a_folder_is_offered_and_brings_nothing_until_it_is_chosen() {
    let procedure = Procedure::load(&own()).unwrap();
    assert!(procedure.form(&"demo/02".into()).is_none() && procedure.form(&"05".into()).is_some());
    let offered = procedure.catalog.offered();
    let demo = offered.iter().find(|it| it.name == "demo").unwrap();
    assert!(demo.own && demo.mistakes.is_empty() && demo.forms.len() == 1);
    let package = &demo.document.as_ref().unwrap().packages[0];
    assert_eq!((package.posts.len(), package.distribution[1].copies, package.signed[2].by.as_str()), (1, 2, "沈䶮"));
    assert_eq!(package.roles.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["派工", "监督"], "in their order");
    let built_in = offered.iter().find(|it| it.name == "qg-r0309").unwrap();
    assert!(!built_in.own && built_in.mistakes.is_empty() && built_in.forms.len() == 6);
}

#[test]
fn what_a_book_chose_stands_side_by_side() {
    let mut procedure = Procedure::load(&own()).unwrap();
    procedure.take_office(BOTH).unwrap();
    let form = procedure.form(&"demo/02".into()).unwrap();
    assert_eq!(form.form.package(), "demo");
    assert_eq!(form.owner.as_ref().unwrap().as_str(), "demo/service");
    assert_eq!(form.stages[0].date.as_ref().unwrap().as_str(), "dispatcher_date");
    let document = &procedure.document;
    assert_eq!(document.department("demo/service"), "客户服务部");
    assert_eq!(document.department("acceptance"), "技术质安部");
    assert!(document.departments.starts_with(&["技术质安部".to_owned()]), "the first package's come first");
    assert_eq!(document.pattern(&form.form).format(2026, 7), "2026-0007");
    assert_eq!(document.pattern(&"05".into()).format(2026, 7), "2026-007");
    assert_eq!(document.setting_of(&form.form, "urgent"), Some(&Value::Number(5)));
    assert_eq!(document.setting_of(&"05".into(), "urgent"), Some(&Value::Number(2)));
    let names: Vec<&str> = procedure.files.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names[..3], ["程序文件", "程序文件 demo", "放假安排"]);
    assert!(names.contains(&"表单 demo/02（A/0）") && names.contains(&"表单 05（D/0）"));
    // What is kept says it again, and a book without a choice goes back to the first.
    let kept = document.to_keep(None).unwrap();
    let mut again = Procedure::load(&own()).unwrap();
    again.take_office(&kept).unwrap();
    assert_eq!(again.document, procedure.document);
    again.take_office("{}").unwrap();
    assert!(again.form(&"demo/02".into()).is_none() && again.form(&"05".into()).is_some());
}

#[test]
fn a_choice_that_is_not_there_is_passed_over_and_kept() {
    let mut procedure = Procedure::load(&[]).unwrap();
    let said = procedure.take_office(r#"{"chosen":["gone"],"company":"乙厂"}"#).unwrap();
    assert_eq!(said, ["程序包“gone”没有用上：文件夹不在了"]);
    assert!(procedure.form(&"05".into()).is_some());
    assert!(procedure.document.to_keep(None).unwrap().contains(r#""chosen":["gone"]"#));
}

#[test]
fn a_wrong_package_keeps_nobody_from_work_until_it_is_chosen() {
    let mut procedure = Procedure::load(&files(DOCUMENT, &DISPATCH.replace("170\"", "175\""))).unwrap();
    let before = procedure.document.clone();
    // Ticked now, it is refused; in a book that chose it, the others are worked by, and it is told.
    let said =
        procedure.go_by(Document { chosen: vec!["qg-r0309".into(), "demo".into()], ..before.clone() }).unwrap_err();
    assert!(said.contains("demo/02-dispatch.toml 第 12 行") && said.contains("宽度共 175 毫米"), "{said}");
    assert_eq!(procedure.document, before);
    let said = procedure.take_office(BOTH).unwrap().join("");
    assert!(said.contains("demo/02-dispatch.toml 第 12 行") && said.contains("宽度共 175 毫米"), "{said}");
    assert_eq!(Document { chosen: before.chosen.clone(), ..procedure.document }, before);
}

/// What stands in a wrong package, and all that is said of it.
#[test]
fn every_mistake_of_a_package_is_told() {
    let document = DOCUMENT
        .replace("department = \"客户服务部\", clause", "department = \"客户服部\", clause")
        .replace("{ department = \"质保部\" }", "{ department = \"质检部\" }")
        .replace("default = 5", "default = 50");
    let dispatch = DISPATCH.replace("owner = \"service\"", "owner = \"servce\"\nmain = 3");
    let (_, found) = Catalog::check(
        "demo",
        vec![
            ("procedure.toml".to_owned(), document),
            ("02-dispatch.toml".to_owned(), dispatch.clone()),
            (
                "03-again.toml".to_owned(),
                dispatch.replace("servce", "service").replace("main = 3", "starts = [{ form = \"9\" }]"),
            ),
        ],
    );
    let said: Vec<String> = found.iter().map(Mistake::to_string).collect();
    let wanted = [
        "procedure.toml 第 9 行第 32 列：没有“质检部”这个部门",
        "procedure.toml 第 14 行第 39 列：没有“客户服部”这个部门，可用：客户服务部、质保部；想写的大概是 `客户服务部`",
        "procedure.toml 第 25 行第 11 列：急件应是 0 到 30 的整数（天）",
        "02-dispatch.toml 第 7 行第 9 列：没有“servce”这个职责，可用：quality、service；想写的大概是 `service`",
        "02-dispatch.toml 第 8 行第 8 列：类型不对：integer `3`，应为 a boolean",
        "03-again.toml 第 2 行第 8 列：表单 02 的“A/0”版在 02-dispatch.toml 里已经有了",
        "03-again.toml 第 8 行第 20 列：没有“9”这种表单，可用：02",
    ];
    assert_eq!(said.len(), wanted.len(), "{}", said.join("\n"));
    for (said, wanted) in said.iter().zip(wanted) {
        assert!(said.contains(wanted), "{said}\n  is not\n{wanted}");
    }
}

#[test]
fn an_office_s_own_package_does_not_stand_bare() {
    let (_, found) = Catalog::check("demo", vec![("procedure.toml".to_owned(), DOCUMENT.to_owned())]);
    assert!(found.is_empty(), "{found:?}");
    let own = files(&format!("bare = true\n{DOCUMENT}"), DISPATCH);
    let mut procedure = Procedure::load(&own).unwrap();
    assert!(procedure.take_office(BOTH).unwrap().join("").contains("自有的程序包不能写 bare"));
}

/// Each package counts by its own hours, whichever was chosen first.
#[test]
fn each_package_keeps_its_own_hours() {
    let document = format!("{DOCUMENT}\n[hours]\nworks = [\"9:00-11:00\"]\n");
    let clock =
        "[[clock]]\nname = \"答复\"\nfrom = \"entered\"\nuntil = \"dispatcher\"\nwithin = \"2 working hours\"\n";
    let dispatch = DISPATCH.replace("[[section]]", &format!("{clock}\n[[section]]"));
    let mut procedure = Procedure::load(&files(&document, &dispatch)).unwrap();
    procedure.take_office(BOTH).unwrap();
    let form = procedure.form(&"demo/02".into()).unwrap();
    // A Friday afternoon, when the first package's works are still at work.
    let entered = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap().and_hms_opt(15, 0, 0).unwrap();
    let due = flow::owed(&procedure, form, &Record::empty(form, entered)).unwrap();
    assert_eq!(due.at.to_string(), "2026-11-23 11:00:00");
    assert_eq!(due.words(&procedure, entered), "还有 2 个工作小时");
    let two = Term::parse("2 working hours").unwrap();
    assert_eq!(two.from(procedure.calendar_of(&"05".into()), entered).to_string(), "2026-11-20 17:00:00");
}

/// What is said of all sheets is said package by package.
#[test]
fn a_package_that_does_not_stand_bare_is_numbered_as_the_office_says() {
    let mut procedure = Procedure::load(&own()).unwrap();
    procedure.take_office(BOTH).unwrap();
    let (sheet, every) = ("demo/02".into(), FormId::all_of("demo"));
    let changed = |document: &Document, change| document.changed(&change).unwrap();
    let document = changed(&procedure.document, Change::Pattern(Some(every.clone()), "F{year}-{sequence}".to_owned()));
    assert_eq!(document.pattern(&sheet).format(2026, 7), "F2026-0007");
    assert_eq!(document.pattern(&"05".into()).format(2026, 7), "2026-007");
    let own = changed(&document, Change::Digits(Some(sheet.clone()), "2".to_owned()));
    assert_eq!(own.pattern(&sheet).format(2026, 7), "F2026-07");
    let kept = document.to_keep(None).unwrap();
    procedure.take_office(&kept).unwrap();
    assert_eq!(procedure.document.pattern(&sheet).format(2026, 7), "F2026-0007");
    let back = changed(&document, Change::OwnPattern(every, false));
    assert_eq!(back.pattern(&sheet).format(2026, 7), "2026-0007");
}

/// A package in the book goes with it, before whatever lies beside; only what is chosen is read.
#[test]
fn a_package_in_the_book_needs_nothing_beside_it() {
    let files = |dispatch: &str| {
        let files = [("procedure.toml", DOCUMENT), ("02-dispatch.toml", dispatch)];
        files.map(|(name, text)| (name.to_owned(), text.to_owned())).into()
    };
    let procedure = Procedure::load(&own()).unwrap();
    let change = Change::Taken("demo".to_owned(), Some(procedure.catalog.own_files("demo")));
    let mut taken = procedure.document.changed(&change).unwrap();
    assert_eq!(taken.taken["demo"], files(DISPATCH));
    taken.chosen = vec!["demo".to_owned()];
    let kept = taken.to_keep(None).unwrap();
    // Beside the book lies another one that is wrong, and a wrong form of a package that is not chosen.
    let beside = [("demo/02-dispatch.toml", "form = 7"), ("99.toml", "form = 7")];
    let beside: Vec<_> = beside.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    let mut procedure = Procedure::load_for(beside, Some(&kept)).unwrap();
    assert!(procedure.form(&"demo/02".into()).is_some() && procedure.form(&"05".into()).is_none());
    assert_eq!(procedure.take_office(&kept).unwrap(), [""; 0]);
    assert_eq!(procedure.document.taken, taken.taken);
    // A name that leads elsewhere is none.
    for name in ["../../x", "a/b", ".x", "c:x"] {
        let change = Change::Taken("demo".to_owned(), Some([(name.to_owned(), String::new())].into()));
        assert!(procedure.document.changed(&change).unwrap_err().contains("文件名"), "{name}");
    }
    let back = procedure.document.changed(&Change::Taken("demo".to_owned(), None)).unwrap();
    assert!(procedure.go_by(back).is_err(), "what lies beside is wrong");
}
