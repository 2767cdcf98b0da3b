//! Finding any piece of text, from one character up, on any sheet of the book.
//!
//! The [`Index`] keeps every sheet's text folded, in a few large buffers, and looks through all of it at each search: no
//! list of words has to be kept true, and what is part of a text is always found. It knows only on which sheet something
//! stands; where on the sheet, [`Sheet::of`] says, from the record itself.

use std::collections::HashMap;

use chrono::NaiveDate;
use memchr::memmem::{self, Finder};

use crate::procedure::{Edition, Form, FormId, Procedure};
use crate::record::{Record, RecordId, fold, read_day};

mod hits;
pub use hits::{Hit, Place, Sheet};

/// How many bytes of text lie in one buffer, a longer sheet excepted.
const CHUNK: usize = 1 << 20;

/// What is sought: words between blanks, all of which must stand on one sheet.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Folded, the longest first, as it is the rarest.
    words: Vec<Finder<'static>>,
}

impl Query {
    /// What a clerk typed. 帐 and 账, full and half width, the dashes, large and small letters are alike (PROCEDURE 7).
    pub fn new(typed: &str) -> Self {
        let folded = fold(typed);
        let mut words: Vec<&str> = folded.split_whitespace().collect();
        words.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        words.dedup();
        Self { words: words.into_iter().map(|it| Finder::new(it).into_owned()).collect() }
    }

    /// Whether nothing is sought.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether a form is called by all of the words: by its title, an old title (PROCEDURE 7), its short name or code.
    pub fn names(&self, form: &Form) -> bool {
        let names = names(form);
        !self.is_empty() && self.words.iter().all(|it| it.find(names.as_bytes()).is_some())
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// On how many sheets.
    pub total: usize,
    /// The first of them: those that hold a word before those merely called by it, of either the newest event first.
    pub sheets: Vec<RecordId>,
}

/// The text of all sheets, made ready for searching.
#[derive(Debug, Default)]
pub struct Index {
    chunks: Vec<Chunk>,
    /// In which chunk a sheet's text lies.
    homes: HashMap<RecordId, usize>,
    forms: Vec<Names>,
}

/// What the forms are called, folded; the same for every sheet of an edition.
#[derive(Debug)]
struct Names {
    form: FormId,
    edition: Edition,
    text: String,
}

/// The texts of some sheets, one after the other, each entry on a line of its own or on several.
#[derive(Debug, Default)]
struct Chunk {
    text: String,
    sheets: Vec<Span>,
    /// How many bytes of the text belong to sheets that were replaced.
    dead: usize,
}

/// Where a sheet's text begins; it ends where the next one's begins.
#[derive(Debug)]
struct Span {
    /// `None` where the sheet was replaced or removed.
    id: Option<RecordId>,
    /// The day of the event, or of entry where that cannot be read: tells the newest.
    day: NaiveDate,
    /// Its place in [`Index::forms`].
    form: usize,
    start: usize,
}

impl Index {
    /// Reads all sheets of all forms: `each` hands every sheet of a form to what it is given.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn fill<E>(
        procedure: &Procedure,
        mut each: impl FnMut(&FormId, &mut dyn FnMut(Record)) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut index = Self::default();
        for newest in procedure.in_use() {
            each(&newest.form, &mut |record| {
                let form = procedure.edition(&record.form, &record.edition).unwrap_or(newest);
                index.put(form, &record);
            })?;
        }
        Ok(index)
    }

    /// How many sheets can be found.
    pub fn len(&self) -> usize {
        self.homes.len()
    }

    /// Whether there is nothing to be found.
    pub fn is_empty(&self) -> bool {
        self.homes.is_empty()
    }

    /// Takes a sheet in as it is now, in place of what it was before.
    pub fn put(&mut self, form: &Form, record: &Record) {
        self.remove(record.id);
        let text = text_of(form, record);
        let known = self.forms.iter().position(|it| (&it.form, &it.edition) == (&form.form, &form.edition));
        let place = known.unwrap_or_else(|| {
            let (id, edition) = (form.form.clone(), form.edition.clone());
            self.forms.push(Names { form: id, edition, text: names(form) });
            self.forms.len() - 1
        });
        if self.chunks.last().is_none_or(|it| it.text.len() + text.len() > CHUNK) {
            let text = String::with_capacity(CHUNK.max(text.len()));
            self.chunks.push(Chunk { text, ..Chunk::default() });
        }
        let home = self.chunks.len() - 1;
        let Some(chunk) = self.chunks.last_mut() else { return };
        let dated = form.identity.as_ref().and_then(|it| read_day(record.value(it.date.as_str())));
        let (start, day) = (chunk.text.len(), dated.unwrap_or_else(|| record.entered.date()));
        chunk.sheets.push(Span { id: Some(record.id), day, form: place, start });
        chunk.text.push_str(&text);
        self.homes.insert(record.id, home);
    }

    /// Forgets a sheet.
    pub fn remove(&mut self, id: RecordId) {
        if let Some(chunk) = self.homes.remove(&id).and_then(|home| self.chunks.get_mut(home)) {
            chunk.remove(id);
        }
    }

    /// The sheets that hold all words of `query`, and the first `limit` of them. A word in a title of the form counts as
    /// standing on each of its sheets.
    pub fn find(&self, query: &Query, limit: usize) -> Found {
        if query.is_empty() {
            return Found::default();
        }
        let called: Vec<Vec<bool>> = self
            .forms
            .iter()
            .map(|names| query.words.iter().map(|it| it.find(names.text.as_bytes()).is_some()).collect())
            .collect();
        let mut found = Vec::new();
        for chunk in &self.chunks {
            for (at, sheet) in chunk.sheets.iter().enumerate() {
                let Some((id, called)) = sheet.id.zip(called.get(sheet.form)) else { continue };
                let text = chunk.text.get(chunk.range(at)).unwrap_or_default().as_bytes();
                let mut written = false;
                let all = query.words.iter().zip(called).all(|(word, called)| {
                    let here = word.find(text).is_some();
                    written |= here;
                    here || *called
                });
                if all {
                    found.push((written, sheet.day, id));
                }
            }
        }
        let total = found.len();
        if limit < total {
            found.select_nth_unstable_by(limit, |a, b| b.cmp(a));
            found.truncate(limit);
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        Found { total, sheets: found.into_iter().map(|(_, _, id)| id).collect() }
    }

    /// How many bytes the texts take, those of replaced sheets included.
    pub fn bytes(&self) -> usize {
        self.chunks.iter().map(|it| it.text.capacity() + it.sheets.capacity() * size_of::<Span>()).sum()
    }
}

impl Chunk {
    fn range(&self, at: usize) -> std::ops::Range<usize> {
        let start = self.sheets.get(at).map_or(self.text.len(), |it| it.start);
        start..self.sheets.get(at + 1).map_or(self.text.len(), |it| it.start)
    }

    fn remove(&mut self, id: RecordId) {
        let Some(at) = self.sheets.iter().position(|it| it.id == Some(id)) else { return };
        self.dead += self.range(at).len();
        if let Some(sheet) = self.sheets.get_mut(at) {
            sheet.id = None;
        }
        if self.dead * 2 > self.text.len() {
            self.compact();
        }
    }

    /// Gives the room of replaced sheets back.
    fn compact(&mut self) {
        let mut text = String::with_capacity(self.text.len() - self.dead);
        let mut sheets = Vec::new();
        for at in 0..self.sheets.len() {
            let (range, start) = (self.range(at), text.len());
            if let Some(Span { id: Some(id), day, form, .. }) = self.sheets.get(at) {
                text.push_str(self.text.get(range).unwrap_or_default());
                sheets.push(Span { id: Some(*id), day: *day, form: *form, start });
            }
        }
        *self = Self { text, sheets, dead: 0 };
    }
}

/// All that can be found on a sheet, folded. What is part of an entry before is not kept twice: days and names come
/// again and again on a slip.
fn text_of(form: &Form, record: &Record) -> String {
    let mut text = String::new();
    for (_, entry) in hits::entries(form, record) {
        let entry = fold(&entry);
        if memmem::find(text.as_bytes(), entry.as_bytes()).is_none() {
            text.push_str(&entry);
            text.push('\n');
        }
    }
    text
}

fn names(form: &Form) -> String {
    form.names().map(|it| fold(it) + "\n").collect()
}
