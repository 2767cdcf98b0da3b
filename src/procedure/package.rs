//! What a package (程序包) says besides its forms: the document's edition and front page, who plays which part, what an
//! office may set, what is owed at intervals. All of it is declared in its `procedure.toml`.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use toml::value::Datetime;

use super::{FormId, RoleId, SettingId};

/// A written procedure and what it brings besides its forms.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Package {
    /// The folder it was found in, which qualifies its ids.
    pub name: String,
    /// Whether its ids stand without its name: QG/R0309's, because books sealed them so.
    pub bare: bool,
    /// The document's number.
    pub code: String,
    /// The document's title.
    pub title: String,
    /// The document's edition (版次).
    pub edition: String,
    /// When it was issued and took effect.
    pub issued: Option<NaiveDate>,
    /// The parts that departments play, in the order of the file.
    pub roles: Vec<Role>,
    /// What an office may set, in the order of the file.
    pub settings: Vec<Setting>,
    /// Posts that sign, which are no departments (总经理).
    pub posts: Vec<String>,
    /// Who gets the document, and how many copies (分发部门).
    pub distribution: Vec<Distributed>,
    /// What was changed in it (修改记录).
    pub changes: Vec<Amendment>,
    /// Who stands under it (核准, 审查, 制定).
    pub signed: Vec<Approval>,
    /// What is owed at intervals.
    pub duties: Vec<Duty>,
    /// Words any sheet of the trade may hold: sharing them makes no two alike.
    pub words: Vec<String>,
}

/// A part that a department plays, as a package declares it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// Which.
    pub id: RoleId,
    /// What the screen calls it (受理投诉).
    pub name: String,
    /// The department that plays it unless the office says otherwise.
    pub department: String,
    /// The clause that gives it.
    pub clause: Option<String>,
}

/// Something an office may set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Which.
    pub id: SettingId,
    /// What the screen calls it.
    pub name: String,
    /// What it counts; none for a switch.
    #[serde(default)]
    pub unit: String,
    /// What stands behind it in the settings.
    #[serde(default)]
    pub says: String,
    /// The clause it rests on.
    pub clause: Option<String>,
    /// What it is until it is set.
    pub default: Value,
    /// The least it may be.
    #[serde(default)]
    pub least: u32,
    /// The most it may be.
    #[serde(default = "most")]
    pub most: u32,
}

const fn most() -> u32 {
    1000
}

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// On or off.
    Switch(bool),
    /// So many.
    Number(i64),
    /// A few words.
    Words(String),
}

impl From<bool> for Value {
    fn from(on: bool) -> Self {
        Self::Switch(on)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(i64::from(number))
    }
}

/// The longest words a setting may hold.
const LONGEST_WORDS: usize = 60;

impl Setting {
    /// A number that the program itself knows.
    pub(super) fn number(id: &str, name: &str, unit: &str, default: u32, most: u32) -> Self {
        let (unit, default) = (unit.to_owned(), Value::from(default));
        Self { id: id.into(), name: name.into(), unit, says: String::new(), clause: None, default, least: 0, most }
    }

    /// Whether it may be this.
    ///
    /// # Errors
    /// A sentence that says what is allowed.
    pub fn fits(&self, value: &Value) -> Result<(), String> {
        let Self { name, unit, least, most, .. } = self;
        match (value, &self.default) {
            (Value::Number(it), Value::Number(_)) if (i64::from(*least)..=i64::from(*most)).contains(it) => Ok(()),
            (_, Value::Number(_)) => Err(format!("{name}应是 {least} 到 {most} 的整数（{unit}）")),
            (Value::Switch(_), Value::Switch(_)) => Ok(()),
            (_, Value::Switch(_)) => Err(format!("{name}应是 true 或 false")),
            (Value::Words(it), Value::Words(_)) => super::office::word(name, it, LONGEST_WORDS),
            (_, Value::Words(_)) => Err(format!("{name}应是一行字")),
        }
    }
}

/// A department that gets copies of the document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distributed {
    /// The department.
    pub department: String,
    /// How many copies.
    #[serde(default = "one")]
    pub copies: u32,
}

const fn one() -> u32 {
    1
}

/// A change of the document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    /// The edition it made.
    #[serde(default)]
    pub edition: String,
    /// When.
    #[serde(default, deserialize_with = "day")]
    pub date: Option<NaiveDate>,
    /// What was changed.
    pub what: String,
}

/// A cell under the document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// What it says (核准).
    pub label: String,
    /// Who stands in it.
    #[serde(default)]
    pub by: String,
    /// When it was signed.
    #[serde(default, deserialize_with = "day")]
    pub date: Option<NaiveDate>,
}

/// Something owed at intervals.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// Which.
    pub id: String,
    /// What it is called (座谈会).
    pub name: String,
    /// The clause that asks for it.
    pub clause: Option<String>,
    /// Whose it is.
    pub owner: Option<RoleId>,
    /// A sheet of any of these does it.
    pub of: Vec<FormId>,
    /// How often: `year`, `quarter`, `month`, or days, which a setting may give (`{visit} days`).
    pub every: String,
    /// Whom it is owed to each: `customer`; none: it is owed once.
    pub each: Option<String>,
}

/// A date as TOML writes it.
pub(super) fn day<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
    let Some(date) = Datetime::deserialize(from)?.date else {
        return Err(serde::de::Error::custom("expected 日期，如 2026-02-05"));
    };
    Ok(NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day)))
}
