//! Forms that are registers (台帐, 登记簿) and no sheets: a table that runs over pages, derived from the sheets of other
//! forms or typed line by line.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::lines::{Replaced, Yearly};
use super::tree::allowed;
use super::{Cell, FieldId, Form, FormId, Row, Section, Table, length};
use crate::expression::Expression;
use crate::units::{Mm, Size};

/// The least height of a slot: one line; the least width of a column.
const LEAST: Size = Size::new(Mm::mm(5.0), Mm::mm(5.0));
/// What signing under the last line takes, down to where printers do not print.
const SIGNING: Mm = Mm::mm(18.0);
/// The most slots of a page, and the most columns.
const MANY_SLOTS: usize = 60;
const MANY_COLUMNS: usize = 40;

/// What an expression may name besides the fields of a form: the sheet's number, in a register its day, its stage; how many
/// rounds it went through; whether it is void, whether work on it is still open; the departments by the parts they play
/// (`role.acceptance`), the settings (`setting.urgent`), and its clocks.
pub const NAMES: [&str; 9] = ["number", "day", "stage", "rounds", "voided", "open", "role", "setting", CLOCK];
/// The name of the sheet's clocks in expressions: `clock('到位').kept`.
pub(super) const CLOCK: &str = "clock";

/// A table that runs over pages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// The forms whose sheets stand in it, a line each. None: it is typed line by line.
    #[serde(default)]
    pub of: Vec<FormId>,
    /// The field of those forms that tells which period a sheet belongs to; else the date in the form's identity.
    pub day: Option<FieldId>,
    /// Which of the sheets stand in it; all where nothing is said.
    #[serde(rename = "where")]
    pub filter: Option<Expression>,
    /// What its lines are sorted by; else they stand in the order of their numbers, form by form.
    pub order: Option<Expression>,
    /// How many slots a page has, printed even when empty.
    #[serde(default = "twelve")]
    pub slots: usize,
    /// Height of one slot.
    #[serde(default = "slot", deserialize_with = "length")]
    pub slot_height: Mm,
    /// Height of the head, repeated on each page.
    #[serde(default = "head", deserialize_with = "length")]
    pub head_height: Mm,
    /// The columns, from the left.
    pub columns: Vec<Column>,
    /// Who signs under the last line (核准: 审查: 制定:), from the left.
    #[serde(default)]
    pub signed: Vec<String>,
    /// The check of each line that is owed once a year.
    pub yearly: Option<Yearly>,
    /// How a line gives way to a later one.
    pub replaced: Option<Replaced>,
}

const fn twelve() -> usize {
    12
}

const fn slot() -> Mm {
    Mm::mm(11.0)
}

const fn head() -> Mm {
    Mm::mm(12.0)
}

impl Register {
    /// Whether its entries are typed line by line, and not derived from sheets.
    pub fn is_typed(&self) -> bool {
        self.of.is_empty()
    }

    /// Takes what a file of old leaves to the program from the register as it was `before`: there columns have the names
    /// by which old files call them.
    ///
    /// # Errors
    /// The column, by its place, and a sentence, where there is none of this name.
    pub(super) fn follow(&mut self, before: Option<&Self>) -> Result<(), (usize, String)> {
        for (place, column) in self.columns.iter_mut().enumerate() {
            let Holds::Called(name) = &column.holds else { continue };
            let same = |it: &&Column| it.datum.as_ref() == Some(name);
            let Some((before, same)) = before.and_then(|it| Some((it, it.columns.iter().find(same)?))) else {
                let why = format!("列里的 datum “{name}”没有；请写 `sequence`、`field`、`first`、`is` 其中之一");
                return Err((place, why));
            };
            (column.holds, column.owed, column.datum) = (same.holds.clone(), same.owed, same.datum.clone());
            if self.of.is_empty() {
                let Self { of, day, filter, order, .. } = before.clone();
                (self.of, self.day, self.filter, self.order) = (of, day, filter, order);
            }
        }
        Ok(())
    }

    /// What people call such a book.
    pub fn noun(&self) -> &'static str {
        if self.is_typed() { "登记簿" } else { "台帐" }
    }

    /// The expressions in it.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let columns = self.columns.iter().flat_map(|it| it.holds.expressions());
        self.filter.iter().chain(&self.order).chain(columns)
    }

    /// The fields of a form that it takes: all that has to be known of a sheet to make its line.
    pub fn taken<'a>(&'a self, form: &'a Form) -> impl Iterator<Item = &'a FieldId> {
        let columns = self.columns.iter().flat_map(|it| it.holds.fields());
        let names = self.expressions().flat_map(|it| it.names());
        let named = names.flat_map(|name| {
            let columns = form.tables.get(name.as_str()).into_iter().flat_map(Table::fields);
            form.field(&name.as_str().into()).map(|it| &it.id).into_iter().chain(columns)
        });
        columns.chain(&self.day).chain(named).filter(|it| form.field(it).is_some())
    }

    /// The day field of a form whose sheets or lines stand in it.
    pub fn day_of<'a>(&'a self, form: &'a Form) -> Option<&'a FieldId> {
        self.day.as_ref().or_else(|| form.identity.as_ref().map(|it| &it.date))
    }

    /// The parts of a typed line, as sections of a sheet: each goes up to the signature that closes it.
    fn sections(&self, form: &Form) -> Vec<Section> {
        let mut sections = vec![Vec::new()];
        for column in &self.columns {
            let Holds::Field(id) = &column.holds else { continue };
            let signs = |it: usize| form.stage_of(id.as_str()) == Some(it);
            let before = sections.last().and_then(|it: &Vec<Cell>| it.last()).and_then(|it| it.fields.first());
            let stage = before.and_then(|it| form.stage_of(it.as_str()));
            if stage.is_some_and(|it| !signs(it)) {
                sections.push(Vec::new());
            }
            let cell = Cell {
                label: column.head.concat(),
                label_width: None,
                width: column.width,
                rows: 1,
                fields: vec![id.clone()],
            };
            sections.last_mut().into_iter().for_each(|it| it.push(cell.clone()));
        }
        let row = |cells| Row { height: self.slot_height, cells, table: None };
        let section = |cells| Section {
            title: None,
            department: None,
            repeats: false,
            when: None,
            refuses_correction: false,
            rows: vec![row(cells)],
        };
        sections.into_iter().map(section).collect()
    }

    /// Says what the shape of the file cannot: what does not fit on the paper, by the path of what is wrong.
    pub(super) fn check(&self, form: &Form, say: &mut impl FnMut(&str, String)) {
        if !(1..=MANY_SLOTS).contains(&self.slots) || !(1..=MANY_COLUMNS).contains(&self.columns.len()) {
            let why = format!("登记簿一页应有 1 到 {MANY_SLOTS} 行（slots），1 到 {MANY_COLUMNS} 列（columns）");
            return say("register.slots", why);
        }
        if self.slot_height < LEAST.height || self.columns.iter().any(|it| it.width < LEAST.width) {
            let (width, height) = (LEAST.width.to_mm(), LEAST.height.to_mm());
            let why = format!("登记簿的一行（slot_height）至少高 {height} 毫米，一列至少宽 {width} 毫米");
            say("register.slot_height", why);
        }
        let inside = form.paper.inside();
        let height = form.head + self.head_height + self.slot_height * self.slots as f64;
        if height > inside.size.height {
            let why = format!("表高共 {} 毫米，纸上只有 {} 毫米", height.to_mm(), inside.size.height.to_mm());
            say("register.slot_height", why);
        }
        let left = form.paper.height - form.paper.top - height;
        if !self.signed.is_empty() && left < SIGNING {
            say("register.signed", format!("表下要签名（signed），至少要留 {} 毫米", SIGNING.to_mm()));
        }
        let width: Mm = self.columns.iter().map(|it| it.width).sum();
        if width > inside.size.width {
            let why = format!("各列宽度共 {} 毫米，纸上只有 {} 毫米", width.to_mm(), inside.size.width.to_mm());
            say("register.columns", why);
        }
    }

    /// Says which names are none of the fields of the forms it is made of.
    fn check_names(&self, forms: &[&Form], say: &mut impl FnMut(&str, String)) {
        let every = || forms.iter().flat_map(|it| it.every_field()).map(|it| &it.id);
        let known = |id: &str| every().any(|it| it.as_str() == id);
        let mut wrong = |path: &str, id: &str| {
            if !known(id) {
                let allowed = allowed(id, &every().collect::<Vec<_>>());
                say(path, format!("列里的“{id}”没有对应的 [[beside]] 或 [[field]]{allowed}"));
            }
        };
        for (place, column) in self.columns.iter().enumerate() {
            let fields = column.holds.fields();
            fields.for_each(|it| wrong(&format!("register.columns.{place}"), it.as_str()));
        }
        self.day.iter().for_each(|it| wrong("register.day", it.as_str()));
        self.of_lines().for_each(|(path, it)| wrong(path, it.as_str()));
        let columns = self.columns.iter().enumerate();
        let columns = columns
            .flat_map(|(place, it)| it.holds.expressions().map(move |it| (format!("register.columns.{place}"), it)));
        let filter = self.filter.iter().map(|it| ("register.where".to_owned(), it));
        let order = self.order.iter().map(|it| ("register.order".to_owned(), it));
        for (path, expression) in columns.chain(filter).chain(order) {
            for name in expression.names().iter().map(|it| it.split('.').next().unwrap_or_default()) {
                let table = forms.iter().any(|it| it.tables.contains_key(name));
                if !NAMES.contains(&name) && !table && !known(name) {
                    let meant = allowed(name, &every().map(FieldId::as_str).chain(NAMES).collect::<Vec<_>>());
                    say(&path, format!("算式里的“{name}”不是表里的项目{meant}"));
                }
            }
        }
    }
}

/// Notes on each form what the registers take of it, and says where registers name what there is not: which register, the
/// path in its file, and a sentence.
pub(super) fn connect(forms: &mut [Form], say: &mut impl FnMut(usize, &str, String)) {
    for (place, form) in forms.iter().enumerate() {
        let Some(register) = &form.register else { continue };
        let mut say = |path: &str, message: String| say(place, path, message);
        if register.is_typed() {
            if form.identity.is_none() {
                say("register", "逐行填写的登记簿要有 identity".to_owned());
            }
            register.check_names(&[form], &mut say);
            continue;
        }
        if let Some((path, _)) = register.of_lines().next() {
            say(path, "由单据得出的台帐没有 yearly、replaced：逐行填写的才有".to_owned());
        }
        let known: BTreeSet<&FormId> = forms.iter().map(|it| &it.form).collect();
        let known: Vec<&FormId> = known.into_iter().collect();
        for (at, missing) in register.of.iter().enumerate().filter(|it| !known.contains(&it.1)) {
            let why = format!("of 里的“{missing}”不是任何表单的号{}", allowed(missing.as_str(), &known));
            say(&format!("register.of.{at}"), why);
        }
        let sources: Vec<&Form> = forms.iter().filter(|it| register.of.contains(&it.form)).collect();
        if !sources.is_empty() {
            register.check_names(&sources, &mut say);
        }
    }
    let taken = |form: &Form| -> BTreeSet<FieldId> {
        let registers = forms.iter().filter_map(|it| it.register.as_ref());
        let taken = registers.filter(|it| it.of.contains(&form.form)).flat_map(|it| it.taken(form));
        form.reached(taken.map(FieldId::as_str))
    };
    let all: Vec<BTreeSet<FieldId>> = forms.iter().map(taken).collect();
    for (form, taken) in forms.iter_mut().zip(all) {
        form.taken = taken;
        if let Some(register) = form.register.as_ref().filter(|it| it.is_typed() && !form.stages.is_empty()) {
            form.sections = register.sections(form);
        }
    }
}

/// A column of a register.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "WrittenColumn")]
pub struct Column {
    /// The head cell's lines (序 over 号).
    pub head: Vec<String>,
    /// Width.
    pub width: Mm,
    /// What stands in it.
    pub holds: Holds,
    /// Whether entries are centred.
    pub centred: bool,
    /// Whether its numbers are added up in a last line.
    pub sum: bool,
    /// Whether the screen shows here what is due on a sheet while the cell is empty.
    pub owed: bool,
    /// What files of old call it.
    datum: Option<String>,
}

/// What stands in a column of a register.
#[derive(Clone, Debug)]
pub enum Holds {
    /// The running number of the line (序号); in a typed register the line's own number.
    Sequence,
    /// What is written in a field.
    Field(FieldId),
    /// What is written in the first of these fields that is filled.
    First(Vec<Source>),
    /// What comes of an expression.
    Is(Expression),
    /// What the program's own register has in the column that files of old call so; known once the file is read.
    Called(String),
}

/// A field of several, with what its words are marked by.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The field.
    pub field: FieldId,
    /// What stands behind its words, so that it is seen where they come from.
    #[serde(default)]
    pub mark: String,
    /// Whether it counts at all.
    pub when: Option<Expression>,
}

impl Holds {
    /// The fields it names.
    pub fn fields(&self) -> impl Iterator<Item = &FieldId> {
        let one = match self {
            Self::Field(id) => Some(id),
            Self::Sequence | Self::First(_) | Self::Is(_) | Self::Called(_) => None,
        };
        one.into_iter().chain(self.sources().iter().map(|it| &it.field))
    }

    fn sources(&self) -> &[Source] {
        match self {
            Self::First(sources) => sources,
            Self::Sequence | Self::Field(_) | Self::Is(_) | Self::Called(_) => &[],
        }
    }

    fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let one = match self {
            Self::Is(it) => Some(it),
            Self::Sequence | Self::Field(_) | Self::First(_) | Self::Called(_) => None,
        };
        one.into_iter().chain(self.sources().iter().filter_map(|it| it.when.as_ref()))
    }
}

/// A column as its file says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenColumn {
    head: Vec<String>,
    #[serde(deserialize_with = "length")]
    width: Mm,
    #[serde(default)]
    sequence: bool,
    field: Option<FieldId>,
    #[serde(default)]
    first: Vec<Source>,
    is: Option<Expression>,
    datum: Option<String>,
    #[serde(default)]
    centred: bool,
    #[serde(default)]
    sum: bool,
    #[serde(default)]
    owed: bool,
}

impl TryFrom<WrittenColumn> for Column {
    type Error = &'static str;

    fn try_from(mut it: WrittenColumn) -> Result<Self, Self::Error> {
        let first = Some(std::mem::take(&mut it.first)).filter(|it| !it.is_empty());
        let sequence = it.sequence || it.datum.as_deref() == Some("sequence");
        let holds = match (sequence, it.field.take(), first, it.is.take(), &it.datum) {
            (true, None, None, None, _) => Holds::Sequence,
            (false, Some(field), None, None, _) => Holds::Field(field),
            (false, None, Some(first), None, _) => Holds::First(first),
            (false, None, None, Some(is), _) => Holds::Is(is),
            (false, None, None, None, Some(name)) => Holds::Called(name.clone()),
            _ => return Err("expected `sequence`、`field`、`first`、`is` 其中之一"),
        };
        let WrittenColumn { head, width, centred, sum, owed, datum, .. } = it;
        Ok(Self { head, width, holds, centred, sum, owed, datum })
    }
}
