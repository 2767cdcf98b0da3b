//! The spellings of names, and which is filed under which.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;

use crate::record::Customer;

use super::{Mention, Sheet, key};

/// One spelling while the list is made.
#[derive(Default)]
pub(super) struct Node {
    pub(super) name: String,
    latest: Option<NaiveDate>,
    pub(super) sheets: Vec<Sheet>,
    pub(super) kept: Option<Customer>,
}

impl Node {
    pub(super) fn take(&mut self, it: &Mention<'_>, name: &str) {
        self.sheets.push(Sheet { record: it.record, day: it.day, touch: it.touch });
        if self.latest <= Some(it.day) {
            self.latest = Some(it.day);
            if self.name != name.trim() {
                name.trim().clone_into(&mut self.name);
            }
        }
    }

    pub(super) fn call(&mut self, name: &str) {
        if self.name.is_empty() {
            name.trim().clone_into(&mut self.name);
        }
    }

    /// Two rows may come to mean one name: what was said of it is not lost to one that says nothing.
    pub(super) fn keep(&mut self, row: &Customer) {
        let says_nothing = Customer { name: row.name.clone(), ..Customer::default() } == *row;
        if self.kept.is_none() || !says_nothing {
            self.kept = Some(row.clone());
        }
        self.call(&row.name);
    }
}

/// Which spelling is filed under which, by [`key`].
pub(super) struct Links(HashMap<String, String>);

impl Links {
    pub(super) fn of<'a>(kept: impl IntoIterator<Item = &'a Customer>) -> Self {
        let link = |it: &Customer| (key(&it.name), key(&it.merged_into));
        Self(kept.into_iter().map(link).filter(|(from, into)| !into.is_empty() && from != into).collect())
    }

    /// What a spelling is filed under in the end. Two windows might make a circle: it is filed under its first name.
    pub(super) fn root<'a>(&'a self, key: &'a str) -> &'a str {
        let (mut at, mut seen) = (key, HashSet::new());
        while let Some(next) = self.0.get(at) {
            if !seen.insert(at) {
                return self.first_of_circle(at);
            }
            at = next;
        }
        at
    }

    fn first_of_circle<'a>(&'a self, begin: &'a str) -> &'a str {
        let (mut first, mut at) = (begin, begin);
        while let Some(next) = self.0.get(at).filter(|it| it.as_str() != begin) {
            at = next;
            first = first.min(at);
        }
        first
    }
}

/// Every spelling of the user of this name, as [`key`] has them, itself included: for finding its other sheets.
pub fn aliases(kept: &[Customer], name: &str) -> BTreeSet<String> {
    let (links, own) = (Links::of(kept), key(name));
    let root = links.root(&own).to_owned();
    let named = kept.iter().flat_map(|it| [key(&it.name), key(&it.merged_into)]).filter(|it| links.root(it) == root);
    named.chain([own.clone(), root.clone()]).filter(|it| !it.is_empty()).collect()
}
