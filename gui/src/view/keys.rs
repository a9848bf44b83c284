//! The list of all keys.

use egui::{Grid, RichText, Ui};

use crate::command::KEYS;
use crate::text::{Language, Word};
use crate::theme::{GRID, Palette};

/// Shows the list; whether it is to be closed.
pub fn show(ctx: &egui::Context, language: Language, palette: &'static Palette) -> bool {
    let mut open = true;
    let window = egui::Window::new(Word::ShowKeys.text(language))
        .id(egui::Id::unique("keys"))
        .open(&mut open)
        .collapsible(false)
        .resizable(false)
        .anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO);
    window.show(ctx, |ui| list(ui, language, palette));
    !open
}

fn list(ui: &mut Ui, language: Language, palette: &'static Palette) {
    let half = KEYS.len().div_ceil(2) + 1;
    ui.columns(2, |columns| {
        for (place, ui) in columns.iter_mut().enumerate() {
            Grid::new(("keys", place)).num_columns(2).spacing([GRID * 3.0, GRID * 0.75]).show(ui, |ui| {
                let part = KEYS.iter().skip(place * half).take(half);
                for entry in part {
                    row(ui, entry.shown, entry.word.text(language), palette);
                }
                if place == 1 {
                    row(ui, "1 – 9", Word::Notes.text(language), palette);
                    row(ui, "L", Word::ShowLegend.text(language), palette);
                }
            });
        }
    });
}

fn row(ui: &mut Ui, key: &str, what: &str, palette: &'static Palette) {
    ui.label(RichText::new(key).color(palette.soft));
    ui.label(what);
    ui.end_row();
}
