//! What can be done with filing, holding and destroying papers (归档).

use crate::record::{Deed, RecordId};
use crate::retention::Shelf;

/// The parts of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArchivePart {
    /// Closed sheets that are not filed (待归档).
    #[default]
    Unfiled,
    /// The binders (已归档).
    Binders,
    /// What may be destroyed (保存期满).
    Expired,
    /// What must not be (冻结).
    Held,
}

impl ArchivePart {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Unfiled, Self::Binders, Self::Expired, Self::Held];

    /// What the screen calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unfiled => "待归档",
            Self::Binders => "已归档",
            Self::Expired => "保存期满",
            Self::Held => "已冻结",
        }
    }
}

/// What can be done with filing, holding and destroying papers (归档).
#[derive(Clone, Debug, PartialEq)]
pub enum ArchiveCommand {
    /// Shows the page, and this part of it.
    Show(ArchivePart),
    /// Chooses sheets to be filed: those that are ready; of the others it is said why they are not.
    Choose(Vec<RecordId>),
    /// Files sheets, or puts filed ones into another binder (4.7).
    File {
        /// Which sheets.
        records: Vec<RecordId>,
        /// [`Deed::Filed`].
        deed: Deed,
    },
    /// Holds sheets, so that they are not destroyed whatever their age (冻结).
    Hold {
        /// Which sheets.
        records: Vec<RecordId>,
        /// Why.
        reason: String,
    },
    /// Ends the hold (解冻).
    Release {
        /// Which sheets.
        records: Vec<RecordId>,
        /// Why.
        reason: String,
    },
    /// Asks where to, and writes a binder's index as PDF.
    ExportIndex(Shelf),
    /// Asks where to, and writes a binder's spine label as PDF.
    ExportSpine(Shelf),
    /// Asks where to, and writes the list of these sheets to be destroyed as PDF, to be signed by three people.
    ExportDestruction(Vec<RecordId>),
    /// Destroys the contents of sheets, one after another (4.7). There is no way back.
    Destroy {
        /// Which sheets.
        records: Vec<RecordId>,
        /// [`Deed::Destroyed`].
        deed: Deed,
        /// The names and passwords of those it names who have one.
        given: Vec<(String, String)>,
    },
}

impl ArchiveCommand {
    /// Its words on buttons.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Show(part) => part.name(),
            Self::Choose(_) => "选",
            Self::File { .. } => "归档",
            Self::Hold { .. } => "冻结",
            Self::Release { .. } => "解冻",
            Self::ExportIndex(_) => "卷内目录",
            Self::ExportSpine(_) => "卷脊标签",
            Self::ExportDestruction(_) => "销毁清单",
            Self::Destroy { .. } => "确认销毁",
        }
    }
}
