//! 用户: the list of users at the left; what is known of the chosen one at the right, and every sheet that concerns it.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate};
use eframe::egui::{self, Align, Color32, FontId, Layout, Panel, Rect, ScrollArea, Sense, Ui, pos2, vec2};

use crate::command::{Command, CustomerCommand};
use crate::customers::{Customers, Order, TALK, User};
use crate::list::List;
use crate::procedure::{FormId, Procedure, SLIP};
use crate::record::{Customer, RecordId, Values};

use super::page::{self, ROW, text_in};
use super::theme;

mod fields;
use fields::Drafts;

/// Height of a line of the list.
const LINE: f32 = 52.0;
/// So many days before a visit is due it is shown as due.
const SOON: i64 = 7;
/// How many products are named.
const PRODUCTS: usize = 8;
/// How many names are offered to be merged.
const OFFERED: usize = 6;

/// What of the chosen user is not in the list of users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// Which user.
    pub name: String,
    /// Whom to talk to, as the latest sheet has it.
    pub contact: String,
    /// The telephone, as the latest sheet has it.
    pub phone: String,
    /// Its products, and how many complaints are about each.
    pub products: Vec<(String, usize)>,
    /// Users that may be the same, and how many sheets name each.
    pub alike: Vec<(String, usize)>,
}

/// What the page shows.
pub struct Shown<'a> {
    /// The users.
    pub customers: &'a Customers,
    /// Another number whenever they are made anew.
    pub generation: usize,
    /// The forms, and the days between two visits.
    pub procedure: &'a Procedure,
    /// The lines of the sheets.
    pub lists: &'a BTreeMap<FormId, List>,
    /// What is known of the chosen user, once it has been read.
    pub detail: Option<&'a Detail>,
    /// What sheets are about, as far as they have been read.
    pub about: &'a HashMap<RecordId, String>,
    /// How many users are due to be talked with.
    pub due: usize,
    /// The day.
    pub today: NaiveDate,
}

/// The page's own small state.
#[derive(Debug, Default)]
pub struct CustomersView {
    filter: String,
    order: Order,
    /// The users shown, and for which words, order and generation.
    shown: Vec<usize>,
    shown_for: Option<(String, Order, usize)>,
    chosen: Option<String>,
    /// Scroll so that the chosen user is seen.
    reveal: bool,
    drafts: Drafts,
    merge: String,
    /// Sheets on the screen of which it is not known yet what they are about.
    pub wanted: Vec<RecordId>,
}

impl CustomersView {
    /// The chosen user's name.
    pub fn chosen(&self) -> Option<&str> {
        self.chosen.as_deref()
    }

    /// Chooses a user.
    pub fn choose(&mut self, name: &str) {
        self.chosen = Some(name.to_owned());
        self.filter.clear();
        self.merge.clear();
        self.reveal = true;
    }

    /// Writes what was typed and is not kept yet.
    pub fn flush(&mut self, customers: &Customers, commands: &mut Vec<Command>) {
        self.drafts.flush(customers, commands);
    }

    /// Notes that what is kept of a user is in the book.
    pub fn settle(&mut self, row: &Customer) {
        self.drafts.settle(row);
    }

    /// Draws the page.
    pub fn show(&mut self, ui: &mut Ui, it: &Shown<'_>, commands: &mut Vec<Command>) {
        if it.customers.all().is_empty() {
            return empty(ui, commands);
        }
        self.drafts.write_in_time(ui, it.customers, commands);
        let asked = (self.filter.clone(), self.order, it.generation);
        if self.shown_for.as_ref() != Some(&asked) {
            self.shown = it.customers.shown(&self.filter, self.order);
            self.shown_for = Some(asked);
        }
        let chosen = self.chosen.as_deref().and_then(|name| it.customers.find(name));
        let user = chosen.or_else(|| self.shown.first().and_then(|place| it.customers.all().get(*place)));
        self.chosen = user.map(|it| it.name.clone());
        let width = (ui.available_width() * 0.36).clamp(300.0, 420.0);
        Panel::left("customers")
            .exact_size(width)
            .resizable(false)
            .show_separator_line(false)
            .frame(egui::Frame::NONE)
            .show(ui, |ui| {
                self.list(ui, it, commands);
            });
        let frame = egui::Frame::NONE.inner_margin(egui::Margin { left: 20, right: 0, top: 0, bottom: 0 });
        egui::CentralPanel::default().frame(frame).show(ui, |ui| {
            let Some(user) = user else { return page::nothing(ui, "没有符合的用户") };
            ScrollArea::vertical().id_salt(("customer", &user.name)).auto_shrink([false, false]).show(ui, |ui| {
                self.user(ui, it, user, commands);
            });
        });
    }

    fn list(&mut self, ui: &mut Ui, it: &Shown<'_>, commands: &mut Vec<Command>) {
        page::title(ui, "用户");
        ui.horizontal(|ui| {
            let width = ui.available_width() - 116.0;
            let response = ui.add(theme::field(&mut self.filter, "筛选…").desired_width(width));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("筛选用户"));
            if response.has_focus() && ui.input(|it| it.key_pressed(egui::Key::Escape)) {
                self.filter.clear();
            }
            let order = egui::ComboBox::from_id_salt("order-of-customers").width(92.0).selected_text(self.order.name());
            let response = order.show_ui(ui, |ui| {
                for one in Order::ALL {
                    ui.selectable_value(&mut self.order, one, one.name());
                }
            });
            ui.ctx().accesskit_node_builder(response.response.id, |node| node.set_label("用户排序"));
        });
        let all = it.customers.all();
        let count = if self.shown.len() == all.len() {
            format!("共 {} 家", all.len())
        } else {
            format!("{} 家中的 {} 家", all.len(), self.shown.len())
        };
        let due = if it.due > 0 { format!(" · {} 家到了走访日", it.due) } else { String::new() };
        ui.label(theme::soft(format!("{count}{due}")));
        let chosen = self.chosen.clone().unwrap_or_default();
        let reveal = std::mem::take(&mut self.reveal);
        let mut pressed = None;
        page::card(ui, |ui| {
            ui.set_height(ui.available_height());
            let area = ScrollArea::vertical().id_salt("customers").auto_shrink([false, false]);
            area.show_viewport(ui, |ui, viewport| {
                let height = LINE * self.shown.len() as f32;
                let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
                let line_at = |place: usize| {
                    let min = pos2(whole.left(), whole.top() + LINE * place as f32);
                    Rect::from_min_size(min, vec2(whole.width(), LINE))
                };
                let is_chosen = |place: &usize| all.get(*place).is_some_and(|it| it.name == chosen);
                if let Some(place) = self.shown.iter().position(is_chosen).filter(|_| reveal) {
                    ui.scroll_to_rect(line_at(place), None);
                }
                let first = (viewport.top() / LINE).floor().max(0.0) as usize;
                let last = ((viewport.bottom() / LINE).ceil().max(0.0) as usize).min(self.shown.len());
                for place in first..last {
                    let Some(user) = self.shown.get(place).and_then(|place| all.get(*place)) else { break };
                    if line(ui, user, line_at(place), user.name == chosen, it.today) {
                        pressed = Some(user.name.clone());
                    }
                }
            });
        });
        if let Some(name) = pressed.filter(|it| *it != chosen) {
            self.drafts.flush(it.customers, commands);
            self.merge.clear();
            self.chosen = Some(name);
            ui.ctx().request_repaint();
        }
    }

    fn user(&mut self, ui: &mut Ui, it: &Shown<'_>, user: &User, commands: &mut Vec<Command>) {
        let detail = it.detail.filter(|it| it.name == user.name);
        ui.horizontal(|ui| {
            let begin = theme::primary("新建沟通记录");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add(begin).on_hover_text("走访、电话、来函都记在 01 表上（4.3）").clicked() {
                    commands.push(new_talk(user, detail));
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let (place, response) =
                        ui.allocate_exact_size(vec2(ui.available_width(), theme::CONTROL), Sense::hover());
                    text_in(ui, place, &user.name, theme::bold(18.0), theme::INK);
                    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &user.name));
                    response.on_hover_text(&user.name);
                });
            });
        });
        ui.label(theme::soft(in_short(user, it.today)));
        ui.add_space(6.0);
        page::card(ui, |ui| {
            page::inset(ui, |ui| self.drafts.show(ui, it, user, detail, commands));
        });
        ui.add_space(12.0);
        self.spellings(ui, it, user, detail, commands);
        if let Some(detail) = detail.filter(|it| !it.products.is_empty()) {
            products(ui, detail);
        }
        page::heading(ui, "往来", user.sheets.len(), theme::INK);
        page::card(ui, |ui| self.sheets(ui, it, user, commands));
        ui.add_space(12.0);
    }

    /// Other spellings, users that may be the same, and a field to merge any other one.
    fn spellings(
        &mut self,
        ui: &mut Ui,
        it: &Shown<'_>,
        user: &User,
        detail: Option<&Detail>,
        commands: &mut Vec<Command>,
    ) {
        page::heading(ui, "名称写法", user.spellings.len(), theme::INK);
        page::card(ui, |ui| {
            for spelling in user.spellings.iter().filter(|it| !it.kept.merged_into.is_empty()) {
                let words = (spelling.name.as_str(), format!("{} 份单据", spelling.sheets));
                if with_button(ui, words, ("拆开", &spelling.name)) {
                    commands.push(Command::Customer(CustomerCommand::Split(spelling.kept.name.clone())));
                }
            }
            for (name, sheets) in detail.iter().flat_map(|it| &it.alike) {
                let words = (name.as_str(), format!("可能是同一用户，{sheets} 份单据"));
                if with_button(ui, words, ("合并", name)) {
                    commands.push(merge(name, user));
                }
            }
            page::inset(ui, |ui| {
                let mut typed = false;
                ui.horizontal(|ui| {
                    let width = ui.available_width() - 84.0;
                    let hint = "输入另一个写法，并到这一家名下；已签的单据保持原样";
                    let response = ui.add(theme::field(&mut self.merge, hint).desired_width(width));
                    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("合并写法"));
                    typed = response.lost_focus() && ui.input(|it| it.key_pressed(egui::Key::Enter));
                    let button = ui.add_enabled(!self.merge.trim().is_empty(), theme::plain("合并"));
                    ui.ctx().accesskit_node_builder(button.id, |node| node.set_label("合并所填写法"));
                    typed |= button.clicked();
                });
                if self.merge.trim().is_empty() {
                    return;
                }
                let offered = it.customers.shown(&self.merge, Order::Name).into_iter();
                let offered =
                    offered.filter_map(|place| it.customers.all().get(place)).filter(|it| it.name != user.name);
                for other in offered.take(OFFERED) {
                    let words = (other.name.as_str(), format!("{} 份单据", other.sheets.len()));
                    if with_button(ui, words, ("合并", &other.name)) {
                        commands.push(merge(&other.name, user));
                        self.merge.clear();
                        return;
                    }
                }
                if typed {
                    commands.push(merge(&self.merge, user));
                    self.merge.clear();
                }
            });
        });
        ui.add_space(12.0);
    }

    /// Every sheet that concerns the user, newest first; only what is on the screen is drawn and read.
    fn sheets(&mut self, ui: &mut Ui, it: &Shown<'_>, user: &User, commands: &mut Vec<Command>) {
        let count = user.sheets.len();
        let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW * count as f32), Sense::hover());
        let seen = ui.clip_rect().intersect(whole);
        if !seen.is_positive() {
            return;
        }
        let first = ((seen.top() - whole.top()) / ROW).floor().max(0.0) as usize;
        let last = (((seen.bottom() - whole.top()) / ROW).ceil().max(0.0) as usize).min(count);
        for place in first..last {
            let Some(sheet) = user.sheets.get(count - 1 - place) else { break };
            let line = it.lists.iter().find_map(|(form, list)| Some((form, list.get(sheet.record)?)));
            let Some((form, line)) = line.and_then(|(form, line)| Some((it.procedure.form(form)?, line))) else {
                continue;
            };
            let about = it.about.get(&sheet.record);
            if about.is_none() {
                self.wanted.push(sheet.record);
            }
            let about = about.map(String::as_str).unwrap_or_default();
            let (words, ink, _) = super::list::chip(it.procedure, form, line, it.today);
            let min = pos2(whole.left(), whole.top() + ROW * place as f32);
            let rect = Rect::from_min_size(min, vec2(whole.width(), ROW));
            let mut row = ui.new_child(egui::UiBuilder::new().max_rect(rect));
            let day = sheet.day.to_string();
            let columns =
                [(&*day, 1.0, false), (&*line.number, 0.9, true), (&*form.short, 1.1, false), (about, 4.2, false)];
            let id = egui::Id::unique(("customer-sheet", sheet.record.0));
            if page::row(&mut row, id, &columns, (&words, ink)).clicked() {
                commands.push(Command::Open(sheet.record));
            }
        }
    }
}

fn empty(ui: &mut Ui, commands: &mut Vec<Command>) {
    page::title(ui, "用户");
    page::nothing(ui, "还没有用户：单据上写了用户名称，这里就有");
    ui.add_space(8.0);
    let command = Command::New(FormId::from(SLIP));
    if ui.add(theme::primary(command.label())).clicked() {
        commands.push(command);
    }
}

fn merge(from: &str, into: &User) -> Command {
    Command::Customer(CustomerCommand::Merge { from: from.to_owned(), into: into.name.clone() })
}

/// A record of a talk with the user, with what is known already.
fn new_talk(user: &User, detail: Option<&Detail>) -> Command {
    let derived = |it: fn(&Detail) -> &String| detail.map(it).cloned().unwrap_or_default();
    let or = |kept: &String, derived: String| if kept.is_empty() { derived } else { kept.clone() };
    let mut values = Values::new();
    values.insert("customer".into(), user.name.clone());
    values.insert("present".into(), or(&user.known.contact, derived(|it| &it.contact)));
    values.insert("phone".into(), or(&user.known.phone, derived(|it| &it.phone)));
    values.retain(|_, value| !value.is_empty());
    Command::NewFrom { form: FormId::from(TALK), origin: None, values }
}

/// A day as short as it can be told.
fn day(day: NaiveDate, today: NaiveDate) -> String {
    if day.year() == today.year() { format!("{}月{}日", day.month(), day.day()) } else { day.to_string() }
}

/// When the user is to be talked with next (4.3).
fn next_visit(user: &User, today: NaiveDate) -> (String, Color32) {
    let Some(due) = user.due else { return ("不走访".to_owned(), theme::SOFT) };
    match (due - today).num_days() {
        0 => ("今天该走访".to_owned(), theme::AMBER),
        left @ 1..=SOON => (format!("还有 {left} 天走访"), theme::AMBER),
        left if left < 0 => (format!("走访超 {} 天", -left), theme::RED),
        _ => (format!("{} 走访", day(due, today)), theme::SOFT),
    }
}

fn complaints(user: &User) -> String {
    let open = if user.open > 0 { format!("，未结 {}", user.open) } else { String::new() };
    format!("投诉 {}{open}", user.complaints)
}

fn in_short(user: &User, today: NaiveDate) -> String {
    let talked = user.talked.map_or_else(|| "还没有沟通过".to_owned(), |it| format!("上次沟通 {}", day(it, today)));
    let due = user.due.map_or_else(|| "不走访".to_owned(), |it| format!("下次走访 {}", day(it, today)));
    format!("{} · {talked} · {due}", complaints(user))
}

fn line(ui: &Ui, user: &User, rect: Rect, chosen: bool, today: NaiveDate) -> bool {
    let response = ui.interact(rect, egui::Id::unique(("customer", &user.name)), Sense::click());
    let painter = ui.painter_at(rect);
    if chosen || response.hovered() || response.has_focus() {
        painter.rect_filled(rect, 0.0, theme::ACCENT_PALE);
    }
    if chosen {
        painter.rect_filled(Rect::from_min_size(rect.min, vec2(3.0, rect.height())), 0.0, theme::ACCENT);
    }
    painter.hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, theme::LINE));
    let inner = rect.shrink2(vec2(12.0, 4.0));
    let (above, below) = inner.split_top_bottom_at_fraction(0.52);
    text_in(ui, above, &user.name, theme::bold(14.0), theme::INK);
    let (words, ink) = next_visit(user, today);
    let visit = painter.layout_no_wrap(words.clone(), FontId::proportional(12.0), ink);
    let left = below.right() - visit.size().x;
    painter.galley(pos2(left, below.center().y - visit.size().y / 2.0), visit, ink);
    let latest = user.latest().map(|it| format!("{} · ", day(it, today))).unwrap_or_default();
    let said = format!("{latest}{}", complaints(user));
    text_in(ui, below.with_max_x(left - 8.0), &said, FontId::proportional(12.0), theme::SOFT);
    let name = format!("{} {said} {words}", user.name);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, &name));
    response.clicked()
}

/// A row with a name, what is to be said of it, and a button.
fn with_button(ui: &mut Ui, (name, said): (&str, String), (label, of): (&str, &str)) -> bool {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, theme::LINE));
    let place = Rect::from_min_max(pos2(rect.right() - 72.0, rect.top() + 4.0), rect.max - vec2(12.0, 4.0));
    let button = egui::Button::new(label).min_size(place.size());
    let response = ui.place(place, button);
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(format!("{label} {of}")));
    let inner = rect.shrink2(vec2(12.0, 0.0)).with_max_x(place.left() - 12.0);
    let (left, right) = inner.split_left_right_at_fraction(0.6);
    text_in(ui, left.with_max_x(left.right() - 8.0), name, FontId::proportional(14.0), theme::INK);
    text_in(ui, right, &said, FontId::proportional(12.0), theme::SOFT);
    response.clicked()
}

fn products(ui: &mut Ui, detail: &Detail) {
    page::heading(ui, "产品", detail.products.len(), theme::INK);
    page::card(ui, |ui| {
        page::inset(ui, |ui| {
            let named = detail.products.iter().take(PRODUCTS);
            let times = |(name, count): &(String, usize)| match count {
                1 => name.clone(),
                _ => format!("{name}（{count} 次）"),
            };
            let mut words = named.map(times).collect::<Vec<_>>().join("；");
            if detail.products.len() > PRODUCTS {
                words.push_str(&format!("；等 {} 种", detail.products.len()));
            }
            ui.add(egui::Label::new(crate::face::on_screen(&words)).wrap());
        });
    });
    ui.add_space(12.0);
}
