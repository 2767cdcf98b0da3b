//! 保存期满: what may be destroyed, the list to be signed, and destroying in two steps (4.7).

use chrono::Datelike;
use eframe::egui::Ui;

use crate::command::{ArchiveCommand, Command};
use crate::procedure::Rule;
use crate::record::{Deed, RecordId, keep_date};
use crate::retention::{self, Batch};

use super::super::{page, theme};
use super::{ArchiveView, Shown, how_many, labelled, tell};

impl ArchiveView {
    pub(super) fn expired(
        &mut self,
        ui: &mut Ui,
        shown: &Shown<'_>,
        batches: &[Batch<'_>],
        commands: &mut Vec<Command>,
    ) {
        if batches.is_empty() {
            self.confirming = None;
            let (years, today) = (shown.years(&shown.procedure.main_id()), shown.today);
            let next = today.with_month(1).and_then(|it| it.with_day(1)).unwrap_or(today);
            let words = format!(
                "没有保存期满的单据：办结年度末起保存 {years} 年，{} 年办结的单据 {} 起可以销毁{}",
                today.year() - i32::try_from(years).unwrap_or(0),
                keep_date(next.with_year(today.year() + 1).unwrap_or(next)),
                shown.cited(Rule::Destruction),
            );
            return page::nothing(ui, &words);
        }
        if let Some((deed, records)) = self.confirming.clone() {
            self.second_step(ui, shown, &deed, records, commands);
        } else {
            self.first_step(ui, shown, batches, commands);
        }
        ui.add_space(8.0);
        self.batches(ui, shown, batches, commands);
    }

    /// The list to be signed, and who approves, carries out and watches.
    fn first_step(&mut self, ui: &mut Ui, shown: &Shown<'_>, batches: &[Batch<'_>], commands: &mut Vec<Command>) {
        let chosen = self.ticked(batches.iter().flat_map(|it| &it.sheets));
        page::card(ui, |ui| {
            page::inset(ui, |ui| {
                ui.horizontal_wrapped(|ui| {
                    how_many(ui, &chosen);
                    let hint = "打勾的单据列成清单，交三人签字；一张也没有打勾时列出全部";
                    let all = batches.iter().flat_map(|it| &it.sheets).map(|it| it.id);
                    let listed = if chosen.is_empty() { all.collect() } else { chosen.clone() };
                    let export = Command::Archive(ArchiveCommand::ExportDestruction(listed));
                    if ui.add(theme::primary("销毁清单")).on_hover_text(hint).clicked() {
                        commands.push(export.clone());
                    }
                    page::print_button(ui, &export, "销毁清单", commands);
                    ui.separator();
                    self.holding(ui, shown, &chosen, commands);
                });
                ui.horizontal_wrapped(|ui| {
                    labelled(ui, "批准人", &mut self.approved, "", 96.0);
                    labelled(ui, "执行人", &mut self.executed, "", 96.0);
                    labelled(ui, "监销人", &mut self.watched, "", 96.0);
                    labelled(ui, "日期", &mut self.on, "今天", 104.0);
                    if ui.add(theme::plain("销毁…")).clicked() {
                        let (day, today) = (self.day(shown.today), shown.today);
                        let three = [&self.approved, &self.executed, &self.watched].map(String::as_str);
                        let deed = retention::destruction(&shown.procedure.document, three, day, today);
                        match deed {
                            _ if chosen.is_empty() => commands.push(tell("没有销毁：请先在要销毁的单据前打勾")),
                            Ok(deed) => self.confirming = Some((deed, chosen)),
                            Err(refusal) => commands.push(tell(format!("没有销毁：{refusal}"))),
                        }
                    }
                });
            });
        });
    }

    /// The second step, in the same place: how much goes, that it does not come back, and the passwords of the three.
    fn second_step(
        &mut self,
        ui: &mut Ui,
        shown: &Shown<'_>,
        deed: &Deed,
        records: Vec<RecordId>,
        commands: &mut Vec<Command>,
    ) {
        let Deed::Destroyed { approved, executed, watched, on } = deed else { return self.confirming = None };
        let three = [("批准人", approved), ("执行人", executed), ("监销人", watched)];
        let has_password = |name: &str| {
            let person = shown.procedure.document.person(name);
            person.is_some_and(|it| it.password.is_some() && it.name != shown.operator)
        };
        page::card(ui, |ui| {
            page::inset(ui, |ui| {
                let words = format!("将销毁 {} 份单据的内容，不能恢复", records.len());
                ui.label(theme::strong(words).color(theme::RED));
                ui.label(format!("批准人 {approved}，执行人 {executed}，监销人 {watched}，{on}"));
                ui.label(theme::soft("只留编号、台帐一行和谁在何时销毁；早先的备份文件里仍有原文，请另行处理"));
                for ((role, name), password) in three.iter().zip(&mut self.passwords) {
                    if has_password(name) {
                        let label = format!("{role} {name} 的密码");
                        let field = ui.add(theme::field(password, &label).password(true).desired_width(200.0));
                        ui.ctx().accesskit_node_builder(field.id, |node| node.set_label(label));
                    }
                }
                ui.horizontal(|ui| {
                    if ui.add(theme::primary("确认销毁").fill(theme::RED)).clicked() {
                        let given = three.iter().zip(std::mem::take(&mut self.passwords));
                        let given = given.filter(|((_, name), _)| has_password(name));
                        let given = given.map(|((_, name), password)| ((*name).clone(), password)).collect();
                        let deed = deed.clone();
                        commands.push(Command::Archive(ArchiveCommand::Destroy { records, deed, given }));
                        self.confirming = None;
                    }
                    if ui.add(theme::plain("不销毁")).clicked() {
                        self.passwords = Default::default();
                        self.confirming = None;
                    }
                });
            });
        });
    }
}
