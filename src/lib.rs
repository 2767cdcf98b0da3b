//! The house.
pub mod units;
pub mod face;
pub mod procedure;
pub mod record;
pub mod flow;
pub mod ledger;
pub mod layout;
