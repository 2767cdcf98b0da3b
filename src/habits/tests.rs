#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;

fn written(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn put(path: &Path, text: &str) {
    files::save(path, Kind::Text, text.as_bytes()).unwrap();
}

#[test]
fn a_change_is_on_the_disk_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("设置").join(FILE);
    let (mut keeper, told) = Keeper::open(Some(&path));
    assert_eq!(told, None);
    keeper.change(|it| it.zoom = "125".to_owned());
    keeper.change(|it| it.opened(Path::new("/台帐/a.book")));
    assert_eq!(keeper.trouble(true), None);
    let (again, _) = Keeper::open(Some(&path));
    assert_eq!(again.habits().zoom, "125");
    assert_eq!(again.habits().books[0].path, Path::new("/台帐/a.book"));
}

#[test]
fn what_another_edition_keeps_survives_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    put(
        &path,
        r#"{"zoom": "page", "fax": {"number": 7}, "text": "huge", "books": [{"path": "/a.book", "colour": "red"}],
            "printers": {"p": {"right_mm": 1.5, "tray": 2}}}"#,
    );
    let (mut keeper, told) = Keeper::open(Some(&path));
    assert_eq!(told, None);
    assert_eq!(keeper.habits().text, TextSize::Normal, "an unknown size is the usual one");
    keeper.change(|it| it.dark_desk = true);
    drop(keeper);
    let text = written(&path);
    for kept in ["fax", "colour", "tray", "page", "1.5", "\"dark_desk\": true"] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
}

/// Two windows each write what they changed, and nothing of the other's goes.
#[test]
fn two_windows_do_not_write_over_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let (mut one, _) = Keeper::open(Some(&path));
    let (mut other, _) = Keeper::open(Some(&path));
    one.change(|it| it.opened(Path::new("/a.book")));
    assert_eq!(one.trouble(true), None);
    other.change(|it| it.opened(Path::new("/b.book")));
    assert_eq!(other.trouble(true), None);
    assert_eq!(one.habits().books.len(), 1);
    one.refresh();
    assert_eq!(one.habits().books.len(), 2);
    let both: Vec<PathBuf> = Habits::read(&path).unwrap().books.into_iter().map(|it| it.path).collect();
    assert_eq!(both, [Path::new("/b.book"), Path::new("/a.book")]);
}

#[test]
fn a_broken_file_is_laid_aside_and_told_of() {
    for broken in ["{\"zoom\": ", "{\"zoom\": 5}", "[]", "\u{0}\u{0}\u{0}", ""] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        put(&path, broken);
        let (mut keeper, told) = Keeper::open(Some(&path));
        assert_eq!(*keeper.habits(), Habits::default());
        assert!(told.is_some_and(|it| it.contains("读不出")), "{broken}");
        assert_eq!(written(&path.with_extension("读不出.json")), broken);
        keeper.change(|it| it.zoom = "100".to_owned());
        drop(keeper);
        assert!(written(&path).contains("100"));
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_told_of_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("不是文件夹");
    put(&file, "");
    let (mut keeper, told) = Keeper::open(Some(&file.join(FILE)));
    assert_eq!(told, None);
    keeper.change(|it| it.zoom = "100".to_owned());
    assert!(keeper.trouble(true).is_some_and(|it| it.contains("不影响填写")));
    keeper.change(|it| it.zoom = "125".to_owned());
    assert_eq!(keeper.trouble(true), None);
    keeper.refresh();
    assert_eq!(keeper.habits().zoom, "125", "it is remembered while the window is there");
    // Once there is room, all of it is written, what could not be before too.
    std::fs::remove_file(&file).unwrap();
    keeper.change(|it| it.dark_desk = true);
    drop(keeper);
    assert!(written(&file.join(FILE)).contains("125"));
}

#[test]
fn the_last_ten_books_are_listed_the_last_one_first() {
    let mut habits = Habits::default();
    for number in 0..12 {
        habits.opened(Path::new(&format!("/{number}.book")));
    }
    habits.book_mut(Path::new("/5.book")).unwrap().page = "ledger".to_owned();
    habits.opened(Path::new("/5.book"));
    assert_eq!(habits.books.len(), RECENT);
    assert_eq!(habits.books[0].path, Path::new("/5.book"));
    assert_eq!(habits.books[0].page, "ledger", "where one was in it stays known");
    assert_eq!(habits.books[1].path, Path::new("/11.book"));
    habits.forget(Path::new("/11.book"));
    assert!(habits.book(Path::new("/11.book")).is_none());
}
