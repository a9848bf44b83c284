//! What somebody at the window wants. Each view adds it to one list, in the order in which it is painted; when the picture
//! of the frame is complete the application does all of it. So no wish takes the place of another one, and none depends on
//! which view is painted last.

use egui::Pos2;
use queuescope::kernel::Time;
use queuescope::scenario::Act;
use queuescope::session::EventRecord;

use super::side::form::Edit;
use super::stage::{Meant, Selected};
use crate::command::Command;
use crate::model::chart::Chart;

/// Something that is wanted.
#[derive(Clone, PartialEq, Debug)]
pub enum Wish {
    /// Something from the table.
    Do(Command),
    /// To be at a time.
    GoTo(Time),
    /// To be just after a record.
    GoToRecord(Box<EventRecord>),
    /// Time goes on, after a note or a question.
    GoOn,
    /// To look at a branch, by its number.
    Branch(usize),
    /// To look at something closer, or at nothing.
    Select(Option<Selected>),
    /// A list of what can be done to something, at a place on the screen.
    List(Meant, Pos2),
    /// To do something to the run.
    Act(Act),
    /// To change the file by form.
    Edit(Edit),
    /// The text of the file was changed.
    Written,
    /// To have the text that the file has on disk.
    ReadAgain,
    /// A chart in place of the stage, or none.
    Enlarge(Option<Chart>),
}
