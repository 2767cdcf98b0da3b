//! The search beside the sheet, driven by its labels: what it says, and its keys.

use crate::common::{procedure, slips};
use eframe::egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use taizhang::command::{Command, View};
use taizhang::procedure::FormId;
use taizhang::record::{Record, RecordId};
use taizhang::search::{Found, Index, Query, Sheet};
use taizhang::ui::search::{Answer, SearchView};
use taizhang::ui::theme;

/// A desk with nothing but the search on it; what it answers is looked up as the program does.
struct Desk {
    view: SearchView,
    slips: Vec<Record>,
    index: Index,
    reading: bool,
    limit: usize,
    commands: Vec<Command>,
}

impl Desk {
    fn show(&mut self, ui: &mut eframe::egui::Ui) {
        if !self.view.is_open() {
            return;
        }
        let procedure = procedure();
        let form = procedure.form(&FormId::from("05")).unwrap();
        let ledger = procedure.form(&FormId::from("04")).unwrap();
        let text = self.view.text.clone();
        let query = Query::new(&text);
        let Found { total, sheets } = self.index.find(&query, self.limit);
        let record = |id: &RecordId| self.slips.iter().find(|it| it.id == *id).unwrap();
        let sheets: Vec<Sheet> = sheets.iter().map(|id| Sheet::of(form, record(id), &query)).collect();
        let registers: Vec<(FormId, String)> =
            query.names(ledger).then(|| (ledger.form.clone(), ledger.title.clone())).into_iter().collect();
        let answer = Answer { text: &text, reading: self.reading, total, sheets: &sheets, registers: &registers };
        self.view.show(ui, &answer, RecordId(1), &mut self.commands);
    }
}

fn desk() -> Harness<'static, Desk> {
    let procedure = procedure();
    let (mut view, mut index, slips) = (SearchView::default(), Index::default(), slips());
    view.open();
    for slip in &slips {
        index.put(procedure.form(&slip.form).unwrap(), slip);
    }
    let state = Desk { view, slips, index, reading: false, limit: 20, commands: Vec::new() };
    let builder = Harness::builder().with_size([320.0, 700.0]);
    let builder = builder.with_context_setup(theme::install);
    let mut window = builder.build_ui_state(|ui, desk: &mut Desk| desk.show(ui), state);
    window.run();
    window
}

fn seek(window: &mut Harness<'static, Desk>, text: &str) {
    window.get_by_label("查找").type_text(text);
    window.run();
}

fn key(window: &mut Harness<'static, Desk>, key: Key) {
    window.key_press(key);
    window.run();
}

#[test]
fn it_says_what_can_be_sought() {
    let window = desk();
    assert!(window.query_by_label_contains("写一个字就能找").is_some());
    assert!(window.get_by_label("查找").is_focused(), "one can type at once");
}

#[test]
fn it_says_that_nothing_was_found() {
    let mut window = desk();
    seek(&mut window, "饕餮");
    assert!(window.query_by_label("全部单据里都没有“饕餮”").is_some());
    key(&mut window, Key::ArrowDown);
    key(&mut window, Key::Enter);
    assert!(window.state().commands.is_empty());
}

#[test]
fn it_says_that_there_is_more_than_it_shows() {
    let mut window = desk();
    seek(&mut window, "2");
    assert!(window.query_by_label("共 30 份，列出 20 份；再写几个字会更准").is_some());
}

#[test]
fn it_says_that_sheets_are_still_read() {
    let mut window = desk();
    window.state_mut().reading = true;
    seek(&mut window, "甲");
    assert!(window.query_by_label_contains("正在读取全部单据").is_some());
}

#[test]
fn arrows_choose_and_enter_opens() {
    let mut window = desk();
    seek(&mut window, "2024 有限公司");
    let found = window.state().index.find(&Query::new("2024 有限公司"), 20).sheets;
    assert!(found.len() > 3);
    key(&mut window, Key::ArrowUp);
    key(&mut window, Key::Enter);
    key(&mut window, Key::ArrowDown);
    key(&mut window, Key::ArrowDown);
    key(&mut window, Key::Enter);
    assert_eq!(window.state().commands, [Command::Open(found[0]), Command::Open(found[2])]);
    assert!(window.get_by_label("查找").is_focused(), "one can go on searching");
    // Another search begins at its first sheet.
    seek(&mut window, " 1");
    let found = window.state().index.find(&Query::new("2024 有限公司 1"), 20).sheets;
    key(&mut window, Key::Enter);
    assert_eq!(window.state().commands.last(), Some(&Command::Open(found[0])));
}

#[test]
fn a_click_opens_and_the_line_tells_where_it_was_found() {
    let mut window = desk();
    seek(&mut window, "2024-004");
    let id = window.state().index.find(&Query::new("2024-004"), 1).sheets[0];
    window.get_by_label_contains("，编号：2024-004").click();
    window.run();
    assert_eq!(window.state().commands, [Command::Open(id)]);
}

#[test]
fn escape_puts_it_away_and_what_was_typed_stays() {
    let mut window = desk();
    seek(&mut window, "焊");
    key(&mut window, Key::Escape);
    assert!(!window.state().view.is_open());
    window.state_mut().view.open();
    window.run();
    // It is selected: typing begins anew.
    seek(&mut window, "漏");
    assert_eq!(window.state().view.text, "漏");
}

/// PROCEDURE 7: the ledger is called by either title, in either spelling.
#[test]
fn the_ledger_is_offered_by_its_titles() {
    for title in ["用户质量投诉处理台账", "质量投诉处理台帐"] {
        let mut window = desk();
        seek(&mut window, title);
        window.get_by_label("打开质量投诉处理台帐").click();
        window.run();
        assert_eq!(window.state().commands, [Command::Show(View::Register(FormId::from("04")))]);
    }
}
