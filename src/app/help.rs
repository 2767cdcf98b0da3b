//! The guide and what the program is: put together when asked for, drawn over the desk.

use chrono::NaiveDate;
use eframe::egui::{self, CentralPanel, Ui};

use super::App;
use crate::command::Command;
use crate::export;
use crate::licences::Licences;
use crate::procedure::Procedure;
use crate::store;
use crate::ui::desk;
use crate::ui::help::{AboutView, HelpView, Told};

/// The guide, where it lies open.
#[derive(Default)]
pub(super) struct Help {
    asked: bool,
    view: Option<HelpView>,
}

impl Help {
    /// Opens it, or puts it away.
    pub(super) fn toggle(&mut self) {
        self.asked = !self.asked;
        self.view = None;
    }

    /// Draws it in the desk's place. Whether it is there.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        procedure: &Procedure,
        today: NaiveDate,
        commands: &mut Vec<Command>,
    ) -> bool {
        if !self.asked {
            return false;
        }
        let view = self.view.get_or_insert_with(|| HelpView::new(export::guide_pages(procedure, today)));
        crate::ui::ime::claim_tab(ui.ctx(), false);
        let mut stays = true;
        CentralPanel::default().frame(desk::frame()).show(ui, |ui| stays = view.show(ui, commands));
        if !stays {
            *self = Self::default();
        }
        true
    }
}

/// What the program is, where that lies open.
#[derive(Default)]
pub(super) struct About {
    asked: bool,
    view: Option<AboutView>,
}

impl About {
    pub(super) fn toggle(&mut self) {
        self.asked = !self.asked;
        self.view = None;
    }
}

impl App {
    /// What the program is, over the desk.
    pub(super) fn draw_about(&mut self, ctx: &egui::Context, commands: &mut Vec<Command>) {
        if !self.panels.about.asked {
            return;
        }
        if self.panels.about.view.is_none() {
            self.panels.about.view = Some(AboutView::new(self.told()));
        }
        let Some(view) = &mut self.panels.about.view else { return };
        if !view.show(ctx, commands) {
            self.panels.about = About::default();
        }
    }

    fn told(&self) -> Told {
        let licences = Licences::unpack();
        let build = option_env!("TAIZHANG_BUILD").map_or_else(String::new, |it| format!("（{it}）"));
        let lines = vec![
            format!(
                "用户服务台帐 {}{build}，{} {}",
                env!("CARGO_PKG_VERSION"),
                std::env::consts::OS,
                std::env::consts::ARCH
            ),
            format!("台帐文件的格式：第 {} 版", store::format_version()),
            format!("按《{}》{} 办理", self.procedure.document.title, self.procedure.document.code),
        ];
        let book = self.book().unwrap_or(&self.book.own).to_owned();
        let places = vec![("这本台帐", book), ("出错记录（有的话）", self.book.home.clone())];
        let places = places.into_iter().chain(self.outside.habits().map(|it| ("这台电脑上的习惯", it))).collect();
        let parts = licences.parts().map(|it| {
            let texts: Vec<String> = licences.texts(it).map(str::to_owned).collect();
            (format!("{} {}", it.name, it.version).trim().to_owned(), it.terms.clone(), texts)
        });
        Told { lines, places, parts: parts.collect() }
    }
}
