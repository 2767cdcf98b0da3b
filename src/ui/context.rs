//! What a right click offers: on a line that stands for a sheet, and in the cell under the pen.

use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::text_edit::TextEditState;
use eframe::egui::{self, Id, Response, Ui, ViewportCommand};

use crate::command::Command;
use crate::record::RecordId;

use super::theme::roomy;

/// What may be done with a sheet where it stands in a list.
pub fn sheet(response: &Response, id: RecordId, number: &str, line: &str, commands: &mut Vec<Command>) {
    response.context_menu(|ui| {
        roomy(ui);
        let mut run = |ui: &mut Ui, words: &str, wanted: Vec<Command>| {
            if ui.button(words).clicked() {
                commands.extend(wanted);
                ui.close();
            }
        };
        run(ui, "打开这张单", vec![Command::Open(id)]);
        run(ui, "导出这张单…", vec![Command::Open(id), Command::ExportSlip(id)]);
        let print = Command::Print(Box::new(Command::ExportSlip(id)));
        run(ui, "打印这张单…", vec![Command::Open(id), print]);
        ui.separator();
        for (words, text) in [("复制编号", number), ("复制这一行", line)] {
            if ui.button(words).clicked() {
                ui.ctx().copy_text(text.to_owned());
                ui.close();
            }
        }
    });
}

/// What was chosen in a cell's menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InCell {
    /// Take back the last change.
    Undo,
    /// Take what is marked to the clipboard.
    Cut,
    /// Copy it there.
    Copy,
    /// Put the clipboard's text here.
    Paste,
    /// Mark everything.
    All,
    /// Write today's date.
    Today,
    /// Put an empty line of the table before this one.
    InsertLine,
    /// Take this line of the table out.
    DeleteLine,
}

const IN_CELL: [Option<(InCell, &str, &str)>; 8] = [
    Some((InCell::Undo, "撤销", "Ctrl+Z")),
    None,
    Some((InCell::Cut, "剪切", "Ctrl+X")),
    Some((InCell::Copy, "复制", "Ctrl+C")),
    Some((InCell::Paste, "粘贴", "Ctrl+V")),
    Some((InCell::All, "全选", "Ctrl+A")),
    None,
    Some((InCell::Today, "插入今天的日期", "")),
];

const IN_TABLE: [Option<(InCell, &str, &str)>; 3] =
    [None, Some((InCell::InsertLine, "在上面插入一行", "")), Some((InCell::DeleteLine, "删去这一行", ""))];

/// The menu of the cell under the pen; `lines` where it is in a table whose lines are as many as are written.
pub fn cell(response: &Response, lines: bool) -> Option<InCell> {
    let mut chosen = None;
    response.context_menu(|ui| {
        roomy(ui);
        for entry in IN_CELL.iter().chain(IN_TABLE.iter().filter(|_| lines)) {
            let Some((what, words, key)) = *entry else {
                ui.separator();
                continue;
            };
            let response = ui.add(egui::Button::new(words).shortcut_text(key));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(words));
            if response.clicked() {
                chosen = Some(what);
                ui.close();
            }
        }
    });
    chosen
}

/// Does what was chosen with the text of the cell `id`; `today` as it is written there. Whether the book's own undo is
/// wanted, because the cell has nothing to take back.
pub fn act(ui: &Ui, id: Id, what: InCell, text: &mut String, today: &str) -> bool {
    let ctx = ui.ctx();
    let mut state = TextEditState::load(ctx, id).unwrap_or_default();
    let range = state.cursor.char_range().unwrap_or_default();
    let mut beyond = false;
    match what {
        InCell::Cut => ctx.send_viewport_cmd(ViewportCommand::RequestCut),
        InCell::Copy => ctx.send_viewport_cmd(ViewportCommand::RequestCopy),
        InCell::Paste => ctx.send_viewport_cmd(ViewportCommand::RequestPaste),
        InCell::All => {
            let all = CCursorRange::two(CCursor::new(0), CCursor::new(text.chars().count()));
            state.cursor.set_char_range(Some(all));
        }
        InCell::Undo => {
            let mut undoer = state.undoer();
            match undoer.undo(&(range, text.clone())).cloned() {
                Some((range, before)) => {
                    *text = before;
                    state.cursor.set_char_range(Some(range));
                    state.set_undoer(undoer);
                }
                None => beyond = true,
            }
        }
        InCell::Today => {
            let [from, to] = range.sorted_cursors().map(|it| it.index.0);
            let before: String = text.chars().take(from).collect();
            let after: String = text.chars().skip(to).collect();
            *text = format!("{before}{today}{after}");
            let end = CCursor::new(from + today.chars().count());
            state.cursor.set_char_range(Some(CCursorRange::one(end)));
        }
        // These are about more than the cell's text.
        InCell::InsertLine | InCell::DeleteLine => return false,
    }
    state.store(ctx, id);
    ctx.memory_mut(|it| it.request_focus(id));
    ctx.request_repaint();
    beyond
}
