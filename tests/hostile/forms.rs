//! Form files, the procedure, the calendar beside a book, and the settings a book keeps.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use taizhang::exchange;
use taizhang::export::{self, Clock};
use taizhang::layout::{self, Look};
use taizhang::list::Summary;
use taizhang::procedure::{Catalog, Form, FormId, OFFICE, Person, Procedure};
use taizhang::record::{Record, RecordId};
use taizhang::store::own_forms;
use taizhang::{flow, register, retention, search};

use crate::common::now;
use crate::mutate::{Change, Graft, change, changed, graft, grafted};
use crate::{hammer, put_file, sentence};

macro_rules! file {
    ($folder:literal, $name:literal) => {
        ($name, include_str!(concat!("../../", $folder, "/", $name, ".toml")))
    };
}

/// The program's own files, as an office would begin its own from them: as they were written in long, and as they are.
const FILES: [(&str, &str); 14] = [
    file!("tests/data/forms-old", "01-communication"),
    file!("tests/data/forms-old", "02-forum"),
    file!("tests/data/forms-old", "03-information"),
    file!("tests/data/forms-old", "04-ledger"),
    file!("tests/data/forms-old", "05-slip"),
    file!("tests/data/forms-old", "06-requirements"),
    file!("assets/procedures/qg-r0309", "procedure"),
    file!("assets/procedures/qg-r0309", "01-communication"),
    file!("assets/procedures/qg-r0309", "02-forum"),
    file!("assets/procedures/qg-r0309", "03-information"),
    file!("assets/procedures/qg-r0309", "04-ledger"),
    file!("assets/procedures/qg-r0309", "05-slip"),
    file!("assets/procedures/qg-r0309", "06-requirements"),
    file!("tests/language", "linked"),
];
const CALENDAR: &str = include_str!("../../assets/calendars/china.toml");

/// More pages than one sheet in a cell of one character's width can take.
const MANY_PAGES: usize = 3000;

/// Loads a file beside a book; what is taken must bear everything that is done with forms.
fn load(name: &str, text: &str) -> &'static str {
    match Procedure::load(&[(name.to_owned(), text.to_owned())]) {
        Err(error) => {
            let said = error.to_string();
            sentence(&said);
            assert!(said.contains(name), "which file? {said}");
            "refused"
        }
        Ok(procedure) => {
            use_procedure(&procedure);
            "taken"
        }
    }
}

pub(crate) fn use_procedure(procedure: &Procedure) {
    let clock = Clock { now: now(), utc_offset_minutes: 480 };
    for form in &procedure.forms {
        export::blank(procedure, form, &clock).unwrap();
        if procedure.form(&form.form).map(|it| &it.edition) != Some(&form.edition) {
            continue;
        }
        for text in ["", "甲", "2026-11-20", &"返修部位射线检测，评为Ⅳ级，按WPS-J507-09返修。\n".repeat(12)]
        {
            use_form(procedure, form, text);
        }
    }
}

/// A sheet with `text` in every field goes through all that is done with sheets.
fn use_form(procedure: &Procedure, form: &Form, text: &str) {
    let mut record = Record::empty(form, now());
    (record.id, record.number) = (RecordId(1), procedure.document.pattern(&form.form).format(2026, 7));
    for field in form.every_field() {
        record.set(&field.id, text);
    }
    let pages = layout::sheet(procedure, form, &record, &Look { signatures: true, ..Look::default() });
    assert!(pages.len() <= MANY_PAGES, "{} pages", pages.len());
    for field in form.every_field() {
        let (_, _) = (flow::closed(form, &record, field), flow::living_round(form, &record, field.id.as_str()));
    }
    let _ = flow::standing_name(form, flow::standing(form, &record));
    let _ = (flow::due(procedure, form, &record), flow::waiting_since(form, &record), record.check(form));
    let _ = (Summary::of(procedure, form, &record), Summary::fields(form), retention::unready(form, &record));
    let _ = (flow::issues(procedure, form, &record), flow::told(procedure, form, &record));
    for stage in &form.stages {
        let _ = flow::writes(procedure, form, &record, &stage.by);
    }
    let _ = exchange::to_json(procedure, &record, now().date());
    let mut index = search::Index::default();
    index.put(form, &record);
    let _ = search::Sheet::of(form, &record, &search::Query::new("返修"));
    for table in procedure.in_use() {
        let rows = register::entries(procedure, table, [record.clone()]);
        let drawn = layout::register(procedure, table, &rows).map(|it| (it.count(), it.iter().count()));
        assert!(drawn.is_none_or(|it| it.0 <= MANY_PAGES && it.0 == it.1), "{drawn:?}");
    }
    if form.register.is_some() {
        let pages =
            layout::register(procedure, form, &register::entries(procedure, form, [record.clone(), record])).unwrap();
        assert!(pages.count() <= MANY_PAGES && pages.iter().count() == pages.count(), "{}", pages.count());
    }
}

fn tree(text: &str) -> Value {
    toml::from_str(text).unwrap()
}

/// What JSON can say and TOML cannot.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Array(list) => {
            list.retain(|it| !it.is_null());
            list.iter_mut().for_each(without_nulls);
        }
        Value::Object(object) => {
            object.retain(|_, it| !it.is_null());
            object.values_mut().for_each(without_nulls);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[derive(Clone, Debug)]
enum Input {
    Text(usize, usize, Vec<Change>),
    Tree(usize, Vec<Graft>),
    Package(usize, Vec<Change>),
    Calendar(Vec<Change>),
}

/// Loads a package whose file was changed, with the document and one sheet more.
fn load_package(of: usize, text: &str) -> &'static str {
    let document = FILES[6].1.replace("bare = true", "");
    let mut files =
        vec![("demo/procedure.toml".to_owned(), document), ("demo/1.toml".to_owned(), FILES[7].1.to_owned())];
    let name = if of == 6 { "procedure".to_owned() } else { format!("{of}") };
    files.retain(|it| it.0 != format!("demo/{name}.toml"));
    files.push((format!("demo/{name}.toml"), text.replace("bare = true", "")));
    match Catalog::of(&files).procedure(&["demo".to_owned()]) {
        Err(error) => {
            sentence(&error.to_string());
            error.0.iter().for_each(|it| sentence(&it.to_string()));
            "refused"
        }
        Ok(procedure) => {
            use_procedure(&procedure);
            "taken"
        }
    }
}

/// A form without the signature that the ledger asks for is named, though the mistake shows in the ledger's file.
#[test]
fn what_an_own_form_makes_wrong_elsewhere_is_told_with_its_name() {
    let (name, text) = FILES.iter().rfind(|it| it.0.contains("05-slip")).unwrap();
    assert_eq!(load(name, &text.replace("· 日期: 75", "· 日'期: 75")), "refused");
}

#[test]
fn an_office_s_form_files_are_refused_with_a_sentence_or_can_be_worked_with() {
    let inputs = prop_oneof![
        2 => (0..FILES.len(), 0..FILES.len(), vec(change(), 1..3)).prop_map(|(a, b, it)| Input::Text(a, b, it)),
        4 => (0..FILES.len(), vec(graft(), 1..3)).prop_map(|(a, it)| Input::Tree(a, it)),
        2 => (6..13_usize, vec(change(), 1..3)).prop_map(|(a, it)| Input::Package(a, it)),
        1 => vec(change(), 1..4).prop_map(Input::Calendar),
    ];
    hammer("forms", 60, &["refused", "taken"], &inputs, |input| match input {
        Input::Text(of, other, changes) => {
            let (name, text) = FILES[*of];
            let bytes = changed(text.as_bytes(), FILES[*other].1.as_bytes(), changes);
            load(&format!("{name}.toml"), &String::from_utf8_lossy(&bytes))
        }
        Input::Tree(of, grafts) => {
            let (name, text) = FILES[*of];
            let mut tree = grafted(tree(text), grafts);
            without_nulls(&mut tree);
            // What TOML has no words for stands in no file.
            toml::to_string(&tree).map_or("no file", |text| load(&format!("{name}.toml"), &text))
        }
        Input::Package(of, changes) => {
            let bytes = changed(FILES[*of].1.as_bytes(), FILES[8].1.as_bytes(), changes);
            load_package(*of, &String::from_utf8_lossy(&bytes))
        }
        Input::Calendar(changes) => {
            let bytes = changed(CALENDAR.as_bytes(), FILES[6].1.as_bytes(), changes);
            load("calendar.toml", &String::from_utf8_lossy(&bytes))
        }
    });
}

/// Settings as books keep them.
fn settings() -> [String; 2] {
    let mut document = crate::common::procedure().document;
    let plain = document.to_keep(None).unwrap();
    document.people = [("沈䶮", "技术质安部"), ("钱立群", ""), ("徐 国梁", "设备修造部")]
        .map(|(name, department)| Person { name: name.into(), department: department.into(), ..Person::default() })
        .to_vec();
    document.people[0].password = Some("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA".to_owned());
    document.numbers.insert(FormId::from("01"), document.number.clone());
    document.copies.insert(FormId::from("05"), vec!["第一联".to_owned(), "第二联".to_owned()]);
    [plain, document.to_keep(None).unwrap()]
}

#[derive(Clone, Debug)]
enum Settings {
    Text(usize, Vec<Change>),
    Tree(usize, Vec<Graft>),
}

#[test]
fn settings_kept_in_a_book_are_refused_with_a_sentence_or_can_be_worked_with() {
    let kept = settings();
    let inputs = prop_oneof![
        (0..2_usize, vec(change(), 1..5)).prop_map(|(of, it)| Settings::Text(of, it)),
        (0..2_usize, vec(graft(), 1..5)).prop_map(|(of, it)| Settings::Tree(of, it)),
    ];
    hammer("settings", 60, &["refused", "taken"], &inputs, |input| {
        let text = match input {
            Settings::Text(of, changes) => {
                String::from_utf8_lossy(&changed(kept[*of].as_bytes(), kept[1 - *of].as_bytes(), changes)).into_owned()
            }
            Settings::Tree(of, grafts) => grafted(serde_json::from_str(&kept[*of]).unwrap(), grafts).to_string(),
        };
        let mut procedure = crate::common::procedure();
        let before = procedure.document.clone();
        match procedure.take_office(&text) {
            Err(said) => {
                sentence(&format!("读取台帐里的设置（{OFFICE}）：{said}"));
                assert_eq!(procedure.document, before, "half taken");
                "refused"
            }
            Ok(_) => {
                procedure.document.check().unwrap();
                let again = procedure.document.to_keep(Some(&text)).unwrap();
                let mut other = crate::common::procedure();
                other.take_office(&again).unwrap();
                assert_eq!(other.document, procedure.document, "what is kept is what was taken");
                let form = procedure.form(&FormId::from("05")).unwrap();
                use_form(&procedure, form, "2026-11-20");
                let clock = Clock { now: now(), utc_offset_minutes: 480 };
                export::blank(&procedure, form, &clock).unwrap();
                "taken"
            }
        }
    });
}

// What was found.

/// The sentence an own form file is refused with.
fn refusal(of: usize, old: &str, new: &str) -> String {
    let (name, text) = FILES[of];
    assert!(text.contains(old), "{old}");
    let own = (format!("{name}.toml"), text.replacen(old, new, 1));
    Procedure::load(&[own]).map(|_| ()).unwrap_err().to_string()
}

/// Each of these took all memory there is, page after page with nothing on it.
#[test]
fn a_form_on_whose_pages_nothing_fits_is_refused() {
    let (ledger, slip) = (3, 4);
    for slots in ["0", "1000000000"] {
        let said = refusal(ledger, "slots = 12", &format!("slots = {slots}"));
        assert!(said.contains("一页应有 1 到 60 行（slots）"), "{said}");
    }
    let said = refusal(ledger, "slot_height = 11", "slot_height = 0.5");
    assert!(said.contains("至少高 5 毫米"), "{said}");
    let said = refusal(ledger, "slot_height = 11", "slot_height = 20");
    assert!(said.contains("表高共 273 毫米，纸上只有 170 毫米"), "{said}");
    let said = refusal(slip, "head = 24", "head = 255");
    assert!(said.contains("页边距和表头以内至少要有 30×50 毫米"), "{said}");
    let said = refusal(slip, "left = 25", "left = 180");
    assert!(said.contains("页边距和表头以内至少要有 30×50 毫米"), "{said}");
    let said = refusal(slip, "label_width = 25, width = 75", "label_width = 74, width = 75");
    assert!(said.contains("一格（标签之外）至少宽 5 毫米"), "{said}");
}

#[test]
fn a_form_of_thousands_of_data_is_refused() {
    let many: String =
        (0..1000).map(|it| format!("[[beside]]\nid = \"x{it}\"\nname = \"甲\"\nkind = \"line\"\n")).collect();
    let own = ("05-slip.toml".to_owned(), format!("{}\n{many}", FILES[4].1));
    let said = Procedure::load(&[own]).map(|_| ()).unwrap_err().to_string();
    assert!(said.contains("一种表单最多 200 个"), "{said}");
}

/// What a file says wrongly stood in the sentence whole, all hundred thousand characters of it.
#[test]
fn a_wrong_word_is_quoted_in_part() {
    let said = refusal(4, "kind = \"customer\"", &format!("kind = \"{}\"", "甲\\n".repeat(100_000)));
    sentence(&said);
    assert!(said.contains("不认识的值") && said.contains("……"), "{said}");
}

/// What lies in the folder of forms may be anything: it was told in English, or waited for.
#[test]
fn what_is_no_text_in_the_folder_of_forms_is_told() {
    for (what, said) in
        [("bytes", "不是 UTF-8 编码的文字"), ("folder", "这是文件夹"), ("much", "文件太大"), ("pipe", "管道")]
    {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("forms")).unwrap();
        let path = folder.path().join("forms/05-slip.toml");
        match what {
            "bytes" => put_file(&path, b"code = \"\xff\xfe\""),
            "folder" => std::fs::create_dir(&path).unwrap(),
            "pipe" => assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success()),
            _ => put_file(&path, "# 甲\n".repeat(200_000).as_bytes()),
        }
        let why = own_forms(&folder.path().join("a.book")).unwrap_err().to_string();
        sentence(&why);
        assert!(why.contains("05-slip.toml") && why.contains(said), "{why}");
    }
}

/// The blank line behind the last word was looked for in a text that no longer had it.
#[test]
fn a_choice_in_a_cell_of_its_own_may_end_with_a_line_break() {
    let labelled = FILES[4]
        .1
        .replace("label = \"用户意见:\", width = 150", "label = \"用户意见:\", label_width = 25, width = 150");
    let procedure = Procedure::load(&[("05-slip.toml".to_owned(), labelled)]).unwrap();
    let form = procedure.form(&FormId::from("05")).unwrap();
    let mut record = Record::empty(form, now());
    record.set(&"opinion".into(), &"返修后仍渗漏，请再来人。\n".repeat(40));
    let pages = layout::sheet(&procedure, form, &record, &Look::default());
    assert!(pages.len() > 1, "it goes on on a continuation sheet");
}
