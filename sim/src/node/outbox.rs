//! What nodes hand to the world: the effects and records of the present turn; and for the whole run the packets under way, what is
//! counted against limits, and the hash rings. It knows nothing of their meaning.

use super::consumer::hash_ring::HashRings;
use super::{DeletedMessage, DroppedCopy, Effect, PassedOffsets};
use crate::kernel::{Slab, Time};
use crate::limit::{Limit, Limits};
use crate::plan::{GroupId, MessageId, NodeId, Plan, QueueId};
use crate::protocol::{Delivery, Packet, VolatileCopy};
use crate::record::{Kind, Record, Seq};

/// The effects and records of one turn, and what of all turns is counted or kept. It is used again for each turn, so that a turn
/// allocates nothing.
#[derive(Clone, Debug)]
pub(crate) struct Outbox {
    /// What the node asks the world to do, in order.
    pub effects: Vec<Effect>,
    /// What has happened, in order.
    pub records: Vec<Record>,
    /// Messages that groups have done in this turn; the world learns of them from records after the turn.
    pub finished: Vec<(GroupId, MessageId)>,
    /// All packets under way, of all nodes. A packet is written here once; events pass its number on.
    pub packets: Slab<Packet>,
    /// Whether the world tracks copies outside of disks in this run.
    pub tracks: bool,
    /// Copies outside of disks that somebody holds from this turn on.
    pub held: Vec<VolatileCopy>,
    /// Copies outside of disks that somebody has released.
    pub released: Vec<VolatileCopy>,
    /// Packets under way that bring something to a group, or to its retry or dead-letter queue; counted only if
    /// `tracks`.
    pub bound_for_groups: usize,
    /// What a replica has deleted in this turn that a group may not have seen.
    pub deleted: Vec<DeletedMessage>,
    /// What committed offsets have passed in this turn.
    pub passed: Vec<PassedOffsets>,
    /// What a replica has dropped in this turn because its new master may not have it.
    pub dropped: Vec<DroppedCopy>,
    /// For which queues a consumer expects an answer, and until when, in the order in which it asked.
    pub expected: Vec<(Time, QueueId)>,
    /// Messages and calls of all nodes that are neither accepted nor given up.
    pub(super) open: usize,
    /// Places that all messages so far have taken.
    pub(super) places: u64,
    /// How far the run may go.
    pub limits: Limits,
    /// A limit that is passed: the run is over, and what is told after that is not kept.
    exceeded: Option<Limit>,
    /// What consumers have worked out alike.
    pub(super) rings: HashRings,
    next_seq: u64,
    spare: Vec<Vec<Delivery>>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            effects: Vec::new(),
            records: Vec::new(),
            finished: Vec::new(),
            packets: Slab::default(),
            tracks: false,
            held: Vec::new(),
            released: Vec::new(),
            bound_for_groups: 0,
            deleted: Vec::new(),
            passed: Vec::new(),
            dropped: Vec::new(),
            expected: Vec::new(),
            open: 0,
            places: 0,
            limits: Limits::default(),
            exceeded: None,
            rings: HashRings::default(),
            next_seq: 1,
            spare: Vec::new(),
        }
    }
}

impl Outbox {
    /// An empty one, for those who want to know of messages outside of disks, or not.
    #[must_use]
    pub(crate) fn tracking(tracks: bool) -> Self {
        Self { tracks, ..Self::default() }
    }

    /// Says that something has happened.
    pub(crate) fn note(&mut self, at: Time, cause: Option<Seq>, node: NodeId, kind: Kind) -> Seq {
        let seq = Seq(std::num::NonZeroU64::new(self.next_seq).expect("records are numbered from 1"));
        self.next_seq += 1;
        if self.records.len() < self.limits.turn {
            self.records.push(Record { at, seq, cause, node, kind });
        } else {
            self.exceed(Limit::Turn);
        }
        seq
    }

    /// The limit that is passed, if one is.
    #[must_use]
    pub(crate) const fn exceeded(&self) -> Option<Limit> {
        self.exceeded
    }

    /// A limit is passed; the first one counts.
    #[cold]
    pub(crate) fn exceed(&mut self, limit: Limit) {
        self.exceeded.get_or_insert(limit);
    }

    /// So many messages or calls of a node are open no more.
    pub(crate) fn close(&mut self, open: usize) {
        self.open -= open;
    }

    pub(super) fn push(&mut self, effect: Effect) {
        if self.effects.len() < self.limits.turn {
            self.effects.push(effect);
        } else {
            self.exceed(Limit::Turn);
        }
    }

    /// Puts a packet under way, with the copies of messages that it carries; returns its number.
    #[inline]
    pub(crate) fn put_under_way(&mut self, plan: &Plan, packet: Packet) -> u32 {
        if self.tracks {
            let before = self.held.len();
            packet.volatile_copies(plan, |copy| self.held.push(copy));
            self.bound_for_groups += usize::from(VolatileCopy::is_for_a_group(&self.held[before..]));
        }
        self.packets.put(packet)
    }

    /// An empty list for a batch, with the memory of an earlier one.
    pub(super) fn batch(&mut self) -> Vec<Delivery> {
        self.spare.pop().unwrap_or_default()
    }

    /// Gives the memory of a batch back.
    pub(crate) fn recycle(&mut self, mut batch: Vec<Delivery>) {
        if batch.capacity() > 0 && self.spare.len() < 64 {
            batch.clear();
            self.spare.push(batch);
        }
    }
}
