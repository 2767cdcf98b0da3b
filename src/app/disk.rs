//! The disk as the window's own file dialog sees it, and what a file is that is no book.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};

use crate::files;
use crate::store::io_reason;
use crate::ui::files::{Disk, Entry};

/// The computer's folders.
pub(super) struct Folders {
    pub(super) documents: PathBuf,
    /// Where the book lies.
    pub(super) book: Option<PathBuf>,
    pub(super) utc_offset_minutes: i32,
}

impl Disk for Folders {
    fn list(&self, folder: &Path) -> Result<Vec<Entry>, String> {
        let read =
            fs::read_dir(folder).map_err(|error| format!("打开文件夹：{}：{}", io_reason(&error), folder.display()))?;
        let entry = |it: fs::DirEntry| {
            let name = it.file_name().to_str()?.to_owned();
            // Through links: what cannot be looked at is not offered.
            let about = fs::metadata(it.path()).ok()?;
            let when = about.modified().ok().map(|it| {
                let local = DateTime::<Utc>::from(it).naive_utc() + TimeDelta::minutes(self.utc_offset_minutes.into());
                local.format("%Y-%m-%d %H:%M").to_string()
            });
            let said = match (about.is_dir(), about.len()) {
                (true, _) => String::new(),
                (false, bytes) if bytes < 1_000_000 => {
                    format!("{} KB　{}", bytes.div_ceil(1000), when.unwrap_or_default())
                }
                (false, bytes) => format!("{:.1} MB　{}", bytes as f64 / 1e6, when.unwrap_or_default()),
            };
            Some(Entry { name, folder: about.is_dir(), said })
        };
        Ok(read.filter_map(Result::ok).filter_map(entry).collect())
    }

    fn make(&self, folder: &Path) -> Result<(), String> {
        fs::create_dir(folder).map_err(|error| format!("新建文件夹：{}：{}", io_reason(&error), folder.display()))
    }

    fn places(&self) -> Vec<(String, PathBuf)> {
        let mut places = vec![("文档".to_owned(), self.documents.clone())];
        places.extend(std::env::home_dir().filter(|it| *it != self.documents).map(|it| ("主目录".to_owned(), it)));
        places.extend(self.book.clone().map(|it| ("台帐所在".to_owned(), it)));
        // On Windows each disk is a tree of its own.
        let disks = ('C'..='Z').map(|it| (format!("{it}:"), PathBuf::from(format!("{it}:\\"))));
        places.extend(disks.filter(|(_, it)| cfg!(windows) && it.is_dir()));
        let media = PathBuf::from("/media");
        places.extend((cfg!(unix) && media.is_dir()).then(|| ("U 盘".to_owned(), media)));
        places
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn is_file(&self, path: &Path) -> bool {
        path.exists() && !path.is_dir()
    }

    fn replaces(&self, path: &Path, ending: &str) -> Result<bool, String> {
        let there = path.symlink_metadata().is_ok();
        if ending == "book" {
            let new = files::may_be_called(path).map_err(|error| io_reason(&error));
            let taken = || "已有这个文件；新台帐不替换别的文件，请换个名字".to_owned();
            return if there { Err(taken()) } else { new.map(|()| false) };
        }
        let kind = if ending == "txt" { files::Kind::Text } else { files::Kind::Pdf };
        files::may_write(path, kind).map(|_| there).map_err(|error| io_reason(&error))
    }
}

/// What a file is, by how it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A book, or what only opening it tells.
    Book,
    /// An exchange file.
    Exchange,
    /// Another program's: which, and what the clerk may do.
    Foreign(&'static str),
}

/// Another program's files, by how they begin.
const FOREIGN: [(&[u8], &str); 8] = [
    (b"\x00\x01\x00\x00Standard ACE DB", "这是 Access 数据库（.accdb）"),
    (b"\x00\x01\x00\x00Standard Jet DB", "这是 Access 数据库（.mdb）"),
    (b"\xD0\xCF\x11\xE0", "这是旧版 Word、Excel 或 WPS 的文件（.doc、.xls、.et）"),
    (b"%PDF-", "这是 PDF，只能看，不能再填写"),
    (b"\x89PNG", "这是图片"),
    (b"\xFF\xD8\xFF", "这是图片"),
    (b"Rar!", "这是压缩包，请先解压"),
    (b"7z\xBC\xAF\x27\x1C", "这是压缩包，请先解压"),
];

/// Looks at how a file begins. What cannot be read, or is not there, is left to whoever opens it.
pub(super) fn kind(path: &Path) -> Kind {
    let ending = path.extension().map(|it| it.to_string_lossy().to_lowercase()).unwrap_or_default();
    if ending == "json" {
        return Kind::Exchange;
    }
    if path.is_dir() {
        return Kind::Foreign("这是文件夹，请选里面的台帐文件（.book）");
    }
    let head = files::begin(path).map(|it| it.0).unwrap_or_default();
    if head.starts_with(b"PK\x03\x04") {
        return Kind::Foreign(match ending.as_str() {
            "xlsx" | "xlsm" | "ods" => "这是 Excel 或 WPS 的表格",
            "docx" | "odt" => "这是 Word 或 WPS 的文档",
            _ => "这是压缩包，或别的程序的文件",
        });
    }
    let foreign = FOREIGN.iter().find(|(begins, _)| head.starts_with(begins)).map(|it| it.1);
    match (foreign, ending.as_str()) {
        (Some(what), _) => Kind::Foreign(what),
        (None, "csv" | "txt" | "html" | "htm" | "xml" | "md") => Kind::Foreign("这是文字文件"),
        (None, _) => Kind::Book,
    }
}
