//! What can be done with registers that are typed (登记簿).

use crate::procedure::{FieldId, FormId};
use crate::record::RecordId;

/// What can be done with registers that are typed (登记簿).
#[derive(Clone, Debug, PartialEq)]
pub enum RegisterCommand {
    /// Puts the pen on a cell of a line. `RecordId(0)` is the empty line at the end, which gets its number when first
    /// something is written on it.
    Write {
        /// In which register.
        form: FormId,
        /// On which line.
        record: RecordId,
        /// In which cell.
        field: FieldId,
    },
    /// Shows the lines of a year.
    Year(i32),
    /// Asks where to, and writes the lines of a year as PDF.
    Export {
        /// Which register.
        form: FormId,
        /// Of which year.
        year: i32,
    },
}

impl RegisterCommand {
    /// Its words on buttons.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Write { .. } => "填写",
            Self::Year(_) => "登记簿年份",
            Self::Export { .. } => "导出登记簿",
        }
    }
}
