//! The users (用户): one list out of every sheet, derived; what the office keeps of them besides; two spellings of one
//! name as one user (4.3). Signed sheets keep their own wording.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};

use crate::list::List;
use crate::procedure::{FormId, Kind, Procedure};
use crate::record::{Customer, RecordId, fold};

mod merging;
mod names;
mod sheets;
mod visits;
pub use merging::aliases;
use merging::{Links, Node};
pub use names::key;
pub use sheets::{about, contact, fields_beside, products, read_beside};
pub use visits::due_by_duty;

/// How many users are proposed as being the same.
const PROPOSED: usize = 5;

/// What a sheet is to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// A complaint, and whether it is still open.
    Complaint {
        /// Whether a stage of it is open.
        open: bool,
    },
    /// The user was talked with: a visit, a call, a forum.
    Talk,
    /// Anything else that names the user.
    Other,
    /// A void or destroyed sheet: it stays in the list of sheets and counts for nothing.
    Gone,
}

/// How a sheet names a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// In a cell for a user.
    Cell,
    /// In the list of who took part, among people and our own.
    Listed,
    /// As where something is known from; often it is nobody's name.
    Source,
}

/// One name on one sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention<'a> {
    /// The name as it stands there.
    pub name: &'a str,
    /// How it stands there.
    pub naming: Naming,
    /// The sheet.
    pub record: RecordId,
    /// The day of the event, or of entry.
    pub day: NaiveDate,
    /// What the sheet is to the user.
    pub touch: Touch,
}

/// Names that lines of lists do not hold, by sheet.
pub type Beside = BTreeMap<RecordId, Vec<(String, Naming)>>;

/// A sheet that concerns a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Which.
    pub record: RecordId,
    /// The day of the event, or of entry.
    pub day: NaiveDate,
    /// What it is to the user.
    pub touch: Touch,
}

/// One spelling of a user's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// As the latest sheet has it.
    pub name: String,
    /// How many sheets have it.
    pub sheets: usize,
    /// What is kept under it; its `name` is that of the row in the book.
    pub kept: Customer,
    key: String,
}

/// A user (用户).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name it is filed under.
    pub name: String,
    /// Its spellings: its own first, then those merged into it.
    pub spellings: Vec<Spelling>,
    /// Every sheet that concerns it, oldest first.
    pub sheets: Vec<Sheet>,
    /// How many complaints it made; void ones do not count.
    pub complaints: usize,
    /// How many of them are open.
    pub open: usize,
    /// When it was last talked with.
    pub talked: Option<NaiveDate>,
    /// When it is to be talked with next (4.3): an interval after the last time, or after its first sheet; none where it
    /// is not visited.
    pub due: Option<NaiveDate>,
    /// What is kept of it; what it lacks is as its other spellings have it.
    pub known: Customer,
    sought: String,
}

impl User {
    /// The row kept under its own name, to be changed and put back.
    pub fn kept(&self) -> Customer {
        self.spellings.first().map(|it| it.kept.clone()).unwrap_or_default()
    }

    /// The day of the latest sheet.
    pub fn latest(&self) -> Option<NaiveDate> {
        self.sheets.last().map(|it| it.day)
    }
}

/// In what order users are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By the latest sheet, newest first.
    #[default]
    Latest,
    /// By name.
    Name,
    /// By complaints, most first.
    Complaints,
    /// By the next visit, most urgent first; who is not visited last.
    Due,
}

impl Order {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Latest, Self::Name, Self::Complaints, Self::Due];

    /// What the screen calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latest => "最近往来",
            Self::Name => "按名称",
            Self::Complaints => "投诉数",
            Self::Due => "下次走访",
        }
    }
}

/// A user due to be talked with (4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// By which duty; empty where there is but one.
    pub duty: String,
    /// Who.
    pub name: String,
    /// When it was last talked with.
    pub last: Option<NaiveDate>,
    /// Since when it is due.
    pub due: NaiveDate,
}

/// All users.
#[derive(Clone, Debug, Default)]
pub struct Customers {
    users: Vec<User>,
    /// Which user each known spelling belongs to, by [`key`].
    places: HashMap<String, usize>,
}

impl Customers {
    /// The users of a book, out of the lines of its lists and the names `beside` them ([`read_beside`]).
    pub fn of(procedure: &Procedure, lists: &BTreeMap<FormId, List>, beside: &Beside, kept: &[Customer]) -> Self {
        let mut mentions = Vec::new();
        for (form, list) in lists {
            let Some(form) = procedure.form(form) else { continue };
            let subject = form.identity.as_ref().and_then(|it| form.field(&it.subject));
            let in_cell = subject.is_some_and(|it| it.kind == Kind::Customer);
            for line in list.all() {
                let (record, day) = (line.id, line.date.unwrap_or(line.entered));
                let touch = sheets::touch(line);
                if in_cell {
                    let (name, naming) = (&*line.subject, Naming::Cell);
                    mentions.push(Mention { name, naming, record, day, touch });
                }
                for (name, naming) in beside.get(&record).into_iter().flatten() {
                    mentions.push(Mention { name, naming: *naming, record, day, touch });
                }
            }
        }
        let document = &procedure.document;
        Self::new(&mentions, kept, &document.company, document.visit_days())
    }

    /// The users these sheets name. `company` is our own name, which is no user's; `visit` the days between two visits.
    pub fn new(mentions: &[Mention<'_>], kept: &[Customer], company: &str, visit: u32) -> Self {
        let mut nodes: Vec<Node> = Vec::new();
        let mut keys: HashMap<String, usize> = HashMap::new();
        // Each spelling is folded once, however many sheets have it.
        let mut folded: HashMap<&str, Option<usize>> = HashMap::new();
        let node = |keys: &mut HashMap<String, usize>, nodes: &mut Vec<Node>, key: String| {
            *keys.entry(key).or_insert_with(|| {
                nodes.push(Node::default());
                nodes.len() - 1
            })
        };
        for it in mentions.iter().filter(|it| it.naming == Naming::Cell) {
            let place = folded.entry(it.name).or_insert_with(|| {
                let key = key(it.name);
                (!key.is_empty()).then(|| node(&mut keys, &mut nodes, key))
            });
            if let Some(place) = *place {
                nodes[place].take(it, it.name);
            }
        }
        for row in kept.iter().filter(|it| !key(&it.name).is_empty()) {
            let place = node(&mut keys, &mut nodes, key(&row.name));
            nodes[place].keep(row);
            let into = key(&row.merged_into);
            if !into.is_empty() {
                let place = node(&mut keys, &mut nodes, into);
                nodes[place].call(&row.merged_into);
            }
        }
        // Who is only named in passing may be known from a cell of a later sheet.
        let own = key(company);
        for it in mentions.iter().filter(|it| it.naming == Naming::Listed) {
            let whole = key(it.name);
            let word = names::first_word(it.name).filter(|it| !own.starts_with(&key(it)));
            if let Some(place) = keys.get(&whole).copied() {
                nodes[place].take(it, it.name);
            } else if let Some(word) = word {
                let place = node(&mut keys, &mut nodes, key(word));
                nodes[place].take(it, word);
            } else if let Some(word) = it.name.split_whitespace().next()
                && let Some(place) = keys.get(&key(word)).copied()
            {
                nodes[place].take(it, word);
            }
        }
        for it in mentions.iter().filter(|it| it.naming == Naming::Source) {
            if let Some(place) = keys.get(&key(it.name)).copied() {
                nodes[place].take(it, it.name);
            }
        }
        Self::merged(nodes, keys, visit)
    }

    fn merged(nodes: Vec<Node>, keys: HashMap<String, usize>, visit: u32) -> Self {
        let links = Links::of(nodes.iter().filter_map(|it| it.kept.as_ref()));
        let mut groups: BTreeMap<String, Vec<Spelling>> = BTreeMap::new();
        let mut sheets: HashMap<String, Vec<Sheet>> = HashMap::new();
        let mut named: Vec<(String, Node)> = Vec::with_capacity(nodes.len());
        let mut keyed: Vec<String> = vec![String::new(); nodes.len()];
        for (key, place) in keys {
            keyed[place] = key;
        }
        named.extend(keyed.into_iter().zip(nodes));
        for (key, node) in named {
            let root = links.root(&key).to_owned();
            let name = if node.name.is_empty() { key.clone() } else { node.name };
            let kept = node.kept.unwrap_or_else(|| Customer { name: name.clone(), ..Customer::default() });
            let spelling = Spelling { name, sheets: node.sheets.len(), kept, key };
            sheets.entry(root.clone()).or_default().extend(node.sheets);
            groups.entry(root).or_default().push(spelling);
        }
        let mut users: Vec<User> = groups
            .into_iter()
            .filter_map(|(root, spellings)| {
                let sheets = sheets.remove(&root).unwrap_or_default();
                user(&root, spellings, sheets, visit)
            })
            .collect();
        users.sort_by(|a, b| a.name.cmp(&b.name));
        let spelled = |(place, it): (usize, &User)| -> Vec<(String, usize)> {
            it.spellings.iter().map(|it| (it.key.clone(), place)).collect()
        };
        let places = users.iter().enumerate().flat_map(spelled).collect();
        Self { users, places }
    }

    /// Every user, by name.
    pub fn all(&self) -> &[User] {
        &self.users
    }

    /// The user of this name, in any of its spellings.
    pub fn find(&self, name: &str) -> Option<&User> {
        self.places.get(&key(name)).and_then(|it| self.users.get(*it))
    }

    /// The places in [`Customers::all`] of those whose names hold every word of `filter`, in order.
    pub fn shown(&self, filter: &str, order: Order) -> Vec<usize> {
        let filter = fold(filter);
        let words: Vec<&str> = filter.split_whitespace().collect();
        let matches = |it: &usize| words.iter().all(|word| self.users[*it].sought.contains(word));
        let mut shown: Vec<usize> = (0..self.users.len()).filter(matches).collect();
        let all = &self.users;
        match order {
            Order::Name => {}
            Order::Latest => shown.sort_by_key(|it| Reverse(all[*it].latest())),
            Order::Complaints => shown.sort_by_key(|it| Reverse((all[*it].complaints, all[*it].open))),
            Order::Due => shown.sort_by_key(|it| all[*it].due.unwrap_or(NaiveDate::MAX)),
        }
        shown
    }

    /// Users that may be the same as this one (可能是同一用户), the likeliest first.
    pub fn proposals(&self, user: &User) -> Vec<&User> {
        let likeness = |other: &User| {
            let pairs = user.spellings.iter().flat_map(|one| other.spellings.iter().map(move |it| (one, it)));
            pairs.filter_map(|(one, other)| names::alike(&one.key, &other.key)).reduce(f32::max)
        };
        let others = self.users.iter().filter(|it| it.name != user.name);
        let mut found: Vec<(f32, &User)> = others.filter_map(|it| Some((likeness(it)?, it))).collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.into_iter().take(PROPOSED).map(|it| it.1).collect()
    }

    /// What to keep so that `from`, with all its spellings, is filed under `into`.
    ///
    /// # Errors
    /// Why that cannot be, as a sentence: a name nobody has, or two that are one already; so there are no circles.
    pub fn merge(&self, from: &str, into: &str) -> Result<Customer, String> {
        let find = |name: &str| self.find(name).ok_or_else(|| format!("没有合并：没有叫“{}”的用户", name.trim()));
        let (from, into) = (find(from)?, find(into)?);
        if from.name == into.name {
            return Err(format!("没有合并：两个写法已经都是“{}”", into.name));
        }
        Ok(Customer { merged_into: into.name.clone(), ..from.kept() })
    }

    /// What to keep so that a merged spelling stands for itself again; none where it does already.
    pub fn split(&self, spelling: &str) -> Option<Customer> {
        let key = key(spelling);
        let found = self.find(spelling)?.spellings.iter().find(|it| it.key == key)?;
        let split = Customer { merged_into: String::new(), ..found.kept.clone() };
        (!found.kept.merged_into.is_empty()).then_some(split)
    }
}

/// The user filed under `root`, where there is anything to say of it.
fn user(root: &str, mut spellings: Vec<Spelling>, mut sheets: Vec<Sheet>, visit: u32) -> Option<User> {
    spellings.sort_by(|a, b| (a.key != root, &a.name).cmp(&(b.key != root, &b.name)));
    let first = spellings.first()?;
    let mut known = first.kept.clone();
    for other in &spellings[1..] {
        let fill = |mine: &mut String, theirs: &str| {
            if mine.is_empty() {
                theirs.clone_into(mine);
            }
        };
        fill(&mut known.contact, &other.kept.contact);
        fill(&mut known.phone, &other.kept.phone);
        fill(&mut known.note, &other.kept.note);
        known.visit = known.visit.or(other.kept.visit);
    }
    let said = known.visit.is_some() || [&known.contact, &known.phone, &known.note].iter().any(|it| !it.is_empty());
    if sheets.is_empty() && !said && spellings.len() == 1 {
        return None;
    }
    sheets.sort_by_key(|it| (it.day, it.record));
    sheets.dedup_by_key(|it| it.record);
    let count = |wanted: &dyn Fn(Touch) -> bool| sheets.iter().filter(|it| wanted(it.touch)).count();
    let complaints = count(&|it| matches!(it, Touch::Complaint { .. }));
    let open = count(&|it| it == Touch::Complaint { open: true });
    let talked = sheets.iter().rev().find(|it| it.touch == Touch::Talk).map(|it| it.day);
    let begun = sheets.iter().find(|it| it.touch != Touch::Gone).map(|it| it.day);
    let interval = known.visit.unwrap_or(visit);
    let due = talked.or(begun).filter(|_| interval > 0);
    let due = due.and_then(|it| it.checked_add_days(Days::new(interval.into())));
    let sought = spellings.iter().map(|it| fold(&it.name)).collect::<Vec<_>>().join(" ");
    Some(User { name: first.name.clone(), spellings, sheets, complaints, open, talked, due, known, sought })
}

/// Who is due to be talked with on `today` (4.3), longest due first.
pub fn due_visits(customers: &Customers, today: NaiveDate) -> Vec<Visit> {
    let due = customers.users.iter().filter_map(|it| it.due.filter(|due| *due <= today).map(|due| (it, due)));
    let mut visits: Vec<Visit> =
        due.map(|(it, due)| Visit { duty: String::new(), name: it.name.clone(), last: it.talked, due }).collect();
    visits.sort_by(|a, b| (a.due, &a.name).cmp(&(b.due, &b.name)));
    visits
}
