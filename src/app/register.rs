//! 登记簿: registers that are typed.

use eframe::egui::{self, Ui};

use super::App;
use crate::command::{Command, RegisterCommand};
use crate::procedure::FormId;
use crate::ui::theme;

/// The page's own small state.
#[derive(Debug, Default)]
pub(super) struct Page {}

impl App {
    pub(super) fn draw_register(&mut self, ui: &mut Ui, _form: &FormId, _commands: &mut Vec<Command>) {
        let _page = &mut self.pages.register;
        ui.label(theme::strong("登记簿"));
    }

    pub(super) fn run_register(&mut self, _ctx: &egui::Context, command: RegisterCommand) {
        match command {}
    }
}
