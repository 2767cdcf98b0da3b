//! What a process that was killed left half-written in a folder, and taking it away.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use tempfile::TempDir;

/// How everything begins that has no name of its own yet.
pub(super) const BEGINS: &str = ".taizhang-";
/// By then nobody writes it any more, wherever its maker is.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// What SQLite puts beside such a file.
const BESIDE: [&str; 4] = ["-journal", "-wal", "-shm", ".tmp"];
/// How many letters of its own each name ends with.
const RANDOM: usize = 6;

/// How this process's files begin: where the system tells, with which start of the machine it is, in which of its rooms for
/// processes, and under which number.
static OWN: LazyLock<String> = LazyLock::new(|| {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok();
    let room = fs::read_link("/proc/self/ns/pid").ok();
    let (Some(boot), Some(room)) = (boot, room) else { return BEGINS.to_owned() };
    let start: String = boot.chars().filter(char::is_ascii_hexdigit).take(8).collect();
    let room: String = room.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
    format!("{BEGINS}{start}-{room}-{}-", std::process::id())
});

/// How the names of this process's files begin.
pub(super) fn prefix() -> &'static str {
    &OWN
}

/// Who made a file of this name, as it says; empty where it does not. None for a file of anybody else's.
fn maker(name: &str) -> Option<&str> {
    let name = name.strip_prefix(BEGINS)?;
    let name = BESIDE.iter().find_map(|it| name.strip_suffix(it)).unwrap_or(name);
    let (maker, random) = name.rsplit_once('-').unwrap_or(("", name));
    let ours = random.len() == RANDOM && random.bytes().all(|it| it.is_ascii_alphanumeric());
    (ours && (maker.is_empty() || maker.split('-').count() == 3)).then_some(maker)
}

/// Whether a process of this machine's is gone; none where that is not known.
fn is_gone(maker: &str) -> Option<bool> {
    let mut own = OWN.strip_prefix(BEGINS)?.split('-');
    let mut it = maker.split('-');
    // Each start of a machine has a number of its own: what was made in another was cut off with that.
    if own.next().filter(|it| !it.is_empty())? != it.next().filter(|it| !it.is_empty())? {
        return Some(true);
    }
    let same_room = own.next()? == it.next()?;
    let process: u32 = it.next()?.parse().ok()?;
    same_room.then(|| !Path::new(&format!("/proc/{process}")).exists())
}

/// Takes away what was left half-written in a folder: by processes that are gone, where the folder is this machine's own
/// (`own`) and the system tells, else a day ago. What cannot be taken away stays.
pub fn sweep(folder: &Path, own: bool) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let found: Vec<_> = entries
        .filter_map(|it| {
            let name = it.file_name();
            let maker = maker(name.to_str()?)?;
            let gone = if own { is_gone(maker) } else { None };
            // A link is not followed.
            let about = it.metadata().ok()?;
            // A folder that does not say who made it may be anybody's.
            let known = !about.is_dir() || !maker.is_empty();
            known.then(|| (it.path(), about, gone))
        })
        .collect();
    if found.is_empty() {
        return;
    }
    // Its hour and its owner are those of a file made now, whatever clock the disk goes by.
    let Ok(new) = tempfile::tempfile_in(folder).and_then(|it| it.metadata()) else { return };
    for (path, about, gone) in found {
        if is_ours(&about, &new) && gone.unwrap_or_else(|| is_old(&about, &new, DAY)) {
            drop(if about.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) });
        }
    }
}

/// A folder of this process's own among the system's temporary ones, gone with what is returned; those of processes that
/// are gone are taken away.
///
/// # Errors
/// When it cannot be made.
pub fn own_folder() -> io::Result<TempDir> {
    let parent = std::env::temp_dir();
    sweep(&parent, true);
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix());
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(parent)
}

/// Whether it belongs to whom the new one belongs, and was last changed so long before it.
pub fn is_left(it: &Metadata, new: &Metadata, before: Duration) -> bool {
    is_ours(it, new) && is_old(it, new, before)
}

fn is_old(it: &Metadata, new: &Metadata, before: Duration) -> bool {
    let age = new.modified().and_then(|now| Ok(now.duration_since(it.modified()?)));
    age.is_ok_and(|it| it.is_ok_and(|it| it > before))
}

/// Whether it belongs to whom the new one belongs.
#[cfg(unix)]
fn is_ours(it: &Metadata, new: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    it.uid() == new.uid()
}

/// Whether it belongs to whom the new one belongs: on Windows others' folders are closed.
#[cfg(not(unix))]
fn is_ours(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use std::fs::{self, File};
    use std::path::Path;

    use super::super::temporary_in;
    use super::{BEGINS, DAY, OWN, sweep};

    fn put(folder: &Path, name: &str, days: u32) {
        let file = File::create(folder.join(name)).unwrap();
        file.set_modified(file.metadata().unwrap().modified().unwrap() - DAY * days).unwrap();
    }

    /// A living process's file stays, and what is nobody's: half-written files of the dead go at once, those of others
    /// after a day.
    #[test]
    fn what_the_dead_left_goes_and_what_lives_stays() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let living = temporary_in(folder).unwrap();
        let (ours, dead) = (OWN.trim_end_matches(&format!("{}-", std::process::id())), "4294967294");
        let linux = cfg!(target_os = "linux");
        let there = [
            (format!("{ours}{dead}-AbCd12"), 0, linux),
            (format!("{ours}{dead}-AbCd12-journal"), 0, linux),
            (format!("{BEGINS}0123abcd-4026531836-1-AbCd12"), 0, linux),
            (format!("{ours}1-AbCd12"), 0, false),
            (format!("{BEGINS}AbCd12"), 0, false),
            (format!("{BEGINS}AbCd12.tmp"), 2, true),
            (format!("{BEGINS}AbCd13"), 2, true),
            (format!("{BEGINS}说明.txt"), 2, false),
            (format!("{BEGINS}notes-for-Monday"), 2, false),
            ("台帐.book".to_owned(), 2, false),
        ];
        for (name, days, _) in there.iter().filter(|it| linux || !it.0.starts_with(ours)) {
            put(folder, name, *days);
        }
        // A folder that somebody called so is not taken for ours.
        let kept = folder.join(format!("{BEGINS}backup"));
        fs::create_dir(&kept).unwrap();
        File::open(&kept).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
        sweep(folder, true);
        assert!(living.path().exists() && kept.exists());
        for (name, _, gone) in there.iter().filter(|it| linux || !it.0.starts_with(ours)) {
            assert_eq!(!folder.join(name).exists(), *gone, "{name}");
        }
        // Where another machine may be writing, only what is old goes.
        let other = format!("{BEGINS}0123abcd-4026531836-1-AbCd12");
        put(folder, &other, 0);
        sweep(folder, false);
        assert!(folder.join(&other).exists());
        put(folder, &other, 2);
        sweep(folder, false);
        assert!(!folder.join(&other).exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_called_like_a_leftover_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("留着");
        fs::create_dir(&kept).unwrap();
        put(&kept, "台帐.book", 5);
        std::os::unix::fs::symlink(&kept, folder.path().join(format!("{BEGINS}0123abcd-1-1-AbCd12"))).unwrap();
        sweep(folder.path(), true);
        assert!(kept.join("台帐.book").exists());
    }
}
