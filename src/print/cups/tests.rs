#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use super::end::{End, beneath, is_listed, outcome, told};
use super::{Fault, attribute, options, papers, refused, run, trouble};
use crate::export::Clock;
use crate::layout::Page;
use crate::print::{Job, Outcome, Sides};
use crate::units::{Mm, Size};

const SAID: &str = "copies=1 device-uri=cups-pdf:/ printer-info='办公室 \\'大\\' 打印机' printer-is-accepting-jobs=true \
                    printer-location=二楼 printer-state=3 printer-state-reasons=none printer-type=4124";

fn a4() -> Size {
    Size::new(Mm::mm(210.0), Mm::mm(297.0))
}

fn page() -> Page {
    Page { paper: a4(), marks: Vec::new(), slots: Vec::new() }
}

fn job() -> Job {
    let now = chrono::NaiveDate::from_ymd_opt(2026, 11, 20).unwrap().and_hms_opt(9, 0, 0).unwrap();
    Job {
        printer: "甲".to_owned(),
        title: "处置单".to_owned(),
        pieces: Vec::new(),
        copies: 1,
        sides: Sides::One,
        offset: (Mm::ZERO, Mm::ZERO),
        clock: Clock { now, utc_offset_minutes: 480 },
    }
}

#[test]
fn what_lpoptions_says_is_read_quotes_and_all() {
    assert_eq!(attribute(SAID, "printer-info").as_deref(), Some("办公室 '大' 打印机"));
    assert_eq!(attribute(SAID, "printer-location").as_deref(), Some("二楼"));
    assert_eq!(attribute(SAID, "printer-type").as_deref(), Some("4124"));
    assert_eq!(attribute(SAID, "info"), None);
    for broken in ["", "copies", "a='b", "= =", "x=1 y", "a=\\"] {
        assert_eq!(attribute(broken, "b"), None, "{broken}");
    }
}

/// A printer that stands nowhere in particular has a location that is empty, and says so with a bare word.
#[test]
fn a_key_without_a_value_hides_none_behind_it() {
    let said = "printer-is-shared=true printer-location printer-make-and-model='Generic CUPS-PDF Printer' \
                printer-state=5 printer-type=8581196 printer-info";
    assert_eq!(attribute(said, "printer-make-and-model").as_deref(), Some("Generic CUPS-PDF Printer"));
    assert_eq!(attribute(said, "printer-type").as_deref(), Some("8581196"));
    assert_eq!((attribute(said, "printer-location"), attribute(said, "printer-info")), (None, None));
    assert_eq!(trouble(said), "已暂停");
}

#[test]
fn why_a_printer_does_not_print_is_said_in_the_offices_words() {
    let state = |state: &str, reasons: &str, accepts: &str| {
        trouble(&format!("printer-is-accepting-jobs={accepts} printer-state={state} printer-state-reasons={reasons}"))
    };
    assert_eq!(trouble(SAID), "");
    assert_eq!(state("3", "toner-low-warning", "true"), "");
    assert_eq!(state("5", "paused", "true"), "已暂停");
    assert_eq!(state("5", "none", "true"), "已暂停");
    assert_eq!(state("4", "toner-low,media-empty-error", "true"), "没有纸了");
    assert_eq!(state("3", "offline-report", "true"), "没有连上，或没有开机");
    assert_eq!(state("3", "none", "false"), "现在不接收打印");
}

#[test]
fn papers_are_those_the_printer_lists() {
    let said = "Resolution/Output Resolution: 150dpi *300dpi\nPageSize/Media Size: A3 *A4 Custom.WIDTHxHEIGHT\n";
    assert_eq!(papers(said), ["A3", "A4", "Custom.WIDTHxHEIGHT"]);
    assert!(papers("").is_empty());
}

/// `lpstat` writes a Chinese name as an address does.
#[test]
fn a_queue_entry_is_found_whatever_the_printer_is_called() {
    let said = "%E6%85%A2%E7%9A%84-5            root    407552   Sat Nov 21 17:21:27 2026\nHP%1-6 root 1 Sat\n";
    assert!(is_listed(said, "慢的-5") && is_listed(said, "HP%1-6"));
    assert!(!is_listed(said, "慢的-6") && !is_listed(said, "慢的") && !is_listed("", "慢的-5"));
}

/// What `lpstat -l -W completed -o` says of one that was taken out while it was printed, of one that was taken out before
/// its turn, and of one that was printed; the last two say the same.
const ENDED: &str = "\
%E6%85%A2%E7%9A%84-2    root              1024   Sat Nov 21 19:47:39 2026
\tStatus: 
\tAlerts: job-canceled-by-user
\tqueued for %E6%85%A2%E7%9A%84
%E6%85%A2%E7%9A%84-3    root              1024   Sat Nov 21 19:47:39 2026
\tAlerts: processing-to-stop-point
\tqueued for %E6%85%A2%E7%9A%84
%E5%8A%9E%E5%85%AC%E5%AE%A4-1 root              1024   Sat Nov 21 19:47:36 2026
\tStatus: 
\tAlerts: processing-to-stop-point
\tqueued for %E5%8A%9E%E5%85%AC%E5%AE%A4
";

#[test]
fn what_somebody_took_out_of_the_queue_is_told_from_what_was_printed() {
    let said = |id| beneath(ENDED, id).map(|it| told(&it));
    assert_eq!(said("慢的-2"), Some(Some(End::Cancelled)));
    assert_eq!((said("慢的-3"), said("办公室-1")), (Some(None), Some(None)));
    assert_eq!((said("慢的-4"), said("")), (None, None), "of this one nothing is kept");
    // Asked to cancel it, the queue says which it was.
    let refusal = |how| told(&format!("cancel: cancel-job failed: Job #3 is already {how} - can't cancel.\n"));
    assert_eq!(refusal("canceled"), Some(End::Cancelled));
    assert_eq!(refusal("aborted"), Some(End::Aborted));
    assert_eq!(refusal("completed"), Some(End::Printed));
    assert_eq!(told("cancel: cancel-job failed: Job #99 does not exist.\n"), Some(End::Printed));
    assert_eq!(told("\tAlerts: aborted-by-system"), Some(End::Aborted));
    assert_eq!(told("\tAlerts: job-completed-successfully"), Some(End::Printed));
    assert_eq!(told("cancel: cancel-job failed: Forbidden"), None);
}

/// Papers of two sizes are two entries of the queue, and one of them may be printed when the other is not.
#[test]
fn what_is_out_on_paper_of_a_job_is_said() {
    let job = Job { pieces: vec![vec![page(), page()], vec![page()]], ..job() };
    let ends = |first, second| [(first, 2), (second, 1)];
    use End::{Aborted, Cancelled, Printed, Waits};
    assert_eq!(outcome(&job, &ends(Printed, Printed), false), Ok(Outcome::Printed));
    let paused = || Waits("已暂停".to_owned());
    assert_eq!(outcome(&job, &ends(Printed, paused()), false), Ok(Outcome::Waits("已暂停".to_owned())));
    let gone = outcome(&job, &ends(Cancelled, Cancelled), false).unwrap_err();
    assert_eq!(gone, "没有打印 处置单：在 甲 上，在打印队列里被取消了");
    let part = outcome(&job, &ends(Printed, Aborted), false).unwrap_err();
    assert!(part.contains("打印队列没能印出来，放弃了；共 3 页里有 2 页已经印出，没有记进台帐"), "{part}");
    // The clerk stopped it: in time, too late, half-way.
    assert_eq!(outcome(&job, &ends(Cancelled, Cancelled), true), Ok(Outcome::Stopped));
    assert_eq!(outcome(&job, &[], true), Ok(Outcome::Stopped));
    assert_eq!(outcome(&job, &ends(Printed, Printed), true), Ok(Outcome::Printed));
    let half = outcome(&job, &[(Printed, 2)], true).unwrap_err();
    assert!(half.starts_with("已停下：处置单；共 3 页里有 2 页已经印出"), "{half}");
}

/// True size whatever else is set up for the printer; a page that lies is printed on the same paper.
#[test]
fn the_queue_is_told_the_paper_and_its_true_size() {
    let upright = options(a4(), Sides::One);
    assert_eq!(upright[..2], ["media=A4", "sides=one-sided"]);
    for fixed in ["print-scaling=none", "fit-to-page=false", "number-up=1", "copies=1"] {
        assert!(upright.iter().any(|it| it == fixed), "{fixed}");
    }
    let lying = options(Size::new(Mm::mm(297.0), Mm::mm(210.0)), Sides::ShortEdge);
    assert_eq!(lying[..2], ["media=A4", "sides=two-sided-short-edge"]);
    assert_eq!(options(Size::new(Mm::mm(100.0), Mm::mm(148.0)), Sides::LongEdge)[0], "media=Custom.100x148mm");
}

#[test]
fn what_lp_says_becomes_a_sentence_with_its_own_words_last() {
    let job = job();
    let said = |words: &str| refused(&job, &Fault::Said(words.to_owned()));
    assert_eq!(
        said("lp: Request Entity Too Large\n"),
        "没有打印 处置单：在 甲 上，打印队列放不下：存放打印任务的磁盘满了，请腾出空间再印（lp: Request Entity Too Large）"
    );
    assert!(said("lp: Destination \"甲\" is not accepting jobs.").contains("这台打印机现在不接收打印（"));
    assert!(said("lp: 打印机着火了").ends_with("打印系统没有收下（lp: 打印机着火了）"));
    assert!(refused(&job, &Fault::Missing).ends_with("这台电脑没有装打印系统（CUPS）"));
    assert!(refused(&job, &Fault::Slow).ends_with("一直没有回音，不再等了"));
}

#[test]
fn no_command_is_waited_for_for_ever() {
    let run = |program, words: &[&str], limit, stopped| run(program, words, None, limit, &move || stopped);
    let short = Duration::from_millis(50);
    // What it started holds its pipes open when it is gone.
    assert!(matches!(run("sh", &["-c", "sleep 5 & sleep 5"], short, false), Err(Fault::Slow)));
    assert!(matches!(run("sh", &["-c", "sleep 5"], Duration::from_secs(60), true), Err(Fault::Stopped)));
    assert!(matches!(run("/there/is/none", &[], short, false), Err(Fault::Missing)));
    let long = Duration::from_secs(60);
    assert!(matches!(run("sh", &["-c", "echo 好; echo 坏 >&2"], long, false), Ok(said) if said == "好\n"));
    assert!(matches!(run("sh", &["-c", "echo 坏 >&2; exit 1"], long, false), Err(Fault::Said(said)) if said == "坏\n"));
}

/// Some print systems stop reading before the end, and say why.
#[test]
fn a_command_that_reads_no_more_says_why() {
    let input = vec![b'x'; 1 << 22];
    let said = run("sh", &["-c", "echo full >&2; exit 1"], Some(input), Duration::from_secs(60), &|| false);
    assert!(matches!(said, Err(Fault::Said(said)) if said == "full\n"));
}
