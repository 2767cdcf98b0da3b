//! Exchange files: all of one is taken in, or nothing, and what was taken in comes back.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use taizhang::exchange;
use taizhang::procedure::Procedure;
use taizhang::record::{CellId, CopyStep, Correction, Deed, Record, Signed, Void};
use taizhang::store::{NewRecord, Store};

use crate::common::{fill, now, procedure};
use crate::mutate::{Change, Graft, change, changed, graft, grafted};
use crate::{hammer, sentence};

/// Everything that stands in a book, as text.
fn all(store: &Store, procedure: &Procedure) -> Vec<String> {
    let mut all = Vec::new();
    for form in procedure.in_use() {
        for record in store.records(&form.form).unwrap() {
            all.push(exchange::to_json(procedure, &record, now().date()).to_string());
        }
    }
    all
}

/// Exchange files as the program writes them, and as they come from elsewhere.
static SEEDS: LazyLock<[Value; 3]> = LazyLock::new(|| {
    let procedure = procedure();
    let cases: Value = serde_json::from_str(crate::common::CASES).unwrap();
    let few = |list: &Value| Value::Array(list.as_array().unwrap().iter().take(2).cloned().collect());
    let few = Value::Object(cases.as_object().unwrap().iter().map(|(key, list)| (key.clone(), few(list))).collect());
    let store = Store::in_memory().unwrap();
    fill(&store);
    let mut records: Vec<Record> = store.records(&"05".into()).unwrap().into_iter().take(2).collect();
    let slip = &mut records[0];
    slip.rounds.push([("measures".into(), "重新返修。".to_owned())].into());
    let (field, by, on, reason) = ("measures", "钱立群".into(), "2026-11-21".into(), "来函".into());
    slip.corrections =
        vec![Correction { cell: CellId::new(field, 1), old: "甲".into(), new: "乙".into(), by, on, reason }];
    slip.void = Some(Void { by: "赵敏华".into(), on: "2026-11-22".into(), reason: "重复登记".into() });
    let signed =
        Signed { field: "handler".into(), name: "徐国梁".into(), on: "2026-11-20".into(), ..Signed::default() };
    let copy =
        Deed::Copy { copy: 1, step: CopyStep::Handed, holder: "设备修造部".into(), on: "2026-11-20".into() };
    let from = Deed::From { record: 7, text: "一条意见".into() };
    let filed = Deed::Filed { case: "3".into(), binder: "12".into(), on: "2026-11-23".into() };
    slip.facts = [Deed::Signed(signed), copy, from, filed]
        .map(|deed| taizhang::record::Fact { at: now(), by: "沈䶮".into(), deed })
        .to_vec();
    let json = |it: &Record| exchange::to_json(&procedure, it, now().date());
    let list = Value::Array(records.iter().map(json).collect());
    [few, list, json!({ "form4.1": [{ "合同号": "HT-1", "用户": "癸厂", "别的": { "甲": [1, 2.5, null] } }] })]
});

#[derive(Clone, Debug)]
enum Input {
    Text(usize, Vec<Change>),
    Tree(usize, Vec<Graft>),
}

/// Takes a text in, and back out.
fn import(text: &str) -> &'static str {
    let procedure = procedure();
    let records = match exchange::read(text, &procedure, now()) {
        Ok(records) => records,
        Err(error) => {
            sentence(&format!("导入文件：{error}"));
            return "refused";
        }
    };
    let store = Store::in_memory().unwrap();
    let form = procedure.form(&"05".into()).unwrap();
    store.create(form, &procedure.document.number, 2024, now(), &[("customer".into(), "癸厂".into())].into()).unwrap();
    let before = all(&store, &procedure);
    match store.import(&procedure.document, records.clone(), now()) {
        Err(error) => {
            sentence(&error.to_string());
            assert_eq!(all(&store, &procedure), before, "half taken in");
            well(&store);
            "not written"
        }
        Ok(ids) => {
            assert_eq!(ids.len(), records.len());
            well(&store);
            let kept: Vec<Record> = ids.iter().map(|it| store.record(*it).unwrap().unwrap()).collect();
            let back = Value::Array(kept.iter().map(|it| exchange::to_json(&procedure, it, now().date())).collect());
            let again = exchange::read(&back.to_string(), &procedure, now()).unwrap();
            for ((taken, again), kept) in records.into_iter().zip(again).zip(&kept) {
                same(taken, again, kept);
            }
            "taken"
        }
    }
}

/// Numbers brought along may leave gaps, which the check tells.
fn well(store: &Store) {
    let found: Vec<String> =
        store.check().into_iter().filter(|it| !it.contains("年缺第") && !it.contains("此类问题")).collect();
    assert_eq!(found, [""; 0]);
}

fn same(taken: NewRecord, again: NewRecord, kept: &Record) {
    // A sheet that came without a number or a time of entry was given one.
    assert_eq!(again.number.as_ref().map(|it| it.1.as_str()), Some(kept.number.as_str()));
    let mut taken = NewRecord { number: again.number.clone(), year: again.year, ..taken };
    taken.rounds.iter_mut().for_each(|it| it.retain(|_, text| !text.is_empty()));
    assert_eq!(again, taken);
}

#[test]
fn an_exchange_file_is_taken_in_whole_and_comes_back_or_nothing_is() {
    let texts: Vec<String> = SEEDS.iter().map(Value::to_string).collect();
    let inputs = prop_oneof![
        1 => (0..3_usize, vec(change(), 1..5)).prop_map(|(of, it)| Input::Text(of, it)),
        3 => (0..3_usize, vec(graft(), 1..6)).prop_map(|(of, it)| Input::Tree(of, it)),
    ];
    hammer("exchange", 120, &["refused", "taken"], &inputs, |input| match input {
        Input::Text(of, changes) => {
            let bytes = changed(texts[*of].as_bytes(), texts[(of + 1) % 3].as_bytes(), changes);
            import(&String::from_utf8_lossy(&bytes))
        }
        Input::Tree(of, grafts) => import(&grafted(SEEDS[*of].clone(), grafts).to_string()),
    });
}

// What was found.

/// Behind 第九十九轮 the words for rounds began anew, and one round stood for another.
#[test]
fn a_sheet_has_as_many_rounds_as_there_are_words_for() {
    let procedure = procedure();
    let store = Store::in_memory().unwrap();
    let form = procedure.form(&"05".into()).unwrap();
    let values = [("customer".into(), "癸厂".into())].into();
    let made = store.create(form, &procedure.document.number, 2024, now(), &values).unwrap();
    for _ in 1..99 {
        store.add_round(made.id, now()).unwrap();
    }
    let said = store.add_round(made.id, now()).unwrap_err().to_string();
    assert!(said.contains("一张单最多 99 轮"), "{said}");
    let kept = store.record(made.id).unwrap().unwrap();
    let json = Value::Array(vec![exchange::to_json(&procedure, &kept, now().date())]);
    let mut records = exchange::read(&json.to_string(), &procedure, now()).unwrap();
    assert_eq!(records[0].rounds, kept.rounds);
    records[0].rounds.push(kept.rounds[0].clone());
    records[0].number = None;
    let said = store.import(&procedure.document, records, now()).unwrap_err().to_string();
    assert!(said.contains("有 100 轮，一张单最多 99 轮"), "{said}");
}
