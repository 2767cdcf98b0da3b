//! What can be done with the book's password (台帐口令).

use std::path::PathBuf;

/// What can be done with the book's password (台帐口令).
#[derive(Clone, Debug, PartialEq)]
pub enum LockCommand {
    /// Shows the page on which it is given, changed and taken away.
    Ask,
    /// Opens a book with it.
    Unlock(PathBuf, String),
    /// Gives the book another one, or none; what it has now is asked for.
    Change {
        /// What it has now; empty where it has none.
        old: String,
        /// What it is to have; empty for none.
        new: String,
    },
    /// Leaves the page.
    Leave,
}

impl LockCommand {
    /// Its words on buttons and in menus.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Ask => "台帐口令…",
            Self::Unlock(..) => "打开",
            Self::Change { old, .. } if old.is_empty() => "加上口令",
            Self::Change { new, .. } if new.is_empty() => "取消口令",
            Self::Change { .. } => "换成新口令",
            Self::Leave => "返回",
        }
    }
}
