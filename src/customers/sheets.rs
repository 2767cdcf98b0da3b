//! What stands on sheets about users.

use std::collections::BTreeMap;

use crate::flow::Standing;
use crate::list::{List, Summary};
use crate::procedure::{CountsAs, Field, FieldId, Form, FormId, Kind, Names};
use crate::record::Record;

use super::{Naming, Touch, User, key, names};

/// What a line of a list is to the users it names.
pub(super) fn touch(line: &Summary) -> Touch {
    match (line.standing, line.counts_as) {
        (Standing::Void | Standing::Destroyed, _) => Touch::Gone,
        (standing, Some(CountsAs::Complaint)) => Touch::Complaint { open: matches!(standing, Standing::At(_)) },
        (_, Some(CountsAs::Talk | CountsAs::Visit)) => Touch::Talk,
        (_, Some(CountsAs::Service | CountsAs::Feedback | CountsAs::Requirement) | None) => Touch::Other,
    }
}

/// The fields of a form that name users and that lines of lists do not hold, or hold as running text.
pub fn fields_beside(form: &Form) -> Vec<FieldId> {
    let subject = form.identity.as_ref().map(|it| &it.subject);
    let names = |it: &&Field| naming(it).is_some_and(|it| it != Naming::Cell) || is_other(it, subject);
    form.every_field().filter(names).map(|it| it.id.clone()).collect()
}

/// Whether a field is a cell for a user who is not the one the sheet is about.
fn is_other(field: &Field, subject: Option<&FieldId>) -> bool {
    field.kind == Kind::Customer && Some(&field.id) != subject
}

/// How a field names users, where it does.
fn naming(field: &Field) -> Option<Naming> {
    match (field.names, field.kind) {
        (Some(Names::List), _) => Some(Naming::Listed),
        (Some(Names::Source), _) => Some(Naming::Source),
        (None, Kind::Customer) => Some(Naming::Cell),
        _ => None,
    }
}

/// The names in those fields.
pub fn read_beside(form: &Form, record: &Record) -> Vec<(String, Naming)> {
    let mut names = Vec::new();
    for field in fields_beside(form) {
        let text = record.latest(form, field.as_str());
        match form.field(&field).and_then(naming) {
            Some(Naming::Listed) => names.extend(names::listed(text).into_iter().map(|it| (it, Naming::Listed))),
            Some(Naming::Source) => names.extend(names::sources(text).into_iter().map(|it| (it, Naming::Source))),
            Some(Naming::Cell) if !text.trim().is_empty() => names.push((text.trim().to_owned(), Naming::Cell)),
            Some(Naming::Cell) | None => {}
        }
    }
    names
}

/// What a sheet is about, in one line.
pub fn about(form: &Form, record: &Record) -> String {
    let named = form.identity.iter().flat_map(|it| &it.about).map(|it| record.latest(form, it.as_str()));
    let texts = form.fields.iter().filter(|it| it.kind == Kind::Text).map(|it| record.latest(form, it.id.as_str()));
    let text = named.chain(texts).find(|it| !it.trim().is_empty()).unwrap_or_default();
    text.split_whitespace().flat_map(|it| [" ", it]).skip(1).collect::<String>().chars().take(80).collect()
}

/// The person to talk to and the telephone on a sheet; empty where it has none.
pub fn contact<'a>(form: &Form, record: &'a Record) -> (&'a str, &'a str) {
    let identity = form.identity.as_ref();
    let text = |id: Option<&FieldId>| id.map_or("", |it| record.latest(form, it.as_str())).trim();
    let contact = text(identity.and_then(|it| it.contact.as_ref()));
    let present = || names::first_present(text(identity.and_then(|it| it.present.as_ref())));
    let contact = if contact.is_empty() { present() } else { contact };
    let clean = |it: &'a str| if it == "/" { "" } else { it };
    (clean(contact), clean(text(identity.and_then(|it| it.phone.as_ref()))))
}

/// A user's products with how many of its complaints are about each, most first; void slips do not count.
pub fn products(user: &User, lists: &BTreeMap<FormId, List>) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for sheet in user.sheets.iter().filter(|it| matches!(it.touch, Touch::Complaint { .. })) {
        let Some(line) = lists.values().find_map(|it| it.get(sheet.record)) else { continue };
        let key = key(&line.product);
        if !key.is_empty() {
            counts.entry(key).or_insert_with(|| (line.product.trim().to_owned(), 0)).1 += 1;
        }
    }
    let mut products: Vec<(String, usize)> = counts.into_values().collect();
    products.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    products
}
