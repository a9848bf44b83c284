//! The table of metrics: every name that an expectation can ask for, its selectors, and its unit.
//!
//! Diagnostics, schema, help, report and charts read this table. A new metric is a row; where none of the ways of reading in
//! `reading` fits, one more of them.

use super::reading::Reading::{
    self, AreAt, Balance, Calls, CameTo, Epoch, Failover, IdleConsumers, Lag, Latency, MaxLag, Outage, Queues,
    ReplicaLag, Response, Sends, Unanswered, Utilization,
};
use super::reading::SampleStatistic::{Max, Mean};
use super::reading::{P50, P90, P99};
use super::state::Place;
use super::value::Unit;

/// A kind of thing that a metric can be asked of: a key of an expectation that selects one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SelectorKey {
    /// The whole run: no selector.
    All,
    /// `producer`
    Producer,
    /// `topic`
    Topic,
    /// `queue`
    Queue,
    /// `group`
    Group,
    /// `consumer`
    Consumer,
    /// `service`
    Service,
    /// `broker_set`
    Set,
}

impl SelectorKey {
    /// The selector's key in the file; nothing for the whole run.
    #[must_use]
    pub const fn key(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Producer => Some("producer"),
            Self::Topic => Some("topic"),
            Self::Queue => Some("queue"),
            Self::Group => Some("group"),
            Self::Consumer => Some("consumer"),
            Self::Service => Some("service"),
            Self::Set => Some("broker_set"),
        }
    }
}

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// As expectations write it.
    pub name: &'static str,
    /// The keys that can select what it is asked of.
    pub selectors: &'static [SelectorKey],
    /// The unit of its values.
    pub unit: Unit,
    /// How it is read.
    pub(super) reading: Reading,
    /// Whether it is a state, read at `to`; others count what happens from `from` to `to`.
    pub state: bool,
    /// One sentence for help and schema.
    pub help: &'static str,
}

const SENDS: &[SelectorKey] = &[SelectorKey::All, SelectorKey::Topic, SelectorKey::Producer];
const CALLS: &[SelectorKey] = &[SelectorKey::Producer, SelectorKey::Service];
const ANSWERS: &[SelectorKey] = &[SelectorKey::All, SelectorKey::Producer];
const GROUP: &[SelectorKey] = &[SelectorKey::Group];
const QUEUES: &[SelectorKey] = &[SelectorKey::Topic, SelectorKey::Queue];
const WORKERS: &[SelectorKey] = &[SelectorKey::Consumer, SelectorKey::Service];
const SET: &[SelectorKey] = &[SelectorKey::Set];

const fn count(name: &'static str, selectors: &'static [SelectorKey], reading: Reading, help: &'static str) -> Metric {
    Metric { name, selectors, reading, unit: Unit::Count, state: false, help }
}

const fn state(name: &'static str, selectors: &'static [SelectorKey], reading: Reading, help: &'static str) -> Metric {
    Metric { name, selectors, reading, unit: Unit::Count, state: true, help }
}

const fn time(name: &'static str, selectors: &'static [SelectorKey], reading: Reading, help: &'static str) -> Metric {
    Metric { name, selectors, reading, unit: Unit::Time, state: false, help }
}

/// Every metric, in the order of the documentation.
pub const METRICS: &[Metric] = &[
    count("sent", SENDS, Sends(|sends| sends.sent), "messages begun to send"),
    count("accepted", SENDS, Sends(|sends| sends.accepted), "messages whose producer has the broker's acknowledgement"),
    count("rejected", SENDS, Sends(|sends| sends.rejected), "messages that their producer has given up"),
    state("unanswered", SENDS, Unanswered, "messages neither accepted nor rejected yet"),
    count("calls", CALLS, Calls(|calls| calls.calls), "direct calls begun"),
    count("answered", CALLS, Calls(|calls| calls.answered), "direct calls answered in time"),
    count("refused", CALLS, Calls(|calls| calls.refused), "direct calls for which the service had no room"),
    time("response_mean", ANSWERS, Response(Mean), "mean time from the first attempt to the answer"),
    time("response_p50", ANSWERS, Response(P50), "median time from the first attempt to the answer"),
    time("response_p90", ANSWERS, Response(P90), "90th percentile of the time from the first attempt to the answer"),
    time("response_p99", ANSWERS, Response(P99), "99th percentile of the time from the first attempt to the answer"),
    time("response_max", ANSWERS, Response(Max), "longest time from the first attempt to the answer"),
    count("done", GROUP, CameTo(Place::Done), "accepted messages that the group has finished processing at least once"),
    state(
        "in_process",
        GROUP,
        AreAt(Place::InProcess),
        "accepted messages that a living consumer of the group has begun and not finished",
    ),
    state("waiting", GROUP, AreAt(Place::Waiting), "accepted messages that can still come to the group"),
    count("dead_lettered", GROUP, CameTo(Place::DeadLettered), "accepted messages in the group's dead-letter queue"),
    count(
        "expired",
        GROUP,
        CameTo(Place::Expired),
        "accepted messages deleted by age before the group was done with them",
    ),
    count("skipped", GROUP, CameTo(Place::Skipped), "accepted messages from before the group's beginning"),
    count("lost", GROUP, CameTo(Place::Lost), "accepted messages that nothing can ever bring to the group"),
    count(
        "unconfirmed",
        GROUP,
        Balance(|balance| balance.unconfirmed),
        "messages done although their producer never heard that they were accepted",
    ),
    count(
        "duplicates",
        GROUP,
        Balance(|balance| balance.duplicates),
        "processings finished beyond the first of a message",
    ),
    count(
        "out_of_order",
        GROUP,
        Balance(|balance| balance.out_of_order),
        "messages first begun after a later one of the same producer and key",
    ),
    time(
        "latency_mean",
        GROUP,
        Latency(Mean),
        "mean time from the first attempt to send to the first end of processing",
    ),
    time(
        "latency_p50",
        GROUP,
        Latency(P50),
        "median time from the first attempt to send to the first end of processing",
    ),
    time(
        "latency_p90",
        GROUP,
        Latency(P90),
        "90th percentile of the time from the first attempt to the first end of processing",
    ),
    time(
        "latency_p99",
        GROUP,
        Latency(P99),
        "99th percentile of the time from the first attempt to the first end of processing",
    ),
    time(
        "latency_max",
        GROUP,
        Latency(Max),
        "longest time from the first attempt to send to the first end of processing",
    ),
    state("lag", GROUP, Lag, "messages between the group's committed offsets and the queues' ends"),
    count("max_lag", GROUP, MaxLag, "the largest lag"),
    state("idle_consumers", GROUP, IdleConsumers, "live consumers that own no queue"),
    Metric {
        name: "utilization",
        selectors: WORKERS,
        reading: Utilization,
        unit: Unit::Ratio,
        state: false,
        help: "busy time of threads or workers over their number times the time alive",
    },
    state("end_offset", QUEUES, Queues(|log| log.end.0), "messages ever stored"),
    state("depth", QUEUES, Queues(|log| log.depth()), "messages still stored"),
    count("replica_lag_max", SET, ReplicaLag, "how far the slowest live slave was behind, in messages"),
    state("epoch", SET, Epoch, "number of the last election"),
    time("outage_max", &[SelectorKey::Topic], Outage, "longest span without an acceptance while somebody tried"),
    time(
        "failover_max",
        &[SelectorKey::All, SelectorKey::Set],
        Failover,
        "longest time from a master's crash to the first message that a new master accepts",
    ),
];

/// The metric of that name.
#[must_use]
pub fn metric(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

impl Reading {
    /// The reading of the metric of that name.
    pub(super) fn of(name: &str) -> Option<Self> {
        metric(name).map(|metric| metric.reading)
    }
}
