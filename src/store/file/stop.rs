//! Breaking off what takes long (停止): a copy, a book put back or saved, sheets taken in, a look over the whole book.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use rusqlite::Connection;

use super::super::{Fault, Result, Store};
use super::connection::logs_of;

/// After so many steps of SQLite's a connection looks whether it is to stop: some hundredths of a millisecond.
const STEPS: i32 = 1_000;
/// What the smallest book may take, in thousands of steps: some tenths of a second.
const LEAST: u64 = 20_000;

/// A wish to break off, heard by other threads; clones are one and the same. What is broken off fails, and leaves the book
/// and its folder as they were.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Breaks it off.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was to be broken off.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Fails where it is to be broken off; for steps that SQLite knows nothing of, or whose faults are expected.
    pub(in super::super) fn heed(&self) -> Result<(), Fault> {
        if self.is_asked() { Err(Fault::Stopped) } else { Ok(()) }
    }

    /// From now on whatever this connection does that takes long fails once it is to be broken off.
    pub(in super::super) fn holds(&self, connection: &mut Connection) -> Result<(), Fault> {
        self.heed()?;
        let stop = self.clone();
        Ok(connection.progress_handler(STEPS, Some(move || stop.is_asked()))?)
    }
}

/// How much one thing may take, in thousands of SQLite's steps: a file may be made so that its pages lead in circles, and
/// what follows them never ends. What is read of an honest book takes some tenths of a step for each byte of its file; what
/// is written begins anew with each line of history.
#[derive(Debug)]
pub(in super::super) struct Meter {
    path: PathBuf,
    used: AtomicU64,
    stop: OnceLock<Stop>,
}

impl Meter {
    /// For this file.
    pub(in super::super) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), used: AtomicU64::new(0), stop: OnceLock::new() }
    }

    /// From now on this connection's steps are counted.
    pub(in super::super) fn watch(self: &Arc<Self>, connection: &mut Connection) -> Result<(), Fault> {
        let meter = Arc::clone(self);
        let over = move || {
            meter.used.fetch_add(1, Ordering::Relaxed);
            meter.stop.get().is_some_and(Stop::is_asked) || meter.is_over()
        };
        Ok(connection.progress_handler(STEPS, Some(over))?)
    }

    /// Whether it has taken too long for a file as large as this one is now.
    fn is_over(&self) -> bool {
        let used = self.used.load(Ordering::Relaxed);
        // One that lies nowhere was made by the program itself.
        used > LEAST
            && std::fs::metadata(&self.path).is_ok_and(|it| used > LEAST + (it.len() + log_of(&self.path)) / 50)
    }

    /// Something begins, or goes on to the next of many.
    pub(in super::super) fn begin(&self) {
        self.used.store(0, Ordering::Relaxed);
    }

    /// The wish to break off is heard too.
    pub(in super::super) fn heeds(&self, stop: &Stop) {
        // A store is given one once.
        drop(self.stop.set(stop.clone()));
    }

    /// A fault, or what it comes from: that it took too long.
    pub(in super::super) fn blamed(&self, fault: Fault) -> Fault {
        if self.is_over() && !self.stop.get().is_some_and(Stop::is_asked) {
            return Fault::said("文件里的内容读不到头，也许被人改动过，没有读下去；请用备份，或用“抢救”救到新台帐");
        }
        fault
    }
}

/// How much lies in the log beside a book.
fn log_of(path: &Path) -> u64 {
    logs_of(path).iter().filter_map(|it| std::fs::metadata(it).ok()).map(|it| it.len()).sum()
}

impl Store {
    /// What is done with it can be broken off.
    pub(in super::super) fn stopped_by(self, stop: Option<Stop>) -> Self {
        stop.iter().for_each(|it| self.meter.heeds(it));
        Self { stop, ..self }
    }

    /// Fails where what is done with it is to be broken off.
    pub(in super::super) fn heed(&self) -> Result<(), Fault> {
        self.stop.as_ref().map_or(Ok(()), Stop::heed)
    }
}
