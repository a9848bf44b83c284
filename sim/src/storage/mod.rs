//! What a broker keeps on its disk: the log of each queue, and for each group that reads it how far it is, what comes
//! again and what failed for good.
//!
//! - messages, by offset: [`Log`]
//! - committed offsets, retries, dead letters: [`GroupState`]
//! - something about each of many messages: [`MessageMap`]
//!
//! It knows nothing of who stores, reads or copies.

mod group_state;
mod log;
mod message_map;

pub use self::group_state::{FailureChange, GroupState, Retries, Retry};
pub use self::log::{Epochs, Log, LogEntry};
pub use self::message_map::MessageMap;
use crate::kernel::counted;
use crate::plan::{MessageId, NodeId, Offset};

counted! {
    /// A pull of a consumer, counted for each queue that it reads: retries are handed out in the answer to one.
    PullId;
    /// A report of a consumer of what became of a message, counted over all its lives: one that is repeated has the same.
    ReportId;
}

/// One copy of a message: where it lies in its queue, and which it is. After a log was cut, another message may lie at
/// the same offset.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct MessageRef {
    /// Where it lies.
    pub offset: Offset,
    /// The message, by its producer and number.
    pub message: MessageId,
}

impl MessageRef {
    /// Before all others.
    pub const FIRST: Self = Self { offset: Offset::ZERO, message: MessageId { producer: NodeId(0), number: 0 } };
}

/// The name of a processing that has failed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FailureId {
    /// The consumer that processed it.
    pub consumer: NodeId,
    /// Which of its reports tells of it.
    pub report: ReportId,
}

impl FailureId {
    /// Before all others.
    pub const FIRST: Self = Self { consumer: NodeId(0), report: ReportId::FIRST };
}
