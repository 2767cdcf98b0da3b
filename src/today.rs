//! 今日: what is owed today, from the lines of the lists. Pure, and quick enough to be done again after every entry.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use crate::customers::Visit;
use crate::flow::Standing;
use crate::list::{List, Summary};
use crate::procedure::{By, Document, Duty, Each, Form, FormId, Person, Procedure, Stage};
use crate::record::RecordId;
use crate::register::Period;
use crate::retention;

mod lines;
mod missing;
mod owing;
mod papers;
pub use lines::Unchecked;
pub use papers::{Blanks, CopyPlace, Papers, Place, days_words, places};

use owing::Owing;

/// How many lines a section shows.
pub const SHOWN: usize = 12;
/// From how many days before its period ends a duty not yet done is pressing.
const DUTY_SOON: i64 = 30;

/// What has to be known to say what is owed.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The office and its forms.
    pub procedure: &'a Procedure,
    /// The lines of every form's list.
    pub lists: &'a BTreeMap<FormId, List>,
    /// The lines of typed registers on which something may be owed.
    pub lines: &'a BTreeMap<FormId, List>,
    /// The users that are visited (4.3).
    pub visits: &'a [Visit],
    /// Where the papers are.
    pub papers: &'a Papers,
    /// Only what this person and their department owe.
    pub own: Option<&'a Person>,
    /// The moment.
    pub now: NaiveDateTime,
}

impl Asking<'_> {
    /// The day.
    pub fn today(&self) -> NaiveDate {
        self.now.date()
    }
}

/// What is owed on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Today {
    /// The day.
    pub day: NaiveDate,
    /// The parts of the page that are not empty, most pressing first.
    pub sections: Vec<Section>,
    /// Whether anything is owed by the hour, so that the page changes within the day.
    pub hourly: bool,
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
    /// Its heading.
    pub name: String,
    /// How many lines it has, those not shown included.
    pub count: usize,
    /// The first of them.
    pub lines: Vec<Line>,
    /// Where the others are: one line a form.
    pub more: Vec<Line>,
}

impl Section {
    /// A part that shows all its lines.
    fn of(asking: &Asking<'_>, part: Part, lines: Vec<Line>) -> Self {
        Self { part, name: part.name(asking.procedure), count: lines.len(), lines, more: Vec::new() }
    }
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
    /// Somebody is waited for, and clocks stand still.
    Paused,
    /// Paper that is out of the house (4.5.1).
    Out,
    /// What is owed at intervals.
    Duties,
    /// Quality information not passed on (4.4).
    NotPassedOn,
    /// What follows from minutes and is not done (4.2).
    FollowUps,
    /// Past the keeping time (4.7).
    Expired,
}

impl Part {
    /// Its heading. What is followed up is named after the form it comes from, where there is but one.
    pub fn name(self, procedure: &Procedure) -> String {
        let mut follows = procedure.sheets().into_iter().filter(|it| it.follows);
        let only = follows.next().filter(|_| follows.next().is_none()).map_or("", |it| &it.short);
        match self {
            Self::Overdue => "已超期",
            Self::Waiting => "等待签署",
            Self::ThisWeek => "本周到期",
            Self::Paused => "停着等待",
            Self::Out => "纸在外面",
            Self::Duties => "按程序应做",
            Self::NotPassedOn => "信息待传递",
            Self::FollowUps => return format!("{only}跟踪事项"),
            Self::Expired => "保存期满",
        }
        .to_owned()
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
    /// To a new sheet of a form.
    New(FormId),
    /// To the users.
    Customers,
    /// To the papers.
    Papers,
    /// To the archive.
    Archive,
    /// To the number book.
    Numbers,
    /// To a register.
    Register(FormId),
    /// To the lines of a register in a period.
    Lines(FormId, Period),
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
    let hourly = found.is_hourly();
    let mut sections = vec![
        found.section(asking, Part::Overdue),
        found.section(asking, Part::Waiting),
        found.section(asking, Part::ThisWeek),
        found.section(asking, Part::Paused),
        out(asking),
        duties(asking),
        found.section(asking, Part::NotPassedOn),
        found.section(asking, Part::FollowUps),
        expired_section(asking),
    ];
    sections.retain(|it| it.count > 0);
    Today { day: asking.today(), sections, hourly }
}

/// What is owed at intervals, as the packages declare it.
fn duties(asking: &Asking<'_>) -> Section {
    let document = &asking.procedure.document;
    let whose = |it: &Duty| it.owner.as_ref().map_or("", |it| document.department(it));
    let ours = |it: &&Duty| asking.own.is_none_or(|own| own.department == whose(it));
    let line = |it: &Duty| match it.each {
        None => period(asking, it),
        Some(Each::Customer) => visits(asking, it),
    };
    let owed = document.duties().filter(ours).filter(|it| asking.procedure.owes(it));
    let mut lines: Vec<(&[FormId], Line)> = owed.filter_map(|it| Some((it.of.as_slice(), line(it)?))).collect();
    // What is owed by its day and made for each stretch of time is told once.
    for (form, missing) in missing::lines(asking) {
        match lines.iter_mut().find(|(of, it)| of.contains(form) && it.goes != Goes::Customers) {
            Some((_, line)) => {
                line.words = format!("{}；{}", line.words, missing.words).trim_start_matches('；').to_owned()
            }
            None => lines.push((&[], missing)),
        }
    }
    let lines = lines.into_iter().map(|it| it.1).collect();
    Section::of(asking, Part::Duties, lines)
}

/// A duty of a year, a quarter or a month: a sheet of this one's says that it was done. A book nobody wrote in yet owes
/// none.
fn period(asking: &Asking<'_>, duty: &Duty) -> Option<Line> {
    let mut forms = duty.of.iter().filter_map(|it| asking.procedure.form(it));
    let form = forms.find(|it| asking.procedure.document.uses(it))?;
    let (begin, end) = duty.every.period(asking.today())?;
    let deadline = duty.deadline(asking.procedure.calendar_of(&form.form), asking.today())?;
    if !duty.is_shown(asking.today()) {
        return None;
    }
    if asking.lists.values().all(List::is_empty) {
        return None;
    }
    let here = |it: NaiveDate| (begin..=end).contains(&it);
    // What is owed after a period is often dated by its days.
    let before = begin.pred_opt().and_then(|it| duty.every.period(it));
    let of_before = |it: &Summary| {
        let dated = it.counts_on().zip(before).is_some_and(|(day, (begin, end))| (begin..=end).contains(&day));
        matches!(duty.by, Some(By::After(_))) && dated && (it.made_for.is_some() || here(it.entered))
    };
    let done = |it: &Summary| it.standing != Standing::Void && (it.counts_on().is_some_and(here) || of_before(it));
    let mut lists = duty.of.iter().filter_map(|it| asking.lists.get(it));
    if lists.any(|it| it.all().iter().any(done)) {
        return None;
    }
    let left = (deadline - asking.today()).num_days();
    Some(Line {
        goes: match form.every {
            Some(_) => Goes::New(form.form.clone()),
            None => Goes::Sheets(form.form.clone(), String::new()),
        },
        head: head(duty),
        words: duty.says.clone(),
        right: match left {
            ..0 => format!("超 {} 天", -left),
            0 => "今天是最后一天".to_owned(),
            1.. => format!("还有 {left} 天"),
        },
        tone: match left {
            ..0 => Tone::Late,
            0..=DUTY_SOON => Tone::Soon,
            _ => Tone::Calm,
        },
    })
}

/// A duty by its clause and name.
fn head(duty: &Duty) -> String {
    duty.clause.as_ref().map_or_else(|| duty.name.clone(), |it| format!("{it} {}", duty.name))
}

/// A duty owed to each user.
fn visits(asking: &Asking<'_>, duty: &Duty) -> Option<Line> {
    let by = |it: &&Visit| it.duty.is_empty() || it.duty == duty.id;
    let mut due: Vec<&Visit> = asking.visits.iter().filter(by).filter(|it| it.due <= asking.today()).collect();
    due.sort_by_key(|it| it.due);
    let first = *due.first()?;
    let words = if due.len() == 1 {
        match first.last {
            Some(last) => format!("{}　上次 {}", first.name, day_words(last, asking.today())),
            None => format!("{}　还没有{}过", first.name, duty.name),
        }
    } else {
        let names: Vec<&str> = due.iter().take(3).map(|it| it.name.as_str()).collect();
        format!("{} 家用户该{}了：{}", due.len(), duty.name, names.join("、"))
    };
    Some(Line { goes: Goes::Customers, head: head(duty), words, right: "查看".to_owned(), tone: Tone::Calm })
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
            right: copy.on.map_or_else(String::new, |it| days_words(it, asking.today())),
            tone: Tone::Calm,
        };
        lines.push((copy.on, line));
    }
    for blanks in asking.papers.blanks.iter().filter(|it| own(&it.holder)) {
        lines.push((Some(blanks.since), blanks.line(asking.today())));
    }
    lines.sort_by_key(|it| it.0.unwrap_or(asking.today()));
    let count = lines.len();
    let lines: Vec<Line> = lines.into_iter().map(|it| it.1).take(SHOWN).collect();
    let more = (count > lines.len()).then(|| more(Goes::Papers, format!("还有 {} 张…", count - lines.len())));
    let (part, name) = (Part::Out, Part::Out.name(asking.procedure));
    Section { part, name, count, lines, more: more.into_iter().collect() }
}

fn expired_section(asking: &Asking<'_>) -> Section {
    let document = &asking.procedure.document;
    let keeper = asking.procedure.main().map_or("", |it| document.department_of(it));
    let own = asking.own.is_none_or(|it| it.department == keeper);
    let all =
        if own { retention::expired_by_year(asking.lists.values(), document, asking.today()) } else { Vec::new() };
    let short = |form: &FormId| asking.procedure.form(form).map_or_else(|| form.to_string(), |it| it.short.clone());
    let line = |(year, counts): &(i32, Vec<(FormId, usize)>)| {
        let counts: Vec<String> = counts.iter().map(|(form, count)| format!("{} {count} 份", short(form))).collect();
        let (head, words) = (format!("{year} 年度"), format!("{}可列入销毁清单", counts.join("、")));
        Line { goes: Goes::Archive, head, words, right: "查看".to_owned(), tone: Tone::Calm }
    };
    let lines: Vec<Line> = all.iter().take(SHOWN).map(line).collect();
    let left = all.len() - lines.len();
    let more = (left > 0).then(|| more(Goes::Archive, format!("还有 {left} 个年度…")));
    let (part, name) = (Part::Expired, Part::Expired.name(asking.procedure));
    Section { part, name, count: all.len(), lines, more: more.into_iter().collect() }
}

/// The line that leads to what is not shown.
fn more(goes: Goes, head: String) -> Line {
    Line { goes, head, words: String::new(), right: String::new(), tone: Tone::Calm }
}

/// Whether the department signs next, or sees to it that somebody does: a sheet nobody was named for yet, and the user's
/// own word, are for those who keep it (4.5.1).
fn is_ours(document: &Document, form: &Form, summary: &Summary, own: &Person) -> bool {
    let outside = match summary.standing {
        Standing::At(stage) => form.stages.get(stage).is_some_and(Stage::is_outside),
        Standing::Done | Standing::Filed | Standing::Void | Standing::Destroyed => false,
    };
    if summary.whose.is_empty() || outside {
        return own.department == document.department_of(form);
    }
    [&own.department, &own.post].into_iter().any(|it| is_among(&summary.whose, it))
}

/// Whether a department or a post is one of those that are named, whole: 经理 is none of 总经理、生产部.
fn is_among(named: &str, one: &str) -> bool {
    let parts = |it: Option<char>| it.is_none_or(|it| it.is_whitespace() || "、，,；;/（）()・·或和与及".contains(it));
    let stands = |at: usize| {
        let before = named.get(..at).and_then(|it| it.chars().next_back());
        parts(before) && parts(named.get(at + one.len()..).and_then(|it| it.chars().next()))
    };
    !one.is_empty() && named.match_indices(one).any(|it| stands(it.0))
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
