//! What went wrong with a book, as one sentence: what was being done, to which file, and why it failed.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::face;

/// Why work on a book failed; its text is one Chinese sentence that names the file.
#[derive(Debug)]
pub struct StoreError {
    doing: &'static str,
    path: PathBuf,
    fault: Fault,
}

/// The cause inside the house.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite's.
    Sql(rusqlite::Error),
    /// The file system's.
    Io(io::Error),
    /// Found here; the sentence's second half.
    Said(String),
    /// The book has a password and none was given.
    Locked,
    /// It was not the password.
    WrongKey,
    /// It was to be broken off.
    Stopped,
}

impl Fault {
    pub(super) fn said(sentence: impl Into<String>) -> Self {
        Self::Said(sentence.into())
    }

    /// Whether it is the file that is damaged.
    pub(super) fn is_damage(&self) -> bool {
        match self {
            Self::Sql(error) => {
                matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
            }
            Self::Said(sentence) => [EMPTY, NOT_A_BOOK].contains(&sentence.as_str()),
            Self::Io(_) | Self::Locked | Self::WrongKey | Self::Stopped => false,
        }
    }

    pub(super) fn at(self, doing: &'static str, path: &Path) -> StoreError {
        StoreError { doing, path: path.to_owned(), fault: self }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(sentence) => f.write_str(sentence),
            Self::Io(error) => f.write_str(&io_reason(error)),
            Self::Sql(error) => f.write_str(&sql_reason(error)),
            Self::Locked => f.write_str("台帐加了口令，要输入口令才能打开"),
            Self::WrongKey => f.write_str("口令不对（或者这不是台帐文件）"),
            Self::Stopped => f.write_str(STOPPED),
        }
    }
}

impl StoreError {
    /// The cause, for a sentence about more than this step.
    pub(super) fn into_fault(self) -> Fault {
        self.fault
    }

    /// Whether it is the book's file that is damaged, so that it has to be restored or salvaged.
    pub fn is_damage(&self) -> bool {
        self.fault.is_damage()
    }

    /// Whether it failed for no other reason than that it was broken off (see [`Stop`](super::Stop)).
    pub fn is_stop(&self) -> bool {
        match &self.fault {
            Fault::Stopped => true,
            Fault::Sql(error) => error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted),
            _ => false,
        }
    }

    /// Whether the book has a password (口令) and that, or the right one, is what is missing.
    pub fn wants_key(&self) -> bool {
        matches!(self.fault, Fault::Locked | Fault::WrongKey)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}：{}", self.doing, self.path.display(), face::readable(&self.fault.to_string()))
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            Fault::Sql(error) => Some(error),
            Fault::Io(error) => Some(error),
            Fault::Said(_) | Fault::Locked | Fault::WrongKey | Fault::Stopped => None,
        }
    }
}

/// Why the file system refused, in Chinese.
pub fn io_reason(error: &io::Error) -> String {
    // Windows' numbers for a file that another program holds, as readers of PDFs do; where it is to be replaced, Windows
    // says no more than that access is denied.
    if cfg!(windows) && matches!(error.raw_os_error(), Some(32 | 33)) {
        return "别的程序正开着这个文件，请先在那里关掉它".to_owned();
    }
    match error.kind() {
        io::ErrorKind::PermissionDenied if cfg!(windows) => {
            "没有权限（别的程序正开着它，或它是只读的，或归别人所有）".to_owned()
        }
        io::ErrorKind::NotFound => "找不到这个文件或文件夹".to_owned(),
        io::ErrorKind::PermissionDenied => "没有权限（文件或文件夹是只读的，或归别人所有）".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "所在的磁盘是只读的".to_owned(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "磁盘已满；没有写进去，原来的内容完好".to_owned()
        }
        io::ErrorKind::NotADirectory => "路径中有一段不是文件夹".to_owned(),
        io::ErrorKind::IsADirectory => "这是文件夹，不是文件".to_owned(),
        io::ErrorKind::AlreadyExists => "已有同名的文件".to_owned(),
        io::ErrorKind::InvalidFilename => "文件名太长，或有这个磁盘不能用的字".to_owned(),
        // A sentence of our own.
        io::ErrorKind::Other => error.to_string(),
        _ => format!("系统报告：{error}"),
    }
}

/// Why SQLite refused, in Chinese.
fn sql_reason(error: &rusqlite::Error) -> String {
    let Some(code) = error.sqlite_error_code() else { return format!("数据读不出来（{error}）") };
    match code {
        ErrorCode::DiskFull => "磁盘已满；这一步没有写进去，台帐里原有的内容完好".to_owned(),
        ErrorCode::SystemIoFailure => {
            format!("磁盘读写失败，也许已满或已断开；这一步没有写进去，台帐里原有的内容完好（{error}）")
        }
        ErrorCode::ReadOnly => "文件或所在的文件夹是只读的，写不进去".to_owned(),
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied => {
            "打不开；没有读写的权限，或所在的文件夹不存在或只读".to_owned()
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            "别的程序正占用这个文件，等了五秒仍不能写；请稍后再试".to_owned()
        }
        ErrorCode::NotADatabase => NOT_A_BOOK.to_owned(),
        ErrorCode::DatabaseCorrupt => "文件已损坏；请用备份恢复，或者只读打开、抢救到新台帐".to_owned(),
        ErrorCode::OperationInterrupted => STOPPED.to_owned(),
        ErrorCode::OutOfMemory => "内存不够".to_owned(),
        ErrorCode::TooBig => "内容太长，超过数据库的上限（约十亿字节）".to_owned(),
        _ => format!("数据库出错（{error}）"),
    }
}

const STOPPED: &str = "已停止，原来的内容没有动";
pub(super) const EMPTY: &str = "这个文件是空的（0 字节），不是台帐；也许是没有复制完，请用备份";
pub(super) const NOT_A_BOOK: &str = "这个文件不是台帐（不是数据库文件）";
