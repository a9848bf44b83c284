//! The gallery: all lessons, each with its title and what to watch for.

use egui::{Align2, FontId, Rect, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};
use queuescope::plan::Text;
use queuescope::words::Language;

use crate::command::AppCommand;
use crate::model::name::NameSet;
use crate::text::Word;
use crate::theme::{FINE, GRID, LINE, Palette, type_size};
use crate::view::line::{self, Elision};
use crate::view::wish::Wish;

/// A lesson as the gallery shows it.
#[derive(Clone, Debug)]
pub struct Card {
    /// Its file's name without ending.
    pub name: String,
    /// Its title.
    pub title: Text,
    /// Its summary: what to watch, to predict, to try.
    pub summary: Text,
    /// Whether somebody has seen it to its end.
    pub seen: bool,
}

/// The height of a lesson's card, in points.
const HEIGHT: f32 = 104.0;
/// The width of the gallery, in points.
pub const WIDTH: f32 = 272.0;

/// Shows the gallery.
pub fn show<'a>(
    ui: &mut Ui,
    cards: impl Iterator<Item = &'a Card> + Clone,
    chosen: usize,
    language: Language,
    palette: &'static Palette,
    wishes: &mut Vec<Wish>,
) {
    ui.label(RichText::new(Word::Lessons.text(language)).size(type_size::HEADING));
    ui.label(RichText::new(Word::GalleryHint.text(language)).small().color(palette.soft));
    ui.add_space(GRID * 0.5);
    let new = egui::Button::new(format!("+ {}", Word::NewCluster.text(language)));
    if ui.add(new.min_size(vec2(ui.available_width() - GRID, 32.0))).clicked() {
        wishes.push(Wish::Do(AppCommand::NewCluster));
    }
    ui.add_space(GRID * 0.5);
    let scrolls = scrolls_to_chosen(ui, chosen);
    let names: NameSet = cards.clone().map(|card| card.name.clone()).collect();
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for (index, card) in cards.enumerate() {
            if self::card(ui, (card, &names), (index == chosen, scrolls), language, palette) {
                wishes.push(Wish::Do(AppCommand::Open(index)));
            }
        }
    });
}

/// Whether to scroll to the chosen card: another one was chosen in the frame before, or the gallery was not open. Later the
/// user may scroll away.
fn scrolls_to_chosen(ui: &Ui, chosen: usize) -> bool {
    let id = egui::Id::unique("the chosen card");
    let now = ui.ctx().cumulative_frame_nr();
    // A frame may be laid out more than once.
    let scrolls = match ui.data(|data| data.get_temp::<(usize, u64, bool)>(id)) {
        Some((card, frame, scrolled)) => card != chosen || now > frame + 1 || (now == frame && scrolled),
        None => true,
    };
    ui.data_mut(|data| data.insert_temp(id, (chosen, now, scrolls)));
    scrolls
}

/// Shows a card; whether it was clicked.
fn card(
    ui: &mut Ui,
    (card, names): (&Card, &NameSet),
    (chosen, scrolls): (bool, bool),
    language: Language,
    palette: &'static Palette,
) -> bool {
    let width = (ui.available_width() - GRID).max(0.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::click());
    let title = language.of(&card.title);
    let said = if card.seen { format!("{title} ({})", Word::Seen.text(language)) } else { title.to_owned() };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &said));
    let edge = if chosen || response.has_focus() {
        egui::Stroke::new(LINE, palette.selected)
    } else if response.hovered() {
        egui::Stroke::new(FINE, palette.ink)
    } else {
        egui::Stroke::new(FINE, palette.line)
    };
    ui.painter().rect(rect, 6.0, palette.card, edge, egui::StrokeKind::Inside);
    if chosen && scrolls && !ui.clip_rect().contains_rect(rect) {
        ui.scroll_to_rect(rect, None);
    }
    let all = paint(ui, rect.shrink(GRID), (card, names), language, palette);
    let response = all.map_or(response.clone(), |all| response.on_hover_text(all));
    response.clicked()
}

/// Paints the texts of a card; all of them, if one had to be cut. They are no labels: the card itself has the name that is
/// read out.
fn paint(
    ui: &Ui,
    rect: Rect,
    (card, names): (&Card, &NameSet),
    language: Language,
    palette: &'static Palette,
) -> Option<String> {
    let painter = ui.painter_at(rect);
    let small = FontId::proportional(type_size::SMALL);
    let mut room = rect.width();
    if card.seen {
        let seen = Word::Seen.text(language);
        room -= painter.text(rect.right_top(), Align2::RIGHT_TOP, seen, small.clone(), palette.good).width() + GRID;
    }
    let title = language.of(&card.title);
    // The first line of the summary says what to watch.
    let watch = language.of(&card.summary).trim().lines().next().unwrap_or_default();
    let name = line::fitted(&painter, &card.name, &small, room, Elision::Name(names));
    let mut is_cut = name != card.name;
    let mut y = rect.top();
    for (text, size, ink, rows) in [
        (name.as_ref(), type_size::SMALL, palette.soft, 1),
        (title, type_size::HEADING, palette.ink, 1),
        (watch, type_size::SMALL, palette.soft, 3),
    ] {
        let format = egui::text::TextFormat::simple(FontId::proportional(size), ink);
        let mut job = egui::text::LayoutJob::single_section(text.to_owned(), format);
        job.wrap.max_width = rect.width();
        job.wrap.max_rows = rows;
        job.wrap.break_anywhere = rows == 1;
        let galley = painter.layout_job(job);
        is_cut |= galley.elided;
        let height = galley.size().y;
        painter.galley(egui::pos2(rect.left(), y), galley, ink);
        y += height + 3.0;
    }
    is_cut.then(|| format!("{}\n{title}\n{watch}", card.name))
}
