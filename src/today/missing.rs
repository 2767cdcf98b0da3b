//! Sheets of which one is made each year, quarter or month, and that are missing for stretches gone by.

use super::{Asking, Goes, Line, Tone};
use crate::flow::{Standing, missing};
use crate::procedure::{By, Form, FormId};

/// So many missing stretches are named.
const NAMED: usize = 4;

/// A line for each form of which some are missing.
pub(super) fn lines<'a>(asking: &Asking<'a>) -> Vec<(&'a FormId, Line)> {
    let document = &asking.procedure.document;
    let ours = |it: &&Form| asking.own.is_none_or(|own| own.department == document.department_of(it));
    let offered = asking.procedure.offered();
    offered.into_iter().filter(ours).filter_map(|it| Some((&it.form, line(asking, it)?))).collect()
}

fn line(asking: &Asking<'_>, form: &Form) -> Option<Line> {
    let cycle = form.every?;
    let sheets = asking.lists.get(&form.form)?.all().iter();
    let made = sheets.filter(|it| it.standing != Standing::Void).filter_map(|it| it.made_for.as_deref());
    let mut all = missing(form, made.map(|it| (it.0, it.1.to_string())), asking.today());
    // The last is told where a duty speaks of it.
    let mut duties = asking.procedure.document.duties().filter(|it| it.of.contains(&form.form));
    if duties.any(|it| matches!(it.by, Some(By::After(_)))) {
        let last = cycle.of(asking.today()).and_then(|it| cycle.before(it));
        all.retain(|it| Some(it.0) != last);
    }
    if all.is_empty() {
        return None;
    }
    let named = all.iter().take(NAMED).map(|(span, whom)| format!("{}{whom}", cycle.name(*span)));
    let named = named.collect::<Vec<_>>().join("、");
    let many = if all.len() > NAMED { format!(" 等 {} 张", all.len()) } else { String::new() };
    Some(Line {
        goes: Goes::New(form.form.clone()),
        head: form.clause.as_ref().map_or_else(|| form.short.clone(), |it| format!("{it} {}", form.short)),
        words: format!("还缺 {named}{many}"),
        right: "新建".to_owned(),
        tone: Tone::Late,
    })
}
