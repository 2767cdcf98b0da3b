//! Who else has a book open: each window holds a shared lock on a file beside the book for as long as it lives.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// This window's lock on `<book>-lock`.
#[derive(Debug)]
pub(super) struct Presence {
    file: File,
    path: PathBuf,
}

impl Presence {
    /// Says that this window has the book open; `None` where no such file can be made or locked.
    pub(super) fn announce(book: &Path) -> Option<Self> {
        let mut path = book.as_os_str().to_owned();
        path.push("-lock");
        let path = PathBuf::from(path);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).ok()?;
        file.lock_shared().ok()?;
        Some(Self { file, path })
    }

    /// Whether another window has it open. A lock cannot be widened in place, so it is let go for a moment.
    pub(super) fn others(&self) -> bool {
        let alone = self.alone();
        // Held again at once; nothing is lost if not, for the lock guards no data.
        if self.file.unlock().is_ok() {
            drop(self.file.lock_shared());
        }
        !alone
    }

    fn alone(&self) -> bool {
        self.file.unlock().is_ok() && self.file.try_lock().is_ok()
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        // The last one takes the file away. On Windows it goes when the handle does, or stays: it is empty.
        if self.alone() {
            drop(std::fs::remove_file(&self.path));
        }
    }
}
