//! Forms that are registers (登记簿) and no sheets: a table that runs over pages, derived from slips or typed line by line.

use serde::Deserialize;

use super::{FieldId, length};
use crate::units::Mm;

/// A table that runs over pages (台帐).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// How many slots a page has, printed even when empty.
    pub slots: usize,
    /// Height of one slot.
    #[serde(deserialize_with = "length")]
    pub slot_height: Mm,
    /// Height of the head, repeated on each page.
    #[serde(deserialize_with = "length")]
    pub head_height: Mm,
    /// The columns, from the left.
    pub columns: Vec<Column>,
}

impl Register {
    /// Whether its entries are typed line by line: a column holds a field. Else every entry is derived.
    pub fn is_typed(&self) -> bool {
        self.columns.iter().any(|it| matches!(it.holds, Holds::Field(_)))
    }
}

/// A column of a register.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "WrittenColumn")]
pub struct Column {
    /// The head cell's lines (序 over 号).
    pub head: Vec<String>,
    /// Width.
    pub width: Mm,
    /// What stands in it.
    pub holds: Holds,
    /// Whether entries are centred.
    pub centred: bool,
}

/// What stands in a column of a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Something derived.
    Datum(Datum),
    /// What is typed in a field.
    Field(FieldId),
}

/// A column as its file says it: `datum` or `field`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenColumn {
    head: Vec<String>,
    #[serde(deserialize_with = "length")]
    width: Mm,
    datum: Option<Datum>,
    field: Option<FieldId>,
    #[serde(default)]
    centred: bool,
}

impl TryFrom<WrittenColumn> for Column {
    type Error = &'static str;

    fn try_from(it: WrittenColumn) -> Result<Self, Self::Error> {
        let holds = match (it.datum, it.field) {
            (Some(datum), None) => Holds::Datum(datum),
            (None, Some(field)) => Holds::Field(field),
            _ => return Err("expected `datum` 或 `field` 其中之一"),
        };
        Ok(Self { head: it.head, width: it.width, holds, centred: it.centred })
    }
}

impl Column {
    /// The derived datum in it, where it holds one.
    pub fn datum(&self) -> Option<Datum> {
        match self.holds {
            Holds::Datum(datum) => Some(datum),
            Holds::Field(_) => None,
        }
    }
}

/// All the slip's fields that a row of the complaint ledger is derived from; they stay when its other contents are
/// destroyed (4.7).
pub const LEDGER_FIELDS: [&str; 8] =
    ["customer", "product", "complaint", "date", "accepted_by", "result", "confirmer_date", "verifier_date"];

/// What a column of the complaint ledger holds (PROCEDURE 4: how each is derived); a typed register has its 序号 too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    /// 序号
    Sequence,
    /// 用户名称
    Customer,
    /// 产品名称
    Product,
    /// 投诉内容
    Complaint,
    /// 投诉时间
    Received,
    /// 受理部门
    AcceptedBy,
    /// 处理结果
    Result,
    /// 处理时间
    Closed,
}
