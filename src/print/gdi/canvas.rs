//! A page's marks on a printer's paper, as filled shapes.

use std::ptr::null_mut;

use windows_sys::Win32::Foundation::POINT;
use windows_sys::Win32::Graphics::Gdi::{
    BI_RGB, BITMAPINFO, BITMAPINFOHEADER, BeginPath, CloseFigure, CreateSolidBrush, DIB_RGB_COLORS, DeleteObject,
    EndPath, FillPath, GetDeviceCaps, HALFTONE, HBRUSH, HDC, LOGPIXELSX, LOGPIXELSY, LineTo, MM_ANISOTROPIC, MoveToEx,
    PHYSICALOFFSETX, PHYSICALOFFSETY, PolyBezierTo, SRCCOPY, SelectObject, SetMapMode, SetPolyFillMode,
    SetStretchBltMode, SetViewportExtEx, SetViewportOrgEx, SetWindowExtEx, StretchDIBits, WINDING,
};

use crate::face::{Stroke, outline, resolve, resolve_vertical};
use crate::layout::{Mark, Page, Text};
use crate::record::Picture;
use crate::units::{Mm, Point, Rect};

/// Into how many steps a printer's dot is divided, so that shapes keep their form where dots are coarse.
const FINE: i32 = 16;
/// The grey of what lies under the text: 86 of 100, as in the PDF.
const PALE: u32 = 0x00DB_DBDB;
const BLACK: u32 = 0;

/// Draws a page that has been begun. All coordinates count from the paper's own corner: a printer counts from where it
/// can print.
pub(super) fn page(dc: HDC, page: &Page) {
    // SAFETY: asks and sets numbers of a surface that lives. A surface that lies has its margins turned too.
    let (dots, margin) = unsafe {
        let caps = |it: u32| GetDeviceCaps(dc, it.cast_signed());
        SetMapMode(dc, MM_ANISOTROPIC);
        SetWindowExtEx(dc, FINE, FINE, null_mut());
        SetViewportExtEx(dc, 1, 1, null_mut());
        SetPolyFillMode(dc, WINDING);
        ([caps(LOGPIXELSX), caps(LOGPIXELSY)], [caps(PHYSICALOFFSETX), caps(PHYSICALOFFSETY)])
    };
    // SAFETY: as above.
    unsafe { SetViewportOrgEx(dc, -margin[0], -margin[1], null_mut()) };
    let canvas = Canvas { dc, step: dots.map(|it| f64::from(it * FINE) / 25.4) };
    let under = |it: &&Mark| matches!(it, Mark::Stamp { .. });
    canvas.fill(PALE, |path| {
        for mark in page.marks.iter().filter(under) {
            path.mark(mark);
        }
    });
    for mark in page.marks.iter().filter(|it| !under(it)) {
        if let Mark::Picture { rect, kept } = mark {
            canvas.picture(*rect, kept);
        } else {
            canvas.fill(BLACK, |path| path.mark(mark));
        }
    }
}

/// A surface, and how many steps a millimetre has, across and down.
struct Canvas {
    dc: HDC,
    step: [f64; 2],
}

impl Canvas {
    fn fill(&self, colour: u32, draw: impl FnOnce(&Path<'_>)) {
        let brush = Brush::new(colour);
        // SAFETY: the surface lives, and the brush until it is put back. The answers tell nothing: Wine says no where it has
        // filled, and a surface that is gone says so at the page's end.
        unsafe {
            let before = SelectObject(self.dc, brush.0.cast());
            BeginPath(self.dc);
            draw(&Path(self));
            EndPath(self.dc);
            FillPath(self.dc);
            SelectObject(self.dc, before);
        }
    }

    /// A picture in its place; nothing where it cannot be read.
    fn picture(&self, rect: Rect, kept: &str) {
        let Some(picture) = Picture::read(kept) else { return };
        let Some(dots) = picture.dots() else { return };
        let (Ok(width), Ok(height)) = (i32::try_from(picture.width), i32::try_from(picture.height)) else { return };
        // Rows of blue, green and red, each filled to four bytes.
        let mut rows = Vec::with_capacity(dots.len() + 4 * picture.height as usize);
        for row in dots.chunks_exact(3 * picture.width as usize) {
            row.chunks_exact(3).for_each(|it| rows.extend([it[2], it[1], it[0]]));
            rows.resize(rows.len().next_multiple_of(4), 0);
        }
        let [from, to] =
            [rect.min, Point::new(rect.right(), rect.bottom())].map(|it| self.point([it.x.to_mm(), it.y.to_mm()]));
        let header = BITMAPINFOHEADER {
            biSize: u32::try_from(size_of::<BITMAPINFOHEADER>()).unwrap_or(0),
            biWidth: width,
            // Below nought: the first row is the uppermost.
            biHeight: -height,
            biPlanes: 1,
            biBitCount: 24,
            biCompression: BI_RGB,
            ..BITMAPINFOHEADER::default()
        };
        let info = BITMAPINFO { bmiHeader: header, ..BITMAPINFO::default() };
        // SAFETY: the surface lives; so do the bytes, as many as the header says.
        unsafe {
            SetStretchBltMode(self.dc, HALFTONE);
            StretchDIBits(
                self.dc,
                from.x,
                from.y,
                to.x - from.x,
                to.y - from.y,
                0,
                0,
                width,
                height,
                rows.as_ptr().cast(),
                &raw const info,
                DIB_RGB_COLORS,
                SRCCOPY,
            );
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "no paper is that large")]
    fn point(&self, [x, y]: [f64; 2]) -> POINT {
        POINT { x: (x * self.step[0]).round() as i32, y: (y * self.step[1]).round() as i32 }
    }

    /// A thickness in millimetres, no thinner than a dot.
    fn thickness(&self, width: Mm) -> f64 {
        let dot = f64::from(FINE) / self.step[0].min(self.step[1]);
        width.to_mm().max(dot)
    }
}

/// A path that is being drawn, in millimetres.
struct Path<'a>(&'a Canvas);

impl Path<'_> {
    fn mark(&self, mark: &Mark) {
        match mark {
            Mark::Line { from, to, width } => self.line(*from, *to, *width),
            Mark::Frame { rect, width } => self.frame(*rect, *width),
            Mark::Text(text) => self.text(text),
            // It has no outline to fill.
            Mark::Picture { .. } => {}
            Mark::Stamp { rect, width, text } => {
                self.frame(*rect, *width);
                self.text(text);
            }
        }
    }

    /// A line with square ends, as long as it is.
    fn line(&self, from: Point, to: Point, width: Mm) {
        let [from, to] = [from, to].map(|it| [it.x.to_mm(), it.y.to_mm()]);
        let along = [to[0] - from[0], to[1] - from[1]];
        let length = along[0].hypot(along[1]);
        if length > 0.0 {
            let half = self.0.thickness(width) / 2.0 / length;
            let [across, down] = [-along[1] * half, along[0] * half];
            let side = |[x, y]: [f64; 2], by: f64| [x + across * by, y + down * by];
            self.polygon([side(from, 1.0), side(to, 1.0), side(to, -1.0), side(from, -1.0)]);
        }
    }

    /// The outline of a rectangle, half its thickness within: the corners are whole.
    fn frame(&self, rect: Rect, width: Mm) {
        let half = self.0.thickness(width) / 2.0;
        let [left, right, top, bottom] = [rect.left(), rect.right(), rect.top(), rect.bottom()].map(|it| it.to_mm());
        let ring = |by: f64| {
            [[left - by, top - by], [right + by, top - by], [right + by, bottom + by], [left - by, bottom + by]]
        };
        self.polygon(ring(half));
        // The other way round, so that it is left out.
        let mut hole = ring(-half);
        hole.reverse();
        self.polygon(hole);
    }

    fn polygon(&self, corners: [[f64; 2]; 4]) {
        let [first, rest @ ..] = corners;
        self.stroke(Stroke::Move(first));
        rest.into_iter().for_each(|it| self.stroke(Stroke::Line(it)));
        self.stroke(Stroke::Close);
    }

    fn text(&self, text: &Text) {
        let glyph = if text.vertical { resolve_vertical } else { resolve };
        let (size, baseline) = (text.size.to_mm(), text.at.y.to_mm());
        let mut pen = text.at.x.to_mm();
        for glyph in text.text.chars().map(|it| glyph(text.face, it)) {
            let place = |[x, y]: [f64; 2]| [pen + x * size, baseline - y * size];
            for stroke in outline(&glyph) {
                self.stroke(match stroke {
                    Stroke::Move(to) => Stroke::Move(place(to)),
                    Stroke::Line(to) => Stroke::Line(place(to)),
                    Stroke::Curve(points) => Stroke::Curve(points.map(place)),
                    Stroke::Close => Stroke::Close,
                });
            }
            pen += glyph.advance * size;
        }
    }

    /// From the paper's corner, in millimetres, downwards.
    fn stroke(&self, stroke: Stroke) {
        let (dc, point) = (self.0.dc, |it| self.0.point(it));
        // SAFETY: the surface lives, and as many points are told as there are.
        unsafe {
            match stroke {
                Stroke::Move(to) => MoveToEx(dc, point(to).x, point(to).y, null_mut()),
                Stroke::Line(to) => LineTo(dc, point(to).x, point(to).y),
                Stroke::Curve(points) => PolyBezierTo(dc, points.map(point).as_ptr(), 3),
                Stroke::Close => CloseFigure(dc),
            };
        }
    }
}

struct Brush(HBRUSH);

impl Brush {
    fn new(colour: u32) -> Self {
        // SAFETY: takes a number.
        Self(unsafe { CreateSolidBrush(colour) })
    }
}

impl Drop for Brush {
    fn drop(&mut self) {
        // SAFETY: nobody else has it, and no surface any longer.
        unsafe { DeleteObject(self.0.cast()) };
    }
}
