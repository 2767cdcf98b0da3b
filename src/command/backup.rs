//! What can be done with copies of the book (备份与恢复).

use std::path::PathBuf;

/// What is asked for in a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupPlace {
    /// The folder for backups.
    Folder,
    /// The second place for them.
    Second,
    /// A backup, or any book, to be put in the present one's place.
    File,
}

/// What can be done with copies of the book (备份与恢复).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackupCommand {
    /// Copies the book now.
    Make,
    /// Asks for a place, or a file.
    Choose(BackupPlace),
    /// Goes back to the folder beside the book, or to no second place.
    Reset(BackupPlace),
    /// Uses the places that the book names, which were not chosen on this computer.
    Agree,
    /// Shows what a backup holds beside what the present book holds; with its password where that is another.
    Compare(PathBuf, String),
    /// Puts the backup that is shown in the place of the present book, which is kept beside.
    Restore {
        /// Which file.
        path: PathBuf,
        /// Its password, where it is another than the present book's.
        password: String,
    },
    /// Leaves the present book as it is.
    Leave,
    /// Opens a damaged book as far as it can be read.
    Read,
    /// Puts what can be read of a damaged book into a new one.
    Salvage,
}

impl BackupCommand {
    /// Its words on buttons.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Make => "立即备份",
            Self::Choose(BackupPlace::File) => "选别的台帐文件…",
            Self::Choose(_) => "选择…",
            Self::Reset(BackupPlace::Second) => "不要第二处",
            Self::Reset(_) => "放在台帐旁",
            Self::Agree => "就备份到那里",
            Self::Compare(..) => "看里面有什么",
            Self::Restore { .. } => "恢复",
            Self::Leave => "不恢复",
            Self::Read => "只读打开",
            Self::Salvage => "抢救到新台帐",
        }
    }
}
