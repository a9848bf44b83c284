//! The question under which name to save a branch, or the charts.

use egui::{Key, Modifiers, RichText, TextEdit};
use queuescope::words::Language;

use crate::text::Word;
use crate::theme::{self, GRID, Palette};
use crate::view::wish::{SaveKind, Wish};

/// The width of the question, in points.
const WIDTH: f32 = 380.0;

/// The question while it is open.
#[derive(Clone, Debug)]
pub struct SaveQuestion {
    /// What is saved.
    pub what: SaveKind,
    /// The name, as far as it is typed.
    pub path: String,
    /// Why it could not be saved under the last name.
    pub trouble: Option<String>,
    /// A warning about what is saved.
    pub warning: Option<String>,
}

impl SaveKind {
    const fn word(self) -> Word {
        match self {
            Self::Branch => Word::Save,
            Self::Charts => Word::SaveCharts,
        }
    }
}

/// Shows the question.
pub fn show(
    ctx: &egui::Context,
    saving: &mut SaveQuestion,
    language: Language,
    palette: &'static Palette,
    wishes: &mut Vec<Wish>,
) {
    let (enter, escape) = ctx.input_mut(|input| {
        (input.consume_key(Modifiers::NONE, Key::Enter), input.consume_key(Modifiers::NONE, Key::Escape))
    });
    if escape {
        return wishes.push(Wish::Close);
    }
    let mut open = true;
    let window = egui::Window::new(saving.what.word().text(language))
        .id(egui::Id::unique("save"))
        .open(&mut open)
        .collapsible(false)
        .resizable(false)
        .anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO)
        .order(egui::Order::Foreground);
    let saved = window.show(ctx, |ui| {
        ui.set_width(WIDTH.min(theme::dialog_room(ctx).x));
        let label = ui.label(Word::SaveAs.text(language));
        ui.add(TextEdit::singleline(&mut saving.path).desired_width(f32::INFINITY))
            .labelled_by(label.id)
            .request_focus();
        if let Some(trouble) = &saving.trouble {
            ui.label(RichText::new(trouble).color(palette.alarm));
        }
        if let Some(warning) = &saving.warning {
            ui.label(RichText::new(warning).color(palette.soft));
        }
        ui.add_space(GRID);
        ui.button(Word::SaveIt.text(language)).clicked()
    });
    let clicked = saved.and_then(|shown| shown.inner).unwrap_or(false);
    if enter || clicked {
        wishes.push(Wish::SaveAs(saving.what, saving.path.clone()));
    } else if !open {
        wishes.push(Wish::Close);
    }
}
