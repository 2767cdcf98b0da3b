//! When the sheets that a form's sheets may start are offered.

use super::Life;
use crate::procedure::{Form, FormId, Leads, Start};
use crate::record::{Picked, Record};

/// Whether a sheet may be started from another now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It may.
    Open,
    /// What was answered proposes it: the answer, in words.
    Proposed(String),
    /// It waits for this stage to be signed, or for this answer.
    Waits(String),
}

/// Whether a sheet that this one may start is offered: behind the signature it follows, or once an answer that proposes it
/// is signed.
pub fn offer(form: &Form, record: &Record, start: &Start) -> Offer {
    if let Some(answer) = proposed(form, record, &start.form) {
        return Offer::Proposed(answer);
    }
    let stage = start.after.as_ref().and_then(|it| form.stages.get(form.stage_of(it.as_str())?));
    if let Some(stage) = stage {
        let signed = super::is_signed(form, record, stage);
        return if signed { Offer::Open } else { Offer::Waits(format!("“{}”签署以后", stage.name)) };
    }
    match proposing(form, &start.form).next() {
        Some(said) => Offer::Waits(said),
        None => Offer::Open,
    }
}

/// The answers that propose to start a sheet of a form: “回访结果”是“不满意”时.
fn proposing<'a>(form: &'a Form, of: &'a FormId) -> impl Iterator<Item = String> + 'a {
    let fields = form.every_field().flat_map(|it| it.options.iter().map(|option| (it.name.as_str(), option)));
    let stages = form.stages.iter().flat_map(|it| it.verdict.words.iter().map(|word| (it.name.as_str(), word)));
    let named = fields.chain(stages).filter(|it| it.1.starts.as_ref() == Some(of));
    named.map(|(name, choice)| format!("“{name}”是“{}”时", choice.word))
}

/// The signed answer that proposes to start a sheet of a form: of the present round, or of the one before where it sent the
/// sheet back.
fn proposed(form: &Form, record: &Record, of: &FormId) -> Option<String> {
    let last = record.last_round();
    let rounds = [Some(last), last.checked_sub(1)];
    rounds.into_iter().flatten().find_map(|round| {
        let life = Life::in_round(form, record, round);
        let answers = form.every_field().find_map(|it| {
            let (first, _) = form.closed_by(&it.id).filter(|_| it.options.iter().any(|it| it.starts.is_some()))?;
            let chosen = Picked::read(it, record.value_in(form, it.id.as_str(), round)).which;
            let mut chosen = chosen.into_iter().filter_map(|place| it.options.get(place));
            let choice = chosen.find(|choice| choice.starts.as_ref() == Some(of) && life.is_signed(first))?;
            Some(format!("“{}”是“{}”", it.name, choice.word))
        });
        answers.or_else(|| {
            form.stages.iter().enumerate().find_map(|(place, stage)| {
                let home = record.home(form, stage.by.as_str(), round);
                let signed = record.verdict(stage.by.as_str(), home)?;
                let word = stage.verdict.said(None, &signed.verdict)?;
                let says = word.starts.as_ref() == Some(of) && life.is_signed(place);
                // Of a round gone by only what sent the sheet back.
                let counts = round == last || matches!(form.leads((place, place), word), Leads::Back(_));
                (says && counts).then(|| format!("“{}”是“{}”", stage.name, word.word))
            })
        })
    })
}
