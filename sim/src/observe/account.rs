//! What a run comes to so far: every part that is kept up to date, and which record changes what.
//!
//! It is the one place that looks into a record. The parts know nothing of each other; what one of them finds out and
//! another needs passes through here.

use typed_index_collections::TiVec;

use super::failover::Failovers;
use super::ledger::Ledger;
use super::logs::Logs;
use super::sends::Counts;
use super::state::MessageState;
use super::tally::{Measured, Tallies};
use super::work::Work;
use crate::kernel::Time;
use crate::plan::{Epoch, GroupId, MessageId, NodeId, Plan, QueueId, SetId, Setting};
use crate::record::{Change, Kind, Record};

/// What a run comes to so far.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) ledger: Ledger,
    pub(super) logs: Logs,
    pub(super) counts: Counts,
    pub(super) work: Work,
    pub(super) failovers: Failovers,
    /// Which nodes are producers: the times of their calls are kept.
    produces: TiVec<NodeId, bool>,
}

impl Account {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            ledger: Ledger::new(plan),
            logs: Logs::new(plan),
            counts: Counts::new(plan),
            work: Work::new(plan),
            failovers: Failovers::new(plan),
            produces: (0..plan.nodes.len()).map(|node| plan.producer(node.into()).is_some()).collect(),
        }
    }

    /// One more thing happened. Pulls change no count, and are a third of all that does.
    #[inline]
    pub(super) fn record(&mut self, record: &Record, tallies: &mut Tallies) {
        if !matches!(record.kind, Kind::Held { .. } | Kind::Woken { .. } | Kind::Delivered { .. }) {
            self.count(record, tallies);
        }
    }

    #[inline(never)]
    fn count(&mut self, record: &Record, tallies: &mut Tallies) {
        let &Record { at, node, ref kind, .. } = record;
        match *kind {
            Kind::Sent { message, key, .. } => self.attempted(message, at, key),
            Kind::Unrouted { message } => self.attempted(message, at, None),
            Kind::Stored { message, queue, offset, .. } => self.stored((node, message), (queue, offset), at, tallies),
            Kind::Replicated { queue, offset, .. } => {
                if self.logs.grows(node, queue, offset) {
                    self.moved(queue, at, tallies);
                }
            }
            Kind::Accepted { message } => self.accepted(message, at, tallies),
            Kind::Rejected { message } => {
                if self.ledger.rejected(message) {
                    self.counts.rejected(message, at);
                }
            }
            Kind::Started { group, message, queue, .. } => {
                self.work.begins(node, at);
                self.ledger.started(node, group, message, queue);
            }
            Kind::Finished { group, message, queue, .. } => self.finished((node, group), message, queue, at, tallies),
            Kind::Failed { group, message, .. } => {
                self.work.ends(node, at);
                self.ledger.failed(node, group, message);
            }
            Kind::Begun { group, queue, offset } => {
                self.logs.committed(node, group, queue, offset);
                tallies.each(|tally| tally.lag(group, at, &self.logs));
            }
            Kind::Committed { group, queue, offset } => {
                self.logs.committed(node, group, queue, offset);
                tallies.each(|tally| tally.lag(group, at, &self.logs));
            }
            Kind::Deleted { queue, offset } => {
                if self.logs.deleted(node, queue, offset) {
                    self.moved(queue, at, tallies);
                }
            }
            Kind::Retried { group, message } => self.ledger.retried(node, group, message),
            Kind::DeadLettered { group, message } => self.ledger.dead_lettered(group, message),
            Kind::Expired { group, message } => self.ledger.gone(group, message, MessageState::EXPIRED),
            Kind::Skipped { group, message } => self.ledger.gone(group, message, MessageState::SKIPPED),
            Kind::Lost { group, message } => self.ledger.gone(group, message, MessageState::LOST),
            Kind::Called { call, service } => self.called(call, service, at),
            Kind::Answered { call, service } => self.answered(call, service, at, tallies),
            Kind::Refused { call, service } => self.counts.refused(call.producer, service),
            Kind::Serving { .. } => self.work.begins(node, at),
            Kind::Served { .. } => self.work.ends(node, at),
            _ => self.rare(record, tallies),
        }
    }

    /// What happens to nodes and sets.
    #[cold]
    fn rare(&mut self, record: &Record, tallies: &mut Tallies) {
        let &Record { at, node, ref kind, .. } = record;
        match kind {
            Kind::Truncated { queue, from, .. } => {
                self.logs.truncated(node, *queue, *from);
                self.moved(*queue, at, tallies);
            }
            Kind::Assigned { queues, .. } => self.work.own(node, queues),
            Kind::Elected { set, epoch } => self.elected(node, *set, *epoch, at, tallies),
            Kind::Joined => self.work.lives(node, true, at),
            Kind::Restarted => self.lives(node, true, at, tallies),
            Kind::Left => self.lives(node, false, at, tallies),
            Kind::Crashed { .. } => {
                self.failovers.crashed(node, at);
                self.lives(node, false, at, tallies);
            }
            Kind::Changed { change } => {
                if let Change::Setting(Setting::Threads(number) | Setting::Workers(number)) = **change {
                    self.work.changed(node, number, at);
                }
            }
            _ => {}
        }
    }

    fn attempted(&mut self, message: MessageId, at: Time, key: Option<u32>) {
        if self.ledger.attempted(message, at, key) {
            self.counts.begun(message, at);
        }
    }

    fn stored(
        &mut self,
        (node, message): (NodeId, MessageId),
        (queue, offset): (QueueId, u64),
        at: Time,
        tallies: &mut Tallies,
    ) {
        if !self.logs.grows(node, queue, offset) {
            return;
        }
        let set = self.logs.set_of(queue);
        let failover = self.failovers.any() && self.failovers.stored(message, set);
        self.ledger.stored(message, failover);
        self.moved(queue, at, tallies);
    }

    /// The present log of a queue ends elsewhere now.
    #[inline]
    fn moved(&self, queue: QueueId, at: Time, tallies: &mut Tallies) {
        tallies.each(|tally| tally.lags(queue, at, &self.logs));
        let set = self.logs.set_of(queue);
        if self.logs.has_slaves(set) {
            self.behind(set, tallies);
        }
    }

    fn accepted(&mut self, message: MessageId, at: Time, tallies: &mut Tallies) {
        let Some(attempt) = self.ledger.accepted(message) else { return };
        self.counts.accepted(message, at, tallies);
        tallies.measure(Measured::Response(message.producer, at.since(attempt)));
        if self.failovers.any() {
            self.failovers.accepted(message, at, |set, after| tallies.each(|tally| tally.failed_over(set, after)));
        }
    }

    fn finished(
        &mut self,
        (node, group): (NodeId, GroupId),
        message: MessageId,
        queue: QueueId,
        at: Time,
        tallies: &mut Tallies,
    ) {
        self.work.ends(node, at);
        if let Some(latency) = self.ledger.finished(node, group, message, at) {
            self.work.nodes[node].done += 1;
            tallies.measure(Measured::Latency(group, latency));
        }
        if self.failovers.any() && self.ledger.after_failover(message) {
            self.failovers.consumed(self.logs.set_of(queue), at);
        }
    }

    #[cold]
    fn called(&mut self, call: MessageId, service: NodeId, at: Time) {
        self.counts.called(call.producer, service);
        if self.produces[call.producer] {
            self.ledger.attempted(call, at, None);
        }
    }

    #[cold]
    fn answered(&mut self, call: MessageId, service: NodeId, at: Time, tallies: &mut Tallies) {
        self.counts.answered(call.producer, service);
        if self.produces[call.producer]
            && let Some(begun) = self.ledger.called(call)
        {
            tallies.measure(Measured::Response(call.producer, at.since(begun)));
        }
    }

    fn elected(&mut self, node: NodeId, set: SetId, epoch: Epoch, at: Time, tallies: &mut Tallies) {
        let before = self.logs.elected(node, set, epoch, at);
        if before.epoch.is_some() && before.node != node {
            self.failovers.elected(set, before.node, before.since, node, at);
        }
        for queue in self.logs.queues_of(set) {
            tallies.each(|tally| tally.lags(*queue, at, &self.logs));
        }
        self.behind(set, tallies);
    }

    fn lives(&mut self, node: NodeId, alive: bool, at: Time, tallies: &mut Tallies) {
        self.work.lives(node, alive, at);
        self.logs.live(node, alive);
        if !alive {
            self.ledger.died(node);
            self.counts.gone(node, at);
        }
        if let Some(set) = self.logs.replica_of(node) {
            self.behind(set, tallies);
        }
    }

    fn behind(&self, set: SetId, tallies: &mut Tallies) {
        tallies.each(|tally| tally.behind(set, &self.logs));
    }
}
