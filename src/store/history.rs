//! What was ever done: lines that are only ever added, each sealed with the hash of the one before.
//!
//! A line belongs to a sheet, or to a row beside the sheets ([`super::sealed_tables`]): a user, a number of the number book, the
//! procedure's settings. Its content is the SHA-256 of all that the sheet, or the row, holds after it; its hash that of
//! the line and of the hash before it, the first line's of nothing. So the last hash, the chain's [`Head`], stands for
//! every line, and with them for every row that matters. What a check proves by it and what it cannot is told where it is
//! done, in `store::check`.
//!
//! The first line of a sheet says, in place of an old text, under which year and running number it stands. Sheets of books
//! made before that are told of in one line a form and year, when the book is brought up to date.
//!
//! When a sheet is destroyed (4.7) the texts its lines quote go, and their hashes stay: the line that tells of the
//! destruction seals what is left, so that nothing can be taken from it, put back or made up afterwards.

use std::fmt;

use chrono::NaiveDateTime;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::seal::{Scheme, Seal, feed, feed_number, feed_place};
use super::{Fault, Result, Store, What, Witness, keep_moment, read_moment};
use crate::procedure::FieldId;
use crate::record::{CellId, RecordId, fold};

/// A line of a sheet's history (修改记录).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// When.
    pub at: NaiveDateTime,
    /// Who sat at the desk (操作人); empty where nobody was named.
    pub by: String,
    /// What was done.
    pub what: What,
    /// To which datum, where it was one.
    pub field: Option<FieldId>,
    /// In which round, from nought.
    pub round: Option<usize>,
    /// In which line of its table, zero-based; 0 outside tables.
    pub line: usize,
    /// What stood there; empty where nothing did.
    pub old: String,
    /// What stands there since; the number where the sheet was begun, the reason where it was voided.
    pub new: String,
    /// Whether its hour is earlier than that of the line before it, whichever sheet that is of: the clock was set back.
    pub set_back: bool,
}

impl HistoryRow {
    /// What stands behind the name of the datum, where it is in a further line of a table: `第2行`.
    pub fn line_name(&self) -> String {
        CellId::in_line(String::new().as_str(), 0, self.line).line_name()
    }
}

/// A line about to be written.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// Of which sheet, if of one.
    pub(super) record: Option<RecordId>,
    pub(super) at: NaiveDateTime,
    pub(super) what: What,
    /// Which datum of the sheet; else which row of its table.
    pub(super) field: Option<&'a str>,
    pub(super) round: Option<usize>,
    /// In which line of its table, zero-based.
    pub(super) line: usize,
    pub(super) old: Option<&'a str>,
    pub(super) new: Option<&'a str>,
    /// What the whole sheet, or the row beside the sheets, holds after it.
    pub(super) content: Seal,
    /// Who did it, where nobody is said to sit at the desk.
    pub(super) made_by: Option<&'a str>,
}

/// What a line says of a cell: datum, round, line of its table.
pub(super) fn columns(cell: Option<&CellId>) -> (Option<&str>, Option<usize>, usize) {
    (cell.map(|it| it.field.as_str()), cell.map(|it| it.round), cell.map_or(0, |it| it.line))
}

/// The last line's number and hash.
#[derive(Clone, Copy)]
pub(super) struct Tail {
    pub(super) id: i64,
    pub(super) hash: Seal,
}

impl Tail {
    /// Before the first line.
    pub(super) const NONE: Self = Self { id: 0, hash: [0; 32] };
}

impl Store {
    /// Everything that was done to a sheet, oldest first.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn history(&self, id: RecordId) -> Result<Vec<HistoryRow>> {
        self.reading(|| {
            let sql = "SELECT at, what, field, round, old, new, made_by, line,
                              at < (SELECT at FROM history AS before WHERE before.id = history.id - 1)
                       FROM history WHERE record = ?1 ORDER BY id";
            let mut lines = self.connection.prepare_cached(sql)?;
            let mut rows = lines.query([id.0])?;
            let mut history = Vec::new();
            while let Some(row) = rows.next()? {
                let word: String = row.get(1)?;
                let what = What::of(&word);
                let round: Option<i64> = row.get(3)?;
                history.push(HistoryRow {
                    at: read_moment(&row.get::<_, String>(0)?)?,
                    by: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
                    what: what.ok_or_else(|| Fault::said(format!("修改记录里有不认识的事项“{word}”")))?,
                    field: row.get::<_, Option<String>>(2)?.map(FieldId),
                    round: round.and_then(|it| usize::try_from(it).ok()),
                    line: usize::try_from(row.get::<_, i64>(7)?).unwrap_or_default(),
                    // Where no text was replaced, a seal stands: of a destroyed sheet's lines, or a number's year.
                    old: row
                        .get::<_, Option<String>>(4)?
                        .filter(|_| matches!(what, Some(What::Set | What::Corrected)))
                        .unwrap_or_default(),
                    new: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
                    set_back: row.get::<_, Option<bool>>(8)?.unwrap_or_default(),
                });
            }
            Ok(history)
        })
    }

    /// The chain's head: the last line's number and hash, which proves every line before it. None where nothing was ever
    /// written.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn head(&self) -> Result<Option<Head>> {
        self.reading(|| {
            let Tail { id, hash } = tail(&self.connection)?;
            Ok((id > 0).then(|| Head { line: id, hash: first(&hash) }))
        })
    }

    /// When the last line was written; none where nothing was ever written.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn last_written(&self) -> Result<Option<NaiveDateTime>> {
        self.reading(|| {
            let mut last = self.connection.prepare_cached("SELECT at FROM history ORDER BY id DESC LIMIT 1")?;
            let at: Option<String> = last.query_row([], |row| row.get(0)).optional()?;
            at.map(|it| read_moment(&it)).transpose()
        })
    }

    /// The head the chain had when it ended at this line; none where the book has no such line.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn head_at(&self, line: i64) -> Result<Option<Head>> {
        self.reading(|| {
            let mut found = self.connection.prepare_cached("SELECT hash FROM history WHERE id = ?1")?;
            let hash: Option<Seal> = found.query_row([line], |row| row.get(0)).optional()?;
            Ok(hash.map(|it| Head { line, hash: first(&it) }))
        })
    }

    /// The last line of the book's history.
    pub(super) fn tail(&self) -> Result<Tail, Fault> {
        tail(&self.connection)
    }

    /// Says who sits at the desk: every line of history that is written from now on names them. Nobody where the name is
    /// empty. Whoever has a password is not believed without it: see [`Store::sit`].
    pub fn operate_as(&self, by: &str) {
        let by = by.trim();
        self.get_up_unless(by);
        by.clone_into(&mut self.operator.borrow_mut());
    }

    /// Who sits at the desk; empty where nobody was named.
    pub fn operator(&self) -> String {
        self.operator.borrow().clone()
    }

    /// Adds a line behind `tail` and moves it on. Only inside [`Store::writing`].
    pub(super) fn append(&self, tail: &mut Tail, line: &Line<'_>) -> Result<(), Fault> {
        if self.is_paused() {
            return Err(Fault::said("电脑的日期对不对还没有说，先不写；请在窗口上方选“日期对”"));
        }
        self.meter.begin();
        let operator = self.operator.borrow();
        let made_by = [operator.as_str(), line.made_by.unwrap_or_default()].into_iter().find(|it| !it.is_empty());
        self.as_oneself(made_by.unwrap_or_default())?;
        append(&self.connection, tail, &Line { made_by, ..*line })
    }
}

/// The chain's head (修改记录至第几行、校验码), as it is printed on the ledger: a paper that bears witness to every line up
/// to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last line's number, from 1.
    pub line: i64,
    /// The first eight bytes of its hash.
    pub hash: [u8; 8],
}

impl Head {
    /// The head of a chain that ends with this line.
    pub(super) fn of(line: i64, hash: &Seal) -> Self {
        Self { line, hash: first(hash) }
    }

    /// The check figures as one word.
    pub fn digits(&self) -> String {
        self.hash.iter().map(|it| format!("{it:02x}")).collect()
    }

    /// Reads a head as it is printed, or as `12345:3f9a01bc77d2e8f4`, where blanks do not matter; or as the matrix beside it
    /// has it, after the book's own figures.
    pub fn read(text: &str) -> Option<Self> {
        if let Some(witness) = Witness::read(&fold(text)) {
            return Some(witness.head);
        }
        let text: String = fold(text).chars().filter(|it| !it.is_whitespace()).collect();
        let number = text.trim_start_matches(|it: char| !it.is_ascii_digit());
        let end = number.find(|it: char| !it.is_ascii_digit())?;
        let digits = number[end..].trim_start_matches(|it: char| !it.is_ascii_hexdigit());
        let whole = digits.len() == 16 && digits.bytes().all(|it| it.is_ascii_hexdigit());
        let hash = u64::from_str_radix(digits, 16).ok().filter(|_| whole)?;
        Some(Self { line: number[..end].parse().ok()?, hash: hash.to_be_bytes() })
    }

    /// The check figures, in groups of four.
    pub fn figures(&self) -> String {
        let groups: Vec<String> =
            self.hash.chunks(2).map(|it| it.iter().map(|it| format!("{it:02x}")).collect()).collect();
        groups.join(" ")
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "修改记录至第 {} 行　校验码 {}", self.line, self.figures())
    }
}

pub(super) fn first(hash: &Seal) -> [u8; 8] {
    std::array::from_fn(|it| hash[it])
}

/// The last line of a book's history.
pub(super) fn tail(connection: &Connection) -> Result<Tail, Fault> {
    let mut last = connection.prepare_cached("SELECT id, hash FROM history ORDER BY id DESC LIMIT 1")?;
    let tail = last.query_row([], |row| Ok(Tail { id: row.get(0)?, hash: row.get(1)? })).optional()?;
    Ok(tail.unwrap_or(Tail::NONE))
}

/// Adds a line behind `tail` and moves it on. Only inside a transaction.
pub(super) fn append(connection: &Connection, tail: &mut Tail, line: &Line<'_>) -> Result<(), Fault> {
    let at = keep_moment(line.at);
    // A book has no such line; one that was changed by hand may.
    let id = tail.id.checked_add(1).ok_or_else(|| Fault::said("修改记录的行号到头了，不知是谁改动过；请检查台帐"))?;
    let sealed = Sealed {
        id,
        record: line.record.map(|it| it.0),
        at: &at,
        what: line.what.word(),
        field: line.field,
        round: line.round.and_then(|it| i64::try_from(it).ok()),
        line: i64::try_from(line.line).unwrap_or(i64::MAX),
        old: line.old,
        new: line.new,
        content: &line.content,
        made_by: line.made_by,
        scheme: if line.record.is_some() { Scheme::NEW.number() } else { Scheme::Whole.number() },
    };
    let hash = sealed.hash(&tail.hash);
    // A book that is being brought to its shape does not know the last columns yet: then the line is of no sheet, in the
    // first scheme, and of no table.
    let sql = match line.record {
        Some(_) => {
            "INSERT INTO history (id, record, at, what, field, round, old, new, content, hash, made_by, scheme, line)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 2, ?12)"
        }
        None => {
            "INSERT INTO history (id, record, at, what, field, round, old, new, content, hash, made_by)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        }
    };
    let values = params![
        sealed.id,
        sealed.record,
        sealed.at,
        sealed.what,
        sealed.field,
        sealed.round,
        sealed.old,
        sealed.new,
        sealed.content,
        hash,
        sealed.made_by,
        sealed.line
    ];
    let known = if line.record.is_some() { values.len() } else { values.len() - 1 };
    connection.prepare_cached(sql)?.execute(&values[..known])?;
    *tail = Tail { id: sealed.id, hash };
    Ok(())
}

/// What a line's hash is taken of.
pub(super) struct Sealed<'a> {
    pub(super) id: i64,
    pub(super) record: Option<i64>,
    pub(super) at: &'a str,
    pub(super) what: &'a str,
    pub(super) field: Option<&'a str>,
    pub(super) round: Option<i64>,
    pub(super) old: Option<&'a str>,
    pub(super) new: Option<&'a str>,
    pub(super) content: &'a [u8],
    pub(super) made_by: Option<&'a str>,
    /// How the content's hash was made.
    pub(super) scheme: i64,
    pub(super) line: i64,
}

impl Sealed<'_> {
    pub(super) fn hash(&self, before: &Seal) -> Seal {
        let mut hasher = Sha256::new();
        hasher.update(before);
        self.feed(&mut hasher);
        hasher.finalize().into()
    }

    fn feed(&self, hasher: &mut Sha256) {
        feed_number(hasher, self.id);
        // No sheet is the noughth: lines of sheets are sealed as they were before there were others.
        feed_number(hasher, self.record.unwrap_or(0));
        feed(hasher, Some(self.at));
        feed(hasher, Some(self.what));
        feed(hasher, self.field);
        feed_number(hasher, self.round.unwrap_or(-1));
        feed(hasher, self.old);
        feed(hasher, self.new);
        hasher.update(self.content);
        // Nothing is fed where there is none: seals of older books stay true.
        if self.made_by.is_some() {
            feed(hasher, self.made_by);
        }
        if self.scheme != Scheme::Whole.number() {
            feed_number(hasher, self.scheme);
        }
        if self.line != 0 {
            feed_place(hasher, usize::try_from(self.line).unwrap_or(usize::MAX));
        }
    }
}

/// The seal of a destroyed sheet's purged lines: they can no longer prove themselves, so the line that tells of the
/// destruction seals them as they are left.
#[derive(Default)]
pub(super) struct Remains(Sha256);

impl Remains {
    /// Adds a line, with the hash it had when its texts still stood.
    pub(super) fn add(&mut self, line: &Sealed<'_>, hash: &Seal) {
        line.feed(&mut self.0);
        self.0.update(hash);
    }

    /// The seal, in figures and letters.
    pub(super) fn seal(self) -> String {
        self.0.finalize().iter().map(|it| format!("{it:02x}")).collect()
    }
}
