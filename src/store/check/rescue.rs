//! What a book says of its own past for ever: that it was saved from a damaged file, that an upgrade took in what nothing
//! had sealed before, that the files of its forms were changed. No alarm today, and never silent.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::super::sealed_tables::TABLES;
use super::super::{Fault, Result, Store, What};
use super::{Looking, NAMED, hour};

/// What the line says that tells of a rescue (抢救): the end of the damaged book's chain, and what did not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(in super::super) struct Rescue {
    /// The number of the last line that was found; nought where there was none.
    pub(in super::super) line: i64,
    /// Its hash, in figures and letters.
    pub(in super::super) hash: String,
    /// Whether the history goes on from there; else it begins anew.
    pub(in super::super) kept: bool,
    /// What did not hold, the first of many.
    pub(in super::super) found: Vec<String>,
    /// How much more did not.
    pub(in super::super) more: usize,
    /// Rows beside the sheets that were gone: which table's, and their keys.
    pub(in super::super) gone: Vec<(String, String)>,
}

impl Rescue {
    /// Whether the damaged book held.
    pub(in super::super) fn held(&self) -> bool {
        self.found.is_empty() && self.more == 0 && self.kept
    }
}

impl Store {
    /// Every rescue the book tells of: the line, its hour, what it says.
    pub(in super::super) fn rescues(&self) -> Result<Vec<(i64, String, Rescue)>, Fault> {
        let sql = "SELECT id, at, new FROM history WHERE record IS NULL AND what = ?1 ORDER BY id";
        let mut lines = self.connection.prepare(sql)?;
        let mut rows = lines.query([What::Rescued.word()])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let said: Option<String> = row.get(2)?;
            // One that cannot be read says the worst: that nothing held.
            let rescue = said.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default();
            all.push((row.get(0)?, row.get(1)?, rescue));
        }
        Ok(all)
    }
}

impl Looking<'_> {
    /// What is known for ever about the book.
    pub(super) fn past(&mut self, found: &mut Vec<String>) -> Result<()> {
        self.store.reading(|| {
            let rescues = self.store.rescues()?;
            for (line, at, rescue) in &rescues {
                self.tell_rescue(*line, at, rescue);
            }
            self.tell_upgrade(&rescues.iter().map(|it| it.0).collect::<Vec<_>>())?;
            self.tell_files(found)
        })
    }

    fn tell_rescue(&mut self, line: i64, at: &str, rescue: &Rescue) {
        let at = hour(at);
        let marks = &mut self.checkup.marks;
        let until = match rescue.line {
            0 => "原来的修改记录一行也没有救出来".to_owned(),
            last => format!("原来的修改记录至第 {last} 行，校验码 {}", rescue.hash.get(..16).unwrap_or(&rescue.hash)),
        };
        if rescue.held() {
            marks.push(format!(
                "这本台帐是 {at} 从损坏的文件抢救出来的（修改记录第 {line} 行）；{until}，抢救时全部相符"
            ));
            return;
        }
        self.checkup.doubtful = true;
        let kept = if rescue.kept { "照原样接着记" } else { "接不上，从抢救起重新记" };
        marks.push(format!(
            "这本台帐是 {at} 抢救出来的（修改记录第 {line} 行），抢救以前就有 {} 处对不上，这些内容不能证明没有被改动过；{until}，{kept}",
            rescue.found.len() + rescue.more
        ));
        marks.extend(rescue.found.iter().map(|it| format!("抢救以前：{it}")));
        if rescue.more > 0 {
            marks.push(format!("抢救以前：……还有 {} 处", rescue.more));
        }
    }

    /// What an upgrade took into the chain, which nothing had sealed before.
    fn tell_upgrade(&mut self, rescues: &[i64]) -> Result<(), Fault> {
        let connection = &self.store.connection;
        let sql = "SELECT min(id), max(id), min(at) FROM history WHERE record IS NULL AND what = ?1";
        let (first, last, at): (Option<i64>, Option<i64>, Option<String>) =
            connection.query_row(sql, [What::Adopted.word()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let (Some(first), Some(last), Some(at)) = (first, last, at) else { return Ok(()) };
        // Of a rescue that began the history anew, more has been said.
        if rescues.iter().any(|it| *it < first) {
            return Ok(());
        }
        // The lines of rows beside the sheets follow on each other, and nobody made them.
        let sql = "SELECT what, count(*) FROM history WHERE record IS NULL AND made_by IS NULL AND id BETWEEN ?1 AND
                   coalesce((SELECT min(id) - 1 FROM history WHERE id > ?2 AND (record IS NOT NULL OR made_by IS NOT NULL)),
                            9223372036854775807) GROUP BY what";
        let mut counts = connection.prepare(sql)?;
        let counts: BTreeMap<String, i64> =
            counts.query_map([first, last], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let parts: Vec<String> = TABLES
            .iter()
            .filter_map(|it| Some(format!("{} {} 项", it.what.name(), counts.get(it.what.word())?)))
            .chain(["各张单的年份和序号".to_owned()])
            .collect();
        self.checkup.marks.push(format!(
            "升级以前没有封存、不能证明的：{}（{} 起由修改记录第 {first} 行起封存；升级以前是否被改动过，只能与纸质单据和打印的台帐核对）",
            parts.join("、"),
            hour(&at)
        ));
        Ok(())
    }

    /// Which files of the procedure were changed while the book was in use, and what was printed by which.
    fn tell_files(&mut self, found: &mut Vec<String>) -> Result<(), Fault> {
        let files = self.store.told_files()?;
        for (name, uses) in &files {
            for pair in uses.windows(2) {
                let [(from, ..), (line, at, _)] = pair else { continue };
                let printed = self.printed_between(name, *from, *line)?;
                self.checkup.marks.push(format!(
                    "{name}的文件在修改记录第 {line} 行（{}）换过：第 {from} 至 {} 行之间打印的{printed}用的是前一份",
                    hour(at),
                    line - 1
                ));
            }
        }
        for file in self.procedure.map(|it| it.files.as_slice()).unwrap_or_default() {
            let last = files.get(&file.name).and_then(|it| it.last());
            // A file of the program's own becomes another with the program, and beside a copy there is none of the office's.
            if let Some((line, _, seal)) = last.filter(|it| it.2 != file.seal && file.own) {
                found.push(format!(
                    "{}的文件与修改记录第 {line} 行记下的不同（记下的 {}，现在的 {}）：以后打印的与以前的不一样，请核对是谁换的",
                    file.name,
                    seal.get(..16).unwrap_or(seal),
                    file.seal.get(..16).unwrap_or(&file.seal)
                ));
            }
        }
        Ok(())
    }

    /// The sheets of a form that were printed between two lines.
    fn printed_between(&self, name: &str, from: i64, until: i64) -> Result<String, Fault> {
        let sql = "SELECT DISTINCT record.form, record.edition, record.number FROM history JOIN record ON record.id = history.record
                   WHERE history.id > ?1 AND history.id < ?2 AND what = 'fact' AND json_valid(new)
                   AND json_extract(new, '$.deed') = 'printed' ORDER BY record.id";
        let mut sheets = self.store.connection.prepare_cached(sql)?;
        let mut rows = sheets.query([from, until])?;
        let mut numbers = Vec::new();
        while let Some(row) = rows.next()? {
            let (form, edition): (String, String) = (row.get(0)?, row.get(1)?);
            // A calendar, or the document, is every form's.
            if !name.starts_with("表单") || name == file_name(&form, &edition) {
                numbers.push(row.get::<_, String>(2)?);
            }
        }
        let all = numbers.len();
        numbers.truncate(NAMED);
        let more = if all > NAMED { "等" } else { "" };
        Ok(if all == 0 {
            "单（没有）".to_owned()
        } else {
            format!(" {all} 张单（{}{more}）", numbers.join("、"))
        })
    }
}

/// What the file of a form's edition is called.
fn file_name(form: &str, edition: &str) -> String {
    crate::procedure::file_name(&form.into(), &edition.into())
}

impl Store {
    /// The keys of rows beside the sheets that were gone when the book was rescued at this line.
    pub(super) fn gone_at(rescues: &[(i64, String, Rescue)], what: What) -> HashSet<(i64, &str)> {
        let of = |it: &&(String, String)| it.0 == what.word();
        rescues
            .iter()
            .flat_map(|(line, _, it)| it.gone.iter().filter(of).map(move |it| (*line, it.1.as_str())))
            .collect()
    }
}
