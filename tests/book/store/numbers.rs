//! The number book (PROCEDURE 5): numbers run on without a gap inside a year and form; each is used, void, or reserved for
//! a blank sheet handed out; every gap is explained.

use std::collections::BTreeSet;

use proptest::prelude::*;
use taizhang::procedure::FormId;
use taizhang::record::{NumberLine, NumberState, Values, Void};
use taizhang::store::{NewRecord, Store};

use super::{Office, now, sentence, slips};

impl Office {
    fn reserve(&self, store: &Store, count: usize) -> Vec<String> {
        let pattern = &self.procedure.document.number;
        store.reserve(self.slip(), pattern, 2026, count, ("钱立群", "走访时填写"), now()).unwrap()
    }

    fn take(&self, store: &Store, line: &NumberLine) -> taizhang::store::Result<taizhang::record::Record> {
        store.take_reserved(self.slip(), &self.procedure.document.number, line, now())
    }

    /// A slip that brings its number along.
    fn numbered(&self, sequence: i64) -> NewRecord {
        NewRecord {
            form: slips(),
            edition: self.slip().edition.clone(),
            year: 2026,
            number: Some((sequence, self.procedure.document.number.format(2026, sequence))),
            entered: now(),
            rounds: Vec::new(),
            corrections: Vec::new(),
            void: None,
            facts: Vec::new(),
        }
    }

    fn try_import(&self, store: &Store, sequence: i64) -> taizhang::store::Result<Vec<taizhang::record::RecordId>> {
        store.import(&self.procedure.document, [self.numbered(sequence)], now())
    }
}

fn lines(store: &Store) -> Vec<NumberLine> {
    store.numbers(&slips(), 2026).unwrap()
}

fn line(store: &Store, sequence: i64) -> NumberLine {
    lines(store).into_iter().find(|it| (it.sequence..=it.until).contains(&sequence)).unwrap()
}

fn told(store: &Store) -> Vec<(i64, i64, &'static str, String)> {
    lines(store).into_iter().map(|it| (it.sequence, it.until, it.state.name(), it.note)).collect()
}

fn explain(store: &Store, line: &NumberLine, note: &str) -> taizhang::store::Result<()> {
    store.explain_number(&slips(), line, "钱立群", note, now())
}

#[test]
fn the_book_lists_used_void_reserved_and_missing_numbers() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    let one = office.begin(&store, "甲");
    assert_eq!(office.reserve(&store, 2), ["2026-002", "2026-003"]);
    let four = office.begin(&store, "乙");
    assert_eq!(four.number, "2026-004", "drawing skips what is reserved");
    store
        .void(four.id, &Void { by: "陆喆".into(), on: "2026-11-21".into(), reason: "重复登记".into() }, now())
        .unwrap();
    office.try_import(&store, 8).unwrap();
    let found = told(&store);
    let expected = [
        (1, 1, "已用", ""),
        (2, 2, "预留", "走访时填写"),
        (3, 3, "预留", "走访时填写"),
        (4, 4, "作废", "重复登记"),
        (5, 7, "空号", ""),
        (8, 8, "已用", ""),
    ];
    assert_eq!(found, expected.map(|(from, to, state, note)| (from, to, state, note.to_owned())));
    let all = lines(&store);
    assert_eq!((all[0].record, all[1].by.as_str(), all[1].number.as_str()), (Some(one.id), "钱立群", "2026-002"));
    assert_eq!((all[3].by.as_str(), all[3].day.unwrap().to_string()), ("陆喆", "2026-11-21".to_owned()));
    assert!(all[4].wants_explaining() && all[4].day.is_none());
    assert_eq!(store.check(), ["表 05 的 2026 年缺第 5 至 7 号"]);

    explain(&store, &all[4], " 旧本已用到 7 号 ").unwrap();
    assert_eq!(told(&store)[4], (5, 7, "空号", "旧本已用到 7 号".to_owned()));
    assert_eq!(store.check(), [""; 0]);
    assert_eq!(office.begin(&store, "丙").number, "2026-009");
    assert_eq!(store.number_years(&slips()).unwrap(), [2026]);
    assert_eq!(store.numbers(&FormId::from("01"), 2026).unwrap(), []);
}

/// A sheet comes back and is typed under the number it was handed out with; nobody can do so twice.
#[test]
fn a_reserved_number_is_taken_by_its_sheet_once() {
    let office = Office::new();
    let path = office.path("a.book");
    let (one, other) = (Store::open(&path).unwrap(), Store::open(&path).unwrap());
    office.reserve(&one, 2);
    let reserved = line(&one, 1);
    let sheet = office.take(&one, &reserved).unwrap();
    assert_eq!((sheet.number.as_str(), sheet.rounds[0].len()), ("2026-001", 0));
    assert_eq!(line(&other, 1).state, NumberState::Used);
    // The other window's page is older than the book.
    assert!(sentence(office.take(&other, &reserved)).ends_with("编号 2026-001 的单据已经登记"));
    assert!(sentence(explain(&other, &reserved, "遗失")).ends_with("编号 2026-001 的单据已经登记"));
    assert!(sentence(explain(&other, &line(&other, 1), "遗失")).contains("作废请在单据上办理"));
    assert!(sentence(office.try_import(&other, 1)).contains("编号 2026-001 已经用过"));
    // A sheet from elsewhere that bears the reserved number is that sheet.
    office.try_import(&other, 2).unwrap();
    assert_eq!(line(&one, 2).state, NumberState::Used);
    assert_eq!(one.check(), [""; 0]);
}

#[test]
fn a_reserved_number_that_is_void_is_never_used() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    office.reserve(&store, 2);
    let reserved = line(&store, 2);
    assert!(sentence(explain(&store, &reserved, " ")).ends_with("请写明理由"));
    explain(&store, &reserved, "空白单遗失").unwrap();
    let void = line(&store, 2);
    assert_eq!((void.state, void.note.as_str(), void.number.as_str()), (NumberState::Void, "空白单遗失", "2026-002"));
    assert!(sentence(office.take(&store, &reserved)).ends_with("编号 2026-002 已经作废"));
    assert!(sentence(explain(&store, &reserved, "又一次")).ends_with("编号 2026-002 已经作废"));
    assert!(sentence(explain(&store, &void, "又一次")).ends_with("编号 2026-002 已经作废"));
    assert!(sentence(office.try_import(&store, 2)).contains("已在编号簿里作废"));
    assert_eq!(office.begin(&store, "甲").number, "2026-003");
    assert_eq!(store.check(), [""; 0]);
}

/// Only what is missing is explained: a line that is older than the book, or made up, changes nothing.
#[test]
fn only_a_missing_number_is_explained_as_missing() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    office.try_import(&store, 4).unwrap();
    let gap = line(&store, 1);
    assert_eq!((gap.sequence, gap.until), (1, 3));
    office.try_import(&store, 2).unwrap();
    assert!(sentence(explain(&store, &gap, "旧本")).ends_with("2026 年第 2 号不是空号"));
    assert_eq!(told(&store).iter().filter(|it| it.2 == "空号").count(), 2, "nothing of it was written");
    let beyond = NumberLine { sequence: 9, until: 9, ..gap.clone() };
    assert!(sentence(explain(&store, &beyond, "旧本")).ends_with("2026 年第 9 号不是空号"));
    assert_eq!(office.begin(&store, "甲").number, "2026-005");
    // What was said may be said anew, and a sheet that turns up later closes the gap.
    explain(&store, &line(&store, 1), "旧本").unwrap();
    explain(&store, &line(&store, 1), "旧本 2026 上半年").unwrap();
    assert_eq!(line(&store, 1).note, "旧本 2026 上半年");
    office.try_import(&store, 1).unwrap();
    assert_eq!(line(&store, 1).state, NumberState::Used);
    assert_eq!(store.check(), ["表 05 的 2026 年缺第 3 号"]);
}

#[test]
fn a_misread_number_does_not_swallow_the_book() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    for far in [i64::MAX, 9_999_999, 10_002] {
        assert!(sentence(office.try_import(&store, far)).contains("大得太多（序号最多到 10001）"), "{far}");
    }
    assert_eq!(store.count(&slips()).unwrap(), 0);
    office.try_import(&store, 10_001).unwrap();
    office.try_import(&store, 20_002).unwrap();
    let all = lines(&store);
    assert_eq!((all.len(), all[0].sequence, all[0].until), (4, 1, 10_000));
    let all = [NumberLine { until: 10_001, ..all[0].clone() }];
    assert!(sentence(explain(&store, &all[0], "旧本")).contains("一次最多说明 10000 个空号"));
}

/// A pattern without the year would print one number twice; the second is refused, whoever has the first.
#[test]
fn a_printed_number_is_never_handed_out_twice() {
    let office = Office::new();
    let store = Store::in_memory().unwrap();
    let plain = taizhang::procedure::NumberPattern { pattern: "{sequence}".to_owned(), digits: 3 };
    let reserve = |year| store.reserve(office.slip(), &plain, year, 2, ("", ""), now());
    assert_eq!(reserve(2025).unwrap(), ["001", "002"]);
    assert!(sentence(reserve(2026)).contains("编号 001 已经用过或预留"));
    let made = store.create(office.slip(), &plain, 2026, now(), &Values::new());
    assert!(sentence(made).contains("编号 001 已经用过或预留"));
    assert_eq!(lines(&store), []);
}

/// Two windows never draw the same, however they draw.
#[test]
fn windows_that_draw_and_reserve_at_once_never_collide_and_leave_no_gap() {
    let office = Office::new();
    let path = office.path("共用.book");
    drop(Store::open(&path).unwrap());
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let (office, path) = (&office, &path);
            scope.spawn(move || {
                let store = Store::open(path).unwrap();
                for turn in 0..12 {
                    match (turn + worker) % 3 {
                        0 => drop(office.begin(&store, "甲")),
                        1 => assert_eq!(office.reserve(&store, 3).len(), 3),
                        _ => {
                            // Whatever is reserved just now; another window may be quicker.
                            let mine = lines(&store).into_iter().find(|it| it.state == NumberState::Reserved);
                            if let Some(line) = mine {
                                let _ = if turn % 2 == 0 {
                                    office.take(&store, &line).map(|_| ())
                                } else {
                                    explain(&store, &line, "遗失")
                                };
                            }
                        }
                    }
                }
            });
        }
    });
    let store = Store::open_existing(&path).unwrap();
    let all = lines(&store);
    assert!(all.iter().all(|it| it.state != NumberState::Gap && it.sequence == it.until));
    let sequences: Vec<i64> = all.iter().map(|it| it.sequence).collect();
    assert_eq!(sequences, (1..=16 + 48).collect::<Vec<_>>(), "sixteen drawn, sixteen times three reserved");
    let printed: BTreeSet<&str> = all.iter().map(|it| it.number.as_str()).collect();
    assert_eq!(printed.len(), all.len());
    assert_eq!(store.check(), [""; 0]);
}

/// One thing done with numbers.
#[derive(Clone, Debug)]
enum Step {
    Create,
    Reserve(usize),
    Take(usize),
    Void(usize),
    Import(i64),
    Explain(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Create),
        (1..4_usize).prop_map(Step::Reserve),
        (0..8_usize).prop_map(Step::Take),
        (0..8_usize).prop_map(Step::Void),
        (1..30_i64).prop_map(Step::Import),
        (0..8_usize).prop_map(Step::Explain),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is done in whatever order: the book's lines run on from 1, no number stands twice, gaps come from imports
    /// only, and the look over the book complains of exactly what the book wants explained.
    #[test]
    fn numbers_stay_unbroken_and_unique(steps in proptest::collection::vec(step(), 1..24)) {
        let office = Office::new();
        let store = Store::in_memory().unwrap();
        let mut imported = 0;
        for step in steps {
            let before = lines(&store);
            let last = before.last().map_or(0, |it| it.until);
            let nth = |state: NumberState, place: usize| {
                before.iter().filter(|it| it.state == state).nth(place).cloned()
            };
            match step {
                Step::Create => {
                    let number = office.begin(&store, "甲").number;
                    prop_assert_eq!(number, office.procedure.document.number.format(2026, last + 1));
                }
                Step::Reserve(count) => {
                    let numbers = office.reserve(&store, count);
                    let wanted: Vec<String> = (1..=i64::try_from(count).unwrap())
                        .map(|it| office.procedure.document.number.format(2026, last + it)).collect();
                    prop_assert_eq!(numbers, wanted);
                }
                Step::Take(place) => {
                    if let Some(line) = nth(NumberState::Reserved, place) {
                        prop_assert_eq!(office.take(&store, &line).unwrap().number, line.number.clone());
                        prop_assert!(office.take(&store, &line).is_err());
                    }
                }
                Step::Void(place) => {
                    if let Some(line) = nth(NumberState::Reserved, place) {
                        explain(&store, &line, "遗失").unwrap();
                        prop_assert!(office.take(&store, &line).is_err());
                    }
                }
                Step::Import(sequence) => {
                    let there = before.iter().find(|it| (it.sequence..=it.until).contains(&sequence));
                    let free = there.is_none_or(|it| matches!(it.state, NumberState::Gap | NumberState::Reserved));
                    prop_assert_eq!(office.try_import(&store, sequence).is_ok(), free);
                    imported = if free { imported.max(sequence) } else { imported };
                }
                Step::Explain(place) => {
                    if let Some(line) = nth(NumberState::Gap, place) {
                        explain(&store, &line, "旧本").unwrap();
                    }
                }
            }
            let after = lines(&store);
            let mut next = 1;
            for line in &after {
                prop_assert_eq!(line.sequence, next);
                prop_assert!(line.until >= line.sequence);
                prop_assert_eq!(line.record.is_some(), line.state == NumberState::Used);
                prop_assert!(line.state != NumberState::Gap || line.until < imported, "a gap not from an import");
                next = line.until + 1;
            }
            let printed: Vec<&str> = after.iter().map(|it| it.number.as_str()).filter(|it| !it.is_empty()).collect();
            prop_assert_eq!(printed.iter().collect::<BTreeSet<_>>().len(), printed.len());
            let wanting = after.iter().filter(|it| it.wants_explaining()).count();
            prop_assert_eq!(store.check().len(), wanting);
        }
    }
}
