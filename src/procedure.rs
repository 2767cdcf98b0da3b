//! What the written procedure (程序文件) says: who does what, and how each controlled form looks. All of it is data:
//! another company, another edition, another form is another file, not another build.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;

use crate::units::{Mm, Rect, Size};

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The name as it stands in the form file and in the book.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(name.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

name_type! {
    /// Which of the procedure's forms (表单): `01` to `05`.
    FormId
}
name_type! {
    /// The edition (版次) of a form, such as `D/0`; a record keeps the one it was made under.
    Edition
}
name_type! {
    /// A datum of a form. Given once, for ever: renaming or dropping one makes a new edition.
    FieldId
}

/// The procedure and all its forms.
#[derive(Clone, Debug)]
pub struct Procedure {
    /// The document itself.
    pub document: Document,
    /// Every form and edition known; of one form the last is the one in use.
    pub forms: Vec<Form>,
}

/// The procedure as a document (`procedure.toml`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its number, `QG/R0309—2009`.
    pub code: String,
    /// Its name, 用户服务管理程序.
    pub title: String,
    /// The company on the sheets' first line.
    pub company: String,
    /// The departments (部门), in the order they are offered.
    pub departments: Vec<String>,
    /// Which department plays which part.
    pub roles: Roles,
    /// How sheets are numbered.
    pub number: NumberPattern,
}

/// Who plays which part (clause 3).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// Accepts complaints and keeps the ledger (3.2, 4.6).
    pub acceptance: String,
    /// Carries out the disposition (3.3).
    pub execution: String,
}

/// The pattern of a sheet's number (编号): `{year}` and `{sequence}` are filled in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberPattern {
    /// For instance `{year}-{sequence}`.
    pub pattern: String,
    /// To how many digits the running number is filled with zeros.
    pub digits: usize,
}

impl NumberPattern {
    /// The number printed for the `sequence`th sheet of `year`.
    pub fn format(&self, year: i32, sequence: i64) -> String {
        let sequence = format!("{sequence:0digits$}", digits = self.digits);
        self.pattern.replace("{year}", &year.to_string()).replace("{sequence}", &sequence)
    }
}

/// One form (表单) in one edition.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Which form.
    pub form: FormId,
    /// Which edition of it.
    pub edition: Edition,
    /// What the screen calls it where the title is too long.
    pub short: String,
    /// The code printed above the frame.
    pub code: String,
    /// The title printed at the top.
    pub title: String,
    /// Before the number, where the form has one (`N0:`).
    pub number_label: Option<String>,
    /// Under the frame.
    pub foot: Option<String>,
    /// The copies (联) it is made out in; each line stands outside the frame of its copy. Empty: one unmarked copy.
    #[serde(default)]
    pub copies: Vec<String>,
    /// The paper and its margins.
    pub paper: Paper,
    /// Height of the head: company, title, code and number.
    #[serde(deserialize_with = "length")]
    pub head: Mm,
    /// Width of the spine at the left that holds the sections' titles; nought where there is none.
    #[serde(default, deserialize_with = "length")]
    pub spine: Mm,
    /// Data of the form, in the order of the labels.
    #[serde(default, rename = "field")]
    pub fields: Vec<Field>,
    /// Data kept beside the sheet, which the paper has no cell for.
    #[serde(default, rename = "beside")]
    pub beside: Vec<Field>,
    /// The sheet's sections, from top to bottom.
    #[serde(default, rename = "section")]
    pub sections: Vec<Section>,
    /// The stages of the sheet's life, each done when its field is filled.
    #[serde(default, rename = "stage")]
    pub stages: Vec<Stage>,
    /// Which fields tell a sheet from others.
    pub identity: Option<Identity>,
    /// The table, where the form is a register (04) and not a sheet.
    pub register: Option<Register>,
}

/// Which fields tell a sheet from others in lists.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Whom or what the sheet is about.
    pub subject: FieldId,
    /// The date of the event.
    pub date: FieldId,
    /// What it is due by, where there is such a thing.
    pub due: Option<FieldId>,
    /// Filled when the due work is done.
    pub done: Option<FieldId>,
}

/// Paper and margins.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// Width as read.
    #[serde(deserialize_with = "length")]
    pub width: Mm,
    /// Height as read.
    #[serde(deserialize_with = "length")]
    pub height: Mm,
    /// Left margin.
    #[serde(deserialize_with = "length")]
    pub left: Mm,
    /// Right margin.
    #[serde(deserialize_with = "length")]
    pub right: Mm,
    /// Top margin.
    #[serde(deserialize_with = "length")]
    pub top: Mm,
    /// Bottom margin.
    #[serde(deserialize_with = "length")]
    pub bottom: Mm,
}

impl Paper {
    /// The paper's extent.
    pub const fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }

    /// What lies inside the margins.
    pub fn inside(&self) -> Rect {
        Rect::new(self.left, self.top, self.width - self.left - self.right, self.height - self.top - self.bottom)
    }
}

/// A section of the sheet (栏): a stage of the work on paper.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its title, set vertically in the spine; none where the form has no spine.
    pub title: Option<String>,
    /// The department in brackets, in a second column of the spine.
    pub department: Option<String>,
    /// Whether it is gone through again when the slip comes back for another round (PROCEDURE 5).
    #[serde(default)]
    pub repeats: bool,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row of cells.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its height.
    #[serde(deserialize_with = "length")]
    pub height: Mm,
    /// Its cells, which together are as wide as the frame (less the spine).
    pub cells: Vec<Cell>,
}

/// A cell: a label and room to write.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The label, literally as it stands on the controlled form.
    pub label: String,
    /// The label's own narrow cell at the left; without it the label begins inside the large cell, top left.
    #[serde(default, deserialize_with = "optional_length")]
    pub label_width: Option<Mm>,
    /// The whole width, label included.
    #[serde(deserialize_with = "length")]
    pub width: Mm,
    /// What is written in it: one field, or a person and a date.
    pub fields: Vec<FieldId>,
}

/// A datum of a sheet.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// For ever.
    pub id: FieldId,
    /// What the screen, messages and assistive technology call it.
    pub name: String,
    /// How it is written.
    pub kind: Kind,
    /// Whether it is signed in ink: the printed copy leaves it empty unless asked.
    #[serde(default)]
    pub signature: bool,
    /// Its key in exchange files, a dot for an object inside (`登记人.姓名`); the name where none is given.
    pub key: Option<String>,
    /// The letters of a choice, in order.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// Words offered besides those typed before.
    #[serde(default)]
    pub offers: Vec<String>,
    /// Whether those words are the only ones allowed.
    #[serde(default)]
    pub closed: bool,
    /// What the books hold if nothing was entered (受理部门 is 技术质安部 unless changed).
    pub default: Option<String>,
}

impl Field {
    /// Its key in exchange files.
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or(&self.name)
    }
}

/// How a datum is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A few words; Enter goes on to the next cell.
    Line,
    /// Many words; Enter breaks the line.
    Text,
    /// A date, printed in full.
    Date,
    /// An hour of the day.
    Time,
    /// A customer (用户).
    Customer,
    /// A person; those typed before are offered.
    Person,
    /// One or more departments.
    Department,
    /// One letter of several.
    Choice,
}

/// One letter of a choice.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The letter.
    pub letter: char,
    /// What it means.
    pub word: String,
    /// Whether it stands on a line of its own, with a bracket to write in.
    #[serde(default)]
    pub bracket: bool,
}

/// A stage (环节) of a sheet's life.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// What the screen calls it.
    pub name: String,
    /// The field that is filled when it is done.
    pub by: FieldId,
}

/// A table that runs over pages (台帐).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// How many slots a page has, printed even when empty.
    pub slots: usize,
    /// Height of one slot.
    #[serde(deserialize_with = "length")]
    pub slot_height: Mm,
    /// Height of the head, repeated on each page.
    #[serde(deserialize_with = "length")]
    pub head_height: Mm,
    /// The columns, from the left.
    pub columns: Vec<Column>,
}

/// A column of a register.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The head cell's lines (序 over 号).
    pub head: Vec<String>,
    /// Width.
    #[serde(deserialize_with = "length")]
    pub width: Mm,
    /// What stands in it.
    pub datum: Datum,
    /// Whether entries are centred.
    #[serde(default)]
    pub centred: bool,
}

/// What a column of the complaint ledger holds (PROCEDURE 4: how each is derived).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    /// 序号
    Sequence,
    /// 用户名称
    Customer,
    /// 产品名称
    Product,
    /// 投诉内容
    Complaint,
    /// 投诉时间
    Received,
    /// 受理部门
    AcceptedBy,
    /// 处理结果
    Result,
    /// 处理时间
    Closed,
}

impl Form {
    /// The datum called `id`, on the sheet or beside it.
    pub fn field(&self, id: &FieldId) -> Option<&Field> {
        self.every_field().find(|it| it.id == *id)
    }

    /// Every datum, on the sheet and beside it, in order.
    pub fn every_field(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().chain(&self.beside)
    }

    /// Whether a datum stands in a section that is gone through again in each round.
    pub fn repeats(&self, field: &str) -> bool {
        let mut sections = self.sections.iter().filter(|it| it.repeats).flat_map(|it| &it.rows);
        sections.any(|row| row.cells.iter().flat_map(|it| &it.fields).any(|it| it.as_str() == field))
    }

    /// The title with edition, as messages name the form.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.code, self.title)
    }
}

/// The files of the procedure in the program: name and text.
const BUILT_IN: &[(&str, &str)] = &[
    ("01-communication.toml", include_str!("../assets/procedures/qg-r0309/01-communication.toml")),
    ("02-forum.toml", include_str!("../assets/procedures/qg-r0309/02-forum.toml")),
    ("03-information.toml", include_str!("../assets/procedures/qg-r0309/03-information.toml")),
    ("04-ledger.toml", include_str!("../assets/procedures/qg-r0309/04-ledger.toml")),
    ("05-slip.toml", include_str!("../assets/procedures/qg-r0309/05-slip.toml")),
];
const BUILT_IN_DOCUMENT: &str = include_str!("../assets/procedures/qg-r0309/procedure.toml");

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
        write!(f, "：{}", self.message)
    }
}

impl std::error::Error for FormError {}

impl Procedure {
    /// The procedure as built in, with an office's own files (name and text) read after it: `procedure.toml` replaces
    /// the document, any other adds a form or an edition, or replaces one of the same form and edition.
    ///
    /// # Errors
    /// The first mistake found, with file, line, column and what is allowed.
    pub fn load(own: &[(String, String)]) -> Result<Self, FormError> {
        let mut document: Document = parse("procedure.toml", BUILT_IN_DOCUMENT)?;
        let mut forms: Vec<Form> = Vec::new();
        let built_in = BUILT_IN.iter().map(|(name, text)| (*name, *text));
        for (name, text) in built_in.chain(own.iter().map(|(name, text)| (name.as_str(), text.as_str()))) {
            if name == "procedure.toml" {
                document = parse(name, text)?;
                continue;
            }
            let form: Form = parse(name, text)?;
            check(&form).map_err(|message| FormError { file: name.to_owned(), place: None, message })?;
            forms.retain(|it| (&it.form, &it.edition) != (&form.form, &form.edition));
            forms.push(form);
        }
        Ok(Self { document, forms })
    }

    /// No procedure at all: what is on the desk when the files cannot be read.
    pub fn empty() -> Self {
        let roles = Roles { acceptance: String::new(), execution: String::new() };
        let number = NumberPattern { pattern: String::new(), digits: 0 };
        let (code, title, company) = (String::new(), String::new(), String::new());
        let document = Document { code, title, company, departments: Vec::new(), roles, number };
        Self { document, forms: Vec::new() }
    }

    /// The edition of a form that new sheets are made under.
    pub fn form(&self, id: &FormId) -> Option<&Form> {
        self.forms.iter().rev().find(|it| it.form == *id)
    }

    /// The very edition a record was made under.
    pub fn edition(&self, id: &FormId, edition: &Edition) -> Option<&Form> {
        self.forms.iter().find(|it| it.form == *id && it.edition == *edition)
    }

    /// The forms in use, in the order of their numbers.
    pub fn in_use(&self) -> Vec<&Form> {
        let ids: BTreeSet<&FormId> = self.forms.iter().map(|it| &it.form).collect();
        ids.into_iter().filter_map(|id| self.form(id)).collect()
    }
}

fn parse<T: for<'de> Deserialize<'de>>(file: &str, text: &str) -> Result<T, FormError> {
    toml::from_str(text).map_err(|error| {
        let place = error.span().map(|span| {
            let before = &text[..span.start.min(text.len())];
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
    if said == message { format!("写法不对（{message}）") } else { said }
}

/// What the shape of the file cannot say: names that refer, widths that add up.
fn check(form: &Form) -> Result<(), String> {
    let mut ids = BTreeSet::new();
    for field in form.every_field() {
        if !ids.insert(&field.id) {
            return Err(format!("项目“{}”写了两次", field.id));
        }
        if (field.kind == Kind::Choice) == field.options.is_empty() {
            return Err(format!("项目“{}”：kind 为 choice 的要有 options，其他的不要", field.id));
        }
    }
    let inside = form.paper.inside();
    let mut placed = BTreeSet::new();
    for row in form.sections.iter().flat_map(|it| &it.rows) {
        let width: Mm = row.cells.iter().map(|it| it.width).sum();
        let wanted = inside.size.width - form.spine;
        if (width - wanted).to_mm().abs() > 0.01 {
            return Err(format!("一行的宽度共 {} 毫米，应为 {} 毫米", width.to_mm(), wanted.to_mm()));
        }
        for id in row.cells.iter().flat_map(|it| &it.fields) {
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
        let width: Mm = register.columns.iter().map(|it| it.width).sum();
        if width > inside.size.width {
            return Err(format!("各列宽度共 {} 毫米，纸上只有 {} 毫米", width.to_mm(), inside.size.width.to_mm()));
        }
    }
    let named =
        form.identity.iter().flat_map(|it| [Some(&it.subject), Some(&it.date), it.due.as_ref(), it.done.as_ref()]);
    for id in named.flatten().chain(form.stages.iter().map(|it| &it.by)) {
        if form.field(id).is_none() {
            return Err(format!("“{id}”没有对应的 [[field]]"));
        }
    }
    Ok(())
}

fn length<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Mm, D::Error> {
    let value = f64::deserialize(from)?;
    if (0.0..=2000.0).contains(&value) {
        Ok(Mm::mm(value))
    } else {
        Err(serde::de::Error::custom(format!("invalid value: {value}, expected 0–2000 毫米")))
    }
}

fn optional_length<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Mm>, D::Error> {
    length(from).map(Some)
}
