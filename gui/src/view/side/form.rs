//! The form: the sections of a scenario's text, and the keys of one of them. A key that is left out shows its default.

use egui::{ComboBox, Id, RichText, ScrollArea, TextEdit, Ui};
use queuescope::scenario::{EditableScenario, Field, LISTS, SectionId};
use queuescope::words::Language;

use crate::model::edit::{FormEdit, TypedValue};
use crate::model::name::NameSet;
use crate::text::Word;
use crate::theme::{GRID, Palette, type_size};
use crate::view::line::{self, Elision};
use crate::view::wish::Wish;

/// The form of a scenario's text.
pub struct Form<'a> {
    /// The text, as sections and keys.
    pub scenario: &'a EditableScenario,
    /// The section that is shown.
    pub spot: SectionId,
    /// The value that is being typed.
    pub typed: Option<&'a TypedValue>,
    /// The id of the file: fields of another file can undo other things.
    pub file: Id,
    /// The language of its words.
    pub language: Language,
    /// Its colours.
    pub palette: &'static Palette,
}

/// The width of a section's title, in points.
const SECTION: f32 = 190.0;

/// The word for an entry of a list.
#[must_use]
pub fn entry_word(list: &str) -> Word {
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

/// The title of a section.
fn title(scenario: &EditableScenario, spot: SectionId, language: Language) -> String {
    match (spot.section, scenario.name(spot)) {
        ("", _) => Word::HeadOfFile.text(language).to_owned(),
        (section, None) if !LISTS.contains(&section) => format!("[{section}]"),
        (section, name) => format!("{}  {}", entry_word(section).text(language), name.unwrap_or_default()),
    }
}

impl Form<'_> {
    /// Shows it.
    pub fn show(&self, ui: &mut Ui, wishes: &mut Vec<Wish>) {
        let Self { scenario, spot, language, .. } = *self;
        let mut edit = |edit: FormEdit| wishes.push(Wish::Edit(edit));
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(4.0, 4.0);
            for list in LISTS {
                if ui.button(format!("+ {}", entry_word(list).text(language))).clicked() {
                    edit(FormEdit::Add(list));
                }
            }
        });
        ui.add_space(GRID * 0.5);
        ui.horizontal(|ui| {
            // A title that has to be cut stays different from all others.
            let titles: NameSet = scenario.sections().into_iter().map(|spot| title(scenario, spot, language)).collect();
            let now = title(scenario, spot, language);
            let now = line::for_button(ui, &now, SECTION - 30.0, Elision::Name(&titles)).into_owned();
            let sections = ComboBox::from_id_salt("section").selected_text(now).width(SECTION);
            sections.show_ui(ui, |ui| {
                for other in scenario.sections() {
                    if ui.selectable_label(other == spot, title(scenario, other, language)).clicked() {
                        edit(FormEdit::Look(other));
                    }
                }
            });
            let slave = format!("+ {}", Word::OneSlave.text(language));
            if spot.section == "brokers" && ui.button(slave).clicked() {
                edit(FormEdit::Slave(spot));
            }
            if LISTS.contains(&spot.section) && ui.button(Word::TakeOut.text(language)).clicked() {
                edit(FormEdit::Remove(spot));
            }
        });
        ui.add_space(GRID * 0.5);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for field in scenario.fields(spot) {
                self.row(ui, &field, wishes);
            }
        });
    }

    /// A key with its value.
    fn row(&self, ui: &mut Ui, field: &Field, wishes: &mut Vec<Wish>) {
        let now = self.scenario.get(self.spot, &field.key);
        let ink = if now.is_some() { self.palette.ink } else { self.palette.soft };
        ui.horizontal(|ui| {
            let width = (ui.available_width() * 0.45).min(150.0);
            let key = RichText::new(&field.key).monospace().size(type_size::SMALL).color(ink);
            let label = ui.allocate_ui(egui::vec2(width, 22.0), |ui| {
                ui.set_width(width);
                ui.add(egui::Label::new(key).truncate()).on_hover_text(field.about)
            });
            let id = Id::unique(("form", self.file, self.spot.section, self.spot.number, &field.key));
            if field.choices.is_empty() {
                self.text_field(ui, (id, label.inner.id), &now.unwrap_or_default(), field, wishes);
            } else {
                self.choice(ui, id, now.as_deref(), field, wishes);
            }
        });
    }

    /// The value of a key that has few.
    fn choice(&self, ui: &mut Ui, id: Id, now: Option<&str>, field: &Field, wishes: &mut Vec<Wish>) {
        let left_out = Word::LeftOut.text(self.language);
        let left_out = field.default.as_deref().map_or(String::new(), |it| format!("{it}  ({left_out})"));
        let mut set = |text: &str| wishes.push(Wish::Edit(FormEdit::Set(self.spot, field.clone(), text.to_owned())));
        let width = ui.available_width();
        ComboBox::from_id_salt(id).selected_text(now.unwrap_or(&left_out)).width(width).show_ui(ui, |ui| {
            if !field.required && ui.selectable_label(now.is_none(), &left_out).clicked() {
                set("");
            }
            for choice in &field.choices {
                if ui.selectable_label(now == Some(choice), choice).clicked() {
                    set(choice);
                }
            }
        });
    }

    /// The value of any other key: it counts when Enter is pressed or the field is left.
    fn text_field(&self, ui: &mut Ui, (id, label): (Id, Id), now: &str, field: &Field, wishes: &mut Vec<Wish>) {
        let typed = self.typed.filter(|typed| typed.spot == self.spot && typed.field.key == field.key);
        let mut text = typed.map_or(now, |typed| &typed.text).to_owned();
        let hint = field.default.as_deref().unwrap_or_default();
        let lines = if now.contains('\n') { 3 } else { 1 };
        let edit = if lines > 1 { TextEdit::multiline(&mut text) } else { TextEdit::singleline(&mut text) };
        let edit = edit.id(id).hint_text(hint).desired_rows(lines).desired_width(f32::INFINITY);
        let edit = if lines == 1 { edit.align(egui::Align2::LEFT_CENTER) } else { edit };
        let response = ui.add(edit).labelled_by(label).on_hover_text(field.about);
        if response.changed() {
            wishes.push(Wish::Edit(FormEdit::Type(TypedValue { spot: self.spot, field: field.clone(), text })));
        }
        if response.lost_focus() {
            wishes.push(Wish::Edit(FormEdit::Enter));
        }
    }
}
