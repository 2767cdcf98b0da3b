//! What came with a sheet from elsewhere and has no place on its form: kept, shown, and handed on.

use super::Record;
use crate::procedure::Form;

/// Before the key of a text that no form has a datum for.
pub const EXTRA: &str = "extra:";
/// Before the key of anything that is no text, kept as JSON.
pub const JSON: &str = "json:";

impl Record {
    /// What is written on the sheet that its form shows nowhere: what it is called, and what it says.
    pub fn brought(&self, form: &Form) -> Vec<(String, &str)> {
        let mut brought = Vec::new();
        for values in &self.rounds {
            for id in values.keys() {
                let path = id.as_str().strip_prefix(EXTRA).or_else(|| id.as_str().strip_prefix(JSON));
                let field = form.field(id);
                let shown = match field.filter(|it| it.is_written()) {
                    Some(field) if field.table.is_some() => continue,
                    Some(_) => 1,
                    None => 0,
                };
                let name = match (path, field) {
                    (Some(path), _) => keys_of_path(path).join("."),
                    (None, Some(field)) => field.name.clone(),
                    (None, None) => id.to_string(),
                };
                let lines = (shown..values.lines(id.as_str())).map(|line| values.at(id.as_str(), line));
                brought.extend(lines.filter(|it| !it.is_empty()).map(|it| (name.clone(), it)));
            }
        }
        brought
    }
}

/// The keys of a path whose dots and backslashes were escaped.
pub fn keys_of_path(path: &str) -> Vec<String> {
    let mut keys = vec![String::new()];
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        let letter = match c {
            '.' => {
                keys.push(String::new());
                continue;
            }
            '\\' => chars.next().unwrap_or('\\'),
            c => c,
        };
        if let Some(last) = keys.last_mut() {
            last.push(letter);
        }
    }
    keys
}
