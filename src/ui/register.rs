//! A register (台帐, 登记簿) on the screen: it looks like its print. Lines that are derived open their sheet; lines that are
//! typed are written in place.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use eframe::egui::{self, Align2, Frame, Margin, Pos2, Rect, RichText, ScrollArea, Sense, Stroke, Ui, pos2, vec2};

use crate::command::{Command, RegisterCommand};
use crate::flow::issues;
use crate::list::List;
use crate::procedure::{FieldId, Form, FormId, Holds, Kind, Procedure, Register};
use crate::record::{Issue, Record, RecordId, fold, read_date, shown};
use crate::register::{Cell, Entry, Period, is_ended, is_unchecked, sums};

use super::desk::Desk;
use super::sheet::SheetView;
use super::{ime, page, theme};

mod drawing;
mod keys;
use drawing::{Grid, height, rule, tall};

/// Between a cell's lines and its text.
const PAD: f32 = 6.0;
/// The least height of a line.
const ROW: f32 = 36.0;
/// The height of the head.
const HEAD: f32 = 36.0;
/// The narrowest register that can be read; a narrower window moves it sideways.
const LEAST: f32 = 960.0;
/// Width of the column of numbers that a derived register has on the screen only.
const NUMBER: f32 = 100.0;
/// Room for a day and its mark, or for how late it is.
const DAY: f32 = 128.0;
/// The narrowest a column is dragged.
const NARROWEST: f32 = 40.0;

/// A line, with what is to be seen of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    entry: Entry,
    /// What is written in place, where the register is typed.
    typed: Option<Typed>,
    sought: String,
}

/// A record that is typed in the register.
#[derive(Clone, Debug, PartialEq)]
struct Typed {
    record: Record,
    issues: Vec<Issue>,
    done: bool,
    /// Its yearly check is owed.
    unchecked: bool,
}

impl Line {
    /// The line of a sheet.
    pub fn derived(entry: Entry) -> Self {
        let mut sought = entry.number.clone();
        for cell in &entry.cells {
            sought.push(' ');
            sought.push_str(&cell.text);
            if let Some(day) = cell.day {
                sought.push_str(&format!(" {day}"));
            }
        }
        Self { entry, typed: None, sought: fold(&sought) }
    }

    /// The line of a record that is typed in the register.
    pub fn typed(procedure: &Procedure, form: &Form, record: Record, entry: Entry, today: NaiveDate) -> Self {
        let issues = issues(procedure, form, &record).into_iter().filter(|_| record.void.is_none()).collect();
        let done = form.identity.as_ref().and_then(|it| it.done.as_ref());
        let done = done.is_some_and(|it| !record.latest(form, it.as_str()).trim().is_empty());
        let register = form.register.as_ref();
        let done = done || register.is_some_and(|it| is_ended(it, form, &record));
        let unchecked = register.is_some_and(|it| is_unchecked(it, form, &record, today));
        let mut sought = Self::derived(entry.clone()).sought;
        for field in form.every_field() {
            let value = record.latest(form, field.id.as_str());
            sought.push_str(&fold(&format!(" {value} {}", shown(field.kind, value))));
        }
        if record.void.is_some() {
            sought.push_str(" 作废");
        }
        Self { entry, typed: Some(Typed { record, issues, done, unchecked }), sought }
    }

    fn is_void(&self) -> bool {
        self.typed.as_ref().is_some_and(|it| it.record.void.is_some())
    }

    /// Whether it waits for something to be done.
    fn is_open(&self) -> bool {
        self.typed.as_ref().is_some_and(|it| (it.unchecked || !it.done) && it.record.void.is_none())
    }

    /// Whether its yearly check is owed.
    fn is_unchecked(&self) -> bool {
        self.typed.as_ref().is_some_and(|it| it.unchecked)
    }
}

/// The lines in which these words stand, as places, by a column where asked. `shown` has the last word on each.
pub fn select(lines: &[Line], words: &str, order: Order, shown: impl Fn(&Line, bool) -> bool) -> Vec<usize> {
    let folded = fold(words);
    let words: Vec<&str> = folded.split_whitespace().collect();
    let fits = |it: &Line| shown(it, words.iter().all(|word| it.sought.contains(word)));
    let mut places: Vec<usize> = (0..lines.len()).filter(|it| fits(&lines[*it])).collect();
    if let Some((column, rising)) = order {
        places.sort_by_cached_key(|it| lines[*it].entry.cells.get(column).map(Cell::key));
        if !rising {
            places.reverse();
        }
    }
    places
}

/// What lies in the register.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Its lines.
    pub lines: &'a [Line],
    /// Of which time.
    pub period: Period,
    /// Changes whenever the lines do.
    pub generation: usize,
    /// The head of the book's history, which its paper bears.
    pub head: Option<&'a str>,
    /// The sheets' lists, which know what is owed.
    pub lists: &'a BTreeMap<FormId, List>,
}

/// By which column the lines are sorted, and whether rising; none is the register's own order.
pub type Order = Option<(usize, bool)>;

/// From what places and heights were made.
type MadeOf = (usize, String, bool, Order, RecordId, Vec<u32>);

/// The page's own small state.
#[derive(Debug, Default)]
pub struct RegisterView {
    filter: String,
    /// Only what is not done.
    open: bool,
    order: Order,
    from: String,
    to: String,
    /// Where the click fell that calls the pen, until the caret is set there.
    click: Option<Pos2>,
    /// Scroll to the line under the pen.
    follow: bool,
    /// Where the cell stands beside which something is asked.
    asked_at: Option<Rect>,
    /// What a click on a cell asked for.
    asked: Vec<Command>,
    /// How much wider each column was dragged.
    dragged: Vec<f32>,
    /// The lines shown, as places, and how high each is; made anew when lines, filter, order, desk or widths change.
    places: Vec<(usize, f32)>,
    sums: Option<Vec<Cell>>,
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
        if register.is_typed() {
            if pens.pen.as_ref().is_some_and(|it| it.record != desk.record.id || desk.field(&it.cell.field).is_none()) {
                pens.pen = None;
            }
            self.keys(ui, pens, desk, shown, commands);
            ime::claim_tab(ui.ctx(), pens.pen.is_some());
        }
        self.bar(ui, register, desk, shown, commands);
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

    fn bar(
        &mut self,
        ui: &mut Ui,
        register: &Register,
        desk: &Desk<'_>,
        shown: &Shown<'_>,
        commands: &mut Vec<Command>,
    ) {
        let (period, typed, noun) = (shown.period, register.is_typed(), register.noun());
        let form = &desk.form.form;
        let show = |period| Command::Register(RegisterCommand::Show { form: form.clone(), period });
        ui.horizontal(|ui| {
            let year = period.year();
            if ui.add(theme::plain("‹")).on_hover_text("上一年").clicked() {
                commands.push(show(Period::Year(year - 1)));
            }
            ui.label(theme::strong(period.name()));
            // Nothing is typed before its time.
            let later = !typed || year < desk.today.year();
            if ui.add_enabled(later, theme::plain("›")).on_hover_text("下一年").clicked() {
                commands.push(show(Period::Year(year + 1)));
            }
            ui.separator();
            if let Some(asked) = self.days(ui, desk.today) {
                commands.push(match asked {
                    Some(period) => show(period),
                    None => Command::Tell(format!("{noun}期间：请写两个日期，先后有序，如 2026-01-01 和 今天")),
                });
            }
            ui.separator();
            let response = ui.add(theme::field(&mut self.filter, "筛选…").desired_width(160.0));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(format!("筛选{noun}")));
            if typed {
                let open = shown.lines.iter().filter(|it| it.is_open()).count();
                if ui.add(theme::plain(&format!("未完成 {open}")).selected(self.open)).clicked() {
                    self.open = !self.open;
                }
                let unchecked = shown.lines.iter().filter(|it| it.is_unchecked()).count();
                if unchecked > 0 {
                    ui.label(RichText::new(format!("今年未核对 {unchecked}")).color(theme::RED));
                }
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let export = Command::Register(RegisterCommand::Export { form: form.clone(), period });
                let words = format!("导出{noun}");
                if ui.add(theme::primary(&words)).on_hover_text(export.hint()).clicked() {
                    commands.push(export.clone());
                }
                page::print_button(ui, &export, noun, commands);
            });
        });
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            let (all, some, name) = (shown.lines.len(), self.places.len(), period.name());
            let how = if typed { "；点一格就写，点序号可作废" } else { "" };
            ui.label(theme::soft(if all == some {
                format!("{name} 共 {all} 行{how}")
            } else {
                format!("{name} {all} 行中的 {some} 行（导出的总是全部 {all} 行，按本簿的次序）")
            }));
            if let Some(head) = shown.head {
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let hint = format!("导出的{noun}每页页脚都印着这一行：以后可凭它证明{noun}没有被换过");
                    ui.add(egui::Label::new(theme::soft(head)).truncate()).on_hover_text(hint);
                });
            }
        });
    }

    /// The first and the last day of what is to be shown: a period, or none where they cannot be read, once asked for.
    fn days(&mut self, ui: &mut Ui, today: NaiveDate) -> Option<Option<Period>> {
        let mut entered = false;
        for (label, hint, text) in [("从", "1.1", &mut self.from), ("到", "今天", &mut self.to)] {
            ui.label(theme::soft(label));
            let field = ui.add(theme::field(text, hint).desired_width(108.0));
            ui.ctx().accesskit_node_builder(field.id, |node| node.set_label(label));
            entered |= field.lost_focus() && ui.input(|it| it.key_pressed(egui::Key::Enter));
        }
        let asked = ui.add(theme::plain("看这一段")).clicked() || entered;
        let days = || read_date(&self.from, Some(today)).zip(read_date(&self.to, Some(today)));
        asked.then(|| days().filter(|(from, to)| from <= to).map(|(from, to)| Period::Days(from, to)))
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
        let grid = Grid { desk, register, edges: self.edges(desk.procedure, register, width) };
        self.heads(ui, &grid);
        self.measure(ui, &grid, shown);
        let typed = register.is_typed();
        let new = typed && shown.period.holds(desk.today);
        let area = ScrollArea::vertical().id_salt("register").auto_shrink([false, true]);
        area.show_viewport(ui, |ui, viewport| {
            let fresh = new.then(|| {
                let here = desk.record.id == RecordId(0);
                let empty = || Record::empty(desk.form, desk.record.entered);
                let record = if here { desk.record.clone() } else { empty() };
                let entry = Entry { record: RecordId(0), number: String::new(), day: desk.today, cells: Vec::new() };
                Line::typed(desk.procedure, desk.form, record, entry, desk.today)
            });
            let mut tops = Vec::with_capacity(self.places.len() + 1);
            let mut y = 0.0;
            for (place, tall) in &self.places {
                // The line under the pen grows as it is typed.
                let here = typed && shown.lines[*place].entry.record == desk.record.id;
                let tall = if here { height(ui, &grid, desk.record, pens) } else { *tall };
                tops.push((Some(*place), y, tall));
                y += tall;
            }
            if let Some(fresh) = fresh.as_ref().and_then(|it| it.typed.as_ref()) {
                let last = height(ui, &grid, &fresh.record, pens);
                tops.push((None, y, last));
                y += last;
            }
            let foot = if self.sums.is_some() { ROW } else { 0.0 };
            let (all, _) = ui.allocate_exact_size(vec2(width, y + foot + 1.0), Sense::hover());
            for (shown_at, (place, top, tall)) in tops.into_iter().enumerate() {
                let Some(line) = place.map_or(fresh.as_ref(), |it| shown.lines.get(it)) else { continue };
                let rect = Rect::from_min_size(pos2(all.left(), all.top() + top), vec2(width, tall));
                let here = typed && line.entry.record == desk.record.id;
                if here && std::mem::take(&mut self.follow) {
                    ui.scroll_to_rect(rect.expand(24.0), None);
                }
                let seen = top + tall >= viewport.top() && top <= viewport.bottom();
                if !(seen || here && pens.pen.is_some()) {
                    continue;
                }
                match &line.typed {
                    Some(typed) => self.typed_line(ui, &grid, rect, (&line.entry, typed), pens, commands),
                    None => {
                        grid.derived_line(ui, rect, &line.entry, (shown_at, self.places.len()), shown.lists, commands)
                    }
                }
            }
            if let Some(sums) = &self.sums {
                grid.sums(ui, Rect::from_min_size(all.left_top() + vec2(0.0, y), vec2(width, ROW)), sums);
            }
            pens.acts(ui, desk, self.asked_at.take(), commands);
            // Another line is gone to after what was in hand is written.
            commands.append(&mut self.asked);
        });
        if self.places.is_empty() && !new {
            page::nothing(ui, if shown.lines.is_empty() { "这段时间一行也没有" } else { "没有这样的行" });
        }
    }

    /// Where the columns stand: in the proportions of the paper, unless dragged.
    fn edges(&mut self, procedure: &Procedure, register: &Register, width: f32) -> Vec<f32> {
        let left = if register.is_typed() { 0.0 } else { NUMBER };
        let whole: f64 = register.columns.iter().map(|it| it.width.to_mm()).sum();
        let share = |it: f64| (width - left) * (it / whole.max(1.0)) as f32;
        let mut widths: Vec<f32> = register.columns.iter().map(|it| share(it.width.to_mm())).collect();
        if !register.is_typed() {
            // Days are seen whole; the widest is cut anyway.
            let source = |id: &FieldId| register.of.iter().find_map(|it| procedure.form(it)?.field(id));
            let tells_days = |it: &Holds| it.fields().any(|it| source(it).is_some_and(|it| it.kind == Kind::Date));
            let mut missing = 0.0;
            for (width, column) in widths.iter_mut().zip(&register.columns) {
                let wanted = if tells_days(&column.holds) { (DAY - *width).max(0.0) } else { 0.0 };
                *width += wanted;
                missing += wanted;
            }
            if let Some(widest) = widths.iter_mut().max_by(|a, b| a.total_cmp(b)) {
                *widest -= missing;
            }
        }
        self.dragged.resize(widths.len(), 0.0);
        let mut edges = vec![left];
        let mut edge = left;
        for (width, dragged) in widths.iter().zip(&self.dragged) {
            edge += width + dragged;
            edges.push(edge);
        }
        edges
    }

    /// The head: a click sorts by its column, its edge is dragged.
    fn heads(&mut self, ui: &mut Ui, grid: &Grid<'_>) {
        let (rect, _) = ui.allocate_exact_size(vec2(grid.width(), HEAD), Sense::hover());
        let cell = |left: f32, right: f32| {
            Rect::from_min_max(rect.left_top() + vec2(left, 0.0), rect.left_bottom() + vec2(right, 0.0))
        };
        let name = |ui: &Ui, place: Rect, words: &str| {
            let at = place.center();
            ui.painter().text(at, Align2::CENTER_CENTER, words, theme::bold(14.0), theme::INK);
        };
        if grid.edges[0] > 0.0 {
            name(ui, cell(0.0, grid.edges[0]), "编号");
        }
        for (place, (column, left, right)) in grid.columns().enumerate() {
            let mark = match self.order {
                Some((now, rising)) if now == place => {
                    if rising {
                        " ↑"
                    } else {
                        " ↓"
                    }
                }
                _ => "",
            };
            let words = format!("{}{mark}", column.head.concat());
            let response = ui.interact(cell(left, right), ui.scope_id().with(("register-head", place)), Sense::click());
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &words));
            if response.hovered() {
                ui.painter().rect_filled(response.rect.shrink(1.0), 0.0, theme::HOVER);
            }
            name(ui, response.rect, &words);
            if response.on_hover_text("按这一列排序").clicked() {
                self.order = match self.order {
                    Some((now, true)) if now == place => Some((place, false)),
                    Some((now, false)) if now == place => None,
                    _ => Some((place, true)),
                };
            }
        }
        for (place, edge) in grid.edges.iter().enumerate().skip(1).take(self.dragged.len().saturating_sub(1)) {
            let handle = cell(edge - 4.0, edge + 4.0);
            let response = ui.interact(handle, ui.scope_id().with(("register-edge", place)), Sense::click_and_drag());
            let room = [grid.edges[place - 1] + NARROWEST - edge, grid.edges[place + 1] - NARROWEST - edge];
            if response.dragged() && room[0] < room[1] {
                let by = response.drag_delta().x.clamp(room[0], room[1]);
                self.dragged[place - 1] += by;
                self.dragged[place] -= by;
            }
            if response.double_clicked() {
                self.dragged.fill(0.0);
            }
            response.on_hover_cursor(egui::CursorIcon::ResizeColumn);
        }
        rule(ui, grid, rect);
        ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, theme::INK));
    }

    /// Which lines are shown, in what order, how high they are and what they add up to.
    fn measure(&mut self, ui: &Ui, grid: &Grid<'_>, shown: &Shown<'_>) {
        let desk = grid.desk;
        let widths = grid.edges.iter().map(|it| it.to_bits()).collect();
        let here = if grid.register.is_typed() { desk.record.id } else { RecordId(0) };
        let made_of = (shown.generation, self.filter.clone(), self.open, self.order, here, widths);
        if self.made_of.as_ref() == Some(&made_of) {
            return;
        }
        // The line under the pen stays where it is.
        let held = |it: &Line| it.typed.is_some() && it.entry.record == desk.record.id;
        let open = self.open;
        let seen = |it: &Line, holds| held(it) || holds && (!open || it.is_open());
        let places = select(shown.lines, &self.filter, self.order, seen);
        let tall = |it: &Line| it.typed.as_ref().map_or(ROW, |it| tall(ui, grid, &it.record, None));
        self.sums = sums(grid.register, places.iter().map(|it| &shown.lines[*it].entry));
        self.places = places.into_iter().map(|it| (it, tall(&shown.lines[it]))).collect();
        self.made_of = Some(made_of);
        // How many there are is said above them.
        ui.ctx().request_repaint();
    }
}
