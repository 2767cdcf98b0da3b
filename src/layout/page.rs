//! What a laid-out sheet consists of: marks in millimetres, and the places where one may write.

use std::sync::Arc;

use std::ops::Range;

use crate::face::Face;
use crate::record::CellId;
use crate::units::{Mm, Point, Rect, Size};

/// One side of paper, ready for any painter.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The paper's extent, as it is read (landscape is wider than high).
    pub paper: Size,
    /// What is drawn, in painting order.
    pub marks: Vec<Mark>,
    /// Where one may write; only the screen looks at it.
    pub slots: Vec<Slot>,
}

impl Page {
    /// The page with everything on it moved to the right and down.
    #[must_use]
    pub fn shifted(mut self, right: Mm, down: Mm) -> Self {
        if right == Mm::ZERO && down == Mm::ZERO {
            return self;
        }
        let point = |it: &mut Point| *it = Point::new(it.x + right, it.y + down);
        for mark in &mut self.marks {
            match mark {
                Mark::Line { from, to, .. } => {
                    point(from);
                    point(to);
                }
                Mark::Frame { rect, .. } | Mark::Picture { rect, .. } => point(&mut rect.min),
                Mark::Text(text) => point(&mut text.at),
                Mark::Stamp { rect, text, .. } => {
                    point(&mut rect.min);
                    point(&mut text.at);
                }
            }
        }
        for slot in &mut self.slots {
            point(&mut slot.rect.min);
            point(&mut slot.inner.min);
            slot.lines.iter_mut().for_each(|it| point(&mut it.at));
        }
        self
    }
}

/// One thing drawn. No painter measures, wraps or decides.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A straight line.
    Line {
        /// One end.
        from: Point,
        /// The other end.
        to: Point,
        /// Its thickness.
        width: Mm,
    },
    /// The outline of a rectangle.
    Frame {
        /// The outline's middle.
        rect: Rect,
        /// Its thickness.
        width: Mm,
    },
    /// One line or word of text, placed.
    Text(Text),
    /// A picture.
    Picture {
        /// Where it stands: of its own shape.
        rect: Rect,
        /// As its cell keeps it.
        kept: Arc<str>,
    },
    /// A word in a frame, pale, under all else that stands on the page.
    Stamp {
        /// The frame's middle.
        rect: Rect,
        /// The frame's thickness.
        width: Mm,
        /// The word.
        text: Text,
    },
}

/// One placed line or word.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Left end of the baseline.
    pub at: Point,
    /// The characters as typed; what is drawn for each is [`crate::face::resolve`]'s word, or
    /// [`crate::face::resolve_vertical`]'s where `vertical`.
    pub text: String,
    /// In which face.
    pub face: Face,
    /// Type size (字号).
    pub size: Mm,
    /// Set upright in a vertical column: brackets and dashes take their vertical shape (one character a mark).
    pub vertical: bool,
    /// The entry this is a part of; `None` for what the form itself says.
    pub of: Option<CellId>,
}

/// A place where one may write: a cell, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// Which entry is written here, where this page's round keeps it.
    pub cell: CellId,
    /// What a click here means.
    pub part: Part,
    /// The area that takes the click, on the page.
    pub rect: Rect,
    /// The area text is set in.
    pub inner: Rect,
    /// Type size the entry is set in (the same on every page it runs over).
    pub size: Mm,
    /// From one baseline to the next.
    pub pitch: Mm,
    /// The entry's lines that stand in this slot; empty for an option.
    pub lines: Vec<PlacedLine>,
}

/// What a slot is a place for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The whole entry, or its part on this page.
    Entry,
    /// One letter of a choice (用户意见 A–F).
    Option(char),
    /// The bracket behind 其他.
    Other,
}

/// One line of an entry on the paper.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedLine {
    /// Left end of its baseline, on the page.
    pub at: Point,
    /// Bytes of the entry's text, without the line break that ends it.
    pub range: Range<usize>,
    /// Whether the writer ended it (by a line break), rather than the cell's edge.
    pub hard: bool,
}
