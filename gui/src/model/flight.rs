//! Messages between nodes, at one moment: what is on its way, how far, and what fell off its link a moment ago.

use queuescope::kernel::{Span, Time};
use queuescope::node::Node;
use queuescope::plan::{GroupId, MessageId, NodeId, Plan, QueueId};
use queuescope::protocol::{Copied, Packet, SendOutcome};
use queuescope::record::{Kind, Record, What, Why};
use queuescope::session::{Scene, Told};
use queuescope::world::{World, sight};

use super::cluster;

/// What is on its way, as far as the picture tells it apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PacketKind {
    /// A message to be stored.
    Message,
    /// Messages for a slave.
    Copy,
    /// Its answer, and what else slaves are told: how far groups are, what is known of a failed message.
    CopyAnswer,
    /// The answer: stored.
    Accepted,
    /// The answer: not stored.
    Turned,
    /// Messages for a consumer.
    Delivery,
    /// A request for messages.
    Pull,
    /// An answer without any.
    Nothing,
    /// A committed offset, or what became of one message.
    Commit,
    /// Its answer.
    CommitAnswer,
    /// A call of a service.
    Call,
    /// Its answer.
    CallAnswer,
    /// A call for which there was no room.
    CallRefused,
    /// A node that the nameserver does not know yet tells of itself.
    Register,
    /// Who leads, who is in the group, who is dead: a nameserver speaks, or is asked.
    Word,
    /// A consumer asks for a queue or lets go of it, or the answer.
    Lock,
    /// The same routine as ever: heartbeats.
    Heartbeat,
}

/// Routine: it goes to and fro all the time, changes nothing, and is hidden until it is asked for, kind by kind.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Routine {
    /// Heartbeats and their answers.
    pub heartbeats: bool,
    /// Answers to pulls without a message.
    pub polls: bool,
    /// Answers to commits.
    pub commits: bool,
    /// Answers to copies, and offsets for slaves.
    pub copies: bool,
}

impl Routine {
    /// Every kind.
    pub const ALL: Self = Self { heartbeats: true, polls: true, commits: true, copies: true };

    /// Whether a thing is shown.
    #[must_use]
    pub const fn shows(self, cargo: PacketKind) -> bool {
        match cargo {
            PacketKind::Heartbeat => self.heartbeats,
            PacketKind::Nothing => self.polls,
            PacketKind::CommitAnswer => self.commits,
            PacketKind::CopyAnswer => self.copies,
            _ => true,
        }
    }

    /// Whether any kind is shown.
    #[must_use]
    pub fn any(self) -> bool {
        self != Self::default()
    }
}

impl PacketKind {
    /// Whether it is hidden until it is asked for.
    #[must_use]
    pub fn is_routine(self) -> bool {
        !Routine::default().shows(self)
    }

    /// Whether it goes back to who began: it uses the other lane of the link, and has another shape.
    #[must_use]
    pub const fn is_answer(self) -> bool {
        matches!(
            self,
            Self::Accepted
                | Self::Turned
                | Self::Nothing
                | Self::CommitAnswer
                | Self::CopyAnswer
                | Self::CallAnswer
                | Self::CallRefused
        )
    }
}

/// One thing on its way.
#[derive(Clone, PartialEq, Debug)]
pub struct PacketInFlight {
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// What it is.
    pub cargo: PacketKind,
    /// The queue that it goes to or comes from.
    pub queue: Option<QueueId>,
    /// Where the first message lies there, of what goes to a slave.
    pub offset: Option<u64>,
    /// The group for which it is.
    pub group: Option<GroupId>,
    /// The messages that it carries: how many, and the first.
    pub messages: (usize, Option<MessageId>),
    /// The first one's key, where order is the lesson.
    pub key: Option<u32>,
    /// Whether any of them was delivered to the group before.
    pub again: bool,
    /// How much of its way it has made, of 1.
    pub share: f32,
    /// How long it takes in all.
    pub takes: Span,
}

/// Something that fell off its link.
#[derive(Clone, PartialEq, Debug)]
pub struct DroppedPacket {
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// What it was about.
    pub what: What,
    /// Why it never arrived.
    pub why: Why,
    /// How long ago.
    pub ago: Span,
}

/// The tail of a log that a replica has dropped.
#[derive(Clone, PartialEq, Debug)]
pub struct TruncatedTail {
    /// Who.
    pub node: NodeId,
    /// Of which queue.
    pub queue: QueueId,
    /// The first offset that is gone.
    pub from: u64,
    /// The one after the last.
    pub to: u64,
    /// The groups that have lost messages by it, and how many each.
    pub lost: Vec<(GroupId, u64)>,
    /// How long ago.
    pub ago: Span,
}

/// Everything on its way at a moment, in the order in which it was sent; at most so many.
#[must_use]
pub fn flights(scene: &Scene, routine: Routine) -> Vec<PacketInFlight> {
    let now = scene.at();
    let keyed = cluster::order_matters(scene.world().plan());
    let mut all: Vec<(Time, Time, PacketInFlight)> = scene
        .world()
        .flights()
        .filter(|flight| flight.sent <= now && !flight.arrives_in_vain)
        .filter_map(|flight| {
            let cargo = cargo(scene.world(), &flight);
            if !routine.shows(cargo) {
                return None;
            }
            let (queue, group, messages, again) = load(scene, flight.packet);
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
            let carries = matches!(cargo, PacketKind::Message | PacketKind::Delivery) && keyed;
            let key = messages.1.filter(|_| carries).map(|first| scene.observer().ledger().key(first));
            let seen = PacketInFlight { from, to, cargo, queue, offset, group, messages, key, again, share, takes };
            Some((flight.sent, flight.arrives, seen))
        })
        .collect();
    all.sort_by_key(|(sent, arrives, flight)| {
        (*sent, *arrives, flight.from, flight.to, flight.cargo, flight.messages.1)
    });
    all.into_iter().map(|(_, _, flight)| flight).collect()
}

/// What something on its way is.
#[must_use]
pub fn cargo(world: &World, flight: &sight::Flight<'_>) -> PacketKind {
    match flight.packet {
        Packet::Send { .. } => PacketKind::Message,
        Packet::SendAnswer { outcome: SendOutcome::Accepted, .. } => PacketKind::Accepted,
        Packet::SendAnswer { .. } => PacketKind::Turned,
        Packet::PullAnswer { batch, .. } if batch.is_empty() => PacketKind::Nothing,
        Packet::PullAnswer { .. } => PacketKind::Delivery,
        Packet::Pull { .. } => PacketKind::Pull,
        Packet::Commit { .. } | Packet::Settle { .. } => PacketKind::Commit,
        Packet::CommitAnswer { .. } | Packet::SettleAnswer { .. } => PacketKind::CommitAnswer,
        Packet::Lock { .. } | Packet::LockAnswer { .. } | Packet::Unlock(_) | Packet::UnlockAnswer(_) => {
            PacketKind::Lock
        }
        Packet::Call { .. } => PacketKind::Call,
        Packet::CallAnswer { served: true, .. } => PacketKind::CallAnswer,
        Packet::CallAnswer { .. } => PacketKind::CallRefused,
        Packet::Heartbeat(_) => match &world.nodes()[flight.to.index()] {
            Node::Nameserver(nameserver) if !nameserver.believes_alive(flight.from) => PacketKind::Register,
            _ => PacketKind::Heartbeat,
        },
        Packet::HeartbeatAnswer { .. } => PacketKind::Heartbeat,
        Packet::Copy { copy: Copied::Entry { .. } | Copied::Entries { .. }, .. } => PacketKind::Copy,
        Packet::Copy { .. } | Packet::CopyAnswer { .. } => PacketKind::CopyAnswer,
        Packet::AskRoute { .. }
        | Packet::Route(_)
        | Packet::Members(_)
        | Packet::Role(_)
        | Packet::AskStanding
        | Packet::Standing(_)
        | Packet::Join(_)
        | Packet::Welcome(_)
        | Packet::JoinAnew { .. }
        | Packet::Goodbye
        | Packet::GoodbyeAnswer
        | Packet::Departed { .. }
        | Packet::Closed => PacketKind::Word,
    }
}

type PacketContent = (Option<QueueId>, Option<GroupId>, (usize, Option<MessageId>), bool);

/// Between which queue and group it goes, which messages it carries, and whether for the first time.
fn load(scene: &Scene, packet: &Packet) -> PacketContent {
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
        Packet::PullAnswer { claim, batch, .. } => {
            let first = batch.first().map(|delivery| delivery.message);
            let ledger = scene.observer().ledger();
            let again = batch.iter().any(|it| it.retry.is_some() || ledger.was_begun(claim.group, it.message));
            (Some(claim.queue), Some(claim.group), (batch.len(), first), again)
        }
        Packet::Settle { claim, spot, .. } => (Some(claim.queue), Some(claim.group), (1, Some(spot.message)), false),
        Packet::Pull { claim, .. }
        | Packet::Commit { claim, .. }
        | Packet::CommitAnswer { claim, .. }
        | Packet::SettleAnswer { claim, .. }
        | Packet::Lock { claim, .. }
        | Packet::LockAnswer { claim, .. }
        | Packet::Unlock(claim)
        | Packet::UnlockAnswer(claim) => (Some(claim.queue), Some(claim.group), none, false),
        Packet::Call { call } | Packet::CallAnswer { call, .. } => (None, None, (1, Some(*call)), false),
        _ => (None, None, none, false),
    }
}

/// Where a message was stored a moment ago: its answer comes from there.
fn stored_in(scene: &Scene, id: MessageId) -> Option<QueueId> {
    scene.recent().rev().find_map(|told| match told.record.kind {
        Kind::Stored { message, queue, .. } if message == id => Some(queue),
        _ => None,
    })
}

/// For how long what falls can be seen in a cluster, in virtual time: so that it is seen however fast time goes.
#[must_use]
pub fn falling(plan: &Plan) -> Span {
    Span(plan.network.latency.middle().0.saturating_mul(2).max(1))
}

/// Whether a record is of something that falls for all to see: what was dropped on its way, routine apart, and the tail of
/// a log.
#[must_use]
pub fn falls_in_sight(record: &Record) -> bool {
    has_fallen(record) || matches!(record.kind, Kind::Truncated { .. })
}

/// Whether a record is of something that fell off its link, routine apart.
fn has_fallen(record: &Record) -> bool {
    matches!(record.kind, Kind::Dropped { what, .. } if !is_repeated(what))
}

/// Whether what was dropped is routine.
const fn is_repeated(what: What) -> bool {
    matches!(what, What::Heartbeat | What::CopyAnswer)
}

/// What fell off its link in the last while.
#[must_use]
pub fn falls(scene: &Scene) -> Vec<DroppedPacket> {
    let (now, within) = (scene.at(), falling(scene.world().plan()));
    let recent = scene.recent().rev().take_while(|told| now.since(told.record.at) < within);
    let fallen = recent.filter(|told| has_fallen(&told.record)).filter_map(|told| match told.record.kind {
        Kind::Dropped { from, to, what, why } => {
            Some(DroppedPacket { from, to, what, why, ago: now.since(told.record.at) })
        }
        _ => None,
    });
    fallen.take(24).collect()
}

/// The tails that were dropped in the last while, the latest first.
#[must_use]
pub fn tails(scene: &Scene) -> Vec<TruncatedTail> {
    let (now, within) = (scene.at(), falling(scene.world().plan()));
    let recent = || scene.recent().rev().take_while(|told| now.since(told.record.at) < within);
    let tail = |told: &Told| {
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
    recent().filter_map(tail).take(24).collect()
}
