//! The end of a run, and a second look at its ledger: where messages are is read from the nodes themselves, to be held
//! against what was gathered from the records, and against what the nodes have said on the way.

use std::collections::{BTreeMap, BTreeSet};

use super::tracker::{BEFORE, Cause};
use super::{Presence, World};
use crate::node::{HeldMessage, HoldState, Node, SharedMemory};
use crate::plan::{GroupId, MessageId, NodeId, Offset};
use crate::protocol::{Packet, VolatileCopy};
use crate::record::Sink;

/// What is left for a group, read from the nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Left {
    /// Accepted messages that a living consumer is at, and that were never done.
    pub in_process: u64,
    /// Accepted messages that can still come, and that nobody is at.
    pub waiting: u64,
}

/// What a message that was never done can still expect, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Prospect {
    /// A thread is at it.
    Begun,
    /// It can come.
    Comes,
    /// It could have come, but for a disk that is gone.
    Gone,
}

impl World {
    /// Ends the run, once: a disk that is down now has no restart ahead and is gone, with what only it had; and what is
    /// under way arrives nowhere any more.
    pub(super) fn finish<S: Sink>(&mut self, sink: &mut S) {
        assert!(
            !self.tracker.is_on() || self.tracker.all_volatile_copies() == self.volatile_copies(),
            "a bug of queuescope, not of the scenario {}: nodes have not said what they carry",
            self.plan.scenario
        );
        self.ended = true;
        for group in (0..self.plan.groups.len()).map(GroupId::from) {
            let doubtful = self.doubtful(group);
            if doubtful.is_empty() {
                continue;
            }
            let left: BTreeSet<MessageId> = self.that_come(group).collect();
            for (message, cause) in doubtful {
                let open = self.tracker.is_open(group, message) && self.tracker.is_accepted(message);
                if open && !left.contains(&message) && !self.is_dead_letter(group, message) {
                    self.lose(group, message, cause);
                }
            }
        }
        self.publish(sink);
    }

    /// Messages that may be gone with the end of the run, with what they are gone by: those that have lost a place before,
    /// those that a disk has which is gone now, and those whose failure such a disk was to hear of.
    fn doubtful(&mut self, group: GroupId) -> BTreeMap<MessageId, Option<Cause>> {
        let mut doubtful = BTreeMap::new();
        if !self.tracker.is_on() {
            return doubtful;
        }
        for (message, of) in self.tracker.all_endangered() {
            if of == group {
                doubtful.insert(message, self.tracker.resolve(group, message));
            }
        }
        let plan = std::sync::Arc::clone(&self.plan);
        let settings = &plan.groups[group];
        let held: Vec<HeldMessage> = settings.consumers.iter().flat_map(|consumer| self.held_by(*consumer)).collect();
        for set in plan.sets_of(settings.topic) {
            for &node in &plan.sets[set].replicas {
                // What the present epoch does not keep is gone with the election; what is down, with the crash.
                let cause = match self.presence(node) {
                    Presence::Down(_) => self.runtimes[node].crash.map(|(crash, _)| crash),
                    _ => self.tracker.elected[set].map(|((elected, _), _)| elected),
                };
                let Some(cause) = cause.filter(|_| !self.has_disk(node)) else { continue };
                let cause = Some((cause, node));
                let untold = held.iter().filter(|held| held.hold == HoldState::Failed(node)).map(|held| held.message);
                doubtful.extend(untold.map(|message| (message, cause)));
                self.on_lost_disk(node, group, |message| _ = doubtful.insert(message, cause));
            }
        }
        doubtful
    }

    /// The messages of a group that a broker has, whose disk is gone.
    fn on_lost_disk(&mut self, node: NodeId, group: GroupId, mut visit: impl FnMut(MessageId)) {
        let Node::Broker(broker) = &self.nodes[node] else { return };
        let settings = &self.plan.groups[group];
        for queue in &self.plan.topics[settings.topic].queues {
            let queue = &self.plan.queues[*queue];
            if self.plan.broker_set(node) != Some(queue.set) {
                continue;
            }
            let group_state = broker.group_state(queue.slot, settings.slot);
            let began = group_state.beginning(settings.from);
            for (offset, entry) in broker.log(queue.slot).range(group_state.committed, Offset::MAX) {
                if offset < began {
                    self.tracker.mark(group, entry.message, BEFORE);
                }
                visit(entry.message);
            }
            group_state.retries.iter().for_each(|(message_ref, _)| visit(message_ref.message));
        }
    }

    /// Everything that is outside of disks, and how many have it, read from packets and nodes. (It does not tell apart
    /// what is there for one group.)
    fn volatile_copies(&self) -> BTreeMap<VolatileCopy, u32> {
        let mut all: BTreeMap<VolatileCopy, u32> = BTreeMap::new();
        let mut count = |copy| {
            let for_group = match copy {
                VolatileCopy::Retries(group, message) => VolatileCopy::Group(group, message),
                other => other,
            };
            *all.entry(for_group).or_default() += 1;
        };
        self.under_way().for_each(|packet| packet.volatile_copies(&self.plan, &mut count));
        self.nodes.iter().for_each(|node| node.volatile_copies(&mut count));
        all
    }

    /// Every packet under way that its receiver will act on, if it is there.
    fn under_way(&self) -> impl Iterator<Item = &Packet> {
        let new = self.out.packets.iter().filter(|(number, _)| !self.duplicates.contains(number));
        new.map(|(_, packet)| packet)
    }

    /// What a consumer has; nothing for other nodes.
    fn held_by(&self, node: NodeId) -> Vec<HeldMessage> {
        match &self.nodes[node] {
            Node::Consumer(consumer) => consumer.held().collect(),
            _ => Vec::new(),
        }
    }

    /// What is left for a group.
    #[must_use]
    pub fn left(&self, group: GroupId) -> Left {
        let mut left = Left::default();
        for (_, prospect) in self.prospects(group) {
            match prospect {
                Prospect::Begun => left.in_process += 1,
                Prospect::Comes => left.waiting += 1,
                Prospect::Gone => {}
            }
        }
        left
    }

    /// The messages that were dead letters of a group and can still come. The records do not tell: they speak of messages,
    /// not of copies.
    #[must_use]
    pub(crate) fn dead_that_come(&self, group: GroupId) -> BTreeSet<MessageId> {
        self.that_come(group).filter(|message| self.tracker.was_dead(group, *message)).collect()
    }

    fn that_come(&self, group: GroupId) -> impl Iterator<Item = MessageId> + use<> {
        let prospects = self.prospects(group).into_iter().filter(|(_, prospect)| *prospect != Prospect::Gone);
        prospects.map(|(message, _)| message)
    }

    /// The best prospect of each accepted message that was never done and has any.
    fn prospects(&self, group: GroupId) -> Vec<(MessageId, Prospect)> {
        let mut all = Vec::new();
        let mut add = |message, prospect| {
            if self.tracker.is_accepted(message) && !self.tracker.is_done(group, message) {
                all.push((message, prospect));
            }
        };
        self.each_on_disk(group, &mut add);
        self.each_carried(group, &mut add);
        all.sort_unstable();
        all.dedup_by_key(|(message, _)| *message);
        all
    }

    /// Every message that lies on a log at or after the committed offset, or in a retry queue.
    fn each_on_disk(&self, group: GroupId, visit: &mut impl FnMut(MessageId, Prospect)) {
        let settings = &self.plan.groups[group];
        for queue in &self.plan.topics[settings.topic].queues {
            let queue = &self.plan.queues[*queue];
            for replica in &self.plan.sets[queue.set].replicas {
                let Node::Broker(broker) = &self.nodes[*replica] else { continue };
                let prospect = if self.has_disk(*replica) { Prospect::Comes } else { Prospect::Gone };
                let group_state = broker.group_state(queue.slot, settings.slot);
                group_state.retries.iter().for_each(|(message_ref, _)| visit(message_ref.message, prospect));
                let log = broker.log(queue.slot).range(group_state.committed, Offset::MAX);
                log.for_each(|(_, entry)| visit(entry.message, prospect));
            }
        }
    }

    /// Every message in a living consumer's hands, or on its way to one; and, while the run goes on, to a disk.
    fn each_carried(&self, group: GroupId, visit: &mut impl FnMut(MessageId, Prospect)) {
        for consumer in &self.plan.groups[group].consumers {
            for HeldMessage { message, hold, .. } in self.held_by(*consumer) {
                match hold {
                    HoldState::Begun => visit(message, Prospect::Begun),
                    HoldState::Fetched => visit(message, Prospect::Comes),
                    // A broker that is gone will never hear of a failure.
                    HoldState::Failed(broker) if self.has_disk(broker) => visit(message, Prospect::Comes),
                    HoldState::Failed(_) => {}
                }
            }
        }
        let topic = self.plan.groups[group].topic;
        let mut way = |copy| match copy {
            VolatileCopy::Group(of, message) if of == group => visit(message, Prospect::Comes),
            VolatileCopy::Retries(of, message) if of == group && !self.ended => visit(message, Prospect::Comes),
            VolatileCopy::Log(message) if !self.ended && self.plan.topic_sent_to(message.producer) == Some(topic) => {
                visit(message, Prospect::Comes);
            }
            VolatileCopy::Group(..) | VolatileCopy::Retries(..) | VolatileCopy::Log(_) => {}
        };
        self.under_way().for_each(|packet| packet.volatile_copies(&self.plan, &mut way));
        for set in self.plan.sets_of(topic) {
            for replica in &self.plan.sets[set].replicas {
                self.nodes[*replica].volatile_copies(&mut way);
            }
        }
    }
}
