//! A picture for a cell: the file is asked for, made small, and written like any entry.

use std::path::Path;

use eframe::egui;

use super::wanted::Wanted;
use super::writing::Step;
use super::{App, Dialog, Unwritten};
use crate::files;
use crate::record::{CellId, LARGEST_PICTURE, Picture, RecordId};
use crate::store::io_reason;

impl App {
    /// Asks for the picture of a cell.
    pub(super) fn choose_picture(&mut self, ctx: &egui::Context, record: RecordId, cell: CellId) {
        self.ask(ctx, Wanted::Picture(record, cell), Dialog::Picture);
    }

    /// Puts a picture into its cell.
    pub(super) fn take_picture(&mut self, record: RecordId, cell: CellId, path: &Path) {
        let read = files::read(path, LARGEST_PICTURE).map_err(|error| io_reason(&error).to_string());
        let kept = read.and_then(|bytes| Picture::keep(&bytes));
        // The new sheet may have got its place since this was asked for.
        let id = if record == RecordId(0) { self.desk.made.unwrap_or(record) } else { record };
        let here = self.desk.record.id == id;
        match kept {
            Ok(value) if here => {
                let expected = self.desk.record.at(&cell).to_owned();
                self.set(Unwritten { record: id, cell, value, expected }, Step::Own);
            }
            Ok(_) => self.fail("没有放图：桌面上已经是另一张单"),
            Err(why) => self.fail(format!("没有放图：{why}：{}", path.display())),
        }
    }
}
