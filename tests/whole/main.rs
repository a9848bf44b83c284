//! Tests of the program as a whole, without a window.

mod assignment;
mod fingerprints;
mod golden;
mod lessons;
mod paper;
mod platform;
mod properties;
mod theory;
