//! A file on the disk, whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Writes `bytes` to `path`: into a temporary file beside it, onto the disk, then under its name. If anything fails,
/// nothing half-written is left, and a file that was there stays as it was.
pub fn save(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    // Its owner's alone: a sheet is full of names and telephone numbers. Whom it is for is let in by hand.
    let mut file = tempfile::Builder::new().prefix(".taizhang-").suffix(".tmp").tempfile_in(directory)?;
    file.write_all(bytes)?;
    if let Ok(existing) = fs::metadata(path) {
        // Whoever could read the old file may read the new one; a folder that knows no modes is no reason to fail.
        let _ = file.as_file().set_permissions(existing.permissions());
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|failed| failed.error)?;
    #[cfg(unix)]
    {
        // So that the name survives a power cut too. The file itself is safe by now, and some network folders refuse
        // this, so it is no failure.
        let _ = fs::File::open(directory).and_then(|it| it.sync_all());
    }
    Ok(())
}
