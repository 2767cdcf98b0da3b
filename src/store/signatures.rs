//! The keys (签名钥匙) of people, what they sign, and what each signature in the book is worth.
//!
//! With a key whoever signs a stage signs the deed, the hash of all that the sheet holds, and the head of the book's history
//! at that moment. The secret is sealed with the personal password: neither a colleague nor the administrator, who may
//! write the whole history anew, can make such a signature, or change anything before one without its failing. Keys are
//! rows that are only added to and sealed in the chain: a later one of the same person leaves the earlier its time. Against
//! a history in which a person's key was another from the beginning, what bears witness is the signatures of the others,
//! and the head outside the book.

use chrono::NaiveDateTime;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::history::Tail;
use super::seal::{Content, Scheme, Seal, content, keep_deed};
use super::{Fault, Result, Store, What, keep_moment};
use crate::flow::same_name;
use crate::password::key::{self, Secret, hex, unhex};
use crate::procedure::{FieldId, Form};
use crate::record::{CellId, Deed, Proof, Record, RecordId, Signed};

#[cfg(test)]
mod tests;

/// So many people say of a key that it is replaced, at most.
const MANY: usize = 10;
/// How often a rewritten sheet (重抄) may have been rewritten before.
pub(super) const DEEP: usize = 100;

/// What a signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// It was made with the key of whoever signed.
    Proved,
    /// It was, on the sheet that this one rewrites (重抄).
    Carried,
    /// It was made in this program, by somebody who had no key: as good as the word of whoever sat there.
    Bare,
    /// It came from a file (导入): nothing proves it.
    Imported,
    /// It was saved from a damaged book (抢救) without its history: nothing proves it any more.
    Rescued,
    /// It ought to be made with a key and is not, or is made with none of theirs.
    Forged,
}

impl Worth {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 6] = [Self::Forged, Self::Imported, Self::Rescued, Self::Proved, Self::Carried, Self::Bare];

    /// What the screen says of it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proved => "有本人钥匙证明",
            Self::Carried => "签在原单上，重抄时照搬，以原单为准",
            Self::Bare => "没有钥匙证明",
            Self::Imported => "导入，未证明",
            Self::Rescued => "抢救来的，未证明",
            Self::Forged => "与本人钥匙不符，不是本人签的",
        }
    }
}

/// A signature on a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signing {
    /// The signature cell.
    pub field: FieldId,
    /// In which round, from nought.
    pub round: usize,
    /// In which line of its table, from nought.
    pub line: usize,
    /// The name that stands there.
    pub name: String,
    /// What it is worth.
    pub worth: Worth,
}

/// Where a signature stood first.
enum Original {
    None,
    /// On a sheet whose contents were destroyed since (4.7).
    Destroyed,
    At(RecordId, i64),
}

/// The public halves of people's keys, each with the line of history that brought it, oldest first; empty where the person
/// has none from then on.
#[derive(Debug, Default)]
pub(super) struct Keys {
    all: Vec<(i64, String, String)>,
    /// Lines that replace a key, or end it, and whose: neither its own nor those of two others say so.
    pub(super) untrue: Vec<(i64, String)>,
}

impl Keys {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The key of a person that was valid after this line; none where there was none, or no longer.
    fn at(&self, line: i64, person: &str) -> Option<[u8; 32]> {
        let mut before = self.all.iter().rev().filter(|it| it.0 <= line && same_name(&it.1, person));
        unhex(&before.next()?.2)
    }
}

/// What a line says of a key: whose it is, its public half, and who says so where it takes the place of another.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Told {
    person: String,
    public: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    by: Vec<Endorsed>,
}

/// A name, and a signature with that person's key.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Endorsed {
    name: String,
    signature: String,
}

impl Told {
    /// What is signed of it, behind this line of history.
    fn message(&self, line: i64, head: &[u8]) -> Vec<u8> {
        texts(&["taizhang 钥匙 1", &self.person, &self.public, &line.to_string(), &hex(head)])
    }

    /// Whether the key it replaces, or those of two others, say so.
    fn is_true(&self, keys: &Keys, before: &[u8; 32], line: i64, head: &[u8]) -> bool {
        let message = self.message(line, head);
        let signed = |public: &[u8; 32], it: &Endorsed| {
            unhex::<64>(&it.signature).is_some_and(|it| key::is_signed(public, &message, &it))
        };
        let mut others: Vec<&str> = Vec::new();
        for it in self.by.iter().take(MANY) {
            if same_name(&it.name, &self.person) {
                if signed(before, it) {
                    return true;
                }
            } else if !others.iter().any(|other| same_name(other, &it.name))
                && keys.at(line, &it.name).is_some_and(|public| signed(&public, it))
            {
                others.push(&it.name);
            }
        }
        others.len() >= 2
    }
}

impl Store {
    /// What the signatures of a sheet are worth, by stage and round.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn signings(&self, form: &Form, record: &Record) -> Result<Vec<Signing>> {
        self.reading(|| self.signings_with(&self.keys()?, form, record))
    }

    /// What a name in a signature cell is worth that no signature is told of.
    fn written_worth(
        &self,
        keys: &Keys,
        first: Option<(i64, What)>,
        (record, cell): (RecordId, &CellId),
        name: &str,
    ) -> Result<Worth, Fault> {
        let sql = "SELECT id FROM history
                   WHERE record = ?1 AND what IN ('set', 'corrected') AND field = ?2 AND round = ?3 AND line = ?4
                   ORDER BY id DESC LIMIT 1";
        let mut last = self.connection.prepare_cached(sql)?;
        let [round, line] = [cell.round, cell.line].map(|it| i64::try_from(it).unwrap_or(i64::MAX));
        let row = params![record.0, cell.field.as_str(), round, line];
        let line: Option<i64> = last.query_row(row, |row| row.get(0)).optional()?;
        Ok(match (line, first) {
            (None, Some((_, What::Imported))) => Worth::Imported,
            (None, Some((_, What::Rescued))) => Worth::Rescued,
            // Whoever has a key signs with it, and is not written in by others.
            (Some(line), _) | (None, Some((line, _))) if keys.at(line, name).is_some() => {
                self.came_with(record)?.unwrap_or(Worth::Forged)
            }
            _ => Worth::Bare,
        })
    }

    pub(super) fn signings_with(&self, keys: &Keys, form: &Form, record: &Record) -> Result<Vec<Signing>, Fault> {
        let lines = self.signed_lines(record.id)?;
        let first = self.first_line(record.id)?;
        let mut signings = Vec::new();
        for (round, values) in record.rounds.iter().enumerate() {
            for (stage, line) in
                form.stages.iter().flat_map(|it| (0..values.lines(it.by.as_str())).map(move |line| (it, line)))
            {
                let name = values.at(stage.by.as_str(), line).trim();
                if name.is_empty() {
                    continue;
                }
                let cell = CellId::in_line(stage.by.clone(), round, line);
                let here =
                    |it: &&(i64, String, Signed)| (&it.2.field, it.2.round, it.2.line) == (&stage.by, round, line);
                let worth = match lines.iter().rev().find(here) {
                    Some((line, text, signed)) if same_name(&signed.name, name) => {
                        self.worth(keys, (record.id, *line, text), signed, DEEP)?
                    }
                    // Corrected after signing, or written without.
                    _ => self.written_worth(keys, first, (record.id, &cell), name)?,
                };
                signings.push(Signing { field: stage.by.clone(), round, line, name: name.to_owned(), worth });
            }
        }
        Ok(signings)
    }

    /// What the signature is worth that a line of a sheet's history tells of.
    pub(super) fn worth(
        &self,
        keys: &Keys,
        (record, line, text): (RecordId, i64, &str),
        signed: &Signed,
        deep: usize,
    ) -> Result<Worth, Fault> {
        let original = |destroyed: Worth| match self.copied_from(record, line, text)? {
            Original::None => Ok(self.came_with(record)?.unwrap_or(Worth::Forged)),
            Original::Destroyed => Ok(destroyed),
            Original::At(..) if deep == 0 => Ok(Worth::Forged),
            Original::At(from, there) => {
                let worth = self.worth(keys, (from, there, text), signed, deep - 1)?;
                Ok(if worth == Worth::Proved { Worth::Carried } else { worth })
            }
        };
        let Some(proof) = &signed.proof else {
            // Whoever has a key signs with it.
            return match keys.at(line, &signed.name) {
                None => Ok(Worth::Bare),
                Some(_) => original(Worth::Bare),
            };
        };
        let public = keys.at(proof.line, &signed.name);
        let made = public.zip(unhex::<64>(&proof.signature));
        if !made.is_some_and(|(public, it)| key::is_signed(&public, &message(signed, proof), &it)) {
            return Ok(Worth::Forged);
        }
        if proof.line != line - 1 {
            return original(Worth::Carried);
        }
        let head: Option<Seal> = self
            .connection
            .prepare_cached("SELECT hash FROM history WHERE id = ?1")?
            .query_row([proof.line], |row| row.get(0))
            .optional()?;
        let held = self.sealed_before(record, line)?.map(|it| it.0);
        let same = head.is_some_and(|it| hex(&it) == proof.head) && held.is_some_and(|it| hex(&it) == proof.content);
        Ok(if same { Worth::Proved } else { Worth::Forged })
    }

    /// Where a signature stood first that a rewritten sheet (重抄) brought along.
    fn copied_from(&self, record: RecordId, line: i64, text: &str) -> Result<Original, Fault> {
        let sql = "SELECT new FROM history WHERE record = ?1 AND what = ?2 AND id < ?3 AND new LIKE '%\"rewrites\"%'";
        let mut rewrites = self.connection.prepare_cached(sql)?;
        let mut rows = rewrites.query(params![record.0, What::FACT, line])?;
        while let Some(row) = rows.next()? {
            let Ok(Deed::Rewrites { record: from }) = serde_json::from_str(&row.get::<_, String>(0)?) else { continue };
            let sql =
                "SELECT id, purged FROM history WHERE record = ?1 AND what = ?2 AND id < ?3 AND (new = ?4 OR purged)
                       ORDER BY purged LIMIT 1";
            let mut there = self.connection.prepare_cached(sql)?;
            let found = there.query_row(params![from, What::FACT, line, text], |row| Ok((row.get(0)?, row.get(1)?)));
            match found.optional()? {
                Some((_, true)) => return Ok(Original::Destroyed),
                Some((found, false)) => return Ok(Original::At(RecordId(from), found)),
                None => {}
            }
        }
        Ok(Original::None)
    }

    /// What a rewritten sheet's (重抄) signatures are worth that were not made in this book: its original came from a file, or
    /// was saved from a damaged book.
    fn came_with(&self, record: RecordId) -> Result<Option<Worth>, Fault> {
        let sql = "SELECT new FROM history WHERE record = ?1 AND what = ?2 AND new LIKE '%\"rewrites\"%' LIMIT 1";
        let mut rewrites = self.connection.prepare_cached(sql)?;
        let text: Option<String> = rewrites.query_row(params![record.0, What::FACT], |row| row.get(0)).optional()?;
        let deed = text.and_then(|it| serde_json::from_str(&it).ok());
        let Some(Deed::Rewrites { record: from }) = deed else { return Ok(None) };
        Ok(match self.first_line(RecordId(from))? {
            Some((_, What::Imported)) => Some(Worth::Imported),
            Some((_, What::Rescued)) => Some(Worth::Rescued),
            _ => None,
        })
    }

    /// What a sheet's first line says was done.
    fn first_line(&self, record: RecordId) -> Result<Option<(i64, What)>, Fault> {
        let first = "SELECT id, what FROM history WHERE record = ?1 ORDER BY id LIMIT 1";
        let mut first = self.connection.prepare_cached(first)?;
        let found = first.query_row([record.0], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).optional()?;
        Ok(found.and_then(|(line, word)| Some((line, What::of(&word)?))))
    }

    /// The lines of a sheet's history that tell of a signature: number, text, and what it says.
    fn signed_lines(&self, record: RecordId) -> Result<Vec<(i64, String, Signed)>, Fault> {
        let sql = "SELECT id, new FROM history WHERE record = ?1 AND what = ?2 AND new IS NOT NULL ORDER BY id";
        let mut lines = self.connection.prepare_cached(sql)?;
        let mut rows = lines.query(params![record.0, What::FACT])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let text: String = row.get(1)?;
            if let Some(signed) = signed_in(&text) {
                found.push((row.get(0)?, text, signed));
            }
        }
        Ok(found)
    }

    /// What a sheet held when this line was written, as the line before it of the sheet sealed it.
    fn sealed_before(&self, record: RecordId, line: i64) -> Result<Option<(Seal, i64)>, Fault> {
        let sql = "SELECT content, scheme FROM history WHERE record = ?1 AND id < ?2 ORDER BY id DESC LIMIT 1";
        let mut before = self.connection.prepare_cached(sql)?;
        Ok(before.query_row([record.0, line], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// Whether a sheet that is about to be signed holds what its history says: nobody signs what was put there past the
    /// program.
    pub(super) fn may_be_signed(&self, record: &Record) -> Result<(), Fault> {
        let sealed = self.sealed_before(record.id, i64::MAX)?;
        let same = sealed.is_some_and(|(seal, scheme)| {
            Scheme::of(scheme).is_some_and(|it| Content::of(record).seal(record, it) == seal)
        });
        if same {
            return Ok(());
        }
        Err(Fault::said(format!("{} 与修改记录不符，不知是谁绕过程序改动过；请先检查台帐，没有签署", record.number)))
    }

    /// The signature with what proves it, where whoever signs sits at the desk with their key. Behind all that is written
    /// of the sheet with it. Only inside [`Store::writing`].
    pub(super) fn proved(&self, record: RecordId, signed: &Signed) -> Result<Signed, Fault> {
        let Tail { id: line, hash } = self.tail()?;
        let content = hex(&content(&self.existing(record)?));
        let proof = Proof { line, head: hex(&hash), content, signature: String::new() };
        let signed = Signed { proof: None, ..signed.clone() };
        let made = self.with_key(&signed.name, |it| hex(&it.sign(&message(&signed, &proof))))?;
        Ok(match made {
            Some(signature) => Signed { proof: Some(Box::new(Proof { signature, ..proof })), ..signed },
            None if self.keys()?.at(line, &signed.name).is_none() => signed,
            None => {
                let name = &signed.name;
                return Err(Fault::said(format!(
                    "{name} 有签名钥匙，而现在的密码打不开它，没有签署；请另外两人在设置的人员表里作保，给 {name} 重设密码"
                )));
            }
        })
    }

    /// Every key that the chain seals and that was there first, or is said by the right keys to replace another.
    pub(super) fn keys(&self) -> Result<Keys, Fault> {
        let sql = "SELECT line.id, person, public, line.new, before.hash FROM history AS line
                   JOIN person_key ON person_key.id = CAST(line.field AS INTEGER)
                   LEFT JOIN history AS before ON before.id = line.id - 1
                   WHERE line.record IS NULL AND line.what = ?1 ORDER BY line.id";
        let mut all = self.connection.prepare_cached(sql)?;
        let mut rows = all.query([What::Key.word()])?;
        let mut keys = Keys::default();
        while let Some(row) = rows.next()? {
            let (line, person, public): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let (new, head): (Option<String>, Option<Vec<u8>>) = (row.get(3)?, row.get(4)?);
            let told: Told = new.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default();
            let is_true = match keys.at(line, &person) {
                Some(before) if hex(&before) != public => {
                    let told = Told { person: person.clone(), public: public.clone(), ..told };
                    told.is_true(&keys, &before, line - 1, &head.unwrap_or_default())
                }
                // The first of this person, or the same sealed anew.
                _ => true,
            };
            if is_true {
                keys.all.push((line, person, public));
            } else {
                keys.untrue.push((line, person));
            }
        }
        Ok(keys)
    }

    /// The keys of people as the book's history tells of them, oldest first: the name, and the public half in figures and
    /// letters, empty where the person has none from then on.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn public_keys(&self) -> Result<Vec<(String, String)>> {
        self.reading(|| Ok(self.keys()?.all.into_iter().map(|(_, person, public)| (person, public)).collect()))
    }

    /// The key of a person who gave this password: the one `held`, that of the book, or, where they have none, a new one. None
    /// where it is sealed with another password. Only inside [`Store::writing`].
    pub(super) fn key_of(
        &self,
        person: &str,
        held: Option<Secret>,
        password: &str,
        now: NaiveDateTime,
    ) -> Result<Option<Secret>, Fault> {
        let current = self.keys()?.at(i64::MAX, person);
        let public = match (&held, current) {
            (Some(it), Some(current)) if it.public() == current => return Ok(held),
            (Some(it), _) => it.public(),
            (None, Some(current)) => current,
            (None, None) => return self.seal_key(person, None, password, now).map(Some),
        };
        let sql = "SELECT person, sealed FROM person_key WHERE public = ?1 ORDER BY id DESC LIMIT 1";
        let mut last = self.connection.prepare_cached(sql)?;
        let last = last.query_row([hex(&public)], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((before, sealed)): Option<(String, String)> = last else { return Ok(held) };
        if let Some(held) = &held {
            // Whoever was given another name keeps the key; under the old one nobody signs with it any more.
            self.end_key(&before, Some(held), now)?;
            self.put_key(person, &hex(&public), &sealed, None, now)?;
        }
        Ok(held.or_else(|| Secret::unseal(&sealed, &public, password)))
    }

    /// Seals the key of a person with their new password; a new one where none is `held`. Only inside [`Store::writing`].
    pub(super) fn seal_key(
        &self,
        person: &str,
        held: Option<Secret>,
        password: &str,
        now: NaiveDateTime,
    ) -> Result<Secret, Fault> {
        let secret = held.map_or_else(Secret::make, Ok).map_err(|error| Fault::said(error.to_string()))?;
        let sealed = secret.seal(password).map_err(|error| Fault::said(error.to_string()))?;
        self.put_key(person, &hex(&secret.public()), &sealed, None, now)?;
        Ok(secret)
    }

    /// Puts down that a person has no key any more, where they had one: they have no password, or another name. `own`: that
    /// key, where it is at hand. Only inside [`Store::writing`].
    pub(super) fn end_key(&self, person: &str, own: Option<&Secret>, now: NaiveDateTime) -> Result<(), Fault> {
        match self.keys()?.at(i64::MAX, person) {
            Some(_) => self.put_key(person, "", "", own, now),
            None => Ok(()),
        }
    }

    fn put_key(
        &self,
        person: &str,
        public: &str,
        sealed: &str,
        own: Option<&Secret>,
        now: NaiveDateTime,
    ) -> Result<(), Fault> {
        let before = self.keys()?.at(i64::MAX, person);
        let sql = "INSERT INTO person_key (person, public, sealed, at) VALUES (?1, ?2, ?3, ?4)";
        self.connection.prepare_cached(sql)?.execute(params![person, public, sealed, keep_moment(now)])?;
        let row = self.connection.last_insert_rowid().to_string();
        let mut told = Told { person: person.to_owned(), public: public.to_owned(), by: Vec::new() };
        if before.is_some_and(|it| hex(&it) != public) {
            let Tail { id, hash } = self.tail()?;
            let message = told.message(id, &hash);
            let endorsed =
                |name: &str, it: &Secret| Endorsed { name: name.to_owned(), signature: hex(&it.sign(&message)) };
            told.by = self.each_key(endorsed)?;
            told.by.extend(own.map(|it| endorsed(person, it)));
        }
        let said = serde_json::to_string(&told).map_err(|error| Fault::said(error.to_string()))?;
        self.seal_beside(What::Key, &row, (None, &said), &self.operator(), now)
    }
}

/// The signature a line tells of, if it tells of one.
pub(super) fn signed_in(text: &str) -> Option<Signed> {
    if !text.contains("\"signed\"") {
        return None;
    }
    match serde_json::from_str(text) {
        Ok(Deed::Signed(signed)) => Some(signed),
        _ => None,
    }
}

/// What is signed with a key: the deed, and where it stands.
fn message(signed: &Signed, proof: &Proof) -> Vec<u8> {
    let deed = keep_deed(&Deed::Signed(Signed { proof: None, ..signed.clone() }));
    texts(&["taizhang 签署 1", &deed, &proof.line.to_string(), &proof.head, &proof.content])
}

/// Texts as JSON, in which no two lists of them are alike.
fn texts(texts: &[&str]) -> Vec<u8> {
    Value::from(texts.to_vec()).to_string().into()
}
