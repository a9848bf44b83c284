//! Saves the edited text, a branch or the charts: asks for a file name, requests the save, and shows a notice afterwards. The
//! application writes no file itself: the program that shows it takes the requests, and answers them in their order.

use std::collections::VecDeque;

use queuescope::kernel::Time;
use queuescope::report::csv;
use queuescope::scenario::Draft;
use queuescope::words::figure::clock;
use queuescope::words::fill;

use super::App;
use super::interaction::Overlay;
use super::scenario_editor::OnDisk;
use crate::text::Word;
use crate::view::save::SaveQuestion;
use crate::view::wish::SaveKind;

/// A request to the program that shows the application: only the program has access to files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileRequest {
    /// Write a file; the answer goes to [`App::saved`].
    Save {
        /// The path of the file.
        path: String,
        /// Its text.
        text: String,
        /// The text that the file must still have, so that no change of another program is lost; with none, there must be
        /// no such file.
        instead_of: Option<String>,
    },
}

/// The saves that are under way.
#[derive(Default)]
pub(super) struct Saves {
    /// Requests that the program has not taken yet.
    requests: Vec<FileRequest>,
    /// Requests that have no answer yet, in their order.
    pending: VecDeque<PendingSave>,
}

/// A request that has no answer yet.
struct PendingSave {
    kind: SaveKind,
    path: String,
    text: String,
    /// Whether `text` is that of the editor, not only that of a branch.
    from_editor: bool,
}

impl App {
    /// The requests since the last call.
    pub fn take_requests(&mut self) -> Vec<FileRequest> {
        std::mem::take(&mut self.saves.requests)
    }

    /// Takes the answer to the first [`FileRequest::Save`] that has none yet: the path of the file, or why it could not be
    /// written. After an error, the user is asked for a name again.
    pub fn saved(&mut self, outcome: Result<String, String>) {
        let Some(saved) = self.saves.pending.pop_front() else { return };
        match outcome {
            Ok(path) => {
                let is_answered =
                    |overlay: &mut Overlay| matches!(overlay, Overlay::SaveAs(question) if question.what == saved.kind);
                self.interaction.overlay.take_if(is_answered);
                self.show_notice(self.saved_notice(&saved, &path));
                if saved.from_editor {
                    self.rename_edited(&path);
                    self.on_disk = Some(OnDisk { path, text: saved.text, newer: None });
                }
            }
            Err(trouble) => {
                let PendingSave { kind, path, .. } = saved;
                let trouble = Some(trouble);
                match &mut self.interaction.overlay {
                    Some(Overlay::SaveAs(question)) if question.what == kind => question.trouble = trouble,
                    _ => self.show_question(SaveQuestion { what: kind, path, trouble, warning: None }),
                }
            }
        }
    }

    /// The notice after a successful save.
    fn saved_notice(&self, saved: &PendingSave, path: &str) -> String {
        let words = |word: Word, with: &[&str]| fill(word.text(self.language), with);
        if saved.kind == SaveKind::Charts {
            let session = self.open.session();
            let until = session.series().intervals().last().map_or_else(|| clock(Time::ZERO), |(_, end)| clock(end));
            return match session.is_known() {
                true => words(Word::SavedCharts, &[path]),
                false => words(Word::SavedChartsSoFar, &[path, &until]),
            };
        }
        if let Err(problems) = Draft::read(path, &saved.text) {
            return words(Word::SavedUnsound, &[path, &problems.problems.len().to_string()]);
        }
        let notice = words(Word::Saved, &[path]);
        let lacks_edits = !saved.from_editor && self.left_unsaved().is_some();
        if lacks_edits { format!("{notice} {}", Word::NotInIt.text(self.language)) } else { notice }
    }

    /// Saves the edited text to its file; asks for a name if it has no file, or if a branch is to be saved.
    pub(super) fn save(&mut self) {
        match (&self.editor, &self.on_disk) {
            (Some(_), Some(file)) => self.request_save(SaveKind::Branch, file.path.clone()),
            _ => self.ask_for_name(SaveKind::Branch),
        }
    }

    /// Asks for a file name, and proposes one.
    pub(super) fn ask_for_name(&mut self, kind: SaveKind) {
        let scenario = &self.open.session().plan().scenario;
        let path = match (kind, self.name_and_problems()) {
            (SaveKind::Branch, Some((name, _))) => format!("{}.toml", name.strip_suffix(".toml").unwrap_or(name)),
            (SaveKind::Branch, None) => format!("{scenario}-by-hand.toml"),
            (SaveKind::Charts, _) => format!("{scenario}-charts.csv"),
        };
        self.show_question(SaveQuestion { what: kind, path, trouble: None, warning: None });
    }

    fn show_question(&mut self, question: SaveQuestion) {
        let problems = self.name_and_problems().map_or(0, |(_, problems)| problems);
        let warns = question.what == SaveKind::Branch && problems > 0;
        let warning = warns.then(|| fill(Word::SavesUnsound.text(self.language), &[&problems.to_string()]));
        self.interaction.open(Overlay::SaveAs(SaveQuestion { warning, ..question }));
    }

    /// Requests that the program write a file. It answers before the next frame.
    pub(super) fn request_save(&mut self, kind: SaveKind, path: String) {
        let from_editor = kind == SaveKind::Branch && self.editor.is_some();
        let text = match kind {
            SaveKind::Branch => {
                self.edited_text().unwrap_or_else(|| self.open.branches.branch().draft().text()).to_owned()
            }
            SaveKind::Charts => csv::series(self.open.session().series()),
        };
        let same_file = self.on_disk.as_ref().filter(|file| file.path == path && from_editor);
        let instead_of = same_file.map(|file| file.text.clone());
        self.saves.pending.push_back(PendingSave { kind, path: path.clone(), text: text.clone(), from_editor });
        self.saves.requests.push(FileRequest::Save { path, text, instead_of });
    }
}
