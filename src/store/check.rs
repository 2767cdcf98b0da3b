//! Looking a book over: is the file whole, is the history what was written, does every row say what its last line of
//! history says, do the numbers run on.
//!
//! # What it proves
//!
//! Each line of history is sealed with the hash of the one before ([`super::history`]), and the last line of a sheet, a
//! user, a number or the settings with the hash of all of it. So any row that was changed, taken away or added past the
//! program, in any table that matters, is found and named, and so is the first line of history that is not what was
//! written. What exists only for speed (the form, number and rounds beside a sheet's cells, a fact's kind, long texts
//! that stand apart) is held against what is sealed. Triggers and indexes that are missing are told: the program never
//! drops one.
//!
//! A sheet is taken back line by line and held against each line's seal, so that what was taken as it was found, after a
//! rescue, does not pass for what was written. A book that was saved from a damaged file, and what an upgrade took in
//! unsealed, is named for ever ([`Checkup::marks`]).
//!
//! # What it cannot prove
//!
//! Whoever has this program's source, the file and the time can write a whole chain anew, but for what people signed with
//! keys of their own ([`super::signatures`]): nothing before such a signature is changed without its failing. Where nobody
//! has a key, no secret is kept anywhere, and nothing but the chain speaks for it. Lines cut off the chain's end, with the
//! sheets put back to what they
//! were, leave a book that is true as far as it goes. Against both a head outside the file bears witness: on the printed
//! ledger ([`super::Head`], `taizhang check --head`), and in backups. The hours in the lines are the machine's: a clock
//! that was wrong was wrong here too. Of a destroyed sheet (4.7) the chain proves that its lines were there, when they were
//! written, and that nothing but their texts is gone; what those said is gone for good. Where its last kept facts stood
//! among those that are gone, and rows of `field` that no cell refers to, are proved by nothing and say nothing.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use rusqlite::{OptionalExtension, Row};

use super::file::migrate::{APPLICATION, STEPS, version};
use super::file::shape::{own_parts, parts};
use super::history::Sealed;
use super::seal::Seal;
use super::sealed_tables::{TABLES, Table, key_of, seal_of};
use super::{Fault, Fields, Head, Result, Store, What};
use crate::procedure::Procedure;
use crate::record::brief;

mod chain;
mod replay;
mod rescue;
mod sheets;
mod signed;
#[cfg(test)]
mod tests;

pub(super) use rescue::Rescue;

/// How many findings of one kind are told one by one.
const TOLD: usize = 20;
/// How many cells are named of those of which one was changed.
const NAMED: usize = 6;
/// How many cells are hashed to find out whether one of them was added.
const TRIED: usize = 100_000;
/// How many lines of history, or sheets, are looked at in one transaction: another window may write in between, and the
/// log beside the book does not grow for the length of the check.
const LINES: i64 = 5_000;
const SHEETS: i64 = 200;

/// What looking a book over came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkup {
    /// What is wrong, a sentence each; nothing where all is well.
    pub found: Vec<String>,
    /// Numbers that are missing and not explained in the number book: owed to it, and no sign of meddling.
    pub gaps: Vec<String>,
    /// What is known of the book for ever, and is no alarm today: rescues, what was not sealed before an upgrade, forms that
    /// were changed, lines whose hour lies before that of the line above.
    pub marks: Vec<String>,
    /// Whether the history holds from its first line to its last.
    pub chain_holds: bool,
    /// Whether the book was rescued from one that did not hold, so that not all of it is proved.
    pub doubtful: bool,
    /// How many sheets were looked at.
    pub sheets: usize,
    /// The chain's end as it was looked at; none where nothing was ever written.
    pub head: Option<Head>,
}

impl fmt::Display for Checkup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.head.map_or(0, |it| it.line);
        match (self.found.len(), self.gaps.len()) {
            (0, _) if self.doubtful => write!(
                f,
                "这本台帐是从对不上的台帐抢救来的，抢救以前的不能全部证明；{} 张单、{lines} 行修改记录，从那以后相符",
                self.sheets
            ),
            (0, 0) => write!(f, "检查通过：{} 张单、{lines} 行修改记录，第一行至最后一行相符", self.sheets),
            (0, gaps) => write!(
                f,
                "{} 张单、{lines} 行修改记录，第一行至最后一行相符；编号有 {gaps} 处空缺，请在编号簿里说明",
                self.sheets
            ),
            (many, _) => write!(f, "检查发现 {many} 处问题（{} 张单、{lines} 行修改记录）", self.sheets),
        }
    }
}

impl Checkup {
    /// Everything there is to tell.
    pub fn all(&self) -> Vec<String> {
        [self.found.as_slice(), &self.gaps].concat()
    }
}

/// A look over a book.
struct Looking<'a> {
    store: &'a Store,
    procedure: Option<&'a Procedure>,
    goes_on: &'a dyn Fn() -> bool,
    /// The line that tells of the first rescue, if there was one.
    rescued: Option<i64>,
    signatures: signed::Signatures,
    checkup: Checkup,
}

/// One kind of look; what it finds goes into the list.
type Look<'a> = fn(&mut Looking<'a>, &mut Vec<String>) -> Result<()>;

impl Store {
    /// What is wrong with the book, a sentence each; nothing where all is well.
    pub fn check(&self) -> Vec<String> {
        self.check_up(None, &|| true).all()
    }

    /// Looks the whole book over, in parts, while others may write. Cells are called by the names `procedure` has for
    /// them. `goes_on` is asked between the parts: where it says no, the rest is not looked at.
    pub fn check_up(&self, procedure: Option<&Procedure>, goes_on: &dyn Fn() -> bool) -> Checkup {
        // Whatever was read before may have been changed since, past the program.
        *self.fields.borrow_mut() = Fields::default();
        let signatures = signed::Signatures::default();
        let mut looking =
            Looking { store: self, procedure, goes_on, rescued: None, signatures, checkup: Checkup::default() };
        let mut found = Vec::new();
        // The first broken line is told before whatever follows from it.
        let looks: [Look<'_>; 10] = [
            Looking::file,
            Looking::shape,
            Looking::history,
            Looking::references,
            Looking::keys,
            Looking::sheets,
            Looking::signatures,
            Looking::beside,
            Looking::numbers,
            Looking::past,
        ];
        for look in looks {
            if !goes_on() {
                break;
            }
            let mut here = Vec::new();
            if let Err(error) = look(&mut looking, &mut here) {
                here.push(format!("检查不下去：{error}"));
            }
            found.extend(shortened(here));
        }
        let gaps = shortened(looking.checkup.gaps);
        let marks = shortened(looking.checkup.marks);
        Checkup { found, gaps, marks, ..looking.checkup }
    }

    /// A line of history, as sentences call it: its number, its hour, and whose it is.
    fn line_name(&self, line: &Sealed<'_>) -> Result<String, Fault> {
        let whose = match line.record {
            Some(id) => self.sheet_name(id)?,
            None => {
                let word = What::of(line.what).map_or("", What::name);
                format!("{word} {}", line.field.map(brief).unwrap_or_default())
            }
        };
        Ok(format!("修改记录第 {} 行（{}，{}）", line.id, hour(line.at), whose.trim_end()))
    }

    fn sheet_name(&self, id: i64) -> Result<String, Fault> {
        let mut found = self.connection.prepare_cached("SELECT form, number FROM record WHERE id = ?1")?;
        let name = found.query_row([id], |row| Ok(sheet_name(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?)));
        Ok(name.optional()?.unwrap_or_else(|| format!("内部号 {id} 的单据")))
    }
}

/// An hour as it is kept, for people: to the second.
fn hour(at: &str) -> String {
    at.get(..19).unwrap_or(at).replace('T', " ")
}

/// The first of many findings, and how many more there are.
fn shortened(mut found: Vec<String>) -> Vec<String> {
    let more = found.len().saturating_sub(TOLD);
    found.truncate(TOLD);
    if more > 0 {
        found.push(format!("……此类问题还有 {more} 处"));
    }
    found
}

fn sheet_name(form: &str, number: &str) -> String {
    format!("表 {form} 的 {number}")
}

impl Looking<'_> {
    fn file(&mut self, found: &mut Vec<String>) -> Result<()> {
        self.store.reading(|| {
            let mut pages = self.store.connection.prepare("PRAGMA integrity_check")?;
            let mut rows = pages.query([])?;
            while let Some(row) = rows.next()? {
                let said: String = row.get(0)?;
                if said != "ok" {
                    found.push(format!("文件已损坏：{said}"));
                }
            }
            Ok(())
        })
    }

    /// Whether the book has the very tables, indexes and triggers that the program makes.
    fn shape(&mut self, found: &mut Vec<String>) -> Result<()> {
        self.store.reading(|| {
            let connection = &self.store.connection;
            let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
            if application != APPLICATION {
                found.push("文件头里的程序标记（application_id）被改动过".to_owned());
            }
            if !matches!(version(connection), Ok(it) if it == STEPS.len()) {
                found.push("文件头里的版本号（user_version）被改动过".to_owned());
            }
            let mut here = parts(connection)?;
            for ((kind, name), sql) in own_parts(STEPS.len())?.into_iter().flatten() {
                let what = part_name(kind, name);
                match here.remove(&(kind.clone(), name.clone())) {
                    None => found.push(format!("台帐里少了{what}，不知是谁去掉的")),
                    Some(it) if it != *sql => found.push(format!("台帐里的{what} 不是程序所建的样子，不知是谁改动过")),
                    Some(_) => {}
                }
            }
            // What `ANALYZE` counted is for speed only.
            let mut more: Vec<_> = here.into_keys().filter(|(_, name)| !name.starts_with("sqlite_stat")).collect();
            more.sort();
            found.extend(more.iter().map(|(kind, name)| format!("台帐里多了{}，不是程序所建", part_name(kind, name))));
            Ok(())
        })
    }

    fn references(&mut self, found: &mut Vec<String>) -> Result<()> {
        self.store.reading(|| {
            let connection = &self.store.connection;
            let mut lost = connection.prepare("PRAGMA foreign_key_check")?;
            let mut rows = lost.query([])?;
            let mut orphans: BTreeMap<(String, String), usize> = BTreeMap::new();
            while let Some(row) = rows.next()? {
                *orphans.entry((row.get(0)?, row.get(2)?)).or_default() += 1;
            }
            for ((table, parent), count) in orphans {
                found.push(format!("表 {table} 里有 {count} 行，所属的 {parent} 不在了"));
            }
            // Every long text belongs to one cell, and each such cell has one.
            let sql = "SELECT record, long FROM value WHERE text IS NULL AND long NOT IN (SELECT id FROM long_text)";
            let mut lost = connection.prepare(sql)?;
            let mut rows = lost.query([])?;
            while let Some(row) = rows.next()? {
                let name = self.store.sheet_name(row.get(0)?)?;
                found.push(format!("{name}有一格的长文字（long_text 第 {} 行）丢失", row.get::<_, i64>(1)?));
            }
            let sql = "SELECT id, text FROM long_text
                       WHERE id NOT IN (SELECT long FROM value WHERE long IS NOT NULL) ORDER BY id";
            let mut lost = connection.prepare(sql)?;
            let mut rows = lost.query([])?;
            while let Some(row) = rows.next()? {
                let (id, text): (i64, String) = (row.get(0)?, row.get(1)?);
                found.push(format!("长文字（long_text 第 {id} 行，“{}”）不属于任何一格，不知是谁添上的", brief(&text)));
            }
            let sql = "SELECT (SELECT count(long) FROM value) > (SELECT count(*) FROM long_text)";
            if found.is_empty() && connection.query_row(sql, [], |row| row.get(0))? {
                found.push("有几格共用一段长文字（long_text），不知是谁改动过".to_owned());
            }
            // Sheets are never deleted: the next one's place is behind the last one's.
            let sql = "SELECT count(*), sum(name = 'record' AND seq = (SELECT coalesce(max(id), 0) FROM record)) FROM sqlite_sequence";
            let (rows, right): (i64, Option<i64>) = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let any: bool = connection.query_row("SELECT EXISTS (SELECT 1 FROM record)", [], |row| row.get(0))?;
            if (rows, right) != (1, Some(1)) && (any || rows > 0) {
                found.push("单据的内部号（sqlite_sequence）接不上最后一张单，不知是谁改动过".to_owned());
            }
            Ok(())
        })
    }

    /// Whether users, the number book and the settings say what their last lines of history say.
    fn beside(&mut self, found: &mut Vec<String>) -> Result<()> {
        self.store.reading(|| TABLES.iter().try_for_each(|it| self.table(it, found)))
    }

    fn table(&self, table: &Table, found: &mut Vec<String>) -> Result<(), Fault> {
        let connection = &self.store.connection;
        let mut told: HashMap<String, (i64, Seal, String)> = HashMap::new();
        let sql = "SELECT field, id, content, new FROM history WHERE record IS NULL AND what = ?1 ORDER BY id";
        let mut lines = connection.prepare(sql)?;
        let mut rows = lines.query([table.what.word()])?;
        while let Some(row) = rows.next()? {
            let new = row.get::<_, Option<String>>(3)?.unwrap_or_default();
            told.insert(row.get::<_, Option<String>>(0)?.unwrap_or_default(), (row.get(1)?, row.get(2)?, new));
        }
        // What was lost before a rescue was told then.
        let rescues = self.store.rescues()?;
        for (line, key) in Store::gone_at(&rescues, table.what) {
            if told.get(key).is_some_and(|it| it.0 < line) {
                told.remove(key);
            }
        }
        let mut all = connection.prepare(table.rows)?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let key = key_of(row)?;
            let name = row_name(table, &key, row)?;
            match told.remove(&key) {
                None => found.push(format!("{name}不在修改记录里，不知是谁添上的")),
                Some((line, seal, new)) if seal != seal_of(table, row)? => {
                    // Of the settings a line tells only what was changed.
                    let said = if table.what == What::Setting { String::new() } else { format!("（{new}）") };
                    found.push(format!("{name}与修改记录第 {line} 行{said}不符，不知是谁改动过"));
                }
                Some(_) => {}
            }
        }
        let mut gone: Vec<_> = told.into_iter().collect();
        gone.sort_by_key(|(_, (line, ..))| *line);
        for (key, (line, _, new)) in gone {
            let what = table.what.name();
            let key = if matches!(table.what, What::Number | What::Key) {
                format!("第 {key} 行")
            } else {
                format!("“{key}”")
            };
            found.push(format!("{what}里{key}不见了，不知是谁删去的；修改记录第 {line} 行写的是 {new}"));
        }
        Ok(())
    }

    /// Numbers run on without a gap inside a form and year, and none is used twice. Those reserved and gaps explained in
    /// the number book are none.
    fn numbers(&mut self, found: &mut Vec<String>) -> Result<()> {
        let (store, gaps) = (self.store, &mut self.checkup.gaps);
        store.reading(|| {
            let connection = &store.connection;
            let sql = "SELECT form, year, sequence, number FROM record NOT INDEXED UNION ALL
                   SELECT DISTINCT form, year, sequence, number FROM number_note WHERE NOT EXISTS (
                       SELECT 1 FROM record WHERE (record.form, record.year, record.sequence)
                       = (number_note.form, number_note.year, number_note.sequence))
                   ORDER BY form, year, sequence";
            let mut records = connection.prepare(sql)?;
            let mut rows = records.query([])?;
            let mut last = (String::new(), 0, 0);
            while let Some(row) = rows.next()? {
                let (form, year, sequence): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let number: String = row.get(3)?;
                if (last.0.as_str(), last.1) != (form.as_str(), year) {
                    last = (form, year, 0);
                }
                let (form, before) = (&last.0, last.2);
                if sequence == before {
                    found.push(format!("表 {form} 的编号 {number} 用了两次"));
                } else if sequence == before + 2 {
                    gaps.push(format!("表 {form} 的 {year} 年缺第 {} 号", before + 1));
                } else if sequence > before + 2 {
                    gaps.push(format!("表 {form} 的 {year} 年缺第 {} 至 {} 号", before + 1, sequence - 1));
                }
                last.2 = sequence;
            }
            let sql = "SELECT form, number FROM record WHERE 'void' = (
                       SELECT kind FROM number_note AS it WHERE it.form = record.form AND it.year = record.year
                       AND it.sequence = record.sequence ORDER BY id DESC LIMIT 1) ORDER BY form, year, sequence";
            let mut void = connection.prepare(sql)?;
            let mut rows = void.query([])?;
            while let Some(row) = rows.next()? {
                let (form, number): (String, String) = (row.get(0)?, row.get(1)?);
                found.push(format!("表 {form} 的编号 {number} 在编号簿里作废，却有单据"));
            }
            Ok(())
        })
    }
}

/// A row beside the sheets, as the clerk calls it.
fn row_name(table: &Table, key: &str, row: &Row<'_>) -> Result<String, Fault> {
    Ok(match table.what {
        What::Number => {
            let (form, year, sequence): (String, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
            format!("编号簿（number_note）第 {key} 行，表 {form} {year} 年第 {sequence} 号，")
        }
        What::Setting => format!("设置（setting 的 {key}：单位、部门、人员、编号格式和期限）"),
        What::Key => format!("签名钥匙（person_key）第 {key} 行"),
        _ => format!("用户“{}”的资料（customer）", brief(key)),
    })
}

fn part_name(kind: &str, name: &str) -> String {
    let kind = match kind {
        "table" => "表",
        "index" => "索引",
        "trigger" => "防改动的触发器",
        _ => "视图",
    };
    format!("{kind} {name}")
}
