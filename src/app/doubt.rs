//! What is asked before a book is written on: whether it is the one that was seen here last, and whether the machine's date
//! is right. Both stand in a bar over the desk until they are answered; everything can be read meanwhile.

use chrono::{NaiveDateTime, TimeDelta};

use super::App;
use crate::command::{Command, FileCommand, View};
use crate::store::{Doubt, Store, Witness};

/// After so many days without a line an office may have been shut; a clock that goes further is asked about.
const FORWARD: TimeDelta = TimeDelta::days(40);
/// A clock may be set right by an hour or two, and a machine may come from another zone.
const BACK: TimeDelta = TimeDelta::days(1);

/// What is in doubt about the book on the desk.
#[derive(Default)]
pub(super) struct Doubtful {
    /// What is remembered of it and it does not bear out.
    heads: Vec<Doubt>,
    /// Of these, what the clerk knows.
    known: Vec<Doubt>,
    /// Why the machine's date may be wrong.
    date: Option<String>,
    /// The clerk said that it is, and does not write.
    waits: bool,
}

impl Doubtful {
    /// What the bar over the desk says, and what it offers.
    pub(super) fn asked(&self) -> Option<(String, Vec<Command>)> {
        if let Some(date) = &self.date {
            let right = Command::File(FileCommand::DateIsRight);
            return Some(if self.waits {
                (format!("先不写：{date}请先调好电脑的日期，再打开台帐。"), vec![right])
            } else {
                (
                    format!("{date}日期对吗？没有回答之前可以看，不写进台帐。"),
                    vec![right, Command::File(FileCommand::DateIsWrong)],
                )
            });
        }
        let first = self.heads.first()?;
        let more = self.heads.len() - 1;
        let more = if more > 0 { format!("（还有 {more} 处）") } else { String::new() };
        let said = format!("{}{more}。请先与备份核对，弄清之前先不要继续办理。", first.sentence);
        Some((said, vec![Command::Show(View::Backup), Command::File(FileCommand::Known)]))
    }

    /// What the check has to tell of it: what is wrong, and what the clerk knows.
    pub(super) fn told(&self) -> (Vec<String>, Vec<String>) {
        let told = |it: &[Doubt]| it.iter().map(|it| it.sentence.clone()).collect();
        (told(&self.heads), told(&self.known))
    }
}

impl App {
    /// Holds the book just laid on the desk against what is remembered of it.
    pub(super) fn find_doubts(&mut self) {
        (self.panels.doubt.heads, self.panels.doubt.known) = (Vec::new(), Vec::new());
        let Some(store) = self.book.store.as_ref().filter(|_| !self.is_sample()) else { return };
        let book = store.witness().ok().flatten().map(|it| it.book);
        let seen = self.habits().seen(store.path(), book);
        // A book that cannot be read shows itself where it matters.
        let doubts = store.doubts(&seen).unwrap_or_default();
        (self.panels.doubt.known, self.panels.doubt.heads) =
            doubts.into_iter().partition(|it| self.habits().knows(store.path(), it.witness));
        self.note_head();
    }

    /// The clerk knows what the book does not bear out: it is not asked about again, and what stands here now is remembered.
    pub(super) fn doubts_known(&mut self) {
        let doubts = std::mem::take(&mut self.panels.doubt.heads);
        self.panels.doubt.known.extend(doubts);
        self.note_head();
    }

    /// Remembers how far the book had come; not while it is in doubt.
    pub(super) fn note_head(&mut self) {
        let Some(store) = self.book.store.as_ref().filter(|it| !it.is_for_reading() && !self.is_sample()) else {
            return;
        };
        let Some(head) = store.witness().ok().flatten().filter(|_| self.panels.doubt.heads.is_empty()) else { return };
        let (path, known) = (store.path().to_owned(), self.panels.doubt.known.iter().map(|it| it.witness).collect());
        let known: Vec<Witness> = known;
        self.habitual.change(move |it| it.saw(&path, head, &known));
    }

    /// Asks about the machine's date where the book and its file speak against it: it lies more than a day before the last
    /// line, or more than forty after that and after the file was written last. An office that comes back from its
    /// holidays is asked nothing. No line is written before the answer, which holds as long as the book lies here.
    pub(super) fn look_at_clock(&mut self, store: &Store) {
        let asked = !store.is_for_reading() && store.path() != self.outside.sample_book();
        self.panels.doubt.date = if asked { self.odd_date(store) } else { None };
        self.panels.doubt.waits = false;
        store.pause(self.panels.doubt.date.is_some());
    }

    fn odd_date(&self, store: &Store) -> Option<String> {
        let (now, last) = (self.outside.now(), store.last_written().ok()??);
        let said = |last: NaiveDateTime| {
            let day = |it: NaiveDateTime| it.format("%Y-%m-%d").to_string();
            Some(format!("电脑的日期是 {}，台帐最后一次写是 {}：", day(now), day(last)))
        };
        if now < last - BACK {
            return said(last);
        }
        let zone = TimeDelta::minutes(self.outside.utc_offset_minutes().into());
        let file = store.file_written().map(|it| it + zone).filter(|it| *it <= now);
        let last = file.map_or(last, |it| it.max(last));
        if now > last + FORWARD { said(last) } else { None }
    }

    /// What the clerk says of the date.
    pub(super) fn trust_clock(&mut self, right: bool) {
        self.panels.doubt.waits = !right;
        if right {
            self.panels.doubt.date = None;
            if let Some(store) = &self.book.store {
                store.pause(false);
            }
            self.work_by_files();
        }
    }
}
