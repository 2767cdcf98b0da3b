//! The number book on the screen: what became of every number of a form and year, and what is still to be said of some.

use chrono::{Datelike, NaiveDate};
use eframe::egui::{self, Color32, FontId, Layout, Rect, ScrollArea, Sense, Stroke, Ui, pos2, vec2};

use crate::command::{Command, NumberCommand};
use crate::face::on_screen;
use crate::layout::papers::{Paper, Table, TableColumn};
use crate::procedure::{Document, Form, NumberPattern};
use crate::record::{NumberLine, NumberState, RecordId, fold, full_date};
use crate::units::Mm;

use super::{context, page, theme};

/// So many blank sheets are handed out at once at most.
const MOST: usize = 200;
/// From the left: where state, date and words begin.
const COLUMNS: [f32; 3] = [200.0, 288.0, 404.0];
/// Room at the right for what can be done with a row.
const ACTIONS: f32 = 248.0;
/// What is said of a gap that nobody explained.
const WANTED: &str = "要说明";

/// A line of the book with its words.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberRow {
    line: NumberLine,
    /// The number, or the first and last that are missing.
    number: String,
    /// Whom the sheet is about; for whom it is reserved; why it is void; how the gap is explained.
    words: String,
    sought: String,
}

impl NumberRow {
    /// A line with its words; `subject` tells whom a sheet is about.
    pub fn new<'a>(line: NumberLine, pattern: &NumberPattern, subject: impl Fn(RecordId) -> &'a str) -> Self {
        let printed = |sequence| pattern.format(line.year, sequence);
        let number = match line.state {
            NumberState::Gap if line.until > line.sequence => {
                format!("{} 至 {}", printed(line.sequence), printed(line.until))
            }
            NumberState::Gap => printed(line.sequence),
            NumberState::Used | NumberState::Void | NumberState::Reserved => line.number.clone(),
        };
        let words = match (line.state, line.record) {
            (NumberState::Used, Some(record)) => subject(record).to_owned(),
            _ if line.by.is_empty() || line.note.is_empty() => line.note.clone(),
            _ => format!("{}（{}）", line.note, line.by),
        };
        let wanted = if line.wants_explaining() { WANTED } else { "" };
        let day = line.day.map(|it| it.to_string()).unwrap_or_default();
        let sought = fold(&format!("{number} {} {day} {words} {wanted}", line.state.name()));
        Self { line, number, words, sought }
    }
}

/// What lies in the number book.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The office.
    pub document: &'a Document,
    /// The forms that are numbered.
    pub forms: &'a [&'a Form],
    /// Whose book it is.
    pub form: &'a Form,
    /// Of which year.
    pub year: i32,
    /// Its lines.
    pub rows: &'a [NumberRow],
    /// Changes whenever the lines do.
    pub generation: usize,
    /// Today.
    pub today: NaiveDate,
}

/// What is being said at the moment.
#[derive(Clone, Debug, PartialEq)]
enum Saying {
    /// How many blank sheets are handed out, to whom, what for.
    Reserve { count: String, whom: String, purpose: String },
    /// Why a reserved number is void, or why numbers are missing.
    Explain { row: Box<NumberRow>, note: String },
}

/// The page's own small state.
#[derive(Debug, Default)]
pub struct NumbersView {
    filter: String,
    /// Only numbers of which this became.
    only: Option<NumberState>,
    saying: Option<Saying>,
    /// Whether the first field of what is being said has the keyboard yet.
    focused: bool,
    /// What is shown, as places in the rows, newest first; made anew when rows, filter or choice change.
    places: Vec<usize>,
    made_of: Option<(usize, String, Option<NumberState>)>,
}

impl NumbersView {
    /// What was being said is written down.
    pub fn done(&mut self) {
        self.saying = None;
    }

    /// Draws the page.
    pub fn show(&mut self, ui: &mut Ui, shown: &Shown<'_>, commands: &mut Vec<Command>) {
        page::title(ui, "编号簿");
        self.bar(ui, shown, commands);
        ui.add_space(8.0);
        self.choice(ui, shown, commands);
        missing(ui, shown);
        self.saying(ui, shown, commands);
        let made_of = Some((shown.generation, self.filter.clone(), self.only));
        if self.made_of != made_of {
            self.places = select(shown.rows, &self.filter, self.only);
            self.made_of = made_of;
        }
        ui.add_space(8.0);
        page::card(ui, |ui| self.table(ui, shown, commands));
    }

    fn bar(&mut self, ui: &mut Ui, shown: &Shown<'_>, commands: &mut Vec<Command>) {
        let Shown { form, year, today, .. } = *shown;
        let mut go = |form: &Form, year| {
            commands.push(Command::Number(NumberCommand::Show { form: form.form.clone(), year }));
        };
        let mut other = None;
        ui.horizontal(|ui| {
            for one in shown.forms {
                let chosen = one.form == form.form;
                if ui.add(theme::plain(&one.short).selected(chosen)).clicked() && !chosen {
                    // From numbers that run on for ever one comes back to this year's.
                    let year = if shown.document.pattern(&form.form).has_year() { year } else { today.year() };
                    other = Some((*one, year));
                }
            }
            ui.separator();
            if shown.document.pattern(&form.form).has_year() {
                if ui.add(theme::plain("‹")).on_hover_text("上一年").clicked() {
                    other = Some((form, year - 1));
                }
                ui.label(theme::strong(format!("{year}年")));
                if ui.add_enabled(year <= today.year(), theme::plain("›")).on_hover_text("下一年").clicked() {
                    other = Some((form, year + 1));
                }
            } else {
                ui.label(theme::strong("历年连编"));
            }
            ui.separator();
            let response = ui.add(theme::field(&mut self.filter, "筛选…").desired_width(140.0));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("筛选编号"));
        });
        if let Some((form, year)) = other {
            (self.saying, self.only) = (None, None);
            go(form, year);
        }
    }

    /// How many there are of each kind, and which are shown; what can be done with the book.
    fn choice(&mut self, ui: &mut Ui, shown: &Shown<'_>, commands: &mut Vec<Command>) {
        let count = |state| {
            let of = shown.rows.iter().filter(|it| it.line.state == state);
            of.map(|it| it.line.until - it.line.sequence + 1).sum::<i64>()
        };
        let last = shown.rows.last().map_or(0, |it| it.line.until);
        ui.horizontal(|ui| {
            let mut choose = |ui: &mut Ui, words: String, only: Option<NumberState>| {
                if ui.add(theme::plain(&words).selected(self.only == only)).clicked() {
                    self.only = only;
                }
            };
            choose(ui, format!("全部 {last}"), None);
            for state in [NumberState::Used, NumberState::Reserved, NumberState::Void, NumberState::Gap] {
                choose(ui, format!("{} {}", state.name(), count(state)), Some(state));
            }
            let next = shown.document.pattern(&shown.form.form).format(shown.year, last + 1);
            ui.label(theme::soft(format!("下一号 {next}；打开空单不取号，写下第一格才取")));
            ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
                let for_ever = !shown.document.pattern(&shown.form.form).has_year();
                let may = (for_ever || shown.year >= shown.today.year()) && self.saying.is_none();
                let reserve = ui.add_enabled(may, theme::primary("预留空白单…"));
                let hint = "先取下编号，印在空白单上交出去，填好拿回来再登记；过去的年份不再预留";
                if reserve.on_hover_text(hint).on_disabled_hover_text(hint).clicked() {
                    let (count, whom, purpose) = ("5".to_owned(), String::new(), String::new());
                    (self.saying, self.focused) = (Some(Saying::Reserve { count, whom, purpose }), false);
                }
                if ui.add_enabled(!shown.rows.is_empty(), theme::plain("打印编号簿")).clicked() {
                    let words = vec!["编号簿".to_owned(), shown.form.short.clone(), format!("{}年", shown.year)];
                    let export = Command::ExportPaper(Box::new(Paper::Table(paper(shown))), words);
                    commands.push(Command::Print(Box::new(export)));
                }
            });
        });
    }

    /// What is being said: a place above the table, no dialog.
    fn saying(&mut self, ui: &mut Ui, shown: &Shown<'_>, commands: &mut Vec<Command>) {
        let Some(mut saying) = self.saying.take() else { return };
        ui.add_space(8.0);
        let inside = |ui: &mut Ui| page::inset(ui, |ui| self.fields(ui, shown, &mut saying, commands));
        let close = page::card(ui, inside);
        self.saying = if close { None } else { Some(saying) };
    }

    /// The fields of what is being said; whether it is given up.
    fn fields(&mut self, ui: &mut Ui, shown: &Shown<'_>, saying: &mut Saying, commands: &mut Vec<Command>) -> bool {
        let fresh = !std::mem::replace(&mut self.focused, true);
        let mut close = false;
        let form = shown.form.form.clone();
        match saying {
            Saying::Reserve { count, whom, purpose } => {
                page::heading(ui, &format!("预留{}", shown.form.short), 0, theme::INK);
                let first = page::field(ui, "张数", count, "5", 72.0);
                if fresh {
                    first.request_focus();
                }
                page::field(ui, "领用人", whom, "交给谁", 240.0);
                page::field(ui, "用途", purpose, "如：上门走访时填写", 420.0);
                ui.horizontal(|ui| {
                    if ui.add(theme::primary("预留，存成 PDF…")).clicked() {
                        let number = fold(count.trim()).parse().ok().filter(|it| (1..=MOST).contains(it));
                        let note = [whom.trim(), purpose.trim()].into_iter().filter(|it| !it.is_empty());
                        let note = note.collect::<Vec<_>>().join("，");
                        commands.push(match number {
                            None => Command::Tell(format!("没有预留：张数请写 1 到 {MOST}")),
                            Some(_) if whom.trim().is_empty() => {
                                Command::Tell("没有预留：请写明领用人，编号簿里要有".to_owned())
                            }
                            Some(count) => {
                                let year = shown.year;
                                Command::Number(NumberCommand::Reserve { form, year, count, note })
                            }
                        });
                    }
                    close = ui.add(theme::plain("取消")).clicked();
                });
            }
            Saying::Explain { row, note } => {
                let gap = row.line.state == NumberState::Gap;
                let (title, hint, verb) = if gap {
                    ("为什么没有这个编号", "如：旧本已用到这里；那张单在纸上，没有导入", "写入说明")
                } else {
                    ("作废预留的编号", "如：空白单遗失", "作废")
                };
                page::heading(ui, &format!("{} {title}", row.number), 0, theme::INK);
                let first = page::field(ui, if gap { "说明" } else { "作废理由" }, note, hint, 480.0);
                if fresh {
                    first.request_focus();
                }
                let enter = first.lost_focus() && ui.input(|it| it.key_pressed(egui::Key::Enter));
                ui.horizontal(|ui| {
                    if ui.add(theme::primary(verb)).clicked() || enter {
                        commands.push(if note.trim().is_empty() {
                            Command::Tell("没有写入：请写明理由".to_owned())
                        } else {
                            let (line, note) = (Box::new(row.line.clone()), note.clone());
                            Command::Number(NumberCommand::Explain { form, line, note })
                        });
                    }
                    close = ui.add(theme::plain("取消")).clicked();
                });
            }
        }
        close
    }

    fn table(&mut self, ui: &mut Ui, shown: &Shown<'_>, commands: &mut Vec<Command>) {
        let (head, _) = ui.allocate_exact_size(vec2(ui.available_width(), page::ROW), Sense::hover());
        let names = ["编号", "状态", "日期", "用户、用途或理由"];
        for (name, x) in names.into_iter().zip([12.0].into_iter().chain(COLUMNS)) {
            let place = Rect::from_min_size(pos2(head.left() + x, head.top()), vec2(160.0, page::ROW));
            page::text_in(ui, place, name, theme::bold(13.0), theme::SOFT);
        }
        ui.painter().hline(head.x_range(), head.bottom() - 0.5, Stroke::new(1.0, theme::LINE));
        if self.places.is_empty() {
            let words = if shown.rows.is_empty() { "这一年还没有取过编号" } else { "没有这样的编号" };
            page::inset(ui, |ui| page::nothing(ui, words));
        }
        let area = ScrollArea::vertical().id_salt("numbers").auto_shrink([false, true]);
        let mut asked = None;
        area.show_rows(ui, page::ROW, self.places.len(), |ui, range| {
            for row in self.places.get(range).unwrap_or_default().iter().filter_map(|it| shown.rows.get(*it)) {
                asked = self::row(ui, shown.form, row, commands).or(asked.take());
            }
        });
        if let Some(row) = asked {
            let note = if row.line.state == NumberState::Gap { row.line.note.clone() } else { String::new() };
            self.saying = Some(Saying::Explain { row: Box::new(row), note });
            self.focused = false;
        }
    }
}

/// What is to be done about gaps that nobody explained.
fn missing(ui: &mut Ui, shown: &Shown<'_>) {
    let wanting: Vec<&NumberRow> = shown.rows.iter().filter(|it| it.line.wants_explaining()).collect();
    let Some(first) = wanting.first() else { return };
    ui.add_space(8.0);
    egui::Frame::NONE.fill(theme::AMBER_PALE).corner_radius(4.0).inner_margin(egui::Margin::symmetric(12, 8)).show(
        ui,
        |ui| {
            ui.set_width(ui.available_width());
            let head = format!("有 {} 处空号没有说明，从 {} 起", wanting.len(), first.number);
            ui.label(egui::RichText::new(head).font(theme::bold(14.0)).color(theme::AMBER));
            let help = "编号要连续，缺的要写明原因。空号来自导入：带进来的编号没有接上。在那一行点“说明…”，写上这些编号用在哪里、\
                        纸在何处，或为什么没有用过；以后补导入那张单，空号就成了已用。没有说明的，打印时印作“未说明”。";
            ui.label(egui::RichText::new(help).size(13.0).color(theme::AMBER));
        },
    );
}

/// A row; itself, where something is to be said of it.
fn row(ui: &mut Ui, form: &Form, row: &NumberRow, commands: &mut Vec<Command>) -> Option<NumberRow> {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), page::ROW), Sense::hover());
    let line = &row.line;
    let id = egui::Id::unique(("number", line.year, line.sequence));
    let sense = if line.record.is_some() { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, id, sense);
    if line.record.is_some() && (response.hovered() || response.has_focus()) {
        ui.painter().rect_filled(rect.shrink(1.0), 0.0, theme::ACCENT_PALE);
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, theme::LINE));
    let place = |x: f32, to: f32| Rect::from_min_max(pos2(rect.left() + x, rect.top()), pos2(to, rect.bottom()));
    page::text_in(ui, place(12.0, rect.left() + COLUMNS[0] - 8.0), &row.number, theme::bold(14.0), theme::INK);
    let (ink, pale) = colours(line);
    let chip = ui.painter().layout_no_wrap(line.state.name().to_owned(), FontId::proportional(12.0), ink);
    let min = pos2(rect.left() + COLUMNS[0], rect.center().y - 10.0);
    let chip_rect = Rect::from_min_size(min, vec2(chip.size().x + 12.0, 20.0));
    ui.painter().rect_filled(chip_rect, 4.0, pale);
    ui.painter().galley(chip_rect.center() - chip.size() / 2.0, chip, ink);
    let plain = FontId::proportional(14.0);
    let day = line.day.map(|it| it.to_string()).unwrap_or_default();
    page::text_in(ui, place(COLUMNS[1], rect.left() + COLUMNS[2] - 8.0), &day, plain.clone(), theme::SOFT);
    let actions = matches!(line.state, NumberState::Reserved | NumberState::Gap);
    let end = rect.right() - if actions { ACTIONS } else { 12.0 };
    let (words, ink) = match line.state {
        _ if line.wants_explaining() => (WANTED, theme::AMBER),
        NumberState::Used if row.words.is_empty() => ("（未填）", theme::SOFT),
        NumberState::Used | NumberState::Reserved => (row.words.as_str(), theme::INK),
        NumberState::Void | NumberState::Gap => (row.words.as_str(), theme::SOFT),
    };
    page::text_in(ui, place(COLUMNS[2], end), words, plain, ink);
    let name = on_screen(format!("{} {} {words}", row.number, line.state.name()).trim());
    let role = if line.record.is_some() { egui::Role::Button } else { egui::Role::Row };
    response.widget_info(|| egui::WidgetInfo::labeled(role, true, &name));
    if let Some(record) = line.record {
        context::sheet(&response, record, &row.number, &name, commands);
        if response.clicked() {
            commands.push(Command::Open(record));
        }
        return None;
    }
    let mut asked = None;
    let right = Rect::from_min_max(pos2(end, rect.top()), pos2(rect.right() - 8.0, rect.bottom()));
    let builder = egui::UiBuilder::new().max_rect(right).layout(Layout::right_to_left(egui::Align::Center));
    // A child of the row's own: it takes no room after it.
    let ui = &mut ui.new_child(builder);
    ui.spacing_mut().item_spacing.x = 8.0;
    let button = |ui: &mut Ui, words: &str| {
        let small = egui::Button::new(egui::RichText::new(words).size(13.0)).min_size(vec2(0.0, 24.0));
        let response = ui.add(small);
        let name = format!("{} {}", words.trim_end_matches('…'), row.number);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
        response.clicked()
    };
    if line.state == NumberState::Gap {
        if button(ui, if line.note.is_empty() { "说明…" } else { "改说明…" }) {
            asked = Some(row.clone());
        }
    } else if line.state == NumberState::Reserved {
        if button(ui, "作废…") {
            asked = Some(row.clone());
        }
        let (form, numbers) = (form.form.clone(), vec![line.number.clone()]);
        let blank = Command::ExportNumbered { form: form.clone(), numbers };
        if button(ui, blank.label()) {
            commands.push(blank.clone());
        }
        if button(ui, "打印…") {
            commands.push(Command::Print(Box::new(blank)));
        }
        let take = Command::Number(NumberCommand::Take { form, line: Box::new(line.clone()) });
        if button(ui, take.label()) {
            commands.push(take);
        }
    }
    asked
}

fn colours(line: &NumberLine) -> (Color32, Color32) {
    match line.state {
        NumberState::Used => (theme::GREEN, theme::GREEN_PALE),
        NumberState::Reserved => (theme::ACCENT, theme::ACCENT_PALE),
        NumberState::Gap if line.wants_explaining() => (theme::AMBER, theme::AMBER_PALE),
        NumberState::Void | NumberState::Gap => (theme::SOFT, theme::DESK),
    }
}

fn select(rows: &[NumberRow], filter: &str, only: Option<NumberState>) -> Vec<usize> {
    let folded = fold(filter);
    let words: Vec<&str> = folded.split_whitespace().collect();
    let matches =
        |row: &NumberRow| only.is_none_or(|it| it == row.line.state) && words.iter().all(|it| row.sought.contains(it));
    (0..rows.len()).rev().filter(|it| matches(&rows[*it])).collect()
}

/// The book as it is printed: every number, each gap with its explanation.
fn paper(shown: &Shown<'_>) -> Table {
    let column =
        |head: &str, width: f64, centred: bool| TableColumn { head: head.to_owned(), width: Mm::mm(width), centred };
    let row = |row: &NumberRow| {
        let day = row.line.day.map(full_date).unwrap_or_default();
        let words = if row.line.wants_explaining() { "未说明".to_owned() } else { row.words.clone() };
        vec![row.number.clone(), row.line.state.name().to_owned(), day, words]
    };
    Table {
        company: shown.document.company.clone(),
        title: "编号簿".to_owned(),
        note: format!("{}年 {}\t打印日期 {}", shown.year, shown.form.full_name(), full_date(shown.today)),
        columns: vec![
            column("编号", 34.0, true),
            column("状态", 16.0, true),
            column("日期", 34.0, true),
            column("用户、用途或理由", 86.0, false),
        ],
        rows: shown.rows.iter().map(row).collect(),
        ..Table::default()
    }
}
