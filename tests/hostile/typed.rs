//! What comes from the clipboard and the keyboard: pastes, searches, names of files, words on the command line.

use std::ffi::OsString;
use std::path::{Component, Path};

use eframe::egui::{Event, Key};
use egui_kittest::kittest::Queryable as _;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use taizhang::app::App;
use taizhang::cli;
use taizhang::command::{Command, View};
use taizhang::export::{Clock, file_name};
use taizhang::list::{List, Order, Summary};
use taizhang::procedure::FormId;
use taizhang::record::{Customer, LONGEST_ENTRY, RecordId, brief};
use taizhang::search::{Index, Query, Sheet};
use taizhang::similar;
use taizhang::store::Store;
use taizhang::{customers, face};

use crate::common::{Hands, Window, now, procedure, slips, window};
use crate::mutate::{Words, words};
use crate::{hammer, put_file};

#[test]
fn any_words_can_be_sought() {
    let procedure = procedure();
    let slip = procedure.form(&"05".into()).unwrap();
    let mut records = slips();
    records.truncate(5);
    hammer("search", 150, &["found", "not found"], &(words(6, 3000), words(20, 800)), |(query, entry)| {
        let (typed, entry) = (query.text(), entry.text());
        let mut index = Index::default();
        let mut alike = similar::Index::default();
        let mut written = records.clone();
        written[0].set(&"complaint".into(), &entry);
        written[0].set(&"customer".into(), &typed);
        for record in &written {
            index.put(slip, record);
            alike.put(record.id, record.value("customer"), record.value("product"), record.value("complaint"));
        }
        let query = Query::new(&typed);
        let found = index.find(&query, 3);
        for id in &found.sheets {
            let record = written.iter().find(|it| it.id == *id).unwrap();
            let sheet = Sheet::of(slip, record, &query);
            for hit in &sheet.hits {
                assert!(hit.marks.iter().all(|it| hit.snippet.get(it.clone()).is_some()), "{hit:?}");
                assert!(hit.snippet.chars().count() <= 400, "an endless line: {}", hit.snippet.chars().count());
            }
        }
        // Whatever was written as one word is found by itself.
        if !typed.is_empty() && !typed.contains(char::is_whitespace) && !query.is_empty() {
            assert!(found.sheets.contains(&written[0].id) || found.total > 3, "{typed:?}");
        }
        let this = similar::This { record: RecordId(0), product: &typed, complaint: &entry };
        let kept = [Customer { name: typed.clone(), merged_into: entry.clone(), ..Customer::default() }];
        let _ = alike.find(&this, &customers::aliases(&kept, &typed));
        let _ = (customers::key(&typed), brief(&entry), face::on_screen(&entry), face::missing(&entry));
        let mut list = List::new(written.iter().filter_map(|it| Summary::of(&procedure, slip, it)).collect());
        list.sort(Order::Subject);
        list.filter(&typed, now());
        if found.total > 0 { "found" } else { "not found" }
    });
}

#[test]
fn a_file_gets_a_name_that_every_system_takes() {
    let folder = tempfile::tempdir().unwrap();
    hammer("names", 600, &["named"], &vec(words(5, 2000), 0..4), |parts| {
        let parts: Vec<String> = parts.iter().map(Words::text).collect();
        let name = file_name(&parts.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(name.ends_with(".pdf") && name.len() <= 255, "{name:?}");
        let refused = |c: char| c.is_control() || face::is_invisible(c) || "\\/:*?\"<>|\u{2028}\u{2029}".contains(c);
        assert!(!name.contains(refused), "{name:?}");
        assert!(name == name.trim() && !name.starts_with('.') && !name.ends_with(" .pdf"), "{name:?}");
        let stem = name.split('.').next().unwrap().trim().to_uppercase();
        let numbered = |it: &str| stem.strip_prefix(it).is_some_and(|it| it.chars().count() == 1 && it != "0");
        assert!(
            !["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) && !numbered("COM") && !numbered("LPT"),
            "{name:?}"
        );
        assert_eq!(Path::new(&name).components().collect::<Vec<_>>(), [Component::Normal(name.as_ref())]);
        let path = folder.path().join(&name);
        put_file(&path, b"x");
        std::fs::remove_file(path).unwrap();
        "named"
    });
}

/// A word on the command line. Files and folders are the test's own, whatever they are called.
#[derive(Clone, Debug)]
enum Arg {
    Plain(&'static str),
    Words(Words),
    Bytes(Vec<u8>),
    /// A file in the folder.
    Path(Words),
    Known(&'static str),
}

const PLAIN: &[&str] = &[
    "import",
    "list",
    "export",
    "slip",
    "ledger",
    "register",
    "4.1",
    "blank",
    "check",
    "--json",
    "--signatures",
    "--form",
    "05",
    "01",
    "4.1",
    "04",
    "--no",
    "2024-001",
    "--year",
    "2024",
    "--from",
    "2024-01-01",
    "--to",
    "2024-12-31",
    "--help",
    "--",
    "-h",
    "-x",
    "--没有",
];

fn arg() -> impl Strategy<Value = Arg> {
    prop_oneof![
        8 => select(PLAIN).prop_map(Arg::Plain),
        1 => words(3, 60).prop_map(Arg::Words),
        1 => vec(1..=255_u8, 0..9).prop_map(Arg::Bytes),
        1 => words(3, 60).prop_map(Arg::Path),
        2 => select(vec!["a.book", "b.book", "x.pdf", "cases.json", "."]).prop_map(Arg::Known),
    ]
}

impl Arg {
    fn text(&self, folder: &Path) -> OsString {
        match self {
            Self::Plain(it) => (*it).into(),
            // No word of these leads out of the folder.
            Self::Words(it) => it.text().replace(['/', '\\'], "").into(),
            Self::Bytes(it) => {
                use std::os::unix::ffi::OsStringExt as _;
                OsString::from_vec(it.iter().map(|it| if *it == b'/' { b'-' } else { *it }).collect())
            }
            Self::Path(it) => {
                let name = it.text().replace(['/', '\0'], "");
                folder.join(if name.chars().all(|it| it == '.') { "点".to_owned() } else { name }).into()
            }
            Self::Known(it) => folder.join(it).into(),
        }
    }
}

/// A whole command, so that not all of them are refused at the first word.
fn command() -> impl Strategy<Value = Vec<Arg>> {
    let book = || [Arg::Plain("--book"), Arg::Known("a.book")];
    let out = || [Arg::Plain("--out"), Arg::Known("x.pdf")];
    let whole = |words: &[&'static str]| words.iter().map(|it| Arg::Plain(it)).collect::<Vec<_>>();
    let commands = vec![
        [whole(&["list"]), book().to_vec()].concat(),
        [whole(&["list", "--json", "--form"]), whole(&["01"]), book().to_vec()].concat(),
        [whole(&["check"]), book().to_vec()].concat(),
        [whole(&["import"]), vec![Arg::Known("cases.json")], book().to_vec()].concat(),
        [whole(&["export", "slip", "--no", "2024-001"]), out().to_vec(), book().to_vec()].concat(),
        [whole(&["export", "ledger", "--year", "2024"]), out().to_vec(), book().to_vec()].concat(),
        [whole(&["export", "register", "4.1", "--year", "2024"]), out().to_vec(), book().to_vec()].concat(),
        [whole(&["export", "ledger", "--from", "2024-01-01", "--to", "2024-12-31"]), out().to_vec(), book().to_vec()]
            .concat(),
        [whole(&["export", "blank", "05"]), out().to_vec()].concat(),
        [whole(&["export", "front", "sanbao"]), out().to_vec()].concat(),
    ];
    let changed = (select(commands), vec((any::<prop::sample::Index>(), arg(), 0..3_u8), 0..4));
    changed.prop_map(|(mut words, changes)| {
        for (at, arg, how) in changes {
            let at = at.index(words.len());
            match how {
                0 => words[at] = arg,
                1 => words.insert(at, arg),
                _ if words.len() > 1 => drop(words.remove(at)),
                _ => {}
            }
        }
        words
    })
}

/// The command with its files in the folder: a word may have come where a file is meant.
fn inside(folder: &Path, command: cli::Command) -> cli::Command {
    let here = |path: &Path| folder.join(path);
    match command {
        cli::Command::Import { file, although_damaged } => cli::Command::Import { file: here(&file), although_damaged },
        cli::Command::Export { mut what } => {
            let (cli::Export::Slip { out, .. }
            | cli::Export::Register { out, .. }
            | cli::Export::Ledger { out, .. }
            | cli::Export::Front { out, .. }
            | cli::Export::Blank { out, .. }) = &mut what;
            *out = here(out);
            cli::Command::Export { what }
        }
        other => other,
    }
}

#[test]
fn any_command_line_is_done_or_answered() {
    let clock = Clock { now: now(), utc_offset_minutes: 480 };
    let whole = tempfile::tempdir().unwrap();
    crate::common::fill(&Store::open(&whole.path().join("a.book")).unwrap());
    let cases: serde_json::Value = serde_json::from_str(crate::common::CASES).unwrap();
    let one = serde_json::json!({ "form05": [cases["form05"][0]] }).to_string();
    hammer("commands", 80, &["done", "answered"], &command(), |args| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(whole.path().join("a.book"), folder.path().join("a.book")).unwrap();
        put_file(&folder.path().join("cases.json"), one.as_bytes());
        let words = std::iter::once(OsString::from("taizhang")).chain(args.iter().map(|it| it.text(folder.path())));
        let words: Vec<OsString> = words.collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = match cli::parse(words, &mut out, &mut err) {
            Err(code) => code,
            Ok(mut args) => {
                args.book = args.book.map(|it| folder.path().join(it));
                match args.command.clone() {
                    None => return "window",
                    // Not what is tried here: it takes as long as it is told to.
                    Some(cli::Command::Demo { .. }) => return "window",
                    Some(command) => cli::run(&inside(folder.path(), command), &args, &clock, None, &mut out, &mut err),
                }
            }
        };
        let (out, err) = (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap());
        assert!(code <= 2);
        if code == cli::DONE {
            return "done";
        }
        // `check` says on the standard output what it found.
        let said = if err.is_empty() { &out } else { &err };
        assert!(said.chars().any(|it| ('\u{4E00}'..='\u{9FFF}').contains(&it)), "{said:?}");
        let long = said.chars().count();
        assert!(!said.contains("panicked") && (long < 3000 || err.is_empty()), "{long} characters: {said:.300}");
        "answered"
    });
}

/// Lets the window draw what was done, without waiting for it to come to rest.
fn draw(window: &mut Window) {
    for _ in 0..3 {
        window.step();
    }
}

#[test]
fn whatever_is_pasted_into_a_cell_is_kept_as_it_was_or_refused_whole() {
    let pasted = (any::<bool>(), words(12, 4000));
    hammer("paste", 4, &["kept"], &pasted, |(register, words)| {
        let text = words.text();
        let folder = tempfile::tempdir().unwrap();
        let (mut window, _) = window(folder.path(), "a.book");
        let (form, cell, field) =
            if *register { ("4.1", "服务要求 新", "requirement") } else { ("05", "投诉内容", "complaint") };
        let view = if *register { View::Register(form.into()) } else { View::Sheets(form.into()) };
        let ctx = window.ctx.clone();
        window.state_mut().run(&ctx, Command::Show(view));
        if !register {
            window.state_mut().run(&ctx, Command::New(form.into()));
        }
        draw(&mut window);
        window.get_by_label(cell).click();
        draw(&mut window);
        window.event(Event::Paste(text.clone()));
        draw(&mut window);
        window.key_press(Key::Tab);
        draw(&mut window);
        window.state_mut().run(&ctx, Command::Show(View::Today));
        draw(&mut window);
        let store = Store::open_existing(&folder.path().join("a.book")).unwrap();
        let kept = store.records(&FormId::from(form)).unwrap();
        assert_eq!(store.check(), [""; 0]);
        let long = text.chars().count() > LONGEST_ENTRY;
        if long || text.is_empty() {
            assert!(kept.is_empty(), "nothing is written");
            if long {
                assert!(
                    window.state().notice().is_some_and(|it| it.contains("没有粘贴")),
                    "{:?}",
                    window.state().notice()
                );
            }
            return "refused";
        }
        let kind = procedure().form(&form.into()).unwrap().field(&field.into()).unwrap().kind;
        let wanted = if kind != taizhang::procedure::Kind::Text && text.contains(['\n', '\r']) {
            text.replace("\r\n", " ").replace(['\n', '\r'], " ").trim_end().to_owned()
        } else {
            text
        };
        assert_eq!(kept.first().map_or("", |it| it.value(field)), wanted);
        "kept"
    });
}

/// What the window is called upon to show of a hostile book: every page, and some of the sheets.
pub(crate) fn show_everything(folder: &Path) -> &'static str {
    let (outside, own) = (Hands { folder: folder.to_owned(), ..Hands::default() }, folder.join("a.book"));
    // A character that no face has may look like a box; the window must not fall over it.
    let builder = egui_kittest::Harness::builder().with_size([1440.0, 900.0]).allow_missing_glyphs();
    let mut window: Window = builder.build_eframe(move |cc| App::new(&cc.egui_ctx, Box::new(outside), &own));
    let ctx = window.ctx.clone();
    let sheets = ["01", "02", "03", "05"].map(|it| View::Sheets(it.into()));
    let views = [
        View::Today,
        View::Register("04".into()),
        View::Register("4.1".into()),
        View::Customers,
        View::Papers,
        View::Archive,
    ];
    for view in views.into_iter().chain(sheets).chain([View::Numbers, View::Settings]) {
        window.state_mut().run(&ctx, Command::Show(view));
        draw(&mut window);
    }
    for id in 1..=8 {
        window.state_mut().run(&ctx, Command::Open(RecordId(id)));
        draw(&mut window);
    }
    window.state_mut().run(&ctx, Command::Show(View::Today));
    draw(&mut window);
    match window.state().notice() {
        Some(said) if said.chars().any(|it| ('\u{4E00}'..='\u{9FFF}').contains(&it)) => "told",
        Some(said) => panic!("{said:?}"),
        None => "shown",
    }
}

// What was found.

/// Windows opens a device for these, and shows a name backwards behind a mark for it.
#[test]
fn a_file_is_called_neither_like_a_device_nor_like_another_file() {
    for (words, name) in [
        ("CON", "_CON.pdf"),
        ("nul.甲", "_nul.甲.pdf"),
        ("COM1", "_COM1.pdf"),
        ("COMA", "_COMA.pdf"),
        ("CONTRACT", "CONTRACT.pdf"),
        ("甲\u{202e}fdp.exe", "甲fdp.exe.pdf"),
        ("\u{200b}", "导出.pdf"),
        ("甲\u{2028}乙", "甲_乙.pdf"),
        ("..甲", "甲.pdf"),
        ("甲. . ", "甲.pdf"),
        ("甲/乙\\丙:丁*戊?己\"庚<辛>壬|癸", "甲_乙_丙_丁_戊_己_庚_辛_壬_癸.pdf"),
        ("CONOUT$", "_CONOUT$.pdf"),
    ] {
        assert_eq!(file_name(&[words]), name, "{words:?}");
    }
}
