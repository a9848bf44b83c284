//! The nodes: each a state machine from inputs to effects.
//!
//! A node has no clock, no network, no files, and sees nothing of any other node's insides: it acts on what it was told
//! and on what it remembers. It puts its effects into the [`Outbox`], and the world alone decides delay, loss and order. A
//! crash takes a node's `memory`; disk and settings stay: the types show what survives.

pub(crate) mod broker;
pub(crate) mod client;
pub(crate) mod consumer;
#[cfg(test)]
mod harness;
pub(crate) mod nameserver;
mod outbox;
mod pool;
pub(crate) mod producer;
pub(crate) mod sender;
pub(crate) mod service;
mod slowness;
mod window;

pub(crate) use self::outbox::Outbox;
use crate::kernel::{Span, Time};
use crate::limit::Limit;
use crate::node::broker::Stamp;
use crate::plan::{
    GroupId, GroupSlot, Life, MessageId, NodeId, Offset, Plan, QueueId, QueueSlot, Role, SetId, Setting,
};
use crate::protocol::{JoinId, Packet, VolatileCopy};
use crate::record::{Kind, Seq};

/// An input of a node's state machine.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Input {
    /// A life begins: [`Turn::life`] says which.
    Start,
    /// A message from another node.
    Packet {
        /// The sender.
        from: NodeId,
        /// The packet that it sent.
        packet: Packet,
    },
    /// A timer that the node has set in this life rings.
    Timer(Timer),
    /// A setting has another value.
    Set(Setting),
    /// Service or store time is multiplied by this from now on; 1: as usual.
    Slow(f64),
    /// Broker: whether its disk is full, from now on.
    DiskFull(bool),
    /// The node's pause is over; it lasted so long, and all work under way ends so much later.
    Resume(Span),
}

/// When a piece of work began, and when it ends. A pause of its node moves both on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WorkTime {
    /// When it began, moved on by every pause since.
    pub from: Time,
    /// When it ends, if its node does not pause.
    pub until: Time,
}

impl WorkTime {
    /// Work that begins now and takes a span of time.
    #[must_use]
    pub(crate) fn lasting(now: Time, span: Span) -> Self {
        Self { from: now, until: now + span }
    }

    /// Moves beginning and end on, after a pause of this length.
    pub(crate) fn postpone(&mut self, by: Span) {
        *self = Self { from: self.from + by, until: self.until + by };
    }

    /// The share of the work that is done at a time, from 0 to 1.
    #[must_use]
    pub fn share(&self, at: Time) -> f32 {
        let whole = self.until.since(self.from).0;
        if whole == 0 { 1.0 } else { (at.since(self.from).0 as f32 / whole as f32).min(1.0) }
    }
}

/// The purpose of a timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timer {
    /// Tell the nameservers that it is alive.
    Heartbeat,
    /// Client: ask for the route again; only the latest such timer counts.
    Refresh(u32),
    /// The earliest deadline of a request without an answer may have passed.
    Deadline,
    /// Nameserver: look for nodes whose heartbeats have stopped.
    Scan,
    /// Producer: the next message; the number tells apart timers that a changed interval has made void.
    Interval(u32),
    /// Producer: a burst, by its position.
    Burst(u32),
    /// Broker: the message under way is stored; the number tells apart timers that a change of role has made void.
    Stored(u32),
    /// Broker: a flush has ended; likewise.
    Flushed(u32),
    /// Broker: time for an asynchronous flush.
    Flush,
    /// Broker: the earliest pull held at a queue for a group may have been held long enough.
    Hold {
        /// The queue in the broker set.
        queue: QueueSlot,
        /// The group in the queue's topic.
        group: GroupSlot,
    },
    /// Broker: the oldest message of a queue of the broker set may have expired.
    Expiry(QueueSlot),
    /// Broker: a retry is due at a queue for a group.
    RetryDue {
        /// The queue in the broker set.
        queue: QueueSlot,
        /// The group in the queue's topic.
        group: GroupSlot,
    },
    /// Master: the step of this stamp, which waits for `replication_delay`, may leave.
    Ship(Stamp),
    /// Master: the earliest step that a slave has not confirmed is due again.
    Repeat,
    /// Master: time to tell slaves the committed offsets.
    OffsetSync,
    /// Slave: ask to join again, unless a later request was made.
    Join(JoinId),
    /// Nameserver: ask the replicas of a set again that have not answered in the election.
    Ballot(SetId),
    /// Consumer: recompute the assignment.
    Rebalance,
    /// Consumer: commit.
    Commit,
    /// Consumer: leave the group.
    Leave,
    /// Consumer or service: the work of a thread or worker has ended.
    Worked(u32),
    /// Consumer: a thread waits no longer for a call, told by its number.
    CallTimeout(u32),
    /// Consumer of an ordered group: the failed message of a queue has waited long enough.
    RetryInPlace(QueueId),
}

/// Something that a node asks the world to do.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Effect {
    /// A message to another node.
    Send {
        /// The receiver.
        to: NodeId,
        /// The packet, by its number in [`Outbox::packets`].
        packet: u32,
        /// What led to it.
        cause: Option<Seq>,
    },
    /// Set a timer.
    Wake {
        /// When it rings.
        at: Time,
        /// Its purpose.
        timer: Timer,
        /// What led to it.
        cause: Option<Seq>,
    },
    /// The node stops for good: a consumer that has said goodbye.
    Stop,
}

/// A message that was deleted from a log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct DeletedMessage {
    /// The queue.
    pub queue: QueueId,
    /// Its offset before it was deleted.
    pub offset: Offset,
    /// The message, by its producer and number.
    pub message: MessageId,
}

/// Offsets that a committed offset on a disk has passed: the group cannot get these messages from this disk any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PassedOffsets {
    /// The consumer group.
    pub group: GroupId,
    /// The queue.
    pub queue: QueueId,
    /// The first of them.
    pub from: Offset,
    /// The one after the last.
    pub to: Offset,
    /// What led to it.
    pub cause: Option<Seq>,
}

/// A copy of a message that a disk had for a group and has lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct DroppedCopy {
    /// The consumer group.
    pub group: GroupId,
    /// The queue.
    pub queue: QueueId,
    /// Its offset in the log.
    pub offset: Offset,
    /// What the copy was for.
    pub role: CopyRole,
    /// The message, by its producer and number.
    pub message: MessageId,
    /// What led to it.
    pub cause: Option<Seq>,
}

/// What a copy on a disk is to a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CopyRole {
    /// To be read: it lies at or after the group's beginning.
    Ahead,
    /// Never read: it lies before the group's beginning.
    Before,
    /// Kept in its retry or dead-letter queue.
    Failed,
}

impl CopyRole {
    /// On a log that the group has begun to read there.
    #[must_use]
    pub(crate) fn on_log(offset: Offset, began: Offset) -> Self {
        if offset < began { Self::Before } else { Self::Ahead }
    }
}

/// A message that a consumer has fetched and not got rid of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeldMessage {
    /// The consumer group.
    pub group: GroupId,
    /// The message, by its producer and number.
    pub message: MessageId,
    /// The queue that it was pulled from.
    pub queue: QueueId,
    /// Its offset in that queue.
    pub offset: Offset,
    /// Whether it came from the retry queue, not from the log.
    pub retry: bool,
    /// How far it is with it.
    pub hold: HoldState,
}

/// How far a consumer is with a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HoldState {
    /// Fetched and not begun, or to be begun again in place.
    Fetched,
    /// A thread processes it.
    Begun,
    /// Committed on receipt, and failed; the consumer still has to report that to this broker.
    Failed(NodeId),
}

/// What the consumers of a group with `deduplicate` share outside of all of them: which messages are done.
pub(crate) trait SharedMemory {
    /// Whether the group has done the message.
    fn is_done(&self, group: GroupId, message: MessageId) -> bool;
}

/// One node's turn: what it may read, and where its effects and records go.
pub(crate) struct Turn<'a> {
    /// Virtual time.
    pub now: Time,
    /// The node whose turn it is.
    pub me: NodeId,
    /// Which life of the node this is.
    pub life: Life,
    /// The plan: names, settings, the clusters' makeup; what a node could read in its configuration.
    pub plan: &'a Plan,
    /// The memory that idempotent consumers share.
    pub shared: &'a dyn SharedMemory,
    /// Where its effects and records go.
    pub out: &'a mut Outbox,
    /// The record that caused what it does now.
    pub cause: Option<Seq>,
    /// The earliest deadline of the requests that it has made in this turn.
    pub deadline: Time,
}

impl Turn<'_> {
    /// Notes that a request has to be answered within this time, and returns the deadline.
    pub(crate) fn expect_within(&mut self, patience: Span) -> Time {
        let deadline = self.now + patience;
        self.deadline = self.deadline.min(deadline);
        deadline
    }

    /// The same, for a consumer's request about one queue.
    pub(crate) fn expect_about(&mut self, queue: QueueId, patience: Span) -> Time {
        let deadline = self.expect_within(patience);
        self.out.expected.push((deadline, queue));
        deadline
    }

    /// Whether the group has done the message, be it in this very turn.
    #[must_use]
    pub(crate) fn is_done(&self, of: GroupId, id: MessageId) -> bool {
        self.shared.is_done(of, id) || self.out.finished.contains(&(of, id))
    }

    /// Counts a message or call that begins: it is open until [`Self::close`], and takes so many places of memory for good.
    pub(crate) fn open(&mut self, places: u64) {
        self.out.open += 1;
        if self.out.open > self.out.limits.open_messages {
            self.out.exceed(Limit::OpenMessages);
        }
        self.keep(places);
    }

    /// Counts a message or call that is accepted or given up.
    pub(crate) fn close(&mut self) {
        self.out.close(1);
    }

    /// Counts so many more places of memory that are taken for good.
    pub(crate) fn keep(&mut self, places: u64) {
        self.out.places += places;
        if self.out.places > self.out.limits.message_places {
            self.out.exceed(Limit::MessagePlaces);
        }
    }

    /// The node holds a copy of a message outside of disks from now on.
    pub(crate) fn hold(&mut self, copy: VolatileCopy) {
        if self.out.tracks {
            self.out.held.push(copy);
        }
    }

    /// The node holds that copy no longer.
    pub(crate) fn release(&mut self, copy: VolatileCopy) {
        if self.out.tracks {
            self.out.released.push(copy);
        }
    }

    /// Notes that a committed offset has moved on the node's disk.
    pub(crate) fn pass(&mut self, group: GroupId, queue: QueueId, (from, to): (Offset, Offset)) {
        if self.out.tracks && from < to {
            self.out.passed.push(PassedOffsets { group, queue, from, to, cause: self.cause });
        }
    }

    /// Sends a message to another node.
    pub(crate) fn send(&mut self, to: NodeId, packet: Packet) {
        let packet = self.out.put_under_way(self.plan, packet);
        self.out.push(Effect::Send { to, packet, cause: self.cause });
    }

    /// Sets a timer that rings after a span of time.
    pub(crate) fn wake(&mut self, after: Span, timer: Timer) {
        self.wake_at(self.now + after, timer);
    }

    /// Sets a timer that rings at a time.
    pub(crate) fn wake_at(&mut self, at: Time, timer: Timer) {
        self.out.push(Effect::Wake { at, timer, cause: self.cause });
    }

    /// Records what has happened; it is the cause of what follows in this turn.
    pub(crate) fn note(&mut self, kind: Kind) -> Seq {
        let seq = self.out.note(self.now, self.cause, self.me, kind);
        self.cause = Some(seq);
        seq
    }

    /// Acts with another cause, and goes back to the present one.
    pub(crate) fn with_cause<R>(&mut self, cause: Option<Seq>, act: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.cause, cause);
        let result = act(self);
        self.cause = before;
        result
    }

    /// Acts, and keeps the present cause for what follows, whatever was recorded meanwhile.
    pub(crate) fn keeping_cause<R>(&mut self, act: impl FnOnce(&mut Self) -> R) -> R {
        self.with_cause(self.cause, act)
    }

    /// Acts without a cause: only because it was time.
    pub(crate) fn without_cause<R>(&mut self, act: impl FnOnce(&mut Self) -> R) -> R {
        self.with_cause(None, act)
    }
}

/// Any node.
#[derive(Clone, Debug)]
pub enum Node {
    /// The registry.
    Nameserver(Box<nameserver::Nameserver>),
    /// A replica of a broker set.
    Broker(Box<broker::Broker>),
    /// Something that sends, or calls.
    Producer(Box<producer::Producer>),
    /// Something that processes.
    Consumer(Box<consumer::Consumer>),
    /// Something that answers calls.
    Service(Box<service::Service>),
}

impl Node {
    /// The node as it is before its first life.
    #[must_use]
    pub(crate) fn new(plan: &Plan, seed: u64, me: NodeId) -> Self {
        match &plan.nodes[me].role {
            Role::Nameserver => Self::Nameserver(Box::new(nameserver::Nameserver::new(plan, me))),
            Role::Broker { set } => Self::Broker(Box::new(broker::Broker::new(plan, seed, me, *set))),
            Role::Producer(settings) => Self::Producer(Box::new(producer::Producer::new(plan, seed, me, settings))),
            Role::Consumer(settings) => Self::Consumer(Box::new(consumer::Consumer::new(plan, seed, me, settings))),
            Role::Service(settings) => Self::Service(Box::new(service::Service::new(plan, seed, me, settings))),
        }
    }

    /// A crash: memory is gone, disk and settings stay.
    pub(crate) fn forget(&mut self, plan: &Plan, now: Time) {
        match self {
            Self::Nameserver(node) => node.forget(plan),
            Self::Broker(node) => node.forget(),
            Self::Producer(node) => node.forget(plan, now),
            Self::Consumer(node) => node.forget(plan, now),
            Self::Service(node) => node.forget(),
        }
    }

    /// Whether slowness has made anything last longer, or shorter, since it was last changed.
    #[must_use]
    pub(crate) fn has_felt_slowness(&self) -> bool {
        match self {
            Self::Broker(node) => node.has_felt_slowness(),
            Self::Consumer(node) => node.has_felt_slowness(),
            Self::Service(node) => node.has_felt_slowness(),
            Self::Nameserver(_) | Self::Producer(_) => false,
        }
    }

    /// Whether it is at work on something that a pause would postpone.
    #[must_use]
    pub fn is_at_work(&self) -> bool {
        match self {
            Self::Broker(node) => node.is_at_work(),
            Self::Consumer(node) => node.at_work().any(|(.., doing)| matches!(doing, consumer::Doing::Working(_))),
            Self::Service(node) => node.busy() > 0,
            Self::Nameserver(_) | Self::Producer(_) => false,
        }
    }

    /// Whether a full disk has kept it from storing anything since the disk was last said to be full or not.
    #[must_use]
    pub(crate) fn has_felt_full_disk(&self) -> bool {
        matches!(self, Self::Broker(node) if node.has_felt_full_disk())
    }

    /// Messages or calls of its own that are neither accepted nor given up.
    #[must_use]
    pub(crate) fn open(&self) -> usize {
        match self {
            Self::Producer(node) => node.open(),
            Self::Consumer(node) => node.publishing(),
            Self::Nameserver(_) | Self::Broker(_) | Self::Service(_) => 0,
        }
    }

    /// Every copy of a message that it holds outside of its disk. Each kind of node answers here.
    pub(crate) fn volatile_copies(&self, visit: impl FnMut(VolatileCopy)) {
        match self {
            Self::Broker(node) => node.volatile_copies(visit),
            Self::Consumer(node) => {
                node.held().map(|held| VolatileCopy::Group(held.group, held.message)).for_each(visit);
            }
            // What a producer has not sent yet, or sends again, is nowhere.
            Self::Nameserver(_) | Self::Producer(_) | Self::Service(_) => {}
        }
    }

    /// Gives the node its turn.
    pub(crate) fn handle(&mut self, input: Input, turn: &mut Turn<'_>) {
        match self {
            Self::Nameserver(node) => node.handle(input, turn),
            Self::Broker(node) => node.handle(input, turn),
            Self::Producer(node) => node.handle(input, turn),
            Self::Consumer(node) => node.handle(input, turn),
            Self::Service(node) => node.handle(input, turn),
        }
    }
}

/// A timer at the earliest of many deadlines that move on all the time: it is set when there is none, and when it
/// rings early, its owner looks at the deadlines and sets it anew. So a request costs no event of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Alarm(Option<Time>);

impl Alarm {
    /// Makes sure that `timer` rings at `deadline` or before.
    fn set(&mut self, deadline: Time, timer: Timer, turn: &mut Turn<'_>) {
        if deadline < Time::NEVER && self.0.is_none_or(|set| deadline < set) {
            self.0 = Some(deadline);
            turn.without_cause(|turn| turn.wake_at(deadline, timer));
        }
    }

    /// Whether the alarm that was set last is due, be it late because the node was paused; then none is set any more.
    fn rings(&mut self, now: Time) -> bool {
        let rings = self.0.is_some_and(|set| set <= now);
        if rings {
            self.0 = None;
        }
        rings
    }
}
