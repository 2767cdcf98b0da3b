//! 期限与间隔, 限度 and 打印: days, years, how much is allowed, where the printer puts it.

use eframe::egui::Ui;

use super::{Office, OfficeView, push, section};
use crate::command::Command;
use crate::procedure::{Axis, Change, Figure};
use crate::ui::theme;

impl OfficeView {
    pub(super) fn terms(&mut self, ui: &mut Ui, office: &Office<'_>, commands: &mut Vec<Command>) {
        let document = &office.procedure.document;
        section(ui, "期限与间隔", |ui| {
            let days = if document.terms().working { "个工作日" } else { "天" };
            self.figure(ui, office, Figure::Urgent, &format!("{days}内完成"), commands);
            self.figure(ui, office, Figure::Ordinary, &format!("{days}内完成；单上写了完成期限的按单上"), commands);
            self.row(ui, "", |_, ui| {
                let mut working = document.terms().working;
                if ui.checkbox(&mut working, "按工作日算，法定节假日和周末除外").changed() {
                    push(commands, Change::Switch("working".into(), working));
                }
            });
            self.figure(ui, office, Figure::Soon, &format!("到期前这么多{days}起提醒"), commands);
            self.figure(ui, office, Figure::Visit, "天没有沟通就该走访（4.3）", commands);
            self.figure(ui, office, Figure::Retention, "年，自办结年度末起；程序规定三年（4.7）", commands);
        });
        section(ui, "限度", |ui| {
            self.figure(ui, office, Figure::Corrections, "处；一张单上超过了，建议重抄", commands);
            self.row(ui, "", |_, ui| {
                let mut stands = document.limits().void_in_ledger;
                if ui.checkbox(&mut stands, "作废的单也列入台帐").changed() {
                    push(commands, Change::Switch("void_in_ledger".into(), stands));
                }
            });
        });
    }

    pub(super) fn figure(
        &mut self,
        ui: &mut Ui,
        office: &Office<'_>,
        figure: Figure,
        after: &str,
        commands: &mut Vec<Command>,
    ) {
        let document = &office.procedure.document;
        self.row(ui, figure.name(), |view, ui| {
            let shown = document.figure(figure.id()).to_string();
            view.typed(ui, document, figure.name(), &shown, 40.0, commands, |text| {
                Change::Setting(figure.id().into(), text)
            });
            ui.label(theme::soft(after));
        });
    }

    pub(super) fn printing(&mut self, ui: &mut Ui, office: &Office<'_>, commands: &mut Vec<Command>) {
        let document = &office.procedure.document;
        section(ui, "打印", |ui| {
            for (axis, name, shift) in [(Axis::X, "右移", document.offset.x), (Axis::Y, "下移", document.offset.y)]
            {
                self.row(ui, name, |view, ui| {
                    let shown = shift.to_mm().to_string();
                    let change = |text| Change::Offset(axis, text);
                    view.typed(ui, document, name, &shown, 40.0, commands, change);
                    ui.label(theme::soft("毫米"));
                });
            }
            ui.label(theme::soft("打印机印偏时用；负数向左、向上。只动导出的 PDF，屏幕上不变。直接打印时每台打印机有自己的右移、下移，在打印页上写，记在那台电脑上；没写过的先按这里"));
        });
    }
}
