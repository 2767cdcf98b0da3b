//! The places beside a cell where more is asked than the cell holds: signing (签署), correcting (划改), putting off the date
//! (延期), voiding (作废), and why a cell cannot be written.

use std::collections::BTreeMap;

use eframe::egui::{self, Align2, Area, Frame, Id, Key, Margin, Modifiers, Order, Rect, Stroke, Ui, vec2};

use super::super::{ime, theme};
use super::{Desk, SheetView};
use crate::command::Command;
use crate::flow::{self, Refusal, RefusalKind};
use crate::procedure::{Before, Field, FieldId, Kind, Rule};
use crate::record::{CellId, RecordId, full_date, shown};

mod places;

use places::draw;

/// How wide the place is.
const WIDE: f32 = 380.0;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// To sign the stage of this cell, in this line where it is signed line by line.
    Sign(FieldId, Option<usize>),
    /// Nothing yet: the cell cannot be written, and why.
    Locked(CellId, String),
    /// To correct this cell.
    Correct(CellId),
    /// To put off the date the work is due by.
    PutOff(FieldId),
    /// To void the sheet.
    Void,
    /// To begin another round by hand.
    Again,
}

impl Ask {
    /// The cell it is about.
    fn cell(&self, desk: &Desk<'_>) -> Option<CellId> {
        match self {
            // Only the date of the present round is put off, whichever is looked at.
            Self::PutOff(field) => {
                Some(CellId::new(field.clone(), flow::living_round(desk.form, desk.record, field.as_str())))
            }
            Self::Sign(field, line) => Some(desk.cell(field, line.unwrap_or_default())),
            Self::Locked(cell, _) | Self::Correct(cell) => Some(cell.clone()),
            Self::Void | Self::Again => None,
        }
    }
}

/// What is typed there.
#[derive(Clone, Debug)]
pub(super) struct Asking {
    what: Ask,
    record: RecordId,
    /// The cell it is about, where it is about one.
    cell: Option<CellId>,
    name: String,
    on: String,
    text: String,
    reason: String,
    excuses: BTreeMap<FieldId, String>,
    passed: Option<bool>,
    verdict: String,
    why: String,
    refused: String,
    fresh: bool,
    /// Names are offered while one is being typed.
    naming: bool,
    /// How high it was drawn last, to stand over the cell where there is no room below.
    high: f32,
    /// What stood in name, day and text at first.
    begun: [String; 3],
}

impl Asking {
    /// Whether more than a name or a day was typed.
    fn has_words(&self) -> bool {
        let [_, _, text] = &self.begun;
        let said = [&self.reason, &self.why].into_iter().any(|it| !it.trim().is_empty());
        self.text != *text || said || self.excuses.values().any(|it| !it.trim().is_empty())
    }

    /// Whether anything was typed or chosen here that would be lost.
    fn is_typed(&self) -> bool {
        let written = [&self.name, &self.on, &self.text].into_iter().zip(&self.begun).any(|(now, first)| now != first);
        let chosen = self.passed.is_some() || !self.verdict.is_empty();
        let words = [&self.reason, &self.why].into_iter().chain(self.excuses.values());
        let said = chosen || words.into_iter().any(|it| !it.is_empty());
        (written || said) && !matches!(self.what, Ask::Locked(..))
    }
}

impl SheetView {
    /// Asks for more than a cell holds.
    pub fn ask(&mut self, desk: &Desk<'_>, what: Ask, commands: &mut Vec<Command>) {
        self.leave(desk, commands);
        self.lay_aside();
        let cell = what.cell(desk).filter(|it| desk.field(&it.field).is_some());
        self.last = cell.clone().or(self.last.take());
        self.follow_ask = true;
        let outside = match &what {
            Ask::Sign(field, line) => {
                flow::asked_in(desk.form, desk.record, (field, *line), "", None).is_ok_and(|it| it.outside)
            }
            Ask::Locked(..) | Ask::Correct(_) | Ask::PutOff(_) | Ask::Void | Ask::Again => false,
        };
        let text =
            cell.as_ref().and_then(|it| Some(shown(desk.field(&it.field)?.kind, desk.record.at(it)).into_owned()));
        let person = desk.form.every_field().find(|it| it.kind == Kind::Person);
        let person = person.filter(|it| !desk.offers.contains_key(&it.id));
        commands.extend(person.map(|it| Command::Offer(it.id.clone())));
        // What was typed here before and not sent is there again.
        let before = self.aside.iter().position(|it| (it.record, &it.what, &it.cell) == (desk.record.id, &what, &cell));
        if let Some(place) = before {
            self.asking = Some(Asking { fresh: true, ..self.aside.remove(place) });
            return;
        }
        let name = if outside { String::new() } else { desk.operator.to_owned() };
        let on = full_date(desk.today);
        let text = if matches!(what, Ask::PutOff(_)) { String::new() } else { text.unwrap_or_default() };
        self.asking = Some(Asking {
            record: desk.record.id,
            cell,
            begun: [name.clone(), on.clone(), text.clone()],
            name,
            on,
            text,
            reason: String::new(),
            excuses: BTreeMap::new(),
            passed: None,
            verdict: String::new(),
            why: String::new(),
            refused: String::new(),
            fresh: true,
            naming: false,
            high: 240.0,
            what,
        });
    }

    /// Closes what is asked; what was typed there comes back when the same is asked again.
    pub(super) fn lay_aside(&mut self) {
        if let Some(asking) = self.asking.take().filter(Asking::is_typed) {
            let same = |it: &Asking| (it.record, &it.what, &it.cell) == (asking.record, &asking.what, &asking.cell);
            self.aside.retain(|it| !same(it));
            self.aside.push(asking);
        }
    }

    /// What would be signed has changed: the place closes, what was typed there is kept. Whether one was open.
    pub fn unsettle(&mut self) -> bool {
        let signing = self.asking.as_ref().is_some_and(|it| matches!(it.what, Ask::Sign(..)));
        if signing {
            self.lay_aside();
        }
        signing
    }

    /// Whether words were typed, beside this sheet or another, that were neither sent nor sent away.
    pub fn has_unsent(&self) -> bool {
        self.asking.iter().chain(&self.aside).any(Asking::has_words)
    }

    /// What was sent is done.
    pub fn sent(&mut self) {
        self.sent = None;
    }

    /// What was sent could not be done: it is asked again, with all that was typed.
    pub fn send_back(&mut self, why: &str) {
        if let Some(sent) = self.sent.take() {
            self.lay_aside();
            self.asking = Some(Asking { refused: why.to_owned(), fresh: true, ..sent });
        }
    }

    /// Why the pen may not be put on a cell, and what is asked instead.
    pub(in crate::ui) fn instead(&self, desk: &Desk<'_>, field: &Field, line: usize) -> Option<Ask> {
        let id = field.id.clone();
        let cell = || desk.cell(&field.id, line);
        let (form, record) = (desk.form, desk.record);
        if let Some(why) = flow::shut(form, record) {
            return Some(Ask::Locked(cell(), why.into()));
        }
        if cell().round != flow::living_round(form, record, id.as_str()) {
            let why = Refusal::by(form, Rule::Correction, RefusalKind::RoundOver(desk.round + 1));
            return Some(Ask::Locked(cell(), why.into()));
        }
        if let Some(stage) = form.stage_of(id.as_str())
            && !flow::is_signed_in(form, record, stage, field, line)
        {
            let by = form.stages[stage].by.clone();
            let line = form.stages[stage].table.is_some().then_some(line);
            let unmet = desk.unmet.iter().find(|it| it.before == Before::Sign && it.stage == stage);
            return Some(match (flow::asked_in(form, record, (&by, line), "", None), unmet) {
                (Ok(_), Some(unmet)) => Ask::Locked(cell(), unmet.says.clone()),
                (Ok(_), None) => Ask::Sign(by, line),
                (Err(why), _) => Ask::Locked(cell(), why.into()),
            });
        }
        let closed = flow::closed_at(form, record, field, &cell()).map(|why| Ask::Locked(cell(), why.into()));
        closed.or_else(|| {
            let section = form.section_of(id.as_str()).filter(|_| !field.early)?;
            let stage = form.stages_in(form.signed_in(section)).next()?;
            let unmet = desk.unmet.iter().find(|it| it.before == Before::Open && it.stage == stage)?;
            Some(Ask::Locked(cell(), unmet.says.clone()))
        })
    }

    /// Draws what is asked beside `cell`, or at the desk's upper right where it is about the whole sheet.
    pub(in crate::ui) fn acts(
        &mut self,
        ui: &mut Ui,
        desk: &Desk<'_>,
        cell: Option<Rect>,
        commands: &mut Vec<Command>,
    ) {
        let Some(mut asking) = self.asking.take() else { return };
        if asking.record != desk.record.id && asking.record != RecordId(0) {
            self.asking = Some(asking);
            return self.lay_aside();
        }
        asking.record = desk.record.id;
        let desk_room = ui.clip_rect();
        let room = ui.ctx().content_rect();
        // Not over what stands beside the sheet, where the desk is wide enough.
        let cell = cell.map(|it| {
            let left = it.left().min(desk_room.right() - WIDE - 40.0).max(desk_room.left());
            Rect::from_min_max(egui::pos2(left, it.top()), egui::pos2(it.right().max(left), it.bottom()))
        });
        let (pivot, place) = match cell {
            Some(cell) if cell.bottom() + asking.high < desk_room.bottom() => {
                (Align2::LEFT_TOP, cell.left_bottom() + vec2(0.0, 3.0))
            }
            Some(cell) if cell.top() - asking.high > room.top() => {
                (Align2::LEFT_BOTTOM, cell.left_top() - vec2(0.0, 3.0))
            }
            Some(cell) => (Align2::LEFT_CENTER, egui::pos2(cell.left(), room.center().y)),
            None => (Align2::RIGHT_TOP, desk_room.right_top() + vec2(-16.0, 8.0)),
        };
        let frame = Frame::NONE
            .fill(theme::PAPER)
            .stroke(Stroke::new(1.0, theme::ACCENT))
            .corner_radius(4.0)
            .inner_margin(Margin::symmetric(12, 10));
        let shadow = egui::epaint::Shadow { offset: [0, 2], blur: 8, spread: 0, color: theme::SHADOW };
        let area = Area::new(Id::unique("asked")).order(Order::Foreground).pivot(pivot).fixed_pos(place);
        let mut fate = Fate::Stays;
        let mut measured = false;
        let shown = area.constrain(true).show(ui.ctx(), |ui| {
            // A new area is first measured, unseen, and takes no keyboard.
            measured = ui.is_sizing_pass();
            frame.shadow(shadow).show(ui, |ui| {
                ui.set_width(WIDE);
                ui.spacing_mut().item_spacing.y = 8.0;
                fate = draw(ui, desk, &mut asking, commands);
            });
        });
        asking.high = shown.response.rect.height() + 8.0;
        let outside = ui.input(|it| it.pointer.any_pressed()) && !shown.response.contains_pointer() && !asking.fresh;
        let escape = !ime::is_composing(ui.ctx()) && ui.input_mut(|it| it.consume_key(Modifiers::NONE, Key::Escape));
        if asking.fresh {
            ui.ctx().request_repaint();
            asking.fresh = measured;
        }
        match fate {
            // What was typed here stays until it is sent or sent away: a click elsewhere closes only what is empty.
            Fate::Stays if escape || outside && !asking.is_typed() => {}
            Fate::Stays => self.asking = Some(asking),
            Fate::Gone => {}
            Fate::Sent => self.sent = Some(asking),
            Fate::Becomes(what) => self.ask(desk, what, commands),
        }
    }

    /// The cell what is asked stands beside.
    pub(in crate::ui) fn asked_at(&self) -> Option<CellId> {
        self.asking.as_ref().and_then(|it| it.cell.clone())
    }
}

/// What becomes of the place.
enum Fate {
    Stays,
    Gone,
    Sent,
    Becomes(Ask),
}
