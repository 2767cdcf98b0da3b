//! 设置: what the office sets for itself, in cards. A field is saved when it is left; what would not do stays in the field,
//! with a sentence under it, and the setting stays as it was.

use std::collections::BTreeMap;
use std::path::PathBuf;

use eframe::egui::{self, Align2, FontId, Id, Key, RichText, Sense, Ui, vec2};

use crate::command::{Command, OfficeCommand, View};
use crate::procedure::{Change, Document, Procedure};

use super::{page, theme};

mod forms;
mod people;
mod terms;

/// Width of the labels before fields.
const LABEL: f32 = 96.0;

/// What the page says.
#[derive(Clone, Copy, Debug)]
pub struct Office<'a> {
    /// The procedure, with what is set now.
    pub procedure: &'a Procedure,
    /// This year.
    pub year: i32,
    /// Who sits at the desk; empty where nobody does.
    pub operator: &'a str,
    /// Where the book lies.
    pub file: &'a BookFile,
    /// How backups stand.
    pub backup: &'a str,
}

/// The book as a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BookFile {
    /// Where it lies.
    pub path: PathBuf,
    /// How large it is.
    pub bytes: u64,
    /// How many sheets of which form are in it.
    pub sheets: Vec<(String, usize)>,
}

/// What is typed in a field and not saved yet.
#[derive(Debug)]
struct Draft {
    text: String,
    change: Change,
    /// Why it would not do.
    refusal: Option<String>,
    /// It was handed on, and is about to be saved.
    sent: bool,
}

/// The view's own small state.
#[derive(Debug, Default)]
pub struct OfficeView {
    drafts: BTreeMap<String, Draft>,
    /// Why what is typed in the row being drawn would not do.
    said: Option<String>,
    department: String,
    person: (String, String),
    password: Option<people::Password>,
}

impl OfficeView {
    /// What was handed on is saved: the fields show the settings again.
    pub fn kept(&mut self) {
        self.drafts.retain(|_, it| !it.sent);
        if self.password.as_ref().is_some_and(|it| it.sent) {
            self.password = None;
        }
    }

    /// What was handed on could not be saved: it stays in its field.
    pub fn refused(&mut self, sentence: &str) {
        for draft in self.drafts.values_mut().filter(|it| it.sent) {
            draft.sent = false;
            draft.refusal = Some(sentence.to_owned());
        }
        if let Some(password) = &mut self.password {
            password.sent = false;
        }
    }

    /// The changes that are typed and not handed on yet, for the page is left; those that would not do stay.
    pub fn settle(&mut self, document: &Document) -> Vec<Change> {
        let waiting = self.drafts.values_mut().filter(|it| !it.sent && it.refusal.is_none());
        waiting.filter_map(|it| it.hand_on(document)).collect()
    }

    /// Draws the page.
    pub fn show(&mut self, ui: &mut Ui, office: &Office<'_>, commands: &mut Vec<Command>) {
        page::title(ui, "设置");
        ui.label(theme::soft("都存在这本台帐里，随台帐文件一起走；写完离开格子就保存"));
        ui.add_space(8.0);
        page::scroll(ui, "settings", |ui| {
            let gap = 24.0;
            let whole = ui.available_width();
            let width = if whole > 860.0 { (whole - gap) / 2.0 } else { whole };
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = gap;
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.x = 8.0;
                    ui.set_width(width);
                    self.company(ui, office, commands);
                    self.numbers(ui, office, commands);
                    self.copies(ui, office, commands);
                    if width == whole {
                        self.right(ui, office, commands);
                    }
                });
                if width < whole {
                    ui.vertical(|ui| {
                        ui.spacing_mut().item_spacing.x = 8.0;
                        ui.set_width(width);
                        self.right(ui, office, commands);
                    });
                }
            });
        });
    }

    fn right(&mut self, ui: &mut Ui, office: &Office<'_>, commands: &mut Vec<Command>) {
        self.people(ui, office, commands);
        self.terms(ui, office, commands);
        self.printing(ui, office, commands);
        book(ui, office, commands);
    }

    /// A row of a card: its label, its fields, and under them why what is typed would not do.
    fn row(&mut self, ui: &mut Ui, label: &str, fields: impl FnOnce(&mut Self, &mut Ui)) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let (place, _) = ui.allocate_exact_size(vec2(LABEL, theme::CONTROL), Sense::hover());
            ui.painter().text(place.left_center(), Align2::LEFT_CENTER, label, FontId::proportional(13.0), theme::SOFT);
            fields(self, ui);
        });
        if let Some(said) = self.said.take() {
            ui.label(RichText::new(said).size(12.0).color(theme::AMBER));
        }
    }

    /// A field that is saved when it is left. `name`: what assistive technology calls it, unique on the page.
    #[expect(clippy::too_many_arguments, reason = "a field is what it shows, how wide, and what it changes")]
    fn typed(
        &mut self,
        ui: &mut Ui,
        document: &Document,
        name: &str,
        shown: &str,
        width: f32,
        commands: &mut Vec<Command>,
        change: impl FnOnce(String) -> Change,
    ) {
        let mut text = self.drafts.get(name).map_or(shown, |it| &it.text).to_owned();
        let field = theme::field(&mut text, "").id(Id::unique(("office", name))).desired_width(width);
        let response = ui.add(field);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.to_owned()));
        if response.changed() {
            let change = change(text.clone());
            self.drafts.insert(name.to_owned(), Draft { text, change, refusal: None, sent: false });
        }
        if response.lost_focus() {
            let given_up = ui.input(|it| it.key_pressed(Key::Escape));
            if given_up || self.drafts.get(name).is_some_and(|it| it.text == shown) {
                self.drafts.remove(name);
            } else if let Some(change) = self.drafts.get_mut(name).and_then(|it| it.hand_on(document)) {
                commands.push(Command::Office(OfficeCommand::Change(change)));
            }
        }
        if let Some(refusal) = self.drafts.get(name).and_then(|it| it.refusal.clone()) {
            self.said = Some(refusal);
        }
    }
}

impl Draft {
    /// The change, if it will do; else why not is put down.
    fn hand_on(&mut self, document: &Document) -> Option<Change> {
        if self.sent {
            return None;
        }
        match document.changed(&self.change) {
            Ok(_) => {
                self.sent = true;
                Some(self.change.clone())
            }
            Err(sentence) => {
                self.refusal = Some(sentence);
                None
            }
        }
    }
}

/// The heading of a card, and the card.
fn section(ui: &mut Ui, name: &str, inside: impl FnOnce(&mut Ui)) {
    page::heading(ui, name, 0, theme::INK);
    page::card(ui, |ui| page::inset(ui, inside));
    ui.add_space(16.0);
}

/// A small button. `name`: what assistive technology calls it, where the words alone do not say what it is about.
fn small(ui: &mut Ui, words: &str, name: &str) -> bool {
    let response = ui.add(egui::Button::new(RichText::new(words).size(12.0)).min_size(vec2(0.0, 24.0)));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.to_owned()));
    response.clicked()
}

/// One of several words.
fn choose<'a>(
    ui: &mut Ui,
    name: &str,
    chosen: &str,
    width: f32,
    words: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let mut taken = None;
    let shown = if chosen.is_empty() { "—" } else { chosen };
    let place = egui::ComboBox::from_id_salt(("office", name)).selected_text(shown).width(width);
    let response = place.show_ui(ui, |ui| {
        for word in words {
            if ui.selectable_label(word == chosen, word).clicked() && word != chosen {
                taken = Some(word);
            }
        }
    });
    ui.ctx().accesskit_node_builder(response.response.id, |node| node.set_label(name.to_owned()));
    taken
}

/// A change that is handed on as it is clicked.
fn push(commands: &mut Vec<Command>, change: Change) {
    commands.push(Command::Office(OfficeCommand::Change(change)));
}

/// Where the book lies, how large it is, and which years' holidays are known.
fn book(ui: &mut Ui, office: &Office<'_>, commands: &mut Vec<Command>) {
    section(ui, "台帐文件", |ui| {
        let file = office.file;
        ui.label(RichText::new(file.path.display().to_string()).size(13.0));
        let each: Vec<String> = file.sheets.iter().map(|(form, count)| format!("{form} {count}")).collect();
        let each = if each.is_empty() { "还没有单据".to_owned() } else { each.join("，") };
        ui.label(theme::soft(format!("{}；{each}", size_words(file.bytes))));
        ui.label(theme::soft(office.backup));
        ui.horizontal(|ui| {
            let backup = Command::Show(View::Backup);
            if ui.add(theme::plain(backup.label())).clicked() {
                commands.push(backup);
            }
            if ui.add(theme::plain("打开所在文件夹")).clicked() {
                commands.push(Command::OpenFolder(file.path.clone()));
            }
        });
        ui.add_space(4.0);
        ui.separator();
        for year in office.year - 1..=office.year + 1 {
            let words = match office.procedure.calendar.notice(year) {
                Some(notice) => format!("{year} 年节假日：{notice}"),
                None => format!("{year} 年节假日：还没有，只把周末当休息日"),
            };
            ui.label(RichText::new(words).size(13.0));
        }
        let own = file.path.with_file_name("forms").join("calendar.toml");
        ui.label(theme::soft(format!("自己的节假日写在 {}，重开程序后用上", own.display())));
        if small(ui, "抄下写法", "抄下节假日文件的写法") {
            ui.ctx().copy_text(example(office.year + 1));
            commands.push(Command::Office(OfficeCommand::Copied));
        }
    });
}

/// How a year of the office's own calendar is written.
fn example(year: i32) -> String {
    format!(
        "[[year]]\nyear = {year}\nnotice = \"国务院办公厅通知的文号\"\nholidays = [\n  \
         {{ name = \"元旦\", from = {year}-01-01, to = {year}-01-03 }},\n]\nworkdays = []   # 调休上班的周末，如 {year}-02-15\n"
    )
}

fn size_words(bytes: u64) -> String {
    let bytes = bytes as f64;
    if bytes < 1e6 { format!("{:.0} KB", bytes / 1e3) } else { format!("{:.1} MB", bytes / 1e6) }
}
