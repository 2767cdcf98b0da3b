//! Why something may not be done: a value, worded here and nowhere else.

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime};

use crate::procedure::{Document, Form, Rule, Stage};

/// Why something may not be done, and by which clause of the written procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The clause, where the procedure's files name one.
    pub clause: Option<String>,
    /// What stands against it.
    pub kind: RefusalKind,
}

/// What stands against it. Texts are the names of fields, stages and people as the form and the sheet have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The sheet's contents were destroyed.
    Destroyed {
        /// On which day.
        on: String,
        /// Who approved it.
        approved: String,
        /// Who carried it out.
        executed: String,
        /// Who watched.
        watched: String,
    },
    /// The sheet is void, for this reason.
    Void(String),
    /// The entry of this field is longer than a cell can be edited.
    TooLong(String),
    /// A register has taken this field over.
    InRegister(String),
    /// This stage is signed, and the field is its signature or date.
    StageSigned(String),
    /// The section is signed by this person.
    SectionSigned {
        /// The section's title.
        section: String,
        /// Who signed.
        by: String,
    },
    /// The section waits for this stage.
    SectionWaits {
        /// The section's title.
        section: String,
        /// The stage that is signed first.
        first: String,
    },
    /// The section does not apply to the sheet.
    SectionNotNeeded {
        /// The section's title.
        section: String,
        /// What that depends on.
        because: String,
    },
    /// The field does not apply to the sheet.
    FieldNotNeeded {
        /// The field.
        field: String,
        /// What that depends on.
        because: String,
    },
    /// The stage does not apply to the sheet.
    StageNotNeeded {
        /// The stage.
        stage: String,
        /// What that depends on.
        because: String,
    },
    /// The section's entries are never corrected.
    NeverCorrected(String),
    /// The sheet is filed, and as it is corrected this stage would have to be signed.
    FiledOpens(String),
    /// As it is corrected this field would have to be filled in, and its section is never corrected.
    NeverOpened {
        /// The field.
        field: String,
        /// The section's title.
        section: String,
    },
    /// The date is set and handed out.
    DateSet(String),
    /// The form has no such field.
    NoField,
    /// The new date of this field cannot be read.
    NoDate(String),
    /// The section is not signed yet: the field is written as it is.
    NotSigned(String),
    /// The field is a signature, which a correction neither makes nor takes away.
    SignatureStays(String),
    /// Nothing changes.
    Same,
    /// The sheet is filed: nothing is written on it any more.
    Shelved,
    /// No line of this table waits for this stage: nothing is written there, or it is struck.
    NoSuchLine(String),
    /// The sheet is filed: another is begun.
    Filed(String),
    /// Who corrects, or why, is missing.
    Unexplained,
    /// This round is over: counted from 1. It can be looked at and corrected.
    RoundOver(usize),
    /// This round is over: counted from 1. Nothing is written in it.
    RoundClosed(usize),
    /// The field is no signature.
    NoSignature,
    /// The stage is signed already.
    AlreadySigned(String),
    /// The stage waits for another.
    StageWaits {
        /// The stage.
        stage: String,
        /// The stage that is signed first.
        first: String,
    },
    /// The field is written by signing.
    BySigning(String),
    /// Who signs is missing.
    NoName,
    /// The day of signing cannot be read.
    NoDay,
    /// The day of signing has not come.
    DayToCome,
    /// These fields are empty, and it is not said why.
    Empty(Vec<String>),
    /// What speaks against signing, a sentence each, and no reason to sign all the same.
    Conflicts(Vec<String>),
    /// Whether the work passed is not said.
    NoVerdict,
    /// Which of these words is said at this stage is not chosen.
    NoWord(String, Vec<String>),
    /// Why this is said is missing.
    NoWhy(String),
    /// These two signatures are never the same person's.
    SamePerson(String, String),
    /// Nothing stands yet in the field that the signature may not be before.
    Unwritten(String),
    /// The signature is before what stands in this field: a day.
    TooEarly(String, NaiveDate),
    /// The sheet is filed: nobody is waited for.
    WaitFiled,
    /// Since when, or until when, cannot be read, or has not come.
    WaitUnread,
    /// This one is waited for already.
    Waiting(String),
    /// This one is not waited for.
    NotWaiting(String),
    /// The waiting would end before it began.
    WaitBackwards(NaiveDateTime),
    /// The waiting would begin before this stage was signed, on this day.
    WaitSigned(String, NaiveDate),
    /// The waiting would take back that this clock ran out, and it is not said why.
    WaitLate(String),
    /// Another round cannot be begun by hand now.
    NotAgain,
    /// There is no date to be put off.
    NothingToPutOff,
    /// Box or binder is missing.
    NoShelf,
    /// The day cannot be read.
    Unreadable,
    /// The day of this has not come.
    ToCome(&'static str),
    /// None of the sheets can be filed.
    NoneReady,
    /// Who approves, carries out and watches a destruction is missing.
    NotThree,
    /// Those three are not three different people.
    SameThree,
    /// The office has no people yet who could be those three.
    NobodyYet,
    /// Of those three this one is none of the office's people: the part, and the name.
    NotOurs(&'static str, String),
    /// Of those three this one has a password, which was not given: the part, and the name.
    NoPassword(&'static str, String),
    /// The contents of the sheet of this number were destroyed.
    Gone(String),
    /// Sheets are destroyed by a list only.
    ByListOnly,
    /// The sheet of this number may not be destroyed on this day.
    NotExpired(String, NaiveDate),
    /// Why it is done is missing.
    NoReason,
    /// Whom a copy is handed to is missing.
    NoHolder,
    /// The binder a copy goes into is missing.
    NoBinder,
    /// The department or person a sheet is passed on to is missing.
    NoReceiver,
    /// What is to be done, or by whom, is missing.
    NoFollowUp,
    /// What of this name is missing.
    Missing(String),
}

impl Refusal {
    /// A refusal by a rule of the procedure that the form follows.
    pub fn by(form: &Form, rule: Rule, kind: RefusalKind) -> Self {
        Self { clause: form.clause_of(rule).map(str::to_owned), kind }
    }

    /// A refusal by what the procedure says of a stage.
    pub fn by_stage(form: &Form, stage: &Stage, kind: RefusalKind) -> Self {
        let clause = stage.clause.as_deref().or_else(|| form.clause_of(Rule::Signing));
        Self { clause: clause.map(str::to_owned), kind }
    }

    /// A refusal by a rule of the procedure, where it is about no one form.
    pub fn in_office(document: &Document, rule: Rule, kind: RefusalKind) -> Self {
        Self { clause: document.clause_of(rule).map(str::to_owned), kind }
    }

    /// A refusal that no clause is needed for.
    pub const fn plain(kind: RefusalKind) -> Self {
        Self { clause: None, kind }
    }
}

impl From<Refusal> for String {
    fn from(refusal: Refusal) -> Self {
        refusal.to_string()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind, cited(self.clause.as_deref()))
    }
}

/// A clause in brackets, as sentences end with it; nothing where there is none.
pub fn cited(clause: Option<&str>) -> String {
    clause.map(|it| format!("（{it}）")).unwrap_or_default()
}

impl fmt::Display for RefusalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Destroyed { on, approved, executed, watched } => write!(
                f,
                "内容已于 {on} 按销毁清单销毁（批准人 {approved}，执行人 {executed}，监销人 {watched}），只留编号和台帐"
            ),
            Self::Void(reason) => write!(f, "本单已作废（{reason}），不能再填；需要的话另建一张"),
            Self::TooLong(field) => write!(f, "“{field}”太长，只能看、能打印，不能在格里修改"),
            Self::InRegister(field) => write!(f, "“{field}”已列入台帐，不能再改；写错了请用“划改”"),
            Self::StageSigned(stage) => write!(f, "“{stage}”已签署，不能再改；写错了请用“划改”"),
            Self::SectionSigned { section, by } => {
                write!(f, "“{section}”栏已由 {by} 签署，不能再改；写错了请用“划改”")
            }
            Self::SectionWaits { section, first } => write!(f, "“{section}”栏还没轮到：先要“{first}”签署"),
            Self::SectionNotNeeded { section, because } => write!(f, "“{section}”栏这张单不用填：{because}"),
            Self::FieldNotNeeded { field, because } => write!(f, "“{field}”现在不用填：{because}"),
            Self::StageNotNeeded { stage, because } => write!(f, "“{stage}”这张单不用签：{because}"),
            Self::NeverCorrected(section) => {
                write!(f, "“{section}”栏签过以后不许划改；写错了请作废这张单，另开一张")
            }
            Self::FiledOpens(stage) => {
                write!(f, "这张单已经归档，这样改就还要“{stage}”签署；请作废这张单，另开一张")
            }
            Self::NeverOpened { field, section } => {
                write!(f, "这样改就要填“{field}”，而“{section}”栏签过以后不许划改；请作废这张单，另开一张")
            }
            Self::DateSet(field) => write!(f, "{field}已经定下交办；改期请用“延期”，写明理由和批准人"),
            Self::NoField => f.write_str("没有这一格"),
            Self::NoDate(field) => write!(f, "新的{field}不是日期，可写 2026-11-20、11.20"),
            Self::NotSigned(field) => write!(f, "“{field}”还没有签署，直接在格里改就行"),
            Self::SignatureStays(field) => write!(f, "“{field}”只能由“签署”写上，划改不能添上或去掉"),
            Self::Same => f.write_str("新写的与原来的一样"),
            Self::Filed(new) => write!(f, "这张单已经归档；用户又不满意，请另登记一张{new}"),
            Self::Shelved => f.write_str("这张单已经归档，不能再写"),
            Self::NoSuchLine(stage) => write!(f, "这一行还没有写，或已划“/”，不用签“{stage}”"),
            Self::Unexplained => f.write_str("请写明改的人和理由"),
            Self::RoundOver(round) => write!(f, "第 {round} 次处置已经过去，只能看、能划改"),
            Self::RoundClosed(round) => write!(f, "第 {round} 次处置已经过去，不能再写"),
            Self::NoSignature => f.write_str("这一格不是签名格"),
            Self::AlreadySigned(stage) => write!(f, "“{stage}”已签署；写错了请用“划改”"),
            Self::StageWaits { stage, first } => write!(f, "还没轮到“{stage}”：先要“{first}”签署"),
            Self::BySigning(field) => write!(f, "“{field}”要用“签署”填写"),
            Self::NoName => f.write_str("请写上签署人的姓名"),
            Self::NoDay => f.write_str("签署日期不是日期，可写 2026-11-20、11.20、今天"),
            Self::DayToCome => f.write_str("签署日期晚于今天，请写签字那天的日期"),
            Self::Empty(fields) => {
                write!(f, "“{}”还空着：请填写、划“/”，或写明为什么空着", fields.join("”“"))
            }
            Self::Conflicts(why) => write!(f, "{}：请换人或改正，或写明理由", why.join("；")),
            Self::NoVerdict => f.write_str("请选验证是通过还是未通过"),
            Self::NoWord(stage, words) => write!(f, "请选“{stage}”的意见：{}", words.join("、")),
            Self::NoWhy(word) => write!(f, "请写明为什么“{word}”"),
            Self::SamePerson(here, there) => write!(f, "{here}与{there}不能是同一个人，请换人签"),
            Self::Unwritten(field) => write!(f, "先写“{field}”"),
            Self::TooEarly(field, day) => write!(f, "签署日期不能早于“{field}”的 {day}"),
            Self::WaitFiled => f.write_str("这张单已经归档，不再记等待"),
            Self::WaitUnread => f.write_str("等待的时刻认不出，或还没有到；可写 11.20 14:30"),
            Self::Waiting(whom) => write!(f, "已经在等{whom}了；到了就点“继续”"),
            Self::NotWaiting(whom) => write!(f, "没有在等{whom}"),
            Self::WaitBackwards(since) => write!(f, "继续的时刻不能早于开始等的 {}", since.format("%Y-%m-%d %H:%M")),
            Self::WaitSigned(stage, day) => write!(f, "等待不能从“{stage}”签署的 {day} 以前算起"),
            Self::WaitLate(clock) => write!(f, "“{clock}”已经到期，过后补记等待要写明为什么等"),
            Self::NotAgain => f.write_str("这张单现在不能另起一次：还没有走到，或已经归档、作废"),
            Self::NothingToPutOff => f.write_str("没有可延的期限：还没有交办，或已经验证完"),
            Self::NoShelf => f.write_str("请写明盒号和卷号"),
            Self::Unreadable => f.write_str("日期不是日期，可写 2026-11-20、11.20、今天"),
            Self::ToCome(what) => write!(f, "{what}日期晚于今天"),
            Self::NoneReady => f.write_str("原因写在各行的右边"),
            Self::NotThree => f.write_str("请写明批准人、执行人、监销人"),
            Self::SameThree => f.write_str("批准人、执行人、监销人要是三个不同的人"),
            Self::NobodyYet => f.write_str("人员表还是空的：请先到设置里添上批准人、执行人、监销人"),
            Self::NotOurs(part, name) => write!(f, "{part}“{name}”不是人员表里在职的人，请先到设置里添上"),
            Self::NoPassword(part, name) => write!(f, "{part} {name} 设了密码，要本人写上密码"),
            Self::Gone(number) => write!(f, "{number} 的内容已按销毁清单销毁，不能再写"),
            Self::ByListOnly => f.write_str("销毁要按销毁清单办"),
            Self::NotExpired(number, day) => write!(f, "{number} 在 {day} 没有期满，或已冻结、已销毁"),
            Self::NoReason => f.write_str("请写明理由"),
            Self::NoHolder => f.write_str("写明交给谁"),
            Self::NoBinder => f.write_str("写明入哪一卷"),
            Self::NoReceiver => f.write_str("请写上传给哪个部门、谁接收"),
            Self::NoFollowUp => f.write_str("请写上要办的事和负责人"),
            Self::Missing(what) => write!(f, "请写上{what}"),
        }
    }
}
