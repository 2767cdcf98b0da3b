//! Rows of the page of users, and the words that stand in them.

use chrono::{Datelike, NaiveDate};
use eframe::egui::{self, Color32, FontId, Rect, Sense, Ui, pos2, vec2};

use crate::command::Command;
use crate::customers::User;
use crate::record::RecordId;
use crate::ui::context;
use crate::ui::page::{self, ROW, text_in};
use crate::ui::theme;

use super::Detail;

/// So many days before a visit is due it is shown as due.
const SOON: i64 = 7;
/// Widths of a sheet's day, number and form, and of where it stands; what it is about has the rest.
const WIDTHS: [f32; 3] = [90.0, 80.0, 90.0];
const STANDING: f32 = 118.0;
/// How many products are named.
const PRODUCTS: usize = 8;

/// A day as short as it can be told.
fn day(day: NaiveDate, today: NaiveDate) -> String {
    if day.year() == today.year() { format!("{}月{}日", day.month(), day.day()) } else { day.to_string() }
}

/// When the user is to be talked with next (4.3).
fn next_visit(user: &User, today: NaiveDate) -> (String, Color32) {
    let Some(due) = user.due else { return ("不走访".to_owned(), theme::SOFT) };
    match (due - today).num_days() {
        0 => ("今天该走访".to_owned(), theme::AMBER),
        left @ 1..=SOON => (format!("还有 {left} 天走访"), theme::AMBER),
        left @ ..=-365 => (format!("走访超 {} 年", -left / 365), theme::RED),
        left @ ..=-1 => (format!("走访超 {} 天", -left), theme::RED),
        _ => (format!("{} 走访", day(due, today)), theme::SOFT),
    }
}

fn complaints(user: &User) -> String {
    let open = if user.open > 0 { format!("，未结 {}", user.open) } else { String::new() };
    format!("投诉 {}{open}", user.complaints)
}

pub(super) fn in_short(user: &User, today: NaiveDate) -> String {
    let talked = user.talked.map_or_else(|| "还没有沟通过".to_owned(), |it| format!("上次沟通 {}", day(it, today)));
    let due = user.due.map_or_else(|| "不走访".to_owned(), |it| format!("下次走访 {}", day(it, today)));
    format!("{} · {talked} · {due}", complaints(user))
}

pub(super) fn line(ui: &Ui, user: &User, rect: Rect, chosen: bool, today: NaiveDate) -> bool {
    let response = ui.interact(rect, egui::Id::unique(("user", &user.name)), Sense::click());
    let painter = ui.painter_at(rect);
    if chosen || response.hovered() || response.has_focus() {
        painter.rect_filled(rect, 0.0, theme::ACCENT_PALE);
    }
    if chosen {
        painter.rect_filled(Rect::from_min_size(rect.min, vec2(3.0, rect.height())), 0.0, theme::ACCENT);
    }
    painter.hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, theme::LINE));
    let inner = rect.shrink2(vec2(12.0, 4.0));
    let (above, below) = inner.split_top_bottom_at_fraction(0.52);
    text_in(ui, above, &user.name, theme::bold(14.0), theme::INK);
    let (words, ink) = next_visit(user, today);
    let visit = painter.layout_no_wrap(words.clone(), FontId::proportional(12.0), ink);
    let left = below.right() - visit.size().x;
    painter.galley(pos2(left, below.center().y - visit.size().y / 2.0), visit, ink);
    let latest = user.latest().map(|it| format!("{} · ", day(it, today))).unwrap_or_default();
    let said = format!("{latest}{}", complaints(user));
    text_in(ui, below.with_max_x(left - 8.0), &said, FontId::proportional(12.0), theme::SOFT);
    let name = format!("{} {said} {words}", user.name);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, &name));
    response.clicked()
}

/// A sheet's row, which opens it: day, number, form, what it is about, and where it stands, in columns that stand under each other.
pub(super) fn sheet_row(
    ui: &Ui,
    rect: Rect,
    record: RecordId,
    columns: [&str; 4],
    (words, ink): (&str, Color32),
    commands: &mut Vec<Command>,
) {
    let response = ui.interact(rect, egui::Id::unique(("customer-sheet", record.0)), Sense::click());
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect.shrink(1.0), 0.0, theme::ACCENT_PALE);
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, theme::LINE));
    let inner = rect.shrink2(vec2(12.0, 0.0));
    let (most, standing) = inner.split_left_right_at_x(inner.right() - STANDING);
    let galley = ui.painter().layout_no_wrap(words.to_owned(), FontId::proportional(14.0), ink);
    let left = (standing.right() - galley.size().x).max(standing.left());
    ui.painter().galley(pos2(left, standing.center().y - galley.size().y / 2.0), galley, ink);
    let rest = most.width() - WIDTHS.iter().sum::<f32>();
    let mut x = most.left();
    for (place, (text, width)) in columns.into_iter().zip(WIDTHS.into_iter().chain([rest])).enumerate() {
        let font = if place == 1 { theme::bold(14.0) } else { FontId::proportional(14.0) };
        text_in(ui, Rect::from_min_size(pos2(x, rect.top()), vec2(width - 8.0, ROW)), text, font, theme::INK);
        x += width;
    }
    let name = columns.into_iter().chain([words]).collect::<Vec<_>>().join(" ");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
    context::sheet(&response, record, columns[1], &name, commands);
    if response.clicked() {
        commands.push(Command::Open(record));
    }
}

/// A row with a name, what is to be said of it, and a button.
pub(super) fn with_button(ui: &mut Ui, (name, said): (&str, String), (label, of): (&str, &str)) -> bool {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, theme::LINE));
    let place = Rect::from_min_max(pos2(rect.right() - 72.0, rect.top() + 3.0), rect.max - vec2(12.0, 3.0));
    let button = egui::Button::new(label).min_size(place.size());
    let response = ui.place(place, button);
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(format!("{label} {of}")));
    let inner = rect.shrink2(vec2(12.0, 0.0)).with_max_x(place.left() - 12.0);
    let (left, right) = inner.split_left_right_at_fraction(0.6);
    text_in(ui, left.with_max_x(left.right() - 8.0), name, FontId::proportional(14.0), theme::INK);
    text_in(ui, right, &said, FontId::proportional(12.0), theme::SOFT);
    response.clicked()
}

pub(super) fn products(ui: &mut Ui, detail: &Detail) {
    page::heading(ui, "产品", detail.products.len(), theme::INK);
    page::card(ui, |ui| {
        page::inset(ui, |ui| {
            let named = detail.products.iter().take(PRODUCTS);
            let times = |(name, count): &(String, usize)| match count {
                1 => name.clone(),
                _ => format!("{name}（{count} 次）"),
            };
            let mut words = named.map(times).collect::<Vec<_>>().join("；");
            if detail.products.len() > PRODUCTS {
                words.push_str(&format!("；等 {} 种", detail.products.len()));
            }
            ui.add(egui::Label::new(crate::face::on_screen(&words)).wrap());
        });
    });
    ui.add_space(12.0);
}
