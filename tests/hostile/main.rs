//! Everything the program reads is untrusted: form files, settings, exchange files, books, what is typed and pasted. What
//! is hostile must come to a sentence in Chinese or be borne; never to a panic, an endless loop or a lost word.
//!
//! Each target changes true inputs at random. `cargo test` tries a few, the same each time. With `TAIZHANG_SECONDS` a
//! target goes on with new ones for so long; `tests/long.sh` runs all of them so. What was found stands as a test beside
//! its target.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic, and tells what it did")]

#[path = "../common/mod.rs"]
mod common;

mod books;
mod dates;
mod exchange;
mod forged;
mod forms;
mod lines;
mod mutate;
mod paper;
mod typed;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once};
use std::time::{Duration, Instant};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

/// How long each target is to run; none: a few cases.
fn seconds() -> Option<u64> {
    std::env::var("TAIZHANG_SECONDS").ok().map(|it| it.parse().unwrap())
}

/// A case that keeps the machine busy for longer has hung. Looked at in long runs only.
const HUNG: Duration = Duration::from_secs(90);

/// Tries `check` on `cases` inputs, the same each time; in a long run on new ones until the time is over. `check` says
/// what came of the input, and the kinds of `wanted` must each come up, so that no target looks at refusals only.
fn hammer<S: Strategy>(name: &str, cases: u32, wanted: &[&str], inputs: &S, check: impl Fn(&S::Value) -> &'static str)
where
    S::Value: Debug,
{
    keep_quiet();
    let tally: RefCell<BTreeMap<&str, usize>> = RefCell::new(BTreeMap::new());
    let run = |seed: [u8; 32], cases: u32, before: &dyn Fn(&S::Value)| {
        let config = Config {
            cases,
            failure_persistence: None,
            max_shrink_iters: 600,
            max_shrink_time: 60_000,
            ..Config::default()
        };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        let done = runner.run(inputs, |input| {
            before(&input);
            TRYING.set(true);
            *tally.borrow_mut().entry(check(&input)).or_default() += 1;
            TRYING.set(false);
            Ok(())
        });
        TRYING.set(false);
        match done {
            Ok(()) => {}
            Err(TestError::Fail(why, input)) => {
                let place = PLACE.take();
                panic!("{name}: {why}\nat {place}\nfrom {input:#?}\nof the seed {seed:?}")
            }
            Err(TestError::Abort(why)) => panic!("{name}: {why}"),
        }
    };
    let Some(seconds) = seconds() else {
        run([7; 32], cases, &|_| ());
        let tally = tally.borrow();
        assert!(wanted.iter().all(|it| tally.contains_key(it)), "{name}: {wanted:?} must all come up: {tally:?}");
        return;
    };
    // An input that ends the program, or hangs it, can still be read here.
    let last = std::env::temp_dir().join(format!("taizhang-hostile-{name}-{}.txt", std::process::id()));
    let thread = Path::new("/proc").join(std::fs::read_link("/proc/thread-self").unwrap());
    let began = Arc::new(Mutex::new(busy(&thread)));
    watch(&began, thread.clone(), last.clone());
    let start = Instant::now();
    let mut said = start;
    while start.elapsed().as_secs() < seconds {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).unwrap();
        run(seed, 20, &|input| {
            *began.lock().unwrap() = busy(&thread);
            put_file(&last, format!("{input:?}\nseed {seed:?}\n").as_bytes());
        });
        if said.elapsed().as_secs() >= 60 {
            said = Instant::now();
            println!("{name}: {} s, {:?}", start.elapsed().as_secs(), tally.borrow());
        }
    }
    let tally = tally.borrow();
    println!("{name}: done, {} cases in {} s, {tally:?}", tally.values().sum::<usize>(), start.elapsed().as_secs());
    std::fs::remove_file(last).unwrap();
}

thread_local! {
    /// Whether an input is being tried: a panic is then told once, with the least input that leads to it.
    static TRYING: Cell<bool> = const { Cell::new(false) };
    /// Where the last panic was.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if TRYING.get() {
                PLACE.set(panic.location().map(ToString::to_string).unwrap_or_default());
            } else {
                loud(panic);
            }
        }));
    });
}

/// A file of a test's own, which need not outlive a power cut.
fn put_file(path: &Path, bytes: &[u8]) {
    std::fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

/// For how long a thread has had a processor: on a machine with other work an hour passes without doing anything.
fn busy(thread: &Path) -> Duration {
    // Behind the name in brackets: the 12th and 13th are the hundredths of a second in and under the program.
    let said = std::fs::read_to_string(thread.join("stat")).unwrap();
    let fields = said.rsplit(')').next().unwrap().split_whitespace().skip(11).take(2);
    Duration::from_millis(fields.map(|it| it.parse::<u64>().unwrap() * 10).sum())
}

/// Ends the program when a case hangs.
fn watch(began: &Arc<Mutex<Duration>>, thread: PathBuf, last: PathBuf) {
    let began = Arc::downgrade(began);
    std::thread::spawn(move || {
        while let Some(began) = began.upgrade() {
            if busy(&thread).saturating_sub(*began.lock().unwrap()) > HUNG {
                println!("hung; the input stands in {}", last.display());
                std::process::abort();
            }
            drop(began);
            std::thread::sleep(Duration::from_secs(1));
        }
    });
}

/// What a clerk is told: Chinese, one line, not endless, nothing of the program's inside.
#[track_caller]
fn sentence(said: &str) {
    let chinese = said.chars().filter(|it| ('\u{4E00}'..='\u{9FFF}').contains(it)).count();
    assert!(chinese >= 4, "no Chinese sentence: {said:?}");
    let (long, begin) = (said.chars().count(), said.chars().take(200).collect::<String>());
    assert!(long <= 600, "an endless sentence: {long} characters, {begin:?}");
    assert!(!said.contains(char::is_control), "not one line: {said:?}");
    for inside in ["panicked", "unwrap", "Some(", "None", "Err(", ".rs:"] {
        assert!(!said.contains(inside), "of the program's inside: {said:?}");
    }
}
