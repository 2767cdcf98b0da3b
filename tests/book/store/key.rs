//! A book with a password (口令): nobody reads it without, and nothing of it stands on the disk in the clear.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use taizhang::record::{CellId, Values};
use taizhang::store::{Key, Opener, SetOutcome, Store};

use super::{Office, now, sentence, slips};

const SECRET: &str = "密码 it's 'x' %26&?";

fn key(typed: &str) -> Option<Key> {
    Key::new(typed)
}

/// A book with a slip about this customer, and the password given since.
fn locked(office: &Office, customer: &str) -> std::path::PathBuf {
    let path = office.path("台帐 甲?.book");
    office.begin(&Store::open(&path).unwrap(), customer);
    Opener::new(&path, None).change_key(key(SECRET).as_ref()).unwrap();
    path
}

fn holds(folder: &Path, text: &str) -> bool {
    let files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    files.filter(|it| it.is_file()).any(|it| {
        let bytes = fs::read(it).unwrap();
        bytes.windows(text.len()).any(|it| it == text.as_bytes())
    })
}

#[test]
fn a_book_with_a_password_opens_with_it_only() {
    let office = Office::new();
    let path = locked(&office, "青岛某化工厂");
    let refused = Store::open(&path).err().unwrap();
    assert!(refused.wants_key());
    assert!(refused.to_string().contains("要输入口令"), "{refused}");
    let refused = Store::open_with(&path, key("密码").as_ref()).err().unwrap();
    assert!(refused.wants_key());
    assert!(refused.to_string().contains("口令不对"), "{refused}");
    let store = Store::open_with(&path, key(SECRET).as_ref()).unwrap();
    assert!(store.is_encrypted());
    assert_eq!(store.count(&slips()).unwrap(), 1);
    assert_eq!(store.check(), Vec::<String>::new());
}

#[test]
fn nothing_of_it_stands_on_the_disk_in_the_clear() {
    let office = Office::new();
    let path = locked(&office, "青岛某化工厂");
    assert!(!holds(office.folder.path(), "青岛某化工厂"));
    let store = Store::open_with(&path, key(SECRET).as_ref()).unwrap();
    let made = office.begin(&store, "宁波某气体公司");
    let written = store.set(made.id, &CellId::new("complaint", 0), "安全阀起跳压力偏低", "", now()).unwrap();
    assert_eq!(written, SetOutcome::Written);
    for text in ["宁波某气体公司", "安全阀起跳压力偏低"] {
        assert!(!holds(office.folder.path(), text), "{text}");
    }
}

#[test]
fn a_copy_has_the_password_of_its_book() {
    let office = Office::new();
    let path = locked(&office, "青岛某化工厂");
    let (copy, store) = (office.path("备份.book"), Store::open_with(&path, key(SECRET).as_ref()).unwrap());
    store.copy_to(&copy).unwrap();
    assert!(Store::open_existing(&copy).err().unwrap().wants_key());
    assert_eq!(Store::open_existing_with(&copy, key(SECRET).as_ref()).unwrap().count(&slips()).unwrap(), 1);
    assert!(!holds(office.folder.path(), "青岛某化工厂"));
}

#[test]
fn another_connection_is_made_with_the_books_password() {
    let office = Office::new();
    let path = locked(&office, "青岛某化工厂");
    let store = Store::open_with(&path, key(SECRET).as_ref()).unwrap();
    let opener = store.opener();
    let count = std::thread::spawn(move || opener.open().unwrap().count(&slips()).unwrap());
    assert_eq!(count.join().unwrap(), 1);
    assert!(!format!("{:?}", store.opener()).contains("密码"));
}

#[test]
fn a_password_is_changed_and_taken_away() {
    let office = Office::new();
    let path = locked(&office, "青岛某化工厂");
    let wrong = Opener::new(&path, key("别的")).change_key(None).err().unwrap();
    assert!(wrong.wants_key());
    Opener::new(&path, key(SECRET)).change_key(key("新").as_ref()).unwrap();
    assert!(Store::open_with(&path, key(SECRET).as_ref()).err().unwrap().wants_key());
    Opener::new(&path, key("新")).change_key(None).unwrap();
    let store = Store::open(&path).unwrap();
    assert!(!store.is_encrypted());
    assert_eq!(store.count(&slips()).unwrap(), 1);
    assert_eq!(store.check(), Vec::<String>::new());
}

#[test]
fn a_book_that_a_window_has_open_keeps_its_password() {
    let office = Office::new();
    let path = locked(&office, "青岛某化工厂");
    let open = Store::open_with(&path, key(SECRET).as_ref()).unwrap();
    let said = sentence(Opener::new(&path, key(SECRET)).change_key(None));
    assert!(said.contains("另一个窗口也开着这本台帐"), "{said}");
    assert_eq!(open.count(&slips()).unwrap(), 1);
    assert!(Store::open_existing(&path).err().unwrap().wants_key());
    // Nothing is left beside it.
    let names: Vec<_> = fs::read_dir(office.folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(names.iter().all(|it| it.to_string_lossy().starts_with("台帐 甲")), "{names:?}");
}

#[test]
fn no_password_and_one_with_a_nul_are_none() {
    assert!(key("").is_none() && key("a\0b").is_none());
}

#[test]
fn other_files_are_not_taken_for_books_with_a_password() {
    let office = Office::new();
    for (name, bytes) in [("文字.book", vec![b'a'; 8192]), ("零.book", vec![0; 4096]), ("短.book", (0..=255).collect())]
    {
        let path = office.path(name);
        fs::File::create(&path).unwrap().write_all(&bytes).unwrap();
        let refused = Store::open(&path).err().unwrap();
        assert!(!refused.wants_key() && refused.to_string().contains("不是台帐"), "{refused}");
    }
}

/// 电话 and names stand in every book: its files are their owner's alone.
#[cfg(unix)]
#[test]
fn the_files_of_a_book_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let office = Office::new();
    let folder = office.path("新文件夹");
    let path = folder.join("质量.book");
    let store = Store::open(&path).unwrap();
    store.create(office.slip(), &office.procedure.document.number, 2026, now(), &Values::new()).unwrap();
    store.copy_to(&folder.join("备份.book")).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path()).collect();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

/// On Unix whoever opens and closes a file takes away all locks its process has on it: another program would then think
/// that nobody has the book open, and throw its log away.
#[cfg(target_os = "linux")]
#[test]
fn another_connection_leaves_the_windows_locks_on_the_book() {
    use std::os::unix::fs::MetadataExt;
    let office = Office::new();
    let path = office.path("质量.book");
    let store = Store::open(&path).unwrap();
    office.begin(&store, "青岛某化工厂");
    let inode = format!(":{} ", fs::metadata(&path).unwrap().ino());
    let held = || fs::read_to_string("/proc/locks").unwrap().contains(&inode);
    assert!(held());
    let again = store.opener().open().unwrap();
    assert_eq!(again.count(&slips()).unwrap(), 1);
    assert!(held());
}
