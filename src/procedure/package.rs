//! What a package (程序包) says besides its forms: the document's edition and front page, who plays which part, what an
//! office may set, what is owed at intervals. All of it is declared in its `procedure.toml`.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Months, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use toml::value::Datetime;

use crate::calendar::{Calendar, OfficeHours, Term};
use crate::expression;

use super::{Clauses, FormId, NumberPattern, RoleId, SettingId};

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
    /// How its sheets are numbered.
    pub number: NumberPattern,
    /// When its office works, where it says so.
    pub hours: Option<OfficeHours>,
    /// Its forms that are numbered otherwise.
    pub numbers: BTreeMap<FormId, NumberPattern>,
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
    /// The clauses that the program's own rules rest on.
    pub clauses: Clauses,
    /// Words any sheet of the trade may hold: sharing them makes no two alike.
    pub words: Vec<String>,
    /// What a reminder (催办单) asks for.
    pub reminder: String,
    /// Which department wrote the document.
    pub department: String,
    /// How many pages the document has, where it is said.
    pub pages: Option<u32>,
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
    /// Whether the package says what it is called: a file of old says only the department.
    pub(super) declared: bool,
}

/// Something an office may set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Which.
    pub id: SettingId,
    /// What the screen calls it.
    pub name: String,
    /// In which card of the settings it stands.
    #[serde(default = "terms")]
    pub group: String,
    /// What it counts; none for a switch.
    #[serde(default)]
    pub unit: String,
    /// What it counts instead while a switch is on: days become working days.
    #[serde(default)]
    pub unit_if: BTreeMap<SettingId, String>,
    /// What stands behind it in the settings: behind the unit, or round it where it holds `{unit}`.
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

fn terms() -> String {
    "期限与间隔".to_owned()
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

/// What is set, as expressions see it.
impl From<&Value> for expression::Value {
    fn from(set: &Value) -> Self {
        match set {
            Value::Number(it) => Self::Number(*it as f64),
            Value::Switch(it) => (*it).into(),
            Value::Words(it) => it.as_str().into(),
        }
    }
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
    pub(super) fn number(id: &str, (group, name): (&str, &str), (unit, says): (&str, &str), default: u32) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            group: group.into(),
            unit: unit.into(),
            unit_if: BTreeMap::new(),
            says: says.into(),
            clause: None,
            default: default.into(),
            least: 0,
            most: most(),
        }
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
    /// How often.
    pub every: Every,
    /// By when in its period; by its end where nothing is said.
    pub by: Option<By>,
    /// From which day of the year on it is shown; from the beginning of its period where nothing is said.
    pub shown: Option<YearDay>,
    /// Whom it is owed to; none: it is owed once.
    pub each: Option<Each>,
    /// What is said while it was not done yet.
    #[serde(default = "undone")]
    pub says: String,
}

fn undone() -> String {
    "本期还没有做".to_owned()
}

impl Duty {
    /// Whether what it says goes together.
    ///
    /// # Errors
    /// A sentence that says what does not.
    pub(super) fn fits(&self) -> Result<(), String> {
        let yearly = self.shown.is_some() || matches!(self.by, Some(By::Day(_)));
        if yearly && self.every != Every::Year {
            return Err(format!("“{}”：写几月几日的（by、shown），every 要是 year", self.name));
        }
        if self.by.is_some() && self.every.period(NaiveDate::default()).is_none() {
            return Err(format!("“{}”：有 by 的，every 要是 year、quarter、month", self.name));
        }
        Ok(())
    }

    /// By when it is owed in the period that `today` lies in; none where it counts from the last time.
    pub fn deadline(&self, calendar: &Calendar, today: NaiveDate) -> Option<NaiveDate> {
        let (begin, end) = self.every.period(today)?;
        Some(match &self.by {
            None => end,
            Some(By::Day(day)) => day.of(today.year()),
            Some(By::After(term)) => term.from(calendar, begin.pred_opt()?.and_time(NaiveTime::MIN)).date(),
        })
    }

    /// Whether it is shown on a day.
    pub fn is_shown(&self, today: NaiveDate) -> bool {
        self.shown.is_none_or(|it| it.of(today.year()) <= today)
    }
}

/// A day of any year, as `03-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct YearDay {
    month: u32,
    day: u32,
}

impl YearDay {
    fn parse(written: &str) -> Option<Self> {
        let (month, day) = written.trim().split_once('-')?;
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        // A leap year has every day there is.
        NaiveDate::from_ymd_opt(2024, month, day).map(|_| Self { month, day })
    }

    /// The day in a year; of 29 February the day before where the year has none.
    fn of(self, year: i32) -> NaiveDate {
        let day = NaiveDate::from_ymd_opt(year, self.month, self.day);
        day.or_else(|| NaiveDate::from_ymd_opt(year, self.month, self.day - 1)).unwrap_or(NaiveDate::MAX)
    }
}

impl TryFrom<String> for YearDay {
    type Error = &'static str;

    fn try_from(written: String) -> Result<Self, Self::Error> {
        Self::parse(&written).ok_or("expected 几月几日，如 03-31")
    }
}

/// By when in its period something is owed: on a day of the year (`03-31`), or so long after the period before it ended
/// (`5 working days`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum By {
    /// On this day.
    Day(YearDay),
    /// So long after the end of the period before.
    After(Term),
}

impl TryFrom<String> for By {
    type Error = &'static str;

    fn try_from(written: String) -> Result<Self, Self::Error> {
        let day = YearDay::parse(&written).map(Self::Day);
        let term = || Term::parse(&written).ok().filter(|it| !it.unit.is_of_hours()).map(Self::After);
        day.or_else(term).ok_or("expected 几月几日（03-31），或者上一期过后多久（5 working days）")
    }
}

/// How often something is owed: `year`, `quarter`, `month`, or every so many days, which a setting may give
/// (`{visit} days`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Every {
    /// Once a calendar year.
    Year,
    /// Once a quarter.
    Quarter,
    /// Once a month.
    Month,
    /// So many days after the last time.
    Days(u32),
    /// As many days after the last time as the office set.
    Set(SettingId),
}

impl TryFrom<String> for Every {
    type Error = &'static str;

    fn try_from(written: String) -> Result<Self, Self::Error> {
        let days = || {
            let count = written.strip_suffix(" days")?;
            let set = count.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
            set.map(|it| Self::Set(it.into())).or_else(|| count.parse().ok().map(Self::Days))
        };
        match written.as_str() {
            "year" => Some(Self::Year),
            "quarter" => Some(Self::Quarter),
            "month" => Some(Self::Month),
            _ => days(),
        }
        .ok_or("expected year、quarter、month，或者 90 days、{设置} days")
    }
}

impl Every {
    /// The first and the last day of the period that `today` lies in; none where it counts from the last time.
    pub fn period(&self, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let (year, month) = (today.year(), today.month0());
        let (first, months) = match self {
            Self::Year => (0, 12),
            Self::Quarter => (month / 3 * 3, 3),
            Self::Month => (month, 1),
            Self::Days(_) | Self::Set(_) => return None,
        };
        let begin = NaiveDate::from_ymd_opt(year, first + 1, 1)?;
        Some((begin, begin.checked_add_months(Months::new(months))?.pred_opt()?))
    }
}

/// Whom a duty is owed to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Each {
    /// Every user.
    Customer,
}

/// A date as TOML writes it.
pub(super) fn day<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
    let Some(date) = Datetime::deserialize(from)?.date else {
        return Err(serde::de::Error::custom("expected 日期，如 2026-02-05"));
    };
    Ok(NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day)))
}
