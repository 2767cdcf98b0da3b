//! Colours, faces and measures of the screen. No colour is named outside this file.

use std::sync::Arc;

use eframe::egui::epaint::text::{FontData, FontDefinitions, FontTweak};
use eframe::egui::{self, Color32, CornerRadius, FontFamily, FontId, Margin, RichText, Stroke, TextStyle, vec2};

use crate::face::{Face, File};
use crate::habits::TextSize;

/// Text.
pub const INK: Color32 = Color32::from_rgb(0x1F, 0x29, 0x33);
/// Second lines, hints.
pub const SOFT: Color32 = Color32::from_rgb(0x52, 0x5D, 0x68);
/// Round buttons, fields and boxes to tick: seen at three to one on every ground.
pub const EDGE: Color32 = Color32::from_rgb(0x7A, 0x84, 0x90);
/// Lines between things, and round what takes no clicks.
pub const LINE: Color32 = Color32::from_rgb(0xDA, 0xDD, 0xE2);
/// Behind lists and side panels.
pub const PANEL: Color32 = Color32::from_rgb(0xF7, 0xF8, 0xFA);
/// The desk the paper lies on.
pub const DESK: Color32 = Color32::from_rgb(0xE7, 0xE9, 0xEC);
/// The same, dark (深色桌面).
pub const DARK_DESK: Color32 = Color32::from_rgb(0x3B, 0x42, 0x4A);
/// Paper, and what lies on top.
pub const PAPER: Color32 = Color32::WHITE;
/// The stamp on a voided sheet, under its text.
pub const STAMP: Color32 = Color32::from_rgb(0xDC, 0xDC, 0xDC);
/// The section that is open for writing.
pub const OPEN: Color32 = Color32::from_rgb(0xFB, 0xFB, 0xF0);
/// Print on the paper.
pub const PRINT: Color32 = Color32::BLACK;
/// The one thing to press, the cell under the pen.
pub const ACCENT: Color32 = Color32::from_rgb(0x24, 0x52, 0x7A);
/// Behind what is chosen.
pub const ACCENT_PALE: Color32 = Color32::from_rgb(0xE3, 0xEC, 0xF4);
/// Overdue and loss, nothing else.
pub const RED: Color32 = Color32::from_rgb(0xB3, 0x26, 0x1E);
/// Behind red words.
pub const RED_PALE: Color32 = Color32::from_rgb(0xFB, 0xE9, 0xE7);
/// Due, and what the writer should look at.
pub const AMBER: Color32 = Color32::from_rgb(0x8A, 0x5A, 0x00);
/// Behind amber words.
pub const AMBER_PALE: Color32 = Color32::from_rgb(0xFF, 0xF3, 0xDA);
/// Done.
pub const GREEN: Color32 = Color32::from_rgb(0x1E, 0x6B, 0x42);
/// Behind green words.
pub const GREEN_PALE: Color32 = Color32::from_rgb(0xE4, 0xF3, 0xEA);
/// The paper's shadow.
pub const SHADOW: Color32 = Color32::from_rgba_premultiplied(0, 0, 0, 26);
/// Behind words that were sought and found.
pub const FOUND: Color32 = Color32::from_rgb(0xFF, 0xE2, 0x8A);
/// Behind text that is marked.
pub const SELECTED: Color32 = Color32::from_rgb(0xC4, 0xD9, 0xEB);
/// Over a cell under the pointer.
pub const HOVER: Color32 = Color32::from_rgba_premultiplied(0x06, 0x0C, 0x12, 0x14);

/// Points of the screen in a millimetre of paper at 100 %, where the screen's own text has its standard size.
const POINTS_PER_MM: f32 = 96.0 / 25.4;
/// How large the screen's own text may be shown (界面文字): what it is called, and how many times as large it is.
pub const TEXT_SIZES: [(&str, TextSize, f32); 3] =
    [("标准", TextSize::Normal, 1.0), ("大", TextSize::Large, 1.2), ("特大", TextSize::Larger, 1.4)];
/// Height of buttons and fields.
pub const CONTROL: f32 = 28.0;

/// The screen's family of a paper face.
pub fn family(face: Face) -> FontFamily {
    let name = match face {
        Face::Song => "paper-song",
        Face::Hei => "paper-hei",
        Face::HeiBold => "paper-heibold",
    };
    FontFamily::Name(name.into())
}

/// The bold face of the screen itself.
pub fn bold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("screen-heibold".into()))
}

/// Words that are looked for: numbers, names of stages.
pub fn strong(text: impl Into<String>) -> RichText {
    RichText::new(text).font(bold(14.0)).color(INK)
}

/// Second lines.
pub fn soft(text: impl Into<String>) -> RichText {
    RichText::new(text).size(12.0).color(SOFT)
}

/// A word on a ground of its own: how something stands.
pub fn chip(ui: &mut egui::Ui, words: &str, ink: Color32, pale: Color32) {
    let galley = ui.painter().layout_no_wrap(words.to_owned(), FontId::proportional(12.0), ink);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 12.0, 20.0), egui::Sense::hover());
    ui.painter().rect_filled(rect, 4.0, pale);
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, ink);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, words));
}

/// Gives the window its faces, colours and measures.
pub fn install(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::empty();
    let there = |file: &File| !file.bytes().is_empty();
    for file in File::ALL.into_iter().filter(there) {
        // Paper is set by plain advances, at every zoom alike: no hinting. The screen's own text is hinted.
        for (prefix, hinting) in [("paper", Some(false)), ("screen", None)] {
            let tweak = FontTweak { hinting, ..FontTweak::default() };
            let data = FontData::from_static(file.bytes()).tweak(tweak);
            fonts.font_data.insert(format!("{prefix}-{}", file.name()), Arc::new(data));
        }
    }
    let chain = |prefix: &str, face: Face| -> Vec<String> {
        face.chain().iter().filter(|it| there(it)).map(|it| format!("{prefix}-{}", it.name())).collect()
    };
    for face in Face::ALL {
        fonts.families.insert(family(face), chain("paper", face));
    }
    fonts.families.insert(FontFamily::Name("screen-heibold".into()), chain("screen", Face::HeiBold));
    fonts.families.insert(FontFamily::Proportional, chain("screen", Face::Hei));
    fonts.families.insert(FontFamily::Monospace, chain("screen", Face::Hei));
    ctx.set_fonts(fonts);
    ctx.set_theme(egui::Theme::Light);
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
    ctx.all_styles_mut(style);
}

/// Points of the window in a millimetre of paper at 100 %: a window with larger text has larger points.
pub fn points_per_mm(ctx: &egui::Context) -> f32 {
    POINTS_PER_MM / ctx.zoom_factor()
}

/// The size of the screen's own text that is called so.
pub fn text_size(name: &str) -> TextSize {
    TEXT_SIZES.iter().find(|it| it.0 == name).map_or(TextSize::Normal, |it| it.1)
}

/// Shows the screen's own text in a size of [`TEXT_SIZES`]; the paper stays as large as it is.
pub fn set_text_size(ctx: &egui::Context, size: TextSize) {
    let factor = TEXT_SIZES.iter().find(|it| it.1 == size).map_or(1.0, |it| it.2);
    ctx.set_zoom_factor(factor);
}

/// Behind the sheets.
pub fn desk(ctx: &egui::Context) -> Color32 {
    if has_dark_desk(ctx) { DARK_DESK } else { DESK }
}

/// Whether the desk round the paper is dark.
pub fn has_dark_desk(ctx: &egui::Context) -> bool {
    ctx.data(|data| data.get_temp(egui::Id::unique("dark-desk")).unwrap_or(false))
}

/// Makes the desk round the paper dark, or light again.
pub fn set_dark_desk(ctx: &egui::Context, dark: bool) {
    ctx.data_mut(|data| data.insert_temp(egui::Id::unique("dark-desk"), dark));
}

fn style(style: &mut egui::Style) {
    style.text_styles = [
        (TextStyle::Heading, FontId::new(17.0, FontFamily::Name("screen-heibold".into()))),
        (TextStyle::Body, FontId::proportional(14.0)),
        (TextStyle::Button, FontId::proportional(14.0)),
        (TextStyle::Small, FontId::proportional(12.0)),
        (TextStyle::Monospace, FontId::monospace(14.0)),
    ]
    .into();
    style.spacing.item_spacing = vec2(8.0, 4.0);
    style.spacing.interact_size.y = CONTROL;
    style.spacing.button_padding = vec2(12.0, 4.0);
    style.spacing.menu_margin = Margin::same(4);
    let scroll = &mut style.spacing.scroll;
    scroll.fade.strength = 0.0;
    // The bars are of ink, thinned, so that they stay quiet.
    (scroll.active_handle_opacity, scroll.interact_handle_opacity) = (0.5, 0.6);
    scroll.bar_width = 8.0;
    style.interaction.selectable_labels = false;
    style.animation_time = 0.0;
    let visuals = &mut style.visuals;
    visuals.panel_fill = PANEL;
    visuals.window_fill = PAPER;
    visuals.window_stroke = Stroke::new(1.0, LINE);
    visuals.extreme_bg_color = PAPER;
    visuals.faint_bg_color = PANEL;
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(SOFT);
    visuals.hyperlink_color = ACCENT;
    visuals.warn_fg_color = AMBER;
    visuals.error_fg_color = RED;
    visuals.selection.bg_fill = SELECTED;
    visuals.selection.stroke = Stroke::new(1.0, ACCENT);
    visuals.text_cursor.blink = false;
    visuals.ime_composition.legacy_visuals = false;
    for widget in [
        &mut visuals.widgets.noninteractive,
        &mut visuals.widgets.inactive,
        &mut visuals.widgets.hovered,
        &mut visuals.widgets.active,
        &mut visuals.widgets.open,
    ] {
        widget.corner_radius = CornerRadius::same(4);
        widget.fg_stroke = Stroke::new(1.0, INK);
        widget.bg_stroke = Stroke::new(1.0, EDGE);
        widget.weak_bg_fill = PAPER;
        widget.bg_fill = PAPER;
        widget.expansion = 0.0;
    }
    visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, LINE);
    visuals.widgets.hovered.weak_bg_fill = ACCENT_PALE;
    visuals.widgets.hovered.bg_stroke = Stroke::new(1.0, SOFT);
    visuals.widgets.active.weak_bg_fill = ACCENT_PALE;
    visuals.widgets.active.bg_stroke = Stroke::new(1.0, ACCENT);
    visuals.widgets.open.weak_bg_fill = ACCENT_PALE;
}

/// The one primary button of a screen.
pub fn primary(text: &str) -> egui::Button<'_> {
    egui::Button::new(RichText::new(text).color(PAPER)).fill(ACCENT).stroke(Stroke::NONE).min_size(vec2(0.0, CONTROL))
}

/// Any other button.
pub fn plain(text: &str) -> egui::Button<'_> {
    egui::Button::new(RichText::new(text).color(INK)).min_size(vec2(0.0, CONTROL))
}

/// A field of one line.
pub fn field<'a>(text: &'a mut String, hint: &'a str) -> egui::TextEdit<'a> {
    egui::TextEdit::singleline(text)
        .hint_text(RichText::new(hint).color(SOFT))
        .margin(Margin::symmetric(8, 0))
        .min_size(vec2(0.0, CONTROL))
        .align(egui::Align2::LEFT_CENTER)
}

/// Room round the words of a menu, and between them and their keys.
pub fn roomy(ui: &mut egui::Ui) {
    ui.spacing_mut().button_padding = vec2(8.0, 4.0);
    ui.set_min_width(184.0);
}

/// How pictures are made larger and smaller.
pub const SMOOTH: egui::TextureOptions = egui::TextureOptions::LINEAR;

/// A picture of so many dots, each red, green and blue.
pub fn picture(size: [usize; 2], dots: &[u8]) -> egui::ColorImage {
    egui::ColorImage::from_rgb(size, dots)
}

/// A picture in its place, in its own colours.
pub fn pictured(texture: egui::TextureId, place: egui::Rect) -> egui::Shape {
    let whole = egui::Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
    egui::Shape::image(texture, place, whole, Color32::WHITE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How light a colour is, as WCAG 2 counts it.
    fn lightness(colour: Color32) -> f64 {
        let part = |it: u8| {
            let it = f64::from(it) / 255.0;
            if it <= 0.04045 { it / 12.92 } else { ((it + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(colour.r()) + 0.7152 * part(colour.g()) + 0.0722 * part(colour.b())
    }

    fn contrast(one: Color32, other: Color32) -> f64 {
        let (one, other) = (lightness(one), lightness(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    const GROUNDS: [(&str, Color32); 5] =
        [("纸", PAPER), ("栏", PANEL), ("桌面", DESK), ("可写的栏", OPEN), ("选中", ACCENT_PALE)];

    fn check(what: &str, ink: Color32, grounds: &[(&str, Color32)], least: f64) {
        for (name, ground) in grounds {
            let it = contrast(ink, *ground);
            assert!(it >= least, "{what}在{name}上只有 {it:.2}:1");
        }
    }

    #[test]
    fn contrast_is_counted_as_in_wcag() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-9);
        assert!((contrast(Color32::from_gray(0x77), Color32::WHITE) - 4.48).abs() < 0.005);
    }

    #[test]
    fn all_words_can_be_read_on_every_ground_they_stand_on() {
        for (what, ink) in [("字", INK), ("次要的字", SOFT), ("要紧的字", ACCENT)] {
            check(what, ink, &GROUNDS, 4.5);
        }
        for (what, ink, own) in [("红字", RED, RED_PALE), ("黄字", AMBER, AMBER_PALE), ("绿字", GREEN, GREEN_PALE)]
        {
            check(what, ink, &GROUNDS, 4.5);
            check(what, ink, &[("自己的底色", own)], 4.5);
        }
        check("印字", PRINT, &[("纸", PAPER), ("可写的栏", OPEN), ("找到的字", FOUND), ("选中的字", SELECTED)], 4.5);
        check("找到的字", INK, &[("底色", FOUND)], 4.5);
        for (what, ink) in [("字", INK), ("次要的字", SOFT)] {
            check(what, ink, &[("选中的底色", SELECTED)], 4.5);
        }
        check("主按钮上的字", PAPER, &[("主按钮", ACCENT)], 4.5);
    }

    #[test]
    fn edges_of_controls_and_the_keyboards_ring_are_seen() {
        for (what, ink) in [("按钮和格子的边", EDGE), ("键盘所在的框", ACCENT), ("要看一眼的红角", RED)]
        {
            check(what, ink, &GROUNDS, 3.0);
        }
        check("纸", PAPER, &[("深色桌面", DARK_DESK)], 3.0);
    }
}
