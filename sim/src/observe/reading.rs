//! Reads a metric off a span: the other half of the table in [`super::metric`].

use serde::Serialize;

use super::account::Standing;
use super::failover::Failover;
use super::ledger::Balance;
use super::metric::Unit;
use super::sends::{Calls, Sends};
use super::state::Place;
use super::tally::{Samples, Tally};
use crate::kernel::{Span, Time};
use crate::plan::{GroupId, NodeId, Plan, QueueId, Selector, TopicId};

/// The value of a metric: what a report says it is.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number.
    Count(u64),
    /// A share.
    Ratio(f64),
    /// Seconds.
    Time(f64),
}

impl Value {
    /// As a number that can be compared.
    #[must_use]
    pub const fn number(self) -> f64 {
        match self {
            Self::Count(count) => count as f64,
            Self::Ratio(number) | Self::Time(number) => number,
        }
    }

    /// What it counts.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Count(_) => Unit::Count,
            Self::Ratio(_) => Unit::Ratio,
            Self::Time(_) => Unit::Time,
        }
    }

    const fn time(span: Span) -> Self {
        Self::Time(span.seconds())
    }
}

/// A span that is over: what was counted before it and up to its end, and what it came to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch<'a> {
    pub(super) plan: &'a Plan,
    pub(super) from: Time,
    pub(super) to: Time,
    /// None: nothing had happened.
    pub(super) before: Option<&'a Standing>,
    pub(super) after: &'a Standing,
    pub(super) tally: &'a Tally,
    pub(super) failovers: &'a [Failover],
}

impl Stretch<'_> {
    /// The value of a metric of something; `Selector::Any` is the whole. None where it has no value.
    pub(super) fn value(&self, metric: &str, of: Selector) -> Option<Value> {
        if let Some(kind) = metric.strip_prefix("response_") {
            return statistic(kind, self.responses(of));
        }
        if let Some(kind) = metric.strip_prefix("latency_") {
            return statistic(kind, self.latencies(of));
        }
        if let Some(place) = Place::ALL.into_iter().find(|place| place.metric() == metric) {
            let state = matches!(place, Place::InProcess | Place::Waiting);
            return self.balance(of, state, |balance| balance.at(place));
        }
        match (metric, of) {
            ("sent", _) => self.sends(of, |sends| sends.sent),
            ("accepted", _) => self.sends(of, |sends| sends.accepted),
            ("rejected", _) => self.sends(of, |sends| sends.rejected),
            ("unanswered", _) => Some(Value::Count(sends(self.after, of)?.unanswered())),
            ("calls", _) => self.calls(of, |calls| calls.calls),
            ("answered", _) => self.calls(of, |calls| calls.answered),
            ("refused", _) => self.calls(of, |calls| calls.refused),
            ("unconfirmed", _) => self.balance(of, false, |balance| balance.unconfirmed),
            ("duplicates", _) => self.balance(of, false, |balance| balance.duplicates),
            ("out_of_order", _) => self.balance(of, false, |balance| balance.out_of_order),
            ("lag", Selector::Group(group)) => Some(Value::Count(self.after.lag[group.index()])),
            ("max_lag", Selector::Group(group)) => Some(Value::Count(self.tally.max_lag[group.index()])),
            ("idle_consumers", Selector::Group(group)) => Some(Value::Count(self.after.idle[group.index()])),
            ("utilization", Selector::Consumer(node) | Selector::Service(node)) => self.utilization(node),
            ("end_offset", _) => self.queues(of, |log| log.end),
            ("depth", _) => self.queues(of, |log| log.end - log.start),
            ("replica_lag_max", Selector::Set(set)) => self.tally.replica_lag[set.index()].map(Value::Count),
            ("epoch", Selector::Set(set)) => Some(Value::Count(u64::from(self.after.epochs[set.index()]))),
            ("outage_max", Selector::Topic(topic)) => self.tally.outages[topic.index()].map(Value::time),
            ("failover_max", _) => self.failover(of),
            _ => None,
        }
    }

    /// Response times of one producer, or of all.
    pub(super) fn responses(&self, of: Selector) -> Option<Samples> {
        match of {
            Selector::Any => Samples::all(self.tally.responses.iter().flatten().map(Box::as_ref)),
            Selector::Producer(node) => self.tally.responses[node.index()].as_deref().cloned(),
            _ => None,
        }
    }

    pub(super) fn latencies(&self, of: Selector) -> Option<Samples> {
        match of {
            Selector::Group(group) => self.tally.latencies[group.index()].as_deref().cloned(),
            _ => None,
        }
    }

    /// What happened in the span: the count at its end less the count at its beginning.
    fn difference(&self, count: impl Fn(&Standing) -> Option<u64>) -> Option<Value> {
        let before = self.before.and_then(&count).unwrap_or(0);
        Some(Value::Count(count(self.after)?.saturating_sub(before)))
    }

    fn sends(&self, of: Selector, count: impl Fn(&Sends) -> u64) -> Option<Value> {
        self.difference(|standing| sends(standing, of).as_ref().map(&count))
    }

    fn calls(&self, of: Selector, count: impl Fn(&Calls) -> u64) -> Option<Value> {
        let (Selector::Producer(node) | Selector::Service(node)) = of else { return None };
        self.difference(|standing| standing.calls.get(node.index()).map(&count))
    }

    fn balance(&self, of: Selector, state: bool, count: impl Fn(&Balance) -> u64) -> Option<Value> {
        let Selector::Group(GroupId(group)) = of else { return None };
        let count = |standing: &Standing| standing.balances.get(group as usize).map(&count);
        if state { count(self.after).map(Value::Count) } else { self.difference(count) }
    }

    fn queues(&self, of: Selector, count: impl Fn(&super::logs::Log) -> u64) -> Option<Value> {
        let log = |queue: &QueueId| count(&self.after.queues[queue.index()]);
        match of {
            Selector::Queue(queue) => Some(Value::Count(log(&queue))),
            Selector::Topic(TopicId(topic)) => {
                Some(Value::Count(self.plan.topics[topic as usize].queues.iter().map(log).sum()))
            }
            _ => None,
        }
    }

    fn utilization(&self, node: NodeId) -> Option<Value> {
        let before = self.before.map(|standing| standing.busy[node.index()]).unwrap_or_default();
        let after = self.after.busy[node.index()];
        let (busy, capacity) = (after.busy - before.busy, after.capacity - before.capacity);
        // To the millionth: what is beyond says nothing.
        (capacity > 0).then(|| Value::Ratio(libm::round(busy as f64 / capacity as f64 * 1e6) / 1e6))
    }

    fn failover(&self, of: Selector) -> Option<Value> {
        let concerned = |failover: &&Failover| match of {
            Selector::Any => true,
            Selector::Set(set) => failover.set == set,
            _ => false,
        };
        let span = |failover: &Failover| {
            let again = failover.accepted_again.filter(|again| (self.from..=self.to).contains(again))?;
            Some(again.since(failover.down?))
        };
        self.failovers.iter().filter(concerned).filter_map(span).max().map(Value::time)
    }
}

fn statistic(kind: &str, samples: Option<Samples>) -> Option<Value> {
    let samples = samples?;
    let value = match kind {
        "mean" => samples.mean(),
        "p50" => samples.quantile(0.5),
        "p90" => samples.quantile(0.9),
        "p99" => samples.quantile(0.99),
        "max" => samples.max(),
        _ => return None,
    };
    Some(Value::time(value))
}

fn sends(standing: &Standing, of: Selector) -> Option<Sends> {
    match of {
        Selector::Any => Some(standing.topics.iter().fold(Sends::default(), |all, some| Sends {
            sent: all.sent + some.sent,
            accepted: all.accepted + some.accepted,
            rejected: all.rejected + some.rejected,
        })),
        Selector::Topic(topic) => standing.topics.get(topic.index()).copied(),
        Selector::Producer(node) => standing.senders.get(node.index()).copied(),
        _ => None,
    }
}
