//! 用户: the users, made out of the lists whenever the book has changed, and what is kept of them.

use std::collections::HashMap;

use chrono::NaiveDate;
use eframe::egui::{self, Ui};

use super::App;
use crate::command::{Command, CustomerCommand, View};
use crate::customers::{self, Beside, Customers, Visit, about, contact, fields_beside, products, read_beside};
use crate::record::{Customer, RecordId};
use crate::store::{Reason, Result, Stamp, Store};
use crate::ui::customers::{CustomersView, Detail, Shown};

/// In so many of a user's sheets, newest first, a contact and a telephone are looked for.
const SEARCHED: usize = 40;

/// The page's own small state, and what is derived for it.
#[derive(Default)]
pub(super) struct Page {
    view: CustomersView,
    /// What is kept of users, and as of when.
    kept: Vec<Customer>,
    kept_at: Option<Stamp>,
    customers: Customers,
    /// For which book, days between two visits, and company they were made.
    made_for: Option<(Stamp, u32, String)>,
    generation: usize,
    detail: Option<Detail>,
    about: HashMap<RecordId, String>,
    visits: Vec<Visit>,
    visits_for: Option<(usize, NaiveDate)>,
}

impl Page {
    /// Who is due to be talked with, as last found, longest due first.
    pub(super) fn visits(&self) -> &[Visit] {
        &self.visits
    }

    /// What is kept of users, as of `stamp`.
    pub(super) fn kept(&mut self, store: &Store, stamp: Stamp) -> Result<&[Customer]> {
        if self.kept_at != Some(stamp) {
            self.kept = store.customers()?;
            self.kept_at = Some(stamp);
        }
        Ok(&self.kept)
    }
}

/// What is said of a user's data that could not be written.
const UNKEPT: &str = "用户资料没有保存";

impl App {
    pub(super) fn draw_customers(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        self.find_visits();
        self.read_customer();
        let now = self.outside.now();
        let page = &mut self.pages.customers;
        let shown = Shown {
            customers: &page.customers,
            generation: page.generation,
            procedure: &self.procedure,
            lists: &self.book.lists,
            detail: page.detail.as_ref(),
            about: &page.about,
            due: page.visits.len(),
            now,
        };
        page.view.show(ui, &shown, commands);
        let unread = page.detail.as_ref().map(|it| it.name.as_str()) != page.view.chosen();
        if self.read_about() || unread {
            ui.ctx().request_repaint();
        }
    }

    pub(super) fn run_customer(&mut self, ctx: &egui::Context, command: CustomerCommand) {
        if matches!(command, CustomerCommand::Merge { .. })
            && !self.backed_up_for(ctx, Reason::Merge, &Command::Customer(command.clone()))
        {
            return;
        }
        self.refresh_customers();
        let customers = &self.pages.customers.customers;
        let (row, said) = match command {
            CustomerCommand::Show(name) => {
                self.pages.customers.view.choose(&name);
                self.panels.view = View::Customers;
                return;
            }
            CustomerCommand::Put(row) => (Ok(row), None),
            CustomerCommand::Merge { from, into } => {
                let said = format!("“{from}”已并到“{into}”名下，单据上的写法不变；可以再拆开");
                (customers.merge(&from, &into), Some(said))
            }
            CustomerCommand::Split(spelling) => {
                let row = customers.split(&spelling).ok_or_else(|| format!("没有拆开：“{spelling}”没有合并过"));
                (row, Some(format!("“{spelling}”已拆开，单独列出")))
            }
        };
        let row = match row {
            Ok(row) => row,
            Err(sentence) => return self.fail(sentence),
        };
        if let (true, Some(said)) = (self.keep_row(&row), said) {
            self.say(said);
        }
    }

    fn keep_row(&mut self, row: &Customer) -> bool {
        let Some(store) = &self.book.store else { return false };
        if let Err(error) = store.put_customer(row, &self.operator, self.outside.now()) {
            self.fail(format!("{UNKEPT}：{error}"));
            return false;
        }
        // What was said of another field stays.
        self.notice = self.notice.take().filter(|it| !it.text.starts_with(UNKEPT));
        self.writing.saved = format!("已保存 {}", self.outside.now().format("%H:%M:%S"));
        let page = &mut self.pages.customers;
        (page.kept_at, page.made_for) = (None, None);
        page.view.settle(row);
        self.pages.similar.forget_answer();
        true
    }

    /// Writes what was typed about users and is not kept yet.
    pub(super) fn keep_customers(&mut self) {
        let mut commands = Vec::new();
        let page = &mut self.pages.customers;
        page.view.flush(&page.customers, &mut commands);
        for command in commands {
            if let Command::Customer(CustomerCommand::Put(row)) = command {
                self.keep_row(&row);
            }
        }
    }

    /// Finds who is due to be talked with today (4.3), where anything changed since that was last done.
    pub(super) fn find_visits(&mut self) {
        self.refresh_customers();
        let today = self.today();
        let page = &mut self.pages.customers;
        if page.visits_for != Some((page.generation, today)) {
            page.visits = customers::due_by_duty(&self.procedure, &self.book.lists, &page.customers, today);
            page.visits_for = Some((page.generation, today));
        }
    }

    /// Makes the list of users anew, where the book has changed since.
    fn refresh_customers(&mut self) {
        // Of half the sheets a user would have bought half of what they bought.
        let Some(store) = self.book.store.as_ref().filter(|_| self.book.reading.is_none()) else { return };
        let made = store.stamp().and_then(|stamp| {
            let document = &self.procedure.document;
            let wanted = (stamp, document.visit_days(), document.company.clone());
            if self.pages.customers.made_for.as_ref() == Some(&wanted) {
                return Ok(());
            }
            self.pages.customers.made_for = Some(wanted);
            let mut beside = Beside::new();
            for form in self.procedure.in_use() {
                let fields = fields_beside(form);
                if fields.is_empty() || !self.book.lists.contains_key(&form.form) {
                    continue;
                }
                store.each(&form.form, Some(&fields), &mut |record| {
                    let form = self.procedure.edition(&record.form, &record.edition).unwrap_or(form);
                    beside.insert(record.id, read_beside(form, &record));
                })?;
            }
            let page = &mut self.pages.customers;
            let kept = page.kept(store, stamp)?;
            let made = Customers::of(&self.procedure, &self.book.lists, &beside, kept);
            page.customers = made;
            page.generation += 1;
            page.detail = None;
            page.about.clear();
            Ok(())
        });
        if let Err(error) = made {
            self.fail(error.to_string());
        }
    }

    /// Reads what is known of the chosen user.
    fn read_customer(&mut self) {
        let page = &mut self.pages.customers;
        let chosen = page.view.chosen().and_then(|it| page.customers.find(it));
        let (Some(store), Some(user)) = (&self.book.store, chosen) else { return };
        if page.detail.as_ref().is_some_and(|it| it.name == user.name) {
            return;
        }
        let mut detail = Detail { name: user.name.clone(), ..Detail::default() };
        for sheet in user.sheets.iter().rev().take(SEARCHED) {
            let Ok(Some(record)) = store.record(sheet.record) else { continue };
            let Some(form) = self.procedure.edition(&record.form, &record.edition) else { continue };
            let (name, phone) = contact(form, &record);
            if detail.contact.is_empty() {
                name.clone_into(&mut detail.contact);
            }
            if detail.phone.is_empty() {
                phone.clone_into(&mut detail.phone);
            }
            if !detail.contact.is_empty() && !detail.phone.is_empty() {
                break;
            }
        }
        detail.products = products(user, &self.book.lists);
        let alike = page.customers.proposals(user).into_iter();
        detail.alike = alike.map(|it| (it.name.clone(), it.sheets.len())).collect();
        page.detail = Some(detail);
    }

    /// Reads what the sheets on the screen are about; whether there were any to read.
    fn read_about(&mut self) -> bool {
        let page = &mut self.pages.customers;
        let wanted = std::mem::take(&mut page.view.wanted);
        let Some(store) = self.book.store.as_ref().filter(|_| !wanted.is_empty()) else { return false };
        for id in wanted {
            // A sheet that cannot be read shows itself where it is opened.
            let record = store.record(id).ok().flatten();
            let form = record.as_ref().and_then(|it| self.procedure.edition(&it.form, &it.edition));
            let text = form.zip(record.as_ref()).map(|(form, record)| about(form, record)).unwrap_or_default();
            page.about.insert(id, text);
        }
        true
    }
}
