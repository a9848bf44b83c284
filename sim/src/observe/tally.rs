//! What a span of time comes to, where a difference of counts cannot tell it: distributions and largest values.
//!
//! One tally covers the whole run; an expectation with a span of its own has one more, which is fed only while its span
//! lasts. It knows nothing of records.

use hdrhistogram::Histogram;

use super::logs::Logs;
use super::sends::Drought;
use crate::kernel::{Span, Time};
use crate::plan::{GroupId, NodeId, Plan, QueueId, SetId, TopicId};

/// Lengths of time: percentiles within 1 %; count, mean, smallest and largest exact.
#[derive(Clone, Debug)]
pub struct Samples {
    histogram: Histogram<u32>,
    sum: u128,
    min: u64,
    max: u64,
}

impl Samples {
    fn new() -> Self {
        // Two significant digits: the relative error is below 1 %. It grows to the largest value by itself.
        let histogram = Histogram::new(2).expect("two digits are within 0 to 5");
        Self { histogram, sum: 0, min: u64::MAX, max: 0 }
    }

    #[inline]
    fn add(&mut self, span: Span) {
        self.histogram.record(span.0).expect("it grows by itself");
        self.sum += u128::from(span.0);
        self.min = self.min.min(span.0);
        self.max = self.max.max(span.0);
    }

    /// Forgets all, and keeps the room.
    fn clear(&mut self) {
        self.histogram.reset();
        (self.sum, self.min, self.max) = (0, u64::MAX, 0);
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.histogram.is_empty()
    }

    fn merge(&mut self, other: &Self) {
        self.histogram.add(&other.histogram).expect("it grows by itself");
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// All of them as one; none where there is none.
    pub(super) fn all<'a>(samples: impl Iterator<Item = &'a Self>) -> Option<Self> {
        samples.fold(None, |all, some| {
            let mut all = all.unwrap_or_else(Self::new);
            all.merge(some);
            Some(all)
        })
    }

    /// The mean, to the nearest nanosecond.
    #[must_use]
    pub fn mean(&self) -> Span {
        let count = u128::from(self.histogram.len()).max(1);
        Span(u64::try_from((self.sum + count / 2) / count).unwrap_or(u64::MAX))
    }

    /// The value that so large a share stays at or below, of 1; never outside of what was measured.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Span {
        Span(self.histogram.value_at_quantile(share).clamp(self.min, self.max))
    }

    /// The largest.
    #[must_use]
    pub const fn max(&self) -> Span {
        Span(self.max)
    }
}

/// The largest lag of a group so far.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Peak {
    pub(super) most: u64,
    /// When it was first so large.
    pub(super) at: Time,
    /// When it was first at 0 again.
    pub(super) back: Option<Time>,
}

/// Distributions and largest values of one span.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    from: Time,
    /// By who sent or called.
    pub(super) responses: Vec<Option<Box<Samples>>>,
    /// By group.
    pub(super) latencies: Vec<Option<Box<Samples>>>,
    /// By group.
    pub(super) peaks: Vec<Peak>,
    /// By topic; none where nobody tried.
    pub(super) outages: Vec<Option<Span>>,
    /// By set; none where there are no slaves.
    pub(super) replica_lag: Vec<Option<u64>>,
}

impl Tally {
    pub(super) fn new(plan: &Plan, from: Time, logs: &Logs) -> Self {
        let mut tally = Self {
            from,
            responses: vec![None; plan.nodes.len()],
            latencies: vec![None; plan.groups.len()],
            peaks: logs.lag.iter().map(|lag| Peak { most: *lag, at: from, back: None }).collect(),
            outages: vec![None; plan.topics.len()],
            replica_lag: vec![None; plan.sets.len()],
        };
        for set in 0..plan.sets.len() {
            tally.behind(set.into(), logs);
        }
        tally
    }

    /// Begins anew, for the distributions and the lags: the span before is over.
    pub(super) fn restart(&mut self, from: Time, logs: &Logs) {
        self.from = from;
        let all = self.responses.iter_mut().chain(&mut self.latencies).flatten();
        for samples in all.filter(|samples| !samples.is_empty()) {
            samples.clear();
        }
        for (peak, lag) in self.peaks.iter_mut().zip(&logs.lag) {
            *peak = Peak { most: *lag, at: from, back: None };
        }
    }

    pub(super) fn measured(&mut self, measured: Measured) {
        let (samples, span) = match measured {
            Measured::Response(node, span) => (&mut self.responses[node.index()], span),
            Measured::Latency(group, span) => (&mut self.latencies[group.index()], span),
        };
        samples.get_or_insert_with(|| Box::new(Samples::new())).add(span);
    }

    /// The lag of a queue's groups may have changed.
    #[inline]
    pub(super) fn lags(&mut self, queue: QueueId, at: Time, logs: &Logs) {
        for group in logs.groups_of(queue) {
            let lag = logs.lag[group.index()];
            let peak = &mut self.peaks[group.index()];
            if lag > peak.most {
                *peak = Peak { most: lag, at, back: None };
            } else if lag == 0 && peak.back.is_none() {
                peak.back = Some(at);
            }
        }
    }

    /// A slave of the set may be further behind.
    #[inline]
    pub(super) fn behind(&mut self, set: SetId, logs: &Logs) {
        let worst = &mut self.replica_lag[set.index()];
        *worst = logs.slowest(set).max(*worst);
    }

    /// Nobody was accepted from then to then.
    pub(super) fn outage(&mut self, topic: TopicId, from: Time, to: Time) {
        let length = to.since(from.max(self.from));
        let longest = &mut self.outages[topic.index()];
        *longest = Some(length).max(*longest);
    }

    /// The span ends: so do the outages that last.
    pub(super) fn close(&mut self, droughts: &[Drought], end: Time) {
        for (topic, drought) in droughts.iter().enumerate() {
            if let Some(since) = drought.since {
                let until = drought.until(end);
                if until >= self.from {
                    self.outage(topic.into(), since, until);
                }
            }
        }
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

/// The tally of the whole run, and those of spans that last.
#[derive(Clone, Debug)]
pub(super) struct Tallies {
    pub(super) whole: Tally,
    /// With the number of their span.
    pub(super) open: Vec<(usize, Tally)>,
    /// What the last record has ended, if anything.
    pub(super) measured: Option<Measured>,
}

impl Tallies {
    /// Feeds all of them, and whoever asks what the last record has ended.
    #[inline]
    pub(super) fn measure(&mut self, measured: Measured) {
        self.measured = Some(measured);
        self.each(|tally| tally.measured(measured));
    }

    /// Feeds all of them.
    #[inline]
    pub(super) fn each(&mut self, mut feed: impl FnMut(&mut Tally)) {
        feed(&mut self.whole);
        for (_, tally) in &mut self.open {
            feed(tally);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_is_rounded_to_the_nearest_nanosecond() {
        let mean = |spans: &[u64]| {
            let mut samples = Samples::new();
            spans.iter().for_each(|span| samples.add(Span(*span)));
            samples.mean()
        };
        assert_eq!([mean(&[1, 2]), mean(&[1, 1, 2]), mean(&[1, 2, 2])], [Span(2), Span(1), Span(2)]);
    }
}
