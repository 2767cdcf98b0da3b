//! What makes a book of very many slips quick changes nothing of what it holds.

use taizhang::record::{CellId, Record, RecordId};
use taizhang::store::{Act, Life, Run, Step, Store};

use super::{Office, day, now, slips};

/// A life as it is lived in the window: step by step.
fn live(office: &Office, store: &Store, life: &Life) -> RecordId {
    let (new, pattern) = (&life.new, &office.procedure.document.number);
    let id = store.create(office.slip(), pattern, new.year, new.entered, &new.rounds[0]).unwrap().id;
    let mut round = 0;
    for (at, step) in &life.steps {
        match step {
            Step::Set(field, value) => drop(store.set(id, &CellId::new(field.clone(), round), value, "", *at).unwrap()),
            Step::Fact(fact) => {
                let act = Act { by: fact.by.clone(), deeds: vec![fact.deed.clone()], ..Act::default() };
                store.act(id, &act, fact.at).unwrap();
            }
            Step::Correct(correction) => store.correct(id, correction, *at).unwrap(),
            Step::Round => round = store.add_round(id, *at).unwrap(),
            Step::Void(void) => store.void(id, void, *at).unwrap(),
        }
    }
    id
}

#[test]
fn a_trial_book_is_as_if_every_step_had_been_taken_in_the_window() {
    let office = Office::new();
    let lives = || crate::common::plausible::lives(office.slip(), "某某公司", 300, 5, day("2026-11-20"));
    let (at_once, lived) = (Store::in_memory().unwrap(), Store::in_memory().unwrap());
    assert_eq!(at_once.relive(&office.procedure.document, lives()).unwrap(), 300);
    let ids: Vec<RecordId> = lives().map(|it| live(&office, &lived, &it)).collect();
    assert_eq!(at_once.records(&slips()).unwrap(), lived.records(&slips()).unwrap());
    for id in ids {
        assert_eq!(at_once.history(id).unwrap(), lived.history(id).unwrap());
    }
    assert_eq!(at_once.check(), [""; 0]);
    let imported = Store::in_memory().unwrap();
    office.import(&imported, lives().map(Life::sheet));
    assert_eq!(imported.records(&slips()).unwrap(), at_once.records(&slips()).unwrap());
    let all = at_once.records(&slips()).unwrap();
    let some = |is: &dyn Fn(&Record) -> bool| all.iter().any(is);
    assert!(some(&|it| it.rounds.len() > 1) && some(&|it| !it.corrections.is_empty()) && some(&|it| it.void.is_some()));
    assert!(some(&|it| it.filed().is_some()) && some(&|it| it.copy(1).is_some()));
}

#[test]
fn the_two_halves_of_the_slips_are_all_slips_in_order() {
    let office = Office::new();
    let store = Store::open(&office.path("半.book")).unwrap();
    for count in 0..6 {
        let read = |run: &Run| {
            let mut numbers = Vec::new();
            store.each_of(run, None, &mut |record| numbers.push(record.number)).unwrap();
            numbers
        };
        let [first, second] = store.halves(&slips()).unwrap().map(|it| read(&it));
        assert_eq!([first.clone(), second.clone()].concat(), read(&Run::whole(&slips())));
        assert_eq!(first.len() + second.len(), count);
        assert!(first.len().abs_diff(second.len()) <= 2, "{first:?} {second:?}");
        office.begin(&store, "癸厂");
    }
}

#[test]
fn the_log_is_taken_in_beside_the_window_and_that_is_no_change_of_the_book() {
    let office = Office::new();
    let path = office.path("记.book");
    let store = Store::open(&path).unwrap();
    let id = office.begin(&store, "").id;
    store.take_log_in().unwrap();
    store.leave_log();
    let long = "漏".repeat(20_000);
    let mut was_long = 0;
    for at in 0..150 {
        store.set(id, &CellId::new("measures", 0), &format!("{long}{at}"), "", now()).unwrap();
        was_long += usize::from(store.log_is_long());
    }
    assert_eq!(was_long, 1);
    assert!(!store.changed_elsewhere());
    // The file by itself holds it only when the log was taken in.
    let alone = || {
        let copy = office.path("只有文件.book");
        std::fs::copy(&path, &copy).unwrap();
        let record = Store::open(&copy).unwrap().record(id).unwrap().unwrap();
        record.value("measures").ends_with("149")
    };
    assert!(!alone());
    store.opener().open().unwrap().take_log_in().unwrap();
    assert!(alone());
    assert!(!store.changed_elsewhere());
}
