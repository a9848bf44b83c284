//! Every message that one node sends another, by conversation.
//!
//! Requests that matter are repeated until answered and do no harm when they arrive twice; pushes are made good by the
//! next heartbeat. This file knows nothing of how a node answers.
//!
//! Simplifications against Apache RocketMQ: one conversation where it has several versions of a request; membership of
//! a group lies with the nameserver, not with every broker; a message is its name, and has no body.

use std::num::NonZeroU32;
use std::sync::Arc;

use crate::kernel::Time;
use crate::plan::{Epoch, GroupId, MessageId, NodeId, Plan, QueueId, SetId, TopicId};
use crate::record::What;
use crate::storage::{Epochs, FailureChange, FailureId, GroupState, LogEntry, MessageRef};

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
    /// Nameserver → broker: who leads your set. The last word to a master says who has to have a message before it is
    /// acknowledged.
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
        joining: u32,
        /// From 1 in each joining.
        serial: u32,
        /// What to do.
        copy: Copied,
    },
    /// Slave → master: all up to here is done, as safely as the set's flush policy asks for.
    CopyAnswer {
        /// The epoch in which it follows, or leads.
        epoch: Epoch,
        /// Which of its requests to join the steps follow from.
        joining: u32,
        /// The last one.
        serial: u32,
    },
    /// Consumer → nameserver: I leave.
    Goodbye,
    /// Nameserver → consumer: you are out of the group.
    GoodbyeAnswer,
    /// Nameserver → broker: a consumer is dead or has left; its locks are free.
    Departed {
        /// The consumer.
        consumer: NodeId,
        /// The life that ended, and with it all before.
        life: u32,
        /// When the nameserver decided so: what was asked for later is not meant.
        at: Time,
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
        /// Whether the consumer may read, and from where on; none: another one reads, or the broker is not the master.
        granted: Option<u64>,
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
        serial: u32,
        /// Where the next pull begins; none: the lease does not hold.
        next: Option<u64>,
        /// Retries that are due, then messages of the log.
        batch: Vec<Delivery>,
    },
    /// Consumer → broker: my group is done with all before this.
    Commit {
        /// The lease on which the consumer reads the queue.
        lease: ReadLease,
        /// Up to here, exclusive.
        offset: u64,
    },
    /// Broker → consumer.
    CommitAnswer {
        /// The lease on which the consumer reads the queue.
        lease: ReadLease,
        /// What was committed.
        offset: u64,
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
        report: NonZeroU32,
    },
    /// Broker → consumer.
    OutcomeAnswer {
        /// The lease on which the consumer reads the queue.
        lease: ReadLease,
        /// Which message, and where it lies.
        message_ref: MessageRef,
        /// Which report was heard.
        report: NonZeroU32,
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

/// What a heartbeat tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Heartbeat {
    /// Which life of the node this is, from 1.
    pub life: u32,
    /// When it was sent.
    pub sent_at: Time,
    /// Client: versions of the routes of its first and second topic, as this nameserver counts them; 0: none.
    pub routes: [u32; 2],
    /// Consumer: version of its group's members; 0: none.
    pub members: u32,
    /// Broker: the epoch in which it is master; none: it is none.
    pub epoch: Option<Epoch>,
    /// Broker: the epoch in which it follows a master; none: it follows none.
    pub follows: Option<Epoch>,
    /// Broker: the highest epoch on its disk.
    pub last_epoch: Option<Epoch>,
    /// Master: the live replicas of its set, as it was told last.
    pub alive: Replicas,
    /// Broker: the last departure that it heard of.
    pub departures: Departure,
}

/// Some of the replicas of a broker set, of which there are at most [`crate::limit::REPLICAS`]: bit n stands for the n-th
/// of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Replicas(pub u64);

impl Replicas {
    /// Whether one is among them, by its place in the set.
    #[must_use]
    pub const fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }

    /// With one more.
    #[must_use]
    pub const fn with(self, place: usize) -> Self {
        Self(self.0 | 1 << place)
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
    pub last_entry: Option<Epoch>,
    /// Sum of the end offsets of its queues.
    pub ends: u64,
    /// The last epoch in which it led, if it ever did.
    pub led: Option<Epoch>,
}

/// What a slave has when it joins a master.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Join {
    /// The epoch in which it follows.
    pub epoch: Epoch,
    /// Which request of the slave it is, from 1, over all its lives.
    pub asked: u32,
    /// By slot in the set: the end of the log, and its epochs.
    pub logs: Vec<(u64, Epochs)>,
}

/// What a master has when a slave joins it.
#[derive(Clone, PartialEq, Debug)]
pub struct Welcome {
    /// The master's epoch.
    pub epoch: Epoch,
    /// Which request it answers.
    pub asked: u32,
    /// By slot in the set.
    pub queues: Vec<WelcomeQueue>,
}

/// One queue of a master that a slave joins.
#[derive(Clone, PartialEq, Debug)]
pub struct WelcomeQueue {
    /// The queue.
    pub queue: QueueId,
    /// Up to here the slave's log is the master's.
    pub common: u64,
    /// What lies before is deleted.
    pub start: u64,
    /// Where a log begins anew that has nothing in common with what is left; what follows is sent from there on.
    pub base: u64,
    /// The epochs of what lies before the base.
    pub epochs: Epochs,
    /// What is kept for each group, by its slot in the topic.
    pub group_states: Vec<GroupState>,
}

/// A step of copying.
#[derive(Clone, PartialEq, Debug)]
pub enum Copied {
    /// A message.
    Entry {
        /// The queue.
        queue: QueueId,
        /// Where it lies.
        offset: u64,
        /// The message.
        entry: LogEntry,
    },
    /// Many messages in a row, for one who catches up.
    Entries {
        /// The queue.
        queue: QueueId,
        /// Where the first one lies.
        offset: u64,
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
        start: u64,
    },
    /// Whoever has come so far has all that had been sent when it joined.
    Level,
}

/// How far a group is with a queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupProgress {
    /// The queue.
    pub queue: QueueId,
    /// The consumer group.
    pub group: GroupId,
    /// Where it began.
    pub began: Option<u64>,
    /// Up to where it is done.
    pub committed: u64,
    /// What lies before is deleted.
    pub start: u64,
}

/// The number of a departure: counted from 1 in each life of the nameserver that elects.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Departure {
    /// The nameserver's life.
    pub life: u32,
    /// From 1.
    pub number: u32,
}

impl Departure {
    /// Whether `self` is what follows `last`, with none missing in between.
    #[must_use]
    pub const fn follows(self, last: Self) -> bool {
        (self.life == last.life && self.number == last.number + 1) || (self.life > last.life && self.number == 1)
    }
}

/// A version in a heartbeat to a nameserver that is not the client's home: tell me nothing, I listen to another one.
pub const ELSEWHERE: u32 = u32::MAX;

/// Where a topic is, as a nameserver knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// The topic.
    pub topic: TopicId,
    /// Counted by the nameserver, from 1.
    pub version: u32,
    /// Every broker set of the topic.
    pub sets: Vec<SetLeader>,
    /// The only one of which this is not what the version before says; none: it may be any.
    pub changed: Option<SetId>,
}

/// Who leads a broker set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SetLeader {
    /// Which set.
    pub set: SetId,
    /// Its last epoch; none: nobody was elected yet.
    pub epoch: Option<Epoch>,
    /// Its master, where one has confirmed.
    pub master: Option<NodeId>,
}

/// Who is in a group, as a nameserver knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Members {
    /// The consumer group.
    pub group: GroupId,
    /// Counted by the nameserver, from 1.
    pub version: u32,
    /// In the order of the bytes of their names.
    pub consumers: Vec<NodeId>,
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
    pub life: u32,
    /// Counted by the consumer: an answer to an earlier lease is none to a later one.
    pub term: u32,
}

/// A message handed to a consumer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// The message, by its producer and number.
    pub message: MessageId,
    /// Where it lies in its queue.
    pub offset: u64,
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
    pub offset: u64,
    /// At most so many.
    pub batch: u32,
    /// To tell the answer by.
    pub serial: u32,
    /// The latest pull of this lease to which the consumer has had an answer; 0: none.
    pub received: u32,
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
        /// As of a retry.
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

/// A copy of a message outside of logs, retry and dead-letter queues, and what it is there for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum VolatileCopy {
    /// On its way to a log: every group of its topic may get it from there.
    ToLog(MessageId),
    /// Word of a failure, on its way to the retry or dead-letter queue of a group.
    ToRetries(GroupId, MessageId),
    /// On its way to a consumer of a group, or in its hands.
    ToGroup(GroupId, MessageId),
}

impl VolatileCopy {
    /// Which message.
    #[must_use]
    pub const fn message(self) -> MessageId {
        match self {
            Self::ToLog(message) | Self::ToRetries(_, message) | Self::ToGroup(_, message) => message,
        }
    }

    /// Whether any of what a packet carries comes to a group past the logs.
    #[must_use]
    pub fn is_for_a_group(of_a_packet: &[Self]) -> bool {
        of_a_packet.iter().any(|copy| !matches!(copy, Self::ToLog(_)))
    }
}

impl Copied {
    /// Every message that it brings to a slave.
    pub fn volatile_copies(&self, mut visit: impl FnMut(VolatileCopy)) {
        match self {
            Self::Entry { entry, .. } => visit(VolatileCopy::ToLog(entry.message)),
            Self::Entries { entries, .. } => entries.iter().for_each(|entry| visit(VolatileCopy::ToLog(entry.message))),
            Self::Failure { group, message_ref, change, .. } => {
                if change.begun.is_some() || change.died {
                    visit(VolatileCopy::ToRetries(*group, message_ref.message));
                }
            }
            Self::Offset(_) | Self::Deletion { .. } | Self::Level => {}
        }
    }
}

impl Packet {
    /// Every message that it brings somewhere. A kind of packet that is new has to say so here.
    pub fn volatile_copies(&self, plan: &Plan, mut visit: impl FnMut(VolatileCopy)) {
        match self {
            Self::Send { message, .. } => visit(VolatileCopy::ToLog(*message)),
            Self::PullAnswer { lease, batch, .. } => {
                batch.iter().for_each(|delivery| visit(VolatileCopy::ToGroup(lease.group, delivery.message)));
            }
            Self::Outcome { lease, message_ref, outcome, .. } => {
                if outcome.is_failure() {
                    visit(VolatileCopy::ToRetries(lease.group, message_ref.message));
                }
            }
            Self::Copy { copy, .. } => copy.volatile_copies(visit),
            Self::Welcome(welcome) => {
                for WelcomeQueue { queue, group_states, .. } in &welcome.queues {
                    let groups = &plan.topics[plan.queues[*queue].topic].groups;
                    for (group, group_state) in groups.iter().zip(group_states) {
                        group_state
                            .failed()
                            .for_each(|message_ref| visit(VolatileCopy::ToRetries(*group, message_ref.message)));
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
    pub const fn counts_twice(&self) -> bool {
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
