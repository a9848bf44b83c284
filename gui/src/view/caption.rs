//! The caption under the stage: the note that is shown, or the question at which the clock has stopped.

use egui::text::{LayoutJob, TextFormat};
use egui::{Button, Color32, FontId, RichText, Ui};
use queuescope::session::Session;
use queuescope::words::{Language, fill};

use crate::model::caption::{self, NoteOrQuestion, RunAnswer};
use crate::player::Player;
use crate::text::Word;
use crate::theme::{GRID, Palette, type_size};
use crate::view::wish::Wish;

/// The height of the caption, in points: always the same, so that the stage keeps its size. In a presentation it grows with
/// its type. A text that is too long for it is written smaller.
pub const HEIGHT: f32 = 89.0;

/// The sizes in which a text is tried, as parts of its usual size.
const SMALLER: [f32; 4] = [1.0, 0.87, 0.76, 0.67];

/// The learner's answers to all questions.
#[derive(Clone, Debug, Default)]
pub struct Guesses {
    /// By question: the answer as far as it is typed, and whether it was given.
    guesses: Vec<(String, bool)>,
}

impl Guesses {
    /// No answers yet, to the questions of a run.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        Self { guesses: vec![(String::new(), false); session.plan().questions.len()] }
    }

    /// Makes room for the questions of another branch of the scenario; answers to questions of both stay.
    pub(crate) fn resize(&mut self, questions: usize) {
        self.guesses.resize(questions, (String::new(), false));
    }

    /// The answered question whose outcome is the latest news.
    fn latest(&self, session: &Session) -> Option<u32> {
        let given = self.guesses.iter().zip(0..).filter(|((_, given), _)| *given).map(|(_, number)| number);
        given.filter(|number| caption::is_latest(session, *number)).last()
    }
}

/// Shows the caption, with type `scale` times as large as usual.
pub fn show(
    ui: &mut Ui,
    session: &Session,
    player: &Player,
    guesses: &mut Guesses,
    (language, scale): (Language, f32),
    palette: &'static Palette,
    wishes: &mut Vec<Wish>,
) {
    ui.set_min_height(ui.available_height());
    ui.style_mut().text_styles.values_mut().for_each(|font| font.size *= scale);
    let at = session.scene().at();
    let stopped = player.stopped().filter(|due| due.at == at);
    if let Some(NoteOrQuestion::Question(number)) = stopped.map(|due| due.what) {
        return question(ui, session, guesses, number, (language, scale), palette, wishes);
    }
    ui.horizontal_top(|ui| {
        let pauses = stopped.is_some();
        let button = egui::vec2(110.0, 32.0) * scale;
        let room = ui.available_width() - if pauses { button.x + 10.0 } else { 0.0 };
        let outcome = if guesses.latest(session).is_some() { ui.spacing().interact_size.y } else { 0.0 };
        let room = egui::vec2(room, ui.available_height() - outcome);
        ui.allocate_ui(egui::vec2(room.x, 0.0), |ui| {
            let (text, ink) = match caption::note(session) {
                Some(number) => (&session.plan().notes[number as usize].text, palette.ink),
                None => (&session.plan().title, palette.soft),
            };
            fitted_text(ui, language.of(text), (type_size::HEADING * scale, ink), room);
        });
        if pauses && ui.add_sized(button, Button::new(Word::Continue.text(language))).clicked() {
            wishes.push(Wish::GoOn);
        }
    });
    if let Some(number) = guesses.latest(session) {
        ui.horizontal(|ui| outcome(ui, session, &guesses.guesses[number as usize].0, number, language, palette));
    }
}

/// A text in so much room: a long one is written smaller, and one that is too long even then is shown whole under the
/// pointer.
fn fitted_text(ui: &mut Ui, text: &str, (size, ink): (f32, Color32), room: egui::Vec2) {
    let galley = |size: f32, rows: usize| {
        let format = TextFormat::simple(FontId::proportional(size), ink);
        let mut job = LayoutJob::single_section(text.trim().to_owned(), format);
        job.wrap.max_width = room.x;
        job.wrap.max_rows = rows;
        ui.painter().layout_job(job)
    };
    let mut sizes = SMALLER.iter().map(|smaller| (size * smaller).max(type_size::SMALL));
    let fits = sizes.find_map(|size| Some(galley(size, usize::MAX)).filter(|galley| galley.size().y <= room.y));
    let galley = fits.unwrap_or_else(|| {
        let size = (size * SMALLER[SMALLER.len() - 1]).max(type_size::SMALL);
        let row = ui.fonts_mut(|fonts| fonts.row_height(&FontId::proportional(size)));
        galley(size, ((room.y / row) as usize).max(1))
    });
    let is_cut = galley.elided;
    let response = ui.add(egui::Label::new(galley));
    if is_cut {
        response.on_hover_text(text.trim());
    }
}

fn question(
    ui: &mut Ui,
    session: &Session,
    guesses: &mut Guesses,
    number: u32,
    (language, scale): (Language, f32),
    palette: &'static Palette,
    wishes: &mut Vec<Wish>,
) {
    let question = &session.plan().questions[number as usize];
    let room = ui.available_size() - egui::vec2(0.0, ui.spacing().interact_size.y + GRID);
    fitted_text(ui, language.of(&question.ask), (type_size::HEADING * scale, palette.ink), room);
    let Some((guess, given)) = guesses.guesses.get_mut(number as usize) else { return };
    ui.horizontal(|ui| {
        if *given && caption::is_known(session, number) {
            outcome(ui, session, guess, number, language, palette);
        } else if *given {
            ui.label(fill(Word::Answered.text(language), &[guess.as_str()]));
            ui.label(RichText::new(Word::NotYetKnown.text(language)).color(palette.soft));
        } else {
            let label = ui.label(Word::YourGuess.text(language));
            let field = ui.add(egui::TextEdit::singleline(guess).desired_width(140.0)).labelled_by(label.id);
            let enter = ui.input(|input| input.key_pressed(egui::Key::Enter));
            // Enter puts the cursor into the field, and ends the answer.
            if enter && !field.lost_focus() && ui.memory(|memory| memory.focused().is_none()) {
                field.request_focus();
            }
            let enter = field.lost_focus() && enter;
            let button = ui.button(Word::Answer.text(language)).clicked();
            *given = (enter || button) && !guess.trim().is_empty();
        }
        if ui.button(Word::Continue.text(language)).clicked() {
            wishes.push(Wish::GoOn);
        }
    });
}

/// The learner's answer, the run's answer, and why it is so.
fn outcome(ui: &mut Ui, session: &Session, guess: &str, number: u32, language: Language, palette: &'static Palette) {
    let Some(answer) = caption::answer(session, number) else { return };
    let question = &session.plan().questions[number as usize];
    ui.label(fill(Word::Answered.text(language), &[guess]));
    run_answer(ui, session, &answer, guess, language, palette);
    let because = language.of(&question.because);
    ui.add(egui::Label::new(RichText::new(because).color(palette.soft)).truncate()).on_hover_text(because);
}

/// The run's answer, and whether the learner's was right.
fn run_answer(
    ui: &mut Ui,
    session: &Session,
    answer: &RunAnswer,
    guess: &str,
    language: Language,
    palette: &'static Palette,
) {
    let says = match answer {
        RunAnswer::Figure(figure) => figure.clone(),
        RunAnswer::Owner(owner) => {
            owner.map_or(Word::NoMaster.text(language), |node| session.plan().name(node)).to_owned()
        }
    };
    let right = says.trim().eq_ignore_ascii_case(guess.trim());
    if right {
        ui.label(RichText::new(Word::Right.text(language)).color(palette.good));
    }
    ui.label(RichText::new(fill(Word::TheRunSays.text(language), &[&says])).strong());
}
