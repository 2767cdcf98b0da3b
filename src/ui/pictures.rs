//! Pictures on the sheet: read once, and kept at hand while they are looked at.

use eframe::egui::{Id, Rect, Shape, TextureHandle, Ui};

use super::theme;
use crate::record::Picture;

/// So many are kept at hand.
const AT_HAND: usize = 6;

/// A picture in its place; none where it cannot be read.
pub(in crate::ui) fn shape(ui: &Ui, place: Rect, kept: &str) -> Option<Shape> {
    let all = Id::unique("pictures");
    let this = Id::unique(("picture", kept));
    let mut known: Vec<(Id, Option<TextureHandle>)> = ui.ctx().data(|it| it.get_temp(all)).unwrap_or_default();
    let handle = match known.iter().find(|it| it.0 == this) {
        Some((_, handle)) => handle.clone(),
        None => {
            let read = Picture::read(kept).and_then(|it| Some((it.width, it.height, it.dots()?)));
            let handle = read.map(|(width, height, dots)| {
                ui.ctx().load_texture(
                    "picture",
                    theme::picture([width as usize, height as usize], &dots),
                    theme::SMOOTH,
                )
            });
            known.push((this, handle.clone()));
            if known.len() > AT_HAND {
                known.remove(0);
            }
            ui.ctx().data_mut(|it| it.insert_temp(all, known));
            handle
        }
    };
    handle.map(|it| theme::pictured(it.id(), place))
}
