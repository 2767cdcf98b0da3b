//! Where lines end: the rules for line starts and ends (避头尾), words and codes kept whole, and nothing ever lost.

use std::ops::Range;

use taizhang::face::{Face, Line, break_lines, sentence_end};

/// Not at a line's start, whatever stands before.
const NO_START: &str = "。，、；：！？）》」』”’】〕〉〗］｝…—·～％%‰℃°,.;:?!)]}々′″℉¢〞〟‼・";
/// Not at a line's end, whatever follows.
const NO_END: &str = "（《「『“‘【〔〈〖［｛([{￥＄$¥£€№#＃±≤≥";
/// What stands in the registers of the office, and must be read off them in one piece.
const CODES: &[&str] = &[
    "WPS-J507-09",
    "QG/R0309—05",
    "QG/R0309-05",
    "SLJX-2023-HT-0311",
    "(0577) 5555",
    "(0577) 5555 8130-8012",
    "0519-5555 0622",
    "+86 577 5555",
    "GB/T150.4",
    "0.35MPa",
    "0.35 MPa",
    "620 N·m",
    "20 m³/h",
    "±0.05mm",
    "≤0.5mm",
    "-20℃",
    "25R-049-1~4",
    "25R-049-1～4",
    "60%→100%",
    "DN1200",
    "E-101A/B",
    "23R-097-1/2",
    "lin.suqin@ou-long.com.cn",
    "M24×165",
    "Φ1050×4.5",
    "Ra≤3.2μm",
    "2024-02-22",
    "21:40",
    "1,200,000.00",
    "5‰",
    "88%",
    "90.3°",
    "100㎡",
    "10⁻⁶Pa",
    "￥7.5",
    "№306",
    "#3",
    "3#",
    "A+",
    "don't",
    "don’t",
    "DN50(2\")",
    "２０２４－０２",
    "ＷＰＳ",
    "≥85%",
    "C:\\",
    "[B3-7]",
    "R&D",
    "10\u{A0}000",
];

fn broken(width: f64, text: &str) -> Vec<Line> {
    break_lines(Face::Song, text, width)
}

fn length(text: &str) -> f64 {
    broken(f64::INFINITY, text)[0].width
}

/// Breaks `text` at `width` em, an ideograph being one em wide and a Latin letter half.
#[track_caller]
fn check(width: f64, text: &str, expected: &[&str]) {
    let lines = broken(width, text);
    check_tiling(text, &lines);
    let found: Vec<&str> = lines.iter().map(|line| &text[line.range.clone()]).collect();
    assert_eq!(found, expected, "{text:?} at {width} em");
}

/// Every byte is in one line, but for the line breaks; only these make a line end hard.
#[track_caller]
fn check_tiling(text: &str, lines: &[Line]) {
    let mut at = 0;
    for (number, line) in lines.iter().enumerate() {
        assert_eq!(line.range.start, at, "{text:?}: {lines:?}");
        assert!(number == 0 || lines[number - 1].hard || !line.range.is_empty(), "{text:?}: an empty line of no one's");
        assert!(!text[line.range.clone()].contains('\n'), "{text:?}: {lines:?}");
        assert_eq!(line.hard, text[line.range.end..].starts_with('\n'), "{text:?}: {lines:?}");
        at = line.range.end + usize::from(line.hard);
    }
    assert_eq!(at, text.len(), "{text:?}: {lines:?}");
    assert!(lines.last().is_some_and(|line| !line.hard), "{text:?}: {lines:?}");
}

// What a line is.

#[test]
fn nothing_is_one_empty_line() {
    check(5.0, "", &[""]);
    assert_eq!(broken(5.0, ""), [Line { range: 0..0, hard: false, width: 0.0 }]);
}

#[test]
fn only_a_line_feed_ends_a_line() {
    check(5.0, "甲\n乙", &["甲", "乙"]);
    check(5.0, "甲\n", &["甲", ""]);
    check(5.0, "\n", &["", ""]);
    check(5.0, "\n\n甲", &["", "", "甲"]);
    // Written on Windows.
    check(5.0, "甲\r\n乙", &["甲\r", "乙"]);
    check(5.0, "甲 \r\n\r\n", &["甲 \r", "\r", ""]);
    // None of these ends one.
    for c in ['\r', '\u{2028}', '\u{2029}', '\u{B}', '\u{C}', '\u{85}'] {
        let text = format!("甲{c}乙");
        check(5.0, &text, &[&text]);
    }
}

#[test]
fn an_exactly_fitting_line_fits() {
    check(5.0, "甲乙丙丁戊", &["甲乙丙丁戊"]);
    check(4.99, "甲乙丙丁戊", &["甲乙丙丁", "戊"]);
    // A tenth is not a number to the machine.
    let tenths = (0..50).map(|_| 0.1).sum::<f64>();
    check(tenths, "甲乙丙丁戊", &["甲乙丙丁戊"]);
    for text in CODES {
        check(length(text), text, &[text]);
        check(length(text) * 7.0, &text.repeat(7), &[&text.repeat(7)]);
    }
}

#[test]
fn widths_are_those_of_what_is_seen() {
    let lines = broken(3.0, "甲乙  丙丁戊A \r\n  ");
    let widths: Vec<f64> = lines.iter().map(|line| line.width).collect();
    // 甲乙, 丙丁戊, A, and blanks alone.
    assert_eq!(widths, [2.0, 3.0, 0.5, 0.0]);
    // Equal lines are equally long wherever they stand.
    let text = "压力0.35MPa，".repeat(1000);
    let lines = broken(8.0, &text);
    for (line, shown) in lines_of(&text, &lines) {
        assert_eq!(line.width, length(shown), "{shown:?}");
    }
}

// 避头: not at a line's start.

#[test]
fn a_line_does_not_start_with_a_stop() {
    for c in NO_START.chars() {
        check(4.0, &format!("甲乙丙丁{c}戊"), &["甲乙丙", &format!("丁{c}戊")]);
        // Not after a blank, either.
        check(4.0, &format!("甲乙丙丁 {c}戊"), &["甲乙丙", &format!("丁 {c}戊")]);
    }
    check(4.0, "甲乙丙丁/戊", &["甲乙丙", "丁/戊"]);
    check(4.0, "甲乙丙丁／戊", &["甲乙丙", "丁／戊"]);
    check(4.0, "甲乙丙丁 / 戊", &["甲乙丙", "丁 / 戊"]);
    check(4.0, "甲乙丙丁-戊", &["甲乙丙", "丁-戊"]);
    check(4.0, "甲乙丙丁–戊", &["甲乙丙", "丁–戊"]);
}

#[test]
fn several_stops_stay_together() {
    check(4.0, "甲乙丙丁。”戊", &["甲乙丙", "丁。”戊"]);
    check(4.0, "甲乙丙丁）。戊", &["甲乙丙", "丁）。戊"]);
    check(4.0, "甲乙丙丁？！戊", &["甲乙丙", "丁？！戊"]);
    check(4.0, "甲乙ABC》，戊", &["甲乙", "ABC》，", "戊"]);
}

#[test]
fn a_paragraph_may_start_with_anything() {
    for c in NO_START.chars() {
        let text = format!("甲\n{c}乙");
        check(4.0, &text, &["甲", &text[4..]]);
    }
}

// 避尾: not at a line's end.

#[test]
fn a_line_does_not_end_with_an_opening() {
    for c in NO_END.chars() {
        check(4.2, &format!("甲乙丙{c}戊己"), &["甲乙丙", &format!("{c}戊己")]);
        // Not with blanks behind it, either.
        check(4.2, &format!("甲乙丙{c} 戊己"), &["甲乙丙", &format!("{c} 戊己")]);
    }
    check(3.0, "甲乙/丙丁", &["甲", "乙/丙", "丁"]);
    // Between blanks, 分隔号 may end a line.
    check(3.0, "甲乙 / 丙丁", &["甲乙 / ", "丙丁"]);
    check(6.0, "2218 / 13600000518", &["2218 / ", "13600000518"]);
    check(4.0, "甲乙丙（《戊》）", &["甲乙丙", "（《戊》", "）"]);
    check(5.0, "甲乙丙（《戊》）", &["甲乙丙", "（《戊》）"]);
}

#[test]
fn openings_start_and_stops_end_a_line() {
    check(4.0, "甲乙丙丁（戊）", &["甲乙丙丁", "（戊）"]);
    check(4.0, "甲乙（丙）丁", &["甲乙", "（丙）丁"]);
    check(5.0, "甲乙（丙）丁", &["甲乙（丙）", "丁"]);
    check(4.0, "甲乙丙，丁", &["甲乙丙，", "丁"]);
    check(4.0, "甲乙丙丁(戊)", &["甲乙丙丁", "(戊)"]);
}

// Pairs.

#[test]
fn dashes_and_leaders_are_not_parted() {
    check(4.0, "甲乙丙——丁", &["甲乙", "丙——丁"]);
    check(4.0, "甲乙——丙", &["甲乙——", "丙"]);
    check(4.0, "甲乙丙……丁", &["甲乙", "丙……丁"]);
    check(4.0, "甲乙……丙", &["甲乙……", "丙"]);
    // Behind a dash of two, a word is not part of what was before it; behind a single one it is.
    check(4.0, "甲乙——ABC", &["甲乙——", "ABC"]);
    check(4.0, "甲R——ABC", &["甲R——", "ABC"]);
    check(4.0, "甲乙R—ABC", &["甲乙", "R—ABC"]);
}

// 西文: words, numbers, codes.

#[test]
fn words_and_numbers_are_whole() {
    check(4.0, "甲乙Hello丙", &["甲乙", "Hello丙"]);
    check(4.0, "Hello world", &["Hello ", "world"]);
    check(4.0, "甲20.5%乙丙丁", &["甲20.5%", "乙丙丁"]);
    check(4.0, "甲乙丙3.5乙", &["甲乙丙", "3.5乙"]);
    // A number may part from a Chinese counting word, not from its sign or unit.
    check(4.0, "甲乙丙12台", &["甲乙丙12", "台"]);
    check(4.0, "甲乙丙12℃", &["甲乙丙", "12℃"]);
    check(4.0, "甲乙丙丁±1", &["甲乙丙丁", "±1"]);
    check(4.0, "甲乙丙丁-5", &["甲乙丙", "丁-5"]);
    check(4.0, "甲乙丙，-5.3", &["甲乙丙，", "-5.3"]);
}

#[test]
fn codes_are_whole_where_they_fit() {
    for code in CODES {
        // A hyphen without a blank before it may be a joint, so a minus needs its stop.
        let before = if code.starts_with('-') { "，" } else { "中" };
        for width in [length(code), length(code) + 0.9, length(code) + 1.0] {
            let text = format!("温{before}{code}中文");
            for line in broken(width.max(2.0), &text) {
                let range = 6..6 + code.len();
                let parted = range.contains(&line.range.end) && line.range.end != range.start;
                assert!(!parted, "{text:?} at {width}: {}", &text[line.range]);
            }
        }
        check(length(code).max(2.0), &format!("温{before}{code}"), &[&format!("温{before}"), code]);
    }
}

#[test]
fn two_codes_part_at_their_blank() {
    for code in CODES {
        if code.ends_with(|c: char| c.is_ascii_digit()) && code.contains(' ') {
            // Another group of digits would be more of the same telephone number.
            continue;
        }
        check(length(code) + 1.0, &format!("{code} {code}"), &[&format!("{code} "), code]);
    }
    check(9.0, "23R-097-1 23R-097-2", &["23R-097-1 ", "23R-097-2"]);
    check(9.0, "2024-02-22 2024-02-23", &["2024-02-22 ", "2024-02-23"]);
    check(4.0, "1 22 333 4444", &["1 22 333 ", "4444"]);
    check(4.0, "MPa 35 mm", &["MPa ", "35 mm"]);
    check(4.0, "共35 A-101", &["共35 ", "A-101"]);
    check(3.0, "甲(1) 2乙丙", &["甲(1) ", "2乙丙"]);
    check(4.0, "甲乙丙35 Max", &["甲乙丙35 ", "Max"]);
    check(4.0, "甲乙丙35 mm", &["甲乙丙", "35 mm"]);
}

#[test]
fn a_word_longer_than_a_line_is_parted_at_its_joints_then_anywhere() {
    check(5.0, "甲SLJX-2023-HT-0311", &["甲", "SLJX-2023-", "HT-0311"]);
    // A hyphen does not start a line even so.
    check(4.0, "QG/R0309-05A", &["QG/R030", "9-05A"]);
    // Between ideographs there is something better.
    check(4.0, "压力/温度/流量/液位", &["压力/温", "度/流", "量/液位"]);
    check(4.5, "QG/R0309-05A", &["QG/R0309-", "05A"]);
    // Only where that leaves the line half full.
    check(5.0, "A-1234567890123", &["A-12345678", "90123"]);
    // Before that, at blanks inside a number.
    check(5.0, "(0577) 5555 8130-8012", &["(0577) ", "5555 ", "8130-8012"]);
    check(7.0, "(0577) 5555 8130-8012", &["(0577) 5555 ", "8130-8012"]);
    let serial = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123".repeat(2);
    check(10.0, &serial, &[&serial[..20], &serial[20..40], &serial[40..]]);
    check(10.0, &format!("编号{serial}。"), &["编号", &serial[..20], &serial[20..40], &serial[40..59], "3。"]);
    check(11.0, &format!("{serial}止"), &[&serial[..22], &serial[22..44], &format!("{}止", &serial[44..])]);
}

#[test]
fn hash_is_read_as_the_works_write_it() {
    check(4.0, "甲乙丙2#人孔", &["甲乙丙2#", "人孔"]);
    check(4.0, "甲乙丙#2人孔", &["甲乙丙#2", "人孔"]);
    check(4.0, "甲乙丙丁#2", &["甲乙丙丁", "#2"]);
    check(3.5, "甲乙丙#2", &["甲乙丙", "#2"]);
}

// 引号.

#[test]
fn curly_quotes_hold_to_what_they_enclose() {
    check(4.0, "甲乙丙“丁”戊", &["甲乙丙", "“丁”戊"]);
    check(4.0, "甲乙丙丁“戊”", &["甲乙丙丁", "“戊”"]);
    check(4.0, "甲“乙”丙", &["甲“乙”", "丙"]);
    check(4.0, "甲‘乙’丙", &["甲‘乙’", "丙"]);
    check(4.0, "甲：“乙”", &["甲：", "“乙”"]);
    check(5.0, "甲“乙。”丙", &["甲“乙。”", "丙"]);
    check(4.0, "“甲乙”ABC", &["“甲乙”", "ABC"]);
    check(4.0, "甲乙AB“ABC”", &["甲乙", "AB“AB", "C”"]);
}

#[test]
fn typewriter_quotes_hold_to_what_they_enclose() {
    for (quote, c) in [('"', "\""), ('\'', "'"), ('＂', "＂")] {
        let half = length(c);
        let text = |pattern: &str| pattern.replace('"', &quote.to_string());
        let check_quoted = |width: f64, pattern: &str, expected: &[&str]| {
            let expected: Vec<String> = expected.iter().map(|line| text(line)).collect();
            check(width, &text(pattern), &expected.iter().map(String::as_str).collect::<Vec<_>>());
        };
        check_quoted(3.0 + half, "甲乙丙\"丁\"戊", &["甲乙丙", "\"丁\"戊"]);
        check_quoted(3.0 + half, "甲乙\"丙\"丁", &["甲乙", "\"丙\"丁"]);
        check_quoted(3.0 + 2.0 * half, "甲乙\"丙\"丁", &["甲乙\"丙\"", "丁"]);
        check_quoted(2.0 + 2.0 * half, "甲：\"乙。\"丙", &["甲：", "\"乙。\"", "丙"]);
        // Inches and minutes open nothing.
        check_quoted(3.5 + half, "甲乙丙2\"丁", &["甲乙丙2\"", "丁"]);
        check_quoted(4.5, "甲乙丙丁2\"", &["甲乙丙丁", "2\""]);
        // One that was never closed does no harm in the next paragraph.
        check_quoted(4.0, "甲\"乙\n丙丁戊己\"庚\"", &["甲\"乙", "丙丁戊己", "\"庚\""]);
    }
    check(4.0, "I don't care", &["I don't ", "care"]);
}

// 空格.

#[test]
fn blanks_hang_over_the_edge() {
    check(3.0, "甲乙丙   丁", &["甲乙丙   ", "丁"]);
    check(3.0, "甲乙丙\t丁", &["甲乙丙\t", "丁"]);
    check(3.0, "甲乙丙          ", &["甲乙丙          "]);
    check(3.0, "          ", &["          "]);
    check(3.0, "          甲", &["          ", "甲"]);
    check(3.0, "  甲乙丙", &["  甲乙", "丙"]);
    // A blank to bind does not hang, nor does an ideographic one; no line starts with either.
    check(3.0, "甲乙丙\u{A0}丁", &["甲乙", "丙\u{A0}丁"]);
    check(3.0, "甲乙丙\u{3000}丁", &["甲乙", "丙\u{3000}丁"]);
    check(3.0, "\u{3000}\u{3000}甲乙丙", &["\u{3000}\u{3000}甲", "乙丙"]);
}

// What is one character to the reader.

#[test]
fn marks_and_invisible_characters_stay_with_theirs() {
    for one in [
        // Letter and accent; an ideograph's variation.
        "e\u{301}",
        "葛\u{E0100}",
        // A skin, a family, a man shrugging, a flag, a key.
        "👍🏻",
        "👨\u{200D}👩\u{200D}👧",
        "🤦🏻\u{200D}♂\u{FE0F}",
        "🇨🇳",
        "1\u{FE0F}\u{20E3}",
        // Joined by hand.
        "甲\u{2060}乙",
        // A direction mark.
        "甲\u{200E}",
    ] {
        let width = length(one);
        check(width, &one.repeat(3), &[one; 3]);
        check(width + 0.1, &format!("甲{one}甲"), &["甲", one, "甲"]);
    }
    // A blank made to part without showing.
    check(3.0, "ABC\u{200B}DEFG", &["ABC\u{200B}", "DEFG"]);
    // A hyphen that is not shown does not part.
    check(3.0, "甲ABC\u{AD}DEF", &["甲", "ABC\u{AD}DEF"]);
}

#[test]
fn other_scripts_and_signs() {
    check(3.0, "甲①②③④乙", &["甲①②", "③④乙"]);
    check(3.0, "□是□否", &["□是□", "否"]);
    check(3.0, "甲乙→丙丁", &["甲乙→", "丙丁"]);
    check(3.0, "ボルトの", &["ボルト", "の"]);
    check(3.0, "한국어말", &["한국어", "말"]);
    // A private code for a name's character.
    check(3.0, "\u{E863}\u{E864}\u{E865}\u{E866}", &["\u{E863}\u{E864}\u{E865}", "\u{E866}"]);
    check(3.0, "𠮷𬭚䶮㼆", &["𠮷𬭚䶮", "㼆"]);
}

// When nothing helps.

#[test]
fn what_cannot_be_kept_is_broken_at_the_edge() {
    check(4.0, "。。。。。。", &["。。。。", "。。"]);
    check(4.0, "（（（（（（", &["（（（（", "（（"]);
    check(4.0, "甲，，，，，，", &["甲，，，", "，，，"]);
    check(4.0, "————————", &["————", "————"]);
    check(2.0, "甲\u{A0}乙\u{A0}丙", &["甲\u{A0}", "乙\u{A0}", "丙"]);
}

#[test]
fn however_narrow_there_is_a_character_on_each_line() {
    for width in [0.0, -1.0, 0.1, f64::MIN_POSITIVE, f64::NAN, f64::NEG_INFINITY] {
        check(width, "甲，AB （乙）", &["甲", "，", "A", "B ", "（", "乙", "）"]);
        check(width, "🇨🇳e\u{FE0F}\u{200D}x", &["🇨", "🇳", "e\u{FE0F}\u{200D}", "x"]);
        check(width, "", &[""]);
    }
    check(f64::INFINITY, "甲乙 丙", &["甲乙 丙"]);
}

// The sheets of the office.

fn texts() -> Vec<String> {
    fn gather(value: &serde_json::Value, into: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) => into.push(text.clone()),
            serde_json::Value::Array(values) => values.iter().for_each(|value| gather(value, into)),
            serde_json::Value::Object(fields) => fields.values().for_each(|value| gather(value, into)),
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
        }
    }
    let mut found = Vec::new();
    let Ok(sheets) = serde_json::from_str(crate::common::CASES) else { panic!("not JSON") };
    gather(&sheets, &mut found);
    found.retain(|text| text.chars().count() > 10);
    assert!(found.len() > 100, "only {}", found.len());
    found
}

/// Lines of `text` as read off the paper, without the blanks that hang.
fn lines_of<'a>(text: &'a str, lines: &'a [Line]) -> impl Iterator<Item = (&'a Line, &'a str)> {
    lines.iter().map(|line| (line, text[line.range.clone()].trim_end_matches([' ', '\t', '\r'])))
}

#[test]
fn the_sheets_of_the_office_keep_every_rule_at_every_width() {
    for text in texts() {
        for width in 5..=60 {
            let width = f64::from(width);
            for face in Face::ALL {
                let lines = break_lines(face, &text, width);
                check_tiling(&text, &lines);
                // What stands before the edge; without an ideograph in it there may be no other place to part it.
                let mut before = "";
                for (line, shown) in lines_of(&text, &lines) {
                    let about = || format!("{shown:?} of {text:?} at {width} em in {face:?}");
                    assert!(line.width <= width + 1e-6, "too long: {}", about());
                    let (first, last) = (shown.chars().next(), shown.chars().next_back());
                    let ideograph = |c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c);
                    let avoidable = before.contains(ideograph);
                    assert!(!avoidable || !first.is_some_and(|c| NO_START.contains(c)), "starts: {}", about());
                    let number_two = shown.ends_with('#') && !shown.ends_with("：#");
                    assert!(
                        line.range.end == text.len()
                            || line.hard
                            || number_two
                            || !last.is_some_and(|c| NO_END.contains(c)),
                        "ends: {}",
                        about()
                    );
                    before = if line.hard { "" } else { shown };
                }
                check_words(&text, &lines, face, width);
            }
        }
    }
}

/// No word is parted that would have fitted on a line.
#[track_caller]
fn check_words(text: &str, lines: &[Line], face: Face, width: f64) {
    for line in lines.iter().filter(|line| !line.hard && line.range.end < text.len()) {
        let (before, after) = text.split_at(line.range.end);
        let graphic =
            |c: char| (c < '\u{2460}' && !c.is_whitespace() && !"“”‘’…".contains(c)) || "～＝＜＞＋－".contains(c);
        let word_start = before.trim_end_matches(graphic).len();
        let word_end = text.len() - after.trim_start_matches(graphic).len();
        // 破折号 is not part of the word behind it.
        if word_start < line.range.end && line.range.end < word_end && !before.ends_with("——") {
            // With the marks that may not be parted from it.
            let start = text[..word_start].trim_end_matches(|c| c == ' ' || NO_END.contains(c)).len();
            let end = text.len() - text[word_end..].trim_start_matches(|c| NO_START.contains(c)).len();
            let word = &text[start..end];
            let length = break_lines(face, word, f64::INFINITY)[0].width;
            assert!(length > width, "{word:?}, {length} em, is parted at {width} em in {text:?}");
        }
    }
}

#[test]
fn no_line_of_the_office_ends_sooner_than_it_must() {
    for text in texts() {
        for width in 5..=60 {
            let width = f64::from(width);
            let lines = broken(width, &text);
            for pair in lines.windows(2).filter(|pair| !pair[0].hard) {
                // Were the line's end a good one further on, a text that stops there would be in one line.
                let start = pair[0].range.start;
                for end in pair[1].range.clone().skip(1).filter(|end| text.is_char_boundary(*end)) {
                    let both = &text[start..end];
                    if broken(width, both).len() == 1 {
                        // It fits, so what comes next must be why: it may not stand at a line's start.
                        let next = broken(width, &text[start..]);
                        assert!(next[0].range.end + start <= pair[0].range.end, "{both:?} at {width} em");
                    }
                }
            }
        }
    }
}

#[test]
fn the_rest_of_a_text_breaks_as_it_did_in_the_whole() {
    for text in texts() {
        for width in [5.0, 9.5, 17.0, 33.0] {
            let lines = broken(width, &text);
            for (number, line) in lines.iter().enumerate().filter(|(number, _)| *number > 0) {
                let start = line.range.start;
                let rest: Vec<Range<usize>> = broken(width, &text[start..])
                    .into_iter()
                    .map(|line| line.range.start + start..line.range.end + start)
                    .collect();
                let whole: Vec<Range<usize>> = lines[number..].iter().map(|line| line.range.clone()).collect();
                assert_eq!(rest, whole, "{text:?} at {width} em from {start}");
            }
        }
    }
}

#[test]
fn any_heap_of_characters_is_put_in_lines() {
    // A fixed sequence that looks like chance: a failure comes back the same.
    let mut state = 1_u64;
    let mut chance = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 40).unwrap_or(0) % below
    };
    let heap: Vec<char> = NO_START
        .chars()
        .chain(NO_END.chars())
        .chain(CODES.concat().chars())
        .chain(
            "甲乙丙丁戊 \t\r\n\u{3000}\u{A0}\u{200B}\u{200D}\u{2060}\u{FE0F}\u{301}\u{0}\u{2028}👨👍🏻🇨🇳\"'/／～①𠮷ｱ한กำ"
                .chars(),
        )
        .collect();
    for _ in 0..20_000 {
        let text: String = (0..chance(40)).map(|_| heap[chance(heap.len())]).collect();
        let width = f64::from(u32::try_from(chance(60)).unwrap_or(0)) / 4.0;
        let lines = broken(width, &text);
        check_tiling(&text, &lines);
        for (line, shown) in lines_of(&text, &lines) {
            let single = shown.chars().filter(|c| length(&format!("{c}x")) > 0.5 && !" \t".contains(*c)).count() <= 1;
            assert!(line.width <= width + 1e-6 || single, "{shown:?} of {text:?} at {width} em");
        }
        let (from, to) = (chance(text.len() + 1), chance(text.len() + 2));
        if let Some(end) = sentence_end(&text, from..to) {
            assert!(from < end && end <= to && text.is_char_boundary(end), "{text:?} {from}..{to} {end}");
        }
    }
}

#[test]
fn a_megabyte_is_no_matter() {
    // Nothing is timed: were one of these not linear, the test would not come to an end.
    const SIZE: usize = 1 << 20;
    for part in [
        "投诉内容：设备到厂后，我方委托的检测公司按30%比例做射线抽查，B3环缝靠近T形接头处（2#人孔）发现密集气孔。",
        "中",
        "a",
        "1 ",
        "。",
        "（",
        " ",
        "\t",
        "\n",
        "\r\n",
        "\"",
        "中\"",
        "。\"",
        "!\"a",
        "-",
        "/",
        "—",
        "\u{301}",
        "\u{200D}",
        "\u{200B}",
        "👍\u{200D}",
        "🇨",
        "\u{A0}",
        "\u{0}",
    ] {
        let text = part.repeat(SIZE / part.len());
        for width in [0.0, 40.0] {
            let lines = broken(width, &text);
            assert_eq!(lines.last().map(|line| line.range.end), Some(text.len()), "{part:?}");
        }
        let middle = (0..=SIZE / 2).rfind(|at| text.is_char_boundary(*at)).unwrap_or(0);
        assert!(sentence_end(&text, 0..middle).is_none_or(|end| end <= middle), "{part:?}");
    }
}

// Ends of sentences, where a text goes on on another sheet.

/// `text` holds `[` and `]` around the range, and `|` where its last sentence ends, if any does.
#[track_caller]
fn check_sentence(pattern: &str) {
    let text: String = pattern.chars().filter(|c| !"⟦⟧|".contains(*c)).collect();
    let place = |mark: char| {
        pattern.find(mark).map(|at| pattern[..at].chars().filter(|c| !"⟦⟧|".contains(*c)).map(char::len_utf8).sum())
    };
    let range = place('⟦').unwrap_or(0)..place('⟧').unwrap_or(text.len());
    assert_eq!(sentence_end(&text, range), place('|'), "{pattern:?}");
}

#[test]
fn a_sentence_ends_behind_its_stop() {
    for stop in "。！？；…".chars() {
        check_sentence(&format!("甲乙{stop}丙{stop}|丁"));
        check_sentence(&format!("甲乙{stop}丙{stop}|"));
    }
    check_sentence("甲乙，丙、丁：戊");
    check_sentence("");
    check_sentence("甲……|乙");
    check_sentence("甲？！|乙");
    check_sentence("甲。乙\n|丙");
    check_sentence("甲\r\n|");
    check_sentence("甲\n。|");
}

#[test]
fn closing_quotes_and_brackets_belong_to_the_sentence() {
    check_sentence("甲：“乙。”|丙");
    check_sentence("甲（乙。）|丙");
    check_sentence("甲：“乙（丙。）”|丁");
    check_sentence("甲：\"乙。\"|丙");
    // This one opens.
    check_sentence("甲。|\"乙\"");
    check_sentence("甲\"乙。\"丙。|\"丁\"");
    check_sentence("甲\n\"乙。\"|丙");
}

#[test]
fn only_what_ends_inside_the_range_counts() {
    check_sentence("甲。⟦乙⟧。丙");
    check_sentence("⟦甲。|乙⟧。丙");
    check_sentence("⟦甲。|⟧乙。丙");
    check_sentence("⟦甲。|“乙。⟧”丙");
    check_sentence("⟦甲。|\"乙。⟧\"丙");
    check_sentence("⟦甲。|乙…⟧…丙");
    check_sentence("⟦甲。⟧”");
    check_sentence("⟦甲⟧\n");
    // Nonsense is no sentence.
    let nonsense = Range { start: 2, end: 1 };
    assert_eq!(sentence_end("甲。", nonsense), None);
    assert_eq!(sentence_end("甲。", 0..4), None);
    assert_eq!(sentence_end("甲。", 0..99), None);
}

#[test]
fn half_width_stops_end_a_sentence_unless_a_word_goes_on() {
    check_sentence("甲!|乙");
    check_sentence("甲?|");
    check_sentence("甲;| 乙");
    check_sentence("甲。|http://x.cn/?a=b;c!d");
    check_sentence("甲a!=b");
    // A point is more often a number's than a sentence's.
    check_sentence("1.甲 2.乙.");
}
