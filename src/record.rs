//! A filled-in sheet: values as typed, what was changed after signing, and what is odd about them.

use std::borrow::Cow;
use std::char::ToLowercase;

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use crate::expression::Value;
use crate::face;
use crate::procedure::{Edition, Field, FieldId, Form, FormId, Kind};

mod brought;
mod computed;
mod fact;
mod kinds;
mod living;
mod number;
mod picture;
mod values;
pub use brought::{EXTRA, JSON, keys_of_path};
pub use fact::{CopyStep, Customer, Deed, Destruction, Fact, FollowUp, Printed, Proof, Signed, Started, Wait};
pub use kinds::{Picked, keep_moment, keep_value, read_day, read_duration, read_moment, shown_in, value_of};
pub use number::{NumberLine, NumberState};
pub use picture::{LARGEST_PICTURE, Picture, is_picture, picture_size};
pub use values::{CellId, MOST_LINES, Values};

/// A record's place in the book; never used again, never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(pub i64);

/// A filled-in sheet (单).
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its place in the book.
    pub id: RecordId,
    /// On which form.
    pub form: FormId,
    /// In the edition it was made under, which it keeps.
    pub edition: Edition,
    /// Its number (编号), unbroken within form and year; empty until the sheet is first saved.
    pub number: String,
    /// When it was entered into the book.
    pub entered: NaiveDateTime,
    /// What was written in each round (轮次), the first included; there is always one.
    pub rounds: Vec<Values>,
    /// Changes after signing (划改), oldest first.
    pub corrections: Vec<Correction>,
    /// Why and by whom it was voided (作废).
    pub void: Option<Void>,
    /// What was done with it besides writing on it, oldest first.
    pub facts: Vec<Fact>,
    /// The day as of which it is shown, where that is a day gone by.
    pub as_of: Option<NaiveDate>,
    /// The sheets that were started from it and are not void, where that was looked up: it stands on those, not on this one.
    pub started: Vec<Started>,
}

/// A change after signing (划改): the old text stays legible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Of which entry.
    pub cell: CellId,
    /// What stood there.
    pub old: String,
    /// What stands there now.
    pub new: String,
    /// Who changed it.
    pub by: String,
    /// On which day, as written.
    pub on: String,
    /// Why.
    pub reason: String,
}

/// A voided sheet (作废) keeps its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Void {
    /// Who voided it.
    pub by: String,
    /// On which day, as written.
    pub on: String,
    /// Why.
    pub reason: String,
}

impl Record {
    /// An empty sheet of `form`, with no number yet.
    pub fn empty(form: &Form, entered: NaiveDateTime) -> Self {
        Self::new(form.form.clone(), form.edition.clone(), entered)
    }

    /// An empty sheet of a form known by name only.
    pub fn new(form: FormId, edition: Edition, entered: NaiveDateTime) -> Self {
        Self {
            id: RecordId(0),
            form,
            edition,
            number: String::new(),
            entered,
            rounds: vec![Values::new()],
            corrections: Vec::new(),
            void: None,
            facts: Vec::new(),
            as_of: None,
            started: Vec::new(),
        }
    }

    /// What is written in the first round; empty where nothing is.
    pub fn value(&self, field: &str) -> &str {
        self.written(0, field)
    }

    /// What is written in a round, from nought, outside tables; empty where nothing is.
    pub fn written(&self, round: usize, field: &str) -> &str {
        self.rounds.get(round).map_or("", |it| it.at(field, 0))
    }

    /// What is written in a cell; empty where nothing is.
    pub fn at(&self, cell: &CellId) -> &str {
        self.rounds.get(cell.round).map_or("", |it| it.at(cell.field.as_str(), cell.line))
    }

    /// In which round, from nought, an entry is kept that is seen on the sheet of `round`: each round has its own in
    /// the sections that are gone through again, from where that round began. Any other is written once, in the first
    /// round; one that came from elsewhere stays where it was last written.
    pub fn home(&self, form: &Form, field: &str, round: usize) -> usize {
        if form.repeats(field) {
            let section = form.section_of(field).unwrap_or_default();
            return (1..=round).rev().find(|it| self.begins_with(form, *it) <= section).unwrap_or(0);
        }
        self.rounds.iter().rposition(|it| it.holds(field)).unwrap_or(0)
    }

    /// The address of what the sheet of a round, from nought, shows in a line of a field.
    pub fn cell(&self, form: &Form, field: &FieldId, round: usize, line: usize) -> CellId {
        CellId { round: self.home(form, field.as_str(), round), field: field.clone(), line }
    }

    /// What the sheet of a round, from nought, shows in a field; empty where nothing is written.
    pub fn value_in(&self, form: &Form, field: &str, round: usize) -> &str {
        self.written(self.home(form, field, round), field)
    }

    /// The last round, from nought: the one that is being gone through.
    pub fn last_round(&self) -> usize {
        self.rounds.len().saturating_sub(1)
    }

    /// What is written in the latest round, as the ledger shows it: of a section that is gone through again the last
    /// round's entry, even where that is still empty; of any other the last that was written.
    pub fn latest(&self, form: &Form, field: &str) -> &str {
        self.value_in(form, field, self.last_round())
    }

    /// Writes a value into the first round; an empty one takes the entry away.
    pub fn set(&mut self, field: &FieldId, value: &str) {
        self.put(&CellId::new(field.clone(), 0), value);
    }

    /// Writes a cell; an empty value takes the entry away. Does nothing where there is no such round.
    pub fn put(&mut self, cell: &CellId, value: &str) {
        if let Some(values) = self.rounds.get_mut(cell.round) {
            values.put(&cell.field, cell.line, value);
        }
    }

    /// What the writer should look at on the sheet of the last round. Nothing here blocks typing, saving or printing.
    pub fn check(&self, form: &Form) -> Vec<Issue> {
        let mut issues = Vec::new();
        for field in form.every_field() {
            let home = self.home(form, field.id.as_str(), self.last_round());
            for line in 0..self.rounds.get(home).map_or(0, |it| it.lines(field.id.as_str())) {
                let cell = CellId { round: home, field: field.id.clone(), line };
                let issues_of = check_value(field, self.at(&cell)).into_iter();
                issues.extend(issues_of.map(|message| Issue { cell: cell.clone(), message }));
            }
        }
        issues
    }
}

/// The most rounds (轮次) of a sheet: no complaint comes back so often, and exchange files have words for as many.
pub const MOST_ROUNDS: usize = 99;

/// Something the writer should look at, at one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// At which cell.
    pub cell: CellId,
    /// A sentence.
    pub message: String,
}

/// More characters than one cell is meant to hold: about eight continuation sheets.
pub const LONGEST_ENTRY: usize = 20_000;

/// What is wrong with an entry so that nobody can tell what it says (PROCEDURE 6): a sentence each.
pub fn doubts(field: &Field, value: &str) -> Vec<String> {
    let mut found = Vec::new();
    if value.trim().is_empty() {
        return found;
    }
    if ["同上", "同前", "〃", "″", "\""].contains(&value.trim()) {
        found.push(format!("{}：不写“同上”，请照写一遍", field.name));
    }
    if field.kind == Kind::Date && read_date(value, None).is_none() && value != "/" {
        found.push(format!("{}：“{}”不是日期，可写 2026-11-20、20261120、11.20、今天", field.name, brief(value)));
    }
    let chosen = Picked::read(field, value);
    if field.kind.is_chosen()
        && (field.boxes || field.kind == Kind::Scale)
        && value.trim() != "/"
        && !chosen.lost.is_empty()
    {
        let words: Vec<&str> = field.options.iter().map(|it| it.word.as_str()).collect();
        found.push(format!("{}：“{}”不是 {} 中的一项", field.name, brief(&chosen.lost), words.join("、")));
    } else if field.kind == Kind::Choice && !field.boxes && Opinion::read(field, value).letter.is_none() && value != "/"
    {
        let letters: String = field.options.iter().map(|it| it.letter).collect();
        found.push(format!("{}：“{}”不是 {letters} 中的一项", field.name, brief(value)));
    }
    if field.closed && !field.offers.iter().any(|it| it == value.trim()) && value != "/" {
        found.push(format!("{}：“{}”不是 {} 中的一项", field.name, brief(value), field.offers.join("、")));
    }
    let written = field.is_written() && value.trim() != "/";
    if written && field.is_number() && value_of(field, value) == Value::Missing {
        found.push(format!("{}：“{}”不是数，可写 12、12.5、1,200", field.name, brief(value)));
    }
    if written && field.kind == Kind::Moment && read_date(value, None).is_some() {
        found.push(format!("{}：缺时刻，“{}”只写了日期，要写几点几分，如 14:30", field.name, brief(value)));
    } else if written && field.kind == Kind::Moment && read_moment(value, None).is_none() {
        found.push(format!("{}：“{}”不是时刻，可写 2026-11-20 14:30、11.20 14:30、14:30", field.name, brief(value)));
    }
    if written && field.kind == Kind::Duration && read_duration(value).is_none() {
        found.push(format!("{}：“{}”不是时长，可写 2小时30分、90分钟、3天", field.name, brief(value)));
    }
    if field.kind == Kind::Time && read_time(value).is_none() && value != "/" {
        found.push(format!("{}：“{}”不是钟点，可写 14:30", field.name, brief(value)));
    }
    found
}

fn check_value(field: &Field, value: &str) -> Vec<String> {
    let mut found = Vec::new();
    if value.is_empty() {
        return found;
    }
    if field.kind == Kind::Picture {
        let there = picture_size(value).is_some() || value.trim() == "/";
        found.extend((!there).then(|| format!("{}：不是图，请重新选一个文件", field.name)));
        return found;
    }
    found.extend(doubts(field, value));
    if value.replace("\r\n", "").contains('\r') {
        found.push(format!("{}：含有单独的回车符，纸上不换行", field.name));
    }
    if let Some(c) = value.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        found.push(format!(
            "{}：含有不能打印的控制字符 U+{:04X}，纸上印作 {}",
            field.name,
            u32::from(c),
            face::MISSING
        ));
    }
    let missing: Vec<char> = face::missing(value).into_iter().filter(|c| !c.is_control()).collect();
    if !missing.is_empty() {
        // The screen could not show them either: their codes tell which they are.
        let codes: Vec<String> = missing.iter().take(6).map(|it| format!("U+{:04X}", u32::from(*it))).collect();
        let more = if missing.len() > 6 { " 等" } else { "" };
        let (name, count, codes) = (&field.name, missing.len(), codes.join("、"));
        found.push(format!("{name}：有 {count} 个字符字库里没有，纸上印作 {}（{codes}{more}）", face::MISSING));
    }
    let length = value.chars().count();
    if length > LONGEST_ENTRY {
        found.push(format!("{}：有 {length} 字，超过一格的 {LONGEST_ENTRY} 字，可打印，不能在格里修改", field.name));
    }
    found
}

/// The beginning of a long entry, for a sentence.
pub fn brief(value: &str) -> String {
    let begin: String = value.chars().take(16).collect();
    face::on_screen(if begin.len() < value.len() { format!("{begin}…") } else { begin }.as_str())
}

/// Reads a date as people write it: 2026-11-20, 2026年11月20日, 2026/11/20, 20261120; with `today` given, also 11.20,
/// 11月20日, 20 (of this month), 今天, 昨天, 明天, 后天, 前天.
pub fn read_date(text: &str, today: Option<NaiveDate>) -> Option<NaiveDate> {
    let text: String = fold(text.trim());
    if let Some(today) = today {
        let days = match text.as_str() {
            "今天" | "今日" => Some(0),
            "昨天" | "昨日" => Some(-1),
            "明天" | "明日" => Some(1),
            "前天" => Some(-2),
            "后天" => Some(2),
            _ => None,
        };
        if let Some(days) = days {
            return today.checked_add_signed(chrono::TimeDelta::days(days));
        }
    }
    let allowed = |c: char| c.is_ascii_digit() || "年月日号-/. ".contains(c);
    if !text.chars().all(allowed) {
        return None;
    }
    let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|it| !it.is_empty()).collect();
    let number = |it: &str| it.parse::<u32>().ok();
    match (parts.as_slice(), today) {
        ([all], _) if all.len() == 8 => {
            NaiveDate::from_ymd_opt(all[..4].parse().ok()?, number(&all[4..6])?, number(&all[6..])?)
        }
        ([year, month, day], _) if year.len() == 4 => {
            NaiveDate::from_ymd_opt(year.parse().ok()?, number(month)?, number(day)?)
        }
        ([year, month, day], Some(today)) if year.len() == 2 => {
            NaiveDate::from_ymd_opt(today.year() / 100 * 100 + year.parse::<i32>().ok()?, number(month)?, number(day)?)
        }
        ([month, day], Some(today)) if month.len() <= 2 => {
            NaiveDate::from_ymd_opt(today.year(), number(month)?, number(day)?)
        }
        ([day], Some(today)) if day.len() <= 2 => NaiveDate::from_ymd_opt(today.year(), today.month(), number(day)?),
        _ => None,
    }
}

/// Reads an hour of the day: 14:30, 14：30, 1430.
pub fn read_time(text: &str) -> Option<chrono::NaiveTime> {
    let text = fold(text.trim());
    let (hour, minute) = text.split_once(':').or_else(|| (text.len() == 4).then(|| text.split_at_checked(2))?)?;
    chrono::NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, 0)
}

/// A date as it is kept in the book: 2026-11-20.
pub fn keep_date(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}

/// A date written out in full: 2026年11月20日.
pub fn full_date(date: NaiveDate) -> String {
    format!("{:04}年{}月{}日", date.year(), date.month(), date.day())
}

/// What a value looks like on paper: a date in full, a few words without the blanks around them, anything else as typed.
pub fn shown(kind: Kind, value: &str) -> Cow<'_, str> {
    match kind {
        Kind::Date => read_date(value, None).map_or(Cow::Borrowed(value), |it| Cow::Owned(full_date(it))),
        Kind::Moment => match read_moment(value, None) {
            Some(it) => Cow::Owned(format!("{}{}", full_date(it.date()), it.format("%-H时%M分"))),
            None => Cow::Borrowed(value),
        },
        Kind::Text | Kind::Choice => Cow::Borrowed(value),
        Kind::Picture => Cow::Borrowed(if value.is_empty() { "" } else { "（图）" }),
        Kind::Line
        | Kind::Time
        | Kind::Customer
        | Kind::Contact
        | Kind::Person
        | Kind::Post
        | Kind::Department
        | Kind::Scale
        | Kind::Number
        | Kind::Money
        | Kind::Duration
        | Kind::Link
        | Kind::Seal
        | Kind::Note => Cow::Borrowed(value.trim()),
    }
}

/// What is kept when the writer leaves a cell: a date that can be read in its one form, anything else as typed.
pub fn kept(kind: Kind, typed: &str, today: NaiveDate) -> String {
    let read = match kind {
        Kind::Date => read_date(typed, Some(today)).map(keep_date),
        Kind::Moment => read_moment(typed, Some(today)).map(keep_moment),
        _ => None,
    };
    read.unwrap_or_else(|| typed.to_owned())
}

/// An answer of the user (用户意见): `B 较满意`, `F 其他（…）`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opinion {
    /// The chosen letter, if one can be read.
    pub letter: Option<char>,
    /// What stands in the bracket behind 其他.
    pub other: String,
}

impl Opinion {
    /// Reads an answer as kept or typed. What is neither a letter nor a word of the options yields no letter.
    pub fn read(field: &Field, value: &str) -> Self {
        let trimmed = value.trim();
        let Some(first) = trimmed.chars().next() else { return Self::default() };
        let letter = fold(&first.to_string()).to_uppercase().chars().next().unwrap_or(first);
        for option in &field.options {
            let rest = if trimmed == option.word {
                ""
            } else if letter == option.letter {
                let rest = trimmed[first.len_utf8()..].trim_start_matches([' ', ':', '：', '　', '.', '、']);
                rest.strip_prefix(option.word.as_str()).unwrap_or(rest)
            } else {
                continue;
            };
            // The bracket's text keeps its own blanks; only the bracket itself goes.
            let bracketed = [('（', '）'), ('(', ')')]
                .iter()
                .find_map(|(open, close)| rest.trim().strip_prefix(*open)?.strip_suffix(*close));
            let other = bracketed.unwrap_or(rest);
            if !option.bracket && !other.trim().is_empty() {
                return Self::default();
            }
            return Self { letter: Some(option.letter), other: other.to_owned() };
        }
        Self::default()
    }

    /// The answer as it is kept.
    pub fn keep(&self, field: &Field) -> String {
        let Some(option) = field.options.iter().find(|it| Some(it.letter) == self.letter) else {
            return String::new();
        };
        if option.bracket && !self.other.is_empty() {
            format!("{} {}（{}）", option.letter, option.word, self.other)
        } else {
            format!("{} {}", option.letter, option.word)
        }
    }
}

/// Text made ready for comparison, character by character (see [`fold_char`]): what is part of a text is, folded, part of
/// the folded text.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Nearly every character there is: nothing to look up.
            '\u{4E00}'..='\u{9FFF}' if c != '账' => folded.push(c),
            _ => folded.extend(fold_char(c)),
        }
    }
    folded
}

/// One character made ready for comparison (PROCEDURE 7): full-width signs as half-width, small letters, 账 as 帐, all
/// dashes alike, all blanks alike.
pub fn fold_char(c: char) -> ToLowercase {
    let plain = match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' | '\u{A0}' => ' ',
        '账' => '帐',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹣' => '-',
        '。' | '｡' => '.',
        '﹐' => ',',
        '､' => '、',
        '﹔' => ';',
        '﹕' => ':',
        '﹙' => '(',
        '﹚' => ')',
        '〔' | '【' => '[',
        '〕' | '】' => ']',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        '〜' => '~',
        '￥' => '¥',
        _ => c,
    };
    plain.to_lowercase()
}
