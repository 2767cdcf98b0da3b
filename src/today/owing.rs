//! What the sheets themselves owe: dates, signatures, information to be passed on, what follows from minutes.

use chrono::{NaiveDate, NaiveDateTime};

use super::{Asking, Goes, Line, Part, SHOWN, Section, Tone, day_words, days_words, is_among, is_ours, more, names};
use crate::flow::{Due, Standing};
use crate::list::{State, Summary, Word, week_end};
use crate::procedure::{Form, FormId};

/// Something owed on a sheet, not yet put in words: of 100,000 only a few are shown.
#[derive(Clone, Copy)]
struct One<'a> {
    /// Since when, or by when: the earliest stands first.
    day: NaiveDate,
    form: &'a Form,
    sheet: &'a Summary,
    /// When it is due, where it is.
    due: Option<Due>,
    /// Which of the sheet's follow-ups, by its place among the open ones; none where it is the sheet itself.
    follow_up: Option<usize>,
}

/// All that the sheets owe, by part of the page.
#[derive(Default)]
pub(super) struct Owing<'a> {
    overdue: Vec<One<'a>>,
    waiting: Vec<One<'a>>,
    week: Vec<One<'a>>,
    paused: Vec<One<'a>>,
    not_passed_on: Vec<One<'a>>,
    follow_ups: Vec<One<'a>>,
    hourly: bool,
}

impl<'a> Owing<'a> {
    /// Looks through every list once.
    pub(super) fn find(asking: &Asking<'a>) -> Self {
        let mut found = Self::default();
        for (id, list) in asking.lists.iter().chain(asking.lines) {
            let Some(form) = asking.procedure.form(id) else { continue };
            for sheet in list.all() {
                if !sheet.is_over() {
                    found.look(asking, form, sheet);
                }
                // What follows from minutes is owed, whatever shelf they stand on; a void sheet's is its successor's.
                if !matches!(sheet.standing, Standing::Void | Standing::Destroyed) {
                    found.follow(asking, form, sheet);
                }
            }
        }
        for all in [
            &mut found.overdue,
            &mut found.waiting,
            &mut found.week,
            &mut found.paused,
            &mut found.not_passed_on,
            &mut found.follow_ups,
        ] {
            all.sort_by_key(|it| (it.day, it.due.map(|it| it.at)));
        }
        found
    }

    fn look(&mut self, asking: &Asking<'a>, form: &'a Form, sheet: &'a Summary) {
        let (today, document) = (asking.today(), &asking.procedure.document);
        let one = |day, due| One { day, due, form, sheet, follow_up: None };
        let ours = || asking.own.is_none_or(|own| is_ours(document, form, sheet, own));
        if matches!(sheet.standing, Standing::At(_)) && ours() {
            self.waiting.push(one(sheet.since, None));
        }
        if let Some(wait) = sheet.deeds.iter().find_map(|it| it.waits.first())
            && ours()
        {
            self.paused.push(one(wait.2.date(), None));
        }
        // Whoever is told of a clock sees the sheet, whosever it is and whenever it is due.
        let told = asking
            .own
            .is_some_and(|own| sheet.told.iter().any(|it| it.at <= asking.now && is_among(&it.whose, &own.department)));
        self.hourly |= sheet.told.iter().any(|it| it.at > asking.now && it.at.date() == today);
        if let Some(due) = sheet.due.filter(|it| told || it.day() <= week_end(today))
            && (told || ours())
        {
            self.hourly |= due.term.unit.is_of_hours();
            let part = if due.is_past(asking.now) { &mut self.overdue } else { &mut self.week };
            part.push(one(due.day(), Some(due)));
        }
        if State::NotPassedOn.holds(sheet, asking.now)
            && asking.own.is_none_or(|own| own.department == document.department_of(form))
        {
            self.not_passed_on.push(one(sheet.closed.unwrap_or(sheet.entered), None));
        }
    }

    fn follow(&mut self, asking: &Asking<'a>, form: &'a Form, sheet: &'a Summary) {
        let today = asking.today();
        let one = |day: NaiveDate, follow_up| {
            let due = (day != NaiveDate::MAX).then(|| Due::of_day(asking.procedure, day));
            One { day, due, form, sheet, follow_up }
        };
        for (place, (_, _, owner, due)) in sheet.deeds.iter().flat_map(|it| it.open.iter()).enumerate() {
            if asking.own.is_some_and(|own| !names(own, owner)) {
                continue;
            }
            match due {
                Some(due) if *due < today => self.overdue.push(one(*due, Some(place))),
                Some(due) if *due <= week_end(today) => self.week.push(one(*due, Some(place))),
                // Without a date they stand behind those that have one.
                _ => self.follow_ups.push(one(due.unwrap_or(NaiveDate::MAX), Some(place))),
            }
        }
    }

    /// Whether anything is owed by the hour.
    pub(super) const fn is_hourly(&self) -> bool {
        self.hourly
    }

    /// A part of the page, in words.
    pub(super) fn section(&self, asking: &Asking<'a>, part: Part) -> Section {
        let (all, state) = match part {
            Part::Overdue => (self.overdue.as_slice(), State::Overdue),
            Part::Waiting => (self.waiting.as_slice(), State::Waiting),
            Part::ThisWeek => (self.week.as_slice(), State::ThisWeek),
            Part::Paused => (self.paused.as_slice(), State::Paused),
            Part::NotPassedOn => (self.not_passed_on.as_slice(), State::NotPassedOn),
            Part::FollowUps => (self.follow_ups.as_slice(), State::FollowUp),
            Part::Out | Part::Duties | Part::Expired => (&[][..], State::Out),
        };
        let (shown, rest) = all.split_at(all.len().min(SHOWN));
        let lines = shown.iter().map(|it| it.line(asking, part)).collect();
        let name = part.name(asking.procedure);
        Section { part, name, count: all.len(), lines, more: others(asking, state, rest) }
    }
}

/// Where those are that are not shown: one line a form, because each form has its own list.
fn others(asking: &Asking<'_>, state: State, rest: &[One<'_>]) -> Vec<Line> {
    let mut forms: Vec<(&FormId, &str, usize)> = Vec::new();
    for one in rest {
        match forms.iter_mut().find(|it| it.0 == &one.form.form) {
            Some(known) => known.2 += 1,
            None => forms.push((&one.form.form, &one.form.short, 1)),
        }
    }
    let several = forms.len() > 1;
    let line = |(form, short, count): (&FormId, &str, usize)| {
        let which = if several { short } else { "" };
        // A department's name is among the words of a list; follow-ups have their owners only on the sheet.
        let own = asking.own.map_or("", |it| it.department.as_str());
        let words = if state == State::Waiting { format!("{} {own}", state.word()) } else { state.word().to_owned() };
        let register = asking.procedure.form(form).is_some_and(|it| it.register.is_some());
        let goes =
            if register { Goes::Register(form.clone()) } else { Goes::Sheets(form.clone(), words.trim().to_owned()) };
        more(goes, format!("{which}还有 {count} 件…"))
    };
    forms.into_iter().map(line).collect()
}

impl One<'_> {
    fn line(&self, asking: &Asking<'_>, part: Part) -> Line {
        let (today, sheet) = (asking.today(), self.sheet);
        let procedure = asking.procedure;
        let said = || self.due.map_or_else(String::new, |it| it.words(procedure, asking.now));
        let (right, tone) = match part {
            Part::Overdue => (said(), Tone::Late),
            Part::ThisWeek => {
                let soon = self.due.is_some_and(|it| it.is_soon(procedure, asking.now));
                let by_hours = self.due.is_some_and(|it| it.term.unit.is_of_hours());
                let words = if by_hours { said() } else { day_words(self.day, today) };
                (words, if soon { Tone::Soon } else { Tone::Calm })
            }
            Part::FollowUps if self.day == NaiveDate::MAX => ("未定日期".to_owned(), Tone::Calm),
            Part::FollowUps => (day_words(self.day, today), Tone::Calm),
            Part::Waiting | Part::Paused | Part::NotPassedOn | Part::Out | Part::Duties | Part::Expired => {
                (days_words(self.day, today), Tone::Calm)
            }
        };
        let words = match self.follow_up.and_then(|it| sheet.deeds.as_ref()?.open.get(it)) {
            // Under their own heading they are all of one kind.
            Some((_, what, owner, _)) if part == Part::FollowUps => join(&[what, owner]),
            Some((_, what, owner, _)) => join(&[&kind(self.form), what, owner]),
            None if part == Part::Waiting => join(&[&kind(self.form), &self.signer(), subject(sheet)]),
            None if part == Part::Paused => join(&[&kind(self.form), subject(sheet), &waited(sheet)]),
            None if matches!(part, Part::Overdue | Part::ThisWeek) => {
                join(&[&kind(self.form), subject(sheet), &sheet.product, self.rows(), &self.clock(asking)])
            }
            None => join(&[&kind(self.form), subject(sheet), &sheet.product]),
        };
        Line { goes: Goes::Sheet(sheet.id), head: sheet.number.clone(), words, right, tone }
    }

    /// What the clock says that runs out: in which words it is shown once it has, who was told, what is proposed.
    fn clock(&self, asking: &Asking<'_>) -> String {
        let mut said = Vec::new();
        let past = self.due.filter(|it| it.is_past(asking.now));
        let expired = past.and_then(|it| self.form.clocks.get(it.clock)).and_then(|it| it.expired.as_ref());
        said.extend(expired.and_then(|it| it.shows.clone()));
        let mut told: Vec<&str> = Vec::new();
        for one in self.sheet.told.iter().filter(|it| it.at <= asking.now) {
            if !told.contains(&&*one.whose) {
                told.push(&one.whose);
            }
        }
        told.retain(|it| !it.is_empty());
        if !told.is_empty() {
            said.push(format!("已到{}", told.join("、")));
        }
        let proposed = expired.and_then(|it| asking.procedure.form(it.proposes.as_ref()?));
        said.extend(proposed.map(|it| format!("可另起{}", it.short)));
        said.join("，")
    }

    /// Who is to sign: 处理人・设备修造部.
    fn signer(&self) -> String {
        let stage = match self.sheet.standing {
            Standing::At(stage) => self.form.stages.get(stage),
            Standing::Done | Standing::Filed | Standing::Void | Standing::Destroyed => None,
        };
        let name = stage.and_then(|it| self.form.field(&it.by)).map_or("", |it| it.name.as_str());
        let rows = &*self.sheet.rows;
        let name = if rows.is_empty() { name.to_owned() } else { format!("{rows}待{name}") };
        if self.sheet.whose.is_empty() { name } else { format!("{name}・{}", self.sheet.whose) }
    }

    /// Which lines it is about, where what is due is signed line by line.
    fn rows(&self) -> &str {
        let Standing::At(stage) = self.sheet.standing else { return "" };
        let clock = self.due.and_then(|it| self.form.clocks.get(it.clock));
        let until = clock.and_then(|it| self.form.stage_of(it.until.field()?.as_str()));
        if until == Some(stage) { &self.sheet.rows } else { "" }
    }
}

/// What a sheet is where it is none of the main form: numbers of different forms look alike.
pub(super) fn kind(form: &Form) -> String {
    if form.main { String::new() } else { form.short.clone() }
}

/// Who is waited for: 等用户：钥匙不在.
fn waited(sheet: &Summary) -> String {
    let waits = sheet.deeds.iter().flat_map(|it| &it.waits);
    let said = |(whom, why, _): &(Word, Word, NaiveDateTime)| {
        if why.is_empty() { format!("等{}", &**whom) } else { format!("等{}：{}", &**whom, &**why) }
    };
    waits.map(said).collect::<Vec<_>>().join("；")
}

fn subject(sheet: &Summary) -> &str {
    if sheet.subject.is_empty() { "（未填）" } else { &sheet.subject }
}

fn join(words: &[&str]) -> String {
    let words: Vec<&str> = words.iter().copied().filter(|it| !it.is_empty()).collect();
    words.join("　")
}
