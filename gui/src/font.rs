//! The faces of the window: egui's own, and behind them a Chinese one that the program carries. It knows nothing of what is
//! written with them, and reads no files.
//!
//! With [`Faces::Own`] no other face is used, so text looks the same on every machine: pictures, films and tests are written
//! so. With [`Faces::And`] the program that shows a window adds the system's faces, for characters that its own lack. A
//! character that no face has is shown as its number: `number`.

mod number;

use std::sync::Arc;

use egui::epaint::text::{FallbackRequest, FontInsert, FontProvider, FontTweak, Fonts, TextOptions};
use egui::{FontData, FontDefinitions, FontFamily, FontId};

/// Cut out of Noto Sans CJK by `assets/fonts/subset.py`.
const NOTO_SANS_SC: &[u8] = include_bytes!("../assets/fonts/NotoSansSC-subset.otf");

/// The faces in which text is written.
#[derive(Clone)]
pub enum Faces {
    /// The program's faces: for pictures and tests.
    Own,
    /// The program's faces, and these for characters that they lack: for a window.
    And(Arc<dyn FontProvider>),
}

/// Installs the faces. Call it once, before egui's first frame.
///
/// A character that no face has is shown as its number in a frame, like U+1F600; so is a character without a shape of its
/// own, which would be invisible, or would turn the text beside it.
pub fn install(context: &egui::Context, faces: Faces) {
    context.set_fonts(own());
    let system: Vec<Arc<dyn FontProvider>> = match faces {
        Faces::Own => Vec::new(),
        Faces::And(faces) => vec![Arc::new(LiftedFaces(faces))],
    };
    for face in &system {
        context.add_font_provider(Arc::clone(face));
    }
    context.add_glyph_rasterizer(number::rasterizer(&own(), system));
}

/// The first character of a text that the program's own faces lack, if there is any.
#[must_use]
pub fn first_missing(text: &str) -> Option<char> {
    let mut fonts = Fonts::new(TextOptions::default(), own());
    let mut has = |character| {
        let mut in_family = |family: FontFamily| fonts.has_glyph(&FontId::new(12.0, family), character);
        in_family(FontFamily::Proportional) && in_family(FontFamily::Monospace)
    };
    text.chars().find(|&character| !character.is_control() && !has(character))
}

/// The system's faces; those made like our Chinese one are lifted like it.
struct LiftedFaces(Arc<dyn FontProvider>);

impl FontProvider for LiftedFaces {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let mut face = self.0.font_for(request)?;
        if ["Noto Sans CJK", "Source Han Sans"].iter().any(|name| face.name.contains(name)) {
            face.data = face.data.tweak(lifted(NOTO_LIFT));
        }
        Some(face)
    }
}

/// The program's faces. egui's come first: their Latin letters match its widgets.
fn own() -> FontDefinitions {
    const NAME: &str = "Noto Sans SC";
    let mut fonts = FontDefinitions::default();
    let face = FontData::from_static(NOTO_SANS_SC).tweak(lifted(NOTO_LIFT));
    fonts.font_data.insert(NAME.to_owned(), Arc::new(face));
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        fonts.families.entry(family).or_default().push(NAME.to_owned());
    }
    fonts
}

/// How far Noto's characters are lifted, as a part of their size, to stand on the baseline of the letters beside them: egui
/// aligns the middles of the faces' lines, and Noto leaves more room above.
const NOTO_LIFT: f32 = 0.065;

fn lifted(lift: f32) -> FontTweak {
    FontTweak { y_offset_factor: -lift, ..FontTweak::default() }
}

#[cfg(test)]
mod tests {
    use egui::{Align2, Color32, pos2};

    use super::*;
    use crate::picture::Canvas;

    #[test]
    fn every_character_of_the_lessons_is_covered() {
        for lesson in queuescope::scenario::lessons() {
            assert_eq!(first_missing(lesson.text), None, "{}: run assets/fonts/subset.py", lesson.name);
        }
    }

    // Escaped, as the font gets every character that stands in a source.
    const RARE: char = '\u{2a6a5}';
    const KOREAN: &str = "\u{d55c}";

    #[test]
    fn punctuation_and_everyday_characters_are_covered_and_rare_ones_are_not() {
        assert_eq!(first_missing("消息队列：“先进先出”，对吗？（是）【１】…—— A\tz\n"), None);
        assert_eq!(first_missing(&format!("消息{RARE}队列")), Some(RARE));
        assert_eq!(first_missing(KOREAN), KOREAN.chars().next());
    }

    #[test]
    fn the_systems_faces_are_only_asked_for_characters_that_ours_lack() {
        // Armenian is in the face of programs' texts only.
        const ARMENIAN: &str = "\u{531}";
        let asked = Arc::new(egui::mutex::Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        let system = move |request: &FallbackRequest<'_>| {
            noted.lock().push(request.cluster.to_owned());
            let hack = FontDefinitions::default().font_data.get("Hack").map(|face| (**face).clone())?;
            (request.cluster == ARMENIAN).then(|| FontInsert::new("system:Hack", hack, Vec::new()))
        };
        let picture = |faces: Faces, text: &str| {
            let mut canvas = Canvas::new(200, 40, 1.0, |context: &egui::Context| install(context, faces));
            canvas.frame(0.0, |ui| _ = ui.label(text))
        };
        let with_system = Faces::And(Arc::new(system));
        let [letter, sign] = [format!("a 国 é {ARMENIAN}"), format!("a 国 é {KOREAN}")];
        assert!(picture(with_system.clone(), &letter) != picture(Faces::Own, &letter), "the letter, and its number");
        assert!(picture(with_system, &sign) == picture(Faces::Own, &sign), "nobody has it");
        let mut asked = asked.lock().clone();
        asked.dedup();
        assert_eq!(asked, [ARMENIAN, KOREAN]);
    }

    #[test]
    fn a_character_that_no_face_has_is_visible() {
        let widths = |text: &str| {
            let mut width = 0.0;
            Canvas::new(400, 40, 1.0, |context: &egui::Context| install(context, Faces::Own))
                .frame(0.0, |ui| width = ui.label(text).rect.width());
            width
        };
        let plain = widths("xb");
        for hidden in ["\u{202e}", "\u{200b}", "\u{200d}", "\u{1f600}", "\u{7}", "\u{301}", KOREAN, "\u{5d0}"] {
            assert!(widths(&format!("x{hidden}b")) > plain + 20.0, "{hidden:?}");
        }
    }

    #[test]
    fn the_middle_of_a_chinese_character_stands_at_the_middle_of_a_capital() {
        let middle = |text: &str| {
            let set_up = |context: &egui::Context| {
                install(context, Faces::Own);
                context.set_theme(egui::Theme::Dark);
            };
            let image = Canvas::new(150, 200, 1.0, set_up).frame(0.0, |ui| {
                // The same line for both: the other character is written beyond the edge.
                let line = format!("{text}          H国");
                ui.painter().text(
                    pos2(10.0, 30.0),
                    Align2::LEFT_TOP,
                    line,
                    FontId::proportional(100.0),
                    Color32::WHITE,
                );
            });
            let bright = |row: &[u8]| row.chunks(4).any(|pixel| pixel[0] > 100);
            let rows: Vec<usize> = (0..200).filter(|row| bright(&image.pixels[row * 600..row * 600 + 600])).collect();
            (rows[0] + rows[rows.len() - 1]) as f32 / 2.0
        };
        let (capital, chinese) = (middle("H"), middle("国"));
        assert!((capital - chinese).abs() <= 1.5, "{capital}, {chinese}");
    }
}
