//! The language that forms are written in: what small texts parse to, and what is said of wrong ones.

mod broken;
mod decided;
pub(crate) mod life;
mod lines;
mod links;
mod mends;
mod packages;
mod sheets;
mod short;
mod tables;
