//! 今日: what is owed today.

use eframe::egui::Ui;

use super::App;
use crate::command::Command;
use crate::ui::theme;

/// The page's own small state.
#[derive(Debug, Default)]
pub(super) struct Page {}

impl Page {
    /// How much is owed.
    pub(super) fn owed(&self) -> usize {
        0
    }
}

impl App {
    pub(super) fn draw_today(&mut self, ui: &mut Ui, _commands: &mut Vec<Command>) {
        let _page = &mut self.pages.today;
        ui.label(theme::strong("今日"));
    }
}
