//! 台帐, 登记簿: registers, derived or typed line by line.

use std::collections::{BTreeMap, HashMap};

use chrono::Datelike;
use eframe::egui::{self, Ui};

use super::writing::Step;
use super::{App, Unwritten};
use crate::command::{Command, RegisterCommand, View};
use crate::layout::Part;
use crate::procedure::{Field, FieldId, FormId, Register};
use crate::record::{CellId, Record, RecordId, keep_date};
use crate::register::{Period, entries};
use crate::store::{Store, StoreError};
use crate::ui::desk::Desk;
use crate::ui::register::{Line, RegisterView, Shown};

/// The pages of the registers, each with its own small state.
#[derive(Debug, Default)]
pub(super) struct Registers {
    pages: BTreeMap<FormId, Page>,
}

/// The page of a register. The line under the pen lies on the desk, as a sheet would: it is written, taken back and kept
/// like one.
#[derive(Debug, Default)]
struct Page {
    /// Which lines are shown; this year's unless asked otherwise.
    period: Option<Period>,
    /// A line that is to be seen, whatever its year.
    reveal: Option<RecordId>,
    /// The lines; none until they are read.
    lines: Option<Vec<Line>>,
    /// Changes whenever the lines do.
    generation: usize,
    /// The head of the book's history when they were read.
    head: Option<String>,
    view: RegisterView,
}

impl Registers {
    /// The book may have changed: it is read again before it is drawn.
    pub(super) fn forget(&mut self) {
        self.pages.values_mut().for_each(|it| it.lines = None);
    }

    /// The period that is shown of a register.
    pub(super) fn period(&self, form: &FormId, now: i32) -> Period {
        self.pages.get(form).and_then(|it| it.period).unwrap_or(Period::Year(now))
    }

    /// This line is to be seen.
    pub(super) fn reveal(&mut self, form: &FormId, id: RecordId) {
        let page = self.page(form);
        (page.reveal, page.lines) = (Some(id), None);
    }

    fn show(&mut self, form: &FormId, period: Period) {
        let page = self.page(form);
        (page.period, page.lines) = (Some(period), None);
    }

    fn page(&mut self, form: &FormId) -> &mut Page {
        self.pages.entry(form.clone()).or_default()
    }
}

impl App {
    pub(super) fn draw_register(&mut self, ui: &mut Ui, id: &FormId, commands: &mut Vec<Command>) {
        if self.pages.registers.page(id).lines.is_none() {
            self.read_register(id);
        }
        // The empty line at the end, unless another lies on the desk.
        let typed = self.procedure.form(id).and_then(|it| it.register.as_ref()).is_some_and(Register::is_typed);
        if typed && self.desk.record.form != *id {
            self.lay_empty(id);
        }
        let Some(form) = self.procedure.form(id) else { return };
        let today = self.outside.now().date();
        let desk = Desk {
            offers: &self.desk.offers,
            operator: &self.operator,
            issues: &self.desk.issues,
            ..Desk::bare(&self.procedure, form, &self.desk.record, self.outside.now())
        };
        let period = self.pages.registers.period(id, today.year());
        let Page { lines, generation, head, view, .. } = self.pages.registers.page(id);
        let lines = lines.as_deref().unwrap_or_default();
        let shown = Shown { lines, period, generation: *generation, head: head.as_deref(), lists: &self.book.lists };
        view.show(ui, &mut self.desk.sheet, &desk, &shown, commands);
    }

    fn read_register(&mut self, id: &FormId) {
        let (Some(store), Some(form)) = (&self.book.store, self.procedure.form(id)) else { return };
        let Some(register) = &form.register else { return };
        let today = self.today();
        let mut period = self.pages.registers.period(id, today.year());
        let page = self.pages.registers.page(id);
        page.generation += 1;
        let wanted = page.reveal.take();
        let read = (|| {
            let records = store.records_for(&self.procedure, form, period)?;
            match wanted.filter(|wanted| records.iter().all(|it| it.id != *wanted)) {
                Some(wanted) => Ok(there(store, id, wanted)?.map_or(records, |(year, there)| {
                    period = Period::Year(year);
                    there
                })),
                None => Ok::<_, StoreError>(records),
            }
        })();
        page.period = Some(period);
        let failed = match read {
            Ok(mut records) => {
                // What could not be written yet is shown all the same.
                for record in &mut records {
                    let id = record.id;
                    for one in self.writing.unwritten.iter().filter(|it| it.record == id) {
                        record.put(&one.cell, &one.value);
                    }
                }
                page.lines = Some(if register.is_typed() {
                    let lines = entries(&self.procedure, form, &records).into_iter();
                    let mut typed: HashMap<RecordId, Record> = records.into_iter().map(|it| (it.id, it)).collect();
                    lines
                        .filter_map(|it| Some(Line::typed(&self.procedure, form, typed.remove(&it.record)?, it, today)))
                        .collect()
                } else {
                    entries(&self.procedure, form, records).into_iter().map(Line::derived).collect()
                });
                // Without it the lines are shown all the same.
                let head = store.head().ok().flatten().filter(|_| !register.is_typed());
                page.head = head.map(|it| it.to_string());
                None
            }
            Err(error) => {
                page.lines = Some(Vec::new());
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
            RegisterCommand::Replace { form, record } => self.replace_line(&form, record),
            RegisterCommand::Show { form, period } => {
                self.pages.registers.show(&form, period);
                self.panels.view = View::Register(form);
                self.notice = None;
                self.desk.sheet.pen = None;
            }
            RegisterCommand::Export { .. } => self.ask_where(ctx, &Command::Register(command)),
        }
    }

    /// Begins a line in place of one that ends today: it names that one, and has what stands in it but for signatures.
    fn replace_line(&mut self, id: &FormId, old: RecordId) {
        self.lay_pen_down();
        self.lay(old);
        let today = self.today();
        let Some(form) = self.procedure.form(id).cloned() else { return };
        let Some(Register { replaced: Some(replaced), yearly, .. }) = &form.register else { return };
        if self.writing.unwritten.iter().any(|it| it.record == RecordId(0)) || self.desk.record.id != old {
            return self.fail("上一行还没能写进台帐，写进去之后才能另起一行");
        }
        let record = self.desk.record.clone();
        let cell = record.cell(&form, &replaced.ends, record.last_round(), 0);
        let expected = record.at(&cell).to_owned();
        if !expected.trim().is_empty() {
            return self.say(format!("{} 已经不用了（{expected}）", record.number));
        }
        let ends = Unwritten { record: old, cell, value: keep_date(today), expected };
        if let Some(why) = self.forbidden(&record, &ends) {
            return self.fail(format!("没有代替：{why}"));
        }
        self.set(ends, Step::Own);
        self.lay_empty(id);
        let goes_over = |it: &&Field| {
            let checked = yearly.as_ref().is_some_and(|yearly| yearly.field == it.id);
            it.is_written() && !it.signature && it.id != replaced.ends && it.id != replaced.names && !checked
        };
        let values = form.every_field().filter(goes_over).map(|it| (&it.id, record.latest(&form, it.id.as_str())));
        for (field, value) in [(&replaced.names, record.number.as_str())].into_iter().chain(values) {
            let (record, cell) = (self.desk.made.unwrap_or(RecordId(0)), CellId::new(field.clone(), 0));
            if !value.is_empty() {
                self.set(Unwritten { record, cell, value: value.to_owned(), expected: String::new() }, Step::Own);
            }
        }
        if let Some(new) = self.desk.made {
            self.pages.registers.reveal(id, new);
            self.say(format!("{} 由 {} 代替，今天起不用", record.number, self.desk.record.number));
        }
    }

    /// Lays a line on the desk and puts the pen on a cell of it.
    fn write_line(&mut self, id: &FormId, record: RecordId, field: &FieldId) {
        let here = self.desk.record.form == *id && self.desk.record.id == record;
        if !here && record != RecordId(0) {
            self.lay(record);
        } else if !here {
            if self.writing.unwritten.iter().any(|it| it.record == RecordId(0)) {
                return self.fail("上一行还没能写进台帐，写进去之后才能另起一行");
            }
            self.lay_empty(id);
            // A new line is this year's.
            let today = self.outside.now().date();
            if !self.pages.registers.period(id, today.year()).holds(today) {
                self.pages.registers.show(id, Period::Year(today.year()));
            }
        }
        let Some(form) = self.procedure.form(id) else { return };
        let Some(field) = form.field(field) else { return };
        let desk = Desk {
            offers: &self.desk.offers,
            operator: &self.operator,
            ..Desk::bare(&self.procedure, form, &self.desk.record, self.outside.now())
        };
        let mut commands = Vec::new();
        self.desk.sheet.go(&desk, field, Part::Entry, &mut commands);
        self.pages.registers.page(id).view.follow();
        for command in commands {
            if let Command::Offer(field) = command {
                self.fetch_offers(&field);
            }
        }
    }
}

/// The lines of the year in which one of them stands.
fn there(store: &Store, form: &FormId, line: RecordId) -> Result<Option<(i32, Vec<Record>)>, StoreError> {
    for year in store.number_years(form)?.into_iter().rev() {
        let lines = store.records_numbered(form, year)?;
        if lines.iter().any(|it| it.id == line) {
            return Ok(Some((year, lines)));
        }
    }
    Ok(None)
}
