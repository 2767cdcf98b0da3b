//! The book: what is written is there, whoever else writes, whatever is done to the file.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;
mod authority;
mod backup;
mod migrations;
mod salvage;
mod store;
