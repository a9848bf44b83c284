//! Pictures and films of egui frames, on a machine without GPU, display or drivers: the same bytes on each run.
//!
//! A [`Canvas`] runs a piece of user interface and gives an [`Image`]; a [`Film`] makes a GIF of several. They know nothing
//! of Queuescope: whoever draws passes a closure, as to egui itself. They read no file, no font but those that the closure
//! `set_up` installs, and no clock.

mod canvas;
mod film;
mod image;
mod palette;
mod raster;
mod triangle;

pub use canvas::Canvas;
pub use film::Film;
pub use image::Image;
