//! How sheets hang together, as a form declares it: which it starts, which it needs, which lines of registers it writes, and
//! what is wrong between its cells.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use super::register::NAMES;
use super::tree::allowed;
use super::{FieldId, Form, FormId, Given, Table, TableId};
use crate::expression::Expression;

/// A sheet that is started from another.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// On which form.
    pub form: FormId,
    /// What is carried over: into which field of the new sheet, and what of the old one.
    #[serde(default)]
    pub carries: BTreeMap<FieldId, Carried>,
    /// Into which field of the new sheet goes what was chosen or written down of the old one.
    pub said: Option<FieldId>,
    /// The signature after which it may be started; none: at any time.
    pub after: Option<FieldId>,
    /// On which sheets it is started; on all where nothing is said.
    pub when: Option<Expression>,
    /// The table of which each line starts one.
    pub rows: Option<TableId>,
    /// Whether the old sheet is not filed before the new one is.
    #[serde(default)]
    pub needed: bool,
}

/// Lines of a register that the program writes when a sheet is signed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Writes {
    /// In which register.
    pub register: FormId,
    /// What is carried over: into which field of the line, and what of the sheet.
    #[serde(default)]
    pub carries: BTreeMap<FieldId, Carried>,
    /// By which signature.
    pub after: FieldId,
    /// On which sheets they are written; on all where nothing is said. Of a table it is asked of each of its lines.
    pub when: Option<Expression>,
    /// The table of which each line makes one; else the sheet makes one.
    pub rows: Option<TableId>,
}

/// Another sheet that has to be there first.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// On which form.
    pub form: FormId,
    /// The cell that holds its number; without one, the sheet this one was started from, or one that was started from it.
    pub by: Option<FieldId>,
    /// The stage that has to be signed on it; none: it has to be there.
    pub at: Option<String>,
    /// What is not done before.
    pub before: Before,
    /// Of opening and signing: which stage's section; the first where nothing is said.
    pub stage: Option<String>,
    /// On which sheets; on all where nothing is said.
    pub when: Option<Expression>,
    /// What is said while it is missing.
    pub says: Option<String>,
}

/// What waits for another sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Before {
    /// Writing in the section of a stage.
    Open,
    /// Signing a stage.
    Sign,
    /// Filing the papers.
    File,
}

/// Something that is wrong between cells: a red corner and a sentence, never a refusal of typing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// When it is.
    pub when: Expression,
    /// What is said then.
    pub says: String,
    /// At which cell.
    pub at: FieldId,
}

/// So many like sheets within a time that another is proposed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeats {
    /// On which form; one of those that this form starts.
    pub form: FormId,
    /// The fields in which like sheets say the same; of a table's column any line counts.
    pub same: Vec<FieldId>,
    /// How many they are, this one included.
    pub times: usize,
    /// Within how long before it, by the days of their events.
    pub within: Given,
    /// On which sheets; on all where nothing is said.
    pub when: Option<Expression>,
}

/// What is carried over to another sheet.
#[derive(Clone, Debug, PartialEq)]
pub enum Carried {
    /// What is written in a cell, as it is written.
    Cell(FieldId),
    /// What comes of an expression.
    Is(Expression),
}

impl<'de> Deserialize<'de> for Carried {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reads;

        impl Visitor<'_> for Reads {
            type Value = Carried;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("一格或一个算式（string）")
            }

            fn visit_str<E: Error>(self, written: &str) -> Result<Carried, E> {
                // An id may be a label, which is no name of an expression.
                let plain = written.chars().all(|it| it.is_alphanumeric() || it == '_');
                if plain && !NAMES.contains(&written) {
                    return Ok(Carried::Cell(written.into()));
                }
                Expression::parse(written).map(Carried::Is).map_err(E::custom)
            }
        }

        from.deserialize_any(Reads)
    }
}

impl Carried {
    /// What it names.
    fn names(&self) -> Vec<&str> {
        match self {
            Self::Cell(field) => vec![field.as_str()],
            Self::Is(expression) => expression.names().iter().map(String::as_str).collect(),
        }
    }
}

impl Form {
    /// The fields that these names stand for: cells, the columns of tables, and all that what is computed among them is made
    /// of.
    pub fn reached<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> BTreeSet<FieldId> {
        let mut reached = BTreeSet::new();
        let mut left: Vec<String> = names.into_iter().map(str::to_owned).collect();
        while let Some(name) = left.pop() {
            let name = name.split('.').next().unwrap_or_default();
            if let Some(table) = self.tables.get(name) {
                left.extend(table.fields().filter(|it| !reached.contains(*it)).map(|it| it.0.clone()));
            }
            let Some(field) = self.field(&name.into()) else { continue };
            if reached.insert(field.id.clone()) {
                left.extend(field.is.iter().flat_map(|it| it.names().iter().cloned()));
            }
        }
        reached
    }

    /// Whether a name is one that its conditions may ask for.
    fn may_ask(&self, name: &str) -> bool {
        let name = name.split('.').next().unwrap_or_default();
        NAMES.contains(&name) || self.field(&name.into()).is_some() || self.tables.contains_key(name)
    }

    /// Says what its links and checks name of it that is not there, by the path of what is wrong.
    pub(super) fn check_links(&self, say: &mut impl FnMut(&str, String)) {
        let every: Vec<&FieldId> = self.every_field().map(|it| &it.id).collect();
        let mut asked = |path: String, names: Vec<&str>| {
            for name in names.into_iter().filter(|it| !self.may_ask(it)) {
                let name = name.split('.').next().unwrap_or_default();
                say(&path, format!("“{name}”没有对应的 [[field]] 或表{}", allowed(name, &every)));
            }
        };
        let names = |it: &Expression| -> Vec<String> { it.names().iter().cloned().collect() };
        for (place, check) in self.checks.iter().enumerate() {
            let named = names(&check.when);
            asked(format!("check.{place}.when"), named.iter().map(String::as_str).collect());
            asked(format!("check.{place}.at"), vec![check.at.as_str()]);
        }
        let starts = self.starts.iter().enumerate();
        let starts = starts.map(|(place, it)| (format!("starts.{place}"), &it.carries, &it.when));
        let writes = self.writes.iter().enumerate();
        let writes = writes.map(|(place, it)| (format!("writes.{place}"), &it.carries, &it.when));
        for (path, carries, when) in starts.chain(writes) {
            for (into, carried) in carries {
                asked(format!("{path}.carries.{into}"), carried.names());
            }
            let named: Vec<String> = when.iter().flat_map(names).collect();
            asked(format!("{path}.when"), named.iter().map(String::as_str).collect());
        }
        for (place, need) in self.needs.iter().enumerate() {
            asked(format!("needs.{place}.by"), need.by.iter().map(FieldId::as_str).collect());
            let named: Vec<String> = need.when.iter().flat_map(names).collect();
            asked(format!("needs.{place}.when"), named.iter().map(String::as_str).collect());
        }
        for (place, repeats) in self.repeats.iter().enumerate() {
            asked(format!("repeats.{place}.same"), repeats.same.iter().map(FieldId::as_str).collect());
            let named: Vec<String> = repeats.when.iter().flat_map(names).collect();
            asked(format!("repeats.{place}.when"), named.iter().map(String::as_str).collect());
        }
        let stages: Vec<&str> = self.stages.iter().map(|it| it.name.as_str()).collect();
        for (place, need) in self.needs.iter().enumerate() {
            if let Some(stage) = need.stage.as_deref().filter(|it| !stages.contains(it)) {
                say(&format!("needs.{place}.stage"), format!("没有“{stage}”这个环节{}", allowed(stage, &stages)));
            }
        }
        let started: Vec<&FormId> = self.starts.iter().map(|it| &it.form).collect();
        for (place, repeats) in self.repeats.iter().enumerate() {
            if !started.contains(&&repeats.form) {
                let started = allowed(repeats.form.as_str(), &started);
                let why = format!("“{}”不是 [[starts]] 里另起的表单{started}", repeats.form);
                say(&format!("repeats.{place}.form"), why);
            }
            if repeats.same.is_empty() || repeats.times < 2 || repeats.within.unit.is_of_hours() {
                let why = "[[repeats]] 要有 same（哪几格相同）、times（至少 2）、within（多少天）".to_owned();
                say(&format!("repeats.{place}"), why);
            }
        }
        let signed: Vec<&FieldId> = self.stages.iter().map(|it| &it.by).collect();
        let after = self.starts.iter().enumerate().filter_map(|(at, it)| Some(("starts", at, it.after.as_ref()?)));
        let written = self.writes.iter().enumerate().map(|(at, it)| ("writes", at, &it.after));
        for (what, at, after) in after.chain(written).filter(|it| !signed.contains(&it.2)) {
            let why = format!("“{after}”不是哪一个环节的签名格{}", allowed(after.as_str(), &signed));
            say(&format!("{what}.{at}.after"), why);
        }
        let tables: Vec<&TableId> = self.tables.keys().collect();
        let rows = self.starts.iter().enumerate().filter_map(|(at, it)| Some(("starts", at, it.rows.as_ref()?)));
        let written = self.writes.iter().enumerate().filter_map(|(at, it)| Some(("writes", at, it.rows.as_ref()?)));
        for (what, at, rows) in rows.chain(written).filter(|it| !tables.contains(&it.2)) {
            say(&format!("{what}.{at}.rows"), format!("没有“{rows}”这个表{}", allowed(rows.as_str(), &tables)));
        }
    }

    /// Says what its links name of other forms that is not there, by the path of what is wrong. What an office's own form,
    /// of the `other`s, lacks is not asked of the program's files: nothing is carried there then.
    pub(super) fn check_linked(
        &self,
        forms: &[Form],
        other: &dyn Fn(usize) -> bool,
        say: &mut impl FnMut(&str, String),
    ) {
        let known: BTreeSet<&FormId> = forms.iter().map(|it| &it.form).collect();
        let known: Vec<&FormId> = known.into_iter().collect();
        // The edition in use: the last of those that bear the id.
        let find = |id: &FormId| forms.iter().enumerate().rev().find(|it| it.1.form == *id);
        let mut target = |path: String, id: &FormId| {
            let found = find(id);
            if found.is_none() {
                say(&path, format!("没有“{id}”这种表单{}", allowed(id.as_str(), &known)));
            }
            found.filter(|it| !other(it.0)).map(|it| it.1)
        };
        let mut wrong: Vec<(String, String)> = Vec::new();
        let mut into = |path: String, form: &Form, fields: Vec<&FieldId>| {
            let every: Vec<&FieldId> = form.every_field().map(|it| &it.id).collect();
            for field in fields.into_iter().filter(|it| !every.contains(it)) {
                let why = format!("表单 {} 里没有“{field}”这一项{}", form.form, allowed(field.as_str(), &every));
                wrong.push((path.clone(), why));
            }
        };
        for (place, it) in self.starts.iter().enumerate() {
            if let Some(form) = target(format!("starts.{place}.form"), &it.form) {
                for field in it.carries.keys() {
                    into(format!("starts.{place}.carries.{field}"), form, vec![field]);
                }
                into(format!("starts.{place}.said"), form, it.said.iter().collect());
            }
        }
        for (place, it) in self.writes.iter().enumerate() {
            let Some(form) = target(format!("writes.{place}.register"), &it.register) else { continue };
            for field in it.carries.keys() {
                into(format!("writes.{place}.carries.{field}"), form, vec![field]);
            }
        }
        for (place, it) in self.needs.iter().enumerate() {
            let Some(form) = target(format!("needs.{place}.form"), &it.form) else { continue };
            let stages: Vec<&str> = form.stages.iter().map(|it| it.name.as_str()).collect();
            if let Some(at) = it.at.as_deref().filter(|at| !stages.contains(at)) {
                let why = format!("表单 {} 里没有“{at}”这个环节{}", form.form, allowed(at, &stages));
                wrong.push((format!("needs.{place}.at"), why));
            }
        }
        for field in self.every_field() {
            if let Some(form) = &field.form {
                target(format!("field.{}", field.id), form);
            }
        }
        for (path, why) in wrong {
            say(&path, why);
        }
    }

    /// The forms that its links name.
    pub(super) fn linked(&mut self) -> impl Iterator<Item = &mut FormId> {
        let starts = self.starts.iter_mut().map(|it| &mut it.form);
        let writes = self.writes.iter_mut().map(|it| &mut it.register);
        let needs = self.needs.iter_mut().map(|it| &mut it.form);
        let repeats = self.repeats.iter_mut().map(|it| &mut it.form);
        let fields = self.fields.iter_mut().chain(&mut self.beside).filter_map(|it| it.form.as_mut());
        starts.chain(writes).chain(needs).chain(repeats).chain(fields)
    }

    /// The columns of a table that a link goes by.
    pub fn columns_of(&self, table: &TableId) -> Vec<&FieldId> {
        self.tables.get(table).into_iter().flat_map(Table::fields).collect()
    }

    /// Whether any of its cells holds numbers of other sheets.
    pub fn links_any(&self) -> bool {
        self.every_field().any(super::Field::is_link)
    }

    /// Its cells that hold numbers of sheets of a form.
    pub fn links_to<'a>(&'a self, form: &'a FormId) -> impl Iterator<Item = &'a super::Field> {
        self.every_field().filter(move |it| it.form.as_ref() == Some(form))
    }
}
