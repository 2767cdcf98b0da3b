//! Where the keyboard is: a ring round whatever has it, which is brought into sight; and the keys that carry it into the
//! menus (F10) and from one part of the window to the next (F6, back with Shift), as in other programs.

use std::collections::BTreeMap;

use eframe::egui::{
    self, Context, Event, Id, Key, LayerId, Modifiers, RawInput, Rect, Response, Stroke, StrokeKind, Ui, accesskit,
};

use super::theme;

/// The parts of the window, in the order F6 goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pane {
    /// The menus.
    Menus,
    /// The procedure's order.
    Order,
    /// The list of sheets, or what was found.
    List,
    /// Where the sheet stands.
    Stages,
    /// The sheet or the page: all that is in no other part.
    Page,
    /// How large the sheet is.
    Zoom,
    /// Beside the sheet.
    Beside,
    /// The foot.
    Foot,
}

/// The panes of a frame, and the widget the page is entered by.
#[derive(Clone, Debug, Default)]
struct Panes {
    places: BTreeMap<Pane, Rect>,
    home: Option<Id>,
    /// The widget that shows for itself that it has the keyboard.
    shows: Option<Id>,
    /// Tab has gone through the page.
    onward: bool,
}

fn change(ctx: &Context, change: impl FnOnce(&mut Panes)) {
    ctx.data_mut(|data| change(data.get_temp_mut_or_default(Id::unique("panes"))));
}

/// Says where a part of the window lies in this frame.
pub fn pane(pane: Pane, drawn: &Response) {
    change(&drawn.ctx, |it| {
        it.places.insert(pane, drawn.rect);
    });
}

/// Says by which widget the page is entered; without that, by its first.
pub fn home(ctx: &Context, id: Id) {
    change(ctx, |it| it.home = Some(id));
}

/// Says that a widget shows for itself that it has the keyboard: it gets no ring.
pub fn shows(ctx: &Context, id: Id) {
    change(ctx, |it| it.shows = Some(id));
}

/// The plugin.
#[derive(Default)]
pub struct Focus {
    /// What had the keyboard in the last frame.
    last: Option<Id>,
    /// What has come to the keyboard out of sight.
    reveal: Option<Id>,
}

impl egui::Plugin for Focus {
    fn debug_name(&self) -> &'static str {
        "Focus"
    }

    fn input_hook(&mut self, _ctx: &Context, raw: &mut RawInput) {
        if let Some(id) = self.reveal.take() {
            raw.events.push(Event::AccessKitActionRequest(accesskit::ActionRequest {
                action: accesskit::Action::ScrollIntoView,
                target_tree: accesskit::TreeId::ROOT,
                target_node: id.accesskit_id(),
                data: None,
            }));
        }
    }

    fn on_begin_pass(&mut self, ui: &mut Ui) {
        let panes: Panes =
            ui.data_mut(|data| std::mem::take(data.get_temp_mut_or_default::<Panes>(Id::unique("panes"))));
        let pressed = |modifiers, key| ui.input_mut(|it| it.consume_key(modifiers, key));
        let to = if pressed(Modifiers::NONE, Key::F10) {
            first(ui.ctx(), &panes, Pane::Menus)
        } else if pressed(Modifiers::SHIFT, Key::F6) {
            next(ui.ctx(), &panes, false)
        } else if pressed(Modifiers::NONE, Key::F6) || panes.onward {
            next(ui.ctx(), &panes, true)
        } else {
            None
        };
        if let Some(id) = to {
            egui::Popup::close_all(ui.ctx());
            ui.memory_mut(|it| it.request_focus(id));
        }
    }

    fn on_end_pass(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx();
        name_handles(ctx);
        let focused = ctx.memory(egui::Memory::focused);
        let Some((id, response)) = focused.and_then(|id| Some((id, ctx.read_response(id)?))) else {
            self.last = None;
            return;
        };
        if ctx.data_mut(|data| data.get_temp_mut_or_default::<Panes>(Id::unique("panes")).shows) == Some(id) {
            self.last = Some(id);
            return;
        }
        // The edge of a column is of no use to the keyboard, which goes on to the next widget, or back.
        if is_column(response.sense, response.rect) {
            let back = ui.input(|it| it.modifiers.shift);
            if let Some(id) = beside(ctx, &response, back) {
                ctx.memory_mut(|it| it.request_focus(id));
                ctx.request_repaint();
            }
            return;
        }
        let seen = response.interact_rect;
        if self.last.replace(id) != Some(id) && !seen.contains_rect(response.rect.shrink(1.0)) {
            self.reveal = Some(id);
            ctx.request_repaint();
        }
        let ring = Rect::from_min_max(response.rect.min.max(seen.min), response.rect.max.min(seen.max));
        if ring.is_positive() {
            let painter = ctx.layer_painter(response.layer_id);
            painter.rect_stroke(ring.expand(1.0), 4.0, Stroke::new(1.0, theme::PAPER), StrokeKind::Outside);
            painter.rect_stroke(ring, 4.0, Stroke::new(2.0, theme::ACCENT), StrokeKind::Outside);
        }
    }
}

/// Whether a widget is the edge of a table's column, which is dragged, or clicked twice to make it fit.
fn is_column(sense: egui::Sense, place: Rect) -> bool {
    sense.senses_drag() && sense.senses_click() && place.width() < 10.0
}

/// Names what egui does not name, or not in Chinese: the edges of columns and of the window's parts.
fn name_handles(ctx: &Context) {
    let handles: Vec<(Id, bool)> = ctx.viewport(|viewport| {
        let all = viewport.this_pass.widgets.get_layer(LayerId::background());
        let handles = all.filter(|it| it.sense.is_focusable() && it.sense.senses_drag());
        let thin = handles.filter(|it| it.rect.width().min(it.rect.height()) < 20.0);
        thin.map(|it| (it.id, is_column(it.sense, it.rect))).collect()
    });
    for (id, column) in handles {
        ctx.accesskit_node_builder(id, |node| {
            if column || node.role() == accesskit::Role::Splitter {
                node.set_role(accesskit::Role::Splitter);
                node.set_label(if column { "列宽" } else { "栏宽" });
            }
        });
    }
}

/// Says that Tab has gone through the page: the next part of the window has the keyboard.
pub fn onward(ctx: &Context) {
    change(ctx, |it| it.onward = true);
    ctx.request_repaint();
}

/// The widget drawn after another one in its layer, or before it, that takes the keyboard and clicks.
fn beside(ctx: &Context, from: &Response, back: bool) -> Option<Id> {
    ctx.viewport(|viewport| {
        let takes = |it: &&egui::WidgetRect| it.enabled && it.sense.is_focusable() && !is_column(it.sense, it.rect);
        let layer = viewport.this_pass.widgets.get_layer(from.layer_id);
        if back {
            layer.take_while(|it| it.id != from.id).filter(takes).last().map(|it| it.id)
        } else {
            layer.skip_while(|it| it.id != from.id).find(takes).map(|it| it.id)
        }
    })
}

/// The widgets of a part of the window that take the keyboard, as they were drawn last.
fn widgets(ctx: &Context, panes: &Panes, pane: Pane) -> Vec<Id> {
    let inside = |at: egui::Pos2| match panes.places.get(&pane) {
        Some(place) => place.contains(at),
        None => pane == Pane::Page && panes.places.values().all(|it| !it.contains(at)),
    };
    ctx.viewport(|viewport| {
        let all = viewport.prev_pass.widgets.get_layer(LayerId::background());
        let takes = |it: &&egui::WidgetRect| it.enabled && it.sense.is_focusable() && it.interact_rect.is_positive();
        all.filter(takes).filter(|it| inside(it.rect.center())).map(|it| it.id).collect()
    })
}

/// The widget by which a part of the window is entered.
fn first(ctx: &Context, panes: &Panes, pane: Pane) -> Option<Id> {
    let home = panes.home.filter(|_| pane == Pane::Page);
    home.or_else(|| widgets(ctx, panes, pane).first().copied())
}

/// The widget by which the part of the window is entered that comes after the one with the keyboard, or before it.
fn next(ctx: &Context, panes: &Panes, forward: bool) -> Option<Id> {
    let mut all: Vec<Pane> = panes.places.keys().copied().chain([Pane::Page]).collect();
    all.sort_unstable();
    if !forward {
        all.reverse();
    }
    let focused = ctx.memory(egui::Memory::focused);
    let here = match focused {
        _ if panes.onward => all.iter().position(|it| *it == Pane::Page),
        Some(id) => all.iter().position(|it| widgets(ctx, panes, *it).contains(&id)),
        None => None,
    };
    let start = here.map_or(0, |it| it + 1);
    (0..all.len()).find_map(|step| first(ctx, panes, all[(start + step) % all.len()]))
}
