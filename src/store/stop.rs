//! Breaking off what takes long (停止): a copy, a book put back or saved, sheets taken in, a look over the whole book.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;

use super::{Fault, Opener, Result, Store};

/// After so many steps of SQLite's a connection looks whether it is to stop: some hundredths of a millisecond.
const STEPS: i32 = 1_000;

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
    pub(super) fn heed(&self) -> Result<(), Fault> {
        if self.is_asked() { Err(Fault::Stopped) } else { Ok(()) }
    }

    /// From now on whatever this connection does that takes long fails once it is to be broken off.
    pub(super) fn holds(&self, connection: &mut Connection) -> Result<(), Fault> {
        self.heed()?;
        let stop = self.clone();
        Ok(connection.progress_handler(STEPS, Some(move || stop.is_asked()))?)
    }
}

impl Opener {
    /// What is done through it can be broken off.
    #[must_use]
    pub fn stopped_by(mut self, stop: &Stop) -> Self {
        self.stop = Some(stop.clone());
        self
    }

    /// The connection is broken off where what is done through this is.
    pub(super) fn holds(&self, connection: &mut Connection) -> Result<(), Fault> {
        self.stop.as_ref().map_or(Ok(()), |it| it.holds(connection))
    }

    /// Fails where it is to be broken off.
    pub(super) fn heed(&self) -> Result<(), Fault> {
        self.stop.as_ref().map_or(Ok(()), Stop::heed)
    }
}

impl Store {
    /// Fails where what is done with it is to be broken off.
    pub(super) fn heed(&self) -> Result<(), Fault> {
        self.stop.as_ref().map_or(Ok(()), Stop::heed)
    }
}
