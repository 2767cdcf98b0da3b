//! What the written procedure (程序文件) says: who does what, and how each controlled form looks. All of it is data:
//! another company, another edition, another form is another file, not another build.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, Cycle};
use crate::expression::Expression;
use crate::units::{Mm, Rect, Size};

mod catalog;
mod change;
mod checking;
mod by_line;
mod clause;
mod clock;
mod counted;
mod kept;
mod keys;
mod life;
mod lines;
mod link;
mod meaning;
mod office;
mod package;
mod reading;
mod register;
mod sheets;
mod spanning;
mod table;
mod rows;
mod texts;
mod tree;
mod wording;
pub use catalog::{Catalog, Offered, Taken};
pub use change::{Axis, Change};
pub use clause::{Clauses, Rule};
pub use clock::{Clock, Count, ENTERED, Expired, Given, Level, SENT_BACK, Until};
pub use counted::{Counted, LABEL, OWN_SHEET, ROWS};
pub use kept::OFFICE;
pub use life::{Again, Choice, Goes, Leads, Office, Stage, Verdict, Whose};
pub use lines::{MonthDay, Replaced, Yearly};
pub use link::{Before, Carried, Check, Need, Repeats, Start, Writes};
pub use office::{CORRECTIONS, Document, IDLE, NumberPattern, Offset, PEOPLE_CARD, Person, RETENTION, SOON};
pub use package::{Amendment, Approval, By, Distributed, Duty, Each, Every, Package, Role, Setting, Value, YearDay};
pub use reading::{Mistake, Mistakes};
pub use register::{Column, Holds, NAMES, Register, Source};
pub use sheets::Fill;
pub use spanning::Across;
pub use table::{Table, TableColumn, Told, Within};
pub use texts::{Guide, Samples};

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
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

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
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

name_type! {
    /// A part that a department plays (受理部门), as a package declares it.
    RoleId
}
name_type! {
    /// Something an office may set, as a package declares it.
    SettingId
}

name_type! {
    /// A table of a form.
    TableId
}

impl FormId {
    /// In place of a form: all forms of a package whose ids do not stand bare.
    pub fn all_of(package: &str) -> Self {
        Self(format!("{package}/"))
    }

    /// The package it belongs to; empty where it stands bare.
    pub fn package(&self) -> &str {
        self.0.split_once('/').map_or("", |it| it.0)
    }

    /// What it is in its package.
    pub fn bare(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |it| it.1)
    }
}

/// The procedure and all its forms.
#[derive(Clone, Debug)]
pub struct Procedure {
    /// The document itself.
    pub document: Document,
    /// Every form and edition known; of one form the last is the one in use.
    pub forms: Vec<Form>,
    /// Which days are worked, with the hours of the first package.
    pub calendar: Calendar,
    /// The same days with the hours of each other package that keeps others, by its name.
    pub calendars: BTreeMap<String, Calendar>,
    /// The files all of this was read from.
    pub files: Vec<ProcedureFile>,
    /// The packages it was put together from, and those that were not chosen.
    pub catalog: Catalog,
}

/// A file the procedure was read from, whoever it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcedureFile {
    /// What the office calls it: 表单 05（D/0）.
    pub name: String,
    /// Its SHA-256, in figures and letters.
    pub seal: String,
    /// Whether it is the office's own, not the program's.
    pub own: bool,
}

/// What the file of a form's edition is called in a book.
pub fn file_name(form: &FormId, edition: &Edition) -> String {
    format!("表单 {form}（{edition}）")
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
    /// What else the procedure's text calls the form (PROCEDURE 7): never printed, found by searching.
    #[serde(default)]
    pub also: Vec<String>,
    /// Before the number, where the form has one (`N0:`).
    pub number_label: Option<String>,
    /// The clause that asks for it.
    pub clause: Option<String>,
    /// The role that keeps it.
    pub owner: Option<RoleId>,
    /// Whether it is the sheet that is made first, and that lists and the first page begin with.
    #[serde(default)]
    pub main: bool,
    /// Its place in menus, and the figure of its key.
    pub order: Option<u8>,
    /// What it is to the users' page, to similar cases and to figures.
    pub counts_as: Option<CountsAs>,
    /// What making one is called (新建投诉); else 新建 and the short name.
    pub new: Option<String>,
    /// What its files are called, where the short name says more than that needs.
    pub called: Option<String>,
    /// The clauses that the program's rules rest on for it; the package's where it names none.
    #[serde(default)]
    pub clauses: Clauses,
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
    /// The tables that stand in its sections.
    #[serde(default, rename = "table")]
    pub tables: BTreeMap<TableId, Table>,
    /// The stages of the sheet's life, each done when its field is filled.
    #[serde(default, rename = "stage")]
    pub stages: Vec<Stage>,
    /// By when what is to be done on a sheet is due.
    #[serde(default, rename = "clock")]
    pub clocks: Vec<Clock>,
    /// Which fields tell a sheet from others.
    pub identity: Option<Identity>,
    /// Whether sheets are passed on to departments, and to whom and when is kept beside them (4.4).
    #[serde(default)]
    pub passes_on: bool,
    /// Whether what is said in it can become something to be done, or start another sheet (4.2).
    #[serde(default)]
    pub follows: bool,
    /// The sheets that something said on it may start.
    #[serde(default)]
    pub starts: Vec<Start>,
    /// The lines of registers that are written when it is signed.
    #[serde(default)]
    pub writes: Vec<Writes>,
    /// The sheets that have to be there before something is done with it.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// How many like sheets propose another.
    #[serde(default)]
    pub repeats: Vec<Repeats>,
    /// What is wrong between its cells.
    #[serde(default, rename = "check")]
    pub checks: Vec<Check>,
    /// The table, where the form is a register (04) and not a sheet.
    pub register: Option<Register>,
    /// The switch among the settings that it stands under: off, the office makes no sheets of it.
    pub option: Option<SettingId>,
    /// How often one is made, where one is made for each stretch of time.
    pub every: Option<Cycle>,
    /// The field that says for which stretch.
    pub period: Option<FieldId>,
    /// The field for each value of which one is made in a stretch.
    pub each: Option<FieldId>,
    /// The fields that tell a living sheet (一机一卡) from others: it is never closed, and its changes are a table on it.
    #[serde(default, deserialize_with = "clock::one_or_many")]
    pub lives: Vec<FieldId>,
    /// Sheets it counts, by name.
    #[serde(default)]
    pub counts: BTreeMap<String, Counted>,
    /// The stage at whose signature what was counted is written down.
    pub frozen: Option<String>,
    /// Cells that are filled in from other sheets.
    #[serde(default)]
    pub fills: Vec<Fill>,
    /// The form as its file says it, where the words of what the office set stand in this one.
    #[serde(skip)]
    pub plain: Option<Box<Self>>,
    /// Which of its fields registers take, known once all forms are read: they stay when its other contents are
    /// destroyed (4.7).
    #[serde(skip)]
    pub taken: BTreeSet<FieldId>,
    /// How another round is begun by hand, where it may be.
    #[serde(rename = "again")]
    pub begun_by_hand: Option<Again>,
    /// What another round takes over from the one before it.
    #[serde(default)]
    pub keeps: Vec<FieldId>,
    /// The fields whose answers lead elsewhere than on.
    #[serde(skip)]
    pub answers: Vec<FieldId>,
    /// Whether all its stages, sections and cells apply to every sheet, and nothing said leads past any.
    #[serde(skip)]
    pub is_straight: bool,
    /// What the life of its sheets depends on besides them.
    #[serde(skip)]
    pub office: Arc<Office>,
}

/// How a text field names users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Names {
    /// One after the other, between commas or on lines of their own.
    List,
    /// As where something is known from; often it is nobody's name.
    Source,
}

/// What a sheet is to the users' page, to similar cases and to figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CountsAs {
    /// A user complained.
    Complaint,
    /// Somebody talked with a user.
    Talk,
    /// Somebody was at a user's.
    Visit,
    /// A user was served.
    Service,
    /// A user said something.
    Feedback,
    /// A user asked for something in a contract.
    Requirement,
}

/// Which fields tell a sheet from others: what lists, cases and the users' page ask for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Whom or what the sheet is about.
    pub subject: FieldId,
    /// The date of the event.
    pub date: FieldId,
    /// In forms written before there were clocks: the cell with the date it is due by.
    due: Option<FieldId>,
    /// Filled when the due work is done.
    pub done: Option<FieldId>,
    /// In forms written before there were clocks: the cell with the word that makes it urgent.
    urgency: Option<FieldId>,
    /// The product.
    pub product: Option<FieldId>,
    /// What it is about: one field, or several, the best first.
    #[serde(default, deserialize_with = "clock::one_or_many")]
    pub about: Vec<FieldId>,
    /// The person to talk to.
    pub contact: Option<FieldId>,
    /// Their telephone.
    pub phone: Option<FieldId>,
    /// What came of it.
    pub result: Option<FieldId>,
    /// Its class (类别).
    pub class: Option<FieldId>,
    /// The hour of the event.
    pub hour: Option<FieldId>,
    /// Who took part, one a line or between commas.
    pub present: Option<FieldId>,
    /// The department that is to do it.
    pub responsible: Option<FieldId>,
    /// The department that took it in.
    pub accepted_by: Option<FieldId>,
    /// The way it came (来电).
    pub channel: Option<FieldId>,
}

impl Identity {
    /// Every field it names, with the name it has there.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &FieldId)> {
        // An attribute is called like its field here, not like any form's.
        macro_rules! named {
            ($($field:ident)*) => { [$((stringify!($field), self.$field.as_ref())),*] };
        }
        let one = [(stringify!(subject), &self.subject), (stringify!(date), &self.date)];
        let optional =
            named!(due done urgency product contact phone result class hour present responsible accepted_by channel);
        let optional = optional.into_iter().filter_map(|(name, field)| Some((name, field?)));
        one.into_iter().chain(optional).chain(self.about.iter().map(|field| ("about", field)))
    }
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
    /// On which sheets it applies; on all where nothing is said.
    pub when: Option<Expression>,
    /// Whether what is signed in it is never corrected (划改): the sheet is voided and made out anew.
    #[serde(default)]
    pub refuses_correction: bool,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row of cells, or a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its height; a table's is that of its lines.
    #[serde(default, deserialize_with = "length")]
    pub height: Mm,
    /// Its cells, which together are as wide as the frame (less the spine).
    #[serde(default)]
    pub cells: Vec<Cell>,
    /// The table that stands here in place of cells.
    pub table: Option<TableId>,
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
    /// Over how many rows it reaches down.
    #[serde(default = "one")]
    pub rows: usize,
    /// What is written in it: one field, or a person and a date.
    pub fields: Vec<FieldId>,
}

const fn one() -> usize {
    1
}

/// Narrower than this, a cell has no room for a person's name and a date in full.
const WIDE_ENOUGH: Mm = Mm::mm(65.0);

impl Cell {
    /// Whether a name and a date in full do not fit in it.
    pub fn is_narrow(&self) -> bool {
        self.label_width.is_none() && self.width < WIDE_ENOUGH
    }
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
    /// How a text names users, where it does: then their pages show the sheet.
    pub names: Option<Names>,
    /// What the books hold if nothing was entered (受理部门 is 技术质安部 unless changed).
    pub default: Option<String>,
    /// A wording that is proposed while nothing is written, for the clerk to confirm or reword.
    pub proposes: Option<Expression>,
    /// Written by those above: open from the sheet's beginning, though it stands in a later section. Whoever accepts a
    /// complaint names the department and the date (4.5.1).
    #[serde(default)]
    pub early: bool,
    /// Behind a number on paper (台, kg).
    pub unit: Option<String>,
    /// How many digits a number has behind its point on paper; none means as typed. Money has two.
    pub digits: Option<usize>,
    /// Whether the thousands of a number are parted on paper (1,234,567).
    #[serde(default)]
    pub thousands: bool,
    /// Whether a choice has boxes (□) in one line and no letters.
    #[serde(default)]
    pub boxes: bool,
    /// Whether several of a choice may be chosen.
    #[serde(default)]
    pub many: bool,
    /// What it is, where it is computed and not written; in a table from what stands in the same line.
    pub is: Option<Expression>,
    /// On which sheets it applies; on all where nothing is said.
    pub when: Option<Expression>,
    /// What each option counts as a number, in their order: then expressions see that and not the word.
    #[serde(default)]
    pub marks: Vec<f64>,
    /// What it is reckoned as from other sheets.
    #[serde(skip)]
    pub counted: Option<Expression>,
    /// What it tells of a change of a living sheet.
    #[serde(skip)]
    pub told: Option<Told>,
    /// Of which form are the sheets whose numbers stand in it.
    pub form: Option<FormId>,
    /// The table it is a column of.
    #[serde(skip)]
    pub table: Option<TableId>,
    /// The signature it belongs to, where that is not the first of its section: it stays open until then, and is asked for
    /// then.
    pub with: Option<FieldId>,
}

impl Field {
    /// A datum of which nothing more is said.
    pub fn new(id: FieldId, name: &str, kind: Kind) -> Self {
        Self {
            id,
            name: name.to_owned(),
            kind,
            signature: false,
            key: None,
            options: Vec::new(),
            offers: Vec::new(),
            closed: false,
            names: None,
            proposes: None,
            default: None,
            early: false,
            unit: None,
            digits: None,
            thousands: false,
            boxes: false,
            many: false,
            is: None,
            when: None,
            marks: Vec::new(),
            counted: None,
            told: None,
            form: None,
            table: None,
            with: None,
        }
    }

    /// Whether anything is written in it: not where it is computed, printed or a place for a seal.
    pub fn is_written(&self) -> bool {
        self.is.is_none()
            && self.counted.is_none()
            && self.told.is_none()
            && !matches!(self.kind, Kind::Seal | Kind::Note)
    }

    /// Whether it holds the number of another sheet.
    pub const fn is_link(&self) -> bool {
        matches!(self.kind, Kind::Link)
    }

    /// Whether it is a number, set to the right on paper.
    pub const fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Number | Kind::Money)
    }

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
    /// One letter of several, or boxes to tick.
    Choice,
    /// One of several columns, ticked (√).
    Scale,
    /// A number.
    Number,
    /// A sum of money, in yuan.
    Money,
    /// A day and an hour of it.
    Moment,
    /// How long something takes (2小时30分).
    Duration,
    /// A post (管理者代表).
    Post,
    /// Whom to talk to at a customer's.
    Contact,
    /// A picture (照片): a file is chosen, nothing is typed.
    Picture,
    /// The number of another sheet, or of several.
    Link,
    /// A place for a seal (盖章处), where nothing is typed.
    Seal,
    /// What the form says there (printed instruction), where nothing is typed.
    Note,
}

impl Kind {
    /// Whether one chooses, and types nothing.
    pub const fn is_chosen(self) -> bool {
        matches!(self, Self::Choice | Self::Scale)
    }
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

    /// The section a datum stands in; none for what is kept beside the sheet.
    pub fn section_of(&self, field: &str) -> Option<usize> {
        let holds = |it: &Section| it.rows.iter().flat_map(|it| self.fields_in(it)).any(|it| it.as_str() == field);
        self.sections.iter().position(holds)
    }

    /// The stages whose signatures stand in a section, in order, by their places in [`Form::stages`].
    pub fn stages_in(&self, section: usize) -> impl Iterator<Item = usize> + '_ {
        let here = move |it: &Stage| self.section_of(it.by.as_str()) == Some(section);
        self.stages.iter().enumerate().filter(move |(_, it)| here(it)).map(|(place, _)| place)
    }

    /// The section whose signatures close a section: itself, or where it has none the next one that has some.
    pub fn signed_in(&self, section: usize) -> usize {
        let signed = |it: &usize| self.stages_in(*it).next().is_some();
        (section..self.sections.len()).find(signed).unwrap_or(section)
    }

    /// The stage a field is the signature or the signature's date of.
    pub fn stage_of(&self, field: &str) -> Option<usize> {
        let of = |it: &Stage| it.by.as_str() == field || it.date.as_ref().is_some_and(|it| it.as_str() == field);
        self.stages.iter().position(of)
    }

    /// Whether a datum stands in a section that is gone through again in each round.
    pub fn repeats(&self, field: &str) -> bool {
        let mut sections = self.sections.iter().filter(|it| it.repeats).flat_map(|it| &it.rows);
        sections.any(|row| self.fields_in(row).any(|it| it.as_str() == field))
    }

    /// Everything the form is called: its title first, what else the text calls it, the short name, the code.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let other = self.also.iter().chain([&self.short, &self.code]);
        std::iter::once(&self.title).chain(other).map(String::as_str)
    }

    /// Whether records of it are written: a sheet, or a register typed line by line; not one that is derived.
    pub fn is_written(&self) -> bool {
        self.register.as_ref().is_none_or(Register::is_typed)
    }

    /// The title with edition, as messages name the form.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.code, self.title)
    }
}

/// A length in millimetres; that of a cell may be written as its label's and the rest of it, `25|60`.
fn length<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Mm, D::Error> {
    struct Length;
    impl serde::de::Visitor<'_> for Length {
        type Value = f64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("f64")
        }

        fn visit_i64<E>(self, value: i64) -> Result<f64, E> {
            Ok(value as f64)
        }

        fn visit_f64<E>(self, value: f64) -> Result<f64, E> {
            Ok(value)
        }

        fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<f64, E> {
            let parts = value.split('|').map(str::parse::<f64>);
            parts.sum::<Result<f64, _>>().map_err(|_| E::invalid_type(serde::de::Unexpected::Str(value), &self))
        }
    }
    let value = from.deserialize_any(Length)?;
    if (0.0..=2000.0).contains(&value) {
        Ok(Mm::mm(value))
    } else {
        Err(serde::de::Error::custom(format!("invalid value: {value}, expected 0–2000 毫米")))
    }
}

fn optional_length<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Mm>, D::Error> {
    length(from).map(Some)
}
