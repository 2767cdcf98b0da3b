//! A sheet that was corrected, that went through several rounds, or that was voided (PROCEDURE 5), as it looks on paper.

use std::fmt::Write as _;

use crate::common::{now, procedure, slips};
use expect_test::expect_file;
use proptest::prelude::*;
use taizhang::export::{self, Clock, Which};
use taizhang::face::{Face, width};
use taizhang::layout::{Look, Mark, Page, Text, sheet};
use taizhang::procedure::Procedure;
use taizhang::record::{CellId, Correction, Record, Values, Void};
use taizhang::units::{Mm, Point};

fn look() -> Look<'static> {
    Look { copy: None, signatures: true, raw: None, round: 0 }
}

fn change(field: &str, old: &str, new: &str) -> Correction {
    Correction {
        cell: CellId::new(field, 0),
        old: old.to_owned(),
        new: new.to_owned(),
        by: "钱立群".to_owned(),
        on: "2026-11-21".to_owned(),
        reason: "笔误".to_owned(),
    }
}

/// A slip on which these corrections were made, one after the other.
fn corrected(procedure: &Procedure, corrections: Vec<Correction>) -> Record {
    let mut record = Record::empty(procedure.form(&"05".into()).unwrap(), now());
    record.number = "2026-001".to_owned();
    for it in &corrections {
        record.set(&it.cell.field, &it.new);
    }
    record.corrections = corrections;
    record
}

fn pages(procedure: &Procedure, record: &Record, look: &Look<'_>) -> Vec<Page> {
    sheet(procedure, procedure.edition(&record.form, &record.edition).unwrap(), record, look)
}

/// The level lines through a text, as from where to where.
fn strikes(page: &Page, text: &Text) -> Vec<(Mm, Mm)> {
    let inside = |y: Mm| y > text.at.y - text.size * 0.8 && y < text.at.y;
    let end = text.at.x + width(text.face, text.size, &text.text);
    let through = |it: &Mark| match it {
        Mark::Line { from, to, .. } if from.y == to.y && inside(from.y) => {
            (from.x >= text.at.x - Mm::mm(0.01) && to.x <= end + Mm::mm(0.01)).then_some((from.x, to.x))
        }
        Mark::Line { .. } | Mark::Frame { .. } | Mark::Text(_) | Mark::Stamp { .. } | Mark::Picture { .. } => None,
    };
    page.marks.iter().filter_map(through).collect()
}

/// A text with what is struck between ~~.
fn with_strikes(page: &Page, text: &Text) -> String {
    let near = |a: Mm, b: Mm| (a - b).to_mm().abs() < 0.01;
    let struck = strikes(page, text);
    let mut said = String::new();
    let mut x = text.at.x;
    for c in text.text.chars() {
        if struck.iter().any(|it| near(it.0, x)) {
            said.push_str("~~");
        }
        said.push(c);
        x += width(text.face, text.size, &c.to_string());
        if struck.iter().any(|it| near(it.1, x)) {
            said.push_str("~~");
        }
    }
    said
}

/// What stands in a field on a page, line for line, with what is struck between ~~.
fn entry(page: &Page, field: &str) -> Vec<String> {
    let of = |it: &Mark| match it {
        Mark::Text(text) if text.of.as_ref().is_some_and(|it| it.field.as_str() == field) => {
            Some(with_strikes(page, text))
        }
        Mark::Line { .. } | Mark::Frame { .. } | Mark::Text(_) | Mark::Stamp { .. } | Mark::Picture { .. } => None,
    };
    page.marks.iter().filter_map(of).collect()
}

fn words(page: &Page) -> Vec<&Text> {
    let text = |it: &Mark| matches!(it, Mark::Text(_));
    let marks = page.marks.iter().filter(|it| text(it));
    marks.filter_map(|it| if let Mark::Text(it) = it { Some(it) } else { None }).collect()
}

fn says(page: &Page, said: &str) -> bool {
    words(page).iter().any(|it| it.text == said)
}

/// §5: the old text stays legible, struck through, with the new text, the name and the date.
#[test]
fn a_corrected_line_keeps_the_old_text_struck_through_with_name_and_date() {
    let procedure = procedure();
    let record = corrected(&procedure, vec![change("contact", "陈坤", "陈堃")]);
    assert_eq!(entry(&pages(&procedure, &record, &look())[0], "contact"), ["~~陈坤~~ 陈堃", "(钱立群 2026年11月21日)"]);
}

/// §5, and §3: dates written out.
#[test]
fn a_corrected_date_is_written_out_old_and_new() {
    let procedure = procedure();
    let record = corrected(&procedure, vec![change("deadline", "2026-11-20", "2026-11-25")]);
    let page = &pages(&procedure, &record, &look())[0];
    assert_eq!(entry(page, "deadline"), ["~~2026年11月20日~~ 2026年11月25日", "(钱立群 2026年11月21日)"]);
    let mut undated = record.clone();
    undated.corrections[0].on = "上周".to_owned();
    undated.corrections[0].by = String::new();
    let page = &pages(&procedure, &undated, &look())[0];
    assert_eq!(entry(page, "deadline"), ["~~2026年11月20日~~ 2026年11月25日", "(上周)"]);
}

/// §5: in a large cell the old text is struck through in full, line for line; the new one begins a line of its own.
#[test]
fn a_corrected_text_is_struck_line_for_line() {
    let procedure = procedure();
    let record =
        corrected(&procedure, vec![change("measures", "原因：垫片压偏。\n  更换垫片。\n", "原因：螺栓松动。")]);
    assert_eq!(
        entry(&pages(&procedure, &record, &look())[0], "measures"),
        ["~~原因：垫片压偏。~~", "  ~~更换垫片。~~", "原因：螺栓松动。 (钱立群 2026年11月21日)"]
    );
}

/// §5: each earlier text is struck, oldest first; what was empty before, or is now, leaves no line behind.
#[test]
fn what_was_changed_twice_keeps_both_earlier_texts() {
    let procedure = procedure();
    let mut second = change("complaint", "法兰漏水", "法兰渗漏");
    "赵敏华".clone_into(&mut second.by);
    let record = corrected(&procedure, vec![change("complaint", "管口漏水", "法兰漏水"), second]);
    let page = &pages(&procedure, &record, &look())[0];
    assert_eq!(
        entry(page, "complaint"),
        ["~~管口漏水~~", "~~法兰漏水~~ (钱立群 2026年11月21日)", "法兰渗漏 (赵敏华 2026年11月21日)"]
    );
    let record = corrected(&procedure, vec![change("phone", "", "139"), change("phone", "139", "")]);
    let page = &pages(&procedure, &record, &look())[0];
    assert_eq!(entry(page, "phone").concat(), "~~139~~ (钱立群 2026年11月21日)(钱立群 2026年11月21日)");
}

/// A correction that tells only of a part (……X……) strikes that part; what stands in the cell is not struck.
#[test]
fn an_excerpt_is_taken_for_a_part_of_the_entry() {
    let procedure = procedure();
    let mut record = corrected(&procedure, vec![change("measures", "……材料Q235B，……", "……材料Q345R，……")]);
    record.set(&"measures".into(), "两端各加焊接长板30mm，材料Q345R，现场焊接。");
    assert_eq!(
        entry(&pages(&procedure, &record, &look())[0], "measures"),
        ["~~……材料Q235B，……~~", "两端各加焊接长板30mm，材料Q345R，现场焊接。 (钱立群 2026年11月21日)"]
    );
}

/// §5: the letter that was ticked keeps its tick, struck through; the new one is ticked; who and when stands under them.
#[test]
fn a_corrected_answer_keeps_the_old_tick_struck_through() {
    let procedure = procedure();
    let answers =
        vec![change("opinion", "D 较不满意", "F 其他（再观察）"), change("opinion", "F 其他（再观察）", "B 较满意")];
    let record = corrected(&procedure, answers);
    let page = &pages(&procedure, &record, &look())[0];
    assert_eq!(
        entry(page, "opinion"),
        ["√", "~~√~~", "~~√~~", "~~再观察~~", "D改为F(钱立群 2026年11月21日) F改为B(钱立群 2026年11月21日)"]
    );
    // Each tick stands before its letter.
    let ticks = words(page).into_iter().filter(|it| it.text == "√");
    let behind = |tick: &Text| {
        let x = tick.at.x + width(Face::Song, tick.size, "√");
        let next = words(page).into_iter().find(|it| it.at.y == tick.at.y && (it.at.x - x).to_mm().abs() < 0.01);
        next.unwrap().text.chars().next().unwrap()
    };
    assert_eq!(ticks.map(behind).collect::<String>(), "BDF");
    let record = corrected(&procedure, vec![change("opinion", "还行吧", "A 满意"), change("opinion", "A 满意", "")]);
    let page = &pages(&procedure, &record, &look())[0];
    assert_eq!(entry(page, "opinion"), ["~~√~~", "~~还行吧~~ 选A(钱立群 2026年11月21日) 划去A(钱立群 2026年11月21日)"]);
}

/// §3: what does not fit goes on a continuation sheet, struck there too; what is valid now stands on the front.
#[test]
fn a_low_cell_shows_what_is_valid_and_the_next_sheet_all_of_it() {
    let procedure = procedure();
    let put_off = vec![change("deadline", "2026-11-20", "2026-11-22"), change("deadline", "2026-11-22", "2026-11-25")];
    let record = corrected(&procedure, put_off);
    let pages = pages(&procedure, &record, &look());
    assert_eq!(entry(&pages[0], "deadline"), ["2026年11月25日"]);
    assert!(says(&pages[0], "见续页") && says(&pages[1], "完成期限(续):"));
    assert_eq!(
        entry(&pages[1], "deadline"),
        ["~~2026年11月20日~~ ~~2026年11月22日~~ (钱立群 2026年11月21日) 2026年11月25日 (钱立群 2026年11月21日)"]
    );
}

/// §3 and §5: a long text that was replaced by another runs over several sheets, struck and not struck.
#[test]
fn a_long_corrected_text_is_struck_on_the_continuation_sheets_too() {
    let procedure = procedure();
    let (old, new) = ("旧垫片已经压偏。".repeat(400), "新垫片已经更换。".repeat(60));
    let record = corrected(&procedure, vec![change("measures", &old, &new)]);
    let pages = pages(&procedure, &record, &look());
    assert!(pages.len() > 2, "{}", pages.len());
    for page in &pages {
        for line in entry(page, "measures") {
            let is_old = line.contains('旧') || line.contains('偏');
            assert_eq!(line.starts_with("~~") && line.ends_with("~~"), is_old, "{line}");
        }
    }
    let set: String = pages.iter().flat_map(|it| entry(it, "measures")).collect();
    assert_eq!(set.replace("~~", ""), format!("{old}{new} (钱立群 2026年11月21日)"));
}

/// §5: the printed copy leaves signature cells empty for ink; what was changed in them goes with them.
#[test]
fn a_corrected_signature_is_not_printed_where_ink_goes() {
    let procedure = procedure();
    let record = corrected(&procedure, vec![change("verifier", "倪加", "倪佳")]);
    let ink = Look { signatures: false, ..look() };
    assert_eq!(entry(&pages(&procedure, &record, &ink)[0], "verifier"), [""; 0]);
    assert_eq!(
        entry(&pages(&procedure, &record, &look())[0], "verifier").concat(),
        "~~倪加~~ 倪佳 (钱立群 2026年11月21日)"
    );
}

/// Under the pen stands what is being written, and nothing else: its lines are the pen's lines.
#[test]
fn under_the_pen_stands_the_plain_entry() {
    let procedure = procedure();
    for (field, old, new) in [("contact", "陈坤", "陈堃"), ("opinion", "D 较不满意", "F 其他（好）")] {
        let record = corrected(&procedure, vec![change(field, old, new)]);
        let mut plain = record.clone();
        plain.corrections.clear();
        let id = CellId::new(field, 0);
        let raw = Look { raw: Some(&id), ..look() };
        assert_eq!(pages(&procedure, &record, &raw), pages(&procedure, &plain, &raw));
        assert_ne!(pages(&procedure, &record, &look()), pages(&procedure, &plain, &look()));
    }
}

/// A slip that went through three rounds, each section that is gone through again with words of its own.
fn three_rounds(procedure: &Procedure) -> Record {
    let mut record = Record::empty(procedure.form(&"05".into()).unwrap(), now());
    record.rounds.resize(3, Values::new());
    record.set(&"customer".into(), "甲厂");
    for (round, words) in ["第一轮措施", "第二轮措施", "第三轮措施"].into_iter().enumerate() {
        record.put(&CellId::new("measures", round), words);
    }
    record.corrections =
        vec![Correction { cell: CellId::new("measures", 1), ..change("measures", "原来的", "第二轮措施") }];
    record
}

/// §5: every round is kept and counted: each has its own sheet, which says which it is.
#[test]
fn each_round_has_its_own_sheet() {
    let procedure = procedure();
    let record = three_rounds(&procedure);
    let set: Vec<Vec<String>> = (0..4)
        .map(|round| {
            let page = pages(&procedure, &record, &Look { round, ..look() }).remove(0);
            let said = words(&page).into_iter().find(|it| it.text.contains("次处置")).unwrap().text.clone();
            [vec![said], entry(&page, "customer"), entry(&page, "measures")].concat()
        })
        .collect();
    assert_eq!(set[0], ["第 1 次处置（共 3 次）", "甲厂", "第一轮措施"]);
    assert_eq!(set[1], ["第 2 次处置（共 3 次）", "甲厂", "~~原来的~~", "第二轮措施 (钱立群 2026年11月21日)"]);
    assert_eq!(set[2], ["第 3 次处置（共 3 次）", "甲厂", "第三轮措施"]);
    assert_eq!(set[3], set[2], "there is no fourth");
}

/// §3: outside the frame, so that the controlled form is unchanged; a sheet of one round says nothing.
#[test]
fn the_round_stands_outside_the_frame() {
    let procedure = procedure();
    let mut record = three_rounds(&procedure);
    let page = pages(&procedure, &record, &Look { copy: Some("第一联 报技术质安部"), ..look() }).remove(0);
    let at = |said: &str| words(&page).into_iter().find(|it| it.text == said).unwrap().at;
    let (round, copy) = (at("第 1 次处置（共 3 次）"), at("第一联 报技术质安部"));
    assert_eq!((round.x.to_mm(), round.y), (25.0, copy.y));
    assert!(round.y < Mm::mm(18.0) && round.x < copy.x);
    record.rounds.truncate(1);
    record.corrections.clear();
    assert!(words(&pages(&procedure, &record, &look())[0]).iter().all(|it| !it.text.contains("次处置")));
}

/// An entry is written in one place only: where the sheet shows it and the ledger reads it.
#[test]
fn what_is_written_once_has_one_home() {
    let procedure = procedure();
    let form = procedure.form(&"05".into()).unwrap();
    let mut record = three_rounds(&procedure);
    assert_eq!(["measures", "customer", "result"].map(|it| record.home(form, it, 2)), [2, 0, 0]);
    // Brought along by an exchange file, in its second round.
    record.put(&CellId::new("result", 1), "更换外购件");
    assert_eq!(record.home(form, "result", 2), 1);
    assert_eq!(record.value_in(form, "result", 0), record.latest(form, "result"));
}

fn stamp(page: &Page) -> Option<&Text> {
    match page.marks.first() {
        Some(Mark::Stamp { text, .. }) => Some(text),
        Some(Mark::Line { .. } | Mark::Frame { .. } | Mark::Text(_) | Mark::Picture { .. }) | None => None,
    }
}

fn voided(procedure: &Procedure, reason: &str) -> Record {
    let mut record = corrected(procedure, Vec::new());
    record.set(&"complaint".into(), &"法兰渗漏。".repeat(200));
    record.void = Some(Void { by: "钱立群".into(), on: "2026-11-21".into(), reason: reason.into() });
    record
}

/// §5: a voided slip keeps its number; it is stamped on every page, under the text, and says why, by whom and when.
#[test]
fn a_void_slip_is_stamped_on_every_page() {
    let procedure = procedure();
    let record = voided(&procedure, "重复登记\n见 2026-002");
    let pages = pages(&procedure, &record, &look());
    assert!(pages.len() > 1);
    for page in &pages {
        assert_eq!(stamp(page).unwrap().text, "作废");
        assert_eq!(page.marks.iter().filter(|it| matches!(it, Mark::Stamp { .. })).count(), 1);
        let Mark::Stamp { rect, .. } = &page.marks[0] else { unreachable!() };
        let middle = rect.top() + rect.size.height / 2.0;
        assert!(middle < page.paper.height / 2.0 && middle > page.paper.height * 0.4, "slightly above the middle");
        assert!(says(page, "作废：重复登记 见 2026-002（钱立群 2026年11月21日）"));
        assert!(says(page, "N0: 2026-001"));
    }
    let mut valid = record;
    valid.void = None;
    assert!(self::pages(&procedure, &valid, &look()).iter().all(|it| stamp(it).is_none()));
}

/// A long reason takes two lines at the most; who and when is not lost by it.
#[test]
fn a_long_reason_is_cut_and_says_where_the_rest_is() {
    let procedure = procedure();
    for length in [1, 20, 45, 80, 5_000] {
        let record = voided(&procedure, &"误".repeat(length));
        let page = pages(&procedure, &record, &look()).remove(0);
        let lowest =
            words(&page).iter().filter(|it| it.text.starts_with("作废：")).map(|it| it.at.y.to_mm()).next().unwrap();
        let lines: Vec<&Text> = words(&page).into_iter().filter(|it| it.at.y.to_mm() >= lowest).collect();
        let said: String = lines.iter().flat_map(|it| it.text.split_whitespace()).collect();
        assert!(lines.len() <= 2 && said.contains("（钱立群2026年11月21日）"), "{said}");
        assert_eq!(said.contains("全文见修改记录"), length > 80, "{said}");
        for line in lines {
            let end = line.at.x + width(line.face, line.size, &line.text);
            assert!(end <= Mm::mm(195.01) && line.at.y < Mm::mm(289.0), "{}", line.text);
        }
    }
}

/// A page as text: what stands in its cells, with what is struck, and what the sheet says of itself.
fn said(pages: &[Page]) -> String {
    let mut said = String::new();
    for (index, page) in pages.iter().enumerate() {
        writeln!(said, "== 第 {} 页", index + 1).unwrap();
        if let Some(it) = stamp(page) {
            let Point { x, y } = it.at;
            writeln!(said, "{:6.2} {:6.2} {:4.1} {}（印）", x.to_mm(), y.to_mm(), it.size.to_points(), it.text)
                .unwrap();
        }
        let labels =
            |it: &Text| it.of.is_some() || it.text.contains('续') || it.text.contains('次') || it.text.contains('废');
        for it in words(page).into_iter().filter(|it| labels(it)) {
            let of = it.of.as_ref().map_or(String::new(), |it| format!(" [{it}]"));
            let (x, y, pt) = (it.at.x.to_mm(), it.at.y.to_mm(), it.size.to_points());
            writeln!(said, "{x:6.2} {y:6.2} {pt:4.1} {}{of}", with_strikes(page, it)).unwrap();
        }
    }
    said
}

#[test]
fn the_sample_slips_that_were_changed() {
    let procedure = procedure();
    let mut all = String::new();
    for record in slips() {
        if record.corrections.is_empty() && record.rounds.len() < 2 && record.void.is_none() {
            continue;
        }
        for round in 0..record.rounds.len() {
            writeln!(all, "==== {}", record.number).unwrap();
            all.push_str(&said(&pages(&procedure, &record, &Look { round, ..look() })));
        }
    }
    expect_file!["../data/pages/changed.txt"].assert_eq(&all);
}

/// Each round's sheet after the other, in each copy.
#[test]
fn all_rounds_are_printed_in_each_copy() {
    let procedure = procedure();
    let record = three_rounds(&procedure);
    let clock = Clock { now: now(), utc_offset_minutes: 480 };
    let count = |which| {
        let bytes = export::slip(&procedure, &record, which, true, &clock).unwrap();
        // Each page object names its paper once.
        bytes.windows(9).filter(|it| it == b"/MediaBox").count()
    };
    assert_eq!([Which::Last, Which::Round(0), Which::Round(9), Which::All].map(count), [2, 2, 2, 6]);
}

fn text(most: usize) -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "甲",
        "乙。",
        "渗漏，",
        " ",
        "\n",
        "R-101",
        "（",
        "）",
        "2026-11-20",
        "𬭚",
        "😀",
        "　",
        "长而又长的一句话；",
        "D",
        "a-b/c",
    ]);
    prop::collection::vec(piece, 0..most).prop_map(|it| it.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    /// Nothing that was written is lost by a correction: every character of old and new texts is on some page, what is
    /// struck and what is not stands inside its cell.
    #[test]
    fn nothing_is_lost_by_corrections(
        changes in prop::collection::vec(
            (prop::sample::select(vec!["customer", "date", "complaint", "verifier", "verifier_date", "responsible"]), text(8), text(120)),
            1..5,
        ),
        kept in text(30),
    ) {
        let procedure = procedure();
        let made = changes.iter().map(|(field, old, new)| change(field, old, new)).collect();
        let mut record = corrected(&procedure, made);
        record.set(&"complaint".into(), &kept);
        let pages = pages(&procedure, &record, &look());
        let form = procedure.form(&record.form).unwrap();
        for field in &form.fields {
            let set: Vec<char> = pages.iter().flat_map(|it| entry(it, field.id.as_str())).flat_map(|it| it.replace("~~", "").chars().collect::<Vec<_>>()).collect();
            let shown = |it: &str| taizhang::record::shown(field.kind, it).into_owned();
            let wanted = record.corrections.iter().filter(|it| it.cell.field == field.id).flat_map(|it| [shown(&it.old), shown(&it.new)]);
            let value = shown(record.value(field.id.as_str()));
            for text in wanted.chain([value]) {
                let mut left = set.clone();
                for c in text.chars().filter(|it| !it.is_whitespace()) {
                    let place = left.iter().position(|it| *it == c);
                    prop_assert!(place.is_some(), "{}: {c} of {text:?} is lost", field.name);
                    left.swap_remove(place.unwrap_or_default());
                }
            }
        }
        for page in &pages {
            for slot in &page.slots {
                for text in words(page).into_iter().filter(|it| slot.lines.iter().any(|line| line.at == it.at)) {
                    for (left, right) in strikes(page, text) {
                        prop_assert!(left >= slot.rect.left() && right <= slot.rect.right(), "{}", slot.cell);
                        prop_assert!(left < right);
                    }
                    prop_assert!(text.at.y <= slot.rect.bottom() && text.at.y >= slot.rect.top(), "{}", slot.cell);
                }
            }
        }
    }
}
