//! The figures of README: `cargo bench`. Beside each stands a yardstick on the same machine, so that the ratio can be
//! compared where the absolute time would be noise.

#![expect(clippy::unwrap_used, reason = "a bench may panic")]

#[path = "../tests/common/plausible/mod.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod plausible;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use chrono::{NaiveDate, NaiveDateTime};
use divan::{Bencher, black_box};
use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use taizhang::app::{Answer, App, Dialog, Outside, Reply};
use taizhang::exchange;
use taizhang::export::{self, Clock, Which};
use taizhang::layout::{Look, register, sheet};
use taizhang::list::{List, Summary};
use taizhang::procedure::{Form, FormId, Procedure};
use taizhang::record::{CellId, Record, RecordId};
use taizhang::register::{Entry, Period, entries, sums};
use taizhang::search::{Index, Query};
use taizhang::store::{Run, Store};
use taizhang::today::{self, Asking};
use taizhang::ui::register::{Line, select};

/// The sample sheets, as an exchange file.
const CASES: &str = include_str!("../assets/procedures/qg-r0309/samples.json");

fn main() {
    divan::main();
}

fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap().and_hms_opt(9, 0, 0).unwrap()
}

fn clock() -> Clock {
    Clock { now: now(), utc_offset_minutes: 480 }
}

fn procedure() -> &'static Procedure {
    static PROCEDURE: OnceLock<Procedure> = OnceLock::new();
    PROCEDURE.get_or_init(|| Procedure::load(&[]).unwrap())
}

/// The sample slip with every large cell full and running on to a continuation sheet.
fn full_slip() -> Record {
    let store = Store::in_memory().unwrap();
    let sheets = exchange::read(CASES, procedure(), now()).unwrap();
    store.import(&procedure().document, sheets, now()).unwrap();
    store.find(&FormId::from("05"), "2024-004").unwrap().unwrap()
}

/// Writes plausible slips with all that was done with them.
fn live(store: &Store, form: &Form, count: usize) {
    let document = &procedure().document;
    let mut lives = plausible::lives(form, &document.company, count, 1, now().date());
    while store.relive(document, lives.by_ref().take(1000)).unwrap() > 0 {}
}

/// The complaint ledger.
fn ledger() -> &'static Form {
    procedure().form(&FormId::from("04")).unwrap()
}

/// Plausible slips as lines of one ledger.
fn rows(count: usize) -> Vec<Entry> {
    let store = Store::in_memory().unwrap();
    let form = procedure().form(&FormId::from("05")).unwrap();
    live(&store, form, count);
    entries(procedure(), ledger(), store.records(&form.form).unwrap())
}

/// The yardstick: eight megabytes of Chinese text compressed by the same library on one core.
#[divan::bench(sample_count = 20)]
fn yardstick_deflate_8_mb(bencher: Bencher<'_, '_>) {
    let text: Vec<u8> = CASES.bytes().cycle().take(8 << 20).collect();
    bencher.bench(|| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(6));
        encoder.write_all(black_box(&text)).unwrap();
        encoder.finish().unwrap().len()
    });
}

/// Wanted: 1 ms.
#[divan::bench]
fn layout_of_a_full_slip(bencher: Bencher<'_, '_>) {
    let record = full_slip();
    let form = procedure().form(&record.form).unwrap();
    bencher.bench(|| sheet(procedure(), form, black_box(&record), &Look::default()));
}

/// A table of 200 lines, over some ten continuation sheets. Wanted: 5 ms.
#[divan::bench]
fn layout_of_a_table_of_200_lines(bencher: Bencher<'_, '_>) {
    let own = [("repair.toml".to_owned(), include_str!("../tests/language/repair.toml").to_owned())];
    let procedure = Procedure::load(&own).unwrap();
    let form = procedure.form(&"repair".into()).unwrap();
    let mut record = Record::empty(form, now());
    for line in 0..200 {
        for (field, text) in [("part", "液压缸总成 LW321F.04.01"), ("quantity", "2"), ("price", "12.5")] {
            record.put(&CellId::in_line(field, 0, line), text);
        }
    }
    bencher.bench(|| sheet(&procedure, form, black_box(&record), &Look::default()));
}

/// Wanted: 20 ms.
#[divan::bench]
fn two_copy_pdf_of_a_full_slip(bencher: Bencher<'_, '_>) {
    let record = full_slip();
    bencher.bench(|| export::slip(procedure(), black_box(&record), Which::Last, true, &clock()).unwrap());
}

/// Wanted: 1.2 s of CPU with the layout.
#[divan::bench(sample_count = 10)]
fn ledger_of_10_000_rows_laid_out_and_drawn(bencher: Bencher<'_, '_>) {
    let rows = rows(10_000);
    let all = Period::Days(NaiveDate::MIN, NaiveDate::MAX);
    bencher.bench(|| export::register(procedure(), ledger(), black_box(&rows), all, None, &clock(), &|_| ()).unwrap());
}

#[divan::bench(sample_count = 10)]
fn ledger_of_10_000_rows_laid_out(bencher: Bencher<'_, '_>) {
    let rows = rows(10_000);
    bencher.bench(|| register(procedure(), ledger(), black_box(&rows)).unwrap().count());
}

/// A register as an office may declare one: filtered, reckoned and added up by expressions.
const REGISTER: &str = r#"
form = "90"
edition = "A/0"
short = "费用"
code = "费用"
title = "费用台帐"
paper = { width = 297, height = 210, left = 20, right = 20, top = 25, bottom = 15 }
head = 21
[register]
of = ["05"]
where = "!voided && product != '备件' && day >= date(2026, 1, 1)"
slots = 12
slot_height = 11
head_height = 12
columns = [
  { head = ["序号"], width = 12, sequence = true },
  { head = ["用户"], width = 40, field = "customer" },
  { head = ["日期"], width = 30, field = "date" },
  { head = ["内容"], width = 60, field = "complaint" },
  { head = ["结果"], width = 30, is = "rounds < 2 ? or_else(result, stage) : '第' + text(rounds) + '次：' + text(result)" },
  { head = ["费用"], width = 30, is = "number(contract) * 1.13", sum = true },
]
"#;

/// The office with that register, and 100,000 sheets that stand in it.
fn costs() -> &'static (Procedure, Vec<Record>) {
    static COSTS: OnceLock<(Procedure, Vec<Record>)> = OnceLock::new();
    COSTS.get_or_init(|| {
        let procedure = Procedure::load(&[("90.toml".to_owned(), REGISTER.to_owned())]).unwrap();
        let form = procedure.form(&FormId::from("05")).unwrap();
        let record = |at: usize| {
            let mut record = Record::empty(form, now());
            (record.id, record.number) = (RecordId(at as i64), format!("2026-{at:06}"));
            for (field, text) in [
                ("customer", format!("第{}氯碱有限公司", at % 700)),
                ("product", ["反应釜", "换热器", "备件"][at % 3].to_owned()),
                ("date", format!("2026-{:02}-{:02}", at % 12 + 1, at % 28 + 1)),
                ("complaint", format!("反应釜夹套第 {} 道焊缝渗漏，要求派人现场处理。", at % 90)),
                ("contract", format!("{}.{:02}", at % 5000, at % 100)),
            ] {
                record.set(&field.into(), &text);
            }
            record
        };
        let records = (0..100_000).map(record).collect();
        (procedure, records)
    })
}

/// Wanted: 1 s.
#[divan::bench(sample_count = 5)]
fn register_of_100_000_sheets(bencher: Bencher<'_, '_>) {
    let (procedure, records) = costs();
    let form = procedure.form(&FormId::from("90")).unwrap();
    bencher.bench(|| {
        let lines = entries(procedure, form, black_box(records));
        sums(form.register.as_ref().unwrap(), &lines).unwrap()
    });
}

/// Wanted: 100 ms a key. By words, and by a column.
#[divan::bench(sample_count = 20, args = ["", "氯碱", "2026-03 渗漏", "饕餮"])]
fn register_of_100_000_sheets_filtered(bencher: Bencher<'_, '_>, words: &str) {
    let (procedure, records) = costs();
    let form = procedure.form(&FormId::from("90")).unwrap();
    let lines: Vec<Line> = entries(procedure, form, records).into_iter().map(Line::derived).collect();
    bencher.bench(|| select(black_box(&lines), words, None, |_, holds| holds).len());
}

/// A large book: the one `TAIZHANG_BOOK` names (`benches/size.sh`), or one of 100,000 slips, made once.
fn large_book() -> &'static Path {
    static BOOK: OnceLock<(Option<tempfile::TempDir>, PathBuf)> = OnceLock::new();
    let (_, path) = BOOK.get_or_init(|| {
        if let Some(path) = std::env::var_os("TAIZHANG_BOOK") {
            return (None, path.into());
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.book");
        let form = procedure().form(&FormId::from("05")).unwrap();
        live(&Store::open(&path).unwrap(), form, 100_000);
        (Some(folder), path)
    });
    path
}

/// The lines of the slips in a run.
fn lines(run: &Run) -> Vec<Summary> {
    let store = Store::open(large_book()).unwrap();
    let form = procedure().form(&FormId::from("05")).unwrap();
    let mut summaries = Vec::new();
    let mut take = |record: Record| summaries.extend(Summary::of(procedure(), form, &record));
    store.each_of(run, Some(&Summary::fields(form)), &mut take).unwrap();
    summaries
}

/// Wanted: with the window's own start, 1 s. Both halves side by side, as the window reads them.
#[divan::bench(sample_count = 5)]
fn list_of_a_large_book_read(bencher: Bencher<'_, '_>) {
    let halves = Store::open(large_book()).unwrap().halves(&FormId::from("05")).unwrap();
    bencher.bench_local(|| {
        let both: Vec<Vec<Summary>> = std::thread::scope(|scope| {
            let threads = halves.each_ref().map(|run| scope.spawn(|| lines(run)));
            threads.map(|it| it.join().unwrap()).into()
        });
        List::new(both.concat()).len()
    });
}

/// Wanted: 100 ms. Words on many lines, on few, on none.
#[divan::bench(sample_count = 20, args = ["氯碱", "2025 化", "待登记审核", "饕餮", "超期"])]
fn list_of_a_large_book_filtered(bencher: Bencher<'_, '_>, words: &str) {
    let mut list = List::new(lines(&Run::whole(&FormId::from("05"))));
    let mut even = false;
    bencher.bench_local(move || {
        even = !even;
        // Each time another text, so that it is filtered each time.
        list.filter(&format!("{words}{}", if even { " " } else { "" }), now());
        list.shown()
    });
}

/// Wanted: 100 ms. One character, two, four, several words: on many sheets, on few, on none.
#[divan::bench(
    sample_count = 20,
    args = ["的", "1", "龘", "焊", "密封", "氯碱", "饕餮", "技术质安", "密封面渗", "饕餮盛宴", "处置记录表", "气孔 2025 李"]
)]
fn search_of_a_large_book(bencher: Bencher<'_, '_>, sought: &str) {
    static INDEX: OnceLock<Index> = OnceLock::new();
    let index = INDEX.get_or_init(|| {
        let store = Store::open(large_book()).unwrap();
        Index::fill(procedure(), |form, take| store.each(form, None, take)).unwrap()
    });
    bencher.bench(|| index.find(black_box(&Query::new(sought)), 200));
}

/// Once, after the window is there, on a thread of its own.
#[divan::bench(sample_count = 3)]
fn search_reads_a_large_book(bencher: Bencher<'_, '_>) {
    let store = Store::open(large_book()).unwrap();
    bencher.bench_local(|| Index::fill(procedure(), |form, take| store.each(form, None, take)).unwrap().bytes());
}

/// Wanted: 100 ms. What is owed, and where the papers are, from the lines of the lists.
#[divan::bench(sample_count = 20)]
fn first_page_of_a_large_book(bencher: Bencher<'_, '_>) {
    let (procedure, today) = (procedure(), now().date());
    let slip = FormId::from("05");
    let lists = BTreeMap::from([(slip.clone(), List::new(lines(&Run::whole(&slip))))]);
    bencher.bench_local(|| {
        let papers = today::places(procedure, black_box(&lists), &[], today);
        today::owed(&Asking {
            procedure,
            lists: &lists,
            lines: &std::collections::BTreeMap::new(),
            visits: &[],
            papers: &papers,
            own: None,
            now: now(),
        })
    });
}

/// Nobody is at the desk.
struct Nobody;

impl Outside for Nobody {
    fn now(&self) -> NaiveDateTime {
        now()
    }
    fn utc_offset_minutes(&self) -> i32 {
        480
    }
    fn ask(&self, _question: Dialog<'_>, reply: Reply) {
        reply.give(Answer::Cancelled);
    }
    fn habits(&self) -> Option<PathBuf> {
        None
    }
    fn open(&self, _path: &Path) -> Result<(), String> {
        Ok(())
    }
    fn printing(&self) -> std::sync::Arc<dyn taizhang::print::Printing> {
        std::sync::Arc::new(taizhang::print::System)
    }
    fn sample_book(&self) -> PathBuf {
        PathBuf::from("none")
    }
    fn documents(&self) -> PathBuf {
        PathBuf::from(".")
    }
}

/// Wanted: 4 ms. One key typed into a large cell: input, layout, painting calls, the tree for assistive technology;
/// the list beside it holds the large book, every sixtieth frame writes the cell. Its slowest is wanted under 50 ms.
#[divan::bench(sample_count = 200, sample_size = 1)]
fn keystroke_in_a_large_book(bencher: Bencher<'_, '_>) {
    let builder = egui_kittest::Harness::builder().with_size([1440.0, 900.0]);
    let mut window = builder.build_eframe(|cc| App::new(&cc.egui_ctx, Box::new(Nobody), large_book()));
    while window.state().is_reading() {
        std::thread::sleep(std::time::Duration::from_millis(5));
        window.step();
    }
    // A new slip, whose cells are open; the large book stands in the list beside it.
    window.key_press_modifiers(Modifiers::COMMAND, Key::N);
    window.step();
    // Until all slips are compared with it, some hundreds a frame.
    window.run_steps(Store::open(large_book()).unwrap().count(&FormId::from("05")).unwrap() / 250 + 60);
    window.get_by_label("投诉内容").click();
    window.run_steps(4);
    let mut typed = 0;
    bencher.bench_local(|| {
        typed += 1;
        if typed % 60 == 0 {
            window.key_press(Key::Enter);
        } else {
            window.event(Event::Text("焊".into()));
        }
        window.step();
    });
}
