//! The bar on top: the title of the scenario, and the switches of the application.

use egui::containers::menu::MenuButton;
use egui::{Align, Button, Color32, Layout, RichText, Ui};
use queuescope::plan::Plan;
use queuescope::words::Language;

use crate::command::AppCommand;
use crate::model::flight::Routine;
use crate::model::name::NameSet;
use crate::text::Word;
use crate::theme::{Mode, Palette, type_size};
use crate::view::line::{self, Elision};
use crate::view::wish::Wish;

/// How much room the title needs, in points; where there is less, the switches become a menu.
const TITLE: f32 = 160.0;

/// The bar on top.
pub struct TopBar<'a> {
    /// The plan of the scenario.
    pub plan: &'a Plan,
    /// The language of its words.
    pub language: Language,
    /// Light or dark.
    pub mode: Mode,
    /// Whether the legend is shown, and whether the editor is.
    pub on: (bool, bool),
    /// Its colours.
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
                self.routine(ui, routine);
            } else {
                MenuButton::new(self.word(Word::Menu)).ui(ui, |ui| {
                    self.switches(ui, wishes);
                    self.routine(ui, routine);
                });
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| self.title(ui, wishes));
        });
    }

    fn word(&self, word: Word) -> &'static str {
        word.text(self.language)
    }

    /// The title of the scenario, and its name where there is room for it.
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

    /// The switches: word, command, whether it is on, and key.
    fn all(&self) -> [(Word, AppCommand, bool, &'static str); 7] {
        let theme = if self.mode == Mode::Light { Word::Dark } else { Word::Light };
        let (legend, editor) = self.on;
        [
            (Word::LanguageName, AppCommand::Language, false, "C"),
            (theme, AppCommand::Theme, false, "D"),
            (Word::FullScreen, AppCommand::FullScreen, false, "F"),
            (Word::ShowKeys, AppCommand::Keys, false, "?"),
            (Word::ShowLegend, AppCommand::Legend, legend, "L"),
            (Word::Fit, AppCommand::Fit, false, "0"),
            (Word::Edit, AppCommand::Editor, editor, "Ctrl E"),
        ]
    }

    /// The width of all switches beside each other, with the button of the gallery.
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

    /// The menu of which routine packets are shown.
    fn routine(&self, ui: &mut Ui, routine: &mut Routine) {
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
