//! Where loss is decided: what is kept about each message, and what a record changes of it. The decision itself is
//! `seal`'s, which looks at the nodes.
//!
//! A message is *gone* for a group when the group has not done it and has it not among its dead letters, and nothing that
//! is left can ever bring it: it lies on no log at or after the group's committed offset, in no retry queue, in no living
//! consumer's hands. Then it has expired, if one of its copies was deleted by age; or else was skipped, if one lay before
//! the group's beginning; or else it is lost. Records say which.
//!
//! Custody is omniscient, and so no node may ask it, but for the memory that idempotent consumers share.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{Pages, Span, Time};
use crate::node::SharedMemory;
use crate::plan::{Beginning, GroupId, MessageId, NodeId, Plan, QueueId, Retention};
use crate::record::{Kind, Record, Seq};

/// Of a message: its producer has the acknowledgement.
const ACCEPTED: u8 = 1;
/// Of a message: it was sent more than once, and may have several copies.
const RESENT: u8 = 2;

/// Of a message and group.
const DONE: u8 = 1;
const DEAD: u8 = 2;
/// It was a dead letter, and no dead-letter queue has it any more.
const REVIVED: u8 = 32;
/// Nothing can bring it.
const GONE: u8 = 4;
/// A copy was deleted by age, before the group was done with it.
pub(super) const AGED: u8 = 8;
/// A copy lies or lay before the group's beginning.
pub(super) const BEFORE: u8 = 16;

/// How often messages are looked at that only consumers have any more.
const LOOK_AGAIN: Span = Span::from_secs(1);

/// What sealed a message's fate, and where.
pub(super) type Cause = (Seq, NodeId);
/// Where a copy lies, or lay.
pub(super) type Spot = (QueueId, u64);
/// Messages that may be gone, each with a copy of it.
pub(super) type Suspects = BTreeMap<MessageId, Spot>;

/// A message that died in a consumer's hands and was left elsewhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Orphan {
    pub(super) offset: u64,
    pub(super) message: MessageId,
}

/// The little that is kept about each message.
#[derive(Clone, Debug)]
pub struct Custody {
    /// By producer, then number.
    messages: Vec<Pages<u8>>,
    /// By group, producer, number: what became of it.
    fates: Vec<Vec<Pages<u8>>>,
    /// Messages that are gone for a group but were not accepted yet.
    pub(super) sealed: BTreeMap<(MessageId, GroupId), (Cause, Spot)>,
    /// Messages that died with a consumer and are still on their log: a commit may pass them.
    pub(super) orphans: BTreeMap<(GroupId, QueueId), Vec<Orphan>>,
    /// Messages that no disk has any more: consumers may let go of them, packets may be dropped.
    pub(super) watched: BTreeMap<(GroupId, MessageId), (Cause, Spot)>,
    /// When those were looked at last.
    pub(super) looked: Time,
    /// Who has ever begun to read what, whatever a disk that was wiped has forgotten.
    pub(super) begun: BTreeSet<(GroupId, QueueId)>,
    /// By set: the last election, who was elected, and its number.
    pub(super) elected: Vec<Option<(Cause, u32)>>,
    /// Whether any message was ever found gone.
    any_gone: bool,
    /// Whether there was ever anything in the tables above; or something can be deleted before a group has seen it.
    alert: bool,
}

impl SharedMemory for Custody {
    fn is_done(&self, group: GroupId, message: MessageId) -> bool {
        self.fate(group, message) & DONE != 0
    }
}

impl Custody {
    pub(super) fn new(plan: &Plan) -> Self {
        let ages = plan.topics.iter().any(|topic| matches!(topic.retention, Retention::Age(_)));
        let late = plan.groups.iter().any(|group| group.from == Beginning::Last);
        Self {
            messages: vec![Pages::default(); plan.nodes.len()],
            fates: vec![Vec::new(); plan.groups.len()],
            sealed: BTreeMap::new(),
            orphans: BTreeMap::new(),
            watched: BTreeMap::new(),
            looked: Time::ZERO,
            begun: BTreeSet::new(),
            elected: vec![None; plan.sets.len()],
            any_gone: false,
            alert: ages || late,
        }
    }

    fn fate(&self, group: GroupId, message: MessageId) -> u8 {
        let by_producer = &self.fates[group.index()];
        by_producer.get(message.producer.index()).map_or(0, |fates| fates.get(message.number as usize))
    }

    fn fate_mut(&mut self, group: GroupId, message: MessageId) -> &mut u8 {
        let by_producer = &mut self.fates[group.index()];
        if by_producer.len() <= message.producer.index() {
            by_producer.resize(message.producer.index() + 1, Pages::default());
        }
        by_producer[message.producer.index()].get_mut(message.number as usize)
    }

    fn message(&self, message: MessageId) -> u8 {
        self.messages[message.producer.index()].get(message.number as usize)
    }

    /// Whether the message was accepted.
    #[must_use]
    pub fn is_accepted(&self, message: MessageId) -> bool {
        self.message(message) & ACCEPTED != 0
    }

    /// Whether it may have several copies.
    pub(super) fn is_resent(&self, message: MessageId) -> bool {
        self.message(message) & RESENT != 0
    }

    /// Whether the group is through with it: done, or a dead letter.
    #[must_use]
    pub fn is_settled(&self, group: GroupId, message: MessageId) -> bool {
        Self::settles(self.fate(group, message))
    }

    const fn settles(fate: u8) -> bool {
        fate & DONE != 0 || fate & (DEAD | REVIVED) == DEAD
    }

    /// Whether it was ever a dead letter of the group.
    pub(super) fn was_dead(&self, group: GroupId, message: MessageId) -> bool {
        self.fate(group, message) & DEAD != 0
    }

    /// No dead-letter queue has it any more.
    pub(super) fn revive(&mut self, group: GroupId, message: MessageId) {
        self.mark(group, message, REVIVED);
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
            Kind::Sent { message, attempt: 2.., .. } => self.note(message, RESENT),
            Kind::Finished { group, message, .. } => self.mark(group, message, DONE),
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
                *self.fate_mut(group, message) &= !REVIVED;
            }
            Kind::Begun { group, queue, .. } => _ = self.begun.insert((group, queue)),
            Kind::Elected { set, epoch } => self.elected[set.index()] = Some(((record.seq, record.node), epoch)),
            _ => {}
        }
    }

    #[inline(never)]
    fn note(&mut self, message: MessageId, what: u8) {
        *self.messages[message.producer.index()].get_mut(message.number as usize) |= what;
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

    /// There is something that can bring it again.
    pub(super) fn find(&mut self, group: GroupId, message: MessageId) {
        self.sealed.remove(&(message, group));
        if self.fate(group, message) & GONE != 0 {
            *self.fate_mut(group, message) &= !GONE;
        }
    }

    /// From now on every record may concern a message whose fate is open.
    pub(super) const fn be_alert(&mut self) {
        self.alert = true;
    }

    /// Whether a record can be a seal at all; in most runs none ever is.
    #[inline]
    pub(super) const fn is_alert(&self) -> bool {
        self.alert
    }

    /// Whether a record may be a seal, or may have been waited for by one.
    #[cold]
    pub(super) fn concerns(&self, record: &Record) -> bool {
        match record.kind {
            Kind::Accepted { .. } => !self.sealed.is_empty(),
            Kind::Committed { .. } => !self.orphans.is_empty(),
            Kind::Stored { .. } | Kind::Retried { .. } => self.any_gone || !self.sealed.is_empty(),
            Kind::Begun { .. } | Kind::Deleted { .. } => true,
            // Consumers let go without a word; a look now and then finds it.
            Kind::Failed { .. } | Kind::Left => !self.watched.is_empty(),
            Kind::Held { .. } | Kind::Delivered { .. } => {
                !self.watched.is_empty() && record.at.since(self.looked) >= LOOK_AGAIN
            }
            _ => false,
        }
    }
}
