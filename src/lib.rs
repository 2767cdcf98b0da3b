//! The house.
pub mod units;
pub mod face;
pub mod procedure;
pub mod record;
pub mod flow;
pub mod ledger;
pub mod list;
pub mod layout;
pub mod store;
pub mod sample;
pub mod pdf;
pub mod export;
pub mod command;
pub mod ui;
pub mod app;
pub mod cli;

