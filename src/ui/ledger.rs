//! The ledger on the screen: the rows of a year, sorted and filtered as one likes; a click goes to the slip.

use chrono::{Datelike, NaiveDate};
use eframe::egui::{self, ScrollArea, Sense, Ui};
use egui_extras::{Column, TableBuilder};

use crate::command::Command;
use crate::face::on_screen;
use crate::flow::{due_words, is_soon};
use crate::ledger::{Period, Row};
use crate::list::List;
use crate::procedure;
use crate::procedure::{Datum, Procedure, Register};
use crate::record::{fold, read_date};

use super::{context, page, theme};

/// Width of the column of numbers, which the paper does not have.
const NUMBER: f32 = 100.0;
/// Room for a day and its mark, or for how late it is.
const DAY: f32 = 128.0;
/// Room between the lines of a cell and its words.
const INSET: f32 = 8.0;

/// By which column the rows are sorted, and whether rising.
type Order = Option<(Datum, bool)>;

/// What lies in the ledger.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Its columns.
    pub register: &'a Register,
    /// Its rows.
    pub rows: &'a [Row],
    /// Changes whenever the rows do.
    pub generation: usize,
    /// The head of the book's history, which its paper bears.
    pub head: Option<&'a str>,
    /// The time it covers.
    pub period: Period,
    /// Today.
    pub today: NaiveDate,
    /// The procedure, by which days are counted.
    pub procedure: &'a Procedure,
    /// The slips' lines, which know what is owed.
    pub slips: Option<&'a List>,
}

impl Shown<'_> {
    /// What is past or near on a slip that is not closed; on the screen only.
    fn owed(&self, row: &Row) -> Option<egui::RichText> {
        let day = self.slips?.get(row.record)?.due?.day;
        let words = || due_words(self.procedure, day, self.today);
        if day < self.today {
            Some(egui::RichText::new(words()).color(theme::RED))
        } else if is_soon(self.procedure, day, self.today) {
            Some(egui::RichText::new(words()).color(theme::AMBER))
        } else {
            None
        }
    }
}

/// The ledger's own small state.
#[derive(Debug, Default)]
pub struct LedgerView {
    filter: String,
    /// The ledger's own order where none.
    order: Order,
    from: String,
    to: String,
    /// What is shown, as places in the rows; made anew when rows, filter or order change.
    places: Vec<usize>,
    made_of: Option<(usize, String, Order)>,
}

impl LedgerView {
    /// Draws the ledger.
    pub fn show(&mut self, ui: &mut Ui, ledger: &Shown<'_>, commands: &mut Vec<Command>) {
        let Shown { rows, generation, period, today, .. } = *ledger;
        self.bar(ui, period, today, commands);
        let made_of = Some((generation, self.filter.clone(), self.order));
        if self.made_of != made_of {
            self.places = select(rows, &self.filter, self.order);
            self.made_of = made_of;
        }
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            ui.add_space(INSET);
            let count = if self.places.len() == rows.len() {
                format!("{} 共 {} 行", period.name(), rows.len())
            } else {
                let (all, some) = (rows.len(), self.places.len());
                format!("{} {all} 行中的 {some} 行（导出的总是全部 {all} 行，按编号）", period.name())
            };
            ui.label(theme::soft(count));
            if let Some(head) = ledger.head {
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.add_space(INSET);
                    let hint = "导出的台帐每页页脚都印着这一行：以后可凭它证明台帐没有被换过";
                    ui.add(egui::Label::new(theme::soft(head)).truncate()).on_hover_text(hint);
                });
            }
        });
        // Wider than a narrow window: the table is moved sideways as a whole.
        let clicked = ScrollArea::horizontal().auto_shrink(false).show(ui, |ui| self.table(ui, ledger, commands)).inner;
        if let Some(datum) = clicked {
            self.order = match self.order {
                Some((now, true)) if now == datum => Some((datum, false)),
                Some((now, false)) if now == datum => None,
                _ => Some((datum, true)),
            };
        }
    }

    /// The rows; a head that was clicked.
    fn table(&self, ui: &mut Ui, ledger: &Shown<'_>, commands: &mut Vec<Command>) -> Option<Datum> {
        let Shown { register, rows, .. } = *ledger;
        let mut clicked = None;
        // As wide as the window, in the proportions of the paper; never too narrow to be read.
        let paper: f64 = register.columns.iter().map(|it| it.width.to_mm()).sum();
        let room = (ui.available_width() - NUMBER).max(960.0);
        let mut widths: Vec<f32> = derived(register).map(|(it, _)| room * (it.width.to_mm() / paper) as f32).collect();
        // Days are seen whole; the complaint is cut anyway.
        let mut missing = 0.0;
        for (width, (_, datum)) in widths.iter_mut().zip(derived(register)) {
            if matches!(datum, Datum::Received | Datum::Closed) && *width < DAY {
                missing += DAY - *width;
                *width = DAY;
            }
        }
        if let Some(complaint) = derived(register).position(|(_, datum)| datum == Datum::Complaint) {
            widths[complaint] -= missing;
        }
        // The lines under the rows run through.
        ui.spacing_mut().item_spacing.x = 0.0;
        let mut table = TableBuilder::new(ui)
            .striped(false)
            .resizable(true)
            .sense(Sense::CLICK)
            .animate_scrolling(false)
            .cell_layout(egui::Layout::left_to_right(egui::Align::Center));
        table = table.column(Column::initial(NUMBER).at_least(40.0).clip(true));
        for width in widths {
            table = table.column(Column::initial(width).at_least(40.0).clip(true));
        }
        table
            .header(32.0, |mut header| {
                header.col(|ui| {
                    ui.add_space(INSET);
                    ui.label(egui::RichText::new("编号").font(theme::bold(13.0)));
                });
                for (column, datum) in derived(register) {
                    header.col(|ui| {
                        ui.add_space(INSET);
                        let name = column.head.concat();
                        let mark = match self.order {
                            Some((now, true)) if now == datum => " ↑",
                            Some((now, false)) if now == datum => " ↓",
                            _ => "",
                        };
                        let text = egui::RichText::new(format!("{name}{mark}")).font(theme::bold(13.0));
                        if ui.add(egui::Button::new(text).frame(false)).on_hover_text("按这一列排序").clicked() {
                            clicked = Some(datum);
                        }
                    });
                }
            })
            .body(|body| {
                body.rows(32.0, self.places.len(), |mut line| {
                    let Some(row) = self.places.get(line.index()).and_then(|it| rows.get(*it)) else { return };
                    // The row's first cell takes the keyboard, and says the whole row.
                    let mut first = None;
                    let place = line.index();
                    line.col(|ui| {
                        let id = egui::Id::unique(("ledger-row", row.record.0));
                        let response = ui.interact(ui.max_rect(), id, Sense::click());
                        say(&response, register, row, place, self.places.len());
                        first = Some(response);
                        cell(ui, theme::strong(&row.number));
                    });
                    for (_, datum) in derived(register) {
                        line.col(|ui| {
                            let text = on_screen(&short(row, datum));
                            let owed = (datum == Datum::Closed && text.is_empty()).then(|| ledger.owed(row)).flatten();
                            cell(ui, owed.unwrap_or_else(|| text.into()));
                        });
                    }
                    let response = first.into_iter().fold(line.response(), |row, first| row | first);
                    let columns = derived(register).map(|(_, it)| short(row, it));
                    let all: Vec<String> = [row.number.clone()].into_iter().chain(columns).collect();
                    context::sheet(&response, row.record, &row.number, &all.join("\t"), commands);
                    if response.on_hover_cursor(egui::CursorIcon::PointingHand).clicked() {
                        commands.push(Command::Open(row.record));
                    }
                });
            });
        if self.places.is_empty() {
            ui.horizontal(|ui| {
                ui.add_space(INSET);
                ui.label(theme::soft(if rows.is_empty() { "这段时间没有投诉" } else { "没有这样的行" }));
            });
        }
        clicked
    }

    fn bar(&mut self, ui: &mut Ui, period: Period, today: NaiveDate, commands: &mut Vec<Command>) {
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            ui.add_space(8.0);
            let year = match period {
                Period::Year(year) => year,
                Period::Days(from, _) => from.year(),
            };
            if ui.add(theme::plain("‹")).on_hover_text("上一年").clicked() {
                commands.push(Command::ShowPeriod(Period::Year(year - 1)));
            }
            ui.label(theme::strong(period.name()));
            if ui.add(theme::plain("›")).on_hover_text("下一年").clicked() {
                commands.push(Command::ShowPeriod(Period::Year(year + 1)));
            }
            ui.separator();
            ui.label(theme::soft("从"));
            let from = ui.add(theme::field(&mut self.from, "1.1").desired_width(108.0));
            ui.ctx().accesskit_node_builder(from.id, |node| node.set_label("从"));
            ui.label(theme::soft("到"));
            let to = ui.add(theme::field(&mut self.to, "今天").desired_width(108.0));
            ui.ctx().accesskit_node_builder(to.id, |node| node.set_label("到"));
            let entered = (from.lost_focus() || to.lost_focus()) && ui.input(|it| it.key_pressed(egui::Key::Enter));
            if ui.add(theme::plain("看这一段")).clicked() || entered {
                match (read_date(&self.from, Some(today)), read_date(&self.to, Some(today))) {
                    (Some(from), Some(to)) if from <= to => {
                        commands.push(Command::ShowPeriod(Period::Days(from, to)));
                    }
                    _ => commands
                        .push(Command::Tell("台帐期间：请写两个日期，先后有序，如 2026-01-01 和 今天".to_owned())),
                }
            }
            ui.separator();
            let response = ui.add(theme::field(&mut self.filter, "筛选…").desired_width(160.0));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("筛选台帐"));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add_space(INSET);
                let export = Command::ExportLedger(period);
                if ui.add(theme::primary(export.label())).on_hover_text(export.hint()).clicked() {
                    commands.push(export.clone());
                }
                page::print_button(ui, &export, "台帐", commands);
            });
        });
    }
}

/// A row for assistive technology: by number and user; then what stands in which column.
fn say(response: &egui::Response, register: &Register, row: &Row, place: usize, of: usize) {
    let name = format!("{} {}", row.number, row.customer);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
    response.ctx.accesskit_node_builder(response.id, |node| {
        let columns =
            derived(register).map(|(column, datum)| format!("{}：{}", column.head.concat(), short(row, datum)));
        node.set_description(columns.collect::<Vec<_>>().join("，"));
        node.set_position_in_set(place + 1);
        node.set_size_of_set(of);
    });
}

/// The columns of what is derived: of the complaint ledger all.
fn derived(register: &Register) -> impl Iterator<Item = (&procedure::Column, Datum)> {
    register.columns.iter().filter_map(|it| Some((it, it.datum()?)))
}

/// What stands in a column; days in figures, which need less room than on paper.
fn short(row: &Row, datum: Datum) -> String {
    let day = match datum {
        Datum::Received => read_date(&row.received, None),
        Datum::Closed => row.closed_day,
        _ => None,
    };
    let mark = if datum == Datum::Closed && row.unconfirmed { " 验" } else { "" };
    day.map_or_else(|| row.text(datum), |it| format!("{it}{mark}"))
}

fn cell(ui: &mut Ui, text: egui::RichText) {
    let rect = ui.max_rect();
    ui.painter().hline(rect.x_range(), rect.bottom() - 1.0, egui::Stroke::new(1.0, theme::LINE));
    let room = egui::UiBuilder::new().max_rect(rect.shrink2(egui::vec2(INSET, 0.0)));
    ui.scope_builder(room, |ui| ui.add(egui::Label::new(text).truncate().selectable(false)));
}

fn select(rows: &[Row], filter: &str, order: Order) -> Vec<usize> {
    let folded = fold(filter);
    let words: Vec<&str> = folded.split_whitespace().collect();
    let matches = |row: &Row| {
        let line = fold(&format!(
            "{} {} {} {} {} {} {}",
            row.number, row.customer, row.product, row.complaint, row.day, row.accepted_by, row.result
        ));
        words.iter().all(|it| line.contains(it))
    };
    let mut shown: Vec<usize> = (0..rows.len()).filter(|it| words.is_empty() || matches(&rows[*it])).collect();
    if let Some((datum, rising)) = order {
        shown.sort_by(|a, b| {
            let (a, b) = (&rows[*a], &rows[*b]);
            let compared = match datum {
                Datum::Sequence => a.sequence.cmp(&b.sequence),
                Datum::Received => a.day.cmp(&b.day),
                Datum::Closed => a.closed_day.cmp(&b.closed_day),
                Datum::Customer => a.customer.cmp(&b.customer),
                Datum::Product => a.product.cmp(&b.product),
                Datum::Complaint => a.complaint.cmp(&b.complaint),
                Datum::AcceptedBy => a.accepted_by.cmp(&b.accepted_by),
                Datum::Result => a.result.cmp(&b.result),
            };
            if rising { compared } else { compared.reverse() }
        });
    }
    shown
}
