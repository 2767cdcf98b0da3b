//! What differs between a page and its print: on paper that bears the form already only what was filled in is printed
//! (套打); a sheet printed again says so in its margin (重印).

use super::text::FIVE;
use super::{Mark, Page, Text};
use crate::face::{Face, width};
use crate::units::{Mm, Point};

/// Two places on paper nearer than this are one.
const SAME: Mm = Mm::mm(0.05);

impl Page {
    /// Of this page only what the blank form, laid out alike, does not have: entries, ticks, what was struck, the number
    /// without its label, what stands in the margin. Everything stays at its place.
    #[must_use]
    pub fn filled_in(mut self, blank: &Self) -> Self {
        self.marks = std::mem::take(&mut self.marks).into_iter().filter_map(|it| blank.lacks(it)).collect();
        self
    }

    /// What the blank page does not have of a mark.
    fn lacks(&self, mark: Mark) -> Option<Mark> {
        let Mark::Text(text) = mark else { return Some(mark).filter(|it| !self.marks.contains(it)) };
        if text.of.is_some() {
            return Some(Mark::Text(text));
        }
        let words = |it: &Mark| if let Mark::Text(it) = it { Some(it.clone()) } else { None };
        for printed in self.marks.iter().filter_map(words) {
            // The same word, though a tick before it moved it on; or the same line with another company's name.
            let same = printed.text == text.text && printed.at.y == text.at.y || same_line(&printed, &text);
            if same {
                return None;
            }
            // The number behind its label.
            if let Some(rest) = text.text.strip_prefix(&printed.text).and_then(|it| it.strip_prefix(' ')) {
                let before = width(text.face, text.size, &text.text[..text.text.len() - rest.len()]);
                let at = Point::new(text.at.x + before, text.at.y);
                return Some(Mark::Text(Text { at, text: rest.to_owned(), ..text }));
            }
        }
        Some(Mark::Text(text))
    }

    /// The page with words in its margin, in the middle above the form, whose upper edge is at `top`.
    #[must_use]
    pub fn with_margin(mut self, words: &str, top: Mm) -> Self {
        let middle = self.paper.width / 2.0;
        self.words_centred(middle, top - Mm::mm(4.0), words, Face::Song, FIVE);
        self
    }
}

/// Whether two words stand centred in the same place: the company's line, the title.
fn same_line(a: &Text, b: &Text) -> bool {
    let middle = |it: &Text| it.at.x + width(it.face, it.size, &it.text) / 2.0;
    let near = |a: Mm, b: Mm| (a - b).max(b - a) < SAME;
    (a.face, a.size) == (b.face, b.size) && near(a.at.y, b.at.y) && near(middle(a), middle(b))
}
