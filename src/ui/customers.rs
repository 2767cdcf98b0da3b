//! 用户: the list of users at the left; what is known of the chosen one at the right, and every sheet that concerns it.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDateTime;
use eframe::egui::{self, Align, Layout, Panel, Rect, ScrollArea, Sense, Ui, pos2, vec2};

use crate::command::{Command, CustomerCommand};
use crate::customers::{Customers, Order, User};
use crate::flow::cited;
use crate::list::List;
use crate::procedure::{CountsAs, Form, FormId, Procedure, Rule};
use crate::record::{Customer, RecordId, Values};

use super::page::{self, ROW, text_in};
use super::theme;

mod fields;
mod rows;
use fields::Drafts;
use rows::{in_short, line, products, sheet_row, with_button};

/// Height of a line of the list.
const LINE: f32 = 52.0;
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
    /// The moment.
    pub now: NaiveDateTime,
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
            return empty(ui, it.procedure, commands);
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
        Panel::left("users")
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
            ScrollArea::vertical().id_salt(("user", &user.name)).auto_shrink([false, false]).show(ui, |ui| {
                // Beside the scroll bar, not under it.
                let room = egui::Margin { right: 10, ..egui::Margin::ZERO };
                egui::Frame::NONE.inner_margin(room).show(ui, |ui| self.user(ui, it, user, commands));
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
            let area = ScrollArea::vertical().id_salt("users").auto_shrink([false, false]);
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
                    if line(ui, user, line_at(place), user.name == chosen, it.now.date()) {
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
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(form) = it.procedure.counting_as(CountsAs::Talk) {
                    let hint =
                        format!("走访、电话、来函都记在 {} 表上{}", form.form, cited(form.clause_of(Rule::Visit)));
                    let begin = form.new_words();
                    let begin = theme::primary(&begin);
                    if ui.add(begin).on_hover_text(hint).clicked() {
                        commands.push(new_talk(form, user, detail));
                    }
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
        ui.label(theme::soft(in_short(user, it.now.date())));
        ui.add_space(8.0);
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
        page::heading(ui, "名称写法", user.spellings.len().saturating_sub(1), theme::INK);
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
                    let width = ui.available_width() - 68.0;
                    let hint = "输入另一个写法，并到这一家名下；已签的单据保持原样";
                    let response = ui.add(theme::field(&mut self.merge, hint).desired_width(width));
                    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("合并写法"));
                    typed = response.lost_focus() && ui.input(|it| it.key_pressed(egui::Key::Enter));
                    let button = ui.add_enabled(
                        !self.merge.trim().is_empty(),
                        theme::plain("合并").min_size(vec2(60.0, theme::CONTROL)),
                    );
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
            let (words, ink, _) = super::list::chip(it.procedure, form, line, it.now);
            let min = pos2(whole.left(), whole.top() + ROW * place as f32);
            let rect = Rect::from_min_size(min, vec2(whole.width(), ROW));
            let columns = [&sheet.day.to_string(), &line.number, &form.short, about];
            sheet_row(ui, rect, sheet.record, columns, (&words, ink), commands);
        }
    }
}

fn empty(ui: &mut Ui, procedure: &Procedure, commands: &mut Vec<Command>) {
    page::title(ui, "用户");
    page::nothing(ui, "还没有用户：单据上写了用户名称，这里就有");
    ui.add_space(8.0);
    let form = procedure.main_id();
    if ui.add(theme::primary(&procedure.new_words(&form))).clicked() {
        commands.push(Command::New(form));
    }
}

fn merge(from: &str, into: &User) -> Command {
    Command::Customer(CustomerCommand::Merge { from: from.to_owned(), into: into.name.clone() })
}

/// A record of a talk with the user, with what is known already.
fn new_talk(form: &Form, user: &User, detail: Option<&Detail>) -> Command {
    let derived = |it: fn(&Detail) -> &String| detail.map(it).cloned().unwrap_or_default();
    let or = |kept: &String, derived: String| if kept.is_empty() { derived } else { kept.clone() };
    let identity = form.identity.as_ref();
    let known = [
        (identity.map(|it| &it.subject), user.name.clone()),
        (
            identity.and_then(|it| it.contact.as_ref().or(it.present.as_ref())),
            or(&user.known.contact, derived(|it| &it.contact)),
        ),
        (identity.and_then(|it| it.phone.as_ref()), or(&user.known.phone, derived(|it| &it.phone))),
    ];
    let known = known.into_iter().filter_map(|(field, text)| Some((field?.clone(), text)));
    let values: Values = known.filter(|(_, text)| !text.is_empty()).collect();
    Command::NewFrom { form: form.form.clone(), origin: None, values }
}
