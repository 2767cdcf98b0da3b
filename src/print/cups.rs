//! Printing through CUPS.

use super::{Job, Outcome, Printer, Watch};

/// Which printers there are.
pub(super) fn printers() -> Result<Vec<Printer>, String> {
    Ok(Vec::new())
}

/// Prints a job.
pub(super) fn print(_job: &Job, _watch: &Watch) -> Result<Outcome, String> {
    Err("没有打印".to_owned())
}
