//! The PDF as its readers read it: words against marks, every character as typed, clean, small, the same twice.
//! The readers are poppler, mupdf and qpdf where the machine has them; what is read here without them is read by lopdf.

use std::path::Path;

use crate::common::{now, procedure, read, slips};
use taizhang::export::{self, Clock, Which};
use taizhang::layout::{Look, Mark, sheet};
use taizhang::record::{CellId, Correction, Record, Values, Void};
use taizhang::units::{Mm, Rect};

fn clock() -> Clock {
    Clock { now: now(), utc_offset_minutes: 480 }
}

fn slip(number: &str) -> Record {
    slips().into_iter().find(|it| it.number == number).unwrap()
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect()
}

fn save(folder: &Path, bytes: &[u8]) -> String {
    let path = folder.join("x.pdf");
    taizhang::pdf::save(&path, bytes).unwrap();
    path.display().to_string()
}

/// Every character comes back from poppler and from mupdf exactly as typed, in the order of the marks.
#[test]
fn words_read_back_are_the_marks() {
    let procedure = procedure();
    let folder = tempfile::tempdir().unwrap();
    for record in slips() {
        let form = procedure.edition(&record.form, &record.edition).unwrap();
        let look = |copy| Look { copy: Some(copy), signatures: true, raw: None, round: record.last_round() };
        let pages = form.copies.iter().flat_map(|it| sheet(&procedure, form, &record, &look(it)));
        let mut marks = String::new();
        for mark in pages.flat_map(|it| it.marks) {
            match mark {
                Mark::Text(text) | Mark::Stamp { text, .. } => marks.push_str(&bare(&text.text)),
                Mark::Line { .. } | Mark::Frame { .. } | Mark::Picture { .. } => {}
            }
        }
        let file = save(folder.path(), &export::slip(&procedure, &record, Which::Last, true, &clock()).unwrap());
        if let Some(said) = read("pdftotext", &["-raw", &file, "-"]) {
            assert_same_characters(&record.number, "pdftotext", &marks, &bare(&said));
        }
        if let Some(said) = read("mutool", &["draw", "-F", "txt", &file]) {
            assert_same_characters(&record.number, "mutool", &marks, &bare(&said));
        }
    }
}

/// Readers order columns as they like: each character is there as often as it was typed.
fn assert_same_characters(number: &str, reader: &str, typed: &str, read: &str) {
    let sorted = |text: &str| {
        // Joiners, direction marks and variation selectors take no room: readers drop some of them.
        let mut all: Vec<char> = text.chars().filter(|c| !taizhang::face::is_invisible(*c)).collect();
        all.sort_unstable();
        all.into_iter().collect::<String>()
    };
    assert_eq!(sorted(read), sorted(typed), "{number} by {reader}");
}

#[test]
fn rare_names_radicals_and_missing_characters_come_back_as_typed() {
    let procedure = procedure();
    let form = procedure.form(&"05".into()).unwrap();
    let mut record = Record::empty(form, now());
    let text = "日⽇一⼀䶮𬭚𠮷㼆·吐尔逊⋯〜①Ⅳ㎡℃≤😀🏽龘𪚥";
    record.set(&"complaint".into(), text);
    let folder = tempfile::tempdir().unwrap();
    let file = save(folder.path(), &export::slip(&procedure, &record, Which::Last, false, &clock()).unwrap());
    for (reader, args) in [("pdftotext", vec!["-raw", &file, "-"]), ("mutool", vec!["draw", "-F", "txt", &file])] {
        if let Some(said) = read(reader, &args) {
            assert!(bare(&said).contains(text), "{reader}: {said}");
        }
    }
    assert!(!record.check(form).is_empty(), "what no face has is told before printing");
}

#[test]
fn the_file_is_clean_small_titled_and_the_same_twice() {
    let procedure = procedure();
    let record = slip("2024-001");
    let bytes = export::slip(&procedure, &record, Which::Last, true, &clock()).unwrap();
    assert_eq!(bytes, export::slip(&procedure, &record, Which::Last, true, &clock()).unwrap());
    assert!(bytes.len() <= 120 * 1024, "{} bytes", bytes.len());
    let folder = tempfile::tempdir().unwrap();
    let file = save(folder.path(), &bytes);
    if let Some(said) = read("qpdf", &["--check", &file]) {
        assert!(said.contains("No syntax or stream encoding errors found"), "{said}");
    }
    if let Some(said) = read("pdfinfo", &[&file]) {
        for line in ["用户投诉(意见)处置记录单 2024-001", "上海氯碱机械有限公司", "Pages:           2", "A4"]
        {
            assert!(said.contains(line), "{said}");
        }
    }
    if let Some(said) = read("pdffonts", &[&file]) {
        let faces: Vec<&str> = said.lines().skip(2).collect();
        assert!(
            faces.len() >= 2 && faces.iter().all(|it| it.contains("CID TrueType") && it.contains("yes yes yes")),
            "{said}"
        );
    }
}

/// 4.5.1: two copies, each with its continuation sheets; signature cells are left empty for ink unless asked.
#[test]
fn two_copies_each_with_its_mark_and_no_typed_signatures() {
    let procedure = procedure();
    let record = slip("2024-004");
    let folder = tempfile::tempdir().unwrap();
    let file = save(folder.path(), &export::slip(&procedure, &record, Which::Last, false, &clock()).unwrap());
    let Some(said) = read("pdftotext", &["-raw", &file, "-"]) else { return };
    for (words, times) in [
        ("第一联 报技术质安部", 2),
        ("第二联 实施部门留底", 2),
        ("用户投诉(意见)处置记录单(续页)", 2),
        ("见续页", 6),
        ("以下空白", 2),
        ("第 1 页 共 2 页", 2),
        ("第 2 页 共 2 页", 2),
        ("2024年5月13日", 0),
    ] {
        assert_eq!(said.matches(words).count(), times, "{words} in {said}");
    }
    let file = save(folder.path(), &export::slip(&procedure, &record, Which::Last, true, &clock()).unwrap());
    assert_eq!(read("pdftotext", &["-raw", &file, "-"]).unwrap().matches("2024年5月13日").count(), 2);
}

/// poppler, mupdf and ghostscript render it alike: the same ink, to within the edges' shading.
#[test]
fn three_readers_render_it_alike() {
    let procedure = procedure();
    let folder = tempfile::tempdir().unwrap();
    let file = save(folder.path(), &export::slip(&procedure, &slip("2024-004"), Which::Last, true, &clock()).unwrap());
    let to = |name: &str| folder.path().join(name).display().to_string();
    let (poppler, mupdf, gs) = (to("p"), to("m.png"), to("g.png"));
    let drawn = [
        read("pdftoppm", &["-r", "50", "-png", "-gray", "-f", "1", "-l", "1", "-singlefile", &file, &poppler]),
        read("mutool", &["draw", "-q", "-r", "50", "-c", "gray", "-o", &mupdf, &file, "1"]),
        read(
            "gs",
            &[
                "-q",
                "-sDEVICE=pnggray",
                "-r50",
                "-dTextAlphaBits=4",
                "-dGraphicsAlphaBits=4",
                "-dLastPage=1",
                "-o",
                &gs,
                &file,
            ],
        ),
    ];
    if drawn.iter().any(Option::is_none) {
        return;
    }
    let ink = |path: &str| {
        let picture = image::open(path).unwrap().into_luma8();
        // Cells of ten by ten pixels, about five millimetres: how dark each is.
        let (wide, high) = (picture.width() / 10, picture.height() / 10);
        let mut cells = Vec::new();
        for y in 0..high {
            for x in 0..wide {
                let sum: u32 =
                    (0..100).map(|it| 255 - u32::from(picture.get_pixel(x * 10 + it % 10, y * 10 + it / 10)[0])).sum();
                cells.push(f64::from(sum) / 100.0);
            }
        }
        cells
    };
    let (one, two, three) = (ink(&format!("{poppler}.png")), ink(&mupdf), ink(&gs));
    for (name, other) in [("mupdf", two), ("ghostscript", three)] {
        assert_eq!(one.len(), other.len());
        let worst = one.iter().zip(&other).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        let mean = one.iter().zip(&other).map(|(a, b)| (a - b).abs()).sum::<f64>() / one.len() as f64;
        assert!(worst < 60.0 && mean < 9.0, "{name}: worst {worst}, mean {mean}");
    }
}

#[test]
fn the_ledger_has_a_bookmark_a_month_and_every_row() {
    let procedure = procedure();
    let period = taizhang::register::Period::Year(2024);
    let rows = crate::common::ledger(&procedure, slips(), period);
    let form = procedure.form(&"04".into()).unwrap();
    let bytes = export::register(&procedure, form, &rows, period, None, &clock(), &|_| ()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = save(folder.path(), &bytes);
    if let Some(said) = read("mutool", &["show", &file, "outline"]) {
        assert!(said.contains("2024年1月") && said.contains("2024年12月"), "{said}");
    }
    let pages = taizhang::layout::register(&procedure, form, &rows).unwrap();
    let mut marks = String::new();
    for mark in pages.iter().flat_map(|it| it.marks) {
        if let Mark::Text(text) = mark {
            marks.push_str(&bare(&text.text));
        }
    }
    for row in &rows {
        assert!(
            marks
                .contains(&bare(crate::common::under(&procedure, row, "投诉内容")).chars().take(4).collect::<String>()),
            "{}",
            row.number
        );
    }
    if let Some(said) = read("pdftotext", &["-raw", &file, "-"]) {
        assert_same_characters("2024", "pdftotext", &marks, &bare(&said));
        assert!(said.contains("作废"), "a void slip keeps its row");
    }
}

/// Whatever Data Matrix is found on a grey page.
fn matrix_on(grey: Vec<u8>, width: u32, height: u32) -> String {
    let found = rxing::helpers::detect_in_luma(grey, width, height, Some(rxing::BarcodeFormat::DATA_MATRIX));
    found.unwrap().getText().to_owned()
}

/// The head of the book's history stands at each foot of the ledger, can be read back, and moves nothing on the form.
#[test]
fn the_ledger_bears_the_head_of_the_history() {
    let procedure = procedure();
    let store = taizhang::store::Store::in_memory().unwrap();
    crate::common::fill(&store);
    let witness = store.witness().unwrap().unwrap();
    let (head, borne) = (witness.head, witness.borne());
    assert_eq!(taizhang::store::Head::read(&borne.code), Some(head));
    let period = taizhang::register::Period::Year(2024);
    let rows = crate::common::ledger(&procedure, slips(), period);
    let form = procedure.form(&"04".into()).unwrap();
    let pages = |witness| {
        taizhang::layout::register(&procedure, form, &rows).unwrap().bearing(witness).iter().collect::<Vec<_>>()
    };
    for (plain, bearing) in pages(None).iter().zip(pages(Some(borne.clone()))) {
        let bars: Vec<Rect> = bearing.marks.iter().filter_map(bar_of).collect();
        // Each field of the matrix is 0.6 mm, with two of them left white round it, and the paper's edge left free.
        let corner = |it: fn(&Rect) -> f64, first: fn(f64, f64) -> f64| bars.iter().map(it).reduce(first).unwrap();
        let (left, right) = (corner(|it| it.left().to_mm(), f64::min), corner(|it| it.right().to_mm(), f64::max));
        let (top, bottom) = (corner(|it| it.top().to_mm(), f64::min), corner(|it| it.bottom().to_mm(), f64::max));
        assert!(
            (right - left - 13.2).abs() < 0.01 && (bottom - top - 13.2).abs() < 0.01,
            "{left} {right} {top} {bottom}"
        );
        let (width, height) = (plain.paper.width.to_mm(), plain.paper.height.to_mm());
        assert!(bottom <= height - 5.0 && right <= width - 5.0);
        let quiet =
            Rect::new(Mm::mm(left - 1.2), Mm::mm(top - 1.19), Mm::mm(right - left + 2.4), Mm::mm(bottom - top + 2.4));
        for mark in &plain.marks {
            match mark {
                Mark::Frame { rect, .. } => assert!(rect.bottom().to_mm() <= top - 1.19),
                Mark::Line { from, to, .. } => assert!(from.y.max(to.y).to_mm() <= top - 1.19),
                Mark::Text(it) => {
                    let wide = taizhang::face::width(it.face, it.size, &it.text);
                    let words = Rect::new(it.at.x, it.at.y - it.size, wide, it.size * 1.2);
                    assert!(!quiet.overlaps(words), "{}", it.text);
                }
                Mark::Stamp { .. } | Mark::Picture { .. } => {}
            }
        }
        let dots = |it: f64| (it * 10.0).round() as usize;
        let mut grey = vec![255; dots(width) * dots(height)];
        for bar in &bars {
            for y in dots(bar.top().to_mm())..dots(bar.bottom().to_mm()) {
                grey[y * dots(width)..][dots(bar.left().to_mm())..dots(bar.right().to_mm())].fill(0);
            }
        }
        assert_eq!(matrix_on(grey, dots(width) as u32, dots(height) as u32), borne.code);
        let (more, same): (Vec<Mark>, Vec<Mark>) = bearing
            .marks
            .into_iter()
            .filter(|it| bar_of(it).is_none())
            .partition(|it| matches!(it, Mark::Text(text) if text.text == head.to_string()));
        assert_eq!(same, plain.marks);
        let [Mark::Text(witness)] = more.as_slice() else { panic!("one line a page: {more:?}") };
        // A line of 2.6 mm, within the paper, clear of the frame above it and of what else stands at the foot.
        let span = |it: &taizhang::layout::Text| {
            let right = it.at.x + taizhang::face::width(it.face, it.size, &it.text);
            (it.at.x.to_mm(), right.to_mm(), it.at.y.to_mm() - it.size.to_mm(), it.at.y.to_mm())
        };
        let (left, right, top, bottom) = span(witness);
        assert!((2.5..2.8).contains(&(bottom - top)) && bottom < plain.paper.height.to_mm() - 5.0);
        for mark in &plain.marks {
            match mark {
                Mark::Frame { rect, .. } => assert!(rect.bottom().to_mm() < top),
                Mark::Text(text) => {
                    let (from, to, above, below) = span(text);
                    assert!(to < left || from > right || below < top || above > bottom, "{}", text.text);
                }
                Mark::Line { from, to, .. } => assert!(from.y.to_mm() < top && to.y.to_mm() < top),
                Mark::Stamp { .. } | Mark::Picture { .. } => {}
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let bytes = export::register(&procedure, form, &rows, period, Some(borne.clone()), &clock(), &|_| ()).unwrap();
    let file = save(folder.path(), &bytes);
    if let Some(said) = read("pdftotext", &["-layout", &file, "-"]) {
        for page in said.split('\u{c}').filter(|it| !it.trim().is_empty()) {
            let line = page.lines().find(|it| it.contains("校验码")).unwrap();
            let printed = line.split("第 1 页").next().unwrap().split("    ").next().unwrap();
            assert_eq!(taizhang::store::Head::read(printed), Some(head), "{line}");
        }
    }
    // As a copier or a scanner at 200 dots an inch sees the page.
    let picture = folder.path().join("page");
    let name = picture.display().to_string();
    if read("pdftoppm", &["-gray", "-r", "200", "-f", "1", "-singlefile", &file, &name]).is_some() {
        let bytes = std::fs::read(picture.with_extension("pgm")).unwrap();
        let mut head = bytes.splitn(5, |it| it.is_ascii_whitespace());
        let mut word = || std::str::from_utf8(head.next().unwrap()).unwrap().parse::<u32>();
        let (_, width, height, _) = (word(), word().unwrap(), word().unwrap(), word().unwrap());
        let grey = bytes[bytes.len() - (width * height) as usize..].to_vec();
        assert_eq!(matrix_on(grey, width, height), borne.code);
    }
}

/// A bar of a matrix: a thick line, which no form has.
fn bar_of(mark: &Mark) -> Option<Rect> {
    match mark {
        Mark::Line { from, to, width } if *width == Mm::mm(0.6) => {
            Some(Rect::new(from.x, from.y - *width / 2.0, to.x - from.x, *width))
        }
        Mark::Line { .. } | Mark::Frame { .. } | Mark::Text(_) | Mark::Stamp { .. } | Mark::Picture { .. } => None,
    }
}

/// PROCEDURE 5: what was struck through, every round and 作废 are printed, and every word of it can be read back.
#[test]
fn corrections_rounds_and_the_void_stamp_read_back() {
    let procedure = procedure();
    let mut record = Record::empty(procedure.form(&"05".into()).unwrap(), now());
    record.rounds.push(Values::new());
    record.set(&"customer".into(), "江苏澄澜氟材料有限公司");
    record.put(&CellId::new("deadline", 1), "2026-11-25");
    let (old, new) = ("2026-11-20".to_owned(), "2026-11-25".to_owned());
    let (by, on, reason) = ("钱立群".to_owned(), "2026-11-21".to_owned(), "来函".to_owned());
    record.corrections = vec![Correction { cell: CellId::new("deadline", 1), old, new, by, on, reason }];
    let (by, on, reason) = ("赵敏华".to_owned(), "2026-11-22".to_owned(), "重复登记".to_owned());
    record.void = Some(Void { by, on, reason });
    let folder = tempfile::tempdir().unwrap();
    let file = save(folder.path(), &export::slip(&procedure, &record, Which::All, true, &clock()).unwrap());
    for (reader, args) in [("pdftotext", vec!["-raw", &file, "-"]), ("mutool", vec!["draw", "-F", "txt", &file])] {
        let Some(said) = read(reader, &args) else { continue };
        let pages: Vec<String> = said.split('\u{c}').map(bare).filter(|it| !it.is_empty()).collect();
        assert_eq!(pages.len(), 4, "{reader}: two rounds in two copies");
        for (page, round) in pages.iter().zip(["第1次处置（共2次）", "第2次处置（共2次）"].into_iter().cycle())
        {
            assert!(page.contains(round) && page.contains("江苏澄澜氟材料有限公司"), "{reader}: {page}");
            assert!(page.contains("作废：重复登记（赵敏华2026年11月22日）"), "{reader}: {page}");
            assert_eq!(page.matches("作废").count(), 2, "{reader}: the stamp and the reason: {page}");
            let changed = "2026年11月20日2026年11月25日(钱立群2026年11月21日)";
            assert_eq!(page.contains(changed), round.starts_with("第2"), "{reader}: {page}");
        }
    }
    if let Some(said) = read("qpdf", &["--check", &file]) {
        assert!(said.contains("No syntax or stream encoding errors found"), "{said}");
    }
}

/// Where no book says whose it is, the package's own company stands on a blank sheet and on the front page, not another's.
#[test]
fn a_blank_sheet_of_a_package_names_its_own_company() {
    let folder = tempfile::tempdir().unwrap();
    for what in [["blank", "sanbao/02"], ["front", "sanbao"]] {
        let path = folder.path().join("x.pdf");
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_taizhang"));
        let made = program.arg("export").args(what).arg("--out").arg(&path).env("HOME", folder.path()).status();
        assert!(made.unwrap().success(), "{what:?}");
        if let Some(said) = crate::common::read("pdftotext", &[path.to_str().unwrap(), "-"]) {
            assert!(said.contains("成工") && !said.contains("氯碱"), "{what:?}: {said}");
        }
    }
}
