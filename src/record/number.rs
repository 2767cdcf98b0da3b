//! What became of each number (编号) of a form and year (PROCEDURE 5).

use chrono::NaiveDate;

use super::RecordId;

/// A line of the number book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberLine {
    /// In which year.
    pub year: i32,
    /// The running number.
    pub sequence: i64,
    /// The last of the running numbers, where several that follow on each other are missing; else the same.
    pub until: i64,
    /// As it is printed; empty for a gap, which never was printed.
    pub number: String,
    /// The sheet, where there is one.
    pub record: Option<RecordId>,
    /// What became of the number.
    pub state: NumberState,
    /// For whom it was reserved, why it is void, how the gap is explained.
    pub note: String,
    /// Who put that down; empty for a used one.
    pub by: String,
    /// On which day; for a used one the day of entry, none for a gap that nobody explained.
    pub day: Option<NaiveDate>,
}

impl NumberLine {
    /// Whether a number is missing and nobody has said why.
    pub fn wants_explaining(&self) -> bool {
        self.state == NumberState::Gap && self.note.is_empty()
    }
}

/// What became of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberState {
    /// A sheet has it (已用).
    Used,
    /// It, or its sheet, is void (作废).
    Void,
    /// A blank sheet with it was handed out (预留).
    Reserved,
    /// There is no such number (空号), which wants an explanation.
    Gap,
}

impl NumberState {
    /// What the screen calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Used => "已用",
            Self::Void => "作废",
            Self::Reserved => "预留",
            Self::Gap => "空号",
        }
    }
}
