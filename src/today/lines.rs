//! Lines of registers whose yearly check is owed.

use chrono::{Datelike as _, NaiveDate};

use super::{Goes, Line, Part, Section, Today, Tone};
use crate::procedure::{FormId, Person, Procedure};
use crate::register::Period;

/// A register, how many of its lines were not checked this year, and the day of the earliest of them.
pub type Unchecked = (FormId, usize, NaiveDate);

impl Today {
    /// The same with what the lines of registers owe: only those that the department of `own` keeps, where one is named.
    pub fn with_unchecked(mut self, procedure: &Procedure, all: &[Unchecked], own: Option<&Person>) -> Self {
        let day = self.day;
        let line = |(id, count, first): &Unchecked| {
            let form = procedure.form(id)?;
            let from = NaiveDate::from_ymd_opt(first.year(), 1, 1)?;
            let whose = procedure.document.department_of(form);
            own.is_none_or(|it| it.department == whose).then(|| Line {
                goes: Goes::Lines(id.clone(), Period::Days(from, day)),
                head: form.short.clone(),
                words: format!("今年还有 {count} 行没有核对"),
                right: "查看".to_owned(),
                tone: Tone::Calm,
            })
        };
        let lines: Vec<Line> = all.iter().filter_map(line).collect();
        if lines.is_empty() {
            return self;
        }
        let place = self.sections.iter().position(|it| it.part == Part::Duties).unwrap_or_else(|| {
            let later = |it: &Section| matches!(it.part, Part::NotPassedOn | Part::FollowUps | Part::Expired);
            let place = self.sections.iter().position(later).unwrap_or(self.sections.len());
            let (part, name) = (Part::Duties, Part::Duties.name(procedure));
            self.sections.insert(place, Section { part, name, count: 0, lines: Vec::new(), more: Vec::new() });
            place
        });
        self.sections[place].count += lines.len();
        self.sections[place].lines.extend(lines);
        self
    }
}
