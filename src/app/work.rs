//! Work that takes time or asks the clerk: where to save, and saving, beside the window's own thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use eframe::egui;

use super::disk::Folders;
use super::task::Task;
use super::wanted::{Wanted, suggested};
use super::{Answer, App, Dialog, Outside, Reply};
use crate::command::{BackupPlace, Command, FileCommand, RegisterCommand};
use crate::export::pieces::{self};
use crate::export::{self, Which, reminder};
use crate::files;
use crate::layout::papers::{Paper, Reminder};
use crate::licences::Licences;
use crate::list::List;
use crate::pdf;
use crate::record::{Deed, Record, RecordId};
use crate::register;
use crate::store::{Store, io_reason};
use crate::ui::bars::Notice;
use crate::ui::files::{FilesView, Picked, Purpose};
use crate::ui::progress::Going;

/// A question to the clerk that is not answered yet.
pub(super) struct Asked {
    what: Wanted,
    suggested: String,
    answers: Receiver<Answer>,
    /// Where no system dialog is: the window's own.
    own: Option<FilesView>,
}

/// A PDF being made.
pub(super) struct Job {
    path: PathBuf,
    /// Whether it has signature cells left empty for ink.
    ink: bool,
    done: Arc<AtomicUsize>,
    /// Whether there is a file now: none where it was stopped.
    task: Option<Task<Result<bool, String>>>,
}

impl Job {
    /// How far it is.
    pub(super) fn said(&self) -> Going {
        let done = self.done.load(Ordering::Relaxed);
        let name = self.path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        let text = if done > 0 {
            format!("正在导出 {name}：已画 {done} 页")
        } else {
            format!("正在导出 {name}…")
        };
        Going::stoppable(&text, self.task.as_ref().is_some_and(|it| it.stop().is_asked()))
    }

    /// Breaks it off.
    pub(super) fn stop(&self) {
        self.task.iter().for_each(|it| it.stop().ask());
    }
}

impl App {
    /// Asks where to save.
    pub(super) fn ask_where(&mut self, ctx: &egui::Context, command: &Command) {
        if self.jobs.is_exporting() {
            return self.fail("上一份还在导出，请等它完成");
        }
        let what = match command {
            Command::ExportSlip(id) if *id != RecordId(0) && *id == self.desk.record.id => {
                let which = if self.desk.round == self.desk.record.last_round() {
                    Which::Last
                } else {
                    Which::Round(self.desk.round)
                };
                Wanted::Slip(self.with_original(), which)
            }
            Command::ExportAsOf(id, day) if *id == self.desk.record.id => match self.as_of(*id, *day) {
                Ok(record) => Wanted::Slip(vec![record], Which::Last),
                Err(sentence) => return self.fail(sentence),
            },
            Command::ExportRounds(id) if *id == self.desk.record.id => Wanted::Slip(self.with_original(), Which::All),
            Command::ExportBlank(form) => {
                let Some(form) = self.procedure.form(form) else { return };
                Wanted::Blank(Box::new(form.clone()))
            }
            Command::ExportNumbered { form, numbers } => {
                let Some(form) = self.procedure.form(form) else { return };
                Wanted::Numbered(Box::new(form.clone()), numbers.clone())
            }
            Command::Register(RegisterCommand::Export { form, period }) => {
                let (Some(form), Some(store)) = (self.procedure.form(form), &self.book.store) else { return };
                let head = if form.is_written() { None } else { self.borne() };
                match store.records_for(&self.procedure, form, *period) {
                    Ok(records) => Wanted::Register(Box::new(form.clone()), *period, records, head),
                    Err(error) => return self.fail(error.to_string()),
                }
            }
            Command::File(FileCommand::ExportHelp) => Wanted::Help,
            Command::File(FileCommand::SaveLicences) => Wanted::Licences,
            Command::ExportSheets(ids) => match self.read_sheets(ids) {
                Ok(records) => Wanted::Slip(records, Which::Last),
                Err(sentence) => return self.fail(sentence),
            },
            Command::ExportBlanks => Wanted::Blanks(self.procedure.offered().into_iter().cloned().collect()),
            Command::ExportPaper(paper, _) => Wanted::Paper(paper.clone()),
            Command::ExportReminder(id) if *id == self.desk.record.id => match self.desk_reminder() {
                Some(reminder) => Wanted::Paper(Box::new(Paper::Reminder(Box::new(reminder)))),
                None => return self.fail("这张单没有要催办的：没有期限，或要做的已经做完"),
            },
            _ => return self.fail("这张单子还是空的，没有可导出的内容"),
        };
        let suggested = suggested(&self.procedure, command, &self.desk.record);
        if std::mem::take(&mut self.jobs.print.instead) {
            return self.lay_out(ctx, what, &suggested);
        }
        self.ask_save(ctx, what, &suggested);
    }

    /// Asks where to save a PDF.
    pub(super) fn ask_save(&mut self, ctx: &egui::Context, what: Wanted, suggested: &str) {
        self.ask(ctx, what, Dialog::Save(suggested));
    }

    /// Asks where to make a new book.
    pub(super) fn ask_new_book(&mut self, ctx: &egui::Context) {
        let suggested = format!("台帐_{}.book", self.today().format("%Y"));
        self.ask(ctx, Wanted::NewBook, Dialog::NewBook(&suggested));
    }

    /// Asks for what is to be opened, taken in, or backed up to.
    pub(super) fn ask(&mut self, ctx: &egui::Context, what: Wanted, dialog: Dialog<'_>) {
        if self.jobs.asked.is_some() {
            return;
        }
        let (sender, answers) = channel();
        self.outside.ask(dialog, Reply::new(sender, ctx.clone()));
        let suggested = match dialog {
            Dialog::Save(suggested) | Dialog::NewBook(suggested) => suggested.to_owned(),
            Dialog::Book | Dialog::Exchange | Dialog::Picture | Dialog::Folder => String::new(),
        };
        self.jobs.asked = Some(Asked { what, suggested, answers, own: None });
    }

    /// The reminder to whoever owes the work on the sheet on the desk.
    fn desk_reminder(&self) -> Option<Reminder> {
        reminder::of(&self.procedure, self.form()?, &self.desk.record, &self.operator, self.outside.now())
    }

    /// Sheets of the book, in the order in which they were named.
    fn read_sheets(&self, ids: &[RecordId]) -> Result<Vec<Record>, String> {
        let store = self.book.store.as_ref().ok_or_else(|| "没有打开台帐".to_owned())?;
        let called = |id: &RecordId| {
            let line = self.book.lists.values().flat_map(List::all).find(|it| it.id == *id);
            line.map_or_else(|| format!("内部号 {}", id.0), |it| it.number.clone())
        };
        let read = |id: &RecordId| {
            let mut record = store.record(*id).map_err(|error| error.to_string())?;
            if let Some(it) = &mut record {
                store.complete(&self.procedure, it).map_err(|error| error.to_string())?;
            }
            record.ok_or_else(|| format!("{} 已不在台帐里，什么也没有导出或打印：请重新选", called(id)))
        };
        ids.iter().map(read).collect()
    }

    /// A sheet of the book as it stood at the end of a day.
    fn as_of(&self, id: RecordId, day: chrono::NaiveDate) -> Result<Record, String> {
        let store = self.book.store.as_ref().ok_or_else(|| "没有打开台帐".to_owned())?;
        let record = store.record(id).map_err(|error| error.to_string())?.ok_or("这份单据已不在台帐里")?;
        let mut then = record.as_of(day);
        store.complete(&self.procedure, &mut then).map_err(|error| error.to_string())?;
        Ok(then)
    }

    /// Hears answers, and the end of work.
    pub(super) fn hear(&mut self, ctx: &egui::Context) {
        if let Some(asked) = &mut self.jobs.asked
            && asked.own.is_none()
        {
            match asked.answers.try_recv() {
                Ok(Answer::Path(path)) => self.answered(ctx, &path),
                Ok(Answer::NoDialog) => {
                    let disk = folders(&*self.outside, &self.book.own);
                    let words = match asked.what {
                        Wanted::Book => ("打开哪一本台帐", "打开"),
                        Wanted::NewBook => ("新台帐放在哪里", "新建"),
                        Wanted::Exchange => ("导入哪一个交换文件", "打开"),
                        Wanted::Picture(..) => ("放哪一张图", "打开"),
                        Wanted::Backup(BackupPlace::File) => ("用哪一个文件恢复", "打开"),
                        Wanted::Backup(_) => ("备份到哪个文件夹", "选定"),
                        _ => ("存到哪里", "保存"),
                    };
                    let (purpose, book) = match asked.what {
                        Wanted::Book | Wanted::Backup(BackupPlace::File) => (Purpose::Open("book"), true),
                        Wanted::NewBook => (Purpose::Save("book"), true),
                        Wanted::Exchange => (Purpose::Open("json"), false),
                        Wanted::Picture(..) => (Purpose::Open("jpg|jpeg|png"), false),
                        Wanted::Backup(_) => (Purpose::Folder, true),
                        Wanted::Licences => (Purpose::Save("txt"), false),
                        _ => (Purpose::Save("pdf"), false),
                    };
                    let folder = if book { disk.book.clone() } else { None };
                    let folder = folder.filter(|it| it.is_dir()).unwrap_or_else(|| disk.documents.clone());
                    asked.own = Some(FilesView::new(words, purpose, (&folder, &asked.suggested), &disk));
                }
                Ok(Answer::Cancelled) | Err(TryRecvError::Disconnected) => self.jobs.asked = None,
                Err(TryRecvError::Empty) => {}
            }
        }
        let Some(job) = &mut self.jobs.job else { return };
        let Some(ended) = Task::poll(&mut job.task) else { return ctx.request_repaint_after_secs(0.1) };
        let Some(Job { path, ink, .. }) = self.jobs.job.take() else { return };
        match ended.flatten() {
            Ok(false) => self.say(format!("已停止，没有留下文件：{}", path.display())),
            Ok(true) => {
                let ink = if ink { "（签名栏留空待签）" } else { "" };
                let locked = self.book.store.as_ref().is_some_and(Store::is_encrypted);
                let plain = if locked { "（PDF 不加密）" } else { "" };
                let text = format!("已导出{ink}{plain}：{}", path.display());
                self.notice = Some(Notice { text, failed: false, file: Some(path) });
            }
            Err(sentence) => self.fail(sentence),
        }
    }

    fn answered(&mut self, ctx: &egui::Context, path: &Path) {
        let Some(asked) = self.jobs.asked.take() else { return };
        match asked.what {
            Wanted::Book => self.open_file(ctx, path),
            Wanted::NewBook => self.new_book(path),
            Wanted::Exchange => self.look_at_exchange(ctx, path),
            Wanted::Picture(record, cell) => self.take_picture(record, cell, path),
            Wanted::Backup(place) => self.chose_backup(ctx, place, path),
            what => self.export(ctx, what, path),
        }
    }

    /// Makes a book where there is nothing yet.
    fn new_book(&mut self, path: &Path) {
        let path = if path.extension().is_some_and(|it| it.eq_ignore_ascii_case("book")) {
            path.to_owned()
        } else {
            let mut name = path.as_os_str().to_owned();
            name.push(".book");
            PathBuf::from(name)
        };
        if path.symlink_metadata().is_ok() {
            return self.fail(format!("没有新建：已有这个文件，请换个名字，或用“打开台帐”：{}", path.display()));
        }
        self.begin_book(&path);
    }

    /// The sheet on the desk, and behind it the one it rewrites (重抄，原单附后).
    fn with_original(&self) -> Vec<Record> {
        let rewrites = self.desk.record.facts.iter().find_map(|fact| match fact.deed {
            Deed::Rewrites { record } => Some(RecordId(record)),
            _ => None,
        });
        let original = rewrites.and_then(|it| self.book.store.as_ref()?.record(it).ok()?);
        [Some(self.desk.record.clone()), original].into_iter().flatten().collect()
    }

    /// Where no system dialog is, the window asks for the path itself.
    pub(super) fn where_to(&mut self, ctx: &egui::Context) {
        let disk = folders(&*self.outside, &self.book.own);
        let Some(own) = self.jobs.asked.as_mut().and_then(|it| it.own.as_mut()) else { return };
        match own.show(ctx, &disk) {
            Picked::Nothing => {}
            Picked::Path(path) => self.answered(ctx, &path),
            Picked::Cancelled => self.jobs.asked = None,
        }
    }

    /// Makes the PDF in a thread of its own, so that the window goes on being a window.
    fn export(&mut self, ctx: &egui::Context, what: Wanted, to: &Path) {
        let ending = if matches!(what, Wanted::Licences) { "txt" } else { "pdf" };
        let path = if to.extension().is_some_and(|it| it.eq_ignore_ascii_case(ending)) {
            to.to_owned()
        } else {
            let mut name = to.as_os_str().to_owned();
            name.push(format!(".{ending}"));
            PathBuf::from(name)
        };
        // The dialog has asked about the very name it gave; nobody has asked about any other.
        if path != to && path.symlink_metadata().is_ok() {
            return self.fail(format!("没有导出：已有同名的文件，没有替换它，请换个名字：{}", path.display()));
        }
        let procedure = self.procedure.clone();
        let clock = self.clock();
        let signatures = self.signatures;
        let done = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&done);
        let progress = move |pages: usize| count.store(pages, Ordering::Relaxed);
        let ink = matches!(what, Wanted::Slip(..)) && !signatures;
        let make: Box<dyn FnOnce() -> Result<Vec<u8>, pdf::PdfError> + Send> = match what {
            Wanted::Book | Wanted::NewBook | Wanted::Exchange | Wanted::Picture(..) | Wanted::Backup(_) => return,
            Wanted::Help => Box::new(move || export::guide_pdf(&procedure, &clock)),
            Wanted::Licences => Box::new(|| Ok(Licences::unpack().text().into_bytes())),
            Wanted::Paper(paper) => Box::new(move || export::paper(&procedure, &paper, &clock)),
            Wanted::Register(form, period, records, head) => Box::new(move || {
                let entries = register::entries(&procedure, &form, records);
                export::register(&procedure, &form, &entries, period, head, &clock, &progress)
            }),
            Wanted::Blank(form) => Box::new(move || export::blank(&procedure, &form, &clock)),
            Wanted::Numbered(form, numbers) => Box::new(move || export::blanks(&procedure, &form, &numbers, &clock)),
            Wanted::Blanks(forms) => Box::new(move || {
                let pieces = forms.iter().flat_map(|it| pieces::blank(&procedure, it, clock.now));
                let pages = pieces.flat_map(|it| it.pages).collect();
                export::pages(&procedure, "空白表", pages, &clock)
            }),
            Wanted::Composed(title, pages) => Box::new(move || export::pages(&procedure, &title, pages, &clock)),
            Wanted::Slip(records, which) => {
                Box::new(move || export::slips(&procedure, &records, which, signatures, &clock))
            }
        };
        let (kind, doing) =
            if ending == "txt" { (files::Kind::Text, "写文件") } else { (files::Kind::Pdf, "写 PDF 文件") };
        let (to, lost) = (path.clone(), format!("导出没有完成，没有留下文件：{}", path.display()));
        let task = Task::start(ctx, "导出", &lost, move |stop| {
            let bytes = make().map_err(|error| format!("导出 {}：{error}", to.display()))?;
            if stop.is_asked() {
                return Ok(false);
            }
            let saved = files::save(&to, kind, &bytes);
            saved.map(|()| true).map_err(|error| format!("{doing} {}：{}", to.display(), io_reason(&error)))
        });
        self.notice = None;
        self.jobs.job = Some(Job { path, ink, done, task: Some(task) });
    }

    /// Opens a file or folder outside.
    pub(super) fn open_outside(&mut self, path: &Path) {
        if let Err(sentence) = self.outside.open(path) {
            self.fail(sentence);
        }
    }
}

/// The folders of this computer, for the window's own dialog.
fn folders(outside: &dyn Outside, book: &Path) -> Folders {
    Folders {
        documents: outside.documents(),
        book: book.parent().map(Path::to_owned),
        utc_offset_minutes: outside.utc_offset_minutes(),
    }
}
