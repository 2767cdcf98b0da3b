//! Beside the sheet: the sheets it starts, line by line of a table where it does, and those it is linked with by their
//! numbers.

use eframe::egui::Ui;

use super::{LifeView, begin, soft};
use crate::command::Command;
use crate::flow::{self, Row};
use crate::procedure::Start;
use crate::ui::desk::Desk;
use crate::ui::{lines, page, theme};

/// Offers what a sheet may start: one sheet, or one for each line of a table that started none yet.
pub(super) fn offer(ui: &mut Ui, desk: &Desk<'_>, start: &Start, short: &str, commands: &mut Vec<Command>) {
    let applies = |line| flow::starts(desk.procedure, desk.form, desk.record, start, line);
    let Some(table) = &start.rows else {
        if applies(None) && ui.add(theme::plain(&format!("另起{short}"))).clicked() {
            commands.push(begin(desk, start, "", None));
        }
        return;
    };
    let started = |row: &Row| desk.record.started.iter().any(|it| it.form == start.form && row.is_told_by(&it.text));
    for row in flow::rows(desk.procedure, desk.form, desk.record, table) {
        if !started(&row) && applies(Some(row.line)) {
            let words = format!("另起{short}（{}）", row.text);
            if ui.add(theme::plain(&words)).clicked() {
                commands.push(begin(desk, start, &row.text, Some(row.line)));
            }
        }
    }
}

impl LifeView {
    /// The sheets it names by their numbers, and those that name it; and what it waits for.
    pub fn linked(&self, ui: &mut Ui, desk: &Desk<'_>, commands: &mut Vec<Command>) {
        if !desk.unmet.is_empty() {
            ui.add_space(12.0);
            page::caption(ui, "还要等");
            for it in desk.unmet {
                lines::label(ui, &it.says, 12.0, theme::AMBER);
            }
        }
        for repeated in desk.repeated {
            let target = desk.procedure.form(&repeated.form);
            let start = desk.form.starts.iter().find(|it| it.form == repeated.form);
            let (Some(target), Some(start)) = (target, start) else { continue };
            ui.add_space(12.0);
            page::caption(ui, "同样的单");
            let said = format!("连这张共 {} 张，建议另起{}", repeated.sheets.len() + 1, target.short);
            lines::label(ui, &said, 12.0, theme::AMBER);
            for (id, name) in &repeated.sheets {
                if ui.add(theme::plain(name)).clicked() {
                    commands.push(Command::Open(*id));
                }
            }
            if ui.add(theme::plain(&format!("建议另起{}", target.short))).clicked() {
                commands.push(begin(desk, start, "", None));
            }
        }
        if desk.linked.is_empty() {
            return;
        }
        ui.add_space(12.0);
        page::caption(ui, "相关的单");
        for (id, name, at) in desk.linked {
            if ui.add(theme::plain(name)).on_hover_text(at).clicked() {
                commands.push(Command::Open(*id));
            }
            soft(ui, at);
        }
    }
}
