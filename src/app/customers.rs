//! 用户: the users.

use eframe::egui::{self, Ui};

use super::App;
use crate::command::{Command, CustomerCommand};
use crate::ui::theme;

/// The page's own small state.
#[derive(Debug, Default)]
pub(super) struct Page {}

impl App {
    pub(super) fn draw_customers(&mut self, ui: &mut Ui, _commands: &mut Vec<Command>) {
        let _page = &mut self.pages.customers;
        ui.label(theme::strong("用户"));
    }

    pub(super) fn run_customer(&mut self, _ctx: &egui::Context, command: CustomerCommand) {
        match command {}
    }
}
