//! What each character is to line breaking.

use unicode_linebreak::{BreakClass, break_property};

use super::super::is_invisible;

/// What a character is to line breaking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Class {
    /// Ideographs and what is set like them: a line may end on either side.
    Wide,
    /// Letters, digits and signs: they hold together.
    Word,
    /// Set like an ideograph, not at a line's start: 。 ） …
    Stop,
    /// Part of a word, not at a line's start: % ) ℃ ·
    Suffix,
    /// Set like an ideograph, not at a line's end: （ 《
    Open,
    /// Part of a word, not at a line's end: ( $ ±
    Prefix,
    /// Neither at a start nor at an end: blanks made to bind.
    Bind,
    /// 分隔号: as `Bind`, but with a blank before it, it parts what it stands between, and may end a line.
    Slash,
    /// - ~: joins what is before it, unless a blank or a stop is: then it is a minus or a list's dash.
    Hyphen,
    /// —: alone it joins codes (QG/R0309—05), two are 破折号.
    Dash,
    /// #: 2# is number two, #2 as well.
    Hash,
    /// “ ‘
    QuoteOpen,
    /// ” ’
    QuoteClose,
    /// " ': which side they are on is to be found out.
    Quote,
    /// Blank or tab: hangs over the edge.
    Blank,
    /// Belongs to the character before: accents, skin colours.
    Mark,
    /// A mark that takes the next character too: the joiners.
    Joiner,
    /// Invisible, and no reason to part or to join.
    Unseen,
    /// Invisible, and made to let a line end behind it.
    Gap,
    /// Half a flag.
    Flag,
}

/// Whether a line may part a word's neighbour from a character of this class.
pub(super) const fn is_wide(class: Class) -> bool {
    matches!(class, Class::Wide | Class::Stop | Class::Open)
}

/// The dashes of which two make 破折号.
pub(super) const fn is_dash(c: char) -> bool {
    matches!(c, '—' | '―')
}

pub(super) fn class(c: char) -> Class {
    match c {
        // By far the most frequent first.
        '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' => Class::Wide,
        '0'..='9' | 'A'..='Z' | 'a'..='z' => Class::Word,
        '。' | '，' | '、' | '；' | '：' | '！' | '？' | '）' | '］' | '｝' | '．' | '…' | '⋯' | '⸺' | '⸻' => {
            Class::Stop
        }
        '（' | '［' | '｛' => Class::Open,
        ' ' | '\t' => Class::Blank,
        '/' | '／' => Class::Slash,
        '-' | '~' | '\u{2010}' | '\u{2012}' | '\u{2013}' => Class::Hyphen,
        '—' | '―' => Class::Dash,
        '·' | '‧' | '～' | '〜' => Class::Suffix,
        '#' => Class::Hash,
        '“' | '‘' | '«' | '‹' => Class::QuoteOpen,
        '”' | '’' | '»' | '›' => Class::QuoteClose,
        '"' | '\'' => Class::Quote,
        // Prefixes to Unicode; in A+ and C:\ they are not.
        '+' | '\\' | '|' => Class::Word,
        '≤' | '≥' | '≦' | '≧' => Class::Prefix,
        '\u{200D}' | '\u{2060}' | '\u{FEFF}' => Class::Joiner,
        '\u{200B}' => Class::Gap,
        _ if is_invisible(c) => Class::Unseen,
        // Full-width forms: the stops and brackets are done, the rest does as its half-width fellow.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).map_or(Class::Word, class),
        // Squared units: ㎡, ㎜.
        '\u{3371}'..='\u{337A}' | '\u{3380}'..='\u{33DF}' => Class::Word,
        // Enclosed numbers, boxes and rules, pictures: each stands for itself.
        '\u{2460}'..='\u{27BF}' => class_by_unicode(c, Class::Wide),
        _ => class_by_unicode(c, Class::Word),
    }
}

/// `other` is what letters and signs are.
fn class_by_unicode(c: char, other: Class) -> Class {
    use BreakClass as B;
    match break_property(u32::from(c)) {
        // Private and not yet assigned: in China, most often an ideograph that was missing from some code.
        B::Ideographic | B::ConditionalJapaneseStarter | B::EmojiBase | B::Unknown | B::Contingent => Class::Wide,
        B::HangulLvSyllable | B::HangulLvtSyllable | B::HangulLJamo => Class::Wide,
        B::HangulVJamo | B::HangulTJamo | B::CombiningMark | B::EmojiModifier => Class::Mark,
        B::ClosePunctuation | B::Exclamation | B::InfixSeparator | B::NonStarter if is_chinese_mark(c) => Class::Stop,
        B::ClosePunctuation | B::Exclamation | B::InfixSeparator | B::NonStarter => Class::Suffix,
        B::CloseParenthesis | B::Inseparable | B::Postfix => Class::Suffix,
        B::OpenPunctuation if is_chinese_mark(c) => Class::Open,
        B::OpenPunctuation | B::Prefix | B::Before => Class::Prefix,
        B::NonBreakingGlue => Class::Bind,
        // Blanks of a set width, the ideographic one too: they do not hang, and a line does not start with them. What
        // ends a line elsewhere is a blank here.
        B::After if c.is_whitespace() => Class::Stop,
        B::Mandatory | B::NextLine => Class::Stop,
        B::RegionalIndicator => Class::Flag,
        _ => other,
    }
}

/// Half-width and Latin punctuation holds to words, that of Chinese does not.
const fn is_chinese_mark(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{A4CF}' | '\u{F900}'..='\u{FAFF}' | '\u{FE10}'..='\u{FF65}' | '\u{16FE0}'..)
}
