//! What can be done with registers (台帐, 登记簿).

use crate::procedure::{FieldId, FormId};
use crate::record::RecordId;
use crate::register::Period;

/// What can be done with registers (台帐, 登记簿).
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
    /// Begins a line in place of another one, which ends today.
    Replace {
        /// In which register.
        form: FormId,
        /// Which line.
        record: RecordId,
    },
    /// Shows the lines of a period.
    Show {
        /// Of which register.
        form: FormId,
        /// From when to when.
        period: Period,
    },
    /// Asks where to, and writes the lines of a period as PDF.
    Export {
        /// Of which register.
        form: FormId,
        /// From when to when.
        period: Period,
    },
}

impl RegisterCommand {
    /// Its words, where the register does not say it better.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Write { .. } => "填写",
            Self::Replace { .. } => "由新的一行代替",
            Self::Show { .. } => "看这一段",
            Self::Export { .. } => "导出",
        }
    }
}
