//! What this computer, and the copies of a book, remember of it, held against what stands there now.

use std::io::Write;
use std::path::Path;

use super::say;
use crate::habits::{Habits, Keeper};
use crate::store::{Doubt, Opener, Store};

/// What is remembered of a book and it does not bear out, a sentence each: what the clerk does not know of yet, and what they
/// said in the window that they do.
pub(super) fn doubts(store: &Store, habits: Option<&Path>) -> (Vec<String>, Vec<String>) {
    let habits = habits.and_then(|it| Habits::read(it).ok()).unwrap_or_default();
    let path = std::path::absolute(store.path()).unwrap_or_else(|_| store.path().to_owned());
    let book = store.witness().ok().flatten().map(|it| it.book);
    // A book that cannot be read is told of by what was asked for.
    let doubts = store.doubts(&habits.seen(&path, book)).unwrap_or_default();
    let (known, new): (Vec<Doubt>, Vec<Doubt>) = doubts.into_iter().partition(|it| habits.knows(&path, it.witness));
    let sentences = |it: Vec<Doubt>| it.into_iter().map(|it| it.sentence).collect();
    (sentences(new), sentences(known))
}

/// Says what a book does not bear out before anything is done with it.
pub(super) fn warn(book: &Opener, habits: Option<&Path>, err: &mut dyn Write) {
    let Ok(store) = book.open_to_read() else { return };
    for sentence in store.put_aside().into_iter().chain(doubts(&store, habits).0) {
        say(err, &format!("注意：{sentence}"));
    }
}

/// Remembers how far a book has come that was opened in a window of this computer, unless it is in doubt.
pub(super) fn note(book: &Opener, habits: Option<&Path>) {
    let known = |it: &Habits, path: &Path| it.heads.iter().any(|it| it.path == path);
    let Ok(path) = std::path::absolute(book.path()) else { return };
    let Some(habits) = habits.filter(|it| Habits::read(it).is_ok_and(|it| known(&it, &path))) else { return };
    let Ok(store) = book.open_to_read() else { return };
    if let (Ok(Some(head)), true) = (store.witness(), doubts(&store, Some(habits)).0.is_empty()) {
        Keeper::open(Some(habits)).0.change(move |it| it.saw(&path, head, &[]));
    }
}
