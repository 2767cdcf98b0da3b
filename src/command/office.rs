//! What can be done with settings and people (设置).

/// What can be done with settings and people (设置).
#[derive(Clone, Debug, PartialEq)]
pub enum OfficeCommand {}

impl OfficeCommand {
    /// Its words on buttons.
    pub fn label(&self) -> &'static str {
        match *self {}
    }
}
