//! 单位 and 人员: the company, its departments, who plays which part, who works here.

use eframe::egui::{Id, Key, RichText, Ui};

use super::{Office, OfficeView, choose, push, section, small};
use crate::command::{Command, OfficeCommand};
use crate::layout::papers::{Front, Paper};
use crate::procedure::{Change, Document, PEOPLE_CARD, Person};
use crate::ui::theme;

/// Takes a person's post away.
const NO_POST: &str = "没有职务";

/// A password being given.
#[derive(Debug, Default)]
pub(super) struct Password {
    name: String,
    first: String,
    second: String,
    /// Who vouches for it, each with their password, where it takes the place of one that is forgotten.
    given: [(String, String); 2],
    refusal: &'static str,
    pub(super) sent: bool,
}

/// Which packages (程序包) are worked by, where there are several.
fn packages(ui: &mut Ui, office: &Office<'_>, commands: &mut Vec<Command>) {
    let (catalog, document) = (&office.procedure.catalog, &office.procedure.document);
    if catalog.titles().nth(1).is_none() {
        return;
    }
    // What is chosen and is not there now stays chosen.
    let is_chosen = |it: &str| {
        if document.chosen.is_empty() { document.goes_by(it) } else { document.chosen.iter().any(|name| name == it) }
    };
    for (name, title) in catalog.titles() {
        let mut on = is_chosen(name);
        let response = ui.horizontal(|ui| {
            let response = ui.checkbox(&mut on, format!("{title}　{name}"));
            front(ui, office, name, commands);
            own_files(ui, office, name, commands);
            response
        });
        let response = response.inner;
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(format!("程序包 {name}")));
        let absent =
            || document.chosen.iter().map(String::as_str).filter(|it| catalog.titles().all(|there| there.0 != *it));
        let there = || catalog.titles().map(|it| it.0).filter(|it| if *it == name { on } else { is_chosen(it) });
        let chosen = || there().chain(absent());
        // One of them is always worked by.
        if response.changed() && chosen().next().is_some() {
            push(commands, Change::Packages(chosen().map(str::to_owned).collect()));
        }
    }
    ui.label(theme::soft("勾上的程序包，它的表单就在菜单里；不勾了，填过的单都还在台帐里"));
}

/// The front page of a package that is worked by, to be saved or printed.
fn front(ui: &mut Ui, office: &Office<'_>, name: &str, commands: &mut Vec<Command>) {
    let document = &office.procedure.document;
    let Some(package) = document.packages.iter().find(|it| it.name == name) else { return };
    let command = || {
        let words = ["程序文件首页", &package.title].map(str::to_owned).to_vec();
        Command::ExportPaper(Box::new(Paper::Front(Front::of(document, package))), words)
    };
    if small(ui, "首页…", &format!("首页 {name}")) {
        commands.push(command());
    }
    if small(ui, "打印首页", &format!("打印首页 {name}")) {
        commands.push(Command::Print(Box::new(command())));
    }
}

/// Where an office's own files of a package lie, and moving them into the book, or beside it again.
fn own_files(ui: &mut Ui, office: &Office<'_>, name: &str, commands: &mut Vec<Command>) {
    let (catalog, document) = (&office.procedure.catalog, &office.procedure.document);
    let taken = document.taken.contains_key(name);
    if !taken && !catalog.has_own(name) {
        return;
    }
    let (says, command) = match taken {
        true => ("自有的文件在这本台帐里", OfficeCommand::TakeOut(name.to_owned())),
        false => ("自有的文件在台帐旁边", OfficeCommand::TakeIn(name.to_owned())),
    };
    ui.label(theme::soft(says));
    if small(ui, command.label(), &format!("{} {name}", command.label())) {
        commands.push(Command::Office(command));
    }
}

impl OfficeView {
    pub(super) fn company(&mut self, ui: &mut Ui, office: &Office<'_>, commands: &mut Vec<Command>) {
        let document = &office.procedure.document;
        section(ui, "单位", |ui| {
            self.row(ui, "单位名称", |view, ui| {
                view.typed(ui, document, "单位名称", &document.company, 280.0, commands, Change::Company);
            });
            self.row(ui, "程序文件", |_, ui| {
                ui.label(RichText::new(format!("{}　{}", document.title, document.code)).size(13.0));
            });
            packages(ui, office, commands);
            for (place, department) in document.departments.iter().enumerate() {
                self.row(ui, if place == 0 { "部门" } else { "" }, |view, ui| {
                    let name = format!("部门 {department}");
                    view.typed(ui, document, &name, department, 180.0, commands, |text| {
                        Change::RenameDepartment(department.clone(), text)
                    });
                    if place > 0 && small(ui, "上移", &format!("上移 {department}")) {
                        push(commands, Change::RaiseDepartment(department.clone()));
                    }
                    if small(ui, "删去", &format!("删去 {department}")) {
                        push(commands, Change::RemoveDepartment(department.clone()));
                    }
                });
            }
            self.row(ui, "", |view, ui| {
                let field = theme::field(&mut view.department, "再添一个部门").id(Id::unique("office-department"));
                let field = ui.add(field.desired_width(180.0));
                ui.ctx().accesskit_node_builder(field.id, |node| node.set_label("再添一个部门"));
                let enter = field.lost_focus() && ui.input(|it| it.key_pressed(Key::Enter));
                let go = small(ui, "添上", "添上部门") || enter;
                let name = view.department.trim().to_owned();
                if go && !name.is_empty() {
                    let change = Change::AddDepartment(name);
                    match document.changed(&change) {
                        Ok(_) => {
                            view.department.clear();
                            field.request_focus();
                            push(commands, change);
                        }
                        Err(sentence) => commands.push(Command::Tell(sentence)),
                    }
                }
            });
            ui.label(theme::soft("改了名称，已签署的单仍是当时的字；没签的单和以后的单用新的"));
            for role in document.parts() {
                let label = [Some(role.name.as_str()), role.clause.as_deref()].into_iter().flatten();
                let label = label.collect::<Vec<_>>().join(" ");
                self.row(ui, &label, |_, ui| {
                    let departments = document.departments.iter().map(String::as_str);
                    if let Some(name) = choose(ui, &label, document.department(&role.id), 180.0, departments) {
                        push(commands, Change::Role(role.id.clone(), name.to_owned()));
                    }
                });
            }
        });
    }

    pub(super) fn people(&mut self, ui: &mut Ui, office: &Office<'_>, commands: &mut Vec<Command>) {
        let document = &office.procedure.document;
        let (here, left): (Vec<&Person>, Vec<&Person>) = document.people.iter().partition(|it| !it.left);
        section(ui, "人员", |ui| {
            for person in here.into_iter().chain(left) {
                self.person(ui, office, person, commands);
            }
            ui.horizontal(|ui| {
                let field = theme::field(&mut self.person.0, "姓名").id(Id::unique("office-person"));
                let field = ui.add(field.desired_width(84.0));
                ui.ctx().accesskit_node_builder(field.id, |node| node.set_label("新人员的姓名"));
                let enter = field.lost_focus() && ui.input(|it| it.key_pressed(Key::Enter));
                let departments = document.departments.iter().map(String::as_str);
                if let Some(name) = choose(ui, "新人员的部门", &self.person.1, 116.0, departments) {
                    name.clone_into(&mut self.person.1);
                }
                let go = small(ui, "添上", "添上人员") || enter;
                let name = self.person.0.trim().to_owned();
                if go && !name.is_empty() {
                    let change = Change::AddPerson(name, self.person.1.clone());
                    match document.changed(&change) {
                        Ok(_) => {
                            self.person.0.clear();
                            field.request_focus();
                            push(commands, change);
                        }
                        Err(sentence) => commands.push(Command::Tell(sentence)),
                    }
                }
            });
            ui.label(theme::soft("人不删除，只记离岗。几个人合用一台电脑时可设密码：换操作人、用他的名字签署都要它"));
            if document.people.iter().any(|it| it.password.is_some()) {
                ui.label(theme::soft(
                    "有人设了密码以后，设置、人员和别人的头一个密码由勾了“管理”的人来办；一个也没勾时，设了密码的都可以",
                ));
            }
            self.settings(ui, office, ("", PEOPLE_CARD), commands);
        });
    }

    fn person(&mut self, ui: &mut Ui, office: &Office<'_>, person: &Person, commands: &mut Vec<Command>) {
        let document = &office.procedure.document;
        let name = &person.name;
        ui.horizontal(|ui| {
            self.typed(ui, document, &format!("姓名 {name}"), name, 84.0, commands, |text| {
                Change::RenamePerson(name.clone(), text)
            });
            let departments = document.departments.iter().map(String::as_str);
            let label = format!("{name} 的部门");
            if let Some(department) = choose(ui, &label, &person.department, 116.0, departments) {
                push(commands, Change::Belongs(name.clone(), department.to_owned()));
            }
            self.post(ui, document, person, commands);
            let mut here = !person.left;
            let label = if here { "在职" } else { "离岗" };
            let response = ui.checkbox(&mut here, label);
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(format!("{name} 在职")));
            if response.changed() {
                push(commands, Change::Left(name.clone(), !here));
            }
            let words = if person.password.is_some() { "换密码…" } else { "设密码…" };
            if !person.left && small(ui, words, &format!("{words} {name}")) {
                self.password = Some(Password { name: name.clone(), ..Password::default() });
            }
            if person.password.is_some() {
                if small(ui, "清除", &format!("清除密码 {name}")) {
                    commands.push(Command::Office(OfficeCommand::ClearPassword(name.clone())));
                }
                let mut governs = person.governs;
                let response = ui.checkbox(&mut governs, "管理");
                ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(format!("{name} 管理")));
                if response.changed() {
                    push(commands, Change::Governs(name.clone(), governs));
                }
            }
        });
        if let Some(said) = self.said.take() {
            ui.label(RichText::new(said).size(12.0).color(theme::AMBER));
        }
        if self.password.as_ref().is_some_and(|it| it.name == *name) {
            let forgotten = person.password.is_some() && office.operator != *name;
            self.new_password(ui, forgotten, commands);
        }
    }

    /// The post, where stages are signed by posts.
    fn post(&self, ui: &mut Ui, document: &Document, person: &Person, commands: &mut Vec<Command>) {
        if document.posts().next().is_none() && person.post.is_empty() {
            return;
        }
        let posts = [NO_POST].into_iter().chain(document.posts());
        if let Some(post) = choose(ui, &format!("{} 的职务", person.name), &person.post, 104.0, posts) {
            let post = if post == NO_POST { "" } else { post };
            push(commands, Change::Post(person.name.clone(), post.to_owned()));
        }
    }

    /// A new password, twice; where the one it replaces was not given, with those of two others.
    fn new_password(&mut self, ui: &mut Ui, forgotten: bool, commands: &mut Vec<Command>) {
        let Some(it) = &mut self.password else { return };
        let mut stays = true;
        if forgotten {
            ui.label(theme::soft("本人请先在右上角坐上操作位再换；忘了密码，由另外两人写上各自的密码作保"));
            for (place, (name, password)) in it.given.iter_mut().enumerate() {
                ui.horizontal(|ui| {
                    let label = format!("作保人 {}", place + 1);
                    let field = ui.add(theme::field(name, "姓名").desired_width(100.0));
                    ui.ctx().accesskit_node_builder(field.id, |node| node.set_label(label.clone()));
                    let field = ui.add(theme::field(password, "他的密码").password(true).desired_width(100.0));
                    ui.ctx().accesskit_node_builder(field.id, |node| node.set_label(format!("{label} 的密码")));
                });
            }
        }
        ui.horizontal(|ui| {
            let mut go = false;
            for (text, label) in [(&mut it.first, "新密码"), (&mut it.second, "再写一遍")] {
                let field = theme::field(text, label).password(true).id(Id::unique(("office", label)));
                let field = ui.add(field.desired_width(100.0));
                ui.ctx().accesskit_node_builder(field.id, |node| node.set_label(label));
                go |= field.lost_focus() && ui.input(|it| it.key_pressed(Key::Enter)) && label == "再写一遍";
            }
            go |= small(ui, "设上", "设上密码");
            stays &= !small(ui, "不设了", "不设密码了");
            if go {
                it.refusal = if it.first.is_empty() {
                    "密码是空的"
                } else if it.first == it.second {
                    ""
                } else {
                    "两遍写得不一样，没有设"
                };
                if it.refusal.is_empty() {
                    it.sent = true;
                    let given = it.given.iter().filter(|it| forgotten && !it.0.trim().is_empty()).cloned().collect();
                    let (name, password) = (it.name.clone(), it.first.clone());
                    let command = OfficeCommand::SetPassword { name, password, given };
                    commands.push(Command::Office(command));
                }
            }
        });
        if !it.refusal.is_empty() {
            ui.label(RichText::new(it.refusal).size(12.0).color(theme::AMBER));
        }
        if !stays {
            self.password = None;
        }
    }
}
