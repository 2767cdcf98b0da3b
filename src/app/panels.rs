//! What is drawn where: bars, list, sheet, and the pages shown when there is neither.

use chrono::Datelike as _;
use eframe::egui::{self, CentralPanel, Frame, Margin, Panel, Ui};

use super::large::READING;
use super::{App, NARROW, TIGHT};
use crate::command::{BackupCommand, Command, FileCommand, View};
use crate::list::List;
use crate::procedure::{Form, FormId};
use crate::register::Period;
use crate::ui::bars::{self, Menus};
use crate::ui::desk::{self, Desk};
use crate::ui::focus::{self, Pane};
use crate::ui::{beside, theme, welcome};

impl App {
    pub(super) fn panels(&mut self, ui: &mut Ui, percent: u16, commands: &mut Vec<Command>) {
        let menus_frame = Frame::NONE.fill(theme::PAPER).inner_margin(Margin::symmetric(8, 4));
        let panel_frame = Frame::NONE.fill(theme::PANEL);
        let sample = self.is_sample();
        self.find_owed();
        let year = self.outside.now().year();
        let registers = self.procedure.offered().into_iter().filter(|it| !it.is_written());
        let periods: Vec<(FormId, Period)> =
            registers.map(|it| (it.form.clone(), self.pages.registers.period(&it.form, year))).collect();
        let menus = Menus {
            procedure: &self.procedure,
            view: &self.panels.view,
            record: &self.desk.record,
            periods: &periods,
            sample,
            signatures: self.signatures,
            beside: self.panels.beside,
            operator: &self.operator,
            recent: &self.habitual.recent,
            open: self.book.store.is_some(),
            owed: self.pages.today.owed(),
            overdue: self.pages.today.is_overdue(),
            found: self.jobs.check.found(),
            papers_out: self.pages.today.papers().copies_out() + self.pages.today.papers().blanks.len(),
        };
        let drawn = Panel::top("menus").frame(menus_frame).show(ui, |ui| bars::menus(ui, &menus, commands));
        focus::pane(Pane::Menus, &drawn.response);
        if self.panels.palette.is_open() {
            let all = bars::all(&menus);
            self.panels.palette.show(ui, &all, commands);
        }
        let book = self.book.store.as_ref().map_or_else(String::new, |it| {
            it.path().file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default()
        });
        let going = self.jobs.going();
        let notice = self.notice.as_ref();
        let drawn = Panel::bottom("foot").exact_size(32.0).frame(Frame::NONE.fill(theme::PAPER)).show(ui, |ui| {
            // Whatever notice comes over that of the fault, it is not said that all is saved.
            let owed = self.writing.unwritten.len();
            let owed = (owed > 0).then(|| format!("还有 {owed} 格没能写进台帐"));
            bars::foot(ui, &book, owed.as_ref().unwrap_or(&self.writing.saved), (notice, going.as_ref()), commands);
        });
        focus::pane(Pane::Foot, &drawn.response);
        if self.panels.help.show(ui, &self.procedure, self.outside.now().date(), commands) {
            return;
        }
        if let Some(view) = &mut self.panels.first {
            CentralPanel::default().frame(desk::frame()).show(ui, |ui| view.show(ui, commands));
            return;
        }
        if let Some(view) = &mut self.panels.lock.view {
            let other = self.book.store.is_some();
            CentralPanel::default().frame(desk::frame()).show(ui, |ui| view.show(ui, other, commands));
            return;
        }
        if let Some(trouble) = self.book.trouble.clone() {
            if self.panels.view == View::Backup {
                let frame = desk::frame().inner_margin(Margin::symmetric(24, 12));
                CentralPanel::default().frame(frame).show(ui, |ui| self.draw_backup(ui, commands));
                return;
            }
            let damaged = self.jobs.backup.damaged;
            CentralPanel::default().frame(desk::frame()).show(ui, |ui| trouble_page(ui, &trouble, damaged, commands));
            return;
        }
        if self.book.store.is_none() && self.panels.view == View::Backup {
            let frame = desk::frame().inner_margin(Margin::symmetric(24, 12));
            CentralPanel::default().frame(frame).show(ui, |ui| self.draw_backup(ui, commands));
            return;
        }
        if self.book.store.is_none() {
            let (own, recent) = ((self.book.own.as_path(), self.book.own.is_file()), &self.habitual.recent);
            CentralPanel::default().frame(desk::frame()).show(ui, |ui| welcome::show(ui, own, recent, commands));
            return;
        }
        if let Some(said) = self.only_read() {
            let frame = Frame::NONE.fill(theme::RED_PALE).inner_margin(Margin::symmetric(12, 6));
            let offered = [Command::Backup(BackupCommand::Salvage), Command::Show(View::Backup)].to_vec();
            Panel::top("only-read")
                .frame(frame)
                .show(ui, |ui| said_and_offered(ui, &(said, offered), theme::RED, commands));
        }
        if let Some(asked) = self.panels.doubt.asked() {
            let frame = Frame::NONE.fill(theme::AMBER_PALE).inner_margin(Margin::symmetric(12, 6));
            Panel::top("asked").frame(frame).show(ui, |ui| said_and_offered(ui, &asked, theme::AMBER, commands));
        }
        // The menus have all of it too.
        if ui.ctx().content_rect().width() >= TIGHT {
            let frame = Frame::NONE.fill(theme::PAPER);
            let order = Panel::left("order").exact_size(148.0).resizable(false).frame(frame);
            let drawn = order.show(ui, |ui| bars::order(ui, &menus, commands));
            focus::pane(Pane::Order, &drawn.response);
        }
        if self.jobs.print.is_open() {
            crate::ui::ime::claim_tab(ui.ctx(), false);
            return self.draw_print(ui, commands);
        }
        if self.panels.search.view.is_open() {
            let search = Panel::left("search").default_size(320.0).size_range(260.0..=480.0).frame(panel_frame);
            let drawn = search.show(ui, |ui| self.draw_search(ui, commands));
            focus::pane(Pane::List, &drawn.response);
        }
        match self.panels.view.clone() {
            View::Sheets(_) => self.slips(ui, percent, panel_frame, commands),
            // A new book begins with its first sheet.
            View::Today if self.book.lists.values().all(List::is_empty) => {
                let Some(form) = self.procedure.main() else { return };
                CentralPanel::default().frame(desk::frame()).show(ui, |ui| empty_book(ui, form, commands));
            }
            // What they show would be wrong with half the sheets.
            View::Customers | View::Papers | View::Archive | View::Numbers if self.book.reading.is_some() => {
                CentralPanel::default()
                    .frame(desk::frame())
                    .show(ui, |ui| ui.centered_and_justified(|ui| ui.label(READING)));
            }
            page => {
                if let View::Register(form) = &page {
                    self.beside_line(ui, form, panel_frame, commands);
                }
                // Tab belongs to the sheet only while there is one; a register claims it for itself.
                crate::ui::ime::claim_tab(ui.ctx(), false);
                let frame = desk::frame().inner_margin(Margin::symmetric(24, 12));
                CentralPanel::default().frame(frame).show(ui, |ui| match page {
                    View::Today => self.draw_today(ui, commands),
                    View::Register(form) => self.draw_register(ui, &form, commands),
                    View::Customers => self.draw_customers(ui, commands),
                    View::Papers => self.draw_papers(ui, commands),
                    View::Archive => self.draw_archive(ui, commands),
                    View::Numbers => self.draw_numbers(ui, commands),
                    View::Settings => self.draw_office(ui, commands),
                    View::Backup => self.draw_backup(ui, commands),
                    View::Sheets(_) => {}
                });
            }
        }
    }

    fn slips(&mut self, ui: &mut Ui, percent: u16, panel_frame: Frame, commands: &mut Vec<Command>) {
        self.seek_similar(ui.ctx());
        let now = self.outside.now();
        let Some(form) = self.desk.form(&self.procedure) else {
            CentralPanel::default().frame(desk::frame()).show(ui, |ui| {
                ui.centered_and_justified(|ui| {
                    let name = format!(
                        "没有表单 {} 版次 {} 的文件，无法显示这份单据",
                        self.desk.record.form, self.desk.record.edition
                    );
                    ui.label(name);
                });
            });
            return;
        };
        let open = self.desk.record.id;
        let wide = ui.ctx().content_rect().width() >= NARROW;
        // Where there is no room for both, the data beside the sheet takes the list's place while asked for.
        if (wide || !self.panels.beside_asked) && !self.panels.search.view.is_open() {
            let panel = Panel::left("list").default_size(258.0).size_range(200.0..=420.0).frame(panel_frame);
            let drawn = panel.show(ui, |ui| {
                let view = self.panels.list_views.entry(form.form.clone()).or_default();
                let list = self.book.lists.entry(form.form.clone()).or_default();
                if self.book.reading.is_some() {
                    ui.label(theme::soft(READING));
                }
                view.show(ui, (&self.procedure, form), list, open, now, commands);
            });
            focus::pane(Pane::List, &drawn.response);
        }
        if self.book.lists.get(&form.form).is_none_or(List::is_empty) && !self.desk.begun {
            CentralPanel::default().frame(desk::frame()).show(ui, |ui| empty_book(ui, form, commands));
            return;
        }
        let desk = Desk {
            procedure: &self.procedure,
            form,
            record: &self.desk.record,
            round: self.desk.round,
            issues: &self.desk.issues,
            today: now.date(),
            now,
            offers: &self.desk.offers,
            operator: &self.operator,
            history: &self.desk.history,
            signings: &self.desk.signings,
            started: &self.desk.started,
            linked: &self.desk.links.linked,
            unmet: &self.desk.links.unmet,
            repeated: &self.desk.links.repeated,
            similar: self.pages.similar.found(),
            origin: self.desk.comes_from.as_ref().map(|(id, number)| (*id, number.as_str())),
        };
        if self.panels.beside && (wide || self.panels.beside_asked) {
            let frame = panel_frame.inner_margin(Margin::symmetric(12, 0));
            let panel = Panel::right("beside").default_size(280.0).size_range(220.0..=460.0).frame(frame);
            let drawn = panel.show(ui, |ui| {
                beside::show(ui, &mut self.desk.sheet, &mut self.desk.life, &desk, commands);
            });
            focus::pane(Pane::Beside, &drawn.response);
        }
        let strip = Frame::NONE.fill(theme::PANEL).inner_margin(Margin::symmetric(0, 6));
        let drawn = Panel::top("stages").frame(strip).show(ui, |ui| {
            if let Some(what) = bars::stages(ui, &desk, commands) {
                self.desk.sheet.ask(&desk, what, commands);
            }
        });
        focus::pane(Pane::Stages, &drawn.response);
        let strip = Frame::NONE.fill(theme::PANEL).inner_margin(Margin::symmetric(12, 3));
        let drawn = Panel::bottom("zoom").frame(strip).show(ui, |ui| {
            ui.horizontal(|ui| {
                bars::zoom(ui, &mut self.desk.sheet.zoom, percent);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if wide {
                        ui.label(theme::soft("100% = 纸的实际大小"));
                    } else {
                        let label = if self.panels.beside_asked { "回到单据列表" } else { "台帐栏…" };
                        if ui.add(egui::Button::new(label).min_size(egui::vec2(24.0, 22.0))).clicked() {
                            self.panels.beside_asked = !self.panels.beside_asked;
                        }
                    }
                });
            });
        });
        focus::pane(Pane::Zoom, &drawn.response);
        let frame = desk::frame().fill(theme::desk(ui.ctx()));
        CentralPanel::default().frame(frame).show(ui, |ui| self.desk.sheet.show(ui, &desk, commands));
    }
}

/// A book with nothing in it: what to do, in the order in which it is done.
pub(super) fn empty_book(ui: &mut Ui, form: &Form, commands: &mut Vec<Command>) {
    let slip = form.main;
    let new = Command::New(form.form.clone());
    ui.vertical_centered(|ui| {
        ui.add_space(ui.available_height() * if slip { 0.16 } else { 0.32 });
        ui.heading(if slip { "这本台帐还是空的".to_owned() } else { format!("还没有{}", form.short) });
        ui.add_space(4.0);
        if !slip {
            ui.label(theme::soft("写第一张，或先看看示例单据填好是什么样"));
            ui.add_space(16.0);
            ui.horizontal(|ui| {
                ui.add_space((ui.available_width() - 220.0).max(0.0) / 2.0);
                button(ui, theme::primary(new.label()), new.clone(), commands);
                button(ui, theme::plain(Command::OpenSample.label()), Command::OpenSample, commands);
            });
            return;
        }
        let (called, begin) = (form.file_word(), form.new_words());
        ui.label(theme::soft(format!("照这个次序做，十分钟就能开出第一张{called}")));
        let sheet = format!("一张空白{called}摆上桌面，点哪一格就在哪一格写；写下第一格时取编号。");
        ui.add_space(16.0);
        ui.scope(|ui| {
            ui.set_max_width(620.0);
            ui.with_layout(egui::Layout::top_down(egui::Align::LEFT), |ui| {
                let settings = Command::Show(View::Settings);
                let steps = [
                    (
                        "1",
                        theme::plain("添人员…"),
                        settings,
                        "单位名称、部门、谁登记、谁审核：写一次，以后签署时点选。也可以以后再写。",
                    ),
                    ("2", theme::primary(&begin), new.clone(), sheet.as_str()),
                    (
                        "3",
                        theme::plain(Command::OpenSample.label()),
                        Command::OpenSample,
                        "没有把握？先在示例台帐里试，与这一本分开，不会弄乱。",
                    ),
                    (
                        "4",
                        theme::plain("使用说明"),
                        Command::File(FileCommand::Help),
                        "两页：填写、签署、期限、各联、打印、备份。随时按 F1。",
                    ),
                ];
                for (number, words, command, says) in steps {
                    ui.horizontal(|ui| {
                        ui.label(theme::strong(number));
                        button(ui, words, command, commands);
                        ui.vertical(|ui| {
                            ui.add_space(8.0);
                            crate::ui::lines::label(ui, says, 13.0, theme::SOFT);
                        });
                    });
                    ui.add_space(8.0);
                }
            });
        });
    });
}

fn button(ui: &mut Ui, button: egui::Button<'_>, command: Command, commands: &mut Vec<Command>) {
    if ui.add(button.min_size(egui::vec2(104.0, 36.0))).on_hover_text(command.hint()).clicked() {
        commands.push(command);
    }
}

/// Over a damaged book that is only read.
fn said_and_offered(
    ui: &mut Ui,
    (said, offered): &(String, Vec<Command>),
    ink: egui::Color32,
    commands: &mut Vec<Command>,
) {
    ui.horizontal_wrapped(|ui| {
        ui.label(egui::RichText::new(said).color(ink));
        for command in offered {
            if ui.add(theme::plain(command.label())).clicked() {
                commands.push(command.clone());
            }
        }
    });
}

/// No book can be laid on the desk: why, and what to do.
fn trouble_page(ui: &mut Ui, trouble: &str, damaged: bool, commands: &mut Vec<Command>) {
    ui.vertical_centered(|ui| {
        ui.add_space(ui.available_height() * 0.3);
        ui.heading("台帐没有打开");
        ui.add_space(8.0);
        ui.scope(|ui| {
            ui.set_max_width(640.0);
            ui.label(egui::RichText::new(trouble).color(theme::RED));
        });
        ui.label(theme::soft("文件没有被改动"));
        ui.add_space(16.0);
        let mut offered = vec![Command::Show(View::Backup)];
        if damaged {
            offered.extend([BackupCommand::Read, BackupCommand::Salvage].map(Command::Backup));
        } else {
            offered.insert(0, Command::File(FileCommand::Again));
        }
        offered.extend([Command::ChooseBook, Command::OpenSample]);
        for (place, command) in offered.into_iter().enumerate() {
            let words = match &command {
                Command::Show(_) => "用备份恢复…",
                other => other.label(),
            };
            let button = if place == 0 { theme::primary(words) } else { theme::plain(words) };
            if ui.add(button.min_size(egui::vec2(160.0, 32.0))).clicked() {
                commands.push(command);
            }
        }
    });
}
