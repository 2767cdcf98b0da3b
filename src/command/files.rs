//! What can be done with books as files, and with the help that comes with the program.

use std::path::PathBuf;

use super::Words;

/// What can be done with books as files, and with the help that comes with the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileCommand {
    /// Makes the office's own book, where books of this computer's user are kept.
    Begin,
    /// Asks where to, and makes a new book.
    BeginAt,
    /// Makes a new book that is worked by these packages.
    BeginWith(PathBuf, Vec<String>),
    /// Makes no new book.
    NotYet,
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
    /// What it is called and does, in one place for all of them.
    pub(super) fn words(&self) -> Words {
        match self {
            Self::Begin => Words::new("新建本单位的台帐"),
            Self::BeginAt => Words::new("新建台帐…").hint("另外开一本空白台帐，自己选放在哪里"),
            Self::BeginWith(..) => Words::new("就用这些，新建台帐"),
            Self::NotYet => Words::new("先不新建"),
            Self::Open(_) => Words::new("打开"),
            Self::Again => Words::new("再试一次"),
            Self::Forget(_) => Words::new("从列表去掉").stays(),
            Self::ChooseImport => {
                Words::new("导入交换文件…").hint("把交换文件（.json）里的单据登记进这本台帐，先自动备份").stays()
            }
            Self::Look(_) | Self::Import(_) => Words::new("导入"),
            Self::LeaveImport => Words::new("不导入").stays(),
            Self::Stop => Words::new("停止").hint("停下来；没有做完的不留半份").stays(),
            Self::StopCheck => Words::new("停止").stays(),
            Self::Known => Words::new("知道了，照常办理").stays(),
            Self::DateIsRight => Words::new("日期对").stays(),
            Self::DateIsWrong => Words::new("先不写").stays(),
            Self::Help => Words::new("使用说明").hint("两页说明：怎么填、怎么签、怎么打印、东西放在哪里").stays(),
            Self::ExportHelp => Words::new("存成 PDF…").stays(),
            Self::About => Words::new("关于…").hint("版本、台帐和记录放在哪里、所用程序库和字体的许可证").stays(),
            Self::SaveLicences => Words::new("许可证存成文本…").stays(),
        }
    }

    /// Its words on buttons.
    pub fn label(&self) -> &'static str {
        self.words().label
    }

    /// What it does, in a line.
    pub fn hint(&self) -> &'static str {
        self.words().hint
    }
}
