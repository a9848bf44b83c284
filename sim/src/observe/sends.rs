//! Counts of sends and calls, and outages: spans in which no message to a topic was accepted though somebody tried. It
//! knows nothing of what becomes of a message afterwards.

use typed_index_collections::TiVec;

use super::aggregates::OpenWindows;
use super::targets;
use crate::kernel::Time;
use crate::plan::{MessageId, NodeId, Plan, TopicId};

/// Counts of the messages that somebody sends.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Sends {
    /// Messages begun to send.
    pub sent: u64,
    /// Messages that were acknowledged.
    pub accepted: u64,
    /// Messages that were given up.
    pub rejected: u64,
}

impl Sends {
    /// Messages neither acknowledged nor given up yet. Every acknowledged or given-up message was counted as
    /// sent, and none is both, so this is never below zero.
    #[must_use]
    pub const fn unanswered(&self) -> u64 {
        self.sent - self.accepted - self.rejected
    }
}

/// Counts of calls of services.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Calls {
    /// Calls begun.
    pub calls: u64,
    /// Calls answered in time.
    pub answered: u64,
    /// Calls for which the service had no room.
    pub refused: u64,
}

/// Tracks the present outage of a topic: the span in which no message is accepted, though somebody tries.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct OutageTracker {
    /// Since when somebody has tried in vain: the first attempt after the last acceptance, or that acceptance itself if
    /// others were still trying then.
    pub(super) since: Option<Time>,
    /// Messages under way from all senders of the topic. Each sender takes off what it has added.
    under_way: u64,
    /// When a message was last given up.
    gave_up: Time,
}

impl OutageTracker {
    /// When the outage ends, if the run ends at `end`: somebody has tried until then.
    pub(super) fn lasts_until(&self, end: Time) -> Time {
        if self.under_way > 0 { end } else { self.gave_up.min(end) }
    }

    fn given_up(&mut self, count: u64, at: Time) {
        self.under_way -= count;
        self.gave_up = at;
    }
}

/// Sends and calls by node and topic.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    /// By producer, or consumer that publishes.
    pub(super) senders: TiVec<NodeId, Sends>,
    pub(super) topics: TiVec<TopicId, Sends>,
    /// By caller, and by service.
    pub(super) calls: TiVec<NodeId, Calls>,
    pub(super) outage_trackers: TiVec<TopicId, OutageTracker>,
    /// By node: messages under way that it has sent in its present life.
    under_way: TiVec<NodeId, u64>,
    topic_of: TiVec<NodeId, Option<TopicId>>,
}

impl Counts {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            senders: vec![Sends::default(); plan.nodes.len()].into(),
            topics: vec![Sends::default(); plan.topics.len()].into(),
            calls: vec![Calls::default(); plan.nodes.len()].into(),
            outage_trackers: vec![OutageTracker::default(); plan.topics.len()].into(),
            under_way: vec![0; plan.nodes.len()].into(),
            topic_of: targets(plan),
        }
    }

    /// A message is sent: its first attempt.
    pub(super) fn sent(&mut self, id: MessageId, at: Time) {
        let node = id.producer;
        self.senders[node].sent += 1;
        self.under_way[node] += 1;
        if let Some(topic) = self.topic_of[node] {
            self.topics[topic].sent += 1;
            let tracker = &mut self.outage_trackers[topic];
            tracker.under_way += 1;
            tracker.since.get_or_insert(at);
        }
    }

    pub(super) fn accepted(&mut self, id: MessageId, at: Time, windows: &mut OpenWindows) {
        let node = id.producer;
        self.senders[node].accepted += 1;
        let under_way = u64::from(self.under_way[node] > 0);
        self.under_way[node] -= under_way;
        if let Some(topic) = self.topic_of[node] {
            self.topics[topic].accepted += 1;
            let tracker = &mut self.outage_trackers[topic];
            tracker.under_way -= under_way;
            let since = std::mem::replace(&mut tracker.since, (tracker.under_way > 0).then_some(at));
            windows.update(|window| window.add_outage(topic, since.unwrap_or(at), at));
        }
    }

    #[cold]
    pub(super) fn rejected(&mut self, id: MessageId, at: Time) {
        let node = id.producer;
        self.senders[node].rejected += 1;
        let under_way = u64::from(self.under_way[node] > 0);
        self.under_way[node] -= under_way;
        if let Some(topic) = self.topic_of[node] {
            self.topics[topic].rejected += 1;
            self.outage_trackers[topic].given_up(under_way, at);
        }
    }

    /// A sender is gone, and with it all that it had under way.
    pub(super) fn sender_died(&mut self, node: NodeId, at: Time) {
        let under_way = std::mem::take(&mut self.under_way[node]);
        if let Some(topic) = self.topic_of[node]
            && under_way > 0
        {
            self.outage_trackers[topic].given_up(under_way, at);
        }
    }

    pub(super) fn called(&mut self, caller: NodeId, service: NodeId) {
        self.calls[caller].calls += 1;
        self.calls[service].calls += 1;
    }

    pub(super) fn answered(&mut self, caller: NodeId, service: NodeId) {
        self.calls[caller].answered += 1;
        self.calls[service].answered += 1;
    }

    #[cold]
    pub(super) fn refused(&mut self, caller: NodeId, service: NodeId) {
        self.calls[caller].refused += 1;
        self.calls[service].refused += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::*;
    use crate::plan::{MessageId, Role, Selector, Target};
    use crate::record::Kind;

    #[test]
    fn a_message_neither_accepted_nor_rejected_is_unanswered() {
        assert_eq!(super::Sends { sent: 9, accepted: 4, rejected: 2 }.unanswered(), 3);
    }

    #[test]
    fn an_outage_is_the_longest_span_without_an_acceptance_while_somebody_tried() {
        let outage = |run: ScriptedRun, end| value(&run.end(end), "outage_max", Selector::Topic(TOPIC));
        let mut run = ScriptedRun::of(plan());
        run.at(100).sent(1).at(110).accepted(1).at(500).sent(2).at(530).rejected(2).at(600).sent(3).at(620).accepted(3);
        assert_eq!(outage(run, 9000), Some(0.12), "from the attempt at 500 to the acceptance at 620");
        let mut run = ScriptedRun::of(plan());
        run.at(100).sent(1).sent(2).at(110).accepted(1).at(200).accepted(2);
        assert_eq!(outage(run, 9000), Some(0.09), "somebody was still trying at 110");
        let mut run = ScriptedRun::of(plan());
        run.at(100).sent(1);
        assert_eq!(outage(run, 9000), Some(8.9), "it lasts to the end");
        let mut run = ScriptedRun::of(plan());
        run.at(100).sent(1).at(150).rejected(1);
        assert_eq!(outage(run, 9000), Some(0.05), "nobody tried after that");
        let mut run = ScriptedRun::of(plan());
        run.at(100).sent(1).at(150).crashed(SHOP);
        assert_eq!(outage(run, 9000), Some(0.05), "nor after a crash");
        assert_eq!(outage(ScriptedRun::of(plan()), 9000), None, "nobody tried at all");
    }

    #[test]
    fn an_outage_is_of_all_who_try_whoever_else_has_stopped() {
        let mut two = plan();
        two.nodes[CALLER].role = Role::Producer(producer(Target::Topic(TOPIC)));
        let id = |number| MessageId { producer: CALLER, number };
        let tries = |run: &mut ScriptedRun, number| {
            run.on(CALLER, Kind::Sent { message: id(number), queue: QUEUE, attempt: 1, key: None });
        };
        let outage = |run: ScriptedRun| value(&run.end(9000), "outage_max", Selector::Topic(TOPIC));
        let mut run = ScriptedRun::of(two.clone());
        run.at(100).sent(1).at(110).accepted(1).at(120);
        tries(&mut run, 1);
        run.at(150).crashed(SHOP);
        assert_eq!(outage(run), Some(8.88), "what was accepted is not given up at the crash");
        let mut run = ScriptedRun::of(two.clone());
        run.at(100).sent(1).at(110);
        tries(&mut run, 1);
        run.at(120).rejected(1).at(150).crashed(SHOP);
        assert_eq!(outage(run), Some(8.9), "nor what was given up before");
        let mut run = ScriptedRun::of(two);
        run.at(100).sent(1).at(150).rejected(1).at(400).crashed(CALLER);
        assert_eq!(outage(run), Some(0.05), "who had nothing under way gave nothing up");
    }
}
