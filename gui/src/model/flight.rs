//! Packets between nodes at one moment: those in flight and how far each has come, those dropped a moment ago, and the
//! tails that replicas have cut off their logs.

use queuescope::inspect::{Copied, Flight, Node, Packet, SendOutcome, World};
use queuescope::kernel::{Span, Time};
use queuescope::plan::{GroupId, MessageId, NodeId, Offset, Plan, QueueId};
use queuescope::record::{Kind, Record, What, Why};
use queuescope::session::{EventRecord, Scene};

use super::cluster;

/// As many drops, and as many tails, are shown at once.
const MOST: usize = 24;

/// The kinds of packets that the picture tells apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PacketKind {
    /// A message for a broker to store.
    Message,
    /// Messages that a master copies to a slave.
    Copy,
    /// The answer to a copy, and the bookkeeping that a master copies: committed offsets, retries.
    CopyAnswer,
    /// The answer to a send: stored.
    Accepted,
    /// The answer to a send: not stored.
    SendRejected,
    /// Messages that a broker delivers to a consumer.
    Delivery,
    /// A consumer's request for messages.
    Pull,
    /// The answer to a pull, without a message.
    EmptyDelivery,
    /// A committed offset, or the outcome of one message.
    Commit,
    /// The answer to a commit.
    CommitAnswer,
    /// A call of a service.
    Call,
    /// The answer to a call.
    CallAnswer,
    /// The answer to a call: refused, since the service had no room.
    CallRefused,
    /// The first heartbeat of a node that the nameserver does not take for alive.
    Register,
    /// Whatever else keeps the cluster together: routes, members, roles, departures.
    Coordination,
    /// A consumer asks for the lock of a queue or gives it back, or the answer.
    Lock,
    /// Any later heartbeat, or the answer to one.
    Heartbeat,
}

/// Which routine packets are shown: they come all the time, change nothing, and are hidden until somebody asks for them.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Routine {
    /// Heartbeats and their answers.
    pub heartbeats: bool,
    /// Empty answers to pulls.
    pub polls: bool,
    /// Answers to commits.
    pub commits: bool,
    /// Answers to copies, and copied bookkeeping.
    pub copies: bool,
}

impl Routine {
    /// Every kind.
    pub const ALL: Self = Self { heartbeats: true, polls: true, commits: true, copies: true };

    /// Whether packets of a kind are shown.
    #[must_use]
    pub const fn shows(self, kind: PacketKind) -> bool {
        match kind {
            PacketKind::Heartbeat => self.heartbeats,
            PacketKind::EmptyDelivery => self.polls,
            PacketKind::CommitAnswer => self.commits,
            PacketKind::CopyAnswer => self.copies,
            _ => true,
        }
    }

    /// Whether any routine is shown.
    #[must_use]
    pub fn any(self) -> bool {
        self != Self::default()
    }
}

impl PacketKind {
    /// Whether it is hidden until somebody asks for it.
    #[must_use]
    pub fn is_routine(self) -> bool {
        !Routine::default().shows(self)
    }

    /// Whether it is an answer: answers go along the other side of a link, and have another shape.
    #[must_use]
    pub const fn is_answer(self) -> bool {
        matches!(
            self,
            Self::Accepted
                | Self::SendRejected
                | Self::EmptyDelivery
                | Self::CommitAnswer
                | Self::CopyAnswer
                | Self::CallAnswer
                | Self::CallRefused
        )
    }
}

/// A packet in flight.
#[derive(Clone, PartialEq, Debug)]
pub struct PacketInFlight {
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// Its kind.
    pub kind: PacketKind,
    /// The queue that it is about.
    pub queue: Option<QueueId>,
    /// Of messages that go to a slave: the offset of the first.
    pub offset: Option<Offset>,
    /// The group that it is about.
    pub group: Option<GroupId>,
    /// The messages that it carries: how many, and the first one.
    pub messages: (usize, Option<MessageId>),
    /// The first message's key, where order matters.
    pub key: Option<u32>,
    /// Whether it is a second attempt to send, or any of its messages was delivered to the group before.
    pub is_repeated: bool,
    /// Which part of its way it has gone, from 0 to 1.
    pub share: f32,
    /// How long it is in flight in all.
    pub takes: Span,
}

/// A packet that was dropped.
#[derive(Clone, PartialEq, Debug)]
pub struct DroppedPacket {
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// What it was.
    pub what: What,
    /// Why it was dropped.
    pub why: Why,
    /// How long ago that was.
    pub ago: Span,
}

/// The tail of a log that a replica has cut off, since the new master has not got it.
#[derive(Clone, PartialEq, Debug)]
pub struct TruncatedTail {
    /// The replica.
    pub node: NodeId,
    /// The queue.
    pub queue: QueueId,
    /// The first offset that is gone.
    pub from: Offset,
    /// The one after the last.
    pub to: Offset,
    /// The groups that have lost messages by it, and how many.
    pub lost: Vec<(GroupId, u64)>,
    /// How long ago that was.
    pub ago: Span,
}

/// All packets in flight that are shown, in the order in which they were sent.
#[must_use]
pub fn in_flight(scene: &Scene, routine: Routine) -> Vec<PacketInFlight> {
    let now = scene.at();
    let keyed = cluster::order_matters(scene.world().plan());
    let mut all: Vec<(Time, Time, PacketInFlight)> = scene
        .world()
        .flights()
        .filter(|flight| flight.sent <= now && !flight.arrives_in_vain)
        .filter_map(|flight| {
            let kind = kind(scene.world(), &flight);
            if !routine.shows(kind) {
                return None;
            }
            let (queue, group, messages, is_repeated) = content(scene, flight.packet);
            let takes = flight.arrives.since(flight.sent);
            let share = if takes.is_zero() { 1.0 } else { now.since(flight.sent).0 as f32 / takes.0 as f32 };
            let (from, to) = (flight.from, flight.to);
            let share = share.clamp(0.0, 1.0);
            let offset = match flight.packet {
                Packet::Copy { copy: Copied::Entry { offset, .. } | Copied::Entries { offset, .. }, .. } => {
                    Some(*offset)
                }
                _ => None,
            };
            let carries = matches!(kind, PacketKind::Message | PacketKind::Delivery) && keyed;
            let key = messages.1.filter(|_| carries).map(|first| scene.observer().ledger().key(first));
            let seen =
                PacketInFlight { from, to, kind, queue, offset, group, messages, key, is_repeated, share, takes };
            Some((flight.sent, flight.arrives, seen))
        })
        .collect();
    all.sort_by_key(|(sent, arrives, flight)| {
        (*sent, *arrives, flight.from, flight.to, flight.kind, flight.messages.1)
    });
    all.into_iter().map(|(_, _, flight)| flight).collect()
}

/// The kind of a packet in flight.
#[must_use]
pub fn kind(world: &World, flight: &Flight<'_>) -> PacketKind {
    match flight.packet {
        Packet::Send { .. } => PacketKind::Message,
        Packet::SendAnswer { outcome: SendOutcome::Accepted, .. } => PacketKind::Accepted,
        Packet::SendAnswer { .. } => PacketKind::SendRejected,
        Packet::PullAnswer { batch, .. } if batch.is_empty() => PacketKind::EmptyDelivery,
        Packet::PullAnswer { .. } => PacketKind::Delivery,
        Packet::Pull { .. } => PacketKind::Pull,
        Packet::Commit { .. } | Packet::Outcome { .. } => PacketKind::Commit,
        Packet::CommitAnswer { .. } | Packet::OutcomeAnswer { .. } => PacketKind::CommitAnswer,
        Packet::Lock { .. } | Packet::LockAnswer { .. } | Packet::Unlock(_) | Packet::UnlockAnswer(_) => {
            PacketKind::Lock
        }
        Packet::Call { .. } => PacketKind::Call,
        Packet::CallAnswer { served: true, .. } => PacketKind::CallAnswer,
        Packet::CallAnswer { .. } => PacketKind::CallRefused,
        Packet::Heartbeat(_) => match &world.nodes()[flight.to] {
            Node::Nameserver(nameserver) if !nameserver.believes_alive(flight.from) => PacketKind::Register,
            _ => PacketKind::Heartbeat,
        },
        Packet::HeartbeatAnswer { .. } => PacketKind::Heartbeat,
        Packet::Copy { copy: Copied::Entry { .. } | Copied::Entries { .. }, .. } => PacketKind::Copy,
        Packet::Copy { .. } | Packet::CopyAnswer { .. } => PacketKind::CopyAnswer,
        Packet::AskRoute { .. }
        | Packet::Route(_)
        | Packet::Members(_)
        | Packet::RoleChange(_)
        | Packet::AskProgress
        | Packet::ReplicaProgress(_)
        | Packet::Join(_)
        | Packet::Welcome(_)
        | Packet::JoinAnew { .. }
        | Packet::Goodbye
        | Packet::GoodbyeAnswer
        | Packet::Departed { .. }
        | Packet::Closed => PacketKind::Coordination,
    }
}

type PacketContent = (Option<QueueId>, Option<GroupId>, (usize, Option<MessageId>), bool);

/// The queue and the group that a packet is about, the messages that it carries, and whether it is a repetition.
fn content(scene: &Scene, packet: &Packet) -> PacketContent {
    let none = (0, None);
    match packet {
        Packet::Send { message, queue, attempt } => (Some(*queue), None, (1, Some(*message)), *attempt > 1),
        Packet::Copy { copy: Copied::Entry { queue, entry, .. }, .. } => {
            (Some(*queue), None, (1, Some(entry.message)), false)
        }
        Packet::Copy { copy: Copied::Entries { queue, entries, .. }, .. } => {
            (Some(*queue), None, (entries.len(), entries.first().map(|entry| entry.message)), false)
        }
        Packet::SendAnswer { message, .. } => (stored_in(scene, *message), None, (1, Some(*message)), false),
        Packet::PullAnswer { lease, batch, .. } => {
            let first = batch.first().map(|delivery| delivery.message);
            let ledger = scene.observer().ledger();
            let again = batch.iter().any(|it| it.retry.is_some() || ledger.was_begun(lease.group, it.message));
            (Some(lease.queue), Some(lease.group), (batch.len(), first), again)
        }
        Packet::Outcome { lease, message_ref, .. } => {
            (Some(lease.queue), Some(lease.group), (1, Some(message_ref.message)), false)
        }
        Packet::Pull { lease, .. }
        | Packet::Commit { lease, .. }
        | Packet::CommitAnswer { lease, .. }
        | Packet::OutcomeAnswer { lease, .. }
        | Packet::Lock { lease, .. }
        | Packet::LockAnswer { lease, .. }
        | Packet::Unlock(lease)
        | Packet::UnlockAnswer(lease) => (Some(lease.queue), Some(lease.group), none, false),
        Packet::Call { call } | Packet::CallAnswer { call, .. } => (None, None, (1, Some(*call)), false),
        _ => (None, None, none, false),
    }
}

/// The queue in which a message was stored a moment ago: the answer to its send comes from there.
fn stored_in(scene: &Scene, id: MessageId) -> Option<QueueId> {
    scene.recent().rev().find_map(|told| match told.record.kind {
        Kind::Stored { message, queue, .. } if message == id => Some(queue),
        _ => None,
    })
}

/// For how long a drop is shown, in virtual time: long enough to be seen at any pace.
#[must_use]
pub fn drop_lasts(plan: &Plan) -> Span {
    Span(plan.network.latency.middle().0.saturating_mul(2).max(1))
}

/// Whether the stage shows something falling for this record: a packet that was dropped, unless it is routine, or the tail
/// of a log.
#[must_use]
pub fn is_shown_falling(record: &Record) -> bool {
    is_shown_drop(record) || matches!(record.kind, Kind::Truncated { .. })
}

/// Whether a record is of a packet that was dropped, unless it is routine.
fn is_shown_drop(record: &Record) -> bool {
    matches!(record.kind, Kind::Dropped { what, .. } if !is_routine(what))
}

/// Whether a packet that was dropped is routine.
const fn is_routine(what: What) -> bool {
    matches!(what, What::Heartbeat | What::CopyAnswer)
}

/// The packets that were dropped a moment ago, the latest first.
#[must_use]
pub fn drops(scene: &Scene) -> Vec<DroppedPacket> {
    let (now, within) = (scene.at(), drop_lasts(scene.world().plan()));
    let recent = scene.recent().rev().take_while(|told| now.since(told.record.at) < within);
    let dropped = recent.filter(|told| is_shown_drop(&told.record)).filter_map(|told| match told.record.kind {
        Kind::Dropped { from, to, what, why } => {
            Some(DroppedPacket { from, to, what, why, ago: now.since(told.record.at) })
        }
        _ => None,
    });
    dropped.take(MOST).collect()
}

/// The tails that were cut off a moment ago, the latest first.
#[must_use]
pub fn truncated_tails(scene: &Scene) -> Vec<TruncatedTail> {
    let (now, within) = (scene.at(), drop_lasts(scene.world().plan()));
    let recent = || scene.recent().rev().take_while(|told| now.since(told.record.at) < within);
    let tail = |told: &EventRecord| {
        let Kind::Truncated { queue, from, to } = told.record.kind else { return None };
        let mut lost: Vec<(GroupId, u64)> = Vec::new();
        for it in recent().filter(|it| it.record.cause == Some(told.record.seq)) {
            if let Kind::Lost { group, .. } = it.record.kind {
                match lost.iter_mut().find(|(of, _)| *of == group) {
                    Some((_, count)) => *count += 1,
                    None => lost.push((group, 1)),
                }
            }
        }
        lost.sort_unstable();
        Some(TruncatedTail { node: told.record.node, queue, from, to, lost, ago: now.since(told.record.at) })
    };
    recent().filter_map(tail).take(MOST).collect()
}
