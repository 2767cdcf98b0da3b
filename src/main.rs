//! The window, the clock, the paths, the file dialogs and the panic hook.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::cell::OnceCell;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::NaiveDateTime;
use eframe::egui;

use taizhang::app::{Answer, App, Dialog, Outside, Reply, Unwritten};
use taizhang::cli;
use taizhang::command::Command;
use taizhang::crash;
use taizhang::export::Clock;
use taizhang::files;
use taizhang::habits::{self, Habits, Place};
use taizhang::print::{Printing, System};
use taizhang::record::RecordId;
use taizhang::store::{Opener, io_reason};

use place::{WANTED, bring_back, fit_screen, placed, standing};

#[cfg(windows)]
#[path = "main/console.rs"]
mod console;
#[path = "main/place.rs"]
mod place;

/// The longest face beside the program that is read, in bytes.
const LONGEST_FACE: u64 = 200_000_000;
/// A dialog that is gone sooner than this was never there: no hand is so quick.
const NO_HAND: Duration = Duration::from_millis(250);

#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
fn clock() -> Clock {
    let machine = chrono::Local::now();
    // The program that is handed out takes nobody's word for the hour; one that is being tried does.
    let told = if cfg!(debug_assertions) { std::env::var("TAIZHANG_NOW").ok() } else { None };
    let now = told.and_then(|it| it.parse().ok()).unwrap_or_else(|| machine.naive_local());
    Clock { now, utc_offset_minutes: machine.offset().local_minus_utc() / 60 }
}

fn main() -> ExitCode {
    let start = Instant::now();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut err = std::io::stderr().lock();
    let (mut told, mut complaint) = (Vec::new(), Vec::new());
    let args = cli::parse(std::env::args_os(), &mut told, &mut complaint);
    // A window does not hang on the console it was started from: closing that would end it.
    #[cfg(windows)]
    if !args.as_ref().is_ok_and(|it| it.command.is_none()) {
        console::attach();
    }
    let args = match args {
        Ok(args) => args,
        Err(code) => {
            // Whoever does not listen is not told.
            drop(out.write_all(&told).and_then(|()| out.flush()).and_then(|()| err.write_all(&complaint)));
            return ExitCode::from(code);
        }
    };
    let told = take_rare_face();
    match &args.command {
        Some(command) => {
            if let Some(told) = told {
                // Whoever does not listen is not told.
                drop(writeln!(err, "台帐：{told}"));
            }
            ExitCode::from(cli::run(command, &args, &clock(), habits_file().as_deref(), &mut out, &mut err))
        }
        None => {
            drop((out, err)); // other threads, and the panic hook, speak too
            window(args.book, args.file, told, start)
        }
    }
}

/// The optional face with all of GB18030's rare characters, where it lies beside the program. Without it those of names
/// are there all the same, so that nothing is said; what is said is that one that lies there is not used.
fn take_rare_face() -> Option<String> {
    let beside = std::env::current_exe().ok().and_then(|it| it.parent().map(Path::to_owned));
    // Where programs share a folder, as in /usr/bin, what goes with one lies in ../share.
    let places =
        beside.iter().flat_map(|it| ["", "fonts", "../share/taizhang"].map(|at| it.join(at).join("rare-full.ttf")));
    let place = places.into_iter().find(|it| it.exists())?;
    let why = match files::read(&place, LONGEST_FACE).map(taizhang::face::add_rare_face) {
        Ok(true) => return None,
        Ok(false) => "不是字体，或已损坏".to_owned(),
        Err(error) => io_reason(&error),
    };
    Some(format!("没有用生僻字字库 {}：{why}；常用字和人名、地名用字不受影响", place.display()))
}

/// Says on the error stream why there is no window, and what works without one.
fn no_window(why: &str) -> ExitCode {
    let told = format!(
        "打开窗口：{}；没有窗口也能用这些命令：import、list、export、check、salvage、demo（taizhang --help 有说明）",
        crash::mask(why)
    );
    eprintln!("台帐：{told}");
    // On Windows nobody sees the error stream of a program with a window.
    if cfg!(windows) {
        let dialog = rfd::MessageDialog::new().set_level(rfd::MessageLevel::Error).set_title("用户服务台帐");
        dialog.set_description(told).show();
    }
    ExitCode::from(cli::FAILED)
}

/// The folder for the office's data: the book, and what a crash leaves behind.
fn data_folder() -> PathBuf {
    directories::ProjectDirs::from("", "", "taizhang").map_or_else(|| PathBuf::from("."), |it| it.data_dir().to_owned())
}

/// Where this computer's habits are kept.
fn habits_file() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "taizhang").map(|it| it.config_dir().join(habits::FILE))
}

/// Where the sample book goes: a home folder that cannot be written still lets the program be tried.
fn sample_book() -> PathBuf {
    let folder = data_folder();
    let there = folder.ancestors().find(|it| it.is_dir());
    let writable = there.is_some_and(|it| tempfile::tempfile_in(it).is_ok());
    let folder = if writable { folder } else { std::env::temp_dir() };
    folder.join("示例台帐.book")
}

/// Where the office keeps its documents.
fn documents() -> PathBuf {
    let dirs = directories::UserDirs::new();
    let documents = dirs.as_ref().and_then(|it| it.document_dir().map(Path::to_owned)).filter(|it| it.is_dir());
    documents.or_else(|| dirs.map(|it| it.home_dir().to_owned())).unwrap_or_else(|| PathBuf::from("."))
}

fn window(book: Option<PathBuf>, file: Option<PathBuf>, told: Option<String>, start: Instant) -> ExitCode {
    let display = ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"];
    if cfg!(target_os = "linux") && display.iter().all(|it| std::env::var_os(it).is_none_or(|it| it.is_empty())) {
        return no_window("没有图形界面（DISPLAY 和 WAYLAND_DISPLAY 都没有设置）");
    }
    let asked = book.is_some();
    let own = book.unwrap_or_else(|| data_folder().join("我的台帐.book"));
    let own = std::path::absolute(&own).unwrap_or(own);
    let file = file.map(|it| std::path::absolute(&it).unwrap_or(it));
    // zenity, the dialog of last resort, opens in the working folder whatever it is told.
    if let Err(error) = std::env::set_current_dir(documents()) {
        let told = format!("台帐：进入文档文件夹 {}：{error}", documents().display());
        eprintln!("{}", crash::mask(&told));
    }
    let in_hand: InHand = Arc::default();
    catch_panics(&own, &in_hand);
    let viewport = egui::ViewportBuilder::default()
        .with_title("用户服务台帐")
        .with_app_id("taizhang")
        .with_inner_size(WANTED)
        .with_min_inner_size([760.0, 460.0])
        .with_icon(icon());
    // What is wrong with the file is told by the window.
    let place = habits_file().and_then(|it| Habits::read(&it).ok()?.window).filter(Place::is_sound);
    let viewport = place.iter().fold(viewport, placed);
    let mut failed = String::new();
    for renderer in RENDERERS {
        let options = eframe::NativeOptions { viewport: viewport.clone(), renderer, ..Default::default() };
        let (own, file, told, in_hand) = (own.clone(), file.clone(), told.clone(), Arc::clone(&in_hand));
        let run = eframe::run_native(
            "taizhang",
            options,
            Box::new(move |cc| {
                let office = Box::new(Office { clock: Box::new(self::clock), sample: OnceCell::new() });
                let mut app = match &file {
                    // Without a word the book that was open last lies on the desk.
                    None if !asked => App::at_home(&cc.egui_ctx, office, &own, None),
                    None => App::new(&cc.egui_ctx, office, &own),
                    Some(file) => App::at_home(&cc.egui_ctx, office, &own, Some(file)),
                };
                if let Some(told) = told {
                    app.run(&cc.egui_ctx, Command::Tell(told));
                }
                let fitted = place.is_some();
                Ok(Box::new(Window { app, in_hand, frames: Frames::from_environment(start), fitted, seen: !fitted }))
            }),
        );
        match run {
            Ok(()) => return ExitCode::SUCCESS,
            Err(error) => failed = error.to_string(),
        }
    }
    no_window(&format!("打不开窗口，也许是显卡的驱动没有装好，请找管电脑的人（{failed}）"))
}

/// Ways to draw the window, until one works. OpenGL starts sooner, and runs on old graphics cards; in a remote desktop and
/// in most virtual machines Windows has only its first version, but Direct3D 12 is there, if need be without any card.
#[cfg(not(windows))]
const RENDERERS: [eframe::Renderer; 1] = [eframe::Renderer::Glow];
/// See above.
#[cfg(windows)]
const RENDERERS: [eframe::Renderer; 2] = [eframe::Renderer::Glow, eframe::Renderer::Wgpu];

/// The program's mark.
fn icon() -> egui::IconData {
    eframe::icon_data::from_png_bytes(include_bytes!("../assets/icons/taizhang-256.png")).unwrap_or_default()
}

/// What is in hand and not on the disk: in which book, and what.
type InHand = Arc<Mutex<Option<(Opener, Vec<Unwritten>)>>>;

struct Window {
    app: App,
    in_hand: InHand,
    frames: Frames,
    /// Whether the window has been fitted to the screen.
    fitted: bool,
    /// Whether it was seen to that the window stands where one sees it.
    seen: bool,
}

impl eframe::App for Window {
    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        let begun = Instant::now();
        if !std::mem::replace(&mut self.seen, true) {
            bring_back(ui.ctx(), frame);
        }
        if let Some(place) = standing(ui.ctx(), self.app.place()) {
            self.app.note_place(place);
        }
        self.fitted = self.fitted || fit_screen(ui.ctx());
        self.app.draw(ui);
        let in_hand = self.app.opener().map(|it| (it, self.app.in_hand()));
        *self.in_hand.lock().unwrap_or_else(PoisonError::into_inner) = in_hand;
        let state = match (self.app.is_reading(), self.app.shows_nothing()) {
            (true, true) => " nothing",
            (true, false) => " part",
            (false, _) => "",
        };
        self.frames.count(begun.elapsed(), state);
    }

    /// Where a scale of 1.25 or 1.5 leaves part of a pixel between two panels, it looks like the line there.
    fn clear_color(&self, _visuals: &egui::Visuals) -> [f32; 4] {
        taizhang::ui::theme::LINE.to_normalized_gamma_f32()
    }
}

/// For measuring from outside: `TAIZHANG_FRAMES=FILE` has each frame's moment written to a file, in milliseconds since the
/// start, how many it took, and whether of a large book nothing is there yet, or only the sheets in work.
struct Frames {
    start: Instant,
    to: Option<std::fs::File>,
}

impl Frames {
    fn from_environment(start: Instant) -> Self {
        let open = |it| std::fs::File::create(files::may_write(Path::new(&it), files::Kind::Text).ok()?).ok();
        let to = std::env::var_os("TAIZHANG_FRAMES").and_then(|it: std::ffi::OsString| open(it));
        Self { start, to }
    }

    fn count(&mut self, took: Duration, state: &str) {
        let (now, took) = (self.start.elapsed().as_millis(), took.as_millis());
        if let Some(file) = &mut self.to
            && writeln!(file, "{now} {took}{state}").is_err()
        {
            self.to = None;
        }
    }
}

/// A panic is a bug: what is in hand goes to the disk, a file tells what happened, and one dialog tells the clerk. What was
/// typed, and telephone numbers, stand in no log: not even on the error stream.
fn catch_panics(own: &Path, in_hand: &InHand) {
    let (own, in_hand) = (own.to_owned(), Arc::clone(in_hand));
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or_default();
        let name = std::thread::current().name().unwrap_or_default().to_owned();
        let trace = std::backtrace::Backtrace::capture();
        eprintln!("台帐：thread {name} panicked at {place}: {}\n{trace}", crash::plain(message));
        // A thread that makes a PDF only fails to make it; the window says so.
        if name != "main" {
            return;
        }
        let taken = in_hand.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (book, all) = taken.map_or((None, Vec::new()), |(book, all)| (Some(book), all));
        let now = clock().now;
        let write = |one: Unwritten| {
            let written = one.record != RecordId(0)
                && book
                    .as_ref()
                    .and_then(|it| it.open().ok())
                    .and_then(|it| it.set(one.record, &one.cell, &one.value, &one.expected, now).ok())
                    .is_some();
            crash::InHand { field: format!("{}{}", one.cell.field, one.cell.line_name()), text: one.value, written }
        };
        let all: Vec<crash::InHand> = all.into_iter().map(write).collect();
        let folders: Vec<PathBuf> =
            own.parent().map(Path::to_owned).into_iter().chain([std::env::temp_dir()]).collect();
        let left = crash::leave(&folders, &format!("{place}: {message}"), &all, now);
        let rest = match &left.rescue {
            Some(rescue) => format!("有的格没写进台帐，原文在这里，请马上抄出来：{}", rescue.display()),
            None if all.iter().all(|it| it.written) => "写下的字都已在台帐里。".to_owned(),
            None => "有的格没写进台帐，也存不下来（磁盘满了，或写不了）。".to_owned(),
        };
        let note = left.record.map(|it| format!("\n出错记录：{}", it.display())).unwrap_or_default();
        rfd::MessageDialog::new()
            .set_level(rfd::MessageLevel::Error)
            .set_title("用户服务台帐")
            .set_description(format!("程序出错，要关闭了。{rest}{note}"))
            .show();
    }));
}

/// The office round the window.
struct Office {
    clock: Box<dyn Fn() -> Clock>,
    sample: OnceCell<PathBuf>,
}

impl Office {
    fn in_a_thread(reply: Reply, dialog: impl FnOnce() -> Option<PathBuf> + Send + 'static) {
        std::thread::spawn(move || {
            let asked = Instant::now();
            let answer = match dialog() {
                Some(path) => Answer::Path(path),
                None if asked.elapsed() < NO_HAND => Answer::NoDialog,
                None => Answer::Cancelled,
            };
            reply.give(answer);
        });
    }
}

impl Outside for Office {
    fn now(&self) -> NaiveDateTime {
        (self.clock)().now
    }

    fn utc_offset_minutes(&self) -> i32 {
        (self.clock)().utc_offset_minutes
    }

    fn ask(&self, wanted: Dialog<'_>, reply: Reply) {
        let dialog = rfd::FileDialog::new();
        let saved = |dialog: rfd::FileDialog, name: &str| dialog.set_directory(documents()).set_file_name(name);
        match wanted {
            Dialog::Save(name) => {
                let text = name.ends_with(".txt");
                let (kind, ending) = if text { ("文本文件", "txt") } else { ("PDF 文件", "pdf") };
                let dialog = saved(dialog.set_title("存到哪里").add_filter(kind, &[ending]), name);
                Self::in_a_thread(reply, move || dialog.save_file());
            }
            Dialog::NewBook(name) => {
                let dialog = saved(dialog.set_title("新台帐放在哪里").add_filter("台帐", &["book"]), name);
                Self::in_a_thread(reply, move || dialog.save_file());
            }
            Dialog::Book => {
                let dialog = dialog.set_title("打开哪一本台帐").add_filter("台帐", &["book"]);
                Self::in_a_thread(reply, move || dialog.pick_file());
            }
            Dialog::Exchange => {
                let dialog = dialog.set_title("导入哪一个交换文件").add_filter("交换文件", &["json"]);
                Self::in_a_thread(reply, move || dialog.pick_file());
            }
            Dialog::Picture => {
                let dialog = dialog.set_title("放哪一张图").add_filter("图片", &["jpg", "jpeg", "png"]);
                Self::in_a_thread(reply, move || dialog.pick_file());
            }
            Dialog::Folder => {
                let dialog = dialog.set_title("备份到哪个文件夹");
                Self::in_a_thread(reply, move || dialog.pick_folder());
            }
        }
    }

    fn habits(&self) -> Option<PathBuf> {
        habits_file()
    }

    fn open(&self, path: &Path) -> Result<(), String> {
        open::that_detached(path).map_err(|_| format!("打开 {}：这台电脑没有能打开它的程序", path.display()))
    }

    fn printing(&self) -> Arc<dyn Printing> {
        Arc::new(System)
    }

    fn sample_book(&self) -> PathBuf {
        self.sample.get_or_init(sample_book).clone()
    }

    fn documents(&self) -> PathBuf {
        documents()
    }
}
