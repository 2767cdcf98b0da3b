//! The fonts in a PDF: which code stands for which typed character, and the cut-out faces that draw them.
//!
//! A code (CID) belongs to a typed character, not to a glyph: ⼀ and 一 look the same but are two codes, each with its
//! own line in the table that tells readers which character a code is. So nothing is lost in searching and copying,
//! not even a character that is drawn as 〓.

use std::collections::HashMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use subsetter::GlyphRemapper;

use super::PdfError;
use super::deflate::Deflate;
use crate::face::{self, Face, File};

/// Codes in one font; a file that needs more (only missing characters can be so many) gets a second font.
const MOST_CODES: usize = 0xFFFF;

/// A character in a page's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Code {
    /// The font, by its place among the document's fonts.
    pub(super) font: u16,
    /// The code in that font; 0 is never used.
    pub(super) cid: u16,
}

/// A block of 256 characters of one face: `None` where not yet asked, `Some(None)` where nothing is written.
type Block = [Option<Option<Code>>; 256];
/// The codes of one face, looked up by character without hashing: this is done for every character of every page.
type Table = Vec<Option<Box<Block>>>;

/// All characters of a document.
#[derive(Default)]
pub(super) struct Fonts {
    fonts: Vec<Font>,
    /// What has a code already: faces share files.
    known: HashMap<(File, u16, char), Code>,
    /// By face, each set in lines and in columns.
    tables: [Table; 2 * Face::ALL.len()],
}

/// The characters drawn from one file, in order of first use; the first has code 1.
struct Font {
    file: File,
    entries: Vec<Entry>,
}

struct Entry {
    typed: char,
    glyph: u16,
    /// In em.
    advance: f64,
}

/// The codes of one face.
pub(super) struct Codes<'a> {
    face: Face,
    vertical: bool,
    fonts: &'a mut Vec<Font>,
    known: &'a mut HashMap<(File, u16, char), Code>,
    table: &'a mut Table,
}

impl Fonts {
    /// The codes for text in `face`, in a line or in a column.
    pub(super) fn codes(&mut self, face: Face, vertical: bool) -> Codes<'_> {
        let table = &mut self.tables[2 * face as usize + usize::from(vertical)];
        Codes { face, vertical, fonts: &mut self.fonts, known: &mut self.known, table }
    }
}

impl Codes<'_> {
    /// The code of `c`, a new one at its first use; `None` for line ends, which are not written.
    #[inline]
    pub(super) fn get(&mut self, c: char) -> Option<Code> {
        let (high, low) = (c as usize >> 8, c as usize & 0xff);
        match self.table.get(high) {
            Some(Some(block)) if let Some(code) = block[low] => code,
            _ => self.meet(c, high, low),
        }
    }

    #[cold]
    fn meet(&mut self, c: char, high: usize, low: usize) -> Option<Code> {
        let code = (!matches!(c, '\r' | '\n')).then(|| self.code(c));
        if self.table.len() <= high {
            self.table.resize_with(high + 1, || None);
        }
        self.table[high].get_or_insert_with(|| Box::new([None; 256]))[low] = Some(code);
        code
    }

    fn code(&mut self, typed: char) -> Code {
        let glyph = match self.vertical {
            true => face::resolve_vertical(self.face, typed),
            false => face::resolve(self.face, typed),
        };
        let fonts = &mut *self.fonts;
        *self.known.entry((glyph.file, glyph.id, typed)).or_insert_with(|| {
            let with_room = |font: &Font| font.file == glyph.file && font.entries.len() < MOST_CODES;
            let at = fonts.iter().position(with_room).unwrap_or_else(|| {
                fonts.push(Font { file: glyph.file, entries: Vec::new() });
                fonts.len() - 1
            });
            fonts[at].entries.push(Entry { typed, glyph: glyph.id, advance: glyph.advance });
            // 1,114,112 characters in 3 faces make at most a hundred fonts.
            let number = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
            Code { font: number(at), cid: number(fonts[at].entries.len()) }
        })
    }
}

/// A font as it stands in the file; streams by their place in what [`Deflate::finish`] returns.
pub(super) struct Embedded {
    /// From which file it was cut.
    pub(super) file: File,
    /// With the subset tag: `ABCDEF+BiaodanSong-Regular`.
    pub(super) name: String,
    /// Thousandths of an em by code, from code 1 on.
    pub(super) widths: Vec<f64>,
    /// The box around every glyph of the file, in thousandths of an em: left, low, right, high.
    pub(super) bounds: [i64; 4],
    /// The TrueType file.
    pub(super) program: usize,
    /// Its length before compression.
    pub(super) program_length: usize,
    /// Two bytes a code: the glyph in `program`.
    pub(super) glyphs: usize,
    /// From codes back to characters.
    pub(super) to_unicode: usize,
}

impl Fonts {
    /// Cuts out what is needed of each file.
    pub(super) fn embed(self, deflate: &mut Deflate<'_>) -> Result<Vec<Embedded>, PdfError> {
        self.fonts.iter().map(|font| font.embed(deflate)).collect()
    }
}

impl Font {
    fn embed(&self, deflate: &mut Deflate<'_>) -> Result<Embedded, PdfError> {
        let file = self.file;
        let mut remapper = GlyphRemapper::new();
        let mut glyphs = vec![0, 0];
        for entry in &self.entries {
            glyphs.extend(remapper.remap(entry.glyph).to_be_bytes());
        }
        let program = subsetter::subset(file.bytes(), 0, &remapper)
            .map_err(|cause| PdfError::Font { file: file.name(), cause })?;
        let bounds =
            bounds(&program).ok_or(PdfError::Font { file: file.name(), cause: subsetter::Error::MalformedFont })?;
        Ok(Embedded {
            file,
            name: format!("{}+{}", self.tag(), postscript_name(file)),
            widths: self.entries.iter().map(|entry| entry.advance * 1000.0).collect(),
            bounds,
            program_length: program.len(),
            program: deflate.push(program)?,
            glyphs: deflate.push(glyphs)?,
            to_unicode: deflate.push(self.to_unicode().into_bytes())?,
        })
    }

    /// Six capitals that tell this cut of the file from any other, so that documents may be merged.
    fn tag(&self) -> String {
        let mut hash = Sha256::new();
        for entry in &self.entries {
            hash.update(u32::from(entry.typed).to_be_bytes());
            hash.update(entry.glyph.to_be_bytes());
        }
        hash.finalize().iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect()
    }

    fn to_unicode(&self) -> String {
        let mut map = String::with_capacity(400 + 15 * self.entries.len());
        map.push_str(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) \
             /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
             1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
        );
        // No section may be longer than a hundred lines.
        for (section, entries) in self.entries.chunks(100).enumerate() {
            // Writing to a String cannot fail.
            let _ = writeln!(map, "{} beginbfchar", entries.len());
            for (line, entry) in entries.iter().enumerate() {
                let _ = write!(map, "<{:04X}> <", section * 100 + line + 1);
                for unit in entry.typed.encode_utf16(&mut [0; 2]) {
                    let _ = write!(map, "{unit:04X}");
                }
                map.push_str(">\n");
            }
            map.push_str("endbfchar\n");
        }
        map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
        map
    }
}

/// The name each file gives itself.
const fn postscript_name(file: File) -> &'static str {
    match file {
        File::Song => "BiaodanSong-Regular",
        File::Hei => "BiaodanHei-Regular",
        File::HeiBold => "BiaodanHei-Bold",
        File::RareNames => "BiaodanRare-Regular",
        File::RareNamesApl => "BiaodanRareA-Regular",
        File::RareFull => "BiaodanRareFull-Regular",
    }
}

/// The bounding box in a TrueType file's `head`, in thousandths of an em.
fn bounds(program: &[u8]) -> Option<[i64; 4]> {
    let word = |at: usize| Some(u16::from_be_bytes(program.get(at..at + 2)?.try_into().ok()?));
    let tables = usize::from(word(4)?);
    let entry = (0..tables).map(|table| 12 + 16 * table).find(|at| program.get(*at..*at + 4) == Some(b"head"))?;
    let head = usize::from(word(entry + 8)?) << 16 | usize::from(word(entry + 10)?);
    let units_per_em = f64::from(word(head + 18)?);
    let side = |at: usize| {
        let units = f64::from(word(head + at)?.cast_signed());
        #[expect(clippy::cast_possible_truncation, reason = "16 bits by 16 bits")]
        Some((units * 1000.0 / units_per_em).round() as i64)
    };
    Some([side(36)?, side(38)?, side(40)?, side(42)?])
}
