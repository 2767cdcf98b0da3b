//! 备份与恢复: copies of the book that are as good as the book, and putting one back so that nothing is ever lost.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{Hands, Window, book, click, fill, notice, now, procedure, put_file, settle, slip_at};
use chrono::{Datelike as _, Duration, NaiveDateTime};
use eframe::egui::Event;
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use proptest::prelude::*;
use taizhang::app::Answer;
use taizhang::command::{ArchiveCommand, BackupCommand, Command, CustomerCommand, View};
use taizhang::record::{Deed, RecordId};
use taizhang::store::{
    Condition, Head, Key, Opener, Places, Reason, Store, backup_name, read_backup_name, superfluous,
};

fn at(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

/// Later than any copy.
const LATER: NaiveDateTime = NaiveDateTime::MAX;

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> = entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn copies(folder: &Path) -> Vec<PathBuf> {
    names(&folder.join("备份")).iter().map(|it| folder.join("备份").join(it)).collect()
}

/// A window in which everything that goes on at its start is over.
fn window(folder: &Path) -> (Window, Hands) {
    let (mut window, hands) = crate::common::window(folder, "a.book");
    settle(&mut window);
    (window, hands)
}

fn run(window: &mut Window, command: Command) {
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, command);
    settle(window);
}

/// What a copy of the book is called.
fn called(store: &Store, at: NaiveDateTime, reason: Reason) -> String {
    backup_name(store.path(), at, reason, store.head().unwrap())
}

/// Has each copy's file written when its name says, as it is where the clock goes right.
fn age(folder: &Path) {
    for name in names(folder) {
        let Some((at, ..)) = read_backup_name(Path::new("a.book"), &name) else { continue };
        let since = std::time::Duration::from_secs(at.and_utc().timestamp().try_into().unwrap());
        let file = fs::OpenOptions::new().write(true).open(folder.join(name)).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + since).unwrap();
    }
}

// Names and thinning.

#[test]
fn a_copy_is_called_by_its_book_moment_and_reason() {
    let book = Path::new("/office/质量.book");
    let name = backup_name(book, at("2026-11-21T09:30:05"), Reason::Import, None);
    assert_eq!(name, "质量-备份-20261121-093005-导入前.book");
    assert_eq!(read_backup_name(book, &name), Some((at("2026-11-21T09:30:05"), Reason::Import, None)));
    let head = Head::read("12345:3f9a01bc77d2e8f4");
    let name = backup_name(book, at("2026-11-21T09:30:05"), Reason::Import, head);
    assert_eq!(name, "质量-备份-20261121-093005-导入前-12345-3f9a01bc77d2e8f4.book");
    for (counted, head) in [("-2", None), ("-12345-3f9a01bc77d2e8f4-65", head)] {
        let name = format!("质量-备份-20261121-093005-导入前{counted}.book");
        assert_eq!(read_backup_name(book, &name), Some((at("2026-11-21T09:30:05"), Reason::Import, head)));
    }
    for other in [
        "质量-备份-20261121-093005-导入.book",
        "质量2-备份-20261121-093005-导入前.book",
        "质量-备份-20261321-093005-每日.book",
        "质量-备份-20261121-093005-每日.book.part",
        "质量-备份-+20261121-093005-每日.book",
        "质量-备份-20261121-093005-每日-1.book",
        "质量-备份-20261121-093005-每日-02.book",
        "质量-备份-20261121-093005-每日-12345-3f9a01bc77d2e8f.book",
        "质量-备份-20261121-093005-每日-12345-3f9a01bc77d2e8f4-2-3.book",
        "质量-备份-20261121-093005.book",
        "质量.book",
        "质量-恢复前-20261121-093005.book",
    ] {
        assert_eq!(read_backup_name(book, other), None, "{other}");
    }
}

#[test]
fn of_two_years_seven_days_four_weeks_and_twelve_months_are_kept() {
    let made: Vec<_> = (0..730).map(|it| (at("2026-11-20T09:00:00") - Duration::days(it), Reason::Daily)).collect();
    let gone: HashSet<usize> = superfluous(&made, LATER).into_iter().collect();
    let kept: Vec<String> = (0..730).filter(|it| !gone.contains(it)).map(|it| made[it].0.date().to_string()).collect();
    let wanted = [
        // Seven days; a Friday and back to the Saturday before, which is of another week.
        "2026-11-20",
        "2026-11-19",
        "2026-11-18",
        "2026-11-17",
        "2026-11-16",
        "2026-11-15",
        "2026-11-14",
        // Four weeks: of the two before those, the newest.
        "2026-11-08",
        "2026-11-01",
        // Twelve months.
        "2026-10-31",
        "2026-09-30",
        "2026-08-31",
        "2026-07-31",
        "2026-06-30",
        "2026-05-31",
        "2026-04-30",
        "2026-03-31",
        "2026-02-28",
        "2026-01-31",
        "2025-12-31",
    ];
    assert_eq!(kept, wanted);
}

#[test]
fn what_was_copied_for_a_reason_stays_seven_days_and_an_older_shape_for_good() {
    let day = |it: i64| at("2026-11-20T09:00:00") - Duration::days(it);
    let made = [
        (day(0), Reason::Daily),
        (day(0) - Duration::hours(1), Reason::Daily),
        (day(0) - Duration::hours(2), Reason::Import),
        (day(6) - Duration::hours(2), Reason::Destroy),
        (day(9), Reason::Daily),
        (day(9) - Duration::hours(1), Reason::Destroy),
        (day(2000), Reason::Upgrade),
    ];
    assert_eq!(superfluous(&made, day(0)), [1, 5]);
    // What is dated later than today counts for nothing.
    assert_eq!(superfluous(&made, day(3)), [0; 0]);
    assert_eq!(superfluous(&made[..1], day(0)), [0; 0]);
    assert_eq!(superfluous(&[], day(0)), [0; 0]);
}

proptest! {
    /// Whatever was copied when: the newest one stays, and after thinning there is nothing more to thin.
    #[test]
    fn the_newest_copy_always_stays(made in prop::collection::vec((0_i64..60_000, 0_usize..6), 1..120)) {
        let made: Vec<_> = made
            .into_iter()
            .map(|(hours, reason)| (at("2020-01-01T00:00:00") + Duration::hours(hours), Reason::ALL[reason]))
            .collect();
        let gone: HashSet<usize> = superfluous(&made, LATER).into_iter().collect();
        let kept: Vec<_> = (0..made.len()).filter(|it| !gone.contains(it)).map(|it| made[it]).collect();
        let newest = made.iter().map(|it| it.0).max();
        prop_assert_eq!(kept.iter().map(|it| it.0).max(), newest);
        prop_assert!(superfluous(&kept, LATER).is_empty());
        let days: HashSet<_> = made.iter().map(|it| it.0.date()).collect();
        prop_assert!(kept.len() >= days.len().min(7));
        let months: HashSet<_> = made.iter().map(|it| (it.0.year(), it.0.month())).collect();
        prop_assert!(kept.len() >= months.len().min(12));
    }
}

// Copies.

#[test]
fn a_copy_is_the_book_and_lies_in_both_places() {
    let folder = tempfile::tempdir().unwrap();
    let stick = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    store.set_backup_places(&Places { folder: PathBuf::new(), second: stick.path().to_owned() }).unwrap();
    let done = store.back_up(Reason::Daily, now()).unwrap();
    assert_eq!(done.missing, Vec::<String>::new());
    let name = called(&store, now(), Reason::Daily);
    // No log, no lock, nothing half-written beside.
    assert_eq!(names(&folder.path().join("备份")), std::slice::from_ref(&name));
    assert_eq!(names(stick.path()), [name]);
    for copy in &done.made {
        let copy = Store::open(copy).unwrap();
        assert_eq!(copy.check(), store.check());
        assert_eq!(copy.records(&"05".into()).unwrap(), store.records(&"05".into()).unwrap());
    }
}

#[test]
fn a_second_place_that_is_not_there_is_told_and_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    let second = folder.path().join("U盘");
    store.set_backup_places(&Places { folder: PathBuf::new(), second: second.clone() }).unwrap();
    let done = store.back_up(Reason::Daily, now()).unwrap();
    assert_eq!(done.made.len(), 1);
    assert!(done.missing[0].contains("U盘 不在"), "{:?}", done.missing);
    assert!(!second.exists(), "a folder is not made where the disk would be");
}

#[test]
fn a_folder_that_cannot_be_written_is_told_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    let taken = folder.path().join("不是文件夹");
    put_file(&taken, "x");
    store.set_backup_places(&Places { folder: taken, second: PathBuf::new() }).unwrap();
    let refused = store.back_up(Reason::Daily, now()).unwrap_err().to_string();
    assert!(refused.contains("备份台帐到") && refused.contains("不是文件夹"), "{refused}");
    assert_eq!(store.check(), Vec::<String>::new());
}

#[test]
fn only_copies_of_this_very_book_are_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    let place = folder.path().join("备份");
    for hour in (1..4).rev() {
        store.back_up(Reason::Daily, now() - Duration::hours(hour)).unwrap();
        age(&place);
    }
    // Of each day the newest stays, beside the one just made; of what else lies there everything.
    let early = |it: i64| called(&store, now() - Duration::hours(it), Reason::Daily);
    assert_eq!(names(&place), [early(2), early(1)]);
    let other = tempfile::tempdir().unwrap();
    let another = book(other.path());
    slip_at(&another, 0, &[]);
    another.copy_to(&place.join("a-备份-20261120-010000-每日.book")).unwrap();
    put_file(place.join("a-备份-20261120-020000-每日.book"), "不是台帐");
    put_file(place.join("a-备份-20261120-030000-每日.book.txt"), "笔记");
    age(&place);
    store.back_up(Reason::Daily, now()).unwrap();
    age(&place);
    // What was written now is thinned with the next: its own time was not yet what its name says.
    store.back_up(Reason::Manual, now()).unwrap();
    assert_eq!(
        names(&place),
        [
            "a-备份-20261120-010000-每日.book".to_owned(),
            "a-备份-20261120-020000-每日.book".to_owned(),
            "a-备份-20261120-030000-每日.book.txt".to_owned(),
            called(&store, now(), Reason::Manual),
            called(&store, now(), Reason::Daily),
        ]
    );
}

#[test]
fn what_a_copy_that_was_cut_short_left_behind_goes_with_the_next_but_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    let place = folder.path().join("备份");
    store.back_up(Reason::Manual, now()).unwrap();
    for (name, hours) in [(".taizhang-AbCd12", 25), (".taizhang-AbCd13", 0), ("old", 25)] {
        let file = fs::File::create(place.join(name)).unwrap();
        let moment = file.metadata().unwrap().modified().unwrap();
        file.set_modified(moment - std::time::Duration::from_secs(hours * 3600)).unwrap();
    }
    store.back_up(Reason::Manual, now() + Duration::hours(1)).unwrap();
    let left: Vec<String> = names(&place).into_iter().filter(|it| !it.ends_with(".book")).collect();
    assert_eq!(left, [".taizhang-AbCd13", "old"]);
}

#[test]
fn two_copies_in_one_second_do_not_replace_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    store.back_up(Reason::Manual, now()).unwrap();
    slip_at(&store, 0, &[]);
    store.back_up(Reason::Manual, now()).unwrap();
    let count = |it: &PathBuf| Store::open(it).unwrap().count(&"05".into()).unwrap();
    let mut counts: Vec<usize> = copies(folder.path()).iter().map(count).collect();
    counts.sort_unstable();
    let [fewer, more] = counts[..] else { panic!("{counts:?}") };
    assert_eq!(fewer + 1, more);
}

/// A clock that was set through the next year, or an attacker who sets it, makes the copies of this month seem old.
#[test]
fn a_clock_that_jumps_lets_no_copy_go() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    let place = folder.path().join("备份");
    for day in (0..20).rev() {
        store.back_up(Reason::Daily, now() - Duration::days(day)).unwrap();
        age(&place);
    }
    // The copy just made is counted with the next one.
    store.back_up(Reason::Manual, now() + Duration::minutes(1)).unwrap();
    let days = || -> HashSet<_> {
        let made = names(&place).into_iter().filter_map(|it| read_backup_name(store.path(), &it));
        made.map(|it| it.0.date()).collect()
    };
    let before = days();
    assert_eq!(before.len(), 9, "an honest clock thins: {before:?}");
    for jump in 1..=24 {
        slip_at(&store, 0, &[]);
        store.back_up(Reason::Import, now() + Duration::days(15 * jump)).unwrap();
    }
    assert!(before.is_subset(&days()), "{:?}", names(&place));
    // Nor when the clock is right again, and the files of that time are as they were dated.
    age(&place);
    slip_at(&store, 0, &[]);
    store.back_up(Reason::Daily, now() + Duration::hours(1)).unwrap();
    assert!(before.is_subset(&days()), "{:?}", names(&place));
}

/// A folder of exchange files, taken in one after the other by a script.
#[test]
fn the_66th_import_within_a_minute_is_taken_in() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    for second in 0..66 {
        store.back_up(Reason::Import, now() + Duration::milliseconds(second * 500)).unwrap();
        slip_at(&store, 0, &[]);
    }
    let made = copies(folder.path());
    assert_eq!(made.len(), 1, "{made:?}");
    store.back_up(Reason::Import, now() + Duration::seconds(61)).unwrap();
    assert_eq!(copies(folder.path()).len(), 2);
    // A copy that the book does not go on from, or that is broken, is none to rely on.
    let damaged = &copies(folder.path())[1];
    put_file(damaged, "不是台帐");
    store.back_up(Reason::Import, now() + Duration::seconds(62)).unwrap();
    assert_eq!(copies(folder.path()).len(), 3);
}

#[test]
fn a_hundred_copies_in_one_second_all_have_names() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    for _ in 0..100 {
        store.back_up(Reason::Manual, now()).unwrap();
    }
    let made = copies(folder.path());
    assert_eq!(made.len(), 100);
    let named = |it: &PathBuf| read_backup_name(store.path(), it.file_name()?.to_str()?);
    assert!(made.iter().all(|it| named(it) == Some((now(), Reason::Manual, store.head().unwrap()))));
}

#[test]
fn a_copy_is_made_while_another_window_writes() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    let opener = store.opener();
    let copying = std::thread::spawn(move || opener.open().unwrap().back_up(Reason::Daily, now()).unwrap());
    for it in 0..40 {
        slip_at(&store, 0, &[("product", &it.to_string())]);
    }
    let done = copying.join().unwrap();
    let copy = Store::open(&done.made[0]).unwrap();
    assert_eq!(copy.check(), Vec::<String>::new());
}

#[test]
fn a_copy_of_an_encrypted_book_is_encrypted_with_the_same_password() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    drop(store);
    let path = folder.path().join("a.book");
    let key = Key::new("质量科 2026");
    Opener::new(&path, None).change_key(key.as_ref()).unwrap();
    let store = Store::open_with(&path, key.as_ref()).unwrap();
    let made = store.back_up(Reason::Daily, now()).unwrap().made;
    assert!(!fs::read(&made[0]).unwrap().starts_with(b"SQLite"));
    let look = Opener::new(&made[0], key.clone()).look();
    assert_eq!((look.condition, look.encrypted), (Condition::Whole, true));
    assert_eq!(Opener::new(&made[0], None).look().condition, Condition::Locked);
    assert_eq!(Opener::new(&made[0], Key::new("别的")).look().condition, Condition::Locked);
}

// Putting one back.

#[test]
fn a_backup_is_put_back_and_back_again_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    let backup = store.back_up(Reason::Daily, now()).unwrap().made.remove(0);
    let later = slip_at(&store, 1, &[]);
    let number = store.record(later).unwrap().unwrap().number;
    let lines = store.stamp().unwrap();
    let present = store.opener();
    let compared = present.beside(&backup).compare(&present);
    assert!(compared.same && compared.earlier);
    assert_eq!(compared.missing, [("05".into(), number)]);
    assert!(compared.present.lines > compared.backup.lines);
    let refused = present.beside(&backup).restore(&present, now()).unwrap_err().to_string();
    assert!(refused.contains("另一个窗口也开着"), "{refused}");
    drop(store);

    let kept = present.beside(&backup).restore(&present, now()).unwrap().unwrap();
    assert!(kept.ends_with("a-恢复前-20261120-090000.book"), "{}", kept.display());
    assert!(book(folder.path()).record(later).unwrap().is_none());
    // And back.
    let again = present.beside(&kept).restore(&present, now()).unwrap().unwrap();
    assert!(again.ends_with("a-恢复前-20261120-090000-2.book"), "{}", again.display());
    let store = book(folder.path());
    assert!(store.record(later).unwrap().is_some());
    assert_eq!(store.stamp().unwrap(), lines);
    assert_eq!(store.check(), Vec::<String>::new());
    assert!(Opener::new(&backup, None).look().condition == Condition::Whole, "the backup itself stays");
}

#[test]
fn a_damaged_backup_is_not_put_in_the_place_of_the_book() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    let backup = store.back_up(Reason::Daily, now()).unwrap().made.remove(0);
    let mut bytes = fs::read(&backup).unwrap();
    for it in &mut bytes[3 * 4096..12 * 4096] {
        *it = 0x5A;
    }
    put_file(&backup, bytes);
    let present = store.opener();
    drop(store);
    assert!(matches!(present.beside(&backup).look().condition, Condition::Damaged(_)));
    let before = fs::read(folder.path().join("a.book")).unwrap();
    assert!(present.beside(&backup).restore(&present, now()).is_err());
    assert_eq!(fs::read(folder.path().join("a.book")).unwrap(), before);
    assert_eq!(names(folder.path()), ["a.book", "备份"]);
}

/// Somebody puts a file under the very name after it was looked for and before it is given: it stays, and what was to take
/// the name is not done.
#[test]
fn what_appears_in_the_last_moment_is_not_written_over() {
    let whole = tempfile::tempdir().unwrap();
    slip_at(&book(whole.path()), 0, &[]);
    let present = fs::read(whole.path().join("a.book")).unwrap();
    let damaged: Vec<u8> = present.iter().enumerate().map(|(at, it)| if at < 4096 { *it } else { 0x5A }).collect();
    let salvage = |folder: &Path| {
        let opener = Opener::new(&folder.join("a.book"), None);
        opener.salvage_to(&folder.join("救出/新.book"), &procedure(), now()).map(drop)
    };
    let restore = |folder: &Path| {
        let present = Opener::new(&folder.join("a.book"), None);
        Opener::new(&whole.path().join("a.book"), None).restore(&present, now()).map(drop)
    };
    let copy = |folder: &Path| Store::open_existing(&folder.join("a.book"))?.copy_to(&folder.join("副本/新.book"));
    type Work<'a> = &'a dyn Fn(&Path) -> taizhang::store::Result<()>;
    let kept = "a-恢复前-20261120-090000.book";
    let ways: [(&[u8], &str, &str, usize, Work<'_>); 4] = [
        (&present, "副本", "新.book", 1, &copy),
        (&present, "救出", "新.book", 1, &salvage),
        (&present, "", kept, 2, &restore),
        (&damaged, "", kept, 2, &restore),
    ];
    for (bytes, within, name, half_written, work) in ways {
        // The other is not always quick enough.
        let mut left = 300;
        let mut appeared = 0;
        while appeared < 3 {
            let folder = tempfile::tempdir().unwrap();
            let (there, path) = (folder.path().join(within), folder.path().join("a.book"));
            fs::create_dir_all(&there).unwrap();
            put_file(&path, bytes);
            let theirs = there.join(name);
            let put =
                || fs::File::create_new(&theirs).map(|mut it| std::io::Write::write_all(&mut it, b"theirs").unwrap());
            let (won, done) = std::thread::scope(|scope| {
                let other = scope.spawn(|| crate::common::appears(&there, half_written, put));
                let done = work(folder.path());
                (other.join().unwrap(), done)
            });
            if won {
                appeared += 1;
                assert!(fs::read(&theirs).unwrap() == b"theirs", "{name}");
                assert!(done.is_err(), "{name}");
                assert_eq!(fs::read(&path).unwrap(), bytes, "{name}: the book is as it was");
            } else {
                assert!(done.is_ok(), "{name}: {done:?}");
            }
            left -= 1;
            assert!(left > 0, "{name}: {appeared} times in the midst of it");
        }
    }
}

#[test]
fn a_damaged_book_is_kept_as_its_files_are() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    let backup = store.back_up(Reason::Daily, now()).unwrap().made.remove(0);
    let present = store.opener();
    drop(store);
    let path = folder.path().join("a.book");
    put_file(&path, "损坏".repeat(3000));
    put_file(folder.path().join("a.book-wal"), "日志");
    let kept = present.beside(&backup).restore(&present, now()).unwrap().unwrap();
    assert_eq!(fs::read(&kept).unwrap(), "损坏".repeat(3000).as_bytes());
    assert_eq!(fs::read(format!("{}-wal", kept.display())).unwrap(), "日志".as_bytes());
    assert_eq!(book(folder.path()).check(), Vec::<String>::new());
}

// The window.

#[test]
fn the_window_copies_the_book_once_a_day() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()));
    let (mut one, _) = window(folder.path());
    assert_eq!(copies(folder.path()).len(), 1);
    assert_eq!(notice(&one), "");
    click(&mut one, "设置");
    assert!(one.query_by_label("今天 09:00 已备份（1 处）").is_some());
    drop(one);
    let (two, _) = window(folder.path());
    assert_eq!(copies(folder.path()).len(), 1, "one a day is enough");
    drop(two);
    // An empty book is nothing to keep.
    let empty = tempfile::tempdir().unwrap();
    let (_window, _) = window(empty.path());
    assert_eq!(names(empty.path()).iter().filter(|it| *it == "备份").count(), 0);
}

#[test]
fn before_contents_are_destroyed_and_users_merged_the_book_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    crate::common::people(&store, &["甲", "乙", "丙"]);
    drop(store);
    let (mut window, _) = window(folder.path());
    let merge = CustomerCommand::Merge { from: "甲".to_owned(), into: "乙".to_owned() };
    run(&mut window, Command::Customer(merge));
    let made = |reason: &str| copies(folder.path()).iter().filter(|it| it.to_string_lossy().contains(reason)).count();
    assert_eq!(made("合并前"), 1);
    let word = |it: &str| it.to_owned();
    let deed =
        Deed::Destroyed { approved: word("甲"), executed: word("乙"), watched: word("丙"), on: word("2026-11-20") };
    let destroy = ArchiveCommand::Destroy { records: vec![RecordId(1)], deed, given: Vec::new() };
    run(&mut window, Command::Archive(destroy));
    assert_eq!(made("销毁前"), 1);
}

#[test]
fn what_changes_much_is_not_done_where_no_copy_can_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    fill(&store);
    put_file(folder.path().join("备份"), "x");
    drop(store);
    let (mut window, _) = window(folder.path());
    assert!(notice(&window).contains("备份没有做成，已经 7 天以上没有备份"), "{}", notice(&window));
    let merge = CustomerCommand::Merge { from: "甲".to_owned(), into: "乙".to_owned() };
    run(&mut window, Command::Customer(merge));
    assert!(notice(&window).contains("事先的备份没有做成"), "{}", notice(&window));
    assert!(book(folder.path()).customers().unwrap().is_empty());
}

#[test]
fn the_page_sets_the_places_and_copies_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    let stick = tempfile::tempdir().unwrap();
    fill(&book(folder.path()));
    let (mut window, hands) = window(folder.path());
    run(&mut window, Command::Show(View::Backup));
    assert!(window.query_by_label_contains("还没有；可以是 U 盘").is_some());
    hands.answers.borrow_mut().push(Answer::Path(stick.path().to_owned()));
    click(&mut window, "选择第二处");
    settle(&mut window);
    click(&mut window, "立即备份");
    settle(&mut window);
    assert!(notice(&window).starts_with("已备份："), "{}", notice(&window));
    assert_eq!(names(stick.path()), [called(&book(folder.path()), now(), Reason::Manual)]);
    assert!(window.query_by_label_contains("今天 09:00 已备份（2 处）").is_some());
    assert_eq!(window.query_all_by_label_contains("完好").count(), 3, "the day's, and what was asked for");
}

/// A book that was carried here may name folders of another computer, or what its maker wishes: nothing goes there unasked.
#[test]
fn a_foreign_books_folders_are_not_written_to_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let [there, stick] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let store = book(folder.path());
    fill(&store);
    let named = Places { folder: there.path().to_owned(), second: stick.path().to_owned() };
    store.set_backup_places(&named).unwrap();
    drop(store);
    let computer = || {
        let habits = Some(folder.path().join("习惯.json"));
        let hands = Hands { folder: folder.path().to_owned(), habits, ..Hands::default() };
        let (mut window, _) = crate::common::window_of(hands, "a.book");
        settle(&mut window);
        window
    };
    let mut window = computer();
    assert!(notice(&window).contains("不是在这台电脑上选的，没有照办"), "{}", notice(&window));
    run(&mut window, Command::Show(View::Backup));
    click(&mut window, "立即备份");
    settle(&mut window);
    assert_eq!((names(there.path()).len(), names(stick.path()).len()), (0, 0));
    assert_eq!(copies(folder.path()).len(), 2, "the day's, and what was asked for");
    click(&mut window, "就备份到那里");
    settle(&mut window);
    assert!(window.query_by_label("就备份到那里").is_none());
    click(&mut window, "立即备份");
    settle(&mut window);
    drop(window);
    assert!(!names(there.path()).is_empty() && !names(stick.path()).is_empty());
    // It is remembered; and should the book name others, they are asked about again.
    let window = computer();
    assert!(!notice(&window).contains("没有照办"), "{}", notice(&window));
    drop(window);
    book(folder.path()).set_backup_places(&Places { second: PathBuf::new(), ..named }).unwrap();
    assert!(notice(&computer()).contains("没有照办"));
}

#[test]
fn the_page_tells_what_would_be_missing_and_puts_the_backup_back() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()));
    let (mut window, _) = window(folder.path());
    let later = slip_at(&book(folder.path()), 1, &[]);
    run(&mut window, Command::Show(View::Backup));
    let row = window.get_by_label_contains("2026-11-20 09:00 每日");
    row.click();
    window.run();
    settle(&mut window);
    assert!(window.query_by_label_contains("恢复后会少 1 张单（表 05 2026-006），少 1 处改动").is_some());
    click(&mut window, "不恢复");
    assert!(book(folder.path()).record(later).unwrap().is_some());
    window.get_by_label_contains("2026-11-20 09:00 每日").click();
    window.run();
    settle(&mut window);
    click(&mut window, "恢复，少 1 张单、1 处改动");
    settle(&mut window);
    assert!(notice(&window).contains("已恢复；原来的台帐留在"), "{}", notice(&window));
    assert!(book(folder.path()).record(later).unwrap().is_none());
    let kept: Vec<String> = names(folder.path()).into_iter().filter(|it| it.contains("恢复前")).collect();
    assert_eq!(kept, ["a-恢复前-20261120-090000.book"]);
}

#[test]
fn an_encrypted_backup_asks_for_its_password() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()));
    let path = folder.path().join("a.book");
    let key = Key::new("质量科 2026");
    Opener::new(&path, None).change_key(key.as_ref()).unwrap();
    Store::open_with(&path, key.as_ref()).unwrap().back_up(Reason::Manual, now()).unwrap();
    Opener::new(&path, key.clone()).change_key(None).unwrap();
    let (mut window, _) = window(folder.path());
    run(&mut window, Command::Show(View::Backup));
    window.get_by_label_contains("手动").click();
    window.run();
    settle(&mut window);
    assert_eq!(window.query_all_by_label_contains("加了口令，要输入口令才看得到").count(), 2, "in its row, and above");
    assert!(window.query_all_by_label_contains("恢复，").next().is_none());
    window.get_by_role_and_label(Role::PasswordInput, "这份备份的口令").focus();
    window.run();
    window.event(Event::Text("质量科 2026".to_owned()));
    window.run();
    click(&mut window, "看里面有什么");
    settle(&mut window);
    click(&mut window, "恢复，什么也不少");
    settle(&mut window);
    assert!(notice(&window).contains("已恢复"), "{}", notice(&window));
    assert!(!fs::read(&path).unwrap().starts_with(b"SQLite"));
    assert_eq!(window.state().book().unwrap(), path);
}

#[test]
fn another_window_keeps_a_backup_from_being_put_back() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()));
    let (mut one, _) = window(folder.path());
    let other = book(folder.path());
    let path = copies(folder.path()).remove(0);
    run(&mut one, Command::Backup(BackupCommand::Restore { path, password: String::new() }));
    assert!(notice(&one).contains("另一个窗口也开着"), "{}", notice(&one));
    assert_eq!(one.state().book().unwrap(), folder.path().join("a.book"));
    drop(other);
}

#[test]
fn a_damaged_book_is_read_saved_or_replaced_from_the_first_page() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()));
    drop(window(folder.path()));
    let path = folder.path().join("a.book");
    let mut bytes = fs::read(&path).unwrap();
    bytes[..4096].fill(0);
    put_file(&path, &bytes);

    let (mut window, _) = window(folder.path());
    assert!(window.query_by_label("台帐没有打开").is_some());
    click(&mut window, "只读打开");
    settle(&mut window);
    assert!(window.query_by_label_contains("只读：这本台帐已损坏").is_some());
    run(&mut window, Command::Open(RecordId(1)));
    assert_eq!(window.state().record().id, RecordId(1));
    click(&mut window, "抢救到新台帐");
    settle(&mut window);
    assert!(notice(&window).contains("救出"), "{}", notice(&window));
    assert!(window.query_by_label_contains("抢救清单\n").is_some());
    let saved = folder.path().join("a-抢救-20261120-090000.book");
    assert_eq!(Store::open(&saved).unwrap().check(), Vec::<String>::new());
    assert_eq!(fs::read(&path).unwrap(), bytes, "the damaged file is never touched");

    window.get_by_label_contains("2026-11-20 09:00 每日").click();
    window.run();
    settle(&mut window);
    click(&mut window, "用它替换读不出的台帐");
    settle(&mut window);
    assert!(notice(&window).contains("已恢复"), "{}", notice(&window));
    assert_eq!(book(folder.path()).check(), Vec::<String>::new());
}

#[test]
fn what_was_saved_of_a_damaged_book_is_opened_from_the_list_of_what_was_lost() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()));
    drop(window(folder.path()));
    let path = folder.path().join("a.book");
    let mut bytes = fs::read(&path).unwrap();
    bytes[..4096].fill(0);
    put_file(&path, &bytes);
    let (mut window, _) = window(folder.path());
    click(&mut window, "抢救到新台帐");
    settle(&mut window);
    click(&mut window, "打开救出的台帐");
    settle(&mut window);
    assert_eq!(window.state().book(), Some(&*folder.path().join("a-抢救-20261120-090000.book")));
}

#[test]
fn a_page_broken_inside_the_book_is_met_with_the_same_offers() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()));
    drop(window(folder.path()));
    let path = folder.path().join("a.book");
    let mut bytes = fs::read(&path).unwrap();
    bytes[4096..].fill(0x5A);
    put_file(&path, &bytes);
    let (window, _) = window(folder.path());
    assert!(window.query_by_label("用备份恢复…").is_some());
    assert!(window.query_by_label("抢救到新台帐").is_some());
}
