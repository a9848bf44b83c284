//! The side panel: what the scenario says of itself, what is selected, what is expected, what happened last,
//! and how the run goes.

pub mod charts;
pub mod expect;
pub mod form;
pub mod inspect;
mod knobs;
pub mod lesson;
pub mod log;
