//! Clauses of the written procedure that the program's own rules rest on. Which clause that is, each package says.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Document, Form};

/// Something the program does by rule, whatever the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Stages are signed in order, by those whose they are.
    Signing,
    /// What is signed is corrected and dates are put off with name and reason, never written over.
    Correction,
    /// What a register has taken over stays.
    Register,
    /// Sheets are passed on to departments.
    PassingOn,
    /// What is said on a sheet is followed up.
    FollowUp,
    /// Copies are handed out and come back.
    Handing,
    /// Whoever owes the work is reminded.
    Reminder,
    /// Users are talked with regularly.
    Visit,
    /// Sheets are filed and kept.
    Filing,
    /// Sheets are destroyed after their time, by three people.
    Destruction,
}

/// The clauses a package names, by rule.
pub type Clauses = BTreeMap<Rule, String>;

impl Form {
    /// The clause that a rule rests on for this form: the form's own, or its package's.
    pub fn clause_of(&self, rule: Rule) -> Option<&str> {
        self.clauses.get(&rule).map(String::as_str)
    }

    /// Takes over the clauses of the package it belongs to, where it names none of its own.
    pub(super) fn follow(&mut self, package: &Clauses) {
        for (rule, clause) in package {
            self.clauses.entry(*rule).or_insert_with(|| clause.clone());
        }
    }

    /// What one sheet of it is called, as in “another complaint”.
    pub fn noun(&self) -> &str {
        self.new.as_deref().and_then(|it| it.strip_prefix("新建")).unwrap_or(&self.short)
    }
}

impl Document {
    /// The clause that a rule rests on, where no form says it.
    pub fn clause_of(&self, rule: Rule) -> Option<&str> {
        self.packages.iter().find_map(|it| it.clauses.get(&rule)).map(String::as_str)
    }
}
