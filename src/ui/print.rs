//! 打印: the pages as they will lie in the printer's tray, and beside them what is chosen of it. The sheet is its own
//! preview: nothing is drawn that is not printed, and nothing is printed that is not drawn.

use eframe::egui::{
    self, CentralPanel, Frame, Id, Key, Margin, Modifiers, Panel, Rect, RichText, ScrollArea, Sense, Shape, Ui, pos2,
    vec2,
};

use crate::command::{Command, PrintCommand};
use crate::layout::Page;
use crate::print::Printer;
use crate::print::choice::{Choice, Pages, Print};

use super::desk;
use super::lines::Placement;
use super::sheet::print;
use super::zoom::{MARGIN, Zoom};
use super::{page, theme};

/// Between two pages on the desk.
const GAP: f32 = 16.0;
/// Room for what is chosen.
const WIDE: f32 = 320.0;

/// What is about to be printed.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// What it is called.
    pub title: &'a str,
    /// Every page of the copies that were chosen, as it will be printed; none while they are being laid out.
    pub prints: Option<&'a [Print]>,
    /// Whether there is a form, which paper may bear already.
    pub has_form: bool,
    /// The marks of the copies (联), where there are several.
    pub copies: &'a [String],
    /// The printers, or why there are none; nothing while they are being looked for.
    pub printers: Option<Result<&'a [Printer], &'a str>>,
    /// Whether typed names and dates are printed in the signature cells; nothing where there are no such cells.
    pub signatures: Option<bool>,
    /// How far printing is, while it goes on.
    pub going: Option<&'a str>,
    /// Why it was not printed a moment ago.
    pub trouble: Option<&'a str>,
}

/// The page's own small state.
#[derive(Debug, Default)]
pub struct PrintView {
    /// What is chosen.
    pub choice: Choice,
    zoom: Option<Zoom>,
    /// The keyboard goes to the button that prints.
    begun: bool,
}

impl PrintView {
    /// Begins anew with what is chosen.
    pub fn begin(&mut self, choice: Choice) {
        *self = Self { choice, ..Self::default() };
    }

    /// Draws the page.
    pub fn show(&mut self, ui: &mut Ui, shown: &Shown<'_>, commands: &mut Vec<Command>) {
        // An open list of printers is what Esc puts away first.
        let popup = egui::Popup::is_any_open(ui.ctx());
        if !popup && ui.input_mut(|it| it.consume_key(Modifiers::NONE, Key::Escape)) {
            let command = if shown.going.is_some() { PrintCommand::Stop } else { PrintCommand::Close };
            commands.push(Command::Printing(command));
        }
        let before = self.choice.clone();
        let frame = Frame::NONE.fill(theme::PANEL).inner_margin(Margin::symmetric(16, 12));
        Panel::right("print").exact_size(WIDE).resizable(false).frame(frame).show(ui, |ui| {
            ScrollArea::vertical().id_salt("print-choice").auto_shrink([false, false]).show(ui, |ui| {
                self.beside(ui, shown, shown.prints.unwrap_or_default(), commands);
            });
        });
        CentralPanel::default().frame(desk::frame()).show(ui, |ui| match shown.prints {
            Some(prints) => self.desk(ui, prints),
            None => {
                ui.centered_and_justified(|ui| ui.label("正在排版…"));
            }
        });
        if self.choice != before {
            // Other pages may follow from it.
            ui.ctx().request_repaint();
        }
    }

    /// The pages, one under the other.
    fn desk(&mut self, ui: &mut Ui, prints: &[Print]) {
        let pages: Vec<&Page> = prints.iter().flat_map(|it| &it.pages).collect();
        let Some(widest) = pages.iter().max_by(|a, b| a.paper.width.to_mm().total_cmp(&b.paper.width.to_mm())) else {
            ui.centered_and_justified(|ui| ui.label("没有要印的页"));
            return;
        };
        let room = ui.available_size();
        let mm = theme::points_per_mm(ui.ctx());
        let zoom = self.zoom.get_or_insert(Zoom::Width);
        let steps = Zoom::asked(ui);
        for _ in 0..steps.abs() {
            *zoom = Zoom::step(zoom.percent(widest.paper, room, mm), steps > 0);
        }
        let scale = mm * f32::from(zoom.percent(widest.paper, room, mm).min(100)) / 100.0;
        let size = |it: &Page| vec2(it.paper.width.to_mm() as f32, it.paper.height.to_mm() as f32) * scale;
        let height: f32 = pages.iter().map(|it| size(it).y + GAP).sum();
        let wanted = vec2(size(widest).x + MARGIN * 2.0, height - GAP + MARGIN * 2.0);
        let places = self.choice.places(pages.len()).ok();
        ScrollArea::both().id_salt("print-desk").auto_shrink(false).show(ui, |ui| {
            let (rect, _) = ui.allocate_exact_size(wanted.max(ui.available_size()), Sense::hover());
            let clip = ui.clip_rect();
            let mut top = rect.top() + MARGIN;
            let mut this = None;
            let count = pages.len();
            for (index, one) in pages.iter().enumerate() {
                let paper = Rect::from_min_size(pos2(rect.center().x - size(one).x / 2.0, top), size(one));
                top += size(one).y + GAP;
                if !paper.intersects(clip) {
                    continue;
                }
                // The page that is looked at is the first of which the middle is seen.
                if this.is_none() && clip.contains(pos2(clip.center().x, paper.center().y)) {
                    this = Some(index);
                }
                let mut shapes = Vec::new();
                let shadow = egui::epaint::Shadow { offset: [0, 1], blur: 6, spread: 0, color: theme::SHADOW };
                shapes.push(shadow.as_shape(paper, 0.0).into());
                shapes.push(Shape::rect_filled(paper, 0.0, theme::PAPER));
                let place = Placement::new(paper.min, scale);
                one.marks.iter().for_each(|mark| print(ui, place, mark, &mut shapes));
                let goes = places.as_ref().is_none_or(|it| it.contains(&index));
                if !goes {
                    // What is not printed lies there pale.
                    shapes.push(Shape::rect_filled(paper, 0.0, theme::DESK.gamma_multiply(0.75)));
                }
                ui.painter().extend(shapes);
                let response = ui.interact(paper, Id::unique(("print-page", index)), Sense::hover());
                let words = format!("第 {} 页，共 {count} 页{}", index + 1, if goes { "" } else { "，不印" });
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, words.clone()));
            }
            self.choice.this = this.unwrap_or(self.choice.this).min(count - 1);
        });
    }

    /// What is chosen.
    fn beside(&mut self, ui: &mut Ui, shown: &Shown<'_>, prints: &[Print], commands: &mut Vec<Command>) {
        page::title(ui, "打印");
        ui.add(egui::Label::new(theme::soft(shown.title)).wrap());
        ui.add_space(8.0);
        ui.add_enabled_ui(shown.going.is_none(), |ui| {
            self.printer(ui, shown, commands);
            self.papers(ui, shown, prints, commands);
        });
        ui.add_space(12.0);
        self.buttons(ui, shown, prints, commands);
    }

    /// Which printer, and how far off it is.
    fn printer(&mut self, ui: &mut Ui, shown: &Shown<'_>, commands: &mut Vec<Command>) {
        let printers = match shown.printers {
            None => {
                ui.label(theme::soft("正在找打印机…"));
                return;
            }
            Some(Err(why)) => {
                ui.label(RichText::new(why).size(13.0).color(theme::RED));
                &[]
            }
            Some(Ok([])) => {
                ui.label(RichText::new("这台电脑没有装打印机").size(13.0).color(theme::RED));
                &[]
            }
            Some(Ok(printers)) => printers,
        };
        if printers.is_empty() {
            ui.label(theme::soft("可以用看 PDF 的程序打开，再从那里打印"));
            if ui.add(theme::plain(PrintCommand::Look.label())).clicked() {
                commands.push(Command::Printing(PrintCommand::Look));
            }
            return;
        }
        label(ui, "打印机");
        let chosen = self.choice.printer.clone();
        let named = |it: &Printer| {
            let usual = if it.is_default { "（默认）" } else { "" };
            format!("{}{usual}", it.name)
        };
        let now = printers.iter().find(|it| it.name == chosen);
        let words = now.map_or_else(|| "请选一台".to_owned(), named);
        let width = ui.available_width();
        let combo = egui::ComboBox::from_id_salt("printer").selected_text(crate::face::on_screen(&words)).width(width);
        let response = combo
            .show_ui(ui, |ui| {
                for it in printers {
                    let words = crate::face::on_screen(&named(it));
                    ui.selectable_value(&mut self.choice.printer, it.name.clone(), words).on_hover_text(&it.called);
                }
            })
            .response;
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(format!("打印机 {words}")));
        if let Some(it) = now {
            if !it.called.is_empty() {
                ui.label(theme::soft(crate::face::on_screen(&it.called)));
            }
            if !it.trouble.is_empty() {
                let words = format!("打印机{}：交给它的会排队，好了再印", it.trouble);
                ui.label(RichText::new(words).size(12.0).color(theme::AMBER));
            }
            let pages = shown.prints.unwrap_or_default().iter().flat_map(|it| &it.pages);
            if let Some(paper) = it.lacks(pages) {
                let words = format!("这台打印机没有 {paper} 纸，印出来会缺边");
                ui.label(RichText::new(words).size(12.0).color(theme::AMBER));
            }
        }
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            let [right, down] = &mut self.choice.offset;
            for (name, text) in [("右移", right), ("下移", down)] {
                ui.label(theme::soft(name));
                let response = ui.add(theme::field(text, "0").desired_width(48.0).char_limit(8));
                ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(format!("{name} 毫米")));
            }
            ui.label(theme::soft("毫米"));
        });
        ui.label(theme::soft("这台打印机印偏时用，负数向左、向上；记在这台电脑上"));
        if let Err(why) = self.choice.offset() {
            ui.label(RichText::new(why).size(12.0).color(theme::RED));
        }
    }

    /// How many, which copies and pages, and how they are printed.
    fn papers(&mut self, ui: &mut Ui, shown: &Shown<'_>, prints: &[Print], commands: &mut Vec<Command>) {
        ui.add_space(8.0);
        label(ui, "印几份");
        let response = ui.add(theme::field(&mut self.choice.count, "1").desired_width(48.0).char_limit(4));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("份数"));
        if let Err(why) = self.choice.count() {
            ui.label(RichText::new(why).size(12.0).color(theme::RED));
        }
        if shown.copies.len() > 1 {
            ui.add_space(8.0);
            label(ui, "印哪几联");
            for (copy, mark) in shown.copies.iter().enumerate() {
                let mut goes = !self.choice.without.contains(&copy);
                if ui.checkbox(&mut goes, mark).changed() {
                    if goes {
                        self.choice.without.remove(&copy)
                    } else {
                        self.choice.without.insert(copy)
                    };
                }
            }
        }
        let count: usize = prints.iter().map(|it| it.pages.len()).sum();
        ui.add_space(8.0);
        label(ui, &format!("印哪几页（共 {count} 页）"));
        ui.horizontal(|ui| {
            let this = format!("这一页（{}）", self.choice.this + 1);
            let all = [(Pages::All, "全部"), (Pages::This, this.as_str()), (Pages::Range, "选几页")];
            for (pages, words) in all {
                ui.radio_value(&mut self.choice.pages, pages, words);
            }
        });
        if self.choice.pages == Pages::Range {
            let response = ui.add(theme::field(&mut self.choice.range, "1-3,5").desired_width(140.0).char_limit(200));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("页码"));
        }
        if let Err(why) = self.choice.places(count) {
            ui.label(RichText::new(why).size(12.0).color(theme::RED));
        }
        let chosen =
            shown.printers.and_then(Result::ok).and_then(|it| it.iter().find(|it| it.name == self.choice.printer));
        if chosen.is_some_and(|it| it.both_sides) {
            ui.add_space(8.0);
            label(ui, "单面还是双面");
            ui.horizontal(|ui| {
                ui.radio_value(&mut self.choice.both_sides, false, "单面");
                ui.radio_value(&mut self.choice.both_sides, true, "双面");
            });
            if self.choice.both_sides {
                ui.label(theme::soft("每一联、每一份都从新的一张纸印起"));
            }
        }
        ui.add_space(8.0);
        if shown.has_form {
            ui.checkbox(&mut self.choice.filled, "只印填写的内容（套打）")
                .on_hover_text("纸上已经印好表格时用：不印线、栏目和单位名称；续页照整张印");
        }
        if let Some(mut signatures) = shown.signatures
            && ui.checkbox(&mut signatures, "签名栏印上姓名日期").changed()
        {
            commands.push(Command::Remember("signatures", signatures.to_string()));
        }
        ui.label(theme::soft("按纸的实际大小印，不放大也不缩小"));
    }

    /// The keyboard goes to what is done next, once, when it can be done.
    fn begin_at(&mut self, ui: &Ui, id: Id, enabled: bool) {
        if enabled && !self.begun {
            ui.memory_mut(|it| it.request_focus(id));
            self.begun = true;
        }
    }

    fn buttons(&mut self, ui: &mut Ui, shown: &Shown<'_>, prints: &[Print], commands: &mut Vec<Command>) {
        if let Some(why) = shown.trouble {
            ui.add(egui::Label::new(RichText::new(why).size(13.0).color(theme::RED)).wrap());
            ui.add_space(8.0);
        }
        if let Some(going) = shown.going {
            ui.label(going);
            if ui.add(theme::plain(PrintCommand::Stop.label())).clicked() {
                commands.push(Command::Printing(PrintCommand::Stop));
            }
            return;
        }
        let choice = self.choice.clone();
        let count = prints.iter().map(|it| it.pages.len()).sum();
        let pages = choice.places(count).map_or(0, |it| it.len()) * choice.count().unwrap_or(0);
        let fine = pages > 0 && choice.count().is_ok() && choice.offset().is_ok();
        let printers = shown.printers.and_then(Result::ok).unwrap_or_default();
        let has = printers.iter().any(|it| it.name == choice.printer);
        let mut button = |ui: &mut Ui, command: PrintCommand, words: &str, first: bool, enabled: bool| {
            let look = if first { theme::primary(words) } else { theme::plain(words) };
            let size = vec2(ui.available_width(), if first { 36.0 } else { theme::CONTROL });
            let response = ui.add_enabled_ui(enabled, |ui| ui.add_sized(size, look)).inner;
            if response.clicked() {
                commands.push(Command::Printing(command));
            }
            response.id
        };
        if printers.is_empty() && shown.printers.is_some() {
            let view = PrintCommand::View;
            let id = button(ui, view.clone(), view.label(), true, fine);
            self.begin_at(ui, id, fine);
        } else {
            let words = if fine { format!("打印 {pages} 页") } else { "打印".to_owned() };
            let id = button(ui, PrintCommand::Send, &words, true, fine && has);
            self.begin_at(ui, id, fine && has);
        }
        ui.add_space(4.0);
        // Nobody has to wait for a printer that is far away.
        if shown.printers.is_none() || shown.trouble.is_some() && !printers.is_empty() {
            button(ui, PrintCommand::View, PrintCommand::View.label(), false, fine);
        }
        button(ui, PrintCommand::Save, PrintCommand::Save.label(), false, fine);
        button(ui, PrintCommand::Close, PrintCommand::Close.label(), false, true);
    }
}

fn label(ui: &mut Ui, words: &str) {
    ui.label(RichText::new(words).font(theme::bold(12.0)).color(theme::SOFT));
}
