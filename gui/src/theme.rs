//! All colours and sizes of the window, in one place.
//!
//! Ink on paper. A hue means a group of consumers, vermilion means loss, fault or a broken expectation, blue means
//! selected; nothing else has a colour. Hues are those of Okabe and Ito ("Color Universal Design", 2008), darkened on
//! paper so that marks keep a contrast of 3 : 1.

use egui::Color32;

/// Light or dark.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// Dark ink on paper.
    #[default]
    Light,
    /// Light ink on slate.
    Dark,
}

impl Mode {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Light => Self::Dark,
            Self::Dark => Self::Light,
        }
    }
}

/// Sizes of type, in points.
pub mod type_size {
    /// The smallest type: nobody could read any smaller.
    pub const LEAST: f32 = 4.0;
    /// Small print: offsets, labels of marks.
    pub const SMALL: f32 = 12.0;
    /// Running text and names.
    pub const BODY: f32 = 14.0;
    /// Headings, captions.
    pub const HEADING: f32 = 18.0;
    /// The title of a lesson, the clock.
    pub const TITLE: f32 = 28.0;
    /// How many times larger all type is in a presentation.
    pub const PRESENTER: f32 = 1.6;
}

/// The grid on which everything stands, in points.
pub const GRID: f32 = 8.0;
/// A fine line.
pub const FINE: f32 = 1.0;
/// A line that carries something.
pub const LINE: f32 = 2.0;
/// The line around what is selected.
pub const STRONG: f32 = 3.0;

/// How many times larger than its natural size everything is in a window of so many points: a large screen is looked at from
/// farther away.
#[must_use]
pub fn zoom(size: egui::Vec2) -> f32 {
    let larger = (size.x / 1280.0).min(size.y / 720.0);
    ((larger.sqrt() * 20.0).round() / 20.0).clamp(1.0, 1.6)
}

/// How large the contents of a dialog may be to fit on the screen, in points.
#[must_use]
pub fn dialog_room(ctx: &egui::Context) -> egui::Vec2 {
    (ctx.content_rect().size() - egui::vec2(GRID * 6.0, GRID * 12.0)).max(egui::Vec2::ZERO)
}

/// The colours of a mode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Palette {
    /// The ground behind everything.
    pub ground: Color32,
    /// The ground of panels.
    pub panel: Color32,
    /// The ground of cards.
    pub card: Color32,
    /// Text and messages.
    pub ink: Color32,
    /// Secondary text; its contrast is 4.5 : 1 as well.
    pub soft: Color32,
    /// Lines that carry nothing at the moment, frames.
    pub line: Color32,
    /// Faint things: tracks, empty cells.
    pub faint: Color32,
    /// Loss, fault, broken expectation.
    pub alarm: Color32,
    /// An expectation that is met.
    pub good: Color32,
    /// What is selected.
    pub selected: Color32,
    /// The hues of groups.
    pub hues: [Color32; 6],
}

impl Palette {
    /// The colours of a mode.
    #[must_use]
    pub const fn of(mode: Mode) -> &'static Self {
        match mode {
            Mode::Light => &LIGHT,
            Mode::Dark => &DARK,
        }
    }

    /// The hue of a message's key: the hues are taken from the end, so that no group has it.
    #[must_use]
    pub const fn key(&self, key: u32) -> Color32 {
        self.hues[self.hues.len() - 1 - key as usize % (self.hues.len() - 2)]
    }

    /// The hue of the nth group.
    #[must_use]
    pub const fn hue(&self, group: usize) -> Color32 {
        self.hues[group % self.hues.len()]
    }
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const LIGHT: Palette = Palette {
    ground: rgb(0xF4F3EF),
    panel: rgb(0xFBFAF7),
    card: rgb(0xFFFFFF),
    ink: rgb(0x1F2429),
    soft: rgb(0x5B636B),
    line: rgb(0xB9BEC4),
    faint: rgb(0xE4E4DF),
    alarm: rgb(0xB44800),
    good: rgb(0x1F7A5C),
    selected: rgb(0x0B6BC7),
    hues: [rgb(0x008562), rgb(0xB07800), rgb(0xA8508A), rgb(0x1F7FB8), rgb(0x7A7D00), rgb(0x3B55A5)],
};

const DARK: Palette = Palette {
    ground: rgb(0x15181B),
    panel: rgb(0x1B1F23),
    card: rgb(0x22272C),
    ink: rgb(0xE8EAEC),
    soft: rgb(0xA6AEB6),
    line: rgb(0x59616A),
    faint: rgb(0x30363C),
    alarm: rgb(0xFF7F3F),
    good: rgb(0x4CC79A),
    selected: rgb(0x5AA9F2),
    hues: [rgb(0x2FC296), rgb(0xE69F00), rgb(0xDB8FBB), rgb(0x56B4E9), rgb(0xE0D540), rgb(0x8EA2EA)],
};

/// Gives egui's own widgets these colours and sizes.
pub fn apply(ctx: &egui::Context, mode: Mode) {
    use egui::{FontFamily, FontId, Stroke, TextStyle};
    let palette = Palette::of(mode);
    let theme = match mode {
        Mode::Light => egui::Theme::Light,
        Mode::Dark => egui::Theme::Dark,
    };
    ctx.set_theme(theme);
    ctx.style_mut_of(theme, |style| {
        let visuals = &mut style.visuals;
        visuals.panel_fill = palette.panel;
        visuals.window_fill = palette.panel;
        visuals.extreme_bg_color = palette.card;
        visuals.faint_bg_color = palette.faint;
        visuals.override_text_color = Some(palette.ink);
        visuals.selection.bg_fill = palette.selected.gamma_multiply(0.25);
        visuals.selection.stroke = Stroke::new(FINE, palette.ink);
        visuals.hyperlink_color = palette.selected;
        visuals.window_stroke = Stroke::new(FINE, palette.line);
        visuals.window_shadow = egui::Shadow::NONE;
        visuals.popup_shadow = egui::Shadow::NONE;
        let widgets = &mut visuals.widgets;
        widgets.noninteractive.bg_stroke = Stroke::new(FINE, palette.faint);
        widgets.noninteractive.fg_stroke = Stroke::new(FINE, palette.ink);
        for (state, fill, edge) in [
            (&mut widgets.inactive, palette.panel, palette.faint),
            (&mut widgets.hovered, palette.faint, palette.line),
            (&mut widgets.active, palette.faint, palette.ink),
            (&mut widgets.open, palette.faint, palette.line),
        ] {
            state.bg_fill = fill;
            state.weak_bg_fill = fill;
            state.bg_stroke = Stroke::new(FINE, edge);
            state.fg_stroke = Stroke::new(FINE, palette.ink);
            state.expansion = 0.0;
            state.corner_radius = 4.into();
        }
        style.spacing.item_spacing = egui::vec2(GRID, GRID * 0.75);
        style.spacing.button_padding = egui::vec2(GRID, GRID * 0.5);
        style.spacing.interact_size.y = 28.0;
        style.text_styles = [
            (TextStyle::Small, FontId::new(type_size::SMALL, FontFamily::Proportional)),
            (TextStyle::Body, FontId::new(type_size::BODY, FontFamily::Proportional)),
            (TextStyle::Button, FontId::new(type_size::BODY, FontFamily::Proportional)),
            (TextStyle::Heading, FontId::new(type_size::HEADING, FontFamily::Proportional)),
            (TextStyle::Monospace, FontId::new(type_size::SMALL, FontFamily::Monospace)),
        ]
        .into();
        style.animation_time = 0.0;
        style.interaction.tooltip_delay = 0.2;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, as WCAG 2.1 defines it.
    fn luminance(colour: Color32) -> f64 {
        let part = |byte: u8| {
            let c = f64::from(byte) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
        };
        0.2126 * part(colour.r()) + 0.7152 * part(colour.g()) + 0.0722 * part(colour.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_and_marks_stand_out_from_every_background() {
        for mode in Mode::ALL {
            let palette = Palette::of(mode);
            for background in [palette.ground, palette.panel, palette.card] {
                for text in [palette.ink, palette.soft, palette.alarm, palette.good, palette.selected] {
                    assert!(contrast(text, background) >= 4.5, "{mode:?} {text:?}: {}", contrast(text, background));
                }
                for mark in palette.hues {
                    assert!(contrast(mark, background) >= 3.0, "{mode:?} {mark:?}: {}", contrast(mark, background));
                }
            }
        }
    }

    #[test]
    fn groups_and_alarm_are_told_apart() {
        for mode in Mode::ALL {
            let palette = Palette::of(mode);
            let apart = |a: Color32, b: Color32| {
                let part = |a: u8, b: u8| (i32::from(a) - i32::from(b)).pow(2);
                part(a.r(), b.r()) + part(a.g(), b.g()) + part(a.b(), b.b())
            };
            for (i, hue) in palette.hues.iter().enumerate() {
                let others = palette.hues[i + 1..].iter().chain([&palette.alarm]);
                assert!(others.clone().all(|other| apart(*hue, *other) > 2_000), "{mode:?}: hue {i}");
            }
        }
    }
}
