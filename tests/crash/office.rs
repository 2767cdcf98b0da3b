//! What an office does with its book at random, and what must be in the book afterwards, kept without a database.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDateTime};
use taizhang::procedure::{Change, Document, FieldId, FormId, Procedure};
use taizhang::record::{CellId, Correction, Customer, Deed, Fact, NumberState, Record, RecordId, Signed, Values, Void};
use taizhang::store::{Act, NewRecord, Store, StoreError};

use crate::dice::Dice;

const FORMS: [&str; 3] = ["05", "03", "01"];
/// Cells of those forms; the last belongs to none of them, as taken in from elsewhere.
const CELLS: [&str; 6] = ["customer", "complaint", "measures", "contact", "date", "extra:备用"];
const NAMES: [&str; 4] = ["沈䶮", "钱立群", "徐国梁", "癸厂"];
const SETTINGS: [&str; 2] = ["operator", "beside"];

/// All that is in a book.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Kept {
    records: Vec<Record>,
    /// How many lines of history each sheet has, in the order of the sheets.
    lines: Vec<usize>,
    customers: BTreeMap<String, Customer>,
    settings: BTreeMap<String, String>,
    /// Numbers handed out on blank sheets: of which form and year, which, and how they are printed.
    reserved: Vec<(String, i32, i64, String)>,
}

impl Kept {
    /// What stands in the book.
    pub(crate) fn read(store: &Store) -> Result<Self, StoreError> {
        let mut kept = Self::default();
        for form in FORMS {
            let form = FormId::from(form);
            kept.records.extend(store.records(&form)?);
            for year in store.number_years(&form)? {
                let out = store.numbers(&form, year)?.into_iter().filter(|it| it.state == NumberState::Reserved);
                kept.reserved.extend(out.map(|it| (form.0.clone(), year, it.sequence, it.number)));
            }
        }
        kept.records.sort_by_key(|it| it.id.0);
        kept.reserved.sort();
        for record in &kept.records {
            kept.lines.push(store.history(record.id)?.len());
        }
        kept.customers = store.customers()?.into_iter().map(|it| (it.name.clone(), it)).collect();
        for key in SETTINGS {
            kept.settings.extend(store.setting(key)?.map(|it| (key.to_owned(), it)));
        }
        Ok(kept)
    }

    /// Where two books differ, for whoever reads a failed test.
    pub(crate) fn unlike(&self, other: &Self) -> String {
        if let Some((a, b)) = self.records.iter().zip(&other.records).find(|(a, b)| a != b) {
            return format!("{a:?}\n!=\n{b:?}");
        }
        let counts = |it: &Self| format!("{} sheets, lines {:?}, {:?}", it.records.len(), it.lines, it.settings);
        format!("{} ({} reserved) != {} ({})", counts(self), self.reserved.len(), counts(other), other.reserved.len())
    }

    /// No number of a form was drawn or handed out twice.
    pub(crate) fn no_number_twice(&self) -> Result<(), String> {
        let drawn = self.records.iter().map(|it| (it.form.0.as_str(), it.number.as_str()));
        let out = self.reserved.iter().map(|it| (it.0.as_str(), it.3.as_str()));
        let mut seen = std::collections::BTreeSet::new();
        drawn.chain(out).find(|it| !seen.insert(*it)).map_or(Ok(()), |it| Err(format!("{it:?} was drawn twice")))
    }

    /// Whether the same is on the sheets, whatever the history tells of how it came about.
    pub(crate) fn same_sheets(&self, other: &Self) -> bool {
        self.records == other.records
    }

    /// The number of the slip that was begun last.
    pub(crate) fn last_slip(&self) -> String {
        self.records.iter().rfind(|it| it.form.as_str() == "05").unwrap().number.clone()
    }

    /// The last number of a form and year: every one before it is a sheet's, or handed out.
    fn last(&self, form: &str, year: i32) -> i64 {
        let sheets = self.records.iter().filter(|it| it.form.as_str() == form && it.entered.year() == year);
        let reserved = self.reserved.iter().filter(|it| it.0 == form && it.1 == year);
        (sheets.count() + reserved.count()) as i64
    }

    fn add(&mut self, form: &str, procedure: &Procedure, values: &Values, now: NaiveDateTime) {
        let form = procedure.form(&form.into()).unwrap();
        let sequence = self.last(form.form.as_str(), now.year()) + 1;
        let number = procedure.document.pattern(&form.form).format(now.year(), sequence);
        self.records.push(Record {
            id: RecordId(self.records.len() as i64 + 1),
            form: form.form.clone(),
            edition: form.edition.clone(),
            number,
            entered: now,
            rounds: {
                let mut values = values.clone();
                values.retain(|_, it| !it.is_empty());
                vec![values]
            },
            corrections: Vec::new(),
            void: None,
            facts: Vec::new(),
            as_of: None,
            started: Vec::new(),
        });
        self.lines.push(1);
    }

    fn put(&mut self, sheet: usize, round: usize, field: &str, text: &str) -> String {
        let values = &mut self.records[sheet].rounds[round];
        let old = values.remove(field).unwrap_or_default();
        if !text.is_empty() {
            values.insert(field.into(), text.to_owned());
        }
        old
    }

    fn set(&mut self, sheet: usize, round: usize, field: &str, text: &str) {
        if self.put(sheet, round, field, text) != text {
            self.lines[sheet] += 1;
        }
    }
}

/// One thing the office does; `sheet` counts from nought.
#[derive(Clone, Debug)]
pub(crate) enum Deal {
    Create {
        form: &'static str,
        values: Values,
    },
    Import {
        sheets: Vec<(&'static str, Values)>,
    },
    Set {
        sheet: usize,
        round: usize,
        field: &'static str,
        text: String,
    },
    Correct {
        sheet: usize,
        field: &'static str,
        text: String,
    },
    Void {
        sheet: usize,
    },
    Act {
        sheet: usize,
        text: String,
        deeds: Vec<Deed>,
        round: bool,
    },
    Round {
        sheet: usize,
    },
    Reserve {
        form: &'static str,
        count: usize,
    },
    Customer {
        name: &'static str,
        note: String,
    },
    Setting {
        key: &'static str,
        value: String,
    },
    Destroy {
        sheet: usize,
        keep: &'static str,
    },
    /// The file is written anew; nothing in it changes.
    Scrub,
    /// The book is copied to this name beside it.
    Copy {
        name: String,
    },
}

fn text(dice: &mut Dice) -> String {
    let count = match dice.below(10) {
        0 => return String::new(),
        1..7 => 1 + dice.below(30),
        // About where texts get a table of their own.
        7 => 75 + dice.below(10),
        _ => 500 + dice.below(4000),
    };
    let words = ["密集气孔", "一处", "，", "返修", "合格", "。", "E-101A/B", "\n", "阀门"];
    (0..count).map(|_| dice.pick(&words)).collect()
}

fn values(dice: &mut Dice) -> Values {
    (0..dice.below(5)).map(|_| (FieldId::from(dice.pick(&CELLS)), text(dice))).collect()
}

fn correction(field: &str, text: &str) -> Correction {
    Correction {
        cell: CellId::new(field, 0),
        old: String::new(),
        new: text.to_owned(),
        by: "钱立群".to_owned(),
        on: "2026-11-20".to_owned(),
        reason: "笔误".to_owned(),
    }
}

fn void() -> Void {
    Void { by: "钱立群".to_owned(), on: "2026-11-20".to_owned(), reason: "重复".to_owned() }
}

fn destroyed() -> Deed {
    let [approved, executed, watched] = ["何铮", "沈葵", "周岚"].map(str::to_owned);
    Deed::Destroyed { approved, executed, watched, on: "2026-11-20".to_owned() }
}

impl Deal {
    /// Something that can be done with the book as it is.
    pub(crate) fn next(kept: &Kept, dice: &mut Dice) -> Self {
        let living: Vec<usize> = (0..kept.records.len()).filter(|it| !kept.records[*it].destroyed()).collect();
        let valid: Vec<usize> = living.iter().copied().filter(|it| kept.records[*it].void.is_none()).collect();
        let what = dice.below(100);
        if living.is_empty() || what < 14 {
            return Self::Create { form: dice.pick(&FORMS), values: values(dice) };
        }
        let sheet = dice.pick(&living);
        match what {
            14..16 => {
                Self::Import { sheets: (0..1 + dice.below(12)).map(|_| (dice.pick(&FORMS), values(dice))).collect() }
            }
            16..18 => Self::Reserve { form: dice.pick(&FORMS), count: 1 + dice.below(5) },
            18..21 => Self::Customer { name: dice.pick(&NAMES), note: text(dice) },
            21..23 => Self::Setting { key: dice.pick(&SETTINGS), value: text(dice) },
            23..26 => Self::Round { sheet },
            26..29 => Self::Scrub,
            29..31 => Self::Copy { name: format!("抄本-{}.book", dice.below(1_000_000)) },
            31..34 if kept.records[sheet].held().is_none() => Self::Destroy { sheet, keep: dice.pick(&CELLS) },
            34..42 => {
                let deeds = [
                    Deed::Held { reason: "诉讼".to_owned() },
                    Deed::Released { reason: "已结".to_owned() },
                    Deed::Signed(Signed { field: "handler".into(), name: "沈䶮".to_owned(), ..Signed::default() }),
                    Deed::Filed { case: "1".to_owned(), binder: "2".to_owned(), on: "2026-11-20".to_owned() },
                    Deed::FollowUp { text: text(dice), owner: "商务部".to_owned(), due: String::new() },
                ];
                let deeds = (0..1 + dice.below(3)).map(|_| dice.pick(&deeds)).collect();
                Self::Act { sheet, text: text(dice), deeds, round: dice.chance(20) }
            }
            42..48 if !valid.is_empty() => {
                Self::Correct { sheet: dice.pick(&valid), field: dice.pick(&CELLS), text: text(dice) }
            }
            48..50 if !valid.is_empty() => Self::Void { sheet: dice.pick(&valid) },
            _ => {
                let round = dice.below(kept.records[sheet].rounds.len());
                Self::Set { sheet, round, field: dice.pick(&CELLS), text: text(dice) }
            }
        }
    }

    /// Does it with the real book.
    pub(crate) fn run(&self, store: &Store, procedure: &Procedure, now: NaiveDateTime) -> Result<(), StoreError> {
        let id = |sheet: &usize| RecordId(*sheet as i64 + 1);
        let form = |form: &str| procedure.form(&form.into()).unwrap();
        match self {
            Self::Create { form: name, values } => {
                let form = form(name);
                store.create(form, procedure.document.pattern(&form.form), now.year(), now, values).map(drop)
            }
            Self::Import { sheets } => {
                let sheets = sheets.iter().map(|(name, values)| NewRecord {
                    form: form(name).form.clone(),
                    edition: form(name).edition.clone(),
                    year: now.year(),
                    number: None,
                    entered: now,
                    rounds: vec![values.clone()],
                    corrections: Vec::new(),
                    void: None,
                    facts: Vec::new(),
                });
                store.import(&procedure.document, sheets, now).map(drop)
            }
            Self::Set { sheet, round, field, text } => {
                store.set(id(sheet), &CellId::new(*field, *round), text, "", now).map(drop)
            }
            Self::Correct { sheet, field, text } => store.correct(id(sheet), &correction(field, text), now),
            Self::Void { sheet } => store.void(id(sheet), &void(), now),
            Self::Act { sheet, text, deeds, round } => {
                let cells = vec![(CellId::new("note", 0), text.clone())];
                let act = Act { by: "沈䶮".to_owned(), cells, deeds: deeds.clone(), round: *round, ..Act::default() };
                store.act(id(sheet), &act, now)
            }
            Self::Round { sheet } => store.add_round(id(sheet), now).map(drop),
            Self::Reserve { form: name, count } => {
                let form = form(name);
                let pattern = procedure.document.pattern(&form.form);
                store.reserve(form, pattern, now.year(), *count, ("沈䶮", "发车间"), now).map(drop)
            }
            Self::Customer { name, note } => store.put_customer(&customer(name, note), "沈䶮", now),
            Self::Setting { key, value } => store.set_setting(key, value),
            Self::Destroy { sheet, keep } => {
                let add = |document: Document, name: &str| {
                    document.changed(&Change::AddPerson(name.to_owned(), String::new())).unwrap()
                };
                let document = ["何铮", "沈葵", "周岚"].into_iter().fold(procedure.document.clone(), add);
                store.set_office(&document.to_keep(None).unwrap(), "", now)?;
                store.destroy(id(sheet), &destroyed(), &[FieldId::from(*keep)], "沈䶮", now)
            }
            Self::Scrub => store.scrub(),
            Self::Copy { name } => store.copy_to(&store.path().with_file_name(name)),
        }
    }

    /// What the book holds after it.
    pub(crate) fn after(&self, before: &Kept, procedure: &Procedure, now: NaiveDateTime) -> Kept {
        let mut kept = before.clone();
        match self {
            Self::Create { form, values } => kept.add(form, procedure, values, now),
            Self::Import { sheets } => sheets.iter().for_each(|(form, values)| kept.add(form, procedure, values, now)),
            Self::Set { sheet, round, field, text } => kept.set(*sheet, *round, field, text),
            Self::Correct { sheet, field, text } => {
                let old = kept.put(*sheet, 0, field, text);
                kept.records[*sheet].corrections.push(Correction { old, ..correction(field, text) });
                kept.lines[*sheet] += 1;
            }
            Self::Void { sheet } => {
                kept.records[*sheet].void = Some(void());
                kept.lines[*sheet] += 1;
            }
            Self::Act { sheet, text, deeds, round } => {
                kept.set(*sheet, 0, "note", text);
                for deed in deeds {
                    let fact = Fact { at: now, by: "沈䶮".to_owned(), deed: deed.clone() };
                    kept.records[*sheet].facts.push(fact);
                    kept.lines[*sheet] += 1;
                }
                if *round {
                    kept.records[*sheet].rounds.push(Values::new());
                    kept.lines[*sheet] += 1;
                }
            }
            Self::Round { sheet } => {
                kept.records[*sheet].rounds.push(Values::new());
                kept.lines[*sheet] += 1;
            }
            Self::Reserve { form, count } => {
                for _ in 0..*count {
                    let sequence = kept.last(form, now.year()) + 1;
                    let number = procedure.document.pattern(&FormId::from(*form)).format(now.year(), sequence);
                    kept.reserved.push(((*form).to_owned(), now.year(), sequence, number));
                }
                kept.reserved.sort();
            }
            Self::Customer { name, note } => {
                kept.customers.insert((*name).to_owned(), customer(name, note));
            }
            Self::Setting { key, value } => {
                kept.settings.insert((*key).to_owned(), value.clone());
            }
            Self::Destroy { sheet, keep } => {
                let record = &mut kept.records[*sheet];
                record.rounds.iter_mut().for_each(|it| it.retain(|field, _| field.as_str() == *keep));
                record.corrections.clear();
                record.facts.retain(|it| matches!(it.deed.kind(), "filed" | "held" | "released" | "rewrites"));
                record.facts.push(Fact { at: now, by: "沈䶮".to_owned(), deed: destroyed() });
                kept.lines[*sheet] += 1;
            }
            Self::Scrub | Self::Copy { .. } => {}
        }
        kept
    }
}

fn customer(name: &str, note: &str) -> Customer {
    Customer { name: name.to_owned(), note: note.to_owned(), visit: Some(30), ..Customer::default() }
}
