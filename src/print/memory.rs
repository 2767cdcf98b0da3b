//! What this machine remembers of its printers. It lies beside the program's own data and in no book: a book that goes
//! to another desk finds other printers there.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What this machine remembers of its printers.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Memory {
    /// Where was printed last.
    pub printer: String,
    /// How each printer is used, by its name.
    pub printers: BTreeMap<String, Habit>,
}

/// How a printer is used.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Habit {
    /// How far everything is moved to the right, in millimetres.
    pub right: f64,
    /// And down.
    pub down: f64,
    /// Whether it prints on both sides.
    pub both_sides: bool,
}

impl Memory {
    /// Reads what is remembered; nothing, where there is nothing or it cannot be read.
    pub fn read(path: &Path) -> Self {
        let read = std::fs::read(path).ok().and_then(|it| serde_json::from_slice(&it).ok());
        read.unwrap_or_default()
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        crate::pdf::save(path, &serde_json::to_vec_pretty(self)?)
    }
}
