//! The rules of the slip's life (PROCEDURE 4 and 5), one by one, without a window.

use crate::common::{now, procedure, slip_at};
use chrono::NaiveDate;
use taizhang::flow::{self, Signature, Standing};
use taizhang::procedure::{FieldId, Form, FormId, Procedure};
use taizhang::record::{CellId, Correction, Deed, Record};
use taizhang::store::{Act, Store};

struct Office {
    procedure: Procedure,
    store: Store,
}

impl Office {
    fn new() -> Self {
        Self { procedure: procedure(), store: Store::in_memory().unwrap() }
    }

    fn form(&self) -> &Form {
        self.procedure.form(&FormId::from("05")).unwrap()
    }

    fn slip(&self, stages: usize, more: &[(&str, &str)]) -> Record {
        let id = slip_at(&self.store, stages, more);
        self.store.record(id).unwrap().unwrap()
    }

    fn closed(&self, slip: &Record, field: &str) -> Option<String> {
        flow::closed(self.form(), slip, self.form().field(&field.into()).unwrap()).map(String::from)
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn by(name: &str) -> Signature {
    Signature { name: name.to_owned(), on: Some(now().date()), ..Signature::default() }
}

/// 4.5.1: 急件 is given 2 and 普通件 7 working days from the day of the complaint, over weekends and holidays.
#[test]
fn a_date_is_proposed_in_working_days() {
    let office = Office::new();
    for (date, urgency, due) in [
        ("2026-11-20", "急件", "2026-11-24"),
        ("2026-11-20", "普通件", "2026-12-01"),
        ("2026-11-20", "", "2026-12-01"),
        // National day 2026: off from 1 to 7 October, worked on 20 September and 10 October.
        ("2026-09-30", "急件", "2026-10-09"),
        ("2026-09-30", "普通件", "2026-10-15"),
    ] {
        let slip = office.slip(1, &[("date", date), ("urgency", urgency), ("deadline", "")]);
        let found = flow::due(&office.procedure, office.form(), &slip).unwrap();
        assert_eq!((found.day(), found.proposed), (day(due), true), "{date} {urgency}");
    }
}

/// PROCEDURE 5: a slip sent back on 20 November is not already late in the round that begins then.
#[test]
fn a_further_round_counts_from_the_day_it_began() {
    let office = Office::new();
    let slip = office.slip(4, &[("date", "2026-11-02"), ("verification", "仍漏。")]);
    let failed = Signature { passed: Some(false), ..by("何锃") };
    let verifier = FieldId::from("verifier");
    let writes = flow::sign(office.form(), &slip, &verifier, &failed, "", now().date()).unwrap();
    let vacant = writes.cells.iter().map(|it| it.0.clone()).collect();
    let deeds = vec![Deed::Signed(writes.signed)];
    let act = Act { cells: writes.cells, vacant, deeds, round: writes.round, ..Act::default() };
    office.store.act(slip.id, &act, now()).unwrap();
    let slip = office.store.record(slip.id).unwrap().unwrap();
    let found = flow::due(&office.procedure, office.form(), &slip).unwrap();
    assert_eq!((found.day(), found.proposed), (day("2026-12-01"), true));
}

/// 4.5.1: a written 完成期限 rules; what is no date does not keep the slip from being due, a struck one does.
#[test]
fn a_written_date_rules() {
    let office = Office::new();
    let slip = office.slip(2, &[("urgency", "急件"), ("deadline", "2026-12-31")]);
    let found = flow::due(&office.procedure, office.form(), &slip).unwrap();
    assert_eq!((found.day(), found.proposed), (day("2026-12-31"), false));
    let slip = office.slip(2, &[("deadline", "下周")]);
    let found = flow::due(&office.procedure, office.form(), &slip).unwrap();
    assert_eq!((found.day(), found.proposed), (day("2026-11-25"), true));
    let slip = office.slip(2, &[("deadline", "/")]);
    assert_eq!(flow::due(&office.procedure, office.form(), &slip), None);
}

/// PROCEDURE 5: a slip that was sent back is given its days anew, from the day it came back.
#[test]
fn another_round_has_days_of_its_own() {
    let office = Office::new();
    let slip = office.slip(5, &[("date", "2026-10-12"), ("urgency", "急件"), ("verifier_date", "2026-11-19")]);
    office.store.add_round(slip.id, now()).unwrap();
    let slip = office.store.record(slip.id).unwrap().unwrap();
    let found = flow::due(&office.procedure, office.form(), &slip).unwrap();
    assert_eq!((found.day(), found.proposed), (day("2026-11-23"), true));
}

/// PROCEDURE 4: counted in calendar days where the office says so.
#[test]
fn days_may_be_calendar_days() {
    let mut office = Office::new();
    office.procedure.document.settings.insert("working".into(), false.into());
    let slip = office.slip(1, &[("date", "2026-11-20"), ("deadline", "")]);
    assert_eq!(flow::due(&office.procedure, office.form(), &slip).unwrap().day(), day("2026-11-27"));
    let due = flow::Due::of_day(&office.procedure, day("2026-11-18"));
    assert_eq!(due.words(&office.procedure, now()), "超 2 天");
}

/// 4.5.1: nothing is owed once the work is verified, nor on a void slip.
#[test]
fn nothing_is_owed_on_finished_work() {
    let office = Office::new();
    let owed = |slip: &Record| flow::owed(&office.procedure, office.form(), slip).is_some();
    assert!(owed(&office.slip(4, &[])));
    assert!(!owed(&office.slip(5, &[])));
    let slip = office.slip(2, &[]);
    let void = taizhang::record::Void { by: "钱立群".into(), on: "2026-11-20".into(), reason: "重复".into() };
    office.store.void(slip.id, &void, now()).unwrap();
    assert!(!owed(&office.store.record(slip.id).unwrap().unwrap()));
}

/// PROCEDURE 5: a section opens when the one above is signed by all, and is locked once one has signed it.
#[test]
fn sections_open_and_lock_in_order() {
    let office = Office::new();
    let open = |stages: usize| {
        let slip = office.slip(stages, &[("deadline", "")]);
        ["complaint", "measures", "verification", "opinion"].map(|it| office.closed(&slip, it).is_none())
    };
    assert_eq!(open(0), [true, false, false, false]);
    assert_eq!(open(1), [false, false, false, false], "the section's reviewer signs what stands there");
    assert_eq!(open(2), [false, true, false, false]);
    assert_eq!(open(3), [false, false, false, false]);
    assert_eq!(open(4), [false, false, true, false]);
    assert_eq!(open(5), [false, false, false, true]);
    assert_eq!(open(6), [false; 4]);
}

/// 4.5.1: whoever accepts the complaint names the department and the date before the section is the department's; the
/// date that has gone out is put off, not written over.
#[test]
fn department_and_date_are_named_by_those_above() {
    let office = Office::new();
    let slip = office.slip(1, &[]);
    assert_eq!((office.closed(&slip, "responsible"), office.closed(&slip, "deadline")), (None, None));
    let slip = office.slip(2, &[]);
    assert_eq!(office.closed(&slip, "responsible"), None);
    assert!(office.closed(&slip, "deadline").unwrap().contains("延期"));
    let slip = office.slip(2, &[("deadline", "")]);
    assert_eq!(office.closed(&slip, "deadline"), None);
    let slip = office.slip(3, &[]);
    assert!(office.closed(&slip, "responsible").unwrap().contains("划改"));
}

/// PROCEDURE 4: what the paper has no cell for is written beside the sheet whatever is signed.
#[test]
fn what_stands_beside_the_sheet_stays_open() {
    let office = Office::new();
    let slip = office.slip(6, &[]);
    assert!(["product", "result", "class"].iter().all(|it| office.closed(&slip, it).is_none()));
}

/// 4.6: what the ledger takes from beside a slip changes after the last stage by a correction only, with name and reason;
/// what is empty still is written until the papers are filed. What nothing takes stays open.
#[test]
fn what_the_ledger_takes_is_closed_with_the_last_stage() {
    let office = Office::new();
    let beside = [("accepted_by", "技术质安部"), ("product", "蝶阀"), ("class", "其他")];
    let slip = office.slip(5, &beside);
    assert!(["accepted_by", "product", "result"].iter().all(|it| office.closed(&slip, it).is_none()));
    let slip = office.slip(6, &beside);
    assert!(office.closed(&slip, "accepted_by").unwrap().contains("已列入台帐，不能再改；写错了请用“划改”（4.6）"));
    assert!(office.closed(&slip, "product").is_some());
    assert!(["result", "class", "product_number"].iter().all(|it| office.closed(&slip, it).is_none()));
    let correction = |field: &str, by: &str| Correction {
        cell: CellId::new(field, 0),
        old: String::new(),
        new: "球阀".to_owned(),
        by: by.to_owned(),
        on: "2026-11-20".to_owned(),
        reason: "写错".to_owned(),
    };
    let corrected =
        |slip: &Record, field: &str, by: &str| flow::correction(office.form(), slip, &correction(field, by));
    assert_eq!(corrected(&slip, "product", "沈䶮"), Ok(()));
    assert!(corrected(&slip, "product", "").unwrap_err().to_string().contains("改的人和理由"));
    assert!(corrected(&slip, "class", "沈䶮").is_err() && corrected(&slip, "result", "沈䶮").is_err());
    let filed = Deed::Filed { case: "1".to_owned(), binder: "1".to_owned(), on: "2026-11-20".to_owned() };
    office.store.act(slip.id, &Act { deeds: vec![filed], ..Act::default() }, now()).unwrap();
    let slip = office.store.record(slip.id).unwrap().unwrap();
    assert!(["accepted_by", "product", "result"].iter().all(|it| office.closed(&slip, it).is_some()));
    assert_eq!(office.closed(&slip, "class"), None);
    assert_eq!(corrected(&slip, "result", "沈䶮"), Ok(()));
}

/// PROCEDURE 5: 审核人 differs from 登记人 and 处理人, 验证人 from 处理人; blanks and widths make no other name.
#[test]
fn who_has_to_differ_from_whom() {
    let office = Office::new();
    for (stages, stage, name, conflict) in [
        (1, "registration_reviewer", "沈䶮", true),
        (1, "registration_reviewer", "　沈 䶮", true),
        (1, "registration_reviewer", "钱立群", false),
        (3, "measures_reviewer", "徐国梁", true),
        (3, "measures_reviewer", "沈䶮", true),
        (3, "measures_reviewer", "钱立群", false),
        (4, "verifier", "徐国梁", true),
        (4, "verifier", "马腾飞", false),
    ] {
        let slip = office.slip(stages, &[("verification", "合格。")]);
        let mut signature = Signature { passed: Some(true), ..by(name) };
        let sign = |it: &Signature| flow::sign(office.form(), &slip, &stage.into(), it, "", now().date());
        assert_eq!(sign(&signature).is_err(), conflict, "{stage} {name}");
        signature.overruled = "只有他在".to_owned();
        let overruled = sign(&signature).unwrap().signed.overruled;
        assert_eq!(overruled, if conflict { "只有他在" } else { "" }, "{stage} {name}");
    }
}

/// PROCEDURE 5: if verification fails, or the user answers D or E, the slip goes back for another round.
#[test]
fn what_sends_a_slip_back() {
    let office = Office::new();
    let slip = office.slip(4, &[("verification", "试过。")]);
    for (passed, back) in [(true, false), (false, true)] {
        let signature = Signature { passed: Some(passed), ..by("何锃") };
        let writes = flow::sign(office.form(), &slip, &"verifier".into(), &signature, "", now().date()).unwrap();
        assert_eq!(writes.round, back);
    }
    for (answer, back) in
        [("A 满意", false), ("C 一般", false), ("D 较不满意", true), ("E 不满意", true), ("F 其他（再看）", false)]
    {
        let slip = office.slip(5, &[("opinion", answer)]);
        let writes = flow::sign(office.form(), &slip, &"confirmer".into(), &by("陈堃"), "", now().date()).unwrap();
        assert_eq!(writes.round, back, "{answer}");
    }
}

/// 4.5.1: each stage waits for the department whose turn it is, since the signature before it.
#[test]
fn whose_turn_it_is() {
    let office = Office::new();
    for (stages, whose) in
        [(0, "技术质安部"), (1, "技术质安部"), (2, "设备修造部"), (3, "设备修造部"), (4, "技术质安部"), (5, "用户")]
    {
        let slip = office.slip(stages, &[("responsible", "设备修造部")]);
        let Standing::At(stage) = flow::standing(office.form(), &slip) else { panic!("{stages}") };
        assert_eq!(flow::whose(&office.procedure.document, office.form(), &slip, &office.form().stages[stage]), whose);
        if stages > 0 {
            assert_eq!(flow::waiting_since(office.form(), &slip), day("2026-11-16"));
        }
    }
}

/// PROCEDURE 5: a signature is made by signing only, and two windows never sign one cell twice.
#[test]
fn a_signature_is_made_once() {
    let office = Office::new();
    let slip = office.slip(1, &[]);
    let correction = |field: &str, new: &str| Correction {
        cell: CellId::new(field, 0),
        old: String::new(),
        new: new.to_owned(),
        by: "沈䶮".to_owned(),
        on: "2026-11-20".to_owned(),
        reason: "抄错".to_owned(),
    };
    let refused = |field: &str, new: &str| flow::correction(office.form(), &slip, &correction(field, new)).is_err();
    assert!(refused("registration_reviewer", "钱立群"), "no signature by correction");
    assert!(refused("registrar", ""), "nor is one taken away");
    assert!(refused("measures", "改"), "what is not signed is not corrected but written");
    assert!(!refused("registrar", "沈龑"));
    let field: FieldId = "registration_reviewer".into();
    let act = Act {
        cells: vec![(CellId::new(field.clone(), 0), "钱立群".to_owned())],
        vacant: vec![CellId::new(field.clone(), 0)],
        ..Act::default()
    };
    office.store.act(slip.id, &act, now()).unwrap();
    let other = Act { cells: vec![(CellId::new(field.clone(), 0), "马腾飞".to_owned())], ..act };
    assert!(office.store.act(slip.id, &other, now()).unwrap_err().to_string().contains("没有覆盖它"));
    assert_eq!(office.store.record(slip.id).unwrap().unwrap().value(field.as_str()), "钱立群");
}

/// PROCEDURE 5: a section without a signature of its own is signed with the next one that has one.
#[test]
fn a_section_without_a_signature_is_locked_by_the_next_one() {
    let text = r#"
        form = "07"
        edition = "A/0"
        short = "记录"
        code = "X"
        title = "记录"
        paper = { width = 210, height = 297, left = 25, right = 15, top = 18, bottom = 18 }
        head = 24
        identity = { subject = "what", date = "signer_date" }
        [[section]]
        rows = [{ height = 10, cells = [{ label = "内容:", width = 170, fields = ["what"] }] }]
        [[section]]
        rows = [{ height = 10, cells = [{ label = "签:", width = 170, fields = ["signer", "signer_date"] }] }]
        [[stage]]
        name = "记录"
        by = "signer"
        date = "signer_date"
        [[field]]
        id = "what"
        name = "内容"
        kind = "text"
        [[field]]
        id = "signer"
        name = "签名"
        kind = "person"
        signature = true
        [[field]]
        id = "signer_date"
        name = "签名日期"
        kind = "date"
        signature = true
    "#;
    let own = |text: &str| Procedure::load(&[("07.toml".to_owned(), text.to_owned())]);
    let procedure = own(text).unwrap();
    let form = procedure.form(&FormId::from("07")).unwrap();
    let what = form.field(&"what".into()).unwrap();
    let mut record = Record::empty(form, now());
    let asked = flow::asked(form, &record, &"signer".into(), "沈䶮", None).unwrap();
    assert_eq!(asked.empty, ["what".into()], "its empty cells are signed for too");
    record.set(&"what".into(), "甲");
    assert_eq!(flow::closed(form, &record, what), None);
    record.set(&"signer".into(), "沈䶮");
    assert!(flow::closed(form, &record, what).unwrap().to_string().contains("划改"));
    assert!(flow::is_correctable(form, &record, what));
    // Sent back, but to what?
    let back = text.replacen(
        "date = \"signer_date\"\n        [[field]]",
        "date = \"signer_date\"\n        verdict = true\n        [[field]]",
        1,
    );
    assert!(own(&back).unwrap_err().to_string().contains("repeats"));
    // A cell that is signed by typing in it would be signed by no rule.
    let unsigned = text.replacen("signature = true", "", 1);
    assert!(own(&unsigned).unwrap_err().to_string().contains("signature"), "{:?}", own(&unsigned).is_ok());
}

/// 4.5.1: a date that has not gone out is written, not put off; one of work that is done, or of a round gone by, is
/// corrected like anything else.
#[test]
fn only_a_date_that_is_owed_is_put_off() {
    let office = Office::new();
    let put_off = |office: &Office, slip: &Record, round: usize| {
        let correction = Correction {
            cell: CellId::new("deadline", round),
            old: String::new(),
            new: "2026-12-30".to_owned(),
            by: "钱立群".to_owned(),
            on: "2026-11-20".to_owned(),
            reason: "等备件".to_owned(),
        };
        (flow::may_put_off(office.form(), slip, round), flow::correction(office.form(), slip, &correction))
    };
    let slip = office.slip(1, &[]);
    let (may, refused) = put_off(&office, &slip, 0);
    assert!(!may && refused.unwrap_err().to_string().contains("直接在格里改"), "nobody was told yet");
    let slip = office.slip(3, &[]);
    let (may, done) = put_off(&office, &slip, 0);
    assert!(may && done.is_ok());
    let slip = office.slip(5, &[]);
    let (may, done) = put_off(&office, &slip, 0);
    assert!(!may && done.is_ok(), "the work is verified: it is corrected (划改)");
    office.store.add_round(slip.id, now()).unwrap();
    let slip = office.store.record(slip.id).unwrap().unwrap();
    let (may, done) = put_off(&office, &slip, 0);
    assert!(!may && done.is_ok(), "the first round has gone by");
    assert!(!put_off(&office, &slip, 1).0, "the second has no date yet");
}

/// PROCEDURE 5: a slip that was sent back waits since the signature that sent it back.
#[test]
fn a_slip_sent_back_waits_since_that_day() {
    let office = Office::new();
    let slip = office.slip(4, &[]);
    let act = Act {
        cells: vec![
            (CellId::new("verifier", 0), "何锃".into()),
            (CellId::new("verifier_date", 0), "2026-11-19".into()),
        ],
        round: true,
        ..Act::default()
    };
    office.store.act(slip.id, &act, now()).unwrap();
    let slip = office.store.record(slip.id).unwrap().unwrap();
    assert_eq!(flow::standing(office.form(), &slip), Standing::At(2));
    assert_eq!(flow::waiting_since(office.form(), &slip), day("2026-11-19"));
}

/// PROCEDURE 5: no window signs what it has not seen, nor writes into what another signed in that very moment.
#[test]
fn two_windows_never_pass_each_other_unseen() {
    let office = Office::new();
    let seen = office.slip(2, &[("measures", "返修。")]);
    office.store.set(seen.id, &CellId::new("measures", 0), "报废。", "返修。", now()).unwrap();
    let writes = flow::sign(office.form(), &seen, &"handler".into(), &by("徐国梁"), "", now().date()).unwrap();
    let act = Act { cells: writes.cells, seen: Some(Box::new(seen.clone())), ..Act::default() };
    let refused = office.store.act(seen.id, &act, now()).unwrap_err().to_string();
    assert!(refused.contains("请看过再办"), "{refused}");
    let now_seen = office.store.record(seen.id).unwrap().unwrap();
    assert_eq!(now_seen.value("handler"), "");
    office.store.act(seen.id, &Act { seen: Some(Box::new(now_seen)), ..act }, now()).unwrap();
    let measures = office.form().field(&"measures".into()).unwrap();
    let rule = |record: &Record| flow::closed(office.form(), record, measures).map(String::from);
    let written = office.store.set_unless(seen.id, &CellId::new("measures", 0), "改", "报废。", now(), &rule).unwrap();
    assert!(written.unwrap_err().contains("徐国梁"));
    assert_eq!(office.store.record(seen.id).unwrap().unwrap().value("measures"), "报废。");
}

/// PROCEDURE 6: no 同上; a date that is none, an answer that is no letter: signed only with a reason, which is kept.
#[test]
fn what_cannot_be_read_is_signed_only_with_a_reason() {
    let office = Office::new();
    for (stages, stage, name, field, value) in [
        (0, "registrar", "沈䶮", "date", "上周"),
        (0, "registrar", "沈䶮", "complaint", "同上"),
        (0, "registrar", "沈䶮", "contact", " 〃 "),
        (5, "confirmer", "陈堃", "opinion", "还行"),
    ] {
        let slip = office.slip(stages, &[("opinion", "A 满意"), (field, value)]);
        assert!(!slip.check(office.form()).is_empty(), "{value}");
        let mut signature = by(name);
        let sign = |it: &Signature| flow::sign(office.form(), &slip, &stage.into(), it, "", now().date());
        assert!(sign(&signature).unwrap_err().to_string().contains("或写明理由（4.5.1）"), "{value}");
        signature.overruled = "来函原文".to_owned();
        assert_eq!(sign(&signature).unwrap().signed.overruled, "来函原文");
    }
    let slip = office.slip(0, &[("contact", "/"), ("date", "/"), ("complaint", "同上次一样漏。")]);
    assert!(flow::sign(office.form(), &slip, &"registrar".into(), &by("沈䶮"), "", now().date()).is_ok());
}

/// A refusal names the clause that the package names, and none where it names none.
#[test]
fn a_refusal_ends_with_the_clause_that_the_package_names() {
    let told = |clauses: &str| {
        let own = include_str!("../../assets/procedures/qg-r0309/procedure.toml");
        let own = own.replace("signing = \"4.5.1\"\n", clauses);
        let procedure = Procedure::load(&[("procedure.toml".to_owned(), own)]).unwrap();
        let form = procedure.form(&FormId::from("05")).unwrap();
        let record = Record::empty(form, now());
        let refusal = flow::asked(form, &record, &"verifier".into(), "沈䶮", None).unwrap_err();
        assert_eq!(refusal.kind, flow::RefusalKind::StageWaits { stage: "实施验证".into(), first: "登记".into() });
        refusal.to_string()
    };
    assert_eq!(told("signing = \"7.2\"\n"), "还没轮到“实施验证”：先要“登记”签署（7.2）");
    assert_eq!(told(""), "还没轮到“实施验证”：先要“登记”签署");
}
