//! The page before a new book: by which packages (程序包) it is worked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use eframe::egui::{self, Ui};

use super::{lines, page, theme};
use crate::command::{Command, FileCommand};
use crate::procedure::{Form, Offered};

const WIDTH: f32 = 720.0;
/// The height of the foot with what is done with the choice.
const FOOT: f32 = 64.0;
/// So many forms and departments of a package are named.
const NAMED: usize = 6;
const ASKS: &str = "勾上本单位用的，可以勾几个；菜单里就有它们的表单。以后在“设置”里能加能减，部门的名称也在那里改。";

/// A package, in the clerk's words.
#[derive(Debug)]
struct Package {
    name: String,
    title: String,
    says: Vec<String>,
    /// Why it cannot be chosen.
    wrong: Option<String>,
}

/// Which packages are chosen for a book that is not there yet.
#[derive(Debug)]
pub struct FirstView {
    path: PathBuf,
    packages: Vec<Package>,
    chosen: BTreeSet<String>,
    /// It was not drawn yet.
    fresh: bool,
}

impl FirstView {
    /// The page for a book that is to be made at `path`; none where there is nothing to choose between.
    pub fn new(path: &Path, mut offered: Vec<Offered>) -> Option<Self> {
        // The one whose ids stand bare is the first here too.
        offered.sort_by_key(|it| !it.document.iter().flat_map(|it| &it.packages).any(|it| it.bare));
        let packages: Vec<Package> = offered.iter().map(Package::of).collect();
        let several = packages.iter().filter(|it| it.wrong.is_none()).count() > 1;
        several.then(|| Self { path: path.to_owned(), packages, chosen: BTreeSet::new(), fresh: true })
    }

    /// Draws the page: the packages, and under them, always in sight, what is done with the choice.
    pub fn show(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let mut first = std::mem::take(&mut self.fresh);
        let side = ((ui.available_width() - WIDTH) / 2.0).max(12.0);
        let high = (ui.available_height() - FOOT).max(FOOT);
        let area = egui::ScrollArea::vertical().auto_shrink([false, true]).max_height(high);
        area.show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.add_space(side);
                ui.vertical(|ui| {
                    ui.set_width(WIDTH.min(ui.available_width() - 12.0));
                    ui.add_space(16.0);
                    page::title(ui, "按哪些程序文件办理");
                    ui.label(ASKS);
                    ui.add_space(8.0);
                    for package in &self.packages {
                        page::card(ui, |ui| page::inset(ui, |ui| package.show(ui, &mut self.chosen, &mut first)));
                        ui.add_space(6.0);
                    }
                });
            });
        });
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            ui.add_space(side);
            let begin = FileCommand::BeginWith(self.path.clone(), self.chosen.iter().cloned().collect());
            if ui.add_enabled(!self.chosen.is_empty(), theme::primary(begin.label())).clicked() {
                commands.push(Command::File(begin));
            }
            let leave = FileCommand::NotYet;
            if ui.add(theme::plain(leave.label())).clicked() {
                commands.push(Command::File(leave));
            }
        });
    }
}

impl Package {
    fn of(offered: &Offered) -> Self {
        let document = offered.document.as_ref();
        let title = document.map_or_else(|| offered.name.clone(), |it| format!("{}　{}", it.title, it.code));
        let (sheets, registers): (Vec<&Form>, Vec<&Form>) = offered.forms.iter().partition(|it| it.register.is_none());
        let some = |what: &str, unit: &str, names: Vec<String>| {
            let more = if names.len() > NAMED { "等" } else { "" };
            let named = names[..names.len().min(NAMED)].join("、");
            (!names.is_empty()).then(|| format!("{what} {} {unit}：{named}{more}", names.len()))
        };
        let names = |forms: &[&Form]| forms.iter().map(|it| it.short.clone()).collect::<Vec<String>>();
        let forms = [some("单", "种", names(&sheets)), some("登记簿和台帐", "本", names(&registers))];
        let forms = forms.into_iter().flatten().collect::<Vec<String>>().join("；");
        let departments = document.map(|it| it.departments.clone()).unwrap_or_default();
        let says = [Some(forms), some("部门", "个", departments)];
        let wrong =
            offered.mistakes.first().map(|it| format!("现在用不了，有 {} 处不对：{it}", offered.mistakes.len()));
        Self {
            name: offered.name.clone(),
            title: title.trim().to_owned(),
            says: says.into_iter().flatten().collect(),
            wrong,
        }
    }

    /// Draws it; the `first` that can be chosen takes the keyboard.
    fn show(&self, ui: &mut Ui, chosen: &mut BTreeSet<String>, first: &mut bool) {
        let mut on = chosen.contains(&self.name);
        let response = ui.add_enabled(self.wrong.is_none(), egui::Checkbox::new(&mut on, theme::strong(&self.title)));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(format!("程序包 {}", self.name)));
        if self.wrong.is_none() && std::mem::take(first) {
            response.request_focus();
        }
        if response.changed() {
            if on {
                chosen.insert(self.name.clone())
            } else {
                chosen.remove(&self.name)
            };
        }
        for line in self.wrong.iter().chain(&self.says) {
            lines::label(ui, line, 13.0, theme::SOFT);
        }
    }
}
