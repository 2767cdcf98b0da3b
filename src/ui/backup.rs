//! 备份与恢复: which copies of the book there are and what is in them, where they go, and putting one back, which is done
//! only after it was shown what would be missing.

use std::path::{Path, PathBuf};

use eframe::egui::{self, FontId, Id, Key, RichText, Sense, Ui, vec2};

use crate::command::{BackupCommand, BackupPlace, Command, FileCommand};

use crate::face::on_screen;

use super::{page, theme};

/// A copy of the book, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it lies.
    pub path: PathBuf,
    /// When it was made.
    pub at: String,
    /// Why.
    pub reason: &'static str,
    /// In which of the places.
    pub place: &'static str,
    /// How large it is.
    pub bytes: u64,
    /// What is in it; empty while that is being looked up.
    pub holds: String,
    /// Whether it is whole, locked or damaged.
    pub state: String,
    /// It is damaged.
    pub damaged: bool,
}

/// A backup beside the present book, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Its password is wanted.
    pub locked: bool,
    /// It can be put back.
    pub possible: bool,
    /// What it holds.
    pub backup: String,
    /// What the present book holds.
    pub present: String,
    /// What would be missing.
    pub loses: String,
    /// Nothing would be.
    pub harmless: bool,
    /// The words of the button that does it.
    pub confirm: String,
}

/// What the page says.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// How backups stand.
    pub said: &'a str,
    /// The copies, newest first.
    pub lines: &'a [Line],
    /// Where they go.
    pub folder: &'a Path,
    /// That is the folder beside the book.
    pub own_folder: bool,
    /// The second place.
    pub second: Option<&'a Path>,
    /// It is there now.
    pub second_there: bool,
    /// Places that the book names and that were not chosen on this computer, in words; empty where there are none.
    pub foreign: &'a str,
    /// A book lies on the desk that can be written to.
    pub open: bool,
    /// The book is damaged.
    pub damaged: bool,
    /// A copy is being made.
    pub busy: bool,
}

/// The page's own small state.
#[derive(Debug, Default)]
pub struct BackupView {
    /// Which file is shown beside the present book, its password, and what came of looking.
    chosen: Option<(PathBuf, String, Option<Beside>)>,
    /// It is to be seen, wherever the page is scrolled to.
    reveal: bool,
    /// The book that was salvaged, and the list of what was lost.
    saved: Option<(PathBuf, String)>,
}

impl BackupView {
    /// A backup is being looked into.
    pub fn compare(&mut self, path: &Path, password: &str) {
        self.chosen = Some((path.to_owned(), password.to_owned(), None));
        self.reveal = true;
    }

    /// What it holds beside the present book is known.
    pub fn compared(&mut self, path: PathBuf, beside: Beside) {
        if let Some((chosen, _, words)) = &mut self.chosen
            && *chosen == path
        {
            *words = Some(beside);
        }
    }

    /// The present book stays.
    pub fn leave(&mut self) {
        self.chosen = None;
    }

    /// A damaged book was salvaged into this one: the list of what was lost.
    pub fn salvaged(&mut self, book: PathBuf, list: String) {
        self.saved = Some((book, list));
    }

    /// Draws the page.
    pub fn show(&mut self, ui: &mut Ui, shown: &Shown<'_>, commands: &mut Vec<Command>) {
        page::title(ui, "备份与恢复");
        ui.label(theme::soft(shown.said));
        ui.add_space(8.0);
        page::scroll(ui, "backup", |ui| {
            if shown.damaged {
                section(ui, "这本台帐已损坏", |ui| damaged(ui, commands));
            }
            if let Some((book, list)) = &self.saved {
                section(ui, "抢救清单", |ui| {
                    if ui.add(theme::primary("打开救出的台帐")).clicked() {
                        commands.push(Command::File(FileCommand::Open(book.clone())));
                    }
                    ui.label(RichText::new(list).size(13.0));
                });
            }
            if self.chosen.is_some() {
                if std::mem::take(&mut self.reveal) {
                    ui.scroll_to_cursor(Some(egui::Align::TOP));
                }
                section(ui, "恢复", |ui| self.beside(ui, commands));
            }
            if shown.open {
                section(ui, "备份到哪里", |ui| places(ui, shown, commands));
            }
            page::heading(ui, "已有的备份，点一份看里面有什么", shown.lines.len(), theme::INK);
            page::card(ui, |ui| list(ui, shown, commands));
            ui.add_space(8.0);
            push(ui, BackupCommand::Choose(BackupPlace::File), commands);
        });
    }

    fn beside(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let Some((path, password, words)) = &mut self.chosen else { return };
        ui.label(theme::soft(path.display().to_string()));
        let Some(words) = words else {
            ui.label("正在看里面有什么…");
            return;
        };
        let mut enter = false;
        pair(ui, "备份里", &words.backup);
        pair(ui, "现在的台帐", &words.present);
        if words.locked {
            ui.horizontal(|ui| {
                ui.label(theme::soft("这份备份的口令"));
                let field = theme::field(password, "").password(true).id(Id::unique("backup-password"));
                let field = ui.add(field.desired_width(220.0));
                ui.ctx().accesskit_node_builder(field.id, |node| node.set_label("这份备份的口令"));
                enter = field.lost_focus() && ui.input(|it| it.key_pressed(Key::Enter));
            });
        }
        if words.possible {
            let ink = if words.harmless { theme::INK } else { theme::RED };
            ui.label(RichText::new(&words.loses).color(ink));
            ui.label(theme::soft(
                "现在的台帐整本留在旁边（名字里有“恢复前”），什么也不会丢；要回到现在，把它恢复回来就是。别的窗口要先关上",
            ));
        }
        let (path, password) = (path.clone(), password.clone());
        ui.horizontal(|ui| {
            if words.possible && ui.add(theme::primary(&words.confirm)).clicked() {
                commands
                    .push(Command::Backup(BackupCommand::Restore { path: path.clone(), password: password.clone() }));
            }
            let look = BackupCommand::Compare(path, password);
            if words.locked && (ui.add(theme::primary(look.label())).clicked() || enter) {
                commands.push(Command::Backup(look));
            }
            push(ui, BackupCommand::Leave, commands);
        });
    }
}

fn section(ui: &mut Ui, name: &str, inside: impl FnOnce(&mut Ui)) {
    page::heading(ui, name, 0, theme::INK);
    page::card(ui, |ui| page::inset(ui, inside));
    ui.add_space(16.0);
}

fn push(ui: &mut Ui, command: BackupCommand, commands: &mut Vec<Command>) {
    if ui.add(theme::plain(command.label())).clicked() {
        commands.push(Command::Backup(command));
    }
}

fn pair(ui: &mut Ui, name: &str, words: &str) {
    ui.horizontal_wrapped(|ui| {
        label(ui, name);
        ui.label(RichText::new(words).size(14.0));
    });
}

fn label(ui: &mut Ui, words: &str) {
    let (place, _) = ui.allocate_exact_size(vec2(84.0, 20.0), Sense::hover());
    page::text_in(ui, place, words, FontId::proportional(12.0), theme::SOFT);
}

fn places(ui: &mut Ui, shown: &Shown<'_>, commands: &mut Vec<Command>) {
    if !shown.foreign.is_empty() {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(on_screen(shown.foreign)).color(theme::RED).size(13.0));
            push(ui, BackupCommand::Agree, commands);
            push(ui, BackupCommand::Reset(BackupPlace::Folder), commands);
        });
    }
    let mut place = |ui: &mut Ui, name: &str, words: &str, place: BackupPlace, set: bool| {
        ui.horizontal(|ui| {
            label(ui, name);
            let choose = BackupCommand::Choose(place);
            let response = ui.add(theme::plain(choose.label()));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(format!("选择{name}")));
            if response.clicked() {
                commands.push(Command::Backup(choose));
            }
            if set {
                push(ui, BackupCommand::Reset(place), commands);
            }
            ui.add(egui::Label::new(RichText::new(words).size(13.0)).truncate()).on_hover_text(words);
        });
    };
    let folder = shown.folder.display().to_string();
    place(ui, "备份文件夹", &folder, BackupPlace::Folder, !shown.own_folder);
    let second = match shown.second {
        None => "还没有；可以是 U 盘或别的磁盘上的文件夹".to_owned(),
        Some(path) if shown.second_there => path.display().to_string(),
        Some(path) => format!("{}（现在不在）", path.display()),
    };
    place(ui, "第二处", &second, BackupPlace::Second, shown.second.is_some());
    ui.label(theme::soft(
        "每天第一次打开时备份一次，升级、导入、销毁、合并用户之前也备份；写好后读回来检查。留最近 7 天、4 周、12 个月的，其余自动删去",
    ));
    if ui.add_enabled(!shown.busy, theme::primary(BackupCommand::Make.label())).clicked() {
        commands.push(Command::Backup(BackupCommand::Make));
    }
}

fn damaged(ui: &mut Ui, commands: &mut Vec<Command>) {
    ui.label("有备份就用下面的备份恢复。没有备份，或备份太旧：可以只读打开，看还能读出的部分；或者抢救到一本新台帐，丢了什么有清单。损坏的文件不会被改动");
    ui.horizontal(|ui| {
        push(ui, BackupCommand::Read, commands);
        push(ui, BackupCommand::Salvage, commands);
    });
}

fn list(ui: &mut Ui, shown: &Shown<'_>, commands: &mut Vec<Command>) {
    if shown.lines.is_empty() {
        page::inset(ui, |ui| ui.label(theme::soft("还没有备份")));
    }
    for line in shown.lines {
        let size = size_words(line.bytes);
        let columns = [
            (line.at.as_str(), 17.0, true),
            (line.reason, 8.0, false),
            (line.place, 11.0, false),
            (size.as_str(), 10.0, false),
            (line.holds.as_str(), 54.0, false),
        ];
        let ink = if line.damaged { theme::RED } else { theme::SOFT };
        if page::row(ui, Id::unique(("backup", &line.path)), &columns, (&line.state, ink)).clicked() {
            commands.push(Command::Backup(BackupCommand::Compare(line.path.clone(), String::new())));
        }
    }
}

fn size_words(bytes: u64) -> String {
    let bytes = bytes as f64;
    if bytes < 1e6 { format!("{:.0} KB", bytes / 1e3) } else { format!("{:.1} MB", bytes / 1e6) }
}
