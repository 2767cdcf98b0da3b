//! Whether the chain holds, from the first line of history to the last.

use std::collections::HashSet;

use super::super::history::{Sealed, Tail};
use super::super::seal::Seal;
use super::super::{Fault, Head, Result, What};
use super::{LINES, Looking, hour};
use crate::record::RecordId;

impl Looking<'_> {
    /// Whether the chain holds from the first line to the last.
    pub(super) fn history(&mut self, found: &mut Vec<String>) -> Result<()> {
        let (mut tail, mut last) = (Tail::NONE, i64::MIN);
        // Sheets whose lines lost their texts, and that were not seen destroyed yet.
        let mut purged: HashSet<i64> = HashSet::new();
        let mut hours = Hours::default();
        while (self.goes_on)() {
            let before = last;
            self.store.reading(|| self.lines(&mut tail, &mut last, &mut purged, &mut hours, found))?;
            if last == before {
                break;
            }
        }
        let mut unsealed: Vec<i64> = purged.into_iter().collect();
        unsealed.sort_unstable();
        for record in unsealed {
            let name = self.store.reading(|| self.store.sheet_name(record))?;
            found.push(format!("{name} 没有销毁，修改记录里的原文却不知是谁抹去的"));
        }
        self.checkup.chain_holds = found.is_empty() && (self.goes_on)();
        self.checkup.marks.extend(hours.told());
        let hash = std::array::from_fn(|it| tail.hash[it]);
        self.checkup.head = (tail.id > 0).then_some(Head { line: tail.id, hash });
        Ok(())
    }

    /// Follows the chain for the next lines.
    fn lines(
        &self,
        tail: &mut Tail,
        last: &mut i64,
        purged: &mut HashSet<i64>,
        hours: &mut Hours,
        found: &mut Vec<String>,
    ) -> Result<(), Fault> {
        let sql =
            "SELECT id, record, at, what, field, round, old, new, content, hash, purged, made_by, scheme, line FROM history
                   WHERE id > ?1 ORDER BY id LIMIT ?2";
        let mut lines = self.store.connection.prepare_cached(sql)?;
        let mut rows = lines.query([*last, LINES])?;
        while let Some(row) = rows.next()? {
            let text = |at: usize| Ok::<_, Fault>(row.get_ref(at)?.as_str_or_null().map_err(rusqlite::Error::from)?);
            let sealed = Sealed {
                id: row.get(0)?,
                record: row.get(1)?,
                at: text(2)?.unwrap_or_default(),
                what: text(3)?.unwrap_or_default(),
                field: text(4)?,
                round: row.get(5)?,
                old: text(6)?,
                new: text(7)?,
                content: row.get_ref(8)?.as_blob().map_err(rusqlite::Error::from)?,
                made_by: text(11)?,
                scheme: row.get(12)?,
                line: row.get(13)?,
            };
            let hash: Seal = row.get(9)?;
            let gone: bool = row.get(10)?;
            *last = sealed.id;
            if sealed.id <= tail.id {
                found.push(format!("{}不在其位，不知是谁添上的", self.store.line_name(&sealed)?));
                continue;
            }
            if sealed.id != tail.id + 1 {
                let (from, to) = (tail.id + 1, sealed.id - 1);
                let which = if from == to { format!("{from}") } else { format!("{from} 至 {to}") };
                found.push(format!("修改记录缺第 {which} 行，不知是谁删去的"));
            } else if !gone && sealed.hash(&tail.hash) != hash {
                found.push(format!("{}与校验码不符，不知是谁改动过", self.store.line_name(&sealed)?));
            }
            match sealed.record {
                Some(record) if gone => drop(purged.insert(record)),
                None if gone => found.push(format!("{}的原文不知是谁抹去的", self.store.line_name(&sealed)?)),
                _ => {}
            }
            // A destroyed sheet's texts are gone: what is left of its lines is sealed by the line that tells of it.
            if let (What::FACT, Some(seal), Some(record)) = (sealed.what, sealed.old, sealed.record) {
                purged.remove(&record);
                let left = self.store.seal_remains(RecordId(record))?;
                if left.as_deref() != Some(seal) {
                    let line = self.store.line_name(&sealed)?;
                    found.push(format!("{line}销毁的单据，留下的修改记录不知是谁改动过"));
                }
            }
            hours.pass(&sealed);
            *tail = Tail { id: sealed.id, hash };
        }
        Ok(())
    }
}

/// Lines whose hour lies before that of the line above: the clock was put back, or what was done was put down later.
#[derive(Default)]
struct Hours {
    last: String,
    count: usize,
    first: Option<(i64, String, String)>,
}

impl Hours {
    fn pass(&mut self, line: &Sealed<'_>) {
        // As they are kept, hours stand in the order of their letters.
        if *line.at < *self.last {
            self.count += 1;
            let (before, at) = (hour(&self.last), hour(line.at));
            self.first.get_or_insert((line.id, before, at));
        }
        line.at.clone_into(&mut self.last);
    }

    fn told(self) -> Option<String> {
        let (line, before, at) = self.first?;
        Some(format!(
            "修改记录有 {} 处时间早于上一行，第一处是第 {line} 行（上一行 {before}，这一行 {at}）：电脑的钟当时拨回过，或者两台电脑的钟不一样；先后以行号为准",
            self.count
        ))
    }
}
