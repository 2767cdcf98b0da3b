//! Work that takes longer than a moment: what is being done, how far it is, and a way to stop it where that does no harm.

use eframe::egui::{Align, Layout, Sense, Ui, pos2, vec2};

use crate::command::{Command, FileCommand};

use super::theme;

/// How long the bar of something that cannot be measured takes to go round, in seconds.
const ROUND: f64 = 1.6;

/// Work under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Going {
    /// What is being done, in words.
    pub text: String,
    /// How much of it is done, from 0 to 1, where that is known.
    pub part: Option<f32>,
    /// What stops it, where it can be stopped.
    pub stop: Option<Command>,
}

impl Going {
    /// Work of which nothing more is known.
    pub fn only(text: &str) -> Self {
        Self { text: text.to_owned(), part: None, stop: None }
    }

    /// Work that can be stopped, unless it was told to stop already.
    pub fn stoppable(text: &str, stopping: bool) -> Self {
        if stopping {
            return Self::only("正在停止…");
        }
        Self { stop: Some(Command::File(FileCommand::Stop)), ..Self::only(text) }
    }
}

/// In a line: the words, a small bar, 停止.
pub fn line(ui: &mut Ui, going: &Going, commands: &mut Vec<Command>) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.add_space(8.0);
        stop(ui, going, commands);
        bar(ui, going, 120.0);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let words = eframe::egui::RichText::new(&going.text).size(12.0).color(theme::INK);
            ui.add(eframe::egui::Label::new(words).truncate()).on_hover_text(&going.text);
        });
    });
}

/// In place of the page, while the window waits for it.
pub fn page(ui: &mut Ui, going: &Going, commands: &mut Vec<Command>) {
    ui.add_space(ui.available_height() * 0.4);
    block(ui, going, commands);
}

/// One under the other, in the middle.
pub fn block(ui: &mut Ui, going: &Going, commands: &mut Vec<Command>) {
    ui.vertical_centered(|ui| {
        ui.label(&going.text);
        ui.add_space(12.0);
        bar(ui, going, 280.0);
        ui.add_space(12.0);
        stop(ui, going, commands);
    });
}

fn stop(ui: &mut Ui, going: &Going, commands: &mut Vec<Command>) {
    if let Some(stop) = &going.stop
        && ui.add(theme::plain(stop.label()).min_size(vec2(0.0, 22.0))).on_hover_text(stop.hint()).clicked()
    {
        commands.push(stop.clone());
    }
}

fn bar(ui: &mut Ui, going: &Going, width: f32) {
    let (rect, response) = ui.allocate_exact_size(vec2(width, 6.0), Sense::hover());
    ui.painter().rect_filled(rect, 3.0, theme::LINE);
    let (from, to) = match going.part {
        Some(part) => (0.0, part.clamp(0.0, 1.0)),
        None => {
            let turn = ((ui.input(|it| it.time) % ROUND) / ROUND) as f32;
            ui.ctx().request_repaint_after_secs(0.1);
            ((turn * 1.3 - 0.3).max(0.0), (turn * 1.3).min(1.0))
        }
    };
    let x = |part: f32| rect.left() + rect.width() * part;
    let done = eframe::egui::Rect::from_min_max(pos2(x(from), rect.top()), pos2(x(to), rect.bottom()));
    ui.painter().rect_filled(done, 3.0, theme::ACCENT);
    response.widget_info(|| {
        let mut info = eframe::egui::WidgetInfo::labeled(eframe::egui::Role::ProgressIndicator, true, "进度");
        info.value = going.part.map(f64::from);
        info
    });
}
