//! How long papers are kept (4.7, PROCEDURE 6): what waits to be filed, what lies in which binder, what may be destroyed
//! and what stays of it then. Pure; all but [`unready`] is derived from the lists' lines, so that it is quick.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use crate::flow::{
    Refusal, RefusalKind, Standing, empty_cells, living_round, open_rows, same_name, standing, standing_name,
};
use crate::list::{List, Summary};
use crate::procedure::{Document, Field, FieldId, Form, FormId, Rule};
use crate::record::{CopyStep, Deed, Record, Signed, keep_date};

/// The last day a sheet closed on this day is kept: papers are kept for so many years from the end of the year of
/// closing. From the day after it may be destroyed.
pub fn kept_until(closed: NaiveDate, years: u32) -> NaiveDate {
    let year = i32::try_from(years).ok().and_then(|it| closed.year().checked_add(it));
    year.and_then(|it| NaiveDate::from_ymd_opt(it, 12, 31)).unwrap_or(NaiveDate::MAX)
}

/// Where a sheet is filed: box, binder, day as written.
pub fn filed(sheet: &Summary) -> Option<(&str, &str, &str)> {
    let (case, binder, on) = sheet.deeds.as_ref()?.filed.as_ref()?;
    Some((&**case, &**binder, &**on))
}

/// Why a sheet must not be destroyed (冻结), while it must not.
pub fn held(sheet: &Summary) -> Option<&str> {
    sheet.deeds.as_ref()?.held.as_deref()
}

/// Whether a sheet is closed and not filed; void ones are closed too.
pub fn is_unfiled(sheet: &Summary) -> bool {
    sheet.closed.is_some() && sheet.standing != Standing::Destroyed && filed(sheet).is_none()
}

/// For how many years the sheets of a form are kept.
pub trait Years {
    /// For so many; [`u32::MAX`] is for ever.
    fn of(&self, form: &FormId) -> u32;
}

impl Years for u32 {
    fn of(&self, _: &FormId) -> u32 {
        *self
    }
}

impl Years for &Document {
    fn of(&self, form: &FormId) -> u32 {
        self.years_kept(form)
    }
}

/// Whether a sheet stands on the destruction list of `today`: closed, past its time, neither held nor destroyed already.
pub fn is_expired(sheet: &Summary, years: u32, today: NaiveDate) -> bool {
    let past = sheet.closed.is_some_and(|it| kept_until(it, years) < today);
    past && sheet.standing != Standing::Destroyed && held(sheet).is_none()
}

/// Sheets of one form that were closed in one year.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch<'a> {
    /// The year of closing, which their time counts from.
    pub year: i32,
    /// On which form.
    pub form: &'a FormId,
    /// The sheets, in the order of their numbers.
    pub sheets: Vec<&'a Summary>,
}

/// The sheets that wait to be filed, by year of closing and form.
pub fn unfiled<'a>(lists: impl IntoIterator<Item = &'a List>) -> Vec<Batch<'a>> {
    batches(lists, is_unfiled)
}

/// The destruction list of `today`, by year of closing and form; `years` is how long papers are kept.
pub fn expired<'a>(lists: impl IntoIterator<Item = &'a List>, years: impl Years, today: NaiveDate) -> Vec<Batch<'a>> {
    batches(lists, |it| is_expired(it, years.of(&it.form), today))
}

/// How much stands on the destruction list of `today`: year of closing, and of each form how many.
pub fn expired_by_year<'a>(
    lists: impl IntoIterator<Item = &'a List>,
    years: impl Years,
    today: NaiveDate,
) -> Vec<(i32, Vec<(FormId, usize)>)> {
    let mut found: Vec<(i32, Vec<(FormId, usize)>)> = Vec::new();
    for batch in expired(lists, years, today) {
        let counted = (batch.form.clone(), batch.sheets.len());
        match found.last_mut() {
            Some((year, forms)) if *year == batch.year => forms.push(counted),
            _ => found.push((batch.year, vec![counted])),
        }
    }
    found
}

/// The sheets that are held (冻结), in the order of forms and numbers.
pub fn all_held<'a>(lists: impl IntoIterator<Item = &'a List>) -> Vec<&'a Summary> {
    let all = lists.into_iter().flat_map(List::all);
    all.filter(|it| held(it).is_some() && it.standing != Standing::Destroyed).collect()
}

fn batches<'a>(lists: impl IntoIterator<Item = &'a List>, mut holds: impl FnMut(&Summary) -> bool) -> Vec<Batch<'a>> {
    let mut found: BTreeMap<(i32, &FormId), Vec<&Summary>> = BTreeMap::new();
    for sheet in lists.into_iter().flat_map(List::all).filter(|it| holds(it)) {
        if let Some(closed) = sheet.closed {
            found.entry((closed.year(), &sheet.form)).or_default().push(sheet);
        }
    }
    found.into_iter().map(|((year, form), sheets)| Batch { year, form, sheets }).collect()
}

/// A binder's place on the shelf: papers are bound by kind and year.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shelf {
    /// 盒号
    pub case: String,
    /// 卷号
    pub binder: String,
    /// What is in it.
    pub form: FormId,
    /// The year of closing.
    pub year: i32,
}

impl Shelf {
    /// What the screen and the lists call it.
    pub fn name(&self) -> String {
        shelf_name(&self.case, &self.binder)
    }

    /// Until which day what is in it is kept.
    pub fn kept_until(&self, years: u32) -> NaiveDate {
        kept_until(NaiveDate::from_ymd_opt(self.year, 1, 1).unwrap_or(NaiveDate::MAX), years)
    }
}

/// Box and binder in words: 第 3 盒 第 1 卷.
pub fn shelf_name(case: &str, binder: &str) -> String {
    format!("第 {case} 盒 第 {binder} 卷")
}

/// A binder and what is in it. What was destroyed is in none.
#[derive(Clone, Debug, PartialEq)]
pub struct Binder<'a> {
    /// Where it stands.
    pub shelf: Shelf,
    /// Its sheets, in the order of their numbers; there is always one.
    pub sheets: Vec<&'a Summary>,
}

impl Binder<'_> {
    /// The first and the last sheet's number.
    pub fn numbers(&self) -> (&str, &str) {
        (self.sheets.first().map_or("", |it| &it.number), self.sheets.last().map_or("", |it| &it.number))
    }
}

/// Every binder, in the order of boxes and binders: 2 stands before 10.
pub fn binders<'a>(lists: impl IntoIterator<Item = &'a List>) -> Vec<Binder<'a>> {
    let mut found: BTreeMap<(&str, &str, &FormId, i32), Vec<&'a Summary>> = BTreeMap::new();
    for sheet in lists.into_iter().flat_map(List::all).filter(|it| it.standing != Standing::Destroyed) {
        if let (Some((case, binder, _)), Some(closed)) = (filed(sheet), sheet.closed) {
            found.entry((case, binder, &sheet.form, closed.year())).or_default().push(sheet);
        }
    }
    let binder = |((case, binder, form, year), sheets): ((&str, &str, &FormId, i32), _)| {
        let shelf = Shelf { case: case.to_owned(), binder: binder.to_owned(), form: form.clone(), year };
        Binder { shelf, sheets }
    };
    let mut binders: Vec<Binder<'a>> = found.into_iter().map(binder).collect();
    binders.sort_by_cached_key(|it| (counted(&it.shelf.case), counted(&it.shelf.binder)));
    binders
}

/// A box's name in the order of counting: its first figure, then its letters.
fn counted(name: &str) -> (u64, String) {
    let figures = name.chars().skip_while(|it| !it.is_ascii_digit()).take_while(char::is_ascii_digit);
    (figures.collect::<String>().parse().unwrap_or(u64::MAX), name.to_owned())
}

/// Why a sheet cannot be filed yet, a sentence each: no cell may be empty that was neither struck nor excused, and every
/// copy has to be back (PROCEDURE 6). A void sheet's cells may be empty.
pub fn unready(form: &Form, record: &Record) -> Vec<String> {
    let mut why = Vec::new();
    if form.is_living() && record.void.is_none() {
        why.push(format!("{}一直在用，不归档；不用了请办“{}”", form.short, form.void_word()));
        return why;
    }
    if let Standing::At(stage) = standing(form, record) {
        let rows = open_rows(form, record, stage);
        why.push(format!("{rows}“{}”还没有签署", standing_name(form, Standing::At(stage))));
        return why;
    }
    if record.void.is_none() {
        let rows = form.sections.iter().flat_map(|it| &it.rows);
        let cells = rows.flat_map(|it| form.fields_in(it)).filter_map(|it| form.field(it));
        let empty = |field: &&Field| {
            let mut cells = empty_cells(form, record, field).into_iter();
            cells.any(|it| !is_excused(form, record, field, it.line))
        };
        let names: Vec<&str> = cells.filter(empty).map(|it| it.name.as_str()).collect();
        if !names.is_empty() {
            why.push(format!("{}空着：用“划改”补上或划“/”", names.join("、")));
        }
        // A register's line is kept for good: what it takes from beside the sheet is written before the sheet is put away.
        let beside = form.beside.iter().filter(|it| it.default.is_none() && form.taken.contains(&it.id));
        let empty = beside.filter(|it| record.latest(form, it.id.as_str()).trim().is_empty());
        let names: Vec<&str> = empty.map(|it| it.name.as_str()).collect();
        if !names.is_empty() {
            why.push(format!("台帐里的{}空着：写在单据右边，没有就写“/”", names.join("、")));
        }
    }
    let went: BTreeSet<usize> = record.facts.iter().filter_map(|it| it.deed.copy()).collect();
    for copy in went {
        if let Some((step, holder, on)) = record.copy(copy).filter(|it| it.0.out()) {
            why.push(out_words(form, copy, step, holder, on));
        }
    }
    why
}

/// Whether a reason was given for leaving a cell empty, when its section was last signed.
fn is_excused(form: &Form, record: &Record, field: &Field, line: usize) -> bool {
    let round = living_round(form, record, field.id.as_str());
    // What was signed of one line excuses nothing in another.
    let here = |it: &Signed| {
        let stage = form.stages.iter().find(|stage| stage.by == it.field);
        it.line == line || stage.is_none_or(|it| !form.is_in_lines_of(it, field))
    };
    record.facts.iter().any(|fact| match &fact.deed {
        Deed::Signed(it) => it.round == round && here(it) && it.excused.iter().any(|(of, _)| *of == field.id),
        _ => false,
    })
}

/// The copies of a sheet that are out of the house, a sentence each.
pub fn copies_out(form: &Form, sheet: &Summary) -> Vec<String> {
    let copies = sheet.deeds.iter().flat_map(|it| &it.copies).filter(|it| it.1.out());
    copies.map(|(copy, step, holder, on)| out_words(form, *copy, *step, holder, on)).collect()
}

fn out_words(form: &Form, copy: usize, step: CopyStep, holder: &str, on: &str) -> String {
    let name = form.copies.get(copy).and_then(|it| it.split_whitespace().next()).unwrap_or("纸单");
    let holder = if holder.is_empty() { "外面" } else { holder };
    format!("{name}还在{holder}（{on} {}）：先收回", step.name())
}

/// What stays of a sheet when its contents are destroyed: which sheet it was, and what registers say of it.
pub fn kept_fields(form: &Form) -> Vec<FieldId> {
    let identity = form.identity.iter().flat_map(|it| [&it.subject, &it.date]).cloned();
    let mut fields: Vec<FieldId> = identity.chain(form.taken.iter().cloned()).collect();
    fields.sort();
    fields.dedup();
    fields
}

/// Puts sheets into a binder.
///
/// # Errors
/// What is missing.
pub fn filing(
    document: &Document,
    (case, binder): (&str, &str),
    on: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<Deed, Refusal> {
    let (case, binder) = (case.trim(), binder.trim());
    if case.is_empty() || binder.is_empty() {
        return Err(Refusal::in_office(document, Rule::Filing, RefusalKind::NoShelf));
    }
    let on = on.ok_or(Refusal::plain(RefusalKind::Unreadable))?;
    if on > today {
        return Err(Refusal::plain(RefusalKind::ToCome("归档")));
    }
    Ok(Deed::Filed { case: case.to_owned(), binder: binder.to_owned(), on: keep_date(on) })
}

/// Destroys sheets: three different people approve, carry out and watch (PROCEDURE 6).
///
/// # Errors
/// What is missing.
pub fn destruction(
    document: &Document,
    three: [&str; 3],
    on: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<Deed, Refusal> {
    let [approved, executed, watched] = three.map(str::trim);
    let ruled = |kind| Err(Refusal::in_office(document, Rule::Destruction, kind));
    if [approved, executed, watched].contains(&"") {
        return ruled(RefusalKind::NotThree);
    }
    if same_name(approved, executed) || same_name(executed, watched) || same_name(approved, watched) {
        return ruled(RefusalKind::SameThree);
    }
    let on = on.ok_or(Refusal::plain(RefusalKind::Unreadable))?;
    if on > today {
        return Err(Refusal::plain(RefusalKind::ToCome("销毁")));
    }
    let [approved, executed, watched] = [approved, executed, watched].map(str::to_owned);
    Ok(Deed::Destroyed { approved, executed, watched, on: keep_date(on) })
}

/// How long papers are kept, in words: 保存期三年，至 2029-12-31.
pub fn kept_words(years: u32, until: NaiveDate) -> String {
    if years == u32::MAX {
        return "保存期没有定，不列入销毁".to_owned();
    }
    format!("保存期{}年，至 {}", chinese(years), keep_date(until))
}

/// A small number in Chinese; a larger one in figures.
fn chinese(number: u32) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |it: u32| usize::try_from(it).ok().and_then(|it| DIGITS.get(it)).copied().unwrap_or_default();
    match number {
        0 => "零".to_owned(),
        1..10 => digit(number).to_owned(),
        10..20 => format!("十{}", digit(number % 10)),
        20..100 => format!("{}十{}", digit(number / 10), digit(number % 10)),
        _ => number.to_string(),
    }
}
