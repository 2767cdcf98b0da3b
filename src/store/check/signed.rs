//! What the signatures in the book are worth: which were made with the key of whoever signed, which came from a file, and
//! which are none of theirs.

use super::super::signatures::{DEEP, Keys, Worth, signed_in};
use super::super::{Fault, Result, What};
use super::{LINES, Looking};
use crate::record::{Record, RecordId, brief};

/// What is known of the book's signatures while it is looked over.
#[derive(Debug, Default)]
pub(super) struct Signatures {
    keys: Keys,
    /// What was said of cells already.
    told: Vec<String>,
    /// How many came from a file or a damaged book, on how many sheets, and the first of these.
    imported: (usize, usize, String),
    /// How many sheets there are whose form is not known, so that nothing can be said of their signatures.
    unread: usize,
}

impl Looking<'_> {
    /// Whether every key was there first, or was replaced by whoever may.
    pub(super) fn keys(&mut self, found: &mut Vec<String>) -> Result<()> {
        let keys = self.store.reading(|| self.store.keys())?;
        found.extend(keys.untrue.iter().map(|(line, person)| {
            let person = brief(person);
            format!("修改记录第 {line} 行，“{person}”的签名钥匙被换过或去掉过，没有本人或另外两人的钥匙证明，不作数")
        }));
        self.signatures.keys = keys;
        Ok(())
    }

    /// What the names in a sheet's signature cells are worth. `first`: what its first line says was done.
    pub(super) fn signed_cells(
        &mut self,
        name: &str,
        record: &Record,
        first: Option<What>,
        found: &mut Vec<String>,
    ) -> Result<(), Fault> {
        let keyed = !self.signatures.keys.is_empty();
        if !keyed && !matches!(first, Some(What::Imported | What::Rescued)) {
            return Ok(());
        }
        let Some(form) = self.procedure.and_then(|it| it.edition(&record.form, &record.edition)) else {
            self.signatures.unread += usize::from(keyed);
            return Ok(());
        };
        let mut signings = self.store.signings_with(&self.signatures.keys, form, record)?;
        if signings.iter().any(|it| it.worth == Worth::Forged) {
            // Somebody may have got a key since they were read.
            self.signatures.keys = self.store.keys()?;
            signings = self.store.signings_with(&self.signatures.keys, form, record)?;
        }
        for it in signings.iter().filter(|it| it.worth == Worth::Forged) {
            self.signatures.told.push(forged(name, &it.name));
            found.push(forged(name, &it.name));
        }
        let came = signings.iter().filter(|it| matches!(it.worth, Worth::Imported | Worth::Rescued)).count();
        if came > 0 {
            let (count, sheets, first) = &mut self.signatures.imported;
            if *sheets == 0 {
                name.clone_into(first);
            }
            (*count, *sheets) = (*count + came, *sheets + 1);
        }
        Ok(())
    }

    /// Whether every signature of whoever has a key was made with it.
    pub(super) fn signatures(&mut self, found: &mut Vec<String>) -> Result<()> {
        let (store, Signatures { keys, told, imported, unread }) = (self.store, &self.signatures);
        let (mut last, mut all, mut proved, mut carried) = (i64::MIN, 0, 0, 0);
        while (self.goes_on)() {
            let before = last;
            store.reading(|| {
                let sql = "SELECT id, record, new FROM history WHERE id > ?1 AND what = ?2 AND record IS NOT NULL
                           AND new IS NOT NULL ORDER BY id LIMIT ?3";
                let mut lines = store.connection.prepare_cached(sql)?;
                let mut rows = lines.query(rusqlite::params![last, What::FACT, LINES])?;
                while let Some(row) = rows.next()? {
                    last = row.get(0)?;
                    let (record, text): (i64, String) = (row.get(1)?, row.get(2)?);
                    let Some(signed) = signed_in(&text) else { continue };
                    all += 1;
                    let mut worth = store.worth(keys, (RecordId(record), last, &text), &signed, DEEP)?;
                    if worth == Worth::Forged {
                        // Somebody may have got a key since they were read.
                        worth = store.worth(&store.keys()?, (RecordId(record), last, &text), &signed, DEEP)?;
                    }
                    match worth {
                        Worth::Proved => proved += 1,
                        // What stands on the original says nothing of what the rewritten sheet holds.
                        Worth::Carried => carried += 1,
                        Worth::Forged => {
                            let sentence = forged(&store.sheet_name(record)?, &signed.name);
                            if !told.contains(&sentence) {
                                found.push(sentence);
                            }
                        }
                        Worth::Bare | Worth::Imported | Worth::Rescued => {}
                    }
                }
                Ok(())
            })?;
            if last == before {
                break;
            }
        }
        let marks = &mut self.checkup.marks;
        if !keys.is_empty() {
            let carried = match carried {
                0 => String::new(),
                some => format!("，另 {some} 处是重抄时从原单照搬的，以原单为准"),
            };
            marks.push(format!("签署 {all} 处，其中 {proved} 处有本人钥匙证明{carried}"));
        }
        if *unread > 0 {
            marks.push(format!("有 {unread} 张单的表单文件不在，签名格里的姓名没有核对"));
        }
        let (count, sheets, first) = imported;
        if *count > 0 {
            marks.push(format!(
                "导入的签署 {count} 处（连抢救来的），在 {sheets} 张单上（头一张 {first}）：不是在这本台帐里签的，未证明"
            ));
        }
        Ok(())
    }
}

fn forged(sheet: &str, name: &str) -> String {
    format!("{sheet}，“{}”的签署{}", brief(name), Worth::Forged.name())
}
