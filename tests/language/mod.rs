//! The language that forms are written in: what small texts parse to, and what is said of wrong ones.

mod broken;
mod links;
mod packages;
mod short;
mod tables;
