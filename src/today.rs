//! 今日: what is owed today, from the lines of the lists. Pure, and quick enough to be done again after every entry.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::customers::Visit;
use crate::flow::Standing;
use crate::list::{List, Summary};
use crate::procedure::{Document, Form, FormId, Person, Procedure, Role, Whose};
use crate::record::RecordId;
use crate::retention;

mod owing;
mod papers;
pub use papers::{Blanks, CopyPlace, Papers, Place, days_words, places};

use owing::Owing;

/// The form of minutes of the yearly forum (4.2).
const MINUTES: &str = "02";
/// How many lines a section shows.
pub const SHOWN: usize = 12;
/// From how many days before the year's end a forum not yet held is pressing.
const FORUM_SOON: i64 = 30;

/// What has to be known to say what is owed.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The office and its forms.
    pub procedure: &'a Procedure,
    /// The lines of every form's list.
    pub lists: &'a BTreeMap<FormId, List>,
    /// The users that are visited (4.3).
    pub visits: &'a [Visit],
    /// Where the papers are.
    pub papers: &'a Papers,
    /// Only what this person and their department owe.
    pub own: Option<&'a Person>,
    /// The day.
    pub today: NaiveDate,
}

/// What is owed on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Today {
    /// The day.
    pub day: NaiveDate,
    /// The parts of the page that are not empty, most pressing first.
    pub sections: Vec<Section>,
}

impl Today {
    /// How much is owed.
    pub fn count(&self) -> usize {
        self.sections.iter().map(|it| it.count).sum()
    }

    /// Whether anything is past its date.
    pub fn is_overdue(&self) -> bool {
        self.sections.iter().any(|it| it.part == Part::Overdue)
    }
}

/// A part of the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Which.
    pub part: Part,
    /// How many lines it has, those not shown included.
    pub count: usize,
    /// The first of them.
    pub lines: Vec<Line>,
    /// Where the others are: one line a form.
    pub more: Vec<Line>,
}

/// The parts of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Past its date (4.5.1).
    Overdue,
    /// Waiting for a signature (PROCEDURE 5).
    Waiting,
    /// Due by Sunday.
    ThisWeek,
    /// Paper that is out of the house (4.5.1).
    Out,
    /// Periodic duties: the forum (4.2), the visits (4.3).
    Duties,
    /// Quality information not passed on (4.4).
    NotPassedOn,
    /// What follows from minutes and is not done (4.2).
    FollowUps,
    /// Past the keeping time (4.7).
    Expired,
}

impl Part {
    /// Its heading.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overdue => "已超期",
            Self::Waiting => "等待签署",
            Self::ThisWeek => "本周到期",
            Self::Out => "纸在外面",
            Self::Duties => "按程序应做",
            Self::NotPassedOn => "信息待传递",
            Self::FollowUps => "座谈会跟踪事项",
            Self::Expired => "保存期满",
        }
    }
}

/// A line of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it goes.
    pub goes: Goes,
    /// What is looked for: a number, a clause.
    pub head: String,
    /// What it is about.
    pub words: String,
    /// How pressing, at the right.
    pub right: String,
    /// In which tone that is said.
    pub tone: Tone,
}

/// Where a line goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goes {
    /// To its sheet.
    Sheet(RecordId),
    /// To the sheets of a form that match these words.
    Sheets(FormId, String),
    /// To the users.
    Customers,
    /// To the papers.
    Papers,
    /// To the archive.
    Archive,
    /// To the number book.
    Numbers,
}

/// How pressing a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Past its date.
    Late,
    /// Soon.
    Soon,
    /// Neither.
    Calm,
}

/// What is owed. What is void, filed or destroyed owes nothing.
pub fn owed(asking: &Asking<'_>) -> Today {
    let found = Owing::find(asking);
    let mut sections = vec![
        found.section(asking, Part::Overdue),
        found.section(asking, Part::Waiting),
        found.section(asking, Part::ThisWeek),
        out(asking),
        duties(asking),
        found.section(asking, Part::NotPassedOn),
        found.section(asking, Part::FollowUps),
        expired_section(asking),
    ];
    sections.retain(|it| it.count > 0);
    Today { day: asking.today, sections }
}

/// The periodic duties (4.2, 4.3).
fn duties(asking: &Asking<'_>) -> Section {
    let document = &asking.procedure.document;
    let own = asking.own.is_none_or(|it| it.department == document.department(Role::COMMUNICATION));
    let lines = if own { [forum(asking), visits(asking)].into_iter().flatten().collect() } else { Vec::new() };
    Section { part: Part::Duties, count: lines.len(), lines, more: Vec::new() }
}

/// 4.2: one forum a year; the minutes of this year's say that it was held. A book nobody wrote in yet owes none.
fn forum(asking: &Asking<'_>) -> Option<Line> {
    let minutes = FormId::from(MINUTES);
    asking.procedure.form(&minutes)?;
    if asking.lists.values().all(List::is_empty) {
        return None;
    }
    let year = asking.today.year();
    let held = |it: &Summary| it.standing != Standing::Void && it.date.is_some_and(|it| it.year() == year);
    if asking.lists.get(&minutes).is_some_and(|it| it.all().iter().any(held)) {
        return None;
    }
    let left = NaiveDate::from_ymd_opt(year, 12, 31).map_or(0, |it| (it - asking.today).num_days());
    Some(Line {
        goes: Goes::Sheets(minutes, String::new()),
        head: "4.2 座谈会".to_owned(),
        words: "本年度尚未召开".to_owned(),
        right: if left > 0 { format!("还有 {left} 天") } else { "今天是最后一天".to_owned() },
        tone: if left <= FORUM_SOON { Tone::Soon } else { Tone::Calm },
    })
}

/// 4.3: users are visited regularly.
fn visits(asking: &Asking<'_>) -> Option<Line> {
    let mut due: Vec<&Visit> = asking.visits.iter().filter(|it| it.due <= asking.today).collect();
    due.sort_by_key(|it| it.due);
    let first = *due.first()?;
    let words = if due.len() == 1 {
        match first.last {
            Some(last) => format!("{}　上次 {}", first.name, day_words(last, asking.today)),
            None => format!("{}　还没有走访过", first.name),
        }
    } else {
        let names: Vec<&str> = due.iter().take(3).map(|it| it.name.as_str()).collect();
        format!("{} 家用户该走访了：{}", due.len(), names.join("、"))
    };
    let (head, right) = ("4.3 走访".to_owned(), "查看".to_owned());
    Some(Line { goes: Goes::Customers, head, words, right, tone: Tone::Calm })
}

/// 4.5.1: the copies that are with somebody else, longest away first.
fn out(asking: &Asking<'_>) -> Section {
    let own = |holder: &str| asking.own.is_none_or(|own| names(own, holder));
    let sheets = asking.papers.out.iter().flat_map(|sheet| sheet.copies.iter().map(move |copy| (sheet, copy)));
    let owed = sheets.filter(|(sheet, copy)| !sheet.over && copy.is_out() && own(&copy.holder));
    let mut lines: Vec<(Option<NaiveDate>, Line)> = Vec::new();
    for (sheet, copy) in owed {
        let step = if copy.is_signed() { "已签" } else { "" };
        let words = [sheet.kind.as_str(), &copy.name, &copy.holder, step];
        let words: Vec<&str> = words.into_iter().filter(|it| !it.is_empty()).collect();
        let line = Line {
            goes: Goes::Sheet(sheet.record),
            head: sheet.number.clone(),
            words: words.join("　"),
            right: copy.on.map_or_else(String::new, |it| days_words(it, asking.today)),
            tone: Tone::Calm,
        };
        lines.push((copy.on, line));
    }
    for blanks in asking.papers.blanks.iter().filter(|it| own(&it.holder)) {
        lines.push((Some(blanks.since), blanks.line(asking.today)));
    }
    lines.sort_by_key(|it| it.0.unwrap_or(asking.today));
    let count = lines.len();
    let lines: Vec<Line> = lines.into_iter().map(|it| it.1).take(SHOWN).collect();
    let more = (count > lines.len()).then(|| more(Goes::Papers, format!("还有 {} 张…", count - lines.len())));
    Section { part: Part::Out, count, lines, more: more.into_iter().collect() }
}

fn expired_section(asking: &Asking<'_>) -> Section {
    let document = &asking.procedure.document;
    let own = asking.own.is_none_or(|it| it.department == document.department(Role::ACCEPTANCE));
    let years = document.terms().retention;
    let all = if own { retention::expired_by_year(asking.lists.values(), years, asking.today) } else { Vec::new() };
    let short = |form: &FormId| asking.procedure.form(form).map_or_else(|| form.to_string(), |it| it.short.clone());
    let line = |(year, counts): &(i32, Vec<(FormId, usize)>)| {
        let counts: Vec<String> = counts.iter().map(|(form, count)| format!("{} {count} 份", short(form))).collect();
        let (head, words) = (format!("{year} 年度"), format!("{}可列入销毁清单", counts.join("、")));
        Line { goes: Goes::Archive, head, words, right: "查看".to_owned(), tone: Tone::Calm }
    };
    let lines: Vec<Line> = all.iter().take(SHOWN).map(line).collect();
    let left = all.len() - lines.len();
    let more = (left > 0).then(|| more(Goes::Archive, format!("还有 {left} 个年度…")));
    Section { part: Part::Expired, count: all.len(), lines, more: more.into_iter().collect() }
}

/// The line that leads to what is not shown.
fn more(goes: Goes, head: String) -> Line {
    Line { goes, head, words: String::new(), right: String::new(), tone: Tone::Calm }
}

/// Whether the department signs next, or sees to it that somebody does: a complaint nobody was named for yet, and the
/// user's own word, are for those who accept complaints (4.5.1).
fn is_ours(document: &Document, form: &Form, summary: &Summary, own: &Person) -> bool {
    let user = match summary.standing {
        Standing::At(stage) => form.stages.get(stage).is_some_and(|it| it.whose == Some(Whose::User)),
        Standing::Done | Standing::Filed | Standing::Void | Standing::Destroyed => false,
    };
    if summary.whose.is_empty() || user {
        return own.department == document.department(Role::ACCEPTANCE);
    }
    !own.department.is_empty() && summary.whose.contains(&own.department)
}

/// Whether a person or their department is named.
fn names(own: &Person, words: &str) -> bool {
    [&own.name, &own.department].into_iter().any(|it| !it.is_empty() && words.contains(it.as_str()))
}

/// A day as it is said on the first page: 11月20日, with the year where it is another.
pub fn day_words(day: NaiveDate, today: NaiveDate) -> String {
    if day == today {
        return "今天".to_owned();
    }
    let words = format!("{}月{}日", day.month(), day.day());
    if day.year() == today.year() { words } else { format!("{}年{words}", day.year()) }
}
