//! 4.7, PROCEDURE 6: destruction leaves number, ledger line, who and when; all else is gone, from the file too.

use taizhang::procedure::{Change, Document, OFFICE};
use taizhang::record::{CellId, CopyStep, Correction, Deed, Record, RecordId, Signed};
use taizhang::register::{Entry, Period};
use taizhang::retention::kept_fields;
use taizhang::store::{Act, HistoryRow, Store, What};

use super::{Office, now, sentence, slips};

/// What was written on the sheet and has to go, each text nowhere else.
const GOES: [&str; 15] = [
    "苏慕尧",
    "0519-7777 8841",
    "第一稿写的原因",
    "第二稿写的原因",
    "密封面研伤的来龙去脉",
    "后来删去的一句",
    "改错前的验证",
    "改对后的验证",
    "划改人欧阳",
    "笔误的缘故",
    "登记人皇甫",
    "电话没有问到",
    "人手不够只好同一人审",
    "交给司徒",
    "座谈会上的原话",
];
/// What stays: the ledger's line, where it lay, who and when.
const STAYS: [&str; 8] = ["澄澜氟材料", "贮槽 V-203", "环缝密集气孔", "返修合格", "三百零九盒", "何铮", "沈葵", "周岚"];

pub(super) fn destroyed() -> Deed {
    let [approved, executed, watched] = ["何铮", "沈葵", "周岚"].map(str::to_owned);
    Deed::Destroyed { approved, executed, watched, on: "2026-11-20".to_owned() }
}

/// A slip with everything a slip can have, over two rounds.
fn full(office: &Office, store: &Store) -> RecordId {
    let id = office.begin(store, "江苏澄澜氟材料有限公司").id;
    let set = |round: usize, field: &str, text: &str| {
        store.set(id, &CellId::new(field, round), text, "", now()).unwrap();
    };
    set(0, "contact", GOES[0]);
    set(0, "phone", GOES[1]);
    set(0, "date", "2022-03-01");
    set(0, "product", "液氯贮槽 V-203");
    set(0, "complaint", "环缝密集气孔一处");
    set(0, "measures", &GOES[2].repeat(60));
    set(0, "measures", &GOES[3].repeat(900));
    set(0, "measures", GOES[4]);
    set(0, "note", GOES[5]);
    set(0, "note", "");
    set(0, "result", "返修合格");
    set(0, "extra:客户密级", GOES[14]);
    store.add_round(id, now()).unwrap();
    set(1, "verification", GOES[6]);
    set(1, "verifier_date", "2022-04-01");
    set(1, "confirmer_date", "2022-04-02");
    let correction = Correction {
        cell: CellId::new("verification", 1),
        old: GOES[6].to_owned(),
        new: GOES[7].to_owned(),
        by: GOES[8].to_owned(),
        on: "2022-04-03".to_owned(),
        reason: GOES[9].to_owned(),
    };
    store.correct(id, &correction, now()).unwrap();
    let signed = Signed {
        field: "registrar".into(),
        name: GOES[10].to_owned(),
        on: "2022-03-01".to_owned(),
        excused: vec![("phone".into(), GOES[11].to_owned())],
        overruled: GOES[12].to_owned(),
        ..Signed::default()
    };
    let deeds = vec![
        Deed::Signed(signed),
        Deed::Copy { copy: 1, step: CopyStep::Handed, holder: GOES[13].to_owned(), on: "2022-03-02".to_owned() },
        Deed::From { record: 7, text: GOES[14].to_owned() },
        Deed::FollowUp { text: GOES[14].to_owned(), owner: GOES[0].to_owned(), due: String::new() },
        Deed::Filed { case: "三百零九盒".to_owned(), binder: "1".to_owned(), on: "2022-05-01".to_owned() },
    ];
    let cells = vec![(CellId::new("registrar", 0), GOES[10].to_owned())];
    store.act(id, &Act { by: "沈葵".to_owned(), cells, deeds, ..Act::default() }, now()).unwrap();
    id
}

/// The three who destroy are people of the book.
pub(super) fn three(office: &Office, store: &Store) -> taizhang::store::Result<()> {
    if store.setting(OFFICE)?.is_none() {
        let add = |document: Document, name: &str| {
            document.changed(&Change::AddPerson(name.to_owned(), String::new())).unwrap()
        };
        let document = ["何铮", "沈葵", "周岚"].into_iter().fold(office.procedure.document.clone(), add);
        store.set_office(&document.to_keep(None).unwrap(), "", now())?;
    }
    Ok(())
}

fn destroy(office: &Office, store: &Store, id: RecordId) -> taizhang::store::Result<()> {
    three(office, store)?;
    store.destroy(id, &destroyed(), &kept_fields(office.slip()), "沈葵", now())
}

fn found(office: &Office, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(office.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        if bytes.windows(text.len()).any(|it| it == text.as_bytes()) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

fn read(store: &Store, id: RecordId) -> Record {
    store.record(id).unwrap().unwrap()
}

fn row(office: &Office, store: &Store) -> Vec<Entry> {
    crate::common::ledger(&office.procedure, store.records(&slips()).unwrap(), Period::Year(2022))
}

/// Nothing of the contents is in any byte of the file or its log, while the window is open and after.
#[test]
fn destroyed_contents_are_gone_from_the_file() {
    let office = Office::new();
    let path = office.path("a.book");
    let store = Store::open(&path).unwrap();
    office.import(&store, crate::common::plausible::slips(office.slip(), 200, 1, now().date()));
    let id = full(&office, &store);
    // Years later: what was written and overwritten is settled in the file, between other sheets.
    drop(store);
    let store = Store::open(&path).unwrap();
    office.import(&store, crate::common::plausible::slips(office.slip(), 200, 2, now().date()));
    for text in GOES {
        assert!(!found(&office, text).is_empty(), "{text} was never there");
    }
    destroy(&office, &store, id).unwrap();
    store.scrub().unwrap();
    for text in GOES {
        assert_eq!(found(&office, text), [""; 0], "{text}");
    }
    drop(store);
    for text in GOES {
        assert_eq!(found(&office, text), [""; 0], "{text}");
    }
    for text in STAYS {
        assert_eq!(found(&office, text), ["a.book"], "{text}");
    }
    assert_eq!(Store::open_existing(&path).unwrap().check(), [""; 0]);
}

/// What is taken out of the book is overwritten where it stood, not only forgotten: also where the window was killed before
/// it wrote the file anew.
#[test]
fn destroyed_contents_are_overwritten_before_the_file_is_written_anew() {
    let office = Office::new();
    let path = office.path("a.book");
    let store = Store::open(&path).unwrap();
    let id = full(&office, &store);
    drop(store);
    let store = Store::open(&path).unwrap();
    for text in GOES {
        assert_eq!(found(&office, text), ["a.book"], "{text}");
    }
    destroy(&office, &store, id).unwrap();
    drop(store);
    let book = rusqlite::Connection::open(&path).unwrap();
    let owed = "SELECT value FROM setting WHERE key = 'scrub'";
    assert_eq!(book.query_row(owed, [], |it| it.get::<_, String>(0)).unwrap(), "owed", "it was not written anew");
    drop(book);
    for text in GOES {
        assert_eq!(found(&office, text), [""; 0], "{text}");
    }
}

/// What a setting said before, a password's hash in it, is gone from the file when another is written.
#[test]
fn an_overwritten_setting_is_gone_from_the_file() {
    let office = Office::new();
    let store = Store::open(&office.path("a.book")).unwrap();
    for (before, after) in
        [("$argon2id$甲乙丙".repeat(9), "$argon2id$丁".to_owned()), ("甲".repeat(9000), "乙".repeat(40))]
    {
        store.set_setting("zoom", &before).unwrap();
        store.set_setting("zoom", &after).unwrap();
    }
    drop(store);
    for text in ["甲乙丙", "甲甲甲"] {
        assert_eq!(found(&office, text), [""; 0], "{text}");
    }
}

/// Number, ledger line, who and when stay, and every line of the history with its hour.
#[test]
fn destruction_leaves_number_ledger_line_who_and_when() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    let id = full(&office, &store);
    let other = office.begin(&store, "乙厂").id;
    let (before, ledger, lines) = (read(&store, id), row(&office, &store), store.history(id).unwrap());
    assert_eq!(ledger.len(), 1);
    destroy(&office, &store, id).unwrap();
    store.scrub().unwrap();

    let left = read(&store, id);
    assert_eq!((&left.number, left.entered, &left.edition), (&before.number, before.entered, &before.edition));
    assert_eq!(row(&office, &store), ledger);
    assert_eq!(left.filed(), before.filed());
    let who = left.destruction().unwrap();
    assert_eq!((who.approved, who.executed, who.watched, who.on), ("何铮", "沈葵", "周岚", "2026-11-20"));
    assert_eq!(left.facts.len(), 2);
    assert_eq!(left.corrections, []);
    let kept = kept_fields(office.slip());
    assert!(left.rounds.iter().flat_map(|it| it.keys()).all(|it| kept.contains(it)));
    let after = store.history(id).unwrap();
    assert_eq!(after.len(), lines.len() + 1);
    let shape = |it: &HistoryRow| (it.at, it.what, it.field.clone(), it.round);
    assert!(after.iter().zip(&lines).all(|(a, b)| shape(a) == shape(b)));
    let told = |it: &&HistoryRow| !it.old.is_empty() || !it.new.is_empty();
    let told: Vec<What> = after.iter().filter(told).map(|it| it.what).collect();
    assert_eq!(told, [What::Created, What::Round, What::Fact, What::Fact], "number, round, filing, destruction");
    assert_eq!(store.check(), [""; 0]);
    assert_eq!(read(&store, other).value("customer"), "乙厂");
}

/// A void sheet's reason explains its number in the number book, and stays.
#[test]
fn a_void_sheet_keeps_why_it_was_void() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    let id = office.begin(&store, "甲").id;
    let void = taizhang::record::Void {
        by: "沈葵".to_owned(),
        on: "2022-01-05".to_owned(),
        reason: "与上一份重复".to_owned(),
    };
    store.void(id, &void, now()).unwrap();
    destroy(&office, &store, id).unwrap();
    assert_eq!(read(&store, id).void, Some(void));
    assert_eq!(store.check(), [""; 0]);
}

#[test]
fn a_held_sheet_is_not_destroyed() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    let id = full(&office, &store);
    let put = |deed| store.act(id, &Act { deeds: vec![deed], ..Act::default() }, now()).unwrap();
    put(Deed::Held { reason: "质保诉讼".to_owned() });
    let before = read(&store, id);
    assert!(sentence(destroy(&office, &store, id)).contains("已冻结（质保诉讼）"));
    assert_eq!(read(&store, id), before);
    put(Deed::Released { reason: "已结案".to_owned() });
    destroy(&office, &store, id).unwrap();
    assert_eq!(read(&store, id).facts.len(), 4, "why it was held and released stays");
}

/// Another window that has the sheet open still cannot bring contents back.
#[test]
fn nothing_is_written_on_a_destroyed_sheet() {
    let office = Office::new();
    let path = office.path("a.book");
    let (store, other) = (Store::open(&path).unwrap(), Store::open(&path).unwrap());
    let id = full(&office, &store);
    destroy(&office, &store, id).unwrap();
    let left = read(&other, id);
    let correction = Correction {
        cell: CellId::new("phone", 0),
        old: String::new(),
        new: "1".to_owned(),
        by: "甲".to_owned(),
        on: String::new(),
        reason: "乙".to_owned(),
    };
    let void = taizhang::record::Void { by: String::new(), on: String::new(), reason: String::new() };
    let act = Act { deeds: vec![Deed::Held { reason: "晚了".to_owned() }], ..Act::default() };
    for refused in [
        other.set(id, &CellId::new("phone", 0), "1", "", now()).map(drop),
        other.correct(id, &correction, now()),
        other.void(id, &void, now()),
        other.add_round(id, now()).map(drop),
        other.act(id, &act, now()),
        destroy(&office, &other, id),
    ] {
        assert!(sentence(refused).contains("已按销毁清单销毁"));
    }
    assert_eq!(read(&other, id), left);
    assert_eq!(other.check(), [""; 0]);
}

/// The program ended between destroying and cleaning the file: the next one to open the book makes up for it.
#[test]
fn a_destruction_cut_short_is_finished_when_the_book_is_opened() {
    let office = Office::new();
    let path = office.path("a.book");
    let store = Store::open(&path).unwrap();
    let id = full(&office, &store);
    destroy(&office, &store, id).unwrap();
    assert_eq!(store.setting("scrub").unwrap().as_deref(), Some("owed"));
    drop(store);
    let store = Store::open_existing(&path).unwrap();
    assert_eq!(store.setting("scrub").unwrap(), None);
    for text in GOES {
        assert_eq!(found(&office, text), [""; 0], "{text}");
    }
    assert_eq!(store.check(), [""; 0]);
}

/// Filing many sheets is one act: all of them, or none.
#[test]
fn many_sheets_are_filed_together_or_not_at_all() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    let (one, two) = (office.begin(&store, "甲").id, office.begin(&store, "乙").id);
    let deed = Deed::Filed { case: "3".to_owned(), binder: "1".to_owned(), on: "2026-11-20".to_owned() };
    let act = Act { deeds: vec![deed], ..Act::default() };
    store.act_on_all(&[one, RecordId(99), two], &act, now()).unwrap_err();
    assert_eq!(read(&store, one).filed(), None);
    store.act_on_all(&[one, two], &act, now()).unwrap();
    assert_eq!(read(&store, two).filed(), Some(("3", "1", "2026-11-20")));
    assert_eq!(store.check(), [""; 0]);
}

/// What a sheet was begun with goes as well, and no line of its history quoted it: nobody meddled with that sheet.
#[test]
fn a_sheet_that_was_destroyed_as_it_was_begun_is_whole() {
    let office = Office::new();
    let store = Store::open(&office.path("a.book")).unwrap();
    let id = office.begin(&store, "甲厂").id;
    three(&office, &store).unwrap();
    store.destroy(id, &destroyed(), &[], "沈䶮", now()).unwrap();
    assert_eq!(store.check(), [""; 0]);
    let released = Deed::Released { reason: "已结".to_owned() };
    store.act(id, &Act { by: "沈䶮".to_owned(), deeds: vec![released], ..Act::default() }, now()).unwrap_err();
}

/// A round that began in the middle keeps what stands above it, also when the contents are destroyed; why it was begun goes.
#[test]
fn where_a_round_began_outlives_the_contents() {
    let office = Office::new();
    let path = office.path("a.book");
    let store = Store::open(&path).unwrap();
    let id = office.begin(&store, "江苏澄澜氟材料有限公司").id;
    let reason = "缘故一百零八".to_owned();
    let deeds = vec![Deed::Began { round: 1, at: "confirmer".into() }, Deed::Reopened { round: 1, reason }];
    store.set(id, &CellId::new("verifier_date", 0), "2022-04-01", "", now()).unwrap();
    store.act(id, &Act { by: "沈葵".to_owned(), deeds, round: true, ..Act::default() }, now()).unwrap();
    let verified = |store: &Store| read(store, id).latest(office.slip(), "verifier_date").to_owned();
    assert_eq!(verified(&store), "2022-04-01");
    destroy(&office, &store, id).unwrap();
    store.scrub().unwrap();
    assert_eq!(verified(&store), "2022-04-01");
    assert_eq!(found(&office, "缘故一百零八"), [""; 0]);
    assert_eq!(store.check(), [""; 0]);
}
