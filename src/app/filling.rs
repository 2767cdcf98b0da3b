//! Cells that are filled in from another sheet: whoever writes a machine's number need not write what its card says.

use super::writing::Step;
use super::{App, Unwritten};
use crate::flow;
use crate::procedure::{FieldId, Form};
use crate::record::{Record, RecordId};
use crate::store::Store;

impl App {
    /// Fills in what another sheet says, once the pen has left the cell that tells which one it is. What is written already
    /// stays.
    pub(super) fn fill_in(&mut self, id: RecordId, field: &FieldId) {
        let (Some(form), Some(store)) = (self.form().cloned(), &self.book.store) else { return };
        // The new sheet may have got its place in this very frame.
        let id = if id == RecordId(0) { self.desk.made.unwrap_or(id) } else { id };
        if self.desk.record.id != id || id == RecordId(0) || !form.fills.iter().any(|it| it.by == *field) {
            return;
        }
        let text = self.desk.record.latest(&form, field.as_str()).trim().to_owned();
        let mut filled = Vec::new();
        let mut from = None;
        for fill in form.fills.iter().filter(|it| it.by == *field && !text.is_empty()) {
            let Some(other) = self.newest(store, &fill.form, fill.key(), &text) else { continue };
            let Some(source) = self.procedure.edition(&other.form, &other.edition) else { continue };
            for (into, out) in fill.pairs() {
                let cell = self.desk.record.cell(&form, into, self.desk.record.last_round(), 0);
                let Some(target) = form.field(into) else { continue };
                let value = other.latest(source, out.as_str()).trim();
                let open = self.desk.record.at(&cell).trim().is_empty()
                    && flow::closed(&form, &self.desk.record, target).is_none();
                if open && !value.is_empty() {
                    filled.push((cell, value.to_owned(), target.name.clone()));
                }
            }
            from.get_or_insert_with(|| format!("{} {}", source.short, other.number));
        }
        let names: Vec<String> = filled.iter().map(|it| it.2.clone()).collect();
        for (cell, value, _) in filled {
            self.set(Unwritten { record: id, cell, value, expected: String::new() }, Step::Own);
        }
        // The pen may stand already in a cell that was filled in just now.
        if let Some(pen) = &mut self.desk.sheet.pen {
            pen.refresh(&self.desk.record, &form);
        }
        if let Some(from) = from.filter(|_| !names.is_empty()) {
            self.say(format!("照{from}填上了：{}", names.join("、")));
        }
    }

    /// The newest sheet of a form in a field of which this text stands, that is not taken out of use.
    fn newest(&self, store: &Store, form: &crate::procedure::FormId, field: &FieldId, text: &str) -> Option<Record> {
        let found = store.saying(form, field.as_str(), text).unwrap_or_default();
        let mut there = found.into_iter().rev().filter_map(|id| store.record(id).ok().flatten());
        there.find(|it| {
            let form: Option<&Form> = self.procedure.edition(&it.form, &it.edition);
            it.void.is_none() && form.is_some_and(|form| it.latest(form, field.as_str()).trim() == text)
        })
    }
}
