//! Between the input method and the cells: the one place that knows what winit 0.30 and egui 0.37 do otherwise than an
//! office expects.
//!
//! While pinyin is being composed, egui keeps it inside the cell's text. Two things would go wrong then. A key that leaves
//! the cell may overtake the word that the input method is just handing over (on X11 keys and words come by different
//! ways: <https://github.com/fcitx/fcitx5/issues/59>, <https://github.com/ibus/ibus/issues/1713>): so Tab, Enter and Esc
//! that arrive during a composition wait a moment for its end. And were the composition simply left, egui 0.37 would leave
//! its raw letters in the cell for good, for it tells the input method to give up (<https://github.com/emilk/egui/pull/8078>)
//! and not the cell: so where no end comes, an empty composition is slipped in first, which takes the letters out, and the
//! key let through a frame later.
//!
//! Of X11 alone:
//! - winit takes the caret's top left corner for the place of the candidates, which then cover the line
//!   (<https://github.com/rust-windowing/winit/issues/3965>, mended after 0.30): it is told the lower corner.
//! - To switch the input method off, and to give up a composition, winit makes the connection to it anew, when the next
//!   key comes, which then goes past the input method; and the new connection is not given the keyboard, so that IBus shows
//!   the next word's composition and candidates at the foot of the screen. Neither IBus nor fcitx5 is switched off by that
//!   (<https://github.com/rust-windowing/winit/issues/3092>): so the connection made at the start stays. It is made anew
//!   only where a composition is left, or may be: after a click, for keys during a composition are the input method's own.
//! - Only IBus, and fcitx5 where “On The Spot” is ticked, hand over what is composed
//!   (<https://github.com/emilk/egui/issues/7975>); otherwise fcitx5 shows it in its own window, and no letter of it comes
//!   here before its end.

use eframe::egui::{self, Event, ImeEvent, Key, vec2};

/// How long a key waits for the end of a composition, in seconds.
const PATIENCE: f64 = 0.08;
/// And for how many frames at least.
const FRAMES: usize = 4;
/// Within how many frames egui asks to give up a composition after its cell was left.
const ASKED: usize = 6;

/// The guard; a plugin, because tests run plugins but not `App::raw_input_hook`.
#[derive(Default)]
pub struct ImeGuard {
    composing: bool,
    /// The input method has handed over its word since something began to wait.
    ended: bool,
    /// What waits for the end of the composition.
    waiting: Option<Waiting>,
    /// What goes on in the next frame.
    next: Vec<Event>,
    /// Whether keys come by X11.
    x11: bool,
    /// Whether the input method is IBus by X11.
    ibus: bool,
    /// What the input method was told of the caret last.
    told: Option<egui::output::IMEOutput>,
    /// For so many frames yet a composition that was left is given up.
    given_up: usize,
}

/// Events held back.
struct Waiting {
    events: Vec<Event>,
    since: f64,
    frames: usize,
    /// Whether a word may still come: a click comes when the hand is off the keys.
    patient: bool,
}

/// Whether an event would leave the cell in the middle of a composition; and if so, whether it may have overtaken a word.
fn leaves(event: &Event) -> Option<bool> {
    match event {
        Event::PointerButton { pressed: true, .. } | Event::WindowFocused(false) | Event::Paste(_) => Some(false),
        // A command of the keyboard's own: whatever was composed is over, told or not. So it is with text, but a comma that
        // ended the composition may have overtaken the word.
        Event::Text(_) => Some(true),
        Event::Key { pressed: true, modifiers, .. } if modifiers.command => Some(false),
        Event::Key { key: Key::Tab | Key::Enter | Key::Escape | Key::F6 | Key::F10, pressed: true, .. } => Some(true),
        _ => None,
    }
}

impl ImeGuard {
    /// Sorts one frame's events: what the input method says goes through, what would leave the cell waits for it.
    fn sort(&mut self, events: Vec<Event>, now: f64, through: &mut Vec<Event>) {
        for mut event in events {
            match &mut event {
                Event::Ime(ImeEvent::Preedit { text, active_range_chars }) => {
                    self.composing = !text.is_empty();
                    // The caret stands behind what is composed, unless the input method says where.
                    if self.composing && active_range_chars.as_ref().is_none_or(|it| it.end == 0) {
                        let end = text.chars().count();
                        *active_range_chars = Some(end..end);
                    }
                    through.push(event);
                }
                Event::Ime(ImeEvent::Commit(_)) => {
                    (self.composing, self.ended) = (false, true);
                    through.push(event);
                }
                _ => match (&mut self.waiting, leaves(&event).filter(|_| self.composing)) {
                    (Some(waiting), _) => waiting.events.push(event),
                    (None, Some(patient)) => {
                        self.ended = false;
                        self.waiting = Some(Waiting { events: vec![event], since: now, frames: 0, patient });
                    }
                    (None, None) => through.push(event),
                },
            }
        }
    }
}

impl egui::Plugin for ImeGuard {
    fn debug_name(&self) -> &'static str {
        "ImeGuard"
    }

    fn setup(&mut self, _ctx: &egui::Context) {
        let set = |name: &str| std::env::var(name).is_ok_and(|it| !it.is_empty());
        self.x11 = cfg!(target_os = "linux") && !set("WAYLAND_DISPLAY") && !set("WAYLAND_SOCKET");
        self.ibus = self.x11 && std::env::var("XMODIFIERS").is_ok_and(|it| it.contains("@im=ibus"));
    }

    fn input_hook(&mut self, ctx: &egui::Context, raw: &mut egui::RawInput) {
        // The glyph atlas is as wide as the largest texture and is only cleared when a square that size fills up.
        raw.max_texture_side = raw.max_texture_side.map(|it| it.min(4096));
        let now = raw.time.unwrap_or_else(|| ctx.input(|it| it.time));
        let clicks = |it: &Event| matches!(it, Event::PointerButton { pressed: true, .. });
        if !self.ibus && raw.events.iter().any(clicks) {
            self.given_up = ASKED;
        }
        let mut events = std::mem::take(&mut self.next);
        events.append(&mut raw.events);
        self.sort(events, now, &mut raw.events);
        if let Some(mut waiting) = self.waiting.take() {
            waiting.frames += 1;
            let long = now - waiting.since >= PATIENCE && waiting.frames >= FRAMES;
            if self.ended || long || !waiting.patient {
                if self.composing {
                    let nothing = ImeEvent::Preedit { text: String::new(), active_range_chars: None };
                    raw.events.push(Event::Ime(nothing));
                    self.composing = false;
                    self.given_up = ASKED;
                }
                // What there is of a word is in the cell; a frame later the cell is left.
                self.next = waiting.events;
                ctx.request_repaint();
            } else {
                self.waiting = Some(waiting);
                ctx.request_repaint_after_secs(0.01);
            }
        }
        let rest = split(&mut raw.events);
        if !rest.is_empty() {
            self.next.splice(0..0, rest);
            ctx.request_repaint();
        }
        // Claimed from frame to frame: a page without a sheet claims nothing.
        let claimed = ctx.data_mut(|data| data.remove_temp(egui::Id::unique("tab-claimed")).unwrap_or(false));
        raw.events.retain(|event| match event {
            Event::Key { key: Key::Tab, pressed, modifiers, .. } if claimed && !modifiers.ctrl && !modifiers.alt => {
                if *pressed {
                    let back = modifiers.shift;
                    ctx.data_mut(|data| data.insert_temp(egui::Id::unique("tab"), back));
                }
                false
            }
            _ => true,
        });
        let composing = self.composing;
        ctx.data_mut(|data| data.insert_temp(egui::Id::unique("composing"), composing));
    }

    fn output_hook(&mut self, _ctx: &egui::Context, output: &mut egui::FullOutput) {
        let ime = &mut output.platform_output.ime;
        if let Some(ime) = ime.as_mut().filter(|_| self.x11) {
            ime.should_interrupt_composition &= self.given_up > 0;
            self.told = Some(egui::output::IMEOutput { should_interrupt_composition: false, ..*ime });
        }
        if self.x11 {
            let nowhere = egui::output::IMEOutput {
                purpose: egui::IMEPurpose::Normal,
                rect: egui::Rect::ZERO,
                cursor_rect: egui::Rect::ZERO,
                should_interrupt_composition: false,
            };
            *ime = ime.or(self.told).or(Some(nowhere));
        }
        self.given_up = self.given_up.saturating_sub(1);
        if let Some(ime) = ime.as_mut().filter(|_| self.x11) {
            ime.cursor_rect = ime.cursor_rect.translate(vec2(0.0, ime.cursor_rect.height()));
        }
    }
}

/// Says whether Tab belongs to the sheet: then egui, which would walk through every widget, does not see it.
pub fn claim_tab(ctx: &egui::Context, claimed: bool) {
    ctx.data_mut(|data| data.insert_temp(egui::Id::unique("tab-claimed"), claimed));
}

/// The Tab of this frame, if there is one and it belongs to the sheet: whether it goes back (Shift+Tab).
pub fn take_tab(ctx: &egui::Context) -> Option<bool> {
    ctx.data_mut(|data| data.remove_temp::<bool>(egui::Id::unique("tab")))
}

/// A key that may leave the cell has a frame of its own: what was typed before it belongs to this cell, what comes after
/// to the next.
fn split(events: &mut Vec<Event>) -> Vec<Event> {
    let leaves = |it: &Event| match it {
        Event::Key { key: Key::Tab | Key::Enter | Key::Escape | Key::F6 | Key::F10, pressed: true, .. } => true,
        // Ctrl+N, and whatever else brings another cell.
        Event::Key { pressed: true, modifiers, .. } => modifiers.command,
        _ => false,
    };
    match events.iter().position(leaves) {
        Some(0) => events.split_off(1),
        Some(place) => events.split_off(place),
        None => Vec::new(),
    }
}

/// Whether pinyin is being composed: no key of ours is taken then, and nothing is saved.
pub fn is_composing(ctx: &egui::Context) -> bool {
    ctx.data(|data| data.get_temp(egui::Id::unique("composing")).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Context, Modifiers, Plugin as _, RawInput};

    use super::*;

    fn key(key: Key) -> Event {
        Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE }
    }

    /// What reaches the cells, frame by frame, of events that arrive all at once.
    fn frames(events: Vec<Event>) -> Vec<Vec<Event>> {
        let (ctx, mut guard) = (Context::default(), ImeGuard::default());
        let mut frames = Vec::new();
        let mut arriving = events;
        for frame in 0..12 {
            let time = Some(f64::from(frame) / 60.0);
            let mut raw = RawInput { events: std::mem::take(&mut arriving), time, ..RawInput::default() };
            guard.input_hook(&ctx, &mut raw);
            if !raw.events.is_empty() {
                frames.push(raw.events);
            }
        }
        frames
    }

    /// A slow frame brings a whole burst of keys: each word still goes into its own cell.
    #[test]
    fn a_key_that_leaves_the_cell_has_a_frame_of_its_own() {
        let text = |it: &str| Event::Text(it.to_owned());
        let burst = vec![text("a"), key(Key::Tab), text("b"), key(Key::Enter), key(Key::Tab), text("c")];
        let expected: Vec<Vec<Event>> = burst.iter().map(|it| vec![it.clone()]).collect();
        assert_eq!(frames(burst), expected);
    }

    #[test]
    fn a_word_handed_over_together_with_tab_comes_first() {
        let preedit = |it: &str| Event::Ime(ImeEvent::Preedit { text: it.to_owned(), active_range_chars: None });
        let word = Event::Ime(ImeEvent::Commit("上海".to_owned()));
        let got = frames(vec![preedit("shang hai"), key(Key::Tab), preedit(""), word.clone()]);
        let all: Vec<Event> = got.into_iter().flatten().collect();
        let place = |it: &Event| all.iter().position(|other| other == it);
        assert!(place(&word) < place(&key(Key::Tab)), "{all:?}");
    }

    #[test]
    fn a_comma_that_overtook_the_word_comes_behind_it() {
        let preedit = |it: &str| Event::Ime(ImeEvent::Preedit { text: it.to_owned(), active_range_chars: None });
        let word = Event::Ime(ImeEvent::Commit("工厂".to_owned()));
        let comma = Event::Text("，".to_owned());
        let got = frames(vec![preedit("gong chang"), comma.clone(), preedit(""), word.clone()]);
        let all: Vec<Event> = got.into_iter().flatten().collect();
        let place = |it: &Event| all.iter().position(|other| other == it);
        assert!(place(&word) < place(&comma), "{all:?}");
        // And where no word comes, it is not lost.
        let got = frames(vec![preedit("gong chang"), comma.clone()]);
        assert!(got.into_iter().flatten().any(|it| it == comma));
    }

    /// The caret stands behind what is composed, as in every other program.
    #[test]
    fn the_caret_stands_behind_what_is_composed() {
        let got = frames(vec![Event::Ime(ImeEvent::Preedit { text: "wei xiu".to_owned(), active_range_chars: None })]);
        let expected = ImeEvent::Preedit { text: "wei xiu".to_owned(), active_range_chars: Some(7..7) };
        assert_eq!(got[0], [Event::Ime(expected)]);
    }

    fn told(guard: &mut ImeGuard, ime: Option<egui::output::IMEOutput>) -> Option<egui::output::IMEOutput> {
        let mut output = egui::FullOutput::default();
        output.platform_output.ime = ime;
        guard.output_hook(&Context::default(), &mut output);
        output.platform_output.ime
    }

    fn caret(interrupts: bool) -> egui::output::IMEOutput {
        let rect = egui::Rect::from_min_size(egui::pos2(10.0, 20.0), vec2(2.0, 14.0));
        egui::output::IMEOutput {
            purpose: egui::IMEPurpose::Normal,
            rect,
            cursor_rect: rect,
            should_interrupt_composition: interrupts,
        }
    }

    #[test]
    fn on_x11_the_candidates_are_told_the_foot_of_the_line() {
        let mut guard = ImeGuard { x11: true, ..ImeGuard::default() };
        assert_eq!(told(&mut guard, Some(caret(false))).map(|it| it.cursor_rect.top()), Some(34.0));
        let mut guard = ImeGuard::default();
        assert_eq!(told(&mut guard, Some(caret(false))), Some(caret(false)));
    }

    /// fcitx5 may compose without a word about it: a click that leaves the cell gives that up, a key need not.
    #[test]
    fn on_x11_only_a_click_breaks_off_what_may_be_composed_unseen() {
        let mut guard = ImeGuard { x11: true, ..ImeGuard::default() };
        assert_eq!(told(&mut guard, Some(caret(true))).map(|it| it.should_interrupt_composition), Some(false));
        let mut raw = RawInput { events: vec![click()], time: Some(1.0), ..RawInput::default() };
        guard.input_hook(&Context::default(), &mut raw);
        assert_eq!(told(&mut guard, Some(caret(true))).map(|it| it.should_interrupt_composition), Some(true));
    }

    fn click() -> Event {
        let (pos, button) = (egui::Pos2::ZERO, egui::PointerButton::Primary);
        Event::PointerButton { pos, button, pressed: true, modifiers: Modifiers::NONE }
    }

    /// Going from cell to cell, and from the cells to the buttons, the input method stays connected; a composition
    /// that is left in the middle is given up.
    #[test]
    fn on_x11_the_input_method_stays_connected_until_a_composition_is_left() {
        let mut guard = ImeGuard { x11: true, ibus: true, ..ImeGuard::default() };
        assert!(told(&mut guard, None).is_some(), "from the first frame on");
        assert_eq!(told(&mut guard, Some(caret(true))).map(|it| it.should_interrupt_composition), Some(false));
        let stays = told(&mut guard, None);
        assert_eq!(stays.map(|it| it.cursor_rect.top()), Some(34.0), "where the caret was last");
        let ctx = Context::default();
        let preedit = Event::Ime(ImeEvent::Preedit { text: "wan bi".to_owned(), active_range_chars: None });
        let mut raw = RawInput { events: vec![preedit, click()], time: Some(1.0), ..RawInput::default() };
        guard.input_hook(&ctx, &mut raw);
        assert_eq!(told(&mut guard, Some(caret(true))).map(|it| it.should_interrupt_composition), Some(true));
    }
}
