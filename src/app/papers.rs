//! 纸质单据: where the papers are.

use eframe::egui::Ui;

use super::App;
use crate::command::Command;
use crate::ui::theme;

/// The page's own small state.
#[derive(Debug, Default)]
pub(super) struct Page {}

impl App {
    pub(super) fn draw_papers(&mut self, ui: &mut Ui, _commands: &mut Vec<Command>) {
        let _page = &mut self.pages.papers;
        ui.label(theme::strong("纸质单据"));
    }
}
