//! Why a command could not be done, as one sentence.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::{FAILED, MISUSED};
use crate::crash::mask;
use crate::exchange::ExchangeError;
use crate::face::readable;
use crate::pdf::PdfError;
use crate::procedure::Mistakes;
use crate::store::{StoreError, io_reason};

/// Why a command could not be done.
#[derive(Debug)]
pub enum Failure {
    /// The book.
    Store(StoreError),
    /// A form's file.
    Form(Mistakes),
    /// A file that is no book: what was done to it, which, why.
    File(&'static str, PathBuf, io::Error),
    /// What stands in an exchange file.
    Exchange(PathBuf, ExchangeError),
    /// The PDF could not be made.
    Pdf(PathBuf, PdfError),
    /// The answer could not be written.
    Out(io::Error),
    /// Anything found by the command itself.
    Said(String),
    /// The command was written wrongly in a way that clap cannot see.
    Misused(String),
}

impl Failure {
    /// The code to exit with.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Misused(_) => MISUSED,
            Self::Store(_)
            | Self::Form(_)
            | Self::File(..)
            | Self::Exchange(..)
            | Self::Pdf(..)
            | Self::Out(_)
            | Self::Said(_) => FAILED,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Form(error) => error.fmt(f),
            Self::File(doing, path, error) => write!(f, "{doing} {}：{}", path.display(), io_reason(error)),
            // What stands wrongly in such a file is quoted, and this sentence often ends in a script's log.
            Self::Exchange(path, error) => write!(f, "导入 {}：{}", path.display(), mask(&error.to_string())),
            Self::Pdf(path, error) => write!(f, "导出 {}：{error}", path.display()),
            Self::Out(error) => write!(f, "写出结果：{}", io_reason(error)),
            Self::Said(sentence) | Self::Misused(sentence) => f.write_str(&readable(sentence)),
        }
    }
}

impl std::error::Error for Failure {}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Mistakes> for Failure {
    fn from(error: Mistakes) -> Self {
        Self::Form(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Out(error)
    }
}
