//! Words that very many lines have in common, a user's name or a department's: each is kept once, however many sheets
//! there are.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::record::fold;

/// All words there are, and at how many of them those no line has any more are let go.
static ALL: LazyLock<RwLock<(HashSet<Word>, usize)>> = LazyLock::new(|| RwLock::new((HashSet::new(), 1 << 14)));

/// A short text of a line: a pointer to where it is kept.
#[derive(Clone)]
pub struct Word(Arc<Kept>);

struct Kept {
    text: Box<str>,
    /// Made ready for comparison, where that is another text.
    folded: Option<Box<str>>,
}

impl Word {
    /// The word with this text.
    pub fn new(text: &str) -> Self {
        // Nearly every word is known, and lists are read by several threads.
        if let Some(known) = ALL.read().unwrap_or_else(PoisonError::into_inner).0.get(text) {
            return known.clone();
        }
        let mut all = ALL.write().unwrap_or_else(PoisonError::into_inner);
        let (words, limit) = &mut *all;
        if let Some(known) = words.get(text) {
            return known.clone();
        }
        if words.len() >= *limit {
            words.retain(|it| Arc::strong_count(&it.0) > 1);
            *limit = (words.len() * 2).max(*limit);
        }
        let folded = fold(text);
        let folded = (folded != text).then(|| folded.into_boxed_str());
        let word = Self(Arc::new(Kept { text: text.into(), folded }));
        words.insert(word.clone());
        word
    }

    /// Whether a folded text is part of it.
    pub(super) fn holds(&self, folded: &str) -> bool {
        self.0.folded.as_ref().unwrap_or(&self.0.text).contains(folded)
    }
}

impl Deref for Word {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.text
    }
}

impl Borrow<str> for Word {
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || **self == **other
    }
}

impl Eq for Word {}

impl Hash for Word {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}
