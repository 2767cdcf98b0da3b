//! The guide (使用说明), page under page as it is printed; and what this program is (关于).

use std::path::PathBuf;

use eframe::egui::{self, Key, RichText, ScrollArea, Sense, Shape, Ui, pos2, vec2};

use crate::command::{Command, FileCommand};
use crate::face::on_screen;
use crate::layout::{Mark, Page};
use crate::record::fold;

use super::lines::Placement;
use super::sheet::print;
use super::zoom::{MARGIN, Zoom};
use super::{bars, theme};

/// Between two pages.
const GAP: f32 = 16.0;
/// Height of a line of the licences.
const LINE: f32 = 18.0;

/// The guide's own small state.
#[derive(Debug)]
pub struct HelpView {
    pages: Vec<Page>,
    zoom: Zoom,
}

impl HelpView {
    /// Shows these pages.
    pub fn new(pages: Vec<Page>) -> Self {
        Self { pages, zoom: Zoom::Width }
    }

    /// Draws the guide in the desk's place; false when it is put away.
    pub fn show(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) -> bool {
        let Some(paper) = self.pages.first().map(|it| it.paper) else { return false };
        let mut stays = true;
        let room = ui.available_size() - vec2(0.0, 44.0);
        let mm = theme::points_per_mm(ui.ctx());
        let percent = self.zoom.percent(paper, room, mm);
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            ui.add_space(12.0);
            ui.label(theme::strong("使用说明"));
            bars::zoom(ui, &mut self.zoom, percent);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add_space(12.0);
                stays &= !ui.add(theme::primary("关上（Esc）")).clicked();
                let export = Command::File(FileCommand::ExportHelp);
                if ui.add(theme::plain(export.label())).clicked() {
                    commands.push(export);
                }
            });
        });
        let steps = Zoom::asked(ui);
        for _ in 0..steps.abs() {
            self.zoom = Zoom::step(self.zoom.percent(paper, room, mm), steps > 0);
        }
        stays &= !ui.input_mut(|it| it.consume_key(egui::Modifiers::NONE, Key::Escape));
        let mm = mm * f32::from(percent) / 100.0;
        let size = vec2(paper.width.to_mm() as f32, paper.height.to_mm() as f32) * mm;
        let wanted = vec2(size.x + MARGIN * 2.0, (size.y + GAP) * self.pages.len() as f32 - GAP + MARGIN * 2.0);
        ScrollArea::both().id_salt("help").auto_shrink(false).show(ui, |ui| {
            let (desk, response) = ui.allocate_exact_size(wanted.max(ui.available_size()), Sense::hover());
            let left = desk.left() + ((desk.width() - size.x) / 2.0).max(MARGIN);
            for (index, page) in self.pages.iter().enumerate() {
                let top = desk.top() + MARGIN + (size.y + GAP) * index as f32;
                let place = Placement::new(pos2(left, top).round(), mm);
                if egui::Rect::from_min_size(place.origin, size).intersects(ui.clip_rect()) {
                    let shapes = painted(ui, page, place, size);
                    ui.painter().extend(shapes);
                }
            }
            let words: Vec<&str> = self.pages.iter().flat_map(|it| &it.marks).filter_map(words_of).collect();
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, words.join("\n")));
        });
        stays
    }
}

fn words_of(mark: &Mark) -> Option<&str> {
    match mark {
        Mark::Text(text) => Some(&text.text),
        Mark::Line { .. } | Mark::Frame { .. } | Mark::Stamp { .. } | Mark::Picture { .. } => None,
    }
}

/// A page as it is printed, on white paper.
pub fn painted(ui: &Ui, page: &Page, place: Placement, size: egui::Vec2) -> Vec<Shape> {
    let paper = egui::Rect::from_min_size(place.origin, size);
    let shadow = egui::epaint::Shadow { offset: [0, 1], blur: 6, spread: 0, color: theme::SHADOW };
    let mut shapes = vec![shadow.as_shape(paper, 0.0).into(), Shape::rect_filled(paper, 0.0, theme::PAPER)];
    for mark in &page.marks {
        print(ui, place, mark, &mut shapes);
    }
    shapes
}

/// What is told of the program.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Lines of words: versions.
    pub lines: Vec<String>,
    /// Files and folders, by what they are.
    pub places: Vec<(&'static str, PathBuf)>,
    /// What others made: called, under what terms, and the text of these.
    pub parts: Vec<(String, String, Vec<String>)>,
}

/// What this program is, with its own small state.
#[derive(Debug)]
pub struct AboutView {
    told: Told,
    filter: String,
    /// Which part's licence lies open.
    open: Option<usize>,
    /// What is listed: lines of words, and to which part they lead.
    listed: Vec<(String, Option<usize>)>,
    /// For which words and which open part it was made.
    made_of: Option<(String, Option<usize>)>,
}

impl AboutView {
    /// Tells this.
    pub fn new(told: Told) -> Self {
        Self { told, filter: String::new(), open: None, listed: Vec::new(), made_of: None }
    }

    /// Draws it over the desk; false when it is put away.
    pub fn show(&mut self, ctx: &egui::Context, commands: &mut Vec<Command>) -> bool {
        let mut stays = true;
        let window = egui::Window::new("关于用户服务台帐").collapsible(false).resizable(false);
        window.anchor(egui::Align2::CENTER_CENTER, [0.0, 0.0]).show(ctx, |ui| {
            ui.set_width(760.0);
            for line in &self.told.lines {
                ui.label(line);
            }
            ui.add_space(4.0);
            for (name, path) in &self.told.places {
                ui.horizontal(|ui| {
                    let open = ui.add(theme::plain("打开文件夹").min_size(vec2(0.0, 22.0)));
                    ui.ctx().accesskit_node_builder(open.id, |node| node.set_label(format!("打开文件夹 {name}")));
                    if open.clicked() {
                        commands.push(Command::OpenFolder(path.clone()));
                    }
                    ui.label(theme::soft(*name));
                    ui.add(egui::Label::new(on_screen(&path.display().to_string())).truncate());
                });
            }
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                ui.label(theme::strong("所用程序库和字体的许可证"));
                let filter = ui.add(theme::field(&mut self.filter, "找名字，或许可证里的字…").desired_width(240.0));
                ui.ctx().accesskit_node_builder(filter.id, |node| node.set_label("找许可证"));
                ui.label(theme::soft(format!("共 {} 项，点一项看全文", self.told.parts.len())));
            });
            self.list();
            let mut clicked = None;
            let inset = egui::Frame::NONE.fill(theme::PANEL).inner_margin(8.0);
            inset.show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                let area = ScrollArea::vertical().id_salt("licences").max_height(300.0).auto_shrink([false, false]);
                area.show_rows(ui, LINE, self.listed.len(), |ui, range| {
                    for (words, part) in self.listed.get(range).unwrap_or_default() {
                        match part {
                            Some(part) => {
                                let text = RichText::new(words).size(13.0).color(theme::ACCENT);
                                let button = egui::Button::new(text).frame(false).min_size(vec2(0.0, LINE)).truncate();
                                if ui.add(button).clicked() {
                                    clicked = Some(*part);
                                }
                            }
                            None => {
                                let label = egui::Label::new(theme::soft(words)).extend();
                                ui.add_sized(vec2(ui.available_width(), LINE), label.halign(egui::Align::LEFT));
                            }
                        }
                    }
                });
            });
            if let Some(part) = clicked {
                self.open = (self.open != Some(part)).then_some(part);
            }
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                let save = Command::File(FileCommand::SaveLicences);
                if ui.add(theme::plain(save.label())).clicked() {
                    commands.push(save);
                }
                stays &= !ui.add(theme::primary("关上")).clicked();
            });
            stays &= !ui.input_mut(|it| it.consume_key(egui::Modifiers::NONE, Key::Escape));
        });
        stays
    }

    /// Lists the parts that match, and of the open one the text.
    fn list(&mut self) {
        let made_of = Some((self.filter.clone(), self.open));
        if self.made_of == made_of {
            return;
        }
        self.made_of = made_of;
        self.listed.clear();
        let sought = fold(&self.filter);
        let sought = sought.trim();
        for (place, (name, terms, texts)) in self.told.parts.iter().enumerate() {
            let fits = sought.is_empty()
                || fold(&format!("{name} {terms}")).contains(sought)
                || texts.iter().any(|it| fold(it).contains(sought));
            if !fits {
                continue;
            }
            self.listed.push((on_screen(&format!("{name}　{terms}")), Some(place)));
            if self.open == Some(place) {
                let lines = texts.iter().flat_map(|it| it.lines().chain([""]));
                self.listed.extend(lines.map(|it| (on_screen(&format!("    {it}")), None)));
            }
        }
        if self.listed.is_empty() {
            self.listed.push(("没有这样的".to_owned(), None));
        }
    }
}
