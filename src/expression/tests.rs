//! Expressions as a form's writer has them, and as nobody should.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::{Expression, FUNCTIONS, LONGEST, Scope, Value};
use crate::calendar::Calendar;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn line(part: &str, quantity: f64, price: Option<f64>) -> BTreeMap<String, Value> {
    let named = |name: &str, it: Value| (name.to_owned(), it);
    [named("part", part.into()), named("quantity", quantity.into()), named("price", price.into())].into()
}

fn scope(calendar: &Calendar) -> Scope<'_> {
    let limit = BTreeMap::from([("approval".to_owned(), Value::Number(10000.0))]);
    let clock = BTreeMap::from([("kept".to_owned(), Value::Truth(true))]);
    let clocks = BTreeMap::from([("到位".to_owned(), Value::Map(clock.into()))]);
    Scope::new(calendar)
        .with("warranty", "三包内")
        .with("charged", 12.5)
        .with("rounds", 2.0)
        .with("yes", true)
        .with("empty", Value::Missing)
        .with("called", day("2026-11-20").and_hms_opt(16, 0, 0).unwrap())
        .with("deadline", day("2026-11-24"))
        .with("limit", Value::Map(limit.into()))
        .with("clock", Value::Map(clocks.into()))
        .with("parts", Value::rows([line("轴", 2.0, Some(1.1)), line("套", 3.0, None), line("键", 1.0, Some(2.2))]))
        .asking(|name| (name == "stage.closed").then(|| day("2026-11-23").into()))
}

/// What a text comes to, in words; a mistake or fault as its sentence.
fn said(text: &str) -> String {
    let calendar = Calendar::load(None).unwrap();
    match Expression::parse(text) {
        Err(it) => format!("{}:{} {}", it.line, it.column, it.message),
        Ok(it) => it.evaluate(&scope(&calendar)).map_or_else(|it| format!("! {it}"), |it| it.to_string()),
    }
}

#[test]
fn expressions_come_to_what_their_writers_mean() {
    let all = [
        ("warranty == '三包内' && charged > 0", "是"),
        ("1 == 1.0 && 2 * 0.5 == 1 && 7 / 2 == 3.5", "是"),
        ("0.1 + 0.2 == 0.3 && 0.3 - 0.1 - 0.2 == 0 && 1.15 * 3 >= 3.45", "是"),
        ("rounds > 1 ? '第' + text(rounds) + '次：' + warranty : warranty", "第2次：三包内"),
        ("'a' + text(empty) + 'b'", "ab"),
        ("'a' + empty", ""),
        ("empty > 3 ? '是' : '否'", "否"),
        ("empty == 'x' || true", "是"),
        ("empty == 'x' && false", "否"),
        ("!(empty == 'x')", ""),
        ("empty != 'x' ? 1 : 2", "2"),
        ("is_empty(empty) && !is_empty(charged)", "是"),
        ("5 / 0", ""),
        ("5 % 0", ""),
        ("percent(0, 0, 1)", ""),
        ("sum(parts, 'quantity')", "6"),
        ("parts.sum('price')", "3.3"),
        ("sum(parts.map(r, r.quantity * r.price))", "4.4"),
        ("count(parts)", "3"),
        ("count(parts, 'price')", "2"),
        ("parts.filter(r, r.quantity > 1).count()", "2"),
        ("parts.exists(r, r.part == '键')", "是"),
        ("parts.all(r, !is_empty(r.price))", "否"),
        ("parts.all(r, parts.exists(s, s.part == r.part))", "是"),
        ("parts[0].part + parts[2].part", "轴键"),
        ("parts[9].part", ""),
        ("min(parts, 'quantity') + max(parts, 'quantity')", "4"),
        ("max(empty, 3, 2)", "3"),
        ("mean(parts, 'price')", "1.65"),
        ("sum([])", ""),
        ("warranty in ['三包内', '三包外']", "是"),
        ("3 in ['三包内']", "否"),
        ("limit.approval > 9999.5", "是"),
        ("clock('到位').kept", "是"),
        ("within(stage.closed, [deadline - days(3), deadline])", "是"),
        ("called < deadline && called <= moment('2026-11-20 16:00')", "是"),
        ("called == date('2026-11-20')", "是"),
        ("deadline - date('2026-11-20') == days(4)", "是"),
        ("called + hours(24)", "2026-11-21 16:00"),
        ("date('2026-11-20') + days(1)", "2026-11-21"),
        ("hours(called, called + hours(1) / 2)", "0.5"),
        ("days(deadline - date('2026-11-20'))", "4"),
        ("working_hours(called, moment('2026-11-23 16:00'))", "8"),
        ("add_days(deadline, -24)", "2026-10-31"),
        ("add_days(deadline, 1e30)", ""),
        ("add_months(deadline, -200000000)", ""),
        ("date(2026, 2, 30)", ""),
        ("date(called)", "2026-11-20"),
        ("moment(deadline, '25:00')", ""),
        ("round(2.5) + round(-2.5) + round(0.4)", "0"),
        ("round(1.005, 2)", "1.01"),
        ("round(999.995, 2)", "1000"),
        ("round(0.0004, 3)", "0"),
        ("1e300 * 1e300", ""),
        ("capitals(0)", "零元整"),
        ("capitals(10500)", "壹万零伍佰元整"),
        ("capitals(1005.03)", "壹仟零伍元零叁分"),
        ("capitals(100010000)", "壹亿零壹万元整"),
        ("capitals(107000.53)", "壹拾万零柒仟元伍角叁分"),
        ("capitals(0.5)", "伍角整"),
        ("capitals(0.05)", "伍分"),
        ("capitals(-16409.02)", "负壹万陆仟肆佰零玖元零贰分"),
        ("capitals(300000000000)", "叁仟亿元整"),
        ("yes", "是"),
        ("-charged", "-12.5"),
        ("[1, empty, 'x']", "1、x"),
        ("size('')", "0"),
        ("'\\'\\\\'", "'\\"),
    ];
    let wrong: Vec<String> = all
        .iter()
        .filter(|it| said(it.0) != it.1)
        .map(|it| format!("{} → {}, not {}", it.0, said(it.0), it.1))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_mistake_says_where_and_what_to_write() {
    let all = [
        ("", "1:1 表达式是空的"),
        ("a = 1", "1:3 相等要写两个等号 =="),
        ("a and b", "1:3 “并且”写 &&"),
        ("a & b", "1:3 “并且”写 &&，“或者”写 ||；不能只写一个 &"),
        ("名 == 1", "1:1 “名”：名字用英文字母、数字和 _；文字要放在引号里，如 '三包内'"),
        ("warranty == “三包内”", "1:13 ““”要写成英文的 '"),
        ("warranty == '三包内", "1:13 少了收尾的引号 '"),
        ("sum（parts）", "1:4 “（”要写成英文的 ("),
        ("(1 + 2", "1:1 “(”没有收尾的括号"),
        ("1 + 2)", "1:6 多了“)”，前面没有与它配对的括号"),
        ("'三包内' +\n  'x' + ", "2:9 表达式没有写完"),
        ("void ? 1 : 2", "1:1 “void”是这种语言留着的词，不能用作名字；分情况写 条件 ? 甲 : 乙"),
        ("a ? 1", "1:1 分情况要写全：条件 ? 甲 : 乙"),
        ("a b", "1:3 “b”放在这里不对；前面也许少了运算符、逗号或括号"),
        ("null", "1:1 没有 null；问一格是不是空着，写 is_empty(…)"),
        ("'三' + Sum(parts)", "1:10 没有函数 Sum；是不是 sum？"),
        ("matches('a', 'a*')", "1:8 没有函数 matches"),
        ("sum()", "1:4 sum(行, '列') 要 1 到 2 项，这里写了 0 项"),
        ("{'a': 1}", "1:1 表达式里不用“{”"),
        ("has(a.b)", "1:4 没有函数 has"),
        ("99999999999999999999", "1:1 这个数太大，写不下"),
        ("1u", "1:1 只有文字、数、true 和 false 可以直接写"),
        (".a", "1:2 名字不能以 . 开头"),
        ("rows.map(1, 2)", "1:10 map 的第一项是给一行起的名字，如 rows.map(r, …)"),
    ];
    let wrong: Vec<String> = all
        .iter()
        .filter(|it| said(it.0) != it.1)
        .map(|it| format!("{} → {}, not {}", it.0, said(it.0), it.1))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_fault_is_a_sentence() {
    let all = [
        ("nobody + 1", "! 没有名叫“nobody”的格子、列或设置"),
        ("limit.nothing", "! 这里没有“nothing”"),
        ("'第' + rounds", "! 文字不能和数相加；连成一句要写 text(…)"),
        ("warranty > 3", "! “>”两边是文字和数，不能比"),
        ("warranty && yes", "! 这里应是条件，不是文字；问写了没有用 !is_empty(…)"),
        ("deadline + 3", "! 日期加减天数要写 add_days(日期, 天数)"),
        ("sum(parts, 'nothing')", "! sum：表里没有“nothing”这一列"),
        ("sum(parts, 'part')", "! sum 要数，这里是文字"),
        ("round(1, 1.5)", "! round 的位数应是 0 到 9 的整数，不是 1.5"),
        ("capitals(1000000000000)", "! capitals：金额太大，不到一万亿才写得出"),
        ("warranty.length", "! 文字没有“length”；问表里各行用 rows.exists(r, r.length == …)"),
    ];
    let wrong: Vec<String> = all
        .iter()
        .filter(|it| said(it.0) != it.1)
        .map(|it| format!("{} → {}, not {}", it.0, said(it.0), it.1))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_and_functions_are_known_before_anything_is_reckoned() {
    let it =
        Expression::parse("total > limit.approval && parts.exists(r, r.x == y) ? sum(parts, 'a') : clock('x').kept")
            .unwrap();
    let names: Vec<&str> = it.names().iter().map(String::as_str).collect();
    assert_eq!(names, ["clock", "limit.approval", "parts", "total", "y"]);
    assert_eq!(it.functions().iter().copied().collect::<Vec<_>>(), ["sum"]);
}

#[test]
fn the_table_of_functions_is_documented_and_every_example_holds() {
    let wrong: Vec<&str> = FUNCTIONS.iter().filter(|it| said(it.example) != it.gives).map(|it| it.example).collect();
    assert!(wrong.is_empty(), "{wrong:?} → {:?}", wrong.iter().map(|it| said(it)).collect::<Vec<_>>());
    let mut table = String::from("| 函数 | 是什么 | 例 | 得 |\n|---|---|---|---|\n");
    for it in FUNCTIONS {
        writeln!(table, "| `{}{}` | {} | `{}` | {} |", it.name, it.takes, it.says, it.example, it.gives).unwrap();
    }
    let documented = std::fs::read_to_string("docs/expressions.md").unwrap();
    let there = documented.split_once("<!-- functions -->\n").map_or("", |it| it.1);
    assert_eq!(there, table, "docs/expressions.md");
}

#[test]
fn nothing_is_too_large_too_deep_or_too_long() {
    let long = |head: &str, part: &str, times: usize, tail: &str| format!("{head}{}{tail}", part.repeat(times));
    let texts = [
        long("'", "x", LONGEST, "'"),
        long("", "(", 1000, "1"),
        long("", "(", 24, &long("1", ")", 24, "")),
        long("1", "+1", 999, ""),
        long("a", ".a", 999, ""),
        long("", "!", 1990, "yes"),
        long("", "-", 1990, "1"),
        long("", "yes?1:", 300, "1"),
        long("", "yes&&", 300, "yes"),
        long("", "text(", 24, &long("1", ")", 24, "")),
        long("[", "1,", 900, "1]"),
        long("", "[", 24, &long("1", "]", 24, "")),
        // Every line of every line of every line.
        "parts.map(a, parts.map(b, parts.map(c, parts.map(d, parts.map(e, parts.map(f, parts.map(g, parts.map(h, parts.map(i, parts.map(j, parts.map(k, parts.map(l, 1))))))))))))".to_owned(),
        // Words twice as long with every step, lists too.
        long("[1,2].map(a,", "[1,2].map(b,", 20, &long("'xxxxxxxxxxxxxxxx'", ")", 21, "")),
        long("", "[warranty + warranty + warranty + warranty].map(warranty, (warranty + warranty + warranty + warranty)", 18, &")".repeat(18)),
        long("", "[parts + parts + parts + parts].map(parts, parts + parts + parts + parts + ", 18, &long("parts", ")", 18, "")),
    ];
    for text in texts {
        let began = Instant::now();
        let said = said(&text);
        assert!(began.elapsed().as_millis() < 1500, "{:?} for {said}: {text}", began.elapsed());
        assert!(said.chars().count() < 70_000, "{text}");
    }
    assert!(said(&long("1", "+1", 999, "")).contains("套得太深"));
    assert!(said(&long("", "(", 1000, "1")).contains("括号套得太深"));
    assert_eq!(said(&long("", "!", 1990, "yes")), "是");
}

/// Pieces of which a text can be made that nearly is an expression.
const PIECES: [&str; 36] = [
    "parts",
    "empty",
    "charged",
    "'三包内'",
    "1",
    "2.5",
    "1e9",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    " ",
    "+",
    "-",
    "*",
    "/",
    "%",
    "==",
    "<",
    "&&",
    "||",
    "!",
    "?",
    ":",
    " in ",
    "sum",
    "map",
    "r",
    "text",
    "date",
    "\"",
    "\\",
    "\n",
    "max",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}|[ -~]{0,60}") {
        said(&text);
    }

    #[test]
    fn no_text_that_nearly_is_one_makes_it_panic(pieces in prop::collection::vec(0..PIECES.len(), 0..24)) {
        said(&pieces.iter().map(|it| PIECES[*it]).collect::<String>());
    }

    #[test]
    fn no_value_makes_a_function_panic(which in 0..FUNCTIONS.len(), given in prop::collection::vec(0..14usize, 0..4)) {
        let values = ["empty", "charged", "-1e300", "1e18", "'x'", "yes", "deadline", "called", "parts", "parts[0]", "days(1e9)", "[1, 'x']", "date(262142, 12, 31)", "date(-262143, 1, 1)"];
        let given: Vec<&str> = given.iter().map(|it| values[*it]).collect();
        said(&format!("{}({})", FUNCTIONS[which].name, given.join(", ")));
        for sign in ["+", "-", "*", "/", "%", "<", "=="] {
            said(&given.join(sign));
        }
    }

    #[test]
    fn rounding_and_capitals_agree_with_whole_numbers(cents in 0u64..100_000_000_000) {
        let amount = cents as f64 / 100.0;
        prop_assert_eq!(said(&format!("round({amount}, 2) * 100 == {cents}")), "是");
        let capitals = said(&format!("capitals({amount})"));
        prop_assert_eq!(read_capitals(&capitals), cents, "{}", capitals);
    }
}

/// An amount in capitals, read again the way a person does.
fn read_capitals(said: &str) -> u64 {
    let (mut all, mut four, mut figure) = (0, 0, 0);
    for it in said.chars() {
        match it {
            '零' | '整' => {}
            '拾' => four += std::mem::take(&mut figure) * 10,
            '佰' => four += std::mem::take(&mut figure) * 100,
            '仟' => four += std::mem::take(&mut figure) * 1000,
            '万' => all += (std::mem::take(&mut four) + std::mem::take(&mut figure)) * 1_000_000,
            '亿' => all += (std::mem::take(&mut four) + std::mem::take(&mut figure)) * 10_000_000_000,
            '元' => all += (std::mem::take(&mut four) + std::mem::take(&mut figure)) * 100,
            '角' => all += std::mem::take(&mut figure) * 10,
            '分' => all += std::mem::take(&mut figure),
            it => figure = "零壹贰叁肆伍陆柒捌玖".chars().position(|figure| figure == it).unwrap() as u64,
        }
    }
    all
}
