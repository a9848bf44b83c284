//! The logs as numbers: ends and starts of queues, committed offsets, lag, who is master, how far slaves are behind.
//!
//! A queue is what its set's present master has of it: what a former master still stores, commits or deletes does not
//! count. It knows nothing of messages.

use typed_index_collections::{TiSlice, TiVec};

use crate::kernel::Time;
use crate::plan::{
    Beginning, Epoch, GroupId, GroupSlot, NodeId, Offset, Plan, QueueId, QueuePlan, QueueSlot, ReplicaSlot, SetId,
    TopicId,
};

/// A queue, as one replica has it. It never starts beyond its end.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct ObservedLog {
    start: Offset,
    pub(super) end: Offset,
}

impl ObservedLog {
    /// The log with one more message, at this offset.
    fn grown(self, offset: Offset) -> Self {
        Self { start: self.start.min(offset), end: offset + 1 }
    }

    /// The log without all from this offset on.
    fn truncated(self, from: Offset) -> Self {
        Self { start: self.start.min(from), end: self.end.min(from) }
    }

    /// The log without all before this offset. A replica that begins anew behind what it never had ends there as well.
    fn deleted(self, before: Offset) -> Self {
        Self { start: before, end: self.end.max(before) }
    }

    /// Messages that are still stored. Whatever makes a log keeps its start at or before its end.
    pub(super) fn depth(self) -> u64 {
        self.end - self.start
    }
}

/// The offset that a group has committed in a queue.
#[derive(Clone, Copy, Debug)]
struct CommitMark {
    committed: Offset,
    /// Whether the group has begun to read: before that it has no lag.
    has_begun: bool,
}

impl CommitMark {
    fn lag(self, end: Offset) -> u64 {
        if self.has_begun { end.since(self.committed) } else { 0 }
    }
}

/// The master of a set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Master {
    pub(super) node: NodeId,
    /// None: nobody has been elected yet.
    pub(super) epoch: Option<Epoch>,
    pub(super) since: Time,
}

/// The replicas of a set.
#[derive(Clone, Debug)]
struct ObservedReplicas {
    nodes: TiVec<ReplicaSlot, NodeId>,
    queues: TiVec<QueueSlot, QueueId>,
    alive: TiVec<ReplicaSlot, bool>,
    /// How many messages of the present logs each replica lacks: a sum over the queues, from which never more is taken
    /// than the queue concerned has added.
    behind: TiVec<ReplicaSlot, u64>,
}

impl ObservedReplicas {
    /// Whether any replica can be behind.
    fn has_slaves(&self) -> bool {
        self.nodes.len() > 1
    }
}

/// Ends, starts, committed offsets and masters.
#[derive(Clone, Debug)]
pub(super) struct Logs {
    /// Each queue as the present master of its set has it.
    pub(super) queues: TiVec<QueueId, ObservedLog>,
    pub(super) masters: TiVec<SetId, Master>,
    /// By group: a sum over all its queues, from which never more is taken than what the queue concerned had added.
    pub(super) lag: TiVec<GroupId, u64>,
    marks: TiVec<QueueId, TiVec<GroupSlot, CommitMark>>,
    /// What each replica has of each queue.
    logs: TiVec<QueueId, TiVec<ReplicaSlot, ObservedLog>>,
    sets: TiVec<SetId, ObservedReplicas>,
    set_of: TiVec<QueueId, SetId>,
    topic_of: TiVec<QueueId, TopicId>,
    groups: TiVec<TopicId, TiVec<GroupSlot, GroupId>>,
    slots: TiVec<GroupId, GroupSlot>,
    /// Of each broker, which replica of which set it is.
    replica: TiVec<NodeId, Option<(SetId, ReplicaSlot)>>,
}

impl Logs {
    pub(super) fn new(plan: &Plan) -> Self {
        let mark = |group: &GroupId| CommitMark {
            committed: Offset::ZERO,
            has_begun: plan.groups[*group].from == Beginning::First,
        };
        let marks = |queue: &QueuePlan| plan.topics[queue.topic].groups.iter().map(mark).collect();
        let mut replica: TiVec<NodeId, _> = vec![None; plan.nodes.len()].into();
        for (id, set) in plan.sets.iter_enumerated() {
            for (slot, node) in set.replicas.iter_enumerated() {
                replica[*node] = Some((id, slot));
            }
        }
        let replicas = |queue: &QueuePlan| plan.sets[queue.set].replicas.len();
        Self {
            queues: vec![ObservedLog::default(); plan.queues.len()].into(),
            masters: plan
                .sets
                .iter()
                .map(|set| Master { node: set.first_master(), epoch: None, since: Time::ZERO })
                .collect(),
            lag: vec![0; plan.groups.len()].into(),
            marks: plan.queues.iter().map(marks).collect(),
            logs: plan.queues.iter().map(|queue| vec![ObservedLog::default(); replicas(queue)].into()).collect(),
            sets: plan
                .sets
                .iter()
                .map(|set| ObservedReplicas {
                    nodes: set.replicas.clone(),
                    queues: set.queues.clone(),
                    alive: vec![true; set.replicas.len()].into(),
                    behind: vec![0; set.replicas.len()].into(),
                })
                .collect(),
            set_of: plan.queues.iter().map(|queue| queue.set).collect(),
            topic_of: plan.queues.iter().map(|queue| queue.topic).collect(),
            groups: plan.topics.iter().map(|topic| topic.groups.clone()).collect(),
            slots: plan.groups.iter().map(|group| group.slot).collect(),
            replica,
        }
    }

    pub(super) fn set_of(&self, queue: QueueId) -> SetId {
        self.set_of[queue]
    }

    /// The queues of a set.
    pub(super) fn queues_of(&self, set: SetId) -> &TiSlice<QueueSlot, QueueId> {
        &self.sets[set].queues
    }

    /// The groups that read a queue.
    pub(super) fn groups_of(&self, queue: QueueId) -> &TiSlice<GroupSlot, GroupId> {
        &self.groups[self.topic_of[queue]]
    }

    /// Whether the node is the present master of the queue's set.
    pub(super) fn is_master(&self, node: NodeId, queue: QueueId) -> bool {
        self.masters[self.set_of(queue)].node == node
    }

    /// Whether a set has slaves, that can be behind.
    pub(super) fn has_slaves(&self, set: SetId) -> bool {
        self.sets[set].has_slaves()
    }

    /// How far the slowest live slave of a set is behind; nothing for a set without slaves.
    pub(super) fn replica_lag(&self, set: SetId) -> Option<u64> {
        let master = self.masters[set].node;
        let set = &self.sets[set];
        if !set.has_slaves() {
            return None;
        }
        let slaves = set.nodes.iter().zip(&set.alive).zip(&set.behind);
        let behind = slaves.filter(|((node, alive), _)| **alive && **node != master).map(|(_, behind)| *behind);
        Some(behind.max().unwrap_or(0))
    }

    /// A replica has one more message: stored by a master, or copied by a slave. True if that is the present log: a broker
    /// that was elected may go on in its former role, or epoch, until it hears of that.
    #[inline]
    pub(super) fn appended(&mut self, node: NodeId, queue: QueueId, offset: Offset) -> bool {
        self.change(node, queue, |log| log.grown(offset))
    }

    /// A replica drops its tail.
    pub(super) fn truncated(&mut self, node: NodeId, queue: QueueId, from: Offset) {
        self.change(node, queue, |log| log.truncated(from));
    }

    /// A replica deletes what lies before an offset. True if the present log ends further on now: a replica may begin anew
    /// behind what it never had, and may have been elected by then without knowing it.
    pub(super) fn deleted(&mut self, node: NodeId, queue: QueueId, offset: Offset) -> bool {
        let before = self.queues[queue].end;
        self.change(node, queue, |log| log.deleted(offset));
        self.queues[queue].end > before
    }

    /// Changes the log that a replica has of a queue. True if that is the present log.
    #[inline]
    fn change(&mut self, node: NodeId, queue: QueueId, change: impl FnOnce(ObservedLog) -> ObservedLog) -> bool {
        let Some((set, replica)) = self.replica[node] else { return false };
        let log = &mut self.logs[queue][replica];
        let before = *log;
        *log = change(before);
        let log = *log;
        let set = &mut self.sets[set];
        if set.has_slaves() {
            let present = self.queues[queue].end;
            let behind = &mut set.behind[replica];
            *behind = *behind + present.since(log.end) - present.since(before.end);
        }
        let is_present = self.is_master(node, queue);
        if is_present {
            self.set_present(queue, log);
        }
        is_present
    }

    /// Makes a log the present one of a queue.
    #[inline]
    fn set_present(&mut self, queue: QueueId, log: ObservedLog) {
        let before = std::mem::replace(&mut self.queues[queue], log);
        if log.end == before.end {
            return;
        }
        let groups = &self.groups[self.topic_of[queue]];
        for (mark, group) in self.marks[queue].iter_mut().zip(groups) {
            let lag = &mut self.lag[*group];
            let lagged = mark.lag(before.end);
            mark.committed = match mark.committed {
                // It is cut with the log.
                committed if log.end < before.end => committed.min(log.end),
                // The log goes on behind what it never had, and what nobody can read.
                committed if log.start > before.end => committed.max(log.start),
                committed => committed,
            };
            *lag = *lag + mark.lag(log.end) - lagged;
        }
        let set = &mut self.sets[self.set_of[queue]];
        if !set.has_slaves() {
            return;
        }
        for (behind, held) in set.behind.iter_mut().zip(&self.logs[queue]) {
            *behind = *behind + log.end.since(held.end) - before.end.since(held.end);
        }
    }

    /// A group has committed an offset, or begins at it.
    #[inline]
    pub(super) fn committed(&mut self, node: NodeId, group: GroupId, queue: QueueId, offset: Offset) {
        if !self.is_master(node, queue) {
            return;
        }
        let end = self.queues[queue].end;
        let mark = &mut self.marks[queue][self.slots[group]];
        let before = mark.lag(end);
        *mark = CommitMark { committed: offset, has_begun: true };
        let lag = &mut self.lag[group];
        *lag = *lag + mark.lag(end) - before;
    }

    /// A set has a new master: its queues are now what that one has of them. Returns the master before.
    pub(super) fn elected(&mut self, node: NodeId, set: SetId, epoch: Epoch, at: Time) -> Master {
        let before = std::mem::replace(&mut self.masters[set], Master { node, epoch: Some(epoch), since: at });
        if let Some((_, replica)) = self.replica[node] {
            for slot in self.sets[set].queues.keys() {
                let queue = self.sets[set].queues[slot];
                self.set_present(queue, self.logs[queue][replica]);
            }
        }
        before
    }

    /// A broker is up, or down.
    pub(super) fn set_alive(&mut self, node: NodeId, alive: bool) {
        if let Some((set, replica)) = self.replica[node] {
            self.sets[set].alive[replica] = alive;
        }
    }

    /// The set of a broker.
    pub(super) fn replica_of(&self, node: NodeId) -> Option<SetId> {
        self.replica[node].map(|(set, _)| set)
    }
}
