//! What can be done with the number book (编号簿).

/// What can be done with the number book (编号簿).
#[derive(Clone, Debug, PartialEq)]
pub enum NumberCommand {}

impl NumberCommand {
    /// Its words on buttons.
    pub fn label(&self) -> &'static str {
        match *self {}
    }
}
