//! 用户服务台帐: the controlled forms of a written procedure, filled in on the screen, kept, and printed.
//!
//! A paper form is data. It is laid out once, in millimetres, into marks; the screen and the PDF each draw the same
//! marks. A form and a record go in, pages come out: `Form × Record → Vec<Page>`, pure. Two painters take a `Page`.
//! Views return commands; `app` alone touches the book. That is all there is.
//!
//! The rooms, in reading order. Each uses only those above it, and a test reads the `use` lines.
//!
//! | room | what it is | the one owner of |
//! |---|---|---|
//! | [`units`] | lengths on paper | |
//! | [`files`] | files that people name: told apart, read within bounds, written whole and never over anything else; what the dead left half-written | |
//! | [`calendar`] | which days and hours are worked, and counting with them; terms; reads and checks its TOML | toml |
//! | [`expression`] | expressions of forms: conditions, computed cells, columns | cel |
//! | [`face`] | the faces and the one ruler for text: advances, line breaks, missing characters | skrifa, unicode-linebreak |
//! | [`procedure`] | what the written procedure says: departments, forms, sections, fields; reads and checks TOML; what an office sets for itself | toml |
//! | [`record`] | a filled-in sheet: values as typed, pictures, corrections, rounds, facts; what is odd about them | base64, image |
//! | [`flow`] | where a sheet stands, who may write and sign what, what is due when; pure | |
//! | [`register`] | the lines of registers, derived from sheets or typed; their sums | |
//! | [`list`] | what lists show of a sheet, and filtering as one types | |
//! | [`customers`] | the users, one list out of every sheet; two spellings as one; visits due | |
//! | [`similar`] | complaints of the same user, product or wording | |
//! | [`retention`] | what is to be filed, what lies in which binder, what may be destroyed and what stays of it; pure | |
//! | [`search`] | finding any piece of text on any sheet, and where on the sheet it stands | memchr |
//! | [`today`] | what is owed today, and where the papers are; pure | |
//! | [`layout`] | Form × Record → pages of marks and slots, continuation sheets included; pure | datamatrix |
//! | [`password`] | hashing and comparing the passwords of people who share a desk; the keys they seal | argon2, chacha20poly1305, ed25519-dalek, getrandom, zeroize |
//! | [`store`] | the book: the care of its file (`store/file`), migrations, records, facts, the chained history and what checks it, what is remembered of it outside, numbers, users, destroying, its password, backups, salvage | rusqlite |
//! | [`exchange`] | sheets as JSON, read strictly and within bounds, and written; a book of the package's sample sheets | |
//! | [`pdf`] | pages → PDF | printpdf, lopdf, subsetter |
//! | [`crash`] | what a crash leaves behind; telephone numbers out of what is logged | |
//! | [`habits`] | what this computer remembers: window, zoom, recent books and how far they had come, printers; one file, written whole | |
//! | [`licences`] | under what licences the crates and faces of the program are used | |
//! | [`export`] | which pages make a sheet's, a register's, a blank form's, another paper's PDF | |
//! | [`print`] | pages to a printer: CUPS, on Windows GDI | |
//! | [`command`] | every command with its label, hint and key | |
//! | [`ui`] | theme, the sheet and what is asked beside it, lists, pages, bars; draws, returns commands | egui |
//! | [`app`] | what lies on the desk; runs commands; keeps notices | egui |
//! | [`cli`] | the same work without a window | clap |
//!
//! `main.rs` is the window, the clock, the paths, the file dialogs and the panic hook (eframe, rfd).
//!
//! In all rooms a number in brackets, as (4.5.1), is a clause of QG/R0309—2009; “PROCEDURE n” is section n of what was decided
//! where the clauses contradict each other or say nothing.
//!
//! One key press: the focused cell is an editable field whose rows stand exactly where `layout` puts its lines, over the
//! continuation sheets too. Each key changes the text in hand and lays the sheet out again. Leaving the cell, or less than
//! a second of typing, makes a [`command::Command::Set`]; `app`, after drawing, writes value and history row in one
//! transaction; the record is read back and laid out, so that the screen shows what is on the disk. There is no Save
//! button and no dirty flag. What cannot be written stays in the window, is shown, and is tried again.

pub mod units;
pub mod files;
pub mod calendar;
pub mod expression;
pub mod face;
pub mod procedure;
pub mod record;
pub mod flow;
pub mod register;
pub mod list;
pub mod customers;
pub mod similar;
pub mod retention;
pub mod search;
pub mod today;
pub mod layout;
pub mod password;
pub mod store;
pub mod exchange;
pub mod pdf;
pub mod crash;
pub mod habits;
pub mod licences;
pub mod export;
pub mod print;
pub mod command;
pub mod ui;
pub mod app;
pub mod cli;
