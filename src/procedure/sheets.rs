//! What a form says of its sheets as such: whether the office uses them, whether one is made each period, whether they live
//! on, and which cells are filled in from another sheet.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::tree::{Tree, allowed};
use super::{Document, Duty, FieldId, Form, FormId, Procedure, Setting, SettingId, Value};

/// Cells that are filled in from another sheet when one of them is written (`[[fills]]`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fill {
    /// From a sheet of which form.
    pub form: FormId,
    /// The cell that tells which sheet.
    pub by: FieldId,
    /// What says the same on that sheet; else the field of the same name.
    pub key: Option<FieldId>,
    /// What is filled in, where both call it alike.
    #[serde(default)]
    pub takes: Vec<FieldId>,
    /// What else is: into which field, out of which of that sheet.
    #[serde(default)]
    pub carries: BTreeMap<FieldId, FieldId>,
}

impl Fill {
    /// The field of the other sheet that tells which it is.
    pub fn key(&self) -> &FieldId {
        self.key.as_ref().unwrap_or(&self.by)
    }

    /// What is filled in: into which field, out of which.
    pub fn pairs(&self) -> impl Iterator<Item = (&FieldId, &FieldId)> {
        self.takes.iter().map(|it| (it, it)).chain(&self.carries)
    }
}

impl Form {
    /// Whether its sheets are never closed, only taken out of use (停用).
    pub fn is_living(&self) -> bool {
        !self.lives.is_empty()
    }

    /// What taking a sheet out of use is called: 停用 of one that lives on, else 作废.
    pub fn void_word(&self) -> &'static str {
        if self.is_living() { "停用" } else { "作废" }
    }

    /// Says what it names and is not there.
    pub(super) fn check_sheets(&self, tree: &mut Tree<'_>) {
        let known: Vec<&FieldId> = self.every_field().map(|it| &it.id).collect();
        let mut named: Vec<(String, &FieldId)> = Vec::new();
        named.extend(self.each.iter().map(|it| ("each".to_owned(), it)));
        named.extend(self.lives.iter().map(|it| ("lives".to_owned(), it)));
        named.extend(self.period.iter().map(|it| ("period".to_owned(), it)));
        for (place, fill) in self.fills.iter().enumerate() {
            let into = fill.pairs().map(|it| it.0).chain([&fill.by]);
            named.extend(into.map(|it| (format!("fills.{place}"), it)));
        }
        for (path, id) in named.into_iter().filter(|it| !known.contains(&it.1)) {
            tree.say_at(&path, format!("“{id}”没有对应的 [[field]]{}", allowed(id.as_str(), &known)));
        }
        if self.every.is_some() != self.period.is_some() {
            let what = if self.every.is_some() { "every" } else { "period" };
            tree.say_at(what, "every（每年、每季度、每月一张）和 period（写是哪一期的项目）要一起写".to_owned());
        }
        if self.each.is_some() && self.every.is_none() {
            tree.say_at("each", "each 要和 every、period 一起写".to_owned());
        }
        for field in self.every_field().filter(|it| !it.marks.is_empty() && it.marks.len() != it.options.len()) {
            let why = format!("“{}”有 {} 个选项，marks 也要有这么多个", field.name, field.options.len());
            tree.say_at("field", why);
        }
        if let Some(id) = self.lives.iter().find(|it| self.field(it).is_some_and(|it| it.table.is_some())) {
            tree.say_at("lives", format!("“{id}”是表里的一列，这里要一个单独的格子"));
        }
    }

    /// Says what is wrong with what it names of its package: the path, and a sentence.
    pub(super) fn check_option(&self, settings: &[&Setting], say: &mut impl FnMut(&str, String)) {
        let Some(option) = &self.option else { return };
        let switches: Vec<&SettingId> =
            settings.iter().filter(|it| matches!(it.default, Value::Switch(_))).map(|it| &it.id).collect();
        if !switches.contains(&option) {
            let why = format!(
                "没有“{option}”这个开关（[[setting]]，default = false）{}",
                allowed(option.as_str(), &switches)
            );
            say("option", why);
        }
    }

    /// Says what its fills name and other forms do not have: the path, and a sentence.
    pub(super) fn check_fills(&self, forms: &[&Form], say: &mut impl FnMut(&str, String)) {
        for (place, fill) in self.fills.iter().enumerate() {
            let path = format!("fills.{place}");
            let Some(other) = forms.iter().rev().find(|it| it.form == fill.form) else {
                let mut known: Vec<&FormId> = forms.iter().map(|it| &it.form).collect();
                known.dedup();
                let why = format!("没有“{}”这种表单{}", fill.form, allowed(fill.form.as_str(), &known));
                say(&format!("{path}.form"), why);
                continue;
            };
            for id in fill.pairs().map(|it| it.1).chain([fill.key()]).filter(|it| other.field(it).is_none()) {
                let known: Vec<&FieldId> = other.every_field().map(|it| &it.id).collect();
                say(&path, format!("表单 {} 没有“{id}”{}", fill.form, allowed(id.as_str(), &known)));
            }
        }
    }
}

impl Document {
    /// Whether the office makes sheets of a form: not where the switch it stands under is off.
    pub fn uses(&self, form: &Form) -> bool {
        form.option.as_ref().is_none_or(|it| self.is_on(it.as_str()))
    }
}

impl Procedure {
    /// Whether a duty is owed: not where the switches of all the forms that it is done by are off.
    pub fn owes(&self, duty: &Duty) -> bool {
        let mut forms = duty.of.iter().filter_map(|it| self.form(it)).peekable();
        forms.peek().is_none() || forms.any(|it| self.document.uses(it))
    }

    /// The forms in use that the office makes sheets of, or keeps registers by.
    pub fn offered(&self) -> Vec<&Form> {
        let mut forms = self.in_use();
        forms.retain(|it| self.document.uses(it));
        forms
    }

    /// Why no sheet of a form is begun, where none is: the switch it stands under is off.
    pub fn not_offered(&self, form: &FormId) -> Option<String> {
        let form = self.form(form).filter(|it| !self.document.uses(it))?;
        let switch = self.document.may_set().find(|it| Some(&it.id) == form.option.as_ref());
        let name = switch.map_or("", |it| it.name.as_str());
        Some(format!("“{}”没有启用：先在设置里打开“{name}”；已经有的单还能看、能办", form.short))
    }
}
