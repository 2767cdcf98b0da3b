//! What is offered under the cell in hand: words typed before, or a calendar.

use std::collections::BTreeMap;

use eframe::egui::{self, Area, FontId, Frame, Id, Order, Rect, Sense, Stroke, Ui, vec2};

use crate::face::on_screen;
use crate::procedure::{Field, FieldId, Kind};
use crate::record::{fold, keep_date, read_date};

use super::desk::Desk;
use super::pen::Pen;
use super::{calendar, theme};

/// How many words are offered at once.
const MOST: usize = 8;

/// Whether words typed before are offered in this field.
pub fn wanted(field: &Field) -> bool {
    match field.kind {
        Kind::Customer | Kind::Contact | Kind::Person | Kind::Post | Kind::Department | Kind::Line | Kind::Link => true,
        Kind::Text
        | Kind::Date
        | Kind::Time
        | Kind::Choice
        | Kind::Scale
        | Kind::Number
        | Kind::Money
        | Kind::Moment
        | Kind::Duration
        | Kind::Seal
        | Kind::Picture
        | Kind::Note => false,
    }
}

/// The words that go on from what is typed: the field's own first, then those typed before.
pub fn matching(field: &Field, pen: &Pen, before: &BTreeMap<FieldId, Vec<String>>) -> Vec<String> {
    if pen.alone || !wanted(field) || pen.settled != pen.text {
        return Vec::new();
    }
    let typed = fold(pen.text.trim());
    // A cell only looked at offers everything; one that is being typed in, what holds the letters typed.
    let touched = pen.touched;
    let typed_before = before.get(&field.id).map(Vec::as_slice).unwrap_or_default();
    let mut found: Vec<String> = Vec::new();
    for word in field.offers.iter().chain(typed_before) {
        let fits = !touched || typed.is_empty() || fold(word).contains(&typed);
        if fits && *word != pen.text && !found.contains(word) {
            found.push(word.clone());
        }
        if found.len() == MOST {
            break;
        }
    }
    // A cell that is filled is not covered by offers until something is typed in it.
    if !touched && !pen.text.is_empty() {
        found.clear();
    }
    // A plain line offers nothing until something is typed, unless the form itself names its words.
    if field.kind == Kind::Line && field.offers.is_empty() && (!touched || typed.is_empty()) {
        found.clear();
    }
    found
}

/// Draws the offers under `cell`. What was picked, and whether the pointer is busy there.
pub fn show(ui: &Ui, desk: &Desk<'_>, field: &Field, pen: &Pen, cell: Rect) -> (Option<String>, bool) {
    if pen.alone || super::ime::is_composing(ui.ctx()) {
        return (None, false);
    }
    let words = matching(field, pen, desk.offers);
    if words.is_empty() && field.kind != Kind::Date {
        return (None, false);
    }
    let mut picked = None;
    let frame =
        Frame::NONE.fill(theme::PAPER).stroke(Stroke::new(1.0, theme::LINE)).corner_radius(4.0).inner_margin(4.0);
    // Under the cell; over it where there is no room below, so that the pen is always seen.
    let high = if field.kind == Kind::Date { calendar::HEIGHT } else { theme::CONTROL * words.len() as f32 + 12.0 };
    let below = cell.bottom() + high < ui.ctx().content_rect().bottom();
    let (pivot, place) = if below {
        (egui::Align2::LEFT_TOP, cell.left_bottom() + vec2(0.0, 2.0))
    } else {
        (egui::Align2::LEFT_BOTTOM, cell.left_top() - vec2(0.0, 2.0))
    };
    let area = Area::new(Id::unique("offers")).order(Order::Foreground).pivot(pivot).fixed_pos(place);
    let shown = area.constrain(true).show(ui.ctx(), |ui| {
        let shadow = egui::epaint::Shadow { offset: [0, 2], blur: 8, spread: 0, color: theme::SHADOW };
        frame.shadow(shadow).show(ui, |ui| {
            if field.kind == Kind::Date {
                let chosen = read_date(&pen.text, Some(desk.today));
                picked = calendar::show(ui, chosen, desk.today).map(keep_date);
            } else {
                // As wide as the longest word, so that names that begin alike can be told apart.
                let longest = words.iter().map(|it| it.chars().count()).max().unwrap_or(0) as f32 * 14.0 + 20.0;
                ui.set_width(longest.clamp(160.0, 420.0));
                for (index, word) in words.iter().enumerate() {
                    if row(ui, word, pen.chosen == Some(index)) {
                        picked = Some(word.clone());
                    }
                }
            }
        });
    });
    let busy = shown.response.contains_pointer();
    (picked, busy)
}

fn row(ui: &mut Ui, word: &str, chosen: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::CONTROL), Sense::CLICK);
    if chosen || response.hovered() {
        ui.painter().rect_filled(rect, 4.0, theme::ACCENT_PALE);
    }
    let job = egui::epaint::text::LayoutJob::simple_singleline(on_screen(word), FontId::proportional(14.0), theme::INK);
    let galley = ui.fonts_mut(|it| it.layout_job(job));
    let place = rect.left_center() + vec2(8.0, -galley.size().y / 2.0);
    ui.painter_at(rect.shrink2(vec2(8.0, 0.0))).galley(place, galley, theme::INK);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("选 {word}")));
    response.clicked()
}
