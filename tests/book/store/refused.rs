//! What may not or cannot be opened is refused with a sentence, and left as it is.

use std::path::Path;

use taizhang::store::{Store, format_version};

use super::{Office, now, sentence, slips, write};

#[test]
fn a_newer_book_is_refused_untouched() {
    let office = Office::new();
    let path = office.path("新版.book");
    drop(Store::open(&path).unwrap());
    // The version stands in bytes 60 to 63 of an SQLite file.
    let mut bytes = std::fs::read(&path).unwrap();
    let (known, newer) = (format_version(), format_version() + 1);
    bytes[60..64].copy_from_slice(&u32::try_from(newer).unwrap().to_be_bytes());
    write(&path, &bytes);
    let said = sentence(Store::open(&path));
    assert_eq!(
        said,
        format!(
            "打开台帐 {}：这个文件是更新版本的程序建的（版本 {newer}，本程序认识到 {known}），请用新版程序打开",
            path.display()
        )
    );
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn what_is_no_book_is_refused_untouched() {
    let office = Office::new();
    let book = office.path("a.book");
    drop(Store::open(&book).unwrap());
    let mut foreign = std::fs::read(&book).unwrap();
    // Who made it stands in bytes 68 to 71.
    foreign[68..72].copy_from_slice(&[0; 4]);
    for (name, bytes, said) in [
        ("文字.book", "这不是数据库".as_bytes(), "这个文件不是台帐（不是数据库文件）"),
        ("空.book", b"", "这个文件是空的（0 字节），不是台帐；也许是没有复制完，请用备份"),
        ("别家.book", &foreign, "这是别的程序的数据库，不是台帐"),
    ] {
        let path = office.path(name);
        write(&path, bytes);
        assert_eq!(sentence(Store::open(&path)), format!("打开台帐 {}：{said}", path.display()));
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
    let folder = office.path("文件夹.book");
    std::fs::create_dir(&folder).unwrap();
    assert!(sentence(Store::open(&folder)).ends_with("这是文件夹，不是台帐文件"));
    let absent = office.path("没有.book");
    assert!(sentence(Store::open_existing(&absent)).ends_with("找不到这个文件或文件夹"));
    assert!(!absent.exists());
    assert!(Store::open(&book.join("在文件里.book")).is_err());
}

#[test]
fn a_cut_off_or_scribbled_book_never_panics() {
    let office = Office::new();
    let path = office.path("a.book");
    let store = Store::open(&path).unwrap();
    office.import(&store, crate::common::plausible::slips(office.slip(), 60, 1, now().date()));
    drop(store);
    let whole = std::fs::read(&path).unwrap();
    let hurt = office.path("坏.book");
    for length in (0..whole.len()).step_by(whole.len() / 12) {
        let mut scribbled = whole.clone();
        scribbled[length..(length + 3000).min(whole.len())].fill(0xA5);
        for bytes in [&whole[..length], &scribbled] {
            write(&hurt, bytes);
            match Store::open(&hurt) {
                Ok(store) => {
                    let read = store.records(&slips());
                    assert!(!store.check().is_empty() || read.is_ok());
                }
                Err(error) => assert!(error.to_string().starts_with("打开台帐 "), "{error}"),
            }
        }
    }
}

#[test]
fn a_book_that_may_not_be_written_says_so() {
    let office = Office::new();
    let path = office.path("只读.book");
    drop(Store::open(&path).unwrap());
    set_read_only(&path, true);
    // Whoever may do everything (root) may write this too; then there is nothing to refuse.
    if std::fs::OpenOptions::new().append(true).open(&path).is_err() {
        assert!(sentence(Store::open(&path)).contains("文件是只读的，写不进去"));
    }
    set_read_only(&path, false);
    let folder = office.path("只读文件夹");
    std::fs::create_dir(&folder).unwrap();
    set_read_only(&folder, true);
    let inside = folder.join("a.book");
    if std::fs::File::create(folder.join("try")).is_err() {
        let said = sentence(Store::open(&inside));
        assert!(said.starts_with(&format!("新建台帐 {}：没有权限", inside.display())), "{said}");
    }
    set_read_only(&folder, false);
}

fn set_read_only(path: &Path, read_only: bool) {
    let mut permissions = std::fs::metadata(path).unwrap().permissions();
    permissions.set_readonly(read_only);
    std::fs::set_permissions(path, permissions).unwrap();
}

#[test]
fn the_log_of_another_book_is_never_mixed_into_a_new_one() {
    let office = Office::new();
    let path = office.path("a.book");
    write(&office.path("a.book-wal"), b"of a book that was moved away without it");
    assert!(sentence(Store::open(&path)).starts_with(&format!("新建台帐 {}：旁边有 a.book-wal", path.display())));
    assert!(!path.exists());
    let other = Store::open(&office.path("b.book")).unwrap();
    let backup = office.path("开着.book");
    let open = Store::open(&backup).unwrap();
    office.begin(&open, "甲");
    assert!(sentence(other.copy_to(&backup)).contains("旁边有 开着.book-wal"));
    assert_eq!(open.count(&slips()).unwrap(), 1);
}
