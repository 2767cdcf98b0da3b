//! Who signs a stage: departments, posts, those a sheet was passed on to, and those outside the house.

use super::same_name;
use crate::procedure::{Document, Form, Person, Stage, Whose};
use crate::record::Record;

/// Who is to sign a stage, in words: the department, the post, or who it is outside the house.
pub fn whose(document: &Document, form: &Form, record: &Record, stage: &Stage) -> String {
    let all = stage.whose.iter().flat_map(Whose::each).map(|it| named(document, form, record, it));
    all.filter(|it| !it.is_empty()).collect::<Vec<_>>().join("或")
}

fn named(document: &Document, form: &Form, record: &Record, whose: &Whose) -> String {
    match whose {
        Whose::Role(role) => document.department(role).to_owned(),
        Whose::Field(field) => record.latest(form, field.as_str()).trim().to_owned(),
        Whose::Post(post) => post.clone(),
        Whose::Outside(who) => who.clone(),
        Whose::Sent => record.sent_to().map_or_else(String::new, |it| it.0.to_owned()),
        Whose::User => "用户".to_owned(),
        // What is one of several is asked for one by one.
        Whose::Any(_) => String::new(),
    }
}

/// The office's people, those first whose stage it is.
pub fn signers<'a>(document: &'a Document, form: &Form, record: &Record, stage: &Stage) -> Vec<&'a Person> {
    let (own, others): (Vec<&Person>, Vec<&Person>) =
        document.people.iter().filter(|it| !it.left).partition(|it| may_sign(document, form, record, stage, it));
    own.into_iter().chain(others).collect()
}

fn may_sign(document: &Document, form: &Form, record: &Record, stage: &Stage, person: &Person) -> bool {
    let belongs = |department: &str| !person.department.is_empty() && department.contains(&person.department);
    stage.whose.iter().flat_map(Whose::each).any(|it| match it {
        Whose::Role(role) => belongs(document.department(role)),
        Whose::Field(field) => {
            let written = record.latest(form, field.as_str()).trim();
            belongs(written) || same_name(written, &person.name)
        }
        Whose::Post(post) => person.post == *post,
        Whose::Sent => record.sent_to().is_some_and(|it| belongs(it.0) || same_name(it.1, &person.name)),
        Whose::Outside(_) | Whose::User | Whose::Any(_) => false,
    })
}

/// Why a name ought not to sign a stage that is a post's, or somebody's outside the house: one of the office's people who is
/// not the one. A department's stage anybody of the office may sign.
pub(super) fn not_theirs(form: &Form, record: &Record, stage: &Stage, name: &str) -> Option<String> {
    let document = &form.office.document;
    let named = stage.whose.as_ref()?.each();
    let asks = named.iter().any(|it| matches!(it, Whose::Post(_) | Whose::Outside(_) | Whose::Sent));
    let person = document.person(name).filter(|_| asks)?;
    if may_sign(document, form, record, stage, person) {
        return None;
    }
    let theirs = whose(document, form, record, stage);
    Some(match (named.iter().all(|it| matches!(it, Whose::Outside(_))), person.post.as_str()) {
        (true, _) => format!("{name}是本单位的人，“{}”由{theirs}签", stage.name),
        (false, "") => format!("“{}”由{theirs}签，{name}不是", stage.name),
        (false, post) => format!("“{}”由{theirs}签，{name}的职务是{post}", stage.name),
    })
}
