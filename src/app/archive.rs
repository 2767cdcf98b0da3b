//! 归档: filing and destroying.

use eframe::egui::{self, Ui};

use super::App;
use crate::command::{ArchiveCommand, Command};
use crate::ui::theme;

/// The page's own small state.
#[derive(Debug, Default)]
pub(super) struct Page {}

impl App {
    pub(super) fn draw_archive(&mut self, ui: &mut Ui, _commands: &mut Vec<Command>) {
        let _page = &mut self.pages.archive;
        ui.label(theme::strong("归档"));
    }

    pub(super) fn run_archive(&mut self, _ctx: &egui::Context, command: ArchiveCommand) {
        match command {}
    }
}
