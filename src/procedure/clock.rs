//! Clocks (期限) as a form declares them: from when until when something may take how long.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Error, SeqAccess, Visitor, value};
use serde::{Deserialize, Deserializer};

use super::register::{CLOCK, NAMES};
use super::{FieldId, Form, Identity, SettingId};
use crate::calendar::{TermError, Unit};
use crate::expression::Expression;

/// In place of a field, where a clock begins: the day the sheet came back for another round.
pub const SENT_BACK: &str = "sent_back";
/// In place of a field, where a clock begins: the moment of entry.
pub const ENTERED: &str = "entered";
/// A clock of a form.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// What the screen calls it.
    pub name: String,
    /// The clause that gives the term.
    pub clause: Option<String>,
    /// Where it begins: the first of these that is written. A field, [`SENT_BACK`] or [`ENTERED`].
    #[serde(deserialize_with = "one_or_many")]
    pub from: Vec<FieldId>,
    /// What is filled when the work is done.
    pub until: FieldId,
    /// How long it may take: the first term whose condition holds.
    #[serde(default, deserialize_with = "one_or_many")]
    pub within: Vec<Given>,
    /// The cell that overrules the term, where somebody writes a date or moment in it; `/` stops the clock.
    pub written: Option<FieldId>,
    /// On which sheets it runs; on all where nothing is said.
    pub when: Option<Expression>,
    /// What happens when it runs out.
    pub expired: Option<Expired>,
}

/// A term, and when it is given.
#[derive(Clone, Debug)]
pub struct Given {
    /// On which sheets; on all where nothing is said.
    pub when: Option<Expression>,
    /// How many.
    pub count: Count,
    /// Of what.
    pub unit: Unit,
}

/// How many units a term has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Number(u32),
    /// As many as the office set.
    Setting(SettingId),
}

/// What happens when a clock runs out. Nothing is signed or closed by itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expired {
    /// How the sheet is shown.
    pub shows: Option<String>,
    /// Which part is told.
    pub tells: Option<String>,
    /// Which form's sheet is proposed.
    pub proposes: Option<String>,
}

impl Given {
    /// Reads a term, its number a setting's or written out: `{urgent} working days`, `2 days`.
    fn read(written: &str, when: Option<Expression>) -> Result<Self, TermError> {
        let written = written.trim();
        let (count, unit) = match written.strip_prefix('{').and_then(|it| it.split_once('}')) {
            Some((setting, unit)) => (Count::Setting(SettingId::from(setting.trim())), Unit::parse(unit)),
            None => {
                let term = crate::calendar::Term::parse(written)?;
                (Count::Number(term.count), Some(term.unit))
            }
        };
        Ok(Self { when, count, unit: unit.ok_or(TermError)? })
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reads;

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            when: Option<Expression>,
            term: String,
        }

        impl<'de> Visitor<'de> for Reads {
            type Value = Given;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"2 working days\" 或 { when = \"…\", term = \"2 working days\" }")
            }

            fn visit_str<E: Error>(self, written: &str) -> Result<Given, E> {
                Given::read(written, None).map_err(E::custom)
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Given, A::Error> {
                let it = Written::deserialize(value::MapAccessDeserializer::new(map))?;
                Given::read(&it.term, it.when).map_err(A::Error::custom)
            }
        }

        from.deserialize_any(Reads)
    }
}

impl Form {
    /// The cell in which somebody writes by when the work is done, where the form has one.
    pub fn written_term(&self) -> Option<&FieldId> {
        self.clocks.iter().find_map(|it| it.written.as_ref())
    }

    /// Whether a cell says by when the work is done, so that changing it is putting off (延期).
    pub fn is_term(&self, field: &FieldId) -> bool {
        self.clocks.iter().any(|it| it.written.as_ref() == Some(field))
    }

    /// The fields its clocks look at.
    pub fn clock_fields(&self) -> BTreeSet<FieldId> {
        let clocks = self.clocks.iter();
        let named =
            clocks.flat_map(|it| it.from.iter().chain([&it.until]).chain(&it.written).cloned().chain(it.names()));
        let dates = self
            .clocks
            .iter()
            .filter_map(|it| self.stage_of(it.until.as_str()))
            .filter_map(|it| self.stages[it].date.clone());
        named.chain(dates).filter(|it| self.field(it).is_some()).collect()
    }

    /// Says what its clocks name and is not there, by the path of what is wrong.
    pub(super) fn check_clocks(&self, say: &mut impl FnMut(&str, String)) {
        let there = |it: &FieldId| self.field(it).is_some();
        for (place, clock) in self.clocks.iter().enumerate() {
            let begins = |it: &&FieldId| !there(it) && it.as_str() != SENT_BACK && it.as_str() != ENTERED;
            let from = clock.from.iter().filter(begins).map(|it| ("from", it));
            let until = [("until", &clock.until)].into_iter().chain(clock.written.iter().map(|it| ("written", it)));
            for (key, id) in from.chain(until.filter(|it| !there(it.1))) {
                let name = &clock.name;
                let why = format!("期限“{name}”的“{id}”没有对应的 [[field]]；from 还可用 {SENT_BACK}、{ENTERED}");
                say(&format!("clock.{place}.{key}"), why);
            }
            if clock.from.is_empty() {
                say(&format!("clock.{place}"), format!("期限“{}”要有起点（from）", clock.name));
            }
            let names = clock.conditions().flat_map(Expression::names);
            // A clock that asked for clocks would ask for itself.
            let known = |it: &str| it != CLOCK && (NAMES.contains(&it) || there(&FieldId::from(it)));
            for name in names.map(|it| it.split('.').next().unwrap_or_default()).filter(|it| !known(it)) {
                let (clock, names) = (&clock.name, NAMES.join("、"));
                let why = format!("期限“{clock}”的条件里“{name}”没有对应的 [[field]]，也不是 {names}");
                say(&format!("clock.{place}.when"), why);
            }
        }
    }

    /// Takes over what forms written before there were clocks say of their term: the cell it is written in, what is filled
    /// when the work is done, and the word that makes it urgent.
    pub(super) fn take_over_terms(&mut self) -> Result<(), String> {
        let Some(Identity { date, due: Some(due), done: Some(done), urgency, .. }) = &self.identity else {
            return Ok(());
        };
        if !self.clocks.is_empty() {
            return Err("期限写在 [[clock]] 里，identity 里就不写 due".to_owned());
        }
        let urgent = urgency.as_ref().and_then(|id| Some((id, self.field(id)?.offers.first()?)));
        let quoted = |word: &str| format!("'{}'", word.replace('\\', "\\\\").replace('\'', "\\'"));
        let ordinary = urgent.map(|(id, word)| format!("is_empty({id}) || {id} != {}", quoted(word)));
        let pressing = urgent.map(|(id, word)| format!("{id} == {}", quoted(word)));
        let kinds = [("急件", "urgent", pressing), ("普通件", "ordinary", ordinary)];
        let clocks = kinds.into_iter().map(|(name, setting, when)| {
            let when = match (when, urgency) {
                (Some(when), _) => Some(Expression::parse(&when).map_err(|it| it.to_string())?),
                // Without a word for it, only what is written counts.
                (None, _) => None,
            };
            let of = |unit, when: Option<&str>| {
                let when = when.map(Expression::parse).transpose().map_err(|it| it.to_string())?;
                Ok::<_, String>(Given { when, count: Count::Setting(SettingId::from(setting)), unit })
            };
            let within = if urgency.is_some() {
                vec![of(Unit::WorkingDays, Some("setting.working"))?, of(Unit::Days, None)?]
            } else {
                Vec::new()
            };
            Ok(Clock {
                name: name.to_owned(),
                clause: None,
                from: vec![FieldId::from(SENT_BACK), date.clone()],
                until: done.clone(),
                within,
                written: Some(due.clone()),
                when,
                expired: None,
            })
        });
        let mut clocks = clocks.collect::<Result<Vec<Clock>, String>>()?;
        if urgent.is_none() {
            clocks.remove(0);
        }
        self.clocks = clocks;
        Ok(())
    }
}

impl Clock {
    /// Its conditions.
    fn conditions(&self) -> impl Iterator<Item = &Expression> {
        self.when.iter().chain(self.within.iter().filter_map(|it| it.when.as_ref()))
    }

    /// What its conditions name.
    fn names(&self) -> impl Iterator<Item = FieldId> {
        self.conditions().flat_map(Expression::names).map(|it| FieldId::from(it.as_str()))
    }

    /// The settings its terms take their numbers from.
    pub fn settings(&self) -> impl Iterator<Item = &SettingId> {
        self.within.iter().filter_map(|it| match &it.count {
            Count::Setting(id) => Some(id),
            Count::Number(_) => None,
        })
    }
}

/// One, or a list.
pub(super) fn one_or_many<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    struct Reads<T>(std::marker::PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Reads<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("一项，或 [ ] 括起的几项")
        }

        fn visit_str<E: Error>(self, one: &str) -> Result<Vec<T>, E> {
            Ok(vec![T::deserialize(value::StrDeserializer::new(one))?])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Vec<T>, A::Error> {
            let mut read = Vec::new();
            while let Some(it) = all.next_element()? {
                read.push(it);
            }
            Ok(read)
        }
    }

    from.deserialize_any(Reads(std::marker::PhantomData))
}
