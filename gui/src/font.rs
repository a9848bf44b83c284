//! The letters of the window: egui's own faces, and behind them a Chinese one that the program carries. It knows nothing of
//! what is written with them.
//!
//! With [`Faces::Own`] nothing but these is ever used, so text looks the same on every machine. [`Faces::AndSystem`] asks the
//! system for characters that they lack: only that reads files.

use std::sync::{Arc, OnceLock};

use egui::epaint::text::{FallbackRequest, FontInsert, FontProvider, FontTweak, Fonts, TextOptions};
use egui::{FontData, FontDefinitions, FontFamily, FontId};

/// Cut out of Noto Sans CJK by `assets/fonts/subset.py`.
const NOTO_SANS_SC: &[u8] = include_bytes!("../assets/fonts/NotoSansSC-subset.otf");

/// Which faces text may be written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Faces {
    /// Those of the program: for pictures and tests.
    Own,
    /// Those of the program, and the system's for characters that these lack: for a window.
    AndSystem,
}

/// Makes egui write Chinese. To be called once, before its first frame.
///
/// With [`Faces::AndSystem`] the first character that no face of ours has makes it read the system's faces, from a few
/// well-known places. What they lack, too, is shown as a box.
pub fn install(context: &egui::Context, faces: Faces) {
    context.set_fonts(own());
    if faces == Faces::AndSystem {
        for &(path, index, lift) in SYSTEM_FACES {
            context.add_font_provider(Arc::new(SystemFace { path, index, lift, data: OnceLock::new() }));
        }
    }
}

/// The first character of a text that the program's own faces lack, if there is any.
#[must_use]
pub fn covers(text: &str) -> Option<char> {
    let mut fonts = Fonts::new(TextOptions::default(), own());
    let mut has = |character| {
        let mut in_family = |family: FontFamily| fonts.has_glyph(&FontId::new(12.0, family), character);
        in_family(FontFamily::Proportional) && in_family(FontFamily::Monospace)
    };
    text.chars().find(|&character| !character.is_control() && !has(character))
}

/// egui's faces come first: their Latin letters go with its widgets.
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

/// How far Noto's characters are lifted, as a part of their size, to stand on the baseline of the letters beside them. egui
/// puts the middle of a line of one face on the middle of another's, and Noto leaves more room above.
const NOTO_LIFT: f32 = 0.065;

fn lifted(lift: f32) -> FontTweak {
    FontTweak { y_offset_factor: -lift, ..FontTweak::default() }
}

/// Where systems keep faces with many characters, which one of a collection it is, and how far it is lifted. Chinese ones
/// come first.
const SYSTEM_FACES: &[(&str, u32, f32)] = &[
    // Linux: Debian, Fedora, Arch, openSUSE; and what older systems have.
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2, NOTO_LIFT),
    ("/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc", 2, NOTO_LIFT),
    ("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc", 2, NOTO_LIFT),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", 2, NOTO_LIFT),
    ("/usr/share/fonts/truetype/NotoSansCJK-Regular.ttc", 2, NOTO_LIFT),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0, 0.0),
    ("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", 0, 0.0),
    ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", 0, 0.0),
    // macOS
    ("/System/Library/Fonts/PingFang.ttc", 0, 0.0),
    ("/System/Library/Fonts/Hiragino Sans GB.ttc", 0, 0.0),
    ("/System/Library/Fonts/Supplemental/Arial Unicode.ttf", 0, 0.0),
    // Windows: Chinese, Korean, signs.
    (r"C:\Windows\Fonts\msyh.ttc", 0, 0.0),
    (r"C:\Windows\Fonts\malgun.ttf", 0, 0.0),
    (r"C:\Windows\Fonts\seguisym.ttf", 0, 0.0),
];

/// A face that the system may have. It is read when egui first asks for a character that no face before it has.
struct SystemFace {
    path: &'static str,
    index: u32,
    lift: f32,
    data: OnceLock<Option<FontData>>,
}

impl FontProvider for SystemFace {
    // egui looks itself whether the face has the character, and asks the next one if not.
    fn font_for(&self, _: &FallbackRequest<'_>) -> Option<FontInsert> {
        let read = || {
            let file = Arc::new(std::fs::read(self.path).ok()?);
            Some(FontData::from_blob(file, self.index).tweak(lifted(self.lift)))
        };
        let data = self.data.get_or_init(read).clone()?;
        Some(FontInsert::new(self.path, data, Vec::new()))
    }
}

#[cfg(test)]
mod tests {
    use egui::{Align2, Color32, pos2};

    use super::*;
    use crate::picture::Canvas;

    #[test]
    fn every_character_of_the_lessons_is_covered() {
        for lesson in queuescope::scenario::lessons() {
            assert_eq!(covers(lesson.text), None, "{}: run assets/fonts/subset.py", lesson.name);
        }
    }

    // Escaped, as the font gets every character that stands in a source.
    const RARE: char = '\u{2a6a5}';
    const KOREAN: &str = "\u{d55c}";

    #[test]
    fn punctuation_and_everyday_characters_are_covered_and_rare_ones_are_not() {
        assert_eq!(covers("消息队列：“先进先出”，对吗？（是）【１】…—— A\tz\n"), None);
        assert_eq!(covers(&format!("消息{RARE}队列")), Some(RARE));
        assert_eq!(covers(KOREAN), KOREAN.chars().next());
    }

    #[test]
    fn a_system_face_is_read_from_its_place_and_not_before_it_is_needed() {
        let face = |path| SystemFace { path, index: 3, lift: 0.0, data: OnceLock::new() };
        let request = FallbackRequest { cluster: KOREAN, family: &FontFamily::Proportional };
        assert!(face("/no/such/face.ttc").font_for(&request).is_none());
        let here = face(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/fonts/NotoSansSC-subset.otf"));
        assert!(here.data.get().is_none(), "nothing is read until a character is missing");
        let found = here.font_for(&request).unwrap();
        assert_eq!((found.data.bytes(), found.data.index), (NOTO_SANS_SC, 3));
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
