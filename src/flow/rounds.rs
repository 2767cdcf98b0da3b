//! Further rounds (轮次) of a sheet: which answers send it back, where it begins again, and what it takes along.

use super::{Life, Refusal, RefusalKind, is_shut, living_round};
use crate::procedure::{Again, Choice, FieldId, Form, Leads};
use crate::record::{CellId, Correction, Deed, Picked, Record};

/// Another round that is about to begin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Back {
    /// What is put down of it: where it begins, if that is not the first section that is gone through again, and why, if it
    /// was begun by hand.
    pub deeds: Vec<Deed>,
    /// What it takes over from the round before.
    pub carried: Vec<(CellId, String)>,
}

/// Where an answer to a field, as it is written, sends the sheet back to: a stage, or none where it is the first section
/// that is gone through again. None at all where it does not.
pub(super) fn back_by(form: &Form, field: &FieldId, value: &str) -> Option<Option<usize>> {
    let it = form.field(field)?;
    let around = form.closed_by(field).unwrap_or_default();
    let chosen = Picked::read(it, value).which.into_iter().filter_map(|place| it.options.get(place));
    earliest(form, chosen.filter_map(|choice| back(form, around, choice)))
}

/// Where a verdict sends the sheet back to, as [`back_by`] says it.
pub(super) fn back(form: &Form, around: (usize, usize), choice: &Choice) -> Option<Option<usize>> {
    match form.leads(around, choice) {
        Leads::Back(to) => Some(to),
        Leads::On | Leads::Forward(_) => None,
    }
}

/// The one that begins first.
pub(super) fn earliest(form: &Form, all: impl Iterator<Item = Option<usize>>) -> Option<Option<usize>> {
    all.min_by_key(|it| form.begins_with(*it))
}

/// The round that begins with a stage, or with the first section that is gone through again.
pub(super) fn begin(form: &Form, record: &Record, to: Option<usize>, reason: &str) -> Back {
    let round = record.rounds.len();
    let begins = form.begins_with(to);
    let at = to.filter(|_| begins != form.begins_with(None)).and_then(|it| form.stages.get(it));
    let began = at.map(|it| Deed::Began { round, at: it.by.clone() });
    let reopened = Some(reason).filter(|it| !it.is_empty());
    let reopened = reopened.map(|it| Deed::Reopened { round, reason: it.to_owned() });
    let deeds = began.into_iter().chain(reopened).collect();
    let again = |it: &&FieldId| form.section_of(it.as_str()).is_some_and(|it| begins.is_none_or(|from| it >= from));
    let mut carried = Vec::new();
    for id in form.keeps.iter().filter(again) {
        let home = living_round(form, record, id.as_str());
        let lines = record.rounds.get(home).map_or(0, |it| it.lines(id.as_str()));
        let cells = (0..lines).map(|line| {
            let text = record.at(&CellId::in_line(id.clone(), home, line)).to_owned();
            (CellId::in_line(id.clone(), round, line), text)
        });
        carried.extend(cells.filter(|it| !it.1.is_empty()));
    }
    Back { deeds, carried }
}

/// The round that a correction (划改) opens: the signed answer of the present round turns out to be one that sends the sheet
/// back (PROCEDURE 5).
pub fn sent_back(form: &Form, record: &Record, correction: &Correction) -> Option<Back> {
    let field = &correction.cell.field;
    let life = Life::new(form, record);
    let signed = form.section_of(field.as_str()).is_some_and(|section| {
        let with = form.field(field).filter(|it| it.with.is_some());
        let stages = with.map_or_else(|| form.stages_in(form.signed_in(section)).collect(), |it| form.closers(it));
        let mut stages = stages.into_iter().peekable();
        stages.peek().is_some() && stages.all(|it| life.is_signed(it) || !life.applies(it))
    });
    let living = correction.cell.round == living_round(form, record, field.as_str());
    let before = back_by(form, field, record.at(&correction.cell));
    let to = back_by(form, field, &correction.new).filter(|_| signed && living && record.filed().is_none())?;
    before.is_none().then(|| begin(form, record, to, ""))
}

/// The round that is begun by hand where the form has one, with a reason.
///
/// # Errors
/// Why it is not begun.
pub fn begin_again(form: &Form, record: &Record, reason: &str) -> Result<Back, Refusal> {
    let (again, stage) = may_begin_again(form, record).ok_or(Refusal::plain(RefusalKind::NotAgain))?;
    if reason.trim().is_empty() {
        return Err(Refusal::plain(RefusalKind::Missing(format!("“{}”的理由", again.name))));
    }
    Ok(begin(form, record, Some(stage), reason.trim()))
}

/// What beginning another round by hand is called, and with which stage, where that may be done now: that stage is signed,
/// and the sheet is neither filed nor void.
pub fn may_begin_again<'a>(form: &'a Form, record: &Record) -> Option<(&'a Again, usize)> {
    let again = form.begun_by_hand.as_ref()?;
    let stage = form.stages.iter().position(|it| it.name == again.from)?;
    let open = !is_shut(record) && record.filed().is_none() && Life::new(form, record).is_signed(stage);
    open.then_some((again, stage))
}
