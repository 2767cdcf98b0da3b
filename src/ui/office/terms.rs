//! What packages and the program let an office set, days and years and how much is allowed; and where the printer puts it.

use eframe::egui::Ui;

use super::{Office, OfficeView, push, section};
use crate::command::Command;
use crate::procedure::{Axis, Change, PEOPLE_CARD, Setting, Value};
use crate::ui::theme;

/// The package that declares a setting; empty where its ids stand bare.
fn package_of(setting: &Setting) -> &str {
    setting.id.as_str().split_once('/').map_or("", |it| it.0)
}

impl OfficeView {
    /// What the packages and the program let an office set, card by card.
    pub(super) fn terms(&mut self, ui: &mut Ui, office: &Office<'_>, commands: &mut Vec<Command>) {
        let document = &office.procedure.document;
        let mut cards: Vec<(&str, &str)> = Vec::new();
        for card in document.may_set().map(|it| (package_of(it), it.group.as_str())) {
            if card.1 != PEOPLE_CARD && !cards.contains(&card) {
                cards.push(card);
            }
        }
        for (package, group) in cards {
            let title =
                document.packages.iter().find(|it| it.name == package).map(|it| format!("{group}（{}）", it.title));
            let heading = title.filter(|_| !package.is_empty()).unwrap_or_else(|| group.to_owned());
            section(ui, &heading, |ui| self.settings(ui, office, (package, group), commands));
        }
    }

    /// The settings of a package that stand in a card; of the program's own, and where ids stand bare, it has no name.
    pub(super) fn settings(
        &mut self,
        ui: &mut Ui,
        office: &Office<'_>,
        card: (&str, &str),
        commands: &mut Vec<Command>,
    ) {
        let document = &office.procedure.document;
        for setting in document.may_set().filter(|it| (package_of(it), it.group.as_str()) == card) {
            let (id, name) = (setting.id.clone(), setting.name.as_str());
            // Two packages may have one name for theirs, and one package for what it counts twice.
            let called =
                if card.0.is_empty() { name.to_owned() } else { format!("{name} {} {}", setting.unit, card.0) };
            let (shown, width) = match document.setting(id.as_str()) {
                Some(Value::Switch(on)) => {
                    let mut on = *on;
                    let words =
                        if setting.says.is_empty() { name.to_owned() } else { format!("{name}，{}", setting.says) };
                    self.row(ui, "", |_, ui| {
                        if ui.checkbox(&mut on, words).changed() {
                            push(commands, Change::Switch(id, on));
                        }
                    });
                    continue;
                }
                Some(Value::Number(number)) => (number.to_string(), if *number > 999 { 64.0 } else { 40.0 }),
                Some(Value::Words(words)) => (words.clone(), 180.0),
                None => continue,
            };
            self.row(ui, name, |view, ui| {
                view.typed(ui, document, &called, &shown, width, commands, |text| Change::Setting(id, text));
                ui.label(theme::soft(document.said_of(setting)));
            });
        }
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
