//! The faces, and the one ruler for text: what a character is drawn as, how wide it is, where a line may break.
//!
//! The faces in `fonts/` carry no kerning and no substitutions on purpose, so a line is as wide as the sum of its
//! advances: in egui, in the PDF, and here.

use std::collections::HashSet;
use std::sync::OnceLock;

use skrifa::MetadataProvider;
use skrifa::instance::{LocationRef, Size};

use crate::units::Mm;

mod breaking;
mod outline;
pub use breaking::{Line, break_lines, sentence_end};
pub use outline::{Stroke, outline};

/// A face as the forms name it; each is a chain of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Face {
    /// 宋体: labels and entries on paper.
    Song,
    /// 黑体: the screen's own text.
    Hei,
    /// 黑体, bold: titles on paper, headings on the screen.
    HeiBold,
}

// Statics, not constants: a constant would stand in the program once for every place that uses it.
static SONG: [u8; include_bytes!("../fonts/song-regular.ttf").len()] = *include_bytes!("../fonts/song-regular.ttf");
static HEI: [u8; include_bytes!("../fonts/hei-regular.ttf").len()] = *include_bytes!("../fonts/hei-regular.ttf");
static HEI_BOLD: [u8; include_bytes!("../fonts/hei-bold.ttf").len()] = *include_bytes!("../fonts/hei-bold.ttf");
static RARE_NAMES: [u8; include_bytes!("../fonts/rare-names.ttf").len()] = *include_bytes!("../fonts/rare-names.ttf");
static RARE_NAMES_APL: [u8; include_bytes!("../fonts/rare-names-apl.ttf").len()] =
    *include_bytes!("../fonts/rare-names-apl.ttf");

/// A face file in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum File {
    /// `song-regular.ttf`
    Song,
    /// `hei-regular.ttf`
    Hei,
    /// `hei-bold.ttf`
    HeiBold,
    /// `rare-names.ttf`: characters of names that the others lack.
    RareNames,
    /// `rare-names-apl.ttf`: the rest of those.
    RareNamesApl,
    /// `rare-full.ttf`: all of GB18030 level 3; not in the program, used where it lies beside it.
    RareFull,
}

static RARE_FULL: OnceLock<&'static [u8]> = OnceLock::new();

/// Takes in `rare-full.ttf`, for the program's life. Says whether it is a face; one taken in before stays.
pub fn add_rare_face(bytes: Vec<u8>) -> bool {
    let bytes: &'static [u8] = Box::leak(bytes.into_boxed_slice());
    skrifa::FontRef::new(bytes).is_ok() && RARE_FULL.set(bytes).is_ok()
}

/// The height of a face above the baseline, in em; every face file has the same line box.
pub const ASCENT: f64 = 1.0;
/// The depth of a face below the baseline, in em.
pub const DESCENT: f64 = 0.24;
/// Drawn for a character that no face has (the type founders' mark for a missing sort, 缺字).
pub const MISSING: char = '〓';
/// Characters the faces lack and whose shape another has: some input methods write them for the usual ones.
const ALIKE: [(char, char); 5] = [('⋯', '…'), ('〜', '～'), ('‑', '-'), ('‐', '-'), ('‧', '·')];
/// How many blanks wide a tab is, as egui has it.
const TAB_BLANKS: f64 = 4.0;

impl File {
    /// Every file, in a fixed order.
    pub const ALL: [Self; 6] =
        [Self::Song, Self::Hei, Self::HeiBold, Self::RareNames, Self::RareNamesApl, Self::RareFull];

    /// The TrueType file itself; empty for an optional one that is not there.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::Song => &SONG,
            Self::Hei => &HEI,
            Self::HeiBold => &HEI_BOLD,
            Self::RareNames => &RARE_NAMES,
            Self::RareNamesApl => &RARE_NAMES_APL,
            Self::RareFull => RARE_FULL.get().copied().unwrap_or_default(),
        }
    }

    /// A short name of ASCII letters, for painters that register faces by name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Song => "song",
            Self::Hei => "hei",
            Self::HeiBold => "heibold",
            Self::RareNames => "rare",
            Self::RareNamesApl => "rareapl",
            Self::RareFull => "rarefull",
        }
    }

    fn index(self) -> Option<&'static Index> {
        static INDEXES: [OnceLock<Index>; 6] = [const { OnceLock::new() }; 6];
        if self == Self::RareFull && RARE_FULL.get().is_none() {
            return None;
        }
        let at = Self::ALL.iter().position(|it| *it == self).unwrap_or(0);
        Some(INDEXES[at].get_or_init(|| Index::new(self.bytes())))
    }
}

impl Face {
    /// Every face.
    pub const ALL: [Self; 3] = [Self::Song, Self::Hei, Self::HeiBold];

    /// The files asked for a character, in this order. Characters beyond the 8105 standard ones and their traditional forms
    /// are there in Song alone: in Hei, too, they would take 7 MB more.
    pub const fn chain(self) -> &'static [File] {
        match self {
            Self::Song => &[File::Song, File::RareNames, File::RareNamesApl, File::RareFull],
            Self::Hei => &[File::Hei, File::Song, File::RareNames, File::RareNamesApl, File::RareFull],
            Self::HeiBold => &[File::HeiBold, File::Song, File::RareNames, File::RareNamesApl, File::RareFull],
        }
    }
}

/// How one character is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glyph {
    /// From which file.
    pub file: File,
    /// The glyph's number in that file.
    pub id: u16,
    /// How far the pen moves, in em.
    pub advance: f64,
    /// The character whose shape this is: the typed one, a blank for other blanks, [`MISSING`] where no face has it.
    pub shown: char,
    /// Whether no face has the character, so that [`MISSING`] stands for it.
    pub missing: bool,
}

/// Glyph number and advance of 256 characters; number nought where the file has none.
type Block = Box<[(u16, u16); 256]>;

/// A file's character map and advances, filled in a block of 256 characters at a time when first asked.
struct Index {
    font: skrifa::FontRef<'static>,
    units_per_em: f64,
    blocks: Vec<OnceLock<Block>>,
}

impl Index {
    #[expect(
        clippy::expect_used,
        reason = "the faces are in the program, and an optional one is opened before it is taken"
    )]
    fn new(bytes: &'static [u8]) -> Self {
        let font = skrifa::FontRef::new(bytes).expect("a face in fonts/ cannot be read");
        let units_per_em = f64::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        Self { font, units_per_em, blocks: (0..0x400).map(|_| OnceLock::new()).collect() }
    }

    /// Glyph number and advance in em; `None` where the file lacks the character.
    fn get(&self, c: char) -> Option<(u16, f64)> {
        let code = c as usize;
        let block = self.blocks.get(code >> 8)?.get_or_init(|| self.block(code >> 8));
        let (id, advance) = block[code & 0xff];
        (id != 0).then(|| (id, f64::from(advance) / self.units_per_em))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "TrueType numbers glyphs and advances in 16 bits"
    )]
    fn block(&self, block: usize) -> Block {
        let map = self.font.charmap();
        let metrics = self.font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let mut found = Box::new([(0, 0); 256]);
        for (low, entry) in found.iter_mut().enumerate() {
            let code = u32::try_from((block << 8) | low).unwrap_or(u32::MAX);
            if let Some(id) = map.map(code).filter(|id| id.to_u32() != 0) {
                *entry = (id.to_u32() as u16, metrics.advance_width(id).unwrap_or(0.0) as u16);
            }
        }
        found
    }
}

/// Whether a character takes no room and draws nothing: joiners, direction marks, variation selectors, the carriage
/// return that Windows writes before a line feed.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}'
        | '\u{206A}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0001}'..='\u{E01EF}')
}

/// How `c` is drawn in `face`. Never fails: what no face has is drawn as [`MISSING`].
pub fn resolve(face: Face, c: char) -> Glyph {
    let find =
        |c: char| face.chain().iter().find_map(|file| file.index()?.get(c).map(|(id, advance)| (*file, id, advance)));
    let blank = || find(' ').unwrap_or((File::Song, 0, 0.5));
    if is_invisible(c) {
        let (file, id, _) = blank();
        return Glyph { file, id, advance: 0.0, shown: '\u{200B}', missing: false };
    }
    if c == '\t' {
        let (file, id, advance) = blank();
        return Glyph { file, id, advance: advance * TAB_BLANKS, shown: '\t', missing: false };
    }
    if let Some((file, id, advance)) = find(c) {
        return Glyph { file, id, advance, shown: c, missing: false };
    }
    if let Some((_, alike)) = ALIKE.iter().find(|(typed, _)| *typed == c)
        && let Some((file, id, advance)) = find(*alike)
    {
        return Glyph { file, id, advance, shown: *alike, missing: false };
    }
    if c.is_whitespace() && !c.is_control() {
        let (file, id, advance) = blank();
        return Glyph { file, id, advance, shown: ' ', missing: false };
    }
    let (file, id, advance) = find(MISSING).unwrap_or((File::Song, 0, 1.0));
    Glyph { file, id, advance, shown: MISSING, missing: true }
}

/// How `c` is drawn upright in a vertical column: brackets lie across, as compositors set them.
pub fn resolve_vertical(face: Face, c: char) -> Glyph {
    let upright = match c {
        '(' | '（' => '︵',
        ')' | '）' => '︶',
        '—' => '︱',
        '/' => '／',
        other => other,
    };
    resolve(face, upright)
}

/// The length of `text` set in `face` at `size`.
pub fn width(face: Face, size: Mm, text: &str) -> Mm {
    size * text.chars().map(|c| resolve(face, c).advance).sum::<f64>()
}

/// The characters of `text` that no face has, each once, in order.
pub fn missing(text: &str) -> Vec<char> {
    let mut seen = HashSet::new();
    text.chars().filter(|c| resolve(Face::Song, *c).missing && seen.insert(*c)).collect()
}

/// `text` on one line as the screen can show it: line breaks as blanks, what no face has as [`MISSING`].
pub fn on_screen(text: &str) -> String {
    text.chars().map(|c| if c == '\n' || c == '\t' { ' ' } else { resolve(Face::Hei, c).shown }).collect()
}

/// A sentence that quotes what somebody else wrote, on one line and no longer than can be read: its beginning and its
/// end.
pub fn readable(sentence: &str) -> String {
    /// How many characters of the beginning, and of the end.
    const KEPT: (usize, usize) = (200, 100);
    let one_line = |it: &str| it.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    let mut places = sentence.char_indices().map(|it| it.0);
    let begun = places.nth(KEPT.0);
    let end = places.nth_back(KEPT.1 - 1);
    match begun.zip(end) {
        Some((begun, end)) => format!("{}……{}", one_line(&sentence[..begun]), one_line(&sentence[end..])),
        None => one_line(sentence),
    }
}
