//! The shape of a glyph, for painters that take no faces.

use skrifa::GlyphId;
use skrifa::MetadataProvider as _;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};

use super::Glyph;

/// A step of the pen round a glyph, in em from the left end of its baseline: to the right, and upwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stroke {
    /// A new contour begins here.
    Move([f64; 2]),
    /// Straight to here.
    Line([f64; 2]),
    /// Along a cubic curve: towards the first point, out of the second, to the third.
    Curve([[f64; 2]; 3]),
    /// Back to where the contour began.
    Close,
}

/// The glyph's outline, to be filled by the non-zero rule. Empty for a blank.
pub fn outline(glyph: &Glyph) -> Vec<Stroke> {
    let mut pen = Pen { em: 1.0, at: [0.0; 2], strokes: Vec::new() };
    if let Some(index) = glyph.file.index()
        && let Some(shape) = index.font.outline_glyphs().get(GlyphId::from(glyph.id))
    {
        pen.em = index.units_per_em;
        let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
        // A glyph that cannot be read is as blank on the screen.
        let _ = shape.draw(settings, &mut pen);
    }
    pen.strokes
}

struct Pen {
    /// Units in an em.
    em: f64,
    /// Where the pen is, in units.
    at: [f64; 2],
    strokes: Vec<Stroke>,
}

impl Pen {
    fn em(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [x / self.em, y / self.em]
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.at = [x.into(), y.into()];
        self.strokes.push(Stroke::Move(self.em(self.at)));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.at = [x.into(), y.into()];
        self.strokes.push(Stroke::Line(self.em(self.at)));
    }

    /// A quadratic curve is a cubic one whose inner points lie two thirds of the way to its own.
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let (from, middle, to) = (self.at, [f64::from(cx), f64::from(cy)], [f64::from(x), f64::from(y)]);
        let towards = |end: [f64; 2]| [0, 1].map(|it| end[it] + (middle[it] - end[it]) * 2.0 / 3.0);
        self.strokes.push(Stroke::Curve([towards(from), towards(to), to].map(|it| self.em(it))));
        self.at = to;
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.at = [x.into(), y.into()];
        let points = [[cx0.into(), cy0.into()], [cx1.into(), cy1.into()], self.at];
        self.strokes.push(Stroke::Curve(points.map(|it| self.em(it))));
    }

    fn close(&mut self) {
        self.strokes.push(Stroke::Close);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::{Face, resolve};

    /// Where the contour stands, with its curves' ends.
    fn ends(text: char) -> Vec<[f64; 2]> {
        let points = |it: &Stroke| match *it {
            Stroke::Move(to) | Stroke::Line(to) | Stroke::Curve([_, _, to]) => Some(to),
            Stroke::Close => None,
        };
        outline(&resolve(Face::Song, text)).iter().filter_map(points).collect()
    }

    #[test]
    fn a_glyph_fills_its_square() {
        let square = ends('国');
        let (low, high) = square.iter().fold((1.0_f64, 0.0_f64), |it, [x, _]| (it.0.min(*x), it.1.max(*x)));
        assert!(low > 0.0 && low < 0.2 && high > 0.8 && high < 1.0, "{low} {high}");
        let (low, high) = square.iter().fold((1.0_f64, 0.0_f64), |it, [_, y]| (it.0.min(*y), it.1.max(*y)));
        assert!(low > -0.2 && low < 0.1 && high > 0.7 && high < 1.0, "{low} {high}");
    }

    #[test]
    fn every_contour_is_closed_and_a_blank_has_none() {
        let strokes = outline(&resolve(Face::Song, '国'));
        let count = |wanted: fn(&Stroke) -> bool| strokes.iter().filter(|it| wanted(it)).count();
        assert!(count(|it| matches!(it, Stroke::Move(_))) > 2);
        assert_eq!(count(|it| matches!(it, Stroke::Move(_))), count(|it| matches!(it, Stroke::Close)));
        assert_eq!(outline(&resolve(Face::Song, ' ')), []);
    }
}
