//! The program without a window, as a script or a colleague at a terminal uses it.
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use taizhang::store::{Reason, Store, read_backup_name};

/// The sample sheets, as an exchange file.
const CASES: &str = include_str!("../../assets/procedures/qg-r0309/samples.json");

/// A folder to work in, and the program.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A desk with the cases in `台帐.book`.
    fn with_book() -> Self {
        let desk = Self::new();
        desk.write("cases.json", CASES);
        desk.done(&["import", "cases.json", "--book", "台帐.book"]);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        use std::io::Write as _;
        std::fs::File::create(self.path(name)).unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn names(&self) -> Vec<String> {
        names(self.0.path())
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_taizhang"));
        command.current_dir(self.0.path()).args(args).env("TAIZHANG_NOW", "2026-11-20T09:00:00");
        // What this computer remembers is not the tester's own.
        command.env("XDG_CONFIG_HOME", self.0.path().join("习惯")).output().unwrap()
    }

    /// What the program answers, having done the work.
    fn done(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// The sentence on standard error, of work that ended with `code`.
    fn said(&self, code: i32, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", text(&output.stdout));
        assert_eq!(text(&output.stdout), "", "{args:?}");
        let said = text(&output.stderr);
        assert_eq!(said.matches('\n').count(), 1, "one sentence: {said}");
        said.trim_end().to_owned()
    }

    fn is_pdf(&self, name: &str) -> bool {
        std::fs::read(self.path(name))
            .is_ok_and(|it| it.starts_with(b"%PDF-") && it.trim_ascii_end().ends_with(b"%%EOF"))
    }
}

fn names(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Whether `back` has everything that `wanted` has.
fn holds(back: &Value, wanted: &Value) -> bool {
    match (back, wanted) {
        (Value::Object(back), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| back.get(key).is_some_and(|back| holds(back, wanted)))
        }
        _ => back == wanted,
    }
}

#[test]
fn what_is_imported_is_listed() {
    let desk = Desk::with_book();
    assert_eq!(desk.names(), ["cases.json", "台帐.book"]);
    for (key, sheets) in json(CASES).as_object().unwrap() {
        let form = key.trim_start_matches("form");
        let listed = json(&desk.done(&["list", "--book", "台帐.book", "--form", form, "--json"]));
        let listed = listed.as_array().unwrap();
        assert_eq!(listed.len(), sheets.as_array().unwrap().len());
        for sheet in sheets.as_array().unwrap() {
            assert!(listed.iter().any(|it| holds(it, sheet)), "lost: {sheet}");
        }
        for sheet in listed {
            assert_eq!((sheet["form"].as_str(), sheet["edition"].as_str()), (Some(form), Some("D/0")));
            assert_eq!(sheet["entered"], "2026-11-20T09:00:00");
        }
    }
    let slips = json(&desk.done(&["list", "--book", "台帐.book", "--json"]));
    let late = slips.as_array().unwrap().iter().filter(|it| !it["overdue_days"].is_null());
    let late: Vec<_> =
        late.map(|it| (it["number"].as_str(), it["stage"].as_str(), it["overdue_days"].as_i64())).collect();
    assert_eq!(late, [(Some("2025-003"), Some("措施审核"), Some(554)), (Some("2026-002"), Some("改进措施"), Some(76))]);
}

#[test]
fn a_list_is_a_table_for_the_eye() {
    let desk = Desk::with_book();
    let list = desk.done(&["list", "--book", "台帐.book"]);
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 31);
    assert!(lines[0].starts_with("编号      对象"), "{}", lines[0]);
    assert_eq!(lines[17], "2025-003  广西桂榕糖业集团雒容糖厂                  2025-03-19  措施审核  超期 554 天");
    assert_eq!(desk.done(&["list", "--book", "台帐.book", "--form", "02"]).lines().count(), 4);
}

#[test]
fn an_import_is_all_or_nothing() {
    let desk = Desk::with_book();
    desk.write("bad.json", r#"{"form05": [{"用户名称": "甲"}, {"number": "2024-001"}]}"#);
    let said = desk.said(1, &["import", "bad.json", "--book", "台帐.book"]);
    assert!(said.starts_with("台帐：写入台帐 台帐.book：编号 2024-001 已经用过"), "{said}");
    assert_eq!(desk.done(&["list", "--book", "台帐.book"]).lines().count(), 31);

    desk.write("bad.json", "{\"form05\": [");
    let said = desk.said(1, &["import", "bad.json", "--book", "新.book"]);
    assert_eq!(said, "台帐：导入 bad.json：不是完整的 JSON：到第 1 行第 12 列就断了");
    let said = desk.said(1, &["import", "absent.json", "--book", "新.book"]);
    assert_eq!(said, "台帐：导入 absent.json：找不到这个文件或文件夹");
    assert!(!desk.path("新.book").exists(), "a book is made only when there is something to put into it");
}

#[test]
fn a_file_too_large_for_memory_is_refused() {
    let desk = Desk::new();
    std::fs::File::create(desk.path("huge.json")).unwrap().set_len(600_000_000).unwrap();
    let said = desk.said(1, &["import", "huge.json", "--book", "新.book"]);
    assert!(said.contains("文件太大，一次最多 100 MB"), "{said}");
}

/// What the program says of an import is kept in scripts' logs: it quotes what is wrong, but no telephone number.
#[test]
fn a_refused_import_tells_no_telephone_number() {
    let desk = Desk::with_book();
    let bad = [r#""entered": "138 1234 5678""#, r#""number": "0519-55550622""#, r#""更正": [{"沈工13812345678": ""}]"#];
    for bad in bad {
        desk.write("bad.json", &format!(r#"{{"form05": [{{{bad}}}]}}"#));
        let said = desk.said(1, &["import", "bad.json", "--book", "台帐.book"]);
        assert!(said.contains("［号码］") && said.contains("第 1 张"), "{said}");
        assert!(!said.contains("5678") && !said.contains("0622"), "{said}");
    }
    desk.write("bad.json", r#"{"form05": [{"number": "2026-0012"}]}"#);
    assert!(desk.said(1, &["import", "bad.json", "--book", "台帐.book"]).contains("“2026-0012”"));
}

#[test]
fn a_slip_is_exported_and_what_it_cannot_show_is_told() {
    let desk = Desk::with_book();
    desk.done(&["export", "slip", "--book", "台帐.book", "--no", "2024-002", "--out", "单.pdf", "--signatures"]);
    assert!(desk.is_pdf("单.pdf"));
    let output = desk.run(&["export", "slip", "--book", "台帐.book", "--no", "2024-010", "--out", "表情.pdf"]);
    assert_eq!(output.status.code(), Some(0));
    let told = text(&output.stderr);
    assert!(
        told.starts_with("注意：2024-010 投诉内容：有 ") && told.contains("纸上印作 〓") && told.lines().count() == 1,
        "{told}"
    );
    assert!(desk.is_pdf("表情.pdf"));
    desk.done(&["export", "slip", "--form", "03", "--book", "台帐.book", "--no", "2024-001", "--out", "03.pdf"]);
    assert!(desk.is_pdf("03.pdf"));
    let said = desk.said(1, &["export", "slip", "--book", "台帐.book", "--no", "2031-001", "--out", "x.pdf"]);
    assert_eq!(said, "台帐：台帐 台帐.book 里没有编号为“2031-001”的投诉处置单");
    assert!(!desk.path("x.pdf").exists());
}

#[test]
fn the_ledger_and_blank_forms_are_exported() {
    let desk = Desk::with_book();
    desk.done(&["export", "ledger", "--book", "台帐.book", "--year", "2024", "--out", "2024.pdf"]);
    let days = ["--from", "2024-01-01", "--to", "2025年6月30日"];
    desk.done(&[&["export", "ledger", "--book", "台帐.book", "--out", "段.pdf"], days.as_slice()].concat());
    for form in ["01", "02", "03", "04", "05"] {
        desk.done(&["export", "blank", form, "--out", &format!("{form}.pdf")]);
        assert!(desk.is_pdf(&format!("{form}.pdf")));
    }
    assert!(desk.is_pdf("2024.pdf") && desk.is_pdf("段.pdf"));
    assert!(desk.said(1, &["export", "blank", "06", "--out", "x.pdf"]).contains("可用：01、02、03、04、05"));
    assert!(desk.said(1, &["list", "--book", "台帐.book", "--form", "04"]).contains("请用 export ledger"));
}

#[test]
fn an_export_that_cannot_be_written_leaves_nothing() {
    let desk = Desk::with_book();
    let before = desk.names();
    for (out, why) in [("没有/x.pdf", "找不到这个文件或文件夹"), ("cases.json/x.pdf", "路径中有一段不是文件夹")]
    {
        let said = desk.said(1, &["export", "slip", "--book", "台帐.book", "--no", "2024-002", "--out", out]);
        assert_eq!(said, format!("台帐：写入 {out}：{why}"));
    }
    assert_eq!(desk.names(), before);

    // Root may write everywhere; then there is nothing to refuse.
    let folder = desk.path("只读");
    std::fs::create_dir(&folder).unwrap();
    let mut permissions = std::fs::metadata(&folder).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&folder, permissions).unwrap();
    if std::fs::File::create(folder.join("x.pdf")).is_err() {
        let said = desk.said(1, &["export", "blank", "05", "--out", "只读/x.pdf"]);
        assert!(said.starts_with("台帐：写入 只读/x.pdf：没有权限"), "{said}");
        assert_eq!(names(&folder), [""; 0]);
    }
}

#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_loses_nothing() {
    let desk = Desk::with_book();
    let before = desk.done(&["list", "--book", "台帐.book", "--json"]);
    // No file may grow beyond 100 blocks of 512 bytes, and the system's signal about it is passed over.
    let script = "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\"";
    let limited = |args: &[&str]| {
        let mut command = Command::new("sh");
        command
            .current_dir(desk.0.path())
            .args(["-c", script, env!("CARGO_BIN_EXE_taizhang")])
            .args(args)
            .output()
            .unwrap()
    };
    let output = limited(&["import", "cases.json", "--book", "台帐.book"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    // The copy before the import does not fit already: nothing is imported, and no half of a copy is left.
    assert!(said.starts_with("台帐：备份台帐到 备份：磁盘") && said.contains("原有的内容完好"), "{said}");
    assert_eq!(names(&desk.path("备份")), [""; 0]);
    assert_eq!(desk.done(&["list", "--book", "台帐.book", "--json"]), before);
    assert!(desk.done(&["check", "--book", "台帐.book"]).starts_with("检查通过"));

    let names = desk.names();
    let output = limited(&["export", "slip", "--book", "台帐.book", "--no", "2024-002", "--out", "x.pdf"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "台帐：写入 x.pdf：磁盘已满；没有写进去，原来的内容完好\n");
    assert_eq!(desk.names(), names);
}

#[test]
fn check_tells_what_it_finds() {
    let desk = Desk::with_book();
    let said = desk.done(&["check", "--book", "台帐.book"]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "检查通过：49 张单、55 行修改记录，第一行至最后一行相符：台帐.book");
    assert!(lines[1].starts_with("修改记录至第 55 行　校验码 ") && lines.len() == 3, "{said}");
    desk.write("gap.json", r#"{"form05": [{"投诉日期": "2026-11-20", "number": "2026-008"}]}"#);
    desk.done(&["import", "gap.json", "--book", "台帐.book"]);
    let output = desk.run(&["check", "--book", "台帐.book"]);
    let said = text(&output.stdout);
    assert!(
        said.starts_with(
            "表 05 的 2026 年缺第 6 至 7 号\n50 张单、56 行修改记录，第一行至最后一行相符；编号有 1 处空缺"
        ),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(1));
}

/// The paper bears witness: with what is printed at its foot one proves that the book is still the one it was printed from.
#[test]
fn check_proves_a_book_by_the_head_printed_on_its_ledger() {
    let desk = Desk::with_book();
    let check = |head: &str| {
        let output = desk.run(&["check", "--book", "台帐.book", "--head", head]);
        (
            output.status.code(),
            text(&output.stdout).lines().rfind(|it| !it.starts_with("注意：")).unwrap_or_default().to_owned(),
        )
    };
    let said = desk.done(&["check", "--book", "台帐.book"]);
    let printed = said.lines().nth(1).unwrap().split('；').next().unwrap();
    let figures = printed.split("校验码 ").nth(1).unwrap();
    desk.write("more.json", r#"{"form05": [{"投诉日期": "2026-11-20"}]}"#);
    desk.done(&["import", "more.json", "--book", "台帐.book"]);
    let proved = format!("与打印件相符：台帐里有第 55 行修改记录，校验码 {figures}，到这一行为止没有被换过");
    for head in [printed.to_owned(), format!("55:{figures}"), format!("55:{}", figures.replace(' ', ""))] {
        assert_eq!(check(&head), (Some(0), proved.clone()), "{head}");
    }
    let (code, said) = check(&format!("54:{figures}"));
    assert!(code == Some(1) && said.starts_with("与打印件不符：台帐里第 54 行修改记录的校验码是 "), "{said}");
    let (code, said) = check(&format!("57:{figures}"));
    assert!(code == Some(1) && said.starts_with("与打印件不符：台帐只有 56 行修改记录，没有打印的第 57 行"), "{said}");
    let said = desk.said(2, &["check", "--book", "台帐.book", "--head", "15:3f9a"]);
    assert!(said.contains("应如 12345:3f9a01bc77d2e8f4"), "{said}");
}

#[test]
fn what_is_no_book_is_refused_with_one_sentence() {
    let desk = Desk::with_book();
    for (book, why) in [
        ("cases.json", "这个文件不是台帐（不是数据库文件）"),
        ("没有.book", "找不到这个文件或文件夹"),
        (".", "这是文件夹，不是台帐文件"),
    ] {
        for command in [&["list"][..], &["check"], &["export", "ledger", "--year", "2026", "--out", "x.pdf"]] {
            let said = desk.said(1, &[command, &["--book", book]].concat());
            assert_eq!(said, format!("台帐：读取台帐 {book}：{why}"));
        }
    }
    assert!(!desk.path("没有.book").exists() && !desk.path("x.pdf").exists());
}

#[test]
fn an_own_form_with_a_mistake_is_named_with_its_place() {
    let desk = Desk::with_book();
    std::fs::create_dir(desk.path("forms")).unwrap();
    desk.write("forms/06-own.toml", "form = \"06\"\nedition = 7\n");
    let said = desk.said(1, &["list", "--book", "台帐.book"]);
    assert!(
        said.starts_with("台帐：读取表单文件 06-own.toml 第 1 行第 1 列：缺少项 `code`（还有 3 处不对）"),
        "{said}"
    );
}

/// The form files beside a book are not the book: where they cannot be read it is looked over all the same, and it is told
/// that they were not, and which names nobody looked at.
#[test]
fn check_looks_over_a_book_whose_form_files_cannot_be_read() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("forms")).unwrap();
    desk.write("forms/07-own.toml", OWN_FORM);
    desk.write("one.json", r#"{"form07": [{"内容": "甲", "签名": "沈䶮"}], "form05": [{"用户名称": "甲"}]}"#);
    desk.done(&["import", "one.json", "--book", "台帐.book"]);
    // Somebody has a key, so that names in signature cells are looked at.
    let store = Store::open(&desk.path("台帐.book")).unwrap();
    let document = taizhang::procedure::Procedure::load(&[]).unwrap().document;
    let document = document.changed(&taizhang::procedure::Change::AddPerson("沈䶮".into(), String::new())).unwrap();
    let now = "2026-11-20T09:00:00".parse().unwrap();
    store.set_office(&document.to_keep(None).unwrap(), "", now).unwrap();
    store.operate_as("沈䶮");
    store.set_password("沈䶮", Some("甲"), now).unwrap().unwrap();
    drop(store);
    let check = || {
        let output = desk.run(&["check", "--book", "台帐.book"]);
        assert_eq!(text(&output.stderr), "");
        (output.status.code(), text(&output.stdout))
    };
    let (code, said) = check();
    assert!(code == Some(0) && said.starts_with("检查通过") && !said.contains("表单文件"), "{said}");
    assert!(said.contains("注意：导入的签署 1 处"), "{said}");

    let unlooked = "注意：有 1 张单的表单文件不在，签名格里的姓名没有核对\n";
    let unread = "台帐旁的表单文件读不出来，这次按程序自带的核对：读取表单文件 07-own.toml 第 1 行第 1 列：缺少项 `code`（还有 3 处不对）";
    desk.write("forms/07-own.toml", "form = \"07\"\nedition = 7\n");
    let (code, said) = check();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.starts_with(unread) && said.contains("2 张单、") && said.contains(unlooked), "{said}");
    assert!(!said.contains("检查通过"), "{said}");
    // What is wrong with the book itself is found, and told first.
    let book = rusqlite::Connection::open(desk.path("台帐.book")).unwrap();
    book.execute("UPDATE value SET text = '乙' WHERE text = '甲'", []).unwrap();
    drop(book);
    let (code, said) = check();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.starts_with("表 0") && said.contains(unread) && said.contains("检查发现 3 处问题"), "{said}");
    let book = rusqlite::Connection::open(desk.path("台帐.book")).unwrap();
    book.execute("UPDATE value SET text = '甲' WHERE text = '乙'", []).unwrap();
    drop(book);
    // Nor does anything else that is no form file: the book is whole, and the exit status says that not all was.
    std::fs::remove_file(desk.path("forms/07-own.toml")).unwrap();
    std::fs::create_dir(desk.path("forms/07-own.toml")).unwrap();
    let (code, said) = check();
    assert!(code == Some(1) && said.starts_with("台帐旁的表单文件读不出来") && said.contains("文件夹"), "{said}");
    // Beside a copy there are none: that is no fault.
    std::fs::remove_dir_all(desk.path("forms")).unwrap();
    let (code, said) = check();
    assert!(code == Some(0) && said.starts_with("检查通过") && said.contains(unlooked), "{said}");
}

/// A form of the office's own.
const OWN_FORM: &str = r#"
form = "07"
edition = "A/0"
short = "记录"
code = "X"
title = "记录"
paper = { width = 210, height = 297, left = 25, right = 15, top = 18, bottom = 18 }
head = 24
identity = { subject = "what", date = "signer_date" }
[[section]]
rows = [{ height = 10, cells = [{ label = "内容:", width = 170, fields = ["what"] }] }]
[[section]]
rows = [{ height = 10, cells = [{ label = "签:", width = 170, fields = ["signer", "signer_date"] }] }]
[[stage]]
name = "记录"
by = "signer"
date = "signer_date"
[[field]]
id = "what"
name = "内容"
kind = "text"
[[field]]
id = "signer"
name = "签名"
kind = "person"
signature = true
[[field]]
id = "signer_date"
name = "签名日期"
kind = "date"
signature = true
"#;

#[test]
fn the_demo_is_a_folder_to_look_at() {
    let desk = Desk::new();
    let told = desk.done(&["demo", "样本"]);
    let names = names(&desk.path("样本"));
    assert_eq!(names.len(), told.lines().count());
    assert_eq!(names.iter().filter(|it| it.starts_with("空白_")).count(), 6);
    for name in ["样本.book", "处置单_2024-002.pdf", "台帐_2024.pdf", "台帐_2025.pdf", "台帐_2026.pdf"] {
        assert!(names.iter().any(|it| it == name), "{name}: {names:?}");
    }
    assert!(names.iter().filter(|it| it.ends_with(".pdf")).all(|it| desk.is_pdf(&format!("样本/{it}"))));
}

/// What is imported can be taken back: the book as it was before lies in its backups.
#[test]
fn a_book_is_copied_before_an_import() {
    let desk = Desk::with_book();
    assert!(!desk.path("备份").exists(), "a new book is nothing to copy");
    desk.write("one.json", r#"{"form05": [{"customer": "甲厂"}]}"#);
    desk.done(&["import", "one.json", "--book", "台帐.book"]);
    let copies = names(&desk.path("备份"));
    let [copy] = copies.as_slice() else { panic!("{copies:?}") };
    // The head of the history that it holds stands in its name.
    let (at, reason, head) = read_backup_name(&desk.path("台帐.book"), copy).unwrap();
    assert_eq!((at.to_string().as_str(), reason), ("2026-11-20 09:00:00", Reason::Import));
    let copy = format!("备份/{copy}");
    let printed = format!("{}:{}", head.unwrap().line, head.unwrap().digits());
    assert!(desk.done(&["check", "--book", &copy, "--head", &printed]).contains("与打印件相符"));
    let count = |book: &str| desk.done(&["list", "--book", book]).lines().count();
    assert_eq!(count(&copy) + 1, count("台帐.book"));
}

/// An older copy in the book's place is true as far as it goes; this computer remembers more.
#[test]
fn an_older_copy_in_the_place_of_the_book_is_named() {
    let desk = Desk::with_book();
    let book = desk.path("台帐.book");
    let earlier = std::fs::read(&book).unwrap();
    let habits = desk.path("习惯/taizhang").join(taizhang::habits::FILE);
    let seen = Store::open(&book).unwrap().witness().unwrap().unwrap().to_string();
    std::fs::create_dir_all(habits.parent().unwrap()).unwrap();
    let kept = serde_json::json!({"heads": [{"path": book, "head": seen}]});
    put(&habits, kept.to_string().as_bytes());
    desk.write("one.json", r#"{"form05": [{"customer": "甲厂"}]}"#);
    desk.done(&["import", "one.json", "--book", "台帐.book"]);
    let now = Store::open(&book).unwrap().witness().unwrap().unwrap().to_string();
    let kept = taizhang::habits::Habits::read(&habits).unwrap();
    assert_eq!(kept.heads[0].head, now, "what is written without a window is remembered too");
    assert!(desk.done(&["check", "--book", "台帐.book"]).contains("检查通过"));

    put(&book, &earlier);
    let checked = desk.run(&["check", "--book", "台帐.book"]);
    assert_eq!(checked.status.code(), Some(1));
    let said = text(&checked.stdout);
    assert!(said.contains("台帐比这台电脑上次看到的短") && said.contains("检查发现 1 处问题"), "{said}");
    let listed = desk.run(&["list", "--book", "台帐.book"]);
    assert_eq!(listed.status.code(), Some(0), "it can be read all the same");
    assert!(text(&listed.stderr).contains("注意：台帐比这台电脑上次看到的短"), "{}", text(&listed.stderr));
}

fn put(path: &Path, bytes: &[u8]) {
    std::io::Write::write_all(&mut std::fs::File::create(path).unwrap(), bytes).unwrap();
}

/// Nobody tells the program what hour it is.
#[test]
fn the_hour_is_not_told_on_the_command_line() {
    let said = Desk::new().said(2, &["list", "--book", "台帐.book", "--now", "2027-11-20T09:00:00"]);
    assert!(said.contains("--now"), "{said}");
}

#[test]
fn a_damaged_book_is_saved_into_a_new_one_with_a_list() {
    let desk = Desk::with_book();
    let mut bytes = std::fs::read(desk.path("台帐.book")).unwrap();
    bytes[..4096].fill(0);
    std::io::Write::write_all(&mut std::fs::File::create(desk.path("台帐.book")).unwrap(), &bytes).unwrap();
    assert!(desk.said(1, &["list", "--book", "台帐.book"]).contains("不是台帐"));
    let said = desk.done(&["salvage", "--book", "台帐.book", "--out", "新.book"]);
    assert!(said.contains("救出 49 张单") && said.contains("修改记录完整"), "{said}");
    assert!(std::fs::read_to_string(desk.path("新-抢救清单.txt")).unwrap().contains("文件共"));
    assert!(desk.done(&["check", "--book", "新.book"]).contains("检查通过"));
    let again = desk.said(1, &["salvage", "--book", "台帐.book", "--out", "新.book"]);
    assert!(again.contains("已有同名的文件"), "{again}");
}

const PACKAGE: &str = r#"
code = "试—2008"
title = "服务提供控制程序"
edition = "2008"
company = "甲厂"
departments = ["客户服务部"]

[roles]
service = { name = "派工", department = "客户服务部" }

[number]
pattern = "{year}-{sequence}"
digits = 4
"#;
const DISPATCH: &str = r#"
form = "02"
edition = "A/0"
short = "派工单"
code = "试—02"
title = "三包服务派工单"
owner = "service"
identity = { subject = "customer", date = "called" }

[[section]]
rows = ["h10 用户名称=customer:customer 25|60 · 报修日期=called:date 25|60", "h40 故障现象:=fault:text 170"]
"#;

/// Packages are found beside the book, listed, checked, and their forms are printed by qualified ids.
#[test]
fn packages_are_listed_and_checked_and_their_forms_printed() {
    let desk = Desk::with_book();
    let listed = desk.done(&["procedures"]);
    assert!(listed.contains("qg-r0309　用户服务管理程序　QG/R0309—2009　D/0"), "{listed}");
    assert!(listed.contains("用户投诉(意见)处置记录单"), "{listed}");
    std::fs::create_dir_all(desk.path("procedures/demo")).unwrap();
    desk.write("procedures/demo/procedure.toml", PACKAGE);
    desk.write("procedures/demo/02-dispatch.toml", DISPATCH);
    let listed = desk.done(&["procedures", "--book", "台帐.book"]);
    assert!(listed.contains("demo　服务提供控制程序　试—2008　2008　自有"), "{listed}");
    assert!(listed.contains("demo/02"), "{listed}");
    assert_eq!(desk.done(&["procedure", "check", "procedures/demo"]), "没有不对的地方：1 种表单\n");
    desk.done(&["export", "blank", "demo/02", "--book", "台帐.book", "--out", "空白.pdf"]);
    desk.done(&["export", "blank", "05", "--out", "空白五.pdf"]);
    assert!(desk.is_pdf("空白.pdf") && desk.is_pdf("空白五.pdf"));
    desk.done(&["list", "--form", "demo/02", "--book", "台帐.book"]);
    assert!(
        desk.said(1, &["export", "blank", "demo/09", "--book", "台帐.book", "--out", "x.pdf"])
            .contains("没有“demo/09”")
    );
    // Both mistakes are told, and the package that nobody chose keeps nobody from work.
    let wrong = DISPATCH.replace("owner = \"service\"", "owner = \"servic\"").replace("25|60\",", "25|65\",");
    desk.write("procedures/demo/02-dispatch.toml", &wrong);
    let output = desk.run(&["procedure", "check", "procedures/demo"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("第 7 行第 9 列：没有“servic”这个职责，可用：service；想写的大概是 `service`"), "{said}");
    assert!(
        said.contains("第 11 行第 9 列：一行的宽度共 175 毫米，应为 170 毫米") && said.ends_with("共 2 处不对\n"),
        "{said}"
    );
    desk.done(&["list", "--book", "台帐.book"]);
    assert!(desk.said(1, &["procedure", "check", "没有"]).contains("没有"));
}

#[test]
fn help_is_in_chinese() {
    let desk = Desk::new();
    let commands = ["import", "list", "export", "check", "salvage", "demo", "procedures", "procedure"]
        .map(|it| vec![it, "--help"]);
    let exports = ["slip", "ledger", "blank"].map(|it| vec!["export", it, "-h"]);
    for args in [vec!["--help"], vec!["-h"]].into_iter().chain(commands).chain(exports) {
        let help = desk.done(&args);
        assert!(help.contains("用法：taizhang "), "{help}");
        for english in ["Usage", "Options", "Commands", "Arguments", "Print", "default", "possible", "help for"] {
            assert!(!help.contains(english), "{english}: {help}");
        }
    }
    assert!(desk.done(&["--help"]).contains("  2  命令写得不对"));
}

#[test]
fn a_command_written_wrongly_is_told_in_one_sentence() {
    let desk = Desk::new();
    for (args, why) in [
        (&["foo"][..], "没有“foo”这个命令"),
        (&["--foo"], "不认识“--foo”"),
        (&["import"], "缺少 <文件>"),
        (&["list", "--form", "--json"], "--form <表号> 后面没有写值"),
        (&["export"], "命令没有写完"),
        (&["list", "--json", "--json"], "--json 写了两次"),
        (&["export", "ledger", "--from", "2026-01-01", "--out", "x"], "缺少 --to <日期>"),
        (
            &["export", "ledger", "--year", "2026", "--from", "2026-01-01", "--to", "2026-01-02", "--out", "x"],
            "--year <年> 不能与 --from <日期>、--to <日期> 同时写",
        ),
    ] {
        assert_eq!(desk.said(2, args), format!("台帐：{why}。用“taizhang --help”查看用法"));
    }
    let ledger = ["export", "ledger", "--book", "b", "--out", "x"];
    for (args, why) in [
        (&["list"][..], "缺少 --book <台帐>：请写明是哪一本台帐"),
        (
            &[&ledger[..], &["--from", "2026-02-01", "--to", "2026-01-01"]].concat(),
            "--from（2026-02-01）在 --to（2026-01-01）之后",
        ),
        (&ledger, "缺少 --year，或 --from 和 --to"),
    ] {
        assert_eq!(desk.said(2, args), format!("台帐：{why}"));
    }
    assert_eq!(desk.names(), [""; 0]);
}

/// 台帐口令: the work at the command line takes it from a file, and says that a PDF has none.
#[test]
fn a_book_with_a_password_is_worked_on_with_the_password_from_a_file() {
    let desk = Desk::with_book();
    let key = taizhang::store::Key::new("质量科 2026");
    taizhang::store::Opener::new(&desk.path("台帐.book"), None).change_key(key.as_ref()).unwrap();
    let said = desk.said(1, &["list", "--book", "台帐.book"]);
    assert!(said.contains("要输入口令"), "{said}");
    desk.write("口令.txt", "质量科 2026\r\n");
    let slips = desk.done(&["list", "--book", "台帐.book", "--password-file", "口令.txt"]);
    assert!(slips.contains("2024-001"), "{slips}");
    let with = ["--book", "台帐.book", "--password-file", "口令.txt"];
    let output = desk.run(&[&["export", "ledger", "--year", "2024", "--out", "a.pdf"], with.as_slice()].concat());
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("a.pdf 没有加密"), "{}", text(&output.stderr));
    desk.write("口令.txt", "别的");
    let said = desk.said(1, &[&["check"], with.as_slice()].concat());
    assert!(said.contains("口令不对"), "{said}");
}

// Files that are not what they seem.

/// A run that is over within half a minute, or has hung.
#[cfg(unix)]
fn ended(command: &mut Command) -> Output {
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let began = std::time::Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed().as_secs() >= 30 {
            child.kill().unwrap();
            panic!("hangs: {command:?}");
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    child.wait_with_output().unwrap()
}

#[cfg(unix)]
impl Desk {
    /// The sentence of work that is refused at once, with no more than 600 MB of memory.
    fn refused(&self, args: &[&str]) -> String {
        let mut command = Command::new("sh");
        let words: Vec<String> = args.iter().map(|it| format!("'{it}'")).collect();
        let program = env!("CARGO_BIN_EXE_taizhang");
        let line = format!("ulimit -v 600000; exec '{program}' {}", words.join(" "));
        command.env("TAIZHANG_NOW", "2026-11-20T09:00:00");
        let output = ended(command.current_dir(self.0.path()).args(["-c", &line]));
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert_eq!(said.matches('\n').count(), 1, "one sentence: {said}");
        said.trim_end().to_owned()
    }

    fn pipe(&self, name: &str) {
        assert!(Command::new("mkfifo").arg(self.path(name)).status().unwrap().success());
    }

    /// Everything that lies there, byte by byte; of what is no file, that it is there.
    fn everything(&self) -> Vec<(String, Vec<u8>)> {
        let bytes = |it: &String| {
            let path = self.path(it);
            if path.is_file() { std::fs::read(path).unwrap() } else { Vec::new() }
        };
        self.names().into_iter().map(|it| (it.clone(), bytes(&it))).collect()
    }
}

/// Every command that writes a file writes over nothing but a file of its own kind: no book, open, locked or anybody's, no
/// log, no backup, no text, no pipe, no folder. All lies there as it was, and nothing beside it.
#[cfg(unix)]
#[test]
fn nothing_is_written_over_that_is_no_file_of_the_same_kind() {
    let desk = Desk::with_book();
    std::fs::copy(desk.path("台帐.book"), desk.path("别的.book")).unwrap();
    std::fs::copy(desk.path("台帐.book"), desk.path("台帐-备份-20261120-090000-手动.book")).unwrap();
    std::os::unix::fs::symlink(desk.path("台帐.book"), desk.path("链接.pdf")).unwrap();
    let key = taizhang::store::Key::new("质量科");
    taizhang::store::Opener::new(&desk.path("别的.book"), None).change_key(key.as_ref()).unwrap();
    desk.write("名单.pdf", "不是 PDF");
    desk.write("空.pdf", "");
    desk.pipe("管道");
    std::fs::create_dir(desk.path("文件夹")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(desk.path("套接字")).unwrap();
    let before = desk.everything();
    let exports: [&[&str]; 3] = [
        &["export", "slip", "--book", "台帐.book", "--no", "2024-002"],
        &["export", "ledger", "--book", "台帐.book", "--year", "2024"],
        &["export", "blank", "05"],
    ];
    for export in exports {
        for (out, said) in [
            ("台帐.book", "它是台帐"),
            ("链接.pdf", "它是台帐"),
            ("别的.book", "它是加了口令的台帐"),
            ("台帐-备份-20261120-090000-手动.book", "它是台帐"),
            ("cases.json", "它是文字文件"),
            ("名单.pdf", "它是文字文件"),
            ("台帐.book-wal", "请换一个名字"),
            ("台帐.book-journal", "请换一个名字"),
            ("台帐.book-lock", "请换一个名字"),
            ("管道", "是管道"),
            ("套接字", "是套接字"),
            ("文件夹", "这是文件夹"),
        ] {
            let why = desk.refused(&[export, &["--out", out]].concat());
            assert!(why.contains(said) && why.contains(out), "{export:?} {out}: {why}");
        }
    }
    for out in ["别的.book", "cases.json", "管道", "文件夹", "链接.pdf", "空.pdf", "台帐.book-wal", "新.book-shm"]
    {
        desk.refused(&["salvage", "--book", "台帐.book", "--out", out]);
    }
    assert_eq!(desk.everything(), before);
    // A PDF, and what is empty, gives way.
    for _ in 0..2 {
        desk.done(&["export", "blank", "05", "--out", "空.pdf"]);
        assert!(desk.is_pdf("空.pdf"));
    }
}

/// A list of what was lost is not written over what somebody else called so, either.
#[test]
fn a_salvaged_book_takes_no_other_books_log_and_no_list_away() {
    let desk = Desk::with_book();
    desk.write("新.book-wal", "of another book");
    assert!(desk.said(1, &["salvage", "--book", "台帐.book", "--out", "新.book"]).contains("旁边有 新.book-wal"));
    assert!(!desk.path("新.book").exists());
}

/// Whatever is read may be a pipe that nobody writes into, a device without end, a folder: it is told at once.
#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_told_wherever_one_is_read() {
    let desk = Desk::with_book();
    desk.pipe("管道");
    std::os::unix::fs::symlink("/dev/zero", desk.path("无尽")).unwrap();
    std::os::unix::fs::symlink(desk.path("管道"), desk.path("链接")).unwrap();
    std::fs::create_dir(desk.path("文件夹")).unwrap();
    for (odd, said) in [("管道", "管道"), ("链接", "管道"), ("无尽", "设备"), ("文件夹", "文件夹")] {
        for command in [
            &["list", "--book", odd][..],
            &["check", "--book", odd],
            &["export", "ledger", "--year", "2026", "--out", "x.pdf", "--book", odd],
            &["import", "cases.json", "--book", odd],
            &["import", odd, "--book", "台帐.book"],
            &["salvage", "--out", "新.book", "--book", odd],
            &["list", "--book", "台帐.book", "--password-file", odd],
        ] {
            let why = desk.refused(command);
            assert!(why.contains(said) && why.contains(odd), "{command:?}: {why}");
        }
        for name in ["forms/05.toml", "forms/calendar.toml"] {
            std::fs::create_dir(desk.path("forms")).unwrap();
            std::os::unix::fs::symlink(desk.path(odd), desk.path(name)).unwrap();
            let why = desk.refused(&["list", "--book", "台帐.book"]);
            assert!(why.contains(said) && why.contains(name), "{why}");
            std::fs::remove_dir_all(desk.path("forms")).unwrap();
        }
        for log in ["台帐.book-wal", "台帐.book-journal", "台帐.book-shm"] {
            std::os::unix::fs::symlink(desk.path(odd), desk.path(log)).unwrap();
            let why = desk.refused(&["list", "--book", "台帐.book"]);
            assert!(why.contains(log) && why.contains("不是文件"), "{why}");
            std::fs::remove_file(desk.path(log)).unwrap();
        }
    }
    assert!(!desk.path("新.book").exists() && !desk.path("x.pdf").exists());
}

#[cfg(unix)]
#[test]
fn a_password_is_read_from_a_small_file() {
    let desk = Desk::with_book();
    desk.write("口令.txt", &"口".repeat(2000));
    assert!(desk.refused(&["list", "--book", "台帐.book", "--password-file", "口令.txt"]).contains("文件太大"));
}

/// A few megabytes made millions of sheets, or took all memory there is.
#[cfg(unix)]
#[test]
fn an_exchange_file_without_end_is_refused_within_bounds() {
    let desk = Desk::new();
    let many = |one: &str, count: usize| vec![one; count].join(",");
    let sheet = |inside: String| format!("{{\"form05\": [{{}}, {{{inside}}}]}}");
    let fact = r#"{"时间": "2026-11-20T09:00:00", "操作人": "", "事项": {"Held": {"reason": ""}}}"#;
    let cells: Vec<String> = (0..20_000).map(|it| format!("\"{it}\":\"x\"")).collect();
    let files = [
        ("sheets", format!("{{\"form05\": [{}]}}", many("{}", 3_000_000)), "单太多，一次最多 20000 张"),
        ("list", format!("[{}]", many("{\"form\":\"05\"}", 3_000_000)), "单太多，一次最多 20000 张"),
        ("numbers", sheet(format!("\"a\": [{}]", many("1", 2_000_000))), "“form05”第 2 张：内容太多"),
        ("all", format!("{{\"form05\": [{}]}}", many(&format!("{{\"a\": [{}]}}", many("1", 190_000)), 12)), "内容太多"),
        ("facts", sheet(format!("\"经过\": [{}]", many(fact, 10_001))), "“经过”太多，一张单最多 10000 项"),
        ("corrections", sheet(format!("\"更正\": [{}]", many("{}", 10_001))), "“更正”太多，一张单最多 10000 项"),
        ("cells", sheet(cells.join(",")), "写了字的格太多"),
        ("text", sheet(format!("\"a\": \"{}\"", "甲".repeat(1_000_000))), "“form05”第 2 张：有一处文字太长"),
        ("deep", sheet(format!("\"a\": {}1{}", "[".repeat(200), "]".repeat(200))), "一层套一层太多了"),
        ("open", "[".repeat(50_000_000), "一层套一层太多了"),
    ];
    for (name, text, said) in files {
        desk.write("大.json", &text);
        let why = desk.refused(&["import", "大.json", "--book", "新.book"]);
        assert!(why.contains(said), "{name}: {why}");
        assert!(!desk.path("新.book").exists());
    }
}

#[test]
fn another_way_to_write_letters_is_named() {
    let desk = Desk::new();
    let put = |bytes: &[u8]| {
        use std::io::Write as _;
        std::fs::File::create(desk.path("另.json")).unwrap().write_all(bytes).unwrap();
        desk.said(1, &["import", "另.json", "--book", "新.book"])
    };
    let json = "{\"form05\": [{\"用户名称\": \"甲\"}]}";
    let wide = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        [mark, &json.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()].concat()
    };
    for (mark, bytes) in
        [(&[0xFF, 0xFE][..], u16::to_le_bytes as fn(u16) -> [u8; 2]), (&[0xFE, 0xFF], u16::to_be_bytes)]
    {
        assert!(put(&wide(mark, bytes)).contains("UTF-16 编码的，不是 UTF-8"));
        assert!(put(&wide(&[], bytes)).contains("UTF-16 编码的，不是 UTF-8"));
    }
    // Cut off within a letter, and within the file.
    assert!(put(&json.as_bytes()[..15]).contains("UTF-8") && put(&json.as_bytes()[..11]).contains("就断了"));
    // 用户名称 in GBK, behind more letters than are looked at in one piece.
    let mut gbk = format!("{{\"form05\": [{{\"x\": \"{}\", \"", "甲".repeat(9_000)).into_bytes();
    gbk.extend(b"\xD3\xC3\xBB\xA7\xC3\xFB\xB3\xC6\": \"\"}]}");
    assert!(put(&gbk).contains("也许是 GBK"));
    assert!(!desk.path("新.book").exists());
    use std::io::Write as _;
    let marked = ["\u{FEFF}".as_bytes(), json.as_bytes()].concat();
    std::fs::File::create(desk.path("好.json")).unwrap().write_all(&marked).unwrap();
    desk.done(&["import", "好.json", "--book", "新.book"]);
}

/// One such number left none for the rest of the year.
#[test]
fn a_number_far_ahead_of_the_years_last_is_refused() {
    let desk = Desk::with_book();
    let before = desk.done(&["list", "--book", "台帐.book", "--json"]);
    desk.write("远.json", r#"{"form05": [{"number": "2026-9999999"}, {"number": "2026-400"}]}"#);
    let said = desk.said(1, &["import", "远.json", "--book", "台帐.book"]);
    assert!(said.contains("编号 2026-9999999 比这一年最后的编号大得太多"), "{said}");
    assert_eq!(desk.done(&["list", "--book", "台帐.book", "--json"]), before);
    // A whole year into a new book, the last number first.
    let year: Vec<String> = (1..=300).rev().map(|it| format!(r#"{{"number": "2026-{it:03}"}}"#)).collect();
    desk.write("年.json", &format!(r#"{{"form05": [{}]}}"#, year.join(",")));
    desk.done(&["import", "年.json", "--book", "新.book"]);
}

/// What is taken into a book that was meddled with cannot be told from it afterwards: it is asked for twice.
#[test]
fn a_book_that_is_not_in_order_takes_nothing_in_unasked() {
    let desk = Desk::with_book();
    let book = rusqlite::Connection::open(desk.path("台帐.book")).unwrap();
    let sql = "UPDATE value SET text = '改过' WHERE text = (SELECT max(text) FROM value WHERE length(text) > 9)";
    let changed = book.execute(sql, []);
    assert_eq!(changed.unwrap(), 1);
    drop(book);
    desk.write("one.json", r#"{"form05": [{"用户名称": "甲"}]}"#);
    let lines = |it: &Desk| it.done(&["list", "--book", "台帐.book"]).lines().count();
    let before = lines(&desk);
    let said = desk.said(1, &["import", "one.json", "--book", "台帐.book"]);
    assert!(said.contains("检查时发现") && said.contains("--although-damaged"), "{said}");
    assert_eq!(lines(&desk), before);
    assert!(!desk.path("备份").exists());
    desk.done(&["import", "one.json", "--book", "台帐.book", "--although-damaged"]);
    assert_eq!(lines(&desk), before + 1);
}

/// What a window that was killed left half-written goes when a book of the folder is opened next.
#[cfg(target_os = "linux")]
#[test]
fn what_the_killed_left_behind_goes_with_the_next_opening() {
    let desk = Desk::with_book();
    desk.write("台帐.book-在用-AbCd12", "机器\n人\n1\n");
    desk.write("别的.book-在用-AbCd12", "机器\n人\n1\n");
    desk.write("说明-在用-AbCd12.txt", "机器\n人\n1\n");
    // As of another start of the machine, cut off by its end.
    desk.write(".taizhang-0123abcd-4026531836-77-AbCd12", "half a book");
    desk.write(".taizhang-说明.txt", "ours");
    let living = taizhang::files::temporary_in(desk.0.path()).unwrap();
    let before = desk.names();
    desk.done(&["import", "cases.json", "--book", "新.book"]);
    drop(taizhang::store::Store::open(&desk.path("新.book")).unwrap());
    let gone: Vec<String> = before.into_iter().filter(|it| !desk.names().contains(it)).collect();
    assert_eq!(gone, [".taizhang-0123abcd-4026531836-77-AbCd12", "别的.book-在用-AbCd12", "台帐.book-在用-AbCd12"]);
    drop(living);
}

/// Whose folders a book names nobody knows that has no window: its copies lie beside it.
#[test]
fn a_foreign_books_folder_for_copies_is_not_written_to() {
    let desk = Desk::with_book();
    let store = taizhang::store::Store::open(&desk.path("台帐.book")).unwrap();
    let (folder, second) = (desk.path("别人的"), desk.path("U盘"));
    std::fs::create_dir(&second).unwrap();
    store.set_backup_places(&taizhang::store::Places { folder, second }).unwrap();
    drop(store);
    desk.write("one.json", r#"{"form05": [{"用户名称": "甲"}]}"#);
    desk.done(&["import", "one.json", "--book", "台帐.book"]);
    assert!(!desk.path("别人的").exists());
    assert_eq!(names(&desk.path("U盘")), [""; 0]);
    assert_eq!(names(&desk.path("备份")).len(), 1);
}

/// A book on a CD, or of an older program, is looked over, listed and exported from as it lies there: nothing is written to it,
/// nothing beside it, and its version stays.
#[test]
fn what_only_reads_writes_nothing() {
    for version in [1, 6, 7] {
        let desk = Desk::new();
        let folder = desk.path("光盘");
        std::fs::create_dir(&folder).unwrap();
        let book = folder.join("a.book");
        std::fs::copy(format!("tests/data/books/version-{version}.book"), &book).unwrap();
        let read_only = |it: &Path, on: bool| {
            let mut rights = it.metadata().unwrap().permissions();
            rights.set_readonly(on);
            std::fs::set_permissions(it, rights).unwrap();
        };
        let before = std::fs::read(&book).unwrap();
        read_only(&book, true);
        read_only(&folder, true);
        assert!(desk.done(&["check", "--book", "光盘/a.book"]).starts_with("检查通过"));
        assert!(json(&desk.done(&["list", "--json", "--book", "光盘/a.book"])).as_array().unwrap().len() > 3);
        desk.done(&["export", "ledger", "--year", "2024", "--out", "x.pdf", "--book", "光盘/a.book"]);
        desk.done(&["export", "slip", "--no", "2024-001", "--out", "y.pdf", "--book", "光盘/a.book"]);
        assert!(desk.is_pdf("x.pdf") && desk.is_pdf("y.pdf"));
        read_only(&folder, false);
        assert_eq!(names(&folder), ["a.book"], "version {version}");
        assert!(std::fs::read(&book).unwrap() == before, "version {version}");
    }
}

/// An office's own forms go into its book, which then needs nothing beside it, and out of it again.
#[test]
fn a_package_is_taken_into_a_book_and_given_back() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("forms")).unwrap();
    desk.write("forms/07-own.toml", OWN_FORM);
    desk.write("one.json", r#"{"form07": [{"内容": "甲", "签名": "沈䶮"}]}"#);
    desk.done(&["import", "one.json", "--book", "台帐.book"]);
    let said = desk.said(1, &["procedure", "give", "qg-r0309", "--book", "台帐.book"]);
    assert!(said.contains("台帐里没有收着“qg-r0309”"), "{said}");
    desk.done(&["procedure", "take", "qg-r0309", "--book", "台帐.book"]);
    std::fs::remove_dir_all(desk.path("forms")).unwrap();
    let listed = desk.done(&["list", "--form", "07", "--json", "--book", "台帐.book"]);
    assert!(listed.contains("甲"), "{listed}");
    assert!(desk.done(&["check", "--book", "台帐.book"]).starts_with("检查通过"));
    desk.done(&["procedure", "give", "qg-r0309", "--book", "台帐.book"]);
    assert_eq!(std::fs::read_to_string(desk.path("forms/07-own.toml")).unwrap(), OWN_FORM);
    assert!(desk.done(&["export", "front", "sanbao", "--out", "x.pdf"]).is_empty());
    assert!(std::fs::read(desk.path("x.pdf")).unwrap().starts_with(b"%PDF"));
}
