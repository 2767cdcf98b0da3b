//! Where a sheet goes: what applies to it, what its answers lead to, who signs, and what another round takes along.

use std::collections::BTreeSet;

use crate::common::{now, page_text};
use expect_test::{Expect, expect, expect_file};
use taizhang::flow::{self, Life, Offer, Signature, Standing};
use taizhang::layout::{Look, sheet};
use taizhang::procedure::{Catalog, Change, FieldId, Form, Kind, Procedure};
use taizhang::record::{CellId, Correction, Deed, Fact, Record, Values};

pub(crate) const LIFE: &str = include_str!("life.toml");

pub(crate) fn procedure_of(text: &str) -> Procedure {
    Procedure::load(&[("08.toml".to_owned(), text.to_owned())]).unwrap_or_else(|error| panic!("{error}"))
}

/// A sheet on the way, and what is done with it.
pub(crate) struct Sheet {
    pub(crate) procedure: Procedure,
    pub(crate) record: Record,
}

impl Sheet {
    pub(crate) fn new() -> Self {
        Self::of(procedure_of(LIFE), "life")
    }

    /// An empty sheet of a form.
    pub(crate) fn of(procedure: Procedure, form: &str) -> Self {
        let record = Record::empty(procedure.form(&form.into()).unwrap(), now());
        Self { procedure, record }
    }

    pub(crate) fn form(&self) -> &Form {
        self.procedure.form(&self.record.form).unwrap()
    }

    pub(crate) fn write(mut self, cells: &[(&str, &str)]) -> Self {
        for (field, text) in cells {
            let cell = self.record.cell(self.form(), &(*field).into(), self.record.last_round(), 0);
            self.record.put(&cell, text);
        }
        self
    }

    pub(crate) fn try_sign(&mut self, field: &str, signature: &Signature) -> Result<(), String> {
        let writes = flow::sign(self.form(), &self.record, &field.into(), signature, "", now().date())?;
        let mut deeds = vec![Deed::Signed(writes.signed)];
        writes.cells.iter().for_each(|(cell, text)| self.record.put(cell, text));
        deeds.extend(writes.back.deeds);
        self.record.facts.extend(deeds.into_iter().map(|deed| Fact { at: now(), by: String::new(), deed }));
        if writes.round {
            self.record.rounds.push(Values::new());
            writes.back.carried.iter().for_each(|(cell, text)| self.record.put(cell, text));
        }
        Ok(())
    }

    pub(crate) fn sign(mut self, field: &str, name: &str) -> Self {
        self.try_sign(field, &excused(&self, field, by(name))).unwrap();
        self
    }

    pub(crate) fn say(mut self, field: &str, name: &str, verdict: &str, why: &str) -> Self {
        let signature = Signature { verdict: verdict.to_owned(), why: why.to_owned(), ..by(name) };
        self.try_sign(field, &excused(&self, field, signature)).unwrap();
        self
    }

    pub(crate) fn stands(&self) -> &str {
        flow::standing_name(self.form(), flow::standing(self.form(), &self.record))
    }

    pub(crate) fn closed(&self, field: &str) -> String {
        let field = self.form().field(&field.into()).unwrap();
        flow::closed(self.form(), &self.record, field).map(String::from).unwrap_or_default()
    }

    pub(crate) fn steps(&self) -> Vec<&str> {
        let life = Life::new(self.form(), &self.record);
        let stages = self.form().stages.iter().enumerate().filter(|it| life.applies(it.0));
        stages.map(|it| it.1.name.as_str()).collect()
    }

    pub(crate) fn page(&self) -> String {
        page_text(&sheet(&self.procedure, self.form(), &self.record, &Look { signatures: true, ..Look::default() }))
    }
}

pub(crate) fn by(name: &str) -> Signature {
    Signature { name: name.to_owned(), on: Some(now().date()), overruled: "照签".to_owned(), ..Signature::default() }
}

/// The signature with a reason for each cell that is empty.
pub(crate) fn excused(sheet: &Sheet, field: &str, signature: Signature) -> Signature {
    let asked = flow::asked(sheet.form(), &sheet.record, &field.into(), &signature.name, signature.on);
    let empty = asked.map(|it| it.empty).unwrap_or_default();
    Signature { excused: empty.into_iter().map(|it| (it, "没有".to_owned())).collect(), ..signature }
}

/// A sheet whose first section says how urgent it is, signed.
pub(crate) fn taken(urgency: &str) -> Sheet {
    Sheet::new().write(&[("customer", "癸厂"), ("urgency", urgency)]).sign("taken", "沈䶮")
}

/// A sheet that goes on without an urgent measure, with parts for so much.
pub(crate) fn examined(price: &str) -> Sheet {
    let parts = [("joined", "生产部"), ("cause", "铸砂"), ("part", "阀芯"), ("quantity", "1"), ("price", price)];
    taken("普通件").write(&parts).sign("quality", "何锃")
}

#[test]
fn what_does_not_apply_is_passed_over() {
    assert_eq!(taken("急件").stands(), "紧急对策");
    let ordinary = taken("普通件");
    assert_eq!(ordinary.stands(), "质检");
    assert_eq!(ordinary.steps(), ["登记", "质检", "答复", "关闭"]);
    assert_eq!(ordinary.closed("measure"), "“紧急对策”栏这张单不用填：看“急/普”");
    assert_eq!(ordinary.closed("measured"), "“紧急对策”这张单不用签：看“急/普”");
    // Nothing is decided before the section above is signed.
    let fresh = Sheet::new();
    assert_eq!(fresh.closed("measure"), "“紧急对策”栏还没轮到：先要“登记”签署（4.5.1）");
    // A correction brings it back.
    let back = ordinary.write(&[("urgency", "急件")]);
    assert_eq!(back.stands(), "紧急对策");
}

#[test]
fn a_stage_may_depend_on_a_sum_and_a_setting() {
    assert_eq!(examined("100").stands(), "答复");
    assert_eq!(examined("20000").stands(), "批准");
    let mut procedure = procedure_of(&LIFE.replace("> 10000", "> setting.ordinary * 1000"));
    let stands = |procedure: &Procedure| {
        let form = procedure.form(&"life".into()).unwrap();
        flow::standing_name(form, flow::standing(form, &examined("8000").record)).to_owned()
    };
    assert_eq!(stands(&procedure), "批准", "7 as declared");
    let nine = procedure.document.changed(&Change::Setting("ordinary".into(), "9".to_owned())).unwrap();
    procedure.go_by(nine).unwrap();
    assert_eq!(stands(&procedure), "答复", "the office set it");
}

#[test]
fn what_does_not_apply_is_struck_on_paper_and_stays_legible() {
    let text = taken("普通件").write(&[("measure", "先停机")]).page();
    expect_file!["../data/pages/life-struck.txt"].assert_eq(&text);
    let satisfied = examined("100").write(&[("left", "2026-11-18 9:00"), ("opinion", "满意")]);
    assert_eq!(satisfied.closed("late"), "“晚到原因”现在不用填：看“用户意见”");
    let open = satisfied.page();
    assert!(!open.contains(" / [late]"), "{open}");
    let signed = satisfied.sign("replier", "天府代理（章）").page();
    assert!(signed.contains(" / [late]"), "{signed}");
    // What is empty because it does not apply is not asked for when the papers are filed.
    let done =
        examined("100").write(&[("left", "/"), ("opinion", "满意")]).sign("replier", "甲代理").sign("closer", "沈䶮");
    let why = taizhang::retention::unready(done.form(), &done.record);
    assert!(why.iter().all(|it| !it.contains("晚到") && !it.contains("对策")), "{why:?}");
}

#[test]
fn signatures_in_any_order() {
    let both = || taken("普通件").write(&[("joined", "研究所"), ("cause", "铸砂")]);
    let life = both();
    let open = Life::new(life.form(), &life.record).open();
    assert_eq!(open.iter().map(|it| life.form().stages[*it].name.as_str()).collect::<Vec<_>>(), ["质检", "研究"]);
    let institute = both().sign("institute", "陆喆");
    assert_eq!(institute.stands(), "质检");
    assert_eq!(institute.sign("quality", "何锃").stands(), "答复");
    assert_eq!(both().sign("quality", "何锃").stands(), "研究");
    let mut early = both();
    let refused = early.try_sign("replier", &by("甲代理")).unwrap_err();
    assert_eq!(refused, "还没轮到“答复”：先要“质检”签署（4.5.1）");
}

#[test]
fn a_verdict_leads_where_its_word_says() {
    let mut asked = examined("20000");
    let refused = |it: Result<(), String>| it.unwrap_err();
    assert_eq!(refused(asked.try_sign("leader", &by("钱立群"))), "请选“批准”的意见：同意、不同意、换机（4.5.1）");
    let no = Signature { verdict: "不同意".to_owned(), ..by("钱立群") };
    assert_eq!(refused(asked.try_sign("leader", &no)), "请写明为什么“不同意”（4.5.1）");
    assert_eq!(asked.say("leader", "钱立群", "同意", "").stands(), "答复");
    // Back to 质检: another round that begins with its section, with what is kept.
    let back = examined("20000").say("leader", "钱立群", "不同意", "价高");
    assert_eq!((back.record.rounds.len(), back.stands()), (2, "质检"));
    let latest = |it: &str| back.record.latest(back.form(), it);
    assert_eq!((latest("cause"), latest("part"), latest("price")), ("铸砂", "阀芯", ""));
    assert_eq!((latest("urgency"), latest("quality")), ("普通件", ""));
    let signed = back.record.signed("leader", 0).unwrap();
    assert_eq!((signed.verdict.as_str(), signed.why.as_str()), ("不同意", "价高"));
    // To the last: what lies between does not apply, and another sheet is proposed.
    let exchanged = examined("20000").say("leader", "钱立群", "换机", "");
    assert_eq!(exchanged.stands(), "关闭");
    assert_eq!(exchanged.closed("replier"), "“答复”这张单不用签：“批准”是“换机”");
    let start = |it: &Sheet| flow::offer(it.form(), &it.record, &it.form().starts[0]);
    assert_eq!(start(&exchanged), Offer::Proposed("“批准”是“换机”".to_owned()));
    assert_eq!(start(&examined("20000")), Offer::Waits("“用户意见”是“不满意”时".to_owned()));
}

#[test]
fn an_answer_goes_back_to_a_stage_and_keeps_what_stands_above() {
    let answered = examined("100").write(&[("left", "2026-11-18"), ("opinion", "不满意"), ("late", "雪")]);
    let back = answered.sign("replier", "甲代理");
    assert_eq!((back.record.rounds.len(), back.stands()), (2, "质检"));
    assert_eq!(back.record.written(0, "opinion"), "不满意");
    // The round that was gone through stays as it was, strokes and all.
    let first = sheet(&back.procedure, back.form(), &back.record, &Look { round: 0, ..Look::default() });
    assert!(page_text(&first).contains("铸砂"));
    // A correction of a signed answer does the same.
    let satisfied = examined("100").write(&[("left", "/"), ("opinion", "满意")]);
    let done = satisfied.sign("replier", "甲代理").sign("closer", "沈䶮");
    assert_eq!(done.stands(), "归档");
    let correction = Correction {
        cell: CellId::new("opinion", 0),
        old: "满意".to_owned(),
        new: "不满意".to_owned(),
        by: "沈䶮".to_owned(),
        on: "2026-11-20".to_owned(),
        reason: "来电".to_owned(),
    };
    let opened = flow::sent_back(done.form(), &done.record, &correction).unwrap();
    assert_eq!(opened.carried.first().map(|it| (it.0.round, it.1.as_str())), Some((1, "铸砂")));
}

#[test]
fn a_round_that_begins_late_keeps_the_sections_above_it() {
    let text = LIFE.replace("goes = \"质检\", starts", "goes = \"答复\", starts");
    let procedure = procedure_of(&text);
    let form = procedure.form(&"life".into()).unwrap();
    let mut sheet = examined("100").write(&[("left", "/"), ("opinion", "不满意"), ("late", "雪")]);
    sheet.procedure = procedure.clone();
    let sheet = sheet.sign("replier", "甲代理");
    assert_eq!((sheet.record.rounds.len(), sheet.stands()), (2, "答复"));
    let record = &sheet.record;
    assert_eq!((record.latest(form, "cause"), record.latest(form, "quality")), ("铸砂", "何锃"));
    assert_eq!(record.home(form, "cause", 1), 0);
    assert_eq!(record.home(form, "opinion", 1), 1);
    let began = Deed::Began { round: 1, at: "replier".into() };
    assert_eq!(record.facts.last().map(|it| &it.deed), Some(&began));
    // What is signed above is signed still, and corrected where it stands.
    assert!(sheet.closed("cause").contains("不许划改"));
    let refused = flow::asked(form, record, &"quality".into(), "何锃", None).unwrap_err();
    assert!(refused.to_string().contains("已签署"), "{refused}");
}

#[test]
fn a_round_is_begun_by_hand_with_a_reason() {
    let early = taken("普通件");
    assert!(flow::may_begin_again(early.form(), &early.record).is_none());
    let on = examined("100");
    let (again, stage) = flow::may_begin_again(on.form(), &on.record).unwrap();
    assert_eq!((again.name.as_str(), on.form().stages[stage].name.as_str()), ("再次申请", "质检"));
    let refused = flow::begin_again(on.form(), &on.record, " ").unwrap_err();
    assert_eq!(refused.to_string(), "请写上“再次申请”的理由");
    let begun = flow::begin_again(on.form(), &on.record, "又坏了").unwrap();
    assert_eq!(begun.deeds, [Deed::Reopened { round: 1, reason: "又坏了".to_owned() }]);
    let kept: Vec<&str> = begun.carried.iter().map(|it| it.0.field.as_str()).collect();
    assert_eq!(kept, ["cause", "part"]);
}

#[test]
fn a_signature_is_not_before_a_moment_and_never_the_same_person() {
    let refused = |sheet: &mut Sheet, name: &str| sheet.try_sign("replier", &by(name)).unwrap_err();
    let mut sheet = examined("100").write(&[("opinion", "满意")]);
    let excused = excused(&sheet, "replier", by("甲代理"));
    assert_eq!(sheet.try_sign("replier", &excused).unwrap_err(), "先写“离开时间”（4.5.1）");
    let mut sheet = sheet.write(&[("left", "2026-11-21 9:00")]);
    assert_eq!(refused(&mut sheet, "甲代理"), "签署日期不能早于“离开时间”的 2026-11-21（4.5.1）");
    let mut sheet = sheet.write(&[("left", "2026-11-20 8:00")]);
    assert_eq!(refused(&mut sheet, "沈 䶮"), "答复人与登记人不能是同一个人，请换人签（4.5.1）");
    assert!(sheet.try_sign("replier", &by("甲代理")).is_ok());
}

#[test]
fn a_section_may_refuse_corrections() {
    let sheet = examined("100");
    let cause = sheet.form().field(&"cause".into()).unwrap();
    assert!(!flow::is_correctable(sheet.form(), &sheet.record, cause));
    assert_eq!(sheet.closed("cause"), "“调查”栏签过以后不许划改；写错了请作废这张单，另开一张（4.5.1）");
    let [old, new, by, on, reason] = ["铸砂", "砂眼", "何锃", "2026-11-20", "笔误"].map(str::to_owned);
    let correction = Correction { cell: CellId::new("cause", 0), old, new, by, on, reason };
    let refused = flow::correction(sheet.form(), &sheet.record, &correction).unwrap_err();
    assert!(refused.to_string().contains("不许划改"), "{refused}");
}

#[test]
fn posts_and_those_outside_are_asked_about() {
    let text = LIFE.replace(
        "name = \"批准\", by = \"leader\", whose = { role = \"acceptance\" }",
        "name = \"批准\", by = \"leader\", whose = { any = [{ post = \"总经理\" }, { post = \"管理者代表\" }] }",
    );
    let document = include_str!("../../assets/procedures/qg-r0309/procedure.toml");
    let document = document.replacen("[roles]", "posts = [\"总经理\", \"管理者代表\"]\n\n[roles]", 1);
    let own = [("procedure.toml", document), ("08.toml", text)].map(|(name, text)| (name.to_owned(), text));
    let mut procedure = Procedure::load(&own).unwrap();
    let mut people = procedure.document.clone();
    for (name, post) in [("严嵩", "管理者代表"), ("何锃", "")] {
        people = people.changed(&Change::AddPerson(name.to_owned(), "技术质安部".to_owned())).unwrap();
        people = people.changed(&Change::Post(name.to_owned(), post.to_owned())).unwrap();
    }
    procedure.go_by(people).unwrap();
    let sheet = Sheet { procedure, ..examined("20000") };
    let conflicts = |field: &str, name: &str| {
        flow::asked(sheet.form(), &sheet.record, &field.into(), name, None).unwrap().conflicts.join("")
    };
    assert_eq!(conflicts("leader", "何锃"), "“批准”由总经理或管理者代表签，何锃不是");
    assert_eq!(conflicts("leader", "严嵩"), "");
    assert_eq!(conflicts("leader", "不在表里的人"), "");
    let stage = &sheet.form().stages[4];
    let document = &sheet.procedure.document;
    assert_eq!(flow::whose(document, sheet.form(), &sheet.record, stage), "总经理或管理者代表");
    let offered = flow::signers(document, sheet.form(), &sheet.record, stage);
    assert_eq!(offered.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["严嵩", "何锃"]);
    // A post is kept with the book, and goes with it.
    assert!(document.to_keep(None).unwrap().contains("\"post\":\"管理者代表\""));
    let small = Sheet { procedure: sheet.procedure.clone(), ..examined("10") };
    let asked = flow::asked(small.form(), &small.record, &"replier".into(), "何锃", None).unwrap();
    assert!(asked.outside && asked.conflicts.contains(&"何锃是本单位的人，“答复”由代理商签".to_owned()));
}

#[test]
fn a_sheet_passed_on_is_signed_by_whom_it_went_to() {
    let mut sheet = examined("100").write(&[("left", "/"), ("opinion", "满意")]).sign("replier", "甲代理");
    let stage = sheet.form().stages[6].clone();
    let whose = |it: &Sheet| flow::whose(&it.procedure.document, it.form(), &it.record, &stage);
    assert_eq!(whose(&sheet), "");
    let [department, person, on] = ["商务部", "陆喆", "2026-11-20"].map(str::to_owned);
    sheet.record.facts.push(Fact { at: now(), by: String::new(), deed: Deed::PassedOn { department, person, on } });
    assert_eq!(whose(&sheet), "商务部");
}

fn mistakes(change: (&str, &str), wanted: Expect) {
    assert!(LIFE.contains(change.0), "{}", change.0);
    let text = LIFE.replacen(change.0, change.1, 1);
    let found = Procedure::load(&[("08.toml".to_owned(), text)]).map_or_else(|it| it.0, |_| Vec::new());
    let said: Vec<String> = found.iter().map(ToString::to_string).collect();
    wanted.assert_eq(&said.join("\n"));
}

#[test]
fn what_is_wrong_with_a_life_is_told_where_it_stands() {
    mistakes(
        ("when = \"urgency == '急件'\"", "when = \"urgent == '急件'\""),
        expect![
            "读取表单文件 08.toml 第 35 行第 8 列：条件里的“urgent”没有对应的 [[field]] 或表，也不是 setting、rounds"
        ],
    );
    mistakes(
        ("> 10000", "> setting.limit"),
        expect![
            "读取表单文件 08.toml 第 15 行第 73 列：没有“limit”这个设置，可用：urgent、ordinary、working、visit、retention、void_in_ledger、soon、corrections、idle"
        ],
    );
    mistakes(
        ("goes = \"质检\" }, { word = \"换机\"", "goes = \"质捡\" }, { word = \"换机\""),
        expect![
            "读取表单文件 08.toml 第 15 行第 122 列：没有“质捡”这个环节，可用：登记、紧急对策、质检、研究、批准、答复、关闭、on、last"
        ],
    );
    mistakes(
        ("goes = \"质检\" }, { word = \"换机\"", "goes = \"登记\" }, { word = \"换机\""),
        expect!["读取表单文件 08.toml 第 15 行第 122 列：“不同意”会从前面再走一遍，“登记”要有 repeats = true"],
    );
    mistakes(
        ("starts = \"05\" }] },", "starts = \"01\" }] },"),
        expect![[r#"读取表单文件 08.toml 第 15 行第 153 列：“换机”另起表单 01，要有一个 [[starts]] form = "01""#]],
    );
    mistakes(
        ("whose = \"sent\"", "whose = { post = \"总经理\" }"),
        expect![
            "读取表单文件 08.toml 第 17 行第 50 列：procedure.toml 的 posts 里没有“总经理”这个职务，这里一个也没有"
        ],
    );
    mistakes(
        ("from = \"质检\"", "from = \"登记\""),
        expect!["读取表单文件 08.toml 第 23 行第 8 列：“再次申请”会从前面再走一遍，“登记”要有 repeats = true"],
    );
    mistakes(
        ("keeps = [\"cause\", \"part\"]", "keeps = [\"causes\", \"urgency\"]"),
        expect![[r#"
        读取表单文件 08.toml 第 9 行第 10 列：“causes”没有对应的 [[field]]
        读取表单文件 08.toml 第 9 行第 20 列：“急/普”：keeps 里是再走一遍的栏里要写的格子，不是签名"#]],
    );
    mistakes(
        ("not_before = \"left\"", "not_before = \"opinion\""),
        expect!["读取表单文件 08.toml 第 16 行第 76 列：“opinion”应是一个日期或时刻的格子（not_before）"],
    );
    mistakes(
        ("any_order = true, when", "when"),
        expect!["读取表单文件 08.toml 第 13 行第 115 列：any_order 要写在相邻的几个环节上"],
    );
    mistakes(
        ("word = \"换机\"", "word = \"同意\""),
        expect!["读取表单文件 08.toml 第 15 行第 153 列：“同意”：verdict 的词各不相同，后面没有括号"],
    );
    mistakes(
        ("amount = { is", "amount = { when = \"true\", is"),
        expect!["读取表单文件 08.toml 第 73 行第 19 列：“金额”：表里的列不写 when"],
    );
}

/// Fills in what a stage asks for: every cell by its kind, answers as they are chosen.
fn fill(form: &Form, record: &mut Record, stage: usize, choose: &mut dyn FnMut(&FieldId, usize) -> usize) {
    let section = form.section_of(form.stages[stage].by.as_str());
    for field in form.every_field() {
        let here = form.section_of(field.id.as_str()).map(|it| form.signed_in(it)) == section;
        let beside = form.section_of(field.id.as_str()).is_none();
        if field.signature || !field.is_written() || !(here || beside && stage == 0) {
            continue;
        }
        if flow::closed(form, record, field).is_some() {
            continue;
        }
        let pick = |count: usize, choose: &mut dyn FnMut(&FieldId, usize) -> usize| choose(&field.id, count);
        let text = match field.kind {
            _ if !field.options.is_empty() => {
                let option = &field.options[pick(field.options.len(), choose)];
                let lettered = field.kind == Kind::Choice && !field.boxes;
                if lettered { option.letter.to_string() } else { option.word.clone() }
            }
            _ if field.closed => field.offers[pick(field.offers.len(), choose)].clone(),
            Kind::Date => "2026-11-20".to_owned(),
            Kind::Moment => format!("2026-11-{:02} 08:00", [18, 20][pick(2, choose)]),
            Kind::Time => "08:00".to_owned(),
            Kind::Duration => "2小时".to_owned(),
            Kind::Number | Kind::Money => ["1", "200000"][pick(2, choose)].to_owned(),
            _ => ["甲", "/"][pick(2, choose)].to_owned(),
        };
        let table = form.table_of(&field.id);
        let lines = table.filter(|it| it.is_fixed()).map_or(1, |it| it.rows.len());
        for line in 0..lines {
            let cell = record.cell(form, &field.id, record.last_round(), line);
            record.put(&cell, &text);
        }
    }
}

/// Goes through a form's life once, by whatever is chosen; the stages it was at. None where it ran round and round.
fn walk(form: &Form, seed: u64, tried: &mut BTreeSet<(FieldId, usize)>) -> Option<Vec<usize>> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut choose = |of: &FieldId, count: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let chosen = usize::try_from(state % count as u64).unwrap();
        tried.insert((of.clone(), chosen));
        chosen
    };
    let mut record = Record::empty(form, now());
    let mut been = Vec::new();
    for step in 0..60 {
        let next = match flow::standing(form, &record) {
            Standing::At(stage) => stage,
            _ => return Some(been),
        };
        been.push(next);
        fill(form, &mut record, next, &mut choose);
        // What was filled in may make another stage the next one.
        let open = Life::new(form, &record).open();
        let Some(stage) = open.get(choose(&FieldId::default(), open.len().max(1))).copied() else { continue };
        let by = form.stages[stage].by.clone();
        let words = &form.stages[stage].verdict.words;
        let word = (!words.is_empty()).then(|| &words[choose(&by, words.len())]);
        let plain = form.stages[stage].verdict.plain;
        let name = format!("签{step}");
        let asked = flow::asked(form, &record, &by, &name, None).unwrap_or_else(|why| panic!("{}: {why}", form.form));
        let signature = Signature {
            name,
            on: Some(now().date()),
            excused: asked.empty.into_iter().map(|it| (it, "没有".to_owned())).collect(),
            overruled: "照签".to_owned(),
            passed: word.filter(|_| plain).map(|it| !it.returns),
            verdict: word.map(|it| it.word.clone()).unwrap_or_default(),
            why: "理由".to_owned(),
            ..Signature::default()
        };
        let writes = flow::sign(form, &record, &by, &signature, "", now().date());
        let writes = writes.unwrap_or_else(|why| panic!("{} is stuck at {by}: {why}", form.form));
        writes.cells.iter().for_each(|(cell, text)| record.put(cell, text));
        let deeds = std::iter::once(Deed::Signed(writes.signed)).chain(writes.back.deeds);
        record.facts.extend(deeds.map(|deed| Fact { at: now(), by: String::new(), deed }));
        if writes.round {
            record.rounds.push(Values::new());
            writes.back.carried.iter().for_each(|(cell, text)| record.put(cell, text));
        }
    }
    None
}

/// Every form of every package, over whatever is answered and said: each stage is come to, and nothing ends anywhere else
/// than where the papers are filed.
#[test]
fn every_stage_of_every_form_is_reached_and_none_is_a_dead_end() {
    let catalog = Catalog::of(&[("08.toml".to_owned(), LIFE.to_owned())]);
    let names: Vec<String> = catalog.titles().map(|it| it.0.to_owned()).collect();
    let procedure = catalog.procedure(&names).unwrap_or_else(|error| panic!("{error}"));
    for form in procedure.in_use().into_iter().filter(|it| !it.stages.is_empty()) {
        let mut reached = vec![false; form.stages.len()];
        let mut ended = 0;
        // Where nothing is asked, one way is like another.
        let returns = form.fields.iter().filter(|it| it.options.iter().any(|it| it.returns || it.starts.is_some()));
        let answers: Vec<&FieldId> = form.answers.iter().chain(returns.map(|it| &it.id)).collect();
        let verdicts = form.stages.iter().filter(|it| it.verdict.is_asked());
        let asks = !form.is_straight || !answers.is_empty() || verdicts.clone().next().is_some();
        let walks = if asks { 60 } else { 2 };
        let mut tried = BTreeSet::new();
        for seed in 1..=walks {
            let Some(been) = walk(form, seed, &mut tried) else { continue };
            been.into_iter().for_each(|it| reached[it] = true);
            ended += 1;
        }
        let lost: Vec<&str> =
            form.stages.iter().zip(&reached).filter(|it| !it.1).map(|it| it.0.name.as_str()).collect();
        assert!(lost.is_empty(), "{}: {lost:?} is never come to", form.form);
        let words = verdicts.flat_map(|it| (0..it.verdict.words.len()).map(|word| (it.by.clone(), word)));
        let options = answers.into_iter().filter_map(|id| form.field(id));
        let options = options.flat_map(|it| (0..it.options.len()).map(|option| (it.id.clone(), option)));
        let missed: Vec<(FieldId, usize)> = words.chain(options).filter(|it| !tried.contains(it)).collect();
        assert!(missed.is_empty(), "{}: {missed:?} was never said", form.form);
        assert!(ended * 2 > walks, "{}: only {ended} of {walks} came to an end", form.form);
    }
}

#[test]
fn where_a_round_began_and_what_was_said_goes_into_exchange_files_and_comes_back() {
    let back = examined("20000").say("leader", "钱立群", "不同意", "价高");
    let mut record = back.record.clone();
    record.number = "2026-001".to_owned();
    let deed = Deed::Began { round: 1, at: "leader".into() };
    record.facts.push(Fact { at: now(), by: "沈䶮".to_owned(), deed });
    let json = taizhang::exchange::to_json(&back.procedure, &record, now().date());
    let text = serde_json::json!({ "formlife": [json] }).to_string();
    let read = taizhang::exchange::read(&text, &back.procedure, now()).unwrap().remove(0);
    assert_eq!((&read.rounds, &read.facts), (&record.rounds, &record.facts));
}
