//! The program from outside: its command line, and the rules of its own house.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod cli;
mod house;
