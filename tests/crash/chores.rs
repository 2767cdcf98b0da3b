//! The power is cut in the midst of what is done with whole files: taking in, copying, exporting, saving what can be saved,
//! putting a copy in the book's place, changing the password, bringing an older book up to date.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use taizhang::cli;
use taizhang::export::Clock;
use taizhang::procedure::Procedure;
use taizhang::store::{Key, Opener, Reason, Store};

use crate::common::{now, procedure};
use crate::dice::Dice;
use crate::office::{Deal, Kept};
use crate::power::sound;
use crate::rounds;
use crate::vfs::Disk;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chore {
    /// A new book is made.
    Make,
    Import,
    Backup,
    Export,
    Salvage,
    Restore,
    /// A copy is put in the place of a book that is damaged.
    Replace,
    Key,
    Upgrade,
}

impl Chore {
    pub(crate) const ALL: [Self; 9] = [
        Self::Make,
        Self::Import,
        Self::Backup,
        Self::Export,
        Self::Salvage,
        Self::Restore,
        Self::Replace,
        Self::Key,
        Self::Upgrade,
    ];
}

/// Bytes of a book's page.
const PAGE: usize = 4096;
/// What is in the file that is taken in.
const SHEETS: &str = r#"{"form05":[{"用户名称":"癸厂"},{"用户名称":"甲厂","投诉内容":"密集气孔"}]}"#;

/// An office's folder, and what is in its book.
pub(crate) struct Office {
    folder: PathBuf,
    kept: Kept,
    key: Option<Key>,
    /// What a copy of the book holds that was made some time ago.
    earlier: Kept,
    /// The text of the list that is to lie beside what is saved.
    list: String,
    /// The slip that is exported, as it looks on paper.
    paper: Vec<u8>,
    /// The book, where it is damaged.
    damaged: Vec<u8>,
    procedure: Procedure,
}

impl Office {
    pub(crate) const PASSWORD: &str = "一二三";

    /// One that is there; what is in its book is not known.
    pub(crate) fn there(folder: &Path, key: Option<Key>) -> Self {
        let (kept, earlier, list, paper, damaged) = Default::default();
        Self { folder: folder.to_owned(), kept, key, earlier, list, paper, damaged, procedure: procedure() }
    }

    /// One with a book that was worked on at random, or an older one.
    pub(crate) fn new(folder: &Path, chore: Chore, dice: &mut Dice) -> Self {
        let mut office = Self::there(folder, None);
        std::fs::write(office.at("a.json"), SHEETS).unwrap();
        std::fs::write(office.at("口令.txt"), Self::PASSWORD).unwrap();
        if chore == Chore::Make {
            return office;
        }
        if chore == Chore::Upgrade {
            let version = 1 + dice.below(taizhang::store::format_version() - 1);
            let older = Path::new("tests/data/books").join(format!("version-{version}.book"));
            let there = tempfile::tempdir().unwrap();
            for book in [there.path().join("a.book"), office.book()] {
                std::fs::copy(&older, book).unwrap();
            }
            office.kept = Kept::read(&Store::open_existing(&there.path().join("a.book")).unwrap()).unwrap();
            return office;
        }
        let store = Store::open(&office.book()).unwrap();
        office.work(&store, 6, dice);
        office.earlier = office.kept.clone();
        store.copy_to(&office.at("早先.book")).unwrap();
        office.work(&store, 6, dice);
        // There is a slip to be exported.
        let slip = Deal::Create { form: "05", values: [("customer".into(), "癸厂".to_owned())].into() };
        office.deal(&store, &slip);
        drop(store);
        if dice.chance(if chore == Chore::Key { 50 } else { 4 }) {
            office.key = Key::new(Self::PASSWORD);
            Opener::new(&office.book(), None).change_key(office.key.as_ref()).unwrap();
            Opener::new(&office.at("早先.book"), None).change_key(office.key.as_ref()).unwrap();
        }
        match chore {
            Chore::Salvage => {
                // What is still owed to the file is done first, so that it has as many pages whenever it is saved.
                drop(office.opener("a.book").open().unwrap());
                let saved = office.opener("a.book").salvage(&office.procedure, now()).unwrap().1;
                office.list = format!("\u{feff}{saved}");
            }
            Chore::Export => {
                office.run(chore).unwrap();
                office.paper = std::fs::read(office.at("a.pdf")).unwrap();
                std::fs::write(office.at("a.pdf"), b"%PDF-1.4\n%%EOF\n").unwrap();
            }
            Chore::Replace => {
                let mut bytes = std::fs::read(office.book()).unwrap();
                bytes[PAGE..].fill(0x5A);
                std::fs::write(office.book(), &bytes).unwrap();
                office.damaged = bytes;
            }
            Chore::Make | Chore::Import | Chore::Backup | Chore::Restore | Chore::Key | Chore::Upgrade => {}
        }
        office
    }

    fn deal(&mut self, store: &Store, deal: &Deal) {
        deal.run(store, &self.procedure, now()).unwrap();
        self.kept = deal.after(&self.kept, &self.procedure, now());
    }

    fn work(&mut self, store: &Store, count: usize, dice: &mut Dice) {
        for _ in 0..count {
            let deal = Deal::next(&self.kept, dice);
            self.deal(store, &deal);
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn book(&self) -> PathBuf {
        self.at("a.book")
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.key.is_some()
    }

    fn opener(&self, name: &str) -> Opener {
        Opener::new(&self.at(name), self.key.clone())
    }

    /// What the command line is asked to do.
    pub(crate) fn command(&self, chore: Chore) -> Option<Vec<OsString>> {
        let mut words: Vec<OsString> = match chore {
            Chore::Import => vec!["import".into(), self.at("a.json").into()],
            Chore::Export => ["export", "slip", "--no", &self.kept.last_slip(), "--out"]
                .map(Into::into)
                .into_iter()
                .chain([self.at("a.pdf").into()])
                .collect(),
            Chore::Salvage => vec!["salvage".into(), "--out".into(), self.at("救出.book").into()],
            Chore::Make | Chore::Backup | Chore::Restore | Chore::Replace | Chore::Key | Chore::Upgrade => {
                return None;
            }
        };
        words.extend(["--book".into(), self.book().into()]);
        if self.key.is_some() {
            words.extend(["--password-file".into(), self.at("口令.txt").into()]);
        }
        Some(words)
    }

    /// Does it; whether it says that it is done.
    pub(crate) fn run(&self, chore: Chore) -> Result<(), String> {
        let said = |error: taizhang::store::StoreError| error.to_string();
        match chore {
            Chore::Import | Chore::Export | Chore::Salvage => {
                let words = std::iter::once("taizhang".into()).chain(self.command(chore).unwrap());
                let (mut out, mut err) = (Vec::new(), Vec::new());
                let args = cli::parse(words, &mut out, &mut err);
                let args = args.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&err)));
                let clock = Clock { now: now(), utc_offset_minutes: 480 };
                match cli::run(args.command.as_ref().unwrap(), &args, &clock, None, &mut out, &mut err) {
                    cli::DONE => Ok(()),
                    _ => Err(String::from_utf8(err).unwrap()),
                }
            }
            Chore::Backup => {
                let made =
                    self.opener("a.book").open().and_then(|it| it.back_up(Reason::Manual, now())).map_err(said)?;
                if made.missing.is_empty() { Ok(()) } else { Err(made.missing.join("；")) }
            }
            Chore::Restore | Chore::Replace => {
                self.opener("早先.book").restore(&self.opener("a.book"), now()).map(drop).map_err(said)
            }
            Chore::Key => self.opener("a.book").change_key(other().as_ref()).map_err(said),
            Chore::Make => Store::open(&self.book()).map(drop).map_err(said),
            Chore::Upgrade => self.opener("a.book").open().map(drop).map_err(said),
        }
    }

    /// The copies of the book that are called as such.
    fn copies(&self, folder: &str, mark: &str) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.at(folder)).into_iter().flatten().flatten();
        entries.map(|it| it.path()).filter(|it| named(it, mark)).collect()
    }

    /// What must be found afterwards, if it was done or not: the book whole, and no file that is called as if it were
    /// whole and is not.
    pub(crate) fn look(&self, chore: Chore, done: bool) -> Result<(), String> {
        if chore == Chore::Make {
            // Where there is none yet, it is made now.
            let book = Store::open(&self.book()).map_err(|it| it.to_string())?;
            return sound(&book, std::slice::from_ref(&self.kept)).map(drop);
        }
        if chore == Chore::Replace {
            return self.look_at_the_replaced(done);
        }
        let mut keys = vec![self.key.clone()];
        let mut possible = vec![self.kept.clone()];
        match chore {
            Chore::Import => possible.insert(0, self.imported()),
            Chore::Restore => possible.insert(0, self.earlier.clone()),
            Chore::Key => keys.insert(0, other()),
            Chore::Make | Chore::Backup | Chore::Export | Chore::Salvage | Chore::Replace | Chore::Upgrade => {}
        }
        if done {
            possible.truncate(1);
            keys.truncate(1);
        }
        // What the upgrade would bring about is looked at after it.
        let book = if chore == Chore::Upgrade && !done { None } else { Some(self.whole("a.book", &keys, &possible)?) };
        let copies = self.copies("备份", "-备份-");
        for copy in &copies {
            let store = self.opener("a.book").beside(copy).open_to_read().map_err(|it| it.to_string())?;
            match chore {
                Chore::Upgrade => {
                    let said = rusqlite::Connection::open(copy).unwrap();
                    let said: String = said.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
                    if said != "ok" {
                        return Err(format!("{}: {said}", copy.display()));
                    }
                }
                _ => drop(sound(&store, std::slice::from_ref(&self.kept))?),
            }
        }
        match chore {
            Chore::Import | Chore::Backup | Chore::Upgrade if done && copies.is_empty() => {
                Err("the copy that was said to be made is gone".to_owned())
            }
            Chore::Restore if book.as_ref() == Some(&self.earlier) && self.earlier != self.kept => {
                let before = self.copies("", "-恢复前-");
                let Some(before) = before.first() else { return Err("what was in the book is gone".to_owned()) };
                let name = before.file_name().unwrap().to_str().unwrap();
                self.whole(name, &keys, std::slice::from_ref(&self.kept)).map(drop)
            }
            Chore::Export => {
                let paper = std::fs::read(self.at("a.pdf")).map_err(|it| it.to_string())?;
                let old = paper.starts_with(b"%PDF-1.4\n%%EOF\n");
                let whole = paper == self.paper || old && !done;
                if whole { Ok(()) } else { Err(format!("the paper has {} bytes", paper.len())) }
            }
            Chore::Salvage => {
                let (out, list) = (self.at("救出.book"), self.at("救出-抢救清单.txt"));
                if done && !(out.exists() && list.exists()) {
                    return Err("what was saved is gone".to_owned());
                }
                if list.exists() && std::fs::read(&list).unwrap() != self.list.as_bytes() {
                    let list = std::fs::read_to_string(&list).unwrap_or_default();
                    return Err(format!("the list is not whole: {list}\n!=\n{}", self.list));
                }
                if out.exists() {
                    let saved = self.opener("救出.book").open().map_err(|it| it.to_string())?;
                    let (found, saved) = (saved.check(), Kept::read(&saved).map_err(|it| it.to_string())?);
                    if !found.is_empty() || !saved.same_sheets(&self.kept) {
                        return Err(format!("{found:?} {}", saved.unlike(&self.kept)));
                    }
                }
                Ok(())
            }
            Chore::Make
            | Chore::Import
            | Chore::Backup
            | Chore::Restore
            | Chore::Replace
            | Chore::Key
            | Chore::Upgrade => Ok(()),
        }
    }

    /// The damaged book is there as it was, in its place or beside the copy that has it.
    fn look_at_the_replaced(&self, done: bool) -> Result<(), String> {
        let is_damaged = |it: &Path| std::fs::read(it).is_ok_and(|it| it == self.damaged);
        if !done && is_damaged(&self.book()) {
            return Ok(());
        }
        self.whole("a.book", std::slice::from_ref(&self.key), std::slice::from_ref(&self.earlier))?;
        let beside = self.copies("", "-恢复前-");
        if beside.iter().any(|it| is_damaged(it)) { Ok(()) } else { Err("the damaged book is gone".to_owned()) }
    }

    /// Opens a book with one of the passwords; it is whole and holds one of these.
    fn whole(&self, name: &str, keys: &[Option<Key>], possible: &[Kept]) -> Result<Kept, String> {
        let opened = keys.iter().map(|it| Opener::new(&self.at(name), it.clone()).open());
        let store = opened.reduce(|a, b| a.or(b)).unwrap().map_err(|it| format!("{name}: {it}"))?;
        sound(&store, possible).map_err(|it| format!("{name}: {it}"))
    }

    /// What the book holds with the sheets that are taken in.
    fn imported(&self) -> Kept {
        let values = |cells: &[(&str, &str)]| {
            cells.iter().map(|(cell, text)| ((*cell).into(), (*text).to_owned())).collect::<taizhang::record::Values>()
        };
        let sheets = vec![
            ("05", values(&[("customer", "癸厂")])),
            ("05", values(&[("customer", "甲厂"), ("complaint", "密集气孔")])),
        ];
        Deal::Import { sheets }.after(&self.kept, &self.procedure, now())
    }

    /// A second try succeeds, where the first was cut short; under another name, where only part of it is there.
    pub(crate) fn try_again(&self, chore: Chore) -> Result<(), String> {
        if chore == Chore::Import && self.whole("a.book", std::slice::from_ref(&self.key), &[self.imported()]).is_ok() {
            return Ok(());
        }
        if chore == Chore::Key && Opener::new(&self.book(), other()).open().is_ok() {
            return Ok(());
        }
        if chore == Chore::Salvage {
            for name in ["救出.book", "救出-抢救清单.txt"] {
                drop(std::fs::remove_file(self.at(name)));
            }
        }
        self.run(chore).map_err(|it| format!("a second try: {it}"))
    }
}

/// The password the book gets.
fn other() -> Option<Key> {
    Key::new("四五六")
}

fn named(path: &Path, mark: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.contains(mark) && name.ends_with(".book")
}

/// How many changes to the disk it takes.
fn changes(chore: Chore, seed: u64) -> usize {
    let disk = Disk::new();
    let office = Office::new(&disk.folder(), chore, &mut Dice::new(seed));
    let before = disk.changes();
    office.run(chore).unwrap();
    disk.changes() - before
}

fn through_a_cut(chore: Chore, seed: u64) -> Result<(), String> {
    let changes = changes(chore, seed);
    let (disk, mut dice) = (Disk::new(), Dice::new(seed));
    let office = Office::new(&disk.folder(), chore, &mut dice);
    disk.settle();
    let names = names(&disk.folder());
    // Names change at the end.
    let from = if dice.chance(50) { 0 } else { changes.saturating_sub(8) };
    let moment = from + dice.below(changes + 1 - from);
    disk.cut_after(moment);
    let done = office.run(chore);
    // Nobody is told anything when the power is gone.
    let said = done.is_ok() && !disk.is_off();
    match &done {
        Err(why) if !disk.is_off() => return Err(why.clone()),
        Ok(()) if moment < changes && !disk.is_off() => return Err(format!("{changes} changes became fewer")),
        _ => {}
    }
    disk.cut();
    disk.boot(&mut dice);
    let why = |it| format!("{moment} of {changes} changes, said to be done: {said}: {it}");
    office.look(chore, said).map_err(why)?;
    if let Some(gone) = names.iter().find(|it| !disk.folder().join(it).exists()) {
        return Err(why(format!("{} is gone", gone.display())));
    }
    if !said {
        office.try_again(chore).map_err(why)?;
        disk.cut();
        disk.boot(&mut dice);
        office.look(chore, true).map_err(why)?;
    }
    Ok(())
}

/// What lay in the folder before, but for what SQLite and the windows take away.
fn names(folder: &Path) -> BTreeSet<OsString> {
    let names = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
    names
        .filter(|it| [".book", ".json", ".txt", ".pdf"].iter().any(|end| it.to_string_lossy().ends_with(end)))
        .collect()
}

/// Cut short at any moment, it was done wholly or not at all: the book is whole, nothing half-written has its last name,
/// and a second try succeeds. What was said to be done outlives the power.
fn cut_short(chore: Chore) {
    // To unlock a book takes a good while each time.
    let count = if chore == Chore::Key { rounds(3).min(200) } else { rounds(14).min(2000) };
    for seed in 0..count as u64 {
        if let Err(why) = through_a_cut(chore, seed) {
            panic!("{chore:?}, seed {seed}: {why}");
        }
    }
}

#[test]
fn a_new_book_that_is_cut_short_is_whole_or_not_there() {
    cut_short(Chore::Make);
}

#[test]
fn an_import_that_is_cut_short_was_or_never_was() {
    cut_short(Chore::Import);
}

#[test]
fn a_backup_that_is_cut_short_is_whole_or_not_there() {
    cut_short(Chore::Backup);
}

#[test]
fn an_export_that_is_cut_short_leaves_the_old_paper_or_the_new() {
    cut_short(Chore::Export);
}

#[test]
fn a_salvage_that_is_cut_short_leaves_the_book_and_nothing_half_saved() {
    cut_short(Chore::Salvage);
}

#[test]
fn a_restore_that_is_cut_short_leaves_the_old_book_or_the_copy_and_the_old_beside_it() {
    cut_short(Chore::Restore);
}

/// A disk that writes names in whatever order it likes has the book's new file under its name and nothing else of the last
/// changes: what was in the book lies beside it all the same, as its name was made to last first.
#[test]
fn what_was_in_the_book_is_beside_the_copy_that_has_its_name() {
    for chore in [Chore::Restore, Chore::Replace] {
        for seed in 0..rounds(3).min(200) as u64 {
            let changes = changes(chore, seed);
            for moment in changes.saturating_sub(3)..changes {
                let (disk, mut dice) = (Disk::new(), Dice::new(seed));
                let office = Office::new(&disk.folder(), chore, &mut dice);
                disk.settle();
                disk.cut_after(moment);
                drop(office.run(chore));
                assert!(disk.is_off(), "{chore:?}, seed {seed}: {changes} changes became fewer");
                disk.cut();
                disk.boot_with(&mut dice, Some(|name| name == Path::new("a.book")));
                let found = office.look(chore, false);
                assert_eq!(found, Ok(()), "{chore:?}, seed {seed}, {moment} of {changes} changes");
            }
        }
    }
}

#[test]
fn a_restore_in_the_place_of_a_damaged_book_that_is_cut_short_leaves_the_damaged_one_as_it_was() {
    cut_short(Chore::Replace);
}

#[test]
fn a_change_of_password_that_is_cut_short_leaves_the_old_one_or_the_new() {
    cut_short(Chore::Key);
}

#[test]
fn an_upgrade_that_is_cut_short_leaves_the_older_book_or_the_newest() {
    cut_short(Chore::Upgrade);
}
