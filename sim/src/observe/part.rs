//! What one segment of time has come to, or a row of them, as far as anybody asks; it can be put together with the one
//! after it. It knows nothing of what is asked of them.

use std::collections::BTreeSet;

use super::cells::{Most, Row};
use super::samples::Samples;
use super::tally::{Outages, Peak, Tally};
use crate::kernel::Span;

/// What is tallied.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum PartKind {
    /// By who sent or called.
    Responses,
    /// Of all who sent or called, as if they were one.
    AllResponses,
    /// By group.
    Latencies,
    /// By group.
    Lags,
    /// By topic.
    Outages,
    /// By set.
    ReplicaLag,
    /// By set.
    Failovers,
}

/// What of tallies is asked for: kinds, each of all that there is or of those with some ids.
#[derive(Clone, Default, Debug)]
pub(super) struct Wanted {
    pub(super) of_all: BTreeSet<PartKind>,
    pub(super) of_one: BTreeSet<(PartKind, u32)>,
}

impl Wanted {
    /// Whether nothing is.
    pub(super) fn is_empty(&self) -> bool {
        self.of_all.is_empty() && self.of_one.is_empty()
    }

    /// And what else is asked for.
    pub(super) fn extend(&mut self, other: &Self) {
        self.of_all.extend(&other.of_all);
        self.of_one.extend(&other.of_one);
    }
}

/// What a segment, or a row of them, has come to.
#[derive(Clone, Debug)]
pub(super) struct Part {
    responses: Row<Box<Samples>>,
    all_responses: Option<Box<Samples>>,
    latencies: Row<Box<Samples>>,
    peaks: Row<Peak>,
    outages: Row<Outages>,
    replica_lag: Row<Most<u64>>,
    failovers: Row<Most<Span>>,
}

impl Part {
    /// What is wanted of a tally, which is empty afterwards.
    pub(super) fn take(tally: &mut Tally, wanted: &Wanted) -> Self {
        let of = |kind| {
            let all = wanted.of_all.contains(&kind);
            move |id| all || wanted.of_one.contains(&(kind, id))
        };
        let together = wanted.of_all.contains(&PartKind::AllResponses);
        Self {
            all_responses: if together { Samples::all(tally.responses.filled()).map(Box::new) } else { None },
            responses: tally.responses.take(of(PartKind::Responses)),
            latencies: tally.latencies.take(of(PartKind::Latencies)),
            peaks: tally.peaks.take(of(PartKind::Lags)),
            outages: tally.outages.take(of(PartKind::Outages)),
            replica_lag: tally.replica_lag.take(of(PartKind::ReplicaLag)),
            failovers: tally.failovers.take(of(PartKind::Failovers)),
        }
    }

    /// Whether nothing came to pass that is wanted.
    pub(super) fn is_empty(&self) -> bool {
        let Self { responses, all_responses, latencies, peaks, outages, replica_lag, failovers } = self;
        let samples = responses.is_empty() && all_responses.is_none() && latencies.is_empty();
        samples && peaks.is_empty() && outages.is_empty() && replica_lag.is_empty() && failovers.is_empty()
    }

    /// This, and the part that comes after it.
    pub(super) fn joined(&self, later: &Self) -> Self {
        Self {
            responses: self.responses.joined(&later.responses),
            all_responses: Samples::all(self.all_responses.iter().chain(&later.all_responses)).map(Box::new),
            latencies: self.latencies.joined(&later.latencies),
            peaks: self.peaks.joined(&later.peaks),
            outages: self.outages.joined(&later.outages),
            replica_lag: self.replica_lag.joined(&later.replica_lag),
            failovers: self.failovers.joined(&later.failovers),
        }
    }

    /// Adds what is wanted to the tally of what was before.
    pub(super) fn add_to(&self, tally: &mut Tally, wanted: &Wanted) {
        wanted.of_all.iter().for_each(|kind| self.add(tally, *kind, None));
        wanted.of_one.iter().for_each(|(kind, id)| self.add(tally, *kind, Some(*id)));
    }

    fn add(&self, tally: &mut Tally, kind: PartKind, of: Option<u32>) {
        match kind {
            PartKind::Responses => tally.responses.add(&self.responses, of),
            PartKind::AllResponses => {
                if let Some(all) = &self.all_responses {
                    tally.all_responses.get_or_insert_default().merge(all);
                }
            }
            PartKind::Latencies => tally.latencies.add(&self.latencies, of),
            PartKind::Lags => tally.peaks.add(&self.peaks, of),
            PartKind::Outages => tally.outages.add(&self.outages, of),
            PartKind::ReplicaLag => tally.replica_lag.add(&self.replica_lag, of),
            PartKind::Failovers => tally.failovers.add(&self.failovers, of),
        }
    }
}
