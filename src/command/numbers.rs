//! What can be done with the number book (编号簿).

use crate::procedure::FormId;
use crate::record::NumberLine;

/// What can be done with the number book (编号簿).
#[derive(Clone, Debug, PartialEq)]
pub enum NumberCommand {
    /// Opens the book of a form and year.
    Show {
        /// Of which form.
        form: FormId,
        /// Of which year.
        year: i32,
    },
    /// Reserves the next numbers for blank sheets that are handed out, and prints those.
    Reserve {
        /// Of which form.
        form: FormId,
        /// In which year.
        year: i32,
        /// How many.
        count: usize,
        /// For whom, and for what.
        note: String,
    },
    /// Begins the sheet that came back under its reserved number.
    Take {
        /// Of which form.
        form: FormId,
        /// The reserved number, as the page knew it.
        line: Box<NumberLine>,
    },
    /// Voids a reserved number, or says why numbers are missing.
    Explain {
        /// Of which form.
        form: FormId,
        /// The number, as the page knew it.
        line: Box<NumberLine>,
        /// Why.
        note: String,
    },
}

impl NumberCommand {
    /// Its words on buttons.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Show { .. } => "编号簿",
            Self::Reserve { .. } => "预留空白单",
            Self::Take { .. } => "登记这张",
            Self::Explain { .. } => "说明",
        }
    }
}
