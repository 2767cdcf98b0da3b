//! What was printed: put down when it is on paper, all of a job at once.

use chrono::NaiveDateTime;

use super::{Result, Store};
use crate::procedure::FormId;
use crate::record::{Deed, Fact, Printed, RecordId};

/// What a job printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prints {
    /// Which copies of which sheets.
    pub sheets: Vec<(RecordId, Printed)>,
    /// The reserved numbers that its blank sheets bear, and of which form.
    pub numbers: Vec<(FormId, String)>,
    /// Who sat at the desk.
    pub by: String,
    /// When.
    pub at: NaiveDateTime,
}

impl Store {
    /// Puts down what was printed: all of it, or nothing. Sheets that were destroyed meanwhile, and numbers that are no
    /// longer reserved, are passed over.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub fn note_prints(&self, prints: &Prints) -> Result<()> {
        let Prints { sheets, numbers, by, at } = prints;
        self.writing(|| {
            // Whoever has left the desk since is not named; what is on paper is put down all the same.
            let by = if self.as_oneself(by).is_ok() { by.as_str() } else { "" };
            for (id, printed) in sheets {
                if self.load(*id)?.is_some_and(|it| !it.destroyed()) {
                    let deed = Deed::Printed(printed.clone());
                    self.add_fact(*id, Fact { at: *at, by: by.to_owned(), deed })?;
                }
            }
            numbers.iter().try_for_each(|(form, number)| self.number_printed(form, number, by, *at))
        })
    }
}
