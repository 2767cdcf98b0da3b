//! 编号簿: the number book.

use chrono::Datelike;
use eframe::egui::{self, Ui};

use super::App;
use crate::command::{Command, NumberCommand, View};
use crate::procedure::{Form, FormId};
use crate::record::RecordId;
use crate::ui::numbers::{NumberRow, NumbersView, Shown};

/// The page's own small state.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Which form's and year's book is open; the slips' of this year unless asked otherwise.
    open: Option<(FormId, i32)>,
    /// Its lines; none until they are read.
    rows: Option<Vec<NumberRow>>,
    /// Changes whenever the lines do.
    generation: usize,
    view: NumbersView,
}

impl Page {
    /// The book may have changed: it is read again before it is drawn.
    pub(super) fn forget(&mut self) {
        self.rows = None;
    }
}

impl App {
    pub(super) fn draw_numbers(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let today = self.today();
        let open = self.pages.numbers.open.clone();
        let (id, year) = open.unwrap_or_else(|| (self.procedure.main_id(), today.year()));
        let year = self.procedure.document.pattern(&id).year(year);
        if self.pages.numbers.rows.is_none() {
            self.read_numbers(&id, year);
        }
        let mut forms: Vec<&Form> = self.procedure.in_use();
        forms.retain(|it| it.is_sheet() && self.procedure.document.uses(it));
        let Some(form) = self.procedure.form(&id) else { return };
        let page = &mut self.pages.numbers;
        let rows = page.rows.as_deref().unwrap_or_default();
        let document = &self.procedure.document;
        let shown = Shown { document, forms: &forms, form, year, rows, generation: page.generation, today };
        page.view.show(ui, &shown, commands);
    }

    fn read_numbers(&mut self, form: &FormId, year: i32) {
        let Some(store) = &self.book.store else { return };
        let pattern = self.procedure.document.pattern(form);
        let list = self.book.lists.get(form);
        let subject = |id: RecordId| list.and_then(|it| it.get(id)).map_or("", |it| &*it.subject);
        let read = store.numbers(form, year).map(|lines| {
            let row = |it| NumberRow::new(it, pattern, subject);
            lines.into_iter().map(row).collect()
        });
        let page = &mut self.pages.numbers;
        page.generation += 1;
        match read {
            Ok(rows) => page.rows = Some(rows),
            Err(error) => {
                page.rows = Some(Vec::new());
                self.fail(error.to_string());
            }
        }
    }

    pub(super) fn run_number(&mut self, ctx: &egui::Context, command: NumberCommand) {
        let Some(store) = &self.book.store else { return };
        let now = self.outside.now();
        let pattern = |form: &FormId| self.procedure.document.pattern(form);
        match command {
            NumberCommand::Show { form, year } => {
                self.pages.numbers.open = Some((form, year));
                self.pages.numbers.forget();
            }
            NumberCommand::Reserve { form: id, year, count, note } => {
                // First the paper's way is clear, then numbers are taken: none is reserved for a sheet that nobody gets.
                if self.jobs.is_exporting() {
                    return self.fail("没有预留：上一份还在导出，请等它完成");
                }
                let Some(form) = self.procedure.form(&id) else { return };
                match store.reserve(form, pattern(&id), year, count, (&self.operator, &note), now) {
                    Ok(numbers) => {
                        self.pages.numbers.forget();
                        self.pages.numbers.view.done();
                        self.say(format!("已预留 {count} 个编号，请存下印着编号的空白单"));
                        self.run(ctx, Command::ExportNumbered { form: id, numbers });
                    }
                    Err(error) => self.fail(error.to_string()),
                }
            }
            NumberCommand::Take { form: id, line } => {
                let Some(form) = self.procedure.form(&id) else { return };
                match store.take_reserved(form, pattern(&id), &line, now) {
                    Ok(record) => {
                        self.lay(record.id);
                        self.panels.list_views.entry(id.clone()).or_default().reveal = true;
                        self.panels.view = View::Sheets(id);
                        self.start_writing();
                        self.say(format!("{} 照纸上写的登记", record.number));
                    }
                    Err(error) => {
                        self.pages.numbers.forget();
                        self.fail(error.to_string());
                    }
                }
            }
            NumberCommand::Explain { form, line, note } => {
                let done = store.explain_number(&form, &line, &self.operator, &note, now);
                self.pages.numbers.forget();
                match done {
                    Ok(()) => self.pages.numbers.view.done(),
                    Err(error) => self.fail(error.to_string()),
                }
            }
        }
    }
}
