//! What a clerk can have done: one name, one hint and one key each, so that menu, button and key cannot disagree.
//! A command always carries what it is about, never "the current".

use std::path::PathBuf;

use chrono::NaiveDate;

use crate::flow::Signature;
use crate::layout::papers::Paper;
use crate::procedure::{FieldId, Form, FormId, Procedure};
use crate::record::{CellId, Correction, Deed, RecordId, Values};

mod archive;
mod backup;
mod customers;
mod files;
mod lock;
mod numbers;
mod office;
mod print;
mod register;
pub use archive::{ArchiveCommand, ArchivePart};
pub use backup::{BackupCommand, BackupPlace};
pub use customers::CustomerCommand;
pub use files::FileCommand;
pub use lock::LockCommand;
pub use numbers::NumberCommand;
pub use office::OfficeCommand;
pub use print::PrintCommand;
pub use register::RegisterCommand;

/// The figures that show forms; the others show pages.
const FORM_KEYS: std::ops::RangeInclusive<u8> = 2..=6;

/// Which page lies on the desk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// What is owed today (今日).
    #[default]
    Today,
    /// The sheets of a form: their list, and one of them.
    Sheets(FormId),
    /// A register (台帐, 登记簿).
    Register(FormId),
    /// The users (用户).
    Customers,
    /// Where the papers are (纸质单据).
    Papers,
    /// Filing and destroying (归档).
    Archive,
    /// The number book (编号簿).
    Numbers,
    /// Settings (设置).
    Settings,
    /// Copies of the book, and what to do when it is damaged (备份与恢复).
    Backup,
}

/// One thing to be done; run by `App::run` and nowhere else.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Lays an empty sheet of a form on the desk; its number is drawn when something is first written on it.
    New(FormId),
    /// Lays a new sheet on the desk with what is known of it already.
    NewFrom {
        /// On which form.
        form: FormId,
        /// The sheet it was started from, put down with its first entry; none where it comes from no sheet.
        origin: Option<Deed>,
        /// What is known already.
        values: Values,
    },
    /// Lays a sheet of the book on the desk.
    Open(RecordId),
    /// Writes several cells of a sheet of the book at once: lines of a table that move.
    SetCells {
        /// On which sheet.
        record: RecordId,
        /// Which cells, and what is to stand there.
        cells: Vec<(CellId, String)>,
    },
    /// Writes one entry. `RecordId(0)` is the empty slip on the desk.
    Set {
        /// On which sheet.
        record: RecordId,
        /// Which entry.
        cell: CellId,
        /// The text, as it is kept.
        value: String,
        /// What the writer saw there before.
        expected: String,
    },
    /// Asks beside the sheet for what is wanted to do something with it.
    Ask(RecordId, Question),
    /// Signs a stage (签署), which closes its section.
    Sign {
        /// On which sheet.
        record: RecordId,
        /// The signature cell.
        field: FieldId,
        /// Who, when, and what had to be said.
        signature: Signature,
    },
    /// Changes an entry after signing (划改), or puts off the date (延期).
    Correct {
        /// On which sheet.
        record: RecordId,
        /// What becomes what, by whom, when and why.
        correction: Correction,
    },
    /// Voids a sheet (作废).
    Void {
        /// Which sheet.
        record: RecordId,
        /// Why.
        reason: String,
        /// Who.
        by: String,
    },
    /// Begins another round (轮次) of a sheet by hand.
    BeginAgain {
        /// Of which sheet.
        record: RecordId,
        /// Why.
        reason: String,
        /// Who.
        by: String,
    },
    /// Puts down what was done with a sheet.
    Note {
        /// With which sheet.
        record: RecordId,
        /// What.
        deeds: Vec<Deed>,
    },
    /// Shows a round (轮次) of the sheet on the desk, from nought.
    ShowRound(usize),
    /// Makes out a rewritten sheet (重抄) in place of one corrected too often.
    Rewrite(RecordId),
    /// Says who sits at the desk (操作人), with the password where the person has one.
    Operate(String, String),
    /// Asks where to, and writes a reminder (催办单) to the department that owes the work.
    ExportReminder(RecordId),
    /// Asks where to, and writes a list, a label or a reminder as PDF; the file is called by these words.
    ExportPaper(Box<Paper>, Vec<String>),
    /// Something with users.
    Customer(CustomerCommand),
    /// Something with copies of the book.
    Backup(BackupCommand),
    /// Something with filed papers.
    Archive(ArchiveCommand),
    /// Something with numbers.
    Number(NumberCommand),
    /// Something with settings.
    Office(OfficeCommand),
    /// Something with a register.
    Register(RegisterCommand),
    /// Something with books as files, or with the help.
    File(FileCommand),
    /// Opens the search over everything.
    Search,
    /// Opens the list of commands.
    Palette,
    /// Looks the whole book over, and shows what comes of it (检查台帐).
    Check,
    /// Fills in what another sheet says, now that the pen has left the cell that tells which.
    FillIn {
        /// On which sheet.
        record: RecordId,
        /// The cell that was left.
        field: FieldId,
    },
    /// Asks for the picture of a cell.
    ChoosePicture(RecordId, CellId),
    /// Takes back the last entry written in this window.
    Undo,
    /// Wants the words typed before in a field.
    Offer(FieldId),
    /// Shows a page.
    Show(View),
    /// Shows the sheets of a form that match these words.
    ShowMatching(FormId, String),
    /// Asks where to, and writes both copies of a slip as PDF.
    ExportSlip(RecordId),
    /// Asks where to, and writes every round of a slip in all its copies as PDF.
    ExportRounds(RecordId),
    /// Asks where to, and writes a sheet that lives on as PDF, as it stood on a day.
    ExportAsOf(RecordId, NaiveDate),
    /// Asks where to, and writes a form empty as PDF.
    ExportBlank(FormId),
    /// Asks where to, and writes empty sheets of a form that bear these reserved numbers as one PDF.
    ExportNumbered {
        /// Of which form.
        form: FormId,
        /// The numbers, as they are printed.
        numbers: Vec<String>,
    },
    /// Asks where to, and writes several sheets, one after the other, as one PDF.
    ExportSheets(Vec<RecordId>),
    /// Asks where to, and writes every form empty as one PDF.
    ExportBlanks,
    /// Shows how what another command would export comes out of a printer, to be printed.
    Print(Box<Self>),
    /// Something with what is about to be printed.
    Printing(PrintCommand),
    /// Opens a file with whatever shows such files.
    OpenFile(PathBuf),
    /// Opens the folder a file lies in.
    OpenFolder(PathBuf),
    /// Opens the sample book.
    OpenSample,
    /// Does something with the book's password.
    Lock(LockCommand),
    /// Goes back to the office's own book.
    OpenOwn,
    /// Asks for a book and opens it.
    ChooseBook,
    /// Remembers how the window is to be.
    Remember(&'static str, String),
    /// Tells the clerk at the foot of the window what could not be done.
    Tell(String),
    /// Tells the clerk something there that is as it should be.
    Say(String),
    /// Takes the notice away.
    Dismiss,
    /// Ends the program.
    Quit,
}

/// What may be asked beside the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Who signs the stage that is next (签署).
    Sign,
    /// Until when the work is put off (延期).
    PutOff,
    /// Why the sheet is voided (作废).
    Void,
}

/// A key with its modifiers, as the screen writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortcut {
    /// The letter, held with Ctrl.
    pub letter: char,
    /// Whether Shift is held too.
    pub shift: bool,
}

impl std::fmt::Display for Shortcut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ctrl+{}{}", if self.shift { "Shift+" } else { "" }, self.letter)
    }
}

/// What a command says of itself.
#[derive(Clone, Copy, Debug)]
struct Words {
    label: &'static str,
    hint: &'static str,
    key: Option<Shortcut>,
    leaves: bool,
}

impl Words {
    /// Of a command that has neither hint nor key, before which what is in hand is written.
    const fn new(label: &'static str) -> Self {
        Self { label, hint: "", key: None, leaves: true }
    }

    const fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    const fn key(self, letter: char) -> Self {
        Self { key: Some(Shortcut { letter, shift: false }), ..self }
    }

    const fn shifted_key(self, letter: char) -> Self {
        Self { key: Some(Shortcut { letter, shift: true }), ..self }
    }

    /// What is in hand stays in hand.
    const fn stays(self) -> Self {
        Self { leaves: false, ..self }
    }
}

impl Command {
    /// What it is called and does, in one place for all commands.
    fn words(&self) -> Words {
        match self {
            Self::New(_) => Words::new("新建").hint("铺一张空白单；写下第一格时才取编号").key('N'),
            Self::NewFrom { .. } => Words::new("另起一张"),
            Self::Ask(_, Question::Sign) => Words::new("签署…").hint("签署下一个环节；签过的栏不能再改").key('E'),
            Self::Ask(_, Question::PutOff) => Words::new("延期…").hint("改期限，写明理由和批准人").key('D'),
            Self::Ask(_, Question::Void) => Words::new("作废…").hint("登记错的单作废，编号保留"),
            Self::BeginAgain { .. } => Words::new("另起一次"),
            Self::Sign { .. } => Words::new("签署"),
            Self::Correct { .. } => Words::new("划改"),
            Self::Void { .. } => Words::new("作废"),
            Self::Note { deeds, .. } => Words::new(deeds.first().map_or("办理", Deed::name)),
            Self::ShowRound(_) => Words::new("看这一轮"),
            Self::Rewrite(_) => Words::new("重抄一张"),
            Self::Operate(..) => Words::new("换操作人"),
            Self::ExportReminder(_) => Words::new("催办单").hint("给责任部门的一页催办单，存成 PDF").key('R'),
            Self::ExportPaper(..) => Words::new("存成 PDF"),
            Self::Customer(it @ CustomerCommand::Put(_)) => Words::new(it.label()).stays(),
            Self::Customer(it) => Words::new(it.label()),
            Self::Archive(it) => Words::new(it.label()),
            Self::Backup(it) => Words::new(it.label()),
            Self::Number(it) => Words::new(it.label()),
            Self::Office(it) => Words::new(it.label()),
            Self::Lock(it @ LockCommand::Ask) => Words::new(it.label()).hint("给整个台帐文件加密；没有口令谁也打不开"),
            Self::Lock(it) => Words::new(it.label()),
            Self::Register(it @ RegisterCommand::Export { .. }) => {
                Words::new(it.label()).hint("把这段时间的各行存成 PDF").shifted_key('P')
            }
            Self::Register(it) => Words::new(it.label()),
            Self::File(it) => it.words(),
            Self::Search => Words::new("查找全部单据").hint("在所有单据的所有格里找，一个字也行").key('F').stays(),
            Self::Palette => Words::new("找命令").key('K').stays(),
            Self::Check => Words::new("检查台帐").hint("核对全部单据和修改记录，看有没有绕过程序的改动").stays(),
            Self::Open(_) => Words::new("打开"),
            Self::Set { .. } | Self::SetCells { .. } => Words::new("填写").stays(),
            Self::FillIn { .. } => Words::new("照登记填上").stays(),
            Self::ChoosePicture(..) => Words::new("放一张图…"),
            Self::Undo => Words::new("撤销").hint("撤销上一次填写").key('Z'),
            Self::Offer(_) => Words::new("以前填过的").stays(),
            Self::Show(view) => Words::new(view.name()),
            Self::ShowMatching(..) => Words::new("看这些单据"),
            Self::ExportSlip(_) => Words::new("导出 PDF").hint("各联连同续页，存成 PDF").shifted_key('P'),
            Self::ExportRounds(_) => Words::new("导出全部各次"),
            Self::ExportAsOf(..) => Words::new("导出某日的样子"),
            Self::ExportBlank(_) => Words::new("空白表").hint("把空白表存成 PDF"),
            Self::ExportNumbered { .. } => Words::new("空白单").hint("印着预留编号的空白单，存成 PDF"),
            Self::ExportSheets(_) => Words::new("导出这些单").hint("选中的单一份接一份，存成一个 PDF"),
            Self::ExportBlanks => Words::new("全部空白表").hint("每种表一份空白，存成一个 PDF"),
            Self::Print(_) => Words::new("打印…").hint("先看纸上是什么样，再选打印机、份数、页").key('P'),
            Self::Printing(it) => Words::new(it.label()).stays(),
            Self::OpenFile(_) => Words::new("打开").stays(),
            Self::OpenFolder(_) => Words::new("打开所在文件夹").stays(),
            Self::OpenSample => Words::new("打开示例").hint("打开一本装着示例单据的台帐，与你的台帐分开"),
            Self::OpenOwn => Words::new("回到我的台帐"),
            Self::ChooseBook => Words::new("打开台帐…").key('O'),
            Self::Remember(..) => Words::new("记住").stays(),
            Self::Tell(_) | Self::Say(_) => Words::new("提示").stays(),
            Self::Dismiss => Words::new("知道了").stays(),
            Self::Quit => Words::new("退出"),
        }
    }

    /// Its words on buttons and in menus.
    pub fn label(&self) -> &'static str {
        self.words().label
    }

    /// What it does, in a line.
    pub fn hint(&self) -> &'static str {
        self.words().hint
    }

    /// Its key.
    pub fn shortcut(&self, procedure: &Procedure) -> Option<Shortcut> {
        match self {
            Self::Show(view) => view.key(procedure).map(|letter| Shortcut { letter, shift: false }),
            _ => self.words().key,
        }
    }

    /// Whether another sheet, another page or the end comes with it, so that what is in hand is written first.
    pub fn leaves(&self) -> bool {
        self.words().leaves
    }

    /// Whether the book on the desk gives way to another, or to a copy of itself.
    pub fn ends_book(&self) -> bool {
        matches!(
            self,
            Self::OpenSample
                | Self::OpenOwn
                | Self::ChooseBook
                | Self::File(
                    FileCommand::Begin | FileCommand::BeginAt | FileCommand::BeginWith(..) | FileCommand::Open(_)
                )
                | Self::Lock(_)
                | Self::Backup(BackupCommand::Restore { .. } | BackupCommand::Read)
        )
    }
}

impl View {
    fn words(&self) -> (&'static str, Option<char>) {
        match self {
            Self::Today => ("今日", Some('1')),
            Self::Sheets(_) => ("单据", None),
            Self::Register(_) => ("登记簿", Some('T')),
            Self::Customers => ("用户", Some('7')),
            Self::Papers => ("纸质单据", Some('0')),
            Self::Archive => ("归档", Some('8')),
            Self::Numbers => ("编号簿", Some('9')),
            Self::Settings => ("设置", Some('I')),
            Self::Backup => ("备份与恢复", None),
        }
    }

    /// What the screen calls it, where no form says it better.
    pub fn name(&self) -> &'static str {
        self.words().0
    }

    /// The figure or letter that shows it, held with Ctrl: a form's is its place among the forms.
    pub fn key(&self, procedure: &Procedure) -> Option<char> {
        match self {
            Self::Sheets(form) | Self::Register(form) => {
                let letter = self.words().1;
                let key = |it: &Form| {
                    let order = it.order.filter(|it| FORM_KEYS.contains(it));
                    let digit = order.and_then(|it| char::from_digit(u32::from(it), 10));
                    digit.or(letter.filter(|_| it.register.is_some()))
                };
                let own = key(procedure.form(form)?)?;
                // Where several would have it, as of two packages, the first has it.
                let all = procedure.forms.iter().filter(|it| key(it) == Some(own));
                all.min_by_key(|it| procedure.place(it)).is_some_and(|it| it.form == *form).then_some(own)
            }
            _ => self.words().1,
        }
    }
}
