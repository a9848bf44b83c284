//! The lesson: the scenario's title, its summary, and its notes, each of which is gone to by a click.

use egui::style::ScrollAnimation;
use egui::{Id, RichText, ScrollArea, Ui};
use queuescope::session::Session;
use queuescope::words::Language;
use queuescope::words::figure::moment;

use crate::command::AppCommand;
use crate::model::caption;
use crate::text::Word;
use crate::theme::{GRID, Palette, type_size};
use crate::view::wish::Wish;

/// Shows the lesson.
pub fn show(ui: &mut Ui, session: &Session, language: Language, palette: &'static Palette, wishes: &mut Vec<Wish>) {
    let plan = session.plan();
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.label(RichText::new(language.of(&plan.title)).size(type_size::HEADING));
        ui.add_space(GRID * 0.5);
        for line in language.of(&plan.summary).trim().lines() {
            ui.add(egui::Label::new(line).wrap());
        }
        ui.add_space(GRID);
        ui.separator();
        ui.label(RichText::new(Word::Notes.text(language)).color(palette.soft));
        let notes = caption::notes(session);
        if notes.is_empty() {
            ui.label(Word::NoNotes.text(language));
        }
        let shown = caption::note(session);
        for (place, (number, at)) in notes.iter().enumerate() {
            let when = at.map_or_else(|| "…".to_owned(), moment);
            let head = format!("{}   {when}", place + 1);
            let text = language.of(&plan.notes[*number as usize].text);
            let ink = if shown == Some(*number) { palette.ink } else { palette.soft };
            let response = ui.add_enabled(
                at.is_some(),
                egui::Button::selectable(shown == Some(*number), RichText::new(format!("{head}\n{text}")).color(ink))
                    .wrap()
                    .min_size(egui::vec2(ui.available_width(), 0.0)),
            );
            if shown == Some(*number) && scrolls_to(ui, *number) {
                response.scroll_to_me_animation(None, ScrollAnimation::none());
            }
            if response.clicked() {
                wishes.push(Wish::Do(AppCommand::Note(place as u32)));
            }
        }
    });
}

/// Whether to scroll to this note: it has just begun to be shown, or the panel has another size. Later the user may scroll
/// away.
fn scrolls_to(ui: &Ui, number: u32) -> bool {
    let now = (number, ui.clip_rect().size());
    let last = ui.data_mut(|data| data.get_temp(Id::unique("the note that is shown")));
    ui.data_mut(|data| data.insert_temp(Id::unique("the note that is shown"), now));
    last != Some(now)
}
