//! Reads a metric off a span: the other half of the table in [`super::metric`].

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::account::Account;
use super::cells::JoinCells as _;
use super::logs::ObservedLog;
use super::metric::{Unit, metric};
use super::part::PartKind;
use super::samples::Samples;
use super::sends::{Calls, Sends};
use super::state::{Balance, Place};
use super::tally::{Outages, Tally};
use super::work::Busy;
use crate::kernel::{Span, Time};
use crate::plan::{Plan, Selector, TopicId};

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

impl fmt::Display for Value {
    /// As a bound is written: `3.1s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Ratio(number) => number.fmt(f),
            Self::Time(seconds) => Span::from_nanos_f64(seconds * 1e9).fmt(f),
        }
    }
}

/// What is said of many lengths of time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Statistic {
    Mean,
    /// The value that so large a share stays at or below.
    Quantile(f64),
    Max,
}

/// The median.
pub(super) const P50: Statistic = Statistic::Quantile(0.5);
/// The 90th percentile.
pub(super) const P90: Statistic = Statistic::Quantile(0.9);
/// The 99th percentile.
pub(super) const P99: Statistic = Statistic::Quantile(0.99);

impl Statistic {
    pub(super) fn value(self, samples: &Samples) -> Value {
        Value::time(match self {
            Self::Mean => samples.mean(),
            Self::Quantile(share) => samples.quantile(share),
            Self::Max => samples.max(),
        })
    }
}

/// How a metric is read, for as many spans and subjects as there are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reading {
    Sends(fn(&Sends) -> u64),
    Unanswered,
    Calls(fn(&Calls) -> u64),
    Response(Statistic),
    /// How many messages came to a place in the ledger.
    Came(Place),
    /// How many are there.
    Are(Place),
    Balance(fn(&Balance) -> u64),
    Latency(Statistic),
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

/// What was counted up to a moment, as far as a reading needs that of the moment before its span.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Level {
    count: u64,
    /// Of a utilization: the time that there was to be busy in; the count is the time busy.
    capacity: u64,
}

impl Reading {
    /// Of the metric of that name.
    pub(super) fn of(name: &str) -> Option<Self> {
        metric(name).map(|metric| metric.reading)
    }

    /// What it needs of the tally of its span.
    pub(super) const fn kind(self) -> Option<PartKind> {
        Some(match self {
            Self::Response(_) => PartKind::Responses,
            Self::Latency(_) => PartKind::Latencies,
            Self::MaxLag => PartKind::Lags,
            Self::ReplicaLag => PartKind::ReplicaLag,
            Self::Outage => PartKind::Outages,
            Self::Failover => PartKind::Failovers,
            _ => return None,
        })
    }

    /// Whether it asks how things stood when its span began.
    pub(super) const fn looks_back(self) -> bool {
        matches!(
            self,
            Self::Sends(_)
                | Self::Calls(_)
                | Self::Came(_)
                | Self::Balance(_)
                | Self::MaxLag
                | Self::Utilization
                | Self::ReplicaLag
        )
    }

    /// What it asks of the moment at which its span begins; nothing at all at the start of a run.
    pub(super) fn level(self, account: &Account, of: Selector, at: Time) -> Level {
        let count = match self {
            Self::Sends(count) => sends(account, of).as_ref().map(count),
            Self::Calls(count) => calls(account, of).map(count),
            Self::Came(place) => balance(account, of).map(|balance| balance.at(place)),
            Self::Balance(count) => balance(account, of).map(count),
            Self::MaxLag => lag(account, of),
            Self::ReplicaLag => replica_lag(account, of),
            Self::Utilization => return busy(account, of, at).unwrap_or_default(),
            _ => None,
        };
        Level { count: count.unwrap_or(0), capacity: 0 }
    }
}

/// A span that is over: what has been counted up to its end, and what it came to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch<'a> {
    pub(super) plan: &'a Plan,
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) account: &'a Account,
    pub(super) tally: &'a Tally,
}

impl Stretch<'_> {
    /// The value of a metric of something; `Selector::Any` is the whole. None where it has no value.
    pub(super) fn value(&self, reading: Reading, of: Selector, before: Level) -> Option<Value> {
        let Self { account, tally, .. } = *self;
        // What was counted only grows, but for the places of the ledger: from some of them a message may come back.
        let since = |count: u64| count.saturating_sub(before.count);
        match (reading, of) {
            (Reading::Sends(count), _) => sends(account, of).as_ref().map(count).map(since).map(Value::Count),
            (Reading::Unanswered, _) => sends(account, of).map(|sends| Value::Count(sends.unanswered())),
            (Reading::Calls(count), _) => calls(account, of).map(count).map(since).map(Value::Count),
            (Reading::Came(place), _) => balance(account, of).map(|it| Value::Count(since(it.at(place)))),
            (Reading::Are(place), _) => balance(account, of).map(|it| Value::Count(it.at(place))),
            (Reading::Balance(count), _) => balance(account, of).map(count).map(since).map(Value::Count),
            (Reading::Response(statistic), _) => self.responses(of).map(|samples| statistic.value(&samples)),
            (Reading::Latency(statistic), _) => self.latencies(of).map(|samples| statistic.value(samples)),
            (Reading::Lag, _) => lag(account, of).map(Value::Count),
            (Reading::MaxLag, Selector::Group(group)) => {
                let most = tally.peaks.get(group.index()).map_or(0, |peak| peak.most);
                Some(Value::Count(most.max(before.count)))
            }
            (Reading::IdleConsumers, Selector::Group(group)) => Some(Value::Count(account.work.idle[group])),
            (Reading::Utilization, _) => self.utilization(of, before),
            (Reading::Queues(count), _) => self.queues(of, count),
            (Reading::ReplicaLag, Selector::Set(set)) if account.logs.has_slaves(set) => {
                let most = tally.replica_lag.get(set.index()).map_or(0, |most| most.0);
                Some(Value::Count(most.max(before.count)))
            }
            (Reading::Epoch, Selector::Set(set)) => {
                Some(Value::Count(account.logs.masters[set].epoch.map_or(0, |epoch| u64::from(epoch.number()))))
            }
            (Reading::Outage, Selector::Topic(topic)) => self.outage(topic),
            (Reading::Failover, Selector::Any) => tally.failovers.filled().max().map(|longest| Value::time(longest.0)),
            (Reading::Failover, Selector::Set(set)) => {
                tally.failovers.get(set.index()).map(|longest| Value::time(longest.0))
            }
            _ => None,
        }
    }

    /// Response times of one producer, or of all.
    pub(super) fn responses(&self, of: Selector) -> Option<Cow<'_, Samples>> {
        match of {
            Selector::Any => match &self.tally.all_responses {
                Some(all) => Some(Cow::Borrowed(&**all)),
                None => Samples::all(self.tally.responses.filled()).map(Cow::Owned),
            },
            Selector::Producer(node) => self.tally.responses.get(node.index()).map(|samples| Cow::Borrowed(&**samples)),
            _ => None,
        }
    }

    pub(super) fn latencies(&self, of: Selector) -> Option<&Samples> {
        let Selector::Group(group) = of else { return None };
        self.tally.latencies.get(group.index()).map(Box::as_ref)
    }

    fn queues(&self, of: Selector, count: impl Fn(&ObservedLog) -> u64) -> Option<Value> {
        let queues = &self.account.logs.queues;
        let counted = match of {
            Selector::Queue(queue) => count(&queues[queue]),
            Selector::Topic(topic) => self.plan.topics[topic].queues.iter().map(|queue| count(&queues[*queue])).sum(),
            _ => return None,
        };
        Some(Value::Count(counted))
    }

    fn utilization(&self, of: Selector, before: Level) -> Option<Value> {
        let after = busy(self.account, of, self.to)?;
        // Both are sums over time, and only grow.
        let (busy, capacity) = (after.count - before.count, after.capacity - before.capacity);
        // To the millionth: what is beyond says nothing.
        (capacity > 0).then(|| Value::Ratio(libm::round(busy as f64 / capacity as f64 * 1e6) / 1e6))
    }

    /// The longest outage, that which lasts at the end of the span among them.
    fn outage(&self, topic: TopicId) -> Option<Value> {
        let mut outages = self.tally.outages.get(topic.index()).copied();
        let drought = &self.account.counts.droughts[topic];
        if let Some(since) = drought.since {
            let until = drought.until(self.to);
            if until >= self.from {
                let last = Outages::of(since, until);
                match &mut outages {
                    Some(all) => all.join(&last),
                    none => *none = Some(last),
                }
            }
        }
        outages.map(|outages| Value::time(outages.longest(self.from)))
    }
}

fn sends(account: &Account, of: Selector) -> Option<Sends> {
    let counts = &account.counts;
    match of {
        Selector::Any => Some(counts.topics.iter().fold(Sends::default(), |all, some| Sends {
            sent: all.sent + some.sent,
            accepted: all.accepted + some.accepted,
            rejected: all.rejected + some.rejected,
        })),
        Selector::Topic(topic) => counts.topics.get(topic).copied(),
        Selector::Producer(node) => counts.senders.get(node).copied(),
        _ => None,
    }
}

fn calls(account: &Account, of: Selector) -> Option<&Calls> {
    let (Selector::Producer(node) | Selector::Service(node)) = of else { return None };
    account.counts.calls.get(node)
}

fn balance(account: &Account, of: Selector) -> Option<&Balance> {
    let Selector::Group(group) = of else { return None };
    account.ledger.balances().get(group.index())
}

fn lag(account: &Account, of: Selector) -> Option<u64> {
    let Selector::Group(group) = of else { return None };
    account.logs.lag.get(group).copied()
}

fn replica_lag(account: &Account, of: Selector) -> Option<u64> {
    let Selector::Set(set) = of else { return None };
    account.logs.slowest(set)
}

fn busy(account: &Account, of: Selector, at: Time) -> Option<Level> {
    let (Selector::Consumer(node) | Selector::Service(node)) = of else { return None };
    let Busy { busy, capacity } = account.work.nodes.get(node)?.sums(at);
    Some(Level { count: busy, capacity })
}

#[cfg(test)]
mod tests;
