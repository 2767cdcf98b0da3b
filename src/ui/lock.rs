//! 台帐口令: where the password of a book is asked for, given, changed and taken away.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Id, Key, RichText, Ui};

use crate::command::{Command, LockCommand};

use super::theme;

/// Shorter ones are guessed.
const SHORTEST: usize = 6;
const WIDTH: f32 = 460.0;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    /// The password of this book, which is to be opened.
    Unlock(PathBuf),
    /// Another password for the book on the desk, which has one already or none.
    Change(bool),
}

/// The page's own small state.
#[derive(Debug)]
pub struct LockView {
    asked: Asked,
    old: String,
    first: String,
    second: String,
    refusal: String,
    focused: bool,
}

impl LockView {
    fn of(asked: Asked, refusal: String) -> Self {
        let empty = String::new;
        Self { asked, old: empty(), first: empty(), second: empty(), refusal, focused: false }
    }

    /// Asks for the password of a book that is to be opened; `refusal` says why once more.
    pub fn unlock(path: &Path, refusal: &str) -> Self {
        Self::of(Asked::Unlock(path.to_owned()), refusal.to_owned())
    }

    /// Asks for another password for the book on the desk.
    pub fn change(encrypted: bool) -> Self {
        Self::of(Asked::Change(encrypted), String::new())
    }

    /// It was not done: why. What was typed is typed again.
    pub fn refuse(&mut self, sentence: String) {
        *self = Self::of(self.asked.clone(), sentence);
    }

    /// Draws the page. `other` says whether another book lies on the desk, to go back to.
    pub fn show(&mut self, ui: &mut Ui, other: bool, commands: &mut Vec<Command>) {
        ui.vertical_centered(|ui| {
            ui.add_space(ui.available_height() * 0.18);
            ui.scope(|ui| {
                ui.set_width(WIDTH);
                ui.with_layout(egui::Layout::top_down(egui::Align::LEFT), |ui| match self.asked.clone() {
                    Asked::Unlock(path) => self.draw_unlock(ui, &path, other, commands),
                    Asked::Change(encrypted) => self.draw_change(ui, encrypted, commands),
                });
            });
        });
    }

    fn draw_unlock(&mut self, ui: &mut Ui, path: &Path, other: bool, commands: &mut Vec<Command>) {
        ui.heading("这本台帐加了口令");
        ui.label(theme::soft(path.display().to_string()));
        ui.add_space(12.0);
        let first = !std::mem::replace(&mut self.focused, true);
        let enter = field(ui, "口令", &mut self.old, first);
        self.draw_refusal(ui);
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            let go = ui.add(theme::primary("打开").min_size(egui::vec2(104.0, 32.0))).clicked() || enter;
            if go {
                commands.push(Command::Lock(LockCommand::Unlock(path.to_owned(), self.old.clone())));
            }
            let rest = if other { Command::Lock(LockCommand::Leave) } else { Command::ChooseBook };
            if ui.add(theme::plain(rest.label()).min_size(egui::vec2(104.0, 32.0))).clicked() {
                commands.push(rest);
            }
        });
    }

    fn draw_change(&mut self, ui: &mut Ui, encrypted: bool, commands: &mut Vec<Command>) {
        ui.heading("台帐口令");
        ui.add_space(4.0);
        let now = if encrypted {
            "这本台帐已经加了口令：文件是加密的，没有口令谁也打不开，以后的备份也一样。"
        } else {
            "加上口令，整个台帐文件就加密：没有口令谁也打不开，以后的备份也一样。"
        };
        ui.label(now);
        let forgotten = "忘了口令没有任何办法找回：请写在纸上封好，交负责人保管。";
        ui.label(RichText::new(forgotten).color(theme::AMBER));
        ui.label(theme::soft("以前的备份没有随着改；导出的 PDF 不加密。换口令时别的窗口要关着，大的台帐要等几秒。"));
        ui.add_space(12.0);
        let first = !std::mem::replace(&mut self.focused, true);
        if encrypted {
            field(ui, "现在的口令", &mut self.old, first);
        }
        field(ui, "新口令", &mut self.first, first && !encrypted);
        let enter = field(ui, "再写一遍新口令", &mut self.second, false);
        self.draw_refusal(ui);
        ui.add_space(8.0);
        let change = |new: &str| LockCommand::Change { old: self.old.clone(), new: new.to_owned() };
        let words = if encrypted { "换成新口令" } else { "加上口令" };
        let mut wanted = None;
        ui.horizontal(|ui| {
            if ui.add(theme::primary(words).min_size(egui::vec2(120.0, 32.0))).clicked() || enter {
                wanted = Some(self.new_password().map(change));
            }
            if encrypted && ui.add(theme::plain("取消口令").min_size(egui::vec2(104.0, 32.0))).clicked() {
                wanted = Some(Ok(change("")));
            }
            if ui.add(theme::plain("返回").min_size(egui::vec2(88.0, 32.0))).clicked() {
                wanted = Some(Ok(LockCommand::Leave));
            }
        });
        match wanted {
            None => {}
            Some(Ok(command)) => commands.push(Command::Lock(command)),
            Some(Err(sentence)) => self.refuse(sentence),
        }
    }

    /// The new password, typed twice alike.
    fn new_password(&self) -> Result<&str, String> {
        if self.first.chars().count() < SHORTEST {
            return Err(format!("新口令至少要 {SHORTEST} 个字"));
        }
        if self.first != self.second {
            return Err("两遍写的不一样，请重写".to_owned());
        }
        Ok(&self.first)
    }

    fn draw_refusal(&self, ui: &mut Ui) {
        if !self.refusal.is_empty() {
            ui.label(RichText::new(&self.refusal).color(theme::RED));
        }
    }
}

/// A field for a password; whether Enter was pressed in it.
fn field(ui: &mut Ui, label: &str, text: &mut String, first: bool) -> bool {
    let id = Id::unique(("book-password", label));
    if first {
        ui.memory_mut(|it| it.request_focus(id));
    }
    ui.label(theme::soft(label));
    let field = ui.add(theme::field(text, "").password(true).id(id).desired_width(WIDTH - 8.0));
    ui.ctx().accesskit_node_builder(field.id, |node| node.set_label(label));
    field.lost_focus() && ui.input(|it| it.key_pressed(Key::Enter))
}
