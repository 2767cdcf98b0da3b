//! A disk below SQLite that can be cut off, can fail, and remembers what had reached it.
//!
//! SQLite is given this VFS in place of the system's, under the encrypting one as in the program. The files are real ones
//! in a folder of their own; beside them stands what a disk would hold if the power went now: of each file what was last
//! synced, then every write and truncation since, in order; of each folder the names as they were when it was last synced.
//! The system's own VFS locks and reads.
//!
//! What the program writes without SQLite lies on the same disk, for the test has an `fsync` of its own, which the standard
//! library calls in place of the system's: only what was synced there is kept, and only names of which the folder was.
#![expect(unsafe_code, reason = "SQLite's VFS and fsync are interfaces of C")]

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::SystemTime;

use rusqlite::ffi::{self, sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs};
use tempfile::TempDir;

use crate::dice::Dice;

/// What a disk writes as one, in bytes.
const SECTOR: usize = 512;
/// What the system says of a disk that fails.
const EIO: c_int = 5;

/// What SQLite asks of a disk, and what therefore can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Open,
    Read,
    Write,
    Truncate,
    Sync,
    Delete,
    /// The memory that windows share.
    Shm,
}

impl Work {
    pub(crate) const ALL: [Self; 7] =
        [Self::Open, Self::Read, Self::Write, Self::Truncate, Self::Sync, Self::Delete, Self::Shm];

    /// What the system's VFS says when it fails.
    fn failed(self) -> c_int {
        match self {
            Self::Open => ffi::SQLITE_CANTOPEN,
            Self::Read => ffi::SQLITE_IOERR_READ,
            Self::Write => ffi::SQLITE_IOERR_WRITE,
            Self::Truncate => ffi::SQLITE_IOERR_TRUNCATE,
            Self::Sync => ffi::SQLITE_IOERR_FSYNC,
            Self::Delete => ffi::SQLITE_IOERR_DELETE,
            Self::Shm => ffi::SQLITE_IOERR_SHMMAP,
        }
    }
}

/// A fault that is to come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// What fails; nothing named means everything.
    pub(crate) work: Option<Work>,
    /// How often it still succeeds.
    pub(crate) after: usize,
    /// Whether it goes on failing until the disk is healed.
    pub(crate) lasting: bool,
    /// Whether writes fail because the disk is full; a part of what was to be written is written.
    pub(crate) full: bool,
}

/// One change to a file that no sync has made last.
#[derive(Clone, Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Size(usize),
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => {
                let end = at + bytes.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[*at..end].copy_from_slice(bytes);
            }
            Self::Size(size) => content.resize(*size, 0),
        }
    }

    /// The sectors it touches in a file that is `size` bytes long.
    fn sectors(&self, size: usize) -> std::ops::Range<usize> {
        let (from, to) = match self {
            Self::Write { at, bytes } => (*at, at + bytes.len()),
            Self::Size(new) => (size.min(*new), size.max(*new)),
        };
        from / SECTOR..to.div_ceil(SECTOR)
    }
}

#[derive(Debug, Default)]
struct State {
    folder: PathBuf,
    /// Of each file, by inode, what is on the disk for certain.
    synced: BTreeMap<u64, Vec<u8>>,
    /// The folder as it is on the disk for certain, with all folders in it, which have no inode here.
    names: BTreeMap<PathBuf, Option<u64>>,
    /// What came since, in order.
    since: Vec<(u64, Change)>,
    /// Files of which a sync failed: what is read back of them may never reach the disk.
    ill: BTreeSet<u64>,
    /// Held open so that no inode number comes twice.
    held: HashMap<u64, File>,
    /// How many files SQLite has open.
    open: usize,
    /// After how many more changes the power goes.
    left: Option<usize>,
    /// How many changes there were.
    changes: usize,
    off: bool,
    fault: Option<Fault>,
    faults: usize,
    lies: bool,
}

/// What becomes of a piece of work.
enum Fate {
    Done,
    /// The last thing before the power goes.
    Last,
    Failed(c_int),
}

impl State {
    /// Decides what becomes of a piece of work; only a change counts towards the power cut.
    fn fate(&mut self, work: Work, changes: bool) -> Fate {
        if self.off {
            return Fate::Failed(work.failed());
        }
        if let Some(fault) = &mut self.fault
            && fault.work.is_none_or(|it| it == work)
        {
            if fault.after > 0 {
                fault.after -= 1;
            } else {
                let full = fault.full && work == Work::Write;
                if !fault.lasting {
                    self.fault = None;
                }
                self.faults += 1;
                return Fate::Failed(if full { ffi::SQLITE_FULL } else { work.failed() });
            }
        }
        self.changes += usize::from(changes);
        match &mut self.left {
            Some(0) if changes => {
                self.off = true;
                Fate::Last
            }
            Some(left) if changes => {
                *left -= 1;
                Fate::Done
            }
            _ => Fate::Done,
        }
    }

    /// What is in the folder and outlives the power, by name.
    fn present(&self) -> BTreeMap<PathBuf, Option<u64>> {
        let (mut found, mut folders) = (BTreeMap::new(), vec![self.folder.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("the folder is there").flatten() {
                let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
                // Another thread may take a file away meanwhile.
                let Ok(kind) = entry.metadata() else { continue };
                if !name.ends_with("-shm") && !name.ends_with("-lock") {
                    let inode = kind.is_file().then(|| kind.ino());
                    found.insert(path.strip_prefix(&self.folder).expect("it lies in it").to_owned(), inode);
                }
                folders.extend(kind.is_dir().then_some(path));
            }
        }
        found
    }

    /// The names in this folder, one of the disk's, are as they are for certain.
    fn sync_folder(&mut self, folder: &Path) {
        let folder = folder.strip_prefix(&self.folder).expect("it lies on this disk").to_owned();
        let inside = |it: &PathBuf| it.parent() == Some(&folder);
        self.names.retain(|name, _| !inside(name));
        self.names.extend(self.present().into_iter().filter(|it| inside(&it.0)));
    }

    fn sync(&mut self, inode: u64) {
        let content = self.synced.entry(inode).or_default();
        self.since.retain(|(file, change)| {
            if *file == inode {
                change.apply(content);
            }
            *file != inode
        });
    }

    /// A sync that fails: nobody knows what of the file has reached the disk, and what has not never will, though it is
    /// still read back.
    fn sync_by_halves(&mut self, inode: u64, dice: &mut Dice) {
        let (of_file, others) = std::mem::take(&mut self.since).into_iter().partition(|(file, _)| *file == inode);
        self.since = others;
        let changes: Vec<(u64, Change)> = of_file;
        let changes: Vec<&Change> = changes.iter().map(|(_, change)| change).collect();
        let content = self.synced.entry(inode).or_default();
        *content = mixed(content, &changes, dice);
        self.ill.insert(inode);
    }

    /// Knows a file from now on.
    fn adopt(&mut self, path: &Path) -> std::io::Result<u64> {
        // Not opened where it is held already: closing it would let go of the locks SQLite holds on it.
        let inode = fs::metadata(path)?.ino();
        if let Entry::Vacant(place) = self.held.entry(inode) {
            place.insert(File::open(path)?);
            self.synced.insert(inode, Vec::new());
            self.catch_up(inode);
        }
        Ok(inode)
    }

    /// What was written to a file without SQLite is not on the disk for certain.
    fn catch_up(&mut self, inode: u64) {
        let file = &self.held[&inode];
        let mut bytes = vec![0; file.metadata().expect("it is open").len() as usize];
        file.read_exact_at(&mut bytes, 0).expect("it is open");
        let mut known = self.synced[&inode].clone();
        self.since.iter().filter(|it| it.0 == inode).for_each(|it| it.1.apply(&mut known));
        if known != bytes && !self.ill.contains(&inode) {
            let size = bytes.len();
            let written = [Change::Write { at: 0, bytes }, Change::Size(size)];
            self.since.extend(written.map(|it| (inode, it)));
        }
    }

    /// Knows every file there is, as it is now; their names.
    fn take_stock(&mut self) -> BTreeMap<PathBuf, Option<u64>> {
        let present = self.present();
        for (name, _) in present.iter().filter(|it| it.1.is_some()) {
            let path = self.folder.join(name);
            let inode = self.adopt(&path).expect("it is there");
            self.catch_up(inode);
        }
        present
    }

    /// A sync of a file or folder that was asked for without SQLite.
    fn sync_path(&mut self, path: &Path) -> Result<(), c_int> {
        match self.fate(Work::Sync, true) {
            Fate::Failed(code) if !self.off && path.is_file() => {
                let inode = self.adopt(path).expect("it is there");
                self.catch_up(inode);
                let mut dice = Dice::new(self.faults as u64);
                self.sync_by_halves(inode, &mut dice);
                Err(code)
            }
            Fate::Failed(code) => Err(code),
            Fate::Last => Err(Work::Sync.failed()),
            Fate::Done if self.lies => Ok(()),
            Fate::Done if path.is_dir() => {
                self.sync_folder(path);
                Ok(())
            }
            Fate::Done => {
                let inode = self.adopt(path).expect("it is there");
                self.catch_up(inode);
                self.sync(inode);
                Ok(())
            }
        }
    }
}

/// Each sector as it was at some moment, on a disk that writes them in whatever order it likes.
fn mixed(synced: &[u8], changes: &[&Change], dice: &mut Dice) -> Vec<u8> {
    let (mut moments, mut sizes) = (BTreeMap::<usize, Vec<usize>>::new(), vec![synced.len()]);
    let mut content = synced.to_vec();
    for (number, change) in (1..).zip(changes) {
        for sector in change.sectors(content.len()) {
            moments.entry(sector).or_default().push(number);
        }
        change.apply(&mut content);
        sizes.push(content.len());
    }
    let size = dice.pick(&sizes);
    let mut chosen = BTreeMap::<usize, Vec<usize>>::new();
    for (sector, moments) in moments {
        let which = dice.below(moments.len() + 1);
        chosen.entry(if which == 0 { 0 } else { moments[which - 1] }).or_default().push(sector);
    }
    let mut content = synced.to_vec();
    let mut disk = synced.to_vec();
    disk.resize(size, 0);
    for number in 0..=changes.len() {
        if number > 0 {
            changes[number - 1].apply(&mut content);
        }
        for sector in chosen.get(&number).into_iter().flatten() {
            let from = sector * SECTOR;
            let to = (from + SECTOR).min(size);
            for (at, byte) in disk.iter_mut().enumerate().take(to).skip(from) {
                // Where the file grew and nothing was written yet, anything may stand.
                *byte = content.get(at).copied().unwrap_or_else(|| dice.below(256) as u8);
            }
        }
    }
    disk
}

/// A disk of its own, with the folder that lies on it.
#[derive(Debug)]
pub(crate) struct Disk {
    state: Arc<Mutex<State>>,
    _folder: TempDir,
}

impl Disk {
    /// An empty disk.
    pub(crate) fn new() -> Self {
        install();
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let folder = folder.expect("there is room");
        let path = folder.path().canonicalize().expect("the folder is there");
        let state = Arc::new(Mutex::new(State { folder: path, ..State::default() }));
        lock(disks()).push(Arc::clone(&state));
        Self { state, _folder: folder }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        lock(&self.state).folder.clone()
    }

    /// The power goes with the `changes`-th change from now.
    pub(crate) fn cut_after(&self, changes: usize) {
        lock(&self.state).left = Some(changes);
    }

    /// All that lies in the folder now is on the disk for certain.
    pub(crate) fn settle(&self) {
        let mut state = lock(&self.state);
        let present = state.take_stock();
        present.values().flatten().for_each(|it| state.sync(*it));
        state.names = present;
    }

    /// How many changes to the files there were since it was last booted.
    pub(crate) fn changes(&self) -> usize {
        lock(&self.state).changes
    }

    /// Whether a file of this name would be there if the power went now, for certain.
    pub(crate) fn is_certain(&self, name: &str) -> bool {
        lock(&self.state).names.contains_key(Path::new(name))
    }

    /// The power goes now.
    pub(crate) fn cut(&self) {
        lock(&self.state).off = true;
    }

    pub(crate) fn is_off(&self) -> bool {
        lock(&self.state).off
    }

    pub(crate) fn fail(&self, fault: Fault) {
        lock(&self.state).fault = Some(fault);
    }

    pub(crate) fn heal(&self) {
        lock(&self.state).fault = None;
    }

    /// How many pieces of work failed so far.
    pub(crate) fn faults(&self) -> usize {
        lock(&self.state).faults
    }

    /// From now on the disk says that everything is synced and does nothing.
    pub(crate) fn lie(&self) {
        lock(&self.state).lies = true;
    }

    /// The power is back: what the disk holds now is what was synced, and of the rest whatever the dice say. Nobody may
    /// have a file open.
    pub(crate) fn boot(&self, dice: &mut Dice) {
        self.boot_with(dice, None);
    }

    /// As [`Disk::boot`], where of all that was not synced nothing reached the disk but the names that `only` picks.
    pub(crate) fn boot_with(&self, dice: &mut Dice, only: Option<fn(&Path) -> bool>) {
        let mut state = lock(&self.state);
        assert_eq!(state.open, 0, "the program is gone");
        let present = state.take_stock();
        let (mut files, since) = (state.synced.clone(), std::mem::take(&mut state.since));
        let mut names = state.names.clone();
        let way = if only.is_some() { 0 } else { dice.below(4) };
        match way {
            // Nothing but what was synced.
            0 => {}
            // Everything: only the program was killed.
            1 => since.iter().for_each(|(file, change)| change.apply(files.entry(*file).or_default())),
            // In order up to some moment, the last write torn.
            2 => {
                let until = dice.below(since.len() + 1);
                for (number, (file, change)) in since.iter().enumerate().take(until) {
                    let content = files.entry(*file).or_default();
                    if number + 1 < until {
                        change.apply(content);
                    } else {
                        *content = mixed(content, &[change], dice);
                    }
                }
            }
            // In any order.
            _ => {
                for (inode, content) in &mut files {
                    let changes: Vec<&Change> =
                        since.iter().filter(|(file, _)| file == inode).map(|(_, change)| change).collect();
                    *content = mixed(content, &changes, dice);
                }
            }
        }
        // In the order in which they were made, as names of temporary files differ from time to time.
        let every: BTreeSet<(Option<u64>, PathBuf)> =
            names.iter().chain(&present).map(|(name, inode)| (*inode, name.clone())).collect();
        for (_, name) in every {
            let happened = match (only, way) {
                (Some(only), _) => only(&name),
                (None, 0) => false,
                (None, 1) => true,
                _ => dice.chance(50),
            };
            if happened {
                match present.get(&name) {
                    Some(inode) => names.insert(name, *inode),
                    None => names.remove(&name),
                };
            }
        }
        let written = |name: &PathBuf| fs::metadata(state.folder.join(name)).and_then(|it| it.modified()).ok();
        let written: HashMap<u64, SystemTime> =
            present.iter().filter_map(|(name, inode)| Some(((*inode)?, written(name)?))).collect();
        for entry in fs::read_dir(&state.folder).expect("the folder is there").flatten() {
            let path = entry.path();
            let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            removed.expect("it can be removed");
        }
        let (folder, lies) = (std::mem::take(&mut state.folder), state.lies);
        *state = State { lies, folder: folder.clone(), ..State::default() };
        for (name, inode) in names {
            let path = folder.join(name);
            // What lay in a folder that is gone is gone.
            if !path.parent().is_some_and(Path::is_dir) {
                continue;
            }
            let Some(inode) = inode else {
                fs::create_dir(path).expect("there is room");
                continue;
            };
            // Of what was made and taken away without SQLite only the name may come back.
            fs::write(&path, files.get(&inode).map_or(&[][..], |it| it)).expect("there is room");
            if let Some(at) = written.get(&inode) {
                File::options().append(true).open(path).and_then(|it| it.set_modified(*at)).expect("it is a file");
            }
        }
        drop(state);
        self.settle();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        lock(disks()).retain(|it| !Arc::ptr_eq(it, &self.state));
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

fn disks() -> &'static Mutex<Vec<Arc<Mutex<State>>>> {
    static DISKS: Mutex<Vec<Arc<Mutex<State>>>> = Mutex::new(Vec::new());
    &DISKS
}

/// The disk a file lies on, if it is one of these.
fn disk_of(path: &Path) -> Option<Arc<Mutex<State>>> {
    lock(disks()).iter().find(|it| path.starts_with(&lock(it).folder)).map(Arc::clone)
}

// ---- the program's own files

unsafe extern "C" {
    fn fdatasync(file: c_int) -> c_int;
    fn __errno_location() -> *mut c_int;
}

/// What the standard library calls where the program has a file or folder synced.
#[unsafe(no_mangle)]
extern "C" fn fsync(file: c_int) -> c_int {
    // A file that was taken away meanwhile has no name.
    let path = fs::read_link(format!("/proc/self/fd/{file}")).ok().filter(|it| it.exists());
    let Some((disk, path)) = path.and_then(|it| Some((disk_of(&it)?, it))) else {
        // SAFETY: whoever called has it open.
        return unsafe { fdatasync(file) };
    };
    let done = lock(&disk).sync_path(&path);
    let Err(_) = done else { return 0 };
    // SAFETY: it is this thread's own.
    unsafe { *__errno_location() = EIO };
    -1
}

// ---- SQLite's side

/// The VFS of the system, which does the work.
struct System(*mut sqlite3_vfs);

// SAFETY: it is registered for as long as the process lives and never changed.
unsafe impl Send for System {}
// SAFETY: as above.
unsafe impl Sync for System {}

static SYSTEM: OnceLock<System> = OnceLock::new();

fn system() -> *mut sqlite3_vfs {
    SYSTEM.get().expect("it was installed").0
}

unsafe extern "C" {
    /// SQLite3 Multiple Ciphers: lays the encrypting VFS over another.
    fn sqlite3mc_vfs_create(real: *const c_char, make_default: c_int) -> c_int;
}

/// Lays this VFS between SQLite and the system, under the encrypting one, for the whole process.
fn install() {
    SYSTEM.get_or_init(|| {
        // SAFETY: the strings end with nought; the VFS is leaked and so lives as long as the process.
        unsafe {
            assert_eq!(ffi::sqlite3_initialize(), ffi::SQLITE_OK);
            let system = ffi::sqlite3_vfs_find(c"unix".as_ptr());
            assert!(!system.is_null());
            let mut own: sqlite3_vfs = ptr::read(system);
            own.szOsFile += size_of::<Opened>() as c_int;
            own.pNext = ptr::null_mut();
            own.zName = c"disk".as_ptr();
            own.xOpen = Some(open);
            own.xDelete = Some(delete);
            let own = Box::leak(Box::new(own));
            assert_eq!(ffi::sqlite3_vfs_register(own, 1), ffi::SQLITE_OK);
            assert_eq!(sqlite3mc_vfs_create(c"disk".as_ptr(), 1), ffi::SQLITE_OK);
            System(system)
        }
    });
}

/// A file that SQLite has open; the system's own follows behind it.
#[repr(C)]
struct Opened {
    base: sqlite3_file,
    disk: Option<Arc<Mutex<State>>>,
    inode: u64,
    /// The folder that is to be synced with it, as its name is new there.
    new: Option<PathBuf>,
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite hands over a name that ends with nought, and room for `Opened` and the system's file behind it.
    unsafe {
        let path = (!name.is_null()).then(|| Path::new(OsStr::from_bytes(CStr::from_ptr(name).to_bytes())));
        let Some((path, disk)) = path.and_then(|it| Some((it, disk_of(it)?))) else {
            return ((*system()).xOpen.expect("it opens"))(system(), name, file, flags, out);
        };
        (*file).pMethods = ptr::null();
        let made = !path.exists();
        let fate = lock(&disk).fate(Work::Open, made && flags & ffi::SQLITE_OPEN_CREATE != 0);
        if let Fate::Failed(code) = fate {
            return code;
        }
        let real = real(file);
        let code = ((*system()).xOpen.expect("it opens"))(system(), name, real, flags, out);
        if code != ffi::SQLITE_OK {
            return code;
        }
        let journal = ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;
        let inode = {
            let mut state = lock(&disk);
            state.open += 1;
            state.adopt(path).expect("it was opened")
        };
        let opened = Opened {
            base: sqlite3_file { pMethods: &METHODS },
            disk: Some(disk),
            inode,
            new: (made && flags & journal != 0).then(|| path.parent().expect("it lies in a folder").to_owned()),
        };
        ptr::write(file.cast::<Opened>(), opened);
        if matches!(fate, Fate::Last) {
            close(file);
            (*file).pMethods = ptr::null();
            return ffi::SQLITE_CANTOPEN;
        }
        ffi::SQLITE_OK
    }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: SQLite hands over a name that ends with nought.
    unsafe {
        let path = Path::new(OsStr::from_bytes(CStr::from_ptr(name).to_bytes()));
        let Some(disk) = disk_of(path) else {
            return ((*system()).xDelete.expect("it deletes"))(system(), name, sync);
        };
        let mut state = lock(&disk);
        let fate = state.fate(Work::Delete, true);
        if let Fate::Failed(code) = fate {
            return code;
        }
        let code = ((*system()).xDelete.expect("it deletes"))(system(), name, 0);
        if matches!(fate, Fate::Last) {
            return Work::Delete.failed();
        }
        if sync != 0 && code == ffi::SQLITE_OK {
            state.sync_folder(path.parent().expect("it lies in a folder"));
        }
        code
    }
}

unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: SQLite gave room for both, as `szOsFile` asks.
    unsafe { file.cast::<Opened>().add(1).cast() }
}

unsafe fn methods<'a>(file: *mut sqlite3_file) -> &'a sqlite3_io_methods {
    // SAFETY: the system's file behind an open one of ours is open.
    unsafe { &*(*real(file)).pMethods }
}

unsafe fn with<T>(file: *mut sqlite3_file, work: impl FnOnce(&mut State, &mut Opened) -> T) -> T {
    // SAFETY: `file` is one that `open` made.
    let opened = unsafe { &mut *file.cast::<Opened>() };
    let disk = Arc::clone(opened.disk.as_ref().expect("it lies on a disk"));
    work(&mut lock(&disk), opened)
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: `file` is one that `open` made, and is not used afterwards.
    unsafe {
        with(file, |state, _| state.open -= 1);
        let code = (methods(file).xClose.expect("it closes"))(real(file));
        drop(((*file.cast::<Opened>()).disk.take(), (*file.cast::<Opened>()).new.take()));
        code
    }
}

unsafe extern "C" fn read(file: *mut sqlite3_file, into: *mut c_void, amount: c_int, at: sqlite3_int64) -> c_int {
    // SAFETY: as SQLite asked for it.
    unsafe {
        match with(file, |state, _| state.fate(Work::Read, false)) {
            Fate::Failed(code) => code,
            _ => (methods(file).xRead.expect("it reads"))(real(file), into, amount, at),
        }
    }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, from: *const c_void, amount: c_int, at: sqlite3_int64) -> c_int {
    // SAFETY: as SQLite asked for it; `from` holds `amount` bytes.
    unsafe {
        with(file, |state, opened| {
            let fate = state.fate(Work::Write, true);
            let some = match fate {
                Fate::Failed(_) if state.off => 0,
                Fate::Failed(_) => amount / 3,
                Fate::Done | Fate::Last => amount,
            };
            if some > 0 {
                let code = (methods(file).xWrite.expect("it writes"))(real(file), from, some, at);
                assert_eq!(code, ffi::SQLITE_OK, "there is room for the test itself");
                let bytes = std::slice::from_raw_parts(from.cast::<u8>(), some as usize).to_vec();
                state.since.push((opened.inode, Change::Write { at: at as usize, bytes }));
            }
            match fate {
                Fate::Failed(code) => code,
                Fate::Last => Work::Write.failed(),
                Fate::Done => ffi::SQLITE_OK,
            }
        })
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: as SQLite asked for it.
    unsafe {
        with(file, |state, opened| {
            let fate = state.fate(Work::Truncate, true);
            if let Fate::Failed(code) = fate {
                return code;
            }
            let code = (methods(file).xTruncate.expect("it truncates"))(real(file), size);
            state.since.push((opened.inode, Change::Size(size as usize)));
            if matches!(fate, Fate::Last) { Work::Truncate.failed() } else { code }
        })
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    // SAFETY: as SQLite asked for it.
    unsafe {
        with(file, |state, opened| match state.fate(Work::Sync, true) {
            Fate::Failed(code) => {
                if !state.off {
                    let mut dice = Dice::new(state.faults as u64);
                    state.sync_by_halves(opened.inode, &mut dice);
                }
                code
            }
            Fate::Last => Work::Sync.failed(),
            Fate::Done if state.lies => ffi::SQLITE_OK,
            Fate::Done => {
                state.sync(opened.inode);
                if let Some(folder) = opened.new.take() {
                    state.sync_folder(&folder);
                }
                ffi::SQLITE_OK
            }
        })
    }
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut sqlite3_int64) -> c_int {
    // SAFETY: as SQLite asked for it.
    unsafe { (methods(file).xFileSize.expect("it has a size"))(real(file), size) }
}

unsafe extern "C" fn take_lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: as SQLite asked for it.
    unsafe { (methods(file).xLock.expect("it locks"))(real(file), level) }
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: as SQLite asked for it.
    unsafe { (methods(file).xUnlock.expect("it unlocks"))(real(file), level) }
}

unsafe extern "C" fn reserved(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: as SQLite asked for it.
    unsafe { (methods(file).xCheckReservedLock.expect("it tells"))(real(file), out) }
}

unsafe extern "C" fn control(file: *mut sqlite3_file, what: c_int, with: *mut c_void) -> c_int {
    // SAFETY: as SQLite asked for it.
    unsafe { (methods(file).xFileControl.expect("it is controlled"))(real(file), what, with) }
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    // SAFETY: as SQLite asked for it.
    unsafe { (methods(file).xSectorSize.expect("it has sectors"))(real(file)) }
}

unsafe extern "C" fn characteristics(file: *mut sqlite3_file) -> c_int {
    // SAFETY: as SQLite asked for it.
    unsafe { (methods(file).xDeviceCharacteristics.expect("it has some"))(real(file)) }
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: as SQLite asked for it.
    unsafe {
        match with(file, |state, _| state.fate(Work::Shm, false)) {
            Fate::Failed(code) => {
                *out = ptr::null_mut();
                code
            }
            _ => (methods(file).xShmMap.expect("it maps"))(real(file), page, size, extend, out),
        }
    }
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, offset: c_int, count: c_int, flags: c_int) -> c_int {
    // SAFETY: as SQLite asked for it.
    unsafe { (methods(file).xShmLock.expect("it locks"))(real(file), offset, count, flags) }
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: as SQLite asked for it.
    unsafe { (methods(file).xShmBarrier.expect("it has a barrier"))(real(file)) }
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, remove: c_int) -> c_int {
    // SAFETY: as SQLite asked for it.
    unsafe { (methods(file).xShmUnmap.expect("it unmaps"))(real(file), remove) }
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    // The second version: without memory-mapped files.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(take_lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
