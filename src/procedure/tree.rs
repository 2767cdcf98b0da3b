//! A file as a tree of values with their places, and every mistake in it: what cannot be read is said and mended, so
//! that the reading goes on and finds what else is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue, Deserializer};

use super::reading::Mistake;

/// A value and where it stands.
pub(super) type Node<'a> = Spanned<DeValue<'a>>;

/// Where nothing stands: what was put in place of what is missing.
const NOWHERE: usize = usize::MAX / 2;
/// So many mistakes of a file are told.
const MANY: usize = 100;
/// So often one value is mended before it is left out.
const TRIES: usize = 5;
/// A file this long, in bytes, is no form as people write them.
const LONG: usize = 100_000;
/// The longest word for which one that was meant is looked for.
const LONGEST_WORD: usize = 40;

/// A file being read.
pub(super) struct Tree<'a> {
    file: &'a str,
    text: &'a str,
    /// Its values.
    pub(super) root: DeTable<'a>,
    said: Vec<(usize, String)>,
    /// Whether something was put in place of what could not be read: then sums say nothing.
    pub(super) patched: bool,
    /// Keys that were left out because nothing could be made of what they say.
    left_out: BTreeSet<String>,
    /// How many values were put in.
    made: usize,
}

#[derive(Clone)]
enum Step {
    Key(String),
    Item(usize),
}

/// What of a node an error points to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Key,
    Table,
    Value,
}

impl<'a> Tree<'a> {
    /// Reads a text as TOML.
    pub(super) fn parse(file: &'a str, text: &'a str) -> Self {
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut tree = Self {
            file,
            text,
            root: root.into_inner(),
            said: Vec::new(),
            patched: false,
            left_out: BTreeSet::new(),
            made: 0,
        };
        for error in errors.iter().take(MANY) {
            tree.say(error.span().unwrap_or_default(), in_chinese(error.message()));
        }
        tree
    }

    /// Whether nothing wrong was found.
    pub(super) fn is_right(&self) -> bool {
        self.said.is_empty()
    }

    /// Says what is wrong at a place. What was put in by the reader itself is never wrong.
    pub(super) fn say(&mut self, at: Range<usize>, message: String) {
        if at.start < NOWHERE && self.said.len() < MANY {
            self.said.push((at.start, message));
        }
    }

    /// Whether so much was said that no more will be.
    pub(super) fn is_full(&self) -> bool {
        self.said.len() >= MANY
    }

    /// Says what is wrong at a path of keys and numbers, such as `stage.2.by`, or at the nearest thing above it.
    pub(super) fn say_at(&mut self, path: &str, message: String) {
        self.say(self.place(path), message);
    }

    fn place(&self, path: &str) -> Range<usize> {
        let mut steps = path.split('.');
        let Some((key, mut node)) = steps.next().and_then(|it| self.root.get_key_value(it)) else { return 0..0 };
        // A table that a header names stands where its header does.
        let mut at = if matches!(node.get_ref(), DeValue::Table(_)) { key.span() } else { node.span() };
        for step in steps {
            let next = match node.get_ref() {
                DeValue::Table(table) => table.get(step),
                DeValue::Array(items) => step.parse().ok().and_then(|it: usize| items.get(it)),
                DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_) => None,
            };
            let Some(next) = next else { break };
            (node, at) = (next, next.span());
        }
        at
    }

    /// Which item of a list has this id, the last where several have: the others were there before it.
    pub(super) fn item_of(&self, list: &str, id: &str) -> Option<usize> {
        let Some(DeValue::Array(items)) = self.root.get(list).map(Spanned::get_ref) else { return None };
        items.iter().rposition(|it| match it.get_ref() {
            DeValue::Table(item) => match item.get("id").map(Spanned::get_ref) {
                Some(DeValue::String(said)) => said == id,
                _ => false,
            },
            _ => false,
        })
    }

    /// What stands between the quotes of a string, and where it begins; none, which is said, where it is written with
    /// escapes or over several lines.
    pub(super) fn inside(&mut self, node: &Node<'a>) -> Option<(&'a str, usize)> {
        let DeValue::String(said) = node.get_ref() else { return None };
        let at = node.span();
        let plain = self.text.get(at.start + 1..at.end.saturating_sub(1)).filter(|it| it == said);
        if plain.is_none() {
            self.say(at.clone(), "这里要在一行里写，不用反斜杠".to_owned());
        }
        plain.map(|it| (it, at.start + 1))
    }

    /// Reads what the tree says, saying all that is wrong; none where no more can be made of it.
    pub(super) fn read<T: for<'de> Deserialize<'de>>(&mut self) -> Option<T> {
        let mut tries = BTreeMap::new();
        // Each mistake is another reading: a long file gets fewer.
        let readings = if self.text.len() > LONG { MANY / 5 } else { MANY * TRIES };
        for _ in 0..readings {
            match T::deserialize(Deserializer::from(Spanned::new(0..0, self.root.clone()))) {
                Ok(read) => return Some(read),
                Err(error) => {
                    let at = error.span().unwrap_or_default();
                    if !self.follows(&at, error.message()) {
                        self.say(at.clone(), in_chinese(error.message()));
                    }
                    self.mend(&at, error.message(), &mut tries)?;
                }
            }
        }
        None
    }

    /// Whether it is wrong only because something was left out here: itself, or a part of it.
    fn follows(&self, at: &Range<usize>, message: &str) -> bool {
        if message.starts_with("missing field ") {
            return quoted(message).iter().any(|it| self.left_out.contains(it));
        }
        !self.left_out.is_empty() && self.text.get(at.start..).is_some_and(|it| it.starts_with(['[', '{']))
    }

    /// Puts in place of what is wrong what was probably meant, or what lets the reading go on.
    fn mend(&mut self, at: &Range<usize>, message: &str, tries: &mut BTreeMap<String, usize>) -> Option<()> {
        let allowed = quoted(message.split_once(", expected ").map_or("", |it| it.1));
        let word = quoted(message).into_iter().next().unwrap_or_default();
        let unknown = message.starts_with("unknown field ");
        let missing = message.starts_with("missing field ");
        let part = if unknown {
            Part::Key
        } else if missing {
            Part::Table
        } else {
            Part::Value
        };
        let mut path = Vec::new();
        if !(missing && at.end == 0 || find(&self.root, at, part, &mut path)) {
            return None;
        }
        if unknown {
            let Some(Step::Key(wrong)) = path.pop() else { return None };
            let table = table_at(&mut self.root, &path)?;
            let (old, value) = table.remove_entry(wrong.as_str())?;
            if let Some(meant) = nearest(&word, &allowed).filter(|it| !table.contains_key(*it)) {
                table.insert(key(old.span(), meant), value);
            }
            return Some(());
        }
        if missing {
            self.patched = true;
            let nowhere = self.nowhere();
            let table = table_at(&mut self.root, &path)?;
            table.insert(key(nowhere.clone(), &word), string(nowhere, "甲"));
            return Some(());
        }
        let name: String = path.iter().map(|it| format!("{it}.")).collect();
        let count = tries.entry(name).or_insert(0_usize);
        *count += 1;
        if *count > TRIES {
            self.patched = true;
            if let Some(Step::Key(key)) = path.last() {
                self.left_out.insert(key.clone());
            }
            return remove(&mut self.root, &path);
        }
        let nowhere = self.nowhere();
        let node = node_at(&mut self.root, &path)?;
        let span = node.span();
        if message.starts_with("unknown variant ") && *count == 1 {
            let meant = nearest(&word, &allowed);
            self.patched |= meant.is_none();
            *node = string(span, meant.or(allowed.first().map(String::as_str))?);
            return Some(());
        }
        self.patched = true;
        let wanted = message.rsplit_once("expected ").map_or("", |it| it.1);
        let kinds =
            [("string", 0), ("character", 0), ("sequence", 1), ("array", 1), ("bool", 2), ("struct", 3), ("map", 3)];
        let kinds =
            kinds.into_iter().chain([("table", 3), ("f64", 4), ("毫米", 4), ("u8", 4), ("u32", 4), ("usize", 4)]);
        let guessed = kinds.into_iter().find(|it| wanted.contains(it.0)).map(|it| it.1).filter(|_| *count < TRIES - 1);
        *node = Spanned::new(
            nowhere,
            match guessed.unwrap_or((*count - 1) % 5) {
                0 => DeValue::String("甲".into()),
                1 => DeValue::Array(DeArray::new()),
                2 => DeValue::Boolean(false),
                3 => DeValue::Table(DeTable::new()),
                _ => DeValue::parse("10").ok()?.into_inner(),
            },
        );
        Some(())
    }

    /// A place in no file, and nothing else's.
    fn nowhere(&mut self) -> Range<usize> {
        self.made += 1;
        NOWHERE + self.made..NOWHERE + self.made
    }

    /// Whether this was said already.
    pub(super) fn has_said(&self, message: &str) -> bool {
        self.said.iter().any(|it| it.1 == message)
    }

    /// All that was said, in the order of the file.
    pub(super) fn mistakes(mut self) -> Vec<Mistake> {
        self.said.sort();
        self.said.dedup();
        let mistake = |(at, message): (usize, String)| {
            let before = &self.text[..self.text.floor_char_boundary(at)];
            let line_start = before.rfind('\n').map_or(0, |it| it + 1);
            let place = (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1);
            Mistake { file: self.file.to_owned(), place: Some(place), message }
        };
        self.said.into_iter().map(mistake).collect()
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Item(item) => write!(f, "{item}"),
        }
    }
}

/// A string at a place.
pub(super) fn string<'a>(at: Range<usize>, said: &str) -> Node<'a> {
    Spanned::new(at, DeValue::String(DeString::Owned(said.to_owned())))
}

/// A number at a place; a string where it is none, which the reading then refuses.
pub(super) fn number(at: Range<usize>, said: &str) -> Node<'_> {
    match DeValue::parse(said).map(Spanned::into_inner) {
        Ok(value @ (DeValue::Integer(_) | DeValue::Float(_))) => Spanned::new(at, value),
        _ => string(at, said),
    }
}

/// A list at a place.
pub(super) fn list<'a>(at: Range<usize>, items: impl IntoIterator<Item = Node<'a>>) -> Node<'a> {
    let mut list = DeArray::new();
    items.into_iter().for_each(|it| list.push(it));
    Spanned::new(at, DeValue::Array(list))
}

/// A table's key.
pub(super) fn key<'a>(at: Range<usize>, said: &str) -> Spanned<DeString<'a>> {
    Spanned::new(at, DeString::Owned(said.to_owned()))
}

/// A table at a place.
pub(super) fn table<'a>(at: &Range<usize>, entries: impl IntoIterator<Item = (&'static str, Node<'a>)>) -> DeTable<'a> {
    entries.into_iter().map(|(name, value)| (key(at.clone(), name), value)).collect()
}

/// Looks for the part of a node that an error points to.
fn find(table: &DeTable<'_>, at: &Range<usize>, part: Part, path: &mut Vec<Step>) -> bool {
    for (key, node) in table.iter() {
        path.push(Step::Key(key.get_ref().clone().into_owned()));
        if (part == Part::Key && key.span() == *at) || find_in(node, at, part, path) {
            return true;
        }
        path.pop();
    }
    false
}

fn find_in(node: &Node<'_>, at: &Range<usize>, part: Part, path: &mut Vec<Step>) -> bool {
    // A list of tables stands where the first of them does: what is inside is looked at first.
    let inside = match node.get_ref() {
        DeValue::Table(table) => find(table, at, part, path),
        DeValue::Array(items) => items.iter().enumerate().any(|(place, item)| {
            path.push(Step::Item(place));
            let found = find_in(item, at, part, path);
            if !found {
                path.pop();
            }
            found
        }),
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            false
        }
    };
    let fits = part == Part::Value || (part == Part::Table && matches!(node.get_ref(), DeValue::Table(_)));
    inside || (fits && node.span() == *at)
}

fn node_at<'t, 'a>(root: &'t mut DeTable<'a>, path: &[Step]) -> Option<&'t mut Node<'a>> {
    let (Step::Key(first), rest) = path.split_first()? else { return None };
    let mut node = root.get_mut(first.as_str())?;
    for step in rest {
        node = match (node.get_mut(), step) {
            (DeValue::Table(table), Step::Key(key)) => table.get_mut(key.as_str())?,
            (DeValue::Array(items), Step::Item(item)) => items.get_mut(*item)?,
            _ => return None,
        };
    }
    Some(node)
}

fn table_at<'t, 'a>(root: &'t mut DeTable<'a>, path: &[Step]) -> Option<&'t mut DeTable<'a>> {
    if path.is_empty() {
        return Some(root);
    }
    match node_at(root, path)?.get_mut() {
        DeValue::Table(table) => Some(table),
        DeValue::Array(_)
        | DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => None,
    }
}

/// Leaves a value out.
fn remove(root: &mut DeTable<'_>, path: &[Step]) -> Option<()> {
    let (last, above) = path.split_last()?;
    match last {
        Step::Key(key) => table_at(root, above)?.remove(key.as_str()).map(|_| ()),
        Step::Item(item) => {
            let DeValue::Array(items) = node_at(root, above)?.get_mut() else { return None };
            let kept = std::mem::replace(items, DeArray::new()).into_iter().enumerate().filter(|it| it.0 != *item);
            kept.for_each(|it| items.push(it.1));
            Some(())
        }
    }
}

/// The words between grave accents.
fn quoted(message: &str) -> Vec<String> {
    message.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The allowed word that was probably meant: at most a third of it is otherwise.
pub(super) fn nearest<'a>(word: &str, allowed: &'a [impl AsRef<str>]) -> Option<&'a str> {
    let length = word.chars().count();
    if length > LONGEST_WORD {
        return None;
    }
    let near = allowed.iter().map(|it| (distance(word, it.as_ref()), it.as_ref()));
    near.filter(|it| it.0 * 3 <= length.max(it.1.chars().count())).min_by_key(|it| it.0).map(|it| it.1)
}

/// What is allowed, and what was probably meant.
pub(super) fn allowed(word: &str, allowed: &[impl AsRef<str>]) -> String {
    let known: Vec<&str> = allowed.iter().map(AsRef::as_ref).collect();
    let known = if known.is_empty() {
        "，这里一个也没有".to_owned()
    } else {
        format!("，可用：{}", known.join("、"))
    };
    known + &meant(nearest(word, allowed))
}

fn meant(word: Option<&str>) -> String {
    word.map_or_else(String::new, |it| format!("；想写的大概是 `{it}`"))
}

/// How many characters have to be put in, taken out, changed or swapped with the next to make one word of another.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > LONGEST_WORD {
        return LONGEST_WORD;
    }
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// serde's and toml's sentences, in the clerk's language, with what was probably meant; what is quoted in them stays.
fn in_chinese(message: &str) -> String {
    let meant = match message.split_once(", expected ") {
        Some((said, allowed)) if said.starts_with("unknown ") => {
            let word = quoted(said).into_iter().next().unwrap_or_default();
            meant(nearest(&word, &quoted(allowed)))
        }
        _ => String::new(),
    };
    let said = message
        .replace("unknown field ", "不认识的项 ")
        .replace("unknown variant ", "不认识的值 ")
        .replace("missing field ", "缺少项 ")
        .replace("duplicate field ", "重复的项 ")
        .replace("duplicate key", "重复的项")
        .replace("invalid type: ", "类型不对：")
        .replace("invalid value: ", "值不对：")
        .replace(", expected one of ", "，可用：")
        .replace(", expected ", "，应为 ")
        .replace("expected ", "应为 ");
    if said == message && message.is_ascii() { format!("写法不对（{message}）") } else { said + &meant }
}
