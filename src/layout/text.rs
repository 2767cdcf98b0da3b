//! Setting text into a cell: which size, which lines, what goes on to the continuation sheet.

use crate::face::{ASCENT, DESCENT, Face, Line, break_lines, sentence_end};
use crate::units::{Mm, Point, Rect};

use super::PlacedLine;
use super::corrected::Words;

/// 小二
pub(super) const SMALL_TWO: Mm = Mm::points(18.0);
/// 三号
pub(super) const THREE: Mm = Mm::points(16.0);
/// 五号: labels and entries.
pub(super) const FIVE: Mm = Mm::points(10.5);
/// 小五: the smallest text of a form.
pub(super) const SMALL_FIVE: Mm = Mm::points(9.0);
/// 六号: what proves the book, beside the form.
pub(super) const SIX: Mm = Mm::points(7.5);
/// From baseline to baseline, in em.
const PITCH: f64 = 1.25;
/// How many of a cell's last lines may be left short to end the front at a sentence's end.
const NEAR: usize = 3;

/// From baseline to baseline at a size.
pub(super) fn pitch(size: Mm) -> Mm {
    size * PITCH
}

/// From the top of a line to its baseline: the face's box stands in the middle of the line.
pub(super) fn rise(size: Mm) -> Mm {
    size * (ASCENT + (PITCH - ASCENT - DESCENT) / 2.0)
}

/// How many lines of a size stand in a height.
pub(super) fn capacity(size: Mm, height: Mm) -> usize {
    let lines = (height / pitch(size) + 1e-6).floor();
    if lines < 1.0 { 0 } else { lines as usize }
}

/// Text set into a cell.
pub(super) struct Fit {
    /// The size it is set in.
    pub(super) size: Mm,
    /// The lines that stand in the cell.
    pub(super) lines: Vec<Line>,
    /// Where the rest begins, when it does not all fit.
    pub(super) rest: Option<usize>,
}

/// Sets `words` into a room of `width` by `height`: at 五号, else at 小五, else as much as fits at 小五 with the last line
/// left free for 见续页. With `whole`, what 五号 would break is set smaller too: two lines of it would fill a low cell to its
/// edges.
pub(super) fn fit(words: &Words<'_>, width: Mm, height: Mm, whole: bool) -> Fit {
    let set = |size: Mm| words.lines(width / size);
    let lines = set(FIVE);
    if lines.len() <= capacity(FIVE, height) && !(whole && lines.len() > 1) {
        return Fit { size: FIVE, lines, rest: None };
    }
    let room = capacity(SMALL_FIVE, height);
    let mut small = set(SMALL_FIVE);
    if small.len() > room {
        small = break_lines(Face::Song, &words.text, width / SMALL_FIVE);
    }
    if small.len() <= room {
        return Fit { size: SMALL_FIVE, lines: small, rest: None };
    }
    let (mut lines, mut rest) = front(&words.text, small, room.saturating_sub(1));
    if let Some(note) = words.note_at(rest).filter(|it| lines.first().is_some_and(|line| line.range.start < it.start)) {
        // Who and when goes on to the next sheet whole.
        rest = note.start;
        lines.retain(|it| it.range.start < rest);
        lines.iter_mut().for_each(|it| it.range.end = it.range.end.min(rest));
    }
    if whole && rest < words.current.end {
        // A low cell that cannot hold what was changed as well holds what is valid now; the next sheet has all of it.
        let current = &words.text[words.current.clone()];
        let mut lines = break_lines(Face::Song, current, width / SMALL_FIVE);
        if words.current.start > 0 && lines.len() < room {
            for line in &mut lines {
                line.range = line.range.start + words.current.start..line.range.end + words.current.start;
            }
            return Fit { size: SMALL_FIVE, lines, rest: Some(0) };
        }
    }
    Fit { size: SMALL_FIVE, lines, rest: Some(rest) }
}

/// The first `keep` lines, ended at a sentence's end where one is near, and where the rest begins.
pub(super) fn front(text: &str, mut lines: Vec<Line>, keep: usize) -> (Vec<Line>, usize) {
    lines.truncate(keep);
    let Some(last) = lines.last() else { return (lines, 0) };
    let end = last.range.end + usize::from(last.hard);
    let near = lines[lines.len().saturating_sub(NEAR)].range.start;
    let cut = sentence_end(text, near..end).filter(|it| *it > near).unwrap_or(end);
    lines.retain(|it| it.range.start < cut);
    if let Some(last) = lines.last_mut()
        && last.range.end > cut
    {
        last.range.end = cut;
        last.hard = false;
    }
    (lines, cut)
}

/// Lines stacked from `top`, each with its baseline's left end.
pub(super) fn place(lines: &[Line], size: Mm, left: Mm, top: Mm) -> Vec<PlacedLine> {
    let mut baseline = top + rise(size);
    let mut placed = Vec::with_capacity(lines.len());
    for line in lines {
        placed.push(PlacedLine { at: Point::new(left, baseline), range: line.range.clone(), hard: line.hard });
        baseline += pitch(size);
    }
    placed
}

/// The top of a block of lines in the middle of a room.
pub(super) fn middle(room: Rect, lines: usize, size: Mm) -> Mm {
    room.top() + (room.size.height - pitch(size) * lines as f64) / 2.0
}
