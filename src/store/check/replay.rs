//! Taking a sheet back line by line, from what it holds now to its beginning, and holding each step against that line's
//! seal.

use super::super::seal::{Change, Content, Scheme, take_back};
use super::super::{Fault, What};
use super::Looking;
use crate::procedure::FieldId;
use crate::record::{CellId, Deed, Record, RecordId};

/// Of a sheet whose seals are made anew for each line, so many bytes' worth of its own length are hashed: then every so many
/// lines are held against their seals only. No sheet of an office comes near it.
const WHOLE: usize = 2_000;

/// A line of a sheet's history.
pub(super) struct Entry {
    pub(super) id: i64,
    pub(super) what: Option<What>,
    pub(super) cell: CellId,
    pub(super) old: Option<String>,
    pub(super) new: String,
    pub(super) content: Vec<u8>,
    pub(super) scheme: Option<Scheme>,
    pub(super) purged: bool,
}

/// Where a sheet's lines do not lead from one to the next.
pub(super) enum Break {
    /// The line took the sheet as it was found, and that is not what the line before it had left.
    Taken(i64),
    /// The line does not say what was done to the sheet.
    Untrue(i64),
}

impl Looking<'_> {
    /// Every line of a sheet, oldest first.
    pub(super) fn entries(&self, id: RecordId) -> Result<Vec<Entry>, Fault> {
        let sql = "SELECT id, what, field, round, old, new, content, scheme, purged, line FROM history
                   WHERE record = ?1 ORDER BY id";
        let mut lines = self.store.connection.prepare_cached(sql)?;
        let mut rows = lines.query([id.0])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let text = |at: usize| row.get::<_, Option<String>>(at);
            let place = |at: usize| {
                let number = row.get::<_, Option<i64>>(at)?.and_then(|it| usize::try_from(it).ok());
                Ok::<_, Fault>(number.unwrap_or_default())
            };
            entries.push(Entry {
                id: row.get(0)?,
                what: What::of(&row.get::<_, String>(1)?),
                cell: CellId { round: place(3)?, field: FieldId(text(2)?.unwrap_or_default()), line: place(9)? },
                old: text(4)?,
                new: text(5)?.unwrap_or_default(),
                content: row.get(6)?,
                scheme: Scheme::of(row.get(7)?),
                purged: row.get(8)?,
            });
        }
        Ok(entries)
    }
}

/// Takes the sheet, which holds what its last line sealed, back to its beginning. The first place, from the end, where a line
/// does not lead to what the next one found.
pub(super) fn replay(mut record: Record, entries: &[Entry]) -> Option<Break> {
    let links = Content::of(&record);
    let every =
        (record.corrections.len() + record.facts.len()).max(1).saturating_mul(entries.len()) / (WHOLE * WHOLE) + 1;
    // The line behind the one that is looked at.
    let mut later: Option<&Entry> = None;
    for (place, entry) in entries.iter().enumerate().rev() {
        // What a destroyed sheet held, and the texts of its lines, are gone: what is left of them was sealed then.
        let destructions = record.facts.iter().filter(|it| matches!(it.deed, Deed::Destroyed { .. })).count();
        let last = record.facts.last().is_some_and(|it| matches!(it.deed, Deed::Destroyed { .. }));
        if destructions == 1 && (entry.purged || entry.what == Some(What::Fact) && last) {
            return None;
        }
        // No sheet is destroyed twice, and no line says what this program does not know.
        let Some(what) = entry.what.filter(|_| destructions < 2 && !entry.purged) else {
            return Some(Break::Untrue(entry.id));
        };
        let scheme = entry.scheme.unwrap_or(Scheme::Whole);
        let looked = scheme == Scheme::Linked || every == 1 || place % every == 0 || later.is_none_or(taken);
        if looked && links.seal(&record, scheme).as_slice() != entry.content {
            return Some(match later {
                Some(later) if taken(later) => Break::Taken(later.id),
                later => Break::Untrue(later.map_or(entry.id, |it| it.id)),
            });
        }
        let change = Change { what, cell: &entry.cell, old: entry.old.as_deref().unwrap_or_default(), new: &entry.new };
        if !take_back(&mut record, &change) {
            return Some(Break::Untrue(entry.id));
        }
        later = Some(entry);
    }
    None
}

/// Whether a line takes its sheet as it is found.
fn taken(entry: &Entry) -> bool {
    matches!(entry.what, Some(What::Created | What::Imported | What::Rescued))
}
