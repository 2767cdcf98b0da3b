//! What is kept of a user, edited in place: written when the field is left, or at a pause.

use std::collections::BTreeMap;

use eframe::egui::Ui;

use crate::command::{Command, CustomerCommand};
use crate::customers::{Customers, User, key};
use crate::record::{Customer, fold};
use crate::ui::{ime, page};

use super::{Detail, Shown};

/// After this pause, in seconds, what is typed is written.
const PAUSE: f64 = 0.8;
/// More days than these between two visits are a slip of the pen.
const LONGEST: u32 = 3650;

/// One thing kept of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Datum {
    Contact,
    Phone,
    Visit,
    Note,
}

impl Datum {
    const fn name(self) -> &'static str {
        match self {
            Self::Contact => "联系人",
            Self::Phone => "联系电话",
            Self::Visit => "走访间隔",
            Self::Note => "备注",
        }
    }

    fn text(self, kept: &Customer) -> String {
        match self {
            Self::Contact => kept.contact.clone(),
            Self::Phone => kept.phone.clone(),
            Self::Visit => match kept.visit {
                None => String::new(),
                Some(0) => "不走访".to_owned(),
                Some(days) => format!("{days} 天"),
            },
            Self::Note => kept.note.clone(),
        }
    }

    /// What is kept once `text` stands in the field; none where it cannot be read.
    fn put(self, text: &str, kept: Customer) -> Option<Customer> {
        let typed = text.trim().to_owned();
        Some(match self {
            Self::Contact => Customer { contact: typed, ..kept },
            Self::Phone => Customer { phone: typed, ..kept },
            Self::Visit => Customer { visit: read_days(&typed)?, ..kept },
            Self::Note => Customer { note: typed, ..kept },
        })
    }
}

/// Days between two visits as typed: nothing is the procedure's, 0 or 不走访 is no visits.
fn read_days(typed: &str) -> Option<Option<u32>> {
    let typed = fold(typed);
    let days = typed.trim_end_matches('天').trim();
    match days {
        "" if typed.is_empty() => Some(None),
        "不走访" | "不访" => Some(Some(0)),
        _ => days.parse().ok().filter(|it| *it <= LONGEST).map(Some),
    }
}

/// What stands in a field since something was typed in it.
#[derive(Clone, Debug)]
struct Draft {
    text: String,
    /// It is in the book; it stays as typed until the field is left.
    kept: bool,
}

/// What was typed, by user and field.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    typed: BTreeMap<(String, Datum), Draft>,
    /// When the last letter was typed, in the window's seconds.
    changed: Option<f64>,
}

impl Drafts {
    /// Draws the fields.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        it: &Shown<'_>,
        user: &User,
        detail: Option<&Detail>,
        commands: &mut Vec<Command>,
    ) {
        let hint = |of: fn(&Detail) -> &String, known: &str| {
            let latest = detail.map(of).map(String::as_str).unwrap_or_default();
            if known.is_empty() { latest.to_owned() } else { known.to_owned() }
        };
        let contact = hint(|it| &it.contact, &user.known.contact);
        let phone = hint(|it| &it.phone, &user.known.phone);
        let days = it.procedure.document.visit_days();
        let visit = format!("{days} 天（程序的间隔）；写 0 不走访");
        let half = (ui.available_width() - 2.0 * 92.0 - 12.0) / 2.0;
        let whole = ui.available_width() - 92.0;
        ui.horizontal(|ui| {
            self.field(ui, it, user, (Datum::Contact, &contact), half, commands);
            ui.add_space(4.0);
            self.field(ui, it, user, (Datum::Phone, &phone), half, commands);
        });
        self.field(ui, it, user, (Datum::Visit, &visit), whole, commands);
        self.field(ui, it, user, (Datum::Note, &user.known.note), whole, commands);
    }

    fn field(
        &mut self,
        ui: &mut Ui,
        it: &Shown<'_>,
        user: &User,
        (datum, hint): (Datum, &str),
        width: f32,
        commands: &mut Vec<Command>,
    ) {
        let (place, kept) = ((user.name.clone(), datum), user.kept());
        let mut text = self.typed.get(&place).map_or_else(|| datum.text(&kept), |it| it.text.clone());
        let response = page::field(ui, datum.name(), &mut text, hint, width);
        if response.changed() {
            self.changed = Some(ui.input(|it| it.time));
            self.typed.insert(place, Draft { text, kept: false });
        } else if response.lost_focus() {
            if datum.put(&text, kept).is_none() {
                let sentence = format!("走访间隔没有保存：“{}”不是天数，可写 30；写 0 不走访", text.trim());
                commands.push(Command::Tell(sentence));
            }
            self.flush(it.customers, commands);
        } else if !response.has_focus() && self.typed.get(&place).is_some_and(|it| it.kept) {
            self.typed.remove(&place);
        }
    }

    /// Writes what has waited long enough, and sees that the window wakes for the rest.
    pub(super) fn write_in_time(&mut self, ui: &Ui, customers: &Customers, commands: &mut Vec<Command>) {
        let Some(since) = self.changed else { return };
        let left = PAUSE - (ui.input(|it| it.time) - since);
        if left > 0.0 || ime::is_composing(ui.ctx()) {
            ui.ctx().request_repaint_after_secs(left.max(0.1) as f32);
        } else {
            self.flush(customers, commands);
        }
    }

    /// Notes that a row is in the book.
    pub(super) fn settle(&mut self, row: &Customer) {
        let own = key(&row.name);
        for ((name, datum), draft) in &mut self.typed {
            draft.kept |= key(name) == own && datum.put(&draft.text, row.clone()).as_ref() == Some(row);
        }
    }

    /// Writes everything that is not kept yet; it stays in hand until it is.
    pub(super) fn flush(&mut self, customers: &Customers, commands: &mut Vec<Command>) {
        self.changed = None;
        let mut rows: BTreeMap<&str, Customer> = BTreeMap::new();
        for ((name, datum), draft) in self.typed.iter().filter(|(_, it)| !it.kept) {
            let Some(user) = customers.find(name) else { continue };
            let row = rows.entry(name).or_insert_with(|| user.kept());
            if let Some(put) = datum.put(&draft.text, row.clone()) {
                *row = put;
            }
        }
        commands.extend(rows.into_values().map(|row| Command::Customer(CustomerCommand::Put(row))));
    }
}
