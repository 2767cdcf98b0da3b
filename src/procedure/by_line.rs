//! Which signatures close a cell: those of its section, or the one it belongs to; and stages that are signed line by line of a
//! table.

use super::{Field, FieldId, Form, Goes, Stage, Table, TableColumn};
use crate::units::Mm;

/// A signature and its date stand beside each other in a column as wide as this, one under the other in a narrower one.
const BESIDE: Mm = Mm::mm(30.0);
/// The least such a column is wide, and the least its lines are high where one stands under the other.
const LEAST: Mm = Mm::mm(18.0);
const TWO_LINES: Mm = Mm::mm(9.0);

impl Form {
    /// The stages that close a cell, in order: the one it belongs to, or those in its section. One that is signed line by
    /// line closes the lines of its own table; other cells only where nothing else in the section is signed.
    pub fn closers(&self, field: &Field) -> Vec<usize> {
        if let Some(stage) = field.with.as_ref().and_then(|it| self.stage_of(it.as_str())) {
            return vec![stage];
        }
        let Some(section) = self.section_of(field.id.as_str()) else { return Vec::new() };
        let all: Vec<usize> = self.stages_in(self.signed_in(section)).collect();
        let table = |it: &usize| self.stages.get(*it).and_then(|it| it.table.as_ref());
        let own = |it: &usize| table(it).is_none_or(|it| field.table.as_ref() == Some(it));
        if all.iter().any(own) { all.into_iter().filter(own).collect() } else { all }
    }

    /// Whether a stage is signed in the very lines of this field's table.
    pub fn is_in_lines_of(&self, stage: &Stage, field: &Field) -> bool {
        stage.table.is_some() && stage.table == field.table
    }

    /// What has to be known to tell which lines are begun of the tables that are signed line by line.
    pub(super) fn signed_by_line(&self) -> impl Iterator<Item = &str> {
        let tables = self.stages.iter().filter_map(|it| self.tables.get(it.table.as_ref()?));
        let with_paired = tables.flat_map(|it| [Some(it), it.paired.as_ref().and_then(|it| self.tables.get(it))]);
        with_paired.flatten().flat_map(Table::fields).map(FieldId::as_str)
    }

    /// Takes down which stages are signed line by line.
    pub(super) fn settle_lines(&mut self) {
        for stage in &mut self.stages {
            let by = self.fields.iter().find(|it| it.id == stage.by);
            stage.table = by.filter(|it| it.signature).and_then(|it| it.table.clone());
        }
    }

    /// Says what is wrong with signatures by line, and with cells that belong to a later signature.
    pub(super) fn check_lines(&self, say: &mut dyn FnMut(&str, String)) {
        for (place, stage) in self.stages.iter().enumerate().filter(|it| it.1.table.is_some()) {
            let date = stage.date.as_ref().and_then(|it| self.field(it));
            if date.is_none_or(|it| it.table != stage.table) {
                let why = format!(
                    "“{}”逐行签，日期也要是这张表的一列：写“{}/日期”，或后面一列写“日期”",
                    stage.name, stage.by
                );
                say(&format!("stage.{place}.by"), why);
            }
            if stage.verdict.is_asked() {
                let why = format!("“{}”逐行签，不写 verdict；结果写成一列", stage.name);
                say(&format!("stage.{place}.verdict"), why);
            }
            if self.frozen.as_ref() == Some(&stage.name) {
                say("frozen", format!("“{}”逐行签，不能在这一环定下来", stage.name));
            }
            let leads =
                |it: &&Field| it.table == stage.table && it.options.iter().any(|it| it.returns || it.goes != Goes::On);
            for field in self.fields.iter().filter(leads) {
                let why = format!("“{}”在逐行签的表里，选项不写 returns、goes", field.name);
                say(&format!("field:{}.options", field.id), why);
            }
        }
        for field in self.every_field() {
            let Some(with) = &field.with else { continue };
            let section = self.section_of(field.id.as_str());
            let signed = self.stage_of(with.as_str()).filter(|it| self.stages[*it].by == *with);
            let signed = signed.and_then(|it| self.section_of(self.stages[it].by.as_str()));
            let why = match (section, signed) {
                (None, _) => "不在纸上，不写 with",
                (_, None) => "的 with 应是一个环节的签名格（by）",
                (Some(here), Some(there)) if there < here => "的 with 不能是前面的栏的签名",
                _ if field.signature => "是签名格，不写 with",
                _ => continue,
            };
            say(&format!("field:{}.with", field.id), format!("“{}”{why}", field.name));
        }
    }
}

impl TableColumn {
    /// Whether a signature and its date stand beside each other in it.
    pub fn dates_beside(&self) -> bool {
        self.width >= BESIDE
    }
}

impl Table {
    /// Says what of its columns has no room for a signature and its date.
    ///
    /// # Errors
    /// A sentence.
    pub(super) fn check_dated(&self) -> Result<(), String> {
        let low = |width: Mm| width < LEAST || width < BESIDE && self.height < TWO_LINES;
        match self.columns.iter().find(|it| it.date.is_some() && low(it.width)) {
            Some(column) => Err(format!(
                "列“{}”里要签名和日期：至少宽 {} 毫米；行高至少 {} 毫米的，至少宽 {} 毫米",
                column.head,
                BESIDE.to_mm(),
                TWO_LINES.to_mm(),
                LEAST.to_mm()
            )),
            None => Ok(()),
        }
    }
}
