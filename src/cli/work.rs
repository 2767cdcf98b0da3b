//! What each command does.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveDate};

use super::packages::{check_procedure, front, give, procedures, take};
use super::{Command, DONE, Export, FAILED, Failure, GivenPeriod, OfProcedure, remembered, say, table};
use crate::exchange;
use crate::export::{self, Clock, Which};
use crate::flow;
use crate::pdf;
use crate::procedure::{Form, FormId, OFFICE, Procedure};
use crate::record::Record;
use crate::register::{self, Period};
use crate::store::{Head, Opener, Places, Reason, Store, own_forms};

pub(super) type Done<T = u8> = Result<T, Failure>;

/// The slip of the sample book that is printed: its text goes on over several sheets.
const SAMPLE_SLIP: &str = "2024-002";

pub(super) fn run(
    command: &Command,
    book: Option<&Opener>,
    clock: &Clock,
    habits: Option<&Path>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Done {
    if let Some(book) = book.filter(|it| reads(command) && it.path().is_file()) {
        remembered::warn(book, habits, err);
    }
    match command {
        Command::Import { file, although_damaged } => {
            let done = import((file, *although_damaged), needed(book)?, clock, out, err)?;
            book.into_iter().for_each(|it| remembered::note(it, habits));
            Ok(done)
        }
        Command::List { form, json } => list(needed(book)?, form, *json, clock, out),
        Command::Export { what } => match what {
            Export::Front { package, out } => front(book, package, clock, out),
            Export::Slip { number, form, signatures, as_of, out } => {
                slip((needed(book)?, form, number), (*signatures, *as_of), out, clock, err)
            }
            Export::Register { form, period, out } => register((needed(book)?, Some(form), period), out, clock, err),
            Export::Ledger { period, out } => register((needed(book)?, None, period), out, clock, err),
            Export::Blank { form, out } => {
                let procedure = with_package(known(book)?, form)?;
                let procedure =
                    if is_there(book) { procedure } else { alone(procedure, FormId::from(form.as_str()).package())? };
                blank(&procedure, form_called(&procedure, form)?, clock, out)
            }
        },
        Command::Procedures => procedures(book.map(Opener::path), out),
        Command::Procedure { what } => match what {
            OfProcedure::Check { folder } => check_procedure(folder, out),
            OfProcedure::Take { package } => take(needed(book)?, package, clock, out),
            OfProcedure::Give { package } => give(needed(book)?, package, clock, out),
        },
        Command::Check { head } => check(needed(book)?, *head, habits, out),
        Command::Salvage { out: to } => salvage(needed(book)?, to, clock, out),
        Command::Demo { folder } => demo(folder, clock, out),
    }
}

/// Whether a command begins with what stands in a book; `check` tells of everything itself.
fn reads(command: &Command) -> bool {
    matches!(command, Command::Import { .. } | Command::List { .. } | Command::Export { .. })
}

fn needed(book: Option<&Opener>) -> Done<&Opener> {
    book.ok_or_else(|| Failure::Misused("缺少 --book <台帐>：请写明是哪一本台帐".to_owned()))
}

pub(super) fn procedure(book: Option<&Path>) -> Done<Procedure> {
    Ok(Procedure::load(&book.map_or(Ok(Vec::new()), beside)?)?)
}

/// The procedure of a book that is there, or of what lies beside where it would be.
pub(super) fn known(book: Option<&Opener>) -> Done<Procedure> {
    match book.filter(|it| it.path().exists()) {
        Some(book) => Ok(opened(book)?.0),
        None => procedure(book.map(Opener::path)),
    }
}

/// The office's own files beside a book.
fn beside(book: &Path) -> Done<Vec<(String, String)>> {
    own_forms(book).map_err(|error| Failure::File("读取自有表单", book.with_file_name("forms"), error))
}

/// Who sits at the desk where there is no window.
pub(super) const OPERATOR: &str = "命令行";

/// A book that is there, to be read only, and the procedure with what the book's office set for itself.
fn opened(book: &Opener) -> Done<(Procedure, Store)> {
    with_office(book, book.open_to_read()?)
}

pub(super) fn with_office(book: &Opener, store: Store) -> Done<(Procedure, Store)> {
    let kept = store.setting(OFFICE)?;
    let mut procedure = Procedure::load_for(beside(book.path())?, kept.as_deref())?;
    if let Some(kept) = kept {
        let unreadable = |why| Failure::Said(format!("读取台帐 {} 里的设置：{why}", book.path().display()));
        procedure.take_office(&kept).map_err(unreadable)?;
    }
    Ok((procedure, store))
}

/// The procedure with the package a form belongs to, where the office did not choose that.
fn with_package(procedure: Procedure, form: &str) -> Done<Procedure> {
    let id = FormId::from(form);
    if id.package().is_empty() || procedure.form(&id).is_some() {
        return Ok(procedure);
    }
    let document = procedure.document;
    let mut chosen: Vec<String> = document.packages.into_iter().map(|it| it.name).collect();
    chosen.push(id.package().to_owned());
    let mut procedure = procedure.catalog.procedure(&chosen)?;
    procedure.document.company = document.company;
    Ok(procedure)
}

/// Whether there is a book that says what the office is called.
pub(super) fn is_there(book: Option<&Opener>) -> bool {
    book.is_some_and(|it| it.path().exists())
}

/// A package by itself, with its own company: no book says whose it is.
pub(super) fn alone(procedure: Procedure, package: &str) -> Done<Procedure> {
    let chosen: Vec<String> = Some(package).filter(|it| !it.is_empty()).map(str::to_owned).into_iter().collect();
    Ok(procedure.catalog.procedure(&chosen)?)
}

/// The form of this id; the main one where none is named.
fn form_called<'a>(procedure: &'a Procedure, id: &str) -> Done<&'a Form> {
    let named = procedure.form(&FormId::from(id.trim_start_matches("form")));
    named.or_else(|| procedure.main().filter(|_| id.is_empty())).ok_or_else(|| {
        let known: Vec<String> = procedure.in_use().iter().map(|it| it.form.to_string()).collect();
        Failure::Said(format!("没有“{id}”这种表单，可用：{}", known.join("、")))
    })
}

/// A form whose records are listed: sheets, and the lines of a typed register.
fn written_called<'a>(procedure: &'a Procedure, id: &str) -> Done<&'a Form> {
    let form = form_called(procedure, id)?;
    if !form.is_written() {
        let first = ledger(procedure).is_ok_and(|it| it.form == form.form);
        let how = if first { "ledger".to_owned() } else { format!("register {}", form.form) };
        return Err(Failure::Said(format!("{} 由别的单得出，没有单张；请用 export {how}", form.title)));
    }
    Ok(form)
}

fn sheet_called<'a>(procedure: &'a Procedure, id: &str) -> Done<&'a Form> {
    let form = written_called(procedure, id)?;
    if form.register.is_some() {
        return Err(Failure::Said(format!("{} 逐行填写，没有单张；请用 export register", form.title)));
    }
    Ok(form)
}

fn import(
    (file, although_damaged): (&Path, bool),
    book: &Opener,
    clock: &Clock,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Done {
    let (procedure, store) = if book.path().exists() {
        let (procedure, store) = with_office(book, book.open()?)?;
        (procedure, Some(store))
    } else {
        (procedure(Some(book.path()))?, None)
    };
    let read = exchange::read_file(file, &procedure, clock.now);
    let records = read.map_err(|it| Failure::Exchange(file.to_owned(), it))?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for record in &records {
        *counts.entry(record.form.to_string()).or_default() += 1;
    }
    // A book that is not there is made only when there is something to write in it.
    let ready = |store: Store| -> Done<Store> {
        store.operate_as(OPERATOR);
        store.work_by(&procedure, clock.now)?;
        Ok(store)
    };
    let store = match store {
        None => ready(Store::open(book.path())?)?,
        Some(store) => {
            let store = ready(store)?;
            let found = if although_damaged { Vec::new() } else { store.check_up(Some(&procedure), &|| true).found };
            if let Some(first) = found.first() {
                return Err(Failure::Said(format!(
                    "导入 {}：台帐 {} 检查时发现 {} 处问题，什么也没有导入：{first}。请先用 check 看清楚；\
                     仍要导入，请加 --although-damaged",
                    file.display(),
                    book.path().display(),
                    found.len()
                )));
            }
            // Whether the folders that the book names are this computer's only its window knows.
            for sentence in store.back_up_to(&Places::default(), Reason::Import, clock.now)?.missing {
                say(err, &format!("注意：{sentence}"));
            }
            store
        }
    };
    let ids = store.import(&procedure.document, records, clock.now)?;
    let each: Vec<String> = counts.iter().map(|(form, count)| format!("表 {form} {count} 张")).collect();
    writeln!(out, "已导入 {} 张单：{}", ids.len(), each.join("，"))?;
    Ok(DONE)
}

fn list(book: &Opener, form: &str, json: bool, clock: &Clock, out: &mut dyn Write) -> Done {
    let (procedure, store) = opened(book)?;
    let procedure = with_package(procedure, form)?;
    let form = written_called(&procedure, form)?;
    let today = clock.now.date();
    let mut started = if form.asks_for_started() { store.all_started()? } else { HashMap::new() };
    let mut know = |record: &mut Record| record.started = started.remove(&record.id).unwrap_or_default();
    if !json {
        let mut rows = Vec::new();
        store.each(&form.form, None, &mut |mut record| {
            know(&mut record);
            rows.push(line(&procedure, form, &record, clock));
        })?;
        table::write(out, &["编号", "对象", "日期", "环节", "期限"], &rows)?;
        return Ok(DONE);
    }
    let mut written = write!(out, "[");
    let mut before = "\n";
    store.each(&form.form, None, &mut |mut record| {
        know(&mut record);
        if written.is_ok() {
            written = write!(out, "{before}{}", exchange::to_json(&procedure, &record, today));
            before = ",\n";
        }
    })?;
    written?;
    writeln!(out, "\n]")?;
    Ok(DONE)
}

/// A sheet as a line of a table.
fn line(procedure: &Procedure, newest: &Form, record: &Record, clock: &Clock) -> Vec<String> {
    let form = procedure.edition(&record.form, &record.edition).unwrap_or(newest);
    let (subject, date) = match &form.identity {
        Some(it) => (record.value(it.subject.as_str()), record.value(it.date.as_str())),
        None => ("", ""),
    };
    let hourly = flow::owed(procedure, form, record).filter(|it| it.term.unit.is_of_hours());
    let days = flow::days_over(procedure, form, record, clock.now.date());
    let due = match (hourly, days) {
        (Some(due), _) => due.words(procedure, clock.now),
        (None, Some(days @ 1..)) => format!("超期 {days} 天"),
        (None, Some(days)) => format!("还有 {} 天", -days),
        (None, None) => String::new(),
    };
    let stage = flow::standing_name(form, flow::standing(form, record));
    [&record.number, subject, date, stage, &due].map(str::to_owned).to_vec()
}

fn slip(
    (book, form, number): (&Opener, &str, &str),
    (signatures, as_of): (bool, Option<NaiveDate>),
    to: &Path,
    clock: &Clock,
    err: &mut dyn Write,
) -> Done {
    let (procedure, store) = opened(book)?;
    let newest = sheet_called(&procedure, form)?;
    let Some(mut record) = store.find(&newest.form, number)? else {
        return Err(Failure::Said(format!("台帐 {} 里没有编号为“{number}”的{}", book.path().display(), newest.short)));
    };
    let Some(form) = procedure.edition(&record.form, &record.edition) else {
        let edition = &record.edition;
        return Err(Failure::Said(format!("{number} 填在 {} 的“{edition}”版上，没有这一版的表单文件", newest.code)));
    };
    if let Some(day) = as_of {
        if !form.is_living() {
            return Err(Failure::Misused(format!("--as-of 只用于一直在用的单，{}不是", form.short)));
        }
        record = record.as_of(day);
    }
    let counted = store.complete(&procedure, &mut record)?;
    for issue in counted.into_iter().chain(flow::issues(&procedure, form, &record)) {
        say(err, &format!("注意：{number} {}", issue.message));
    }
    save(to, export::slip(&procedure, &record, Which::Last, signatures, clock))?;
    say_plain(&store, to, err);
    Ok(DONE)
}

fn read_period(period: &GivenPeriod) -> Done<Period> {
    match (period.year, period.from, period.to) {
        (Some(year), _, _) => Ok(Period::Year(year)),
        (None, Some(from), Some(to)) if from <= to => Ok(Period::Days(from, to)),
        (None, Some(from), Some(to)) => Err(Failure::Misused(format!("--from（{from}）在 --to（{to}）之后"))),
        (None, _, _) => Err(Failure::Misused("缺少 --year，或 --from 和 --to".to_owned())),
    }
}

/// The first register that is derived.
fn ledger(procedure: &Procedure) -> Done<&Form> {
    let derived = procedure.in_use().into_iter().find(|it| !it.is_written());
    derived.ok_or_else(|| Failure::Said("没有由单据得出的台帐".to_owned()))
}

fn register(
    (book, form, period): (&Opener, Option<&str>, &GivenPeriod),
    to: &Path,
    clock: &Clock,
    err: &mut dyn Write,
) -> Done {
    let period = read_period(period)?;
    let (procedure, store) = opened(book)?;
    let form = form.map_or_else(|| ledger(&procedure), |it| form_called(&procedure, it))?;
    if form.register.is_none() {
        return Err(Failure::Said(format!("{} 是单张填写的；请用 export slip", form.title)));
    }
    save(to, register_pdf(&procedure, &store, form, period, clock)?)?;
    say_plain(&store, to, err);
    Ok(DONE)
}

fn register_pdf(
    procedure: &Procedure,
    store: &Store,
    form: &Form,
    period: Period,
    clock: &Clock,
) -> Done<Result<Vec<u8>, pdf::PdfError>> {
    let entries = register::entries(procedure, form, store.records_for(procedure, form, period)?);
    // What is derived bears witness to what it was derived from.
    let head = if form.is_written() { None } else { store.witness()?.map(|it| it.borne()) };
    Ok(export::register(procedure, form, &entries, period, head, clock, &|_| ()))
}

fn blank(procedure: &Procedure, form: &Form, clock: &Clock, to: &Path) -> Done {
    save(to, export::blank(procedure, form, clock))
}

/// A PDF can be read by whoever has it: where the book is encrypted, that is said.
fn say_plain(store: &Store, to: &Path, err: &mut dyn Write) {
    if store.is_encrypted() {
        say(err, &format!("台帐：注意，台帐加了口令，导出的 {} 没有加密", to.display()));
    }
}

pub(super) fn save(to: &Path, bytes: Result<Vec<u8>, pdf::PdfError>) -> Done {
    let bytes = bytes.map_err(|error| Failure::Pdf(to.to_owned(), error))?;
    pdf::save(to, &bytes).map_err(|error| Failure::File("写入", to.to_owned(), error))?;
    Ok(DONE)
}

fn check(book: &Opener, head: Option<Head>, habits: Option<&Path>, out: &mut dyn Write) -> Done {
    let as_it_is = || std::fs::metadata(book.path()).map(|it| (it.len(), it.modified().ok())).ok();
    let before = as_it_is();
    let store = book.open_to_read()?;
    let kept = store.setting(OFFICE).ok().flatten();
    // What lies beside the book does not keep it from being looked over, and is told.
    let read = beside(book.path()).and_then(|it| Ok(Procedure::load_for(it, kept.as_deref())?));
    let (mut procedure, mut unread) = match read {
        Ok(known) => (Some(known), Vec::new()),
        Err(failure) => {
            let said = format!("台帐旁的表单文件读不出来，这次按程序自带的核对：{failure}");
            (self::procedure(None).ok(), vec![said])
        }
    };
    if let (Some(procedure), Some(kept)) = (&mut procedure, &kept) {
        // Settings that cannot be read are the book's own matter, and found there.
        unread.extend(procedure.take_office(kept).unwrap_or_default());
    }
    let mut checkup = store.check_up(procedure.as_ref(), &|| true);
    let (doubts, known) = remembered::doubts(&store, habits);
    checkup.found.splice(0..0, store.put_aside().into_iter().chain(doubts));
    checkup.marks.extend(known);
    checkup.found.extend(unread);
    let found = checkup.all();
    for finding in &found {
        writeln!(out, "{finding}")?;
    }
    if before != as_it_is() {
        writeln!(out, "检查的时候台帐正在被别的窗口写，结果不算数，请再检查一次：{}", book.path().display())?;
        return Ok(FAILED);
    }
    writeln!(out, "{checkup}：{}", book.path().display())?;
    let mut proved = true;
    if let Some(printed) = head {
        let (said, same) = witnessed(printed, store.head_at(printed.line)?, checkup.head);
        writeln!(out, "{said}")?;
        proved = same;
    } else if let Some(head) = checkup.head {
        // The file alone does not show that its end was cut off.
        writeln!(out, "{head}；尾部是否被截去，请用打印的台帐核对：check --head <打印的行号和校验码>")?;
    }
    for mark in &checkup.marks {
        writeln!(out, "注意：{mark}")?;
    }
    Ok(if found.is_empty() && proved && !checkup.doubtful { DONE } else { FAILED })
}

/// What a printed head proves of the book, and whether it proves it.
fn witnessed(printed: Head, there: Option<Head>, last: Option<Head>) -> (String, bool) {
    let line = printed.line;
    match there {
        Some(there) if there == printed => (
            format!("与打印件相符：台帐里有第 {line} 行修改记录，校验码 {}，到这一行为止没有被换过", there.figures()),
            true,
        ),
        Some(there) => (
            format!(
                "与打印件不符：台帐里第 {line} 行修改记录的校验码是 {}，打印的是 {}；这一行或它以前的记录被换过，或者不是同一本台帐",
                there.figures(),
                printed.figures()
            ),
            false,
        ),
        None => (
            format!(
                "与打印件不符：台帐只有 {} 行修改记录，没有打印的第 {line} 行；后面的记录被截去了，或者不是同一本台帐",
                last.map_or(0, |it| it.line)
            ),
            false,
        ),
    }
}

fn salvage(book: &Opener, to: &Path, clock: &Clock, out: &mut dyn Write) -> Done {
    let (list, saved) = book.salvage_to(to, &procedure(Some(book.path()))?, clock.now)?;
    writeln!(out, "{}\n新台帐 {}\n清单 {}", saved.summary(), to.display(), list.display())?;
    Ok(DONE)
}

/// A trial book never goes into one that is there.
fn new_book(book: &Path) -> Done<Store> {
    if book.exists() {
        return Err(Failure::Said(format!("{} 已经有了；试验用的内容不写进已有的台帐，请换一个名字", book.display())));
    }
    Ok(Store::open(book)?)
}

fn demo(folder: &Path, clock: &Clock, out: &mut dyn Write) -> Done {
    let procedure = procedure(None)?;
    let book = folder.join("样本.book");
    let store = new_book(&book)?;
    exchange::fill_with_samples(&store, clock.now).map_err(Failure::Said)?;
    writeln!(out, "{}", book.display())?;

    let form = sheet_called(&procedure, "")?;
    let mut wrote = |path: PathBuf, bytes| -> Done<()> {
        save(&path, bytes)?;
        Ok(writeln!(out, "{}", path.display())?)
    };
    if let Some(record) = store.find(&form.form, SAMPLE_SLIP)? {
        let path = folder.join(export::file_name(&[form.file_word(), SAMPLE_SLIP]));
        wrote(path, export::slip(&procedure, &record, Which::Last, true, clock))?;
    }
    let date = form.identity.as_ref().map(|it| it.date.clone());
    let days = date.map_or_else(|| Ok(Vec::new()), |it| store.days(&form.form, &it))?;
    let mut years: Vec<i32> = days.iter().map(Datelike::year).collect();
    years.dedup();
    for year in years {
        let period = Period::Year(year);
        let path = folder.join(export::file_name(&["台帐", &period.in_a_file_name()]));
        wrote(path, register_pdf(&procedure, &store, ledger(&procedure)?, period, clock)?)?;
    }
    for form in procedure.in_use() {
        let path = folder.join(export::file_name(&["空白", form.form.as_str(), &form.title]));
        wrote(path, export::blank(&procedure, form, clock))?;
    }
    Ok(DONE)
}
