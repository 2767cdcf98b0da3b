//! The functions of expressions: one table that registers and documents them.

use std::cmp::Ordering;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::Value;
use super::evaluating::Run;
use super::value::{Decimal, added};

/// A function of expressions.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What it takes, as documented: `(起, 止)`.
    pub takes: &'static str,
    /// What it gives.
    pub says: &'static str,
    /// An example.
    pub example: &'static str,
    /// What the example comes to, in words.
    pub gives: &'static str,
    /// How many values it takes at least and at most.
    pub(super) count: (usize, usize),
    /// Whether it is missing where a value it takes is.
    pub(super) spreads: bool,
    pub(super) run: fn(&Run<'_, '_>, &[Value]) -> Result<Value, String>,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

type Given<'g> = &'g [Value];
type Made = Result<Value, String>;

macro_rules! functions {
    ($($name:literal $takes:literal $least:literal..$most:literal $spreads:ident $run:path: $says:literal, $example:literal => $gives:literal;)*) => {
        /// All of them, in the order in which they are documented.
        pub const FUNCTIONS: &[Function] = &[$(Function {
            name: $name, takes: $takes, says: $says, example: $example, gives: $gives,
            count: ($least, $most), spreads: $spreads, run: $run,
        }),*];
    };
}

const SPREADS: bool = true;
const ASKS: bool = false;

functions! {
    "is_empty" "(甲)" 1..1 ASKS is_empty: "甲空着没有：没有写、读不懂、一行也没有", "is_empty('')" => "是";
    "or_else" "(甲, 乙)" 2..2 ASKS or_else: "甲；甲空着时是乙", "or_else('', '无')" => "无";
    "text" "(甲)" 1..1 ASKS text: "甲写成的文字；空着的写成没有字，所以可以和别的文字相加", "'第' + text(2) + '次'" => "第2次";
    "string" "(甲)" 1..1 ASKS text: "同 text", "string(1.50)" => "1.5";
    "number" "(文字)" 1..1 SPREADS number: "文字里写的数；不是数时空着", "number('1,200')" => "1200";
    "size" "(甲)" 1..1 SPREADS size: "文字有几个字，一列有几项", "size('三包内')" => "3";
    "contains" "(文字, 一段)" 2..2 SPREADS contains: "文字里有没有这一段；一列里有没有这一项", "contains('主轴异响', '异响')" => "是";
    "startsWith" "(文字, 一段)" 2..2 SPREADS starts_with: "文字是不是以这一段开头", "startsWith('HN2026-1', 'HN')" => "是";
    "endsWith" "(文字, 一段)" 2..2 SPREADS ends_with: "文字是不是以这一段结尾", "endsWith('24 小时', '小时')" => "是";
    "sentence" "(文字)" 1..1 SPREADS sentence: "文字的第一句", "sentence('不漏。用户满意。')" => "不漏";
    "count" "(行, '列')" 1..2 ASKS count: "有几行（写了这一列的）；空着的不算", "count([1, 2, 3])" => "3";
    "sum" "(行, '列')" 1..2 ASKS sum: "各行这一列的和；空着的不算，全空着时空着", "sum([1.1, 2.2])" => "3.3";
    "mean" "(行, '列')" 1..2 ASKS mean: "各行这一列的平均；空着的不算", "mean([1, 2, 6])" => "3";
    "min" "(行, '列')" 1..9 ASKS min: "最小的（最早的）；也可以是 min(甲, 乙, …)", "min(3, 2)" => "2";
    "max" "(行, '列')" 1..9 ASKS max: "最大的（最晚的）；也可以是 max(甲, 乙, …)", "max(date('2026-11-20'), date('2026-11-21'))" => "2026-11-21";
    "abs" "(数)" 1..1 SPREADS abs: "去掉负号", "abs(-3)" => "3";
    "round" "(数, 位数)" 1..2 SPREADS round: "四舍五入到小数点后几位；不写位数是整数", "round(2.345, 2)" => "2.35";
    "percent" "(部分, 全体, 位数)" 2..3 SPREADS percent: "部分占全体的百分数；全体是 0 时空着", "percent(2, 3, 1)" => "66.7";
    "ppm" "(部分, 全体)" 2..2 SPREADS ppm: "部分占全体的百万分数，取整；全体是 0 时空着", "ppm(3, 12000)" => "250";
    "capitals" "(金额)" 1..1 SPREADS capitals: "金额的大写", "capitals(12300)" => "壹万贰仟叁佰元整";
    "date" "(甲)" 1..3 SPREADS date: "甲是哪一天：时刻的那一天，或文字写的日期；也可以是 date(年, 月, 日)", "date('2026-11-20')" => "2026-11-20";
    "moment" "(甲, '时:分')" 1..2 SPREADS moment: "日期的几点几分，或文字写的时刻", "moment(date(2026, 11, 20), '8:30')" => "2026-11-20 08:30";
    "year" "(日期)" 1..1 SPREADS year: "哪一年", "year(date(2026, 11, 20))" => "2026";
    "month" "(日期)" 1..1 SPREADS month: "几月", "month(date(2026, 11, 20))" => "11";
    "quarter" "(日期)" 1..1 SPREADS quarter: "第几季度", "quarter(date(2026, 11, 20))" => "4";
    "days" "(起, 止)" 1..2 SPREADS days: "从起到止几天；只写一项时，几天那么长，或时长是几天", "days(date(2026, 11, 20), date(2026, 12, 1))" => "11";
    "hours" "(起, 止)" 1..2 SPREADS hours: "从起到止几小时；只写一项时，几小时那么长，或时长是几小时", "moment('2026-11-20 16:40') + hours(24)" => "2026-11-21 16:40";
    "working_days" "(起, 止)" 2..2 SPREADS working_days: "起之后到止有几个工作日", "working_days(date(2026, 11, 20), date(2026, 11, 24))" => "2";
    "working_hours" "(起, 止)" 2..2 SPREADS working_hours: "从起到止上班几小时", "working_hours(moment('2026-11-20 16:00'), moment('2026-11-23 09:00'))" => "2";
    "add_days" "(日期, 天数)" 2..2 SPREADS add_days: "几天以后；负的是以前", "add_days(date(2026, 11, 30), 2)" => "2026-12-02";
    "add_months" "(日期, 月数)" 2..2 SPREADS add_months: "几个月以后的同一天；没有这一天时是月末", "add_months(date(2026, 1, 31), 1)" => "2026-02-28";
    "add_working_days" "(日期, 天数)" 2..2 SPREADS add_working_days: "之后第几个工作日；负的是以前", "add_working_days(date(2026, 11, 20), 2)" => "2026-11-24";
    "within" "(日期, [起, 止])" 2..2 SPREADS within: "日期在不在起止之间，两头都算", "within(date(2026, 11, 20), [date(2026, 11, 1), date(2026, 11, 30)])" => "是";
}

fn is_empty(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    Ok(given[0].is_missing().into())
}

fn or_else(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    Ok(given[if given[0].is_missing() { 1 } else { 0 }].clone())
}

fn text(run: &Run<'_, '_>, given: Given<'_>) -> Made {
    run.step(given[0].length() / 4)?;
    Ok(Value::Text(given[0].to_string().into()))
}

fn number(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    match &given[0] {
        it @ Value::Number(_) => Ok(it.clone()),
        Value::Text(it) => Ok(Value::read_number(it)),
        other => Err(wanted("number", "文字", other)),
    }
}

fn size(run: &Run<'_, '_>, given: Given<'_>) -> Made {
    run.step(given[0].length() / 16)?;
    match &given[0] {
        Value::Text(it) => Ok(Value::Number(it.chars().count() as f64)),
        Value::List(it) => Ok(Value::Number(it.len() as f64)),
        other => Err(wanted("size", "文字或一列", other)),
    }
}

fn contains(run: &Run<'_, '_>, given: Given<'_>) -> Made {
    run.step((given[0].length() + given[1].length()) / 16)?;
    match (&given[0], &given[1]) {
        (Value::Text(of), Value::Text(part)) => Ok(of.contains(&**part).into()),
        (Value::List(of), part) => Ok(of.iter().any(|it| it.compare(part) == Some(Ordering::Equal)).into()),
        (other, _) => Err(wanted("contains", "文字", other)),
    }
}

fn starts_with(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    texts("startsWith", given, |of, part| of.starts_with(part))
}

fn ends_with(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    texts("endsWith", given, |of, part| of.ends_with(part))
}

/// The first sentence: without the stop that ends it, with a question or exclamation mark.
fn sentence(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    let Value::Text(of) = &given[0] else { return Err(wanted("sentence", "文字", &given[0])) };
    let first = of.split_inclusive(['。', '；', '！', '？', '\n']).next().unwrap_or_default();
    Ok(Value::text(first.trim_end_matches(['。', '；', '\n', '\r'])))
}

fn texts(name: &str, given: Given<'_>, holds: fn(&str, &str) -> bool) -> Made {
    match (&given[0], &given[1]) {
        (Value::Text(of), Value::Text(part)) => Ok(holds(of, part).into()),
        (Value::Text(_), other) | (other, _) => Err(wanted(name, "文字", other)),
    }
}

/// The values of a column of a table's lines, or of a list, those that are there.
fn column(run: &Run<'_, '_>, name: &str, given: Given<'_>) -> Result<Vec<Value>, String> {
    let all = match &given[0] {
        Value::List(all) => all,
        Value::Missing => return Ok(Vec::new()),
        other => return Err(wanted(name, "表的各行或一列数", other)),
    };
    run.step(all.len())?;
    let column = match given.get(1) {
        Some(Value::Text(column)) => Some(column),
        Some(other) => return Err(format!("{name} 的第二项是列的名字，要放在引号里，不是{}", other.kind())),
        None => None,
    };
    let of = |line: &Value| match (line, column) {
        (it, None) => Ok(it.clone()),
        (Value::Map(line), Some(column)) => {
            line.get(&**column).cloned().ok_or_else(|| format!("{name}：表里没有“{column}”这一列"))
        }
        (other, Some(_)) => Err(wanted(name, "表的各行", other)),
    };
    let all = all.iter().map(of).collect::<Result<Vec<Value>, String>>()?;
    Ok(all.into_iter().filter(|it| !it.is_missing()).collect())
}

fn count(run: &Run<'_, '_>, given: Given<'_>) -> Made {
    Ok(Value::Number(column(run, "count", given)?.len() as f64))
}

fn sum(run: &Run<'_, '_>, given: Given<'_>) -> Made {
    let all = column(run, "sum", given)?;
    let Some((first, rest)) = all.split_first() else { return Ok(Value::Missing) };
    rest.iter().try_fold(first.clone(), |sum, it| match (&sum, it) {
        (Value::Number(sum), Value::Number(it)) => Ok(Value::number(added(*sum, *it))),
        (Value::Duration(sum), Value::Duration(it)) => Ok(sum.checked_add(it).map_or(Value::Missing, Value::Duration)),
        (Value::Missing, _) => Ok(Value::Missing),
        (_, other) => Err(wanted("sum", "数", other)),
    })
}

fn mean(run: &Run<'_, '_>, given: Given<'_>) -> Made {
    let many = column(run, "mean", given)?.len() as f64;
    match sum(run, given)? {
        Value::Number(sum) => Ok(Value::number(sum / many)),
        Value::Missing => Ok(Value::Missing),
        other => Err(wanted("mean", "数", &other)),
    }
}

fn min(run: &Run<'_, '_>, given: Given<'_>) -> Made {
    most(run, "min", given, Ordering::Less)
}

fn max(run: &Run<'_, '_>, given: Given<'_>) -> Made {
    most(run, "max", given, Ordering::Greater)
}

fn most(run: &Run<'_, '_>, name: &str, given: Given<'_>, wanted: Ordering) -> Made {
    let of_lines = matches!((given, &given[0]), ([_] | [_, Value::Text(_)], Value::List(_) | Value::Missing));
    let all = if of_lines { column(run, name, given)? } else { given.to_vec() };
    let mut found = Value::Missing;
    for it in all.into_iter().filter(|it| !it.is_missing()) {
        match it.compare(&found) {
            _ if found.is_missing() => found = it,
            Some(order) if order == wanted => found = it,
            Some(_) => {}
            None => return Err(format!("{name}：{}和{}不能比", it.kind(), found.kind())),
        }
    }
    Ok(found)
}

fn abs(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    match &given[0] {
        Value::Number(it) => Ok(Value::Number(it.abs())),
        Value::Duration(it) => Ok(Value::Duration(it.abs())),
        other => Err(wanted("abs", "数", other)),
    }
}

fn round(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    Ok(Value::number(rounded(real("round", &given[0])?, digits("round", given.get(1))?)))
}

fn percent(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    let share = real("percent", &given[0])? / real("percent", &given[1])? * 100.0;
    if !share.is_finite() {
        return Ok(Value::Missing);
    }
    let digits = given.get(2).map(|it| digits("percent", Some(it))).transpose()?;
    Ok(Value::number(digits.map_or(share, |it| rounded(share, it))))
}

fn ppm(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    let share = real("ppm", &given[0])? / real("ppm", &given[1])? * 1e6;
    Ok(if share.is_finite() { Value::number(rounded(share, 0)) } else { Value::Missing })
}

fn rounded(number: f64, digits: i32) -> f64 {
    Decimal::of(number).rounded(digits).number()
}

fn digits(name: &str, given: Option<&Value>) -> Result<i32, String> {
    let Some(given) = given else { return Ok(0) };
    let digits = real(name, given)?;
    let whole = (0..=9).find(|it| f64::from(*it) == digits);
    whole.ok_or_else(|| format!("{name} 的位数应是 0 到 9 的整数，不是 {given}"))
}

fn capitals(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    let amount = real("capitals", &given[0])?;
    if amount.abs() >= 1e12 {
        return Err("capitals：金额太大，不到一万亿才写得出".to_owned());
    }
    Ok(Value::Text(capitals_of(amount).into()))
}

/// An amount in capitals (人民币大写), rounded to 分: 壹万贰仟叁佰元整, 壹仟零伍元零叁分.
fn capitals_of(amount: f64) -> String {
    const FIGURES: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
    let (whole, after) = Decimal::of(amount.abs()).rounded(2).parts(2);
    let figure = |it: char| FIGURES[it.to_digit(10).unwrap_or(0) as usize];
    let mut said = String::new();
    // Noughts between figures are said once, and not at all where the fours of figures end.
    let (mut owed, mut some) = (false, false);
    for (place, sign) in whole.chars().enumerate() {
        let power = whole.len() - 1 - place;
        if sign == '0' {
            owed = true;
        } else {
            if owed && !said.is_empty() {
                said.push('零');
            }
            said.push(figure(sign));
            said.push_str(["", "拾", "佰", "仟"][power % 4]);
            (owed, some) = (false, true);
        }
        if power % 4 == 0 {
            if some {
                said.push_str(["", "万", "亿"][(power / 4).min(2)]);
            }
            some = false;
        }
    }
    let any = !said.is_empty();
    if any {
        said.push('元');
    }
    match (after.chars().next().unwrap_or('0'), after.chars().nth(1).unwrap_or('0')) {
        ('0', '0') if any => said.push('整'),
        ('0', '0') => said.push_str("零元整"),
        (tenths, '0') => {
            said.extend([figure(tenths), '角', '整']);
        }
        (tenths, hundredths) => {
            if tenths != '0' {
                said.extend([figure(tenths), '角']);
            } else if any {
                said.push('零');
            }
            said.extend([figure(hundredths), '分']);
        }
    }
    if amount < 0.0 && (any || after != "00") { format!("负{said}") } else { said }
}

fn date(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    if let [year, month, day] = given {
        let whole = |it: &Value| Ok::<i32, String>(real("date", it)? as i32);
        let (month, day) = (u32::try_from(whole(month)?), u32::try_from(whole(day)?));
        let (Ok(month), Ok(day)) = (month, day) else { return Ok(Value::Missing) };
        return Ok(NaiveDate::from_ymd_opt(whole(year)?, month, day).into());
    }
    match &given[0] {
        Value::Text(it) => {
            Ok(it.trim().parse::<NaiveDate>().ok().or_else(|| read_moment(it).map(|it| it.date())).into())
        }
        it => Ok(Value::Date(day("date", it)?)),
    }
}

fn moment(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    let at = match given.get(1) {
        None => None,
        Some(Value::Text(it)) => match read_time(it) {
            None => return Ok(Value::Missing),
            some => some,
        },
        Some(other) => return Err(format!("moment 的第二项是几点几分，如 '8:30'，不是{}", other.kind())),
    };
    let moment = match &given[0] {
        Value::Text(it) => {
            read_moment(it).or_else(|| Some(it.trim().parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN)))
        }
        Value::Moment(it) => Some(*it),
        it => Some(day("moment", it)?.and_time(NaiveTime::MIN)),
    };
    Ok(moment.map(|it| at.map_or(it, |at| it.date().and_time(at))).into())
}

fn read_moment(written: &str) -> Option<NaiveDateTime> {
    let (day, time) = written.trim().split_once([' ', 'T'])?;
    Some(day.parse::<NaiveDate>().ok()?.and_time(read_time(time)?))
}

fn read_time(written: &str) -> Option<NaiveTime> {
    let written = written.trim().replace('：', ":");
    let (hour, minute) = written.split_once(':')?;
    let minute = minute.split(':').next()?;
    NaiveTime::from_hms_opt(hour.trim().parse().ok()?, minute.trim().parse().ok()?, 0)
}

fn year(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    Ok(Value::Number(day("year", &given[0])?.year().into()))
}

fn month(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    Ok(Value::Number(day("month", &given[0])?.month().into()))
}

fn quarter(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    Ok(Value::Number(((day("quarter", &given[0])?.month() - 1) / 3 + 1).into()))
}

fn days(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    if let [from, to] = given {
        let span = day("days", to)?.signed_duration_since(day("days", from)?);
        return Ok(Value::Number(span.num_days() as f64));
    }
    span("days", &given[0], 86_400.0)
}

fn hours(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    if let [from, to] = given {
        let span = at("hours", to)?.signed_duration_since(at("hours", from)?);
        return span_of(span, 3600.0);
    }
    span("hours", &given[0], 3600.0)
}

/// A duration of so many units, or how many units a duration has.
fn span(name: &str, given: &Value, unit: f64) -> Made {
    match given {
        Value::Duration(it) => span_of(*it, unit),
        it => {
            let seconds = real(name, it)? * unit;
            // Some hundred thousand years.
            let fits = seconds.abs() < 3.2e12;
            Ok(if fits { Value::Duration(TimeDelta::seconds(seconds.round() as i64)) } else { Value::Missing })
        }
    }
}

fn span_of(span: TimeDelta, unit: f64) -> Made {
    Ok(Value::Number(span.num_seconds() as f64 / unit))
}

fn working_days(run: &Run<'_, '_>, given: Given<'_>) -> Made {
    let (from, to) = (day("working_days", &given[0])?, day("working_days", &given[1])?);
    Ok(Value::Number(run.scope.calendar.working_days_between(from, to) as f64))
}

fn working_hours(run: &Run<'_, '_>, given: Given<'_>) -> Made {
    let (from, to) = (at("working_hours", &given[0])?, at("working_hours", &given[1])?);
    let calendar = run.scope.calendar;
    span_of(calendar.hours.works.between(calendar, from, to), 3600.0)
}

fn add_days(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    let n = whole("add_days", &given[1])?;
    moved(&given[0], "add_days", |day| {
        let days = Days::new(n.unsigned_abs());
        if n < 0 { day.checked_sub_days(days) } else { day.checked_add_days(days) }
    })
}

fn add_months(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    let n = whole("add_months", &given[1])?;
    let Ok(many) = u32::try_from(n.unsigned_abs()) else { return Ok(Value::Missing) };
    moved(&given[0], "add_months", |day| {
        if n < 0 { day.checked_sub_months(Months::new(many)) } else { day.checked_add_months(Months::new(many)) }
    })
}

fn add_working_days(run: &Run<'_, '_>, given: Given<'_>) -> Made {
    let n = whole("add_working_days", &given[1])?;
    let Ok(many) = u32::try_from(n.unsigned_abs()) else { return Ok(Value::Missing) };
    let calendar = run.scope.calendar;
    moved(&given[0], "add_working_days", |day| match n < 0 {
        true => calendar.take_working_days(day, many),
        false => Some(calendar.add_working_days(day, many)),
    })
}

/// Another day, at the same hour.
fn moved(from: &Value, name: &str, to: impl Fn(NaiveDate) -> Option<NaiveDate>) -> Made {
    match from {
        Value::Moment(at) => Ok(to(at.date()).map(|it| it.and_time(at.time())).into()),
        it => Ok(to(day(name, it)?).into()),
    }
}

fn within(_: &Run<'_, '_>, given: Given<'_>) -> Made {
    let of = day("within", &given[0])?;
    match &given[1] {
        Value::List(period) if period.len() == 2 => {
            if period.iter().any(Value::is_missing) {
                return Ok(Value::Missing);
            }
            Ok((day("within", &period[0])? <= of && of <= day("within", &period[1])?).into())
        }
        other => Err(wanted("within", "[起, 止]", other)),
    }
}

fn wanted(name: &str, wanted: &str, given: &Value) -> String {
    format!("{name} 要{wanted}，这里是{}", given.kind())
}

fn real(name: &str, given: &Value) -> Result<f64, String> {
    match given {
        Value::Number(it) => Ok(*it),
        other => Err(wanted(name, "数", other)),
    }
}

/// A whole number; what is after the point is left off.
fn whole(name: &str, given: &Value) -> Result<i64, String> {
    Ok(real(name, given)?.trunc() as i64)
}

fn day(name: &str, given: &Value) -> Result<NaiveDate, String> {
    given.day().ok_or_else(|| wanted(name, "日期", given))
}

/// The moment; of a day its beginning.
fn at(name: &str, given: &Value) -> Result<NaiveDateTime, String> {
    match given {
        Value::Moment(at) => Ok(*at),
        Value::Date(day) => Ok(day.and_time(NaiveTime::MIN)),
        other => Err(wanted(name, "时刻", other)),
    }
}
