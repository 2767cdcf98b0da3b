//! A page's marks as PDF operators.

use super::fonts::{Code, Fonts};
use crate::layout::{Mark, Page, Text};
use crate::units::Mm;

/// Draws page after page, and remembers which characters the fonts must hold.
#[derive(Default)]
pub(super) struct Painter {
    fonts: Fonts,
    /// Per thickness, in thousandths of a point, the path of all lines that thick.
    strokes: Vec<(i64, Vec<u8>)>,
    /// The page's text.
    text: Vec<u8>,
    /// Font and size, in thousandths of a point, that are set at the end of `text`.
    set: Option<(u16, i64)>,
}

impl Painter {
    /// The page's content stream: lines first, gathered by thickness, then all text in one text object.
    pub(super) fn page(&mut self, page: &Page) -> Vec<u8> {
        let bottom = page.paper.height;
        self.strokes.iter_mut().for_each(|(_, path)| path.clear());
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
                Mark::Frame { rect, width } => {
                    // Rounded edge by edge, so that a frame's side and a line laid on it stay on each other.
                    let (left, right) = (hundredths(rect.left()), hundredths(rect.right()));
                    let (low, high) = (hundredths(bottom - rect.bottom()), hundredths(bottom - rect.top()));
                    let path = self.path(*width);
                    coordinates(path, left, low);
                    coordinates(path, right - left, high - low);
                    path.extend_from_slice(b"re\n");
                }
                Mark::Text(text) => self.line_of_text(text, bottom),
            }
        }
        let mut content = Vec::with_capacity(self.text.len() + self.strokes.iter().map(|it| it.1.len() + 16).sum::<usize>());
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

    /// One run per font; the pen goes on from run to run by the fonts' own advances, which are `face`'s.
    fn line_of_text(&mut self, line: &Text, bottom: Mm) {
        let size = thousandths(line.size);
        let codes = self.fonts.codes(line.face, line.vertical);
        let out = &mut self.text;
        let mut started = false;
        for c in line.text.chars() {
            let Some(Code { font, cid }) = codes.get(c) else { continue };
            let new_font = self.set != Some((font, size));
            if started && new_font {
                close(out);
            }
            if !started {
                if MODE & 2 == 0 {
                out.extend_from_slice(b"1 0 0 1 ");
                }
                coordinates(out, hundredths(line.at.x), hundredths(bottom - line.at.y));
                out.extend_from_slice(b"Tm\n");
            }
            if new_font {
                out.extend_from_slice(b"/F");
                integer(out, u64::from(font));
                out.push(b' ');
                number(out, size);
                out.extend_from_slice(b" Tf\n");
                self.set = Some((font, size));
            }
            if new_font || !started {
                open(out);
            }
            started = true;
            push(out, cid);
        }
        if started {
            close(out);
        }
    }
}
