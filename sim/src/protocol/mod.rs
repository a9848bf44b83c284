//! Every message that one node sends another, by conversation.
//!
//! Requests that matter are repeated until answered and do no harm when they arrive twice; pushes are made good by the
//! next heartbeat. The bodies of larger packets are in `membership`, `replication` and `reading`; `volatile` says which
//! messages a packet carries. It knows nothing of how a node answers.
//!
//! Simplifications against Apache RocketMQ: one conversation where it has several versions of a request; membership of
//! a group lies with the nameserver, not with every broker; a message is its name, and has no body.

mod membership;
mod reading;
mod replication;
mod volatile;

use std::sync::Arc;

pub use self::membership::{
    BrokerStatus, Departure, EndedLives, Heartbeat, HeartbeatStatus, KnownVersions, Members, Route, SetLeader, Version,
};
pub use self::reading::{Delivery, Outcome, Pull, ReadLease, Term};
pub use self::replication::{
    Copied, CopySerial, GroupProgress, Join, JoinId, ReplicaProgress, Replicas, RoleChange, Welcome, WelcomeQueue,
};
pub(crate) use self::volatile::VolatileCopy;
use crate::kernel::Time;
use crate::plan::{Epoch, MessageId, NodeId, Offset, Plan, QueueId, TopicId};
use crate::record::What;
use crate::storage::{MessageRef, PullId, ReportId};

/// A message between two nodes.
#[derive(Clone, PartialEq, Debug)]
pub enum Packet {
    /// Node → nameserver: I am alive, and this is what I know.
    Heartbeat(Heartbeat),
    /// Nameserver → node: heard. What the node should know and does not follows in packets of its own.
    HeartbeatAnswer {
        /// When the heartbeat that it answers was sent.
        sent_at: Time,
    },
    /// Client → nameserver: where is this topic?
    AskRoute {
        /// The topic.
        topic: TopicId,
    },
    /// Nameserver → client: there.
    Route(Arc<Route>),
    /// Nameserver → consumer: these are in your group.
    Members(Arc<Members>),
    /// Nameserver → broker: who leads your set. The latest one names the replicas that a master waits for before it
    /// acknowledges a message.
    RoleChange(RoleChange),
    /// Nameserver → broker: how much do you have? There is a master to be elected.
    AskProgress,
    /// Broker → nameserver: so much.
    ReplicaProgress(ReplicaProgress),
    /// Broker → master of its set: I follow you; this is what I have.
    Join(Box<Join>),
    /// Master → slave: this is what I have; what comes after it I send you as it comes.
    Welcome(Box<Welcome>),
    /// Master → slave: you have missed too much; join anew.
    JoinAnew {
        /// The master's epoch.
        epoch: Epoch,
    },
    /// Master → slave: one more step, in order.
    Copy {
        /// The master's epoch.
        epoch: Epoch,
        /// Which of the slave's requests to join it follows from.
        join: JoinId,
        /// Its number among the steps that follow from that request.
        serial: CopySerial,
        /// What to do.
        copy: Copied,
    },
    /// Slave → master: all up to here is done, as safely as the set's flush policy asks for.
    CopyAnswer {
        /// The epoch in which it follows, or leads.
        epoch: Epoch,
        /// Which of its requests to join the steps follow from; none: it has not joined in this epoch.
        join: Option<JoinId>,
        /// The last step that is done.
        serial: Option<CopySerial>,
    },
    /// Consumer → nameserver: I leave.
    Goodbye,
    /// Nameserver → consumer: you are out of the group.
    GoodbyeAnswer,
    /// Nameserver → broker: a consumer is dead or has left; its locks are free.
    Departed {
        /// The consumer.
        consumer: NodeId,
        /// Which of its lives have ended.
        lives: EndedLives,
        /// Which departure this is.
        number: Departure,
    },
    /// Producer → broker: store this.
    Send {
        /// The message, by its producer and number.
        message: MessageId,
        /// The queue.
        queue: QueueId,
        /// From 1.
        attempt: u32,
    },
    /// Broker → producer.
    SendAnswer {
        /// The message, by its producer and number.
        message: MessageId,
        /// Which attempt at it.
        attempt: u32,
        /// What became of it.
        outcome: SendOutcome,
    },
    /// Consumer → broker: I read this queue for my group.
    Lock {
        /// The lease on which the consumer reads the queue.
        lease: ReadLease,
        /// When it was sent.
        sent_at: Time,
    },
    /// Broker → consumer.
    LockAnswer {
        /// The lease on which the consumer reads the queue.
        lease: ReadLease,
        /// Whether the consumer may read, and from where on; none: another consumer has the lock, the broker is not the
        /// master in this epoch, or the nameserver has declared this life of the consumer ended.
        granted: Option<Offset>,
    },
    /// Consumer → broker: I let go of this queue.
    Unlock(ReadLease),
    /// Broker → consumer: it is free.
    UnlockAnswer(ReadLease),
    /// Consumer → broker: what comes from here on?
    Pull {
        /// The lease on which the consumer reads the queue.
        lease: ReadLease,
        /// What is asked for.
        pull: Pull,
    },
    /// Broker → consumer.
    PullAnswer {
        /// The lease on which the consumer reads the queue.
        lease: ReadLease,
        /// Which pull it answers.
        pull: PullId,
        /// Where the next pull begins; none: the lease does not hold.
        next: Option<Offset>,
        /// Retries that are due, then messages of the log.
        batch: Vec<Delivery>,
    },
    /// Consumer → broker: my group is done with all before this.
    Commit {
        /// The lease on which the consumer reads the queue.
        lease: ReadLease,
        /// Up to here, exclusive.
        offset: Offset,
    },
    /// Broker → consumer.
    CommitAnswer {
        /// The lease on which the consumer reads the queue.
        lease: ReadLease,
        /// What was committed.
        offset: Offset,
        /// False: the lease does not hold.
        held: bool,
    },
    /// Consumer → broker: what became of one message, where the committed offset cannot tell.
    Outcome {
        /// The lease on which the consumer reads the queue.
        lease: ReadLease,
        /// Which message, and where it lies.
        message_ref: MessageRef,
        /// What became of it.
        outcome: Outcome,
        /// Which report of the consumer this is: one that is repeated bears the same number.
        report: ReportId,
    },
    /// Broker → consumer.
    OutcomeAnswer {
        /// The lease on which the consumer reads the queue.
        lease: ReadLease,
        /// Which message, and where it lies.
        message_ref: MessageRef,
        /// Which report was heard.
        report: ReportId,
        /// False: the lease does not hold.
        held: bool,
    },
    /// Caller → service.
    Call {
        /// The call's name.
        call: MessageId,
    },
    /// Service → caller.
    CallAnswer {
        /// Which call.
        call: MessageId,
        /// False: there was no room for it.
        served: bool,
    },
    /// From a process that has ended, by its host: the connection is closed.
    Closed,
}

/// What became of an attempt to send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SendOutcome {
    /// Stored, and as safe as the broker's settings ask for.
    Accepted,
    /// Too many requests wait.
    Full,
    /// There is no room on the disk.
    DiskFull,
    /// Not the master.
    NotMaster,
}

impl Packet {
    /// Every message that it brings somewhere. A kind of packet that is new has to say so here.
    pub(crate) fn volatile_copies(&self, plan: &Plan, mut visit: impl FnMut(VolatileCopy)) {
        match self {
            Self::Send { message, .. } => visit(VolatileCopy::Log(*message)),
            Self::PullAnswer { lease, batch, .. } => {
                batch.iter().for_each(|delivery| visit(VolatileCopy::Group(lease.group, delivery.message)));
            }
            Self::Outcome { lease, message_ref, outcome, .. } => {
                if outcome.is_failure() {
                    visit(VolatileCopy::Retries(lease.group, message_ref.message));
                }
            }
            Self::Copy { copy, .. } => copy.volatile_copies(visit),
            Self::Welcome(welcome) => {
                for WelcomeQueue { queue, group_states, .. } in &welcome.queues {
                    let groups = &plan.topics[plan.queues[*queue].topic].groups;
                    for (group, group_state) in groups.iter().zip(group_states) {
                        group_state
                            .failed()
                            .for_each(|message_ref| visit(VolatileCopy::Retries(*group, message_ref.message)));
                    }
                }
            }
            Self::Heartbeat(_)
            | Self::HeartbeatAnswer { .. }
            | Self::AskRoute { .. }
            | Self::Route(_)
            | Self::Members(_)
            | Self::RoleChange(_)
            | Self::AskProgress
            | Self::ReplicaProgress(_)
            | Self::Join(_)
            | Self::JoinAnew { .. }
            | Self::CopyAnswer { .. }
            | Self::Goodbye
            | Self::GoodbyeAnswer
            | Self::Departed { .. }
            | Self::SendAnswer { .. }
            | Self::Lock { .. }
            | Self::LockAnswer { .. }
            | Self::Unlock(_)
            | Self::UnlockAnswer(_)
            | Self::Pull { .. }
            | Self::Commit { .. }
            | Self::CommitAnswer { .. }
            | Self::OutcomeAnswer { .. }
            | Self::Call { .. }
            | Self::CallAnswer { .. }
            | Self::Closed => {}
        }
    }

    /// Whether its receiver acts on it a second time if it arrives a second time: a broker stores a message again, a service
    /// serves a call again. All else its receiver knows by a number, such as RocketMQ's `opaque`, and ignores.
    #[must_use]
    pub(crate) const fn counts_twice(&self) -> bool {
        matches!(self, Self::Send { .. } | Self::Call { .. })
    }

    /// The conversation that it belongs to.
    #[must_use]
    pub const fn what(&self) -> What {
        match self {
            Self::Heartbeat(_) | Self::HeartbeatAnswer { .. } => What::Heartbeat,
            Self::AskRoute { .. } | Self::Route(_) => What::Route,
            Self::Members(_) => What::Members,
            Self::RoleChange(_) | Self::AskProgress | Self::ReplicaProgress(_) => What::Role,
            Self::Join(_) | Self::Welcome(_) | Self::JoinAnew { .. } | Self::Copy { .. } => What::Copy,
            Self::CopyAnswer { .. } => What::CopyAnswer,
            Self::Goodbye | Self::GoodbyeAnswer | Self::Departed { .. } => What::Goodbye,
            Self::Send { .. } => What::Send,
            Self::SendAnswer { .. } => What::SendAnswer,
            Self::Lock { .. } | Self::LockAnswer { .. } => What::Lock,
            Self::Unlock(_) | Self::UnlockAnswer(_) => What::Unlock,
            Self::Pull { .. } => What::Pull,
            Self::PullAnswer { .. } => What::PullAnswer,
            Self::Commit { .. } | Self::CommitAnswer { .. } => What::Commit,
            Self::Outcome { .. } | Self::OutcomeAnswer { .. } => What::Settle,
            Self::Call { .. } => What::Call,
            Self::CallAnswer { .. } => What::CallAnswer,
            Self::Closed => What::Closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_fits_into_a_line_of_the_cache() {
        assert_eq!(size_of::<Packet>(), 64, "each message takes several, and its turn waits for it");
    }
}
