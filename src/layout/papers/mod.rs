//! The office's other printed papers. They are no controlled forms and come from no form file, but wear the same head,
//! faces, sizes and lines, so that they lie beside the sheets in one binder. Nothing they are given is cut: it wraps, is
//! set smaller down to 小五, and goes on over pages.

mod front;
mod guide;
mod reminder;
mod spine;
mod table;

pub use front::{Front, front};
pub use guide::{Block, Picture, guide};
pub use reminder::{Entry, Reminder, reminder};
pub use spine::{Spine, spine};
pub use table::{Table, TableColumn, table};

use crate::face::{Face, break_lines};
use crate::procedure;
use crate::units::{Mm, Point, Rect};

use super::text::{FIVE, SMALL_FIVE, SMALL_TWO, THREE, middle, pitch, rise};
use super::{FOOT, Mark, OUTER, PAD, Page, page_of};

/// A4 upright, bound at the left, as the forms are.
const PORTRAIT: procedure::Paper = procedure::Paper {
    width: Mm::mm(210.0),
    height: Mm::mm(297.0),
    left: Mm::mm(25.0),
    right: Mm::mm(15.0),
    top: Mm::mm(18.0),
    bottom: Mm::mm(18.0),
};
/// A4 across, bound at the top, as the ledger is.
const LANDSCAPE: procedure::Paper = procedure::Paper {
    width: Mm::mm(297.0),
    height: Mm::mm(210.0),
    left: Mm::mm(20.0),
    right: Mm::mm(20.0),
    top: Mm::mm(25.0),
    bottom: Mm::mm(15.0),
};
/// From the margin to the company's baseline.
const COMPANY: Mm = Mm::mm(4.4);
/// From the company's last baseline to the title's first.
const TITLE: Mm = Mm::mm(7.9);
/// From the title's last baseline to that of the line above the frame.
const NOTE: Mm = Mm::mm(7.5);
/// From the baseline above the frame to the frame.
const ABOVE: Mm = Mm::mm(2.2);

fn empty(paper: &procedure::Paper) -> Page {
    Page { paper: paper.size(), marks: Vec::new(), slots: Vec::new() }
}

/// Company, title and the line above the frame (what stands behind a tab in it: at the right); returns the frame's top.
fn head(page: &mut Page, inside: Rect, company: &str, title: &str, note: &str) -> Mm {
    let centre = inside.left() + inside.size.width / 2.0;
    let mut y = inside.top() + COMPANY;
    let lines = balanced(Face::Song, company, inside.size.width / THREE);
    for (index, line) in lines.iter().enumerate() {
        y += if index > 0 { pitch(THREE) } else { Mm::ZERO };
        page.words_centred(centre, y, line, Face::Song, THREE);
    }
    y += TITLE;
    for (index, line) in balanced(Face::HeiBold, title, inside.size.width / SMALL_TWO).iter().enumerate() {
        y += if index > 0 { pitch(SMALL_TWO) } else { Mm::ZERO };
        page.words_centred(centre, y, line, Face::HeiBold, SMALL_TWO);
    }
    let (left, right) = note.split_once('\t').unwrap_or((note, ""));
    let share = if left.is_empty() || right.is_empty() { 1.0 } else { 0.49 };
    let room = inside.size.width * share;
    let mut last = y + NOTE;
    for (words, at_right) in [(left, false), (right, true)] {
        let mut baseline = y + NOTE;
        for line in lines_of(Face::Song, words, room / FIVE) {
            if at_right {
                page.words_right(inside.right(), baseline, line, Face::Song, FIVE);
            } else {
                page.words(Point::new(inside.left(), baseline), line, Face::Song, FIVE);
            }
            last = last.max(baseline);
            baseline += pitch(FIVE);
        }
    }
    drop_empty(page);
    last + ABOVE
}

/// The foot of the paper: words left, the page's number right.
fn number(page: &mut Page, inside: Rect, words: &[&str], index: usize, count: usize) {
    let mut baseline = inside.bottom() - FOOT + Mm::mm(0.8) + SMALL_FIVE;
    page.words_right(inside.right(), baseline, &page_of(index + 1, count), Face::Song, SMALL_FIVE);
    // More than one line of words stands on the last one's place, upwards.
    baseline -= pitch(SMALL_FIVE) * words.len().saturating_sub(1) as f64;
    for line in words {
        page.words(Point::new(inside.left(), baseline), line, Face::Song, SMALL_FIVE);
        baseline += pitch(SMALL_FIVE);
    }
    drop_empty(page);
}

fn drop_empty(page: &mut Page) {
    page.marks.retain(|mark| !matches!(mark, Mark::Text(text) if text.text.is_empty()));
}

fn outline(page: &mut Page, rect: Rect) {
    page.marks.push(Mark::Frame { rect, width: OUTER });
}

/// The words of each line; none for an empty text, no blanks at a line's end.
fn lines_of(face: Face, text: &str, em: f64) -> Vec<&str> {
    let text = text.trim_end();
    if text.is_empty() {
        return Vec::new();
    }
    break_lines(face, text, em).into_iter().map(|it| text[it.range].trim_end()).collect()
}

/// As [`lines_of`], with lines of one length where there are several: no last line of one character.
fn balanced(face: Face, text: &str, em: f64) -> Vec<&str> {
    let lines = lines_of(face, text, em);
    let wanted = lines.len();
    if wanted < 2 || text.contains('\n') {
        return lines;
    }
    let whole: f64 = break_lines(face, text, f64::MAX).iter().map(|it| it.width).sum();
    let mut narrow = (whole / wanted as f64).ceil();
    while narrow < em {
        let even = lines_of(face, text, narrow);
        if even.len() <= wanted {
            return even;
        }
        narrow += 0.5;
    }
    lines
}

/// Lines in the middle of a room.
fn centred(page: &mut Page, room: Rect, lines: &[&str], face: Face, size: Mm) {
    let mut baseline = middle(room, lines.len(), size) + rise(size);
    for line in lines.iter() {
        page.words_centred(room.left() + room.size.width / 2.0, baseline, line, face, size);
        baseline += pitch(size);
    }
}

/// Lines from the left, in the middle of a room's height.
fn level(page: &mut Page, room: Rect, lines: &[&str], face: Face, size: Mm) {
    let mut baseline = middle(room, lines.len(), size) + rise(size);
    for line in lines.iter() {
        page.words(Point::new(room.left() + PAD, baseline), line, face, size);
        baseline += pitch(size);
    }
}

/// 年 月 日 with room to write, ending at the right.
fn date_by_hand(page: &mut Page, right: Mm, baseline: Mm) {
    let mut x = right - FIVE;
    for (word, gap) in [("日", Mm::mm(7.0)), ("月", Mm::mm(7.0)), ("年", Mm::ZERO)] {
        page.words(Point::new(x, baseline), word, Face::Song, FIVE);
        x = x - FIVE - gap;
    }
}

/// Any of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Paper {
    /// A list.
    Table(Table),
    /// A reminder (催办单).
    Reminder(Box<Reminder>),
    /// A binder's spine label (卷脊标签).
    Spine(Spine),
    /// The front page of a procedure (程序文件首页).
    Front(Front),
}
