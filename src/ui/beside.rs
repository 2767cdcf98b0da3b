//! Beside the sheet: the ledger's data that the paper has no cell for, and what the writer should look at.

use eframe::egui::{self, RichText, ScrollArea, TextEdit, Ui, vec2};

use crate::command::Command;
use crate::flow::{cited, proposed};
use crate::layout::Part;
use crate::procedure::{Field, FieldId, Kind, Rule};
use crate::record::{LONGEST_ENTRY, shown_in};

use super::desk::Desk;
use super::life::LifeView;
use super::pen::Pen;
use super::sheet::SheetView;
use super::{ime, lines, offers, page, papers, similar, theme};

/// Draws the panel. The pen is the sheet's own: there is only one.
pub fn show(ui: &mut Ui, view: &mut SheetView, life: &mut LifeView, desk: &Desk<'_>, commands: &mut Vec<Command>) {
    life.begin(desk);
    ScrollArea::vertical().id_salt("beside").auto_shrink([false, false]).show(ui, |ui| {
        ui.add_space(8.0);
        life.due(ui, view, desk, commands);
        life.waiting(ui, desk, commands);
        life.corrections(ui, view, desk, commands);
        page::caption(ui, "单据上没有的内容");
        let columns = desk.form.register.iter().flat_map(|it| &it.columns).flat_map(|it| it.holds.fields());
        let columns: Vec<&FieldId> = columns.collect();
        for field in desk.form.beside.iter().filter(|it| !columns.contains(&&it.id)) {
            if field.is_written() {
                row(ui, view, desk, field, commands);
            } else {
                told(ui, desk, field);
            }
        }
        let brought = desk.record.brought(desk.form);
        if !brought.is_empty() {
            ui.add_space(12.0);
            page::caption(ui, "导入时带来、表上没有位置的内容");
            for (key, text) in &brought {
                lines::label(ui, &format!("{key}：{text}"), 12.0, theme::SOFT);
            }
        }
        if let Some(similar) = desk.similar {
            ui.add_space(12.0);
            similar::show(ui, similar, commands);
        }
        life.passed_on(ui, desk, commands);
        life.links(ui, desk, commands);
        life.linked(ui, desk, commands);
        if desk.record.id != crate::record::RecordId(0) && !desk.record.destroyed() {
            ui.add_space(12.0);
            page::caption(ui, "纸在哪里");
            let document = &desk.procedure.document;
            let at = papers::At { document, operator: desk.operator, today: desk.today };
            papers::copies(ui, (desk.procedure, desk.form), desk.record, at, commands);
        }
        let marked = view.marked(ui);
        life.follow_ups(ui, desk, &marked, commands);
        if !desk.issues.is_empty() {
            ui.add_space(12.0);
            page::caption(ui, "请看一下");
            for issue in desk.issues {
                let said = lines::label(ui, &issue.message, 12.0, theme::RED);
                let response = said.interact(egui::Sense::CLICK);
                if response.clicked()
                    && let Some(field) = desk.field(&issue.cell.field)
                {
                    view.go_to(desk, field, issue.cell.line, Part::Entry, commands);
                }
            }
        }
        if let Some(void) = &desk.record.void {
            ui.add_space(12.0);
            page::caption(ui, "作废");
            lines::label(ui, &format!("{} {} {}", void.on, void.by, void.reason), 12.0, theme::SOFT);
        }
        if let Some(it) = desk.record.destruction() {
            ui.add_space(12.0);
            page::caption(ui, &format!("销毁{}", cited(desk.form.clause_of(Rule::Destruction))));
            let said = format!("{} 批准 {}，执行 {}，监销 {}", it.on, it.approved, it.executed, it.watched);
            lines::label(ui, &said, 12.0, theme::SOFT);
        }
        life.past(ui, desk, commands);
    });
}

/// What a datum says that nobody types: it is computed.
fn told(ui: &mut Ui, desk: &Desk<'_>, field: &Field) {
    let calendar = desk.procedure.calendar_of(&desk.form.form);
    let cell = desk.cell(&field.id, 0);
    let said = desk.record.says(desk.form, calendar, field, &cell, desk.round);
    ui.horizontal(|ui| {
        named(ui, field);
        let shown = shown_in(field, &said);
        let told = format!("{} {shown}", field.name);
        let response = lines::label(ui, &shown, 13.0, theme::INK);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &told));
    });
}

fn named(ui: &mut Ui, field: &Field) {
    let (label, _) = ui.allocate_exact_size(vec2(84.0, theme::CONTROL), egui::Sense::hover());
    let font = egui::FontId::proportional(13.0);
    ui.painter().text(label.left_center(), egui::Align2::LEFT_CENTER, &field.name, font, theme::SOFT);
}

fn row(ui: &mut Ui, view: &mut SheetView, desk: &Desk<'_>, field: &Field, commands: &mut Vec<Command>) {
    let value = desk.value(field);
    let cell = desk.cell(&field.id, 0);
    let id = Pen::id(&cell, Part::Entry);
    let held = view.pen.as_ref().filter(|it| it.cell.is_at(&cell)).cloned();
    let composing = ime::is_composing(ui.ctx());
    let mut leave = false;
    let mut pick = None;
    if let Some(pen) = view.pen.as_mut().filter(|it| it.cell.is_at(&cell) && !composing) {
        super::sheet::refuse_floods(ui, pen, commands);
        // The offers' keys, before the text takes them.
        let words = offers::matching(field, pen, desk.offers);
        pen.choose(ui, words.len());
        let none = egui::Modifiers::NONE;
        let enter = field.kind != Kind::Text && ui.input_mut(|it| it.consume_key(none, egui::Key::Enter));
        if enter || ui.input(|it| it.key_pressed(egui::Key::Tab)) {
            pick = pen.chosen.and_then(|it| words.get(it)).cloned();
            leave = enter;
        }
    }
    let closed = held.is_none() && view.instead(desk, field, 0).is_some();
    let mut text = held.as_ref().map_or_else(|| value.to_owned(), |it| it.text.clone());
    let drafted = || proposed(desk.procedure, desk.form, desk.record, field);
    let hint = field.default.clone().unwrap_or_else(drafted);
    let proposed = field.default.is_none() && value.is_empty() && !hint.is_empty() && held.is_none();
    ui.horizontal(|ui| {
        named(ui, field);
        let hint = RichText::new(hint.clone()).color(theme::SOFT);
        let width = ui.available_width() - 4.0;
        let edit = if field.kind == Kind::Text {
            TextEdit::multiline(&mut text).desired_rows(3)
        } else {
            TextEdit::singleline(&mut text)
        };
        let mut layouter = |ui: &Ui, buffer: &dyn egui::TextBuffer, wrap: f32| {
            let width = if field.kind == Kind::Text { wrap } else { f32::INFINITY };
            lines::field(ui, buffer.as_str(), width)
        };
        let edit = edit
            .layouter(&mut layouter)
            .char_limit(LONGEST_ENTRY.max(value.chars().count()))
            .id(id)
            .hint_text(hint)
            .desired_width(width)
            .interactive(!closed)
            .margin(egui::Margin::symmetric(6, 5));
        let mut response = ui.add(edit);
        if closed {
            response = response.interact(egui::Sense::click()).on_hover_cursor(egui::CursorIcon::Default);
        }
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(field.name.clone()));
        // One line shows its beginning; the pointer shows the rest.
        let long = lines::field(ui, value, f32::INFINITY).size().x > response.rect.width() - 12.0;
        let response =
            if long && field.kind != Kind::Text && held.is_none() { response.on_hover_text(value) } else { response };
        // A pen just put elsewhere has the keyboard in a moment; it is not taken back.
        let going = view.pen.as_ref().is_some_and(|it| it.fresh);
        let wanted = if closed { response.clicked() } else { response.gained_focus() || response.has_focus() };
        if wanted && held.is_none() && !going {
            view.go(desk, field, Part::Entry, commands);
            if let Some(pen) = &mut view.pen {
                pen.fresh = false;
            }
        }
        if let Some(held) = &held {
            let time = ui.input(|it| it.time);
            if let Some(pen) = &mut view.pen {
                if pen.text != text {
                    (pen.chosen, pen.alone) = (None, false);
                }
                pen.text = text;
                pen.note(composing, time);
                pen.write_in_time(ui, field, desk.today, commands);
            }
            let (word, busy) = offers::show(ui, desk, field, held, response.rect);
            pick = pick.clone().or(word);
            if let Some(word) = pick.clone()
                && let Some(pen) = &mut view.pen
            {
                pen.take(&word);
                leave = true;
            }
            leave |= response.lost_focus() && !busy;
            if leave {
                ui.memory_mut(|it| it.surrender_focus(id));
                view.leave(desk, commands);
            }
        }
    });
    if proposed {
        ui.horizontal(|ui| {
            ui.add_space(92.0);
            if ui.add(theme::plain("采用此拟稿")).clicked() {
                let (record, value, expected) = (desk.record.id, hint.clone(), String::new());
                commands.push(Command::Set { record, cell, value, expected });
            }
        });
    }
}
