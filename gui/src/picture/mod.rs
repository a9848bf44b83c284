//! Pictures and films of egui frames, without GPU, display or drivers: the same bytes on each run.
//!
//! A [`Canvas`] runs a user interface and gives an [`Image`]; a [`Film`] makes a GIF of several. They know nothing of
//! Queuescope: the caller passes a closure, as to egui itself. They read no file and no clock, and use no font but those
//! that the closure `set_up` installs.

mod canvas;
mod film;
mod image;
mod palette;
mod raster;
mod triangle;

pub use canvas::Canvas;
pub use film::Film;
pub use image::Image;
