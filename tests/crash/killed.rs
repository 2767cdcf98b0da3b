//! The program itself, killed in the midst of its work.

use std::fmt::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use taizhang::store::{Key, Store};

use crate::chores::{Chore, Office};
use crate::common::now;
use crate::dice::Dice;
use crate::rounds;

/// Sheets that are taken in at once.
const SHEETS: usize = 40;
/// Says to a process of this test what it is to do, where, and with what password.
const ORDER: &str = "TAIZHANG_CHORE";
/// As the system counts them.
const KILLED: i32 = 9;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Done,
    Killed,
}

/// Runs it and kills it some time later. Whoever ends otherwise, above all with a refusal, has failed.
fn kill_after(mut command: Command, time: Option<Duration>) -> End {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    if let Some(time) = time {
        std::thread::sleep(time);
        // It may be done already.
        drop(child.kill());
    }
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    match (ended.status.success(), ended.status.signal()) {
        (true, _) => End::Done,
        (false, Some(KILLED)) if said.is_empty() => End::Killed,
        _ => panic!("neither done nor killed: {}, {said}", ended.status),
    }
}

/// The program, at an hour of its own.
fn program(words: &[std::ffi::OsString], minute: usize) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taizhang"));
    let at = now() + TimeDelta::minutes(minute as i64);
    let at = at.format("%Y-%m-%dT%H:%M:%S").to_string();
    command.args(words).env("TAIZHANG_NOW", at).env("TZ", "CST-8");
    command
}

/// So many are killed in earnest, each at a moment of its own; what counts is what is found afterwards.
fn kill(count: usize, mut one: impl FnMut(usize, &mut Dice) -> End) {
    let mut dice = Dice::new(count as u64);
    let (mut tried, mut killed) = (0, 0);
    while killed < count {
        assert!(tried < 20 + 8 * count, "of {tried} only {killed} were killed in time");
        killed += usize::from(one(tried, &mut dice) == End::Killed);
        tried += 1;
    }
}

/// Some moment, as long as it took when nobody killed it.
fn moment(taken: Duration, dice: &mut Dice) -> Duration {
    Duration::from_micros(dice.below(taken.as_micros().max(1) as usize) as u64)
}

/// What is taken in is taken in wholly or not at all, whenever the program is killed, and once it says so, wholly.
#[test]
fn a_killed_import_is_whole_or_never_was() {
    let folder = tempfile::tempdir().unwrap();
    let (book, file) = (folder.path().join("a.book"), folder.path().join("a.json"));
    let sheet = format!(r#"{{"用户名称":"癸厂","投诉内容":"{}"}}"#, "密集气孔一处。".repeat(200));
    std::fs::write(&file, format!(r#"{{"form05":[{}]}}"#, vec![sheet; SHEETS].join(","))).unwrap();
    drop(Store::open(&book).unwrap());
    let words = ["import".into(), file.into(), "--book".into(), book.clone().into()];
    let (mut before, mut taken) = (0, None);
    kill(rounds(12).min(1000), |round, dice| {
        let began = Instant::now();
        let end = kill_after(program(&words, round), taken.map(|it| moment(it, dice)));
        taken = taken.or(Some(began.elapsed()));
        let store = Store::open_existing(&book).unwrap();
        assert!(store.check().is_empty(), "round {round}: {:?}", store.check());
        let count = store.count(&"05".into()).unwrap();
        let whole = count == before + SHEETS || count == before && end == End::Killed;
        assert!(whole, "round {round}: {before} became {count}, {end:?}");
        before = count;
        // Not ever larger: a fresh one now and then.
        if count > 20 * SHEETS {
            drop(store);
            std::fs::remove_file(&book).unwrap();
            drop(Store::open(&book).unwrap());
            before = 0;
        }
        end
    });
}

/// The program at a piece of work on whole files; where no command of its own does it, a process of this test.
fn process(office: &Office, chore: Chore, round: usize) -> Command {
    if let Some(words) = office.command(chore) {
        return program(&words, round);
    }
    let mut order = format!("{chore:?}\n{}\n", office.book().parent().unwrap().display());
    write!(order, "{}", if office.is_locked() { Office::PASSWORD } else { "" }).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--ignored", "--quiet", "killed::at_work"]).env(ORDER, order);
    command
}

/// What a process of this test does.
#[test]
#[ignore = "a piece of work for the tests that kill it"]
fn at_work() {
    let order = std::env::var(ORDER).unwrap();
    let [chore, folder, password] = order.splitn(3, '\n').collect::<Vec<_>>().try_into().unwrap();
    let chore = Chore::ALL.into_iter().find(|it| format!("{it:?}") == chore).unwrap();
    Office::there(folder.as_ref(), Key::new(password)).run(chore).unwrap();
}

/// Killed at any moment, it was done wholly or not at all, and can be done again.
fn killed_at(chore: Chore) {
    let mut taken = Duration::ZERO;
    kill(rounds(4).min(200), |round, dice| {
        let folder = tempfile::tempdir().unwrap();
        let office = Office::new(folder.path(), chore, dice);
        let began = Instant::now();
        let time = (round > 0).then(|| moment(taken, dice));
        let end = kill_after(process(&office, chore, 0), time);
        if time.is_none() {
            taken = began.elapsed();
        }
        let look = |done| office.look(chore, done).unwrap_or_else(|why| panic!("{chore:?}, round {round}: {why}"));
        look(end == End::Done);
        if end == End::Killed {
            office.try_again(chore).unwrap_or_else(|why| panic!("{chore:?}, round {round}: {why}"));
            look(true);
        }
        end
    });
}

#[test]
fn a_killed_backup_is_whole_or_not_there() {
    killed_at(Chore::Backup);
}

#[test]
fn a_killed_export_leaves_the_old_paper_or_the_new() {
    killed_at(Chore::Export);
}

#[test]
fn a_killed_salvage_leaves_the_book_and_nothing_half_saved() {
    killed_at(Chore::Salvage);
}

#[test]
fn a_killed_restore_leaves_the_old_book_or_the_copy_and_the_old_beside_it() {
    killed_at(Chore::Restore);
}

#[test]
fn a_killed_restore_in_the_place_of_a_damaged_book_leaves_that_as_it_was() {
    killed_at(Chore::Replace);
}

#[test]
fn a_killed_change_of_password_leaves_the_old_one_or_the_new() {
    killed_at(Chore::Key);
}

#[test]
fn a_killed_upgrade_leaves_the_older_book_or_the_newest() {
    killed_at(Chore::Upgrade);
}
