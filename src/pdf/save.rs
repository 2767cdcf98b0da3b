//! A PDF on the disk, whole or not at all.

use std::io;
use std::path::Path;

use crate::files::{self, Kind};

/// Writes a PDF to `path`, over nothing but another PDF (see [`files::save`]).
pub fn save(path: &Path, bytes: &[u8]) -> io::Result<()> {
    files::save(path, Kind::Pdf, bytes)
}
