//! The complaint ledger (质量投诉处理台帐): one row a slip, derived and never stored (4.6).

use chrono::{Datelike, NaiveDate};

use crate::flow::{Standing, standing};
use crate::procedure::{Datum, Form, Holds, Procedure};
use crate::record::{Opinion, Record, RecordId, full_date, read_date, shown};

/// The slip's field that says when the complaint was received (投诉日期).
pub const DATE: &str = "date";

pub use crate::procedure::LEDGER_FIELDS as FIELDS;

/// Which slips a ledger holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// One year's.
    Year(i32),
    /// Those received from the one day to the other, both included.
    Days(NaiveDate, NaiveDate),
}

impl Period {
    /// Whether a day lies in it.
    pub fn holds(self, day: NaiveDate) -> bool {
        match self {
            Self::Year(year) => day.year() == year,
            Self::Days(from, to) => from <= day && day <= to,
        }
    }

    /// How titles call it: 2026年, or 2026-01-01至2026-03-31.
    pub fn name(self) -> String {
        match self {
            Self::Year(year) => format!("{year}年"),
            Self::Days(from, to) => format!("{from}至{to}"),
        }
    }

    /// How file names call it: 2026, or 2026-01-01至2026-03-31.
    pub fn in_a_file_name(self) -> String {
        match self {
            Self::Year(year) => year.to_string(),
            Self::Days(..) => self.name(),
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The slip it is derived from.
    pub record: RecordId,
    /// The slip's number.
    pub number: String,
    /// 序号, from 1 within this ledger.
    pub sequence: usize,
    /// 用户名称
    pub customer: String,
    /// 产品名称
    pub product: String,
    /// 投诉内容
    pub complaint: String,
    /// 投诉时间, as written where it is no date.
    pub received: String,
    /// The same as a day: the slip's 投诉日期, or the day of entry where that cannot be read.
    pub day: NaiveDate,
    /// 受理部门
    pub accepted_by: String,
    /// 处理结果
    pub result: String,
    /// 处理时间
    pub closed: String,
    /// The same as a day.
    pub closed_day: Option<NaiveDate>,
    /// The user never confirmed: 处理时间 is that of the verification, and says so.
    pub unconfirmed: bool,
}

impl Row {
    /// What stands in a column.
    pub fn text(&self, datum: Datum) -> String {
        match datum {
            Datum::Sequence => self.sequence.to_string(),
            Datum::Customer => self.customer.clone(),
            Datum::Product => self.product.clone(),
            Datum::Complaint => self.complaint.clone(),
            Datum::Received => self.received.clone(),
            Datum::AcceptedBy => self.accepted_by.clone(),
            Datum::Result => self.result.clone(),
            Datum::Closed => self.closed.clone(),
        }
    }
}

/// An entry of a register as it stands on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What stands in each column.
    pub texts: Vec<String>,
    /// The day of what it tells of, or of its entry.
    pub day: NaiveDate,
}

/// The entries of the complaint ledger.
pub fn entries(form: &Form, rows: &[Row]) -> Vec<Entry> {
    let columns = || form.register.iter().flat_map(|it| &it.columns);
    let entry = |row: &Row| Entry {
        texts: columns().map(|it| it.datum().map_or_else(String::new, |it| row.text(it))).collect(),
        day: row.day,
    };
    rows.iter().map(entry).collect()
}

/// The entries of a typed register (登记簿): each record is a line, its number the 序号. A void one says so under its
/// number, and why.
pub fn typed_entries(form: &Form, records: &[Record]) -> Vec<Entry> {
    let columns = || form.register.iter().flat_map(|it| &it.columns);
    let text = |record: &Record, holds: &Holds| match holds {
        Holds::Datum(_) => match &record.void {
            Some(void) => format!("{}\n作废：{}", record.number, void.reason),
            None => record.number.clone(),
        },
        Holds::Field(id) => {
            let value = record.latest(form, id.as_str());
            form.field(id).map_or_else(String::new, |it| shown(it.kind, value).into_owned())
        }
    };
    let date = |record: &Record| read_date(record.latest(form, form.identity.as_ref()?.date.as_str()), None);
    let entry = |record: &Record| Entry {
        texts: columns().map(|it| text(record, &it.holds)).collect(),
        day: date(record).unwrap_or_else(|| record.entered.date()),
    };
    records.iter().map(entry).collect()
}

/// The rows of a period, in the order of the slips' numbers as `slips` has them; void slips only where the office has
/// them stand in the ledger.
pub fn rows(procedure: &Procedure, slips: impl IntoIterator<Item = Record>, period: Period) -> Vec<Row> {
    let mut rows = Vec::new();
    for slip in slips {
        let Some(form) = procedure.edition(&slip.form, &slip.edition) else { continue };
        let day = received_day(&slip);
        let stands = slip.void.is_none() || procedure.document.is_on("void_in_ledger");
        if stands && period.holds(day) {
            rows.push(row(procedure, form, &slip, day, rows.len() + 1));
        }
    }
    rows
}

/// The day a slip belongs to: its 投诉日期, or the day of entry where that cannot be read.
pub fn received_day(slip: &Record) -> NaiveDate {
    read_date(slip.value(DATE), None).unwrap_or_else(|| slip.entered.date())
}

fn row(procedure: &Procedure, form: &Form, slip: &Record, day: NaiveDate, sequence: usize) -> Row {
    let text = |field: &str| slip.latest(form, field).trim().to_owned();
    let written = text(DATE);
    let accepted_by = Some(text("accepted_by")).filter(|it| !it.is_empty());
    let confirmed = read_date(slip.latest(form, "confirmer_date"), None);
    let verified = read_date(slip.latest(form, "verifier_date"), None);
    let unconfirmed = text("confirmer_date").is_empty() && verified.is_some();
    let closed_day = if slip.void.is_some() { None } else { confirmed.or(verified.filter(|_| unconfirmed)) };
    let mark = if unconfirmed { "(验证)" } else { "" };
    Row {
        record: slip.id,
        number: slip.number.clone(),
        sequence,
        customer: text("customer"),
        product: text("product"),
        complaint: text("complaint"),
        received: read_date(&written, None).map_or(written, full_date),
        day,
        accepted_by: accepted_by.unwrap_or_else(|| procedure.document.department_of(form).to_owned()),
        result: result(form, slip),
        // A date that cannot be read still stands as it was written.
        closed: closed_day.map_or_else(|| text("confirmer_date"), |it| format!("{}{mark}", full_date(it))),
        closed_day,
        unconfirmed,
    }
}

/// 处理结果: void slips stand as 作废; else what the clerk wrote or confirmed, and which round it is the result of where
/// there was more than one (PROCEDURE 5: every round is kept and counted).
fn result(form: &Form, slip: &Record) -> String {
    if slip.void.is_some() {
        return "作废".to_owned();
    }
    let written = slip.latest(form, "result").trim();
    let rounds = slip.rounds.len();
    match (rounds, written.is_empty()) {
        (..2, _) => written.to_owned(),
        (_, true) if matches!(standing(form, slip), Standing::At(_)) => format!("第{rounds}次处置中"),
        (_, true) => format!("第{rounds}次"),
        (_, false) => format!("第{rounds}次：{written}"),
    }
}

/// A wording for 处理结果 from 验证记录 and 用户意见, which the clerk confirms or rewords: the record's first
/// sentence and the user's word. Empty while nothing is verified.
pub fn proposed_result(form: &Form, slip: &Record) -> String {
    let verified = slip.latest(form, "verification").trim();
    if verified.is_empty() {
        return String::new();
    }
    let first = verified.split_inclusive(['。', '；', '！', '？', '\n']).next().unwrap_or(verified);
    let first = first.trim_end_matches(['。', '；', '\n', '\r']);
    let opinion =
        form.field(&"opinion".into()).map(|field| (field, Opinion::read(field, slip.latest(form, "opinion"))));
    let word = opinion.and_then(|(field, it)| field.options.iter().find(|o| Some(o.letter) == it.letter));
    match word {
        Some(option) => format!("{first}；用户{}", option.word),
        None => first.to_owned(),
    }
}
