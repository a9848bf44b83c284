//! What is saved: the text on the desk, a branch, the charts; under which name, and what is said of it then. It writes no
//! file itself: it asks whoever shows the application, who answers in the order in which it was asked.

use std::collections::VecDeque;

use queuescope::kernel::Time;
use queuescope::report::csv;
use queuescope::scenario::Draft;

use super::App;
use super::interaction::Overlay;
use super::scenario_editor::OnDisk;
use crate::model::figures::clock;
use crate::text::{Word, fill};
use crate::view::save::SaveQuestion;
use crate::view::wish::SaveKind;

/// What the application asks of whoever shows it, as it has no files itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileRequest {
    /// To write a file; the answer goes to [`App::saved`].
    Save {
        /// Where.
        path: String,
        /// What.
        text: String,
        /// What the file has now, if it may be there; else it must not.
        instead_of: Option<String>,
    },
}

/// What is being saved.
#[derive(Default)]
pub(super) struct Saves {
    /// To be taken by whoever has files.
    requests: Vec<FileRequest>,
    /// What the answers will be about.
    asked: VecDeque<PendingSave>,
}

/// What is to be in a file.
struct PendingSave {
    what: SaveKind,
    path: String,
    text: String,
    /// Whether it is the text on the desk.
    of_desk: bool,
}

impl App {
    /// What the application asks for; each is asked for once.
    pub fn take_requests(&mut self) -> Vec<FileRequest> {
        std::mem::take(&mut self.saves.requests)
    }

    /// The answer to the first [`FileRequest::Save`] that has none yet: where it was saved, or why it could not be. Then
    /// another name is asked for.
    pub fn saved(&mut self, outcome: Result<String, String>) {
        let Some(asked) = self.saves.asked.pop_front() else { return };
        match outcome {
            Ok(path) => {
                let is_about = |overlay: &mut Overlay| matches!(overlay, Overlay::SaveAs(it) if it.what == asked.what);
                self.hand.overlay.take_if(is_about);
                self.say(self.said_of(&asked, &path));
                if asked.of_desk {
                    self.name_desk(&path);
                    self.on_disk = Some(OnDisk { path, text: asked.text, newer: None });
                }
            }
            Err(trouble) => {
                let PendingSave { what, path, .. } = asked;
                let trouble = Some(trouble);
                match &mut self.hand.overlay {
                    Some(Overlay::SaveAs(question)) if question.what == what => question.trouble = trouble,
                    _ => self.ask_for_name(SaveQuestion { what, path, trouble, warning: None }),
                }
            }
        }
    }

    /// What is true of what was saved there.
    fn said_of(&self, asked: &PendingSave, path: &str) -> String {
        let words = |word: Word, with: &[&str]| fill(word.text(self.language), with);
        if asked.what == SaveKind::Charts {
            let session = self.open.session();
            let until = session.series().stretches().last().map_or_else(|| clock(Time::ZERO), |it| clock(it.1));
            return match session.is_known() {
                true => words(Word::SavedCharts, &[path]),
                false => words(Word::SavedChartsSoFar, &[path, &until]),
            };
        }
        if let Err(problems) = Draft::read(path, &asked.text) {
            return words(Word::SavedUnsound, &[path, &problems.problems.len().to_string()]);
        }
        let saved = words(Word::Saved, &[path]);
        let left = !asked.of_desk && self.left_on_desk().is_some();
        if left { format!("{saved} {}", Word::NotInIt.text(self.language)) } else { saved }
    }

    /// Saves what is on the desk where it was read or saved before; asks for a name where it has none, and for a branch.
    pub(super) fn save(&mut self) {
        match (&self.desk, &self.on_disk) {
            (Some(_), Some(file)) => self.ask_to_save(SaveKind::Branch, file.path.clone()),
            _ => self.open_saving(SaveKind::Branch),
        }
    }

    /// Asks for a name.
    pub(super) fn open_saving(&mut self, what: SaveKind) {
        let scenario = &self.open.session().plan().scenario;
        let path = match (what, self.named_desk()) {
            (SaveKind::Branch, Some((name, _))) => format!("{}.toml", name.strip_suffix(".toml").unwrap_or(name)),
            (SaveKind::Branch, None) => format!("{scenario}-by-hand.toml"),
            (SaveKind::Charts, _) => format!("{scenario}-charts.csv"),
        };
        self.ask_for_name(SaveQuestion { what, path, trouble: None, warning: None });
    }

    fn ask_for_name(&mut self, saving: SaveQuestion) {
        let wrong = self.named_desk().map_or(0, |(_, wrong)| wrong);
        let warns = saving.what == SaveKind::Branch && wrong > 0;
        let warning = warns.then(|| fill(Word::SavesUnsound.text(self.language), &[&wrong.to_string()]));
        self.hand.open(Overlay::SaveAs(SaveQuestion { warning, ..saving }));
    }

    /// Asks whoever has files to write one; the answer comes before the next frame.
    pub(super) fn ask_to_save(&mut self, what: SaveKind, path: String) {
        let of_desk = what == SaveKind::Branch && self.desk.is_some();
        let text = match what {
            SaveKind::Branch => self.written().unwrap_or_else(|| self.open.branches.branch().draft().text()).to_owned(),
            SaveKind::Charts => csv::series(self.open.session().series()),
        };
        let same = self.on_disk.as_ref().filter(|file| file.path == path && of_desk);
        let instead_of = same.map(|file| file.text.clone());
        self.saves.asked.push_back(PendingSave { what, path: path.clone(), text: text.clone(), of_desk });
        self.saves.requests.push(FileRequest::Save { path, text, instead_of });
    }
}
