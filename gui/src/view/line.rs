//! Texts on one line that may be too long for it. A name is cut in its middle, a sentence first by the names in it; the
//! whole text is shown under the pointer.

use std::borrow::Cow;

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId, Galley, Label, Painter, Response, RichText, Role, Ui, WidgetInfo};

use crate::model::name::{ELLIPSIS, NameSet, Widths};

/// How a text is cut that is too long.
#[derive(Clone, Copy)]
pub(super) enum Elision<'a> {
    /// In its middle, so that it stays different from these names.
    Name(&'a NameSet),
    /// By cutting these names where they stand in it. The result may still be too long.
    NamesWithin(&'a NameSet),
}

/// A text, cut to fit into so much room on one line.
pub(super) fn fitted<'t>(
    painter: &Painter,
    text: &'t str,
    font: &FontId,
    room: f32,
    elision: Elision<'_>,
) -> Cow<'t, str> {
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
    // A part may be a little wider alone than beside others.
    let room = room - 1.0;
    Cow::Owned(match elision {
        Elision::Name(names) => names.cut(&of, room),
        Elision::NamesWithin(names) => names.shorten(&of, room),
    })
}

/// The width of a text before each of its bytes, and its whole width.
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

/// Adds a label of one line.
pub(super) fn label(ui: &mut Ui, text: &str, (size, ink): (f32, Color32), elision: Elision<'_>) -> Response {
    let shown = fitted(ui.painter(), text, &FontId::proportional(size), ui.available_width(), elision);
    let is_whole = shown == text;
    let response = ui.add(Label::new(RichText::new(shown).size(size).color(ink)).truncate().selectable(false));
    with_whole_text(response, Role::Label, text, is_whole)
}

/// A text, cut to fit into a button with so much room inside.
pub(super) fn for_button<'t>(ui: &Ui, text: &'t str, room: f32, elision: Elision<'_>) -> Cow<'t, str> {
    fitted(ui.painter(), text, &egui::TextStyle::Button.resolve(ui.style()), room, elision)
}

/// Gives a widget its whole text to be read out, and, unless it shows all of it, to be seen under the pointer.
pub(super) fn with_whole_text(response: Response, role: Role, text: &str, is_whole: bool) -> Response {
    response.widget_info(|| WidgetInfo::labeled(role, true, text));
    if is_whole { response } else { response.on_hover_text(text) }
}
