//! The cell under the pen: its text, its keys, its letters.

use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::text_edit::TextEditState;
use eframe::egui::{
    self, Event, EventFilter, Frame, Id, Key, Margin, Modifiers, Rect, Sense, TextBuffer, TextEdit, Ui, UiBuilder, vec2,
};

use super::super::context::InCell;
use super::super::lines::{Placement, galley};
use super::super::pen::Pen;
use super::super::{context, focus, ime, offers};
use super::{Desk, GAP, SheetView, bracket_name, name_node, say_issue, slots_of, snap};
use crate::command::Command;
use crate::layout::{Page, Part};
use crate::procedure::{Field, Kind};
use crate::record::{CellId, LONGEST_ENTRY, Picked, fold, full_date};

impl SheetView {
    /// The cell under the pen. Whether the text changed.
    pub(super) fn edit(
        &mut self,
        ui: &mut Ui,
        desk: &Desk<'_>,
        pages: &[Page],
        places: &[Placement],
        commands: &mut Vec<Command>,
    ) -> bool {
        let Some(mut pen) = self.pen.clone() else { return false };
        let Some(field) = desk.field(&pen.cell.field) else { return false };
        if desk.form.fields.iter().all(|it| it.id != pen.cell.field) {
            return false; // it is being written beside the sheet
        }
        focus::shows(ui.ctx(), Pen::id(&pen.cell, pen.part));
        if field.kind.is_chosen() && pen.part != Part::Other {
            self.choose(ui, desk, field, &pen.cell, (pages, places), commands);
            return false;
        }
        let slots = slots_of(pages, places, &pen.cell, pen.part);
        let Some((first_place, first)) = slots.first() else { return false };
        let inner = first_place.rect(first.inner);
        let whole = slots.iter().fold(inner, |all, (place, slot)| all | place.rect(slot.inner));
        // On whole pixels, or the rows would be drawn between them.
        let whole = Rect::from_min_max(snap(ui, whole.min), whole.max);
        let cell = first_place.rect(first.rect);
        let id = Pen::id(&pen.cell, pen.part);
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
        if std::mem::take(&mut self.chosen) {
            // The click on the menu's entry took the keyboard away.
            ui.memory_mut(|it| it.request_focus(id));
        }
        refuse_floods(ui, &pen, commands);
        // A right click leaves what is marked as it is, for the menu to work on; so does the click on its entry.
        let (marked, right) = (TextEditState::load(ui.ctx(), id), ui.input(|it| it.pointer.secondary_down()));
        let right = right || ui.input(|it| it.pointer.button_released(egui::PointerButton::Secondary));
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
                let slots = slots_of(&pages, &places, &pen.cell, pen.part);
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
                    .char_limit(LONGEST_ENTRY.max(before.chars().count()))
                    .layouter(&mut layouter)
                    .show(ui)
            })
            .inner
        };
        let name = desk.name(&pen.cell);
        name_node(ui, id, &if pen.part == Part::Other { bracket_name(field, &name) } else { name });
        say_issue(ui, id, desk, &pen.cell);
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
        pen.write_in_time(ui, field, desk.today, commands);
        let lost = output.response.lost_focus();
        let cell_rect = cell;
        let menu = output.response.context_menu_opened();
        let kept = right || menu && lost;
        if let Some(marked) = marked.filter(|it| kept && it.cursor.char_range().is_some_and(|it| !it.is_empty())) {
            marked.store(ui.ctx(), id);
        }
        let lines = desk.form.table_of(&field.id).is_some_and(|it| !it.is_fixed());
        if let Some(what) = context::cell(&output.response, lines) {
            if matches!(what, InCell::InsertLine | InCell::DeleteLine) {
                let cell = pen.cell.clone();
                self.pen = Some(pen);
                self.shift_lines(desk, &cell, what == InCell::InsertLine, commands);
                return false;
            }
            self.chosen = true;
            let now = full_date(desk.today);
            if context::act(ui, id, what, &mut pen.text, &now) {
                commands.push(Command::Undo);
            }
            pen.note(composing, time);
        } else if menu && !output.response.context_menu_opened() && ui.memory(|it| it.focused().is_none()) {
            ui.memory_mut(|it| it.request_focus(id));
        }
        self.pen = Some(pen);
        let taken = self.offer(ui, desk, field, cell_rect, commands);
        if lost && !taken && !menu {
            // Focus went elsewhere; a click on another cell comes after this and finds what was in hand written.
            self.leave(desk, commands);
        }
        changed
    }

    /// Puts an empty line into a table before the one of `cell`, or takes that one out; those below it move.
    fn shift_lines(&mut self, desk: &Desk<'_>, cell: &CellId, insert: bool, commands: &mut Vec<Command>) {
        self.leave(desk, commands);
        let Some(table) = desk.form.table_of(&cell.field) else { return };
        let lines = desk.record.lines(desk.form, table, desk.round).max(cell.line + 1);
        let mut cells = Vec::new();
        for id in table.fields().filter(|it| desk.field(it).is_some_and(Field::is_written)) {
            let now = |line: usize| value_now(desk, &desk.cell(id, line), commands);
            let mut texts: Vec<String> = (0..lines).map(now).collect();
            if insert {
                texts.insert(cell.line, String::new());
            } else {
                texts.remove(cell.line);
                texts.push(String::new());
            }
            let changed = texts.into_iter().enumerate().filter(|(line, text)| now(*line) != *text);
            cells.extend(changed.map(|(line, text)| (desk.cell(id, line), text)));
        }
        if !cells.is_empty() {
            commands.push(Command::SetCells { record: desk.record.id, cells });
        }
    }

    /// What is offered under the cell: words typed before, or a calendar. Whether something there has the pointer.
    pub(super) fn offer(
        &mut self,
        ui: &Ui,
        desk: &Desk<'_>,
        field: &Field,
        cell: Rect,
        commands: &mut Vec<Command>,
    ) -> bool {
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
    pub(super) fn choose(
        &mut self,
        ui: &mut Ui,
        desk: &Desk<'_>,
        field: &Field,
        cell: &CellId,
        (pages, places): (&[Page], &[Placement]),
        commands: &mut Vec<Command>,
    ) {
        let id = Pen::id(cell, Part::Entry);
        let Some((page, slot)) = pages
            .iter()
            .zip(places)
            .find_map(|(page, place)| page.slots.iter().find(|it| it.cell.is_at(cell)).map(|slot| (place, slot)))
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
        let response = ui.interact(all, id, Sense::click());
        if response.clicked() {
            response.request_focus();
        }
        ui.memory_mut(|it| {
            it.set_focus_lock_filter(
                id,
                EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true },
            );
        });
        name_node(ui, id, &desk.name(cell));
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
            // Boxes have no letters to be seen: they are counted.
            let counted = letter.to_digit(10).and_then(|it| field.options.get((it as usize).checked_sub(1)?));
            let counted = counted.filter(|_| field.boxes || field.kind == Kind::Scale).map(|it| it.letter);
            counted.or_else(|| field.options.iter().map(|it| it.letter).find(|it| *it == letter))
        });
        if let Some(letter) = letter {
            self.pick(desk, field, cell.line, letter, false, commands);
        } else if clear {
            self.answer(desk, cell, "", commands);
        } else if response.lost_focus() && !response.clicked() {
            self.leave(desk, commands);
        }
    }

    /// Chooses a letter; choosing the chosen one again by a click takes it back.
    pub(super) fn pick(
        &mut self,
        desk: &Desk<'_>,
        field: &Field,
        line: usize,
        letter: char,
        click: bool,
        commands: &mut Vec<Command>,
    ) {
        if let Some(what) = self.instead(desk, field, line) {
            return self.ask(desk, what, commands);
        }
        let cell = desk.cell(&field.id, line);
        let mut now = Picked::read(field, &value_now(desk, &cell, commands));
        if !now.other.is_empty() {
            self.bracket = Some((desk.record.id, now.other.clone()));
        }
        let Some(place) = field.options.iter().position(|it| it.letter == letter) else { return };
        let (bracket, chosen) = (field.options[place].bracket, now.which.contains(&place));
        let taken_back = chosen && click && (!bracket || field.many);
        if taken_back || !field.many {
            now.which.retain(|it| field.many && *it != place);
        }
        if !taken_back {
            now.which.extend(Some(place).filter(|_| !now.which.contains(&place)));
            now.which.sort_unstable();
        }
        let kept = self.bracket.as_ref().filter(|(of, _)| *of == desk.record.id).map(|(_, text)| text.clone());
        let has_bracket = now.which.iter().any(|it| field.options[*it].bracket);
        now.other = if has_bracket { kept.unwrap_or_default() } else { String::new() };
        self.answer(desk, &cell, &now.keep(field), commands);
        if bracket && !taken_back {
            self.go_to(desk, field, line, Part::Other, commands);
        }
    }

    pub(super) fn answer(&mut self, desk: &Desk<'_>, cell: &CellId, value: &str, commands: &mut Vec<Command>) {
        let expected = value_now(desk, cell, commands);
        if let Some(pen) = &mut self.pen
            && pen.cell.is_at(cell)
        {
            pen.written = value.to_owned();
            pen.text = value.to_owned();
            pen.settled = value.to_owned();
        }
        if expected != value {
            let (record, cell) = (desk.record.id, cell.clone());
            commands.push(Command::Set { record, cell, value: value.to_owned(), expected });
        }
    }
}

/// What a cell reads once the commands so far are run.
pub(super) fn value_now(desk: &Desk<'_>, cell: &CellId, commands: &[Command]) -> String {
    let written = commands.iter().rev().find_map(|it| match it {
        Command::Set { cell: of, value, .. } if of == cell => Some(value.clone()),
        _ => None,
    });
    written.unwrap_or_else(|| desk.record.at(cell).to_owned())
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
pub(in crate::ui) fn refuse_floods(ui: &Ui, pen: &Pen, commands: &mut Vec<Command>) {
    let selected = TextEditState::load(ui.ctx(), Pen::id(&pen.cell, pen.part)).and_then(|it| it.cursor.char_range());
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
