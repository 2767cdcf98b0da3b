//! Who else has a book open: each window holds a shared lock on a file beside the book for as long as it lives. Whoever
//! puts another file in the book's place holds it alone. Who sits at a window stands in a file of its own, which is locked
//! too: one that is not was left behind by a crash.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

use super::super::{Fault, Result};
use crate::files::{self, IN_USE, folder_of};

/// How long a window waits while another file is put in the book's place, in tenths of a second.
const PATIENCE: u32 = 50;

/// The longest file of a window that is read, in bytes: nobody's name is longer.
const LONGEST: u64 = 1024;

/// This window's lock on `<book>-lock`.
#[derive(Debug)]
pub(in super::super) struct Presence {
    file: File,
    path: PathBuf,
    seat: Option<NamedTempFile>,
}

/// A window that has the book open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The computer's name; empty where it has none.
    pub computer: String,
    /// The name under which whoever sits there works on that computer; empty where it has none.
    pub user: String,
    /// Since when.
    pub since: SystemTime,
}

impl Seat {
    /// Whether it is a window on this computer.
    pub fn is_here(&self) -> bool {
        self.computer == computer()
    }
}

impl Presence {
    /// Says that this window has the book open; none where no such file can be made or locked. To be said before the book
    /// is opened, so that nobody puts another in its place between the two.
    pub(in super::super) fn announce(book: &Path) -> Result<Option<Self>, Fault> {
        for _ in 0..PATIENCE {
            match taken(book, File::try_lock_shared) {
                Taken::Held(mut it) => {
                    // Where the folder takes no more files, only nobody is told who sits here.
                    it.seat = sit_down(book).ok();
                    clear_seats(folder_of(book));
                    return Ok(Some(it));
                }
                Taken::Busy => std::thread::sleep(Duration::from_millis(100)),
                Taken::Impossible => return Ok(None),
            }
        }
        Err(Fault::said("另一个窗口正在给它换口令，或正在恢复备份；请稍等再打开"))
    }

    /// Whether nobody has the book open; while what is held lives nobody opens it.
    pub(in super::super) fn try_alone(book: &Path) -> Taken {
        taken(book, File::try_lock)
    }

    /// Nobody has the book open, and nobody opens it while this lives.
    pub(in super::super) fn alone(book: &Path) -> Result<Self, Fault> {
        match Self::try_alone(book) {
            Taken::Held(it) => Ok(it),
            Taken::Busy => Err(Fault::said("另一个窗口也开着这本台帐，请先关掉那个窗口")),
            Taken::Impossible => Err(Fault::said("看不出有没有别的窗口开着它（旁边的 -lock 文件写不了）")),
        }
    }

    /// Whether another window has it open. A lock cannot be widened in place, so it is let go for a moment.
    pub(in super::super) fn others(&self) -> bool {
        let alone = self.is_alone();
        // Held again at once; whoever came between the two holds it shared as well, or for seconds only.
        drop(self.file.unlock());
        drop(self.file.lock_shared());
        !alone
    }

    /// Whose the other windows are, oldest first, as far as they tell. What a crash left behind is taken away.
    pub(in super::super) fn seats(&self, book: &Path) -> Vec<Seat> {
        let own = self.seat.as_ref().and_then(|it| it.path().file_name());
        let names = std::fs::read_dir(folder_of(book)).into_iter().flatten().flatten().map(|it| it.file_name());
        let begins = seat_prefix(book);
        let seats = names.filter(|it| it.to_string_lossy().starts_with(&begins) && own != Some(it));
        let mut seats: Vec<Seat> = seats.filter_map(|it| seat_at(&book.with_file_name(it))).collect();
        seats.sort_by_key(|it| it.since);
        seats
    }

    fn is_alone(&self) -> bool {
        // Wine says that it failed, although it did not; where it did fail, what follows fails.
        drop(self.file.unlock());
        self.file.try_lock().is_ok()
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        // The last one takes the file away. On Windows it may go only with the handle, or stay: it is empty.
        if self.is_alone() {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// What came of taking the lock.
pub(in super::super) enum Taken {
    /// It is held.
    Held(Presence),
    /// Another window holds it.
    Busy,
    /// There can be no such file here.
    Impossible,
}

fn taken(book: &Path, lock: fn(&File) -> std::result::Result<(), TryLockError>) -> Taken {
    // By whatever way a window came to the book, it holds the lock that lies beside it.
    let mut path = book.canonicalize().unwrap_or_else(|_| book.to_owned()).into_os_string();
    path.push("-lock");
    let path = PathBuf::from(path);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    loop {
        let Ok(file) = options.open(&path) else { return Taken::Impossible };
        match lock(&file) {
            Ok(()) if is_there(&file, &path) => return Taken::Held(Presence { file, path, seat: None }),
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
    #[cfg(windows)]
    {
        let held = file.try_clone().and_then(same_file::Handle::from_file);
        matches!((held, same_file::Handle::from_path(path)), (Ok(a), Ok(b)) if a == b)
    }
}

/// How the names of the windows' files begin.
fn seat_prefix(book: &Path) -> String {
    format!("{}{IN_USE}", book.file_name().unwrap_or_default().to_string_lossy())
}

/// Says who sits at this window, in a file that goes with it. The lock is shared: others may read what it says, on Windows
/// too.
fn sit_down(book: &Path) -> io::Result<NamedTempFile> {
    let said = format!("{}\n{}\n{}\n", computer(), user(), std::process::id());
    loop {
        let mut seat = tempfile::Builder::new().prefix(&seat_prefix(book)).tempfile_in(folder_of(book))?;
        seat.write_all(said.as_bytes())?;
        seat.as_file().lock_shared()?;
        // Another window may have taken it for left behind before it was locked.
        if is_there(seat.as_file(), seat.path()) {
            return Ok(seat);
        }
    }
}

/// Takes away what windows on any book of a folder left there that are gone.
fn clear_seats(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let random = name.to_str().and_then(|it| it.rsplit_once(IN_USE)).map_or("", |it| it.1);
        let ours = random.len() == 6 && random.bytes().all(|it| it.is_ascii_alphanumeric());
        if ours && entry.metadata().is_ok_and(|it| it.is_file() && it.len() < LONGEST) {
            drop(seat_at(&entry.path()));
        }
    }
}

/// Whose window a file tells of; none where the window is gone, and then the file goes too.
fn seat_at(path: &Path) -> Option<Seat> {
    let file = files::open(path).ok()?;
    if file.try_lock().is_ok() {
        drop(std::fs::remove_file(path));
        return None;
    }
    let since = file.metadata().and_then(|it| it.modified()).ok()?;
    let mut said = Vec::new();
    file.take(LONGEST).read_to_end(&mut said).ok()?;
    let said = String::from_utf8_lossy(&said);
    // Anybody may have written it.
    let mut lines = said.lines().map(|it| it.chars().filter(|it| !it.is_control()).take(40).collect::<String>());
    let mut next = || lines.next().unwrap_or_default();
    Some(Seat { computer: next(), user: next(), since })
}

/// This computer's name.
fn computer() -> String {
    let linux = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    linux.map(|it| it.trim().to_owned()).or_else(|| environment(&["COMPUTERNAME", "HOSTNAME"])).unwrap_or_default()
}

/// Under which name whoever sits here works on this computer.
fn user() -> String {
    environment(&["USERNAME", "USER", "LOGNAME"]).unwrap_or_default()
}

fn environment(names: &[&str]) -> Option<String> {
    names.iter().filter_map(|it| std::env::var(it).ok()).find(|it| !it.is_empty())
}
