//! Which files of the procedure the book was filled in and printed by (表单文件): each one's SHA-256 is a line of history
//! when it is first used, and whenever it is another one. So a form whose boxes were swapped is named.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use sha2::{Digest as _, Sha256};

use super::history::{Line, Tail};
use super::{Fault, Result, Store, What};
use crate::procedure::{Edition, FormId, Procedure, ProcedureFile, file_name};

/// Of each file, by its name: the line that tells of it, its hour, and the file's SHA-256 in figures and letters.
pub(super) type ToldFiles = BTreeMap<String, Vec<(i64, String, String)>>;

impl Store {
    /// Says by which procedure the book is filled in from now on: what was changed of its files since they were used last is
    /// put down at once, and told; a file that was never used, with the first sheet.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub fn work_by(&self, procedure: &Procedure, now: NaiveDateTime) -> Result<Vec<String>> {
        let told = self.reading(|| self.told_files())?;
        let last = |it: &ProcedureFile| told.get(&it.name).and_then(|it| it.last()).map(|it| it.2.clone());
        let files = &procedure.files;
        let changed: Vec<&ProcedureFile> =
            files.iter().filter(|it| last(it).is_some_and(|seal| seal != it.seal)).collect();
        if !changed.is_empty() && !self.is_for_reading() {
            self.writing(|| {
                let mut tail = self.tail()?;
                changed.iter().try_for_each(|it| self.tell_file(&mut tail, it, last(it).as_deref(), now))
            })?;
        }
        let unused = files.iter().filter(|it| last(it).is_none()).cloned().collect();
        self.unused.replace(unused);
        Ok(changed.into_iter().map(|it| it.name.clone()).collect())
    }

    /// Which forms' files the book was filled in by and that are not there now, though their packages are worked by.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn files_gone(&self, procedure: &Procedure) -> Result<Vec<String>> {
        let told = self.reading(|| self.told_files())?;
        let mut gone: Vec<String> = told.into_keys().collect();
        gone.retain(|name| {
            let form = name.strip_prefix("表单 ").and_then(|it| it.split_once('（'));
            let works = |form: &str| match form.split_once('/') {
                Some((package, _)) => procedure.document.goes_by(package),
                None => procedure.document.packages.iter().any(|it| it.bare),
            };
            form.is_some_and(|it| works(it.0)) && procedure.files.iter().all(|it| it.name != *name)
        });
        Ok(gone)
    }

    /// Puts down the files a sheet is made by that were not used before. Only inside [`Store::writing`].
    pub(super) fn use_files(
        &self,
        tail: &mut Tail,
        (form, edition): (&FormId, &Edition),
        now: NaiveDateTime,
    ) -> Result<(), Fault> {
        let name = file_name(form, edition);
        // The document and the calendar belong to every form.
        let wanted = |it: &ProcedureFile| it.name == name || !it.name.starts_with("表单");
        let used: Vec<ProcedureFile> = self.unused.borrow().iter().filter(|it| wanted(it)).cloned().collect();
        if used.is_empty() {
            return Ok(());
        }
        let told = self.told_files()?;
        for file in used.iter().filter(|it| !told.contains_key(&it.name)) {
            self.tell_file(tail, file, None, now)?;
        }
        self.unused.borrow_mut().retain(|it| !used.contains(it));
        Ok(())
    }

    fn tell_file(
        &self,
        tail: &mut Tail,
        file: &ProcedureFile,
        old: Option<&str>,
        at: NaiveDateTime,
    ) -> Result<(), Fault> {
        let content = Sha256::digest(&file.seal).into();
        let (field, new) = (Some(file.name.as_str()), Some(file.seal.as_str()));
        let (record, round, made_by) = (None, None, None);
        self.append(
            tail,
            &Line { record, at, what: What::Procedure, field, round, line: 0, old, new, content, made_by },
        )
    }

    /// Which files the history tells of.
    pub(super) fn told_files(&self) -> Result<ToldFiles, Fault> {
        let sql = "SELECT field, id, at, new FROM history WHERE record IS NULL AND what = ?1 ORDER BY id";
        let mut lines = self.connection.prepare_cached(sql)?;
        let mut rows = lines.query([What::Procedure.word()])?;
        let mut files = ToldFiles::new();
        while let Some(row) = rows.next()? {
            let name: Option<String> = row.get(0)?;
            let seal = row.get::<_, Option<String>>(3)?.unwrap_or_default();
            files.entry(name.unwrap_or_default()).or_default().push((row.get(1)?, row.get(2)?, seal));
        }
        Ok(files)
    }
}
