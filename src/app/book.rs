//! The book on the desk: opening one, reading it, laying one of its sheets on the desk.

use std::path::Path;

use super::{App, MANY, OFFERED, PATIENCE};
use crate::command::Command;
use crate::ledger;
use crate::list::{List, Summary};
use crate::procedure::{FieldId, FormId, Kind, Procedure, SLIP};
use crate::record::{Record, RecordId};
use crate::store::Store;
use crate::ui::list::ListView;
use crate::ui::sheet::SheetView;
use crate::ui::zoom::Zoom;

impl App {
    /// Lays a book on the desk; the one that lay there stays if this one cannot be opened.
    pub(super) fn open_book(&mut self, path: &Path) {
        self.lay_pen_down();
        if self.owes(&Command::ChooseBook) {
            return self.tell_owed(&Command::ChooseBook);
        }
        if self.book().is_some_and(|it| it.canonicalize().ok() == path.canonicalize().ok()) {
            return self.say("这本台帐已经开着");
        }
        let opened = Self::read_forms(path)
            .and_then(|procedure| Store::open(path).map(|store| (procedure, store)).map_err(|error| error.to_string()));
        match opened {
            Ok((procedure, store)) => {
                self.trouble = None;
                self.procedure = procedure;
                (self.notice, self.saved) = (None, String::new());
                self.list_view = ListView::default();
                self.sheet = SheetView::default();
                store.wait_at_most(PATIENCE);
                if store.also_open() {
                    self.say("这本台帐在另一个窗口也开着：两边都可以填，编号不会重复");
                }
                let setting = |key: &str| store.setting(key).ok().flatten();
                self.sheet.zoom = setting("zoom").map_or(Zoom::Width, |it| Zoom::read(&it));
                self.beside = setting("beside").is_none_or(|it| it != "false");
                self.signatures = setting("signatures").is_some_and(|it| it == "true");
                self.store = Some(store);
                self.offers.clear();
                self.undo.clear();
                let count = self.store.as_ref().map(|it| it.count(&SLIP.into()).unwrap_or_default());
                self.reading = count.filter(|it| *it > MANY);
                if self.reading.is_none() {
                    self.read_book();
                }
            }
            Err(sentence) if self.store.is_none() => self.trouble = Some(sentence),
            Err(sentence) => self.fail(sentence),
        }
    }

    fn read_forms(book: &Path) -> Result<Procedure, String> {
        let own =
            crate::store::own_forms(book).map_err(|error| format!("读取 {} 旁的表单文件：{error}", book.display()))?;
        Procedure::load(&own).map_err(|error| error.to_string())
    }

    pub(super) fn read_book(&mut self) {
        self.read_list();
        self.lay_newest();
        self.read_rows();
    }

    pub(super) fn read_list(&mut self) {
        let Some(store) = &self.store else { return };
        let Some(form) = self.procedure.form(&FormId::from(SLIP)) else { return };
        let mut summaries = Vec::new();
        let read = store.each(&form.form, Some(&Summary::fields(form)), &mut |record| {
            let form = self.procedure.edition(&record.form, &record.edition).unwrap_or(form);
            summaries.extend(Summary::of(form, &record));
        });
        match read {
            Ok(()) => self.list = List::new(summaries),
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// The newest slip, or nothing where the book is empty.
    pub(super) fn lay_newest(&mut self) {
        match self.list.at(0).map(|it| it.id) {
            Some(id) => self.lay(id),
            None => {
                self.lay_empty();
                self.begun = false;
            }
        }
    }

    pub(super) fn lay_empty(&mut self) {
        if let Some(form) = self.procedure.form(&FormId::from(SLIP)) {
            self.record = Record::empty(form, self.outside.now());
            self.sheet.pen = None;
            self.made = None;
            self.issues.clear();
        }
    }

    /// Lays a sheet of the book on the desk, as it stands on the disk.
    pub(super) fn lay(&mut self, id: RecordId) {
        let Some(store) = &self.store else { return };
        match store.record(id) {
            Ok(Some(mut record)) => {
                for one in self.unwritten.iter().filter(|it| it.record == id) {
                    record.set_in(one.round, &one.field, &one.value);
                }
                if self.record.id != record.id {
                    self.sheet.to_top();
                }
                self.record = record;
                self.look_over();
            }
            Ok(None) => self.fail("这份单据已不在台帐里"),
            Err(error) => self.fail(error.to_string()),
        }
    }

    pub(super) fn look_over(&mut self) {
        self.issues = self.form().map(|form| self.record.check(form)).unwrap_or_default();
        let summary = self.form().and_then(|form| Summary::of(form, &self.record));
        self.list.extend(summary.filter(|_| self.record.id != RecordId(0)));
    }

    pub(super) fn read_rows(&mut self) {
        let Some(store) = &self.store else { return };
        let form = FormId::from(SLIP);
        match store.records_in(&form, &ledger::DATE.into(), self.period, None) {
            Ok(slips) => {
                self.rows = ledger::rows(&self.procedure, slips, self.period);
                self.generation += 1;
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    pub(super) fn fetch_offers(&mut self, field: &FieldId) {
        let Some(form) = self.form() else { return };
        let Some(kind) = form.field(field).map(|it| it.kind) else { return };
        // People and departments are the same people and departments in every cell.
        let fields: Vec<FieldId> = match kind {
            Kind::Person | Kind::Department => {
                form.every_field().filter(|it| it.kind == kind).map(|it| it.id.clone()).collect()
            }
            _ => vec![field.clone()],
        };
        let Some(store) = &self.store else { return };
        // Without offers one types all the same: an unreadable book shows itself where it matters.
        let mut words = store.offers(&fields, OFFERED).unwrap_or_default();
        if kind == Kind::Department {
            let more = self.procedure.document.departments.iter().filter(|it| !words.contains(it)).cloned();
            let more: Vec<String> = more.collect();
            words.extend(more);
        }
        self.offers.insert(field.clone(), words);
    }
}
