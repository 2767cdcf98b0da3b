//! Sheets that are counted on another one: which, what is taken of each, and the cells and tables that come of it.
//!
//! What is taken of a sheet is named; a table puts those together that have the same values (`group`), and its columns
//! reckon with the sheets of a line, which are called `rows`. A cell outside tables reckons with all of them by the name of
//! the list. What comes of it is written down when the stage `frozen` is signed; until then it is reckoned each time.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::clock::one_or_many;
use super::tree::{Tree, allowed};
use super::{Field, FieldId, Form, FormId, NAMES, Table, TableId};
use crate::expression::Expression;

/// The counted sheets of a line of a table, in expressions.
pub const ROWS: &str = "rows";
/// Before a field of the counting sheet itself, in expressions about a counted one: `own.serial`.
pub const OWN_SHEET: &str = "own";
/// What a counted line of a table is called, where its table gives it a name.
pub const LABEL: &str = "label";
/// The most lists of counted sheets a form has.
const MANY: usize = 20;

/// Sheets that are counted (`[counts.NAME]`): those of the period the counting sheet is about, void ones never.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// Sheets of which forms.
    #[serde(deserialize_with = "one_or_many")]
    pub of: Vec<FormId>,
    /// The table of theirs of which each line counts by itself; else each sheet does.
    pub lines: Option<TableId>,
    /// The field that tells which period a sheet belongs to; else the date in its form's identity.
    pub day: Option<FieldId>,
    /// Which of them.
    #[serde(rename = "where")]
    pub filter: Option<Expression>,
    /// Fields of theirs that say the same as fields of the counting sheet.
    #[serde(default)]
    pub same: BTreeMap<FieldId, FieldId>,
    /// What is taken of each, by name.
    #[serde(default)]
    pub takes: BTreeMap<String, Expression>,
}

impl Counted {
    /// The expressions in it, each with where it stands.
    fn expressions(&self) -> impl Iterator<Item = (String, &Expression)> {
        let takes = self.takes.iter().map(|(name, it)| (format!("takes.{name}"), it));
        self.filter.iter().map(|it| ("where".to_owned(), it)).chain(takes)
    }
}

/// The name before the first dot.
fn first(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

/// What a computed cell may name besides cells and tables: what the sheet is, whatever became of it, and what the office
/// set. Where a sheet stands may follow from its computed cells, so that these may not follow from where it stands.
const KNOWN: [&str; 5] = ["number", "rounds", "voided", "role", "setting"];

impl Form {
    /// Whether a computed cell may name this: a cell, a table, the name of its own line, or what is [`KNOWN`].
    pub(super) fn may_reckon_with(&self, field: &Field, name: &str) -> bool {
        let labelled = || self.table_of(&field.id).is_some_and(Table::is_fixed);
        self.field(&name.into()).is_some()
            || self.tables.contains_key(name)
            || KNOWN.contains(&name)
            || name == LABEL && labelled()
    }

    /// Whether a datum stands in the lines of a table, or of one that belongs to it line by line.
    pub fn stands_beside(&self, field: &Field, table: Option<&TableId>) -> bool {
        let leading = |it: &TableId| self.tables.get(it).and_then(|it| it.paired.clone()).unwrap_or_else(|| it.clone());
        field.table.as_ref().zip(table).is_some_and(|(one, other)| leading(one) == leading(other))
    }

    /// Parts what is reckoned from other sheets from what is computed on the sheet itself.
    ///
    /// # Errors
    /// What is wrong with a counting table, a sentence.
    pub(super) fn settle_counted(&mut self) -> Result<(), String> {
        for (id, table) in &self.tables {
            if let Some(name) = table.counts.as_ref().filter(|it| !self.counts.contains_key(*it)) {
                let known: Vec<&String> = self.counts.keys().collect();
                return Err(format!("表“{id}”的 counts：没有 [counts.{name}]{}", allowed(name, &known)));
            }
            if table.is_fixed() && table.counts.is_some() && table.group.len() != 1 {
                return Err(format!("表“{id}”的行是定好的，group 要正好一项，与行名相同的归到那一行"));
            }
        }
        for field in self.fields.iter_mut().chain(&mut self.beside) {
            let table = field.table.as_ref().and_then(|it| self.tables.get(it)).and_then(|it| it.counts.as_ref());
            if let Some(counted) = table.and_then(|it| self.counts.get(it)) {
                let taken = |it: &String| {
                    it == ROWS || it == LABEL || counted.takes.contains_key(it) || KNOWN.contains(&first(it))
                };
                match &field.is {
                    None if counted.takes.contains_key(field.id.as_str()) => {
                        // The column is called like what it shows.
                        field.counted = Expression::parse(field.id.as_str()).ok();
                    }
                    Some(is) if is.names().iter().all(taken) => field.counted = field.is.take(),
                    Some(_) | None => {}
                }
            } else if field
                .is
                .as_ref()
                .is_some_and(|it| it.names().iter().any(|it| self.counts.contains_key(first(it))))
            {
                field.counted = field.is.take();
            }
        }
        Ok(())
    }

    /// Whether anything on it is reckoned from other sheets.
    pub fn counts_others(&self) -> bool {
        !self.counts.is_empty()
    }

    /// The place of the stage at whose signature what was counted is written down.
    pub fn frozen_at(&self) -> Option<usize> {
        let name = self.frozen.as_ref()?;
        self.stages.iter().position(|it| it.name == *name)
    }

    /// Says what is named and is not there, as far as this form's file tells.
    pub(super) fn check_counted(&self, tree: &mut Tree<'_>) {
        if self.counts.len() > MANY {
            tree.say_at("counts", format!("counts 最多 {MANY} 个"));
        }
        if let Some(name) = &self.frozen {
            let known: Vec<&str> = self.stages.iter().map(|it| it.name.as_str()).collect();
            if self.frozen_at().is_none() {
                tree.say_at("frozen", format!("frozen：没有“{name}”这个环节{}", allowed(name, &known)));
            }
        }
        let own: Vec<&FieldId> = self.every_field().map(|it| &it.id).collect();
        for (name, counted) in &self.counts {
            for id in counted.same.values().filter(|it| !own.contains(it)) {
                let why = format!("“{id}”没有对应的 [[field]]{}", allowed(id.as_str(), &own));
                tree.say_at(&format!("counts.{name}.same"), why);
            }
            if self.field(&name.as_str().into()).is_some() || NAMES.contains(&name.as_str()) {
                tree.say_at(&format!("counts.{name}"), format!("“{name}”已经是别的项目的名字，请换一个"));
            }
        }
        // What a cell outside tables reckons with: the lists, and the sheet's own cells.
        for field in self.every_field().filter(|it| it.table.is_none()) {
            let names = field.counted.iter().flat_map(Expression::names).map(|it| first(it));
            for wrong in names.filter(|it| {
                !self.counts.contains_key(*it)
                    && !own.iter().any(|own| own.as_str() == *it)
                    && !self.tables.contains_key(*it)
                    && !KNOWN.contains(it)
            }) {
                let why = format!("“{}”的算式里“{wrong}”没有对应的 [[field]]、表或 [counts]", field.name);
                let path =
                    tree.item_of("field", field.id.as_str()).map_or("field".to_owned(), |it| format!("field.{it}"));
                tree.say_at(&path, why);
            }
        }
        for (id, table) in &self.tables {
            let Some(counted) = table.counts.as_ref().and_then(|it| self.counts.get(it)) else { continue };
            let parts = table.group.iter().map(|it| ("group", it)).chain(table.order.iter().map(|it| ("order", it)));
            for (what, expression) in parts {
                let known = |it: &&String| **it == ROWS || **it == LABEL || counted.takes.contains_key(first(it));
                for wrong in expression.names().iter().filter(|it| !known(it)) {
                    let takes: Vec<&String> = counted.takes.keys().collect();
                    tree.say_at(
                        &format!("table.{id}.{what}"),
                        format!("“{wrong}”不是 takes 里的{}", allowed(wrong, &takes)),
                    );
                }
            }
        }
    }

    /// Says what counted forms do not have, once all forms are read: the path, and a sentence.
    pub(super) fn check_counted_forms(&self, forms: &[&Form], say: &mut impl FnMut(&str, String)) {
        for (name, counted) in &self.counts {
            let path = format!("counts.{name}");
            let sources: Vec<&&Form> = forms.iter().filter(|it| counted.of.contains(&it.form)).collect();
            for missing in counted.of.iter().filter(|it| !forms.iter().any(|form| form.form == **it)) {
                let known: BTreeSet<&FormId> = forms.iter().map(|it| &it.form).collect();
                let known: Vec<&FormId> = known.into_iter().collect();
                say(&format!("{path}.of"), format!("没有“{missing}”这种表单{}", allowed(missing.as_str(), &known)));
            }
            if sources.is_empty() {
                continue;
            }
            let there = |it: &str| sources.iter().any(|form| form.field(&it.into()).is_some());
            let tables = |it: &str| sources.iter().any(|form| form.tables.contains_key(it));
            let fields: Vec<&FieldId> = sources.iter().flat_map(|it| it.every_field()).map(|it| &it.id).collect();
            if let Some(wrong) = counted.lines.as_ref().filter(|it| !tables(it.as_str())) {
                let known: Vec<&TableId> = sources.iter().flat_map(|it| it.tables.keys()).collect();
                say(&format!("{path}.lines"), format!("没有“{wrong}”这个表{}", allowed(wrong.as_str(), &known)));
            }
            for id in counted.day.iter().chain(counted.same.keys()).filter(|it| !there(it.as_str())) {
                say(&path, format!("“{id}”不是那些单的项目{}", allowed(id.as_str(), &fields)));
            }
            for (what, expression) in counted.expressions() {
                for full in expression.names() {
                    let name = first(full);
                    let own = full.strip_prefix(OWN_SHEET).and_then(|it| it.strip_prefix('.'));
                    let known = match own {
                        Some(own) => self.field(&own.into()).is_some(),
                        None => NAMES.contains(&name) || name == LABEL || there(name) || tables(name),
                    };
                    if !known {
                        let meant =
                            allowed(name, &fields.iter().map(|it| it.as_str()).chain(NAMES).collect::<Vec<_>>());
                        say(&format!("{path}.{what}"), format!("算式里的“{full}”不是那些单的项目{meant}"));
                    }
                }
            }
        }
    }
}

impl Table {
    /// Whether its lines come of other sheets.
    pub const fn is_counted(&self) -> bool {
        self.counts.is_some()
    }
}
