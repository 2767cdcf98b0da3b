//! What was ever done to a sheet: lines that are only ever added, each sealed with the hash of the one before.

use chrono::NaiveDateTime;
use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::{Fault, Result, Store, keep_moment, read_moment};
use crate::procedure::FieldId;
use crate::record::{Deed, Record, RecordId};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The sheet was begun (新建).
    Created,
    /// The sheet came from a file (导入).
    Imported,
    /// A cell was written (填写).
    Set,
    /// Another round was opened (另起一轮).
    Round,
    /// A cell was changed after signing (划改).
    Corrected,
    /// The sheet was voided (作废).
    Voided,
    /// Something else was done with the sheet: signed, passed on, filed; the new text is the fact as JSON.
    Fact,
}

impl What {
    /// The word for [`What::Fact`] in the book.
    pub(super) const FACT: &'static str = Self::Fact.word();

    const ALL: [Self; 7] =
        [Self::Created, Self::Imported, Self::Set, Self::Round, Self::Corrected, Self::Voided, Self::Fact];

    /// What the screen calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "新建",
            Self::Imported => "导入",
            Self::Set => "填写",
            Self::Round => "另起一轮",
            Self::Corrected => "划改",
            Self::Voided => "作废",
            Self::Fact => "办理",
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Imported => "imported",
            Self::Set => "set",
            Self::Round => "round",
            Self::Corrected => "corrected",
            Self::Voided => "voided",
            Self::Fact => "fact",
        }
    }
}

/// A line of a sheet's history (修改记录).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// When.
    pub at: NaiveDateTime,
    /// What was done.
    pub what: What,
    /// To which datum, where it was one.
    pub field: Option<FieldId>,
    /// In which round, from nought.
    pub round: Option<usize>,
    /// What stood there; empty where nothing did.
    pub old: String,
    /// What stands there since; the number where the sheet was begun, the reason where it was voided.
    pub new: String,
}

/// A line about to be written.
pub(super) struct Line<'a> {
    pub(super) record: RecordId,
    pub(super) at: NaiveDateTime,
    pub(super) what: What,
    pub(super) field: Option<&'a FieldId>,
    pub(super) round: Option<usize>,
    pub(super) old: Option<&'a str>,
    pub(super) new: Option<&'a str>,
    /// What the whole sheet holds after it.
    pub(super) content: Seal,
}

/// A SHA-256.
pub(super) type Seal = [u8; 32];

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
            let sql = "SELECT at, what, field, round, old, new FROM history WHERE record = ?1 ORDER BY id";
            let mut lines = self.connection.prepare_cached(sql)?;
            let mut rows = lines.query([id.0])?;
            let mut history = Vec::new();
            while let Some(row) = rows.next()? {
                let word: String = row.get(1)?;
                let what = What::ALL.into_iter().find(|it| it.word() == word);
                let round: Option<i64> = row.get(3)?;
                history.push(HistoryRow {
                    at: read_moment(&row.get::<_, String>(0)?)?,
                    what: what.ok_or_else(|| Fault::said(format!("修改记录里有不认识的事项“{word}”")))?,
                    field: row.get::<_, Option<String>>(2)?.map(FieldId),
                    round: round.and_then(|it| usize::try_from(it).ok()),
                    // What was done replaces no text; there the seal of a destroyed sheet's lines stands.
                    old: row.get::<_, Option<String>>(4)?.filter(|_| what != Some(What::Fact)).unwrap_or_default(),
                    new: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
                });
            }
            Ok(history)
        })
    }

    /// The last line of the book's history.
    pub(super) fn tail(&self) -> Result<Tail, Fault> {
        let mut last = self.connection.prepare_cached("SELECT id, hash FROM history ORDER BY id DESC LIMIT 1")?;
        let tail = last.query_row([], |row| Ok(Tail { id: row.get(0)?, hash: row.get(1)? })).optional()?;
        Ok(tail.unwrap_or(Tail::NONE))
    }

    /// Adds a line behind `tail` and moves it on. Only inside [`Store::writing`].
    pub(super) fn append(&self, tail: &mut Tail, line: &Line<'_>) -> Result<(), Fault> {
        let at = keep_moment(line.at);
        let round = line.round.and_then(|it| i64::try_from(it).ok());
        let field = line.field.map(FieldId::as_str);
        let id = tail.id + 1;
        let sealed = Sealed {
            id,
            record: line.record.0,
            at: &at,
            what: line.what.word(),
            field,
            round,
            old: line.old,
            new: line.new,
            content: &line.content,
        };
        let hash = sealed.hash(&tail.hash);
        let sql = "INSERT INTO history (id, record, at, what, field, round, old, new, content, hash)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        self.connection.prepare_cached(sql)?.execute(params![
            id,
            line.record.0,
            at,
            line.what.word(),
            field,
            round,
            line.old,
            line.new,
            line.content,
            hash
        ])?;
        *tail = Tail { id, hash };
        Ok(())
    }
}

/// What a line's hash is taken of.
pub(super) struct Sealed<'a> {
    pub(super) id: i64,
    pub(super) record: i64,
    pub(super) at: &'a str,
    pub(super) what: &'a str,
    pub(super) field: Option<&'a str>,
    pub(super) round: Option<i64>,
    pub(super) old: Option<&'a str>,
    pub(super) new: Option<&'a str>,
    pub(super) content: &'a [u8],
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
        feed_number(hasher, self.record);
        feed(hasher, Some(self.at));
        feed(hasher, Some(self.what));
        feed(hasher, self.field);
        feed_number(hasher, self.round.unwrap_or(-1));
        feed(hasher, self.old);
        feed(hasher, self.new);
        hasher.update(self.content);
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

/// The hash of all that a sheet holds.
pub(super) fn content(record: &Record) -> Seal {
    let mut hasher = Sha256::new();
    for text in [record.form.as_str(), record.edition.as_str(), &record.number, &keep_moment(record.entered)] {
        feed(&mut hasher, Some(text));
    }
    feed_length(&mut hasher, record.rounds.len());
    for values in &record.rounds {
        feed_length(&mut hasher, values.len());
        for (field, value) in values {
            feed(&mut hasher, Some(field.as_str()));
            feed(&mut hasher, Some(value));
        }
    }
    feed_length(&mut hasher, record.corrections.len());
    for it in &record.corrections {
        for text in [it.field.as_str(), &it.old, &it.new, &it.by, &it.on, &it.reason] {
            feed(&mut hasher, Some(text));
        }
        // The first round is not told: seals made before there was a round stay true. Below nought, as no length is.
        if it.round > 0 {
            feed_number(&mut hasher, -1 - i64::try_from(it.round).unwrap_or(i64::MAX - 1));
        }
    }
    feed_length(&mut hasher, usize::from(record.void.is_some()));
    if let Some(it) = &record.void {
        for text in [&it.by, &it.on, &it.reason] {
            feed(&mut hasher, Some(text));
        }
    }
    // Nothing is fed where there is none: seals of older books stay true.
    for it in &record.facts {
        feed(&mut hasher, Some(&keep_moment(it.at)));
        feed(&mut hasher, Some(&it.by));
        feed(&mut hasher, Some(&keep_deed(&it.deed)));
    }
    hasher.finalize().into()
}

/// A deed as the book keeps it.
pub(super) fn keep_deed(deed: &Deed) -> String {
    // A deed is plain texts and numbers, which JSON always takes.
    serde_json::to_string(deed).unwrap_or_default()
}

/// A text with its length before it, so that no two sequences of texts are fed alike.
fn feed(hasher: &mut Sha256, text: Option<&str>) {
    match text {
        Some(text) => {
            feed_length(hasher, text.len());
            hasher.update(text.as_bytes());
        }
        None => feed_number(hasher, -1),
    }
}

fn feed_length(hasher: &mut Sha256, length: usize) {
    hasher.update((length as u64).to_le_bytes());
}

fn feed_number(hasher: &mut Sha256, number: i64) {
    hasher.update(number.to_le_bytes());
}
