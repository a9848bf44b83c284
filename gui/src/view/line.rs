//! Texts in one line that may be too long for it: names are cut in their middle so that they are told apart, and of a
//! sentence first the names in it. Whoever points at one that was cut reads all of it.

use std::borrow::Cow;

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId, Galley, Label, Painter, Response, RichText, Role, Ui, WidgetInfo};

use crate::model::name::{ELLIPSIS, NameSet, Widths};

/// What is cut where a text is too long.
#[derive(Clone, Copy)]
pub(super) enum Elision<'a> {
    /// The middle of a text that is one of these names, or like one.
    Name(&'a NameSet),
    /// The middles of these names, where they stand in it. If that is not enough it is still too long.
    NamesWithin(&'a NameSet),
}

/// A text as it is shown in one line, where there is so much room for it.
pub(super) fn shown<'t>(painter: &Painter, text: &'t str, font: &FontId, room: f32, cut: Elision<'_>) -> Cow<'t, str> {
    let mut job = LayoutJob::single_section(text.to_owned(), TextFormat::simple(font.clone(), Color32::PLACEHOLDER));
    job.break_on_newline = false;
    job.wrap.max_width = f32::INFINITY;
    let galley = painter.fonts_mut(|fonts| fonts.layout_job(job));
    if galley.size().x <= room {
        return Cow::Borrowed(text);
    }
    let edges = edges(&galley, text);
    let width = |c| painter.fonts_mut(|fonts| fonts.glyph_width(font, c));
    let of = Widths { text, edges: &edges, ellipsis: width(ELLIPSIS), digit: width('0') };
    // A part alone may be a little wider than it is beside the others.
    let room = room - 1.0;
    Cow::Owned(match cut {
        Elision::Name(names) => names.cut(&of, room),
        Elision::NamesWithin(names) => names.shorten(&of, room),
    })
}

/// How wide a text in one line is before each of its bytes, and in all.
fn edges(galley: &Galley, text: &str) -> Vec<f32> {
    let mut glyphs = galley.rows.iter().flat_map(|row| &row.glyphs);
    let mut edges = Vec::with_capacity(text.len() + 1);
    for c in text.chars() {
        let left = glyphs.next().map_or(galley.size().x, |glyph| glyph.pos.x);
        edges.extend(std::iter::repeat_n(left, c.len_utf8()));
    }
    edges.push(galley.size().x);
    edges
}

/// Puts a text there, in one line.
pub(super) fn label(ui: &mut Ui, text: &str, (size, ink): (f32, Color32), cut: Elision<'_>) -> Response {
    let shown = shown(ui.painter(), text, &FontId::proportional(size), ui.available_width(), cut);
    let is_whole = shown == text;
    let response = ui.add(Label::new(RichText::new(shown).size(size).color(ink)).truncate().selectable(false));
    all_of(response, Role::Label, text, is_whole)
}

/// A text for a button that has so much room inside.
pub(super) fn for_button<'t>(ui: &Ui, text: &'t str, room: f32, cut: Elision<'_>) -> Cow<'t, str> {
    shown(ui.painter(), text, &egui::TextStyle::Button.resolve(ui.style()), room, cut)
}

/// All of a text is told to whoever listens; and to whoever points at it, unless it is shown whole.
pub(super) fn all_of(response: Response, role: Role, text: &str, is_whole: bool) -> Response {
    response.widget_info(|| WidgetInfo::labeled(role, true, text));
    if is_whole { response } else { response.on_hover_text(text) }
}
