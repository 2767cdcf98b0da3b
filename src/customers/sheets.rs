//! What stands on sheets about users.

use std::collections::BTreeMap;

use crate::flow::Standing;
use crate::list::{List, Summary};
use crate::procedure::{Field, FieldId, Form, Kind, SLIP};
use crate::record::Record;

use super::{FORUM, INFORMATION, Naming, TALK, Touch, User, key, names};

/// The field of the minutes that names the users who took part.
const PARTICIPANTS: &str = "customers";
/// The fields that say what a sheet is about, the best first.
const ABOUT: [&str; 6] = ["complaint", "subject", "meeting", "content", "requirement", "minutes"];

/// What a line of a list is to the users it names.
pub(super) fn touch(line: &Summary) -> Touch {
    match (line.standing, line.form.as_str()) {
        (Standing::Void | Standing::Destroyed, _) => Touch::Gone,
        (standing, SLIP) => Touch::Complaint { open: matches!(standing, Standing::At(_)) },
        (_, TALK | FORUM) => Touch::Talk,
        _ => Touch::Other,
    }
}

/// The fields of a form that name users and that lines of lists do not hold, or hold as running text.
pub fn fields_beside(form: &Form) -> Vec<FieldId> {
    let subject = form.identity.as_ref().map(|it| &it.subject);
    let names = |it: &&Field| {
        let other = it.kind == Kind::Customer && Some(&it.id) != subject;
        other || (form.form.as_str() == FORUM && it.id.as_str() == PARTICIPANTS) || is_source(form, &it.id)
    };
    form.every_field().filter(names).map(|it| it.id.clone()).collect()
}

fn is_source(form: &Form, field: &FieldId) -> bool {
    form.form.as_str() == INFORMATION && form.identity.as_ref().is_some_and(|it| it.subject == *field)
}

/// The names in those fields.
pub fn read_beside(form: &Form, record: &Record) -> Vec<(String, Naming)> {
    let mut names = Vec::new();
    for field in fields_beside(form) {
        let text = record.latest(form, field.as_str());
        if field.as_str() == PARTICIPANTS {
            names.extend(names::listed(text).into_iter().map(|it| (it, Naming::Listed)));
        } else if is_source(form, &field) {
            names.extend(names::sources(text).into_iter().map(|it| (it, Naming::Source)));
        } else if !text.trim().is_empty() {
            names.push((text.trim().to_owned(), Naming::Cell));
        }
    }
    names
}

/// What a sheet is about, in one line.
pub fn about(form: &Form, record: &Record) -> String {
    let named = ABOUT.iter().map(|it| record.latest(form, it));
    let texts = form.fields.iter().filter(|it| it.kind == Kind::Text).map(|it| record.latest(form, it.id.as_str()));
    let text = named.chain(texts).find(|it| !it.trim().is_empty()).unwrap_or_default();
    text.split_whitespace().flat_map(|it| [" ", it]).skip(1).collect::<String>().chars().take(80).collect()
}

/// The person to talk to and the telephone on a sheet; empty where it has none.
pub fn contact<'a>(form: &Form, record: &'a Record) -> (&'a str, &'a str) {
    let contact = record.latest(form, "contact").trim();
    let contact = if contact.is_empty() { names::first_present(record.latest(form, "present")) } else { contact };
    let clean = |it: &'a str| if it == "/" { "" } else { it };
    (clean(contact), clean(record.latest(form, "phone").trim()))
}

/// A user's products with how many of its complaints are about each, most first; void slips do not count.
pub fn products(user: &User, slips: &List) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for sheet in user.sheets.iter().filter(|it| matches!(it.touch, Touch::Complaint { .. })) {
        let Some(line) = slips.get(sheet.record) else { continue };
        let key = key(&line.product);
        if !key.is_empty() {
            counts.entry(key).or_insert_with(|| (line.product.trim().to_owned(), 0)).1 += 1;
        }
    }
    let mut products: Vec<(String, usize)> = counts.into_values().collect();
    products.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    products
}
