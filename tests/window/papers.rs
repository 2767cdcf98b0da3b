//! The office's other printed papers: lists, the reminder (4.5.1), the label for a binder's spine (4.7).

use crate::common::{now, page_text, procedure, read};
use expect_test::expect_file;
use taizhang::export::{self, Clock};
use taizhang::face::{ASCENT, DESCENT, width};
use taizhang::layout::papers::{Entry, Paper, Reminder, Spine, Table, TableColumn, reminder, spine, table};
use taizhang::layout::{Mark, Page, Text};
use taizhang::units::{Mm, Rect};

const COMPANY: &str = "上海氯碱机械有限公司";
const RARE: &str = "阿依古丽·吐尔逊 䶮𬭚𠮷㼆 ①Ⅳ㎡℃≤";

fn clock() -> Clock {
    Clock { now: now(), utc_offset_minutes: 480 }
}

fn columns(said: &[(&str, f64, bool)]) -> Vec<TableColumn> {
    let column = |it: &(&str, f64, bool)| TableColumn { head: it.0.to_owned(), width: Mm::mm(it.1), centred: it.2 };
    said.iter().map(column).collect()
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|it| (*it).to_owned()).collect()
}

/// The number book (PROCEDURE 5): every number of the year, and why one is not in use.
fn number_book(rows: usize) -> Table {
    let rows = (1..=rows).map(|it| {
        let (state, about, why) = match it % 7 {
            3 => ("作废", "", "与上一份重复登记"),
            5 => ("预留", "", "空白单交设备修造部现场填写，领用人 徐国梁"),
            _ => ("在用", "江苏澄澜氟材料有限公司", ""),
        };
        row(&[&it.to_string(), &format!("2026-{it:03}"), state, "2026年11月10日", about, why])
    });
    Table {
        company: COMPANY.to_owned(),
        title: "用户投诉(意见)处置记录单编号簿".to_owned(),
        note: "2026 年\t2026年11月20日印".to_owned(),
        landscape: false,
        columns: columns(&[
            ("序号", 11.0, true),
            ("编号", 20.0, true),
            ("状态", 14.0, true),
            ("启用日期", 29.0, true),
            ("用户名称", 48.0, false),
            ("作废、预留原因", 48.0, false),
        ]),
        rows: rows.collect(),
        signatures: Vec::new(),
        foot: "编号连续，不得缺号。".to_owned(),
    }
}

/// The list for destruction (PROCEDURE 6): who approves, who carries out, who watches.
fn destruction(rows: usize) -> Table {
    let rows = (1..=rows).map(|it| {
        let number = format!("2022-{it:03}");
        row(&[
            &it.to_string(),
            "QG/R0309—05",
            "用户投诉(意见)处置记录单",
            &number,
            "2022年12月31日",
            "2025年12月31日",
            "2",
            "",
        ])
    });
    Table {
        company: COMPANY.to_owned(),
        title: "到期单据销毁清单".to_owned(),
        note: "保存期满单据，依据《用户服务管理程序》QG/R0309—2009 4.7\t2026年11月20日".to_owned(),
        landscape: true,
        columns: columns(&[
            ("序号", 12.0, true),
            ("表号", 30.0, true),
            ("单据名称", 62.0, false),
            ("编号", 26.0, true),
            ("归档年度末", 34.0, true),
            ("保存期至", 34.0, true),
            ("份数", 14.0, true),
            ("备注", 45.0, false),
        ]),
        rows: rows.collect(),
        signatures: row(&["批准人/日期:", "执行人/日期:", "监销人/日期:"]),
        foot: "销毁后本清单归档，台帐条目保留。".to_owned(),
    }
}

fn slip_reminder() -> Reminder {
    let say = str::to_owned;
    Reminder {
        company: say(COMPANY),
        department: say("设备修造部"),
        from: say("技术质安部"),
        number: say("2026-030"),
        form_title: say("用户投诉(意见)处置记录单"),
        subject: Entry::new("用户名称", "江苏澄澜氟材料有限公司"),
        product: Entry::new("产品名称", "液氯中间贮槽 V-203"),
        about: Entry::new(
            "投诉内容",
            "设备到厂后，我方委托的检测公司按30%比例做射线抽查，B3环缝靠近T形接头处（2#人孔中心线右侧约450mm）发现密集气孔一处，长约18mm，评为Ⅳ级；而出厂底片同一位置评的是Ⅱ级。设备已吊装就位、正等水压，请立即派人到现场。",
        ),
        received: Entry::new("投诉日期", "2026年11月10日"),
        due: Entry::new("完成期限", "2026年11月17日"),
        overdue: say("已超 3 个工作日"),
        stage: say("改进措施 待处理人签署"),
        clause: say("《用户服务管理程序》QG/R0309—2009 4.5.1"),
        asked: procedure().document.packages[0].reminder.clone(),
        by: say("钱立群"),
        on: say("2026年11月20日"),
    }
}

fn label() -> Spine {
    let say = str::to_owned;
    Spine {
        company: say(COMPANY),
        title: say("用户投诉(意见)处置记录单"),
        code: say("QG/R0309—05"),
        year: say("2026"),
        from_number: say("2026-001"),
        to_number: say("2026-048"),
        box_number: say("3"),
        binder_number: say("1"),
        retention: say("保存期三年，至 2029-12-31"),
    }
}

fn texts(page: &Page) -> impl Iterator<Item = &Text> {
    page.marks.iter().filter_map(|it| match it {
        Mark::Text(it) => Some(it),
        Mark::Line { .. } | Mark::Frame { .. } | Mark::Stamp { .. } | Mark::Picture { .. } => None,
    })
}

fn bare(text: &str) -> String {
    text.chars().filter(|it| !it.is_whitespace()).collect()
}

fn words(pages: &[Page]) -> String {
    pages.iter().flat_map(texts).map(|it| bare(&it.text)).collect()
}

/// What stands in the column whose text begins at `x`, from page to page, without blanks.
fn column(pages: &[Page], x: Mm, below: Mm) -> String {
    let there = |it: &&Text| (it.at.x - x).to_mm().abs() < 0.01 && it.at.y > below && it.at.y < Mm::mm(272.0);
    pages.iter().flat_map(texts).filter(there).map(|it| bare(&it.text)).collect()
}

fn area(text: &Text) -> Rect {
    let wide = if text.vertical { text.size } else { width(text.face, text.size, &text.text) };
    Rect::new(text.at.x, text.at.y - text.size * 0.9, wide, text.size * (0.9 + DESCENT))
}

/// Every mark lies on the paper with a printer's margin, and no two texts stand on each other.
fn check(pages: &[Page]) {
    for (index, page) in pages.iter().enumerate() {
        let paper = Rect::new(Mm::ZERO, Mm::ZERO, page.paper.width, page.paper.height).shrink(Mm::mm(5.0));
        for mark in &page.marks {
            let held = match mark {
                Mark::Line { from, to, .. } => {
                    paper.holds(Rect::new(from.x, from.y, Mm::ZERO, Mm::ZERO))
                        && paper.holds(Rect::new(to.x, to.y, Mm::ZERO, Mm::ZERO))
                }
                Mark::Frame { rect, .. } | Mark::Stamp { rect, .. } | Mark::Picture { rect, .. } => paper.holds(*rect),
                Mark::Text(text) => {
                    assert!(!text.text.trim().is_empty());
                    paper.holds(Rect::new(text.at.x, text.at.y - text.size * ASCENT, Mm::ZERO, Mm::ZERO))
                        && paper.holds(area(text))
                }
            };
            assert!(held, "page {}: {mark:?}", index + 1);
        }
        let mut areas: Vec<(Rect, &str)> =
            texts(page).map(|it| (area(it).shrink(it.size * 0.06), it.text.as_str())).collect();
        areas.sort_by(|a, b| a.0.top().to_mm().total_cmp(&b.0.top().to_mm()));
        for (at, (one, said)) in areas.iter().enumerate() {
            let near = areas[at + 1..].iter().take_while(|it| it.0.top() < one.bottom());
            for (other, also) in near {
                assert!(!one.overlaps(*other), "page {}: {said} on {also}", index + 1);
            }
        }
    }
}

/// The lines that run over the whole frame, and so between rows.
fn rows_ruled(page: &Page) -> usize {
    let frame = page.paper.width - Mm::mm(40.0);
    let across = |it: &&Mark| matches!(it, Mark::Line { from, to, .. } if from.y == to.y && (to.x - from.x - frame).to_mm().abs() < 0.01);
    page.marks.iter().filter(across).count()
}

fn has(page: &Page, said: &str) -> bool {
    texts(page).any(|it| it.text == said)
}

#[test]
fn the_number_book_as_it_stands() {
    expect_file!["../data/pages/papers-number-book.txt"].assert_eq(&page_text(&table(&number_book(30))));
}

#[test]
fn the_destruction_list_as_it_stands() {
    expect_file!["../data/pages/papers-destruction.txt"].assert_eq(&page_text(&table(&destruction(5))));
}

#[test]
fn the_reminder_as_it_stands() {
    expect_file!["../data/pages/papers-reminder.txt"].assert_eq(&page_text(&reminder(&slip_reminder())));
}

#[test]
fn the_spine_label_as_it_stands() {
    expect_file!["../data/pages/papers-spine.txt"].assert_eq(&page_text(&spine(&label())));
}

/// Head, head row, note, foot and 第 1 页 共 n 页 stand on every page.
#[test]
fn every_page_of_a_list_says_what_it_is() {
    for (list, least) in [(number_book(100), 4), (destruction(60), 3)] {
        let pages = table(&list);
        assert!(pages.len() >= least);
        check(&pages);
        for (index, page) in pages.iter().enumerate() {
            for head in list.columns.iter().map(|it| it.head.as_str()) {
                assert!(words(std::slice::from_ref(page)).contains(head), "{head}");
            }
            for said in [COMPANY, &list.title, &list.foot, &format!("第 {} 页 共 {} 页", index + 1, pages.len())] {
                assert!(has(page, said), "page {} lacks {said}", index + 1);
            }
            for said in list.note.split('\t') {
                assert!(has(page, said), "page {} lacks {said}", index + 1);
            }
        }
    }
}

/// Nothing entered is left off: entries of every length, with characters of names and line breaks, in every column.
#[test]
fn every_character_of_a_list_is_on_the_paper() {
    let long = |count: usize| -> String {
        let mut said = String::new();
        for index in 0..count {
            said.push_str(&format!("第{index}条：合同要求壳程水压试验后充氮保护，{RARE}；\n"));
        }
        said
    };
    let mut list = number_book(0);
    list.columns = columns(&[("合同号", 40.0, false), ("要求", 100.0, false), ("传递", 40.0, false)]);
    for lines in [0, 1, 3, 40, 2, 200, 1] {
        list.rows.push(vec![format!("HT-{lines}"), long(lines), RARE.to_owned()]);
    }
    let pages = table(&list);
    check(&pages);
    assert!(pages.len() > 4);
    let inside = Mm::mm(25.0) + Mm::mm(1.2);
    let second = inside + Mm::mm(170.0 * 40.0 / 180.0);
    let typed: String = list.rows.iter().map(|it| bare(&it[1])).collect();
    assert_eq!(column(&pages, second, Mm::mm(48.0)).replace("编号连续，不得缺号。", ""), typed);
    assert!(words(&pages).contains("HT-200(续)"), "a row's later part says whose it is");
    let third = second + Mm::mm(170.0 * 100.0 / 180.0);
    assert_eq!(column(&pages, third, Mm::mm(48.0)), bare(RARE).repeat(7));
}

/// A row that a page can hold is not torn.
#[test]
fn a_row_stays_on_one_page_where_one_can_hold_it() {
    let mut list = number_book(20);
    list.rows[19][5] = "同一用户连续三次来函，逐条登记。".repeat(20);
    let pages = table(&list);
    assert_eq!(pages.len(), 2);
    assert_eq!((rows_ruled(&pages[0]), rows_ruled(&pages[1])), (19, 1));
}

/// All in 五号 while nothing breaks, all in 小五 as soon as something does.
#[test]
fn a_list_is_set_in_one_size() {
    let sizes = |list: &Table| -> Vec<u32> {
        let pages = table(list);
        let entry = |it: &&Text| it.text.starts_with("2026-") || it.text.starts_with("江苏");
        let mut all: Vec<u32> =
            pages.iter().flat_map(texts).filter(entry).map(|it| (it.size.to_points() * 10.0).round() as u32).collect();
        all.dedup();
        all
    };
    let mut list = number_book(2);
    assert_eq!(sizes(&list), [105]);
    list.rows[1][5] = "设备到厂后经复测与图样不符，重新登记".to_owned();
    assert_eq!(sizes(&list), [90]);
}

/// PROCEDURE 6: the three who sign never sign a page without a row; with any number of rows.
#[test]
fn signatures_never_stand_alone_on_a_page() {
    for rows in 1..60 {
        let pages = table(&destruction(rows));
        check(&pages);
        for (index, page) in pages.iter().enumerate() {
            let signed = ["批准人/日期:", "执行人/日期:", "监销人/日期:"].iter().filter(|it| has(page, it)).count();
            let last = index + 1 == pages.len();
            assert_eq!(signed, if last { 3 } else { 0 }, "{rows} rows, page {}", index + 1);
            assert!(texts(page).any(|it| it.text.starts_with("2022-")), "{rows} rows, page {}", index + 1);
        }
        assert!(has(&pages[pages.len() - 1], &format!("2022-{rows:03}")));
    }
}

/// So too under a last row that is longer than a page.
#[test]
fn signatures_stand_under_the_end_of_a_very_long_row() {
    for lines in 20..75 {
        let mut list = destruction(1);
        list.rows[0][7] = "备\n".repeat(lines) + "完";
        let pages = table(&list);
        check(&pages);
        let last = &pages[pages.len() - 1];
        assert!(has(last, "监销人/日期:") && has(last, "完"), "{lines} lines");
        assert_eq!(words(&pages).matches('备').count(), lines + pages.len(), "{lines} lines; 备注 is a head");
    }
}

/// What a caller may get wrong loses nothing: no rows, no columns, no shares, too many entries, very many signers.
#[test]
fn odd_lists_lose_nothing() {
    let none = table(&destruction(0));
    check(&none);
    assert!(has(&none[0], "以下空白") && has(&none[0], "批准人/日期:"));
    let bare_list = Table { rows: vec![row(&["甲", "乙", "丙"]), vec![], row(&["丁"])], ..Table::default() };
    let pages = table(&bare_list);
    check(&pages);
    assert!(["甲", "乙", "丙", "丁"].iter().all(|it| has(&pages[0], it)));
    let mut many = destruction(3);
    many.rows[1].push("没有栏目的一项".to_owned());
    many.columns.iter_mut().for_each(|it| it.width = Mm::mm(-1.0));
    many.signatures = (1..90).map(|it| format!("第{it}人/日期:")).collect();
    many.title = "长".repeat(60);
    many.note = "注".repeat(300);
    many.foot = "脚".repeat(300);
    let pages = table(&many);
    check(&pages);
    let said = words(&pages);
    assert!(said.contains("没有栏目的一项"));
    for it in 1..90 {
        assert_eq!(said.matches(&format!("第{it}人/日期:")).count(), 1);
    }
    assert_eq!(said.matches('注').count(), 301 * pages.len());
    assert_eq!(said.matches('脚').count(), 300 * pages.len());
}

#[test]
fn narrow_columns_still_hold_a_character() {
    let mut list = number_book(3);
    list.columns[0].width = Mm::mm(0.1);
    list.columns[5].width = Mm::mm(1000.0);
    check(&table(&list));
}

/// 4.5.1: the department is urged on one page, with a strip to sign and send back.
#[test]
fn a_reminder_says_all_on_one_page() {
    let slip = slip_reminder();
    let pages = reminder(&slip);
    assert_eq!(pages.len(), 1);
    check(&pages);
    let said = words(&pages);
    for it in [
        &slip.company,
        &slip.department,
        &slip.from,
        &slip.number,
        &slip.form_title,
        &slip.subject.text,
        &slip.product.text,
        &slip.about.text,
        &slip.received.text,
        &slip.due.text,
        &slip.overdue,
        &slip.stage,
        &slip.clause,
        &slip.by,
        &slip.on,
    ] {
        assert!(said.contains(&bare(it)), "{it}");
    }
    for it in ["催办单", &procedure().document.packages[0].reminder, "催办单回执", "签收人/日期:", "回复:"]
    {
        assert!(said.contains(it), "{it}");
    }
    assert!(!said.contains("见续页"));
}

/// A complaint is never cut: what its cell does not hold stands on continuation sheets.
#[test]
fn a_long_complaint_goes_on_over_pages() {
    let mut slip = slip_reminder();
    let sentence = format!("4月20日负荷提到85%以后，壳体中段出现明显的嗡嗡声，{RARE}。");
    for times in [1, 20, 25, 26, 27, 60, 300] {
        slip.about.text = sentence.repeat(times);
        slip.subject.text = "宁夏贺岚新能源化工集团有限责任公司".repeat(5);
        let pages = reminder(&slip);
        check(&pages);
        let said = words(&pages);
        let of = |text: &str, c: char| text.chars().filter(|it| *it == c).count();
        for c in ['䶮', '𬭚', '嗡', '负', '荷'] {
            assert_eq!(of(&said, c), of(&slip.about.text, c), "{c} {times} times");
        }
        assert_eq!(of(&said, '贺'), 5);
        assert!(has(&pages[1], "催办单(续页)") && has(&pages[1], "用户投诉(意见)处置记录单 2026-030"));
        assert!(has(&pages[pages.len() - 1], "以下空白"));
        assert!(has(&pages[0], &format!("第 1 页 共 {} 页", pages.len())));
    }
}

/// An empty name and date leave room for ink.
#[test]
fn a_reminder_may_be_signed_by_hand() {
    let pages = reminder(&Reminder { by: String::new(), on: String::new(), ..slip_reminder() });
    check(&pages);
    assert!(["年", "月", "日", "签发人:"].iter().all(|it| has(&pages[0], it)));
    check(&reminder(&Reminder::default()));
}

/// Two widths at their true size, every word on both, the title upright.
#[test]
fn the_spine_label_stands_in_two_widths() {
    let said = label();
    let pages = spine(&said);
    assert_eq!(pages.len(), 1);
    check(&pages);
    let frames: Vec<(f64, f64)> = pages[0]
        .marks
        .iter()
        .filter_map(|it| match it {
            Mark::Frame { rect, .. } => Some((rect.size.width.to_mm(), rect.size.height.to_mm())),
            Mark::Line { .. } | Mark::Text(_) | Mark::Stamp { .. } | Mark::Picture { .. } => None,
        })
        .collect();
    assert_eq!(frames, [(26.0, 246.0), (46.0, 246.0)]);
    let all = words(&pages);
    for it in [&said.company, &said.title, &said.code, &said.from_number, &said.to_number, &said.retention] {
        assert_eq!(all.matches(&bare(it)).count(), 2, "{it}");
    }
    for it in ["2026年", "第3盒", "第1卷"] {
        assert_eq!(all.matches(it).count(), 2, "{it}");
    }
    let upright: String = texts(&pages[0]).filter(|it| it.vertical).map(|it| it.text.as_str()).collect();
    assert_eq!(upright, said.title.repeat(2));
}

/// However long, a label's words stay inside its frame; a title takes a second column.
#[test]
fn long_words_stay_on_the_spine() {
    for times in [2, 3, 5, 20, 100] {
        let mut said = label();
        for it in [&mut said.company, &mut said.title, &mut said.code, &mut said.retention, &mut said.year] {
            *it = it.repeat(times);
        }
        let pages = spine(&said);
        check(&pages);
        let page = &pages[0];
        let frames: Vec<Rect> = page
            .marks
            .iter()
            .filter_map(|it| match it {
                Mark::Frame { rect, .. } => Some(*rect),
                Mark::Line { .. } | Mark::Text(_) | Mark::Stamp { .. } | Mark::Picture { .. } => None,
            })
            .collect();
        let inside = texts(page).filter(|it| frames.iter().any(|frame| frame.holds(area(it)))).count();
        assert_eq!(inside + 3, texts(page).count(), "{times} times: all but the captions and the advice");
        let all = words(&pages);
        assert_eq!(all.matches('录').count(), times * 2);
        assert_eq!(all.matches('氯').count(), times * 2);
    }
    check(&spine(&Spine::default()));
}

/// Ten thousand numbers: each stands on the paper, once.
#[test]
fn a_number_book_of_ten_thousand_leaves_none_out() {
    let pages = table(&number_book(10_000));
    let entries = pages.iter().flat_map(texts).map(|it| it.text.as_str());
    let numbers: Vec<&str> = entries.filter(|it| it.starts_with("2026-")).collect();
    assert_eq!(numbers.len(), 10_000);
    assert_eq!((numbers[0], numbers[9_999]), ("2026-001", "2026-10000"));
}

/// PDFs with the office as author and the paper's title in the window; every character comes back.
#[test]
fn papers_become_pdfs() {
    let office = crate::common::procedure();
    let (list, slip, said) = (destruction(60), slip_reminder(), label());
    let made = [
        ("到期单据销毁清单", export::paper(&office, &Paper::Table(list.clone()), &clock()), table(&list)),
        (
            "催办单 2026-030",
            export::paper(&office, &Paper::Reminder(Box::new(slip.clone())), &clock()),
            reminder(&slip),
        ),
        (
            "卷脊标签 用户投诉(意见)处置记录单 2026",
            export::paper(&office, &Paper::Spine(said.clone()), &clock()),
            spine(&said),
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (title, bytes, pages) in made {
        let path = folder.path().join("x.pdf");
        taizhang::pdf::save(&path, &bytes.unwrap()).unwrap();
        let file = path.display().to_string();
        if let Some(said) = read("pdfinfo", &[&file]) {
            for it in [title, COMPANY, "A4"] {
                assert!(said.contains(it), "{it} in {said}");
            }
            let count = said.lines().find_map(|it| it.strip_prefix("Pages:")).unwrap();
            assert_eq!(count.trim(), pages.len().to_string());
        }
        if let Some(said) = read("pdftotext", &["-raw", &file, "-"]) {
            let sorted = |text: &str| {
                let mut all: Vec<char> = text.chars().filter(|it| !it.is_whitespace() && !it.is_control()).collect();
                all.sort_unstable();
                all
            };
            assert_eq!(sorted(&said), sorted(&words(&pages)), "{title}");
        }
    }
}
