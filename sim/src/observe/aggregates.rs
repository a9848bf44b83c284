//! What cannot be had as the difference of the counts at the two ends of a window of time: distributions and maxima.
//!
//! There are aggregates of the whole run, of the present interval of a series, and of the present segment of the spans
//! that expectations ask for. They know nothing of records.

use super::logs::Logs;
use super::samples::Samples;
use super::sparse_map::{Maximum, Merge, SparseMap};
use crate::kernel::{Span, Time};
use crate::plan::{GroupId, NodeId, QueueId, SetId, TopicId};

/// The largest lag of a group in a window.
#[derive(Clone, Copy, Debug)]
pub(super) struct LagPeak {
    pub(super) lag: u64,
    /// When the lag was first so large.
    pub(super) at: Time,
    /// When the group had first caught up again: its lag was 0.
    pub(super) caught_up: Option<Time>,
}

impl Merge for LagPeak {
    fn merge(&mut self, later: &Self) {
        if later.lag > self.lag {
            *self = *later;
        } else {
            self.caught_up = self.caught_up.or(later.caught_up);
        }
    }
}

/// The outages of a topic that end in a window. They follow each other, so only the first of them can have begun before
/// the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outages {
    /// When it began, and when it ended.
    first: (Time, Time),
    /// The longest of the others.
    longest: Option<Span>,
}

impl Outages {
    pub(super) const fn one(from: Time, to: Time) -> Self {
        Self { first: (from, to), longest: None }
    }

    /// The longest outage, where nothing before `from` counts.
    pub(super) fn longest_after(self, from: Time) -> Span {
        let (began, ended) = self.first;
        let first = ended.since(began.max(from));
        self.longest.map_or(first, |longest| longest.max(first))
    }
}

impl Merge for Outages {
    fn merge(&mut self, later: &Self) {
        let (from, to) = later.first;
        self.longest = self.longest.max(Some(to.since(from))).max(later.longest);
    }
}

/// The aggregates of one window. A map has no entry for whatever nothing happened to.
#[derive(Clone, Default, Debug)]
pub(super) struct Aggregates {
    /// Response times, by producer or caller.
    pub(super) responses: SparseMap<Box<Samples>>,
    /// Response times of all producers and callers, where they have been merged already.
    pub(super) all_responses: Option<Box<Samples>>,
    /// Latencies, by group.
    pub(super) latencies: SparseMap<Box<Samples>>,
    /// By group.
    pub(super) lag_peaks: SparseMap<LagPeak>,
    /// By topic.
    pub(super) outages: SparseMap<Outages>,
    /// By set that has slaves: how far the slowest of them was behind at most.
    pub(super) replica_lag: SparseMap<Maximum<u64>>,
    /// By set: its longest failover.
    pub(super) failovers: SparseMap<Maximum<Span>>,
}

impl Aggregates {
    /// Empties all maps for the next window, and keeps their memory.
    pub(super) fn clear(&mut self) {
        self.responses.clear();
        self.all_responses = None;
        self.latencies.clear();
        self.lag_peaks.clear();
        self.outages.clear();
        self.replica_lag.clear();
        self.failovers.clear();
    }

    pub(super) fn add_measurement(&mut self, measurement: Measurement) {
        let (samples, id, span) = match measurement {
            Measurement::Response(node, span) => (&mut self.responses, node.index(), span),
            Measurement::Latency(group, span) => (&mut self.latencies, group.index(), span),
        };
        samples.get_or_default(id).add(span);
    }

    /// Takes up the present lags of a queue's groups, which may have changed.
    #[inline]
    pub(super) fn observe_queue_lag(&mut self, queue: QueueId, at: Time, logs: &Logs) {
        for group in logs.groups_of(queue) {
            self.observe_group_lag(*group, at, logs);
        }
    }

    /// Takes up the present lag of a group, which may have changed.
    #[inline]
    pub(super) fn observe_group_lag(&mut self, group: GroupId, at: Time, logs: &Logs) {
        let lag = logs.lag[group];
        self.lag_peaks.merge(group.index(), LagPeak { lag, at, caught_up: (lag == 0).then_some(at) });
    }

    /// Takes up how far the slowest slave of a set is behind now.
    #[inline]
    pub(super) fn observe_replica_lag(&mut self, set: SetId, logs: &Logs) {
        if let Some(lag) = logs.replica_lag(set) {
            self.replica_lag.merge(set.index(), Maximum(lag));
        }
    }

    /// From then to then no message to the topic was accepted.
    pub(super) fn add_outage(&mut self, topic: TopicId, from: Time, to: Time) {
        self.outages.merge(topic.index(), Outages::one(from, to));
    }

    /// A set's new master has accepted a message, so long after the crash of the old one.
    pub(super) fn add_failover(&mut self, set: SetId, took: Span) {
        self.failovers.merge(set.index(), Maximum(took));
    }
}

/// A length of time that ends with a record.
#[derive(Clone, Copy, Debug)]
pub(super) enum Measurement {
    /// Of a producer or caller: from the first attempt to the answer.
    Response(NodeId, Span),
    /// Of a group: from the first attempt to send to the first end of processing.
    Latency(GroupId, Span),
}

/// The windows that are open: the whole run, and the present segment of the spans that are asked for.
#[derive(Clone, Default, Debug)]
pub(super) struct OpenWindows {
    pub(super) whole: Aggregates,
    pub(super) segment: Aggregates,
    /// Whether a span is open that needs the segment.
    pub(super) segment_is_needed: bool,
    /// The measurement that the last record gave, if any.
    pub(super) last_measurement: Option<Measurement>,
}

impl OpenWindows {
    /// Adds a measurement to every open window, and keeps it for whoever asks for the last one.
    #[inline]
    pub(super) fn add_measurement(&mut self, measurement: Measurement) {
        self.last_measurement = Some(measurement);
        self.update(|window| window.add_measurement(measurement));
    }

    /// Updates every window that is needed.
    #[inline]
    pub(super) fn update(&mut self, mut update: impl FnMut(&mut Aggregates)) {
        update(&mut self.whole);
        if self.segment_is_needed {
            update(&mut self.segment);
        }
    }
}
