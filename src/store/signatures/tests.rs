//! Whoever knows this program and has the file writes a whole book anew, in which every line proves the one before it; and
//! still no signature of another's key is in it.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use chrono::NaiveDateTime;

use super::super::history::{Line, append};
use super::super::{Act, Sat, Store};
use super::*;
use crate::procedure::{Change, FieldId, Procedure};
use crate::record::{CellId, Fact, Values};

fn now() -> NaiveDateTime {
    "2026-11-20T09:00:00".parse().unwrap()
}

fn signed(name: &str) -> Signed {
    Signed { field: "registrar".into(), name: name.to_owned(), on: "2026-11-20".to_owned(), ..Signed::default() }
}

fn begin(store: &Store, complaint: &str) -> RecordId {
    let procedure = Procedure::load(&[]).unwrap();
    let form = procedure.form(&"05".into()).unwrap();
    let values = Values::from([(FieldId::from("complaint"), complaint.to_owned())]);
    store.create(form, procedure.document.pattern(&form.form), 2026, now(), &values).unwrap().id
}

fn sign(store: &Store, id: RecordId, signed: Signed) {
    let cells = vec![(CellId::new("registrar", 0), signed.name.clone())];
    store.act(id, &Act { cells, deeds: vec![Deed::Signed(signed)], ..Act::default() }, now()).unwrap();
}

/// A book in which 沈䶮 and 陆喆 have keys and sit down, a slip about this, and another one.
fn book(complaint: &str) -> (Store, RecordId, RecordId) {
    let store = Store::in_memory().unwrap();
    let mut document = Procedure::load(&[]).unwrap().document;
    for name in ["沈䶮", "陆喆"] {
        document = document.changed(&Change::AddPerson(name.to_owned(), String::new())).unwrap();
    }
    store.set_office(&document.to_keep(None).unwrap(), "", now()).unwrap();
    for name in ["沈䶮", "陆喆"] {
        assert_eq!(store.sit("沈䶮", "甲", now()).unwrap(), Sat::Sits);
        store.set_password(name, Some("甲"), now()).unwrap().unwrap();
    }
    store.operate_as("");
    let slips = (begin(&store, complaint), begin(&store, "另一件"));
    (store, slips.0, slips.1)
}

/// The deed as the book holds it.
fn deed(store: &Store, id: RecordId) -> Deed {
    store.record(id).unwrap().unwrap().facts.last().unwrap().deed.clone()
}

/// Puts a deed down as a program of one's own would, past every rule, with true lines of history that name whom one likes.
fn forge(store: &Store, id: RecordId, deed: &Deed) {
    let Deed::Signed(signed) = deed else { panic!("a signature") };
    let (record, at, made_by, text) = (Some(id), now(), Some("沈䶮"), keep_deed(deed));
    let (field, name) = (Some(signed.field.as_str()), Some(signed.name.as_str()));
    let done = store.writing(|| {
        let mut tail = store.tail()?;
        store.put(id, &CellId::new(signed.field.clone(), 0), &signed.name)?;
        let (what, round, old, new, content_now) = (What::Set, Some(0), Some(""), name, content(&store.existing(id)?));
        let line = Line { record, at, what, field, round, line: 0, old, new, content: content_now, made_by };
        append(&store.connection, &mut tail, &line)?;
        store.insert_fact(id, store.next_place(id)?, &Fact { at, by: String::new(), deed: deed.clone() })?;
        let (what, old, new) = (What::Fact, None, Some(text.as_str()));
        let line = Line {
            record,
            at,
            what,
            field: None,
            round: None,
            line: 0,
            old,
            new,
            content: content(&store.existing(id)?),
            made_by,
        };
        append(&store.connection, &mut tail, &line)
    });
    done.unwrap();
}

/// Copies the keys of a book into another, each line where it stood.
fn keys_of(store: &Store) -> Vec<(String, String, String)> {
    let mut all = store.connection.prepare("SELECT person, public, sealed FROM person_key ORDER BY id").unwrap();
    let each = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    each.collect::<Result<_, _>>().unwrap()
}

/// What a check says of signatures.
fn found(store: &Store) -> Vec<String> {
    store.check_up(None, &|| true).found
}

const FORGED: &str = "表 05 的 2026-001，“沈䶮”的签署与本人钥匙不符，不是本人签的";

#[test]
fn a_signature_of_a_key_is_proved_and_no_other_is() {
    let (store, slip, other) = book("渗漏");
    assert_eq!(store.sit("沈䶮", "甲", now()).unwrap(), Sat::Sits);
    sign(&store, slip, signed("沈䶮"));
    assert!(matches!(deed(&store, slip), Deed::Signed(it) if it.proof.is_some()));
    assert_eq!(found(&store), [""; 0]);

    // Without any proof.
    let (forged, slip, _) = book("渗漏");
    forge(&forged, slip, &Deed::Signed(signed("沈䶮")));
    assert_eq!(found(&forged), [FORGED]);
    // With her proof from another sheet, or of another day.
    forge(&store, other, &deed(&store, RecordId(1)));
    assert_eq!(found(&store).len(), 1, "{:?}", found(&store));
    assert!(found(&store)[0].contains("2026-002，“沈䶮”"));
    // With a key of one's own, under her name.
    let (forged, slip, _) = book("渗漏");
    assert_eq!(forged.sit("陆喆", "甲", now()).unwrap(), Sat::Sits);
    let own = forged.writing(|| {
        let Tail { id: line, hash } = forged.tail()?;
        let proof = Proof { line, head: hex(&hash), ..Proof::default() };
        let made = forged.with_key("陆喆", |it| hex(&it.sign(&message(&signed("沈䶮"), &proof))))?;
        Ok(Signed { proof: Some(Box::new(Proof { signature: made.unwrap(), ..proof })), ..signed("沈䶮") })
    });
    forge(&forged, slip, &Deed::Signed(own.unwrap()));
    assert_eq!(found(&forged), [FORGED]);
}

/// A book written anew from its first line, with the very keys and the very proof: what stood on the sheet, or anywhere in
/// the book before the signature, is signed too.
#[test]
fn nothing_before_a_signature_is_changed_without_its_failing() {
    let (true_book, slip, _) = book("渗漏");
    assert_eq!(true_book.sit("沈䶮", "甲", now()).unwrap(), Sat::Sits);
    sign(&true_book, slip, signed("沈䶮"));
    let (keys, proved) = (keys_of(&true_book), deed(&true_book, slip));
    let anew = |complaint: &str, other: &str| {
        let store = Store::in_memory().unwrap();
        // The same lines before the sheets: the settings are copied to the letter.
        let lines = "SELECT at, what, field, old, new, content, made_by FROM history
                     WHERE what IN ('setting', 'key') ORDER BY id";
        let mut lines = true_book.connection.prepare(lines).unwrap();
        let mut rows = lines.query([]).unwrap();
        let mut tail = Tail::NONE;
        let mut all = keys.iter();
        while let Some(row) = rows.next().unwrap() {
            let text = |at: usize| row.get::<_, Option<String>>(at).unwrap();
            let (what, field, old, new) = (What::of(&text(1).unwrap()).unwrap(), text(2), text(3), text(4));
            let by = text(6);
            if what == What::Key {
                let (person, public, sealed) = all.next().unwrap();
                let sql = "INSERT INTO person_key (person, public, sealed, at) VALUES (?1, ?2, ?3, ?4)";
                store.connection.execute(sql, params![person, public, sealed, keep_moment(now())]).unwrap();
            }
            let line = Line {
                record: None,
                at: now(),
                what,
                field: field.as_deref(),
                round: None,
                line: 0,
                old: old.as_deref(),
                new: new.as_deref(),
                content: row.get(5).unwrap(),
                made_by: by.as_deref(),
            };
            append(&store.connection, &mut tail, &line).unwrap();
        }
        let office: String = true_book.setting("office").unwrap().unwrap();
        store.connection.execute("INSERT INTO setting VALUES ('office', ?1)", [office]).unwrap();
        store.operate_as("");
        let slip = begin(&store, complaint);
        begin(&store, other);
        forge(&store, slip, &proved);
        found(&store)
    };
    // To the letter the same, it is the same book.
    assert_eq!(anew("渗漏", "另一件"), [""; 0]);
    for (complaint, other) in [("没有渗漏", "另一件"), ("渗漏", "别的一件")] {
        assert_eq!(anew(complaint, other), [FORGED], "{complaint}, {other}");
    }
}

/// A key put in the place of another's proves nothing, unless that key or those of two others say so.
#[test]
fn a_key_of_ones_own_in_the_place_of_anothers_is_found() {
    let (store, slip, _) = book("渗漏");
    store.operate_as("");
    let own = Secret::make().unwrap();
    let done = store.writing(|| {
        store.put_key("沈䶮", &hex(&own.public()), &own.seal("我的").unwrap(), None, now())?;
        let Tail { id: line, hash } = store.tail()?;
        Ok((line, hash))
    });
    let (line, hash) = done.unwrap();
    let untrue = format!("修改记录第 {line} 行，“沈䶮”的签名钥匙被换过或去掉过，没有本人或另外两人的钥匙证明，不作数");
    assert_eq!(found(&store), [untrue.as_str()]);
    // Nor is it used: the Set line comes between, so the proof is of the head before it.
    let proof = Proof { line, head: hex(&hash), ..Proof::default() };
    let signature = hex(&own.sign(&message(&signed("沈䶮"), &proof)));
    let forged = Signed { proof: Some(Box::new(Proof { signature, ..proof })), ..signed("沈䶮") };
    forge(&store, slip, &Deed::Signed(forged));
    assert_eq!(found(&store), [untrue.as_str(), FORGED]);
    // She sits and signs as before.
    assert_eq!(store.sit("沈䶮", "甲", now()).unwrap(), Sat::Sits);
    let other = begin(&store, "第三件");
    sign(&store, other, signed("沈䶮"));
    assert_eq!(found(&store).len(), 2);
    // To end hers is no way round either.
    store.operate_as("");
    store.writing(|| store.put_key("沈䶮", "", "", None, now())).unwrap();
    forge(&store, RecordId(2), &Deed::Signed(signed("沈䶮")));
    assert_eq!(found(&store).len(), 4, "{:?}", found(&store));
}

/// A rewritten sheet (重抄) brings along what was signed in rounds gone by, and no more than that.
#[test]
fn a_rewritten_sheet_carries_the_proofs_of_its_original() {
    let (store, slip, other) = book("渗漏");
    assert_eq!(store.sit("沈䶮", "甲", now()).unwrap(), Sat::Sits);
    sign(&store, slip, signed("沈䶮"));
    assert_eq!(store.sit("陆喆", "甲", now()).unwrap(), Sat::Sits);
    let procedure = Procedure::load(&[]).unwrap();
    let form = procedure.form(&"05".into()).unwrap();
    let pattern = procedure.document.pattern(&form.form);
    let original = store.record(slip).unwrap().unwrap();
    let rewrite = |original: &Record, deeds: Vec<Deed>| {
        let act = Act { by: "陆喆".to_owned(), deeds, ..Act::default() };
        store.rewrite(original, pattern, original.rounds.clone(), &act, now())
    };
    let carried = deed(&store, slip);
    // Somebody else's signature that never stood there is not brought along.
    let stranger = store.record(other).unwrap().unwrap();
    let deeds = vec![Deed::Rewrites { record: other.0 }, carried.clone()];
    assert!(rewrite(&stranger, deeds).unwrap_err().to_string().contains("沈䶮 设了密码"));
    let made = rewrite(&original, vec![Deed::Rewrites { record: slip.0 }, carried]).unwrap();
    let signings = store.signings(form, &made).unwrap();
    assert_eq!(signings.iter().map(|it| it.worth).collect::<Vec<_>>(), [Worth::Carried]);
    assert_eq!(found(&store), [""; 0]);
}

/// Makes a rewritten sheet (重抄) with all that is signed on this one.
fn rewritten(store: &Store, id: RecordId) -> RecordId {
    let procedure = Procedure::load(&[]).unwrap();
    let pattern = procedure.document.pattern(&"05".into());
    let original = store.record(id).unwrap().unwrap();
    let signed = original.facts.iter().map(|it| it.deed.clone()).filter(|it| matches!(it, Deed::Signed(_)));
    let deeds = std::iter::once(Deed::Rewrites { record: id.0 }).chain(signed).collect();
    let act = Act { by: "陆喆".to_owned(), deeds, ..Act::default() };
    store.rewrite(&original, pattern, original.rounds.clone(), &act, now()).unwrap().id
}

/// Whoever signed the original has not seen what a rewritten sheet holds: what it brought along is counted apart from what
/// is proved, however often it was rewritten.
#[test]
fn what_a_rewritten_sheet_brought_along_is_not_counted_as_proved() {
    let (store, slip, other) = book("渗漏");
    assert_eq!(store.sit("沈䶮", "甲", now()).unwrap(), Sat::Sits);
    sign(&store, slip, signed("沈䶮"));
    assert_eq!(store.sit("陆喆", "甲", now()).unwrap(), Sat::Sits);
    sign(&store, other, signed("陆喆"));
    let told = |store: &Store| {
        let marks = store.check_up(None, &|| true).marks;
        marks.into_iter().find(|it| it.starts_with("签署 ")).unwrap()
    };
    assert_eq!(told(&store), "签署 2 处，其中 2 处有本人钥匙证明");
    let once = rewritten(&store, slip);
    assert_eq!(told(&store), "签署 3 处，其中 2 处有本人钥匙证明，另 1 处是重抄时从原单照搬的，以原单为准");
    rewritten(&store, once);
    assert_eq!(told(&store), "签署 4 处，其中 2 处有本人钥匙证明，另 2 处是重抄时从原单照搬的，以原单为准");
    assert_eq!(found(&store), [""; 0]);
}
