//! What forms are to the program, asked by what they declare and never by their ids.

use super::{CountsAs, Document, Form, FormId, Procedure};

impl Procedure {
    /// The sheet that is made first, and that lists and the first page begin with: the one declared `main`, else the
    /// first.
    pub fn main(&self) -> Option<&Form> {
        let sheets = self.sheets();
        sheets.iter().find(|it| it.main).or(sheets.first()).copied()
    }

    /// Its id; an empty one where there is no sheet at all.
    pub fn main_id(&self) -> FormId {
        self.main().map(|it| it.form.clone()).unwrap_or_default()
    }

    /// The forms in use that are filled in as sheets and listed, in the order of menus.
    pub fn sheets(&self) -> Vec<&Form> {
        let mut forms = self.in_use();
        forms.retain(|it| it.is_sheet());
        forms.sort_by_key(|it| self.place(it));
        forms
    }

    /// Where a form stands among the others: package by package, what names no place last.
    pub fn place(&self, form: &Form) -> (usize, u8) {
        let package = self.document.packages.iter().position(|it| it.name == form.form.package()).unwrap_or_default();
        (package, form.order.unwrap_or(u8::MAX))
    }

    /// The first form in use whose sheets count as this.
    pub fn counting_as(&self, what: CountsAs) -> Option<&Form> {
        self.sheets().into_iter().find(|it| it.counts_as == Some(what) && self.document.uses(it))
    }

    /// What making a sheet of a form is called: 新建投诉.
    pub fn new_words(&self, form: &FormId) -> String {
        self.form(form).map_or_else(|| "新建".to_owned(), Form::new_words)
    }
}

impl Document {
    /// The department that keeps the sheets of a form; empty where none does.
    pub fn department_of(&self, form: &Form) -> &str {
        form.owner.as_ref().map_or("", |it| self.department(it))
    }

    /// Words that any sheet of the trade may hold: two sheets that share them are not alike for that.
    pub fn trade(&self) -> impl Iterator<Item = &str> {
        self.packages.iter().flat_map(|it| &it.words).map(String::as_str)
    }
}

impl Form {
    /// Whether it is filled in as a sheet and listed by whom or what it is about.
    pub fn is_sheet(&self) -> bool {
        self.identity.is_some() && self.register.is_none()
    }

    /// The title of the section that another round begins with.
    pub fn again(&self) -> Option<&str> {
        self.sections.iter().find(|it| it.repeats)?.title.as_deref()
    }

    /// The title of a section that another round begins with: the first that is gone through again, where it began with
    /// the first of all.
    pub fn begun_title(&self, section: usize) -> Option<&str> {
        let section = self.sections.get(section).filter(|it| it.repeats);
        section.map_or_else(|| self.again(), |it| it.title.as_deref())
    }

    /// What its files are called: 处置单, where the short name says more than a file's name needs.
    pub fn file_word(&self) -> &str {
        self.called.as_deref().unwrap_or(&self.short)
    }

    /// What making a sheet of it is called: 新建投诉.
    pub fn new_words(&self) -> String {
        self.new.clone().unwrap_or_else(|| format!("新建{}", self.short))
    }
}
