//! Where the window stands on the screen, from one day to the next.

use eframe::egui;
use taizhang::habits::Place;

/// The window's size where the screen has room for it.
pub(crate) const WANTED: [f32; 2] = [1440.0, 900.0];

/// On a screen with less room than the window would take, with its title bar, it fills the screen.
pub(crate) fn fit_screen(ctx: &egui::Context) -> bool {
    let Some(screen) = ctx.input(|it| it.viewport().monitor_size) else { return false };
    let screen = screen * ctx.zoom_factor();
    if screen.x < WANTED[0] + 20.0 || screen.y < WANTED[1] + 60.0 {
        ctx.send_viewport_cmd(egui::ViewportCommand::Maximized(true));
    }
    true
}

/// The window where it stood.
pub(crate) fn placed(viewport: egui::ViewportBuilder, place: &Place) -> egui::ViewportBuilder {
    let viewport = viewport.with_inner_size([place.width, place.height]).with_maximized(place.maximized);
    match place.at {
        Some(at) => viewport.with_position(at),
        None => viewport,
    }
}

/// A window whose head lies on no screen that is there now comes back to one that is.
pub(crate) fn bring_back(ctx: &egui::Context, frame: &eframe::Frame) {
    /// So much of the window's head has to be seen, in pixels.
    const SEEN: (i64, i64) = (120, 24);
    let Some(window) = frame.winit_window() else { return };
    // Wayland places windows itself.
    let Ok(at) = window.outer_position() else { return };
    let (x, y) = (i64::from(at.x), i64::from(at.y));
    let right = x + i64::from(window.outer_size().width);
    let screens: Vec<[i64; 4]> = window
        .available_monitors()
        .map(|it| {
            let (at, size) = (it.position(), it.size());
            let (left, top) = (i64::from(at.x), i64::from(at.y));
            [left, top, left + i64::from(size.width), top + i64::from(size.height)]
        })
        .collect();
    let seen = |[left, top, far, low]: &[i64; 4]| {
        right.min(*far) - x.max(*left) >= SEEN.0 && y >= *top - SEEN.1 && y + SEEN.1 <= *low
    };
    if let (Some([left, top, ..]), false) = (screens.first(), screens.iter().any(seen)) {
        let scale = ctx.pixels_per_point();
        let to = egui::pos2(*left as f32 / scale + 40.0, *top as f32 / scale + 40.0);
        ctx.send_viewport_cmd(egui::ViewportCommand::OuterPosition(to));
    }
}

/// Where the window stands now; of one that fills the screen, where it goes back to. In points of the screen's own scale,
/// without the size of the texts, which is not known yet when the window is made again.
pub(crate) fn standing(ctx: &egui::Context, before: Option<Place>) -> Option<Place> {
    let zoom = ctx.zoom_factor();
    ctx.input(|it| {
        let seen = it.viewport();
        if seen.minimized == Some(true) {
            return before;
        }
        let maximized = seen.maximized == Some(true) || seen.fullscreen == Some(true);
        if let (true, Some(before)) = (maximized, before) {
            return Some(Place { maximized, ..before });
        }
        let inner = seen.inner_rect.map_or(it.content_rect().size(), |it| it.size());
        let at = seen.outer_rect.map(|it| [it.left() * zoom, it.top() * zoom]).filter(|_| !maximized);
        let (width, height) = if maximized { (WANTED[0], WANTED[1]) } else { (inner.x * zoom, inner.y * zoom) };
        Some(Place { at, width, height, maximized })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However large the texts are, a window of 1440 by 900 at (100, 50) is the same the next day.
    #[test]
    fn a_window_stands_where_it_stood_whatever_the_size_of_the_texts() {
        for zoom in [1.0, 1.2, 1.4] {
            let ctx = egui::Context::default();
            ctx.set_zoom_factor(zoom);
            let rect = |x: f32, y: f32, width: f32, height: f32| {
                Some(egui::Rect::from_min_size(egui::pos2(x, y) / zoom, egui::vec2(width, height) / zoom))
            };
            let info = egui::ViewportInfo {
                inner_rect: rect(104.0, 80.0, 1440.0, 900.0),
                outer_rect: rect(100.0, 50.0, 1448.0, 934.0),
                ..Default::default()
            };
            let input = || egui::RawInput {
                viewports: std::iter::once((egui::ViewportId::ROOT, info.clone())).collect(),
                ..Default::default()
            };
            // The zoom holds from the next frame on.
            for _ in 0..2 {
                ctx.run_ui(input(), |_| {}).textures_delta.clear();
            }
            let mut place = None;
            ctx.run_ui(input(), |ui| place = standing(ui.ctx(), None)).textures_delta.clear();
            let place = place.map(|it| (it.at.map(|it| it.map(f32::round)), it.width.round(), it.height.round()));
            assert_eq!(place, Some((Some([100.0, 50.0]), 1440.0, 900.0)), "{zoom}");
        }
    }
}
