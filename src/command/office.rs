//! What can be done with settings and people (设置).

use crate::procedure::Change;

/// What can be done with settings and people (设置).
#[derive(Clone, Debug, PartialEq)]
pub enum OfficeCommand {
    /// Changes a setting.
    Change(Change),
    /// Gives a person a password.
    SetPassword {
        /// Whom.
        name: String,
        /// Which.
        password: String,
        /// The names and passwords of others who vouch for it, where it takes the place of one that is forgotten.
        given: Vec<(String, String)>,
    },
    /// Takes a person's password away.
    ClearPassword(String),
    /// Takes an office's own files of a package into the book.
    TakeIn(String),
    /// Puts them beside the book again.
    TakeOut(String),
    /// Something was put on the clipboard.
    Copied,
}

impl OfficeCommand {
    /// Its words on buttons.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Change(_) => "改设置",
            Self::SetPassword { .. } => "设密码",
            Self::ClearPassword(_) => "清除密码",
            Self::TakeIn(_) => "收进台帐",
            Self::TakeOut(_) => "取出来",
            Self::Copied => "抄下写法",
        }
    }
}
