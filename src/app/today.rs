//! 今日: what is owed today, kept at hand and found out again when a sheet, the day or the office changes.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike as _, Weekday};
use eframe::egui::Ui;

use super::large::READING;
use super::{App, panels};
use crate::command::{Command, View};
use crate::list::{List, Summary};
use crate::procedure::{Document, Form, FormId, Person, Procedure, Register};
use crate::record::Record;
use crate::register::{day_of, is_unchecked};
use crate::today::{self, Asking, Blanks, Papers, Today, Unchecked};
use crate::ui::today::{Shown, TodayView};

/// The page's own small state.
#[derive(Debug, Default)]
pub(super) struct Page {
    view: TodayView,
    /// What is owed, and of what that was found out.
    found: Option<(Key, Today)>,
    /// The lines of typed registers on which something may be owed.
    lines: BTreeMap<FormId, List>,
    /// Where the papers are, found out together with it.
    papers: Papers,
    /// The page that was shown when it was found out.
    shown: Option<View>,
    /// Lines of registers that were not checked this year, as they were when the page was turned.
    unchecked: Vec<Unchecked>,
}

/// What it depends on what is owed.
#[derive(Debug)]
struct Key {
    /// Of the lists.
    generation: usize,
    day: NaiveDate,
    /// Hour and minute, which matter where anything is owed by the hour.
    minute: (u32, u32),
    own: Option<Person>,
    document: Document,
}

impl Page {
    /// How much is owed.
    pub(super) fn owed(&self) -> usize {
        self.found.as_ref().map_or(0, |it| it.1.count())
    }

    /// Whether anything of it is past its date.
    pub(super) fn is_overdue(&self) -> bool {
        self.found.as_ref().is_some_and(|it| it.1.is_overdue())
    }

    /// Finds out anew what is owed.
    pub(super) fn forget(&mut self) {
        (self.found, self.shown) = (None, None);
    }

    /// Where the papers are.
    pub(super) fn papers(&self) -> &Papers {
        &self.papers
    }
}

impl App {
    /// Finds out what is owed, where anything changed since that was last done.
    pub(super) fn find_owed(&mut self) {
        let own = self.pages.today.view.own.then(|| self.procedure.document.person(&self.operator)).flatten();
        let generation = self.book.lists.values().map(List::generation).max().unwrap_or_default();
        let (now, document) = (self.outside.now(), &self.procedure.document);
        let (day, minute) = (now.date(), (now.hour(), now.minute()));
        let same = |(it, found): &(Key, Today)| {
            let timely = !found.hourly || it.minute == minute;
            timely && (it.generation, it.day, it.own.as_ref(), &it.document) == (generation, day, own, document)
        };
        // Numbers and users have pages of their own: whoever comes from there sees what was changed there.
        let turned = self.pages.today.shown.as_ref() != Some(&self.panels.view);
        if !turned && self.pages.today.found.as_ref().is_some_and(same) {
            return;
        }
        let key = Key { generation, day, minute, own: own.cloned(), document: document.clone() };
        if turned && (self.panels.view == View::Today || self.pages.today.found.is_none()) {
            self.find_visits();
            self.pages.today.lines = self.owing_lines();
        }
        let own = key.own.as_ref();
        let papers = today::places(&self.procedure, &self.book.lists, &self.blanks(), key.day);
        let found = today::owed(&Asking {
            procedure: &self.procedure,
            lists: &self.book.lists,
            lines: &self.pages.today.lines,
            visits: self.pages.customers.visits(),
            papers: &papers,
            own,
            now,
        });
        if turned || self.pages.today.found.is_none() {
            self.pages.today.unchecked = self.unchecked(key.day);
        }
        let found = found.with_unchecked(&self.procedure, &self.pages.today.unchecked, own);
        let page = &mut self.pages.today;
        (page.found, page.papers, page.shown) = (Some((key, found)), papers, Some(self.panels.view.clone()));
    }

    /// The lines of typed registers that have clocks or are signed. They are few beside the sheets, and read anew when the
    /// first page is turned to. A book that cannot be read says so where it matters.
    fn owing_lines(&self) -> BTreeMap<FormId, List> {
        let Some(store) = self.book.store.as_ref().filter(|_| self.book.reading.is_none()) else {
            return BTreeMap::new();
        };
        let owes = |it: &&Form| {
            let typed = it.register.as_ref().is_some_and(Register::is_typed);
            typed && !(it.clocks.is_empty() && it.stages.is_empty())
        };
        let mut all = BTreeMap::new();
        for newest in self.procedure.in_use().into_iter().filter(owes) {
            let mut lines = Vec::new();
            let mut take = |record: Record| {
                let form = self.procedure.edition(&record.form, &record.edition).unwrap_or(newest);
                lines.extend(Summary::of_line(&self.procedure, form, &record).filter(|it| !it.is_over()));
            };
            if store.each(&newest.form, Some(&Summary::fields(newest)), &mut take).is_ok() {
                all.insert(newest.form.clone(), List::new(lines));
            }
        }
        all
    }

    /// How many lines of each register were not checked this year. A book that cannot be read says so where it matters.
    fn unchecked(&self, day: NaiveDate) -> Vec<Unchecked> {
        let Some(store) = &self.book.store else { return Vec::new() };
        let owed = |form: &Form| {
            let register = form.register.as_ref().filter(|it| it.yearly.is_some())?;
            let records = store.records(&form.form).ok()?;
            let owing = records.iter().filter(|it| is_unchecked(register, form, it, day));
            let days: Vec<NaiveDate> = owing.map(|it| day_of(register, form, it)).collect();
            Some((form.form.clone(), days.len(), *days.iter().min()?))
        };
        self.procedure.in_use().into_iter().filter_map(owed).collect()
    }

    /// The blank sheets that are out. A book that cannot be read says so where it matters.
    fn blanks(&self) -> Vec<Blanks> {
        let read = self.book.store.as_ref().and_then(|it| it.blanks().ok()).unwrap_or_default();
        let line = |it: crate::store::BlankSheets| Blanks {
            numbers: it.out,
            holder: it.note,
            used: it.used,
            since: it.at.date(),
        };
        read.into_iter().map(line).collect()
    }

    pub(super) fn draw_today(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        // The page turns at midnight though nobody touches the window.
        let left = NaiveTime::from_hms_opt(23, 59, 59).map(|it| it - self.outside.now().time());
        let left = left.and_then(|it| it.to_std().ok()).unwrap_or_default();
        let hourly = self.pages.today.found.as_ref().is_some_and(|it| it.1.hourly);
        let most = if hourly { 60 } else { 86_400 };
        ui.ctx().request_repaint_after(
            (left + std::time::Duration::from_secs(1)).min(std::time::Duration::from_secs(most)),
        );
        if self.book.lists.values().all(List::is_empty)
            && let Some(form) = self.procedure.main()
        {
            return panels::empty_book(ui, form, commands);
        }
        let (procedure, page) = (&self.procedure, &mut self.pages.today);
        let Some((key, today)) = &page.found else { return };
        let (title, aside) = day_title(procedure, key.day);
        let operator = procedure.document.person(&self.operator);
        let aside = if self.book.reading.is_some() { READING } else { &*aside };
        page.view.show(ui, &Shown { today, title: &title, aside, operator }, commands);
    }
}

/// The day in words (11月14日 星期六・调休上班), and what one should know of its year.
fn day_title(procedure: &Procedure, day: NaiveDate) -> (String, String) {
    let week = match day.weekday() {
        Weekday::Mon => '一',
        Weekday::Tue => '二',
        Weekday::Wed => '三',
        Weekday::Thu => '四',
        Weekday::Fri => '五',
        Weekday::Sat => '六',
        Weekday::Sun => '日',
    };
    let name = procedure.calendar.name(day).map(|it| format!("・{it}")).unwrap_or_default();
    let title = format!("{}月{}日 星期{week}{name}", day.month(), day.day());
    let blind = procedure.document.in_working_days() && !procedure.calendar.knows(day.year());
    let aside = if blind {
        format!("还没有 {} 年的放假安排，工作日只除去周末", day.year())
    } else {
        String::new()
    };
    (title, aside)
}
