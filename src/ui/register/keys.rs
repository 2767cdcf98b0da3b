//! The keys of a typed register: from cell to cell, out of the cell, through the offers.

use eframe::egui::{Key, Modifiers, Ui};

use super::super::desk::Desk;
use super::super::pen::Pen;
use super::super::sheet::SheetView;
use super::super::{ime, offers};
use super::{RegisterView, Shown};
use crate::command::{Command, RegisterCommand};
use crate::layout::Part;
use crate::procedure::{FieldId, Form, Holds, Kind};
use crate::record::RecordId;

impl RegisterView {
    /// Keys that belong to the register and not to the text: from cell to cell, out of the cell, through the offers.
    pub(super) fn keys(
        &mut self,
        ui: &Ui,
        pens: &mut SheetView,
        desk: &Desk<'_>,
        shown: &Shown<'_>,
        commands: &mut Vec<Command>,
    ) {
        let tab = ime::take_tab(ui.ctx());
        let Some(pen) = &mut pens.pen else { return };
        if ime::is_composing(ui.ctx()) {
            return;
        }
        let Some(field) = desk.field(&pen.cell.field) else { return };
        let take = |modifiers: Modifiers, key: Key| ui.input_mut(|it| it.consume_key(modifiers, key));
        let words = offers::matching(field, pen, desk.offers);
        pen.choose(ui, words.len());
        if !pen.touched && take(Modifiers::COMMAND, Key::Z) {
            commands.push(Command::Undo);
            return;
        }
        let enter = field.kind != Kind::Text && take(Modifiers::NONE, Key::Enter);
        let (back, forward) = (tab == Some(true), tab == Some(false) || enter);
        if forward && let Some(word) = pen.chosen.and_then(|it| words.get(it)) {
            pen.take(word);
        }
        if back || forward {
            self.step(pens, desk, shown, forward, commands);
        } else if take(Modifiers::NONE, Key::Escape) {
            if words.is_empty() && field.kind != Kind::Date || pen.alone {
                ui.memory_mut(|it| it.surrender_focus(Pen::id(&pen.cell, Part::Entry)));
                pens.leave(desk, commands);
            } else {
                (pen.alone, pen.chosen) = (true, None);
            }
        }
    }

    /// The cell after or before the one under the pen: through the line, then on to the next one.
    fn step(
        &mut self,
        pens: &mut SheetView,
        desk: &Desk<'_>,
        shown: &Shown<'_>,
        forward: bool,
        commands: &mut Vec<Command>,
    ) {
        let Some(pen) = &pens.pen else { return };
        let fields = fields(desk.form);
        let Some(place) = fields.iter().position(|it| *it == &pen.cell.field) else { return };
        let next = if forward { fields.get(place + 1) } else { place.checked_sub(1).and_then(|it| fields.get(it)) };
        if let Some(field) = next.and_then(|it| desk.field(it)) {
            return pens.go(desk, field, Part::Entry, commands);
        }
        let open = |it: &usize| !shown.lines[*it].is_void();
        let at = self.places.iter().position(|(it, _)| shown.lines[*it].entry.record == desk.record.id);
        let others: Vec<usize> = self.places.iter().map(|it| it.0).collect();
        let line = match (at, forward) {
            (Some(at), true) => {
                others[at + 1..].iter().copied().find(open).map_or(RecordId(0), |it| shown.lines[it].entry.record)
            }
            // Behind the last line a new one begins; behind the new one, another, once something stands on it.
            (None, true) => RecordId(0),
            (at, false) => {
                let before = &others[..at.unwrap_or(others.len())];
                match before.iter().rev().copied().find(open) {
                    Some(it) => shown.lines[it].entry.record,
                    None => return pens.leave(desk, commands),
                }
            }
        };
        let field = if forward { fields.first() } else { fields.last() };
        pens.leave(desk, commands);
        if let Some(field) = field {
            let (form, field) = (desk.form.form.clone(), (*field).clone());
            commands.push(Command::Register(RegisterCommand::Write { form, record: line, field }));
        }
    }
}

/// The fields of a register, column by column.
fn fields(form: &Form) -> Vec<&FieldId> {
    let columns = form.register.iter().flat_map(|it| &it.columns);
    columns
        .filter_map(|it| match &it.holds {
            Holds::Field(id) => Some(id).filter(|it| form.field(it).is_some_and(|it| it.is_written())),
            Holds::Sequence | Holds::First(_) | Holds::Is(_) | Holds::Called(_) => None,
        })
        .collect()
}
