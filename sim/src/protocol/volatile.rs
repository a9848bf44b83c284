//! Where a message can be outside of logs, retry and dead-letter queues. It knows nothing of who holds it.

use crate::plan::{GroupId, MessageId};

/// A copy of a message outside of logs, retry and dead-letter queues, and what it is there for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum VolatileCopy {
    /// On its way to a log: every group of its topic may get it from there.
    Log(MessageId),
    /// Word of a failure, on its way to the retry or dead-letter queue of a group.
    Retries(GroupId, MessageId),
    /// On its way to a consumer of a group, or in its hands.
    Group(GroupId, MessageId),
}

impl VolatileCopy {
    /// Which message.
    #[must_use]
    pub(crate) const fn message(self) -> MessageId {
        match self {
            Self::Log(message) | Self::Retries(_, message) | Self::Group(_, message) => message,
        }
    }

    /// Whether any of what a packet carries comes to a group past the logs.
    #[must_use]
    pub(crate) fn is_for_a_group(of_a_packet: &[Self]) -> bool {
        of_a_packet.iter().any(|copy| !matches!(copy, Self::Log(_)))
    }
}
