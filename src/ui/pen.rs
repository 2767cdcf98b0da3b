//! The pen: which cell is being written in, and what stands there until it is on the disk.

use chrono::NaiveDate;
use eframe::egui::{Id, Key, Modifiers, Pos2, Ui};

use crate::command::Command;
use crate::layout::Part;
use crate::procedure::{Field, Form, Kind};
use crate::record::{CellId, Picked, Record, RecordId, kept, read_date, shown};

/// Seconds after which what was typed is written, whether the hand rests or types on.
const PAUSE: f64 = 0.5;

/// An entry under the pen.
#[derive(Clone, Debug)]
pub struct Pen {
    /// On which sheet; `RecordId(0)` is one not in the book yet.
    pub record: RecordId,
    /// In which cell, where the entry is kept.
    pub cell: CellId,
    /// In which part of it.
    pub part: Part,
    /// The text in hand, an unfinished composition included.
    pub text: String,
    /// The text in hand without an unfinished composition: what is written at a pause.
    pub settled: String,
    /// What is known to be on the disk.
    pub written: String,
    /// When the first change not written yet was made, in the window's seconds; `None` when nothing waits.
    pub changed: Option<f64>,
    /// Where the click fell that put the pen here, until the caret is set there.
    pub click: Option<Pos2>,
    /// Whether the keyboard has to be given to the cell still.
    pub fresh: bool,
    /// Which of the words offered is chosen.
    pub chosen: Option<usize>,
    /// Whether anything was typed since the pen came.
    pub touched: bool,
    /// Whether the words offered have been sent away.
    pub alone: bool,
}

impl Pen {
    /// Puts the pen on an entry of a field.
    pub fn new(record: &Record, field: &Field, cell: CellId, part: Part) -> Self {
        let value = record.at(&cell);
        let text = match part {
            Part::Other => Picked::read(field, value).other,
            // A date is taken up as it reads; anything else as it was typed, blanks included.
            _ if field.kind == Kind::Date => shown(Kind::Date, value).into_owned(),
            Part::Entry | Part::Option(_) => value.to_owned(),
        };
        Self {
            record: record.id,
            part,
            settled: text.clone(),
            text,
            written: value.to_owned(),
            cell,
            changed: None,
            click: None,
            fresh: true,
            chosen: None,
            touched: false,
            alone: false,
        }
    }

    /// The widget of a cell's part; the same before and after the sheet gets its number, and in every round.
    pub fn id(cell: &CellId, part: Part) -> Id {
        Id::unique(("cell", cell.field.as_str(), cell.line, part == Part::Other))
    }

    /// Notes what the text has become.
    pub fn note(&mut self, composing: bool, time: f64) {
        if !composing && self.text != self.settled {
            self.settled.clone_from(&self.text);
            self.touched = true;
            self.changed.get_or_insert(time);
        }
    }

    /// Goes through `count` words offered by the arrow keys, which the text then does not see.
    pub fn choose(&mut self, ui: &Ui, count: usize) {
        if count == 0 {
            return;
        }
        if ui.input_mut(|it| it.consume_key(Modifiers::NONE, Key::ArrowDown)) {
            self.chosen = Some(self.chosen.map_or(0, |it| (it + 1) % count));
        }
        if ui.input_mut(|it| it.consume_key(Modifiers::NONE, Key::ArrowUp)) {
            self.chosen = Some(self.chosen.map_or(count, |it| it.max(1)) - 1);
        }
    }

    /// Takes a word that was picked instead of typed.
    pub fn take(&mut self, word: &str) {
        word.clone_into(&mut self.text);
        word.clone_into(&mut self.settled);
        self.touched = true;
    }

    /// Takes over what another window wrote, where nothing in hand would be lost by it.
    /// Whether words written here have gone by it.
    pub fn refresh(&mut self, record: &Record, form: &Form) -> bool {
        let unchanged = self.changed.is_none() && self.text == self.settled;
        let written = record.at(&self.cell);
        if let Some(field) = form.field(&self.cell.field).filter(|_| unchanged && written != self.written) {
            let fresh = Self::new(record, field, self.cell.clone(), self.part);
            (self.text, self.settled, self.written) = (fresh.text, fresh.settled, fresh.written);
            return self.touched;
        }
        false
    }

    /// What is to be kept of the text in hand. A date is put in its one form only when the pen `leaves`.
    pub fn value(&self, field: &Field, today: NaiveDate, leaves: bool) -> String {
        if !self.touched {
            return self.written.clone(); // only looked at
        }
        match (self.part, field.kind) {
            (Part::Other, _) => Picked::with_other(field, &self.written, &self.settled),
            (_, Kind::Date) => {
                if self.settled == shown(Kind::Date, &self.written) && read_date(&self.written, None).is_some() {
                    self.written.clone() // only looked at
                } else if leaves || !self.settled.contains(|c: char| c.is_ascii_digit()) {
                    // 今天 is today, also when the power goes before the pen leaves.
                    kept(Kind::Date, &self.settled, today)
                } else {
                    self.settled.clone()
                }
            }
            _ => self.settled.clone(),
        }
    }

    /// Writes what has waited long enough, and sees that the window wakes when the rest has.
    pub fn write_in_time(&mut self, ui: &Ui, field: &Field, today: NaiveDate, commands: &mut Vec<Command>) {
        let Some(since) = self.changed else { return };
        let left = PAUSE - (ui.input(|it| it.time) - since);
        if left <= 0.0 {
            commands.extend(self.write(field, today, false));
        } else {
            ui.ctx().request_repaint_after_secs(left as f32 + 0.01);
        }
    }

    /// The command that writes what is in hand, if it is not on the disk already.
    pub fn write(&mut self, field: &Field, today: NaiveDate, leaves: bool) -> Option<Command> {
        self.changed = None;
        // An empty bracket is not an answer: it is only looked at.
        if self.part == Part::Other && self.settled.is_empty() && Picked::read(field, &self.written).other.is_empty() {
            return None;
        }
        let value = self.value(field, today, leaves);
        if value == self.written {
            return None;
        }
        let expected = std::mem::replace(&mut self.written, value.clone());
        Some(Command::Set { record: self.record, cell: self.cell.clone(), value, expected })
    }
}
