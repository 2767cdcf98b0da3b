//! Pages to a printer: straight through the system's own queue, at their true size, mark for mark those of the PDF.
//!
//! The rooms above say which pages; here they are put into the order in which they leave the printer, moved by what the
//! printer needs, and handed over: through CUPS, or through GDI on Windows. All of it may take its time and is done in a
//! thread of its own.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::export::Clock;
use crate::layout::Page;
use crate::units::{Mm, Size};

pub mod choice;
pub mod viewer;
#[cfg(not(windows))]
mod cups;
#[cfg(not(windows))]
use cups as system;
#[cfg(windows)]
mod gdi;
#[cfg(windows)]
use gdi as system;

/// A printer, as the system knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printer {
    /// The name it is printed to by.
    pub name: String,
    /// What people call it, and where it stands; empty where nobody said.
    pub called: String,
    /// Whether the system prints there when nobody chooses.
    pub is_default: bool,
    /// Whether it prints on both sides of a sheet.
    pub both_sides: bool,
    /// The paper it takes, by the names of PWG and PPD (A4, A3 …); empty where the system does not say.
    pub papers: Vec<String>,
    /// Why it does not print just now, as a clause: 已暂停, 没有纸; empty where nothing is known to be wrong.
    pub trouble: String,
}

/// On which sides of a sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sides {
    /// On one side (单面).
    #[default]
    One,
    /// On both, turned over the long edge: upright pages.
    LongEdge,
    /// On both, turned over the short edge: pages that lie.
    ShortEdge,
}

/// What is to be printed, and how.
#[derive(Clone, Debug)]
pub struct Job {
    /// [`Printer::name`].
    pub printer: String,
    /// What the queue calls it.
    pub title: String,
    /// What belongs together: a copy of a sheet with its continuation sheets, a ledger. Each begins on paper of its own,
    /// also where both sides are printed.
    pub pieces: Vec<Vec<Page>>,
    /// How many times all of it is printed.
    pub copies: usize,
    /// On which sides.
    pub sides: Sides,
    /// How far everything is moved to the right and down, because this printer does not meet the paper's edge.
    pub offset: (Mm, Mm),
    /// When.
    pub clock: Clock,
}

impl Job {
    /// How many pages leave the printer, empty backs included.
    pub fn count(&self) -> usize {
        self.pieces.iter().map(|it| it.len() + usize::from(self.backs(it))).sum::<usize>() * self.copies
    }

    /// The pages in the order in which they leave the printer: every copy, moved, an empty one behind a last front where
    /// both sides are printed. Nothing more is to be repeated, moved or scaled.
    pub fn pages(&self) -> impl Iterator<Item = Page> + '_ {
        let (right, down) = self.offset;
        let once = move || {
            self.pieces.iter().flat_map(move |piece| {
                let back = piece.last().filter(|_| self.backs(piece));
                let back = back.map(|it| Page { paper: it.paper, marks: Vec::new(), slots: Vec::new() });
                piece.iter().cloned().chain(back)
            })
        };
        (0..self.copies).flat_map(move |_| once()).map(move |it| it.shifted(right, down))
    }

    /// Whether an empty back follows a piece.
    fn backs(&self, piece: &[Page]) -> bool {
        self.sides != Sides::One && piece.len() % 2 == 1
    }
}

/// The paper in millimetres, upright: a page that lies is printed on the same paper.
fn upright(size: Size) -> (u32, u32) {
    let (a, b) = (size.width.to_mm().round() as u32, size.height.to_mm().round() as u32);
    (a.min(b), a.max(b))
}

/// What paper of this size is called, where it has a name.
pub fn named(size: Size) -> Option<&'static str> {
    Some(match upright(size) {
        (297, 420) => "A3",
        (210, 297) => "A4",
        (148, 210) => "A5",
        _ => return None,
    })
}

impl Printer {
    /// The paper that these pages want and the printer does not list, where it lists any.
    pub fn lacks<'a>(&self, pages: impl IntoIterator<Item = &'a Page>) -> Option<&'static str> {
        let has = |paper: &str| self.papers.iter().any(|it| it.to_lowercase().contains(&paper.to_lowercase()));
        pages.into_iter().filter_map(|it| named(it.paper)).find(|it| !self.papers.is_empty() && !has(it))
    }
}

/// How far a job is, seen from the window while a thread prints; and whether it is to stop.
#[derive(Debug, Default)]
pub struct Watch {
    done: AtomicUsize,
    stopped: AtomicBool,
    queued: AtomicBool,
}

impl Watch {
    /// So many pages are drawn.
    pub fn page(&self, done: usize) {
        self.done.store(done, Ordering::Relaxed);
    }

    /// How many pages are drawn.
    pub fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }

    /// All of it lies in the printer's queue.
    pub fn queue(&self) {
        self.queued.store(true, Ordering::Relaxed);
    }

    /// Whether all of it lies in the printer's queue.
    pub fn is_queued(&self) -> bool {
        self.queued.load(Ordering::Relaxed)
    }

    /// The clerk wants no more of it.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether the clerk wants no more of it: the job is to be taken back, whatever of it has not been printed yet.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// What became of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The queue says it is printed.
    Printed,
    /// The queue has all of it and prints when it can: why it does not yet, as a clause; empty where nobody knows.
    Waits(String),
    /// It was stopped, and taken back from the queue.
    Stopped,
}

/// The printers of this machine. Faked in tests.
pub trait Printing: Send + Sync {
    /// Which there are. Takes its time.
    ///
    /// # Errors
    /// A sentence, where the system has no printing, or it does not answer. No printer at all is no error.
    fn printers(&self) -> Result<Vec<Printer>, String>;

    /// Prints, and waits for what becomes of it.
    ///
    /// # Errors
    /// A sentence; then not all of it is printed, and where some of it is, as far as can be known, the sentence says so.
    fn print(&self, job: &Job, watch: &Watch) -> Result<Outcome, String>;
}

/// The system's own printing.
#[derive(Clone, Copy, Debug)]
pub struct System;

impl Printing for System {
    fn printers(&self) -> Result<Vec<Printer>, String> {
        system::printers()
    }

    fn print(&self, job: &Job, watch: &Watch) -> Result<Outcome, String> {
        system::print(job, watch)
    }
}
