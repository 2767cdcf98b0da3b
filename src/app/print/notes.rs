//! What was printed, in the book.

use eframe::egui;

use super::super::App;
use crate::record::RecordId;
use crate::store::Prints;

/// Seconds between two attempts to put down what was printed.
const RETRY: f64 = 2.0;

impl App {
    /// Puts down what was printed; what cannot be written is kept, told, and tried again.
    pub(super) fn put_down_prints(&mut self, prints: Prints) {
        let Some(store) = &self.book.store else { return };
        match store.note_prints(&prints) {
            Ok(()) => {
                let mut sheets: Vec<RecordId> = prints.sheets.iter().map(|it| it.0).collect();
                sheets.dedup();
                self.refresh_lines(&sheets);
                if !prints.numbers.is_empty() {
                    self.pages.numbers.forget();
                }
            }
            // No second attempt would help.
            Err(error) if store.is_for_reading() => self.fail(format!("已打印，没能记进台帐：{error}")),
            Err(error) => {
                self.jobs.print.unwritten.push(prints);
                self.fail(format!("已打印，没能记进台帐：{error}；会接着再试，请先不要关"));
            }
        }
    }

    /// Tries again to put down what was printed.
    pub(super) fn put_prints_down_again(&mut self, ctx: &egui::Context) {
        if self.jobs.print.unwritten.is_empty() {
            return;
        }
        let time = ctx.input(|it| it.time);
        let rest = RETRY - (time - self.jobs.print.tried);
        if rest > 0.0 {
            return ctx.request_repaint_after_secs(rest as f32 + 0.01);
        }
        self.jobs.print.tried = time;
        self.notice = None;
        for prints in std::mem::take(&mut self.jobs.print.unwritten) {
            self.put_down_prints(prints);
        }
        if !self.jobs.print.unwritten.is_empty() {
            return ctx.request_repaint_after_secs(RETRY as f32);
        }
        if self.notice.is_none() {
            self.say("刚才打印的都已记进台帐");
        }
    }
}
