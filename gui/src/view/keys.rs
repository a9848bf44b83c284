//! The list of all keys.

use egui::{Grid, RichText, ScrollArea, Ui};
use queuescope::words::Language;

use crate::command::{AppCommand, KEYS};
use crate::text::Word;
use crate::theme::{GRID, Palette, dialog_room};
use crate::view::wish::Wish;

/// Columns of the list, where there is room for them, and the width of each, in points.
const COLUMNS: usize = 3;
const WIDTH: f32 = 254.0;

/// Shows the list.
pub fn show(ctx: &egui::Context, language: Language, palette: &'static Palette, wishes: &mut Vec<Wish>) {
    let mut open = true;
    let window = egui::Window::new(Word::ShowKeys.text(language))
        .id(egui::Id::unique("keys"))
        .open(&mut open)
        .collapsible(false)
        .resizable(false)
        .anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO);
    window.show(ctx, |ui| list(ui, language, palette));
    if !open {
        wishes.push(Wish::Do(AppCommand::Keys));
    }
}

fn list(ui: &mut Ui, language: Language, palette: &'static Palette) {
    let more = [("1 – 9", Word::Notes), ("L", Word::ShowLegend)];
    let keys: Vec<(&str, Word)> = KEYS.iter().map(|entry| (entry.shown, entry.word)).chain(more).collect();
    let room = dialog_room(ui.ctx());
    let count = ((room.x / WIDTH) as usize).clamp(1, COLUMNS);
    ui.set_width((WIDTH * count as f32).min(room.x));
    ScrollArea::vertical().max_height(room.y).show(ui, |ui| {
        ui.columns(count, |columns| {
            for (place, (ui, keys)) in columns.iter_mut().zip(keys.chunks(keys.len().div_ceil(count))).enumerate() {
                Grid::new(("keys", place)).num_columns(2).spacing([GRID * 2.0, GRID * 0.75]).show(ui, |ui| {
                    keys.iter().for_each(|(key, word)| row(ui, key, word.text(language), palette));
                });
            }
        });
    });
}

fn row(ui: &mut Ui, key: &str, what: &str, palette: &'static Palette) {
    ui.label(RichText::new(key).color(palette.soft));
    ui.label(what);
    ui.end_row();
}
