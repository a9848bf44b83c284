//! The desk: the file that is open as text and as a form, while its run is on the stage. Whoever writes on it changes
//! nothing but the text; each text that is a sound scenario is run, and the last one that was stays on the stage.

use egui::{Frame, Panel, Ui};
use queuescope::limit;
use queuescope::scenario::{Draft, Sheet, Spot, TEMPLATE};
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

/// The file on the desk.
pub(super) struct ScenarioEditor {
    /// What the file is called.
    name: String,
    pub(super) editor: TextEditor,
    /// The text as the form sees it; none while it is no TOML. It is read when the text changes, not in each frame.
    sheet: Option<Sheet>,
    /// What the form shows.
    pub(super) spot: Spot,
    /// What is being typed there.
    typed: Option<TypedValue>,
    /// Of the file under the name with which it came.
    id: egui::Id,
}

/// A file, as it was read or written last.
#[derive(Clone, Debug)]
pub(super) struct OnDisk {
    pub(super) path: String,
    pub(super) text: String,
    /// What it has become since, by somebody else.
    pub(super) newer: Option<String>,
}

/// The name of a cluster that has none yet.
const NEW: &str = "new-cluster";

impl ScenarioEditor {
    fn with(name: String, text: String) -> Self {
        let id = egui::Id::unique(("file", &name));
        Self { name, editor: TextEditor::with(text, id), sheet: None, spot: Spot::HEAD, typed: None, id }
    }
}

impl App {
    /// The file that is open, if it is one: whoever has files tells [`Self::reread`] when it changes.
    #[must_use]
    pub fn watched(&self) -> Option<&str> {
        self.on_disk.as_ref().map(|file| file.path.as_str())
    }

    /// The text on the desk.
    #[must_use]
    pub fn written(&self) -> Option<&str> {
        self.desk.as_ref().map(|desk| desk.editor.text.as_str())
    }

    /// What is wrong with the text on the desk, by line and column.
    #[must_use]
    pub fn wrong(&self) -> Vec<(usize, usize, String)> {
        let problems = self.desk.as_ref().and_then(|desk| desk.editor.problems.as_ref());
        let located = problems.into_iter().flat_map(|of| of.problems.iter().map(move |it| (of.position(it), it)));
        located.map(|((line, column), problem)| (line, column, problem.message.clone())).collect()
    }

    /// The file that is open has another text on disk: it is read again, unless what is on the desk, or what was done by
    /// hand, has not been saved. Then that is said.
    pub fn reread(&mut self, text: &str) {
        self.enter();
        let Some(file) = self.on_disk.as_mut().filter(|file| file.text != text) else { return };
        if file.newer.as_deref() == Some(text) {
            return;
        }
        let written = self.desk.as_ref().is_some_and(|desk| desk.editor.text != file.text);
        if written || self.open.branches.all().len() > 1 {
            file.newer = Some(text.to_owned());
            self.say(Word::NewerOnDisk.text(self.language).to_owned());
            return;
        }
        text.clone_into(&mut file.text);
        file.newer = None;
        self.put_on_desk(text.to_owned());
        if self.desk.as_ref().is_some_and(|desk| desk.editor.problems.is_none()) && !self.keeps_desk {
            self.desk = None;
        }
    }

    /// Puts the file that is open on the desk, or takes it away.
    pub(super) fn turn_desk(&mut self) {
        self.enter();
        self.keeps_desk = self.desk.is_none();
        if self.keeps_desk {
            self.gallery = false;
            let text = self.left_on_desk().unwrap_or_else(|| self.open.branches.branch().draft().text()).to_owned();
            self.put_on_desk(text);
            self.look_at_form();
        } else {
            self.keep_what_is_written();
            self.desk = None;
            self.tab = Tab::Lesson;
        }
    }

    /// What was left unsound when the desk was taken away, which is there again when it comes back.
    pub(super) fn left_on_desk(&self) -> Option<&str> {
        let draft = self.open.branches.branch().draft();
        let left = self.entries.iter().filter(|entry| entry.draft.text() == draft.text());
        let left = left.flat_map(|entry| &entry.unsaved).find(|it| it.name == draft.name());
        left.map(|it| it.text.as_str()).filter(|text| *text != draft.text())
    }

    /// What the text on the desk is called, and how much is wrong with it.
    pub(super) fn named_desk(&self) -> Option<(&str, usize)> {
        let desk = self.desk.as_ref()?;
        Some((&desk.name, desk.editor.problems.as_ref().map_or(0, |problems| problems.problems.len())))
    }

    /// What is on the desk is in this file from now on.
    pub(super) fn name_desk(&mut self, path: &str) {
        if let Some(desk) = &mut self.desk {
            path.clone_into(&mut desk.name);
        }
    }

    /// Something to begin with.
    pub(super) fn new_cluster(&mut self) {
        self.enter();
        self.keep_what_is_written();
        let taken = |name: &String| self.entries.iter().flat_map(|entry| &entry.unsaved).any(|it| it.name == *name);
        let numbered = (2..).map(|number| format!("{NEW}-{number}.toml"));
        let mut names = std::iter::once(format!("{NEW}.toml")).chain(numbered);
        let name = names.find(|name| !taken(name)).expect("there are more names than entries");
        let draft = Draft::read(&name, TEMPLATE).expect("the template is sound: a test reads it");
        self.open_run(&draft);
        (self.on_disk, self.desk) = (None, None);
        self.turn_desk();
        self.hand.close();
        self.play();
    }

    /// What was written and not saved can be found in the gallery again, the last of each name.
    pub(super) fn keep_what_is_written(&mut self) {
        let Some(desk) = &self.desk else { return };
        let ScenarioEditor { name, editor: TextEditor { text, .. }, .. } = desk;
        let saved = self.on_disk.as_ref().is_some_and(|file| file.text == *text);
        let untouched = text == TEMPLATE || self.entries.iter().any(|entry| entry.draft.text() == text);
        if saved || untouched {
            return;
        }
        let draft = self.open.branches.branch().draft().clone();
        let written = UnsavedText { name: name.clone(), text: text.clone() };
        let entry = GalleryEntry { card: card(draft.plan()), draft, unsaved: Some(written) };
        let same = |old: &&mut GalleryEntry| old.unsaved.as_ref().is_some_and(|it| it.name == *name);
        match self.entries.iter_mut().find(same) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }

    /// Makes this the text of the desk.
    pub(super) fn put_on_desk(&mut self, text: String) {
        match &mut self.desk {
            Some(desk) => desk.editor.text = text,
            None => self.desk = Some(ScenarioEditor::with(self.open.branches.branch().draft().name().to_owned(), text)),
        }
        self.read_desk();
    }

    /// Opens a text that somebody brings; `is_file`: from a file of that name. One that is sound is played; one that is not
    /// is put on the desk, with what is wrong.
    pub fn bring(&mut self, name: &str, text: &str, is_file: bool) {
        self.enter();
        self.keep_what_is_written();
        self.hand.close();
        self.gallery = false;
        let file = || OnDisk { path: name.to_owned(), text: text.to_owned(), newer: None };
        self.on_disk = is_file.then(file);
        (self.desk, self.keeps_desk) = (None, false);
        if let Ok(draft) = Draft::read(name, text) {
            self.open_run(&draft);
            self.tab = Tab::Lesson;
            self.play();
        } else {
            self.desk = Some(ScenarioEditor::with(name.to_owned(), text.to_owned()));
            self.read_desk();
        }
    }

    /// Reads what is written: a sound scenario is run, up to where the one before was looked at.
    pub(super) fn read_desk(&mut self) {
        let Some(desk) = &mut self.desk else { return };
        desk.sheet = Sheet::parse(&desk.editor.text);
        if desk.sheet.as_ref().is_some_and(|sheet| !sheet.spots().contains(&desk.spot)) {
            desk.spot = Spot::HEAD;
        }
        let known = self.open.branches.branch().draft().text() == desk.editor.text;
        match Draft::read(&desk.name, &desk.editor.text) {
            Ok(draft) => {
                desk.editor.problems = None;
                if !known {
                    self.open.replace(draft);
                    self.look();
                }
            }
            Err(problems) => desk.editor.problems = Some(problems),
        }
    }

    /// The text follows what is done by hand.
    pub(super) fn copy_to_desk(&mut self) {
        let text = self.open.branches.branch().draft().text();
        if self.desk.as_ref().is_some_and(|desk| desk.editor.problems.is_none() && desk.editor.text != text) {
            self.put_on_desk(text.to_owned());
        }
    }

    /// Changes the text by form. What was being typed comes first: no change takes its place.
    pub fn edit(&mut self, edit: FormEdit) {
        let is_same =
            |typed: &TypedValue, now: &TypedValue| (typed.spot, &typed.field.key) == (now.spot, &now.field.key);
        let typed = self.desk.as_ref().and_then(|desk| desk.typed.as_ref());
        if !matches!((&edit, typed), (FormEdit::Type(now), Some(typed)) if is_same(typed, now)) {
            self.enter();
        }
        let Some(desk) = &mut self.desk else { return };
        if let FormEdit::Type(typed) = edit {
            desk.typed = Some(typed);
            return;
        }
        let Some(mut sheet) = desk.sheet.clone() else { return };
        match edit {
            FormEdit::Look(spot) => desk.spot = spot,
            FormEdit::Add(list) => desk.spot = sheet.add(list),
            FormEdit::Slave(spot) => _ = sheet.add_slave(spot),
            FormEdit::Remove(spot) => {
                sheet.remove(spot);
                desk.spot = Spot::HEAD;
            }
            FormEdit::Set(spot, field, text) => _ = sheet.set(spot, &field, &text),
            FormEdit::Type(_) | FormEdit::Enter => return,
        }
        self.put_on_desk(sheet.text());
    }

    /// What was being typed in the form is meant, whatever comes next.
    pub(super) fn enter(&mut self) {
        let Some(desk) = &mut self.desk else { return };
        let Some((typed, sheet)) = desk.typed.take().zip(desk.sheet.as_mut()) else { return };
        if sheet.get(typed.spot, &typed.field.key).unwrap_or_default() != typed.text {
            sheet.set(typed.spot, &typed.field, &typed.text);
            let text = sheet.text();
            self.put_on_desk(text);
        }
    }

    /// The section from which what is selected comes, in the text on the desk.
    pub(super) fn section_of(&self, what: Selected) -> Option<Spot> {
        let sheet = self.desk.as_ref()?.sheet.as_ref()?;
        let plan = self.open.session().plan();
        let named = |section, name: &str| {
            let mut spots = sheet.spots().into_iter().filter(|spot| spot.section == section);
            spots.find(|spot| sheet.name(*spot).as_deref() == Some(name))
        };
        match what {
            Selected::Node(node) => sheet.find(plan.name(node)),
            Selected::Message(message) => sheet.find(plan.name(message.producer)),
            Selected::Group(group) => named("groups", &plan.groups[group.index()].name),
            Selected::Queue(queue) => named("topics", &plan.topics[plan.queues[queue.index()].topic.index()].name),
        }
    }

    /// The form shows what is selected.
    pub(super) fn look_at_form(&mut self) {
        self.tab = Tab::Form;
        let spot = self.open.selected.and_then(|what| self.section_of(what));
        if let (Some(desk), Some(spot)) = (&mut self.desk, spot) {
            desk.spot = spot;
        }
    }

    pub(super) fn paint_desk(&mut self, ui: &mut Ui, frame: Frame, wishes: &mut Vec<Wish>) {
        let (language, palette) = (self.language, Palette::of(self.mode));
        let Some(desk) = &mut self.desk else { return };
        // In a narrow window some of the picture is left.
        let most = (ui.available_width() * 0.6).clamp(1.0, 720.0);
        let panel = Panel::left("desk").default_size(380.0).size_range(most.min(240.0)..=most).frame(frame);
        let newer = self.on_disk.as_ref().is_some_and(|file| file.newer.is_some());
        panel.show(ui, |ui| desk.editor.show(ui, (&desk.name, newer), language, palette, wishes));
    }

    /// The file that is open is on the desk as it is on disk.
    pub(super) fn read_again(&mut self) {
        if let Some(file) = &mut self.on_disk
            && let Some(text) = file.newer.take()
        {
            file.text.clone_from(&text);
            self.put_on_desk(text);
        }
    }

    /// The form beside it.
    pub(super) fn paint_form(&self, ui: &mut Ui, wishes: &mut Vec<Wish>) {
        let (language, palette) = (self.language, Palette::of(self.mode));
        let Some(desk) = self.desk.as_ref() else { return };
        let Some(sheet) = &desk.sheet else {
            ui.label(egui::RichText::new(Word::NotToml.text(language)).color(palette.soft));
            return;
        };
        let form = Form { sheet, spot: desk.spot, typed: desk.typed.as_ref(), file: desk.id, language, palette };
        form.show(ui, wishes);
    }
}

impl OpenRun {
    /// Another text of the same file is run, up to where this one was looked at.
    pub(super) fn replace(&mut self, draft: Draft) {
        let at = self.session().scene().at();
        self.branches = Branches::new(draft, limit::EVENTS);
        self.branches.session_mut().aim(Aim::Time(at));
    }
}
