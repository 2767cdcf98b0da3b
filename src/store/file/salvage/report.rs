//! The list of what was lost (抢救清单), for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{Datelike as _, NaiveDateTime};
use rusqlite::Connection;
use tempfile::TempDir;

use super::mend::Broken;
use crate::procedure::{FieldId, Form, FormId, NumberPattern, Procedure};
use crate::record::CellId;
use crate::store::Fault;

/// What became of a damaged book.
#[derive(Clone, Debug)]
pub struct Salvage {
    /// How many sheets were saved.
    pub sheets: usize,
    /// Whether the book held: its whole history was there, and every row what its last line says.
    pub whole: bool,
    /// Whether the history goes on; else it begins anew, and [`fmt::Display`] tells what was left of it.
    pub kept: bool,
    /// How many lines of history were found.
    pub(super) lines: usize,
    /// Where it lies while it is only read.
    pub(super) folder: Option<Arc<TempDir>>,
    path: PathBuf,
    pub(super) now: NaiveDateTime,
    pub(super) pages: u32,
    /// Blocks that the disk could not read.
    pub(super) unread: u32,
    pub(super) bad: BTreeSet<u32>,
    /// Sheets that no longer are what their last line of history says, or of which there is none.
    pub(super) unproved: BTreeSet<i64>,
    back: BTreeMap<i64, Vec<String>>,
    gone: BTreeMap<i64, Vec<String>>,
    pub(super) lost: Vec<String>,
    untaken: Vec<String>,
    pub(super) general: Vec<String>,
    pub(super) loose: Vec<String>,
    pub(super) gaps: Vec<String>,
    history: Vec<String>,
    numbers: BTreeMap<i64, (FormId, String)>,
    procedure: Procedure,
}

impl Salvage {
    pub(super) fn new(path: &Path, procedure: &Procedure, now: NaiveDateTime) -> Self {
        Self {
            sheets: 0,
            whole: false,
            kept: false,
            lines: 0,
            folder: None,
            path: path.to_owned(),
            now,
            pages: 0,
            unread: 0,
            bad: BTreeSet::new(),
            unproved: BTreeSet::new(),
            back: BTreeMap::new(),
            gone: BTreeMap::new(),
            lost: Vec::new(),
            untaken: Vec::new(),
            general: Vec::new(),
            loose: Vec::new(),
            gaps: Vec::new(),
            history: Vec::new(),
            numbers: BTreeMap::new(),
            procedure: procedure.clone(),
        }
    }

    /// Whether nothing was lost, and nothing had to be put back from elsewhere.
    pub fn is_whole(&self) -> bool {
        self.whole && self.unproved.is_empty() && self.losses() == 0 && self.general.is_empty() && self.back.is_empty()
    }

    /// What came of it, in a line.
    pub fn summary(&self) -> String {
        let history = match (self.kept, self.whole, self.lines) {
            (true, true, _) => "修改记录完整",
            (true, false, _) => "修改记录完整，但有内容与它对不上，请看清单",
            (false, _, 0) => "修改记录全部丢失，重新开始：这些单的内容不能证明没有被改动过",
            (false, ..) => "修改记录不完整，重新开始",
        };
        let lost = self.losses();
        let back: usize = self.back.values().map(Vec::len).sum();
        if (lost, back, self.unproved.len()) == (0, 0, 0) {
            return format!("救出 {} 张单，没有发现丢失；{history}", self.sheets);
        }
        format!(
            "救出 {} 张单；补回 {back} 处，已知丢失 {lost} 处，{} 张与修改记录核对不上；{history}",
            self.sheets,
            self.unproved.len()
        )
    }

    /// How much is known to be lost.
    pub(super) fn losses(&self) -> usize {
        self.gone.values().map(Vec::len).sum::<usize>() + self.lost.len() + self.loose.len() + self.untaken.len()
    }

    /// A row that no program writes so, and that was left behind.
    pub(super) fn untaken(&mut self, table: &str, row: &[String]) {
        self.untaken.push(format!("{table}：{}", row.join("，")));
    }

    /// How sheets of a form are numbered.
    pub(super) fn pattern(&self, form: &str) -> &NumberPattern {
        self.procedure.document.pattern(&FormId::from(form))
    }

    pub(super) fn newest_edition(&self, form: &str) -> Option<String> {
        self.procedure.form(&FormId::from(form)).map(|it| it.edition.to_string())
    }

    /// The form, in its newest edition, that has the most of these cells, and the year and place that the number tells.
    pub(super) fn form_of(&self, names: &[String], number: &str) -> Option<(String, String, (i32, i64))> {
        let count = |form: &Form| names.iter().filter(|it| form.field(&FieldId::from(it.as_str())).is_some()).count();
        let form = self.procedure.in_use().into_iter().filter(|it| count(it) > 0).max_by_key(|it| count(it))?;
        let numbered = self.procedure.document.pattern(&form.form).read(number, [self.now.year(); 2])?;
        Some((form.form.to_string(), form.edition.to_string(), numbered))
    }

    /// Reads what the sheets are called.
    pub(super) fn read_names(&mut self, book: &Connection) -> Result<(), Fault> {
        let mut found = book.prepare("SELECT id, form, number FROM record")?;
        let mut rows = found.query([])?;
        while let Some(row) = rows.next()? {
            self.numbers.insert(row.get(0)?, (FormId(row.get(1)?), row.get(2)?));
        }
        Ok(())
    }

    /// Keeps the lines of the history that were saved, for the list.
    pub(super) fn read_history(&mut self, book: &Connection) -> Result<(), Fault> {
        let sql = "SELECT id, record, at, what,
                          CASE line WHEN 0 THEN field ELSE field || '第' || (line + 1) || '行' END, round, old, new
                   FROM history ORDER BY id";
        let mut found = book.prepare(sql)?;
        let mut rows = found.query([])?;
        while let Some(row) = rows.next()? {
            let (id, record, at, what): (i64, Option<i64>, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            let name = record.map_or_else(String::new, |it| self.sheet(it));
            let texts: Vec<String> = (4..8)
                .filter_map(|it| row.get_ref(it).ok())
                .map(|it| match it {
                    rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                    rusqlite::types::ValueRef::Integer(number) => number.saturating_add(1).to_string(),
                    _ => "—".to_owned(),
                })
                .collect();
            self.history.push(format!("{id}\t{at}\t{name}\t{what}\t{}", texts.join("\t")));
        }
        Ok(())
    }

    /// What a sheet is called.
    fn sheet(&self, record: i64) -> String {
        match self.numbers.get(&record) {
            Some((form, number)) => format!("表 {form} {number}"),
            None => format!("内部号 {record} 的单"),
        }
    }

    /// What a cell is called.
    pub(super) fn cell(&self, cell: &Broken) -> String {
        let form = self.numbers.get(&cell.record).and_then(|it| self.procedure.form(&it.0));
        let field = cell.field.as_str();
        let name = form.and_then(|it| it.field(&FieldId::from(field))).map_or(field, |it| it.name.as_str());
        let line = CellId::in_line(field, 0, usize::try_from(cell.line).unwrap_or_default()).line_name();
        if cell.round > 0 {
            format!("第 {} 次处置的“{name}”{line}", cell.round.saturating_add(1))
        } else {
            format!("“{name}”{line}")
        }
    }

    pub(super) fn back(&mut self, record: i64, what: String) {
        self.back.entry(record).or_default().push(what);
    }

    pub(super) fn lost(&mut self, record: i64, what: String) {
        self.gone.entry(record).or_default().push(what);
    }

    pub(super) fn orphan(&mut self, cell: &Broken, text: &str) {
        self.lost.push(format!("{}，{}：{text}", self.sheet(cell.record), self.cell(cell)));
    }

    fn part(&self, f: &mut fmt::Formatter<'_>, title: &str, lines: &[String]) -> fmt::Result {
        if lines.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n【{title}】")?;
        lines.iter().try_for_each(|it| writeln!(f, "  {it}"))
    }

    fn by_sheet(&self, all: &BTreeMap<i64, Vec<String>>) -> Vec<String> {
        all.iter().flat_map(|(id, lines)| lines.iter().map(|it| format!("{}：{it}", self.sheet(*id)))).collect()
    }
}

impl fmt::Display for Salvage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "抢救清单")?;
        writeln!(f, "从 {}，{}", self.path.display(), self.now.format("%Y-%m-%d %H:%M"))?;
        writeln!(f, "{}", self.summary())?;
        let history = if self.whole {
            "修改记录全部救出，校验码相符，照原样保留。"
        } else if self.kept {
            "修改记录全部救出，照原样接着记；与它对不上的内容照抄下来，记明是抢救所得，检查台帐时一直看得到。"
        } else {
            "修改记录没有全部救出：各张单作为“抢救”记入新的台帐，编号、划改、作废、办理都保留；救出的修改记录抄在最后。"
        };
        writeln!(f, "{history}")?;
        if self.bad.is_empty() && self.unread == 0 {
            writeln!(f, "文件共 {} 页，各页都读得出来。", self.pages)?;
        } else {
            let bad: Vec<String> = self.bad.iter().take(60).map(ToString::to_string).collect();
            let more = if self.bad.len() > 60 { "等" } else { "" };
            writeln!(
                f,
                "文件共 {} 页，读不出的 {} 页：第 {}{more} 页；磁盘读不出的 {} 块。",
                self.pages,
                self.bad.len(),
                bad.join("、"),
                self.unread
            )?;
        }
        self.part(f, "已知丢失", &self.by_sheet(&self.gone))?;
        self.part(f, "不知属于哪一张单的", &self.lost)?;
        self.part(f, "不知属于哪一格的长文字", &self.loose)?;
        self.part(f, "写法不对、没有带过来的行（所在的表：各项）", &self.untaken)?;
        self.part(f, "补回的，请与纸质单据核对", &self.by_sheet(&self.back))?;
        self.part(f, "其他", &self.general)?;
        let unproved: Vec<String> = self.unproved.iter().map(|it| self.sheet(*it)).collect();
        self.part(f, "与最后一行修改记录核对不上（有丢失或补得不全），请逐张与纸质单据核对", &unproved)?;
        self.part(f, "抢救出来的台帐检查的结果", &self.gaps)?;
        self.part(f, "救出的修改记录（行号、时间、单、事项、项目、第几次、原文、新文）", &self.history)
    }
}
