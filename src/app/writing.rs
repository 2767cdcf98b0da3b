//! Writing entries into the book, and keeping what cannot be written until it can.

use std::collections::BTreeSet;

use eframe::egui;

use super::App;
use crate::flow;
use crate::list::Summary;
use crate::record::{CellId, Record, RecordId, brief};
use crate::store::{Act, SetOutcome};

/// Seconds between two attempts to write what could not be written.
const RETRY: f64 = 2.0;

/// One entry that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwritten {
    /// On which sheet; `RecordId(0)` is the new one, which has no place in the book yet.
    pub record: RecordId,
    /// Which entry; a new sheet has only the first round.
    pub cell: CellId,
    /// What is to stand there.
    pub value: String,
    /// What stood there before.
    pub expected: String,
}

/// Whether an entry is a step that Ctrl+Z takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The clerk wrote it.
    Own,
    /// It takes a step back.
    Back,
}

/// Why an entry was not written.
enum Failed {
    /// The book could not be written: it is tried again.
    Fault(String),
    /// A rule of the procedure forbids it.
    Refused(String),
}

impl From<String> for Failed {
    fn from(sentence: String) -> Self {
        Self::Fault(sentence)
    }
}

impl App {
    /// Writes one entry; what cannot be written is kept, shown, and tried again.
    pub(super) fn set(&mut self, mut one: Unwritten, step: Step) {
        // The new sheet may have got its place since this was asked for.
        if let (RecordId(0), Some(id)) = (one.record, self.desk.made) {
            one.record = id;
        }
        // What still waited for the same cell is overtaken: only what stood on the disk before it counts.
        let cell = |it: &Unwritten| (it.record, it.cell.clone());
        if let Some(place) = self.writing.unwritten.iter().position(|it| cell(it) == cell(&one)) {
            one.expected = self.writing.unwritten.remove(place).expected;
        }
        match self.write(&one) {
            Ok((id, outcome)) => self.written(id, one, outcome, step),
            // By rule, not by fault: trying again would not help, and what was typed is not lost.
            Err(Failed::Refused(why)) => {
                if !one.value.is_empty() {
                    self.writing.refused.push(one.value.clone());
                }
                self.lay(one.record);
                self.fail(format!("没有写入：{why}；刚写的字已放进剪贴板：{}", brief(&one.value)));
            }
            Err(Failed::Fault(sentence)) => {
                if self.desk.record.id == one.record {
                    self.desk.record.put(&one.cell, &one.value);
                    self.look_over();
                }
                self.writing.unwritten.push(one);
                self.pages.registers.forget();
                self.fail(format!("{sentence}；没写进去的字还在窗口里，会接着再试，请先不要关"));
            }
        }
    }

    fn written(&mut self, id: RecordId, one: Unwritten, outcome: SetOutcome, step: Step) {
        self.pages.registers.forget();
        self.writing.saved = format!("已保存 {}", self.outside.now().format("%H:%M:%S"));
        let Unwritten { cell, value, expected, .. } = one;
        if let SetOutcome::Overwrote(other) = &outcome {
            let other = brief(other);
            self.say(format!("另一个窗口刚把这一格写成“{other}”，已被这里的覆盖；原文留在修改记录里"));
        }
        // What is offered must not change under the pen.
        let writing = self.desk.sheet.pen.as_ref().map(|it| it.cell.field.clone());
        if writing.as_ref() != Some(&cell.field) {
            self.desk.offers.retain(|it, _| Some(it) == writing.as_ref());
            writing.into_iter().for_each(|it| self.fetch_offers(&it));
        }
        if step == Step::Own && outcome != SetOutcome::Unchanged {
            // What was written while the pen stayed in a cell is one step; each letter chosen is one.
            let chosen = self.form().and_then(|it| it.field(&cell.field)).is_some_and(|it| it.kind.is_chosen());
            let goes_on = self.writing.same_visit && !chosen;
            match self.writing.undo.last_mut().map(Vec::as_mut_slice) {
                Some([last]) if goes_on && (last.record, &last.cell) == (id, &cell) && last.value == expected => {
                    last.value = value;
                }
                _ => self.writing.undo.push(vec![Unwritten { record: id, cell, value, expected }]),
            }
            self.writing.same_visit = true;
        }
        if self.desk.record.id == id {
            self.lay(id);
        }
    }

    fn write(&mut self, one: &Unwritten) -> Result<(RecordId, SetOutcome), Failed> {
        let Some(store) = &self.book.store else { return Err("没有打开台帐".to_owned().into()) };
        let now = self.outside.now();
        if one.record != RecordId(0) {
            let rule = |record: &Record| {
                let same = record.at(&one.cell) == one.value;
                if same { None } else { self.forbidden(record, one) }
            };
            let written = store.set_unless(one.record, &one.cell, &one.value, &one.expected, now, &rule);
            let written = written.map_err(|error| error.to_string())?.map_err(Failed::Refused)?;
            return Ok((one.record, written));
        }
        // The first entry of a new sheet: now, and not before, it gets its number. What could not be written of it
        // before goes along, whatever lies on the desk meanwhile.
        let Some(form) = self.procedure.form(&self.desk.new_form) else {
            return Err("没有这种表单".to_owned().into());
        };
        let waiting = self.writing.unwritten.iter().filter(|it| it.record == RecordId(0)).chain([one]);
        let mut values = self.desk.proposed.clone();
        waiting.for_each(|it| drop(values.put(&it.cell.field, it.cell.line, &it.value)));
        // With what it comes from, or not at all: a second try must not begin a second sheet.
        let deeds = self.desk.origin.iter().cloned().collect();
        let act = Act { by: self.operator.clone(), deeds, ..Act::default() };
        let made = store.create_with(form, self.procedure.document.pattern(&form.form), &values, &act, now);
        let made = made.map_err(|error| error.to_string())?;
        let id = made.id;
        let origin = made.origin();
        self.desk.origin = None;
        self.desk.proposed.clear();
        self.writing.unwritten.retain(|it| it.record != RecordId(0));
        self.desk.made = Some(id);
        if self.desk.record.id == RecordId(0) {
            self.desk.record = made;
        } else {
            let summary = Summary::of(&self.procedure, form, &made);
            self.book.lists.entry(form.form.clone()).or_default().extend(summary);
        }
        if let Some(pen) = &mut self.desk.sheet.pen
            && pen.record == RecordId(0)
        {
            pen.record = id;
        }
        self.panels.list_views.entry(self.desk.new_form.clone()).or_default().reveal = true;
        // What waited there for this sheet waits no more.
        origin.into_iter().for_each(|it| self.refresh_line(it));
        Ok((id, SetOutcome::Written))
    }

    /// Tries again what could not be written.
    pub(super) fn try_again(&mut self, time: f64, ctx: &egui::Context) {
        if self.writing.unwritten.is_empty() {
            return;
        }
        if time - self.writing.tried < RETRY {
            ctx.request_repaint_after_secs((RETRY - (time - self.writing.tried)) as f32 + 0.01);
            return;
        }
        self.writing.tried = time;
        // One by one, the rest staying in the list: a new sheet takes all of its own along at once.
        self.notice = None;
        for one in self.writing.unwritten.clone() {
            if self.writing.unwritten.contains(&one) {
                self.set(one, Step::Own);
            }
        }
        if !self.writing.unwritten.is_empty() {
            ctx.request_repaint_after_secs(RETRY as f32);
        } else if self.notice.is_none() {
            // Else a rule forbade one of them meanwhile, or it went over what another window wrote: that is told.
            self.say("刚才没写进去的字都已保存");
        }
    }

    /// Takes back what was written last in this window: an entry, or lines of a table that moved.
    pub(super) fn take_back(&mut self) {
        let step = self.writing.undo.pop().unwrap_or_default();
        let Some(record) = step.first().map(|it| it.record) else {
            self.say("没有可撤销的填写");
            return;
        };
        if self.desk.record.id != record {
            self.lay(record);
        }
        self.panels.view = self.view_of(&self.desk.record.form);
        if let [one] = step.as_slice() {
            let Unwritten { record, cell, value, expected } = one.clone();
            return self.set(Unwritten { record, cell, value: expected, expected: value }, Step::Back);
        }
        match self.taken_back(&step) {
            Ok(()) => self.lay(record),
            Err(why) => self.fail(format!("没有撤销：{why}")),
        }
    }

    /// Takes back a step of several cells, of one sheet or more: all of it, or nothing.
    fn taken_back(&mut self, step: &[Unwritten]) -> Result<(), String> {
        let ids: BTreeSet<RecordId> = step.iter().map(|it| it.record).collect();
        let mut acts = Vec::new();
        for id in ids {
            let (record, _) = self.at_hand(id)?;
            let cells = step.iter().filter(|it| it.record == id);
            if cells.clone().any(|it| record.at(&it.cell) != it.value) {
                return Err("这几行后来又改过，原来的字在修改记录里".to_owned());
            }
            let back =
                |it: &Unwritten| Unwritten { value: it.expected.clone(), expected: it.value.clone(), ..it.clone() };
            // What was begun with the step is nobody's yet: it is emptied whoever is to write on it next.
            let form = self.procedure.edition(&record.form, &record.edition);
            let unsigned = form.is_some_and(|form| !form.stages.iter().any(|it| flow::is_signed(form, &record, it)));
            let begun = |it: &Unwritten| unsigned && it.expected.is_empty() && !flow::is_shut(&record);
            let ruled = cells.clone().filter(|it| !begun(it));
            if let Some(why) = ruled.map(back).find_map(|it| self.forbidden(&record, &it)) {
                return Err(why);
            }
            let cells = cells.map(|it| (it.cell.clone(), it.expected.clone())).collect();
            acts.push((id, Act { by: self.operator.clone(), cells, seen: Some(Box::new(record)), ..Act::default() }));
        }
        let store = self.book.store.as_ref().ok_or_else(|| "没有打开台帐".to_owned())?;
        let now = self.outside.now();
        store.act_on_each(&acts, now).map_err(|error| error.to_string())?;
        self.writing.saved = format!("已保存 {}", now.format("%H:%M:%S"));
        self.pages.registers.forget();
        Ok(())
    }

    /// Lays the pen down and writes what was in hand.
    pub(super) fn lay_pen_down(&mut self) {
        self.keep_customers();
        self.settle_office();
        self.writing.same_visit = self.desk.sheet.pen.is_some();
        let Some(mut pen) = self.desk.sheet.pen.take() else { return };
        let today = self.today();
        let written = self.form().and_then(|it| it.field(&pen.cell.field)).and_then(|it| pen.write(it, today, true));
        if let Some(crate::command::Command::Set { record, cell, value, expected }) = written {
            self.set(Unwritten { record, cell, value, expected }, Step::Own);
        }
        self.writing.same_visit = false;
    }

    /// What is in hand or waiting and not on the disk, should the program end now: for the panic hook.
    pub fn in_hand(&self) -> Vec<Unwritten> {
        let mut all = self.writing.unwritten.clone();
        let form = self.form();
        if let Some(pen) = &self.desk.sheet.pen
            && let Some(field) = form.and_then(|it| it.field(&pen.cell.field))
        {
            let value = pen.value(field, self.today(), false);
            if value != pen.written {
                let (record, cell) = (pen.record, pen.cell.clone());
                all.push(Unwritten { record, cell, value, expected: pen.written.clone() });
            }
        }
        all
    }
}
