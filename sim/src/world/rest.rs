//! When a run is over: after producers have stopped, as soon as nothing is left to drain.

use super::{Presence, World};
use crate::node::Node;
use crate::plan::{GroupId, NodeId, QueueId, SetId};

/// What the last check found to be still active. The next check begins there, and mostly ends there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Unrest {
    /// Nothing in particular.
    #[default]
    Unknown,
    /// A client with something under way; for a consumer, from this queue.
    Client(NodeId, QueueId),
    /// A queue that a group is not done with.
    Unread(QueueId),
    /// A set whose slaves are behind.
    Replicas(SetId),
}

impl World {
    /// Whether producers have stopped and nothing is left: no send unanswered, every queue of every live master
    /// committed by all groups that have begun, no retry and nothing in hand, every live slave level, no commit under way;
    /// nor anything under way to a group from a broker that is down by now.
    #[inline]
    pub(crate) fn is_at_rest(&mut self) -> bool {
        self.stopped && self.out.bound_for_groups == 0 && self.look_for_unrest()
    }

    fn look_for_unrest(&mut self) -> bool {
        self.unrest = match self.unrest {
            Unrest::Unread(_) => self.find_unread().or_else(|| self.find_behind()).or_else(|| self.find_busy()),
            Unrest::Replicas(_) => self.find_behind().or_else(|| self.find_busy()).or_else(|| self.find_unread()),
            Unrest::Unknown | Unrest::Client(..) => {
                self.find_busy().or_else(|| self.find_unread()).or_else(|| self.find_behind())
            }
        }
        .unwrap_or_default();
        self.unrest == Unrest::Unknown
    }

    /// A client with something under way. The search begins at the one that was found last.
    fn find_busy(&self) -> Option<Unrest> {
        let (last, queue) = match self.unrest {
            Unrest::Client(node, queue) => (node, queue),
            _ => (NodeId(0), QueueId(0)),
        };
        let busy = |node: NodeId, from| Some(Unrest::Client(node, self.busy_with(node, from)?));
        busy(last, queue)
            .or_else(|| around(last.index(), self.nodes.len()).find_map(|node| busy(NodeId::from(node), QueueId(0))))
    }

    /// A queue that a group is not done with.
    fn find_unread(&self) -> Option<Unrest> {
        let last = if let Unrest::Unread(queue) = self.unrest { queue.index() } else { 0 };
        let is_read = |queue: &QueueId| {
            let topic = self.plan.queues[*queue].topic;
            self.plan.topics[topic].groups.iter().all(|group| self.is_read(*queue, *group))
        };
        around(last, self.plan.queues.len()).map(QueueId::from).find(|queue| !is_read(queue)).map(Unrest::Unread)
    }

    /// A set whose slaves are behind.
    fn find_behind(&self) -> Option<Unrest> {
        let last = if let Unrest::Replicas(set) = self.unrest { set.index() } else { 0 };
        around(last, self.plan.sets.len()).map(SetId::from).find(|set| !self.is_level(*set)).map(Unrest::Replicas)
    }

    /// Whether a client has something under way: from which queue, where it has it from one; looks at this queue first.
    fn busy_with(&self, node: NodeId, first: QueueId) -> Option<QueueId> {
        if self.presence(node) != Presence::Up {
            return None;
        }
        let busy = match &self.nodes[node] {
            Node::Producer(producer) => producer.open() > 0,
            Node::Consumer(consumer) => return consumer.busy_with(first),
            Node::Broker(broker) => broker.pending_sends() > 0,
            Node::Service(service) => service.busy() > 0 || service.waiting() > 0,
            Node::Nameserver(_) => false,
        };
        busy.then_some(first)
    }

    /// Whether a group, if it has begun, is through with a queue, as far as its live master knows.
    fn is_read(&self, queue: QueueId, group: GroupId) -> bool {
        let begun = self.tracker.begun.contains(&(group, queue));
        let (queue, group) = (&self.plan.queues[queue], &self.plan.groups[group]);
        self.plan.sets[queue.set].replicas.iter().all(|replica| {
            let Node::Broker(broker) = &self.nodes[*replica] else { return true };
            if self.presence(*replica) != Presence::Up {
                return true;
            }
            if broker.master_in().is_none() {
                // Slaves are read by nobody. One that has no role yet may have a lot to drain.
                return broker.has_joined();
            }
            let group_state = broker.group_state(queue.slot, group.slot);
            let read = group_state.retries.is_empty() && group_state.committed >= broker.log(queue.slot).end();
            !begun || read
        })
    }

    /// Whether every live slave of a set has joined its live master and has all that there is to copy.
    fn is_level(&self, set: SetId) -> bool {
        let replicas = &self.plan.sets[set].replicas;
        let live = || replicas.iter().filter(|replica| self.presence(**replica) == Presence::Up);
        if replicas.len() == 1 || live().next().is_none() {
            return true;
        }
        let Some(master) = self.leader(set) else { return false };
        let Node::Broker(broker) = &self.nodes[master] else { return true };
        let mut slaves = live().filter(|replica| **replica != master).peekable();
        // One that has lost its memory may not have told its master so yet.
        let follows = |slave: &NodeId| match &self.nodes[*slave] {
            Node::Broker(slave) => slave.has_joined() && slave.follows().map(|(_, whom)| whom) == Some(master),
            _ => false,
        };
        let is_level = |slave: &NodeId| follows(slave) && broker.is_in_sync(*slave);
        slaves.peek().is_none() || (broker.has_told_slaves() && slaves.all(is_level))
    }
}

/// All numbers below `count`, from `first` on and around.
fn around(first: usize, count: usize) -> impl Iterator<Item = usize> {
    (first..count).chain(0..first.min(count))
}
