//! What somebody at the window wants. Each view adds it to one list; when the picture of the frame is complete the
//! application grants all of it, in the order of the list. So no wish takes the place of another one, and none depends on
//! which view is painted last.

use egui::Pos2;
use queuescope::kernel::Time;
use queuescope::scenario::Act;
use queuescope::session::EventRecord;

use crate::command::{AppCommand, MainView};
use crate::model::edit::FormEdit;
use crate::model::selection::{MenuSubject, Selected};

/// What is saved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SaveKind {
    /// The branch as a scenario.
    Branch,
    /// The charts as a table.
    Charts,
}

/// Something that is wanted.
#[derive(Clone, PartialEq, Debug)]
pub enum Wish {
    /// To run a command from the table.
    Do(AppCommand),
    /// To have a view in the middle of the window.
    LookAt(MainView),
    /// To be at a time.
    GoTo(Time),
    /// To be just after a record.
    GoToRecord(Box<EventRecord>),
    /// Time goes on, after a note or a question.
    GoOn,
    /// To look at a branch, by its number.
    Branch(usize),
    /// To select something, or nothing.
    Select(Option<Selected>),
    /// The menu of what can be done to something, at a place on the screen.
    Menu(MenuSubject, Pos2),
    /// To do something to the run.
    Act(Act),
    /// To change the file by form.
    Edit(FormEdit),
    /// The text in the editor was changed.
    TextChanged,
    /// To have the text that the file has on disk.
    ReadAgain,
    /// To save something under a name.
    SaveAs(SaveKind, String),
    /// To close the menu, the palette or the question that is open over the picture.
    Close,
}
