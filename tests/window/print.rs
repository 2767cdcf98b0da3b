//! Printing as a clerk does it: what lies before them is what leaves the printer, and the book knows of it. The printers
//! are made up; tests/e2e/print.sh prints through a real queue.

use std::path::Path;

use crate::common::{Hands, Window, book, click, fill, fill_in, kept, notice, slip_at};
use eframe::egui::{Key, Modifiers, ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::kittest::Queryable as _;
use taizhang::app::Answer;
use taizhang::command::{Command, LockCommand};
use taizhang::export::pieces;
use taizhang::export::{Clock, Which};
use taizhang::habits;
use taizhang::layout::{Mark, Page};
use taizhang::print::choice::{Choice, Pages};
use taizhang::print::{Job, Outcome, Printer, Sides};
use taizhang::procedure::{Edition, FormId};
use taizhang::record::{CopyStep, Deed, Record, RecordId};
use taizhang::store::{Key as Password, Opener, Prints, Store};
use taizhang::units::Mm;

fn printer(name: &str) -> Printer {
    Printer { name: name.to_owned(), both_sides: true, papers: vec!["A4".to_owned()], ..Printer::default() }
}

/// A window on the slips of a book, with two printers; the second is the system's own choice.
fn window(folder: &Path) -> (Window, Hands) {
    let hands = Hands { folder: folder.to_owned(), habits: Some(folder.join(habits::FILE)), ..Hands::default() };
    let (mut window, hands) = crate::common::window_of(hands, "a.book");
    let usual = Printer { is_default: true, called: "二楼办公室".to_owned(), ..printer("乙") };
    hands.printers.lock().unwrap().there = Some(Ok(vec![printer("甲"), usual]));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run();
    (window, hands)
}

/// Steps until something is there to be seen.
fn until(window: &mut Window, what: &str) {
    for _ in 0..2000 {
        if window.query_all_by_label_contains(what).next().is_some() {
            window.run();
            return;
        }
        window.step();
        std::thread::yield_now();
    }
    panic!("{what} 没有出现；窗口说：{}", notice(window));
}

/// Ctrl+P: the pages and what can be chosen.
fn open(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::P);
    window.run();
    until(window, "第 1 页，共");
    until(window, "打印机 ");
}

/// Prints, and waits for what becomes of it.
fn send(window: &mut Window, pages: usize) {
    click(window, &format!("打印 {pages} 页"));
    for _ in 0..2000 {
        if !notice(window).is_empty() {
            break;
        }
        window.step();
        std::thread::yield_now();
    }
    window.run();
}

/// Begins to print on a printer whose queue does not move.
fn begin_stuck(window: &mut Window, hands: &Hands) {
    hands.printers.lock().unwrap().stuck = true;
    window.get_by_label("打印 2 页").click();
    // While it goes on the window draws by itself.
    window.run_steps(4);
}

/// 停止打印, and what the window says of it.
fn stop(window: &mut Window) -> String {
    window.get_by_label("停止打印").click();
    for _ in 0..2000 {
        if notice(window).starts_with("已停下") {
            break;
        }
        window.step();
        std::thread::yield_now();
    }
    notice(window)
}

fn run(window: &mut Window, command: Command) {
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, command);
    window.step();
}

fn jobs(hands: &Hands) -> Vec<Job> {
    hands.printers.lock().unwrap().jobs.clone()
}

fn words(page: &Page) -> Vec<&str> {
    page.marks.iter().filter_map(|it| if let Mark::Text(it) = it { Some(it.text.as_str()) } else { None }).collect()
}

fn printed(record: &Record) -> Vec<taizhang::record::Printed> {
    let deeds = record.facts.iter().map(|it| &it.deed);
    deeds.filter_map(|it| if let Deed::Printed(it) = it { Some(it.clone()) } else { None }).collect()
}

#[test]
fn what_is_printed_is_what_the_pdf_shows_mark_for_mark() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 1, &[]);
    let (mut window, hands) = window(folder.path());
    open(&mut window);
    assert!(window.query_by_label("打印机 乙（默认）").is_some(), "the system's own choice is chosen");
    send(&mut window, 2);
    let record = kept(folder.path(), id);
    let jobs = jobs(&hands);
    let [job] = jobs.as_slice() else { panic!("one job") };
    let procedure = crate::common::procedure();
    let pieces =
        pieces::sheets(&procedure, &[Record { facts: Vec::new(), ..record.clone() }], Which::Last, false).unwrap();
    let wanted: Vec<Page> = pieces.into_iter().flat_map(|it| it.pages).collect();
    assert_eq!(job.pages().collect::<Vec<_>>(), wanted);
    assert_eq!((job.printer.as_str(), job.copies, job.sides), ("乙", 1, Sides::One));
    assert!(notice(&window).starts_with("已打印：处置单_2026-001_癸厂，2 页"), "{}", notice(&window));
    // Both copies are written down, and the paper's place with them.
    let notes = printed(&record);
    assert_eq!(
        notes.iter().map(|it| (it.copy, it.count, it.printer.as_str())).collect::<Vec<_>>(),
        [(0, 1, "乙"), (1, 1, "乙")]
    );
    assert_eq!(record.copy(1), Some((CopyStep::Printed, "", "2026-11-20")));
    assert!(window.query_by_label_contains("打印 第一联，乙").is_some(), "the sheet's past tells of it");
}

/// A second print of the same copy says so outside the frame.
#[test]
fn a_copy_printed_before_says_so_in_its_margin() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 1, &[]);
    let (mut window, hands) = window(folder.path());
    open(&mut window);
    click(&mut window, "第二联 实施部门留底");
    send(&mut window, 1);
    open(&mut window);
    send(&mut window, 2);
    let jobs = jobs(&hands);
    let again = "重印 第2次 2026-11-20";
    let pages: Vec<Page> = jobs[1].pages().collect();
    assert!(!words(&jobs[0].pieces[0][0]).contains(&again));
    assert!(words(&pages[0]).contains(&again) && words(&pages[0]).contains(&"第一联 报技术质安部"));
    assert!(!words(&pages[1]).contains(&again), "the second copy was not printed before");
    // Above the form, and over nothing else that stands there.
    let at = |of: &str| {
        let texts = pages[0].marks.iter().filter_map(|it| if let Mark::Text(it) = it { Some(it) } else { None });
        texts.into_iter().find(|it| it.text == of).unwrap().clone()
    };
    let form = crate::common::procedure().form(&FormId::from("05")).unwrap().clone();
    let (mark, copy) = (at(again), at("第一联 报技术质安部"));
    assert!(mark.at.y < form.paper.top);
    let right = mark.at.x + taizhang::face::width(mark.face, mark.size, &mark.text);
    assert!(right < copy.at.x, "{right:?} {:?}", copy.at.x);
    assert_eq!(kept(folder.path(), id).prints(0, 0), 2);
}

/// 套打: paper that bears the form gets only what was filled in, where it stands on the whole sheet.
#[test]
fn on_preprinted_paper_only_what_was_filled_in_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&book(folder.path()), 6, &[("opinion", "B")]);
    let (mut window, hands) = window(folder.path());
    click(&mut window, "打印这张单");
    until(&mut window, "第 1 页，共");
    until(&mut window, "打印机 ");
    click(&mut window, "签名栏印上姓名日期");
    until(&mut window, "第 1 页，共");
    click(&mut window, "只印填写的内容（套打）");
    send(&mut window, 2);
    let jobs = jobs(&hands);
    let page = &jobs[0].pieces[0][0];
    assert!(page.marks.iter().all(|it| matches!(it, Mark::Text(_))), "no line is printed");
    let said = words(page);
    for word in ["癸厂", "密集气孔一处。", "2026年11月16日", "沈䶮", "√", "2026-001"] {
        assert!(said.contains(&word), "{word}: {said:?}");
    }
    for word in ["用户名称:", "用户投诉(意见)处置记录单", "QG/R0309—05", "第一联 报技术质安部", "编号:", "年"]
    {
        assert!(!said.contains(&word), "{word}: {said:?}");
    }
    let notes = printed(&book(folder.path()).records(&FormId::from("05")).unwrap()[0]);
    assert!(notes.iter().all(|it| it.filled));
}

/// Every entry of every sample sheet is on its 套打, at its place; nothing that the blank form has is.
#[test]
fn nothing_filled_in_is_lost_on_preprinted_paper() {
    let procedure = crate::common::procedure();
    let store = taizhang::store::Store::in_memory().unwrap();
    fill(&store);
    for form in ["01", "02", "03", "05"] {
        for record in store.records(&FormId::from(form)).unwrap() {
            for piece in pieces::sheets(&procedure, std::slice::from_ref(&record), Which::All, true).unwrap() {
                let whole = &piece.pages[0];
                let filled = &piece.printed(true, None)[0];
                let entries = |it: &Page| -> Vec<Mark> {
                    let is_entry = |it: &&Mark| matches!(it, Mark::Text(text) if text.of.is_some());
                    it.marks.iter().filter(is_entry).cloned().collect()
                };
                assert_eq!(entries(filled), entries(whole), "{} {}", form, record.number);
                let blank = piece.blank.as_ref().unwrap();
                assert!(filled.marks.iter().all(|it| !blank.marks.contains(it)), "{} {}", form, record.number);
                assert!(!words(filled).contains(&procedure.document.company.as_str()));
            }
        }
    }
}

#[test]
fn pages_and_copies_are_chosen_before_printing() {
    let folder = tempfile::tempdir().unwrap();
    let long = "气孔。".repeat(900);
    let id = slip_at(&book(folder.path()), 1, &[("complaint", &long)]);
    let (mut window, hands) = window(folder.path());
    open(&mut window);
    let whole = kept(folder.path(), id);
    let count = pieces::sheets(&crate::common::procedure(), &[whole], Which::Last, false).unwrap()[0].pages.len();
    assert!(count > 1);
    click(&mut window, "选几页");
    fill_in(&mut window, "页码", "2");
    fill_in(&mut window, "份数", "3");
    send(&mut window, 3);
    let jobs = jobs(&hands);
    assert_eq!((jobs[0].pieces.len(), jobs[0].copies, jobs[0].count()), (1, 3, 3));
    let notes = printed(&kept(folder.path(), id));
    assert_eq!((notes.len(), notes[0].pages.as_str(), notes[0].count), (1, "2", 3));
    // What is no page, and no count, is said and not printed.
    open(&mut window);
    click(&mut window, "选几页");
    fill_in(&mut window, "页码", "99");
    assert!(window.query_by_label_contains("页码写成 1-3,5 这样").is_some());
    fill_in(&mut window, "份数", "0");
    assert!(window.query_by_label("份数写 1 到 99").is_some());
}

/// A copy never stands on the back of another.
#[test]
fn on_both_sides_every_piece_begins_on_its_own_paper() {
    let page = |width: f64, height: f64| Page {
        paper: taizhang::units::Size::new(Mm::mm(width), Mm::mm(height)),
        marks: vec![Mark::Frame { rect: taizhang::units::Rect::default(), width: Mm::mm(0.4) }],
        slots: Vec::new(),
    };
    let job = Job {
        printer: "甲".to_owned(),
        title: "单".to_owned(),
        pieces: vec![vec![page(210.0, 297.0)], vec![page(210.0, 297.0), page(210.0, 297.0)]],
        copies: 2,
        sides: Sides::LongEdge,
        offset: (Mm::mm(1.0), Mm::mm(-2.0)),
        clock: Clock { now: crate::common::now(), utc_offset_minutes: 480 },
    };
    let backs: Vec<bool> = job.pages().map(|it| it.marks.is_empty()).collect();
    assert_eq!(backs, [false, true, false, false, false, true, false, false]);
    assert_eq!(job.count(), 8);
    let first = job.pages().next().unwrap();
    assert!(
        matches!(first.marks[0], Mark::Frame { rect, .. } if rect.left() == Mm::mm(1.0) && rect.top() == Mm::mm(-2.0))
    );
    assert_eq!(Job { sides: Sides::One, ..job }.count(), 6);
}

#[test]
fn what_each_printer_needs_is_remembered_on_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&book(folder.path()), 1, &[]);
    {
        let (mut window, hands) = window(folder.path());
        open(&mut window);
        fill_in(&mut window, "右移 毫米", "1.5");
        fill_in(&mut window, "下移 毫米", "-2");
        click(&mut window, "双面");
        send(&mut window, 2);
        assert_eq!(jobs(&hands)[0].offset, (Mm::mm(1.5), Mm::mm(-2.0)));
        assert_eq!(jobs(&hands)[0].sides, Sides::LongEdge);
    }
    let (mut window, hands) = window(folder.path());
    open(&mut window);
    send(&mut window, 2);
    assert_eq!(jobs(&hands)[0].offset, (Mm::mm(1.5), Mm::mm(-2.0)));
    open(&mut window);
    fill_in(&mut window, "右移 毫米", "五");
    assert!(window.query_by_label_contains("右移、下移写毫米数").is_some());
}

/// A page that lies wants the same paper; a printer that lists none takes any.
#[test]
fn a_printer_without_the_paper_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&book(folder.path()), 1, &[]);
    let (mut window, hands) = window(folder.path());
    let letter = Printer { papers: vec!["Letter".to_owned(), "A5".to_owned()], ..printer("甲") };
    hands.printers.lock().unwrap().there = Some(Ok(vec![letter]));
    open(&mut window);
    assert!(window.query_by_label("这台打印机没有 A4 纸，印出来会缺边").is_some());
    for papers in [vec![], vec!["iso_a4_210x297mm".to_owned()]] {
        window.key_press(Key::Escape);
        window.run();
        hands.printers.lock().unwrap().there = Some(Ok(vec![Printer { papers, ..printer("甲") }]));
        open(&mut window);
        assert!(window.query_by_label_contains("这台打印机没有").is_none());
    }
}

/// What was not printed is not written down as printed.
#[test]
fn a_print_that_fails_or_is_stopped_is_not_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 1, &[]);
    let (mut window, hands) = window(folder.path());
    let gone = "没有打印 投诉处置单：在 乙 上，这台打印机已经不在了，请另选一台";
    hands.printers.lock().unwrap().ends = vec![Err(gone.to_owned())];
    open(&mut window);
    send(&mut window, 2);
    assert_eq!(notice(&window), gone);
    // All that was chosen lies there still, and why it was not printed.
    assert!(window.query_all_by_label(gone).count() > 0 && window.query_by_label("打印 2 页").is_some());
    begin_stuck(&mut window, &hands);
    let said = stop(&mut window);
    assert!(said.starts_with("已停下，没有记成打印"), "{said}");
    assert!(printed(&kept(folder.path(), id)).is_empty() && jobs(&hands).is_empty());
}

#[test]
fn a_job_that_waits_in_the_queue_is_written_down_as_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 1, &[]);
    let (mut window, hands) = window(folder.path());
    hands.printers.lock().unwrap().ends = vec![Ok(Outcome::Waits("没有纸了".to_owned()))];
    open(&mut window);
    send(&mut window, 2);
    assert!(notice(&window).starts_with("已交给 乙，没有纸了：在它的队列里等着"), "{}", notice(&window));
    assert!(printed(&kept(folder.path(), id)).iter().all(|it| it.waits));
}

#[test]
fn without_a_printer_the_pdf_opens_in_the_viewer() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 1, &[]);
    for none in [Ok(Vec::new()), Err("查找打印机：这台电脑没有装打印系统（CUPS）".to_owned())] {
        let (mut window, hands) = window(folder.path());
        hands.printers.lock().unwrap().there = Some(none.clone());
        window.key_press_modifiers(Modifiers::COMMAND, Key::P);
        window.run();
        until(&mut window, "第 1 页，共");
        let said = none.err().unwrap_or("这台电脑没有装打印机".to_owned());
        until(&mut window, &said);
        click(&mut window, "用看 PDF 的程序打开");
        let opened = hands.opened.borrow().clone();
        assert!(std::fs::read(&opened[0]).unwrap().starts_with(b"%PDF"));
        std::fs::remove_dir_all(opened[0].parent().unwrap()).unwrap();
        assert!(notice(&window).starts_with("已用看 PDF 的程序打开"));
        assert!(printed(&kept(folder.path(), id)).is_empty(), "whether it was printed there, nobody knows");
    }
}

/// Just as it would be printed, as PDF, to be looked at.
#[test]
fn the_print_can_be_kept_as_pdf() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&book(folder.path()), 1, &[]);
    let (mut window, hands) = window(folder.path());
    open(&mut window);
    click(&mut window, "只印填写的内容（套打）");
    let path = folder.path().join("套打.pdf");
    hands.answers.borrow_mut().push(Answer::Path(path.clone()));
    click(&mut window, "照这样存成 PDF…");
    for _ in 0..2000 {
        if notice(&window).starts_with("已导出") {
            break;
        }
        window.step();
        std::thread::yield_now();
    }
    if let Some(text) = crate::common::read("pdftotext", &[path.to_str().unwrap(), "-"]) {
        assert!(text.contains("癸厂") && !text.contains("用户名称"), "{text}");
    }
}

/// A month, or what a filter leaves, in one job.
#[test]
fn several_sheets_are_printed_in_one_job() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    let ids: [RecordId; 3] = ["2026-10-08", "2026-11-03", "2026-11-16"].map(|day| slip_at(&store, 1, &[("date", day)]));
    let (mut window, hands) = window(folder.path());
    click(&mut window, "成批打印");
    click(&mut window, "打印 2026年11月的 2 份…");
    until(&mut window, "第 1 页，共 4 页");
    until(&mut window, "打印机 ");
    send(&mut window, 4);
    let jobs = jobs(&hands);
    assert_eq!(jobs[0].pieces.len(), 4);
    assert_eq!(ids.map(|it| printed(&kept(folder.path(), it)).len()), [0, 2, 2]);
}

#[test]
fn the_ledger_prints_lying_and_is_turned_over_its_short_edge() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&book(folder.path()), 1, &[]);
    let (mut window, hands) = window(folder.path());
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    window.run();
    open(&mut window);
    click(&mut window, "双面");
    send(&mut window, 1);
    let jobs = jobs(&hands);
    assert_eq!(jobs[0].sides, Sides::ShortEdge);
    assert!(jobs[0].pieces[0][0].paper.width > jobs[0].pieces[0][0].paper.height);
}

/// Blank sheets under reserved numbers: the number book tells that they were printed.
#[test]
fn a_numbered_blank_sheet_is_noted_in_the_number_book() {
    let folder = tempfile::tempdir().unwrap();
    let procedure = crate::common::procedure();
    let form = procedure.form(&FormId::from("05")).unwrap();
    let pattern = procedure.document.pattern(&form.form);
    book(folder.path()).reserve(form, pattern, 2026, 1, ("", "二车间"), crate::common::now()).unwrap();
    let (mut window, hands) = window(folder.path());
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num9);
    window.run();
    click(&mut window, "打印 2026-001");
    until(&mut window, "第 1 页，共");
    until(&mut window, "打印机 ");
    send(&mut window, 2);
    assert!(words(&jobs(&hands)[0].pieces[0][0]).iter().any(|it| it.contains("2026-001")));
    let lines = book(folder.path()).numbers(&form.form, 2026).unwrap();
    assert_eq!(lines[0].note, "二车间；2026-11-20 打印");
}

/// Everything on the page can be reached and used without a mouse.
#[test]
fn printing_takes_two_keys() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&book(folder.path()), 1, &[]);
    let (mut window, hands) = window(folder.path());
    open(&mut window);
    window.run();
    window.key_press(Key::Enter);
    for _ in 0..2000 {
        if !jobs(&hands).is_empty() {
            break;
        }
        window.step();
        std::thread::yield_now();
    }
    assert_eq!(jobs(&hands).len(), 1);
    window.run();
    open(&mut window);
    window.key_press(Key::Escape);
    window.run();
    assert!(window.query_by_label("打印 2 页").is_none(), "Esc puts it away");
    assert_eq!(jobs(&hands).len(), 1);
}

#[test]
fn one_page_is_chosen_by_looking_at_it() {
    let choice = Choice { pages: Pages::This, this: 1, ..Choice::default() };
    assert_eq!(choice.places(3).unwrap().into_iter().collect::<Vec<_>>(), [1]);
    assert!(choice.places(0).unwrap().is_empty());
}

/// A file dropped on the window, a double click and a dialog's answer come by no command, and are refused all the same.
#[test]
fn no_other_book_comes_on_the_desk_while_something_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 1, &[]);
    let other = folder.path().join("b.book");
    slip_at(&Store::open(&other).unwrap(), 1, &[]);
    let (mut window, hands) = window(folder.path());
    open(&mut window);
    begin_stuck(&mut window, &hands);
    let ctx = window.ctx.clone();
    window.state_mut().open_file(&ctx, &other);
    assert!(notice(&window).starts_with("打开台帐：正在打印"), "{}", notice(&window));
    hands.printers.lock().unwrap().stuck = false;
    for _ in 0..2000 {
        if notice(&window).starts_with("已打印") {
            break;
        }
        window.step();
        std::thread::yield_now();
    }
    assert_eq!(printed(&kept(folder.path(), id)).len(), 2, "it is written down where it was printed from");
    // Afterwards the other comes, and what lay there to be printed or taken in goes.
    open(&mut window);
    let exchange = folder.path().join("单.json");
    crate::common::put_file(&exchange, crate::common::CASES);
    window.state_mut().open_file(&ctx, &exchange);
    for _ in 0..2000 {
        if window.query_by_label("导入交换文件").is_some() {
            break;
        }
        window.step();
        std::thread::yield_now();
    }
    assert!(window.query_by_label("打印 2 页").is_some() && window.query_by_label("导入交换文件").is_some());
    window.state_mut().open_file(&ctx, &other);
    window.run();
    assert_eq!(window.state().book(), Some(other.as_path()));
    assert!(window.query_by_label("打印 2 页").is_none() && window.query_by_label("导入交换文件").is_none());
    assert!(printed(&Store::open(&other).unwrap().record(id).unwrap().unwrap()).is_empty());
}

/// Away from its page, what is printing is stopped at the window's foot, and the words say so.
#[test]
fn what_prints_is_stopped_from_any_page() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&book(folder.path()), 1, &[]);
    let (mut window, hands) = window(folder.path());
    open(&mut window);
    begin_stuck(&mut window, &hands);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run_steps(4);
    window.key_press_modifiers(Modifiers::COMMAND, Key::P);
    window.run_steps(4);
    assert_eq!(notice(&window), "上一份还在打印，请等它印完，或点下面的“停止打印”");
    run(&mut window, Command::Dismiss);
    assert!(stop(&mut window).starts_with("已停下"));
}

/// What is on paper and could not be written down is not forgotten: it is tried again, and the book stays meanwhile.
#[test]
fn prints_that_cannot_be_written_down_are_written_down_later() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 1, &[]);
    let other = folder.path().join("b.book");
    Store::open(&other).unwrap();
    let (mut window, _hands) = window(folder.path());
    open(&mut window);
    let busy = rusqlite::Connection::open(folder.path().join("a.book")).unwrap();
    busy.execute_batch("BEGIN EXCLUSIVE").unwrap();
    window.get_by_label("打印 2 页").click();
    for _ in 0..2000 {
        if notice(&window).contains("没能记进台帐") {
            break;
        }
        window.step();
        std::thread::yield_now();
    }
    assert!(notice(&window).ends_with("会接着再试，请先不要关"), "{}", notice(&window));
    let ctx = window.ctx.clone();
    window.state_mut().open_file(&ctx, &other);
    assert!(notice(&window).starts_with("打开台帐：正在打印"), "{}", notice(&window));
    window.step();
    let wakes = window.output().viewport_output.values().map(|it| it.repaint_delay).min().unwrap();
    assert!(wakes < std::time::Duration::from_secs(3), "nobody has to wake the window for another try: {wakes:?}");
    window.input_mut().viewports.entry(ViewportId::ROOT).or_default().events.push(ViewportEvent::Close);
    window.step();
    let commands = |it: &Window| it.output().viewport_output[&ViewportId::ROOT].commands.clone();
    assert!(commands(&window).contains(&ViewportCommand::CancelClose), "the window stays until they are");
    assert!(printed(&kept(folder.path(), id)).is_empty());
    busy.execute_batch("ROLLBACK").unwrap();
    window.run_steps(300);
    assert_eq!(notice(&window), "刚才打印的都已记进台帐");
    assert_eq!(printed(&kept(folder.path(), id)).len(), 2);
    window.state_mut().open_file(&ctx, &other);
    assert_eq!(window.state().book(), Some(other.as_path()));
}

/// Between looking and printing another window may have destroyed one of many: what was printed of the others is kept.
#[test]
fn a_sheet_destroyed_meanwhile_keeps_no_other_from_being_written_down() {
    let store = Store::in_memory().unwrap();
    let ids = [slip_at(&store, 6, &[]), slip_at(&store, 1, &[])];
    crate::common::people(&store, &["甲", "乙", "丙"]);
    let [approved, executed, watched] = ["甲", "乙", "丙"].map(str::to_owned);
    let deed = Deed::Destroyed { approved, executed, watched, on: "2026-11-20".to_owned() };
    store.destroy(ids[0], &deed, &[], "", crate::common::now()).unwrap();
    let sheets = ids.map(|id| (id, taizhang::record::Printed::default())).to_vec();
    store.note_prints(&Prints { sheets, at: crate::common::now(), ..Prints::default() }).unwrap();
    let often = ids.map(|id| printed(&store.record(id).unwrap().unwrap()).len());
    assert_eq!(often, [0, 1]);
}

/// Of blank sheets under several numbers only those that were printed are noted.
#[test]
fn a_number_whose_sheet_was_not_printed_is_not_noted() {
    let folder = tempfile::tempdir().unwrap();
    let procedure = crate::common::procedure();
    let form = procedure.form(&FormId::from("05")).unwrap();
    let pattern = procedure.document.pattern(&form.form);
    let numbers = book(folder.path()).reserve(form, pattern, 2026, 2, ("", "二车间"), crate::common::now()).unwrap();
    let (mut window, _hands) = window(folder.path());
    let what = Command::ExportNumbered { form: form.form.clone(), numbers };
    run(&mut window, Command::Print(Box::new(what)));
    until(&mut window, "第 1 页，共 4 页");
    until(&mut window, "打印机 ");
    click(&mut window, "选几页");
    fill_in(&mut window, "页码", "3");
    send(&mut window, 1);
    let lines = book(folder.path()).numbers(&form.form, 2026).unwrap();
    let notes: Vec<&str> = lines.iter().map(|it| it.note.as_str()).collect();
    assert_eq!(notes, ["二车间", "二车间；2026-11-20 打印"]);
}

/// None of many sheets drops out of a print unsaid.
#[test]
fn a_sheet_that_cannot_be_printed_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 1, &[]);
    let there = kept(folder.path(), id);
    let strange = Record { edition: Edition::from("Z"), number: "2026-009".to_owned(), ..there.clone() };
    let said = pieces::sheets(&crate::common::procedure(), &[there, strange], Which::Last, false).unwrap_err();
    assert!(said.contains("2026-009") && said.contains("Z 版"), "{said}");
    let (mut window, _hands) = window(folder.path());
    run(&mut window, Command::Print(Box::new(Command::ExportSheets(vec![id, RecordId(99)]))));
    assert!(notice(&window).starts_with("内部号 99 已不在台帐里"), "{}", notice(&window));
    assert!(window.query_by_label_contains("第 1 页，共").is_none());
}

/// What is chosen last is what is printed, however quick the hand.
#[test]
fn pages_that_are_laid_out_anew_are_not_printed_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&book(folder.path()), 1, &[]);
    let (mut window, hands) = window(folder.path());
    open(&mut window);
    let signed = |it: &Job| words(&it.pieces[0][0]).contains(&"沈䶮");
    run(&mut window, Command::Remember("signatures", "true".to_owned()));
    window.key_press(Key::Enter);
    for _ in 0..200 {
        window.step();
    }
    assert!(jobs(&hands).iter().all(signed), "nothing is printed of what was there before");
    if jobs(&hands).is_empty() {
        until(&mut window, "第 1 页，共");
        send(&mut window, 2);
    }
    assert!(jobs(&hands).iter().all(signed) && jobs(&hands).len() == 1);
}

/// Printers that are far away, and a search that breaks down, leave the clerk with the PDF.
#[test]
fn nobody_has_to_wait_for_the_printers() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&book(folder.path()), 1, &[]);
    let (mut window, hands) = window(folder.path());
    hands.printers.lock().unwrap().far = true;
    window.key_press_modifiers(Modifiers::COMMAND, Key::P);
    window.run();
    until(&mut window, "第 1 页，共");
    assert!(window.query_by_label("正在找打印机…").is_some());
    click(&mut window, "用看 PDF 的程序打开");
    let opened = hands.opened.borrow().clone();
    std::fs::remove_dir_all(opened[0].parent().unwrap()).unwrap();
    {
        let mut printers = hands.printers.lock().unwrap();
        (printers.far, printers.broken) = (false, true);
    }
    until(&mut window, "查找打印机：程序出错，没有找完");
    hands.printers.lock().unwrap().broken = false;
    click(&mut window, "再找一次打印机");
    until(&mut window, "打印机 乙（默认）");
}

/// The PDF that another program opens is nobody else's on this machine, and is not encrypted: where the book is, that is
/// said.
#[test]
fn a_pdf_to_be_printed_elsewhere_is_the_users_own() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&book(folder.path()), 1, &[]);
    let path = folder.path().join("a.book");
    Opener::new(&path, None).change_key(Password::new("质量科 2026").as_ref()).unwrap();
    let (mut window, hands) = window(folder.path());
    run(&mut window, Command::Lock(LockCommand::Unlock(path, "质量科 2026".to_owned())));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run();
    hands.printers.lock().unwrap().there = None;
    window.key_press_modifiers(Modifiers::COMMAND, Key::P);
    window.run();
    until(&mut window, "第 1 页，共");
    until(&mut window, "这台电脑没有装打印机");
    click(&mut window, "用看 PDF 的程序打开");
    assert!(notice(&window).starts_with("已用看 PDF 的程序打开（PDF 不加密），"), "{}", notice(&window));
    let opened = hands.opened.borrow().clone();
    let own = opened[0].parent().unwrap();
    assert_ne!(own, std::env::temp_dir());
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&own.metadata().unwrap().permissions()) & 0o777, 0o700);
    std::fs::remove_dir_all(own).unwrap();
}

/// Esc puts away what lies on top: an open list of printers, and not the page below it.
#[test]
fn esc_closes_an_open_list_and_not_the_page() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&book(folder.path()), 1, &[]);
    let (mut window, _hands) = window(folder.path());
    open(&mut window);
    click(&mut window, "打印机 乙（默认）");
    assert!(window.query_by_label("甲").is_some());
    window.key_press(Key::Escape);
    window.run();
    assert!(window.query_by_label("甲").is_none() && window.query_by_label("打印 2 页").is_some());
    window.key_press(Key::Escape);
    window.run();
    assert!(window.query_by_label("打印 2 页").is_none());
}

/// Asks the window to close, as its corner does; whether it goes, now or in the frame after.
fn goes(window: &mut Window, asks: bool) -> bool {
    if asks {
        let seen = window.input_mut().viewports.entry(ViewportId::ROOT).or_default();
        seen.events.push(ViewportEvent::Close);
    }
    window.step();
    window.input_mut().viewports.entry(ViewportId::ROOT).or_default().events.clear();
    let commands = &window.output().viewport_output[&ViewportId::ROOT].commands;
    let stays = commands.contains(&ViewportCommand::CancelClose);
    asks && !stays || commands.contains(&ViewportCommand::Close)
}

/// A window that is closed while it prints goes when all of it went well; else what did not is read first.
#[test]
fn a_window_closed_while_it_prints_goes_when_that_went_well() {
    let folder = tempfile::tempdir().unwrap();
    slip_at(&book(folder.path()), 1, &[]);
    let (mut window, hands) = window(folder.path());
    open(&mut window);
    begin_stuck(&mut window, &hands);
    assert!(!goes(&mut window, true));
    assert!(notice(&window).contains("就关窗口"), "{}", notice(&window));
    assert!(stop(&mut window).contains("已停下"));
    assert!(!goes(&mut window, false), "what was not printed is read first");
    assert!(goes(&mut window, true));
}
