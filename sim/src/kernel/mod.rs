//! The kernel of a discrete-event simulation: time, the agenda of pending events, random streams, distributions and
//! the containers that make a snapshot cheap. It knows nothing of queues.

mod agenda;
mod counted;
mod distribution;
mod numbers;
mod pages;
mod slab;
mod stream;
mod time;

pub use agenda::Agenda;
pub(crate) use counted::counted;
pub use distribution::Distribution;
pub(crate) use numbers::Numbers;
pub(crate) use pages::Pages;
pub(crate) use slab::Slab;
pub(crate) use stream::{Stream, hash, hash_number, unit};
pub use time::{Span, Time};
