//! Limits: whatever a file asks for has one, and passing it is an error with the limit's name, not a hang.

use std::fmt;

/// Bytes of a scenario file.
pub const FILE_BYTES: usize = 10 * 1024 * 1024;

/// Entries of one list in a file: expectations, faults, bursts, notes …
pub const ENTRIES: usize = 10_000;

/// Nodes of a scenario, each one of a `count` for itself.
pub const NODES: usize = 10_000;

/// Replicas of a broker set: its master and its slaves.
pub const REPLICAS: usize = 64;

/// Queues of all topics together.
pub const QUEUES: usize = 10_000;

/// Messages that a producer can be told to send, in all or in one burst; places in a waiting line.
pub const MESSAGES: u32 = 100_000_000;

/// Different keys of a producer's messages.
pub const KEYS: u32 = 1_000_000;

/// Threads of a consumer, workers of a service.
pub const THREADS: u32 = 100_000;

/// Attempts after the first, to send or to process.
pub const RETRIES: u32 = 1_000_000;

/// Characters of a name.
pub const NAME_CHARACTERS: usize = 100;

/// Problems reported of one file; the last says how many more there are.
pub const PROBLEMS: usize = 1_000;

/// Topics that an import makes of a real cluster: more would be nothing to look at.
pub const IMPORTED_TOPICS: usize = 1_000;

/// Consumers of a group that an import makes: each is told of each other.
pub const IMPORTED_CONSUMERS: usize = 500;

/// Pairs of a queue and a group that reads it that an import makes: each is a pull that is held.
pub const IMPORTED_READS: usize = 50_000;

/// Passages of an import that are told: the rest of them are counted.
pub const PASSAGES: usize = 40;

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
