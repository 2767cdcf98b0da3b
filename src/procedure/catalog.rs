//! The packages there are: those in the program, and an office's own. A procedure is put together of those that are chosen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::reading::{self, DOCUMENT, Mistake, Mistakes, Read};
use super::{Document, Edition, Form, FormId, Office, Package, Procedure, ProcedureFile};
use crate::calendar;
use crate::calendar::Calendar;

/// The files of the packages in the program: of each package its name, and each file's name and text.
const BUILT_IN: &[(&str, &[(&str, &str)])] = include!(concat!(env!("OUT_DIR"), "/procedures.rs"));

/// The packages there are, unread.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    folders: Vec<Folder>,
    /// The office's own calendar.
    calendar: Option<String>,
    /// What lies beside the book: name and text of each file.
    beside: Vec<(String, String)>,
}

/// An office's own files that lie in its book and not beside it: package, file name, text.
pub type Taken = BTreeMap<String, BTreeMap<String, String>>;

/// A package's folder.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    pub(super) name: String,
    pub(super) files: Vec<File>,
}

/// A file of a package.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) text: Text,
    /// Whether it is the office's own.
    pub(super) own: bool,
}

impl File {
    /// Whether it is the package's document and no form.
    pub(super) fn is_document(&self) -> bool {
        self.name.rsplit('/').next() == Some(DOCUMENT)
    }
}

type Text = std::borrow::Cow<'static, str>;

/// A package, as it can be chosen.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The name of its folder.
    pub name: String,
    /// Its document; none where it cannot be read.
    pub document: Option<Document>,
    /// Its forms, as far as they can be read.
    pub forms: Vec<Form>,
    /// Whether any of it is the office's own.
    pub own: bool,
    /// All that is wrong with it.
    pub mistakes: Vec<Mistake>,
}

impl Catalog {
    /// The packages in the program, and an office's `own` files (name and text): `NAME/FILE` is a file of the package
    /// NAME; without a name it belongs to the package whose ids stand bare, but for `calendar.toml`.
    pub fn of(own: &[(String, String)]) -> Self {
        Self::with(own.to_vec(), &Taken::new())
    }

    /// The same, with an office's own files out of its book: they stand for all that lies beside it of the same package, so
    /// that a book that was moved says the same wherever it is.
    pub fn with(beside: Vec<(String, String)>, taken: &Taken) -> Self {
        let file = |(name, text): &(&'static str, &'static str)| File {
            name: (*name).to_owned(),
            text: Text::Borrowed(text),
            own: false,
        };
        // Beside the files that are read lie texts: a guide, sheets filled in to show how.
        let read = |it: &&(&'static str, &'static str)| it.0.ends_with(".toml");
        let built_in = BUILT_IN.iter().map(|(name, files)| {
            let files = files.iter().filter(read).map(file).collect();
            Folder { name: (*name).to_owned(), files }
        });
        let mut catalog = Self { folders: built_in.collect(), calendar: None, beside: Vec::new() };
        let bare = catalog.bare();
        for (path, text) in &beside {
            if path == calendar::OWN_FILE {
                catalog.calendar = Some(text.clone());
                continue;
            }
            let folder = path.split_once('/').map_or(bare.as_str(), |it| it.0);
            if !taken.contains_key(folder) {
                catalog.add(folder, path.clone(), text);
            }
        }
        for (folder, files) in taken {
            for (name, text) in files {
                let path = if *folder == bare { name.clone() } else { format!("{folder}/{name}") };
                catalog.add(folder, path, text);
            }
        }
        Self { beside, ..catalog }
    }

    fn add(&mut self, folder: &str, name: String, text: &str) {
        let file = File { name, text: Text::Owned(text.to_owned()), own: true };
        match self.folders.iter_mut().find(|it| it.name == folder) {
            Some(folder) => folder.files.push(file),
            None => self.folders.push(Folder { name: folder.to_owned(), files: vec![file] }),
        }
    }

    /// Goes by other files out of the book.
    pub(super) fn take(&mut self, taken: &Taken) {
        *self = Self::with(std::mem::take(&mut self.beside), taken);
    }

    /// Goes by other files beside the book, from the next choice on.
    pub fn look_beside(&mut self, beside: Vec<(String, String)>) {
        self.beside = beside;
    }

    /// Whether an office has files of its own of a package.
    pub fn has_own(&self, package: &str) -> bool {
        self.folders.iter().any(|it| it.name == package && it.files.iter().any(|it| it.own))
    }

    /// An office's own files of a package, by their names.
    pub fn own_files(&self, package: &str) -> BTreeMap<String, String> {
        let folder = self.folders.iter().filter(|it| it.name == package);
        let own = folder.flat_map(|it| &it.files).filter(|it| it.own);
        let name = |it: &File| it.name.rsplit('/').next().unwrap_or_default().to_owned();
        own.map(|it| (name(it), it.text.clone().into_owned())).collect()
    }

    /// Whether it stands bare, so that an office's own files of it lie in the folder for forms.
    pub fn is_bare(&self, package: &str) -> bool {
        self.bare() == package
    }

    /// Whether there are packages of these names.
    pub(super) fn has_all(&self, names: &[String]) -> bool {
        names.iter().all(|name| self.folders.iter().any(|it| it.name == *name))
    }

    /// The package whose ids stand bare.
    fn bare(&self) -> String {
        let says = |it: &&Folder| {
            let mut documents = it.files.iter().filter(|it| it.is_document());
            documents.any(|it| it.text.lines().any(|it| it.starts_with("bare = true")))
        };
        self.folders.iter().find(says).map(|it| it.name.clone()).unwrap_or_default()
    }

    /// The packages by their names and titles, without reading more of them.
    pub fn titles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.folders.iter().map(|folder| {
            let mut documents = folder.files.iter().filter(|it| it.is_document());
            let line = documents.find_map(|it| it.text.lines().find_map(|it| it.strip_prefix("title = ")));
            (folder.name.as_str(), line.map_or(folder.name.as_str(), |it| it.trim().trim_matches('"')))
        })
    }

    /// Every package, with what it brings and what is wrong with it.
    pub fn offered(&self) -> Vec<Offered> {
        let offer = |folder: &Folder| {
            let (read, mistakes) = reading::read(folder);
            let (document, forms) = read.map_or((None, Vec::new()), |it| (Some(it.document), it.forms));
            let (name, own) = (folder.name.clone(), folder.files.iter().any(|it| it.own));
            Offered { name, document, forms, own, mistakes }
        };
        self.folders.iter().map(offer).collect()
    }

    /// How many forms a folder's files (name and text) make, and all that is wrong with them. Without a document among
    /// them they are the office's own forms, which go with the package whose ids stand bare.
    pub fn check(name: &str, files: Vec<(String, String)>) -> (usize, Vec<Mistake>) {
        if !files.iter().any(|it| it.0 == DOCUMENT) {
            let catalog = Self::of(&files);
            let folder = catalog.folders.iter().find(|it| it.name == catalog.bare());
            let mistakes = folder.map(|it| reading::read(it).1).unwrap_or_default();
            return (files.len(), mistakes);
        }
        let file = |(name, text)| File { name, text: Text::Owned(text), own: false };
        let folder = Folder { name: name.to_owned(), files: files.into_iter().map(file).collect() };
        let (read, mistakes) = reading::read(&folder);
        (read.map_or(0, |it| it.forms.len()), mistakes)
    }

    /// Why a package cannot be worked by; none where it can.
    pub(super) fn why_not(&self, name: &str) -> Option<String> {
        let Some(folder) = self.folders.iter().find(|it| it.name == name) else {
            return Some("文件夹不在了".to_owned());
        };
        let mistakes = reading::read(folder).1;
        (!mistakes.is_empty()).then(|| Mistakes(mistakes).to_string())
    }

    /// The procedure of the chosen packages; none chosen: of the one whose ids stand bare. What there is no package of is
    /// passed over.
    ///
    /// # Errors
    /// All that is wrong with the files of those packages.
    pub fn procedure(self, chosen: &[String]) -> Result<Procedure, Mistakes> {
        let bare = self.bare();
        let any = self.folders.iter().any(|it| chosen.contains(&it.name));
        let is_chosen = |it: &&Folder| if any { chosen.contains(&it.name) } else { it.name == bare };
        let mut all: Vec<Read> = Vec::new();
        let mut mistakes = Vec::new();
        for folder in self.folders.iter().filter(is_chosen) {
            let (read, found) = reading::read(folder);
            all.extend(read);
            mistakes.extend(found);
        }
        let mut calendar = Calendar::load(self.calendar.as_deref()).unwrap_or_else(|it| {
            mistakes.push(Mistake { file: it.file, place: it.place, message: it.message });
            Calendar::default()
        });
        if !mistakes.is_empty() {
            return Err(Mistakes(mistakes));
        }
        // The one whose ids stand bare is the office's first.
        all.sort_by_key(|it| !it.document.packages.iter().all(|it| it.bare));
        let own = self.calendar.as_deref().unwrap_or_default();
        let days_off = format!("{}{own}", calendar::BUILT_IN);
        let mut files = vec![ProcedureFile::of("放假安排", &days_off, self.calendar.is_some())];
        let (mut document, mut forms) = (Document::default(), Vec::new());
        for (place, read) in all.into_iter().enumerate() {
            files.splice(place..place, read.files.first().cloned());
            files.extend(read.files.into_iter().skip(1));
            forms.extend(read.forms);
            if place == 0 {
                document = read.document;
            } else {
                document.join(read.document);
            }
        }
        document.chosen = chosen.to_vec();
        let hours = |it: &Package| it.hours.clone().unwrap_or_default();
        calendar.hours = document.packages.first().map(hours).unwrap_or_default();
        let others = document.packages.iter().filter(|it| hours(it) != calendar.hours);
        let calendars = others.map(|it| (it.name.clone(), calendar.with_hours(hours(it))));
        let calendars = calendars.collect();
        let mut procedure = Procedure { document, forms, calendar, calendars, files, catalog: self };
        procedure.settle_lives();
        procedure.reword();
        Ok(procedure)
    }
}

impl Document {
    /// Takes in what another package's document says.
    fn join(&mut self, other: Self) {
        for department in other.departments {
            if !self.departments.contains(&department) {
                self.departments.push(department);
            }
        }
        self.roles.extend(other.roles);
        self.settings.extend(other.settings);
        self.copies.extend(other.copies);
        self.packages.extend(other.packages);
    }
}

impl Procedure {
    /// The procedure as built in, with an office's own files (name and text) read after it: `procedure.toml` replaces
    /// the document, `calendar.toml` years of the calendar, any other adds a form or an edition, or replaces one of the same form and edition.
    ///
    /// # Errors
    /// All mistakes found, with file, line, column and what is allowed.
    pub fn load(own: &[(String, String)]) -> Result<Self, Mistakes> {
        Self::load_for(own.to_vec(), None)
    }

    /// Goes by other settings; other packages bring other forms.
    ///
    /// # Errors
    /// A sentence, when the files of a package cannot be read; then all stays as it is.
    pub fn go_by(&mut self, document: Document) -> Result<(), String> {
        if document.chosen == self.document.chosen && document.taken == self.document.taken {
            self.document = document;
            self.settle_lives();
            self.reword();
            return Ok(());
        }
        let mut other = self.clone();
        if let Some(why) = other.take_office(&document.to_keep(None)?)?.into_iter().next() {
            return Err(why);
        }
        *self = other;
        Ok(())
    }

    /// Tells the forms what the office set, for the lives of their sheets.
    pub(super) fn settle_lives(&mut self) {
        let (document, calendar) = (self.document.clone(), self.calendar.clone());
        let office = Arc::new(Office { document, calendar });
        self.forms.iter_mut().for_each(|it| it.office = Arc::clone(&office));
    }

    /// No procedure at all: what is on the desk when the files cannot be read.
    pub fn empty() -> Self {
        let (document, calendar, calendars) = (Document::default(), Calendar::default(), BTreeMap::new());
        Self { document, forms: Vec::new(), calendar, calendars, files: Vec::new(), catalog: Catalog::default() }
    }

    /// What a file of the packages worked by says, which is no form; empty where none has it.
    pub(super) fn text(&self, name: &str) -> &'static str {
        let of = |package: &str| BUILT_IN.iter().find(|it| it.0 == package).map_or(&[][..], |it| it.1);
        let mut files = self.document.packages.iter().flat_map(|it| of(&it.name));
        files.find(|it| it.0 == name).map_or("", |it| it.1)
    }

    /// Which days and hours are worked, as a form's package has them.
    pub fn calendar_of(&self, form: &FormId) -> &Calendar {
        self.calendars.get(form.package()).unwrap_or(&self.calendar)
    }

    /// Which days and hours are worked, as the package at this place has them.
    pub fn calendar_at(&self, package: usize) -> &Calendar {
        let name = self.document.packages.get(package).map_or("", |it| it.name.as_str());
        self.calendars.get(name).unwrap_or(&self.calendar)
    }

    /// The edition of a form that new sheets are made under.
    pub fn form(&self, id: &FormId) -> Option<&Form> {
        self.forms.iter().rev().find(|it| it.form == *id)
    }

    /// The very edition a record was made under.
    pub fn edition(&self, id: &FormId, edition: &Edition) -> Option<&Form> {
        self.forms.iter().find(|it| it.form == *id && it.edition == *edition)
    }

    /// The marks of the copies (联) a form is made out in: the office's own, or the form's. Empty: one unmarked copy.
    pub fn copies<'a>(&'a self, form: &'a Form) -> &'a [String] {
        self.document.copies.get(&form.form).unwrap_or(&form.copies)
    }

    /// The forms in use, in the order of their numbers.
    pub fn in_use(&self) -> Vec<&Form> {
        let ids: BTreeSet<&FormId> = self.forms.iter().map(|it| &it.form).collect();
        ids.into_iter().filter_map(|id| self.form(id)).collect()
    }
}
