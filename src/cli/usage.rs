//! clap's complaints, as one sentence in the clerk's language.

use std::error::Error as _;
use std::io::Write;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{DONE, FAILED, MISUSED, say};
use crate::face::readable;

/// Shows the help that was asked for, or says what is wrong with the command; returns the exit code.
pub(super) fn explain(error: &clap::Error, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return if write!(out, "{}", error.render()).and_then(|()| out.flush()).is_ok() { DONE } else { FAILED };
    }
    say(err, &format!("台帐：{}。用“taizhang --help”查看用法", readable(&sentence(error))));
    MISUSED
}

fn sentence(error: &clap::Error) -> String {
    let context = |kind| error.get(kind).map(words).unwrap_or_default();
    let arg = context(ContextKind::InvalidArg);
    let value = context(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::InvalidSubcommand => format!("没有“{}”这个命令", context(ContextKind::InvalidSubcommand)),
        ErrorKind::UnknownArgument => format!("不认识“{arg}”"),
        ErrorKind::InvalidValue | ErrorKind::NoEquals | ErrorKind::TooFewValues if value.is_empty() => {
            format!("{arg} 后面没有写值")
        }
        ErrorKind::ValueValidation => {
            let why = error.source().map(ToString::to_string).unwrap_or_default();
            format!("{arg} 的值“{value}”不对，{why}")
        }
        ErrorKind::InvalidValue
        | ErrorKind::NoEquals
        | ErrorKind::TooManyValues
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues => format!("{arg} 的值“{value}”不对"),
        ErrorKind::ArgumentConflict => {
            let other = context(ContextKind::PriorArg);
            if other.is_empty() || other == arg {
                format!("{arg} 写了两次")
            } else {
                format!("{arg} 不能与 {other} 同时写")
            }
        }
        ErrorKind::MissingRequiredArgument => format!("缺少 {arg}"),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "命令没有写完".to_owned(),
        ErrorKind::InvalidUtf8 => "命令里有读不出的字符（不是 UTF-8）".to_owned(),
        // clap may come to know more kinds; its own first line then has to do.
        other => format!("命令写得不对（{other}）"),
    }
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::String(word) => word.clone(),
        ContextValue::Strings(words) => words.join("、"),
        other => other.to_string(),
    }
}
