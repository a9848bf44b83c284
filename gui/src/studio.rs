//! Pictures and films of the application, without a window.

use egui::{Key, Modifiers, vec2};
use queuescope::kernel::Time;

use crate::app::App;
use crate::command::{AppCommand, KEYS, Tab};
use crate::font::{self, Faces};
use crate::picture::{Canvas, Film};
use crate::theme;

/// How many frames a film has at most: with more it would be too large for a page.
const FRAMES: usize = 2_000;

/// Makes pictures and films of one size.
pub struct Studio {
    canvas: Canvas,
    size: (u32, u32),
    context: egui::Context,
}

/// Something that is done with the keyboard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Touch {
    /// A key is pressed.
    Press(Modifiers, Key),
    /// A text is typed.
    Write(String),
}

impl Touch {
    /// Reads a key as the list of keys shows it, like `Ctrl K` or `X`, or a text in quotes, like `'crash'`.
    ///
    /// # Errors
    /// A sentence when it is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(text) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
            return Ok(Self::Write(text.to_owned()));
        }
        let known = KEYS.iter().find(|entry| entry.shown == text).map(|entry| Self::Press(entry.with, entry.key));
        let named = || Key::from_name(text).map(|key| Self::Press(Modifiers::NONE, key));
        known
            .or_else(named)
            .ok_or_else(|| format!("{text} is no key: write it as the list of keys does, like \"Ctrl K\""))
    }
}

/// How many frames follow a touch: enough to run a lesson anew after an act.
const TOUCHED: usize = 12;

/// A stretch of a run to be filmed, at an even pace.
#[derive(Clone, Copy, Debug)]
pub struct Take {
    /// Where it begins.
    pub from: Time,
    /// Where it ends.
    pub to: Time,
    /// How many frames are shown in a second.
    pub frames_a_second: f64,
}

impl Studio {
    /// For pictures of a size in pixels. Without `pixels_a_point` the scale follows from the size.
    ///
    /// # Errors
    /// When the scale is too small or too large to see anything.
    pub fn new(size: (u32, u32), pixels_a_point: Option<f32>) -> Result<Self, String> {
        let pixels_a_point = pixels_a_point.unwrap_or_else(|| theme::zoom(vec2(size.0 as f32, size.1 as f32)));
        if !(0.5..=4.0).contains(&pixels_a_point) {
            return Err("the scale is from 0.5 to 4 pixels a point: --scale".to_owned());
        }
        let mut context = egui::Context::default();
        let canvas = Canvas::new(size.0, size.1, pixels_a_point, |ctx| {
            font::install(ctx, Faces::Own);
            context = ctx.clone();
        });
        Ok(Self { canvas, size, context })
    }

    /// A picture of the application as PNG, after these touches.
    pub fn picture(&mut self, app: &mut App, tab: Option<Tab>, legend: bool, touches: &[Touch]) -> Vec<u8> {
        app.act(AppCommand::Tab(tab.unwrap_or(app.tab())), &self.context);
        if legend {
            app.act(AppCommand::Legend, &self.context);
        }
        for touch in touches {
            match touch {
                Touch::Press(with, key) => self.canvas.press(*with, *key),
                Touch::Write(text) => self.canvas.write(text),
            }
            // Until its effect is shown.
            for _ in 0..TOUCHED {
                self.canvas.frame(0.0, |ui| app.show(ui));
            }
        }
        // A search that takes several frames comes to its end.
        for _ in 0..2 {
            self.canvas.frame(0.0, |ui| app.show(ui));
        }
        self.canvas.frame(0.0, |ui| app.show(ui)).to_png()
    }

    /// A film of a stretch of the run as GIF, as it would be seen in the window.
    ///
    /// # Errors
    /// When the film would be too long.
    pub fn film(&mut self, app: &mut App, take: &Take) -> Result<Vec<u8>, String> {
        let (width, height) = self.size;
        let mut film = Film::new(width, height);
        let hundredths = (100.0 / take.frames_a_second).round().max(2.0) as u16;
        let step = f64::from(hundredths) / 100.0;
        app.go_to(take.from);
        self.canvas.frame(0.0, |ui| app.show(ui));
        for number in 0.. {
            film.add(&self.canvas.frame(number as f64 * step, |ui| app.show(ui)), hundredths);
            let session = app.session();
            if session.scene().at() >= take.to || session.scene().is_over() {
                break;
            }
            if number >= FRAMES {
                return Err(format!("the film has more than {FRAMES} frames: bring --from and --to nearer together"));
            }
            app.pass(step, take.to);
        }
        Ok(film.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_touch_is_written_as_the_list_of_keys_shows_it() {
        let press = |with, key| Ok(Touch::Press(with, key));
        assert_eq!(Touch::parse("Ctrl K"), press(Modifiers::COMMAND, Key::K));
        assert_eq!(Touch::parse("→"), press(Modifiers::NONE, Key::ArrowRight));
        assert_eq!(Touch::parse("Enter"), press(Modifiers::NONE, Key::Enter));
        assert_eq!(Touch::parse("'Ctrl K'"), Ok(Touch::Write("Ctrl K".to_owned())));
        assert!(Touch::parse("Ctrl Q").is_err_and(|why| why.contains("Ctrl Q")));
    }
}
