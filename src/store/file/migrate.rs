//! The shapes a book has had: numbered steps, never changed once shipped; all that a book lacks in one transaction.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::super::Fault;
use super::super::sealed_tables::{TABLES, adopt};

/// Marks a file as a book of this program (`TZ` and the form's number).
pub(in super::super) const APPLICATION: i64 = 0x545A_0309;

type Then = fn(&Connection) -> Result<(), Fault>;

/// From one shape to the next.
#[derive(Clone, Copy)]
pub(in super::super) struct Step {
    sql: &'static str,
    /// What SQL cannot do, after it.
    then: Option<Then>,
}

impl Step {
    pub(in super::super) const fn sql(sql: &'static str) -> Self {
        Self { sql, then: None }
    }
}

/// Every step, oldest first; the nth makes version n. Append only.
pub(in super::super) const STEPS: &[Step] = &[
    Step::sql(include_str!("../migrations/0001-book.sql")),
    Step::sql(include_str!("../migrations/0002-life.sql")),
    Step::sql(include_str!("../migrations/0003-correction-round.sql")),
    Step::sql(include_str!("../migrations/0004-destroy.sql")),
    Step { sql: include_str!("../migrations/0005-chain.sql"), then: Some(|it| adopt(it, &TABLES[..3])) },
    Step::sql(include_str!("../migrations/0006-lists.sql")),
    Step::sql(include_str!("../migrations/0007-witness.sql")),
    Step::sql(include_str!("../migrations/0008-lines.sql")),
];

/// Brings a book to the newest shape, or leaves it as it is.
pub(in super::super) fn migrate(connection: &Connection, steps: &[Step]) -> Result<(), Fault> {
    let found = version(connection)?;
    if found > steps.len() {
        let newest = steps.len();
        return Err(Fault::said(format!(
            "这个文件是更新版本的程序建的（版本 {found}，本程序认识到 {newest}），请用新版程序打开"
        )));
    }
    if found < steps.len() {
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        // Another window may have taken the steps while this one waited.
        for (number, step) in (1..).zip(steps).skip(version(connection)?) {
            transaction.execute_batch(step.sql)?;
            if let Some(then) = step.then {
                then(&transaction)?;
            }
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", number)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

/// Which version of a book's shape this program writes.
pub fn format_version() -> usize {
    STEPS.len()
}

pub(in super::super) fn version(connection: &Connection) -> Result<usize, Fault> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    usize::try_from(version).map_err(|_| Fault::said(format!("版本 {version} 不是台帐的版本")))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use std::path::Path;

    use super::*;

    fn versions(path: &Path) -> usize {
        version(&Connection::open(path).unwrap()).unwrap()
    }

    #[test]
    fn a_step_that_fails_leaves_the_book_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.book");
        let connection = Connection::open(&path).unwrap();
        migrate(&connection, STEPS).unwrap();
        let broken = Step::sql("CREATE TABLE half (a TEXT); NONSENSE;");
        assert!(migrate(&connection, &[STEPS, &[broken]].concat()).is_err());
        assert_eq!(versions(&path), STEPS.len());
        assert!(connection.prepare("SELECT * FROM half").is_err());
    }

    #[test]
    fn every_step_leads_to_the_newest_version() {
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection, STEPS).unwrap();
        assert_eq!(version(&connection).unwrap(), STEPS.len());
        migrate(&connection, STEPS).unwrap();
    }
}
