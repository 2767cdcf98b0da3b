//! 编号簿: the number book.

use eframe::egui::{self, Ui};

use super::App;
use crate::command::{Command, NumberCommand};
use crate::ui::theme;

/// The page's own small state.
#[derive(Debug, Default)]
pub(super) struct Page {}

impl App {
    pub(super) fn draw_numbers(&mut self, ui: &mut Ui, _commands: &mut Vec<Command>) {
        let _page = &mut self.pages.numbers;
        ui.label(theme::strong("编号簿"));
    }

    pub(super) fn run_number(&mut self, _ctx: &egui::Context, command: NumberCommand) {
        match command {}
    }
}
