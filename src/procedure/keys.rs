//! Keys of exchange files: each datum and each table of a form has one of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::{Form, TableId};

/// Keys that tell of a sheet itself, so that no datum may have them.
const RESERVED: [&str; 9] = ["number", "form", "edition", "stage", "entered", "overdue_days", "更正", "作废", "经过"];

/// The keys that data have already, those inside an object (`登记人.姓名`) with the object's.
#[derive(Default)]
struct Taken {
    whole: BTreeSet<String>,
    objects: BTreeSet<String>,
}

impl Taken {
    /// Takes a key, where no other datum has it.
    fn take(&mut self, key: &str) -> bool {
        let object = key.split_once('.').map(|it| it.0);
        let fits = object.map_or(!self.objects.contains(key), |it| !self.whole.contains(it));
        let fits = fits && self.whole.insert(key.to_owned());
        self.objects.extend(object.filter(|_| fits).map(str::to_owned));
        fits
    }
}

/// Whether a key is that of a round: 第二轮.
fn is_round(key: &str) -> bool {
    key.strip_prefix('第').is_some_and(|it| it.ends_with('轮'))
}

impl Form {
    /// Gives a datum or a table whose key another has before it, or the sheet itself, its id for a key.
    pub(super) fn part_keys(&mut self) {
        let mut taken: BTreeMap<Option<TableId>, Taken> = BTreeMap::new();
        let outside = taken.entry(None).or_default();
        outside.whole.extend(RESERVED.map(str::to_owned));
        for field in self.fields.iter_mut().chain(&mut self.beside) {
            let taken = taken.entry(field.table.clone()).or_default();
            let reserved = field.table.is_none() && is_round(field.key());
            if reserved || !taken.take(field.key()) {
                field.key = Some(free(taken, field.id.as_str()));
            }
        }
        let outside = taken.entry(None).or_default();
        for (id, table) in &mut self.tables {
            let fits = !is_round(&table.name) && !table.name.contains('.') && outside.take(&table.name);
            table.key = if fits { table.name.clone() } else { free(outside, id.as_str()) };
        }
    }
}

/// A key made of an id that no other datum has.
fn free(taken: &mut Taken, id: &str) -> String {
    let mut key = id.replace('.', "_");
    while !taken.take(&key) {
        key.push('_');
    }
    key
}
