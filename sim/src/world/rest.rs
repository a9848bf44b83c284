//! When a run is over: after producers have stopped, as soon as nothing is left to drain.

use super::{Presence, World};
use crate::node::Node;
use crate::plan::{GroupId, NodeId, QueueId, SetId};

/// What the last look found not to be at rest: the next one begins there, and mostly need not go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Unrest {
    /// Nothing in particular.
    #[default]
    Unknown,
    /// A client with something under way.
    Client(NodeId),
    /// A group that is not done with a queue.
    Reading(QueueId, GroupId),
    /// A set whose slaves are behind.
    Replicas(SetId),
}

impl World {
    /// Whether producers have stopped and nothing is left: no send unanswered, every queue of every live master
    /// committed by all groups that have begun, no retry and nothing in hand, every live slave level, no commit under way.
    #[inline]
    pub fn is_at_rest(&mut self) -> bool {
        self.stopped && self.look_for_unrest()
    }

    fn look_for_unrest(&mut self) -> bool {
        let still = match self.unrest {
            Unrest::Unknown => true,
            Unrest::Client(node) => self.is_client_at_rest(node),
            Unrest::Reading(queue, group) => self.is_read(queue, group),
            Unrest::Replicas(set) => self.is_level(set),
        };
        if still {
            self.unrest = self.find_unrest();
        }
        self.unrest == Unrest::Unknown
    }

    fn find_unrest(&self) -> Unrest {
        let clients = (0..self.nodes.len()).map(NodeId::from).find(|node| !self.is_client_at_rest(*node));
        if let Some(node) = clients {
            return Unrest::Client(node);
        }
        for (index, queue) in self.plan.queues.iter().enumerate() {
            for group in &self.plan.topics[queue.topic.index()].groups {
                if !self.is_read(QueueId::from(index), *group) {
                    return Unrest::Reading(QueueId::from(index), *group);
                }
            }
        }
        let sets = (0..self.plan.sets.len()).map(SetId::from).find(|set| !self.is_level(*set));
        sets.map_or(Unrest::Unknown, Unrest::Replicas)
    }

    fn is_client_at_rest(&self, node: NodeId) -> bool {
        if self.presence(node) != Presence::Up {
            return true;
        }
        match &self.nodes[node.index()] {
            Node::Producer(producer) => producer.open() == 0,
            Node::Consumer(consumer) => !consumer.is_busy(),
            Node::Broker(broker) => broker.storing() == 0,
            Node::Service(service) => service.busy() == 0 && service.waiting() == 0,
            Node::Nameserver(_) => true,
        }
    }

    /// Whether a group, if it has begun, is through with a queue, as far as its live master knows.
    fn is_read(&self, queue: QueueId, group: GroupId) -> bool {
        let begun = self.tracker.begun.contains(&(group, queue));
        let (queue, group) = (&self.plan.queues[queue.index()], &self.plan.groups[group.index()]);
        self.plan.sets[queue.set.index()].replicas.iter().all(|replica| {
            let Node::Broker(broker) = &self.nodes[replica.index()] else { return true };
            if self.presence(*replica) != Presence::Up {
                return true;
            }
            if broker.master_in().is_none() {
                // Slaves are read by nobody. One that has no role yet may have a lot to drain.
                return broker.has_joined();
            }
            let reading = broker.reading(queue.slot, group.slot);
            let read = reading.retries.is_empty() && reading.committed >= broker.log(queue.slot).end();
            !begun || read
        })
    }

    /// Whether every live slave of a set has joined its live master and has all that there is to copy.
    fn is_level(&self, set: SetId) -> bool {
        let replicas = &self.plan.sets[set.index()].replicas;
        let live = || replicas.iter().filter(|replica| self.presence(**replica) == Presence::Up);
        if replicas.len() == 1 || live().next().is_none() {
            return true;
        }
        let Some(master) = self.leader(set) else { return false };
        let Node::Broker(broker) = &self.nodes[master.index()] else { return true };
        let mut slaves = live().filter(|replica| **replica != master).peekable();
        // One that has lost its memory may not have told its master so yet.
        let follows = |slave: &NodeId| match &self.nodes[slave.index()] {
            Node::Broker(slave) => slave.has_joined() && slave.follows().map(|(_, whom)| whom) == Some(master),
            _ => false,
        };
        let is_level = |slave: &NodeId| follows(slave) && broker.is_followed_by(*slave);
        slaves.peek().is_none() || (broker.has_told_slaves() && slaves.all(is_level))
    }
}
