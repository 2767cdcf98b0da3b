//! Between the input method and the cells.
//!
//! While pinyin is being composed, egui keeps it inside the cell's text. Were the writer to click elsewhere or press Tab
//! then, egui 0.37 would leave the raw letters in the cell for good: so an empty composition is slipped in first (which
//! takes the letters out) and the click or key let through a frame later.

use eframe::egui::{self, Event, ImeEvent, Key, vec2};

/// The guard; a plugin, because tests run plugins but not `App::raw_input_hook`.
#[derive(Default)]
pub struct ImeGuard {
    composing: bool,
    later: Vec<Event>,
}

impl egui::Plugin for ImeGuard {
    fn debug_name(&self) -> &'static str {
        "ImeGuard"
    }

    fn input_hook(&mut self, ctx: &egui::Context, raw: &mut egui::RawInput) {
        // The glyph atlas is as wide as the largest texture and is only cleared when a square that size fills up.
        raw.max_texture_side = raw.max_texture_side.map(|it| it.min(4096));
        let mut waiting = std::mem::take(&mut self.later);
        waiting.append(&mut raw.events);
        let mut events = waiting.into_iter();
        while let Some(event) = events.next() {
            match &event {
                Event::Ime(ImeEvent::Preedit { text, .. }) => self.composing = !text.is_empty(),
                Event::Ime(ImeEvent::Commit(_)) => self.composing = false,
                Event::PointerButton { pressed: true, .. }
                | Event::WindowFocused(false)
                | Event::Key { key: Key::Tab, pressed: true, .. }
                    if self.composing =>
                {
                    self.composing = false;
                    let nothing = ImeEvent::Preedit { text: String::new(), active_range_chars: None };
                    raw.events.push(Event::Ime(nothing));
                    self.later = std::iter::once(event).chain(events).collect();
                    ctx.request_repaint();
                    break;
                }
                _ => {}
            }
            raw.events.push(event);
        }
        let composing = self.composing;
        ctx.data_mut(|data| data.insert_temp(egui::Id::unique("composing"), composing));
    }

    /// winit gives X11's input methods the caret's top left corner, so that their window would cover the line.
    fn output_hook(&mut self, _ctx: &egui::Context, output: &mut egui::FullOutput) {
        if cfg!(target_os = "linux")
            && let Some(ime) = &mut output.platform_output.ime
        {
            ime.cursor_rect = ime.cursor_rect.translate(vec2(0.0, ime.cursor_rect.height()));
        }
    }
}

/// Whether pinyin is being composed: no key of ours is taken then, and nothing is saved.
pub fn is_composing(ctx: &egui::Context) -> bool {
    ctx.data(|data| data.get_temp(egui::Id::unique("composing")).unwrap_or(false))
}
