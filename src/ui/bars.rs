//! The bars round the desk: menus above, the procedure's order at the left, where the sheet stands, the foot.

use std::path::PathBuf;

use eframe::egui::{self, Align2, FontId, MenuBar, RichText, Sense, Ui, vec2};

use crate::command::{ArchiveCommand, ArchivePart, Command, Question, Shortcut, View};
use crate::flow::{Standing, due_words, is_soon, owed, standing, standing_name};
use crate::procedure::{FormId, LEDGER, Procedure, SLIP};
use crate::record::{Record, RecordId};

use super::sheet::{Ask, Desk};
use super::theme;
use super::zoom::Zoom;

/// One line at the foot of the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notice {
    /// What happened, to what; a path last.
    pub text: String,
    /// Something could not be done.
    pub failed: bool,
    /// A file that was made.
    pub file: Option<PathBuf>,
}

/// What the menus have to know.
#[derive(Clone, Debug)]
pub struct Menus<'a> {
    /// The forms in use.
    pub procedure: &'a Procedure,
    /// Which page is shown.
    pub view: &'a View,
    /// The sheet on the desk.
    pub record: &'a Record,
    /// The ledger's period.
    pub period: crate::ledger::Period,
    /// Whether the sample book is open.
    pub sample: bool,
    /// Whether typed names are printed in the signature cells.
    pub signatures: bool,
    /// Whether the panel beside the sheet is shown.
    pub beside: bool,
    /// Who sits at the desk.
    pub operator: &'a str,
    /// How much is owed today.
    pub owed: usize,
    /// Whether anything of that is past its date.
    pub overdue: bool,
    /// How many copies and lots of blank sheets are out on paper.
    pub papers_out: usize,
}

/// The pages, in the procedure's own order.
pub fn views(procedure: &Procedure) -> Vec<View> {
    let mut views = vec![View::Today, View::Sheets(FormId::from(SLIP)), View::Ledger];
    let forms = procedure.in_use();
    let sheets = forms.iter().filter(|it| it.identity.is_some() && it.register.is_none() && it.form.as_str() != SLIP);
    views.extend(sheets.map(|it| View::Sheets(it.form.clone())));
    let typed = forms.iter().filter(|it| it.register.is_some() && it.form.as_str() != LEDGER);
    views.extend(typed.map(|it| View::Register(it.form.clone())));
    views.extend([View::Customers, View::Papers, View::Archive, View::Numbers, View::Settings]);
    views
}

/// What a page is called: by its form, where it has one.
pub fn view_name(procedure: &Procedure, view: &View) -> String {
    let form = match view {
        View::Sheets(form) | View::Register(form) => procedure.form(form),
        View::Ledger => procedure.form(&FormId::from(LEDGER)),
        View::Today | View::Customers | View::Papers | View::Archive | View::Numbers | View::Settings => None,
    };
    form.map_or_else(|| view.name().to_owned(), |it| it.short.clone())
}

/// The words of a command in menus and in the list of commands.
pub fn words(procedure: &Procedure, command: &Command) -> String {
    match command {
        Command::Show(view) => view_name(procedure, view),
        Command::New(form) => {
            let short = procedure.form(form).map_or("", |it| &it.short);
            if form.as_str() == SLIP { command.label().to_owned() } else { format!("新建{short}") }
        }
        Command::ExportBlank(form) => {
            procedure.form(form).map_or_else(String::new, |it| format!("空白表 {} {}", it.form, it.title))
        }
        Command::ExportSlip(_) => "导出这张单".to_owned(),
        _ => command.label().to_owned(),
    }
}

/// Every command that stands in a menu, by menu; `None` is a line between.
pub fn entries(menus: &Menus<'_>) -> Vec<(&'static str, Vec<Option<Command>>)> {
    let forms: Vec<FormId> = views(menus.procedure)
        .into_iter()
        .filter_map(|it| if let View::Sheets(form) = it { Some(form) } else { None })
        .collect();
    let record = menus.record.id;
    let sheet = menus.procedure.form(&menus.record.form).is_some_and(|it| it.register.is_none());
    let there = record != RecordId(0) && sheet;
    let mut file =
        vec![Some(Command::ChooseBook), Some(if menus.sample { Command::OpenOwn } else { Command::OpenSample }), None];
    file.extend(there.then_some(Some(Command::ExportSlip(record))));
    file.extend([Some(Command::ExportLedger(menus.period)), None, Some(Command::Quit)]);
    let mut sheet: Vec<Option<Command>> = forms.into_iter().map(|it| Some(Command::New(it))).collect();
    if there {
        sheet.push(None);
        sheet.extend([Question::Sign, Question::PutOff, Question::Void].map(|it| Some(Command::Ask(record, it))));
        sheet.push(None);
        sheet
            .extend([Command::ExportSlip(record), Command::ExportReminder(record), Command::Rewrite(record)].map(Some));
    }
    let shown = views(menus.procedure).into_iter().map(|it| Some(Command::Show(it))).collect();
    vec![
        ("文件", file),
        ("编辑", vec![Some(Command::Undo), None, Some(Command::Search), Some(Command::Palette)]),
        ("单据", sheet),
        ("归档", ArchivePart::ALL.into_iter().map(|it| Some(Command::Archive(ArchiveCommand::Show(it)))).collect()),
        ("查看", shown),
    ]
}

/// A command with its words and the key it has on the page that is shown.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is called.
    pub words: String,
    /// Its key.
    pub key: Option<Shortcut>,
    /// What it does.
    pub command: Command,
}

/// Every command by its words and its key, for whoever looks for one by name.
pub fn all(menus: &Menus<'_>) -> Vec<Entry> {
    let mut all: Vec<(String, Command)> = Vec::new();
    for (menu, entries) in entries(menus) {
        for command in entries.into_iter().flatten() {
            let words = match &command {
                Command::Show(_) => format!("{menu} {}", words(menus.procedure, &command)),
                _ => words(menus.procedure, &command),
            };
            all.push((words, command));
        }
    }
    let blanks = menus.procedure.in_use().into_iter().map(|it| Command::ExportBlank(it.form.clone()));
    all.extend(blanks.map(|it| (words(menus.procedure, &it), it)));
    // What is done on a page, for whoever looks for the work and not for the page.
    let on_pages = [
        ("卷内目录、卷脊标签", Command::Archive(ArchiveCommand::Show(ArchivePart::Binders))),
        ("销毁清单", Command::Archive(ArchiveCommand::Show(ArchivePart::Expired))),
        ("预留空白单、打印编号簿", Command::Show(View::Numbers)),
        ("合并用户", Command::Show(View::Customers)),
        ("人员、部门、操作人密码", Command::Show(View::Settings)),
    ];
    all.extend(on_pages.map(|(words, command)| (words.to_owned(), command)));
    let people = menus.procedure.document.people.iter().filter(|it| !it.left);
    all.extend(people.map(|it| (format!("操作人换成 {}", it.name), Command::Operate(it.name.clone(), String::new()))));
    all.into_iter().map(|(words, command)| Entry { key: key(menus, &command), words, command }).collect()
}

/// The key of a command on the page that is shown: Ctrl+N and Ctrl+P are about what lies there.
fn key(menus: &Menus<'_>, command: &Command) -> Option<Shortcut> {
    let shown = match (command, menus.view) {
        (Command::New(form), View::Sheets(shown)) => form == shown,
        (Command::New(form), _) => form.as_str() == SLIP,
        (Command::ExportSlip(_), view) => matches!(view, View::Sheets(_)),
        (Command::ExportLedger(_), view) => *view == View::Ledger,
        _ => true,
    };
    command.shortcut().filter(|_| shown)
}

fn item(ui: &mut Ui, menus: &Menus<'_>, command: Command, commands: &mut Vec<Command>) {
    let mut button = egui::Button::new(words(menus.procedure, &command));
    if let Some(shortcut) = key(menus, &command) {
        button = button.shortcut_text(format!("Ctrl+{}", shortcut.letter));
    }
    let mut response = ui.add(button);
    if !command.hint().is_empty() {
        response = response.on_hover_text(command.hint());
    }
    if response.clicked() {
        commands.push(command);
        ui.close();
    }
}

/// The menus.
pub fn menus(ui: &mut Ui, menus: &Menus<'_>, commands: &mut Vec<Command>) {
    MenuBar::new().ui(ui, |ui| {
        ui.label(theme::strong("用户服务台帐"));
        for (name, entries) in entries(menus) {
            ui.menu_button(name, |ui| {
                roomy(ui);
                for entry in entries {
                    match entry {
                        Some(command) => {
                            let ledger = matches!(command, Command::ExportLedger(_));
                            item(ui, menus, command, commands);
                            if ledger {
                                ui.menu_button("空白表", |ui| blanks(ui, menus.procedure, commands));
                            }
                        }
                        None => {
                            ui.separator();
                        }
                    }
                }
                if name == "查看" {
                    ui.separator();
                    // A menu's buttons have no edge; a box to tick needs one.
                    ui.visuals_mut().widgets.inactive.bg_stroke = egui::Stroke::new(1.0, theme::SOFT);
                    let mut beside = menus.beside;
                    if ui.checkbox(&mut beside, "单据旁的栏").changed() {
                        commands.push(Command::Remember("beside", beside.to_string()));
                    }
                    let mut signatures = menus.signatures;
                    if ui.checkbox(&mut signatures, "导出时签名栏印上姓名日期").changed() {
                        commands.push(Command::Remember("signatures", signatures.to_string()));
                    }
                }
            });
        }
        if menus.sample {
            theme::chip(ui, "示例台帐，随便试", theme::AMBER, theme::AMBER_PALE);
            if ui.add(theme::plain(Command::OpenOwn.label())).clicked() {
                commands.push(Command::OpenOwn);
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            operator(ui, menus, commands);
            if ui.available_width() > 260.0 {
                // It looks like a field, though the menus have no frames.
                let find = egui::Button::new(RichText::new("查找全部单据…").color(theme::SOFT))
                    .shortcut_text(theme::soft("Ctrl+F"))
                    .fill(theme::PANEL)
                    .stroke(egui::Stroke::new(1.0, theme::LINE))
                    .min_size(vec2(240.0, theme::CONTROL));
                ui.add_space(4.0);
                ui.spacing_mut().button_padding.x = 8.0;
                if ui.add(find).on_hover_text(Command::Search.hint()).clicked() {
                    commands.push(Command::Search);
                }
            }
        });
    });
}

/// Room round the words of a menu, and between them and their keys.
fn roomy(ui: &mut Ui) {
    ui.spacing_mut().button_padding = vec2(8.0, 4.0);
    ui.set_min_width(184.0);
}

/// Who sits at the desk (操作人), from the people list.
fn operator(ui: &mut Ui, menus: &Menus<'_>, commands: &mut Vec<Command>) {
    let name = if menus.operator.is_empty() { "未选" } else { menus.operator };
    ui.menu_button(format!("操作人 {name}"), |ui| {
        roomy(ui);
        let people = menus.procedure.document.people.iter().filter(|it| !it.left);
        let mut none = true;
        for person in people {
            none = false;
            let button = egui::Button::new(&person.name).shortcut_text(theme::soft(&person.department));
            let response = ui.add(button);
            let words = format!("{}　{}", person.name, person.department);
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(words.trim_end().to_owned()));
            if response.clicked() {
                commands.push(Command::Operate(person.name.clone(), String::new()));
                ui.close();
            }
        }
        if none {
            ui.label(theme::soft("人员表还是空的，先到设置里添上"));
        }
        ui.separator();
        if !menus.operator.is_empty() && ui.button("离开操作位").clicked() {
            commands.push(Command::Operate(String::new(), String::new()));
            ui.close();
        }
        if ui.button("人员和设置…").clicked() {
            commands.push(Command::Show(View::Settings));
            ui.close();
        }
    });
}

/// The five forms, each to be printed empty.
fn blanks(ui: &mut Ui, procedure: &Procedure, commands: &mut Vec<Command>) {
    roomy(ui);
    for form in procedure.in_use() {
        if ui.button(format!("{} {}", form.form, form.title)).clicked() {
            commands.push(Command::ExportBlank(form.form.clone()));
            ui.close();
        }
    }
}

/// The procedure's order, at the left.
pub fn order(ui: &mut Ui, menus: &Menus<'_>, commands: &mut Vec<Command>) {
    ui.add_space(8.0);
    egui::ScrollArea::vertical().id_salt("order").auto_shrink([false, false]).show(ui, |ui| {
        for view in views(menus.procedure) {
            if matches!(view, View::Sheets(ref form) if form.as_str() == SLIP)
                || matches!(view, View::Customers | View::Settings)
            {
                ui.add_space(4.0);
                ui.separator();
                ui.add_space(4.0);
            }
            let code = match &view {
                View::Today if menus.owed > 0 => menus.owed.to_string(),
                View::Sheets(form) | View::Register(form) => form.to_string(),
                View::Ledger => LEDGER.to_owned(),
                View::Papers if menus.papers_out > 0 => menus.papers_out.to_string(),
                View::Today | View::Customers | View::Papers | View::Archive | View::Numbers | View::Settings => {
                    String::new()
                }
            };
            let ink = if view == View::Today && menus.overdue { theme::RED } else { theme::SOFT };
            if entry(ui, &view_name(menus.procedure, &view), (&code, ink), *menus.view == view) {
                commands.push(Command::Show(view));
            }
        }
    });
}

fn entry(ui: &mut Ui, name: &str, (code, code_ink): (&str, egui::Color32), chosen: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::click());
    let inner = rect.shrink2(vec2(6.0, 0.0));
    if chosen || response.hovered() {
        ui.painter().rect_filled(inner, 4.0, theme::ACCENT_PALE);
    }
    let font = if chosen { theme::bold(14.0) } else { FontId::proportional(14.0) };
    let ink = if chosen { theme::ACCENT } else { theme::INK };
    ui.painter().text(inner.left_center() + vec2(10.0, 0.0), Align2::LEFT_CENTER, name, font, ink);
    let place = inner.right_center() - vec2(8.0, 0.0);
    ui.painter().text(place, Align2::RIGHT_CENTER, code, FontId::proportional(12.0), code_ink);
    response.widget_info(|| {
        egui::WidgetInfo::selected(egui::Role::Button, true, chosen, format!("{name} {code}").trim().to_owned())
    });
    response.clicked()
}

/// Where the sheet stands, above it, and what can be done with it. What more is asked for that.
pub fn stages(ui: &mut Ui, desk: &Desk<'_>, commands: &mut Vec<Command>) -> Option<Ask> {
    let (form, record) = (desk.form, desk.record);
    let standing = standing(form, record);
    let mut asked = None;
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        ui.add_space(12.0);
        let there = record.id != RecordId(0);
        ui.add_enabled_ui(there, |ui| {
            ui.menu_button("更多", |ui| asked = more(ui, desk, commands))
                .response
                .on_hover_text("作废、延期、催办、重抄");
        });
        if standing == Standing::Done && ui.add(theme::plain("去归档")).on_hover_text("装盒、装卷（4.7）").clicked()
        {
            commands.push(Command::Show(View::Archive));
        }
        let export = Command::ExportSlip(record.id);
        if ui.add_enabled(there, theme::plain(export.label())).on_hover_text(export.hint()).clicked() {
            commands.push(export);
        }
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.add_space(12.0);
            ui.spacing_mut().item_spacing.x = 8.0;
            due(ui, desk);
            rounds(ui, desk, commands);
            let now = match standing {
                Standing::At(stage) => stage,
                Standing::Done => form.stages.len(),
                Standing::Filed => form.stages.len() + 1,
                Standing::Void | Standing::Destroyed => {
                    ui.label(theme::strong(standing_name(form, standing)));
                    return;
                }
            };
            let names: Vec<&str> = form.stages.iter().map(|it| it.name.as_str()).chain(["归档"]).collect();
            // In a narrow window only the present stage, and how far that is.
            let letters: usize = names.iter().map(|it| it.chars().count()).sum();
            let wanted = letters as f32 * 13.0 + now.min(names.len()) as f32 * 16.0 + names.len() as f32 * 14.0;
            if ui.available_width() < wanted && now >= names.len() {
                ui.label(RichText::new("已归档 ✓").font(theme::bold(13.0)).color(theme::GREEN));
                return;
            }
            if ui.available_width() < wanted {
                ui.label(RichText::new(names[now.min(names.len() - 1)]).font(theme::bold(13.0)).color(theme::ACCENT));
                ui.label(theme::soft(format!("第 {} 步，共 {} 步", (now + 1).min(names.len()), names.len())));
                return;
            }
            ui.spacing_mut().item_spacing.x = 4.0;
            for (index, name) in names.into_iter().enumerate() {
                if index > 0 {
                    ui.label(RichText::new("›").size(13.0).color(theme::SOFT));
                }
                let text = match index.cmp(&now) {
                    std::cmp::Ordering::Less => RichText::new(format!("{name} ✓")).size(13.0).color(theme::GREEN),
                    std::cmp::Ordering::Equal => RichText::new(name).font(theme::bold(13.0)).color(theme::ACCENT),
                    std::cmp::Ordering::Greater => RichText::new(name).size(13.0).color(theme::SOFT),
                };
                ui.label(text);
            }
        });
    });
    asked
}

/// That the date is past or near, wherever the sheet is seen.
fn due(ui: &mut Ui, desk: &Desk<'_>) {
    let Some(due) = owed(desk.procedure, desk.form, desk.record) else { return };
    let words = due_words(desk.procedure, due.day, desk.today);
    let (ink, pale) = if due.day < desk.today {
        (theme::RED, theme::RED_PALE)
    } else if is_soon(desk.procedure, due.day, desk.today) {
        (theme::AMBER, theme::AMBER_PALE)
    } else {
        return;
    };
    theme::chip(ui, &words, ink, pale);
}

/// The rounds (轮次) the sheet has gone through, as tabs.
fn rounds(ui: &mut Ui, desk: &Desk<'_>, commands: &mut Vec<Command>) {
    let count = desk.record.rounds.len();
    if count < 2 {
        return;
    }
    for round in 0..count {
        let chosen = round == desk.round;
        let words = RichText::new(format!("第{}次", round + 1)).size(13.0);
        if ui.selectable_label(chosen, words).on_hover_text("看这一次处置").clicked() {
            commands.push(Command::ShowRound(round));
        }
    }
    ui.separator();
}

/// What is seldom done with a sheet.
fn more(ui: &mut Ui, desk: &Desk<'_>, commands: &mut Vec<Command>) -> Option<Ask> {
    roomy(ui);
    let mut asked = None;
    let record = desk.record;
    let shut = crate::flow::shut(record).is_some();
    let due = desk.form.identity.as_ref().and_then(|it| it.due.clone());
    let choose = |ui: &mut Ui, words: &str, enabled: bool| {
        let chosen = ui.add_enabled(enabled, egui::Button::new(words)).clicked();
        if chosen {
            ui.close();
        }
        chosen
    };
    if let Some(due) = due {
        let open = !shut && owed(desk.procedure, desk.form, record).is_some();
        let round = crate::flow::living_round(desk.form, record, due.as_str());
        if choose(ui, "延期…", crate::flow::may_put_off(desk.form, record, round)) {
            asked = Some(Ask::PutOff(due));
        }
        if choose(ui, "催办单…", open) {
            commands.push(Command::ExportReminder(record.id));
        }
    }
    if record.rounds.len() > 1 && choose(ui, "导出全部各次 PDF…", true) {
        commands.push(Command::ExportRounds(record.id));
    }
    if choose(ui, "重抄一张（本单作废附后）", !shut && !record.corrections.is_empty()) {
        commands.push(Command::Rewrite(record.id));
    }
    if choose(ui, "作废…", !shut) {
        asked = Some(Ask::Void);
    }
    asked
}

/// The zoom's buttons.
pub fn zoom(ui: &mut Ui, zoom: &mut Zoom, percent: u16) {
    let now = *zoom;
    let mut set = |ui: &mut Ui, text: &str, hint: &str, to: Zoom| {
        let chosen = now == to && matches!(to, Zoom::Width | Zoom::Page);
        let button = egui::Button::new(text).min_size(vec2(24.0, 22.0)).selected(chosen);
        if ui.add(button).on_hover_text(hint).clicked() {
            *zoom = to;
        }
    };
    set(ui, "−", "缩小", Zoom::step(percent, false));
    set(ui, &format!("{percent}%"), "实际大小", Zoom::Percent(100));
    set(ui, "+", "放大", Zoom::step(percent, true));
    set(ui, "适合宽度", "纸与窗同宽", Zoom::Width);
    set(ui, "适合页面", "看到整张纸", Zoom::Page);
}

fn small(ui: &mut Ui, text: &str) -> bool {
    ui.add(egui::Button::new(RichText::new(text).size(12.0)).min_size(vec2(0.0, 22.0))).clicked()
}

/// The foot: which book, when it was saved, and what there is to say.
pub fn foot(ui: &mut Ui, book: &str, saved: &str, notice: Option<&Notice>, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.add_space(12.0);
        ui.label(theme::soft(format!("台帐：{book}")));
        if !saved.is_empty() {
            ui.label(theme::soft(saved));
        }
        let Some(notice) = notice else { return };
        ui.separator();
        let ink = if notice.failed { theme::RED } else { theme::GREEN };
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add_space(8.0);
            if small(ui, Command::Dismiss.label()) {
                commands.push(Command::Dismiss);
            }
            if let Some(file) = &notice.file {
                for command in [Command::OpenFolder(file.clone()), Command::OpenFile(file.clone())] {
                    if small(ui, command.label()) {
                        commands.push(command);
                    }
                }
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                let text = RichText::new(&notice.text).size(12.0).color(ink);
                ui.add(egui::Label::new(text).truncate()).on_hover_text(&notice.text);
            });
        });
    });
}
