//! Whether a file has the very tables, indexes, triggers and views that the program makes, before a row of it is read: what
//! a stranger added or changed may run by itself, and for ever.

use std::collections::HashMap;
use std::sync::OnceLock;

use rusqlite::{Connection, Row};

use super::super::Fault;
use super::migrate::{STEPS, migrate, version};
use crate::record::brief;

/// What a book consists of: kind, name and the words that made it.
pub(in super::super) type Parts = HashMap<(String, String), Option<String>>;

/// What the connection's book consists of.
pub(in super::super) fn parts(connection: &Connection) -> Result<Parts, Fault> {
    let mut all = connection.prepare("SELECT type, name, sql FROM sqlite_schema")?;
    let each = |row: &Row<'_>| Ok(((row.get(0)?, row.get(1)?), row.get(2)?));
    Ok(all.query_map([], each)?.collect::<Result<_, _>>()?)
}

/// What a book of this version consists of.
pub(in super::super) fn own_parts(version: usize) -> Result<Option<&'static Parts>, Fault> {
    static OWN: OnceLock<Vec<Parts>> = OnceLock::new();
    let own = match OWN.get() {
        Some(own) => own,
        None => {
            let mut own = vec![Parts::new()];
            for version in 1..=STEPS.len() {
                let made = Connection::open_in_memory()?;
                migrate(&made, &STEPS[..version])?;
                own.push(parts(&made)?);
            }
            OWN.get_or_init(|| own)
        }
    };
    Ok(own.get(version))
}

/// Refuses a book in which there is anything that the program did not make, or a table less. An index or a trigger that is
/// missing is harmless while it is read, and a check tells of it; one of a newer program is refused elsewhere.
pub(in super::super) fn look_at_parts(connection: &Connection) -> Result<(), Fault> {
    let Some(own) = own_parts(version(connection)?)? else { return Ok(()) };
    let here = parts(connection)?;
    // What `ANALYZE` counted is for speed only.
    let known = |(part, sql): &(&(String, String), &Option<String>)| {
        own.get(*part) == Some(sql) || part.1.starts_with("sqlite_stat") && part.0 == "table"
    };
    if let Some(((_, name), _)) = here.iter().find(|it| !known(it)) {
        return Err(Fault::said(format!(
            "里面有不是程序所建的“{}”，读写时会自己运行，没有打开；请用备份，或用“抢救”救到新台帐（taizhang salvage）",
            brief(name)
        )));
    }
    match own.keys().find(|it| it.0 == "table" && !here.contains_key(*it)) {
        Some((_, name)) => {
            Err(Fault::said(format!("里面少了表 {name}，不知是谁去掉的，没有打开；请用备份，或用“抢救”救到新台帐")))
        }
        None => Ok(()),
    }
}
