//! Where a line ends: 避头尾 as W3C's clreq and GB/T 15834 have it, and words, numbers and codes kept whole.
//!
//! Characters are sorted by the table of `unicode-linebreak`; which neighbours may be parted is decided here, because
//! the Unicode algorithm parts codes behind their hyphens, lets a line start with ～ or ·, and ends lines at U+2028.
//!
//! One pass, no second look: places where the line could end are remembered by how good they are, and when a
//! character no longer fits, the best of them is taken.

use std::ops::Range;

use super::{Face, resolve};

mod class;
mod sentence;

use class::{Class, class, is_dash, is_wide};
pub use sentence::sentence_end;

/// One line as it stands on paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Bytes of the text, trailing blanks included, without the line break.
    pub range: Range<usize>,
    /// Ended by the writer's line break rather than by the edge.
    pub hard: bool,
    /// Length in em; trailing blanks, which hang over the edge, are not counted.
    pub width: f64,
}

/// How much a line may seem too long, in em: what is left over when advances are added up.
const SLACK: f64 = 1e-6;
/// Lengths are told to this part of an em, so that equal lines compare equal wherever they stand in a text.
const PARTS: f64 = 1e7;

/// Breaks text set in `face` into lines no longer than `width` em.
///
/// Only `\n` ends a line by itself. The ranges tile the text but for these; there is always at least one line, and at
/// least one character on each line that is not empty in the text, however small `width` is.
pub fn break_lines(face: Face, text: &str, width: f64) -> Vec<Line> {
    let mut compositor = Compositor::new(width);
    let mut reader = Reader::new(text);
    for (at, c) in text.char_indices() {
        if c == '\n' {
            compositor.close(at, true);
            compositor.open(at + 1);
            reader.begin_paragraph();
            continue;
        }
        let grade = reader.read(at, c);
        compositor.set(at, resolve(face, c).advance, grade);
    }
    compositor.close(text.len(), false);
    compositor.lines
}

/// How good a place before a character is for ending the line.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Grade {
    /// Anyone would end it here.
    Good,
    /// At the blank inside a number: when the number is longer than a line.
    Group,
    /// Inside a word that is longer than a line: behind one of its hyphens and the like.
    Joint,
    /// Inside such a word, between two letters.
    Letters,
    /// Against the rules for line starts and ends: when nothing else is left.
    Bad,
    /// Inside what is one character to the reader.
    Never,
    /// Not at all: the character is a blank, and hangs over the edge.
    Blank,
    /// As `Never`; the character is not seen either, so a blank before it still hangs.
    Unseen,
}

/// A place where the current line could end. One that is not behind the line's start stands for none.
#[derive(Clone, Copy, Default)]
struct Place {
    at: usize,
    /// From the line's start to here.
    pen: f64,
    /// The same without the blanks just before.
    ink: f64,
}

impl Place {
    /// Seen from a line that starts at `start` instead.
    fn seen_from(self, start: Self) -> Self {
        Self { at: self.at, pen: self.pen - start.pen, ink: (self.ink - start.pen).max(0.0) }
    }
}

/// Puts character after character into lines.
struct Compositor {
    width: f64,
    lines: Vec<Line>,
    /// Where the current line starts.
    start: usize,
    pen: f64,
    ink: f64,
    /// The last place of each grade on this line: `Good`, `Group`, `Joint`, `Letters`, `Bad`.
    places: [Place; 5],
}

impl Compositor {
    fn new(width: f64) -> Self {
        // What is not a number cannot be compared with; as a width it means: as narrow as can be.
        let width = if width.is_nan() { 0.0 } else { width };
        Self { width, lines: Vec::new(), start: 0, pen: 0.0, ink: 0.0, places: [Place::default(); 5] }
    }

    /// Sets the character at byte `at`.
    fn set(&mut self, at: usize, advance: f64, grade: Grade) {
        let here = Place { at, pen: self.pen, ink: self.ink };
        match grade {
            Grade::Good => self.places[0] = here,
            Grade::Group => self.places[1] = here,
            Grade::Joint => self.places[2] = here,
            Grade::Letters => self.places[3] = here,
            Grade::Bad => self.places[4] = here,
            Grade::Never | Grade::Blank | Grade::Unseen => {}
        }
        // What takes no room never goes over the edge, even behind a character that does.
        if advance > 0.0 && grade != Grade::Blank {
            while self.start < at && self.pen + advance > self.width + SLACK {
                self.end_line(at);
            }
        }
        self.pen += advance;
        if !matches!(grade, Grade::Blank | Grade::Unseen) {
            self.ink = self.pen;
        }
    }

    /// Ends the line at its best place, at the latest before byte `at`.
    fn end_line(&mut self, at: usize) {
        let behind_start = |place: &Place| place.at > self.start;
        // A word is not parted, nor a rule kept, for the price of a line less than half full.
        let far_enough = |place: &Place| behind_start(place) && place.ink * 2.0 >= self.width;
        let [good, group, joint, letters, bad] = self.places;
        let place = Some(good)
            .filter(behind_start)
            .or_else(|| Some(group).filter(behind_start))
            .or_else(|| Some(joint).filter(far_enough))
            .or_else(|| Some(letters).filter(far_enough))
            .or_else(|| Some(bad).filter(behind_start))
            .or_else(|| [joint, letters].into_iter().filter(behind_start).max_by_key(|place| place.at))
            .unwrap_or(Place { at, pen: self.pen, ink: self.ink });
        self.push(place.at, place.ink, false);
        self.start = place.at;
        let rest = Place { at, pen: self.pen, ink: self.ink }.seen_from(place);
        (self.pen, self.ink) = (rest.pen, rest.ink);
        self.places = self.places.map(|other| other.seen_from(place));
    }

    /// Ends the last line of a paragraph at byte `end`.
    fn close(&mut self, end: usize, hard: bool) {
        self.push(end, self.ink, hard);
    }

    /// Begins a paragraph at byte `start`.
    fn open(&mut self, start: usize) {
        self.start = start;
        (self.pen, self.ink) = (0.0, 0.0);
    }

    fn push(&mut self, end: usize, ink: f64, hard: bool) {
        self.lines.push(Line { range: self.start..end, hard, width: (ink * PARTS).round() / PARTS });
    }
}

/// What the neighbours of a character must know of it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Side {
    /// Set like an ideograph.
    wide: bool,
    /// Not at a line's start.
    no_start: bool,
    /// Not at a line's end.
    no_end: bool,
}

impl Side {
    const WIDE: Self = Self { wide: true, no_start: false, no_end: false };
    const WORD: Self = Self { wide: false, no_start: false, no_end: false };
    const STOP: Self = Self { wide: true, no_start: true, no_end: false };
    const SUFFIX: Self = Self { wide: false, no_start: true, no_end: false };
    const OPEN: Self = Self { wide: true, no_start: false, no_end: true };
    const PREFIX: Self = Self { wide: false, no_start: false, no_end: true };
    const BIND: Self = Self { wide: false, no_start: true, no_end: true };
}

/// Reads a text character by character and grades the place before each.
struct Reader<'a> {
    text: &'a str,
    /// The last character that is neither blank, mark nor invisible; a line break at a paragraph's start.
    before: char,
    side: Side,
    /// Bytes up to and with `before` and its marks.
    end: usize,
    /// Whether something that lets a line end stands between `before` and here.
    gap: bool,
    /// Whether a joiner stands just before.
    joined: bool,
    /// Whether `before` is the first half of a flag.
    half_flag: bool,
    /// Quotes opened in this paragraph: " and '.
    quoted: [bool; 2],
    dial: Dial,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            before: '\n',
            side: Side::WIDE,
            end: 0,
            gap: false,
            joined: false,
            half_flag: false,
            quoted: [false; 2],
            dial: Dial::No,
        }
    }

    fn begin_paragraph(&mut self) {
        *self = Self::new(self.text);
    }

    /// Grades the place before `c`, which stands at byte `at`.
    fn read(&mut self, at: usize, c: char) -> Grade {
        let class = class(c);
        match class {
            Class::Blank => {
                self.gap = true;
                self.dial = self.dial.next(c, false);
                return Grade::Blank;
            }
            Class::Gap => {
                self.gap = true;
                return Grade::Unseen;
            }
            Class::Unseen | Class::Joiner => {
                self.joined = class == Class::Joiner;
                return Grade::Unseen;
            }
            Class::Mark => {
                self.end = at + c.len_utf8();
                return Grade::Never;
            }
            _ => {}
        }
        let after = at + c.len_utf8();
        let side = self.side(class, c, after);
        let dial = if class == Class::Wide {
            Dial::No
        } else {
            self.dial.next(c, self.gap || self.side.wide || self.before == '\n')
        };
        let second_half = class == Class::Flag && self.half_flag && !self.gap;
        let grade = if self.joined || second_half {
            Grade::Never
        } else if side.no_start {
            Grade::Bad
        } else if matches!(self.before, '/' | '／') && !self.gap {
            // Not a good end of a line, but better than any other inside a chain that is too long.
            Grade::Joint
        } else if self.side.no_end {
            Grade::Bad
        } else if self.gap {
            if self.binds_over_blank(at, c) { Grade::Group } else { Grade::Good }
        } else if side.wide || self.side.wide {
            Grade::Good
        } else if is_joint(self.before) {
            Grade::Joint
        } else {
            Grade::Letters
        };
        self.half_flag = class == Class::Flag && !second_half;
        (self.before, self.side, self.end, self.gap, self.joined, self.dial) = (c, side, after, false, false, dial);
        grade
    }

    /// What `c` is, standing where it does; `after` is the byte behind it.
    fn side(&mut self, class: Class, c: char, after: usize) -> Side {
        let fresh = self.gap || self.before == '\n';
        match class {
            Class::Word => Side::WORD,
            Class::Stop => Side::STOP,
            Class::Suffix => Side::SUFFIX,
            Class::Open => Side::OPEN,
            Class::Prefix => Side::PREFIX,
            Class::Slash if fresh => Side::SUFFIX,
            Class::Bind | Class::Slash => Side::BIND,
            Class::Hyphen if fresh || self.side == Side::STOP => Side::WORD,
            Class::Hyphen => Side::SUFFIX,
            Class::Dash if !self.gap && is_dash(self.before) => Side::STOP,
            Class::Dash => Side::SUFFIX,
            Class::Hash if !fresh && self.before.is_ascii_alphanumeric() => Side::WORD,
            Class::Hash => Side::PREFIX,
            Class::QuoteOpen => self.quote_open(after),
            Class::QuoteClose => self.quote_close(),
            Class::Quote => self.quote(c, after),
            Class::Wide | Class::Blank | Class::Mark | Class::Joiner | Class::Unseen | Class::Gap | Class::Flag => {
                Side::WIDE
            }
        }
    }

    /// Quotes are what they hold: “质量” is parted from its neighbours as ideographs are, “ABC” as words are.
    fn quote_open(&self, after: usize) -> Side {
        if self.next(after).is_some_and(|c| is_wide(class(c))) { Side::OPEN } else { Side::PREFIX }
    }

    fn quote_close(&self) -> Side {
        if self.side.wide && self.before != '\n' { Side::STOP } else { Side::SUFFIX }
    }

    /// Finds out which side a typewriter's quote is on.
    fn quote(&mut self, c: char, after: usize) -> Side {
        let next = self.next(after);
        let fresh = self.gap || self.before == '\n' || self.side.no_end;
        let goes_on = next.is_some_and(|c| !c.is_whitespace());
        let word = |c: char| class(c) == Class::Word;
        let open = &mut self.quoted[usize::from(c == '\'' || c == '＇')];
        if !fresh && word(self.before) && next.is_some_and(word) {
            // don't, 6'3: no break on either side is possible anyway.
            return Side::WORD;
        }
        if !fresh && !*open && (self.before.is_ascii_digit() || !goes_on) {
            // Inches, minutes of arc; or the end of a quotation whose beginning was not seen.
            return Side::SUFFIX;
        }
        if *open && !(fresh && goes_on) {
            *open = false;
            self.quote_close()
        } else {
            *open = true;
            self.quote_open(after)
        }
    }

    fn next(&self, after: usize) -> Option<char> {
        self.text[after..].chars().next()
    }

    /// Whether the blank before `c` is part of a number: (0577) 5555, 0.35 MPa.
    fn binds_over_blank(&self, at: usize, c: char) -> bool {
        if at - self.end != 1 {
            return false;
        }
        match c {
            '0'..='9' => self.dial == Dial::Pause,
            'A'..='Z' | 'a'..='z' | 'μ' | 'µ' | 'Ω' => {
                self.before.is_ascii_digit() && starts_with_unit(&self.text[at..])
            }
            _ => false,
        }
    }
}

/// Where in a telephone number the text is, if in any. Its groups of digits are parted by blanks and yet one thing.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Dial {
    /// In none.
    No,
    /// In what may be an area code, begun with `(`, `+` or `0`, and so many digits.
    Code(char, u8),
    /// In a group of digits behind it.
    Number,
    /// At the blank behind a group of digits.
    Pause,
}

impl Dial {
    /// `fresh`: `c` is the first character of a word.
    fn next(self, c: char, fresh: bool) -> Self {
        match (self, c) {
            (Self::Number | Self::Pause, '0'..='9') | (Self::Number, '-') => Self::Number,
            (Self::Code('+', 1..=3) | Self::Number, ' ') => Self::Pause,
            (Self::Code('(', 3..), ')') | (Self::Code('0', 3..), '-') => Self::Number,
            (Self::Code(mark, digits @ ..4), '0'..='9') => Self::Code(mark, digits + 1),
            (_, '(' | '+') if fresh => Self::Code(c, 0),
            (_, '0') if fresh => Self::Code(c, 1),
            _ => Self::No,
        }
    }
}

/// Units written with a blank behind their number, as GB 3101 wants it.
const UNITS: &[&str] = &[
    "A", "GPa", "Hz", "J", "K", "L", "MPa", "MW", "MΩ", "N", "Nm", "Pa", "V", "VA", "W", "bar", "cm", "d", "dB", "dm",
    "g", "h", "kA", "kHz", "kJ", "kN", "kPa", "kV", "kVA", "kW", "kg", "kΩ", "km", "l", "m", "mA", "mL", "mV", "mg",
    "min", "ml", "mm", "mol", "nm", "ppb", "ppm", "r", "rpm", "s", "t", "um", "µm", "Ω", "μm",
];

/// Whether a word is a unit, with or without a power, a product or a quotient.
fn starts_with_unit(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || matches!(c, 'μ' | 'µ' | 'Ω');
    let end = text.char_indices().take(5).find(|(_, c)| !letter(*c)).map_or(text.len(), |(at, _)| at);
    // 3 A-101 is three of A-101, not three ampere.
    UNITS.contains(&&text[..end]) && !text[end..].starts_with(['-', '_', '.', '@'])
}

/// Characters behind which a word too long for a line is parted first.
const fn is_joint(c: char) -> bool {
    matches!(
        c,
        '-' | '/' | ',' | ';' | ':' | '_' | '&' | '=' | '＝' | '?' | '@' | '\\' | '|' | '~' | '～' | '—' | '－' | '／'
    )
}
