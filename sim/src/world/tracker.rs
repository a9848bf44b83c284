//! What is kept about each message: what became of it, where its copies were stored, and how many places outside of disks
//! have it. Whether it can still come is decided in `loss`, which looks at the disks as well.
//!
//! A message is *gone* for a group when the group has not done it and has it not among its dead letters, and nothing that
//! is left can ever bring it: it lies on no log at or after the group's committed offset, in no retry queue, and nobody
//! carries it. Then it has expired, if one of its copies was deleted by age; or else was skipped, if one lay before the
//! group's beginning; or else it is lost. Records say which.
//!
//! Nodes say when they hold a copy outside of disks and when they release it ([`VolatileCopy`]), so that the last place is known at the moment
//! when it is given up, and nothing need be searched. In a run in which no message can be gone nothing of it is kept.
//!
//! The tracker is omniscient, and so no node may ask it, but for the memory that idempotent consumers share.

use std::collections::{BTreeMap, BTreeSet};

use typed_index_collections::{TiSlice, TiVec};

use crate::kernel::Pages;
use crate::limit;
use crate::node::SharedMemory;
use crate::plan::{Beginning, Epoch, GroupId, MessageId, NodeId, Offset, Plan, QueueId, Retention, SetId};
use crate::protocol::VolatileCopy;
use crate::record::{Kind, Record, Seq};

/// Of a message: its producer has the acknowledgement.
const ACCEPTED: u8 = 1;

/// Of a message and group.
const DONE: u8 = 1;
const DEAD: u8 = 2;
/// It was a dead letter, and no dead-letter queue has it any more.
const NO_LONGER_DEAD: u8 = 32;
/// Nothing can bring it.
const GONE: u8 = 4;
/// A copy was deleted by age, before the group was done with it.
pub(super) const AGED: u8 = 8;
/// A copy lies or lay before the group's beginning.
pub(super) const BEFORE: u8 = 16;

/// A record that has taken the last place of a message, or one of the last, and the node where that was.
pub(super) type Cause = (Seq, NodeId);
/// Where a copy lies, or lay.
pub(super) type Position = (QueueId, Offset);

/// The little that is kept about each message.
#[derive(Clone, Debug)]
pub(crate) struct MessageTracker {
    /// By producer, then number.
    messages: TiVec<NodeId, Pages<u8>>,
    /// By group, producer, number: what became of it.
    fates: TiVec<GroupId, TiVec<NodeId, Pages<u8>>>,
    /// Who has ever begun to read what, whatever a disk that was wiped has forgotten.
    pub(super) begun: BTreeSet<(GroupId, QueueId)>,
    /// By set: the last election, who was elected, and its number.
    pub(super) elected: TiVec<SetId, Option<(Cause, Epoch)>>,
    /// Messages that are gone for a group but were not accepted yet.
    pub(super) gone_unaccepted: BTreeMap<(MessageId, GroupId), Option<Cause>>,
    /// Whether any message was ever found gone.
    any_gone: bool,
    /// Where messages are; nothing in a run in which none can be gone.
    places: Option<Box<Places>>,
}

/// Where messages are, outside of disks, and where on disks to look for them.
#[derive(Clone, Debug)]
struct Places {
    /// By producer, then number: how many places have a copy that is on its way to a log.
    log_copies: TiVec<NodeId, Pages<u32>>,
    /// By group, producer, number: how many places have it for the group alone.
    group_copies: TiVec<GroupId, TiVec<NodeId, Pages<u32>>>,
    /// By producer, then number: where it was stored first.
    stored: TiVec<NodeId, Pages<PackedPosition>>,
    /// Where it was stored after that.
    stored_again: BTreeMap<MessageId, Vec<Position>>,
    /// Messages that have lost a place and were found in another one, with what they have lost it by.
    endangered: BTreeMap<(MessageId, GroupId), Option<Cause>>,
    /// The same by group and where they were stored.
    endangered_at: BTreeSet<(GroupId, QueueId, Offset, MessageId)>,
}

/// Where a message was stored first: one more than the queue's number in the high bits, and the offset; 0: nowhere.
#[derive(Clone, Copy, Default, Debug)]
struct PackedPosition(u64);

const OFFSET_BITS: u32 = 48;
const _: () = assert!(limit::QUEUES < 1 << (64 - OFFSET_BITS), "one more than a queue's number has room");

impl PackedPosition {
    const fn of((queue, offset): Position) -> Self {
        Self((queue.0 as u64 + 1) << OFFSET_BITS | offset.0)
    }

    fn position(self) -> Option<Position> {
        let queue = (self.0 >> OFFSET_BITS).checked_sub(1)?;
        Some((QueueId(queue as u32), Offset(self.0 & ((1 << OFFSET_BITS) - 1))))
    }
}

impl SharedMemory for MessageTracker {
    fn is_done(&self, group: GroupId, message: MessageId) -> bool {
        self.fate(group, message) & DONE != 0
    }
}

/// The table of a producer, which grows if it has none yet.
fn table<T: Copy + Default>(tables: &mut TiVec<NodeId, Pages<T>>, producer: NodeId) -> &mut Pages<T> {
    if tables.len() <= producer.index() {
        tables.resize(producer.index() + 1, Pages::default());
    }
    &mut tables[producer]
}

impl MessageTracker {
    pub(super) fn new(plan: &Plan) -> Self {
        let ages = plan.topics.iter().any(|topic| matches!(topic.retention, Retention::Age(_)));
        let late = plan.groups.iter().any(|group| group.from == Beginning::Last);
        let slaves = plan.sets.iter().any(|set| set.replicas.len() > 1);
        let places = ages || late || slaves || !plan.faults.is_empty();
        Self {
            messages: vec![Pages::default(); plan.nodes.len()].into(),
            fates: vec![TiVec::new(); plan.groups.len()].into(),
            begun: BTreeSet::new(),
            elected: vec![None; plan.sets.len()].into(),
            gone_unaccepted: BTreeMap::new(),
            any_gone: false,
            places: places.then(|| Box::new(Places::new(plan))),
        }
    }

    /// Whether a message can be gone in this run at all.
    pub(super) const fn is_on(&self) -> bool {
        self.places.is_some()
    }

    // ---- what became of a message ----------------------------------------------------------------------------------

    fn fate(&self, group: GroupId, message: MessageId) -> u8 {
        let by_producer = &self.fates[group];
        by_producer.get(message.producer).map_or(0, |fates| fates.get(message.number as usize))
    }

    fn fate_mut(&mut self, group: GroupId, message: MessageId) -> &mut u8 {
        table(&mut self.fates[group], message.producer).get_mut(message.number as usize)
    }

    /// Whether the message was accepted.
    #[must_use]
    pub(crate) fn is_accepted(&self, message: MessageId) -> bool {
        self.messages[message.producer].get(message.number as usize) & ACCEPTED != 0
    }

    /// Whether the group is through with it: done, or a dead letter.
    #[cfg(test)]
    pub(super) fn is_settled(&self, group: GroupId, message: MessageId) -> bool {
        Self::settles(self.fate(group, message))
    }

    const fn settles(fate: u8) -> bool {
        fate & DONE != 0 || fate & (DEAD | NO_LONGER_DEAD) == DEAD
    }

    /// Whether it was ever a dead letter of the group.
    pub(super) fn was_dead(&self, group: GroupId, message: MessageId) -> bool {
        self.fate(group, message) & DEAD != 0
    }

    /// No dead-letter queue has it any more.
    pub(super) fn revive(&mut self, group: GroupId, message: MessageId) {
        self.mark(group, message, NO_LONGER_DEAD);
    }

    /// Whether it can still become gone: the group is not through with it, and nothing was said of it yet.
    pub(super) fn is_open(&self, group: GroupId, message: MessageId) -> bool {
        let fate = self.fate(group, message);
        fate & GONE == 0 && !Self::settles(fate)
    }

    /// Whether it is gone only for having come before the group's beginning: age may still overtake it.
    pub(super) fn is_skipped(&self, group: GroupId, message: MessageId) -> bool {
        let fate = self.fate(group, message);
        !Self::settles(fate) && fate & (GONE | AGED | BEFORE) == GONE | BEFORE
    }

    /// Takes a record in.
    #[inline]
    pub(super) fn observe(&mut self, record: &Record) {
        match record.kind {
            Kind::Accepted { message } => self.note(message, ACCEPTED),
            Kind::Finished { group, message, .. } => self.mark(group, message, DONE),
            Kind::Stored { message, queue, offset, .. } => {
                if let Some(places) = &mut self.places {
                    places.stored(message, (queue, offset));
                }
            }
            Kind::DeadLettered { .. } | Kind::Begun { .. } | Kind::Elected { .. } => self.observe_rare(record),
            _ => {}
        }
    }

    /// What few records are about. Out of line, so that the others need not make room for it.
    #[cold]
    #[inline(never)]
    fn observe_rare(&mut self, record: &Record) {
        match record.kind {
            Kind::DeadLettered { group, message } => {
                self.mark(group, message, DEAD);
                *self.fate_mut(group, message) &= !NO_LONGER_DEAD;
            }
            Kind::Begun { group, queue, .. } => _ = self.begun.insert((group, queue)),
            Kind::Elected { set, epoch } => self.elected[set] = Some(((record.seq, record.node), epoch)),
            _ => {}
        }
    }

    #[inline(never)]
    fn note(&mut self, message: MessageId, what: u8) {
        *self.messages[message.producer].get_mut(message.number as usize) |= what;
    }

    #[inline(never)]
    pub(super) fn mark(&mut self, group: GroupId, message: MessageId, fate: u8) {
        *self.fate_mut(group, message) |= fate;
    }

    /// It is gone; the record that says so.
    pub(super) fn lose(&mut self, group: GroupId, message: MessageId) -> Kind {
        self.any_gone = true;
        let fate = self.fate_mut(group, message);
        *fate |= GONE;
        if *fate & AGED != 0 {
            Kind::Expired { group, message }
        } else if *fate & BEFORE != 0 {
            Kind::Skipped { group, message }
        } else {
            Kind::Lost { group, message }
        }
    }

    /// Withdraws that it is gone: there is a copy that can bring it again.
    pub(super) fn mark_found(&mut self, group: GroupId, message: MessageId) {
        self.gone_unaccepted.remove(&(message, group));
        if self.fate(group, message) & GONE != 0 {
            *self.fate_mut(group, message) &= !GONE;
        }
    }

    /// Whether a record takes a place from a message, or gives it one that was gone.
    #[inline]
    pub(super) fn concerns(&self, record: &Record) -> bool {
        self.is_on()
            && match record.kind {
                Kind::Accepted { .. } => !self.gone_unaccepted.is_empty(),
                Kind::Stored { .. } | Kind::Retried { .. } => self.any_gone || !self.gone_unaccepted.is_empty(),
                Kind::Begun { .. } | Kind::Deleted { .. } => true,
                _ => false,
            }
    }

    // ---- where a message is ----------------------------------------------------------------------------------------

    /// Somebody has a message, or one more copy of it.
    pub(super) fn hold(&mut self, copy: VolatileCopy) {
        if let Some(places) = &mut self.places {
            *places.count(copy) += 1;
        }
    }

    /// Somebody has it no more; true if that was the last one.
    pub(super) fn release(&mut self, copy: VolatileCopy) -> bool {
        let Some(places) = &mut self.places else { return false };
        let count = places.count(copy);
        assert!(*count > 0, "a bug of queuescope: {copy:?} is let go by one who has not taken it");
        *count -= 1;
        *count == 0
    }

    /// Whether anybody has the message for the group: a consumer, a packet, a broker that will store or copy it.
    pub(super) fn has_volatile_copy(&self, group: GroupId, message: MessageId) -> bool {
        self.places.as_ref().is_some_and(|places| places.has_volatile_copy(group, message))
    }

    /// Every copy outside of disks, and how many hold it.
    pub(super) fn all_volatile_copies(&self) -> BTreeMap<VolatileCopy, u32> {
        self.places.as_ref().map(|places| places.all_volatile_copies()).unwrap_or_default()
    }

    /// Where a message was stored, the latest first.
    pub(super) fn stored(&self, message: MessageId) -> impl Iterator<Item = Position> + '_ {
        self.places.iter().flat_map(move |places| places.positions(message))
    }

    // ---- messages in danger ----------------------------------------------------------------------------------------

    /// A message has lost a place, and is left in another one: it is to be looked for again when that goes, too.
    pub(super) fn endanger(&mut self, group: GroupId, message: MessageId, cause: Option<Cause>) {
        if let Some(places) = &mut self.places {
            let at: Vec<Position> = places.positions(message).collect();
            places.endangered_at.extend(at.into_iter().map(|(queue, offset)| (group, queue, offset, message)));
            let known = places.endangered.entry((message, group)).or_default();
            *known = cause.or(*known);
        }
    }

    /// By what a message in danger has lost a place, if that is known.
    pub(super) fn endangered_by(&self, group: GroupId, message: MessageId) -> Option<Cause> {
        self.places.as_ref()?.endangered.get(&(message, group)).copied().flatten()
    }

    /// Ends its danger; returns what had endangered it, if that is known.
    pub(super) fn resolve(&mut self, group: GroupId, message: MessageId) -> Option<Cause> {
        let places = self.places.as_mut()?;
        let cause = places.endangered.remove(&(message, group))?;
        let at: Vec<Position> = places.positions(message).collect();
        for (queue, offset) in at {
            places.endangered_at.remove(&(group, queue, offset, message));
        }
        cause
    }

    /// The groups for which a message is in danger.
    pub(super) fn endangered_for(&self, message: MessageId) -> Vec<GroupId> {
        let Some(places) = self.places.as_ref().filter(|places| !places.endangered.is_empty()) else {
            return Vec::new();
        };
        let all = places.endangered.range((message, GroupId(0))..=(message, GroupId(u32::MAX)));
        all.map(|((_, group), _)| *group).collect()
    }

    /// Messages in danger of a group, stored in a queue at offsets from the first up to before the second.
    pub(super) fn endangered_at(&self, group: GroupId, queue: QueueId, (from, to): (Offset, Offset)) -> Vec<MessageId> {
        let Some(places) = self.places.as_ref().filter(|places| !places.endangered.is_empty()) else {
            return Vec::new();
        };
        let first = MessageId { producer: NodeId(0), number: 0 };
        let all = places.endangered_at.range((group, queue, from, first)..(group, queue, to, first));
        all.map(|(.., message)| *message).collect()
    }

    /// Every message in danger, with its group.
    pub(super) fn all_endangered(&self) -> Vec<(MessageId, GroupId)> {
        self.places.iter().flat_map(|places| places.endangered.keys().copied()).collect()
    }
}

impl Places {
    fn new(plan: &Plan) -> Self {
        Self {
            log_copies: vec![Pages::default(); plan.nodes.len()].into(),
            group_copies: vec![TiVec::new(); plan.groups.len()].into(),
            stored: vec![Pages::default(); plan.nodes.len()].into(),
            stored_again: BTreeMap::new(),
            endangered: BTreeMap::new(),
            endangered_at: BTreeSet::new(),
        }
    }

    fn count(&mut self, copy: VolatileCopy) -> &mut u32 {
        match copy {
            VolatileCopy::Log(message) => self.log_copies[message.producer].get_mut(message.number as usize),
            VolatileCopy::Retries(group, message) | VolatileCopy::Group(group, message) => {
                table(&mut self.group_copies[group], message.producer).get_mut(message.number as usize)
            }
        }
    }

    fn has_volatile_copy(&self, group: GroupId, message: MessageId) -> bool {
        let (producer, number) = (message.producer, message.number as usize);
        let for_group = self.group_copies[group].get(producer).map_or(0, |counts| counts.get(number));
        for_group > 0 || self.log_copies[producer].get(number) > 0
    }

    fn all_volatile_copies(&self) -> BTreeMap<VolatileCopy, u32> {
        let mut all = BTreeMap::new();
        let mut add = |counts: &TiSlice<NodeId, Pages<u32>>, of: &dyn Fn(MessageId) -> VolatileCopy| {
            for (producer, counts) in counts.iter_enumerated() {
                for number in (0..counts.end()).filter(|number| counts.get(*number) > 0) {
                    let message = MessageId { producer, number: number as u32 };
                    all.insert(of(message), counts.get(number));
                }
            }
        };
        add(&self.log_copies, &VolatileCopy::Log);
        for (group, counts) in self.group_copies.iter_enumerated() {
            add(counts, &|message| VolatileCopy::Group(group, message));
        }
        all
    }

    #[inline(never)]
    fn stored(&mut self, message: MessageId, (queue, offset): Position) {
        let first = self.stored[message.producer].get_mut(message.number as usize);
        if first.position().is_none() {
            *first = PackedPosition::of((queue, offset));
        } else {
            self.stored_again.entry(message).or_default().push((queue, offset));
        }
        for group in self.endangered.range((message, GroupId(0))..=(message, GroupId(u32::MAX))).map(|((_, it), _)| *it)
        {
            self.endangered_at.insert((group, queue, offset, message));
        }
    }

    fn positions(&self, message: MessageId) -> impl Iterator<Item = Position> + '_ {
        let first = self.stored[message.producer].get(message.number as usize).position();
        let again = self.stored_again.get(&message).into_iter().flatten().rev().copied();
        again.chain(first)
    }
}
