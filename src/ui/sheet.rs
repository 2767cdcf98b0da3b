//! The sheet on the desk: the form itself, typed on.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::NaiveDate;
use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::text_edit::TextEditState;
use eframe::egui::{
    self, Color32, CursorIcon, Event, EventFilter, Frame, Id, Key, Margin, Modifiers, Rect, Role, ScrollArea, Sense,
    Shape, Stroke, StrokeKind, TextBuffer, TextEdit, Ui, UiBuilder, Vec2, pos2, vec2,
};

use crate::command::Command;
use crate::layout::{Look, Mark, Page, Part, Slot, sheet};
use crate::procedure::{Field, FieldId, Form, Kind, Procedure};
use crate::record::{Issue, LONGEST_ENTRY, Opinion, Record, RecordId, fold};

use super::lines::{Placement, galley, paint};
use super::pen::{PAUSE, Pen};
use super::theme;
use super::zoom::{MARGIN, Zoom};
use super::{ime, offers};

/// Between two pages on the desk.
const GAP: f32 = 16.0;

/// What lies on the desk.
pub struct Desk<'a> {
    /// The procedure.
    pub procedure: &'a Procedure,
    /// The form in the record's edition.
    pub form: &'a Form,
    /// The sheet.
    pub record: &'a Record,
    /// What to look at.
    pub issues: &'a [Issue],
    /// Today.
    pub today: NaiveDate,
    /// Words typed before, by field.
    pub offers: &'a BTreeMap<FieldId, Vec<String>>,
}

impl<'a> Desk<'a> {
    /// A datum of the sheet.
    pub fn field(&self, id: &FieldId) -> Option<&'a Field> {
        self.form.field(id)
    }
}

/// A sheet that was laid out, and what it was laid out from.
#[derive(Debug)]
struct Laid {
    record: Record,
    raw: Option<FieldId>,
    pages: Rc<Vec<Page>>,
}

/// The view's own small state.
#[derive(Debug)]
pub struct SheetView {
    laid: RefCell<Option<Laid>>,
    /// How large.
    pub zoom: Zoom,
    /// The zoom of the last frame, in percent.
    pub percent: u16,
    /// The entry in hand.
    pub pen: Option<Pen>,
    /// Scroll to the cell under the pen.
    follow: bool,
    /// A cell that was left and still has the keyboard.
    let_go: Option<Id>,
    /// The cell the pen was in last: Tab goes on from there.
    last: Option<FieldId>,
    /// What stood in a bracket whose letter was given up: it comes back with the letter.
    bracket: Option<(RecordId, String)>,
    offset: Vec2,
    aim: Option<Vec2>,
}

impl Default for SheetView {
    fn default() -> Self {
        Self {
            laid: RefCell::default(),
            zoom: Zoom::Width,
            percent: 100,
            pen: None,
            follow: false,
            let_go: None,
            last: None,
            bracket: None,
            offset: Vec2::ZERO,
            aim: None,
        }
    }
}

impl SheetView {
    /// Lays the pen down; what is in hand is written.
    pub fn leave(&mut self, desk: &Desk<'_>, commands: &mut Vec<Command>) {
        if let Some(mut pen) = self.pen.take()
            && let Some(field) = desk.field(&pen.field)
        {
            commands.extend(pen.write(field, desk.today, true));
            self.let_go = Some(Pen::id(&pen.field, pen.part));
            self.last = Some(pen.field);
        }
    }

    /// Puts the pen on a cell; what was in hand is written first.
    pub fn go(&mut self, desk: &Desk<'_>, field: &Field, part: Part, commands: &mut Vec<Command>) {
        self.leave(desk, commands);
        if let Some(sentence) = desk.record.closed(desk.form, field) {
            commands.push(Command::Tell(sentence));
            return;
        }
        let mut record = desk.record.clone();
        record.set(&field.id, &value_now(desk, field, commands));
        let pen = Pen::new(&record, field, part);
        if offers::wanted(field) && !desk.offers.contains_key(&field.id) {
            commands.push(Command::Offer(field.id.clone()));
        }
        self.pen = Some(pen);
        self.follow = true;
    }

    /// The cell after or before the one under the pen, in the order of the labels.
    fn step(&mut self, desk: &Desk<'_>, forward: bool, commands: &mut Vec<Command>) {
        let Some(from) = self.pen.as_ref().map(|it| &it.field).or(self.last.as_ref()) else { return };
        let fields = &desk.form.fields;
        let Some(place) = fields.iter().position(|it| it.id == *from) else {
            self.leave(desk, commands);
            return;
        };
        let next = if forward { place + 1 } else { place.wrapping_sub(1) };
        match fields.get(next) {
            Some(field) => self.go(desk, field, Part::Entry, commands),
            None => self.leave(desk, commands),
        }
    }

    /// The record as it reads with the text in hand.
    fn in_hand(&self, desk: &Desk<'_>, text: &str) -> Record {
        let mut record = desk.record.clone();
        if let Some(pen) = &self.pen
            && let Some(field) = desk.field(&pen.field)
        {
            let value = match pen.part {
                Part::Other => {
                    let letter = field.options.iter().find(|it| it.bracket).map(|it| it.letter);
                    Opinion { letter, other: text.to_owned() }.keep(field)
                }
                Part::Entry | Part::Option(_) => text.to_owned(),
            };
            record.set(&pen.field, &value);
        }
        record
    }

    /// The sheet as it reads with `text` in hand. Kept from one asking to the next: a frame asks several times, and a
    /// sheet of a hundred pages takes longer than a frame.
    fn pages(&self, desk: &Desk<'_>, text: Option<&str>) -> Rc<Vec<Page>> {
        let raw = self.pen.as_ref().map(|it| it.field.clone());
        let record = text.map_or_else(|| desk.record.clone(), |text| self.in_hand(desk, text));
        let mut laid = self.laid.borrow_mut();
        if let Some(laid) = laid.as_ref().filter(|it| it.raw == raw && it.record == record) {
            return Rc::clone(&laid.pages);
        }
        let look = Look { copy: None, signatures: true, raw: raw.as_ref() };
        let pages = Rc::new(sheet(desk.procedure, desk.form, &record, &look));
        *laid = Some(Laid { record, raw, pages: Rc::clone(&pages) });
        pages
    }

    /// Draws the sheet and takes what is typed.
    pub fn show(&mut self, ui: &mut Ui, desk: &Desk<'_>, commands: &mut Vec<Command>) {
        // A sheet taken off the desk takes its pen with it.
        if self.pen.as_ref().is_some_and(|it| it.record != desk.record.id) {
            self.pen = None;
        }
        self.keys(ui, desk, commands);
        let text = self.pen.as_ref().map(|it| it.text.clone());
        let pages = self.pages(desk, text.as_deref());
        let Some(paper) = pages.first().map(|it| it.paper) else { return };
        let room = ui.available_size();
        self.zooming(ui, paper, room);
        let zoom = f32::from(self.percent) / 100.0;
        let sheet_size = vec2(paper.width.to_mm() as f32, paper.height.to_mm() as f32) * theme::POINTS_PER_MM * zoom;
        let wanted = vec2(sheet_size.x + MARGIN * 2.0, (sheet_size.y + GAP) * pages.len() as f32 - GAP + MARGIN * 2.0);
        let mut area = ScrollArea::both().id_salt("sheet").auto_shrink(false);
        if let Some(aim) = self.aim.take() {
            area = area.scroll_offset(aim.max(Vec2::ZERO));
        }
        let shown = area.show(ui, |ui| {
            let (desk_rect, response) = ui.allocate_exact_size(wanted.max(ui.available_size()), Sense::click());
            let left = desk_rect.left() + ((desk_rect.width() - sheet_size.x) / 2.0).max(MARGIN);
            let place = |page: usize| {
                let top = desk_rect.top() + MARGIN + (sheet_size.y + GAP) * page as f32;
                Placement::new(snap(ui, pos2(left, top)), zoom)
            };
            let places: Vec<Placement> = (0..pages.len()).map(place).collect();
            if response.clicked() {
                self.leave(desk, commands);
            }
            let background = ui.painter().add(Shape::Noop);
            // What is drawn as the cell in hand is not drawn once more as a cell, wherever the pen goes meanwhile.
            let drawn = self.pen.as_ref().map(|it| (it.field.clone(), it.part));
            let changed = self.edit(ui, desk, &pages, &places, commands);
            let pages = if changed {
                let text = self.pen.as_ref().map(|it| it.text.clone());
                self.pages(desk, text.as_deref())
            } else {
                pages
            };
            if pages.len() != places.len() {
                ui.ctx().request_repaint();
            }
            let shapes = self.paint(ui, &pages, &places, sheet_size);
            ui.painter().set(background, Shape::Vec(shapes));
            self.cells(ui, desk, &pages, &places, drawn.as_ref(), commands);
        });
        self.offset = shown.state.clamped_offset();
        let elsewhere = ui.ctx().memory(|it| it.focused()).is_some();
        let on_sheet = |pen: &Pen| desk.form.fields.iter().any(|it| it.id == pen.field);
        ime::claim_tab(
            ui.ctx(),
            match &self.pen {
                Some(pen) => on_sheet(pen),
                None => self.last.is_some() && !elsewhere,
            },
        );
        if let Some(id) = self.let_go.take()
            && self.pen.as_ref().is_none_or(|it| Pen::id(&it.field, it.part) != id)
        {
            ui.memory_mut(|it| it.surrender_focus(id));
        }
    }

    /// Another sheet is looked at from its top.
    pub fn to_top(&mut self) {
        self.aim = Some(Vec2::ZERO);
    }

    fn zooming(&mut self, ui: &Ui, paper: crate::units::Size, room: Vec2) {
        let before = self.zoom.percent(paper, room);
        let over = ui.rect_contains_pointer(ui.available_rect_before_wrap());
        if let Some(larger) = Zoom::asked(ui)
            && (over || self.pen.is_some())
        {
            self.zoom = Zoom::step(before, larger);
        }
        self.percent = self.zoom.percent(paper, room);
        let paper_high = paper.height.to_mm() as f32 * theme::POINTS_PER_MM * f32::from(self.percent) / 100.0 + GAP;
        if self.percent != before && self.zoom == Zoom::Page {
            // The page that is looked at fills the desk.
            let old = paper_high * f32::from(before) / f32::from(self.percent);
            let page = ((self.offset.y + room.y / 2.0) / old).floor().max(0.0);
            self.aim = Some(egui::vec2(0.0, page * paper_high));
        } else if self.percent != before {
            // What lies under the pointer stays there.
            let corner = ui.available_rect_before_wrap().min;
            let pointer = ui.input(|it| it.pointer.hover_pos()).map_or(room / 2.0, |it| it - corner);
            let ratio = f32::from(self.percent) / f32::from(before);
            let margin = Vec2::splat(MARGIN);
            self.aim = Some((self.offset + pointer - margin) * ratio + margin - pointer);
        }
    }

    /// Keys that belong to the sheet and not to the text: from cell to cell, out of the cell, through the offers.
    fn keys(&mut self, ui: &Ui, desk: &Desk<'_>, commands: &mut Vec<Command>) {
        let tab = ime::take_tab(ui.ctx());
        let Some(pen) = &mut self.pen else {
            if let Some(back) = tab {
                self.step(desk, !back, commands);
            }
            return;
        };
        if ime::is_composing(ui.ctx()) || desk.form.fields.iter().all(|it| it.id != pen.field) {
            return;
        }
        let Some(field) = desk.field(&pen.field) else { return };
        let take = |modifiers: Modifiers, key: Key| ui.input_mut(|it| it.consume_key(modifiers, key));
        let words = offers::matching(field, pen, desk.offers);
        if !words.is_empty() {
            if take(Modifiers::NONE, Key::ArrowDown) {
                pen.chosen = Some(pen.chosen.map_or(0, |it| (it + 1) % words.len()));
            }
            if take(Modifiers::NONE, Key::ArrowUp) {
                pen.chosen = Some(pen.chosen.map_or(words.len(), |it| it.max(1)) - 1);
            }
        }
        let (back, forward) = (tab == Some(true), tab == Some(false));
        // Nothing written here yet: Ctrl+Z is about what was written before.
        if !pen.touched && take(Modifiers::COMMAND, Key::Z) {
            commands.push(Command::Undo);
        }
        let enter = field.kind != Kind::Text && take(Modifiers::NONE, Key::Enter);
        if (forward || enter)
            && let Some(word) = pen.chosen.and_then(|it| words.get(it))
        {
            pen.take(word);
        }
        if back || forward || enter {
            self.step(desk, !back, commands);
        } else if take(Modifiers::NONE, Key::Escape) {
            if words.is_empty() && field.kind != Kind::Date || pen.alone {
                self.leave(desk, commands);
            } else {
                pen.alone = true;
                pen.chosen = None;
            }
        }
    }

    /// The cell under the pen. Whether the text changed.
    fn edit(
        &mut self,
        ui: &mut Ui,
        desk: &Desk<'_>,
        pages: &[Page],
        places: &[Placement],
        commands: &mut Vec<Command>,
    ) -> bool {
        let Some(mut pen) = self.pen.clone() else { return false };
        let Some(field) = desk.field(&pen.field) else { return false };
        if desk.form.fields.iter().all(|it| it.id != pen.field) {
            return false; // it is being written beside the sheet
        }
        if field.kind == Kind::Choice && pen.part != Part::Other {
            self.choose(ui, desk, field, pages, places, commands);
            return false;
        }
        let slots = slots_of(pages, places, &pen.field, pen.part);
        let Some((first_place, first)) = slots.first() else { return false };
        let inner = first_place.rect(first.inner);
        let whole = slots.iter().fold(inner, |all, (place, slot)| all | place.rect(slot.inner));
        // On whole pixels, or the rows would be drawn between them.
        let whole = Rect::from_min_max(snap(ui, whole.min), whole.max);
        let cell = first_place.rect(first.rect);
        let id = Pen::id(&pen.field, pen.part);
        if pen.fresh {
            let mut state = TextEditState::default();
            let end = pen.text.chars().count();
            let at = pen.click.take().map(|click| {
                let set = galley(ui, &pen.text, &slots, whole.min);
                set.cursor_from_pos(click - whole.min)
            });
            let range = match at {
                Some(cursor) => CCursorRange::one(cursor),
                // Come to by Tab: what stands there is marked in a short cell, and stays in a long one.
                None if field.kind == Kind::Text => CCursorRange::one(CCursor::new(end)),
                None => CCursorRange::two(CCursor::new(0), CCursor::new(end)),
            };
            state.cursor.set_char_range(Some(range));
            state.store(ui.ctx(), id);
            ui.memory_mut(|it| it.request_focus(id));
            pen.fresh = false;
        }
        refuse_floods(ui, &pen, commands);
        let before = pen.text.clone();
        let mut text = std::mem::take(&mut pen.text);
        let output = {
            let mut layouter = |ui: &Ui, buffer: &dyn TextBuffer, _width: f32| {
                let pages = self.pages(desk, Some(buffer.as_str()));
                let origin = places[0].origin;
                let size = places[0];
                let next = |page: usize| {
                    places.get(page).copied().unwrap_or_else(|| {
                        let height = pages[0].paper.height;
                        let step = size.length(height) + GAP;
                        Placement { origin: origin + vec2(0.0, step * page as f32), ..size }
                    })
                };
                let places: Vec<Placement> = (0..pages.len()).map(next).collect();
                let slots = slots_of(&pages, &places, &pen.field, pen.part);
                galley(ui, buffer.as_str(), &slots, whole.min)
            };
            let builder = UiBuilder::new().max_rect(whole).layout(egui::Layout::top_down(egui::Align::Min));
            ui.scope_builder(builder, |ui| {
                TextEdit::multiline(&mut text)
                    .id(id)
                    .frame(Frame::NONE)
                    .margin(Margin::ZERO)
                    .desired_width(whole.width())
                    .min_size(whole.size())
                    .desired_rows(1)
                    .event_filter(EventFilter {
                        tab: true,
                        horizontal_arrows: true,
                        vertical_arrows: true,
                        escape: true,
                    })
                    .layouter(&mut layouter)
                    .show(ui)
            })
            .inner
        };
        name_node(ui, id, &if pen.part == Part::Other { format!("{} 其他", field.name) } else { field.name.clone() });
        if self.follow {
            ui.scroll_to_rect(cell.expand(24.0), None);
            self.follow = false;
        }
        let time = ui.input(|it| it.time);
        let composing = ime::is_composing(ui.ctx());
        if field.kind != Kind::Text && !composing {
            // A one-line cell has no lines: what comes with a paste becomes a blank.
            if text.contains(['\n', '\r']) {
                text = text.replace("\r\n", " ").replace(['\n', '\r'], " ").trim_end().to_owned();
            }
        }
        pen.text = text;
        let changed = pen.text != before;
        if changed
            && (pen.text.len().abs_diff(before.len()) > 12
                || pen.text.matches('\n').count() != before.matches('\n').count())
        {
            mark_step(ui, id, &before, &pen.text);
        }
        if changed {
            pen.chosen = None;
            pen.alone = false;
        }
        pen.note(composing, time);
        if let Some(since) = pen.changed {
            if time - since >= PAUSE {
                commands.extend(pen.write(field, desk.today, false));
            } else {
                ui.ctx().request_repaint_after_secs((PAUSE - (time - since)) as f32 + 0.01);
            }
        }
        let lost = output.response.lost_focus();
        let cell_rect = cell;
        self.pen = Some(pen);
        let taken = self.offer(ui, desk, field, cell_rect, commands);
        if lost && !taken {
            // Focus went elsewhere; a click on another cell comes after this and finds what was in hand written.
            self.leave(desk, commands);
        }
        changed
    }

    /// What is offered under the cell: words typed before, or a calendar. Whether something there has the pointer.
    fn offer(&mut self, ui: &Ui, desk: &Desk<'_>, field: &Field, cell: Rect, commands: &mut Vec<Command>) -> bool {
        let Some(pen) = &self.pen else { return false };
        let (picked, busy) = offers::show(ui, desk, field, pen, cell);
        if let Some(text) = picked
            && let Some(pen) = &mut self.pen
        {
            pen.take(&text);
            self.step(desk, true, commands);
            return true;
        }
        busy
    }

    /// A choice under the pen takes a letter.
    fn choose(
        &mut self,
        ui: &mut Ui,
        desk: &Desk<'_>,
        field: &Field,
        pages: &[Page],
        places: &[Placement],
        commands: &mut Vec<Command>,
    ) {
        let id = Pen::id(&field.id, Part::Entry);
        let Some((page, slot)) = pages
            .iter()
            .zip(places)
            .find_map(|(page, place)| page.slots.iter().find(|it| it.field == field.id).map(|slot| (place, slot)))
        else {
            return;
        };
        let all = page.rect(slot.rect);
        if let Some(pen) = &mut self.pen
            && pen.fresh
        {
            pen.fresh = false;
            ui.memory_mut(|it| it.request_focus(id));
        }
        let response = ui.interact(all, id, Sense::focusable_noninteractive());
        ui.memory_mut(|it| {
            it.set_focus_lock_filter(
                id,
                EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true },
            );
        });
        name_node(ui, id, &field.name);
        if self.follow {
            ui.scroll_to_rect(all.expand(24.0), None);
            self.follow = false;
        }
        let typed: Vec<String> = ui.input(|it| {
            let texts = it.events.iter().filter_map(|event| match event {
                Event::Text(text) | Event::Ime(egui::ImeEvent::Commit(text)) => Some(text.clone()),
                _ => None,
            });
            texts.collect()
        });
        let clear = ui.input_mut(|it| {
            it.consume_key(Modifiers::NONE, Key::Backspace) || it.consume_key(Modifiers::NONE, Key::Delete)
        });
        let letter = typed.iter().find_map(|text| {
            let letter = fold(text).to_uppercase().chars().next()?;
            field.options.iter().map(|it| it.letter).find(|it| *it == letter)
        });
        if let Some(letter) = letter {
            self.pick(desk, field, letter, false, commands);
        } else if clear {
            self.answer(desk, field, "", commands);
        } else if response.lost_focus() {
            self.leave(desk, commands);
        }
    }

    /// Chooses a letter; choosing the chosen one again by a click takes it back.
    fn pick(&mut self, desk: &Desk<'_>, field: &Field, letter: char, click: bool, commands: &mut Vec<Command>) {
        if let Some(sentence) = desk.record.closed(desk.form, field) {
            commands.push(Command::Tell(sentence));
            return;
        }
        let now = Opinion::read(field, &value_now(desk, field, commands));
        if !now.other.is_empty() {
            self.bracket = Some((desk.record.id, now.other.clone()));
        }
        let bracket = field.options.iter().any(|it| it.letter == letter && it.bracket);
        let value = if now.letter == Some(letter) && click && !bracket {
            String::new()
        } else {
            let kept = self.bracket.as_ref().filter(|(of, _)| *of == desk.record.id).map(|(_, text)| text.clone());
            let other = if bracket { kept.unwrap_or_default() } else { String::new() };
            Opinion { letter: Some(letter), other }.keep(field)
        };
        self.answer(desk, field, &value, commands);
        if bracket {
            self.go(desk, field, Part::Other, commands);
        }
    }

    fn answer(&mut self, desk: &Desk<'_>, field: &Field, value: &str, commands: &mut Vec<Command>) {
        let expected = value_now(desk, field, commands);
        if let Some(pen) = &mut self.pen
            && pen.field == field.id
        {
            pen.written = value.to_owned();
            pen.text = value.to_owned();
            pen.settled = value.to_owned();
        }
        if expected != value {
            let (record, field) = (desk.record.id, field.id.clone());
            commands.push(Command::Set { record, field, value: value.to_owned(), expected });
        }
    }

    /// Everything printed, and nothing else.
    fn paint(&self, ui: &Ui, pages: &[Page], places: &[Placement], size: Vec2) -> Vec<Shape> {
        let mut shapes = Vec::new();
        let clip = ui.clip_rect();
        let under_pen = self.pen.as_ref().filter(|it| it.part == Part::Other || !matches!(it.part, Part::Option(_)));
        for (page, place) in pages.iter().zip(places) {
            let paper = Rect::from_min_size(place.origin, size);
            if !paper.intersects(clip) {
                continue;
            }
            let shadow = egui::epaint::Shadow { offset: [0, 1], blur: 6, spread: 0, color: theme::SHADOW };
            shapes.push(shadow.as_shape(paper, 0.0).into());
            shapes.push(Shape::rect_filled(paper, 0.0, theme::PAPER));
            for mark in &page.marks {
                match mark {
                    Mark::Line { from, to, width } => {
                        shapes.push(rule(ui, place.point(*from), place.point(*to), place.length(*width)));
                    }
                    Mark::Frame { rect, width } => {
                        let (rect, width) = (place.rect(*rect), place.length(*width));
                        let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()];
                        for (from, to) in (0..4).map(|it| (corners[it], corners[(it + 1) % 4])) {
                            shapes.push(rule(ui, from, to, width));
                        }
                    }
                    Mark::Text(text) => {
                        let drawn_by_pen = under_pen
                            .is_some_and(|pen| text.of.as_ref() == Some(&pen.field) && is_text_of_pen(page, pen, text));
                        if !drawn_by_pen {
                            shapes.push(paint(ui, *place, text));
                        }
                    }
                }
            }
        }
        shapes
    }

    /// The cells that are not under the pen: they take clicks, show what is odd about them, and have names.
    fn cells(
        &mut self,
        ui: &mut Ui,
        desk: &Desk<'_>,
        pages: &[Page],
        places: &[Placement],
        drawn: Option<&(FieldId, Part)>,
        commands: &mut Vec<Command>,
    ) {
        let mut clicked: Option<(FieldId, Part)> = None;
        for (index, (page, place)) in pages.iter().zip(places).enumerate() {
            for (number, slot) in page.slots.iter().enumerate() {
                let rect = place.rect(slot.rect);
                if !ui.is_rect_visible(rect) && index > 0 {
                    continue;
                }
                let Some(field) = desk.field(&slot.field) else { continue };
                if drawn.is_some_and(|(field, part)| (field, *part) == (&slot.field, slot.part)) {
                    let stroke = Stroke::new(2.0, theme::ACCENT);
                    ui.painter().rect_stroke(rect, 0.0, stroke, StrokeKind::Middle);
                } else {
                    let id = if index == 0 && slot.part != Part::Option('F') && !matches!(slot.part, Part::Option(_)) {
                        Pen::id(&slot.field, slot.part)
                    } else {
                        Id::unique(("part", index, number))
                    };
                    let response = ui.interact(rect, id, Sense::click());
                    self.describe(ui, desk, field, slot, &response, index);
                    if response.hovered() {
                        ui.painter().rect_filled(rect, 0.0, theme::HOVER);
                        ui.set_cursor_icon(match slot.part {
                            Part::Option(_) => CursorIcon::PointingHand,
                            Part::Entry | Part::Other => CursorIcon::Text,
                        });
                    }
                    if response.clicked() || response.gained_focus() {
                        clicked = Some((slot.field.clone(), slot.part));
                    }
                }
                if index == 0 && slot.part == Part::Entry {
                    self.mark_issue(ui, desk, &slot.field, rect);
                    self.hint(ui, desk, field, place.rect(slot.inner));
                }
            }
        }
        let Some((id, part)) = clicked else { return };
        let Some(field) = desk.field(&id) else { return };
        match part {
            Part::Option(letter) => {
                self.leave(desk, commands);
                self.pick(desk, field, letter, true, commands);
                // The pen stays there: another letter, or Tab, goes on from it.
                if !field.options.iter().any(|it| it.letter == letter && it.bracket) {
                    self.go(desk, field, Part::Entry, commands);
                    self.follow = false;
                }
            }
            Part::Entry | Part::Other => {
                self.go(desk, field, part, commands);
                if let Some(pen) = &mut self.pen {
                    pen.click = ui.input(|it| it.pointer.interact_pos());
                }
                self.follow = false;
            }
        }
        ui.ctx().request_repaint();
    }

    /// A cell's name and contents for assistive technology, and what is odd about it for everyone.
    fn describe(&self, ui: &Ui, desk: &Desk<'_>, field: &Field, slot: &Slot, response: &egui::Response, page: usize) {
        let value = desk.record.value(field.id.as_str()).to_owned();
        let name = match slot.part {
            Part::Entry if page == 0 => field.name.clone(),
            Part::Entry => format!("{}(续页)", field.name),
            Part::Option(letter) => {
                let word = field.options.iter().find(|it| it.letter == letter).map_or("", |it| &it.word);
                format!("{} {letter} {word}", field.name)
            }
            Part::Other => format!("{} 其他", field.name),
        };
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_role(if matches!(slot.part, Part::Option(_)) { Role::Button } else { Role::TextInput });
            node.set_label(name);
            if !matches!(slot.part, Part::Option(_)) {
                node.set_value(value);
            }
        });
        if let Some(issue) = desk.issues.iter().find(|it| it.field == field.id) {
            response.clone().on_hover_text(&issue.message);
        }
    }

    /// Where to sign and where to date, on the screen only: the paper leaves both empty for ink.
    fn hint(&self, ui: &Ui, desk: &Desk<'_>, field: &Field, room: Rect) {
        let writing = self.pen.as_ref().is_some_and(|it| it.field == field.id);
        if !field.signature || writing || !desk.record.value(field.id.as_str()).is_empty() {
            return;
        }
        let words = match field.kind {
            Kind::Date if room.width() < 30.0 * theme::POINTS_PER_MM * f32::from(self.percent) / 100.0 => "日期",
            Kind::Person => "姓名",
            _ => return,
        };
        let font = egui::FontId::proportional((room.height() * 0.4).min(14.0));
        ui.painter().text(room.left_center(), egui::Align2::LEFT_CENTER, words, font, theme::FAINT);
    }

    /// A small corner at a cell that wants looking at.
    fn mark_issue(&self, ui: &Ui, desk: &Desk<'_>, field: &FieldId, cell: Rect) {
        let writing = self.pen.as_ref().is_some_and(|it| it.field == *field);
        if !writing && desk.issues.iter().any(|it| it.field == *field) {
            let corner = cell.right_top() + vec2(-1.0, 1.0);
            let points = vec![corner, corner - vec2(9.0, 0.0), corner + vec2(0.0, 9.0)];
            ui.painter().add(Shape::convex_polygon(points, theme::RED, Stroke::NONE));
            let under =
                Rect::from_min_max(pos2(cell.left() + 3.0, cell.bottom() - 3.0), cell.right_bottom() - vec2(3.0, 1.5));
            ui.painter().rect_filled(under, 0.0, theme::RED.gamma_multiply(0.5));
        }
    }
}

/// What a field reads once the commands so far are run.
fn value_now(desk: &Desk<'_>, field: &Field, commands: &[Command]) -> String {
    let written = commands.iter().rev().find_map(|it| match it {
        Command::Set { field: of, value, .. } if *of == field.id => Some(value.clone()),
        _ => None,
    });
    written.unwrap_or_else(|| desk.record.value(field.id.as_str()).to_owned())
}

/// Whether a text mark is one of the lines the pen's cell draws itself: the tick before a chosen letter is not.
fn is_text_of_pen(page: &Page, pen: &Pen, text: &crate::layout::Text) -> bool {
    let parts = page.slots.iter().filter(|it| it.field == pen.field && it.part == pen.part);
    parts.flat_map(|it| &it.lines).any(|line| line.at == text.at)
}

/// The slots of an entry over all pages, with where their pages lie.
fn slots_of<'a>(pages: &'a [Page], places: &[Placement], field: &FieldId, part: Part) -> Vec<(Placement, &'a Slot)> {
    let mut found = Vec::new();
    for (page, place) in pages.iter().zip(places) {
        found.extend(page.slots.iter().filter(|it| it.field == *field && it.part == part).map(|it| (*place, it)));
    }
    found
}

/// A paste and a new line are steps of their own for Ctrl+Z, however fast they follow each other.
fn mark_step(ui: &Ui, id: Id, before: &str, after: &str) {
    let Some(mut state) = TextEditState::load(ui.ctx(), id) else { return };
    let cursor = state.cursor.char_range().unwrap_or_default();
    let mut undoer = state.undoer();
    undoer.add_undo(&(cursor, before.to_owned()));
    undoer.add_undo(&(cursor, after.to_owned()));
    state.set_undoer(undoer);
    state.store(ui.ctx(), id);
}

/// A paste that no cell can hold is not made; the clipboard still has it.
pub(super) fn refuse_floods(ui: &Ui, pen: &Pen, commands: &mut Vec<Command>) {
    let selected = TextEditState::load(ui.ctx(), Pen::id(&pen.field, pen.part)).and_then(|it| it.cursor.char_range());
    let replaced = selected.map_or(0, |it| it.primary.index.0.abs_diff(it.secondary.index.0));
    let has = pen.text.chars().count().saturating_sub(replaced);
    ui.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Paste(text) = event else { return true };
            let more = text.chars().count();
            let fits = has + more <= LONGEST_ENTRY;
            if !fits {
                commands.push(Command::Tell(format!(
                    "粘贴 {more} 字：一格最多 {LONGEST_ENTRY} 字，没有粘贴；格里原来的字没有动，这些字还在剪贴板里"
                )));
            }
            fits
        });
    });
}

fn name_node(ui: &Ui, id: Id, name: &str) {
    let name = name.to_owned();
    ui.ctx().accesskit_node_builder(id, |node| node.set_label(name));
}

fn snap(ui: &Ui, at: egui::Pos2) -> egui::Pos2 {
    use egui::emath::GuiRounding as _;
    at.round_to_pixels(ui.ctx().pixels_per_point())
}

/// An upright or level line on whole pixels, never thinner than one, as sharp at each zoom.
fn rule(ui: &Ui, from: egui::Pos2, to: egui::Pos2, width: f32) -> Shape {
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
    Shape::rect_filled(rect, 0.0, theme::PRINT)
}

/// Behind the sheets.
pub fn desk_frame() -> Frame {
    Frame::NONE.fill(theme::DESK).inner_margin(Margin::ZERO).stroke(Stroke::new(0.0, Color32::TRANSPARENT))
}
