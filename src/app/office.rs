//! 设置: settings and people.

use eframe::egui::{self, Ui};

use super::App;
use crate::command::{Command, OfficeCommand};
use crate::ui::theme;

/// The page's own small state.
#[derive(Debug, Default)]
pub(super) struct Page {}

impl App {
    pub(super) fn draw_office(&mut self, ui: &mut Ui, _commands: &mut Vec<Command>) {
        let _page = &mut self.pages.settings;
        ui.label(theme::strong("设置"));
    }

    pub(super) fn run_office(&mut self, _ctx: &egui::Context, command: OfficeCommand) {
        match command {}
    }

    /// Takes the office's own settings out of the book, where it has any.
    pub(super) fn take_office(&mut self) {}

    /// Says who sits at the desk.
    pub(super) fn operate(&mut self, name: &str, _password: &str) {
        name.clone_into(&mut self.operator);
    }
}
