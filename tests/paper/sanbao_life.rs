//! The lives of the 三包 sheets: what each hand opens, what is passed over, what comes back, as their procedure tells it.

use taizhang::flow::{self, Offer};
use taizhang::procedure::Catalog;

use crate::language::life::Sheet;

fn sheet(form: &str) -> Sheet {
    let procedure = Catalog::of(&[]).procedure(&["sanbao".to_owned()]).unwrap_or_else(|it| panic!("{it}"));
    Sheet::of(procedure, &format!("sanbao/{form}"))
}

/// What the sheet may start of a form.
fn offered(sheet: &Sheet, form: &str) -> Offer {
    let start = sheet.form().starts.iter().find(|it| it.form.bare() == form).unwrap();
    flow::offer(sheet.form(), &sheet.record, start)
}

/// 4.2.3, 4.2.5: nobody drives out where the telephone helps; who is not satisfied is served again, and may complain.
#[test]
fn a_dispatch_goes_by_how_it_is_served() {
    let called =
        || sheet("02").write(&[("customer", "䶮泉砂石"), ("called", "2026-11-18 9:00")]).sign("answerer", "沈䶮");
    let told = called().write(&[("method", "电话指导")]).sign("dispatcher", "何锃");
    assert_eq!(told.steps(), ["接听", "派工", "回访", "关闭"]);
    assert_eq!(told.closed("arrived"), "“到位”栏这张单不用填：看“服务方式”");
    let out = called().write(&[("method", "维修站上门")]).sign("dispatcher", "何锃").sign("taker", "甲站");
    let late = |arrived: &str| {
        let on = called().write(&[("method", "维修站上门")]).sign("dispatcher", "何锃").sign("taker", "甲站");
        on.write(&[("arrived", arrived)]).closed("late_why")
    };
    assert_eq!(late("2026-11-19 8:59"), "“未按时到位原因”现在不用填：看“到位时间”“报修时间”“再报修时间”“设置里的到位”");
    assert_eq!(late("2026-11-19 9:01"), "");
    let again = out.write(&[("outcome", "已修复"), ("callback", "不满意")]).sign("caller", "何锃");
    assert_eq!((again.stands(), again.record.rounds.len()), ("派工", 2));
    assert_eq!(again.record.latest(again.form(), "answerer"), "沈䶮", "the call is not taken down again");
    assert_eq!(offered(&again, "08"), Offer::Proposed("“回访结果”是“不满意”".to_owned()));
}

/// 4.2.4: a repair that needs no part is not asked for parts; one that did not help is begun anew.
#[test]
fn a_repair_without_parts_is_issued_none() {
    let reported = |part: &str| {
        let stage = sheet("03").write(&[("fault", "不走"), ("part_name", part)]);
        stage.sign("reporter", "甲站").sign("dealer", "乙代理（章）")
    };
    assert_eq!(reported("/").stands(), "维修");
    assert_eq!(reported("变速箱总成").stands(), "审核");
    let reviewed = |finding: &str| reported("变速箱总成").write(&[("finding", finding)]);
    assert_eq!(reviewed("三包").closed("issue"), "");
    assert_eq!(reviewed("有偿服务").closed("issue"), "“发放方式”现在不用填：看“三包认定”");
    let done = reported("/").sign("servicer", "丙").sign("user_sign", "益西多吉");
    let verified = done.write(&[("result", "无效(再修)")]).sign("verifier", "沈䶮");
    assert_eq!(offered(&verified, "02"), Offer::Proposed("“验证结果”是“无效(再修)”".to_owned()));
}

/// 4.6: above a sum the leader approves; a maker who does not agree gets the claim again, with what it said.
#[test]
fn a_claim_is_approved_by_its_sum_and_comes_back() {
    let claimed = |price: &str| {
        let lines = [("maker", "鑫犇"), ("item", "零部件"), ("quantity", "1"), ("price", price)];
        sheet("04").write(&lines).sign("compiler", "沈䶮").sign("reviewer", "何锃").sign("quality", "陆喆")
    };
    assert_eq!(claimed("10000").stands(), "厂家意见");
    assert_eq!(claimed("38500").stands(), "公司主管领导");
    let answered = claimed("10000").write(&[("answer", "要求鉴定")]).sign("maker_sign", "韦燚（章）");
    assert_eq!((answered.stands(), answered.record.rounds.len()), ("编制", 2));
    let kept = ["maker", "price", "answer"].map(|it| answered.record.latest(answered.form(), it));
    assert_eq!(kept, ["鑫犇", "10000", ""]);
}

/// 4.3.2, 4.3.3: six hands, each opens the next; a hand that does not agree says why, and the sheet travels on.
#[test]
fn an_exchange_travels_on_whoever_objects_and_is_asked_again() {
    let request = || sheet("05").write(&[("customer", "䶮泉砂石"), ("request", "换货")]).sign("user_sign", "泽仁");
    let office = request().sign("dealer", "乙代理（章）");
    assert_eq!(office.stands(), "代表处确认");
    let objected = office.say("office_head", "丁", "不同意", "在修");
    assert_eq!(objected.stands(), "片区意见");
    let area = objected.say("area_head", "戊", "同意", "");
    let report = area.write(&[("agreed", "协商无效")]).sign("compiler", "沈䶮").sign("service_head", "何锃");
    let decided = report.write(&[("decision", "继续维修")]).sign("leader", "钱立群");
    assert_eq!(decided.stands(), "关闭", "nothing is exchanged");
    assert_eq!(decided.closed("new_machine"), "“新机型号/编号”现在不用填：看“审批结论”");
    assert_eq!(offered(&decided, "02"), Offer::Proposed("“审批结论”是“继续维修”".to_owned()));
    let closed = decided.sign("closer", "陆喆");
    let begun = flow::begin_again(closed.form(), &closed.record, "又坏了").unwrap();
    assert!(begun.carried.iter().any(|it| it.1 == "䶮泉砂石") && begun.deeds.len() == 1);
}

/// 4.4: an urgent complaint has a measure at once; a widespread one is looked into by two, in whatever order, and approved.
#[test]
fn a_complaint_goes_by_how_urgent_and_how_wide_it_is() {
    let taken = |urgency: &str| {
        let stage = sheet("08").write(&[("complaint", "漏油"), ("urgency", urgency)]);
        stage.sign("registrar", "沈䶮").sign("service_head", "何锃")
    };
    assert_eq!(taken("急件(两天)").stands(), "紧急对策");
    assert_eq!(taken("普通件(七天)").steps(), ["登记", "客户服务部", "质保部", "验证", "关闭"]);
    let wide = || taken("普通件(七天)").write(&[("nature", "集中性、新产品"), ("blame", "本公司")]);
    let both = wide().sign("institute", "陆喆").sign("quality", "马腾飞");
    assert_eq!(both.stands(), "公司主管领导");
    let alone = taken("普通件(七天)").write(&[("nature", "个别")]).sign("quality", "马腾飞");
    assert_eq!(alone.stands(), "验证");
    let unhappy = alone.write(&[("opinion", "不满意")]).sign("verifier", "沈䶮");
    assert_eq!((unhappy.stands(), unhappy.record.rounds.len()), ("质保部", 2));
}

/// 4.1.5: only a point that passes is given an agreement; one with a term to mend is examined anew.
#[test]
fn a_point_that_does_not_pass_has_no_agreement() {
    let examined = |verdict: &str| {
        let named = sheet("20").write(&[("point", "甲站"), ("occasion", "首次")]);
        let named = named.sign("office_head", "丁").sign("area_head", "戊").write(&[("verdict", verdict)]);
        named.sign("examiner", "沈䶮").sign("reviewer", "何锃").sign("approver", "钱立群")
    };
    assert_eq!(examined("合格").closed("agreement"), "");
    let short = examined("限期整改");
    assert_eq!(short.closed("agreement"), "“协议编号”栏这张单不用填：看“审查结论”");
    assert_eq!(offered(&short, "20"), Offer::Proposed("“审查结论”是“限期整改”".to_owned()));
}
