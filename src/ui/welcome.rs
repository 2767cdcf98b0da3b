//! What is shown before there is a book: three ways to begin, and the books that were open before.

use std::path::{Path, PathBuf};

use eframe::egui::{self, RichText, Ui, vec2};

use crate::command::{Command, FileCommand};
use crate::face::on_screen;

use super::{page, theme};

const WIDTH: f32 = 640.0;

/// A book that was open before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    /// Where it lies.
    pub path: PathBuf,
    /// It is not there now.
    pub missing: bool,
}

impl Recent {
    /// Its name without the ending.
    pub fn name(&self) -> String {
        on_screen(&self.path.file_stem().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default())
    }

    /// In which folder it lies.
    pub fn folder(&self) -> String {
        on_screen(&self.path.parent().map(|it| it.display().to_string()).unwrap_or_default())
    }
}

/// Draws the page. `own` is where the office's own book lies, or will.
pub fn show(ui: &mut Ui, (own, there): (&Path, bool), recent: &[Recent], commands: &mut Vec<Command>) {
    egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.add_space((ui.available_height() * 0.1).clamp(12.0, 96.0));
        let side = ((ui.available_width() - WIDTH) / 2.0).max(12.0);
        ui.horizontal(|ui| {
            ui.add_space(side);
            ui.vertical(|ui| {
                ui.set_width(WIDTH.min(ui.available_width() - 12.0));
                page::title(ui, "用户服务台帐");
                ui.label("程序文件里受控的表单：在屏幕上填，签字、存档、印出来。");
                ui.add_space(4.0);
                ui.label(theme::soft(if recent.is_empty() {
                    "第一次用，选一样开始："
                } else {
                    "选一样开始："
                }));
                ui.add_space(12.0);
                let begin = Command::File(FileCommand::Begin);
                let (words, kept) = if there {
                    ("打开我的台帐", format!("这台电脑上已经有的那一本：{}", own.display()))
                } else {
                    (
                        begin.label(),
                        format!("从一本空白的开始。台帐是一个文件，放在 {}；以后打开程序就是它。", own.display()),
                    )
                };
                choice(ui, (begin, words, true), &on_screen(&kept), commands);
                let open =
                    "别的电脑上拷来的、U 盘上的、备份出来的：选那个 .book 文件。也可以直接把文件拖到这个窗口里。";
                choice(ui, (Command::ChooseBook, "打开已有的台帐…", false), open, commands);
                let sample = "一本填好的示例台帐，随便点、随便改，与自己的台帐分开。";
                choice(ui, (Command::OpenSample, "先看看示例", false), sample, commands);
                if !recent.is_empty() {
                    ui.add_space(8.0);
                    self::recent(ui, recent, commands);
                }
                ui.add_space(8.0);
                ui.horizontal(|ui| {
                    let help = Command::File(FileCommand::Help);
                    if ui.add(theme::plain("两页使用说明（F1）")).on_hover_text(help.hint()).clicked() {
                        commands.push(help);
                    }
                    let at = Command::File(FileCommand::BeginAt);
                    if ui.add(theme::plain("新台帐放在别处…")).on_hover_text(at.hint()).clicked() {
                        commands.push(at);
                    }
                });
            });
        });
    });
}

fn choice(
    ui: &mut Ui,
    (command, words, first): (Command, &'static str, bool),
    says: &str,
    commands: &mut Vec<Command>,
) {
    page::card(ui, |ui| {
        page::inset(ui, |ui| {
            ui.horizontal(|ui| {
                let button = if first { theme::primary(words) } else { theme::plain(words) };
                if ui.add(button.min_size(vec2(168.0, 36.0))).clicked() {
                    commands.push(command);
                }
                ui.add_space(4.0);
                ui.vertical(|ui| super::lines::label(ui, says, 13.0, theme::SOFT));
            });
        });
    });
    ui.add_space(8.0);
}

/// The books that were open before; one that is not there says so, and can be taken out of the list.
fn recent(ui: &mut Ui, recent: &[Recent], commands: &mut Vec<Command>) {
    page::heading(ui, "最近的台帐", 0, theme::INK);
    page::card(ui, |ui| {
        for one in recent {
            ui.horizontal(|ui| {
                ui.add_space(12.0);
                let words = RichText::new(one.name()).color(if one.missing { theme::SOFT } else { theme::ACCENT });
                let open = Command::File(FileCommand::Open(one.path.clone()));
                if ui.add(egui::Button::new(words).frame(false)).on_hover_text(one.path.display().to_string()).clicked()
                {
                    commands.push(open);
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.add_space(8.0);
                    let forget = Command::File(FileCommand::Forget(one.path.clone()));
                    let response = ui.add(theme::plain(forget.label()).min_size(vec2(0.0, 22.0)));
                    let name = format!("{} {}", forget.label(), one.name());
                    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
                    if response.clicked() {
                        commands.push(forget);
                    }
                    if one.missing {
                        ui.label(theme::soft("现在不在"));
                    }
                    ui.add(egui::Label::new(theme::soft(one.folder())).truncate());
                });
            });
        }
    });
}
