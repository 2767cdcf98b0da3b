//! What lists show of a sheet: derived, small, ready to be filtered as one types.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{NaiveDate, NaiveDateTime, Timelike};

use crate::calendar::Span;
use crate::flow::{self, Due, Standing, standing_name};
use crate::procedure::{CountsAs, FieldId, Form, FormId, Kind, Procedure};
use crate::record::{CopyStep, Record, RecordId, fold, read_date, read_day};

mod state;
mod interner;
pub use interner::Word;
pub use state::{State, week_end};

/// Every change of any list takes the next number, so that no two states of a list have the same.
static CHANGES: AtomicUsize = AtomicUsize::new(1);

/// A line of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The sheet.
    pub id: RecordId,
    /// Its form.
    pub form: FormId,
    /// What its form's sheets count as.
    pub counts_as: Option<CountsAs>,
    /// Whether it is to be passed on.
    pub passes_on: bool,
    /// Its number.
    pub number: String,
    /// Whom or what it is about.
    pub subject: Word,
    /// The product, where the form asks for one.
    pub product: Word,
    /// The day of the event, where it can be read.
    pub date: Option<NaiveDate>,
    /// The day of entry.
    pub entered: NaiveDate,
    /// Where the sheet stands.
    pub standing: Standing,
    /// When something is owed on it.
    pub due: Option<Due>,
    /// Who is to sign next: a department, or the user; empty where nobody is.
    pub whose: Word,
    /// Since when that is waited for.
    pub since: NaiveDate,
    /// How many rounds it has gone through, the first included.
    pub rounds: usize,
    /// The day it was closed: of its last signature, or of its voiding; none while a stage is open.
    pub closed: Option<NaiveDate>,
    /// The stretch it is about, and whom or what it was made for in it, where its form has one for each.
    pub made_for: Option<Box<(Span, Word)>>,
    /// Who is told of its clocks, and from when on; few forms say so.
    pub told: Box<[Told]>,
    /// What was done with it besides; few sheets have any.
    pub deeds: Option<Box<Deeds>>,
    /// Which lines wait for the next stage, where it is signed line by line.
    pub rows: Word,
    /// Where it stands, in words.
    stands: Word,
    /// Number, day and round, made ready for comparison.
    sought: Box<str>,
}

/// Who is told of a clock of a sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// From which moment on.
    pub at: NaiveDateTime,
    /// Of which of the form's clocks, by its place.
    pub clock: usize,
    /// Which department.
    pub whose: Word,
}

/// What was done with a sheet, as far as lists need it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deeds {
    /// Where its copies are: which, what last became of it, who has it, since when as written.
    pub copies: Vec<(usize, CopyStep, Word, Word)>,
    /// Box, binder and day of filing.
    pub filed: Option<(Word, Word, Word)>,
    /// Why it must not be destroyed.
    pub held: Option<Word>,
    /// Who is waited for, why, and since when.
    pub waits: Vec<(Word, Word, NaiveDateTime)>,
    /// How often it was passed on (03).
    pub passed_on: usize,
    /// What follows from it and is not done: place, what, who, by when.
    pub open: Vec<(usize, String, String, Option<NaiveDate>)>,
}

impl Deeds {
    fn of(record: &Record) -> Option<Box<Self>> {
        if record.facts.is_empty() {
            return None;
        }
        // Whatever copies the form has now: one that went out is out.
        let went: BTreeSet<usize> = record.facts.iter().filter_map(|it| it.deed.copy()).collect();
        let copies = went.into_iter().filter_map(|copy| {
            record.copy(copy).map(|(step, holder, on)| (copy, step, Word::new(holder), Word::new(on)))
        });
        let open = record.follow_ups().into_iter().filter(|it| it.done.is_none());
        let deeds = Self {
            copies: copies.collect(),
            filed: record.filed().map(|(case, binder, on)| (Word::new(case), Word::new(binder), Word::new(on))),
            held: record.held().map(Word::new),
            waits: record
                .waits()
                .into_iter()
                .filter(|it| it.until.is_none())
                .map(|it| (Word::new(it.whom), Word::new(it.why), it.since))
                .collect(),
            passed_on: record.passed_on(),
            open: open.map(|it| (it.item, it.text.to_owned(), it.owner.to_owned(), it.due)).collect(),
        };
        (deeds != Self::default()).then(|| Box::new(deeds))
    }
}

impl Summary {
    /// The line of a sheet.
    pub fn of(procedure: &Procedure, form: &Form, record: &Record) -> Option<Self> {
        // A register's lines are no sheets: they are seen in the register itself.
        if form.register.is_some() { None } else { Self::of_line(procedure, form, record) }
    }

    /// The line of a sheet, or of a line of a typed register: of that only what is owed is ever asked.
    pub fn of_line(procedure: &Procedure, form: &Form, record: &Record) -> Option<Self> {
        let identity = form.identity.as_ref()?;
        let subject = record.latest(form, identity.subject.as_str()).trim();
        let date = read_day(record.latest(form, identity.date.as_str()));
        let written = date.map(|it| it.to_string()).unwrap_or_default();
        let product = identity.product.as_ref().map_or("", |it| record.latest(form, it.as_str())).trim();
        let life = flow::Life::new(form, record);
        let standing = life.standing();
        let name = standing_name(form, standing);
        let (stands, whose) = match standing {
            Standing::At(_) => {
                // What is signed in any order waits for all of them.
                let open = life.open().into_iter();
                let mut all: Vec<String> =
                    open.map(|it| flow::whose(&procedure.document, form, record, &form.stages[it])).collect();
                all.dedup();
                all.retain(|it| !it.is_empty());
                (format!("待{name}"), all.join("、"))
            }
            Standing::Done if form.is_living() => (name.to_owned(), String::new()),
            Standing::Done if !form.stages.is_empty() => (format!("待{name}"), String::new()),
            Standing::Done | Standing::Filed | Standing::Void | Standing::Destroyed => (name.to_owned(), String::new()),
        };
        let rows = match standing {
            Standing::At(stage) => flow::open_rows(form, record, stage),
            Standing::Done | Standing::Filed | Standing::Void | Standing::Destroyed => String::new(),
        };
        let rounds = record.rounds.len();
        let again = if rounds > 1 { format!("第{rounds}次") } else { String::new() };
        let sought = fold(&format!("{} {written} {again}", record.number)).into_boxed_str();
        let open = matches!(standing, Standing::At(_));
        let voided = record.void.as_ref().and_then(|it| read_date(&it.on, None));
        let last = form.stages.iter().rev().find_map(|it| flow::day_signed(form, record, it, record.last_round()));
        Some(Self {
            id: record.id,
            form: form.form.clone(),
            counts_as: form.counts_as,
            passes_on: form.passes_on,
            number: record.number.clone(),
            subject: Word::new(subject),
            product: Word::new(product),
            date,
            entered: record.entered.date(),
            standing,
            due: flow::owed(procedure, form, record),
            whose: Word::new(&whose),
            since: flow::waiting_since(form, record),
            rounds,
            closed: if open || form.is_living() && voided.is_none() {
                None
            } else {
                voided.or(last).or(date).or_else(|| Some(record.entered.date()))
            },
            made_for: flow::span(form, record).map(|span| {
                let whom = form.each.as_ref().map_or("", |it| record.latest(form, it.as_str()).trim());
                Box::new((span, Word::new(whom)))
            }),
            told: flow::told(procedure, form, record)
                .into_iter()
                .map(|it| {
                    let whose = Word::new(procedure.document.department(it.part));
                    Told { at: it.at, clock: it.clock, whose }
                })
                .collect(),
            deeds: Deeds::of(record),
            rows: Word::new(&rows),
            stands: Word::new(&stands),
            sought,
        })
    }

    /// The day by which it counts for what is owed at intervals: the first of its stretch, or that of its event.
    pub fn counts_on(&self) -> Option<NaiveDate> {
        self.made_for.as_ref().map(|it| it.0.first()).or(self.date)
    }

    /// Whether a folded word stands in what is shown of it.
    fn holds(&self, word: &str) -> bool {
        let words = [&self.subject, &self.product, &self.stands, &self.whose, &self.rows];
        self.sought.contains(word) || words.into_iter().any(|it| it.holds(word))
    }

    /// The fields a summary needs.
    pub fn fields(form: &Form) -> Vec<FieldId> {
        let identity = form.identity.iter();
        let named = identity.flat_map(|it| [Some(&it.subject), Some(&it.date), it.done.as_ref(), it.product.as_ref()]);
        let named = named.flatten().cloned().chain(form.clock_fields());
        let mut fields: Vec<FieldId> = named.chain(form.life_fields()).collect();
        fields.extend(form.stages.iter().flat_map(|it| [Some(&it.by), it.date.as_ref()]).flatten().cloned());
        fields.extend(form.period.iter().chain(&form.each).cloned());
        fields.extend(form.every_field().filter(|it| it.kind == Kind::Department).map(|it| it.id.clone()));
        fields.sort();
        fields.dedup();
        fields
    }

    /// Whether nothing is owed on it any more: void, filed or destroyed.
    pub const fn is_over(&self) -> bool {
        match self.standing {
            Standing::At(_) | Standing::Done => false,
            Standing::Filed | Standing::Void | Standing::Destroyed => true,
        }
    }
}

/// The sheets of a form, newest first, and those of them that match what is typed.
#[derive(Clone, Debug, Default)]
pub struct List {
    summaries: Vec<Summary>,
    places: BTreeMap<RecordId, usize>,
    filter: String,
    now: NaiveDateTime,
    order: Order,
    shown: Vec<usize>,
    generation: usize,
}

/// In what order a list is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By number, newest first.
    #[default]
    Number,
    /// By the day of the event, newest first.
    Date,
    /// By what it is about.
    Subject,
    /// By the day it is due, most urgent first; what owes nothing last.
    Due,
    /// By where it stands, what is furthest from its end first.
    Standing,
}

impl Order {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Number, Self::Date, Self::Subject, Self::Due, Self::Standing];

    /// What the screen calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Number => "按编号",
            Self::Date => "按日期",
            Self::Subject => "按名称",
            Self::Due => "按期限",
            Self::Standing => "按环节",
        }
    }
}

impl List {
    /// A list of these sheets, given in the order of their numbers.
    pub fn new(summaries: Vec<Summary>) -> Self {
        let places = summaries.iter().enumerate().map(|(place, it)| (it.id, place)).collect();
        let mut list = Self { summaries, places, ..Self::default() };
        list.generation = CHANGES.fetch_add(1, Ordering::Relaxed);
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
        self.extend([summary]);
    }

    /// Puts the lines of sheets: many at once are filtered and sorted once.
    pub fn extend(&mut self, summaries: impl IntoIterator<Item = Summary>) {
        let mut changed = false;
        for summary in summaries {
            match self.places.get(&summary.id).and_then(|it| self.summaries.get_mut(*it)) {
                Some(there) if *there == summary => continue,
                Some(there) => *there = summary,
                None => {
                    self.places.insert(summary.id, self.summaries.len());
                    self.summaries.push(summary);
                }
            }
            changed = true;
        }
        if changed {
            self.generation = CHANGES.fetch_add(1, Ordering::Relaxed);
            self.refresh();
        }
    }

    /// Which state the sheets are in: another number after every change, larger than any before.
    pub fn generation(&self) -> usize {
        self.generation
    }

    /// Shows only the sheets whose number, subject, date, product or standing hold every word of `filter`; the words of
    /// [`State`] stand for the sheets in that state now.
    pub fn filter(&mut self, filter: &str, now: NaiveDateTime) {
        let folded = fold(filter);
        // Only words of a state go by the hour, and a minute is fine enough for them.
        let states = folded.split_whitespace().any(|word| State::ALL.iter().any(|it| it.word() == word));
        let minute = |it: NaiveDateTime| (it.date(), if states { (it.hour(), it.minute()) } else { (0, 0) });
        if folded != self.filter || minute(now) != minute(self.now) {
            (self.filter, self.now) = (folded, now);
            self.refresh();
        }
    }

    /// Every sheet, in the order of their numbers.
    pub fn all(&self) -> &[Summary] {
        &self.summaries
    }

    /// The line of a sheet.
    pub fn get(&self, id: RecordId) -> Option<&Summary> {
        self.places.get(&id).and_then(|it| self.summaries.get(*it))
    }

    /// Sorts otherwise than by number, newest first.
    pub fn sort(&mut self, order: Order) {
        if order != self.order {
            self.order = order;
            self.refresh();
        }
    }

    /// In what order they are shown.
    pub fn order(&self) -> Order {
        self.order
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
        let state = |word: &str| State::ALL.into_iter().find(|it| it.word() == word);
        let words: Vec<(&str, Option<State>)> = words.into_iter().map(|it| (it, state(it))).collect();
        let is = |it: &Summary, state: Option<State>| state.is_some_and(|state| state.holds(it, self.now));
        let matches = |it: &Summary| words.iter().all(|(word, state)| it.holds(word) || is(it, *state));
        self.shown = (0..self.summaries.len()).rev().filter(|it| matches(&self.summaries[*it])).collect();
        let all = &self.summaries;
        match self.order {
            Order::Number => {}
            Order::Date => self.shown.sort_by_key(|it| std::cmp::Reverse(all[*it].date)),
            Order::Subject => self.shown.sort_by(|a, b| (*all[*a].subject).cmp(&*all[*b].subject)),
            Order::Due => self.shown.sort_by_key(|it| all[*it].due.map_or(NaiveDateTime::MAX, |it| it.at)),
            Order::Standing => self.shown.sort_by_key(|it| all[*it].standing),
        }
    }
}
