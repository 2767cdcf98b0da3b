//! The lines of a register: drawn, clicked, and the cell under the pen.

use std::collections::BTreeMap;

use eframe::egui::epaint::text::LayoutJob;
use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::text_edit::TextEditState;
use eframe::egui::{
    self, Color32, EventFilter, Frame, Margin, Rect, Sense, Stroke, TextEdit, Ui, UiBuilder, pos2, vec2,
};

use super::super::desk::Desk;
use super::super::pen::Pen;
use super::super::sheet::{SheetView, refuse_floods};
use super::super::{context, focus, ime, lines, offers, page, theme};
use super::{PAD, ROW, RegisterView, Typed};
use crate::command::{Command, Question, RegisterCommand};
use crate::face::on_screen;
use crate::layout::Part;
use crate::list::List;
use crate::procedure::{Column, Field, FieldId, FormId, Holds, Kind, Register};
use crate::record::{LONGEST_ENTRY, Record, keep_date, read_date, shown};
use crate::register::{Cell, Entry, is_ended};

/// Where the columns stand.
pub(super) struct Grid<'a> {
    /// What lies on the desk, with the line under the pen.
    pub(super) desk: &'a Desk<'a>,
    /// The columns.
    pub(super) register: &'a Register,
    /// The left edge of each column, and the right edge of the last.
    pub(super) edges: Vec<f32>,
}

impl Grid<'_> {
    pub(super) fn columns(&self) -> impl Iterator<Item = (&Column, f32, f32)> {
        self.register.columns.iter().zip(self.edges.windows(2)).map(|(column, it)| (column, it[0], it[1]))
    }

    pub(super) fn width(&self) -> f32 {
        self.edges.last().copied().unwrap_or_default()
    }

    /// The line of a sheet, which a click opens: at its place of so many.
    pub(super) fn derived_line(
        &self,
        ui: &mut Ui,
        rect: Rect,
        entry: &Entry,
        (place, of): (usize, usize),
        lists: &BTreeMap<FormId, List>,
        commands: &mut Vec<Command>,
    ) {
        let response = ui.interact(rect, egui::Id::unique(("register-line", entry.record.0)), Sense::click());
        let named =
            || self.columns().zip(&entry.cells).map(|((column, ..), cell)| (column.head.concat(), cell.short()));
        // By its number and the first words on it; then what stands in which column.
        let words = self.columns().zip(&entry.cells).find(|(it, _)| !matches!(it.0.holds, Holds::Sequence));
        let owed = self.columns().zip(&entry.cells).find(|(it, cell)| it.0.owed && cell.text.is_empty());
        let owed = owed.and_then(|_| self.owed(entry, lists));
        let late = owed.as_ref().map_or("", |it| &it.0);
        let name = [entry.number.as_str(), words.map_or("", |it| &it.1.text), late].join(" ");
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name.trim_end()));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            let columns: Vec<String> = named().map(|(head, words)| format!("{head}：{words}")).collect();
            node.set_description(columns.join("，"));
            node.set_position_in_set(place + 1);
            node.set_size_of_set(of);
        });
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect.shrink(1.0), 0.0, theme::HOVER);
        }
        let cell = |left: f32, right: f32| {
            let corners = (pos2(rect.left() + left + PAD, rect.top()), pos2(rect.left() + right - PAD, rect.bottom()));
            Rect::from_min_max(corners.0, corners.1)
        };
        let font = egui::TextStyle::Body.resolve(ui.style());
        page::text_in(ui, cell(0.0, self.edges[0]), &entry.number, theme::bold(14.0), theme::INK);
        for ((column, left, right), it) in self.columns().zip(&entry.cells) {
            let owed = owed.as_ref().filter(|_| column.owed && it.text.is_empty());
            let (words, ink) = owed.cloned().unwrap_or_else(|| (it.short().into_owned(), theme::INK));
            page::text_in(ui, cell(left, right), &words, font.clone(), ink);
        }
        rule(ui, self, rect);
        let line: Vec<String> = named().map(|it| it.1.into_owned()).collect();
        context::sheet(
            &response,
            entry.record,
            &entry.number,
            &format!("{}\t{}", entry.number, line.join("\t")),
            commands,
        );
        if response.on_hover_cursor(egui::CursorIcon::PointingHand).clicked() {
            commands.push(Command::Open(entry.record));
        }
    }

    /// What is past or near on a sheet that is not closed; on the screen only.
    fn owed(&self, entry: &Entry, lists: &BTreeMap<FormId, List>) -> Option<(String, Color32)> {
        let (procedure, now) = (self.desk.procedure, self.desk.now);
        let due = self.register.of.iter().find_map(|it| lists.get(it)?.get(entry.record))?.due?;
        let ink = if due.is_past(now) {
            theme::RED
        } else if due.is_soon(procedure, now) {
            theme::AMBER
        } else {
            return None;
        };
        Some((due.words(procedure, now), ink))
    }

    /// What the lines add up to.
    pub(super) fn sums(&self, ui: &Ui, rect: Rect, sums: &[Cell]) {
        for ((_, left, right), sum) in self.columns().zip(sums) {
            let corners = (pos2(rect.left() + left + PAD, rect.top()), pos2(rect.left() + right - PAD, rect.bottom()));
            page::text_in(ui, Rect::from_min_max(corners.0, corners.1), &sum.text, theme::bold(14.0), theme::INK);
        }
        rule(ui, self, rect);
    }
}

impl RegisterView {
    /// A line that is written in place.
    pub(super) fn typed_line(
        &mut self,
        ui: &mut Ui,
        grid: &Grid<'_>,
        rect: Rect,
        (entry, line): (&Entry, &Typed),
        pens: &mut SheetView,
        commands: &mut Vec<Command>,
    ) {
        let desk = grid.desk;
        let here = line.record.id == desk.record.id;
        // The line on the desk may hold what is not on the disk yet.
        let record = if here { desk.record } else { &line.record };
        let issues = if here && record.void.is_none() { desk.issues } else { &line.issues };
        let void = record.void.as_ref();
        let asked_at = pens.asked_at();
        let ink = if void.is_some() || line.done { theme::SOFT } else { theme::INK };
        let name = if record.number.is_empty() { "新" } else { &record.number };
        if void.is_some() {
            ui.painter().rect_filled(rect.shrink(1.0), 0.0, theme::PANEL);
        }
        for (place, (column, left, right)) in grid.columns().enumerate() {
            let cell =
                Rect::from_min_max(pos2(rect.left() + left, rect.top()), pos2(rect.left() + right, rect.bottom()));
            let computed = |id: &FieldId| desk.field(id).is_some_and(|it| !it.is_written());
            let id = match &column.holds {
                Holds::Field(id) if !computed(id) => id,
                Holds::Sequence => {
                    self.number(ui, cell, record, desk);
                    continue;
                }
                // What follows from the rest of the line, as it is kept.
                Holds::Field(_) | Holds::First(_) | Holds::Is(_) | Holds::Called(_) => {
                    let words = entry.cells.get(place).map_or("", |it| &it.text);
                    write(ui, cell, words, column.centred, theme::SOFT, false);
                    continue;
                }
            };
            let Some(field) = desk.field(id) else { continue };
            let label = format!("{} {name}", field.name);
            if here && asked_at.as_ref().is_some_and(|it| it.field == *id) {
                self.asked_at = Some(cell);
            }
            if here && pens.pen.as_ref().is_some_and(|it| it.cell.field == *id) {
                self.cell_in_hand(ui, (cell, &label), field, pens, desk, commands);
                continue;
            }
            let response = ui.interact(cell, egui::Id::unique(("register", record.id.0, id.as_str())), Sense::click());
            if response.hovered() && void.is_none() {
                ui.painter().rect_filled(cell.shrink(1.0), 0.0, theme::HOVER);
            }
            let issue = issues.iter().find(|it| it.cell.field == *id).map(|it| it.message.as_str());
            let owed = line.unchecked && desk.form.is_rechecked(id);
            let issue = issue.or(owed.then_some("今年还没有核对：核对以后写上日期"));
            let words = text(desk, field, record);
            let colour = if issue.is_some() { theme::RED } else { ink };
            let struck = void.is_some();
            write(ui, cell, &words, column.centred, colour, struck);
            let said = if words.is_empty() { label } else { format!("{label} {words}") };
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &said));
            let mut response = response;
            if let Some(issue) = issue {
                mark(ui, cell, issue);
                response = response.on_hover_text(issue);
            }
            if response.clicked() {
                self.click = response.interact_pointer_pos();
                self.asked.push(match void {
                    Some(void) => Command::Tell(format!("{} 已作废（{}），不能再填", record.number, void.reason)),
                    None => {
                        let (form, record, field) = (desk.form.form.clone(), record.id, id.clone());
                        Command::Register(RegisterCommand::Write { form, record, field })
                    }
                });
            }
        }
        rule(ui, grid, rect);
    }

    /// The 序号, where a line is voided, and replaced by another one.
    fn number(&mut self, ui: &Ui, cell: Rect, record: &Record, desk: &Desk<'_>) {
        let ink = if record.void.is_some() { theme::SOFT } else { theme::INK };
        let (words, said) = match &record.void {
            Some(void) => (format!("{}\n作废", record.number), format!("{} 作废 {}", record.number, void.reason)),
            None => (record.number.clone(), format!("序号 {}", record.number)),
        };
        write(ui, cell, &words, true, ink, false);
        if record.number.is_empty() {
            return write(ui, cell, "新", true, theme::SOFT, false);
        }
        let response = ui.interact(cell, egui::Id::unique(("register-number", record.id.0)), Sense::click());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &said));
        let hint = match &record.void {
            Some(void) => format!("作废：{}（{} {}）", void.reason, void.by, void.on),
            None => "作废这一行…".to_owned(),
        };
        let replaced =
            desk.form.register.as_ref().is_some_and(|it| it.replaced.is_some() && !is_ended(it, desk.form, record));
        if replaced && record.void.is_none() {
            response.context_menu(|ui| {
                theme::roomy(ui);
                let command = RegisterCommand::Replace { form: desk.form.form.clone(), record: record.id };
                if ui.button(command.label()).clicked() {
                    self.asked.push(Command::Register(command));
                    ui.close();
                }
            });
        }
        if response.on_hover_text(hint).clicked() && record.void.is_none() {
            self.asked.push(Command::Ask(record.id, Question::Void));
        }
    }

    /// The cell under the pen.
    fn cell_in_hand(
        &mut self,
        ui: &mut Ui,
        (cell, label): (Rect, &str),
        field: &Field,
        pens: &mut SheetView,
        desk: &Desk<'_>,
        commands: &mut Vec<Command>,
    ) {
        let Some(mut pen) = pens.pen.clone() else { return };
        let id = Pen::id(&pen.cell, Part::Entry);
        focus::shows(ui.ctx(), id);
        // The words stand where they will stand when the pen has left.
        let set = lines::field(ui, &pen.text, cell.width() - PAD * 2.0);
        let inner = cell.shrink2(vec2(PAD, ((cell.height() - set.size().y) / 2.0).max(PAD)));
        if pen.fresh {
            let mut state = TextEditState::default();
            // Come to by a key: what stands there is marked.
            let all = CCursorRange::two(CCursor::new(0), CCursor::new(pen.text.chars().count()));
            let clicked = self.click.take().filter(|it| cell.contains(*it));
            let at = clicked.map(|it| CCursorRange::one(set.cursor_from_pos(it - inner.min)));
            state.cursor.set_char_range(Some(at.unwrap_or(all)));
            state.store(ui.ctx(), id);
            ui.memory_mut(|it| it.request_focus(id));
            pen.fresh = false;
        }
        refuse_floods(ui, &pen, commands);
        let before = pen.text.clone();
        let builder = UiBuilder::new().max_rect(inner).layout(egui::Layout::top_down(egui::Align::Min));
        let mut layouter = |ui: &Ui, buffer: &dyn egui::TextBuffer, wrap: f32| lines::field(ui, buffer.as_str(), wrap);
        let filter = EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true };
        let output = ui.new_child(builder).add(
            TextEdit::multiline(&mut pen.text)
                .id(id)
                .frame(Frame::NONE)
                .margin(Margin::ZERO)
                .desired_width(inner.width())
                .desired_rows(1)
                .event_filter(filter)
                .char_limit(LONGEST_ENTRY.max(before.chars().count()))
                .layouter(&mut layouter),
        );
        ui.painter().rect_stroke(cell, 0.0, Stroke::new(2.0, theme::ACCENT), egui::StrokeKind::Inside);
        let said = label.to_owned();
        ui.ctx().accesskit_node_builder(id, |node| node.set_label(said));
        let time = ui.input(|it| it.time);
        let composing = ime::is_composing(ui.ctx());
        if field.kind != Kind::Text && !composing && pen.text.contains(['\n', '\r']) {
            // A one-line cell has no lines: what comes with a paste becomes a blank.
            pen.text = pen.text.replace("\r\n", " ").replace(['\n', '\r'], " ").trim_end().to_owned();
        }
        if pen.text != before {
            (pen.chosen, pen.alone) = (None, false);
        }
        pen.note(composing, time);
        pen.write_in_time(ui, field, desk.today, commands);
        let (word, busy) = offers::show(ui, desk, field, &pen, cell);
        let lost = output.lost_focus() && !busy;
        let picked = word.is_some();
        if let Some(word) = word {
            pen.take(&word);
        }
        pens.pen = Some(pen);
        if lost || picked {
            ui.memory_mut(|it| it.surrender_focus(id));
            pens.leave(desk, commands);
        }
    }
}

/// What stands in a cell; days in figures, which need less room than on paper.
fn text(desk: &Desk<'_>, field: &Field, record: &Record) -> String {
    let value = record.latest(desk.form, field.id.as_str());
    match read_date(value, None).filter(|_| field.kind == Kind::Date) {
        Some(day) => keep_date(day),
        None => shown(field.kind, value).into_owned(),
    }
}

/// How high the line on the desk is with what is in hand.
pub(super) fn height(ui: &Ui, grid: &Grid<'_>, record: &Record, pens: &SheetView) -> f32 {
    let pen = pens.pen.as_ref().filter(|it| it.record == record.id);
    tall(ui, grid, record, pen)
}

/// How high a line is, with what the pen holds of it.
pub(super) fn tall(ui: &Ui, grid: &Grid<'_>, record: &Record, pen: Option<&Pen>) -> f32 {
    let mut high: f32 = ROW;
    for (column, left, right) in grid.columns() {
        let Holds::Field(id) = &column.holds else { continue };
        let Some(field) = grid.desk.field(id) else { continue };
        let words = match pen.filter(|it| it.cell.field == *id) {
            Some(pen) => pen.text.clone(),
            None => text(grid.desk, field, record),
        };
        let set = lines::field(ui, &words, right - left - PAD * 2.0);
        high = high.max(set.size().y + PAD * 2.0);
    }
    if record.void.is_some() { high.max(50.0) } else { high }
}

/// Words in a cell, in the middle of its height.
fn write(ui: &Ui, cell: Rect, words: &str, centred: bool, ink: Color32, struck: bool) {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let words: Vec<String> = words.split('\n').map(on_screen).collect();
    let mut job = LayoutJob::simple(words.join("\n"), font, ink, cell.width() - PAD * 2.0);
    let strike = if struck { Stroke::new(1.0, ink) } else { Stroke::NONE };
    job.sections.iter_mut().for_each(|it| it.format.strikethrough = strike);
    job.halign = if centred { egui::Align::Center } else { egui::Align::Min };
    let set = ui.fonts_mut(|it| it.layout_job(job));
    let left = if centred { cell.center().x } else { cell.left() + PAD };
    ui.painter().galley(pos2(left, cell.center().y - set.size().y / 2.0), set, ink);
}

/// A small mark at a cell that the writer should look at; the sentence belongs to whoever cannot see it.
fn mark(ui: &Ui, cell: Rect, message: &str) {
    let corner = cell.right_top();
    let points = vec![corner, corner - vec2(9.0, 0.0), corner + vec2(0.0, 9.0)];
    ui.painter().add(egui::Shape::convex_polygon(points, theme::RED, Stroke::NONE));
    let id = egui::Id::unique(("register-mark", message, cell.top().to_bits()));
    let response = ui.interact(Rect::from_min_size(corner - vec2(9.0, 0.0), vec2(9.0, 9.0)), id, Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, message));
}

/// The lines of the grid round a row.
pub(super) fn rule(ui: &Ui, grid: &Grid<'_>, rect: Rect) {
    let stroke = Stroke::new(1.0, theme::INK);
    for edge in &grid.edges {
        ui.painter().vline(rect.left() + edge, rect.y_range(), stroke);
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), stroke);
}
