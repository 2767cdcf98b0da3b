//! Reading the files of a package: its document, its forms, and all that is wrong with either.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use toml::Spanned;

use super::catalog::{File, Folder};
use super::checking;
use super::office::OWN;
use super::package::day;
use super::register;
use super::rows;
use super::tree::{Tree, allowed, table};
use super::{
    Amendment, Approval, Clauses, Count, Distributed, Document, Duty, Every, Form, FormId, NumberPattern, Offset,
    Package, Person, ProcedureFile, Role, RoleId, Setting, SettingId, Taken, Value, file_name, life,
};
use crate::calendar::OfficeHours;
use crate::face;

/// The name of a package's document among its files.
pub(super) const DOCUMENT: &str = "procedure.toml";
/// The most forms of a package, and the longest of its files, in bytes.
pub(super) const MANY_FORMS: usize = 100;
pub(super) const LONGEST_FILE: usize = 1_000_000;

/// The longest change of a document, in characters; the most cells under it, what stands in one; the most departments that
/// get it.
const LONGEST_CHANGE: usize = 500;
const MANY_CELLS: usize = 8;
const LONGEST_CELL: usize = 20;
const MANY_COPIES: usize = 36;

/// A mistake in a procedure's or form's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// Line and column, from 1, where they are known.
    pub place: Option<(usize, usize)>,
    /// What is wrong, what is allowed, and what was probably meant.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "读取表单文件 {}", self.file)?;
        if let Some((line, column)) = self.place {
            write!(f, " 第 {line} 行第 {column} 列")?;
        }
        write!(f, "：{}", face::readable(&self.message))
    }
}

/// All that is wrong with the files of procedures; at least one mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.0.first() else { return f.write_str("表单文件读不出来") };
        first.fmt(f)?;
        match self.0.len() {
            1 => Ok(()),
            many => write!(f, "（还有 {} 处不对）", many - 1),
        }
    }
}

impl std::error::Error for Mistakes {}

/// What a package's files say.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) document: Document,
    pub(super) forms: Vec<Form>,
    /// The document's file, then the forms'.
    pub(super) files: Vec<ProcedureFile>,
}

/// Reads a package: what can be made of it, and all mistakes.
pub(super) fn read(folder: &Folder) -> (Option<Read>, Vec<Mistake>) {
    let mut mistakes = Vec::new();
    let mut document: Option<Document> = None;
    let mut files = Vec::new();
    let mut documents = Vec::new();
    for file in folder.files.iter().filter(|it| it.is_document()) {
        let mut tree = Tree::parse(&file.name, &file.text);
        if tree.is_right() {
            roles_in_tables(&mut tree);
            let written: Option<Written> = tree.read();
            if let Some(written) = written {
                let new = written.document(&folder.name, document.as_ref());
                if file.own && folder.files.iter().all(|it| it.own) && new.packages.iter().any(|it| it.bare) {
                    tree.say_at("bare", "自有的程序包不能写 bare，它的编号前要有程序包的名称".to_owned());
                }
                check_document(&new, &mut tree);
                document = Some(new);
                files = vec![ProcedureFile::of(&document_name(folder, document.as_ref()), &file.text, file.own)];
            }
        }
        documents.push(tree);
    }
    let mut forms: Vec<(Form, &File, Tree<'_>)> = Vec::new();
    let others = folder.files.iter().filter(|it| !it.is_document());
    for (place, file) in others.enumerate() {
        if place >= MANY_FORMS || file.text.len() > LONGEST_FILE {
            let message = format!("一个程序包最多 {MANY_FORMS} 个表单文件，一个文件最多 {LONGEST_FILE} 个字节");
            mistakes.push(Mistake { file: file.name.clone(), place: None, message });
            break;
        }
        let mut tree = Tree::parse(&file.name, &file.text);
        let form: Option<Form> = if tree.is_right() {
            rows::expand(&mut tree);
            tree.read()
        } else {
            None
        };
        // What looks at every datum for every other one would take for ever over too many of them.
        let form = form.filter(|it| checking::is_readable(it, &mut tree));
        let Some(mut form) = form else {
            mistakes.extend(tree.mistakes());
            continue;
        };
        let before = forms.iter().rev().find(|it| it.0.form == form.form).and_then(|it| it.0.register.as_ref());
        let followed = form.register.as_mut().map_or(Ok(()), |it| it.follow(before));
        if let Err((column, message)) = followed {
            tree.say_at(&format!("register.columns.{column}"), message);
        }
        if let Err(message) = form.settle() {
            tree.say_at("table", message);
        }
        form.part_keys();
        if let Err(message) = form.take_over_terms() {
            tree.say_at("identity.due", message);
        }
        form.settle_answers();
        checking::check(&form, &mut tree);
        forms.retain(|it| {
            let same = (&it.0.form, &it.0.edition) == (&form.form, &form.edition);
            // An office's own file takes the place of another one.
            if same && !file.own {
                tree.say_at("form", format!("表单 {} 的“{}”版在 {} 里已经有了", form.form, form.edition, it.1.name));
            }
            !(same && file.own)
        });
        forms.push((form, file, tree));
    }
    if let (Some(document), Some(tree)) = (&document, documents.last_mut()) {
        check_duties(document, forms.iter().map(|it| &it.0), tree);
    }
    // What is wrong with the document is said first.
    mistakes.splice(0..0, documents.into_iter().flat_map(Tree::mistakes));
    let Some(mut document) = document else {
        mistakes.extend(forms.into_iter().flat_map(|it| it.2.mistakes()));
        if mistakes.is_empty() {
            let message = "这个程序包里没有 procedure.toml".to_owned();
            mistakes.push(Mistake { file: format!("{}/{DOCUMENT}", folder.name), place: None, message });
        }
        return (None, mistakes);
    };
    check_links(&document, &mut forms);
    let (mut all, mut sources) = (Vec::new(), Vec::new());
    for (form, file, tree) in forms {
        all.push(form);
        sources.push((file, tree));
    }
    register::connect(&mut all, &mut |place, path, message| {
        let tree: &mut Tree<'_> = &mut sources[place].1;
        if !tree.patched {
            tree.say_at(path, message);
        }
    });
    let own: Vec<bool> = sources.iter().map(|it| it.0.own).collect();
    for (place, (file, tree)) in sources.iter_mut().enumerate() {
        let other = |it: usize| own[it] && !file.own;
        all[place].check_linked(&all, &other, &mut |path, message| tree.say_at(path, message));
    }
    let mut read = Vec::new();
    for (mut form, (file, tree)) in all.into_iter().zip(sources) {
        let found = tree.mistakes();
        if found.is_empty() {
            if let Some(package) = document.packages.first() {
                form.follow(&package.clauses);
                if !package.bare {
                    form.qualify(&package.name);
                }
            }
            files.push(ProcedureFile::of(&file_name(&form.form, &form.edition), &file.text, file.own));
            read.push(form);
        }
        mistakes.extend(found);
    }
    blame(folder, &mut mistakes);
    document.qualify();
    (Some(Read { document, forms: read, files }), mistakes)
}

/// What an office's own file makes wrong in another one is told with its name: that one alone was right.
fn blame(folder: &Folder, mistakes: &mut [Mistake]) {
    let own: Vec<&str> = folder.files.iter().filter(|it| it.own).map(|it| it.name.as_str()).collect();
    if own.is_empty() {
        return;
    }
    for mistake in mistakes.iter_mut().filter(|it| !own.contains(&it.file.as_str())) {
        let more = if own.len() > 3 { "等" } else { "" };
        mistake.message.push_str(&format!("（换用了自有的 {}{more}）", own[..own.len().min(3)].join("、")));
    }
}

/// What a book calls the document of a package.
fn document_name(folder: &Folder, document: Option<&Document>) -> String {
    let bare = document.is_some_and(|it| it.packages.iter().all(|it| it.bare));
    if bare { "程序文件".to_owned() } else { format!("程序文件 {}", folder.name) }
}

/// What a document says of its own departments, roles and settings.
fn check_document(document: &Document, tree: &mut Tree<'_>) {
    for package in &document.packages {
        for (place, setting) in package.settings.iter().enumerate() {
            let path = format!("setting.{place}");
            if package.settings[..place].iter().any(|it| it.id == setting.id) {
                tree.say_at(&format!("{path}.id"), format!("设置“{}”写了两次", setting.id));
            }
            if let Err(message) = setting.fits(&setting.default) {
                tree.say_at(&format!("{path}.default"), message);
            }
        }
        for (form, pattern) in &package.numbers {
            if let Err(message) = pattern.check_for_one() {
                tree.say_at(&format!("numbers.{form}"), message);
            }
        }
        // An office may go by fewer departments than the package knows; a package may not.
        let declared = package.roles.iter().filter(|it| it.declared);
        for role in declared.filter(|it| !document.departments.contains(&it.department)) {
            let allowed = allowed(&role.department, &document.departments);
            tree.say_at(
                &format!("roles.{}.department", role.id),
                format!("没有“{}”这个部门{allowed}", role.department),
            );
        }
        // All of it stands on the front page.
        let long = |it: &Amendment| it.what.chars().count() > LONGEST_CHANGE;
        if let Some(place) = package.changes.iter().position(long) {
            tree.say_at(&format!("changes.{place}.what"), format!("修改记录的一条最多 {LONGEST_CHANGE} 字"));
        }
        let cells = |it: &Approval| {
            super::office::word("核准栏", &it.label, LONGEST_CELL).is_err() || it.by.chars().count() > LONGEST_CELL
        };
        if package.signed.len() > MANY_CELLS || package.signed.iter().any(cells) {
            tree.say_at(
                "signed",
                format!("signed 最多 {MANY_CELLS} 格，每格的名称和姓名各一行字，最多 {LONGEST_CELL} 个字"),
            );
        }
        if package.distribution.len() > MANY_COPIES {
            tree.say_at("distribution", format!("distribution 最多 {MANY_COPIES} 个部门"));
        }
        for (place, it) in package.distribution.iter().enumerate() {
            if !document.departments.contains(&it.department) {
                let allowed = allowed(&it.department, &document.departments);
                let path = format!("distribution.{place}.department");
                tree.say_at(&path, format!("没有“{}”这个部门{allowed}", it.department));
            }
        }
    }
    if let Err(message) = document.check()
        && !tree.has_said(&message)
    {
        tree.say(0..0, message);
    }
}

/// What forms say of the document and of each other.
fn check_links(document: &Document, forms: &mut [(Form, &File, Tree<'_>)]) {
    let roles: Vec<&RoleId> = document.roles.keys().collect();
    let settings: Vec<&SettingId> = document.may_set().map(|it| &it.id).collect();
    let declared: Vec<&Setting> = document.may_set().collect();
    let every: Vec<&Form> = forms.iter().map(|it| &it.0).collect();
    let mut said: Vec<(usize, String, String)> = Vec::new();
    for (place, form) in every.iter().enumerate() {
        let mut say = |path: &str, message: String| said.push((place, path.to_owned(), message));
        form.check_option(&declared, &mut say);
        form.check_counted_forms(&every, &mut say);
        form.check_fills(&every, &mut say);
    }
    for (place, path, message) in said {
        let tree = &mut forms[place].2;
        if !tree.patched {
            tree.say_at(&path, message);
        }
    }
    let mut main: Option<FormId> = None;
    for (form, _, tree) in forms {
        if let Some(role) = form.owner.as_ref().filter(|it| !roles.contains(it)) {
            tree.say_at("owner", format!("没有“{role}”这个职责{}", allowed(role.as_str(), &roles)));
        }
        for id in form.worded_by().iter().filter(|id| !settings.iter().any(|it| it.as_str() == *id)) {
            tree.say_at("title", format!("文字里的 {{{id}}} 不是设置{}", allowed(id, &settings)));
        }
        life::check_names(form, document, &mut |path, message| checking::say_at(tree, path, message));
        for (place, clock) in form.clocks.iter().enumerate() {
            for setting in clock.settings().filter(|it| !settings.contains(it)) {
                let message = format!("没有“{setting}”这个设置{}", allowed(setting.as_str(), &settings));
                tree.say_at(&format!("clock.{place}.within"), message);
            }
        }
        for (place, repeats) in form.repeats.iter().enumerate() {
            if let Count::Setting(setting) = &repeats.within.count
                && !settings.contains(&setting)
            {
                let message = format!("没有“{setting}”这个设置{}", allowed(setting.as_str(), &settings));
                tree.say_at(&format!("repeats.{place}.within"), message);
            }
        }
        for (place, clock) in form.clocks.iter_mut().enumerate() {
            for (path, role) in clock.told().filter(|it| !roles.contains(&&*it.1)) {
                let message = format!("没有“{role}”这个职责{}", allowed(role.as_str(), &roles));
                tree.say_at(&format!("clock.{place}.{path}"), message);
            }
        }
        if form.main {
            match &main {
                Some(other) if *other != form.form => {
                    tree.say_at("main", format!("main 只能有一个，表单 {other} 已经是了"));
                }
                _ => main = Some(form.form.clone()),
            }
        }
    }
}

/// What the duties of a document say of its parts and of the package's forms.
fn check_duties<'f>(document: &Document, forms: impl Iterator<Item = &'f Form>, tree: &mut Tree<'_>) {
    // An office's own document may leave them to the one before it.
    if !tree.root.contains_key("duty") {
        return;
    }
    let forms: BTreeSet<&FormId> = forms.map(|it| &it.form).collect();
    let forms: Vec<&FormId> = forms.into_iter().collect();
    let roles: Vec<&RoleId> = document.roles.keys().collect();
    let settings: Vec<&SettingId> = document.may_set().map(|it| &it.id).collect();
    for (place, duty) in document.duties().enumerate() {
        for (at, of) in duty.of.iter().enumerate().filter(|it| !forms.contains(&it.1)) {
            let message = format!("没有“{of}”这种表单{}", allowed(of.as_str(), &forms));
            tree.say_at(&format!("duty.{place}.of.{at}"), message);
        }
        if let Some(owner) = duty.owner.as_ref().filter(|it| !roles.contains(it)) {
            let message = format!("没有“{owner}”这个职责{}", allowed(owner.as_str(), &roles));
            tree.say_at(&format!("duty.{place}.owner"), message);
        }
        if let Every::Set(setting) = &duty.every
            && !settings.contains(&setting)
        {
            let message = format!("没有“{setting}”这个设置{}", allowed(setting.as_str(), &settings));
            tree.say_at(&format!("duty.{place}.every"), message);
        }
        if let Err(message) = duty.fits() {
            tree.say_at(&format!("duty.{place}"), message);
        }
    }
}

/// Parts of which only the department is said, as in files of old, in the form of those that are declared.
fn roles_in_tables(tree: &mut Tree<'_>) {
    use toml::de::DeValue;
    let Some(DeValue::Table(roles)) = tree.root.get_mut("roles").map(Spanned::get_mut) else { return };
    let names: Vec<String> = roles.keys().map(|it| it.get_ref().clone().into_owned()).collect();
    for name in names {
        if let Some(node) = roles.get_mut(name.as_str())
            && matches!(node.get_ref(), DeValue::String(_))
        {
            let at = node.span();
            let said = Spanned::new(at.clone(), std::mem::replace(node.get_mut(), DeValue::Boolean(false)));
            *node = Spanned::new(at.clone(), DeValue::Table(table(&at, [("department", said)])));
        }
    }
}

/// `procedure.toml` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    code: String,
    title: String,
    #[serde(default)]
    edition: String,
    #[serde(default, deserialize_with = "day")]
    issued: Option<NaiveDate>,
    #[serde(default)]
    bare: bool,
    company: String,
    departments: Vec<String>,
    roles: BTreeMap<Spanned<RoleId>, WrittenRole>,
    number: NumberPattern,
    hours: Option<OfficeHours>,
    #[serde(default)]
    numbers: BTreeMap<FormId, NumberPattern>,
    /// What an office's file of old says of the settings.
    #[serde(default)]
    terms: BTreeMap<SettingId, Value>,
    #[serde(default)]
    limits: BTreeMap<SettingId, Value>,
    #[serde(default, rename = "setting")]
    settings: Vec<Setting>,
    #[serde(default)]
    people: Vec<Person>,
    #[serde(default)]
    copies: BTreeMap<FormId, Vec<String>>,
    #[serde(default)]
    offset: Offset,
    #[serde(default)]
    posts: Vec<String>,
    #[serde(default)]
    distribution: Vec<Distributed>,
    #[serde(default)]
    changes: Vec<Amendment>,
    #[serde(default)]
    signed: Vec<Approval>,
    #[serde(default, rename = "duty")]
    duties: Vec<Duty>,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    reminder: String,
    #[serde(default)]
    department: String,
    pages: Option<u32>,
    #[serde(default)]
    clauses: Clauses,
}

/// A part as it is declared; one of old says only the department.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRole {
    name: Option<String>,
    department: String,
    clause: Option<String>,
}

impl Written {
    /// The document; an office's own, which declares nothing, goes by what the one before it declares.
    fn document(self, name: &str, before: Option<&Document>) -> Document {
        let mut package = Package {
            name: name.to_owned(),
            number: self.number.clone(),
            numbers: self.numbers.clone(),
            hours: self.hours.clone().or_else(|| before?.packages.first()?.hours.clone()),
            bare: self.bare || before.is_some_and(|it| it.packages.iter().any(|it| it.bare)),
            code: self.code.clone(),
            title: self.title.clone(),
            edition: self.edition,
            issued: self.issued,
            settings: self.settings,
            posts: self.posts,
            distribution: self.distribution,
            changes: self.changes,
            signed: self.signed,
            duties: self.duties,
            words: self.words,
            reminder: self.reminder,
            department: self.department,
            pages: self.pages,
            clauses: self.clauses,
            ..Package::default()
        };
        let mut roles = BTreeMap::new();
        let mut written: Vec<(Spanned<RoleId>, WrittenRole)> = self.roles.into_iter().collect();
        written.sort_by_key(|it| it.0.span().start);
        for (id, WrittenRole { name, department, clause }) in written {
            let id = id.into_inner();
            roles.insert(id.clone(), department.clone());
            let declared = name.is_some();
            package.roles.push(Role { name: name.unwrap_or_else(|| id.to_string()), id, department, clause, declared });
        }
        let packages = match before {
            Some(before) if package.settings.is_empty() => {
                let hours = package.hours;
                before.packages.iter().map(|it| Package { hours: hours.clone(), ..it.clone() }).collect()
            }
            _ => vec![package],
        };
        for role in packages.iter().flat_map(|it| &it.roles) {
            roles.entry(role.id.clone()).or_default();
        }
        let defaults = packages.iter().flat_map(|it| &it.settings).map(|it| (it.id.clone(), it.default.clone()));
        let mut settings: BTreeMap<SettingId, Value> = defaults.collect();
        settings.extend(self.terms);
        settings.extend(self.limits);
        Document {
            code: self.code,
            title: self.title,
            company: self.company,
            departments: self.departments,
            roles,
            number: self.number,
            numbers: self.numbers,
            settings,
            people: self.people,
            copies: self.copies,
            offset: self.offset,
            chosen: Vec::new(),
            taken: Taken::new(),
            packages,
        }
    }
}

impl ProcedureFile {
    pub(super) fn of(name: &str, text: &str, own: bool) -> Self {
        let seal = Sha256::digest(text).iter().map(|it| format!("{it:02x}")).collect();
        Self { name: name.to_owned(), seal, own }
    }
}

impl Form {
    /// Puts the package's name before what it names of the package.
    fn qualify(&mut self, package: &str) {
        self.form.0 = format!("{package}/{}", self.form);
        self.owner.iter_mut().for_each(|it| it.0 = format!("{package}/{it}"));
        self.roles_mut().for_each(|it| it.0 = format!("{package}/{it}"));
        self.proposed_mut().for_each(|it| it.0 = format!("{package}/{it}"));
        for clock in &mut self.clocks {
            clock.told().for_each(|it| it.1.0 = format!("{package}/{}", it.1));
            clock.forms().for_each(|it| it.0 = format!("{package}/{it}"));
        }
        let repeats = self.repeats.iter_mut().map(|it| &mut it.within);
        for given in self.clocks.iter_mut().flat_map(|it| it.terms()).chain(repeats) {
            // What the program itself lets an office set stands bare.
            if let Count::Setting(setting) = &mut given.count
                && !OWN.iter().any(|it| it.id == *setting)
            {
                setting.0 = format!("{package}/{setting}");
            }
        }
        if let Some(option) = &mut self.option {
            option.0 = format!("{package}/{option}");
        }
        let counted = self.counts.values_mut().flat_map(|it| &mut it.of);
        let fills = self.fills.iter_mut().map(|it| &mut it.form);
        for form in fills.chain(counted).chain(self.register.iter_mut().flat_map(|it| &mut it.of)) {
            form.0 = format!("{package}/{form}");
        }
        self.linked().for_each(|it| it.0 = format!("{package}/{it}"));
    }
}

impl Document {
    /// Puts the package's name before what it declares, where its ids do not stand bare.
    fn qualify(&mut self) {
        let Some(package) = self.packages.first_mut().filter(|it| !it.bare) else { return };
        let name = package.name.clone();
        let put = |it: &mut String| *it = format!("{name}/{it}");
        package.roles.iter_mut().for_each(|it| put(&mut it.id.0));
        for setting in &mut package.settings {
            put(&mut setting.id.0);
            let units = std::mem::take(&mut setting.unit_if).into_iter();
            setting.unit_if = units.map(|it| (SettingId(format!("{name}/{}", it.0)), it.1)).collect();
        }
        for duty in &mut package.duties {
            if let Every::Set(setting) = &mut duty.every {
                put(&mut setting.0);
            }
            put(&mut duty.id);
            duty.owner.iter_mut().for_each(|it| put(&mut it.0));
            duty.of.iter_mut().for_each(|it| put(&mut it.0));
        }
        let form = |it: FormId| FormId(format!("{name}/{it}"));
        package.numbers = std::mem::take(&mut package.numbers).into_iter().map(|it| (form(it.0), it.1)).collect();
        self.copies = std::mem::take(&mut self.copies).into_iter().map(|it| (form(it.0), it.1)).collect();
        self.roles =
            std::mem::take(&mut self.roles).into_iter().map(|it| (RoleId(format!("{name}/{}", it.0)), it.1)).collect();
        let settings = std::mem::take(&mut self.settings).into_iter();
        self.settings = settings.map(|it| (SettingId(format!("{name}/{}", it.0)), it.1)).collect();
        self.numbers.clear();
    }
}
