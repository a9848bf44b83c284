//! Where loss is decided. A message loses a place when a disk loses what was not flushed, or deletes by age; when a group
//! begins behind it; when a committed offset passes it; when the last copy outside of disks is released. Each time it is looked for, on
//! disks and with the help of [`super::tracker`], and where nothing is left that can bring it to the group, a record says so.

use std::collections::BTreeMap;

use typed_index_collections::TiVec;

use super::tracker::{AGED, BEFORE, Cause};
use super::{Presence, World};
use crate::node::broker::Broker;
use crate::node::{CopyRole, DeletedMessage, DroppedCopy, Node, PassedOffsets};
use crate::plan::{GroupId, GroupSlot, MessageId, NodeId, Offset, QueueId, QueueSlot, Retention, SetId, TopicId};
use crate::protocol::VolatileCopy;
use crate::record::{Kind, Record, Seq, Sink};
use crate::storage::MessageRef;

impl World {
    // ---- what takes a place from a message -------------------------------------------------------------------------

    /// A record that takes a place from a message, or gives it one that was gone.
    #[cold]
    pub(super) fn follow_up(&mut self, record: &Record) {
        let cause = (record.seq, record.node);
        match record.kind {
            Kind::Accepted { message } => {
                for group in self.groups_of(self.topic_of(message)) {
                    // Meanwhile its producer may have sent it once more.
                    if let Some(cause) = self.tracker.gone_unaccepted.remove(&(message, group)) {
                        self.check_for_loss(group, message, cause);
                    }
                }
            }
            // Another copy of a message that was thought gone.
            Kind::Stored { message, .. } => {
                for group in self.groups_of(self.topic_of(message)) {
                    self.tracker.mark_found(group, message);
                }
            }
            Kind::Retried { group, message } if self.plan.consumer(record.node).is_none() => {
                self.tracker.mark_found(group, message);
            }
            Kind::Begun { group, queue, offset } => self.begun(group, queue, offset, cause),
            Kind::Deleted { queue, .. } => self.deleted(queue, cause),
            _ => {}
        }
    }

    /// A group begins to read a queue: what lies before never comes to it.
    fn begun(&mut self, group: GroupId, queue: QueueId, offset: Offset, cause: Cause) {
        let Node::Broker(broker) = &self.nodes[cause.1] else { return };
        let before = broker.log(self.plan.queues[queue].slot).range(Offset::ZERO, offset);
        let before: Vec<MessageId> = before.map(|(_, entry)| entry.message).collect();
        for message in before {
            self.tracker.mark(group, message, BEFORE);
            self.check_for_loss(group, message, Some(cause));
        }
    }

    /// Messages are deleted of which a replica says that a group may not have seen them.
    fn deleted(&mut self, queue: QueueId, cause: Cause) {
        let of_queue = |deleted: &mut DeletedMessage| deleted.queue == queue;
        let deleted: Vec<DeletedMessage> = self.out.deleted.extract_if(.., of_queue).collect();
        if deleted.is_empty() {
            return;
        }
        let topic = self.plan.queues[queue].topic;
        let ages = self.plan.topics[topic].retention != Retention::Consumed;
        // A slave deletes what its master has deleted, and may not know yet where a group has begun.
        let by_master = matches!(&self.nodes[cause.1], Node::Broker(broker) if broker.master_in().is_some());
        for group in self.groups_of(topic) {
            let (began, committed) = self.bounds(cause.1, queue, group);
            for DeletedMessage { offset, message, .. } in &deleted {
                let before = *offset < began;
                if by_master && before {
                    self.tracker.mark(group, *message, BEFORE);
                }
                if by_master && ages && (before || *offset >= committed) {
                    let was_skipped = self.tracker.is_skipped(group, *message);
                    self.tracker.mark(group, *message, AGED);
                    if was_skipped {
                        self.lose(group, *message, Some(cause));
                    }
                }
                self.check_for_loss(group, *message, Some(cause));
            }
        }
    }

    /// After a turn of a node: what it has let go, what its disk has dropped, what offsets have passed there.
    pub(super) fn follow_turn<S: Sink>(&mut self, node: NodeId, cause: Option<Seq>, sink: &mut S) {
        let cause = cause.map(|seq| (seq, node));
        if !self.out.dropped.is_empty() {
            self.dropped(node, sink);
        }
        for PassedOffsets { group, queue, from, to, cause } in std::mem::take(&mut self.out.passed) {
            for message in self.tracker.endangered_at(group, queue, (from, to)) {
                self.check_for_loss(group, message, cause.map(|seq| (seq, node)));
            }
        }
        let mut next = 0;
        while let Some(&copy) = self.out.released.get(next) {
            self.release(copy, cause);
            next += 1;
        }
        self.out.released.clear();
        self.publish(sink);
    }

    /// A holder releases a copy. If it was the last, the loss is put down to what had endangered the message earlier, else to
    /// `cause`.
    pub(super) fn release(&mut self, copy: VolatileCopy, cause: Option<Cause>) {
        if !self.tracker.release(copy) {
            return;
        }
        let groups = match copy {
            VolatileCopy::Group(group, _) | VolatileCopy::Retries(group, _) => vec![group],
            VolatileCopy::Log(message) => self.tracker.endangered_for(message),
        };
        let message = copy.message();
        for group in groups {
            let known = self.tracker.endangered_by(group, message);
            self.check_for_loss(group, message, known.or(cause));
        }
    }

    /// A disk has no more what it had for groups: it was wiped or lost its tail, or its new master may not have it.
    #[cold]
    pub(super) fn dropped<S: Sink>(&mut self, node: NodeId, sink: &mut S) {
        let dropped = std::mem::take(&mut self.out.dropped);
        for &DroppedCopy { group, role, message, .. } in &dropped {
            match role {
                CopyRole::Before => self.tracker.mark(group, message, BEFORE),
                CopyRole::Failed if self.tracker.was_dead(group, message) && !self.is_dead_letter(group, message) => {
                    self.tracker.revive(group, message);
                }
                CopyRole::Ahead | CopyRole::Failed => {}
            }
        }
        // What led to it is known: a role comes from an election, which is a record.
        let set = self.plan.broker_set(node);
        let elected = set.and_then(|set| self.tracker.elected[set]).map(|((seq, _), _)| seq);
        let mut together: BTreeMap<(GroupId, MessageId), Option<Seq>> = BTreeMap::new();
        for DroppedCopy { group, message, cause, .. } in dropped {
            together.insert((group, message), cause.or(elected));
        }
        for ((group, message), seq) in together {
            self.check_for_loss(group, message, seq.map(|seq| (seq, node)));
        }
        self.publish(sink);
    }

    /// Where a group began to read a queue of a broker ([`Offset::MAX`] for one that begins at the end and has not yet), and its
    /// committed offset.
    pub(super) fn bounds(&self, broker: NodeId, queue: QueueId, group: GroupId) -> (Offset, Offset) {
        let (queue, group) = (&self.plan.queues[queue], &self.plan.groups[group]);
        match &self.nodes[broker] {
            Node::Broker(broker) => {
                let group_state = broker.group_state(queue.slot, group.slot);
                (group_state.beginning(group.from), group_state.committed)
            }
            _ => (Offset::ZERO, Offset::ZERO),
        }
    }

    // ---- whether a message is left ---------------------------------------------------------------------------------

    /// A message has lost a place, by `cause`, or by what is known already: unless something is left that can bring it to
    /// the group, it is gone, or will be once accepted.
    pub(super) fn check_for_loss(&mut self, group: GroupId, message: MessageId, cause: Option<Cause>) {
        if !self.tracker.is_open(group, message) {
            self.tracker.resolve(group, message);
        } else if self.is_left(group, message) {
            self.tracker.endanger(group, message, cause);
        } else {
            let known = self.tracker.resolve(group, message);
            let cause = cause.or(known);
            if self.tracker.is_accepted(message) {
                self.lose(group, message, cause);
            } else {
                self.tracker.gone_unaccepted.insert((message, group), cause);
            }
        }
    }

    pub(super) fn lose(&mut self, group: GroupId, message: MessageId, cause: Option<Cause>) {
        let kind = self.tracker.lose(group, message);
        let (seq, node) = cause.map_or((None, message.producer), |(seq, node)| (Some(seq), node));
        self.out.note(self.now, seq, node, kind);
    }

    /// Whether anything can still bring a message to a group, while the run goes on, or it is among its dead letters.
    fn is_left(&self, group: GroupId, message: MessageId) -> bool {
        self.tracker.has_volatile_copy(group, message)
            || self.is_on_disk(group, message)
            || self.is_dead_letter(group, message)
    }

    /// Whether a copy of a message lies where a broker can still bring it to the group: in a log, at or after the
    /// committed offset, or in the retry queue. A disk that is down counts as there.
    fn is_on_disk(&self, group: GroupId, message: MessageId) -> bool {
        let group = &self.plan.groups[group];
        self.is_at_a_replica(message, |_, broker, queue, message_ref| {
            let group_state = broker.group_state(queue, group.slot);
            let in_log = || broker.log(queue).get(message_ref.offset).is_some_and(|entry| entry.message == message);
            (message_ref.offset >= group_state.committed && in_log()) || group_state.retries.contains(message_ref)
        })
    }

    /// Whether any disk that counts has a message in its dead-letter queue.
    pub(super) fn is_dead_letter(&self, of: GroupId, message: MessageId) -> bool {
        self.tracker.was_dead(of, message)
            && self.is_at_a_replica(message, |node, broker, queue, message_ref| {
                self.has_disk(node)
                    && broker.group_state(queue, self.plan.groups[of].slot).dead.get(message_ref).is_some()
            })
    }

    /// Whether `holds` is true of any replica of a set that has stored the message, at any position where it was stored.
    fn is_at_a_replica(
        &self,
        message: MessageId,
        holds: impl Fn(NodeId, &Broker, QueueSlot, MessageRef) -> bool,
    ) -> bool {
        self.tracker.stored(message).any(|(queue, offset)| {
            let queue = &self.plan.queues[queue];
            self.plan.sets[queue.set].replicas.iter().any(|replica| match &self.nodes[*replica] {
                Node::Broker(broker) => holds(*replica, broker, queue.slot, MessageRef { offset, message }),
                _ => false,
            })
        })
    }

    /// The live master of a set's latest epoch, if there is one. (One that was elected and does not know yet is none, and
    /// neither is one that was replaced and does not know.)
    pub(super) fn leader(&self, set: SetId) -> Option<NodeId> {
        let (_, latest) = self.tracker.elected[set]?;
        let leads = |node: &NodeId| match &self.nodes[*node] {
            Node::Broker(broker) => broker.master_in() == Some(latest) && self.presence(*node) == Presence::Up,
            _ => false,
        };
        self.plan.sets[set].replicas.iter().copied().find(leads)
    }

    /// Whether a node's disk is there, or will be again. At the end only what the set's present master has counts, where
    /// there is one: it is what the present epoch keeps.
    pub(super) fn has_disk(&self, node: NodeId) -> bool {
        if !self.ended {
            return true;
        }
        if matches!(self.presence(node), Presence::Down(_)) {
            return false;
        }
        let leader = self.plan.broker_set(node).and_then(|set| self.leader(set));
        leader.is_none_or(|leader| leader == node)
    }

    pub(super) fn groups_of(&self, topic: TopicId) -> TiVec<GroupSlot, GroupId> {
        self.plan.topics[topic].groups.clone()
    }

    /// The topic of a message: its producer sends to one only.
    fn topic_of(&self, message: MessageId) -> TopicId {
        self.plan.topic_sent_to(message.producer).expect("a message has a producer that sends to a topic")
    }
}
