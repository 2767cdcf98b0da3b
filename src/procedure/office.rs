//! The procedure as a document, with what each office sets for itself: company, departments, people, settings. A
//! book that was given its own keeps it inside, so that the book moves as one file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::reading::{LONGEST_FILE, MANY_FORMS};
use super::{Duty, Each, Every, FormId, Package, Role, RoleId, Setting, SettingId, Taken, Value};
use crate::units::Mm;

/// The procedure as a document (`procedure.toml`), and the office that works by it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
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
    pub roles: BTreeMap<RoleId, String>,
    /// How sheets are numbered.
    pub number: NumberPattern,
    /// Forms that are numbered otherwise, and packages whose sheets are ([`FormId::all_of`]).
    #[serde(default)]
    pub numbers: BTreeMap<FormId, NumberPattern>,
    /// What the office set, of what the packages and the program itself let it set.
    #[serde(default)]
    pub settings: BTreeMap<SettingId, Value>,
    /// The office's people (人员), who sit at the desk and sign.
    #[serde(default)]
    pub people: Vec<Person>,
    /// Forms made out in other copies (联), or bound for other places, than their files say: what stands outside the
    /// frame of each copy. None in the list: one unmarked copy.
    #[serde(default)]
    pub copies: BTreeMap<FormId, Vec<String>>,
    /// How far everything printed is shifted, for a printer that does not meet the paper's edge.
    #[serde(default)]
    pub offset: Offset,
    /// The packages the office chose, by name; none: the one whose ids stand bare.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chosen: Vec<String>,
    /// The office's own files that lie in the book: package, file, text.
    #[serde(default, skip_serializing_if = "Taken::is_empty")]
    pub taken: Taken,
    /// The packages worked by: what they declare is theirs, not the office's.
    #[serde(skip)]
    pub packages: Vec<Package>,
}

/// The setting: from how many days before its date on a sheet counts as due soon.
pub const SOON: &str = "soon";
/// The setting: how many corrections (划改) on one sheet before a rewritten one is proposed.
pub const CORRECTIONS: &str = "corrections";
/// The setting: after how many minutes without a key or a click whoever has a password leaves the desk; nought: never.
pub const IDLE: &str = "idle";
/// The setting, which a package declares: for how many years papers are kept from the end of the year of closing.
pub const RETENTION: &str = "retention";

/// The switch: whether days are working days (工作日) and not calendar days.
const WORKING: &str = "working";

/// The card of the settings for days and intervals.
const TERMS_CARD: &str = "期限与间隔";
/// The card of the settings for people.
pub const PEOPLE_CARD: &str = "人员";

impl Document {
    /// How the sheets of a form are numbered.
    pub fn pattern(&self, form: &FormId) -> &NumberPattern {
        let of = self.packages.iter().find(|it| !it.bare && it.name == form.package());
        let (every, one) = match of {
            Some(it) => (self.numbers.get(&FormId::all_of(&it.name)).unwrap_or(&it.number), it.numbers.get(form)),
            None => (&self.number, None),
        };
        self.numbers.get(form).or(one).unwrap_or(every)
    }

    /// The package a form belongs to.
    pub fn package_of(&self, form: &FormId) -> Option<&Package> {
        self.packages.iter().find(|it| if it.bare { form.package().is_empty() } else { it.name == form.package() })
    }

    /// The department that plays a part; empty where there is no such part.
    pub fn department(&self, role: impl AsRef<str>) -> &str {
        self.roles.get(role.as_ref()).map_or("", String::as_str)
    }

    /// Whether a package is worked by.
    pub fn goes_by(&self, package: &str) -> bool {
        self.packages.iter().any(|it| it.name == package)
    }

    /// The parts that departments play, as the packages declare them.
    pub fn parts(&self) -> impl Iterator<Item = &Role> {
        self.packages.iter().flat_map(|it| &it.roles)
    }

    /// What an office may set: what the packages declare, then what the program itself has.
    pub fn may_set(&self) -> impl Iterator<Item = &Setting> {
        self.packages.iter().flat_map(|it| &it.settings).chain(OWN.iter())
    }

    /// What a setting is to a form: that of its own package, or else the program's own.
    pub fn setting_of(&self, form: &FormId, id: &str) -> Option<&Value> {
        let package = form.package();
        // What a package's files declare is called by the package's name already.
        if package.is_empty() || id.split_once('/').is_some_and(|it| it.0 == package) {
            return self.setting(id);
        }
        let own = OWN.iter().any(|it| it.id.as_str() == id);
        self.setting(&format!("{package}/{id}")).or_else(|| self.setting(id).filter(|_| own))
    }

    /// The department that plays a part for a form's package; empty where there is no such part.
    pub fn department_for(&self, form: &FormId, part: &str) -> &str {
        match form.package() {
            "" => self.department(part),
            package => self.department(format!("{package}/{part}")),
        }
    }

    /// For how many years the sheets of a form are kept; for ever where its package does not say.
    pub fn years_kept(&self, form: &FormId) -> u32 {
        match self.setting_of(form, RETENTION) {
            Some(Value::Number(years)) => u32::try_from(*years).unwrap_or(u32::MAX),
            Some(Value::Switch(_) | Value::Words(_)) | None => u32::MAX,
        }
    }

    /// What a setting is: what the office set, or else what was declared.
    pub fn setting(&self, id: &str) -> Option<&Value> {
        self.settings.get(id).or_else(|| self.may_set().find(|it| it.id.as_str() == id).map(|it| &it.default))
    }

    /// How many a setting is; nought where there is no such number.
    pub fn figure(&self, id: &str) -> u32 {
        match self.setting(id) {
            Some(Value::Number(it)) => u32::try_from(*it).unwrap_or_default(),
            Some(Value::Switch(_) | Value::Words(_)) | None => 0,
        }
    }

    /// Whether a setting is on.
    pub fn is_on(&self, id: &str) -> bool {
        self.setting(id) == Some(&Value::Switch(true))
    }

    /// What stands behind a setting on the page of settings.
    pub fn said_of(&self, setting: &Setting) -> String {
        let instead = setting.unit_if.iter().find(|(switch, _)| self.is_on(switch.as_str())).map(|it| it.1);
        let unit = instead.unwrap_or(&setting.unit);
        let clause = setting.clause.as_ref().map(|it| format!("（{it}）")).unwrap_or_default();
        match setting.says.contains("{unit}") {
            true => format!("{}{clause}", setting.says.replace("{unit}", unit)),
            false => format!("{unit}{}{clause}", setting.says),
        }
    }

    /// The posts (职务) by which stages are signed, of all packages.
    pub fn posts(&self) -> impl Iterator<Item = &str> {
        let all: BTreeSet<&str> = self.packages.iter().flat_map(|it| &it.posts).map(String::as_str).collect();
        all.into_iter()
    }

    /// What is owed at intervals.
    pub fn duties(&self) -> impl Iterator<Item = &Duty> {
        self.packages.iter().flat_map(|it| &it.duties)
    }

    /// After how many days something is owed again; none where it is owed once a period.
    pub fn days(&self, every: &Every) -> Option<u32> {
        match every {
            Every::Days(days) => Some(*days),
            Every::Set(setting) => Some(self.figure(setting.as_str())),
            Every::Year | Every::Quarter | Every::Month => None,
        }
    }

    /// Days between two visits to a user, unless the user has an interval of their own; nought where none is owed.
    pub fn visit_days(&self) -> u32 {
        let visits = self.duties().find(|it| it.each == Some(Each::Customer));
        visits.and_then(|it| self.days(&it.every)).unwrap_or_default()
    }

    /// Whether days are working days (工作日) and not calendar days, where nothing else says how they are counted.
    pub fn in_working_days(&self) -> bool {
        self.is_on(WORKING)
    }

    /// The person of this name; blanks in it do not matter (陆 喆 is 陆喆).
    pub fn person(&self, name: &str) -> Option<&Person> {
        self.people.iter().find(|it| is_same(&it.name, name))
    }

    /// Whether the departments, people, numbers and figures are such as the program can work with, wherever they came
    /// from.
    ///
    /// # Errors
    /// A sentence: what is wrong, and what is allowed.
    pub fn check(&self) -> Result<(), String> {
        if !self.company.is_empty() {
            word("单位名称", &self.company, 60)?;
        }
        if self.departments.len() > MANY_DEPARTMENTS || self.people.len() > MANY_PEOPLE {
            return Err(format!("部门不能多于 {MANY_DEPARTMENTS} 个，人员不能多于 {MANY_PEOPLE} 人"));
        }
        for (place, department) in self.departments.iter().enumerate() {
            word("部门名称", department, 30)?;
            if self.departments[..place].iter().any(|it| is_same(it, department)) {
                return Err(format!("已经有“{department}”，部门不能同名"));
            }
        }
        for (place, person) in self.people.iter().enumerate() {
            word("姓名", &person.name, 20)?;
            if !person.post.is_empty() {
                word("职务", &person.post, 20)?;
            }
            if self.people[..place].iter().any(|it| is_same(&it.name, &person.name)) {
                return Err(format!("已经有“{}”；同名的两人请加字区别，如 {}(二车间)", person.name, person.name));
            }
        }
        self.number.check()?;
        self.numbers.values().try_for_each(NumberPattern::check_for_one)?;
        for (id, value) in &self.settings {
            let Some(setting) = self.may_set().find(|it| it.id == *id) else {
                let known: Vec<&str> = self.may_set().map(|it| it.id.as_str()).collect();
                return Err(format!("没有“{id}”这个设置，可用：{}", known.join("、")));
            };
            setting.fits(value)?;
        }
        for marks in self.copies.values() {
            if marks.len() > MANY_COPIES {
                return Err(format!("一张单不能多于 {MANY_COPIES} 联"));
            }
            for mark in marks {
                word("联的标记", mark, 30)?;
            }
        }
        if self.chosen.len() > MANY_DEPARTMENTS {
            return Err(format!("程序包不能多于 {MANY_DEPARTMENTS} 个"));
        }
        self.chosen.iter().try_for_each(|it| word("程序包的名称", it, 60))?;
        let files = || self.taken.values().flatten();
        if files().any(|(_, text)| text.len() > LONGEST_FILE)
            || files().count() > MANY_FORMS
            || files().map(|(_, text)| text.len()).sum::<usize>() > MOST_TAKEN
        {
            return Err(format!("收进台帐的程序包太大：最多 {MANY_FORMS} 个文件、共 {MOST_TAKEN} 个字节"));
        }
        let names = self.taken.keys().chain(files().map(|it| it.0));
        names.into_iter().try_for_each(|it| file_word(it))?;
        let is_form = |name: &str| name.rsplit_once('.').is_some_and(|it| it.1.eq_ignore_ascii_case("toml"));
        if let Some((name, _)) = files().find(|it| !is_form(it.0)) {
            return Err(format!("程序包里的“{name}”不是表单文件，应以 .toml 结尾"));
        }
        self.offset.check()
    }
}

/// The most that is taken into a book of an office's own files, in bytes.
const MOST_TAKEN: usize = 2_000_000;

/// Whether a text names a file or a folder, on any computer, and no way to another one.
fn file_word(name: &str) -> Result<(), String> {
    word("程序包的文件名", name, 60)?;
    // Windows opens a device under these names, whatever stands behind a dot.
    let stem = name.split('.').next().unwrap_or_default().trim().to_ascii_lowercase();
    let mut ports = ["com", "lpt"].into_iter().filter_map(|it| stem.strip_prefix(it));
    if ["con", "prn", "aux", "nul"].contains(&stem.as_str())
        || ports.any(|it| ["¹", "²", "³"].contains(&it) || it.len() == 1 && it.bytes().all(|it| it.is_ascii_digit()))
        || name.starts_with(['.', ' '])
        || name.ends_with(['.', ' '])
        || name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|'])
    {
        return Err(format!("“{name}”不能做程序包的文件名"));
    }
    Ok(())
}

/// What the program itself lets an office set, whatever it works by.
pub(super) static OWN: LazyLock<[Setting; 3]> = LazyLock::new(|| {
    let soon = Setting::number(SOON, (TERMS_CARD, "快到期"), ("天", "到期前这么多{unit}起提醒"), 2);
    [
        Setting { most: 365, unit_if: BTreeMap::from([(SettingId::from(WORKING), "个工作日".to_owned())]), ..soon },
        Setting::number(CORRECTIONS, ("限度", "划改"), ("处", "；一张单上超过了，建议重抄"), 3),
        Setting::number(IDLE, (PEOPLE_CARD, "自动离位"), ("分钟", "没有动，设了密码的人就离开操作位；0 是从不"), 15),
    ]
});

/// The year under which numbers that run on for ever stand in a book.
const FOR_EVER: i32 = 2000;

/// The most departments, people, and copies of a sheet.
const MANY_DEPARTMENTS: usize = 100;
const MANY_PEOPLE: usize = 2000;
const MANY_COPIES: usize = 6;

/// Whether two names are the same but for blanks.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    let said = |it: &char| !it.is_whitespace();
    a.chars().filter(said).eq(b.chars().filter(said))
}

/// Whether a text is one line of 1 to `most` characters.
pub(super) fn word(what: &str, text: &str, most: usize) -> Result<(), String> {
    let count = text.chars().count();
    if text.trim().is_empty() {
        return Err(format!("{what}不能空着"));
    }
    if count > most || text.chars().any(char::is_control) {
        return Err(format!("{what}应是一行字，最多 {most} 个字"));
    }
    Ok(())
}

/// The pattern of a sheet's number (编号): `{year}` and `{sequence}` are filled in.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
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

    /// The year and sequence that a number was formatted from: one of `likely`, or any other.
    pub fn read(&self, number: &str, likely: [i32; 2]) -> Option<(i32, i64)> {
        let years = likely.into_iter().chain(1990..2100).map(|it| self.year(it));
        years.take(if self.has_year() { usize::MAX } else { 1 }).find_map(|year| {
            let shape = self.pattern.replace("{year}", &year.to_string());
            let (before, after) = shape.split_once("{sequence}")?;
            let sequence: i64 = number.strip_prefix(before)?.strip_suffix(after)?.parse().ok()?;
            (sequence > 0 && self.format(year, sequence) == number).then_some((year, sequence))
        })
    }

    /// Whether numbers begin anew each year; else they run on for ever.
    pub fn has_year(&self) -> bool {
        self.pattern.contains("{year}")
    }

    /// In which year of the book a sheet of this one is numbered: numbers that run on for ever are all of one.
    pub fn year(&self, year: i32) -> i32 {
        if self.has_year() { year } else { FOR_EVER }
    }

    /// Whether a form may be numbered so: one may do without the year.
    ///
    /// # Errors
    /// A sentence: what is wrong, and how it can be written.
    pub fn check_for_one(&self) -> Result<(), String> {
        let pattern = format!("{}{}", self.pattern, if self.has_year() { "" } else { "{year}" });
        Self { pattern, digits: self.digits }.check()
    }

    /// Whether numbers of this pattern are unbroken within a year and never the same in two (PROCEDURE 5).
    ///
    /// # Errors
    /// A sentence: what is wrong, and how it can be written.
    pub fn check(&self) -> Result<(), String> {
        let (pattern, example) = (&self.pattern, "可写成 {year}-{sequence}");
        for (name, why) in [("{sequence}", "每张单的编号都一样"), ("{year}", "各年都从头编，会重号")]
        {
            match pattern.matches(name).count() {
                1 => {}
                0 => return Err(format!("编号格式里没有 {name}，{why}；{example}")),
                _ => return Err(format!("编号格式里的 {name} 只能有一个；{example}")),
            }
        }
        let rest = pattern.replace("{year}", "").replace("{sequence}", "");
        if rest.contains(['{', '}']) {
            return Err(format!("编号格式的花括号里只能是 year 和 sequence；{example}"));
        }
        if rest.chars().any(char::is_control) || rest.chars().count() > 20 {
            return Err(format!("编号格式应是一行字，年和序号之外最多 20 个字；{example}"));
        }
        if !(1..=9).contains(&self.digits) {
            return Err("编号的位数应是 1 到 9".to_owned());
        }
        Ok(())
    }
}
/// A shift of everything printed, to the right and down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Offset {
    /// To the right; below nought to the left.
    #[serde(deserialize_with = "signed", serialize_with = "millimetres")]
    pub x: Mm,
    /// Down; below nought up.
    #[serde(deserialize_with = "signed", serialize_with = "millimetres")]
    pub y: Mm,
}

impl Offset {
    fn check(self) -> Result<(), String> {
        let fits = |it: Mm| (-20.0..=20.0).contains(&it.to_mm());
        if fits(self.x) && fits(self.y) { Ok(()) } else { Err("偏移应在 -20 到 20 毫米之间".to_owned()) }
    }
}

fn signed<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Mm, D::Error> {
    f64::deserialize(from).map(Mm::mm)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
fn millimetres<S: serde::Serializer>(length: &Mm, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(length.to_mm())
}

/// One of the office's people (人员).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The name as it is signed.
    pub name: String,
    /// The department.
    #[serde(default)]
    pub department: String,
    /// The post (职务); empty where the person has none that stages are signed by.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub post: String,
    /// Whether the person works here no longer: signs nothing, and still stands on old sheets.
    #[serde(default)]
    pub left: bool,
    /// The hash of the person's password (argon2), where a desk is shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Whether the person may change settings and people (管理), once anybody has a password.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub governs: bool,
}
