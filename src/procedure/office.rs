//! The procedure as a document, with what each office sets for itself: company, departments, people, terms, limits. A
//! book that was given its own keeps it inside, so that the book moves as one file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{FormId, Role};

/// The procedure as a document (`procedure.toml`), and the office that works by it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its number, `QG/R0309—2009`.
    pub code: String,
    /// Its name, 用户服务管理程序.
    pub title: String,
    /// The company on the sheets' first line.
    pub company: String,
    /// The departments (部门), in the order they are offered.
    pub departments: Vec<String>,
    /// Which department plays which part.
    pub roles: Roles,
    /// How sheets are numbered.
    pub number: NumberPattern,
    /// Forms that are numbered otherwise.
    #[serde(default)]
    pub numbers: BTreeMap<FormId, NumberPattern>,
    /// Days and intervals.
    #[serde(default)]
    pub terms: Terms,
    /// How much is allowed before the program says something.
    #[serde(default)]
    pub limits: Limits,
    /// The office's people (人员), who sit at the desk and sign.
    #[serde(default)]
    pub people: Vec<Person>,
}

impl Document {
    /// How the sheets of a form are numbered.
    pub fn pattern(&self, form: &FormId) -> &NumberPattern {
        self.numbers.get(form).unwrap_or(&self.number)
    }

    /// The department that plays a part.
    pub fn department(&self, role: Role) -> &str {
        match role {
            Role::Acceptance => &self.roles.acceptance,
            Role::Execution => &self.roles.execution,
            Role::Communication => &self.roles.communication,
        }
    }

    /// The person of this name.
    pub fn person(&self, name: &str) -> Option<&Person> {
        self.people.iter().find(|it| it.name == name)
    }
}

/// Who plays which part (clause 3).
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// Accepts complaints and keeps the ledger (3.2, 4.6).
    pub acceptance: String,
    /// Carries out the disposition (3.3).
    pub execution: String,
    /// Talks with users and passes information on (3.1).
    #[serde(default)]
    pub communication: String,
}

/// The pattern of a sheet's number (编号): `{year}` and `{sequence}` are filled in.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NumberPattern {
    /// For instance `{year}-{sequence}`.
    pub pattern: String,
    /// To how many digits the running number is filled with zeros.
    pub digits: usize,
}

impl NumberPattern {
    /// The number printed for the `sequence`th sheet of `year`.
    pub fn format(&self, year: i32, sequence: i64) -> String {
        let sequence = format!("{sequence:0digits$}", digits = self.digits);
        self.pattern.replace("{year}", &year.to_string()).replace("{sequence}", &sequence)
    }
}

/// Days and intervals (PROCEDURE 2 to 6).
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Terms {
    /// Days an 急件 is given.
    pub urgent: u32,
    /// Days a 普通件 is given.
    pub ordinary: u32,
    /// Whether those are working days (工作日) and not calendar days.
    pub working: bool,
    /// From how many days before its date on a sheet counts as due soon.
    pub soon: u32,
    /// Days between two visits to a user (4.3), unless the user has their own interval.
    pub visit: u32,
    /// For how many years papers are kept from the end of the year of closing (4.7).
    pub retention: u32,
}

impl Default for Terms {
    fn default() -> Self {
        Self { urgent: 2, ordinary: 7, working: true, soon: 2, visit: 90, retention: 3 }
    }
}

/// How much is allowed before the program says something.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Corrections (划改) on one sheet before a rewritten one is proposed.
    pub corrections: u32,
    /// Whether void slips stand in the ledger.
    pub void_in_ledger: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { corrections: 3, void_in_ledger: true }
    }
}

/// One of the office's people (人员).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The name as it is signed.
    pub name: String,
    /// The department.
    #[serde(default)]
    pub department: String,
    /// Whether the person works here no longer: signs nothing, and still stands on old sheets.
    #[serde(default)]
    pub left: bool,
    /// The hash of the person's password (argon2), where a desk is shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}
