//! The end of a run, and a second look at its ledger: where messages are is read from the nodes themselves, to be held
//! against what was gathered from the records.

use std::collections::BTreeSet;

use super::custody::{BEFORE, Spot, Suspects};
use super::seal::Keeper;
use super::{Presence, World};
use crate::node::{Hold, Node, SharedMemory};
use crate::plan::{GroupId, MessageId, NodeId};
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
    /// Ends the run, once: a disk that is down now has no restart ahead and is gone, with what only it had.
    pub(super) fn finish<S: Sink>(&mut self, sink: &mut S) {
        self.ended = true;
        self.seal_watched();
        for index in 0..self.nodes.len() {
            let node = NodeId::from(index);
            let Some(set) = self.plan.broker_set(node) else { continue };
            // What the present epoch does not keep is gone with the election; what is down, with the crash.
            let sealed = match self.presence(node) {
                Presence::Down(_) => self.bodies[index].crash.map(|(seal, _)| seal),
                _ => self.custody.elected[set.index()].map(|((seal, _), _)| seal),
            };
            let Some(seal) = sealed.filter(|_| !self.has_disk(node)) else { continue };
            for queue in self.plan.sets[set.index()].queues.clone() {
                for group in self.plan.topics[self.plan.queues[queue.index()].topic.index()].groups.clone() {
                    let Node::Broker(broker) = &self.nodes[index] else { continue };
                    let (slot, of) = (self.plan.queues[queue.index()].slot, self.plan.groups[group.index()].slot);
                    let reading = broker.reading(slot, of);
                    let began = reading.beginning(self.plan.groups[group.index()].from);
                    let log = broker.log(slot).range(reading.committed, u64::MAX);
                    let log = log.map(|(offset, entry)| (entry.message, (queue, offset)));
                    let mut suspects: Suspects = log.collect();
                    let is_before = |(_, (_, offset)): &(MessageId, Spot)| *offset < began;
                    let before = suspects.iter().map(|(message, spot)| (*message, *spot)).filter(is_before).collect();
                    let retries = reading.retries.iter().map(|(spot, _)| (spot.message, (queue, spot.offset)));
                    suspects.extend(retries);
                    for consumer in &self.plan.groups[group.index()].consumers {
                        let untold = self.held_by(*consumer).into_iter().filter(|held| held.hold == Hold::Failed(node));
                        suspects.extend(untold.map(|held| (held.message, (held.queue, held.offset))));
                    }
                    self.mark(group, &before, BEFORE);
                    self.seal_unless_left(group, suspects, (seal, node));
                }
            }
        }
        self.publish(sink);
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
    pub fn dead_that_come(&self, group: GroupId) -> BTreeSet<MessageId> {
        let prospects = self.prospects(group).into_iter().filter(|(_, prospect)| *prospect != Prospect::Gone);
        prospects.map(|(message, _)| message).filter(|message| self.custody.was_dead(group, *message)).collect()
    }

    /// The best prospect of each accepted message that was never done and has any.
    fn prospects(&self, group: GroupId) -> Vec<(MessageId, Prospect)> {
        let mut all = Vec::new();
        self.each_left(group, |message, keeper| {
            let prospect = match keeper {
                Keeper::Begun => Prospect::Begun,
                Keeper::Gone => Prospect::Gone,
                Keeper::Disk | Keeper::OtherDisk | Keeper::UnderWay | Keeper::Consumer => Prospect::Comes,
            };
            if self.custody.is_accepted(message) && !self.custody.is_done(group, message) {
                all.push((message, prospect));
            }
        });
        all.sort_unstable();
        all.dedup_by_key(|(message, _)| *message);
        all
    }
}
