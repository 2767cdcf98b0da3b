//! What a clerk can have done: one name, one hint and one key each, so that menu, button and key cannot disagree.
//! A command always carries what it is about, never "the current".

use std::path::PathBuf;

use crate::ledger::Period;
use crate::procedure::{FieldId, FormId};
use crate::record::RecordId;

/// Which page lies on the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The complaint slips and the sheet.
    Slips,
    /// The complaint ledger.
    Ledger,
}

/// One thing to be done; run by `App::run` and nowhere else.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Lays an empty slip on the desk; its number is drawn when something is first written on it.
    NewSlip,
    /// Lays a sheet of the book on the desk.
    Open(RecordId),
    /// Writes one entry. `RecordId(0)` is the empty slip on the desk.
    Set {
        /// On which sheet.
        record: RecordId,
        /// Which datum.
        field: FieldId,
        /// In which round it is kept, from nought.
        round: usize,
        /// The text, as it is kept.
        value: String,
        /// What the writer saw there before.
        expected: String,
    },
    /// Takes back the last entry written in this window.
    Undo,
    /// Wants the words typed before in a field.
    Offer(FieldId),
    /// Shows a page.
    Show(View),
    /// Shows the ledger of a period.
    ShowPeriod(Period),
    /// Asks where to, and writes both copies of a slip as PDF.
    ExportSlip(RecordId),
    /// Asks where to, and writes the ledger as PDF.
    ExportLedger(Period),
    /// Asks where to, and writes a form empty as PDF.
    ExportBlank(FormId),
    /// Opens a file with whatever shows such files.
    OpenFile(PathBuf),
    /// Opens the folder a file lies in.
    OpenFolder(PathBuf),
    /// Opens the sample book.
    OpenSample,
    /// Goes back to the office's own book.
    OpenOwn,
    /// Asks for a book and opens it.
    ChooseBook,
    /// Remembers how the window is to be.
    Remember(&'static str, String),
    /// Tells the clerk something at the foot of the window.
    Tell(String),
    /// Takes the notice away.
    Dismiss,
    /// Ends the program.
    Quit,
}

/// A key with its modifiers, as the screen writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortcut {
    /// The letter, held with Ctrl.
    pub letter: char,
}

impl Command {
    /// Its words on buttons and in menus.
    pub fn label(&self) -> &'static str {
        match self {
            Self::NewSlip => "新建投诉",
            Self::Open(_) => "打开",
            Self::Set { .. } => "填写",
            Self::Undo => "撤销",
            Self::Offer(_) => "以前填过的",
            Self::Show(View::Slips) => "投诉处置单",
            Self::Show(View::Ledger) => "投诉台帐",
            Self::ShowPeriod(_) => "台帐期间",
            Self::ExportSlip(_) => "导出处置单",
            Self::ExportLedger(_) => "导出台帐",
            Self::ExportBlank(_) => "空白表",
            Self::OpenFile(_) => "打开",
            Self::OpenFolder(_) => "打开所在文件夹",
            Self::OpenSample => "打开示例",
            Self::OpenOwn => "回到我的台帐",
            Self::ChooseBook => "打开台帐…",
            Self::Remember(..) => "记住",
            Self::Tell(_) => "提示",
            Self::Dismiss => "知道了",
            Self::Quit => "退出",
        }
    }

    /// What it does, in a line.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NewSlip => "在一张空白处置单上登记投诉；写下第一格时才取编号",
            Self::Undo => "撤销上一次填写",
            Self::ExportSlip(_) => "一式二份，连同续页，存成 PDF",
            Self::ExportLedger(_) => "把这段时间的台帐存成 PDF",
            Self::ExportBlank(_) => "把空白表存成 PDF",
            Self::OpenSample => "打开一本装着示例单据的台帐，与你的台帐分开",
            _ => "",
        }
    }

    /// Its key.
    pub fn shortcut(&self) -> Option<Shortcut> {
        let letter = match self {
            Self::NewSlip => 'N',
            Self::Undo => 'Z',
            Self::ExportSlip(_) | Self::ExportLedger(_) => 'P',
            Self::ChooseBook => 'O',
            _ => return None,
        };
        Some(Shortcut { letter })
    }
}
