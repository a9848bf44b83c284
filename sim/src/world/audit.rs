//! The end of a run, and a second look at its ledger: where messages are is read from the nodes themselves, to be held
//! against what was gathered from the records.

use std::collections::BTreeSet;

use super::custody::Keeper;
use super::{Presence, World};
use crate::node::Node;
use crate::plan::{CrashMode, GroupId, MessageId, NodeId, Retention};
use crate::record::Sink;

/// What is left for a group, read from the nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Left {
    /// Accepted messages that a living consumer is at, and that were never done.
    pub in_process: u64,
    /// Accepted messages that can still come, and that nobody is at.
    pub waiting: u64,
}

impl World {
    /// Ends the run, once: a disk that is down now has no restart ahead and is gone, with what only it had.
    pub(super) fn finish<S: Sink>(&mut self, sink: &mut S) {
        self.ended = true;
        self.seal_orphans();
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
                    let suspects: BTreeSet<MessageId> = log.chain(retries).collect();
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
        let topic = &self.plan.topics[self.plan.groups[group.index()].topic.index()];
        self.each_left(group, |message, keeper| {
            // What is fetched and not begun is where it was fetched from; if that is deleted by age, it has expired.
            let begun = keeper == Keeper::Thread;
            let fetched = keeper == Keeper::Buffer && topic.retention != Retention::Consumed;
            if !fetched && self.custody.is_accepted(message) && !self.custody.is_settled(group, message) {
                // Begun comes first: a message counts once, as in process if anybody is at it.
                all.push((message, !begun));
            }
        });
        all.sort_unstable();
        all.dedup_by_key(|(message, _)| *message);
        let in_process = all.iter().filter(|(_, idle)| !idle).count() as u64;
        Left { in_process, waiting: all.len() as u64 - in_process }
    }

    /// Whether a node's disk is there, or will be again.
    pub(super) fn has_disk(&self, node: NodeId) -> bool {
        !(self.ended && matches!(self.presence(node), Presence::Down(CrashMode::Host | CrashMode::Process)))
    }
}
