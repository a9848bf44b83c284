//! Limits: everything that a file can ask for has one, and passing it is an error with the limit's name, not a hang.
//!
//! The constants are the limits of files and imports; [`Limits`] are those of a run, of which only [`EVENTS`] is meant to be
//! changed.

use std::fmt;

use crate::kernel::Time;

/// Bytes of a scenario file.
pub const FILE_BYTES: usize = 10 * 1024 * 1024;

/// Entries of one list in a file: expectations, faults, bursts, notes …
pub const ENTRIES: usize = 10_000;

/// Nodes of a scenario, each one of a `count` for itself.
pub const NODES: usize = 10_000;

/// Nameservers of a scenario: each is told by all the others that they live.
pub const NAMESERVERS: usize = 100;

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

/// Places at which brokers keep what a group has read of a queue: one for each queue, group that reads it and replica.
pub const READS: usize = 2_000_000;

/// Events that may be to come at once, those among them that wait for a paused node.
pub const PENDING_EVENTS: usize = 8_000_000;
/// Records, or messages and timers, that one node may bring about in one turn.
pub const TURN: usize = 4_000_000;
/// Rounds at one time: in each of them happens what follows from the one before. Beyond that, time stands still.
pub const ROUNDS: u64 = 1_000_000;
/// Messages and calls that may be open at once: begun, and neither accepted nor given up.
pub const OPEN_MESSAGES: usize = 4_000_000;
/// Places that all messages of a run take: a message one, and two for each group of its topic; an attempt to send it one,
/// and one for each replica; a call two; a consumer's report about a message three. A place stands for 25 bytes at most, so
/// that a run stays below four gigabytes.
pub const MESSAGE_PLACES: u64 = 160_000_000;
/// Events of a whole run, unless an option says otherwise.
pub const EVENTS: u64 = 2_000_000_000;

// Pending events, with those that one turn adds, fit into an agenda.
const _: () =
    assert!(PENDING_EVENTS + TURN < crate::kernel::Agenda::<()>::CAPACITY, "an agenda has room for the limits");

/// How far a run may go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// [`PENDING_EVENTS`].
    pub pending_events: usize,
    /// [`TURN`].
    pub turn: usize,
    /// [`ROUNDS`].
    pub rounds: u64,
    /// [`OPEN_MESSAGES`].
    pub open_messages: usize,
    /// [`MESSAGE_PLACES`].
    pub message_places: u64,
    /// [`EVENTS`].
    pub events: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pending_events: PENDING_EVENTS,
            turn: TURN,
            rounds: ROUNDS,
            open_messages: OPEN_MESSAGES,
            message_places: MESSAGE_PLACES,
            events: EVENTS,
        }
    }
}

/// The error of a run that has passed a limit. It is shown as a sentence with a remedy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LimitPassed {
    /// The limit.
    pub limit: Limit,
    /// How much it allows.
    pub most: u64,
    /// The virtual time at which the run stopped.
    pub at: Time,
}

/// The limits of a run: each is a field of [`Limits`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Limit {
    /// [`Limits::pending_events`].
    PendingEvents,
    /// [`Limits::turn`].
    Turn,
    /// [`Limits::rounds`].
    Rounds,
    /// [`Limits::open_messages`].
    OpenMessages,
    /// [`Limits::message_places`].
    MessagePlaces,
    /// [`Limits::events`].
    Events,
}

impl Limits {
    /// How much one of them allows.
    #[must_use]
    pub const fn of(&self, limit: Limit) -> u64 {
        match limit {
            Limit::PendingEvents => self.pending_events as u64,
            Limit::Turn => self.turn as u64,
            Limit::Rounds => self.rounds,
            Limit::OpenMessages => self.open_messages as u64,
            Limit::MessagePlaces => self.message_places,
            Limit::Events => self.events,
        }
    }
}

impl Limit {
    /// Its name, as it is told.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PendingEvents => "pending-events",
            Self::Turn => "turn",
            Self::Rounds => "rounds",
            Self::OpenMessages => "open-messages",
            Self::MessagePlaces => "message-places",
            Self::Events => "events",
        }
    }
}

impl fmt::Display for LimitPassed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, most, at } = self;
        write!(f, "limit {} passed at {at}: ", limit.name())?;
        match limit {
            Limit::PendingEvents => write!(f, "more than {most} events are to come at once; send less at a time"),
            Limit::Turn => {
                write!(f, "one node brings about more than {most} things at one time; send less at a time, or to fewer")
            }
            Limit::Rounds => write!(
                f,
                "time stands still at {at}, where one thing follows the other and none takes time; give the latency, a \
                 service time or a retry delay a length"
            ),
            Limit::OpenMessages => write!(
                f,
                "more than {most} messages are neither accepted nor given up; send less at a time, or wait less long for \
                 an answer"
            ),
            Limit::MessagePlaces => write!(
                f,
                "more than {most} places are taken, by each message one, and two for each group of its topic, and by each \
                 attempt one, and one for each replica; send less, or shorten the run"
            ),
            Limit::Events => {
                write!(f, "more than {most} events; shorten the run, or raise the limit with --max-events")
            }
        }
    }
}

impl std::error::Error for LimitPassed {}
