//! Clocks (期限) as a form declares them: from when until when something may take how long.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Error, SeqAccess, Visitor, value};
use serde::{Deserialize, Deserializer};

use super::register::{CLOCK, NAMES};
use super::tree::allowed;
use super::{FieldId, Form, FormId, Identity, RoleId, SettingId};
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
    /// What tells that the work is done.
    pub until: Until,
    /// How long it may take: the first term whose condition holds.
    #[serde(default, deserialize_with = "one_or_many")]
    pub within: Vec<Given>,
    /// The cell that overrules the term, where somebody writes a date or moment in it; `/` stops the clock.
    pub written: Option<FieldId>,
    /// On which sheets it runs; on all where nothing is said.
    pub when: Option<Expression>,
    /// While any of these is waited for (等待), it stands still.
    #[serde(default, deserialize_with = "one_or_many")]
    pub waits: Vec<String>,
    /// What happens when it runs out.
    pub expired: Option<Expired>,
    /// Who is told how long after it began, as long as the work is not done.
    #[serde(default)]
    pub levels: Vec<Level>,
}

/// What tells that the work is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// Something is written in this cell.
    Field(FieldId),
    /// A sheet of this form was started from this one.
    Started(FormId),
}

/// Who is told of a clock how long after it began (升级).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// How long after.
    pub after: Given,
    /// Whose department sees the sheet then on the first page.
    pub tells: RoleId,
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
    /// In which words the first page shows the sheet.
    pub shows: Option<String>,
    /// Whose department sees the sheet then on the first page.
    pub tells: Option<RoleId>,
    /// A sheet of which form is proposed; one of those that this form starts.
    pub proposes: Option<FormId>,
}

impl Until {
    /// The cell, where it is one.
    pub const fn field(&self) -> Option<&FieldId> {
        match self {
            Self::Field(field) => Some(field),
            Self::Started(_) => None,
        }
    }
}

impl<'de> Deserialize<'de> for Until {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reads;

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            started: FormId,
        }

        impl<'de> Visitor<'de> for Reads {
            type Value = Until;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("一格（string），或 { started = \"表号\" }")
            }

            fn visit_str<E: Error>(self, field: &str) -> Result<Until, E> {
                Ok(Until::Field(field.into()))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Until, A::Error> {
                Ok(Until::Started(Written::deserialize(value::MapAccessDeserializer::new(map))?.started))
            }
        }

        from.deserialize_any(Reads)
    }
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
        self.clocks.iter().filter_map(|it| it.written.as_ref()).find(|it| self.is_term(it))
    }

    /// Whether a cell says by when the work is done, so that changing it is putting off (延期).
    pub fn is_term(&self, field: &FieldId) -> bool {
        // What is written in the lines of a table is changed as any other entry.
        let in_lines = || self.field(field).is_some_and(|it| it.table.is_some());
        self.clocks.iter().any(|it| it.written.as_ref() == Some(field)) && !in_lines()
    }

    /// The fields its clocks look at.
    pub fn clock_fields(&self) -> BTreeSet<FieldId> {
        let clocks = self.clocks.iter();
        let named = clocks.flat_map(|it| {
            let cells = it.from.iter().chain(it.until.field()).chain(&it.written);
            cells.map(FieldId::as_str).chain(it.conditions().flat_map(Expression::names).map(String::as_str))
        });
        let untils = self.clocks.iter().filter_map(|it| self.stage_of(it.until.field()?.as_str()));
        let dates = untils.filter_map(|it| Some(self.stages[it].date.as_ref()?.as_str()));
        self.reached(named.chain(dates))
    }

    /// Whether any of its clocks asks which sheets were started from this one.
    pub fn asks_for_started(&self) -> bool {
        self.clocks.iter().any(|it| matches!(it.until, Until::Started(_)))
    }

    /// Says what its clocks name and is not there, by the path of what is wrong.
    pub(super) fn check_clocks(&self, say: &mut impl FnMut(&str, String)) {
        let there = |it: &FieldId| self.field(it).is_some();
        for (place, clock) in self.clocks.iter().enumerate() {
            let begins = |it: &&FieldId| !there(it) && it.as_str() != SENT_BACK && it.as_str() != ENTERED;
            let from = clock.from.iter().filter(begins).map(|it| ("from", it));
            let until = clock.until.field().map(|it| ("until", it));
            let until = until.into_iter().chain(clock.written.iter().map(|it| ("written", it)));
            for (key, id) in from.chain(until.filter(|it| !there(it.1))) {
                let name = &clock.name;
                let why = format!("期限“{name}”的“{id}”没有对应的 [[field]]；from 还可用 {SENT_BACK}、{ENTERED}");
                say(&format!("clock.{place}.{key}"), why);
            }
            let started = match &clock.until {
                Until::Started(form) => Some(("until", form)),
                Until::Field(_) => None,
            };
            let proposed = clock.expired.iter().filter_map(|it| Some(("expired", it.proposes.as_ref()?)));
            for (key, form) in started.into_iter().chain(proposed) {
                let started: BTreeSet<&str> = self.starts.iter().map(|it| it.form.as_str()).collect();
                if !started.contains(form.as_str()) {
                    let started = allowed(form.as_str(), &started.into_iter().collect::<Vec<_>>());
                    let why = format!("期限“{}”说的“{form}”不是 [[starts]] 里另起的表单{started}", clock.name);
                    say(&format!("clock.{place}.{key}"), why);
                }
            }
            for whom in clock.waits.iter().filter(|it| it.trim().is_empty()) {
                say(&format!("clock.{place}.waits"), format!("期限“{}”等谁（waits）不能空着{whom}", clock.name));
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
                until: Until::Field(done.clone()),
                within,
                written: Some(due.clone()),
                when,
                waits: Vec::new(),
                expired: None,
                levels: Vec::new(),
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

    /// The parts that are told of it, each with its path.
    pub(super) fn told(&mut self) -> impl Iterator<Item = (String, &mut RoleId)> {
        let expired = self.expired.iter_mut().filter_map(|it| Some(("expired".to_owned(), it.tells.as_mut()?)));
        expired.chain(self.levels.iter_mut().enumerate().map(|(place, it)| (format!("levels.{place}"), &mut it.tells)))
    }

    /// The forms it names.
    pub(super) fn forms(&mut self) -> impl Iterator<Item = &mut FormId> {
        let started = match &mut self.until {
            Until::Started(form) => Some(form),
            Until::Field(_) => None,
        };
        started.into_iter().chain(self.expired.iter_mut().filter_map(|it| it.proposes.as_mut()))
    }

    /// The terms it counts by.
    pub(super) fn terms(&mut self) -> impl Iterator<Item = &mut Given> {
        self.within.iter_mut().chain(self.levels.iter_mut().map(|it| &mut it.after))
    }

    /// The settings its terms take their numbers from.
    pub fn settings(&self) -> impl Iterator<Item = &SettingId> {
        let terms = self.within.iter().chain(self.levels.iter().map(|it| &it.after));
        terms.filter_map(|it| match &it.count {
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
