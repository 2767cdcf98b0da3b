//! Blank sheets that were handed out under reserved numbers and are not all back.

use chrono::NaiveDateTime;

use super::{Result, Store, read_moment};
use crate::procedure::FormId;

/// Numbers that were reserved together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlankSheets {
    /// Of which form.
    pub form: FormId,
    /// In which year.
    pub year: i32,
    /// The numbers still out, as printed, in order.
    pub out: Vec<String>,
    /// How many came back and are sheets of the book now.
    pub used: usize,
    /// For whom or what.
    pub note: String,
    /// When they were handed out.
    pub at: NaiveDateTime,
}

impl Store {
    /// The blank sheets that are still out, oldest first.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn blanks(&self) -> Result<Vec<BlankSheets>> {
        self.reading(|| {
            // The last note of a number counts: one declared void is no longer out.
            let sql = "SELECT form, year, number, note, at,
                         EXISTS (SELECT 1 FROM record WHERE record.form = n.form AND record.year = n.year
                                 AND record.sequence = n.sequence)
                       FROM number_note AS n
                       WHERE kind = 'reserved' AND NOT EXISTS (SELECT 1 FROM number_note AS later
                         WHERE later.form = n.form AND later.year = n.year AND later.sequence = n.sequence AND later.id > n.id)
                       ORDER BY id";
            let mut read = self.connection.prepare_cached(sql)?;
            let mut rows = read.query([])?;
            let mut all: Vec<BlankSheets> = Vec::new();
            while let Some(row) = rows.next()? {
                let (form, year): (String, i32) = (row.get(0)?, row.get(1)?);
                let (number, note): (String, String) = (row.get(2)?, row.get(3)?);
                let (at, used) = (read_moment(&row.get::<_, String>(4)?)?, row.get::<_, bool>(5)?);
                let form = FormId(form);
                let same = |it: &BlankSheets| (&it.form, it.year, it.at, &it.note) == (&form, year, at, &note);
                let place = all.iter().rposition(same).unwrap_or_else(|| {
                    all.push(BlankSheets { form: form.clone(), year, out: Vec::new(), used: 0, note: note.clone(), at });
                    all.len() - 1
                });
                if used {
                    all[place].used += 1;
                } else {
                    all[place].out.push(number);
                }
            }
            all.retain(|it| !it.out.is_empty());
            Ok(all)
        })
    }
}
