//! Where loss is decided: who still has which message.
//!
//! A message is lost for a group when it was accepted, the group has not done it and has it not among its dead letters,
//! and nothing that is left can ever bring it: it lies on no log at or after the group's committed offset, in no retry
//! queue, in no living consumer's hands. That can only come about at a few moments, the *seals*: a disk loses what was
//! not flushed, a consumer dies with messages in its hands, a commit passes a message that nobody has. At a seal the
//! world looks at the nodes themselves; in between only a few bits for each message are kept.
//!
//! It is omniscient, and so no node may ask it, but for the memory that idempotent consumers share.

use std::collections::{BTreeMap, BTreeSet};

use super::{Presence, World};
use crate::kernel::{Pages, Span, Time};
use crate::node::broker::log::Entry;
use crate::node::{Held, Hold, Node, SharedMemory};
use crate::plan::{Beginning, GroupId, MessageId, NodeId, Plan, QueueId, TopicId};
use crate::protocol::{Claim, Delivery, Packet, Settlement};
use crate::record::{Kind, Record, Seq, Sink};

const ACCEPTED: u8 = 1;
const DONE: u8 = 1;
const DEAD: u8 = 2;
const LOST: u8 = 4;

/// How often messages are looked at that only consumers have any more.
const LOOK_AGAIN: Span = Span::from_secs(1);

/// Who can still bring a message to a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Keeper {
    /// A log or retry queue.
    Disk,
    /// A log or retry queue that is gone: it cannot, any more.
    Gone,
    /// A packet on its way to a broker, with another copy or with word of a failure; while the run goes on.
    UnderWay,
    /// A living consumer, or an answer on its way to one.
    Consumer(Held),
}

/// A message that died in a consumer's hands and was left elsewhere.
#[derive(Clone, Copy, Debug)]
struct Orphan {
    offset: u64,
    message: MessageId,
    /// The crash.
    seal: Seq,
    node: NodeId,
}

/// The little that is kept about each message.
#[derive(Clone, Debug)]
pub struct Custody {
    /// By producer, then number: whether it was accepted.
    accepted: Vec<Pages<u8>>,
    /// By group, producer, number: what became of it.
    fates: Vec<Vec<Pages<u8>>>,
    /// Messages that nothing can bring to a group any more but that were not accepted yet: what sealed it, and where.
    sealed: BTreeMap<(MessageId, GroupId), (Seq, NodeId)>,
    /// Messages that died with a consumer and are still on their log, by group and queue: a commit may pass them.
    orphans: BTreeMap<(GroupId, QueueId), Vec<Orphan>>,
    /// Messages that no disk has any more, by group: consumers may let go of them, packets may be dropped. What sealed the rest, and where.
    watched: BTreeMap<(GroupId, MessageId), (Seq, NodeId)>,
    /// When those were looked at last.
    looked: Time,
    /// Whether any message was ever found lost.
    any_lost: bool,
    /// Whether there was ever anything in the tables above, or lost.
    alert: bool,
}

impl SharedMemory for Custody {
    fn is_done(&self, group: GroupId, message: MessageId) -> bool {
        self.fate(group, message) & DONE != 0
    }
}

impl Custody {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            accepted: vec![Pages::default(); plan.nodes.len()],
            fates: vec![Vec::new(); plan.groups.len()],
            sealed: BTreeMap::new(),
            orphans: BTreeMap::new(),
            watched: BTreeMap::new(),
            looked: Time::ZERO,
            any_lost: false,
            alert: false,
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

    /// Whether the message was accepted.
    #[must_use]
    pub fn is_accepted(&self, message: MessageId) -> bool {
        self.accepted[message.producer.index()].get(message.number as usize) & ACCEPTED != 0
    }

    /// Whether the message was found lost for the group.
    #[must_use]
    pub fn is_lost(&self, group: GroupId, message: MessageId) -> bool {
        self.fate(group, message) & LOST != 0
    }

    /// Whether the group is through with it: done, or a dead letter.
    #[must_use]
    pub fn is_settled(&self, group: GroupId, message: MessageId) -> bool {
        self.fate(group, message) & (DONE | DEAD) != 0
    }

    /// Takes a record in.
    #[inline]
    pub(super) fn observe(&mut self, record: &Record) {
        match record.kind {
            Kind::Accepted { message } => self.accept(message),
            Kind::Finished { group, message, .. } => self.mark(group, message, DONE),
            Kind::DeadLettered { group, message } => self.mark(group, message, DEAD),
            _ => {}
        }
    }

    #[inline(never)]
    fn accept(&mut self, message: MessageId) {
        *self.accepted[message.producer.index()].get_mut(message.number as usize) |= ACCEPTED;
    }

    #[inline(never)]
    fn mark(&mut self, group: GroupId, message: MessageId, fate: u8) {
        *self.fate_mut(group, message) |= fate;
    }

    /// Whether anything has ever gone that a record could be the seal of; most runs never come to that.
    #[inline]
    pub(super) const fn is_alert(&self) -> bool {
        self.alert
    }

    /// Whether a record may be a seal, or may have been waited for by one.
    pub(super) fn concerns(&self, record: &Record) -> bool {
        match record.kind {
            Kind::Accepted { .. } => !self.sealed.is_empty(),
            Kind::Committed { .. } => !self.orphans.is_empty(),
            Kind::Stored { .. } => self.any_lost || !self.sealed.is_empty(),
            // Consumers let go without a word; a look now and then finds it.
            Kind::Failed { .. } | Kind::Left => !self.watched.is_empty(),
            Kind::Held { .. } | Kind::Delivered { .. } => {
                !self.watched.is_empty() && record.at.since(self.looked) >= LOOK_AGAIN
            }
            _ => false,
        }
    }
}

impl World {
    /// What a consumer has; nothing for other nodes.
    pub(super) fn held_by(&self, node: NodeId) -> Vec<Held> {
        match &self.nodes[node.index()] {
            Node::Consumer(consumer) => consumer.held().collect(),
            _ => Vec::new(),
        }
    }

    /// Where messages are kept track of.
    #[must_use]
    pub const fn custody(&self) -> &Custody {
        &self.custody
    }

    /// A record that may be a seal.
    pub(super) fn seal(&mut self, record: &Record) {
        match record.kind {
            Kind::Accepted { message } => {
                for group in self.groups_of(self.topic_of(message)) {
                    if let Some((seal, node)) = self.custody.sealed.remove(&(message, group)) {
                        self.lose(group, message, seal, node);
                    }
                }
            }
            // Another copy of a message that was thought gone.
            Kind::Stored { message, .. } => {
                for group in self.groups_of(self.topic_of(message)) {
                    self.custody.sealed.remove(&(message, group));
                    if self.custody.is_lost(group, message) {
                        *self.custody.fate_mut(group, message) &= !LOST;
                    }
                }
            }
            Kind::Committed { group, queue, offset } => {
                let Some(orphans) = self.custody.orphans.get_mut(&(group, queue)) else { return };
                let passed = orphans.extract_if(.., |orphan| orphan.offset < offset);
                let suspects = passed.map(|orphan| orphan.message).collect();
                if orphans.is_empty() {
                    self.custody.orphans.remove(&(group, queue));
                }
                self.seal_unless_left(group, suspects, record.seq, record.node);
            }
            Kind::Failed { .. } | Kind::Left | Kind::Held { .. } | Kind::Delivered { .. } => self.seal_watched(),
            _ => {}
        }
    }

    /// A disk has lost the tail of a queue.
    pub(super) fn seal_cut<S: Sink>(
        &mut self,
        node: NodeId,
        seal: Seq,
        queue: QueueId,
        (from, cut): (u64, &[Entry]),
        sink: &mut S,
    ) {
        for group in self.groups_of(self.plan.queues[queue.index()].topic) {
            // What lies before the group's beginning was never to come to it.
            let began = self.began(node, queue, group);
            let meant = (from..).zip(cut).filter(|(offset, _)| *offset >= began);
            let suspects = meant.map(|(_, entry)| entry.message).collect();
            self.seal_unless_left(group, suspects, seal, node);
        }
        self.publish(sink);
    }

    /// Where a group began to read a queue of a broker; nowhere as long as one that begins at the end has not begun.
    fn began(&self, broker: NodeId, queue: QueueId, group: GroupId) -> u64 {
        let (queue, group) = (&self.plan.queues[queue.index()], &self.plan.groups[group.index()]);
        let none_yet = if group.from == Beginning::First { 0 } else { u64::MAX };
        match &self.nodes[broker.index()] {
            Node::Broker(broker) => broker.reading(queue.slot, group.slot).began.unwrap_or(none_yet),
            _ => none_yet,
        }
    }

    /// A consumer has died with messages in its hands.
    pub(super) fn seal_held<S: Sink>(&mut self, node: NodeId, seal: Seq, held: Vec<Held>, sink: &mut S) {
        let mut suspects: BTreeMap<GroupId, BTreeSet<MessageId>> = BTreeMap::new();
        for held in held {
            let Held { group, message, queue, offset, .. } = held;
            // What was deleted by age before it was done has expired, and is not lost.
            if self.has_expired(Keeper::Consumer(Held { hold: Hold::Fetched, ..held })) {
                continue;
            }
            suspects.entry(group).or_default().insert(message);
            self.custody.orphans.entry((group, queue)).or_default().push(Orphan { offset, message, seal, node });
        }
        self.custody.alert |= !suspects.is_empty();
        for (group, suspects) in suspects {
            self.seal_unless_left(group, suspects, seal, node);
        }
        self.publish(sink);
    }

    /// Of some messages, those that nothing can bring to the group any more are lost, or will be once accepted.
    pub(super) fn seal_unless_left(
        &mut self,
        group: GroupId,
        mut suspects: BTreeSet<MessageId>,
        seal: Seq,
        node: NodeId,
    ) {
        suspects.retain(|message| !self.custody.is_settled(group, *message) && !self.custody.is_lost(group, *message));
        if suspects.is_empty() {
            return;
        }
        self.custody.alert = true;
        for message in self.strike_out_left(group, &mut suspects) {
            self.custody.watched.insert((group, message), (seal, node));
        }
        for message in suspects {
            if self.custody.is_accepted(message) {
                self.lose(group, message, seal, node);
            } else {
                self.custody.sealed.insert((message, group), (seal, node));
            }
        }
    }

    /// What no disk had may have vanished.
    pub(super) fn seal_watched(&mut self) {
        self.custody.looked = self.now;
        let watched = std::mem::take(&mut self.custody.watched).into_iter();
        self.seal_all(watched.map(|((group, message), (seal, node))| ((group, seal, node), message)));
    }

    /// At the end: what died in a consumer's hands may have gone from where else it was, without a commit.
    pub(super) fn seal_orphans(&mut self) {
        let orphans = std::mem::take(&mut self.custody.orphans).into_iter();
        self.seal_all(orphans.flat_map(|((group, _), orphans)| {
            orphans.into_iter().map(move |orphan| ((group, orphan.seal, orphan.node), orphan.message))
        }));
    }

    /// Seals messages, each with its group, what sealed it, and where: all of one kind in one look at the nodes.
    fn seal_all(&mut self, suspects: impl Iterator<Item = ((GroupId, Seq, NodeId), MessageId)>) {
        let mut together: BTreeMap<(GroupId, Seq, NodeId), BTreeSet<MessageId>> = BTreeMap::new();
        for (kind, message) in suspects {
            together.entry(kind).or_default().insert(message);
        }
        for ((group, seal, node), suspects) in together {
            self.seal_unless_left(group, suspects, seal, node);
        }
    }

    fn lose(&mut self, group: GroupId, message: MessageId, seal: Seq, node: NodeId) {
        self.custody.mark(group, message, LOST);
        self.custody.any_lost = true;
        self.out.note(self.now, Some(seal), node, Kind::Lost { group, message });
    }

    /// Takes out of `suspects` every message that something can still bring to the group, and returns those of them that
    /// no disk can: they may yet vanish without a word.
    fn strike_out_left(&self, group: GroupId, suspects: &mut BTreeSet<MessageId>) -> BTreeSet<MessageId> {
        let mut with_consumers = BTreeSet::new();
        self.each_left(group, |message, keeper| match keeper {
            Keeper::Disk => {
                suspects.remove(&message);
                with_consumers.remove(&message);
            }
            Keeper::Gone => {}
            Keeper::UnderWay | Keeper::Consumer(_) => {
                if suspects.remove(&message) {
                    with_consumers.insert(message);
                }
            }
        });
        with_consumers
    }

    /// Every message that something can still bring to a group, with who has it: what lies on a log at or
    /// after the committed offset, in a retry queue, on its way to a consumer, in a living consumer's hands. A disk that is down counts as there.
    pub(super) fn each_left(&self, group: GroupId, mut visit: impl FnMut(MessageId, Keeper)) {
        let settings = &self.plan.groups[group.index()];
        for consumer in &settings.consumers {
            if self.presence(*consumer) == Presence::Up {
                for held in self.held_by(*consumer) {
                    // A broker that is gone will never hear of a failure.
                    if !matches!(held.hold, Hold::Failed(broker) if !self.has_disk(broker)) {
                        visit(held.message, Keeper::Consumer(held));
                    }
                }
            }
        }
        // What is under way arrives.
        for packet in self.out.packets.iter() {
            match packet {
                Packet::PullAnswer { claim: Claim { group: of, queue, .. }, batch, .. } if *of == group => {
                    for &Delivery { message, offset, retry, .. } in batch {
                        let held = Held { group, message, queue: *queue, offset, retry, hold: Hold::Fetched };
                        visit(message, Keeper::Consumer(held));
                    }
                }
                Packet::Settle { claim, spot, outcome: Settlement::Retry(_) | Settlement::DeadLetter(_) }
                    if !self.ended && claim.group == group =>
                {
                    visit(spot.message, Keeper::UnderWay);
                }
                Packet::Send { message, queue, .. }
                    if !self.ended && self.plan.queues[queue.index()].topic == settings.topic =>
                {
                    visit(*message, Keeper::UnderWay);
                }
                _ => {}
            }
        }
        for queue in &self.plan.topics[settings.topic.index()].queues {
            let (id, queue) = (*queue, &self.plan.queues[queue.index()]);
            for replica in &self.plan.sets[queue.set.index()].replicas {
                if let Node::Broker(broker) = &self.nodes[replica.index()] {
                    let keeper = if self.has_disk(*replica) { Keeper::Disk } else { Keeper::Gone };
                    if !self.ended && self.presence(*replica) == Presence::Up {
                        let waiting = broker.requests().filter(|(queue, _)| *queue == id);
                        waiting.for_each(|(_, message)| visit(message, Keeper::UnderWay));
                    }
                    let reading = broker.reading(queue.slot, settings.slot);
                    for (spot, _) in reading.retries.iter() {
                        visit(spot.message, keeper);
                    }
                    for (_, entry) in broker.log(queue.slot).range(reading.committed, u64::MAX) {
                        visit(entry.message, keeper);
                    }
                }
            }
        }
    }

    fn groups_of(&self, topic: TopicId) -> Vec<GroupId> {
        self.plan.topics[topic.index()].groups.clone()
    }

    /// The topic of a message: its producer sends to one only.
    pub(super) fn topic_of(&self, message: MessageId) -> TopicId {
        self.plan.topic_sent_to(message.producer).expect("a message has a producer that sends to a topic")
    }
}
