//! Power cuts and faults of the disk, below a book that an office writes on at random.

use std::collections::BTreeMap;
use std::path::Path;

use taizhang::procedure::Procedure;
use taizhang::store::{Key, Opener, Store, StoreError};

use crate::common::{now, procedure};
use crate::dice::Dice;
use crate::office::{Deal, Kept};
use crate::rounds;
use crate::vfs::{Disk, Fault, Work};

/// Rounds that one book goes through.
const ROUNDS_A_BOOK: usize = 10;
/// The power goes within so many changes to the files while a book is opened, or written on.
const REACH: [usize; 2] = [60, 150];

/// Goes through `count` rounds of `one`, which takes a seed and how many rounds to go with one book.
pub(crate) fn go(count: usize, mut one: impl FnMut(u64, usize) -> Result<(), String>) {
    for seed in 0..count.div_ceil(ROUNDS_A_BOOK) {
        let here = ROUNDS_A_BOOK.min(count - seed * ROUNDS_A_BOOK);
        if let Err(why) = one(seed as u64, here) {
            panic!("seed {seed}: {why}");
        }
    }
}

/// The book as it lies on the disk: whole, and one of these.
pub(crate) fn sound(store: &Store, possible: &[Kept]) -> Result<Kept, String> {
    let found = store.check();
    if !found.is_empty() {
        return Err(format!("{found:?}"));
    }
    let kept = Kept::read(store).map_err(|it| it.to_string())?;
    if possible.contains(&kept) {
        return Ok(kept);
    }
    let unlike: Vec<String> = possible.iter().map(|it| kept.unlike(it)).collect();
    Err(format!("neither of {} states: {}", possible.len(), unlike.join("\nnor\n")))
}

/// Copies of the book, by name: what may be in each, and whether it was ever said to be made.
type Copies = BTreeMap<&'static str, (Vec<(Kept, Option<Key>)>, bool)>;

/// Each copy that is there is whole, and the book as it was at some time; one that was said to be made is there.
fn sound_copies(folder: &Path, copies: &Copies) -> Result<(), String> {
    for (name, (possible, made)) in copies {
        let path = folder.join(name);
        if !path.exists() {
            if *made {
                return Err(format!("{name} was said to be made, and is gone"));
            }
            continue;
        }
        let mut keys: Vec<Option<Key>> = possible.iter().map(|it| it.1.clone()).collect();
        let copy = open(&path, &mut keys)?;
        let possible: Vec<Kept> = possible.iter().map(|it| it.0.clone()).collect();
        sound(&copy, &possible).map_err(|it| format!("{name}: {it}"))?;
    }
    Ok(())
}

/// Opens a book that has one of these passwords; which, is left over.
pub(crate) fn open(path: &Path, keys: &mut Vec<Option<Key>>) -> Result<Store, String> {
    let mut last = String::new();
    for key in std::mem::take(keys) {
        match Store::open_with(path, key.as_ref()) {
            Ok(store) => {
                *keys = vec![key];
                return Ok(store);
            }
            Err(error) => {
                last = error.to_string();
                keys.push(key);
            }
        }
    }
    Err(last)
}

fn through_power_cuts(disk: &Disk, seed: u64, cuts: usize) -> Result<(), String> {
    let mut dice = Dice::new(seed);
    let (path, procedure) = (disk.folder().join("a.book"), procedure());
    let mut possible = vec![Kept::default()];
    let mut keys = vec![None];
    let mut copies = Copies::new();
    for _ in 0..cuts {
        if dice.chance(20) {
            sound_copies(&disk.folder(), &copies)?;
        }
        if dice.chance(5) && path.exists() {
            // The book gets another password: cut off at any moment, it has the old one or the new one.
            drop(open(&path, &mut keys)?);
            let (old, new) = (keys[0].clone(), dice.pick(&[None, Key::new("一二三"), Key::new("四五六")]));
            disk.cut_after(dice.below(REACH[0]));
            match Opener::new(&path, old.clone()).change_key(new.as_ref()) {
                Ok(()) => keys = vec![new],
                Err(_) if disk.is_off() => keys = vec![old, new],
                Err(error) => return Err(error.to_string()),
            }
            disk.cut();
            disk.boot(&mut dice);
        }
        // The power may go while the book is made, or made whole again.
        if dice.chance(25) {
            disk.cut_after(dice.below(REACH[0]));
        }
        match open(&path, &mut keys) {
            Ok(store) if !disk.is_off() => {
                let kept = sound(&store, &possible)?;
                disk.cut_after(dice.below(REACH[1]));
                possible = work(disk, &store, &procedure, (kept, &keys[0]), &mut copies, &mut dice)?;
            }
            Err(error) if !disk.is_off() => return Err(error),
            _ => {}
        }
        disk.cut();
        disk.boot(&mut dice);
    }
    let store = open(&path, &mut keys)?;
    sound(&store, &possible)?;
    sound_copies(&disk.folder(), &copies)
}

/// Works on the book until the power goes, or a while. What may be in the book then: what was acknowledged, and that with
/// what was being done.
fn work(
    disk: &Disk,
    store: &Store,
    procedure: &Procedure,
    (mut kept, key): (Kept, &Option<Key>),
    copies: &mut Copies,
    dice: &mut Dice,
) -> Result<Vec<Kept>, String> {
    for _ in 0..60 {
        let deal = Deal::next(&kept, dice);
        if let Deal::Copy { name } = deal {
            copies.entry(name).or_default().0.push((kept.clone(), key.clone()));
        }
        let after = deal.after(&kept, procedure, now());
        match deal.run(store, procedure, now()) {
            Ok(()) => {
                if let Deal::Copy { name } = deal {
                    copies.insert(name, (vec![(kept, key.clone())], true));
                }
                kept = after;
            }
            Err(_) if disk.is_off() => return Ok(vec![kept, after]),
            // A copy that was opened when the power went may have its log still: then it is not written over.
            // Nor is one that is there.
            Err(error)
                if matches!(deal, Deal::Copy { .. })
                    && ["旁边有", "已有同名"].iter().any(|it| error.to_string().contains(it)) => {}
            Err(error) => return Err(format!("{deal:?}: {error}")),
        }
    }
    Ok(vec![kept])
}

/// Durability of every write that was acknowledged, and none of it by halves.
#[test]
fn a_power_cut_at_any_moment_leaves_the_book_as_it_was_before_or_after_a_write() {
    go(rounds(300), |seed, cuts| through_power_cuts(&Disk::new(), seed, cuts));
}

/// The test itself is tested: on a disk that says it has written what it has not, books are lost.
#[test]
fn a_disk_that_lies_is_found_out() {
    let found = (0..20).filter(|seed| {
        let disk = Disk::new();
        disk.lie();
        through_power_cuts(&disk, *seed, ROUNDS_A_BOOK).is_err()
    });
    assert!(found.count() > 10);
}

/// A sentence for whoever stands before the screen: what was being done, to which file, and why it failed.
fn sentence(error: &StoreError, path: &Path) -> Result<(), String> {
    let said = error.to_string();
    let doing = ["写入台帐", "读取台帐", "打开台帐", "新建台帐", "备份台帐到", "清理台帐文件"];
    let folder = path.parent().unwrap().display().to_string();
    let begins = doing.iter().any(|it| said.starts_with(&format!("{it} {folder}")));
    let why = said.split_once('：').is_some_and(|(_, why)| why.chars().any(|it| ('一'..='龥').contains(&it)));
    if begins && why { Ok(()) } else { Err(format!("no sentence: {said}")) }
}

fn through_faults(seed: u64, faults: usize) -> Result<(), String> {
    let mut dice = Dice::new(seed);
    let (disk, procedure) = (Disk::new(), procedure());
    let path = disk.folder().join("a.book");
    let mut store = Some(Store::open(&path).map_err(|it| it.to_string())?);
    let mut kept = Kept::default();
    for _ in 0..faults {
        let work = (!dice.chance(20)).then(|| dice.pick(&Work::ALL));
        let fault = Fault { work, after: dice.below(60), lasting: dice.chance(40), full: dice.chance(50) };
        let (before, doing) = (disk.faults(), format!("{fault:?}"));
        disk.fail(fault);
        if dice.chance(30) {
            store = None;
        }
        let mut failed: Option<Kept> = None;
        for _ in 0..20 {
            let open = match store.take() {
                Some(store) => store,
                None => match Store::open(&path) {
                    Ok(store) => store,
                    Err(error) => {
                        sentence(&error, &path)?;
                        break;
                    }
                },
            };
            let deal = Deal::next(&kept, &mut dice);
            let after = deal.after(&kept, &procedure, now());
            let done = deal.run(&open, &procedure, now());
            let read = Kept::read(&open);
            if let Ok(()) = done {
                kept = after;
            }
            match read {
                Ok(read) if read == kept => {}
                Ok(read) => return Err(format!("{doing}: {deal:?}: {done:?}: {}", read.unlike(&kept))),
                Err(error) => sentence(&error, &path)?,
            }
            // A fault that befalls a check is told, too: a book that cannot be read is not said to be whole.
            let befell = disk.faults();
            if dice.chance(10) && open.check().is_empty() && disk.faults() > befell {
                return Err(format!("{doing}: the check says nothing of a book it could not read"));
            }
            if let Err(error) = done {
                sentence(&error, &path)?;
                failed = Some(deal.after(&kept, &procedure, now()));
                // The window tries the same again and again while the disk is ill.
                if dice.chance(50) {
                    match deal.run(&open, &procedure, now()) {
                        Ok(()) => kept = failed.take().unwrap(),
                        Err(error) => sentence(&error, &path)?,
                    }
                }
                store = Some(open);
                break;
            }
            store = Some(open);
            if disk.faults() > before && !fault.lasting {
                break;
            }
        }
        disk.heal();
        if dice.chance(30) {
            // The power goes before anything is tried again: then what failed may be there after all, but wholly.
            disk.cut();
            store = None;
            disk.boot(&mut dice);
        }
        let open = match store.take() {
            Some(store) => store,
            None => Store::open(&path).map_err(|it| format!("{doing}: {it}"))?,
        };
        kept = sound(&open, &[vec![kept], failed.into_iter().collect()].concat())
            .map_err(|it| format!("{doing}: {it}"))?;
        // When the fault is gone, writing goes on.
        for _ in 0..3 {
            let deal = Deal::next(&kept, &mut dice);
            deal.run(&open, &procedure, now()).map_err(|it| format!("{doing}: {deal:?}: {it}"))?;
            kept = deal.after(&kept, &procedure, now());
        }
        sound(&open, std::slice::from_ref(&kept)).map_err(|it| format!("{doing}: {it}"))?;
        store = Some(open);
    }
    Ok(())
}

/// EIO, ENOSPC, a write cut short, a sync that fails: a sentence, and the book as it was; afterwards it is written on.
#[test]
fn a_fault_of_the_disk_leaves_the_book_as_it_was_and_is_told() {
    go(rounds(150), through_faults);
}

/// The journal of the change over to the log was deleted, and the folder not synced since: it came back after each power cut,
/// and at last undid what the log had brought into the book. Ten thousand rounds found it once.
#[test]
fn a_journal_that_comes_back_undoes_nothing() {
    through_faults(701, ROUNDS_A_BOOK).unwrap();
    let disk = Disk::new();
    let path = disk.folder().join("a.book");
    drop(Store::open(&path).unwrap());
    let book = rusqlite::Connection::open(&path).unwrap();
    book.pragma_update(None, "journal_mode", "DELETE").unwrap();
    drop(book);
    let book = Store::open(&path).unwrap();
    // The change over was written; that its journal is gone is on the disk too.
    assert!(disk.is_certain("a.book") && !disk.is_certain("a.book-journal"));
    drop(book);
}
