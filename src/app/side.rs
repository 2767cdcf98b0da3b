//! What stands beside a line of a typed register, as beside a sheet: its cells that no column has, the sheets it starts, its
//! past.

use eframe::egui::{Frame, Margin, Panel, Ui};

use super::{App, NARROW};
use crate::command::Command;
use crate::procedure::{Form, FormId};
use crate::record::RecordId;
use crate::ui::beside;
use crate::ui::desk::Desk;
use crate::ui::focus::{self, Pane};

impl App {
    /// Draws the panel, where the line on the desk has anything to show there.
    pub(super) fn beside_line(&mut self, ui: &mut Ui, id: &FormId, frame: Frame, commands: &mut Vec<Command>) {
        let Some(form) = self.procedure.form(id).filter(|it| has_side(it)) else { return };
        let here = self.desk.record.form == *id && self.desk.record.id != RecordId(0);
        if !here || !self.panels.beside || ui.ctx().content_rect().width() < NARROW {
            return;
        }
        let now = self.outside.now();
        let desk = Desk {
            issues: &self.desk.issues,
            offers: &self.desk.offers,
            operator: &self.operator,
            history: &self.desk.history,
            signings: &self.desk.signings,
            started: &self.desk.started,
            linked: &self.desk.links.linked,
            unmet: &self.desk.links.unmet,
            repeated: &self.desk.links.repeated,
            origin: self.desk.comes_from.as_ref().map(|(id, number)| (*id, number.as_str())),
            ..Desk::bare(&self.procedure, form, &self.desk.record, now)
        };
        let frame = frame.inner_margin(Margin::symmetric(12, 0));
        let panel = Panel::right("beside-line").default_size(260.0).size_range(220.0..=460.0).frame(frame);
        let drawn = panel.show(ui, |ui| {
            beside::show(ui, &mut self.desk.sheet, &mut self.desk.life, &desk, commands);
        });
        focus::pane(Pane::Beside, &drawn.response);
    }
}

/// Whether a typed register has more of a line than its columns.
fn has_side(form: &Form) -> bool {
    let Some(register) = form.register.as_ref().filter(|it| it.is_typed()) else { return false };
    let extra =
        form.beside.iter().any(|it| register.columns.iter().all(|column| column.holds.fields().all(|id| *id != it.id)));
    extra || !form.starts.is_empty() || !form.writes.is_empty() || form.links_any()
}
