//! 登记簿: registers that are typed line by line.

use chrono::Datelike;
use eframe::egui::{self, Ui};

use super::App;
use crate::command::{Command, RegisterCommand};
use crate::layout::Part;
use crate::procedure::{FieldId, FormId};
use crate::record::RecordId;
use crate::ui::desk::Desk;
use crate::ui::register::{Line, RegisterView, Shown};

/// The page's own small state. The line under the pen lies on the desk, as a sheet would: it is written, taken back and
/// kept like one.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Which year's lines are shown; this year's unless asked otherwise.
    year: Option<i32>,
    /// A line that is to be seen, whatever its year.
    reveal: Option<RecordId>,
    /// Whose lines were read, and which they are; none until they are.
    lines: Option<(FormId, Vec<Line>)>,
    /// Changes whenever the lines do.
    generation: usize,
    view: RegisterView,
}

impl Page {
    /// The book may have changed: it is read again before it is drawn.
    pub(super) fn forget(&mut self) {
        self.lines = None;
    }

    /// The year whose lines are shown.
    pub(super) fn shown_year(&self, now: i32) -> i32 {
        self.year.unwrap_or(now)
    }

    /// This line is to be seen.
    pub(super) fn reveal(&mut self, id: RecordId) {
        self.reveal = Some(id);
        self.lines = None;
    }
}

impl App {
    pub(super) fn draw_register(&mut self, ui: &mut Ui, id: &FormId, commands: &mut Vec<Command>) {
        if self.pages.register.lines.as_ref().is_none_or(|(of, _)| of != id) {
            self.read_register(id);
        }
        // The empty line at the end, unless another lies on the desk.
        if self.record.form != *id {
            self.lay_empty(id);
        }
        let Some(form) = self.procedure.form(id) else { return };
        let today = self.outside.now().date();
        let desk = Desk {
            offers: &self.offers,
            operator: &self.operator,
            issues: &self.issues,
            ..Desk::bare(&self.procedure, form, &self.record, today)
        };
        let page = &mut self.pages.register;
        let lines = page.lines.as_ref().map_or(&[][..], |(_, lines)| lines);
        let year = page.year.unwrap_or_else(|| today.year());
        let shown = Shown { lines, year, generation: page.generation };
        page.view.show(ui, &mut self.sheet, &desk, &shown, commands);
    }

    fn read_register(&mut self, id: &FormId) {
        let (Some(store), Some(form)) = (&self.store, self.procedure.form(id)) else { return };
        let page = &mut self.pages.register;
        page.generation += 1;
        let mut year = page.year.unwrap_or_else(|| self.outside.now().year());
        let read = (|| {
            let mut records = store.records_numbered(id, year)?;
            if let Some(wanted) = page.reveal.take()
                && records.iter().all(|it| it.id != wanted)
            {
                for other in store.number_years(id)?.into_iter().rev().filter(|it| *it != year) {
                    let there = store.records_numbered(id, other)?;
                    if there.iter().any(|it| it.id == wanted) {
                        (year, records) = (other, there);
                        break;
                    }
                }
            }
            Ok::<_, crate::store::StoreError>(records)
        })();
        page.year = Some(year);
        let failed = match read {
            Ok(mut records) => {
                for record in &mut records {
                    // What could not be written yet is shown all the same.
                    let id = record.id;
                    for one in self.unwritten.iter().filter(|it| it.record == id) {
                        record.put(&one.cell, &one.value);
                    }
                }
                let lines = records.into_iter().map(|it| Line::new(form, it)).collect();
                page.lines = Some((id.clone(), lines));
                None
            }
            Err(error) => {
                page.lines = Some((id.clone(), Vec::new()));
                Some(error.to_string())
            }
        };
        if let Some(sentence) = failed {
            self.fail(sentence);
        }
    }

    pub(super) fn run_register(&mut self, ctx: &egui::Context, command: RegisterCommand) {
        match command {
            RegisterCommand::Write { form, record, field } => self.write_line(&form, record, &field),
            RegisterCommand::Year(year) => {
                self.pages.register.year = Some(year);
                self.pages.register.forget();
                self.sheet.pen = None;
            }
            RegisterCommand::Export { .. } => self.ask_where(ctx, &Command::Register(command)),
        }
    }

    /// Lays a line on the desk and puts the pen on a cell of it.
    fn write_line(&mut self, id: &FormId, record: RecordId, field: &FieldId) {
        let here = self.record.form == *id && self.record.id == record;
        if !here && record != RecordId(0) {
            self.lay(record);
        } else if !here {
            if self.unwritten.iter().any(|it| it.record == RecordId(0)) {
                return self.fail("上一行还没能写进台帐，写进去之后才能另起一行");
            }
            self.lay_empty(id);
            // A new line is this year's.
            let year = self.outside.now().year();
            if self.pages.register.year.is_some_and(|it| it != year) {
                self.pages.register.year = Some(year);
                self.pages.register.forget();
            }
        }
        let Some(form) = self.procedure.form(id) else { return };
        let Some(field) = form.field(field) else { return };
        let desk = Desk {
            offers: &self.offers,
            operator: &self.operator,
            ..Desk::bare(&self.procedure, form, &self.record, self.outside.now().date())
        };
        let mut commands = Vec::new();
        self.sheet.go(&desk, field, Part::Entry, &mut commands);
        self.pages.register.view.follow();
        for command in commands {
            if let Command::Offer(field) = command {
                self.fetch_offers(&field);
            }
        }
    }
}
