//! What this computer remembers of whoever sits at it (习惯): where the window stood, how large the sheet and the screen's
//! text are shown, which books were open and where in them one was, which printer was used and how far it is off. It is
//! kept apart from the book, which may be carried to another computer, in one file of the user's own.
//!
//! Nothing of it is needed: where the file cannot be read the program starts as it came, and what could not be read is
//! laid aside; where it cannot be written that is said once.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::files::{self, Kind};
use crate::store::{Places, Witness, io_reason};

/// So many books are remembered.
pub const RECENT: usize = 10;
/// So many books' heads are remembered.
const HEADS: usize = 100;
/// So many heads are remembered of a book that the clerk knows it not to bear out.
const KNOWN: usize = 50;
/// What the file is called in the user's folder for settings.
pub const FILE: &str = "习惯.json";
/// The longest such file, in bytes: a thousand times what is kept there.
const LONGEST: u64 = 4_000_000;

/// What is remembered. Keys of another edition of the program survive in `rest`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Habits {
    /// Where the window stood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Place>,
    /// How large the sheet was shown, as [`crate::ui::zoom::Zoom::keep`] writes it; empty where nothing was chosen.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub zoom: String,
    /// The books that were open, the last one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub books: Vec<BookHabit>,
    /// How far the history of each book had come when it was seen here, the last one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub heads: Vec<HeadHabit>,
    /// How large the screen's own text is.
    pub text: TextSize,
    /// Whether the desk round the white paper is dark.
    pub dark_desk: bool,
    /// The printer used last, as the system calls it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub printer: String,
    /// What is known of each printer, by the system's name for it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub printers: BTreeMap<String, PrinterHabit>,
    /// What another edition of the program keeps here.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Where a window stood, in points of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The top left corner of its frame, from that of the first screen; none where the system tells nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<[f32; 2]>,
    /// How wide it is inside.
    pub width: f32,
    /// How high it is inside.
    pub height: f32,
    /// Whether it filled the screen; place and size are then those it goes back to.
    pub maximized: bool,
}

impl Place {
    /// Whether these are figures that a window can have.
    pub fn is_sound(&self) -> bool {
        let far = |it: f32| it.abs() < 100_000.0;
        (100.0..=20_000.0).contains(&self.width)
            && (100.0..=20_000.0).contains(&self.height)
            && self.at.is_none_or(|it| it.into_iter().all(far))
    }
}

/// How large the screen's own text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextSize {
    /// One step larger.
    Large,
    /// Two steps larger.
    Larger,
    /// As it comes; and what another edition of the program calls otherwise.
    #[default]
    #[serde(other)]
    Normal,
}

/// A book that was open, and where in it one was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BookHabit {
    /// Where it lies.
    pub path: PathBuf,
    /// The page that was looked at, as the program calls it; empty for 今日.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub page: String,
    /// The day it was looked at: another day begins with 今日.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub day: String,
    /// The places for backups that were chosen for it on this computer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<Places>,
    /// The form of the sheet that lay there.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub form: String,
    /// Its number; empty where none lay there.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub number: String,
    /// What another edition of the program keeps here.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The head of a book's history, as it was seen last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeadHabit {
    /// Where the book lies.
    pub path: PathBuf,
    /// The head, as [`Witness`] writes it.
    pub head: String,
    /// Heads remembered elsewhere that this book does not bear out, and the clerk knows it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<String>,
    /// What another edition of the program keeps here.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// What is known of a printer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PrinterHabit {
    /// How far its prints have to be moved to the right, in millimetres.
    pub right_mm: f64,
    /// How far down.
    pub down_mm: f64,
    /// Whether it prints on both sides.
    pub both_sides: bool,
    /// What another edition of the program, or its printing, keeps here.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Habits {
    /// Reads the file; a file that is not there remembers nothing.
    ///
    /// # Errors
    /// Why it could not be read.
    pub fn read(path: &Path) -> io::Result<Self> {
        match files::read(path, LONGEST) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        files::save(path, Kind::Text, &text)
    }

    /// A book lies on the desk: it comes first among those that were open.
    pub fn opened(&mut self, path: &Path) {
        let known = self.books.iter().position(|it| it.path == path).map(|it| self.books.remove(it));
        let book = known.unwrap_or_else(|| BookHabit { path: path.to_owned(), ..BookHabit::default() });
        self.books.insert(0, book);
        self.books.truncate(RECENT);
    }

    /// The history of the book at `path` had come so far; of what it does not bear out the clerk knows `known`.
    pub fn saw(&mut self, path: &Path, head: Witness, known: &[Witness]) {
        let there = self.heads.iter().position(|it| it.path == path).map(|it| self.heads.remove(it));
        let mut kept = there.unwrap_or_else(|| HeadHabit { path: path.to_owned(), ..HeadHabit::default() });
        kept.head = head.to_string();
        for one in known.iter().map(Witness::to_string) {
            if !kept.known.contains(&one) {
                kept.known.insert(0, one);
            }
        }
        kept.known.truncate(KNOWN);
        self.heads.insert(0, kept);
        self.heads.truncate(HEADS);
    }

    /// The heads that the book at `path` has to bear out: the one seen there last, and those of the same book where it lies
    /// no more.
    pub fn seen(&self, path: &Path, book: Option<[u8; 8]>) -> Vec<Witness> {
        let heads = self.heads.iter().filter_map(|it| Some((&it.path, Witness::read(&it.head)?)));
        let moved = |at: &Path, head: &Witness| book == Some(head.book) && !at.exists();
        heads.filter(|(at, head)| *at == path || moved(at, head)).map(|(_, head)| head).collect()
    }

    /// Whether the clerk knows that the book at `path` does not bear this out.
    pub fn knows(&self, path: &Path, head: Witness) -> bool {
        let there = self.heads.iter().find(|it| it.path == path);
        there.is_some_and(|it| it.known.contains(&head.to_string()))
    }

    /// A book is no longer to be listed.
    pub fn forget(&mut self, path: &Path) {
        self.books.retain(|it| it.path != path);
    }

    /// What is known of a book that was open.
    pub fn book(&self, path: &Path) -> Option<&BookHabit> {
        self.books.iter().find(|it| it.path == path)
    }

    /// As [`Self::book`], to be changed; nothing for a book that is no longer listed.
    pub fn book_mut(&mut self, path: &Path) -> Option<&mut BookHabit> {
        self.books.iter_mut().find(|it| it.path == path)
    }
}

/// The habits and their file.
#[derive(Debug)]
pub struct Keeper {
    /// Nothing is kept where the system has no place for it.
    path: Option<PathBuf>,
    now: Habits,
    /// A change on its way to the disk: the window does not wait for it.
    writing: Option<JoinHandle<io::Result<()>>>,
    /// Why the last change is not on the disk.
    failed: Option<io::Error>,
    /// That it cannot be written is told once.
    told: bool,
}

impl Keeper {
    /// Reads the habits. Where the file is broken it is laid aside, and the sentence says so.
    pub fn open(path: Option<&Path>) -> (Self, Option<String>) {
        let (now, sentence) = path.map_or_else(Default::default, Self::read);
        (Self { path: path.map(Path::to_owned), now, writing: None, failed: None, told: false }, sentence)
    }

    fn read(path: &Path) -> (Habits, Option<String>) {
        match Habits::read(path) {
            Ok(now) => (now, None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData || error.is_syntax() => {
                let aside = path.with_extension("读不出.json");
                let kept = fs::rename(path, &aside).is_ok();
                let told = if kept { format!("，留在 {}", aside.display()) } else { String::new() };
                (Habits::default(), Some(format!("这台电脑上的习惯（窗口、缩放、最近的台帐）读不出来，从头记起{told}")))
            }
            // What is written later is told about then.
            Err(_) => (Habits::default(), None),
        }
    }

    /// What is remembered.
    pub fn habits(&self) -> &Habits {
        &self.now
    }

    /// Looks at what another window has written meanwhile.
    pub fn refresh(&mut self) {
        // What is on its way to the disk, or could not be written, would not be there.
        self.hear(false);
        let written = self.writing.is_none() && self.failed.is_none();
        if let Some(there) = self.path.as_ref().filter(|_| written).and_then(|it| Habits::read(it).ok()) {
            self.now = there;
        }
    }

    /// Changes what is remembered, here and on the disk. Another window may have written meanwhile: the change is made to
    /// what stands there now.
    pub fn change(&mut self, change: impl Fn(&mut Habits) + Send + 'static) {
        let before = self.now.clone();
        change(&mut self.now);
        let Some(path) = self.path.clone().filter(|_| before != self.now) else { return };
        let (earlier, now, failed) = (self.writing.take(), self.now.clone(), self.failed.is_some());
        self.writing = Some(std::thread::spawn(move || {
            // One after the other, in the order they were made.
            let failed = earlier.map_or(failed, |it| !matches!(it.join(), Ok(Ok(()))));
            let habits = match Habits::read(&path) {
                Ok(mut there) if !failed => {
                    change(&mut there);
                    there
                }
                // What could not be written before comes along.
                _ => now,
            };
            habits.write(&path)
        }));
    }

    /// Why the last change is not on the disk, told once; `wait` says whether to wait for it.
    pub fn trouble(&mut self, wait: bool) -> Option<String> {
        self.hear(wait);
        let why = io_reason(self.failed.as_ref()?);
        if std::mem::replace(&mut self.told, true) {
            return None;
        }
        let path = self.path.as_deref().unwrap_or(Path::new(""));
        Some(format!(
            "窗口、缩放、打印机和最近的台帐这次记不下来，关窗口后就忘了，不影响填写：{why}：{}",
            path.display()
        ))
    }

    /// Hears what became of the last change; `wait` says whether to wait for it.
    fn hear(&mut self, wait: bool) {
        if let Some(writing) = self.writing.take_if(|it| wait || it.is_finished()) {
            self.failed = writing.join().unwrap_or(Ok(())).err();
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Nobody is left to be told.
        drop(self.trouble(true));
    }
}

trait Syntax {
    fn is_syntax(&self) -> bool;
}

impl Syntax for io::Error {
    /// Whether it is serde's complaint about what the file says, and not the disk's.
    fn is_syntax(&self) -> bool {
        self.get_ref().is_some_and(|it| it.is::<serde_json::Error>()) || self.kind() == io::ErrorKind::UnexpectedEof
    }
}

#[cfg(test)]
mod tests;
