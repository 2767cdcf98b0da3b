//! Beside the sheet: who is waited for (等待), so that clocks stand still, and that it goes on (继续).

use eframe::egui::Ui;

use super::{LifeView, field, names, soft};
use crate::command::Command;
use crate::flow::{self, Running};
use crate::record::{Deed, RecordId, keep_moment, read_date, read_moment};
use crate::ui::desk::Desk;
use crate::ui::{page, theme};

impl LifeView {
    /// Who was waited for and is, and what to put down about it; nothing on forms whose clocks wait for nobody.
    pub fn waiting(&mut self, ui: &mut Ui, desk: &Desk<'_>, commands: &mut Vec<Command>) {
        let may: Vec<String> = flow::waits(desk.form).into_iter().map(str::to_owned).collect();
        let waits = desk.record.waits();
        if may.is_empty() && waits.is_empty() {
            return;
        }
        page::caption(ui, "等待");
        for (place, clock) in flow::clocks(desk.procedure, desk.form, desk.record) {
            if let (Running { stands: true, .. }, Some(clock)) = (clock, desk.form.clocks.get(place)) {
                soft(ui, &format!("“{}”停着，等待的时间不算", clock.name));
            }
        }
        for wait in &waits {
            let since = wait.since.format("%m-%d %H:%M");
            let why = if wait.why.is_empty() { String::new() } else { format!("：{}", wait.why) };
            // Whoever reads it sees what was put down only afterwards.
            let late = wait.noted.signed_duration_since(wait.since).num_minutes() > 0;
            let late = if late { format!("{} 补记", wait.noted.format("%m-%d %H:%M")) } else { String::new() };
            let noted = [wait.by, &late].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("，");
            let noted = if noted.is_empty() { noted } else { format!("（{noted}）") };
            let until = wait.until.map_or_else(|| "起".to_owned(), |it| format!("至 {}", it.0.format("%m-%d %H:%M")));
            soft(ui, &format!("等{}{why}　{since} {until}{noted}", wait.whom));
        }
        if flow::is_shut(desk.record) || desk.record.id == RecordId(0) {
            return;
        }
        let lasting: Vec<&str> = waits.iter().filter(|it| it.until.is_none()).map(|it| it.whom).collect();
        field(ui, "从何时", &mut self.since, "现在；或 11.20 14:30");
        for whom in &lasting {
            if ui.add(theme::plain(&format!("继续：{whom}已到"))).clicked() {
                self.put_down(desk, &|on| Deed::Resumes { whom: (*whom).to_owned(), on }, commands);
            }
        }
        field(ui, "等谁", &mut self.whom, "等谁、等什么");
        names(ui, &may, &mut self.whom);
        field(ui, "为什么等", &mut self.why, "可不写");
        if ui.add(theme::plain("记下等待")).clicked() {
            let (whom, why) = (self.whom.trim().to_owned(), self.why.trim().to_owned());
            if !may.contains(&whom) {
                return commands.push(Command::Tell(format!("请写上等谁：{}", may.join("、"))));
            }
            self.put_down(desk, &|since| Deed::Waits { whom: whom.clone(), why: why.clone(), since }, commands);
        }
        ui.add_space(12.0);
    }

    /// Puts down that somebody is waited for, or no more, at the moment that is written.
    fn put_down(&mut self, desk: &Desk<'_>, deed: &dyn Fn(String) -> Deed, commands: &mut Vec<Command>) {
        let written = self.since.trim();
        let moment = match written {
            "" => Some(desk.now),
            _ => read_moment(written, Some(desk.today)),
        };
        let Some(moment) = moment.filter(|it| *it <= desk.now) else {
            let why = if read_date(written, Some(desk.today)).is_some() {
                "缺时刻，要写几点几分"
            } else if moment.is_some() {
                "还没有到"
            } else {
                "不是时刻"
            };
            return commands.push(Command::Tell(format!("“{written}”{why}，可写 11.20 14:30、14:30；空着就是现在")));
        };
        commands.push(Command::Note { record: desk.record.id, deeds: vec![deed(keep_moment(moment))] });
        self.send();
        self.whom.clear();
        self.why.clear();
        self.since.clear();
    }
}
