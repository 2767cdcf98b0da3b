//! What a crash leaves behind, and what is never put down where others read it: telephone numbers in any log, typed text in
//! the record of a crash.

use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::files::{self, Kind};

/// What stands in a log in a telephone number's place.
const NUMBER: &str = "［号码］";
/// What stands in the record of a crash in the place of text.
const TEXT: &str = "［文字］";
/// A number with fewer figures reaches nobody.
const FIGURES: usize = 7;
/// What may stand between the groups of a telephone number, and how many of them at once.
const BETWEEN: &str = " \u{A0}\u{3000}\t-－‐‑–—()（）.·";
const AT_ONCE: usize = 3;

/// A text that was in hand when the program crashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InHand {
    /// In which cell.
    pub field: String,
    /// What is to stand there.
    pub text: String,
    /// Whether it got into the book.
    pub written: bool,
}

/// Where what a crash left behind is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// The record of what happened, without a word that was typed; none where it could not be written.
    pub record: Option<PathBuf>,
    /// The texts that did not get into the book, if there are any; none where they could not be written either.
    pub rescue: Option<PathBuf>,
}

/// Puts down a crash in the first of `folders` that takes it: what happened in one file, the texts that are not in the book
/// in another. Both are their owner's alone.
pub fn leave(folders: &[PathBuf], message: &str, in_hand: &[InHand], now: NaiveDateTime) -> Left {
    let stamp = now.format("%Y%m%d-%H%M%S");
    let save = |name: String, text: &str| {
        let path = |folder: &PathBuf| Path::new(folder).join(&name);
        folders.iter().map(path).find(|it| files::save(it, Kind::Text, text.as_bytes()).is_ok())
    };
    let lost: Vec<&InHand> = in_hand.iter().filter(|it| !it.written).collect();
    let texts: String = lost.iter().map(|it| format!("{}：\n{}\n\n", it.field, it.text)).collect();
    let rescue = if lost.is_empty() { None } else { save(format!("未写进台帐的文字-{stamp}.txt"), &texts) };
    let mut told = format!("{}\n{}\n", now.format("%Y-%m-%d %H:%M:%S"), plain(message));
    for it in in_hand {
        let fate = if it.written { "已写进台帐" } else { "没有写进台帐" };
        // What an exchange file called a cell that no form has is somebody's text too.
        let field = it.field.split_once(':').map_or(it.field.as_str(), |(kind, _)| kind);
        told.push_str(&format!("正在填写的 {field}（{fate}）\n"));
    }
    Left { record: save(format!("出错记录-{stamp}.txt"), &told), rescue }
}

/// A panic's message without what it quotes: that may be what was typed. What stands after the first quotation that is no
/// piece of the program goes, for a quotation may hold quotation marks.
pub fn plain(message: &str) -> String {
    const MARKS: [char; 5] = ['`', '\'', '"', '“', '‘'];
    let mut from = 0;
    while let Some(at) = message[from..].find(MARKS).map(|it| it + from) {
        let quoted = message[at..].strip_prefix('`').and_then(|it| it.split_once('`')).map(|it| it.0);
        let Some(code) = quoted.filter(|it| is_code(it)) else {
            return mask(&message[..at]) + TEXT;
        };
        from = at + code.len() + 2;
    }
    mask(message)
}

/// Whether a quotation is one of the standard library's own: `Option::unwrap()`, `Err`, `left == right`.
fn is_code(quoted: &str) -> bool {
    const WORDS: [&str; 10] = [
        "Option::unwrap()",
        "Option::expect()",
        "Result::unwrap()",
        "Result::expect()",
        "Result::unwrap_err()",
        "None",
        "Err",
        "Ok",
        "left == right",
        "left != right",
    ];
    WORDS.contains(&quoted)
}

/// A text as a log may have it: telephone numbers, which are seven figures and more with or without blanks, hyphens or
/// brackets between them, are taken out. Days, moments (`2026-11-20 09:00:00`, `20261120-090000`) and numbers of sheets
/// (`2026-0012`) stay.
pub fn mask(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let plus = usize::from(matches!(rest[0], '+' | '＋'));
        let (length, stays) = match dated(rest) {
            Some(length) => (length, true),
            None => match run(&rest[plus..]) {
                0 => (1, true),
                length => (plus + length, false),
            },
        };
        let part = &rest[..length];
        if stays || part.iter().filter(|it| figure(**it).is_some()).count() < FIGURES {
            masked.extend(part);
        } else {
            masked.push_str(NUMBER);
        }
        at += length;
    }
    masked
}

/// The figure of a letter, half or full width.
fn figure(letter: char) -> Option<u32> {
    match letter {
        '０'..='９' => Some(u32::from(letter) - u32::from('０')),
        _ => letter.to_digit(10),
    }
}

/// How long the groups of figures are that begin here, with what stands between them.
fn run(chars: &[char]) -> usize {
    let mut end = 0;
    loop {
        end += chars[end..].iter().take_while(|it| figure(**it).is_some()).count();
        if end == 0 {
            return 0;
        }
        let gap = chars[end..].iter().take_while(|it| BETWEEN.contains(**it)).count();
        let next = chars.get(end + gap).is_some_and(|it| figure(*it).is_some());
        if !(1..=AT_ONCE).contains(&gap) || !next || dated(&chars[end + gap..]).is_some() {
            return end;
        }
        end += gap;
    }
}

/// How long the day, moment or sheet's number is that begins here.
fn dated(chars: &[char]) -> Option<usize> {
    let is_day = |year: u32, month, day| {
        (1900..2200).contains(&year)
            && year.try_into().is_ok_and(|it| NaiveDate::from_ymd_opt(it, month, day).is_some())
    };
    let is_time = |[hour, minute, second]: [u32; 3]| NaiveTime::from_hms_opt(hour, minute, second).is_some();
    let length = if let Some([year, month, day]) = shaped(chars, "dddd-dd-dd") {
        let clock = &chars[10..];
        let seconds = shaped(clock, "Tdd:dd:dd").or_else(|| shaped(clock, " dd:dd:dd")).is_some_and(is_time);
        let minutes = shaped(clock, " dd:dd").is_some_and(|[hour, minute]| is_time([hour, minute, 0]));
        let behind = clock.get(10..).unwrap_or_default().iter().take_while(|it| it.is_ascii_digit()).count();
        let fraction = if clock.get(9) == Some(&'.') && behind > 0 { behind + 1 } else { 0 };
        let clock = if seconds { 9 + fraction } else { usize::from(minutes) * 6 };
        is_day(year, month, day).then_some(10 + clock)?
    } else if let Some([day, time]) = shaped(chars, "dddddddd-dddddd") {
        let time = [time / 10_000, time / 100 % 100, time % 100];
        (is_day(day / 10_000, day / 100 % 100, day % 100) && is_time(time)).then_some(15)?
    } else {
        let shapes = ["dddd-ddddd", "dddd-dddd", "dddd-ddd"];
        let numbered = |it: &&str| shaped(chars, it).is_some_and(|[year, _]| (1990..2100).contains(&year));
        shapes.iter().copied().find(numbered)?.len()
    };
    ends(chars, length)
}

/// The numbers in a text of a shape, in which `d` is a figure; what comes behind does not matter.
fn shaped<const N: usize>(chars: &[char], shape: &str) -> Option<[u32; N]> {
    let mut numbers = [0; N];
    let (mut at, mut before) = (0, None);
    for (wanted, there) in shape.chars().zip(chars.iter().map(Some).chain(std::iter::repeat(None))) {
        if wanted == 'd' {
            let number = numbers.get_mut(at)?;
            *number = *number * 10 + there?.to_digit(10)?;
        } else {
            at += usize::from(before == Some('d'));
            (*there? == wanted).then_some(())?;
        }
        before = Some(wanted);
    }
    Some(numbers)
}

/// The length, if nothing goes on behind it that would make it a longer number.
fn ends(chars: &[char], length: usize) -> Option<usize> {
    let goes_on = match chars.get(length) {
        Some('-') => chars.get(length + 1).is_some_and(|it| figure(*it).is_some()),
        Some(next) => figure(*next).is_some(),
        None => false,
    };
    (!goes_on).then_some(length)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    fn now() -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2026, 11, 20).unwrap().and_hms_opt(9, 0, 0).unwrap()
    }

    #[test]
    fn a_telephone_number_is_taken_out_however_it_is_written() {
        for number in [
            "13812345678",
            "138 1234 5678",
            "138-1234-5678",
            "+8613812345678",
            "+86 138 1234 5678",
            "＋86-13812345678",
            "0519-55550622",
            "0519 5555 7082",
            "5555062",
            "5555 0622",
            "0577) 5555 8130-8012",
            "022—5555 4419",
            "１３８１２３４５６７８",
            "138\u{3000}1234\u{3000}5678",
            "400.810.8888",
            "2026-555506",
            "2026-11-20-5555",
            "20261120555",
            "1990-5555-0622",
            "20269920-090000",
        ] {
            assert_eq!(mask(number), NUMBER, "{number}");
            assert_eq!(mask(&format!("电话{number}，沈工")), format!("电话{NUMBER}，沈工"), "{number}");
            assert_eq!(mask(&format!("单 2026-0012 的 {number}。")), format!("单 2026-0012 的 {NUMBER}。"));
        }
        assert_eq!(mask("13812345678、13912345678"), "［号码］、［号码］");
        assert_eq!(mask("2026-11-20 13812345678"), "2026-11-20 ［号码］");
        assert_eq!(mask("5 2026-001 13812345678"), "5 2026-001 ［号码］");
    }

    #[test]
    fn days_moments_and_sheets_numbers_stay() {
        for text in [
            "",
            "沈工",
            "2026-11-20",
            "2026-11-20T09:00:00",
            "2026-11-20 09:00:00.123456789",
            "2026-11-20 09:31",
            "出错记录-20261120-090000.txt",
            "2026-001",
            "2026-0012",
            "2026-00123",
            "第 1234 行",
            "src/app.rs:1234:56",
            "SLJX-2023-HT-0264",
            "25R-018-1",
            "2024-02-21 至 2026-11-20",
            "2026-001、2026-002",
            "磁盘已满",
            "1 2 3",
            "版本 7，本程序认识到 4",
            "2026-11-20 2026-001",
            "+",
            "-",
            "１２３",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    #[test]
    fn a_panic_tells_nothing_that_was_typed() {
        for (message, told) in [
            (
                "index out of bounds: the len is 3 but the index is 7",
                "index out of bounds: the len is 3 but the index is 7",
            ),
            ("called `Option::unwrap()` on a `None` value", "called `Option::unwrap()` on a `None` value"),
            (
                "called `Result::unwrap()` on an `Err` value: Said(\"甲厂 沈工\")",
                "called `Result::unwrap()` on an `Err` value: Said(［文字］",
            ),
            (
                "byte index 1 is not a char boundary; it is inside '沈' (bytes 0..3) of `沈`工`",
                "byte index 1 is not a char boundary; it is inside ［文字］",
            ),
            ("no such user: 13812345678", "no such user: ［号码］"),
            ("`abc` is typed", "［文字］"),
        ] {
            assert_eq!(plain(message), told);
        }
    }

    #[test]
    fn a_crash_loses_no_text_and_its_record_holds_none() {
        let folder = tempfile::tempdir().unwrap();
        let in_hand = [
            InHand { field: "phone".to_owned(), text: "沈工 138-1234-5678".to_owned(), written: false },
            InHand { field: "extra:甲厂 0519-55550622".to_owned(), text: "漏气".to_owned(), written: true },
        ];
        let message = "src/pen.rs:12:3: byte index 1 is out of bounds of `沈工 138-1234-5678`";
        // The first folder takes nothing.
        let folders = [folder.path().join("没有"), folder.path().to_owned()];
        let left = leave(&folders, message, &in_hand, now());
        let record = std::fs::read_to_string(left.record.as_ref().unwrap()).unwrap();
        for (at, word) in ["1234", "5555", "沈工", "甲厂", "漏气"].into_iter().enumerate() {
            assert!(!record.contains(word), "{at}: {record}");
        }
        for word in ["2026-11-20 09:00:00", "src/pen.rs:12:3", "phone（没有写进台帐）", "extra（已写进台帐）"]
        {
            assert!(record.contains(word), "{record}");
        }
        let rescue = left.rescue.as_ref().unwrap();
        assert_eq!(std::fs::read_to_string(rescue).unwrap(), "phone：\n沈工 138-1234-5678\n\n");
        #[cfg(unix)]
        for path in [rescue, left.record.as_ref().unwrap()] {
            let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
        // Where every text is in the book, there is nothing to rescue.
        assert_eq!(leave(&folders, "", &in_hand[1..], now()).rescue, None);
        assert_eq!(leave(&[], "", &in_hand, now()), Left::default());
    }
}
