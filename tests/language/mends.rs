//! What writing whole packages asked of the language: lines that belong together, names, dates in narrow cells, blanks.

use std::collections::BTreeMap;

use taizhang::exchange;
use taizhang::expression::{Expression, Scope};
use taizhang::flow;
use taizhang::layout::{Look, Mark, Page, register, sheet};
use taizhang::list::{List, Summary};
use taizhang::procedure::{Catalog, Change, Form, Procedure};
use taizhang::record::{CellId, Record, RecordId, Started, Values};
use taizhang::register::entries;
use taizhang::store::{Act, Store};
use taizhang::today::{self, Asking, Part};

use crate::common::{now, page_text};

/// A form of an office's own, of these lines.
fn try_own(text: &str) -> Result<Procedure, String> {
    let head = "form = \"07\"\nedition = \"A/0\"\nshort = \"试\"\ncode = \"试—07\"\ntitle = \"试表\"\n";
    Procedure::load(&[("07.toml".to_owned(), format!("{head}{text}"))]).map_err(|it| it.to_string())
}

fn own(text: &str) -> Procedure {
    try_own(text).unwrap_or_else(|error| panic!("{error}"))
}

fn form(procedure: &Procedure) -> &Form {
    procedure.form(&"07".into()).unwrap()
}

fn empty(procedure: &Procedure) -> Record {
    Record::empty(form(procedure), now())
}

fn put(record: &mut Record, field: &str, line: usize, text: &str) {
    record.put(&CellId::in_line(field, 0, line), text);
}

/// What the cell of a line says.
fn says(procedure: &Procedure, record: &Record, field: &str, line: usize) -> String {
    let form = form(procedure);
    let cell = CellId::in_line(field, 0, line);
    record.says(form, &procedure.calendar, form.field(&field.into()).unwrap(), &cell, 0)
}

fn pages(procedure: &Procedure, record: &Record) -> Vec<Page> {
    sheet(procedure, form(procedure), record, &Look { signatures: true, ..Look::default() })
}

/// All that is set, a text each.
fn texts(pages: &[Page]) -> Vec<String> {
    let marks = pages.iter().flat_map(|it| &it.marks);
    let text = |it: &Mark| match it {
        Mark::Text(text) => Some(text.text.clone()),
        Mark::Line { .. } | Mark::Frame { .. } | Mark::Stamp { .. } | Mark::Picture { .. } => None,
    };
    marks.filter_map(text).collect()
}

const PAIRED: &str = r#"
[[section]]
rows = ["table back", "table got"]

[table.back]
name = "退货"
head = 8
lines = 3
height = 8
columns = ["序号=# 10", "退货数=returned:number 160"]

[table.got]
name = "实收"
paired = "back"
head = 8
lines = 3
height = 8
columns = ["实收数=counted:number 60", "差异=difference:number 110"]

[[check]]
when = "counted > returned"
says = "收的比退的多"
at = "counted"

[field]
difference = { is = "counted - returned" }
"#;

/// Lines that belong together, one to one, reckon with each other.
#[test]
fn a_paired_line_reads_its_own_line_of_the_other_table() {
    let procedure = own(PAIRED);
    let mut record = empty(&procedure);
    for (line, (returned, counted)) in [("5", "5"), ("9", "7"), ("4", "1")].into_iter().enumerate() {
        put(&mut record, "returned", line, returned);
        put(&mut record, "counted", line, counted);
    }
    let said: Vec<String> = (0..3).map(|it| says(&procedure, &record, "difference", it)).collect();
    assert_eq!(said, ["0", "-2", "-3"]);
    put(&mut record, "counted", 1, "10");
    let wrong = flow::checks(&procedure, form(&procedure), &record);
    assert_eq!(wrong.into_iter().map(|it| it.cell).collect::<Vec<_>>(), [CellId::in_line("counted", 0, 1)]);
}

#[test]
fn a_fixed_line_reckons_with_what_it_is_called() {
    let procedure = own(r#"
[[section]]
rows = ["table asked"]
[table.asked]
name = "评价"
head = 8
lines = 2
height = 8
rows = ["产品质量", "服务"]
columns = ["项目=@ 40", "权重=weight:number 130"]
[field]
weight = { is = "label == '服务' ? 3 : 1" }
"#);
    let record = empty(&procedure);
    assert_eq!([0, 1].map(|it| says(&procedure, &record, "weight", it)), ["1", "3"]);
    let free = try_own("[[section]]\nrows = [\"h10 甲=a 170\"]\n[field]\na = { is = \"label\" }\n").unwrap_err();
    assert!(free.contains("“label”"), "{free}");
}

#[test]
fn a_label_with_a_kind_is_no_signature() {
    let procedure = own("[[section]]\nrows = [\"h10 批号/日期=batch:line 25|60 · 经办人/日期=maker 85\"]\n");
    let form = form(&procedure);
    let batch = form.field(&"batch".into()).unwrap();
    assert_eq!((batch.name.as_str(), batch.signature), ("批号/日期", false));
    assert!(form.field(&"batch_date".into()).is_none() && form.field(&"maker_date".into()).is_some());
}

#[test]
fn a_computed_cell_may_name_what_the_office_set() {
    let text = |is: &str| {
        format!("[[section]]\nrows = [\"h10 甲=a:number 85 · 乙=b 85\"]\n[field]\nb = {{ is = \"{is}\" }}\n")
    };
    let mut procedure = own(&text("text(setting.ordinary * a) + '/' + text(rounds) + '/' + number"));
    let mut record = empty(&procedure);
    put(&mut record, "a", 0, "3");
    record.number = "2026-009".to_owned();
    assert_eq!(says(&procedure, &record, "b", 0), "21/1/2026-009");
    let nine = procedure.document.changed(&Change::Setting("ordinary".into(), "9".to_owned())).unwrap();
    procedure.go_by(nine).unwrap();
    assert_eq!(says(&procedure, &record, "b", 0), "27/1/2026-009");
    let wrong = try_own(&text("setting.ordinery")).unwrap_err();
    assert!(wrong.contains("没有“ordinery”这个设置") && wrong.contains("ordinary"), "{wrong}");
    // Where a sheet stands may follow from its computed cells: these do not follow from where it stands.
    assert!(try_own(&text("stage")).unwrap_err().contains("“stage”"));
}

#[test]
fn a_date_stands_in_figures_where_it_does_not_fit_written_out() {
    let procedure = own("[[section]]\nrows = [\"h9 日期=day:date 15|21 · 甲=a 134\", \"h9 日期=wide:date 15|155\"]\n");
    let mut record = empty(&procedure);
    let blank = pages(&procedure, &record);
    let slot = blank[0].slots.iter().find(|it| it.cell.field.as_str() == "day").unwrap().rect;
    for mark in &blank[0].marks {
        if let Mark::Text(it) = mark
            && it.text == "日"
            && slot.top() < it.at.y
            && it.at.y < slot.bottom()
        {
            assert!(it.at.x + it.size <= slot.right(), "{it:?} {slot:?}");
        }
    }
    put(&mut record, "day", 0, "2026-11-20");
    put(&mut record, "wide", 0, "2026-11-20");
    let said = texts(&pages(&procedure, &record));
    assert!(said.contains(&"2026-11-20".to_owned()) && said.contains(&"2026年11月20日".to_owned()), "{said:?}");
}

const LINES: &str = r#"
paper = "landscape"
identity = { subject = "customer", date = "day" }
[register]
slots = 12
slot_height = 11
head_height = 12
columns = [
  "序号=# 12", "日期=day:date 22", "用户=customer:customer 100",
  { head = ["金额"], width = 30, field = "amount", sum = true },
]
[[beside]]
id = "amount"
name = "金额"
kind = "money"
"#;

#[test]
fn a_register_writes_narrow_dates_in_figures_and_sums_up_no_blank() {
    let procedure = own(LINES);
    let form = form(&procedure);
    let blank: Vec<Page> = register(&procedure, form, &[]).unwrap().iter().collect();
    assert!(!texts(&blank).iter().any(|it| it == "合计" || it == "0"), "{:?}", texts(&blank));
    let mut record = empty(&procedure);
    put(&mut record, "day", 0, "2026-11-20");
    put(&mut record, "amount", 0, "12");
    let lines = entries(&procedure, form, [record]);
    let text = texts(&register(&procedure, form, &lines).unwrap().iter().collect::<Vec<_>>());
    assert!(text.contains(&"2026-11-20".to_owned()) && text.contains(&"合计".to_owned()), "{text:?}");
}

#[test]
fn a_table_without_a_head_has_none() {
    let procedure = own(&PAIRED.replace("head = 8", "head = 0"));
    let said = texts(&pages(&procedure, &empty(&procedure)));
    assert!(!said.iter().any(|it| it == "退货数" || it == "差异"), "{said:?}");
}

fn package(name: &str) -> Procedure {
    Catalog::of(&[]).procedure(&[name.to_owned()]).unwrap_or_else(|it| panic!("{it}"))
}

fn created(store: &Store, procedure: &Procedure, id: &str, cells: &[(&str, &str)]) -> Record {
    let mut values = Values::new();
    cells.iter().for_each(|(field, text)| drop(values.put(&(*field).into(), 0, text)));
    let form = procedure.form(&id.into()).unwrap();
    store.create_with(form, procedure.document.pattern(&form.form), &values, &Act::default(), now()).unwrap()
}

#[test]
fn a_table_of_nothing_numbers_no_line() {
    let procedure = package("qp78");
    let store = Store::in_memory().unwrap();
    let mut record = created(&store, &procedure, "qp78/12", &[("counted_for", "2026年10月")]);
    let form = procedure.form(&record.form).unwrap();
    store.complete(&procedure, &mut record).unwrap();
    let said = texts(&sheet(&procedure, form, &record, &Look::default()));
    assert!(said.contains(&"本期无退货".to_owned()) && !said.contains(&"1".to_owned()), "{said:?}");
}

/// What was written down of counted sheets goes out and comes back as what it is.
#[test]
fn what_was_counted_comes_back_from_an_exchange_file() {
    let procedure = package("qp78");
    let store = Store::in_memory().unwrap();
    let asked =
        [("asked", "2026-10-08"), ("customer", "甲厂"), ("item", "阀芯"), ("delivered", "100"), ("returned", "7")];
    created(&store, &procedure, "qp78/11", &asked);
    let report = created(&store, &procedure, "qp78/12", &[("counted_for", "2026年10月")]);
    let form = procedure.form(&report.form).unwrap();
    let sources = store.sources(&procedure, form, &report).unwrap();
    let mut cells = taizhang::register::reckoned(&procedure, form, &report, &sources);
    cells.push((CellId::new("compiler", 0), "沈䶮".to_owned()));
    store.act(report.id, &Act { cells, ..Act::default() }, now()).unwrap();
    let kept = store.record(report.id).unwrap().unwrap();
    assert_eq!(kept.rounds[0].at("returned", 0), "7");
    let json = exchange::to_json(&procedure, &kept, now().date());
    let text = serde_json::json!({ "formqp78/12": [json] }).to_string();
    let back = exchange::read(&text, &procedure, now()).unwrap().remove(0);
    assert_eq!(back.rounds, kept.rounds);
    // What is not written down yet is reckoned here, and nobody's entry.
    let mut fresh = store.record(report.id).unwrap().unwrap();
    fresh.put(&CellId::new("compiler", 0), "");
    let json = exchange::to_json(&procedure, &fresh, now().date());
    let text = serde_json::json!({ "formqp78/12": [json] }).to_string();
    let back = exchange::read(&text, &procedure, now()).unwrap().remove(0);
    assert_eq!(back.rounds[0].iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), ["counted_for"]);
}

/// A month's report that is both a duty and made each month is owed once; a duty of a form that is not used is not owed.
#[test]
fn what_is_owed_is_owed_once() {
    let owed = |procedure: &Procedure, form: &str, made: &[(&str, &str)]| -> Vec<String> {
        let store = Store::in_memory().unwrap();
        let report = created(&store, procedure, form, made);
        let of = procedure.form(&report.form).unwrap();
        let list = List::new(Summary::of(procedure, of, &report).into_iter().collect());
        let lists = BTreeMap::from([(of.form.clone(), list)]);
        let papers = today::places(procedure, &lists, &[], now().date());
        let asking = Asking {
            procedure,
            lists: &lists,
            lines: &BTreeMap::new(),
            visits: &[taizhang::customers::Visit {
                name: "甲厂".to_owned(),
                duty: "demo/call".to_owned(),
                last: None,
                due: now().date(),
            }],
            papers: &papers,
            own: None,
            now: now(),
        };
        let sections = today::owed(&asking).sections.into_iter().filter(|it| it.part == Part::Duties);
        sections.flat_map(|it| it.lines).map(|it| format!("{} {}", it.head, it.words)).collect()
    };
    let files = |duty: &str, form: &str| {
        let document = format!(
            "code = \"试\"\ntitle = \"试\"\ncompany = \"\"\ndepartments = [\"甲部\"]\n[roles]\na = {{ department = \"甲部\" }}\n\
             [number]\npattern = \"{{year}}-{{sequence}}\"\ndigits = 3\n\
             [[setting]]\nid = \"visits\"\nname = \"回访\"\ndefault = false\n{duty}"
        );
        let form = format!(
            "form = \"01\"\nedition = \"A/0\"\nshort = \"月报\"\ncode = \"试—01\"\ntitle = \"月报\"\nowner = \"a\"\n{form}\
             identity = {{ subject = \"month\", date = \"day\" }}\nstage = [{{ name = \"编制\", by = \"maker\" }}]\n\
             [[section]]\nrows = [\"h10 月份=month 85 · 日期=day:date 85\", \"h10 编制/日期=maker 170\"]\n"
        );
        let files = [("demo/procedure.toml".to_owned(), document), ("demo/01.toml".to_owned(), form)];
        Catalog::of(&files).procedure(&["demo".to_owned()]).unwrap_or_else(|it| panic!("{it}"))
    };
    let duty =
        |more: &str| format!("[[duty]]\nid = \"call\"\nname = \"月报\"\nof = [\"01\"]\nsays = \"要做\"\n{more}\n");
    let monthly = files(&duty("every = \"month\"\nby = \"5 working days\""), "every = \"month\"\nperiod = \"month\"\n");
    assert_eq!(monthly.document.company, "", "the office says who it is");
    let said = owed(&monthly, "demo/01", &[("month", "2026年9月"), ("day", "2026-09-30")]);
    assert_eq!(said.len(), 1, "{said:?}");
    let customers = duty("every = \"30 days\"\neach = \"customer\"");
    let used = files(&customers, "");
    assert_eq!(owed(&used, "demo/01", &[("day", "2026-09-30")]).len(), 1);
    let off = files(&customers, "option = \"visits\"\n");
    assert_eq!(owed(&off, "demo/01", &[("day", "2026-09-30")]), [""; 0]);
}

/// A second round's lines are its own, whatever stands in the first cell.
#[test]
fn each_round_writes_its_own_lines() {
    let parts = r#"
spine = 20
identity = { subject = "customer", date = "maker_date" }
stage = [{ name = "编制", by = "maker", verdict = ["通过", { word = "重做", goes = "编制" }] }]
[[writes]]
register = "08"
rows = "parts"
after = "maker"
carries = { part = "part" }
[[section]]
title = "甲"
repeats = true
rows = ["h10 用户=customer 150", "table parts", "h10 编制/日期=maker 150"]
[table.parts]
name = "换件"
head = 8
lines = 3
height = 8
columns = ["零件=part 150"]
"#;
    let head = "edition = \"A/0\"\nshort = \"试\"\ncode = \"试\"\ntitle = \"试表\"\n";
    let lines = "paper = \"landscape\"\nidentity = { subject = \"part\", date = \"day\" }\n[register]\ncolumns = [\"序号=# 12\", \"零件=part 40\", \"日期=day:date 40\"]\n";
    let files = [("07.toml", "07", parts), ("08.toml", "08", lines)]
        .map(|(name, id, text)| (name.to_owned(), format!("form = \"{id}\"\n{head}{text}")));
    let procedure = Procedure::load(&files).unwrap_or_else(|error| panic!("{error}"));
    let mut record = empty(&procedure);
    put(&mut record, "part", 0, "阀芯");
    let written = |record: &Record| flow::writes(&procedure, form(&procedure), record, &"maker".into());
    let first = written(&record);
    assert_eq!(first.len(), 1);
    let (of, text) = ("08".into(), first[0].text.clone());
    record.started.push(Started { form: of, record: RecordId(9), at: now(), text });
    assert_eq!(written(&record), []);
    record.rounds.push(Values::new());
    record.put(&CellId::in_line("part", 1, 0), "阀芯");
    let second = written(&record);
    assert_eq!(second.len(), 1);
    let (of, text) = ("08".into(), second[0].text.clone());
    record.started.push(Started { form: of, record: RecordId(10), at: now(), text });
    assert_eq!(written(&record), [], "{:?}", page_text(&pages(&procedure, &record)).len());
}

#[test]
fn working_days_are_counted_back_too() {
    let procedure = own("[[section]]\nrows = [\"h10 甲=a 170\"]\n");
    let day = |text: &str| {
        let scope = Scope::new(&procedure.calendar);
        Expression::parse(text).unwrap().evaluate(&scope).unwrap().to_string()
    };
    // 20 November 2026 is a Friday.
    assert_eq!(day("add_working_days(date(2026, 11, 24), -2)"), "2026-11-20");
    assert_eq!(day("add_working_days(date(2026, 11, 22), -1)"), "2026-11-20");
    assert_eq!(day("add_working_days(date(2026, 11, 22), 0)"), "2026-11-22");
    assert_eq!(day("add_working_days(add_working_days(date(2026, 11, 20), 7), -7)"), "2026-11-20");
}
