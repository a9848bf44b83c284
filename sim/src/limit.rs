//! Limits: whatever a file asks for has one, and passing it is an error with the limit's name, not a hang.

use std::fmt;

/// Events that may be pending at once.
pub const PENDING_EVENTS: usize = 8_000_000;
/// Events of a whole run, unless an option says otherwise.
pub const EVENTS: u64 = 2_000_000_000;

/// A limit that a run has passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Passed {
    /// [`PENDING_EVENTS`].
    PendingEvents(usize),
    /// [`EVENTS`], or what the caller set.
    Events(u64),
}

impl fmt::Display for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PendingEvents(limit) => write!(
                f,
                "limit pending-events passed: more than {limit} events are to come at once; send less at a time"
            ),
            Self::Events(limit) => write!(
                f,
                "limit events passed: more than {limit} events; shorten the run, or raise the limit with --max-events"
            ),
        }
    }
}

impl std::error::Error for Passed {}
