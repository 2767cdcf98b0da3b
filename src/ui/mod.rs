//! The window's views. A view is a struct with its own small state; it reads, draws, and returns commands. None of them
//! knows where records are kept or how a PDF is made.

pub mod archive;
pub mod backup;
pub mod bars;
pub mod beside;
pub mod calendar;
pub mod check;
pub mod context;
pub mod customers;
pub mod desk;
pub mod files;
pub mod focus;
pub mod help;
pub mod ime;
pub mod life;
pub mod lines;
pub mod list;
pub mod lock;
pub mod numbers;
pub mod offers;
pub mod office;
pub mod operator;
pub mod page;
pub mod palette;
pub mod papers;
pub mod pen;
mod pictures;
pub mod print;
pub mod progress;
pub mod register;
pub mod search;
pub mod sheet;
pub mod similar;
pub mod theme;
pub mod today;
pub mod welcome;
pub mod zoom;
