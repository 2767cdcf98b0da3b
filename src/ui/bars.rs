//! The bars round the desk: menus above, the procedure's order at the left, where the sheet stands, the foot.

use std::path::PathBuf;

use eframe::egui::accesskit::Live;
use eframe::egui::{self, Align2, FontId, RichText, Sense, Ui, vec2};

use crate::command::{Command, View};
use crate::flow::{Life, Standing, cited, may_begin_again, owed, standing, standing_name};
use crate::procedure::{Kind, Rule};
use crate::record::{RecordId, read_date};

use super::desk::Desk;
use super::progress::{self, Going};
use super::sheet::Ask;
use super::zoom::Zoom;
use super::{page, theme};

mod menus;
pub use menus::{Entry, Menus, all, entries, menus, view_name, views, words};

/// So many days gone by are offered of a sheet that lives on.
const STATES: usize = 8;

/// One line at the foot of the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notice {
    /// What happened, to what; a path last.
    pub text: String,
    /// Something could not be done.
    pub failed: bool,
    /// A file that was made.
    pub file: Option<PathBuf>,
}

/// The procedure's order, at the left.
pub fn order(ui: &mut Ui, menus: &Menus<'_>, commands: &mut Vec<Command>) {
    ui.add_space(8.0);
    egui::ScrollArea::vertical().id_salt("order").auto_shrink([false, false]).show(ui, |ui| {
        let mut package = String::new();
        for (place, view) in views(menus.procedure).into_iter().enumerate() {
            let before = package.clone();
            if let View::Sheets(form) | View::Register(form) = &view {
                form.package().clone_into(&mut package);
            }
            // Below the first page, each package's forms, and the pages over all of them.
            if place == 1 || before != package || matches!(view, View::Customers | View::Settings) {
                ui.add_space(4.0);
                ui.separator();
                ui.add_space(4.0);
            }
            let code = match &view {
                View::Today if menus.owed > 0 => menus.owed.to_string(),
                View::Sheets(form) | View::Register(form) => form.bare().to_owned(),
                View::Papers if menus.papers_out > 0 => menus.papers_out.to_string(),
                View::Today
                | View::Customers
                | View::Papers
                | View::Archive
                | View::Numbers
                | View::Settings
                | View::Backup => String::new(),
            };
            let ink = if view == View::Today && menus.overdue { theme::RED } else { theme::SOFT };
            if entry(ui, &view_name(menus.procedure, &view), (&code, ink), *menus.view == view) {
                commands.push(Command::Show(view));
            }
        }
    });
}

fn entry(ui: &mut Ui, name: &str, (code, code_ink): (&str, egui::Color32), chosen: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::click());
    let inner = rect.shrink2(vec2(6.0, 0.0));
    if chosen || response.hovered() {
        ui.painter().rect_filled(inner, 4.0, theme::ACCENT_PALE);
    }
    let font = if chosen { theme::bold(14.0) } else { FontId::proportional(14.0) };
    let ink = if chosen { theme::ACCENT } else { theme::INK };
    ui.painter().text(inner.left_center() + vec2(10.0, 0.0), Align2::LEFT_CENTER, name, font, ink);
    let place = inner.right_center() - vec2(8.0, 0.0);
    ui.painter().text(place, Align2::RIGHT_CENTER, code, FontId::proportional(12.0), code_ink);
    response.widget_info(|| {
        egui::WidgetInfo::selected(egui::Role::Button, true, chosen, format!("{name} {code}").trim().to_owned())
    });
    response.clicked()
}

/// Where the sheet stands, above it, and what can be done with it. What more is asked for that.
pub fn stages(ui: &mut Ui, desk: &Desk<'_>, commands: &mut Vec<Command>) -> Option<Ask> {
    let (form, record) = (desk.form, desk.record);
    let standing = standing(form, record);
    let mut asked = None;
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        ui.add_space(12.0);
        let there = record.id != RecordId(0);
        ui.add_enabled_ui(there, |ui| {
            ui.menu_button("更多", |ui| asked = more(ui, desk, commands))
                .response
                .on_hover_text("作废、延期、催办、重抄");
        });
        let filing = format!("装盒、装卷{}", cited(form.clause_of(Rule::Filing)));
        if standing == Standing::Done
            && !form.is_living()
            && ui.add(theme::plain("去归档")).on_hover_text(&filing).clicked()
        {
            commands.push(Command::Show(View::Archive));
        }
        let export = Command::ExportSlip(record.id);
        if ui.add_enabled(there, theme::plain(export.label())).on_hover_text(export.hint()).clicked() {
            commands.push(export.clone());
        }
        ui.add_enabled_ui(there, |ui| page::print_button(ui, &export, "这张单", commands));
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.add_space(12.0);
            ui.spacing_mut().item_spacing.x = 8.0;
            due(ui, desk);
            rounds(ui, desk, commands);
            // Only what applies to this sheet; a stage is next among those.
            let life = Life::new(form, record);
            let places: Vec<usize> = (0..form.stages.len()).filter(|it| life.applies(*it)).collect();
            let open = life.open();
            let now = match standing {
                Standing::At(stage) => places.iter().position(|it| *it == stage).unwrap_or(places.len()),
                Standing::Done => places.len(),
                Standing::Filed => places.len() + 1,
                Standing::Void | Standing::Destroyed => {
                    ui.label(theme::strong(standing_name(form, standing)));
                    return;
                }
            };
            let end = standing_name(form, Standing::Done);
            let names: Vec<&str> = places.iter().map(|it| form.stages[*it].name.as_str()).chain([end]).collect();
            // In a narrow window only the present stage, and how far that is.
            let letters: usize = names.iter().map(|it| it.chars().count()).sum();
            let wanted = letters as f32 * 13.0 + now.min(names.len()) as f32 * 16.0 + names.len() as f32 * 14.0;
            if ui.available_width() < wanted && now >= names.len() {
                ui.label(RichText::new("已归档 ✓").font(theme::bold(13.0)).color(theme::GREEN));
                return;
            }
            if ui.available_width() < wanted {
                ui.label(RichText::new(names[now.min(names.len() - 1)]).font(theme::bold(13.0)).color(theme::ACCENT));
                ui.label(theme::soft(format!("第 {} 步，共 {} 步", (now + 1).min(names.len()), names.len())));
                return;
            }
            ui.spacing_mut().item_spacing.x = 4.0;
            for (index, name) in names.into_iter().enumerate() {
                if index > 0 {
                    ui.label(RichText::new("›").size(13.0).color(theme::SOFT));
                }
                // Of those that are signed in any order one may be signed before another.
                let done = places.get(index).is_some_and(|it| life.is_signed(*it)) || index < now;
                let next = index == now || places.get(index).is_some_and(|it| open.contains(it));
                let text = match (done, next) {
                    (true, _) => RichText::new(format!("{name} ✓")).size(13.0).color(theme::GREEN),
                    (false, true) => RichText::new(name).font(theme::bold(13.0)).color(theme::ACCENT),
                    (false, false) => RichText::new(name).size(13.0).color(theme::SOFT),
                };
                ui.label(text);
            }
        });
    });
    asked
}

/// That the date is past or near, wherever the sheet is seen.
fn due(ui: &mut Ui, desk: &Desk<'_>) {
    let Some(due) = owed(desk.procedure, desk.form, desk.record) else { return };
    let words = due.words(desk.procedure, desk.now);
    let (ink, pale) = if due.is_past(desk.now) {
        (theme::RED, theme::RED_PALE)
    } else if due.is_soon(desk.procedure, desk.now) {
        (theme::AMBER, theme::AMBER_PALE)
    } else {
        return;
    };
    theme::chip(ui, &words, ink, pale);
}

/// The rounds (轮次) the sheet has gone through, as tabs.
fn rounds(ui: &mut Ui, desk: &Desk<'_>, commands: &mut Vec<Command>) {
    let count = desk.record.rounds.len();
    if count < 2 {
        return;
    }
    for round in 0..count {
        let chosen = round == desk.round;
        let words = RichText::new(format!("第{}次", round + 1)).size(13.0);
        if ui.selectable_label(chosen, words).on_hover_text("看这一次处置").clicked() {
            commands.push(Command::ShowRound(round));
        }
    }
    ui.separator();
}

/// What is seldom done with a sheet.
fn more(ui: &mut Ui, desk: &Desk<'_>, commands: &mut Vec<Command>) -> Option<Ask> {
    theme::roomy(ui);
    let mut asked = None;
    let record = desk.record;
    let shut = crate::flow::is_shut(record);
    let due = desk.form.written_term().cloned();
    let choose = |ui: &mut Ui, words: &str, enabled: bool| {
        let chosen = ui.add_enabled(enabled, egui::Button::new(words)).clicked();
        if chosen {
            ui.close();
        }
        chosen
    };
    if let Some(due) = due {
        let open = !shut && owed(desk.procedure, desk.form, record).is_some();
        let round = crate::flow::living_round(desk.form, record, due.as_str());
        if choose(ui, "延期…", crate::flow::may_put_off(desk.form, record, round)) {
            asked = Some(Ask::PutOff(due));
        }
        if choose(ui, "催办单…", open) {
            commands.push(Command::ExportReminder(record.id));
        }
        if choose(ui, "打印催办单…", open) {
            commands.push(Command::Print(Box::new(Command::ExportReminder(record.id))));
        }
    }
    if record.rounds.len() > 1 && choose(ui, "导出全部各次 PDF…", true) {
        commands.push(Command::ExportRounds(record.id));
    }
    if record.rounds.len() > 1 && choose(ui, "打印全部各次…", true) {
        commands.push(Command::Print(Box::new(Command::ExportRounds(record.id))));
    }
    if desk.form.is_living() {
        // Between two changes it stood the same.
        let mut days: Vec<_> = record.corrections.iter().filter_map(|it| read_date(&it.on, None)).collect();
        days.dedup();
        for day in days.iter().rev().take(STATES).filter_map(|it| it.pred_opt()) {
            if choose(ui, &format!("导出 {day} 的样子…"), true) {
                commands.push(Command::ExportAsOf(record.id, day));
            }
        }
    }
    let pictures = desk.form.every_field().filter(|it| it.kind == Kind::Picture);
    for field in pictures.filter(|it| crate::flow::closed(desk.form, record, it).is_none()) {
        let cell = desk.cell(&field.id, 0);
        let expected = record.at(&cell).to_owned();
        if !expected.is_empty() && choose(ui, &format!("去掉“{}”的图", field.name), true) {
            commands.push(Command::Set { record: record.id, cell, value: String::new(), expected });
        }
    }
    if choose(ui, "重抄一张（本单作废附后）", !shut && !desk.form.is_living() && !record.corrections.is_empty())
    {
        commands.push(Command::Rewrite(record.id));
    }
    if let Some(again) = &desk.form.begun_by_hand
        && choose(ui, &format!("{}…", again.name), may_begin_again(desk.form, record).is_some())
    {
        asked = Some(Ask::Again);
    }
    if choose(ui, &format!("{}…", desk.form.void_word()), !shut) {
        asked = Some(Ask::Void);
    }
    asked
}

/// The zoom's buttons.
pub fn zoom(ui: &mut Ui, zoom: &mut Zoom, percent: u16) {
    let now = *zoom;
    let mut set = |ui: &mut Ui, text: &str, hint: &str, to: Zoom| {
        let chosen = now == to && matches!(to, Zoom::Width | Zoom::Page);
        let button = egui::Button::new(text).min_size(vec2(24.0, 22.0)).selected(chosen);
        let response = ui.add(button).on_hover_text(hint);
        // A sign is no name.
        if text.chars().count() == 1 {
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(hint));
        }
        if response.clicked() {
            *zoom = to;
        }
    };
    set(ui, "−", "缩小", Zoom::step(percent, false));
    set(ui, &format!("{percent}%"), "实际大小", Zoom::Percent(100));
    set(ui, "+", "放大", Zoom::step(percent, true));
    set(ui, "适合宽度", "纸与窗同宽", Zoom::Width);
    set(ui, "适合页面", "看到整张纸", Zoom::Page);
}

fn small(ui: &mut Ui, text: &str) -> bool {
    ui.add(egui::Button::new(RichText::new(text).size(12.0)).min_size(vec2(0.0, 22.0))).clicked()
}

/// The foot: which book, when it was saved, and what there is to say.
pub fn foot(
    ui: &mut Ui,
    book: &str,
    saved: &str,
    (notice, going): (Option<&Notice>, Option<&Going>),
    commands: &mut Vec<Command>,
) {
    ui.horizontal(|ui| {
        ui.add_space(12.0);
        let book = if book.is_empty() { "还没有打开台帐".to_owned() } else { format!("台帐：{book}") };
        ui.label(theme::soft(book));
        if !saved.is_empty() {
            ui.label(theme::soft(saved));
        }
        // What could not be done is not hidden behind what is being done.
        if let Some(going) = going.filter(|_| notice.is_none_or(|it| !it.failed)) {
            ui.separator();
            return progress::line(ui, going, commands);
        }
        let Some(notice) = notice else { return };
        ui.separator();
        let ink = if notice.failed { theme::RED } else { theme::GREEN };
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add_space(8.0);
            if small(ui, Command::Dismiss.label()) {
                commands.push(Command::Dismiss);
            }
            if let Some(file) = &notice.file {
                for command in [Command::OpenFolder(file.clone()), Command::OpenFile(file.clone())] {
                    if small(ui, command.label()) {
                        commands.push(command);
                    }
                }
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                let text = RichText::new(&notice.text).size(12.0).color(ink);
                let said = ui.add(egui::Label::new(text).truncate()).on_hover_text(&notice.text);
                // A screen reader says it by itself: at once, where something could not be done.
                let live = if notice.failed { Live::Assertive } else { Live::Polite };
                ui.ctx().accesskit_node_builder(said.id, |node| node.set_live(live));
            });
        });
    });
}
