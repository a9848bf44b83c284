//! The palette of commands: everything that can be done, found by typing a few letters of its name.

use egui::{Key, Modifiers, RichText, ScrollArea, TextEdit, Ui};
use queuescope::words::Language;

use crate::model::name::NameSet;
use crate::text::Word;
use crate::theme::{self, Palette};
use crate::view::line::{self, Elision};
use crate::view::wish::Wish;

/// A search in the palette.
#[derive(Clone, Default, Debug)]
pub struct PaletteSearch {
    /// What is typed.
    pub text: String,
    /// The place of the chosen entry among those that fit.
    pub chosen: usize,
}

/// An entry of the palette.
#[derive(Clone, Debug)]
pub struct PaletteItem {
    /// Its name.
    pub name: String,
    /// Its key, if it has one.
    pub key: &'static str,
    /// What it makes somebody wish.
    pub wish: Wish,
}

/// The width of the palette, in points.
const WIDTH: f32 = 420.0;
/// The height of the list, in points.
const HEIGHT: f32 = 360.0;
/// The width of a key's name, in points.
const KEY: f32 = 90.0;

/// Whether a name contains each word that is typed, in capitals or not.
fn fits(name: &str, text: &str) -> bool {
    let name = name.to_lowercase();
    text.to_lowercase().split_whitespace().all(|word| name.contains(word))
}

/// The entries that fit, first those that begin with what is typed.
fn found<'a>(items: &'a [PaletteItem], text: &str) -> Vec<&'a PaletteItem> {
    let mut found: Vec<&PaletteItem> = items.iter().filter(|item| fits(&item.name, text)).collect();
    let text = text.trim().to_lowercase();
    found.sort_by_key(|item| !item.name.to_lowercase().starts_with(&text));
    found
}

/// Shows the palette.
pub fn show(
    ctx: &egui::Context,
    search: &mut PaletteSearch,
    (items, names): (&[PaletteItem], &NameSet),
    language: Language,
    palette: &'static Palette,
    wishes: &mut Vec<Wish>,
) {
    let [up, down, enter, escape] = ctx.input_mut(|input| {
        [Key::ArrowUp, Key::ArrowDown, Key::Enter, Key::Escape]
            .map(|key| input.count_and_consume_key(Modifiers::NONE, key))
    });
    if escape > 0 {
        return wishes.push(Wish::Close);
    }
    let window = egui::Window::new(Word::Palette.text(language))
        .id(egui::Id::unique("palette"))
        .collapsible(false)
        .resizable(false)
        .anchor(egui::Align2::CENTER_TOP, egui::vec2(0.0, 72.0))
        .order(egui::Order::Foreground);
    let shown = window.show(ctx, |ui| {
        let room = theme::dialog_room(ctx);
        ui.set_width(WIDTH.min(room.x));
        field(ui, search, language);
        // Also where the letters and Enter come in one frame.
        let found = found(items, &search.text);
        let last = found.len().saturating_sub(1);
        search.chosen = (search.chosen + down).saturating_sub(up).min(last);
        let clicked = list(ui, search, (&found, names), up + down > 0, language, palette);
        let entered = found.get(search.chosen).filter(|_| enter > 0);
        clicked.or_else(|| entered.map(|item| item.wish.clone()))
    });
    if let Some(wish) = shown.and_then(|shown| shown.inner).flatten() {
        wishes.extend([Wish::Close, wish]);
    }
}

/// The field for the search.
fn field(ui: &mut Ui, search: &mut PaletteSearch, language: Language) {
    let field =
        TextEdit::singleline(&mut search.text).hint_text(Word::PaletteHint.text(language)).desired_width(f32::INFINITY);
    let field = ui.add(field);
    field.request_focus();
    if field.changed() {
        search.chosen = 0;
    }
}

/// The list of entries that fit; what the clicked one makes somebody wish.
fn list(
    ui: &mut Ui,
    search: &PaletteSearch,
    (found, names): (&[&PaletteItem], &NameSet),
    moved: bool,
    language: Language,
    palette: &'static Palette,
) -> Option<Wish> {
    if found.is_empty() {
        ui.label(RichText::new(Word::NothingFound.text(language)).color(palette.soft));
    }
    let mut clicked = None;
    // The field stands above it.
    let max = HEIGHT.min(theme::dialog_room(ui.ctx()).y - 64.0).max(0.0);
    ScrollArea::vertical().max_height(max).auto_shrink([false, true]).show(ui, |ui| {
        let width = ui.available_width() - 16.0;
        for (place, item) in found.iter().enumerate() {
            let key = RichText::new(item.key).color(palette.soft);
            let room = width - 24.0 - if item.key.is_empty() { 0.0 } else { KEY };
            let shown = line::for_button(ui, &item.name, room, Elision::NamesWithin(names));
            let button = egui::Button::selectable(place == search.chosen, shown.as_ref());
            let button = button.right_text(key).truncate().min_size(egui::vec2(width, 24.0));
            let response = line::with_whole_text(ui.add(button), egui::Role::Button, &item.name, shown == item.name);
            if place == search.chosen && moved {
                response.scroll_to_me(None);
            }
            if response.clicked() {
                clicked = Some(item.wish.clone());
            }
        }
    });
    clicked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_fits_when_its_name_contains_each_word_that_is_typed() {
        assert!(fits("broker1: Crash the host", "crash BROK"));
        assert!(fits("broker1: 主机宕机", "宕机"));
        assert!(fits("anything", ""));
        assert!(!fits("broker1: Crash the host", "crash shop"));
        let items = ["shop – broker1: Cut", "broker1: Crash", "shop: Send"].map(|name| PaletteItem {
            name: name.to_owned(),
            key: "",
            wish: Wish::GoOn,
        });
        let names: Vec<&str> = found(&items, "Broker1").iter().map(|item| item.name.as_str()).collect();
        assert_eq!(names, ["broker1: Crash", "shop – broker1: Cut"]);
    }
}
