//! A typed register (登记簿) on the screen: it looks like its print, and is written in place, line by line.

use chrono::Datelike as _;
use eframe::egui::{
    self, Align2, Frame, Key, Margin, Modifiers, Pos2, Rect, ScrollArea, Sense, Stroke, Ui, pos2, vec2,
};

use crate::command::{Command, RegisterCommand};
use crate::layout::Part;
use crate::procedure::{FieldId, Form, Holds, Kind, Register};
use crate::record::{Issue, Record, RecordId, fold, shown};

use super::desk::Desk;
use super::pen::Pen;
use super::sheet::SheetView;
use super::{ime, offers, page, theme};

mod drawing;
use drawing::{Grid, height, rule, tall};

/// Between a cell's lines and its text.
const PAD: f32 = 6.0;
/// The least height of a line.
const ROW: f32 = 36.0;
/// The height of the head.
const HEAD: f32 = 36.0;
/// The narrowest register that can be read; a narrower window moves it sideways.
const LEAST: f32 = 960.0;

/// A line, with what is to be seen of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    record: Record,
    issues: Vec<Issue>,
    done: bool,
    sought: String,
}

impl Line {
    /// The line of a record.
    pub fn new(form: &Form, record: Record) -> Self {
        let issues = record.check(form).into_iter().filter(|_| record.void.is_none()).collect();
        let done = form.identity.as_ref().and_then(|it| it.done.as_ref());
        let done = done.is_some_and(|it| !record.latest(form, it.as_str()).trim().is_empty());
        let mut sought = record.number.clone();
        for field in form.every_field() {
            let value = record.latest(form, field.id.as_str());
            sought.push(' ');
            sought.push_str(value);
            sought.push(' ');
            sought.push_str(&shown(field.kind, value));
        }
        if let Some(void) = &record.void {
            sought.push_str(" 作废 ");
            sought.push_str(&void.reason);
        }
        Self { issues, done, sought: fold(&sought), record }
    }
}

/// What lies in the register.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Its lines, in the order of their numbers.
    pub lines: &'a [Line],
    /// Of which year.
    pub year: i32,
    /// Changes whenever the lines do.
    pub generation: usize,
}

/// A line being voided.
#[derive(Clone, Debug)]
struct Voiding {
    record: RecordId,
    number: String,
    reason: String,
    by: String,
}

/// From what places and heights were made.
type MadeOf = (usize, String, bool, RecordId, u32);

/// The page's own small state.
#[derive(Debug, Default)]
pub struct RegisterView {
    filter: String,
    /// Only what is not done.
    open: bool,
    voiding: Option<Voiding>,
    /// Where the click fell that calls the pen, until the caret is set there.
    click: Option<Pos2>,
    /// Scroll to the line under the pen.
    follow: bool,
    /// What a click on a cell asked for.
    asked: Vec<Command>,
    /// The lines shown, as places, and how high each is; made anew when lines, filter, desk or width change.
    places: Vec<(usize, f32)>,
    made_of: Option<MadeOf>,
}

impl RegisterView {
    /// The line under the pen is to be seen.
    pub fn follow(&mut self) {
        self.follow = true;
    }

    /// Draws the page. The pen is the sheets' own: there is only one.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        pens: &mut SheetView,
        desk: &Desk<'_>,
        shown: &Shown<'_>,
        commands: &mut Vec<Command>,
    ) {
        let Some(register) = &desk.form.register else { return };
        if pens.pen.as_ref().is_some_and(|it| it.record != desk.record.id || desk.field(&it.cell.field).is_none()) {
            pens.pen = None;
        }
        self.keys(ui, pens, desk, shown, commands);
        ime::claim_tab(ui.ctx(), pens.pen.is_some());
        self.bar(ui, desk.form, shown, desk.today.year(), commands);
        self.voiding(ui, commands);
        ui.add_space(8.0);
        ScrollArea::horizontal().auto_shrink(false).show(ui, |ui| {
            let width = ui.available_width().max(LEAST);
            let inside = Frame::NONE.fill(theme::PAPER).stroke(Stroke::new(1.0, theme::LINE)).corner_radius(4.0);
            inside.inner_margin(Margin::symmetric(20, 12)).show(ui, |ui| {
                ui.set_width(width - 42.0);
                ui.spacing_mut().item_spacing.y = 0.0;
                self.paper(ui, register, pens, desk, shown, commands);
            });
        });
    }

    fn bar(&mut self, ui: &mut Ui, form: &Form, shown: &Shown<'_>, this_year: i32, commands: &mut Vec<Command>) {
        let year = shown.year;
        ui.horizontal(|ui| {
            if ui.add(theme::plain("‹")).on_hover_text("上一年").clicked() {
                commands.push(Command::Register(RegisterCommand::Year(year - 1)));
            }
            ui.label(theme::strong(format!("{year}年")));
            if ui.add_enabled(year < this_year, theme::plain("›")).on_hover_text("下一年").clicked() {
                commands.push(Command::Register(RegisterCommand::Year(year + 1)));
            }
            ui.separator();
            let response = ui.add(theme::field(&mut self.filter, "筛选…").desired_width(160.0));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("筛选登记簿"));
            let open = shown.lines.iter().filter(|it| !it.done && it.record.void.is_none()).count();
            if ui.add(theme::plain(&format!("未完成 {open}")).selected(self.open)).clicked() {
                self.open = !self.open;
            }
            ui.label(theme::soft(format!("共 {} 行；点一格就写，点序号可作废", shown.lines.len())));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let export = Command::Register(RegisterCommand::Export { form: form.form.clone(), year });
                if ui.add(theme::primary(export.label())).clicked() {
                    commands.push(export.clone());
                }
                page::print_button(ui, &export, "登记簿", commands);
            });
        });
    }

    /// A line is voided with a reason, never taken away.
    fn voiding(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let Some(mut it) = self.voiding.take() else { return };
        let mut close = false;
        ui.add_space(8.0);
        let inside = |ui: &mut Ui| {
            page::heading(ui, &format!("{} 作废这一行", it.number), 0, theme::INK);
            page::field(ui, "作废理由", &mut it.reason, "如：合同已取消", 420.0);
            page::field(ui, "作废人", &mut it.by, "姓名", 160.0);
            ui.horizontal(|ui| {
                if ui.add(theme::primary("作废")).clicked() {
                    let (record, reason, by) = (it.record, it.reason.clone(), it.by.clone());
                    close = !reason.trim().is_empty() && !by.trim().is_empty();
                    commands.push(Command::Void { record, reason, by });
                }
                close |= ui.add(theme::plain("取消")).clicked();
            });
        };
        page::card(ui, |ui| page::inset(ui, inside));
        self.voiding = if close { None } else { Some(it) };
    }

    /// The register as it is printed: company, title, code, head, lines.
    fn paper(
        &mut self,
        ui: &mut Ui,
        register: &Register,
        pens: &mut SheetView,
        desk: &Desk<'_>,
        shown: &Shown<'_>,
        commands: &mut Vec<Command>,
    ) {
        let width = ui.available_width();
        let (head, _) = ui.allocate_exact_size(vec2(width, 58.0), Sense::hover());
        let words = |ui: &Ui, at: Pos2, align, text: &str, font| {
            ui.painter().text(at, align, text, font, theme::INK);
        };
        let body = |size| egui::FontId::proportional(size);
        words(ui, head.center_top(), Align2::CENTER_TOP, &desk.procedure.document.company, body(14.0));
        words(ui, head.center_top() + vec2(0.0, 22.0), Align2::CENTER_TOP, &desk.form.title, theme::bold(18.0));
        words(ui, head.right_bottom() - vec2(0.0, 4.0), Align2::RIGHT_BOTTOM, &desk.form.code, body(12.0));
        let whole: f64 = register.columns.iter().map(|it| it.width.to_mm()).sum();
        let mut edges = vec![0.0];
        let mut mm = 0.0;
        for column in &register.columns {
            mm += column.width.to_mm();
            edges.push(width * (mm / whole.max(1.0)) as f32);
        }
        let grid = Grid { desk, register, edges };
        self.heads(ui, &grid);
        self.measure(ui, &grid, shown);
        let new = usize::from(shown.year == desk.today.year());
        let area = ScrollArea::vertical().id_salt("register").auto_shrink([false, true]);
        area.show_viewport(ui, |ui, viewport| {
            let fresh = Record::empty(desk.form, desk.record.entered);
            let fresh = Line::new(desk.form, if desk.record.id == RecordId(0) { desk.record.clone() } else { fresh });
            let last = if new > 0 { height(ui, &grid, &fresh.record, pens) } else { 0.0 };
            let mut tops = Vec::with_capacity(self.places.len() + new);
            let mut y = 0.0;
            for (place, tall) in &self.places {
                let record = &shown.lines[*place].record;
                // The line under the pen grows as it is typed.
                let tall = if record.id == desk.record.id { height(ui, &grid, desk.record, pens) } else { *tall };
                tops.push((Some(*place), y, tall));
                y += tall;
            }
            if new > 0 {
                tops.push((None, y, last));
                y += last;
            }
            let (all, _) = ui.allocate_exact_size(vec2(width, y + 1.0), Sense::hover());
            for (place, top, tall) in tops {
                let at = place.and_then(|it| shown.lines.get(it)).unwrap_or(&fresh);
                let rect = Rect::from_min_size(pos2(all.left(), all.top() + top), vec2(width, tall));
                let here = at.record.id == desk.record.id;
                if here && std::mem::take(&mut self.follow) {
                    ui.scroll_to_rect(rect.expand(24.0), None);
                }
                let seen = top + tall >= viewport.top() && top <= viewport.bottom();
                if seen || (here && pens.pen.is_some()) {
                    self.line(ui, &grid, rect, at, pens, commands);
                }
            }
            // Another line is gone to after what was in hand is written.
            commands.append(&mut self.asked);
        });
    }

    fn heads(&self, ui: &mut Ui, grid: &Grid<'_>) {
        let (rect, _) = ui.allocate_exact_size(vec2(grid.width(), HEAD), Sense::hover());
        for (column, left, right) in grid.columns() {
            let cell = Rect::from_min_max(rect.left_top() + vec2(left, 0.0), rect.left_bottom() + vec2(right, 0.0));
            ui.painter().text(
                cell.center(),
                Align2::CENTER_CENTER,
                column.head.concat(),
                theme::bold(14.0),
                theme::INK,
            );
        }
        rule(ui, grid, rect);
        ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, theme::INK));
    }

    /// Which lines are shown, and how high they are.
    fn measure(&mut self, ui: &Ui, grid: &Grid<'_>, shown: &Shown<'_>) {
        let desk = grid.desk;
        let made_of = (shown.generation, self.filter.clone(), self.open, desk.record.id, grid.width().to_bits());
        if self.made_of.as_ref() == Some(&made_of) {
            return;
        }
        let folded = fold(&self.filter);
        let words: Vec<&str> = folded.split_whitespace().collect();
        let open = self.open;
        let fits = |it: &Line| {
            let here = it.record.id == desk.record.id;
            let open = !open || (!it.done && it.record.void.is_none());
            here || (open && words.iter().all(|word| it.sought.contains(word)))
        };
        let lines = shown.lines.iter().enumerate().filter(|(_, it)| fits(it));
        self.places = lines.map(|(place, it)| (place, tall(ui, grid, &it.record, None))).collect();
        self.made_of = Some(made_of);
    }

    /// Keys that belong to the register and not to the text: from cell to cell, out of the cell, through the offers.
    fn keys(&mut self, ui: &Ui, pens: &mut SheetView, desk: &Desk<'_>, shown: &Shown<'_>, commands: &mut Vec<Command>) {
        let tab = ime::take_tab(ui.ctx());
        let Some(pen) = &mut pens.pen else { return };
        if ime::is_composing(ui.ctx()) {
            return;
        }
        let Some(field) = desk.field(&pen.cell.field) else { return };
        let take = |modifiers: Modifiers, key: Key| ui.input_mut(|it| it.consume_key(modifiers, key));
        let words = offers::matching(field, pen, desk.offers);
        pen.choose(ui, words.len());
        if !pen.touched && take(Modifiers::COMMAND, Key::Z) {
            commands.push(Command::Undo);
            return;
        }
        let enter = field.kind != Kind::Text && take(Modifiers::NONE, Key::Enter);
        let (back, forward) = (tab == Some(true), tab == Some(false) || enter);
        if forward && let Some(word) = pen.chosen.and_then(|it| words.get(it)) {
            pen.take(word);
        }
        if back || forward {
            self.step(pens, desk, shown, forward, commands);
        } else if take(Modifiers::NONE, Key::Escape) {
            if words.is_empty() && field.kind != Kind::Date || pen.alone {
                ui.memory_mut(|it| it.surrender_focus(Pen::id(&pen.cell, Part::Entry)));
                pens.leave(desk, commands);
            } else {
                (pen.alone, pen.chosen) = (true, None);
            }
        }
    }

    /// The cell after or before the one under the pen: through the line, then on to the next one.
    fn step(
        &mut self,
        pens: &mut SheetView,
        desk: &Desk<'_>,
        shown: &Shown<'_>,
        forward: bool,
        commands: &mut Vec<Command>,
    ) {
        let Some(pen) = &pens.pen else { return };
        let fields = fields(desk.form);
        let Some(place) = fields.iter().position(|it| *it == &pen.cell.field) else { return };
        let next = if forward { fields.get(place + 1) } else { place.checked_sub(1).and_then(|it| fields.get(it)) };
        if let Some(field) = next.and_then(|it| desk.field(it)) {
            return pens.go(desk, field, Part::Entry, commands);
        }
        let open = |it: &usize| shown.lines[*it].record.void.is_none();
        let at = self.places.iter().position(|(it, _)| shown.lines[*it].record.id == desk.record.id);
        let others: Vec<usize> = self.places.iter().map(|it| it.0).collect();
        let line = match (at, forward) {
            (Some(at), true) => {
                others[at + 1..].iter().copied().find(open).map_or(RecordId(0), |it| shown.lines[it].record.id)
            }
            // Behind the last line a new one begins; behind the new one, another, once something stands on it.
            (None, true) => RecordId(0),
            (at, false) => {
                let before = &others[..at.unwrap_or(others.len())];
                match before.iter().rev().copied().find(open) {
                    Some(it) => shown.lines[it].record.id,
                    None => return pens.leave(desk, commands),
                }
            }
        };
        let field = if forward { fields.first() } else { fields.last() };
        pens.leave(desk, commands);
        if let Some(field) = field {
            let (form, field) = (desk.form.form.clone(), (*field).clone());
            commands.push(Command::Register(RegisterCommand::Write { form, record: line, field }));
        }
    }
}

/// The fields of a register, column by column.
fn fields(form: &Form) -> Vec<&FieldId> {
    let columns = form.register.iter().flat_map(|it| &it.columns);
    columns
        .filter_map(|it| match &it.holds {
            Holds::Field(id) => Some(id),
            Holds::Datum(_) => None,
        })
        .collect()
}
