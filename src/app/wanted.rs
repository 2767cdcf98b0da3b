//! What can be exported and printed, and what its file is called.

use crate::command::{BackupPlace, Command, FileCommand, RegisterCommand};
use crate::export::pieces::{self, Piece};
use crate::export::{self, Clock, Which};
use crate::layout::papers::Paper;
use crate::layout::{Borne, Page};
use crate::procedure::{Form, FormId, Procedure};
use crate::record::{CellId, Record, RecordId};
use crate::register::{Period, entries};

/// What is to be made of an answer, with all it is about: the clerk goes on working while a dialog is open.
pub(super) enum Wanted {
    /// Another book on the desk.
    Book,
    /// A new one.
    NewBook,
    /// An exchange file to take in.
    Exchange,
    /// A picture for this cell.
    Picture(RecordId, CellId),
    /// The guide.
    Help,
    /// The licences, as text.
    Licences,
    /// A place for backups, or one of them.
    Backup(BackupPlace),
    /// This slip as PDF.
    Slip(Vec<Record>, Which),
    /// This form, empty.
    Blank(Box<Form>),
    /// This form, empty, once for each of these numbers.
    Numbered(Box<Form>, Vec<String>),
    /// The lines of a register that these records make, and the head of the history it bears.
    Register(Box<Form>, Period, Vec<Record>, Option<Borne>),
    /// This list, label or reminder.
    Paper(Box<Paper>),
    /// These forms, empty.
    Blanks(Vec<Form>),
    /// These pages, as they were composed to be printed, under this title.
    Composed(String, Vec<Page>),
}

impl Wanted {
    /// What it is printed as.
    ///
    /// # Errors
    /// A sentence, where not all of it can be laid out.
    pub(super) fn pieces(&self, procedure: &Procedure, signatures: bool, clock: &Clock) -> Result<Vec<Piece>, String> {
        Ok(match self {
            Self::Book
            | Self::NewBook
            | Self::Exchange
            | Self::Picture(..)
            | Self::Help
            | Self::Licences
            | Self::Backup(_)
            | Self::Composed(..) => Vec::new(),
            Self::Slip(records, which) => pieces::sheets(procedure, records, *which, signatures)?,
            Self::Blank(form) => pieces::blank(procedure, form, clock.now),
            Self::Blanks(forms) => forms.iter().flat_map(|it| pieces::blank(procedure, it, clock.now)).collect(),
            Self::Numbered(form, numbers) => pieces::blanks(procedure, form, numbers, clock.now),
            Self::Register(form, _, records, head) => {
                pieces::register(procedure, form, &entries(procedure, form, records), head.clone())
            }
            Self::Paper(paper) => pieces::paper(paper),
        })
    }

    /// The form whose copies (联) it is printed in.
    pub(super) fn form<'a>(&'a self, procedure: &'a Procedure) -> Option<&'a Form> {
        match self {
            Self::Slip(records, _) => records.first().and_then(|it| procedure.edition(&it.form, &it.edition)),
            Self::Blank(form) | Self::Numbered(form, _) => Some(form),
            _ => None,
        }
    }

    /// Whether it has signature cells, which may be printed empty for ink.
    pub(super) fn is_signed(&self) -> bool {
        matches!(self, Self::Slip(..))
    }
}

/// The file name a dialog suggests: 处置单_2026-001_用户名.pdf.
pub(super) fn suggested(procedure: &Procedure, command: &Command, record: &Record) -> String {
    let called = |form: &FormId| procedure.form(form).map_or("", Form::file_word).to_owned();
    match command {
        Command::ExportBlank(form) => export::file_name(&["空白", &called(form)]),
        Command::Register(RegisterCommand::Export { form: id, period }) => {
            let typed = procedure.form(id).filter(|it| it.is_written());
            let name = typed.map_or_else(|| called(id), |it| it.title.clone());
            export::file_name(&[&name, &period.in_a_file_name()])
        }
        Command::ExportNumbered { form, numbers } => {
            let (first, last) = (numbers.first().map_or("", |it| it), numbers.last().map_or("", |it| it));
            let range = if first == last { first.to_owned() } else { format!("{first}至{last}") };
            export::file_name(&["空白", &called(form), &range])
        }
        Command::ExportPaper(_, words) => export::file_name(&words.iter().map(String::as_str).collect::<Vec<_>>()),
        Command::ExportSheets(ids) => {
            let short = procedure.form(&record.form).map_or("单据", |it| &it.short);
            export::file_name(&[short, &format!("{} 份", ids.len())])
        }
        Command::ExportBlanks => export::file_name(&["空白表"]),
        Command::ExportReminder(_) => export::file_name(&["催办单", &record.number, subject(procedure, record)]),
        Command::File(FileCommand::ExportHelp) => export::file_name(&["台帐使用说明"]),
        Command::File(FileCommand::SaveLicences) => "台帐_许可证.txt".to_owned(),
        _ => export::file_name(&[&called(&record.form), &record.number, subject(procedure, record)]),
    }
}

/// Whom or what a sheet is about.
fn subject<'a>(procedure: &Procedure, record: &'a Record) -> &'a str {
    let form = procedure.edition(&record.form, &record.edition);
    let subject = form.and_then(|it| it.identity.as_ref().map(|identity| (it, &identity.subject)));
    subject.map_or("", |(form, field)| record.latest(form, field.as_str()))
}
