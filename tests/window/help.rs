//! The guide inside the program and as PDF, and what the program tells of itself: versions, places, licences.

use std::collections::BTreeSet;

use crate::common::{click, notice, procedure, window};
use eframe::egui::Key;
use egui_kittest::kittest::Queryable as _;
use taizhang::app::Answer;
use taizhang::export::guide_pages;
use taizhang::face::{resolve, width};
use taizhang::layout::Mark;
use taizhang::licences::Licences;

#[test]
fn the_guide_is_two_pages_and_all_of_it_stands_on_them() {
    let pages = guide_pages(&procedure(), crate::common::now().date());
    assert_eq!(pages.len(), 2);
    for page in &pages {
        for mark in &page.marks {
            let Mark::Text(text) = mark else { continue };
            let right = text.at.x + width(text.face, text.size, &text.text);
            assert!(right.to_mm() <= page.paper.width.to_mm() - 14.9, "{} runs out of the page", text.text);
            assert!(text.at.y.to_mm() <= page.paper.height.to_mm() - 17.9, "{}", text.text);
            let lacking: String = text.text.chars().filter(|it| resolve(text.face, *it).shown != *it).collect();
            assert_eq!(lacking, "", "no face has these");
        }
    }
    let lines = |it: &taizhang::layout::Page| it.marks.iter().filter(|it| matches!(it, Mark::Line { .. })).count();
    assert!(lines(&pages[0]) > 20, "the picture of the slip");
}

#[test]
fn f1_shows_the_guide_and_it_goes_out_as_pdf() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, hands) = window(folder.path(), "a.book");
    window.key_press(Key::F1);
    window.run();
    assert!(window.query_by_label_contains("一、从哪里开始").is_some());
    let to = folder.path().join("说明.pdf");
    hands.answers.borrow_mut().push(Answer::Path(to.clone()));
    window.get_by_label("存成 PDF…").click();
    while !notice(&window).starts_with("已导出") {
        window.step();
        std::thread::yield_now();
    }
    assert_eq!(*hands.suggested.borrow(), ["台帐使用说明.pdf"]);
    if let Some(text) = crate::common::read("pdftotext", &[to.to_str().unwrap(), "-"]) {
        assert!(text.contains("十六、遇到问题") && text.contains("第 2 页 共 2 页"), "{text}");
    }
    window.key_press(Key::Escape);
    window.run();
    assert!(window.query_by_label_contains("一、从哪里开始").is_none());
}

#[test]
fn about_tells_versions_places_and_each_licence_by_name_or_words() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, hands) = window(folder.path(), "a.book");
    click(&mut window, "帮助");
    click(&mut window, "关于…");
    assert!(window.query_by_label_contains(env!("CARGO_PKG_VERSION")).is_some());
    assert!(window.query_by_label_contains("台帐文件的格式：第 8 版").is_some());
    click(&mut window, "打开文件夹 这本台帐");
    assert_eq!(*hands.opened.borrow(), [folder.path()]);
    window.get_by_label("找许可证").click();
    window.run();
    window.get_by_label("找许可证").type_text("BabelStone");
    window.run();
    click(&mut window, "BabelStone Han　Arphic Public License");
    assert!(window.query_by_label_contains("ARPHIC PUBLIC LICENSE").is_some());
    let to = folder.path().join("许可证.txt");
    hands.answers.borrow_mut().push(Answer::Path(to.clone()));
    window.get_by_label("许可证存成文本…").click();
    while !notice(&window).starts_with("已导出") {
        window.step();
        std::thread::yield_now();
    }
    assert!(std::fs::read_to_string(&to).unwrap().contains("Apache License"));
    assert_eq!(*hands.suggested.borrow(), ["台帐_许可证.txt"]);
}

/// What cargo builds into the program on Linux and on Windows, by its own account.
fn graph() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for target in ["x86_64-unknown-linux-gnu", "x86_64-pc-windows-gnu"] {
        let cargo = std::process::Command::new(env!("CARGO"))
            .args(["tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"])
            .args(["--target", target])
            .output()
            .unwrap();
        assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
        for line in String::from_utf8(cargo.stdout).unwrap().lines() {
            let mut words = line.split_whitespace();
            if let (Some(name), Some(version)) = (words.next(), words.next()) {
                all.insert(format!("{name} {}", version.trim_start_matches('v')));
            }
        }
    }
    all.remove(&format!("taizhang {}", env!("CARGO_PKG_VERSION")));
    all
}

#[test]
fn every_crate_and_face_in_the_program_is_there_with_its_licence() {
    let licences = Licences::unpack();
    let told: BTreeSet<String> = licences.crates.iter().map(|it| format!("{} {}", it.name, it.version)).collect();
    let missing: Vec<String> = graph().difference(&told).cloned().collect();
    assert!(missing.is_empty(), "run packaging/licences.sh: {missing:?}");
    assert!(told.iter().any(|it| it.starts_with("sqlite3mc-src ")), "built into the program, too");
    assert_eq!(licences.faces.len(), 3);
    for part in licences.parts() {
        assert!(licences.texts(part).map(str::len).sum::<usize>() > 200, "{} has no text", part.name);
    }
}
