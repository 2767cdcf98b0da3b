//! Complaints like the one on the desk: the index is read in parts between frames, and kept up with the book.

use std::collections::BTreeSet;

use eframe::egui;

use super::App;
use crate::customers::{about, aliases};
use crate::flow::{Standing, standing};
use crate::procedure::{CountsAs, FieldId, Form};
use crate::record::{Record, RecordId};
use crate::similar::{Index, Similar, Slip, This};
use crate::store::{Result, Stamp};

/// How many slips are read into the index between two frames.
const PART: usize = 250;
/// When more slips than these were written at once, everything is read anew, in parts.
const MANY: usize = 400;

/// What is like the slip on the desk.
#[derive(Default)]
pub(super) struct Page {
    index: Index,
    /// Up to which slip the index was read, by the form's place among those of complaints and the slip's in the book; none
    /// before it was begun.
    read: Option<(usize, RecordId)>,
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
        if self.pages.similar.off || self.book.reading.is_some() {
            return;
        }
        if let Err(error) = self.try_similar(ctx) {
            // Without it the slip is written all the same.
            self.pages.similar = Page { off: true, ..Page::default() };
            self.fail(format!("没有比对同类投诉：{error}"));
        }
    }

    fn try_similar(&mut self, ctx: &egui::Context) -> Result<()> {
        let page = &mut self.pages.similar;
        let form = self.desk.form(&self.procedure);
        let (Some(store), Some(form)) = (&self.book.store, form.filter(|it| is_complaint(it))) else {
            page.found = None;
            page.asked = None;
            return Ok(());
        };
        let stamp = store.stamp()?;
        if page.stamp != stamp {
            match store.changed_since(page.stamp, MANY)? {
                Some(changed) if page.read.is_some() => {
                    for id in changed {
                        let Some(record) = store.record(id)? else { continue };
                        let form = self.procedure.edition(&record.form, &record.edition);
                        if let Some(form) = form.filter(|it| is_complaint(it)) {
                            put(&mut page.index, form, &record);
                        }
                    }
                }
                Some(_) | None => {
                    let words = self.procedure.document.trade();
                    (page.index, page.read, page.complete) = (Index::new(words), Some((0, RecordId(0))), false);
                }
            }
            page.stamp = stamp;
        }
        if !page.complete {
            let mut forms = self.procedure.sheets();
            forms.retain(|it| is_complaint(it));
            let (place, after) = page.read.unwrap_or((0, RecordId(0)));
            if let Some(newest) = forms.get(place) {
                let list = self.book.lists.get(&newest.form);
                let read = store.next(&newest.form, &texts(newest), after, PART, &mut |record| {
                    page.read = Some((place, record.id));
                    let gone = list.and_then(|it| it.get(record.id)).is_some_and(|it| it.standing == Standing::Void);
                    if !gone {
                        let form = self.procedure.edition(&record.form, &record.edition).unwrap_or(newest);
                        put(&mut page.index, form, &record);
                    }
                })?;
                if read < PART {
                    page.read = Some((place + 1, RecordId(0)));
                }
            }
            page.complete = page.read.is_some_and(|(place, _)| place >= forms.len());
            if page.complete {
                page.index.settle();
            }
            ctx.request_repaint();
        }
        let kept = self.pages.customers.kept(store, stamp)?;
        let [customer, product, complaint] = said(form, &self.desk.record);
        let asked = Asked {
            record: self.desk.record.id,
            aliases: if customer.trim().is_empty() { BTreeSet::new() } else { aliases(kept, &customer) },
            product,
            complaint,
            stamp,
            complete: page.complete,
        };
        if page.asked.as_ref() == Some(&asked) {
            return Ok(());
        }
        let this = This { record: asked.record, product: &asked.product, complaint: &asked.complaint };
        let hits = page.index.find(&this, &asked.aliases);
        let describe = |id: RecordId| {
            let line = self.book.lists.values().find_map(|it| it.get(id))?;
            let record = store.record(id).ok()??;
            let form = self.procedure.edition(&record.form, &record.edition)?;
            Some(Slip { record: id, number: line.number.clone(), date: line.date, about: about(form, &record) })
        };
        let any = [&customer, &asked.product, &asked.complaint].iter().any(|it| !it.trim().is_empty());
        page.found = any.then(|| Similar::of(hits, page.complete, describe));
        page.asked = Some(asked);
        Ok(())
    }
}

fn is_complaint(form: &Form) -> bool {
    form.counts_as == Some(CountsAs::Complaint)
}

/// The fields the index is made of.
fn texts(form: &Form) -> Vec<FieldId> {
    let identity = form.identity.iter();
    identity
        .flat_map(|it| [Some(&it.subject), it.product.as_ref()].into_iter().flatten().chain(&it.about))
        .cloned()
        .collect()
}

/// The user, the product and the complaint.
fn said(form: &Form, record: &Record) -> [String; 3] {
    let Some(identity) = &form.identity else { return Default::default() };
    let text = |field: &FieldId| record.latest(form, field.as_str()).to_owned();
    let about: Vec<String> = identity.about.iter().map(text).filter(|it| !it.trim().is_empty()).collect();
    [text(&identity.subject), identity.product.as_ref().map(text).unwrap_or_default(), about.join("\n")]
}

/// Takes a slip in, unless it is void: that is like none.
fn put(index: &mut Index, form: &Form, record: &Record) {
    if matches!(standing(form, record), Standing::Void | Standing::Destroyed) {
        return index.remove(record.id);
    }
    let [customer, product, complaint] = said(form, record);
    index.put(record.id, &customer, &product, &complaint);
}
