//! What numbers, moments, durations and boxes say, and what they look like on paper.

use std::borrow::Cow;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use super::{fold, keep_date, read_date, read_time, shown};
use crate::expression::Value;
use crate::procedure::{Field, Kind};

/// Reads a day and an hour as people write them: `2026-11-20 14:30`, `11.20 14:30`, `2026年11月20日14时30分`; an hour alone
/// is one of `today`.
pub fn read_moment(text: &str, today: Option<NaiveDate>) -> Option<NaiveDateTime> {
    let text = fold(text.trim());
    let text = text.trim_end_matches('分');
    if let Some(time) = read_time(text) {
        return Some(today?.and_time(time));
    }
    let (day, hour) = match text.rsplit_once([' ', 't']) {
        Some(parts) => parts,
        None => text.split_at_checked(text.find('日')? + '日'.len_utf8())?,
    };
    let hour = hour.trim().replace(['时', '点'], ":");
    let hour = if hour.ends_with(':') { hour + "00" } else { hour };
    Some(read_date(day, today)?.and_time(read_time(&hour)?))
}

/// The day a text names: a date, or that of a moment.
pub fn read_day(text: &str) -> Option<NaiveDate> {
    read_date(text, None).or_else(|| read_moment(text, None).map(|it| it.date()))
}

/// A moment as it is kept in the book: 2026-11-20 14:30.
pub fn keep_moment(moment: NaiveDateTime) -> String {
    moment.format("%Y-%m-%d %H:%M").to_string()
}

/// Reads how long something took: `2小时30分`, `90分钟`, `1.5小时`, `3天`, `2:30`.
pub fn read_duration(text: &str) -> Option<TimeDelta> {
    let text: String = fold(text.trim()).chars().filter(|it| !it.is_whitespace()).collect();
    if let Some((hours, minutes)) = text.split_once(':') {
        let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
        return Some(TimeDelta::try_hours(hours)? + TimeDelta::try_minutes(minutes)?);
    }
    let (mut rest, mut whole) = (text.as_str(), TimeDelta::zero());
    while !rest.is_empty() {
        let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.')?;
        let count: f64 = rest[..end].parse().ok()?;
        let units =
            [("工作日", 1440.0), ("天", 1440.0), ("日", 1440.0), ("个小时", 60.0), ("小时", 60.0), ("时", 60.0)];
        let units = units.iter().chain(&[("分钟", 1.0), ("分", 1.0)]);
        let (unit, minutes) = units.copied().find(|(unit, _)| rest[end..].starts_with(unit))?;
        whole += TimeDelta::try_minutes((count * minutes).round() as i64).filter(|_| count < 1e6)?;
        rest = &rest[end + unit.len()..];
    }
    (whole > TimeDelta::zero()).then_some(whole)
}

/// What is written in a datum, as expressions take it.
pub fn value_of(field: &Field, written: &str) -> Value {
    match field.kind {
        Kind::Number | Kind::Money => Value::read_number(written),
        Kind::Date => read_date(written, None).map_or(Value::Missing, Value::Date),
        Kind::Moment => read_moment(written, None).map_or(Value::Missing, Value::Moment),
        Kind::Duration => read_duration(written).map_or(Value::Missing, Value::Duration),
        Kind::Choice | Kind::Scale => {
            let picked = Picked::read(field, written);
            if !field.marks.is_empty() {
                let mut marks = picked.which.iter().filter_map(|it| field.marks.get(*it)).map(|it| Value::number(*it));
                return if field.many { Value::List(marks.collect()) } else { marks.next().unwrap_or_default() };
            }
            let mut words = picked.which.iter().map(|it| Value::text(&field.options[*it].word));
            if field.many { Value::List(words.collect()) } else { words.next().unwrap_or(Value::text(&picked.lost)) }
        }
        Kind::Line
        | Kind::Text
        | Kind::Time
        | Kind::Customer
        | Kind::Contact
        | Kind::Person
        | Kind::Post
        | Kind::Department
        | Kind::Link
        | Kind::Seal
        | Kind::Note => Value::text(written),
        Kind::Picture => Value::text(&shown(Kind::Picture, written)),
    }
}

/// A value that was computed, as a cell of the datum keeps one.
pub fn keep_value(field: &Field, value: &Value) -> String {
    match value {
        Value::Missing | Value::Map(_) => String::new(),
        Value::Text(text) => text.to_string(),
        Value::Number(number) => {
            let digits = digits_of(field);
            digits.map_or_else(|| plain(*number), |it| format!("{number:.it$}"))
        }
        Value::Truth(truth) => if *truth { "是" } else { "否" }.to_owned(),
        Value::Date(day) => keep_date(*day),
        Value::Moment(moment) => keep_moment(*moment),
        Value::Duration(span) => format!("{}分钟", span.num_minutes()),
        Value::List(all) => all.iter().map(|it| keep_value(field, it)).collect::<Vec<_>>().join("、"),
    }
}

/// Few enough digits to read: sums of decimals are not exact in binary.
fn plain(number: f64) -> String {
    let text = format!("{number:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn digits_of(field: &Field) -> Option<usize> {
    field.digits.or((field.kind == Kind::Money).then_some(2)).map(|it| it.min(12))
}

/// What an entry of a datum looks like on paper: as its kind has it, a number with its digits, thousands and unit.
pub fn shown_in<'a>(field: &Field, value: &'a str) -> Cow<'a, str> {
    if !field.is_number() {
        return shown(field.kind, value);
    }
    let Value::Number(number) = Value::read_number(value) else { return Cow::Borrowed(value.trim()) };
    let typed = || value.trim().chars().filter(|it| !matches!(it, ',' | '，')).collect();
    let mut text: String = digits_of(field).map_or_else(typed, |it| format!("{number:.it$}"));
    if field.thousands {
        text = parted(&text);
    }
    text.extend(field.unit.iter().map(String::as_str));
    Cow::Owned(text)
}

/// A number with its thousands parted.
fn parted(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let (sign, figures) = whole.split_at(usize::from(whole.starts_with('-')));
    let mut said = String::new();
    for (at, figure) in figures.chars().enumerate() {
        if at > 0 && (figures.len() - at).is_multiple_of(3) {
            said.push(',');
        }
        said.push(figure);
    }
    format!("{sign}{said}{rest}")
}

/// What is ticked of a choice with boxes, or of a scale.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picked {
    /// Which options, by their places, in order.
    pub which: Vec<usize>,
    /// What stands in the bracket.
    pub other: String,
    /// What is none of the options.
    pub lost: String,
}

impl Picked {
    /// Reads what is kept or typed: the words, parted by 、 where several may be chosen, the bracket's own behind its word.
    pub fn read(field: &Field, value: &str) -> Self {
        let mut picked = Self::default();
        let mut rest = value.trim();
        if !field.boxes && field.kind == Kind::Choice {
            let opinion = super::Opinion::read(field, value);
            picked
                .which
                .extend(opinion.letter.and_then(|it| field.options.iter().position(|option| option.letter == it)));
            picked.other = opinion.other;
            if picked.which.is_empty() {
                rest.clone_into(&mut picked.lost);
            }
            return picked;
        }
        while !rest.is_empty() {
            // The longest word that begins here: one may begin another.
            let fits = |it: &(usize, &crate::procedure::Choice)| rest.starts_with(it.1.word.as_str());
            let found = field.options.iter().enumerate().filter(fits).max_by_key(|it| it.1.word.len());
            let Some((place, option)) = found.filter(|_| field.many || picked.which.is_empty()) else {
                rest.clone_into(&mut picked.lost);
                break;
            };
            rest = &rest[option.word.len()..];
            if option.bracket {
                let inside = rest.strip_prefix(['（', '(']);
                let end = inside.and_then(|it| it.rfind(['）', ')']).map(|end| (it, end)));
                if let Some((inside, end)) = end {
                    inside[..end].clone_into(&mut picked.other);
                    rest = inside[end..].trim_start_matches(['）', ')']);
                }
            }
            picked.which.push(place);
            rest = rest.trim_start_matches(['、', ' ', '，', ',']);
        }
        picked.which.sort_unstable();
        picked.which.dedup();
        picked
    }

    /// Whether an option is among them.
    pub fn has(&self, field: &Field, letter: char) -> bool {
        self.which.iter().any(|it| field.options[*it].letter == letter)
    }

    /// What is kept when something is written in the bracket.
    pub fn with_other(field: &Field, value: &str, other: &str) -> String {
        let mut picked = Self::read(field, value);
        let bracket = field.options.iter().position(|it| it.bracket);
        picked.which.retain(|it| field.many && Some(*it) != bracket);
        picked.which.extend(bracket);
        other.clone_into(&mut picked.other);
        picked.keep(field)
    }

    /// As the book keeps it.
    pub fn keep(&self, field: &Field) -> String {
        if !field.boxes && field.kind == Kind::Choice {
            let letter = self.which.first().map(|it| field.options[*it].letter);
            return super::Opinion { letter, other: self.other.clone() }.keep(field);
        }
        let said = |place: &usize| {
            let option = &field.options[*place];
            if option.bracket && !self.other.is_empty() {
                format!("{}（{}）", option.word, self.other)
            } else {
                option.word.clone()
            }
        };
        self.which.iter().map(said).collect::<Vec<_>>().join("、")
    }
}
