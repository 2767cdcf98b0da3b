//! The arrows of the house, checked: a room uses only those above it, and names only the crates it owns.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in reading order; a room may use only those before it.
const ORDER: [&str; 30] = [
    "units",
    "files",
    "calendar",
    "expression",
    "face",
    "procedure",
    "record",
    "flow",
    "register",
    "list",
    "customers",
    "similar",
    "retention",
    "search",
    "today",
    "layout",
    "password",
    "store",
    "exchange",
    "pdf",
    "crash",
    "habits",
    "licences",
    "export",
    "print",
    "command",
    "ui",
    "app",
    "cli",
    "main",
];

/// Rooms that may not use each other whatever their order: views know neither the book nor the PDF.
const FORBIDDEN: [(&str, &str); 6] =
    [("ui", "store"), ("ui", "exchange"), ("ui", "pdf"), ("ui", "export"), ("pdf", "store"), ("cli", "app")];

/// Only these rooms may name these crates.
const OWNERS: [(&str, &[&str]); 21] = [
    ("egui", &["ui", "app", "main"]),
    ("eframe", &["ui", "app", "main"]),
    ("egui_extras", &["ui"]),
    ("rusqlite", &["store"]),
    ("printpdf", &["pdf"]),
    ("lopdf", &["pdf"]),
    ("subsetter", &["pdf"]),
    ("skrifa", &["face"]),
    ("unicode_linebreak", &["face"]),
    ("memchr", &["search"]),
    ("datamatrix", &["layout"]),
    ("argon2", &["password"]),
    ("base64", &["record"]),
    ("chacha20poly1305", &["password"]),
    ("ed25519_dalek", &["password"]),
    ("zeroize", &["password"]),
    ("getrandom", &["password"]),
    ("toml", &["calendar", "procedure"]),
    ("cel", &["expression"]),
    ("clap", &["cli"]),
    ("rfd", &["main"]),
];

#[test]
fn every_room_stands_in_lib_in_reading_order() {
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    let rooms: Vec<&str> = lib.lines().filter_map(|it| it.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(rooms, ORDER[..ORDER.len() - 1]);
}

#[test]
fn arrows_point_one_way() {
    let mut wrong = Vec::new();
    for (room, path) in sources() {
        let text = fs::read_to_string(&path).unwrap();
        let rank = ORDER.iter().position(|it| *it == room).unwrap_or_else(|| panic!("{room} has no place in ORDER"));
        for (number, line) in text.lines().enumerate().filter(|(_, it)| !it.trim_start().starts_with("//")) {
            let at = format!("{}:{}", path.display(), number + 1);
            for (place, used) in ORDER.iter().enumerate() {
                let named = [format!("crate::{used}::"), format!("crate::{used};"), format!("crate::{used} ")];
                if named.iter().any(|it| line.contains(it)) {
                    if rank < place {
                        wrong.push(format!("{at}: {room} must not use {used}, which stands below it"));
                    }
                    if FORBIDDEN.contains(&(room.as_str(), used)) {
                        wrong.push(format!("{at}: {room} must not know {used}"));
                    }
                }
            }
            // One `use` line a room, so that this test can read it.
            if line.contains("crate::{") || line.contains("super::super::super") {
                wrong.push(format!("{at}: name each room on a line of its own"));
            }
            for (krate, owners) in OWNERS {
                let named = names_crate(line, krate);
                if named && !owners.contains(&room.as_str()) {
                    wrong.push(format!("{at}: only {owners:?} may name {krate}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The check itself is checked: a line that breaks the rule is found.
#[test]
fn a_wrong_arrow_would_be_found() {
    assert!(names_crate("use eframe::egui::{self, Ui};", "eframe"));
    assert!(names_crate("    rusqlite::Connection::open(path)", "rusqlite"));
    assert!(!names_crate("let toml_like = my_toml::parse();", "toml"));
}

#[test]
fn no_colour_is_named_outside_the_theme() {
    let mut wrong = Vec::new();
    for (_, path) in sources() {
        if path.ends_with("ui/theme.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            if line.contains("from_rgb") || line.contains("from_gray") || line.contains("Color32::BLACK") {
                wrong.push(format!("{}:{}", path.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a package says stands in no line of the program: it could not be said by another package then.
///
/// Looked for are whole literals that are the id of a form; those that are the id of a field, where the program looks into a
/// sheet or a form ([`DOORS`]) or the id is no plain word; and literals in which a clause, a code, a title or a department
/// stands. Words of other languages that happen to be the same are named in [`OTHER_WORDS`].
#[test]
fn no_package_stands_in_the_program() {
    let said = said_by_packages();
    let mut wrong = Vec::new();
    for (_, path) in sources() {
        let name = path.display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        for (line, literal) in literals(&text) {
            let other = OTHER_WORDS.iter().any(|(file, words)| name.starts_with(file) && words.contains(&&*literal));
            if let Some(what) = said.find(&literal, &text, line).filter(|_| !other) {
                wrong.push(format!("{name}:{line}: {what} in {literal:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// By these the program looks into a sheet or a form.
const DOORS: [&str; 14] = [
    ".latest(",
    ".value(",
    ".written(",
    ".signed(",
    ".set(",
    ".set_in(",
    ".field(",
    ".section_of(",
    ".stage_of(",
    ".repeats(",
    ".id.as_str()",
    "text(\"",
    "FieldId",
    "FIELDS",
];

/// Words of other languages, by file or folder: kinds of facts, bytes, figures.
const OTHER_WORDS: [(&str, &[&str]); 3] =
    [("src/record/fact.rs", &["passed_on"]), ("src/expression", &["3.3"]), ("src/store", &["02"])];

/// The check itself is checked: what a package says is found, wherever it hides, and nothing else is.
#[test]
fn a_package_in_the_program_would_be_found() {
    let said = said_by_packages();
    let found = |source: &str| literals(source).into_iter().any(|(line, it)| said.find(&it, source, line).is_some());
    for source in [
        "let form = \"05\";",
        "match field.id.as_str() {\n    \"registrar\" => 1,\n    _ => 2,\n}",
        "record.latest(form, \"customer\")",
        "let ids = [\"registrar_date\"];",
        "Err(format!(\"“{}”已签署（4.5.1）\", stage.name))",
        "(\"4.2 座谈会\", 'x')",
        "let a = '\"'; let b = r#\"技术质安部\"#;",
        "// \"\n let code = \"依据 QG/R0309—2009\";",
        "let title = \"a \\\" 用户沟通(服务)记录表\";",
    ] {
        assert!(found(source), "{source}");
    }
    for source in [
        "let width = \"14.5.10\";",
        "// \"05\" and \"registrar\"",
        "let date = \"2026-05-04\";",
        "let word = \"registrar's\";",
        "Id::unique(\"customer\")",
        "#[cfg(test)]\nmod tests { const A: &str = \"05\"; }",
    ] {
        assert!(!found(source), "{source}");
    }
}

/// What the packages say that no other would.
#[derive(Default)]
struct Said {
    forms: BTreeSet<String>,
    fields: BTreeSet<String>,
    clauses: BTreeSet<String>,
    /// Codes, titles, departments.
    names: BTreeSet<String>,
    /// Short names.
    shorts: BTreeSet<String>,
}

impl Said {
    /// What of it stands in a literal of a line.
    fn find(&self, literal: &str, source: &str, line: usize) -> Option<String> {
        if self.forms.contains(literal) {
            return Some("a form".to_owned());
        }
        let near = || source.lines().skip(line.saturating_sub(3)).take(line.min(3));
        let looks = || near().any(|it| DOORS.iter().any(|door| it.contains(door)));
        if self.fields.contains(literal) && (literal.contains('_') || looks()) {
            return Some("a field".to_owned());
        }
        let alone = |at: usize, it: &str| {
            let digit = |it: Option<char>| it.is_some_and(|it| it.is_ascii_digit() || it == '.');
            !digit(literal[..at].chars().next_back()) && !digit(literal[at + it.len()..].chars().next())
        };
        let clause = self.clauses.iter().find(|it| literal.match_indices(it.as_str()).any(|(at, it)| alone(at, it)));
        let named = |it: &&String| it.chars().count() >= SHORTEST && literal.contains(it.as_str());
        let name = self.names.iter().find(named);
        let name = name.or_else(|| self.shorts.iter().find(|it| literal.starts_with(it.as_str())));
        clause.map(|it| format!("clause {it}")).or_else(|| name.map(|it| format!("“{it}”")))
    }
}

fn said_by_packages() -> Said {
    let mut said = Said::default();
    for package in fs::read_dir("assets/procedures").unwrap() {
        let folder = package.unwrap().path();
        let read = |path: &Path| -> toml::Table {
            let text = fs::read_to_string(path).unwrap();
            text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let bare = read(&folder.join("procedure.toml")).get("bare").and_then(toml::Value::as_bool) == Some(true);
        // Ids of a package stand behind its name, except where books sealed them without.
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let before = if bare { String::new() } else { format!("{name}/") };
        for file in fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|it| it == "toml") {
                said.take(&read(&path), &before);
            }
        }
        said.forms.insert(name);
    }
    assert!(said.forms.len() > 5 && said.fields.len() > 40 && said.clauses.len() > 5 && said.names.len() > 15);
    said
}

/// Shorter ids and names are words of any language.
const SHORTEST: usize = 3;

impl Said {
    fn take(&mut self, table: &toml::Table, before: &str) {
        for (key, value) in table {
            match (key.as_str(), value) {
                ("form", toml::Value::String(it)) if table.contains_key("edition") => {
                    self.forms.insert(format!("{before}{it}"));
                }
                ("short", toml::Value::String(it)) if it.chars().count() >= SHORTEST => {
                    self.shorts.insert(it.clone());
                }
                ("code" | "title", toml::Value::String(it)) if table.contains_key("edition") => {
                    self.names.insert(it.clone());
                }
                ("clause", toml::Value::String(it)) => {
                    self.clauses.insert(it.clone());
                }
                ("clauses", toml::Value::Table(all)) => {
                    self.clauses.extend(all.values().filter_map(|it| Some(it.as_str()?.to_owned())));
                }
                ("departments" | "also", toml::Value::Array(all)) => {
                    self.names.extend(all.iter().filter_map(|it| Some(it.as_str()?.to_owned())));
                }
                // Declared one by one, named in rows as on paper (用户名称=customer:customer 25|50), or told more of.
                ("field" | "beside" | "rows" | "columns", toml::Value::Array(all)) => {
                    let ids = all.iter().filter_map(|it| it.as_table()?.get("id")?.as_str().map(str::to_owned));
                    let cells = all.iter().filter_map(toml::Value::as_str).flat_map(|it| it.split('=').skip(1));
                    let id = |it: &str| -> String {
                        it.chars().take_while(|it| it.is_ascii_lowercase() || *it == '_').collect()
                    };
                    // A signature's date is not named by itself.
                    let named = cells.map(id).filter(|it| it.len() >= SHORTEST);
                    let named = named.flat_map(|it| [format!("{it}_date"), it]);
                    self.fields.extend(ids.chain(named).filter(|it: &String| it.len() >= SHORTEST));
                }
                ("field", toml::Value::Table(all)) => {
                    self.fields.extend(all.keys().filter(|it| it.len() >= SHORTEST).cloned());
                }
                _ => {}
            }
            match value {
                toml::Value::Table(inner) => self.take(inner, before),
                toml::Value::Array(all) => {
                    all.iter().filter_map(toml::Value::as_table).for_each(|it| self.take(it, before))
                }
                _ => {}
            }
        }
    }
}

/// The text literals of a source file with their lines, without those of its tests.
fn literals(source: &str) -> Vec<(usize, String)> {
    let source = source.split("\nmod tests {").next().unwrap_or(source);
    let (mut found, mut line, mut at) = (Vec::new(), 1, 0);
    let chars: Vec<char> = source.chars().collect();
    while let Some(c) = chars.get(at) {
        let rest = &chars[at..];
        match c {
            '\n' => line += 1,
            '/' if rest.get(1) == Some(&'/') => {
                at += rest.iter().position(|it| *it == '\n').unwrap_or(rest.len());
                continue;
            }
            // A character, not a lifetime.
            '\'' if rest.get(1) == Some(&'\\') => at += 1 + usize::from(rest.get(2).is_some()),
            '\'' if rest.get(2) == Some(&'\'') => at += 2,
            'r' if rest.get(1).is_some_and(|it| ['"', '#'].contains(it))
                && !chars[..at].last().is_some_and(|it| is_word(*it)) =>
            {
                let hashes = rest[1..].iter().take_while(|it| **it == '#').count();
                if rest.get(1 + hashes) == Some(&'"') {
                    let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
                    let body = &rest[2 + hashes..];
                    let length = body.windows(end.len()).position(|it| it == end).unwrap_or(body.len());
                    found.push((line, body[..length].iter().collect()));
                    line += body[..length].iter().filter(|it| **it == '\n').count();
                    at += 2 + hashes + length + end.len();
                    continue;
                }
            }
            '"' => {
                let (begin, mut text) = (line, String::new());
                at += 1;
                while let Some(c) = chars.get(at).filter(|it| **it != '"') {
                    line += usize::from(*c == '\n');
                    at += 1;
                    text.push(*c);
                    if *c == '\\'
                        && let Some(escaped) = chars.get(at)
                    {
                        line += usize::from(*escaped == '\n');
                        at += 1;
                        text.push(*escaped);
                    }
                }
                found.push((begin, text));
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn names_crate(line: &str, krate: &str) -> bool {
    let path = format!("{krate}::");
    line.match_indices(&path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|it| it.is_alphanumeric() || it == '_' || it == ':')
    })
}

fn sources() -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    walk(Path::new("src"), &mut found);
    found
}

fn walk(folder: &Path, found: &mut Vec<(String, PathBuf)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs")
            && !path.ends_with("src/lib.rs")
            && !path.ends_with("tests.rs")
        {
            let first = path.strip_prefix("src").unwrap().components().next().expect("a file has a name");
            let first = first.as_os_str().to_string_lossy();
            found.push((first.trim_end_matches(".rs").to_owned(), path.clone()));
        }
    }
}
