//! Which nodes are alive, how busy consumers and services are, and which consumer owns which queue. It knows nothing of the
//! messages that they work on.

use std::sync::Arc;

use typed_index_collections::TiVec;

use crate::kernel::Time;
use crate::plan::{GroupId, NodeId, Plan, QueueId, Role};

/// Busy time, and the time that there was to be busy in, summed over threads or workers, in nanoseconds.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct BusyTime {
    pub(super) busy: u64,
    pub(super) capacity: u64,
}

/// A node, as far as work goes.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    pub(super) alive: bool,
    /// Threads or workers; 0 for nodes that have neither.
    threads: u32,
    busy: u32,
    /// The time up to which `sums` is summed.
    summed_until: Time,
    sums: BusyTime,
    /// The queues of its last assignment.
    pub(super) owns: Arc<[QueueId]>,
    /// Messages that it was the first of its group to finish.
    pub(super) done: u64,
    group: Option<GroupId>,
}

impl Worker {
    fn new(plan: &Plan, node: NodeId) -> Self {
        let (threads, group) = match &plan.nodes[node].role {
            Role::Consumer(consumer) => (consumer.threads, Some(consumer.group)),
            Role::Service(service) => (service.workers, None),
            Role::Nameserver | Role::Broker { .. } | Role::Producer(_) => (0, None),
        };
        let alive = plan.begins(node) == Time::ZERO;
        Self {
            alive,
            threads,
            busy: 0,
            summed_until: Time::ZERO,
            sums: BusyTime::default(),
            owns: [].into(),
            done: 0,
            group,
        }
    }

    /// Its sums at a time. A thread that is no longer wanted and still at work counts among those that there are.
    pub(super) fn sums(&self, at: Time) -> BusyTime {
        let span = at.since(self.summed_until).0;
        let BusyTime { busy, capacity } = self.sums;
        let threads = if self.alive { u64::from(self.threads.max(self.busy)) } else { 0 };
        BusyTime {
            busy: busy.saturating_add(span.saturating_mul(u64::from(self.busy))),
            capacity: capacity.saturating_add(span.saturating_mul(threads)),
        }
    }

    fn sum_until(&mut self, at: Time) {
        self.sums = self.sums(at);
        self.summed_until = at;
    }

    fn is_idle(&self) -> bool {
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

/// The consumers that were last assigned each queue of a group's topic, and still own it.
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
        for worker in nodes.iter().filter(|worker| worker.is_idle()) {
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

    /// The consumer that was last assigned a queue of a group's topic, and still owns it.
    pub(super) fn owner(&self, group: GroupId, queue: QueueId) -> Option<NodeId> {
        let Owners { first, list } = &self.owners[group];
        *list.get(queue.index().checked_sub(*first)?)?
    }

    /// A thread or worker of a node has begun.
    #[inline]
    pub(super) fn thread_began(&mut self, node: NodeId, at: Time) {
        let worker = &mut self.nodes[node];
        worker.sum_until(at);
        worker.busy += 1;
    }

    /// A thread or worker of a node has ended.
    #[inline]
    pub(super) fn thread_ended(&mut self, node: NodeId, at: Time) {
        let worker = &mut self.nodes[node];
        worker.sum_until(at);
        worker.busy = worker.busy.saturating_sub(1);
    }

    /// A node has another number of threads or workers.
    pub(super) fn set_threads(&mut self, node: NodeId, threads: u32, at: Time) {
        let worker = &mut self.nodes[node];
        worker.sum_until(at);
        worker.threads = threads;
    }

    /// A node lives from now on, or no longer; either way it owns no queue and does nothing yet.
    pub(super) fn set_alive(&mut self, node: NodeId, alive: bool, at: Time) {
        self.assigned(node, &[].into());
        let worker = &mut self.nodes[node];
        worker.sum_until(at);
        worker.busy = 0;
        let before = worker.is_idle();
        worker.alive = alive;
        let after = worker.is_idle();
        self.count_idle(node, before, after);
    }

    /// A consumer is assigned these queues and no others.
    pub(super) fn assigned(&mut self, node: NodeId, queues: &Arc<[QueueId]>) {
        let worker = &mut self.nodes[node];
        let Some(group) = worker.group else { return };
        let before = worker.is_idle();
        let Owners { first, list: owners } = &mut self.owners[group];
        for queue in worker.owns.iter() {
            let owner = &mut owners[queue.index() - *first];
            *owner = owner.filter(|owner| *owner != node);
        }
        for queue in queues.iter() {
            owners[queue.index() - *first] = Some(node);
        }
        worker.owns = Arc::clone(queues);
        let after = worker.is_idle();
        self.count_idle(node, before, after);
    }

    /// Counts a consumer that was idle or not before, and is idle or not now.
    fn count_idle(&mut self, node: NodeId, before: bool, after: bool) {
        if let Some(group) = self.nodes[node].group {
            let idle = &mut self.idle[group];
            *idle = *idle + u64::from(after) - u64::from(before);
        }
    }
}
