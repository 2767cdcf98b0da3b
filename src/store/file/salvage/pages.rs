//! The pages of a book's file, each read by itself whatever became of the others, as the SQLite file format has them:
//! <https://www.sqlite.org/fileformat2.html>. Nothing here trusts a number that it reads.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};

use crate::record::brief;
use crate::store::Fault;

/// Bytes of a page: every book has pages of this size.
pub(super) const PAGE: usize = 4096;
/// The largest row that is believed: no book has a longer one.
const LARGEST: usize = 20_000_000;

/// What a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Rows by their number.
    Table,
    /// Rows by what is in them: an index, or a table that has no row numbers.
    Index,
}

/// A row as it lies in the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Its number, in a table that has such.
    pub(super) rowid: Option<i64>,
    /// What is in it.
    pub(super) cells: Vec<Value>,
}

impl Row {
    /// What is in it, shortly, for the list.
    pub(super) fn said(&self) -> Vec<String> {
        let number = self.rowid.map(|it| it.to_string());
        let cell = |it: &Value| match it {
            Value::Null => "—".to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Real(number) => number.to_string(),
            Value::Text(text) => brief(text),
            Value::Blob(bytes) => format!("{} 字节", bytes.len()),
        };
        number.into_iter().chain(self.cells.iter().map(cell)).collect()
    }
}

/// A page that could be read.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) kind: Kind,
    /// The pages below it.
    pub(super) children: Vec<u32>,
    pub(super) rows: Vec<Row>,
    /// How many rows of it cannot be read.
    pub(super) broken: usize,
}

/// Where a row begins: page, and which of its rows.
type Place = (u32, usize);

/// All pages of a file.
pub(super) struct Pages<'a> {
    connection: &'a Connection,
    /// How many there are.
    pub(super) count: u32,
    /// Bytes of a page that hold data; an encrypted page keeps some for itself.
    usable: usize,
    /// How many bytes of the page at hand may yet be read as rows: rows that share their bytes with others were made up.
    left: Cell<usize>,
    /// Which row each further page belongs to, and as the how manieth of it: what another row says is its own too was made up.
    owners: RefCell<HashMap<u32, (Place, usize)>>,
}

impl<'a> Pages<'a> {
    pub(super) fn of(connection: &'a Connection) -> Result<Self, Fault> {
        let count: i64 = connection.query_row("SELECT count(*) FROM sqlite_dbpage", [], |row| row.get(0))?;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let mut pages = Self { connection, count, usable: PAGE, left: Cell::default(), owners: RefCell::default() };
        let reserved = pages.bytes(1).and_then(|it| it.get(20).copied()).unwrap_or(0);
        pages.usable = PAGE - usize::from(reserved);
        Ok(pages)
    }

    /// The bytes of a page, decrypted; none where it cannot be read.
    pub(super) fn bytes(&self, number: u32) -> Option<Vec<u8>> {
        let mut found = self.connection.prepare_cached("SELECT data FROM sqlite_dbpage WHERE pgno = ?1").ok()?;
        let bytes: Option<Vec<u8>> = found.query_row([number], |row| row.get(0)).optional().ok()?;
        bytes.filter(|it| it.len() == PAGE)
    }

    /// Begins to read the rows once more: each further page is whose who is read first.
    pub(super) fn anew(&self) {
        self.owners.borrow_mut().clear();
    }

    /// The pages that hold nothing any more.
    pub(super) fn free(&self) -> HashSet<u32> {
        let mut free = HashSet::new();
        let mut trunk = self.bytes(1).and_then(|it| big(&it, 32)).unwrap_or(0);
        while trunk != 0 && trunk <= self.count && free.insert(trunk) {
            let Some(bytes) = self.bytes(trunk) else { break };
            let leaves = big(&bytes, 4).unwrap_or(0) as usize;
            free.extend((0..leaves.min(PAGE / 4)).filter_map(|it| big(&bytes, 8 + 4 * it)));
            trunk = big(&bytes, 0).unwrap_or(0);
        }
        free
    }

    /// A page with its rows; none where it is no such page.
    pub(super) fn page(&self, number: u32) -> Option<Page> {
        let bytes = self.bytes(number)?;
        let start = if number == 1 { 100 } else { 0 };
        let (kind, leaf) = match bytes.get(start)? {
            0x02 => (Kind::Index, false),
            0x05 => (Kind::Table, false),
            0x0A => (Kind::Index, true),
            0x0D => (Kind::Table, true),
            _ => return None,
        };
        let mut page = Page { kind, children: Vec::new(), rows: Vec::new(), broken: 0 };
        self.left.set(PAGE);
        let cells = usize::from(u16::from_be_bytes([*bytes.get(start + 3)?, *bytes.get(start + 4)?]));
        let pointers = start + if leaf { 8 } else { 12 };
        for cell in 0..cells {
            let pointer = pointers + 2 * cell;
            let Some(pair) = bytes.get(pointer..pointer + 2) else { break };
            let mut at = usize::from(u16::from_be_bytes([pair[0], pair[1]]));
            if !leaf {
                page.children.extend(big(&bytes, at));
                at += 4;
            }
            if (kind, leaf) != (Kind::Table, false) {
                match self.row((number, cell), &bytes, at, kind) {
                    Some(row) => page.rows.push(row),
                    None => page.broken += 1,
                }
            }
        }
        if !leaf {
            page.children.extend(big(&bytes, start + 8));
        }
        Some(page)
    }

    fn row(&self, place: Place, bytes: &[u8], mut at: usize, kind: Kind) -> Option<Row> {
        let length = usize::try_from(varint(bytes, &mut at)?).ok().filter(|it| *it <= LARGEST)?;
        let rowid = if kind == Kind::Table { Some(varint(bytes, &mut at)?) } else { None };
        let cells = cells(&self.payload(place, bytes, at, length, kind)?)?;
        Some(Row { rowid, cells })
    }

    /// Counts bytes that are read of a page's rows; none where there were more than the page holds.
    fn spend(&self, bytes: usize) -> Option<()> {
        self.left.set(self.left.get().checked_sub(bytes)?);
        Some(())
    }

    /// The bytes of a row, those on further pages too.
    fn payload(&self, place: Place, bytes: &[u8], at: usize, length: usize, kind: Kind) -> Option<Vec<u8>> {
        let room = self.usable;
        let most = if kind == Kind::Table { room - 35 } else { (room - 12) * 64 / 255 - 23 };
        if length <= most {
            self.spend(length)?;
            return Some(bytes.get(at..at + length)?.to_vec());
        }
        let least = (room - 12) * 32 / 255 - 23;
        let some = least + (length - least) % (room - 4);
        let here = if some <= most { some } else { least };
        self.spend(here)?;
        let mut whole = bytes.get(at..at + here)?.to_vec();
        let mut next = big(bytes, at + here)?;
        for nth in 0.. {
            if whole.len() >= length {
                break;
            }
            let owner = *self.owners.borrow_mut().entry(next).or_insert((place, nth));
            if owner != (place, nth) {
                return None;
            }
            let further = self.bytes(next)?;
            next = big(&further, 0)?;
            let taken = (length - whole.len()).min(room - 4);
            whole.extend(further.get(4..4 + taken)?);
        }
        Some(whole)
    }
}

/// Four bytes as a number, the large end first.
pub(super) fn big(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn varint(bytes: &[u8], at: &mut usize) -> Option<i64> {
    let mut value: u64 = 0;
    for place in 0..9 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        if place == 8 {
            value = (value << 8) | u64::from(byte);
            break;
        }
        value = (value << 7) | u64::from(byte & 0x7F);
        if byte < 0x80 {
            break;
        }
    }
    Some(i64::from_be_bytes(value.to_be_bytes()))
}

/// What a row holds; none where its lengths do not fit each other, or a text is none.
fn cells(payload: &[u8]) -> Option<Vec<Value>> {
    let mut at = 0;
    let head = usize::try_from(varint(payload, &mut at)?).ok().filter(|it| *it <= payload.len())?;
    let mut body = head;
    let mut cells = Vec::new();
    while at < head {
        let kind = varint(payload, &mut at)?;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => usize::try_from(kind).ok()?,
            5 => 6,
            6 | 7 => 8,
            12.. => usize::try_from((kind - 12) / 2).ok()?,
            _ => return None,
        };
        let bytes = payload.get(body..body.checked_add(length)?)?;
        body += length;
        cells.push(match kind {
            0 => Value::Null,
            7 => Value::Real(f64::from_be_bytes(bytes.try_into().ok()?)),
            8 | 9 => Value::Integer(kind - 8),
            1..=6 => {
                let sign = if bytes.first().is_some_and(|it| *it >= 0x80) { -1 } else { 0 };
                Value::Integer(bytes.iter().fold(sign, |value: i64, byte| (value << 8) | i64::from(*byte)))
            }
            _ if kind % 2 == 0 => Value::Blob(bytes.to_vec()),
            // Letters that are none are shown as such: the rest of the text is there.
            _ => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        });
    }
    (at == head && body == payload.len()).then_some(cells)
}
