//! The table of metrics: every name that an expectation can ask for, what it can be asked of, and its unit.
//!
//! Diagnostics, schema, help, report and charts read this table; a new metric is a line here and its reading in
//! `observe`.

/// What a metric can be asked of: the selector keys of an expectation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Of {
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

impl Of {
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

/// What a metric's value counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Messages, calls, consumers, offsets, elections.
    Count,
    /// A share, from 0.
    Ratio,
    /// A span of time; its bound is a duration, its value in a report seconds.
    Time,
}

/// One metric.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Metric {
    /// As expectations write it.
    pub name: &'static str,
    /// What it can be asked of.
    pub of: &'static [Of],
    /// What its value counts.
    pub unit: Unit,
    /// Whether it is a state, read at `to`; others count what happens from `from` to `to`.
    pub state: bool,
    /// One sentence for help and schema.
    pub help: &'static str,
}

const SENDS: &[Of] = &[Of::All, Of::Topic, Of::Producer];
const CALLS: &[Of] = &[Of::Producer, Of::Service];
const ANSWERS: &[Of] = &[Of::All, Of::Producer];
const GROUP: &[Of] = &[Of::Group];
const QUEUES: &[Of] = &[Of::Topic, Of::Queue];
const WORKERS: &[Of] = &[Of::Consumer, Of::Service];
const SET: &[Of] = &[Of::Set];

const fn count(name: &'static str, of: &'static [Of], help: &'static str) -> Metric {
    Metric { name, of, unit: Unit::Count, state: false, help }
}

const fn state(name: &'static str, of: &'static [Of], help: &'static str) -> Metric {
    Metric { name, of, unit: Unit::Count, state: true, help }
}

const fn time(name: &'static str, of: &'static [Of], help: &'static str) -> Metric {
    Metric { name, of, unit: Unit::Time, state: false, help }
}

/// Every metric, in the order of the documentation.
pub const METRICS: [Metric; 37] = [
    count("sent", SENDS, "messages begun to send"),
    count("accepted", SENDS, "messages whose producer has the broker's acknowledgement"),
    count("rejected", SENDS, "messages that their producer has given up"),
    state("unanswered", SENDS, "messages neither accepted nor rejected yet"),
    count("calls", CALLS, "direct calls begun"),
    count("answered", CALLS, "direct calls answered in time"),
    count("refused", CALLS, "direct calls for which the service had no room"),
    time("response_mean", ANSWERS, "mean time from the first attempt to the answer"),
    time("response_p50", ANSWERS, "median time from the first attempt to the answer"),
    time("response_p90", ANSWERS, "90th percentile of the time from the first attempt to the answer"),
    time("response_p99", ANSWERS, "99th percentile of the time from the first attempt to the answer"),
    time("response_max", ANSWERS, "longest time from the first attempt to the answer"),
    count("done", GROUP, "accepted messages that the group has finished processing at least once"),
    state("in_process", GROUP, "accepted messages that a living consumer of the group has begun and not finished"),
    state("waiting", GROUP, "accepted messages that can still come to the group"),
    count("dead_lettered", GROUP, "accepted messages in the group's dead-letter queue"),
    count("expired", GROUP, "accepted messages deleted by age before the group was done with them"),
    count("skipped", GROUP, "accepted messages from before the group's beginning"),
    count("lost", GROUP, "accepted messages that nothing can ever bring to the group"),
    count("unconfirmed", GROUP, "messages done although their producer never heard that they were accepted"),
    count("duplicates", GROUP, "processings finished beyond the first of a message"),
    count("out_of_order", GROUP, "messages first begun after a later one of the same producer and key"),
    time("latency_mean", GROUP, "mean time from the first attempt to send to the first end of processing"),
    time("latency_p50", GROUP, "median time from the first attempt to send to the first end of processing"),
    time("latency_p90", GROUP, "90th percentile of the time from the first attempt to the first end of processing"),
    time("latency_p99", GROUP, "99th percentile of the time from the first attempt to the first end of processing"),
    time("latency_max", GROUP, "longest time from the first attempt to send to the first end of processing"),
    state("lag", GROUP, "messages between the group's committed offsets and the queues' ends"),
    count("max_lag", GROUP, "the largest lag"),
    state("idle_consumers", GROUP, "live consumers that own no queue"),
    Metric {
        name: "utilization",
        of: WORKERS,
        unit: Unit::Ratio,
        state: false,
        help: "busy time of threads or workers over their number times the time alive",
    },
    state("end_offset", QUEUES, "messages ever stored"),
    state("depth", QUEUES, "messages still stored"),
    count("replica_lag_max", SET, "how far the slowest live slave was behind, in messages"),
    state("epoch", SET, "number of the last election"),
    time("outage_max", &[Of::Topic], "longest span without an acceptance while somebody tried"),
    time(
        "failover_max",
        &[Of::All, Of::Set],
        "longest time from a master's crash to the first message that a new master accepts",
    ),
];

/// The metric of that name.
#[must_use]
pub fn metric(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}
