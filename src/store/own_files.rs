//! An office's own form files beside its book: read, and put there again out of the book.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::io_reason;
use crate::files;

/// The office's own forms beside the book, name and text, by name: `forms/*.toml`, and `procedures/NAME/*.toml`, which are
/// called `NAME/FILE`. None where there are no such folders.
///
/// # Errors
/// When a folder or a file in it cannot be read.
pub fn own_forms(book: &Path) -> io::Result<Vec<(String, String)>> {
    let mut forms = form_files(&book.with_file_name("forms"))?;
    let packages = book.with_file_name("procedures");
    let entries = if packages.is_dir() { Some(fs::read_dir(&packages)?) } else { None };
    for entry in entries.into_iter().flatten() {
        let (folder, name) = entry.map(|it| (it.path(), it.file_name()))?;
        let qualified = |(file, text): (String, String)| (format!("{}/{file}", name.to_string_lossy()), text);
        forms.extend(form_files(&folder)?.into_iter().map(qualified));
    }
    forms.sort();
    Ok(forms)
}

/// The form files in a folder, name and text, by name; none where there is no such folder.
///
/// # Errors
/// When the folder or a file in it cannot be read; which one is said.
pub fn form_files(folder: &Path) -> io::Result<Vec<(String, String)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let mut forms = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it.eq_ignore_ascii_case("toml")) {
            let name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
            let told = |error| io::Error::other(format!("{}：{}", path.display(), io_reason(&error)));
            let text = files::read_text(&path, LONGEST_FORM).map_err(told)?;
            forms.push((name, text));
        }
    }
    forms.sort();
    Ok(forms)
}

/// The longest form file, in bytes: a hundred times the procedure's own longest.
const LONGEST_FORM: u64 = 1_000_000;

/// Writes a package's files beside a book: into the folder of that name among the packages, or of the forms. What lies
/// there and says the same stays; anything else is in the way.
///
/// # Errors
/// A sentence: what is in the way, or could not be written.
pub fn put_beside(book: &Path, package: Option<&str>, all: &BTreeMap<String, String>) -> Result<PathBuf, String> {
    let forms = || book.with_file_name("forms");
    let folder = package.map_or_else(forms, |it| book.with_file_name("procedures").join(it));
    let failed = |doing: &str, path: &Path, error: &std::io::Error| {
        format!("没有取出来：{doing} {}：{}", path.display(), io_reason(error))
    };
    let says = |path: &Path, text: &str| files::read_text(path, text.len() as u64).is_ok_and(|it| it == text);
    let path = |name: &String| folder.join(name);
    let new = || all.iter().filter(|(name, text)| !says(&path(name), text));
    if let Some((name, _)) = new().find(|it| path(it.0).symlink_metadata().is_ok()) {
        return Err(format!("没有取出来：已有 {}，内容不一样，请先把它挪开", path(name).display()));
    }
    fs::create_dir_all(&folder).map_err(|error| failed("新建文件夹", &folder, &error))?;
    for (name, text) in new() {
        files::save(&path(name), files::Kind::Text, text.as_bytes())
            .map_err(|error| failed("写", &path(name), &error))?;
    }
    Ok(folder)
}
