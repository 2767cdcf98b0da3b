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
        self.search.view.open();
        if self.search.index.is_none() {
            self.read_index(ctx);
        }
    }

    /// Reads all sheets anew, in a thread with a connection of its own; what was read before serves until then.
    pub(super) fn read_index(&mut self, ctx: &egui::Context) {
        let Some(opener) = self.opener() else { return };
        let procedure = self.procedure.clone();
        self.search.written.clear();
        self.search.coming = Some(Task::start(ctx, "查找", "程序出错", move |_| {
            let read =
                opener.open().and_then(|store| Index::fill(&procedure, |form, take| store.each(form, None, take)));
            read.map_err(|error| error.to_string())
        }));
    }

    /// Forgets what was read, with the book.
    pub(super) fn forget_index(&mut self) {
        self.search = Search::default();
    }

    /// Another window wrote: what was read is read again.
    pub(super) fn index_again(&mut self, ctx: &egui::Context) {
        if self.search.index.is_some() {
            self.read_index(ctx);
        }
    }

    /// Takes a sheet as it is now into what can be found.
    pub(super) fn index_sheet(&mut self, record: &Record) {
        if self.search.coming.is_some() {
            self.search.written.insert(record.id);
        }
        let form = self.procedure.edition(&record.form, &record.edition);
        if let (Some(index), Some(form)) = (&mut self.search.index, form) {
            index.put(form, record);
            self.search.text = None;
        }
    }

    fn take_index(&mut self) {
        match Task::poll(&mut self.search.coming).map(Result::flatten) {
            Some(Ok(index)) => {
                self.search.index = Some(index);
                self.search.text = None;
                for id in std::mem::take(&mut self.search.written) {
                    if let Some(Ok(Some(record))) = self.store.as_ref().map(|it| it.record(id)) {
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
        let Search { view, index, text, total, sheets, registers, .. } = &mut self.search;
        let answer = Answer {
            text: text.as_deref().unwrap_or_default(),
            reading: index.is_none(),
            total: *total,
            sheets,
            registers,
        };
        view.show(ui, &answer, self.record.id, commands);
        if !view.is_open() {
            self.sheet.found.clear();
        }
        self.find();
    }

    fn find(&mut self) {
        let typed = self.search.view.text.clone();
        if self.search.text.as_ref() == Some(&typed) {
            return;
        }
        let Some(index) = &self.search.index else { return };
        let query = Query::new(&typed);
        let found = index.find(&query, SHOWN);
        let Some(store) = &self.store else { return };
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
        self.search.registers = called.map(|it| (it.form.clone(), it.title.clone())).collect();
        self.search.total = found.total;
        self.search.sheets = sheets;
        self.search.text = Some(typed);
    }

    /// Shows on the sheet on the desk where the words stand.
    pub(super) fn show_found(&mut self) {
        let sheet = self.search.view.is_open().then(|| self.search.sheets.iter().find(|it| it.id == self.record.id));
        let hits = sheet.flatten().map(|it| it.hits.clone()).unwrap_or_default();
        self.sheet.found = hits;
    }
}
