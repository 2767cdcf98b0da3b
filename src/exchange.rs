//! Sheets as exchange files (JSON): `{"form05": [{…}, …], "form01": […]}`, with the keys that the forms give their data.
//! Whatever stands in such a file comes back, whether a form has a place for it or not.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Read as _;
use std::path::Path;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use serde_json::{Map, Value};

use crate::face;
use crate::files;
use crate::flow;
use crate::procedure::{Field, FieldId, Form, FormId, Procedure, Table, TableId};
use crate::record::{
    CellId, Correction, Deed, EXTRA, Fact, JSON, MOST_LINES, MOST_ROUNDS, Record, Signed, Values, Void, keys_of_path,
    read_date, read_day,
};
use crate::store::{NewRecord, Store, io_reason};

mod strict;

/// Fills a new book with the package's sample sheets and the people who signed them. Their numbers are those of the built-in
/// procedure, whatever an office has made of its own.
///
/// # Errors
/// A sentence, when the book cannot be written.
pub fn fill_with_samples(store: &Store, now: NaiveDateTime) -> Result<(), String> {
    let mut procedure = Procedure::load(&[]).map_err(|it| it.to_string())?;
    let samples = procedure.samples();
    let sheets = read(samples.sheets, &procedure, now).map_err(|it| it.to_string())?;
    store.import(&procedure.document, sheets, now).map_err(|it| it.to_string())?;
    procedure.take_office(samples.office)?;
    store.set_office(&procedure.document.to_keep(None)?, "", now).map_err(|it| it.to_string())
}

/// So many bytes are taken in at once: many years' sheets.
const LONGEST: u64 = 100_000_000;
/// So many cells are written on a sheet, in all rounds.
const MOST_CELLS: usize = 10_000;
/// So many changes after signing there are of one, and so many things done with it.
const MOST_ITEMS: usize = 10_000;

/// How moments are written.
const MOMENT: &str = "%Y-%m-%dT%H:%M:%S%.f";

/// Keys that tell of the sheet itself. What can be computed is passed over when it comes back in.
const ABOUT: [&str; 6] = ["number", "form", "edition", "stage", "entered", "overdue_days"];
const CORRECTIONS: &str = "更正";
/// The round is told as the key of its values (`第二轮`), and only from the second on.
const CORRECTION: [&str; 8] = ["字段", "原值", "新值", "更正人", "日期", "理由", ROUND, LINE];
const ROUND: &str = "轮次";
/// Which line of a table, from 1; told only from the second on.
const LINE: &str = "行次";
const VOID: &str = "作废";
const FACTS: &str = "经过";
const VOIDED: [&str; 3] = ["作废人", "日期", "理由"];

/// Why an exchange file cannot be taken in: one Chinese sentence that says where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeError(String);

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&face::readable(&self.0))
    }
}

impl std::error::Error for ExchangeError {}

type Read<T> = Result<T, ExchangeError>;

fn wrong<T>(sentence: impl Into<String>) -> Read<T> {
    Err(ExchangeError(sentence.into()))
}

/// Reads an exchange file: an object of lists by form (`form05`), or one list of sheets that each name their `form`,
/// as [`to_json`] writes them. A sheet is numbered in the year of its event, else in that of its entry.
///
/// # Errors
/// The first thing that is wrong, and where: no JSON, a key written twice, another shape, an unknown form.
pub fn read(text: &str, procedure: &Procedure, now: NaiveDateTime) -> Read<Vec<NewRecord>> {
    strict::read(text.as_bytes(), procedure, now).map_err(ExchangeError)
}

/// Reads an exchange file from the disk, a sheet at a time: whatever it is, it takes no more room than its sheets do.
///
/// # Errors
/// As [`read`], and when it is no plain file, cannot be read, is too long, or is not written in UTF-8.
pub fn read_file(path: &Path, procedure: &Procedure, now: NaiveDateTime) -> Read<Vec<NewRecord>> {
    let opened = files::open(path).and_then(|it| Ok((it.metadata()?.len(), it)));
    let (length, file) = opened.map_err(|error| ExchangeError(io_reason(&error)))?;
    if length > LONGEST {
        return wrong(format!("文件太大，一次最多 {} MB，请分几次导入", LONGEST / 1_000_000));
    }
    strict::read(file.take(length), procedure, now).map_err(ExchangeError)
}

fn form_called<'a>(procedure: &'a Procedure, id: &str) -> Read<&'a Form> {
    let sheets = || procedure.in_use().into_iter().filter(|it| it.is_written());
    match procedure.form(&FormId::from(id)) {
        Some(form) if form.is_written() => Ok(form),
        Some(form) => wrong(format!("“form{id}”是 {}，由处置单得出，不能导入", form.title)),
        None => {
            let known: Vec<String> = sheets().map(|it| format!("form{}", it.form)).collect();
            wrong(format!("没有“form{id}”这种表单，可用：{}", known.join("、")))
        }
    }
}

fn read_sheet(procedure: &Procedure, newest: &Form, sheet: Value, place: &str, now: NaiveDateTime) -> Read<NewRecord> {
    let Value::Object(mut sheet) = sheet else { return wrong(format!("{place}：应为对象（一张单）")) };
    let mut about = |key: &str| match sheet.shift_remove(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text).filter(|it| !it.is_empty())),
        Some(_) => wrong(format!("{place}：“{key}”应为文字")),
    };
    if about("form")?.is_some_and(|it| it != newest.form.as_str()) {
        return wrong(format!("{place}：“form”与所在的列表不符"));
    }
    let form = match about("edition")? {
        None => newest,
        Some(name) => match procedure.edition(&newest.form, &name.as_str().into()) {
            Some(form) => form,
            None => return wrong(format!("{place}：没有 {} 的“{name}”版", newest.code)),
        },
    };
    let entered = match about("entered")? {
        None => now,
        Some(text) => match read_entered(&text) {
            Some(moment) => moment,
            None => return wrong(format!("{place}：“entered”（{text}）不是时间，应如 2026-11-20T09:00:00")),
        },
    };
    let number = about("number")?;
    sheet.retain(|key, _| !ABOUT.contains(&key.as_str()));
    let too_many = |key| wrong(format!("{place}：“{key}”太多，一张单最多 {MOST_ITEMS} 项"));
    let corrections = match sheet.shift_remove(CORRECTIONS) {
        None => Vec::new(),
        Some(Value::Array(list)) if list.len() > MOST_ITEMS => return too_many(CORRECTIONS),
        Some(Value::Array(list)) => {
            let place = format!("{place}：“{CORRECTIONS}”的一项");
            let read = |it| read_correction(form, read_texts(it, &CORRECTION, &place)?, &place);
            list.iter().map(read).collect::<Read<_>>()?
        }
        Some(_) => return wrong(format!("{place}：“{CORRECTIONS}”应为数组")),
    };
    let void = match sheet.shift_remove(VOID) {
        None => None,
        Some(it) => {
            let [by, on, reason] = read_texts(&it, &VOIDED, &format!("{place}：“{VOID}”"))?;
            Some(Void { by, on, reason })
        }
    };
    let facts = match sheet.shift_remove(FACTS) {
        None => Vec::new(),
        Some(Value::Array(list)) if list.len() > MOST_ITEMS => return too_many(FACTS),
        Some(Value::Array(list)) => {
            let read = |it: Value| {
                let kept = serde_json::from_value::<Kept>(it).ok();
                let fact =
                    kept.and_then(|it| Some(Fact { at: read_entered(&it.at)?, by: it.by, deed: elsewhere(it.deed) }));
                fact.map_or_else(|| wrong(format!("{place}：“{FACTS}”的一项读不懂")), Ok)
            };
            list.into_iter().map(read).collect::<Read<_>>()?
        }
        Some(_) => return wrong(format!("{place}：“{FACTS}”应为数组")),
    };
    let mut rounds = vec![Values::new()];
    while rounds.len() < MOST_ROUNDS
        && let Some(round) = sheet.shift_remove(&round_key(rounds.len()))
    {
        let Value::Object(round) = round else {
            return wrong(format!("{place}：“{}”应为对象", round_key(rounds.len())));
        };
        rounds.push(read_values(form, round));
    }
    if let Some(late) = (rounds.len() + 1..MOST_ROUNDS).map(round_key).find(|it| sheet.contains_key(it)) {
        return wrong(format!("{place}：有“{late}”而没有“{}”", round_key(rounds.len())));
    }
    if let Some(lost) = corrections.iter().find(|it: &&Correction| it.cell.round >= rounds.len()) {
        let key = round_key(lost.cell.round);
        return wrong(format!("{place}：“{CORRECTIONS}”的一项属于“{key}”，而单上没有“{key}”"));
    }
    rounds[0] = read_values(form, sheet);
    leave_out_counted(form, &mut rounds);
    if rounds.iter().map(Values::len).sum::<usize>() > MOST_CELLS {
        return wrong(format!("{place}：写了字的格太多，一张单最多 {MOST_CELLS} 格"));
    }
    let date = form.identity.as_ref().and_then(|it| read_day(rounds[0].get(it.date.as_str())?));
    let year = date.unwrap_or_else(|| entered.date()).year();
    let mut year = procedure.document.pattern(&form.form).year(year);
    let number = match number {
        None => None,
        Some(number) => match procedure.document.pattern(&form.form).read(&number, [year, entered.year()]) {
            Some((of, sequence)) => {
                year = of;
                Some((sequence, number))
            }
            None => {
                let pattern = &procedure.document.pattern(&form.form).pattern;
                return wrong(format!("{place}：编号“{number}”不合编号格式 {pattern}"));
            }
        },
    };
    let (form, edition) = (form.form.clone(), form.edition.clone());
    Ok(NewRecord { form, edition, year, number, entered, rounds, corrections, void, facts })
}

/// A deed as it is kept in another book: a sheet it names by its place in the old one is none of this one, whose places
/// all count upwards from nought. What proves a signature does so by the other book's history, and proves nothing here.
fn elsewhere(deed: Deed) -> Deed {
    let away = |record: i64| record.saturating_abs().wrapping_neg();
    match deed {
        Deed::From { record, text } => Deed::From { record: away(record), text },
        Deed::Rewrites { record } => Deed::Rewrites { record: away(record) },
        Deed::Signed(signed) => Deed::Signed(Signed { proof: None, ..signed }),
        Deed::Copy { .. }
        | Deed::Printed(_)
        | Deed::PassedOn { .. }
        | Deed::FollowUp { .. }
        | Deed::FollowedUp { .. }
        | Deed::Began { .. }
        | Deed::Reopened { .. }
        | Deed::Waits { .. }
        | Deed::Resumes { .. }
        | Deed::Filed { .. }
        | Deed::Held { .. }
        | Deed::Released { .. }
        | Deed::Destroyed { .. } => deed,
    }
}

fn read_entered(text: &str) -> Option<NaiveDateTime> {
    let moment = NaiveDateTime::parse_from_str(text, MOMENT).ok();
    moment.or_else(|| Some(read_date(text, None)?.and_time(NaiveTime::MIN)))
}

/// The texts of an object that has these keys and no others; what is missing is empty.
fn read_texts<const N: usize>(value: &Value, keys: &[&str; N], place: &str) -> Read<[String; N]> {
    let Value::Object(object) = value else { return wrong(format!("{place}应为对象")) };
    if let Some(other) = object.keys().find(|it| !keys.contains(&it.as_str())) {
        return wrong(format!("{place}里有不认识的“{other}”，可用：{}", keys.join("、")));
    }
    let mut texts = [const { String::new() }; N];
    for (text, key) in texts.iter_mut().zip(keys) {
        match object.get(*key) {
            None => {}
            Some(Value::String(given)) => text.clone_from(given),
            Some(_) => return wrong(format!("{place}里的“{key}”应为文字")),
        }
    }
    Ok(texts)
}

fn read_correction(form: &Form, texts: [String; CORRECTION.len()], place: &str) -> Read<Correction> {
    let [key, old, new, by, on, reason, round, line] = texts;
    let Some(round) = (0..MOST_ROUNDS).find(|it| round_key(*it) == round || (*it == 0 && round.is_empty())) else {
        return wrong(format!("{place}里的“轮次”（{round}）应如“{}”", round_key(1)));
    };
    // A column may have the key of a cell: a line says that it is the column.
    let has_key = |it: &&Field| it.key() == key;
    let called = |of_table: bool| form.every_field().filter(|it| it.table.is_some() == of_table).find(has_key);
    let of_table = !line.is_empty();
    let whole = || form.every_field().find(|it| whole_key(form, it) == key);
    let field = match called(of_table).or_else(|| called(!of_table)).or_else(whole) {
        Some(field) => field.id.clone(),
        None => FieldId(format!("{EXTRA}{key}")),
    };
    let line = if line.is_empty() { Some(1) } else { line.parse().ok().filter(|it| (1..=MOST_LINES).contains(it)) };
    let Some(line) = line else { return wrong(format!("{place}里的“{LINE}”应是 1 到 {MOST_LINES}")) };
    Ok(Correction { cell: CellId::in_line(field, round, line - 1), old, new, by, on, reason })
}

/// The key that tells a datum from all others of a form, columns of tables among them: `换件/数量` where there is another 数量.
fn whole_key(form: &Form, field: &Field) -> String {
    let alone = form.every_field().filter(|it| it.key() == field.key()).count() == 1;
    match form.table_of(&field.id).filter(|_| !alone) {
        Some(table) => format!("{}/{}", table.key, field.key()),
        None => field.key().to_owned(),
    }
}

fn read_values(form: &Form, object: Map<String, Value>) -> Values {
    let mut values = Values::new();
    for (key, value) in object {
        let table = form.tables.values().find(|it| it.key == key);
        if let Some(lines) = table.and_then(|it| read_lines(form, it, &value)) {
            for (field, line, text) in lines {
                values.put(field, line, text);
            }
            continue;
        }
        let inside = |it: &str| it.strip_prefix(&key).is_some_and(|rest| rest.starts_with('.'));
        match value {
            Value::Object(parts) if form.every_field().any(|it| inside(it.key())) => {
                for (part, value) in parts {
                    let known = format!("{key}.{part}");
                    read_value(form, &mut values, &known, &format!("{}.{}", escape(&key), escape(&part)), value);
                }
            }
            value => {
                // A dot in a key of the file is a letter like any other; in a form's key it leads inside.
                let known = if key.contains('.') { "" } else { &key };
                read_value(form, &mut values, known, &escape(&key), value);
            }
        }
    }
    values
}

/// What is reckoned from other sheets is a sheet's own only once it was written down at a signature; until then it is
/// reckoned here.
fn leave_out_counted(form: &Form, rounds: &mut [Values]) {
    let by = form.frozen_at().and_then(|it| form.stages.get(it)).map(|it| it.by.as_str());
    if by.is_some_and(|by| rounds.iter().any(|it| !it.at(by, 0).trim().is_empty())) {
        return;
    }
    for field in form.every_field().filter(|it| it.counted.is_some()) {
        rounds.iter_mut().for_each(|it| drop(it.remove(field.id.as_str())));
    }
}

/// Whether an exchange file may bring what stands in a datum: what is typed there, or was counted and written down.
fn is_kept(field: &Field) -> bool {
    field.is_written() || field.counted.is_some()
}

/// The lines of a table: an object for each, with the keys of its columns. None where anything else stands there too: then
/// it is kept as it is.
fn read_lines<'a>(form: &'a Form, table: &Table, value: &'a Value) -> Option<Vec<(&'a FieldId, usize, &'a str)>> {
    // Where the lines are given, more of them would stand nowhere on the sheet.
    let most = if table.is_fixed() { table.rows.len() } else { MOST_LINES };
    let lines = value.as_array().filter(|it| it.len() <= most)?;
    let columns = || table.fields().filter_map(|it| form.field(it)).filter(|it| is_kept(it));
    let column = |key: &str| columns().find(|it| it.key() == key);
    let mut all = Vec::new();
    for (line, value) in lines.iter().enumerate() {
        for (key, value) in value.as_object()? {
            if let Some(column) = column(key) {
                all.push((&column.id, line, value.as_str()?));
                continue;
            }
            // A person and a date that sign the line.
            for (part, value) in value.as_object()? {
                all.push((&column(&format!("{key}.{part}"))?.id, line, value.as_str()?));
            }
        }
    }
    Some(all)
}

fn read_value(form: &Form, values: &mut Values, known: &str, path: &str, value: Value) {
    // What is typed nowhere, since it is computed or printed, would be seen nowhere in the window.
    let typed = |it: &&Field| it.table.is_none() && is_kept(it);
    let field = form.every_field().filter(typed).find(|it| it.key() == known);
    match (field, value) {
        (Some(_), Value::String(text)) if text.is_empty() => {}
        (Some(field), Value::String(text)) => {
            values.insert(field.id.clone(), text);
        }
        (None, Value::String(text)) if !text.is_empty() => {
            values.insert(FieldId(format!("{EXTRA}{path}")), text);
        }
        (_, value) => {
            values.insert(FieldId(format!("{JSON}{path}")), value.to_string());
        }
    }
}

fn escape(key: &str) -> String {
    key.replace('\\', "\\\\").replace('.', "\\.")
}

/// `第二轮` for the round that counts 1 from nought, and so on.
fn round_key(round: usize) -> String {
    const FIGURES: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (tens, ones) = ((round + 1) / 10 % 10, (round + 1) % 10);
    match tens {
        0 => format!("第{}轮", FIGURES[ones]),
        1 => format!("第十{}轮", FIGURES[ones]),
        _ => format!("第{}十{}轮", FIGURES[tens], FIGURES[ones]),
    }
}

/// A sheet as an object of an exchange file: everything that was imported or written, and before it number, form,
/// edition, stage, entry and the days past its date (null where it is not past it).
pub fn to_json(procedure: &Procedure, record: &Record, today: NaiveDate) -> Value {
    let form = procedure.edition(&record.form, &record.edition).or_else(|| procedure.form(&record.form));
    let stage = form.map(|it| flow::standing_name(it, flow::standing(it, record)));
    let over = form.and_then(|it| flow::days_over(procedure, it, record, today)).filter(|it| *it > 0);
    let mut object = Map::new();
    let mut about = |key: &str, value: Value| object.insert(key.to_owned(), value);
    about("number", record.number.as_str().into());
    about("form", record.form.as_str().into());
    about("edition", record.edition.as_str().into());
    about("stage", stage.into());
    about("entered", record.entered.format(MOMENT).to_string().into());
    about("overdue_days", over.into());
    for (round, values) in record.rounds.iter().enumerate() {
        if round == 0 {
            write_values(form, values, &mut object);
        } else {
            let mut inside = Map::new();
            // Of a round in which nothing was written yet there is nothing to tell but that it was opened.
            if !values.is_empty() {
                write_values(form, values, &mut inside);
            }
            object.insert(round_key(round), Value::Object(inside));
        }
    }
    if !record.corrections.is_empty() {
        let list = record.corrections.iter().map(|it| {
            let known = form.and_then(|form| Some(whole_key(form, form.field(&it.cell.field)?)));
            let key = known.as_deref().unwrap_or(it.cell.field.as_str());
            let key = key.strip_prefix(EXTRA).unwrap_or(key);
            let round = if it.cell.round > 0 { round_key(it.cell.round) } else { String::new() };
            let line = if it.cell.line > 0 { (it.cell.line + 1).to_string() } else { String::new() };
            let texts = [key, &it.old, &it.new, &it.by, &it.on, &it.reason, &round, &line];
            let mut texts = write_texts(&CORRECTION, texts);
            if let Value::Object(texts) = &mut texts {
                texts.retain(|key, text| ![ROUND, LINE].contains(&key.as_str()) || text != "");
            }
            texts
        });
        object.insert(CORRECTIONS.to_owned(), list.collect());
    }
    if let Some(it) = &record.void {
        object.insert(VOID.to_owned(), write_texts(&VOIDED, [&it.by, &it.on, &it.reason]));
    }
    if !record.facts.is_empty() {
        let at = |it: &Fact| it.at.format(MOMENT).to_string();
        let kept = record.facts.iter().map(|it| Kept { at: at(it), by: it.by.clone(), deed: it.deed.clone() });
        object.insert(FACTS.to_owned(), kept.filter_map(|it| serde_json::to_value(it).ok()).collect());
    }
    Value::Object(object)
}

/// A fact in an exchange file.
#[derive(serde::Deserialize, serde::Serialize)]
struct Kept {
    #[serde(rename = "时间")]
    at: String,
    #[serde(rename = "操作人")]
    by: String,
    #[serde(rename = "事项")]
    deed: Deed,
}

fn write_texts<const N: usize>(keys: &[&str; N], texts: [&str; N]) -> Value {
    keys.iter().zip(texts).map(|(key, text)| ((*key).to_owned(), Value::from(text))).collect()
}

fn write_values(form: Option<&Form>, values: &Values, object: &mut Map<String, Value>) {
    let mut tables: BTreeSet<&TableId> = BTreeSet::new();
    for field in form.into_iter().flat_map(Form::every_field) {
        if let (Some(form), Some(id)) = (form, &field.table) {
            let table = form.tables.get(id).filter(|_| tables.insert(id));
            // An empty list would take the place of what else was called so in a file.
            let lines = table.map(|it| (it, write_lines(form, it, values))).filter(|it| !it.1.is_empty());
            if let Some((table, lines)) = lines {
                place(object, id.as_str(), std::slice::from_ref(&table.key), lines.into());
            }
            continue;
        }
        let text = values.at(field.id.as_str(), 0);
        if text.is_empty() && !field.is_written() {
            continue;
        }
        let path: Vec<String> = field.key().splitn(2, '.').map(str::to_owned).collect();
        place(object, field.id.as_str(), &path, text.into());
    }
    for (id, line, text) in values.iter() {
        let id = id.as_str();
        let known = form.and_then(|it| it.field(&id.into()));
        if known.is_some_and(|it| line == 0 || it.table.is_some()) {
            continue;
        }
        let id = &CellId::in_line(id, 0, line).to_string();
        if let Some(path) = id.strip_prefix(EXTRA) {
            place(object, id, &keys_of_path(path), text.as_str().into());
        } else if let Some(path) = id.strip_prefix(JSON) {
            let value = serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into());
            place(object, id, &keys_of_path(path), value);
        } else {
            place(object, id, &[id.to_owned()], text.as_str().into());
        }
    }
}

/// The lines of a table, each with what is written in it.
fn write_lines(form: &Form, table: &Table, values: &Values) -> Vec<Value> {
    let columns: Vec<&Field> = table.fields().filter_map(|it| form.field(it)).collect();
    let count = columns.iter().map(|it| values.lines(it.id.as_str())).max().unwrap_or(0);
    let line = |line: usize| {
        let written = columns.iter().map(|it| (it, values.at(it.id.as_str(), line))).filter(|it| !it.1.is_empty());
        let mut object = Map::new();
        for (field, text) in written {
            let path: Vec<String> = field.key().splitn(2, '.').map(str::to_owned).collect();
            place(&mut object, field.id.as_str(), &path, text.into());
        }
        Value::Object(object)
    };
    (0..count).map(line).collect()
}

/// Puts a value where its path leads; under its own id where something else is written there.
fn place(object: &mut Map<String, Value>, id: &str, path: &[String], value: Value) {
    let spot = match path {
        [key] => object.entry(key.clone()).or_insert(Value::Null),
        [key, part] => match object.entry(key.clone()).or_insert_with(|| Map::new().into()) {
            Value::Object(inside) => inside.entry(part.clone()).or_insert(Value::Null),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                object.insert(id.to_owned(), value);
                return;
            }
        },
        _ => {
            object.insert(id.to_owned(), value);
            return;
        }
    };
    if is_blank(spot) {
        *spot = value;
    } else {
        object.insert(id.to_owned(), value);
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(inside) => inside.values().all(is_blank),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => false,
    }
}
