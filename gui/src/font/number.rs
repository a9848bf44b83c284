//! Characters that would be invisible, drawn as their numbers: those that no face has, and those without a shape of their
//! own, which turn, join or hide the characters beside them. `U+1F600` in a frame stands in the line like a letter. So two
//! names that differ look different, and no character disturbs its line.
//!
//! To egui a letter with its marks is one cluster, of which it draws only the marks that the letter's face has. Here the
//! letter is drawn by the program's faces, and the marks that they lack follow as numbers.
//!
//! This rasterizer is asked before the faces: otherwise egui would lay out a letter that no face has together with its
//! neighbours, from right to left if its script is written so.
//!
//! Line feeds, tabs and carriage returns are left to egui's layout.

use std::sync::Arc;

use egui::epaint::FontColorTransferFunction;
use egui::epaint::text::{
    FontPriority, FontProvider, Fonts, GlyphBitmap, GlyphRasterizer, GlyphRasterizerRequest, RasterizedGlyph,
    TextOptions,
};
use egui::mutex::Mutex;
use egui::{Color32, ColorImage, FontDefinitions, FontFamily, FontId, Galley, vec2};
use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::UnicodeNormalization as _;

/// The type size of a number, as a part of the size of the text around it.
const TYPE: f32 = 0.72;
/// How many numbers are written for one cluster; if there are more, the last one says how many.
const MOST: usize = 4;
/// How many marks a letter may have: more would run into other lines.
const MARKS: usize = 8;
/// The width beyond which egui draws no character, in pixels.
const WIDEST: f32 = 1000.0;

/// The rasterizer of numbers. `system` are the faces that egui asks after the program's own.
pub(super) fn rasterizer(own: &FontDefinitions, system: Vec<Arc<dyn FontProvider>>) -> GlyphRasterizer {
    // Edges are softened once, by the window.
    let options = TextOptions { color_transfer_function: FontColorTransferFunction::Off, ..TextOptions::default() };
    let fonts = |system| Mutex::new(Fonts::new(options, own.clone()).with_font_providers(system));
    let scribe = Scribe { own: fonts(Vec::new()), all: fonts(system) };
    GlyphRasterizer::new("queuescope::number", move |request: &GlyphRasterizerRequest<'_>| scribe.number(request))
        .with_priority(FontPriority::Highest)
}

/// Finds and draws the characters that faces would not show.
struct Scribe {
    /// The program's faces.
    own: Mutex<Fonts>,
    /// The program's faces and the system's.
    all: Mutex<Fonts>,
}

/// Which faces have a character.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Has {
    Own,
    System,
    Nobody,
}

/// A part of a cluster, which is what egui takes for one character.
#[derive(Clone, PartialEq, Eq, Debug)]
enum GlyphPart {
    /// Letters and marks that the program's faces have.
    Seen(String),
    /// A number in a frame.
    Number(String),
}

impl GlyphPart {
    fn number(of: char) -> Self {
        Self::Number(format!("U+{:04X}", of as u32))
    }
}

impl Scribe {
    /// The drawing of a cluster that faces would not show; none where a face shows all of it.
    fn number(&self, request: &GlyphRasterizerRequest<'_>) -> Option<RasterizedGlyph> {
        let parts = parts(request.cluster, |c| self.has(request.family, c))?;
        Some(self.draw(&parts, request))
    }

    fn has(&self, family: &FontFamily, c: char) -> Has {
        let font = FontId::new(12.0, family.clone());
        if self.own.lock().has_glyph(&font, c) {
            Has::Own
        } else if self.all.lock().has_glyph(&font, c) {
            Has::System
        } else {
            Has::Nobody
        }
    }

    /// Draws the parts one after the other, on one baseline.
    fn draw(&self, parts: &[GlyphPart], request: &GlyphRasterizerRequest<'_>) -> RasterizedGlyph {
        let whole = self.width(parts, request.family, request.font_size_px);
        let size = request.font_size_px * (WIDEST / whole.max(1.0)).min(1.0);
        let width = self.width(parts, request.family, size).ceil();
        let mut paper = Paper::of(width, size);
        let mut x = 0.0;
        for part in parts {
            let (galley, image) = self.galley(part, request.family, size);
            match part {
                GlyphPart::Seen(_) => paper.write(&galley, &image, x, 0.0),
                GlyphPart::Number(_) => {
                    let room = frame_room(size);
                    // In the middle of a capital's height.
                    let lift = 0.35 * size * (1.0 - TYPE);
                    paper.write(&galley, &image, x + room, -lift);
                    paper.frame((x, x + galley.size().x + 2.0 * room), lift, size);
                }
            }
            x += self.width_of(part, &galley, size);
        }
        let offset_px = vec2(0.0, -paper.baseline);
        let bitmap = GlyphBitmap { image: paper.image, offset_px, is_color: false };
        RasterizedGlyph { bitmap, advance_px: width }
    }

    fn width(&self, parts: &[GlyphPart], family: &FontFamily, size: f32) -> f32 {
        parts.iter().map(|part| self.width_of(part, &self.galley(part, family, size).0, size)).sum()
    }

    /// The width of a part, with the gap between it and the next one.
    fn width_of(&self, part: &GlyphPart, galley: &Galley, size: f32) -> f32 {
        match part {
            GlyphPart::Seen(_) => galley.size().x,
            GlyphPart::Number(_) => galley.size().x + 2.0 * frame_room(size) + (size / 12.0).round().max(1.0),
        }
    }

    /// A part, laid out by egui, and the texture with its letters.
    fn galley(&self, part: &GlyphPart, family: &FontFamily, size: f32) -> (Arc<Galley>, ColorImage) {
        let (text, font) = match part {
            GlyphPart::Seen(text) => (text, FontId::new(size, family.clone())),
            GlyphPart::Number(number) => (number, FontId::proportional((size * TYPE).max(1.0))),
        };
        let mut fonts = self.own.lock();
        let mut fonts = fonts.with_pixels_per_point(1.0);
        let galley = fonts.layout_no_wrap(text.clone(), font, Color32::WHITE);
        (galley, fonts.image())
    }
}

/// The distance between a number and its frame.
fn frame_room(size: f32) -> f32 {
    (size / 7.0).round().max(2.0)
}

/// The parts of a cluster, if a face alone would not show all of it; `has` says which faces have a character.
fn parts(cluster: &str, has: impl Fn(char) -> Has) -> Option<Vec<GlyphPart>> {
    let first = cluster.chars().next()?;
    if first.is_ascii_graphic() && cluster.len() == 1 {
        return None;
    }
    // Faces have some letters and their marks as one character.
    let whole: Vec<char> = cluster.nfc().collect();
    let base = if has_no_shape(first) { Has::Nobody } else { has(whole[0]) };
    let is_letter = base == Has::Own && whole[0].is_alphanumeric();
    let marks = whole.iter().filter(|c| is_mark(**c)).count();
    let is_shown = |(place, c): (usize, &char)| match base {
        _ if is_layout(*c) => true,
        Has::Nobody => false,
        _ if joins(*c) => !is_letter,
        _ if has_no_shape(*c) => false,
        Has::Own => has(*c) == Has::Own,
        Has::System => place == 0 || marks <= MARKS,
    };
    if whole.iter().enumerate().all(is_shown) {
        return None;
    }
    let mut parts: Vec<GlyphPart> = Vec::new();
    for (place, c) in whole.iter().enumerate() {
        match parts.last_mut() {
            // Only the program's faces can draw the letter here.
            _ if base != Has::Own || !is_shown((place, c)) => parts.push(GlyphPart::number(*c)),
            Some(GlyphPart::Seen(text)) => text.push(*c),
            _ => parts.push(GlyphPart::Seen(c.to_string())),
        }
    }
    Some(abbreviated(parts))
}

/// The first numbers of many, and how many more there are.
fn abbreviated(parts: Vec<GlyphPart>) -> Vec<GlyphPart> {
    let numbers = parts.iter().filter(|part| matches!(part, GlyphPart::Number(_))).count();
    if numbers <= MOST {
        return parts;
    }
    let mut kept = 0;
    let is_kept = |part: &GlyphPart| {
        kept += usize::from(matches!(part, GlyphPart::Number(_)));
        kept < MOST
    };
    let mut first: Vec<GlyphPart> = parts.into_iter().take_while(is_kept).collect();
    first.push(GlyphPart::Number(format!("+{}", numbers + 1 - MOST)));
    first
}

fn is_mark(c: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark, SpacingMark};
    matches!(get_general_category(c), EnclosingMark | NonspacingMark | SpacingMark)
}

/// Whether a character joins or separates letters of some scripts or parts of emoji, or selects a variant of the character
/// before it. After any other letter it would be invisible.
const fn joins(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// Whether a character is about layout, which is left to egui.
const fn is_layout(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\t')
}

/// Whether a character has no shape of its own: controls, marks of direction, characters without width.
fn has_no_shape(c: char) -> bool {
    match c {
        // Signs above numbers in Arabic and Syriac: of the same category, but visible.
        '\u{600}'..='\u{605}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{890}'
        | '\u{891}'
        | '\u{8e2}'
        | '\u{110bd}'
        | '\u{110cd}' => false,
        // Fillers, and joiners of other categories (Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt).
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}' => true,
        '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' => true,
        c => matches!(
            get_general_category(c),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        ),
    }
}

/// The image on which a cluster is drawn.
struct Paper {
    image: ColorImage,
    /// How far the baseline lies below the upper edge, in pixels.
    baseline: f32,
}

impl Paper {
    fn of(width: f32, size: f32) -> Self {
        let (above, below) = ((size * 1.25).ceil(), (size * 0.4).ceil());
        let image = ColorImage::filled([width.max(1.0) as usize, (above + below) as usize], Color32::TRANSPARENT);
        Self { image, baseline: above }
    }

    fn dot(&mut self, x: i64, y: i64, alpha: u8) {
        let [width, height] = self.image.size;
        if let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y))
            && x < width
            && y < height
        {
            let alpha = alpha.max(self.image[(x, y)].a());
            self.image[(x, y)] = Color32::from_white_alpha(alpha);
        }
    }

    /// Draws letters of a texture, so far to the right and below the baseline.
    fn write(&mut self, galley: &Galley, texture: &ColorImage, x: f32, below: f32) {
        for glyph in galley.rows.iter().flat_map(|row| &row.glyphs) {
            let (uv, line) = (glyph.uv_rect, self.baseline + below);
            let left = (x + glyph.pos.x + uv.offset.x).round() as i64;
            let top = (line + uv.offset.y).round() as i64;
            for v in uv.min[1]..uv.max[1] {
                for u in uv.min[0]..uv.max[0] {
                    let alpha = texture[(u.into(), v.into())].a();
                    self.dot(left + i64::from(u - uv.min[0]), top + i64::from(v - uv.min[1]), alpha);
                }
            }
        }
    }

    /// Draws a frame around a number that stands so far above the baseline.
    fn frame(&mut self, (left, right): (f32, f32), lift: f32, size: f32) {
        let (room, thick) = (frame_room(size), (size / 16.0).round().max(1.0) as i64);
        let capital = 0.7 * size * TYPE;
        let (left, right) = (left.round() as i64, right.round() as i64);
        let top = (self.baseline - lift - capital - room).round() as i64;
        let bottom = (self.baseline - lift + room).round() as i64;
        for y in top..bottom {
            for x in left..right {
                let inner = (left + thick..right - thick).contains(&x) && (top + thick..bottom - thick).contains(&y);
                let corner = (x == left || x == right - 1) && (y == top || y == bottom - 1);
                if !inner && !corner {
                    self.dot(x, y, 150);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers that are written for a character; the program has Latin and Chinese, the system Thai, Arabic, Devanagari
    /// and pictures.
    fn shown(cluster: &str) -> Option<String> {
        let parts = parts(cluster, |c| match c as u32 {
            0x20..0x250 | 0x4e00..0xa000 | 0x2764 => Has::Own,
            0x600..0x700 | 0x900..0x980 | 0xe00..0xe80 | 0x1f300..0x1f500 | 0x200c | 0x200d | 0xfe0f => Has::System,
            _ => Has::Nobody,
        })?;
        let word = |part: &GlyphPart| match part {
            GlyphPart::Seen(text) => text.clone(),
            GlyphPart::Number(number) => format!("[{number}]"),
        };
        Some(parts.iter().map(word).collect())
    }

    #[test]
    fn a_character_that_no_face_has_or_without_a_shape_is_a_number() {
        for letters in ["a", "é", "e\u{301}", "n\u{303}", "国", " ", "\n", "\t", "\r", "👨", "ع", "ก"] {
            assert_eq!(shown(letters), None, "{letters:?}");
        }
        let hidden = "\u{202e}\u{2066}\u{200b}\u{feff}\u{7}\u{ad}\u{2028}\u{61c}\u{3164}\u{200d}\u{0}\u{9f}";
        let missing = "\u{1f600}\u{d55c}\u{5d0}\u{301}\u{10ffff}\u{e000}";
        for c in hidden.chars().chain(missing.chars()) {
            assert_eq!(shown(&c.to_string()), Some(format!("[U+{:04X}]", c as u32)), "{c:?}");
        }
    }

    #[test]
    fn a_mark_that_its_letters_face_lacks_follows_as_a_number() {
        assert_eq!(shown("x\u{301}").as_deref(), Some("x[U+0301]"));
        assert_eq!(shown("e\u{301}\u{489}").as_deref(), Some("é[U+0489]"));
        assert_eq!(shown("a\u{200d}").as_deref(), Some("a[U+200D]"), "nothing is to be joined");
        let many = format!("x{}", "\u{301}".repeat(30));
        assert_eq!(shown(&many).as_deref(), Some("x[U+0301][U+0301][U+0301][+27]"));
    }

    #[test]
    fn joined_scripts_and_emoji_of_several_parts_are_left_to_their_faces() {
        for cluster in ["👨\u{200d}👩\u{200d}👧", "❤\u{fe0f}", "क\u{94d}\u{200d}ष", "ที่", "عَ"] {
            assert_eq!(shown(cluster), None, "{cluster:?}");
        }
        let high = format!("ที{}", "\u{e48}".repeat(20));
        assert!(shown(&high).is_some_and(|shown| shown.starts_with("[U+0E17]")), "into the line above");
        assert_eq!(shown("\u{1f600}\u{200d}\u{1f600}").as_deref(), Some("[U+1F600][U+200D][U+1F600]"));
    }
}
