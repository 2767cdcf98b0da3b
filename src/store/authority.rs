//! Who may do what: the one place that decides it. Everything that is written asks here, so that the window, a second one,
//! the command line and an import obey alike.
//!
//! - A person with a password (密码) sits at the desk, signs, corrects, voids and is named as who did something only after
//!   giving it; anybody else is taken at their word.
//! - Once anybody has a password, settings and people are changed by those who govern (管理): whoever is marked so, or, where
//!   nobody is, everybody with a password. Whoever sets the first password of a book is marked.
//! - A password is taken away or replaced by its own person, or by two others who give theirs.
//! - Whoever is named on a destruction (4.7) is one of the book's people, and gives their password where they have one.
//!
//! Wrong passwords are counted in the book, so that neither a second window nor a new start makes guessing faster. Who
//! writes to the file with other tools is not held up by any of this: see [`super::signatures`].

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDateTime;
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sealed_tables::changed;
use super::{Fault, Result, Store, What};
use crate::flow::{Refusal, RefusalKind, same_name};
use crate::password::key::Secret;
use crate::password::{self, is_damaged};
use crate::procedure::{OFFICE, Person};
use crate::record::Deed;

/// In which setting wrong passwords are counted.
pub(super) const TRIES: &str = "tries";
/// After so many wrong passwords in a row one has to wait.
const MANY: u32 = 10;
/// The longest settings that are read for people, in bytes.
const LONGEST: usize = 4_000_000;

/// What came of wanting to sit at the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sat {
    /// They sit there.
    Sits,
    /// Their password is wanted.
    Asks,
    /// They do not, and why.
    Refused(String),
}

/// Who sits at the desk and gave a password, and what was last read of the people.
#[derive(Debug, Default)]
pub(super) struct Authority {
    seat: RefCell<Option<Seated>>,
    /// Others who gave theirs, while what they gave it for is done.
    vouched: RefCell<Vec<Seated>>,
    read: RefCell<(Option<String>, Arc<Vec<Person>>)>,
    /// The clause by which sheets are destroyed.
    clause: RefCell<Option<String>>,
}

/// Whoever gave a password: to sit at the desk, or to vouch for something.
#[derive(Debug)]
struct Seated {
    name: String,
    /// The hash the password was held against: it is theirs while the book says so.
    hash: String,
    key: Option<Secret>,
}

/// Wrong passwords of one person.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
struct Tries {
    wrong: u32,
    /// When the last was, in seconds.
    at: i64,
}

impl Tries {
    /// How many seconds one waits after the last.
    fn wait(self) -> i64 {
        if self.wrong < MANY { 0 } else { 5 << (self.wrong - MANY).min(4) }
    }
}

impl Store {
    /// Sits a person of the book at the desk. Whoever has a password is asked for it; with it their key (签名钥匙) is at hand
    /// while they sit.
    ///
    /// # Errors
    /// When the book cannot be read or written.
    pub fn sit(&self, name: &str, password: &str, now: NaiveDateTime) -> Result<Sat> {
        let people = self.reading(|| self.people())?;
        let Some(person) = people.iter().find(|it| same_name(&it.name, name)) else {
            return Ok(Sat::Refused(format!("人员表里没有“{name}”，先到设置里添上")));
        };
        if person.left {
            return Ok(Sat::Refused(format!("{name} 已离岗；回来了请先在设置的人员表里勾上“在职”")));
        }
        let Some(hash) = &person.password else {
            self.operate_as(&person.name);
            return Ok(Sat::Sits);
        };
        if !self.has_given(person) {
            if password.is_empty() {
                return Ok(Sat::Asks);
            }
            if let Err(why) = self.try_password(person, password, now)? {
                return Ok(Sat::Refused(format!("{why}，操作人没有换")));
            }
            let seated = Seated { name: person.name.clone(), hash: hash.clone(), key: None };
            *self.authority.seat.borrow_mut() = Some(seated);
        }
        // Whoever was given another name has not got up.
        if let Some(seated) = &mut *self.authority.seat.borrow_mut() {
            seated.name.clone_from(&person.name);
        }
        self.operate_as(&person.name);
        if !self.is_for_reading() {
            let held = self.authority.seat.borrow_mut().as_mut().and_then(|it| it.key.take());
            match self.writing(|| self.key_of(&person.name, held, password, now)) {
                Ok(key) => {
                    if let Some(seated) = &mut *self.authority.seat.borrow_mut() {
                        seated.key = key;
                    }
                }
                Err(error) => {
                    self.operate_as("");
                    return Err(error);
                }
            }
        }
        Ok(Sat::Sits)
    }

    /// Whoever has not given a password under this name has got up: their key is wiped.
    pub(super) fn get_up_unless(&self, name: &str) {
        let mut seat = self.authority.seat.borrow_mut();
        if seat.as_ref().is_some_and(|it| it.name != name) {
            *seat = None;
        }
    }

    /// Does `work` while these people have given their passwords, each with their name: for what takes more than whoever
    /// sits at the desk. Where a name or a password is wrong, a sentence, and nothing is done.
    ///
    /// # Errors
    /// When the book cannot be read or written.
    pub fn vouched<T>(
        &self,
        given: &[(String, String)],
        now: NaiveDateTime,
        work: impl FnOnce() -> T,
    ) -> Result<Result<T, String>> {
        let people = self.reading(|| self.people())?;
        let mut all = Vec::new();
        for (name, password) in given {
            let Some(person) = people.iter().find(|it| !it.left && same_name(&it.name, name)) else {
                return Ok(Err(format!("人员表里没有在职的“{}”，先到设置里添上", name.trim())));
            };
            match &person.password {
                None => return Ok(Err(format!("{} 没有设密码，不用写", person.name))),
                Some(hash) if !self.has_given(person) => {
                    if let Err(why) = self.try_password(person, password, now)? {
                        return Ok(Err(format!("{}：{why}", person.name)));
                    }
                    let key = self.writing(|| self.key_of(&person.name, None, password, now))?;
                    all.push(Seated { name: person.name.clone(), hash: hash.clone(), key });
                }
                Some(_) => {}
            }
        }
        *self.authority.vouched.borrow_mut() = all;
        let done = work();
        self.authority.vouched.borrow_mut().clear();
        Ok(Ok(done))
    }

    /// Whether this name may be signed with, or named as who did something, by whoever sits at the desk: a person with a
    /// password does so for themselves only.
    ///
    /// # Errors
    /// A sentence: why not, and what to do.
    pub fn may_sign(&self, name: &str) -> Result<(), String> {
        let people = self.reading(|| self.people()).map_err(|error| error.to_string())?;
        self.is_own(&people, name)
    }

    /// Whether whoever sits at the desk may change settings and people.
    ///
    /// # Errors
    /// A sentence: why not, and what to do.
    pub fn may_govern(&self) -> Result<(), String> {
        let people = self.reading(|| self.people()).map_err(|error| error.to_string())?;
        self.governs(&people)
    }

    /// Whether whoever sits at the desk may replace a person's password, or take it away.
    ///
    /// # Errors
    /// A sentence: why not, and what to do.
    pub fn may_replace_password(&self, name: &str) -> Result<(), String> {
        let people = self.reading(|| self.people()).map_err(|error| error.to_string())?;
        let person = people.iter().find(|it| same_name(&it.name, name));
        person.map_or(Ok(()), |it| self.may_set_password(&people, it))
    }

    /// Gives a person of the book a password, or takes it away. Their key is sealed with the new one; where that of before
    /// was not given, there is a new key. A sentence where whoever sits at the desk, and whoever vouches, may not.
    ///
    /// # Errors
    /// When the book cannot be read or written.
    pub fn set_password(&self, name: &str, new: Option<&str>, now: NaiveDateTime) -> Result<Result<(), String>> {
        let hash = match new.map(password::hash).transpose() {
            Ok(hash) => hash,
            Err(error) => return Ok(Err(error.to_string())),
        };
        self.writing(|| {
            let people = self.people()?;
            let Some(person) = people.iter().find(|it| same_name(&it.name, name)) else {
                return Ok(Err(format!("人员表里没有“{name}”")));
            };
            if let Err(why) = self.may_set_password(&people, person) {
                return Ok(Err(why));
            }
            let old = self.office()?;
            let first = new.is_some() && holders(&people).next().is_none();
            let text = with_password(old.as_deref(), &person.name, hash.as_deref(), first)
                .ok_or_else(|| Fault::said("台帐里的设置读不懂，密码没有设"))?;
            // Whoever sits there goes on sitting, by the new one.
            let own = self.has_given(person) || !has_password(person) && same_name(&self.operator(), &person.name);
            let held = if own { self.authority.seat.borrow_mut().take().and_then(|it| it.key) } else { None };
            self.put_setting(OFFICE, &text)?;
            if let (true, Some(hash)) = (own, &hash) {
                let seated = Seated { name: person.name.clone(), hash: hash.clone(), key: None };
                *self.authority.seat.borrow_mut() = Some(seated);
            }
            let (before, after) = changed(old.as_deref(), &text);
            self.seal_beside(What::Setting, OFFICE, (before.as_deref(), &after), &self.operator(), now)?;
            match new {
                Some(password) => {
                    let key = self.seal_key(&person.name, held, password, now)?;
                    if let Some(seated) = self.authority.seat.borrow_mut().as_mut().filter(|_| own) {
                        seated.key = Some(key);
                    }
                }
                None => self.end_key(&person.name, held.as_ref(), now)?,
            }
            Ok(Ok(()))
        })
    }

    /// Whether the settings may be changed to these by whoever sits at the desk.
    pub(super) fn may_set_office(&self, new: &str) -> Result<(), Fault> {
        let before = self.people()?;
        self.governs(&before).map_err(Fault::said)?;
        let after = people_in(new);
        for person in before.iter().filter(|it| has_password(it)) {
            let stays = |it: &Person| it.password == person.password && same_name(&it.name, &person.name);
            if !after.iter().any(stays) {
                self.may_set_password(&before, person).map_err(Fault::said)?;
            }
        }
        Ok(())
    }

    /// Says by which clause sheets are destroyed; refusals name it.
    pub fn destroy_by(&self, clause: Option<&str>) {
        *self.authority.clause.borrow_mut() = clause.map(str::to_owned);
    }

    /// Why sheets are not destroyed, or what is destroyed is not written on.
    pub(super) fn no_destruction(&self, kind: RefusalKind) -> Fault {
        Fault::said(Refusal { clause: self.authority.clause.borrow().clone(), kind })
    }

    /// Whether the people who approve, carry out and watch a destruction (4.7) are the book's, and there.
    pub(super) fn may_destroy(&self, deed: &Deed) -> Result<(), Fault> {
        let Deed::Destroyed { approved, executed, watched, .. } = deed else {
            return Err(self.no_destruction(RefusalKind::NotThree));
        };
        let people = self.people()?;
        if people.is_empty() {
            return Err(self.no_destruction(RefusalKind::NobodyYet));
        }
        let three = [("批准人", approved), ("执行人", executed), ("监销人", watched)];
        for (place, (role, name)) in three.iter().enumerate() {
            if three[..place].iter().any(|(_, it)| same_name(it, name)) {
                return Err(self.no_destruction(RefusalKind::SameThree));
            }
            let Some(person) = people.iter().find(|it| !it.left && same_name(&it.name, name)) else {
                return Err(self.no_destruction(RefusalKind::NotOurs(role, (*name).clone())));
            };
            if person.password.is_some() && !self.has_given(person) && !self.has_vouched(person) {
                return Err(self.no_destruction(RefusalKind::NoPassword(role, (*name).clone())));
            }
        }
        Ok(())
    }

    /// Whether the people a destruction (4.7) names are the book's, and there.
    ///
    /// # Errors
    /// A sentence: why not, and what to do.
    pub fn may_be_destroyed(&self, deed: &Deed) -> Result<(), String> {
        self.reading(|| Ok(self.may_destroy(deed).map_err(|it| it.to_string()))).map_err(|error| error.to_string())?
    }

    /// Whether this name may be named as who did something.
    pub(super) fn as_oneself(&self, name: &str) -> Result<(), Fault> {
        if name.is_empty() {
            return Ok(());
        }
        let people = self.people()?;
        self.is_own(&people, name).map_err(Fault::said)
    }

    /// Does something with the key of this person, where they sit at the desk and it is at hand.
    pub(super) fn with_key<T>(&self, name: &str, work: impl FnOnce(&Secret) -> T) -> Result<Option<T>, Fault> {
        let people = self.people()?;
        let own = people.iter().find(|it| same_name(&it.name, name)).is_some_and(|it| self.has_given(it));
        let seat = self.authority.seat.borrow();
        Ok(seat.as_ref().filter(|_| own).and_then(|it| it.key.as_ref()).map(work))
    }

    /// Does something with each key of those who gave their passwords, with its person's name.
    pub(super) fn each_key<T>(&self, mut work: impl FnMut(&str, &Secret) -> T) -> Result<Vec<T>, Fault> {
        let people = self.people()?;
        let (seat, vouched) = (self.authority.seat.borrow(), self.authority.vouched.borrow());
        let given = seat.iter().filter(|it| people.iter().any(|one| one.password.as_ref() == Some(&it.hash)));
        Ok(given.chain(vouched.iter()).filter_map(|it| Some(work(&it.name, it.key.as_ref()?))).collect())
    }

    fn is_own(&self, people: &[Person], name: &str) -> Result<(), String> {
        // However it is written: whole widths and capitals make no other name.
        match people.iter().find(|it| same_name(&it.name, name)) {
            Some(person) if person.password.is_some() && !self.has_given(person) => {
                Err(format!("{} 设了密码，请先在右上角换成本人", person.name))
            }
            _ => Ok(()),
        }
    }

    fn governs(&self, people: &[Person]) -> Result<(), String> {
        let marked = holders(people).any(|it| it.governs);
        let governors: Vec<&Person> = holders(people).filter(|it| it.governs || !marked).collect();
        if governors.is_empty() || governors.iter().any(|it| self.has_given(it)) {
            return Ok(());
        }
        let names: Vec<&str> = governors.iter().take(5).map(|it| it.name.as_str()).collect();
        Err(format!("设置和人员由管理的人改：请 {} 在右上角坐上操作位再改", names.join("、")))
    }

    fn may_set_password(&self, people: &[Person], person: &Person) -> Result<(), String> {
        if !has_password(person) {
            // Else whoever sits there could make people who vouch for each other.
            let first = holders(people).next().is_none() && same_name(&self.operator(), &person.name) && !person.left;
            return if first { Ok(()) } else { self.governs(people) };
        }
        let others = holders(people).filter(|it| it.name != person.name);
        let others = others.filter(|it| self.has_given(it) || self.has_vouched(it)).count();
        if self.has_given(person) || others >= 2 {
            return Ok(());
        }
        let name = &person.name;
        Err(format!("{name} 设了密码：请本人在右上角坐上操作位再改；忘了密码，由另外两人写上各自的密码来改"))
    }

    /// Whether the person sits at the desk and gave the password that is theirs now.
    fn has_given(&self, person: &Person) -> bool {
        let seat = self.authority.seat.borrow();
        person.password.is_some() && seat.as_ref().map(|it| &it.hash) == person.password.as_ref()
    }

    fn has_vouched(&self, person: &Person) -> bool {
        let vouched = self.authority.vouched.borrow();
        person.password.as_ref().is_some_and(|it| vouched.iter().any(|other| other.hash == *it))
    }

    /// Holds a password against a person's; wrong ones are counted, and after many one waits.
    fn try_password(&self, person: &Person, password: &str, now: NaiveDateTime) -> Result<Result<(), String>> {
        let hash = person.password.as_deref().unwrap_or_default();
        let wrong = || Err("密码不对".to_owned());
        if self.is_for_reading() {
            let fits = password::verify(password, hash);
            return Ok(fits.map_err(|it| it.to_string()).and_then(|it| if it { Ok(()) } else { wrong() }));
        }
        self.writing(|| {
            let mut all = self.tries()?;
            let mut tries = all.get(&person.name).copied().unwrap_or_default();
            // A clock put back waits anew, and no longer.
            let moment = now.and_utc().timestamp();
            tries.at = tries.at.min(moment);
            let left = tries.at.saturating_add(tries.wait()).saturating_sub(moment);
            let said = if left > 0 {
                Err(format!("连续输错 {} 次，再等 {left} 秒", tries.wrong))
            } else {
                match password::verify(password, hash) {
                    Ok(true) => {
                        tries.wrong = 0;
                        Ok(())
                    }
                    Ok(false) => {
                        tries = Tries { wrong: tries.wrong.saturating_add(1), at: moment };
                        match tries.wait() {
                            0 => wrong(),
                            wait => Err(format!("密码不对；连续输错 {} 次，请等 {wait} 秒再试", tries.wrong)),
                        }
                    }
                    Err(error) => Err(error.to_string()),
                }
            };
            let before = all.remove(&person.name);
            if tries.wrong > 0 {
                all.insert(person.name.clone(), tries);
            }
            if before.is_some() || tries.wrong > 0 {
                let text = serde_json::to_string(&all).map_err(|error| Fault::said(error.to_string()))?;
                self.put_setting(TRIES, &text)?;
            }
            Ok(said)
        })
    }

    fn tries(&self) -> Result<BTreeMap<String, Tries>, Fault> {
        let text = self.kept(TRIES)?;
        Ok(text.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default())
    }

    fn office(&self) -> Result<Option<String>, Fault> {
        self.kept(OFFICE)
    }

    fn kept(&self, key: &str) -> Result<Option<String>, Fault> {
        let mut found = self.connection.prepare_cached("SELECT value FROM setting WHERE key = ?1")?;
        Ok(found.query_row([key], |row| row.get(0)).optional()?)
    }

    /// The book's people.
    pub(super) fn people(&self) -> Result<Arc<Vec<Person>>, Fault> {
        let text = self.office()?;
        let mut read = self.authority.read.borrow_mut();
        if read.0 != text {
            let people = text.as_deref().map(people_in).unwrap_or_default();
            *read = (text, Arc::new(people));
        }
        Ok(Arc::clone(&read.1))
    }
}

/// Whether there is a password that can be given.
fn has_password(person: &Person) -> bool {
    person.password.as_deref().is_some_and(|it| !is_damaged(it))
}

/// Those who work here and have one.
fn holders(people: &[Person]) -> impl Iterator<Item = &Person> {
    people.iter().filter(|it| !it.left && has_password(it))
}

/// The people that settings name, as far as they can be read.
fn people_in(office: &str) -> Vec<Person> {
    if office.len() > LONGEST {
        return Vec::new();
    }
    let office: Value = serde_json::from_str(office).unwrap_or_default();
    let person = |it: &Value| {
        let flag = |key: &str| it.get(key).and_then(Value::as_bool).unwrap_or_default();
        Some(Person {
            name: it.get("name")?.as_str()?.to_owned(),
            department: String::new(),
            post: String::new(),
            left: flag("left"),
            password: it.get("password").and_then(Value::as_str).map(str::to_owned),
            governs: flag("governs"),
        })
    };
    office.get("people").and_then(Value::as_array).into_iter().flatten().filter_map(person).collect()
}

/// The settings with another password of this person, or none; none where they cannot be read. `first`: they govern.
fn with_password(office: Option<&str>, name: &str, hash: Option<&str>, first: bool) -> Option<String> {
    let mut office: Value = serde_json::from_str(office?).ok()?;
    let people = office.get_mut("people")?.as_array_mut()?;
    let person = people.iter_mut().find(|it| it.get("name").and_then(Value::as_str) == Some(name))?.as_object_mut()?;
    match hash {
        Some(hash) => drop(person.insert("password".to_owned(), hash.into())),
        None => drop(person.shift_remove("password")),
    }
    if first {
        person.insert("governs".to_owned(), true.into());
    }
    Some(office.to_string())
}
