//! Reading the procedure's files: what is built in, what an office has of its own, and what is wrong with either.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::package::day;
use super::{
    Amendment, Approval, Cell, Clauses, Distributed, Document, Duty, Edition, Form, FormId, NumberPattern, Offset,
    Package, Person, Procedure, ProcedureFile, Role, RoleId, Setting, SettingId, Value, file_name, register,
};
use crate::calendar;
use crate::calendar::{Calendar, OfficeHours};
use crate::face;
use crate::units::{Mm, Size};

/// The files of the procedure in the program: name and text.
const BUILT_IN: &[(&str, &str)] = &[
    ("01-communication.toml", include_str!("../../assets/procedures/qg-r0309/01-communication.toml")),
    ("02-forum.toml", include_str!("../../assets/procedures/qg-r0309/02-forum.toml")),
    ("03-information.toml", include_str!("../../assets/procedures/qg-r0309/03-information.toml")),
    ("04-ledger.toml", include_str!("../../assets/procedures/qg-r0309/04-ledger.toml")),
    ("05-slip.toml", include_str!("../../assets/procedures/qg-r0309/05-slip.toml")),
    ("06-requirements.toml", include_str!("../../assets/procedures/qg-r0309/06-requirements.toml")),
];
const BUILT_IN_DOCUMENT: &str = include_str!("../../assets/procedures/qg-r0309/procedure.toml");

/// A mistake in a procedure's or form's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormError {
    /// The file.
    pub file: String,
    /// Line and column, from 1, where they are known.
    pub place: Option<(usize, usize)>,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "读取表单文件 {}", self.file)?;
        if let Some((line, column)) = self.place {
            write!(f, " 第 {line} 行第 {column} 列")?;
        }
        write!(f, "：{}", face::readable(&self.message))
    }
}

impl std::error::Error for FormError {}

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
    roles: BTreeMap<RoleId, WrittenRole>,
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
    clauses: Clauses,
}

/// A part as it is declared, or only the department that plays it.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected 部门的名称，或者 { name, department, clause }")]
enum WrittenRole {
    Department(String),
    Declared { name: String, department: String, clause: Option<String> },
}

impl Written {
    /// The document; an office's own, which declares nothing, goes by what the one before it declares.
    fn document(self, before: Option<&Document>) -> Document {
        let mut package = Package {
            bare: self.bare,
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
            clauses: self.clauses,
            ..Package::default()
        };
        let mut roles = BTreeMap::new();
        for (id, written) in self.roles {
            let (name, department, clause) = match written {
                WrittenRole::Department(department) => (id.to_string(), department, None),
                WrittenRole::Declared { name, department, clause } => (name, department, clause),
            };
            roles.insert(id.clone(), department.clone());
            package.roles.push(Role { id, name, department, clause });
        }
        let packages = match before {
            Some(before) if package.settings.is_empty() => before.packages.clone(),
            _ => vec![package],
        };
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
            packages,
        }
    }
}

impl ProcedureFile {
    fn of(name: &str, text: &str, own: bool) -> Self {
        let seal = Sha256::digest(text).iter().map(|it| format!("{it:02x}")).collect();
        Self { name: name.to_owned(), seal, own }
    }
}

impl Procedure {
    /// The procedure as built in, with an office's own files (name and text) read after it: `procedure.toml` replaces
    /// the document, `calendar.toml` years of the calendar, any other adds a form or an edition, or replaces one of the same form and edition.
    ///
    /// # Errors
    /// The first mistake found, with file, line, column and what is allowed.
    pub fn load(own: &[(String, String)]) -> Result<Self, FormError> {
        let written: Written = parse("procedure.toml", BUILT_IN_DOCUMENT)?;
        let mut hours = written.hours.clone();
        let mut document = written.document(None);
        let mut forms: Vec<Form> = Vec::new();
        let mut written_in: BTreeMap<(FormId, Edition), String> = BTreeMap::new();
        let mut files = vec![
            ProcedureFile::of("程序文件", BUILT_IN_DOCUMENT, false),
            ProcedureFile::of("放假安排", calendar::BUILT_IN, false),
        ];
        let mut calendar = calendar_of(None)?;
        let built_in = BUILT_IN.iter().map(|(name, text)| (*name, *text));
        let all = built_in.chain(own.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        for (place, (name, text)) in all.enumerate() {
            if name == "procedure.toml" {
                let written: Written = parse(name, text)?;
                hours = written.hours.clone().or(hours);
                document = written.document(Some(&document));
                document.check().map_err(|message| FormError { file: name.to_owned(), place: None, message })?;
                files[0] = ProcedureFile::of("程序文件", text, true);
                continue;
            }
            if name == calendar::OWN_FILE {
                calendar = calendar_of(Some(text))?;
                files[1] = ProcedureFile::of("放假安排", &format!("{}{text}", calendar::BUILT_IN), true);
                continue;
            }
            let mut form: Form = parse(name, text)?;
            let before = forms.iter().rev().find(|it| it.form == form.form).and_then(|it| it.register.as_ref());
            let followed = form.register.as_mut().map_or(Ok(()), |it| it.follow(before));
            followed.map_err(|message| FormError { file: name.to_owned(), place: None, message })?;
            form.settle().map_err(|message| FormError { file: name.to_owned(), place: None, message })?;
            let checked = form.take_over_terms().and_then(|()| check(&form));
            checked.map_err(|message| FormError { file: name.to_owned(), place: None, message })?;
            forms.retain(|it| (&it.form, &it.edition) != (&form.form, &form.edition));
            let file = ProcedureFile::of(&file_name(&form.form, &form.edition), text, place >= BUILT_IN.len());
            files.retain(|it| it.name != file.name);
            files.push(file);
            written_in.insert((form.form.clone(), form.edition.clone()), name.to_owned());
            forms.push(form);
        }
        for (form, package) in forms.iter_mut().flat_map(|form| document.packages.first().map(|it| (form, it))) {
            form.follow(&package.clauses);
        }
        register::connect(&mut forms).map_err(|(place, message)| {
            let key = (forms[place].form.clone(), forms[place].edition.clone());
            FormError { file: written_in.remove(&key).unwrap_or_default(), place: None, message }
        })?;
        calendar.hours = hours.unwrap_or_default();
        Ok(Self { document, forms, calendar, files })
    }

    /// No procedure at all: what is on the desk when the files cannot be read.
    pub fn empty() -> Self {
        let document = Document {
            code: String::new(),
            title: String::new(),
            company: String::new(),
            departments: Vec::new(),
            roles: BTreeMap::new(),
            number: NumberPattern::default(),
            numbers: BTreeMap::new(),
            settings: BTreeMap::new(),
            people: Vec::new(),
            copies: BTreeMap::new(),
            offset: Offset::default(),
            packages: Vec::new(),
        };
        Self { document, forms: Vec::new(), calendar: Calendar::default(), files: Vec::new() }
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

fn calendar_of(own: Option<&str>) -> Result<Calendar, FormError> {
    Calendar::load(own).map_err(|it| FormError { file: it.file, place: it.place, message: it.message })
}

fn parse<T: for<'de> Deserialize<'de>>(file: &str, text: &str) -> Result<T, FormError> {
    toml::from_str(text).map_err(|error| {
        let place = error.span().map(|span| {
            let before = &text[..text.floor_char_boundary(span.start)];
            let line_start = before.rfind('\n').map_or(0, |it| it + 1);
            (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
        });
        FormError { file: file.to_owned(), place, message: in_chinese(error.message()) }
    })
}

/// serde's and toml's sentences, in the clerk's language; what is quoted in them stays.
fn in_chinese(message: &str) -> String {
    let said = message
        .replace("unknown field ", "不认识的项 ")
        .replace("unknown variant ", "不认识的值 ")
        .replace("missing field ", "缺少项 ")
        .replace("duplicate field ", "重复的项 ")
        .replace("duplicate key", "重复的项")
        .replace("invalid type: ", "类型不对：")
        .replace("invalid value: ", "值不对：")
        .replace(", expected one of ", "，可用：")
        .replace(", expected ", "，应为 ")
        .replace("expected ", "应为 ");
    if said == message && message.is_ascii() { format!("写法不对（{message}）") } else { said }
}

/// The most data of a form: five times what the longest of the procedure's has.
const MANY_FIELDS: usize = 200;
/// The least a continuation sheet, a cell and a row have room for; else what is written would run on for ever.
const LEAST_ROOM: Size = Size::new(Mm::mm(30.0), Mm::mm(50.0));
const LEAST_CELL: Size = Size::new(Mm::mm(5.0), Mm::mm(4.0));

/// What the shape of the file cannot say: names that refer, widths that add up.
fn check(form: &Form) -> Result<(), String> {
    if form.every_field().count() > MANY_FIELDS {
        return Err(format!("项目太多，一种表单最多 {MANY_FIELDS} 个"));
    }
    let mut ids = BTreeSet::new();
    for field in form.every_field() {
        if !ids.insert(&field.id) {
            return Err(format!("项目“{}”写了两次", field.id));
        }
        if field.kind.is_chosen() == field.options.is_empty() {
            return Err(format!("项目“{}”：kind 为 choice 的要有 options，其他的不要", field.id));
        }
    }
    let inside = form.paper.inside();
    if inside.size.width < LEAST_ROOM.width || inside.size.height - form.head < LEAST_ROOM.height {
        let (width, height) = (LEAST_ROOM.width.to_mm(), LEAST_ROOM.height.to_mm());
        return Err(format!("页边距和表头以内至少要有 {width}×{height} 毫米，才写得下字和续页"));
    }
    let mut placed = BTreeSet::new();
    for row in form.sections.iter().flat_map(|it| &it.rows) {
        let columns = row.table.iter().filter_map(|it| form.tables.get(it)).flat_map(|it| &it.columns);
        let width: Mm = row.cells.iter().map(|it| it.width).chain(columns.map(|it| it.width)).sum();
        let wanted = inside.size.width - form.spine;
        if (width - wanted).to_mm().abs() > 0.01 {
            return Err(format!("一行的宽度共 {} 毫米，应为 {} 毫米", width.to_mm(), wanted.to_mm()));
        }
        let narrow = |it: &Cell| it.width - it.label_width.unwrap_or_default() < LEAST_CELL.width;
        if row.height < LEAST_CELL.height || row.cells.iter().any(narrow) {
            let (width, height) = (LEAST_CELL.width.to_mm(), LEAST_CELL.height.to_mm());
            return Err(format!("一行至少高 {height} 毫米，一格（标签之外）至少宽 {width} 毫米"));
        }
        for id in form.fields_in(row) {
            if !form.fields.iter().any(|it| it.id == *id) {
                return Err(format!("格子里的“{id}”没有对应的 [[field]]"));
            }
            if !placed.insert(id) {
                return Err(format!("“{id}”占了两个格子"));
            }
        }
    }
    if let Some(lost) = form.fields.iter().find(|it| !placed.contains(&it.id)) {
        return Err(format!("[[field]] “{}”没有格子；纸上没有的项目写在 [[beside]]", lost.id));
    }
    let height: Mm = form.sections.iter().flat_map(|it| &it.rows).map(|it| it.height).sum::<Mm>() + form.head;
    if height > inside.size.height {
        return Err(format!("表高共 {} 毫米，纸上只有 {} 毫米", height.to_mm(), inside.size.height.to_mm()));
    }
    if let Some(register) = &form.register {
        register.check(form)?;
    }
    let named = form
        .identity
        .iter()
        .flat_map(|it| [Some(&it.subject), Some(&it.date), it.due.as_ref(), it.done.as_ref(), it.urgency.as_ref()]);
    let stages = form.stages.iter().flat_map(|it| [&it.by].into_iter().chain(&it.date).chain(&it.differs));
    for id in named.flatten().chain(stages) {
        if form.field(id).is_none() {
            return Err(format!("“{id}”没有对应的 [[field]]"));
        }
    }
    form.check_clocks()?;
    let verdicts = form.stages.iter().filter(|it| it.verdict).map(|it| &it.by);
    let answers = form.every_field().filter(|it| it.options.iter().any(|it| it.returns)).map(|it| &it.id);
    if let Some(id) = verdicts.chain(answers).find(|it| !form.repeats(it.as_str())) {
        return Err(format!("“{id}”会退回重办（verdict、returns），它所在的 [[section]] 要有 repeats = true"));
    }
    for id in form.stages.iter().flat_map(|it| [Some(&it.by), it.date.as_ref()]).flatten() {
        // A signature that can be typed would be made by no rule.
        if form.field(id).is_some_and(|it| !it.signature) {
            return Err(format!("环节的“{id}”由签署写上，它的 [[field]] 要有 signature = true"));
        }
    }
    Ok(())
}
