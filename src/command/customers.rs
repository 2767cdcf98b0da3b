//! What can be done with users (用户).

/// What can be done with users (用户).
#[derive(Clone, Debug, PartialEq)]
pub enum CustomerCommand {}

impl CustomerCommand {
    /// Its words on buttons.
    pub fn label(&self) -> &'static str {
        match *self {}
    }
}
