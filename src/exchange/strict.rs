//! JSON as it comes, a sheet at a time and within bounds; a key written twice is a mistake: else one of the two would be lost
//! without a word.

use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read};

use chrono::NaiveDateTime;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{ExchangeError, form_called, read_sheet};
use crate::procedure::{Form, Procedure};
use crate::store::{NewRecord, io_reason};

/// So many sheets are taken in at once.
const MOST_SHEETS: usize = 20_000;
/// So many texts, numbers, lists and objects.
const MOST_VALUES: usize = 2_000_000;
/// So many of them in one sheet.
const MOST_OF_A_SHEET: usize = 200_000;
/// The longest text, in bytes.
const LONGEST_TEXT: usize = 1_000_000;

/// What has been read of a file.
struct Reading<'a> {
    procedure: &'a Procedure,
    now: NaiveDateTime,
    records: Vec<NewRecord>,
    /// Where it is, for sentences.
    place: String,
    /// How many values there were, and how many of them in this sheet.
    values: usize,
    of_sheet: usize,
    /// What is wrong, in words of our own.
    wrong: Option<String>,
}

/// Reads an exchange file; see [`super::read`].
pub(super) fn read(from: impl Read, procedure: &Procedure, now: NaiveDateTime) -> Result<Vec<NewRecord>, String> {
    let mut from = BufReader::new(Text { from, cut: Vec::new(), begun: false });
    let mark = "\u{FEFF}".as_bytes();
    if from.fill_buf().map_err(|error| io_reason(&error))?.starts_with(mark) {
        from.consume(mark.len());
    }
    let (records, place) = (Vec::new(), String::new());
    let mut reading = Reading { procedure, now, records, place, values: 0, of_sheet: 0, wrong: None };
    let mut json = serde_json::Deserializer::from_reader(from);
    let part = Part { reading: &mut reading, role: Role::File };
    match part.deserialize(&mut json).and_then(|_| json.end()) {
        Ok(()) => Ok(reading.records),
        Err(error) => Err(reading.wrong.take().unwrap_or_else(|| words(error))),
    }
}

/// Where JSON is wrong, in Chinese.
fn words(error: serde_json::Error) -> String {
    let said = error.to_string();
    let place = format!("第 {} 行第 {} 列", error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Eof => format!("不是完整的 JSON：到{place}就断了"),
        serde_json::error::Category::Data => {
            format!("{place}：{}", said.rsplit_once(" at line").map_or(said.as_str(), |(it, _)| it))
        }
        serde_json::error::Category::Syntax if said.starts_with("recursion limit") => {
            format!("到{place}，一层套一层太多了")
        }
        serde_json::error::Category::Syntax => format!("不是 JSON：{place}的写法不对"),
        serde_json::error::Category::Io => io_reason(&error.into()),
    }
}

/// What stands at a place of the file.
enum Role<'a> {
    /// All of it: lists by form, or one list.
    File,
    /// The sheets of a form.
    Sheets { form: &'a Form, key: String },
    /// A sheet, or anything within it.
    Inside,
}

struct Part<'r, 'a> {
    reading: &'r mut Reading<'a>,
    role: Role<'a>,
}

impl<'a> Reading<'a> {
    fn wrong<E: Error>(&mut self, sentence: String) -> E {
        self.wrong = Some(sentence);
        E::custom("")
    }

    /// Counts a value.
    fn count<E: Error>(&mut self) -> Result<(), E> {
        self.values += 1;
        self.of_sheet += 1;
        if self.of_sheet > MOST_OF_A_SHEET {
            return Err(self.wrong(format!("{}：内容太多，一张单最多 {MOST_OF_A_SHEET} 项", self.place)));
        }
        if self.values > MOST_VALUES {
            return Err(self.wrong(format!("内容太多，一次最多 {MOST_VALUES} 项，请分几次导入")));
        }
        Ok(())
    }

    /// Takes in the sheets of a list, one after the other; of one form, or each of the one it names.
    fn sheets<'de, A: SeqAccess<'de>>(
        &mut self,
        mut items: A,
        list: Option<(&'a Form, String)>,
    ) -> Result<Value, A::Error> {
        for at in 1.. {
            self.of_sheet = 0;
            self.place = list.as_ref().map_or_else(String::new, |(_, key)| format!("“{key}”"));
            self.place.push_str(&format!("第 {at} 张"));
            let Some(sheet) = items.next_element_seed(Part { reading: &mut *self, role: Role::Inside })? else { break };
            if self.records.len() >= MOST_SHEETS {
                return Err(self.wrong(format!("单太多，一次最多 {MOST_SHEETS} 张，请分几次导入")));
            }
            let form = match (&list, sheet.get("form").and_then(Value::as_str)) {
                (Some((form, _)), _) => Ok(*form),
                (None, Some(form)) => form_called(self.procedure, form),
                (None, None) => {
                    Err(ExchangeError(format!("{}：没有写明是哪种表单（如 \"form\": \"05\"）", self.place)))
                }
            };
            let read = form.and_then(|form| read_sheet(self.procedure, form, sheet, &self.place, self.now));
            match read {
                Ok(record) => self.records.push(record),
                Err(error) => return Err(self.wrong(error.0)),
            }
        }
        Ok(Value::Null)
    }

    /// Takes in the lists of a file, form by form.
    fn lists<'de, A: MapAccess<'de>>(&mut self, mut entries: A) -> Result<Value, A::Error> {
        let mut seen: Vec<String> = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            if seen.contains(&key) {
                return Err(twice(&key));
            }
            let form = form_called(self.procedure, key.strip_prefix("form").unwrap_or(&key));
            let form = form.map_err(|error| self.wrong(error.0))?;
            seen.push(key.clone());
            entries.next_value_seed(Part { reading: &mut *self, role: Role::Sheets { form, key } })?;
        }
        Ok(Value::Null)
    }
}

fn twice<E: Error>(key: &str) -> E {
    E::custom(format!("“{key}”写了两次"))
}

impl Part<'_, '_> {
    /// What is neither a list nor an object.
    fn single<E: Error>(self, value: Value) -> Result<Value, E> {
        match self.role {
            Role::Inside => self.reading.count().map(|()| value),
            role => Err(self.reading.wrong(unshapely(&role))),
        }
    }
}

/// Why something else than lists cannot stand there.
fn unshapely(role: &Role<'_>) -> String {
    match role {
        Role::Sheets { key, .. } => format!("“{key}”应为数组（一项一张单）"),
        Role::File | Role::Inside => "内容应为按表单分列的对象，如 {\"form05\": [ … ]}".to_owned(),
    }
}

impl<'de> DeserializeSeed<'de> for Part<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.single(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.single(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.single(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.single(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        self.single(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        if value.len() > LONGEST_TEXT {
            let place = &self.reading.place;
            let sentence = format!("{place}：有一处文字太长，最多 {LONGEST_TEXT} 字节");
            return Err(self.reading.wrong(sentence));
        }
        self.single(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        match self.role {
            Role::File => self.reading.sheets(items, None),
            Role::Sheets { form, key } => self.reading.sheets(items, Some((form, key))),
            Role::Inside => {
                self.reading.count()?;
                let mut list = Vec::new();
                while let Some(item) =
                    items.next_element_seed(Part { reading: &mut *self.reading, role: Role::Inside })?
                {
                    list.push(item);
                }
                Ok(list.into())
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        match self.role {
            Role::File => return self.reading.lists(entries),
            Role::Sheets { .. } => return Err(self.reading.wrong(unshapely(&self.role))),
            Role::Inside => self.reading.count()?,
        }
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(twice(&key));
            }
            let value = entries.next_value_seed(Part { reading: &mut *self.reading, role: Role::Inside })?;
            object.insert(key, value);
        }
        Ok(object.into())
    }
}

/// Bytes that have to be UTF-8: what is none is told, and in which other way it may be written.
struct Text<R> {
    from: R,
    /// A letter that is cut off where the last part ended.
    cut: Vec<u8>,
    begun: bool,
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        let begins = !std::mem::replace(&mut self.begun, true);
        let part = &into[..count];
        // Every second byte of UTF-16 is nought where it writes JSON's own letters.
        let wide = |it: &[u8]| it.starts_with(&[0xFF, 0xFE]) || it.starts_with(&[0xFE, 0xFF]) || it.contains(&0);
        if begins && wide(&part[..count.min(2)]) {
            return Err(io::Error::other(
                "是 UTF-16 编码的，不是 UTF-8 编码的文字；请用记事本另存为 UTF-8 编码，再导入",
            ));
        }
        self.cut.extend_from_slice(part);
        match str::from_utf8(&self.cut) {
            Ok(_) => self.cut.clear(),
            Err(error) if error.error_len().is_none() && count > 0 => drop(self.cut.drain(..error.valid_up_to())),
            Err(_) => {
                let sentence =
                    "不是 UTF-8 编码的文字，也许是 GBK（记事本的“ANSI”）；请用记事本另存为 UTF-8 编码，再导入";
                return Err(io::Error::other(sentence));
            }
        }
        Ok(count)
    }
}
