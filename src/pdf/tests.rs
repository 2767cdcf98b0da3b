#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use chrono::NaiveDate;

use super::{Document, PdfError, Sheet, write};
use crate::face::Face;
use crate::layout::{Mark, Page, Text};
use crate::units::{Mm, Point, Rect, Size};

fn document() -> Document<'static> {
    let now = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap().and_hms_opt(9, 15, 0).unwrap();
    Document { title: "处理单 <1> & 2", author: "质量部", now, utc_offset_minutes: 480 }
}

fn sheet(text: &str, vertical: bool, outline: &[&str]) -> Sheet {
    let at = Point::new(Mm::mm(20.0), Mm::mm(30.0));
    let text = Text { at, text: text.into(), face: Face::Song, size: Mm::points(10.5), vertical, of: None };
    let frame =
        Mark::Frame { rect: Rect::new(Mm::mm(15.0), Mm::mm(20.0), Mm::mm(180.0), Mm::mm(40.0)), width: Mm::mm(0.2) };
    Sheet {
        page: Page {
            paper: Size::new(Mm::mm(210.0), Mm::mm(297.0)),
            marks: vec![frame, Mark::Text(text)],
            slots: Vec::new(),
        },
        outline: vec![outline.iter().map(ToString::to_string).collect()],
    }
}

fn write_all(sheets: Vec<Sheet>) -> Vec<u8> {
    write(&document(), sheets.into_iter(), &|_| {}).unwrap()
}

/// What a reader makes of the pages' text: each code through its font's table.
fn read_back(pdf: &[u8]) -> String {
    let pdf = lopdf::Document::load_mem(pdf).unwrap();
    let mut read = String::new();
    for page in pdf.page_iter() {
        let fonts = pdf.get_page_fonts(page).unwrap();
        let mut table = String::new();
        for operation in pdf.get_and_decode_page_content(page).unwrap().operations {
            match operation.operator.as_str() {
                "Tf" => {
                    let font = fonts[operation.operands[0].as_name().unwrap()];
                    let stream = font.get_deref(b"ToUnicode", &pdf).unwrap().as_stream().unwrap();
                    table = String::from_utf8(stream.decompressed_content().unwrap()).unwrap();
                }
                "Tj" => {
                    for code in operation.operands[0].as_str().unwrap().chunks(2) {
                        let start = format!("<{:02X}{:02X}> <", code[0], code[1]);
                        let lines: Vec<&str> = table.lines().filter_map(|line| line.strip_prefix(&start)).collect();
                        assert_eq!(lines.len(), 1, "{start} {lines:?}");
                        let units: Vec<u16> = lines[0]
                            .trim_end_matches('>')
                            .as_bytes()
                            .chunks(4)
                            .map(|unit| u16::from_str_radix(std::str::from_utf8(unit).unwrap(), 16).unwrap())
                            .collect();
                        read += &String::from_utf16(&units).unwrap();
                    }
                }
                _ => {}
            }
        }
    }
    read
}

#[test]
fn same_pages_at_the_same_time_are_the_same_bytes() {
    let sheets = || (0..40).map(|at| sheet(&format!("第 {at} 页：张䶮"), false, &["甲"])).collect();
    let (once, again) = (write_all(sheets()), write_all(sheets()));
    assert!(once == again);
    let later = Document { now: document().now + chrono::TimeDelta::seconds(1), ..document() };
    let later = write(&later, Vec::into_iter(sheets()), &|_| {}).unwrap();
    assert!(once != later);
}

#[test]
fn characters_come_back_as_typed() {
    for typed in [
        "⼀一日⽇ A\u{A0}B",
        "𠂢、𠈓、\u{20242}\u{2EBF0}𠮷",
        "没有的😀नमस्ते字",
        "制\t表\u{200B}零\u{E0100}宽\u{3000}（(\\)<>",
        "控制\u{7}",
    ] {
        assert_eq!(read_back(&write_all(vec![sheet(typed, false, &[])])), typed);
    }
    assert_eq!(read_back(&write_all(vec![sheet("行\r\n末", false, &[])])), "行末");
}

#[test]
fn brackets_in_a_column_come_back_as_brackets() {
    let sheets = ["(", "a", "）", "—"].map(|c| sheet(c, true, &[])).to_vec();
    assert_eq!(read_back(&write_all(sheets)), "(a）—");
}

/// Only characters that no face has can be so many; each is drawn as 〓 from the same file.
#[test]
fn more_characters_than_one_font_can_hold() {
    let every: Vec<char> = ('\u{40000}'..='\u{52000}').collect();
    let sheets: Vec<Sheet> =
        every.chunks(4000).map(|part| sheet(&part.iter().collect::<String>(), false, &[])).collect();
    let pdf = lopdf::Document::load_mem(&write_all(sheets)).unwrap();
    let last = pdf.page_iter().last().unwrap();
    assert_eq!(pdf.get_page_fonts(last).unwrap().len(), 2);
}

#[test]
fn bookmarks_begin_where_the_outline_changes() {
    let outlines: [&[&str]; 6] =
        [&[], &["2025 年", "一月"], &["2025 年", "一月"], &["2025 年", "二月"], &["2026 年", "二月"], &["2026 年"]];
    let pdf = write_all(outlines.map(|outline| sheet("字", false, outline)).to_vec());
    let pdf = lopdf::Document::load_mem(&pdf).unwrap();
    let found: Vec<String> = pdf
        .get_toc()
        .unwrap()
        .toc
        .iter()
        .map(|entry| format!("{} {} {}", entry.level, entry.title, entry.page))
        .collect();
    assert_eq!(found, ["1 2025 年 2", "2 一月 2", "2 二月 4", "1 2026 年 5", "2 二月 5"]);
    let catalog = pdf.catalog().unwrap();
    assert_eq!(catalog.get(b"PageMode").unwrap().as_name().unwrap(), b"UseOutlines");
}

#[test]
fn information_is_ours_alone() {
    let pdf = lopdf::Document::load_mem(&write_all(vec![sheet("字", false, &[])])).unwrap();
    let information = pdf.get_dictionary(pdf.trailer.get(b"Info").unwrap().as_reference().unwrap()).unwrap();
    let mut keys: Vec<_> = information.iter().map(|(key, _)| String::from_utf8_lossy(key).into_owned()).collect();
    keys.sort();
    assert_eq!(keys, ["Author", "CreationDate", "ModDate", "Producer", "Title"]);
    assert_eq!(lopdf::decode_text_string(information.get(b"Title").unwrap()).unwrap(), "处理单 <1> & 2");
    assert_eq!(information.get(b"ModDate").unwrap().as_str().unwrap(), b"D:20261120091500+08'00'");
    let metadata = pdf.catalog().unwrap().get_deref(b"Metadata", &pdf).unwrap().as_stream().unwrap();
    let metadata = String::from_utf8_lossy(&metadata.content).into_owned();
    assert!(metadata.contains("处理单 &lt;1&gt; &amp; 2") && metadata.contains("2026-11-20T09:15:00+08:00"));
    assert!(!metadata.contains("pdfx") && !metadata.contains("pdfaid"));
}

#[test]
fn progress_counts_pages_and_no_page_is_an_error() {
    let heard = std::cell::RefCell::new(Vec::new());
    let sheets = vec![sheet("一", false, &[]), sheet("", false, &[])];
    write(&document(), sheets.into_iter(), &|done| heard.borrow_mut().push(done)).unwrap();
    assert_eq!(*heard.borrow(), [1, 2]);
    assert!(matches!(write(&document(), std::iter::empty(), &|_| {}), Err(PdfError::NoPages)));
}
