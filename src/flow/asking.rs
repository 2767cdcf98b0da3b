//! What an expression of a form or register may ask of a sheet.

use super::{Standing, clock, standing, standing_name};
use crate::expression::{Scope, Value};
use crate::procedure::{Field, Form, Kind, Procedure};
use crate::record::{Picked, Record, read_date, value_of};

/// All that expressions may ask of a sheet ([`crate::procedure::NAMES`]), made when it is asked for.
pub fn scope<'a>(procedure: &'a Procedure, form: &'a Form, record: &'a Record) -> Scope<'a> {
    let calendar = procedure.calendar_of(&form.form);
    Scope::new(calendar).asking(move |name| asked(procedure, form, record, name))
}

/// What a name stands for on a sheet; none where there is no such name.
fn asked(procedure: &Procedure, form: &Form, record: &Record, name: &str) -> Option<Value> {
    match name {
        "number" => Some(record.number.as_str().into()),
        "stage" => Some(standing_name(form, standing(form, record)).into()),
        "rounds" => Some(Value::Number(record.rounds.len() as f64)),
        "voided" => Some(record.void.is_some().into()),
        "open" => Some(matches!(standing(form, record), Standing::At(_)).into()),
        "clock" => Some(clock::seen(procedure, form, record)),
        _ => match name.split_once('.') {
            Some(("role", part)) => Some(procedure.document.department_for(&form.form, part).into()),
            Some(("setting", id)) => Some(procedure.document.setting_of(&form.form, id)?.into()),
            // A field that only another edition or form has is empty on this one; others were found when the file was read.
            _ => Some(match form.field(&name.into()) {
                Some(field) if field.is.is_none() => value(field, record.latest(form, name)),
                _ => record.seen(form, procedure.calendar_of(&form.form), name).unwrap_or_default(),
            }),
        },
    }
}

/// The wording proposed for a field; empty where there is none, or nothing to make it of yet.
pub fn proposed(procedure: &Procedure, form: &Form, record: &Record, field: &Field) -> String {
    let made = field.proposes.as_ref().and_then(|it| it.evaluate(&scope(procedure, form, record)).ok());
    made.unwrap_or_default().to_string()
}

/// What is written in a field: a date as a day, an answer by its word.
pub(super) fn value(field: &Field, written: &str) -> Value {
    match field.kind {
        Kind::Date => read_date(written, None).map_or_else(|| written.into(), Value::Date),
        Kind::Choice if !field.many && field.marks.is_empty() => {
            let picked = Picked::read(field, written).which;
            picked.first().map(|it| field.options[*it].word.as_str()).into()
        }
        _ => value_of(field, written),
    }
}
