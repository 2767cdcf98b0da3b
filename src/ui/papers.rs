//! 纸质单据: where each copy is, and what became of it (4.5.1). The same lines stand on their own page and beside the sheet.

use chrono::NaiveDate;
use eframe::egui::{self, Id, Key, RichText, Ui, vec2};

use crate::command::{Command, View};
use crate::flow::{Refusal, RefusalKind};
use crate::procedure::{Document, Form, Procedure, Rule};
use crate::record::{CopyStep, Deed, Record, RecordId, fold, keep_date, read_date};
use crate::today::{Blanks, CopyPlace, Papers, Place, day_words, days_words};

use super::{context, page, theme};

/// How many sheets a part of the page shows; the filter finds the others.
const SHOWN: usize = 60;

/// As wide as a line can be followed with the eye, from a copy to its buttons.
const WIDEST: f32 = 860.0;
/// Room for what is looked for.
const HEAD: f32 = 104.0;

/// The page's own small state.
#[derive(Debug, Default)]
pub struct PapersView {
    filter: String,
}

/// Who is at the desk, and when.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// The office, and the clauses it works by.
    pub document: &'a Document,
    /// Who sits there (操作人); empty where nobody is named.
    pub operator: &'a str,
    /// The day.
    pub today: NaiveDate,
}

/// What is being put down of a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Draft {
    step: Option<CopyStep>,
    holder: String,
    on: String,
    /// The pen goes into the first field in the next frame: the click that began it would take it away again in this one.
    fresh: bool,
}

impl PapersView {
    /// Draws the page.
    pub fn show(&mut self, ui: &mut Ui, papers: &Papers, at: At<'_>, commands: &mut Vec<Command>) {
        let mut room = ui.available_rect_before_wrap();
        room.set_width(room.width().min(WIDEST));
        let build = egui::UiBuilder::new().max_rect(room);
        ui.scope_builder(build, |ui| self.page(ui, papers, at, commands));
    }

    fn page(&mut self, ui: &mut Ui, papers: &Papers, at: At<'_>, commands: &mut Vec<Command>) {
        ui.horizontal(|ui| {
            page::title(ui, View::Papers.name());
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let response = ui.add(theme::field(&mut self.filter, "编号、用户、在谁手里…").desired_width(220.0));
                ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("筛选"));
                if response.has_focus() && ui.input(|it| it.key_pressed(Key::Escape)) {
                    self.filter.clear();
                }
            });
        });
        ui.add_space(4.0);
        let words = fold(&self.filter);
        let words: Vec<&str> = words.split_whitespace().collect();
        let matching =
            |all: &'_ [Place]| -> Vec<usize> { (0..all.len()).filter(|it| all[*it].matches(&words)).collect() };
        let (out, printed) = (matching(&papers.out), matching(&papers.printed));
        let blanks: &[Blanks] = if words.is_empty() { &papers.blanks } else { &[] };
        page::scroll(ui, "papers", |ui| {
            if out.is_empty() && printed.is_empty() && blanks.is_empty() {
                page::nothing(ui, if words.is_empty() { "纸都在卷里，没有在外面的" } else { "没有这样的纸单" });
                return;
            }
            let out_of_house: fn(&CopyPlace) -> bool = CopyPlace::is_out;
            let parts = [
                ("在外面", &papers.out, out, out_of_house),
                ("已打印，还没交出", &papers.printed, printed, |it| it.step == Some(CopyStep::Printed)),
            ];
            for (name, all, places, counts) in parts {
                if places.is_empty() {
                    continue;
                }
                let copies = places.iter().filter_map(|it| all.get(*it)).flat_map(|it| &it.copies);
                page::heading(ui, name, copies.filter(|it| counts(it)).count(), theme::INK);
                for place in places.iter().take(SHOWN).filter_map(|it| all.get(*it)) {
                    sheet(ui, place, at, commands);
                }
                if places.len() > SHOWN {
                    page::nothing(ui, &format!("还有 {} 份，写上编号或用户来找", places.len() - SHOWN));
                }
                ui.add_space(12.0);
            }
            if !blanks.is_empty() {
                page::heading(ui, "空白单在外面", blanks.len(), theme::INK);
                page::card(ui, |ui| {
                    for (place, blanks) in blanks.iter().enumerate() {
                        let line = blanks.line(at.today);
                        let columns = [(line.head.as_str(), HEAD, true), (line.words.as_str(), rest(ui), false)];
                        let id = Id::unique(("blank-sheets", place));
                        if page::row(ui, id, &columns, (&line.right, theme::INK)).clicked() {
                            commands.push(Command::Show(View::Numbers));
                        }
                    }
                });
            }
        });
    }
}

fn sheet(ui: &mut Ui, place: &Place, at: At<'_>, commands: &mut Vec<Command>) {
    page::card(ui, |ui| {
        let subject = if place.subject.is_empty() { "（未填）" } else { &place.subject };
        let about = [place.kind.as_str(), subject].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>();
        let columns = [(place.number.as_str(), HEAD, true), (&about.join("　"), rest(ui), false)];
        let right = if place.over { "已了结，纸该收回" } else { "" };
        let response = page::row(ui, Id::unique(("paper", place.record.0)), &columns, (right, theme::AMBER));
        let words = [place.number.as_str(), columns[1].0].join(" ");
        context::sheet(&response, place.record, &place.number, &words, commands);
        if response.clicked() {
            commands.push(Command::Open(place.record));
        }
        page::inset(ui, |ui| {
            for copy in &place.copies {
                line(ui, (place.record, &place.number), copy, at, commands);
            }
        });
    });
    ui.add_space(8.0);
}

/// The room beside what is looked for, in a row.
fn rest(ui: &Ui) -> f32 {
    (ui.available_width() - 24.0 - HEAD).max(1.0)
}

/// Where each copy of a sheet is, for the panel beside it. The form is the edition the sheet was made under.
pub fn copies(
    ui: &mut Ui,
    (procedure, form): (&Procedure, &Form),
    record: &Record,
    at: At<'_>,
    commands: &mut Vec<Command>,
) {
    for copy in CopyPlace::of_record(procedure, form, record) {
        line(ui, (record.id, &record.number), &copy, at, commands);
    }
}

/// A copy's line, with what can become of it next; and while that is being put down, the fields for it.
fn line(ui: &mut Ui, (record, number): (RecordId, &str), copy: &CopyPlace, at: At<'_>, commands: &mut Vec<Command>) {
    let id = Id::unique(("copy", record.0, copy.copy));
    let mut draft: Draft = ui.data(|it| it.get_temp(id)).unwrap_or_default();
    let before = draft.clone();
    if std::mem::take(&mut draft.fresh) {
        ui.memory_mut(|it| it.request_focus(id.with("holder")));
    }
    let buttons = |ui: &mut Ui, draft: &mut Draft, steps: &mut dyn Iterator<Item = &CopyStep>| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for step in steps {
            let button = egui::Button::new(RichText::new(step.name()).size(13.0)).min_size(vec2(0.0, 24.0));
            let response = ui.add(button.selected(draft.step == Some(*step)));
            let name = format!("{number} {} {}", copy.name, step.name());
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
            if response.clicked() {
                let same = draft.step == Some(*step);
                *draft = if same { Draft::default() } else { begun(*step, copy, at) };
            }
        }
    };
    // Beside the sheet there is no room for both on one line.
    if ui.available_width() >= 420.0 {
        ui.horizontal(|ui| {
            said(ui, copy, at.today);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                buttons(ui, &mut draft, &mut copy.next().iter().rev());
            });
        });
    } else {
        ui.horizontal_wrapped(|ui| said(ui, copy, at.today));
        ui.horizontal(|ui| buttons(ui, &mut draft, &mut copy.next().iter()));
    }
    if let Some(step) = draft.step {
        fields(ui, (id, record, number), copy, step, &mut draft, at, commands);
    }
    if draft != before {
        ui.data_mut(|it| it.insert_temp(id, draft));
        ui.ctx().request_repaint();
    }
}

/// 第一联 11月10日 交出 技术质安部 陈堃 9 天
fn said(ui: &mut Ui, copy: &CopyPlace, today: NaiveDate) {
    ui.label(theme::strong(&copy.name));
    let Some(step) = copy.step else {
        ui.label(theme::soft("还没有打印"));
        return;
    };
    let day = copy.on.map(|it| day_words(it, today)).unwrap_or_default();
    let words: Vec<&str> = [day.as_str(), step.name(), &copy.holder].into_iter().filter(|it| !it.is_empty()).collect();
    ui.label(crate::face::on_screen(&words.join(" ")));
    if copy.is_out()
        && let Some(on) = copy.on.filter(|it| *it < today)
    {
        ui.label(theme::soft(days_words(on, today)));
    }
}

/// What a step begins with: on the same day, with whoever had it, or whoever is at the desk.
fn begun(step: CopyStep, copy: &CopyPlace, at: At<'_>) -> Draft {
    let holder = match step {
        CopyStep::Printed | CopyStep::Back => at.operator.to_owned(),
        CopyStep::Signed => copy.holder.clone(),
        CopyStep::Handed | CopyStep::Filed => String::new(),
    };
    Draft { step: Some(step), holder, on: keep_date(at.today), fresh: true }
}

fn fields(
    ui: &mut Ui,
    (id, record, number): (Id, RecordId, &str),
    copy: &CopyPlace,
    step: CopyStep,
    draft: &mut Draft,
    at: At<'_>,
    commands: &mut Vec<Command>,
) {
    let (label, hint) = match step {
        CopyStep::Printed => ("打印人", "谁打印的"),
        CopyStep::Handed => ("交给", "部门、姓名"),
        CopyStep::Signed => ("签的人", "部门、姓名"),
        CopyStep::Back => ("收的人", "部门、姓名"),
        CopyStep::Filed => ("卷", "哪一卷"),
    };
    let about = format!("{number} {}", copy.name);
    let mut enter = false;
    let mut entry = |ui: &mut Ui, place: Id, (name, hint): (&str, &str), text: &mut String, width: f32| {
        ui.label(theme::soft(name));
        let response = ui.add(theme::field(text, hint).id(place).desired_width(width).char_limit(200));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(format!("{about} {name}")));
        enter |= response.lost_focus() && ui.input(|it| it.key_pressed(Key::Enter));
    };
    let checked = check(copy, step, draft, at);
    let mut sure = false;
    // Beside the sheet the day begins a line of its own, so that its name stands before its field.
    let narrow = ui.available_width() < 420.0;
    if narrow {
        ui.horizontal(|ui| entry(ui, id.with("holder"), (label, hint), &mut draft.holder, 132.0));
    }
    ui.horizontal_wrapped(|ui| {
        if !narrow {
            entry(ui, id.with("holder"), (label, hint), &mut draft.holder, 132.0);
        }
        entry(ui, id.with("on"), ("日期", "11.20"), &mut draft.on, 92.0);
        let confirm = egui::Button::new(RichText::new("记下").size(13.0)).min_size(vec2(0.0, theme::CONTROL));
        let response = ui.add_enabled(checked.is_ok(), confirm);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(format!("{about} 记下")));
        sure = response.clicked();
        if ui.add(egui::Button::new(theme::soft("取消")).frame(false)).clicked() {
            *draft = Draft::default();
        }
    });
    match checked {
        Ok(on) if sure || enter => {
            let holder = draft.holder.trim().to_owned();
            let deed = Deed::Copy { copy: copy.copy, step, holder, on: keep_date(on) };
            commands.push(Command::Note { record, deeds: vec![deed] });
            *draft = Draft::default();
        }
        Err(why) => {
            ui.label(RichText::new(why).size(12.0).color(theme::AMBER));
        }
        Ok(_) => {}
    }
}

/// The day of a step, where all that is needed was written; else what is wanted.
fn check(copy: &CopyPlace, step: CopyStep, draft: &Draft, at: At<'_>) -> Result<NaiveDate, String> {
    let today = at.today;
    let ruled = |rule, kind| Err(Refusal::in_office(at.document, rule, kind).into());
    let Some(on) = read_date(&draft.on, Some(today)) else {
        return Err("日期读不懂，可写 2026-11-20、11.20、今天".to_owned());
    };
    if on > today {
        return Err("这一天还没有到".to_owned());
    }
    if let Some(last) = copy.on.filter(|it| on < *it) {
        return Err(format!("早于上一步（{}）", day_words(last, today)));
    }
    match step {
        CopyStep::Handed if draft.holder.trim().is_empty() => ruled(Rule::Handing, RefusalKind::NoHolder),
        CopyStep::Filed if draft.holder.trim().is_empty() => ruled(Rule::Filing, RefusalKind::NoBinder),
        CopyStep::Printed | CopyStep::Handed | CopyStep::Signed | CopyStep::Back | CopyStep::Filed => Ok(on),
    }
}
