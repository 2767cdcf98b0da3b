//! Whole days of an office on a clock and a disk that are both made up: clerks at two windows write, correct, void, sign and
//! file; copies are made and thinned; the password is changed, a copy put in the book's place, what can be saved is saved;
//! the clock jumps; and the power goes whenever it likes. What must hold, holds after each day and each power cut.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use taizhang::procedure::Procedure;
use taizhang::store::{Head, Key, Opener, Reason, Store};

use crate::common::{now, procedure};
use crate::dice::Dice;
use crate::office::{Deal, Kept};
use crate::power::{go, sound};
use crate::rounds;
use crate::vfs::Disk;

/// Changes to the files in which the power goes at the latest, if it is to go at all.
const REACH: usize = 1500;
/// The longest day, in things that are done.
const LONGEST: usize = 90;

/// What a file holds, and its password.
type Holds = (Kept, Option<Key>);

/// How a day ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Evening,
    Dark,
}

struct Days {
    disk: Disk,
    dice: Dice,
    procedure: Procedure,
    clock: NaiveDateTime,
    /// What the book may hold: the last of what was acknowledged, and what was being done when the power went.
    possible: Vec<Holds>,
    /// The last line of its history that was seen.
    head: Option<Head>,
    /// Copies that were said to be made, and what they hold.
    copies: BTreeMap<PathBuf, Holds>,
    /// What was being copied when the power went: some copy may hold it.
    begun: Vec<Holds>,
    /// What must lie in the folder: what was said to be written last.
    written: BTreeSet<PathBuf>,
    /// What was done in all.
    steps: usize,
    cuts: usize,
}

impl Days {
    fn new(seed: u64) -> Self {
        let (mut dice, disk) = (Dice::new(seed), Disk::new());
        let clock = now() + TimeDelta::days(dice.below(700) as i64);
        let (copies, begun, written) = Default::default();
        let possible = vec![(Kept::default(), None)];
        let procedure = procedure();
        Self { disk, dice, procedure, clock, possible, head: None, copies, begun, written, steps: 0, cuts: 0 }
    }

    fn book(&self) -> PathBuf {
        self.disk.folder().join("质量.book")
    }

    /// What the book holds, where only one thing is possible.
    fn holds(&self) -> &Holds {
        &self.possible[0]
    }

    fn opener(&self) -> Opener {
        Opener::new(&self.book(), self.holds().1.clone())
    }

    /// Opens what lies at `path` with one of the passwords there may be; which, is told.
    fn unlock(&self, path: &Path, among: &[Holds]) -> Result<(Store, Option<Key>), String> {
        let mut last = String::new();
        for (_, key) in among {
            match Store::open_with(path, key.as_ref()) {
                Ok(store) => return Ok((store, key.clone())),
                Err(error) => last = error.to_string(),
            }
        }
        Err(last)
    }

    /// Opens the book in the morning, or after a power cut: it is what it may be, and its history has only grown.
    fn open(&mut self) -> Result<Option<Store>, String> {
        let (store, key) = match self.unlock(&self.book(), &self.possible) {
            Ok(opened) => opened,
            Err(_) if self.disk.is_off() => return Ok(None),
            Err(why) => return Err(why),
        };
        if self.disk.is_off() {
            return Ok(None);
        }
        let possible: Vec<Kept> = self.possible.iter().filter(|it| it.1 == key).map(|it| it.0.clone()).collect();
        let kept = sound(&store, &possible)?;
        kept.no_number_twice()?;
        self.possible = vec![(kept, key)];
        self.grown(&store)?;
        Ok(Some(store))
    }

    /// The line that was seen last is there still.
    fn grown(&mut self, store: &Store) -> Result<(), String> {
        if let Some(head) = self.head
            && store.head_at(head.line).map_err(|it| it.to_string())? != Some(head)
        {
            return Err(format!("{head} is not in the history any more"));
        }
        self.head = store.head().map_err(|it| it.to_string())?;
        Ok(())
    }

    fn tick(&mut self, seconds: usize) {
        self.clock += TimeDelta::seconds(self.dice.below(seconds) as i64);
    }

    /// The next morning, or what the clock takes for it.
    fn night(&mut self) {
        let days = match self.dice.below(20) {
            0 => -(self.dice.below(400) as i64),
            1 => self.dice.below(400) as i64,
            2 => 0,
            _ => 1,
        };
        let morning = NaiveTime::from_hms_opt(8, 0, 0).unwrap();
        self.clock = (self.clock.date() + TimeDelta::days(days)).and_time(morning);
        self.tick(3600);
    }

    fn day(&mut self) -> Result<End, String> {
        let Some(one) = self.open()? else { return Ok(End::Dark) };
        let mut windows = vec![one];
        if self.dice.chance(60) {
            match self.unlock(&self.book(), &self.possible) {
                Ok((two, _)) => windows.push(two),
                Err(_) if self.disk.is_off() => return Ok(End::Dark),
                Err(why) => return Err(why),
            }
        }
        if !windows[0].is_blank() && !self.back_up(&windows[0], Reason::Daily)? {
            return Ok(End::Dark);
        }
        for _ in 0..self.dice.below(LONGEST) {
            let at = self.dice.below(windows.len());
            let (window, other) = (&windows[at], &windows[windows.len() - 1 - at]);
            self.tick(600);
            match self.dice.below(60) {
                0 if !self.back_up(window, Reason::Manual)? => return Ok(End::Dark),
                1 if window.take_log_in().is_err() && !self.disk.is_off() => return Err("the log stays".to_owned()),
                2 => window.leave_log(),
                _ => {}
            }
            let (kept, key) = self.holds().clone();
            let deal = Deal::next(&kept, &mut self.dice);
            // Copies by hand are made by others.
            if matches!(deal, Deal::Copy { .. }) {
                continue;
            }
            let after = deal.after(&kept, &self.procedure, self.clock);
            match deal.run(window, &self.procedure, self.clock) {
                Ok(()) => self.possible = vec![(after, key)],
                Err(_) if self.disk.is_off() => {
                    self.possible = vec![(kept, key.clone()), (after, key)];
                    return Ok(End::Dark);
                }
                Err(error) => return Err(format!("{deal:?}: {error}")),
            }
            self.steps += 1;
            // The other window sees at once what was written in this one.
            if self.dice.chance(5) {
                match Kept::read(other) {
                    Ok(read) if read == self.holds().0 => self.grown(other)?,
                    Ok(read) => return Err(format!("the other window: {}", read.unlike(&self.holds().0))),
                    Err(_) if self.disk.is_off() => return Ok(End::Dark),
                    Err(error) => return Err(error.to_string()),
                }
            }
        }
        drop(windows);
        self.evening()
    }

    /// Has the book copied; false when the power went.
    fn back_up(&mut self, window: &Store, reason: Reason) -> Result<bool, String> {
        self.begun.push(self.holds().clone());
        match window.back_up(reason, self.clock) {
            Ok(done) if done.missing.is_empty() => {
                let holds = self.begun.pop().unwrap();
                for path in done.made {
                    if !path.exists() {
                        return Err(format!("{} was made and let go at once", path.display()));
                    }
                    // The system's clock goes with the office's.
                    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(self.clock.and_utc().timestamp() as u64);
                    File::options().append(true).open(&path).and_then(|it| it.set_modified(at)).ok();
                    self.written = BTreeSet::from([path.clone()]);
                    self.copies.insert(path, holds.clone());
                }
                Ok(true)
            }
            _ if self.disk.is_off() => Ok(false),
            other => Err(format!("{other:?}")),
        }
    }

    /// When every window is closed: what is done with whole files.
    fn evening(&mut self) -> Result<End, String> {
        let said = |error: taizhang::store::StoreError| error.to_string();
        let there: Vec<PathBuf> = self.copies.keys().filter(|it| it.exists()).cloned().collect();
        match self.dice.below(24) {
            it if it == 0 || self.holds().1.is_some() && it < 12 => {
                let (kept, old) = self.holds().clone();
                // To unlock a book takes a good while each time: it is not locked for long.
                let new = if old.is_some() { None } else { Key::new("一二三") };
                match self.opener().change_key(new.as_ref()) {
                    Ok(()) => self.possible = vec![(kept, new)],
                    Err(_) if self.disk.is_off() => self.possible = vec![(kept.clone(), old), (kept, new)],
                    Err(error) => return Err(error.to_string()),
                }
            }
            12..15 if !there.is_empty() => {
                let copy = self.dice.pick(&there);
                let (present, before) = (self.holds().clone(), self.copies[&copy].clone());
                let from = Opener::new(&copy, before.1.clone());
                // It begins another history, at what the copy holds.
                let head =
                    self.unlock_to_read(&copy, &before)?.map(|it| it.head().map_err(said)).transpose()?.flatten();
                match from.restore(&self.opener(), self.clock) {
                    Ok(Some(aside)) => {
                        self.written.insert(aside.clone());
                        self.copies.insert(aside, present);
                        (self.possible, self.head) = (vec![before], head);
                    }
                    Err(_) if self.disk.is_off() => {
                        self.begun.push(present.clone());
                        (self.possible, self.head) = (vec![present, before], None);
                    }
                    other => return Err(format!("{other:?}")),
                }
            }
            15..17 => {
                let out = self.disk.folder().join(format!("救出-{}.book", self.steps));
                if out.exists() {
                    return Ok(End::Evening);
                }
                match self.opener().salvage_to(&out, &self.procedure, self.clock) {
                    Ok((list, _)) => {
                        self.written.extend([out.clone(), list]);
                        let (kept, key) = self.holds().clone();
                        let saved = Opener::new(&out, key).open_to_read().map_err(said)?;
                        let read = Kept::read(&saved).map_err(said)?;
                        if !read.same_sheets(&kept) || !saved.check().is_empty() {
                            return Err(format!("saved: {:?} {}", saved.check(), read.unlike(&kept)));
                        }
                    }
                    Err(_) if self.disk.is_off() => {}
                    Err(error) => return Err(error.to_string()),
                }
            }
            _ => {}
        }
        Ok(if self.disk.is_off() { End::Dark } else { End::Evening })
    }

    fn unlock_to_read(&self, path: &Path, holds: &Holds) -> Result<Option<Store>, String> {
        match Opener::new(path, holds.1.clone()).open_to_read() {
            Ok(store) => Ok(Some(store)),
            Err(_) if self.disk.is_off() => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    /// What was said to be written is there; and each copy that bears such a name is whole, and was the book once.
    fn look_over_the_files(&mut self) -> Result<(), String> {
        if let Some(gone) = self.written.iter().find(|it| !it.exists()) {
            return Err(format!("{} was said to be written, and is gone", gone.display()));
        }
        let folders = [self.disk.folder(), self.disk.folder().join("备份")];
        let entries = folders.iter().flat_map(std::fs::read_dir).flatten().flatten().map(|it| it.path());
        let books: BTreeSet<PathBuf> = entries
            .filter(|it| {
                let name = it.file_name().unwrap().to_string_lossy();
                name.ends_with(".book") && (name.contains("-备份-") || name.contains("-恢复前-"))
            })
            .collect();
        for path in books {
            // Most of them were looked at the last time.
            if !self.written.contains(&path) && self.copies.contains_key(&path) && self.dice.chance(80) {
                continue;
            }
            let known: Vec<Holds> = self.copies.get(&path).into_iter().chain(&self.begun).cloned().collect();
            let mut read = Err("nobody made it".to_owned());
            for (kept, key) in known {
                let copy = Opener::new(&path, key.clone()).open_to_read();
                read = copy.map_err(|it| it.to_string()).and_then(|it| sound(&it, std::slice::from_ref(&kept)));
                if let Ok(kept) = read {
                    read = Ok(Kept::default());
                    self.copies.insert(path.clone(), (kept, key));
                    break;
                }
            }
            read.map_err(|it| format!("{}: {it}", path.display()))?;
        }
        Ok(())
    }
}

fn through_days(seed: u64, days: usize) -> Result<(usize, usize), String> {
    let mut office = Days::new(seed);
    for day in 0..days {
        if office.dice.chance(70) {
            office.disk.cut_after(office.dice.below(REACH));
        }
        let end = office.day().map_err(|it| format!("day {day}, step {}, {}: {it}", office.steps, office.clock))?;
        office.cuts += usize::from(end == End::Dark);
        office.disk.cut();
        office.disk.boot(&mut office.dice);
        office.look_over_the_files().map_err(|it| format!("day {day}, {end:?}: {it}"))?;
        office.night();
    }
    let why = |it| format!("in the end: {it}");
    office.open().map_err(why)?;
    Ok((office.steps, office.cuts))
}

/// Whole days, one seed each ten.
#[test]
fn whatever_happens_in_days_of_an_office_nothing_is_lost() {
    let (mut steps, mut cuts) = (0, 0);
    go(rounds(50), |seed, days| {
        let (of_steps, of_cuts) = through_days(seed, days)?;
        (steps, cuts) = (steps + of_steps, cuts + of_cuts);
        Ok(())
    });
    eprintln!("{steps} steps, {cuts} power cuts");
    assert!(cuts > 0 && steps > 10 * cuts, "{steps} steps, {cuts} power cuts");
}
