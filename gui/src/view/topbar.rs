//! The bar on top: which scenario it is, and the switches that hold for all of them.

use egui::containers::menu::MenuButton;
use egui::{Align, Button, Color32, Layout, RichText, Ui};
use queuescope::plan::Plan;

use crate::command::AppCommand;
use crate::model::flight::Routine;
use crate::model::name::NameSet;
use crate::text::{Language, Word};
use crate::theme::{Mode, Palette, type_size};
use crate::view::line::{self, Elision};
use crate::view::wish::Wish;

/// As much room is left for the title, in points; where there is less, the switches are a menu.
const TITLE: f32 = 160.0;

/// What the bar shows.
pub struct TopBar<'a> {
    /// Which scenario.
    pub plan: &'a Plan,
    /// In which words.
    pub language: Language,
    /// Light or dark.
    pub mode: Mode,
    /// Whether the legend is shown, and the editor.
    pub on: (bool, bool),
    /// In which colours.
    pub palette: &'static Palette,
}

impl TopBar<'_> {
    /// Shows it.
    pub fn show(&self, ui: &mut Ui, routine: &mut Routine, wishes: &mut Vec<Wish>) {
        let has_room = ui.available_width() - self.width(ui) > TITLE;
        // The switches first: the title has what they leave.
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if has_room {
                self.switches(ui, wishes);
                self.traffic(ui, routine);
            } else {
                MenuButton::new(self.word(Word::Menu)).ui(ui, |ui| {
                    self.switches(ui, wishes);
                    self.traffic(ui, routine);
                });
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| self.title(ui, wishes));
        });
    }

    fn word(&self, word: Word) -> &'static str {
        word.text(self.language)
    }

    /// Which scenario it is: its title, and its name where there is room for it.
    fn title(&self, ui: &mut Ui, wishes: &mut Vec<Wish>) {
        if ui.button(self.word(Word::Lessons)).on_hover_text("G").clicked() {
            wishes.push(Wish::Do(AppCommand::Gallery));
        }
        let title = RichText::new(self.language.of(&self.plan.title)).size(type_size::HEADING);
        ui.add(egui::Label::new(title).truncate().selectable(false));
        if ui.available_width() >= TITLE / 4.0 {
            let small = (type_size::SMALL, self.palette.soft);
            line::label(ui, &self.plan.scenario, small, Elision::Name(&NameSet::default()));
        }
    }

    fn all(&self) -> [(Word, AppCommand, bool, &'static str); 7] {
        let theme = if self.mode == Mode::Light { Word::Dark } else { Word::Light };
        let (legend, desk) = self.on;
        [
            (Word::LanguageName, AppCommand::Language, false, "C"),
            (theme, AppCommand::Theme, false, "D"),
            (Word::FullScreen, AppCommand::FullScreen, false, "F"),
            (Word::ShowKeys, AppCommand::Keys, false, "?"),
            (Word::ShowLegend, AppCommand::Legend, legend, "L"),
            (Word::Fit, AppCommand::Fit, false, "0"),
            (Word::Edit, AppCommand::Desk, desk, "Ctrl E"),
        ]
    }

    /// How wide the switches are beside each other, with the button of the lessons.
    fn width(&self, ui: &Ui) -> f32 {
        let words = self.all().map(|(word, ..)| word).into_iter().chain([Word::ShowRoutine, Word::Lessons]);
        let font = egui::TextStyle::Button.resolve(ui.style());
        let around = 2.0 * ui.spacing().button_padding.x + ui.spacing().item_spacing.x;
        let wide = |word| ui.painter().layout_no_wrap(self.word(word).to_owned(), font.clone(), Color32::PLACEHOLDER);
        words.map(|word| wide(word).size().x + around).sum()
    }

    fn switches(&self, ui: &mut Ui, wishes: &mut Vec<Wish>) {
        for (name, command, on, key) in self.all() {
            let button = Button::selectable(on, self.word(name)).frame_when_inactive(on);
            if ui.add(button).on_hover_text(key).clicked() {
                wishes.push(Wish::Do(command));
            }
        }
    }

    /// What of the routine is shown.
    fn traffic(&self, ui: &mut Ui, routine: &mut Routine) {
        let any = routine.any();
        let menu = Button::selectable(any, self.word(Word::ShowRoutine)).frame_when_inactive(any);
        MenuButton::from_button(menu).ui(ui, |ui| {
            ui.checkbox(&mut routine.heartbeats, self.word(Word::Heartbeats));
            ui.checkbox(&mut routine.polls, self.word(Word::EmptyPolls));
            ui.checkbox(&mut routine.commits, self.word(Word::CommitAnswers));
            ui.checkbox(&mut routine.copies, self.word(Word::CopyAnswers));
        });
    }
}
