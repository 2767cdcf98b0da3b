//! Who else has a book open: each window holds a shared lock on a file beside the book for as long as it lives. Whoever
//! puts another file in the book's place holds it alone.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Fault, Result};

/// How long a window waits while another file is put in the book's place, in tenths of a second.
const PATIENCE: u32 = 50;

/// This window's lock on `<book>-lock`.
#[derive(Debug)]
pub(super) struct Presence {
    file: File,
    path: PathBuf,
}

impl Presence {
    /// Says that this window has the book open; none where no such file can be made or locked. To be said before the book
    /// is opened, so that nobody puts another in its place between the two.
    pub(super) fn announce(book: &Path) -> Result<Option<Self>, Fault> {
        for _ in 0..PATIENCE {
            match taken(book, File::try_lock_shared) {
                Taken::Held(it) => return Ok(Some(it)),
                Taken::Busy => std::thread::sleep(Duration::from_millis(100)),
                Taken::Impossible => return Ok(None),
            }
        }
        Err(Fault::said("另一个窗口正在给它换口令，或正在恢复备份；请稍等再打开"))
    }

    /// Nobody has the book open, and nobody opens it while this lives.
    pub(super) fn alone(book: &Path) -> Result<Self, Fault> {
        match taken(book, File::try_lock) {
            Taken::Held(it) => Ok(it),
            Taken::Busy => Err(Fault::said("另一个窗口也开着这本台帐，请先关掉那个窗口")),
            Taken::Impossible => Err(Fault::said("看不出有没有别的窗口开着它（旁边的 -lock 文件写不了）")),
        }
    }

    /// Whether another window has it open. A lock cannot be widened in place, so it is let go for a moment.
    pub(super) fn others(&self) -> bool {
        let alone = self.is_alone();
        // Held again at once; whoever came between the two holds it shared as well, or for seconds only.
        if self.file.unlock().is_ok() {
            drop(self.file.lock_shared());
        }
        !alone
    }

    fn is_alone(&self) -> bool {
        self.file.unlock().is_ok() && self.file.try_lock().is_ok()
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        // The last one takes the file away. On Windows it goes when the handle does, or stays: it is empty.
        if self.is_alone() {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

enum Taken {
    Held(Presence),
    Busy,
    Impossible,
}

fn taken(book: &Path, lock: fn(&File) -> std::result::Result<(), TryLockError>) -> Taken {
    let mut path = book.as_os_str().to_owned();
    path.push("-lock");
    let path = PathBuf::from(path);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    loop {
        let Ok(file) = options.open(&path) else { return Taken::Impossible };
        match lock(&file) {
            Ok(()) if is_there(&file, &path) => return Taken::Held(Presence { file, path }),
            // The last window took the file away between the opening and the locking.
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Taken::Busy,
            Err(TryLockError::Error(_)) => return Taken::Impossible,
        }
    }
}

/// Whether the file is still the one that has this name.
fn is_there(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let same = |a: &std::fs::Metadata, b: &std::fs::Metadata| a.dev() == b.dev() && a.ino() == b.ino();
        matches!((file.metadata(), std::fs::metadata(path)), (Ok(a), Ok(b)) if same(&a, &b))
    }
    // A file that is open elsewhere keeps its name there until it is closed.
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        true
    }
}
