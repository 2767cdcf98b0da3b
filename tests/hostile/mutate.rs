//! How true inputs are changed: by bytes, by pieces of text, by the twigs of a tree.

use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Number, Value};

/// What upsets programs.
pub(crate) const DICTIONARY: &[&str] = &[
    "",
    " ",
    "　",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\0",
    "\u{feff}",
    "\u{fffd}",
    "\u{ffff}",
    "\u{2028}",
    "\u{2029}",
    "\u{85}",
    "\u{b}",
    "\u{1b}[31m",
    "\u{7f}",
    "𠮷",
    "䶮",
    "㼆·吐尔逊",
    "𪚥",
    "〓",
    "👨‍👩‍👧‍👦",
    "🏳️‍🌈",
    "🇨🇳🇨",
    "e\u{301}\u{302}\u{323}",
    "\u{301}",
    "שלום",
    "السلام",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{200d}",
    "\u{ad}",
    "\u{2060}",
    "\u{fe0f}",
    "\u{e0101}",
    "\u{10ffff}",
    "\u{f8ff}",
    "。",
    "（",
    "）",
    "“",
    "”",
    "——",
    "……",
    "/",
    "\\",
    "\"",
    "'",
    "''",
    "`",
    "%s%n",
    "{}",
    "{year}",
    "{sequence}",
    "-1",
    "-0",
    "0",
    "1",
    "1e308",
    "1e-308",
    "nan",
    "inf",
    "-inf",
    "0.0000001",
    "99",
    "100",
    "2001",
    "65536",
    "1000000000",
    "2147483648",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "99999999999999999999999999",
    "true",
    "null",
    "[]",
    "[",
    "[[",
    "{",
    "}",
    "]",
    ",",
    ":",
    "=",
    "#",
    "同上",
    "今天",
    "2026-11-20",
    "2026-02-30",
    "0000-01-01",
    "9999-12-31",
    "-262143-01-01",
    "+262142-12-31T23:59:60",
    "2024-02-29T24:61:61",
    "1582-10-10",
    "11.20",
    "14:30",
    "第二轮",
    "第九十九轮",
    "extra:",
    "json:",
    "json:a.b\\.c",
    "05",
    "D/0",
    "D/9",
    "A",
    "F 其他（",
    "√",
    "signed",
    "from",
    "destroyed",
    "customer",
    "date",
    "registrar",
    "'; DROP TABLE record; --",
    "..\\甲",
    "CON",
    "C:\\",
    "https://user@example.invalid/?q=%00",
];

/// A text of pieces, each so many times: told in few words when a test fails.
#[derive(Clone)]
pub(crate) struct Words(pub(crate) Vec<(String, usize)>);

impl Words {
    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|(piece, times)| piece.repeat(*times)).collect()
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (piece, times) in &self.0 {
            write!(f, "{piece:?}")?;
            if *times != 1 {
                write!(f, "×{times}")?;
            }
            f.write_str(" ")?;
        }
        Ok(())
    }
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(DICTIONARY).prop_map(str::to_owned),
        2 => any::<char>().prop_map(|it| it.to_string()),
        2 => proptest::char::range('\u{20000}', '\u{3134f}').prop_map(|it| it.to_string()),
        4 => vec(proptest::char::range('一', '龥'), 1..16).prop_map(|it| it.into_iter().collect()),
        3 => vec(proptest::char::range(' ', '~'), 1..40).prop_map(|it| it.into_iter().collect()),
        2 => vec(proptest::char::range('0', '9'), 1..20).prop_map(|it| it.into_iter().collect()),
        2 => vec(any::<char>(), 1..12).prop_map(|it| it.into_iter().collect()),
    ]
}

/// A text of up to `pieces` pieces, each up to `times` times.
pub(crate) fn words(pieces: usize, times: usize) -> impl Strategy<Value = Words> {
    let many = prop_oneof![12 => Just(1), 3 => 1..=times.min(40), 1 => 1..=times];
    vec((piece(), many), 0..=pieces).prop_map(Words)
}

/// One change of a text's bytes. Places are taken modulo the text's length.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Flip(u32, u8),
    Set(u32, Vec<u8>),
    Delete(u32, u16),
    Repeat(u32, u16, u8),
    Cut(u32),
    Insert(u32, Words),
    /// From the other text.
    Splice(u32, u32, u16),
    /// In place of the nth number.
    Number(u32, Words),
    /// Inside the nth quoted text.
    Quoted(u32, Words),
    /// A line taken out or told twice.
    Line(u32, bool),
}

pub(crate) fn change() -> impl Strategy<Value = Change> {
    use Change::*;
    prop_oneof![
        2 => (any::<u32>(), any::<u8>()).prop_map(|(at, bit)| Flip(at, bit)),
        2 => (any::<u32>(), vec(any::<u8>(), 1..9)).prop_map(|(at, bytes)| Set(at, bytes)),
        2 => (any::<u32>(), any::<u16>()).prop_map(|(at, long)| Delete(at, long % 300)),
        2 => (any::<u32>(), any::<u16>(), any::<u8>()).prop_map(|(at, long, times)| Repeat(at, long % 300, times)),
        1 => any::<u32>().prop_map(Cut),
        4 => (any::<u32>(), words(3, 2000)).prop_map(|(at, it)| Insert(at, it)),
        2 => (any::<u32>(), any::<u32>(), any::<u16>()).prop_map(|(at, from, long)| Splice(at, from, long % 2000)),
        6 => (any::<u32>(), words(1, 1)).prop_map(|(at, it)| Number(at, it)),
        6 => (any::<u32>(), words(3, 3000)).prop_map(|(at, it)| Quoted(at, it)),
        2 => (any::<u32>(), any::<bool>()).prop_map(|(at, it)| Line(at, it)),
    ]
}

fn within(at: u32, length: usize) -> usize {
    if length == 0 { 0 } else { at as usize % length }
}

type Spans = Vec<(usize, usize)>;

/// The ranges of numbers, and those inside quotation marks.
fn spans(bytes: &[u8]) -> (Spans, Spans) {
    let (mut numbers, mut quoted) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        if bytes[at].is_ascii_digit() {
            while at < bytes.len() && (bytes[at].is_ascii_digit() || bytes[at] == b'.') {
                at += 1;
            }
            numbers.push((start, at));
        } else if bytes[at] == b'"' {
            at += 1;
            while at < bytes.len() && bytes[at] != b'"' && bytes[at] != b'\n' {
                at += 1;
            }
            quoted.push((start + 1, at));
            at += 1;
        } else {
            at += 1;
        }
    }
    (numbers, quoted)
}

/// The bytes after all changes.
pub(crate) fn changed(seed: &[u8], other: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for it in changes {
        let here = |at: &u32| within(*at, bytes.len());
        let range = |at: &u32, long: usize| here(at)..(here(at) + long).min(bytes.len());
        match it {
            Change::Flip(at, bit) => {
                let at = here(at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (bit % 8);
                }
            }
            Change::Set(at, new) => {
                let range = range(at, new.len());
                let new = &new[..range.len()];
                bytes[range].copy_from_slice(new);
            }
            Change::Delete(at, long) => {
                let range = range(at, usize::from(*long));
                bytes.drain(range);
            }
            Change::Repeat(at, long, times) => {
                let range = range(at, usize::from(*long));
                let piece = bytes[range.clone()].repeat(usize::from(*times));
                bytes.splice(range.end..range.end, piece);
            }
            Change::Cut(at) => {
                let at = here(at);
                bytes.truncate(at);
            }
            Change::Insert(at, words) => {
                let at = here(at);
                bytes.splice(at..at, words.text().into_bytes());
            }
            Change::Splice(at, from, long) => {
                let (at, from) = (here(at), within(*from, other.len()));
                let piece = &other[from..(from + usize::from(*long)).min(other.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            Change::Number(nth, words) => {
                let numbers = spans(&bytes).0;
                if let Some((start, end)) = numbers.get(within(*nth, numbers.len())).copied() {
                    bytes.splice(start..end, words.text().into_bytes());
                }
            }
            Change::Quoted(nth, words) => {
                let quoted = spans(&bytes).1;
                if let Some((start, end)) = quoted.get(within(*nth, quoted.len())).copied() {
                    let text = words.text().replace(['\\', '"', '\n', '\r'], "");
                    bytes.splice(start..end, text.into_bytes());
                }
            }
            Change::Line(nth, twice) => {
                let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|it| *it == b'\n').map(<[u8]>::to_vec).collect();
                let nth = within(*nth, lines.len());
                if lines.is_empty() {
                    continue;
                }
                if *twice {
                    lines.insert(nth, lines[nth].clone());
                } else {
                    lines.remove(nth);
                }
                bytes = lines.concat();
            }
        }
    }
    bytes
}

/// A value where another was.
#[derive(Clone, Debug)]
pub(crate) enum Odd {
    Null,
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Float(f64),
    Text(Words),
    Empty(bool),
    Nested(u16, bool),
}

fn odd() -> impl Strategy<Value = Odd> {
    let ints = [0, 1, -1, 2, 7, 99, 100, 101, 366, 2000, 65_536, 1_000_000_000, i64::MAX, i64::MIN, 1 << 32];
    prop_oneof![
        1 => Just(Odd::Null),
        1 => any::<bool>().prop_map(Odd::Bool),
        4 => select(ints.to_vec()).prop_map(Odd::Int),
        1 => any::<i64>().prop_map(Odd::Int),
        1 => any::<u64>().prop_map(Odd::Unsigned),
        3 => select(vec![0.0, -0.0, 0.001, 1e-9, 0.5, 1e9, 1e30, 1e308, 1999.9, 2000.0, -1.0]).prop_map(Odd::Float),
        8 => words(3, 3000).prop_map(Odd::Text),
        1 => any::<bool>().prop_map(Odd::Empty),
        1 => (any::<u16>(), any::<bool>()).prop_map(|(deep, it)| Odd::Nested(deep % 400, it)),
    ]
}

impl Odd {
    fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(it) => (*it).into(),
            Self::Int(it) => (*it).into(),
            Self::Unsigned(it) => (*it).into(),
            Self::Float(it) => Number::from_f64(*it).map_or(Value::Null, Value::Number),
            Self::Text(it) => it.text().into(),
            Self::Empty(true) => Value::Array(Vec::new()),
            Self::Empty(false) => Value::Object(Map::new()),
            Self::Nested(deep, list) => (0..*deep).fold(Value::Null, |inside, _| match list {
                true => Value::Array(vec![inside]),
                false => Value::Object(Map::from_iter([("甲".to_owned(), inside)])),
            }),
        }
    }
}

/// One change of a tree. Places count its nodes from the root down, modulo how many there are.
#[derive(Clone, Debug)]
pub(crate) enum Graft {
    Replace(u32, Odd),
    /// In place of the nth number of the tree.
    Number(u32, Odd),
    /// Takes a node out of its list or object.
    Remove(u32),
    /// Says an item of a list so many times more.
    Repeat(u32, u16),
    Rename(u32, Words),
    Add(u32, Words, Odd),
    /// Puts one node's value in another's place.
    Copy(u32, u32),
}

pub(crate) fn graft() -> impl Strategy<Value = Graft> {
    use Graft::*;
    prop_oneof![
        8 => (any::<u32>(), odd()).prop_map(|(at, it)| Replace(at, it)),
        6 => (any::<u32>(), odd()).prop_map(|(at, it)| Number(at, it)),
        2 => any::<u32>().prop_map(Remove),
        2 => (any::<u32>(), prop_oneof![8 => 1..4_u16, 1 => 1..1500_u16]).prop_map(|(at, times)| Repeat(at, times)),
        1 => (any::<u32>(), words(1, 40)).prop_map(|(at, it)| Rename(at, it)),
        2 => (any::<u32>(), words(2, 40), odd()).prop_map(|(at, key, it)| Add(at, key, it)),
        3 => (any::<u32>(), any::<u32>()).prop_map(|(at, from)| Copy(at, from)),
    ]
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(object) => object.values().map(count).sum(),
        _ => 0,
    }
}

/// The places of certain nodes.
fn places(tree: &Value, wanted: &dyn Fn(&Value) -> bool) -> Vec<usize> {
    fn walk(value: &Value, at: &mut usize, wanted: &dyn Fn(&Value) -> bool, found: &mut Vec<usize>) {
        if wanted(value) {
            found.push(*at);
        }
        *at += 1;
        match value {
            Value::Array(list) => list.iter().for_each(|it| walk(it, at, wanted, found)),
            Value::Object(object) => object.values().for_each(|it| walk(it, at, wanted, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(tree, &mut 0, wanted, &mut found);
    found
}

/// The node at a place.
fn node(value: &mut Value, at: usize) -> Option<&mut Value> {
    if at == 0 {
        return Some(value);
    }
    let mut left = at - 1;
    let children: Vec<&mut Value> = match value {
        Value::Array(list) => list.iter_mut().collect(),
        Value::Object(object) => object.values_mut().collect(),
        _ => return None,
    };
    for child in children {
        let size = count(child);
        if left < size {
            return node(child, left);
        }
        left -= size;
    }
    None
}

/// The tree after all changes.
pub(crate) fn grafted(mut tree: Value, grafts: &[Graft]) -> Value {
    for graft in grafts {
        let size = count(&tree);
        let place = |at: u32| at as usize % size;
        match graft {
            Graft::Replace(at, odd) => {
                if let Some(node) = node(&mut tree, place(*at)) {
                    *node = odd.value();
                }
            }
            Graft::Number(nth, odd) => {
                let places = places(&tree, &Value::is_number);
                if let Some(place) = places.get(within(*nth, places.len())) {
                    *node(&mut tree, *place).unwrap() = odd.value();
                }
            }
            Graft::Copy(at, from) => {
                let from = node(&mut tree, place(*from)).cloned();
                if let (Some(node), Some(from)) = (node(&mut tree, place(*at)), from) {
                    *node = from;
                }
            }
            // The others are done to the nearest list or object at or above the place.
            Graft::Remove(at) | Graft::Repeat(at, _) | Graft::Rename(at, _) | Graft::Add(at, ..) => {
                let holds = |it: &Value| it.is_array() || it.is_object();
                let Some(place) = places(&tree, &holds).into_iter().rfind(|it| *it <= place(*at)) else { continue };
                let Some(node) = node(&mut tree, place) else { continue };
                prune(node, graft);
            }
        }
    }
    tree
}

fn prune(node: &mut Value, graft: &Graft) {
    match (node, graft) {
        (Value::Array(list), Graft::Remove(at)) if !list.is_empty() => {
            list.remove(within(*at, list.len()));
        }
        (Value::Object(object), Graft::Remove(at)) => {
            if let Some(key) = object.keys().nth(within(*at, object.len())).cloned() {
                object.shift_remove(&key);
            }
        }
        (Value::Array(list), Graft::Repeat(at, times)) if !list.is_empty() => {
            let item = list[within(*at, list.len())].clone();
            // A list of lists of lists must not grow beyond what a file may be.
            let times = usize::from(*times).min(20_000 / count(&item));
            list.extend(std::iter::repeat_n(item, times));
        }
        (Value::Object(object), Graft::Rename(at, words)) => {
            if let Some(key) = object.keys().nth(within(*at, object.len())).cloned()
                && let Some(value) = object.shift_remove(&key)
            {
                object.insert(words.text(), value);
            }
        }
        (Value::Array(list), Graft::Add(_, _, odd)) => list.push(odd.value()),
        (Value::Object(object), Graft::Add(_, key, odd)) => {
            object.insert(key.text(), odd.value());
        }
        _ => {}
    }
}
