//! The menus above the desk, and every command in them by its words and its key.

use eframe::egui::{self, MenuBar, RichText, Ui, vec2};

use super::super::theme;
use super::super::welcome::Recent;
use crate::command::{
    ArchiveCommand, ArchivePart, BackupCommand, Command, FileCommand, LockCommand, Question, RegisterCommand, Shortcut,
    View,
};
use crate::procedure::{Form, FormId, Procedure};
use crate::record::{Record, RecordId};
use crate::register::Period;

/// What the menus have to know.
#[derive(Clone, Debug)]
pub struct Menus<'a> {
    /// The forms in use.
    pub procedure: &'a Procedure,
    /// Which page is shown.
    pub view: &'a View,
    /// The sheet on the desk.
    pub record: &'a Record,
    /// The derived registers, and the period each shows.
    pub periods: &'a [(FormId, Period)],
    /// Whether the sample book is open.
    pub sample: bool,
    /// Whether typed names are printed in the signature cells.
    pub signatures: bool,
    /// Whether the panel beside the sheet is shown.
    pub beside: bool,
    /// Who sits at the desk.
    pub operator: &'a str,
    /// The books that were open before.
    pub recent: &'a [Recent],
    /// Whether a book lies on the desk.
    pub open: bool,
    /// How much is owed today.
    pub owed: usize,
    /// Whether anything of that is past its date.
    pub overdue: bool,
    /// How much the last check of the book found.
    pub found: usize,
    /// How many copies and lots of blank sheets are out on paper.
    pub papers_out: usize,
}

/// The pages, in the procedure's own order.
pub fn views(procedure: &Procedure) -> Vec<View> {
    let mut views = vec![View::Today];
    let mut forms = procedure.offered();
    forms.retain(|it| it.identity.is_some() || it.register.is_some());
    forms.sort_by_key(|it| (procedure.place(it), it.register.is_some()));
    views.extend(forms.into_iter().map(|it| match &it.register {
        None => View::Sheets(it.form.clone()),
        Some(_) => View::Register(it.form.clone()),
    }));
    views.extend([View::Customers, View::Papers, View::Archive, View::Numbers, View::Settings]);
    views
}

/// What a page is called: by its form, where it has one.
pub fn view_name(procedure: &Procedure, view: &View) -> String {
    let form = match view {
        View::Sheets(form) | View::Register(form) => procedure.form(form),
        View::Today
        | View::Customers
        | View::Papers
        | View::Archive
        | View::Numbers
        | View::Settings
        | View::Backup => None,
    };
    form.map_or_else(|| view.name().to_owned(), |it| it.short.clone())
}

/// The words of a command in menus and in the list of commands.
pub fn words(procedure: &Procedure, command: &Command) -> String {
    match command {
        Command::Show(view) => view_name(procedure, view),
        Command::New(form) => procedure.new_words(form),
        Command::ExportBlank(form) => {
            procedure.form(form).map_or_else(String::new, |it| format!("空白表 {} {}", it.form, it.title))
        }
        Command::ExportSlip(_) => "导出这张单".to_owned(),
        Command::Register(RegisterCommand::Export { form, .. }) => format!("导出{}", noun(procedure, form)),
        Command::Print(what) => match &**what {
            Command::ExportSlip(_) => "打印这张单…".to_owned(),
            Command::ExportBlanks => "打印全部空白表…".to_owned(),
            Command::Register(RegisterCommand::Export { form, .. }) => format!("打印{}…", noun(procedure, form)),
            other => format!("打印{}…", words(procedure, other)),
        },
        _ => command.label().to_owned(),
    }
}

/// What a register is called where it is exported: what such books are called, where there is only one of them.
fn noun(procedure: &Procedure, form: &FormId) -> String {
    let Some((form, register)) = procedure.form(form).and_then(|it| Some((it, it.register.as_ref()?))) else {
        return String::new();
    };
    let alike = |it: &&Form| it.register.as_ref().is_some_and(|it| it.is_typed() == register.is_typed());
    let alone = procedure.offered().into_iter().filter(alike).count() == 1;
    if alone { register.noun().to_owned() } else { form.short.clone() }
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
    let sample = if menus.sample { Command::OpenOwn } else { Command::OpenSample };
    let begin = [Command::ChooseBook, Command::File(FileCommand::BeginAt), sample];
    let mut file: Vec<Option<Command>> = begin.map(Some).into();
    file.push(None);
    let help = ("帮助", [FileCommand::Help, FileCommand::About].map(|it| Some(Command::File(it))).into());
    if !menus.open {
        file.extend([Some(Command::Show(View::Backup)), None, Some(Command::Quit)]);
        return vec![("文件", file), help];
    }
    let print = |it: Command| Some(Command::Print(Box::new(it)));
    file.extend(there.then(|| print(Command::ExportSlip(record))));
    let exports = menus
        .periods
        .iter()
        .map(|(form, period)| Command::Register(RegisterCommand::Export { form: form.clone(), period: *period }));
    file.extend(exports.clone().map(print));
    file.push(None);
    file.extend(there.then_some(Some(Command::ExportSlip(record))));
    let book = [Command::Show(View::Backup), Command::Check, Command::Lock(LockCommand::Ask)].map(Some);
    let import = Command::File(FileCommand::ChooseImport);
    file.extend(exports.map(Some));
    file.extend([Some(import), None]);
    file.extend(book);
    file.extend([None, Some(Command::Quit)]);
    let mut sheet: Vec<Option<Command>> = forms.into_iter().map(|it| Some(Command::New(it))).collect();
    if there {
        sheet.push(None);
        sheet.extend([Question::Sign, Question::PutOff, Question::Void].map(|it| Some(Command::Ask(record, it))));
        sheet.push(None);
        sheet
            .extend([Command::ExportSlip(record), Command::ExportReminder(record), Command::Rewrite(record)].map(Some));
        sheet.extend([print(Command::ExportSlip(record)), print(Command::ExportReminder(record))]);
    }
    let shown = views(menus.procedure).into_iter().map(|it| Some(Command::Show(it))).collect();
    vec![
        ("文件", file),
        ("编辑", vec![Some(Command::Undo), None, Some(Command::Search), Some(Command::Palette)]),
        ("单据", sheet),
        ("归档", ArchivePart::ALL.into_iter().map(|it| Some(Command::Archive(ArchiveCommand::Show(it)))).collect()),
        ("查看", shown),
        help,
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
    let blanks = menus.procedure.offered().into_iter().map(|it| Command::ExportBlank(it.form.clone()));
    let blanks = blanks.chain([Command::ExportBlanks]);
    let blanks: Vec<Command> = blanks.flat_map(|it| [Command::Print(Box::new(it.clone())), it]).collect();
    all.extend(blanks.into_iter().map(|it| (words(menus.procedure, &it), it)));
    // What is done on a page, for whoever looks for the work and not for the page.
    let on_pages = [
        ("卷内目录、卷脊标签", Command::Archive(ArchiveCommand::Show(ArchivePart::Binders))),
        ("销毁清单", Command::Archive(ArchiveCommand::Show(ArchivePart::Expired))),
        ("预留空白单、打印编号簿", Command::Show(View::Numbers)),
        ("合并用户", Command::Show(View::Customers)),
        ("人员、部门、操作人密码", Command::Show(View::Settings)),
        ("立即备份", Command::Backup(BackupCommand::Make)),
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
        (Command::New(form), _) => *form == menus.procedure.main_id(),
        (Command::Print(what), _) => return key(menus, what).map(|it| Shortcut { shift: false, ..it }),
        (Command::ExportSlip(_), view) => matches!(view, View::Sheets(_)),
        (Command::Register(RegisterCommand::Export { form, .. }), View::Register(shown)) => form == shown,
        (Command::Register(RegisterCommand::Export { .. }), _) => false,
        _ => true,
    };
    command.shortcut(menus.procedure).filter(|_| shown)
}

fn item(ui: &mut Ui, menus: &Menus<'_>, command: Command, commands: &mut Vec<Command>) {
    let mut button = egui::Button::new(words(menus.procedure, &command));
    if let Some(shortcut) = key(menus, &command) {
        button = button.shortcut_text(shortcut.to_string());
    }
    if command == Command::File(FileCommand::Help) {
        button = button.shortcut_text("F1");
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
                theme::roomy(ui);
                for entry in entries {
                    match entry {
                        Some(command) => {
                            if command == Command::File(FileCommand::ChooseImport) {
                                ui.menu_button("空白表", |ui| blanks(ui, menus.procedure, commands));
                            }
                            let choose = command == Command::ChooseBook;
                            item(ui, menus, command, commands);
                            if choose && !menus.recent.is_empty() {
                                ui.menu_button("最近的台帐", |ui| recent(ui, menus.recent, commands));
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
                    eyes(ui, commands);
                }
            });
        }
        if menus.sample {
            theme::chip(ui, "示例台帐，随便试", theme::AMBER, theme::AMBER_PALE);
            if ui.add(theme::plain(Command::OpenOwn.label())).clicked() {
                commands.push(Command::OpenOwn);
            }
        }
        if menus.found > 0 {
            let words = RichText::new(format!("台帐有 {} 处问题", menus.found)).color(theme::RED).strong();
            if ui.add(egui::Button::new(words).fill(theme::RED_PALE)).on_hover_text(Command::Check.hint()).clicked() {
                commands.push(Command::Check);
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if !menus.open {
                return;
            }
            operator(ui, menus, commands);
            if ui.available_width() > 260.0 {
                // It looks like a field, though the menus have no frames.
                let find = egui::Button::new(RichText::new("查找全部单据…").color(theme::SOFT))
                    .shortcut_text(theme::soft("Ctrl+F"))
                    .fill(theme::PANEL)
                    .stroke(egui::Stroke::new(1.0, theme::EDGE))
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

/// For the eyes: how large the screen's own text is, and how dark the desk.
fn eyes(ui: &mut Ui, commands: &mut Vec<Command>) {
    ui.separator();
    let mut dark = theme::has_dark_desk(ui.ctx());
    if ui.checkbox(&mut dark, "深色桌面（纸仍是白的）").changed() {
        commands.push(Command::Remember("dark-desk", dark.to_string()));
    }
    ui.horizontal(|ui| {
        ui.label("界面文字");
        let now = ui.ctx().zoom_factor();
        for (name, _, factor) in theme::TEXT_SIZES {
            if ui.radio(now == factor, name).clicked() {
                commands.push(Command::Remember("text", name.to_owned()));
                ui.close();
            }
        }
    });
}

/// The books that were open before, the last one first.
fn recent(ui: &mut Ui, recent: &[Recent], commands: &mut Vec<Command>) {
    theme::roomy(ui);
    for one in recent {
        let command = Command::File(FileCommand::Open(one.path.clone()));
        let missing = if one.missing { "（现在不在）" } else { "" };
        let button = egui::Button::new(format!("{}{missing}", one.name())).shortcut_text(theme::soft(one.folder()));
        let response = ui.add(button).on_hover_text(one.path.display().to_string());
        if response.clicked() {
            commands.push(command);
            ui.close();
        }
    }
    if recent.iter().any(|it| it.missing) {
        ui.separator();
        if ui.button("去掉不在的").clicked() {
            let gone = recent.iter().filter(|it| it.missing);
            commands.extend(gone.map(|it| Command::File(FileCommand::Forget(it.path.clone()))));
            ui.close();
        }
    }
}

/// Who sits at the desk (操作人), from the people list.
fn operator(ui: &mut Ui, menus: &Menus<'_>, commands: &mut Vec<Command>) {
    let name = if menus.operator.is_empty() { "未选" } else { menus.operator };
    ui.menu_button(format!("操作人 {name}"), |ui| {
        theme::roomy(ui);
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

/// The forms in use, each to be printed empty.
fn blanks(ui: &mut Ui, procedure: &Procedure, commands: &mut Vec<Command>) {
    theme::roomy(ui);
    for form in procedure.offered() {
        if ui.button(format!("{} {}", form.form, form.title)).clicked() {
            commands.push(Command::ExportBlank(form.form.clone()));
            ui.close();
        }
    }
    ui.separator();
    let prints = procedure.offered().into_iter().map(|it| Command::ExportBlank(it.form.clone()));
    let prints = prints.chain([Command::ExportBlanks]).map(|it| Command::Print(Box::new(it)));
    for command in std::iter::once(Command::ExportBlanks).chain(prints) {
        if ui.button(words(procedure, &command)).clicked() {
            commands.push(command);
            ui.close();
        }
    }
}
