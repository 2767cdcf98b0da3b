//! No order of actions breaks the numbers, loses a typed character, or changes a signed section (PROCEDURE 5).

use std::collections::BTreeMap;

use crate::common::{SIGNERS, now, window};
use proptest::prelude::*;
use taizhang::command::Command;
use taizhang::flow::{Signature, is_shut, is_signed};
use taizhang::procedure::{FieldId, Form, FormId};
use taizhang::record::{CellId, Correction, NumberState, Record, RecordId, keep_date};
use taizhang::store::Store;

/// What a clerk may do, in any order; places are taken round the number of what there is.
#[derive(Clone, Debug)]
enum Step {
    New(String),
    Write { sheet: usize, field: usize, round: usize, text: String },
    Sign { sheet: usize, stage: usize, name: usize, passed: bool, excused: bool },
    Correct { sheet: usize, field: usize, text: String },
    Void(usize),
    Rewrite(usize),
    Undo,
}

fn step() -> impl Strategy<Value = Step> {
    let text = "[甲乙丙丁焊缝气孔0-9 ,/]{0,12}";
    prop_oneof![
        1 => text.prop_map(Step::New),
        6 => (0..4usize, 0..40usize, 0..3usize, text)
            .prop_map(|(sheet, field, round, text)| Step::Write { sheet, field, round, text }),
        6 => (0..4usize, 0..6usize, 0..6usize, any::<bool>(), any::<bool>())
            .prop_map(|(sheet, stage, name, passed, excused)| Step::Sign { sheet, stage, name, passed, excused }),
        2 => (0..4usize, 0..40usize, text).prop_map(|(sheet, field, text)| Step::Correct { sheet, field, text }),
        1 => (0..4usize).prop_map(Step::Void),
        1 => (0..4usize).prop_map(Step::Rewrite),
        1 => Just(Step::Undo),
    ]
}

/// What stands in the signed sections of a sheet, by round and field.
fn signed(form: &Form, record: &Record) -> BTreeMap<(usize, FieldId), String> {
    let mut found = BTreeMap::new();
    for (index, section) in form.sections.iter().enumerate() {
        let closed = form.stages_in(index).any(|it| is_signed(form, record, &form.stages[it]));
        let fields = section.rows.iter().flat_map(|it| &it.cells).flat_map(|it| &it.fields);
        for field in fields {
            let home = record.home(form, field.as_str(), record.last_round());
            let signature = form.stage_of(field.as_str()).is_some();
            for round in 0..record.rounds.len() {
                let value = record.written(round, field.as_str());
                // An unsigned signature cell of a closed section may still be signed.
                if (closed || round < home) && !(signature && value.is_empty()) {
                    found.insert((round, field.clone()), value.to_owned());
                }
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_whatever_the_order(steps in prop::collection::vec(step(), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        let (mut window, _) = window(folder.path(), "a.book");
        let ctx = window.ctx.clone();
        let store = Store::open_existing(&folder.path().join("a.book")).unwrap();
        let id = FormId::from("05");
        let procedure = crate::common::procedure();
        let form = procedure.form(&id).unwrap();
        let fields: Vec<FieldId> = form.every_field().map(|it| it.id.clone()).collect();
        for step in steps {
            let before = store.records(&id).unwrap();
            let pick = |place: usize| before.get(place % before.len().max(1)).map(|it| it.id);
            let mut typed = None;
            let command = match step {
                Step::New(text) => {
                    window.state_mut().run(&ctx, Command::New(id.clone()));
                    typed = Some((RecordId(0), 0, FieldId::from("customer"), text));
                    None
                }
                Step::Write { sheet, field, round, text } => {
                    let Some(record) = pick(sheet) else { continue };
                    let field = fields[field % fields.len()].clone();
                    let rounds = store.record(record).unwrap().unwrap().rounds.len();
                    typed = Some((record, round.min(rounds - 1), field, text));
                    None
                }
                Step::Sign { sheet, stage, name, passed, excused } => {
                    let Some(record) = pick(sheet) else { continue };
                    let stage = &form.stages[stage];
                    let why = |it: &FieldId| (it.clone(), if excused { "无".to_owned() } else { String::new() });
                    let signature = Signature {
                        name: SIGNERS[name].1.to_owned(),
                        on: Some(now().date()),
                        excused: fields.iter().map(why).collect(),
                        overruled: if excused { "人手不够".to_owned() } else { String::new() },
                        passed: Some(passed),
                        ..Default::default()
                    };
                    Some(Command::Sign { record, field: stage.by.clone(), signature })
                }
                Step::Correct { sheet, field, text } => {
                    let Some(record) = pick(sheet) else { continue };
                    let field = fields[field % fields.len()].clone();
                    let kept = store.record(record).unwrap().unwrap();
                    let round = kept.home(form, field.as_str(), kept.last_round());
                    let correction = Correction {
                        old: kept.written(round, field.as_str()).to_owned(),
                        cell: CellId::new(field, round),
                        new: text,
                        by: "沈䶮".to_owned(),
                        on: keep_date(now().date()),
                        reason: "抄错".to_owned(),
                    };
                    Some(Command::Correct { record, correction })
                }
                Step::Void(sheet) => {
                    let Some(record) = pick(sheet) else { continue };
                    Some(Command::Void { record, reason: "登记错".to_owned(), by: "钱立群".to_owned() })
                }
                Step::Rewrite(sheet) => pick(sheet).map(Command::Rewrite),
                Step::Undo => Some(Command::Undo),
            };
            if let Some((record, round, field, value)) = typed.clone() {
                let kept = store.record(record).unwrap();
                let expected = kept.map_or_else(String::new, |it| it.written(round, field.as_str()).to_owned());
                window.state_mut().run(&ctx, Command::Set { record, cell: CellId::new(field, round), value, expected });
            }
            if let Some(command) = command {
                window.state_mut().run(&ctx, command);
            }
            let after = store.records(&id).unwrap();
            // What was typed stands in its cell, or the clerk was told that it does not.
            if let Some((record, round, field, value)) = typed {
                let kept = if record == RecordId(0) { after.last() } else { after.iter().find(|it| it.id == record) };
                let stands = kept.is_none_or(|it| it.written(round, field.as_str()) == value);
                let told = window.state().notice().is_some_and(|it| it.contains("没有写入"));
                prop_assert!(stands || told, "{field} {value}");
            }
            // What stood on the sheets is in the book still, in its cell or in its history.
            for old in &before {
                let new = after.iter().find(|it| it.id == old.id).unwrap();
                let history = store.history(old.id).unwrap();
                for (round, values) in old.rounds.iter().enumerate() {
                    for (field, _, value) in values.iter() {
                        let kept = new.written(round, field.as_str()) == value || history.iter().any(|it| it.old == *value);
                        prop_assert!(kept, "{field} lost {value}");
                    }
                }
                // A signed section changes by correction only, and a void sheet not at all.
                let corrected = |round: usize, field: &FieldId| {
                    let count = |it: &Record| it.corrections.iter().filter(|it| (it.cell.round, &it.cell.field) == (round, field)).count();
                    count(new) > count(old)
                };
                for ((round, field), value) in signed(form, old) {
                    let same = new.written(round, field.as_str()) == value;
                    prop_assert!(same || corrected(round, &field), "{field} changed behind its signature");
                }
                let count = |it: &Record| form.stages.iter().filter(|stage| is_signed(form, it, stage)).count();
                prop_assert!(new.rounds.len() > old.rounds.len() || count(new) >= count(old), "a signature went");
                if is_shut(old) {
                    prop_assert_eq!(&new.rounds, &old.rounds);
                }
            }
            let numbers = store.numbers(&id, 2026).unwrap();
            prop_assert!(numbers.iter().all(|it| it.state != NumberState::Gap));
            prop_assert_eq!(numbers.len(), after.len());
        }
        prop_assert!(store.check().is_empty());
    }
}
