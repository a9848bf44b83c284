//! The log: the last records, the newest at the bottom, filtered; a click on one goes to its moment.

use egui::{RichText, ScrollArea, Ui};
use queuescope::session::{EventRecord, Session};
use queuescope::words::Language;
use queuescope::words::figure::moment;
use queuescope::words::record::sentence;

use crate::model::name::NameSet;
use crate::model::record;
use crate::text::Word;
use crate::theme::{GRID, Palette};
use crate::view::line::{self, Elision};
use crate::view::wish::Wish;

/// The height of a record, in points.
pub(super) const ROW: f32 = 20.0;

/// Shows the last records; `names` are all names of the plan.
pub fn show(
    ui: &mut Ui,
    (session, names): (&Session, &NameSet),
    filter: &mut String,
    routine: bool,
    language: Language,
    palette: &'static Palette,
    wishes: &mut Vec<Wish>,
) {
    ui.horizontal(|ui| {
        let label = ui.label(Word::Filter.text(language));
        ui.add(egui::TextEdit::singleline(filter).desired_width(f32::INFINITY)).labelled_by(label.id);
    });
    ui.add_space(GRID * 0.5);
    let plan = session.plan();
    let wanted = filter.trim().to_lowercase();
    let told: Vec<(&EventRecord, String)> = session
        .scene()
        .recent()
        .filter(|told| routine || !record::is_routine(&told.record.kind))
        .map(|told| (told, sentence(plan, told.record.node, &told.record.kind, language)))
        .filter(|(_, line)| wanted.is_empty() || line.to_lowercase().contains(&wanted))
        .collect();
    if told.is_empty() {
        ui.label(Word::NoRecords.text(language));
    }
    ui.spacing_mut().interact_size.y = ROW;
    ui.spacing_mut().item_spacing.y = 0.0;
    let height = ROW;
    ScrollArea::vertical().auto_shrink(false).stick_to_bottom(true).show_rows(ui, height, told.len(), |ui, rows| {
        for (told, line) in &told[rows] {
            if row(ui, told, line, names, palette).clicked() {
                wishes.push(Wish::GoToRecord(Box::new((*told).clone())));
            }
        }
    });
}

/// A record on one line: its time and its sentence. Where that is too long, names are cut first.
pub(super) fn row(
    ui: &mut Ui,
    told: &EventRecord,
    line: &str,
    names: &NameSet,
    palette: &'static Palette,
) -> egui::Response {
    let ink = if record::is_alarming(&told.record.kind) { palette.alarm } else { palette.ink };
    let whole = format!("{}  {line}", moment(told.record.at));
    let size = egui::vec2(ui.available_width(), ROW);
    let font = egui::TextStyle::Small.resolve(ui.style());
    let room = size.x - 2.0 * ui.spacing().button_padding.x;
    let shown = line::fitted(ui.painter(), &whole, &font, room, Elision::NamesWithin(names));
    let text = RichText::new(shown).small().color(ink);
    let button = egui::Button::new(text).frame(false).truncate().min_size(size).right_text("");
    let response = ui.add(button);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &whole));
    response.on_hover_text(line)
}
