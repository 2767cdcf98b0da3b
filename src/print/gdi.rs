//! Printing through GDI, Windows' own. Glyphs are drawn as filled outlines, so that it does not matter which fonts this
//! machine or the printer has; everything lies where the page says, whatever margin the printer keeps.
#![expect(unsafe_code, reason = "Windows is asked")]

use std::io;
use std::ptr::{null, null_mut};
use std::thread::sleep;
use std::time::Duration;

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_CANCELLED, ERROR_DISK_FULL, ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_PARAMETER,
    ERROR_INVALID_PRINTER_NAME, ERROR_PRINT_CANCELLED, ERROR_PRINTER_DELETED, ERROR_PRINTER_NOT_FOUND, SetLastError,
};
use windows_sys::Win32::Graphics::Gdi::{
    CreateDCW, DEVMODEW, DM_COLLATE, DM_COPIES, DM_DUPLEX, DM_IN_BUFFER, DM_ORIENTATION, DM_OUT_BUFFER, DM_PAPERLENGTH,
    DM_PAPERSIZE, DM_PAPERWIDTH, DMDUP_HORIZONTAL, DMDUP_SIMPLEX, DMDUP_VERTICAL, DMNUP_ONEUP, DMORIENT_LANDSCAPE,
    DMORIENT_PORTRAIT, DMPAPER_A3, DMPAPER_A4, DMPAPER_A5, DMPAPER_B5, DMPAPER_USER, DeleteDC, HDC, ResetDCW,
};
use windows_sys::Win32::Graphics::Printing::{
    ClosePrinter, DocumentPropertiesW, EnumPrintersW, GetDefaultPrinterW, GetJobW, JOB_CONTROL_DELETE, JOB_INFO_1W,
    JOB_STATUS_BLOCKED_DEVQ, JOB_STATUS_COMPLETE, JOB_STATUS_DELETED, JOB_STATUS_DELETING, JOB_STATUS_ERROR,
    JOB_STATUS_OFFLINE, JOB_STATUS_PAPEROUT, JOB_STATUS_PAUSED, JOB_STATUS_PRINTED, JOB_STATUS_USER_INTERVENTION,
    OpenPrinterW, PRINTER_ATTRIBUTE_WORK_OFFLINE, PRINTER_ENUM_CONNECTIONS, PRINTER_ENUM_LOCAL, PRINTER_HANDLE,
    PRINTER_INFO_2W, PRINTER_STATUS_DOOR_OPEN, PRINTER_STATUS_ERROR, PRINTER_STATUS_NO_TONER,
    PRINTER_STATUS_NOT_AVAILABLE, PRINTER_STATUS_OFFLINE, PRINTER_STATUS_PAPER_JAM, PRINTER_STATUS_PAPER_OUT,
    PRINTER_STATUS_PAUSED, PRINTER_STATUS_USER_INTERVENTION, SetJobW,
};
use windows_sys::Win32::Storage::Xps::{
    AbortDoc, DC_DUPLEX, DC_PAPERS, DOCINFOW, DeviceCapabilitiesW, EndDoc, EndPage, StartDocW, StartPage,
};

use super::{Job, Outcome, Printer, Sides, Watch};
use crate::units::Size;

mod canvas;

/// How long a job is watched once the queue has all of it, in tenths of a second.
const PATIENCE: u32 = 300;

/// Windows' number for a service that does not answer (`RPC_S_SERVER_UNAVAILABLE`).
const SERVER_UNAVAILABLE: u32 = 1722;

/// Windows' numbers for papers with their names, and how wide and high they are upright, in millimetres.
const PAPERS: [(u32, &str, [f64; 2]); 4] = [
    (DMPAPER_A4, "A4", [210.0, 297.0]),
    (DMPAPER_A3, "A3", [297.0, 420.0]),
    (DMPAPER_A5, "A5", [148.0, 210.0]),
    (DMPAPER_B5, "B5", [182.0, 257.0]),
];

/// What may be wrong with a printer, and with a job, the worst first.
const TROUBLES: [(u32, &str); 9] = [
    (PRINTER_STATUS_PAPER_JAM, "卡纸了"),
    (PRINTER_STATUS_PAPER_OUT, "没有纸"),
    (PRINTER_STATUS_NO_TONER, "没有墨粉"),
    (PRINTER_STATUS_DOOR_OPEN, "盖子没有关上"),
    (PRINTER_STATUS_PAUSED, "已暂停"),
    (PRINTER_STATUS_OFFLINE, "没有联机"),
    (PRINTER_STATUS_NOT_AVAILABLE, "没有联机"),
    (PRINTER_STATUS_USER_INTERVENTION, "要人去看一下"),
    (PRINTER_STATUS_ERROR, "打印机出错"),
];
const JOB_TROUBLES: [(u32, &str); 6] = [
    (JOB_STATUS_PAPEROUT, "没有纸"),
    (JOB_STATUS_PAUSED, "已暂停"),
    (JOB_STATUS_OFFLINE, "打印机没有联机"),
    (JOB_STATUS_USER_INTERVENTION, "打印机要人去看一下"),
    (JOB_STATUS_BLOCKED_DEVQ, "打印机的驱动程序不接受它"),
    (JOB_STATUS_ERROR, "打印机出错"),
];

/// Which printers there are.
pub(super) fn printers() -> Result<Vec<Printer>, String> {
    let told = |error: io::Error| format!("查找打印机：{}", reason(&error));
    let mut count = 0;
    // SAFETY: `filled` hands over a buffer and its length, or none and nought.
    let room = filled(|buffer, length, needed| unsafe {
        let which = PRINTER_ENUM_LOCAL | PRINTER_ENUM_CONNECTIONS;
        EnumPrintersW(which, null(), 2, buffer, length, needed, &raw mut count)
    });
    let room = room.map_err(told)?;
    let default = default_printer();
    let all = (0..count as usize).map(|at| {
        // SAFETY: so many of them stand at the beginning of the buffer, which lives on and is aligned for them.
        let info = unsafe { &*room.as_ptr().cast::<PRINTER_INFO_2W>().add(at) };
        // SAFETY: they point into the buffer, or nowhere.
        let text = |it: *const u16| unsafe { text_at(it) };
        let name = text(info.pPrinterName);
        let called = [text(info.pComment), text(info.pLocation)].join(" ").trim().to_owned();
        // SAFETY: the printer's and its port's names are texts in the buffer.
        let both_sides =
            unsafe { DeviceCapabilitiesW(info.pPrinterName, info.pPortName, DC_DUPLEX, null_mut(), null()) };
        let papers = papers(info);
        let offline = info.Attributes & PRINTER_ATTRIBUTE_WORK_OFFLINE != 0;
        let trouble = if offline { "没有联机" } else { trouble(&TROUBLES, info.Status) };
        let is_default = name == default;
        Printer { name, called, is_default, both_sides: both_sides == 1, papers, trouble: trouble.to_owned() }
    });
    Ok(all.collect())
}

fn default_printer() -> String {
    let mut name = [0; 512];
    let mut length = name.len() as u32;
    // SAFETY: the length is that of the buffer.
    let found = unsafe { GetDefaultPrinterW(name.as_mut_ptr(), &raw mut length) };
    if found == 0 { String::new() } else { text_of(&name) }
}

/// The papers a printer takes, of those that have a name here.
fn papers(printer: &PRINTER_INFO_2W) -> Vec<String> {
    let mut numbers = vec![0_u16; 4096];
    // SAFETY: no driver has as many papers as there is room for; asked how many first, some would tell of more later.
    let count = unsafe {
        DeviceCapabilitiesW(printer.pPrinterName, printer.pPortName, DC_PAPERS, numbers.as_mut_ptr(), null())
    };
    numbers.truncate(usize::try_from(count).unwrap_or(0));
    let named = PAPERS.iter().filter(|it| numbers.iter().any(|number| u32::from(*number) == it.0));
    named.map(|it| it.1.to_owned()).collect()
}

fn trouble(of: &[(u32, &'static str)], status: u32) -> &'static str {
    of.iter().find(|it| status & it.0 != 0).map_or("", |it| it.1)
}

/// Prints a job.
pub(super) fn print(job: &Job, watch: &Watch) -> Result<Outcome, String> {
    (|| {
        let queue = Queue::open(&job.printer)?;
        let Some(number) = draw(&queue, job, watch)? else { return Ok(Outcome::Stopped) };
        watch.queue();
        Ok(queue.watch(number, watch))
    })()
    .map_err(|error: io::Error| format!("打印到“{}”：{}；没有打印", job.printer, reason(&error)))
}

/// Draws all pages; the job's number in the queue, none where it was stopped.
fn draw(queue: &Queue, job: &Job, watch: &Watch) -> io::Result<Option<u32>> {
    let mut pages = job.pages().peekable();
    let Some(mut paper) = pages.peek().map(|it| it.paper) else { return Ok(None) };
    let settings = queue.settings(paper, job.sides)?;
    let dc = Dc(surface(|| {
        // SAFETY: the texts end with nought, and the settings are the driver's own.
        unsafe { CreateDCW(wide("WINSPOOL").as_ptr(), queue.name.as_ptr(), null(), settings.as_ptr().cast()) }
    })?);
    let title = wide(&job.title);
    let document = DOCINFOW { cbSize: size_of::<DOCINFOW>() as i32, lpszDocName: title.as_ptr(), ..Default::default() };
    // SAFETY: the document and its title live until it is begun.
    let number = match done(|| unsafe { StartDocW(dc.0, &raw const document) }) {
        Err(error) if is_cancelled(&error) => return Ok(None),
        number => number?,
    };
    let begun = Begun(&dc);
    for (at, page) in pages.enumerate() {
        if watch.is_stopped() {
            return Ok(None);
        }
        if page.paper != paper {
            paper = page.paper;
            let settings = queue.settings(paper, job.sides)?;
            // SAFETY: between two pages; the settings are the driver's own.
            surface(|| unsafe { ResetDCW(dc.0, settings.as_ptr().cast()) })?;
        }
        // SAFETY: a document has been begun, and no page.
        done(|| unsafe { StartPage(dc.0) })?;
        canvas::page(dc.0, &page);
        // SAFETY: the page has been begun.
        done(|| unsafe { EndPage(dc.0) })?;
        watch.page(at + 1);
    }
    begun.end()?;
    Ok(Some(number))
}

/// A document that has been begun: taken back, unless it is ended.
struct Begun<'a>(&'a Dc);

impl Begun<'_> {
    fn end(self) -> io::Result<()> {
        // SAFETY: all its pages are ended.
        done(|| unsafe { EndDoc(self.0.0) })?;
        std::mem::forget(self);
        Ok(())
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        // SAFETY: the surface lives.
        unsafe { AbortDoc(self.0.0) };
    }
}

/// A printer's drawing surface.
struct Dc(HDC);

impl Drop for Dc {
    fn drop(&mut self) {
        // SAFETY: nobody else has it.
        unsafe { DeleteDC(self.0) };
    }
}

/// A printer's queue.
struct Queue {
    handle: PRINTER_HANDLE,
    name: Vec<u16>,
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: nobody else has it.
        unsafe { ClosePrinter(self.handle) };
    }
}

impl Queue {
    fn open(printer: &str) -> io::Result<Self> {
        let (name, mut handle) = (wide(printer), PRINTER_HANDLE::default());
        // SAFETY: the name ends with nought.
        if unsafe { OpenPrinterW(name.as_ptr(), &raw mut handle, null()) } == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self { handle, name })
    }

    /// The driver's settings, as its owner left them but for what a page that is printed as it is asks for. In words of
    /// eight bytes, so that they are aligned; the driver's own part is longer than `DEVMODEW`.
    fn settings(&self, paper: Size, sides: Sides) -> io::Result<Vec<u64>> {
        // SAFETY: asked for nothing but the size.
        let size = unsafe { DocumentPropertiesW(null_mut(), self.handle, self.name.as_ptr(), null_mut(), null(), 0) };
        let size = usize::try_from(size).map_err(|_| io::Error::last_os_error())?.max(size_of::<DEVMODEW>());
        let mut settings = vec![0_u64; size.div_ceil(8)];
        let place: *mut DEVMODEW = settings.as_mut_ptr().cast();
        let exchange = |place: *mut DEVMODEW, mode: u32| {
            // SAFETY: there is as much room as the driver asked for.
            let answer =
                unsafe { DocumentPropertiesW(null_mut(), self.handle, self.name.as_ptr(), place, place, mode) };
            if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
        };
        exchange(place, DM_OUT_BUFFER)?;
        // SAFETY: filled by the driver just now, and aligned.
        set(unsafe { &mut *place }, paper, sides);
        exchange(place, DM_IN_BUFFER | DM_OUT_BUFFER)?;
        Ok(settings)
    }

    /// What becomes of a job that the queue has all of.
    fn watch(&self, number: u32, watch: &Watch) -> Outcome {
        for _ in 0..PATIENCE {
            if watch.is_stopped() {
                // SAFETY: takes numbers and no pointer.
                let taken = unsafe { SetJobW(self.handle, number, 0, null(), JOB_CONTROL_DELETE) };
                return match taken {
                    0 if is_gone(&io::Error::last_os_error()) => Outcome::Printed,
                    0 => Outcome::Waits("没能从打印队列里撤回".to_owned()),
                    _ => Outcome::Stopped,
                };
            }
            match self.status(number) {
                Err(error) if is_gone(&error) => return Outcome::Printed,
                // The queue itself has gone, and nobody knows more.
                Err(_) => return Outcome::Waits(String::new()),
                Ok(status) if status & (JOB_STATUS_PRINTED | JOB_STATUS_COMPLETE) != 0 => return Outcome::Printed,
                Ok(status) if status & (JOB_STATUS_DELETED | JOB_STATUS_DELETING) != 0 => return Outcome::Stopped,
                Ok(status) => {
                    let trouble = trouble(&JOB_TROUBLES, status);
                    if !trouble.is_empty() {
                        return Outcome::Waits(trouble.to_owned());
                    }
                }
            }
            sleep(Duration::from_millis(100));
        }
        Outcome::Waits(String::new())
    }

    fn status(&self, number: u32) -> io::Result<u32> {
        // SAFETY: `filled` hands over a buffer and its length, or none and nought.
        let room = filled(|buffer, length, needed| unsafe { GetJobW(self.handle, number, 1, buffer, length, needed) })?;
        // SAFETY: stands at the beginning of the buffer, which is aligned for it.
        Ok(unsafe { &*room.as_ptr().cast::<JOB_INFO_1W>() }.Status)
    }
}

/// Paper and sides; once, at its true size, one page a side: the pages come as they are to leave the printer.
#[expect(clippy::cast_possible_truncation, reason = "the numbers are small")]
fn set(settings: &mut DEVMODEW, paper: Size, sides: Sides) {
    let lies = paper.width > paper.height;
    let upright = if lies { [paper.height, paper.width] } else { [paper.width, paper.height] }.map(|it| it.to_mm());
    let known = PAPERS.iter().find(|it| it.2.iter().zip(upright).all(|(known, it)| (known - it).abs() < 1.0));
    // SAFETY: of a printer's settings this is the part that counts; both parts are numbers only.
    let it = unsafe { &mut settings.Anonymous1.Anonymous1 };
    it.dmOrientation = if lies { DMORIENT_LANDSCAPE } else { DMORIENT_PORTRAIT } as i16;
    it.dmPaperSize = known.map_or(DMPAPER_USER, |it| it.0) as i16;
    [it.dmPaperWidth, it.dmPaperLength] = upright.map(|it| (it * 10.0).round() as i16);
    // Where a driver cannot enlarge pages, or put several on a side, it does not look at this and the other.
    it.dmScale = 100;
    it.dmCopies = 1;
    settings.dmDuplex = match sides {
        Sides::One => DMDUP_SIMPLEX,
        Sides::LongEdge => DMDUP_VERTICAL,
        Sides::ShortEdge => DMDUP_HORIZONTAL,
    };
    settings.dmCollate = 0;
    settings.Anonymous2.dmNup = DMNUP_ONEUP;
    settings.dmFields |= DM_ORIENTATION | DM_PAPERSIZE | DM_COPIES | DM_DUPLEX | DM_COLLATE;
    // Numbered papers have their extent from the driver.
    let own = DM_PAPERWIDTH | DM_PAPERLENGTH;
    settings.dmFields = if known.is_none() { settings.dmFields | own } else { settings.dmFields & !own };
}

/// GDI answers nought or less where something failed; otherwise a number.
fn done(ask: impl FnOnce() -> i32) -> io::Result<u32> {
    match u32::try_from(asked(ask)) {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(io::Error::last_os_error()),
    }
}

/// A drawing surface, where GDI gives one.
fn surface(ask: impl FnOnce() -> HDC) -> io::Result<HDC> {
    let surface = asked(ask);
    if surface.is_null() { Err(io::Error::last_os_error()) } else { Ok(surface) }
}

/// Asks GDI something. It need not say why it failed: what failed before it must not stand there as the reason.
fn asked<T>(ask: impl FnOnce() -> T) -> T {
    // SAFETY: takes a number.
    unsafe { SetLastError(0) };
    ask()
}

/// Whoever prints into a file was asked for its name, and gave none.
fn is_cancelled(error: &io::Error) -> bool {
    matches!(error.raw_os_error().map(i32::cast_unsigned), Some(ERROR_CANCELLED | ERROR_PRINT_CANCELLED))
}

/// The queue knows the job no more: it forgets what is printed.
fn is_gone(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_INVALID_PARAMETER.cast_signed())
}

/// What a function of Windows fills a buffer with, which it is asked the size of first.
fn filled(mut ask: impl FnMut(*mut u8, u32, *mut u32) -> i32) -> io::Result<Vec<u64>> {
    let mut room: Vec<u64> = Vec::new();
    loop {
        let mut needed = 0;
        let length = u32::try_from(room.len() * 8).unwrap_or(u32::MAX);
        let buffer = if room.is_empty() { null_mut() } else { room.as_mut_ptr().cast() };
        if ask(buffer, length, &raw mut needed) != 0 {
            return Ok(room);
        }
        let error = io::Error::last_os_error();
        if error.raw_os_error() != Some(ERROR_INSUFFICIENT_BUFFER.cast_signed()) || needed <= length {
            return Err(error);
        }
        room = vec![0; needed.div_ceil(8) as usize];
    }
}

/// Why Windows refused, in Chinese.
fn reason(error: &io::Error) -> String {
    match error.raw_os_error().map(i32::cast_unsigned) {
        Some(ERROR_INVALID_PRINTER_NAME | ERROR_PRINTER_DELETED | ERROR_PRINTER_NOT_FOUND) => {
            "找不到这台打印机，也许已经删除、改名或断开".to_owned()
        }
        Some(SERVER_UNAVAILABLE) => "Windows 的打印服务（Print Spooler）没有运行，或打印服务器连不上".to_owned(),
        Some(ERROR_ACCESS_DENIED) => "没有用这台打印机的权限".to_owned(),
        Some(ERROR_DISK_FULL) => "磁盘已满，放不下要打印的页".to_owned(),
        Some(0) => "打印机的驱动程序没有接受，也没有说明原因".to_owned(),
        _ => format!("系统报告：{error}"),
    }
}

/// As Windows wants it: UTF-16 with a nought at the end. A nought within would end it before.
fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().filter(|it| *it != 0).chain([0]).collect()
}

fn text_of(wide: &[u16]) -> String {
    String::from_utf16_lossy(wide.split(|it| *it == 0).next().unwrap_or_default())
}

/// The text at a place that Windows told; empty at none.
///
/// # Safety
/// There a text ends with a nought, and lives on while this runs.
unsafe fn text_at(place: *const u16) -> String {
    if place.is_null() {
        return String::new();
    }
    let mut wide = Vec::new();
    // SAFETY: goes no further than the nought.
    while let unit @ 1.. = unsafe { *place.add(wide.len()) } {
        wide.push(unit);
    }
    String::from_utf16_lossy(&wide)
}
