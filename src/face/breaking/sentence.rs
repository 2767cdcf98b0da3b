//! Where a sentence ends.

use std::ops::Range;

use super::class::{Class, class};

/// The byte just behind the last sentence end inside `range` of `text`, if there is any.
///
/// A sentence ends with 。！？；… and the closing quotes and brackets that follow, with a half-width ! ? ; that no word
/// goes on behind, or with a line break. One whose closing quotes lie outside `range` does not end inside.
pub fn sentence_end(text: &str, range: Range<usize>) -> Option<usize> {
    let mut inside = text.get(range.clone())?;
    if text[range.end..].starts_with(is_tail) {
        inside = inside.trim_end_matches(is_tail);
    }
    loop {
        let (at, mark) = inside.char_indices().rfind(|(_, c)| *c == '\n' || is_sentence_mark(*c))?;
        let start = range.start + at;
        let mut end = start + mark.len_utf8();
        if mark != '\n' {
            end = tail_end(text, end);
        }
        let ends = match mark {
            '!' | '?' | ';' => text[end..].chars().next().is_none_or(|c| class(c) != Class::Word && c != '='),
            _ => true,
        };
        if ends && end <= range.end {
            return Some(end);
        }
        inside = &inside[..at];
    }
}

/// The end of the closing marks that start at byte `at`.
fn tail_end(text: &str, mut at: usize) -> usize {
    loop {
        at = text.len() - text[at..].trim_start_matches(is_tail).len();
        let Some(quote) = text[at..].chars().next().filter(|c| matches!(c, '"' | '\'')) else { return at };
        // A typewriter's quote closes if one like it is open in this paragraph.
        let paragraph = text[..at].rfind('\n').map_or(0, |line_break| line_break + 1);
        if text[paragraph..at].matches(quote).count().is_multiple_of(2) {
            return at;
        }
        at += 1;
    }
}

const fn is_sentence_mark(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '；' | '…' | '⋯' | '!' | '?' | ';' | '｡' | '‼' | '⁇' | '⁈' | '⁉')
}

fn is_tail(c: char) -> bool {
    "”’」』）》〉】〗〕］｝〞〟)]}".contains(c) || is_sentence_mark(c)
}
