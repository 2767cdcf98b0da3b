//! The sheet on the desk: the form itself, typed on.

use std::cell::RefCell;
use std::rc::Rc;

use eframe::egui::text_edit::TextEditState;
use eframe::egui::{self, Id, Key, Modifiers, ScrollArea, Sense, Shape, Ui, Vec2, pos2, vec2};

use crate::command::Command;
use crate::layout::{Look, Page, Part, Slot, sheet};
use crate::procedure::{Field, FieldId, Kind};
use crate::record::{CellId, MOST_LINES, Picked, Record, RecordId};
use crate::search::Hit;

use super::desk::Desk;
use super::lines::Placement;
use super::pen::Pen;
use super::theme;
use super::zoom::{MARGIN, Zoom};
use super::{focus, ime, offers};

mod acts;
mod cell;
mod drawing;

pub use acts::Ask;
pub(super) use cell::refuse_floods;
use cell::value_now;
pub(super) use drawing::print;

/// Between two pages on the desk.
const GAP: f32 = 16.0;

/// A sheet that was laid out, and what it was laid out from.
#[derive(Debug)]
struct Laid {
    record: Record,
    round: usize,
    raw: Option<CellId>,
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
    /// An entry of the cell's menu was chosen a frame ago.
    chosen: bool,
    /// A cell that was left and still has the keyboard.
    let_go: Option<Id>,
    /// The cell the pen was in last: Tab goes on from there.
    last: Option<CellId>,
    /// What stood in a bracket whose letter was given up: it comes back with the letter.
    bracket: Option<(RecordId, String)>,
    offset: Vec2,
    aim: Option<Vec2>,
    /// Where words that were sought stand.
    pub found: Vec<Hit>,
    /// The words marked last.
    marked: String,
    /// What is asked beside a cell.
    asking: Option<acts::Asking>,
    /// What was being asked when the clerk went elsewhere, with what was typed.
    aside: Vec<acts::Asking>,
    /// What was sent and may yet be refused.
    sent: Option<acts::Asking>,
    /// Scroll to the cell that something is asked beside.
    follow_ask: bool,
}

impl Default for SheetView {
    fn default() -> Self {
        Self {
            laid: RefCell::default(),
            zoom: Zoom::Width,
            percent: 100,
            pen: None,
            follow: false,
            chosen: false,
            let_go: None,
            last: None,
            bracket: None,
            offset: Vec2::ZERO,
            aim: None,
            found: Vec::new(),
            marked: String::new(),
            asking: None,
            aside: Vec::new(),
            sent: None,
            follow_ask: false,
        }
    }
}

impl SheetView {
    /// Lays the sheet out anew: what the procedure says has changed.
    pub fn forget(&mut self) {
        self.laid.take();
    }

    /// Lays the pen down; what is in hand is written.
    pub fn leave(&mut self, desk: &Desk<'_>, commands: &mut Vec<Command>) {
        if let Some(mut pen) = self.pen.take()
            && let Some(field) = desk.field(&pen.cell.field)
        {
            commands.extend(pen.write(field, desk.today, true));
            if pen.touched && desk.form.fills.iter().any(|it| it.by == field.id) {
                commands.push(Command::FillIn { record: pen.record, field: field.id.clone() });
            }
            self.let_go = Some(Pen::id(&pen.cell, pen.part));
            self.last = Some(pen.cell);
        }
    }

    /// Puts the pen on a cell outside tables; what was in hand is written first.
    pub fn go(&mut self, desk: &Desk<'_>, field: &Field, part: Part, commands: &mut Vec<Command>) {
        self.go_to(desk, field, 0, part, commands);
    }

    /// Puts the pen on a cell in a line of a table.
    pub fn go_to(&mut self, desk: &Desk<'_>, field: &Field, line: usize, part: Part, commands: &mut Vec<Command>) {
        self.leave(desk, commands);
        if let Some(what) = self.instead(desk, field, line) {
            return self.ask(desk, what, commands);
        }
        self.lay_aside();
        if field.kind == Kind::Picture {
            return commands.push(Command::ChoosePicture(desk.record.id, desk.cell(&field.id, line)));
        }
        let mut record = desk.record.clone();
        let cell = desk.cell(&field.id, line);
        record.put(&cell, &value_now(desk, &cell, commands));
        let pen = Pen::new(&record, field, cell, part);
        if offers::wanted(field) && !desk.offers.contains_key(&field.id) {
            commands.push(Command::Offer(field.id.clone()));
        }
        self.pen = Some(pen);
        self.follow = true;
    }

    /// The cell after or before the one under the pen, in the order of the labels.
    /// Whether there was one.
    fn step(&mut self, desk: &Desk<'_>, forward: bool, commands: &mut Vec<Command>) -> bool {
        let cells = self.order(desk);
        let from = self.pen.as_ref().map(|it| &it.cell).or(self.last.as_ref());
        let place = from.and_then(|from| cells.iter().position(|it| (&it.0.id, it.1) == (&from.field, from.line)));
        if self.pen.is_some() && place.is_none() {
            self.leave(desk, commands); // from beside the sheet
            return true;
        }
        let (before, behind) = place.map_or((&cells[..], &cells[..]), |it| (&cells[..it], &cells[it + 1..]));
        // An empty line that was only come to is left behind: the table ends before it.
        let ends = from.filter(|it| desk.is_new_line(it) && self.pen.as_ref().is_some_and(|it| it.text.is_empty()));
        let behind = match ends {
            Some(from) => {
                let gone = |it: &&(&Field, usize)| {
                    it.1 == from.line && it.0.table == desk.field(&from.field).and_then(|it| it.table.clone())
                };
                &behind[behind.iter().take_while(gone).count()..]
            }
            None => behind,
        };
        // Cells that are signed, or whose turn has not come, are passed over; a signature that is due is asked for.
        let goes = |(field, line): &&(&Field, usize)| match self.instead(desk, field, *line) {
            None => true,
            // Lines are written one after the other, and signed when that is wanted.
            Some(Ask::Sign(by, line)) => line.is_none() && by == field.id,
            Some(_) => false,
        };
        let next = if forward { behind.iter().find(goes) } else { before.iter().rev().find(goes) };
        match next.copied() {
            Some((field, line)) => self.go_to(desk, field, line, Part::Entry, commands),
            None => self.leave(desk, commands),
        }
        next.is_some()
    }

    /// The cells one goes through, in the order of the labels; a table's line by line, and a new line behind its last.
    fn order<'a>(&self, desk: &Desk<'a>) -> Vec<(&'a Field, usize)> {
        let text = self.pen.as_ref().map(|it| it.text.clone());
        let record = text.map_or_else(|| desk.record.clone(), |text| self.in_hand(desk, &text));
        // Whoever goes from cell to cell is not asked for files.
        let typed = |it: &&Field| it.is_written() && it.kind != Kind::Picture;
        let written: Vec<&Field> = desk.form.fields.iter().filter(typed).collect();
        let mut cells = Vec::with_capacity(written.len());
        for group in written.chunk_by(|a, b| a.table.is_some() && a.table == b.table) {
            let lines = desk
                .form
                .table_of(&group[0].id)
                .map_or(1, |it| record.lines(desk.form, it, desk.round) + usize::from(!it.is_fixed()));
            cells.extend((0..lines.min(MOST_LINES)).flat_map(|line| group.iter().map(move |it| (*it, line))));
        }
        cells
    }

    /// The record as it reads with the text in hand.
    fn in_hand(&self, desk: &Desk<'_>, text: &str) -> Record {
        let mut record = desk.record.clone();
        if let Some(pen) = &self.pen
            && let Some(field) = desk.field(&pen.cell.field)
        {
            let value = match pen.part {
                Part::Other => Picked::with_other(field, &pen.written, text),
                Part::Entry | Part::Option(_) => text.to_owned(),
            };
            // What another round holds does not stand in for an entry that is being taken away.
            let CellId { field, line, .. } = &pen.cell;
            if !desk.form.repeats(field.as_str()) {
                record.rounds.iter_mut().for_each(|it| drop(it.put(field, *line, "")));
            }
            record.put(&pen.cell, &value);
        }
        record
    }

    /// The sheet as it reads with `text` in hand. Kept from one asking to the next: a frame asks several times, and a
    /// sheet of a hundred pages takes longer than a frame.
    fn pages(&self, desk: &Desk<'_>, text: Option<&str>) -> Rc<Vec<Page>> {
        let raw = self.pen.as_ref().map(|it| it.cell.clone());
        let record = text.map_or_else(|| desk.record.clone(), |text| self.in_hand(desk, text));
        let mut laid = self.laid.borrow_mut();
        let same = |it: &&Laid| it.raw == raw && it.round == desk.round && it.record == record;
        if let Some(laid) = laid.as_ref().filter(same) {
            return Rc::clone(&laid.pages);
        }
        let look = Look { copy: None, signatures: true, raw: raw.as_ref(), round: desk.round };
        let pages = Rc::new(sheet(desk.procedure, desk.form, &record, &look));
        *laid = Some(Laid { record, round: desk.round, raw, pages: Rc::clone(&pages) });
        pages
    }

    /// Draws the sheet and takes what is typed.
    pub fn show(&mut self, ui: &mut Ui, desk: &Desk<'_>, commands: &mut Vec<Command>) {
        // A sheet taken off the desk takes its pen with it.
        if self.pen.as_ref().is_some_and(|it| it.record != desk.record.id) {
            self.pen = None;
        }
        // Another round of the sheet is looked at: what is in hand is written in its own.
        if self.pen.as_ref().is_some_and(|it| it.cell.round != desk.round && desk.form.repeats(it.cell.field.as_str()))
        {
            self.leave(desk, commands);
        }
        self.keys(ui, desk, commands);
        let text = self.pen.as_ref().map(|it| it.text.clone());
        let pages = self.pages(desk, text.as_deref());
        let Some(paper) = pages.first().map(|it| it.paper) else { return };
        let room = ui.available_size();
        self.zooming(ui, paper, room);
        let mm = theme::points_per_mm(ui.ctx()) * f32::from(self.percent) / 100.0;
        let sheet_size = vec2(paper.width.to_mm() as f32, paper.height.to_mm() as f32) * mm;
        let wanted = vec2(sheet_size.x + MARGIN * 2.0, (sheet_size.y + GAP) * pages.len() as f32 - GAP + MARGIN * 2.0);
        let mut area = ScrollArea::both().id_salt("sheet").auto_shrink(false);
        if let Some(aim) = self.aim.take() {
            area = area.scroll_offset(aim.max(Vec2::ZERO));
        }
        let shown = area.show(ui, |ui| {
            let (desk_rect, response) = ui.allocate_exact_size(wanted.max(ui.available_size()), Sense::CLICK);
            let left = desk_rect.left() + ((desk_rect.width() - sheet_size.x) / 2.0).max(MARGIN);
            let place = |page: usize| {
                let top = desk_rect.top() + MARGIN + (sheet_size.y + GAP) * page as f32;
                Placement::new(snap(ui, pos2(left, top)), mm)
            };
            let places: Vec<Placement> = (0..pages.len()).map(place).collect();
            if response.clicked() {
                self.leave(desk, commands);
            }
            let background = ui.painter().add(Shape::Noop);
            // What is drawn as the cell in hand is not drawn once more as a cell, wherever the pen goes meanwhile.
            let drawn = self.pen.as_ref().map(|it| (it.cell.clone(), it.part));
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
            let shapes = self.paint(ui, desk, &pages, &places, sheet_size);
            ui.painter().set(background, Shape::Vec(shapes));
            self.cells(ui, desk, &pages, &places, drawn.as_ref(), commands);
            let asked = self.asked_at();
            let slots = asked.iter().flat_map(|it| slots_of(&pages, &places, it, Part::Entry)).next();
            let cell = slots.map(|(place, slot)| place.rect(slot.rect));
            if let (Some(cell), true) = (cell, std::mem::take(&mut self.follow_ask)) {
                ui.scroll_to_rect(cell.expand(24.0), None);
            }
            self.acts(ui, desk, cell, commands);
        });
        self.offset = shown.state.clamped_offset();
        let entry = |it: &&Field| !it.kind.is_chosen() && it.is_written();
        let on_sheet = |it: &FieldId| desk.form.fields.iter().find(|field| field.id == *it);
        let last = self.last.clone().filter(|it| on_sheet(&it.field).as_ref().is_some_and(entry));
        let first = || desk.form.fields.iter().find(entry).map(|it| desk.cell(&it.id, 0));
        if let Some(cell) = last.or_else(first) {
            focus::home(ui.ctx(), Pen::id(&cell, Part::Entry));
        }
        let elsewhere = ui.ctx().memory(|it| it.focused()).is_some();
        ime::claim_tab(
            ui.ctx(),
            match &self.pen {
                Some(pen) => on_sheet(&pen.cell.field).is_some(),
                None => !elsewhere,
            },
        );
        if let Some(id) = self.let_go.take()
            && self.pen.as_ref().is_none_or(|it| Pen::id(&it.cell, it.part) != id)
        {
            ui.memory_mut(|it| it.surrender_focus(id));
        }
    }

    /// The words that are marked on the sheet; they stay known when the pen has gone.
    pub fn marked(&mut self, ui: &Ui) -> String {
        if let Some(pen) = &self.pen
            && let Some(state) = TextEditState::load(ui.ctx(), Pen::id(&pen.cell, pen.part))
            && let Some(range) = state.cursor.char_range()
        {
            let [from, to] = range.sorted_cursors();
            let (from, to) = (from.index.0, to.index.0);
            self.marked = pen.text.chars().skip(from).take(to - from).collect();
        }
        self.marked.clone()
    }

    /// Another sheet is looked at from its top.
    pub fn to_top(&mut self) {
        self.marked.clear();
        self.found.clear();
        self.last = None;
        self.aim = Some(Vec2::ZERO);
    }

    fn zooming(&mut self, ui: &Ui, paper: crate::units::Size, room: Vec2) {
        let mm = theme::points_per_mm(ui.ctx());
        let before = self.zoom.percent(paper, room, mm);
        let over = ui.rect_contains_pointer(ui.available_rect_before_wrap());
        let steps = Zoom::asked(ui);
        if over || self.pen.is_some() {
            for _ in 0..steps.abs() {
                let percent = self.zoom.percent(paper, room, mm);
                self.zoom = Zoom::step(percent, steps > 0);
            }
        }
        self.percent = self.zoom.percent(paper, room, mm);
        let paper_high = paper.height.to_mm() as f32 * mm * f32::from(self.percent) / 100.0 + GAP;
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
            if let Some(back) = tab
                && !self.step(desk, !back, commands)
                && !back
            {
                focus::onward(ui.ctx());
            }
            return;
        };
        if ime::is_composing(ui.ctx()) || desk.form.fields.iter().all(|it| it.id != pen.cell.field) {
            return;
        }
        let Some(field) = desk.field(&pen.cell.field) else { return };
        let take = |modifiers: Modifiers, key: Key| ui.input_mut(|it| it.consume_key(modifiers, key));
        let words = offers::matching(field, pen, desk.offers);
        pen.choose(ui, words.len());
        let (back, forward) = (tab == Some(true), tab == Some(false));
        // Nothing written here yet: Ctrl+Z is about what was written before.
        let nothing_here = !pen.touched || !has_undo(ui, pen);
        if nothing_here && take(Modifiers::COMMAND, Key::Z) {
            commands.push(Command::Undo);
        }
        let enter = field.kind != Kind::Text && take(Modifiers::NONE, Key::Enter);
        if (forward || enter)
            && let Some(word) = pen.chosen.and_then(|it| words.get(it))
        {
            pen.take(word);
        }
        if back || forward || enter {
            // Tab goes on to the next part of the window; Enter stays on the sheet.
            if !self.step(desk, !back, commands) && forward {
                focus::onward(ui.ctx());
            }
        } else if take(Modifiers::NONE, Key::Escape) {
            if words.is_empty() && field.kind != Kind::Date || pen.alone {
                self.leave(desk, commands);
            } else {
                pen.alone = true;
                pen.chosen = None;
            }
        }
    }
}

/// The slots of an entry over all pages, with where their pages lie.
fn slots_of<'a>(pages: &'a [Page], places: &[Placement], cell: &CellId, part: Part) -> Vec<(Placement, &'a Slot)> {
    let mut found = Vec::new();
    for (page, place) in pages.iter().zip(places) {
        found.extend(page.slots.iter().filter(|it| it.cell.is_at(cell) && it.part == part).map(|it| (*place, it)));
    }
    found
}

/// Whether the cell itself has something to take back.
fn has_undo(ui: &Ui, pen: &Pen) -> bool {
    let Some(state) = TextEditState::load(ui.ctx(), Pen::id(&pen.cell, pen.part)) else { return false };
    let cursor = state.cursor.char_range().unwrap_or_default();
    state.undoer().has_undo(&(cursor, pen.text.clone()))
}

/// What the bracket of a choice is called; a box before it has the name of its word.
fn bracket_name(field: &Field, called: &str) -> String {
    if field.boxes { format!("{called} 其他（括号里）") } else { format!("{called} 其他") }
}

fn name_node(ui: &Ui, id: Id, name: &str) {
    let name = name.to_owned();
    ui.ctx().accesskit_node_builder(id, |node| node.set_label(name));
}

/// What is odd about an entry, for whoever does not see the red corner.
fn say_issue(ui: &Ui, id: Id, desk: &Desk<'_>, cell: &CellId) {
    let Some(issue) = desk.issues.iter().find(|it| it.cell.is_at(cell)) else { return };
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_invalid(egui::accesskit::Invalid::True);
        node.set_description(issue.message.clone());
    });
}

fn snap(ui: &Ui, at: egui::Pos2) -> egui::Pos2 {
    use egui::emath::GuiRounding as _;
    at.round_to_pixels(ui.ctx().pixels_per_point())
}
