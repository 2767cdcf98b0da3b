//! What can be done with filing, holding and destroying papers (归档).

/// What can be done with filing, holding and destroying papers (归档).
#[derive(Clone, Debug, PartialEq)]
pub enum ArchiveCommand {}

impl ArchiveCommand {
    /// Its words on buttons.
    pub fn label(&self) -> &'static str {
        match *self {}
    }
}
