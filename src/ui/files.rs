//! The window's own file dialog, for systems that have none: folders and files, a name to type, and a question before a
//! file is replaced.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Align, FontId, Id, Key, Layout, Modifiers, RichText, ScrollArea, Sense, Ui, vec2};

use crate::face::on_screen;

use super::{ime, theme};

const WIDTH: f32 = 680.0;
const HEIGHT: f32 = 300.0;
const ROW: f32 = 26.0;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A file to write, with this ending.
    Save(&'static str),
    /// A file that is there, with this ending, or one of these (`jpg|png`).
    Open(&'static str),
    /// A folder.
    Folder,
}

/// A file or folder, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// Its size and when it was written, in words; empty for a folder.
    pub said: String,
}

/// The disk, as the dialog sees it.
pub trait Disk {
    /// What lies in a folder, in any order.
    ///
    /// # Errors
    /// A sentence, when it cannot be read.
    fn list(&self, folder: &Path) -> Result<Vec<Entry>, String>;
    /// Makes a folder.
    ///
    /// # Errors
    /// A sentence, when it cannot be made.
    fn make(&self, folder: &Path) -> Result<(), String>;
    /// Folders to begin from, by name.
    fn places(&self) -> Vec<(String, PathBuf)>;
    /// Whether a folder is there.
    fn is_folder(&self, path: &Path) -> bool;
    /// Whether a file is there.
    fn is_file(&self, path: &Path) -> bool;
    /// Whether a file with this ending may be written, and one that is there would be replaced by it.
    ///
    /// # Errors
    /// A sentence, when it may not.
    fn replaces(&self, path: &Path, ending: &str) -> Result<bool, String>;
}

/// What has come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    /// Nothing yet.
    Nothing,
    /// This file or folder; where a file is to be replaced, that was asked.
    Path(PathBuf),
    /// Never mind.
    Cancelled,
}

/// The dialog's own small state.
#[derive(Debug)]
pub struct FilesView {
    title: &'static str,
    verb: &'static str,
    purpose: Purpose,
    folder: PathBuf,
    entries: Vec<Entry>,
    /// The name, or a whole path, as typed.
    name: String,
    chosen: Option<usize>,
    fresh: bool,
    reveal: bool,
    /// A file of that name is there: it is asked whether to replace it.
    replacing: Option<PathBuf>,
    /// A new folder's name, while it is typed.
    making: Option<String>,
    refusal: String,
}

impl FilesView {
    /// Asks for a file or folder, beginning in `folder`, with `name` as what is suggested.
    pub fn new(
        (title, verb): (&'static str, &'static str),
        purpose: Purpose,
        (folder, name): (&Path, &str),
        disk: &dyn Disk,
    ) -> Self {
        let mut view = Self {
            title,
            verb,
            purpose,
            folder: PathBuf::new(),
            entries: Vec::new(),
            name: name.to_owned(),
            chosen: None,
            fresh: true,
            reveal: false,
            replacing: None,
            making: None,
            refusal: String::new(),
        };
        view.go(folder, disk);
        view
    }

    /// Shows a folder.
    fn go(&mut self, folder: &Path, disk: &dyn Disk) {
        self.replacing = None;
        self.refusal.clear();
        let shown = |it: &Entry| match self.purpose {
            _ if it.name.starts_with('.') => false,
            _ if it.folder => true,
            Purpose::Folder => false,
            Purpose::Save(endings) | Purpose::Open(endings) => {
                endings.split('|').any(|ending| has_ending(&it.name, ending))
            }
        };
        match disk.list(folder) {
            Ok(mut entries) => {
                entries.retain(shown);
                entries.sort_by_key(|it| (!it.folder, it.name.to_lowercase()));
                self.entries = entries;
                self.chosen = None;
                folder.clone_into(&mut self.folder);
            }
            Err(sentence) => {
                self.refusal = sentence;
                if self.folder.as_os_str().is_empty() {
                    folder.clone_into(&mut self.folder);
                }
            }
        }
    }

    /// Draws the dialog over the window.
    pub fn show(&mut self, ctx: &egui::Context, disk: &dyn Disk) -> Picked {
        let mut picked = Picked::Nothing;
        egui::Window::new(self.title)
            .collapsible(false)
            .resizable(false)
            .anchor(egui::Align2::CENTER_CENTER, [0.0, 0.0])
            .show(ctx, |ui| {
                ui.set_width(WIDTH);
                picked = self.draw(ui, disk);
            });
        picked
    }

    fn draw(&mut self, ui: &mut Ui, disk: &dyn Disk) -> Picked {
        let mut go_to = None;
        let mut done = Picked::Nothing;
        ui.horizontal(|ui| {
            if ui.add(theme::plain("↑ 上一级")).on_hover_text("Alt+↑").clicked() {
                go_to = self.folder.parent().map(Path::to_owned);
            }
            for (name, place) in disk.places() {
                if ui.add(theme::plain(&name)).clicked() {
                    go_to = Some(place);
                }
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if !matches!(self.purpose, Purpose::Open(_)) && ui.add(theme::plain("新建文件夹…")).clicked() {
                    self.making = Some(String::new());
                }
            });
        });
        ui.label(theme::soft("这台电脑没有系统的文件对话框，用程序自己的"));
        ui.add(egui::Label::new(theme::soft(on_screen(&self.folder.display().to_string()))).truncate());
        self.draw_making(ui, disk);
        let (opened, taken) = self.list(ui);
        if let Some(place) = opened {
            match self.entries.get(place).cloned() {
                Some(entry) if entry.folder => go_to = Some(self.folder.join(&entry.name)),
                Some(entry) => self.name = entry.name,
                None => {}
            }
        }
        let mut enter = taken;
        ui.horizontal(|ui| {
            let label = if self.purpose == Purpose::Folder { "文件夹" } else { "文件名" };
            ui.label(theme::soft(label));
            let id = Id::unique("files-name");
            if self.fresh && !ui.is_sizing_pass() {
                ui.memory_mut(|it| it.request_focus(id));
                self.fresh = false;
            }
            let hint = if self.purpose == Purpose::Folder {
                "就是上面这个文件夹"
            } else {
                "名字，或整个路径"
            };
            let field = ui.add(theme::field(&mut self.name, hint).id(id).desired_width(WIDTH - 64.0));
            ui.ctx().accesskit_node_builder(field.id, |node| node.set_label("文件路径"));
            if field.changed() {
                // What is typed is meant, not what was walked to before.
                self.chosen = None;
                self.replacing = None;
                self.refusal.clear();
            }
            enter |= field.lost_focus() && ui.input(|it| it.key_pressed(Key::Enter)) && !ime::is_composing(ui.ctx());
        });
        if !self.refusal.is_empty() {
            ui.label(RichText::new(on_screen(&self.refusal)).color(theme::RED).size(13.0));
        }
        ui.horizontal(|ui| match self.replacing.clone() {
            Some(path) => {
                let name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
                ui.label(RichText::new(format!("已有“{}”，替换它吗？", on_screen(&name))).color(theme::RED));
                if ui.add(theme::plain("替换")).clicked() {
                    done = Picked::Path(path);
                }
                if ui.add(theme::plain("换个名字")).clicked() {
                    self.replacing = None;
                    self.fresh = true;
                }
            }
            None => {
                if ui.add(theme::primary(self.verb).min_size(vec2(88.0, theme::CONTROL))).clicked() || enter {
                    done = self.take(disk, &mut go_to);
                }
                if ui.add(theme::plain("取消")).clicked() {
                    done = Picked::Cancelled;
                }
            }
        });
        let pressed = |modifiers, key| ui.input_mut(|it| it.consume_key(modifiers, key));
        if pressed(Modifiers::ALT, Key::ArrowUp) {
            go_to = self.folder.parent().map(Path::to_owned);
        }
        if pressed(Modifiers::NONE, Key::Escape) {
            done = Picked::Cancelled;
        }
        if let Some(folder) = go_to {
            self.go(&folder, disk);
            if self.purpose == Purpose::Folder {
                self.name.clear();
            }
            self.fresh = true;
        }
        done
    }

    /// A new folder's name.
    fn draw_making(&mut self, ui: &mut Ui, disk: &dyn Disk) {
        let Some(name) = &mut self.making else { return };
        let (mut make, mut stop) = (false, false);
        ui.horizontal(|ui| {
            ui.label(theme::soft("新文件夹叫"));
            let field = ui.add(theme::field(name, "").desired_width(280.0));
            ui.ctx().accesskit_node_builder(field.id, |node| node.set_label("新文件夹的名字"));
            make = field.lost_focus() && ui.input(|it| it.key_pressed(Key::Enter));
            make |= ui.add(theme::plain("建立")).clicked();
            stop = ui.add(theme::plain("不建")).clicked();
        });
        if make && !name.trim().is_empty() {
            let folder = self.folder.join(name.trim());
            match disk.make(&folder) {
                Ok(()) => {
                    self.making = None;
                    self.go(&folder, disk);
                }
                Err(sentence) => self.refusal = sentence,
            }
        } else if stop {
            self.making = None;
        }
    }

    /// Folders and files; one that was clicked or walked to, and whether it was taken.
    fn list(&mut self, ui: &mut Ui) -> (Option<usize>, bool) {
        let (mut opened, mut taken) = (None, false);
        let count = self.entries.len();
        // With Alt an arrow leads out of the folder.
        let plain = ui.input(|it| it.modifiers.is_none());
        if count > 0 && plain && !ime::is_composing(ui.ctx()) {
            let pressed = |key| ui.input_mut(|it| it.consume_key(Modifiers::NONE, key));
            let (up, down) = (pressed(Key::ArrowUp), pressed(Key::ArrowDown));
            if up || down {
                let last = count - 1;
                let next = match self.chosen {
                    Some(now) if up => now.saturating_sub(1),
                    Some(now) => (now + 1).min(last),
                    None => 0,
                };
                self.chosen = Some(next);
                self.reveal = true;
                if let Some(entry) = self.entries.get(next).filter(|it| !it.folder) {
                    entry.name.clone_into(&mut self.name);
                }
            }
            let folder = self.chosen.filter(|it| self.entries.get(*it).is_some_and(|it| it.folder));
            if folder.is_some() && pressed(Key::Enter) {
                opened = folder;
            }
        }
        let frame = egui::Frame::NONE.fill(theme::PAPER).stroke(egui::Stroke::new(1.0, theme::LINE));
        frame.show(ui, |ui| {
            ui.set_width(WIDTH - 2.0);
            ui.spacing_mut().item_spacing.y = 0.0;
            ScrollArea::vertical().id_salt("files").auto_shrink([false, false]).max_height(HEIGHT).show(ui, |ui| {
                if self.entries.is_empty() {
                    ui.label(theme::soft("　这里没有文件夹，也没有这样的文件"));
                }
                for (place, entry) in self.entries.iter().enumerate() {
                    let response = row(ui, entry, self.chosen == Some(place));
                    if self.reveal && self.chosen == Some(place) {
                        response.scroll_to_me(None);
                    }
                    if response.double_clicked() && !entry.folder {
                        taken = true;
                    }
                    if response.clicked() {
                        self.chosen = Some(place);
                        opened = Some(place);
                    }
                }
                self.reveal = false;
            });
        });
        (opened, taken)
    }

    /// What is typed or chosen, where it will do.
    fn take(&mut self, disk: &dyn Disk, go_to: &mut Option<PathBuf>) -> Picked {
        self.refusal.clear();
        let typed = self.name.trim();
        let path = if typed.is_empty() { self.folder.clone() } else { self.folder.join(typed) };
        if self.purpose == Purpose::Folder {
            if disk.is_folder(&path) {
                return Picked::Path(path);
            }
            self.refusal = format!("没有这个文件夹：{}", path.display());
            return Picked::Nothing;
        }
        if disk.is_folder(&path) {
            if typed.is_empty() {
                self.refusal = "请写上文件名".to_owned();
            } else {
                *go_to = Some(path);
                self.name.clear();
            }
            return Picked::Nothing;
        }
        match self.purpose {
            Purpose::Save(ending) => {
                let mut path = path;
                if !has_ending(&path.to_string_lossy(), ending) {
                    path.as_mut_os_string().push(format!(".{ending}"));
                }
                match disk.replaces(&path, ending) {
                    Ok(false) => return Picked::Path(path),
                    Ok(true) => self.replacing = Some(path),
                    Err(sentence) => self.refusal = sentence,
                }
                Picked::Nothing
            }
            Purpose::Open(_) if disk.is_file(&path) => Picked::Path(path),
            Purpose::Open(_) | Purpose::Folder => {
                self.refusal = format!("没有这个文件：{}", path.display());
                Picked::Nothing
            }
        }
    }
}

fn has_ending(name: &str, ending: &str) -> bool {
    ending.is_empty() || Path::new(name).extension().is_some_and(|it| it.eq_ignore_ascii_case(ending))
}

fn row(ui: &mut Ui, entry: &Entry, chosen: bool) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    if chosen || response.hovered() {
        ui.painter().rect_filled(rect, 0.0, theme::ACCENT_PALE);
    }
    let inner = rect.shrink2(vec2(10.0, 0.0));
    let font = if entry.folder { theme::bold(14.0) } else { FontId::proportional(14.0) };
    let name = if entry.folder { format!("{}/", entry.name) } else { entry.name.clone() };
    let room = egui::Rect::from_min_size(inner.min, vec2(inner.width() - 190.0, ROW));
    super::page::text_in(ui, room, &name, font, theme::INK);
    let right = inner.right_center();
    ui.painter().text(right, egui::Align2::RIGHT_CENTER, &entry.said, FontId::proportional(12.0), theme::SOFT);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, &name));
    response
}
