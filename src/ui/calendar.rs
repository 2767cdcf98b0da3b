//! A small calendar in Chinese.

use chrono::{Datelike, NaiveDate};
use eframe::egui::{self, Id, RichText, Sense, Ui, vec2};

use super::theme;

/// The week begins on Monday, as on Chinese calendars.
const WEEK: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];
/// About how high the whole calendar is.
pub const HEIGHT: f32 = 290.0;
/// A day's square.
const CELL: f32 = 30.0;

/// Draws a month; a day that was clicked.
pub fn show(ui: &mut Ui, chosen: Option<NaiveDate>, today: NaiveDate) -> Option<NaiveDate> {
    let id = Id::unique("calendar-month");
    let around = chosen.unwrap_or(today);
    // The month turned to stays while the same date is chosen.
    let kept: Option<(NaiveDate, NaiveDate)> = ui.data(|data| data.get_temp(id));
    let mut month = kept.filter(|(of, _)| *of == around).map_or(around, |(_, month)| month);
    month = month.with_day(1).unwrap_or(month);
    let mut picked = None;
    ui.spacing_mut().item_spacing = vec2(0.0, 2.0);
    ui.horizontal(|ui| {
        let back = ui.add_sized([CELL, CELL], theme::plain("‹").sense(Sense::CLICK)).on_hover_text("上月");
        let title = format!("{}年{}月", month.year(), month.month());
        ui.add_sized([CELL * 5.0, CELL], egui::Label::new(theme::strong(title)));
        let next = ui.add_sized([CELL, CELL], theme::plain("›").sense(Sense::CLICK)).on_hover_text("下月");
        if back.clicked() {
            month = month.pred_opt().and_then(|it| it.with_day(1)).unwrap_or(month);
        }
        if next.clicked() {
            month = month.checked_add_months(chrono::Months::new(1)).unwrap_or(month);
        }
    });
    ui.horizontal(|ui| {
        for day in WEEK {
            ui.add_sized([CELL, 20.0], egui::Label::new(theme::soft(day)));
        }
    });
    let lead = i64::from(month.weekday().num_days_from_monday());
    let start = month - chrono::TimeDelta::days(lead);
    for week in 0..6 {
        ui.horizontal(|ui| {
            for day in 0..7 {
                let date = start + chrono::TimeDelta::days(week * 7 + day);
                if self::day(ui, date, date.month() == month.month(), Some(date) == chosen, date == today) {
                    picked = Some(date);
                }
            }
        });
    }
    if ui.add(theme::plain("今天").sense(Sense::CLICK)).clicked() {
        picked = Some(today);
    }
    ui.data_mut(|data| data.insert_temp(id, (around, month)));
    picked
}

fn day(ui: &mut Ui, date: NaiveDate, inside: bool, chosen: bool, today: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(CELL, CELL - 4.0), Sense::CLICK);
    let (fill, ink) = match (chosen, response.hovered()) {
        (true, _) => (theme::ACCENT, theme::PAPER),
        (false, true) => (theme::ACCENT_PALE, theme::INK),
        (false, false) => (theme::PAPER, if inside { theme::INK } else { theme::SOFT }),
    };
    ui.painter().rect_filled(rect, 4.0, fill);
    if today && !chosen {
        let stroke = egui::Stroke::new(1.0, theme::ACCENT);
        ui.painter().rect_stroke(rect.shrink(1.0), 4.0, stroke, egui::StrokeKind::Inside);
    }
    let text = RichText::new(date.day().to_string()).color(ink).size(13.0);
    ui.put(rect, egui::Label::new(text).selectable(false));
    let name = format!("{}年{}月{}日", date.year(), date.month(), date.day());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
    response.clicked()
}
