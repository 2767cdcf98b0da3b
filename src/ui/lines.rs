//! Setting placed lines on the screen. Nothing is measured or wrapped here: every line stands where `layout` put it.

use std::sync::Arc;

use eframe::egui::emath::GuiRounding as _;
use eframe::egui::epaint::text::{LayoutJob, TextFormat};
use eframe::egui::{Color32, FontId, Galley, Label, Pos2, Rect, Response, RichText, Role, Ui, WidgetInfo, pos2};

use crate::face::{ASCENT, Face, break_lines, resolve, resolve_vertical};
use crate::layout::{PlacedLine, Slot, Text};
use crate::units::{Mm, Point};

use super::theme::{PRINT, family};

/// How a page lies on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Placement {
    /// Where its top left corner is.
    pub origin: Pos2,
    /// Screen points in a millimetre.
    pub scale: f32,
}

impl Placement {
    /// A page with its corner at `origin`, with `scale` points of the screen in a millimetre.
    pub fn new(origin: Pos2, scale: f32) -> Self {
        Self { origin, scale }
    }

    /// A length on the screen.
    pub fn length(self, length: Mm) -> f32 {
        length.to_mm() as f32 * self.scale
    }

    /// A place on the screen.
    pub fn point(self, at: Point) -> Pos2 {
        pos2(self.origin.x + self.length(at.x), self.origin.y + self.length(at.y))
    }

    /// A rectangle on the screen.
    pub fn rect(self, rect: crate::units::Rect) -> Rect {
        Rect::from_min_max(self.point(rect.min), self.point(Point::new(rect.right(), rect.bottom())))
    }

    /// Where the top left corner of a line goes whose baseline begins at `at`: on a whole pixel, so that a line looks
    /// the same painted and under the pen.
    fn corner(self, ui: &Ui, at: Point, size: Mm) -> Pos2 {
        let baseline = self.point(at);
        pos2(baseline.x, baseline.y - self.length(size) * ASCENT as f32).round_to_pixels(ui.ctx().pixels_per_point())
    }
}

/// The characters as they are drawn: what no face has as 〓. One for one, so that the pen finds its place.
fn drawn(face: Face, text: &str, vertical: bool) -> String {
    let glyph = if vertical { resolve_vertical } else { resolve };
    text.chars().map(|c| if c == '\n' { c } else { glyph(face, c).shown }).collect()
}

fn job(text: String, font: FontId, color: Color32) -> LayoutJob {
    let mut job = LayoutJob::single_section(text, TextFormat::simple(font, color));
    job.wrap.max_width = f32::INFINITY;
    job.break_on_newline = false;
    job.keep_trailing_whitespace = true;
    job.round_output_to_gui = false;
    job
}

/// Text of the screen's own fields, set by egui: only what no face has is replaced.
pub fn field(ui: &Ui, text: &str, width: f32) -> Arc<Galley> {
    let font = eframe::egui::TextStyle::Body.resolve(ui.style());
    let words: String = drawn(Face::Hei, text, false);
    ui.fonts_mut(|fonts| fonts.layout(words, font, super::theme::INK, width))
}

/// Words of the screen's own as a label of several lines, broken by the rules of the paper: egui would leave an opening
/// quotation mark at the end of a line.
pub fn label(ui: &mut Ui, text: &str, size: f32, ink: Color32) -> Response {
    let width = f64::from((ui.available_width() - 2.0).max(size) / size);
    let lines = break_lines(Face::Hei, text, width);
    let lines: Vec<&str> = lines.iter().filter_map(|it| text.get(it.range.clone())).map(str::trim_end).collect();
    let words = RichText::new(drawn(Face::Hei, &lines.join("\n"), false)).size(size).color(ink);
    let response = ui.add(Label::new(words).extend());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    response
}

/// Paints one text mark.
pub fn paint(ui: &Ui, placement: Placement, text: &Text, color: Color32) -> eframe::egui::Shape {
    let font = FontId::new(placement.length(text.size), family(text.face));
    let words = drawn(text.face, &text.text, text.vertical);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job(words, font, color)));
    let corner = placement.corner(ui, text.at, text.size);
    eframe::egui::Shape::galley(corner, galley, color)
}

/// An entry as one galley whose rows stand exactly where its lines do, over all the slots it runs through: the pen goes
/// from the cell to the continuation sheet as from one line to the next. `at` is where the galley will be painted.
pub fn galley(ui: &Ui, text: &str, slots: &[(Placement, &Slot)], at: Pos2) -> Arc<Galley> {
    let pixels_per_point = ui.ctx().pixels_per_point(); // not inside fonts_mut: that would lock twice
    let lines: Vec<(Placement, &Slot, &PlacedLine)> = slots
        .iter()
        .flat_map(|(placement, slot)| slot.lines.iter().map(move |line| (*placement, *slot, line)))
        .collect();
    let mut area = Rect::NOTHING;
    for (placement, slot) in slots {
        area |= placement.rect(slot.inner);
    }
    let corners: Vec<Pos2> =
        lines.iter().map(|(placement, slot, line)| placement.corner(ui, line.at, slot.size)).collect();
    let size = slots.first().map_or(12.0, |(placement, slot)| placement.length(slot.size));
    let font = FontId::new(size, family(Face::Song));
    ui.fonts_mut(|fonts| {
        let mut set = |words: &str| fonts.layout_job(job(drawn(Face::Song, words, false), font.clone(), PRINT));
        let parts: Vec<Arc<Galley>> =
            lines.iter().map(|(_, _, line)| set(text.get(line.range.clone()).unwrap_or_default())).collect();
        let mut whole = job(drawn(Face::Song, text, false), font.clone(), PRINT);
        whole.break_on_newline = true;
        let mut galley = Galley::concat(Arc::new(whole), &parts, pixels_per_point);
        galley.mesh_bounds = Rect::NOTHING;
        for ((row, corner), (_, _, line)) in galley.rows.iter_mut().zip(&corners).zip(&lines) {
            row.ends_with_newline = line.hard;
            row.pos = *corner - at.to_vec2();
            galley.mesh_bounds |= row.row.visuals.mesh_bounds.translate(row.pos.to_vec2());
        }
        if let Some(last) = galley.rows.last_mut() {
            last.ends_with_newline = false;
        }
        galley.rect = Rect::from_min_max(Pos2::ZERO, (area.max - at.to_vec2()).max(pos2(1.0, 1.0)));
        Arc::new(galley)
    })
}
