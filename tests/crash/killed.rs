//! The program itself, killed in the midst of writing.

use std::process::{Command, Stdio};
use std::time::Duration;

use taizhang::store::Store;

use crate::dice::Dice;
use crate::rounds;

/// Sheets that are taken in at once.
const SHEETS: usize = 40;

/// What is taken in is taken in wholly or not at all, whenever the program is killed, and once it says so, wholly.
#[test]
fn a_killed_import_is_whole_or_never_was() {
    let folder = tempfile::tempdir().unwrap();
    let (book, file) = (folder.path().join("a.book"), folder.path().join("a.json"));
    let sheet = format!(r#"{{"用户名称":"癸厂","投诉内容":"{}"}}"#, "密集气孔一处。".repeat(200));
    std::fs::write(&file, format!(r#"{{"form05":[{}]}}"#, vec![sheet; SHEETS].join(","))).unwrap();
    let taken_in = || Store::open_existing(&book).unwrap();
    drop(Store::open(&book).unwrap());
    let mut dice = Dice::new(0);
    let (mut before, mut killed) = (0, 0);
    for round in 0..rounds(25).min(1000) {
        let mut import = Command::new(env!("CARGO_BIN_EXE_taizhang"));
        import.args(["import", "--book"]).arg(&book).arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        let mut import = import.spawn().unwrap();
        // When it is killed is left to chance, not to how fast the machine is: what counts is what is found afterwards.
        std::thread::sleep(Duration::from_micros(dice.below(120_000) as u64));
        drop(import.kill());
        let done = import.wait().unwrap().success();
        killed += usize::from(!done);
        let store = taken_in();
        assert!(store.check().is_empty(), "round {round}: {:?}", store.check());
        let count = store.count(&"05".into()).unwrap();
        assert!(
            count == before + SHEETS || (count == before && !done),
            "round {round}: {before} became {count}, {done}"
        );
        before = count;
        // Not ever larger: a fresh one now and then.
        if count > 20 * SHEETS {
            drop(store);
            std::fs::remove_file(&book).unwrap();
            drop(Store::open(&book).unwrap());
            before = 0;
        }
    }
    assert!(killed > 0, "it was never killed in time");
}
