//! What can be done with books as files, and with the help that comes with the program.

use std::path::PathBuf;

/// What can be done with books as files, and with the help that comes with the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileCommand {
    /// Makes the office's own book, where books of this computer's user are kept.
    Begin,
    /// Asks where to, and makes a new book.
    BeginAt,
    /// Opens a book that was open before.
    Open(PathBuf),
    /// Opens once more the book that could not be opened.
    Again,
    /// Takes a book out of the list of those that were open.
    Forget(PathBuf),
    /// Asks for an exchange file to take in.
    ChooseImport,
    /// Reads an exchange file and asks whether to take it in.
    Look(PathBuf),
    /// Takes the sheets of an exchange file into the book.
    Import(PathBuf),
    /// Does not.
    LeaveImport,
    /// Breaks off what is under way and can be broken off without harm.
    Stop,
    /// Breaks off looking the book over.
    StopCheck,
    /// The clerk knows that the book does not bear out what is remembered of it.
    Known,
    /// The clerk says that the date is right.
    DateIsRight,
    /// The clerk does not write today: the date is not right.
    DateIsWrong,
    /// Shows the guide, or puts it away (使用说明).
    Help,
    /// Asks where to, and writes the guide as PDF.
    ExportHelp,
    /// Shows what this program is (关于).
    About,
    /// Asks where to, and writes the licences as text.
    SaveLicences,
}

impl FileCommand {
    /// Its words on buttons.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Begin => "新建本单位的台帐",
            Self::BeginAt => "新建台帐…",
            Self::Open(_) => "打开",
            Self::Again => "再试一次",
            Self::Forget(_) => "从列表去掉",
            Self::ChooseImport => "导入交换文件…",
            Self::Look(_) | Self::Import(_) => "导入",
            Self::LeaveImport => "不导入",
            Self::Stop | Self::StopCheck => "停止",
            Self::Known => "知道了，照常办理",
            Self::DateIsRight => "日期对",
            Self::DateIsWrong => "先不写",
            Self::Help => "使用说明",
            Self::ExportHelp => "存成 PDF…",
            Self::About => "关于…",
            Self::SaveLicences => "许可证存成文本…",
        }
    }

    /// What it does, in a line.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::BeginAt => "另外开一本空白台帐，自己选放在哪里",
            Self::ChooseImport => "把交换文件（.json）里的单据登记进这本台帐，先自动备份",
            Self::Stop => "停下来；没有做完的不留半份",
            Self::Help => "两页说明：怎么填、怎么签、怎么打印、东西放在哪里",
            Self::About => "版本、台帐和记录放在哪里、所用程序库和字体的许可证",
            _ => "",
        }
    }

    /// Whether another book comes with it, so that what is in hand is written first.
    pub fn leaves(&self) -> bool {
        matches!(self, Self::Begin | Self::BeginAt | Self::Open(_) | Self::Again | Self::Look(_) | Self::Import(_))
    }
}
