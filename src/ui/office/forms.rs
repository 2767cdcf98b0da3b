//! 编号 and 联与去向: how each form is numbered, and in which copies it is made out.

use eframe::egui::{RichText, Ui};

use super::{Office, OfficeView, push, section, small};
use crate::command::Command;
use crate::procedure::{Change, Form, FormId, NumberPattern};
use crate::ui::theme;

/// Copies are counted so.
const FIGURES: [&str; 6] = ["一", "二", "三", "四", "五", "六"];

/// The forms that are filled in as sheets.
fn sheets<'a>(office: &Office<'a>) -> impl Iterator<Item = &'a Form> {
    office.procedure.offered().into_iter().filter(|it| it.register.is_none())
}

impl OfficeView {
    pub(super) fn numbers(&mut self, ui: &mut Ui, office: &Office<'_>, commands: &mut Vec<Command>) {
        let document = &office.procedure.document;
        section(ui, "编号", |ui| {
            for package in &document.packages {
                let every = (!package.bare).then(|| FormId::all_of(&package.name));
                let pattern = every.as_ref().map_or(&document.number, |it| document.pattern(it));
                let label = if document.packages.len() > 1 { &package.title } else { "各种单" };
                self.pattern(ui, office, every.as_ref(), label, pattern, commands);
                let name = if package.bare { "" } else { package.name.as_str() };
                for form in sheets(office).filter(|it| it.form.package() == name) {
                    self.of_form(ui, office, form, pattern, commands);
                }
            }
            ui.label(theme::soft("{year} 是年，{sequence} 是每年从 1 起的序号；已经编好的号不变"));
        });
    }

    /// A form's own pattern, or that it has the one of all.
    fn of_form(
        &mut self,
        ui: &mut Ui,
        office: &Office<'_>,
        form: &Form,
        every: &NumberPattern,
        commands: &mut Vec<Command>,
    ) {
        let document = &office.procedure.document;
        if let Some(own) = document.numbers.get(&form.form) {
            return self.pattern(ui, office, Some(&form.form), &form.short, own, commands);
        }
        self.row(ui, &form.short, |_, ui| {
            // A package may number its sheets otherwise.
            let pattern = document.pattern(&form.form);
            let words = if pattern == every { "同上".to_owned() } else { pattern.format(office.year, 1) };
            ui.label(theme::soft(words));
            if small(ui, "另定…", &format!("另定编号 {}", form.form)) {
                push(commands, Change::OwnPattern(form.form.clone(), true));
            }
        });
    }

    fn pattern(
        &mut self,
        ui: &mut Ui,
        office: &Office<'_>,
        form: Option<&FormId>,
        label: &str,
        pattern: &NumberPattern,
        commands: &mut Vec<Command>,
    ) {
        let document = &office.procedure.document;
        let name = |what: &str| form.map_or_else(|| what.to_owned(), |form| format!("{what} {form}"));
        let (format, digits) = (name("编号格式"), name("编号位数"));
        self.row(ui, label, |view, ui| {
            let change = |text| Change::Pattern(form.cloned(), text);
            view.typed(ui, document, &format, &pattern.pattern, 150.0, commands, change);
            let refused = view.said.take();
            let change = |text| Change::Digits(form.cloned(), text);
            view.typed(ui, document, &digits, &pattern.digits.to_string(), 24.0, commands, change);
            view.said = refused.or_else(|| view.said.take());
            ui.label(theme::soft("位"));
            // As it would look with what is typed now.
            let typed = |name: &str| view.drafts.get(name).map(|it| it.text.trim().to_owned());
            let next = NumberPattern {
                pattern: typed(&format).unwrap_or_else(|| pattern.pattern.clone()),
                digits: typed(&digits).map_or(Some(pattern.digits), |it| it.parse().ok()).unwrap_or_default(),
            };
            if next.check().is_ok() {
                ui.label(RichText::new(next.format(office.year, 1)).font(theme::bold(14.0)));
            }
            if let Some(form) = form.filter(|it| document.numbers.contains_key(*it))
                && small(ui, "照通用", &format!("照通用编号 {form}"))
            {
                push(commands, Change::OwnPattern(form.clone(), false));
            }
        });
    }

    pub(super) fn copies(&mut self, ui: &mut Ui, office: &Office<'_>, commands: &mut Vec<Command>) {
        let document = &office.procedure.document;
        section(ui, "联与去向", |ui| {
            for form in sheets(office) {
                let marks = office.procedure.copies(form);
                for (place, mark) in marks.iter().enumerate() {
                    let label = if place == 0 { form.short.as_str() } else { "" };
                    self.row(ui, label, |view, ui| {
                        let name = format!("{} 第 {} 联", form.form, place + 1);
                        view.typed(ui, document, &name, mark, 200.0, commands, |text| {
                            let mut marks = marks.to_vec();
                            marks[place] = text;
                            Change::Copies(form.form.clone(), Some(marks))
                        });
                        if small(ui, "删去", &format!("删去 {name}")) {
                            let mut marks = marks.to_vec();
                            marks.remove(place);
                            push(commands, Change::Copies(form.form.clone(), Some(marks)));
                        }
                    });
                }
                self.row(ui, if marks.is_empty() { &form.short } else { "" }, |_, ui| {
                    if marks.is_empty() {
                        ui.label(theme::soft("不分联，只出一份"));
                    }
                    if let Some(figure) = FIGURES.get(marks.len())
                        && small(ui, "添一联", &format!("添一联 {}", form.form))
                    {
                        let mut marks = marks.to_vec();
                        marks.push(format!("第{figure}联"));
                        push(commands, Change::Copies(form.form.clone(), Some(marks)));
                    }
                    if document.copies.contains_key(&form.form)
                        && small(ui, "照表样", &format!("照表样分联 {}", form.form))
                    {
                        push(commands, Change::Copies(form.form.clone(), None));
                    }
                });
            }
            ui.label(theme::soft("印在表框外；表脚“一式二份”一类的字属受控表样，不随这里改"));
        });
    }
}
