//! The sheet as it is printed, and the cells one may go to.

use eframe::egui::accesskit::Toggled;
use eframe::egui::{self, Color32, CursorIcon, Id, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, pos2, vec2};

use super::super::lines::{Placement, paint};
use super::super::pen::Pen;
use super::super::{context, theme};
use super::{Ask, Desk, SheetView, bracket_name, say_issue};
use crate::command::Command;
use crate::face::{Face, on_screen, width};
use crate::flow::{self, Life, Standing, standing};
use crate::layout::{Mark, Page, Part, Slot};
use crate::procedure::{Field, Kind, Section, Stage};
use crate::record::{CellId, Picked, shown_in};
use crate::search::Place;
use crate::units::Mm;

impl SheetView {
    /// Everything printed, and nothing else.
    pub(super) fn paint(
        &self,
        ui: &Ui,
        desk: &Desk<'_>,
        pages: &[Page],
        places: &[Placement],
        size: Vec2,
    ) -> Vec<Shape> {
        let mut shapes = Vec::new();
        let clip = ui.clip_rect();
        let under_pen = self.pen.as_ref().filter(|it| !matches!(it.part, Part::Option(_)));
        for (index, (page, place)) in pages.iter().zip(places).enumerate() {
            let paper = Rect::from_min_size(place.origin, size);
            if !paper.intersects(clip) {
                continue;
            }
            let shadow = egui::epaint::Shadow { offset: [0, 1], blur: 6, spread: 0, color: theme::SHADOW };
            shapes.push(shadow.as_shape(paper, 0.0).into());
            shapes.push(Shape::rect_filled(paper, 0.0, theme::PAPER));
            if index == 0 {
                shapes.extend(self.tint(desk, page, *place));
            }
            shapes.extend(self.found_on(desk, page, *place));
            for mark in &page.marks {
                let drawn_by_pen = under_pen.is_some_and(|pen| match mark {
                    Mark::Text(text) => {
                        text.of.as_ref().is_some_and(|it| it.is_at(&pen.cell)) && is_text_of_pen(page, pen, text)
                    }
                    Mark::Line { .. } | Mark::Frame { .. } | Mark::Stamp { .. } | Mark::Picture { .. } => false,
                });
                if !drawn_by_pen {
                    print(ui, *place, mark, &mut shapes);
                }
            }
        }
        shapes
    }

    /// The cells that are not under the pen: they take clicks, show what is odd about them, and have names.
    pub(super) fn cells(
        &mut self,
        ui: &mut Ui,
        desk: &Desk<'_>,
        pages: &[Page],
        places: &[Placement],
        drawn: Option<&(CellId, Part)>,
        commands: &mut Vec<Command>,
    ) {
        let mut clicked: Option<(CellId, Part)> = None;
        for (index, (page, place)) in pages.iter().zip(places).enumerate() {
            for (number, slot) in page.slots.iter().enumerate() {
                let rect = place.rect(slot.rect);
                if !ui.is_rect_visible(rect) && index > 0 {
                    continue;
                }
                let Some(field) = desk.field(&slot.cell.field) else { continue };
                // Where the entry begins: a table's line may stand on a continuation sheet whole.
                let begins = || slot.lines.first().is_none_or(|it| it.range.start == 0);
                let grows = desk.form.table_of(&field.id).is_some_and(|it| !it.is_fixed());
                let first = index == 0 || grows && begins();
                if drawn.is_some_and(|(cell, part)| cell.is_at(&slot.cell) && *part == slot.part) {
                    let stroke = Stroke::new(2.0, theme::ACCENT);
                    ui.painter().rect_stroke(rect, 0.0, stroke, StrokeKind::Middle);
                } else {
                    let id = if first && !matches!(slot.part, Part::Option(_)) {
                        Pen::id(&slot.cell, slot.part)
                    } else {
                        Id::unique(("part", index, number))
                    };
                    let response = ui.interact(rect, id, Sense::click());
                    self.describe(ui, desk, field, slot, &response, first);
                    if response.hovered() {
                        ui.painter().rect_filled(rect, 0.0, theme::HOVER);
                        ui.set_cursor_icon(match slot.part {
                            Part::Option(_) => CursorIcon::PointingHand,
                            Part::Entry | Part::Other => CursorIcon::Text,
                        });
                    }
                    // A right click puts the pen there too; the menu is that of the cell under the pen.
                    let menu = slot.part == Part::Entry
                        && first
                        && !field.kind.is_chosen()
                        && self.instead(desk, field, slot.cell.line).is_none();
                    if menu {
                        let _ = context::cell(&response, grows);
                    }
                    if response.clicked() || response.gained_focus() || menu && response.secondary_clicked() {
                        clicked = Some((slot.cell.clone(), slot.part));
                    }
                }
                if first && slot.part == Part::Entry {
                    self.mark_issue(ui, desk, &slot.cell, rect);
                    self.hint(ui, desk, field, (slot.cell.line, place.rect(slot.inner)));
                }
            }
        }
        let Some((cell, part)) = clicked else { return };
        let Some(field) = desk.field(&cell.field) else { return };
        match part {
            Part::Option(letter) => {
                self.leave(desk, commands);
                self.pick(desk, field, cell.line, letter, true, commands);
                // The pen stays there: another letter, or Tab, goes on from it.
                if !field.options.iter().any(|it| it.letter == letter && it.bracket) {
                    self.go_to(desk, field, cell.line, Part::Entry, commands);
                    self.follow = false;
                }
            }
            Part::Entry | Part::Other => {
                self.go_to(desk, field, cell.line, part, commands);
                if let Some(pen) = &mut self.pen {
                    pen.click = ui.input(|it| it.pointer.interact_pos());
                }
                self.follow = false;
            }
        }
        ui.ctx().request_repaint();
    }

    /// A cell's name and contents for assistive technology, and what is odd about it for everyone.
    fn describe(&self, ui: &Ui, desk: &Desk<'_>, field: &Field, slot: &Slot, response: &egui::Response, first: bool) {
        let called = desk.name(&slot.cell);
        let name = match slot.part {
            Part::Entry if first => called,
            Part::Entry => format!("{called}(续页)"),
            Part::Option(letter) => {
                let word = field.options.iter().find(|it| it.letter == letter).map_or("", |it| &it.word);
                if field.kind == Kind::Choice && !field.boxes {
                    format!("{called} {letter} {word}")
                } else {
                    format!("{called} {word}")
                }
            }
            Part::Other => bracket_name(field, &called),
        };
        let value = desk.record.at(&slot.cell);
        let words = match slot.part {
            Part::Option(_) => String::new(),
            Part::Entry => shown_in(field, value).into_owned(),
            Part::Other => Picked::read(field, value).other,
        };
        let read = ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_label(name);
            match slot.part {
                Part::Option(letter) => {
                    node.set_role(Role::RadioButton);
                    let chosen = Picked::read(field, value).has(field, letter);
                    node.set_toggled(if chosen { Toggled::True } else { Toggled::False });
                }
                Part::Entry | Part::Other => {
                    node.set_role(Role::TextInput);
                    node.set_value(words.clone());
                }
            }
            if let Some(Ask::Locked(_, why)) = self.instead(desk, field, slot.cell.line) {
                node.set_read_only();
                node.set_description(why);
            }
        });
        // Readers of Linux (AT-SPI) know of no value of a field, only of its text.
        if read.is_some() && !words.is_empty() {
            let font = egui::FontId::proportional(14.0);
            let galley = ui.fonts_mut(|it| it.layout_no_wrap(on_screen(&words), font, theme::PRINT));
            let place = egui::emath::TSTransform::from_translation(response.rect.min.to_vec2());
            egui::text_selection::accesskit_text::update_accesskit_for_text_widget(
                ui.ctx(),
                response.id,
                None,
                place,
                &galley,
            );
        }
        if let Some(issue) = desk.issues.iter().find(|it| it.cell.is_at(&slot.cell)) {
            say_issue(ui, response.id, desk, &slot.cell);
            response.clone().on_hover_text(&issue.message);
        }
    }

    /// Where the next signature belongs, on the screen only: the paper leaves it empty for ink.
    fn hint(&self, ui: &Ui, desk: &Desk<'_>, field: &Field, (line, room): (usize, Rect)) {
        if field.kind != Kind::Person || desk.round != desk.record.last_round() || flow::is_shut(desk.record) {
            return;
        }
        let open = Life::new(desk.form, desk.record).open();
        let here = |stage: &Stage| match flow::lines(desk.form, desk.record, stage, desk.round) {
            Some(lines) => lines.open.contains(&line) || !lines.begun && line == 0,
            None => true,
        };
        if !open.iter().map(|it| &desk.form.stages[*it]).any(|it| it.by == field.id && here(it)) {
            return;
        }
        let font = egui::FontId::proportional((room.height() * 0.4).min(14.0));
        ui.painter().text(room.left_center(), egui::Align2::LEFT_CENTER, "签署…", font, theme::ACCENT);
    }

    /// Where the words that were sought stand: under the very words, or the whole cell where the paper words them otherwise.
    fn found_on(&self, desk: &Desk<'_>, page: &Page, place: Placement) -> Vec<Shape> {
        let mut shapes = Vec::new();
        for hit in &self.found {
            let Place::Value(cell) = &hit.place else { continue };
            let Some(of) = desk.field(&cell.field) else { continue };
            let text = desk.record.at(cell);
            let elsewhere = *cell != desk.cell(&cell.field, cell.line);
            if elsewhere || self.pen.as_ref().is_some_and(|it| it.cell.is_at(cell)) {
                continue;
            }
            let worded = desk.record.verdict(cell.field.as_str(), cell.round).is_some();
            let plain =
                !worded && shown_in(of, text) == text && desk.record.corrections.iter().all(|it| !it.cell.is_at(cell));
            for slot in page.slots.iter().filter(|it| it.cell.is_at(cell) && it.part == Part::Entry) {
                if !plain || slot.lines.is_empty() {
                    shapes.push(Shape::rect_filled(place.rect(slot.rect), 0.0, theme::FOUND));
                    continue;
                }
                for line in &slot.lines {
                    let (from, to) = (hit.at.start.max(line.range.start), hit.at.end.min(line.range.end));
                    let (Some(before), Some(words)) = (text.get(line.range.start..from), text.get(from..to)) else {
                        continue;
                    };
                    let left = line.at.x + width(Face::Song, slot.size, before);
                    let wide = width(Face::Song, slot.size, words);
                    let area = crate::units::Rect::new(left, line.at.y - slot.size, wide, slot.size * 1.25);
                    shapes.push(Shape::rect_filled(place.rect(area), 0.0, theme::FOUND));
                }
            }
        }
        shapes
    }

    /// The section that is open for writing is faintly tinted; never printed.
    fn tint(&self, desk: &Desk<'_>, page: &Page, place: Placement) -> Vec<Shape> {
        let open = |it: &&Slot| {
            let apart = |it: &&Field| {
                let by_line = || desk.form.stages.iter().any(|stage| desk.form.is_in_lines_of(stage, it));
                !it.signature && (it.early || it.with.is_some() || by_line())
            };
            let field = desk.field(&it.cell.field).filter(apart);
            field.is_some_and(|field| flow::closed_at(desk.form, desk.record, field, &it.cell).is_none())
        };
        let early = page.slots.iter().filter(open).map(|it| Shape::rect_filled(place.rect(it.rect), 0.0, theme::OPEN));
        let last = desk.round == desk.record.last_round();
        self.tinted(desk, place).into_iter().chain(early.filter(|_| last)).collect()
    }

    fn tinted(&self, desk: &Desk<'_>, place: Placement) -> Option<Shape> {
        let stage = match standing(desk.form, desk.record) {
            Standing::At(stage) if desk.round == desk.record.last_round() => desk.form.stages.get(stage)?,
            _ => return None,
        };
        let open = desk.form.section_of(stage.by.as_str())?;
        // Once one has signed the section, only the next one's signature is wanted there.
        if desk.form.stages_in(open).any(|it| flow::is_signed(desk.form, desk.record, &desk.form.stages[it])) {
            return None;
        }
        // Of what is signed line by line only the lines that are open.
        if stage.table.is_some() {
            return None;
        }
        // A form of one section has nothing to be told apart.
        if desk.form.sections.len() < 2 {
            return None;
        }
        let height = |it: &Section| it.rows.iter().map(|it| it.height).sum::<Mm>();
        let inside = desk.form.paper.inside();
        // What has no signature of its own is signed with it.
        let first = (0..open).find(|it| desk.form.signed_in(*it) == open).unwrap_or(open);
        let above: Mm = desk.form.sections[..first].iter().map(height).sum();
        let top = inside.top() + desk.form.head + above;
        let open: Mm = desk.form.sections[first..=open].iter().map(height).sum();
        let area = crate::units::Rect::new(inside.left(), top, inside.size.width, open);
        Some(Shape::rect_filled(place.rect(area), 0.0, theme::OPEN))
    }

    /// A small corner at a cell that wants looking at.
    fn mark_issue(&self, ui: &Ui, desk: &Desk<'_>, id: &CellId, cell: Rect) {
        let writing = self.pen.as_ref().is_some_and(|it| it.cell.is_at(id));
        if !writing && desk.issues.iter().any(|it| it.cell.is_at(id)) {
            let corner = cell.right_top() + vec2(-1.0, 1.0);
            let points = vec![corner, corner - vec2(9.0, 0.0), corner + vec2(0.0, 9.0)];
            ui.painter().add(Shape::convex_polygon(points, theme::RED, Stroke::NONE));
            let under =
                Rect::from_min_max(pos2(cell.left() + 3.0, cell.bottom() - 3.0), cell.right_bottom() - vec2(3.0, 1.5));
            ui.painter().rect_filled(under, 0.0, theme::RED.gamma_multiply(0.5));
        }
    }
}

/// Whether a text mark is one of the lines the pen's cell draws itself: the tick before a chosen letter is not.
fn is_text_of_pen(page: &Page, pen: &Pen, text: &crate::layout::Text) -> bool {
    let parts = page.slots.iter().filter(|it| it.cell.is_at(&pen.cell) && it.part == pen.part);
    parts.flat_map(|it| &it.lines).any(|line| line.at == text.at)
}

/// A mark of a page as it is printed.
pub(in crate::ui) fn print(ui: &Ui, place: Placement, mark: &Mark, shapes: &mut Vec<Shape>) {
    match mark {
        Mark::Line { from, to, width } => {
            let (from, to, width) = (place.point(*from), place.point(*to), place.length(*width));
            // A stroke across what does not apply is neither upright nor level.
            shapes.push(match from.x == to.x || from.y == to.y {
                true => rule(ui, from, to, width, theme::PRINT),
                false => Shape::line_segment([from, to], Stroke::new(width.max(1.0), theme::PRINT)),
            });
        }
        Mark::Frame { rect, width } => {
            shapes.extend(frame(ui, place.rect(*rect), place.length(*width), theme::PRINT));
        }
        Mark::Stamp { rect, width, text } => {
            shapes.extend(frame(ui, place.rect(*rect), place.length(*width), theme::STAMP));
            shapes.push(paint(ui, place, text, theme::STAMP));
        }
        Mark::Text(text) => shapes.push(paint(ui, place, text, theme::PRINT)),
        Mark::Picture { rect, kept } => shapes.extend(crate::ui::pictures::shape(ui, place.rect(*rect), kept)),
    }
}

/// The outline of a rectangle, side by side.
pub(in super::super) fn frame(ui: &Ui, rect: Rect, width: f32, color: Color32) -> [Shape; 4] {
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()];
    [0, 1, 2, 3].map(|it| rule(ui, corners[it], corners[(it + 1) % 4], width, color))
}

/// An upright or level line on whole pixels, never thinner than one, as sharp at each zoom.
pub(in super::super) fn rule(ui: &Ui, from: egui::Pos2, to: egui::Pos2, width: f32, color: Color32) -> Shape {
    let pixel = 1.0 / ui.ctx().pixels_per_point();
    let thick = (width / pixel).round().max(1.0) * pixel;
    let edge = |middle: f32| ((middle - thick / 2.0) / pixel).round() * pixel;
    let level = (from.y - to.y).abs() <= (from.x - to.x).abs();
    let (low, high) = if level { (from.x.min(to.x), from.x.max(to.x)) } else { (from.y.min(to.y), from.y.max(to.y)) };
    let rect = if level {
        Rect::from_min_max(pos2(edge(low), edge(from.y)), pos2(edge(high) + thick, edge(from.y) + thick))
    } else {
        Rect::from_min_max(pos2(edge(from.x), edge(low)), pos2(edge(from.x) + thick, edge(high) + thick))
    };
    Shape::rect_filled(rect, 0.0, color)
}
