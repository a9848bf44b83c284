//! The scenario editor: it shows the open scenario as text and as a form, next to its run on the stage. Both edit the text,
//! and only the text. A sound text is run at once; while the text is unsound, the run of the last sound one stays on the
//! stage.

use egui::{Frame, Panel, Ui};
use queuescope::limit;
use queuescope::scenario::{Draft, EditableScenario, SectionId, TEMPLATE};
use queuescope::session::{Aim, Branches};

use super::{App, GalleryEntry, OpenRun, UnsavedText, card};
use crate::command::Tab;
use crate::model::edit::{FormEdit, TypedValue};
use crate::model::selection::Selected;
use crate::text::Word;
use crate::theme::Palette;
use crate::view::side::form::Form;
use crate::view::text_editor::TextEditor;
use crate::view::wish::Wish;

/// A scenario that is being edited.
pub(super) struct ScenarioEditor {
    /// The name of the file; of a new cluster, the name that it is to have.
    name: String,
    pub(super) text_editor: TextEditor,
    /// The text as sections and keys, for the form; none while the text is not TOML. It is parsed when the text changes,
    /// not in each frame.
    scenario: Option<EditableScenario>,
    /// The section that the form shows.
    pub(super) spot: SectionId,
    /// The value that the user is typing in the form, before it goes into the text.
    typed: Option<TypedValue>,
    /// The salt of the editor's egui ids. It is made of the name under which the file was opened, and stays when the file is
    /// saved under another name.
    id: egui::Id,
}

/// The file of the open scenario, with the text that was last read from it or written to it.
#[derive(Clone, Debug)]
pub(super) struct OnDisk {
    pub(super) path: String,
    pub(super) text: String,
    /// The text that another program has written to it since, if it was not taken over.
    pub(super) newer: Option<String>,
}

/// The file name of a new cluster, without the extension.
const NEW_CLUSTER: &str = "new-cluster";

impl ScenarioEditor {
    /// An editor with a text that is still to be checked.
    fn with(name: String, text: String) -> Self {
        let id = egui::Id::unique(("file", &name));
        Self { name, text_editor: TextEditor::with(text, id), scenario: None, spot: SectionId::HEAD, typed: None, id }
    }
}

impl App {
    /// The path of the file of the open scenario, if it has one. The program watches it, and calls [`Self::file_changed`]
    /// when it changes.
    #[must_use]
    pub fn watched_file(&self) -> Option<&str> {
        self.on_disk.as_ref().map(|file| file.path.as_str())
    }

    /// The text in the editor, while it is open.
    #[must_use]
    pub fn edited_text(&self) -> Option<&str> {
        self.editor.as_ref().map(|editor| editor.text_editor.text.as_str())
    }

    /// The problems of the text in the editor: line, column, message.
    #[must_use]
    pub fn problems(&self) -> Vec<(usize, usize, String)> {
        let problems = self.editor.as_ref().and_then(|editor| editor.text_editor.problems.as_ref());
        let located = problems.into_iter().flat_map(|all| all.problems.iter().map(move |one| (all.position(one), one)));
        located.map(|((line, column), problem)| (line, column, problem.message.clone())).collect()
    }

    /// Takes over the text that another program has written to the file of the open scenario. If that would lose unsaved
    /// edits or branches, only a notice says that the file has changed.
    pub fn file_changed(&mut self, text: &str) {
        self.finish_typing();
        let Some(file) = self.on_disk.as_mut().filter(|file| file.text != text) else { return };
        if file.newer.as_deref() == Some(text) {
            return;
        }
        let is_edited = self.editor.as_ref().is_some_and(|editor| editor.text_editor.text != file.text);
        if is_edited || self.open.branches.all().len() > 1 {
            file.newer = Some(text.to_owned());
            self.show_notice(Word::NewerOnDisk.text(self.language).to_owned());
            return;
        }
        text.clone_into(&mut file.text);
        file.newer = None;
        self.set_edited_text(text.to_owned());
        if self.editor.as_ref().is_some_and(|editor| editor.text_editor.problems.is_none()) && !self.keeps_editor {
            self.editor = None;
        }
    }

    /// Opens the editor, or closes it.
    pub(super) fn toggle_editor(&mut self) {
        self.finish_typing();
        self.keeps_editor = self.editor.is_none();
        if self.keeps_editor {
            self.shows_gallery = false;
            let text = self.left_unsaved().unwrap_or_else(|| self.open.branches.branch().draft().text()).to_owned();
            self.set_edited_text(text);
            self.show_in_form();
        } else {
            self.keep_unsaved();
            self.editor = None;
            self.tab = Tab::Lesson;
        }
    }

    /// The unsound text that the editor held when it was closed, if the shown branch still has the sound text before it. The
    /// editor opens with the unsound text again.
    pub(super) fn left_unsaved(&self) -> Option<&str> {
        let draft = self.open.branches.branch().draft();
        let of_draft = self.entries.iter().filter(|entry| entry.draft.text() == draft.text());
        let unsaved = of_draft.flat_map(|entry| &entry.unsaved).find(|unsaved| unsaved.name == draft.name());
        unsaved.map(|unsaved| unsaved.text.as_str()).filter(|text| *text != draft.text())
    }

    /// The name of the text in the editor, and how many problems it has.
    pub(super) fn name_and_problems(&self) -> Option<(&str, usize)> {
        let editor = self.editor.as_ref()?;
        Some((&editor.name, editor.text_editor.problems.as_ref().map_or(0, |problems| problems.problems.len())))
    }

    /// Gives the text in the editor the name of the file to which it was saved.
    pub(super) fn rename_edited(&mut self, path: &str) {
        if let Some(editor) = &mut self.editor {
            path.clone_into(&mut editor.name);
        }
    }

    /// Opens a new cluster in the editor: the template, under a name that no unsaved text has.
    pub(super) fn new_cluster(&mut self) {
        self.finish_typing();
        self.keep_unsaved();
        let is_taken =
            |name: &String| self.entries.iter().flat_map(|entry| &entry.unsaved).any(|unsaved| unsaved.name == *name);
        let numbered = (2..).map(|number| format!("{NEW_CLUSTER}-{number}.toml"));
        let mut names = std::iter::once(format!("{NEW_CLUSTER}.toml")).chain(numbered);
        let name = names.find(|name| !is_taken(name)).expect("there are more names than entries");
        let draft = Draft::read(&name, TEMPLATE).expect("the template is sound: a test reads it");
        self.open_run(&draft);
        (self.on_disk, self.editor) = (None, None);
        self.toggle_editor();
        self.interaction.close();
        self.play();
    }

    /// Keeps the text in the editor as a card of the gallery, if it was changed and not saved. It replaces the unsaved text
    /// that has the same name.
    pub(super) fn keep_unsaved(&mut self) {
        let Some(editor) = &self.editor else { return };
        let ScenarioEditor { name, text_editor: TextEditor { text, .. }, .. } = editor;
        let is_saved = self.on_disk.as_ref().is_some_and(|file| file.text == *text);
        let is_untouched = text == TEMPLATE || self.entries.iter().any(|entry| entry.draft.text() == text);
        if is_saved || is_untouched {
            return;
        }
        let draft = self.open.branches.branch().draft().clone();
        let unsaved = UnsavedText { name: name.clone(), text: text.clone() };
        let entry = GalleryEntry { card: card(draft.plan()), draft, unsaved: Some(unsaved) };
        let has_name = |old: &&mut GalleryEntry| old.unsaved.as_ref().is_some_and(|unsaved| unsaved.name == *name);
        match self.entries.iter_mut().find(has_name) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }

    /// Puts a text into the editor and checks it; opens the editor if it is closed.
    pub(super) fn set_edited_text(&mut self, text: String) {
        match &mut self.editor {
            Some(editor) => editor.text_editor.text = text,
            None => {
                self.editor = Some(ScenarioEditor::with(self.open.branches.branch().draft().name().to_owned(), text));
            }
        }
        self.check_edited_text();
    }

    /// Opens a text. `is_file`: `name` is the path of a file that holds it. A sound scenario is played; an unsound text
    /// opens in the editor, with its problems.
    pub fn open_text(&mut self, name: &str, text: &str, is_file: bool) {
        self.finish_typing();
        self.keep_unsaved();
        self.interaction.close();
        self.shows_gallery = false;
        let file = || OnDisk { path: name.to_owned(), text: text.to_owned(), newer: None };
        self.on_disk = is_file.then(file);
        (self.editor, self.keeps_editor) = (None, false);
        if let Ok(draft) = Draft::read(name, text) {
            self.open_run(&draft);
            self.tab = Tab::Lesson;
            self.play();
        } else {
            self.editor = Some(ScenarioEditor::with(name.to_owned(), text.to_owned()));
            self.check_edited_text();
        }
    }

    /// Checks the text in the editor. A sound text that has changed is run, up to the moment that is shown.
    pub(super) fn check_edited_text(&mut self) {
        let Some(editor) = &mut self.editor else { return };
        editor.scenario = EditableScenario::parse(&editor.text_editor.text);
        if editor.scenario.as_ref().is_some_and(|scenario| !scenario.sections().contains(&editor.spot)) {
            editor.spot = SectionId::HEAD;
        }
        let is_shown = self.open.branches.branch().draft().text() == editor.text_editor.text;
        match Draft::read(&editor.name, &editor.text_editor.text) {
            Ok(draft) => {
                editor.text_editor.problems = None;
                if !is_shown {
                    self.open.rerun(draft);
                    self.follow_run();
                }
            }
            Err(problems) => editor.text_editor.problems = Some(problems),
        }
    }

    /// Copies the text of the shown branch into the editor, because each act adds lines to it. An unsound text is not
    /// replaced.
    pub(super) fn follow_branch(&mut self) {
        let text = self.open.branches.branch().draft().text();
        if self
            .editor
            .as_ref()
            .is_some_and(|editor| editor.text_editor.problems.is_none() && editor.text_editor.text != text)
        {
            self.set_edited_text(text.to_owned());
        }
    }

    /// Applies an edit that the user made in the form. A value that was being typed in another field goes into the text
    /// first.
    pub fn edit(&mut self, edit: FormEdit) {
        let is_same_field =
            |one: &TypedValue, other: &TypedValue| (one.spot, &one.field.key) == (other.spot, &other.field.key);
        let pending = self.editor.as_ref().and_then(|editor| editor.typed.as_ref());
        if !matches!((&edit, pending), (FormEdit::Type(typed), Some(pending)) if is_same_field(pending, typed)) {
            self.finish_typing();
        }
        let Some(editor) = &mut self.editor else { return };
        if let FormEdit::Type(typed) = edit {
            editor.typed = Some(typed);
            return;
        }
        let Some(mut scenario) = editor.scenario.clone() else { return };
        match edit {
            FormEdit::Look(spot) => editor.spot = spot,
            FormEdit::Add(list) => editor.spot = scenario.add(list),
            FormEdit::Slave(spot) => _ = scenario.add_slave(spot),
            FormEdit::Remove(spot) => {
                scenario.remove(spot);
                editor.spot = SectionId::HEAD;
            }
            FormEdit::Set(spot, field, text) => _ = scenario.set(spot, &field, &text),
            FormEdit::Type(_) | FormEdit::Enter => return,
        }
        self.set_edited_text(scenario.text());
    }

    /// Puts the value that the user was typing in the form into the text.
    pub(super) fn finish_typing(&mut self) {
        let Some(editor) = &mut self.editor else { return };
        let Some((typed, scenario)) = editor.typed.take().zip(editor.scenario.as_mut()) else { return };
        if scenario.get(typed.spot, &typed.field.key).unwrap_or_default() != typed.text {
            scenario.set(typed.spot, &typed.field, &typed.text);
            let text = scenario.text();
            self.set_edited_text(text);
        }
    }

    /// The section of the edited text that declares a node, a group, the topic of a queue, or the producer of a message.
    pub(super) fn section_of(&self, selected: Selected) -> Option<SectionId> {
        let scenario = self.editor.as_ref()?.scenario.as_ref()?;
        let plan = self.open.session().plan();
        let find_in_list = |list, name: &str| {
            let mut spots = scenario.sections().into_iter().filter(|spot| spot.section == list);
            spots.find(|spot| scenario.name(*spot).as_deref() == Some(name))
        };
        match selected {
            Selected::Node(node) => scenario.find(plan.name(node)),
            Selected::Message(message) => scenario.find(plan.name(message.producer)),
            Selected::Group(group) => find_in_list("groups", &plan.groups[group].name),
            Selected::Queue(queue) => find_in_list("topics", &plan.topics[plan.queues[queue].topic].name),
        }
    }

    /// Opens the form at the section that declares the selected thing.
    pub(super) fn show_in_form(&mut self) {
        self.tab = Tab::Form;
        let spot = self.open.selected.and_then(|selected| self.section_of(selected));
        if let (Some(editor), Some(spot)) = (&mut self.editor, spot) {
            editor.spot = spot;
        }
    }

    /// Paints the panel with the text.
    pub(super) fn paint_editor(&mut self, ui: &mut Ui, frame: Frame, wishes: &mut Vec<Wish>) {
        let (language, palette) = (self.language, Palette::of(self.mode));
        let Some(editor) = &mut self.editor else { return };
        // Some room is left for the picture even in a narrow window.
        let max_width = (ui.available_width() * 0.6).clamp(1.0, 720.0);
        let panel = Panel::left("scenario editor")
            .default_size(380.0)
            .size_range(max_width.min(240.0)..=max_width)
            .frame(frame);
        let has_newer = self.on_disk.as_ref().is_some_and(|file| file.newer.is_some());
        panel.show(ui, |ui| editor.text_editor.show(ui, (&editor.name, has_newer), language, palette, wishes));
    }

    /// Takes over the newer text that the file has on disk. Edits are lost.
    pub(super) fn reload(&mut self) {
        if let Some(file) = &mut self.on_disk
            && let Some(text) = file.newer.take()
        {
            file.text.clone_from(&text);
            self.set_edited_text(text);
        }
    }

    /// Paints the form, or a line that says why there is none.
    pub(super) fn paint_form(&self, ui: &mut Ui, wishes: &mut Vec<Wish>) {
        let (language, palette) = (self.language, Palette::of(self.mode));
        let Some(editor) = self.editor.as_ref() else { return };
        let Some(scenario) = &editor.scenario else {
            ui.label(egui::RichText::new(Word::NotToml.text(language)).color(palette.soft));
            return;
        };
        let form =
            Form { scenario, spot: editor.spot, typed: editor.typed.as_ref(), file: editor.id, language, palette };
        form.show(ui, wishes);
    }
}

impl OpenRun {
    /// Replaces the run and all its branches by the run of another text, up to the moment that is shown.
    pub(super) fn rerun(&mut self, draft: Draft) {
        let at = self.session().scene().at();
        self.branches = Branches::new(draft, limit::EVENTS);
        self.branches.session_mut().aim(Aim::Time(at));
    }
}
