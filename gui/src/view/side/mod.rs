//! The side panel: what the scenario says of itself, what is selected, what is expected, what happened last,
//! and how the run goes.

pub mod charts;
pub mod expect;
pub mod form;
pub mod inspect;
mod knobs;
pub mod lesson;
pub mod log;

use queuescope::kernel::Time;
use queuescope::scenario::Act;
use queuescope::session::Told;

use crate::command::Command;
use crate::view::stage::Selected;

/// What the side panel's user wants.
#[derive(Clone, PartialEq, Debug)]
pub enum Wish {
    /// Something from the table.
    Do(Command),
    /// To be at a time.
    GoTo(Time),
    /// To be just after a record.
    GoToRecord(Box<Told>),
    /// To look at something else.
    Select(Selected),
    /// To do something to the run.
    Act(Act),
    /// To change the file.
    Edit(form::Edit),
}
