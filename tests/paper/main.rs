//! From the procedure's words to pages: forms, flow, faces, layout and PDF.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../language/mod.rs"]
mod language;
mod breaking;
mod changes;
mod clocks;
mod faces;
mod flow;
mod forms;
mod pages;
mod pdf;
mod registers;
mod sanbao;
mod sanbao_life;
mod search;
mod calendar;
