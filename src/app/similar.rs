//! Complaints like the one on the desk: the index is read in parts between frames, and kept up with the book.

use std::collections::BTreeSet;

use eframe::egui;

use super::App;
use crate::customers::{about, aliases};
use crate::flow::{Standing, standing};
use crate::procedure::{FieldId, Form, FormId, SLIP};
use crate::record::{Record, RecordId};
use crate::similar::{Index, Similar, Slip, This};
use crate::store::{Result, Stamp};

/// How many slips are read into the index between two frames.
const PART: usize = 250;
/// When more slips than these were written at once, everything is read anew, in parts.
const MANY: usize = 400;
/// What the index is made of.
const FIELDS: [&str; 3] = ["customer", "product", "complaint"];

/// What is like the slip on the desk.
#[derive(Default)]
pub(super) struct Page {
    index: Index,
    /// Up to which slip, by its place in the book, the index was read; none before it was begun.
    read: Option<RecordId>,
    /// Whether every slip was read.
    complete: bool,
    /// The state of the book the index has.
    stamp: Stamp,
    /// For what the answer below was found.
    asked: Option<Asked>,
    found: Option<Similar>,
    /// The book could not be read: it is not tried again and again.
    off: bool,
}

impl Page {
    /// What is like the slip on the desk; none where no slip lies there, or nothing is written on it.
    pub(super) fn found(&self) -> Option<&Similar> {
        self.found.as_ref()
    }

    /// Two spellings became one, or one two: what was found may be so no longer.
    pub(super) fn forget_answer(&mut self) {
        self.asked = None;
    }
}

#[derive(Clone, PartialEq)]
struct Asked {
    record: RecordId,
    aliases: BTreeSet<String>,
    product: String,
    complaint: String,
    stamp: Stamp,
    complete: bool,
}

impl App {
    /// Finds what is like the slip on the desk, where anything changed since it was last found. Called once a frame.
    pub(super) fn seek_similar(&mut self, ctx: &egui::Context) {
        if self.pages.similar.off || self.reading.is_some() {
            return;
        }
        if let Err(error) = self.try_similar(ctx) {
            // Without it the slip is written all the same.
            self.pages.similar = Page { off: true, ..Page::default() };
            self.fail(format!("没有比对同类投诉：{error}"));
        }
    }

    fn try_similar(&mut self, ctx: &egui::Context) -> Result<()> {
        let slip = FormId::from(SLIP);
        let page = &mut self.pages.similar;
        let form = self.procedure.edition(&self.record.form, &self.record.edition);
        let (Some(store), Some(form)) = (&self.store, form.filter(|it| it.form == slip)) else {
            page.found = None;
            page.asked = None;
            return Ok(());
        };
        let stamp = store.stamp()?;
        if page.stamp != stamp {
            match store.changed_since(page.stamp, MANY)? {
                Some(changed) if page.read.is_some() => {
                    for id in changed {
                        if let Some(record) = store.record(id)?.filter(|it| it.form == slip) {
                            put(&mut page.index, form, &record);
                        }
                    }
                }
                Some(_) | None => {
                    (page.index, page.read, page.complete) = (Index::default(), Some(RecordId(0)), false);
                }
            }
            page.stamp = stamp;
        }
        if !page.complete {
            let fields: Vec<FieldId> = FIELDS.into_iter().map(FieldId::from).collect();
            let after = page.read.unwrap_or(RecordId(0));
            let list = self.lists.get(&slip);
            let read = store.next(&slip, &fields, after, PART, &mut |record| {
                page.read = Some(record.id);
                let gone = list.and_then(|it| it.get(record.id)).is_some_and(|it| it.standing == Standing::Void);
                if !gone {
                    put(&mut page.index, form, &record);
                }
            })?;
            page.complete = read < PART;
            if page.complete {
                page.index.settle();
            }
            ctx.request_repaint();
        }
        let text = |field: &str| self.record.latest(form, field).to_owned();
        let kept = self.pages.customers.kept(store, stamp)?;
        let customer = text("customer");
        let asked = Asked {
            record: self.record.id,
            aliases: if customer.trim().is_empty() { BTreeSet::new() } else { aliases(kept, &customer) },
            product: text("product"),
            complaint: text("complaint"),
            stamp,
            complete: page.complete,
        };
        if page.asked.as_ref() == Some(&asked) {
            return Ok(());
        }
        let this = This { record: asked.record, product: &asked.product, complaint: &asked.complaint };
        let hits = page.index.find(&this, &asked.aliases);
        let list = self.lists.get(&slip);
        let describe = |id: RecordId| {
            let line = list?.get(id)?;
            let record = store.record(id).ok()??;
            Some(Slip { record: id, number: line.number.clone(), date: line.date, about: about(form, &record) })
        };
        let said = |it: &str| !it.trim().is_empty();
        let any = said(&customer) || said(&asked.product) || said(&asked.complaint);
        page.found = any.then(|| Similar::of(hits, page.complete, describe));
        page.asked = Some(asked);
        Ok(())
    }
}

/// Takes a slip in, unless it is void: that is like none.
fn put(index: &mut Index, form: &Form, record: &Record) {
    if matches!(standing(form, record), Standing::Void | Standing::Destroyed) {
        return index.remove(record.id);
    }
    let text = |field: &str| record.latest(form, field);
    index.put(record.id, text("customer"), text("product"), text("complaint"));
}
