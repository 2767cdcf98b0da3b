//! Who may do what is decided below the window: whatever way something is written, the same rules hold.

use std::path::Path;

use crate::common::{now, procedure, slip_at};
use chrono::{NaiveDateTime, TimeDelta};
use taizhang::exchange;
use taizhang::flow;
use taizhang::password;
use taizhang::procedure::{Change, FormId, OFFICE, Procedure};
use taizhang::record::{CellId, Correction, Customer, Deed, Printed, Record, RecordId, Signed, Void};
use taizhang::store::{Act, Along, Prints, Sat, Store, StoreError, Worth};

fn person(name: &str) -> Change {
    Change::AddPerson(name.to_owned(), "技术质安部".to_owned())
}

/// The procedure as the book's office has it.
fn office(store: &Store) -> Procedure {
    let mut procedure = procedure();
    if let Some(kept) = store.setting(OFFICE).unwrap() {
        procedure.take_office(&kept).unwrap();
    }
    procedure
}

fn change(store: &Store, change: &Change) -> Result<(), StoreError> {
    let kept = store.setting(OFFICE).unwrap();
    let document = office(store).document.changed(change).unwrap();
    store.set_office(&document.to_keep(kept.as_deref()).unwrap(), "", now())
}

/// A book with people, of whom some have passwords: their names, written small.
fn book(folder: &Path, people: &[(&str, Option<&str>)]) -> Store {
    let store = Store::open(&folder.join("a.book")).unwrap();
    for (name, _) in people {
        change(&store, &person(name)).unwrap();
    }
    for (name, password) in people {
        if let Some(password) = password {
            // Whoever sits there first governs.
            sit(&store, people[0]);
            store.set_password(name, Some(password), now()).unwrap().unwrap();
        }
    }
    store.operate_as("");
    store
}

fn sit(store: &Store, (name, password): (&str, Option<&str>)) {
    assert_eq!(store.sit(name, password.unwrap_or_default(), now()).unwrap(), Sat::Sits, "{name}");
}

fn again(folder: &Path) -> Store {
    Store::open_existing(&folder.join("a.book")).unwrap()
}

fn signed(name: &str) -> Signed {
    Signed { field: "registrar".into(), name: name.to_owned(), on: "2026-11-20".to_owned(), ..Signed::default() }
}

fn sign(store: &Store, id: RecordId, name: &str) -> Result<(), StoreError> {
    let cells = vec![(CellId::new("registrar", 0), name.to_owned())];
    store.act(id, &Act { cells, deeds: vec![Deed::Signed(signed(name))], ..Act::default() }, now())
}

fn worth(store: &Store, id: RecordId) -> Vec<Worth> {
    let (record, procedure) = (store.record(id).unwrap().unwrap(), procedure());
    let form = procedure.form(&record.form).unwrap();
    store.signings(form, &record).unwrap().iter().map(|it| it.worth).collect()
}

fn correction(by: &str) -> Correction {
    let (old, new) = (String::new(), "蝶阀渗漏".to_owned());
    let (on, reason) = ("2026-11-20".to_owned(), "抄错".to_owned());
    Correction { cell: CellId::new("complaint", 0), old, new, by: by.to_owned(), on, reason }
}

/// A colleague, in a second window, on the command line or through another program of this one's kind, does nothing in the
/// name of a person with a password; that person does.
#[test]
fn nobody_does_anything_in_the_name_of_whoever_has_a_password() {
    let folder = tempfile::tempdir().unwrap();
    let own = book(folder.path(), &[("沈䶮", Some("一二三")), ("陆喆", None)]);
    let other = again(folder.path());
    let slip = slip_at(&own, 0, &[]);
    let form = procedure().form(&"05".into()).unwrap().clone();
    type Way<'a> = &'a dyn Fn(&Store, &str) -> Result<(), StoreError>;
    let ways: [(&str, Way<'_>); 9] = [
        ("signs", &|store, name| sign(store, slip, name)),
        ("corrects", &|store, name| store.correct(slip, &correction(name), now())),
        ("writes", &|store, name| {
            let sitting = store.operator();
            store.operate_as(name);
            let done = store.set(slip, &CellId::new("product", 0), &format!("产品 {name}"), "", now()).map(drop);
            store.operate_as(&sitting);
            done
        }),
        ("holds", &|store, name| {
            let deeds = vec![Deed::Held { reason: "诉讼".to_owned() }];
            store.act(slip, &Act { by: name.to_owned(), deeds, ..Act::default() }, now())
        }),
        ("files", &|store, name| {
            let deeds = vec![Deed::Filed { case: "1".to_owned(), binder: "1".to_owned(), on: "2026-11-20".to_owned() }];
            store.act_on_all(&[slip], &Act { by: name.to_owned(), deeds, ..Act::default() }, now())
        }),
        ("keeps a user", &|store, name| {
            let it = Customer { name: format!("{name}厂"), note: "n".to_owned(), ..Customer::default() };
            store.put_customer(&it, name, now())
        }),
        ("reserves", &|store, name| {
            let procedure = procedure();
            let pattern = procedure.document.pattern(&form.form);
            store.reserve(&form, pattern, 2026, 1, (name, "空白单"), now()).map(drop)
        }),
        ("sets", &|store, name| {
            let document = office(store).document.changed(&Change::Company(format!("{name}公司"))).unwrap();
            store.set_office(&document.to_keep(None).unwrap(), name, now())
        }),
        ("voids", &|store, name| {
            let void = Void { by: name.to_owned(), on: "2026-11-20".to_owned(), reason: "重复".to_owned() };
            store.void(slip, &void, now())
        }),
    ];
    for (what, way) in ways {
        for name in ["沈䶮", "　沈 䶮"] {
            let why = way(&other, name).unwrap_err().to_string();
            assert!(why.contains("沈䶮 设了密码") || why.contains("请 沈䶮 在右上角"), "{what}: {why}");
        }
        // Nor does somebody who sits there themselves.
        sit(&other, ("陆喆", None));
        assert!(way(&other, "沈䶮").is_err(), "{what}");
        other.operate_as("");
    }
    assert_eq!(own.record(slip).unwrap().unwrap().facts, []);
    for (what, way) in ways {
        sit(&own, ("沈䶮", Some("一二三")));
        way(&own, "沈䶮").unwrap_or_else(|it| panic!("{what}: {it}"));
    }
    assert_eq!(own.check(), [""; 0]);
    // Who only says to be them is not.
    other.operate_as("沈䶮");
    assert!(other.add_round(slip, now()).is_err());
    assert_eq!(other.sit("沈䶮", "", now()).unwrap(), Sat::Asks);
}

/// Whoever got up, or whose password was changed elsewhere, has to give it anew.
#[test]
fn a_password_is_given_for_as_long_as_its_person_sits_there() {
    let folder = tempfile::tempdir().unwrap();
    let own = book(folder.path(), &[("沈䶮", Some("一二三")), ("陆喆", None)]);
    sit(&own, ("沈䶮", Some("一二三")));
    assert_eq!(own.may_sign("沈䶮"), Ok(()));
    assert_eq!(own.sit("沈䶮", "", now()).unwrap(), Sat::Sits, "still there");
    sit(&own, ("陆喆", None));
    assert!(own.may_sign("沈䶮").is_err());
    assert_eq!(own.sit("沈䶮", "", now()).unwrap(), Sat::Asks);
    sit(&own, ("沈䶮", Some("一二三")));
    let other = again(folder.path());
    sit(&other, ("沈䶮", Some("一二三")));
    other.set_password("沈䶮", Some("四五六"), now()).unwrap().unwrap();
    assert_eq!(other.may_sign("沈䶮"), Ok(()), "whoever changes it goes on sitting");
    assert!(own.may_sign("沈䶮").is_err());
    assert!(matches!(own.sit("沈䶮", "一二三", now()).unwrap(), Sat::Refused(why) if why.contains("密码不对")));
    sit(&own, ("沈䶮", Some("四五六")));
    assert!(matches!(own.sit("周岚", "", now()).unwrap(), Sat::Refused(why) if why.contains("人员表里没有")));
}

/// Guessing is slow: wrong passwords are counted in the book, so that neither a second window, nor a new start, nor a
/// clock that is put back is a way round.
#[test]
fn wrong_passwords_are_counted_in_the_book() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path(), &[("沈䶮", Some("right")), ("陆喆", Some("other"))]);
    let try_it = |store: &Store, password: &str, at: NaiveDateTime| store.sit("沈䶮", password, at).unwrap();
    let refused = |sat: Sat| match sat {
        Sat::Refused(why) => why,
        it => panic!("{it:?}"),
    };
    for _ in 0..5 {
        assert_eq!(refused(try_it(&store, "wrong", now())), "密码不对，操作人没有换");
        assert!(refused(try_it(&again(folder.path()), "wrong", now())).contains("密码不对"));
    }
    let later = |seconds: i64| now() + TimeDelta::seconds(seconds);
    assert!(refused(try_it(&again(folder.path()), "right", later(1))).contains("连续输错 10 次，再等 4 秒"));
    // Nobody else waits.
    assert_eq!(store.sit("陆喆", "other", now()).unwrap(), Sat::Sits);
    assert!(refused(try_it(&store, "wrong", later(6))).contains("请等 10 秒再试"));
    assert!(refused(try_it(&store, "right", later(15))).contains("再等 1 秒"));
    // A clock put back a year waits anew, and not for a year.
    let before = now() - TimeDelta::days(365);
    assert!(refused(try_it(&store, "right", before)).contains("再等 10 秒"));
    assert_eq!(try_it(&store, "right", before + TimeDelta::seconds(11)), Sat::Sits);
    assert!(store.set_setting("tries", "{}").is_err(), "no window puts the count back");
    store.operate_as("");
    assert_eq!(refused(try_it(&store, "wrong", now())), "密码不对，操作人没有换", "counted from nought");
    assert_eq!(store.check(), [""; 0]);
}

/// A forgotten password is replaced by two others who give theirs; never by one, by nobody, or by writing the settings.
#[test]
fn a_password_is_replaced_by_its_person_or_by_two_others() {
    let folder = tempfile::tempdir().unwrap();
    let people = [("沈䶮", Some("甲")), ("陆喆", Some("乙")), ("周岚", Some("丙")), ("何铮", None)];
    let store = book(folder.path(), &people);
    let given = |names: &[&str]| -> Vec<(String, String)> {
        let password = |name: &str| people.iter().find(|it| it.0 == name).and_then(|it| it.1).unwrap_or("x");
        names.iter().map(|it| ((*it).to_owned(), password(it).to_owned())).collect()
    };
    let replace = |names: &[&str]| -> Result<(), String> {
        let done = store.vouched(&given(names), now(), || store.set_password("沈䶮", Some("新"), now()).unwrap());
        done.unwrap().and_then(|it| it)
    };
    for names in [&[][..], &["陆喆"], &["陆喆", "陆喆"], &["何铮", "陆喆"], &["周岚", "谁"]] {
        assert!(replace(names).is_err(), "{names:?}");
        assert!(matches!(store.sit("沈䶮", "新", now()).unwrap(), Sat::Refused(_)));
    }
    let wrong = vec![("陆喆".to_owned(), "丙".to_owned()), ("周岚".to_owned(), "丙".to_owned())];
    assert!(store.vouched(&wrong, now(), || panic!("not with a wrong one")).unwrap().is_err());
    // Even whoever governs takes no password away, nor renames or drops its person.
    sit(&store, people[0]);
    change(&store, &Change::Governs("陆喆".to_owned(), true)).unwrap();
    sit(&store, people[1]);
    let hash = password::hash("坏").unwrap();
    for it in [
        Change::Password("沈䶮".to_owned(), None),
        Change::Password("沈䶮".to_owned(), Some(hash)),
        Change::RenamePerson("沈䶮".to_owned(), "沈龑".to_owned()),
    ] {
        let why = change(&store, &it).unwrap_err().to_string();
        assert!(why.contains("沈䶮 设了密码：请本人"), "{it:?}: {why}");
    }
    let without = r#"{"people":[{"name":"陆喆"}]}"#;
    assert!(store.set_office(without, "", now()).is_err());
    assert!(store.set_office("{", "", now()).is_err(), "nor by settings that nobody can read");
    // Whoever sits there is one of the two.
    replace(&["周岚"]).unwrap();
    assert_eq!(store.sit("沈䶮", "新", now()).unwrap(), Sat::Sits);
    store.operate_as("");
    let done = store.vouched(&given(&["陆喆", "周岚"]), now(), || store.set_password("沈䶮", None, now()).unwrap());
    assert_eq!(done.unwrap(), Ok(Ok(())));
    assert_eq!(store.sit("沈䶮", "", now()).unwrap(), Sat::Sits);
    assert_eq!(store.check(), [""; 0]);
}

/// While nobody has a password anybody changes settings; whoever sets the first one governs, and says who else does.
#[test]
fn whoever_sets_the_first_password_decides_who_governs() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path(), &[("沈䶮", None), ("陆喆", None)]);
    change(&store, &Change::Company("甲公司".to_owned())).unwrap();
    sit(&store, ("沈䶮", None));
    store.set_password("沈䶮", Some("甲"), now()).unwrap().unwrap();
    assert!(office(&store).document.person("沈䶮").unwrap().governs);
    change(&store, &Change::Company("乙公司".to_owned())).unwrap();
    sit(&store, ("陆喆", None));
    let why = change(&store, &Change::Company("丙公司".to_owned())).unwrap_err().to_string();
    assert!(why.contains("设置和人员由管理的人改：请 沈䶮 在右上角坐上操作位再改"), "{why}");
    assert_eq!(store.may_govern().map_err(|it| it.contains("沈䶮")), Err(true));
    // Nor does anybody give themselves a password behind the back of whoever governs: two such people could vouch for each
    // other. It is given to them, and then is their own to change; and does not govern.
    let why = store.set_password("陆喆", Some("乙"), now()).unwrap().unwrap_err();
    assert!(why.contains("请 沈䶮 在右上角坐上操作位再改"), "{why}");
    sit(&store, ("沈䶮", Some("甲")));
    store.set_password("陆喆", Some("初"), now()).unwrap().unwrap();
    sit(&store, ("陆喆", Some("初")));
    store.set_password("陆喆", Some("乙"), now()).unwrap().unwrap();
    assert!(store.may_govern().is_err());
    sit(&store, ("沈䶮", Some("甲")));
    change(&store, &Change::Governs("陆喆".to_owned(), true)).unwrap();
    sit(&store, ("陆喆", Some("乙")));
    change(&store, &Change::Company("丁公司".to_owned())).unwrap();
    // A book of before there was the mark: everybody with a password governs.
    for name in ["沈䶮", "陆喆"] {
        change(&store, &Change::Governs(name.to_owned(), false)).unwrap();
    }
    sit(&store, ("沈䶮", Some("甲")));
    change(&store, &Change::Company("戊公司".to_owned())).unwrap();
    assert_eq!(store.check(), [""; 0]);
}

/// 4.7: three people of the book, each with their password where they have one, or nothing is destroyed.
#[test]
fn a_destruction_names_people_of_the_book_who_were_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("a.book")).unwrap();
    store.destroy_by(Some("4.7"));
    let slip = slip_at(&store, 6, &[]);
    let deed = |names: [&str; 3]| {
        let [approved, executed, watched] = names.map(str::to_owned);
        Deed::Destroyed { approved, executed, watched, on: "2026-11-20".to_owned() }
    };
    let three = ["沈䶮", "陆喆", "周岚"];
    let destroy = |names| store.destroy(slip, &deed(names), &[], "", now()).map_err(|it| it.to_string());
    assert!(destroy(three).unwrap_err().contains("人员表还是空的：请先到设置里添上批准人、执行人、监销人（4.7）"));
    for it in ["沈䶮", "陆喆", "周岚", "何铮"] {
        change(&store, &person(it)).unwrap();
    }
    change(&store, &Change::Left("何铮".to_owned(), true)).unwrap();
    assert!(destroy(["沈䶮", "陆喆", "外人"]).unwrap_err().contains("监销人“外人”不是人员表里在职的人"));
    assert!(destroy(["何铮", "陆喆", "周岚"]).unwrap_err().contains("批准人“何铮”不是"));
    assert!(destroy(["沈䶮", "陆喆", "沈 䶮"]).unwrap_err().contains("三个不同的人"));
    store.set_password("陆喆", Some("乙"), now()).unwrap().unwrap();
    assert!(destroy(three).unwrap_err().contains("执行人 陆喆 设了密码，要本人写上密码（4.7）"));
    // Nor by the way round: a deed put down like any other.
    let act = Act { deeds: vec![deed(three)], ..Act::default() };
    assert!(store.act(slip, &act, now()).is_err());
    assert!(!store.record(slip).unwrap().unwrap().destroyed());
    let with = |password: &str| {
        let given = vec![("陆喆".to_owned(), password.to_owned())];
        store.vouched(&given, now(), || destroy(three)).unwrap()
    };
    assert!(with("错").unwrap_err().contains("密码不对"));
    assert_eq!(with("乙"), Ok(Ok(())));
    assert!(store.record(slip).unwrap().unwrap().destroyed());
    assert_eq!(store.check(), [""; 0]);
}

/// With a password comes a key, and with the key signatures that prove who made them; without one a signature says so.
#[test]
fn whoever_has_a_key_signs_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path(), &[("沈䶮", Some("甲")), ("陆喆", None)]);
    let slips: Vec<RecordId> = (0..4).map(|_| slip_at(&store, 0, &[])).collect();
    sign(&store, slips[0], "陆喆").unwrap();
    sit(&store, ("沈䶮", Some("甲")));
    sign(&store, slips[1], "沈䶮").unwrap();
    sign(&store, slips[2], "陆喆").unwrap();
    let all = |store: &Store| slips[..3].iter().flat_map(|it| worth(store, *it)).collect::<Vec<_>>();
    assert_eq!(all(&store), [Worth::Bare, Worth::Proved, Worth::Bare]);
    let checkup = store.check_up(None, &|| true);
    assert_eq!(checkup.found, [""; 0]);
    assert!(checkup.marks.iter().any(|it| it == "签署 3 处，其中 1 处有本人钥匙证明"), "{:?}", checkup.marks);
    // What comes after a signature does not shake it: corrections, other sheets, a new start.
    store.correct(slips[1], &correction("沈䶮"), now()).unwrap();
    drop(store);
    let store = again(folder.path());
    assert_eq!(all(&store), [Worth::Bare, Worth::Proved, Worth::Bare]);
    // The secret is not in the file, nor in what is told of the key.
    assert_eq!(store.public_keys().unwrap().len(), 1);
}

/// One's own new password seals the same key; where it was forgotten there is a new key, and the old one stays valid for
/// its time.
#[test]
fn a_key_outlives_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let people = [("沈䶮", Some("甲")), ("陆喆", Some("乙")), ("周岚", Some("丙"))];
    let store = book(folder.path(), &people);
    let slips: Vec<RecordId> = (0..5).map(|_| slip_at(&store, 0, &[])).collect();
    let key = |store: &Store| {
        let all = store.public_keys().unwrap();
        all.iter().rev().find(|it| it.0 == "沈䶮").unwrap().1.clone()
    };
    sit(&store, ("沈䶮", Some("甲")));
    sign(&store, slips[0], "沈䶮").unwrap();
    let first = key(&store);
    store.set_password("沈䶮", Some("丁"), now()).unwrap().unwrap();
    assert_eq!(key(&store), first, "the same key");
    sign(&store, slips[1], "沈䶮").unwrap();
    let given = vec![("陆喆".to_owned(), "乙".to_owned()), ("周岚".to_owned(), "丙".to_owned())];
    store.operate_as("");
    let done = store.vouched(&given, now(), || store.set_password("沈䶮", Some("戊"), now()).unwrap()).unwrap();
    assert_eq!(done, Ok(Ok(())));
    assert_ne!(key(&store), first, "nobody could open it");
    sit(&store, ("沈䶮", Some("戊")));
    sign(&store, slips[2], "沈䶮").unwrap();
    // Another name, the same person: the key goes along.
    change(&store, &Change::RenamePerson("沈䶮".to_owned(), "沈龑".to_owned())).unwrap();
    sit(&store, ("沈龑", None));
    sign(&store, slips[3], "沈龑").unwrap();
    store.set_password("沈龑", None, now()).unwrap().unwrap();
    sign(&store, slips[4], "沈龑").unwrap();
    let all: Vec<Worth> = slips.iter().flat_map(|it| worth(&store, *it)).collect();
    assert_eq!(all, [Worth::Proved, Worth::Proved, Worth::Proved, Worth::Proved, Worth::Bare]);
    assert_eq!(store.check(), [""; 0]);
}

/// Who has a key is not written into a signature: whoever corrects their own name signs with it, and what was written there
/// by others is found.
#[test]
fn a_name_with_a_key_in_a_signature_cell_is_a_signature_or_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path(), &[("沈䶮", Some("甲")), ("陆喆", None)]);
    let (own, other) = (slip_at(&store, 0, &[]), slip_at(&store, 0, &[]));
    sign(&store, own, "沈龑").unwrap();
    let name = || Correction { cell: CellId::new("registrar", 0), new: "沈䶮".to_owned(), ..correction("沈䶮") };
    let rule = |_: &Record| Ok(Along { round: None, signed: Some(signed("沈䶮")) });
    assert!(store.correct_unless(own, &name(), now(), &rule).is_err());
    sit(&store, ("沈䶮", Some("甲")));
    store.correct_unless(own, &name(), now(), &rule).unwrap().unwrap();
    assert_eq!(worth(&store, own), [Worth::Proved]);
    assert_eq!(store.check_up(Some(&procedure()), &|| true).found, [""; 0]);
    // The cell alone, without any deed.
    store.operate_as("");
    let cells = vec![(CellId::new("registrar", 0), "沈䶮".to_owned())];
    store.act(other, &Act { cells, ..Act::default() }, now()).unwrap();
    assert_eq!(worth(&store, other), [Worth::Forged]);
    let found = store.check_up(Some(&procedure()), &|| true).found;
    assert_eq!(found, ["表 05 的 2026-002，“沈䶮”的签署与本人钥匙不符，不是本人签的"]);
}

/// A password that was put in by other tools opens no key: its person does not sign until two others vouch for a new one.
#[test]
fn a_password_from_elsewhere_opens_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let people = [("沈䶮", Some("甲")), ("陆喆", Some("乙")), ("周岚", Some("丙"))];
    let store = book(folder.path(), &people);
    let slip = slip_at(&store, 0, &[]);
    let (kept, hash) = (store.setting(OFFICE).unwrap().unwrap(), password::hash("坏").unwrap());
    let document = office(&store).document.changed(&Change::Password("沈䶮".to_owned(), Some(hash))).unwrap();
    let past = rusqlite::Connection::open(folder.path().join("a.book")).unwrap();
    let text = document.to_keep(Some(&kept)).unwrap();
    past.execute("UPDATE setting SET value = ?1 WHERE key = 'office'", [text]).unwrap();
    sit(&store, ("沈䶮", Some("坏")));
    let why = sign(&store, slip, "沈䶮").unwrap_err().to_string();
    assert!(why.contains("沈䶮 有签名钥匙，而现在的密码打不开它，没有签署"), "{why}");
    assert!(store.check().iter().any(|it| it.contains("setting")), "and it is found");
}

/// A book of before there were keys: whoever sits down with their password gets one then.
#[test]
fn a_password_of_before_brings_its_key_when_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path(), &[("沈䶮", None)]);
    let hash = password::hash("甲").unwrap();
    change(&store, &Change::Password("沈䶮".to_owned(), Some(hash))).unwrap();
    assert_eq!(store.public_keys().unwrap(), []);
    sit(&store, ("沈䶮", Some("甲")));
    let slip = slip_at(&store, 0, &[]);
    sign(&store, slip, "沈䶮").unwrap();
    assert_eq!(worth(&store, slip), [Worth::Proved]);
    sit(&again(folder.path()), ("沈䶮", Some("甲")));
    assert_eq!(store.public_keys().unwrap().len(), 1, "one key");
    assert_eq!(store.check(), [""; 0]);
}

/// What comes in from a file stands there as such, never as signed here, whatever it says of itself.
#[test]
fn signatures_from_a_file_are_proved_by_nothing() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = book(there.path(), &[("沈䶮", Some("甲"))]);
    sit(&one, ("沈䶮", Some("甲")));
    let slip = slip_at(&one, 0, &[]);
    sign(&one, slip, "沈䶮").unwrap();
    let record = one.record(slip).unwrap().unwrap();
    let json = format!("{{\"form05\":[{}]}}", exchange::to_json(&procedure(), &record, now().date()));
    assert!(json.contains("signature"));
    let store = book(here.path(), &[("沈䶮", Some("乙")), ("陆喆", None)]);
    let records = exchange::read(&json, &procedure(), now()).unwrap();
    store.operate_as("沈䶮");
    assert!(store.import(&procedure().document, records.clone(), now()).is_err(), "nor is it brought in by her");
    store.operate_as("命令行");
    let ids = store.import(&procedure().document, records, now()).unwrap();
    assert_eq!(worth(&store, ids[0]), [Worth::Imported]);
    // So does a name in a signature cell that no signature is told of.
    let bare = r#"{"form05":[{"登记人":{"姓名":"陆喆"}}]}"#;
    let bare = exchange::read(bare, &procedure(), now()).unwrap();
    let bare = store.import(&procedure().document, bare, now()).unwrap();
    assert_eq!(worth(&store, bare[0]), [Worth::Imported]);
    let checkup = store.check_up(Some(&procedure()), &|| true);
    assert_eq!(checkup.found, [""; 0]);
    assert!(checkup.marks.iter().any(|it| it.contains("导入的签署") && it.contains("未证明")), "{:?}", checkup.marks);
}

/// What a rule of the procedure forbids is asked in the very moment of writing, whatever another window did just before.
#[test]
fn a_rule_is_asked_of_the_sheet_as_it_is_in_that_moment() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path(), &[]);
    let (slip, other) = (slip_at(&store, 2, &[]), slip_at(&store, 2, &[]));
    let void = Void { by: "陆喆".to_owned(), on: "2026-11-20".to_owned(), reason: "重复".to_owned() };
    again(folder.path()).void(slip, &void, now()).unwrap();
    let (procedure, id) = (procedure(), FormId::from("05"));
    let shut = |it: &Record| taizhang::flow::shut(procedure.form(&id).unwrap(), it).map(String::from);
    let seen = store.void_unless(slip, &void, now(), &shut).unwrap();
    assert!(seen.unwrap_err().contains("本单已作废（重复）"));
    let rule =
        |record: &Record| shut(record).map_or(Ok(Along { round: Some(flow::Back::default()), signed: None }), Err);
    assert!(store.correct_unless(slip, &correction("陆喆"), now(), &rule).unwrap().is_err());
    assert_eq!(store.record(slip).unwrap().unwrap().corrections, []);
    let act = Act { deeds: vec![Deed::Held { reason: "诉讼".to_owned() }], ..Act::default() };
    let all = store.act_on_all_unless(&[other, slip], &act, now(), &shut).unwrap();
    assert!(all.is_err() && store.record(other).unwrap().unwrap().held().is_none(), "all of them, or none");
    assert_eq!(store.correct_unless(other, &correction("陆喆"), now(), &rule).unwrap(), Ok(true));
    assert_eq!(store.record(other).unwrap().unwrap().rounds.len(), 2);
}

/// What lies on paper is put down although whoever printed it has left the desk since.
#[test]
fn a_print_is_noted_after_the_desk_was_left() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path(), &[("沈䶮", Some("甲"))]);
    let slip = slip_at(&store, 0, &[]);
    let sheets = vec![(slip, Printed::default())];
    store.note_prints(&Prints { sheets, by: "沈䶮".to_owned(), at: now(), ..Prints::default() }).unwrap();
    let record = store.record(slip).unwrap().unwrap();
    assert_eq!(record.facts.iter().map(|it| it.by.as_str()).collect::<Vec<_>>(), [""]);
}

/// Nobody signs what was put on the sheet past the program.
#[test]
fn a_sheet_that_was_meddled_with_is_not_signed() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path(), &[("陆喆", None)]);
    let slip = slip_at(&store, 0, &[("complaint", "渗漏")]);
    drop(store);
    let past = rusqlite::Connection::open(folder.path().join("a.book")).unwrap();
    past.execute("UPDATE value SET text = '没有渗漏' WHERE text = '渗漏'", []).unwrap();
    drop(past);
    let store = again(folder.path());
    let why = sign(&store, slip, "陆喆").unwrap_err().to_string();
    assert!(why.contains("与修改记录不符，不知是谁绕过程序改动过；请先检查台帐，没有签署"), "{why}");
}

/// A sheet that came from a file and is rewritten (重抄) brings along what nothing proves here: nobody is called a forger.
#[test]
fn a_rewritten_sheet_of_one_from_a_file_is_as_little_proved() {
    let folder = tempfile::tempdir().unwrap();
    let store = book(folder.path(), &[("沈䶮", Some("甲")), ("陆喆", None)]);
    let (one, there) = (tempfile::tempdir().unwrap(), procedure());
    let elsewhere = book(one.path(), &[("沈䶮", None)]);
    let slip = slip_at(&elsewhere, 0, &[]);
    sign(&elsewhere, slip, "沈䶮").unwrap();
    let record = elsewhere.record(slip).unwrap().unwrap();
    let told = exchange::to_json(&there, &record, now().date());
    // One with what is told of its signature, and one with the bare name in the cell.
    for sheet in [told.to_string(), r#"{"登记人":{"姓名":"沈䶮"}}"#.to_owned()] {
        let sheets = exchange::read(&format!("{{\"form05\":[{sheet}]}}"), &there, now()).unwrap();
        let sheets = sheets.into_iter().map(|it| taizhang::store::NewRecord { number: None, ..it });
        store.operate_as("命令行");
        let came = store.import(&there.document, sheets, now()).unwrap()[0];
        assert_eq!(worth(&store, came), [Worth::Imported]);
        sit(&store, ("陆喆", None));
        let rewrite = |id: RecordId| {
            let original = store.record(id).unwrap().unwrap();
            let signed = original.facts.iter().map(|it| it.deed.clone()).filter(|it| matches!(it, Deed::Signed(_)));
            let deeds = std::iter::once(Deed::Rewrites { record: id.0 }).chain(signed).collect();
            let act = Act { by: "陆喆".to_owned(), deeds, ..Act::default() };
            let pattern = there.document.pattern(&original.form);
            store.rewrite(&original, pattern, original.rounds.clone(), &act, now()).unwrap().id
        };
        let made = rewrite(came);
        assert_eq!(worth(&store, made), [Worth::Imported], "{sheet}");
        let checkup = store.check_up(Some(&there), &|| true);
        assert_eq!(checkup.found, [""; 0]);
        assert!(
            checkup.marks.iter().any(|it| it.contains("导入的签署") && it.contains("未证明")),
            "{:?}",
            checkup.marks
        );
        store.operate_as("");
    }
}

/// Somebody gets their first password and signs while a long check goes on, after it read the keys: they are no forger.
#[test]
fn a_key_that_was_made_while_the_book_is_checked_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let mut people: Vec<String> = vec!["沈䶮".to_owned()];
    people.extend((0..40).map(|it| format!("陆喆{it}")));
    let with: Vec<(&str, Option<&str>)> = people.iter().map(|it| (it.as_str(), None)).collect();
    let store = book(folder.path(), &with);
    sit(&store, with[0]);
    store.set_password("沈䶮", Some("甲"), now()).unwrap().unwrap();
    let own = slip_at(&store, 0, &[]);
    sign(&store, own, "沈䶮").unwrap();
    let (other, mut signed) = (again(folder.path()), 0);
    // Before each part of the check in turn.
    for (moment, name) in people.iter().enumerate().skip(1) {
        let slip = slip_at(&store, 0, &[]);
        let asked = std::cell::Cell::new(0);
        let goes_on = || {
            asked.set(asked.get() + 1);
            if asked.get() == moment {
                sit(&other, ("沈䶮", Some("甲")));
                other.set_password(name, Some("乙"), now()).unwrap().unwrap();
                sit(&other, (name, Some("乙")));
                sign(&other, slip, name).unwrap();
            }
            true
        };
        let checkup = store.check_up(Some(&procedure()), &goes_on);
        assert_eq!(checkup.found, [""; 0], "{name} signed before part {moment} of {}", asked.get());
        if asked.get() < moment {
            break;
        }
        signed += 1;
        assert_eq!(worth(&store, slip), [Worth::Proved]);
    }
    assert!((10..40).contains(&signed), "{signed} parts");
}
