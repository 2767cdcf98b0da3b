//! Searching all sheets: what is sought, and the sheets it was found on, newest first.

use eframe::egui::epaint::text::{LayoutJob, TextFormat};
use eframe::egui::{self, FontId, Key, Modifiers, Rect, ScrollArea, Sense, Ui, pos2, vec2};

use crate::command::{Command, View};
use crate::face::on_screen;
use crate::procedure::FormId;
use crate::record::RecordId;
use crate::search::{Hit, Sheet};

use super::{ime, lines, theme};

/// Height of a sheet's lines.
const ROW: f32 = 72.0;

/// The search's own small state.
#[derive(Debug, Default)]
pub struct SearchView {
    /// What is typed.
    pub text: String,
    open: bool,
    /// The pen goes into the field at the next frame.
    wanted: bool,
    /// Which sheet is chosen, from 0.
    chosen: usize,
    /// Scroll so that the chosen sheet is seen.
    reveal: bool,
    /// To what the choice belongs.
    answered: String,
}

/// What there is to be shown of a search.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The text it answers: what is typed now may be further on.
    pub text: &'a str,
    /// The sheets are still being read, so that nothing can be found yet.
    pub reading: bool,
    /// On how many sheets something was found.
    pub total: usize,
    /// The first of them.
    pub sheets: &'a [Sheet],
    /// The registers that are called by what is sought ([`crate::search::Query::names`]), with their titles.
    pub registers: &'a [(FormId, String)],
}

impl SearchView {
    /// Whether it is to be drawn.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Opens it, or puts the pen back into its field; what was typed last stays and is selected.
    pub fn open(&mut self) {
        (self.open, self.wanted) = (true, true);
    }

    /// Puts it away.
    pub fn close(&mut self) {
        self.open = false;
    }

    /// Draws the field and under it what was found, `desk` being the sheet that lies on the desk. The arrows choose, Enter
    /// opens, Esc closes.
    pub fn show(&mut self, ui: &mut Ui, answer: &Answer<'_>, desk: RecordId, commands: &mut Vec<Command>) {
        if self.answered != answer.text {
            self.answered = answer.text.to_owned();
            (self.chosen, self.reveal) = (0, true);
        }
        self.chosen = self.chosen.min(answer.sheets.len().saturating_sub(1));
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            ui.add_space(8.0);
            self.field(ui, answer, commands);
            if ui.add(theme::plain("关闭")).on_hover_text("Esc").clicked() {
                self.close();
            }
        });
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            ui.add_space(12.0);
            lines::label(ui, &self.said(answer), 12.0, theme::SOFT);
        });
        if self.text.trim().is_empty() || answer.reading {
            return;
        }
        for (form, title) in answer.registers {
            ui.horizontal(|ui| {
                ui.add_space(8.0);
                if ui.add(theme::plain(&format!("打开{title}"))).clicked() {
                    commands.push(Command::Show(View::Register(form.clone())));
                }
            });
        }
        self.list(ui, answer.sheets, desk, commands);
    }

    fn field(&mut self, ui: &mut Ui, answer: &Answer<'_>, commands: &mut Vec<Command>) {
        let id = ui.make_persistent_id("search");
        // Before the field sees them: it would go to the ends of its line, or let go of the pen.
        if ui.memory(|it| it.has_focus(id)) && !ime::is_composing(ui.ctx()) {
            let pressed = |key| ui.input_mut(|it| it.consume_key(Modifiers::NONE, key));
            let (up, down) = (pressed(Key::ArrowUp), pressed(Key::ArrowDown));
            let enter = pressed(Key::Enter);
            if up || down {
                let next = if up { self.chosen.saturating_sub(1) } else { self.chosen + 1 };
                (self.chosen, self.reveal) = (next.min(answer.sheets.len().saturating_sub(1)), true);
            }
            // What is shown may still answer a shorter text: that is not opened blindly.
            if enter
                && answer.text == self.text
                && let Some(sheet) = answer.sheets.get(self.chosen)
            {
                commands.push(Command::Open(sheet.id));
            }
        }
        // Before it is drawn: a frame without a text field would cost the input method's next letters.
        let wanted = std::mem::take(&mut self.wanted);
        if wanted {
            ui.memory_mut(|it| it.request_focus(id));
        }
        let width = ui.available_width() - 72.0;
        let output = theme::field(&mut self.text, "在全部单据中查找…").id(id).desired_width(width).show(ui);
        ui.ctx().accesskit_node_builder(id, |node| node.set_label("查找"));
        // Escape has taken the pen away before anything is drawn.
        let escape = output.response.lost_focus() && ui.input(|it| it.key_pressed(Key::Escape));
        if escape && !ime::is_composing(ui.ctx()) {
            self.close();
        }
        if wanted {
            ui.ctx().request_repaint();
            let mut state = output.state;
            let all = egui::text::CCursorRange::select_all(&output.galley);
            state.cursor.set_char_range(Some(all));
            state.store(ui.ctx(), id);
        }
    }

    /// The line under the field.
    fn said(&self, answer: &Answer<'_>) -> String {
        let (shown, total) = (answer.sheets.len(), answer.total);
        if self.text.trim().is_empty() {
            "写一个字就能找：用户、产品、编号、内容、姓名、日期、划改前的字。几个词用空格隔开，同在一份单据上才算。"
                .to_owned()
        } else if answer.reading {
            "正在读取全部单据，马上就能查找…".to_owned()
        } else if total == 0 && answer.text != self.text {
            "正在查找…".to_owned()
        } else if total == 0 && !answer.registers.is_empty() {
            "单据上没有，是表名：".to_owned()
        } else if total == 0 {
            format!("全部单据里都没有“{}”", on_screen(self.text.trim()))
        } else if shown < total {
            format!("共 {total} 份，列出 {shown} 份；再写几个字会更准")
        } else {
            format!("共 {total} 份")
        }
    }

    fn list(&mut self, ui: &mut Ui, sheets: &[Sheet], desk: RecordId, commands: &mut Vec<Command>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        let reveal = std::mem::take(&mut self.reveal);
        ScrollArea::vertical().id_salt("found").auto_shrink([false, false]).show_viewport(ui, |ui, viewport| {
            let (whole, _) =
                ui.allocate_exact_size(vec2(ui.available_width(), ROW * sheets.len() as f32), Sense::hover());
            let place = |at: usize| {
                let corner = pos2(whole.left(), whole.top() + ROW * at as f32);
                Rect::from_min_size(corner, vec2(whole.width(), ROW))
            };
            if reveal {
                ui.scroll_to_rect(place(self.chosen), None);
            }
            let first = (viewport.top() / ROW).floor().max(0.0) as usize;
            let last = ((viewport.bottom() / ROW).ceil().max(0.0) as usize).min(sheets.len());
            for (at, sheet) in sheets.iter().enumerate().take(last).skip(first) {
                if row(ui, sheet, place(at), at == self.chosen, sheet.id == desk) {
                    self.chosen = at;
                    commands.push(Command::Open(sheet.id));
                }
            }
        });
    }
}

/// Number and form; whom it is about; where it was found, and the words around it.
fn row(ui: &Ui, sheet: &Sheet, rect: Rect, chosen: bool, on_desk: bool) -> bool {
    let response = ui.interact(rect, egui::Id::unique(("found", sheet.id.0)), Sense::click());
    let painter = ui.painter_at(rect);
    let fill = if chosen || response.hovered() { theme::ACCENT_PALE } else { theme::PANEL };
    painter.rect_filled(rect, 0.0, if on_desk && !chosen { theme::PAPER } else { fill });
    if on_desk {
        painter.rect_filled(Rect::from_min_size(rect.min, vec2(3.0, rect.height())), 0.0, theme::ACCENT);
    }
    painter.hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, theme::LINE));
    let (left, right) = (rect.left() + 12.0, rect.right() - 12.0);
    let set = |mut job: LayoutJob, width: f32| {
        job.wrap.max_width = width.max(0.0);
        job.wrap.max_rows = 1;
        job.wrap.break_anywhere = true;
        ui.fonts_mut(|it| it.layout_job(job))
    };
    let soft = |text: &str| LayoutJob::simple_singleline(on_screen(text), FontId::proportional(12.0), theme::SOFT);
    let form = set(soft(&sheet.form), right - left);
    let number = LayoutJob::simple_singleline(on_screen(&sheet.number), theme::bold(14.0), theme::INK);
    let number = set(number, right - left - form.size().x - 8.0);
    painter.galley(pos2(left, rect.top() + 8.0), number, theme::INK);
    painter.galley(pos2(right - form.size().x, rect.top() + 10.0), form, theme::SOFT);
    let subject = if sheet.subject.is_empty() { "（未填）" } else { &sheet.subject };
    painter.galley(pos2(left, rect.top() + 29.0), set(soft(subject), right - left), theme::SOFT);
    let mut name = format!("{} {} {}", sheet.form, sheet.number, sheet.subject);
    if let Some(hit) = sheet.hits.first() {
        let more = sheet.hits.len() - 1;
        let more = if more == 0 { String::new() } else { format!("另 {more} 处") };
        let more = set(soft(&more), right - left);
        let snippet = set(marked(hit), right - left - more.size().x - 8.0);
        painter.galley(pos2(left, rect.top() + 48.0), snippet, theme::INK);
        painter.galley(pos2(right - more.size().x, rect.top() + 48.0), more, theme::SOFT);
        name.push_str(&format!("，{}：{}", hit.name, hit.snippet));
    }
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, &name));
    response.clicked()
}

/// The place's name, then the words around what was found, that itself marked.
fn marked(hit: &Hit) -> LayoutJob {
    let font = FontId::proportional(12.0);
    let plain = TextFormat::simple(font.clone(), theme::INK);
    let found = TextFormat { background: theme::FOUND, ..plain.clone() };
    let mut job = LayoutJob::default();
    job.append(&on_screen(&format!("{}：", hit.name)), 0.0, TextFormat::simple(font, theme::SOFT));
    let mut end = 0;
    for mark in &hit.marks {
        job.append(&on_screen(hit.snippet.get(end..mark.start).unwrap_or_default()), 0.0, plain.clone());
        job.append(&on_screen(hit.snippet.get(mark.clone()).unwrap_or_default()), 0.0, found.clone());
        end = mark.end;
    }
    job.append(&on_screen(hit.snippet.get(end..).unwrap_or_default()), 0.0, plain);
    job
}
