//! Which parts of a sheet apply to it: stages, sections and cells that are for some sheets only, and what answers pass over.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::asking::value;
use super::{Refusal, RefusalKind, Standing, by_line};
use crate::expression::{Expression, Scope, Value};
use crate::procedure::{Choice, Field, FieldId, Form, Leads, Value as Set};
use crate::record::{Picked, Record};

/// A sheet in one of its rounds, as its own conditions see it. What was reckoned once is not reckoned again: one is made for
/// all that is asked of a sheet at a time.
pub struct Life<'a> {
    form: &'a Form,
    record: &'a Record,
    round: usize,
    /// Why stages do not apply, by their places, as far as that was asked.
    stages: RefCell<BTreeMap<usize, Option<Why<'a>>>>,
    /// What cells and tables are that conditions name, as far as they were asked for.
    seen: RefCell<BTreeMap<String, Value>>,
}

/// Why something does not apply.
#[derive(Clone, Copy)]
enum Why<'a> {
    /// The condition of a stage, a section or a cell does not hold.
    Condition(&'a Expression),
    /// What was answered in this field passes over it.
    Answer(&'a FieldId, &'a Choice),
}

impl<'a> Life<'a> {
    /// The sheet in its present round.
    pub fn new(form: &'a Form, record: &'a Record) -> Self {
        Self::in_round(form, record, record.last_round())
    }

    /// The sheet as it was in a round, from nought.
    pub const fn in_round(form: &'a Form, record: &'a Record, round: usize) -> Self {
        Self { form, record, round, stages: RefCell::new(BTreeMap::new()), seen: RefCell::new(BTreeMap::new()) }
    }

    /// Whether a stage is signed, by its place.
    pub fn is_signed(&self, stage: usize) -> bool {
        let stage = self.form.stages.get(stage);
        stage.is_some_and(|it| by_line::is_done(self.form, self.record, it, self.round))
    }

    /// Whether a stage applies, by its place. One that is signed was done, whatever was changed since.
    pub fn applies(&self, stage: usize) -> bool {
        self.why_not(stage).is_none()
    }

    /// Where the sheet stands.
    pub fn standing(&self) -> Standing {
        if self.record.destroyed() {
            return Standing::Destroyed;
        }
        if self.record.void.is_some() {
            return Standing::Void;
        }
        if self.record.filed().is_some() {
            return Standing::Filed;
        }
        self.next().map_or(Standing::Done, Standing::At)
    }

    /// The first stage that applies and is not signed.
    pub fn next(&self) -> Option<usize> {
        (0..self.form.stages.len()).find(|it| !self.is_signed(*it) && self.applies(*it))
    }

    /// The stages that may be signed now: the next, and those that are signed in any order with it.
    pub fn open(&self) -> Vec<usize> {
        let group = self.next().map(|it| self.form.along_with(it)).into_iter().flatten();
        group.filter(|it| !self.is_signed(*it) && self.applies(*it)).collect()
    }

    fn why_not(&self, stage: usize) -> Option<Why<'a>> {
        // Most forms ask nothing, and where their sheets stand is asked for very often.
        if self.form.is_straight || self.is_signed(stage) {
            return None;
        }
        if let Some(known) = self.stages.borrow().get(&stage) {
            return *known;
        }
        let why = self.reckon_why_not(stage);
        self.stages.borrow_mut().insert(stage, why);
        why
    }

    fn reckon_why_not(&self, stage: usize) -> Option<Why<'a>> {
        let it = self.form.stages.get(stage)?;
        let section = self.form.section_of(it.by.as_str()).and_then(|it| self.form.sections.get(it));
        let conditions = it.when.iter().chain(section.and_then(|it| it.when.as_ref()));
        let mut conditions = conditions.filter(|it| !self.holds(it, stage)).map(Why::Condition);
        conditions.next().or_else(|| self.passed_over(stage))
    }

    /// The answer that leads past a stage.
    fn passed_over(&self, stage: usize) -> Option<Why<'a>> {
        let form = self.form;
        let past = |around, choice: &Choice| matches!(form.leads(around, choice), Leads::Forward(to) if stage < to);
        for id in &form.answers {
            let (Some(around), Some(field)) = (form.closed_by(id), form.field(id)) else { continue };
            let chosen = Picked::read(field, self.record.value_in(form, id.as_str(), self.round)).which;
            let mut chosen = chosen.into_iter().filter_map(|it| field.options.get(it));
            if around.1 < stage
                && let Some(choice) = chosen.find(|it| past(around, it))
            {
                return Some(Why::Answer(id, choice));
            }
        }
        let said = form.stages.iter().enumerate().take(stage).filter_map(|(place, it)| {
            let round = self.record.home(form, it.by.as_str(), self.round);
            let signed = self.record.verdict(it.by.as_str(), round)?;
            let choice = it.verdict.said(None, &signed.verdict).filter(|it| past((place, place), it))?;
            Some(Why::Answer(&it.by, choice))
        });
        said.take(1).next()
    }

    /// Whether a section applies, by its place: one whose stages do not apply does not either.
    pub fn section_applies(&self, section: usize) -> bool {
        self.why_not_section(section).is_none()
    }

    fn why_not_section(&self, section: usize) -> Option<Why<'a>> {
        let form = self.form;
        if form.is_straight {
            return None;
        }
        let signed = form.signed_in(section);
        let mut stages = form.stages_in(signed).map(|it| self.why_not(it)).peekable();
        let own = || {
            let when = form.sections.get(section)?.when.as_ref().filter(|it| !self.holds(it, self.closing(section)))?;
            Some(Why::Condition(when))
        };
        if stages.peek().is_none() {
            return own();
        }
        // What was signed, if only with another section, stands, whatever was changed since.
        let stands = form.stages_in(signed).any(|it| self.is_signed(it));
        if section != signed
            && !stands
            && let Some(why) = own()
        {
            return Some(why);
        }
        // A section with one stage that applies does.
        let mut last = None;
        for why in stages {
            last = Some(why?);
        }
        last
    }

    /// Whether anything is written in this place, or signed.
    pub fn wants(&self, field: &FieldId) -> bool {
        match self.form.stage_of(field.as_str()) {
            Some(stage) => self.applies(stage),
            None => self.form.is_straight || self.form.field(field).is_none_or(|it| self.field_applies(it)),
        }
    }

    /// Whether something is written in a field: its section and itself apply.
    pub fn field_applies(&self, field: &Field) -> bool {
        self.why_not_field(field).is_none()
    }

    fn why_not_field(&self, field: &Field) -> Option<Why<'a>> {
        let section = self.form.section_of(field.id.as_str());
        let closing = || section.map_or(self.form.stages.len(), |it| self.closing(it));
        let when = self.form.field(&field.id).and_then(|it| it.when.as_ref());
        if let Some(when) = when.filter(|it| !self.holds(it, closing())) {
            return Some(Why::Condition(when));
        }
        section.and_then(|it| self.why_not_section(it))
    }

    /// Whether a section does not apply, and that is decided: all that is signed before it is.
    pub fn is_struck(&self, section: usize) -> bool {
        if self.form.is_straight {
            return false;
        }
        let before = (0..self.closing(section)).all(|it| self.is_signed(it) || !self.applies(it));
        let any = (0..self.form.stages.len()).any(|it| self.is_signed(it));
        before && any && !self.section_applies(section)
    }

    /// Whether a field does not apply while its section does, and the section is signed: it bears a stroke on paper.
    pub fn is_slashed(&self, field: &Field) -> bool {
        if field.when.is_none() {
            return false;
        }
        let Some(section) = self.form.section_of(field.id.as_str()) else { return false };
        let mut stages = self.form.closers(field).into_iter();
        stages.any(|it| self.is_signed(it)) && self.section_applies(section) && !self.field_applies(field)
    }

    /// Why a stage is not signed because it does not apply; none where it does.
    pub fn stage_refusal(&self, stage: usize) -> Option<Refusal> {
        let why = self.why_not(stage)?;
        let name = self.form.stages.get(stage)?.name.clone();
        Some(Refusal::plain(RefusalKind::StageNotNeeded { stage: name, because: self.because(&why) }))
    }

    /// Why a field is not written because it, or its section, does not apply; none where both do. A section that waits for
    /// its turn is not told of before that is decided.
    pub fn field_refusal(&self, field: &Field) -> Option<Refusal> {
        let why = self.why_not_field(field)?;
        let section = self.form.section_of(field.id.as_str());
        if let Some(section) = section.filter(|it| !self.section_applies(*it)) {
            let title = self.form.sections.get(section).and_then(|it| it.title.clone());
            let title = title.unwrap_or_else(|| field.name.clone());
            let kind = RefusalKind::SectionNotNeeded { section: title, because: self.because(&why) };
            return self.is_struck(section).then(|| Refusal::plain(kind));
        }
        let kind = RefusalKind::FieldNotNeeded { field: field.name.clone(), because: self.because(&why) };
        Some(Refusal::plain(kind))
    }

    /// What on the sheet it depends on, in the clerk's words.
    fn because(&self, why: &Why<'_>) -> String {
        match why {
            Why::Answer(id, choice) => {
                let stage = self.form.stages.iter().find(|it| it.by == **id).map(|it| it.name.as_str());
                let field = self.form.field(id).map(|it| it.name.as_str());
                format!("“{}”是“{}”", stage.or(field).unwrap_or_default(), choice.word)
            }
            Why::Condition(when) => {
                let called = |name: &String| {
                    let field = self.form.field(&name.as_str().into()).map(|it| it.name.clone());
                    let table = || self.form.tables.get(name.as_str()).map(|it| it.name.clone());
                    let set = || {
                        let id = name.strip_prefix("setting.")?;
                        let document = &self.form.office.document;
                        let package = self.form.form.package();
                        let whole = format!("{package}/{id}");
                        let mut all = document.may_set().filter(|it| it.id.as_str() == id || it.id.as_str() == whole);
                        all.next().map(|it| format!("设置里的{}", it.name))
                    };
                    field.or_else(table).or_else(set)
                };
                let names: Vec<String> = when.names().iter().filter_map(called).map(|it| format!("“{it}”")).collect();
                format!("看{}", names.concat())
            }
        }
    }

    /// The first stage that closes a section, by its place; behind the last where none does.
    fn closing(&self, section: usize) -> usize {
        self.form.stages_in(self.form.signed_in(section)).next().unwrap_or(self.form.stages.len())
    }

    /// Whether a condition of what is decided before this stage holds. One that cannot be reckoned does: rather too much is
    /// asked than too little.
    fn holds(&self, when: &Expression, stage: usize) -> bool {
        when.holds(&self.scope(stage)).unwrap_or(true)
    }

    /// What is set, as it was when it was decided: when the last stage before was signed. Where that kept nothing it is
    /// what is set now.
    fn set(&self, id: &str, stage: usize) -> Option<&'a Set> {
        let (form, record, round) = (self.form, self.record, self.round);
        let before = form.stages.iter().take(stage).rev().map(|it| it.by.as_str());
        let mut signed = before.filter(|it| !record.value_in(form, it, round).trim().is_empty());
        let kept = signed.next().and_then(|it| record.signed(it, record.home(form, it, round))?.settings.get(id));
        kept.or_else(|| form.office.document.setting_of(&form.form, id))
    }

    fn scope(&self, stage: usize) -> Scope<'_> {
        Scope::new(&self.form.office.calendar).asking(move |name| match name.split_once('.') {
            None if name == "rounds" => Some(Value::Number((self.round + 1) as f64)),
            Some(("setting", id)) => self.set(id, stage).map(Value::from),
            _ => Some(self.seen(name)),
        })
    }

    /// What stands in a cell or a table.
    fn seen(&self, name: &str) -> Value {
        if let Some(known) = self.seen.borrow().get(name) {
            return known.clone();
        }
        let (form, record, round) = (self.form, self.record, self.round);
        let seen = match form.field(&name.into()) {
            Some(field) if field.is.is_none() => value(field, record.value_in(form, name, round)),
            _ => record.seen_in(form, &form.office.calendar, name, round).unwrap_or_default(),
        };
        self.seen.borrow_mut().insert(name.to_owned(), seen.clone());
        seen
    }
}
