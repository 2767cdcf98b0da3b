//! 查找: finding any words on any sheet, while the sheets are read beside the window's own thread.

use std::collections::BTreeSet;

use eframe::egui::{self, Ui};

use super::App;
use super::task::Task;
use crate::command::Command;
use crate::procedure::FormId;
use crate::record::{Record, RecordId};
use crate::search::{Index, Query, Sheet};
use crate::ui::search::{Answer, SearchView};

/// How many sheets found are shown.
const SHOWN: usize = 100;

/// What is sought, and where.
#[derive(Default)]
pub(super) struct Search {
    pub(super) view: SearchView,
    index: Option<Index>,
    coming: Option<Task<Result<Index, String>>>,
    /// Sheets written while the index was being made.
    written: BTreeSet<RecordId>,
    /// What is shown answers this text; none when it has to be asked again.
    text: Option<String>,
    total: usize,
    sheets: Vec<Sheet>,
    registers: Vec<(FormId, String)>,
}

impl App {
    /// Opens the search; the sheets are read the first time.
    pub(super) fn open_search(&mut self, ctx: &egui::Context) {
        self.panels.search.view.open();
        if self.panels.search.index.is_none() {
            self.read_index(ctx);
        }
    }

    /// Reads all sheets anew, in a thread with a connection of its own; what was read before serves until then.
    pub(super) fn read_index(&mut self, ctx: &egui::Context) {
        let Some(opener) = self.opener() else { return };
        let procedure = self.procedure.clone();
        self.panels.search.written.clear();
        self.panels.search.coming = Some(Task::start(ctx, "查找", "程序出错", move |_| {
            let read =
                opener.open().and_then(|store| Index::fill(&procedure, |form, take| store.each(form, None, take)));
            read.map_err(|error| error.to_string())
        }));
    }

    /// Forgets what was read, with the book.
    pub(super) fn forget_index(&mut self) {
        self.panels.search = Search::default();
    }

    /// Another window wrote: what was read is read again.
    pub(super) fn index_again(&mut self, ctx: &egui::Context) {
        if self.panels.search.index.is_some() {
            self.read_index(ctx);
        }
    }

    /// Takes a sheet as it is now into what can be found.
    pub(super) fn index_sheet(&mut self, record: &Record) {
        if self.panels.search.coming.is_some() {
            self.panels.search.written.insert(record.id);
        }
        let form = self.procedure.edition(&record.form, &record.edition);
        if let (Some(index), Some(form)) = (&mut self.panels.search.index, form) {
            index.put(form, record);
            self.panels.search.text = None;
        }
    }

    fn take_index(&mut self) {
        match Task::poll(&mut self.panels.search.coming).map(Result::flatten) {
            Some(Ok(index)) => {
                self.panels.search.index = Some(index);
                self.panels.search.text = None;
                for id in std::mem::take(&mut self.panels.search.written) {
                    if let Some(Ok(Some(record))) = self.book.store.as_ref().map(|it| it.record(id)) {
                        self.index_sheet(&record);
                    }
                }
            }
            Some(Err(sentence)) => self.fail(format!("读取全部单据以便查找：{sentence}")),
            None => {}
        }
    }

    /// Draws the search, and finds what is typed in it.
    pub(super) fn draw_search(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        self.take_index();
        let Search { view, index, text, total, sheets, registers, .. } = &mut self.panels.search;
        let answer = Answer {
            text: text.as_deref().unwrap_or_default(),
            reading: index.is_none(),
            total: *total,
            sheets,
            registers,
        };
        view.show(ui, &answer, self.desk.record.id, commands);
        if !view.is_open() {
            self.desk.sheet.found.clear();
        }
        self.find();
    }

    fn find(&mut self) {
        let typed = self.panels.search.view.text.clone();
        if self.panels.search.text.as_ref() == Some(&typed) {
            return;
        }
        let Some(index) = &self.panels.search.index else { return };
        let query = Query::new(&typed);
        let found = index.find(&query, SHOWN);
        let Some(store) = &self.book.store else { return };
        let mut sheets = Vec::new();
        for id in found.sheets {
            // What was removed meanwhile is not shown.
            let Ok(Some(record)) = store.record(id) else { continue };
            if let Some(form) = self.procedure.edition(&record.form, &record.edition) {
                sheets.push(Sheet::of(form, &record, &query));
            }
        }
        let registers = self.procedure.in_use().into_iter().filter(|it| it.register.is_some());
        let called = registers.filter(|it| !query.is_empty() && query.names(it));
        self.panels.search.registers = called.map(|it| (it.form.clone(), it.title.clone())).collect();
        self.panels.search.total = found.total;
        self.panels.search.sheets = sheets;
        self.panels.search.text = Some(typed);
    }

    /// Shows on the sheet on the desk where the words stand.
    pub(super) fn show_found(&mut self) {
        let sheet = self
            .panels
            .search
            .view
            .is_open()
            .then(|| self.panels.search.sheets.iter().find(|it| it.id == self.desk.record.id));
        let hits = sheet.flatten().map(|it| it.hits.clone()).unwrap_or_default();
        self.desk.sheet.found = hits;
    }
}
