//! 打印: from what is on the desk to the printer's queue, and what is written down of it.

use std::rc::Rc;
use std::sync::Arc;

use eframe::egui::{self, Ui};

use super::App;
use super::task::Task;
use super::wanted::Wanted;
use crate::command::{Command, PrintCommand};
use crate::export;
use crate::export::pieces::Piece;
use crate::habits::Habits;
use crate::print::choice::{self, Choice, Print};
use crate::print::{Job, Outcome, Printer, Watch, viewer};
use crate::record::Printed;
use crate::store::{Prints, Store, io_reason};
use crate::ui::print::{PrintView, Shown};
use crate::units::Mm;

mod notes;

/// What is about to be printed, and what is being printed.
#[derive(Default)]
pub(super) struct Printing {
    /// The next thing asked to be exported is printed instead.
    pub(super) instead: bool,
    open: Option<Open>,
    going: Option<Going>,
    view: PrintView,
    /// What was printed and could not be put down yet.
    unwritten: Vec<Prints>,
    /// When that was tried last.
    tried: f64,
}

/// What lies before the clerk to be printed.
struct Open {
    what: Arc<Wanted>,
    title: String,
    copies: Vec<String>,
    /// The pieces; none while they are being laid out.
    pieces: Option<Rc<Vec<Piece>>>,
    laying: Option<Task<Result<Vec<Piece>, String>>>,
    /// The pages as they will be printed, and what was chosen when they were made.
    made: Option<(Choice, Rc<Vec<Print>>)>,
    printers: Option<Result<Vec<Printer>, String>>,
    looking: Option<Task<Result<Vec<Printer>, String>>>,
    /// The printer whose habits are shown.
    habits_of: String,
    /// Why it was not printed a moment ago.
    trouble: Option<String>,
}

/// A job on its way.
struct Going {
    watch: Arc<Watch>,
    task: Option<Task<Result<Outcome, String>>>,
    title: String,
    printer: String,
    count: usize,
    /// What is put down of it, once it is printed and once it waits.
    notes: [Prints; 2],
}

impl Printing {
    /// Whether something lies before the clerk to be printed.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether the book has to stay on the desk: something is being printed, or was printed and is not put down yet.
    pub(super) fn is_going(&self) -> bool {
        self.going.is_some() || !self.unwritten.is_empty()
    }

    /// Whatever lies there goes away; what is being printed goes on.
    pub(super) fn put_away(&mut self) {
        self.open = None;
    }

    /// How much of it is drawn, from 0 to 1.
    pub(super) fn part(&self) -> Option<f32> {
        let going = self.going.as_ref().filter(|it| !it.watch.is_queued())?;
        Some(going.watch.done() as f32 / going.count.max(1) as f32)
    }

    /// How far printing is.
    pub(super) fn said(&self) -> Option<String> {
        let going = self.going.as_ref()?;
        let (watch, title, printer) = (&going.watch, &going.title, &going.printer);
        Some(match (watch.is_stopped(), watch.is_queued(), watch.done()) {
            (true, ..) => "正在停下…".to_owned(),
            (_, true, _) => format!("{printer} 正在打印…"),
            (.., 0) => format!("正在打印 {title}…"),
            (.., done) => format!("正在打印：已画 {done} 页，共 {} 页", going.count),
        })
    }
}

impl App {
    /// Prints what another command would export.
    pub(super) fn print_instead(&mut self, ctx: &egui::Context, what: Command) {
        if self.jobs.print.going.is_some() {
            return self.fail("上一份还在打印，请等它印完，或点下面的“停止打印”");
        }
        self.jobs.print.instead = true;
        self.run(ctx, what);
        self.jobs.print.instead = false;
    }

    /// Lays out what is to be printed, and looks for printers meanwhile.
    pub(super) fn lay_out(&mut self, ctx: &egui::Context, what: Wanted, name: &str) {
        let copies = what.form(&self.procedure).map_or_else(Vec::new, |it| self.procedure.copies(it).to_vec());
        self.habitual.refresh();
        self.jobs.print.view.begin(Choice { printer: self.habits().printer.clone(), ..Choice::default() });
        self.jobs.print.open = Some(Open {
            what: Arc::new(what),
            title: name.strip_suffix(".pdf").unwrap_or(name).to_owned(),
            copies,
            pieces: None,
            laying: None,
            made: None,
            printers: None,
            looking: None,
            habits_of: String::new(),
            trouble: None,
        });
        self.notice = None;
        self.lay_out_again();
        self.look_for_printers(ctx);
    }

    /// Lays out once more what lies there to be printed.
    pub(super) fn lay_out_again(&mut self) {
        let (procedure, signatures, clock) = (self.procedure.clone(), self.signatures, self.clock());
        let Some(open) = &mut self.jobs.print.open else { return };
        let what = Arc::clone(&open.what);
        // What was laid out before is not printed any more.
        (open.pieces, open.made) = (None, None);
        open.laying = Some(Task::start(
            &self.ctx,
            "排版",
            "没有排好版：程序出错，什么也没有打印",
            move |_| what.pieces(&procedure, signatures, &clock),
        ));
    }

    fn look_for_printers(&mut self, ctx: &egui::Context) {
        let Some(open) = &mut self.jobs.print.open else { return };
        let printing = self.outside.printing();
        open.printers = None;
        let lost = "查找打印机：程序出错，没有找完";
        open.looking = Some(Task::start(ctx, "打印机", lost, move |_| printing.printers()));
    }

    pub(super) fn run_print(&mut self, ctx: &egui::Context, command: &PrintCommand) {
        match command {
            PrintCommand::Send => self.send(ctx),
            PrintCommand::Stop => {
                if let Some(going) = &self.jobs.print.going {
                    going.watch.stop();
                }
            }
            PrintCommand::Close => self.jobs.print.put_away(),
            PrintCommand::Look => self.look_for_printers(ctx),
            PrintCommand::View => self.view_pdf(),
            PrintCommand::Save => {
                if self.jobs.is_exporting() {
                    return self.fail("上一份还在导出，请等它完成");
                }
                let Some((prints, title)) = self.chosen() else { return };
                let pages = prints.into_iter().flat_map(|it| it.pages).collect();
                let name = export::file_name(&[&title, if self.jobs.print.view.choice.filled { "套打" } else { "" }]);
                self.ask_save(ctx, Wanted::Composed(title, pages), &name);
            }
        }
    }

    /// What is to be printed, as it is chosen now, and what it is called.
    fn chosen(&mut self) -> Option<(Vec<Print>, String)> {
        let today = self.today();
        let open = self.jobs.print.open.as_mut()?;
        let all = open.prints(&self.jobs.print.view.choice, today)?;
        let places = self.jobs.print.view.choice.places(all.iter().map(|it| it.pages.len()).sum()).ok()?;
        Some((choice::picked(&all, &places), open.title.clone()))
    }

    /// Hands the job to the printer, in a thread of its own.
    fn send(&mut self, ctx: &egui::Context) {
        if self.jobs.print.going.is_some() {
            return;
        }
        let (today, clock, printing) = (self.today(), self.clock(), self.outside.printing());
        let Some((prints, title)) = self.chosen() else { return };
        let Some(open) = &mut self.jobs.print.open else { return };
        let choice = self.jobs.print.view.choice.clone();
        let (Ok(count), Ok((right, down)), Some(pieces)) = (choice.count(), choice.offset(), &open.pieces) else {
            return;
        };
        open.trouble = None;
        let both = choice.both_sides && open.printer(&choice.printer).is_some_and(|it| it.both_sides);
        let notes = [false, true].map(|waits| Prints {
            sheets: choice::noted(pieces, &prints, &choice, waits, today),
            numbers: choice::numbers(pieces, &prints),
            by: self.operator.clone(),
            at: clock.now,
        });
        let job = Job {
            printer: choice.printer.clone(),
            title: title.clone(),
            sides: choice::sides(both, &prints),
            pieces: prints.into_iter().map(|it| it.pages).collect(),
            copies: count,
            offset: (Mm::mm(right), Mm::mm(down)),
            clock,
        };
        let watch = Arc::new(Watch::default());
        let (count, watched) = (job.count(), Arc::clone(&watch));
        let lost = format!("打印没有完成：{title}");
        let task = Some(Task::start(ctx, "打印", &lost, move |_| printing.print(&job, &watched)));
        self.jobs.print.going = Some(Going { watch, task, title, printer: choice.printer.clone(), count, notes });
        self.notice = None;
        self.habitual.change(move |it| {
            it.printer.clone_from(&choice.printer);
            let habit = it.printers.entry(choice.printer.clone()).or_default();
            (habit.right_mm, habit.down_mm, habit.both_sides) = (right, down, choice.both_sides);
        });
    }

    /// Hears what became of what was begun in threads.
    pub(super) fn hear_print(&mut self, ctx: &egui::Context) {
        let mut not_laid = None;
        if let Some(open) = &mut self.jobs.print.open {
            match Task::poll(&mut open.laying).map(Result::flatten) {
                Some(Ok(pieces)) => open.pieces = Some(Rc::new(pieces)),
                Some(Err(sentence)) => not_laid = Some(sentence),
                None => {}
            }
            if let Some(found) = Task::poll(&mut open.looking) {
                open.found(found.flatten(), &mut self.jobs.print.view.choice);
            }
            open.take_habits(&mut self.jobs.print.view.choice, self.habitual.habits(), &self.procedure.document.offset);
        }
        if let Some(sentence) = not_laid {
            self.jobs.print.put_away();
            self.fail(sentence);
        }
        self.put_prints_down_again(ctx);
        let Some(going) = &mut self.jobs.print.going else { return };
        let Some(end) = Task::poll(&mut going.task) else { return ctx.request_repaint_after_secs(0.1) };
        let Some(going) = self.jobs.print.going.take() else { return };
        let (title, printer, [done, waiting]) = (&going.title, &going.printer, going.notes);
        match end.flatten() {
            Ok(Outcome::Printed) => {
                self.jobs.print.put_away();
                self.say(format!("已打印：{title}，{} 页，{printer}", going.count));
                self.put_down_prints(done);
            }
            Ok(Outcome::Waits(why)) => {
                self.jobs.print.put_away();
                let why = if why.is_empty() { "还没有印完".to_owned() } else { why };
                self.say(format!("已交给 {printer}，{why}：在它的队列里等着，好了会接着印：{title}"));
                self.put_down_prints(waiting);
            }
            Ok(Outcome::Stopped) => self.not_printed(format!("已停下，没有记成打印：{title}")),
            Err(sentence) => self.not_printed(sentence),
        }
    }

    /// Says why something was not printed, beside what was to be printed where it still lies there.
    fn not_printed(&mut self, sentence: String) {
        self.fail(sentence.clone());
        if let Some(open) = &mut self.jobs.print.open {
            open.trouble = Some(sentence);
        }
    }

    /// What of the sheet on the desk was printed: 第一联 2 份，只印填写的内容，HP-1.
    pub(super) fn printed_words(&self, it: &Printed) -> String {
        let marks = self.form().map_or(&[][..], |form| self.procedure.copies(form));
        let mark = marks.get(it.copy).and_then(|it| it.split_whitespace().next()).unwrap_or_default();
        let count = if it.count > 1 { format!(" {} 份", it.count) } else { String::new() };
        let round =
            if self.desk.record.rounds.len() > 1 { format!(" 第{}次处置", it.round + 1) } else { String::new() };
        let pages = if it.pages.is_empty() { String::new() } else { format!("第 {} 页", it.pages) };
        let filled = if it.filled { "套打" } else { "" };
        let waits = if it.waits { "当时还在排队" } else { "" };
        let first = format!("{mark}{round}{count}");
        let words = [first.trim(), &pages, filled, &it.printer, waits];
        words.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("，")
    }

    /// Where there is no printer: as PDF in whatever shows such files.
    fn view_pdf(&mut self) {
        let clock = self.clock();
        let Some((prints, title)) = self.chosen() else { return };
        let pages = prints.into_iter().flat_map(|it| it.pages).collect();
        let name = export::file_name(&["打印", &title]);
        let made = export::pages(&self.procedure, &title, pages, &clock).map_err(|error| error.to_string());
        match made.and_then(|it| self.open_made(&name, &it)) {
            Ok(()) => {
                let locked = self.book.store.as_ref().is_some_and(Store::is_encrypted);
                let plain = if locked { "（PDF 不加密）" } else { "" };
                self.say(format!("已用看 PDF 的程序打开{plain}，请从那里打印；印了哪几联，请在“纸质单据”里记下"));
            }
            Err(sentence) => self.not_printed(format!("没有打开：{sentence}")),
        }
    }

    fn open_made(&self, name: &str, bytes: &[u8]) -> Result<(), String> {
        let folder = viewer::folder().map_err(|error| format!("给 PDF 建临时文件夹：{}", io_reason(&error)))?;
        let path = folder.join(name);
        crate::pdf::save(&path, bytes)
            .map_err(|error| format!("写 PDF 文件 {}：{}", path.display(), io_reason(&error)))?;
        self.outside.open(&path)
    }

    pub(super) fn draw_print(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let going = self.jobs.print.said();
        let today = self.today();
        let Some(open) = &mut self.jobs.print.open else { return };
        let prints = open.prints(&self.jobs.print.view.choice, today);
        let shown = Shown {
            title: &open.title,
            prints: prints.as_deref().map(Vec::as_slice),
            has_form: open.pieces.iter().flat_map(|it| it.iter()).any(|it| it.blank.is_some()),
            copies: &open.copies,
            printers: open.printers.as_ref().map(|it| it.as_deref().map_err(String::as_str)),
            signatures: open.what.is_signed().then_some(self.signatures),
            going: going.as_deref(),
            trouble: open.trouble.as_deref(),
        };
        self.jobs.print.view.show(ui, &shown, commands);
    }
}

impl Open {
    /// Every page of the copies that were chosen, as it will be printed.
    fn prints(&mut self, choice: &Choice, today: chrono::NaiveDate) -> Option<Rc<Vec<Print>>> {
        let pieces = self.pieces.as_ref()?;
        // Only these make other pages; all else is about which of them, and where.
        let alike = |it: &Choice| it.filled == choice.filled && it.without == choice.without;
        if !self.made.as_ref().is_some_and(|it| alike(&it.0)) {
            self.made = Some((choice.clone(), Rc::new(choice.all(pieces, today))));
        }
        self.made.as_ref().map(|it| Rc::clone(&it.1))
    }

    fn printer(&self, name: &str) -> Option<&Printer> {
        self.printers.as_ref()?.as_ref().ok()?.iter().find(|it| it.name == name)
    }

    /// The printers were found: the one chosen last is chosen, or the system's own choice.
    fn found(&mut self, found: Result<Vec<Printer>, String>, choice: &mut Choice) {
        if let Ok(printers) = &found
            && printers.iter().all(|it| it.name != choice.printer)
        {
            let first = printers.iter().find(|it| it.is_default).or(printers.first());
            choice.printer = first.map(|it| it.name.clone()).unwrap_or_default();
        }
        self.printers = Some(found);
    }

    /// Another printer was chosen: how it is used on this machine. One that was never used begins with what the office
    /// set for its PDFs.
    fn take_habits(&mut self, choice: &mut Choice, habits: &Habits, office: &crate::procedure::Offset) {
        if self.habits_of == choice.printer {
            return;
        }
        self.habits_of.clone_from(&choice.printer);
        let fresh = (office.x.to_mm(), office.y.to_mm(), false);
        let habit = habits.printers.get(&choice.printer);
        let (right, down, both) = habit.map_or(fresh, |it| (it.right_mm, it.down_mm, it.both_sides));
        let typed = |it: f64| if it == 0.0 { String::new() } else { it.to_string() };
        choice.offset = [typed(right), typed(down)];
        choice.both_sides = both;
    }
}
