//! Expressions of forms and registers, in CEL, the Common Expression Language: conditions, computed cells, columns.
//!
//! `cel` reads the text; what it means is reckoned here, because a form's writer should not care whether 1 is an integer:
//! numbers are of one kind, an empty cell makes what is reckoned from it empty, and division by nought is empty too. An
//! expression sees its [`Scope`] and nothing else, and ends: text, nesting, words and steps are bounded.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

mod evaluating;
mod functions;
mod parsing;
mod value;
#[cfg(test)]
mod tests;
pub use evaluating::Scope;
pub use functions::{FUNCTIONS, Function};
pub use value::Value;

use parsing::Node;

/// The longest text of an expression, in characters.
pub const LONGEST: usize = 2000;

/// A mistake in the text of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "表达式第 {} 行第 {} 列：{}", self.line, self.column, self.message)
    }
}

impl std::error::Error for Mistake {}

/// Why an expression has no value: a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(pub String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// An expression that was read without a mistake.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    root: Node,
    names: BTreeSet<String>,
    functions: BTreeSet<&'static str>,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// The first mistake, with its place.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        parsing::parse(text)
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it asks its scope for: names, with the fields asked of them (`limit.approval`).
    pub fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// The functions it uses.
    pub fn functions(&self) -> &BTreeSet<&'static str> {
        &self.functions
    }

    /// Its value in a scope.
    ///
    /// # Errors
    /// A sentence, where kinds do not fit or the scope lacks a name.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, Fault> {
        evaluating::evaluate(&self.root, scope)
    }

    /// Its value in a scope, as long as `budget` steps are left: many expressions over many sheets share one.
    ///
    /// # Errors
    /// A sentence, as of [`Expression::evaluate`], or where the budget is used up.
    pub fn evaluate_within(&self, scope: &Scope<'_>, budget: &Cell<usize>) -> Result<Value, Fault> {
        evaluating::evaluate_within(&self.root, scope, budget)
    }

    /// Whether it holds, as a condition: what is missing does not.
    ///
    /// # Errors
    /// A sentence, where it has no value or is no condition.
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, Fault> {
        match self.evaluate(scope)? {
            Value::Truth(it) => Ok(it),
            Value::Missing => Ok(false),
            other => Err(Fault(format!("条件“{}”得出的是{}，不是“是或否”", self.text, other.kind()))),
        }
    }
}

/// Two expressions are the same where their texts are.
impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// As part of a file: the mistake is the reader's error, with its place inside the expression.
impl<'de> serde::Deserialize<'de> for Expression {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
