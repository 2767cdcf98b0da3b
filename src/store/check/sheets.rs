//! Whether every sheet holds what its lines of history say.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row};

use super::super::seal::{Content, Scheme, keep_deed};
use super::super::sealed_tables::numbered;
use super::super::{Fault, Result, What, keep_moment};
use super::replay::{Break, Entry, replay};
use super::{Looking, NAMED, SHEETS, TRIED, sheet_name};
use crate::record::{CellId, Record, RecordId, Values, brief};

impl Looking<'_> {
    /// Whether every sheet holds what its last line of history says it holds.
    /// Every line before it is held against the sheet taken back to it.
    pub(super) fn sheets(&mut self, found: &mut Vec<String>) -> Result<()> {
        self.rescued = self.store.reading(|| Ok(self.store.rescues()?.first().map(|it| it.0)))?;
        let mut last = i64::MIN;
        while (self.goes_on)() {
            let before = last;
            let mut looked = 0;
            self.store.reading(|| {
                let sql =
                    "SELECT id, form, number, year, sequence, entered FROM record WHERE id > ?1 ORDER BY id LIMIT ?2";
                let mut records = self.store.connection.prepare_cached(sql)?;
                let mut rows = records.query([last, SHEETS])?;
                while let Some(row) = rows.next()? {
                    last = row.get(0)?;
                    looked += 1;
                    self.sheet(row, found)?;
                }
                Ok(())
            })?;
            self.checkup.sheets += looked;
            if last == before {
                break;
            }
        }
        self.store.reading(|| self.adopted(found))
    }

    fn sheet(&mut self, row: &Row<'_>, found: &mut Vec<String>) -> Result<(), Fault> {
        let (id, form, number): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let name = sheet_name(&form, &number);
        let connection = &self.store.connection;
        let record = match self.store.load(RecordId(id)) {
            Ok(Some(record)) => record,
            Ok(None) => return Ok(()),
            Err(fault) => {
                found.push(format!("{name} 读不出来：{fault}"));
                return Ok(());
            }
        };
        let entries = self.entries(record.id)?;
        let Some(last) = entries.last() else {
            found.push(format!("{name} 没有修改记录，不知是谁添上的"));
            return Ok(());
        };
        self.signed_cells(&name, &record, entries.first().and_then(|it| it.what), found)?;
        let scheme = last.scheme.unwrap_or(Scheme::Whole);
        if last.content != Content::of(&record).seal(&record, scheme) {
            return self.tell(&name, record, &entries, found);
        }
        // Where it stands in the number book is told by its first line; of older sheets see `adopted`.
        let told = entries.first().and_then(|it| it.old.as_ref());
        if told.is_some_and(|it| numbered(row.get(3).unwrap_or_default(), row.get(4).unwrap_or_default()) != *it) {
            found.push(format!("{name} 的年份或序号（year、sequence）与修改记录不符，不知是谁改动过"));
        }
        // What stands beside what is sealed says the same, and nothing is spelt otherwise than the program spells it.
        let mut spelt = row.get_ref(5)?.as_str().is_ok_and(|it| it == keep_moment(record.entered));
        let sql = "SELECT place, at, kind FROM fact WHERE record = ?1 ORDER BY place";
        let mut facts = connection.prepare_cached(sql)?;
        let mut rows = facts.query([id])?;
        let destroyed = record.destroyed();
        for (place, fact) in (0..).zip(&record.facts) {
            let Some(row) = rows.next()? else { break };
            let text = |at: usize| row.get_ref(at).ok().and_then(|it| it.as_str().ok());
            spelt &= destroyed || row.get::<_, i64>(0)? == place;
            spelt &= text(1) == Some(&keep_moment(fact.at));
            spelt &= text(2) == Some(fact.deed.kind());
        }
        let sql = "SELECT coalesce(min(place), 0), coalesce(max(place), -1) + 1 FROM correction WHERE record = ?1";
        let mut places = connection.prepare_cached(sql)?;
        let places: (i64, i64) = places.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        spelt &= places.0 == 0 && usize::try_from(places.1).is_ok_and(|it| it == record.corrections.len());
        if !spelt {
            found
                .push(format!("{name} 的单头、划改或办理（record、correction、fact）里有改动，不知是谁绕过程序改动过"));
        }
        let rescued = entries.iter().find(|it| it.what == Some(What::Rescued));
        if let Some(line) = rescued.filter(|it| self.rescued.is_none_or(|at| it.id < at)) {
            found.push(format!("{name} 的修改记录第 {} 行写着是抢救来的，台帐里却没有抢救过，不知是谁添上的", line.id));
        }
        match replay(record, &entries) {
            None => {}
            Some(Break::Taken(line)) => {
                self.checkup.doubtful = true;
                self.checkup.marks.push(format!(
                    "{name} 在修改记录第 {line} 行是照抄下来的（抢救），与它前面的修改记录不符：抢救以前被绕过程序改动过，或者有丢失，请与纸质单据核对"
                ));
            }
            // Where the chain is broken, that has been told.
            Some(Break::Untrue(_)) if !self.checkup.chain_holds => {}
            Some(Break::Untrue(line)) => {
                found.push(format!("{name} 的修改记录第 {line} 行写的与单据前后对不上，不知是谁改动过"));
            }
        }
        Ok(())
    }

    /// Says what of a sheet is not what its history says, as far as the history tells.
    fn tell(&self, name: &str, record: Record, entries: &[Entry], found: &mut Vec<String>) -> Result<(), Fault> {
        let before = found.len();
        let told = Told::of(entries);
        let Some(last) = entries.last() else { return Ok(()) };
        let is_sealed = |it: &Record| last.content == Content::of(it).seal(it, last.scheme.unwrap_or(Scheme::Whole));
        let mut mended = record.clone();
        for (id, (line, text)) in &told.cells {
            let now = record.at(id);
            if now != text {
                let cell = self.cell_name(&record, id);
                let (now, text_said) = (quoted(now), quoted(text));
                found.push(format!(
                    "{name}，{cell}现在{now}，修改记录第 {line} 行写的{text_said}，不知是谁绕过程序改动过"
                ));
                mended.put(id, text);
            }
        }
        let later = |all: usize, told: usize| all.saturating_sub(told);
        let corrections = &record.corrections;
        let mut same = corrections.len() >= told.corrections.len();
        let from = later(corrections.len(), told.corrections.len());
        same &= corrections[from..]
            .iter()
            .zip(&told.corrections)
            .all(|(it, told)| (&it.cell, &it.old, &it.new) == (&told.0, &told.1, &told.2));
        if !same && !record.destroyed() {
            found.push(format!("{name}，划改（correction）与修改记录不符，不知是谁绕过程序改动过"));
        }
        let from = later(record.facts.len(), told.facts.len());
        let facts = record.facts[from..].iter().map(|it| keep_deed(&it.deed));
        if !record.destroyed() && !facts.eq(told.facts.iter().cloned()) {
            found.push(format!("{name}，办理（fact）与修改记录不符，不知是谁绕过程序改动过"));
        }
        let void = record.void.as_ref().map(|it| it.reason.as_str());
        if told.void.is_some() && void != told.void.as_deref() {
            found.push(format!("{name}，作废（void）与修改记录不符，不知是谁绕过程序改动过"));
        }
        if told.number.as_ref().is_some_and(|it| *it != record.number) {
            let number = quoted(told.number.as_deref().unwrap_or_default());
            found.push(format!("{name}，编号（record）与修改记录不符，修改记录里{number}，不知是谁改动过"));
        }
        if found.len() > before && is_sealed(&mended) {
            return Ok(());
        }
        // A cell that no line tells of stood there from the beginning, or was added.
        let cells: usize = mended.rounds.iter().map(Values::len).sum();
        for cell in untold(&mended, &told).into_iter().take(TRIED / cells.max(1) + 1) {
            let there = mended.at(&cell).to_owned();
            mended.put(&cell, "");
            if is_sealed(&mended) {
                let (cell, now) = (self.cell_name(&record, &cell), quoted(record.at(&cell)));
                found.push(format!("{name}，{cell}现在{now}，修改记录里没有，不知是谁绕过程序添上的"));
                return Ok(());
            }
            mended.put(&cell, &there);
        }
        if found.len() == before {
            // What the lines do not quote: it is one of these, or, of a sheet that came from a file, of too many to read.
            let untold = untold(&record, &told);
            let mut places: Vec<String> = match untold.len() {
                0..=NAMED => untold.iter().map(|it| self.cell_name(&record, it)).collect(),
                many => vec![format!("新建或导入后没有再填过的 {many} 格之一")],
            };
            places.push("单头、轮次、经手人或日期".to_owned());
            found.push(format!("{name} 与修改记录不符，不知是谁绕过程序改动过（{}）", places.join("，或")));
        }
        Ok(())
    }

    /// A cell, as the form calls it.
    fn cell_name(&self, record: &Record, cell: &CellId) -> String {
        let CellId { round, field, .. } = cell;
        let form = self.procedure.and_then(|it| it.edition(&record.form, &record.edition));
        let name = form.and_then(|it| it.field(field)).map(|it| it.name.as_str());
        let round = if record.rounds.len() > 1 { format!("第 {} 次处置的", round + 1) } else { String::new() };
        let line = cell.line_name();
        match name {
            Some(name) => format!("{round}“{name}”{line}一格（{field}）"),
            None => format!("{round}“{field}”{line}一格"),
        }
    }

    /// Whether the sheets that were there before their years and running numbers were sealed stand where they stood then.
    pub(super) fn adopted(&self, found: &mut Vec<String>) -> Result<(), Fault> {
        let connection = &self.store.connection;
        let mut lines = connection.prepare("SELECT field, new FROM history WHERE record IS NULL AND what = ?1")?;
        let mut rows = lines.query([What::Adopted.word()])?;
        let mut sheet = connection.prepare("SELECT form || '/' || year, sequence FROM record WHERE id = ?1")?;
        while let Some(row) = rows.next()? {
            let (place, all): (String, String) = (row.get(0)?, row.get(1)?);
            for pair in all.split(' ') {
                let Some((id, sequence)) = pair.split_once('=') else { continue };
                let now = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?.to_string()));
                let now = sheet.query_row([id], now).optional()?;
                if now.is_none_or(|it| it != (place.clone(), sequence.to_owned())) {
                    let (form, year) = place.rsplit_once('/').unwrap_or_default();
                    let name = self.store.sheet_name(id.parse().unwrap_or_default())?;
                    found.push(format!(
                        "{name} 的年份或序号（year、sequence）与修改记录不符，那里是表 {form} {year} 年第 {sequence} 号，不知是谁改动过"
                    ));
                }
            }
        }
        Ok(())
    }
}

/// What a sheet's lines of history say in so many words: what stood there from the beginning they do not.
#[derive(Default)]
struct Told {
    /// The last line that wrote a cell, and its text.
    cells: BTreeMap<CellId, (i64, String)>,
    corrections: Vec<(CellId, String, String)>,
    facts: Vec<String>,
    void: Option<String>,
    number: Option<String>,
}

impl Told {
    fn of(entries: &[Entry]) -> Self {
        let mut told = Self::default();
        for it in entries.iter().filter(|it| !it.purged) {
            let cell = it.cell.clone();
            match it.what {
                Some(What::Set) => drop(told.cells.insert(cell, (it.id, it.new.clone()))),
                Some(What::Corrected) => {
                    let old = it.old.clone().unwrap_or_default();
                    told.corrections.push((cell.clone(), old, it.new.clone()));
                    told.cells.insert(cell, (it.id, it.new.clone()));
                }
                Some(What::Fact) => told.facts.push(it.new.clone()),
                Some(What::Voided) => told.void = Some(it.new.clone()),
                Some(What::Created | What::Imported | What::Rescued) => told.number = Some(it.new.clone()),
                _ => {}
            }
        }
        told
    }
}

/// The cells of which no line tells.
fn untold(record: &Record, told: &Told) -> Vec<CellId> {
    let cells = record.rounds.iter().enumerate().flat_map(|(round, values)| {
        values.iter().map(move |(field, line, _)| CellId { round, field: field.clone(), line })
    });
    cells.filter(|it| !told.cells.contains_key(it)).collect()
}

fn quoted(text: &str) -> String {
    if text.is_empty() { "是空的".to_owned() } else { format!("是“{}”", brief(text)) }
}
