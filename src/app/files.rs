//! Books and other files that come from outside: new books, those that were open before, what is dropped on the window,
//! exchange files to take in.

use std::path::{Path, PathBuf};

use eframe::egui::{self, RichText};

use super::disk::{self, Kind};
use super::task::Task;
use super::waiting::Worked;
use super::wanted::Wanted;
use super::{App, Dialog};
use crate::command::{Command, FileCommand};
use crate::exchange;
use crate::procedure::Catalog;
use crate::store::{NewRecord, Reason, Store};
use crate::ui::first::FirstView;
use crate::ui::theme;

/// An exchange file and its sheets, or why there are none.
type Read = Result<(PathBuf, Vec<NewRecord>), String>;

/// An exchange file on its way into the book.
#[derive(Default)]
pub(super) struct Import {
    /// It is being read.
    reading: Option<Task<Read>>,
    /// It was read: whether to take it in is asked.
    asked: Option<(PathBuf, Vec<NewRecord>)>,
}

impl Import {
    /// Whether a file is being read.
    pub(super) fn is_reading(&self) -> bool {
        self.reading.is_some()
    }

    /// What is read of the file is not taken in.
    pub(super) fn leave(&mut self) {
        *self = Self::default();
    }
}

impl App {
    pub(super) fn run_file(&mut self, ctx: &egui::Context, command: FileCommand) {
        match command {
            FileCommand::Begin => {
                let own = self.book.own.clone();
                if own.exists() { self.open_book(&own) } else { self.begin_book(&own) }
            }
            FileCommand::BeginAt => self.ask_new_book(ctx),
            FileCommand::BeginWith(path, packages) => self.begin_with(&path, &packages),
            FileCommand::NotYet => self.panels.first = None,
            FileCommand::Open(path) => self.open_file(ctx, &path),
            FileCommand::Again => {
                let book = self.wanted_book().to_owned();
                self.open_file(ctx, &book);
            }
            FileCommand::Forget(path) => self.habitual.change(move |it| it.forget(&path)),
            FileCommand::ChooseImport => self.ask(ctx, Wanted::Exchange, Dialog::Exchange),
            FileCommand::Look(path) => self.look_at_exchange(ctx, &path),
            FileCommand::Import(path) => self.take_in(ctx, path),
            FileCommand::LeaveImport => self.jobs.import.leave(),
            FileCommand::Stop => self.jobs.stop(),
            FileCommand::StopCheck => self.break_check_off(),
            FileCommand::Known => self.doubts_known(),
            FileCommand::DateIsRight => self.trust_clock(true),
            FileCommand::DateIsWrong => self.trust_clock(false),
            FileCommand::Help => self.panels.help.toggle(),
            FileCommand::About => self.panels.about.toggle(),
            FileCommand::ExportHelp | FileCommand::SaveLicences => self.ask_where(ctx, &Command::File(command)),
        }
    }

    /// Begins a new book: where there are several packages, which of them it is worked by is asked first.
    pub(super) fn begin_book(&mut self, path: &Path) {
        match Self::beside(path) {
            Ok(beside) => match FirstView::new(path, Catalog::of(&beside).offered()) {
                Some(view) => self.panels.first = Some(view),
                None => self.open_book(path),
            },
            Err(sentence) => self.fail(sentence),
        }
    }

    fn begin_with(&mut self, path: &Path, packages: &[String]) {
        self.panels.first = None;
        let kept = serde_json::json!({ "chosen": packages }).to_string();
        let made = || {
            let mut procedure = Self::read_forms(path, Some(&kept))?;
            procedure.take_office(&kept)?;
            // Company, departments and parts are those of its own packages.
            let office = procedure.document.to_keep(None)?;
            let store = Store::open(path).map_err(|it| it.to_string())?;
            store.set_office(&office, "", self.outside.now()).map_err(|it| it.to_string())
        };
        match made() {
            Ok(()) => self.open_book(path),
            Err(sentence) => self.fail(sentence),
        }
    }

    /// Opens what was dropped on the window, double-clicked, or listed: a book, or an exchange file to take in.
    pub fn open_file(&mut self, ctx: &egui::Context, path: &Path) {
        // The window's own book is not looked at: closing it would take its locks away.
        if self.is_open(path) {
            return self.say("这本台帐已经开着");
        }
        match disk::kind(path) {
            Kind::Exchange => self.look_at_exchange(ctx, path),
            Kind::Book if !path.exists() => {
                self.fail(format!(
                    "打开台帐：找不到这个文件（也许 U 盘没有插上，或文件改了名、挪了地方）：{}",
                    path.display()
                ));
                self.habitual.change(|_| ());
            }
            Kind::Book => self.open_book(path),
            Kind::Foreign(_) => self.fail(Self::foreign(path).unwrap_or_default()),
        }
    }

    /// Whether this is the book on the desk, whatever way leads to it.
    pub(super) fn is_open(&self, path: &Path) -> bool {
        let same =
            |it: &Path| it == path || it.canonicalize().is_ok_and(|it| path.canonicalize().is_ok_and(|to| it == to));
        self.book().is_some_and(same)
    }

    /// A file that another program made, told apart from a damaged book.
    pub(super) fn foreign(path: &Path) -> Option<String> {
        match disk::kind(path) {
            Kind::Book => None,
            Kind::Exchange => Some(format!(
                "打开台帐：这是交换文件，不是台帐；先打开一本台帐，再用“文件 → {}”：{}",
                FileCommand::ChooseImport.label(),
                path.display()
            )),
            Kind::Foreign(what) => Some(format!(
                "打开台帐：{what}，不是台帐。这里能打开台帐（.book），能导入交换文件（.json）：{}",
                path.display()
            )),
        }
    }

    /// What is dragged over the window or dropped on it.
    pub(super) fn take_dropped(&mut self, ctx: &egui::Context) {
        let hovering = ctx.input(|it| !it.raw.hovered_files.is_empty());
        if hovering {
            let layer = egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("dropping"));
            let painter = ctx.layer_painter(layer);
            let rect = ctx.content_rect();
            painter.rect_filled(rect, 0.0, theme::HOVER);
            let words = "松开就打开：台帐（.book）换到桌上，交换文件（.json）先问再导入";
            let galley = painter.layout_no_wrap(words.to_owned(), theme::bold(17.0), theme::ACCENT);
            let place = egui::Rect::from_center_size(rect.center(), galley.size() + egui::vec2(48.0, 32.0));
            painter.rect_filled(place, 4.0, theme::PAPER);
            painter.rect_stroke(place, 4.0, egui::Stroke::new(2.0, theme::ACCENT), egui::StrokeKind::Inside);
            painter.galley(place.center() - galley.size() / 2.0, galley, theme::ACCENT);
        }
        let dropped: Vec<PathBuf> =
            ctx.input(|it| it.raw.dropped_files.iter().map(|it| it.path().to_owned()).collect());
        match dropped.as_slice() {
            [] => {}
            [one] => self.open_file(ctx, one),
            several => self.fail(format!("拖进来 {} 个文件：请一次拖一个", several.len())),
        }
    }

    pub(super) fn look_at_exchange(&mut self, ctx: &egui::Context, path: &Path) {
        if self.book.store.as_ref().is_none_or(Store::is_for_reading) {
            return self.fail("导入：先打开或新建一本台帐");
        }
        if self.jobs.import.reading.is_some() {
            return self.fail("导入：上一个文件还在读，请等它读完");
        }
        let (procedure, now, file) = (self.procedure.clone(), self.outside.now(), path.to_owned());
        let lost = "导入：读交换文件时程序出错，什么也没有导入";
        let reading = Task::start(ctx, "导入", lost, move |_| {
            let sheets = exchange::read_file(&file, &procedure, now);
            let sheets = sheets.map_err(|error| format!("导入：{error}：{}", file.display()))?;
            Ok((file, sheets))
        });
        self.jobs.import = Import { reading: Some(reading), asked: None };
    }

    /// Hears of an exchange file that was read, and asks whether to take it in.
    pub(super) fn tend_import(&mut self, ctx: &egui::Context, commands: &mut Vec<Command>) {
        match Task::poll(&mut self.jobs.import.reading).map(Result::flatten) {
            Some(Ok(read)) => self.jobs.import.asked = Some(read),
            Some(Err(sentence)) => self.fail(sentence),
            None => {}
        }
        let Some((path, sheets)) = &self.jobs.import.asked else { return };
        let mut kinds: Vec<(String, usize)> = Vec::new();
        for sheet in sheets {
            let name = self.procedure.form(&sheet.form).map_or_else(|| sheet.form.to_string(), |it| it.short.clone());
            match kinds.iter_mut().find(|it| it.0 == name) {
                Some((_, count)) => *count += 1,
                None => kinds.push((name, 1)),
            }
        }
        let kinds: Vec<String> = kinds.into_iter().map(|(name, count)| format!("{name} {count} 张")).collect();
        let warning = self.jobs.check.warning();
        egui::Window::new("导入交换文件")
            .collapsible(false)
            .resizable(false)
            .anchor(egui::Align2::CENTER_CENTER, [0.0, 0.0])
            .show(ctx, |ui| {
                ui.set_width(480.0);
                ui.label(theme::soft(path.display().to_string()));
                ui.label(format!("里面有 {} 张单：{}", sheets.len(), kinds.join("，")));
                let hint = "导入后登记在现在这本台帐里；先自动备份。全部导入，或一张也不导入";
                ui.label(theme::soft(hint));
                if let Some(warning) = &warning {
                    ui.label(RichText::new(warning).color(theme::RED));
                }
                ui.add_space(8.0);
                ui.horizontal(|ui| {
                    let import = FileCommand::Import(path.clone());
                    if ui.add_enabled(!sheets.is_empty(), theme::primary(import.label())).clicked() {
                        commands.push(Command::File(import));
                    }
                    let leave = FileCommand::LeaveImport;
                    if ui.add(theme::plain(leave.label())).clicked()
                        || ui.input_mut(|it| it.consume_key(egui::Modifiers::NONE, egui::Key::Escape))
                    {
                        commands.push(Command::File(leave));
                    }
                });
            });
    }

    /// Opens the sample book, made anew where there is none.
    pub(super) fn open_sample(&mut self, ctx: &egui::Context) {
        let path = self.outside.sample_book();
        let there = path.exists();
        let made = if there { Ok(()) } else { fill_sample(&path, self.outside.now()) };
        match made {
            Ok(()) => {
                self.open_book(&path);
                // An ordinary slip first.
                let slips = self.book.lists.get(&self.procedure.main_id());
                if let Some(id) = slips.and_then(|it| it.all().first()).map(|it| it.id) {
                    self.run(ctx, Command::Open(id));
                }
            }
            Err(sentence) => self.fail(sentence),
        }
    }

    fn take_in(&mut self, ctx: &egui::Context, path: PathBuf) {
        let command = Command::File(FileCommand::Import(path));
        if !self.backed_up_for(ctx, Reason::Import, &command) {
            return;
        }
        let (Some((_, sheets)), Some(store)) = (self.jobs.import.asked.take(), &self.book.store) else { return };
        let (opener, document, now) = (store.opener(), self.procedure.document.clone(), self.outside.now());
        let count = sheets.len();
        self.work(ctx, "正在导入，请稍候…", move |stop| {
            let taken = opener.stopped_by(stop).open().and_then(|store| store.import(&document, sheets, now));
            match taken {
                Ok(_) => Worked::Said(format!("已导入 {count} 张单")),
                Err(error) => Worked::Failed("什么也没有导入：", error),
            }
        });
    }
}

/// Writes the sample sheets into a book of their own.
fn fill_sample(path: &Path, now: chrono::NaiveDateTime) -> Result<(), String> {
    let store = Store::open(path).map_err(|it| it.to_string())?;
    exchange::fill_with_samples(&store, now)
}
