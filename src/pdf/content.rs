//! A page's marks as PDF operators.

use super::fonts::{Code, Fonts};
use crate::layout::{Mark, Page, Text};
use crate::record::Picture;
use crate::units::{Mm, Rect};

/// The grey of what lies under the text, in thousandths: from nought, black, to a thousand, white.
const PALE: i64 = 860;
/// The figures of sixteen.
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Draws page after page, and remembers which characters the fonts must hold.
#[derive(Default)]
pub(super) struct Painter {
    fonts: Fonts,
    /// Per thickness, in thousandths of a point, the path of all lines that thick.
    strokes: Vec<(i64, Vec<u8>)>,
    /// What lies under everything else on the page, with its colour.
    under: Vec<u8>,
    /// The page's text.
    text: Vec<u8>,
    /// Font and size, in thousandths of a point, that are set at the end of `text`.
    set: Option<(u16, i64)>,
}

impl Painter {
    /// The page's content stream: what is pale first, then lines, gathered by thickness, then all text in one text object.
    pub(super) fn page(&mut self, page: &Page) -> Vec<u8> {
        let bottom = page.paper.height;
        self.strokes.iter_mut().for_each(|(_, path)| path.clear());
        self.under.clear();
        self.text.clear();
        self.set = None;
        for mark in &page.marks {
            match mark {
                Mark::Line { from, to, width } => {
                    let path = self.path(*width);
                    coordinates(path, hundredths(from.x), hundredths(bottom - from.y));
                    path.extend_from_slice(b"m ");
                    coordinates(path, hundredths(to.x), hundredths(bottom - to.y));
                    path.extend_from_slice(b"l\n");
                }
                Mark::Frame { rect, width } => outline(self.path(*width), *rect, bottom),
                Mark::Text(text) => self.line_of_text(text, bottom),
                Mark::Stamp { rect, width, text } => self.stamp(*rect, *width, text, bottom),
                Mark::Picture { rect, kept } => self.picture(*rect, kept, bottom),
            }
        }
        let mut content = Vec::with_capacity(
            self.under.len() + self.text.len() + self.strokes.iter().map(|it| it.1.len() + 16).sum::<usize>(),
        );
        content.extend_from_slice(&self.under);
        for (width, path) in self.strokes.iter().filter(|(_, path)| !path.is_empty()) {
            number(&mut content, *width);
            content.extend_from_slice(b" w\n");
            content.extend_from_slice(path);
            content.extend_from_slice(b"S\n");
        }
        if !self.text.is_empty() {
            content.extend_from_slice(b"BT\n");
            content.extend_from_slice(&self.text);
            content.extend_from_slice(b"ET\n");
        }
        content
    }

    /// The fonts with every character drawn so far.
    pub(super) fn into_fonts(self) -> Fonts {
        self.fonts
    }

    fn path(&mut self, width: Mm) -> &mut Vec<u8> {
        let width = thousandths(width);
        let at = self.strokes.iter().position(|it| it.0 == width).unwrap_or_else(|| {
            self.strokes.push((width, Vec::new()));
            self.strokes.len() - 1
        });
        &mut self.strokes[at].1
    }

    /// A word in a frame, in `PALE`; colour and font are as before behind it.
    fn stamp(&mut self, rect: Rect, width: Mm, text: &Text, bottom: Mm) {
        let (before, set) = (std::mem::take(&mut self.text), self.set.take());
        self.line_of_text(text, bottom);
        let word = std::mem::replace(&mut self.text, before);
        self.set = set;
        let out = &mut self.under;
        out.extend_from_slice(b"q\n");
        for (gray, operator) in [(PALE, b" g\n"), (PALE, b" G\n"), (thousandths(width), b" w\n")] {
            number(out, gray);
            out.extend_from_slice(operator);
        }
        outline(out, rect, bottom);
        out.extend_from_slice(b"S\nBT\n");
        out.extend_from_slice(&word);
        out.extend_from_slice(b"ET\nQ\n");
    }

    /// A picture, in the page's own contents: the JPEG as it is kept, in figures and letters.
    fn picture(&mut self, rect: Rect, kept: &str, bottom: Mm) {
        let Some(picture) = Picture::read(kept) else { return };
        let out = &mut self.under;
        out.extend_from_slice(b"q\n");
        coordinates(out, hundredths(rect.size.width), 0);
        coordinates(out, 0, hundredths(rect.size.height));
        coordinates(out, hundredths(rect.left()), hundredths(bottom - rect.bottom()));
        out.extend_from_slice(b"cm\nBI /W ");
        integer(out, u64::from(picture.width));
        out.extend_from_slice(b" /H ");
        integer(out, u64::from(picture.height));
        out.extend_from_slice(b" /CS /RGB /BPC 8 /F [/AHx /DCT] ID\n");
        for byte in picture.jpeg {
            out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
        out.extend_from_slice(b">\nEI\nQ\n");
    }

    /// One run per font; the pen goes on from run to run by the fonts' own advances, which are `face`'s.
    fn line_of_text(&mut self, line: &Text, bottom: Mm) {
        let size = thousandths(line.size);
        let mut codes = self.fonts.codes(line.face, line.vertical);
        let out = &mut self.text;
        let mut running = false;
        for c in line.text.chars() {
            let Some(Code { font, cid }) = codes.get(c) else { continue };
            let turns = self.set != Some((font, size));
            if !running {
                out.extend_from_slice(b"1 0 0 1 ");
                coordinates(out, hundredths(line.at.x), hundredths(bottom - line.at.y));
                out.extend_from_slice(b"Tm\n");
            } else if turns {
                out.extend_from_slice(b">Tj\n");
            }
            if turns {
                out.extend_from_slice(b"/F");
                integer(out, u64::from(font));
                out.push(b' ');
                number(out, size);
                out.extend_from_slice(b" Tf\n");
                self.set = Some((font, size));
            }
            if turns || !running {
                out.push(b'<');
            }
            running = true;
            hexadecimal(out, cid);
        }
        if running {
            out.extend_from_slice(b">Tj\n");
        }
    }
}

/// The path of a rectangle: rounded edge by edge, so that a frame's side and a line laid on it stay on each other.
fn outline(path: &mut Vec<u8>, rect: Rect, bottom: Mm) {
    let (left, right) = (hundredths(rect.left()), hundredths(rect.right()));
    let (low, high) = (hundredths(bottom - rect.bottom()), hundredths(bottom - rect.top()));
    coordinates(path, left, low);
    coordinates(path, right - left, high - low);
    path.extend_from_slice(b"re\n");
}

/// A place or extent, in hundredths of a point: 0.0035 mm, far below a printer's dot.
fn hundredths(length: Mm) -> i64 {
    rounded(length.to_points() * 100.0)
}

/// A type size or thickness, in thousandths of a point: a size counts once for every character of a line.
fn thousandths(length: Mm) -> i64 {
    rounded(length.to_points() * 1000.0)
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates, and no paper is that large")]
fn rounded(value: f64) -> i64 {
    value.round() as i64
}

/// Two hundredths, each followed by a blank.
fn coordinates(out: &mut Vec<u8>, x: i64, y: i64) {
    for value in [x, y] {
        number(out, value.saturating_mul(10));
        out.push(b' ');
    }
}

/// Thousandths as a decimal number, no longer than needed.
fn number(out: &mut Vec<u8>, thousandths: i64) {
    if thousandths < 0 {
        out.push(b'-');
    }
    let value = thousandths.unsigned_abs();
    integer(out, value / 1000);
    let mut rest = value % 1000;
    if rest > 0 {
        out.push(b'.');
    }
    let mut unit = 100;
    while rest > 0 {
        out.push(digit(rest / unit));
        rest %= unit;
        unit /= 10;
    }
}

fn integer(out: &mut Vec<u8>, value: u64) {
    if value >= 10 {
        integer(out, value / 10);
    }
    out.push(digit(value % 10));
}

fn hexadecimal(out: &mut Vec<u8>, code: u16) {
    out.extend([12, 8, 4, 0].map(|shift| digit(u64::from(code >> shift & 0xf))));
}

/// One digit, up to F.
fn digit(value: u64) -> u8 {
    let at = usize::try_from(value).unwrap_or(usize::MAX);
    b"0123456789ABCDEF".get(at).copied().unwrap_or(b'0')
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        let written = |thousandths| {
            let mut out = Vec::new();
            number(&mut out, thousandths);
            String::from_utf8_lossy(&out).into_owned()
        };
        assert_eq!(
            [0, 5, 50, 500, 10_500, -1_230, 595_280, -7].map(written),
            ["0", "0.005", "0.05", "0.5", "10.5", "-1.23", "595.28", "-0.007"]
        );
    }
}
