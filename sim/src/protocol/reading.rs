//! How a consumer reads a queue: on a lease, by pulls, and with an outcome for each message that a committed offset cannot
//! tell of.
//!
//! It knows nothing of how a broker answers.

use crate::kernel::counted;
use crate::plan::{Epoch, GroupId, Life, MessageId, Offset, QueueId};
use crate::storage::{FailureId, MessageRef, PullId};

counted! {
    /// A lease that a consumer asks for, counted by the consumer in each of its lives: an answer to an earlier lease is none
    /// to a later one.
    Term;
}

/// On what ground a consumer reads a queue: for which group, in which epoch of the set, by which of its requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadLease {
    /// The consumer group.
    pub group: GroupId,
    /// The queue.
    pub queue: QueueId,
    /// In which epoch of the queue's broker set.
    pub epoch: Epoch,
    /// In which life of the consumer.
    pub life: Life,
    /// Which of the leases that the consumer has asked for in that life.
    pub term: Term,
}

/// A message handed to a consumer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// The message, by its producer and number.
    pub message: MessageId,
    /// Where it lies in its queue.
    pub offset: Offset,
    /// How often it has failed in this group.
    pub failures: u32,
    /// The failure that brought it to the retry queue, if it comes from there and not from the log.
    pub retry: Option<FailureId>,
}

impl Delivery {
    /// Which copy of the message it is.
    #[must_use]
    pub const fn message_ref(&self) -> MessageRef {
        MessageRef { offset: self.offset, message: self.message }
    }
}

/// What a consumer asks a queue for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pull {
    /// Messages from here on.
    pub offset: Offset,
    /// At most so many.
    pub batch: u32,
    /// By which its answer is known.
    pub id: PullId,
    /// The latest pull of this lease to which the consumer has had an answer.
    pub received: Option<PullId>,
}

/// What became of a delivered message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A retry was processed, or received where that is enough: the one that this failure had brought.
    Done(FailureId),
    /// It has failed, and is to come again.
    Retry {
        /// How often it has failed by now, from 1.
        failures: u32,
        /// The failure that had brought it to the retry queue, if it came from there.
        of: Option<FailureId>,
    },
    /// It has failed too often.
    DeadLetter {
        /// The failure that had brought it to the retry queue, if it came from there.
        of: Option<FailureId>,
    },
}

impl Outcome {
    /// Whether the message has failed.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        match self {
            Self::Done(_) => false,
            Self::Retry { .. } | Self::DeadLetter { .. } => true,
        }
    }
}
