//! What looking the book over has found (检查台帐): all of it to be read, and to be copied for whoever has to look into it.

use eframe::egui::{self, Align2, Key, RichText, ScrollArea};

use crate::command::{Command, FileCommand};

use super::progress::{self, Going};
use super::theme;

/// What there is to show of a check.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Whether one is under way.
    pub running: bool,
    /// What the last one came to, in a sentence; none where there was none yet.
    pub said: Option<&'a str>,
    /// Whether somebody changed something past the program, as far as can be seen.
    pub meddled: bool,
    /// What it found.
    pub found: &'a [String],
    /// What is known of the book for ever.
    pub marks: &'a [String],
    /// Whether what is known leaves part of the book unproved.
    pub doubtful: bool,
    /// The chain's head, as the ledger bears it.
    pub head: Option<&'a str>,
}

/// Draws it over the desk; false when the clerk has closed it.
pub fn show(ctx: &egui::Context, shown: &Shown<'_>, commands: &mut Vec<Command>) -> bool {
    let mut stays = true;
    let window = egui::Window::new("检查台帐").collapsible(false).resizable(false);
    window.anchor(Align2::CENTER_CENTER, [0.0, 0.0]).show(ctx, |ui| {
        ui.set_width(680.0);
        match shown.said {
            _ if shown.running => {
                let text = "正在检查全部单据和修改记录，可以照常填单…".to_owned();
                let stop = Some(Command::File(FileCommand::StopCheck));
                progress::block(ui, &Going { text, part: None, stop }, commands);
            }
            None => {}
            Some(said) if shown.found.is_empty() => {
                ui.label(RichText::new(said).color(if shown.doubtful { theme::AMBER } else { theme::GREEN }));
            }
            Some(said) => {
                ui.label(RichText::new(said).color(if shown.meddled { theme::RED } else { theme::AMBER }));
                if shown.meddled {
                    ui.label(
                        "先不要在这本台帐上继续办理。请复制下面的结果留存，与最近的备份和打印的台帐核对，弄清是谁、什么时候改的。",
                    );
                }
                ui.add_space(4.0);
                ScrollArea::vertical().max_height(360.0).auto_shrink([false, true]).show(ui, |ui| {
                    for (place, finding) in shown.found.iter().enumerate() {
                        ui.label(format!("{}. {finding}", place + 1));
                    }
                });
            }
        }
        if !shown.marks.is_empty() && !shown.running {
            ui.add_space(4.0);
            ui.label(theme::soft("这本台帐的来历里一直记着的（不是今天的问题）："));
            ScrollArea::vertical().id_salt("marks").max_height(160.0).auto_shrink([false, true]).show(ui, |ui| {
                for mark in shown.marks {
                    ui.label(theme::soft(format!("· {mark}")));
                }
            });
        }
        if let Some(head) = shown.head.filter(|_| !shown.running) {
            ui.add_space(4.0);
            ui.label(theme::soft(format!(
                "{head}。尾部若被整段截去，凭文件本身看不出：请不时与打印的台帐页脚上的行号和校验码核对。"
            )));
        }
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            if ui.add_enabled(!shown.running, theme::plain("再检查一次")).clicked() {
                commands.push(Command::Check);
            }
            if let (false, Some(said)) = (shown.running, shown.said)
                && ui.add(theme::plain("复制结果")).clicked()
            {
                let told = shown.found.iter().chain(shown.marks).map(String::as_str);
                let lines: Vec<&str> = [said].into_iter().chain(told).chain(shown.head).collect();
                ui.ctx().copy_text(lines.join("\n"));
                commands.push(Command::Say("检查结果已抄到剪贴板".to_owned()));
            }
            let close = ui.add(theme::plain("关闭"));
            // Nothing else has the keyboard: Tab goes on from here, and not through the sheet under this.
            if ui.memory(|it| it.focused().is_none()) {
                close.request_focus();
            }
            stays &= !close.clicked();
        });
        stays &= !ui.input(|it| it.key_pressed(Key::Escape));
    });
    stays
}
