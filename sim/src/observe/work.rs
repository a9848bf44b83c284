//! Who lives, how busy consumers and services are, and who owns which queue. It knows nothing of what they work on.

use std::sync::Arc;

use typed_index_collections::TiVec;

use crate::kernel::Time;
use crate::plan::{GroupId, NodeId, Plan, QueueId, Role};

/// Busy time and the time that there was to be busy in, summed over threads or workers, in nanoseconds.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Busy {
    pub(super) busy: u64,
    pub(super) capacity: u64,
}

/// A node, as far as work goes.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    pub(super) alive: bool,
    /// Threads or workers; 0 for nodes that have neither.
    number: u32,
    busy: u32,
    /// Up to when `sums` has been summed.
    until: Time,
    sums: Busy,
    /// The last assignment.
    pub(super) owns: Arc<[QueueId]>,
    /// Messages that it was the first of its group to finish.
    pub(super) done: u64,
    group: Option<GroupId>,
}

impl Worker {
    fn new(plan: &Plan, node: NodeId) -> Self {
        let (number, group) = match &plan.nodes[node].role {
            Role::Consumer(consumer) => (consumer.threads, Some(consumer.group)),
            Role::Service(service) => (service.workers, None),
            Role::Nameserver | Role::Broker { .. } | Role::Producer(_) => (0, None),
        };
        let alive = plan.begins(node) == Time::ZERO;
        Self { alive, number, busy: 0, until: Time::ZERO, sums: Busy::default(), owns: [].into(), done: 0, group }
    }

    /// What it comes to at a time. A thread that is no longer wanted and still at work counts among those that there are.
    pub(super) fn sums(&self, at: Time) -> Busy {
        let span = at.since(self.until).0;
        let Busy { busy, capacity } = self.sums;
        let number = if self.alive { u64::from(self.number.max(self.busy)) } else { 0 };
        Busy {
            busy: busy.saturating_add(span.saturating_mul(u64::from(self.busy))),
            capacity: capacity.saturating_add(span.saturating_mul(number)),
        }
    }

    fn settle(&mut self, at: Time) {
        self.sums = self.sums(at);
        self.until = at;
    }

    fn idle(&self) -> bool {
        self.alive && self.owns.is_empty()
    }
}

/// All nodes, as far as work goes.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) nodes: TiVec<NodeId, Worker>,
    /// By group: live consumers that own no queue.
    pub(super) idle: TiVec<GroupId, u64>,
    owners: TiVec<GroupId, Owners>,
}

/// Who was last assigned each queue of a group's topic, and still owns it.
#[derive(Clone, Debug)]
struct Owners {
    /// The topic's queues follow each other from this one.
    first: usize,
    list: Vec<Option<NodeId>>,
}

impl Work {
    pub(super) fn new(plan: &Plan) -> Self {
        let nodes: TiVec<NodeId, Worker> = plan.nodes.keys().map(|node| Worker::new(plan, node)).collect();
        let mut idle: TiVec<GroupId, u64> = vec![0; plan.groups.len()].into();
        for worker in nodes.iter().filter(|worker| worker.idle()) {
            if let Some(group) = worker.group {
                idle[group] += 1;
            }
        }
        let owners = plan.groups.iter().map(|group| {
            let queues = &plan.topics[group.topic].queues;
            Owners { first: queues.first().map_or(0, |queue| queue.index()), list: vec![None; queues.len()] }
        });
        Self { nodes, idle, owners: owners.collect() }
    }

    /// Who was last assigned a queue of a group's topic, and still owns it.
    pub(super) fn owner(&self, group: GroupId, queue: QueueId) -> Option<NodeId> {
        let Owners { first, list } = &self.owners[group];
        *list.get(queue.index().checked_sub(*first)?)?
    }

    /// A thread or worker begins.
    #[inline]
    pub(super) fn begins(&mut self, node: NodeId, at: Time) {
        let worker = &mut self.nodes[node];
        worker.settle(at);
        worker.busy += 1;
    }

    /// A thread or worker has ended.
    #[inline]
    pub(super) fn ends(&mut self, node: NodeId, at: Time) {
        let worker = &mut self.nodes[node];
        worker.settle(at);
        worker.busy = worker.busy.saturating_sub(1);
    }

    /// It has another number of threads or workers.
    pub(super) fn changed(&mut self, node: NodeId, number: u32, at: Time) {
        let worker = &mut self.nodes[node];
        worker.settle(at);
        worker.number = number;
    }

    /// It lives from now on, or no longer; either way it owns nothing and does nothing yet.
    pub(super) fn lives(&mut self, node: NodeId, alive: bool, at: Time) {
        self.own(node, &[].into());
        let worker = &mut self.nodes[node];
        worker.settle(at);
        worker.busy = 0;
        let before = worker.idle();
        worker.alive = alive;
        let after = worker.idle();
        self.idles(node, before, after);
    }

    /// Its whole assignment is this now.
    pub(super) fn own(&mut self, node: NodeId, queues: &Arc<[QueueId]>) {
        let worker = &mut self.nodes[node];
        let Some(group) = worker.group else { return };
        let before = worker.idle();
        let Owners { first, list: owners } = &mut self.owners[group];
        for queue in worker.owns.iter() {
            let owner = &mut owners[queue.index() - *first];
            *owner = owner.filter(|owner| *owner != node);
        }
        for queue in queues.iter() {
            owners[queue.index() - *first] = Some(node);
        }
        worker.owns = Arc::clone(queues);
        let after = worker.idle();
        self.idles(node, before, after);
    }

    /// Who was idle before has been counted.
    fn idles(&mut self, node: NodeId, before: bool, after: bool) {
        if let Some(group) = self.nodes[node].group {
            let idle = &mut self.idle[group];
            *idle = *idle + u64::from(after) - u64::from(before);
        }
    }
}
