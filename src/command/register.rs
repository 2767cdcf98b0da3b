//! What can be done with registers that are typed (登记簿).

/// What can be done with registers that are typed (登记簿).
#[derive(Clone, Debug, PartialEq)]
pub enum RegisterCommand {}

impl RegisterCommand {
    /// Its words on buttons.
    pub fn label(&self) -> &'static str {
        match *self {}
    }
}
