//! What lies on the desk, as the views are given it.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use eframe::egui::{Color32, Frame, Margin, Stroke};

use crate::flow::Unmet;
use crate::procedure::{Field, FieldId, Form, FormId, Procedure, Stage};
use crate::record::{CellId, Issue, Record, RecordId};
use crate::similar::Similar;

use super::theme;

/// What lies on the desk.
pub struct Desk<'a> {
    /// The procedure.
    pub procedure: &'a Procedure,
    /// The form in the record's edition.
    pub form: &'a Form,
    /// The sheet.
    pub record: &'a Record,
    /// Which of its rounds is shown, from nought.
    pub round: usize,
    /// What to look at.
    pub issues: &'a [Issue],
    /// Today.
    pub today: NaiveDate,
    /// The moment.
    pub now: NaiveDateTime,
    /// Who sits at the desk.
    pub operator: &'a str,
    /// What was done with the sheet, newest first: when and what.
    pub history: &'a [(String, String)],
    /// What its signatures are worth, a sentence for each kind, and whether it is an alarm.
    pub signings: &'a [(String, bool)],
    /// The sheets that were started from this one: which, what they are called, what of it they are about.
    pub started: &'a [(RecordId, String, String)],
    /// The sheets it names, and those that name it: which, what they are called, where the number stands.
    pub linked: &'a [(RecordId, String, String)],
    /// The sheets that have to be there first, and are not.
    pub unmet: &'a [Unmet],
    /// The forms of which a sheet is proposed because there are so many like it.
    pub repeated: &'a [Repeated],
    /// Complaints like this one.
    pub similar: Option<&'a Similar>,
    /// The number of the sheet it was started from or rewrites, where there is one.
    pub origin: Option<(RecordId, &'a str)>,
    /// Words typed before, by field.
    pub offers: &'a BTreeMap<FieldId, Vec<String>>,
}

/// A sheet that is proposed because there are so many like the one on the desk.
#[derive(Clone, Debug)]
pub struct Repeated {
    /// On which form.
    pub form: FormId,
    /// The like sheets: which, and what they are called.
    pub sheets: Vec<(RecordId, String)>,
}

/// Nothing was typed before.
static NO_OFFERS: BTreeMap<FieldId, Vec<String>> = BTreeMap::new();

impl<'a> Desk<'a> {
    /// A sheet in its last round on an otherwise bare desk.
    pub fn bare(procedure: &'a Procedure, form: &'a Form, record: &'a Record, now: NaiveDateTime) -> Self {
        Self {
            procedure,
            form,
            record,
            round: record.last_round(),
            issues: &[],
            today: now.date(),
            now,
            offers: &NO_OFFERS,
            operator: "",
            history: &[],
            signings: &[],
            started: &[],
            linked: &[],
            unmet: &[],
            repeated: &[],
            similar: None,
            origin: None,
        }
    }

    /// A datum of the sheet.
    pub fn field(&self, id: &FieldId) -> Option<&'a Field> {
        self.form.field(id)
    }

    /// Where the entry is kept that the sheet shows in a line of a field.
    pub fn cell(&self, field: &FieldId, line: usize) -> CellId {
        self.record.cell(self.form, field, self.round, line)
    }

    /// What a cell is called: its datum, and in a table the table and its line before it (换件 第2行 数量).
    pub fn name(&self, cell: &CellId) -> String {
        let name = self.field(&cell.field).map_or(cell.field.as_str(), |it| it.name.as_str());
        match self.form.table_of(&cell.field) {
            Some(table) => match table.rows.get(cell.line) {
                Some(row) => format!("{} {row} {name}", table.name),
                None => format!("{} 第{}行 {name}", table.name, cell.line + 1),
            },
            None => format!("{name}{}", cell.line_name()),
        }
    }

    /// What a line is called that a stage signs.
    pub fn row_name(&self, stage: &Stage, line: usize) -> String {
        let table = stage.table.as_ref().and_then(|it| self.form.tables.get(it));
        match table.and_then(|it| it.rows.get(line)) {
            Some(row) => row.clone(),
            None => format!("第 {} 行", line + 1),
        }
    }

    /// Whether a cell is in a table behind all lines that are written.
    pub fn is_new_line(&self, cell: &CellId) -> bool {
        let table = self.form.table_of(&cell.field).filter(|it| !it.is_fixed());
        table.is_some_and(|it| cell.line >= self.record.lines(self.form, it, self.round))
    }

    /// What the sheet shows in a field outside tables, as it is kept.
    pub fn value(&self, field: &Field) -> &'a str {
        self.record.value_in(self.form, field.id.as_str(), self.round)
    }
}

/// Behind pages.
pub fn frame() -> Frame {
    Frame::NONE.fill(theme::DESK).inner_margin(Margin::ZERO).stroke(Stroke::new(0.0, Color32::TRANSPARENT))
}
