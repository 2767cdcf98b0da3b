//! Tables in a sheet, and the kinds of its cells: small forms and what they lay out to. Nothing typed is left off the paper.

use crate::common::{now, page_text};
use chrono::NaiveDate;
use expect_test::{ExpectFile, expect_file};
use proptest::prelude::*;
use taizhang::flow;
use taizhang::layout::{Look, Mark, Page, Part, sheet};
use taizhang::procedure::{FieldId, Form, Procedure};
use taizhang::record::{CellId, Correction, LONGEST_ENTRY, Record, keep_moment, read_duration, read_moment};

/// A form with every kind of table and cell.
const REPAIR: &str = include_str!("repair.toml");

fn repair() -> Procedure {
    Procedure::load(&[("repair.toml".to_owned(), REPAIR.to_owned())]).unwrap_or_else(|error| panic!("{error}"))
}

fn form(procedure: &Procedure) -> &Form {
    procedure.form(&"repair".into()).unwrap()
}

fn put(record: &mut Record, field: &str, line: usize, text: &str) {
    record.put(&CellId::in_line(field, 0, line), text);
}

/// A sheet with so many lines of parts.
fn with_parts(procedure: &Procedure, lines: usize) -> Record {
    let mut record = Record::empty(form(procedure), now());
    record.number = "2026-001".to_owned();
    for line in 0..lines {
        put(&mut record, "part", line, ["密封垫", "液压缸总成 LW321F.04.01 右", "螺栓"][line % 3]);
        put(&mut record, "origin", line, ["自制件", "配套件"][line % 2]);
        put(&mut record, "quantity", line, &(line + 1).to_string());
        put(&mut record, "price", line, "12.5");
        put(&mut record, "arrived", line, "2026-11-20");
    }
    for (field, text) in [
        ("channel", "其他（代理商转来）"),
        ("failed", "2026-11-19 14:05"),
        ("idle", "2小时30分"),
        ("total", "3"),
        ("papers", "PFMEA、作业指导书"),
        ("opinion", "修得及时。"),
    ] {
        put(&mut record, field, 0, text);
    }
    put(&mut record, "rate", 0, "满意");
    put(&mut record, "rate", 1, "一般");
    put(&mut record, "wish", 1, "电话难打");
    record
}

fn pages(procedure: &Procedure, record: &Record) -> Vec<Page> {
    sheet(procedure, form(procedure), record, &Look { signatures: true, ..Look::default() })
}

fn check(record: impl Fn(&Procedure) -> Record, expected: ExpectFile) {
    let procedure = repair();
    expected.assert_eq(&page_text(&pages(&procedure, &record(&procedure))));
}

#[test]
fn a_blank_form_with_tables() {
    check(|it| Record::empty(form(it), now()), expect_file!["../data/pages/tables-blank.txt"]);
}

#[test]
fn a_table_with_room_to_spare() {
    check(|it| with_parts(it, 2), expect_file!["../data/pages/tables-front.txt"]);
}

#[test]
fn a_table_that_grows_onto_continuation_sheets() {
    check(|it| with_parts(it, 41), expect_file!["../data/pages/tables-continued.txt"]);
}

#[test]
fn a_corrected_line_stays_legible() {
    let corrected = |it: &Procedure| {
        let mut record = with_parts(it, 2);
        put(&mut record, "quantity", 1, "3");
        let [old, new, by, on, reason] = ["2", "3", "何铮", "2026-11-21", "点错"].map(str::to_owned);
        record.corrections.push(Correction { cell: CellId::in_line("quantity", 0, 1), old, new, by, on, reason });
        record
    };
    check(corrected, expect_file!["../data/pages/tables-corrected.txt"]);
}

/// All that is set of one entry, over all pages, without what was added between.
fn set_of(pages: &[Page], cell: &CellId) -> String {
    let marks = pages.iter().flat_map(|it| &it.marks);
    let of = |it: &Mark| match it {
        Mark::Text(text) if text.of.as_ref() == Some(cell) => Some(text.text.clone()),
        Mark::Line { .. } | Mark::Frame { .. } | Mark::Text(_) | Mark::Stamp { .. } | Mark::Picture { .. } => None,
    };
    marks.filter_map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Whatever is typed into whichever line stands on some page, within the paper, and in no other's cell.
    #[test]
    fn nothing_typed_in_a_table_is_left_off_the_paper(
        typed in proptest::collection::vec(("[一二三甲乙丙a-c，。0-9 ]{0,90}", 0..3_usize, 0..30_usize), 0..40),
        long in 0..4_usize,
        fixed in "[一二三]{0,60}",
    ) {
        let procedure = repair();
        let mut record = Record::empty(form(&procedure), now());
        for (text, column, line) in &typed {
            put(&mut record, ["part", "origin", "price"][*column], *line, text.trim());
        }
        put(&mut record, "part", 7, &"长句子。".repeat(300 * long));
        put(&mut record, "wish", 0, &fixed);
        let pages = pages(&procedure, &record);
        for (field, line, value) in record.rounds[0].iter() {
            let cell = CellId::in_line(field.clone(), 0, line);
            let shown = taizhang::record::shown_in(form(&procedure).field(field).unwrap(), value);
            let plain = |it: &str| it.chars().filter(|it| !it.is_whitespace()).collect::<String>();
            prop_assert_eq!(plain(&set_of(&pages, &cell)), plain(&shown), "{}", cell);
        }
        for page in &pages {
            for slot in page.slots.iter().filter(|it| it.part == Part::Entry) {
                prop_assert!(slot.rect.bottom() <= page.paper.height - taizhang::units::Mm::mm(17.0));
                for line in &slot.lines {
                    prop_assert!(line.at.y <= slot.rect.bottom() && line.at.y >= slot.rect.top(), "{}", slot.cell);
                }
            }
            for (at, one) in page.slots.iter().enumerate() {
                for other in page.slots[at + 1..].iter().filter(|it| it.part == Part::Entry && one.part == Part::Entry) {
                    prop_assert!(!one.rect.overlaps(other.rect), "{} {}", one.cell, other.cell);
                }
            }
        }
    }
}

#[test]
fn moments_and_durations_are_read_as_people_write_them() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 20);
    let moment = |text: &str| read_moment(text, today).map(keep_moment);
    for text in ["2026-11-20 14:30", "2026年11月20日14时30分", "11.20 1430", "20261120 14:30", "14:30", "今天 14：30"]
    {
        assert_eq!(moment(text).as_deref(), Some("2026-11-20 14:30"), "{text}");
    }
    assert_eq!(moment("11.20 9点").as_deref(), Some("2026-11-20 09:00"));
    for text in ["", "明天", "2026-11-20", "2026-11-20 25:00", "下午"] {
        assert_eq!(moment(text), None, "{text}");
    }
    let minutes = |text: &str| read_duration(text).map(|it| it.num_minutes());
    let spans = ["2小时30分", "2:30", "150分钟", "2.5 小时"].map(minutes);
    assert_eq!(spans, [Some(150); 4]);
    assert_eq!(["3天", "一会儿", "", "5"].map(minutes), [Some(4320), None, None, None]);
}

#[test]
fn what_is_odd_in_a_line_is_told_with_its_place() {
    let procedure = repair();
    let mut record = with_parts(&procedure, 2);
    put(&mut record, "price", 1, "十二块");
    put(&mut record, "failed", 0, "昨天下午");
    put(&mut record, "papers", 0, "PFMEA、别的");
    let found = record.check(form(&procedure));
    let told: Vec<(String, String)> = found.into_iter().map(|it| (it.cell.to_string(), it.message)).collect();
    assert_eq!(told.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), ["failed", "price:2", "papers"], "{told:?}");
    assert!(told[1].1.contains("不是数") && told[2].1.contains("“别的”不是"));
}

#[test]
fn columns_are_data_of_the_form() {
    let procedure = repair();
    let form = form(&procedure);
    let order: Vec<&str> = form.fields.iter().map(|it| it.id.as_str()).collect();
    assert!(order.iter().position(|it| *it == "part") < order.iter().position(|it| *it == "material"), "{order:?}");
    assert_eq!(form.section_of("quantity"), Some(0));
    assert_eq!(form.table_of(&FieldId::from("wish")).unwrap().name, "评价");
    assert_eq!(crate::common::procedure().in_use().len(), procedure.in_use().len() - 1);
}

#[test]
fn tables_go_into_exchange_files_and_come_back() {
    let procedure = repair();
    let mut record = with_parts(&procedure, 3);
    put(&mut record, "part", 1, "");
    let [old, new, by, on, reason] = ["1", "3", "何铮", "2026-11-21", "点错"].map(str::to_owned);
    record.corrections.push(Correction { cell: CellId::in_line("quantity", 0, 2), old, new, by, on, reason });
    let json = taizhang::exchange::to_json(&procedure, &record, now().date());
    assert_eq!(json["换件"][2]["数量"], "3");
    assert_eq!(json["换件"][1].get("零部件名称/图号"), None);
    assert_eq!(json["更正"][0]["行次"], "3");
    let text = serde_json::json!({ "formrepair": [json] }).to_string();
    let back = taizhang::exchange::read(&text, &procedure, now()).unwrap().remove(0);
    assert_eq!((&back.rounds, &back.corrections), (&record.rounds, &record.corrections));
}

#[test]
fn an_unfilled_line_is_asked_for_before_signing() {
    let procedure = repair();
    let form = form(&procedure);
    let mut record = Record::empty(form, now());
    let owed = |record: &Record| {
        let fields = form.fields.iter().filter(|it| it.table.as_ref().is_some_and(|it| it.as_str() == "parts"));
        let cells = fields.flat_map(|it| taizhang::flow::empty_cells(form, record, it));
        cells.map(|it| it.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(owed(&record), ["part"], "an empty table is struck by its first cell");
    put(&mut record, "part", 0, "/");
    assert_eq!(owed(&record), [""; 0]);
    put(&mut record, "part", 0, "密封垫");
    put(&mut record, "quantity", 2, "1");
    let wanted = ["part:3", "origin", "origin:3", "quantity", "price", "price:3", "arrived", "arrived:3"];
    assert_eq!(owed(&record), wanted, "a line left out is no line");
}

/// What is longer than a cell holds is looked at only; the other lines of its column are written on.
#[test]
fn a_line_that_is_too_long_is_closed_alone() {
    let procedure = repair();
    let form = form(&procedure);
    let mut record = with_parts(&procedure, 3);
    put(&mut record, "part", 2, &"长".repeat(LONGEST_ENTRY + 1));
    let field = form.field(&"part".into()).unwrap();
    let closed = |line| flow::closed_at(form, &record, field, &CellId::in_line("part", 0, line)).map(String::from);
    assert_eq!(closed(0), None);
    assert!(closed(2).unwrap().contains("太长"));
}

/// A sheet of a thousand lines with a correction each is laid out and asked about in no time to speak of.
#[test]
fn what_a_long_table_costs_grows_with_its_lines() {
    let procedure = repair();
    let form = form(&procedure);
    let mut record = with_parts(&procedure, 1_000);
    for line in 0..1_000 {
        let (cell, reason) = (CellId::in_line("part", 0, line), "笔误".to_owned());
        let (old, new) = ("旧".to_owned(), record.at(&cell).to_owned());
        record.corrections.push(Correction {
            cell,
            old,
            new,
            by: "钱".to_owned(),
            on: "2026-11-20".to_owned(),
            reason,
        });
    }
    let begun = std::time::Instant::now();
    assert!(pages(&procedure, &record).len() > 20);
    for field in form.every_field() {
        flow::empty_cells(form, &record, field);
    }
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

/// A cell that reaches down stands beside the rows it spans; nothing is ruled across it.
#[test]
fn a_cell_reaches_down_beside_the_rows_it_spans() {
    let rows = ["h10 甲=a 60↓3 · 乙=b 25|85", "h10 丙=c 110", "h10 丁=d 50 · 戊=e 60", "h10 己=f 170"];
    let text = format!(
        "form = \"07\"\nedition = \"A/0\"\nshort = \"试\"\ncode = \"试—07\"\ntitle = \"试表\"\n[[section]]\nrows = {rows:?}\n"
    );
    let procedure = Procedure::load(&[("07.toml".to_owned(), text)]).unwrap_or_else(|error| panic!("{error}"));
    let form = procedure.form(&"07".into()).unwrap();
    let page = sheet(&procedure, form, &Record::empty(form, now()), &Look::default()).remove(0);
    let slot = |field: &str| page.slots.iter().find(|it| it.cell.field.as_str() == field).unwrap().rect;
    let (a, b, c, d, f) = (slot("a"), slot("b"), slot("c"), slot("d"), slot("f"));
    assert_eq!((a.size.height.to_mm(), a.top(), b.size.width.to_mm()), (30.0, b.top(), 85.0));
    assert!((c.left() - a.right()).to_mm().abs() < 1e-9 && (d.left() - a.right()).to_mm().abs() < 1e-9);
    assert!((f.top() - a.bottom()).to_mm().abs() < 1e-9 && (f.left() - a.left()).to_mm().abs() < 1e-9);
    for mark in &page.marks {
        if let Mark::Line { from, to, .. } = mark {
            let crosses = from.y == to.y && from.y > a.top() && from.y < a.bottom() && from.x < a.right();
            assert!(!crosses, "{mark:?}");
        }
    }
}

/// A picture of 4 by 2 dots, as a camera's file would be.
fn png() -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    image::RgbaImage::from_pixel(4, 2, image::Rgba([200, 10, 10, 255]))
        .write_to(&mut file, image::ImageFormat::Png)
        .unwrap();
    file.into_inner()
}

const PHOTO: &str = "form = \"07\"\nedition = \"A/0\"\nshort = \"试\"\ncode = \"试—07\"\ntitle = \"试表\"\n\
    [[section]]\nrows = [\"h40 照片=photo:picture 25|55↓2 · 甲=a 90\", \"h20 乙=b 90\", \"h60 现场:=place:picture 170\"]\n";

/// A picture stands in its cell in its own shape, on the sheet and in the PDF, and goes with the sheet.
#[test]
fn a_picture_stands_in_its_cell() {
    let procedure = Procedure::load(&[("07.toml".to_owned(), PHOTO.to_owned())]).unwrap_or_else(|it| panic!("{it}"));
    let form = procedure.form(&"07".into()).unwrap();
    let kept = taizhang::record::Picture::keep(&png()).unwrap();
    let mut record = Record::empty(form, now());
    put(&mut record, "photo", 0, &kept);
    put(&mut record, "place", 0, &kept);
    assert_eq!(record.check(form), []);
    let pages = sheet(&procedure, form, &record, &Look::default());
    let placed: Vec<_> = pages[0]
        .marks
        .iter()
        .filter_map(|it| if let Mark::Picture { rect, .. } = it { Some(*rect) } else { None })
        .collect();
    assert_eq!(placed.len(), 2);
    for rect in placed {
        assert!((rect.size.width.to_mm() / rect.size.height.to_mm() - 2.0).abs() < 1e-9, "{rect:?}");
        assert!(pages[0].slots.iter().any(|it| it.rect.holds(rect)), "inside its cell");
    }
    let read = taizhang::record::Picture::read(&kept).unwrap();
    assert_eq!((read.width, read.height, read.dots().unwrap().len()), (4, 2, 24));
    // It goes into an exchange file and comes back.
    let text = taizhang::exchange::to_json(&procedure, &record, now().date()).to_string();
    let back = taizhang::exchange::read(&format!("{{\"form07\":[{text}]}}"), &procedure, now()).unwrap();
    assert_eq!(back[0].rounds[0].get("photo"), Some(&kept));
    let clock = taizhang::export::Clock { now: now(), utc_offset_minutes: 480 };
    let pdf = taizhang::export::slip(&procedure, &record, taizhang::export::Which::Last, true, &clock).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pdf");
    crate::common::put_file(&path, &pdf);
    if let Some(said) = crate::common::read("pdfimages", &["-list", path.to_str().unwrap()]) {
        assert_eq!(said.lines().filter(|it| it.contains("jpeg") || it.contains(" 4 ")).count(), 2, "{said}");
    }
}

#[test]
fn what_is_no_picture_is_said_and_makes_no_harm() {
    let procedure = Procedure::load(&[("07.toml".to_owned(), PHOTO.to_owned())]).unwrap_or_else(|it| panic!("{it}"));
    let form = procedure.form(&"07".into()).unwrap();
    assert!(taizhang::record::Picture::keep(b"GIF89a").unwrap_err().contains("JPEG"));
    let kept = taizhang::record::Picture::keep(&png()).unwrap();
    for wrong in
        ["照片在文件夹里", "data:image/jpeg;size=9999x1;base64,", &kept[..kept.len() - 8], &kept.replace("4x2", "4x3")]
    {
        let mut record = Record::empty(form, now());
        put(&mut record, "photo", 0, wrong);
        let _ = sheet(&procedure, form, &record, &Look::default());
        let read = taizhang::record::Picture::read(wrong).and_then(|it| it.dots());
        assert!(read.is_none() || wrong.len() == kept.len() - 8, "{wrong}");
    }
    let mut record = Record::empty(form, now());
    put(&mut record, "photo", 0, "照片在文件夹里");
    assert_eq!(record.check(form)[0].message, "照片：不是图，请重新选一个文件");
}
