//! Reading sheets: one, all of a form, or a few fields of very many.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};
use rusqlite::{CachedStatement, OptionalExtension, Row};

use super::{Fault, Result, Store, read_moment};
use crate::procedure::{Edition, FieldId, Form, FormId, Procedure};
use crate::record::{
    CellId, Correction, Fact, MOST_LINES, MOST_ROUNDS, Record, RecordId, Values, Void, fold, read_day,
};
use crate::register::Period;

/// Everything that was done with a sheet, in order.
const EVERY: &str = "SELECT at, made_by, data FROM fact WHERE record = ?1 ORDER BY place";
/// The same but for signatures, which are many: from the index that holds nothing else.
const UNSIGNED: &str =
    "SELECT at, made_by, data FROM fact INDEXED BY fact_unsigned WHERE record = ?1 AND kind <> 'signed' ORDER BY place";

/// So many fields of a book are known by their number at once.
const FIELDS: usize = 4_096;

const HEAD: &str = "SELECT id, form, edition, number, entered, rounds FROM record";

/// Some sheets of a form, one after the other in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    form: FormId,
    /// Behind this year and running number.
    after: (i64, i64),
    /// Up to these.
    until: (i64, i64),
    /// Only those in work.
    in_work: bool,
}

impl Run {
    /// All of them.
    pub fn whole(form: &FormId) -> Self {
        Self { form: form.clone(), after: (i64::MIN, i64::MIN), until: (i64::MAX, i64::MAX), in_work: false }
    }

    /// Those that are neither filed, destroyed nor void, and the newest.
    pub fn in_work(form: &FormId) -> Self {
        Self { in_work: true, ..Self::whole(form) }
    }

    /// Of which form.
    pub fn form(&self) -> &FormId {
        &self.form
    }
}

impl Store {
    /// A sheet, if there is one of this id.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn record(&self, id: RecordId) -> Result<Option<Record>> {
        self.reading(|| self.load(id))
    }

    /// The sheet of a form with this number; full-width figures are read as half-width.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn find(&self, form: &FormId, number: &str) -> Result<Option<Record>> {
        self.reading(|| {
            let mut found = self.connection.prepare_cached("SELECT id FROM record WHERE form = ?1 AND number = ?2")?;
            for number in [number, fold(number.trim()).as_str()] {
                let id = found.query_row([form.as_str(), number], |row| row.get(0)).optional()?;
                if let Some(id) = id {
                    return self.load(RecordId(id));
                }
            }
            Ok(None)
        })
    }

    /// Every sheet of a form, in the order of their numbers.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn records(&self, form: &FormId) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        self.each(form, None, &mut |record| records.push(record))?;
        Ok(records)
    }

    /// How many sheets of a form there are.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn count(&self, form: &FormId) -> Result<usize> {
        self.reading(|| {
            let mut count = self.connection.prepare_cached("SELECT count(*) FROM record WHERE form = ?1")?;
            let count: i64 = count.query_row([form.as_str()], |row| row.get(0))?;
            Ok(usize::try_from(count).unwrap_or(0))
        })
    }

    /// Hands every sheet of a form to `take`, in the order of their numbers; of each only the fields of `only`, where
    /// given, and always every correction, the void and the facts (of signatures only where all fields are given). What another window writes meanwhile is not seen; `take` may read
    /// the book, not write it.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn each(&self, form: &FormId, only: Option<&[FieldId]>, take: &mut dyn FnMut(Record)) -> Result<()> {
        self.each_of(&Run::whole(form), only, take)
    }

    /// Hands every sheet of a run to `take`, as [`Store::each`] does.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn each_of(&self, run: &Run, only: Option<&[FieldId]>, take: &mut dyn FnMut(Record)) -> Result<()> {
        self.reading(|| {
            let over = if run.in_work { self.over(&run.form)? } else { HashSet::new() };
            self.scan(run, only, &mut |id, _| Ok(!over.contains(&id.0)), take)
        })
    }

    /// The sheets that are filed, destroyed or void, but for the form's newest.
    fn over(&self, form: &FormId) -> Result<HashSet<i64>, Fault> {
        let sql = "SELECT record FROM fact WHERE kind IN ('filed', 'destroyed') UNION ALL SELECT record FROM void";
        let mut over: HashSet<i64> =
            self.connection.prepare_cached(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let sql = "SELECT id FROM record WHERE form = ?1 ORDER BY year DESC, sequence DESC LIMIT 1";
        let newest: Option<i64> =
            self.connection.prepare_cached(sql)?.query_row([form.as_str()], |row| row.get(0)).optional()?;
        newest.map(|it| over.remove(&it));
        Ok(over)
    }

    /// All sheets of a form in two runs of about as many, one behind the other, to be read side by side.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn halves(&self, form: &FormId) -> Result<[Run; 2]> {
        let half = i64::try_from(self.count(form)? / 2).unwrap_or(i64::MAX);
        self.reading(|| {
            let sql = "SELECT year, sequence FROM record WHERE form = ?1 ORDER BY year, sequence LIMIT 1 OFFSET ?2";
            let mut middle = self.connection.prepare_cached(sql)?;
            let middle = middle.query_row((form.as_str(), half), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let (first, second) = (Run::whole(form), Run::whole(form));
            let middle = middle.unwrap_or(first.until);
            Ok([Run { until: middle, ..first }, Run { after: middle, ..second }])
        })
    }

    /// Hands the next `count` sheets of a form after `after` to `take`, by their place in the book; of each only the cells
    /// of `only`, nothing beside them. Tells how many there were. So a large book is read in parts between frames.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn next(
        &self,
        form: &FormId,
        only: &[FieldId],
        after: RecordId,
        count: usize,
        take: &mut dyn FnMut(Record),
    ) -> Result<usize> {
        self.reading(|| {
            let mut cells = Cells::new(self, Some(only))?;
            let sql = format!("{HEAD} WHERE form = ?1 AND id > ?2 ORDER BY id LIMIT ?3");
            let mut heads = self.connection.prepare_cached(&sql)?;
            let most = i64::try_from(count).unwrap_or(i64::MAX);
            let mut rows = heads.query(rusqlite::params![form.as_str(), after.0, most])?;
            let mut read = 0;
            while let Some(row) = rows.next()? {
                let mut record = head(row)?;
                cells.fill(self, &mut record)?;
                take(record);
                read += 1;
            }
            Ok(read)
        })
    }

    /// The sheets of a form whose event lies in a period, in the order of their numbers: its day is what `date` says
    /// in the first round, or the day of entry where that cannot be read.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn records_in(
        &self,
        form: &FormId,
        date: &FieldId,
        period: Period,
        only: Option<&[FieldId]>,
    ) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        self.reading(|| {
            let mut judged: HashMap<i64, bool> = HashMap::new();
            if let Some(field) = self.known_field(date)? {
                let sql =
                    "SELECT text, record FROM value WHERE field = ?1 AND text IS NOT NULL AND round = 0 ORDER BY text";
                let mut dates = self.connection.prepare_cached(sql)?;
                let mut rows = dates.query([field])?;
                // Equal dates come one after the other: each is read once.
                let (mut last, mut holds) = (None::<String>, None);
                while let Some(row) = rows.next()? {
                    let text = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
                    if last.as_deref() != Some(text) {
                        holds = read_day(text).map(|day| period.holds(day));
                        last = Some(text.to_owned());
                    }
                    if let Some(holds) = holds {
                        judged.insert(row.get(1)?, holds);
                    }
                }
            }
            let mut chosen = |id: RecordId, row: &Row<'_>| match judged.get(&id.0) {
                Some(holds) => Ok(*holds),
                None => Ok(period.holds(entered(row)?.date())),
            };
            self.scan(&Run::whole(form), only, &mut chosen, &mut |record| records.push(record))
        })?;
        Ok(records)
    }

    /// The records that make a register's lines in a period: of a derived one the sheets it is made of, form by form, by
    /// their days; of a typed one its own, those of a year by their numbers, or by their days where these run on for ever.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn records_for(&self, procedure: &Procedure, form: &Form, period: Period) -> Result<Vec<Record>> {
        let Some(register) = &form.register else { return Ok(Vec::new()) };
        let mut records = Vec::new();
        for source in if register.is_typed() { std::slice::from_ref(&form.form) } else { &register.of } {
            let date = procedure.form(source).and_then(|it| register.day_of(it));
            let before = records.len();
            records.extend(match (period, date) {
                (Period::Year(year), _) if register.is_typed() && procedure.document.pattern(source).has_year() => {
                    self.records_numbered(source, year)?
                }
                (_, Some(date)) => self.records_in(source, date, period, None)?,
                (_, None) if register.is_typed() => self.records_entered(source, period)?,
                (_, None) => Vec::new(),
            });
            if procedure.form(source).is_some_and(Form::asks_for_started) {
                let mut started = self.all_started()?;
                for record in &mut records[before..] {
                    record.started = started.remove(&record.id).unwrap_or_default();
                }
            }
        }
        Ok(records)
    }

    /// The sheets of a form that were entered in a period, in the order of their numbers.
    fn records_entered(&self, form: &FormId, period: Period) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        let mut chosen = |_: RecordId, row: &Row<'_>| Ok(period.holds(entered(row)?.date()));
        self.reading(|| self.scan(&Run::whole(form), None, &mut chosen, &mut |record| records.push(record)))?;
        Ok(records)
    }

    /// Every sheet of a form that is numbered in a year, in the order of their numbers.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn records_numbered(&self, form: &FormId, year: i32) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        self.reading(|| {
            let mut of_year = self.connection.prepare_cached("SELECT id FROM record WHERE form = ?1 AND year = ?2")?;
            let ids: HashSet<i64> =
                of_year.query_map((form.as_str(), year), |row| row.get(0))?.collect::<Result<_, _>>()?;
            self.scan(&Run::whole(form), None, &mut |id, _| Ok(ids.contains(&id.0)), &mut |record| records.push(record))
        })?;
        Ok(records)
    }

    /// The years in which sheets of a form are numbered, oldest first.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn years(&self, form: &FormId) -> Result<Vec<i32>> {
        self.reading(|| {
            let mut years =
                self.connection.prepare_cached("SELECT DISTINCT year FROM record WHERE form = ?1 ORDER BY year")?;
            Ok(years.query_map([form.as_str()], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
    }

    /// The days of the events of a form's sheets (see [`Store::records_in`]), each day once, oldest first.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn days(&self, form: &FormId, date: &FieldId) -> Result<Vec<NaiveDate>> {
        let mut days = BTreeSet::new();
        self.each(form, Some(std::slice::from_ref(date)), &mut |record| {
            days.insert(read_day(record.value(date.as_str())).unwrap_or_else(|| record.entered.date()));
        })?;
        Ok(days.into_iter().collect())
    }

    /// What was typed before into any of `fields`, short texts only: the most frequent first, of equally frequent ones
    /// the latest.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn offers(&self, fields: &[FieldId], limit: usize) -> Result<Vec<String>> {
        self.reading(|| {
            let mut typed: HashMap<String, (i64, i64)> = HashMap::new();
            let sql = "SELECT text, count(*), max(record) FROM value
                       WHERE field = ?1 AND text IS NOT NULL GROUP BY text";
            let mut counts = self.connection.prepare_cached(sql)?;
            for field in fields {
                let Some(number) = self.known_field(field)? else { continue };
                let mut rows = counts.query([number])?;
                while let Some(row) = rows.next()? {
                    let (count, latest): (i64, i64) = (row.get(1)?, row.get(2)?);
                    let seen = typed.entry(row.get(0)?).or_default();
                    *seen = (seen.0 + count, seen.1.max(latest));
                }
            }
            let mut typed: Vec<(String, (i64, i64))> =
                typed.into_iter().filter(|(text, _)| !text.trim().is_empty()).collect();
            typed.sort_by(|(a, by_a), (b, by_b)| by_b.cmp(by_a).then_with(|| a.cmp(b)));
            Ok(typed.into_iter().take(limit).map(|(text, _)| text).collect())
        })
    }

    pub(super) fn load(&self, id: RecordId) -> Result<Option<Record>, Fault> {
        let mut heads = self.connection.prepare_cached(&format!("{HEAD} WHERE id = ?1"))?;
        let mut rows = heads.query([id.0])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let mut record = head(row)?;
        drop(rows);
        Cells::new(self, None)?.fill(self, &mut record)?;
        self.beside("WHERE record = ?1", id.0)?.fill(&mut record);
        record.facts = self.facts(id, EVERY)?;
        Ok(Some(record))
    }

    fn scan(
        &self,
        run: &Run,
        only: Option<&[FieldId]>,
        keep: &mut dyn FnMut(RecordId, &Row<'_>) -> Result<bool, Fault>,
        take: &mut dyn FnMut(Record),
    ) -> Result<(), Fault> {
        let mut cells = Cells::new(self, only)?;
        let mut beside = self.beside("WHERE record IN (SELECT id FROM record WHERE form = ?1)", run.form.as_str())?;
        let facts = if only.is_some() { UNSIGNED } else { EVERY };
        let sql = format!(
            "{HEAD} WHERE form = ?1 AND (year, sequence) > (?2, ?3) AND (year, sequence) <= (?4, ?5)
             ORDER BY year, sequence"
        );
        let mut heads = self.connection.prepare_cached(&sql)?;
        let ((after, first), (until, last)) = (run.after, run.until);
        let mut rows = heads.query(rusqlite::params![run.form.as_str(), after, first, until, last])?;
        while let Some(row) = rows.next()? {
            let id = RecordId(row.get(0)?);
            if !keep(id, row)? {
                continue;
            }
            let mut record = head(row)?;
            cells.fill(self, &mut record)?;
            beside.fill(&mut record);
            // Read sheet by sheet: of a large book all of them at once would be very many.
            record.facts = self.facts(id, facts)?;
            take(record);
        }
        Ok(())
    }

    fn beside(&self, which: &str, key: impl rusqlite::ToSql + Copy) -> Result<Beside, Fault> {
        let mut beside = Beside::default();
        let sql = format!(
            "SELECT record, field, old, new, made_by, made_on, reason, round, line FROM correction {which}
             ORDER BY record, place"
        );
        let mut found = self.connection.prepare_cached(&sql)?;
        let mut rows = found.query([key])?;
        while let Some(row) = rows.next()? {
            let place = |at: usize| Ok::<_, Fault>(usize::try_from(row.get::<_, i64>(at)?).unwrap_or(0));
            let correction = Correction {
                cell: CellId { round: place(7)?, field: FieldId(row.get(1)?), line: place(8)? },
                old: row.get(2)?,
                new: row.get(3)?,
                by: row.get(4)?,
                on: row.get(5)?,
                reason: row.get(6)?,
            };
            beside.corrections.entry(row.get(0)?).or_default().push(correction);
        }
        let sql = format!("SELECT record, made_by, made_on, reason FROM void {which}");
        let mut found = self.connection.prepare_cached(&sql)?;
        let mut rows = found.query([key])?;
        while let Some(row) = rows.next()? {
            beside.voids.insert(row.get(0)?, Void { by: row.get(1)?, on: row.get(2)?, reason: row.get(3)? });
        }
        Ok(beside)
    }

    fn facts(&self, id: RecordId, which: &str) -> Result<Vec<Fact>, Fault> {
        let mut found = self.connection.prepare_cached(which)?;
        let mut rows = found.query([id.0])?;
        let mut facts = Vec::new();
        while let Some(row) = rows.next()? {
            let at = read_moment(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
            let data = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
            let deed = serde_json::from_str(data).map_err(|_| Fault::said(format!("“{data}”不是办理记录")))?;
            facts.push(Fact { at, by: row.get(1)?, deed });
        }
        Ok(facts)
    }
}

/// What is kept beside the cells, read ahead.
#[derive(Default)]
struct Beside {
    corrections: HashMap<i64, Vec<Correction>>,
    voids: HashMap<i64, Void>,
}

impl Beside {
    fn fill(&mut self, record: &mut Record) {
        record.corrections = self.corrections.remove(&record.id.0).unwrap_or_default();
        record.void = self.voids.remove(&record.id.0);
    }
}

/// Reads the cells of one sheet after the other.
struct Cells<'store> {
    cells: CachedStatement<'store>,
    long: CachedStatement<'store>,
    /// The fields by their number, as far as they are known and wanted.
    ids: Vec<Option<Option<FieldId>>>,
    only: Option<HashSet<FieldId>>,
}

impl<'store> Cells<'store> {
    fn new(store: &'store Store, only: Option<&[FieldId]>) -> Result<Self, Fault> {
        let sql = "SELECT round, field, text, long, line FROM value WHERE record = ?1";
        Ok(Self {
            cells: store.connection.prepare_cached(sql)?,
            long: store.connection.prepare_cached("SELECT text FROM long_text WHERE id = ?1")?,
            ids: Vec::new(),
            only: only.map(|it| it.iter().cloned().collect()),
        })
    }

    fn fill(&mut self, store: &Store, record: &mut Record) -> Result<(), Fault> {
        let Self { cells, long, ids, only } = self;
        let mut rows = cells.query([record.id.0])?;
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(1)?;
            let place = usize::try_from(number).ok().filter(|it| *it < FIELDS).unwrap_or(FIELDS);
            if ids.len() <= place {
                ids.resize(place + 1, None);
            }
            // A number beyond all others is looked up each time.
            let known = ids[place].take().filter(|_| place < FIELDS);
            let id = match known {
                Some(known) => known,
                None => Some(store.field_id(number)?).filter(|id| only.as_ref().is_none_or(|it| it.contains(id))),
            };
            let id = ids[place].insert(id);
            let Some(id) = id else { continue };
            let text: String = match row.get(2)? {
                Some(text) => text,
                None => long.query_row([row.get::<_, i64>(3)?], |row| row.get(0))?,
            };
            let round: i64 = row.get(0)?;
            let values = usize::try_from(round).ok().and_then(|it| record.rounds.get_mut(it));
            let values = values.ok_or_else(|| Fault::said(format!("{} 的轮次不对", record.number)))?;
            // An empty text is never written; one that is there all the same is no part of what is sealed, and is seen.
            match row.get::<_, i64>(4)? {
                0 => drop(values.insert(id.clone(), text)),
                line => {
                    let line = usize::try_from(line).ok().filter(|it| *it < MOST_LINES);
                    let line = line.ok_or_else(|| Fault::said(format!("{} 的行次不对", record.number)))?;
                    values.put(id, line, &text);
                }
            }
        }
        Ok(())
    }
}

fn head(row: &Row<'_>) -> Result<Record, Fault> {
    let rounds: i64 = row.get(5)?;
    // Room is made for each: what the program never writes is not believed.
    let rounds = usize::try_from(rounds).ok().filter(|it| (1..=MOST_ROUNDS).contains(it));
    let rounds = rounds.ok_or_else(|| Fault::said(format!("有一张单的轮次不是 1 到 {MOST_ROUNDS}")))?;
    Ok(Record {
        id: RecordId(row.get(0)?),
        form: FormId(row.get(1)?),
        edition: Edition(row.get(2)?),
        number: row.get(3)?,
        entered: entered(row)?,
        rounds: vec![Values::new(); rounds],
        corrections: Vec::new(),
        void: None,
        facts: Vec::new(),
        as_of: None,
        started: Vec::new(),
    })
}

fn entered(row: &Row<'_>) -> Result<NaiveDateTime, Fault> {
    read_moment(row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?)
}
