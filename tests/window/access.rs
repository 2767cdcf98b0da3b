//! The window for whoever does not see it, sees it badly, or has no mouse: looked at on every page, with every menu and
//! every place where something is asked.

use std::collections::BTreeSet;

use crate::common::stations::visit;
use crate::common::{Window, book, click, fill, slip_at, window};
use eframe::egui::accesskit::{Action, Invalid, Live, Role, Toggled};
use eframe::egui::{Key, Modifiers, Rect, Shape};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use taizhang::command::{Command, View};
use taizhang::habits::TextSize;
use taizhang::procedure::{FormId, Kind};
use taizhang::ui::theme;

const USUAL: [f32; 2] = [1440.0, 900.0];

/// The words that are painted, with where, in which colour and how large.
fn texts(window: &Window) -> Vec<(String, Rect, Rect)> {
    let shapes = window.output().shapes.iter();
    let text = |it: &eframe::egui::epaint::ClippedShape| match &it.shape {
        Shape::Text(text) => Some((text.galley.text().to_owned(), text.visual_bounding_rect(), it.clip_rect)),
        _ => None,
    };
    shapes.filter_map(text).collect()
}

#[test]
fn whatever_takes_the_keyboard_has_a_name_and_says_what_it_is() {
    let mut wrong = BTreeSet::new();
    visit(
        USUAL,
        |_| {},
        |station, window| {
            let mut ids = BTreeSet::new();
            for node in window.root().children_recursive() {
                let node = node.accesskit_node();
                if !ids.insert(node.locate().0) {
                    wrong.insert(format!("{station}：两个 {:?}", node.locate().0));
                }
                if !node.data().supports_action(Action::Focus) {
                    continue;
                }
                let (role, name) = (node.role(), node.label().unwrap_or_default());
                if name.trim().is_empty() {
                    wrong.insert(format!("{station}：{role:?} 没有名称，在 {:?}", node.raw_bounds()));
                }
                if matches!(role, Role::Unknown | Role::GenericContainer) {
                    wrong.insert(format!("{station}：“{name}”没有说是什么"));
                }
            }
            for (words, ..) in texts(window) {
                if words.contains("use of widget ID") || words.contains("use of ") && words.contains(" ID ") {
                    wrong.insert(format!("{station}：{words}"));
                }
            }
        },
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What has the keyboard: its name, and where it is.
fn focused(window: &Window) -> Option<(String, Rect)> {
    let node = window.root().children_recursive().find(|it| it.accesskit_node().is_focused())?;
    let name = node.accesskit_node().label().unwrap_or_default();
    (!name.is_empty()).then(|| (name, node.rect()))
}

/// Whether a ring, or the frame of a cell, is painted round a place.
fn is_ringed(window: &Window, place: Rect) -> bool {
    window.output().shapes.iter().any(|it| match &it.shape {
        Shape::Rect(ring) => {
            let colour = ring.stroke.color == theme::ACCENT && ring.stroke.width >= 2.0;
            colour && ring.rect.expand(3.0).intersects(place) && it.clip_rect.intersects(ring.rect)
        }
        _ => false,
    })
}

#[test]
fn the_keyboard_is_seen_wherever_tab_takes_it() {
    let mut wrong = BTreeSet::new();
    visit(
        USUAL,
        |_| {},
        |station, window| {
            let mut been = 0;
            for _ in 0..10 {
                window.key_press(Key::Tab);
                window.run();
                let Some((name, place)) = focused(window) else { continue };
                been += 1;
                if !is_ringed(window, place) {
                    wrong.insert(format!("{station}：“{name}”"));
                }
            }
            if been == 0 {
                wrong.insert(format!("{station}：Tab 哪里也不去"));
            }
        },
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run();
}

#[test]
fn f10_goes_into_the_menus_and_the_arrows_go_through_them() {
    let folder = tempfile::tempdir().unwrap();
    fill(&book(folder.path()));
    let (mut window, _) = window(folder.path(), "a.book");
    press(&mut window, Modifiers::NONE, Key::F10);
    assert_eq!(focused(&window).unwrap().0, "文件");
    press(&mut window, Modifiers::NONE, Key::ArrowRight);
    assert_eq!(focused(&window).unwrap().0, "编辑");
    press(&mut window, Modifiers::NONE, Key::ArrowLeft);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(window.query_by_label("打开示例").is_some(), "the menu is open");
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert!(focused(&window).unwrap().0.starts_with("打开台帐…"));
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.query_by_label("打开示例").is_none(), "Esc closes it");
}

/// From a cell out to everything else, and back into the very cell: without a mouse there is no other way.
#[test]
fn f6_goes_through_the_parts_of_the_window_and_back_into_the_cell() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 0, &[]);
    let (mut window, _) = window(folder.path(), "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Open(id));
    window.run();
    click(&mut window, "联系电话");
    window.get_by_label("联系电话").type_text("转 8");
    let mut been = Vec::new();
    for _ in 0..7 {
        press(&mut window, Modifiers::NONE, Key::F6);
        been.push(focused(&window).unwrap().0);
    }
    assert_eq!(been, ["缩小", "写进完成期限", "文件", "今日 2", "筛选", "更多", "联系电话"]);
    assert_eq!(book(folder.path()).record(id).unwrap().unwrap().value("phone"), "0519-55550622转 8");
    for back in ["更多", "筛选", "今日 2"] {
        press(&mut window, Modifiers::SHIFT, Key::F6);
        assert_eq!(focused(&window).unwrap().0, back);
    }
}

/// The cells of a sheet in the order they stand on paper: page by page, line by line, each entry once.
fn order_on_paper(form: &str, record: &taizhang::record::Record, round: usize) -> Vec<String> {
    let procedure = crate::common::procedure();
    let form = procedure.form(&FormId::from(form)).unwrap();
    let look = taizhang::layout::Look { copy: None, signatures: true, raw: None, round };
    let mut order: Vec<String> = Vec::new();
    for page in taizhang::layout::sheet(&procedure, form, record, &look) {
        let mut slots: Vec<_> = page.slots.iter().collect();
        slots.sort_by(|a, b| (a.rect.min.y, a.rect.min.x).partial_cmp(&(b.rect.min.y, b.rect.min.x)).unwrap());
        for slot in slots {
            let id = slot.cell.to_string();
            if !order.contains(&id) {
                order.push(id);
            }
        }
    }
    order
}

#[test]
fn tab_goes_through_every_form_as_its_cells_stand_on_paper() {
    let procedure = crate::common::procedure();
    let long = "气孔、裂纹、尺寸超差，逐件列出如下。".repeat(120);
    for form in procedure.in_use().into_iter().filter(|it| it.register.is_none()) {
        let folder = tempfile::tempdir().unwrap();
        let (mut window, _) = window(folder.path(), "a.book");
        let ctx = window.ctx.clone();
        window.state_mut().run(&ctx, Command::New(form.form.clone()));
        window.run();
        // A text that runs over to the continuation sheet changes nothing.
        let text = form.fields.iter().find(|it| it.kind == Kind::Text).unwrap();
        let mut been = vec![focused(&window).unwrap().0];
        for _ in 0..form.fields.len() {
            press(&mut window, Modifiers::NONE, Key::Tab);
            let Some((name, _)) = focused(&window) else { break };
            if name == text.name {
                window.get_by_label(&name).type_text(&long);
                window.run();
            }
            if been.last() != Some(&name) {
                been.push(name);
            }
        }
        let record = window.state().record().clone();
        let order = order_on_paper(form.form.as_str(), &record, 0);
        let place = |name: &String| {
            let field = form.fields.iter().find(|it| it.name == *name).map(|it| it.id.to_string());
            order.iter().position(|it| Some(it) == field.as_ref())
        };
        let places: Vec<usize> = been.iter().filter_map(place).collect();
        // Every cell of the section that is open, up to where it is signed.
        let open = order.iter().position(|it| *it == form.stages[0].by.to_string()).unwrap();
        assert_eq!(places, (0..open).collect::<Vec<_>>(), "{}：{been:?}，纸上 {order:?}", form.short);
        // The others are open one after the other, in the form's own order.
        let fields: Vec<String> =
            form.fields.iter().map(|it| it.id.to_string()).filter(|it| order.contains(it)).collect();
        assert_eq!(fields, order, "{}", form.short);
    }
}

#[test]
fn the_second_time_round_the_cells_stand_in_the_same_order() {
    let slips = crate::common::slips();
    let again = slips.iter().find(|it| it.rounds.len() > 1).unwrap();
    assert_eq!(order_on_paper("05", again, 0), order_on_paper("05", again, 1));
}

#[test]
fn a_screen_reader_hears_what_stands_in_a_cell_and_what_is_odd_about_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path());
    let id = slip_at(&store, 0, &[("date", "那天"), ("opinion", "B 较满意")]);
    let signed = slip_at(&store, 2, &[]);
    drop(store);
    let (mut window, _) = window(folder.path(), "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Open(id));
    window.run();
    {
        let customer = window.get_by_label("用户名称");
        let node = customer.accesskit_node();
        assert_eq!((node.role(), node.value().as_deref()), (Role::TextInput, Some("癸厂")));
        let date = window.get_by_label("投诉日期");
        let node = date.accesskit_node();
        assert_eq!(node.data().invalid(), Some(Invalid::True));
        assert!(node.data().description().unwrap().contains("那天"), "{:?}", node.data().description());
    }
    // The same while it is being written in.
    click(&mut window, "投诉日期");
    let date = window.get_by_label("投诉日期");
    assert_eq!(date.accesskit_node().data().invalid(), Some(Invalid::True));
    assert_eq!(date.value().as_deref(), Some("那天"));
    window.state_mut().run(&ctx, Command::Open(signed));
    window.run();
    let complaint = window.get_by_label("投诉内容");
    assert!(complaint.accesskit_node().data().is_read_only(), "a signed cell says that it is closed");
    assert!(complaint.accesskit_node().data().description().is_some(), "and why");
    let letters: Vec<_> = window.get_all_by_role(Role::RadioButton).map(|it| it.accesskit_node().toggled()).collect();
    assert!(letters.len() >= 6 && letters.iter().all(|it| *it == Some(Toggled::False)));
}

#[test]
fn a_notice_at_the_foot_is_said_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (mut window, _) = window(folder.path(), "a.book");
    let ctx = window.ctx.clone();
    for (command, live) in
        [(Command::Say("已存成 PDF".to_owned()), Live::Polite), (Command::Tell("磁盘满了".to_owned()), Live::Assertive)]
    {
        let (Command::Say(words) | Command::Tell(words)) = command.clone() else { continue };
        window.state_mut().run(&ctx, command);
        window.run();
        assert_eq!(window.get_by_label(&words).accesskit_node().live(), live);
    }
}

/// Words that are seen: what they say, where, in which colour, and on which.
struct Seen {
    words: String,
    place: Rect,
    ink: eframe::egui::Color32,
    ground: eframe::egui::Color32,
    paper: bool,
    turn: usize,
}

/// What is painted, in the order of painting: an opaque ground hides what was there.
fn seen(window: &Window) -> (Vec<Seen>, Vec<(Rect, eframe::egui::Color32, usize)>) {
    let mut grounds: Vec<(Rect, eframe::egui::Color32, usize)> = Vec::new();
    let mut all: Vec<Seen> = Vec::new();
    let mut shapes: Vec<(&Shape, Rect)> = Vec::new();
    fn flat<'a>(shape: &'a Shape, clip: Rect, out: &mut Vec<(&'a Shape, Rect)>) {
        match shape {
            Shape::Vec(many) => many.iter().for_each(|it| flat(it, clip, out)),
            one => out.push((one, clip)),
        }
    }
    for it in &window.output().shapes {
        flat(&it.shape, it.clip_rect, &mut shapes);
    }
    for (turn, (shape, clip)) in shapes.into_iter().enumerate() {
        match shape {
            Shape::Rect(it) if it.fill.is_opaque() && it.blur_width == 0.0 => {
                let place = it.rect.intersect(clip);
                all.retain(|seen| !place.contains(seen.place.center()));
                grounds.push((place, it.fill, turn));
            }
            Shape::Text(it) => {
                let place = it.visual_bounding_rect().intersect(clip);
                if !place.is_positive() || place.width() < 3.0 || place.height() < 6.0 {
                    continue;
                }
                let Some(section) = it.galley.job.sections.iter().find(|it| !it.byte_range.is_empty()) else {
                    continue;
                };
                let own = section.format.color;
                let ink = if own == eframe::egui::Color32::PLACEHOLDER { it.fallback_color } else { own };
                let ink = it.override_text_color.unwrap_or(ink);
                let behind = section.format.background;
                let ground = grounds.iter().rev().find(|it| it.0.contains(place.center())).map(|it| it.1);
                let ground = if behind.is_opaque() { behind } else { ground.unwrap_or(theme::LINE) };
                let family = format!("{:?}", section.format.font_id.family);
                let (words, paper) = (it.galley.text().to_owned(), family.contains("paper"));
                all.push(Seen { words, place, ink, ground, paper, turn });
            }
            _ => {}
        }
    }
    (all, grounds)
}

fn lightness(colour: eframe::egui::Color32) -> f64 {
    let part = |it: u8| {
        let it = f64::from(it) / 255.0;
        if it <= 0.04045 { it / 12.92 } else { ((it + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(colour.r()) + 0.7152 * part(colour.g()) + 0.0722 * part(colour.b())
}

/// What cannot be done at this moment is pale on purpose.
fn is_disabled(window: &Window, place: Rect) -> bool {
    let nodes = window.root().children_recursive();
    nodes.filter(|it| it.accesskit_node().is_disabled()).any(|it| it.rect().expand(2.0).contains(place.center()))
}

#[test]
fn all_words_stand_out_from_what_they_stand_on() {
    let mut wrong = BTreeSet::new();
    for dark in [false, true] {
        visit(
            USUAL,
            |window| theme::set_dark_desk(&window.ctx, dark),
            |station, window| {
                for it in seen(window).0 {
                    let (one, other) = (lightness(it.ink), lightness(it.ground));
                    let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
                    // The stamp lies pale under the sheet's text; what is written above the sheet says the same.
                    if contrast < 4.5 && it.ink != theme::STAMP && !is_disabled(window, it.place) {
                        wrong.insert(format!("{station}：“{}” {contrast:.1}:1 {:?} {:?}", it.words, it.ink, it.ground));
                    }
                }
            },
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_desk_may_be_dark_and_the_paper_stays_white() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 0, &[]);
    let (mut window, _) = window(folder.path(), "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Open(id));
    window.run();
    click(&mut window, "查看");
    click(&mut window, "深色桌面（纸仍是白的）");
    press(&mut window, Modifiers::NONE, Key::Escape);
    let wide = |window: &Window, fill| {
        let shapes = window.output().shapes.iter();
        let rects = shapes.filter_map(|it| if let Shape::Rect(rect) = &it.shape { Some(rect) } else { None });
        rects.filter(|it| it.fill == fill).map(|it| it.rect.width()).fold(0.0, f32::max)
    };
    assert!(wide(&window, theme::DARK_DESK) > 600.0, "{}", wide(&window, theme::DARK_DESK));
    let complaint = window.get_by_label("投诉内容").rect();
    let text = seen(&window).0.into_iter().find(|it| it.paper && complaint.expand(200.0).contains(it.place.center()));
    assert!(lightness(text.unwrap().ground) > 0.9, "the paper is white");
}

/// As small a window as there is, on the screens offices have, with the screen's text in each size.
#[test]
fn no_words_lie_over_others_in_small_windows_and_large_text() {
    let mut wrong = BTreeSet::new();
    for (width, height, kept, factor) in [(760.0, 460.0, TextSize::Normal, 1.0), (1280.0, 720.0, TextSize::Larger, 1.4)]
    {
        let prepare = |window: &mut Window| {
            let ctx = window.ctx.clone();
            theme::set_text_size(&ctx, kept);
        };
        visit([width / factor, height / factor], prepare, |station, window| {
            let (all, grounds) = seen(window);
            let all: Vec<Seen> = all.into_iter().filter(|it| !it.paper).collect();
            for (index, one) in all.iter().enumerate() {
                for other in &all[index + 1..] {
                    let both = one.place.intersect(other.place);
                    // A menu lies over a part of what is under it.
                    let lies_over = |it: &&(Rect, eframe::egui::Color32, usize)| {
                        (one.turn..other.turn).contains(&it.2) && it.0.expand(1.0).contains_rect(both)
                    };
                    if both.width() > 3.0 && both.height() > 5.0 && !grounds.iter().any(|it| lies_over(&it)) {
                        wrong
                            .insert(format!("{station} {width}×{height} {kept:?}：“{}”和“{}”", one.words, other.words));
                    }
                }
            }
        });
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn larger_text_leaves_the_paper_as_large_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let id = slip_at(&book(folder.path()), 0, &[]);
    let (mut window, _) = window(folder.path(), "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Open(id));
    window.state_mut().run(&ctx, Command::Show(View::Sheets(FormId::from("05"))));
    window.run();
    let percent = format!("{}%", window.state().zoom());
    click(&mut window, &percent);
    let wide = |window: &Window| window.get_by_label("投诉内容").rect().width() * window.ctx.zoom_factor();
    let button = |window: &Window| window.get_by_label("导出 PDF").rect().height() * window.ctx.zoom_factor();
    let (paper, screen) = (wide(&window), button(&window));
    click(&mut window, "查看");
    click(&mut window, "特大");
    assert!((wide(&window) - paper).abs() < 1.0, "{} {paper}", wide(&window));
    assert!(button(&window) > screen * 1.3);
}
