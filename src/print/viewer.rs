//! Where there is no printer: a place for a PDF that another program shows, and prints.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::Builder;

use crate::files;

/// With this begin the folders that hold such a PDF.
const PREFIX: &str = "taizhang-print-";
/// By then it has been printed.
const OLD: Duration = Duration::from_secs(24 * 60 * 60);

/// A new folder that nobody else on this machine can look into, for one PDF. It stays while the other program may need
/// it; those of days before are removed.
///
/// # Errors
/// When it cannot be made.
pub fn folder() -> io::Result<PathBuf> {
    folder_in(&std::env::temp_dir())
}

fn folder_in(parent: &Path) -> io::Result<PathBuf> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let folder = builder.tempdir_in(parent)?.keep();
    let new = folder.metadata()?;
    for old in fs::read_dir(parent)?.flatten() {
        let named = old.file_name().to_string_lossy().starts_with(PREFIX);
        // A link is not followed: it is no folder.
        if named && old.metadata().is_ok_and(|it| it.is_dir() && files::is_left(&it, &new, OLD)) {
            // What another program holds open goes another day.
            let _ = fs::remove_dir_all(old.path());
        }
    }
    Ok(folder)
}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use std::fs::{self, File};
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::{OLD, PREFIX, folder_in};

    #[test]
    fn a_pdf_to_be_printed_elsewhere_is_its_users_own_and_goes_after_a_day() {
        let place = tempfile::tempdir().unwrap();
        let first = folder_in(place.path()).unwrap();
        assert_eq!(first.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        File::create(first.join("打印_处置单.pdf")).unwrap();
        // What another program may be printing is left alone, and so is what is nobody's PDF.
        let other = place.path().join("other");
        fs::create_dir(&other).unwrap();
        symlink(&other, place.path().join(format!("{PREFIX}link"))).unwrap();
        let age = |it: &std::path::Path| {
            let folder = File::open(it).unwrap();
            folder.set_modified(folder.metadata().unwrap().modified().unwrap() - OLD * 2).unwrap();
        };
        age(&other);
        let second = folder_in(place.path()).unwrap();
        assert!(first.join("打印_处置单.pdf").exists());
        age(&first);
        let third = folder_in(place.path()).unwrap();
        assert!(!first.exists() && second.exists() && third.exists() && other.exists());
    }
}
