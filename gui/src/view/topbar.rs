//! The bar on top: which scenario it is, and the switches that hold for all of them.

use egui::{Button, RichText, Ui};
use queuescope::plan::Plan;

use crate::command::Command;
use crate::model::flight::Routine;
use crate::text::{Language, Word};
use crate::theme::{Mode, Palette, type_size};
use crate::view::wish::Wish;

/// Shows the bar.
pub fn show(
    ui: &mut Ui,
    plan: &Plan,
    (language, mode): (Language, Mode),
    (legend, desk): (bool, bool),
    routine: &mut Routine,
    palette: &'static Palette,
    wishes: &mut Vec<Wish>,
) {
    ui.horizontal_centered(|ui| {
        let word = |word: Word| word.text(language);
        if ui.button(word(Word::Lessons)).on_hover_text("G").clicked() {
            wishes.push(Wish::Do(Command::Gallery));
        }
        let title = RichText::new(language.of(&plan.title)).size(type_size::HEADING);
        ui.add(egui::Label::new(title).truncate().selectable(false));
        ui.add(egui::Label::new(RichText::new(&plan.scenario).small().color(palette.soft)).truncate());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let theme = if mode == Mode::Light { Word::Dark } else { Word::Light };
            let switches = [
                (Word::LanguageName, Command::Language, false, "C"),
                (theme, Command::Theme, false, "D"),
                (Word::FullScreen, Command::FullScreen, false, "F"),
                (Word::ShowKeys, Command::Keys, false, "?"),
                (Word::ShowLegend, Command::Legend, legend, "L"),
                (Word::Fit, Command::Fit, false, "0"),
                (Word::Edit, Command::Desk, desk, "Ctrl E"),
            ];
            for (name, command, on, key) in switches {
                if ui.add(Button::selectable(on, word(name)).frame_when_inactive(on)).on_hover_text(key).clicked() {
                    wishes.push(Wish::Do(command));
                }
            }
            let menu = Button::selectable(routine.any(), word(Word::ShowRoutine)).frame_when_inactive(routine.any());
            egui::containers::menu::MenuButton::from_button(menu).ui(ui, |ui| {
                ui.checkbox(&mut routine.heartbeats, word(Word::Heartbeats));
                ui.checkbox(&mut routine.polls, word(Word::EmptyPolls));
                ui.checkbox(&mut routine.commits, word(Word::CommitAnswers));
                ui.checkbox(&mut routine.copies, word(Word::CopyAnswers));
            });
        });
    });
}
