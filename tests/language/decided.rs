//! What is decided on a sheet stays decided: by what was set that day, by who has signed, by what a correction may not undo.

use std::collections::BTreeMap;

use taizhang::flow::{self, Life, Standing};
use taizhang::procedure::{Change, Value};
use taizhang::record::{CellId, Correction, Deed, Fact};

use super::life::{LIFE, Sheet, by, examined, excused, procedure_of, taken};
use crate::common::now;

fn sheet(changes: &[(&str, &str)]) -> Sheet {
    let mut text = LIFE.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    Sheet::of(procedure_of(&text), "life")
}

/// What a correction of the first line is refused with; nothing where it is not.
fn corrected(sheet: &Sheet, field: &str, new: &str) -> String {
    let cell = CellId::new(field, sheet.record.home(sheet.form(), field, sheet.record.last_round()));
    let old = sheet.record.at(&cell).to_owned();
    let [new, by, on, reason] = [new, "沈䶮", "2026-11-20", "笔误"].map(str::to_owned);
    let correction = Correction { cell, old, new, by, on, reason };
    flow::correction(sheet.form(), &sheet.record, &correction).map_or_else(String::from, |()| String::new())
}

/// A sheet that went to its end without an approval, as its parts cost no more.
fn done(changes: &[(&str, &str)]) -> Sheet {
    let parts = [("joined", "生产部"), ("cause", "铸砂"), ("part", "阀芯"), ("quantity", "1"), ("price", "100")];
    let taken = sheet(changes).write(&[("customer", "癸厂"), ("urgency", "普通件")]).sign("taken", "沈䶮");
    let answered =
        taken.write(&parts).sign("quality", "何锃").write(&[("left", "2026-11-18 9:00"), ("opinion", "满意")]);
    answered.sign("replier", "甲代理").sign("closer", "陆喆")
}

fn file(sheet: &mut Sheet) {
    let [case, binder, on] = ["1", "1", "2026-11-20"].map(str::to_owned);
    sheet.record.facts.push(Fact { at: now(), by: String::new(), deed: Deed::Filed { case, binder, on } });
}

#[test]
fn a_correction_opens_no_stage_of_what_is_filed_and_no_cell_that_is_never_corrected() {
    let open = &[("refuses_correction = true\n", "")];
    let mut sheet = done(open);
    assert_eq!(corrected(&sheet, "price", "20000"), "", "批准 is next then");
    file(&mut sheet);
    assert_eq!(
        corrected(&sheet, "price", "20000"),
        "这张单已经归档，这样改就还要“批准”签署；请作废这张单，另开一张（4.5.1）"
    );
    assert_eq!(corrected(&sheet, "price", "200"), "");
    let shut = done(&[(
        "late = { when = \"opinion == '不满意'\" }\n",
        "cause = { when = \"urgency == '急件' || customer != '壬厂'\" }\n",
    )]);
    assert_eq!(corrected(&shut, "customer", "壬厂"), "");
    let mut shut =
        done(&[("late = { when = \"opinion == '不满意'\" }\n", "cause = { when = \"customer == '壬厂'\" }\n")]);
    let cause = CellId::new("cause", 0);
    shut.record.put(&cause, "");
    assert_eq!(
        corrected(&shut, "customer", "壬厂"),
        "这样改就要填“原因”，而“调查”栏签过以后不许划改；请作废这张单，另开一张（4.5.1）"
    );
}

#[test]
fn what_is_set_later_does_not_turn_what_was_decided() {
    let changes = &[("> 10000", "> setting.ordinary * 1000")];
    let change = |sheet: &mut Sheet, days: &str| {
        let set = Change::Setting("ordinary".into(), days.to_owned());
        let set = sheet.procedure.document.changed(&set).unwrap();
        sheet.procedure.go_by(set).unwrap();
    };
    let mut old = done(&[]);
    assert!(old.record.signed("taken", 0).unwrap().settings.is_empty(), "no condition asks: seals stay what they were");
    let mut sheet = done(changes);
    let kept = BTreeMap::from([("ordinary".to_owned(), Value::Number(7))]);
    assert_eq!(sheet.record.signed("quality", 0).unwrap().settings, kept);
    sheet.record.put(&CellId::new("price", 0), "5000");
    change(&mut sheet, "3");
    assert_eq!(sheet.stands(), "归档");
    file(&mut sheet);
    let leader = sheet.form().stages.iter().position(|it| it.name == "批准").unwrap();
    assert!(!Life::new(sheet.form(), &sheet.record).applies(leader));
    // One that was signed by the new figure goes by it.
    let mut fresh = Sheet::of(sheet.procedure.clone(), "life");
    fresh = fresh.write(&[("customer", "癸厂"), ("urgency", "普通件")]).sign("taken", "沈䶮");
    let parts = [("joined", "生产部"), ("cause", "铸砂"), ("part", "阀芯"), ("quantity", "1"), ("price", "5000")];
    fresh = fresh.write(&parts).sign("quality", "何锃");
    assert_eq!(fresh.stands(), "批准");
    // What an old book kept nothing of goes by what is set now.
    old.procedure = fresh.procedure;
    assert_eq!(old.stands(), "归档");
}

#[test]
fn an_answer_sends_back_wherever_its_section_is_signed_and_when_all_have() {
    // The answer stands in a section without a signature of its own.
    let split = &[
        (
            "  \"h10 用户意见=opinion:choice 25|125\",\n",
            "]\n\n[[section]]\ntitle = \"签署\"\nrepeats = true\nrows = [\n",
        ),
        (
            "  \"h10 离开时间=left:moment 25|50 · 晚到原因=late 25|50\",\n",
            "  \"h10 离开时间=left:moment 25|50 · 晚到原因=late 25|50\",\n  \"h10 用户意见=opinion:choice 25|125\",\n",
        ),
    ];
    let answered = |changes: &[(&str, &str)]| {
        let parts = [("joined", "生产部"), ("cause", "铸砂")];
        let taken = sheet(changes).write(&[("customer", "癸厂"), ("urgency", "普通件")]).sign("taken", "沈䶮");
        let checked = taken.write(&parts).sign("quality", "何锃");
        checked.write(&[("left", "2026-11-18 9:00"), ("opinion", "不满意"), ("late", "雪")]).sign("replier", "甲代理")
    };
    let back = answered(split);
    assert_eq!((back.stands(), back.record.rounds.len()), ("质检", 2));
    // Those who sign in any order all sign.
    let both = &[
        ("by = \"replier\", ", "by = \"replier\", any_order = true, "),
        ("by = \"closer\", ", "by = \"closer\", any_order = true, "),
    ];
    let first = answered(both);
    assert_eq!((first.stands(), first.record.rounds.len()), ("关闭", 1), "the other signs as well");
    let back = first.sign("closer", "陆喆");
    assert_eq!((back.stands(), back.record.rounds.len()), ("质检", 2));
}

#[test]
fn a_correction_makes_no_signature_that_nobody_may_make() {
    let sheet = done(&[]);
    assert_eq!(corrected(&sheet, "replier", "沈䶮"), "答复人与登记人不能是同一个人，请换人签（4.5.1）");
    assert_eq!(corrected(&sheet, "taken", "甲代理"), "答复人与登记人不能是同一个人，请换人签（4.5.1）");
    assert_eq!(corrected(&sheet, "left", "2026-11-21 9:00"), "签署日期不能早于“离开时间”的 2026-11-21（4.5.1）");
    assert_eq!(corrected(&sheet, "replier", "乙代理"), "");
    // What is amiss in an old book is put right one thing after another.
    let mut amiss = done(&[]);
    amiss.record.put(&CellId::new("taken", 0), "甲代理");
    assert_eq!(corrected(&amiss, "left", "2026-11-18 8:00"), "");
    assert_eq!(corrected(&amiss, "taken", "何锃"), "");
}

#[test]
fn a_section_signed_with_another_stays_as_it_was_signed() {
    let split = &[(
        "title = \"调查\"\n",
        "title = \"外协\"\nwhen = \"urgency == '急件'\"\nrows = [\"h10 外协厂=maker 25|125\"]\n\n[[section]]\ntitle = \"调查\"\n",
    )];
    let signed = |urgency: &str| {
        let taken = sheet(split).write(&[("customer", "癸厂"), ("urgency", urgency)]).sign("taken", "沈䶮");
        let on = if urgency == "急件" {
            taken.write(&[("measure", "停机")]).sign("measured", "徐国梁")
        } else {
            taken
        };
        on.write(&[("maker", "鑫犇"), ("joined", "生产部"), ("cause", "铸砂")]).sign("quality", "何锃")
    };
    let maker = |sheet: &Sheet| {
        let life = Life::new(sheet.form(), &sheet.record);
        let section = sheet.form().section_of("maker").unwrap();
        (life.section_applies(section), life.is_struck(section))
    };
    let urgent = signed("急件");
    assert_eq!(maker(&urgent), (true, false));
    let changed = urgent.write(&[("urgency", "普通件")]);
    assert_eq!(maker(&changed), (true, false), "what was signed is not struck");
}

#[test]
fn what_the_books_hold_by_default_is_written_where_it_is_asked_for() {
    let text =
        ("late = { when = \"opinion == '不满意'\" }", "late = { default = \"路远\", when = \"opinion == '不满意'\" }");
    let first = sheet(&[text]).write(&[("customer", "癸厂"), ("urgency", "普通件")]).sign("taken", "沈䶮");
    assert_eq!(first.record.written(0, "late"), "");
    let parts = [("joined", "生产部"), ("cause", "铸砂"), ("left", "2026-11-18 9:00"), ("opinion", "不满意")];
    let back = first.write(&parts).sign("quality", "何锃").sign("replier", "甲代理");
    assert_eq!((back.record.rounds.len(), back.record.written(0, "late")), (2, "路远"));
    // In the next round it is a cell of that round, and no signature is in the way of another.
    let mut again = back.write(&[("cause", "砂眼"), ("opinion", "不满意")]);
    let signature = excused(&again, "quality", by("何锃"));
    let writes = flow::sign(again.form(), &again.record, &"quality".into(), &signature, "", now().date()).unwrap();
    let late = writes.cells.iter().find(|it| it.0.field.as_str() == "late").map(|it| it.0.round);
    assert_eq!(late, Some(1));
    again.try_sign("quality", &signature).unwrap();
    assert_eq!(again.record.written(1, "late"), "路远");
    assert!(matches!(flow::standing(again.form(), &again.record), Standing::At(_)));
    assert_eq!(taken("急件").stands(), "紧急对策");
    assert_eq!(examined("100").stands(), "答复");
}
