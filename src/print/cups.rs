//! Printing through CUPS, by its own commands: whatever a machine is set up to (a server elsewhere, a default of the
//! user's own) holds here too, and nothing is linked against it. They are asked in English, so that their answers read
//! the same everywhere, and none is waited for longer than a person would.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use super::{Job, Outcome, Printer, Sides, Watch, named, upright};
use crate::layout::Page;
use crate::pdf::{self, Document};
use crate::units::Size;

mod end;

use end::{End, beneath, is_listed, outcome, part, told};

/// How long a question may take; printers elsewhere on the network are looked for meanwhile.
const QUESTION: Duration = Duration::from_secs(15);
/// How long handing over a job may take.
const HANDING: Duration = Duration::from_secs(120);
/// How long the queue is watched before a job is left to it.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks at the queue.
const LOOK: Duration = Duration::from_millis(250);
/// How many printers are asked at once: one that is far away does not keep the others waiting.
const AT_ONCE: usize = 8;
/// A printer's bit for printing on both sides, in its `printer-type`.
const BOTH_SIDES: u64 = 0x10;

/// Why a command said nothing of use.
enum Fault {
    /// It is not installed.
    Missing,
    /// It did not end in time.
    Slow,
    /// The clerk stopped it.
    Stopped,
    /// It failed, with these words.
    Said(String),
}

/// Which printers there are.
pub(super) fn printers() -> Result<Vec<Printer>, String> {
    let none = |fault| format!("查找打印机：{}", reason(&fault, "打印系统（CUPS）"));
    let names = ask("lpstat", &["-e"]).map_err(none)?;
    if names.trim().is_empty() && !is_running() {
        return Err("查找打印机：这台电脑的打印系统（CUPS）没有运行，请找管电脑的人打开它".to_owned());
    }
    // Where nothing is set there is an answer that names nothing.
    let default = ask("lpstat", &["-d"]).unwrap_or_default();
    let default = default.trim().strip_prefix("system default destination: ").unwrap_or_default();
    let names: Vec<&str> = names.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
    let ask_all = |names: &[&str]| -> Vec<Printer> { names.iter().map(|it| printer(it, default)).collect() };
    Ok(std::thread::scope(|scope| {
        let each = names.len().div_ceil(AT_ONCE).max(1);
        let asked: Vec<_> = names.chunks(each).map(|some| scope.spawn(move || ask_all(some))).collect();
        asked.into_iter().flat_map(|it| it.join().unwrap_or_default()).collect()
    }))
}

fn printer(name: &str, default: &str) -> Printer {
    let attributes = ask("lpoptions", &["-p", name]).unwrap_or_default();
    let options = ask("lpoptions", &["-p", name, "-l"]).unwrap_or_default();
    let said = |key| attribute(&attributes, key).unwrap_or_default();
    let called: Vec<String> = ["printer-info", "printer-location"].map(said).to_vec();
    let called: Vec<&str> = called.iter().map(|it| it.trim()).filter(|it| !it.is_empty() && *it != name).collect();
    Printer {
        name: name.to_owned(),
        called: called.join("，"),
        is_default: name == default,
        both_sides: said("printer-type").parse().is_ok_and(|it: u64| it & BOTH_SIDES != 0),
        papers: papers(&options),
        trouble: trouble(&attributes),
    }
}

/// Whether the system's queue runs at all.
fn is_running() -> bool {
    ask("lpstat", &["-r"]).is_ok_and(|it| it.contains("is running"))
}

/// Prints a job: papers of one size after the other, as one queue entry each. No more pages are held than are drawn.
pub(super) fn print(job: &Job, watch: &Watch) -> Result<Outcome, String> {
    let mut handed: Vec<(String, usize)> = Vec::new();
    let mut pages = job.pages().peekable();
    let mut done = 0;
    while let Some(size) = pages.peek().map(|it| it.paper) {
        let document = Document {
            title: &job.title,
            author: "",
            now: job.clock.now,
            utc_offset_minutes: job.clock.utc_offset_minutes,
        };
        let alike = |it: &Page| upright(it.paper) == upright(size) && !watch.is_stopped();
        let mut count = 0;
        let wanted = std::iter::from_fn(|| pages.next_if(alike)).inspect(|_| count += 1);
        let made = pdf::write(&document, wanted.map(Into::into), &|page| watch.page(done + page));
        if watch.is_stopped() {
            return outcome(job, &take_back(&handed), true);
        }
        let made = made.map_err(|error| format!("打印 {}：{error}", job.title));
        let id = made.and_then(|it| hand_over(job, size, it, watch).map_err(|fault| refused(job, &fault)));
        match id {
            Ok(id) => handed.push((id, count)),
            Err(_) if watch.is_stopped() => return outcome(job, &take_back(&handed), true),
            Err(sentence) => return Err(sentence + &part(job, &take_back(&handed))),
        }
        done += count;
    }
    watch.queue();
    let mut ends = Vec::new();
    for (id, count) in &handed {
        match follow(&job.printer, id, watch) {
            Some(end) => ends.push((end, *count)),
            None => return outcome(job, &take_back(&handed), true),
        }
    }
    outcome(job, &ends, false)
}

/// Puts a document into the printer's queue; which entry it became.
fn hand_over(job: &Job, size: Size, document: Vec<u8>, watch: &Watch) -> Result<String, Fault> {
    let options = options(size, job.sides);
    let mut words = vec!["-d", &job.printer, "-t", &job.title];
    words.extend(options.iter().flat_map(|it| ["-o", it]));
    words.push("-");
    let said = run("lp", &words, Some(document), HANDING, &|| watch.is_stopped())?;
    let id = said.split_once("request id is ").and_then(|(_, rest)| rest.split_whitespace().next());
    id.map(str::to_owned).ok_or(Fault::Said(said))
}

/// Waits for the end of a queue entry; none where the clerk stops it.
fn follow(printer: &str, id: &str, watch: &Watch) -> Option<End> {
    let began = Instant::now();
    loop {
        if watch.is_stopped() {
            return None;
        }
        // Where the queue says nothing any more, it has all of it and that is all that is known. It is asked about every
        // printer: of one with a Chinese name it finds nothing.
        let Ok(waiting) = ask("lpstat", &["-W", "not-completed", "-o"]) else {
            return Some(End::Waits("打印队列没有回音".to_owned()));
        };
        if !is_listed(&waiting, id) {
            return Some(ended(id));
        }
        let trouble = trouble(&ask("lpoptions", &["-p", printer]).unwrap_or_default());
        if !trouble.is_empty() || began.elapsed() > PATIENCE {
            return Some(End::Waits(trouble));
        }
        std::thread::sleep(LOOK);
    }
}

/// How a queue entry ended that waits no more. Where nothing is kept of what ended, it is taken for printed.
fn ended(id: &str) -> End {
    let over = ask("lpstat", &["-l", "-W", "completed", "-o"]).unwrap_or_default();
    let Some(said) = beneath(&over, id) else { return End::Printed };
    // Many a queue says the same of what was printed and of what was taken out before its turn. Asked to cancel what has
    // ended, it refuses and says how it did.
    let asked = || match ask("cancel", &[id]) {
        Err(Fault::Said(said)) => told(&said),
        _ => None,
    };
    told(&said).or_else(asked).unwrap_or(End::Printed)
}

/// Takes queue entries back: what has become of each. One that is printed already cannot be taken back.
fn take_back(handed: &[(String, usize)]) -> Vec<(End, usize)> {
    let kept = || End::Waits("没能从打印队列里撤回".to_owned());
    let take = |id: &str| match ask("cancel", &[id]) {
        Ok(_) => End::Cancelled,
        Err(Fault::Said(said)) => told(&said).unwrap_or_else(kept),
        Err(Fault::Missing | Fault::Slow | Fault::Stopped) => kept(),
    };
    handed.iter().map(|(id, count)| (take(id), *count)).collect()
}

/// What `lp` is told: which paper, true size, one page a side whatever else is set up for the printer.
fn options(size: Size, sides: Sides) -> Vec<String> {
    let (width, height) = upright(size);
    let media = named(size).map_or_else(|| format!("Custom.{width}x{height}mm"), str::to_owned);
    let sides = match sides {
        Sides::One => "one-sided",
        Sides::LongEdge => "two-sided-long-edge",
        Sides::ShortEdge => "two-sided-short-edge",
    };
    let fixed = ["print-scaling=none", "fit-to-page=false", "number-up=1", "copies=1", "job-sheets=none"];
    [format!("media={media}"), format!("sides={sides}")].into_iter().chain(fixed.map(str::to_owned)).collect()
}

/// A value out of `lpoptions -p`: `key=value key='two words'`. A key without a value is a bare word.
fn attribute(said: &str, key: &str) -> Option<String> {
    let mut rest = said.trim();
    while !rest.is_empty() {
        let (word, after) = rest.split_once('=')?;
        let name = word.split_whitespace().next_back()?;
        let mut value = String::new();
        let (mut quoted, mut escaped, mut end) = (None, false, after.len());
        for (at, c) in after.char_indices() {
            match (c, quoted) {
                _ if escaped => (escaped, _) = (false, value.push(c)),
                ('\\', _) => escaped = true,
                ('\'' | '"', None) => quoted = Some(c),
                (c, Some(open)) if c == open => quoted = None,
                (' ' | '\n', None) => {
                    end = at;
                    break;
                }
                _ => value.push(c),
            }
        }
        if name == key {
            return Some(value);
        }
        rest = after[end..].trim_start();
    }
    None
}

/// The papers of `lpoptions -l`: `PageSize/Media Size: *A4 A3 …`.
fn papers(said: &str) -> Vec<String> {
    let line = said.lines().find(|it| it.starts_with("PageSize/") || it.starts_with("media/"));
    let words = line.and_then(|it| it.split_once(": ")).map_or("", |it| it.1);
    words.split_whitespace().map(|it| it.trim_start_matches('*').to_owned()).collect()
}

/// Why a printer does not print, out of its attributes; empty where nothing keeps it from it.
fn trouble(attributes: &str) -> String {
    const REASONS: [(&str, &str); 12] = [
        ("media-empty", "没有纸了"),
        ("media-needed", "等着装纸"),
        ("media-jam", "卡纸了"),
        ("toner-empty", "墨粉用完了"),
        ("marker-supply-empty", "墨用完了"),
        ("door-open", "门没有关"),
        ("cover-open", "盖子没有关"),
        ("offline", "没有连上，或没有开机"),
        ("shutdown", "关着机"),
        ("timed-out", "没有回音"),
        ("connecting-to-device", "还没有连上"),
        ("paused", "已暂停"),
    ];
    let reasons = attribute(attributes, "printer-state-reasons").unwrap_or_default();
    let known = REASONS.iter().find(|it| reasons.split(',').any(|said| said.starts_with(it.0)));
    match known {
        Some((_, words)) => (*words).to_owned(),
        None if attribute(attributes, "printer-state").as_deref() == Some("5") => "已暂停".to_owned(),
        None if attribute(attributes, "printer-is-accepting-jobs").as_deref() == Some("false") => {
            "现在不接收打印".to_owned()
        }
        None => String::new(),
    }
}

/// Why `lp` did not take a job, for the clerk; what it said itself stands last.
fn refused(job: &Job, fault: &Fault) -> String {
    let printer = &job.printer;
    let said = match fault {
        Fault::Said(said) => said.trim(),
        Fault::Missing | Fault::Slow | Fault::Stopped => {
            return format!("在 {printer} 上打印 {}：{}", job.title, reason(fault, "打印命令 lp"));
        }
    };
    let why = if said.contains("does not exist") && !is_running() || said.contains("scheduler") {
        "打印系统（CUPS）没有运行"
    } else if said.contains("does not exist") {
        "这台打印机已经不在了，请另选一台"
    } else if said.contains("not accepting") {
        "这台打印机现在不接收打印"
    } else if said.contains("Too Large") || said.contains("No space") {
        "打印队列放不下：存放打印任务的磁盘满了，请腾出空间再印"
    } else if said.contains("Forbidden") || said.contains("not authorized") || said.contains("Not allowed") {
        "这台电脑的用户不许用这台打印机"
    } else {
        "打印系统没有收下"
    };
    let said =
        if said.is_empty() { String::new() } else { format!("（{}）", said.lines().next().unwrap_or_default()) };
    format!("没有打印 {}：在 {printer} 上，{why}{said}", job.title)
}

fn reason(fault: &Fault, what: &str) -> String {
    match fault {
        Fault::Missing => "这台电脑没有装打印系统（CUPS）".to_owned(),
        Fault::Slow => format!("{what}一直没有回音，不再等了"),
        Fault::Stopped => "已停下".to_owned(),
        Fault::Said(said) => format!("{what}说：{}", said.lines().next().unwrap_or_default()),
    }
}

fn ask(program: &str, words: &[&str]) -> Result<String, Fault> {
    run(program, words, None, QUESTION, &|| false)
}

/// Runs a command to its end; what it said, in English.
fn run(
    program: &str,
    words: &[&str],
    input: Option<Vec<u8>>,
    limit: Duration,
    is_stopped: &dyn Fn() -> bool,
) -> Result<String, Fault> {
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    let command = Command::new(program)
        .args(words)
        .env("LC_ALL", "C.UTF-8")
        .env_remove("LANGUAGE")
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match command {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(Fault::Missing),
        Err(error) => return Err(Fault::Said(error.to_string())),
    };
    // Its pipes are tended by threads that nobody waits for: what it started may hold them open when it is gone.
    if let (Some(input), Some(mut pipe)) = (input, child.stdin.take()) {
        // A command that wants no more of it says itself why.
        std::thread::spawn(move || drop(pipe.write_all(&input)));
    }
    let (sender, heard) = channel();
    let pipes: [Option<Box<dyn Read + Send>>; 2] =
        [child.stdout.take().map(|it| Box::new(it) as _), child.stderr.take().map(|it| Box::new(it) as _)];
    for (place, mut pipe) in pipes.into_iter().enumerate().filter_map(|(place, it)| Some((place, it?))) {
        let sender = sender.clone();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = pipe.read_to_end(&mut bytes);
            let _ = sender.send((place, String::from_utf8_lossy(&bytes).into_owned()));
        });
    }
    drop(sender);
    let went_well = wait(&mut child, limit, is_stopped)?;
    let mut said = [String::new(), String::new()];
    while let Ok((place, words)) = heard.recv_timeout(Duration::from_secs(1)) {
        said[place] = words;
    }
    let [out, err] = said;
    if went_well { Ok(out) } else { Err(Fault::Said(if err.trim().is_empty() { out } else { err })) }
}

/// Waits for a command's end: whether it went well.
fn wait(child: &mut Child, limit: Duration, is_stopped: &dyn Fn() -> bool) -> Result<bool, Fault> {
    let began = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) if is_stopped() => {
                end(child);
                return Err(Fault::Stopped);
            }
            Ok(None) if began.elapsed() > limit => {
                end(child);
                return Err(Fault::Slow);
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(10)),
            Err(error) => return Err(Fault::Said(error.to_string())),
        }
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself meanwhile.
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests;
