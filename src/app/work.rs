//! Work that takes time or asks the clerk: where to save, and saving, beside the window's own thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use eframe::egui;

use super::{Answer, App, Reply, suggested};
use crate::command::Command;
use crate::export;
use crate::procedure::FieldId;
use crate::record::RecordId;
use crate::store::{Store, io_reason};
use crate::ui::bars::Notice;
use crate::ui::theme;
use crate::{ledger, pdf};

/// One entry that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwritten {
    /// On which sheet; `RecordId(0)` is the empty one on the desk.
    pub record: RecordId,
    /// Which datum.
    pub field: FieldId,
    /// What is to stand there.
    pub value: String,
    /// What stood there before.
    pub expected: String,
}

/// A question to the clerk that is not answered yet.
pub(super) struct Asked {
    what: Command,
    answers: Receiver<Answer>,
    /// Where no system dialog is: what is typed into the window's own, and whether that has the keyboard yet.
    typed: Option<(String, bool)>,
}

/// A PDF being made.
pub(super) struct Job {
    path: PathBuf,
    done: Arc<AtomicUsize>,
    end: Receiver<Result<(), String>>,
}

impl Job {
    /// How far it is.
    pub(super) fn said(&self) -> Notice {
        let done = self.done.load(Ordering::Relaxed);
        let name = self.path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        let text = if done > 0 {
            format!("正在导出 {name}：已画 {done} 页")
        } else {
            format!("正在导出 {name}…")
        };
        Notice { text, failed: false, file: None }
    }
}

impl App {
    /// Asks where to save.
    pub(super) fn ask_where(&mut self, ctx: &egui::Context, what: Command) {
        if self.asked.is_some() || self.job.is_some() {
            self.fail("上一份还在导出，请等它完成");
            return;
        }
        if let Command::ExportSlip(id) = what
            && (id == RecordId(0) || id != self.record.id)
        {
            self.fail("这张单子还是空的，没有可导出的内容");
            return;
        }
        let (sender, answers) = channel();
        self.outside.ask_save(&suggested(&self.procedure, &what, &self.record), Reply::new(sender, ctx.clone()));
        self.asked = Some(Asked { what, answers, typed: None });
    }

    /// Asks for a book.
    pub(super) fn ask_book(&mut self, ctx: &egui::Context) {
        if self.asked.is_some() {
            return;
        }
        let (sender, answers) = channel();
        self.outside.ask_book(Reply::new(sender, ctx.clone()));
        self.asked = Some(Asked { what: Command::ChooseBook, answers, typed: None });
    }

    /// Hears answers, and the end of work.
    pub(super) fn hear(&mut self, ctx: &egui::Context) {
        if let Some(asked) = &mut self.asked
            && asked.typed.is_none()
        {
            match asked.answers.try_recv() {
                Ok(Answer::Path(path)) => self.answered(ctx, &path),
                Ok(Answer::NoDialog) => {
                    let folder = self.outside.documents();
                    let file = match asked.what {
                        Command::ChooseBook => self.own.clone(),
                        _ => folder.join(suggested(&self.procedure, &asked.what, &self.record)),
                    };
                    asked.typed = Some((file.display().to_string(), false));
                }
                Ok(Answer::Cancelled) | Err(TryRecvError::Disconnected) => self.asked = None,
                Err(TryRecvError::Empty) => {}
            }
        }
        let Some(job) = &self.job else { return };
        let ended = job.end.try_recv();
        if self.closing && !matches!(ended, Err(TryRecvError::Empty)) {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
        match ended {
            Ok(Ok(())) => {
                let path = job.path.clone();
                self.job = None;
                let text = format!("已导出：{}", path.display());
                self.notice = Some(Notice { text, failed: false, file: Some(path) });
            }
            Ok(Err(sentence)) => {
                self.job = None;
                self.fail(sentence);
            }
            Err(TryRecvError::Disconnected) => {
                let path = job.path.display().to_string();
                self.job = None;
                self.fail(format!("导出没有完成，没有留下文件：{path}"));
            }
            Err(TryRecvError::Empty) => ctx.request_repaint_after_secs(0.1),
        }
    }

    fn answered(&mut self, ctx: &egui::Context, path: &Path) {
        let Some(asked) = self.asked.take() else { return };
        match asked.what {
            Command::ChooseBook => self.open_book(path),
            what => self.export(ctx, &what, path),
        }
    }

    /// Where no system dialog is, the window asks for the path itself.
    pub(super) fn where_to(&mut self, ctx: &egui::Context) {
        let Some(asked) = &mut self.asked else { return };
        let Some((typed, focused)) = &mut asked.typed else { return };
        let (title, verb) = match asked.what {
            Command::ChooseBook => ("打开哪一本台帐", "打开"),
            _ => ("存到哪里", "保存"),
        };
        let (mut go, mut stop) = (false, false);
        egui::Window::new(title)
            .collapsible(false)
            .resizable(false)
            .anchor(egui::Align2::CENTER_CENTER, [0.0, 0.0])
            .show(ctx, |ui| {
                ui.set_width(600.0);
                ui.label(theme::soft("这台电脑没有系统的文件对话框，请写出文件的完整路径"));
                let field = ui.add(egui::TextEdit::singleline(typed).desired_width(592.0));
                if !*focused {
                    field.request_focus();
                    *focused = true;
                }
                ui.ctx().accesskit_node_builder(field.id, |node| node.set_label("文件路径"));
                go = field.lost_focus() && ui.input(|it| it.key_pressed(egui::Key::Enter));
                ui.horizontal(|ui| {
                    go |= ui.add(theme::primary(verb)).clicked();
                    stop = ui.add(theme::plain("取消")).clicked();
                });
            });
        if go && !typed.trim().is_empty() {
            let path = self.outside.documents().join(typed.trim());
            self.answered(ctx, &path);
        } else if stop {
            self.asked = None;
        }
    }

    /// Makes the PDF in a thread of its own, so that the window goes on being a window.
    fn export(&mut self, ctx: &egui::Context, what: &Command, path: &Path) {
        let path = if path.extension().is_some_and(|it| it.eq_ignore_ascii_case("pdf")) {
            path.to_owned()
        } else {
            let mut name = path.as_os_str().to_owned();
            name.push(".pdf");
            PathBuf::from(name)
        };
        let procedure = self.procedure.clone();
        let clock = self.clock();
        let signatures = self.signatures;
        let done = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&done);
        let progress = move |pages: usize| count.store(pages, Ordering::Relaxed);
        let make: Box<dyn FnOnce() -> Result<Vec<u8>, pdf::PdfError> + Send> = match what {
            Command::ExportLedger(period) => {
                let period = *period;
                let slips = self.store.as_ref().map(|it| it.records_in(&"05".into(), &"date".into(), period, None));
                let slips = match slips {
                    Some(Ok(slips)) => slips,
                    Some(Err(error)) => return self.fail(error.to_string()),
                    None => return,
                };
                Box::new(move || {
                    let rows = ledger::rows(&procedure, slips, period);
                    export::ledger(&procedure, &rows, period, &clock, &progress)
                })
            }
            Command::ExportBlank(form) => {
                let Some(form) = procedure.form(form).cloned() else { return };
                Box::new(move || export::blank(&procedure, &form, &clock))
            }
            _ => {
                let record = self.record.clone();
                Box::new(move || export::slip(&procedure, &record, signatures, &clock))
            }
        };
        let (sender, end) = channel();
        let (to, ctx) = (path.clone(), ctx.clone());
        std::thread::spawn(move || {
            let made = make().map_err(|error| format!("导出 {}：{error}", to.display()));
            let saved = made.and_then(|bytes| {
                pdf::save(&to, &bytes).map_err(|error| format!("写 PDF 文件 {}：{}", to.display(), io_reason(&error)))
            });
            // A window that is gone hears nothing.
            let _ = sender.send(saved);
            ctx.request_repaint();
        });
        self.notice = None;
        self.job = Some(Job { path, done, end });
    }

    /// Opens a file or folder outside.
    pub(super) fn open_outside(&mut self, path: &Path) {
        if let Err(sentence) = self.outside.open(path) {
            self.fail(sentence);
        }
    }

    /// Opens the sample book, made anew where there is none.
    pub(super) fn open_sample(&mut self) {
        let path = self.outside.sample_book();
        let there = path.exists();
        let made = if there { Ok(()) } else { fill_sample(&self.procedure, &path, self.outside.now()) };
        match made {
            Ok(()) => self.open_book(&path),
            Err(sentence) => self.fail(sentence),
        }
    }
}

/// Writes the sample sheets into a book of their own.
fn fill_sample(procedure: &crate::procedure::Procedure, path: &Path, now: chrono::NaiveDateTime) -> Result<(), String> {
    let sheets = crate::store::exchange::read(crate::sample::CASES, procedure, now).map_err(|it| it.to_string())?;
    let store = Store::open(path).map_err(|it| it.to_string())?;
    store.import(&procedure.document.number, sheets, now).map_err(|it| it.to_string())?;
    Ok(())
}
