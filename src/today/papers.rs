//! 纸质单据: where each copy of each sheet is (4.5.1).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::owing::kind;
use super::{Goes, Line, Tone};
use crate::list::List;
use crate::procedure::{Form, FormId, Procedure};
use crate::record::{CopyStep, Record, RecordId, fold, read_date};

/// Numbers handed out together on blank paper, and not all come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blanks {
    /// The numbers still out, as printed, in order.
    pub numbers: Vec<String>,
    /// For whom or what.
    pub holder: String,
    /// How many came back filled in.
    pub used: usize,
    /// When they were handed out.
    pub since: NaiveDate,
}

impl Blanks {
    /// Their line.
    pub fn line(&self, today: NaiveDate) -> Line {
        let used = if self.used > 0 { format!("　已用 {} 张", self.used) } else { String::new() };
        Line {
            goes: Goes::Numbers,
            head: format!("空白 {}", self.span()),
            words: format!("{}　在外 {} 张{used}", self.holder, self.numbers.len()).trim().to_owned(),
            right: days_words(self.since, today),
            tone: Tone::Calm,
        }
    }

    /// From which number to which, without what they have in common: 040–049.
    fn span(&self) -> String {
        let (Some(first), Some(last)) = (self.numbers.first(), self.numbers.last()) else { return String::new() };
        if first == last {
            return first.clone();
        }
        let common = first.char_indices().zip(last.chars()).take_while(|((_, a), b)| a == b).map(|it| it.0);
        // Cut only behind a sign, never inside a number.
        let cut = common.filter(|(_, it)| !it.is_numeric()).last().map_or(0, |(at, it)| at + it.len_utf8());
        format!("{}–{}", &first[cut..], &last[cut..])
    }
}

/// All the paper that somebody has to look after.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Papers {
    /// Sheets with a copy out of the house, longest away first.
    pub out: Vec<Place>,
    /// Sheets with a copy that was printed and not handed over yet, oldest first.
    pub printed: Vec<Place>,
    /// Numbers handed out on blank paper.
    pub blanks: Vec<Blanks>,
}

/// A sheet and where its copies are.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The sheet.
    pub record: RecordId,
    /// What it is, where it is no complaint.
    pub kind: String,
    /// Its number.
    pub number: String,
    /// Whom or what it is about.
    pub subject: String,
    /// Whether nothing is owed on it any more: its papers ought to be back.
    pub over: bool,
    /// Every copy of it.
    pub copies: Vec<CopyPlace>,
    sought: String,
}

impl Place {
    /// Whether every word of `words`, already folded, stands somewhere in it.
    pub fn matches(&self, words: &[&str]) -> bool {
        words.iter().all(|it| self.sought.contains(it))
    }
}

/// Where one copy (联) is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyPlace {
    /// Which, from nought.
    pub copy: usize,
    /// What it is called: 第一联; 原件 where the form has but one.
    pub name: String,
    /// What last became of it; none where it was never printed.
    pub step: Option<CopyStep>,
    /// Who has it, or in which binder it is.
    pub holder: String,
    /// Since when.
    pub on: Option<NaiveDate>,
}

impl Papers {
    /// How many copies are out of the house.
    pub fn copies_out(&self) -> usize {
        self.out.iter().flat_map(|it| &it.copies).filter(|it| it.is_out()).count()
    }
}

impl CopyPlace {
    /// Whether it is out of the house.
    pub fn is_out(&self) -> bool {
        self.step.is_some_and(CopyStep::out)
    }

    /// Whether it is signed and not back.
    pub fn is_signed(&self) -> bool {
        self.step == Some(CopyStep::Signed)
    }

    /// Where the copies of a sheet are.
    pub fn of_record(procedure: &Procedure, form: &Form, record: &Record) -> Vec<Self> {
        let went = record.facts.iter().filter_map(|it| it.deed.copy());
        every(procedure.copies(form), went, |copy| {
            record.copy(copy).map(|(step, holder, on)| (step, holder.to_owned(), on.to_owned()))
        })
    }

    /// What can become of it next: a copy is handed over, signed, comes back and goes into its binder; one that is there
    /// can be handed over again.
    pub const fn next(&self) -> &'static [CopyStep] {
        match self.step {
            None => &[CopyStep::Printed, CopyStep::Handed],
            Some(CopyStep::Printed | CopyStep::Back) => &[CopyStep::Handed, CopyStep::Filed],
            Some(CopyStep::Handed) => &[CopyStep::Signed, CopyStep::Back],
            Some(CopyStep::Signed) => &[CopyStep::Back, CopyStep::Filed],
            Some(CopyStep::Filed) => &[CopyStep::Handed],
        }
    }
}

/// Every copy by its mark, and those that went out when there were more of them.
fn every(
    marks: &[String],
    went: impl Iterator<Item = usize>,
    last: impl Fn(usize) -> Option<(CopyStep, String, String)>,
) -> Vec<CopyPlace> {
    let place = |copy: usize| {
        let name = match marks.get(copy).and_then(|it| it.split_whitespace().next()) {
            Some(mark) => mark.to_owned(),
            None if copy == 0 => "原件".to_owned(),
            None => format!("第 {} 份", copy.saturating_add(1)),
        };
        match last(copy) {
            Some((step, holder, on)) => CopyPlace { copy, name, step: Some(step), holder, on: read_date(&on, None) },
            None => CopyPlace { copy, name, step: None, holder: String::new(), on: None },
        }
    };
    let copies: BTreeSet<usize> = (0..marks.len().max(1)).chain(went).collect();
    copies.into_iter().map(place).collect()
}

/// Where the papers are that are not in their binders.
pub fn places(procedure: &Procedure, lists: &BTreeMap<FormId, List>, blanks: &[Blanks], today: NaiveDate) -> Papers {
    let mut papers = Papers { blanks: blanks.to_vec(), ..Papers::default() };
    for (id, list) in lists {
        let Some(form) = procedure.form(id) else { continue };
        for summary in list.all() {
            let Some(deeds) = summary.deeds.as_ref().filter(|it| !it.copies.is_empty()) else { continue };
            // Of very many sheets whose copies lie in their binders nothing more is found out.
            let out = deeds.copies.iter().any(|it| it.1.out());
            // What is void or filed is printed for nobody any more.
            let waits = !summary.is_over() && deeds.copies.iter().any(|it| it.1 == CopyStep::Printed);
            if !out && !waits {
                continue;
            }
            let known = |copy: usize| deeds.copies.iter().find(|it| it.0 == copy);
            let went = deeds.copies.iter().map(|it| it.0);
            let copies = every(procedure.copies(form), went, |copy| {
                known(copy).map(|it| (it.1, it.2.to_string(), it.3.to_string()))
            });
            let holders: Vec<&str> = copies.iter().map(|it| it.holder.as_str()).collect();
            let sought = format!("{} {} {} {}", summary.number, form.short, summary.subject, holders.join(" "));
            let place = Place {
                record: summary.id,
                kind: kind(form),
                number: summary.number.clone(),
                subject: summary.subject.to_string(),
                over: summary.is_over(),
                copies,
                sought: fold(&sought),
            };
            if out { papers.out.push(place) } else { papers.printed.push(place) }
        }
    }
    let first = |it: &Place, of: fn(&CopyPlace) -> bool| {
        it.copies.iter().filter(|it| of(it)).filter_map(|it| it.on).min().unwrap_or(today)
    };
    papers.out.sort_by_key(|it| first(it, CopyPlace::is_out));
    papers.printed.sort_by_key(|it| first(it, |it| it.step == Some(CopyStep::Printed)));
    papers
}

/// For how long: 今天, 9 天.
pub fn days_words(since: NaiveDate, today: NaiveDate) -> String {
    match (today - since).num_days() {
        days if days <= 0 => "今天".to_owned(),
        days => format!("{days} 天"),
    }
}
