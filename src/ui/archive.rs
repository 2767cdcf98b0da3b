//! 归档: what waits to be filed, the binders, what may be destroyed, what is held (4.7).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use eframe::egui::{Color32, FontId, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use crate::command::{ArchiveCommand, ArchivePart, Command};
use crate::flow::{Refusal, RefusalKind, Standing, cited};
use crate::list::{List, Summary};
use crate::procedure::{FormId, Procedure, Rule};
use crate::record::{Deed, RecordId, keep_date, read_date};
use crate::retention::{self, Batch, Binder, Shelf};

use super::{page, theme};

mod expired;
mod rows;
use rows::{Line, batch_row, binder_row, sheet_row};

/// What the page shows.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The procedure, for the forms' names and the keeping time.
    pub procedure: &'a Procedure,
    /// Every sheet's line.
    pub lists: &'a BTreeMap<FormId, List>,
    /// Why sheets that were chosen cannot be filed yet.
    pub reasons: &'a BTreeMap<RecordId, String>,
    /// Today.
    pub today: NaiveDate,
    /// Who sits at the desk; empty where nobody does.
    pub operator: &'a str,
}

impl Shown<'_> {
    fn no_reason(&self) -> Refusal {
        Refusal::in_office(&self.procedure.document, Rule::Destruction, RefusalKind::NoReason)
    }

    fn cited(&self, rule: Rule) -> String {
        cited(self.procedure.document.clause_of(rule))
    }

    fn years(&self, form: &FormId) -> u32 {
        self.procedure.document.years_kept(form)
    }

    fn short(&self, form: &FormId) -> String {
        self.procedure.form(form).map_or_else(|| form.to_string(), |it| it.short.clone())
    }
}

/// The page's own small state.
#[derive(Debug, Default)]
pub struct ArchiveView {
    /// Which part is shown.
    part: ArchivePart,
    /// Which binder is open.
    shelf: Option<Shelf>,
    /// The sheets that are ticked.
    chosen: BTreeSet<RecordId>,
    /// Batches whose sheets are not shown: year of closing and form.
    folded: BTreeSet<(i32, FormId)>,
    case: String,
    binder: String,
    /// A day as typed; empty means today.
    on: String,
    reason: String,
    approved: String,
    executed: String,
    watched: String,
    /// The passwords of those three.
    passwords: [String; 3],
    /// The second step of destroying: what is to be put down, and with which sheets.
    confirming: Option<(Deed, Vec<RecordId>)>,
}

impl ArchiveView {
    /// Shows a part of the page.
    pub fn show_part(&mut self, part: ArchivePart) {
        self.part = part;
        self.shelf = None;
        self.chosen.clear();
        self.reason.clear();
        self.confirming = None;
    }

    /// Ticks sheets.
    pub fn choose(&mut self, sheets: impl IntoIterator<Item = RecordId>) {
        self.chosen.extend(sheets);
    }

    /// What was asked for is done: nothing is ticked any more.
    pub fn done(&mut self) {
        self.chosen.clear();
        self.reason.clear();
        self.confirming = None;
    }

    /// What was confirmed could not be begun: it is asked again.
    pub fn confirm_again(&mut self, deed: Deed, records: Vec<RecordId>) {
        self.confirming = Some((deed, records));
    }

    /// Draws the page.
    pub fn show(&mut self, ui: &mut Ui, shown: &Shown<'_>, commands: &mut Vec<Command>) {
        let unfiled = retention::unfiled(shown.lists.values());
        let binders = retention::binders(shown.lists.values());
        let expired = retention::expired(shown.lists.values(), &shown.procedure.document, shown.today);
        let held = retention::all_held(shown.lists.values());
        let count = |batches: &[Batch<'_>]| batches.iter().map(|it| it.sheets.len()).sum::<usize>();
        page::title(ui, "归档");
        ui.horizontal(|ui| {
            for part in ArchivePart::ALL {
                let many = match part {
                    ArchivePart::Unfiled => count(&unfiled),
                    ArchivePart::Binders => binders.len(),
                    ArchivePart::Expired => count(&expired),
                    ArchivePart::Held => held.len(),
                };
                let words = if many > 0 { format!("{} {many}", part.name()) } else { part.name().to_owned() };
                let here = self.part == part;
                if ui.add(theme::plain(&words).selected(here)).clicked() && (!here || self.shelf.is_some()) {
                    self.show_part(part);
                }
            }
        });
        ui.add_space(8.0);
        match self.part {
            ArchivePart::Unfiled => self.unfiled(ui, shown, &unfiled, commands),
            ArchivePart::Binders => {
                // One that was emptied, or destroyed, is closed.
                let open = self.shelf.as_ref().and_then(|shelf| binders.iter().find(|it| it.shelf == *shelf));
                match open {
                    Some(binder) => self.binder(ui, shown, binder, commands),
                    None => self.binders(ui, shown, &binders, commands),
                }
            }
            ArchivePart::Expired => self.expired(ui, shown, &expired, commands),
            ArchivePart::Held => self.held(ui, shown, &held, commands),
        }
    }

    fn unfiled(&mut self, ui: &mut Ui, shown: &Shown<'_>, batches: &[Batch<'_>], commands: &mut Vec<Command>) {
        if batches.is_empty() {
            return page::nothing(
                ui,
                &format!("没有等待归档的单据：办结、作废的单据在这里等候装盒入卷{}", shown.cited(Rule::Filing)),
            );
        }
        let chosen = self.ticked(batches.iter().flat_map(|it| &it.sheets));
        page::card(ui, |ui| {
            page::inset(ui, |ui| ui.horizontal_wrapped(|ui| self.filing(ui, shown, &chosen, "归档", commands)));
        });
        ui.add_space(8.0);
        self.batches(ui, shown, batches, commands);
    }

    /// Box, binder and day, and the button; sheets that are filed already are put elsewhere.
    fn filing(&mut self, ui: &mut Ui, shown: &Shown<'_>, chosen: &[RecordId], verb: &str, commands: &mut Vec<Command>) {
        how_many(ui, chosen);
        labelled(ui, "盒号", &mut self.case, "", 72.0);
        labelled(ui, "卷号", &mut self.binder, "", 72.0);
        labelled(ui, "日期", &mut self.on, "今天", 104.0);
        if ui.add(theme::primary(verb)).clicked() {
            let filing = retention::filing(
                &shown.procedure.document,
                (&self.case, &self.binder),
                self.day(shown.today),
                shown.today,
            );
            commands.push(match filing {
                _ if chosen.is_empty() => tell("没有归档：请先在单据前打勾"),
                Ok(deed) => Command::Archive(ArchiveCommand::File { records: chosen.to_vec(), deed }),
                Err(refusal) => tell(format!("没有归档：{refusal}")),
            });
        }
    }

    /// The day as typed; none where it cannot be read.
    fn day(&self, today: NaiveDate) -> Option<NaiveDate> {
        if self.on.trim().is_empty() { Some(today) } else { read_date(&self.on, Some(today)) }
    }

    /// A reason, and the button that holds what is ticked.
    fn holding(&mut self, ui: &mut Ui, shown: &Shown<'_>, chosen: &[RecordId], commands: &mut Vec<Command>) {
        labelled(ui, "理由", &mut self.reason, "为什么不能销毁", 180.0);
        if ui.add(theme::plain("冻结")).clicked() {
            let reason = self.reason.trim().to_owned();
            commands.push(match (chosen, reason.as_str()) {
                ([], _) => tell("没有冻结：请先在单据前打勾"),
                (_, "") => tell(format!("没有冻结：{}", shown.no_reason())),
                _ => Command::Archive(ArchiveCommand::Hold { records: chosen.to_vec(), reason }),
            });
        }
    }

    fn binders(&mut self, ui: &mut Ui, shown: &Shown<'_>, binders: &[Binder<'_>], commands: &mut Vec<Command>) {
        if binders.is_empty() {
            return page::nothing(ui, "还没有案卷：在“待归档”里给单据写上盒号和卷号");
        }
        page::card(ui, |ui| {
            ScrollArea::vertical().id_salt("binders").show_rows(ui, page::ROW, binders.len(), |ui, range| {
                for binder in binders.get(range).into_iter().flatten() {
                    if binder_row(ui, shown, binder, commands) {
                        self.shelf = Some(binder.shelf.clone());
                        self.chosen.clear();
                        self.case.clone_from(&binder.shelf.case);
                        self.binder.clone_from(&binder.shelf.binder);
                    }
                }
            });
        });
    }

    fn binder(&mut self, ui: &mut Ui, shown: &Shown<'_>, binder: &Binder<'_>, commands: &mut Vec<Command>) {
        let shelf = &binder.shelf;
        ui.horizontal(|ui| {
            if ui.add(theme::plain("‹ 全部案卷")).clicked() {
                self.show_part(ArchivePart::Binders);
            }
            ui.label(theme::strong(shelf.name()));
            let words = format!("{} {}年办结，{} 份", shown.short(&shelf.form), shelf.year, binder.sheets.len());
            ui.label(words);
            ui.label(theme::soft(retention::kept_words(
                shown.years(&shelf.form),
                shelf.kept_until(shown.years(&shelf.form)),
            )));
            for command in [ArchiveCommand::ExportIndex(shelf.clone()), ArchiveCommand::ExportSpine(shelf.clone())] {
                let (label, export) = (command.label(), Command::Archive(command));
                if ui.add(theme::plain(label)).clicked() {
                    commands.push(export.clone());
                }
                page::print_button(ui, &export, label, commands);
            }
        });
        ui.add_space(8.0);
        let chosen = self.ticked(&binder.sheets);
        page::card(ui, |ui| {
            page::inset(ui, |ui| {
                ui.horizontal_wrapped(|ui| {
                    self.filing(ui, shown, &chosen, "改放", commands);
                    ui.separator();
                    self.holding(ui, shown, &chosen, commands);
                });
            });
        });
        ui.add_space(8.0);
        let lines: Vec<Line<'_>> = binder.sheets.iter().map(|it| Line::Sheet(it)).collect();
        self.lines(ui, shown, &lines, commands);
    }

    fn held(&mut self, ui: &mut Ui, shown: &Shown<'_>, held: &[&Summary], commands: &mut Vec<Command>) {
        if held.is_empty() {
            return page::nothing(ui, "没有冻结的单据：有争议、有诉讼的，在“已归档”或“保存期满”里冻结，到期也不销毁");
        }
        let chosen = self.ticked(held);
        page::card(ui, |ui| {
            page::inset(ui, |ui| {
                ui.horizontal_wrapped(|ui| {
                    how_many(ui, &chosen);
                    labelled(ui, "理由", &mut self.reason, "为什么可以解冻", 240.0);
                    if ui.add(theme::primary("解冻")).clicked() {
                        let reason = self.reason.trim().to_owned();
                        commands.push(match (chosen.as_slice(), reason.as_str()) {
                            ([], _) => tell("没有解冻：请先在单据前打勾"),
                            (_, "") => tell(format!("没有解冻：{}", shown.no_reason())),
                            _ => Command::Archive(ArchiveCommand::Release { records: chosen, reason }),
                        });
                    }
                });
            });
        });
        ui.add_space(8.0);
        let lines: Vec<Line<'_>> = held.iter().map(|it| Line::Sheet(it)).collect();
        self.lines(ui, shown, &lines, commands);
    }

    /// Those of the sheets that are ticked.
    fn ticked<'a>(&self, sheets: impl IntoIterator<Item = &'a &'a Summary>) -> Vec<RecordId> {
        if self.chosen.is_empty() {
            return Vec::new();
        }
        sheets.into_iter().map(|it| it.id).filter(|it| self.chosen.contains(it)).collect()
    }

    fn batches(&mut self, ui: &mut Ui, shown: &Shown<'_>, batches: &[Batch<'_>], commands: &mut Vec<Command>) {
        let mut lines = Vec::new();
        for batch in batches {
            lines.push(Line::Batch(batch));
            if !self.folded.contains(&(batch.year, batch.form.clone())) {
                lines.extend(batch.sheets.iter().map(|it| Line::Sheet(it)));
            }
        }
        self.lines(ui, shown, &lines, commands);
    }

    fn lines(&mut self, ui: &mut Ui, shown: &Shown<'_>, lines: &[Line<'_>], commands: &mut Vec<Command>) {
        page::card(ui, |ui| {
            ScrollArea::vertical().id_salt("archive").show_rows(ui, page::ROW, lines.len(), |ui, range| {
                for line in lines.get(range).into_iter().flatten() {
                    match line {
                        Line::Batch(batch) => self.batch(ui, shown, batch, commands),
                        Line::Sheet(sheet) => self.sheet(ui, shown, sheet, commands),
                    }
                }
            });
        });
    }

    fn batch(&mut self, ui: &mut Ui, shown: &Shown<'_>, batch: &Batch<'_>, commands: &mut Vec<Command>) {
        let key = (batch.year, batch.form.clone());
        let ids = || batch.sheets.iter().map(|it| it.id);
        let all = ids().all(|it| self.chosen.contains(&it));
        let free = self.confirming.is_none();
        let (folded, ticked) = batch_row(ui, shown, batch, (all, free), self.folded.contains(&key));
        if folded && !self.folded.remove(&key) {
            self.folded.insert(key);
        }
        match ticked {
            Some(true) => self.tick(ids().collect(), commands),
            Some(false) => self.chosen.retain(|it| ids().all(|other| other != *it)),
            None => {}
        }
    }

    fn sheet(&mut self, ui: &mut Ui, shown: &Shown<'_>, sheet: &Summary, commands: &mut Vec<Command>) {
        let (note, ink) = self.note(shown, sheet);
        let free = self.confirming.is_none();
        let ticked = (self.chosen.contains(&sheet.id), free);
        match sheet_row(ui, shown, sheet, ticked, (&note, ink), commands) {
            Some(true) => self.tick(vec![sheet.id], commands),
            Some(false) => drop(self.chosen.remove(&sheet.id)),
            None => {}
        }
    }

    /// Ticks sheets; what is to be filed is looked over first.
    fn tick(&mut self, sheets: Vec<RecordId>, commands: &mut Vec<Command>) {
        if self.part == ArchivePart::Unfiled {
            commands.push(Command::Archive(ArchiveCommand::Choose(sheets)));
        } else {
            self.choose(sheets);
        }
    }

    /// The one thing to know about a sheet here.
    fn note(&self, shown: &Shown<'_>, sheet: &Summary) -> (String, Color32) {
        if let Some(reason) = retention::held(sheet) {
            return (format!("冻结：{reason}"), theme::AMBER);
        }
        let closed = sheet.closed.map(keep_date).unwrap_or_default();
        let end = if sheet.standing == Standing::Void { "作废" } else { "办结" };
        let out = || {
            let form = shown.procedure.form(&sheet.form)?;
            Some(retention::copies_out(form, sheet).join("；")).filter(|it| !it.is_empty())
        };
        match self.part {
            ArchivePart::Unfiled => match shown.reasons.get(&sheet.id).cloned().or_else(out) {
                Some(reason) => (reason, theme::AMBER),
                None => (format!("{closed} {end}"), theme::SOFT),
            },
            ArchivePart::Binders => (format!("{closed} {end}"), theme::SOFT),
            ArchivePart::Expired | ArchivePart::Held => {
                let place = retention::filed(sheet)
                    .map_or_else(|| "未归档".to_owned(), |(case, binder, _)| retention::shelf_name(case, binder));
                (format!("{place}，{closed} {end}"), theme::SOFT)
            }
        }
    }
}

/// How many are ticked, in a place of one width: what stands behind it does not move.
fn how_many(ui: &mut Ui, chosen: &[RecordId]) {
    let (place, response) = ui.allocate_exact_size(vec2(88.0, theme::CONTROL), Sense::hover());
    let words = format!("已选 {} 份", chosen.len());
    page::text_in(ui, place, &words, theme::bold(14.0), theme::INK);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
}

/// A field with its label before it; assistive technology calls it so too.
fn labelled(ui: &mut Ui, label: &str, text: &mut String, hint: &str, width: f32) {
    // Painted: the field alone bears the name.
    let words = ui.painter().layout_no_wrap(label.to_owned(), FontId::proportional(13.0), theme::SOFT);
    let (place, _) = ui.allocate_exact_size(vec2(words.size().x, theme::CONTROL), Sense::hover());
    ui.painter().galley(place.left_center() - vec2(0.0, words.size().y / 2.0), words, theme::SOFT);
    let response = ui.add(theme::field(text, hint).desired_width(width));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(label.to_owned()));
}

fn tell(words: impl Into<String>) -> Command {
    Command::Tell(words.into())
}
