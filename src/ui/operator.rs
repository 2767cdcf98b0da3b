//! Where the password (密码) of whoever wants to sit at the desk is asked for: a small place at the top right, under the
//! operator's name. Nothing else waits for it.

use eframe::egui::{self, Align2, Frame, Key, Margin, Order, RichText, Stroke};

use crate::command::Command;

use super::theme;

/// Whose password is asked for, and what is typed.
#[derive(Debug, Default)]
pub struct Asking {
    /// Who wants to sit at the desk.
    pub name: String,
    typed: String,
    refusal: String,
    focused: bool,
}

impl Asking {
    /// The question, nothing typed yet.
    pub fn of(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// It was not the password: why, and the place is ready for another.
    pub fn refuse(&mut self, sentence: String) {
        self.refusal = sentence;
        self.typed.clear();
        self.focused = false;
    }
}

/// Asks; false when the clerk has left it.
pub fn ask(ctx: &egui::Context, asking: &mut Asking, commands: &mut Vec<Command>) -> bool {
    let mut stays = true;
    let place = egui::Area::new(egui::Id::unique("operator-password")).order(Order::Foreground);
    place.anchor(Align2::RIGHT_TOP, [-8.0, 40.0]).show(ctx, |ui| {
        let frame = Frame::NONE.fill(theme::PAPER).stroke(Stroke::new(1.0, theme::LINE)).corner_radius(4.0);
        frame.inner_margin(Margin::same(12)).show(ui, |ui| {
            ui.set_width(260.0);
            ui.label(theme::strong(format!("{} 的密码", asking.name)));
            let field = theme::field(&mut asking.typed, "").password(true).desired_width(f32::INFINITY);
            let field = ui.add(field);
            ui.ctx().accesskit_node_builder(field.id, |node| node.set_label("操作人的密码"));
            if !asking.focused {
                field.request_focus();
                asking.focused = true;
            }
            if !asking.refusal.is_empty() {
                ui.label(RichText::new(&asking.refusal).size(12.0).color(theme::AMBER));
            }
            let mut go = field.lost_focus() && ui.input(|it| it.key_pressed(Key::Enter));
            ui.horizontal(|ui| {
                go |= ui.add(theme::primary("换成此人")).clicked();
                stays &= !ui.add(theme::plain("不换了")).clicked();
            });
            if go {
                asking.focused = false;
                if asking.typed.is_empty() {
                    asking.refuse("请输入密码".to_owned());
                } else {
                    commands.push(Command::Operate(asking.name.clone(), std::mem::take(&mut asking.typed)));
                }
            }
            stays &= !ui.input(|it| it.key_pressed(Key::Escape));
        });
    });
    stays
}
