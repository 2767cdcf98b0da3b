//! The life of a sheet as its form declares it: its stages, whose they are, on which sheets they apply, and where what is
//! answered there leads.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::tree::allowed;
use super::{Document, FieldId, Form, FormId, RoleId, TableId};
use crate::calendar::Calendar;
use crate::expression::Expression;

mod checking;

/// What a sheet's life depends on besides the sheet: what the office set, and which days are worked. Each form holds it, so
/// that where a sheet stands follows from form and sheet alone.
#[derive(Clone, Debug, Default)]
pub struct Office {
    /// The settings, the people and what they are.
    pub document: Document,
    /// The days that are worked.
    pub calendar: Calendar,
}

/// A stage (环节) of a sheet's life.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// What the screen calls it.
    pub name: String,
    /// The clause that asks for it.
    pub clause: Option<String>,
    /// The signature cell that is filled when it is done.
    pub by: FieldId,
    /// The date beside the signature, where the form has one.
    pub date: Option<FieldId>,
    /// Who is to sign.
    pub whose: Option<Whose>,
    /// On which sheets it applies; on all where nothing is said.
    pub when: Option<Expression>,
    /// Signatures this one has to differ from (PROCEDURE 5); overruled only with a reason.
    #[serde(default)]
    pub differs: Vec<FieldId>,
    /// Signatures this one always differs from: no reason overrules it.
    #[serde(default)]
    pub never_same: Vec<FieldId>,
    /// The cell with the day or moment before which it is not signed.
    pub not_before: Option<FieldId>,
    /// Whether it and its neighbours that say so too are signed in any order.
    #[serde(default)]
    pub any_order: bool,
    /// What whoever signs says of the work, where that is asked.
    #[serde(default)]
    pub verdict: Verdict,
    /// The table in whose lines it is signed, each line on its own, where its signature is a column.
    #[serde(skip)]
    pub table: Option<TableId>,
}

/// Who is to sign a stage.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The department that plays this part.
    Role(RoleId),
    /// The department written in this field.
    Field(FieldId),
    /// Whoever has this post (职务).
    Post(String),
    /// One of these.
    Any(Vec<Self>),
    /// Somebody outside the house, who may stamp (章) in place of writing.
    Outside(String),
    /// Whom the sheet was passed on to last.
    Sent,
    /// The user, who is none of the office's people.
    User,
}

impl Whose {
    /// Those of whom one signs.
    pub fn each(&self) -> Vec<&Self> {
        match self {
            Self::Any(all) => all.iter().flat_map(Self::each).collect(),
            Self::Role(_) | Self::Field(_) | Self::Post(_) | Self::Outside(_) | Self::Sent | Self::User => vec![self],
        }
    }

    fn roles_mut(&mut self) -> Vec<&mut RoleId> {
        match self {
            Self::Any(all) => all.iter_mut().flat_map(Self::roles_mut).collect(),
            Self::Role(role) => vec![role],
            Self::Field(_) | Self::Post(_) | Self::Outside(_) | Self::Sent | Self::User => Vec::new(),
        }
    }
}

/// Where an answer leads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Goes {
    /// To the next stage.
    #[default]
    On,
    /// To the last stage; those between do not apply.
    Last,
    /// To the stage of this name: an earlier one begins another round there, those before a later one do not apply.
    Stage(String),
}

impl From<String> for Goes {
    fn from(written: String) -> Self {
        match written.as_str() {
            "on" => Self::On,
            "last" => Self::Last,
            _ => Self::Stage(written),
        }
    }
}

/// Where an answer leads, seen from where it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// To the next stage.
    On,
    /// To this later stage, by its place.
    Forward(usize),
    /// Back for another round, to this stage; none: to the first section that is gone through again.
    Back(Option<usize>),
}

/// One letter of a choice.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "WrittenChoice")]
pub struct Choice {
    /// The letter; boxes have theirs by their places, which nobody sees.
    pub letter: char,
    /// What it means.
    pub word: String,
    /// Whether it stands on a line of its own, with a bracket to write in.
    pub bracket: bool,
    /// Whether this answer sends the sheet back for another round (PROCEDURE 5: D and E).
    pub returns: bool,
    /// Where this answer leads.
    pub goes: Goes,
    /// The sheet that this answer proposes to start.
    pub starts: Option<FormId>,
    /// Whether whoever says so says why, as a verdict that sends back always has to.
    pub reason: bool,
}

/// A choice as its file says it: a word alone, which may end with a bracket as on paper (`其他(    )`), or item by item.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected 一个词，或者 { letter, word, bracket, returns, goes, starts, reason }")]
enum WrittenChoice {
    Word(String),
    Whole(WholeChoice),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WholeChoice {
    #[serde(default)]
    letter: char,
    word: String,
    #[serde(default)]
    bracket: bool,
    #[serde(default)]
    returns: bool,
    #[serde(default)]
    goes: Goes,
    starts: Option<FormId>,
    #[serde(default)]
    reason: bool,
}

impl From<WrittenChoice> for Choice {
    fn from(written: WrittenChoice) -> Self {
        match written {
            WrittenChoice::Word(word) => {
                let inside = word.trim_end().strip_suffix([')', '）']).and_then(|it| it.rsplit_once(['(', '（']));
                let inside = inside.filter(|it| it.1.trim().is_empty()).map(|it| it.0.trim_end().to_owned());
                Self { bracket: inside.is_some(), ..Self::of(inside.as_deref().unwrap_or(&word)) }
            }
            WrittenChoice::Whole(WholeChoice { letter, word, bracket, returns, goes, starts, reason }) => {
                Self { letter, word, bracket, returns, goes, starts, reason }
            }
        }
    }
}

impl Choice {
    /// A word that leads on.
    fn of(word: &str) -> Self {
        let (letter, goes) = (char::default(), Goes::On);
        Self { letter, word: word.to_owned(), bracket: false, returns: false, goes, starts: None, reason: false }
    }
}

/// What whoever signs a stage says of the work.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "WrittenVerdict")]
pub struct Verdict {
    /// The words to choose from; none where nothing is asked.
    pub words: Vec<Choice>,
    /// Whether it is kept as passed or not, and not by its word.
    pub plain: bool,
}

/// A verdict as its file says it: that there is one, or in which words.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected true，或者 [ \"同意\", { word, goes, starts, reason } ]")]
enum WrittenVerdict {
    Plain(bool),
    Words(Vec<Choice>),
}

/// The words of a verdict that has none of its own.
const PASSED: &str = "通过";
const FAILED: &str = "未通过";

impl From<WrittenVerdict> for Verdict {
    fn from(written: WrittenVerdict) -> Self {
        match written {
            WrittenVerdict::Plain(false) => Self::default(),
            WrittenVerdict::Plain(true) => {
                let failed = Choice { returns: true, ..Choice::of(FAILED) };
                Self { words: vec![Choice::of(PASSED), failed], plain: true }
            }
            WrittenVerdict::Words(words) => Self { words, plain: false },
        }
    }
}

impl Verdict {
    /// Whether anything is asked.
    pub fn is_asked(&self) -> bool {
        !self.words.is_empty()
    }

    /// The word that was said: by itself, or as passed or not.
    pub fn said(&self, passed: Option<bool>, word: &str) -> Option<&Choice> {
        match passed.filter(|_| self.plain) {
            Some(passed) => self.words.iter().find(|it| it.returns != passed),
            None => self.words.iter().find(|it| !self.plain && it.word == word),
        }
    }
}

/// Another round that is begun by hand, with a reason (再次申请).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Again {
    /// What doing so is called.
    pub name: String,
    /// The stage that it begins with.
    pub from: String,
}

impl Stage {
    /// Whether it is signed by somebody outside the house.
    pub fn is_outside(&self) -> bool {
        let outside = |it: &&Whose| matches!(it, Whose::User | Whose::Outside(_));
        self.whose.as_ref().is_some_and(|it| it.each().iter().all(outside))
    }

    /// Whether a verdict's word asks for a reason.
    pub fn asks_why(&self, form: &Form, place: usize, word: &Choice) -> bool {
        let back = || matches!(form.leads((place, place), word), Leads::Back(_));
        word.reason || !self.verdict.plain && back()
    }
}

impl Form {
    /// Where an answer leads that is given between these two stages, by their places.
    pub fn leads(&self, (first, last): (usize, usize), choice: &Choice) -> Leads {
        if choice.returns {
            return Leads::Back(None);
        }
        let to = match &choice.goes {
            Goes::On => None,
            Goes::Last => self.stages.len().checked_sub(1),
            Goes::Stage(name) => self.stages.iter().position(|it| it.name == *name),
        };
        match to {
            Some(to) if choice.goes != Goes::Last && to <= first => Leads::Back(Some(to)),
            Some(to) if to > last => Leads::Forward(to),
            Some(_) | None => Leads::On,
        }
    }

    /// The first and the last stage that close the section of a field, by their places.
    pub fn closed_by(&self, field: &FieldId) -> Option<(usize, usize)> {
        let stages = self.closers(self.field(field)?);
        Some((*stages.first()?, *stages.last()?))
    }

    /// The section that another round begins with where an answer leads back to a stage.
    pub fn begins_with(&self, back: Option<usize>) -> Option<usize> {
        match back {
            Some(stage) => self.section_of(self.stages.get(stage)?.by.as_str()),
            None => self.sections.iter().position(|it| it.repeats),
        }
    }

    /// Which stages may be signed while this one is the next: itself, and its neighbours behind it that are signed in any
    /// order.
    pub fn along_with(&self, next: usize) -> std::ops::RangeInclusive<usize> {
        let any = |it: usize| self.stages.get(it).is_some_and(|it| it.any_order);
        let mut end = next;
        while any(next) && any(end + 1) {
            end += 1;
        }
        next..=end
    }

    /// The conditions on which its parts apply.
    pub fn conditions(&self) -> impl Iterator<Item = &Expression> {
        let stages = self.stages.iter().filter_map(|it| it.when.as_ref());
        let sections = self.sections.iter().filter_map(|it| it.when.as_ref());
        stages.chain(sections).chain(self.every_field().filter_map(|it| it.when.as_ref()))
    }

    /// The fields that where a sheet stands depends on, besides signatures: what conditions name, and answers that lead
    /// elsewhere.
    pub fn life_fields(&self) -> BTreeSet<FieldId> {
        let names = self.conditions().flat_map(Expression::names).map(String::as_str);
        let names = names.chain(self.answers.iter().map(FieldId::as_str));
        self.reached(names.chain(self.signed_by_line()))
    }

    /// Takes down which fields have answers that lead elsewhere, and whether anything turns at all.
    pub(super) fn settle_answers(&mut self) {
        let turns = |it: &&super::Field| it.options.iter().any(|it| it.goes != Goes::On);
        self.answers = self.fields.iter().filter(turns).map(|it| it.id.clone()).collect();
        let verdicts = self.stages.iter().all(|it| it.verdict.plain || !it.verdict.is_asked());
        self.is_straight = verdicts && self.answers.is_empty() && self.conditions().next().is_none();
    }

    /// The settings that its conditions ask for, by the names they have there.
    pub fn asked_settings(&self) -> impl Iterator<Item = &str> {
        self.conditions().flat_map(Expression::names).filter_map(|it| it.strip_prefix("setting."))
    }

    /// The roles that its stages name.
    pub(super) fn roles_mut(&mut self) -> impl Iterator<Item = &mut RoleId> {
        self.stages.iter_mut().filter_map(|it| it.whose.as_mut()).flat_map(Whose::roles_mut)
    }

    /// The forms that its answers propose to start.
    pub(super) fn proposed_mut(&mut self) -> impl Iterator<Item = &mut FormId> {
        let fields = self.fields.iter_mut().chain(&mut self.beside).flat_map(|it| &mut it.options);
        fields.chain(self.stages.iter_mut().flat_map(|it| &mut it.verdict.words)).filter_map(|it| it.starts.as_mut())
    }
}

/// Says what a form's life names of its package and is not there.
pub(super) fn check_names(form: &Form, document: &Document, say: &mut dyn FnMut(&str, String)) {
    let (roles, settings) = (document.roles.keys().collect::<Vec<_>>(), document.may_set().map(|it| &it.id));
    let settings: Vec<_> = settings.collect();
    let posts: Vec<&String> = document.packages.iter().flat_map(|it| &it.posts).collect();
    for (place, stage) in form.stages.iter().enumerate() {
        for whose in stage.whose.iter().flat_map(Whose::each) {
            match whose {
                Whose::Role(role) if !roles.contains(&role) => {
                    let message = format!("没有“{role}”这个职责{}", allowed(role.as_str(), &roles));
                    say(&format!("stage.{place}.whose.role"), message);
                }
                Whose::Post(post) if !posts.contains(&post) => {
                    let message = format!("procedure.toml 的 posts 里没有“{post}”这个职务{}", allowed(post, &posts));
                    say(&format!("stage.{place}.whose.post"), message);
                }
                Whose::Role(_)
                | Whose::Post(_)
                | Whose::Field(_)
                | Whose::Any(_)
                | Whose::Outside(_)
                | Whose::Sent
                | Whose::User => {}
            }
        }
    }
    let computed = form.every_field().filter_map(|it| Some((it, it.is.as_ref().or(it.counted.as_ref())?)));
    let computed = computed.map(|(field, is)| (format!("field:{}.is", field.id), is));
    for (path, when) in checking::conditions(form).into_iter().chain(computed) {
        let named = when.names().iter().filter_map(|it| it.strip_prefix("setting."));
        for name in named.filter(|name| !settings.iter().any(|it| it.as_str() == *name)) {
            say(&path, format!("没有“{name}”这个设置{}", allowed(name, &settings)));
        }
    }
}
