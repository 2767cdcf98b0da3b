//! Signing a stage: what it asks, what it refuses, and what is written when it is done (PROCEDURE 5).

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::by_line::{Begun, begun, first_typed};
use super::rounds::{back, back_by, begin, earliest};
use super::whose::not_theirs;
use super::{Back, Life, Refusal, RefusalKind, by_line, day_signed, is_signed, living_round, same_name, shut};
use crate::procedure::{Choice, Field, FieldId, Form, Stage};
use crate::record::{CellId, Record, Signed, doubts, keep_date, read_day};

/// What signing a stage asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Which stage, by its place in the form.
    pub stage: usize,
    /// In which round, from nought.
    pub round: usize,
    /// In which line of its table, from nought, where it is signed line by line.
    pub line: Option<usize>,
    /// Cells of its section that are empty: each is to be filled, struck with “/”, or excused.
    pub empty: Vec<FieldId>,
    /// Why this name ought not to sign here, or nobody what stands here, a sentence each; overruled only with a reason.
    pub conflicts: Vec<String>,
    /// Whether whoever signs says something of the work.
    pub verdict: bool,
    /// Whether somebody outside the house signs, who is none of the office's people.
    pub outside: bool,
}

/// A signature about to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Who signs.
    pub name: String,
    /// On which day.
    pub on: Option<NaiveDate>,
    /// In which line of its table, where it is signed line by line; none: the next.
    pub line: Option<usize>,
    /// Why cells are left empty.
    pub excused: Vec<(FieldId, String)>,
    /// Why it is signed all the same.
    pub overruled: String,
    /// Whether the work passed, where asked.
    pub passed: Option<bool>,
    /// What is said of the work, where asked in words.
    pub verdict: String,
    /// Why that is said.
    pub why: String,
    /// What is wrong between the cells that it closes, a sentence each ([`super::against`]).
    pub against: Vec<String>,
}

/// What is written when a stage is signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Writes {
    /// Cells: which, in which round, and what.
    pub cells: Vec<(CellId, String)>,
    /// The fact.
    pub signed: Signed,
    /// Whether the sheet goes back for another round.
    pub round: bool,
    /// That round, where there is one.
    pub back: Back,
}

/// What signing the stage of `field` by `name` on `on` asks.
///
/// # Errors
/// Why it cannot be signed now at all.
pub fn asked(
    form: &Form,
    record: &Record,
    field: &FieldId,
    name: &str,
    on: Option<NaiveDate>,
) -> Result<Asked, Refusal> {
    asked_in(form, record, (field, None), name, on)
}

/// The same of a line, where the stage is signed line by line; of the next one where none is named.
///
/// # Errors
/// Why it cannot be signed now at all.
pub fn asked_in(
    form: &Form,
    record: &Record,
    (field, line): (&FieldId, Option<usize>),
    name: &str,
    on: Option<NaiveDate>,
) -> Result<Asked, Refusal> {
    if let Some(why) = shut(form, record) {
        return Err(why);
    }
    let place = form.stage_of(field.as_str()).ok_or(Refusal::plain(RefusalKind::NoSignature))?;
    let stage = &form.stages[place];
    let lines = by_line::lines(form, record, stage, record.last_round());
    let line = lines.as_ref().and_then(|it| line.or_else(|| it.next()));
    let already = match (&lines, line) {
        (Some(lines), Some(line)) => lines.signed.contains(&line),
        (Some(_), None) => true,
        (None, _) => is_signed(form, record, stage),
    };
    if already {
        return Err(Refusal::by_stage(form, stage, RefusalKind::AlreadySigned(stage.name.clone())));
    }
    if let Some((lines, line)) = lines.as_ref().zip(line)
        && !lines.open.contains(&line)
        && lines.next() != Some(line)
    {
        return Err(Refusal::by_stage(form, stage, RefusalKind::NoSuchLine(stage.name.clone())));
    }
    let life = Life::new(form, record);
    if let Some(why) = life.stage_refusal(place) {
        return Err(why);
    }
    if let Some(next) = life.next()
        && !form.along_with(next).contains(&place)
    {
        let kind = RefusalKind::StageWaits { stage: stage.name.clone(), first: form.stages[next].name.clone() };
        return Err(Refusal::by_stage(form, stage, kind));
    }
    // A section without a signature of its own is signed with the next one that has one. What is in no line of the table is
    // closed with the last of them.
    let last = lines.as_ref().is_none_or(|it| it.open.len() <= 1);
    let closes =
        |it: &&Field| !it.signature && (last || form.is_in_lines_of(stage, it)) && form.closers(it).contains(&place);
    let rows = form.sections.iter().flat_map(|it| &it.rows);
    let fields: Vec<&Field> =
        rows.flat_map(|it| form.fields_in(it)).filter_map(|it| form.field(it)).filter(closes).collect();
    // Of the table itself only what stands in that line.
    let here = |field: &Field, at: usize| line.is_none_or(|it| it == at || !form.is_in_lines_of(stage, field));
    let mut known = BTreeMap::new();
    let empty = fields.iter().filter(|field| {
        let cells = empty_among(&life, (form, record), field, &mut known);
        cells.iter().any(|it| here(field, it.line))
    });
    let empty = empty.map(|it| it.id.clone()).collect();
    let called = |id: &FieldId| form.field(id).map_or_else(|| id.to_string(), |it| it.name.clone());
    let same = stage.differs.iter().filter(|it| same_name(record.latest(form, it.as_str()), name));
    let mut conflicts: Vec<String> =
        same.map(|it| format!("{}与{}是同一个人", called(&stage.by), called(it))).collect();
    for field in &fields {
        let home = living_round(form, record, field.id.as_str());
        let lines = record.rounds.get(home).map_or(0, |it| it.lines(field.id.as_str()));
        let cells = (0..lines).filter(|it| here(field, *it)).map(|line| CellId::in_line(field.id.clone(), home, line));
        conflicts.extend(cells.flat_map(|it| doubts(field, record.at(&it))));
    }
    conflicts.extend(not_theirs(form, record, stage, name));
    let before = form.stages[..place].iter().rev();
    let mut dates = before.filter_map(|it| Some((it, day_signed(form, record, it, record.last_round())?)));
    if let (Some((earlier, day)), Some(on)) = (dates.next(), on)
        && on < day
    {
        conflicts.push(format!("日期早于“{}”的 {day}", earlier.name));
    }
    let round = living_round(form, record, stage.by.as_str());
    let (verdict, outside) = (stage.verdict.is_asked(), stage.is_outside());
    Ok(Asked { stage: place, round, line, empty, conflicts, verdict, outside })
}

/// The cells of a datum that are empty and have to be filled in, struck or excused before its section is signed: of a table
/// those of lines that are begun, or of its first line where nothing is. A line whose first column is struck is struck.
pub fn empty_cells(form: &Form, record: &Record, field: &Field) -> Vec<CellId> {
    empty_among(&Life::new(form, record), (form, record), field, &mut BTreeMap::new())
}

/// The same, with what is `known` of tables already.
fn empty_among(
    life: &Life<'_>,
    (form, record): (&Form, &Record),
    field: &Field,
    known: &mut BTreeMap<FieldId, Begun>,
) -> Vec<CellId> {
    let round = record.last_round();
    let blank = |it: &CellId| record.at(it).trim().is_empty();
    if !field.is_written() || !life.field_applies(field) {
        return Vec::new();
    }
    let Some(table) = form.table_of(&field.id) else {
        return Some(record.cell(form, &field.id, round, 0)).into_iter().filter(blank).collect();
    };
    if table.is_counted() || !table.changes.is_empty() {
        return Vec::new();
    }
    let first = first_typed(form, table);
    let id = first.unwrap_or(&field.id);
    let begun = known.entry(id.clone()).or_insert_with(|| begun(form, record, table, first, round));
    match begun {
        None => first.filter(|it| **it == field.id).map(|it| record.cell(form, it, round, 0)).into_iter().collect(),
        Some(lines) => {
            let home = record.home(form, field.id.as_str(), round);
            let cells = lines.iter().map(|line| CellId { round: home, field: field.id.clone(), line: *line });
            cells.filter(blank).collect()
        }
    }
}

/// Signs the stage of `field`.
///
/// # Errors
/// What is missing still.
pub fn sign(
    form: &Form,
    record: &Record,
    field: &FieldId,
    signature: &Signature,
    company: &str,
    today: NaiveDate,
) -> Result<Writes, Refusal> {
    let name = signature.name.trim();
    let Asked { stage: place, round, line, empty, mut conflicts, verdict, .. } =
        asked_in(form, record, (field, signature.line), name, signature.on)?;
    let line = line.unwrap_or_default();
    conflicts.extend(signature.against.iter().cloned());
    let stage = &form.stages[place];
    let refused = |kind| Err(Refusal::by_stage(form, stage, kind));
    if name.is_empty() {
        return Err(Refusal::plain(RefusalKind::NoName));
    }
    let Some(on) = signature.on else {
        return Err(Refusal::plain(RefusalKind::NoDay));
    };
    if on > today {
        return Err(Refusal::plain(RefusalKind::DayToCome));
    }
    if let Some(why) = barred(form, record, round, stage, name, Some(on)) {
        return refused(why);
    }
    let excused: Vec<(FieldId, String)> = signature
        .excused
        .iter()
        .filter(|(field, why)| empty.contains(field) && !why.trim().is_empty())
        .map(|(field, why)| (field.clone(), why.trim().to_owned()))
        .collect();
    let owed: Vec<String> = empty
        .iter()
        .filter(|it| excused.iter().all(|(field, _)| field != *it))
        .filter_map(|it| form.field(it).map(|it| it.name.clone()))
        .collect();
    if !owed.is_empty() {
        return refused(RefusalKind::Empty(owed));
    }
    let overruled = signature.overruled.trim();
    if !conflicts.is_empty() && overruled.is_empty() {
        return refused(RefusalKind::Conflicts(conflicts));
    }
    let word = stage.verdict.said(signature.passed, &signature.verdict);
    let why = signature.why.trim();
    match word {
        None if verdict && stage.verdict.plain => return refused(RefusalKind::NoVerdict),
        None if verdict => {
            let words = stage.verdict.words.iter().map(|it| it.word.clone()).collect();
            return refused(RefusalKind::NoWord(stage.name.clone(), words));
        }
        Some(word) if stage.asks_why(form, place, word) && why.is_empty() => {
            return refused(RefusalKind::NoWhy(word.word.clone()));
        }
        Some(_) | None => {}
    }
    let mut cells = vec![(CellId::in_line(stage.by.clone(), round, line), name.to_owned())];
    if let Some(date) = &stage.date {
        cells.push((CellId::in_line(date.clone(), round, line), keep_date(on)));
    }
    // What the books hold where nothing was entered is what stood in them that day.
    let life = Life::new(form, record);
    for field in form.every_field() {
        let Some(word) = &field.default else { continue };
        if record.latest(form, field.id.as_str()).is_empty() && life.field_applies(field) {
            cells.push((record.cell(form, &field.id, record.last_round(), 0), word.clone()));
        }
    }
    let signed = Signed {
        field: stage.by.clone(),
        round,
        line,
        name: name.to_owned(),
        on: keep_date(on),
        company: company.to_owned(),
        excused,
        overruled: if conflicts.is_empty() { String::new() } else { overruled.to_owned() },
        passed: if stage.verdict.plain { signature.passed } else { None },
        verdict: word.filter(|_| !stage.verdict.plain).map(|it| it.word.clone()).unwrap_or_default(),
        why: if word.is_some() { why.to_owned() } else { String::new() },
        settings: form
            .asked_settings()
            .filter_map(|id| Some((id.to_owned(), form.office.document.setting_of(&form.form, id)?.clone())))
            .collect(),
        proof: None,
    };
    let back = leads_back(form, record, place, word).map(|it| begin(form, record, it, ""));
    Ok(Writes { cells, signed, round: back.is_some(), back: back.unwrap_or_default() })
}

/// Why a correction (划改) may not be, as it makes a signature of its round one that nobody may make: the sheet as it was,
/// and as it is corrected.
pub(super) fn barred_by(form: &Form, before: &Record, after: &Record, cell: &CellId) -> Option<Refusal> {
    let round = if form.repeats(cell.field.as_str()) { cell.round } else { after.last_round() };
    form.stages.iter().find_map(|stage| {
        let why = |record: &Record| {
            let at = |field: &FieldId| record.value_in(form, field.as_str(), round).trim().to_owned();
            let name = Some(at(&stage.by)).filter(|it| !it.is_empty())?;
            let on = stage.date.as_ref().and_then(|it| read_day(&at(it)));
            barred(form, record, round, stage, &name, on)
        };
        // What was amiss already is put right step by step.
        let why = why(after).filter(|it| why(before).as_ref() != Some(it))?;
        Some(Refusal::by_stage(form, stage, why))
    })
}

/// Why nobody may sign so, whatever the reason.
fn barred(
    form: &Form,
    record: &Record,
    round: usize,
    stage: &Stage,
    name: &str,
    on: Option<NaiveDate>,
) -> Option<RefusalKind> {
    let at = |id: &FieldId| record.value_in(form, id.as_str(), round);
    let called = |id: &FieldId| form.field(id).map_or_else(|| id.to_string(), |it| it.name.clone());
    let mut never = stage.never_same.iter();
    if let Some(other) = never.find(|it| same_name(at(it), name)) {
        return Some(RefusalKind::SamePerson(called(&stage.by), called(other)));
    }
    let field = stage.not_before.as_ref()?;
    let asked = form.field(field).is_some_and(|it| Life::in_round(form, record, round).field_applies(it));
    if asked && at(field).trim().is_empty() {
        return Some(RefusalKind::Unwritten(called(field)));
    }
    let day = read_day(at(field)).filter(|it| on.is_some_and(|on| on < *it))?;
    Some(RefusalKind::TooEarly(called(field), day))
}

/// Where signing a stage sends the sheet back to, by what is said of the work or what is answered in its section: a stage, or
/// none where it is the first section that is gone through again.
fn leads_back(form: &Form, record: &Record, place: usize, word: Option<&Choice>) -> Option<Option<usize>> {
    let said = word.and_then(|it| back(form, (place, place), it));
    let section = form.stages.get(place).and_then(|it| form.section_of(it.by.as_str()));
    // What is answered counts when all have signed who close the section together, in whatever order; what belongs to one
    // signature, with that one.
    let life = Life::new(form, record);
    let together = |it: usize| form.along_with(it.min(place)).contains(&it.max(place));
    let others = section.into_iter().flat_map(|it| form.stages_in(it)).filter(|it| *it != place);
    let mut others = others.filter(|it| together(*it));
    let closes = others.all(|it| life.is_signed(it) || !life.applies(it));
    let sections = (0..form.sections.len()).filter(|it| closes && Some(form.signed_in(*it)) == section);
    let answers = sections.filter_map(|it| form.sections.get(it)).flat_map(|it| &it.rows);
    let answers = answers.flat_map(|it| form.fields_in(it)).filter_map(|it| form.field(it));
    let own = form.fields.iter().filter(|it| it.with.is_some() && form.closers(it).contains(&place));
    let answers = answers.filter(|it| it.with.is_none()).chain(own);
    let answers = answers.filter(|it| it.kind.is_chosen()).flat_map(|it| {
        let home = record.home(form, it.id.as_str(), record.last_round());
        let lines = record.rounds.get(home).map_or(0, |round| round.lines(it.id.as_str()));
        let cells = (0..lines).map(move |line| CellId::in_line(it.id.clone(), home, line));
        cells.filter_map(|cell| back_by(form, &it.id, record.at(&cell))).collect::<Vec<_>>()
    });
    earliest(form, said.into_iter().chain(answers))
}
