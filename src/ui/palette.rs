//! Finding a command by its name (Ctrl+K).

use eframe::egui::{self, Align2, Area, Frame, Id, Key, Modifiers, Order, ScrollArea, Stroke, Ui, vec2};

use crate::command::Command;
use crate::record::fold;

use super::bars::Entry;
use super::{ime, theme};

/// How wide it is.
const WIDE: f32 = 460.0;

/// Its own small state.
#[derive(Debug, Default)]
pub struct Palette {
    open: bool,
    fresh: bool,
    text: String,
    chosen: usize,
}

impl Palette {
    /// Opens it, empty.
    pub fn open(&mut self) {
        *self = Self { open: true, fresh: true, ..Self::default() };
    }

    /// Whether it is to be drawn.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Draws it over the window: what is typed narrows the commands, the arrows choose, Enter runs, Esc closes.
    pub fn show(&mut self, ui: &Ui, all: &[Entry], commands: &mut Vec<Command>) {
        let folded = fold(&self.text);
        let sought: Vec<&str> = folded.split_whitespace().collect();
        let fits = |words: &str| {
            let words = fold(words);
            sought.iter().all(|it| words.contains(it))
        };
        let found: Vec<&Entry> = all.iter().filter(|it| fits(&it.words)).collect();
        self.chosen = self.chosen.min(found.len().saturating_sub(1));
        let mut run = None;
        let mut reveal = false;
        if !ime::is_composing(ui.ctx()) {
            let pressed = |key| ui.input_mut(|it| it.consume_key(Modifiers::NONE, key));
            let (up, down) = (pressed(Key::ArrowUp), pressed(Key::ArrowDown));
            if up || down {
                self.chosen = if up {
                    self.chosen.saturating_sub(1)
                } else {
                    (self.chosen + 1).min(found.len().saturating_sub(1))
                };
                reveal = true;
            }
            if pressed(Key::Enter) {
                run = found.get(self.chosen).map(|it| it.command.clone());
            }
            if pressed(Key::Escape) {
                self.open = false;
            }
        }
        let frame =
            Frame::NONE.fill(theme::PAPER).stroke(Stroke::new(1.0, theme::LINE)).corner_radius(4.0).inner_margin(8.0);
        let shadow = egui::epaint::Shadow { offset: [0, 4], blur: 16, spread: 0, color: theme::SHADOW };
        let area =
            Area::new(Id::unique("palette")).order(Order::Foreground).anchor(Align2::CENTER_TOP, vec2(0.0, 72.0));
        let mut measured = false;
        let shown = area.show(ui.ctx(), |ui| {
            frame.shadow(shadow).show(ui, |ui| {
                ui.set_width(WIDE);
                let id = Id::unique("palette-name");
                measured = ui.is_sizing_pass();
                if self.fresh && !measured {
                    ui.memory_mut(|it| it.request_focus(id));
                    ui.ctx().request_repaint();
                }
                let response = ui.add(theme::field(&mut self.text, "命令的名字…").id(id).desired_width(WIDE - 4.0));
                ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("找命令"));
                if response.changed() {
                    self.chosen = 0;
                }
                ui.add_space(4.0);
                if found.is_empty() {
                    ui.label(theme::soft("没有这样的命令"));
                }
                ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                    for (place, Entry { words, key, command }) in found.iter().enumerate() {
                        let mut button = egui::Button::new(words)
                            .selected(place == self.chosen)
                            .frame_when_inactive(place == self.chosen);
                        if let Some(key) = key {
                            button = button.shortcut_text(key.to_string());
                        }
                        let response = ui.add(button.min_size(vec2(WIDE - 16.0, theme::CONTROL)));
                        if place == self.chosen && reveal {
                            response.scroll_to_me(None);
                        }
                        if response.clicked() {
                            run = Some(command.clone());
                        }
                    }
                });
            });
        });
        let away = !self.fresh && ui.input(|it| it.pointer.any_pressed()) && !shown.response.contains_pointer();
        self.fresh &= measured;
        if away {
            self.open = false;
        }
        if let Some(command) = run {
            self.open = false;
            commands.push(command);
        }
    }
}
