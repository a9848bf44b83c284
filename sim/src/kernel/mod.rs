//! The kernel of a discrete-event simulation: time, the agenda of pending events, random streams, distributions and
//! the containers that make a snapshot cheap. It knows nothing of queues.

mod distribution;
mod stream;
mod time;

pub use distribution::Distribution;
pub use stream::{Stream, hash, unit};
pub use time::{Span, Time, as_seconds};
