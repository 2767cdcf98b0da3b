//! What stands in the place beside a cell, for each thing that may be asked there.

use eframe::egui::{self, Align2, Id, Key, RichText, TextEdit, Ui, vec2};

use super::{Ask, Asking, Desk, Fate, WIDE};
use crate::command::Command;
use crate::flow::{self, Refusal, RefusalKind, Signature};
use crate::procedure::{FieldId, Kind, Leads, Person, Rule, Stage};
use crate::record::{CellId, Correction, Picked, fold, keep_date, read_date, read_moment, shown_in};
use crate::ui::ime;
use crate::ui::lines;
use crate::ui::theme;

/// How many names are offered at once.
const NAMES: usize = 6;
/// How much room the name of an empty cell has; a longer one ends in dots.
const CALLED: f32 = 96.0;

pub(super) fn draw(ui: &mut Ui, desk: &Desk<'_>, asking: &mut Asking, commands: &mut Vec<Command>) -> Fate {
    let fate = match asking.what.clone() {
        Ask::Locked(cell, why) => locked(ui, desk, &cell, &why),
        Ask::Sign(field, line) => sign(ui, desk, asking, (&field, line), commands),
        Ask::Correct(_) => change(ui, desk, asking, false, commands),
        Ask::PutOff(_) => change(ui, desk, asking, true, commands),
        Ask::Void => void(ui, desk, asking, commands),
        Ask::Again => again(ui, desk, asking, commands),
    };
    if !asking.refused.is_empty() {
        lines::label(ui, &asking.refused, 13.0, theme::RED);
    }
    fate
}

fn locked(ui: &mut Ui, desk: &Desk<'_>, cell: &CellId, why: &str) -> Fate {
    lines::label(ui, why, 14.0, theme::INK);
    let Some(field) = desk.field(&cell.field) else { return Fate::Stays };
    let mut fate = Fate::Stays;
    ui.horizontal(|ui| {
        if desk.form.is_term(&field.id) && flow::may_put_off(desk.form, desk.record, cell.round) {
            if ui.add(theme::plain("办延期…")).clicked() {
                fate = Fate::Becomes(Ask::PutOff(field.id.clone()));
            }
        } else if (flow::is_correctable_in(desk.form, desk.record, field, cell.line)
            || desk.round < desk.record.last_round())
            && !flow::is_shut(desk.record)
            && field.kind != Kind::Picture
            && ui.add(theme::plain(if desk.form.is_living() { "更改…" } else { "划改…" })).clicked()
        {
            fate = Fate::Becomes(Ask::Correct(cell.clone()));
        }
        if ui.add(theme::plain("关闭")).clicked() {
            fate = Fate::Gone;
        }
    });
    fate
}

/// A line of the place: a label and a field.
fn line(ui: &mut Ui, label: &str, text: &mut String, hint: &str, first: bool) -> egui::Response {
    let id = writing(ui, label, first);
    ui.horizontal(|ui| {
        let (place, _) = ui.allocate_exact_size(vec2(72.0, theme::CONTROL), egui::Sense::hover());
        let font = egui::FontId::proportional(13.0);
        ui.painter().text(place.left_center(), Align2::LEFT_CENTER, label, font, theme::SOFT);
        let response = ui.add(theme::field(text, hint).id(id).desired_width(ui.available_width() - 2.0));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(label.to_owned()));
        response
    })
    .inner
}

/// The field of that name, and the keyboard for it where it is the `first`: before it is drawn, so that there is no frame
/// without a text field in which the input method would go, and take the next letters with it.
fn writing(ui: &Ui, label: &str, first: bool) -> Id {
    let id = Id::unique(("asked", label));
    if first && !ui.is_sizing_pass() {
        ui.memory_mut(|it| it.request_focus(id));
    }
    id
}

/// Whether Enter was pressed in a field, and was not the input method's.
fn entered(ui: &Ui, response: &egui::Response) -> bool {
    response.lost_focus() && !ime::is_composing(ui.ctx()) && ui.input(|it| it.key_pressed(Key::Enter))
}

/// Who: a field, and under it the names that go on from what is typed. Which field that is, and whether Enter was
/// pressed in it.
fn who(ui: &mut Ui, desk: &Desk<'_>, asking: &mut Asking, label: &str, (offer, first): (bool, bool)) -> (Id, bool) {
    let stage = match &asking.what {
        Ask::Sign(field, _) => desk.form.stage_of(field.as_str()).and_then(|it| desk.form.stages.get(it)),
        Ask::Locked(..) | Ask::Correct(_) | Ask::PutOff(_) | Ask::Void | Ask::Again => None,
    };
    let hint = if stage.is_some_and(Stage::is_outside) { "姓名，或单位（章）" } else { "姓名" };
    let response = line(ui, label, &mut asking.name, hint, first);
    asking.naming |= response.changed();
    let typed = fold(asking.name.trim());
    if offer && (asking.name.is_empty() || asking.naming) {
        let mut names: Vec<&str> = Vec::new();
        let document = &desk.procedure.document;
        // Those whose stage it is stand first.
        let people: Vec<&Person> = match stage {
            Some(stage) => flow::signers(document, desk.form, desk.record, stage),
            None => document.people.iter().filter(|it| !it.left).collect(),
        };
        let people = people.into_iter().map(|it| it.name.as_str());
        let before = desk.form.every_field().filter(|it| it.kind == Kind::Person);
        let before = before.filter_map(|it| desk.offers.get(&it.id)).flatten().map(String::as_str);
        for name in people.chain(before) {
            if fold(name).contains(&typed) && name != asking.name && !names.contains(&name) {
                names.push(name);
            }
        }
        let mut picked = None;
        let any = !names.is_empty();
        let offered = |ui: &mut Ui| {
            ui.add_space(80.0);
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
                for name in names.into_iter().take(NAMES) {
                    let button = egui::Button::new(RichText::new(name).size(13.0)).min_size(vec2(0.0, 24.0));
                    // Tab goes past them: they are there to be clicked, or typed.
                    if ui.add(button.sense(egui::Sense::CLICK)).clicked() {
                        picked = Some(name.to_owned());
                    }
                }
            });
        };
        if any {
            ui.horizontal(offered);
        }
        if let Some(name) = picked {
            asking.name = name;
            asking.naming = false;
        }
    }
    (response.id, entered(ui, &response))
}

fn sign(
    ui: &mut Ui,
    desk: &Desk<'_>,
    asking: &mut Asking,
    (field, at): (&FieldId, Option<usize>),
    commands: &mut Vec<Command>,
) -> Fate {
    let on = read_date(&asking.on, Some(desk.today));
    let against = flow::against(desk.procedure, desk.form, desk.record, (field, at));
    let asked = match flow::asked_in(desk.form, desk.record, (field, at), &asking.name, on) {
        Ok(mut asked) => {
            asked.conflicts.extend(against.iter().cloned());
            asked
        }
        Err(why) => {
            lines::label(ui, &why.to_string(), 14.0, theme::INK);
            return if ui.add(theme::plain("关闭")).clicked() { Fate::Gone } else { Fate::Stays };
        }
    };
    let stage = &desk.form.stages[asked.stage];
    let whose = flow::whose(&desk.procedure.document, desk.form, desk.record, stage);
    ui.horizontal(|ui| {
        let row = asked.line.map(|it| desk.row_name(stage, it)).unwrap_or_default();
        ui.label(theme::strong(format!("签署“{}”{row}", stage.name)));
        ui.label(theme::soft(whose));
    });
    // Where the pen goes when signing is refused: to what is missing.
    let (mut missing, mut go) = {
        let first = asking.fresh;
        who(ui, desk, asking, "签署人", (!asked.outside, first))
    };
    let named = !asking.name.trim().is_empty();
    let date = line(ui, "签署日期", &mut asking.on, "2026-11-20、今天", false);
    go |= entered(ui, &date);
    if on.is_some_and(|it| it < desk.today) {
        ui.label(theme::soft("早于今天：按补录记下"));
    }
    if !asked.empty.is_empty() {
        ui.label(theme::soft("这一栏还有空格：填上、划“/”，或写明为什么空着"));
        for id in &asked.empty {
            let Some(empty) = desk.field(id) else { continue };
            ui.horizontal(|ui| {
                let (place, _) = ui.allocate_exact_size(vec2(CALLED, theme::CONTROL), egui::Sense::hover());
                let words = egui::WidgetText::from(RichText::new(&empty.name).size(13.0).color(theme::INK));
                let style = egui::FontSelection::Default;
                let words = words.into_galley(ui, Some(egui::TextWrapMode::Truncate), CALLED, style);
                let at = Align2::LEFT_CENTER.align_size_within_rect(words.size(), place).min;
                ui.painter().galley(at, words, theme::INK);
                let strike = ui.add(theme::plain("划 /"));
                strike.widget_info(|| {
                    egui::WidgetInfo::labeled(egui::Role::Button, true, format!("{} 划 /", empty.name))
                });
                if strike.clicked() {
                    let of_line = |it: &CellId| {
                        asked.line.is_none_or(|line| line == it.line || !desk.form.is_in_lines_of(stage, empty))
                    };
                    for cell in flow::empty_cells(desk.form, desk.record, empty).into_iter().filter(of_line) {
                        let (record, value) = (desk.record.id, "/".to_owned());
                        commands.push(Command::Set { record, cell, value, expected: String::new() });
                    }
                }
                let excuse = asking.excuses.entry(id.clone()).or_default();
                let response = ui.add(theme::field(excuse, "空着的理由").desired_width(ui.available_width() - 2.0));
                let label = format!("{} 空着的理由", empty.name);
                ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(label));
                go |= entered(ui, &response);
                if named && excuse.trim().is_empty() {
                    missing = response.id;
                }
            });
        }
    }
    if !asking.name.trim().is_empty() && !asked.conflicts.is_empty() {
        for conflict in &asked.conflicts {
            lines::label(ui, conflict, 14.0, theme::AMBER);
        }
        let why = line(ui, "仍签的理由", &mut asking.reason, "没有理由就请换人或改正", false);
        go |= entered(ui, &why);
        if asking.reason.trim().is_empty() {
            missing = why.id;
        }
    }
    if asked.verdict {
        let (said, entered) = verdict(ui, desk, asking, asked.stage);
        missing = said.filter(|_| named).unwrap_or(missing);
        go |= entered;
    }
    let mut fate = Fate::Stays;
    ui.horizontal(|ui| {
        go |= ui.add(theme::primary("签署")).clicked();
        if ui.add(theme::plain("取消")).clicked() {
            fate = Fate::Gone;
        }
    });
    if !go {
        return fate;
    }
    let signature = Signature {
        name: asking.name.trim().to_owned(),
        on,
        line: asked.line,
        excused: asking.excuses.clone().into_iter().collect(),
        overruled: asking.reason.clone(),
        passed: asking.passed,
        verdict: asking.verdict.clone(),
        why: asking.why.clone(),
        against,
    };
    match flow::sign(desk.form, desk.record, field, &signature, "", desk.today) {
        Ok(_) => {
            commands.push(Command::Sign { record: desk.record.id, field: field.clone(), signature });
            Fate::Sent
        }
        Err(why) => {
            asking.refused = why.into();
            ui.memory_mut(|it| it.request_focus(missing));
            fate
        }
    }
}

/// What whoever signs says of the work, and why. Where the pen goes while that is missing, and whether Enter was pressed.
fn verdict(ui: &mut Ui, desk: &Desk<'_>, asking: &mut Asking, place: usize) -> (Option<Id>, bool) {
    let stage = &desk.form.stages[place];
    let mut missing = None;
    ui.horizontal_wrapped(|ui| {
        ui.label(theme::soft(if stage.verdict.plain { "验证结论" } else { "意见" }));
        ui.add_space(16.0);
        for word in &stage.verdict.words {
            let to = match desk.form.leads((place, place), word) {
                Leads::Back(to) => {
                    let title = desk.form.begins_with(to).and_then(|it| desk.form.begun_title(it));
                    title.map_or_else(String::new, |it| format!("，退回{it}"))
                }
                Leads::Forward(to) => {
                    desk.form.stages.get(to).map_or_else(String::new, |it| format!("，转{}", it.name))
                }
                Leads::On => String::new(),
            };
            let label = format!("{}{to}", word.word);
            let response = if stage.verdict.plain {
                ui.radio_value(&mut asking.passed, Some(!word.returns), label)
            } else {
                ui.radio_value(&mut asking.verdict, word.word.clone(), label)
            };
            missing = missing.or(Some(response.id));
        }
    });
    let Some(word) = stage.verdict.said(asking.passed, &asking.verdict) else { return (missing, false) };
    if !stage.asks_why(desk.form, place, word) {
        return (None, false);
    }
    let why = line(ui, "为什么", &mut asking.why, &format!("为什么{}", word.word), false);
    let entered = entered(ui, &why);
    (asking.why.trim().is_empty().then_some(why.id), entered)
}

/// Correcting, and putting off the date, which is a correction with its own words.
fn change(ui: &mut Ui, desk: &Desk<'_>, asking: &mut Asking, put_off: bool, commands: &mut Vec<Command>) -> Fate {
    let Some(cell) = asking.cell.clone() else { return Fate::Gone };
    let Some(field) = desk.field(&cell.field) else { return Fate::Gone };
    let old = desk.record.at(&cell);
    // On a sheet that lives on nothing is crossed out: what changed is a line of its own.
    let living = desk.form.is_living();
    let verb = if put_off {
        "延期"
    } else if living {
        "更改"
    } else {
        "划改"
    };
    let changer = if put_off {
        "批准人"
    } else if living {
        "校对人"
    } else {
        "划改人"
    };
    ui.label(theme::strong(format!("{verb}“{}”", desk.name(&cell))));
    let said = if put_off { "原定" } else { "原文" };
    lines::label(ui, &format!("{said}：{}", shown_in(field, old)), 12.0, theme::SOFT);
    let label = if put_off { "新的期限" } else { "改成" };
    let mut go = false;
    if field.kind == Kind::Text {
        let id = writing(ui, label, asking.fresh);
        let edit = TextEdit::multiline(&mut asking.text).id(id).desired_rows(4).desired_width(WIDE - 4.0);
        let response = ui.add(edit);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(label.to_owned()));
    } else if field.kind.is_chosen() {
        ui.horizontal_wrapped(|ui| {
            let mut picked = Picked::read(field, &asking.text);
            for (place, option) in field.options.iter().enumerate() {
                let lettered = field.kind == Kind::Choice && !field.boxes;
                let value = if lettered { format!("{} {}", option.letter, option.word) } else { option.word.clone() };
                let chosen = picked.which.contains(&place);
                if ui.selectable_label(chosen, &value).clicked() {
                    picked.which.retain(|it| field.many && *it != place);
                    picked.which.extend(Some(place).filter(|_| !chosen || !field.many));
                    picked.which.sort_unstable();
                    asking.text = if lettered { value } else { picked.keep(field) };
                }
            }
        });
    } else {
        let hint = if field.kind == Kind::Date { "2026-11-20、11.20" } else { "" };
        let response = line(ui, label, &mut asking.text, hint, asking.fresh);
        go |= entered(ui, &response);
    }
    let (name, entered_name) = who(ui, desk, asking, changer, (true, false));
    go |= entered_name;
    let why = line(ui, "理由", &mut asking.reason, if put_off { "为什么要延期" } else { "为什么要改" }, false);
    go |= entered(ui, &why);
    let mut fate = Fate::Stays;
    ui.horizontal(|ui| {
        go |= ui.add(theme::primary(verb)).clicked();
        if ui.add(theme::plain("取消")).clicked() {
            fate = Fate::Gone;
        }
    });
    if !go {
        return fate;
    }
    let missing = [(&asking.text, label), (&asking.name, changer), (&asking.reason, "理由")];
    if let Some((_, label)) = missing.iter().find(|(text, label)| text.trim().is_empty() && *label != "改成") {
        asking.refused = Refusal::by(desk.form, Rule::Correction, RefusalKind::Missing((*label).to_owned())).into();
        ui.memory_mut(|it| it.request_focus(if *label == "理由" { why.id } else { name }));
        return fate;
    }
    if field.kind == Kind::Date && read_date(&asking.text, Some(desk.today)).is_none() && asking.text.trim() != "/" {
        asking.refused = format!("“{}”不是日期，可写 2026-11-20、11.20、今天", asking.text.trim());
        return fate;
    }
    let text = asking.text.trim();
    let read = read_moment(text, Some(desk.today)).is_some() || read_date(text, Some(desk.today)).is_some();
    if put_off && field.kind == Kind::Moment && !read && text != "/" {
        asking.refused = format!("“{text}”不是时刻，可写 2026-11-20 8:30");
        return fate;
    }
    commands.push(Command::Correct {
        record: desk.record.id,
        correction: Correction {
            cell,
            old: old.to_owned(),
            new: asking.text.trim_end().to_owned(),
            by: asking.name.trim().to_owned(),
            on: keep_date(desk.today),
            reason: asking.reason.trim().to_owned(),
        },
    });
    Fate::Sent
}

fn void(ui: &mut Ui, desk: &Desk<'_>, asking: &mut Asking, commands: &mut Vec<Command>) -> Fate {
    let word = desk.form.void_word();
    ui.label(theme::strong(format!("{word} {}", desk.record.number)));
    ui.label(theme::soft(format!("编号保留，单上横印“{word}”，不能撤回")));
    let why = line(ui, "理由", &mut asking.reason, &format!("为什么{word}"), asking.fresh);
    let mut go = entered(ui, &why);
    let (name, entered_name) = who(ui, desk, asking, &format!("{word}人"), (true, false));
    go |= entered_name;
    let mut fate = Fate::Stays;
    ui.horizontal(|ui| {
        go |= ui.add(theme::primary(word)).clicked();
        if ui.add(theme::plain("取消")).clicked() {
            fate = Fate::Gone;
        }
    });
    if !go {
        return fate;
    }
    if asking.reason.trim().is_empty() || asking.name.trim().is_empty() {
        asking.refused = format!("请写上理由和{word}人");
        ui.memory_mut(|it| it.request_focus(if asking.reason.trim().is_empty() { why.id } else { name }));
        return fate;
    }
    let (record, reason, by) = (desk.record.id, asking.reason.trim().to_owned(), asking.name.trim().to_owned());
    commands.push(Command::Void { record, reason, by });
    Fate::Sent
}

fn again(ui: &mut Ui, desk: &Desk<'_>, asking: &mut Asking, commands: &mut Vec<Command>) -> Fate {
    let Some((again, _)) = flow::may_begin_again(desk.form, desk.record) else {
        lines::label(ui, &RefusalKind::NotAgain.to_string(), 14.0, theme::INK);
        return if ui.add(theme::plain("关闭")).clicked() { Fate::Gone } else { Fate::Stays };
    };
    ui.label(theme::strong(format!("{} {}", again.name, desk.record.number)));
    lines::label(ui, &format!("从“{}”起再走一遍，前一次留在单上", again.from), 13.0, theme::SOFT);
    let why = line(ui, "理由", &mut asking.reason, &format!("为什么{}", again.name), asking.fresh);
    let mut go = entered(ui, &why);
    let (name, entered_name) = who(ui, desk, asking, "经办人", (true, false));
    go |= entered_name;
    let mut fate = Fate::Stays;
    ui.horizontal(|ui| {
        go |= ui.add(theme::primary(&again.name)).clicked();
        if ui.add(theme::plain("取消")).clicked() {
            fate = Fate::Gone;
        }
    });
    if !go {
        return fate;
    }
    if asking.reason.trim().is_empty() || asking.name.trim().is_empty() {
        asking.refused = "请写上理由和经办人".to_owned();
        ui.memory_mut(|it| it.request_focus(if asking.reason.trim().is_empty() { why.id } else { name }));
        return fate;
    }
    let (record, reason, by) = (desk.record.id, asking.reason.trim().to_owned(), asking.name.trim().to_owned());
    commands.push(Command::BeginAgain { record, reason, by });
    Fate::Sent
}
