//! Running what the views asked for, and the keys that ask for it.

use chrono::Datelike;
use eframe::egui::{self, Key, Modifiers, Ui};

use super::wanted::Wanted;
use super::{App, Dialog, Unwritten, writing};
use crate::command::{BackupCommand, Command, FileCommand, Question, RegisterCommand, View};
use crate::procedure::{Form, FormId};
use crate::record::{CellId, Deed, RecordId, Values};
use crate::ui::desk::Desk;
use crate::ui::{bars, theme};

impl App {
    /// Whether something must be written first, before another book or another new sheet comes on the desk.
    pub(super) fn owes(&self, command: &Command) -> bool {
        match command {
            Command::OpenSample
            | Command::File(
                FileCommand::Begin | FileCommand::BeginAt | FileCommand::BeginWith(..) | FileCommand::Open(_),
            )
            | Command::OpenOwn
            | Command::ChooseBook
            | Command::Lock(_)
            | Command::Backup(BackupCommand::Restore { .. } | BackupCommand::Read) => {
                !self.writing.unwritten.is_empty()
            }
            // What is owed of a new sheet is written on the form of the newest one: no other may come in between.
            Command::New(_) | Command::NewFrom { .. } | Command::ShowMatching(..) | Command::Show(View::Sheets(_)) => {
                self.writing.unwritten.iter().any(|it| it.record == RecordId(0))
            }
            Command::Show(View::Register(form)) if self.is_written(form) => {
                self.writing.unwritten.iter().any(|it| it.record == RecordId(0))
            }
            _ => false,
        }
    }

    pub(super) fn tell_owed(&mut self, command: &Command) {
        let count = self.writing.unwritten.len();
        self.fail(format!("{}：还有 {count} 格没能写进台帐，写进去之后才行", bars::words(&self.procedure, command)));
    }

    /// Runs what the views asked for.
    pub fn run(&mut self, ctx: &egui::Context, command: Command) {
        if self.jobs.print.is_going() && command.ends_book() {
            return self.fail(format!("{}：正在打印，印完或停下之后才行", command.label()));
        }
        if command.leaves() {
            self.jobs.print.put_away();
        }
        if self.owes(&command) {
            self.desk.life.send_back();
            return self.tell_owed(&command);
        }
        match command {
            Command::New(form) => self.begin(&form, None, &Values::new()),
            Command::NewFrom { form, origin, values } => self.begin(&form, origin, &values),
            Command::Open(id) => {
                self.lay(id);
                let form = self.desk.record.form.clone();
                self.panels.list_views.entry(form.clone()).or_default().reveal = true;
                self.pages.registers.reveal(&form, id);
                self.panels.view = self.view_of(&form);
                self.show_found();
            }
            Command::Ask(id, question) => self.ask_beside(id, question),
            Command::Sign { record, field, signature } => self.sign(record, &field, &signature),
            Command::Correct { record, correction } => self.correct(record, &correction),
            Command::Void { record, reason, by } => self.void(record, &reason, &by),
            Command::BeginAgain { record, reason, by } => self.begin_again(record, &reason, &by),
            Command::Note { record, deeds } => self.note(record, deeds),
            Command::ShowRound(round) => self.show_round(round),
            Command::Rewrite(record) => self.rewrite(record),
            Command::Operate(name, password) => self.operate(&name, &password),
            Command::ExportReminder(_) | Command::ExportPaper(..) => self.ask_where(ctx, &command),
            Command::Customer(command) => self.run_customer(ctx, command),
            Command::Archive(command) => self.run_archive(ctx, command),
            Command::Backup(command) => self.run_backup(ctx, command),
            Command::Number(command) => self.run_number(ctx, command),
            Command::Lock(command) => self.run_lock(ctx, command),
            Command::Office(command) => self.run_office(ctx, command),
            Command::Register(command) => self.run_register(ctx, command),
            Command::File(command) => self.run_file(ctx, command),
            Command::Search => self.open_search(ctx),
            Command::Palette => self.panels.palette.open(),
            Command::Check => self.check_book(ctx),
            Command::Set { record, cell, value, expected } => {
                self.set(Unwritten { record, cell, value, expected }, writing::Step::Own);
            }
            Command::SetCells { record, cells } => self.set_cells(record, cells),
            Command::FillIn { record, field } => self.fill_in(record, &field),
            Command::ChoosePicture(record, cell) => self.choose_picture(ctx, record, cell),
            Command::Undo => self.take_back(),
            Command::Offer(field) => self.fetch_offers(&field),
            Command::Show(view) => self.show(view),
            Command::ShowMatching(form, words) => {
                self.panels.list_views.entry(form.clone()).or_default().filter_by(&words);
                self.show(View::Sheets(form));
            }
            Command::ExportSlip(_)
            | Command::ExportRounds(_)
            | Command::ExportAsOf(..)
            | Command::ExportBlank(_)
            | Command::ExportNumbered { .. }
            | Command::ExportSheets(_)
            | Command::ExportBlanks => self.ask_where(ctx, &command),
            Command::Print(what) => self.print_instead(ctx, *what),
            Command::Printing(command) => self.run_print(ctx, &command),
            Command::OpenFile(path) => self.open_outside(&path),
            Command::OpenFolder(path) => {
                let folder = path.parent().unwrap_or(&path).to_owned();
                self.open_outside(&folder);
            }
            Command::OpenSample => self.open_sample(ctx),
            Command::OpenOwn => {
                let own = self.book.own.clone();
                // The office's own book is made where there is none; another one that is gone is not made anew.
                if own == self.book.home {
                    self.open_book(&own);
                } else {
                    self.open_file(ctx, &own);
                }
            }
            Command::ChooseBook => self.ask(ctx, Wanted::Book, Dialog::Book),
            Command::Remember(key, value) => self.remember(key, &value),
            Command::Tell(text) => self.fail(text),
            Command::Say(text) => self.say(text),
            Command::Dismiss => self.notice = None,
            Command::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
        }
    }

    pub(super) fn show(&mut self, view: View) {
        match &view {
            View::Numbers => self.pages.numbers.forget(),
            View::Backup => {
                self.panels.lock.view = None;
                self.jobs.backup.forget();
            }
            View::Register(form) => {
                if self.is_written(form) {
                    self.lay_empty(form);
                }
                self.pages.registers.forget();
            }
            View::Sheets(form) if self.desk.record.form != *form => {
                let form = form.clone();
                match self.desk.looked_at.get(&form) {
                    Some(id) => self.lay(*id),
                    None => self.lay_newest(&form),
                }
            }
            _ => {}
        }
        self.panels.view = view;
    }

    /// Whether records of a form are written: not of a register that is derived.
    fn is_written(&self, form: &FormId) -> bool {
        self.procedure.form(form).is_some_and(Form::is_written)
    }

    /// The page on which a sheet of a form is written.
    pub(super) fn view_of(&self, form: &FormId) -> View {
        if self.procedure.form(form).is_some_and(|it| it.register.is_some()) {
            View::Register(form.clone())
        } else {
            View::Sheets(form.clone())
        }
    }

    /// Lays an empty sheet of a form on the desk, with what is known of it already.
    pub(super) fn begin(&mut self, form: &FormId, origin: Option<Deed>, values: &Values) {
        if let Some(why) = self.procedure.not_offered(form) {
            return self.fail(why);
        }
        self.lay_empty(form);
        self.propose_span();
        self.desk.sheet.to_top();
        self.panels.view = self.view_of(form);
        self.desk.origin = origin;
        self.desk.life.sent();
        self.desk.begun = true;
        for (field, line, value) in values.iter() {
            self.set(
                Unwritten {
                    record: self.desk.made.unwrap_or(RecordId(0)),
                    cell: CellId::in_line(field.clone(), 0, line),
                    value: value.clone(),
                    expected: String::new(),
                },
                writing::Step::Own,
            );
        }
        self.start_writing();
    }

    pub(super) fn start_writing(&mut self) {
        let Some(form) = self.form().cloned() else { return };
        let Some(first) = form.fields.first() else { return };
        let mut commands = Vec::new();
        let desk = Desk {
            offers: &self.desk.offers,
            operator: &self.operator,
            ..Desk::bare(&self.procedure, &form, &self.desk.record, self.outside.now())
        };
        self.desk.sheet.pen = None;
        self.desk.sheet.go(&desk, first, crate::layout::Part::Entry, &mut commands);
        for command in commands {
            if let Command::Offer(field) = command {
                self.fetch_offers(&field);
            }
        }
    }

    pub(super) fn remember(&mut self, key: &'static str, value: &str) {
        match key {
            // How large is a matter of this computer's screen and not of the book.
            "zoom" => {
                let zoom = value.to_owned();
                return self.habitual.change(move |it| it.zoom.clone_from(&zoom));
            }
            "beside" => self.panels.beside = value == "true",
            "signatures" => {
                self.signatures = value == "true";
                self.lay_out_again();
            }
            "text" => {
                let size = theme::text_size(value);
                theme::set_text_size(&self.ctx, size);
                return self.habitual.change(move |it| it.text = size);
            }
            "dark-desk" => {
                let dark = value == "true";
                theme::set_dark_desk(&self.ctx, dark);
                return self.habitual.change(move |it| it.dark_desk = dark);
            }
            _ => {}
        }
        if let Some(store) = self.book.store.as_ref().filter(|it| !it.is_for_reading())
            && let Err(error) = store.set_setting(key, value)
        {
            self.fail(error.to_string());
        }
    }

    pub(super) fn keys(&mut self, ui: &Ui, commands: &mut Vec<Command>) {
        let pressed = |key: Key| ui.input_mut(|it| it.consume_key(Modifiers::COMMAND, key));
        if ui.input_mut(|it| it.consume_key(Modifiers::NONE, Key::F1)) {
            commands.push(Command::File(FileCommand::Help));
        }
        if self.book.store.is_none() {
            // There is nothing to write on yet.
            if pressed(Key::O) {
                commands.push(Command::ChooseBook);
            }
            return;
        }
        if pressed(Key::N) {
            let form = match &self.panels.view {
                View::Sheets(form) => form.clone(),
                _ => self.procedure.main_id(),
            };
            commands.push(Command::New(form));
        }
        if pressed(Key::O) {
            commands.push(Command::ChooseBook);
        }
        let id = self.desk.record.id;
        let on_sheet = matches!(self.panels.view, View::Sheets(_)) && id != RecordId(0);
        let saved = match self.writing.unwritten.len() {
            0 => Command::Say("不用按保存：写下的字停笔后一秒内自动存进台帐".to_owned()),
            count => Command::Tell(format!("还有 {count} 格没能写进台帐，会接着再试，请先不要关")),
        };
        for (key, command, goes) in [
            (Key::F, Command::Search, true),
            (Key::K, Command::Palette, true),
            (Key::S, saved, true),
            (Key::E, Command::Ask(id, Question::Sign), on_sheet),
            (Key::D, Command::Ask(id, Question::PutOff), on_sheet),
            (Key::R, Command::ExportReminder(id), on_sheet),
        ] {
            if goes && pressed(key) {
                commands.push(command);
            }
        }
        for view in bars::views(&self.procedure) {
            if let Some(key) = view.key(&self.procedure).and_then(|it| Key::from_name(&it.to_string()))
                && pressed(key)
            {
                commands.push(Command::Show(view));
            }
        }
        // With Shift it becomes a PDF instead.
        let pdf = ui.input_mut(|it| it.consume_key(Modifiers::COMMAND | Modifiers::SHIFT, Key::P));
        if pdf || !self.jobs.print.is_open() && ui.input_mut(|it| it.consume_key(Modifiers::COMMAND, Key::P)) {
            let what = match &self.panels.view {
                View::Sheets(_) if self.desk.record.id != RecordId(0) => Ok(Command::ExportSlip(self.desk.record.id)),
                View::Sheets(_) => Err(Command::Tell("这张单子还是空的，没有可印的内容".to_owned())),
                View::Register(form) => {
                    let period = self.pages.registers.period(form, self.outside.now().year());
                    Ok(Command::Register(RegisterCommand::Export { form: form.clone(), period }))
                }
                _ => Err(Command::Say("这一页的打印在页上的按钮里".to_owned())),
            };
            commands.push(match what {
                Ok(what) if pdf => what,
                Ok(what) => Command::Print(Box::new(what)),
                Err(said) => said,
            });
        }
        // In a cell Ctrl+Z is the cell's own.
        if self.desk.sheet.pen.is_none() && !ui.ctx().egui_wants_keyboard_input() && pressed(Key::Z) {
            commands.push(Command::Undo);
        }
    }
}
