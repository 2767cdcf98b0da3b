//! Where a book may lie. SQLite's log needs memory that all who write share, and locks that hold: one machine's own disk
//! has both. On a network drive two machines would each write over the other's pages.

use std::path::{Component, Path, PathBuf};

use super::super::Fault;

/// A file system that is not this machine's own disk: what it is, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mount {
    kind: String,
    source: String,
}

/// File systems that other machines write too.
const NETWORK: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb2",
    "smb3",
    "smbfs",
    "ncp",
    "ncpfs",
    "afs",
    "afpfs",
    "coda",
    "davfs",
    "ceph",
    "glusterfs",
    "lustre",
    "beegfs",
    "gpfs",
    "ocfs2",
    "gfs2",
    "orangefs",
    "pvfs2",
    "wekafs",
    "9p",
    "virtiofs",
    "vboxsf",
    "vmhgfs",
    "prl_fs",
    "drvfs",
    "sshfs",
    "rclone",
    "davfs2",
    "smbnetfs",
    "vmhgfs-fuse",
    "gvfsd-fuse",
];
/// Of these, the folders that a virtual machine shares with the one it runs on.
const SHARED: &[&str] = &["9p", "virtiofs", "vboxsf", "vmhgfs", "vmhgfs-fuse", "prl_fs", "drvfs"];

/// Folders that a program copies to other machines while nobody looks: how their names begin, and the program.
const SYNCHRONISED: &[(&str, &str)] = &[
    ("OneDrive", "OneDrive"),
    ("Dropbox", "Dropbox"),
    ("坚果云", "坚果云"),
    ("我的坚果云", "坚果云"),
    ("Nutstore", "坚果云"),
    ("百度网盘", "百度网盘"),
    ("BaiduNetdisk", "百度网盘"),
    ("BaiduSyncdisk", "百度网盘"),
    ("阿里云盘", "阿里云盘"),
    ("微云", "微云"),
    ("WPS云盘", "WPS 云盘"),
    ("WPSDrive", "WPS 云盘"),
    ("Google Drive", "Google Drive"),
    ("iCloud", "iCloud"),
];

/// Refuses a book that lies, or is to lie, where several machines would write over each other.
pub(super) fn look_at(book: &Path) -> Result<(), Fault> {
    mount_of(book).map_or(Ok(()), |it| Err(Fault::said(refusal(&it))))
}

fn refusal(mount: &Mount) -> String {
    let place = format!("（{}，{}）", mount.kind, mount.source);
    let kind = mount.kind.strip_prefix("fuse.").unwrap_or(&mount.kind);
    if SHARED.contains(&kind) {
        format!(
            "台帐在虚拟机的共享文件夹里{place}：两边的锁互不相认，同时写会损坏台帐，所以没有打开；\
             请先关掉别处的窗口，把台帐复制到本机磁盘，再打开那一本"
        )
    } else {
        format!(
            "台帐在网络盘上{place}：几台电脑同时写会互相损坏，所以没有打开；请先关掉别处的窗口，\
             把台帐复制到一台电脑的本机磁盘，再打开那一本；网络盘可以设成“备份”的第二处"
        )
    }
}

/// The program that copies the book's folder to other machines, going by the folders' names.
pub(in super::super) fn synchronised_by(book: &Path) -> Option<&'static str> {
    let whole = std::path::absolute(book).ok()?;
    let folders = whole.parent()?.components().filter_map(|it| match it {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    let by = |name: &str| SYNCHRONISED.iter().find(|(begins, _)| starts_with(name, begins)).map(|it| it.1);
    folders.filter_map(by).next()
}

/// `OneDrive - 某公司` and `onedrive` are `OneDrive`; `OneDriver` is not.
fn starts_with(name: &str, begins: &str) -> bool {
    let mut letters = name.chars();
    let same = begins.chars().all(|it| letters.next().is_some_and(|there| there.eq_ignore_ascii_case(&it)));
    same && letters.next().is_none_or(|it| !it.is_ascii_alphabetic())
}

fn mount_of(book: &Path) -> Option<Mount> {
    let folder = real_folder(book)?;
    if cfg!(windows) {
        return share_of(&folder.to_string_lossy());
    }
    // A system without such a list tells nothing.
    let mounts = std::fs::read("/proc/self/mountinfo").ok()?;
    network_mount(&mounts, folder.as_os_str().as_encoded_bytes())
}

/// The nearest folder that is there, past links and drive letters.
fn real_folder(book: &Path) -> Option<PathBuf> {
    // A link to a book leads to where it lies.
    let whole = std::path::absolute(book).ok()?;
    whole.ancestors().find_map(|it| it.canonicalize().ok())
}

/// The file system of `folder`, if it is a network's: `mounts` is `/proc/self/mountinfo`, which lists names as whoever
/// mounted them wrote them. Of several that hold the folder the innermost counts, of equal ones the latest.
fn network_mount(mounts: &[u8], folder: &[u8]) -> Option<Mount> {
    let mut found: Option<(usize, &[u8], &[u8])> = None;
    for line in mounts.split(|it| *it == b'\n') {
        let mut fields = line.split(|it| *it == b' ');
        let Some(point) = fields.nth(4).map(unescape) else { continue };
        // How many fields come before the dash varies.
        let mut fields = fields.skip_while(|it| *it != b"-").skip(1);
        let (Some(kind), Some(source)) = (fields.next(), fields.next()) else { continue };
        if holds(&point, folder) && found.is_none_or(|(length, ..)| point.len() >= length) {
            found = Some((point.len(), kind, source));
        }
    }
    let (_, kind, source) = found?;
    let kind = shown(kind);
    NETWORK.contains(&kind.strip_prefix("fuse.").unwrap_or(&kind)).then(|| Mount { kind, source: shown(source) })
}

/// Whether a folder lies in or under another.
fn holds(outer: &[u8], inner: &[u8]) -> bool {
    let outer = outer.strip_suffix(b"/").unwrap_or(outer);
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

/// Blanks, tabs, line ends and backslashes are written as a backslash and three octal figures.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, after)) = rest.split_first() {
        let code = if first == b'\\' { after.get(..3).and_then(octal) } else { None };
        plain.push(code.unwrap_or(first));
        rest = if code.is_some() { &after[3..] } else { after };
    }
    plain
}

fn octal(figures: &[u8]) -> Option<u8> {
    let value = figures.iter().try_fold(0_u32, |value, it| Some(value * 8 + char::from(*it).to_digit(8)?));
    value.and_then(|it| u8::try_from(it).ok())
}

/// A field as the clerk may see it: whoever mounted it may have written anything.
fn shown(field: &[u8]) -> String {
    String::from_utf8_lossy(&unescape(field)).chars().filter(|it| !it.is_control()).take(80).collect()
}

/// The share that a Windows path leads to: `\\server\share\…`, or `\\?\UNC\server\share\…`, which is what a drive letter
/// for a share turns out to be.
fn share_of(path: &str) -> Option<Mount> {
    let path = path.replace('/', "\\");
    let rest = path.strip_prefix("\\\\")?;
    let share = match rest.strip_prefix("?\\") {
        Some(long) => {
            let (unc, share) = long.split_once('\\')?;
            unc.eq_ignore_ascii_case("UNC").then_some(share)?
        }
        // `\\.\` leads to devices.
        None if rest.starts_with(".\\") => return None,
        None => rest,
    };
    let parts: Vec<&str> = share.split('\\').take(2).collect();
    Some(Mount { kind: "Windows 共享".to_owned(), source: shown(format!("\\\\{}", parts.join("\\")).as_bytes()) })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    const MOUNTS: &str = r"22 27 0:20 / /proc rw,nosuid,nodev,noexec,relatime shared:5 - proc proc rw
27 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw,errors=remount-ro
31 27 0:26 / /home rw,noatime shared:9 master:2 - btrfs /dev/nvme0n1p3 rw,subvol=/@home
88 31 0:52 / /home/qc/公用\040盘 rw,relatime shared:40 - cifs //192.168.1.8/质量\040部 rw,vers=3.1.1,username=qc
90 27 0:54 / /mnt/nas rw,relatime - nfs4 nas:/volume1/office rw,vers=4.2
91 90 259:4 / /mnt/nas/local rw,relatime - xfs /dev/sdb1 rw
95 31 0:60 / /home/qc/remote rw,nosuid,nodev - fuse.sshfs qc@10.0.0.5:/srv rw,user_id=1000
96 27 0:61 / /media/usb rw - fuseblk /dev/sdc1 rw
97 27 0:62 / /mnt/host rw - 9p D:\134 rw,dirsync,aname=drvfs
98 27 0:63 / /auto/x rw - autofs systemd-1 rw
99 98 0:64 / /auto/x rw - nfs old:/x rw
100 99 259:9 / /auto/x rw - ext4 /dev/sdd1 rw
";

    fn at(folder: &str) -> Option<(String, String)> {
        network_mount(MOUNTS.as_bytes(), folder.as_bytes()).map(|it| (it.kind, it.source))
    }

    fn on(kind: &str, source: &str) -> Option<(String, String)> {
        Some((kind.to_owned(), source.to_owned()))
    }

    #[test]
    fn a_network_drive_is_known_by_the_innermost_mount() {
        assert_eq!(at("/home/qc/公用 盘"), on("cifs", "//192.168.1.8/质量 部"));
        assert_eq!(at("/home/qc/公用 盘/2026/台帐"), on("cifs", "//192.168.1.8/质量 部"));
        assert_eq!(at("/mnt/nas/台帐"), on("nfs4", "nas:/volume1/office"));
        assert_eq!(at("/home/qc/remote"), on("fuse.sshfs", "qc@10.0.0.5:/srv"));
        assert_eq!(at("/mnt/host/a"), on("9p", "D:\\"));
        for local in ["/", "/home/qc", "/home/qc/公用 盘子", "/mnt/nas/local/a", "/media/usb", "/mnt", "/auto/x"] {
            assert_eq!(at(local), None, "{local}");
        }
    }

    #[test]
    fn a_list_of_mounts_that_makes_no_sense_refuses_nothing() {
        for text in ["", "\n\n", "1 2 3", "1 2 3 / / rw", "1 2 3 / / rw -", "1 2 3 / / rw - nfs", "- - - - - - - -"] {
            assert_eq!(network_mount(text.as_bytes(), b"/home"), None, "{text}");
        }
        assert_eq!(unescape(b"a\\040b\\1\\999\\777\\"), b"a b\\1\\999\\777\\");
        let odd = b"1 2 0:3 / / rw - nfs4 \\033[31m\xFF\\012:/x rw";
        assert_eq!(network_mount(odd, b"/home").unwrap().source, "[31m\u{FFFD}:/x");
    }

    #[test]
    fn a_windows_share_is_known_by_its_path() {
        for path in [r"\\?\UNC\nas\质量部\台帐", r"\\nas\质量部\台帐", r"//nas/质量部/台帐", r"\\?\unc\nas\质量部"]
        {
            assert_eq!(share_of(path).unwrap().source, r"\\nas\质量部", "{path}");
        }
        for local in [r"\\?\C:\Users\qc", r"C:\台帐", r"\\.\PhysicalDrive0", r"D:", "", r"\\?\Volume{1b3b}\x"] {
            assert_eq!(share_of(local), None, "{local}");
        }
    }

    #[test]
    fn the_sentence_says_where_why_and_what_to_do() {
        for (kind, words) in [("cifs", ["网络盘", "备份"]), ("virtiofs", ["虚拟机", "本机磁盘"])] {
            let mounts = format!("1 2 0:3 / / rw - {kind} //nas/share rw");
            let mount = network_mount(mounts.as_bytes(), b"/home").unwrap();
            let said = refusal(&mount);
            assert!(said.contains(&format!("{kind}，//nas/share")), "{said}");
            assert!(words.iter().all(|it| said.contains(it)), "{said}");
        }
    }

    #[test]
    fn this_machines_own_disk_is_not_refused() {
        let folder = tempfile::tempdir().unwrap();
        look_at(&folder.path().join("还没有的文件夹").join("a.book")).unwrap();
    }

    #[test]
    fn a_folder_that_is_copied_elsewhere_is_known_by_its_name() {
        for (path, by) in [
            ("/home/qc/OneDrive - 某公司/台帐/a.book", Some("OneDrive")),
            ("/home/qc/onedrive/a.book", Some("OneDrive")),
            ("/home/qc/我的坚果云/a.book", Some("坚果云")),
            ("/home/qc/BaiduSyncdisk/x/a.book", Some("百度网盘")),
            ("/home/qc/Dropbox (办公室)/a.book", Some("Dropbox")),
            ("/home/qc/OneDriver/a.book", None),
            ("/home/qc/文档/OneDrive", None),
        ] {
            assert_eq!(synchronised_by(Path::new(path)), by, "{path}");
        }
    }
}
