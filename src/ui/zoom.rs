//! How large the sheet is shown.

use eframe::egui::{Ui, Vec2};

use crate::units::Size;

/// The steps of Ctrl+wheel and the buttons, in percent. Fixed, because every size of type fills the glyph atlas anew.
const STEPS: [u16; 15] = [50, 60, 70, 80, 90, 100, 110, 125, 150, 175, 200, 225, 250, 275, 300];
/// Room left and right of the paper when it is fitted.
pub const MARGIN: f32 = 20.0;

/// The zoom as chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zoom {
    /// So many percent of true size.
    Percent(u16),
    /// The paper as wide as the desk (适合宽度).
    Width,
    /// The whole sheet on the desk (适合页面).
    Page,
}

impl Zoom {
    /// The zoom in percent on a desk of this size, `mm` being how many of its points a millimetre has.
    pub fn percent(self, paper: Size, desk: Vec2, mm: f32) -> u16 {
        let wide = (desk.x - MARGIN * 2.0) / (paper.width.to_mm() as f32 * mm);
        let high = (desk.y - MARGIN * 2.0) / (paper.height.to_mm() as f32 * mm);
        let fitted = match self {
            Self::Percent(percent) => return percent.clamp(STEPS[0], 300),
            Self::Width => wide,
            Self::Page => wide.min(high),
        };
        (fitted * 100.0).floor().clamp(f32::from(STEPS[0]), 300.0) as u16
    }

    /// One step larger or smaller than `percent`.
    pub fn step(percent: u16, larger: bool) -> Self {
        let next =
            if larger { STEPS.iter().find(|it| **it > percent) } else { STEPS.iter().rev().find(|it| **it < percent) };
        Self::Percent(next.copied().unwrap_or(percent))
    }

    /// How it is remembered.
    pub fn keep(self) -> String {
        match self {
            Self::Percent(percent) => percent.to_string(),
            Self::Width => "width".to_owned(),
            Self::Page => "page".to_owned(),
        }
    }

    /// Reads what was remembered.
    pub fn read(kept: &str) -> Self {
        match kept {
            "page" => Self::Page,
            _ => kept.parse().map_or(Self::Width, Self::Percent),
        }
    }

    /// How many steps Ctrl+wheel, or Ctrl with + and −, ask for; fewer than nought for smaller.
    pub fn asked(ui: &Ui) -> i32 {
        use eframe::egui::{Event, Key, Modifiers, MouseWheelUnit};
        ui.input_mut(|input| {
            let larger = input.count_and_consume_key(Modifiers::COMMAND, Key::Plus)
                + input.count_and_consume_key(Modifiers::COMMAND, Key::Equals);
            let smaller = input.count_and_consume_key(Modifiers::COMMAND, Key::Minus);
            let mut steps = larger as i32 - smaller as i32;
            for event in &input.events {
                // One notch, one step: egui's own zoom runs on over several frames. A touchpad counts in points.
                if let Event::MouseWheel { delta, unit, modifiers, .. } = event
                    && modifiers.command
                {
                    let notches = if *unit == MouseWheelUnit::Point { delta.y / 40.0 } else { delta.y.signum() };
                    steps += if delta.y == 0.0 { 0 } else { notches.round() as i32 };
                }
            }
            steps
        })
    }
}
