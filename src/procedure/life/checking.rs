//! What the life that a form declares may say wrong: names that are not there, answers that lead nowhere.

use super::{Choice, Goes, Leads, Whose};
use crate::expression::Expression;
use crate::procedure::tree::allowed;
use crate::procedure::{FieldId, Form, Kind};

/// What conditions may name besides fields and tables: what the office set, and how many rounds the sheet went through.
const NAMES: [&str; 2] = ["setting", "rounds"];

/// Each condition of a form, with the path it stands at.
pub(super) fn conditions(form: &Form) -> Vec<(String, &Expression)> {
    let stages =
        form.stages.iter().enumerate().filter_map(|(at, it)| Some((format!("stage.{at}.when"), it.when.as_ref()?)));
    let sections = form.sections.iter().enumerate();
    let sections = sections.filter_map(|(at, it)| Some((format!("section.{at}.when"), it.when.as_ref()?)));
    let fields = form.every_field().filter_map(|it| Some((format!("field:{}.when", it.id), it.when.as_ref()?)));
    stages.chain(sections).chain(fields).collect()
}

impl Form {
    /// Says what is wrong with its life; a path that begins with `field:` and an id is that field's.
    pub(in crate::procedure) fn check_life(&self, say: &mut dyn FnMut(&str, String)) {
        for (path, when) in conditions(self) {
            let names = when.names().iter().map(|it| it.split('.').next().unwrap_or_default());
            let known = |it: &&str| {
                !NAMES.contains(it) && self.field(&(*it).into()).is_none() && !self.tables.contains_key(*it)
            };
            for name in names.filter(known) {
                say(&path, format!("条件里的“{name}”没有对应的 [[field]] 或表，也不是 {}", NAMES.join("、")));
            }
        }
        for field in self.every_field().filter(|it| it.when.is_some()) {
            if field.table.is_some() || field.signature {
                let what =
                    if field.signature { "签名格不写 when，写在环节里" } else { "表里的列不写 when" };
                say(&format!("field:{}.when", field.id), format!("“{}”：{what}", field.name));
            }
        }
        for (place, stage) in self.stages.iter().enumerate() {
            let path = |it: &str| format!("stage.{place}.{it}");
            let around = |it: usize| self.stages.get(it).is_some_and(|it| it.any_order);
            if stage.any_order && !around(place + 1) && !place.checked_sub(1).is_some_and(around) {
                say(&path("any_order"), "any_order 要写在相邻的几个环节上".to_owned());
            }
            for whose in stage.whose.iter().flat_map(Whose::each) {
                if matches!(whose, Whose::Outside(it) | Whose::Post(it) if it.trim().is_empty()) {
                    say(&path("whose"), "whose 里没有写是谁".to_owned());
                }
            }
            if stage.whose.as_ref().is_some_and(|it| it.each().is_empty()) {
                say(&path("whose"), "any 里至少要有一个".to_owned());
            }
            let timed = |it: &FieldId| self.field(it).is_some_and(|it| matches!(it.kind, Kind::Date | Kind::Moment));
            if let Some(id) = stage.not_before.as_ref().filter(|it| !timed(it)) {
                say(&path("not_before"), format!("“{id}”应是一个日期或时刻的格子（not_before）"));
            }
            let words = &stage.verdict.words;
            if words.len() == 1 {
                say(&path("verdict"), "verdict 至少要有两个词".to_owned());
            }
            for (at, word) in words.iter().enumerate() {
                let path = format!("stage.{place}.verdict.{at}");
                if words[..at].iter().any(|it| it.word == word.word) || word.bracket {
                    say(&path, format!("“{}”：verdict 的词各不相同，后面没有括号", word.word));
                }
                self.check_choice(&stage.by, (place, place), word, &path, say);
            }
        }
        let leads = |it: &&Choice| it.goes != Goes::On || it.starts.is_some();
        for field in self.every_field().filter(|it| it.options.iter().any(|it| leads(&it))) {
            let around = self.closed_by(&field.id);
            for (at, option) in field.options.iter().enumerate() {
                let path = format!("field:{}.options.{at}", field.id);
                match around {
                    Some(around) => self.check_choice(&field.id, around, option, &path, say),
                    None if option.goes != Goes::On || option.starts.is_some() => {
                        say(&path, format!("“{}”不在要签署的栏里，不能写 goes、starts", field.name));
                    }
                    None => {}
                }
            }
        }
        self.check_again(say);
    }

    /// An answer: what it leads to is there, and what is gone through again says so.
    fn check_choice(
        &self,
        field: &FieldId,
        around: (usize, usize),
        choice: &Choice,
        path: &str,
        say: &mut dyn FnMut(&str, String),
    ) {
        if choice.returns && choice.goes != Goes::On {
            say(path, format!("“{}”：returns 和 goes 只写一个", choice.word));
        }
        if let Goes::Stage(name) = &choice.goes
            && !self.stages.iter().any(|it| it.name == *name)
        {
            let names: Vec<&str> = self.stages.iter().map(|it| it.name.as_str()).chain(["on", "last"]).collect();
            say(path, format!("没有“{name}”这个环节{}", allowed(name, &names)));
        }
        if let Leads::Back(Some(to)) = self.leads(around, choice)
            && let Some(from) = self.begins_with(Some(to))
        {
            let until = self.section_of(field.as_str()).unwrap_or(from);
            self.check_repeats((from, until), (path, &choice.word), say);
        }
        let there = |it: &crate::procedure::FormId| self.starts.iter().any(|start| start.form == *it);
        if let Some(form) = choice.starts.as_ref().filter(|it| !there(it)) {
            say(path, format!("“{}”另起表单 {form}，要有一个 [[starts]] form = \"{form}\"", choice.word));
        }
    }

    fn check_repeats(
        &self,
        (from, until): (usize, usize),
        (path, what): (&str, &str),
        say: &mut dyn FnMut(&str, String),
    ) {
        let once = (from..=until).find(|it| self.sections.get(*it).is_some_and(|it| !it.repeats));
        if let Some(once) = once {
            let title = self.sections[once].title.clone().unwrap_or_else(|| format!("第 {} 个 [[section]]", once + 1));
            say(path, format!("“{what}”会从前面再走一遍，“{title}”要有 repeats = true"));
        }
    }

    fn check_again(&self, say: &mut dyn FnMut(&str, String)) {
        if let Some(again) = &self.begun_by_hand {
            match self.stages.iter().position(|it| it.name == again.from) {
                Some(stage) => {
                    let from = self.begins_with(Some(stage)).unwrap_or_default();
                    let until = self.sections.len().saturating_sub(1);
                    self.check_repeats((from, until), ("again.from", &again.name), say);
                }
                None => {
                    let names: Vec<&str> = self.stages.iter().map(|it| it.name.as_str()).collect();
                    say("again.from", format!("没有“{}”这个环节{}", again.from, allowed(&again.from, &names)));
                }
            }
        }
        for (place, id) in self.keeps.iter().enumerate() {
            let path = format!("keeps.{place}");
            match self.field(id) {
                None => say(&path, format!("“{id}”没有对应的 [[field]]")),
                Some(field) if field.signature || !field.is_written() || !self.repeats(id.as_str()) => {
                    say(&path, format!("“{}”：keeps 里是再走一遍的栏里要写的格子，不是签名", field.name));
                }
                Some(_) => {}
            }
        }
    }
}
