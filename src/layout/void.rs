//! A voided sheet (作废): it keeps its number and stays legible, and nobody takes it for a valid one.

use crate::face::{Face, break_lines, width};
use crate::procedure::{Form, Kind};
use crate::record::{Void, shown};
use crate::units::{Mm, Point, Rect};

use super::text::{SMALL_FIVE, pitch};
use super::{Mark, Page, Text};

/// The word's size where the paper is wide enough.
const SIZE: Mm = Mm::mm(36.0);
/// From the word to its frame, in em.
const AROUND: f64 = 0.2;
/// Where the middle of the stamp stands, from the paper's top, as a part of its height: slightly above the middle.
const MIDDLE: f64 = 0.45;
/// How many lines the reason may take under the foot.
const LINES: usize = 2;

/// Puts the stamp under everything on the page, and under its foot says why, by whom and when.
pub(super) fn void(page: &mut Page, form: &Form, void: &Void, foot: Mm) {
    let inside = form.paper.inside();
    let size = SIZE.min(inside.size.width / 4.0);
    // Across the sheet.
    let word = form.void_word();
    let wide = width(Face::HeiBold, size, word);
    let (x, y) = (inside.left() + inside.size.width / 2.0, form.paper.height * MIDDLE);
    // A Chinese character's middle lies this high above the baseline.
    let at = Point::new(x - wide / 2.0, y + size * 0.38);
    let text = Text { at, text: word.to_owned(), face: Face::HeiBold, size, vertical: false, of: None };
    let (wide, high) = (wide + size * (AROUND * 2.0), size * (1.0 + AROUND * 2.0));
    let rect = Rect::new(x - wide / 2.0, y - high / 2.0, wide, high);
    page.marks.insert(0, Mark::Stamp { rect, width: Mm::mm(1.5), text });
    let mut baseline = foot;
    for words in said(word, void, inside.size.width / SMALL_FIVE) {
        baseline += pitch(SMALL_FIVE);
        page.words(Point::new(inside.left(), baseline), &words, Face::Song, SMALL_FIVE);
    }
}

/// 作废：重复登记（钱立群 2026年11月20日）, in no more than two lines of `width` em: of a longer reason the beginning, and
/// where the rest is.
fn said(word: &str, void: &Void, width: f64) -> Vec<String> {
    let plain = |it: &str| it.split_whitespace().collect::<Vec<_>>().join(" ");
    let (by, on) = (plain(&void.by), plain(&shown(Kind::Date, &void.on)));
    let signed: Vec<&str> = [by.as_str(), on.as_str()].into_iter().filter(|it| !it.is_empty()).collect();
    let signed = if signed.is_empty() { String::new() } else { format!("（{}）", signed.join(" ")) };
    let reason = plain(&void.reason);
    let lines = |text: &str| -> Vec<String> {
        let lines = break_lines(Face::Song, text, width).into_iter();
        lines.filter_map(|it| Some(text.get(it.range)?.trim_end().to_owned())).collect()
    };
    let whole = lines(&format!("{word}：{reason}{signed}"));
    if whole.len() <= LINES {
        return whole;
    }
    // No letter is narrower than a quarter of an em.
    let mut begin: Vec<char> = reason.chars().take((width * 4.0 * LINES as f64) as usize).collect();
    loop {
        let text: String = begin.iter().collect();
        let mut set = lines(&format!("{word}：{text}……{signed}（全文见修改记录）"));
        if set.len() <= LINES || begin.pop().is_none() {
            set.truncate(LINES);
            return set;
        }
    }
}
