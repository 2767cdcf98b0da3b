//! Where a sheet stands, who may write and sign what, and what is owed on it. Pure: derived from what is written.

use chrono::NaiveDate;

use crate::procedure::{Field, FieldId, Form, Kind, Procedure, Rule, Stage};
use crate::record::{CellId, Correction, LONGEST_ENTRY, Record, fold, read_date, read_day};

mod applies;
mod asking;
mod by_line;
mod clock;
mod correcting;
mod links;
mod refusal;
mod rounds;
mod signing;
mod starting;
mod waiting;
mod whose;
pub use applies::Life;
mod spans;
pub use asking::{proposed, scope};
pub use by_line::{Lines, day_signed, lines, open_rows};
pub use clock::{Done, Due, Running, Told, clocks, told};
pub use links::{
    Others, Row, Unmet, Written, against, alike, carried, checks, day_of, issues, linked, numbers, rows, starts, unmet,
    waits, writes,
};
pub use refusal::{Refusal, RefusalKind, cited};
pub use rounds::{Back, begin_again, may_begin_again, sent_back};
pub use signing::{Asked, Signature, Writes, asked, asked_in, empty_cells, sign};
pub use spans::{missing, span};
pub use starting::{Offer, offer};
pub use waiting::waiting_refusal;
pub use whose::{signers, whose};

/// Where a sheet stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// This stage of the form is next, counted from nought.
    At(usize),
    /// Every stage is done; the papers are to be filed.
    Done,
    /// The papers are filed (归档).
    Filed,
    /// Voided (作废).
    Void,
    /// The contents were destroyed after their keeping time (4.7).
    Destroyed,
}

/// Where the sheet stands: its first stage that applies and whose field is empty.
pub fn standing(form: &Form, record: &Record) -> Standing {
    Life::new(form, record).standing()
}

/// What the screen calls the standing.
pub fn standing_name(form: &Form, standing: Standing) -> &str {
    match standing {
        Standing::At(stage) => form.stages.get(stage).map_or("", |it| &it.name),
        Standing::Done if form.is_living() => "在用",
        Standing::Done => "归档",
        Standing::Filed => "已归档",
        Standing::Void => form.void_word(),
        Standing::Destroyed => "已销毁",
    }
}

/// Whether a stage of the present round is signed.
pub fn is_signed(form: &Form, record: &Record, stage: &Stage) -> bool {
    by_line::is_done(form, record, stage, record.last_round())
}

/// Whether the stage is signed, by its place, that a cell is the signature or the date of: in that line, where it is signed
/// line by line.
pub fn is_signed_in(form: &Form, record: &Record, stage: usize, field: &Field, line: usize) -> bool {
    by_line::has_closed(form, record, stage, field, line)
}

/// The round a field is written in now, from nought: the last one for sections that are gone through again.
pub fn living_round(form: &Form, record: &Record, field: &str) -> usize {
    record.home(form, field, record.last_round())
}

/// Since when the sheet waits for its next stage: the day of the signature before it, or the day of entry.
pub fn waiting_since(form: &Form, record: &Record) -> NaiveDate {
    let Standing::At(stage) = standing(form, record) else { return record.entered.date() };
    let date = |it: &Stage, round: usize| match it.table {
        Some(_) => day_signed(form, record, it, round),
        None => read_date(record.written(round, it.date.as_ref()?.as_str()), None),
    };
    let before = &form.stages[..stage.min(form.stages.len())];
    let repeated = |it: &&Stage| form.repeats(it.by.as_str());
    let here = before.iter().rev().filter(repeated).find_map(|it| date(it, record.last_round()));
    let back = || sent_back_on(form, record);
    let above = || before.iter().rev().find_map(|it| day_signed(form, record, it, record.last_round()));
    here.or_else(back).or_else(above).unwrap_or_else(|| record.entered.date())
}

/// The day a sheet was sent back for its present round: of the last signature of the round before. None in the first.
fn sent_back_on(form: &Form, record: &Record) -> Option<NaiveDate> {
    let round = record.last_round().checked_sub(1)?;
    let mut signed = form.stages.iter().rev().filter(|it| form.repeats(it.by.as_str()));
    signed.find_map(|it| read_date(record.written(round, it.date.as_ref()?.as_str()), None))
}

/// Why nothing at all may be written on the sheet, where nothing may.
pub fn shut(form: &Form, record: &Record) -> Option<Refusal> {
    if let Some(it) = record.destruction() {
        let [on, approved, executed, watched] = [it.on, it.approved, it.executed, it.watched].map(str::to_owned);
        let kind = RefusalKind::Destroyed { on, approved, executed, watched };
        return Some(Refusal::by(form, Rule::Destruction, kind));
    }
    record.void.as_ref().map(|it| Refusal::plain(RefusalKind::Void(it.reason.clone())))
}

/// Whether nothing at all may be written on the sheet: void, or destroyed.
pub fn is_shut(record: &Record) -> bool {
    record.void.is_some() || record.destroyed()
}

/// Why a cell may not be typed in, where it may not: as [`closed`], and what is longer than a cell holds.
pub fn closed_at(form: &Form, record: &Record, field: &Field, cell: &CellId) -> Option<Refusal> {
    let too_long = || field.kind != Kind::Picture && record.at(cell).chars().count() > LONGEST_ENTRY;
    let why = || Refusal::plain(RefusalKind::TooLong(field.name.clone()));
    shut(form, record).or_else(|| too_long().then(why)).or_else(|| closed_in(form, record, field, cell.line))
}

/// Why a field may not be typed in, where it may not (PROCEDURE 5: a section opens when the one above is signed, and is
/// locked once signed), and what to do instead.
pub fn closed(form: &Form, record: &Record, field: &Field) -> Option<Refusal> {
    closed_in(form, record, field, 0)
}

fn closed_in(form: &Form, record: &Record, field: &Field, line: usize) -> Option<Refusal> {
    if let Some(why) = shut(form, record) {
        return Some(why);
    }
    if form.is_rechecked(&field.id) {
        return None;
    }
    let life = Life::new(form, record);
    let own_stage = form.stage_of(field.id.as_str());
    if own_stage.is_none()
        && let Some(why) = life.field_refusal(field)
    {
        return Some(why);
    }
    let Some(section) = form.section_of(field.id.as_str()) else {
        let kind = || RefusalKind::InRegister(field.name.clone());
        return is_in_ledger(form, record, field).then(|| Refusal::by(form, Rule::Register, kind()));
    };
    if let Some(stage) = own_stage {
        let it = &form.stages[stage];
        let kind = || RefusalKind::StageSigned(it.name.clone());
        let signed = by_line::has_closed(form, record, stage, field, line).then(|| Refusal::by_stage(form, it, kind()));
        return signed.or_else(|| life.stage_refusal(stage));
    }
    let title = || form.sections[section].title.as_ref().unwrap_or(&form.short).clone();
    let closers = form.closers(field);
    if let Some(stage) = closers.iter().find(|it| by_line::has_closed(form, record, **it, field, line)) {
        let stage = &form.stages[*stage];
        let by = record.at(&by_line::signature_of(form, record, stage, field, line)).to_owned();
        if form.sections[section].refuses_correction {
            return Some(Refusal::by_stage(form, stage, RefusalKind::NeverCorrected(title())));
        }
        let of_line = by_line::line_title(form, field, line).filter(|_| form.is_in_lines_of(stage, field));
        let kind = RefusalKind::SectionSigned { section: of_line.unwrap_or_else(title), by };
        return Some(Refusal::by_stage(form, stage, kind));
    }
    if let Some(over) = closers.iter().find_map(|it| by_line::ended_by(form, record, *it)) {
        let by = record.latest(form, over.by.as_str()).to_owned();
        return Some(Refusal::by_stage(form, over, RefusalKind::SectionSigned { section: title(), by }));
    }
    if record.filed().is_some() && closers.iter().any(|it| form.stages[*it].table.is_some()) {
        return Some(Refusal::by(form, Rule::Filing, RefusalKind::Shelved));
    }
    let waits = |it: &usize| !life.is_signed(*it) && life.applies(*it);
    let owed = (0..section).flat_map(|it| form.stages_in(it)).find(waits);
    match owed {
        Some(stage) if !field.early => {
            let stage = &form.stages[stage];
            let kind = RefusalKind::SectionWaits { section: title(), first: stage.name.clone() };
            Some(Refusal::by_stage(form, stage, kind))
        }
        None if is_set_date(form, record, field) => {
            Some(Refusal::by(form, Rule::Correction, RefusalKind::DateSet(field.name.clone())))
        }
        _ => None,
    }
}

/// Whether a register has taken over what stands beside a sheet: its last stage is signed. What is empty still is written
/// until the papers are filed.
fn is_in_ledger(form: &Form, record: &Record, field: &Field) -> bool {
    let id = field.id.as_str();
    form.taken.contains(&field.id)
        && form.section_of(id).is_none()
        && match standing(form, record) {
            Standing::Done => !record.latest(form, id).trim().is_empty(),
            Standing::Filed => true,
            Standing::At(_) | Standing::Void | Standing::Destroyed => false,
        }
}

/// Whether the field is the date the work is due by, and the sheet has gone to those who do it with that date.
fn is_set_date(form: &Form, record: &Record, field: &Field) -> bool {
    field.early && form.is_term(&field.id) && read_day(record.latest(form, field.id.as_str())).is_some()
}

/// Whether the date the work of a round, from nought, is due by may be put off (延期): it has gone out, and the work is
/// neither done nor of a round gone by.
pub fn may_put_off(form: &Form, record: &Record, round: usize) -> bool {
    let Some(field) = form.written_term().and_then(|it| form.field(it)) else { return false };
    let mut clocks = form.clocks.iter().filter(|it| it.written.as_ref() == Some(&field.id));
    let done = clocks.all(|it| clock::is_done(form, record, it));
    let written = !record.written(round, field.id.as_str()).trim().is_empty();
    let living = round == living_round(form, record, field.id.as_str());
    !done && written && living && !is_shut(record) && closed(form, record, field).is_some()
}

/// Whether an entry stands in a section that is signed, or in the ledger, so that changing it is a correction (划改).
pub fn is_correctable(form: &Form, record: &Record, field: &Field) -> bool {
    is_correctable_in(form, record, field, 0)
}

/// The same of an entry in a line of a table.
pub fn is_correctable_in(form: &Form, record: &Record, field: &Field, line: usize) -> bool {
    if is_shut(record) {
        return false;
    }
    let Some(section) = form.section_of(field.id.as_str()) else { return is_in_ledger(form, record, field) };
    !form.sections[section].refuses_correction
        && form.closers(field).into_iter().any(|it| by_line::has_closed(form, record, it, field, line))
}

/// Checks a correction (划改) or a putting off (延期): it has a name and a reason, is about what is signed, and changes
/// it; a signature is corrected, never made or taken away by it.
///
/// # Errors
/// What is missing, a sentence with the clause.
pub fn correction(form: &Form, record: &Record, correction: &Correction) -> Result<(), Refusal> {
    if let Some(why) = shut(form, record) {
        return Err(why);
    }
    let ruled = |kind| Err(Refusal::by(form, Rule::Correction, kind));
    let plain = |kind| Err(Refusal::plain(kind));
    let Some(field) = form.field(&correction.cell.field) else { return plain(RefusalKind::NoField) };
    let name = || field.name.clone();
    let old = record.at(&correction.cell);
    let due = form.is_term(&field.id);
    if due && read_day(&correction.new).is_none() {
        return ruled(RefusalKind::NoDate(name()));
    }
    let put_off = due && may_put_off(form, record, correction.cell.round);
    let past = correction.cell.round < living_round(form, record, field.id.as_str());
    let section = form.section_of(field.id.as_str()).and_then(|it| form.sections.get(it));
    if let Some(section) = section.filter(|it| it.refuses_correction && !put_off) {
        let title = section.title.as_ref().unwrap_or(&form.short).clone();
        return ruled(RefusalKind::NeverCorrected(title));
    }
    let line = correction.cell.line;
    if !put_off && !past && !is_correctable_in(form, record, field, line) {
        return plain(RefusalKind::NotSigned(name()));
    }
    // Whoever signed elsewhere and left the day out may still be given it: no empty cell is filed (PROCEDURE 6).
    let place = form.stage_of(field.id.as_str());
    let stage = place.and_then(|it| form.stages.get(it));
    let signed = place.is_some_and(|it| by_line::has_closed(form, record, it, field, line));
    let late = stage.is_some_and(|it| it.by != field.id && signed);
    if stage.is_some() && (old.trim().is_empty() && !late || correction.new.trim().is_empty()) {
        return ruled(RefusalKind::SignatureStays(name()));
    }
    if old == correction.new {
        return plain(RefusalKind::Same);
    }
    if record.filed().is_some() && returns(form, &field.id, &correction.new) {
        return ruled(RefusalKind::Filed(form.noun().to_owned()));
    }
    if correction.by.trim().is_empty() || correction.reason.trim().is_empty() {
        return ruled(RefusalKind::Unexplained);
    }
    let mut after = record.clone();
    after.put(&correction.cell, &correction.new);
    let why = signing::barred_by(form, record, &after, &correction.cell);
    why.or_else(|| correcting::opened_by(form, record, &after)).map_or(Ok(()), Err)
}

/// How many entries of the sheet were corrected (划改); putting off the date is no correction of writing.
pub fn corrections(form: &Form, record: &Record) -> usize {
    // On a sheet that lives on they are what is new.
    let corrections = record.corrections.iter().filter(|it| !form.is_living() && !form.is_term(&it.cell.field));
    corrections.count()
}

/// Whether an answer sends the sheet back for another round (PROCEDURE 5).
pub fn returns(form: &Form, field: &FieldId, value: &str) -> bool {
    rounds::back_by(form, field, value).is_some()
}

/// When a sheet is due, by the first of its clocks: whether the work is done is another matter.
pub fn due(procedure: &Procedure, form: &Form, record: &Record) -> Option<Due> {
    clock::first_due(procedure, form, record, false)
}

/// When something is owed on the sheet, by the first of its clocks that run: none once all are done, or the sheet void.
pub fn owed(procedure: &Procedure, form: &Form, record: &Record) -> Option<Due> {
    let over = record.void.is_some() || record.destroyed();
    if over { None } else { clock::first_due(procedure, form, record, true) }
}

/// By how many days the sheet is past its date on `today`; nought or less means days left, none that nothing is owed.
pub fn days_over(procedure: &Procedure, form: &Form, record: &Record, today: NaiveDate) -> Option<i64> {
    owed(procedure, form, record).map(|it| (today - it.day()).num_days())
}

/// Whether two names are the same person's; an empty one is nobody's.
pub fn same_name(a: &str, b: &str) -> bool {
    let bare = |it: &str| fold(it).split_whitespace().collect::<String>();
    !a.trim().is_empty() && bare(a) == bare(b)
}
