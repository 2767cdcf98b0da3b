//! Looking a book over: is the file whole, is the history what was written, do the numbers run on.

use std::collections::HashMap;

use super::history::{Remains, Seal, Sealed, Tail, content};
use super::{Fault, Store, What};
use crate::record::RecordId;

/// How many findings of one kind are told one by one.
const TOLD: usize = 20;

/// One kind of look; what it finds goes into the list.
type Look = fn(&Store, &mut Vec<String>) -> Result<(), Fault>;

impl Store {
    /// What is wrong with the book, a sentence each; nothing where all is well.
    pub fn check(&self) -> Vec<String> {
        let mut found = Vec::new();
        let looks: [Look; 5] =
            [Self::check_file, Self::check_references, Self::check_history, Self::check_contents, Self::check_numbers];
        // All of it at one moment: else what another window writes meanwhile would look like meddling.
        let looked = self.reading(|| {
            for look in looks {
                let mut here = Vec::new();
                if let Err(fault) = look(self, &mut here) {
                    here.push(format!("检查不下去：{fault}"));
                }
                let more = here.len().saturating_sub(TOLD);
                here.truncate(TOLD);
                found.extend(here);
                if more > 0 {
                    found.push(format!("……此类问题还有 {more} 处"));
                }
            }
            Ok(())
        });
        found.extend(looked.err().map(|error| error.to_string()));
        found
    }

    fn check_file(&self, found: &mut Vec<String>) -> Result<(), Fault> {
        let mut pages = self.connection.prepare("PRAGMA integrity_check")?;
        let mut rows = pages.query([])?;
        while let Some(row) = rows.next()? {
            let said: String = row.get(0)?;
            if said != "ok" {
                found.push(format!("文件已损坏：{said}"));
            }
        }
        Ok(())
    }

    fn check_references(&self, found: &mut Vec<String>) -> Result<(), Fault> {
        let mut lost = self.connection.prepare("PRAGMA foreign_key_check")?;
        let mut rows = lost.query([])?;
        while let Some(row) = rows.next()? {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            found.push(format!("表 {table} 里有一行，所属的 {parent} 不在了"));
        }
        let sql = "SELECT count(*) FROM value WHERE text IS NULL AND long NOT IN (SELECT id FROM long_text)";
        let lost: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
        if lost > 0 {
            found.push(format!("有 {lost} 格的长文字丢失"));
        }
        Ok(())
    }

    fn check_history(&self, found: &mut Vec<String>) -> Result<(), Fault> {
        let sql = "SELECT id, record, at, what, field, round, old, new, content, hash, purged FROM history ORDER BY id";
        let mut lines = self.connection.prepare(sql)?;
        let mut rows = lines.query([])?;
        let mut tail = Tail::NONE;
        let mut remains: HashMap<i64, Remains> = HashMap::new();
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
            };
            let hash: Seal = row.get(9)?;
            let purged: bool = row.get(10)?;
            if purged {
                remains.entry(sealed.record).or_default().add(&sealed, &hash);
            }
            if sealed.id != tail.id + 1 {
                found.push(format!("修改记录缺第 {} 至 {} 行，不知是谁删去的", tail.id + 1, sealed.id - 1));
            } else if !purged && sealed.hash(&tail.hash) != hash {
                let at = sealed.at.replace('T', " ");
                found.push(format!("修改记录第 {} 行（{at}）与校验码不符，不知是谁改动过", sealed.id));
            }
            // A destroyed sheet's texts are gone: what is left of its lines is sealed by the line that tells of it.
            if let (What::FACT, Some(seal)) = (sealed.what, sealed.old) {
                let left = remains.remove(&sealed.record).map(Remains::seal);
                if left.as_deref() != Some(seal) {
                    found.push(format!("第 {} 行销毁的单据，留下的修改记录不知是谁改动过", sealed.id));
                }
            }
            tail = Tail { id: sealed.id, hash };
        }
        let mut unsealed: Vec<i64> = remains.into_keys().collect();
        unsealed.sort_unstable();
        for record in unsealed {
            found.push(format!("内部号 {record} 的单据，修改记录里的原文不知是谁抹去的"));
        }
        Ok(())
    }

    /// Whether every sheet holds what its last line of history says it holds.
    fn check_contents(&self, found: &mut Vec<String>) -> Result<(), Fault> {
        let mut seals: HashMap<i64, Seal> = HashMap::new();
        let mut last = self.connection.prepare("SELECT record, content FROM history ORDER BY id")?;
        let mut rows = last.query([])?;
        while let Some(row) = rows.next()? {
            seals.insert(row.get(0)?, row.get(1)?);
        }
        let mut records = self.connection.prepare("SELECT id, form, number FROM record ORDER BY id")?;
        let mut rows = records.query([])?;
        while let Some(row) = rows.next()? {
            let (id, form, number): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let loaded = self.load(RecordId(id));
            let same = matches!(&loaded, Ok(Some(it)) if seals.get(&id) == Some(&content(it)));
            if let Err(fault) = loaded {
                found.push(format!("表 {form} 的 {number} 读不出来：{fault}"));
            } else if !same {
                found.push(format!("表 {form} 的 {number} 与修改记录不符，不知是谁绕过程序改动过"));
            }
        }
        Ok(())
    }

    /// Numbers run on without a gap inside a form and year, and none is used twice. Those reserved and gaps explained in
    /// the number book are none.
    fn check_numbers(&self, found: &mut Vec<String>) -> Result<(), Fault> {
        let sql = "SELECT form, year, sequence, number FROM record NOT INDEXED UNION ALL
                   SELECT DISTINCT form, year, sequence, number FROM number_note WHERE NOT EXISTS (
                       SELECT 1 FROM record WHERE (record.form, record.year, record.sequence)
                       = (number_note.form, number_note.year, number_note.sequence))
                   ORDER BY form, year, sequence";
        let mut records = self.connection.prepare(sql)?;
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
                found.push(format!("表 {form} 的 {year} 年缺第 {} 号", before + 1));
            } else if sequence > before + 2 {
                found.push(format!("表 {form} 的 {year} 年缺第 {} 至 {} 号", before + 1, sequence - 1));
            }
            last.2 = sequence;
        }
        let sql = "SELECT form, number FROM record WHERE 'void' = (
                       SELECT kind FROM number_note AS it WHERE it.form = record.form AND it.year = record.year
                       AND it.sequence = record.sequence ORDER BY id DESC LIMIT 1) ORDER BY form, year, sequence";
        let mut void = self.connection.prepare(sql)?;
        let mut rows = void.query([])?;
        while let Some(row) = rows.next()? {
            let (form, number): (String, String) = (row.get(0)?, row.get(1)?);
            found.push(format!("表 {form} 的编号 {number} 在编号簿里作废，却有单据"));
        }
        Ok(())
    }
}
