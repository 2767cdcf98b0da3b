//! A sheet's life beside its cells: signing, correcting, voiding, passing on, who sits at the desk.

use chrono::Datelike;

use super::App;
use crate::command::{Command, Question, View};
use crate::flow;
use crate::flow::{Signature, Standing};
use crate::procedure::{FieldId, Kind};
use crate::record::{Correction, Deed, Record, RecordId, Values, Void, full_date, keep_date, read_date};
use crate::store::{Act, Store};
use crate::ui::sheet::{Ask, Desk};

impl App {
    /// Asks beside the sheet for what is wanted.
    pub(super) fn ask_beside(&mut self, id: RecordId, question: Question) {
        if self.record.id != id {
            self.lay(id);
        }
        let Some(form) = self.form().cloned() else { return };
        self.view = View::Sheets(form.form.clone());
        let due = form.identity.as_ref().and_then(|it| it.due.clone());
        let what = match (question, flow::standing(&form, &self.record), due) {
            (Question::Sign, Standing::At(stage), _) => Ask::Sign(form.stages[stage].by.clone()),
            (Question::Sign, ..) => return self.say("这张单没有要签署的了"),
            (Question::PutOff, _, Some(due)) if !self.record.latest(&form, due.as_str()).is_empty() => Ask::PutOff(due),
            (Question::PutOff, ..) => return self.say("这张单没有写完成期限，没有可延的"),
            (Question::Void, ..) => Ask::Void,
        };
        if let Some(why) = flow::shut(&self.record) {
            return self.fail(why);
        }
        self.round = self.record.last_round();
        let desk = Desk {
            procedure: &self.procedure,
            form: &form,
            record: &self.record,
            round: self.round,
            issues: &self.issues,
            today: self.outside.now().date(),
            offers: &self.offers,
            operator: &self.operator,
            history: &[],
            similar: None,
            origin: None,
        };
        let mut commands = Vec::new();
        self.sheet.ask(&desk, what, &mut commands);
        for command in commands {
            if let Command::Offer(field) = command {
                self.fetch_offers(&field);
            }
        }
    }

    /// Signs a stage of the sheet.
    pub(super) fn sign(&mut self, id: RecordId, field: &FieldId, signature: &Signature) {
        let (record, store) = match self.at_hand(id) {
            Ok(it) => it,
            Err(sentence) => return self.fail(sentence),
        };
        if let Err(why) = self.may_sign(signature.name.trim()) {
            return self.fail(format!("没有签署：{why}"));
        }
        let Some(form) = self.procedure.edition(&record.form, &record.edition) else { return };
        let company = &self.procedure.document.company;
        let writes = match flow::sign(form, &record, field, signature, company, self.today()) {
            Ok(writes) => writes,
            Err(refusal) => return self.fail(format!("没有签署：{refusal}")),
        };
        let vacant = writes.cells.iter().map(|(field, round, _)| (field.clone(), *round)).collect();
        let act = Act {
            by: self.operator.clone(),
            cells: writes.cells,
            vacant,
            deeds: vec![Deed::Signed(writes.signed)],
            round: writes.round,
        };
        let number = record.number;
        match store.act(id, &act, self.outside.now()) {
            Ok(()) => {
                self.stamp();
                // What was typed before a signature is not taken back behind it.
                self.undo.retain(|it| it.record != id);
                self.lay(id);
                if writes.round {
                    self.round = self.record.last_round();
                    let round = self.record.rounds.len();
                    self.say(format!("{number} 退回“改进措施”，另起第 {round} 次处置；前一次留在单上"));
                } else {
                    self.say(format!("{number} 已签署：{}", signature.name.trim()));
                }
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// Changes an entry after signing (划改), or puts off the date.
    pub(super) fn correct(&mut self, id: RecordId, correction: &Correction) {
        let (record, store) = match self.at_hand(id) {
            Ok(it) => it,
            Err(sentence) => return self.fail(sentence),
        };
        let Some(form) = self.procedure.edition(&record.form, &record.edition) else { return };
        let Some(field) = form.field(&correction.field) else { return };
        let mut correction = correction.clone();
        correction.new = crate::record::kept(field.kind, &correction.new, self.today());
        record.written(correction.round, field.id.as_str()).clone_into(&mut correction.old);
        if correction.on.is_empty() {
            correction.on = keep_date(self.today());
        }
        if let Err(why) = flow::correction(form, &record, &correction) {
            return self.fail(format!("没有改：{why}"));
        }
        let put_off = form.identity.as_ref().is_some_and(|it| it.due.as_ref() == Some(&field.id));
        let number = record.number.clone();
        match store.correct(id, &correction, self.outside.now()) {
            Ok(()) => {
                self.stamp();
                self.undo.retain(|it| it.record != id);
                self.lay(id);
                let count = self.form().map_or(0, |form| flow::corrections(form, &self.record));
                let limit = self.procedure.document.limits.corrections as usize;
                if put_off {
                    let day = read_date(&correction.new, None).map_or(correction.new, full_date);
                    self.say(format!("{number} 延期到 {day}，原定的期限仍看得见"));
                } else if count > limit {
                    self.say(format!(
                        "本单已划改 {count} 处，超过 {limit} 处：建议重抄一张，原单附后（在“单据”菜单里）"
                    ));
                } else {
                    self.say(format!("已划改，原来的字仍看得见；本单共划改 {count} 处"));
                }
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// Voids a sheet; it keeps its number.
    pub(super) fn void(&mut self, id: RecordId, reason: &str, by: &str) {
        let (record, store) = match self.at_hand(id) {
            Ok(it) => it,
            Err(sentence) => return self.fail(sentence),
        };
        if reason.trim().is_empty() || by.trim().is_empty() {
            return self.fail("没有作废：请写明理由和作废人");
        }
        if let Some(why) = flow::shut(&record) {
            return self.fail(format!("没有作废：{why}"));
        }
        let void = Void { by: by.trim().to_owned(), on: keep_date(self.today()), reason: reason.trim().to_owned() };
        match store.void(id, &void, self.outside.now()) {
            Ok(()) => {
                self.stamp();
                self.undo.retain(|it| it.record != id);
                self.lay(id);
                self.pages.register.forget();
                self.say(format!("{} 已作废，编号保留", record.number));
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// When the book was last written, for the foot of the window.
    fn stamp(&mut self) {
        self.saved = format!("已保存 {}", self.outside.now().format("%H:%M:%S"));
    }

    /// Puts down what was done with a sheet.
    pub(super) fn note(&mut self, id: RecordId, deeds: Vec<Deed>) {
        let (_, store) = match self.at_hand(id) {
            Ok(it) => it,
            Err(sentence) => return self.fail(sentence),
        };
        let act = Act { by: self.operator.clone(), deeds, ..Act::default() };
        match store.act(id, &act, self.outside.now()) {
            Ok(()) => {
                self.stamp();
                if self.record.id == id {
                    self.lay(id);
                } else {
                    self.refresh_line(id);
                }
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// Reads a sheet's line in its list again.
    pub(super) fn refresh_line(&mut self, id: RecordId) {
        let read = self.store.as_ref().map(|it| it.record(id));
        match read {
            Some(Ok(Some(record))) => {
                self.index_sheet(&record);
                let form = self.procedure.edition(&record.form, &record.edition);
                let summary = form.and_then(|it| crate::list::Summary::of(&self.procedure, it, &record));
                self.lists.entry(record.form.clone()).or_default().extend(summary);
            }
            Some(Err(error)) => self.fail(error.to_string()),
            Some(Ok(None)) | None => {}
        }
    }

    /// Shows a round of the sheet on the desk.
    pub(super) fn show_round(&mut self, round: usize) {
        self.round = round.min(self.record.last_round());
        self.sheet.to_top();
    }

    /// Makes out a rewritten sheet in place of one corrected too often; the original stays and is named on it.
    pub(super) fn rewrite(&mut self, id: RecordId) {
        let (record, store) = match self.at_hand(id) {
            Ok(it) => it,
            Err(sentence) => return self.fail(sentence),
        };
        let Some(form) = self.procedure.edition(&record.form, &record.edition) else { return };
        let mut values = Values::new();
        for field in form.every_field().filter(|it| !it.signature) {
            let value = record.latest(form, field.id.as_str());
            // Who signs the rewritten sheet signs what stands there now; later sections are written again.
            let first = form.section_of(field.id.as_str()).is_none_or(|it| it == 0) || field.early;
            if !value.is_empty() && first {
                values.insert(field.id.clone(), value.to_owned());
            }
        }
        let now = self.outside.now();
        let form = form.clone();
        let pattern = self.procedure.document.pattern(&form.form);
        let made = store.create(&form, pattern, now.year(), now, &values).and_then(|made| {
            let deeds = vec![Deed::Rewrites { record: id.0 }];
            store.act(made.id, &Act { by: self.operator.clone(), deeds, ..Act::default() }, now)?;
            let void = Void {
                by: self.operator.clone(),
                on: keep_date(now.date()),
                reason: format!("划改过多，重抄为 {}，原单附后", made.number),
            };
            store.void(id, &void, now)?;
            Ok(made.id)
        });
        match made {
            Ok(made) => {
                self.refresh_line(id);
                self.lay(made);
                self.say(format!("已重抄为 {}；原单 {} 作废附后", self.record.number, record.number));
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// The sheet as it is on the disk, and the book.
    fn at_hand(&self, id: RecordId) -> Result<(Record, &Store), String> {
        if self.unwritten.iter().any(|it| it.record == id) {
            return Err("这张单还有字没能写进台帐，写进去之后才能办".to_owned());
        }
        let store = self.store.as_ref().ok_or_else(|| "没有打开台帐".to_owned())?;
        match store.record(id).map_err(|error| error.to_string())? {
            Some(record) => Ok((record, store)),
            None => Err("这张单还没有内容，先写上第一格".to_owned()),
        }
    }

    /// Why a cell may not be written, where a rule forbids it.
    pub(super) fn forbidden(&self, record: &Record, field: &FieldId, round: usize) -> Option<String> {
        let form = self.procedure.edition(&record.form, &record.edition)?;
        let field = form.field(field)?;
        if round != flow::living_round(form, record, field.id.as_str()) {
            return Some(format!("第 {} 次处置已经过去，不能再写（4.5.1）", round + 1));
        }
        if field.signature && form.stage_of(field.id.as_str()).is_some() {
            return Some(format!("“{}”要用“签署”填写（4.5.1）", field.name));
        }
        // A date still being typed closes its own cell only when the pen has left it.
        let held = self.sheet.pen.as_ref().is_some_and(|it| it.record == record.id && it.field == field.id);
        if held && field.kind == Kind::Date && field.early && !flow::is_correctable(form, record, field) {
            return None;
        }
        flow::closed(form, record, field)
    }
}
