//! The end of a run, and a second look at its ledger: where messages are is read from the nodes themselves, to be held
//! against what was gathered from the records.

use std::collections::BTreeSet;

use super::custody::Keeper;
use super::{Presence, World};
use crate::node::{Held, Hold, Node, SharedMemory};
use crate::plan::{CrashMode, GroupId, MessageId, NodeId, Retention};
use crate::record::Sink;

/// What is left for a group, read from the nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Left {
    /// Accepted messages that a living consumer is at, and that were never done.
    pub in_process: u64,
    /// Accepted messages that can still come, and that nobody is at.
    pub waiting: u64,
    /// Dead letters of which another copy can still come, or could until its disk went: they may count as either.
    pub also_dead: u64,
}

impl Left {
    /// Whether a ledger that was gathered from the records says the same.
    #[must_use]
    pub fn agrees(&self, in_process: u64, waiting: u64) -> bool {
        let all = self.in_process + self.waiting;
        (self.also_dead > 0 || (in_process, waiting) == (self.in_process, self.waiting))
            && (all..=all + self.also_dead).contains(&(in_process + waiting))
    }
}

impl World {
    /// Ends the run, once: a disk that is down now has no restart ahead and is gone, with what only it had.
    pub(super) fn finish<S: Sink>(&mut self, sink: &mut S) {
        self.ended = true;
        self.seal_orphans();
        self.seal_watched();
        for index in 0..self.nodes.len() {
            let node = NodeId::from(index);
            let Some((seal, _)) = self.bodies[index].crash else { continue };
            if !matches!(self.presence(node), Presence::Down(_)) {
                continue;
            }
            let Some(set) = self.plan.broker_set(node) else { continue };
            for queue in self.plan.sets[set.index()].queues.clone() {
                for group in self.plan.topics[self.plan.queues[queue.index()].topic.index()].groups.clone() {
                    let Node::Broker(broker) = &self.nodes[index] else { continue };
                    let (slot, of) = (self.plan.queues[queue.index()].slot, self.plan.groups[group.index()].slot);
                    let reading = broker.reading(slot, of);
                    let log = broker.log(slot).range(reading.committed, u64::MAX).map(|(_, entry)| entry.message);
                    let retries = reading.retries.iter().map(|(spot, _)| spot.message);
                    let mut suspects: BTreeSet<MessageId> = log.chain(retries).collect();
                    for consumer in &self.plan.groups[group.index()].consumers {
                        let untold = self.held_by(*consumer).into_iter().filter(|held| held.hold == Hold::Failed(node));
                        suspects.extend(untold.map(|held| held.message));
                    }
                    self.seal_unless_left(group, suspects, seal, node);
                }
            }
        }
        self.publish(sink);
    }

    /// What is left for a group.
    #[must_use]
    pub fn left(&self, group: GroupId) -> Left {
        let mut all = Vec::new();
        self.each_left(group, |message, keeper| {
            // (A disk that is gone matters only for dead letters: another copy of them was still to come.)
            let gone = matches!(keeper, Keeper::Gone) && !self.custody.is_settled(group, message);
            let undone = self.custody.is_accepted(message) && !self.custody.is_done(group, message);
            if undone && !gone && !self.has_expired(keeper) {
                let begun = matches!(keeper, Keeper::Consumer(Held { hold: Hold::Begun, .. }));
                // Begun comes first: a message counts once, as in process if anybody is at it.
                all.push((message, !begun));
            }
        });
        all.sort_unstable();
        all.dedup_by_key(|(message, _)| *message);
        let mut left = Left::default();
        for (message, idle) in all {
            match (self.custody.is_settled(group, message), idle) {
                (true, _) => left.also_dead += 1,
                (false, true) => left.waiting += 1,
                (false, false) => left.in_process += 1,
            }
        }
        left
    }

    /// What is fetched and not begun is where it was fetched from: if that is deleted by age, it has expired.
    fn has_expired(&self, keeper: Keeper) -> bool {
        let Keeper::Consumer(Held { queue, offset, retry: false, hold: Hold::Fetched | Hold::Failed(_), .. }) = keeper
        else {
            return false;
        };
        let queue = &self.plan.queues[queue.index()];
        self.plan.topics[queue.topic.index()].retention != Retention::Consumed
            && self.plan.sets[queue.set.index()].replicas.iter().all(|replica| match &self.nodes[replica.index()] {
                Node::Broker(broker) => broker.log(queue.slot).start() > offset,
                _ => true,
            })
    }

    /// Whether a node's disk is there, or will be again.
    pub(super) fn has_disk(&self, node: NodeId) -> bool {
        !(self.ended && matches!(self.presence(node), Presence::Down(CrashMode::Host | CrashMode::Process)))
    }
}
