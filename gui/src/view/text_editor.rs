//! The editor of a scenario's text: the text in colours with the numbers of its lines, and below it every problem with its
//! place.

use egui::text::{CCursor, CCursorRange, LayoutJob, TextFormat};
use egui::{FontId, Galley, Margin, RichText, ScrollArea, Stroke, TextBuffer, TextEdit, Ui, vec2};
use queuescope::scenario::{Diagnostics, Problem};
use queuescope::words::{Language, fill};

use crate::command::AppCommand;
use crate::model::name::NameSet;
use crate::model::syntax::{TokenKind, tokens};
use crate::text::Word;
use crate::theme::{GRID, Palette, type_size};
use crate::view::line::{self, Elision};
use crate::view::wish::Wish;

/// A text that is being edited.
#[derive(Clone, Debug)]
pub struct TextEditor {
    /// As it is now, sound or not.
    pub text: String,
    /// Its problems, if it is no sound scenario.
    pub problems: Option<Diagnostics>,
    /// Where the cursor is to go next, in bytes; and whether the text gets the focus with it.
    jump: Option<(usize, bool)>,
    /// Its id in egui, of its file alone: with it go the cursor and what can be undone.
    id: egui::Id,
}

/// The height of the line with the name, in points.
const HEAD: f32 = 28.0;
/// Room for the numbers of lines, in points.
const NUMBERS: i8 = 36;

impl TextEditor {
    /// For a text that was not checked yet, of the file with this id.
    #[must_use]
    pub const fn with(text: String, id: egui::Id) -> Self {
        Self { text, problems: None, jump: Some((0, false)), id }
    }

    /// Shows it; `name` is the name of the text, `newer` whether its file has changed on disk.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        (name, newer): (&str, bool),
        language: Language,
        palette: &'static Palette,
        wishes: &mut Vec<Wish>,
    ) {
        let mut asked = Vec::new();
        // A frame after the click on a problem: that click takes the focus away from the text.
        let jump = self.jump.take();
        let head = egui::Layout::right_to_left(egui::Align::Center);
        ui.allocate_ui_with_layout(vec2(ui.available_width(), HEAD), head, |ui| {
            if ui.button("×").on_hover_text(Word::Close.text(language)).clicked() {
                asked.push(Wish::Do(AppCommand::Editor));
            }
            if ui.button(Word::SaveIt.text(language)).clicked() {
                asked.push(Wish::Do(AppCommand::Save));
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                line::label(ui, name, (type_size::HEADING, palette.ink), Elision::Name(&NameSet::default()));
            });
        });
        if newer {
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new(Word::NewerOnDisk.text(language)).color(palette.alarm));
                if ui.button(Word::ReadAgain.text(language)).clicked() {
                    asked.push(Wish::ReadAgain);
                }
            });
        }
        let problems = egui::Panel::bottom("problems").resizable(true).default_size(96.0).min_size(28.0);
        let problems = problems.frame(egui::Frame::new().inner_margin(Margin::symmetric(0, 4)));
        problems.show(ui, |ui| self.problem_list(ui, language, palette));
        let changed = ScrollArea::both().auto_shrink(false).show(ui, |ui| self.field(ui, jump, palette)).inner;
        // Before the click of this frame, so that what was typed is in the text that is saved.
        wishes.extend(changed.then_some(Wish::TextChanged));
        wishes.append(&mut asked);
    }

    /// The text; whether it has changed.
    fn field(&mut self, ui: &mut Ui, jump: Option<(usize, bool)>, palette: &'static Palette) -> bool {
        let wrong: Vec<std::ops::Range<usize>> = self.problems.iter().flat_map(places).collect();
        let mut layouter = |ui: &Ui, text: &dyn TextBuffer, _: f32| {
            let job = coloured(text.as_str(), &wrong, palette);
            ui.fonts_mut(|fonts| fonts.layout_job(job))
        };
        let id = self.id;
        if let Some((at, now)) = jump {
            let cursor = CCursor::new(self.text.get(..at).map_or(0, |before| before.chars().count()));
            let mut state = egui::text_edit::TextEditState::load(ui.ctx(), id).unwrap_or_default();
            state.cursor.set_char_range(Some(CCursorRange::one(cursor)));
            state.store(ui.ctx(), id);
            if now {
                ui.memory_mut(|memory| memory.request_focus(id));
            }
        }
        let field = TextEdit::multiline(&mut self.text)
            .id(id)
            .code_editor()
            .frame(egui::Frame::new().inner_margin(Margin { left: NUMBERS, right: 4, top: 2, bottom: 2 }))
            .desired_width(f32::INFINITY)
            .min_size(ui.available_size())
            .layouter(&mut layouter)
            .show(ui);
        numbers(ui, &field.galley, field.galley_pos, palette);
        field.response.changed()
    }

    /// The list of problems: a click on one goes to its place.
    fn problem_list(&mut self, ui: &mut Ui, language: Language, palette: &'static Palette) {
        let Some(problems) = &self.problems else {
            ui.label(RichText::new(Word::NothingWrong.text(language)).color(palette.good));
            return;
        };
        let mut jump = None;
        let head = fill(Word::Wrong.text(language), &[&problems.problems.len().to_string()]);
        ui.label(RichText::new(head).color(palette.alarm));
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for problem in &problems.problems {
                if self::problem(ui, problems, problem, palette) {
                    jump = Some((problem.place.start, true));
                }
            }
        });
        if jump.is_some() {
            self.jump = jump;
            ui.ctx().request_repaint();
        }
    }
}

/// One problem; whether it was clicked.
fn problem(ui: &mut Ui, of: &Diagnostics, problem: &Problem, palette: &'static Palette) -> bool {
    let (line, column) = of.position(problem);
    let mut job = LayoutJob::default();
    let mut put = |text: &str, ink| {
        job.append(text, 0.0, TextFormat::simple(FontId::proportional(type_size::BODY), ink));
    };
    put(&format!("{line}:{column}  "), palette.soft);
    put(&problem.message, palette.ink);
    if let Some(help) = &problem.help {
        put(&format!("\n{help}"), palette.soft);
    }
    let button = egui::Button::new(job).frame_when_inactive(false).wrap().min_size(vec2(ui.available_width(), 0.0));
    ui.add(button).clicked()
}

/// The places of all problems; an empty place is widened by a byte.
fn places(of: &Diagnostics) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    of.problems.iter().map(|problem| problem.place.start..problem.place.end.max(problem.place.start + 1))
}

/// The text in its colours, with a line under each problem.
fn coloured(text: &str, wrong: &[std::ops::Range<usize>], palette: &'static Palette) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = f32::INFINITY;
    for (token, kind) in tokens(text) {
        let ink = match kind {
            TokenKind::Comment => palette.soft,
            TokenKind::Header => palette.selected,
            TokenKind::String => palette.hues[1],
            TokenKind::Key | TokenKind::Plain => palette.ink,
        };
        let plain = TextFormat::simple(FontId::monospace(type_size::BODY), ink);
        // Places begin and end between characters, except for those that were widened.
        let cuts = wrong.iter().flat_map(|place| [place.start, place.end]).filter(|cut| text.is_char_boundary(*cut));
        let mut cuts: Vec<usize> = cuts.filter(|cut| token.start < *cut && *cut < token.end).collect();
        cuts.extend([token.start, token.end]);
        cuts.sort_unstable();
        for pair in cuts.windows(2).filter(|pair| pair[0] < pair[1]) {
            let is_wrong = wrong.iter().any(|place| place.start < pair[1] && pair[0] < place.end);
            let underline = if is_wrong { Stroke::new(2.0, palette.alarm) } else { Stroke::NONE };
            let format = TextFormat { underline, ..plain.clone() };
            job.append(&text[pair[0]..pair[1]], 0.0, format);
        }
    }
    job
}

/// Paints the numbers of the lines beside them.
fn numbers(ui: &Ui, galley: &Galley, at: egui::Pos2, palette: &'static Palette) {
    let mut begins = true;
    let mut number = 0;
    let visible = ui.clip_rect().y_range();
    for row in &galley.rows {
        number += usize::from(begins);
        let y = at.y + row.pos.y;
        if begins && visible.contains(y) {
            let place = egui::pos2(at.x - GRID, y);
            let font = FontId::monospace(type_size::SMALL);
            ui.painter().text(place, egui::Align2::RIGHT_TOP, number, font, palette.soft);
        }
        begins = row.ends_with_newline;
    }
}
