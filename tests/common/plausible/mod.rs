//! Plausible slips (处置单) for trials and measurements: the same seed makes the same slips, whatever the machine.
//! Companies, people and telephone numbers are made up.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use taizhang::procedure::{FieldId, Form};
use taizhang::record::{CellId, CopyStep, Correction, Deed, Fact, Signed, Values, Void, keep_date};
use taizhang::store::{Life, NewRecord, Step};

mod words;
use words::*;

/// How many years back the first slip lies.
const YEARS: i32 = 9;
/// So many days after a slip is closed its papers go into a binder.
const FILED: i64 = 60;

/// `count` slips on `form` with all that was done with them, in the order of their dates, from the beginning of the year
/// nine years ago until `today`. What would lie after `today` is not done yet, so that the last of them stand at every
/// stage. They are signed under the name of `company`.
pub(crate) fn lives(
    form: &Form,
    company: &str,
    count: usize,
    seed: u64,
    today: NaiveDate,
) -> impl Iterator<Item = Life> {
    let first = NaiveDate::from_ymd_opt(today.year() - YEARS, 1, 2).unwrap_or(today);
    let days = (today - first).num_days().max(1);
    let mut dice = Dice(seed);
    (0..count).map(move |at| {
        let at = i64::try_from(at).unwrap_or(0);
        let received = first + TimeDelta::days(days * (at + 1) / i64::try_from(count).unwrap_or(1).max(1));
        let (dice, clock) = (Dice(dice.next()), received.and_time(NaiveTime::MIN));
        let slip =
            Slip { dice, today, company, clock, by: String::new(), round: 0, values: Values::new(), steps: Vec::new() };
        slip.live(form, received)
    })
}

/// The same slips as they are in the end.
pub(crate) fn slips(form: &Form, count: usize, seed: u64, today: NaiveDate) -> impl Iterator<Item = NewRecord> {
    lives(form, "", count, seed, today).map(Life::sheet)
}

/// SplitMix64: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// True in `percent` of a hundred.
    fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let at = usize::try_from(self.next() % of.len().max(1) as u64).unwrap_or(0);
        of.get(at).copied().unwrap_or("")
    }

    /// Fills the blanks of a pattern: each `{}` with a number from 2 to 98.
    fn fill(&mut self, pattern: &str) -> String {
        let mut filled = String::with_capacity(pattern.len() + 8);
        for (at, part) in pattern.split("{}").enumerate() {
            if at > 0 {
                filled.push_str(&self.between(2, 98).to_string());
            }
            filled.push_str(part);
        }
        filled
    }

    /// `count` different sentences of a list, numbered where there are several.
    fn sentences(&mut self, of: &[&str], count: u64) -> String {
        let mut left: Vec<&str> = of.to_vec();
        let mut text = String::new();
        for at in 1..=count {
            if left.is_empty() {
                break;
            }
            let pick = usize::try_from(self.next() % left.len() as u64).unwrap_or(0);
            let pattern = left.swap_remove(pick);
            if count > 2 {
                let line_break = if at > 1 { "\n" } else { "" };
                text.push_str(&format!("{line_break}{at}. "));
            }
            text.push_str(&self.fill(pattern));
        }
        text
    }
}

struct Slip<'a> {
    dice: Dice,
    today: NaiveDate,
    company: &'a str,
    /// When the last step was taken.
    clock: NaiveDateTime,
    /// Who sits at the desk.
    by: String,
    round: usize,
    /// What stands in the present round.
    values: Values,
    steps: Vec<(NaiveDateTime, Step)>,
}

impl Slip<'_> {
    fn take(&mut self, step: impl FnOnce(NaiveDateTime) -> Step) {
        self.clock += TimeDelta::seconds(i64::try_from(self.dice.between(4, 90)).unwrap_or(0));
        self.steps.push((self.clock, step(self.clock)));
    }

    fn put(&mut self, field: &str, value: impl Into<String>) {
        let value = value.into();
        self.values.insert(FieldId::from(field), value.clone());
        self.take(|_| Step::Set(FieldId::from(field), value));
    }

    fn fact(&mut self, deed: Deed) {
        let by = self.by.clone();
        self.take(|at| Step::Fact(Fact { at, by, deed }));
    }

    /// Signs with a name and a date, unless the day has not come.
    fn sign(&mut self, field: &str, name: &str, day: NaiveDate) -> bool {
        if day > self.today {
            return false;
        }
        self.turn_to(day);
        self.put(field, name);
        self.put(&format!("{field}_date"), keep_date(day));
        let passed = (field == "verifier").then_some(true);
        let signed = Signed {
            field: FieldId::from(field),
            round: self.round,
            name: name.to_owned(),
            on: keep_date(day),
            company: self.company.to_owned(),
            passed,
            ..Signed::default()
        };
        self.fact(Deed::Signed(signed));
        true
    }

    /// Goes on at some hour of a day, if that has not gone by.
    fn turn_to(&mut self, day: NaiveDate) {
        let minutes = i64::try_from(self.dice.between(8 * 60, 17 * 60)).unwrap_or(0);
        self.clock = self.clock.max(day.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes));
    }

    /// A copy of the paper goes somewhere.
    fn copy(&mut self, copy: usize, step: CopyStep, holder: &str, day: NaiveDate) {
        self.turn_to(day);
        self.fact(Deed::Copy { copy, step, holder: holder.to_owned(), on: keep_date(day) });
    }

    fn later(&mut self, day: NaiveDate, low: u64, high: u64) -> NaiveDate {
        day + TimeDelta::days(i64::try_from(self.dice.between(low, high)).unwrap_or(0))
    }

    fn live(mut self, form: &Form, received: NaiveDate) -> Life {
        let latest = (self.today - received).num_days();
        // A slip written down some days after the event (补录).
        let late =
            if self.dice.chance(4) { i64::try_from(self.dice.between(1, 3)).unwrap_or(0).min(latest) } else { 0 };
        let registered = received + TimeDelta::days(late);
        self.turn_to(registered);
        let new = self.begin(form, received);
        // One slip in a hundred has a slip of the pen in it.
        let wrong = self.dice.chance(1);
        let phone = self.register(received, registered, wrong);
        if self.dice.chance(1) {
            let (by, on, reason) = (self.by.clone(), keep_date(registered), self.dice.one(VOIDED).to_owned());
            self.take(|_| Step::Void(Void { by, on, reason }));
            return Life { new, steps: self.steps };
        }
        let reviewed = self.later(registered, 0, 3);
        let reviewer = self.dice.one(REVIEWERS);
        if self.sign("registration_reviewer", reviewer, reviewed) {
            if wrong {
                self.correct(phone, reviewed);
            }
            let mut closed = self.treat(received, reviewed);
            // An answer D or E sends the slip round again (轮次).
            if let Some(day) = closed
                && self.values.get("opinion").is_some_and(|it| it.starts_with(['D', 'E']))
            {
                self.take(|_| Step::Round);
                self.round += 1;
                self.values.clear();
                closed = self.treat(day, day);
            }
            if let Some(day) = closed.map(|it| it + TimeDelta::days(FILED)).filter(|it| *it <= self.today) {
                self.turn_to(day);
                let (case, binder) = (format!("{}-投诉", received.year()), received.month().to_string());
                self.fact(Deed::Filed { case, binder, on: keep_date(day) });
            }
        }
        Life { new, steps: self.steps }
    }

    /// The slip as its first cell is written.
    fn begin(&mut self, form: &Form, received: NaiveDate) -> NewRecord {
        let customer = format!(
            "{}{}{}{}",
            self.dice.one(PLACES),
            self.dice.one(SHOPS),
            self.dice.one(TRADES),
            self.dice.one(KINDS)
        );
        NewRecord {
            form: form.form.clone(),
            edition: form.edition.clone(),
            year: received.year(),
            number: None,
            entered: self.clock,
            rounds: vec![Values::from([(FieldId::from("customer"), customer)])],
            corrections: Vec::new(),
            void: None,
            facts: Vec::new(),
        }
    }

    /// The slip's first section, and what stands beside it; tells the telephone number as it should be.
    fn register(&mut self, received: NaiveDate, registered: NaiveDate, wrong: bool) -> String {
        self.by = self.dice.one(REGISTRARS).to_owned();
        let contact = format!("{}{}", self.dice.one(SURNAMES), self.dice.one(GIVEN));
        self.put("contact", contact);
        let phone = if self.dice.chance(60) {
            format!(
                "0{}-5555 {:04}",
                self.dice.one(&["21", "510", "519", "577", "531", "28"]),
                self.dice.between(0, 9999)
            )
        } else {
            format!("1{}0000{:04}", self.dice.one(&["39", "58", "86", "77"]), self.dice.between(0, 9999))
        };
        let written = if wrong { format!("{phone}3") } else { phone.clone() };
        self.put("phone", written);
        self.put("date", keep_date(received));
        let sentences = self.dice.between(1, 5);
        let complaint = self.dice.sentences(COMPLAINTS, sentences);
        self.put("complaint", complaint);
        let product = self.dice.one(PRODUCTS);
        let product = self.dice.fill(product);
        self.put("product", product);
        let year = received.year() - 1;
        let number = format!("{:02}R-{:03}-{}", year % 100, self.dice.between(1, 240), self.dice.between(1, 4));
        self.put("product_number", number);
        if self.dice.chance(80) {
            let contract = format!("SLJX-{year}-HT-{:04}", self.dice.between(1, 900));
            self.put("contract", contract);
        }
        self.put("accepted_by", "技术质安部");
        let (urgency, class) = (self.dice.chance(30), self.dice.chance(75));
        self.put("urgency", if urgency { "急件" } else { "普通件" });
        self.put("class", if class { "质量异常" } else { "非质量异常" });
        let channel = self.dice.one(&["来电", "来电", "来函", "来访", "走访", "座谈会"]);
        self.put("channel", channel);
        let registrar = self.by.clone();
        self.sign("registrar", &registrar, registered);
        phone
    }

    /// The sections below: measures, verification, the user's word, as far as the days have come. Returns the day on
    /// which the user answered.
    fn treat(&mut self, received: NaiveDate, begun: NaiveDate) -> Option<NaiveDate> {
        let responsible = self.dice.one(DEPARTMENTS);
        self.put("responsible", responsible);
        let urgent = self.values.get("urgency").is_some_and(|it| it == "急件");
        let deadline = if urgent { self.later(received, 2, 5) } else { self.later(received, 7, 30) };
        self.put("deadline", keep_date(deadline));
        let allowed = u64::try_from((deadline - received).num_days()).unwrap_or(7);
        // Most are done in time, some late, a few of the last year lie about at one stage or another.
        let recent = (self.today - received).num_days() < 400;
        let stuck = if recent && self.dice.chance(6) { self.dice.between(0, 3) } else { 4 };
        let delay = if self.dice.chance(12) { allowed } else { 0 };
        // Where somebody follows the paper, the second copy goes to those who do the work and comes back.
        let followed = self.dice.chance(25) && self.round == 0;
        if followed {
            self.copy(1, CopyStep::Printed, "", begun);
            self.copy(1, CopyStep::Handed, responsible, begun);
        }
        let handled = self.later(begun, 1, allowed / 2 + 1);
        if stuck == 0 || handled > self.today {
            return None;
        }
        let causes = self.dice.one(CAUSES);
        let causes = self.dice.fill(causes);
        let count = self.dice.between(2, 5);
        let measures = self.dice.sentences(MEASURES, count);
        self.put("measures", format!("原因：{causes}\n措施：\n{measures}"));
        let handler = self.dice.one(HANDLERS);
        self.sign("handler", handler, handled);
        let reviewed = self.later(handled, 0, 2);
        let reviewer = self.dice.one(REVIEWERS);
        if stuck == 1 || !self.sign("measures_reviewer", reviewer, reviewed) {
            return None;
        }
        let verified = self.later(reviewed, 1, allowed / 2 + delay + 1);
        if stuck == 2 || verified > self.today {
            return None;
        }
        if followed {
            self.copy(1, CopyStep::Back, "", verified);
        }
        let count = self.dice.between(1, 3).min(2);
        let verification = self.dice.sentences(VERIFICATIONS, count);
        self.put("verification", verification);
        let verifier = self.dice.one(VERIFIERS);
        self.sign("verifier", verifier, verified);
        let result = self.dice.one(RESULTS);
        self.put("result", result);
        let answered = self.later(verified, 0, 6);
        if stuck == 3 || self.dice.chance(3) || answered > self.today {
            return None;
        }
        let opinion = match self.dice.between(0, 99) {
            0..=54 => "A 满意",
            55..=81 => "B 较满意",
            82..=91 => "C 一般",
            92..=94 => "D 较不满意",
            95..=96 => "E 不满意",
            _ => "F 其他（同意处理结果，观察三个月）",
        };
        self.put("opinion", opinion);
        let confirmer = format!("{}{}", self.dice.one(SURNAMES), self.dice.one(GIVEN));
        self.sign("confirmer", &confirmer, answered);
        Some(answered)
    }

    /// A change after signing (划改).
    fn correct(&mut self, phone: String, day: NaiveDate) {
        let correction = Correction {
            cell: CellId::new("phone", 0),
            old: String::new(),
            new: phone,
            by: self.by.clone(),
            on: keep_date(day),
            reason: "原填写笔误".to_owned(),
        };
        self.take(|_| Step::Correct(correction));
    }
}
