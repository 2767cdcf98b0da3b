//! Files that people name: told apart by how they begin, read within bounds, written whole, and never over anything else
//! than a file of the same kind.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::NamedTempFile;

mod leftover;

pub use leftover::{is_left, own_folder, sweep};

/// How every SQLite file begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Bytes of a page of an encrypted book; as many are looked at of any file.
const PAGE: usize = 4096;
/// With this end the names of what lies beside a book while it is open.
const BESIDE: [&str; 4] = ["-wal", "-shm", "-journal", "-lock"];
/// This stands between a book's name and what is random in the name of a window's own file beside it.
pub const IN_USE: &str = "-在用-";

/// What a file is, by how it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing is in it.
    Empty,
    /// A book, or another program's database.
    Database,
    /// A book with a password.
    Encrypted,
    /// A PDF.
    Pdf,
    /// Text, JSON and lists too.
    Text,
    /// Anything else.
    Other,
}

impl Kind {
    /// What a clerk calls it.
    const fn name(self) -> &'static str {
        match self {
            Self::Empty => "空文件",
            Self::Database => "台帐（或别的数据库）",
            Self::Encrypted => "加了口令的台帐",
            Self::Pdf => " PDF",
            Self::Text => "文字文件",
            Self::Other => "别的程序的文件",
        }
    }

    fn of(head: &[u8], length: u64) -> Self {
        if head.is_empty() {
            Self::Empty
        } else if head.starts_with(MAGIC) {
            Self::Database
        } else if head.starts_with(b"%PDF-") {
            Self::Pdf
        } else if is_text(head) {
            Self::Text
        } else if length.is_multiple_of(PAGE as u64) && looks_random(head) {
            Self::Encrypted
        } else {
            Self::Other
        }
    }
}

/// Whether it may be the beginning of a text, which may be cut off within a letter.
fn is_text(head: &[u8]) -> bool {
    let text = match str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => str::from_utf8(&head[..error.valid_up_to()]).unwrap_or("\0"),
        Err(_) => return false,
    };
    !text.chars().any(|it| it.is_control() && !['\t', '\n', '\r'].contains(&it))
}

/// An encrypted page has no other mark than that nearly every byte occurs in it: of 256, some 256 do, and never as few as
/// in texts, pictures or a page of zeros.
fn looks_random(page: &[u8]) -> bool {
    let mut there = [false; 256];
    page.iter().for_each(|it| there[usize::from(*it)] = true);
    there.into_iter().filter(|it| *it).count() > 240
}

/// An error that is a sentence for the clerk.
fn refused<T>(sentence: impl Into<String>) -> io::Result<T> {
    Err(io::Error::other(sentence.into()))
}

/// Refuses what is no plain file. To open a pipe would wait for whoever writes into it, and a device may have no end.
fn plain(about: &Metadata) -> io::Result<()> {
    if about.is_file() {
        return Ok(());
    }
    if about.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    #[cfg(unix)]
    let what = {
        use std::os::unix::fs::FileTypeExt as _;
        let kind = about.file_type();
        if kind.is_fifo() {
            "管道"
        } else if kind.is_socket() {
            "套接字"
        } else {
            "设备"
        }
    };
    #[cfg(not(unix))]
    let what = "设备";
    refused(format!("这不是文件，是{what}"))
}

/// Opens a plain file to be read; anything else is refused without being opened.
///
/// # Errors
/// When it is a folder, a device or a pipe, cannot be opened, or is a book that this process has open.
pub fn open(path: &Path) -> io::Result<File> {
    let about = fs::metadata(path)?;
    plain(&about)?;
    if Held::find(&about).is_some() {
        return refused("这是正开着的台帐");
    }
    let file = File::open(path)?;
    // Another may have taken the name between the two.
    plain(&file.metadata()?)?;
    Ok(file)
}

/// Reads a plain file whole.
///
/// # Errors
/// As [`open`], and when it is longer than `most` bytes.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let length = file.metadata()?.len();
    if length > most {
        return refused(format!("文件太大，最多 {most} 字节"));
    }
    let mut bytes = Vec::new();
    // What grows meanwhile, or says that it is empty and never ends, is read as far as it said.
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a plain file of text whole.
///
/// # Errors
/// As [`read`], and when it is no UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read(path, most)?).or_else(|_| refused("不是 UTF-8 编码的文字"))
}

/// Looks at how a plain file begins. A book that this process has open is not touched.
///
/// # Errors
/// As [`open`], and when it cannot be read.
pub fn kind(path: &Path) -> io::Result<Kind> {
    Ok(begin(path)?.1)
}

/// The first bytes of a plain file, and what it is by them. Of a book that this process has open there are none.
///
/// # Errors
/// As [`kind`].
pub fn begin(path: &Path) -> io::Result<(Vec<u8>, Kind)> {
    let about = fs::metadata(path)?;
    plain(&about)?;
    if let Some(kind) = Held::find(&about) {
        return Ok((Vec::new(), kind));
    }
    let file = match (open(path), Held::find(&about)) {
        // Another thread opened it in this very moment.
        (Err(_), Some(kind)) => return Ok((Vec::new(), kind)),
        (file, _) => file?,
    };
    let length = file.metadata()?.len();
    let mut head = Vec::new();
    file.take(PAGE as u64).read_to_end(&mut head)?;
    let kind = Kind::of(&head, length);
    Ok((head, kind))
}

/// The books that this process has open. On Unix, whoever closes a file again takes away every lock that the process has
/// on it, SQLite's own too: these are never opened to be looked at.
static HELD: Mutex<Vec<(Mark, Kind)>> = Mutex::new(Vec::new());

/// Which file it is, by whatever name.
type Mark = (u64, u64);

#[cfg(unix)]
fn mark(about: &Metadata) -> Option<Mark> {
    use std::os::unix::fs::MetadataExt as _;
    Some((about.dev(), about.ino()))
}

/// Windows' locks belong to whoever opened the file, and stay.
#[cfg(not(unix))]
fn mark(_: &Metadata) -> Option<Mark> {
    None
}

/// Says that this process has a book open, for as long as it lives.
#[derive(Debug)]
pub struct Held(Option<Mark>);

impl Held {
    /// Says so of a book; `locked` says whether it has a password.
    pub fn new(path: &Path, locked: bool) -> Self {
        let mark = fs::metadata(path).ok().and_then(|it| mark(&it));
        let kind = if locked { Kind::Encrypted } else { Kind::Database };
        HELD.lock().unwrap_or_else(PoisonError::into_inner).extend(mark.map(|it| (it, kind)));
        Self(mark)
    }

    fn find(about: &Metadata) -> Option<Kind> {
        let mark = mark(about)?;
        HELD.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|it| it.0 == mark).map(|it| it.1)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = held.iter().position(|it| Some(it.0) == self.0) {
            held.swap_remove(place);
        }
    }
}

/// Whether a file of this name would be taken for what lies beside a book while it is open, and mixed into the book.
fn is_beside_a_book(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    // Windows forgets dots and spaces at the end.
    let name = name.trim_end_matches(['.', ' ']);
    BESIDE.iter().any(|it| name.ends_with(it)) || name.contains(IN_USE) || name.starts_with(leftover::BEGINS)
}

/// Refuses a name for a new book that is taken for what lies beside another.
///
/// # Errors
/// When it is.
pub fn may_be_called(path: &Path) -> io::Result<()> {
    if is_beside_a_book(path) {
        return refused("这样的名字是台帐开着时旁边的文件用的，请换一个名字");
    }
    Ok(())
}

/// Where a file of this kind may be written: at `path`, or where the link leads that has this name. Over a file that is
/// there only where it is empty or of the same kind, and never over a book, what lies beside one, or what is no plain file.
///
/// # Errors
/// Why not.
pub fn may_write(path: &Path, wanted: Kind) -> io::Result<PathBuf> {
    may_be_called(path)?;
    let real = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(path.to_owned()),
        Err(error) => return Err(error),
        Ok(about) if !about.is_symlink() => path.to_owned(),
        Ok(_) => match path.canonicalize() {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return refused("这是一个链接，它指的文件不在，没有写；请换一个名字");
            }
            Err(error) => return Err(error),
        },
    };
    may_be_called(&real)?;
    let there = kind(&real)?;
    if there == Kind::Empty || there == wanted {
        return Ok(real);
    }
    refused(format!("已有同名的文件，它是{}，没有替换它；请换一个名字", there.name()))
}

/// Writes a file of this kind: into a temporary file beside it, onto the disk, then under its name. If anything fails,
/// nothing half-written is left, and a file that was there stays as it was.
///
/// # Errors
/// As [`may_write`], and when it cannot be written.
pub fn save(path: &Path, kind: Kind, bytes: &[u8]) -> io::Result<()> {
    let path = may_write(path, kind)?;
    // Its owner's alone: a sheet is full of names and telephone numbers. Whom it is for is let in by hand.
    let mut file = temporary_in(folder_of(&path))?;
    file.write_all(bytes)?;
    if let Ok(existing) = fs::metadata(&path) {
        // Whoever could read the old file may read the new one; a folder that knows no modes is no reason to fail.
        let _ = file.as_file().set_permissions(existing.permissions());
    }
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|failed| failed.error)?;
    // So that the name survives a power cut too. The file itself is safe by now, and some network folders refuse this, so
    // it is no failure.
    let _ = sync_folder(&path);
    Ok(())
}

/// A new file in a folder, with no name of its own yet, which only its owner may read.
///
/// # Errors
/// When it cannot be made.
pub fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(leftover::prefix()).tempfile_in(folder)
}

/// Makes a folder, and those it lies in, which only its owner may look into.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let missing: Vec<&Path> = folder.ancestors().take_while(|it| !it.as_os_str().is_empty() && !it.exists()).collect();
    builder.recursive(true).create(folder)?;
    // What is written in it is no better kept after a power cut than the folder itself.
    for made in missing {
        sync_folder(made)?;
    }
    Ok(())
}

/// Has the folder of `path` remember its files' names, where a system knows of such a thing.
///
/// # Errors
/// When the system refuses it, as some network folders do.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder_of(path))?.sync_all() } else { Ok(()) }
}

/// The folder that a file lies in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests;
