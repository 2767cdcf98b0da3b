//! What a correction (划改) would bring back of a sheet's life that was passed over.

use super::{Life, Refusal, RefusalKind};
use crate::procedure::{Form, Rule};
use crate::record::Record;

/// Why a correction may not be because of what it opens: a stage of a sheet that is filed, or a cell of a section that is
/// signed and never corrected; the sheet as it was, and as it is corrected.
pub(super) fn opened_by(form: &Form, before: &Record, after: &Record) -> Option<Refusal> {
    if form.is_straight {
        return None;
    }
    let (was, is) = (Life::new(form, before), Life::new(form, after));
    let refused = |kind| Some(Refusal::by(form, Rule::Correction, kind));
    let next = is.next().filter(|it| before.filed().is_some() && was.next() != Some(*it));
    if let Some(stage) = next.and_then(|it| form.stages.get(it)) {
        return refused(RefusalKind::FiledOpens(stage.name.clone()));
    }
    for (place, section) in form.sections.iter().enumerate().filter(|it| it.1.refuses_correction) {
        if !form.stages_in(form.signed_in(place)).any(|it| is.is_signed(it)) {
            continue;
        }
        let fields = section.rows.iter().flat_map(|it| form.fields_in(it)).filter_map(|it| form.field(it));
        let mut fields = fields.filter(|it| it.is_written() && !it.signature && it.when.is_some());
        let opens = |id: &str| after.latest(form, id).trim().is_empty();
        if let Some(it) = fields.find(|it| opens(it.id.as_str()) && is.field_applies(it) && !was.field_applies(it)) {
            let title = section.title.as_ref().unwrap_or(&form.short).clone();
            return refused(RefusalKind::NeverOpened { field: it.name.clone(), section: title });
        }
    }
    None
}
