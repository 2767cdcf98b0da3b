//! 今日: the first page. What is owed, in cards; each line goes to its sheet.

use eframe::egui::{self, Color32, EventFilter, Id, Key, Modifiers, Ui};

use crate::command::{Command, RegisterCommand, View};
use crate::procedure::Person;
use crate::today::{Goes, Line, Part, Section, Today, Tone};

use super::{page, theme};

/// Below this width the cards stand in one column.
const NARROW: f32 = 720.0;
/// Room between the columns, and between cards.
const GAP: f32 = 24.0;
/// Narrowest and widest room for what is looked for.
const HEAD: (f32, f32) = (88.0, 176.0);

/// The page's own small state.
#[derive(Debug, Default)]
pub struct TodayView {
    /// Only what concerns whoever sits at the desk.
    pub own: bool,
}

/// What the page shows.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// What is owed.
    pub today: &'a Today,
    /// The day in words.
    pub title: &'a str,
    /// What one should know of the day; empty where there is nothing.
    pub aside: &'a str,
    /// Who sits at the desk, where that is one of the office's people.
    pub operator: Option<&'a Person>,
}

impl TodayView {
    /// Draws the page.
    pub fn show(&mut self, ui: &mut Ui, shown: &Shown<'_>, commands: &mut Vec<Command>) {
        ui.horizontal(|ui| {
            page::title(ui, shown.title);
            if !shown.aside.is_empty() {
                ui.label(theme::soft(shown.aside));
            }
            let Some(person) = shown.operator else { return };
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let hint = if person.department.is_empty() { &person.name } else { &person.department };
                ui.spacing_mut().item_spacing.x = 4.0;
                if ui.add(theme::plain("只看我的").selected(self.own)).on_hover_text(hint).clicked() {
                    self.own = true;
                }
                if ui.add(theme::plain("全部").selected(!self.own)).clicked() {
                    self.own = false;
                }
            });
        });
        ui.add_space(4.0);
        if shown.today.sections.is_empty() {
            ui.vertical_centered(|ui| {
                ui.add_space(ui.available_height() * 0.32);
                let whose = shown.operator.filter(|_| self.own);
                ui.heading(if whose.is_some() { "今天没有要你办的事" } else { "今天没有要办的事" });
            });
            return;
        }
        let mut lines = Vec::new();
        page::scroll(ui, "today", |ui| {
            if ui.available_width() < NARROW {
                for section in &shown.today.sections {
                    draw(ui, section, &mut lines, commands);
                }
                return;
            }
            let (left, right) = columns(&shown.today.sections);
            ui.spacing_mut().item_spacing.x = GAP;
            ui.columns(2, |columns| {
                for (ui, sections) in columns.iter_mut().zip([left, right]) {
                    ui.spacing_mut().item_spacing.x = 8.0;
                    for section in sections {
                        draw(ui, section, &mut lines, commands);
                    }
                }
            });
        });
        walk(ui, &lines);
    }
}

/// Which sections stand in which column: each under the shorter one, so that the most pressing are seen first.
fn columns(sections: &[Section]) -> (Vec<&Section>, Vec<&Section>) {
    let height = |it: &Section| (it.lines.len() + it.more.len()) as f32 * page::ROW + 2.0 * GAP;
    let (mut left, mut right, mut ahead) = (Vec::new(), Vec::new(), 0.0);
    for section in sections {
        if ahead <= 0.0 {
            left.push(section);
            ahead += height(section);
        } else {
            right.push(section);
            ahead -= height(section);
        }
    }
    (left, right)
}

fn draw(ui: &mut Ui, section: &Section, lines: &mut Vec<Id>, commands: &mut Vec<Command>) {
    let ink = match section.part {
        Part::Overdue => theme::RED,
        Part::ThisWeek => theme::AMBER,
        Part::Waiting
        | Part::Paused
        | Part::Out
        | Part::Duties
        | Part::NotPassedOn
        | Part::FollowUps
        | Part::Expired => theme::INK,
    };
    page::heading(ui, &section.name, section.count, ink);
    page::card(ui, |ui| {
        let head = head_width(ui, &section.lines);
        let rest = (ui.available_width() - 24.0 - head).max(1.0);
        let all = section.lines.iter().map(|it| (it, false)).chain(section.more.iter().map(|it| (it, true)));
        for (place, (line, more)) in all.enumerate() {
            let id = Id::unique(("today", &section.name, place));
            let response = if more {
                page::row(ui, id, &[(&line.head, 1.0, false)], ("", theme::SOFT))
            } else {
                let columns = [(line.head.as_str(), head, true), (line.words.as_str(), rest, false)];
                page::row(ui, id, &columns, (&line.right, tone(line.tone)))
            };
            lines.push(id);
            if response.gained_focus() {
                response.scroll_to_me(None);
            }
            if response.clicked() {
                commands.push(go(&line.goes));
            }
        }
    });
    ui.add_space(GAP - 8.0);
}

/// So wide that every number is seen whole.
fn head_width(ui: &Ui, lines: &[Line]) -> f32 {
    let width = |it: &Line| ui.painter().layout_no_wrap(it.head.clone(), theme::bold(14.0), theme::INK).size().x + 20.0;
    lines.iter().map(width).fold(HEAD.0, f32::max).min(HEAD.1)
}

fn tone(tone: Tone) -> Color32 {
    match tone {
        Tone::Late => theme::RED,
        Tone::Soon => theme::AMBER,
        Tone::Calm => theme::INK,
    }
}

fn go(goes: &Goes) -> Command {
    match goes {
        Goes::Sheet(record) => Command::Open(*record),
        Goes::Sheets(form, words) => Command::ShowMatching(form.clone(), words.clone()),
        Goes::New(form) => Command::New(form.clone()),
        Goes::Customers => Command::Show(View::Customers),
        Goes::Papers => Command::Show(View::Papers),
        Goes::Archive => Command::Show(View::Archive),
        Goes::Numbers => Command::Show(View::Numbers),
        Goes::Register(form) => Command::Show(View::Register(form.clone())),
        Goes::Lines(form, period) => Command::Register(RegisterCommand::Show { form: form.clone(), period: *period }),
    }
}

/// ↑ and ↓ go from line to line; from nowhere, to the first.
fn walk(ui: &Ui, lines: &[Id]) {
    let focused = ui.memory(egui::Memory::focused);
    let now = focused.and_then(|id| lines.iter().position(|it| *it == id));
    if let Some(now) = now {
        let arrows = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|it| it.set_focus_lock_filter(lines[now], arrows));
    }
    if lines.is_empty() || (now.is_none() && (focused.is_some() || ui.ctx().egui_wants_keyboard_input())) {
        return;
    }
    let pressed = |key: Key| ui.input_mut(|it| it.consume_key(Modifiers::NONE, key));
    let to = match (pressed(Key::ArrowDown), pressed(Key::ArrowUp)) {
        (true, _) => now.map_or(0, |it| (it + 1).min(lines.len() - 1)),
        (false, true) => now.map_or(0, |it| it.saturating_sub(1)),
        (false, false) => return,
    };
    ui.memory_mut(|it| {
        it.request_focus(lines[to]);
        // Else the window would step on from there by itself.
        it.move_focus(egui::FocusDirection::None);
    });
}
