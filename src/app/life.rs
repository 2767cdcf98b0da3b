//! A sheet's life beside its cells: signing, correcting, voiding, passing on, who sits at the desk.

use std::collections::BTreeMap;

use super::writing::Step;
use super::{App, Unwritten};
use crate::command::{Command, Question};
use crate::flow::{self, Refusal, RefusalKind, Signature, Standing};
use crate::procedure::{Before, CORRECTIONS, Field, FieldId, Form, Kind, Rule};
use crate::record::{CellId, Correction, Deed, Record, RecordId, Signed, Void, full_date, keep_date, read_date};
use crate::register;
use crate::store::{Act, Along, Store};
use crate::ui::desk::Desk;
use crate::ui::sheet::Ask;

impl App {
    /// Asks beside the sheet for what is wanted.
    pub(super) fn ask_beside(&mut self, id: RecordId, question: Question) {
        if self.desk.record.id != id {
            self.lay(id);
        }
        let Some(form) = self.form().cloned() else { return };
        self.panels.view = self.view_of(&form.form);
        let due = form.written_term().cloned();
        let what = match (question, flow::standing(&form, &self.desk.record), due) {
            (Question::Sign, Standing::At(stage), _) => {
                let stage = &form.stages[stage];
                let lines = flow::lines(&form, &self.desk.record, stage, self.desk.record.last_round());
                Ask::Sign(stage.by.clone(), lines.and_then(|it| it.next()))
            }
            (Question::Sign, ..) => return self.say("这张单没有要签署的了"),
            (Question::PutOff, _, Some(due))
                if flow::may_put_off(
                    &form,
                    &self.desk.record,
                    flow::living_round(&form, &self.desk.record, due.as_str()),
                ) =>
            {
                Ask::PutOff(due)
            }
            (Question::PutOff, ..) => {
                return self.say(Refusal::by(&form, Rule::Correction, RefusalKind::NothingToPutOff));
            }
            (Question::Void, ..) => Ask::Void,
        };
        if let Some(why) = flow::shut(&form, &self.desk.record) {
            return self.fail(why);
        }
        self.desk.round = self.desk.record.last_round();
        let desk = Desk {
            offers: &self.desk.offers,
            operator: &self.operator,
            issues: &self.desk.issues,
            ..Desk::bare(&self.procedure, &form, &self.desk.record, self.outside.now())
        };
        let mut commands = Vec::new();
        self.desk.sheet.ask(&desk, what, &mut commands);
        for command in commands {
            if let Command::Offer(field) = command {
                self.fetch_offers(&field);
            }
        }
    }

    /// Signs a stage of the sheet.
    pub(super) fn sign(&mut self, id: RecordId, field: &FieldId, signature: &Signature) {
        match self.signed(id, field, signature) {
            Ok(()) => self.desk.sheet.sent(),
            Err(why) => self.send_back(&why),
        }
    }

    /// Says why something beside the sheet was not done, and asks it again with all that was typed.
    fn send_back(&mut self, why: &str) {
        self.desk.sheet.send_back(why);
        self.fail(why);
    }

    fn signed(&mut self, id: RecordId, field: &FieldId, signature: &Signature) -> Result<(), String> {
        let (record, store) = self.at_hand(id)?;
        if let Err(why) = self.may_sign(signature.name.trim()) {
            return Err(format!("没有签署：{why}"));
        }
        let Some(form) = self.procedure.edition(&record.form, &record.edition) else { return Ok(()) };
        let stage = form.stage_of(field.as_str()).unwrap_or_default();
        if let Some(why) = self.waits_for_other(form, &record, Before::Sign, stage) {
            return Err(format!("没有签署：{why}"));
        }
        // What is written behind a stage that is signed line by line waits for the last of them.
        let lines = form.stages.get(stage).and_then(|it| flow::lines(form, &record, it, record.last_round()));
        let is_last = lines.is_none_or(|it| it.open.len() <= 1);
        let company = &self.procedure.document.company;
        // What is wrong between cells is asked of the sheet as it is now.
        let against = flow::against(&self.procedure, form, &record, (field, signature.line));
        let signature = &Signature { against, ..signature.clone() };
        let mut writes = match flow::sign(form, &record, field, signature, company, self.today()) {
            Ok(writes) => writes,
            Err(refusal) => return Err(format!("没有签署：{refusal}")),
        };
        let vacant = writes.cells.iter().map(|it| it.0.clone()).collect();
        writes.cells.extend(self.frozen(store, form, &record, field)?);
        let act = Act {
            by: self.operator.clone(),
            cells: writes.cells,
            vacant,
            deeds: std::iter::once(Deed::Signed(writes.signed)).chain(writes.back.deeds).collect(),
            round: writes.round,
            carried: writes.back.carried,
            makes: if is_last { self.makes(store, form, &record, field) } else { Vec::new() },
            seen: Some(Box::new(record.clone())),
        };
        let made = act.makes.len();
        let number = record.number;
        match store.act(id, &act, self.outside.now()) {
            Ok(()) => {
                self.stamp();
                // What was typed before a signature is not taken back behind it.
                self.writing.forget_steps(|it| it == id);
                self.lay(id);
                if writes.round {
                    self.desk.round = self.desk.record.last_round();
                    let round = self.desk.record.rounds.len();
                    let back = self.went_back();
                    self.say(format!("{number} {back}，另起第 {round} 次处置；前一次留在单上"));
                } else {
                    let made = if made > 0 { format!("；登记簿里写了 {made} 行") } else { String::new() };
                    self.say(format!("{number} 已签署：{}{made}", signature.name.trim()));
                }
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// Where the sheet on the desk went that was sent back for another round, in words.
    fn went_back(&self) -> String {
        let record = &self.desk.record;
        let title = self.form().and_then(|form| form.begun_title(record.begins_with(form, record.last_round())));
        title.map_or_else(|| "退回".to_owned(), |it| format!("退回“{it}”"))
    }

    /// Begins another round by hand, with a reason.
    pub(super) fn begin_again(&mut self, id: RecordId, reason: &str, by: &str) {
        match self.began_again(id, reason, by) {
            Ok(()) => self.desk.sheet.sent(),
            Err(why) => self.send_back(&why),
        }
    }

    fn began_again(&mut self, id: RecordId, reason: &str, by: &str) -> Result<(), String> {
        let (record, store) = self.at_hand(id)?;
        let Some(form) = self.procedure.edition(&record.form, &record.edition) else { return Ok(()) };
        if let Err(why) = self.may_sign(by) {
            return Err(format!("没有办：{why}"));
        }
        let back = flow::begin_again(form, &record, reason).map_err(|why| format!("没有办：{why}"))?;
        let name = form.begun_by_hand.as_ref().map(|it| it.name.clone()).unwrap_or_default();
        let act = Act {
            by: by.to_owned(),
            deeds: back.deeds,
            round: true,
            carried: back.carried,
            seen: Some(Box::new(record.clone())),
            ..Act::default()
        };
        store.act(id, &act, self.outside.now()).map_err(|error| error.to_string())?;
        self.stamp();
        self.writing.forget_steps(|it| it == id);
        self.lay(id);
        self.desk.round = self.desk.record.last_round();
        let round = self.desk.record.rounds.len();
        self.say(format!("{} {name}：另起第 {round} 次处置；前一次留在单上", record.number));
        Ok(())
    }

    /// What was counted of other sheets is written down with the signature at which it is.
    fn frozen(
        &self,
        store: &Store,
        form: &Form,
        record: &Record,
        field: &FieldId,
    ) -> Result<Vec<(CellId, String)>, String> {
        if form.frozen_at().and_then(|it| form.stages.get(it)).is_none_or(|it| it.by != *field) {
            return Ok(Vec::new());
        }
        let sources = store.sources(&self.procedure, form, record).map_err(|error| error.to_string())?;
        let now = register::reckoned(&self.procedure, form, record, &sources);
        // What came with a file from elsewhere gives way.
        let old = register::written(form, record).into_iter().map(|it| (it, String::new()));
        let all: BTreeMap<CellId, String> = old.chain(now).collect();
        Ok(all.into_iter().filter(|(cell, value)| record.at(cell) != value).collect())
    }

    /// Changes an entry after signing (划改), or puts off the date.
    pub(super) fn correct(&mut self, id: RecordId, correction: &Correction) {
        match self.corrected(id, correction) {
            Ok(()) => self.desk.sheet.sent(),
            Err(why) => self.send_back(&why),
        }
    }

    fn corrected(&mut self, id: RecordId, correction: &Correction) -> Result<(), String> {
        let (record, store) = self.at_hand(id)?;
        let Some(form) = self.procedure.edition(&record.form, &record.edition) else { return Ok(()) };
        let Some(field) = form.field(&correction.cell.field) else { return Ok(()) };
        let mut correction = correction.clone();
        correction.new = crate::record::kept(field.kind, &correction.new, self.today());
        if correction.on.is_empty() {
            correction.on = keep_date(self.today());
        }
        // Nor does a name with a password get into a signature by a correction.
        let named = form.stages.iter().any(|it| it.by == field.id).then_some(correction.new.as_str());
        let mut names = [Some(correction.by.as_str()), named].into_iter().flatten();
        if let Err(why) = names.try_for_each(|it| self.may_sign(it.trim())) {
            return Err(format!("没有改：{why}"));
        }
        // Asked of the sheet as it is in that moment: whether it may be, and whether it sends the sheet back.
        let rule = |record: &Record| {
            flow::correction(form, record, &correction)?;
            let (field, round, on) = (field.id.clone(), correction.cell.round, correction.on.clone());
            let line = correction.cell.line;
            let before = record.signed_at(field.as_str(), round, line).cloned().unwrap_or_default();
            let signed = named.map(|it| Signed { field, round, line, name: it.trim().to_owned(), on, ..before });
            Ok(Along { round: flow::sent_back(form, record, &correction), signed })
        };
        let done = store.correct_unless(id, &correction, self.outside.now(), &rule);
        let put_off = form.is_term(&field.id);
        let number = record.number.clone();
        let stood = flow::standing(form, &record);
        match done {
            Ok(Err(why)) => Err(format!("没有改：{why}")),
            Ok(Ok(back)) => {
                self.stamp();
                self.writing.forget_steps(|it| it == id);
                self.lay(id);
                if back {
                    let round = self.desk.record.rounds.len();
                    let back = self.went_back();
                    self.say(format!("已划改；用户不满意，{back}，另起第 {round} 次处置"));
                    return Ok(());
                }
                let count = self.form().map_or(0, |form| flow::corrections(form, &self.desk.record));
                let limit = self.procedure.document.figure(CORRECTIONS) as usize;
                // What was passed over may be next now.
                let stands = self.form().map(|it| flow::standing(it, &self.desk.record));
                if let Some(Standing::At(stage)) = stands.filter(|it| *it < stood) {
                    let stage = self.form().and_then(|it| Some(it.stages.get(stage)?.name.clone()));
                    self.say(format!("已划改；这样就要“{}”签署了", stage.unwrap_or_default()));
                    return Ok(());
                }
                if self.form().is_some_and(Form::is_living) {
                    self.say("已改，原来的字记在更改记录里");
                } else if put_off {
                    let day = read_date(&correction.new, None).map_or_else(|| correction.new.clone(), full_date);
                    self.say(format!("{number} 延期到 {day}，原定的期限仍看得见"));
                } else if count > limit {
                    self.say(format!(
                        "本单已划改 {count} 处，超过 {limit} 处：建议重抄一张，原单附后（在“单据”菜单里）"
                    ));
                } else {
                    self.say(format!("已划改，原来的字仍看得见；本单共划改 {count} 处"));
                }
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// Writes several cells of a sheet at once: lines of a table that move.
    pub(super) fn set_cells(&mut self, id: RecordId, cells: Vec<(CellId, String)>, step: Step) {
        // The sheet may have got its number in this very frame.
        let id = if id == RecordId(0) { self.desk.made.unwrap_or(id) } else { id };
        let (record, store) = match self.at_hand(id) {
            Ok(it) => it,
            Err(sentence) => return self.fail(sentence),
        };
        let one = |(cell, value): &(CellId, String)| {
            let expected = record.at(cell).to_owned();
            Unwritten { record: id, cell: cell.clone(), value: value.clone(), expected }
        };
        let written: Vec<Unwritten> = cells.iter().map(one).collect();
        if let Some(why) = written.iter().find_map(|it| self.forbidden(&record, it)) {
            return self.fail(format!("没有写入：{why}"));
        }
        let act = Act { by: self.operator.clone(), cells, seen: Some(Box::new(record)), ..Act::default() };
        match store.act(id, &act, self.outside.now()) {
            Ok(()) => {
                self.stamp();
                if step == Step::Own {
                    self.writing.undo.push(written);
                }
                self.lay(id);
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// Voids a sheet; it keeps its number.
    pub(super) fn void(&mut self, id: RecordId, reason: &str, by: &str) {
        match self.voided(id, reason, by) {
            Ok(()) => self.desk.sheet.sent(),
            Err(why) => self.send_back(&why),
        }
    }

    fn voided(&mut self, id: RecordId, reason: &str, by: &str) -> Result<(), String> {
        let (record, store) = self.at_hand(id)?;
        if reason.trim().is_empty() || by.trim().is_empty() {
            return Err("没有作废：请写明理由和作废人".to_owned());
        }
        if let Err(why) = self.may_sign(by.trim()) {
            return Err(format!("没有作废：{why}"));
        }
        let form = self.procedure.edition(&record.form, &record.edition);
        let form = form.ok_or_else(|| format!("没有作废：没有它的表单（{} {}）", record.form, record.edition))?;
        let word = form.void_word();
        let void = Void { by: by.trim().to_owned(), on: keep_date(self.today()), reason: reason.trim().to_owned() };
        match store.void_unless(id, &void, self.outside.now(), &|it| Some(flow::shut(form, it)?.into())) {
            Ok(Err(why)) => Err(format!("没有作废：{why}")),
            Ok(Ok(())) => {
                self.stamp();
                self.writing.forget_steps(|it| it == id);
                self.lay(id);
                self.pages.registers.forget();
                record.origin().into_iter().for_each(|it| self.refresh_line(it));
                self.say(format!("{} 已{}，编号保留", record.number, word));
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// When the book was last written, for the foot of the window.
    fn stamp(&mut self) {
        self.writing.saved = format!("已保存 {}", self.outside.now().format("%H:%M:%S"));
    }

    /// Puts down what was done with a sheet.
    pub(super) fn note(&mut self, id: RecordId, deeds: Vec<Deed>) {
        let (_, store) = match self.at_hand(id) {
            Ok(it) => it,
            Err(sentence) => {
                self.desk.life.send_back();
                return self.fail(sentence);
            }
        };
        let act = Act { by: self.operator.clone(), deeds, ..Act::default() };
        let now = self.outside.now();
        let rule = |record: &Record| {
            let form = self.procedure.edition(&record.form, &record.edition)?;
            let refused = |it: &Deed| flow::waiting_refusal(&self.procedure, form, record, it, now);
            act.deeds.iter().find_map(refused).map(String::from)
        };
        match store.act_on_all_unless(&[id], &act, now, &rule).map_err(|it| it.to_string()).and_then(|it| it) {
            Ok(()) => {
                self.done_now();
                self.desk.life.sent();
                self.stamp();
                if self.desk.record.id == id {
                    self.lay(id);
                } else {
                    self.refresh_line(id);
                }
            }
            Err(error) => {
                self.desk.life.send_back();
                self.fail(error);
            }
        }
    }

    /// Reads a sheet's line in its list again.
    pub(super) fn refresh_line(&mut self, id: RecordId) {
        let read = self.book.store.as_ref().map(|it| it.record(id));
        match read {
            Some(Ok(Some(mut record))) => {
                let form = self.procedure.edition(&record.form, &record.edition);
                if let Some(store) = self.book.store.as_ref().filter(|_| form.is_some_and(Form::asks_for_started)) {
                    // Where it cannot be read the line is as of a sheet that started none.
                    let _ = store.know_started(&mut record);
                }
                self.index_sheet(&record);
                let form = self.procedure.edition(&record.form, &record.edition);
                let summary = form.and_then(|it| crate::list::Summary::of(&self.procedure, it, &record));
                self.book.lists.entry(record.form.clone()).or_default().extend(summary);
            }
            Some(Err(error)) => self.fail(error.to_string()),
            Some(Ok(None)) | None => {}
        }
    }

    /// Shows a round of the sheet on the desk.
    pub(super) fn show_round(&mut self, round: usize) {
        self.desk.round = round.min(self.desk.record.last_round());
        self.desk.sheet.to_top();
    }

    /// Makes out a rewritten sheet in place of one corrected too often; the original stays and is named on it.
    pub(super) fn rewrite(&mut self, id: RecordId) {
        let (record, store) = match self.at_hand(id) {
            Ok(it) => it,
            Err(sentence) => return self.fail(sentence),
        };
        let Some(form) = self.procedure.edition(&record.form, &record.edition) else { return };
        if let Some(why) = flow::shut(form, &record) {
            return self.fail(format!("没有重抄：{why}"));
        }
        // The whole sheet is copied; what was signed in rounds gone by stands, what belongs to the present one is signed
        // again.
        let last = record.last_round();
        let gone_by = |field: &FieldId, round: usize| round < last && form.repeats(field.as_str());
        let mut rounds = record.rounds.clone();
        for (round, values) in rounds.iter_mut().enumerate() {
            values.retain(|field, _| gone_by(field, round) || form.field(field).is_none_or(|it| !it.signature));
        }
        // What followed from the original, where it went and why it is kept holds for the sheet that stands in its place.
        let along = record.facts.iter().filter_map(|it| match &it.deed {
            Deed::FollowUp { .. }
            | Deed::FollowedUp { .. }
            | Deed::Waits { .. }
            | Deed::Resumes { .. }
            | Deed::PassedOn { .. }
            | Deed::Began { .. }
            | Deed::Reopened { .. }
            | Deed::Held { .. }
            | Deed::Released { .. } => Some(it.deed.clone()),
            Deed::Signed(signed) if gone_by(&signed.field, signed.round) => Some(it.deed.clone()),
            Deed::Signed(_)
            | Deed::Copy { .. }
            | Deed::Printed(_)
            | Deed::From { .. }
            | Deed::Rewrites { .. }
            | Deed::Filed { .. }
            | Deed::Destroyed { .. } => None,
        });
        let deeds = std::iter::once(Deed::Rewrites { record: id.0 }).chain(along).collect();
        let act = Act { by: self.operator.clone(), deeds, ..Act::default() };
        let pattern = self.procedure.document.pattern(&form.form);
        let made = store.rewrite(&record, pattern, rounds, &act, self.outside.now()).map(|it| it.id);
        match made {
            Ok(made) => {
                self.writing.forget_steps(|it| it == id);
                self.refresh_line(id);
                self.lay(made);
                self.say(format!("已重抄为 {}；原单 {} 作废附后", self.desk.record.number, record.number));
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// The sheet as it is on the disk, and the book.
    fn at_hand(&self, id: RecordId) -> Result<(Record, &Store), String> {
        if self.writing.unwritten.iter().any(|it| it.record == id) {
            return Err("这张单还有字没能写进台帐，写进去之后才能办".to_owned());
        }
        let store = self.book.store.as_ref().ok_or_else(|| "没有打开台帐".to_owned())?;
        match store.record(id).map_err(|error| error.to_string())? {
            Some(record) => Ok((record, store)),
            None => Err("这张单还没有内容，先写上第一格".to_owned()),
        }
    }

    /// Why a cell may not be written, where a rule forbids it.
    pub(super) fn forbidden(&self, record: &Record, one: &Unwritten) -> Option<String> {
        let form = self.procedure.edition(&record.form, &record.edition)?;
        let (field, round) = (form.field(&one.cell.field)?, one.cell.round);
        if round != flow::living_round(form, record, field.id.as_str()) {
            return Some(Refusal::by(form, Rule::Correction, RefusalKind::RoundClosed(round + 1)).into());
        }
        if field.signature && form.stage_of(field.id.as_str()).is_some() {
            return Some(Refusal::by(form, Rule::Signing, RefusalKind::BySigning(field.name.clone())).into());
        }
        // A date still being typed closes its own cell only when the pen has left it, and so does what is written for the
        // first time beside a sheet that is done; what another window set, or a sheet it voided, is closed all the same.
        let held = self.desk.sheet.pen.as_ref().is_some_and(|it| it.record == record.id && it.cell == one.cell);
        let own = record.at(&one.cell) == one.expected;
        let correctable = flow::is_correctable_in(form, record, field, one.cell.line);
        let date = field.kind == Kind::Date && field.early && !correctable;
        let last = self
            .writing
            .undo
            .last()
            .and_then(|it| it.last())
            .filter(|it| self.writing.same_visit && it.record == record.id && it.cell == one.cell);
        let first = last.is_some_and(|it| it.expected.is_empty()) && record.filed().is_none();
        let typing = held && own && (date || first && form.section_of(field.id.as_str()).is_none());
        if typing && !flow::is_shut(record) {
            return None;
        }
        let why = flow::closed_at(form, record, field, &one.cell).map(String::from);
        why.or_else(|| self.waits_to_open(form, record, field))
    }

    /// Why a cell is not written yet, where its section waits for another sheet.
    fn waits_to_open(&self, form: &Form, record: &Record, field: &Field) -> Option<String> {
        let section = form.section_of(field.id.as_str()).filter(|_| !field.early)?;
        let stage = form.stages_in(form.signed_in(section)).next()?;
        self.waits_for_other(form, record, Before::Open, stage)
    }
}
