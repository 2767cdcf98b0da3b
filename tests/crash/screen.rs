//! No lie on the screen: the window on a disk that fails, is healed, and loses its power.

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use taizhang::command::{ArchiveCommand, Command, CustomerCommand, NumberCommand, OfficeCommand};
use taizhang::flow::Signature;
use taizhang::procedure::Change;
use taizhang::record::{CellId, Correction, Customer, Deed, RecordId, Void};
use taizhang::store::Store;

use crate::common::{Window, now, settle, slip_at, window};
use crate::dice::Dice;
use crate::office::Kept;
use crate::rounds;
use crate::vfs::{Disk, Fault, Work};

/// Frames in which the window writes what it was given, at a pause of less than a second.
const A_WHILE: usize = 60;
/// Frames in which it has tried again, every two seconds.
const ANOTHER_TRY: usize = 300;

/// What the foot of the window, and a reader of the screen, find there.
fn says(window: &Window, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

fn press(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run_steps(4);
}

fn ctrl(window: &mut Window, key: Key) {
    window.key_press_modifiers(Modifiers::COMMAND, key);
    window.run_steps(4);
}

/// Types into the cell that has the pen, and waits until the window has nothing more to do.
fn type_on(window: &mut Window, cell: &str, text: &str) {
    window.get_by_label(cell).type_text(text);
    window.run_steps(A_WHILE);
}

fn on_the_disk(disk: &Disk, cell: &str) -> Vec<String> {
    let store = Store::open_existing(&disk.folder().join("a.book")).unwrap();
    assert!(store.check().is_empty());
    store.records(&"05".into()).unwrap().iter().map(|it| it.value(cell).to_owned()).collect()
}

/// Nothing on the screen claims that what is typed is kept; the words are told, and still in their cell.
fn tells_the_truth(window: &Window, cell: &str, text: &str) {
    assert!(!says(window, "已保存"), "nothing is said to be saved");
    assert!(!says(window, "都已自动存进台帐"), "nothing is said to be saved");
    assert_eq!(window.state().record().value(cell), text, "it stays in its cell");
    let told = window.state().notice().unwrap_or_default().to_owned();
    assert!(says(window, "没写进") || says(window, "没能写进"), "{told}");
}

fn a_slip(disk: &Disk) -> Window {
    let (mut window, _) = window(&disk.folder(), "a.book");
    ctrl(&mut window, Key::Num2);
    ctrl(&mut window, Key::N);
    type_on(&mut window, "用户名称", "甲厂");
    assert!(says(&window, "已保存"));
    window
}

fn each_fault() -> impl Iterator<Item = Fault> {
    [(Work::Write, false), (Work::Write, true), (Work::Sync, false)].into_iter().map(|(work, full)| Fault {
        work: Some(work),
        after: 0,
        lasting: true,
        full,
    })
}

/// A disk that is full or broken: the window says so, in the cell stands what was typed, and whatever is pressed, nothing
/// is said to be saved. When the disk is well again it is written without a hand.
#[test]
fn what_the_disk_did_not_take_is_not_said_to_be_saved() {
    for fault in each_fault() {
        let disk = Disk::new();
        let mut window = a_slip(&disk);
        settle(&mut window);
        disk.fail(fault);
        type_on(&mut window, "用户名称", "（新）");
        tells_the_truth(&window, "customer", "甲厂（新）");
        // Whoever would rather save by hand is told the same.
        ctrl(&mut window, Key::S);
        tells_the_truth(&window, "customer", "甲厂（新）");
        press(&mut window, Key::Tab);
        type_on(&mut window, "投诉联系人", "陈堃");
        tells_the_truth(&window, "contact", "陈堃");
        ctrl(&mut window, Key::S);
        tells_the_truth(&window, "customer", "甲厂（新）");
        disk.heal();
        window.run_steps(ANOTHER_TRY);
        assert!(says(&window, "已保存"), "{fault:?}: {:?}", window.state().notice());
        assert!(!says(&window, "没写进去的字还在窗口里"));
        disk.cut();
        drop(window);
        disk.boot(&mut Dice::new(0));
        assert_eq!(on_the_disk(&disk, "customer"), ["甲厂（新）"], "{fault:?}");
        assert_eq!(on_the_disk(&disk, "contact"), ["陈堃"], "{fault:?}");
    }
}

/// Ctrl+S right behind the last letter does not say that it is saved before it is.
#[test]
fn nothing_is_said_to_be_saved_before_it_is() {
    let disk = Disk::new();
    let mut window = a_slip(&disk);
    settle(&mut window);
    disk.fail(Fault { work: Some(Work::Write), after: 0, lasting: true, full: true });
    window.get_by_label("用户名称").type_text("（新）");
    ctrl(&mut window, Key::S);
    assert!(!says(&window, "都已自动存进台帐"), "{:?}", window.state().notice());
}

/// A power cut after the screen said that it is saved loses nothing, whatever else was being written.
#[test]
fn what_was_said_to_be_saved_outlives_a_power_cut() {
    for seed in 0..rounds(8).min(200) {
        let mut dice = Dice::new(seed as u64);
        let disk = Disk::new();
        let mut window = a_slip(&disk);
        let mut saved = "甲厂".to_owned();
        let mut typed = saved.clone();
        disk.cut_after(dice.below(30));
        for _ in 0..8 {
            typed.push('乙');
            type_on(&mut window, "用户名称", "乙");
            if says(&window, "已保存") {
                saved.clone_from(&typed);
            } else {
                tells_the_truth(&window, "customer", &typed);
                break;
            }
        }
        disk.cut();
        drop(window);
        disk.boot(&mut dice);
        let kept = on_the_disk(&disk, "customer");
        assert_eq!(kept.len(), 1, "seed {seed}");
        assert!(kept[0].starts_with(&saved) && typed.starts_with(&kept[0]), "seed {seed}: {saved}, {kept:?}, {typed}");
    }
}

/// While the disk was ill another window voided the sheet: what waited is refused by rule, and not said to be saved.
#[test]
fn what_a_rule_forbids_meanwhile_is_not_said_to_be_saved() {
    let disk = Disk::new();
    let mut window = a_slip(&disk);
    settle(&mut window);
    disk.fail(Fault { work: Some(Work::Write), after: 0, lasting: true, full: true });
    type_on(&mut window, "用户名称", "（新）");
    tells_the_truth(&window, "customer", "甲厂（新）");
    disk.heal();
    let void = Void { by: "钱立群".into(), on: "2026-11-20".into(), reason: "重复".into() };
    Store::open_existing(&disk.folder().join("a.book")).unwrap().void(RecordId(1), &void, now()).unwrap();
    window.run_steps(ANOTHER_TRY);
    assert_eq!(on_the_disk(&disk, "customer"), ["甲厂"]);
    let told = window.state().notice().unwrap_or_default().to_owned();
    assert!(!says(&window, "都已保存") && told.contains("没有写入"), "{told}");
}

/// Whatever is done while the disk is ill: it is told that it was not done, and it was not.
#[test]
fn nothing_is_said_to_be_done_that_the_disk_did_not_take() {
    let id = RecordId(1);
    let correction = Correction {
        cell: CellId::new("complaint", 0),
        old: String::new(),
        new: "密集气孔两处。".into(),
        by: "沈䶮".into(),
        on: "2026-11-20".into(),
        reason: "复查".into(),
    };
    let signature = Signature {
        name: "徐国梁".into(),
        on: Some(now().date()),
        excused: Vec::new(),
        overruled: String::new(),
        ..Default::default()
    };
    let customer = Customer { name: "癸厂".into(), note: "新".into(), ..Customer::default() };
    let passed_on =
        Deed::PassedOn { department: "设备修造部".into(), person: "徐国梁".into(), on: "2026-11-20".into() };
    let (form, note) = (taizhang::procedure::FormId::from("05"), "发车间".to_owned());
    let commands = [
        Command::Correct { record: id, correction },
        Command::Void { record: id, reason: "重复".into(), by: "沈䶮".into() },
        Command::Note { record: id, deeds: vec![passed_on] },
        Command::Sign { record: id, field: "handler".into(), signature },
        Command::Rewrite(id),
        Command::Customer(CustomerCommand::Put(customer)),
        Command::Archive(ArchiveCommand::Hold { records: vec![id], reason: "诉讼".into() }),
        Command::Number(NumberCommand::Reserve { form, year: 2026, count: 2, note }),
        Command::Office(OfficeCommand::Change(Change::Company("乙公司".into()))),
    ];
    for fault in each_fault() {
        for command in &commands {
            let disk = Disk::new();
            let book = disk.folder().join("a.book");
            slip_at(&Store::open(&book).unwrap(), 2, &[("measures", "返修。")]);
            let before = Kept::read(&Store::open_existing(&book).unwrap()).unwrap();
            let (mut window, _) = window(&disk.folder(), "a.book");
            // The day's copy, beside the window, has failures of its own to tell.
            settle(&mut window);
            let run = |window: &mut Window| {
                let ctx = window.ctx.clone();
                window.state_mut().run(&ctx, Command::Open(id));
                window.state_mut().run(&ctx, command.clone());
                window.run_steps(4);
                window.state().notice().unwrap_or_default().to_owned()
            };
            disk.fail(fault);
            let told = run(&mut window);
            assert!(told.contains("磁盘") && says(&window, "磁盘"), "{command:?}: {told}");
            disk.heal();
            let after = Kept::read(&Store::open_existing(&book).unwrap()).unwrap();
            assert!(after == before, "{command:?}: {}", after.unlike(&before));
            // On a disk that is well the same is done: it was not refused for another reason.
            let told = run(&mut window);
            assert!(!told.contains("磁盘") && !told.contains("没有"), "{command:?}: {told}");
        }
    }
}
