//! What was done with a sheet besides writing on it: facts, only ever added, in the order in which they happened.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::{Record, RecordId, read_date, read_moment};
use crate::procedure::{FieldId, Form, FormId, Value};

/// One fact about a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// When it was put down.
    pub at: NaiveDateTime,
    /// Who sat at the desk (操作人); empty where nobody was named.
    pub by: String,
    /// What was done.
    pub deed: Deed,
}

/// What can be done with a sheet. Days are as the book keeps dates: 2026-11-20.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "deed", rename_all = "snake_case", deny_unknown_fields)]
pub enum Deed {
    /// A stage was signed (签署), which closes its section (PROCEDURE 5).
    Signed(Signed),
    /// A copy (联) of the paper went somewhere (4.5.1).
    Copy {
        /// Which copy, from nought.
        copy: usize,
        /// What became of it.
        step: CopyStep,
        /// Who has it now, or in which binder it is.
        holder: String,
        /// On which day.
        on: String,
    },
    /// A copy (联) of the paper was printed from this program; one that is marked by hand is [`CopyStep::Printed`].
    Printed(Printed),
    /// Quality information was passed on (4.4).
    PassedOn {
        /// To which department.
        department: String,
        /// To whom.
        person: String,
        /// On which day.
        on: String,
    },
    /// An opinion in the minutes became something to be done (4.2).
    FollowUp {
        /// What is to be done.
        text: String,
        /// Who does it.
        owner: String,
        /// By when; empty where no day was set.
        due: String,
    },
    /// Something to be done was done.
    FollowedUp {
        /// Which of the sheet's follow-ups, from nought.
        item: usize,
        /// On which day.
        on: String,
        /// What came of it.
        note: String,
    },
    /// Somebody is waited for (等待): clocks that stand still meanwhile do.
    Waits {
        /// For whom or what.
        whom: String,
        /// Why.
        why: String,
        /// Since which moment, as the book keeps moments.
        since: String,
    },
    /// Nobody is waited for any more (继续).
    Resumes {
        /// Who or what was waited for.
        whom: String,
        /// At which moment, as the book keeps moments.
        on: String,
    },
    /// This sheet was started from another one (an opinion in the minutes became a complaint).
    From {
        /// The other sheet.
        record: i64,
        /// What of it this one is about.
        text: String,
    },
    /// The sheet is rewritten (重抄) because it was corrected too often: the original, which is attached.
    Rewrites {
        /// The original.
        record: i64,
    },
    /// Another round begins with this stage, and keeps what stands in the sections above it.
    Began {
        /// Which round, from nought.
        round: usize,
        /// The signature cell of the stage.
        at: FieldId,
    },
    /// Another round was begun by hand (再次申请).
    Reopened {
        /// Which round, from nought.
        round: usize,
        /// Why.
        reason: String,
    },
    /// The papers were filed (归档).
    Filed {
        /// In which box (盒).
        case: String,
        /// In which binder (卷).
        binder: String,
        /// On which day.
        on: String,
    },
    /// The sheet must not be destroyed whatever its age (冻结).
    Held {
        /// Why.
        reason: String,
    },
    /// The hold is over.
    Released {
        /// Why.
        reason: String,
    },
    /// The contents were destroyed after their keeping time (销毁).
    Destroyed {
        /// Who approved it (批准人).
        approved: String,
        /// Who carried it out (执行人).
        executed: String,
        /// Who watched (监销人).
        watched: String,
        /// On which day.
        on: String,
    },
}

/// A signature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The signature cell.
    pub field: FieldId,
    /// In which round, from nought.
    pub round: usize,
    /// In which line of its table, from nought, where it is signed line by line.
    #[serde(default, skip_serializing_if = "is_first")]
    pub line: usize,
    /// Who signed.
    pub name: String,
    /// On which day.
    pub on: String,
    /// The company's name on that day, which the sheet keeps (PROCEDURE 6: a reprint shows the names of that day).
    #[serde(default)]
    pub company: String,
    /// Why cells were left empty: the cell and the reason.
    #[serde(default)]
    pub excused: Vec<(FieldId, String)>,
    /// Why somebody signed who should not have (PROCEDURE 5); empty where nothing was overruled.
    #[serde(default)]
    pub overruled: String,
    /// Whether the work passed, where the stage asks.
    #[serde(default)]
    pub passed: Option<bool>,
    /// What was said of the work, where the stage asks in words (同意).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub verdict: String,
    /// Why that was said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// What was set that day, by its name, of what the form's conditions name: what was passed over stays passed over.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, Value>,
    /// What proves it, where whoever signed has a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Box<Proof>>,
}

/// Whether a line is the first, which is not told: seals made before there were lines stay true.
fn is_first<T: Default + PartialEq>(line: &T) -> bool {
    *line == T::default()
}

/// What proves that a signature was made with the key of whoever signed, of this sheet and at this place of the book's
/// history. Texts are figures and letters of bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The last line of the book's history before it.
    pub line: i64,
    /// That line's hash.
    pub head: String,
    /// The hash of all that the sheet held.
    pub content: String,
    /// The signature of the deed, and of these.
    pub signature: String,
}

/// A copy as it was printed. Who printed it, and when, stand beside the fact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Printed {
    /// Which copy, from nought.
    pub copy: usize,
    /// In which round, from nought.
    pub round: usize,
    /// How many of it.
    pub count: usize,
    /// On which printer.
    pub printer: String,
    /// On which day.
    pub on: String,
    /// Which pages of it, as 1 or 1-2; empty where it was all of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pages: String,
    /// Whether only what was filled in was printed, on paper that bears the form already (套打).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub filled: bool,
    /// Whether the printer's queue still had it when it was put down.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waits: bool,
}

/// What became of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CopyStep {
    /// Printed (已打印).
    Printed,
    /// Handed over (交出).
    Handed,
    /// Signed in ink (已签).
    Signed,
    /// Back (收回).
    Back,
    /// In its binder (入卷).
    Filed,
}

impl CopyStep {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Printed, Self::Handed, Self::Signed, Self::Back, Self::Filed];

    /// What the screen calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Printed => "已打印",
            Self::Handed => "交出",
            Self::Signed => "已签",
            Self::Back => "收回",
            Self::Filed => "入卷",
        }
    }

    /// Whether the paper is out of the house's hands after it.
    pub const fn out(self) -> bool {
        match self {
            Self::Handed | Self::Signed => true,
            Self::Printed | Self::Back | Self::Filed => false,
        }
    }
}

impl Deed {
    /// Which copy of the paper it is about, from nought, where it is about one.
    pub fn copy(&self) -> Option<usize> {
        match self {
            Self::Copy { copy, .. } | Self::Printed(Printed { copy, .. }) => Some(*copy),
            _ => None,
        }
    }

    /// The word of its kind in the book.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Signed(_) => "signed",
            Self::Copy { .. } => "copy",
            Self::Printed(_) => "printed",
            Self::PassedOn { .. } => "passed_on",
            Self::FollowUp { .. } => "follow_up",
            Self::FollowedUp { .. } => "followed_up",
            Self::Waits { .. } => "waits",
            Self::Resumes { .. } => "resumes",
            Self::From { .. } => "from",
            Self::Rewrites { .. } => "rewrites",
            Self::Began { .. } => "began",
            Self::Reopened { .. } => "reopened",
            Self::Filed { .. } => "filed",
            Self::Held { .. } => "held",
            Self::Released { .. } => "released",
            Self::Destroyed { .. } => "destroyed",
        }
    }

    /// What the screen calls it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Signed(_) => "签署",
            Self::Copy { .. } => "纸单",
            Self::Printed(_) => "打印",
            Self::PassedOn { .. } => "传递",
            Self::FollowUp { .. } => "跟踪事项",
            Self::FollowedUp { .. } => "事项办结",
            Self::Waits { .. } => "等待",
            Self::Resumes { .. } => "继续",
            Self::From { .. } => "由来",
            Self::Rewrites { .. } => "重抄",
            Self::Began { .. } => "从中间另起",
            Self::Reopened { .. } => "另起一次",
            Self::Filed { .. } => "归档",
            Self::Held { .. } => "冻结",
            Self::Released { .. } => "解冻",
            Self::Destroyed { .. } => "销毁",
        }
    }
}

/// Something that follows from the minutes (4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp<'a> {
    /// Its place among the sheet's follow-ups.
    pub item: usize,
    /// What is to be done.
    pub text: &'a str,
    /// Who does it.
    pub owner: &'a str,
    /// By when.
    pub due: Option<NaiveDate>,
    /// When it was done, as written, and what came of it.
    pub done: Option<(&'a str, &'a str)>,
}

/// A time in which somebody was waited for (等待).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait<'a> {
    /// For whom or what.
    pub whom: &'a str,
    /// Why.
    pub why: &'a str,
    /// Since when.
    pub since: NaiveDateTime,
    /// When it was put down: later where it was remembered only afterwards (补记).
    pub noted: NaiveDateTime,
    /// Who put it down.
    pub by: &'a str,
    /// Until when, and who put that down; none while it lasts.
    pub until: Option<(NaiveDateTime, &'a str)>,
}

/// A sheet that was started from another, as that one knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// On which form.
    pub form: FormId,
    /// Which.
    pub record: RecordId,
    /// When it was entered.
    pub at: NaiveDateTime,
    /// What of the other sheet it is about.
    pub text: String,
}

/// Who destroyed a sheet's contents, and when (4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destruction<'a> {
    /// Who approved it (批准人).
    pub approved: &'a str,
    /// Who carried it out (执行人).
    pub executed: &'a str,
    /// Who watched (监销人).
    pub watched: &'a str,
    /// On which day, as the book keeps dates.
    pub on: &'a str,
}

impl Record {
    /// The follow-ups from this sheet, in order.
    pub fn follow_ups(&self) -> Vec<FollowUp<'_>> {
        let mut all: Vec<FollowUp<'_>> = Vec::new();
        for fact in &self.facts {
            match &fact.deed {
                Deed::FollowUp { text, owner, due } => {
                    let due = read_date(due, None);
                    all.push(FollowUp { item: all.len(), text, owner, due, done: None });
                }
                Deed::FollowedUp { item, on, note } => {
                    if let Some(it) = all.get_mut(*item) {
                        it.done = Some((on, note));
                    }
                }
                _ => {}
            }
        }
        all
    }

    /// The times in which somebody was waited for, in the order in which they were put down.
    pub fn waits(&self) -> Vec<Wait<'_>> {
        let mut all: Vec<Wait<'_>> = Vec::new();
        for Fact { at, by, deed } in &self.facts {
            match deed {
                Deed::Waits { whom, why, since } => {
                    let since = read_moment(since, None).unwrap_or(*at);
                    all.push(Wait { whom, why, since, noted: *at, by, until: None });
                }
                Deed::Resumes { whom, on } => {
                    let on = read_moment(on, None).unwrap_or(*at);
                    let open = all.iter_mut().filter(|it| it.whom == whom && it.until.is_none());
                    open.for_each(|it| it.until = Some((on, by)));
                }
                _ => {}
            }
        }
        all
    }

    /// Where a copy is: what last became of it, who has it, and since when. Printing one again does not bring the first
    /// paper back from where it went.
    pub fn copy(&self, copy: usize) -> Option<(CopyStep, &str, &str)> {
        let went = self.facts.iter().rev().find_map(|fact| match &fact.deed {
            Deed::Copy { copy: of, step, holder, on } if *of == copy => Some((*step, holder.as_str(), on.as_str())),
            _ => None,
        });
        if went.is_some_and(|it| it.0 != CopyStep::Printed) {
            return went;
        }
        let printed = self.facts.iter().rev().find_map(|fact| match &fact.deed {
            Deed::Printed(it) if it.copy == copy => Some((CopyStep::Printed, fact.by.as_str(), it.on.as_str())),
            _ => None,
        });
        printed.or(went)
    }

    /// How often a copy was printed in a round, from this program or as somebody put down.
    pub fn prints(&self, copy: usize, round: usize) -> usize {
        let printed = |deed: &Deed| match deed {
            Deed::Printed(it) => (it.copy, it.round) == (copy, round),
            // Of one marked by hand nobody knows the round; while there is one only, it was that.
            Deed::Copy { copy: of, step: CopyStep::Printed, .. } => *of == copy && round == 0,
            _ => false,
        };
        self.facts.iter().filter(|it| printed(&it.deed)).count()
    }

    /// Where the papers are filed: box, binder, day.
    pub fn filed(&self) -> Option<(&str, &str, &str)> {
        self.facts.iter().rev().find_map(|fact| match &fact.deed {
            Deed::Filed { case, binder, on } => Some((case.as_str(), binder.as_str(), on.as_str())),
            _ => None,
        })
    }

    /// Why it must not be destroyed, while it must not.
    pub fn held(&self) -> Option<&str> {
        self.facts.iter().rev().find_map(|fact| match &fact.deed {
            Deed::Held { reason } => Some(Some(reason.as_str())),
            Deed::Released { .. } => Some(None),
            _ => None,
        })?
    }

    /// Whether its contents were destroyed.
    pub fn destroyed(&self) -> bool {
        self.destruction().is_some()
    }

    /// Who destroyed its contents, and when.
    pub fn destruction(&self) -> Option<Destruction<'_>> {
        self.facts.iter().find_map(|fact| match &fact.deed {
            Deed::Destroyed { approved, executed, watched, on } => {
                Some(Destruction { approved, executed, watched, on })
            }
            _ => None,
        })
    }

    /// How often it was passed on.
    pub fn passed_on(&self) -> usize {
        self.facts.iter().filter(|it| matches!(it.deed, Deed::PassedOn { .. })).count()
    }

    /// The signature in a cell in a round, where it was made in this program.
    pub fn signed(&self, field: &str, round: usize) -> Option<&Signed> {
        self.signed_at(field, round, 0)
    }

    /// The same in a line of a table.
    pub fn signed_at(&self, field: &str, round: usize, line: usize) -> Option<&Signed> {
        self.facts.iter().rev().find_map(|fact| match &fact.deed {
            Deed::Signed(it) if it.field.as_str() == field && (it.round, it.line) == (round, line) => Some(it),
            _ => None,
        })
    }

    /// The section that a round, from nought, began with: the first, where nothing else was put down.
    pub fn begins_with(&self, form: &Form, round: usize) -> usize {
        let began = self.facts.iter().rev().find_map(|fact| match &fact.deed {
            Deed::Began { round: of, at } if *of == round => Some(at),
            _ => None,
        });
        began.and_then(|it| form.section_of(it.as_str())).unwrap_or(0)
    }

    /// What was said in words when a stage was signed in a round.
    pub fn verdict(&self, field: &str, round: usize) -> Option<&Signed> {
        self.signed(field, round).filter(|it| !it.verdict.is_empty())
    }

    /// Whom it was passed on to last: the department and the person.
    pub fn sent_to(&self) -> Option<(&str, &str)> {
        self.facts.iter().rev().find_map(|fact| match &fact.deed {
            Deed::PassedOn { department, person, .. } => Some((department.as_str(), person.as_str())),
            _ => None,
        })
    }

    /// The company's name the sheet was signed under.
    pub fn company(&self) -> Option<&str> {
        let signed = self.facts.iter().find_map(|fact| match &fact.deed {
            Deed::Signed(it) => Some(it.company.as_str()),
            _ => None,
        });
        signed.filter(|it| !it.is_empty())
    }

    /// The sheet this one was started from or rewrites.
    pub fn origin(&self) -> Option<RecordId> {
        self.facts.iter().find_map(|fact| match &fact.deed {
            Deed::From { record, .. } | Deed::Rewrites { record } => Some(RecordId(*record)),
            _ => None,
        })
    }
}

/// What the office keeps of a user (用户) besides what stands on the sheets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Customer {
    /// The name, as it stands on the sheets.
    #[serde(skip)]
    pub name: String,
    /// Another spelling of this user, which it is filed under; empty where it stands for itself.
    pub merged_into: String,
    /// Whom to talk to; empty: as on the latest sheet.
    pub contact: String,
    /// The telephone; empty: as on the latest sheet.
    pub phone: String,
    /// Days between two visits (4.3); none means the procedure's, nought that the user is not visited.
    pub visit: Option<u32>,
    /// Whatever else is worth knowing.
    pub note: String,
}
