//! Beside the slip: complaints like it (同类投诉: 普遍性、集中性).

use eframe::egui::{self, FontId, RichText, Sense, Ui, vec2};

use crate::command::Command;
use crate::similar::{Similar, Slip};

use super::page::text_in;
use super::theme;

/// Height of a line.
const LINE: f32 = 24.0;
/// Room for the words that say what is the same.
const LABEL: f32 = 72.0;

/// Draws the heading and what is like the slip; a line opens its slip.
pub fn show(ui: &mut Ui, similar: &Similar, commands: &mut Vec<Command>) {
    ui.label(RichText::new("同类投诉").font(theme::bold(12.0)).color(theme::SOFT));
    ui.add_space(4.0);
    if !similar.complete {
        ui.label(theme::soft("正在比对全部单据…"));
        return;
    }
    group(ui, "同一用户", &similar.same_customer, similar.customers, commands);
    group(ui, "同一产品", &similar.same_product, similar.products, commands);
    let count = similar.same_wording.len();
    let said = if count == 0 { "无".to_owned() } else { format!("{count} 份") };
    if heading(ui, "同类措辞", &said, count > 0) {
        for (slip, words) in &similar.same_wording {
            line(ui, ("", &format!("{} {}", slip.number, words.join("、"))), ("同类措辞", slip), commands);
        }
    }
}

/// One slip stands in the heading's own line; of several there is the number, and they fold out.
fn group(ui: &mut Ui, label: &str, slips: &[Slip], count: usize, commands: &mut Vec<Command>) {
    match slips {
        [] => {
            heading(ui, label, "无", false);
        }
        [slip] if count == 1 => line(ui, (label, &words(slip)), (label, slip), commands),
        _ => {
            if heading(ui, label, &format!("{count} 份"), true) {
                for slip in slips {
                    line(ui, ("", &words(slip)), (label, slip), commands);
                }
                if count > slips.len() {
                    ui.horizontal(|ui| {
                        ui.add_space(LABEL);
                        ui.label(theme::soft(format!("以上是最近 {} 份", slips.len())));
                    });
                }
            }
        }
    }
}

fn words(slip: &Slip) -> String {
    format!("{} {}", slip.number, slip.about)
}

/// What is the same, and how much of it there is; whether it is folded out.
fn heading(ui: &mut Ui, label: &str, said: &str, opens: bool) -> bool {
    let id = egui::Id::unique(("similar", label));
    let mut open = opens && ui.data(|it| it.get_temp(id).unwrap_or(false));
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
    let response = if opens { ui.interact(rect, id.with("fold"), Sense::click()) } else { response };
    if opens && (response.hovered() || response.has_focus()) {
        ui.painter().rect_filled(rect, 4.0, theme::ACCENT_PALE);
    }
    let (left, right) = rect.split_left_right_at_x(rect.left() + LABEL);
    text_in(ui, left, label, FontId::proportional(13.0), theme::SOFT);
    let sign = match (opens, open) {
        (false, _) => "",
        (true, false) => " ›",
        (true, true) => " ∨",
    };
    let ink = if opens { theme::ACCENT } else { theme::INK };
    text_in(ui, right, &format!("{said}{sign}"), FontId::proportional(13.0), ink);
    if response.clicked() {
        open = !open;
        ui.data_mut(|it| it.insert_temp(id, open));
    }
    if opens {
        let name = format!("{label}：{said}");
        response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, open, &name));
    }
    open
}

fn line(ui: &mut Ui, (label, said): (&str, &str), (kind, slip): (&str, &Slip), commands: &mut Vec<Command>) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
    let id = egui::Id::unique(("similar", kind, slip.record.0));
    let response = ui.interact(rect, id, Sense::click());
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 4.0, theme::ACCENT_PALE);
    }
    let (left, right) = rect.split_left_right_at_x(rect.left() + LABEL);
    text_in(ui, left, label, FontId::proportional(13.0), theme::SOFT);
    text_in(ui, right, said, FontId::proportional(13.0), theme::INK);
    let name = format!("{kind} {said}");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
    let day = slip.date.map(|it| format!("{it}　")).unwrap_or_default();
    if response.on_hover_text(format!("{day}{}", slip.about)).clicked() {
        commands.push(Command::Open(slip.record));
    }
}
