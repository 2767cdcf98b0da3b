#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use super::*;

const PDF: &[u8] = b"%PDF-1.7\nold";

fn names(folder: &Path) -> Vec<std::ffi::OsString> {
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name()).collect();
    names.sort();
    names
}

/// Puts down anything at all, as no writer of the program does.
fn put(path: &Path, bytes: &[u8]) {
    File::create(path).unwrap().write_all(bytes).unwrap();
}

fn why(done: io::Result<()>) -> String {
    done.unwrap_err().to_string()
}

#[test]
fn a_file_is_saved_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("台帐.pdf");
    save(&file, Kind::Pdf, PDF).unwrap();
    save(&file, Kind::Pdf, b"%PDF-new").unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"%PDF-new");
    assert_eq!(names(folder.path()), ["台帐.pdf"]);
    assert!(save(&folder.path().join("没有").join("单.pdf"), Kind::Pdf, PDF).is_err());
    assert!(save(&file.join("单.pdf"), Kind::Pdf, PDF).is_err());
    assert_eq!(names(folder.path()), ["台帐.pdf"]);
}

/// Whatever bears the name already, only a file of the same kind gives way; anything else is as it was, and nothing lies
/// beside it.
#[test]
fn only_a_file_of_the_same_kind_gives_way() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("单.pdf");
    let mut random = vec![0; 8192];
    for (place, byte) in random.iter_mut().enumerate() {
        *byte = (place % 256) as u8 ^ 0xA5;
    }
    let there: [(&[u8], &str); 9] = [
        (b"SQLite format 3\0and more", "它是台帐"),
        (&random, "它是加了口令的台帐"),
        (b"{\"form05\": []}", "它是文字文件"),
        ("抢救清单".as_bytes(), "它是文字文件"),
        (b"PK\x03\x04table", "它是别的程序的文件"),
        (b"\x37\x7f\x06\x82a log", "它是别的程序的文件"),
        (b"\0\0\0\0", "它是别的程序的文件"),
        (b"\xD6\xCA\xC1\xBF", "它是别的程序的文件"),
        (b" %PDF-", "它是文字文件"),
    ];
    for (bytes, said) in there {
        put(&file, bytes);
        let why = why(save(&file, Kind::Pdf, PDF));
        assert!(why.contains(said) && why.contains("没有替换它"), "{why}");
        assert_eq!(fs::read(&file).unwrap(), bytes);
        assert_eq!(names(folder.path()), ["单.pdf"]);
    }
    put(&file, PDF);
    assert!(why(save(&file, Kind::Text, b"list")).contains("它是 PDF，没有替换它"));
    assert_eq!(fs::read(&file).unwrap(), PDF);
    put(&file, b"");
    save(&file, Kind::Pdf, PDF).unwrap();
    assert_eq!(fs::read(&file).unwrap(), PDF);
}

#[test]
fn no_file_is_called_as_what_lies_beside_a_book() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "a.book-wal",
        "a.book-SHM",
        "a.book-journal",
        "a.book-lock",
        "a.book-在用-AbCd12",
        ".taizhang-x",
        "a.book-wal. ",
    ] {
        assert!(why(save(&folder.path().join(name), Kind::Pdf, PDF)).contains("请换一个名字"), "{name}");
    }
    assert_eq!(names(folder.path()), [""; 0]);
}

/// Nobody waits at a pipe, and what has no end is not read. No device of the machine's own is written to here: were the
/// refusal gone, it would be replaced.
#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_neither_read_nor_written() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    assert!(std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
    fs::create_dir(path("folder")).unwrap();
    symlink("/dev/zero", path("zero")).unwrap();
    symlink(path("pipe"), path("to-pipe")).unwrap();
    for (name, said) in [("pipe", "管道"), ("to-pipe", "管道"), ("socket", "套接字"), ("zero", "设备")] {
        let mut told = vec![read(&path(name), 9).map(drop), kind(&path(name)).map(drop)];
        if name != "zero" {
            told.push(save(&path(name), Kind::Pdf, PDF));
        }
        for why in told.into_iter().map(why) {
            assert_eq!(why, format!("这不是文件，是{said}"), "{name}");
        }
    }
    assert_eq!(save(&path("folder"), Kind::Pdf, PDF).unwrap_err().kind(), io::ErrorKind::IsADirectory);
    assert_eq!(names(folder.path()), ["folder", "pipe", "socket", "to-pipe", "zero"]);
}

/// A link leads to the file that is meant, and stays; one that leads nowhere, or to a book, is not written through.
#[cfg(unix)]
#[test]
fn a_link_is_followed_to_a_plain_file_only() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    put(&path("real.pdf"), PDF);
    put(&path("a.book"), b"SQLite format 3\0");
    for (to, link) in [("real.pdf", "link.pdf"), ("a.book", "book.pdf"), ("gone.pdf", "nowhere.pdf")] {
        symlink(path(to), path(link)).unwrap();
    }
    save(&path("link.pdf"), Kind::Pdf, b"%PDF-new").unwrap();
    assert_eq!(fs::read(path("real.pdf")).unwrap(), b"%PDF-new");
    assert!(path("link.pdf").is_symlink());
    assert!(why(save(&path("book.pdf"), Kind::Pdf, PDF)).contains("它是台帐"));
    assert!(why(save(&path("nowhere.pdf"), Kind::Pdf, PDF)).contains("它指的文件不在"));
    fs::hard_link(path("a.book"), path("other.pdf")).unwrap();
    assert!(why(save(&path("other.pdf"), Kind::Pdf, PDF)).contains("它是台帐"));
}

/// SQLite's locks on a book go when anybody in the process closes its file: it is told by its mark, whatever it is called.
#[cfg(unix)]
#[test]
fn a_book_that_is_open_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let (book, other) = (folder.path().join("a.book"), folder.path().join("b.pdf"));
    // Looked at, it would be a PDF.
    put(&book, PDF);
    fs::hard_link(&book, &other).unwrap();
    let held = [Held::new(&book, true), Held::new(&book, true)];
    assert_eq!(kind(&other).unwrap(), Kind::Encrypted);
    assert!(why(save(&other, Kind::Pdf, PDF)).contains("它是加了口令的台帐"));
    assert!(why(read(&other, 9999).map(drop)).contains("正开着的台帐"));
    let [one, two] = held;
    drop(one);
    assert_eq!(kind(&other).unwrap(), Kind::Encrypted);
    drop(two);
    assert_eq!(kind(&other).unwrap(), Kind::Pdf);
}

#[test]
fn what_is_read_has_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("口令.txt");
    put(&path, &[b'a'; 100]);
    assert_eq!(read(&path, 100).unwrap().len(), 100);
    assert!(why(read(&path, 99).map(drop)).contains("文件太大"));
    put(&path, b"\xD6\xCA");
    assert!(why(read_text(&path, 99).map(drop)).contains("不是 UTF-8"));
    // What says that it is empty and is not, as the system's own do, is read as far as it says.
    #[cfg(target_os = "linux")]
    assert_eq!(read(Path::new("/proc/self/maps"), 9).unwrap(), b"");
}

/// Root may write anywhere, so there the file is new and whole; for anybody else it is as it was.
#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_keeps_its_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("台帐.pdf");
    save(&file, Kind::Pdf, PDF).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let expected: &[u8] = if save(&file, Kind::Pdf, b"%PDF-new").is_ok() { b"%PDF-new" } else { PDF };
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(fs::read(&file).unwrap(), expected);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// 电话 and names stand on every sheet: a file is its owner's, until the owner lets others in.
#[cfg(unix)]
#[test]
fn a_saved_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("台帐.pdf");
    save(&file, Kind::Pdf, PDF).unwrap();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&file) & 0o777, 0o600);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    save(&file, Kind::Pdf, b"%PDF-newer").unwrap();
    assert_eq!(mode(&file) & 0o777, 0o640);
}
