//! The form: the sections of a file, and the keys of one of them. What is left out shows what it is then.

use egui::{ComboBox, Id, RichText, ScrollArea, TextEdit, Ui};
use queuescope::scenario::{Field, LISTS, Sheet, Spot};

use crate::text::{Language, Word};
use crate::theme::{GRID, Palette, type_size};

/// A change of a file by form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Edit {
    /// A key says something else; an empty text: nothing.
    Set(Spot, Field, String),
    /// One more entry of a list.
    Add(&'static str),
    /// One more slave of a broker set.
    Slave(Spot),
    /// An entry less.
    Remove(Spot),
    /// Nothing: the form is to show another section.
    Look(Spot),
}

/// The name of what a list has one more of.
#[must_use]
pub fn word(list: &str) -> Word {
    match list {
        "nameservers" => Word::OneNameserver,
        "brokers" => Word::OneBroker,
        "topics" => Word::OneTopic,
        "services" => Word::OneService,
        "producers" => Word::OneProducer,
        "groups" => Word::OneGroup,
        _ => Word::OneConsumer,
    }
}

/// What a section is called.
fn title(sheet: &Sheet, spot: Spot, language: Language) -> String {
    match (spot.section, sheet.name(spot)) {
        ("", _) => Word::HeadOfFile.text(language).to_owned(),
        (section, None) if !LISTS.contains(&section) => format!("[{section}]"),
        (section, name) => format!("{}  {}", word(section).text(language), name.unwrap_or_default()),
    }
}

/// Shows the form for a section; what is wanted.
pub fn show(ui: &mut Ui, sheet: &Sheet, spot: Spot, language: Language, palette: &'static Palette) -> Option<Edit> {
    let mut edit = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
        for list in LISTS {
            if ui.button(format!("+ {}", word(list).text(language))).clicked() {
                edit = Some(Edit::Add(list));
            }
        }
    });
    ui.add_space(GRID * 0.5);
    ui.horizontal(|ui| {
        let sections = ComboBox::from_id_salt("section").selected_text(title(sheet, spot, language)).width(190.0);
        sections.show_ui(ui, |ui| {
            for other in sheet.spots() {
                if ui.selectable_label(other == spot, title(sheet, other, language)).clicked() {
                    edit = Some(Edit::Look(other));
                }
            }
        });
        let slave = format!("+ {}", Word::OneSlave.text(language));
        if spot.section == "brokers" && ui.button(slave).clicked() {
            edit = Some(Edit::Slave(spot));
        }
        if LISTS.contains(&spot.section) && ui.button(Word::TakeOut.text(language)).clicked() {
            edit = Some(Edit::Remove(spot));
        }
    });
    ui.add_space(GRID * 0.5);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for field in sheet.fields(spot) {
            if let Some(text) = row(ui, sheet, spot, &field, language, palette) {
                edit = Some(Edit::Set(spot, field, text));
            }
        }
    });
    edit
}

/// One key; what it is to say, if that was changed.
fn row(
    ui: &mut Ui,
    sheet: &Sheet,
    spot: Spot,
    field: &Field,
    language: Language,
    palette: &'static Palette,
) -> Option<String> {
    let now = sheet.get(spot, &field.key);
    let ink = if now.is_some() { palette.ink } else { palette.soft };
    ui.horizontal(|ui| {
        let width = (ui.available_width() * 0.45).min(150.0);
        let key = RichText::new(&field.key).monospace().size(type_size::SMALL).color(ink);
        let label = ui.allocate_ui(egui::vec2(width, 22.0), |ui| {
            ui.set_width(width);
            ui.add(egui::Label::new(key).truncate()).on_hover_text(field.about)
        });
        let id = Id::unique(("form", spot.section, spot.number, &field.key));
        if field.choices.is_empty() {
            written(ui, id, &now.unwrap_or_default(), field, label.inner.id)
        } else {
            chosen(ui, id, now.as_deref(), field, language)
        }
    })
    .inner
}

/// A key with few values.
fn chosen(ui: &mut Ui, id: Id, now: Option<&str>, field: &Field, language: Language) -> Option<String> {
    let left_out =
        field.default.as_deref().map_or(String::new(), |it| format!("{it}  ({})", Word::LeftOut.text(language)));
    let mut new = None;
    let width = ui.available_width();
    ComboBox::from_id_salt(id).selected_text(now.unwrap_or(&left_out)).width(width).show_ui(ui, |ui| {
        if !field.required && ui.selectable_label(now.is_none(), &left_out).clicked() {
            new = Some(String::new());
        }
        for choice in &field.choices {
            if ui.selectable_label(now == Some(choice), choice).clicked() {
                new = Some(choice.clone());
            }
        }
    });
    new
}

/// A key with any value: it is said when it is entered, or left.
fn written(ui: &mut Ui, id: Id, now: &str, field: &Field, label: Id) -> Option<String> {
    let mut text: String = ui.data(|data| data.get_temp(id)).unwrap_or_else(|| now.to_owned());
    let hint = field.default.as_deref().unwrap_or_default();
    let lines = if now.contains('\n') { 3 } else { 1 };
    let edit = if lines > 1 { TextEdit::multiline(&mut text) } else { TextEdit::singleline(&mut text) };
    let edit = edit.id(id).hint_text(hint).desired_rows(lines).desired_width(f32::INFINITY);
    let edit = if lines == 1 { edit.align(egui::Align2::LEFT_CENTER) } else { edit };
    let response = ui.add(edit).labelled_by(label).on_hover_text(field.about);
    if response.lost_focus() {
        ui.data_mut(|data| data.remove_temp::<String>(id));
        return (text != now).then_some(text);
    }
    if response.changed() {
        ui.data_mut(|data| data.insert_temp(id, text));
    }
    None
}
