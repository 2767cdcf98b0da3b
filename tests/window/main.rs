//! The window, driven by its labels as a clerk (or a screen reader) drives it; no screen, no GPU, a real book.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;
mod access;
mod answers;
mod archive;
mod check;
mod customers;
mod desk;
mod doubt;
mod habits;
mod help;
mod kept;
mod large;
mod life;
mod links;
mod lines;
mod lock;
mod numbers;
mod office;
mod orders;
mod packages;
mod papers;
mod print;
mod register;
mod search_view;
mod sheets;
mod signs;
mod tables;
mod today;
mod together;
