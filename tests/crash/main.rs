//! The power is cut, the disk fails, the program is killed: the book is whole, and nothing is lost that was said to be
//! written.
//!
//! Every round is thrown with dice of its own and names its seed when it fails. `TAIZHANG_ROUNDS` says how many power cuts,
//! faults and days of an office there are (of power cuts in each work on whole files at most 2,000, in a change of password
//! 200; of killed imports 1,000, of each other killed work, and of windows, 200); unless told, a few dozen to a few hundred.
//! `tests/long.sh` has the long run.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "a disk is put together file by file")]

#[path = "../common/mod.rs"]
mod common;
mod chores;
mod days;
mod dice;
mod killed;
mod office;
mod power;
mod screen;
mod vfs;

/// How many rounds of a kind: what `TAIZHANG_ROUNDS` says, else `short`.
fn rounds(short: usize) -> usize {
    let told = std::env::var("TAIZHANG_ROUNDS").ok();
    told.map_or(short, |it| it.parse().expect("TAIZHANG_ROUNDS is a number"))
}
