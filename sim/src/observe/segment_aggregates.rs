//! The aggregates of a segment of time that is over, or of several that follow each other, as far as a query needs them.
//! They can be merged with those of the next segment. They know nothing of the queries.

use std::collections::BTreeSet;

use super::aggregates::{Aggregates, LagPeak, Outages};
use super::samples::Samples;
use super::sparse_map::{Maximum, Merge as _, SparseRow};
use crate::kernel::Span;

/// The kinds of aggregates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum AggregateKind {
    /// Response times, by producer or caller.
    Responses,
    /// Response times of all producers and callers together.
    AllResponses,
    /// By group.
    Latencies,
    /// By group.
    LagPeaks,
    /// By topic.
    Outages,
    /// By set.
    ReplicaLag,
    /// By set.
    Failovers,
}

/// The aggregates that queries need.
#[derive(Clone, Default, Debug)]
pub(super) struct WantedAggregates {
    /// Kinds that are needed for every id.
    pub(super) for_all: BTreeSet<AggregateKind>,
    /// Kinds that are needed for one id.
    pub(super) for_one: BTreeSet<(AggregateKind, u32)>,
}

impl WantedAggregates {
    /// Whether no aggregate is needed.
    pub(super) fn is_empty(&self) -> bool {
        self.for_all.is_empty() && self.for_one.is_empty()
    }

    /// Adds what another query needs.
    pub(super) fn extend(&mut self, other: &Self) {
        self.for_all.extend(&other.for_all);
        self.for_one.extend(&other.for_one);
    }
}

/// The aggregates of a segment, or of several that follow each other.
#[derive(Clone, Debug)]
pub(super) struct SegmentAggregates {
    responses: SparseRow<Box<Samples>>,
    all_responses: Option<Box<Samples>>,
    latencies: SparseRow<Box<Samples>>,
    lag_peaks: SparseRow<LagPeak>,
    outages: SparseRow<Outages>,
    replica_lag: SparseRow<Maximum<u64>>,
    failovers: SparseRow<Maximum<Span>>,
}

impl SegmentAggregates {
    /// Takes the wanted aggregates of a window, which is empty afterwards.
    pub(super) fn take(aggregates: &mut Aggregates, wanted: &WantedAggregates) -> Self {
        let is_wanted = |kind| {
            let all = wanted.for_all.contains(&kind);
            move |id| all || wanted.for_one.contains(&(kind, id))
        };
        let merges_responses = wanted.for_all.contains(&AggregateKind::AllResponses);
        Self {
            all_responses: if merges_responses {
                Samples::merged(aggregates.responses.values()).map(Box::new)
            } else {
                None
            },
            responses: aggregates.responses.take(is_wanted(AggregateKind::Responses)),
            latencies: aggregates.latencies.take(is_wanted(AggregateKind::Latencies)),
            lag_peaks: aggregates.lag_peaks.take(is_wanted(AggregateKind::LagPeaks)),
            outages: aggregates.outages.take(is_wanted(AggregateKind::Outages)),
            replica_lag: aggregates.replica_lag.take(is_wanted(AggregateKind::ReplicaLag)),
            failovers: aggregates.failovers.take(is_wanted(AggregateKind::Failovers)),
        }
    }

    /// Whether nothing happened that is wanted.
    pub(super) fn is_empty(&self) -> bool {
        let Self { responses, all_responses, latencies, lag_peaks, outages, replica_lag, failovers } = self;
        let samples = responses.is_empty() && all_responses.is_none() && latencies.is_empty();
        samples && lag_peaks.is_empty() && outages.is_empty() && replica_lag.is_empty() && failovers.is_empty()
    }

    /// These aggregates merged with those of the next segment.
    pub(super) fn merged(&self, later: &Self) -> Self {
        Self {
            responses: self.responses.merged(&later.responses),
            all_responses: Samples::merged(self.all_responses.iter().chain(&later.all_responses)).map(Box::new),
            latencies: self.latencies.merged(&later.latencies),
            lag_peaks: self.lag_peaks.merged(&later.lag_peaks),
            outages: self.outages.merged(&later.outages),
            replica_lag: self.replica_lag.merged(&later.replica_lag),
            failovers: self.failovers.merged(&later.failovers),
        }
    }

    /// Merges the wanted aggregates into those of the segments before.
    pub(super) fn merge_into(&self, aggregates: &mut Aggregates, wanted: &WantedAggregates) {
        wanted.for_all.iter().for_each(|kind| self.merge_kind_into(aggregates, *kind, None));
        wanted.for_one.iter().for_each(|(kind, id)| self.merge_kind_into(aggregates, *kind, Some(*id)));
    }

    fn merge_kind_into(&self, aggregates: &mut Aggregates, kind: AggregateKind, only: Option<u32>) {
        match kind {
            AggregateKind::Responses => aggregates.responses.merge_row(&self.responses, only),
            AggregateKind::AllResponses => {
                if let Some(all) = &self.all_responses {
                    aggregates.all_responses.get_or_insert_default().merge(all);
                }
            }
            AggregateKind::Latencies => aggregates.latencies.merge_row(&self.latencies, only),
            AggregateKind::LagPeaks => aggregates.lag_peaks.merge_row(&self.lag_peaks, only),
            AggregateKind::Outages => aggregates.outages.merge_row(&self.outages, only),
            AggregateKind::ReplicaLag => aggregates.replica_lag.merge_row(&self.replica_lag, only),
            AggregateKind::Failovers => aggregates.failovers.merge_row(&self.failovers, only),
        }
    }
}
