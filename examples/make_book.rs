//! Makes a book of plausible slips for trials and measurements: `make_book SLIPS SEED BOOK`. The same seed makes the same
//! slips.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what cannot be made stops")]
#![expect(clippy::disallowed_methods, reason = "the last slips are those of today")]

#[path = "../tests/common/plausible/mod.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod plausible;

use std::path::PathBuf;

use taizhang::procedure::{FormId, Procedure};
use taizhang::store::Store;

/// So many slips are written at once: a million take no more memory and no longer log than a thousand.
const PART: usize = 1_000;

fn main() {
    let mut words = std::env::args().skip(1);
    let mut next = || words.next().expect("make_book SLIPS SEED BOOK");
    let (slips, seed, book) = (next().parse().unwrap(), next().parse().unwrap(), PathBuf::from(next()));
    assert!(!book.exists(), "{} is there already", book.display());
    let now = chrono::Local::now().naive_local();
    let procedure = Procedure::load(&[]).unwrap();
    let form = procedure.form(&FormId::from("05")).unwrap();
    let store = Store::open(&book).unwrap();
    store.work_by(&procedure, now).unwrap();
    let mut lives = plausible::lives(form, &procedure.document.company, slips, seed, now.date());
    while store.relive(&procedure.document, lives.by_ref().take(PART)).unwrap() == PART {}
}
