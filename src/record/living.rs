//! A living sheet (一机一卡): what was changed on it since it was signed, as lines of a table, and as it stood on a day.

use chrono::NaiveDate;

use super::{CellId, Record, read_date, shown_in};
use crate::procedure::{Form, Told};

impl Record {
    /// The lines of the table on a living sheet that tells its changes, oldest first.
    pub fn told(&self, form: &Form) -> Vec<(CellId, String)> {
        let columns = || form.tables.values().flat_map(|it| &it.changes);
        let mut cells = Vec::new();
        for (line, it) in self.corrections.iter().enumerate() {
            let field = form.field(&it.cell.field);
            let shown = |text: &str| field.map_or_else(|| text.to_owned(), |field| shown_in(field, text).into_owned());
            for (column, told) in columns() {
                let said = match told {
                    Told::Day => it.on.clone(),
                    Told::What => {
                        let name = field.map_or_else(|| it.cell.field.to_string(), |it| it.name.clone());
                        format!("{name}{}", it.cell.line_name())
                    }
                    Told::Old => shown(&it.old),
                    Told::New => shown(&it.new),
                    Told::By => it.by.clone(),
                    Told::Why => it.reason.clone(),
                };
                cells.push((CellId::in_line(column.clone(), 0, line), said));
            }
        }
        cells
    }

    /// Puts the changes of a living sheet on it, in memory: they are kept once, as what was changed.
    pub fn tell_changes(&mut self, form: &Form) {
        self.told(form).into_iter().for_each(|(cell, said)| self.put(&cell, &said));
    }

    /// The sheet as it stood at the end of a day: what was changed later is as it was before.
    #[must_use]
    pub fn as_of(&self, day: NaiveDate) -> Self {
        let mut then = self.clone();
        let later = |on: &str| read_date(on, None).is_some_and(|on| on > day);
        // The newest first: what an entry was before the first of its later changes is what stands there then.
        for it in self.corrections.iter().rev().filter(|it| later(&it.on)) {
            then.put(&it.cell, &it.old);
        }
        then.corrections.retain(|it| !later(&it.on));
        then.as_of = Some(day);
        then.void = then.void.filter(|it| !later(&it.on));
        then
    }
}
