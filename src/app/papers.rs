//! 纸质单据: where the papers are.

use eframe::egui::Ui;

use super::App;
use crate::command::Command;
use crate::ui::papers::{At, PapersView};

/// The page's own small state.
#[derive(Debug, Default)]
pub(super) struct Page {
    view: PapersView,
}

impl App {
    pub(super) fn draw_papers(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let at = At { document: &self.procedure.document, operator: &self.operator, today: self.outside.now().date() };
        self.pages.papers.view.show(ui, self.pages.today.papers(), at, commands);
    }
}
