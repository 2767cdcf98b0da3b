//! What can be done with users (用户).

use crate::record::Customer;

/// What can be done with users (用户).
#[derive(Clone, Debug, PartialEq)]
pub enum CustomerCommand {
    /// Keeps what is known of a user.
    Put(Customer),
    /// Files a user, with all its spellings, under another one.
    Merge {
        /// Which user.
        from: String,
        /// Under which.
        into: String,
    },
    /// Lets a merged spelling stand for itself again.
    Split(String),
    /// Shows a user's page.
    Show(String),
}

impl CustomerCommand {
    /// Its words on buttons.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Put(_) => "保存用户资料",
            Self::Merge { .. } => "合并",
            Self::Split(_) => "拆开",
            Self::Show(_) => "查看用户",
        }
    }
}
