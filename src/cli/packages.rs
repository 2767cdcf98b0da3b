//! What is done with packages: listed, checked, taken into a book and out of it, their front pages.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use super::work::{Done, OPERATOR, alone, is_there, known, procedure, save, with_office};
use super::{DONE, FAILED, Failure, table};
use crate::export::{self, Clock};
use crate::layout::papers::{Front, Paper};
use crate::procedure::{Catalog, Change, Form, OFFICE, Procedure};
use crate::store::{Opener, Store, form_files, put_beside};

/// The packages there are, with what each brings.
pub(super) fn procedures(book: Option<&Path>, out: &mut dyn Write) -> Done {
    for package in procedure(book)?.catalog.offered() {
        let document = package.document.unwrap_or_default();
        let edition = document.packages.first().map_or("", |it| it.edition.as_str());
        let own = if package.own { "自有" } else { "" };
        let head = [package.name.as_str(), &document.title, &document.code, edition, own];
        let head: Vec<&str> = head.into_iter().filter(|it| !it.is_empty()).collect();
        writeln!(out, "{}", head.join("　"))?;
        let row = |it: &Form| {
            let kind = it.register.as_ref().map_or("单", |it| it.noun());
            [it.form.as_str(), it.edition.as_str(), kind, &it.title].map(str::to_owned).to_vec()
        };
        let rows: Vec<Vec<String>> = package.forms.iter().map(row).collect();
        table::write(out, &["表号", "版次", "种类", "名称"], &rows)?;
        if let Some(first) = package.mistakes.first() {
            writeln!(out, "有 {} 处不对：{first}", package.mistakes.len())?;
        }
    }
    Ok(DONE)
}

/// Takes an office's own files of a package into the book.
pub(super) fn take(book: &Opener, package: &str, clock: &Clock, out: &mut dyn Write) -> Done {
    let (procedure, store) = with_office(book, book.open()?)?;
    let files = procedure.catalog.own_files(package);
    if files.is_empty() {
        return Err(Failure::Said(format!("台帐旁边没有“{package}”的自有文件")));
    }
    let count = files.len();
    keep_taken(&procedure, &store, package, Some(files), clock)?;
    writeln!(out, "已收进台帐：{package}，{count} 个文件；台帐旁边的原样未动，以后用台帐里的")?;
    Ok(DONE)
}

/// Puts them beside it again.
pub(super) fn give(book: &Opener, package: &str, clock: &Clock, out: &mut dyn Write) -> Done {
    let (procedure, store) = with_office(book, book.open()?)?;
    let Some(files) = procedure.document.taken.get(package) else {
        return Err(Failure::Said(format!("台帐里没有收着“{package}”")));
    };
    let bare = procedure.catalog.is_bare(package);
    let folder = put_beside(book.path(), if bare { None } else { Some(package) }, files).map_err(Failure::Said)?;
    keep_taken(&procedure, &store, package, None, clock)?;
    writeln!(out, "{}", folder.display())?;
    Ok(DONE)
}

fn keep_taken(
    procedure: &Procedure,
    store: &Store,
    package: &str,
    files: Option<BTreeMap<String, String>>,
    clock: &Clock,
) -> Done<()> {
    store.operate_as(OPERATOR);
    let document = procedure.document.changed(&Change::Taken(package.to_owned(), files)).map_err(Failure::Said)?;
    let kept = store.setting(OFFICE)?;
    let text = document.to_keep(kept.as_deref()).map_err(Failure::Said)?;
    Ok(store.set_office(&text, OPERATOR, clock.now)?)
}

/// Tells all that is wrong with a package.
pub(super) fn check_procedure(folder: &Path, out: &mut dyn Write) -> Done {
    let unread = |error| Failure::File("读取程序包", folder.to_owned(), error);
    if !folder.is_dir() {
        return Err(unread(std::io::ErrorKind::NotFound.into()));
    }
    let files = form_files(folder).map_err(unread)?;
    let name = folder.canonicalize().ok().and_then(|it| it.file_name().map(|it| it.to_string_lossy().into_owned()));
    let (forms, mistakes) = Catalog::check(&name.unwrap_or_default(), files);
    for mistake in &mistakes {
        writeln!(out, "{mistake}")?;
    }
    if mistakes.is_empty() {
        writeln!(out, "没有不对的地方：{forms} 种表单")?;
        return Ok(DONE);
    }
    writeln!(out, "共 {} 处不对", mistakes.len())?;
    Ok(FAILED)
}

/// The front page of a package, under the book's company where there is one.
pub(super) fn front(book: Option<&Opener>, name: &str, clock: &Clock, to: &Path) -> Done {
    let procedure = known(book)?;
    let of = |procedure: &Procedure| procedure.document.packages.iter().find(|it| it.name == name).cloned();
    let found = match of(&procedure) {
        Some(found) => Some(found),
        None if procedure.catalog.titles().any(|it| it.0 == name) => {
            of(&procedure.catalog.clone().procedure(&[name.to_owned()])?)
        }
        None => None,
    };
    let Some(package) = found else {
        let known: Vec<&str> = procedure.catalog.titles().map(|it| it.0).collect();
        return Err(Failure::Said(format!("没有“{name}”这个程序包，可用：{}", known.join("、"))));
    };
    let procedure = if is_there(book) { procedure } else { alone(procedure, name)? };
    let paper = Paper::Front(Front::of(&procedure.document, &package));
    save(to, export::paper(&procedure, &paper, clock))
}
