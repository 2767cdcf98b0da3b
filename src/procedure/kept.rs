//! The document as a book keeps it, in JSON. A book goes from one program to another, older or newer: what this one does
//! not know it leaves where it is, and what the book does not say stays as the procedure's files say.

use std::collections::BTreeMap;

use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::{Catalog, Document, FormId, Mistakes, NumberPattern, Person, Procedure, Taken};
use crate::face;

/// Under which key a book keeps the document among its settings.
pub const OFFICE: &str = "office";
/// The longest text taken for settings, in bytes: 2000 people take a tenth of it.
const LONGEST: usize = 4_000_000;
/// Any key, in a map that is keyed by forms.
const ANY: &str = "*";

/// Which packages a kept document chose, and which of an office's own files are in the book.
fn choice(kept: &Value) -> serde_json::Result<(Vec<String>, Taken)> {
    let chosen = kept.get("chosen").map_or(Ok(Vec::new()), Vec::<String>::deserialize)?;
    Ok((chosen, kept.get("taken").map_or(Ok(Taken::new()), Taken::deserialize)?))
}

impl Procedure {
    /// The procedure that a book is worked by: of the packages chosen in the document it keeps, which are all that is read,
    /// else of the one whose ids stand bare. The document itself is still to be taken ([`Procedure::take_office`]).
    ///
    /// # Errors
    /// All that is wrong with the files of that one.
    pub fn load_for(beside: Vec<(String, String)>, kept: Option<&str>) -> Result<Self, Mistakes> {
        let kept = kept.filter(|it| it.len() <= LONGEST).and_then(|it| serde_json::from_str(it).ok());
        let (chosen, taken) = kept.and_then(|it: Value| choice(&it).ok()).unwrap_or_default();
        let catalog = Catalog::with(beside, &taken);
        let whole = !chosen.is_empty() && catalog.has_all(&chosen);
        let chosen = if whole { catalog.clone().procedure(&chosen).ok() } else { None };
        let mut procedure = chosen.map_or_else(|| catalog.procedure(&[]), Ok)?;
        procedure.document.taken = taken;
        Ok(procedure)
    }

    /// Takes the document that a book keeps in place of the one from the procedure's files. Tells, a sentence each, which of
    /// the chosen packages are not there or cannot be read: the others are worked by, and the choice stays.
    ///
    /// # Errors
    /// A sentence, when it cannot be read, or no chosen package can; then the document stays as it is.
    pub fn take_office(&mut self, kept: &str) -> Result<Vec<String>, String> {
        if kept.len() > LONGEST {
            return Err("写得太长".to_owned());
        }
        let unreadable = |error: serde_json::Error| format!("写法不对（{}）", face::readable(&error.to_string()));
        let kept: Value = serde_json::from_str(kept).map_err(unreadable)?;
        if !kept.is_object() {
            return Err("写法不对（应是一个对象）".to_owned());
        }
        let (chosen, taken) = choice(&kept).map_err(unreadable)?;
        let mut left_out = Vec::new();
        let other = if chosen == self.document.chosen && taken == self.document.taken {
            None
        } else {
            let mut catalog = self.catalog.clone();
            catalog.take(&taken);
            let there = |name: &String| catalog.titles().any(|it| it.0 == name);
            let whole = catalog.clone().procedure(&chosen).ok().filter(|_| chosen.iter().all(there));
            if let Some(whole) = whole {
                Some(whole)
            } else {
                let mut usable = chosen.clone();
                usable.retain(|name| {
                    let why = catalog.why_not(name);
                    left_out.extend(why.as_ref().map(|why| format!("程序包“{name}”没有用上：{why}")));
                    why.is_none()
                });
                // Where there is none of them at all, the one whose ids stand bare is worked by until they are there again.
                if usable.is_empty() && chosen.iter().any(there) {
                    return Err(left_out.join("；"));
                }
                Some(catalog.clone().procedure(&usable).map_err(|it| it.to_string())?)
            }
        };
        let base = other.as_ref().map_or(&self.document, |it| &it.document);
        let shape = shape(base)?;
        let value = laid_over(json(base)?, known(lifted(kept), &shape), &shape);
        let mut document: Document = serde_json::from_value(value).map_err(unreadable)?;
        document.packages.clone_from(&base.packages);
        if !chosen.is_empty() {
            // A package that was chosen later brings departments that the book knows nothing of.
            let played: Vec<String> = document.roles.values().filter(|it| !it.is_empty()).cloned().collect();
            for department in played {
                if !document.departments.contains(&department) {
                    document.departments.push(department);
                }
            }
        }
        document.check()?;
        if let Some(other) = other {
            *self = other;
        }
        self.document = document;
        self.settle_lives();
        self.reword();
        Ok(left_out)
    }
}

impl Document {
    /// The document as a book keeps it. `before`: what the book keeps now; what a newer program wrote there stays.
    ///
    /// # Errors
    /// A sentence, when it cannot be written as JSON.
    pub fn to_keep(&self, before: Option<&str>) -> Result<String, String> {
        let mut value = json(self)?;
        if let Some(before) = before.and_then(|it| serde_json::from_str::<Value>(it).ok()) {
            carry(&lifted(before), &mut value, &shape(self)?);
        }
        Ok(value.to_string())
    }
}

fn json(document: &Document) -> Result<Value, String> {
    serde_json::to_value(document).map_err(|error| error.to_string())
}

/// What was kept, with the terms and limits that older programs kept apart among the settings.
fn lifted(mut kept: Value) -> Value {
    let Value::Object(object) = &mut kept else { return kept };
    for old in ["terms", "limits"] {
        let Some(values) = object.remove(old) else { continue };
        let settings = object.entry("settings").or_insert_with(|| Value::Object(Map::new()));
        match (values, settings) {
            (Value::Object(values), Value::Object(settings)) => {
                for (id, value) in values {
                    settings.entry(id).or_insert(value);
                }
            }
            // What is no object is refused with the settings.
            (values, settings) => *settings = values,
        }
    }
    kept
}

/// A document in which everything that can be said is said: which keys there are.
fn shape(document: &Document) -> Result<Value, String> {
    let person = Person { post: "—".to_owned(), password: Some(String::new()), governs: true, ..Person::default() };
    json(&Document {
        numbers: BTreeMap::from([(FormId::from(ANY), NumberPattern::default())]),
        copies: BTreeMap::from([(FormId::from(ANY), Vec::new())]),
        people: vec![person],
        chosen: vec![String::new()],
        taken: Taken::from([(ANY.to_owned(), BTreeMap::from([(ANY.to_owned(), String::new())]))]),
        ..document.clone()
    })
}

/// The shape of what stands under a key, where this program knows it.
fn under<'a>(shape: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    shape.get(key).or_else(|| shape.get(ANY))
}

/// What this program knows of a value.
fn known(value: Value, shape: &Value) -> Value {
    match (value, shape) {
        (Value::Object(object), Value::Object(shape)) => {
            let keep = |(key, value): (String, Value)| {
                let shape = under(shape, &key)?;
                Some((key, known(value, shape)))
            };
            Value::Object(object.into_iter().filter_map(keep).collect())
        }
        (Value::Array(list), Value::Array(shape)) => match shape.first() {
            Some(shape) => Value::Array(list.into_iter().map(|it| known(it, shape)).collect()),
            None => Value::Array(list),
        },
        (value, _) => value,
    }
}

/// One value over another: keys that the upper one lacks stay as they are below. Lists, and maps that are keyed by
/// forms, are replaced whole.
fn laid_over(below: Value, above: Value, shape: &Value) -> Value {
    match (below, above, shape) {
        (Value::Object(mut below), Value::Object(above), Value::Object(shape)) if !shape.contains_key(ANY) => {
            for (key, value) in above {
                let old = below.remove(&key).unwrap_or(Value::Null);
                let shape = shape.get(&key).unwrap_or(&Value::Null);
                below.insert(key, laid_over(old, value, shape));
            }
            Value::Object(below)
        }
        (_, above, _) => above,
    }
}

/// Carries what this program does not know from what was kept `before` into what is kept `now`; people are told by
/// their names.
fn carry(before: &Value, now: &mut Value, shape: &Value) {
    match (before, now, shape) {
        (Value::Object(before), Value::Object(now), Value::Object(shape)) => {
            for (key, value) in before {
                match (under(shape, key), now.get_mut(key)) {
                    (Some(shape), Some(now)) => carry(value, now, shape),
                    (None, _) => {
                        now.insert(key.clone(), value.clone());
                    }
                    // Taken away just now.
                    (Some(_), None) => {}
                }
            }
        }
        (Value::Array(before), Value::Array(now), Value::Array(shape)) => {
            let Some(shape) = shape.first() else { return };
            for item in now {
                let same = before.iter().find(|it| it.get("name").is_some() && it.get("name") == item.get("name"));
                if let Some(before) = same {
                    carry(before, item, shape);
                }
            }
        }
        _ => {}
    }
}
