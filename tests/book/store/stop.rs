//! What takes long can be broken off (停止), at any moment: then the book and its folder are as they were.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use taizhang::store::{Key, Opener, Reason, Stop, Store, StoreError};

use super::{Office, day, now};

/// A book of 300 slips with their whole lives, and the file of a copy of it.
fn large(office: &Office) -> (std::path::PathBuf, std::path::PathBuf) {
    let (path, copy) = (office.path("质量.book"), office.path("副本.book"));
    let store = Store::open(&path).unwrap();
    store
        .relive(
            &office.procedure.document,
            crate::common::plausible::lives(office.slip(), "某公司", 300, 5, day("2026-11-20")),
        )
        .unwrap();
    store.copy_to(&copy).unwrap();
    (path, copy)
}

/// Every file of a folder and what stands in it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|it| it.unwrap());
    let entries = entries.filter(|it| it.file_type().unwrap().is_file());
    entries.map(|it| (it.file_name().into_string().unwrap(), fs::read(it.path()).unwrap())).collect()
}

/// Something that takes long: what it is called, and why it was not done.
type Work<'a> = (&'static str, Box<dyn Fn(&Stop) -> Option<StoreError> + 'a>);

fn works<'a>(office: &'a Office, path: &'a Path, copy: &'a Path) -> Vec<Work<'a>> {
    let opener = |it: &Path, stop: &Stop| Opener::new(it, None).stopped_by(stop);
    let backup = move |stop: &Stop| opener(path, stop).open()?.back_up(Reason::Manual, now()).map(drop);
    let restore = move |stop: &Stop| opener(copy, stop).restore(&opener(path, stop), now()).map(drop);
    let out = office.path("抢救.book");
    let salvage = move |stop: &Stop| opener(path, stop).salvage_to(&out, &office.procedure, now()).map(drop);
    let read = move |stop: &Stop| opener(path, stop).salvage_to_read(&office.procedure, now()).map(drop);
    let import = move |stop: &Stop| {
        let slips: Vec<_> = crate::common::plausible::slips(office.slip(), 2_000, 6, day("2026-11-20")).collect();
        opener(path, stop).open()?.import(&office.procedure.document, slips, now()).map(drop)
    };
    let key = Key::new("新口令");
    let change = move |stop: &Stop| opener(path, stop).change_key(key.as_ref());
    vec![
        ("备份", Box::new(move |stop| backup(stop).err())),
        ("恢复", Box::new(move |stop| restore(stop).err())),
        ("抢救", Box::new(move |stop| salvage(stop).err())),
        ("只读打开", Box::new(move |stop| read(stop).err())),
        ("导入", Box::new(move |stop| import(stop).err())),
        ("换口令", Box::new(move |stop| change(stop).err())),
    ]
}

#[test]
fn what_is_broken_off_leaves_everything_as_it_was() {
    let office = Office::new();
    let (path, copy) = large(&office);
    let before = files(office.folder.path());
    // Before it begins, and in its midst: each takes far longer.
    for wait in [None, Some(Duration::from_millis(15))] {
        for (what, work) in works(&office, &path, &copy) {
            let stop = Stop::default();
            let asks = stop.clone();
            let hand = wait.map(|wait| {
                std::thread::spawn(move || {
                    std::thread::sleep(wait);
                    asks.ask();
                })
            });
            if hand.is_none() {
                stop.ask();
            }
            let error = work(&stop);
            if let Some(hand) = hand {
                hand.join().unwrap();
            }
            let said = error.as_ref().map(ToString::to_string).unwrap_or_default();
            assert!(
                error.is_some_and(|it| it.is_stop()) && said.ends_with("已停止，原来的内容没有动"),
                "{what}: {said}"
            );
            assert_eq!(files(office.folder.path()), before, "{what}");
            assert!(fs::read_dir(office.path("备份")).into_iter().flatten().next().is_none(), "{what}");
        }
    }
    assert_eq!(Store::open(&path).unwrap().check(), [""; 0]);
}
