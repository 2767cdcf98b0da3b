//! What is done with a sheet besides writing on it: signing, passing on, filing. Each is one transaction with its lines
//! of history.

use chrono::{Datelike, NaiveDateTime};
use rusqlite::params;

use super::links::named;
use super::seal::keep_deed;
use super::write::first_values;
use super::{Fault, NewRecord, Result, Store, What, keep_moment};
use crate::flow::RefusalKind;
use crate::procedure::{Edition, Form, FormId, NumberPattern};
use crate::record::{CellId, Deed, Fact, Record, RecordId, Values, Void, keep_date};

/// What is done with a sheet at once, or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Act {
    /// Who sits at the desk.
    pub by: String,
    /// Cells that are written: which, and what.
    pub cells: Vec<(CellId, String)>,
    /// Cells that have to be empty still: what another window wrote there meanwhile is not overwritten.
    pub vacant: Vec<CellId>,
    /// What is put down.
    pub deeds: Vec<Deed>,
    /// Whether another round is opened behind it.
    pub round: bool,
    /// Cells of that round that are written at once: what it takes over.
    pub carried: Vec<(CellId, String)>,
    /// What is begun from it: lines of registers.
    pub makes: Vec<Make>,
    /// The sheet as whoever acts saw it: what another window did meanwhile is not acted on unseen.
    pub seen: Option<Box<Record>>,
}

/// A line of a register that is begun from a sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Make {
    /// In which register.
    pub form: FormId,
    /// In which edition of it.
    pub edition: Edition,
    /// How it is numbered.
    pub pattern: NumberPattern,
    /// What stands in it.
    pub values: Values,
    /// What of the sheet it is about.
    pub text: String,
}

impl Store {
    /// Does something with a sheet: all of it, or nothing.
    ///
    /// # Errors
    /// When the book cannot be written, a cell that has to be empty is not, the sheet is void or destroyed, or whoever sits
    /// at the desk may not act in these names.
    pub fn act(&self, id: RecordId, act: &Act, now: NaiveDateTime) -> Result<()> {
        self.writing(|| self.act_on(id, act, None, now))
    }

    /// Does the same with several sheets: with all of them, or with none.
    ///
    /// # Errors
    /// As [`Store::act`]; the sentence names the sheet.
    pub fn act_on_all(&self, ids: &[RecordId], act: &Act, now: NaiveDateTime) -> Result<()> {
        self.act_on_all_unless(ids, act, now, &|_| None)?.map_err(|why| Fault::said(why).at("写入台帐", &self.path))
    }

    /// Does the same with several sheets, unless a rule forbids it for one of them as it is in this very moment: then with
    /// none, and what the rule says.
    ///
    /// # Errors
    /// As [`Store::act_on_all`].
    pub fn act_on_all_unless(
        &self,
        ids: &[RecordId],
        act: &Act,
        now: NaiveDateTime,
        forbidden: &dyn Fn(&Record) -> Option<String>,
    ) -> Result<Result<(), String>> {
        self.writing(|| {
            for id in ids {
                if let Some(why) = forbidden(&self.existing(*id)?) {
                    return Ok(Err(why));
                }
            }
            ids.iter().try_for_each(|id| self.act_on(*id, act, None, now)).map(Ok)
        })
    }

    /// Does something with each of several sheets: with all of them, or with none.
    ///
    /// # Errors
    /// As [`Store::act`].
    pub fn act_on_each(&self, acts: &[(RecordId, Act)], now: NaiveDateTime) -> Result<()> {
        self.writing(|| acts.iter().try_for_each(|(id, act)| self.act_on(*id, act, None, now)))
    }

    /// Does something with a sheet and begins another one with it; or neither.
    ///
    /// # Errors
    /// As [`Store::act`] and [`Store::create`].
    pub fn act_and_begin(
        &self,
        (id, act): (RecordId, &Act),
        form: &Form,
        pattern: &NumberPattern,
        values: &Values,
        now: NaiveDateTime,
    ) -> Result<Record> {
        self.writing(|| {
            self.act_on(id, act, None, now)?;
            let also = Act { by: act.by.clone(), ..Act::default() };
            self.begin_with(pattern, first_values(form, pattern.year(now.year()), now, values), &also, None, now)
        })
    }

    /// Begins a sheet as [`Store::create`] does and does something with it at once; or neither.
    ///
    /// # Errors
    /// As [`Store::create`] and [`Store::act`].
    pub fn create_with(
        &self,
        form: &Form,
        pattern: &NumberPattern,
        values: &Values,
        act: &Act,
        now: NaiveDateTime,
    ) -> Result<Record> {
        self.writing(|| {
            self.begin_with(pattern, first_values(form, pattern.year(now.year()), now, values), act, None, now)
        })
    }

    /// Makes out a rewritten sheet (重抄) in place of `original`, which is void with it; or neither. Its reason names the
    /// new number.
    ///
    /// # Errors
    /// As [`Store::create_with`], and when the original is void or another window changed it meanwhile.
    pub fn rewrite(
        &self,
        original: &Record,
        pattern: &NumberPattern,
        rounds: Vec<Values>,
        act: &Act,
        now: NaiveDateTime,
    ) -> Result<Record> {
        self.writing(|| {
            let there = self.living(original.id)?;
            if there.void.is_some() {
                return Err(Fault::said(format!("{} 已经作废，不能重抄", there.number)));
            }
            if there != *original {
                return Err(Fault::said(format!("另一个窗口刚改了 {}，请看过再办", there.number)));
            }
            let (form, edition) = (there.form, there.edition);
            let (number, corrections, void, facts) = (None, Vec::new(), None, Vec::new());
            let (year, entered) = (pattern.year(now.year()), now);
            let new = NewRecord { form, edition, year, number, entered, rounds, corrections, void, facts };
            let made = self.begin_with(pattern, new, act, Some(original), now)?;
            let reason = format!("划改过多，重抄为 {}，原单附后", made.number);
            self.void_in(original.id, &Void { by: act.by.clone(), on: keep_date(now.date()), reason }, now)?;
            Ok(made)
        })
    }

    fn begin_with(
        &self,
        pattern: &NumberPattern,
        new: NewRecord,
        act: &Act,
        original: Option<&Record>,
        now: NaiveDateTime,
    ) -> Result<Record, Fault> {
        let made = self.insert(pattern, new, What::Created, now, &mut self.tail()?)?;
        self.act_on(made.id, act, original, now)?;
        self.existing(made.id)
    }

    /// `original`: the sheet that this one rewrites (重抄), whose signatures it brings along.
    fn act_on(&self, id: RecordId, act: &Act, original: Option<&Record>, now: NaiveDateTime) -> Result<(), Fault> {
        let record = self.living(id)?;
        let carried = |deed: &Deed| original.is_some_and(|it| it.facts.iter().any(|it| it.deed == *deed));
        self.as_oneself(&act.by)?;
        for deed in &act.deeds {
            match deed {
                Deed::Signed(signed) if !carried(deed) => {
                    self.as_oneself(&signed.name)?;
                    self.may_be_signed(&record)?;
                }
                Deed::Destroyed { .. } => return Err(self.no_destruction(RefusalKind::ByListOnly)),
                _ => {}
            }
        }
        if act.seen.as_ref().is_some_and(|it| **it != record) {
            return Err(Fault::said(format!("另一个窗口刚改了 {}，请看过再办", record.number)));
        }
        for cell in &act.vacant {
            let there = record.at(cell);
            if !there.is_empty() {
                return Err(Fault::said(format!("另一个窗口刚在这一格写了“{there}”，没有覆盖它")));
            }
        }
        for (cell, value) in &act.cells {
            let old = self.put(id, cell, value)?;
            if old != *value {
                self.note(id, What::Set, Some(cell), Some(&old), Some(value), &act.by, now)?;
            }
        }
        for deed in &act.deeds {
            let deed = match deed {
                Deed::Signed(signed) if !carried(deed) => Deed::Signed(self.proved(id, signed)?),
                _ => deed.clone(),
            };
            self.add_fact(id, Fact { at: now, by: act.by.clone(), deed })?;
        }
        if act.round {
            self.open_round(id, &act.by, now)?;
            self.carry(id, &act.carried, &act.by, now)?;
        }
        for make in &act.makes {
            let (form, edition, rounds) = (make.form.clone(), make.edition.clone(), vec![make.values.clone()]);
            let (year, entered, number, void) = (make.pattern.year(now.year()), now, None, None);
            let (corrections, facts) = (Vec::new(), Vec::new());
            let new = NewRecord { form, edition, year, number, entered, rounds, corrections, void, facts };
            let made = self.insert(&make.pattern, new, What::Created, now, &mut self.tail()?)?;
            let deed = Deed::From { record: id.0, text: make.text.clone() };
            self.add_fact(made.id, Fact { at: now, by: act.by.clone(), deed })?;
        }
        Ok(())
    }

    /// Writes what a round takes over from the one before it.
    pub(super) fn carry(
        &self,
        id: RecordId,
        cells: &[(CellId, String)],
        by: &str,
        now: NaiveDateTime,
    ) -> Result<(), Fault> {
        for (cell, value) in cells {
            let old = self.put(id, cell, value)?;
            self.note(id, What::Set, Some(cell), Some(&old), Some(value), by, now)?;
        }
        Ok(())
    }

    /// The sheets that were started from a sheet (4.2), and what of it each is about, in the order in which they were begun.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn started_from(&self, id: RecordId) -> Result<Vec<(RecordId, String)>> {
        self.reading(|| {
            let sql = "SELECT record, data FROM fact WHERE kind = 'from' AND instr(data, ?1) ORDER BY record";
            let mut all = self.connection.prepare_cached(sql)?;
            let mut rows = all.query([named(id)])?;
            let mut started = Vec::new();
            while let Some(row) = rows.next()? {
                let data: String = row.get(1)?;
                if let Ok(Deed::From { record, text }) = serde_json::from_str(&data)
                    && record == id.0
                {
                    started.push((RecordId(row.get(0)?), text));
                }
            }
            Ok(started)
        })
    }

    pub(super) fn add_fact(&self, id: RecordId, fact: Fact) -> Result<(), Fault> {
        self.insert_fact(id, self.next_place(id)?, &fact)?;
        self.note(id, What::Fact, None, None, Some(&keep_deed(&fact.deed)), &fact.by, fact.at)
    }

    /// The place of a sheet's next fact.
    pub(super) fn next_place(&self, id: RecordId) -> Result<i64, Fault> {
        let sql = "SELECT coalesce(max(place), -1) + 1 FROM fact WHERE record = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([id.0], |row| row.get(0))?)
    }

    pub(super) fn insert_fact(&self, id: RecordId, place: i64, it: &Fact) -> Result<(), Fault> {
        let sql = "INSERT INTO fact (record, place, at, made_by, kind, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let row = params![id.0, place, keep_moment(it.at), it.by, it.deed.kind(), keep_deed(&it.deed)];
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }
}
