//! What the pages beside the sheets are made of: headings, cards, rows that go somewhere, labelled fields.

use eframe::egui::{
    self, Align2, Color32, FontId, Frame, Margin, Rect, Response, RichText, Sense, Stroke, Ui, pos2, vec2,
};

use crate::command::Command;
use crate::face::on_screen;

use super::theme;

/// Height of a row of a card.
pub const ROW: f32 = 34.0;

/// The page's own title.
pub fn title(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).font(theme::bold(18.0)).color(theme::INK));
    ui.add_space(8.0);
}

/// The heading of a part of a page, and how much there is of it.
pub fn heading(ui: &mut Ui, text: &str, count: usize, ink: Color32) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(text).font(theme::bold(14.0)).color(ink));
        if count > 0 {
            ui.label(RichText::new(count.to_string()).size(14.0).color(theme::SOFT));
        }
    });
}

/// The small heading of a part of the panel beside the sheet.
pub fn caption(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).font(theme::bold(12.0)).color(theme::SOFT));
    ui.add_space(4.0);
}

/// What may be longer than the window; its bar stands in the page's margin, beside the cards and not over them. It
/// goes down to the foot of the window.
pub fn scroll(ui: &mut Ui, id: &str, inside: impl FnOnce(&mut Ui)) {
    let room = ui.available_rect_before_wrap();
    let area = Rect::from_min_max(room.min, room.max + vec2(18.0, 12.0));
    ui.scope_builder(egui::UiBuilder::new().max_rect(area), |ui| {
        egui::ScrollArea::vertical().id_salt(id).auto_shrink([false, false]).show(ui, |ui| {
            ui.set_max_width(room.width());
            inside(ui);
            ui.add_space(12.0);
        });
    });
}

/// White paper round what belongs together, as wide as there is room.
pub fn card<R>(ui: &mut Ui, inside: impl FnOnce(&mut Ui) -> R) -> R {
    let frame = Frame::NONE.fill(theme::PAPER).stroke(Stroke::new(1.0, theme::LINE)).corner_radius(4.0);
    frame
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 0.0;
            inside(ui)
        })
        .inner
}

/// Room inside a card for fields and buttons.
pub fn inset<R>(ui: &mut Ui, inside: impl FnOnce(&mut Ui) -> R) -> R {
    Frame::NONE
        .inner_margin(Margin::symmetric(12, 8))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 8.0;
            inside(ui)
        })
        .inner
}

/// A row of a card that goes somewhere: what is looked for, what it is about, and at the right how it stands. Columns:
/// words, share of the width, whether bold; they stand under each other whatever stands at the right, which covers the
/// end of the last.
pub fn row(ui: &mut Ui, id: egui::Id, columns: &[(&str, f32, bool)], right: (&str, Color32)) -> Response {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let response = ui.interact(rect, id, Sense::click());
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect.shrink(1.0), 0.0, theme::ACCENT_PALE);
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, theme::LINE));
    if response.has_focus() {
        let stroke = Stroke::new(2.0, theme::ACCENT);
        ui.painter().rect_stroke(rect.shrink(1.0), 2.0, stroke, egui::StrokeKind::Inside);
    }
    let last = ui.painter().layout_no_wrap(on_screen(right.0), FontId::proportional(14.0), right.1);
    let end = rect.right() - 12.0 - last.size().x;
    ui.painter().galley(pos2(end, rect.center().y - last.size().y / 2.0), last, right.1);
    let whole: f32 = columns.iter().map(|it| it.1).sum();
    let room = rect.width() - 24.0;
    let mut x = rect.left() + 12.0;
    for (words, share, bold) in columns {
        let width = room * share / whole.max(0.01);
        let font = if *bold { theme::bold(14.0) } else { FontId::proportional(14.0) };
        let width_left = (width - 8.0).min(end - 12.0 - x).max(0.0);
        text_in(ui, Rect::from_min_size(pos2(x, rect.top()), vec2(width_left, ROW)), words, font, theme::INK);
        x += width;
    }
    let name: Vec<&str> = columns.iter().map(|it| it.0).chain([right.0]).filter(|it| !it.is_empty()).collect();
    let name = name.join(" ");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
    response
}

/// One line of text in a place, cut with … where it is too long.
pub fn text_in(ui: &Ui, place: Rect, words: &str, font: FontId, ink: Color32) {
    let mut job = egui::epaint::text::LayoutJob::simple_singleline(on_screen(words), font, ink);
    job.wrap.max_width = place.width();
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    let galley = ui.fonts_mut(|it| it.layout_job(job));
    ui.painter().galley(pos2(place.left(), place.center().y - galley.size().y / 2.0), galley, ink);
}

/// A labelled field of one line; assistive technology calls it by its label.
pub fn field(ui: &mut Ui, label: &str, text: &mut String, hint: &str, width: f32) -> Response {
    ui.horizontal(|ui| {
        let (place, _) = ui.allocate_exact_size(vec2(84.0, theme::CONTROL), Sense::hover());
        ui.painter().text(place.left_center(), Align2::LEFT_CENTER, label, FontId::proportional(13.0), theme::SOFT);
        let response = ui.add(theme::field(text, hint).desired_width(width));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(label.to_owned()));
        response
    })
    .inner
}

/// A button that prints what a command would export; assistive technology calls it 打印 and what it prints.
pub fn print_button(ui: &mut Ui, export: &Command, name: &str, commands: &mut Vec<Command>) {
    let command = Command::Print(Box::new(export.clone()));
    let response = ui.add(theme::plain(command.label())).on_hover_text(command.hint());
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(format!("打印{name}")));
    if response.clicked() {
        commands.push(command);
    }
}

/// What is said where there is nothing.
pub fn nothing(ui: &mut Ui, words: &str) {
    ui.add_space(4.0);
    ui.label(theme::soft(words));
}
