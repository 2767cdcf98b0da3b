//! Books that somebody made to take the machine's time or its memory: whatever the program does with one, it comes to an
//! end soon and stays small.

use std::path::Path;
use std::process::Command;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::books::{PAGE, book, damage, damaged};
use crate::common::forge::{lawless, loosen, tighten};
use crate::put_file;

/// Of memory an honest small book needs less than a quarter of this, in KiB of addresses.
const MEMORY: u32 = 650_000;
/// Seconds of the processor: what takes so long has no end. Of the program as it is handed out, five (`tests/long.sh`).
fn seconds() -> u32 {
    std::env::var("TAIZHANG_LIMIT").map_or(40, |it| it.parse().unwrap())
}

/// How many books; `TAIZHANG_BOOKS` for more.
fn books() -> u32 {
    std::env::var("TAIZHANG_BOOKS").map_or(32, |it| it.parse().unwrap())
}

/// Rows that cost much to read.
const ROWS: [&str; 10] = [
    "UPDATE value SET text = printf('%.*c', 60000000, '长'), long = NULL
     WHERE record = 6 AND round = 0 AND field = (SELECT min(field) FROM value WHERE record = 6)",
    "UPDATE long_text SET text = printf('%.*c', 150000000, 'x') WHERE id = (SELECT min(id) FROM long_text)",
    "UPDATE history SET new = zeroblob(300000000) WHERE id = 2",
    "UPDATE fact SET data = '{\"deed\":\"held\",\"reason\":\"' || printf('%.*c', 30000000, 'x') || '\"}' WHERE place = 1",
    "UPDATE setting SET value = printf('%.*c', 60000000, '[') WHERE key = 'office'",
    "UPDATE customer SET data = printf('%.*c', 19000000, '[') WHERE name = '癸厂'",
    "WITH c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 40000)
     INSERT INTO value (record, round, field, text) SELECT 6, x % 99, 1000 + x, 'x' FROM c",
    "WITH c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 40000)
     INSERT INTO number_note SELECT NULL, '05', 2026, x * 40, 'n' || x, 'gap', '2026-11-20T09:00:00', '', '' FROM c",
    "WITH c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 40000)
     INSERT INTO record SELECT 1000 + x, '05', 'D/0', 2026, 1000 + x, 'n' || x, '2026-11-20T09:00:00', 99 FROM c",
    "WITH c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 40000)
     INSERT INTO fact SELECT 6, 1000 + x, '2026-11-20T09:00:00', '', 'held', '{\"deed\":\"held\",\"reason\":\"\"}' FROM c",
];

/// Parts that run by themselves.
const PARTS: [&str; 6] = [
    "CREATE INDEX i ON record (length(hex(zeroblob(id + 10))))",
    "ALTER TABLE record ADD COLUMN g TEXT AS (hex(zeroblob(100000000)))",
    "CREATE TABLE t (a CHECK (length(zeroblob(900000000)) > 0))",
    "CREATE TRIGGER t AFTER INSERT ON record BEGIN SELECT length(zeroblob(900000000)); END",
    "CREATE VIEW v AS WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c",
    "DROP INDEX fact_unsigned; CREATE INDEX fact_unsigned ON fact (record, place, at, made_by, data, hex(zeroblob(9))) WHERE kind <> 'signed'",
];

/// A page all of whose children are one and the same: what follows them all goes that way again and again.
fn circle(bytes: &mut [u8], page: usize, to: u32) {
    let at = page * PAGE;
    // An inner page of a table that claims four hundred children.
    bytes[at] = 0x05;
    bytes[at + 1..at + 12].fill(0);
    bytes[at + 3..at + 5].copy_from_slice(&400_u16.to_be_bytes());
    bytes[at + 5..at + 7].copy_from_slice(&2000_u16.to_be_bytes());
    bytes[at + 8..at + 12].copy_from_slice(&to.to_be_bytes());
    for cell in 0..400_usize {
        let offset = 2000 + cell * 5;
        let pointer = at + 12 + cell * 2;
        bytes[pointer..pointer + 2].copy_from_slice(&u16::try_from(offset).unwrap().to_be_bytes());
        bytes[at + offset..at + offset + 4].copy_from_slice(&to.to_be_bytes());
        bytes[at + offset + 4] = u8::try_from(cell % 120).unwrap();
    }
}

/// The nth forged book.
fn forged(path: &Path, nth: u32) -> String {
    put_file(path, &book());
    let pick = |count: usize| nth as usize / 4 % count;
    match nth % 4 {
        0 => {
            let sql = ROWS[pick(ROWS.len())];
            let rules = loosen(path);
            lawless(path).execute_batch(sql).unwrap();
            tighten(path, &rules);
            sql.to_owned()
        }
        1 => {
            let sql = PARTS[pick(PARTS.len())];
            lawless(path).execute_batch(sql).unwrap();
            sql.to_owned()
        }
        2 => {
            let mut bytes = book();
            let pages = bytes.len() / PAGE;
            let (page, to) = (1 + pick(pages - 1), (1 + pick(pages - 1)) as u32 + 1);
            for level in 0..3 {
                circle(&mut bytes, 1 + (page - 1 + level) % (pages - 1), to + level as u32);
            }
            put_file(path, &bytes);
            format!("pages in a circle from {page}")
        }
        _ => {
            let seed: [u8; 32] = std::array::from_fn(|it| (nth as usize * 31 + it) as u8);
            let config = Config { failure_persistence: None, ..Config::default() };
            let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
            let all = vec(damage(), 1..8).new_tree(&mut runner).unwrap().current();
            put_file(path, &damaged(&book(), &all));
            format!("{all:?}")
        }
    }
}

#[test]
fn a_forged_book_costs_neither_time_nor_memory() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let program = std::env::var("TAIZHANG_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_taizhang").to_owned());
    let mut wrong = Vec::new();
    for nth in 0..books() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.book");
        let what = forged(&path, nth);
        let before = std::fs::read(&path).unwrap();
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (slip, ledger, saved) = (file("a.pdf"), file("b.pdf"), file("c.book"));
        for command in [
            vec!["check"],
            vec!["list", "--json"],
            vec!["export", "slip", "--no", "2024-001", "--out", &slip],
            vec!["export", "ledger", "--year", "2024", "--out", &ledger],
            vec!["salvage", "--out", &saved],
        ] {
            let limits = format!("ulimit -v {MEMORY}; ulimit -t {}; exec \"$@\"", seconds());
            let done = Command::new("sh")
                .args(["-c", &limits, "sh", &program])
                .args(&command)
                .args(["--book", path.to_str().unwrap()])
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            if !matches!(done.status.code(), Some(0 | 1)) || said.contains("panicked") || said.contains("memory") {
                let said: String = said.chars().take(300).collect();
                wrong.push(format!("{nth} {command:?} {:?}: {said}\n  {what:.300}", done.status));
            }
            assert!(std::fs::read(&path).unwrap() == before, "{command:?} wrote into a forged book: {what}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
