//! The arrows of the house, checked: a room uses only those above it, and names only the crates it owns.

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
const OWNERS: [(&str, &[&str]); 20] = [
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
