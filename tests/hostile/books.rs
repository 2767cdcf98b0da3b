//! Books: bytes of the file changed, files of others beside it, and rows that the program never wrote.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use chrono::Datelike as _;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rusqlite::Connection;
use taizhang::customers::{self, Customers};
use taizhang::exchange;
use taizhang::export::{self, Clock, Which};
use taizhang::list::{List, Order, Summary};
use taizhang::procedure::{FormId, OFFICE, Procedure};
use taizhang::record::{CellId, CopyStep, Correction, Customer, Deed, Record, RecordId, Signed, Void};
use taizhang::register::{self, Period};
use taizhang::retention;
use taizhang::search::{self, Query};
use taizhang::similar;
use taizhang::store::{Act, Condition, Head, Key, Opener, Result, Stamp, Store};
use taizhang::today::{self, Asking, Blanks};

use crate::common::forge::{Rules, lawless, loosen, tighten};
use crate::common::{now, procedure};
use crate::mutate::{Words, words};
use crate::{hammer, put_file, sentence};

/// A small book with a row of everything in it.
static BOOK: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("a.book")).unwrap();
    let procedure = procedure();
    for (form, field) in
        [("01", "customer"), ("02", "place"), ("03", "content"), ("4.1", "contract"), ("05", "customer")]
    {
        let form = procedure.form(&form.into()).unwrap();
        let values = [(field.into(), "癸厂".to_owned()), ("date".into(), "2024-03-05".to_owned())];
        store.create(form, procedure.document.pattern(&form.form), 2024, now(), &values.into()).unwrap();
    }
    let slips = exchange::read(crate::common::CASES, &procedure, now()).unwrap();
    let slips = slips
        .into_iter()
        .filter(|it| it.form.as_str() == "05")
        .take(3)
        .map(|it| taizhang::store::NewRecord { number: None, ..it });
    let ids = store.import(&procedure.document, slips, now()).unwrap();
    let (field, by, on, reason) = ("measures", "钱立群".into(), "2026-11-21".into(), "来函".into());
    let change = Correction { cell: CellId::new(field, 0), old: String::new(), new: "乙".into(), by, on, reason };
    store.correct(ids[0], &change, now()).unwrap();
    store.add_round(ids[0], now()).unwrap();
    store
        .void(ids[1], &Void { by: "赵敏华".into(), on: "2026-11-22".into(), reason: "重复登记".into() }, now())
        .unwrap();
    let signed =
        Signed { field: "handler".into(), name: "徐国梁".into(), on: "2026-11-20".into(), ..Signed::default() };
    let (holder, on) = ("设备修造部".to_owned(), "2026-11-20".to_owned());
    let deeds = vec![
        Deed::Signed(signed),
        Deed::Copy { copy: 1, step: CopyStep::Handed, holder, on: on.clone() },
        Deed::FollowUp { text: "回访".into(), owner: "陈堃".into(), due: on.clone() },
        Deed::From { record: ids[0].0, text: "一条意见".into() },
        Deed::Filed { case: "3".into(), binder: "12".into(), on },
        Deed::Held { reason: "诉讼".into() },
    ];
    store.act(ids[2], &Act { by: "沈䶮".into(), deeds, ..Act::default() }, now()).unwrap();
    let slip = procedure.form(&"05".into()).unwrap();
    store.reserve(slip, &procedure.document.number, 2026, 3, ("沈䶮", "车间"), now()).unwrap();
    let customer =
        |name: &str, into: &str| Customer { name: name.into(), merged_into: into.into(), ..Customer::default() };
    store.put_customer(&customer("癸厂", ""), "沈䶮", now()).unwrap();
    store.put_customer(&customer("癸 厂", "癸厂"), "沈䶮", now()).unwrap();
    store.set_office(&procedure.document.to_keep(None).unwrap(), "沈䶮", now()).unwrap();
    store.set_setting("operator", "沈䶮").unwrap();
    let whole = folder.path().join("b.book");
    store.copy_to(&whole).unwrap();
    assert_eq!(store.check(), [""; 0]);
    std::fs::read(whole).unwrap()
});

/// A small book with a row of everything in it.
pub(crate) fn book() -> Vec<u8> {
    BOOK.clone()
}

/// The same without what keeps odd rows out, and what that was.
static LOOSE: LazyLock<(Vec<u8>, Rules)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    put_file(&path, &BOOK);
    let rules = loosen(&path);
    (std::fs::read(path).unwrap(), rules)
});

/// A book as it lies there when the power goes: the file, and the log beside it.
static POWERLESS: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    put_file(&path, &BOOK);
    let store = Store::open_existing(&path).unwrap();
    let procedure = procedure();
    let slip = procedure.form(&"05".into()).unwrap();
    for customer in ["甲厂", "乙厂", "丙厂"] {
        let values = [("customer".into(), customer.to_owned())].into();
        store.create(slip, &procedure.document.number, 2026, now(), &values).unwrap();
    }
    (std::fs::read(&path).unwrap(), std::fs::read(folder.path().join("a.book-wal")).unwrap())
});

struct Table {
    name: String,
    columns: Vec<String>,
    key: Vec<String>,
    /// Whether the key is the row's own number.
    numbered: bool,
}

fn tables(connection: &Connection) -> Vec<Table> {
    let mut names = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
    let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(|it| it.unwrap()).collect();
    let read = |name: String| {
        let mut columns = connection.prepare(&format!("PRAGMA table_info({name})")).unwrap();
        let columns: Vec<(String, String, i64)> = columns
            .query_map([], |row| Ok((row.get(1)?, row.get(2)?, row.get(5)?)))
            .unwrap()
            .map(|it| it.unwrap())
            .collect();
        let key: Vec<String> = columns.iter().filter(|it| it.2 > 0).map(|it| it.0.clone()).collect();
        let numbered = key.len() == 1 && columns[0].2 == 1 && columns[0].1 == "INTEGER";
        Table { name, columns: columns.into_iter().map(|it| it.0).collect(), key, numbered }
    };
    names.into_iter().filter(|it| !it.starts_with("sqlite_")).map(read).collect()
}

/// What stands in a column where something else stood.
#[derive(Clone, Debug)]
enum Datum {
    Null,
    Int(i64),
    Float(f64),
    Text(Words),
    Known(&'static str),
    Blob(Vec<u8>),
}

/// What the program would write, but elsewhere, or not so.
const KNOWN: &[&str] = &[
    "2026-11-20T09:00:00",
    "+262142-12-31T23:59:59.999999999",
    "-262143-01-01T00:00:00",
    "2026-11-20T23:59:60.5",
    "2026-11-20",
    "0001-01-01",
    "9999-12-31",
    "05",
    "01",
    "02",
    "04",
    "4.1",
    "99",
    "D/0",
    "E/9",
    "created",
    "set",
    "fact",
    "voided",
    "reserved",
    "void",
    "gap",
    "signed",
    "from",
    "destroyed",
    "owed",
    "{}",
    "null",
    r#"{"deed":"from","record":6,"text":"自己"}"#,
    r#"{"deed":"from","record":-9223372036854775808,"text":""}"#,
    r#"{"deed":"rewrites","record":9223372036854775807}"#,
    r#"{"deed":"copy","copy":18446744073709551615,"step":"handed","holder":"","on":""}"#,
    r#"{"deed":"copy","copy":4294967296,"step":"filed","holder":"\u0000\n","on":"9999-12-31"}"#,
    r#"{"deed":"followed_up","item":18446744073709551615,"on":"","note":""}"#,
    r#"{"deed":"follow_up","text":"","owner":"","due":"0000-01-01"}"#,
    r#"{"deed":"signed","field":"handler","round":18446744073709551615,"name":"","on":""}"#,
    r#"{"deed":"signed","field":"没有","round":1000000000,"name":"甲","on":"x","company":"\n"}"#,
    r#"{"deed":"destroyed","approved":"","executed":"","watched":"","on":""}"#,
    r#"{"deed":"filed","case":"","binder":"","on":""}"#,
    r#"{"deed":"held","reason":""}"#,
    r#"{"merged_into":"癸厂","visit":4294967295}"#,
    r#"{"merged_into":"癸 厂"}"#,
    r#"{"visit":0,"note":"\u2028"}"#,
];

fn datum() -> impl Strategy<Value = Datum> {
    let ints = [0, 1, -1, 2, 3, 100, 2024, 1_000_000, 1_000_000_000, i64::MAX, i64::MAX - 1, i64::MIN, 1 << 32];
    prop_oneof![
        1 => Just(Datum::Null),
        3 => select(ints.to_vec()).prop_map(Datum::Int),
        1 => any::<i64>().prop_map(Datum::Int),
        1 => any::<f64>().prop_map(Datum::Float),
        4 => words(3, 5000).prop_map(Datum::Text),
        6 => select(KNOWN).prop_map(Datum::Known),
        1 => vec(any::<u8>(), 0..40).prop_map(Datum::Blob),
    ]
}

impl rusqlite::ToSql for Datum {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::Value;
        Ok(rusqlite::types::ToSqlOutput::Owned(match self {
            Self::Null => Value::Null,
            Self::Int(it) => Value::Integer(*it),
            Self::Float(it) => Value::Real(*it),
            Self::Text(it) => Value::Text(it.text()),
            Self::Known(it) => Value::Text((*it).to_owned()),
            Self::Blob(it) => Value::Blob(it.clone()),
        }))
    }
}

/// What is done to a row: table, column and row are taken modulo how many there are.
#[derive(Clone, Debug)]
enum Meddling {
    Set(usize, usize, usize, Datum),
    /// Another row like it, but for one column.
    Copy(usize, usize, usize, Datum),
    Delete(usize, usize),
}

fn meddling() -> impl Strategy<Value = Meddling> {
    let place = || (0..64_usize, 0..64_usize, 0..512_usize);
    prop_oneof![
        6 => (place(), datum()).prop_map(|((table, column, row), it)| Meddling::Set(table, column, row, it)),
        2 => (place(), datum()).prop_map(|((table, column, row), it)| Meddling::Copy(table, column, row, it)),
        1 => (0..64_usize, 0..512_usize).prop_map(|(table, row)| Meddling::Delete(table, row)),
    ]
}

fn meddle(path: &Path, all: &[Meddling]) {
    put_file(path, &LOOSE.0);
    let connection = lawless(path);
    let tables = tables(&connection);
    for one in all {
        let (Meddling::Set(table, _, row, _) | Meddling::Copy(table, _, row, _) | Meddling::Delete(table, row)) = one;
        let table = &tables[table % tables.len()];
        let name = &table.name;
        let count: i64 = connection.query_row(&format!("SELECT count(*) FROM {name}"), [], |it| it.get(0)).unwrap();
        if count == 0 {
            continue;
        }
        let row = i64::try_from(*row).unwrap();
        let key = table.key.join(", ");
        let here = format!("WHERE ({key}) = (SELECT {key} FROM {name} ORDER BY {key} LIMIT 1 OFFSET {})", row % count);
        // What even a loose table does not take is not done.
        let _ = match one {
            Meddling::Set(_, column, _, datum) => {
                let column = &table.columns[column % table.columns.len()];
                connection.execute(&format!("UPDATE {name} SET \"{column}\" = ?1 {here}"), [datum])
            }
            Meddling::Copy(_, column, _, datum) => {
                let changed = column % table.columns.len();
                let columns: Vec<String> = table
                    .columns
                    .iter()
                    .enumerate()
                    .map(|(at, it)| match at {
                        _ if at == changed => "?1".to_owned(),
                        0 if table.numbered => format!("(SELECT max(\"{it}\") + 1 FROM {name})"),
                        _ => format!("\"{it}\""),
                    })
                    .collect();
                connection
                    .execute(&format!("INSERT INTO {name} SELECT {} FROM {name} {here}", columns.join(", ")), [datum])
            }
            Meddling::Delete(..) => connection.execute(&format!("DELETE FROM {name} {here}"), []),
        };
    }
    drop(connection);
    tighten(path, &LOOSE.1);
}

/// What is done to the file's bytes.
#[derive(Clone, Debug)]
pub(crate) enum Damage {
    /// In the file's first hundred bytes.
    Head(usize, Vec<u8>),
    /// In a page's own head.
    PageHead(usize, usize, Vec<u8>),
    /// A page's pointer to a cell.
    Pointer(usize, usize, u16),
    /// At the beginning of a cell.
    Cell(usize, usize, usize, Vec<u8>),
    Anywhere(usize, Vec<u8>),
    Cut(usize),
    /// A page over another.
    Page(usize, usize),
}

pub(crate) const PAGE: usize = 4096;

pub(crate) fn damage() -> impl Strategy<Value = Damage> {
    let bytes = || prop_oneof![3 => vec(any::<u8>(), 1..4), 1 => select(vec![vec![0xff; 9], vec![0x80; 8], vec![0; 4], vec![0x7f, 0xff]])];
    let any = any::<usize>;
    prop_oneof![
        2 => (0..100_usize, bytes()).prop_map(|(at, it)| Damage::Head(at, it)),
        3 => (any(), 0..12_usize, bytes()).prop_map(|(page, at, it)| Damage::PageHead(page, at, it)),
        2 => (any(), 0..40_usize, proptest::num::u16::ANY).prop_map(|(page, nth, it)| Damage::Pointer(page, nth, it)),
        6 => (any(), 0..40_usize, 0..30_usize, bytes()).prop_map(|(page, nth, at, it)| Damage::Cell(page, nth, at, it)),
        3 => (any(), bytes()).prop_map(|(at, it)| Damage::Anywhere(at, it)),
        1 => any().prop_map(Damage::Cut),
        2 => (any(), any()).prop_map(|(page, from)| Damage::Page(page, from)),
    ]
}

/// Writes over what stands at a place, as far as the file goes.
fn put(bytes: &mut [u8], at: usize, new: &[u8]) {
    bytes.iter_mut().skip(at).zip(new).for_each(|(place, byte)| *place = *byte);
}

pub(crate) fn damaged(whole: &[u8], all: &[Damage]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for one in all {
        let (length, pages) = (bytes.len().max(1), (bytes.len() / PAGE).max(1));
        // The first page begins behind the file's head.
        let head = |page: usize| if page.is_multiple_of(pages) { 100 } else { page % pages * PAGE };
        match one {
            Damage::Head(at, new) => put(&mut bytes, *at, new),
            Damage::PageHead(page, at, new) => put(&mut bytes, head(*page) + at, new),
            Damage::Pointer(page, nth, to) => put(&mut bytes, head(*page) + 8 + nth * 2, &to.to_be_bytes()),
            Damage::Cell(page, nth, at, new) => {
                let pointer = head(*page) + 8 + nth * 2;
                let cell =
                    bytes.get(pointer..pointer + 2).map_or(0, |it| usize::from(u16::from_be_bytes([it[0], it[1]])));
                put(&mut bytes, page % pages * PAGE + cell + at, new);
            }
            Damage::Anywhere(at, new) => put(&mut bytes, at % length, new),
            Damage::Cut(at) => bytes.truncate(at % length),
            Damage::Page(page, from) => {
                let from = from % pages * PAGE;
                let piece = bytes.get(from..(from + PAGE).min(bytes.len())).unwrap_or_default().to_vec();
                put(&mut bytes, page % pages * PAGE, &piece);
            }
        }
    }
    bytes
}

/// Whether all of it could be read.
struct Reader {
    refused: usize,
}

impl Reader {
    fn take<T>(&mut self, read: Result<T>) -> Option<T> {
        match read {
            Ok(read) => Some(read),
            Err(error) => {
                sentence(&error.to_string());
                self.refused += 1;
                None
            }
        }
    }
}

/// Reads everything that the window reads of a book, and does with it what the window does. Whether something was refused.
fn use_book(store: &Store) -> bool {
    let mut reader = Reader { refused: 0 };
    let mut procedure = procedure();
    let found = store.check_up(Some(&procedure), &|| true).all();
    for said in &found {
        assert!(said.chars().any(|it| it > '\u{4DFF}'), "{said:?}");
    }
    if let Some(Some(kept)) = reader.take(store.setting(OFFICE))
        && let Err(said) = procedure.take_office(&kept)
    {
        sentence(&said);
        reader.refused += 1;
    }
    let (today, clock) = (now().date(), Clock { now: now(), utc_offset_minutes: 480 });
    let mut lists: BTreeMap<FormId, List> = BTreeMap::new();
    let (mut beside, mut similar) = (customers::Beside::new(), similar::Index::default());
    for form in procedure.in_use() {
        let id = &form.form;
        for year in reader.take(store.years(id)).into_iter().chain(reader.take(store.number_years(id))).flatten() {
            for line in reader.take(store.numbers(id, year)).unwrap_or_default() {
                let _ = (line.wants_explaining(), line.state.name());
            }
            reader.take(store.records_numbered(id, year));
        }
        reader.take(store.count(id));
        reader.take(store.find(id, "2024-001"));
        let fields = Summary::fields(form);
        let mut summaries = Vec::new();
        reader.take(store.each(id, Some(&fields), &mut |record| {
            let form = procedure.edition(&record.form, &record.edition).unwrap_or(form);
            summaries.extend(Summary::of(&procedure, form, &record));
            beside.insert(record.id, customers::read_beside(form, &record));
        }));
        if form.identity.is_some() && form.register.is_none() {
            lists.insert(id.clone(), List::new(summaries));
        }
        let mut last = RecordId(i64::MIN);
        while let Some(1..) = reader.take(store.next(id, &fields, last, 7, &mut |record| {
            assert!(record.id > last, "read twice");
            last = record.id;
            similar.put(record.id, record.value("customer"), record.value("product"), record.value("complaint"));
        })) {}
        for field in form.every_field() {
            reader.take(store.offers(std::slice::from_ref(&field.id), 400));
        }
        let records = reader.take(store.records(id)).unwrap_or_default();
        for record in &records {
            use_sheet(&mut reader, store, &procedure, record, &clock);
        }
        if form.register.is_some() && !records.is_empty() {
            let lines = register::entries(&procedure, form, records);
            export::register(&procedure, form, &lines, Period::Year(2024), None, &clock, &|_| ()).unwrap();
        }
    }
    let customers = reader.take(store.customers()).unwrap_or_default();
    let customers = Customers::of(&procedure, &lists, &beside, &customers);
    for user in customers.all() {
        let _ = (customers.proposals(user), customers.split(&user.name), user.latest());
    }
    let visits = customers::due_visits(&customers, today);
    let blanks = reader.take(store.blanks()).unwrap_or_default();
    let blanks: Vec<Blanks> = blanks
        .into_iter()
        .map(|it| Blanks { numbers: it.out, holder: it.note, used: it.used, since: it.at.date() })
        .collect();
    let papers = today::places(&procedure, &lists, &blanks, today);
    let asking = Asking {
        procedure: &procedure,
        lists: &lists,
        lines: &BTreeMap::new(),
        visits: &visits,
        papers: &papers,
        own: None,
        now: today.and_hms_opt(9, 0, 0).unwrap(),
    };
    let _ = today::owed(&asking).count();
    for list in lists.values_mut() {
        for order in Order::ALL {
            list.sort(order);
            list.filter("超期 甲", today.and_hms_opt(9, 0, 0).unwrap());
        }
    }
    use_archive(&procedure, &lists, &clock);
    for period in [Period::Year(2024), Period::Year(2026), Period::Days(chrono::NaiveDate::MIN, chrono::NaiveDate::MAX)]
    {
        let slips = reader.take(store.records_in(&"05".into(), &"date".into(), period, None)).unwrap_or_default();
        let rows = crate::common::ledger(&procedure, slips, period);
        let form = procedure.form(&"04".into()).unwrap();
        export::register(&procedure, form, &rows, period, None, &clock, &|_| ()).unwrap();
    }
    reader.take(store.days(&"05".into(), &"date".into()));
    if let Some(Some(head)) = reader.take(store.head()) {
        reader.take(store.head_at(head.line));
        assert_eq!(Head::read(&head.to_string()), Some(head));
    }
    if let Some(index) = reader.take(search::Index::fill(&procedure, |form, take| store.each(form, None, take))) {
        index.find(&Query::new("癸厂 2024"), 100);
    }
    if let Some(stamp) = reader.take(store.stamp()) {
        reader.take(store.changed_since(stamp, 10));
        reader.take(store.changed_since(Stamp::default(), 1000));
    }
    let _ = (store.changed_elsewhere(), store.also_open());
    write_into(&mut reader, store, &procedure, found.is_empty());
    reader.refused > 0
}

fn use_sheet(reader: &mut Reader, store: &Store, procedure: &Procedure, record: &Record, clock: &Clock) {
    reader.take(store.record(record.id));
    reader.take(store.history(record.id));
    reader.take(store.started_from(record.id));
    if let Some(origin) = record.origin() {
        reader.take(store.record(origin));
    }
    let _ = exchange::to_json(procedure, record, clock.now.date());
    let (_, _) = (record.follow_ups(), record.held());
    match export::slip(procedure, record, Which::Last, true, clock) {
        Ok(_) => {}
        Err(error) => sentence(&error.to_string()),
    }
    let Some(form) = procedure.edition(&record.form, &record.edition) else { return };
    let _ = (record.check(form), retention::unready(form, record), export::archive::pages(procedure, record));
    let _ = (taizhang::flow::waiting_since(form, record), today::CopyPlace::of_record(procedure, form, record));
    let _ = search::Sheet::of(form, record, &Query::new("厂"));
    for field in form.every_field() {
        let _ = (taizhang::flow::closed(form, record, field), taizhang::flow::is_correctable(form, record, field));
    }
}

fn use_archive(procedure: &Procedure, lists: &BTreeMap<FormId, List>, clock: &Clock) {
    let today = clock.now.date();
    let _ = (retention::unfiled(lists.values()), retention::expired_by_year(lists.values(), 3, today));
    for binder in retention::binders(lists.values()) {
        let pages = vec![1; binder.sheets.len()];
        let index = export::archive::index(procedure, &binder, &pages, today);
        let spine = export::archive::spine(procedure, &binder);
        for paper in [taizhang::layout::papers::Paper::Table(index), taizhang::layout::papers::Paper::Spine(spine)] {
            export::paper(procedure, &paper, clock).unwrap();
        }
    }
    let sheets: Vec<&Summary> = lists.values().flat_map(List::all).collect();
    let table = export::archive::destruction(procedure, &sheets, today);
    export::paper(procedure, &taizhang::layout::papers::Paper::Table(table), clock).unwrap();
}

/// Whoever goes on writing in such a book is told, or it is written; in a file that the check calls damaged it may be lost.
fn write_into(reader: &mut Reader, store: &Store, procedure: &Procedure, whole: bool) {
    let slip = procedure.form(&"05".into()).unwrap();
    let pattern = &procedure.document.number;
    let made =
        reader.take(store.create(slip, pattern, now().year(), now(), &[("customer".into(), "丁厂".into())].into()));
    if let Some(made) = made {
        if let Some(there) = reader.take(store.record(made.id)).filter(|_| whole) {
            assert_eq!(there.unwrap().value("customer"), "丁厂");
        }
        reader.take(store.set(made.id, &CellId::new("customer", 0), "戊厂", "丁厂", now()));
        reader.take(store.add_round(made.id, now()));
    }
    reader.take(store.reserve(slip, pattern, 2024, 2, ("甲", "乙"), now()));
    for id in 1..9 {
        let deeds = vec![Deed::Held { reason: "甲".into() }];
        reader.take(store.act(RecordId(id), &Act { by: "乙".into(), deeds, ..Act::default() }, now()));
        reader.take(store.set(RecordId(id), &CellId::new("customer", 0), "己厂", "", now()));
    }
}

/// Opens what lies there and uses it.
fn open(path: &Path) -> &'static str {
    match Store::open(path) {
        Err(error) => {
            let said = error.to_string();
            sentence(&said);
            assert!(said.contains("a.book"), "which book? {said}");
            "refused"
        }
        Ok(store) if use_book(&store) => "in part",
        Ok(_) => "taken",
    }
}

#[test]
fn a_book_with_rows_the_program_never_wrote_is_read_as_far_as_it_goes() {
    hammer("rows", 20, &["in part", "taken"], &vec(meddling(), 1..5), |input| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.book");
        meddle(&path, input);
        open(&path)
    });
}

#[test]
fn the_window_shows_such_a_book_as_far_as_it_goes() {
    hammer("window", 2, &["told"], &vec(meddling(), 1..4), |input| {
        let folder = tempfile::tempdir().unwrap();
        meddle(&folder.path().join("a.book"), input);
        crate::typed::show_everything(folder.path())
    });
}

#[derive(Clone, Debug)]
enum Input {
    Whole(Vec<Damage>),
    /// The file and its log.
    Powerless(Vec<Damage>, Vec<Damage>),
    /// The file, and something else's log or journal beside it.
    Beside(&'static str, Vec<u8>),
}

#[test]
fn a_damaged_book_is_refused_with_a_sentence_or_read_as_far_as_it_goes() {
    let rubbish = prop_oneof![vec(any::<u8>(), 0..5000), Just(BOOK.clone()), Just(POWERLESS.1.clone())];
    let inputs = prop_oneof![
        6 => vec(damage(), 1..5).prop_map(Input::Whole),
        3 => (vec(damage(), 0..2), vec(damage(), 0..4)).prop_map(|(a, b)| Input::Powerless(a, b)),
        1 => (select(vec!["-wal", "-shm", "-journal"]), rubbish).prop_map(|(ending, it)| Input::Beside(ending, it)),
    ];
    hammer("damage", 30, &["refused", "in part", "taken"], &inputs, |input| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.book");
        let beside = |ending: &str| folder.path().join(format!("a.book{ending}"));
        match input {
            Input::Whole(all) => put_file(&path, &damaged(&BOOK, all)),
            Input::Powerless(file, log) => {
                put_file(&path, &damaged(&POWERLESS.0, file));
                put_file(&beside("-wal"), &damaged(&POWERLESS.1, log));
            }
            Input::Beside(ending, rubbish) => {
                put_file(&path, &BOOK);
                put_file(&beside(ending), rubbish);
            }
        }
        open(&path)
    });
}

// What was found.

/// A book in which one thing stands that the program never wrote.
fn odd(sql: &str) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    put_file(&path, &LOOSE.0);
    lawless(&path).execute_batch(sql).unwrap();
    tighten(&path, &LOOSE.1);
    let store = Store::open_existing(&path).unwrap();
    (folder, store)
}

/// Room was made for each of them: the machine's memory was not enough, and the window was gone.
#[test]
fn a_sheet_of_a_thousand_million_rounds_is_not_believed() {
    for rounds in ["1000000000", "9223372036854775807", "-1", "0"] {
        let (_folder, store) = odd(&format!("UPDATE record SET rounds = {rounds} WHERE id = 6"));
        let said = store.record(RecordId(6)).unwrap_err().to_string();
        assert!(said.contains("有一张单的轮次不是 1 到 99"), "{said}");
        assert!(store.record(RecordId(7)).unwrap().is_some(), "the others are there");
    }
}

/// The number behind it is no number.
#[test]
fn behind_the_greatest_number_none_is_drawn() {
    let (_folder, store) = odd("UPDATE record SET sequence = 9223372036854775807, year = 2026 WHERE id = 6");
    let procedure = procedure();
    let slip = procedure.form(&"05".into()).unwrap();
    let pattern = &procedure.document.number;
    let said = store.create(slip, pattern, 2026, now(), &[("customer".into(), "甲".into())].into()).unwrap_err();
    assert!(said.to_string().contains("2026 年的编号已到 9999999，不能再取"), "{said}");
    let lines = store.numbers(&slip.form, 2026).unwrap();
    assert_eq!(lines.last().map(|it| it.sequence), Some(i64::MAX));
}

/// The program ended, with the word just typed.
#[test]
fn behind_the_last_line_of_history_there_can_be_none_is_written() {
    let (_folder, store) = odd("UPDATE history SET id = 9223372036854775807 WHERE id = (SELECT max(id) FROM history)");
    let said = store.set(RecordId(6), &CellId::new("customer", 0), "甲", "", now()).unwrap_err().to_string();
    assert!(said.contains("修改记录的行号到头了"), "{said}");
    assert!(!store.check().is_empty());
}

/// The window stood still until somebody wrote into the pipe.
#[test]
fn a_pipe_is_no_book() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let said = Store::open(&path).unwrap_err().to_string();
    assert!(said.contains("a.book：这不是文件，是管道"), "{said}");
}

/// Reading such a book, or writing one word into it, took for ever.
#[test]
fn a_book_in_which_a_stranger_s_work_would_run_is_not_opened() {
    let endless = "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)";
    for sql in [
        format!("CREATE TRIGGER t AFTER INSERT ON record BEGIN SELECT (({endless} SELECT count(*) FROM c)); END"),
        format!("DROP TABLE long_text; CREATE VIEW long_text AS {endless} SELECT x AS id, x AS text FROM c"),
        format!("CREATE VIEW 汇总 AS {endless} SELECT x FROM c"),
        "CREATE TABLE t (a CHECK (length(zeroblob(900000000)) > 0))".to_owned(),
        "CREATE INDEX i ON record (length(hex(zeroblob(id))))".to_owned(),
        "ALTER TABLE record ADD COLUMN g TEXT AS (hex(zeroblob(100000000)))".to_owned(),
        "DROP TABLE setting".to_owned(),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.book");
        put_file(&path, &BOOK);
        Connection::open(&path).unwrap().execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).unwrap();
        let said = Store::open(&path).map(drop).unwrap_err().to_string();
        sentence(&said);
        assert!(said.contains("里面有不是程序所建的") || said.contains("里面少了表"), "{said}");
        // Nor through any other door.
        let opener = Opener::new(&path, None);
        assert!(opener.open_to_read().is_err() && opener.change_key(Key::new("1").as_ref()).is_err());
        assert!(matches!(opener.look().condition, Condition::Damaged(_)));
        // What is in it is saved all the same.
        let (saved, _) = opener.salvage(&procedure(), now()).unwrap();
        assert_eq!(saved.records(&"05".into()).unwrap().len(), 4, "{sql}");
        assert!(saved.check_up(None, &|| true).found.is_empty());
    }
}

/// What is no fact stood in the sentence whole.
#[test]
fn what_is_no_fact_is_quoted_in_part() {
    let (_folder, store) = odd("UPDATE fact SET data = printf('%.*c', 1000000, 'x')");
    let said = store.records(&"05".into()).unwrap_err().to_string();
    sentence(&said);
    assert!(said.contains("……") && said.contains("不是办理记录"), "{said}");
}

/// SQLite reads a table of contents in time that grows with its square: a file of some megabytes stood still for a minute.
#[test]
fn a_file_of_very_many_tables_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.book");
    put_file(&path, &BOOK);
    let book = Connection::open(&path).unwrap();
    book.execute_batch("PRAGMA writable_schema = on; BEGIN").unwrap();
    book.execute_batch(
        "WITH c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 60000)
         INSERT INTO sqlite_schema SELECT 'table', 't' || x, 't' || x, 2, 'CREATE TABLE t' || x || ' (a)' FROM c; COMMIT",
    )
    .unwrap();
    drop(book);
    let opener = Opener::new(&path, None);
    for said in [
        Store::open(&path).map(drop).unwrap_err().to_string(),
        opener.open_to_read().map(drop).unwrap_err().to_string(),
        opener.salvage(&procedure(), now()).map(drop).unwrap_err().to_string(),
    ] {
        sentence(&said);
        assert!(said.contains("里面的表太多"), "{said}");
    }
}
