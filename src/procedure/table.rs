//! Tables inside a sheet: columns that are data of the form, and lines that are as many as are written.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IntoDeserializer as _;

use super::clock::one_or_many;
use super::{Field, FieldId, Form, Kind, Row, TableId, length};
use crate::expression::Expression;
use crate::units::Mm;

/// The most lines a table prints on the front, and the most columns it has.
const MANY: usize = 60;
/// How high head and one line may be together: each continuation sheet has room for them.
const HIGHEST: Mm = Mm::mm(30.0);
/// The least height of a line, and the least width of a column.
const LEAST: Mm = Mm::mm(5.0);

/// A table (表) in a section.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What the screen and continuation sheets call it (换件).
    pub name: String,
    /// Height of its head; nought where it has none.
    #[serde(default, deserialize_with = "length")]
    pub head: Mm,
    /// How many lines the front prints, written or not.
    pub lines: usize,
    /// Height of one of them.
    #[serde(deserialize_with = "length")]
    pub height: Mm,
    /// Height of the line that sums its numbers up (合计); nought where it has none.
    #[serde(default, deserialize_with = "length")]
    pub sum: Mm,
    /// Its columns, from the left.
    pub columns: Vec<TableColumn>,
    /// What its lines are called where they are given: then there are no others.
    #[serde(default)]
    pub rows: Vec<String>,
    /// Which columns that line sums up; those of numbers where none are named.
    #[serde(default)]
    pub sums: Vec<FieldId>,
    /// Which columns that line gives the mean of.
    #[serde(default)]
    pub means: Vec<FieldId>,
    /// The counted sheets its lines come of, where they do.
    pub counts: Option<String>,
    /// Which counted sheets stand in one line: those for which these are the same; each in its own where there are none.
    #[serde(default, deserialize_with = "one_or_many")]
    pub group: Vec<Expression>,
    /// What those lines are sorted by; else they stand in the order in which they were met.
    pub order: Option<Expression>,
    /// What stands in it where nothing was counted (本月无故障).
    pub empty: Option<String>,
    /// What of a change of a living sheet stands in which column, where its lines are those changes.
    #[serde(default)]
    pub changes: BTreeMap<FieldId, Told>,
    /// The table that its lines belong to, one to one (退货 and 实收).
    pub paired: Option<TableId>,
    /// Its key in exchange files: its name, where nothing else on the sheet is called so.
    #[serde(skip)]
    pub key: String,
}

/// What is told of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Told {
    /// On which day.
    Day,
    /// Which entry.
    What,
    /// What stood there.
    Old,
    /// What stands there now.
    New,
    /// Who changed it.
    By,
    /// Why.
    Why,
}

/// A column of a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct TableColumn {
    /// What its head says.
    pub head: String,
    /// Its width.
    pub width: Mm,
    /// The widths of its parts, where it is a scale whose parts are not alike.
    pub parts: Vec<Mm>,
    /// What stands in it.
    pub holds: Within,
    /// The date of the signature that stands in it, where that is in the same column.
    pub date: Option<FieldId>,
    /// How a datum is written that no `[[field]]` says more of.
    kind: Kind,
}

/// What stands in a column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Within {
    /// The number of the line.
    Number,
    /// What the line is called.
    Label,
    /// What is written in a datum.
    Field(FieldId),
}

/// A column as its file says it: as on paper (`数量=quantity:number 12`; `=#` the line's number, `=@` what it is called), or
/// item by item.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected “标题=项目:种类 宽度”，或者 { head, width, field, kind }")]
enum Written {
    Short(String),
    Long {
        head: String,
        width: f64,
        #[serde(default)]
        parts: Vec<f64>,
        field: Option<FieldId>,
        date: Option<FieldId>,
        kind: Option<Kind>,
    },
}

impl TryFrom<Written> for TableColumn {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let (head, parts, id, date, kind) = match written {
            Written::Short(text) => {
                let wrong = || format!("列“{text}”应写作“标题=项目:种类 宽度”");
                let (what, width) = text.trim().rsplit_once(' ').ok_or_else(wrong)?;
                let parts: Vec<f64> =
                    width.split('|').map(str::parse).collect::<Result<_, _>>().map_err(|_| wrong())?;
                let (head, id) = what.rsplit_once('=').unwrap_or((what, what));
                let (id, kind) = id.rsplit_once(':').map_or((id, None), |(id, kind)| (id, Some(kind)));
                let id = if id.is_empty() { head } else { id };
                let kind = kind.map(|it| {
                    let kind: Result<Kind, serde::de::value::Error> = Kind::deserialize(it.into_deserializer());
                    kind.map_err(|error| error.to_string())
                });
                (head.trim().to_owned(), parts, FieldId::from(id.trim()), None, kind.transpose()?)
            }
            Written::Long { head, width, parts, field, date, kind } => {
                let id = field.unwrap_or_else(|| FieldId(head.clone()));
                (head, if parts.is_empty() { vec![width] } else { parts }, id, date, kind)
            }
        };
        let width: f64 = parts.iter().sum();
        if !parts.iter().chain([&width]).all(|it| (0.0..=2000.0).contains(it)) {
            return Err(format!("列“{head}”的宽度 {width} 应在 0–2000 毫米"));
        }
        let holds = match id.as_str() {
            "#" => Within::Number,
            "@" => Within::Label,
            _ => Within::Field(id),
        };
        let parts = if parts.len() > 1 { parts.into_iter().map(Mm::mm).collect() } else { Vec::new() };
        Ok(Self { head, width: Mm::mm(width), parts, holds, date, kind: kind.unwrap_or(Kind::Line) })
    }
}

impl Table {
    /// How high it is on the front.
    pub fn whole(&self) -> Mm {
        self.head + self.height * self.lines as f64 + self.sum
    }

    /// The data of its columns, from the left.
    pub fn fields(&self) -> impl Iterator<Item = &FieldId> {
        self.columns.iter().flat_map(|it| {
            let held = match &it.holds {
                Within::Field(id) => Some(id),
                Within::Number | Within::Label => None,
            };
            held.into_iter().chain(&it.date)
        })
    }

    /// Whether its last line sums a column up.
    pub fn sums_up(&self, field: &Field) -> bool {
        field.is_number() && !self.means.contains(&field.id) && (self.sums.is_empty() || self.sums.contains(&field.id))
    }

    /// Whether its last line gives the mean of a column.
    pub fn means_of(&self, field: &Field) -> bool {
        self.means.contains(&field.id)
    }

    /// Whether its lines are given, and no others can be added.
    pub fn is_fixed(&self) -> bool {
        !self.rows.is_empty()
    }
}

impl Form {
    /// The table a datum is a column of.
    pub fn table_of(&self, field: &FieldId) -> Option<&Table> {
        self.tables.get(self.field(field)?.table.as_ref()?)
    }

    /// The data that stand in a row of a section, those of a table in it included.
    pub fn fields_in<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = &'a FieldId> {
        let table = row.table.iter().filter_map(|it| self.tables.get(it)).flat_map(Table::fields);
        row.cells.iter().flat_map(|it| &it.fields).chain(table)
    }

    /// Gives the columns of tables their data, where no `[[field]]` does, their rows their heights, and boxes letters.
    ///
    /// # Errors
    /// What is wrong with a table, a sentence.
    pub(super) fn settle(&mut self) -> Result<(), String> {
        for field in self.fields.iter_mut().chain(&mut self.beside) {
            for (option, letter) in field.options.iter_mut().zip('A'..) {
                if option.letter == char::default() {
                    option.letter = letter;
                }
            }
        }
        let mut placed = BTreeSet::new();
        let mut behind = 0;
        for row in self.sections.iter_mut().flat_map(|it| &mut it.rows) {
            let Some(id) = &row.table else {
                let last = row.cells.iter().flat_map(|it| &it.fields).next_back();
                let place = last.and_then(|last| self.fields.iter().position(|it| it.id == *last));
                behind = place.map_or(behind, |it| it + 1);
                continue;
            };
            let Some(table) = self.tables.get(id) else {
                return Err(format!("“{id}”没有对应的 [table.{id}]"));
            };
            if !placed.insert(id.clone()) {
                return Err(format!("表“{id}”占了两处"));
            }
            table.check(id)?;
            row.height = table.whole();
            for column in &table.columns {
                let Within::Field(field) = &column.holds else { continue };
                let place = match self.fields.iter().position(|it| it.id == *field) {
                    Some(place) => place,
                    None => {
                        let kind = column.kind;
                        self.fields.insert(behind, Field::new(field.clone(), &column.head, kind));
                        behind
                    }
                };
                if let Some(date) = self.fields.iter_mut().find(|it| Some(&it.id) == column.date.as_ref()) {
                    date.table = Some(id.clone());
                }
                let parts = self.fields[place].options.len();
                if !column.parts.is_empty() && column.parts.len() != parts {
                    let given = column.parts.len();
                    return Err(format!("“{field}”有 {parts} 个选项，写了 {given} 个宽度：一个选项一个，或者只写总宽"));
                }
                if self.fields[place].kind == Kind::Scale
                    && (LEAST * parts as f64 > column.width || column.parts.iter().any(|it| *it < LEAST))
                {
                    return Err(format!("“{field}”的 {parts} 个选项至少要宽 {} 毫米", LEAST.to_mm() * parts as f64));
                }
                self.fields[place].table = Some(id.clone());
                self.fields[place].told = table.changes.get(field).copied();
                behind = place + 1 + usize::from(column.date.is_some());
            }
        }
        self.settle_lines();
        if let Some((id, _)) = self.tables.iter().find(|it| !placed.contains(it.0)) {
            return Err(format!("表“{id}”没有放进 [[section]] 的 rows"));
        }
        self.settle_counted()
    }
}

impl Table {
    fn check(&self, id: &TableId) -> Result<(), String> {
        if !(1..=MANY).contains(&self.lines)
            || !(1..=MANY).contains(&self.columns.len())
            || self.rows.len() > self.lines
        {
            return Err(format!("表“{id}”应有 1 到 {MANY} 行（lines）、1 到 {MANY} 列（columns），rows 不多于 lines"));
        }
        if self.height < LEAST || self.columns.iter().any(|it| it.width < LEAST) {
            return Err(format!("表“{id}”的一行至少高 {0} 毫米，一列至少宽 {0} 毫米", LEAST.to_mm()));
        }
        if self.head + self.height > HIGHEST {
            return Err(format!("表“{id}”的表头和一行合起来至多高 {} 毫米", HIGHEST.to_mm()));
        }
        if self.fields().next().is_none() {
            return Err(format!("表“{id}”没有可写的列"));
        }
        self.check_dated()
    }
}
