//! How replicas of a broker set keep alike: who leads, how a slave joins its master, and the steps that it copies.
//!
//! It knows nothing of when a master sends a step.

use std::sync::Arc;

use typed_index_collections::TiVec;

use super::volatile::VolatileCopy;
use crate::kernel::counted;
use crate::plan::{Epoch, GroupId, GroupSlot, NodeId, Offset, QueueId, QueueSlot, ReplicaSlot};
use crate::storage::{Epochs, FailureChange, GroupState, LogEntry, MessageRef};

counted! {
    /// A request of a slave to join its master, counted by the slave over all its lives.
    JoinId;
    /// A step that a master sends a slave, counted by the master from each welcome on.
    CopySerial;
}

/// Some of the replicas of a broker set, of which there are at most [`crate::limit::REPLICAS`]: bit n stands for the n-th
/// of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Replicas(pub u64);

impl Replicas {
    /// Whether one is among them.
    #[must_use]
    pub const fn has(self, replica: ReplicaSlot) -> bool {
        self.0 >> replica.0 & 1 == 1
    }

    /// With one more.
    #[must_use]
    pub const fn with(self, replica: ReplicaSlot) -> Self {
        Self(self.0 | 1 << replica.0)
    }
}

/// Who leads a broker set, as a replica is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoleChange {
    /// Number of the election.
    pub epoch: Epoch,
    /// The master.
    pub master: NodeId,
    /// The replicas that live, as far as the nameserver knows.
    pub alive: Replicas,
}

/// How much a replica has: who has most is elected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReplicaProgress {
    /// Epoch of its last entry; none: it never had one.
    pub last_entry_epoch: Option<Epoch>,
    /// Sum of the end offsets of its queues.
    pub ends: u64,
    /// The last epoch in which it led, if it ever did.
    pub last_led_epoch: Option<Epoch>,
}

/// What a slave has when it joins a master.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Join {
    /// The epoch in which it follows.
    pub epoch: Epoch,
    /// Which request of the slave it is.
    pub id: JoinId,
    /// Of each queue of the set: the end of the log, and its epochs.
    pub logs: TiVec<QueueSlot, (Offset, Epochs)>,
}

/// What a master has when a slave joins it.
#[derive(Clone, PartialEq, Debug)]
pub struct Welcome {
    /// The master's epoch.
    pub epoch: Epoch,
    /// Which request it answers.
    pub join: JoinId,
    /// Of each queue of the set.
    pub queues: TiVec<QueueSlot, WelcomeQueue>,
}

/// One queue of a master that a slave joins.
#[derive(Clone, PartialEq, Debug)]
pub struct WelcomeQueue {
    /// The queue.
    pub queue: QueueId,
    /// The end of the common prefix: the slave truncates its log to it.
    pub common: Offset,
    /// What lies before is deleted.
    pub start: Offset,
    /// A slave whose log ends before this offset empties it and begins here; entries from here on follow in steps.
    pub base: Offset,
    /// The epochs of what lies before the base.
    pub epochs: Epochs,
    /// What is kept for each group of the topic.
    pub group_states: TiVec<GroupSlot, GroupState>,
}

/// A step of copying.
#[derive(Clone, PartialEq, Debug)]
pub enum Copied {
    /// A message.
    Entry {
        /// The queue.
        queue: QueueId,
        /// Where it lies.
        offset: Offset,
        /// The message.
        entry: LogEntry,
    },
    /// Many messages in a row, for one who catches up.
    Entries {
        /// The queue.
        queue: QueueId,
        /// Where the first one lies.
        offset: Offset,
        /// The messages.
        entries: Arc<[LogEntry]>,
    },
    /// Something has changed for a message that has failed.
    Failure {
        /// The queue.
        queue: QueueId,
        /// The consumer group.
        group: GroupId,
        /// The stored message that it is about.
        message_ref: MessageRef,
        /// What. Out of line, as it is rare and large.
        change: Box<FailureChange>,
    },
    /// How far a group is. Out of line, as it would be the largest of the steps.
    Offset(Box<GroupProgress>),
    /// What lies before is deleted: it was too old.
    Deletion {
        /// The queue.
        queue: QueueId,
        /// The first that is left.
        start: Offset,
    },
    /// The slave has everything that had been sent when it joined: from here on it is in sync.
    CaughtUp,
}

impl Copied {
    /// Every message that it brings to a slave.
    pub(crate) fn volatile_copies(&self, mut visit: impl FnMut(VolatileCopy)) {
        match self {
            Self::Entry { entry, .. } => visit(VolatileCopy::Log(entry.message)),
            Self::Entries { entries, .. } => entries.iter().for_each(|entry| visit(VolatileCopy::Log(entry.message))),
            Self::Failure { group, message_ref, change, .. } => {
                if change.begun.is_some() || change.died {
                    visit(VolatileCopy::Retries(*group, message_ref.message));
                }
            }
            Self::Offset(_) | Self::Deletion { .. } | Self::CaughtUp => {}
        }
    }
}

/// How far a group is with a queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupProgress {
    /// The queue.
    pub queue: QueueId,
    /// The consumer group.
    pub group: GroupId,
    /// Where it began.
    pub began: Option<Offset>,
    /// Up to where it is done.
    pub committed: Offset,
    /// What lies before is deleted.
    pub start: Offset,
}
