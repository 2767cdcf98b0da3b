//! Beside the sheet: its date, where it was passed on, what follows from it, what was corrected, its past.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use eframe::egui::{self, Align2, FontId, RichText, Ui, vec2};

use crate::command::Command;
use crate::flow::{self, Offer, Refusal, RefusalKind, cited};
use crate::layout::Part;
use crate::procedure::{CORRECTIONS, FieldId, Form, FormId, Kind, Rule, Start};
use crate::record::{Deed, RecordId, full_date, keep_date, keep_moment, read_date};

use super::desk::Desk;
use super::sheet::{Ask, SheetView};
use super::{lines, page, theme};

mod starting;
mod waiting;

/// How many lines of the past are shown at first.
const PAST: usize = 8;

/// What is typed here and not put down yet.
#[derive(Clone, Debug, Default)]
pub struct LifeView {
    record: Option<RecordId>,
    department: String,
    person: String,
    on: String,
    text: String,
    owner: String,
    due: String,
    done: Option<(usize, String)>,
    /// Who is waited for, why, and since when.
    whom: String,
    why: String,
    since: String,
    whole_past: bool,
    /// What was typed beside other sheets.
    aside: BTreeMap<RecordId, Self>,
    /// What was sent and may yet be refused, as it stood.
    sent: Option<Box<Self>>,
}

impl LifeView {
    /// What is typed belongs to one sheet.
    pub fn begin(&mut self, desk: &Desk<'_>) {
        if self.record == Some(desk.record.id) {
            return;
        }
        let mut left = std::mem::take(self);
        let (mut aside, sent) = (std::mem::take(&mut left.aside), left.sent.take());
        if let (Some(record), true) = (left.record, left.is_typed()) {
            aside.insert(record, left);
        }
        let fresh = || Self { record: Some(desk.record.id), on: full_date(desk.today), ..Self::default() };
        *self = aside.remove(&desk.record.id).unwrap_or_else(fresh);
        (self.aside, self.sent) = (aside, sent);
    }

    fn is_typed(&self) -> bool {
        let texts =
            [&self.department, &self.person, &self.text, &self.owner, &self.due, &self.whom, &self.why, &self.since];
        texts.into_iter().any(|it| !it.is_empty()) || self.done.as_ref().is_some_and(|it| !it.1.is_empty())
    }

    /// Whether words were typed, beside this sheet or another, that were not sent.
    pub fn has_unsent(&self) -> bool {
        self.is_typed() || !self.aside.is_empty()
    }

    /// What is about to be sent is kept until it is done.
    fn send(&mut self) {
        self.sent = Some(Box::new(Self { aside: BTreeMap::new(), sent: None, ..self.clone() }));
    }

    /// What was sent is done.
    pub fn sent(&mut self) {
        self.sent = None;
    }

    /// What was sent could not be done: it stands in its fields again.
    pub fn send_back(&mut self) {
        let Some(sent) = self.sent.take() else { return };
        if self.record == sent.record {
            let aside = std::mem::take(&mut self.aside);
            *self = Self { aside, ..*sent };
        } else if let Some(record) = sent.record {
            self.aside.insert(record, *sent);
        }
    }

    /// The date the work is due by (4.5.1).
    pub fn due(&self, ui: &mut Ui, view: &mut SheetView, desk: &Desk<'_>, commands: &mut Vec<Command>) {
        let Some(due) = flow::due(desk.procedure, desk.form, desk.record) else { return };
        if flow::is_shut(desk.record) {
            return;
        }
        page::caption(ui, "期限");
        let owed = flow::owed(desk.procedure, desk.form, desk.record).is_some();
        let words = due.words(desk.procedure, desk.now);
        let field = desk.form.clocks.get(due.clock).and_then(|it| it.written.as_ref());
        let field = field.filter(|it| desk.form.is_term(it));
        let ink = match () {
            () if !owed => theme::SOFT,
            () if due.is_past(desk.now) => theme::RED,
            () if due.is_soon(desk.procedure, desk.now) => theme::AMBER,
            () => theme::INK,
        };
        let said = format!("{}・{}", due_day(due, desk.today), if owed { &words } else { "已办完" });
        ui.label(RichText::new(said).font(theme::bold(14.0)).color(ink));
        if due.proposed {
            let clock = desk.form.clocks.get(due.clock).map_or("", |it| it.name.as_str());
            let cell = field.and_then(|it| desk.field(it)).map_or("期限", |it| it.name.as_str());
            soft(ui, &format!("未写{cell}，按“{clock}”{}拟", due.term));
        }
        let known = desk.procedure.calendar.knows(chrono::Datelike::year(&due.day()));
        if !known && desk.procedure.document.in_working_days() {
            let year = chrono::Datelike::year(&due.day());
            soft(ui, &format!("日历里还没有 {year} 年的放假安排，只按周末算"));
        }
        let put_off = desk.record.corrections.iter().filter(|it| Some(&it.cell.field) == field);
        for it in put_off {
            let (from, to) = (read_date(&it.old, None), read_date(&it.new, None));
            let name = |it: Option<NaiveDate>| it.map_or_else(|| "未写".to_owned(), |it| day(it, desk.today));
            let said = format!("由 {} 延到 {}：{}（{}）", name(from), name(to), it.reason, it.by);
            soft(ui, &said);
        }
        let open = !flow::is_shut(desk.record) && owed && desk.record.id != RecordId(0);
        if !open {
            ui.add_space(8.0);
            return;
        }
        ui.horizontal_wrapped(|ui| {
            let cell = field.and_then(|it| desk.field(it));
            if let Some(field) = field.filter(|_| due.proposed)
                && cell.is_some_and(|it| flow::closed(desk.form, desk.record, it).is_none())
            {
                let called = cell.map_or("期限", |it| it.name.as_str());
                if ui.add(theme::plain(&format!("写进{called}"))).clicked() {
                    let by_the_hour = cell.is_some_and(|it| it.kind == Kind::Moment);
                    let value = if by_the_hour { keep_moment(due.at) } else { keep_date(due.day()) };
                    let (record, cell) = (desk.record.id, desk.cell(field, 0));
                    commands.push(Command::Set { record, cell, value, expected: String::new() });
                }
            } else if let Some(field) = field
                && flow::may_put_off(desk.form, desk.record, flow::living_round(desk.form, desk.record, field.as_str()))
                && ui.add(theme::plain("延期…")).clicked()
            {
                view.ask(desk, Ask::PutOff(field.clone()), commands);
            }
            let remind = Command::ExportReminder(desk.record.id);
            if ui.add(theme::plain(remind.label())).on_hover_text(remind.hint()).clicked() {
                commands.push(remind.clone());
            }
            page::print_button(ui, &remind, "催办单", commands);
        });
        ui.add_space(12.0);
    }

    /// Where the sheet was passed on: department, person, day (4.4).
    pub fn passed_on(&mut self, ui: &mut Ui, desk: &Desk<'_>, commands: &mut Vec<Command>) {
        if !desk.form.passes_on {
            return;
        }
        ui.add_space(12.0);
        page::caption(ui, &format!("传递到{}", cited(desk.form.clause_of(Rule::PassingOn))));
        for fact in &desk.record.facts {
            if let Deed::PassedOn { department, person, on } = &fact.deed {
                ui.label(format!("{} {department} {person}", short(on)));
            }
        }
        if desk.record.passed_on() == 0 {
            ui.label(theme::soft("还没有传递"));
        }
        if desk.record.id == RecordId(0) || flow::is_shut(desk.record) {
            return;
        }
        field(ui, "部门", &mut self.department, "传给哪个部门");
        names(ui, &desk.procedure.document.departments, &mut self.department);
        field(ui, "接收人", &mut self.person, "姓名");
        field(ui, "传递日期", &mut self.on, "今天、11.20");
        if ui.add(theme::plain("记下传递")).clicked() {
            let Some(on) = read_date(&self.on, Some(desk.today)) else {
                return commands.push(Command::Tell(format!("传递日期“{}”不是日期，可写 11.20、今天", self.on)));
            };
            if self.department.trim().is_empty() || self.person.trim().is_empty() {
                return refuse(desk, Rule::PassingOn, RefusalKind::NoReceiver, commands);
            }
            let (department, person) = (self.department.trim().to_owned(), self.person.trim().to_owned());
            let deeds = vec![Deed::PassedOn { department, person, on: keep_date(on) }];
            commands.push(Command::Note { record: desk.record.id, deeds });
            self.send();
            self.department.clear();
            self.person.clear();
        }
    }

    /// What follows from the minutes: something to be done, or another sheet (4.2).
    pub fn follow_ups(&mut self, ui: &mut Ui, desk: &Desk<'_>, marked: &str, commands: &mut Vec<Command>) {
        if !desk.form.follows || desk.record.id == RecordId(0) {
            return;
        }
        ui.add_space(12.0);
        page::caption(ui, &format!("跟踪事项{}", cited(desk.form.clause_of(Rule::FollowUp))));
        let items = desk.record.follow_ups();
        for (id, name, text) in desk.started {
            soft(ui, text);
            if ui.add(theme::plain(name)).on_hover_text("由这一条另起的单").clicked() {
                commands.push(Command::Open(*id));
            }
        }
        if items.is_empty() && desk.started.is_empty() {
            ui.label(theme::soft(format!("在{}里选中一条意见，再点下面的按钮", minutes(desk.form))));
        }
        for it in &items {
            lines::label(ui, it.text, 14.0, theme::INK);
            let due = it.due.map_or_else(String::new, |it| format!("　{}前", day(it, desk.today)));
            match it.done {
                Some((on, note)) => {
                    let said = format!("{}{due}　✓ {} {note}", it.owner, short(on));
                    lines::label(ui, &said, 12.0, theme::GREEN);
                }
                None => {
                    let late = it.due.is_some_and(|it| it < desk.today);
                    let ink = if late { theme::RED } else { theme::SOFT };
                    ui.horizontal(|ui| {
                        ui.label(RichText::new(format!("{}{due}", it.owner)).size(12.0).color(ink));
                        if ui.add(theme::plain("办结…")).clicked() {
                            self.done = Some((it.item, String::new()));
                        }
                    });
                    if let Some((item, note)) = &mut self.done
                        && *item == it.item
                    {
                        field(ui, "办理情况", note, "怎么办的");
                        if ui.add(theme::plain("记下办结")).clicked() {
                            let (item, note) = (*item, note.trim().to_owned());
                            let deeds = vec![Deed::FollowedUp { item, on: keep_date(desk.today), note }];
                            commands.push(Command::Note { record: desk.record.id, deeds });
                            self.send();
                            self.done = None;
                        }
                    }
                }
            }
            ui.add_space(4.0);
        }
        if flow::is_shut(desk.record) {
            return;
        }
        if !marked.trim().is_empty() && self.text != marked && ui.add(theme::plain("取选中的意见")).clicked() {
            marked.trim().clone_into(&mut self.text);
        }
        field(ui, "意见", &mut self.text, "要办的事");
        field(ui, "负责人", &mut self.owner, "谁来办");
        field(ui, "期限", &mut self.due, "可不写");
        ui.horizontal_wrapped(|ui| {
            if ui.add(theme::plain("记为跟踪事项")).clicked() {
                let due = read_date(&self.due, Some(desk.today));
                if self.text.trim().is_empty() || self.owner.trim().is_empty() {
                    return refuse(desk, Rule::FollowUp, RefusalKind::NoFollowUp, commands);
                }
                if due.is_none() && !self.due.trim().is_empty() {
                    return commands.push(Command::Tell(format!("期限“{}”不是日期，可写 12.1", self.due)));
                }
                let (text, owner) = (self.text.trim().to_owned(), self.owner.trim().to_owned());
                let deeds = vec![Deed::FollowUp { text, owner, due: due.map(keep_date).unwrap_or_default() }];
                commands.push(Command::Note { record: desk.record.id, deeds });
                self.send();
                self.text.clear();
                self.owner.clear();
                self.due.clear();
            }
            for start in desk.form.starts.iter().filter(|it| it.said.is_some()) {
                let target = desk.procedure.form(&start.form).filter(|it| desk.procedure.document.uses(it));
                let Some(target) = target else { continue };
                if ui.add(theme::plain(&format!("另起{}", target.short))).clicked() {
                    if self.text.trim().is_empty() {
                        let said = format!("请先写上（或在{}里选中）是哪一条意见", minutes(desk.form));
                        return commands.push(Command::Tell(said));
                    }
                    commands.push(begin(desk, start, self.text.trim(), None));
                    self.send();
                    self.text.clear();
                }
            }
        });
    }

    /// The sheets that this one starts, each after the signature that allows it.
    pub fn links(&self, ui: &mut Ui, desk: &Desk<'_>, commands: &mut Vec<Command>) {
        let mut starts = desk.form.starts.iter().filter(|it| it.said.is_none()).peekable();
        if starts.peek().is_none() || desk.record.id == RecordId(0) {
            return;
        }
        ui.add_space(12.0);
        page::caption(ui, "由此另起的单");
        for (id, name, _) in desk.started.iter().filter(|_| !desk.form.follows) {
            if ui.add(theme::plain(name)).clicked() {
                commands.push(Command::Open(*id));
            }
        }
        let past: Vec<&FormId> = proposed(desk);
        for start in starts.filter(|_| !flow::is_shut(desk.record)) {
            let target = desk.procedure.form(&start.form).filter(|it| desk.procedure.document.uses(it));
            let Some(target) = target else { continue };
            if past.contains(&&start.form) {
                lines::label(ui, &format!("期限已过，建议另起{}", target.short), 12.0, theme::AMBER);
            }
            let offered = flow::offer(desk.form, desk.record, start);
            if let Offer::Proposed(answer) = &offered {
                lines::label(ui, &format!("{answer}：请另起{}", target.short), 12.0, theme::AMBER);
            }
            match offered {
                Offer::Waits(until) => drop(soft(ui, &format!("{until}另起{}", target.short))),
                Offer::Open | Offer::Proposed(_) => starting::offer(ui, desk, start, &target.short, commands),
            }
        }
    }

    /// What was corrected after signing.
    pub fn corrections(&self, ui: &mut Ui, view: &mut SheetView, desk: &Desk<'_>, commands: &mut Vec<Command>) {
        let count = flow::corrections(desk.form, desk.record);
        if count > 0 {
            let limit = desk.procedure.document.figure(CORRECTIONS) as usize;
            page::caption(ui, &format!("划改 {count} 处"));
            for it in &desk.record.corrections {
                let Some(field) = desk.field(&it.cell.field) else { continue };
                let said = format!("{} {}：{}（{}）", short(&it.on), desk.name(&it.cell), it.reason, it.by);
                if soft(ui, &said).interact(egui::Sense::CLICK).clicked() {
                    view.go_to(desk, field, it.cell.line, Part::Entry, commands);
                }
            }
            if count > limit && !flow::is_shut(desk.record) {
                let said = format!("超过 {limit} 处，建议重抄一张，原单附后");
                lines::label(ui, &said, 12.0, theme::AMBER);
                if ui.add(theme::plain(Command::Rewrite(desk.record.id).label())).clicked() {
                    commands.push(Command::Rewrite(desk.record.id));
                }
            }
            ui.add_space(12.0);
        }
    }

    /// What was excused and overruled, where the sheet comes from, and its past.
    pub fn past(&mut self, ui: &mut Ui, desk: &Desk<'_>, commands: &mut Vec<Command>) {
        let overruled = desk.record.facts.iter().filter_map(|it| match &it.deed {
            Deed::Signed(it) => Some(it),
            _ => None,
        });
        for signed in overruled {
            let name = |id: &FieldId| desk.field(id).map_or_else(|| id.to_string(), |it| it.name.clone());
            for (field, why) in &signed.excused {
                let said = format!("“{}”空着：{why}（{}）", name(field), signed.name);
                soft(ui, &said);
            }
            if !signed.verdict.is_empty() {
                let stage = desk.form.stages.iter().find(|it| it.by == signed.field);
                let stage = stage.map_or_else(|| name(&signed.field), |it| it.name.clone());
                let why = if signed.why.is_empty() { String::new() } else { format!("：{}", signed.why) };
                soft(ui, &format!("“{stage}”{}{why}（{} {}）", signed.verdict, signed.name, short(&signed.on)));
            }
            if !signed.overruled.is_empty() {
                let said = format!("“{}”仍签的理由：{}（{}）", name(&signed.field), signed.overruled, signed.name);
                soft(ui, &said);
            }
        }
        for fact in &desk.record.facts {
            if let Deed::Reopened { round, reason } = &fact.deed {
                soft(ui, &format!("第 {} 次：{reason}（{}）", round + 1, fact.by));
            }
        }
        if !desk.signings.is_empty() {
            ui.add_space(12.0);
            page::caption(ui, "签署的证明");
            for (said, alarm) in desk.signings {
                lines::label(ui, said, 12.0, if *alarm { theme::RED } else { theme::SOFT });
            }
        }
        if let Some((id, name)) = desk.origin {
            ui.add_space(12.0);
            page::caption(ui, "由来");
            if ui.add(theme::plain(name)).clicked() {
                commands.push(Command::Open(id));
            }
        }
        if desk.history.is_empty() {
            return;
        }
        ui.add_space(12.0);
        page::caption(ui, "历史");
        let shown = if self.whole_past { desk.history.len() } else { PAST };
        for (at, what) in desk.history.iter().take(shown) {
            soft(ui, &format!("{at} {what}"));
        }
        if desk.history.len() > shown && ui.add(theme::plain("全部历史")).clicked() {
            self.whole_past = true;
        }
    }
}

/// Begins a sheet that another starts, with what is carried over, and with what was said on it.
fn begin(desk: &Desk<'_>, start: &Start, text: &str, line: Option<usize>) -> Command {
    let row = start.rows.as_ref().zip(line);
    let carried = |into| flow::carried(desk.procedure, (desk.form, desk.record), into, &start.carries, row);
    let mut values = desk.procedure.form(&start.form).map(carried).unwrap_or_default();
    values.extend(start.said.iter().map(|into| (into.clone(), text.to_owned())));
    let origin = Deed::From { record: desk.record.id.0, text: text.to_owned() };
    Command::NewFrom { form: start.form.clone(), origin: Some(origin), values }
}

/// The forms of which a clock that ran out proposes a sheet.
fn proposed<'a>(desk: &Desk<'a>) -> Vec<&'a FormId> {
    let clocks = flow::clocks(desk.procedure, desk.form, desk.record).into_iter();
    let past = clocks.filter(|it| it.1.done.is_none() && it.1.due.is_some_and(|it| it.is_past(desk.now)));
    past.filter_map(|it| desk.form.clocks.get(it.0)?.expired.as_ref()?.proposes.as_ref()).collect()
}

/// What the text is called in which something to be followed up is said.
fn minutes(form: &Form) -> &str {
    let field = form.identity.as_ref().and_then(|it| it.about.last()).and_then(|it| form.field(it));
    field.map_or(&form.short, |it| &it.name)
}

/// Says why something was not put down.
fn refuse(desk: &Desk<'_>, rule: Rule, kind: RefusalKind, commands: &mut Vec<Command>) {
    commands.push(Command::Tell(Refusal::by(desk.form, rule, kind).into()));
}

/// 11月20日, or with its year where that is another one.
fn day(day: NaiveDate, today: NaiveDate) -> String {
    use chrono::Datelike as _;
    if day.year() == today.year() { format!("{}月{}日", day.month(), day.day()) } else { full_date(day) }
}

/// When something is due: the day, and the hour where hours count.
fn due_day(due: flow::Due, today: NaiveDate) -> String {
    let said = day(due.day(), today);
    if due.term.unit.is_of_hours() { format!("{said} {}", due.at.format("%H:%M")) } else { said }
}

/// A day as the book keeps it, without its year.
fn short(on: &str) -> String {
    read_date(on, None).map_or_else(|| on.to_owned(), |it| it.format("%m-%d").to_string())
}

/// A second line, however long.
fn soft(ui: &mut Ui, words: &str) -> egui::Response {
    lines::label(ui, words, 12.0, theme::SOFT)
}

fn field(ui: &mut Ui, label: &str, text: &mut String, hint: &str) -> egui::Response {
    ui.horizontal(|ui| {
        let (place, _) = ui.allocate_exact_size(vec2(84.0, theme::CONTROL), egui::Sense::hover());
        ui.painter().text(place.left_center(), Align2::LEFT_CENTER, label, FontId::proportional(13.0), theme::SOFT);
        let response = ui.add(theme::field(text, hint).desired_width(ui.available_width() - 4.0));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(label.to_owned()));
        response
    })
    .inner
}

/// Words to pick instead of typing.
fn names(ui: &mut Ui, words: &[String], into: &mut String) {
    if !into.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        for word in words {
            if ui.add(egui::Button::new(RichText::new(word).size(12.0)).min_size(vec2(0.0, 22.0))).clicked() {
                word.clone_into(into);
            }
        }
    });
}
