//! The window of Queuescope: watch a message queue at work, go to any moment of a run, in two languages.
//!
//! Data goes one way. A session of the simulator gives the scene of the present moment; view-models hold what is to be seen
//! of it, as plain data; views paint them, and list what their user wants; the application grants it.
//!
//! - [`app`]: what is open, and one frame after the other
//! - [`command`]: everything that keys and buttons can do, and the views to choose from
//! - [`player`]: how wall time becomes virtual time; [`look_ahead`]: what is to be seen soon
//! - [`model`]: view-models, without egui
//! - [`layout`]: where everything stands on the stage
//! - [`view`]: how it looks
//! - [`text`], [`theme`], [`font`]: every word of the window's own, every colour and size, the faces
//! - [`picture`], [`studio`]: pictures and films without a window
//!
//! The library starts no thread and reads no files.

pub mod app;
pub mod command;
pub mod font;
pub mod layout;
pub mod look_ahead;
pub mod model;
pub mod picture;
pub mod player;

pub mod studio;
pub mod text;
pub mod theme;
pub mod view;
