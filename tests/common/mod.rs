//! What several tests share: the sample sheets, an office without a window.

#![expect(clippy::unwrap_used, dead_code, reason = "a test may panic, and need not use everything")]

pub(crate) mod forge;
pub(crate) mod plausible;
pub(crate) mod stations;

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use chrono::{NaiveDate, NaiveDateTime};
use egui_kittest::kittest::Queryable as _;
use taizhang::app::{Answer, App, Dialog, Outside, Reply};
use taizhang::exchange;
use taizhang::layout::{Mark, Page};
use taizhang::print::{Job, Outcome, Printer, Printing, Watch};
use taizhang::procedure::{Change, FormId, OFFICE, Procedure};
use taizhang::record::Record;
use taizhang::register::{Entry, Period};
use taizhang::store::Store;

/// The sample sheets, as an exchange file.
pub(crate) const CASES: &str = include_str!("../../assets/procedures/qg-r0309/samples.json");

/// 2026-11-20, nine in the morning.
pub(crate) fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap().and_hms_opt(9, 0, 0).unwrap()
}

pub(crate) fn procedure() -> Procedure {
    Procedure::load(&[]).unwrap()
}

/// A book with the sample sheets.
pub(crate) fn fill(store: &Store) {
    let procedure = procedure();
    let sheets = exchange::read(CASES, &procedure, now()).unwrap();
    store.import(&procedure.document, sheets, now()).unwrap();
}

/// Adds people to a book.
pub(crate) fn people(store: &Store, names: &[&str]) {
    let mut procedure = procedure();
    let kept = store.setting(OFFICE).unwrap();
    kept.iter().for_each(|it| drop(procedure.take_office(it).unwrap()));
    let mut document = procedure.document;
    for name in names {
        document = document.changed(&Change::AddPerson((*name).to_owned(), String::new())).unwrap();
    }
    store.set_office(&document.to_keep(kept.as_deref()).unwrap(), "", now()).unwrap();
}

/// The sample slips, in the order of their numbers.
pub(crate) fn slips() -> Vec<Record> {
    let store = Store::in_memory().unwrap();
    fill(&store);
    store.records(&FormId::from("05")).unwrap()
}

/// What the clerk's hands and the system do outside the window.
#[derive(Clone, Default)]
pub(crate) struct Hands {
    /// The answers to the next dialogs.
    pub(crate) answers: Rc<RefCell<Vec<Answer>>>,
    /// The names suggested by dialogs.
    pub(crate) suggested: Rc<RefCell<Vec<String>>>,
    /// What was opened outside.
    pub(crate) opened: Rc<RefCell<Vec<PathBuf>>>,
    /// The printers, and what was printed on them.
    pub(crate) printers: Arc<Mutex<Printers>>,
    /// The folder everything lies in.
    pub(crate) folder: PathBuf,
    /// Where the computer's habits are kept, if they are.
    pub(crate) habits: Option<PathBuf>,
    /// How many seconds have gone by since [`now`].
    pub(crate) gone_by: Rc<Cell<i64>>,
}

/// Printers without a queue: what is printed lies there.
#[derive(Default)]
pub(crate) struct Printers {
    /// Which there are, or why there are none.
    pub(crate) there: Option<Result<Vec<Printer>, String>>,
    /// What was printed.
    pub(crate) jobs: Vec<Job>,
    /// What becomes of the next jobs, last first; of all others, that they are printed.
    pub(crate) ends: Vec<Result<Outcome, String>>,
    /// The queue does not move until the clerk stops it.
    pub(crate) stuck: bool,
    /// The printers are far away: looking for them has no end.
    pub(crate) far: bool,
    /// Looking for printers breaks down.
    pub(crate) broken: bool,
}

struct Printed(Arc<Mutex<Printers>>);

impl Printing for Printed {
    fn printers(&self) -> Result<Vec<Printer>, String> {
        while self.0.lock().unwrap().far {
            std::thread::yield_now();
        }
        let broken = self.0.lock().unwrap().broken;
        assert!(!broken, "a driver broke down");
        self.0.lock().unwrap().there.clone().unwrap_or_else(|| Ok(Vec::new()))
    }
    fn print(&self, job: &Job, watch: &Watch) -> Result<Outcome, String> {
        while self.0.lock().unwrap().stuck {
            if watch.is_stopped() {
                return Ok(Outcome::Stopped);
            }
            std::thread::yield_now();
        }
        let mut printers = self.0.lock().unwrap();
        let end = printers.ends.pop().unwrap_or(Ok(Outcome::Printed));
        if end.is_ok() {
            printers.jobs.push(job.clone());
        }
        end
    }
}

impl Outside for Hands {
    fn now(&self) -> NaiveDateTime {
        now() + chrono::TimeDelta::seconds(self.gone_by.get())
    }
    fn utc_offset_minutes(&self) -> i32 {
        480
    }
    fn ask(&self, dialog: Dialog<'_>, reply: Reply) {
        if let Dialog::Save(suggested) | Dialog::NewBook(suggested) = dialog {
            self.suggested.borrow_mut().push(suggested.to_owned());
        }
        reply.give(self.answers.borrow_mut().pop().unwrap_or(Answer::Cancelled));
    }
    fn habits(&self) -> Option<PathBuf> {
        self.habits.clone()
    }
    fn open(&self, path: &Path) -> Result<(), String> {
        self.opened.borrow_mut().push(path.to_owned());
        Ok(())
    }
    fn printing(&self) -> Arc<dyn Printing> {
        Arc::new(Printed(Arc::clone(&self.printers)))
    }
    fn sample_book(&self) -> PathBuf {
        self.folder.join("示例.book")
    }
    fn documents(&self) -> PathBuf {
        self.folder.clone()
    }
}

/// A window without a screen.
pub(crate) type Window = egui_kittest::Harness<'static, App>;

/// A window on the book at `path`, and the hands around it.
pub(crate) fn window(folder: &Path, book: &str) -> (Window, Hands) {
    window_of(Hands { folder: folder.to_owned(), ..Hands::default() }, book)
}

/// The window of a computer.
pub(crate) fn window_of(hands: Hands, book: &str) -> (Window, Hands) {
    let (outside, own) = (hands.clone(), hands.folder.join(book));
    let builder =
        egui_kittest::Harness::builder().with_size([1440.0, 900.0]).with_max_steps(64).with_step_dt(1.0 / 60.0);
    let mut window = builder.build_eframe(move |cc| App::new(&cc.egui_ctx, Box::new(outside), &own));
    window.run();
    (window, hands)
}

/// A page as text: each line of words where it stands, and how many lines are ruled.
pub(crate) fn page_text(pages: &[Page]) -> String {
    let mut said = String::new();
    for (index, page) in pages.iter().enumerate() {
        let ruled = page.marks.iter().filter(|it| !matches!(it, Mark::Text(_))).count();
        writeln!(
            said,
            "== 第 {} 页 {}×{} mm，线 {ruled}，格 {}",
            index + 1,
            page.paper.width.to_mm(),
            page.paper.height.to_mm(),
            page.slots.len()
        )
        .unwrap();
        for mark in &page.marks {
            let Mark::Text(it) = mark else { continue };
            let of = it.of.as_ref().map_or(String::new(), |it| format!(" [{it}]"));
            let (x, y, pt) = (it.at.x.to_mm(), it.at.y.to_mm(), it.size.to_points());
            writeln!(said, "{x:6.2} {y:6.2} {pt:4.1} {}{of}", it.text).unwrap();
        }
    }
    said
}

/// What a reader says, or `None` where the machine has no such reader: `.ci/run` installs them all.
pub(crate) fn read(program: &str, args: &[&str]) -> Option<String> {
    match std::process::Command::new(program).args(args).output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{program}: {said}{}", String::from_utf8_lossy(&output.stderr));
            Some(said)
        }
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "{program} must be there: {error}");
            None
        }
    }
}

/// The signatures of the slip's stages, in order.
pub(crate) const SIGNERS: [(&str, &str); 6] = [
    ("registrar", "沈䶮"),
    ("registration_reviewer", "钱立群"),
    ("handler", "徐国梁"),
    ("measures_reviewer", "马腾飞"),
    ("verifier", "何锃"),
    ("confirmer", "陈堃"),
];

/// A slip of a made-up factory whose first `stages` stages are signed on 2026-11-16, with what else stands on it.
pub(crate) fn slip_at(store: &Store, stages: usize, more: &[(&str, &str)]) -> taizhang::record::RecordId {
    let procedure = procedure();
    let form = procedure.form(&FormId::from("05")).unwrap();
    let usual = [
        ("customer", "癸厂"),
        ("contact", "陈堃"),
        ("phone", "0519-55550622"),
        ("date", "2026-11-16"),
        ("complaint", "密集气孔一处。"),
        ("responsible", "设备修造部"),
        ("deadline", "2026-11-25"),
        ("measures", "返修。"),
        ("verification", "返修合格。"),
    ];
    let order =
        ["customer", "contact", "phone", "date", "complaint", "responsible", "deadline", "measures", "verification"];
    // What a section says stands there when it is signed, and not before.
    let written = match stages {
        0 => 5,
        1 | 2 => 7,
        3 | 4 => 8,
        _ => 9,
    };
    let mut values: taizhang::record::Values = usual
        .iter()
        .filter(|(field, _)| order[..written].contains(field))
        .map(|(field, value)| ((*field).into(), (*value).to_owned()))
        .collect();
    for (stage, (field, name)) in form.stages.iter().zip(SIGNERS).take(stages) {
        assert_eq!(stage.by.as_str(), field);
        values.insert(stage.by.clone(), name.to_owned());
        values.insert(stage.date.clone().unwrap(), "2026-11-16".to_owned());
    }
    values.extend(more.iter().map(|(field, value)| ((*field).into(), (*value).to_owned())));
    store.create(form, &procedure.document.number, 2026, now(), &values).unwrap().id
}

/// The book `a.book` of a folder.
pub(crate) fn book(folder: &Path) -> Store {
    Store::open(&folder.join("a.book")).unwrap()
}

/// A sheet of it, as it is on the disk.
pub(crate) fn kept(folder: &Path, id: taizhang::record::RecordId) -> Record {
    book(folder).record(id).unwrap().unwrap()
}

/// Clicks what is called so.
pub(crate) fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    window.run();
}

/// Waits until the book is copied, put back or looked into.
pub(crate) fn settle(window: &mut Window) {
    window.run();
    while window.state().is_backing_up() {
        std::thread::yield_now();
        window.step();
    }
    window.run();
}

/// Types over what stands in a field beside the sheet.
pub(crate) fn fill_in(window: &mut Window, label: &str, text: &str) {
    click(window, label);
    window.key_press_modifiers(eframe::egui::Modifiers::COMMAND, eframe::egui::Key::A);
    window.run();
    window.get_by_label(label).type_text(text);
    window.run();
}

/// What the foot of the window says.
pub(crate) fn notice(window: &Window) -> String {
    window.state().notice().unwrap_or_default().to_owned()
}

/// Puts a file there, as another program would: at once and in place.
pub(crate) fn put_file(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    std::io::Write::write_all(&mut std::fs::File::create(path).unwrap(), bytes.as_ref()).unwrap();
}

/// The complaint ledger of a period, made of these slips.
pub(crate) fn ledger(procedure: &Procedure, slips: impl IntoIterator<Item = Record>, period: Period) -> Vec<Entry> {
    let form = procedure.form(&"04".into()).unwrap();
    let register = form.register.as_ref().unwrap();
    let of = |it: &Record| procedure.edition(&it.form, &it.edition).unwrap();
    let slips = slips.into_iter().filter(|it| period.holds(taizhang::register::day_of(register, of(it), it)));
    taizhang::register::entries(procedure, form, slips)
}

/// What stands in the ledger under this head.
pub(crate) fn under<'a>(procedure: &Procedure, entry: &'a Entry, head: &str) -> &'a str {
    let register = procedure.form(&"04".into()).unwrap().register.as_ref().unwrap();
    let column = register.columns.iter().position(|it| it.head.concat() == head).unwrap();
    &entry.cells[column].text
}

/// Puts something into a folder as soon as so many half-written files lie there; whether it could be put there.
pub(crate) fn appears(folder: &Path, half_written: usize, put: impl Fn() -> std::io::Result<()>) -> bool {
    let count = || {
        let names = std::fs::read_dir(folder).unwrap().flatten().map(|it| it.file_name());
        let half = |it: &str| it.starts_with(".taizhang-") && !it.ends_with("-journal");
        names.filter(|it| half(&it.to_string_lossy())).count()
    };
    let until = std::time::Instant::now() + std::time::Duration::from_secs(5);
    while std::time::Instant::now() < until {
        if count() >= half_written {
            return put().is_ok();
        }
    }
    false
}
