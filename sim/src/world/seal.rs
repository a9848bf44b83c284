//! Where loss is decided: the moments at which a message can be gone for a group, the *seals*, and the look at the nodes
//! that tells whether it is. A disk loses what was not flushed, or deletes by age; a group begins behind it; a consumer
//! dies with it in its hands; a commit passes a message that nobody has. In between [`super::custody`] keeps a few bits.

use std::collections::{BTreeMap, BTreeSet};

use super::custody::{AGED, BEFORE, Cause, Orphan, Spot, Suspects};
use super::{Presence, World};
use crate::node::{Deleted, Dropped, Held, Hold, Lay, Node};
use crate::plan::{GroupId, MessageId, NodeId, QueueId, Retention, SetId, TopicId};
use crate::protocol::{self, Claim, Copied, Delivery, Packet};
use crate::record::{Kind, Record, Sink};

/// Who can still bring a message to a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Keeper {
    /// A log or retry queue of a present master.
    Disk,
    /// Only one of another replica, or of a set that has no master now.
    OtherDisk,
    /// A log or retry queue that is gone: it cannot, any more.
    Gone,
    /// A packet on its way to a broker, with another copy or with word of a failure; while the run goes on.
    UnderWay,
    /// A thread of a living consumer is at it.
    Begun,
    /// A living consumer has it, or an answer on its way to one.
    Consumer,
}

/// How a message lies on a disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Lies {
    /// On that of the present master: when it goes, a record says so.
    Firmly,
    /// Only on others: what they do with it their master tells them, and no record says so.
    Fleetingly,
}

impl World {
    /// What a consumer has; nothing for other nodes.
    pub(super) fn held_by(&self, node: NodeId) -> Vec<Held> {
        match &self.nodes[node.index()] {
            Node::Consumer(consumer) => consumer.held().collect(),
            _ => Vec::new(),
        }
    }

    // ---- seals -----------------------------------------------------------------------------------------------------

    /// A record that may be a seal.
    #[cold]
    pub(super) fn seal(&mut self, record: &Record) {
        let cause = (record.seq, record.node);
        match record.kind {
            Kind::Accepted { message } => {
                for group in self.groups_of(self.topic_of(message)) {
                    // Meanwhile its producer may have sent it once more.
                    if let Some((cause, spot)) = self.custody.sealed.remove(&(message, group)) {
                        self.seal_unless_left(group, BTreeMap::from([(message, spot)]), cause);
                    }
                }
            }
            // Another copy of a message that was thought gone.
            Kind::Stored { message, .. } => {
                for group in self.groups_of(self.topic_of(message)) {
                    self.custody.find(group, message);
                }
            }
            Kind::Retried { group, message } if self.plan.consumer(record.node).is_none() => {
                self.custody.find(group, message);
            }
            Kind::Committed { group, queue, offset } => {
                let Some(orphans) = self.custody.orphans.get_mut(&(group, queue)) else { return };
                let passed: Vec<Orphan> = orphans.extract_if(.., |orphan| orphan.offset < offset).collect();
                if orphans.is_empty() {
                    self.custody.orphans.remove(&(group, queue));
                }
                let suspects = passed.iter().map(|orphan| (orphan.message, (queue, orphan.offset))).collect();
                self.seal_unless_left(group, suspects, cause);
                // Of several replicas another one may lead next, with another offset.
                let stays = |orphan: &Orphan| {
                    self.custody.is_open(group, orphan.message)
                        && self.lies_at(group, orphan.message, (queue, orphan.offset)).is_some()
                };
                let stay: Vec<Orphan> = passed.into_iter().filter(stays).collect();
                if !stay.is_empty() {
                    self.custody.orphans.entry((group, queue)).or_default().extend(stay);
                }
            }
            Kind::Begun { group, queue, offset } => self.seal_begun(group, queue, offset, cause),
            Kind::Deleted { queue, .. } => self.seal_deleted(queue, cause),
            Kind::Failed { .. } | Kind::Left | Kind::Held { .. } | Kind::Delivered { .. } => self.seal_watched(),
            _ => {}
        }
    }

    /// A group begins to read a queue: what lies before never comes to it.
    fn seal_begun(&mut self, group: GroupId, queue: QueueId, offset: u64, cause: Cause) {
        let Node::Broker(broker) = &self.nodes[cause.1.index()] else { return };
        let before = broker.log(self.plan.queues[queue.index()].slot).range(0, offset);
        let suspects: Suspects = before.map(|(offset, entry)| (entry.message, (queue, offset))).collect();
        self.mark(group, &suspects, BEFORE);
        self.seal_unless_left(group, suspects, cause);
    }

    /// Messages are deleted of which a broker says that a group may not have seen them.
    fn seal_deleted(&mut self, queue: QueueId, cause: Cause) {
        let of_queue = |deleted: &mut Deleted| deleted.queue == queue;
        let deleted: Vec<Deleted> = self.out.deleted.extract_if(.., of_queue).collect();
        if deleted.is_empty() {
            return;
        }
        let topic = self.plan.queues[queue.index()].topic;
        let ages = self.plan.topics[topic.index()].retention != Retention::Consumed;
        for group in self.groups_of(topic) {
            let (began, committed) = self.bounds(cause.1, queue, group);
            let some = |offsets: &dyn Fn(u64) -> bool| -> Suspects {
                let fits = deleted.iter().filter(|it| offsets(it.offset));
                fits.map(|it| (it.message, (queue, it.offset))).collect()
            };
            let before = some(&|offset| offset < began);
            let aged = some(&|offset| ages && (offset >= committed || offset < began));
            self.mark(group, &before, BEFORE);
            let is_skipped = |(message, _): &(MessageId, Spot)| self.custody.is_skipped(group, *message);
            let (skipped, aged): (Suspects, Suspects) = aged.into_iter().partition(is_skipped);
            for message in skipped.into_keys() {
                self.custody.mark(group, message, AGED);
                self.lose(group, message, cause);
            }
            self.mark(group, &aged, AGED);
            self.seal_unless_left(group, before.into_iter().chain(aged).collect(), cause);
        }
    }

    /// A disk has no more what it had for groups: it was wiped or lost its tail, or its new master may not have it.
    #[cold]
    pub(super) fn seal_dropped<S: Sink>(&mut self, node: NodeId, sink: &mut S) {
        let dropped = std::mem::take(&mut self.out.dropped);
        for &Dropped { group, queue, offset, lay, message, .. } in &dropped {
            let spot = protocol::Spot { offset, message };
            match lay {
                Lay::Before => self.custody.mark(group, message, BEFORE),
                Lay::Failed if self.custody.was_dead(group, message) && !self.is_dead_letter(group, queue, spot) => {
                    self.custody.revive(group, message);
                }
                Lay::Ahead | Lay::Failed => {}
            }
        }
        // What led to it is known: a role comes from an election, which is a record.
        let set = self.plan.broker_set(node);
        let elected = set.and_then(|set| self.custody.elected[set.index()]).map(|((seq, _), _)| seq);
        self.seal_all(dropped.into_iter().filter_map(|it| {
            let seal = it.cause.or(elected)?;
            Some(((it.group, (seal, node)), it.message, (it.queue, it.offset)))
        }));
        self.publish(sink);
    }

    /// Whether any replica has a message in its dead-letter queue.
    fn is_dead_letter(&self, group: GroupId, queue: QueueId, spot: protocol::Spot) -> bool {
        let (queue, group) = (&self.plan.queues[queue.index()], &self.plan.groups[group.index()]);
        self.plan.sets[queue.set.index()].replicas.iter().any(|replica| match &self.nodes[replica.index()] {
            Node::Broker(broker) => {
                self.has_disk(*replica) && broker.reading(queue.slot, group.slot).dead.get(spot).is_some()
            }
            _ => false,
        })
    }

    /// Where a group began to read a queue of a broker (nowhere as long as one that begins at the end has not), and its
    /// committed offset.
    pub(super) fn bounds(&self, broker: NodeId, queue: QueueId, group: GroupId) -> (u64, u64) {
        let (queue, group) = (&self.plan.queues[queue.index()], &self.plan.groups[group.index()]);
        match &self.nodes[broker.index()] {
            Node::Broker(broker) => {
                let reading = broker.reading(queue.slot, group.slot);
                (reading.beginning(group.from), reading.committed)
            }
            _ => (0, 0),
        }
    }

    /// A consumer has died with messages in its hands.
    pub(super) fn seal_held<S: Sink>(&mut self, cause: Cause, held: Vec<Held>, sink: &mut S) {
        let mut suspects: BTreeMap<GroupId, Suspects> = BTreeMap::new();
        for Held { group, message, queue, offset, .. } in held {
            suspects.entry(group).or_default().insert(message, (queue, offset));
            self.custody.orphans.entry((group, queue)).or_default().push(Orphan { offset, message });
            self.custody.be_alert();
        }
        for (group, suspects) in suspects {
            self.seal_unless_left(group, suspects, cause);
        }
        self.publish(sink);
    }

    /// What no disk had may have vanished.
    pub(super) fn seal_watched(&mut self) {
        self.custody.looked = self.now;
        let watched = std::mem::take(&mut self.custody.watched).into_iter();
        self.seal_all(watched.map(|((group, message), (cause, spot))| ((group, cause), message, spot)));
    }

    /// Seals messages, each with its group and what sealed it: all of one kind in one look at the nodes.
    fn seal_all(&mut self, suspects: impl Iterator<Item = ((GroupId, Cause), MessageId, Spot)>) {
        let mut together: BTreeMap<(GroupId, Cause), Suspects> = BTreeMap::new();
        for (kind, message, spot) in suspects {
            together.entry(kind).or_default().insert(message, spot);
        }
        for ((group, cause), suspects) in together {
            self.seal_unless_left(group, suspects, cause);
        }
    }

    /// Of some messages, those that nothing can bring to the group any more are gone, or will be once accepted.
    pub(super) fn seal_unless_left(&mut self, group: GroupId, mut suspects: Suspects, cause: Cause) {
        // A dead letter that one disk has lost may have come to another one since.
        let is_dead = |message: MessageId, (queue, offset): Spot| {
            let spot = protocol::Spot { offset, message };
            self.custody.was_dead(group, message) && self.is_dead_letter(group, queue, spot)
        };
        suspects.retain(|message, spot| self.custody.is_open(group, *message) && !is_dead(*message, *spot));
        if suspects.is_empty() {
            return;
        }
        self.custody.be_alert();
        for (message, spot) in self.strike_out_left(group, &mut suspects) {
            self.custody.watched.insert((group, message), (cause, spot));
        }
        for (message, spot) in suspects {
            if self.custody.is_accepted(message) {
                self.lose(group, message, cause);
            } else {
                self.custody.sealed.insert((message, group), (cause, spot));
            }
        }
    }

    pub(super) fn mark(&mut self, group: GroupId, messages: &Suspects, fate: u8) {
        messages.keys().for_each(|message| self.custody.mark(group, *message, fate));
    }

    fn lose(&mut self, group: GroupId, message: MessageId, (seal, node): Cause) {
        let kind = self.custody.lose(group, message);
        self.out.note(self.now, Some(seal), node, kind);
    }

    // ---- who has what ----------------------------------------------------------------------------------------------

    /// Takes out of `suspects` every message that something can still bring to the group, and returns those of them that
    /// no disk can: they may yet vanish without a word.
    fn strike_out_left(&self, group: GroupId, suspects: &mut Suspects) -> Suspects {
        let mut fleeting = Suspects::new();
        suspects.retain(|message, spot| match self.lies_at(group, *message, *spot) {
            None => true,
            Some(Lies::Firmly) => false,
            Some(Lies::Fleetingly) => {
                fleeting.insert(*message, *spot);
                false
            }
        });
        // Where its other copies are is known of none.
        let several: BTreeSet<_> =
            suspects.keys().filter(|message| self.custody.is_resent(**message)).copied().collect();
        if !several.is_empty() {
            let mut elsewhere = BTreeSet::new();
            self.each_on_disk(group, |message, keeper| match keeper {
                Keeper::Disk if several.contains(&message) => drop(suspects.remove(&message)),
                Keeper::OtherDisk if several.contains(&message) => drop(elsewhere.insert(message)),
                _ => {}
            });
            fleeting.extend(elsewhere.iter().filter_map(|message| suspects.remove_entry(message)));
        }
        if !suspects.is_empty() {
            self.each_elsewhere(group, |message, _| fleeting.extend(suspects.remove_entry(&message)));
        }
        fleeting
    }

    /// Whether a copy of a message lies where a broker can still bring it to the group: in the log, at or after the
    /// committed offset, or in the retry queue. A disk that is down counts as there.
    fn lies_at(&self, group: GroupId, message: MessageId, (queue, offset): Spot) -> Option<Lies> {
        let (queue, group) = (&self.plan.queues[queue.index()], &self.plan.groups[group.index()]);
        let replicas = &self.plan.sets[queue.set.index()].replicas;
        let has = |replica: &NodeId| {
            let Node::Broker(broker) = &self.nodes[replica.index()] else { return false };
            let reading = broker.reading(queue.slot, group.slot);
            let in_log = offset >= reading.committed
                && broker.log(queue.slot).get(offset).is_some_and(|entry| entry.message == message);
            self.has_disk(*replica) && (in_log || reading.retries.contains(protocol::Spot { offset, message }))
        };
        if replicas.len() == 1 {
            return has(&replicas[0]).then_some(Lies::Firmly);
        }
        match self.leader(queue.set) {
            Some(leader) if has(&leader) => Some(Lies::Firmly),
            _ => replicas.iter().any(has).then_some(Lies::Fleetingly),
        }
    }

    /// The live master of a set's latest epoch, if there is one. (One that was elected and does not know yet is none, and
    /// neither is one that was replaced and does not know.)
    pub(super) fn leader(&self, set: SetId) -> Option<NodeId> {
        let (_, latest) = self.custody.elected[set.index()]?;
        let leads = |node: &NodeId| match &self.nodes[node.index()] {
            Node::Broker(broker) => broker.master_in() == Some(latest) && self.presence(*node) == Presence::Up,
            _ => false,
        };
        self.plan.sets[set.index()].replicas.iter().copied().find(leads)
    }

    /// Every message that something can still bring to a group, with who has it.
    pub(super) fn each_left(&self, group: GroupId, mut visit: impl FnMut(MessageId, Keeper)) {
        self.each_on_disk(group, &mut visit);
        self.each_elsewhere(group, &mut visit);
    }

    /// Every message that lies on a log at or after the committed offset, or in a retry queue.
    fn each_on_disk(&self, group: GroupId, mut visit: impl FnMut(MessageId, Keeper)) {
        let settings = &self.plan.groups[group.index()];
        for queue in &self.plan.topics[settings.topic.index()].queues {
            let queue = &self.plan.queues[queue.index()];
            let replicas = &self.plan.sets[queue.set.index()].replicas;
            let leader = if replicas.len() == 1 { Some(replicas[0]) } else { self.leader(queue.set) };
            for replica in replicas {
                let Node::Broker(broker) = &self.nodes[replica.index()] else { continue };
                let keeper = match self.has_disk(*replica) {
                    true if leader == Some(*replica) => Keeper::Disk,
                    true => Keeper::OtherDisk,
                    false => Keeper::Gone,
                };
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

    /// Every message in a living consumer's hands, on its way to one, or on its way to a broker.
    fn each_elsewhere(&self, group: GroupId, mut visit: impl FnMut(MessageId, Keeper)) {
        let settings = &self.plan.groups[group.index()];
        for consumer in settings.consumers.iter().filter(|consumer| self.presence(**consumer) == Presence::Up) {
            for Held { message, hold, .. } in self.held_by(*consumer) {
                match hold {
                    Hold::Begun => visit(message, Keeper::Begun),
                    Hold::Fetched => visit(message, Keeper::Consumer),
                    // A broker that is gone will never hear of a failure.
                    Hold::Failed(broker) if self.has_disk(broker) => visit(message, Keeper::Consumer),
                    Hold::Failed(_) => {}
                }
            }
        }
        for packet in self.out.packets.iter() {
            match packet {
                Packet::PullAnswer { claim: Claim { group: of, .. }, batch, .. } if *of == group => {
                    batch.iter().for_each(|Delivery { message, .. }| visit(*message, Keeper::Consumer));
                }
                Packet::Copy { copy, .. } if !self.ended => {
                    let of_topic = |queue: QueueId| self.plan.queues[queue.index()].topic == settings.topic;
                    copied(copy, group, of_topic, |message| visit(message, Keeper::UnderWay));
                }
                Packet::Welcome(welcome) if !self.ended => {
                    let of_topic = |queue: QueueId| self.plan.queues[queue.index()].topic == settings.topic;
                    for queue in welcome.queues.iter().filter(|it| of_topic(it.queue)) {
                        let retries = queue.readings[settings.slot as usize].retries.iter();
                        retries.for_each(|(spot, _)| visit(spot.message, Keeper::UnderWay));
                    }
                }
                Packet::Settle { claim, spot, outcome, .. }
                    if !self.ended && claim.group == group && outcome.is_failure() =>
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
        let sets =
            self.plan.topics[settings.topic.index()].queues.iter().map(|queue| self.plan.queues[queue.index()].set);
        for set in sets.collect::<BTreeSet<_>>() {
            for replica in &self.plan.sets[set.index()].replicas {
                if let Node::Broker(broker) = &self.nodes[replica.index()]
                    && !self.ended
                    && self.presence(*replica) == Presence::Up
                {
                    let of_topic = |queue: QueueId| self.plan.queues[queue.index()].topic == settings.topic;
                    let waiting = broker.requests().filter(|(queue, _)| of_topic(*queue));
                    waiting.for_each(|(_, message)| visit(message, Keeper::UnderWay));
                }
            }
        }
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

    pub(super) fn groups_of(&self, topic: TopicId) -> Vec<GroupId> {
        self.plan.topics[topic.index()].groups.clone()
    }

    /// The topic of a message: its producer sends to one only.
    fn topic_of(&self, message: MessageId) -> TopicId {
        self.plan.topic_sent_to(message.producer).expect("a message has a producer that sends to a topic")
    }
}

/// The messages that a step of copying brings to a group.
fn copied(copy: &Copied, to: GroupId, of_topic: impl Fn(QueueId) -> bool, mut visit: impl FnMut(MessageId)) {
    match copy {
        Copied::Entry { queue, entry, .. } if of_topic(*queue) => visit(entry.message),
        Copied::Entries { queue, entries, .. } if of_topic(*queue) => {
            entries.iter().for_each(|entry| visit(entry.message));
        }
        Copied::Failure { group, spot, change, .. } if *group == to && (change.begun.is_some() || change.died) => {
            visit(spot.message);
        }
        _ => {}
    }
}
