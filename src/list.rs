//! What lists show of a sheet: derived, small, ready to be filtered as one types.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::flow::{Standing, days_over, standing, standing_name};
use crate::procedure::{FieldId, Form};
use crate::record::{Record, RecordId, fold, read_date};

/// A line of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The sheet.
    pub id: RecordId,
    /// Its number.
    pub number: String,
    /// Whom or what it is about.
    pub subject: String,
    /// The day of the event, where it can be read.
    pub date: Option<NaiveDate>,
    /// Where the sheet stands.
    pub standing: Standing,
    /// The day it is due, while something is owed on it.
    pub due: Option<NaiveDate>,
    /// All of this, made ready for comparison.
    sought: String,
}

impl Summary {
    /// The line of a sheet.
    pub fn of(form: &Form, record: &Record) -> Option<Self> {
        let identity = form.identity.as_ref()?;
        let subject = record.latest(form, identity.subject.as_str()).trim().to_owned();
        let date = read_date(record.value(identity.date.as_str()), None);
        let written = date.map(|it| it.to_string()).unwrap_or_default();
        let product = record.latest(form, "product").trim();
        let standing = standing(form, record);
        let stands = match standing {
            Standing::At(_) => format!("待{}", standing_name(form, standing)),
            Standing::Done | Standing::Filed | Standing::Void | Standing::Destroyed => {
                standing_name(form, standing).to_owned()
            }
        };
        let sought = fold(&format!("{} {subject} {written} {product} {stands}", record.number));
        // Measured from a day zero, so that a list need not be read again when the day turns.
        let due =
            days_over(form, record, NaiveDate::default()).map(|it| NaiveDate::default() - chrono::TimeDelta::days(it));
        let number = record.number.clone();
        Some(Self { id: record.id, number, subject, date, standing, due, sought })
    }

    /// The fields a summary needs.
    pub fn fields(form: &Form) -> Vec<FieldId> {
        let identity = form.identity.iter();
        let named = identity.flat_map(|it| [Some(&it.subject), Some(&it.date), it.due.as_ref(), it.done.as_ref()]);
        let mut fields: Vec<FieldId> = named.flatten().cloned().collect();
        fields.extend(form.stages.iter().map(|it| it.by.clone()));
        fields.push("product".into());
        fields.sort();
        fields.dedup();
        fields
    }
}

/// The sheets of a form, newest first, and those of them that match what is typed.
#[derive(Clone, Debug, Default)]
pub struct List {
    summaries: Vec<Summary>,
    places: BTreeMap<RecordId, usize>,
    filter: String,
    today: NaiveDate,
    shown: Vec<usize>,
}

impl List {
    /// A list of these sheets, given in the order of their numbers.
    pub fn new(summaries: Vec<Summary>) -> Self {
        let places = summaries.iter().enumerate().map(|(place, it)| (it.id, place)).collect();
        let mut list = Self { summaries, places, ..Self::default() };
        list.refresh();
        list
    }

    /// How many sheets there are.
    pub fn len(&self) -> usize {
        self.summaries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.summaries.is_empty()
    }

    /// Puts a sheet's new line in place of its old, or adds it.
    pub fn put(&mut self, summary: Summary) {
        match self.places.get(&summary.id) {
            Some(place) => {
                if self.summaries[*place] == summary {
                    return;
                }
                let place = *place;
                self.summaries[place] = summary;
            }
            None => {
                self.places.insert(summary.id, self.summaries.len());
                self.summaries.push(summary);
            }
        }
        self.refresh();
    }

    /// Puts a sheet's line, where it has one.
    pub fn extend(&mut self, summary: Option<Summary>) {
        summary.into_iter().for_each(|it| self.put(it));
    }

    /// Shows only the sheets whose number, subject, date, product or standing hold every word of `filter`; 超期 stands for
    /// those past their date `today`.
    pub fn filter(&mut self, filter: &str, today: NaiveDate) {
        let folded = fold(filter);
        if folded != self.filter || today != self.today {
            (self.filter, self.today) = (folded, today);
            self.refresh();
        }
    }

    /// How many match.
    pub fn shown(&self) -> usize {
        self.shown.len()
    }

    /// The `place`th that matches, newest first.
    pub fn at(&self, place: usize) -> Option<&Summary> {
        self.shown.get(place).and_then(|it| self.summaries.get(*it))
    }

    fn refresh(&mut self) {
        let words: Vec<&str> = self.filter.split_whitespace().collect();
        let overdue = |it: &Summary| it.due.is_some_and(|due| due < self.today);
        let matches =
            |it: &Summary| words.iter().all(|word| it.sought.contains(word) || (*word == "超期" && overdue(it)));
        self.shown = (0..self.summaries.len()).rev().filter(|it| matches(&self.summaries[*it])).collect();
    }
}
