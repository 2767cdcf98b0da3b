//! The reminder (催办单) of a sheet: what its form, its package and its first clock make of it.

use chrono::NaiveDateTime;

use crate::flow;
use crate::flow::{Due, Standing};
use crate::layout::papers::{Entry, Reminder};
use crate::procedure::{FieldId, Form, Kind, Procedure, Rule};
use crate::record::{Record, full_date, keep_moment, shown};

/// What is asked for where the package has no words of its own for it.
const ASKED: &str = "请抓紧办理，将办理情况填入上列单据并签署，按时交回；确实不能按期完成的，请说明原因。";

/// The reminder to whoever owes the work on a sheet, signed by `by`; none where nothing is owed on it.
pub fn of(procedure: &Procedure, form: &Form, record: &Record, by: &str, now: NaiveDateTime) -> Option<Reminder> {
    let due = flow::owed(procedure, form, record)?;
    let Standing::At(stage) = flow::standing(form, record) else { return None };
    let stage = form.stages.get(stage)?;
    let document = &procedure.document;
    let package = document.package_of(&form.form)?;
    let called = |id: &FieldId| form.field(id).map_or("", |it| it.name.as_str());
    let text = |field: &FieldId| record.latest(form, field.as_str()).trim();
    let entry = |field: Option<&FieldId>| {
        let kind = field.and_then(|it| form.field(it)).map_or(Kind::Line, |it| it.kind);
        field.map_or_else(Entry::default, |it| Entry::new(called(it), &shown(kind, text(it))))
    };
    let identity = form.identity.as_ref()?;
    let whose = if stage.is_outside() { String::new() } else { flow::whose(document, form, record, stage) };
    let departments = [identity.responsible.as_ref().map_or("", text).to_owned(), whose];
    let clause = form.clause_of(Rule::Reminder).map(|it| format!(" {it}")).unwrap_or_default();
    let asked = if package.reminder.is_empty() { ASKED } else { &package.reminder };
    Some(Reminder {
        company: record.company().unwrap_or(&document.company).to_owned(),
        department: departments.into_iter().find(|it| !it.is_empty()).unwrap_or_default(),
        from: document.department_of(form).to_owned(),
        number: record.number.clone(),
        form_title: form.title.clone(),
        subject: entry(Some(&identity.subject)),
        product: entry(identity.product.as_ref()),
        about: entry(identity.about.first()),
        received: entry(Some(&identity.date)),
        due: Entry { label: due_label(form, &due), text: due_words(&due) },
        overdue: due.words(procedure, now),
        stage: format!("{} 待{}签署", stage.name, called(&stage.by)),
        clause: format!("《{}》{}{clause}", package.title, package.code),
        asked: asked.to_owned(),
        by: by.to_owned(),
        on: full_date(now.date()),
    })
}

/// What the date is called by which the work is due: as the cell in which it may be written, else as its clock.
fn due_label(form: &Form, due: &Due) -> String {
    let Some(clock) = form.clocks.get(due.clock) else { return String::new() };
    let cell = clock.written.as_ref().and_then(|it| form.field(it));
    cell.map_or_else(|| format!("{}期限", clock.name), |it| it.name.clone())
}

/// The day it is due, and the hour where hours count.
fn due_words(due: &Due) -> String {
    match due.term.unit.is_of_hours() {
        true => shown(Kind::Moment, &keep_moment(due.at)).into_owned(),
        false => full_date(due.day()),
    }
}
