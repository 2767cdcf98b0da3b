//! The slips, newest first: number, where it stands, user, date.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDateTime};
use eframe::egui::{self, Align2, Color32, FontId, Rect, ScrollArea, Sense, Ui, vec2};

use crate::command::Command;
use crate::face::on_screen;
use crate::flow::{Standing, standing_name};
use crate::list::{List, Order, Summary};
use crate::procedure::{Form, Procedure, Whose};
use crate::record::RecordId;

use super::{context, theme};

/// Height of a line of the list.
const ROW: f32 = 52.0;

/// The list's own small state.
#[derive(Debug, Default)]
pub struct ListView {
    filter: String,
    /// Scroll so that the sheet on the desk is seen.
    pub reveal: bool,
    /// The sheets chosen to be printed together.
    chosen: BTreeSet<RecordId>,
}

impl ListView {
    /// Shows only what matches these words.
    pub fn filter_by(&mut self, words: &str) {
        words.clone_into(&mut self.filter);
    }

    /// What is printed of the list at once: the sheets chosen, those it shows, a month's.
    fn print_menu(&mut self, ui: &mut Ui, list: &List, commands: &mut Vec<Command>) {
        ui.set_min_width(184.0);
        let shown: Vec<&Summary> = (0..list.shown()).filter_map(|it| list.at(it)).collect();
        let chosen: Vec<RecordId> = shown.iter().map(|it| it.id).filter(|it| self.chosen.contains(it)).collect();
        let mut print = |ui: &mut Ui, words: String, mut ids: Vec<RecordId>| {
            if ui.add_enabled(!ids.is_empty(), egui::Button::new(words)).clicked() {
                // In the order of their numbers, whatever order the list is in.
                ids.sort();
                commands.push(Command::Print(Box::new(Command::ExportSheets(ids))));
                ui.close();
            }
        };
        print(ui, format!("打印选中的 {} 份…", chosen.len()), chosen);
        ui.label(theme::soft("按住 Ctrl 点几份，就选中"));
        if !self.chosen.is_empty() && ui.button("都不选").clicked() {
            self.chosen.clear();
        }
        ui.separator();
        print(ui, format!("打印列出的 {} 份…", shown.len()), shown.iter().map(|it| it.id).collect());
        ui.separator();
        let mut months: BTreeMap<(i32, u32), Vec<RecordId>> = BTreeMap::new();
        for sheet in shown {
            let day = sheet.date.unwrap_or(sheet.entered);
            months.entry((day.year(), day.month())).or_default().push(sheet.id);
        }
        ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            for ((year, month), ids) in months.into_iter().rev() {
                print(ui, format!("打印 {year}年{month}月的 {} 份…", ids.len()), ids);
            }
        });
    }

    /// Draws the list.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        (procedure, form): (&Procedure, &Form),
        list: &mut List,
        open: RecordId,
        now: NaiveDateTime,
        commands: &mut Vec<Command>,
    ) {
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            ui.add_space(12.0);
            // An empty book's page has the one primary button.
            let command = Command::New(form.form.clone());
            let label = command.label();
            let new = if list.is_empty() { theme::plain(label) } else { theme::primary(label) };
            let button = ui.painter().layout_no_wrap(label.to_owned(), FontId::proportional(14.0), theme::INK).size().x;
            let around = 2.0 * ui.spacing().button_padding.x + ui.spacing().item_spacing.x + 12.0;
            let width = (ui.available_width() - button - around).max(40.0);
            let response = ui.add(theme::field(&mut self.filter, "筛选…").desired_width(width));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("筛选"));
            if response.has_focus() && ui.input(|it| it.key_pressed(egui::Key::Escape)) {
                self.filter.clear();
            }
            list.filter(&self.filter, now);
            if ui.add(new).on_hover_text(command.hint()).clicked() {
                commands.push(command);
            }
        });
        ui.add_space(4.0);
        let count = if list.shown() == list.len() {
            format!("共 {} 份", list.len())
        } else {
            format!("{} 份中的 {} 份", list.len(), list.shown())
        };
        ui.horizontal(|ui| {
            ui.add_space(12.0);
            ui.label(theme::soft(count));
            if !self.filter.is_empty() && ui.add(egui::Button::new(theme::soft("看全部")).frame(false)).clicked() {
                self.filter.clear();
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add_space(12.0);
                if list.shown() > 0 {
                    let menu = ui.menu_button(theme::soft("打印"), |ui| self.print_menu(ui, list, commands)).response;
                    ui.ctx().accesskit_node_builder(menu.id, |node| node.set_label("成批打印"));
                    menu.on_hover_text("一次打印几份单、一个月的单");
                }
                let mut order = list.order();
                ui.menu_button(theme::soft(order.name()), |ui| {
                    let due = !form.clocks.is_empty();
                    for one in Order::ALL.into_iter().filter(|it| due || *it != Order::Due) {
                        if ui.selectable_value(&mut order, one, one.name()).clicked() {
                            ui.close();
                        }
                    }
                });
                list.sort(order);
            });
        });
        ui.add_space(4.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        let area = ScrollArea::vertical().id_salt("list").auto_shrink([false, false]);
        let place = self.reveal.then(|| (0..list.shown()).find(|it| list.at(*it).is_some_and(|it| it.id == open)));
        self.reveal = false;
        area.show_viewport(ui, |ui, viewport| {
            let height = ROW * list.shown() as f32;
            let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
            if let Some(Some(place)) = place {
                let top = whole.top() + ROW * place as f32;
                ui.scroll_to_rect(Rect::from_min_size(egui::pos2(whole.left(), top), vec2(10.0, ROW)), None);
            }
            let first = (viewport.top() / ROW).floor().max(0.0) as usize;
            let last = ((viewport.bottom() / ROW).ceil().max(0.0) as usize).min(list.shown());
            for place in first..last {
                let Some(summary) = list.at(place) else { break };
                let min = egui::pos2(whole.left(), whole.top() + ROW * place as f32);
                let rect = Rect::from_min_size(min, vec2(whole.width(), ROW));
                let chosen = self.chosen.contains(&summary.id);
                let response = row(ui, (procedure, form), summary, rect, (summary.id == open, chosen), now);
                if response.clicked() {
                    // With Ctrl it is chosen, or no longer, to be printed with others.
                    if !ui.input(|it| it.modifiers.command) {
                        commands.push(Command::Open(summary.id));
                    } else if !self.chosen.remove(&summary.id) {
                        self.chosen.insert(summary.id);
                    }
                }
                let line = format!("{} {}", summary.number, summary.subject);
                context::sheet(&response, summary.id, &summary.number, line.trim_end(), commands);
            }
        });
    }
}

fn row(
    ui: &Ui,
    (procedure, form): (&Procedure, &Form),
    summary: &Summary,
    rect: Rect,
    (open, chosen): (bool, bool),
    now: NaiveDateTime,
) -> egui::Response {
    let response = ui.interact(rect, egui::Id::unique(("slip", summary.id.0)), Sense::click());
    let fill = match (open, response.hovered() || chosen) {
        (true, _) => theme::PAPER,
        (false, true) => theme::ACCENT_PALE,
        (false, false) => theme::PANEL,
    };
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, fill);
    if open {
        painter.rect_filled(Rect::from_min_size(rect.min, vec2(3.0, rect.height())), 0.0, theme::ACCENT);
    }
    painter.hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, theme::LINE));
    let left = rect.left() + 12.0;
    painter.text(
        egui::pos2(left, rect.top() + 16.0),
        Align2::LEFT_CENTER,
        &summary.number,
        theme::bold(14.0),
        theme::INK,
    );
    let (mut words, ink, pale) = chip(procedure, form, summary, now);
    if chosen {
        words.insert_str(0, "已选　");
    }
    let galley = painter.layout_no_wrap(words.clone(), FontId::proportional(12.0), ink);
    let chip_rect = Rect::from_min_size(
        egui::pos2(rect.right() - 12.0 - galley.size().x - 10.0, rect.top() + 7.0),
        vec2(galley.size().x + 10.0, 19.0),
    );
    painter.rect_filled(chip_rect, 4.0, pale);
    painter.galley(chip_rect.center() - galley.size() / 2.0, galley, ink);
    let date =
        summary.date.map(|it| if it.year() == now.year() { it.format("%m-%d").to_string() } else { it.to_string() });
    let date = painter.layout_no_wrap(date.unwrap_or_default(), FontId::proportional(12.0), theme::SOFT);
    let date_left = rect.right() - 12.0 - date.size().x;
    let subject = if summary.subject.is_empty() { "（未填）".to_owned() } else { on_screen(&summary.subject) };
    let mut job = egui::epaint::text::LayoutJob::simple_singleline(subject, FontId::proportional(12.0), theme::SOFT);
    job.wrap.max_width = date_left - left - 8.0;
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    let subject = ui.fonts_mut(|it| it.layout_job(job));
    painter.galley(egui::pos2(left, rect.top() + 29.0), subject, theme::SOFT);
    painter.galley(egui::pos2(date_left, rect.top() + 29.0), date, theme::SOFT);
    let name = format!("{} {} {words}", summary.number, summary.subject);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, open, &name));
    response
}

/// The one thing to know about a sheet: overdue before all.
pub(super) fn chip(
    procedure: &Procedure,
    form: &Form,
    summary: &Summary,
    now: NaiveDateTime,
) -> (String, Color32, Color32) {
    let due = summary.due;
    let again = if summary.rounds > 1 { format!("第{}次 ", summary.rounds) } else { String::new() };
    match (summary.standing, due) {
        (Standing::Void, _) => (form.void_word().to_owned(), theme::SOFT, theme::DESK),
        (Standing::Destroyed, _) => ("已销毁".to_owned(), theme::SOFT, theme::DESK),
        (_, Some(due)) if due.is_past(now) => {
            (format!("{again}{}", due.words(procedure, now)), theme::RED, theme::RED_PALE)
        }
        (_, Some(due)) if due.is_soon(procedure, now) => {
            (format!("{again}{}", due.words(procedure, now)), theme::AMBER, theme::AMBER_PALE)
        }
        (Standing::Filed, _) => ("已归档".to_owned(), theme::GREEN, theme::GREEN_PALE),
        (Standing::Done, _) if form.stages.last().is_some_and(|it| it.whose == Some(Whose::User)) => {
            ("用户已确认".to_owned(), theme::GREEN, theme::GREEN_PALE)
        }
        (Standing::Done, _) if form.is_living() => {
            (standing_name(form, Standing::Done).to_owned(), theme::GREEN, theme::GREEN_PALE)
        }
        (Standing::Done, _) => ("已完成".to_owned(), theme::GREEN, theme::GREEN_PALE),
        (standing @ Standing::At(_), _) => {
            let rows = &*summary.rows;
            (format!("{again}{rows}待{}", standing_name(form, standing)), theme::ACCENT, theme::ACCENT_PALE)
        }
    }
}
