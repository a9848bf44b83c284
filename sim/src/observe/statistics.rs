//! The statistics of a run up to its present moment: ledger, logs, counts, work and failovers, and which record changes
//! which of them.
//!
//! This is the one place where a record is taken apart for them. They know nothing of each other: what one of them finds
//! out and another needs passes through here.

use typed_index_collections::TiVec;

use super::aggregates::{Measurement, OpenWindows};
use super::failover::Failovers;
use super::ledger::Ledger;
use super::logs::Logs;
use super::sends::Counts;
use super::state::MessageState;
use super::work::Work;
use crate::kernel::Time;
use crate::plan::{Epoch, GroupId, MessageId, NodeId, Offset, Plan, QueueId, SetId, Setting};
use crate::record::{Change, Kind, Record};

/// The statistics of a run up to its present moment.
#[derive(Clone, Debug)]
pub(super) struct Statistics {
    pub(super) ledger: Ledger,
    pub(super) logs: Logs,
    pub(super) counts: Counts,
    pub(super) work: Work,
    pub(super) failovers: Failovers,
    /// Whether a node is a producer: then the response times of its calls are measured.
    is_producer: TiVec<NodeId, bool>,
}

impl Statistics {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            ledger: Ledger::new(plan),
            logs: Logs::new(plan),
            counts: Counts::new(plan),
            work: Work::new(plan),
            failovers: Failovers::new(plan),
            is_producer: (0..plan.nodes.len()).map(|node| plan.producer(node.into()).is_some()).collect(),
        }
    }

    /// Takes up a record. Pulls change no statistic, and are a third of all records.
    #[inline]
    pub(super) fn record(&mut self, record: &Record, windows: &mut OpenWindows) {
        if !matches!(record.kind, Kind::Held { .. } | Kind::Woken { .. } | Kind::Delivered { .. }) {
            self.count(record, windows);
        }
    }

    #[inline(never)]
    fn count(&mut self, record: &Record, windows: &mut OpenWindows) {
        let &Record { at, node, ref kind, .. } = record;
        match *kind {
            Kind::Sent { message, key, .. } => self.attempted(message, at, key),
            Kind::Unrouted { message } => self.attempted(message, at, None),
            Kind::Stored { message, queue, offset, .. } => self.stored((node, message), (queue, offset), at, windows),
            Kind::Replicated { queue, offset, .. } => {
                if self.logs.appended(node, queue, offset) {
                    self.log_end_moved(queue, at, windows);
                }
            }
            Kind::Accepted { message } => self.accepted(message, at, windows),
            Kind::Rejected { message } => {
                if self.ledger.rejected(message) {
                    self.counts.rejected(message, at);
                }
            }
            Kind::Started { group, message, queue, .. } => {
                self.work.thread_began(node, at);
                self.ledger.started(node, group, message, queue);
            }
            Kind::Finished { group, message, queue, .. } => self.finished((node, group), message, queue, at, windows),
            Kind::Failed { group, message, .. } => {
                self.work.thread_ended(node, at);
                self.ledger.failed(node, group, message);
            }
            Kind::Begun { group, queue, offset } => {
                self.logs.committed(node, group, queue, offset);
                windows.update(|window| window.observe_group_lag(group, at, &self.logs));
            }
            Kind::Committed { group, queue, offset } => {
                self.logs.committed(node, group, queue, offset);
                windows.update(|window| window.observe_group_lag(group, at, &self.logs));
            }
            Kind::Deleted { queue, offset } => {
                if self.logs.deleted(node, queue, offset) {
                    self.log_end_moved(queue, at, windows);
                }
            }
            Kind::Retried { group, message } => self.ledger.retried(node, group, message),
            Kind::DeadLettered { group, message } => self.ledger.dead_lettered(group, message),
            Kind::Expired { group, message } => self.ledger.gone(group, message, MessageState::EXPIRED),
            Kind::Skipped { group, message } => self.ledger.gone(group, message, MessageState::SKIPPED),
            Kind::Lost { group, message } => self.ledger.gone(group, message, MessageState::LOST),
            Kind::Called { call, service } => self.called(call, service, at),
            Kind::Answered { call, service } => self.answered(call, service, at, windows),
            Kind::Refused { call, service } => self.counts.refused(call.producer, service),
            Kind::Serving { .. } => self.work.thread_began(node, at),
            Kind::Served { .. } => self.work.thread_ended(node, at),
            _ => self.count_rare(record, windows),
        }
    }

    /// Takes up a record of a kind that is rare: what happens to nodes and sets.
    #[cold]
    fn count_rare(&mut self, record: &Record, windows: &mut OpenWindows) {
        let &Record { at, node, ref kind, .. } = record;
        match kind {
            Kind::Truncated { queue, from, .. } => {
                self.logs.truncated(node, *queue, *from);
                self.log_end_moved(*queue, at, windows);
            }
            Kind::Assigned { queues, .. } => self.work.assigned(node, queues),
            Kind::Elected { set, epoch } => self.elected(node, *set, *epoch, at, windows),
            Kind::Joined => self.work.set_alive(node, true, at),
            Kind::Restarted => self.set_alive(node, true, at, windows),
            Kind::Left => self.set_alive(node, false, at, windows),
            Kind::Crashed { .. } => {
                self.failovers.crashed(node, at);
                self.set_alive(node, false, at, windows);
            }
            Kind::Changed { change } => {
                if let Change::Setting(Setting::Threads(number) | Setting::Workers(number)) = **change {
                    self.work.set_threads(node, number, at);
                }
            }
            _ => {}
        }
    }

    fn attempted(&mut self, message: MessageId, at: Time, key: Option<u32>) {
        if self.ledger.attempted(message, at, key) {
            self.counts.sent(message, at);
        }
    }

    fn stored(
        &mut self,
        (node, message): (NodeId, MessageId),
        (queue, offset): (QueueId, Offset),
        at: Time,
        windows: &mut OpenWindows,
    ) {
        if !self.logs.appended(node, queue, offset) {
            return;
        }
        let set = self.logs.set_of(queue);
        let after_failover = self.failovers.any_watched() && self.failovers.stored(message, set);
        self.ledger.stored(message, after_failover);
        self.log_end_moved(queue, at, windows);
    }

    /// The present log of a queue has another end than before.
    #[inline]
    fn log_end_moved(&self, queue: QueueId, at: Time, windows: &mut OpenWindows) {
        windows.update(|window| window.observe_queue_lag(queue, at, &self.logs));
        let set = self.logs.set_of(queue);
        if self.logs.has_slaves(set) {
            self.observe_replica_lag(set, windows);
        }
    }

    fn accepted(&mut self, message: MessageId, at: Time, windows: &mut OpenWindows) {
        let Some(attempt) = self.ledger.accepted(message) else { return };
        self.counts.accepted(message, at, windows);
        windows.add_measurement(Measurement::Response(message.producer, at.since(attempt)));
        if self.failovers.any_watched() {
            self.failovers.accepted(message, at, |set, took| windows.update(|window| window.add_failover(set, took)));
        }
    }

    fn finished(
        &mut self,
        (node, group): (NodeId, GroupId),
        message: MessageId,
        queue: QueueId,
        at: Time,
        windows: &mut OpenWindows,
    ) {
        self.work.thread_ended(node, at);
        if let Some(latency) = self.ledger.finished(node, group, message, at) {
            self.work.nodes[node].done += 1;
            windows.add_measurement(Measurement::Latency(group, latency));
        }
        if self.failovers.any_watched() && self.ledger.is_after_failover(message) {
            self.failovers.consumed(self.logs.set_of(queue), at);
        }
    }

    #[cold]
    fn called(&mut self, call: MessageId, service: NodeId, at: Time) {
        self.counts.called(call.producer, service);
        if self.is_producer[call.producer] {
            self.ledger.attempted(call, at, None);
        }
    }

    #[cold]
    fn answered(&mut self, call: MessageId, service: NodeId, at: Time, windows: &mut OpenWindows) {
        self.counts.answered(call.producer, service);
        if self.is_producer[call.producer]
            && let Some(called) = self.ledger.first_tried(call)
        {
            windows.add_measurement(Measurement::Response(call.producer, at.since(called)));
        }
    }

    fn elected(&mut self, node: NodeId, set: SetId, epoch: Epoch, at: Time, windows: &mut OpenWindows) {
        let before = self.logs.elected(node, set, epoch, at);
        if before.epoch.is_some() && before.node != node {
            self.failovers.elected(set, before.node, before.since, node, at);
        }
        for queue in self.logs.queues_of(set) {
            windows.update(|window| window.observe_queue_lag(*queue, at, &self.logs));
        }
        self.observe_replica_lag(set, windows);
    }

    fn set_alive(&mut self, node: NodeId, alive: bool, at: Time, windows: &mut OpenWindows) {
        self.work.set_alive(node, alive, at);
        self.logs.set_alive(node, alive);
        if !alive {
            self.ledger.consumer_died(node);
            self.counts.sender_died(node, at);
        }
        if let Some(set) = self.logs.replica_of(node) {
            self.observe_replica_lag(set, windows);
        }
    }

    fn observe_replica_lag(&self, set: SetId, windows: &mut OpenWindows) {
        windows.update(|window| window.observe_replica_lag(set, &self.logs));
    }
}
