//! Changes of what the office sets for itself, each refused with a sentence where it would not do. Texts come as they
//! were typed.

use std::collections::BTreeMap;

use super::office::is_same;
use super::{Document, FormId, NumberPattern, Person, RoleId, SettingId, Value};
use crate::face;
use crate::units::Mm;

/// One change of the settings (设置).
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The company's name.
    Company(String),
    /// One more department, at the end.
    AddDepartment(String),
    /// A department's name, wherever the settings name it: first the old one. Sheets hold their words as written.
    RenameDepartment(String, String),
    /// Takes a department away that nobody belongs to.
    RemoveDepartment(String),
    /// Moves a department one place up.
    RaiseDepartment(String),
    /// Which department plays a part.
    Role(RoleId, String),
    /// One more person: name and department.
    AddPerson(String, String),
    /// A person's name: first the old one.
    RenamePerson(String, String),
    /// A person's department: first the person.
    Belongs(String, String),
    /// A person's post (职务), or none: first the person.
    Post(String, String),
    /// Whether a person works here no longer.
    Left(String, bool),
    /// The hash of a person's password, or none any more.
    Password(String, Option<String>),
    /// Whether a person may change settings and people (管理).
    Governs(String, bool),
    /// The pattern of numbers, of all forms or of one.
    Pattern(Option<FormId>, String),
    /// The digits of numbers, of all forms or of one.
    Digits(Option<FormId>, String),
    /// Whether a form has a pattern of its own.
    OwnPattern(FormId, bool),
    /// A number or words among the settings, as typed.
    Setting(SettingId, String),
    /// A switch among the settings.
    Switch(SettingId, bool),
    /// What stands on a form's copies; none: what the form's file says.
    Copies(FormId, Option<Vec<String>>),
    /// The packages worked by, by name.
    Packages(Vec<String>),
    /// Takes an office's own files of a package into the book, by name and text; none: out of it.
    Taken(String, Option<BTreeMap<String, String>>),
    /// How far everything printed is shifted, in millimetres.
    Offset(Axis, String),
}

/// A direction on the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// To the right.
    X,
    /// Down.
    Y,
}

impl Document {
    /// The document after a change.
    ///
    /// # Errors
    /// A sentence: why it would not do.
    pub fn changed(&self, change: &Change) -> Result<Self, String> {
        let mut new = self.clone();
        let fits = new.apply(change).and_then(|()| new.check());
        fits.map(|()| new).map_err(|why| face::readable(&why))
    }

    fn apply(&mut self, change: &Change) -> Result<(), String> {
        match change {
            Change::Company(name) => name.trim().clone_into(&mut self.company),
            Change::AddDepartment(name) => self.departments.push(name.trim().to_owned()),
            Change::RenameDepartment(old, new) => self.rename_department(old, new.trim())?,
            Change::RemoveDepartment(name) => self.remove_department(name)?,
            Change::RaiseDepartment(name) => {
                let place = self.departments.iter().position(|it| it == name).ok_or_else(|| gone(name))?;
                if place > 0 {
                    self.departments.swap(place - 1, place);
                }
            }
            Change::Role(role, name) => {
                if !self.departments.contains(name) {
                    return Err(gone(name));
                }
                *self.part(role)? = name.clone();
            }
            Change::AddPerson(name, department) => self.people.push(Person {
                name: name.trim().to_owned(),
                department: department.clone(),
                ..Person::default()
            }),
            Change::RenamePerson(old, new) => self.someone(old)?.name = new.trim().to_owned(),
            Change::Belongs(name, department) => self.someone(name)?.department.clone_from(department),
            Change::Post(name, post) => self.someone(name)?.post.clone_from(post),
            Change::Left(name, left) => self.someone(name)?.left = *left,
            Change::Password(name, hash) => self.someone(name)?.password.clone_from(hash),
            Change::Governs(name, governs) => self.someone(name)?.governs = *governs,
            Change::Pattern(form, text) => text.trim().clone_into(&mut self.numbering(form.as_ref()).pattern),
            Change::Digits(form, text) => {
                let digits = whole(text).and_then(|it| usize::try_from(it).ok());
                self.numbering(form.as_ref()).digits =
                    digits.ok_or_else(|| format!("“{}”不是整数；编号的位数应是 1 到 9", text.trim()))?;
            }
            Change::OwnPattern(form, true) => {
                self.numbering(Some(form));
            }
            Change::OwnPattern(form, false) => {
                self.numbers.remove(form);
            }
            Change::Setting(id, text) => {
                let value = match self.setting(id.as_str()) {
                    Some(Value::Words(_)) => Value::Words(text.trim().to_owned()),
                    // What is no number fits nowhere: the same sentence says what does.
                    _ => Value::Number(whole(text).unwrap_or(-1)),
                };
                self.settings.insert(id.clone(), value);
            }
            Change::Switch(id, on) => {
                self.settings.insert(id.clone(), Value::Switch(*on));
            }
            Change::Copies(form, Some(marks)) => {
                let marks = marks.iter().map(|it| it.trim().to_owned()).collect();
                self.copies.insert(form.clone(), marks);
            }
            Change::Copies(form, None) => {
                self.copies.remove(form);
            }
            Change::Packages(names) => self.chosen.clone_from(names),
            Change::Taken(package, Some(files)) => drop(self.taken.insert(package.clone(), files.clone())),
            Change::Taken(package, None) => drop(self.taken.remove(package)),
            Change::Offset(axis, text) => {
                let length = half_width(text).parse::<f64>().ok().filter(|it| it.is_finite()).map(Mm::mm);
                let length = length.ok_or_else(|| format!("“{}”不是毫米数，可写 1.5、-2", text.trim()))?;
                match axis {
                    Axis::X => self.offset.x = length,
                    Axis::Y => self.offset.y = length,
                }
            }
        }
        Ok(())
    }

    fn rename_department(&mut self, old: &str, new: &str) -> Result<(), String> {
        let place = self.departments.iter().position(|it| it == old).ok_or_else(|| gone(old))?;
        new.clone_into(&mut self.departments[place]);
        for department in self.roles.values_mut().filter(|it| *it == old) {
            new.clone_into(department);
        }
        for person in self.people.iter_mut().filter(|it| it.department == old) {
            new.clone_into(&mut person.department);
        }
        Ok(())
    }

    fn remove_department(&mut self, name: &str) -> Result<(), String> {
        if let Some(role) = self.parts().find(|it| self.department(&it.id) == name) {
            let clause = role.clause.as_ref().map_or_else(String::new, |it| format!("（{it}）"));
            return Err(format!("“{name}”负责{}{clause}，先在“职责”里换一个部门", role.name));
        }
        if let Some(person) = self.people.iter().find(|it| !it.left && it.department == name) {
            return Err(format!("“{name}”还有 {}，先给他换部门", person.name));
        }
        self.departments.retain(|it| it != name);
        Ok(())
    }

    fn part(&mut self, role: &RoleId) -> Result<&mut String, String> {
        self.roles.get_mut(role).ok_or_else(|| format!("程序文件里没有“{role}”这个职责"))
    }

    fn someone(&mut self, name: &str) -> Result<&mut Person, String> {
        let found = self.people.iter_mut().find(|it| is_same(&it.name, name));
        found.ok_or_else(|| format!("人员表里没有“{name}”"))
    }

    /// The pattern of one form, from now on its own, or that of all.
    fn numbering(&mut self, form: Option<&FormId>) -> &mut NumberPattern {
        match form {
            None => &mut self.number,
            Some(form) => {
                let declared = self.pattern(form).clone();
                self.numbers.entry(form.clone()).or_insert(declared)
            }
        }
    }
}

fn gone(department: &str) -> String {
    format!("已经没有“{department}”这个部门")
}

/// Figures as a Chinese keyboard may type them.
fn half_width(text: &str) -> String {
    let half = |c: char| match c {
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10).unwrap_or(c),
        '．' | '。' => '.',
        '－' | '−' | '—' => '-',
        _ => c,
    };
    text.trim().chars().map(half).collect()
}

fn whole(text: &str) -> Option<i64> {
    half_width(text).parse().ok()
}
