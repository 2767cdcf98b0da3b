//! The rows of the page: a batch, a sheet, a binder.

use eframe::egui::{self, Color32, FontId, Rect, Response, Sense, Stroke, Ui, pos2, vec2};

use crate::command::{ArchiveCommand, Command};
use crate::face::on_screen;
use crate::list::Summary;
use crate::record::keep_date;
use crate::retention::{Batch, Binder};

use super::super::page::{ROW, text_in};
use super::super::{context, theme};
use super::Shown;

/// A line of a list of sheets.
pub(super) enum Line<'a> {
    /// The heading of those of one form and year.
    Batch(&'a Batch<'a>),
    /// A sheet.
    Sheet(&'a Summary),
}

/// Where the words begin behind the box to tick.
const WORDS: f32 = 44.0;

/// A row as wide as its card, that can be clicked.
fn place(ui: &mut Ui, id: impl std::hash::Hash + std::fmt::Debug, fill: Color32) -> (Rect, Response) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let response = ui.interact(rect, egui::Id::unique(id), Sense::click());
    let fill = if response.hovered() || response.has_focus() { theme::ACCENT_PALE } else { fill };
    ui.painter().rect_filled(rect.shrink(1.0), 0.0, fill);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, theme::LINE));
    (rect, response)
}

fn name(response: &Response, name: &str) {
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
}

/// The box to tick at a row's left; what it becomes, if it was clicked.
fn tick(ui: &mut Ui, row: Rect, (ticked, free): (bool, bool), label: &str) -> Option<bool> {
    let mut now = ticked;
    let place = Rect::from_center_size(pos2(row.left() + 24.0, row.center().y), vec2(theme::CONTROL, theme::CONTROL));
    let response = ui.add_enabled_ui(free, |ui| ui.put(place, egui::Checkbox::without_text(&mut now))).inner;
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, free, now, label));
    (now != ticked).then_some(now)
}

/// Words at a row's right end, no wider than `most`; returns where they begin.
fn at_right(ui: &Ui, row: Rect, words: &str, ink: Color32, most: f32) -> f32 {
    let mut job = egui::epaint::text::LayoutJob::simple_singleline(on_screen(words), FontId::proportional(14.0), ink);
    job.wrap.max_width = most;
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    let galley = ui.fonts_mut(|it| it.layout_job(job));
    let left = row.right() - 12.0 - galley.size().x;
    ui.painter().galley(pos2(left, row.center().y - galley.size().y / 2.0), galley, ink);
    left
}

fn cell(row: Rect, left: f32, right: f32) -> Rect {
    Rect::from_min_max(pos2(left, row.top()), pos2(right.max(left), row.bottom()))
}

/// The heading of a batch: whether it was clicked (it folds), and what its box became.
pub(super) fn batch_row(
    ui: &mut Ui,
    shown: &Shown<'_>,
    batch: &Batch<'_>,
    ticked: (bool, bool),
    folded: bool,
) -> (bool, Option<bool>) {
    let (row, response) = place(ui, ("batch", batch.year, batch.form), theme::PANEL);
    let title = format!("{} {}年办结", shown.short(batch.form), batch.year);
    let ticked = tick(ui, row, ticked, &format!("全选 {title}"));
    let said = if folded { "展开" } else { "收起" };
    let right = at_right(ui, row, said, theme::SOFT, 60.0);
    let words = format!("{title}　{} 份", batch.sheets.len());
    text_in(ui, cell(row, row.left() + WORDS, right - 8.0), &words, theme::bold(14.0), theme::INK);
    name(&response, &format!("{said} {title}"));
    (response.clicked(), ticked)
}

/// A sheet, which opens: what its box became.
pub(super) fn sheet_row(
    ui: &mut Ui,
    shown: &Shown<'_>,
    sheet: &Summary,
    ticked: (bool, bool),
    (note, ink): (&str, Color32),
    commands: &mut Vec<Command>,
) -> Option<bool> {
    let (row, response) = place(ui, ("filed", sheet.id.0), theme::PAPER);
    let short = shown.short(&sheet.form);
    let ticked = tick(ui, row, ticked, &format!("选 {short} {}", sheet.number));
    let right = at_right(ui, row, note, ink, row.width() * 0.5);
    let left = row.left() + WORDS;
    text_in(ui, cell(row, left, left + 96.0), &sheet.number, theme::bold(14.0), theme::INK);
    let about = [&*sheet.subject, &*sheet.product].join("　");
    text_in(ui, cell(row, left + 104.0, right - 16.0), &about, FontId::proportional(14.0), theme::INK);
    let words = format!("{short} {} {} {note}", sheet.number, sheet.subject);
    name(&response, &words);
    context::sheet(&response, sheet.id, &sheet.number, &words, commands);
    let response = if ink == theme::AMBER { response.on_hover_text(on_screen(note)) } else { response };
    if response.clicked() {
        commands.push(Command::Open(sheet.id));
    }
    ticked
}

/// A binder: whether it was clicked (it opens). Its two papers have their buttons here too.
pub(super) fn binder_row(ui: &mut Ui, shown: &Shown<'_>, binder: &Binder<'_>, commands: &mut Vec<Command>) -> bool {
    let shelf = &binder.shelf;
    let (row, response) = place(ui, ("binder", shelf), theme::PAPER);
    let mut right = row.right() - 8.0;
    for command in [ArchiveCommand::ExportSpine(shelf.clone()), ArchiveCommand::ExportIndex(shelf.clone())] {
        let label = command.label();
        let place = Rect::from_center_size(pos2(right - 42.0, row.center().y), vec2(84.0, theme::CONTROL));
        // A child of the row's own: it takes no room after it.
        let button = ui.new_child(egui::UiBuilder::new().max_rect(place)).put(place, theme::plain(label));
        ui.ctx().accesskit_node_builder(button.id, |node| node.set_label(format!("{label} {}", shelf.name())));
        if button.clicked() {
            commands.push(Command::Archive(command));
        }
        right = place.left() - 8.0;
    }
    let until = shelf.kept_until(shown.years(&shelf.form));
    let past = until < shown.today;
    let (from, to) = binder.numbers();
    let numbers = if from == to { from.to_owned() } else { format!("{from} 至 {to}") };
    let kept = format!("{} {}", if past { "已期满" } else { "至" }, keep_date(until));
    let columns = [
        (shelf.name(), 150.0, true),
        (shown.short(&shelf.form), 96.0, false),
        (format!("{}年办结", shelf.year), 96.0, false),
        (format!("{} 份", binder.sheets.len()), 64.0, false),
        (numbers, 190.0, false),
        (kept, 150.0, false),
    ];
    let room = right - row.left() - 12.0;
    let whole: f32 = columns.iter().map(|it| it.1).sum();
    let mut left = row.left() + 12.0;
    for (place, (words, width, bold)) in columns.iter().enumerate() {
        let width = width * (room / whole);
        let font = if *bold { theme::bold(14.0) } else { FontId::proportional(14.0) };
        let ink = if past && place + 1 == columns.len() { theme::AMBER } else { theme::INK };
        text_in(ui, cell(row, left, left + width - 8.0), words, font, ink);
        left += width;
    }
    let said: Vec<&str> = columns.iter().map(|it| it.0.as_str()).collect();
    name(&response, &said.join(" "));
    response.clicked()
}
