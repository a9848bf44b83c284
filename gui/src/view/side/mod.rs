//! The tabs of the side panel: the lesson, the inspector, the expectations, the log, the charts and the form.

pub mod charts;
pub mod expect;
pub mod form;
pub mod inspect;
pub mod lesson;
pub mod log;
mod sliders;
