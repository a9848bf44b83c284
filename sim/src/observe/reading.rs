//! Reads metrics off a window of time: the other half of the table in `metric`. It knows nothing of records.

use std::borrow::Cow;

use super::aggregates::{Aggregates, Outages};
use super::logs::ObservedLog;
use super::samples::Samples;
use super::segment_aggregates::AggregateKind;
use super::sends::{Calls, Sends};
use super::sparse_map::Merge as _;
use super::state::{Balance, Place};
use super::statistics::Statistics;
use super::value::Value;
use super::work::BusyTime;
use crate::kernel::Time;
use crate::plan::{Plan, Selector, TopicId};

/// A statistic of many lengths of time.
#[derive(Clone, Copy, Debug)]
pub(super) enum SampleStatistic {
    Mean,
    /// The length that so large a share of them does not exceed.
    Quantile(f64),
    Max,
}

/// The median.
pub(super) const P50: SampleStatistic = SampleStatistic::Quantile(0.5);
/// The 90th percentile.
pub(super) const P90: SampleStatistic = SampleStatistic::Quantile(0.9);
/// The 99th percentile.
pub(super) const P99: SampleStatistic = SampleStatistic::Quantile(0.99);

impl SampleStatistic {
    pub(super) fn value(self, samples: &Samples) -> Value {
        Value::time(match self {
            Self::Mean => samples.mean(),
            Self::Quantile(share) => samples.quantile(share),
            Self::Max => samples.max(),
        })
    }
}

/// How a metric is read, of any subject and over any window.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reading {
    Sends(fn(&Sends) -> u64),
    Unanswered,
    Calls(fn(&Calls) -> u64),
    Response(SampleStatistic),
    /// How many messages have come to a place in the ledger in the window.
    CameTo(Place),
    /// How many messages are at a place in the ledger at the end of the window.
    AreAt(Place),
    Balance(fn(&Balance) -> u64),
    Latency(SampleStatistic),
    Lag,
    MaxLag,
    IdleConsumers,
    Utilization,
    Queues(fn(&ObservedLog) -> u64),
    ReplicaLag,
    Epoch,
    Outage,
    Failover,
}

/// What was counted before a window, for the readings that count only what happens in it.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Baseline {
    count: u64,
    /// For utilization, the time that there was to be busy in; the count is the time busy.
    capacity: u64,
}

impl Reading {
    /// The aggregates that it is read off, if any.
    pub(super) const fn aggregate_kind(self) -> Option<AggregateKind> {
        Some(match self {
            Self::Response(_) => AggregateKind::Responses,
            Self::Latency(_) => AggregateKind::Latencies,
            Self::MaxLag => AggregateKind::LagPeaks,
            Self::ReplicaLag => AggregateKind::ReplicaLag,
            Self::Outage => AggregateKind::Outages,
            Self::Failover => AggregateKind::Failovers,
            _ => return None,
        })
    }

    /// Whether it is read against what was counted before the window.
    pub(super) const fn needs_baseline(self) -> bool {
        match self {
            Self::Sends(_)
            | Self::Calls(_)
            | Self::CameTo(_)
            | Self::Balance(_)
            | Self::MaxLag
            | Self::Utilization
            | Self::ReplicaLag => true,
            Self::Unanswered
            | Self::AreAt(_)
            | Self::Response(_)
            | Self::Latency(_)
            | Self::Lag
            | Self::IdleConsumers
            | Self::Queues(_)
            | Self::Epoch
            | Self::Outage
            | Self::Failover => false,
        }
    }

    /// The baseline of a subject for a window that begins at a time; at the start of a run every baseline is 0.
    pub(super) fn baseline(self, statistics: &Statistics, subject: Selector, at: Time) -> Baseline {
        let count = match self {
            Self::Sends(count) => sends(statistics, subject).as_ref().map(count),
            Self::Calls(count) => calls(statistics, subject).map(count),
            Self::CameTo(place) => balance(statistics, subject).map(|balance| balance.count(place)),
            Self::Balance(count) => balance(statistics, subject).map(count),
            Self::MaxLag => lag(statistics, subject),
            Self::ReplicaLag => replica_lag(statistics, subject),
            Self::Utilization => return busy(statistics, subject, at).unwrap_or_default(),
            other => {
                assert!(!other.needs_baseline(), "a reading that needs a baseline says here what it is");
                None
            }
        };
        Baseline { count: count.unwrap_or(0), capacity: 0 }
    }
}

/// A window of time that is over: the statistics at its end, and its aggregates.
#[derive(Clone, Copy, Debug)]
pub(super) struct StatisticsWindow<'a> {
    pub(super) plan: &'a Plan,
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) statistics: &'a Statistics,
    pub(super) aggregates: &'a Aggregates,
}

impl StatisticsWindow<'_> {
    /// The value of a metric of a subject; `Selector::Any` is the whole. None where it has no value.
    pub(super) fn value(&self, reading: Reading, subject: Selector, before: Baseline) -> Option<Value> {
        let Self { statistics, aggregates, .. } = *self;
        // What was counted only grows, but for the places of the ledger: from some of them a message may come back.
        let since = |count: u64| count.saturating_sub(before.count);
        match (reading, subject) {
            (Reading::Sends(count), _) => sends(statistics, subject).as_ref().map(count).map(since).map(Value::Count),
            (Reading::Unanswered, _) => sends(statistics, subject).map(|sends| Value::Count(sends.unanswered())),
            (Reading::Calls(count), _) => calls(statistics, subject).map(count).map(since).map(Value::Count),
            (Reading::CameTo(place), _) => {
                balance(statistics, subject).map(|balance| Value::Count(since(balance.count(place))))
            }
            (Reading::AreAt(place), _) => {
                balance(statistics, subject).map(|balance| Value::Count(balance.count(place)))
            }
            (Reading::Balance(count), _) => balance(statistics, subject).map(count).map(since).map(Value::Count),
            (Reading::Response(statistic), _) => self.responses(subject).map(|samples| statistic.value(&samples)),
            (Reading::Latency(statistic), _) => self.latencies(subject).map(|samples| statistic.value(samples)),
            (Reading::Lag, _) => lag(statistics, subject).map(Value::Count),
            (Reading::MaxLag, Selector::Group(group)) => {
                let largest = aggregates.lag_peaks.get(group.index()).map_or(0, |peak| peak.lag);
                Some(Value::Count(largest.max(before.count)))
            }
            (Reading::IdleConsumers, Selector::Group(group)) => Some(Value::Count(statistics.work.idle[group])),
            (Reading::Utilization, _) => self.utilization(subject, before),
            (Reading::Queues(count), _) => self.queues(subject, count),
            (Reading::ReplicaLag, Selector::Set(set)) if statistics.logs.has_slaves(set) => {
                let largest = aggregates.replica_lag.get(set.index()).map_or(0, |largest| largest.0);
                Some(Value::Count(largest.max(before.count)))
            }
            (Reading::Epoch, Selector::Set(set)) => {
                Some(Value::Count(statistics.logs.masters[set].epoch.map_or(0, |epoch| u64::from(epoch.number()))))
            }
            (Reading::Outage, Selector::Topic(topic)) => self.outage(topic),
            (Reading::Failover, Selector::Any) => {
                aggregates.failovers.values().max().map(|longest| Value::time(longest.0))
            }
            (Reading::Failover, Selector::Set(set)) => {
                aggregates.failovers.get(set.index()).map(|longest| Value::time(longest.0))
            }
            // The table asks them of no other subject.
            (
                Reading::MaxLag
                | Reading::IdleConsumers
                | Reading::ReplicaLag
                | Reading::Epoch
                | Reading::Outage
                | Reading::Failover,
                _,
            ) => None,
        }
    }

    /// Response times of one producer, or of all.
    pub(super) fn responses(&self, subject: Selector) -> Option<Cow<'_, Samples>> {
        match subject {
            Selector::Any => match &self.aggregates.all_responses {
                Some(all) => Some(Cow::Borrowed(&**all)),
                None => Samples::merged(self.aggregates.responses.values()).map(Cow::Owned),
            },
            Selector::Producer(node) => {
                self.aggregates.responses.get(node.index()).map(|samples| Cow::Borrowed(&**samples))
            }
            _ => None,
        }
    }

    pub(super) fn latencies(&self, subject: Selector) -> Option<&Samples> {
        let Selector::Group(group) = subject else { return None };
        self.aggregates.latencies.get(group.index()).map(Box::as_ref)
    }

    fn queues(&self, subject: Selector, count: impl Fn(&ObservedLog) -> u64) -> Option<Value> {
        let queues = &self.statistics.logs.queues;
        let counted = match subject {
            Selector::Queue(queue) => count(&queues[queue]),
            Selector::Topic(topic) => self.plan.topics[topic].queues.iter().map(|queue| count(&queues[*queue])).sum(),
            _ => return None,
        };
        Some(Value::Count(counted))
    }

    fn utilization(&self, subject: Selector, before: Baseline) -> Option<Value> {
        let after = busy(self.statistics, subject, self.to)?;
        // Both are sums over time, and only grow.
        let (busy, capacity) = (after.count - before.count, after.capacity - before.capacity);
        // To the millionth: what is beyond says nothing.
        (capacity > 0).then(|| Value::Ratio(libm::round(busy as f64 / capacity as f64 * 1e6) / 1e6))
    }

    /// The longest outage, the one that lasts at the end of the window among them.
    fn outage(&self, topic: TopicId) -> Option<Value> {
        let mut outages = self.aggregates.outages.get(topic.index()).copied();
        let tracker = &self.statistics.counts.outage_trackers[topic];
        if let Some(since) = tracker.since {
            let until = tracker.lasts_until(self.to);
            if until >= self.from {
                let last = Outages::one(since, until);
                match &mut outages {
                    Some(all) => all.merge(&last),
                    none => *none = Some(last),
                }
            }
        }
        outages.map(|outages| Value::time(outages.longest_after(self.from)))
    }
}

fn sends(statistics: &Statistics, subject: Selector) -> Option<Sends> {
    let counts = &statistics.counts;
    match subject {
        Selector::Any => Some(counts.topics.iter().fold(Sends::default(), |sum, topic| Sends {
            sent: sum.sent + topic.sent,
            accepted: sum.accepted + topic.accepted,
            rejected: sum.rejected + topic.rejected,
        })),
        Selector::Topic(topic) => counts.topics.get(topic).copied(),
        Selector::Producer(node) => counts.senders.get(node).copied(),
        _ => None,
    }
}

fn calls(statistics: &Statistics, subject: Selector) -> Option<&Calls> {
    let (Selector::Producer(node) | Selector::Service(node)) = subject else { return None };
    statistics.counts.calls.get(node)
}

fn balance(statistics: &Statistics, subject: Selector) -> Option<&Balance> {
    let Selector::Group(group) = subject else { return None };
    statistics.ledger.balances().get(group.index())
}

fn lag(statistics: &Statistics, subject: Selector) -> Option<u64> {
    let Selector::Group(group) = subject else { return None };
    statistics.logs.lag.get(group).copied()
}

fn replica_lag(statistics: &Statistics, subject: Selector) -> Option<u64> {
    let Selector::Set(set) = subject else { return None };
    statistics.logs.replica_lag(set)
}

fn busy(statistics: &Statistics, subject: Selector, at: Time) -> Option<Baseline> {
    let (Selector::Consumer(node) | Selector::Service(node)) = subject else { return None };
    let BusyTime { busy, capacity } = statistics.work.nodes.get(node)?.sums(at);
    Some(Baseline { count: busy, capacity })
}

#[cfg(test)]
mod tests;
