//! Every form file: it parses, its cells lie on the paper, every label is printed literally and fits.

use chrono::NaiveDateTime;
use taizhang::face::{Face, width};
use taizhang::layout::papers::{Front, front as front_pages};
use taizhang::layout::{Look, Mark, Page, Part, register, sheet};
use taizhang::procedure::{Catalog, Form, FormId, Procedure};
use taizhang::record::Record;
use taizhang::units::{Mm, Rect};

fn procedure() -> Procedure {
    Procedure::load(&[]).unwrap()
}

/// Every package alone.
fn procedures() -> Vec<Procedure> {
    let packages = Catalog::of(&[]).offered();
    packages.iter().map(|it| Catalog::of(&[]).procedure(std::slice::from_ref(&it.name)).unwrap()).collect()
}

/// Every form of every package.
fn forms(procedures: &[Procedure]) -> impl Iterator<Item = (&Procedure, &Form)> {
    procedures.iter().flat_map(|it| it.forms.iter().map(move |form| (it, form)))
}

fn blank(procedure: &Procedure, form: &Form) -> Vec<Page> {
    if form.register.is_some() {
        return register(procedure, form, &[]).unwrap().iter().collect();
    }
    sheet(procedure, form, &Record::empty(form, NaiveDateTime::default()), &Look::default())
}

/// Everything a page says, in painting order, vertical columns joined.
fn words(page: &Page) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut column = false;
    for mark in &page.marks {
        if let Mark::Text(text) = mark {
            match words.last_mut() {
                Some(last) if column && text.vertical => last.push_str(&text.text),
                _ => words.push(text.text.clone()),
            }
            column = text.vertical;
        }
    }
    words
}

/// PROCEDURE 2, label by label.
#[test]
fn every_label_is_printed_literally_and_in_its_order() {
    let expected: [(&str, &[&str]); 5] = [
        (
            "01",
            &[
                "用户名称",
                "沟通(服务)日期",
                "沟通(服务)内容",
                "沟通(服务)形式",
                "出席人员",
                "联系电话",
                "沟通(服务)记录:",
                "服务(走访)人",
                "用户沟通(服务)记录表",
                "QG/R0309—01",
            ],
        ),
        (
            "02",
            &[
                "会议名称",
                "主办单位",
                "会议日期",
                "会议地点",
                "参加用户",
                "座谈记录:",
                "记录人:",
                "用户服务(座谈会)记录",
                "QG/R0309—02",
            ],
        ),
        (
            "03",
            &[
                "信息来源",
                "信息类别",
                "信息内容:",
                "填写人/日期:",
                "审核人/日期:",
                "产品质量信息表",
                "QG/R0309—03",
                "N0:",
            ],
        ),
        (
            "04",
            &[
                "上海氯碱机械有限公司",
                "质量投诉处理台帐",
                "QG/R0309—04",
                "序",
                "号",
                "用户名称",
                "产品名称",
                "投诉内容",
                "投诉时间",
                "受理部门",
                "处理结果",
                "处理时间",
                "第 1 页 共 1 页",
            ],
        ),
        (
            "05",
            &[
                "用户名称",
                "投诉联系人",
                "联系电话",
                "投诉日期",
                "投诉内容:",
                "登记人/日期:",
                "审核人/日期:",
                "投诉登记(技术质安部)",
                "责任部门",
                "完成期限",
                "原因与措施:",
                "处理人/日期:",
                "审核人/日期:",
                "改进措施(实施部门)",
                "验证记录:",
                "验证人:",
                "日期:",
                "实施记录(验证部门)",
                "用户意见:",
                "A:满意;",
                "B:较满意;",
                "C:一般;",
                "D:较不满意;",
                "E:不满意",
                "F:其他(",
                ")",
                "确认人:",
                "日期:",
                "顾客确认",
                "上海氯碱机械有限公司",
                "用户投诉(意见)处置记录单",
                "QG/R0309—05",
                "N0:",
                "本表一式二份:一份报技术质安部;一份实施部门留底。",
            ],
        ),
    ];
    let procedure = procedure();
    for (id, labels) in expected {
        let form = procedure.form(&FormId::from(id)).unwrap();
        let pages = blank(&procedure, form);
        assert_eq!(pages.len(), 1, "form {id}");
        let said = words(&pages[0]);
        let mut from = 0;
        for label in labels {
            let place = said[from..].iter().position(|it| it == label);
            let place = place.unwrap_or_else(|| panic!("form {id}: {label} is not there after {from} in {said:?}"));
            from += place + 1;
        }
    }
}

#[test]
fn every_mark_and_cell_lies_on_the_paper_and_no_cells_overlap() {
    for (procedure, form) in forms(&procedures()) {
        for page in blank(procedure, form) {
            let paper = Rect::new(Mm::ZERO, Mm::ZERO, page.paper.width, page.paper.height);
            let printable = paper.shrink(Mm::mm(8.0));
            for mark in &page.marks {
                let bounds = match mark {
                    Mark::Line { from, to, .. } => Rect::new(from.x, from.y, to.x - from.x, to.y - from.y),
                    Mark::Frame { rect, .. } | Mark::Stamp { rect, .. } | Mark::Picture { rect, .. } => *rect,
                    Mark::Text(text) => {
                        let wide = width(text.face, text.size, &text.text);
                        Rect::new(text.at.x, text.at.y - text.size * 0.88, wide, text.size)
                    }
                };
                assert!(printable.holds(bounds), "form {}: {mark:?} leaves the paper", form.form);
            }
            let cells: Vec<_> = page.slots.iter().filter(|it| it.part == Part::Entry).collect();
            for (index, one) in cells.iter().enumerate() {
                assert!(printable.holds(one.rect) && one.rect.holds(one.inner), "form {}: {one:?}", form.form);
                for other in &cells[index + 1..] {
                    assert!(!one.rect.overlaps(other.rect), "form {}: {} and {}", form.form, one.cell, other.cell);
                }
            }
        }
    }
}

#[test]
fn every_label_fits_its_cell_and_no_two_words_overlap() {
    let five = Mm::points(10.5);
    for (procedure, form) in forms(&procedures()) {
        // The head of a register's column may have several lines; its lines have no labels.
        let cells = form.sections.iter().filter(|_| form.register.is_none()).flat_map(|it| &it.rows);
        let labels =
            cells.flat_map(|it| &it.cells).map(|it| (&it.label, it.label_width.unwrap_or(it.width) - Mm::mm(1.6)));
        let columns = form.register.iter().flat_map(|it| &it.columns);
        let heads = columns.flat_map(|it| it.head.iter().map(|head| (head, it.width - Mm::mm(1.4))));
        for (label, room) in labels.chain(heads) {
            let (id, wide, room) = (&form.form, width(Face::Song, five, label).to_mm(), room.to_mm());
            assert!(wide <= room, "form {id}: {label} is {wide} mm wide in {room} mm");
        }
        for page in blank(procedure, form) {
            let boxes: Vec<(String, Rect)> = page
                .marks
                .iter()
                .filter_map(|mark| match mark {
                    Mark::Text(it) => {
                        let wide = width(it.face, it.size, &it.text);
                        Some((it.text.clone(), Rect::new(it.at.x, it.at.y - it.size * 0.85, wide, it.size * 0.95)))
                    }
                    Mark::Line { .. } | Mark::Frame { .. } | Mark::Stamp { .. } | Mark::Picture { .. } => None,
                })
                .collect();
            for (index, (word, one)) in boxes.iter().enumerate() {
                for (other_word, other) in &boxes[index + 1..] {
                    assert!(!one.overlaps(*other), "form {}: {word} and {other_word} overlap", form.form);
                }
            }
        }
    }
}

/// A low cell with its label inside has room for an entry behind it.
#[test]
fn no_blank_sheet_goes_on() {
    for (procedure, form) in forms(&procedures()) {
        let words: Vec<String> = blank(procedure, form).iter().flat_map(words).collect();
        assert!(!words.iter().any(|it| it.contains("见续页")), "{}", form.full_name());
    }
}

/// Every datum of a sheet has a cell, and the order of the data is the order of the labels (Tab).
#[test]
fn tab_goes_in_the_order_of_the_labels() {
    for (procedure, form) in forms(&procedures()).filter(|it| it.1.register.is_none()) {
        let page = &blank(procedure, form)[0];
        // Of a table, line by line, the first line says the order.
        let mut slots: Vec<&str> = Vec::new();
        for slot in &page.slots {
            if !slots.contains(&slot.cell.field.as_str()) {
                slots.push(slot.cell.field.as_str());
            }
        }
        let fields: Vec<&str> = form.fields.iter().filter(|it| it.is_written()).map(|it| it.id.as_str()).collect();
        assert_eq!(slots, fields, "form {}", form.form);
    }
}

fn mistake(text: &str) -> String {
    let own = [("我的表单.toml".to_owned(), text.to_owned())];
    Procedure::load(&own).unwrap_err().to_string()
}

#[test]
fn a_mistake_in_a_form_file_is_told_with_file_line_column_and_what_is_allowed() {
    let good = include_str!("../data/forms-old/03-information.toml");
    let told = mistake(&good.replace("head = 22", "haed = 22"));
    assert!(told.starts_with("读取表单文件 我的表单.toml 第 13 行第 1 列：不认识的项 `haed`，可用："), "{told}");
    let told = mistake(&good.replace("kind = \"date\"", "kind = \"day\""));
    assert!(told.contains("不认识的值 `day`，可用：") && told.contains("`date`"), "{told}");
    let told = mistake(&good.replace("width = 85, fields = [\"source\"]", "width = 90, fields = [\"source\"]"));
    assert!(told.contains("宽度共 175 毫米，应为 170 毫米"), "{told}");
    let told = mistake(&good.replace("code = \"QG/R0309—03\"", ""));
    assert!(told.contains("缺少项 `code`"), "{told}");
    let told = mistake(&good.replace("head = 22", "head = -3"));
    assert!(told.contains("毫米"), "{told}");
    let told = mistake("这不是表单");
    assert!(told.contains("第 1 行"), "{told}");
}

/// Another edition is another file; records keep theirs.
#[test]
fn a_new_edition_stands_beside_the_old_one() {
    let next = include_str!("../data/forms-old/03-information.toml").replace("D/0", "E/0");
    let procedure = Procedure::load(&[("03-e0.toml".to_owned(), next)]).unwrap();
    assert_eq!(procedure.form(&"03".into()).unwrap().edition.as_str(), "E/0");
    assert!(procedure.edition(&"03".into(), &"D/0".into()).is_some());
}

/// The front page of a procedure says all that its package says, however much that is, and nothing runs off the paper.
#[test]
fn a_front_page_holds_what_its_package_says() {
    for procedure in procedures() {
        let front = Front::of(&procedure.document, &procedure.document.packages[0]);
        assert!(words(&front_pages(&front)[0]).contains(&front.title));
    }
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    for (many, departments) in [(0, 0), (3, 12), (9, 36), (60, 36)] {
        let front = Front {
            company: "甲厂".to_owned(),
            about: vec![[pair("文件编号", "QG"), pair("版次", "D/0")]],
            title: "用户服务管理程序".to_owned(),
            changes: (0..many)
                .map(|it| {
                    [
                        "2026年1月2日".to_owned(),
                        format!("D/{it}"),
                        format!("第{it}次修改，{}", "修".repeat(it * 8 % 500)),
                    ]
                })
                .collect(),
            distribution: (0..departments).map(|it| [format!("部门{it}"), it.to_string()]).collect(),
            signed: ["核准", "审查", "制定"]
                .map(|it| [it.to_owned(), "沈䶮".to_owned(), "2026年1月2日".to_owned()])
                .to_vec(),
        };
        let pages = front_pages(&front);
        let said: String = pages.iter().flat_map(words).collect();
        for it in 0..many {
            assert!(said.contains(&format!("第{it}次修改")), "{it} of {many}");
        }
        for it in 0..departments {
            assert!(said.contains(&format!("部门{it}")), "{it} of {departments}");
        }
        assert!(said.contains("核准:沈䶮") && said.contains("2026年1月2日"));
        for page in &pages {
            let paper = Rect::new(Mm::ZERO, Mm::ZERO, page.paper.width, page.paper.height - Mm::mm(10.0));
            for mark in &page.marks {
                let low = match mark {
                    Mark::Text(it) => it.at.y,
                    Mark::Line { from, to, .. } => from.y.max(to.y),
                    Mark::Frame { rect, .. } | Mark::Stamp { rect, .. } | Mark::Picture { rect, .. } => rect.bottom(),
                };
                assert!(low <= paper.bottom(), "{many} {departments}: {mark:?}");
            }
        }
    }
}
