//! What a stretch of time comes to, where a difference of counts cannot tell it: distributions and largest values.
//!
//! One tally covers the whole run, one the present stretch of a series, one the present segment of the spans that
//! expectations ask for. Each of its cells is filled when there is first something to be put there. It knows nothing of
//! records.

use super::cells::{Cells, JoinCells, Most};
use super::logs::Logs;
use super::samples::Samples;
use crate::kernel::{Span, Time};
use crate::plan::{GroupId, NodeId, QueueId, SetId, TopicId};

/// The largest lag of a group so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peak {
    pub(super) most: u64,
    /// When it was first so large.
    pub(super) at: Time,
    /// When it was first at 0 again.
    pub(super) back: Option<Time>,
}

impl JoinCells for Peak {
    fn join(&mut self, later: &Self) {
        if later.most > self.most {
            *self = *later;
        } else {
            self.back = self.back.or(later.back);
        }
    }
}

/// The spans without an acceptance that end in a stretch, one after the other: an earlier stretch may have the beginning
/// of the first, of none else.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outages {
    first: (Time, Time),
    /// The longest of the others.
    longest: Option<Span>,
}

impl Outages {
    pub(super) const fn of(from: Time, to: Time) -> Self {
        Self { first: (from, to), longest: None }
    }

    /// The longest of all, as far as they are not before that time.
    pub(super) fn longest(self, from: Time) -> Span {
        let (began, to) = self.first;
        let first = to.since(began.max(from));
        self.longest.map_or(first, |longest| longest.max(first))
    }
}

impl JoinCells for Outages {
    fn join(&mut self, later: &Self) {
        let (from, to) = later.first;
        self.longest = self.longest.max(Some(to.since(from))).max(later.longest);
    }
}

/// Distributions and largest values of one stretch, as far as something came to pass in it.
#[derive(Clone, Default, Debug)]
pub(super) struct Tally {
    /// By who sent or called.
    pub(super) responses: Cells<Box<Samples>>,
    /// Of all who sent or called, where they have been put together already.
    pub(super) all_responses: Option<Box<Samples>>,
    /// By group.
    pub(super) latencies: Cells<Box<Samples>>,
    /// By group: whenever its lag may have changed.
    pub(super) peaks: Cells<Peak>,
    /// By topic.
    pub(super) outages: Cells<Outages>,
    /// By set, if it has slaves: whenever one of them may be further behind.
    pub(super) replica_lag: Cells<Most<u64>>,
    /// By set: the longest failover.
    pub(super) failovers: Cells<Most<Span>>,
}

impl Tally {
    /// Begins anew: the stretch before is over. Keeps its room.
    pub(super) fn clear(&mut self) {
        self.responses.clear();
        self.all_responses = None;
        self.latencies.clear();
        self.peaks.clear();
        self.outages.clear();
        self.replica_lag.clear();
        self.failovers.clear();
    }

    pub(super) fn measured(&mut self, measured: Measured) {
        let (samples, id, span) = match measured {
            Measured::Response(node, span) => (&mut self.responses, node.index(), span),
            Measured::Latency(group, span) => (&mut self.latencies, group.index(), span),
        };
        samples.open(id).add(span);
    }

    /// The lag of a queue's groups may have changed.
    #[inline]
    pub(super) fn lags(&mut self, queue: QueueId, at: Time, logs: &Logs) {
        for group in logs.groups_of(queue) {
            self.lag(*group, at, logs);
        }
    }

    /// The lag of a group may have changed.
    #[inline]
    pub(super) fn lag(&mut self, group: GroupId, at: Time, logs: &Logs) {
        let lag = logs.lag[group];
        self.peaks.put(group.index(), Peak { most: lag, at, back: (lag == 0).then_some(at) });
    }

    /// A slave of the set may be further behind.
    #[inline]
    pub(super) fn behind(&mut self, set: SetId, logs: &Logs) {
        if let Some(slowest) = logs.slowest(set) {
            self.replica_lag.put(set.index(), Most(slowest));
        }
    }

    /// Nobody was accepted from then to then.
    pub(super) fn outage(&mut self, topic: TopicId, from: Time, to: Time) {
        self.outages.put(topic.index(), Outages::of(from, to));
    }

    /// A set's new master has accepted a message, so long after the crash of the old one.
    pub(super) fn failed_over(&mut self, set: SetId, after: Span) {
        self.failovers.put(set.index(), Most(after));
    }
}

/// A time that a record has ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Measured {
    /// Of who sent or called: from the first attempt to the answer.
    Response(NodeId, Span),
    /// Of a group: from the first attempt to send to the first end of processing.
    Latency(GroupId, Span),
}

/// The tally of the whole run, and that of the present segment of the spans that are asked for.
#[derive(Clone, Default, Debug)]
pub(super) struct Tallies {
    pub(super) whole: Tally,
    pub(super) segment: Tally,
    /// Whether any span lasts that needs the segment.
    pub(super) lasts: bool,
    /// What the last record has ended, if anything.
    pub(super) measured: Option<Measured>,
}

impl Tallies {
    /// Feeds both of them, and whoever asks what the last record has ended.
    #[inline]
    pub(super) fn measure(&mut self, measured: Measured) {
        self.measured = Some(measured);
        self.each(|tally| tally.measured(measured));
    }

    /// Feeds both of them.
    #[inline]
    pub(super) fn each(&mut self, mut feed: impl FnMut(&mut Tally)) {
        feed(&mut self.whole);
        if self.lasts {
            feed(&mut self.segment);
        }
    }
}
